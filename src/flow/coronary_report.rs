//! What pulsating flow into coronary beds says of itself.

use super::coronary::CoronaryTree;
use super::cycle_result::{Cycle, OpeningCycle};
use crate::base::{Summary, Table};

/// `summary` with how much flows in diastole, with the beds and what they are.
pub(super) fn add(summary: Summary, tree: &CoronaryTree, cycle: &Cycle) -> Summary {
    let with: Vec<&OpeningCycle> = cycle.openings.iter().filter(|opening| opening.coronary.is_some()).collect();
    let all: Vec<f64> = with.iter().map(|opening| diastolic(tree, opening)).collect();
    let mean = |opening: &OpeningCycle| opening.inflow_ml_s.iter().sum::<f64>();
    let sum: f64 = with.iter().map(|opening| mean(opening)).sum();
    let share = with.iter().zip(&all).map(|(opening, share)| share * mean(opening)).sum::<f64>() / sum;
    let mut summary = summary.fact("share of the coronary flow in diastole", 100.0 * share, "%");
    if 1 < with.len() {
        for (opening, share) in with.iter().zip(&all) {
            summary = summary.fact(&format!("share in diastole out of {}", opening.name), 100.0 * share, "%");
        }
    }
    summary
        .table(beds(&with))
        .method("outlets by coronary beds of three resistances and two compliances, squeezed by the muscle (Kim et al. 2010), backward Euler; the pressure that all outlets have in common stays out of the lattice and is added to the results")
        .method("resistances of small arteries, micro-circulation and veins 0.32 : 0.52 : 0.16 and compliances 0.11 : 0.89, as SimVascular's guide to coronary outlets starts (after Sankaran et al. 2012); by outlet as the flow divides")
        .limit(format!(
            "the pressure in the muscle is assumed: {:.2} of a ventricle's half sine of {:.0} mmHg over the first {:.2} of the waveform",
            tree.squeeze.muscle_share, tree.squeeze.ventricular_peak_mmhg, tree.squeeze.systolic_share
        ))
        .limit("coronary beds are linear: vessels that collapse or regulate their own width are not in them; how much flows in when is the waveform's, the beds decide the pressures and how it divides")
        .limit("the fluid of the lattice is slightly compressible: fast changes of the flow out are too large, the more the longer sound takes through the lumen over the period, and the pressure at coronary beds shows that several times over; a smaller Mach number lowers it with its square")
}

/// Share of the flow out of an opening that goes in diastole.
fn diastolic(tree: &CoronaryTree, opening: &OpeningCycle) -> f64 {
    let flows = &opening.inflow_ml_s;
    let part = |(k, flow): (usize, &f64)| flow * tree.squeeze.diastolic(k, flows.len());
    flows.iter().enumerate().map(part).sum::<f64>() / flows.iter().sum::<f64>()
}

fn beds(with: &[&OpeningCycle]) -> Table {
    let columns = [
        ("arterial resistance", "mmHg s/ml"),
        ("micro-circulation's resistance", "mmHg s/ml"),
        ("venous resistance", "mmHg s/ml"),
        ("arterial compliance", "ml/mmHg"),
        ("muscle's compliance", "ml/mmHg"),
    ];
    let table = Table::new("coronary beds beyond the outlets", "outlet", &columns);
    with.iter().filter_map(|opening| opening.coronary.map(|bed| (&opening.name, bed))).fold(
        table,
        |table, (name, b)| {
            let values = [b.arterial, b.micro, b.venous, b.arterial_capacitance, b.muscle_capacitance];
            table.row(name.clone(), values.map(Some))
        },
    )
}
