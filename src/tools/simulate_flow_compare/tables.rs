//! What is said of two flows: A, B, B − A and the change in per cent, one table for each quantity.

use crate::base::units::PA_PER_MMHG;
use crate::base::{Progress, Summary, Table};
use crate::flow::difference::{Speeds, VelocityDifference, WallDifference, pairs, pressure_drop_pa, speeds};
use crate::flow::power_lost_mw;
use crate::flow::vortices::{Bulk, Vortices};
use crate::session::CommandError;
use crate::tools::shared::flow::Flow;

/// Below this share of the wall in common it is said.
const COMMON_MIN: f64 = 0.9;

/// What is measured of one flow alone.
pub(super) struct Numbers {
    drop_pa: f64,
    speeds: Speeds,
    bulk: Bulk,
    lost_mw: Option<f64>,
}

impl Numbers {
    pub fn of(flow: &Flow, progress: &Progress) -> Result<Self, CommandError> {
        let result = &flow.result;
        let vortices = Vortices::of(result, progress)?;
        Ok(Self {
            drop_pa: pressure_drop_pa(result),
            speeds: speeds(result),
            bulk: Bulk::of(result, &vortices, &flow.fluid),
            lost_mw: power_lost_mw(result, flow.fluid.density_kg_m3),
        })
    }
}

