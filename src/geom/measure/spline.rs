//! A smooth curve through points, its length and its curvature.
//!
//! The curve is the interpolating cubic spline over chord length with not-a-knot ends (de Boor, A Practical Guide to
//! Splines, chapter IV): curvature is continuous, and an arc keeps its curvature up to its ends.
//!
//! ```text
//! hᵢ₋₁ Mᵢ₋₁ + 2 (hᵢ₋₁ + hᵢ) Mᵢ + hᵢ Mᵢ₊₁ = 6 ((pᵢ₊₁ − pᵢ)/hᵢ − (pᵢ − pᵢ₋₁)/hᵢ₋₁)      M = r″ at the points
//! κ = |r′ × r″| / |r′|³
//! ```

use crate::geom::{Point, Vector};

/// Parts of a piece between two points on which curvature is looked for.
const PARTS: usize = 32;
/// Gauss–Legendre places and weights on −1 to 1.
const GAUSS: [[f64; 2]; 5] = [
    [0.0, 0.568_888_888_888_888_9],
    [-0.538_469_310_105_683_1, 0.478_628_670_499_366_5],
    [0.538_469_310_105_683_1, 0.478_628_670_499_366_5],
    [-0.906_179_845_938_664, 0.236_926_885_056_189_1],
    [0.906_179_845_938_664, 0.236_926_885_056_189_1],
];

/// A smooth curve through points.
#[derive(Debug, Clone, PartialEq)]
pub struct Spline {
    points: Vec<Point>,
    /// Chord lengths, mm.
    chords_mm: Vec<f64>,
    /// Second derivatives by chord length, one per point.
    bends: Vec<Vector>,
}

/// What is measured along a smooth curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bend {
    /// The length of the curve.
    pub length_mm: f64,
    /// The mean of the curvature along it, 1/mm.
    pub mean_per_mm: f64,
    /// The greatest curvature, 1/mm.
    pub most_per_mm: f64,
    /// Where that is.
    pub place: Point,
}

impl Spline {
    /// The curve through `points`, neighbours apart; `None` for fewer than two.
    pub fn through(points: &[Point]) -> Option<Self> {
        let chords_mm: Vec<f64> = points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).collect();
        if chords_mm.is_empty() || chords_mm.iter().any(|chord| !(0.0 < *chord)) {
            return None;
        }
        let bends = bends(points, &chords_mm);
        Some(Self { points: points.to_vec(), chords_mm, bends })
    }

    /// Place and first and second derivative by chord length in piece `n`, `part` of its way (0 to 1).
    fn at(&self, n: usize, part: f64) -> (Point, Vector, Vector) {
        let (h, [a, b]) = (self.chords_mm[n], [1.0 - part, part]);
        let (p, q, m, k) = (self.points[n], self.points[n + 1], self.bends[n], self.bends[n + 1]);
        let sag = |x: f64| (x * x * x - x) * h * h / 6.0;
        let slope = |x: f64| (3.0 * x * x - 1.0) * h / 6.0;
        let place = p + (q - p) * part + m * sag(a) + k * sag(b);
        (place, (q - p) / h - m * slope(a) + k * slope(b), m * a + k * b)
    }

    fn curvature(&self, n: usize, part: f64) -> f64 {
        let (_, first, second) = self.at(n, part);
        let speed = first.norm();
        // Where it stands still there is no direction to bend from.
        if speed < 1e-9 { 0.0 } else { first.cross(&second).norm() / speed.powi(3) }
    }

    /// The curve as a line of `parts` pieces between neighbours.
    pub fn line(&self, parts: usize) -> Vec<Point> {
        let parts = parts.max(1);
        let piece = |n: usize| (0..parts).map(move |part| (n, part as f64 / parts as f64));
        let inner = (0..self.chords_mm.len()).flat_map(piece).map(|(n, part)| self.at(n, part).0);
        inner.chain(self.points.last().copied()).collect()
    }

    /// Length and curvature.
    pub fn bend(&self) -> Bend {
        let (mut length_mm, mut turned) = (0.0, 0.0);
        let mut most = (-1.0, 0, 0.0);
        for n in 0..self.chords_mm.len() {
            for part in 0..PARTS {
                let low = part as f64 / PARTS as f64;
                for [place, weight] in GAUSS {
                    let at = low + 0.5 * (1.0 + place) / PARTS as f64;
                    let way = self.at(n, at).1.norm() * self.chords_mm[n] * 0.5 * weight / PARTS as f64;
                    length_mm += way;
                    turned += way * self.curvature(n, at);
                }
                for at in [low, low + 1.0 / PARTS as f64] {
                    let here = self.curvature(n, at);
                    if most.0 < here {
                        most = (here, n, at);
                    }
                }
            }
        }
        let (most_per_mm, n, at) = self.finer(most);
        Bend { length_mm, mean_per_mm: turned / length_mm, most_per_mm, place: self.at(n, at).0 }
    }

    /// The greatest curvature near a place where it is great, by halving steps.
    fn finer(&self, (mut most, n, mut at): (f64, usize, f64)) -> (f64, usize, f64) {
        let mut step = 0.5 / PARTS as f64;
        while 1e-6 < step {
            let beside = [at - step, at + step].map(|at| at.clamp(0.0, 1.0));
            let best = beside.map(|at| (self.curvature(n, at), at)).into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
            match best {
                Some((here, there)) if most < here => (most, at) = (here, there),
                _ => step *= 0.5,
            }
        }
        (most, n, at)
    }
}

