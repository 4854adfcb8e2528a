//! What holds and pushes the body besides itself: tools, graspers, springs; and the account of their forces.

use super::body::{Body, Spring};
use super::contact::{Contact, Skin, find};
use super::health::Note;
use super::tools::{Placed, Tool};
use crate::biomech::bed::BedSpring;
use crate::biomech::units::m_from_mm;
use crate::geom::Vector;
use nalgebra::Matrix3;

/// Fastest grasper, m/s.
const GRASP_M_S: f64 = 2.0;
/// Precision of the forces inside, in units of a grip's stiffness times the displacement.
const ROUNDING: f64 = 1e-7;

impl Body {
    /// Where the tools are in this frame: where the hand is, unless that is far and tissue lies on the way.
    pub(super) fn move_tools(&mut self, wanted: &[Tool], note: &mut Option<Note>) {
        if self.tool_places.len() != wanted.len() {
            self.tool_places.clear();
            self.tool_places.extend(wanted.iter().map(|tool| tool.place_mm));
            self.tool_forces.resize(wanted.len(), Vector::zeros());
        }
        self.tools.clear();
        for (number, tool) in wanted.iter().enumerate() {
            if !tool.is_finite() {
                self.tools.push(Placed::nowhere());
                continue;
            }
            let known = self.tool_places[number];
            let from = if known.iter().all(|x| x.is_finite()) { known } else { tool.place_mm };
            let way = tool.place_mm - from;
            let (length, stride) = (way.norm(), tool.stride_mm());
            let mut to = tool.place_mm;
            if stride < length {
                let placed = Placed::new(tool, &from, &Vector::zeros());
                let clear = self.clear_mm(&placed, &way).max(stride);
                if clear < length {
                    to = from + way * (clear / length);
                    *note = note.or(Some(Note::HeldBack { behind_mm: length - clear }));
                }
            }
            self.tool_places[number] = to;
            self.tools.push(Placed::new(tool, &to, &(to - from)));
        }
    }

    /// How far a tool can go along `way`, mm, before it meets tissue.
    fn clear_mm(&self, tool: &Placed, way: &Vector) -> f64 {
        let meet = |skin: &Skin| tool.clear(&(1e-3 * way), &self.at(&self.u, skin.corners[0]), 2.0 * skin.reach);
        1e3 * self.skin.iter().map(meet).fold(f64::INFINITY, f64::min)
    }

    /// Where the jaws are in this frame.
    pub(super) fn move_grasps(&mut self, note: &mut Option<Note>) {
        let most = GRASP_M_S * self.settings.step_s;
        for grasp in self.grasps.iter_mut().flatten() {
            let way = grasp.wanted - grasp.moved;
            let length = way.norm();
            if length <= most {
                grasp.moved = grasp.wanted;
            } else {
                grasp.moved += way * (most / length);
                *note = note.or(Some(Note::HeldBack { behind_mm: 1e3 * (length - most) }));
            }
        }
    }

    /// List the triangles that each tool may touch in this frame.
    pub(super) fn list_near(&mut self) {
        let mut near = std::mem::take(&mut self.near);
        near.resize_with(self.tools.len().max(near.len()), Vec::new);
        for (tool, near) in self.tools.iter().zip(&mut near) {
            near.clear();
            for (number, skin) in (0..).zip(&self.skin) {
                let v = skin.corners[0];
                let way = Vector::from(self.v[v as usize]).norm() * self.settings.step_s;
                if tool.may_touch(&self.at(&self.u, v), 2.0 * (skin.reach + way)) {
                    near.push(number);
                }
            }
        }
        self.near = near;
    }

    /// Find the touches at `trial`; the energy of their normal springs, J.
    pub(super) fn touch_energy(&mut self) -> f64 {
        let mut touches = std::mem::take(&mut self.touches);
        touches.clear();
        for (number, (tool, near)) in self.tools.iter().zip(&self.near).enumerate() {
            let skin = near.iter().map(|n| self.skin[*n as usize]);
            find(tool, number, skin, |v| self.at(&self.trial, v), &mut touches);
        }
        self.touches = touches;
        self.touches.iter().map(Contact::push_energy).sum::<f64>() + self.self_touch_energy()
    }

