//! The union of the zones of several needles, and depths in it.

use super::{AblationError, Device, Spheroid, device};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::shapes::icosahedron;
use crate::mesh::{Bvh, Surface};
use crate::plan::Zone;
use crate::plan::path::Path;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How often the triangles of an icosahedron are quartered: edges of a zone of 50 mm are 1.6 mm then, and its facets lie 0.016 mm
/// under it.
const QUARTERED: usize = 4;

/// The union of zones.
#[derive(Debug, Clone)]
pub struct Zones {
    zones: Vec<Spheroid>,
    /// Their common boundary, if two overlap.
    boundary: Option<Bvh>,
}

impl Zones {
    /// The union of these ellipsoids.
    ///
    /// # Errors
    /// [`AblationError::NoZone`] without any.
    pub fn new(zones: Vec<Spheroid>) -> Result<Self, AblationError> {
        if zones.is_empty() {
            return Err(AblationError::NoZone);
        }
        let meet = |a: &Spheroid, b: &Spheroid| {
            let (a, b) = (a.bounds(), b.bounds());
            (0..3).all(|axis| a.min[axis] <= b.max[axis] && b.min[axis] <= a.max[axis])
        };
        let overlap = (0..zones.len()).any(|n| zones[..n].iter().any(|other| meet(other, &zones[n])));
        let boundary = overlap.then(|| Bvh::new(&boundary(&zones)));
        Ok(Self { zones, boundary })
    }

    /// The zones of planned ablations, from the device table and the plan's `own` devices.
    ///
    /// # Errors
    /// [`AblationError`] for a needle without length, an unknown device, or a dose outside its table.
    pub fn planned(ablations: &[Zone], own: &[Device]) -> Result<Self, AblationError> {
        let zone = |ablation: &Zone| {
            let path = Path::of_needle(&ablation.needle)?;
            let size = device(own, &ablation.device)?.zone(ablation.power_w, ablation.minutes)?;
            let centre = path.target() - path.along() * size.behind_tip_mm;
            let (along_mm, across_mm) = (0.5 * size.long_mm, 0.5 * size.short_mm);
            Ok(Spheroid { centre, axis: path.along(), along_mm, across_mm })
        };
        Self::new(ablations.iter().map(zone).collect::<Result<_, AblationError>>()?)
    }

    /// The single zones.
    pub fn zones(&self) -> &[Spheroid] {
        &self.zones
    }

    /// The box around all.
    pub fn bounds(&self) -> Aabb {
        let corners: Vec<Point> = self.zones.iter().map(Spheroid::bounds).flat_map(|b| [b.min, b.max]).collect();
        Aabb::of(corners.iter())
    }

    /// Whether some zone holds a place.
    pub fn hold(&self, point: &Point) -> bool {
        self.zones.iter().any(|zone| zone.holds(point))
    }

    /// Whether every function of depth is concave: then its least on a triangle is at a corner.
    pub(super) fn is_convex(&self) -> bool {
        self.zones.len() == 1
    }

    /// Depth of a place under the boundary of the union in mm, negative outside.
    ///
    /// Outside it is the nearest of the ellipsoids, exactly. Inside, the deepest of the ellipsoids that hold the place is exact
    /// if its nearest place is not within another; otherwise the boundary itself is asked, in facets that lie about 0.02 mm under
    /// it.
    pub fn depth_mm(&self, point: &Point) -> f64 {
        self.depth_from(point, f64::INFINITY, &mut None)
    }

    /// As [`Zones::depth_mm`], for those to whom everything further than `enough_mm` from the boundary is the same on its side,
    /// and who ask for places near one another: `hint` is what the last one left.
    pub(super) fn depth_from(&self, point: &Point, enough_mm: f64, hint: &mut Option<usize>) -> f64 {
        if enough_mm.is_finite() {
            let quick = self.zones.iter().map(|zone| zone.depth_mm_at_least(point)).fold(f64::NEG_INFINITY, f64::max);
            if enough_mm <= quick.abs() {
                return quick;
            }
        }
        let depths = self.zones.iter().map(|zone| zone.depth_mm(point));
        let (deepest, depth) =
            depths.enumerate().fold((0, f64::NEG_INFINITY), |best, next| if best.1 < next.1 { next } else { best });
        let Some(boundary) = self.boundary.as_ref().filter(|_| 0.0 < depth && depth < enough_mm) else { return depth };
        let nearest = self.zones[deepest].nearest(point);
        let hidden = self.zones.iter().enumerate().any(|(n, zone)| n != deepest && zone.implicit(&nearest) < 0.0);
        if !hidden {
            return depth;
        }
        let on = boundary.closest_from(point, *hint);
        *hint = on.map(|on| on.triangle);
        on.map_or(depth, |on| on.distance_mm.max(depth))
    }

