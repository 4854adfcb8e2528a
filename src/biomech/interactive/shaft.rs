//! A straight needle in a live body: it holds the tissue along its shaft on its line, drags it by friction, and cuts its
//! way at the tip.
//!
//! A hand holds a stiff needle on a line in space and pushes it along. Each place of the tissue that the tip has passed is
//! kept on the line by a spring, and dragged along by one that slips at the friction of its piece of the shaft; the
//! tissue in front of the tip is pushed with the force of cutting at most, before the surface gives way with that of
//! puncture (Okamura, Simone and O'Leary 2004, IEEE Trans Biomed Eng 51:1707: stiffness, friction, cutting). The energy
//! of a spring that slips goes on with the slope it has there, so it is convex and a step can be searched along it.
//! A tip that was drawn back cuts its old way again, and one that comes out of the tissue enters it again without a puncture. How a needle bends is told by [`crate::biomech::needle`], which this agrees with while it is straight.

use super::body::Body;
use crate::biomech::units::m_from_mm;
use crate::geom::{Point, Vector};
use crate::mesh::tet_mesh::barycentric;
use nalgebra::Matrix3;

/// A hand pushes and draws at most so fast, m/s.
const HAND_M_S: f64 = 0.05;
/// Length of shaft that each place of the tissue stands for, m, at least.
const SPACING_M: f64 = 2e-3;
/// The shaft drags tissue along for this way before it slips, m: less than the eye sees, and more than a live body still
/// moves when the hand stops, which would take the friction away.
const PRESLIDE_M: f64 = 2.5e-4;
/// Tissue along the shaft is stretched to so many times its length at most.
const MOST_STRETCH: f64 = 2.0;
/// How far outside a tetrahedron, in barycentric coordinates, still counts as in it.
const SLACK: f64 = 1e-3;

/// What tissue sets against a needle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeedleForces {
    /// Force at which the surface gives way, N.
    pub puncture_n: f64,
    /// Force at the tip while it cuts, N.
    pub cutting_n: f64,
    /// Friction along the shaft in the tissue, N per m.
    pub friction_n_m: f64,
}

/// Why no needle was set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NeedleRefused {
    /// The tissue is too far away.
    Away {
        /// How far, mm.
        away_mm: f64,
    },
    /// The way leads out of the tissue.
    Outwards,
}

/// A place of the tissue at the needle.
#[derive(Debug, Clone, Copy)]
struct Place {
    tet: u32,
    corners: [u32; 4],
    weights: [f64; 4],
    /// Where it is at rest, mm.
    rest_mm: Point,
    /// Length of the shaft's piece behind it when it was passed, m.
    piece: f64,
    /// How far behind the tip the shaft holds it, m.
    behind: f64,
    /// Largest force along the needle, N.
    most: f64,
    /// Stiffness of what holds it on the line, N/m.
    stiffness: f64,
    /// Stiffness of what drags it along, N/m.
    drag: f64,
}

/// A needle and what it has passed.
#[derive(Debug, Clone)]
pub(super) struct Shaft {
    entry: Vector,
    along: Vector,
    /// How far the tip is behind the entry on the line, m; and where the hand wants it.
    depth: f64,
    wanted: f64,
    forces: NeedleForces,
    punctured: bool,
    /// The tissue in front of the tip; none where the tip is outside.
    tip: Option<Place>,
    track: Vec<Place>,
    /// Force on the tissue, N.
    force: Vector,
}

/// A needle as it is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeedleSeen {
    /// Where the hand's line meets the organ, mm.
    pub entry_mm: Point,
    /// The tip, mm.
    pub tip_mm: Point,
    /// Force of the needle on the tissue along the needle, N: what the hand pushes with.
    pub push_n: f64,
    /// The same across it, N.
    pub across_n: f64,
    /// Whether the surface has given way.
    pub punctured: bool,
}

impl Place {
    /// How far the shaft gets ahead of it before it slips or is cut, m.
    fn slack(&self) -> f64 {
        if 0.0 < self.drag { self.most / self.drag } else { 0.0 }
    }

    /// Force on the tissue along the needle, N, its energy, J, and stiffness, N/m, where the shaft is `ahead` m ahead of
    /// it. A tip only pushes.
    fn drag(&self, ahead: f64, is_tip: bool) -> [f64; 3] {
        let (k, most) = (self.drag, self.most);
        if is_tip && ahead <= 0.0 {
            return [0.0; 3];
        }
        let force = k * ahead;
        if force.abs() <= most {
            return [force, 0.5 * k * ahead * ahead, k];
        }
        // The stiffness of the chord: it is never less than that of the energy, so a step does not go too far, and changes
        // evenly where a place begins to slip.
        [most * force.signum(), most * ahead.abs() - 0.5 * most * most / k, most / ahead.abs()]
    }
}

