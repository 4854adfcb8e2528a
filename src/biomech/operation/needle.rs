//! A needle on its way to a target that moves with the tissue.

use super::{ActError, Operation};
use crate::biomech::interactive::{Body, NeedleForces, NeedleRefused, NeedleSeen};
use crate::geom::{Point, Vector};
use crate::mesh::tet_mesh::barycentric;

/// A needle further than this from the surface is set on nothing, mm.
const REACH_MM: f64 = 15.0;

/// What a needle aims at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    planned_mm: Point,
    /// The tissue there; none where the target lies outside or was taken away.
    tissue: Option<Tissue>,
}

/// A place of the tissue.
#[derive(Debug, Clone, Copy)]
struct Tissue {
    /// The tetrahedron of the first mesh.
    origin: u32,
    corners: [u32; 4],
    weights: [f64; 4],
    /// Where it is at rest, mm.
    rest_mm: Point,
}

/// A needle and what it aims at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aimed {
    /// The needle.
    pub needle: NeedleSeen,
    /// Where the target was when the needle was set, mm.
    pub planned_mm: Point,
    /// Where it is now, mm; `None` where it lay outside the organ or was taken away.
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
        let place = |Tissue { corners, weights, .. }: Tissue| {
            let at = |(v, weight): (u32, f64)| self.body().positions()[v as usize].coords * weight;
            Point::from(corners.into_iter().zip(weights).map(at).sum::<Vector>())
        };
        Some(Aimed { needle, planned_mm: target.planned_mm, target_mm: target.tissue.map(place) })
    }

    pub(super) fn set_needle(&mut self, entry: &Point, target: &Point, forces: NeedleForces) -> Result<(), ActError> {
        match self.body.set_needle(*entry, target, forces, REACH_MM) {
            Ok(()) => {
                self.target = Some(Target { planned_mm: *target, tissue: tissue_at(&self.body, target) });
                Ok(())
            }
            Err(NeedleRefused::Away { away_mm }) => Err(ActError::NoTissue { what: "the needle", away_mm }),
            Err(NeedleRefused::Outwards) => Err(ActError::Outwards),
        }
    }

    /// Find the target again after a cut.
    pub(super) fn find_target(&mut self) {
        let Some(target) = &mut self.target else { return };
        target.tissue = target.tissue.and_then(|Tissue { origin, rest_mm, .. }| {
            let tet = self.body.origin().iter().position(|own| *own == origin)?;
            let corners = self.body.tets()[tet];
            let weights = barycentric(&rest_mm, corners.map(|v| self.body.rest(v as usize)).each_ref())?;
            Some(Tissue { origin, corners, weights, rest_mm })
        });
    }
}

/// What is at a place now.
fn tissue_at(body: &Body, place: &Point) -> Option<Tissue> {
    body.tets().iter().zip(body.origin()).find_map(|(corners, origin)| {
        let weights = barycentric(place, corners.each_ref().map(|v| &body.positions()[*v as usize]))?;
        let rest = corners.iter().zip(weights).map(|(v, weight)| body.rest(*v as usize).coords * weight);
        let tissue = Tissue { origin: *origin, corners: *corners, weights, rest_mm: Point::from(rest.sum::<Vector>()) };
        weights.iter().all(|weight| -1e-9 <= *weight).then_some(tissue)
    })
}
