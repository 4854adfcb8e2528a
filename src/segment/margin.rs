//! Growing or shrinking a mask by a margin.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::{grow, shrink};

/// `mask` grown by `margin_mm` in every direction, or shrunk if it is negative.
///
/// The distance of a voxel's centre to the surface half-way between voxels decides, so on any spacing the new surface is
/// within half a voxel of where it should be.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn margin(mask: &Volume<u8>, margin_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    if 0.0 <= margin_mm { grow(mask, margin_mm, progress) } else { shrink(mask, -margin_mm, progress) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    #[test]
    fn a_margin_adds_and_takes_whole_millimetres() {
        let grid = Grid::aligned([15, 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let mask = Volume::new(grid, (0..15).map(|i| u8::from((5..10).contains(&i))).collect()).unwrap();
        let count = |mm: f64| {
            let grown = margin(&mask, mm, &Progress::default()).unwrap();
            grown.voxels().iter().filter(|v| **v != 0).count()
        };
        assert_eq!([count(2.0), count(0.0), count(-1.0), count(-3.0)], [9, 5, 3, 0]);
        // Half a voxel is rounded up: the centre of the next one lies exactly on the new surface.
        assert_eq!([count(0.4), count(0.5), count(-0.4), count(-0.5)], [5, 7, 5, 3]);
    }

    #[test]
    fn thick_slices_are_rounded_to_the_nearest() {
        let grid = Grid::aligned([1, 1, 9], Point::origin(), [0.7, 0.7, 5.0]).unwrap();
        let mask = Volume::new(grid, (0..9).map(|k| u8::from((3..6).contains(&k))).collect()).unwrap();
        let count = |mm: f64| {
            let grown = margin(&mask, mm, &Progress::default()).unwrap();
            grown.voxels().iter().filter(|v| **v != 0).count()
        };
        assert_eq!([2.0, 3.0, 7.0, 8.0, -2.0, -3.0].map(count), [3, 5, 5, 7, 3, 1]);
    }
}
