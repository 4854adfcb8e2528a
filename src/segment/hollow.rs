//! Turning a solid mask into a shell.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::{dilate, erode};
use rayon::prelude::*;
use std::sync::Arc;

/// Where the shell lies with respect to the old surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// The old surface is the outer one.
    Inside,
    /// Half of it on each side.
    Middle,
    /// The old surface is the inner one.
    Outside,
}

/// A shell of `thickness_mm` along the surface of `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn hollow(
    mask: &Volume<u8>,
    thickness_mm: f64,
    shell: Shell,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let (inward, outward) = match shell {
        Shell::Inside => (thickness_mm, 0.0),
        Shell::Middle => (0.5 * thickness_mm, 0.5 * thickness_mm),
        Shell::Outside => (0.0, thickness_mm),
    };
    let outer = dilate(mask, outward, &progress.part(0.0..0.5, "outer surface"))?;
    let inner = match shell {
        Shell::Outside => mask.clone(),
        Shell::Inside | Shell::Middle => erode(mask, inward, &progress.part(0.5..1.0, "inner surface"))?,
    };
    let pairs = outer.voxels().par_iter().zip(inner.voxels());
    let voxels = pairs.map(|(outer, inner)| u8::from(*outer != 0 && *inner == 0)).collect();
    Ok(Volume::new(Arc::clone(mask.grid()), voxels).expect("one value per voxel"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    #[test]
    fn the_shell_lies_where_it_was_asked_for() {
        let grid = Grid::aligned([15, 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let mask = Volume::new(grid, (0..15).map(|i| u8::from((4..11).contains(&i))).collect()).unwrap();
        let places = |shell| {
            let found = hollow(&mask, 2.0, shell, &Progress::default()).unwrap();
            (0..15).filter(|i| found.voxels()[*i] != 0).collect::<Vec<_>>()
        };
        assert_eq!(places(Shell::Inside), [4, 5, 9, 10]);
        assert_eq!(places(Shell::Middle), [3, 4, 10, 11]);
        assert_eq!(places(Shell::Outside), [2, 3, 11, 12]);
    }
}
