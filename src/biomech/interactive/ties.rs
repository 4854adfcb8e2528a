//! Threads, staples and clips: springs between two vertices of the body, drawn tight as fast as a hand does.
//!
//! A thread pulls where its ends are further apart than it is long; a staple holds them apart too. Both pull with opposite
//! forces along the line between their ends, so momentum is kept and supports know nothing of them.

use super::body::Body;
use super::self_contact::touch::{Link, Touch};
use crate::biomech::problem::TissueError;
use crate::geom::{Point, Vector};

/// How fast a hand draws a thread tight, m/s.
const DRAW_M_S: f64 = 0.05;

/// Tissue at the end of a thread that is squeezed to this share of its volume is drawn no further.
const SQUEEZED_LEAST: f64 = 0.5;

/// What holds two vertices together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// Its ends.
    pub ends: [u32; 2],
    /// Length once it is drawn tight, mm.
    pub length_mm: f64,
    /// Whether it holds them apart, too: a staple; a thread does not.
    pub pushes: bool,
}

/// A thread or a staple as it is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tied {
    /// The number of what it belongs to, see [`Body::tie`].
    pub number: usize,
    /// Its ends.
    pub ends: [u32; 2],
    /// Where they are, mm.
    pub places_mm: [Point; 2],
    /// Force along it, N; negative where a staple is pressed.
    pub tension_n: f64,
    /// Whether it holds them apart, too.
    pub pushes: bool,
}

/// What is fastened with one movement, each tie with its length now, m.
#[derive(Debug, Clone)]
pub(super) struct Fastening(Vec<(Tie, f64)>);

/// Springs between vertices.
#[derive(Debug, Clone, Default)]
pub(super) struct Ties(Vec<Option<Fastening>>);

impl Ties {
    fn all(&self) -> impl Iterator<Item = (usize, &Tie, f64)> {
        let closed = self.0.iter().enumerate().filter_map(|(n, fastening)| Some((n, fastening.as_ref()?)));
        closed.flat_map(|(n, Fastening(ties))| ties.iter().map(move |(tie, length_m)| (n, tie, *length_m)))
    }

    /// Pairs of vertices that are tied.
    pub fn pairs(&self) -> impl Iterator<Item = [u32; 2]> + '_ {
        self.all().map(|(_, tie, _)| tie.ends)
    }
}

impl Body {
    /// Draw all tight for one frame, but not so tight that tissue at their ends would fold.
    pub(super) fn draw_ties(&mut self) {
        let most = DRAW_M_S * self.settings.step_s;
        let mut ties = std::mem::take(&mut self.ties);
        for (tie, length_m) in ties.0.iter_mut().flatten().flat_map(|fastening| &mut fastening.0) {
            let to = (1e-3 * tie.length_mm).clamp(*length_m - most, *length_m + most);
            let is_tight = || tie.ends.iter().any(|v| self.squeezed(*v) < SQUEEZED_LEAST);
            if *length_m < to || (to < *length_m && !is_tight()) {
                *length_m = to;
            }
        }
        self.ties = ties;
    }

    /// Smallest volume over that at rest of the tetrahedra around a vertex.
    fn squeezed(&self, v: u32) -> f64 {
        let volume = |[a, b, c, d]: [Vector; 4]| (b - a).dot(&(c - a).cross(&(d - a)));
        let around = self.topology.corners[self.topology.around(v as usize)].iter();
        let ratio = |corner: &u32| {
            let corners = self.tets[(corner / 4) as usize];
            let at_rest = volume(corners.map(|v| Vector::from(self.rest[v as usize])));
            volume(corners.map(|v| self.at(&self.u, v))) / at_rest
        };
        around.map(ratio).fold(f64::INFINITY, f64::min)
    }

    /// Fasten something that consists of `ties`, at first as long as the ends are apart; its number for [`Self::untie`].
    ///
    /// # Errors
    /// [`TissueError::EmptyPatch`] without ties, [`TissueError::BadVertex`] for a vertex that is none, or for the same
    /// one at both ends; a length that is negative or not finite counts as 0.
    pub fn tie(&mut self, ties: &[Tie]) -> Result<usize, TissueError> {
        let (load, kind, count) = (self.ties.0.len() + 1, "tie", self.u.len());
        if ties.is_empty() {
            return Err(TissueError::EmptyPatch { load, kind });
        }
        let bad = |tie: &&Tie| tie.ends[0] == tie.ends[1] || tie.ends.iter().any(|v| count <= *v as usize);
        if let Some(Tie { ends, .. }) = ties.iter().find(bad) {
            return Err(TissueError::BadVertex { load, kind, vertex: ends[0].max(ends[1]), count });
        }
        let apart = |tie: &Tie| (self.at(&self.u, tie.ends[0]) - self.at(&self.u, tie.ends[1])).norm();
        let held = |tie: &Tie| {
            let length_mm = if tie.length_mm.is_finite() { tie.length_mm.max(0.0) } else { 0.0 };
            (Tie { length_mm, ..*tie }, apart(tie))
        };
        let fastening = Fastening(ties.iter().map(held).collect());
        self.ties.0.push(Some(fastening));
        Ok(load - 1)
    }

