//! Places of a surface so close together that distances to them are distances to the surface, within a known bound.

use crate::geom::Point;
use crate::mesh::Surface;
use rayon::prelude::*;

/// Places of a surface at most beside those of its own: with more, they stand further apart and the bound says so.
const PLACES_MORE: usize = 200_000;

/// Corners and middles of all triangles, more places on those that are large, and how far any place of the surface is from the
/// nearest of them at most: half a mean edge, or more where that would take too many.
pub(super) fn places(surface: &Surface) -> (Vec<Point>, f64) {
    let triangles = surface.triangles();
    if triangles.is_empty() {
        return (surface.positions().to_vec(), 0.0);
    }
    let corners = |n: usize| surface.corners(triangles[n]);
    let longest = |[a, b, c]: [&Point; 3]| (b - a).norm().max((c - b).norm()).max((a - c).norm());
    let mut half_mm = 0.5 * (0..triangles.len()).map(|n| longest(corners(n))).sum::<f64>() / triangles.len() as f64;
    if half_mm <= 0.0 {
        return (surface.positions().to_vec(), 0.0);
    }
    // How far the worst place of each is from its corners alone, and with its middle.
    let reach: Vec<[f64; 2]> = (0..triangles.len()).into_par_iter().map(|n| reaches(corners(n))).collect();
    let parts = |[alone, middle]: &[f64; 2], half_mm: f64| match () {
        () if *middle <= half_mm => 1,
        // Cut into n² parts of its own shape, whose corners are places.
        () => (alone / half_mm).ceil() as usize,
    };
    // Those on the borders between triangles are counted twice, for they are made by either.
    let more = |n: usize| if n == 1 { 1 } else { (n + 1).saturating_mul(n + 2) / 2 - 3 };
    let room = PLACES_MORE + 4 * (surface.positions().len() + triangles.len());
    let count = |half_mm: f64| reach.iter().fold(0_usize, |sum, own| sum.saturating_add(more(parts(own, half_mm))));
    while room < count(half_mm) {
        half_mm *= 1.25;
    }
    let mut all = surface.positions().to_vec();
    for (n, own) in reach.iter().enumerate() {
        let [a, b, c] = corners(n);
        let parts = parts(own, half_mm);
        if parts == 1 {
            all.push(Point::from((a.coords + b.coords + c.coords) / 3.0));
            continue;
        }
        let is_corner = |i: usize, j: usize| [[0, 0], [parts, 0], [0, parts]].contains(&[i, j]);
        let inside = (0..=parts).flat_map(|j| (0..=parts - j).map(move |i| (i, j))).filter(|(i, j)| !is_corner(*i, *j));
        all.extend(inside.map(|(i, j)| a + ((b - a) * i as f64 + (c - a) * j as f64) / parts as f64));
    }
    (all, half_mm)
}

/// How far the worst place of a triangle is from the nearest of its corners, and from that or its middle.
fn reaches([a, b, c]: [&Point; 3]) -> [f64; 2] {
    let middle = Point::from((a.coords + b.coords + c.coords) / 3.0);
    let around = [[a, b], [b, c], [c, a]].map(|[p, q]| reach([p, q, &middle]));
    [reach([a, b, c]), around.into_iter().fold(0.0, f64::max)]
}

