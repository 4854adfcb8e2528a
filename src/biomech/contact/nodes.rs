//! Nodes of contact: how they press and rub, and how stiff they are.

use super::memory::Memory;
use crate::geom::Vector;
use nalgebra::Matrix3;

/// Stiffness of sticking over that along the normal.
const STICKY: f64 = 0.5;
/// Gap over the size of a triangle below which surfaces lie on each other though nothing presses them: the first guess
/// of a solver is that they stay so.
const LYING: f64 = 1e-6;

/// Which node of contact it is; the same from load step to load step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Number of the contact among its kind.
    pub contact: u32,
    /// Where it is.
    pub place: Place,
    /// Smooth part of the surface that it touches, or which of several places of an instrument on a triangle.
    pub other: u32,
}

/// Where a node of contact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// At a vertex of tissue that touches tissue.
    Vertex {
        /// Which.
        vertex: u32,
        /// Smooth part of the surface that it belongs to.
        part: u32,
    },
    /// Under an instrument, on a triangle with these corners.
    Triangle([u32; 3]),
}

impl Key {
    /// Whether it is one of tissue on tissue.
    pub fn is_tissue(&self) -> bool {
        matches!(self.place, Place::Vertex { .. })
    }
}

/// What a vertex has to do with a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// The vertex.
    pub vertex: u32,
    /// Its share of the area, m²; negative on the other side.
    pub share_m2: f64,
    /// The same along the normals of the triangles, m²: its movement times this presses.
    pub along_m2: Vector,
}

impl Term {
    /// Add to the term of `vertex` in `terms`.
    pub(super) fn add(terms: &mut Vec<Self>, vertex: u32, share_m2: f64, along_m2: &Vector) {
        match terms.iter_mut().find(|term| term.vertex == vertex) {
            Some(term) => {
                term.share_m2 += share_m2;
                term.along_m2 += along_m2;
            }
            None => terms.push(Self { vertex, share_m2, along_m2: *along_m2 }),
        }
    }
}

/// A node of contact at one displacement. A place under an instrument counts as 1 m², so that its pressures are forces.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Which it is.
    pub key: Key,
    /// The vertices it concerns.
    pub terms: Vec<Term>,
    /// Unit normal, out of its own side.
    pub normal: Vector,
    /// Area, m².
    pub area_m2: f64,
    /// Mean gap, m; negative where bodies overlap.
    pub gap_m: f64,
    /// Size of the triangles around, m.
    pub reach_m: f64,
    /// Pressure per overlap, Pa/m.
    pub stiffness_pa_m: f64,
    /// Coulomb's coefficient.
    pub friction: f64,
    /// Pressure, Pa; 0 or more.
    pub pressure_pa: f64,
    /// Friction on its own side, Pa, across the normal.
    pub traction_pa: Vector,
    /// Slip of its own side along the other since the last load step, m.
    pub slip_m: Vector,
    /// Whether it resists along the normal.
    pub(super) closed: bool,
    /// Stiffness across the normal, Pa/m.
    pub(super) rub_pa_m: f64,
    /// Direction in which it slides; zero where it sticks.
    pub(super) slides: Vector,
}

impl Node {
    /// A node without any area.
    pub(super) fn new(key: Key, friction: f64) -> Self {
        let (terms, zero) = (Vec::new(), Vector::zeros());
        Self {
            key,
            terms,
            normal: zero,
            area_m2: 0.0,
            gap_m: 0.0,
            reach_m: 0.0,
            stiffness_pa_m: 0.0,
            friction,
            pressure_pa: 0.0,
            traction_pa: zero,
            slip_m: zero,
            closed: false,
            rub_pa_m: 0.0,
            slides: zero,
        }
    }

    /// Press as the gap and `memory` say.
    pub(super) fn press(&mut self, memory: &Memory) {
        let pressed = memory.pressure_pa(&self.key) - self.stiffness_pa_m * self.gap_m;
        self.pressure_pa = pressed.max(0.0);
        self.closed = 0.0 < pressed || self.gap_m <= LYING * self.reach_m;
    }

