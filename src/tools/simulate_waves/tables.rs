//! What pulse waves say: the root, the ends, the course of a beat, before and after, with methods and limits.

use super::state::{SAMPLES, State};
use super::{Params, States};
use crate::base::units::PA_PER_MMHG;
use crate::base::{Summary, Table};
use crate::flow::network::{TreeSetup, VesselTree, Wall};
use crate::flow::waves::Series;
use crate::mesh::CentreLines;
use crate::tools::simulate_network::SYSTOLE;

/// Rows of the course of a beat, besides its end.
const ROWS: usize = 50;
/// More than this share of the inflow that does not leave by the ends is told.
const BALANCE: f64 = 0.005;

/// Diameters that change by more in a beat are told, %: a linear elastic wall is for small changes.
const DISTENSION: f64 = 25.0;

/// Facts, tables, methods, limits and warnings.
pub(super) fn summary(params: &Params, lines: &CentreLines, tree: &VesselTree, states: &States) -> Summary {
    let States { setup, before, after, lumped_mmhg } = states;
    let root = after.beats[root(after)];
    let (comes, goes) = (inflow_ml_s(lines, after), outflow_ml_s(lines, after));
    let mut summary = Summary::default()
        .fact("systolic pressure at the root", root.systolic_mmhg, "mmHg")
        .fact("diastolic pressure at the root", root.diastolic_mmhg, "mmHg")
        .fact("mean pressure at the root", root.mean_mmhg, "mmHg")
        .fact("pulse pressure at the root", root.pulse_mmhg(), "mmHg");
    if let Some(before) = before {
        let beat = before.beats[self::root(before)];
        summary = summary
            .fact("systolic pressure at the root before edits", beat.systolic_mmhg, "mmHg")
            .fact("diastolic pressure at the root before edits", beat.diastolic_mmhg, "mmHg")
            .fact("mean pressure at the root before edits", beat.mean_mmhg, "mmHg");
    }
    if let Some(lumped) = lumped_mmhg {
        summary = summary.fact("systolic pressure at the root without waves (0D)", *lumped, "mmHg");
    }
    let strongest = strongest_end(lines, after);
    if let Some((_, station)) = strongest {
        let ratio = after.beats[station].pulse_mmhg() / root.pulse_mmhg();
        summary = summary.fact("largest pulse pressure at an end over that at the root", ratio, "1");
    }
    if let Some((way_mm, arrival_ms)) = longest_way(lines, tree, after) {
        summary = summary
            .fact("longest way from the root to an end", way_mm, "mm")
            .fact("arrival of the pulse at the end of the longest way", arrival_ms, "ms")
            .fact("pulse wave speed along the longest way", way_mm / arrival_ms, "m/s");
    }
    let speed_m_s = speed_m_s(setup);
    summary = summary
        .fact("pulse wave speed by the wall at the mean pressure", speed_m_s, "m/s")
        .fact("flow into the tree", comes, "ml/s")
        .fact("flow out of the ends", goes, "ml/s")
        .fact("ends", lines.leaves().count() as f64, "1")
        .fact("heart beats computed", after.waves.cycles as f64, "1")
        .fact("longest cell", after.cell_mm, "mm")
        .fact("cells", after.waves.cells as f64, "1")
        .fact("time steps", after.waves.steps as f64, "1")
        .fact("volume error", after.waves.volume_error.abs(), "1")
        .table(ends_table(lines, before.as_ref(), after));
    if let Some((branch, station)) = strongest {
        summary = summary.table(course(lines, branch, station, before.as_ref(), after));
    }
    for warning in warnings(lines, states, [comes, goes]) {
        summary = summary.warning(warning);
    }
    let given = if params.mean_flow_ml_s.is_some() { "as given" } else { "0.2 m/s through the root, an estimate" };
    let cells = if params.cell_mm.is_some() { "as given" } else { "half the shortest vessel, but 0.5 to 2 mm" };
    summary
        .method("pulse waves in the whole tree (1D): mass and momentum along every vessel with an elastic wall, flow and total pressure the same where vessels meet (Boileau et al. 2015); finite volumes of second order, Runge-Kutta steps of third order (Shu and Osher 1988)")
        .method(format!(
            "walls a tenth of the radius thick, Young's modulus {} kPa: small waves run with {speed_m_s:.2} m/s (Moens-Korteweg, thin wall that keeps its volume); stents and added vessels with at most 22 m/s",
            params.wall_kpa
        ))
        .method("narrow places: viscous and turbulent loss of Young and Tsai (1973)")
        .method(format!(
            "inflow of half a sine in {:.0} % of {:.0} beats a minute, the same before and after edits; mean flow {given}, shared among the ends by the third power of their radii (Murray 1926); beds behind them as windkessels with a time constant of 1.5 s, unchanged by edits; viscosity {} mPa s",
            100.0 * SYSTOLE,
            params.heart_rate_per_min,
            params.viscosity_mpa_s
        ))
        .method("arrival of the pulse: foot to foot, the foot where pressure turns upwards most sharply (second derivative, Chiu et al. 1991), so that reflections do not shift it; known to some 0.3 ms")
        .method(format!("cells: {cells}, two a vessel at least"))
        .limit("straight vessels with thin elastic walls: no viscoelasticity, no stiffening under load; the wall's modulus is an assumption, not measured")
        .limit("a velocity profile of fixed shape (parabola): friction of the wave itself is too low in wide vessels")
        .limit("agrees with published 1D schemes within 1 %; published comparisons with 3D differ by a few % in straight vessels, more behind jets and in bends")
        .limit("no control by the body: heart and beds do not answer what is done to the vessels")
        .limit("research and education; not a measurement of blood pressure")
}

