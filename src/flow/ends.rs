//! Where the branches of a lumen end inside the scan: the tips of its tree of fronts.
//!
//! A wave runs through the mask from the inlet; its fronts, cut into connected pieces, form a tree (a Reeb graph of
//! the geodesic distance); its last pieces that are wide enough are tips (after Verroust and Lazarus 2000, Vis. Comput. 16:15).

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};

/// A branch has its width where it is this share of the widest front near its end.
const FULL: f64 = 0.9;
/// Resolution of geodesic distances in mm.
const UNIT_MM: f64 = 0.1;
/// A branch shorter than this many fronts is a bump of the wall.
const FRONTS_MIN: usize = 3;
/// A single front may be this much narrower than its branch has to be.
const RAGGED: f64 = 0.75;
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

    /// The largest connected part, and how many other parts were left out with how many voxels.
    pub fn largest_part(self) -> (Self, [usize; 2]) {
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
        let Some(largest) = (0..sizes.len()).rev().max_by_key(|label| sizes[*label]) else { return (self, [0, 0]) };
        let left_out = [sizes.len() - 1, self.offsets.len() - sizes[largest]];
        let kept = self.offsets.iter().zip(&part).filter(|(_, p)| **p == largest as u32).map(|(o, _)| *o).collect();
        (Self::of(self.grid, kept), left_out)
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

    /// Tips of the branches that stay wide, the widest first, and the voxels without what is too narrow to matter.
    ///
    /// The tree is followed from the seeds outwards for as long as its branches are `radius_mm_min` wide, so that no
    /// tip lies behind a neck. Narrower side branches are left out; what follows a tip stays, for the cut to fit in.
    pub fn tips(&self, seeds: &[usize], radius_mm_min: f64, progress: &Progress) -> Result<Pruned, Cancelled> {
        let distance = self.distances(seeds, progress)?;
        let front_mm = 2.0 * self.grid.spacing_mm().into_iter().fold(0.0, f64::max);
        let front = |n: usize| (f64::from(distance[n]) * UNIT_MM / front_mm) as u32;
        let tree = Tree::new(self, &distance, front);
        let radius = |piece: usize| {
            (tree.pieces[piece].count as f64 * self.grid.voxel_mm3() / front_mm / std::f64::consts::PI).sqrt()
        };
        let wide = tree.wide(radius, radius_mm_min);
        let depth = tree.depths(&wide);
        let mut tips = Vec::new();
        let mut is_tip = vec![false; tree.pieces.len()];
        for leaf in (0..tree.pieces.len()).filter(|piece| depth[*piece] == 1) {
            // The way back to the inlet; a branch ends where another branch worth the name joins.
            let way: Vec<usize> = std::iter::successors(Some(leaf), |piece| tree.parent[*piece]).collect();
            let joins = |n: &usize| {
                let rivals = tree.children[way[*n]].iter().filter(|child| **child != way[*n - 1]);
                FRONTS_MIN <= rivals.map(|child| depth[*child]).max().unwrap_or(0)
            };
            let branch = (1..way.len()).find(joins).unwrap_or(way.len());
            if branch < FRONTS_MIN {
                continue;
            }
            // A blind end is round: it is cut where the branch has its width.
            let width = |at: usize| tree.soft(radius, way[at]);
            let last = (2 * FRONTS_MIN).min(branch - 1);
            let full = (0..=last).map(width).fold(0.0, f64::max);
            let at = (0..=last).find(|at| FULL * full <= width(*at)).unwrap_or(0);
            let behind = way[(at + 3).min(way.len() - 1)];
            let centre = tree.pieces[way[at]].centre;
            let Some(normal) = (centre - tree.pieces[behind].centre).try_normalize(1e-9) else { continue };
            is_tip[leaf] = true;
            tips.push(Tip { centre, normal, radius_mm: tree.soft(radius, way[at]) });
        }
        tips.sort_by(|a, b| b.radius_mm.total_cmp(&a.radius_mm));
        let kept = |n: usize| {
            let Some(piece) = tree.piece_of.get(n).filter(|piece| **piece != FAR) else { return true };
            let mut way = std::iter::successors(Some(*piece as usize), |piece| tree.parent[*piece]);
            way.find(|piece| wide[*piece]).is_none_or(|ancestor| ancestor == *piece as usize || is_tip[ancestor])
        };
        let offsets = (0..self.offsets.len()).filter(|n| kept(*n)).map(|n| self.offsets[n]).collect();
        Ok(Pruned { tips, offsets })
    }
}

/// What [`Marked::tips`] finds.
pub(super) struct Pruned {
    pub tips: Vec<Tip>,
    /// Places in memory of the voxels that remain, ascending.
    pub offsets: Vec<usize>,
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
    /// The piece of every voxel, or [`FAR`].
    piece_of: Vec<u32>,
    /// The pieces from the farthest to the nearest front.
    inwards: Vec<usize>,
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
        let mut inwards: Vec<usize> = (0..pieces.len()).collect();
        inwards.sort_by_key(|piece| std::cmp::Reverse(pieces[*piece].front));
        for piece in &inwards {
            if let Some(parent) = parent[*piece] {
                children[parent].push(*piece);
            }
        }
        Self { pieces, parent, children, piece_of, inwards }
    }

    /// The radius of a piece, evened out with its neighbours' along the branch: single fronts are ragged.
    fn soft(&self, radius: impl Fn(usize) -> f64, piece: usize) -> f64 {
        let own = radius(piece);
        // In front of a junction the trunk is no measure of the branch.
        let before = self.parent[piece].map(|parent| radius(parent).min(1.3 * own));
        let after = self.children[piece].iter().copied().max_by_key(|child| self.pieces[*child].count).map(&radius);
        let all: Vec<f64> = [Some(own), before, after].into_iter().flatten().collect();
        all.iter().sum::<f64>() / all.len() as f64
    }

    /// The pieces to which the way from the seeds is wide enough everywhere.
    fn wide(&self, radius: impl Fn(usize) -> f64, radius_mm_min: f64) -> Vec<bool> {
        let mut wide = vec![false; self.pieces.len()];
        for piece in self.inwards.iter().rev().copied() {
            wide[piece] = match self.parent[piece] {
                None => self.pieces[piece].front == 0,
                Some(parent) => {
                    wide[parent]
                        && radius_mm_min <= self.soft(&radius, piece)
                        && RAGGED * radius_mm_min <= radius(piece)
                }
            };
        }
        wide
    }

    /// Fronts from a piece to the farthest tip below, itself included, over the pieces of `kept`; 0 for others.
    fn depths(&self, kept: &[bool]) -> Vec<usize> {
        let mut depth: Vec<usize> = kept.iter().map(|kept| usize::from(*kept)).collect();
        for piece in self.inwards.iter().copied().filter(|piece| kept[*piece]) {
            if let Some(parent) = self.parent[piece] {
                depth[parent] = depth[parent].max(depth[piece] + 1);
            }
        }
        depth
    }
}
