//! What two triangles share that face each other, and integrals over it.

use crate::geom::Vector;
use nalgebra::{Matrix3, Vector2};

/// Share of a triangle below which what it shares with another is nothing.
const SHARE_MIN: f64 = 1e-12;
/// Places of integration, exact for products of linear functions (Strang and Fix 1973).
const PLACES: [[f64; 3]; 3] =
    [[2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0], [1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0], [1.0 / 6.0, 1.0 / 6.0, 2.0 / 3.0]];

/// Integrals over the part of a triangle that another one covers, seen along its normal.
///
/// N are the shape functions of its corners, M those of the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shared {
    /// ∫ N, m².
    pub area_m2: [f64; 3],
    /// ∫ N g, m³, with the gap g along the normal; negative where they overlap.
    pub gap_m3: [f64; 3],
    /// ∫ N Nᵀ, m².
    pub own_m2: Matrix3<f64>,
    /// ∫ N Mᵀ, m².
    pub other_m2: Matrix3<f64>,
}

impl Shared {
    /// The mean gap, m.
    pub fn mean_gap_m(&self) -> f64 {
        self.gap_m3.iter().sum::<f64>() / self.area_m2.iter().sum::<f64>()
    }
}

/// What `own` with the unit normal `normal` and `other`, which faces it, share; `None` if that is nothing.
pub(super) fn shared(own: &[Vector; 3], normal: &Vector, other: &[Vector; 3]) -> Option<Shared> {
    let along = (own[1] - own[0]).try_normalize(0.0)?;
    let across = normal.cross(&along);
    let flat = |x: &Vector| Vector2::new((x - own[0]).dot(&along), (x - own[0]).dot(&across));
    let height = |x: &Vector| (x - own[0]).dot(normal);
    let (base, lid) = (own.each_ref().map(flat), other.each_ref().map(flat));
    let heights = other.each_ref().map(height);
    let whole = area(&base[0], &base[1], &base[2]);
    let lid_area = area(&lid[0], &lid[1], &lid[2]);
    // It faces the other way: seen along the normal its corners run clockwise.
    if !(0.0 < whole && lid_area < 0.0) {
        return None;
    }
    let mut polygon = vec![lid[0], lid[2], lid[1]];
    for n in 0..3 {
        polygon = cut(&polygon, &base[n], &base[(n + 1) % 3]);
    }
    let mut sum = Shared { area_m2: [0.0; 3], gap_m3: [0.0; 3], own_m2: Matrix3::zeros(), other_m2: Matrix3::zeros() };
    let mut total = 0.0;
    for n in 2..polygon.len() {
        let corners = [polygon[0], polygon[n - 1], polygon[n]];
        let part = area(&corners[0], &corners[1], &corners[2]);
        total += part;
        for place in PLACES {
            let at = corners.iter().zip(place).map(|(x, w)| x * w).sum();
            let (shape, over) = (weights(&at, &base, whole), weights(&at, &lid, lid_area));
            let gap: f64 = over.iter().zip(heights).map(|(w, h)| w * h).sum();
            for a in 0..3 {
                let share = part / 3.0 * shape[a];
                sum.area_m2[a] += share;
                sum.gap_m3[a] += share * gap;
                for b in 0..3 {
                    sum.own_m2[(a, b)] += share * shape[b];
                    sum.other_m2[(a, b)] += share * over[b];
                }
            }
        }
    }
    (SHARE_MIN * whole < total).then_some(sum)
}

/// Twice half the cross product: the area, positive counter-clockwise.
fn area(a: &Vector2<f64>, b: &Vector2<f64>, c: &Vector2<f64>) -> f64 {
    0.5 * (b - a).perp(&(c - a))
}

/// Barycentric coordinates of `at` in `corners` of the signed area `whole`.
fn weights(at: &Vector2<f64>, corners: &[Vector2<f64>; 3], whole: f64) -> [f64; 3] {
    let [a, b, c] = corners;
    let (first, second) = (area(at, b, c) / whole, area(a, at, c) / whole);
    [first, second, 1.0 - first - second]
}

/// The part of a convex polygon to the left of the line from `from` to `to` (Sutherland and Hodgman 1974).
fn cut(polygon: &[Vector2<f64>], from: &Vector2<f64>, to: &Vector2<f64>) -> Vec<Vector2<f64>> {
    let side = |x: &Vector2<f64>| (to - from).perp(&(x - from));
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (n, here) in polygon.iter().enumerate() {
        let next = &polygon[(n + 1) % polygon.len()];
        let (s, t) = (side(here), side(next));
        if 0.0 <= s {
            kept.push(*here);
        }
        if s * t < 0.0 {
            kept.push(here + (next - here) * (s / (s - t)));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [Vector; 3] = [Vector::new(0.0, 0.0, 0.0), Vector::new(3.0, 0.0, 0.0), Vector::new(0.0, 2.0, 0.0)];

    /// Counter-clockwise seen from below.
    fn lid(height: impl Fn(f64, f64) -> f64, wide: f64) -> [Vector; 3] {
        [[-wide, -wide], [-wide, 3.0 * wide], [3.0 * wide, -wide]].map(|[x, y]| Vector::new(x, y, height(x, y)))
    }

    #[test]
    fn a_lid_that_covers_all_gives_the_integrals_of_the_triangle() {
        let found = shared(&OWN, &Vector::z(), &lid(|x, y| 0.1 + 0.2 * x - 0.3 * y, 5.0)).unwrap();
        let height = [0.1, 0.7, -0.5];
        for a in 0..3 {
            assert!((found.area_m2[a] - 1.0).abs() < 1e-12);
            // ∫ N_a N_b = A (1 + δ) / 12.
            let gap: f64 = (0..3).map(|b| height[b] * if a == b { 0.5 } else { 0.25 }).sum();
            assert!((found.gap_m3[a] - gap).abs() < 1e-12, "{} {gap}", found.gap_m3[a]);
            assert!((found.own_m2.row(a).sum() - 1.0).abs() < 1e-12);
            assert!((found.other_m2.row(a).sum() - 1.0).abs() < 1e-12);
        }
        assert!((found.own_m2 - found.own_m2.transpose()).norm() < 1e-12);
    }

    #[test]
    fn parts_of_a_lid_add_up_and_what_faces_the_same_way_shares_nothing() {
        let [a, b, c] = lid(|x, y| 0.3 - 0.1 * x + 0.05 * y, 0.7);
        let whole = shared(&OWN, &Vector::z(), &[a, b, c]).unwrap();
        let middle = (a + b + c) / 3.0;
        let parts = [[a, b, middle], [b, c, middle], [c, a, middle]].map(|part| shared(&OWN, &Vector::z(), &part));
        for n in 0..3 {
            let sum = |of: fn(&Shared) -> [f64; 3]| parts.iter().flatten().map(|part| of(part)[n]).sum::<f64>();
            assert!((sum(|part| part.area_m2) - whole.area_m2[n]).abs() < 1e-12);
            assert!((sum(|part| part.gap_m3) - whole.gap_m3[n]).abs() < 1e-12);
        }
        assert!(shared(&OWN, &Vector::z(), &[a, c, b]).is_none());
        assert!(shared(&OWN, &Vector::z(), &[a, b, c].map(|x| x + Vector::x() * 10.0)).is_none());
        assert!(shared(&[OWN[0]; 3], &Vector::z(), &[a, b, c]).is_none());
    }
}
