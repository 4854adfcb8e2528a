//! Where the branches of a lumen end inside the scan: the tips of its tree of fronts.
//!
//! A wave runs through the mask from the inlet; its fronts, cut into connected pieces, form a tree (a Reeb graph of
//! the geodesic distance); the pieces without a successor are tips (after Verroust and Lazarus 2000, Vis. Comput. 16:15).

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};

/// Resolution of geodesic distances in mm.
const UNIT_MM: f64 = 0.1;
/// A branch shorter than this many fronts is a bump of the wall.
const FRONTS_MIN: usize = 3;
/// Not reached.
const FAR: u32 = u32::MAX;

/// The marked voxels of a box, as a list with neighbours.
pub(super) struct Marked<'a> {
    pub grid: &'a Grid,
    /// Place in memory of each voxel, ascending.
    pub offsets: Vec<usize>,
    /// For every place in memory its voxel in the list, or [`FAR`].
    index: Vec<u32>,
}

/// A tip of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tip {
    pub centre: Point,
    /// Outwards, along the branch.
    pub normal: Vector,
    pub radius_mm: f64,
    /// Distance from the inlet through the lumen.
    pub distance_mm: f64,
}

/// Steps to the 26 neighbours.
fn steps() -> impl Iterator<Item = [i64; 3]> {
    (0..27).filter(|n| *n != 13).map(|n| [n % 3 - 1, n / 3 % 3 - 1, n / 9 - 1])
}

impl<'a> Marked<'a> {
    /// The voxels of `grid` marked in `voxels`.
    pub fn new(grid: &'a Grid, voxels: &[u8]) -> Self {
        let offsets: Vec<usize> = (0..voxels.len()).filter(|offset| voxels[*offset] != 0).collect();
        Self::of(grid, offsets)
    }

    fn of(grid: &'a Grid, offsets: Vec<usize>) -> Self {
        let mut index = vec![FAR; grid.len()];
        for (n, offset) in offsets.iter().enumerate() {
            index[*offset] = n as u32;
        }
        Self { grid, offsets, index }
    }

    fn neighbours(&self, n: usize) -> impl Iterator<Item = (usize, [i64; 3])> {
        let (voxel, dims) = (self.grid.voxel(self.offsets[n]).map(|x| x as i64), self.grid.dims().map(|x| x as i64));
        steps().filter_map(move |step| {
            let to: [i64; 3] = std::array::from_fn(|a| voxel[a] + step[a]);
            if (0..3).any(|a| to[a] < 0 || dims[a] <= to[a]) {
                return None;
            }
            let found = self.index[self.grid.offset(to.map(|x| x as usize))];
            (found != FAR).then_some((found as usize, step))
        })
    }

    /// The voxel at a place in memory.
    pub fn at(&self, offset: usize) -> Option<usize> {
        Some(self.index[offset]).filter(|n| *n != FAR).map(|n| n as usize)
    }

    /// The largest connected part.
    pub fn largest_part(self) -> Self {
        let mut part = vec![FAR; self.offsets.len()];
        let mut sizes = Vec::new();
        for seed in 0..self.offsets.len() {
            if part[seed] != FAR {
                continue;
            }
            let label = sizes.len() as u32;
            part[seed] = label;
            let (mut stack, mut size) = (vec![seed], 0_usize);
            while let Some(n) = stack.pop() {
                size += 1;
                for (to, _) in self.neighbours(n) {
                    if part[to] == FAR {
                        part[to] = label;
                        stack.push(to);
                    }
                }
            }
            sizes.push(size);
        }
        let Some(largest) = (0..sizes.len()).rev().max_by_key(|label| sizes[*label]) else { return self };
        let kept = self.offsets.iter().zip(&part).filter(|(_, p)| **p == largest as u32).map(|(o, _)| *o).collect();
        Self::of(self.grid, kept)
    }

    /// Distance through the lumen from the seeds, in units of [`UNIT_MM`] (Dial's algorithm).
    fn distances(&self, seeds: &[usize], progress: &Progress) -> Result<Vec<u32>, Cancelled> {
        let length = |step: [i64; 3]| {
            let mm = (self.grid.step() * Vector::from(step.map(|s| s as f64))).norm();
            ((mm / UNIT_MM).round() as u32).max(1)
        };
        let lengths: Vec<([i64; 3], u32)> = steps().map(|step| (step, length(step))).collect();
        let longest = lengths.iter().map(|l| l.1).max().unwrap_or(1) as usize;
        let mut distance = vec![FAR; self.offsets.len()];
        let mut buckets: Vec<Vec<u32>> = vec![Vec::new(); longest + 1];
        for seed in seeds {
            distance[*seed] = 0;
            buckets[0].push(*seed as u32);
        }
        let (mut now, mut waiting) = (0_u32, seeds.len());
        while 0 < waiting {
            progress.check()?;
            let bucket = std::mem::take(&mut buckets[now as usize % (longest + 1)]);
            waiting -= bucket.len();
            for n in bucket {
                if distance[n as usize] != now {
                    continue;
                }
                for (to, step) in self.neighbours(n as usize) {
                    let length = lengths.iter().find(|(s, _)| *s == step).map_or(1, |(_, l)| *l);
                    if now + length < distance[to] {
                        distance[to] = now + length;
                        buckets[(now + length) as usize % (longest + 1)].push(to as u32);
                        waiting += 1;
                    }
                }
            }
            now += 1;
        }
        Ok(distance)
    }

