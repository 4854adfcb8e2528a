//! What a network says: its ends, its narrow places, before and after, with methods and limits.

use super::{Params, State, States};
use crate::base::units::PA_PER_MMHG;
use crate::base::{Summary, Table};
use crate::flow::network::{End, INFLOW, PieceMeans, Quantity, TreeSetup, Wall};

/// Pressure ratio below which a stenosis is usually taken to matter.
const FFR_CUT: f64 = 0.80;

/// Facts, tables, methods, limits and warnings.
pub(super) fn summary(params: &Params, states: &States) -> Summary {
    let States { setup, before, after, .. } = states;
    let mut summary = Summary::default().fact("flow into the tree", inflow_ml_s(after), "ml/s").fact(
        "mean pressure at the root",
        root_mmhg(after).0,
        "mmHg",
    );
    if let Some(before) = before {
        summary = summary.fact("flow into the tree before edits", inflow_ml_s(before), "ml/s").fact(
            "mean pressure at the root before edits",
            root_mmhg(before).0,
            "mmHg",
        );
    }
    if params.drive == "beat" {
        let (_, [low, high]) = root_mmhg(after);
        summary =
            summary.fact("highest pressure at the root", high, "mmHg").fact("lowest pressure at the root", low, "mmHg");
    }
    let lowest = ends(after).map(|means| means.ratio).fold(f64::INFINITY, f64::min);
    summary = summary
        .fact("lowest pressure at an end over that at the root", lowest, "1")
        .fact("ends", ends(after).count() as f64, "1")
        .fact("pieces of vessel", after.means.len() as f64, "1")
        .table(ends_table(before.as_ref(), after));
    if let Some(table) = narrow_table(after) {
        summary = summary.table(table);
    }
    let behind = narrow(after).into_iter().filter_map(<[PieceMeans]>::last);
    for means in behind.filter(|means| means.ratio < FFR_CUT && params.hyperaemia) {
        let branch = means.piece.branch.map_or(0, |branch| branch + 1);
        summary = summary.warning(format!(
            "behind the narrow place on branch {branch} the pressure is {:.2} of that at the root, below {FFR_CUT:.2}, from which a stenosis is usually treated",
            means.ratio
        ));
    }
    if let Some(bleeding) = &states.bleeding {
        summary = bleeding.tell(params, summary);
    }
    let given = if params.mean_flow_ml_s.is_some() { "as given" } else { "0.2 m/s through the root, an estimate" };
    summary
        .method("network of vessels (0D): Poiseuille's resistance, inertia and elastic walls from radii along centre lines; generalised-alpha in time (Jansen et al. 2000)")
        .method("narrow places: viscous and turbulent loss of Young and Tsai (1973)")
        .method(params.told())
        .method(format!(
            "flow at rest before edits: {given}; shared among the ends by the third power of their radii (Murray 1926), beds behind them unchanged by edits; viscosity {} mPa s, walls {} kPa",
            params.viscosity_mpa_s,
            setup_kpa(setup)
        ))
        .limit("one pressure and flow a place: published comparisons of such networks with computations in 3D differ by 1 to 10 % (Pfaller et al. 2022), more behind jets and in bends")
        .limit("a short, smooth narrowing with laminar flow may lose much less than said: with 75 % of the area closed at a Reynolds number of 193 our own computation in space found 428 Pa where the network says 710")
        .limit("no control by the body: beds do not open or close on their own")
        .limit("research and education; not a measurement of fractional flow reserve")
}

fn setup_kpa(setup: &TreeSetup) -> f64 {
    match setup.wall {
        Wall::Elastic { youngs_modulus_pa, .. } => youngs_modulus_pa / 1e3,
        Wall::Rigid | Wall::WaveSpeed { .. } => f64::INFINITY,
    }
}

/// Mean flow out of the ends, ml/s.
pub(super) fn outflow_ml_s(state: &State) -> f64 {
    ends(state).map(|means| 1e6 * means.flow_m3_s).sum()
}

/// Mean flow through the roots, ml/s.
pub(super) fn inflow_ml_s(state: &State) -> f64 {
    let begins = |name: &str| name.starts_with(INFLOW);
    let blocks = state.network.network.blocks().iter().enumerate().filter(|(_, block)| begins(&block.name));
    blocks.filter_map(|(n, _)| state.solution.mean(n, End::Outlet, Quantity::Flow)).sum::<f64>() * 1e6
}

