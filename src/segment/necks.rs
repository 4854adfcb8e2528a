//! Cutting a mask where it is narrow: organs that touch meet at a neck, lobes of one organ do not.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::squared_distance;
use rayon::prelude::*;
use std::sync::Arc;

/// No part.
const NONE: u32 = u32::MAX;

/// The parts of `mask` that only necks join: 0 outside, parts from 1 on in the order of their largest ball.
///
/// Every voxel is as deep as its distance from the nearest voxel outside. A neck is the deepest way from one part to
/// another; two parts are one if the neck is at least `share` of the depth of the shallower one, or at most `slack_mm`
/// less. Voxels are taken in order of depth and join the deepest neighbour that is there already (watershed of the
/// distance map, Beucher & Meyer 1993, with basins merged by their dynamics, Grimaud 1992). The end of the grid is no
/// border: an organ that is cut off there stays as deep as it is.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn split_at_necks(
    mask: &Volume<u8>,
    share: f64,
    slack_mm: f64,
    progress: &Progress,
) -> Result<Volume<u32>, Cancelled> {
    let grid = mask.grid();
    let [ni, nj, nk] = grid.dims();
    let outside = mask.voxels().par_iter().map(|value| u8::from(*value == 0)).collect();
    let outside = Volume::new(Arc::clone(grid), outside).expect("one value per voxel");
    let squared = squared_distance(&outside, f64::INFINITY, &progress.part(0.0..0.4, "depth"))?;
    // A mask that fills the grid has no outside.
    let depth = |offset: usize| squared.voxels()[offset].min(1e12);
    let mut order: Vec<usize> = (0..grid.len()).filter(|offset| mask.voxels()[*offset] != 0).collect();
    order.par_sort_unstable_by(|a, b| depth(*b).total_cmp(&depth(*a)).then(a.cmp(b)));
    let mut basin_of = vec![NONE; grid.len()];
    let mut basins = Basins::default();
    for (n, offset) in order.iter().copied().enumerate() {
        if n.is_multiple_of(1 << 16) {
            progress.set(0.4 + 0.6 * n as f64 / order.len() as f64)?;
        }
        let [i, j, k] = grid.voxel(offset);
        let beside = [
            (0 < i, offset.wrapping_sub(1)),
            (i + 1 < ni, offset + 1),
            (0 < j, offset.wrapping_sub(ni)),
            (j + 1 < nj, offset + ni),
            (0 < k, offset.wrapping_sub(ni * nj)),
            (k + 1 < nk, offset + ni * nj),
        ];
        let here_mm = f64::from(depth(offset)).sqrt();
        let mut steepest: Option<(f32, u32)> = None;
        let mut met = [NONE; 6];
        for (met, (_, to)) in met.iter_mut().zip(beside.iter().filter(|(inside, _)| *inside)) {
            let basin = basin_of[*to];
            if basin != NONE {
                *met = basin;
                if steepest.is_none_or(|(deepest, _)| deepest < depth(*to)) {
                    steepest = Some((depth(*to), basin));
                }
            }
        }
        let Some((_, into)) = steepest else {
            basin_of[offset] = basins.add(here_mm);
            continue;
        };
        for other in met.into_iter().filter(|basin| *basin != NONE) {
            let (a, b) = (basins.root(into), basins.root(other));
            let shallower_mm = basins.top_mm[a as usize].min(basins.top_mm[b as usize]);
            if a != b && (share * shallower_mm <= here_mm || shallower_mm - slack_mm <= here_mm) {
                basins.join(a, b);
            }
        }
        basin_of[offset] = into;
    }
    // Basins are numbered from the deepest on, and so are their roots.
    let mut part_of = vec![0_u32; basins.parent.len()];
    let mut parts = 0;
    for basin in 0..basins.parent.len() as u32 {
        let root = basins.root(basin) as usize;
        if part_of[root] == 0 {
            parts += 1;
            part_of[root] = parts;
        }
        part_of[basin as usize] = part_of[root];
    }
    let labels = basin_of.into_par_iter().map(|basin| if basin == NONE { 0 } else { part_of[basin as usize] });
    Ok(Volume::new(Arc::clone(grid), labels.collect()).expect("one part per voxel"))
}

/// Basins and which of them are one.
#[derive(Default)]
struct Basins {
    parent: Vec<u32>,
    top_mm: Vec<f64>,
}

impl Basins {
    fn add(&mut self, top_mm: f64) -> u32 {
        self.parent.push(self.parent.len() as u32);
        self.top_mm.push(top_mm);
        self.parent.len() as u32 - 1
    }

    fn root(&mut self, mut basin: u32) -> u32 {
        while self.parent[basin as usize] != basin {
            let above = self.parent[basin as usize];
            self.parent[basin as usize] = self.parent[above as usize];
            basin = above;
        }
        basin
    }

    /// The one that was there first, which is the deeper one, takes the other in.
    fn join(&mut self, a: u32, b: u32) {
        self.parent[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    /// Balls of 12 and 10 mm, 20 mm apart, and a rod of 3 mm out of the larger one.
    fn balls(spacing_mm: [f64; 3]) -> Volume<u8> {
        let dims = [70.0, 30.0, 30.0];
        let dims = [0, 1, 2].map(|a| (dims[a] / spacing_mm[a]) as usize);
        let grid = Grid::aligned(dims, Point::origin(), spacing_mm).unwrap();
        let inside = |offset: usize| {
            let p = grid.centre(grid.voxel(offset));
            let from = |x: f64| (p - Point::new(x, 15.0, 15.0)).norm();
            from(15.0) <= 12.0 || from(35.0) <= 10.0 || ((15.0..=62.0).contains(&p.x) && p.y < 18.0 && from(p.x) <= 3.0)
        };
        let voxels = (0..grid.len()).map(|offset| u8::from(inside(offset))).collect();
        Volume::new(grid, voxels).unwrap()
    }

    #[test]
    fn touching_balls_are_two_parts_and_an_even_rod_is_part_of_its_ball() {
        for spacing_mm in [[1.0; 3], [1.0, 1.0, 2.5]] {
            let mask = balls(spacing_mm);
            let parts = split_at_necks(&mask, 0.75, 1.1, &Progress::default()).unwrap();
            let at = |x: f64| parts.at(mask.grid().voxel_at(Point::new(x, 15.0, 15.0)).unwrap());
            assert_eq!([at(15.0), at(25.0), at(35.0)], [1, 1, 2], "{spacing_mm:?}");
            assert!(mask.voxels().iter().zip(parts.voxels()).all(|(mask, part)| (*mask != 0) == (*part != 0)));
        }
    }

    #[test]
    fn with_patience_everything_that_hangs_together_is_one_part() {
        let mask = balls([1.0; 3]);
        let parts = split_at_necks(&mask, 0.0, 0.0, &Progress::default()).unwrap();
        assert_eq!(parts.voxels().iter().max(), Some(&1));
    }

    #[test]
    fn an_empty_and_a_full_mask_have_no_part_and_one() {
        let grid = Grid::aligned([4, 3, 2], Point::origin(), [1.0; 3]).unwrap();
        for (value, parts) in [(0, 0), (1, 1)] {
            let mask = Volume::new(grid.clone(), vec![value; 24]).unwrap();
            let found = split_at_necks(&mask, 0.7, 1.0, &Progress::default()).unwrap();
            assert_eq!(found.voxels().iter().max(), Some(&parts));
        }
    }
}
