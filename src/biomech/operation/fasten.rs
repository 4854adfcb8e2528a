//! Threads, staples and clips: which vertices they join.

use super::{ActError, Did, Operation, point};
use crate::biomech::interactive::{Body, Tie};
use crate::geom::{Point, Vector};

/// A bite further than this from any vertex of the surface is none, mm.
const BITE_MM: f64 = 20.0;

impl Operation {
    /// Join the vertices of the surface nearest to two places.
    pub(super) fn join(&mut self, ends: [&[f64; 3]; 2], length_mm: f64, pushes: bool) -> Result<Did, ActError> {
        let what = if pushes { "the staple" } else { "the stitch" };
        let mut found = [0; 2];
        for (found, end) in found.iter_mut().zip(ends) {
            let (vertex, away_mm) = nearest(&self.body, &point(end));
            if !(away_mm <= BITE_MM) {
                return Err(ActError::NoTissue { what, away_mm });
            }
            *found = vertex;
        }
        if found[0] == found[1] {
            return Err(ActError::SameVertex);
        }
        self.fasten(&[Tie { ends: found, length_mm, pushes }])
    }

    /// Close a clip: every vertex of the surface in one jaw is drawn to the nearest one in the other.
    pub(super) fn clip(&mut self, at: &Point, across: &Vector, radius_mm: f64, gap_mm: f64) -> Result<Did, ActError> {
        let along = across.normalize();
        let mut jaws: [Vec<(u32, Vector)>; 2] = Default::default();
        for v in surface_vertices(&self.body) {
            let way = self.body.positions()[v as usize] - at;
            let height = way.dot(&along);
            let aside = way - along * height;
            if aside.norm() <= radius_mm && height.abs() <= 0.5 * across.norm() + radius_mm {
                jaws[usize::from(height < 0.0)].push((v, aside));
            }
        }
        let [over, under] = &jaws;
        let opposite = |(v, aside): &(u32, Vector)| {
            let away = |other: &&(u32, Vector)| (other.1 - aside).norm_squared();
            let other = under.iter().min_by(|a, b| away(a).total_cmp(&away(b)))?;
            Some(Tie { ends: [*v, other.0], length_mm: gap_mm, pushes: false })
        };
        let ties: Vec<Tie> = over.iter().filter_map(opposite).collect();
        if ties.is_empty() {
            let (_, away_mm) = nearest(&self.body, at);
            let far = radius_mm + 0.5 * across.norm() < away_mm;
            return Err(if far {
                ActError::NoTissue { what: "the clip", away_mm }
            } else {
                ActError::OneSided { radius_mm }
            });
        }
        self.fasten(&ties)
    }

    fn fasten(&mut self, ties: &[Tie]) -> Result<Did, ActError> {
        self.body.tie(ties).map(Did::Fastened).map_err(|_| ActError::SameVertex)
    }
}

/// Vertices of the outside, ascending.
fn surface_vertices(body: &Body) -> Vec<u32> {
    let mut vertices: Vec<u32> = body.surface().flatten().collect();
    vertices.sort_unstable();
    vertices.dedup();
    vertices
}

/// The vertex of the surface nearest to a place, and how far it is, mm.
fn nearest(body: &Body, place: &Point) -> (u32, f64) {
    let away = |v: &u32| (body.positions()[*v as usize] - place).norm();
    let near = surface_vertices(body).into_iter().min_by(|a, b| away(a).total_cmp(&away(b)));
    near.map_or((0, f64::INFINITY), |v| (v, away(&v)))
}
