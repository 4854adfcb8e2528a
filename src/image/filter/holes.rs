//! Filling what a mask encloses.

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::image::components::{Components, Neighbours};
use rayon::prelude::*;
use std::sync::Arc;

/// `mask` and every part of the outside that no path of face neighbours joins to the border of the grid.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn fill_holes(mask: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let outside = Components::of(mask, |value| value == 0, Neighbours::Six, progress)?;
    let open: Vec<bool> = (0..outside.parts().len()).map(|id| outside.touches_border(id, &[0, 1, 2])).collect();
    let open = outside.keep(|id| open[id]);
    let voxels = open.voxels().par_iter().map(|value| 1 - *value).collect();
    Ok(Volume::new(Arc::clone(mask.grid()), voxels).expect("one value per voxel"))
}

/// A part of a slice outside a mask that no path of side neighbours joins to the edge of the slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hole {
    /// How many voxels it has.
    pub voxels: usize,
    /// Mean of the values in it.
    pub mean: f64,
    /// Its centre of mass as a continuous index.
    pub centre: Vector,
    /// The part of the rectangle around it that it fills, π/4 for a disc.
    pub box_share: f64,
}

/// `mask` with the holes of every slice (constant `k`) filled for which `fill` holds.
///
/// Beside the hole `fill` is given a function that says whether a place of the slice, as a continuous index, is enclosed:
/// whether it lies in the mask or in any hole.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn fill_holes_in_slices<T: Copy + Into<f64> + Send + Sync>(
    mask: &Volume<u8>,
    values: &Volume<T>,
    fill: impl Fn(&Hole, &dyn Fn(Vector) -> bool) -> bool + Sync,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let [ni, nj, _] = mask.grid().dims();
    let flat = Arc::new(Grid::aligned([ni, nj, 1], Point::origin(), [1.0; 3]).expect("a slice of a grid is a grid"));
    let mut filled: Vec<u8> = mask.voxels().par_iter().map(|value| u8::from(*value != 0)).collect();
    filled.par_chunks_mut(ni * nj).zip(values.voxels().par_chunks(ni * nj)).enumerate().try_for_each(
        |(k, (slice, values))| {
            if slice.iter().all(|value| *value == 0) {
                return progress.check();
            }
            let image = Volume::new(Arc::clone(&flat), slice.to_vec()).expect("one value per voxel of the slice");
            let outside = Components::of(&image, |value| value == 0, Neighbours::Six, &Progress::default())?;
            let mut sums = vec![0.0; outside.parts().len()];
            for (id, range) in outside.runs() {
                sums[id] += values[range].iter().map(|value| -> f64 { (*value).into() }).sum::<f64>();
            }
            let enclosed = |place: Vector| {
                let [i, j] = [place.x, place.y].map(|x| x.round());
                let inside = 0.0 <= i && i < ni as f64 && 0.0 <= j && j < nj as f64;
                inside && outside.at([i as usize, j as usize, 0]).is_none_or(|id| !outside.touches_border(id, &[0, 1]))
            };
            let filled: Vec<bool> = (0..sums.len())
                .map(|id| {
                    let part = &outside.parts()[id];
                    let centre = Vector::new(part.centre.x, part.centre.y, k as f64);
                    let sides = [0, 1].map(|a| (part.max[a] - part.min[a] + 1) as f64);
                    let box_share = part.voxels as f64 / (sides[0] * sides[1]);
                    let mean = sums[id] / part.voxels as f64;
                    let hole = Hole { voxels: part.voxels, mean, centre, box_share };
                    !outside.touches_border(id, &[0, 1]) && fill(&hole, &enclosed)
                })
                .collect();
            for (_, range) in outside.runs().filter(|(id, _)| filled[*id]) {
                slice[range].fill(1);
            }
            progress.check()
        },
    )?;
    Ok(Volume::new(Arc::clone(mask.grid()), filled).expect("one value per voxel"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A box with an empty heart, closed but for a channel along k when `open`.
    fn box_with_hole(open: bool) -> Volume<u8> {
        let grid = Grid::aligned([7, 7, 7], Point::origin(), [1.0; 3]).unwrap();
        let value = |o: usize| {
            let [i, j, k] = grid.voxel(o);
            let wall = [i, j, k].iter().all(|x| (1..6).contains(x));
            let heart = [i, j, k].iter().all(|x| (2..5).contains(x));
            let channel = open && (i, j) == (3, 3);
            u8::from(wall && !heart && !channel)
        };
        let voxels = (0..grid.len()).map(value).collect();
        Volume::new(grid.clone(), voxels).unwrap()
    }

    fn count(mask: &Volume<u8>) -> usize {
        mask.voxels().iter().filter(|v| **v != 0).count()
    }

    #[test]
    fn only_closed_holes_are_filled_in_space() {
        let progress = Progress::default();
        assert_eq!(count(&fill_holes(&box_with_hole(false), &progress).unwrap()), 125);
        let open = box_with_hole(true);
        assert_eq!(fill_holes(&open, &progress).unwrap(), open);
    }

    #[test]
    fn slices_are_filled_one_by_one_where_the_values_allow() {
        let mask = box_with_hole(true);
        let values = Volume::new(Arc::clone(mask.grid()), vec![40_i16; 343]).unwrap();
        let progress = Progress::default();
        let all = fill_holes_in_slices(&mask, &values, |hole, _| hole.mean == 40.0, &progress).unwrap();
        assert_eq!(count(&all), 125);
        let small = fill_holes_in_slices(
            &mask,
            &values,
            |hole, _| hole.voxels == 1 && hole.centre.xy().iter().all(|x| *x == 3.0),
            &progress,
        )
        .unwrap();
        assert_eq!(count(&small), count(&mask) + 2);
    }
    #[test]
    fn a_hole_can_be_judged_by_what_lies_around_it() {
        let mask = box_with_hole(true);
        let values = Volume::new(Arc::clone(mask.grid()), vec![0_i16; 343]).unwrap();
        let beside = |by: f64| {
            let fill =
                |hole: &Hole, enclosed: &dyn Fn(Vector) -> bool| enclosed(hole.centre + Vector::new(by, 0.0, 0.0));
            count(&fill_holes_in_slices(&mask, &values, fill, &Progress::default()).unwrap())
        };
        let none = count(&mask);
        assert_eq!([beside(0.0), beside(2.0), beside(3.0), beside(9.0)], [125, 125, none, none]);
    }
}
