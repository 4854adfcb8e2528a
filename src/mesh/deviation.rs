//! How far the places of one surface are from another.

use super::winding::Winding;
use super::{Bvh, Field, Surface};
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// For every vertex of `surface` the distance in mm to the nearest place of `from`: positive outside of it,
/// negative inside by the winding number, which small holes do not upset. `None` if `from` has no triangle.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn deviation(
    name: &str,
    surface: &Surface,
    from: &Surface,
    progress: &Progress,
) -> Result<Option<Field>, Cancelled> {
    const BLOCK: usize = 256;
    if from.triangles().is_empty() {
        return Ok(None);
    }
    let (search, winding) = (Bvh::new(from), Winding::new(from));
    let mut values = vec![0.0; surface.positions().len()];
    values.par_chunks_mut(BLOCK).zip(surface.positions().par_chunks(BLOCK)).try_for_each(|(out, places)| {
        progress.check()?;
        for (out, place) in out.iter_mut().zip(places) {
            let mm = search.closest(place).map_or(0.0, |nearest| nearest.distance_mm);
            *out = if winding.is_inside(place) { -mm } else { mm };
        }
        Ok(())
    })?;
    progress.set(1.0)?;
    Ok(Some(Field::new(name, "mm", values)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::Volume;
    use crate::mesh::contour::iso_surface;

    fn ball(radius_mm: f64) -> Surface {
        let grid = Grid::aligned([40, 40, 20], Point::new(-19.5, -19.5, -19.0), [1.0, 1.0, 2.0]).unwrap();
        let voxels = (0..grid.len()).map(|o| radius_mm - grid.centre(grid.voxel(o)).coords.norm()).collect();
        iso_surface(&Volume::<f64>::new(grid, voxels).unwrap(), 0.0, &Progress::default()).unwrap()
    }

    #[test]
    fn a_ball_around_another_is_outside_and_the_other_inside() {
        let (small, large) = (ball(10.0), ball(14.0));
        let progress = Progress::default();
        for (surface, from, wanted) in [(&large, &small, 4.0), (&small, &large, -4.0), (&small, &small, 0.0)] {
            let field = deviation("distance", surface, from, &progress).unwrap().unwrap();
            assert_eq!(field.values.len(), surface.positions().len());
            let [low, high] = field.range().unwrap();
            assert!((low - wanted).abs() < 0.2 && (high - wanted).abs() < 0.2, "{low} to {high}, not {wanted}");
        }
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert_eq!(deviation("distance", &small, &nothing, &progress), Ok(None));
    }
}