impl Shaft {
    fn places(&self) -> impl Iterator<Item = (&Place, bool)> {
        self.track.iter().map(|place| (place, false)).chain(self.tip.iter().map(|tip| (tip, true)))
    }
}

impl Body {
    /// Put the tip of a needle on the surface at `entry_mm`, on the line to `target_mm`, both in mm where the body is now.
    /// An earlier needle is drawn out.
    ///
    /// # Errors
    /// [`NeedleRefused`]: no tissue within `reach_mm`, or the line leads out of it. Nothing changed then.
    pub fn set_needle(
        &mut self,
        entry_mm: Point,
        target_mm: &Point,
        forces: NeedleForces,
        reach_mm: f64,
    ) -> Result<(), NeedleRefused> {
        let on = |corners: [u32; 3]| {
            let [a, b, c] = corners.map(|v| self.places[v as usize]);
            crate::mesh::bvh::closest_on_triangle(&entry_mm, [&a, &b, &c]).0
        };
        let away = |corners: [u32; 3]| (on(corners) - entry_mm).norm();
        let skin = self.skin.iter().map(|skin| skin.corners);
        let Some(face) = skin.min_by(|a, b| away(*a).total_cmp(&away(*b))) else {
            return Err(NeedleRefused::Away { away_mm: f64::INFINITY });
        };
        let (at, away_mm) = (on(face), away(face));
        if !(away_mm <= reach_mm) {
            return Err(NeedleRefused::Away { away_mm });
        }
        let [a, b, c] = face.map(|v| self.places[v as usize]);
        let along = (target_mm - at).try_normalize(1e-9).ok_or(NeedleRefused::Outwards)?;
        if !(along.dot(&(b - a).cross(&(c - a))) < 0.0) {
            return Err(NeedleRefused::Outwards);
        }
        let around = self.topology.corners[self.topology.around(face[0] as usize)].iter().map(|corner| corner / 4);
        let of_face = |tet: &u32| face.iter().all(|v| self.tets[*tet as usize].contains(v));
        let tip = around.filter(of_face).find_map(|tet| self.place_in(tet, &at, 0.0, forces.puncture_n));
        self.needle = Some(Shaft {
            entry: m_from_mm(&at),
            along,
            depth: 0.0,
            wanted: 0.0,
            forces,
            punctured: false,
            tip: Some(tip.ok_or(NeedleRefused::Away { away_mm })?),
            track: Vec::new(),
            force: Vector::zeros(),
        });
        Ok(())
    }

    /// Whether a hand is on its way with a needle.
    pub fn needle_travels(&self) -> bool {
        self.needle.as_ref().is_some_and(|needle| needle.depth != needle.wanted || needle.wanted < 0.0)
    }

    /// Push the needle until its tip is `depth_mm` behind the entry, or draw it back; a hand takes its time. It is out
    /// where that is negative.
    pub fn push_needle(&mut self, depth_mm: f64) {
        if let Some(needle) = self.needle.as_mut().filter(|_| depth_mm.is_finite()) {
            needle.wanted = 1e-3 * depth_mm;
        }
    }

    /// The needle, if there is one.
    pub fn needle(&self) -> Option<NeedleSeen> {
        let Shaft { entry, along, depth, force, punctured, .. } = self.needle.as_ref()?;
        let push_n = force.dot(along);
        Some(NeedleSeen {
            entry_mm: Point::from(1e3 * entry),
            tip_mm: Point::from(1e3 * (entry + along * *depth)),
            push_n,
            across_n: (force - along * push_n).norm(),
            punctured: *punctured,
        })
    }

    /// Force of the needle on each vertex in the last frame, N.
    pub fn needle_forces_n(&self) -> Vec<(u32, Vector)> {
        let Some(needle) = &self.needle else { return Vec::new() };
        let forces = needle.places().map(|(place, is_tip)| (place, self.on_place(needle, place, is_tip, &self.u).0));
        let spread = |(place, force): (&Place, Vector)| {
            place.corners.into_iter().zip(place.weights).map(move |(v, weight)| (v, force * weight))
        };
        forces.flat_map(spread).collect()
    }

    /// The place of tetrahedron `tet` that is at `at` now, mm; none outside of it.
    fn place_in(&self, tet: u32, at: &Point, behind: f64, most: f64) -> Option<Place> {
        let corners = self.tets[tet as usize];
        let weights = barycentric(at, corners.each_ref().map(|v| &self.places[*v as usize]))?;
        if !weights.iter().all(|weight| -SLACK <= *weight) {
            return None;
        }
        let rest = corners.iter().zip(weights).map(|(v, weight)| self.rest_mm[*v as usize].coords * weight);
        let stiffness = corners.iter().zip(weights).map(|(v, weight)| self.grip[*v as usize] * weight.abs()).sum();
        let rest_mm = Point::from(rest.sum::<Vector>());
        Some(Place { tet, corners, weights, rest_mm, piece: 0.0, behind, most, stiffness, drag: stiffness })
    }

