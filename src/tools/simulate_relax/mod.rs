//! `simulate.relax`: load an organ, hold it for a while, and see how its force fades or it goes on yielding.

use super::shared::hand::{ACTION, AT, BY, Hand, PRESSURE, RADIUS};
use super::shared::organ_body::{
    BED, GAS, HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, OrganBody, POISSON, POSITION, TILT, TISSUE,
    TOUCHING, YOUNG,
};
use super::shared::tissue_law::{
    CONTRACT, FIBRE, FIBRE_LINES, LawAsked, MODEL, MOONEY, OGDEN, PUBLISHED, RELAXING, row,
};
use super::simulate_tissue::at_rest;
use crate::base::{NodeId, Summary, Table};
use crate::biomech::{Branch, Moment, Options, Problem, TissueResult, viscoelastic};
use crate::geom::Vector;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Moments while the load grows, and while it is held.
const GROWING: usize = 4;
const HELD: usize = 14;
/// The first moment after the load is on, as a share of the time it took to come on.
const FIRST: f64 = 0.25;

/// Load an organ and hold it for a while.
#[derive(Debug)]
pub struct SimulateRelax;

/// Parameters of [`SimulateRelax`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    mesh: NodeId,
    #[serde(flatten)]
    body: OrganBody,
    #[serde(flatten)]
    law: LawAsked,
    relaxation: Option<String>,
    relaxes_percent: f64,
    relaxes_in_s: f64,
    ramp_s: f64,
    held_s: f64,
    #[serde(flatten)]
    hand: Hand,
}

impl Tool for SimulateRelax {
    const ID: &'static str = "simulate.relax";
    const LABEL: &'static str = "Hold for a while…";
    const HELP: &'static str = "Pull, press or weigh an organ of tissue that relaxes, hold it for a while, and follow force and displacement in time.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh"),
        TISSUE,
        YOUNG,
        HOLD,
        ACTION,
        BY,
        ParamSpec::with(
            "relaxation",
            Kind::Choice(RELAXING),
            "",
            "null",
            "how stress fades as somebody published it; one time of relaxation with the two values below if not given",
        ),
        ParamSpec::with(
            "relaxes_percent",
            Kind::Number(0.0, 95.0),
            "%",
            "50",
            "how much of the stress of quick loading fades; organs mostly 30 to 70; the stiffness is that of slow loading",
        ),
        ParamSpec::with("relaxes_in_s", Kind::Number(0.01, 1e4), "s", "10", "time in which it fades to 1/e"),
        ParamSpec::with("held_s", Kind::Number(0.1, 1e5), "s", "60", "time for which it is held then"),
        ParamSpec::with("ramp_s", Kind::Number(0.01, 1e4), "s", "1", "time in which the load comes on, evenly"),
        AT,
        RADIUS,
        PRESSURE,
        POSITION,
        HOLD_PART,
        POISSON,
        MODEL,
        OGDEN,
        MOONEY,
        PUBLISHED,
        FIBRE,
        FIBRE_LINES,
        CONTRACT,
        HOLD_AT,
        HOLD_RADIUS,
        HOLD_TOUCHING,
        TOUCHING,
        TILT,
        GAS,
        BED,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let branches = branches(&params)?;
        let Params { mesh: id, body, law, hand, ramp_s, held_s, .. } = params;
        let (body, law) = (body.found_in(case)?, law.found_in(case)?);
        let node = Arc::clone(case.expect_kind(id, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let at_rest = at_rest(case, id, &node);
        let (model, made_of) = law.of(&body, &body.made_of(&node.name)?)?;
        let told = params.relaxation.as_deref().map(row).transpose()?.map(|row| row.source.clone());
        Ok(Box::new(move |progress| {
            let (fixed, materials) = (body.fixed(&mesh)?, made_of.everywhere(&mesh));
            let mut loads = body.around(&mesh, &fixed);
            loads.extend(hand.loads(&body, &mesh, &fixed)?);
            loads.extend(law.contraction(&mesh));
            let fibres = law.fibres(&mesh, &made_of.material.law, &progress.part(0.0..0.05, "fibres"))?;
            let problem = Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model };
            let regions: BTreeSet<u8> = mesh.regions().iter().copied().collect();
            let relaxation: Vec<(u8, Vec<Branch>)> =
                regions.into_iter().map(|region| (region, branches.clone())).collect();
            let moments = moments(ramp_s, held_s);
            let solving = progress.part(0.05..1.0, "tissue");
            let (mut results, summary) =
                viscoelastic(&problem, &fibres, &relaxation, &moments, &Options::default(), &solving)
                    .map_err(|error| CommandError::failed(&error))?;
            let summary = in_time(&moments, &results, made_of.told(summary)).method(words(&branches, told.as_deref()));
            let result = results.pop().expect("there are moments");
            let (action, done) = hand.action.words();
            let organ = node.name.trim_end_matches(" tetrahedra");
            let mut edit = Edit::new(format!("{action} {organ} for {held_s} s"));
            edit.message = summary.warnings.first().cloned();
            let node_of = Node::new(format!("{organ}, {done} for {held_s} s"), Data::Tissue(Arc::new(result)));
            let shown = node_of.with_summary(summary).from_source(id).shown(node.display.colour, 1.0);
            Ok(at_rest.into_iter().fold(edit.add(shown.coloured_by("displacement")), Edit::change))
        }))
    }
}