/// Mean, and lowest and highest pressure at the first root, mmHg.
fn root_mmhg(state: &State) -> (f64, [f64; 2]) {
    let source = state.network.network.blocks().iter().position(|block| block.name.starts_with(INFLOW));
    let Some(block) = source else { return (0.0, [0.0; 2]) };
    let mean = state.solution.mean(block, End::Outlet, Quantity::Pressure).unwrap_or(0.0);
    let all = state.solution.at(block, End::Outlet, Quantity::Pressure).unwrap_or_default();
    let low = all.iter().copied().fold(f64::INFINITY, f64::min);
    let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (mean / PA_PER_MMHG, [low / PA_PER_MMHG, high / PA_PER_MMHG])
}

/// The last piece of every branch that leads to a bed.
fn ends(state: &State) -> impl Iterator<Item = &PieceMeans> {
    let has_bed = |branch: usize| state.network.network.find(&format!("outlet{branch}")).is_some();
    let is_last = move |n: usize| {
        let piece = &state.means[n].piece;
        let next = state.means.get(n + 1).map(|next| next.piece.branch);
        piece.branch.is_some_and(has_bed) && next != Some(piece.branch)
    };
    (0..state.means.len()).filter(move |n| is_last(*n)).map(|n| &state.means[n])
}

fn ends_table(before: Option<&State>, after: &State) -> Table {
    let now = [("flow", "ml/s"), ("mean pressure", "mmHg"), ("over that at the root", "1")];
    let then = [("flow before", "ml/s"), ("mean pressure before", "mmHg"), ("flow changes by", "%")];
    let columns: Vec<_> = now.into_iter().chain(then.into_iter().filter(|_| before.is_some())).collect();
    let mut table = Table::new("Ends of the tree", "end", &columns);
    for means in ends(after) {
        let branch = means.piece.branch;
        let mut values = vec![1e6 * means.flow_m3_s, means.pressure_out_pa / PA_PER_MMHG, means.ratio];
        if let Some(old) = before.and_then(|before| ends(before).find(|old| old.piece.branch == branch)) {
            let change = 100.0 * (means.flow_m3_s / old.flow_m3_s - 1.0);
            values.extend([1e6 * old.flow_m3_s, old.pressure_out_pa / PA_PER_MMHG, change]);
        }
        table = table.row(format!("branch {}", branch.map_or(0, |branch| branch + 1)), values.into_iter().map(Some));
    }
    table
}

/// Stretches of neighbouring pieces that are stenoses.
fn narrow(state: &State) -> Vec<&[PieceMeans]> {
    let joins = |a: &PieceMeans, b: &PieceMeans| {
        let both = a.piece.stenosis_mm.is_some() && b.piece.stenosis_mm.is_some();
        both && a.piece.branch == b.piece.branch
    };
    state.means.chunk_by(joins).filter(|stretch| stretch[0].piece.stenosis_mm.is_some()).collect()
}

/// Narrow places, if there are any.
fn narrow_table(after: &State) -> Option<Table> {
    let columns = [
        ("from", "mm"),
        ("to", "mm"),
        ("diameter", "mm"),
        ("flow", "ml/s"),
        ("pressure lost", "mmHg"),
        ("ratio behind", "1"),
    ];
    let mut table = Table::new("Narrow places", "place", &columns);
    for stretch in narrow(after) {
        let (first, last) = (&stretch[0], &stretch[stretch.len() - 1]);
        let lost_mmhg = (first.pressure_in_pa - last.pressure_out_pa) / PA_PER_MMHG;
        let narrowest = stretch.iter().filter_map(|means| means.piece.stenosis_mm).fold(f64::INFINITY, f64::min);
        let (from_mm, to_mm) = (first.piece.from_mm, last.piece.to_mm);
        let values = [from_mm, to_mm, narrowest, 1e6 * last.flow_m3_s, lost_mmhg, last.ratio];
        let branch = first.piece.branch.map_or(0, |branch| branch + 1);
        table = table.row(format!("branch {branch}"), values.map(Some));
    }
    (!table.rows.is_empty()).then_some(table)
}
