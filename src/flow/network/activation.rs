//! How strongly a chamber of the heart is contracted, over the cycle.

use super::error::{NetworkError, finite, positive};
use std::f64::consts::{PI, TAU};

/// Activation over one cycle: 0 relaxed, 1 contracted. Times are those of the network unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// ½ (1 − cos(2π (t − start)/length)) from `start` for `length`.
    HalfCosine {
        /// Begin of the contraction.
        start: f64,
        /// Contraction and relaxation together.
        length: f64,
    },
    /// Half a cosine up, half a cosine down, each with its own begin and length (Regazzoni et al. 2022).
    TwoCosines {
        /// Begin of the contraction.
        contract_start: f64,
        /// Begin of the relaxation.
        relax_start: f64,
        /// Length of the contraction.
        contract_length: f64,
        /// Length of the relaxation.
        relax_length: f64,
    },
    /// Two Hill functions, scaled to a largest value of 1 (Mynard et al. 2012; Simaan et al. 2009, eq. 2, has the same form).
    ///
    /// ```text
    /// g₁ = (t/τ₁)^m₁, g₂ = (t/τ₂)^m₂:   a ∝ g₁/(1 + g₁) · 1/(1 + g₂)
    /// ```
    TwoHill {
        /// Begin of the contraction.
        start: f64,
        /// τ₁.
        tau_1: f64,
        /// τ₂.
        tau_2: f64,
        /// m₁.
        m_1: f64,
        /// m₂.
        m_2: f64,
    },
    /// The ventricle of [`ventricle`], scaled to 0 … 1.
    Ventricle,
    /// The atrium of [`atrium`].
    Atrium {
        /// Length of the contraction as part of the cycle.
        length_part: f64,
        /// The cycle over the time of the P wave.
        cycle_over_p_wave: f64,
    },
}

impl Activation {
    pub(super) fn check(&self, name: &str) -> Result<(), NetworkError> {
        match *self {
            Self::HalfCosine { start, length } => {
                finite(name, "the begin of the contraction", start)?;
                positive(name, "the length of the contraction", length)?;
            }
            Self::TwoCosines { contract_start, relax_start, contract_length, relax_length } => {
                finite(name, "the begin of the contraction", contract_start)?;
                finite(name, "the begin of the relaxation", relax_start)?;
                positive(name, "the length of the contraction", contract_length)?;
                positive(name, "the length of the relaxation", relax_length)?;
            }
            Self::TwoHill { start, tau_1, tau_2, m_1, m_2 } => {
                finite(name, "the begin of the contraction", start)?;
                for value in [tau_1, tau_2, m_1, m_2] {
                    positive(name, "a parameter of the two Hill functions", value)?;
                }
            }
            Self::Ventricle => {}
            Self::Atrium { length_part, cycle_over_p_wave } => {
                positive(name, "the atrium's part of the cycle", length_part)?;
                positive(name, "the cycle over the P wave", cycle_over_p_wave)?;
            }
        }
        Ok(())
    }

    /// What has to be known of a whole cycle to scale the activation: its smallest value and one over its range.
    pub(super) fn range(&self, period: f64) -> (f64, f64) {
        let [smallest, largest] = match *self {
            Self::TwoHill { tau_1, tau_2, m_1, m_2, .. } => {
                [0.0, largest(&|t| two_hill(t, tau_1, tau_2, m_1, m_2), period)]
            }
            Self::Ventricle => {
                let samples = (0..10_000).map(|n| ventricle(f64::from(n) * period / 10_000.0, period));
                samples.fold([f64::MAX, f64::MIN], |[low, high], value| [low.min(value), high.max(value)])
            }
            _ => return (0.0, 1.0),
        };
        let range = largest - smallest;
        (smallest, if 0.0 < range { 1.0 / range } else { 0.0 })
    }

    /// The activation at a time; `range` is that of [`Activation::range`].
    pub(super) fn at(&self, time: f64, period: f64, range: (f64, f64)) -> f64 {
        let from = |start: f64| (time - start).rem_euclid(period);
        match *self {
            Self::HalfCosine { start, length } => {
                let since = time.rem_euclid(period) - start;
                if 0.0 <= since && since <= length { 0.5 * (1.0 - (TAU * since / length).cos()) } else { 0.0 }
            }
            Self::TwoCosines { contract_start, relax_start, contract_length, relax_length } => {
                let (contract, relax) = (from(contract_start), from(relax_start));
                if contract < contract_length {
                    0.5 * (1.0 - (PI * contract / contract_length).cos())
                } else if relax < relax_length {
                    0.5 * (1.0 + (PI * relax / relax_length).cos())
                } else {
                    0.0
                }
            }
            Self::TwoHill { start, tau_1, tau_2, m_1, m_2 } => two_hill(from(start), tau_1, tau_2, m_1, m_2) * range.1,
            Self::Ventricle => (ventricle(time, period) - range.0) * range.1,
            Self::Atrium { length_part, cycle_over_p_wave } => atrium(time, period, length_part, cycle_over_p_wave),
        }
    }
}

