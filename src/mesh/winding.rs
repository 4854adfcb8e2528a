//! How often a surface winds around a point: an inside test that holes, overlaps and double triangles do not upset.

use super::Surface;
use super::box_tree::BoxTree;
use crate::geom::{Aabb, Point, Vector};
use rayon::prelude::*;
use std::f64::consts::TAU;

/// A node is taken as one small piece from this many of its radii on.
const FAR: f64 = 3.0;

/// A surface with what its winding numbers need.
///
/// The generalised winding number (Jacobson, Kavan and Sorkine-Hornung 2013) is 1 inside and 0 outside a closed surface, and
/// close to that where a few triangles are missing. Far groups of triangles are taken as one dipole (Barill et al. 2018, "Fast
/// winding numbers for soups and clouds").
#[derive(Debug, Clone)]
pub struct Winding {
    surface: Surface,
    tree: BoxTree,
    /// One per node of the tree.
    groups: Vec<Group>,
    /// −1 if the surface as a whole is inside out.
    sign: f64,
}

/// The triangles under a node as one: Σ area vectors at their common middle.
#[derive(Debug, Clone, Copy)]
struct Group {
    middle: Point,
    area: Vector,
    radius: f64,
}

impl Winding {
    /// Prepare `surface`.
    pub fn new(surface: &Surface) -> Self {
        let boxes: Vec<Aabb> = surface.triangles().par_iter().map(|t| Aabb::of(surface.corners(*t))).collect();
        let tree = BoxTree::new(&boxes);
        let mut items: Vec<Vec<u32>> = vec![Vec::new(); tree.nodes()];
        tree.descend(|node, under, leaf| {
            items[node] = under.to_vec();
            !leaf
        });
        let groups = items.par_iter().map(|items| Group::of(surface, items)).collect();
        let sign = if surface.triangles().is_empty() || 0.0 <= surface.volume_ml() { 1.0 } else { -1.0 };
        Self { surface: surface.clone(), tree, groups, sign }
    }

    /// The winding number around `point`, of the surface turned so that it points outward as a whole.
    pub fn number(&self, point: &Point) -> f64 {
        let mut solid = 0.0;
        self.tree.descend(|node, items, leaf| {
            let group = &self.groups[node];
            let way = group.middle - point;
            let apart = way.norm();
            if FAR * group.radius < apart {
                solid += group.area.dot(&way) / apart.powi(3);
                return false;
            }
            if leaf {
                let triangles = items.iter().map(|t| self.surface.triangles()[*t as usize]);
                solid += triangles.map(|t| solid_angle(self.surface.corners(t), point)).sum::<f64>();
            }
            !leaf
        });
        self.sign * solid / (2.0 * TAU)
    }

    /// Whether `point` is inside: the surface winds around it more than half a time.
    pub fn is_inside(&self, point: &Point) -> bool {
        0.5 < self.number(point)
    }
}

impl Group {
    fn of(surface: &Surface, items: &[u32]) -> Self {
        let (mut area, mut weighted, mut weight) = (Vector::zeros(), Vector::zeros(), 0.0);
        let around = Aabb::of(items.iter().flat_map(|t| surface.corners(surface.triangles()[*t as usize])));
        let origin = around.centre();
        for item in items {
            let [a, b, c] = surface.corners(surface.triangles()[*item as usize]);
            let own = 0.5 * (b - a).cross(&(c - a));
            area += own;
            weighted += ((a - origin) + (b - origin) + (c - origin)) * (own.norm() / 3.0);
            weight += own.norm();
        }
        let middle = if 0.0 < weight { origin + weighted / weight } else { origin };
        let corners = items.iter().flat_map(|t| surface.corners(surface.triangles()[*t as usize]));
        let radius = corners.map(|p| (p - middle).norm()).fold(0.0, f64::max);
        Self { middle, area, radius }
    }
}

/// The signed solid angle of a triangle seen from `point`, positive from behind (Van Oosterom and Strackee 1983).
fn solid_angle(corners: [&Point; 3], point: &Point) -> f64 {
    let [a, b, c] = corners.map(|corner| corner - point);
    let [la, lb, lc] = [a.norm(), b.norm(), c.norm()];
    let above = a.dot(&b.cross(&c));
    let below = la * lb * lc + a.dot(&b) * lc + b.dot(&c) * la + c.dot(&a) * lb;
    2.0 * above.atan2(below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::mesh::shapes::ball;

    #[test]
    fn a_closed_ball_is_wound_around_once_and_one_with_a_hole_nearly_so() {
        let whole = ball(20.0, 2.0);
        let winding = Winding::new(&whole);
        let mut rng = Rng::new(3);
        let open = whole.with_triangles(&whole.triangles()[20..]);
        let holed = Winding::new(&open);
        let turned: Vec<[u32; 3]> = whole.triangles().iter().map(|[a, b, c]| [*a, *c, *b]).collect();
        let turned = Winding::new(&Surface::new(whole.positions().to_vec(), turned).unwrap());
        for _ in 0..300 {
            let point = Point::new(rng.between(-30.0, 30.0), rng.between(-30.0, 30.0), rng.between(-30.0, 30.0));
            let radius = point.coords.norm();
            if (radius - 20.0).abs() < 0.2 {
                continue;
            }
            let exact = f64::from(u8::from(radius < 20.0));
            assert!((winding.number(&point) - exact).abs() < 0.02, "{} at {radius} mm", winding.number(&point));
            assert_eq!(turned.is_inside(&point), radius < 20.0);
            let near_hole = open.positions().len() < whole.positions().len() + 1
                && whole.triangles()[..20].iter().any(|t| (whole.corners(*t)[0] - point).norm() < 6.0);
            assert!(near_hole || holed.is_inside(&point) == (radius < 20.0));
        }
    }
}
