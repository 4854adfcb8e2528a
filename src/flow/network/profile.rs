//! The radius of a vessel along its length, and where it is narrow against its neighbourhood.

use super::geometry::{Elements, Wall, cone};
use crate::flow::Fluid;

/// Radius over arc length, linear between points; two points at one place make a step. In metres.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Profile {
    /// Arc length, not falling, from 0; radius, above 0.
    points: Vec<[f64; 2]>,
}

/// A narrow place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Narrowing {
    /// Where it begins and ends: at half its depth.
    pub(super) from: f64,
    pub(super) to: f64,
    /// Smallest radius.
    pub(super) radius: f64,
    /// Radius of the neighbourhood.
    pub(super) usual: f64,
}

impl Profile {
    /// At least two points with positive radii and places that do not fall.
    pub(super) fn new(points: Vec<[f64; 2]>) -> Self {
        Self { points }
    }

    pub(super) fn length(&self) -> f64 {
        self.points[self.points.len() - 1][0]
    }

    /// Radius at a place; at a step the one behind it.
    pub(super) fn radius(&self, s: f64) -> f64 {
        let right = self.points.partition_point(|point| point[0] <= s).clamp(1, self.points.len() - 1);
        let [[s0, r0], [s1, r1]] = [self.points[right - 1], self.points[right]];
        if s1 <= s0 { r1 } else { r0 + (r1 - r0) * ((s - s0) / (s1 - s0)).clamp(0.0, 1.0) }
    }

    /// Mean radius between two places.
    pub(super) fn mean_radius(&self, from: f64, to: f64) -> f64 {
        let (mut sum, mut length) = (0.0, 0.0);
        self.pieces(from, to, |l, a, b| {
            sum += 0.5 * (a + b) * l;
            length += l;
        });
        if 0.0 < length { sum / length } else { self.radius(from) }
    }

    /// Length, first and last radius of every cone between two places.
    fn pieces(&self, from: f64, to: f64, mut each: impl FnMut(f64, f64, f64)) {
        for pair in self.points.windows(2) {
            let [[s0, r0], [s1, r1]] = [pair[0], pair[1]];
            let (a, b) = (s0.max(from), s1.min(to));
            if a < b {
                let at = |s: f64| r0 + (r1 - r0) * (s - s0) / (s1 - s0);
                each(b - a, at(a), at(b));
            }
        }
    }

    /// Elements between two places.
    pub(super) fn elements(&self, fluid: &Fluid, wall: &Wall, from: f64, to: f64) -> Elements {
        let mut sum = Elements::default();
        self.pieces(from, to, |length, a, b| {
            let piece = cone(fluid, wall, length, a, b);
            sum.resistance += piece.resistance;
            sum.inductance += piece.inductance;
            sum.capacitance += piece.capacitance;
        });
        sum
    }

    /// The same profile with one radius between two places.
    pub(super) fn with_radius(&self, from: f64, to: f64, radius: f64) -> Self {
        let before = self.points.iter().filter(|point| point[0] < from);
        let behind = self.points.iter().filter(|point| to < point[0]);
        let mut points: Vec<[f64; 2]> = before.copied().collect();
        if 0.0 < from {
            points.push([from, self.radius_before(from)]);
        }
        points.extend([[from, radius], [to, radius]]);
        if to < self.length() {
            points.push([to, self.radius(to)]);
        }
        points.extend(behind);
        Self { points }
    }

    /// Radius at a place; at a step the one before it.
    fn radius_before(&self, s: f64) -> f64 {
        let right = self.points.partition_point(|point| point[0] < s).clamp(1, self.points.len() - 1);
        let [[s0, r0], [s1, r1]] = [self.points[right - 1], self.points[right]];
        if s1 <= s0 { r0 } else { r0 + (r1 - r0) * ((s - s0) / (s1 - s0)).clamp(0.0, 1.0) }
    }

    /// Places narrower by at least the part `reduction` of the radius than the widest both before and behind them
    /// within `window`; a vessel that only tapers has none.
    pub(super) fn narrowings(&self, reduction: f64, window: f64) -> Vec<Narrowing> {
        let points = &self.points;
        let widest = |range: std::ops::Range<usize>, s: f64| {
            let near = points[range].iter().filter(|point| (point[0] - s).abs() <= window);
            near.fold(0.0_f64, |max, point| max.max(point[1]))
        };
        let usual = |n: usize| widest(0..n + 1, points[n][0]).min(widest(n..points.len(), points[n][0]));
        let is_narrow: Vec<bool> = (0..points.len()).map(|n| points[n][1] < (1.0 - reduction) * usual(n)).collect();
        let mut found = Vec::new();
        let mut n = 0;
        while n < points.len() {
            let end = (n..points.len()).find(|m| !is_narrow[*m]).unwrap_or(points.len());
            if n < end {
                let at = (n..end).min_by(|a, b| points[*a][1].total_cmp(&points[*b][1])).unwrap_or(n);
                let (radius, usual) = (points[at][1], usual(at));
                let half = 0.5 * (radius + usual);
                found.push(Narrowing {
                    from: self.crossing(at, half, -1),
                    to: self.crossing(at, half, 1),
                    radius,
                    usual,
                });
            }
            n = end.max(n + 1);
        }
        found
    }

    /// Where the radius first reaches `level`, from point `n` backwards or forwards; the end of the profile if nowhere.
    fn crossing(&self, n: usize, level: f64, direction: isize) -> f64 {
        let mut n = n;
        loop {
            let next = match n.checked_add_signed(direction) {
                Some(next) if next < self.points.len() => next,
                _ => return self.points[n][0],
            };
            let [[s0, r0], [s1, r1]] = [self.points[n], self.points[next]];
            if level <= r1 {
                return if r1 <= r0 { s1 } else { s0 + (s1 - s0) * ((level - r0) / (r1 - r0)).clamp(0.0, 1.0) };
            }
            n = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taper_is_no_stenosis_and_a_notch_is_one() {
        let taper = Profile::new((0..=20).map(|n| [f64::from(n) * 1e-3, 3e-3 - f64::from(n) * 1e-4]).collect());
        assert!(taper.narrowings(0.2, 0.05).is_empty());
        let notched = taper.with_radius(8e-3, 12e-3, 1e-3);
        let found = notched.narrowings(0.2, 0.05);
        assert_eq!(found.len(), 1);
        let Narrowing { from, to, radius, usual } = found[0];
        assert!((from - 8e-3).abs() < 1e-9 && (to - 12e-3).abs() < 1e-9, "{from} {to}");
        assert_eq!(radius, 1e-3);
        assert!((usual - 1.8e-3).abs() < 1e-12, "{usual}");
    }

    #[test]
    fn a_changed_radius_is_there_and_nowhere_else() {
        let tube = Profile::new(vec![[0.0, 2e-3], [0.1, 2e-3]]);
        let changed = tube.with_radius(0.04, 0.06, 1e-3);
        assert_eq!([0.02, 0.05, 0.07].map(|s| changed.radius(s)), [2e-3, 1e-3, 2e-3]);
        assert!((changed.mean_radius(0.0, 0.1) - 1.8e-3).abs() < 1e-12);
        assert_eq!(changed.length(), 0.1);
        let back = changed.with_radius(0.04, 0.06, 2e-3);
        assert!((back.mean_radius(0.0, 0.1) - 2e-3).abs() < 1e-15);
    }
}