    /// Where a tip that had come out of the tissue (at the far side, in a fissure) meets tissue again.
    fn enter_again(&self, needle: &Shaft) -> Option<Place> {
        let at = Point::from(1e3 * (needle.entry + needle.along * needle.depth));
        (0..self.tets.len() as u32).find_map(|tet| self.place_in(tet, &at, 0.0, needle.forces.cutting_n))
    }

    /// The place that is at `at` now among the tetrahedra around `near`, or wherever it is.
    fn place_near(&self, near: &Place, at: &Point, most: f64) -> Option<Place> {
        // Where none holds it the tip is outside, unless the tissue there is folded.
        let all = || (0..self.tets.len() as u32).find_map(|tet| self.place_in(tet, at, 0.0, most));
        self.place_beside(near, at, most).or_else(all)
    }

    /// The place that is at `at` now among the tetrahedra around `near`.
    fn place_beside(&self, near: &Place, at: &Point, most: f64) -> Option<Place> {
        let own = std::iter::once(near.tet);
        let around = near.corners.iter().flat_map(|v| &self.topology.corners[self.topology.around(*v as usize)]);
        own.chain(around.map(|corner| corner / 4)).find_map(|tet| self.place_in(tet, at, 0.0, most))
    }

    fn at_place(&self, place: &Place, u: &[[f64; 3]]) -> Vector {
        place.corners.iter().zip(place.weights).map(|(v, weight)| self.at(u, *v) * weight).sum()
    }

    /// Force on a place of the tissue at the displacement `u`, N, its energy, J, and its stiffness along the needle, N/m.
    fn on_place(&self, needle: &Shaft, place: &Place, is_tip: bool, u: &[[f64; 3]]) -> (Vector, f64, f64) {
        let from = self.at_place(place, u) - needle.entry;
        let height = from.dot(&needle.along);
        let off = from - needle.along * height;
        let [force, energy, along] = place.drag(needle.depth - place.behind - height, is_tip);
        let aside = place.stiffness;
        (needle.along * force - off * aside, energy + 0.5 * aside * off.norm_squared(), along)
    }

    /// Let slip and cut what the last frame dragged with more than it can bear, then move the needle with the hand: so
    /// what slides is dragged with all its friction in the frame to come.
    pub(super) fn move_needle(&mut self) {
        let Some(mut needle) = self.needle.take() else { return };
        self.slip_track(&mut needle);
        self.cut_on(&mut needle);
        let most = HAND_M_S * self.settings.step_s;
        needle.depth = needle.wanted.clamp(needle.depth - most, needle.depth + most);
        // Tissue that stands out beyond the entry is passed, too.
        let is_out = needle.wanted < 0.0 && needle.depth <= needle.wanted && needle.track.is_empty();
        if needle.wanted < 0.0 && needle.depth <= needle.wanted && !is_out {
            needle.wanted -= most;
        }
        self.needle = (!is_out).then_some(needle);
    }

    /// How far behind the entry a place is now, m.
    fn height(&self, needle: &Shaft, place: &Place) -> f64 {
        (self.at_place(place, &self.u) - needle.entry).dot(&needle.along)
    }

    /// Let slip what is dragged along the shaft with more than the friction of its piece, which reaches back to the place
    /// before and is as long as it is now. What lies in front of a tip that was drawn back is free again.
    fn slip_track(&self, needle: &mut Shaft) {
        let mut before = None;
        let mut track = std::mem::take(&mut needle.track);
        track.retain_mut(|place| {
            let height = self.height(needle, place);
            // Where tissue before it was taken away, its own piece is all there is.
            let piece = (height - before.unwrap_or(height)).clamp(0.0, MOST_STRETCH * place.piece);
            before = Some(height);
            place.most = needle.forces.friction_n_m * piece;
            place.drag = place.stiffness.min(place.most / PRESLIDE_M);
            let (ahead, slack) = (needle.depth - place.behind - height, place.slack());
            place.behind += ahead - ahead.clamp(-slack, slack);
            height <= needle.depth
        });
        needle.track = track;
    }

