//! Rays, nearest points and inside tests on a surface.

use super::Surface;
use super::box_tree::BoxTree;
use crate::geom::{Aabb, Point, Ray, Vector};
use rayon::prelude::*;

/// A surface with a search tree over its triangles.
#[derive(Debug, Clone)]
pub struct Bvh {
    surface: Surface,
    tree: BoxTree,
}

/// A place on a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfacePoint {
    /// The triangle it lies on.
    pub triangle: usize,
    /// Weights of the triangle's corners, which sum to 1.
    pub weights: [f64; 3],
    /// The place, mm.
    pub point: Point,
    /// Distance in mm from the query point, or from the origin of the ray.
    pub distance_mm: f64,
}

impl Bvh {
    /// The search tree of `surface`.
    pub fn new(surface: &Surface) -> Self {
        let boxes: Vec<Aabb> =
            surface.triangles().par_iter().map(|triangle| Aabb::of(surface.corners(*triangle))).collect();
        Self { surface: surface.clone(), tree: BoxTree::new(&boxes) }
    }

    /// The surface it was made of.
    pub fn surface(&self) -> &Surface {
        &self.surface
    }

    /// Where the ray first meets the surface, from either side.
    pub fn first_hit(&self, ray: &Ray) -> Option<SurfacePoint> {
        let sheared = Sheared::of(ray);
        let (triangle, t) = self.tree.nearest_along(ray, |triangle| Some(sheared.meets(self.corners(triangle))?.0))?;
        let (_, weights) = sheared.meets(self.corners(triangle))?;
        let distance_mm = t * ray.direction.norm();
        Some(SurfacePoint { triangle: triangle as usize, weights, point: ray.at(t), distance_mm })
    }

    /// The point of the surface nearest to `point`; `None` for a surface without triangles.
    pub fn closest(&self, point: &Point) -> Option<SurfacePoint> {
        self.closest_from(point, None)
    }

    /// As [`Bvh::closest`], for those who know a triangle that is near.
    pub fn closest_from(&self, point: &Point, hint: Option<usize>) -> Option<SurfacePoint> {
        let distance_squared =
            |triangle: u32| (closest_on_triangle(point, self.corners(triangle)).0 - point).norm_squared();
        let hint = hint.map(|triangle| triangle as u32);
        let (triangle, squared) = self.tree.nearest_from(point, hint, distance_squared)?;
        let (nearest, weights) = closest_on_triangle(point, self.corners(triangle));
        Some(SurfacePoint { triangle: triangle as usize, weights, point: nearest, distance_mm: squared.sqrt() })
    }

    /// Whether `point` is inside the closed surface: a ray leaves more often than it enters.
    ///
    /// Rays that graze an edge are not trusted; another direction is tried.
    pub fn is_inside(&self, point: &Point) -> bool {
        // Directions without a rational relation, so that no mesh made on a grid lines up with them.
        const DIRECTIONS: [[f64; 3]; 4] = [
            [0.577_215_664_9, 0.302_775_637_7, 0.757_281_420_1],
            [-0.414_213_562_3, 0.866_025_403_7, 0.271_828_182_8],
            [0.141_592_653_5, -0.618_033_988_7, 0.732_050_807_5],
            [-0.681_471_805_5, -0.236_067_977_4, -std::f64::consts::LN_2],
        ];
        let mut winding = 0;
        for direction in DIRECTIONS {
            let ray = Ray { origin: *point, direction: Vector::from(direction) };
            let sheared = Sheared::of(&ray);
            let mut grazes = false;
            winding = 0;
            self.tree.along(&ray, |triangle| {
                let corners = self.corners(triangle);
                let Some((_, weights)) = sheared.meets(corners) else { return };
                let [a, b, c] = corners;
                let normal = (b - a).cross(&(c - a));
                grazes |= weights.iter().any(|w| *w < 1e-9);
                winding += if 0.0 < normal.dot(&ray.direction) { 1 } else { -1 };
            });
            if !grazes {
                break;
            }
        }
        0 < winding
    }

