//! Phantoms against their formulas, and the geometry of slices.

use super::{Row, Tolerance};
use crate::base::Progress;
use crate::image::phantom::{self, Phantom, VesselParams, VesselShape};

/// Label volumes of phantoms against what the formulas say.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let said = |error: phantom::PhantomError| error.to_string();
    let mut rows = Vec::new();
    let tube = VesselParams { shape: VesselShape::Tube, ..VesselParams::default() };
    let tube = phantom::vessel(&tube, &progress.part(0.0..0.2, "tube")).map_err(said)?;
    add(&mut rows, "I1", "tube phantom", &tube, 0.01);
    let stenosis = phantom::vessel(&VesselParams::default(), &progress.part(0.2..0.4, "stenosis")).map_err(said)?;
    add(&mut rows, "I2", "stenosis phantom", &stenosis, 0.01);
    let abdomen = phantom::abdomen(&phantom::Params::default(), &progress.part(0.4..1.0, "abdomen")).map_err(said)?;
    add(&mut rows, "I3", "abdomen phantom", &abdomen, 0.03);
    Ok(rows)
}

fn add(rows: &mut Vec<Row>, id: &str, what: &str, phantom: &Phantom, tolerance: f64) {
    for known in &phantom.truth.volumes {
        // A few voxels' worth of surface decides over small structures; they say nothing about the rest.
        if known.volume_ml < 1.0 {
            continue;
        }
        let counted = phantom.labels.volume_ml(known.segment);
        let what = format!("{what}: voxel count of {}", known.name);
        let spread = 4.0 * known.standard_error_ml / known.volume_ml;
        let tolerance = Tolerance::Relative(tolerance + spread);
        rows.push(Row::new(id, &what, counted, known.volume_ml, "ml", tolerance, &known.method));
    }
}
