//! What is said of a flow along its vessels: branches, the way to the lowest pressure, generations, the network.

use super::Along;
use crate::base::units::{PA_PER_CMH2O, PA_PER_MMHG};
use crate::base::{Summary, Table};
use crate::flow::along::{Beside, Branch};

/// Pressure ratio below which a stenosis is usually taken to matter.
const FFR_CUT: f64 = 0.80;
/// Rows of the way to the lowest pressure, at most.
const WAY_ROWS: usize = 40;

/// Facts, tables, methods, limits and warnings.
pub(super) fn summary(along: &Along) -> Summary {
    let branches = along.branches();
    let (unit, per) = along.pressure_unit();
    let lost_pa = |branch: &Branch| along.lost_pa(branch.last().section.pressure_pa);
    let lowest = branches.iter().min_by(|a, b| lost_pa(b).total_cmp(&lost_pa(a)));
    let mut summary = Summary::default();
    if let Some(lowest) = lowest {
        let pressure_pa = lowest.last().section.pressure_pa;
        summary = summary.fact("largest pressure lost at an end", along.lost_pa(pressure_pa) / per, unit);
        if let Some(ratio) = along.ratio(pressure_pa) {
            summary = summary.fact("lowest pressure over that at the inlet", ratio, "1");
            if ratio < FFR_CUT {
                let sentence = format!(
                    "at the end of {} the pressure is {ratio:.2} of that at the inlet, below {FFR_CUT:.2}, from which a stenosis is usually treated if the flow is that of wide open small vessels",
                    along.name(lowest.number)
                );
                summary = summary.warning(sentence);
            }
        }
    }
    let worst = branches.iter().map(|branch| askew(branch)).fold(0.0, f64::max);
    summary = summary
        .fact("flow that comes in", along.inflow_ml_s, "ml/s")
        .fact("power lost within the branches", branches.iter().map(Branch::power_mw).sum(), "mW")
        .fact("cross-sections", along.stations.len() as f64, "1")
        .fact("spread of the flow between cross-sections of a branch", 100.0 * worst, "%")
        .table(by_branch(along, &branches));
    if let Some(lowest) = lowest {
        summary = summary.table(way(along, &branches, lowest.number));
    }
    if 2 < branches.len() {
        summary = summary.table(by_generation(along, &branches));
    }
    match &along.network {
        None => {}
        Some(Err(sentence)) => summary = summary.warning(sentence.clone()),
        Some(Ok(beside)) => {
            let (table, largest) = network(along, &branches, beside);
            summary = summary
                .fact("network beside it: largest difference of the total pressure lost", largest, unit)
                .table(table)
                .method("network beside it: Poiseuille's resistance from the radii of the centre lines, narrow places after Young and Tsai (1973), bends by the Dean number, with the flows of the cross-sections no loss at junctions and the viscosity of high shear; it loses energy only, so total pressures are compared");
        }
    }
    if along.is_reversed() {
        summary = summary.method("the flow goes out at the inlet: pressure lost is that from a place to the inlet, and the way to the lowest pressure is the one from the highest; no network beside it, which would divide a flow and not join it");
    }
    let summary = summary
        .method(format!(
            "cross-sections at right angles to the lines on a raster of half a cell ({:.2} mm; coarser where a vessel is more than 35 cells wide); flow of a branch: the median of its cross-sections; power: flow times the fall of the total pressure",
            0.5 * along.flow.cells.cell_mm()
        ))
        .limit("power is lost between branches too, in junctions, which is in no branch's")
        .limit("at junctions and in sharp bends a plane does not lie across the vessel; flow and area there are those of the plane");
    match along.inlet_mmhg {
        Some(inlet) => summary
            .method(format!("pressure ratio: 1 less the pressure lost since the inlet over {inlet} mmHg"))
            .limit("a pressure ratio is a fractional flow reserve only for the flow of wide open small vessels; research and education, not a measurement"),
        None => summary,
    }
}

/// Half the spread of the flow between the middle four fifths of the cross-sections, over the flow.
fn askew(branch: &Branch) -> f64 {
    let mut flows: Vec<f64> = branch.stations.iter().map(|station| station.section.flow_ml_s).collect();
    flows.sort_by(f64::total_cmp);
    let (low, high) = (flows[flows.len() / 10], flows[flows.len() - 1 - flows.len() / 10]);
    let flow = branch.flow_ml_s().abs();
    if flow < 1e-9 { 0.0 } else { 0.5 * (high - low) / flow }
}

fn by_branch(along: &Along, branches: &[Branch]) -> Table {
    let (unit, per) = along.pressure_unit();
    let columns = [
        ("flow", "ml/s"),
        ("diameter", "mm"),
        ("smallest area", "mm²"),
        ("mean speed", "cm/s"),
        ("highest speed", "cm/s"),
        ("pressure lost at its begin", unit),
        ("at its end", unit),
        ("ratio at its end", "1"),
        ("power lost", "mW"),
    ];
    let mut table = Table::new("Along the branches", "branch", &columns);
    for branch in branches {
        let flow = branch.flow_ml_s();
        let area = std::f64::consts::PI * (0.5 * branch.diameter_mm()).powi(2);
        let peak = branch.stations.iter().map(|station| station.section.peak_m_s).fold(0.0, f64::max);
        let [begin, end] = [branch.first(), branch.last()].map(|station| station.section.pressure_pa);
        let values = [
            Some(flow),
            Some(branch.diameter_mm()),
            Some(branch.narrowest().section.area_mm2),
            Some(1e2 * flow / area),
            Some(1e2 * peak),
            Some(along.lost_pa(begin) / per),
            Some(along.lost_pa(end) / per),
            along.ratio(end),
            Some(branch.power_mw()),
        ];
        table = table.row(along.name(branch.number), values);
    }
    table
}

