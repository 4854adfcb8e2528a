//! Filling what a segment encloses, and wrapping it in one closed body.

use crate::base::{Cancelled, Progress};
use crate::image::filter::{close, fill_holes_in_slices, open};
use crate::image::{Components, Neighbours, Volume};
use rayon::prelude::*;
use std::sync::Arc;

/// `mask` and the parts of the outside of at most `volume_ml_max` that no path of face neighbours joins to the border of the
/// grid.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn fill_cavities(mask: &Volume<u8>, volume_ml_max: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let outside = Components::of(mask, |value| value == 0, Neighbours::Six, progress)?;
    let fill = |id: usize| !outside.touches_border(id, &[0, 1, 2]) && outside.volume_ml(id) <= volume_ml_max;
    let fill: Vec<bool> = (0..outside.parts().len()).map(fill).collect();
    Ok(joined(outside.keep(|id| fill[id]), mask))
}

/// `mask` and the holes of every slice (constant `k`) that hold at most `volume_ml_max`: their area times the distance of
/// the slices.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn fill_slices(mask: &Volume<u8>, volume_ml_max: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let voxel_ml = mask.grid().voxel_mm3() / crate::base::units::MM3_PER_ML;
    fill_holes_in_slices(mask, mask, |hole, _| hole.voxels as f64 * voxel_ml <= volume_ml_max, progress)
}

/// One solid body around `mask`: gaps up to `gap_mm` wide are closed, everything enclosed is filled, and what the closing
/// added that is thinner than `detail_mm` is taken away again. Contains `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn wrap(mask: &Volume<u8>, gap_mm: f64, detail_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let closed = close(mask, 0.5 * gap_mm, &progress.part(0.0..0.6, "closing"))?;
    let solid = fill_cavities(&closed, f64::INFINITY, &progress.part(0.6..0.8, "filling"))?;
    drop(closed);
    let smooth = open(&solid, 0.5 * detail_mm, &progress.part(0.8..1.0, "opening"))?;
    Ok(joined(smooth, mask))
}

/// In the memory of `a`.
fn joined(a: Volume<u8>, b: &Volume<u8>) -> Volume<u8> {
    let grid = Arc::clone(a.grid());
    let mut voxels = a.into_voxels();
    voxels.par_iter_mut().zip(b.voxels()).for_each(|(a, b)| *a = u8::from(*a != 0 || *b != 0));
    Volume::new(grid, voxels).expect("one value per voxel")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    fn made(inside: impl Fn(Point) -> bool) -> Volume<u8> {
        let grid = Grid::aligned([40, 40, 40], Point::new(-19.5, -19.5, -19.5), [1.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
        Volume::new(grid.clone(), voxels).unwrap()
    }

    fn count(mask: &Volume<u8>) -> usize {
        mask.voxels().iter().filter(|v| **v != 0).count()
    }

    #[test]
    fn only_cavities_up_to_the_size_are_filled() {
        let small = |p: Point| (p - Point::new(6.0, 0.0, 0.0)).norm() < 2.0;
        let large = |p: Point| (p - Point::new(-5.0, 0.0, 0.0)).norm() < 5.0;
        let solid = made(|p| p.coords.norm() < 14.0);
        let mask = made(|p| p.coords.norm() < 14.0 && !small(p) && !large(p));
        let progress = Progress::default();
        let filled = fill_cavities(&mask, 0.1, &progress).unwrap();
        assert_eq!(count(&filled), count(&solid) - count(&made(large)));
        assert_eq!(fill_cavities(&mask, f64::INFINITY, &progress).unwrap(), solid);
        assert_eq!(fill_cavities(&mask, 0.0, &progress).unwrap(), mask);
    }

    #[test]
    fn a_pipe_is_open_in_space_and_closed_in_its_slices() {
        let pipe = made(|p| p.x.hypot(p.y) < 12.0 && 8.0 < p.x.hypot(p.y));
        let progress = Progress::default();
        assert_eq!(fill_cavities(&pipe, f64::INFINITY, &progress).unwrap(), pipe);
        assert_eq!(fill_slices(&pipe, 1.0, &progress).unwrap(), made(|p| p.x.hypot(p.y) < 12.0));
        assert_eq!(fill_slices(&pipe, 0.1, &progress).unwrap(), pipe);
    }

    #[test]
    fn a_shell_with_a_window_is_wrapped_into_a_solid() {
        let shell = |p: Point| 10.0 < p.coords.norm() && p.coords.norm() < 13.0;
        let mask = made(|p| shell(p) && !(p.x.hypot(p.y) < 3.0 && 0.0 < p.z));
        let wrapped = wrap(&mask, 9.0, 3.0, &Progress::default()).unwrap();
        let solid = count(&made(|p| p.coords.norm() < 13.0));
        let share = count(&wrapped) as f64 / solid as f64;
        assert!((0.97..=1.0).contains(&share), "{share}");
        assert!(mask.voxels().iter().zip(wrapped.voxels()).all(|(mask, wrapped)| mask <= wrapped));
    }
}