/// Facts, tables, methods, limits and warnings.
pub(super) fn summary(
    flows: [&Flow; 2],
    names: [&str; 2],
    numbers: &[Numbers; 2],
    wall: &WallDifference,
    velocity: &VelocityDifference,
    tolerance_mm: f64,
) -> Summary {
    let [first, second] = flows;
    let [a, b] = numbers;
    let common = pairs(&first.result, &second.result);
    let mut summary = Summary::default()
        .fact("difference of the pressure drop", (b.drop_pa - a.drop_pa) / PA_PER_MMHG, "mmHg")
        .fact("difference of the power that viscosity takes", b.bulk.dissipated_mw - a.bulk.dissipated_mw, "mW");
    for means in &wall.means {
        let [a, b] = means.means;
        summary = summary.fact(&format!("difference of the mean {}", means.name), b - a, &means.unit);
        summary = summary.fact(&format!("root mean square difference of {}", means.name), means.rms, &means.unit);
    }
    summary = summary
        .fact("root mean square difference of the velocity", velocity.rms_m_s, "m/s")
        .fact("the same over the velocity of A", percent(velocity.rms_m_s, velocity.of_first_m_s).unwrap_or(0.0), "%")
        .fact("wall of A that has wall of B beside it", 100.0 * wall.share, "%")
        .fact("volume of A that is fluid in B too", 100.0 * velocity.common, "%")
        .fact("openings that belong together", common.len() as f64, "1");
    let mut flow = table("Flow into the lumen", "opening", "ml/s");
    let mut pressure = table("Pressure", "place", "mmHg");
    pressure = pressure.row("drop from inlet to outlets", values(a.drop_pa / PA_PER_MMHG, b.drop_pa / PA_PER_MMHG));
    for (a, b) in &common {
        let name = if a.opening.name == b.opening.name {
            a.opening.name.clone()
        } else {
            format!("{}, in B {}", a.opening.name, b.opening.name)
        };
        flow = flow.row(&name, values(a.inflow_ml_s, b.inflow_ml_s));
        pressure = pressure.row(name, values(a.pressure_pa / PA_PER_MMHG, b.pressure_pa / PA_PER_MMHG));
    }
    summary = summary.table(flow).table(pressure);
    for means in &wall.means {
        let table = table(&format!("On the common wall: {}", means.name), "measure", &means.unit);
        let table = table.row("mean", values(means.means[0], means.means[1]));
        summary = summary.table(table.row("95 % of the wall below", values(means.high[0], means.high[1])));
    }
    let of_speed = table("Speed", "measure", "m/s")
        .row("mean", values(a.speeds.mean_m_s, b.speeds.mean_m_s))
        .row("95 % of the lumen below", values(a.speeds.high_m_s, b.speeds.high_m_s))
        .row("highest", values(a.speeds.highest_m_s, b.speeds.highest_m_s));
    let mut power = table("Power", "measure", "mW");
    power = power.row("that viscosity takes", values(a.bulk.dissipated_mw, b.bulk.dissipated_mw));
    if let (Some(a), Some(b)) = (a.lost_mw, b.lost_mw) {
        power = power.row("lost between the openings", values(a, b));
    }
    let helicity = table("Helicity", "measure", "m/s²")
        .row("mean h₁", values(a.bulk.helicity_m_s2, b.bulk.helicity_m_s2))
        .row("intensity h₂", values(a.bulk.intensity_m_s2, b.bulk.intensity_m_s2));
    summary = summary
        .table(of_speed)
        .table(power)
        .table(helicity)
        .table(table("Volume", "measure", "ml").row("lumen", values(a.bulk.volume_ml, b.bulk.volume_ml)))
        .method(format!("A is {}, B is {}; every change is B less A, in per cent of A", names[0], names[1]))
        .method(format!(
            "values of B at the nearest place of its wall, at most {tolerance_mm:.3} mm away and facing the same way, and at the centres of A's cells (trilinear); means over the area"
        ))
        .method("power that viscosity takes: 2μ S:S over the volume; power lost between the openings: total pressure times flow, summed over them")
        .limit("pressures are gauge pressures of each computation: they compare only where both hold the same pressure at the outlets")
        .limit("differences below the error of either computation mean nothing: compare flows on lattices of the same cells, or halve the cells of both");
    for (which, flow) in [("A", first), ("B", second)] {
        if flow.is_mean {
            summary = summary.limit(format!(
                "{which} is the mean flow of a beat: its power, helicity and speeds are those of the mean flow, not their means over the beat"
            ));
        }
    }
    if first.is_mean != second.is_mean {
        summary = summary.warning(
            "one of the two is the mean flow of a beat and the other is not: part of what differs is the beat; compare means with means",
        );
    }
    if first.fluid != second.fluid {
        let told = |flow: &Flow| format!("{}, {:.3} mPa s", flow.fluid.name, 1e3 * flow.fluid.viscosity_pa_s);
        summary = summary.method(format!(
            "the fluids differ: {} in A, {} in B (at high rates of shear)",
            told(first),
            told(second)
        ));
    }
    let missing = |flow: &Flow, side: usize| -> Vec<String> {
        let is_paired = |name: &str| common.iter().any(|(a, b)| [&a.opening.name, &b.opening.name][side] == name);
        let names = flow.result.openings.iter().map(|o| o.opening.name.clone());
        names.filter(|name| !is_paired(name)).collect()
    };
    for (which, names) in [("A", missing(first, 0)), ("B", missing(second, 1))] {
        if !names.is_empty() {
            let sentence =
                format!("no opening of the other flow lies at {} of {which}; it is in no table", names.join(", "));
            summary = summary.warning(sentence);
        }
    }
    if wall.share < COMMON_MIN {
        summary = summary.warning(format!(
            "{:.1} % of the wall of A has no wall of B within {tolerance_mm:.3} mm: it is shown grey and is in no mean",
            100.0 * (1.0 - wall.share)
        ));
    }
    summary
}

fn table(title: &str, of: &str, unit: &str) -> Table {
    Table::new(title, of, &[("A", unit), ("B", unit), ("B − A", unit), ("change", "%")])
}

fn values(a: f64, b: f64) -> [Option<f64>; 4] {
    [Some(a), Some(b), Some(b - a), percent(b - a, a)]
}

/// `part` in per cent of the size of `whole`; none of nothing.
fn percent(part: f64, whole: f64) -> Option<f64> {
    (whole != 0.0).then(|| 100.0 * part / whole.abs())
}