    /// Make the touches at `trial` the contacts of the next Newton step, with their friction.
    pub(super) fn fix_contacts(&mut self) {
        let mut contacts = std::mem::take(&mut self.contacts);
        contacts.clear();
        contacts.extend_from_slice(&self.touches);
        for contact in &mut contacts {
            let friction = self.tools[contact.tool].friction;
            let depth = |v: &u32| self.pressed[*v as usize][0] / self.pressed[*v as usize][1].max(f64::MIN_POSITIVE);
            let depth = contact.corners.iter().zip(contact.weights).map(|(v, weight)| depth(v) * weight).sum();
            contact.set_friction(friction, depth, &self.slip(contact), self.settings.step_s);
        }
        self.contacts = contacts;
        self.fix_self_contacts();
    }

    /// Have no contacts, as at the start of a frame.
    pub(super) fn forget_contacts(&mut self) {
        self.contacts.clear();
        self.own.contacts.clear();
    }

    /// How far the tissue of a contact came since the start of the frame, m.
    fn slip(&self, contact: &Contact) -> Vector {
        contact.mean(|v| Vector::from(self.trial[v]) - Vector::from(self.u[v]))
    }

    /// What friction takes between the start of the frame and `trial`, J.
    pub(super) fn rub_energy(&self) -> f64 {
        let tools: f64 = self.contacts.iter().map(|contact| contact.drag_energy(&self.slip(contact))).sum();
        tools + self.self_rub_energy()
    }