    /// The voxel farthest from a seed: an end of the lumen.
    pub fn farthest(&self, seed: usize, progress: &Progress) -> Result<usize, Cancelled> {
        let distance = self.distances(&[seed], progress)?;
        let reached = (0..distance.len()).filter(|n| distance[*n] != FAR);
        Ok(reached.rev().max_by_key(|n| distance[*n]).unwrap_or(seed))
    }

    /// Tips of branches at least `radius_mm_min` wide, the farthest from the seeds first. A tip lies where its branch
    /// is that wide, at least two fronts from its end.
    pub fn tips(&self, seeds: &[usize], radius_mm_min: f64, progress: &Progress) -> Result<Vec<Tip>, Cancelled> {
        let distance = self.distances(seeds, progress)?;
        let front_mm = 2.0 * self.grid.spacing_mm().into_iter().fold(0.0, f64::max);
        let front = |n: usize| (f64::from(distance[n]) * UNIT_MM / front_mm) as u32;
        let tree = Tree::new(self, &distance, front);
        let mut tips = Vec::new();
        for leaf in (0..tree.pieces.len()).filter(|piece| tree.depth[*piece] == 1) {
            // The way back to the inlet; a branch ends where another branch worth the name joins.
            let mut way = vec![leaf];
            let mut branch = None;
            while let Some(parent) = tree.parent[*way.last().expect("the way starts with the leaf")] {
                let last = *way.last().expect("not empty");
                let rivals = tree.children[parent].iter().filter(|child| **child != last);
                let longest = rivals.map(|child| tree.depth[*child]).max().unwrap_or(0);
                if branch.is_none() && FRONTS_MIN <= longest {
                    branch = Some(way.len());
                }
                way.push(parent);
            }
            let branch = branch.unwrap_or(way.len());
            if branch < FRONTS_MIN {
                continue;
            }
            let radius = |piece: usize| {
                (tree.pieces[piece].count as f64 * self.grid.voxel_mm3() / front_mm / std::f64::consts::PI).sqrt()
            };
            let Some(at) = (1..branch).find(|n| radius_mm_min <= radius(way[*n])) else { continue };
            let behind = way[(at + 3).min(way.len() - 1)];
            let centre = tree.pieces[way[at]].centre;
            let Some(normal) = (centre - tree.pieces[behind].centre).try_normalize(1e-9) else { continue };
            let distance_mm = f64::from(tree.pieces[way[at]].front) * front_mm;
            tips.push(Tip { centre, normal, radius_mm: radius(way[at]), distance_mm });
        }
        tips.sort_by(|a, b| b.distance_mm.total_cmp(&a.distance_mm));
        Ok(tips)
    }
}

struct Piece {
    front: u32,
    count: usize,
    centre: Point,
}

/// Connected pieces of fronts and how they follow one another.
struct Tree {
    pieces: Vec<Piece>,
    parent: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    /// Fronts from a piece to the farthest tip below, itself included.
    depth: Vec<usize>,
}

impl Tree {
    fn new(marked: &Marked, distance: &[u32], front: impl Fn(usize) -> u32) -> Self {
        let mut piece_of = vec![FAR; distance.len()];
        let mut pieces: Vec<Piece> = Vec::new();
        let mut pairs = Vec::new();
        for seed in (0..distance.len()).filter(|n| distance[*n] != FAR) {
            if piece_of[seed] != FAR {
                continue;
            }
            let (label, this) = (pieces.len() as u32, front(seed));
            piece_of[seed] = label;
            let (mut stack, mut count, mut sum) = (vec![seed], 0_usize, Vector::zeros());
            while let Some(n) = stack.pop() {
                count += 1;
                sum += marked.grid.centre(marked.grid.voxel(marked.offsets[n])).coords;
                for (to, _) in marked.neighbours(n).filter(|(to, _)| distance[*to] != FAR) {
                    if front(to) != this {
                        if piece_of[to] != FAR {
                            pairs.push((label, piece_of[to]));
                        }
                    } else if piece_of[to] == FAR {
                        piece_of[to] = label;
                        stack.push(to);
                    }
                }
            }
            pieces.push(Piece { front: this, count, centre: Point::from(sum / count as f64) });
        }
        let mut parent: Vec<Option<usize>> = vec![None; pieces.len()];
        for (a, b) in pairs {
            let (a, b) = (a as usize, b as usize);
            let (upper, lower) = if pieces[a].front < pieces[b].front { (a, b) } else { (b, a) };
            if parent[lower].is_none_or(|known| (pieces[known].count, upper) < (pieces[upper].count, known)) {
                parent[lower] = Some(upper);
            }
        }
        let mut children = vec![Vec::new(); pieces.len()];
        let mut depth = vec![1; pieces.len()];
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by_key(|piece| std::cmp::Reverse(pieces[*piece].front));
        for piece in order {
            if let Some(parent) = parent[piece] {
                children[parent].push(piece);
                depth[parent] = depth[parent].max(depth[piece] + 1);
            }
        }
        Self { pieces, parent, children, depth }
    }
}
