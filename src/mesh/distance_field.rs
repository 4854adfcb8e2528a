//! The signed distance to a surface on a grid, and the grid to compute it on.

use super::winding::Winding;
use super::{Bvh, Surface};
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Grid, GridError, Point, Vector};
use crate::image::Volume;
use rayon::prelude::*;

/// Edge of the largest block of voxels whose distances are asked for at once.
const BLOCK: usize = 8;
/// Most voxels a grid around a surface may have.
pub const VOXELS_MAX: usize = 300_000_000;

/// Signed distance in mm, negative inside, exact within `band_mm` of the surface and ±`band_mm` beyond.
///
/// Inside is where the surface winds around the voxel centre ([`Winding`]), so holes of a few triangles, overlaps and double
/// triangles do no harm.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn distance_field(
    surface: &Surface,
    grid: &Grid,
    band_mm: f64,
    progress: &Progress,
) -> Result<Volume<f32>, Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let step_mm = grid.spacing_mm()[0];
    // Two neighbours beyond the band cannot have the surface between them.
    let band_mm = band_mm.max(0.51 * step_mm);
    let mut values = vec![band_mm as f32; grid.len()];
    if surface.triangles().is_empty() {
        return Ok(Volume::new(grid.clone(), values).expect("one value per voxel"));
    }
    let bvh = Bvh::new(surface);
    let field = Field { bvh: &bvh, grid, band_mm };
    progress.set(0.05)?;
    values.par_chunks_mut(ni * nj * BLOCK).enumerate().try_for_each(|(slab, values)| {
        let start_k = slab * BLOCK;
        let thickness = BLOCK.min(nk - start_k);
        for j in (0..nj).step_by(BLOCK) {
            progress.check()?;
            for i in (0..ni).step_by(BLOCK) {
                let size = [BLOCK.min(ni - i), BLOCK.min(nj - j), thickness];
                field.fill([i, j, start_k], size, None, start_k, values);
            }
        }
        Ok(())
    })?;
    progress.set(0.7)?;
    let winding = Winding::new(surface);
    values.par_chunks_mut(ni * nj).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        for (j, row) in slice.chunks_mut(ni).enumerate() {
            let mut inside = winding.is_inside(&grid.centre([0, j, k]));
            for i in 0..ni {
                // Where the surface passes between two neighbours, their distances are together at most the step.
                if 0 < i && f64::from(row[i - 1].abs() + row[i]) <= step_mm * (1.0 + 1e-6) {
                    inside = winding.is_inside(&grid.centre([i, j, k]));
                }
                if inside {
                    row[i] = -row[i];
                }
            }
        }
        Ok(())
    })?;
    progress.set(1.0)?;
    Ok(Volume::new(grid.clone(), values).expect("one value per voxel"))
}

/// The voxels whose centres are inside `surface`: 1 inside, 0 outside.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn voxelise(surface: &Surface, grid: &Grid, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let field = distance_field(surface, grid, 0.0, progress)?;
    let voxels = field.voxels().par_iter().map(|mm| u8::from(*mm < 0.0)).collect();
    Ok(Volume::new(grid.clone(), voxels).expect("one value per voxel"))
}

/// A grid of cubes of `voxel_mm` around `bounds` with `margin_mm` to spare.
///
/// # Errors
/// [`GridError`] for an empty box, or one of more than [`VOXELS_MAX`] voxels.
pub fn grid_around(bounds: &Aabb, margin_mm: f64, voxel_mm: f64) -> Result<Grid, GridError> {
    let size = bounds.size() + Vector::repeat(2.0 * margin_mm);
    let dims = [0, 1, 2].map(|a| if size[a].is_finite() { (size[a] / voxel_mm).ceil() as usize + 1 } else { 0 });
    let count = dims.iter().try_fold(1_usize, |all, n| all.checked_mul(*n));
    if count.is_none_or(|count| VOXELS_MAX < count) {
        return Err(GridError::TooLarge(dims));
    }
    let origin: Point = bounds.min - Vector::repeat(margin_mm);
    Grid::aligned(dims, origin, [voxel_mm; 3])
}

struct Field<'a> {
    bvh: &'a Bvh,
    grid: &'a Grid,
    band_mm: f64,
}

