//! The voxels of one connected lumen as a list with neighbours and depths.

use super::CentreLineError;
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::image::filter::squared_distance;
use std::sync::Arc;

/// No voxel of the lumen.
pub(super) const NONE: u32 = u32::MAX;

/// One connected part of a mask in a box that is one voxel larger on every side.
///
/// Memory: 9 bytes a voxel of the box while depths are computed, 4 afterwards; some 30 a voxel of the lumen.
pub(super) struct Lumen {
    pub(super) grid: Grid,
    /// Place in the box of each voxel, ascending.
    pub(super) offsets: Vec<u32>,
    /// For every place of the box its voxel in the list, or [`NONE`].
    index: Vec<u32>,
    /// Distance from each voxel to the nearest voxel centre outside the lumen, mm. What lies beyond the scan is no wall.
    pub(super) depth_mm: Vec<f32>,
    /// The part of the box that the scan has, first and last voxel of each axis.
    scanned: [[usize; 2]; 3],
    /// Steps to the 26 neighbours: in memory, and in mm.
    steps: [(isize, f32); 26],
}

impl Lumen {
    /// The part of `mask` nearest to `seed`, or its largest part; and how many voxels other parts have.
    pub(super) fn of(
        mask: &Volume<u8>,
        seed: Option<Point>,
        progress: &Progress,
    ) -> Result<(Self, usize), CentreLineError> {
        let (dims, voxels) = (mask.grid().dims(), mask.voxels());
        let (mut first, mut last) = (dims, [0; 3]);
        for (row, values) in voxels.chunks(dims[0]).enumerate() {
            let Some(start) = values.iter().position(|value| *value != 0) else { continue };
            let end = values.iter().rposition(|value| *value != 0).unwrap_or(start);
            for (axis, [low, high]) in [[start, end], [row % dims[1]; 2], [row / dims[1]; 2]].into_iter().enumerate() {
                first[axis] = first[axis].min(low);
                last[axis] = last[axis].max(high);
            }
        }
        if last[0] < first[0] {
            return Err(CentreLineError::Empty);
        }
        let size: [usize; 3] = std::array::from_fn(|a| last[a] - first[a] + 3);
        let corner = mask.grid().patient_from_index(Vector::from(first.map(|x| x as f64 - 1.0)));
        let grid = Grid::new(size, corner, *mask.grid().step()).expect("a box around voxels of a grid");
        let scanned =
            std::array::from_fn(|a| [usize::from(first[a] == 0), size[a] - 1 - usize::from(last[a] + 1 == dims[a])]);
        let mut index = vec![NONE; grid.len()];
        for (k, j) in (1..size[2] - 1).flat_map(|k| (1..size[1] - 1).map(move |j| (k, j))) {
            let from = mask.grid().offset([first[0], first[1] + j - 1, first[2] + k - 1]);
            let to = grid.offset([1, j, k]);
            for i in 0..size[0] - 2 {
                if voxels[from + i] != 0 {
                    index[to + i] = 0;
                }
            }
        }
        progress.set(0.1)?;
        let steps = steps(&grid);
        let (offsets, others) = one_part(&grid, &mut index, &steps, seed, progress)?;
        let mut lumen = Self { grid, offsets, index, depth_mm: Vec::new(), scanned, steps };
        lumen.depth_mm = lumen.depths(&progress.part(0.3..1.0, "distance"))?;
        Ok((lumen, others))
    }

    fn depths(&self, progress: &Progress) -> Result<Vec<f32>, CentreLineError> {
        let outside: Vec<u8> = (0..self.grid.len())
            .map(|offset| u8::from(self.index[offset] == NONE && self.is_scanned(self.grid.voxel(offset))))
            .collect();
        let outside = Volume::new(Arc::new(self.grid.clone()), outside).expect("one value per voxel");
        let squared = squared_distance(&outside, f64::INFINITY, progress)?;
        let depths: Vec<f32> = self.offsets.iter().map(|o| squared.voxels()[*o as usize].sqrt()).collect();
        if depths.iter().any(|depth| depth.is_infinite()) { Err(CentreLineError::Full) } else { Ok(depths) }
    }

    fn is_scanned(&self, voxel: [usize; 3]) -> bool {
        (0..3).all(|a| self.scanned[a][0] <= voxel[a] && voxel[a] <= self.scanned[a][1])
    }

