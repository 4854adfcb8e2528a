//! What leads away from the vessels of a tree, and into it: grafts, wounds, inflow, the beds behind the ends.

use super::block::{BlockKind, Rcr, Vessel};
use super::build::{Builder, INFLOW, LEAK, Piece};
use super::error::{NetworkError, finite, not_negative, positive};
use super::geometry::{Wall, cone};
use super::tree::{Outlets, TreeInflow, TreePlace, TreeSetup};
use super::waveform::Waveform;
use std::f64::consts::PI;

/// Discharge coefficient of a sharp-edged hole: what passes over what would without the jet's contraction and friction
/// (White, Fluid Mechanics, chapter on obstruction meters: about 0.61 at high Reynolds numbers).
const DISCHARGE: f64 = 0.61;

impl Builder<'_> {
    pub(super) fn grafts(&mut self) {
        for (n, graft) in self.tree.grafts.iter().enumerate() {
            let shape = cone(&self.setup.fluid, &Wall::Rigid, graft.length, graft.radius, graft.radius);
            let vessel = Vessel { resistance: shape.resistance, inductance: shape.inductance, ..Vessel::default() };
            let block = self.block(format!("graft{n}"), BlockKind::Vessel(vessel));
            let [from, to] = [graft.from, graft.to].map(|place| self.nearest(place));
            self.nodes[from].to.push((block, PI * graft.radius * graft.radius));
            self.nodes[to].from.push(block);
            let to_mm = 1e3 * graft.length;
            self.pieces.push(Piece { block, branch: None, from_mm: 0.0, to_mm, stenosis_mm: None });
        }
    }

    /// Holes to the outside: ΔP = ρ/2 (Q/(C_d A))², and the friction of a hole as deep as it is wide.
    pub(super) fn leaks(&mut self) {
        for (n, leak) in self.tree.leaks.iter().enumerate() {
            let area = PI * leak.radius * leak.radius;
            let depth = 2.0 * leak.radius;
            let shape = cone(&self.setup.fluid, &Wall::Rigid, depth, leak.radius, leak.radius);
            let stenosis = 0.5 * self.setup.fluid.density_kg_m3 / (DISCHARGE * area).powi(2);
            let vessel = Vessel { resistance: shape.resistance, stenosis, ..Vessel::default() };
            let block = self.block(format!("{LEAK}{n}"), BlockKind::Vessel(vessel));
            let outside = self.block(format!("outside{n}"), BlockKind::Pressure(Waveform::constant(0.0)));
            let node = self.nearest(leak.place);
            self.nodes[node].to.push((block, f64::INFINITY));
            let end = self.node();
            self.nodes[end].from.push(block);
            self.nodes[end].to.push((outside, f64::INFINITY));
        }
    }

    /// The node at a place; at a closed place the one before it.
    fn nearest(&self, place: TreePlace) -> usize {
        let distance = |at: f64| (at - 1e-3 * place.at_mm).abs();
        let places = &self.places[place.branch];
        let nearest = places.iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
        nearest.map_or(0, |nearest| nearest.1)
    }

    /// What comes in and the beds behind the ends.
    pub(super) fn ends(&mut self) {
        let (tree, setup) = (self.tree, self.setup);
        let root_weight = |n: usize| tree.branches[n].whole.radius(0.0).powi(3);
        let roots: Vec<usize> = (0..tree.branches.len()).filter(|n| tree.branches[*n].root == Some(*n)).collect();
        let sum: f64 = roots.iter().map(|n| root_weight(*n)).sum();
        for n in roots {
            let kind = match &setup.inflow {
                TreeInflow::Flow(wave) => BlockKind::Flow(wave.scaled(root_weight(n) / sum)),
                TreeInflow::Pressure(wave) => BlockKind::Pressure(wave.clone()),
            };
            let block = self.block(format!("{INFLOW}{n}"), kind);
            let node = self.places[n][0].1;
            self.nodes[node].from.push(block);
        }
        let flows = tree.murray_flows(setup.mean_flow_m3_s);
        let is_end = |n: &usize| tree.branches[*n].outlet_weight.is_some();
        for n in (0..tree.branches.len()).filter(is_end) {
            let total = (setup.mean_pressure_pa - setup.distal_pressure_pa) / flows[n];
            let kind = match setup.outlets {
                Outlets::Resistance => {
                    BlockKind::Resistance { resistance: total, distal_pressure: setup.distal_pressure_pa }
                }
                Outlets::Rcr { proximal_part, time_constant_s } => {
                    let distal = (1.0 - proximal_part) * total;
                    BlockKind::Rcr(Rcr {
                        proximal: proximal_part * total,
                        capacitance: time_constant_s / distal,
                        distal,
                        distal_pressure: setup.distal_pressure_pa,
                    })
                }
            };
            let block = self.block(format!("outlet{n}"), kind);
            let node = self.places[n][self.places[n].len() - 1].1;
            self.nodes[node].to.push((block, f64::INFINITY));
        }
    }
}

/// Whether the numbers of a set-up can be.
pub(super) fn check(setup: &TreeSetup) -> Result<(), NetworkError> {
    let name = "the setup";
    positive(name, "the density", setup.fluid.density_kg_m3)?;
    positive(name, "the viscosity", setup.fluid.viscosity_pa_s)?;
    setup.wall.check()?;
    positive(name, "the mean flow", setup.mean_flow_m3_s)?;
    finite(name, "the distal pressure", setup.distal_pressure_pa)?;
    positive(name, "the mean pressure less the distal one", setup.mean_pressure_pa - setup.distal_pressure_pa)?;
    positive(name, "the length of a piece", setup.piece_mm)?;
    not_negative(name, "the loss at junctions", setup.junction_loss)?;
    let part = |what, value: f64| {
        let limit = "more than 0 and less than 1";
        let inside = 0.0 < value && value < 1.0;
        if inside { Ok(()) } else { Err(NetworkError::BadNumber { block: name.into(), what, value, limit }) }
    };
    part("the narrowing that counts as a stenosis", setup.stenosis_from)?;
    if let Outlets::Rcr { proximal_part, time_constant_s } = setup.outlets {
        part("the proximal part of the outlets", proximal_part)?;
        positive(name, "the time constant of the outlets", time_constant_s)?;
    }
    Ok(())
}