/// Speed of small waves at the mean pressure, m/s: c² = 2 E h/(3 ρ r).
fn speed_m_s(setup: &TreeSetup) -> f64 {
    match setup.wall {
        Wall::Elastic { youngs_modulus_pa, thickness_over_radius } => {
            (2.0 * youngs_modulus_pa * thickness_over_radius / (3.0 * setup.fluid.density_kg_m3)).sqrt()
        }
        Wall::WaveSpeed { speed_m_s } => speed_m_s,
        Wall::Rigid => f64::INFINITY,
    }
}

/// The station at the first root.
fn root(state: &State) -> usize {
    state.on(Some(0)).next().unwrap_or(0)
}

/// First stations of all branches that begin at a root.
fn roots<'a>(lines: &'a CentreLines, state: &'a State) -> impl Iterator<Item = usize> + 'a {
    let branches = lines.branches().iter().enumerate().filter(|(_, branch)| branch.parent.is_none());
    branches.filter_map(|(n, _)| state.on(Some(n)).next())
}

fn inflow_ml_s(lines: &CentreLines, state: &State) -> f64 {
    roots(lines, state).map(|station| state.beats[station].mean_ml_s).sum()
}

fn outflow_ml_s(lines: &CentreLines, state: &State) -> f64 {
    ends(lines, state).map(|(_, station)| state.beats[station].mean_ml_s).sum()
}

/// Branches with a bed behind them and their last stations.
fn ends<'a>(lines: &'a CentreLines, state: &'a State) -> impl Iterator<Item = (usize, usize)> + 'a {
    lines.leaves().filter_map(|branch| state.end(branch).map(|station| (branch, station)))
}

/// The end with the largest pulse pressure.
fn strongest_end(lines: &CentreLines, state: &State) -> Option<(usize, usize)> {
    let pulse = |end: &(usize, usize)| state.beats[end.1].pulse_mmhg();
    ends(lines, state).max_by(|a, b| pulse(a).total_cmp(&pulse(b)))
}

/// Length of the longest way to an end in mm and when the pulse is there in ms.
fn longest_way(lines: &CentreLines, tree: &VesselTree, state: &State) -> Option<(f64, f64)> {
    let way_mm = |branch: usize| lines.way_to_root(branch).map(|on_way| tree.length_mm(on_way)).sum::<f64>();
    let arrived = ends(lines, state).filter_map(|(branch, station)| {
        state.beats[station].arrival_ms.filter(|arrival| 0.0 < *arrival).map(|arrival| (way_mm(branch), arrival))
    });
    arrived.max_by(|a, b| a.0.total_cmp(&b.0))
}