fn two_hill(t: f64, tau_1: f64, tau_2: f64, m_1: f64, m_2: f64) -> f64 {
    let (g_1, g_2) = ((t / tau_1).powf(m_1), (t / tau_2).powf(m_2));
    // Written so that an overflowing power gives its limit.
    (1.0 - 1.0 / (1.0 + g_1)) / (1.0 + g_2)
}

/// Largest value over a cycle: the best of 2000 samples, then its parabola.
fn largest(value: &dyn Fn(f64) -> f64, period: f64) -> f64 {
    let step = period / 2000.0;
    let best = (0..2000).max_by(|a, b| value(step * f64::from(*a)).total_cmp(&value(step * f64::from(*b))));
    let (mut centre, mut step) = (step * f64::from(best.unwrap_or(0)), step);
    for _ in 0..4 {
        let [left, middle, right] = [-step, 0.0, step].map(|d| value((centre + d).max(0.0)));
        let bend = left - 2.0 * middle + right;
        centre += if bend < 0.0 { (0.5 * step * (left - right) / bend).clamp(-step, step) } else { 0.0 };
        step *= 0.1;
    }
    value(centre.max(0.0))
}

/// Contraction of an atrium around the begin of the cycle, over its end (Sankaran et al. 2012, Ann. Biomed. Eng. 40:2228).
pub(super) fn atrium(time: f64, period: f64, length_part: f64, cycle_over_p_wave: f64) -> f64 {
    let (length, p_wave, t) = (period * length_part, period / cycle_over_p_wave, time.rem_euclid(period));
    let since = if t <= p_wave { t - p_wave + length } else { t - p_wave - (period - length) };
    if 0.0 <= since && since <= length { 0.5 * (1.0 - (TAU * since / length).cos()) } else { 0.0 }
}

/// Relative elastance of a ventricle: a measured curve (Senzaki et al. 1996) as cosines and sines of the cycle, with the
/// coefficients by J. Tran that svZeroDSolver tabulates (BSD-3-Clause, `ClosedLoopHeartPulmonary`).
pub(super) fn ventricle(time: f64, period: f64) -> f64 {
    let angle = TAU * (time.rem_euclid(period) / period);
    // cos nα and sin nα by rotation: 25 sines and cosines a step would cost more than the whole network.
    let (turn_sin, turn_cos) = angle.sin_cos();
    let (mut sin, mut cos, mut sum) = (0.0, 1.0, 0.0);
    for (a, b) in VENTRICLE {
        sum += a * cos - b * sin;
        (sin, cos) = (sin * turn_cos + cos * turn_sin, cos * turn_cos - sin * turn_sin);
    }
    sum
}

const VENTRICLE: [(f64, f64); 25] = [
    (0.283_748_803, 0.0),
    (0.031_830_626, -0.374_299_825),
    (-0.209_472_400, -0.018_127_770),
    (0.020_520_047, 0.073_971_113),
    (0.008_316_883, -0.047_249_597),
    (-0.041_677_660, 0.003_212_163),
    (0.000_867_323, 0.019_441_411),
    (-0.001_675_379, -0.005_565_534),
    (-0.011_252_277, 0.003_401_432),
    (-0.000_414_677, 0.008_376_795),
    (0.000_253_749, -0.000_071_880),
    (-0.002_584_966, 0.001_566_861),
    (0.000_584_752, 0.003_143_555),
    (0.000_028_502, -0.000_024_787),
    (0.000_022_961, -0.000_007_476),
    (0.000_018_735, -0.000_001_281),
    (0.000_015_573, 0.000_001_781),
    (0.000_013_133, 0.000_003_494),
    (0.000_011_199, 0.000_004_507),
    (0.000_009_634, 0.000_005_117),
    (0.000_008_343, 0.000_005_481),
    (0.000_007_265, 0.000_005_687),
    (0.000_006_354, 0.000_005_789),
    (0.000_005_575, 0.000_005_821),
    (0.000_004_903, 0.000_005_805),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activation_runs_from_relaxed_to_contracted() {
        let all = [
            Activation::HalfCosine { start: 0.2, length: 0.4 },
            Activation::TwoCosines { contract_start: 0.9, relax_start: 0.2, contract_length: 0.3, relax_length: 0.2 },
            Activation::TwoHill { start: 0.1, tau_1: 0.2, tau_2: 0.35, m_1: 1.9, m_2: 21.9 },
            Activation::Ventricle,
            Activation::Atrium { length_part: 0.4, cycle_over_p_wave: 9.0 },
        ];
        for activation in all {
            let range = activation.range(1.0);
            let values: Vec<f64> = (0..4000).map(|n| activation.at(f64::from(n) * 2.5e-4 + 3.0, 1.0, range)).collect();
            let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            assert!(-1e-9 < low && low < 1e-5, "{activation:?}: {low}");
            assert!(0.9999 < high && high < 1.0 + 1e-9, "{activation:?}: {high}");
            let jump = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
            assert!(jump < 0.01, "{activation:?} jumps by {jump}");
        }
    }
}