    /// Voxels of the lumen.
    pub(super) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// The centre of a voxel.
    pub(super) fn centre(&self, n: u32) -> Point {
        self.grid.centre(self.grid.voxel(self.offsets[n as usize] as usize))
    }

    /// The neighbours of a voxel and the way to them in mm. Every voxel has all 26 places around it in the box.
    pub(super) fn neighbours(&self, n: u32) -> impl Iterator<Item = (u32, f32)> + '_ {
        let here = self.offsets[n as usize] as usize;
        let there = self.steps.iter().map(move |(step, mm)| (self.index[here.wrapping_add_signed(*step)], *mm));
        there.filter(|(to, _)| *to != NONE)
    }

    /// The voxel of the lumen nearest to `point` and its distance in mm; the first in memory of several.
    pub(super) fn nearest(&self, point: &Point) -> (u32, f64) {
        let away = |n: &u32| (self.centre(*n) - point).norm_squared();
        let all = (0..self.len() as u32).map(|n| (n, away(&n)));
        let best = all.fold((0, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best });
        (best.0, best.1.sqrt())
    }

    /// The voxel reached from `n` by going to the deepest neighbour until none is deeper.
    pub(super) fn climb(&self, mut n: u32) -> u32 {
        loop {
            let depth = |n: u32| self.depth_mm[n as usize];
            let best = self.neighbours(n).fold(n, |best, (to, _)| if depth(best) < depth(to) { to } else { best });
            if best == n {
                return n;
            }
            n = best;
        }
    }

    /// The smallest distance between voxel centres along an axis, mm.
    pub(super) fn finest_mm(&self) -> f64 {
        self.grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min)
    }

    /// The voxel of the lumen at a place of the box.
    pub(super) fn at(&self, voxel: [usize; 3]) -> Option<u32> {
        Some(self.index[self.grid.offset(voxel)]).filter(|n| *n != NONE)
    }

    /// The voxels of the lumen whose centres lie within `radius_mm` of that of voxel `n`.
    pub(super) fn ball(&self, n: u32, radius_mm: f32) -> impl Iterator<Item = u32> + '_ {
        let (dims, h) = (self.grid.dims(), self.grid.spacing_mm().map(|h| h as f32));
        let centre = self.grid.voxel(self.offsets[n as usize] as usize);
        let range = move |a: usize, room_mm2: f32| {
            let reach = (room_mm2.max(0.0).sqrt() / h[a]) as usize;
            centre[a].saturating_sub(reach)..(centre[a] + reach + 1).min(dims[a])
        };
        let away = move |a: usize, x: usize| (x.abs_diff(centre[a]) as f32 * h[a]).powi(2);
        let square = radius_mm * radius_mm;
        let rows = range(2, square).flat_map(move |k| range(1, square - away(2, k)).map(move |j| (j, k)));
        let places = rows.flat_map(move |(j, k)| range(0, square - away(2, k) - away(1, j)).map(move |i| [i, j, k]));
        places.filter_map(|place| self.at(place))
    }

    /// The connected pieces of the lumen at the faces of the scan, in the order of faces and memory.
    pub(super) fn openings(&self) -> Vec<Opening> {
        let mut openings = Vec::new();
        let mut piece = vec![NONE; self.len()];
        for (axis, side) in (0..3).flat_map(|axis| [(axis, 0), (axis, 1)]) {
            let face = self.scanned[axis][side];
            let is_open = if side == 0 { face == 1 } else { face + 2 == self.grid.dims()[axis] };
            if !is_open {
                continue;
            }
            let at_face = |n: u32| self.grid.voxel(self.offsets[n as usize] as usize)[axis] == face;
            piece.fill(NONE);
            for start in 0..self.len() as u32 {
                if piece[start as usize] != NONE || !at_face(start) {
                    continue;
                }
                let (mut voxels, mut next) = (vec![start], 0);
                piece[start as usize] = start;
                while let Some(n) = voxels.get(next).copied() {
                    next += 1;
                    for (to, _) in self.neighbours(n).filter(|(to, _)| at_face(*to)) {
                        if piece[to as usize] == NONE {
                            piece[to as usize] = start;
                            voxels.push(to);
                        }
                    }
                }
                let depth = |n: u32| self.depth_mm[n as usize];
                let deepest = voxels.iter().fold(start, |best, n| if depth(best) < depth(*n) { *n } else { best });
                openings.push(Opening { deepest, voxels });
            }
        }
        openings
    }

    /// What lies at `point`: a voxel of the lumen, the world beyond the scan, or the wall.
    pub(super) fn place(&self, point: &Point) -> Place {
        let dims = self.grid.dims();
        let index = self.grid.index_from_patient(*point).map(|x| (x + 0.5).floor());
        let voxel: [usize; 3] = std::array::from_fn(|a| index[a].clamp(0.0, dims[a] as f64 - 1.0) as usize);
        match self.at(voxel) {
            Some(n) if (0..3).all(|a| voxel[a] as f64 == index[a]) => Place::Lumen(n),
            _ if self.is_scanned(voxel) => Place::Wall,
            _ => Place::Beyond,
        }
    }

    /// Distance from any point in the lumen to the nearest voxel centre outside it, mm; 0 for points elsewhere.
    ///
    /// Axes are taken as orthogonal, as in [`squared_distance`].
    pub(super) fn depth_at(&self, point: &Point) -> f64 {
        let Place::Lumen(n) = self.place(point) else { return 0.0 };
        let (depth, away) = (f64::from(self.depth_mm[n as usize]), (self.centre(n) - point).norm());
        let (sure, reach) = ((depth - away).max(0.0), depth + away + 1e-6);
        let (centre, h) = (self.grid.index_from_patient(*point), self.grid.spacing_mm());
        let mut best = reach * reach;
        let range = |a: usize, room: f64| {
            let low = (centre[a] - room / h[a]).ceil().max(self.scanned[a][0] as f64) as usize;
            let high = (centre[a] + room / h[a]).floor().min(self.scanned[a][1] as f64);
            if high < low as f64 { low..low } else { low..high as usize + 1 }
        };
        for k in range(2, reach) {
            let dz = ((k as f64 - centre[2]) * h[2]).powi(2);
            for j in range(1, (best - dz).max(0.0).sqrt()) {
                let beside = dz + ((j as f64 - centre[1]) * h[1]).powi(2);
                let row = self.grid.offset([0, j, k]);
                for i in range(0, (best - beside).max(0.0).sqrt()) {
                    let squared = beside + ((i as f64 - centre[0]) * h[0]).powi(2);
                    if sure * sure <= squared && squared < best && self.index[row + i] == NONE {
                        best = squared;
                    }
                }
            }
        }
        best.sqrt()
    }
}