/// Cross-sections on the way from the root to the end of `branch`.
fn way(along: &Along, branches: &[Branch], branch: usize) -> Table {
    let (unit, per) = along.pressure_unit();
    let columns = [
        ("along the way", "mm"),
        ("area", "mm²"),
        ("flow", "ml/s"),
        ("mean speed", "cm/s"),
        ("pressure lost", unit),
        ("pressure ratio", "1"),
    ];
    let mut table = Table::new("The way to the lowest pressure", "cross-section", &columns);
    let mut numbers: Vec<usize> = along.lines.way_to_root(branch).collect();
    numbers.reverse();
    let mut before_mm = 0.0;
    let mut all = Vec::new();
    for number in numbers {
        if let Some(branch) = branches.iter().find(|branch| branch.number == number) {
            all.extend(branch.stations.iter().map(|station| (before_mm + station.at_mm, *station)));
        }
        before_mm += along.lines.branches()[number].length_mm();
    }
    let every = all.len().div_ceil(WAY_ROWS).max(1);
    // The narrowest place must not fall between two rows.
    let narrowest = (0..all.len()).min_by(|a, b| all[*a].1.section.area_mm2.total_cmp(&all[*b].1.section.area_mm2));
    let last = all.len().saturating_sub(1);
    for (n, (at_mm, station)) in all.iter().enumerate() {
        if !n.is_multiple_of(every) && n != last && Some(n) != narrowest {
            continue;
        }
        let section = &station.section;
        let values = [
            Some(*at_mm),
            Some(section.area_mm2),
            Some(section.flow_ml_s),
            Some(1e2 * section.mean_m_s()),
            Some(along.lost_pa(section.pressure_pa) / per),
            along.ratio(section.pressure_pa),
        ];
        table = table.row(along.name(station.branch), values);
    }
    table
}

/// Resistances of the generations of a tree: of its branches side by side. For air also by what is lost of the total
/// pressure: where airways widen, the speed of the air turns to pressure and the pressure hardly falls.
fn by_generation(along: &Along, branches: &[Branch]) -> Table {
    let is_air = along.is_air();
    let (unit, per) = along.pressure_unit();
    let mut columns = vec![
        ("branches", "1"),
        ("mean diameter", "mm"),
        ("flow", "ml/s"),
        ("pressure lost", unit),
        ("resistance", if is_air { "Pa s/ml" } else { "mmHg s/ml" }),
    ];
    if is_air {
        columns.extend([("total pressure lost", "Pa"), ("resistance by it", "Pa s/l"), ("the same", "cmH2O s/l")]);
    }
    let mut table = Table::new("By generation", "generation", &columns);
    let generation = |branch: &Branch| along.lines.generation(branch.number);
    let deepest = branches.iter().map(generation).max().unwrap_or(0);
    let sign = if along.is_reversed() { -1.0 } else { 1.0 };
    for number in 0..=deepest {
        let own: Vec<&Branch> = branches.iter().filter(|branch| generation(branch) == number).collect();
        let flow: f64 = own.iter().map(|branch| branch.flow_ml_s()).sum();
        if own.is_empty() || flow.abs() < 1e-9 {
            continue;
        }
        // What is lost on the way of a mean particle.
        let mean = |lost: &dyn Fn(&Branch) -> f64| -> f64 {
            own.iter().map(|branch| lost(branch) * branch.flow_ml_s()).sum::<f64>() / flow
        };
        let pressure = mean(&|branch| branch.first().section.pressure_pa - branch.last().section.pressure_pa) / per;
        let diameter = own.iter().map(|branch| branch.diameter_mm()).sum::<f64>() / own.len() as f64;
        let mut values = vec![own.len() as f64, diameter, flow, sign * pressure, pressure / flow];
        if is_air {
            let total = mean(&|branch| branch.first().section.total_pa() - branch.last().section.total_pa());
            let resistance_pa_s_l = 1e3 * total / flow;
            values.extend([sign * total, resistance_pa_s_l, resistance_pa_s_l / PA_PER_CMH2O]);
        }
        table = table.row(number.to_string(), values.into_iter().map(Some));
    }
    table
}

/// The ends of branches beside the network, and the largest difference, in the unit of pressures.
fn network(along: &Along, branches: &[Branch], beside: &Beside) -> (Table, f64) {
    let (unit, per) = along.pressure_unit();
    let columns = [
        ("flow", "ml/s"),
        ("flow of the network", "ml/s"),
        ("total pressure lost", unit),
        ("of the network", unit),
        ("difference", unit),
    ];
    let mut table = Table::new("Network beside the lattice", "end of", &columns);
    let mut largest = 0.0_f64;
    // Both are measured from the first cross-section of the root on.
    let Some(root) = branches.first().map(Branch::first) else { return (table, largest) };
    let shown = PA_PER_MMHG / per;
    let root_mmhg = beside.mmhg(root.branch, root.at_mm).unwrap_or(0.0);
    for branch in branches {
        let last = branch.last();
        let (Some(mmhg), Some(flow)) = (beside.mmhg(branch.number, last.at_mm), beside.flow_ml_s(branch.number)) else {
            continue;
        };
        let lost = (root.section.total_pa() - last.section.total_pa()) / per;
        let of_network = (root_mmhg - mmhg) * shown;
        largest = largest.max((of_network - lost).abs());
        let values = [branch.flow_ml_s(), flow, lost, of_network, of_network - lost];
        table = table.row(along.name(branch.number), values.map(Some));
    }
    (table, largest)
}