/// The branches asked for.
fn branches(params: &Params) -> Result<Vec<Branch>, CommandError> {
    match params.relaxation.as_deref().map(row).transpose()? {
        Some(row) if row.relaxation.is_empty() => {
            Err(CommandError::BadParams(format!("'{}' does not say how tissue relaxes; choose another", row.id)))
        }
        Some(row) => Ok(row.relaxation.clone()),
        None => {
            let share = params.relaxes_percent / 100.0;
            Ok(vec![Branch { beta: share / (1.0 - share), tau_s: params.relaxes_in_s }])
        }
    }
}

/// The relaxation in words.
fn words(branches: &[Branch], source: Option<&str>) -> String {
    let stiffest: f64 = 1.0 + branches.iter().map(|branch| branch.beta).sum::<f64>();
    let parts = branches.iter().map(|Branch { beta, tau_s }| format!("{:.1} % in {tau_s} s", 100.0 * beta / stiffest));
    let parts = parts.collect::<Vec<_>>().join(", ");
    let source = source.map_or("as given here, not measured".to_owned(), |source| format!("source: {source}"));
    format!("of the stress of quick loading fade {parts} (to 1/e of it); {source}")
}

/// Evenly while the load comes on, then farther and farther apart.
fn moments(ramp_s: f64, held_s: f64) -> Vec<Moment> {
    let growing = (1..=GROWING).map(|n| {
        let load = n as f64 / GROWING as f64;
        Moment { at_s: ramp_s * load, load }
    });
    let first = (FIRST * ramp_s).min(0.1 * held_s);
    let held = (0..HELD).map(|n| {
        let way = n as f64 / (HELD - 1) as f64;
        Moment { at_s: ramp_s + first * (held_s / first).powf(way), load: 1.0 }
    });
    growing.chain(held).collect()
}

/// What happened at each moment, beside the account of the last.
fn in_time(moments: &[Moment], results: &[TissueResult], summary: Summary) -> Summary {
    let grip = |result: &TissueResult| result.grip_n.norm();
    let support = |result: &TissueResult| result.reaction_n.norm();
    let moved = |result: &TissueResult| result.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    let columns = [
        ("share of the load", "%"),
        ("force at the moved region", "N"),
        ("force of the fixed region", "N"),
        ("largest displacement", "mm"),
    ];
    let mut table = Table::new("In the course of time", "moment", &columns);
    for (moment, result) in moments.iter().zip(results) {
        let values = [100.0 * moment.load, grip(result), support(result), moved(result)];
        table = table.row(format!("{:.2} s", moment.at_s), values.map(Some));
    }
    let (on, end) = (&results[GROWING - 1], &results[results.len() - 1]);
    summary
        .fact("force at the moved region when the load is on", grip(on), "N")
        .fact("largest displacement when the load is on", moved(on), "mm")
        .table(table)
        .fact("largest displacement in the end", moved(end), "mm")
        .limit(
            "weight and gas come on together with the hand; times much shorter than the first moments are not resolved",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_ascend_from_loading_to_the_end() {
        for (ramp_s, held_s) in [(1.0, 60.0), (100.0, 0.1), (0.01, 1e5)] {
            let all = moments(ramp_s, held_s);
            assert!(all.windows(2).all(|pair| pair[0].at_s < pair[1].at_s), "{ramp_s} {held_s}");
            let last = all[all.len() - 1];
            assert!((last.at_s / (ramp_s + held_s) - 1.0).abs() < 1e-12 && last.load == 1.0);
            assert_eq!(all[GROWING - 1], Moment { at_s: ramp_s, load: 1.0 });
        }
    }
}
