//! What each vertex of the surface may touch in a frame: pairs with triangles that are fixed at its start.
//!
//! In a frame a pair keeps its point of the triangle and its normal, so that its depth is linear in the places:
//!
//! ```text
//! depth(x) = offset − n · Σ w x        energy = Σ k/2 max(0, depth − allowed)²
//! ```
//!
//! The energy is convex with a continuous slope, and Newton's method meets no jump where the nearest triangle changes;
//! what changes is seen by the next frame. There the new pair of a vertex starts as far pressed as the old one ended, or
//! energy would come from nowhere; what depth is left parts slowly.

use super::SelfContact;
use super::pairing::Pairing;
use super::surface::Surface;
use super::touch::Touch;
use crate::biomech::interactive::topology::Topology;
use crate::geom::Vector;
use rayon::prelude::*;

/// Vertices one thread works on at a time.
const VERTICES: usize = 64;

/// What is known of the body.
pub struct View<'a> {
    /// Tetrahedra.
    pub tets: &'a [[u32; 4]],
    /// Who meets whom.
    pub topology: &'a Topology,
    /// Places at rest, m.
    pub rest: &'a [[f64; 3]],
    /// Displacements, m.
    pub u: &'a [[f64; 3]],
    /// Speeds, m/s.
    pub v: &'a [[f64; 3]],
    /// Stiffness of a spring on each vertex that tissue hardly bends, N/m.
    pub grip: &'a [f64],
    /// Length of the frame, s.
    pub step_s: f64,
}

impl View<'_> {
    /// Where vertex `v` is, m.
    pub fn place(&self, v: u32) -> Vector {
        Vector::from(self.rest[v as usize]) + Vector::from(self.u[v as usize])
    }
}

/// The surface and all it touches of itself.
#[derive(Debug, Clone, Default)]
pub struct SelfContacts {
    /// Triangles of the outside and their tetrahedra.
    outer: Vec<([u32; 3], u32)>,
    /// What follows from them, once it is wanted.
    surface: Option<Surface>,
    /// Pairs of this frame; pressed as they are at the displacement that was tried last.
    pairs: Vec<Touch>,
    /// Those that are pressed.
    pub touches: Vec<Touch>,
    /// Touches where the stiffness was built, with their friction.
    pub contacts: Vec<Touch>,
    /// How far the spring of each vertex was pressed at the end of the last frame, m.
    pub pressed: Vec<f64>,
    /// Deepest vertex at the displacement that was tried last, m.
    pub deepest: f64,
}

impl SelfContacts {
    /// Of a body with the triangles `outer` outside, each with its tetrahedron.
    pub fn new(outer: Vec<([u32; 3], u32)>) -> Self {
        Self { outer, ..Self::default() }
    }

    /// Forget what was touched.
    pub fn clear(&mut self) {
        self.pairs.clear();
        self.touches.clear();
        self.contacts.clear();
        self.pressed.fill(0.0);
        self.deepest = 0.0;
    }

    /// Keep for the next frame how far springs are pressed at the displacement that was tried last.
    pub fn remember(&mut self) {
        self.pressed.fill(0.0);
        for touch in &self.touches {
            let pressed = &mut self.pressed[touch.number as usize];
            *pressed = pressed.max(touch.pressed);
        }
    }

    /// Pair each vertex with what it may touch in this frame, if that is wanted.
    pub fn watch(&mut self, when: SelfContact, view: &View) {
        if when == SelfContact::Never {
            self.clear();
            return;
        }
        let make = || Surface::new(&self.outer, view.topology, view.rest);
        let mut surface = self.surface.take().unwrap_or_else(make);
        self.pressed.resize(surface.vertices.len(), 0.0);
        if when == SelfContact::Parted && !surface.parted {
            self.clear();
        } else {
            surface.see(view);
            let each = (0..surface.vertices.len() as u32).into_par_iter().with_min_len(VERTICES);
            let pairing = Pairing { surface: &surface, view, pressed: &self.pressed };
            self.pairs = each.flat_map_iter(|n| pairing.of(n)).collect();
        }
        self.surface = Some(surface);
    }

    /// Find the touches where `place` says the vertices of the body are, m; the energy of their springs, J.
    pub fn touch(&mut self, place: impl Fn(u32) -> Vector) -> f64 {
        self.touches.clear();
        self.deepest = 0.0;
        for pair in &mut self.pairs {
            pair.press(&place);
            self.deepest = self.deepest.max(pair.depth);
            if 0.0 < pair.pressed {
                self.touches.push(*pair);
            }
        }
        self.touches.iter().map(Touch::push_energy).sum()
    }
}
