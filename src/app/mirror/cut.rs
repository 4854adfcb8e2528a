//! Where the scene is cut, for surfaces and for what points at them.

use crate::app::render::{NO_CUTS, PLANES_MAX};
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::app::ui::Workspace;
use crate::base::NodeId;
use crate::geom::{Plane, Ray};
use crate::mesh::bvh::{Bvh, SurfacePoint};
use bevy::math::Vec4;
use std::collections::BTreeSet;

/// The cut as surfaces know it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Cut {
    planes: Vec<Plane>,
    spared: BTreeSet<NodeId>,
}

/// Planes as the shader knows them.
pub(super) fn numbers<'a>(planes: impl IntoIterator<Item = &'a Plane>) -> [Vec4; PLANES_MAX] {
    let mut cuts = NO_CUTS;
    for (slot, plane) in cuts.iter_mut().zip(planes) {
        let normal = bevy_from_direction(&plane.normal());
        *slot = normal.extend(normal.dot(bevy_from_patient(&plane.point)));
    }
    cuts
}

impl Cut {
    /// As the workspace says now.
    pub(super) fn of(workspace: &Workspace) -> Self {
        let spared = workspace.cut.as_ref().map_or_else(BTreeSet::new, |cut| cut.spared.clone());
        Self { planes: workspace.cut_planes(), spared }
    }

    fn planes_of(&self, node: NodeId) -> &[Plane] {
        if self.spared.contains(&node) { &[] } else { &self.planes }
    }

    /// The numbers of the shader for an object.
    pub(super) fn uniform(&self, node: NodeId) -> [Vec4; PLANES_MAX] {
        numbers(self.planes_of(node))
    }

    /// Whether a place of an object is cut away.
    pub(super) fn takes(&self, node: NodeId, point: &crate::geom::Point) -> bool {
        self.planes_of(node).iter().any(|plane| 0.0 < plane.distance_mm(point))
    }

    /// Where a ray meets what is left of an object, whose surface is in `bvh`.
    pub(super) fn first_hit(&self, node: NodeId, bvh: &Bvh, ray: &Ray) -> Option<SurfacePoint> {
        let (begun, far_mm) = self.enter(node, ray)?;
        let mut hit = bvh.first_hit(&begun)?;
        hit.distance_mm += far_mm;
        (!self.takes(node, &hit.point)).then_some(hit)
    }

    /// The same ray, begun where it leaves what is cut away of an object, and how far on that is in mm; `None` if it never
    /// does.
    pub(super) fn enter(&self, node: NodeId, ray: &Ray) -> Option<(Ray, f64)> {
        // What is left lies behind all planes: one piece of the ray, if any.
        let (mut from, mut to) = (0.0_f64, f64::INFINITY);
        for plane in self.planes_of(node) {
            let (height, fall) = (plane.distance_mm(&ray.origin), -ray.direction.dot(&plane.normal()));
            match 0.0 < height {
                true if fall <= 0.0 => return None,
                true => from = from.max(height / fall),
                false if fall < 0.0 => to = to.min(height / fall),
                false => {}
            }
        }
        let along = ray.direction * from;
        (from <= to).then(|| (Ray { origin: ray.origin + along, direction: ray.direction }, along.norm()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Point, Vector};

    #[test]
    fn a_ray_begins_where_it_leaves_what_is_cut_away() {
        let plane = Plane::new(Point::new(0.0, 0.0, 10.0), Vector::z());
        let cut = Cut { planes: plane.into_iter().collect(), spared: BTreeSet::from([NodeId(2)]) };
        let down = Ray { origin: Point::new(1.0, 2.0, 50.0), direction: -Vector::z() };
        let (ray, far) = cut.enter(NodeId(1), &down).unwrap();
        assert!((ray.origin - Point::new(1.0, 2.0, 10.0)).norm() < 1e-9 && (far - 40.0).abs() < 1e-9);
        assert_eq!(cut.enter(NodeId(2), &down).unwrap().1, 0.0, "spared");
        let up = Ray { direction: Vector::z(), ..down };
        assert!(cut.enter(NodeId(1), &up).is_none(), "it never leaves");
        let below = Ray { origin: Point::origin(), direction: Vector::z() };
        assert_eq!(cut.enter(NodeId(1), &below).unwrap().1, 0.0);
        assert!(cut.takes(NodeId(1), &Point::new(0.0, 0.0, 11.0)));
        assert!(!cut.takes(NodeId(2), &Point::new(0.0, 0.0, 11.0)));
    }

    #[test]
    fn the_shader_and_the_patient_agree_on_the_side() {
        let plane = Plane::new(Point::new(3.0, -4.0, 10.0), Vector::new(0.3, -0.8, 0.5)).unwrap();
        let other = Plane::new(Point::new(0.0, 30.0, 0.0), Vector::y()).unwrap();
        let cut = Cut { planes: vec![plane, other], spared: BTreeSet::new() };
        let numbers = cut.uniform(NodeId(1));
        for point in [Point::new(40.0, 1.0, 2.0), Point::new(-30.0, -60.0, 9.0), Point::new(0.0, 50.0, -20.0)] {
            let is_discarded = numbers.iter().any(|cut| cut.w < cut.truncate().dot(bevy_from_patient(&point)));
            assert_eq!(is_discarded, cut.takes(NodeId(1), &point), "{point}");
        }
        assert_eq!(Cut::default().uniform(NodeId(1)), NO_CUTS);
    }

    #[test]
    fn between_several_planes_a_ray_meets_only_what_all_of_them_leave() {
        let plane = |z: f64, up: f64| Plane::new(Point::new(0.0, 0.0, z), Vector::z() * up).unwrap();
        let cut = Cut { planes: vec![plane(10.0, 1.0), plane(-10.0, -1.0)], spared: BTreeSet::new() };
        let down = Ray { origin: Point::new(0.0, 0.0, 50.0), direction: -Vector::z() };
        assert!((cut.enter(NodeId(1), &down).unwrap().1 - 40.0).abs() < 1e-9);
        let along = Ray { direction: Vector::x(), ..down };
        assert!(cut.enter(NodeId(1), &along).is_none());
        // A corner that two planes take away: the ray leaves one when it is behind the other already.
        let aside = Plane::new(Point::origin(), Vector::x()).unwrap();
        let corner = Cut { planes: vec![plane(10.0, 1.0), aside], spared: BTreeSet::new() };
        let oblique = Ray { origin: Point::new(-10.0, 0.0, 50.0), direction: Vector::new(1.0, 0.0, -1.0).normalize() };
        assert!(corner.enter(NodeId(1), &oblique).is_none());
    }
}
