//! The parameters of coronary beds beyond the outlets, and the flow that they draw from the aorta.

use crate::flow::{CoronaryTree, FlowError, Squeeze, Waveform, Windkessel};
use crate::session::{Kind, ParamSpec};
use std::f64::consts::PI;

/// Steps of a cycle of the pressure in the aorta.
const STEPS: usize = 4000;

pub(super) const VENTRICLE: ParamSpec = ParamSpec::with(
    "ventricular_peak_mmhg",
    Kind::Number(0.0, 400.0),
    "mmHg",
    "120",
    "highest pressure in the ventricle that squeezes coronary beds: 120 on the left; for a right coronary artery that of the right ventricle, about 25",
);
pub(super) const MUSCLE: ParamSpec = ParamSpec::with(
    "muscle_share",
    Kind::Number(0.0, 3.0),
    "",
    "1",
    "pressure around coronary beds over that in the ventricle (1 in Kim et al. 2010); 0 for beds that nothing squeezes",
);

/// Beds beyond the outlets that make `mean_mmhg` of `flow_ml_s`.
pub(super) fn tree(
    mean_mmhg: f64,
    flow_ml_s: f64,
    compliance_ml_mmhg: Option<f64>,
    [ventricular_peak_mmhg, muscle_share, systolic_share]: [f64; 3],
) -> CoronaryTree {
    // The right atrium at rest is near 0 mmHg.
    let squeeze = Squeeze { ventricular_peak_mmhg, muscle_share, systolic_share, venous_mmhg: 0.0 };
    let by_time = CoronaryTree::TIME_CONSTANT_S * flow_ml_s / mean_mmhg;
    CoronaryTree { mean_pressure_mmhg: mean_mmhg, compliance_ml_mmhg: compliance_ml_mmhg.unwrap_or(by_time), squeeze }
}

/// The flow that `tree` draws from an aorta into which the heart pumps a half sine in systole; the vessels beyond that are
/// a windkessel with `proximal_share` and `time_constant_s`.
pub(super) fn drawn(
    tree: &CoronaryTree,
    flow_ml_s: f64,
    period_s: f64,
    [proximal_share, time_constant_s]: [f64; 2],
) -> Result<Waveform, FlowError> {
    let (systole, mean_mmhg) = (tree.squeeze.systolic_share, tree.mean_pressure_mmhg);
    let pumped = Waveform::half_sine(period_s, 1.0, PI / (2.0 * systole), systole)?;
    let aorta = Windkessel::for_mean(mean_mmhg, 1.0, time_constant_s / mean_mmhg, proximal_share)?;
    let flows: Vec<f64> = (0..STEPS).map(|n| pumped.at(period_s * n as f64 / STEPS as f64)).collect();
    tree.inflow(flow_ml_s, &aorta.pressures(&flows, period_s), period_s)
}