/// Second derivatives at the points: a tridiagonal system for the inner ones, from which those of the ends follow.
fn bends(points: &[Point], h: &[f64]) -> Vec<Vector> {
    let n = points.len();
    let mut all = vec![Vector::zeros(); n];
    if n < 3 {
        return all;
    }
    let slope = |i: usize| (points[i + 1] - points[i]) / h[i];
    let right = |i: usize| (slope(i) - slope(i - 1)) * 6.0;
    if n == 3 {
        // One parabola.
        all.fill(right(1) / (3.0 * (h[0] + h[1])));
        return all;
    }
    // Rows 1 to n − 2: below, on and above the diagonal. The ends continue the third derivative of their neighbours.
    let last = n - 2;
    let mut rows: Vec<[f64; 3]> = (1..=last).map(|i| [h[i - 1], 2.0 * (h[i - 1] + h[i]), h[i]]).collect();
    rows[0][1] += h[0] * (1.0 + h[0] / h[1]);
    rows[0][2] -= h[0] * h[0] / h[1];
    let (end, before) = (h[last], h[last - 1]);
    rows[last - 1][1] += end * (1.0 + end / before);
    rows[last - 1][0] -= end * end / before;
    let mut sides: Vec<Vector> = (1..=last).map(right).collect();
    for i in 1..rows.len() {
        let factor = rows[i][0] / rows[i - 1][1];
        rows[i][1] -= factor * rows[i - 1][2];
        let above = sides[i - 1];
        sides[i] -= above * factor;
    }
    for i in (0..rows.len()).rev() {
        let after = if i + 1 < rows.len() { all[i + 2] * rows[i][2] } else { Vector::zeros() };
        all[i + 1] = (sides[i] - after) / rows[i][1];
    }
    all[0] = all[1] * (1.0 + h[0] / h[1]) - all[2] * (h[0] / h[1]);
    all[n - 1] = all[n - 2] * (1.0 + end / before) - all[n - 3] * (end / before);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arc(radius_mm: f64, angles: impl Iterator<Item = f64>) -> Vec<Point> {
        let turn = nalgebra::Rotation3::from_euler_angles(0.4, -0.7, 1.1);
        let at = |angle: f64| turn * Point::new(radius_mm * angle.cos(), radius_mm * angle.sin(), 0.0);
        angles.map(at).collect()
    }

    #[test]
    fn an_arc_has_its_length_and_its_curvature_up_to_its_ends() {
        // Uneven steps of about 15°.
        let angles = (0..9).map(|n| 0.26 * f64::from(n) + 0.05 * f64::from(n * n % 3));
        let ends: Vec<f64> = angles.clone().collect();
        let bend = Spline::through(&arc(20.0, angles)).unwrap().bend();
        assert!((bend.length_mm / (20.0 * (ends[8] - ends[0])) - 1.0).abs() < 1e-3, "{bend:?}");
        assert!(
            (bend.mean_per_mm * 20.0 - 1.0).abs() < 0.01 && (bend.most_per_mm * 20.0 - 1.0).abs() < 0.08,
            "{bend:?}"
        );
    }

    #[test]
    fn finer_points_come_closer_with_their_fourth_power() {
        let error = |count: usize| {
            let step = 1.5 / count as f64;
            let bend = Spline::through(&arc(20.0, (0..=count).map(|n| n as f64 * step))).unwrap().bend();
            (bend.length_mm / 30.0 - 1.0).abs()
        };
        assert!(error(16) < error(8) / 10.0, "{} {}", error(8), error(16));
    }

    /// y = x²/(2R) bends most at its vertex, with radius R.
    #[test]
    fn the_tightest_place_of_a_parabola_is_its_vertex() {
        let at = |n: i32| Point::new(f64::from(n) * 2.0 + 0.7, (f64::from(n) * 2.0 + 0.7).powi(2) / 30.0, 5.0);
        let bend = Spline::through(&(-8..8).map(at).collect::<Vec<_>>()).unwrap().bend();
        assert!((1.0 / bend.most_per_mm - 15.0).abs() < 0.1, "{bend:?}");
        assert!((bend.place - Point::new(0.0, 0.0, 5.0)).norm() < 1.0, "{bend:?}");
    }

    #[test]
    fn a_straight_line_does_not_bend_and_three_points_are_a_parabola() {
        let line: Vec<Point> = [0.0, 1.0, 5.0, 6.0, 9.0].map(|t| Point::new(t, 2.0 * t, -t)).to_vec();
        let bend = Spline::through(&line).unwrap().bend();
        assert!(bend.most_per_mm < 1e-12 && (bend.length_mm - 9.0 * 6.0_f64.sqrt()).abs() < 1e-9);
        let three = [Point::new(-3.0, 0.0, 0.0), Point::origin(), Point::new(3.0, 0.0, 0.0)];
        assert!(Spline::through(&three).unwrap().bend().most_per_mm < 1e-12);
        assert_eq!(Spline::through(&three[..1]), None);
        assert_eq!(Spline::through(&[three[0], three[0]]), None, "two points at one place");
        let two = Spline::through(&three[..2]).unwrap();
        assert!((two.bend().length_mm - 3.0).abs() < 1e-12 && two.line(4).len() == 5);
    }
}
