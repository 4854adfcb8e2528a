//! `simulate.flow_vortices`: vorticity, Q, helicity and the energy lost in a computed flow.

use super::shared::flow::{Flow, flow, moments};
use crate::base::{NodeId, Summary, Table};
use crate::flow::power_lost_mw;
use crate::flow::vortices::{Bulk, VortexSurface, Vortices};
use crate::session::data::SurfaceData;
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Vortices of a computed flow.
#[derive(Debug)]
pub struct SimulateFlowVortices;

/// Parameters of [`SimulateFlowVortices`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    flow: NodeId,
    q_per_s2: Option<f64>,
    share_percent: f64,
}

/// Rows of the table of vortices, at most.
const ROWS_MAX: usize = 12;
/// A Q below this share of the mean square rate of shear may come from the error of the differences.
const FAINT: f64 = 0.01;
/// Below this share of the power lost between the openings, friction is not resolved.
const FRICTION_MIN: f64 = 0.8;
/// Share of the cells without differences of second order from which it is said.
const COARSE_MAX: f64 = 0.02;
/// What is said of the mean flow of a beat of which no moment is there.
const OF_MEAN: &str = "vortices, helicity and powers are those of the mean flow of a beat, not their means over it, and its two powers need not agree: what the flow does within the beat is left out; compute the flow with phases to have it";
/// The wall around the vortices.
const WALL_COLOUR: [u8; 3] = [170, 180, 190];
const WALL_OPACITY: f32 = 0.15;

impl Tool for SimulateFlowVortices {
    const ID: &'static str = "simulate.flow_vortices";
    const LABEL: &'static str = "Vortices of a flow…";
    const HELP: &'static str = "Vorticity, Q, helicity and energy lost in a computed flow, and a surface around its vortices, coloured by the sense in which they turn.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("flow", Kind::Node(NodeKind::Flow), "", "the computed flow"),
        ParamSpec::with(
            "q_per_s2",
            Kind::Number(1e-6, 1e12),
            "1/s²",
            "null",
            "where Q reaches this is a vortex; by the share of the volume if not given",
        ),
        ParamSpec::with(
            "share_percent",
            Kind::Number(0.01, 50.0),
            "%",
            "5",
            "share of the volume away from walls and openings that counts as vortex if no Q is given: where Q is highest",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Flow { node, result, fluid, is_mean } = flow(case, params.flow)?;
        let moments = moments(case, params.flow);
        Ok(Box::new(move |progress| {
            let vortices = Vortices::of(&result, &progress.part(0.0..0.5, "vorticity"))?;
            let threshold = threshold(&vortices, &params)?;
            let making = progress.part(0.6..0.9, "surface");
            let found = VortexSurface::of(&result, &vortices, threshold, &making);
            let Some(found) = found.map_err(|error| CommandError::failed(&error))? else {
                let highest = vortices.q_of_share(0.0);
                return Err(CommandError::Failed(format!(
                    "no vortex of at least 20 cells has a Q of {threshold:.4} 1/s²; the highest away from walls is {highest:.4} 1/s². Choose a smaller Q or a larger share"
                )));
            };
            let bulk = Bulk::of(&result, &vortices, &fluid);
            let lost_mw = power_lost_mw(&result, fluid.density_kg_m3);
            let mut summary = summary(&vortices, &found, &bulk, threshold, lost_mw);
            if moments.is_empty() && is_mean {
                summary = summary.limit(OF_MEAN);
            } else if moments.is_empty() {
                summary = told_of_friction(summary, &bulk, lost_mw);
            }
            let beat = progress.part(0.9..1.0, "beat");
            let mut over_beat = Vec::new();
            for (n, (time_s, moment)) in moments.iter().enumerate() {
                beat.step(n, moments.len())?;
                let vortices = Vortices::of(moment, &beat)?;
                over_beat.push((*time_s, Bulk::of(moment, &vortices, &fluid)));
            }
            if !over_beat.is_empty() {
                summary = told_of_beat(summary, &over_beat);
            }
            let mut edit = Edit::new(format!("vortices of {}", node.name));
            edit.message = summary.warnings.first().cloned();
            let data = Data::Surface(Arc::new(SurfaceData { surface: found.surface, fields: found.fields }));
            let surface = Node::new(format!("Vortices of {}", node.name), data).with_summary(summary);
            let surface = surface.from_source(params.flow).coloured_by("normalised helicity");
            let wall =
                Node::new(format!("Wall around the vortices of {}", node.name), Data::surface(result.wall.clone()));
            let wall = wall.from_source(params.flow).shown(WALL_COLOUR, WALL_OPACITY);
            let edit = edit.add(surface).add(wall);
            // Two fields in colour, one behind the other, would be misread.
            Ok(if node.display.visible {
                edit.change(Change::Hide { id: params.flow, was: node.hash() })
            } else {
                edit
            })
        }))
    }
}

/// The Q asked for, or that of the share asked for.
fn threshold(vortices: &Vortices, params: &Params) -> Result<f64, CommandError> {
    if let Some(q) = params.q_per_s2 {
        return Ok(q);
    }
    let q = vortices.q_of_share(0.01 * params.share_percent);
    if 0.0 < q {
        return Ok(q);
    }
    let deep = vortices.is_deep.iter().filter(|deep| **deep).count();
    let turning = vortices.q_per_s2.iter().zip(&vortices.is_deep).filter(|(q, deep)| **deep && 0.0 < **q).count();
    Err(CommandError::Failed(format!(
        "Q is above 0 in {:.2} % of the volume away from walls and openings, not in {} %: elsewhere strain outweighs rotation. Choose a smaller share",
        100.0 * turning as f64 / deep.max(1) as f64,
        params.share_percent
    )))
}