    /// Take off what was fastened under `number`; whether it was there.
    pub fn untie(&mut self, number: usize) -> bool {
        self.ties.0.get_mut(number).and_then(Option::take).is_some()
    }

    /// Everything that is tied, in order, but for what lost its tissue.
    pub fn tied(&self) -> impl Iterator<Item = Tied> + '_ {
        let holds = |(_, tie, _): &(usize, &Tie, f64)| tie.ends.iter().all(|v| 0.0 < self.grip[*v as usize]);
        self.ties.all().filter(holds).map(|(number, tie, length_m)| {
            let places_mm = tie.ends.map(|v| self.places[v as usize]);
            let tension_n = self.tension(&self.u, tie, length_m).map_or(0.0, |touch| touch.stiffness * touch.pressed);
            Tied { number, ends: tie.ends, places_mm, tension_n, pushes: tie.pushes }
        })
    }

    /// The spring of a tie at the displacement `u`; none where it is slack or one of its ends lost its tissue.
    fn tension(&self, u: &[[f64; 3]], tie: &Tie, length_m: f64) -> Option<Touch> {
        let [a, b] = tie.ends;
        let (line, grips) = (self.at(u, b) - self.at(u, a), tie.ends.map(|v| self.grip[v as usize]));
        let (apart, sum) = (line.norm(), grips[0] + grips[1]);
        let stretch = apart - length_m;
        if grips[0] * grips[1] <= 0.0 || apart == 0.0 || (stretch <= 0.0 && !tie.pushes) {
            return None;
        }
        let stiffness = grips[0] * grips[1] / sum;
        Some(Touch {
            vertices: [a, b, b, b],
            weights: [1.0, -1.0, 0.0, 0.0],
            normal: line / apart,
            depth: stretch,
            pressed: stretch,
            stiffness,
            // Across its line a taut thread is a pendulum; a pressed staple would be an unstable one.
            aside: stiffness * (stretch / apart).max(0.0),
            ..Touch::default()
        })
    }

    fn tensions(&self) -> impl Iterator<Item = Touch> + '_ {
        self.ties.all().filter_map(|(_, tie, length_m)| self.tension(&self.trial, tie, length_m))
    }

    /// Energy of threads and staples at `trial`, J.
    pub(super) fn tie_energy(&self) -> f64 {
        self.tensions().map(|touch| touch.push_energy()).sum()
    }

    /// Add threads and staples at `trial` to gradient and stiffness.
    pub(super) fn hold_ties(&mut self) {
        let (mut gradient, mut links) = (std::mem::take(&mut self.gradient), std::mem::take(&mut self.solver.links));
        let mut stiffness = std::mem::take(&mut self.stiffness);
        let mut pieces = std::mem::take(&mut self.pieces);
        for touch in self.tensions() {
            pull(&mut gradient, &touch, &touch.push());
            let block = touch.block();
            for v in &touch.vertices[..2] {
                if let Some(entry) = self.topology.entry(*v as usize, *v) {
                    stiffness.add(entry, &block);
                }
            }
            links.push(Link::new(&touch));
            pieces.add_between(touch.vertices, touch.weights, &block);
        }
        (self.gradient, self.solver.links, self.pieces) = (gradient, links, pieces);
        self.stiffness = stiffness;
    }

    /// Take the forces of threads and staples at `trial` from `gradient`; the sum of their squares, N².
    pub(super) fn account_ties(&self, gradient: &mut [[f64; 3]]) -> f64 {
        let mut square = 0.0;
        for touch in self.tensions() {
            let force = touch.push();
            pull(gradient, &touch, &force);
            square += force.norm_squared();
        }
        square
    }
}

/// Take `force` on the first end, N, and what answers it on the second, from `gradient`.
fn pull(gradient: &mut [[f64; 3]], touch: &Touch, force: &Vector) {
    for (v, sign) in touch.vertices[..2].iter().zip([1.0, -1.0]) {
        gradient[*v as usize].iter_mut().zip(force.iter()).for_each(|(gradient, force)| *gradient -= sign * force);
    }
}