    /// Let the tip cut on where it is pushed with more than the tissue bears, and leave places of the shaft behind it.
    fn cut_on(&self, needle: &mut Shaft) {
        let moves = needle.depth != needle.wanted;
        let Some(tip) = needle.tip.or_else(|| if moves { self.enter_again(needle) } else { None }) else { return };
        let (ahead, slack) = (needle.depth - self.height(needle, &tip), tip.slack());
        if slack < ahead && !needle.punctured {
            needle.punctured = true;
            needle.tip = Some(Place { most: needle.forces.cutting_n, ..tip });
            needle.track.push(Place { behind: ahead, most: 0.0, drag: 0.0, ..tip });
        } else if slack < ahead {
            let to = self.at_place(&tip, &self.u) + needle.along * (ahead - slack);
            needle.tip = self.place_near(&tip, &Point::from(1e3 * to), needle.forces.cutting_n);
            let Some(mut tip) = needle.tip else { return };
            let height = self.height(needle, &tip);
            let since = height - needle.track.last().map_or(0.0, |last| self.height(needle, last));
            if SPACING_M <= since {
                // It has slid along the shaft, so it is dragged with all the friction there is.
                let most = needle.forces.friction_n_m * since;
                let behind = needle.depth - height - PRESLIDE_M;
                needle.track.push(Place { behind, most, drag: most / PRESLIDE_M, piece: since, ..tip });
            } else {
                // The tip carries the friction of the piece that has no place of its own yet.
                tip.most += needle.forces.friction_n_m * since.max(0.0);
                needle.tip = Some(tip);
            }
        } else if ahead < 0.0 && needle.punctured {
            // Drawn back: the tip is where the needle ends, in the track it cut.
            let to = needle.entry + needle.along * needle.depth;
            let near = needle.track.last().copied().unwrap_or(tip);
            let found = self.place_beside(&near, &Point::from(1e3 * to), needle.forces.cutting_n);
            needle.tip = Some(found.unwrap_or(tip));
        }
    }

    /// Energy of what the needle does at `trial`, J.
    pub(super) fn needle_energy(&self) -> f64 {
        let Some(needle) = &self.needle else { return 0.0 };
        needle.places().map(|(place, is_tip)| self.on_place(needle, place, is_tip, &self.trial).1).sum()
    }

    /// Add what the needle does at `trial` to gradient and stiffness.
    pub(super) fn hold_needle(&mut self) {
        let Some(needle) = self.needle.take() else { return };
        for (place, is_tip) in needle.places() {
            let (force, _, along) = self.on_place(&needle, place, is_tip, &self.trial);
            let block = Matrix3::from_diagonal_element(place.stiffness)
                + needle.along * needle.along.transpose() * (along - place.stiffness);
            for (a, own) in place.corners.into_iter().zip(place.weights) {
                (0..3).for_each(|i| self.gradient[a as usize][i] -= own * force[i]);
                for (b, other) in place.corners.into_iter().zip(place.weights) {
                    if let Some(entry) = self.topology.entry(a as usize, b) {
                        self.stiffness.add(entry, &(block * (own * other)));
                    }
                }
            }
            let rows: [[f64; 3]; 3] = std::array::from_fn(|i| std::array::from_fn(|j| block[(i, j)]));
            for (v, weight) in place.corners.into_iter().zip(place.weights) {
                self.pieces.add(v, &rows, weight);
            }
        }
        self.needle = Some(needle);
    }

    /// Take the forces of the needle at `trial` from `gradient`; their sum, N, and the sum of their squares, N².
    pub(super) fn account_needle(&mut self, gradient: &mut [[f64; 3]]) -> (Vector, f64) {
        let Some(mut needle) = self.needle.take() else { return (Vector::zeros(), 0.0) };
        let (mut total, mut square) = (Vector::zeros(), 0.0);
        for (place, is_tip) in needle.places() {
            let (force, ..) = self.on_place(&needle, place, is_tip, &self.trial);
            for (v, weight) in place.corners.into_iter().zip(place.weights) {
                (0..3).for_each(|i| gradient[v as usize][i] -= weight * force[i]);
            }
            total += force;
            square += force.norm_squared();
        }
        needle.force = total;
        self.needle = Some(needle);
        (total, square)
    }

    /// Find the needle's places again after a cut; those whose tissue is gone are let go. `before` are the numbers that
    /// tetrahedra had in the first mesh, in the order they had before the cut.
    pub(super) fn find_needle(&mut self, before: &[u32]) {
        let Some(mut needle) = self.needle.take() else { return };
        let now = |place: &Place| -> Option<Place> {
            let first = *before.get(place.tet as usize)?;
            let tet = self.origin.iter().position(|origin| *origin == first)? as u32;
            let corners = self.tets[tet as usize];
            let weights = barycentric(&place.rest_mm, corners.each_ref().map(|v| &self.rest_mm[*v as usize]))?;
            Some(Place { tet, corners, weights, ..*place })
        };
        needle.track = needle.track.iter().filter_map(now).collect();
        needle.tip = needle.tip.as_ref().and_then(now);
        self.needle = Some(needle);
    }
}
