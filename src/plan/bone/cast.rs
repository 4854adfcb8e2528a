//! Bodies cast on bone, to be printed: exact near the bone, free to come off it, one closed surface without loose pieces.

use super::BoneError;
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::{Components, Neighbours, Volume};
use crate::mesh::distance_field::{VOXELS_MAX, distance_field};
use crate::mesh::solid::SolidError;
use crate::mesh::{Bvh, ContourError, Surface, iso_surface};
use nalgebra::Matrix3;
use rayon::prelude::*;

/// Distances far from the bone are exact in cubes this much larger, and interpolated between them.
const COARSER: f64 = 3.0;

/// The box a body is cast in: cubes along three directions at right angles, the third of which is the way off.
pub(super) struct Mould {
    pub(super) axes: [Vector; 3],
    /// A place, and the coordinates along the axes from it that the box holds.
    pub(super) from: Point,
    pub(super) low_mm: [f64; 3],
    pub(super) high_mm: [f64; 3],
    /// Edge of the cubes.
    pub(super) voxel_mm: f64,
}

impl Mould {
    /// Cubes of `h` mm over the box and three more all round.
    fn grid(&self, h: f64) -> Result<Grid, BoneError> {
        let Self { axes: [u, v, w], from, low_mm, high_mm, .. } = *self;
        let room = 3.0 * h;
        let dims = [0, 1, 2].map(|a| ((high_mm[a] - low_mm[a] + 2.0 * room) / h).ceil() as usize + 1);
        let count = dims.iter().try_fold(1_usize, |all, n| all.checked_mul(*n)).unwrap_or(usize::MAX);
        if VOXELS_MAX < count {
            let least_mm = h * (count as f64 / VOXELS_MAX as f64).cbrt() * 1.05;
            return Err(SolidError::TooFine { voxel_mm: h, least_mm }.into());
        }
        let [a, b, c] = low_mm.map(|mm| mm - room);
        let step = Matrix3::from_columns(&[u * h, v * h, w * h]);
        Ok(Grid::new(dims, from + u * a + v * b + w * c, step).expect("unit axes at right angles span space"))
    }
}

/// The bone as a body on it sees it.
pub(super) struct Cast {
    grid: Grid,
    /// Signed distance to the bone at every voxel.
    distance: Vec<f32>,
    /// The least that a voxel comes to it on the way off.
    on_the_way: Vec<f32>,
}

/// What was cast.
pub(super) struct Body {
    pub(super) surface: Surface,
    /// The least distance of it to the bone.
    pub(super) clearance_mm: f64,
    /// Loose pieces that were left out.
    pub(super) loose_pieces: usize,
}

impl Cast {
    /// Distances to `bone`: exact up to a little more than `clearance_mm`, known up to `band_mm`.
    pub(super) fn of(
        bone: &Surface,
        mould: &Mould,
        clearance_mm: f64,
        band_mm: f64,
        progress: &Progress,
    ) -> Result<Self, BoneError> {
        let h = mould.voxel_mm;
        let (grid, coarse) = (mould.grid(h)?, mould.grid(COARSER * h)?);
        let distance = near_and_far(bone, &grid, &coarse, clearance_mm + 3.0 * h, band_mm, progress)?;
        let [ni, nj, nk] = grid.dims();
        // From the top down: the nearest that a place comes to bone on the way off.
        let mut on_the_way = distance.clone();
        for k in (0..nk - 1).rev() {
            progress.check()?;
            let (lower, upper) = on_the_way.split_at_mut((k + 1) * ni * nj);
            let rows = lower[k * ni * nj..].par_iter_mut().zip(&upper[..ni * nj]);
            rows.for_each(|(here, above)| *here = here.min(*above));
        }
        Ok(Self { grid, distance, on_the_way })
    }

