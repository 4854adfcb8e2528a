//! All contact of a body at one displacement: tissue on tissue, and friction under instruments.

use super::find;
use super::memory::Memory;
use super::nodes::{Key, Node, Place, Term, Touching};
use super::overlap::{Overlap, deepest};
use super::surfaces::Surfaces;
use crate::biomech::assemble::Assembly;
use crate::biomech::boundary::LoadCase;
use crate::biomech::units::m_from_mm;
use crate::geom::Vector;

/// Way between two looks whether tissue is inside tissue, in mean edges of the triangles.
const STRIDE: f64 = 0.3;
/// Most looks.
const LOOKS: f64 = 40.0;

impl Assembly<'_> {
    fn at(&self, v: u32, x: &[f64]) -> Vector {
        m_from_mm(&self.mesh.positions()[v as usize]) + self.moved(v, x)
    }

    /// Contact at `x` and share `load`, after what `memory` has seen; `None` if there is no contact to look for.
    pub(in crate::biomech) fn touching(
        &self,
        case: &LoadCase,
        memory: &Memory,
        load: f64,
        x: &[f64],
    ) -> Option<Touching> {
        if !case.has_memory() {
            return None;
        }
        let mut all: Vec<Node> = Vec::new();
        for (number, surfaces) in (0..).zip(&case.contacts) {
            all.extend(find::nodes(surfaces, number, |v| self.at(v, x)));
        }
        all.iter_mut().for_each(|node| node.press(memory));
        if case.touches.have_friction() {
            all.extend(self.rubbed(case, memory, load, x));
        }
        let fields = self.fields();
        for node in all.iter_mut().filter(|node| 0.0 < node.friction) {
            let slip = |term: &Term| (self.moved(term.vertex, x) - memory.moved_m(fields, term.vertex)) * term.share_m2;
            node.slip_m += node.terms.iter().map(slip).sum::<Vector>() / node.area_m2;
            node.rub(memory);
        }
        Some(Touching { nodes: all, fields })
    }

    /// Places under instruments with friction, pressed by the springs that are there already; their slip begins with
    /// what the instrument moved, reversed.
    fn rubbed(&self, case: &LoadCase, memory: &Memory, load: f64, x: &[f64]) -> Vec<Node> {
        let mut all: Vec<Node> = Vec::new();
        for contact in case.touches.contacts(load, |v| self.at(v, x)) {
            let friction = case.touches.friction(contact.tool);
            if friction == 0.0 {
                continue;
            }
            let (place, other) = (Place::Triangle(contact.corners), case.touches.number_on_triangle(&contact));
            let mut node = Node::new(Key { contact: contact.tool as u32, place, other }, friction);
            for (vertex, weight) in contact.corners.iter().zip(contact.weights) {
                Term::add(&mut node.terms, *vertex, weight, &(contact.normal * -weight));
            }
            let pressure_pa = contact.stiffness * contact.depth;
            node.normal = -contact.normal;
            (node.area_m2, node.gap_m, node.reach_m) = (1.0, -contact.depth, 1.0);
            (node.stiffness_pa_m, node.pressure_pa, node.closed) = (contact.stiffness, pressure_pa, true);
            node.slip_m = -case.touches.moved_m(contact.tool, memory.load(), load);
            all.push(node);
        }
        all
    }

    /// Tissue that is inside tissue deeper than contact can push it out, at `x` or somewhere on the straight way there
    /// from `from` (from rest, if that is empty), which is looked at every [`STRIDE`] triangles.
    pub(in crate::biomech) fn overlap(&self, case: &LoadCase, from: &[f64], x: &[f64]) -> Option<Overlap> {
        let start = if from.is_empty() { vec![0.0; x.len()] } else { from.to_vec() };
        let way = |surfaces: &Surfaces| {
            let corners = surfaces.facets.iter().flat_map(|facet| facet.corners);
            let farthest = corners.map(|v| (self.moved(v, x) - self.moved(v, &start)).norm()).fold(0.0, f64::max);
            let reach = surfaces.facets.iter().map(|facet| facet.reach_m).sum::<f64>() / surfaces.facets.len() as f64;
            let looks = (farthest / (STRIDE * reach)).ceil().clamp(1.0, LOOKS);
            (1..=looks as usize).find_map(|n| {
                let share = n as f64 / looks;
                let place = |v: u32| {
                    let (a, b) = (self.at(v, &start), self.at(v, x));
                    a + (b - a) * share
                };
                deepest(surfaces, self.mesh, place)
            })
        };
        let found = case.contacts.iter().filter_map(way);
        found.max_by(|a, b| a.depth_m.total_cmp(&b.depth_m))
    }
}