    /// Rub as the pressure, the slip since the last load step and `memory` say.
    pub(super) fn rub(&mut self, memory: &Memory) {
        if self.friction == 0.0 || !self.closed {
            return;
        }
        let across = |v: &Vector| v - self.normal * self.normal.dot(v);
        let stiffness = STICKY * self.stiffness_pa_m;
        let slip = across(&self.slip_m);
        let trial = across(&memory.traction_pa(&self.key)) - slip * stiffness;
        let (size, most) = (trial.norm(), self.friction * self.pressure_pa);
        self.slip_m = slip;
        if size <= most {
            (self.traction_pa, self.rub_pa_m) = (trial, stiffness);
        } else if 0.0 < most {
            let share = most / size;
            (self.traction_pa, self.rub_pa_m, self.slides) = (trial * share, stiffness * share, trial / size);
        } else {
            // Nothing presses yet: the first guess is that what lies there stays there.
            self.rub_pa_m = stiffness;
        }
    }

    /// Whether it slides.
    pub fn is_sliding(&self) -> bool {
        self.slides != Vector::zeros()
    }

    /// Force on the vertex of a term, N.
    pub(super) fn force_n(&self, term: &Term) -> Vector {
        let push = if self.key.is_tissue() { term.along_m2 * self.pressure_pa } else { Vector::zeros() };
        self.traction_pa * term.share_m2 - push
    }

    /// What friction gains where it slides if each vertex moves by `step`, m, over the share of a vertex, Pa: the part of
    /// the stiffness that is not symmetric.
    pub(super) fn gain_pa(&self, step: impl Fn(u32) -> Vector) -> Vector {
        let pressed: f64 = self.terms.iter().map(|term| term.along_m2.dot(&step(term.vertex))).sum();
        self.slides * (self.friction * self.stiffness_pa_m / self.area_m2 * pressed)
    }

    /// Stiffness between the vertices of two terms, N/m: the symmetric part, without the change of normals and areas.
    pub(in crate::biomech) fn block(&self, a: &Term, b: &Term) -> Matrix3<f64> {
        let mut block = Matrix3::zeros();
        if self.closed && self.key.is_tissue() {
            block += a.along_m2 * b.along_m2.transpose() * (self.stiffness_pa_m / self.area_m2);
        }
        if 0.0 < self.rub_pa_m {
            let across =
                Matrix3::identity() - self.normal * self.normal.transpose() - self.slides * self.slides.transpose();
            block += across * (self.rub_pa_m * a.share_m2 * b.share_m2 / self.area_m2);
        }
        block
    }
}

/// All nodes of contact at one displacement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Touching {
    /// Those of tissue on tissue and those of friction under instruments.
    pub nodes: Vec<Node>,
    /// Unknowns per vertex.
    pub fields: usize,
}

impl Touching {
    /// Add the forces on all vertices to `forces`, N.
    pub(in crate::biomech) fn add_forces(&self, forces: &mut [f64]) {
        for node in &self.nodes {
            for term in &node.terms {
                let out = &mut forces[self.fields * term.vertex as usize..][..3];
                out.iter_mut().zip(node.force_n(term).iter()).for_each(|(out, force)| *out += force);
            }
        }
    }

    /// Whether anything slides, so that the stiffness is not symmetric.
    pub(in crate::biomech) fn slides(&self) -> bool {
        self.nodes.iter().any(Node::is_sliding)
    }

    /// Take from `out` what friction gains where it slides when unknowns move by `step`, `fields` per vertex; of the
    /// columns only those that are `from` held or free, and only free rows.
    pub(in crate::biomech) fn take_gain(&self, held: &[bool], from: bool, step: &[f64], out: &mut [f64]) {
        let fields = self.fields;
        for node in self.nodes.iter().filter(|node| node.is_sliding()) {
            let gain = node.gain_pa(|v| {
                let first = fields * v as usize;
                Vector::from_fn(|axis, _| if held[first + axis] == from { step[first + axis] } else { 0.0 })
            });
            for term in &node.terms {
                let first = fields * term.vertex as usize;
                for axis in (0..3).filter(|axis| !held[first + axis]) {
                    out[first + axis] -= gain[axis] * term.share_m2;
                }
            }
        }
    }

    /// The largest gap or overlap where something presses, over the size of the triangles there.
    pub(in crate::biomech) fn looseness(&self) -> f64 {
        let pressed = self.nodes.iter().filter(|node| node.key.is_tissue() && 0.0 < node.pressure_pa);
        pressed.map(|node| node.gap_m.abs() / node.reach_m).fold(0.0, f64::max)
    }
}
