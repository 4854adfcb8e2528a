//! A head of known truth.

use super::brain;
use crate::base::{Progress, rng::Rng};
use crate::geom::{Grid, Point, Vector};
use crate::image::{Modality, Scan, Volume, Voxels};
use crate::segment::SegmentError;

/// Half axes of the white matter, and how far from it grey matter, fluid, skull and scalp reach.
const WHITE_MM: [f64; 3] = [54.0, 64.0, 50.0];
const SHELLS_MM: [f64; 4] = [7.0, 11.0, 16.0, 22.0];

/// Tissue at a place: 0 air, 1 white, 2 grey, 3 fluid, 4 skull, 5 scalp.
fn tissue(p: Point) -> usize {
    let r = p.coords.component_div(&Vector::from(WHITE_MM)).norm();
    let beyond_mm = (r - 1.0) * p.coords.norm() / r.max(1e-9);
    if beyond_mm <= 0.0 {
        1
    } else {
        SHELLS_MM.iter().position(|reach| beyond_mm <= *reach).map_or(0, |shell| shell + 2)
    }
}

/// A head with `values` for air, white, grey, fluid, skull and scalp, noise, and a coil that shades it from side to side.
fn head(values: [f64; 6]) -> Scan {
    let spacing_mm = 2.5;
    let grid = Grid::aligned([76, 84, 74], Point::new(-94.0, -104.0, -92.0), [spacing_mm; 3]).unwrap();
    let mut rng = Rng::new(5);
    let voxels = (0..grid.len()).map(|at| {
        let p = grid.centre(grid.voxel(at));
        let shading = 1.0 + 0.0012 * p.x;
        (values[tissue(p)] * shading + 3.0 * rng.normal()).max(0.0) as f32
    });
    let volume = Volume::new(grid.clone(), voxels.collect()).unwrap();
    Scan { voxels: Voxels::F32(volume), modality: Modality::Mr, window: None, facts: Vec::new() }
}

fn t1() -> Scan {
    head([2.0, 120.0, 85.0, 25.0, 8.0, 150.0])
}

#[test]
fn what_is_no_mr_of_a_head_is_refused_in_a_sentence() {
    let mut ct = t1();
    ct.modality = Modality::Ct;
    let flat = Volume::new(t1().grid().clone(), vec![7.0_f32; t1().grid().len()]).unwrap();
    let flat = Scan { voxels: Voxels::F32(flat), ..t1() };
    let slice = Grid::aligned([64, 64, 1], Point::origin(), [1.0; 3]).unwrap();
    let slice = Volume::new(slice, (0..4096).map(|n| n as i16 % 100).collect()).unwrap();
    let slice = Scan { voxels: Voxels::I16(slice), ..t1() };
    for (scan, word) in [(ct, "CT"), (flat, "same value"), (slice, "64 × 64 × 1")] {
        let refused = brain(&scan, &Progress::default()).unwrap_err().to_string();
        assert!(refused.contains(word), "{refused}");
    }
}

#[test]
fn a_cancelled_brain_stops() {
    let progress = Progress::default();
    progress.cancel();
    assert!(matches!(brain(&t1(), &progress), Err(SegmentError::Cancelled(_))));
}