/// How far the worst place of a triangle is from the nearest of its corners: the radius of the circle through them, or where that
/// has its middle outside, the worst place of the longest side, where the bisector of another side meets it.
fn reach([a, b, c]: [&Point; 3]) -> f64 {
    let mut sides = [(b - c).norm(), (c - a).norm(), (a - b).norm()];
    sides.sort_by(f64::total_cmp);
    let [s, t, long] = sides;
    if s <= 0.0 {
        return 0.5 * long;
    }
    if s * s + t * t <= long * long {
        // The angles at both ends of the longest side by the law of cosines; d = (side/2) / cos.
        let cosine =
            |beside: f64, opposite: f64| (beside * beside + long * long - opposite * opposite) / (2.0 * beside * long);
        let at = |beside: f64, opposite: f64| 0.5 * beside / cosine(beside, opposite).max(1e-9);
        return at(s, t).max(at(t, s)).min(0.5 * long);
    }
    let area = 0.5 * (b - a).cross(&(c - a)).norm();
    (s * t * long / (4.0 * area.max(1e-300))).min(long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::mesh::Bvh;
    use crate::mesh::shapes::{ball, cuboid};
    use crate::plan::score::measure::least;
    use crate::plan::score::{Body, BodyFrom};

    #[test]
    fn the_worst_place_of_a_triangle_is_found() {
        let mut rng = Rng::new(11);
        for _ in 0..200 {
            let mut point = || Point::new(rng.between(0.0, 9.0), rng.between(0.0, 9.0), rng.between(0.0, 2.0));
            let [a, b, c] = [point(), point(), point()];
            let found = reach([&a, &b, &c]);
            let n = 120;
            let all = (0..=n).flat_map(|j| (0..=n - j).map(move |i| [i, j].map(|x| f64::from(x) / f64::from(n))));
            let off = all.map(|[i, j]| {
                let p = a + (b - a) * i + (c - a) * j;
                [&a, &b, &c].map(|corner| (p - corner).norm()).into_iter().fold(f64::INFINITY, f64::min)
            });
            let worst = off.fold(0.0, f64::max);
            assert!(worst <= found + 1e-9 && found <= worst + 0.15, "{found} against {worst} for {a} {b} {c}");
        }
    }

    /// A fine ball beside a block of twelve large triangles.
    fn mixed() -> Surface {
        let (fine, block) = (ball(4.0, 0.7), cuboid([60.0, 45.0, 20.0]));
        let mut positions = fine.positions().to_vec();
        let first = positions.len() as u32;
        positions.extend(block.positions().iter().map(|p| p + crate::geom::Vector::new(10.0, -20.0, -10.0)));
        let mut triangles = fine.triangles().to_vec();
        triangles.extend(block.triangles().iter().map(|corners| corners.map(|v| v + first)));
        Surface::new(positions, triangles).unwrap()
    }

    #[test]
    fn least_distances_to_triangles_of_any_size_are_within_their_bound() {
        let surface = mixed();
        let body = Body::new("mixed", None, String::new(), &BodyFrom::Surface(&surface));
        let search = Bvh::new(&surface);
        // Half a mean edge of the many small triangles, although the large ones have edges of 75 mm.
        assert!(body.half_mm < 1.0, "{}", body.half_mm);
        let mut rng = Rng::new(12);
        for _ in 0..300 {
            let at = Point::new(rng.between(-15.0, 80.0), rng.between(-30.0, 35.0), rng.between(-20.0, 20.0));
            let truth = search.closest(&at).unwrap().distance_mm;
            let (mm, _) = least(&body, |point| (point - at).norm()).unwrap();
            assert!(truth - 1e-9 <= mm && mm <= truth + body.half_mm + 1e-9, "{mm} mm for {truth} mm");
            // And to a plane, which is what margins ask of cuts.
            let way = crate::geom::Vector::new(rng.normal(), rng.normal(), rng.normal()).normalize();
            let (mm, _) = least(&body, |point| (point - at).dot(&way)).unwrap();
            let truth = surface.positions().iter().map(|p| (p - at).dot(&way)).fold(f64::INFINITY, f64::min);
            assert!((mm - truth).abs() < 1e-9);
        }
    }

    #[test]
    fn many_large_triangles_stand_further_apart_and_the_bound_says_so() {
        // One sheet and dust: half a mean edge would take millions of places.
        let mut positions = Vec::new();
        for n in 0..3000 {
            let x = f64::from(n) * 0.01;
            let size = if n == 0 { 400.0 } else { 0.02 };
            positions.extend([Point::new(x, 0.0, 0.0), Point::new(x, size, 0.0), Point::new(x, 0.0, size)]);
        }
        let triangles = (0..3000).map(|n| [3 * n, 3 * n + 1, 3 * n + 2]).collect();
        let surface = Surface::new(positions, triangles).unwrap();
        let (all, half_mm) = places(&surface);
        assert!(all.len() < PLACES_MORE + 5 * 12_000 && 0.3 < half_mm && half_mm < 2.0, "{} {half_mm}", all.len());
        let (few, uniform) = places(&cuboid([10.0, 10.0, 10.0]));
        assert!(8 + 12 <= few.len() && few.len() < 60 && uniform < 10.0);
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert_eq!(places(&nothing), (Vec::new(), 0.0));
    }
}
