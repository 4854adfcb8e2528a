//! Phantoms against their formulas, and the geometry of slices.

use super::{Row, Tolerance};
use crate::base::Progress;
use crate::image::phantom::{self, Phantom, VESSEL_HU, VesselParams, VesselShape};

/// Label volumes of phantoms against what the formulas say.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let said = |error: phantom::PhantomError| error.to_string();
    let mut rows = Vec::new();
    let straight = VesselParams { shape: VesselShape::Tube, ..VesselParams::default() };
    let spread = circle_count_error(straight.radius_mm / straight.spacing_mm[0]);
    let tube = phantom::vessel(&straight, &progress.part(0.0..0.2, "tube")).map_err(said)?;
    add(&mut rows, "I1", "tube phantom", &tube, spread);
    rows.push(partial_volume("I1", "tube phantom", &tube)?);
    let stenosis = phantom::vessel(&VesselParams::default(), &progress.part(0.2..0.4, "stenosis")).map_err(said)?;
    add(&mut rows, "I2", "stenosis phantom", &stenosis, spread);
    rows.push(partial_volume("I2", "stenosis phantom", &stenosis)?);
    let abdomen = phantom::abdomen(&phantom::Params::default(), &progress.part(0.4..1.0, "abdomen")).map_err(said)?;
    add(&mut rows, "I3", "abdomen phantom", &abdomen, 0.03);
    Ok(rows)
}

/// How far, relatively, the number of lattice points in a circle of `radius` cells may be off its area: three times the
/// root mean square over all centres (Kendall 1948, Q. J. Math. 19:1). Every slice of a straight tube is off alike.
fn circle_count_error(radius: f64) -> f64 {
    3.0 * (0.6765 * radius).sqrt() / (std::f64::consts::PI * radius * radius)
}

/// The volume of a lumen as the values of the scan say: each voxel holds as much blood as it is brighter than tissue.
/// Blur keeps it, noise averages out.
fn partial_volume(id: &str, what: &str, phantom: &Phantom) -> Result<Row, String> {
    let ct = phantom.scan.ct().ok_or("the phantom is no CT")?;
    let truth = phantom.truth.volumes.iter().find(|known| known.name == "vessel lumen").ok_or("there is no lumen")?;
    let [tissue, lumen] = VESSEL_HU;
    let share: f64 = ct.voxels().iter().map(|value| (f64::from(*value) - tissue) / (lumen - tissue)).sum();
    let volume_ml = share * ct.grid().voxel_mm3() * 1e-3;
    let what = format!("{what}: volume of the lumen from the values of the scan");
    let tolerance = Tolerance::Relative(0.01);
    Ok(Row::new(id, &what, volume_ml, truth.volume_ml, "ml", tolerance, &truth.method))
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
