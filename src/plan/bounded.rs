//! A number with the bounds it is known within.

use serde::{Deserialize, Serialize};
use std::ops::Add;

/// A value and the bounds that hold it; the bounds may lie unevenly about it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounded {
    /// The best estimate.
    pub value: f64,
    /// It is at least this.
    pub low: f64,
    /// It is at most this.
    pub high: f64,
}

impl Bounded {
    /// A number that is known exactly.
    pub fn exact(value: f64) -> Self {
        Self { value, low: value, high: value }
    }

    /// A value that may be off by `half` either way.
    pub fn within(value: f64, half: f64) -> Self {
        Self { value, low: value - half, high: value + half }
    }

    /// The same, known `more` less well either way.
    pub fn widened(self, more: f64) -> Self {
        Self { low: self.low - more, high: self.high + more, ..self }
    }

    /// The same cut to what is possible, e.g. no volume below 0.
    pub fn at_least(self, least: f64) -> Self {
        Self { value: self.value.max(least), low: self.low.max(least), high: self.high.max(least) }
    }

    /// Value, least and most.
    pub fn all(self) -> [f64; 3] {
        [self.value, self.low, self.high]
    }

    /// The same with another value, which the bounds are stretched to hold.
    pub fn about(self, value: f64) -> Self {
        Self { value, low: self.low.min(value), high: self.high.max(value) }
    }

    /// Whether `truth` lies within the bounds.
    pub fn holds(&self, truth: f64) -> bool {
        (self.low..=self.high).contains(&truth)
    }

    /// The value and its bounds as a person reads them, e.g. `31 % (29–33)`; without bounds if they are the value.
    pub fn text(&self, decimals: usize, unit: &str) -> String {
        let Self { value, low, high } = *self;
        let unit = if unit.is_empty() || unit == "1" { String::new() } else { format!(" {unit}") };
        if low == high {
            return format!("{value:.decimals$}{unit}");
        }
        // A dash between negative numbers is read as one more minus.
        let to = if low < 0.0 { " to " } else { "–" };
        format!("{value:.decimals$}{unit} ({low:.decimals$}{to}{high:.decimals$})")
    }
}

/// Bounds add up: errors of two parts may all go the same way.
impl Add for Bounded {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, low: self.low + other.low, high: self.high + other.high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_like_a_report() {
        assert_eq!(Bounded { value: 31.2, low: 29.4, high: 33.4 }.text(0, "%"), "31 % (29–33)");
        assert_eq!(Bounded::within(-14.3, 1.0).text(1, "mm"), "-14.3 mm (-15.3 to -13.3)");
        assert_eq!(Bounded::exact(4.0).text(1, "mm"), "4.0 mm");
        assert_eq!(Bounded::within(0.5, 1.0).at_least(0.0).text(1, "1"), "0.5 (0.0–1.5)");
        assert_eq!(Bounded::within(2.0, 0.5).widened(1.0).text(1, "mm"), "2.0 mm (0.5–3.5)");
    }

    #[test]
    fn sums_hold_the_sum_of_what_the_parts_hold() {
        let sum = Bounded::within(3.0, 0.5) + Bounded::within(-1.0, 0.25);
        assert_eq!(sum, Bounded { value: 2.0, low: 1.25, high: 2.75 });
        assert!(sum.holds(1.25) && !sum.holds(1.2));
    }
}