    /// The boundary of the union for the scene: every zone's surface outside the others.
    pub fn surface(&self) -> Surface {
        self.boundary.as_ref().map_or_else(|| boundary(&self.zones), |bvh| bvh.surface().clone())
    }
}

/// The parts of the ellipsoids' surfaces that lie in no other, in triangles.
fn boundary(zones: &[Spheroid]) -> Surface {
    // The same for all zones and every move of a needle.
    static BALL: OnceLock<(Vec<Vector>, Vec<[u32; 3]>)> = OnceLock::new();
    let (units, faces) = BALL.get_or_init(|| unit_ball(QUARTERED));
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    for (n, zone) in zones.iter().enumerate() {
        // Positive outside all others; of equal zones the first stays.
        let outside = |p: &Point| {
            let of = |(m, other): (usize, &Spheroid)| if m < n && other == zone { -1.0 } else { other.implicit(p) };
            let others = zones.iter().enumerate().filter(|(m, other)| *m != n && (*m < n || *other != zone));
            others.map(of).fold(f64::INFINITY, f64::min)
        };
        let first = positions.len() as u32;
        positions.extend(units.iter().map(|unit| zone.stretched(unit)));
        let heights: Vec<f64> = positions[first as usize..].iter().map(outside).collect();
        let mut on_edge: BTreeMap<[u32; 2], u32> = BTreeMap::new();
        for face in faces {
            let above = face.map(|v| 0.0 < heights[v as usize]);
            if above == [true; 3] {
                triangles.push(face.map(|v| first + v));
                continue;
            }
            let mut polygon: Vec<u32> = Vec::new();
            for side in 0..3 {
                let (a, b) = (face[side], face[(side + 1) % 3]);
                if above[side] {
                    polygon.push(first + a);
                }
                if above[side] != above[(side + 1) % 3] {
                    let key = [a.min(b), a.max(b)];
                    let vertex = *on_edge.entry(key).or_insert_with(|| {
                        let ends = key.map(|v| units[v as usize]);
                        positions.push(crossing(zone, ends, 0.0 < heights[key[0] as usize], &outside));
                        positions.len() as u32 - 1
                    });
                    polygon.push(vertex);
                }
            }
            triangles.extend((2..polygon.len()).map(|k| [polygon[0], polygon[k - 1], polygon[k]]));
        }
    }
    let all = Surface::new(positions, triangles.clone()).expect("finite by construction");
    all.with_triangles(&triangles)
}

/// Where the way over the surface between two directions enters another zone, by bisection.
fn crossing(zone: &Spheroid, ends: [Vector; 2], first_above: bool, outside: &impl Fn(&Point) -> f64) -> Point {
    let (mut low, mut high) = (0.0, 1.0);
    let at = |part: f64| zone.stretched(&(ends[0] * (1.0 - part) + ends[1] * part).normalize());
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if (0.0 < outside(&at(middle))) == first_above { low = middle } else { high = middle }
    }
    at(0.5 * (low + high))
}

