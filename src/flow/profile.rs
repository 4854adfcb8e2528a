//! How the inflow is spread over an opening of any shape: fully developed flow solves −Δw = 1 with w = 0 at the wall.

use super::lumen::Lumen;
use super::opening::{Opening, Profile};
use crate::geom::{Point, Vector};
use std::collections::VecDeque;

/// Most raster points along an edge.
const POINTS_MAX: usize = 161;
/// Sweeps per raster point along an edge; the optimal over-relaxation converges in about one.
const SWEEPS_PER_POINT: usize = 4;

/// Polar moment of area beyond that of a circle up to which a cross-section counts as round.
const EXCESS_MAX: f64 = 0.02;

/// The shape of the velocity over a cross-section, up to a factor.
pub(super) struct Shape {
    centre: Point,
    axes: [Vector; 2],
    spacing_mm: f64,
    points: usize,
    values: Vec<f64>,
}

impl Shape {
    /// The shape on the cross-section of `lumen` just inside `opening`; `None` for a plug, or if nothing is there.
    pub fn new(lumen: &Lumen, opening: &Opening, cell_mm: f64) -> Option<Self> {
        let profile = match opening.kind {
            super::opening::OpeningKind::Inlet { profile, .. } => profile,
            super::opening::OpeningKind::Outlet { .. } => return None,
        };
        if profile == Profile::Plug {
            return None;
        }
        let half = opening.reach_mm + 2.0 * cell_mm;
        let points = ((8.0 * half / cell_mm).ceil() as usize | 1).clamp(41, POINTS_MAX);
        let spacing_mm = 2.0 * half / (points - 1) as f64;
        let helper = if opening.normal.x.abs() < 0.7 { Vector::x() } else { Vector::y() };
        let first = opening.normal.cross(&helper).normalize();
        let axes = [first, opening.normal.cross(&first)];
        let centre = opening.centre - opening.normal * (0.5 * cell_mm);
        let mut shape = Self { centre, axes, spacing_mm, points, values: vec![0.0; points * points] };
        let levels: Vec<f32> = (0..points * points).map(|p| lumen.level(shape.at(p))).collect();
        let inside = shape.section(&levels)?;
        shape.solve(&inside, &levels);
        Some(shape)
    }

    fn at(&self, n: usize) -> Point {
        let from_middle = |n: usize| (n as f64 - 0.5 * (self.points - 1) as f64) * self.spacing_mm;
        self.centre + self.axes[0] * from_middle(n % self.points) + self.axes[1] * from_middle(n / self.points)
    }

    /// Raster points of the lumen that are connected to the one nearest the centre.
    fn section(&self, levels: &[f32]) -> Option<Vec<bool>> {
        let n = self.points;
        let border = |p: usize| [p % n, p / n].iter().any(|x| *x == 0 || *x == n - 1);
        let open: Vec<bool> = (0..n * n).map(|p| !border(p) && 0.0 < levels[p]).collect();
        let distance = |p: usize| (self.at(p) - self.centre).norm_squared();
        let seed = (0..n * n).filter(|p| open[*p]).min_by(|a, b| distance(*a).total_cmp(&distance(*b)))?;
        let mut inside = vec![false; n * n];
        inside[seed] = true;
        let mut queue = VecDeque::from([seed]);
        while let Some(p) = queue.pop_front() {
            for next in [p - 1, p + 1, p - n, p + n] {
                if open[next] && !inside[next] {
                    inside[next] = true;
                    queue.push_back(next);
                }
            }
        }
        Some(inside)
    }

    /// Successive over-relaxation of −Δw = 1. Where a neighbour is outside, w falls linearly to 0 at the wall between.
    fn solve(&mut self, inside: &[bool], levels: &[f32]) {
        let n = self.points;
        let omega = 2.0 / (1.0 + (std::f64::consts::PI / n as f64).sin());
        let rows: Vec<(usize, f64)> = (0..n * n)
            .filter(|p| inside[*p])
            .map(|p| {
                let outside = [p - 1, p + 1, p - n, p + n].into_iter().filter(|next| !inside[*next]);
                let part = |next: usize| f64::from(levels[p] / (levels[p] - levels[next])).clamp(0.1, 1.0);
                (p, 4.0 + outside.map(|next| 1.0 / part(next) - 1.0).sum::<f64>())
            })
            .collect();
        for _ in 0..SWEEPS_PER_POINT * n {
            for (p, diagonal) in &rows {
                let around = self.values[p - 1] + self.values[p + 1] + self.values[p - n] + self.values[p + n];
                self.values[*p] += omega * ((around + 1.0) / diagonal - self.values[*p]);
            }
        }
    }

