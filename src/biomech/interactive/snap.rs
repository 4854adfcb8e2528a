//! Smooth cut faces: before a cut opens, the vertices along it move onto the blade's sheet.
//!
//! A cut along faces of tetrahedra is as rough as the mesh. Moving the vertices of those faces a part of an edge, at rest
//! and now, puts the faces onto the sheet (Wu, Westermann and Dick 2015, Comput Graph Forum 34:161, section 4.1:
//! snapping) without a new tetrahedron. Volume is only shared anew between the tetrahedra around a vertex: the outside
//! of the body and the borders between its regions stay where they are. The tissue stays as it is deformed, for each
//! vertex goes to the material point that is where the sheet is.

use super::body::Body;
use super::topology::boundary;
use crate::biomech::units::m_from_mm;
use crate::geom::{Point, Vector};
use crate::mesh::tet_mesh::barycentric;
use crate::mesh::{Bvh, Surface};

/// Mean ratio of a tetrahedron at rest (1 for a regular one) that a move may not go below, unless it was worse before.
const SHAPE_LEAST: f64 = 0.35;
/// The same for the ratio of its volume now and at rest.
const VOLUME_LEAST: f64 = 0.3;
/// Shares of the way to the sheet that are tried.
const SHARES: [f64; 4] = [1.0, 0.7, 0.4, 0.2];
/// Beyond the rim of the sheet nothing is moved: cosine between the way and the sheet's normal, at least.
const SQUARE: f64 = 0.8;

/// A vertex that was moved, and how it was before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    v: usize,
    rest_mm: Point,
    rest: [f64; 3],
    u: [f64; 3],
    place: Point,
}

impl Body {
    /// Move the vertices of the faces between the pairs of `opened` onto `sheet`, in mm, as far as shapes allow; what moved,
    /// and from where. What follows from the places at rest has to be built anew.
    pub(super) fn snap(&mut self, opened: &[(u32, u32)], sheet: &[[Point; 3]]) -> Vec<Moved> {
        let Some(sheet) = tree(sheet) else { return Vec::new() };
        let mut stays = vec![false; self.rest.len()];
        for (corners, _) in boundary(&self.tets, &self.outer) {
            corners.iter().for_each(|v| stays[*v as usize] = true);
        }
        let mut along: Vec<u32> = Vec::new();
        for (a, b) in opened {
            let other = self.tets[*b as usize];
            along.extend(self.tets[*a as usize].iter().filter(|v| other.contains(v) && !stays[**v as usize]));
        }
        along.sort_unstable();
        along.dedup();
        let mut moved = Vec::new();
        for v in along {
            let own = v as usize;
            let before = Moved {
                v: own,
                rest_mm: self.rest_mm[own],
                rest: self.rest[own],
                u: self.u[own],
                place: self.places[own],
            };
            if self.snap_vertex(v, &sheet) {
                moved.push(before);
            }
        }
        moved
    }

    /// Put back what a snap moved, where nothing came apart after all.
    pub(super) fn unsnap(&mut self, moved: &[Moved]) {
        for Moved { v, rest_mm, rest, u, place } in moved {
            (self.rest_mm[*v], self.rest[*v], self.u[*v], self.places[*v]) = (*rest_mm, *rest, *u, *place);
        }
    }

    fn snap_vertex(&mut self, v: u32, sheet: &Bvh) -> bool {
        let own = v as usize;
        let fan: Vec<usize> =
            self.topology.corners[self.topology.around(own)].iter().map(|corner| (corner / 4) as usize).collect();
        let borders = fan.windows(2).any(|pair| self.regions[pair[0]] != self.regions[pair[1]]);
        if borders || self.free[own][..3].contains(&0.0) || self.is_grasped(v) {
            return false;
        }
        let from = self.places[own];
        let Some(near) = sheet.closest(&from) else { return false };
        let way = near.point - from;
        let [a, b, c] = sheet.surface().corners(sheet.surface().triangles()[near.triangle]);
        let normal = (b - a).cross(&(c - a));
        if !(SQUARE * way.norm() * normal.norm() < way.dot(&normal).abs()) {
            return false;
        }
        let before: Vec<[f64; 2]> = fan.iter().map(|tet| self.shape(*tet)).collect();
        let (rest_mm, rest, u, place) = (self.rest_mm[own], self.rest[own], self.u[own], self.places[own]);
        for share in SHARES {
            let to = from + way * share;
            let Some((material, moved)) = fan.iter().find_map(|tet| self.material_point(*tet, &to)) else { continue };
            self.rest_mm[own] = material;
            self.rest[own] = m_from_mm(&material).into();
            self.u[own] = moved.into();
            self.places[own] = material + 1e3 * moved;
            let fits = |(tet, before): (&usize, &[f64; 2])| {
                let [shape, volume] = self.shape(*tet);
                before[0].min(SHAPE_LEAST) <= shape && before[1].min(VOLUME_LEAST) <= volume
            };
            if fan.iter().zip(&before).all(fits) {
                return true;
            }
            (self.rest_mm[own], self.rest[own], self.u[own], self.places[own]) = (rest_mm, rest, u, place);
        }
        false
    }

    /// Mean ratio of a tetrahedron at rest, and its volume now over that at rest; not above 0 where either is inverted.
    fn shape(&self, tet: usize) -> [f64; 2] {
        let corners = self.tets[tet];
        let at_rest = corners.map(|v| self.rest_mm[v as usize]);
        let now = corners.map(|v| self.places[v as usize]);
        let volume = |[a, b, c, d]: [Point; 4]| (b - a).dot(&(c - a).cross(&(d - a))) / 6.0;
        let size = volume(at_rest);
        let edges = (0..4).flat_map(|m| (m + 1..4).map(move |n| (m, n)));
        let square: f64 = edges.map(|(m, n)| (at_rest[m] - at_rest[n]).norm_squared()).sum();
        if !(0.0 < size) {
            return [0.0; 2];
        }
        [12.0 * (3.0 * size).powf(2.0 / 3.0) / square, volume(now) / size]
    }

    /// What of a tetrahedron is at `place` now: where it is at rest, mm, and its displacement, m. `None` outside of it.
    fn material_point(&self, tet: usize, place: &Point) -> Option<(Point, Vector)> {
        let corners = self.tets[tet];
        let weights = barycentric(place, corners.each_ref().map(|v| &self.places[*v as usize]))?;
        weights.iter().all(|weight| -1e-9 <= *weight).then(|| {
            let mean = |of: &dyn Fn(usize) -> Vector| -> Vector {
                corners.iter().zip(weights).map(|(v, weight)| of(*v as usize) * weight).sum()
            };
            (Point::from(mean(&|v| self.rest_mm[v].coords)), mean(&|v| self.u[v].into()))
        })
    }
}

/// The triangles of `sheet` that have an area.
pub(super) fn tree(sheet: &[[Point; 3]]) -> Option<Bvh> {
    let has_area = |[a, b, c]: &&[Point; 3]| {
        let longest = [b - a, c - b, a - c].map(|edge| edge.norm_squared()).into_iter().fold(0.0, f64::max);
        let area = (b - a).cross(&(c - a)).norm();
        longest.is_finite() && 1e-6 * longest < area
    };
    let good: Vec<[Point; 3]> = sheet.iter().filter(has_area).copied().collect();
    let triangles = (0..good.len() as u32).map(|n| [3 * n, 3 * n + 1, 3 * n + 2]).collect();
    (!good.is_empty()).then(|| Surface::new(good.concat(), triangles).ok().map(|surface| Bvh::new(&surface)))?
}