    /// Graspers' springs: vertex, force at `trial` in N, stiffness in N/m.
    fn grips(&self) -> impl Iterator<Item = (usize, u32, Vector, f64)> + '_ {
        let grasps = self.grasps.iter().enumerate().filter_map(|(n, grasp)| Some((n, grasp.as_ref()?)));
        grasps.flat_map(move |(n, grasp)| {
            grasp.vertices.iter().zip(&grasp.anchors).map(move |(v, anchor)| {
                let stiffness = self.grip[*v as usize];
                (n, *v, (anchor + grasp.moved - self.at(&self.trial, *v)) * stiffness, stiffness)
            })
        })
    }

    /// Direction from the anchor, stretch and length of a spring at `trial`, m; none while it is slack.
    fn taut(&self, spring: &Spring) -> Option<(Vector, f64, f64)> {
        let line = self.at(&self.trial, spring.vertex) - m_from_mm(&spring.anchor_mm);
        let length = line.norm();
        let stretch = length - 1e-3 * spring.slack_mm;
        (0.0 < stretch).then(|| (line / length, stretch, length))
    }

    /// Energy of graspers and springs at `trial`, J.
    pub(super) fn spring_energy(&self) -> f64 {
        let of_grip = |(_, _, force, stiffness): (usize, u32, Vector, f64)| {
            if 0.0 < stiffness { 0.5 * force.norm_squared() / stiffness } else { 0.0 }
        };
        let grips: f64 = self.grips().map(of_grip).sum();
        let of_spring = |spring: &Spring| {
            self.taut(spring).map_or(0.0, |(_, stretch, _)| 0.5 * spring.stiffness_n_m * stretch * stretch)
        };
        let of_bed = |spring: &BedSpring| {
            let depth = spring.depth_m(&Vector::from(self.trial[spring.vertex as usize])).max(0.0);
            0.5 * spring.stiffness_n_m * depth * depth
        };
        let springs = self.springs.iter().map(of_spring).sum::<f64>();
        grips + springs + self.bed.iter().map(of_bed).sum::<f64>()
    }

    /// Add graspers, springs and contacts at `trial` to gradient and stiffness.
    pub(super) fn hold(&mut self) {
        let mut gradient = std::mem::take(&mut self.gradient);
        let mut stiffness = std::mem::take(&mut self.stiffness);
        let mut pieces = std::mem::take(&mut self.pieces);
        let mut add = |v: u32, other: u32, weight: f64, block: &[[f64; 3]; 3]| {
            let Some(entry) = self.topology.entry(v as usize, other) else { return };
            pieces.add(v, block, weight);
            stiffness.add(entry, &Matrix3::from_fn(|i, j| weight * block[i][j]));
        };
        for (_, v, force, stiffness) in self.grips() {
            subtract(&mut gradient[v as usize], &force);
            add(v, v, stiffness, &diagonal(1.0));
        }
        for spring in &self.springs {
            let Some((line, stretch, length)) = self.taut(spring) else { continue };
            subtract(&mut gradient[spring.vertex as usize], &(line * (-spring.stiffness_n_m * stretch)));
            let across = stretch / length;
            let part = |i: usize, j: usize| (1.0 - across) * line[i] * line[j] + if i == j { across } else { 0.0 };
            let block = std::array::from_fn(|i| std::array::from_fn(|j| part(i, j)));
            add(spring.vertex, spring.vertex, spring.stiffness_n_m, &block);
        }
        for spring in &self.bed {
            let u = Vector::from(self.trial[spring.vertex as usize]);
            if spring.resists(&u) {
                subtract(&mut gradient[spring.vertex as usize], &spring.force_n(&u));
                add(spring.vertex, spring.vertex, 1.0, &spring.block());
            }
        }
        for contact in &self.contacts {
            let force = contact.push() + contact.drag(&self.slip(contact));
            for (a, v) in (0..3).zip(contact.corners).filter(|(a, _)| 0.0 < contact.weights[*a]) {
                subtract(&mut gradient[v as usize], &(force * contact.weights[a]));
                for (b, other) in (0..3).zip(contact.corners).filter(|(b, _)| 0.0 < contact.weights[*b]) {
                    add(v, other, 1.0, &contact.block(a, b));
                }
            }
        }
        self.stiffness = stiffness;
        self.pieces = pieces;
        self.gradient = gradient;
        self.hold_self();
        self.hold_ties();
        self.hold_needle();
    }

    /// Forces on tools, graspers and supports at `trial`, where `gradient` has all other forces; what is out of balance
    /// over the forces that act.
    pub(super) fn account(&mut self) -> f64 {
        let mut gradient = std::mem::take(&mut self.gradient);
        let mut tool_forces = std::mem::take(&mut self.tool_forces);
        tool_forces.fill(Vector::zeros());
        let mut applied: Vector = self.load.iter().map(|load| Vector::from(*load)).sum();
        let mut size: f64 = self.load.as_flattened().iter().map(|x| x * x).sum();
        let mut act = |vertex: u32, force: Vector| {
            subtract(&mut gradient[vertex as usize], &force);
            applied += force;
            size += force.norm_squared();
        };
        for (_, v, force, _) in self.grips() {
            act(v, force);
        }
        for spring in &self.springs {
            if let Some((line, stretch, _)) = self.taut(spring) {
                act(spring.vertex, line * (-spring.stiffness_n_m * stretch));
            }
        }
        for spring in &self.bed {
            act(spring.vertex, spring.force_n(&Vector::from(self.trial[spring.vertex as usize])));
        }
        let pushes = self.touches.iter().map(|touch| (touch, touch.push()));
        let drags = self.contacts.iter().map(|contact| (contact, contact.drag(&self.slip(contact))));
        for (contact, force) in pushes.chain(drags) {
            tool_forces[contact.tool] -= force;
            contact.corners.iter().zip(contact.weights).for_each(|(v, weight)| act(*v, force * weight));
        }
        size += self.account_self(&mut gradient) + self.account_ties(&mut gradient);
        let (by_needle, square) = self.account_needle(&mut gradient);
        applied += by_needle;
        size += square;
        self.pressed.fill([0.0; 2]);
        for touch in &self.touches {
            for (v, weight) in touch.corners.iter().zip(touch.weights) {
                let [force, stiffness] = &mut self.pressed[*v as usize];
                *force += weight * touch.stiffness * touch.depth;
                *stiffness += weight * touch.stiffness;
            }
        }
        let (mut left, mut held, mut support) = (0.0, 0.0, Vector::zeros());
        for (v, (gradient, free)) in gradient.iter().zip(&self.free).enumerate() {
            // What rounding leaves of the forces inside a body that is only moved or turned.
            size += (ROUNDING * self.grip[v]).powi(2) * Vector::from(self.trial[v]).norm_squared();
            for i in 0..3 {
                if free[i] == 0.0 {
                    support[i] += gradient[i];
                    held += gradient[i] * gradient[i];
                } else {
                    left += gradient[i] * gradient[i];
                }
            }
        }
        (self.applied, self.support) = (applied, support);
        (self.gradient, self.tool_forces) = (gradient, tool_forces);
        self.sum_grasps();
        let reference = size.max(held).sqrt();
        if left == 0.0 { 0.0 } else { left.sqrt() / reference.max(f64::MIN_POSITIVE) }
    }

    fn sum_grasps(&mut self) {
        for n in 0..self.grasps.len() {
            let force = self.grips().filter(|(number, ..)| *number == n).map(|(_, _, force, _)| force).sum();
            if let Some(grasp) = &mut self.grasps[n] {
                grasp.force = force;
            }
        }
    }
}

fn subtract(from: &mut [f64; 3], force: &Vector) {
    from.iter_mut().zip(force.iter()).for_each(|(from, force)| *from -= force);
}

fn diagonal(value: f64) -> [[f64; 3]; 3] {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { value } else { 0.0 }))
}