impl Field<'_> {
    /// Distances, without sign, of the voxels of a block, which starts at `first`; `values` are those of the slices from
    /// `start_k` on. `hint` is a triangle that is near.
    fn fill(&self, first: [usize; 3], size: [usize; 3], hint: Option<usize>, start_k: usize, values: &mut [f32]) {
        let half = Vector::from(size.map(|n| 0.5 * (n - 1) as f64));
        let middle = self.grid.patient_from_index(Vector::from(first.map(|x| x as f64)) + half);
        let nearest = self.bvh.closest_from(&middle, hint).expect("a surface with triangles");
        if size == [1; 3] {
            let [ni, nj, _] = self.grid.dims();
            let offset = ((first[2] - start_k) * nj + first[1]) * ni + first[0];
            values[offset] = nearest.distance_mm.min(self.band_mm) as f32;
            return;
        }
        let [x, y, z] = [0, 1, 2].map(|a| self.grid.step().column(a) * half[a]);
        let reach_mm = [x + y + z, x + y - z, x - y + z, y + z - x].map(|d| d.norm()).into_iter().fold(0.0, f64::max);
        if reach_mm + self.band_mm <= nearest.distance_mm {
            return;
        }
        // Halves along every axis that has more than one voxel.
        let cuts = size.map(|n| n.div_ceil(2));
        for part in 0..8 {
            let upper = [part & 1, part >> 1 & 1, part >> 2 & 1];
            let start = [0, 1, 2].map(|a| first[a] + upper[a] * cuts[a]);
            let size = [0, 1, 2].map(|a| if upper[a] == 0 { cuts[a] } else { size[a] - cuts[a] });
            if !size.contains(&0) {
                self.fill(start, size, Some(nearest.triangle), start_k, values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel::with_threads;
    use crate::mesh::shapes::{ball, cuboid};
    use nalgebra::{Matrix3, Rotation3};

    #[test]
    fn distances_to_a_ball_are_those_of_a_ball_on_an_oblique_grid() {
        let ball = ball(15.0, 0.8);
        let turn = Rotation3::from_euler_angles(0.2, 0.3, 0.4);
        let step = turn.matrix() * Matrix3::from_diagonal(&Vector::new(0.9, 1.1, 3.0));
        let corner = turn * Vector::new(-20.0, -20.0, -20.0);
        let grid = Grid::new([45, 37, 14], Point::from(corner), step).unwrap();
        let field = distance_field(&ball, &grid, 4.0, &Progress::default()).unwrap();
        for (offset, mm) in field.voxels().iter().enumerate() {
            let exact = (grid.centre(grid.voxel(offset)).coords.norm() - 15.0).clamp(-4.0, 4.0);
            assert!((f64::from(*mm) - exact).abs() < 0.05, "{mm} against {exact} mm");
        }
        let again = || distance_field(&ball, &grid, 4.0, &Progress::default()).unwrap();
        assert_eq!(with_threads(1, again), with_threads(3, again));
    }

    #[test]
    fn a_box_fills_the_voxels_whose_centres_it_holds() {
        let grid = Grid::aligned([12, 11, 5], Point::new(-1.25, -1.25, -2.0), [0.5, 0.5, 3.0]).unwrap();
        let mask = voxelise(&cuboid([2.0, 1.0, 6.0]), &grid, &Progress::default()).unwrap();
        for (offset, inside) in mask.voxels().iter().enumerate() {
            let p = grid.centre(grid.voxel(offset));
            let exact = (0.0..2.0).contains(&p.x) && (0.0..1.0).contains(&p.y) && (0.0..6.0).contains(&p.z);
            assert_eq!(*inside == 1, exact, "{p}");
        }
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert!(voxelise(&nothing, &grid, &Progress::default()).unwrap().voxels().iter().all(|v| *v == 0));
    }

    #[test]
    fn a_grid_that_would_not_fit_is_refused() {
        let bounds = cuboid([100.0; 3]).bounds();
        assert!(matches!(grid_around(&bounds, 1.0, 0.01), Err(GridError::TooLarge(_))));
        assert!(matches!(grid_around(&Aabb::EMPTY, 1.0, 1.0), Err(GridError::Empty(_))));
        assert_eq!(grid_around(&bounds, 1.0, 1.0).unwrap().dims(), [103; 3]);
    }
}
