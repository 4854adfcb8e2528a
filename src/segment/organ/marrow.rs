//! Marrow: what bone encloses, but not the spinal canal.

use super::coarse::{Coarse, combine};
use crate::base::Progress;
use crate::geom::{Grid, Point};
use crate::image::Volume;
use crate::image::filter::{Hole, close, dilate, fill_holes_in_slices};
use crate::segment::SegmentError;

/// Spongy bone is brighter than this, muscle, discs and the spinal canal are darker.
pub(super) const SPONGY_HU: i16 = 100;
/// Gaps of the compact shell are closed by spongy bone this near to it.
const SHELL_MM: f64 = 6.0;
/// The spinal canal is darker than this, red marrow is brighter.
const CANAL_HU: f64 = 60.0;

/// `bone` with its marrow, but nothing of `barred`.
///
/// Where the compact shell is thinner than a voxel it has gaps: spongy bone beside compact bone closes them. Then the
/// holes of each slice are filled, and evened out from slice to slice where the values allow.
pub(super) fn with_marrow(
    coarse: &Coarse,
    smooth: &Volume<i16>,
    body_middle: Point,
    [bone, barred]: [&Volume<u8>; 2],
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let grid = coarse.mean.grid();
    let spongy = |within: &Volume<u8>| {
        let within = combine(within, barred, |within, barred| within & (1 - barred));
        let spongy = coarse.mask(smooth, &within, |value, within| within != 0 && SPONGY_HU <= value);
        combine(&spongy, bone, |spongy, bone| spongy | bone)
    };
    let shell = close(&spongy(&dilate(bone, SHELL_MM, progress)?), coarse.cell_mm().max(2.5), progress)?;
    let filled = fill_holes_in_slices(&shell, &coarse.mean, |hole| is_marrow(body_middle, grid, hole), progress)?;
    let holes = combine(&filled, &shell, |filled, shell| filled & (1 - shell));
    let holes = combine(&holes, barred, |hole, barred| hole & (1 - barred));
    let sure = combine(bone, &holes, |bone, hole| bone | hole);
    let across = close(&sure, f64::max(3.5, 1.6 * grid.spacing_mm()[2]), progress)?;
    Ok(combine(&spongy(&across), &holes, |spongy, hole| spongy | hole))
}

/// Whether a hole in a slice of `grid` is marrow: red (bright), or yellow (dark) and small, and not the spinal canal.
pub(super) fn is_marrow(body_middle: Point, grid: &Grid, hole: &Hole) -> bool {
    let [hi, hj, _] = grid.spacing_mm();
    let area_mm2 = hole.voxels as f64 * hi * hj;
    let at = grid.patient_from_index(hole.centre);
    let is_dark = hole.mean < CANAL_HU;
    // Patient back is +y.
    let is_canal = is_dark && body_middle.y < at.y && (at.x - body_middle.x).abs() < 45.0;
    match is_dark {
        _ if area_mm2 < 60.0 => true,
        true => !is_canal && -150.0 < hole.mean && area_mm2 < 600.0,
        false => area_mm2 < 2500.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;

    #[test]
    fn marrow_is_filled_and_the_spinal_canal_is_not() {
        let grid = Grid::aligned([100, 100, 1], Point::new(-50.0, -50.0, 0.0), [1.0; 3]).unwrap();
        let hole = |voxels, mean, x: f64, y: f64| {
            is_marrow(Point::origin(), &grid, &Hole { voxels, mean, centre: Vector::new(50.0 + x, 50.0 + y, 0.0) })
        };
        assert!(!hole(250, 25.0, 5.0, 30.0), "spinal canal");
        assert!(hole(900, 120.0, 5.0, 20.0), "vertebral body");
        assert!(hole(400, -20.0, 0.0, -40.0), "sternum");
        assert!(hole(200, -60.0, 48.0, 10.0), "humerus");
        assert!(!hole(400, -700.0, 20.0, -10.0), "lung");
        assert!(!hole(5000, 70.0, 0.0, 0.0), "pelvic cavity");
    }
}