    /// Distance in mm to the surface, negative inside; `None` for a surface without triangles.
    pub fn signed_distance_mm(&self, point: &Point) -> Option<f64> {
        let distance = self.closest(point)?.distance_mm;
        Some(if self.is_inside(point) { -distance } else { distance })
    }

    /// Call `visit` for every triangle whose box meets `around`.
    pub fn meeting(&self, around: &Aabb, mut visit: impl FnMut(usize)) {
        self.tree.meeting(around, |triangle| visit(triangle as usize));
    }

    #[inline]
    fn corners(&self, triangle: u32) -> [&Point; 3] {
        self.surface.corners(self.surface.triangles()[triangle as usize])
    }
}

/// A ray turned into the direction of its longest axis, so that a test of two triangles that share an edge never misses both
/// (Woop, Benthin and Wald 2013, "Watertight ray/triangle intersection").
struct Sheared {
    origin: Point,
    axes: [usize; 3],
    shear: Vector,
}

impl Sheared {
    fn of(ray: &Ray) -> Self {
        let z = ray.direction.iamax();
        let axes = [(z + 1) % 3, (z + 2) % 3, z];
        let d = axes.map(|axis| ray.direction[axis]);
        Self { origin: ray.origin, axes, shear: Vector::new(d[0] / d[2], d[1] / d[2], 1.0 / d[2]) }
    }

    /// Where the ray meets the triangle, as a multiple of its direction, and the weights of the corners there.
    #[inline]
    fn meets(&self, corners: [&Point; 3]) -> Option<(f64, [f64; 3])> {
        let [a, b, c] = corners.map(|corner| {
            let [x, y, z] = self.axes.map(|axis| corner[axis] - self.origin[axis]);
            [x - self.shear.x * z, y - self.shear.y * z, self.shear.z * z]
        });
        let u = c[0] * b[1] - c[1] * b[0];
        let v = a[0] * c[1] - a[1] * c[0];
        let w = b[0] * a[1] - b[1] * a[0];
        if (u < 0.0 || v < 0.0 || w < 0.0) && (0.0 < u || 0.0 < v || 0.0 < w) {
            return None;
        }
        let det = u + v + w;
        let weights = [u / det, v / det, w / det];
        let t = weights[0] * a[2] + weights[1] * b[2] + weights[2] * c[2];
        (det != 0.0 && 0.0 <= t).then_some((t, weights))
    }
}

