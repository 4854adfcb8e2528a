//! The needle in ground with known answers: springs side by side, which do not know of each other (Winkler).

use super::Row;
use crate::base::Progress;
use crate::biomech::TissueError;
use crate::biomech::needle::{
    Beam, Ground, Inserted, Needle, NeedleError, Path, Resistance, STEEL_PA, inserted_in, tip_under_side,
};
use crate::geom::{Point, Vector};
use nalgebra::Matrix3;

/// A needle 0.72 mm thick, solid.
pub(super) const NEEDLE: Needle = Needle { outer_mm: 0.72, inner_mm: 0.0, length_mm: 300.0, young_pa: STEEL_PA };
/// Stiffness of the springs per length of the needle, N/m².
const SPRING_N_M2: f64 = 1e5;
/// Force across at the tip, N.
const SIDE_N: f64 = 0.05;

/// Springs across a needle along z, one for each point; along the needle nothing yields.
struct Springs {
    spring_n_m: f64,
    count: usize,
}

impl Springs {
    fn every(step_mm: f64) -> Self {
        Self { spring_n_m: SPRING_N_M2 * 1e-3 * step_mm, count: 0 }
    }
}

impl Ground for Springs {
    fn add(&mut self, _: &Point, progress: &Progress) -> Result<Option<Vec<Matrix3<f64>>>, NeedleError> {
        progress.check()?;
        let mut columns = vec![Matrix3::zeros(); self.count + 1];
        columns[self.count] = Matrix3::from_diagonal(&Vector::new(1.0, 1.0, 0.0)) / self.spring_n_m;
        self.count += 1;
        Ok(Some(columns))
    }

    fn drop_last(&mut self) {
        self.count -= 1;
    }

    fn settle(&mut self, _: &[Vector], _: &Progress) -> Result<(), NeedleError> {
        Ok(())
    }

    fn moved_m(&self, _: &Point) -> Option<Vector> {
        Some(Vector::zeros())
    }

    fn beside_m2_per_n(&self, _: &Point) -> f64 {
        0.0
    }

    fn detail_mm(&self) -> f64 {
        1.0
    }
}

/// What is wrong with the organ; the needles of this list are possible.
pub(super) fn as_tissue(error: NeedleError) -> TissueError {
    match error {
        NeedleError::Tissue(error) => error,
        other => unreachable!("the needles of the list are possible: {other}"),
    }
}

fn row(
    id: &'static str,
    what: &str,
    value: f64,
    reference: f64,
    unit: &'static str,
    share: f64,
    source: &'static str,
) -> Row {
    Row { id, what: what.into(), value, reference, unit, tolerance: share * reference.abs(), source }
}

/// N1: the needle without tissue, held by the hand alone and with a guide.
pub fn beam(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let beam = Beam { bending_n_m2: NEEDLE.bending_n_m2(), length_m: 0.3 };
    let stiffness = beam.bending_n_m2;
    let tip = |guide_mm: Option<f64>| {
        // A spring too weak to be felt.
        let mut air = Springs { spring_n_m: 1e-9, count: 0 };
        tip_under_side(&mut air, &beam, &Point::origin(), [0.0, 1.0], guide_mm, SIDE_N, progress).map_err(as_tissue)
    };
    let [free_m, free_slope] = tip(None)?;
    let [guided_m, _] = tip(Some(100.0))?;
    let (length, behind, ahead) = (0.3_f64, 0.2, 0.1);
    let guided = SIDE_N * ahead * ahead * (3.0 * behind + 4.0 * ahead) / (12.0 * stiffness);
    let exact = "closed form for a slender beam; rounding only";
    Ok(vec![
        row(
            "N1",
            "tip of the needle in air under a side force",
            1e3 * free_m,
            1e3 * SIDE_N * length.powi(3) / (3.0 * stiffness),
            "mm",
            1e-6,
            exact,
        ),
        row("N1", "its slope", free_slope, SIDE_N * length.powi(2) / (2.0 * stiffness), "1", 1e-6, exact),
        row(
            "N1",
            "tip with a guide 100 mm before it",
            1e3 * guided_m,
            1e3 * guided,
            "mm",
            1e-6,
            "P c² (3 a + 4 c) / 12 E I: clamped, supported at a, free for c; rounding only",
        ),
    ])
}

