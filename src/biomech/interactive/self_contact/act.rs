//! How the body feels what it touches of itself; springs between its own vertices, so support and loads know nothing.

use super::touch::{Link, Touch};
use super::watch::View;
use crate::biomech::interactive::body::Body;
use crate::geom::Vector;

impl Body {
    /// List what vertices may touch of other parts in this frame.
    pub(in crate::biomech::interactive) fn watch_self(&mut self) {
        let mut own = std::mem::take(&mut self.own);
        let Self { tets, topology, rest, u, v, grip, settings, .. } = &*self;
        let view = View { tets, topology, rest, u, v, grip, step_s: settings.step_s };
        own.watch(settings.self_contact, &view);
        self.own = own;
    }

    /// Find the touches at `trial`; the energy of their springs, J.
    pub(in crate::biomech::interactive) fn self_touch_energy(&mut self) -> f64 {
        let mut own = std::mem::take(&mut self.own);
        let energy = own.touch(|v| self.at(&self.trial, v));
        self.own = own;
        energy
    }

    /// Make the touches at `trial` the contacts of the next Newton step, with their friction.
    pub(in crate::biomech::interactive) fn fix_self_contacts(&mut self) {
        let mut contacts = std::mem::take(&mut self.own.contacts);
        contacts.clear();
        contacts.extend_from_slice(&self.own.touches);
        if 0.0 < self.settings.self_friction {
            for contact in &mut contacts {
                let (pressed, slip) = (self.own.pressed[contact.number as usize], self.self_slip(contact));
                contact.set_friction(self.settings.self_friction, pressed, &slip, self.settings.step_s);
            }
        }
        self.own.contacts = contacts;
    }

    /// How far the vertex of a contact came along its triangle since the start of the frame, m.
    fn self_slip(&self, contact: &Touch) -> Vector {
        contact.against(|v| Vector::from(self.trial[v]) - Vector::from(self.u[v]))
    }

    /// What friction takes between the start of the frame and `trial`, J.
    pub(in crate::biomech::interactive) fn self_rub_energy(&self) -> f64 {
        self.own.contacts.iter().map(|contact| contact.drag_energy(&self.self_slip(contact))).sum()
    }

    /// Add the contacts at `trial` to gradient and stiffness.
    pub(in crate::biomech::interactive) fn hold_self(&mut self) {
        let mut gradient = std::mem::take(&mut self.gradient);
        let mut links = std::mem::take(&mut self.solver.links);
        links.clear();
        for contact in &self.own.contacts {
            spread(&mut gradient, contact, &(contact.push() + contact.drag(&self.self_slip(contact))));
            let block = contact.block();
            for (a, b) in (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).filter(|(a, b)| (*a == 0) == (*b == 0)) {
                let [v, other] = [contact.vertices[a], contact.vertices[b]];
                let Some(entry) = self.topology.entry(v as usize, other) else { continue };
                self.stiffness.add(entry, &(block * (contact.weights[a] * contact.weights[b])));
            }
            links.push(Link::new(contact));
            self.pieces.add_between(contact.vertices, contact.weights, &block);
        }
        (self.gradient, self.solver.links) = (gradient, links);
    }

    /// Take the forces of the touches at `trial` and of friction from `gradient`; the sum of their squares, N².
    pub(in crate::biomech::interactive) fn account_self(&mut self, gradient: &mut [[f64; 3]]) -> f64 {
        let pushes = self.own.touches.iter().map(|touch| (touch, touch.push()));
        let drags = self.own.contacts.iter().map(|contact| (contact, contact.drag(&self.self_slip(contact))));
        let mut square = 0.0;
        for (contact, force) in pushes.chain(drags) {
            spread(gradient, contact, &force);
            square += force.norm_squared();
        }
        self.own.remember();
        square
    }
}

/// Take the force on the vertex of a contact, N, and what answers it on the corners from `gradient`.
fn spread(gradient: &mut [[f64; 3]], contact: &Touch, force: &Vector) {
    for (v, weight) in contact.vertices.iter().zip(contact.weights) {
        gradient[*v as usize].iter_mut().zip(force.iter()).for_each(|(gradient, force)| *gradient -= weight * force);
    }
}
