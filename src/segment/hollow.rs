//! Turning a solid mask into a shell.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::{grow, shrink};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where the shell lies with respect to the old surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// The old surface is the outer one.
    Inside,
    /// Half of it on each side.
    Both,
    /// The old surface is the inner one.
    Outside,
}

impl Shell {
    /// The words for scripts.
    pub const WORDS: &'static [&'static str] = &["inside", "both", "outside"];

    /// How far a shell of `thickness_mm` goes inwards and outwards from the old surface.
    pub fn reach_mm(self, thickness_mm: f64) -> [f64; 2] {
        match self {
            Self::Inside => [thickness_mm, 0.0],
            Self::Both => [0.5 * thickness_mm; 2],
            Self::Outside => [0.0, thickness_mm],
        }
    }
}

/// A shell of `thickness_mm` along the surface of `mask`.
///
/// It holds the voxels whose centre is at most that far from the surface half-way between voxels, on any spacing. Its
/// thickness is therefore that of whole voxels, rounded to the nearest.
/// The end of the grid is no surface: a vessel that leaves the scan stays open there.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn hollow(
    mask: &Volume<u8>,
    thickness_mm: f64,
    shell: Shell,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let [inward_mm, outward_mm] = shell.reach_mm(thickness_mm);
    let outer = grow(mask, outward_mm, &progress.part(0.0..0.5, "outer surface"))?;
    let inner = match shell {
        Shell::Outside => mask.clone(),
        Shell::Inside | Shell::Both => shrink(mask, inward_mm, &progress.part(0.5..1.0, "inner surface"))?,
    };
    let pairs = outer.voxels().par_iter().zip(inner.voxels());
    let voxels = pairs.map(|(outer, inner)| u8::from(*outer != 0 && *inner == 0)).collect();
    Ok(Volume::new(Arc::clone(mask.grid()), voxels).expect("one value per voxel"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    fn made(spacing_mm: [f64; 3], inside: impl Fn(Point) -> bool) -> Volume<u8> {
        let dims = spacing_mm.map(|h| (40.0 / h).ceil() as usize);
        let grid = Grid::aligned(dims, Point::new(-20.0, -20.0, -20.0), spacing_mm).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
        Volume::new(grid.clone(), voxels).unwrap()
    }

    #[test]
    fn the_shell_lies_where_it_was_asked_for() {
        let grid = Grid::aligned([15, 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let mask = Volume::new(grid, (0..15).map(|i| u8::from((4..11).contains(&i))).collect()).unwrap();
        let places = |shell| {
            let found = hollow(&mask, 2.0, shell, &Progress::default()).unwrap();
            (0..15).filter(|i| found.voxels()[*i] != 0).collect::<Vec<_>>()
        };
        assert_eq!(places(Shell::Inside), [4, 5, 9, 10]);
        assert_eq!(places(Shell::Both), [3, 4, 10, 11]);
        assert_eq!(places(Shell::Outside), [2, 3, 11, 12]);
    }

    /// Against every pair of voxels: outside the shell is near the mask, inside it is near what is not the mask, or near a
    /// point half a voxel from there.
    #[test]
    fn the_shell_is_exact_on_an_anisotropic_grid() {
        let mask = made([2.0, 2.5, 4.0], |p| p.coords.norm() <= 11.0);
        let grid = mask.grid();
        let places: Vec<Point> = (0..grid.len()).map(|o| grid.centre(grid.voxel(o))).collect();
        for (shell, thickness_mm) in [(Shell::Inside, 4.1), (Shell::Both, 8.2), (Shell::Outside, 4.1)] {
            let [inward_mm, outward_mm] = shell.reach_mm(thickness_mm);
            let found = hollow(&mask, thickness_mm, shell, &Progress::default()).unwrap();
            for (here, (inside, is_shell)) in mask.voxels().iter().zip(found.voxels()).enumerate() {
                let reach_mm = if *inside != 0 { inward_mm } else { outward_mm };
                let near = |there: &Point| {
                    let apart = (there - places[here]).abs();
                    let half = |a: usize| {
                        let mut apart = apart;
                        apart[a] -= 0.5 * grid.spacing_mm()[a].min(2.0 * apart[a]);
                        apart.norm() <= reach_mm
                    };
                    (0..3).any(half)
                };
                let other = places.iter().zip(mask.voxels()).filter(|(_, other)| *other != inside);
                let expected = 0.0 < reach_mm && other.map(|(place, _)| place).any(near);
                assert_eq!(*is_shell != 0, expected, "{shell:?} at {}", places[here]);
            }
        }
    }

    #[test]
    fn a_vessel_that_leaves_the_scan_gets_a_wall_that_is_open_there() {
        let mask = made([0.4; 3], |p| p.x.hypot(p.y) <= 4.0);
        let wall = hollow(&mask, 1.5, Shell::Outside, &Progress::default()).unwrap();
        let slice = mask.grid().dims()[0] * mask.grid().dims()[1];
        let of = |voxels: &[u8]| voxels.iter().filter(|v| **v != 0).count();
        let slices: Vec<usize> = wall.voxels().chunks(slice).map(of).collect();
        assert!(slices.iter().all(|n| *n == slices[0]), "{slices:?}");
        assert!(mask.voxels().iter().zip(wall.voxels()).all(|(lumen, wall)| lumen * wall == 0));
    }
}
