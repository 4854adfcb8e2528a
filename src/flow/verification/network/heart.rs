//! The heart as a chamber with two valves on a windkessel, closed to a loop.

use crate::base::Progress;
use crate::flow::FlowError;
use crate::flow::network::{
    Activation, Block, BlockKind, Chamber, ChamberWall, End, Link, Network, NetworkError, Quantity, Schedule, Valve,
    Vessel, VesselOrder, solve,
};
use crate::flow::verification::Row;

/// N6: the left heart of Simaan et al. at 75 beats a minute with 288.9 mL in all, and its volume.
pub(in super::super) fn loop_of_simaan(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (network, total) = network()?;
    let solution = solve(&network, progress)?;
    let missing = |name: &str| NetworkError::Missing { block: name.into(), what: "to be one of the unknowns" };
    let named = |name: &str| solution.named(name).ok_or_else(|| missing(name));
    let [volume, aorta, atrium, ventricle] =
        [named("Vc:LV")?, named("pressure:AV:aorta")?, named("pressure:veins:MV")?, named("pressure:MV:LV")?];
    let systemic = named("pressure:aorta:arteries")?;
    let [largest, smallest] = [f64::max, f64::min];
    let most = |series: &[f64]| series.iter().copied().fold(f64::MIN, largest);
    let least = |series: &[f64]| series.iter().copied().fold(f64::MAX, smallest);
    let stroke = most(&volume) - least(&volume);
    let output = solution.mean(3, End::Inlet, Quantity::Flow).unwrap_or(f64::NAN) * 0.06;
    let last = volume.len() - 1;
    let held = volume[last] + C_AORTA * aorta[last] + C_ARTERIES * systemic[last] + C_VEINS * atrium[last];
    let source = "Simaan et al. 2009 (IEEE Trans. Control Syst. Technol. 17:250), the five equations solved in double precision by another program; 0.1 %";
    let row = |what: &str, value: f64, reference: f64, unit: &'static str| Row {
        id: "F14g",
        what: format!("heart loop, {what}"),
        value,
        reference,
        unit,
        tolerance: 0.001 * reference,
        source,
    };
    Ok(vec![
        row("end-diastolic volume", most(&volume), 136.50, "mL"),
        row("end-systolic volume", least(&volume), 67.31, "mL"),
        row("stroke volume", stroke, 69.19, "mL"),
        row("cardiac output", output, 5.189, "L/min"),
        row("systolic aortic pressure", most(&aorta), 117.96, "mmHg"),
        row("diastolic aortic pressure", least(&aorta), 78.52, "mmHg"),
        row("mean aortic pressure", solution.mean_of(&aorta), 99.92, "mmHg"),
        row("mean atrial pressure", solution.mean_of(&atrium), 10.00, "mmHg"),
        row("largest ventricular pressure", most(&ventricle), 118.13, "mmHg"),
        Row {
            id: "F14g",
            what: format!("heart loop, volume after {CYCLES} beats"),
            value: held,
            reference: total,
            unit: "mL",
            tolerance: 1e-6,
            source: "nothing leaves the loop",
        },
    ])
}

const C_AORTA: f64 = 0.08;
const C_ARTERIES: f64 = 1.33;
const C_VEINS: f64 = 4.4;
const CYCLES: usize = 40;

/// The loop in mmHg, mL and s, and the volume in it.
fn network() -> Result<(Network, f64), NetworkError> {
    let period = 0.8;
    let contraction = 0.2 + 0.15 * period;
    let (elastance_max, elastance_min) = (2.0, 0.06);
    // Simaan's elastance is scaled by 1.55, ours to a largest value of 1.
    let (g_1, g_2) = (|t: f64| (t / 0.7).powf(1.9), |t: f64| (t / 1.17).powf(21.9));
    let double_hill = |t: f64| g_1(t) / (1.0 + g_1(t)) / (1.0 + g_2(t));
    let peak = (0..200_000).map(|n| double_hill(f64::from(n) * 1e-5)).fold(0.0, f64::max);
    let chamber = Chamber {
        elastance_max: elastance_min + 1.55 * peak * (elastance_max - elastance_min),
        wall: ChamberWall::Linear { elastance_min, rest_volume_diastole: 10.0, rest_volume_systole: 10.0 },
        inductance: 0.0,
        activation: Activation::TwoHill {
            start: 0.0,
            tau_1: 0.7 * contraction,
            tau_2: 1.17 * contraction,
            m_1: 1.9,
            m_2: 21.9,
        },
    };
    let valve = |open| BlockKind::Valve(Valve { open, closed: 1e5, steepness: None });
    let vessel = |capacitance, resistance, inductance| {
        let order = VesselOrder::Crl;
        BlockKind::Vessel(Vessel { resistance, capacitance, inductance, order, ..Vessel::default() })
    };
    let blocks = [
        ("LV", BlockKind::Chamber(chamber)),
        ("AV", valve(0.001)),
        ("aorta", vessel(C_AORTA, 0.0398, 5e-4)),
        ("arteries", vessel(C_ARTERIES, 1.0, 0.0)),
        ("veins", vessel(C_VEINS, 0.0, 0.0)),
        ("MV", valve(0.005)),
    ];
    let links = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)].map(|(from, to)| Link { from, to });
    let blocks = blocks.into_iter().map(|(name, kind)| Block::new(name, kind)).collect();
    let mut network = Network::new(blocks, links.to_vec())?.with_period(period)?;
    network.schedule = Schedule { cycles: CYCLES, points_per_cycle: 1001, steady_start: false, ..Schedule::default() };
    let (total, volume, atrium) = (288.9, 140.0, 8.0);
    let arteries = (total - volume - C_VEINS * atrium) / (C_AORTA + C_ARTERIES);
    let ventricle = elastance_min * (volume - 10.0);
    let initial = [
        ("Vc:LV", volume),
        ("pressure:AV:aorta", arteries),
        ("pressure:aorta:arteries", arteries),
        ("pressure:arteries:veins", atrium),
        ("pressure:veins:MV", atrium),
        ("pressure:MV:LV", ventricle),
        ("pressure:LV:AV", ventricle),
    ];
    network.initial = initial.map(|(name, value)| (name.to_string(), value)).into();
    Ok((network, total))
}
