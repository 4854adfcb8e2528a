//! Windpipe and bronchi, and the vessels of the lungs beside them.

use super::super::draw::line;
use super::super::tissue::label;
use super::super::tree::{Naming, Room, Stem, balls_along, grow, push_apart, spread_points};
use super::super::truth::{Branch, Vessels};
use super::super::{Shape, Tube, TubePoint};
use super::compose::ChestParams;
use crate::base::rng::Rng;
use crate::geom::{Aabb, Point, Vector};

const AIRWAY: Naming = Naming { system: "airway", label: label::AIRWAY };
const VESSELS: Naming = Naming { system: "pulmonary vessels", label: label::PULMONARY_VESSELS };
/// How deep in the lung bronchi and vessels end, in mm.
const END_DEPTH_MM: f64 = 12.0;
/// The carina, and the radius of the windpipe in mm (adults: 13 to 25 mm wide; Breatnach 1984, AJR 142:903).
const CARINA: (f64, f64, f64) = (0.0, 2.0, 188.0);
const TRACHEA_RADIUS_MM: f64 = 8.5;
/// The right pulmonary artery passes behind the ascending aorta, the left one over the left bronchus.
const RIGHT_ARTERY: [(f64, f64, f64, f64); 4] =
    [(20.0, -42.0, 146.0, 12.0), (14.0, -22.0, 156.0, 9.0), (-16.0, -13.0, 158.0, 7.5), (-46.0, -10.0, 163.0, 6.8)];
const LEFT_ARTERY: [(f64, f64, f64, f64); 4] =
    [(20.0, -42.0, 146.0, 12.0), (26.0, -34.0, 158.0, 10.0), (36.0, -16.0, 170.0, 8.0), (50.0, -10.0, 168.0, 6.8)];

/// Outer surface of a bronchus.
pub(super) fn outline(branch: &Branch) -> Shape {
    Shape::Tube(Tube::swept(thickened(branch)))
}

/// The line of a bronchus with the radii of its outer surface.
fn thickened(branch: &Branch) -> Vec<TubePoint> {
    branch.line().map(|point| TubePoint::new(point.at, point.radius_mm + wall_mm(point.radius_mm))).collect()
}

/// Thickness of the wall: 0.3 of the lumen's radius, at least 0.7 and at most 1.5 mm. Small bronchi have relatively thick
/// walls, large ones thin ones (Nakano and others 2000, AJRCCM 162:1102).
fn wall_mm(radius_mm: f64) -> f64 {
    (0.3 * radius_mm).clamp(0.7, 1.5)
}

fn bounds(side: f64) -> Aabb {
    let (near, far) = (0.0, 135.0 * side);
    Aabb { min: Point::new(f64::min(near, far), -95.0, 0.0), max: Point::new(f64::max(near, far), 95.0, 300.0) }
}

/// Lay windpipe and main bronchi, and grow the rest in `lungs` (right, left).
pub(super) fn lay_airway(params: &ChestParams, lungs: &[Shape; 2], vessels: &mut Vessels) {
    let mut rng = Rng::new(params.seed ^ 0xA1_124A);
    let (x, y, z) = CARINA;
    let r = TRACHEA_RADIUS_MM;
    let windpipe = [(1.0, 0.0, 345.0, r), (1.0, -1.0, 280.0, r), (0.0, 0.0, 230.0, r), (x, y, z, r)];
    let windpipe = vessels.add(AIRWAY.system, AIRWAY.label, None, &line(windpipe, 12));
    // The right main bronchus is short, wide and steep; the left passes under the arch of the aorta.
    let right = [(x, y, z, 7.4), (-13.0, 4.0, 174.0, 7.2), (-30.0, 6.0, 160.0, 6.8), (-46.0, 8.0, 150.0, 6.4)];
    let left = [(x, y, z, 6.4), (16.0, 3.0, 174.0, 6.2), (34.0, 6.0, 162.0, 6.0), (52.0, 8.0, 152.0, 5.6)];
    for (lung, knots, side) in [(&lungs[0], right, -1.0), (&lungs[1], left, 1.0)] {
        let main = line(knots, 8);
        let [.., before, hilum] = main[..] else { return };
        let parent = vessels.add(AIRWAY.system, AIRWAY.label, Some(windpipe), &main);
        let room = Room { organ: lung.clone(), obstacles: Vec::new(), clearance_mm: 2.0 };
        let ends = spread_points(&room, &bounds(side), params.airway_ends, END_DEPTH_MM, &mut rng);
        let stem = Stem { start: hilum, direction: (hilum.at - before.at).normalize(), parent: Some(parent) };
        grow(&room, stem, &ends, AIRWAY, vessels, &mut rng);
    }
}

/// Grow an arterial tree in each lung between the bronchi that `vessels` holds.
pub(super) fn lay_pulmonary_vessels(params: &ChestParams, lungs: &[Shape; 2], vessels: &mut Vessels) {
    let mut rng = Rng::new(params.seed ^ 0x9E_55E1);
    let walls = vessels.0.iter().flat_map(|branch| balls_along(&thickened(branch)));
    let obstacles: Vec<TubePoint> = walls.collect();
    for (lung, side) in lungs.iter().zip([-1.0, 1.0]) {
        let room = Room { organ: lung.clone(), obstacles: obstacles.clone(), clearance_mm: 0.6 };
        let ends = spread_points(&room, &bounds(side), params.airway_ends, END_DEPTH_MM, &mut rng);
        let trunk = line(if side < 0.0 { RIGHT_ARTERY } else { LEFT_ARTERY }, 8);
        let hilum = trunk[trunk.len() - 1];
        let parent = vessels.add(VESSELS.system, VESSELS.label, None, &trunk);
        let first = vessels.0.len();
        let stem = Stem { start: hilum, direction: Vector::new(side, 0.2, -0.4).normalize(), parent: Some(parent) };
        grow(&room, stem, &ends, VESSELS, vessels, &mut rng);
        push_apart(&room, vessels, first);
    }
}
