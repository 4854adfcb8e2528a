//! A needle on its way to a target that moves with the tissue.

use super::{ActError, Operation};
use crate::biomech::interactive::{Body, NeedleForces, NeedleSeen};
use crate::geom::{Point, Vector};
use nalgebra::Matrix3;

/// A needle further than this from the surface is set on nothing, mm.
const REACH_MM: f64 = 15.0;

/// What a needle aims at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    planned_mm: Point,
    /// The tissue there: vertices and weights; none where the target lies outside.
    tissue: Option<([u32; 4], [f64; 4])>,
}

/// A needle and what it aims at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aimed {
    /// The needle.
    pub needle: NeedleSeen,
    /// Where the target was when the needle was set, mm.
    pub planned_mm: Point,
    /// Where it is now, mm; `None` where it lay outside the organ.
    pub target_mm: Option<Point>,
}

impl Aimed {
    /// Distance from the tip to the target where it is now, mm.
    pub fn miss_mm(&self) -> f64 {
        (self.needle.tip_mm - self.target_mm.unwrap_or(self.planned_mm)).norm()
    }
}

impl Operation {
    /// The needle, if there is one.
    pub fn aimed(&self) -> Option<Aimed> {
        let (needle, target) = (self.body().needle()?, self.target.as_ref()?);
        let place = |(corners, weights): ([u32; 4], [f64; 4])| {
            let at = |(v, weight): (u32, f64)| self.body().positions()[v as usize].coords * weight;
            Point::from(corners.into_iter().zip(weights).map(at).sum::<Vector>())
        };
        Some(Aimed { needle, planned_mm: target.planned_mm, target_mm: target.tissue.map(place) })
    }

    pub(super) fn set_needle(&mut self, entry: &Point, target: &Point, forces: NeedleForces) -> Result<(), ActError> {
        if !self.body.set_needle(*entry, &(target - entry), forces, REACH_MM) {
            let away = |v: u32| (self.body.positions()[v as usize] - entry).norm();
            let away_mm = self.body.surface().flatten().map(away).fold(f64::INFINITY, f64::min);
            return Err(ActError::NoTissue { what: "the needle", away_mm });
        }
        self.target = Some(Target { planned_mm: *target, tissue: tissue_at(&self.body, target) });
        Ok(())
    }
}

/// The vertices and weights of what is at a place now.
fn tissue_at(body: &Body, place: &Point) -> Option<([u32; 4], [f64; 4])> {
    body.tets().iter().find_map(|corners| {
        let [a, b, c, d] = corners.map(|v| body.positions()[v as usize]);
        let part = Matrix3::from_columns(&[b - a, c - a, d - a]).try_inverse()? * (place - a);
        let weights = [1.0 - part.sum(), part.x, part.y, part.z];
        weights.iter().all(|weight| -1e-9 <= *weight).then_some((*corners, weights))
    })
}