/// The nearest point of a triangle and its weights (Ericson 2005, "Real-Time Collision Detection", section 5.1.5).
pub fn closest_on_triangle(p: &Point, [a, b, c]: [&Point; 3]) -> (Point, [f64; 3]) {
    let (ab, ac, ap) = (b - a, c - a, p - a);
    let (d1, d2) = (ab.dot(&ap), ac.dot(&ap));
    if d1 <= 0.0 && d2 <= 0.0 {
        return (*a, [1.0, 0.0, 0.0]);
    }
    let bp = p - b;
    let (d3, d4) = (ab.dot(&bp), ac.dot(&bp));
    if 0.0 <= d3 && d4 <= d3 {
        return (*b, [0.0, 1.0, 0.0]);
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && 0.0 <= d1 && d3 <= 0.0 && d1 != d3 {
        let v = d1 / (d1 - d3);
        return (a + ab * v, [1.0 - v, v, 0.0]);
    }
    let cp = p - c;
    let (d5, d6) = (ab.dot(&cp), ac.dot(&cp));
    if 0.0 <= d6 && d5 <= d6 {
        return (*c, [0.0, 0.0, 1.0]);
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && 0.0 <= d2 && d6 <= 0.0 && d2 != d6 {
        let w = d2 / (d2 - d6);
        return (a + ac * w, [1.0 - w, 0.0, w]);
    }
    let va = d3 * d6 - d5 * d4;
    let (s, t) = (d4 - d3, d5 - d6);
    if va <= 0.0 && 0.0 <= s && 0.0 <= t && 0.0 < s + t {
        let w = s / (s + t);
        return (b + (c - b) * w, [0.0, 1.0 - w, w]);
    }
    let sum = va + vb + vc;
    if sum <= 0.0 {
        return (*a, [1.0, 0.0, 0.0]);
    }
    let (v, w) = (vb / sum, vc / sum);
    (a + ab * v + ac * w, [1.0 - v - w, v, w])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::base::rng::Rng;
    use crate::geom::Grid;
    use crate::image::Volume;
    use crate::mesh::contour::iso_surface;

    fn ball() -> Bvh {
        let grid = Grid::aligned([30; 3], Point::new(-29.0, -29.0, -29.0), [2.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| (20.0 - grid.centre(grid.voxel(o)).coords.norm()) as f32).collect();
        Bvh::new(&iso_surface(&Volume::<f32>::new(grid, voxels).unwrap(), 0.0, &Progress::default()).unwrap())
    }

    #[test]
    fn distances_to_a_ball_are_those_of_a_ball() {
        let ball = ball();
        let mut rng = Rng::new(8);
        for _ in 0..500 {
            let point = Point::new(rng.between(-28.0, 28.0), rng.between(-28.0, 28.0), rng.between(-28.0, 28.0));
            let exact = point.coords.norm() - 20.0;
            let distance = ball.signed_distance_mm(&point).unwrap();
            assert!((distance - exact).abs() < 0.12, "{distance} against {exact} mm");
            if 0.12 < exact.abs() {
                assert_eq!(ball.is_inside(&point), exact < 0.0);
            }
        }
        assert!(ball.is_inside(&Point::origin()));
    }

    #[test]
    fn a_ray_hits_what_it_sees_first() {
        let ball = ball();
        let ray = Ray { origin: Point::new(3.0, -50.0, 4.0), direction: Vector::new(0.0, 2.0, 0.0) };
        let hit = ball.first_hit(&ray).unwrap();
        let exact = 50.0 - (400.0_f64 - 25.0).sqrt();
        assert!((hit.distance_mm - exact).abs() < 0.1, "{} against {exact}", hit.distance_mm);
        let corners = ball.surface().corners(ball.surface().triangles()[hit.triangle]);
        let blend: Vector = corners.iter().zip(hit.weights).map(|(p, w)| p.coords * w).sum();
        assert!((blend - hit.point.coords).norm() < 1e-9);
        assert_eq!(ball.first_hit(&Ray { origin: Point::new(30.0, -50.0, 4.0), ..ray }), None);
        // Along the edges of the lattice the surface was made on: a test that is not watertight slips through.
        for direction in
            [Vector::x(), Vector::y(), -Vector::z(), Vector::new(1.0, 1.0, 0.0), Vector::new(-1.0, 1.0, 1.0)]
        {
            let from_inside = Ray { origin: Point::origin(), direction };
            assert!((ball.first_hit(&from_inside).unwrap().distance_mm - 20.0).abs() < 0.1);
        }
    }

    #[test]
    fn the_closest_point_is_the_closest_of_all_triangles() {
        let ball = ball();
        let mut rng = Rng::new(9);
        for _ in 0..20 {
            let point = Point::new(rng.between(-40.0, 40.0), rng.between(-40.0, 40.0), rng.between(-40.0, 40.0));
            let surface = ball.surface();
            let each =
                surface.triangles().iter().map(|t| (closest_on_triangle(&point, surface.corners(*t)).0 - point).norm());
            let all = each.fold(f64::INFINITY, f64::min);
            assert_eq!(ball.closest(&point).unwrap().distance_mm, all);
        }
    }

    #[test]
    fn an_empty_surface_has_nothing_near() {
        let bvh = Bvh::new(&Surface::new(vec![], vec![]).unwrap());
        assert_eq!(bvh.closest(&Point::origin()), None);
        assert!(!bvh.is_inside(&Point::origin()));
    }
}
