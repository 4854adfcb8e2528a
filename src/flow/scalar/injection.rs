//! What comes in with the fluid: concentration at the inlet over time.

use super::error::{ScalarError, at_least};

/// Parts of Simpson's rule for the area under a bolus.
const PARTS: usize = 4000;

/// Concentration at the inlet over time, in the unit of `level` or `peak`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Injection {
    /// Nothing.
    None,
    /// The same from time 0 on.
    Step {
        /// How much.
        level: f64,
    },
    /// The same for some time from time 0 on.
    Rectangle {
        /// How much.
        level: f64,
        /// How long, s.
        seconds: f64,
    },
    /// A bolus that has spread on its way, a gamma variate in the form of Madsen 1992, Phys. Med. Biol. 37:1597.
    ///
    /// ```text
    /// c(t) = c_peak (s e^(1 − s))^α        s = t/t_peak
    /// ```
    Gamma {
        /// Highest concentration.
        peak: f64,
        /// Time of the peak t_peak in s.
        to_peak_s: f64,
        /// α, at least 1: how steeply it rises.
        power: f64,
    },
}

impl Injection {
    /// A bolus of the form of a gamma variate whose area is `area` (concentration times s).
    pub fn gamma(area: f64, to_peak_s: f64, power: f64) -> Self {
        Self::Gamma { peak: area / (to_peak_s * gamma_area(power)), to_peak_s, power }
    }

    /// Concentration at a time in s.
    pub fn at(&self, time_s: f64) -> f64 {
        match *self {
            Self::None => 0.0,
            Self::Step { level } => {
                if 0.0 <= time_s {
                    level
                } else {
                    0.0
                }
            }
            Self::Rectangle { level, seconds } => {
                if 0.0 <= time_s && time_s < seconds {
                    level
                } else {
                    0.0
                }
            }
            Self::Gamma { peak, to_peak_s, power } => peak * gamma(time_s / to_peak_s, power),
        }
    }

    /// Mean concentration from one time to another in s: exact where it is constant, by Gauss's rule of three places
    /// elsewhere.
    pub fn mean(&self, from_s: f64, to_s: f64) -> f64 {
        match *self {
            Self::None => 0.0,
            Self::Step { level } => level * overlap(from_s, to_s, f64::INFINITY),
            Self::Rectangle { level, seconds } => level * overlap(from_s, to_s, seconds),
            Self::Gamma { .. } => {
                let (middle, half) = (0.5 * (from_s + to_s), 0.5 * (to_s - from_s));
                let place = 0.6_f64.sqrt() * half;
                (5.0 * self.at(middle - place) + 8.0 * self.at(middle) + 5.0 * self.at(middle + place)) / 18.0
            }
        }
    }

    /// The highest concentration.
    pub fn highest(&self) -> f64 {
        match *self {
            Self::None => 0.0,
            Self::Step { level } | Self::Rectangle { level, .. } => level,
            Self::Gamma { peak, .. } => peak,
        }
    }

    /// When nearly all (99.9 %) has come in, s; 0 where it never ends.
    pub fn end_s(&self) -> f64 {
        match *self {
            Self::None | Self::Step { .. } => 0.0,
            Self::Rectangle { seconds, .. } => seconds,
            Self::Gamma { to_peak_s, power, .. } => to_peak_s * last(power, 1e-3),
        }
    }

    pub(super) fn check(&self) -> Result<(), ScalarError> {
        match *self {
            Self::None => Ok(()),
            Self::Step { level } => at_least("the concentration", level, 0.0, "").map(|_| ()),
            Self::Rectangle { level, seconds } => {
                at_least("the concentration", level, 0.0, "")?;
                at_least("the duration of the injection", seconds, f64::MIN_POSITIVE, "s").map(|_| ())
            }
            Self::Gamma { peak, to_peak_s, power } => {
                at_least("the peak concentration", peak, 0.0, "")?;
                at_least("the time to the peak", to_peak_s, f64::MIN_POSITIVE, "s")?;
                let limit = "a number from 1 to 20";
                let is_usable = (1.0..=20.0).contains(&power);
                let bad = ScalarError::BadNumber { what: "the exponent of the bolus", value: power.to_string(), limit };
                if is_usable { Ok(()) } else { Err(bad) }
            }
        }
    }
}