    /// The circle that the cross-section nearly is: its centre and its radius in mm; none if it is not round.
    ///
    /// The polar moment of area of a circle is A²/2π; every other shape has more: a square 4.7 %, an ellipse with axes
    /// 1.2 to 1 1.7 %.
    pub fn circle(&self) -> Option<(Point, f64)> {
        let inside: Vec<Point> = (0..self.values.len()).filter(|p| 0.0 < self.values[*p]).map(|p| self.at(p)).collect();
        let count = inside.len() as f64;
        let centre = Point::from(inside.iter().map(|p| p.coords).sum::<Vector>() / count);
        let area = count * self.spacing_mm * self.spacing_mm;
        let moment = inside.iter().map(|p| (p - centre).norm_squared()).sum::<f64>() / count * area;
        let excess = moment * 2.0 * std::f64::consts::PI / (area * area) - 1.0;
        (excess <= EXCESS_MAX).then(|| (centre, (area / std::f64::consts::PI).sqrt()))
    }

    /// The shape at a point of the opening, at least 0.
    pub fn value(&self, point: Point) -> f64 {
        let from_centre = point - self.centre;
        let middle = 0.5 * (self.points - 1) as f64;
        let place = self.axes.map(|axis| {
            (from_centre.dot(&axis) / self.spacing_mm + middle).clamp(0.0, (self.points - 1) as f64 - 1e-9)
        });
        let (i, j) = (place[0] as usize, place[1] as usize);
        let (x, y) = (place[0] - i as f64, place[1] - j as f64);
        let at = |i: usize, j: usize| self.values[j.min(self.points - 1) * self.points + i.min(self.points - 1)];
        let row = |j| at(i, j) * (1.0 - x) + at(i + 1, j) * x;
        row(j) * (1.0 - y) + row(j + 1) * y
    }
}

#[cfg(test)]
mod tests {
    use super::super::opening::{Inflow, OpeningKind};
    use super::*;

    #[test]
    fn a_round_opening_gets_a_parabola() {
        let radius = 5.0;
        let level = move |p: Point| (radius - p.x.hypot(p.y)) as f32;
        let lumen = Lumen::from_level(Point::new(-6.0, -6.0, 0.0), Point::new(6.0, 6.0, 20.0), level);
        let kind = OpeningKind::Inlet { inflow: Inflow::FlowMlS(1.0), profile: Profile::Developed };
        let opening = Opening::placed("inlet", Point::origin(), -Vector::z(), radius, kind).unwrap();
        let shape = Shape::new(&lumen, &opening, 0.25).unwrap();
        let middle = shape.value(Point::new(0.0, 0.0, 0.0));
        for r in [1.0_f64, 2.5, 4.0] {
            let expected = 1.0 - (r / radius).powi(2);
            let value = shape.value(Point::new(r * 0.6, r * 0.8, 0.0)) / middle;
            assert!((value - expected).abs() < 0.01, "at {r} mm: {value} instead of {expected}");
        }
        let (centre, found) = shape.circle().expect("it is round");
        assert!((centre - opening.centre).norm() < 0.2 && (found - radius).abs() < 0.03, "{found} mm around {centre}");
    }

    #[test]
    fn an_opening_that_is_not_round_is_no_circle() {
        let level = |p: Point| (1.0 - (p.x / 5.0).hypot(p.y / 3.5)) as f32;
        let lumen = Lumen::from_level(Point::new(-6.0, -6.0, 0.0), Point::new(6.0, 6.0, 20.0), level);
        let kind = OpeningKind::Inlet { inflow: Inflow::FlowMlS(1.0), profile: Profile::Developed };
        let opening = Opening::placed("inlet", Point::origin(), -Vector::z(), 4.2, kind).unwrap();
        assert_eq!(Shape::new(&lumen, &opening, 0.25).unwrap().circle(), None);
    }
}