/// Directions all round, and triangles between them.
fn unit_ball(quartered: usize) -> (Vec<Vector>, Vec<[u32; 3]>) {
    let (corners, faces) = icosahedron();
    let (mut units, mut faces) = (corners.to_vec(), faces.to_vec());
    for _ in 0..quartered {
        let mut middles: BTreeMap<[u32; 2], u32> = BTreeMap::new();
        let mut middle = |a: u32, b: u32| {
            *middles.entry([a.min(b), a.max(b)]).or_insert_with(|| {
                units.push((units[a as usize] + units[b as usize]).normalize());
                units.len() as u32 - 1
            })
        };
        faces = faces
            .iter()
            .flat_map(|[a, b, c]| {
                let [ab, bc, ca] = [middle(*a, *b), middle(*b, *c), middle(*c, *a)];
                [[*a, ab, ca], [ab, *b, bc], [ca, bc, *c], [ab, bc, ca]]
            })
            .collect();
    }
    (units, faces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::plan::{Needle, NeedleKind};

    fn ball(x: f64) -> Spheroid {
        Spheroid { centre: Point::new(x, 0.0, 0.0), axis: Vector::z(), along_mm: 10.0, across_mm: 10.0 }
    }

    #[test]
    fn depths_in_two_overlapping_balls_are_those_of_geometry() {
        let zones = Zones::new(vec![ball(-6.0), ball(6.0)]).unwrap();
        // In the middle the nearest boundary is the circle where they meet, of radius 8.
        assert!((zones.depth_mm(&Point::origin()) - 8.0).abs() < 0.02, "{}", zones.depth_mm(&Point::origin()));
        let mut rng = Rng::new(3);
        for _ in 0..400 {
            let p = Point::new(rng.between(-18.0, 18.0), rng.between(-12.0, 12.0), rng.between(-12.0, 12.0));
            let depths = [-6.0, 6.0].map(|x| 10.0 - (p - Point::new(x, 0.0, 0.0)).norm());
            let off = p.y.hypot(p.z);
            let to_circle = p.x.hypot(off - 8.0);
            // Boundary of the union: each sphere where it is outside the other, and the circle.
            let mut nearest = to_circle;
            for (side, depth) in [(-1.0, depths[0]), (1.0, depths[1])] {
                let from = p - Point::new(side * 6.0, 0.0, 0.0);
                let on = Point::new(side * 6.0, 0.0, 0.0) + from.normalize() * 10.0;
                if 10.0 <= (on - Point::new(-side * 6.0, 0.0, 0.0)).norm() {
                    nearest = nearest.min(depth.abs());
                }
            }
            let exact = if depths.iter().any(|d| 0.0 <= *d) { nearest } else { -nearest };
            assert!((zones.depth_mm(&p) - exact).abs() < 0.02, "{p}: {} against {exact}", zones.depth_mm(&p));
        }
    }

    #[test]
    fn the_boundary_encloses_the_union() {
        let two = Zones::new(vec![ball(-6.0), ball(6.0)]).unwrap();
        // Lens of two balls of radius r, 2 d apart: 2 π h² (3 r − h) / 3 with h = r − d.
        let lens = 2.0 * std::f64::consts::PI * 16.0 * (30.0 - 4.0) / 3.0 / 1000.0;
        let exact = 2.0 * ball(0.0).volume_ml() - lens;
        assert!((two.surface().volume_ml() / exact - 1.0).abs() < 5e-3, "{}", two.surface().volume_ml());
        let same = Zones::new(vec![ball(0.0), ball(0.0)]).unwrap();
        assert!((same.surface().volume_ml() / ball(0.0).volume_ml() - 1.0).abs() < 5e-3);
        assert!((same.depth_mm(&Point::new(0.0, 3.0, 0.0)) - 7.0).abs() < 0.02);
        assert_eq!(Zones::new(vec![ball(0.0)]).unwrap().surface().open_edges(), 0);
        assert_eq!(Zones::new(Vec::new()).unwrap_err(), AblationError::NoZone);
    }

    #[test]
    fn a_planned_zone_lies_along_its_needle() {
        let needle = Needle {
            entry: [0.0; 3],
            target: [0.0, 0.0, 80.0],
            diameter_mm: 2.0,
            kind: NeedleKind::Probe,
            contacts: None,
        };
        let ablation = Zone { needle, device: "microwave-example".into(), power_w: 60.0, minutes: 5.0 };
        let zones = Zones::planned(std::slice::from_ref(&ablation), &[]).unwrap();
        let size = device(&[], "microwave-example").unwrap().zone(60.0, 5.0).unwrap();
        assert!((zones.zones()[0].centre - Point::new(0.0, 0.0, 80.0 - size.behind_tip_mm)).norm() < 1e-12);
        assert!((zones.depth_mm(&zones.zones()[0].centre) - 0.5 * size.short_mm).abs() < 1e-9);
        let short = Zone { needle: Needle { target: [0.0; 3], ..ablation.needle.clone() }, ..ablation };
        assert!(Zones::planned(&[short], &[]).unwrap_err().to_string().contains("0.00 mm apart"));
    }
}
