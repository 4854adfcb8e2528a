//! Growing or shrinking a mask by a margin.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::{dilate, erode};

/// `mask` grown by `margin_mm` in every direction, or shrunk if it is negative. Exact to the voxel centre.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn margin(mask: &Volume<u8>, margin_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    if 0.0 <= margin_mm { dilate(mask, margin_mm, progress) } else { erode(mask, -margin_mm, progress) }
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
    }
}