/// Where the lumen leaves the scan.
pub(super) struct Opening {
    /// Its middle.
    pub(super) deepest: u32,
    /// All of it.
    pub(super) voxels: Vec<u32>,
}

/// What lies at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    Lumen(u32),
    Wall,
    Beyond,
}

fn steps(grid: &Grid) -> [(isize, f32); 26] {
    let [ni, nj, _] = grid.dims().map(|n| n as isize);
    let places = (0..27).filter(|n| *n != 13).map(|n| [n % 3 - 1, n / 3 % 3 - 1, n / 9 - 1]);
    let mut steps = [(0, 0.0); 26];
    for (step, [i, j, k]) in steps.iter_mut().zip(places) {
        let mm = (grid.step() * Vector::new(f64::from(i), f64::from(j), f64::from(k))).norm();
        *step = ((k as isize * nj + j as isize) * ni + i as isize, mm as f32);
    }
    steps
}

/// Leave one connected part in `index` and number its voxels; its places, and how many voxels other parts have.
fn one_part(
    grid: &Grid,
    index: &mut [u32],
    steps: &[(isize, f32); 26],
    seed: Option<Point>,
    progress: &Progress,
) -> Result<(Vec<u32>, usize), CentreLineError> {
    if u32::MAX as usize <= grid.len() {
        return Err(CentreLineError::Full);
    }
    let all: Vec<u32> = (0..grid.len() as u32).filter(|offset| index[*offset as usize] != NONE).collect();
    // Parts are numbered from 1 in the order of memory.
    let mut sizes = vec![0_usize];
    for start in &all {
        if index[*start as usize] != 0 {
            continue;
        }
        let label = sizes.len() as u32;
        let (mut stack, mut size) = (vec![*start as usize], 0_usize);
        index[*start as usize] = label;
        while let Some(here) = stack.pop() {
            size += 1;
            if size.is_multiple_of(1 << 18) {
                progress.check()?;
            }
            for (step, _) in steps {
                let there = here.wrapping_add_signed(*step);
                if index[there] == 0 {
                    index[there] = label;
                    stack.push(there);
                }
            }
        }
        sizes.push(size);
    }
    let away = |point: &Point, offset: u32| (grid.centre(grid.voxel(offset as usize)) - point).norm_squared();
    let chosen = match seed {
        Some(point) => {
            let nearest = all.iter().min_by(|a, b| away(&point, **a).total_cmp(&away(&point, **b)));
            nearest.map_or(1, |offset| index[*offset as usize])
        }
        None => (1..sizes.len()).rev().max_by_key(|label| sizes[*label]).unwrap_or(1) as u32,
    };
    let mut kept = Vec::with_capacity(sizes[chosen as usize]);
    for offset in &all {
        let place = &mut index[*offset as usize];
        if *place == chosen {
            *place = kept.len() as u32;
            kept.push(*offset);
        } else {
            *place = NONE;
        }
    }
    let others = all.len() - kept.len();
    Ok((kept, others))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ball(spacing_mm: [f64; 3], radius_mm: f64) -> Volume<u8> {
        let dims = spacing_mm.map(|h| (30.0 / h) as usize);
        let grid = Grid::aligned(dims, Point::new(-15.0, -15.0, -15.0), spacing_mm).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() <= radius_mm));
        Volume::new(grid.clone(), voxels.collect()).unwrap()
    }

    #[test]
    fn depths_between_voxels_are_those_of_a_search_of_all() {
        let mask = ball([0.9, 1.1, 2.5], 9.0);
        let (lumen, others) = Lumen::of(&mask, None, &Progress::default()).unwrap();
        assert_eq!(others, 0);
        let outside: Vec<Point> = (0..mask.grid().len())
            .filter(|o| mask.voxels()[*o] == 0)
            .map(|o| mask.grid().centre(mask.grid().voxel(o)))
            .collect();
        for point in [[0.1, 0.2, 0.3], [3.0, -2.0, 4.4], [-6.0, 1.0, -2.0], [0.0, 8.0, 1.0]].map(Point::from) {
            let expected = outside.iter().map(|o| (o - point).norm()).fold(f64::INFINITY, f64::min);
            assert!((lumen.depth_at(&point) - expected).abs() < 1e-5, "{point}: {expected}");
        }
        assert_eq!(lumen.depth_at(&Point::new(12.0, 0.0, 0.0)), 0.0);
    }

    #[test]
    fn the_end_of_the_scan_is_no_wall() {
        let grid = Grid::aligned([9, 9, 12], Point::origin(), [1.0; 3]).unwrap();
        let inside = |[i, j, _]: [usize; 3]| (2..7).contains(&i) && (2..7).contains(&j);
        let mask = (0..grid.len()).map(|o| u8::from(inside(grid.voxel(o)))).collect();
        let (lumen, _) = Lumen::of(&Volume::new(grid, mask).unwrap(), None, &Progress::default()).unwrap();
        let depth = |k: usize| lumen.at([3, 3, k]).map(|n| lumen.depth_mm[n as usize]);
        assert_eq!((depth(1), depth(6), depth(0)), (Some(3.0), Some(3.0), None));
        assert_eq!(lumen.place(&Point::new(4.0, 4.0, -1.0)), Place::Beyond);
        assert_eq!(lumen.place(&Point::new(1.0, 4.0, 3.0)), Place::Wall);
    }

    #[test]
    fn the_part_at_the_seed_is_taken_before_the_largest() {
        let grid = Grid::aligned([9, 3, 3], Point::origin(), [1.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.voxel(o)[1] == 1 && ![4, 5].contains(&grid.voxel(o)[0])));
        let mask = Volume::new(grid.clone(), voxels.collect()).unwrap();
        let size = |seed| Lumen::of(&mask, seed, &Progress::default()).map(|(lumen, others)| (lumen.len(), others));
        assert_eq!(size(None).unwrap(), (12, 9));
        assert_eq!(size(Some(Point::new(8.0, 1.0, 1.0))).unwrap(), (9, 12));
    }
}
