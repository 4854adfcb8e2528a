//! `simulate.release`: pull or press an organ, let go, and follow how it swings back.

use super::shared::hand::{ACTION, AT, Action, BY, Hand, PRESSURE, RADIUS};
use super::shared::organ_body::{
    BED, GAS, HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, OrganBody, POISSON, POSITION, TILT, TISSUE,
    TOUCHING, YOUNG,
};
use super::shared::tissue_law::{CONTRACT, FIBRE, FIBRE_LINES, LawAsked, MODEL, MOONEY, OGDEN, PUBLISHED};
use super::simulate_tissue::at_rest;
use crate::base::{NodeId, Table};
use crate::biomech::{Course, Damping, Motion, Options, Problem, TissueResult, dynamics, quasi_static_with_fibres};
use crate::geom::Vector;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Moments that are told.
const FRAMES: usize = 25;

/// Pull or press an organ and let go.
#[derive(Debug)]
pub struct SimulateRelease;

/// Parameters of [`SimulateRelease`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    mesh: NodeId,
    #[serde(flatten)]
    body: OrganBody,
    #[serde(flatten)]
    law: LawAsked,
    seconds: f64,
    step_ms: f64,
    damping_per_s: f64,
    viscosity_ms: f64,
    #[serde(flatten)]
    hand: Hand,
}

impl Tool for SimulateRelease {
    const ID: &'static str = "simulate.release";
    const LABEL: &'static str = "Let go…";
    const HELP: &'static str =
        "Pull or press an organ, let go, and follow with inertia how it swings back, with an account of its energy.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh"),
        TISSUE,
        YOUNG,
        HOLD,
        ACTION,
        BY,
        ParamSpec::with("seconds", Kind::Number(0.001, 60.0), "s", "0.5", "how long it is followed"),
        ParamSpec::with(
            "damping_per_s",
            Kind::Number(0.0, 100.0),
            "1/s",
            "1",
            "resistance of what surrounds it: force over momentum; an estimate, 0 for none",
        ),
        ParamSpec::with(
            "viscosity_ms",
            Kind::Number(0.0, 1000.0),
            "ms",
            "5",
            "resistance of the tissue to quick changes of shape: viscous over elastic stiffness; an estimate, 0 for none",
        ),
        ParamSpec::with(
            "step_ms",
            Kind::Number(0.01, 100.0),
            "ms",
            "5",
            "time step; a twentieth of the period of the quickest motion of interest, or less",
        ),
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
        let Params { mesh: id, body, law, seconds, step_ms, damping_per_s, viscosity_ms, hand } = params;
        if !matches!(hand.action, Action::Pull | Action::Press) {
            let text = "only what is pulled or pressed can be let go; choose pull or press as action";
            return Err(CommandError::BadParams(text.into()));
        }
        let (body, law) = (body.found_in(case)?, law.found_in(case)?);
        let node = Arc::clone(case.expect_kind(id, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let at_rest = at_rest(case, id, &node);
        let (model, made_of) = law.of(&body, &body.made_of(&node.name)?)?;
        Ok(Box::new(move |progress| {
            let failed = |error| CommandError::failed(&error);
            let (fixed, materials) = (body.fixed(&mesh)?, made_of.everywhere(&mesh));
            let mut stay = body.around(&mesh, &fixed);
            stay.extend(law.contraction(&mesh));
            let held: Vec<_> = stay.iter().cloned().chain(hand.loads(&body, &mesh, &fixed)?).collect();
            let fibres = law.fibres(&mesh, &made_of.material.law, &progress.part(0.0..0.02, "fibres"))?;
            let problem = Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &held, model };
            let options = Options::default();
            let loading = progress.part(0.02..0.2, "hold");
            let (start, held_summary) =
                quasi_static_with_fibres(&problem, &fibres, &options, &loading).map_err(failed)?;
            let frames_s: Vec<f64> = (0..=FRAMES).map(|n| seconds * n as f64 / FRAMES as f64).collect();
            let motion = Motion {
                waves: &[],
                displacement_mm: &start.displacement_mm,
                velocity_mm_s: &[],
                step_s: 1e-3 * step_ms,
                frames_s: &frames_s,
                damping: Damping { mass_per_s: damping_per_s, shape_s: 1e-3 * viscosity_ms },
            };
            let free = Problem { loads: &stay, ..problem };
            let swinging = progress.part(0.2..1.0, "swing");
            let (course, summary) = dynamics(&free, &fibres, &motion, &options, &swinging).map_err(failed)?;
            let last = &course.frames[FRAMES];
            let result = TissueResult::of_displacement(&free, &fibres, &last.displacement_mm).map_err(failed)?;
            let mut summary = summary;
            // What is wrong with the start is wrong with all that follows; the laws and their limits are the same.
            summary.warnings.extend(held_summary.warnings);
            summary.methods.extend(held_summary.methods);
            summary.limits.extend(held_summary.limits);
            let summary = made_of
                .told(summary)
                .table(in_time(&course, &start))
                .limit("resistance of tissue and surroundings to motion are values chosen here, not measured")
                .limit(
                    "stress is that of the last moment as if the organ were held there, without inertia and viscosity",
                );
            let organ = node.name.trim_end_matches(" tetrahedra");
            let mut edit = Edit::new(format!("let go of {organ}"));
            edit.message = summary.warnings.first().cloned();
            let shown = Node::new(format!("{organ}, {seconds} s after letting go"), Data::Tissue(Arc::new(result)));
            let shown = shown.with_summary(summary).from_source(id).shown(node.display.colour, 1.0);
            Ok(at_rest.into_iter().fold(edit.add(shown.coloured_by("displacement")), Edit::change))
        }))
    }
}

/// Where the vertex that was pulled farthest is, and where the energy is.
fn in_time(course: &Course, start: &TissueResult) -> Table {
    let ways = start.displacement_mm.iter().map(Vector::norm_squared).enumerate();
    let (farthest, _) = ways.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0));
    let way = start.displacement_mm.get(farthest).and_then(|way| way.try_normalize(0.0)).unwrap_or_default();
    let columns = [
        ("way of the place that was pulled farthest", "mm"),
        ("kinetic energy", "mJ"),
        ("elastic energy", "mJ"),
        ("work of weight, bed, gas and contraction", "mJ"),
        ("taken by damping", "mJ"),
        ("from nowhere", "mJ"),
    ];
    let mut table = Table::new("In the course of time", "moment", &columns);
    for frame in &course.frames {
        // The account of the first step that ends then or later.
        let done = |account: &&crate::biomech::dynamics::Account| frame.at_s <= account.at_s + 1e-12;
        let Some(account) = course.accounts.iter().find(done) else { continue };
        let values = [
            frame.displacement_mm[farthest].dot(&way),
            1e3 * account.kinetic_j,
            1e3 * account.elastic_j,
            1e3 * account.loads_j,
            1e3 * account.damped_j,
            1e3 * account.defect_j(&course.accounts[0]),
        ];
        table = table.row(format!("{:.3} s", frame.at_s), values.map(Some));
    }
    table
}