/// N2: a long needle on springs under a side force at its tip (Hetényi 1946).
pub fn springs(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let beam = Beam { bending_n_m2: NEEDLE.bending_n_m2(), length_m: 0.3 };
    let beta = (SPRING_N_M2 / (4.0 * beam.bending_n_m2)).powf(0.25);
    let mut tips = [[0.0; 2]; 2];
    for (tip, step_mm) in tips.iter_mut().zip([2.0, 1.0]) {
        let ground = &mut Springs::every(step_mm);
        *tip = tip_under_side(ground, &beam, &Point::origin(), [200.0, step_mm], None, SIDE_N, progress)
            .map_err(as_tissue)?;
    }
    // The spring at the tip stands for half a step too much: an error of first order.
    let limit = |n: usize| 2.0 * tips[1][n] - tips[0][n];
    let source = "semi-infinite beam on an elastic foundation (Hetényi 1946); points 2 and 1 mm apart, extrapolated with order 1, the rest is of second order, (β h)² = 0.3 %";
    Ok(vec![
        row(
            "N2",
            "tip of a needle on springs under a side force",
            1e3 * limit(0),
            2e3 * SIDE_N * beta / SPRING_N_M2,
            "mm",
            0.005,
            source,
        ),
        row("N2", "its slope", limit(1), 2.0 * SIDE_N * beta * beta / SPRING_N_M2, "1", 0.005, source),
    ])
}

/// A needle pushed 200 mm into springs.
fn pushed(resistance: &Resistance, step_mm: f64, progress: &Progress) -> Result<Inserted, TissueError> {
    let target_mm = Point::new(0.0, 0.0, 200.0);
    let path = Path { entry_mm: Point::origin(), target_mm, guide_mm: None, step_mm };
    inserted_in(&mut Springs::every(step_mm), &NEEDLE, resistance, &path, progress).map_err(as_tissue)
}

/// N3: force at the hand in ground that does not yield along the needle.
pub fn friction(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let resistance = Resistance {
        puncture_n: 0.5,
        cutting_n: 0.3,
        friction_n_m: 20.0,
        side_ratio: 0.0,
        side_towards: Vector::zeros(),
    };
    let inserted = pushed(&resistance, 10.0, progress)?;
    let exact = "sum of the parts (Okamura, Simone and O'Leary 2004); rounding only";
    let at = |mm: f64| {
        inserted
            .samples
            .iter()
            .rev()
            .find(|sample| (sample.depth_mm - mm).abs() < 1e-3)
            .map_or(f64::NAN, |sample| sample.force_n)
    };
    Ok(vec![
        row("N3", "force at the hand 100 mm deep", at(100.0), 0.3 + 20.0 * 0.1, "N", 1e-6, exact),
        row("N3", "force at the hand 200 mm deep", at(200.0), 0.3 + 20.0 * 0.2, "N", 1e-6, exact),
        row("N3", "force at the puncture", inserted.samples[1].force_n, 0.5, "N", 1e-9, exact),
    ])
}

/// N4: a bevelled needle on springs runs on a circle.
///
/// Seen from the tip the needle keeps its shape: track κ x²/2, needle e^(−β x) (A cos β x + B sin β x) beside it. A free
/// end has no moment and no shear, so B = −A = κ/2β²; the needle leans by κ/β from its track. The cut leads by the slope
/// φ = 2 P β²/k of [`springs`], so κ = β φ = P/(2 β E I).
pub fn bevel(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let stiffness = NEEDLE.bending_n_m2();
    let beta = (SPRING_N_M2 / (4.0 * stiffness)).powf(0.25);
    let resistance = Resistance {
        puncture_n: 0.0,
        cutting_n: 0.5,
        friction_n_m: 0.0,
        side_ratio: SIDE_N / 0.5,
        side_towards: Vector::x(),
    };
    let mut curvatures = [0.0; 2];
    for (curvature, step_mm) in curvatures.iter_mut().zip([4.0, 2.0]) {
        let track = pushed(&resistance, step_mm, progress)?.track_mm;
        let beside_m = |mm: f64| 1e-3 * track[(mm / step_mm).round() as usize].x;
        *curvature = (beside_m(200.0) - 2.0 * beside_m(160.0) + beside_m(120.0)) / (0.04 * 0.04);
    }
    let straight = pushed(&Resistance { side_ratio: 0.0, ..resistance }, 4.0, progress)?;
    let aside_mm = straight.track_mm.iter().map(|place| place.x.hypot(place.y)).fold(0.0, f64::max);
    Ok(vec![
        row(
            "N4",
            "curvature of the track of a bevelled needle on springs",
            2.0 * curvatures[1] - curvatures[0],
            SIDE_N / (2.0 * beta * stiffness),
            "1/m",
            0.02,
            "steady state of the beam on springs, derived in the code; steps of 4 and 2 mm extrapolated with order 1",
        ),
        Row {
            id: "N4",
            what: "symmetric tip: largest distance of the track from the planned line".into(),
            value: aside_mm,
            reference: 0.0,
            unit: "mm",
            tolerance: 1e-9,
            source: "symmetry; rounding only",
        },
    ])
}