fn ends_table(lines: &CentreLines, before: Option<&State>, after: &State) -> Table {
    let now = [
        ("systolic", "mmHg"),
        ("diastolic", "mmHg"),
        ("mean", "mmHg"),
        ("mean flow", "ml/s"),
        ("highest flow", "ml/s"),
        ("arrival of the pulse", "ms"),
    ];
    let then = [("systolic before", "mmHg"), ("mean before", "mmHg"), ("mean flow before", "ml/s")];
    let columns: Vec<_> = now.into_iter().chain(then.into_iter().filter(|_| before.is_some())).collect();
    let mut table = Table::new("Ends of the tree", "end", &columns);
    for (branch, station) in ends(lines, after) {
        let beat = &after.beats[station];
        let mut values = [beat.systolic_mmhg, beat.diastolic_mmhg, beat.mean_mmhg, beat.mean_ml_s, beat.highest_ml_s]
            .map(Some)
            .to_vec();
        values.push(beat.arrival_ms);
        if let Some(old) = before.and_then(|before| before.end(branch).map(|station| before.beats[station])) {
            values.extend([old.systolic_mmhg, old.mean_mmhg, old.mean_ml_s].map(Some));
        }
        table = table.row(format!("branch {}", branch + 1), values);
    }
    table
}

/// Pressure and flow over a beat at the root and at an end.
fn course(lines: &CentreLines, branch: usize, station: usize, before: Option<&State>, after: &State) -> Table {
    let end = format!("at the end of branch {}", branch + 1);
    let names = |then: &str| {
        let places = ["at the root", end.as_str()];
        places.map(|place| [format!("pressure {place}{then}"), format!("flow {place}{then}")]).concat()
    };
    let mut headings = names("");
    headings.extend(names(" before").into_iter().filter(|_| before.is_some()));
    let units = ["mmHg", "ml/s"].into_iter().cycle();
    let named = headings.iter().map(String::as_str).zip(units);
    let columns: Vec<_> = std::iter::once(("time", "s")).chain(named).collect();
    let mut table = Table::new("In the course of a beat", "moment", &columns);
    let values = |state: &State, station: usize, n: usize| {
        let [root, end]: [&Series; 2] = [root(state), station].map(|station| &state.waves.series[station]);
        let flow: f64 = roots(lines, state).map(|root| state.waves.series[root].flow_m3_s[n]).sum();
        [root.pressure_pa[n] / PA_PER_MMHG, 1e6 * flow, end.pressure_pa[n] / PA_PER_MMHG, 1e6 * end.flow_m3_s[n]]
    };
    for n in (0..=SAMPLES).step_by(SAMPLES / ROWS) {
        let mut row = vec![after.waves.times_s[n]];
        row.extend(values(after, station, n));
        if let Some((before, old)) = before.and_then(|before| before.end(branch).map(|station| (before, station))) {
            row.extend(values(before, old, n));
        }
        table = table.row(format!("{:.0} ms", 1e3 * after.waves.times_s[n]), row.into_iter().map(Some));
    }
    table
}

fn warnings(lines: &CentreLines, states: &States, [comes, goes]: [f64; 2]) -> Vec<String> {
    let mut all = Vec::new();
    for (state, when) in states.before.iter().map(|before| (before, " before edits")).chain([(&states.after, "")]) {
        if !state.is_periodic {
            all.push(format!(
                "heart beats do not repeat{when}: after {} of them the pressure still changes by {:.2} % from beat to beat; allow more (cycles_max)",
                state.waves.cycles,
                100.0 * state.waves.change.unwrap_or(f64::NAN)
            ));
        }
    }
    if BALANCE * comes.abs() < (comes - goes).abs() {
        all.push(format!(
            "{comes:.3} ml/s come in and {goes:.3} ml/s leave by the ends: the vessels still fill or empty from beat to beat"
        ));
    }
    let widest = states.after.beats.iter().map(|beat| beat.distension).fold(0.0, f64::max);
    if DISTENSION < widest {
        all.push(format!(
            "the diameter changes by up to {widest:.0} % in a beat, too much for a linear elastic wall: the flow is large for these vessels, or the wall soft"
        ));
    }
    for (branch, station) in ends(lines, &states.after) {
        if states.after.beats[station].arrival_ms.is_none() {
            all.push(format!("no pulse arrives at the end of branch {}", branch + 1));
        }
    }
    all
}
