//! What a cut is watched for: margins around targets, distances to what is spared, vessels with their radii.

use super::plan_stage::Stage;
use crate::geom::Point;
use crate::image::colormap::DOUBT_BAND;
use crate::mesh::{Field, Surface};
use crate::plan::path::Obstacle;
use crate::plan::resection::{LACKING, Zone};
use crate::plan::{DistanceMap, Plan, Structure};
use rayon::prelude::*;
use std::collections::HashMap;

/// No edge is known better than this.
const BAND_MM_MIN: f64 = 0.05;
/// Places of a face lie no farther apart, as long as it has not too many triangles.
const STEP_MM: f64 = 3.0;
/// A face that has more triangles is not divided.
const TRIANGLES_MAX: usize = 8_000;

/// Where distances come from.
#[derive(Debug, Clone, Copy)]
enum Far<'a> {
    /// A map, for segments.
    Map(&'a DistanceMap),
    /// Exact ones, for vessels and surfaces.
    Body(&'a Obstacle),
}

/// A structure that a cut must keep away from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch<'a> {
    /// Which.
    pub(crate) structure: Structure,
    /// What it is called.
    pub(crate) name: &'a str,
    /// What must lie between it and the cut, mm.
    pub(crate) margin_mm: f64,
    /// Its edge is known to this: half a voxel, or half the distance of places along vessels, mm.
    pub(crate) band_mm: f64,
    far: Far<'a>,
}

impl Watch<'_> {
    /// The distance of a place to it in mm, negative inside.
    pub(crate) fn signed_mm(&self, at: &Point) -> f64 {
        match self.far {
            Far::Map(map) => map.at(at),
            Far::Body(body) => body.signed_mm(at),
        }
    }

    /// How much of its margin lacks at a place of a cut of twice `half_mm`; negative where there is room.
    pub(crate) fn lacks_mm(&self, at: &Point, half_mm: f64) -> f64 {
        self.margin_mm - (self.signed_mm(at) - half_mm)
    }

    /// What a place of a cut of twice `half_mm` is to it.
    pub(crate) fn zone(&self, at: &Point, half_mm: f64) -> Zone {
        Zone::of(self.signed_mm(at) - half_mm, self.margin_mm, self.band_mm)
    }
}

impl Stage {
    /// What the cuts of `plan` are watched for: its targets with their margins, then what it spares with its distances. What is
    /// farther from the organ than its distance and the room around the organ is not there.
    pub(in crate::tools) fn watches<'a>(&'a self, plan: &Plan) -> Vec<Watch<'a>> {
        let targets =
            plan.targets.iter().map(|target| (target.structure, target.margin_mm, self.map(&target.structure)));
        let spared = plan.keep_out.iter().map(|keep| (keep.structure, keep.distance_mm, self.near(&keep.structure)));
        let watch = |(structure, margin_mm, map): (Structure, f64, Option<&'a DistanceMap>)| {
            let body = self.body(&structure).filter(|body| !body.is_empty())?;
            // Vessels have no edge that was drawn.
            let beyond_mm = if body.is_lines() { 0.0 } else { plan.limits.edge_mm() };
            let (far, band_mm) = match map {
                Some(map) if !map.is_empty() => (Far::Map(map), map.half_voxel_mm()),
                Some(_) => return None,
                // A segment without a map lies too far away to matter.
                None if body.solid.is_some() => return None,
                None => {
                    let obstacle = body.obstacle()?;
                    (Far::Body(obstacle), obstacle.edge_mm())
                }
            };
            Some(Watch { structure, name: &body.name, margin_mm, band_mm: (band_mm + beyond_mm).max(BAND_MM_MIN), far })
        };
        targets.chain(spared).filter_map(watch).collect()
    }
}

/// Half the range of the colours of a cut in mm, so that their yellow band is as wide as the least known edge is uncertain.
pub(crate) fn reach_mm(watches: &[Watch<'_>]) -> f64 {
    0.5 * watches.iter().map(|watch| watch.band_mm).fold(BAND_MM_MIN, f64::max) / DOUBT_BAND
}

/// The structure whose margin lacks most at a place of a cut, and how much; none if nothing is watched.
pub(crate) fn worst(at: &Point, watches: &[Watch<'_>], half_mm: f64) -> Option<(usize, f64)> {
    let lacks = watches.iter().enumerate().map(|(n, watch)| (n, watch.lacks_mm(at, half_mm)));
    lacks.reduce(|worst, next| if worst.1 < next.1 { next } else { worst })
}

/// How much margin lacks at every vertex of a face of a cut, of the structure that lacks most; none if nothing is watched.
pub(crate) fn lacking(face: &Surface, watches: &[Watch<'_>], half_mm: f64) -> Option<Field> {
    if watches.is_empty() || face.positions().is_empty() {
        return None;
    }
    let lack = |at: &Point| worst(at, watches, half_mm).map_or(f64::NEG_INFINITY, |(_, mm)| mm);
    let values: Vec<f64> = face.positions().par_iter().map(lack).collect();
    values.iter().all(|value| value.is_finite()).then(|| Field::new(LACKING, "mm", values))
}

/// The same face in triangles with edges of about 3 mm at most: each is quartered until then, or until there are many.
pub(crate) fn divided(face: &Surface) -> Surface {
    let mut face = face.clone();
    while !face.triangles().is_empty() && face.triangles().len() <= TRIANGLES_MAX && STEP_MM < mean_edge_mm(&face) {
        face = quartered(&face);
    }
    face
}

fn mean_edge_mm(surface: &Surface) -> f64 {
    let edges = surface.triangles().iter().map(|triangle| {
        let [a, b, c] = surface.corners(*triangle);
        (b - a).norm() + (c - b).norm() + (a - c).norm()
    });
    edges.sum::<f64>() / (3 * surface.triangles().len()).max(1) as f64
}

fn quartered(surface: &Surface) -> Surface {
    let mut positions = surface.positions().to_vec();
    let mut middles: HashMap<[u32; 2], u32> = HashMap::with_capacity(2 * surface.triangles().len());
    let mut middle = |a: u32, b: u32| {
        *middles.entry([a.min(b), a.max(b)]).or_insert_with(|| {
            positions.push(nalgebra::center(&positions[a as usize], &positions[b as usize]));
            positions.len() as u32 - 1
        })
    };
    let quarter = |[a, b, c]: &[u32; 3]| {
        let [ab, bc, ca] = [middle(*a, *b), middle(*b, *c), middle(*c, *a)];
        [[*a, ab, ca], [ab, *b, bc], [ca, bc, *c], [ab, bc, ca]]
    };
    let triangles: Vec<[u32; 3]> = surface.triangles().iter().flat_map(quarter).collect();
    Surface::new(positions, triangles).expect("middles of finite places are finite")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_divided_face_is_the_same_face_in_smaller_triangles() {
        let corners =
            [[0.0, 0.0, 0.0], [24.0, 0.0, 0.0], [24.0, 20.0, 0.0], [0.0, 20.0, 0.0]].map(Point::from).to_vec();
        let face = Surface::new(corners, vec![[0, 1, 2], [0, 2, 3]]).unwrap();
        let fine = divided(&face);
        assert!(mean_edge_mm(&fine) <= STEP_MM && (fine.area_cm2() - face.area_cm2()).abs() < 1e-9);
        // Shared edges stay shared: only the outline is open.
        let around = fine.open_edges();
        assert!(around < fine.triangles().len() / 2, "{around} of {}", fine.triangles().len());
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert!(divided(&nothing).triangles().is_empty());
    }
}
