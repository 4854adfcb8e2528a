//! Rigid instruments that press on a body at rest: the same springs on the surface as in the interactive solver, so that
//! both mean the same by contact. Friction, where an instrument has any, is that of its way along a straight line from
//! where it comes from, see [`super::contact`].

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::interactive::contact::{Contact, Skin, find};
use super::interactive::tools::{Placed, Shape, Tool};
use super::problem::Problem;
use super::units::{m_from_mm, offset_m};
use crate::geom::{Point, Vector};
use crate::numerics::BlockMatrix;

/// All instruments of a problem and the surface they may touch.
#[derive(Debug, Clone, Default)]
pub struct Touches {
    /// Where each is at full load, and where it comes from, mm.
    tools: Vec<(Tool, Point)>,
    skin: Vec<Skin>,
}

impl Touches {
    /// Add `tool`, which comes from `from_mm`.
    pub(super) fn add(&mut self, problem: &Problem, tool: Tool, from_mm: Point) {
        if self.skin.is_empty() {
            let (surface, owners) = problem.mesh.boundary();
            let place = |v: u32| m_from_mm(&problem.mesh.positions()[v as usize]);
            let young_pa = |tet: u32| {
                let region = problem.mesh.regions()[tet as usize];
                let own = problem.materials.iter().rev().find(|(other, _)| *other == region);
                own.map_or(0.0, |(_, material)| material.young_pa)
            };
            let skin = |(corners, tet): (&[u32; 3], &u32)| Skin::new(*corners, corners.map(place), young_pa(*tet));
            self.skin = surface.triangles().iter().zip(&owners).map(skin).collect();
        }
        self.tools.push((tool, from_mm));
    }

    /// Add the instruments of `other` where they are at share `load` of their way, to stay there.
    pub(super) fn extend_at(&mut self, other: &Self, load: f64) {
        if self.skin.is_empty() {
            self.skin.clone_from(&other.skin);
        }
        self.tools.extend(other.tools.iter().map(|(tool, from)| {
            let place_mm = from + (tool.place_mm - from) * load;
            (Tool { place_mm, ..*tool }, place_mm)
        }));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// Places in contact at share `load` of the way, with the vertices at `place`, m.
    pub(super) fn contacts(&self, load: f64, place: impl Fn(u32) -> Vector) -> Vec<Contact> {
        let mut contacts = Vec::new();
        for (number, (tool, from)) in self.tools.iter().enumerate() {
            let placed = Placed::new(tool, &(from + (tool.place_mm - from) * load), &Vector::zeros());
            let near = self.skin.iter().filter(|skin| placed.may_touch(&place(skin.corners[0]), 2.0 * skin.reach));
            find(&placed, number, near.copied(), &place, &mut contacts);
        }
        contacts
    }
}

impl Touches {
    /// Coulomb's coefficient of an instrument.
    pub(super) fn friction(&self, tool: usize) -> f64 {
        self.tools[tool].0.friction.max(0.0)
    }

    /// Whether any instrument rubs.
    pub(super) fn have_friction(&self) -> bool {
        self.tools.iter().any(|(tool, _)| 0.0 < tool.friction)
    }

    /// Movement of an instrument between two shares of its way, m.
    pub(super) fn moved_m(&self, tool: usize, from: f64, to: f64) -> Vector {
        let (tool, start) = &self.tools[tool];
        offset_m(&(tool.place_mm - start)) * (to - from)
    }

    /// Which of the places of an instrument on one triangle: a plane may touch each corner.
    pub(super) fn number_on_triangle(&self, contact: &Contact) -> u32 {
        match self.tools[contact.tool].0.shape {
            Shape::Plane { .. } => contact.weights.iter().position(|weight| *weight == 1.0).unwrap_or(0) as u32,
            Shape::Sphere { .. } | Shape::Capsule { .. } => 0,
        }
    }
}

impl Assembly<'_> {
    fn touched(&self, case: &LoadCase, load: f64, x: &[f64]) -> Vec<Contact> {
        if case.touches.is_empty() {
            return Vec::new();
        }
        case.touches.contacts(load, |v| m_from_mm(&self.mesh.positions()[v as usize]) + self.moved(v, x))
    }

    /// Add the forces of instruments to external `forces`, N.
    pub(super) fn add_touch(&self, case: &LoadCase, load: f64, x: &[f64], forces: &mut [f64]) {
        for contact in self.touched(case, load, x) {
            for (v, weight) in contact.corners.iter().zip(contact.weights) {
                let out = &mut forces[self.fields() * *v as usize..][..3];
                out.iter_mut().zip(contact.push().iter()).for_each(|(out, force)| *out += weight * force);
            }
        }
    }

    /// Add the stiffness of instruments' springs.
    pub(super) fn add_touch_stiffness(&self, case: &LoadCase, load: f64, x: &[f64], matrix: &mut BlockMatrix) {
        for contact in self.touched(case, load, x) {
            for (a, b) in (0..3).flat_map(|a| (0..3).map(move |b| (a, b))) {
                let row = contact.corners[a] as usize;
                let Some(slot) = self.pattern.slot(row, contact.corners[b]) else { continue };
                for (r, block) in contact.block(a, b).iter().enumerate() {
                    let into = matrix.block_row_mut(row, slot, r);
                    into.iter_mut().zip(block).for_each(|(into, block)| *into += block);
                }
            }
        }
    }

    /// Force of each instrument on the body at full load, N, and the deepest contact, m: what penalty springs leave.
    pub(super) fn touch_forces(&self, case: &LoadCase, x: &[f64]) -> (Vec<Vector>, f64) {
        let mut forces = vec![Vector::zeros(); case.touches.tools.len()];
        let mut deepest = 0.0_f64;
        for contact in self.touched(case, 1.0, x) {
            forces[contact.tool] += contact.push();
            deepest = deepest.max(contact.depth);
        }
        (forces, deepest)
    }
}