    /// The body that `outside` tells of: how far a place is outside of it, negative within, from the place, its distance to the
    /// bone and the least on its way off. Of its pieces, in the order of their size, one is kept: that which `kept` names.
    pub(super) fn body(
        self,
        bone: &Bvh,
        outside: impl Fn(&Point, f64, f64) -> f64 + Sync,
        kept: impl FnOnce(&Components, &Grid) -> Result<usize, BoneError>,
        progress: &Progress,
    ) -> Result<Body, BoneError> {
        let Self { grid, distance: mut depths, on_the_way } = self;
        let h = grid.spacing_mm()[0];
        depths.par_iter_mut().enumerate().for_each(|(offset, value)| {
            let place = grid.centre(grid.voxel(offset));
            *value = -outside(&place, f64::from(*value), f64::from(on_the_way[offset])) as f32;
        });
        // Half a voxel of air all round, so that the body is closed.
        seal(&mut depths, grid.dims(), h as f32);
        let inside = depths.par_iter().map(|depth| u8::from(0.0 < *depth)).collect();
        let inside = Volume::new(grid.clone(), inside).expect("one value per voxel");
        let pieces = Components::of(&inside, |v| v != 0, Neighbours::Six, progress)?;
        if pieces.parts().is_empty() {
            return Err(SolidError::Nothing { voxel_mm: h }.into());
        }
        let wanted = kept(&pieces, &grid)?;
        let is_kept = pieces.keep(|n| n == wanted);
        depths.par_iter_mut().zip(is_kept.voxels()).for_each(|(depth, is_kept)| {
            if *is_kept == 0 {
                *depth = depth.min(-1e-3 * h as f32);
            }
        });
        let volume = Volume::new(grid, depths).expect("one value per voxel");
        let surface =
            iso_surface(&volume, 1e-4 * h, &progress.part(0.8..1.0, "contour")).map_err(|error| match error {
                ContourError::Cancelled(stop) => BoneError::Cancelled(stop),
                other => SolidError::Contour(other).into(),
            })?;
        let gaps = surface.positions().par_iter().filter_map(|p| bone.closest(p)).map(|p| p.distance_mm);
        let clearance_mm = gaps.reduce(|| f64::INFINITY, f64::min);
        Ok(Body { surface, clearance_mm, loose_pieces: pieces.parts().len() - 1 })
    }
}

/// Signed distances to the bone at the voxels of `grid`: exact up to `near_mm`, further away between the exact distances of
/// `wide`, cubes three times as large, which are off by less than 0.05 mm a clearance and a thickness away.
fn near_and_far(
    bone: &Surface,
    grid: &Grid,
    wide: &Grid,
    near_mm: f64,
    band_mm: f64,
    progress: &Progress,
) -> Result<Vec<f32>, BoneError> {
    let far = distance_field(bone, wide, band_mm + 2.0 * wide.spacing_mm()[0], &progress.part(0.0..0.2, "bone"))?;
    let near = distance_field(bone, grid, near_mm, &progress.part(0.2..0.7, "distance to the bone"))?;
    let mut values = near.into_voxels();
    values.par_iter_mut().enumerate().for_each(|(offset, value)| {
        if (near_mm as f32) <= value.abs() {
            let index = wide.index_from_patient(grid.centre(grid.voxel(offset)));
            let between = far.sample_index(index).map_or(*value, |mm| mm as f32);
            // On its own side and never nearer than what is exact.
            *value = if 0.0 < *value { between.max(*value) } else { between.min(*value) };
        }
    });
    Ok(values)
}

/// Make the outermost voxels outside.
fn seal(depths: &mut [f32], [ni, nj, nk]: [usize; 3], h: f32) {
    for (offset, depth) in depths.iter_mut().enumerate() {
        let (i, j, k) = (offset % ni, offset / ni % nj, offset / (ni * nj));
        if i == 0 || j == 0 || k == 0 || i + 1 == ni || j + 1 == nj || k + 1 == nk {
            *depth = depth.min(-0.5 * h);
        }
    }
}