fn summary(vortices: &Vortices, found: &VortexSurface, bulk: &Bulk, threshold: f64, lost_mw: Option<f64>) -> Summary {
    let volume_ml: f64 = found.vortices.iter().map(|vortex| vortex.volume_ml).sum();
    let mut summary = Summary::default()
        .fact("mean helicity h₁", bulk.helicity_m_s2, "m/s²")
        .fact("helicity intensity h₂", bulk.intensity_m_s2, "m/s²")
        .fact("balance of helicity h₃", bulk.balance(), "1")
        .fact("mean size of the normalised helicity", bulk.normalised, "1")
        .fact("mean vorticity", bulk.vorticity_per_s, "1/s")
        .fact("volume in which rotation outweighs strain (Q above 0)", 100.0 * bulk.turning, "%")
        .fact("kinetic energy", bulk.kinetic_mj, "mJ")
        .fact("power that viscosity takes", bulk.dissipated_mw, "mW");
    if let Some(lost) = lost_mw {
        summary = summary.fact("power lost between the openings", lost, "mW");
    }
    summary = summary
        .fact("Q of the surface", threshold, "1/s²")
        .fact("vortices", found.vortices.len() as f64, "1")
        .fact("volume of the vortices", volume_ml, "ml")
        .fact("volume of the lumen", bulk.volume_ml, "ml")
        .table(table(found))
        .method("velocity gradient by central differences, beside walls and openings one-sided, both of second order")
        .method("Q: half of the squared size of the rotation less that of the strain (Hunt, Wray and Moin 1988)")
        .method("helicity: velocity times vorticity; h₁, h₂, h₃ after Gallo et al. 2012 (J. Biomech. 45:2398), of this moment or mean flow; normalised: cosine of the angle between the two (Levy, Degani and Seginer 1990), positive where the flow turns to the right along its way")
        .method("power that viscosity takes: 2μ S:S over the volume; power lost between the openings: total pressure times flow, summed over them")
        .limit("the layer of cells at the wall and four at openings have no part in the surface: velocities there carry the error of their rules")
        .limit("the surface depends on its Q, for which there is no natural value; compare flows at the same Q")
        .limit("the two powers agree in steady flow on a fine lattice; where the second is larger, small eddies are not resolved or the moment of a beat slows the fluid down");
    if threshold < FAINT * bulk.rate_per_s.powi(2) {
        summary = summary.warning(format!(
            "the Q of the surface, {threshold:.3} 1/s², is small beside the square of the rate of shear, {:.3} 1/s²: this flow hardly turns, and what is shown may be the error of differences",
            bulk.rate_per_s.powi(2)
        ));
    }
    if COARSE_MAX < vortices.coarse {
        summary = summary.warning(format!(
            "{:.1} % of the cells have fewer than three in a row along some axis: their gradients are not of second order, choose smaller cells",
            100.0 * vortices.coarse
        ));
    }
    summary
}

/// A summary of steady flow that says where friction is less than the energy lost.
fn told_of_friction(summary: Summary, bulk: &Bulk, lost_mw: Option<f64>) -> Summary {
    let Some(lost) = lost_mw.filter(|lost| bulk.dissipated_mw < FRICTION_MIN * lost) else { return summary };
    summary.warning(format!(
        "viscosity takes {:.0} % of the power lost between the openings: the rest is lost in eddies and layers too small for this lattice, or the flow is not steady. Choose smaller cells before vortices or helicity are read as numbers",
        100.0 * bulk.dissipated_mw / lost
    ))
}

/// A summary with helicity and energy over the moments of the beat, which are equally spaced.
fn told_of_beat(summary: Summary, moments: &[(f64, Bulk)]) -> Summary {
    let mean =
        |value: fn(&Bulk) -> f64| moments.iter().map(|(_, bulk)| value(bulk)).sum::<f64>() / moments.len() as f64;
    let columns = [
        ("time", "s"),
        ("mean helicity h₁", "m/s²"),
        ("helicity intensity h₂", "m/s²"),
        ("kinetic energy", "mJ"),
        ("power that viscosity takes", "mW"),
    ];
    let table = Table::new("Over the beat", "moment", &columns);
    let table = moments.iter().fold(table, |table, (time_s, bulk)| {
        let values = [*time_s, bulk.helicity_m_s2, bulk.intensity_m_s2, bulk.kinetic_mj, bulk.dissipated_mw].map(Some);
        table.row(format!("{time_s:.3} s"), values)
    });
    summary
        .fact("mean helicity h₁ over the beat", mean(|bulk| bulk.helicity_m_s2), "m/s²")
        .fact("helicity intensity h₂ over the beat", mean(|bulk| bulk.intensity_m_s2), "m/s²")
        .fact("power that viscosity takes, mean over the beat", mean(|bulk| bulk.dissipated_mw), "mW")
        .table(table)
        .method(format!("over the beat: the mean of its {} stored moments", moments.len()))
}

/// The largest vortices.
fn table(found: &VortexSurface) -> Table {
    let columns = [
        ("volume", "ml"),
        ("highest Q", "1/s²"),
        ("mean vorticity", "1/s"),
        ("mean speed", "m/s"),
        ("mean normalised helicity", "1"),
        ("x", "mm"),
        ("y", "mm"),
        ("z", "mm"),
    ];
    let table = Table::new("The largest vortices", "vortex", &columns);
    found.vortices.iter().take(ROWS_MAX).enumerate().fold(table, |table, (n, vortex)| {
        let [x, y, z] = vortex.centre.coords.into();
        let [volume, q] = [vortex.volume_ml, vortex.q_per_s2];
        let values = [volume, q, vortex.vorticity_per_s, vortex.speed_m_s, vortex.helicity, x, y, z];
        table.row((n + 1).to_string(), values.map(Some))
    })
}
