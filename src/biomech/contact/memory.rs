//! What contact learnt: pressures, friction, and where the body was at the last load step.

use super::nodes::{Key, Touching};
use crate::geom::Vector;
use std::collections::BTreeMap;

/// The memory of contact between equilibria; empty before the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// Pressure and friction of each node, Pa.
    pressed: BTreeMap<Key, (f64, Vector)>,
    /// All unknowns and the share of the load at the last load step; empty before the first.
    before: Vec<f64>,
    load: f64,
}

impl Memory {
    /// What is known of the pressure of a node, Pa.
    pub(super) fn pressure_pa(&self, key: &Key) -> f64 {
        self.pressed.get(key).map_or(0.0, |known| known.0)
    }

    /// What is known of the friction of a node, Pa.
    pub(super) fn traction_pa(&self, key: &Key) -> Vector {
        self.pressed.get(key).map_or_else(Vector::zeros, |known| known.1)
    }

    /// Displacement of a vertex at the last load step, m, with `fields` unknowns per vertex.
    pub(super) fn moved_m(&self, fields: usize, vertex: u32) -> Vector {
        let own = self.before.get(fields * vertex as usize..).and_then(|rest| rest.get(..3));
        own.map_or_else(Vector::zeros, Vector::from_column_slice)
    }

    /// All unknowns at the last load step; empty before the first.
    pub fn before(&self) -> &[f64] {
        &self.before
    }

    /// Share of the load at the last load step; none of it before the first.
    pub(super) fn load(&self) -> f64 {
        self.load
    }

    /// Learn the pressures and friction of an equilibrium.
    pub fn learn(&mut self, touching: &Touching) {
        let pressed = touching.nodes.iter().filter(|node| 0.0 < node.pressure_pa);
        self.pressed = pressed.map(|node| (node.key, (node.pressure_pa, node.traction_pa))).collect();
    }

    /// End a load step: from here slip counts.
    pub fn end_step(&mut self, touching: &Touching, load: f64, x: &[f64]) {
        self.learn(touching);
        self.begin_at(load, x);
    }

    /// Slip counts from the unknowns `x` at share `load`.
    pub fn begin_at(&mut self, load: f64, x: &[f64]) {
        self.before = x.to_vec();
        self.load = load;
    }
}