/// The share of an interval that lies between 0 and `end_s`.
fn overlap(from_s: f64, to_s: f64, end_s: f64) -> f64 {
    ((to_s.min(end_s) - from_s.max(0.0)) / (to_s - from_s)).clamp(0.0, 1.0)
}

/// (s e^(1 − s))^α.
fn gamma(s: f64, power: f64) -> f64 {
    if s <= 0.0 { 0.0 } else { (power * (s.ln() + 1.0 - s)).exp() }
}

/// ∫ (s e^(1 − s))^α ds from 0 on: e^α Γ(α + 1)/α^(α + 1).
fn gamma_area(power: f64) -> f64 {
    let end = 1.0 + 40.0 / power + 10.0 / power.sqrt();
    let step = end / PARTS as f64;
    let weight = |n: usize| {
        if n == 0 || n == PARTS {
            1.0
        } else if n % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    (0..=PARTS).map(|n| weight(n) * gamma(n as f64 * step, power)).sum::<f64>() * step / 3.0
}

/// Where all but `rest` of the area lies before.
fn last(power: f64, rest: f64) -> f64 {
    let all = gamma_area(power);
    let end = 1.0 + 40.0 / power + 10.0 / power.sqrt();
    let step = end / PARTS as f64;
    let mut sum = 0.0;
    let beyond = (0..PARTS).rev().find(|n| {
        sum += gamma((*n as f64 + 0.5) * step, power) * step;
        rest * all < sum
    });
    beyond.map_or(end, |n| (n + 1) as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bolus_has_the_area_it_was_given_and_its_peak_where_it_was_asked_for() {
        // e Γ(2) = e, and e³ Γ(4)/3⁴ = 6 e³/81.
        let e = std::f64::consts::E;
        assert!((gamma_area(1.0) / e - 1.0).abs() < 1e-6, "{}", gamma_area(1.0));
        assert!((gamma_area(3.0) / (6.0 * e.powi(3) / 81.0) - 1.0).abs() < 1e-9);
        let bolus = Injection::gamma(12.0, 4.0, 3.0);
        let sum: f64 = (0..4000).map(|n| bolus.mean(0.02 * f64::from(n), 0.02 * f64::from(n + 1)) * 0.02).sum();
        assert!((sum / 12.0 - 1.0).abs() < 1e-9, "{sum}");
        assert_eq!(bolus.at(4.0), bolus.highest());
        assert!(bolus.at(3.9) < bolus.highest() && bolus.at(4.1) < bolus.highest());
        let before: f64 = (0..1000).map(|n| bolus.at(bolus.end_s() * (f64::from(n) + 0.5) / 1000.0)).sum();
        assert!((before * bolus.end_s() / 1000.0 / 12.0 - 0.999).abs() < 1e-4);
    }

    #[test]
    fn a_rectangle_that_ends_within_a_step_gives_what_it_holds() {
        let injection = Injection::Rectangle { level: 2.0, seconds: 1.25 };
        assert_eq!([injection.mean(0.0, 1.0), injection.mean(1.0, 2.0), injection.mean(2.0, 3.0)], [2.0, 0.5, 0.0]);
        assert_eq!(Injection::Step { level: 3.0 }.mean(5.0, 6.0), 3.0);
        assert!(Injection::Rectangle { level: f64::NAN, seconds: 1.0 }.check().is_err());
        assert!(Injection::Gamma { peak: 1.0, to_peak_s: 1.0, power: 0.5 }.check().is_err());
    }
}
