//! Exact distances of line segments to points, segments and triangles.

use crate::geom::{Point, Ray, Vector};
use crate::mesh::bvh::closest_on_triangle;

/// How far along the segment from `a` to `b` (0 to 1) the place nearest to `point` lies.
#[inline]
pub fn nearest_part(point: &Point, a: &Point, b: &Point) -> f64 {
    let way = b - a;
    let squared = way.norm_squared();
    if squared < 1e-18 { 0.0 } else { ((point - a).dot(&way) / squared).clamp(0.0, 1.0) }
}

/// The places nearest to one another on the segments `a` and `b`, as parts of both from 0 to 1 (Ericson 2005, "Real-Time
/// Collision Detection", section 5.1.9).
pub fn nearest_parts([p1, q1]: [&Point; 2], [p2, q2]: [&Point; 2]) -> [f64; 2] {
    let (d1, d2, r): (Vector, Vector, Vector) = (q1 - p1, q2 - p2, p1 - p2);
    let (a, e, f) = (d1.norm_squared(), d2.norm_squared(), d2.dot(&r));
    if a < 1e-18 {
        return [0.0, nearest_part(p1, p2, q2)];
    }
    if e < 1e-18 {
        return [nearest_part(p2, p1, q1), 0.0];
    }
    let (b, c) = (d1.dot(&d2), d1.dot(&r));
    let denominator = a * e - b * b;
    let s = if 1e-12 * a * e < denominator { ((b * f - c * e) / denominator).clamp(0.0, 1.0) } else { 0.0 };
    let t = (b * s + f) / e;
    if t < 0.0 {
        [(-c / a).clamp(0.0, 1.0), 0.0]
    } else if 1.0 < t {
        [((b - c) / a).clamp(0.0, 1.0), 1.0]
    } else {
        [s, t]
    }
}

/// The places nearest to one another on a segment and a triangle: part of the segment, place on the triangle, distance in mm.
///
/// They lie where the segment passes the triangle, or else at an end of the segment or on an edge of the triangle.
pub fn segment_to_triangle([a, b]: [&Point; 2], corners: [&Point; 3]) -> (f64, Point, f64) {
    let ray = Ray { origin: *a, direction: b - a };
    if let Some(part) = ray.meets_triangle(corners).filter(|part| (0.0..=1.0).contains(part)) {
        return (part, ray.at(part), 0.0);
    }
    let mut best = (0.0, *a, f64::INFINITY);
    for (part, end) in [(0.0, a), (1.0, b)] {
        let on = closest_on_triangle(end, corners).0;
        let mm = (on - end).norm();
        if mm < best.2 {
            best = (part, on, mm);
        }
    }
    for n in 0..3 {
        let [from, to] = [corners[n], corners[(n + 1) % 3]];
        let [part, other] = nearest_parts([a, b], [from, to]);
        let on = from + (to - from) * other;
        let mm = (ray.at(part) - on).norm();
        if mm < best.2 {
            best = (part, on, mm);
        }
    }
    best
}

/// Where a function whose slope is at most `slope` is lowest on `0..=length_mm`, and its value there, to within `within_mm`.
///
/// Between two places it cannot be lower than where lines of that slope from both meet (Piyavskii 1972); intervals that cannot
/// hold anything lower are left out, the others are halved.
pub fn lowest(length_mm: f64, slope: f64, within_mm: f64, value: impl Fn(f64) -> f64) -> (f64, f64) {
    const PIECES: usize = 16;
    let places: Vec<(f64, f64)> =
        (0..=PIECES).map(|n| length_mm * n as f64 / PIECES as f64).map(|s| (s, value(s))).collect();
    let mut best = places.iter().copied().fold((0.0, f64::INFINITY), lower);
    let mut open: Vec<[(f64, f64); 2]> = places.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    while !open.is_empty() {
        let mut next = Vec::new();
        for [a, b] in open {
            let least = 0.5 * (a.1 + b.1 - slope * (b.0 - a.0));
            if best.1 - within_mm <= least {
                continue;
            }
            let middle = 0.5 * (a.0 + b.0);
            let between = (middle, value(middle));
            best = lower(best, between);
            next.extend([[a, between], [between, b]]);
        }
        open = next;
    }
    best
}

fn lower(best: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    if other.1 < best.1 { other } else { best }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    fn point(rng: &mut Rng) -> Point {
        Point::new(rng.between(-5.0, 5.0), rng.between(-5.0, 5.0), rng.between(-5.0, 5.0))
    }

    #[test]
    fn no_sampled_place_is_nearer_than_the_nearest() {
        let mut rng = Rng::new(2);
        for _ in 0..300 {
            let [a, b, c, d, e] = std::array::from_fn(|_| point(&mut rng));
            let at = |from: Point, to: Point, part: f64| from + (to - from) * part;
            let [s, t] = nearest_parts([&a, &b], [&c, &d]);
            let found = (at(a, b, s) - at(c, d, t)).norm();
            let (part, on, mm) = segment_to_triangle([&a, &b], [&c, &d, &e]);
            assert!((at(a, b, part) - on).norm() - mm < 1e-9);
            assert!((closest_on_triangle(&on, [&c, &d, &e]).0 - on).norm() < 1e-9);
            for n in 0..=40 {
                let here = at(a, b, f64::from(n) / 40.0);
                assert!(found <= (here - at(c, d, nearest_part(&here, &c, &d))).norm() + 1e-9);
                assert!(mm <= (closest_on_triangle(&here, [&c, &d, &e]).0 - here).norm() + 1e-9);
            }
        }
    }

    #[test]
    fn parallel_and_pointlike_segments_have_a_distance() {
        let p = |x: f64, y: f64| Point::new(x, y, 0.0);
        let mm = |a: [Point; 2], b: [Point; 2]| {
            let [s, t] = nearest_parts([&a[0], &a[1]], [&b[0], &b[1]]);
            (a[0] + (a[1] - a[0]) * s - (b[0] + (b[1] - b[0]) * t)).norm()
        };
        assert!((mm([p(0.0, 0.0), p(10.0, 0.0)], [p(2.0, 3.0), p(8.0, 3.0)]) - 3.0).abs() < 1e-12);
        assert!((mm([p(0.0, 0.0), p(1.0, 0.0)], [p(4.0, 4.0), p(8.0, 4.0)]) - 5.0).abs() < 1e-12);
        assert_eq!(mm([p(0.0, 0.0); 2], [p(0.0, 2.0); 2]), 2.0);
        assert_eq!(mm([p(0.0, 0.0); 2], [p(-1.0, 2.0), p(1.0, 2.0)]), 2.0);
    }

    #[test]
    fn the_lowest_place_is_found_among_many_valleys() {
        let f = |s: f64| (0.9 * s).sin() + 0.02 * (s - 61.0).abs();
        let (at, value) = lowest(100.0, 0.93, 1e-4, f);
        let sampled = (0..=200_000).map(|n| f(f64::from(n) * 5e-4)).fold(f64::INFINITY, f64::min);
        assert!((value - sampled).abs() < 2e-4 && (f(at) - value).abs() < 1e-12, "{value} against {sampled}");
    }
}
