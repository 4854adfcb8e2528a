//! What a heart beat is at one place: its pressures and flows, when the pulse arrives, how far the wall gives way.

use crate::base::units::PA_PER_MMHG;
use crate::flow::waves::{Series, Waves};
use crate::tools::simulate_network::SYSTOLE;

/// A heart beat at one place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Beat {
    pub systolic_mmhg: f64,
    pub diastolic_mmhg: f64,
    pub mean_mmhg: f64,
    /// Of the largest size in the beat, with its sign.
    pub highest_ml_s: f64,
    pub mean_ml_s: f64,
    /// After the pulse at the root; none where there is no pulse.
    pub arrival_ms: Option<f64>,
    /// How much more the diameter is in systole than in diastole, %.
    pub distension: f64,
}

impl Beat {
    /// The beat of `series`, whose pulse is counted from that at `root`.
    pub fn of(waves: &Waves, series: &Series, root: &Series) -> Self {
        let (high, low) = (series.systolic_pa(), series.diastolic_pa());
        let is_pulse = PULSE_MIN * (root.systolic_pa() - root.diastolic_pa()) < high - low;
        let [begin, here] = [root, series].map(|series| foot_s(&waves.times_s, &series.pressure_pa));
        let delay_s = begin.zip(here).map(|(begin, here)| here - begin);
        let larger = |a: f64, b: f64| if a.abs() < b.abs() { b } else { a };
        let fold = |start: f64, of: fn(f64, f64) -> f64| series.area_m2.iter().copied().fold(start, of);
        let (wide, narrow) = (fold(f64::MIN, f64::max).sqrt(), fold(f64::MAX, f64::min).sqrt());
        Self {
            systolic_mmhg: high / PA_PER_MMHG,
            diastolic_mmhg: low / PA_PER_MMHG,
            mean_mmhg: Waves::mean(&series.pressure_pa) / PA_PER_MMHG,
            highest_ml_s: 1e6 * series.flow_m3_s.iter().copied().fold(0.0, larger),
            mean_ml_s: 1e6 * Waves::mean(&series.flow_m3_s),
            arrival_ms: delay_s.filter(|_| is_pulse).map(|delay| 1e3 * delay),
            distension: 100.0 * (wide / narrow - 1.0),
        }
    }

    /// Difference of systolic and diastolic pressure, mmHg.
    pub fn pulse_mmhg(&self) -> f64 {
        self.systolic_mmhg - self.diastolic_mmhg
    }

    /// On the way from this beat to `other`.
    pub fn mixed(&self, other: &Self, part: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * part;
        Self {
            systolic_mmhg: mix(self.systolic_mmhg, other.systolic_mmhg),
            diastolic_mmhg: mix(self.diastolic_mmhg, other.diastolic_mmhg),
            mean_mmhg: mix(self.mean_mmhg, other.mean_mmhg),
            highest_ml_s: mix(self.highest_ml_s, other.highest_ml_s),
            mean_ml_s: mix(self.mean_ml_s, other.mean_ml_s),
            arrival_ms: self.arrival_ms.zip(other.arrival_ms).map(|(a, b)| mix(a, b)).or(self.arrival_ms),
            distension: mix(self.distension, other.distension),
        }
    }
}

/// Less than this part of the pulse pressure at the root is no pulse.
const PULSE_MIN: f64 = 0.01;
/// Of the sharpest upward turn before the heart stops ejecting, the first that is at least this part is the foot: later ones
/// are reflections.
const TURN_MIN: f64 = 0.3;

/// Time in s at which a wave begins to rise: the first sharp turn upwards of `values` while the heart ejects, by their second
/// differences (the second-derivative foot of Chiu et al. 1991, Am. Heart J. 121:1460). None for values that never turn.
///
/// The tangent at the steepest rise finds the foot of a wave that travels alone; in vessels much shorter than the pulse it
/// is drawn to the reflections, which make the steepest rise.
fn foot_s(times_s: &[f64], values: &[f64]) -> Option<f64> {
    let count = times_s.len().min(values.len()).checked_sub(1).filter(|count| 8 <= *count)?;
    let step_s = (times_s[count] - times_s[0]) / count as f64;
    // What is left of the change from beat to beat would be a turn between the last sample and the first.
    let drift = (values[count] - values[0]) / count as f64;
    let at = |n: usize| values[n % count] - drift * (n % count) as f64;
    // At sample n, counted from one beat before.
    let turn = |n: usize| at(n + 1) - 2.0 * at(n) + at(n - 1);
    let ejecting = count - 2..count + (SYSTOLE * count as f64) as usize - 2;
    let sharpest = ejecting.clone().map(turn).fold(0.0, f64::max);
    let mut foot = ejecting.clone().find(|n| 0.0 < sharpest && TURN_MIN * sharpest <= turn(*n))?;
    while ejecting.contains(&(foot + 1)) && turn(foot) < turn(foot + 1) {
        foot += 1;
    }
    // A turn between two samples is shared by both in proportion.
    let (mut sum, mut moment) = (0.0, 0.0);
    for n in foot - 2..=foot + 2 {
        let weight = turn(n).max(0.0);
        sum += weight;
        moment += weight * n as f64;
    }
    Some(times_s[0] + step_s * (moment / sum - count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// A rise like that of a heart beat that begins at `begin` of 1 s, and again as a larger reflection.
    fn wave(begin: f64, reflected: f64) -> [Vec<f64>; 2] {
        let times: Vec<f64> = (0..=500).map(|n| f64::from(n) / 500.0).collect();
        let half_sine = |t: f64| if (0.0..SYSTOLE).contains(&t) { (PI * t / SYSTOLE).sin() } else { 0.0 };
        let value =
            |t: f64| half_sine((t - begin).rem_euclid(1.0)) + reflected * half_sine((t - begin - 0.05).rem_euclid(1.0));
        let values = times.iter().map(|t| 80.0 + 40.0 * value(*t) + 0.5 * t).collect();
        [times, values]
    }

    #[test]
    fn a_foot_is_where_the_wave_begins_whatever_comes_back_later() {
        for (begin, reflected) in [(0.0, 0.0), (0.013, 0.0), (0.0371, 0.9), (0.2, 1.4), (0.0, -0.5)] {
            let [times, values] = wave(begin, reflected);
            let foot = foot_s(&times, &values).unwrap();
            assert!((foot - begin).abs() < 3e-4, "{foot} s for {begin} s, reflection {reflected}");
        }
        let [times, _] = wave(0.0, 0.0);
        assert_eq!(foot_s(&times, &vec![3.0; 501]), None);
    }

    #[test]
    fn between_two_places_a_beat_is_between_both() {
        let near = Beat { systolic_mmhg: 120.0, diastolic_mmhg: 80.0, arrival_ms: Some(4.0), ..Beat::default() };
        let far = Beat { systolic_mmhg: 124.0, diastolic_mmhg: 79.0, arrival_ms: Some(8.0), ..Beat::default() };
        let mixed = near.mixed(&far, 0.25);
        assert_eq!((mixed.systolic_mmhg, mixed.pulse_mmhg(), mixed.arrival_ms), (121.0, 41.25, Some(5.0)));
        assert_eq!(near.mixed(&Beat::default(), 0.5).arrival_ms, Some(4.0));
    }
}
