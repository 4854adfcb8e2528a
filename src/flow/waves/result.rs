//! Pressure, flow and area over the last cycle, and what is read off them.

/// A place whose values are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// Which vessel.
    pub segment: usize,
    /// Distance from its begin in m.
    pub at_m: f64,
}

/// Values at a place, one per time of [`Waves`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Pressure in Pa.
    pub pressure_pa: Vec<f64>,
    /// Flow along the vessel in m³/s.
    pub flow_m3_s: Vec<f64>,
    /// Area in m².
    pub area_m2: Vec<f64>,
}

/// The last cycle at all probes.
#[derive(Debug, Clone, PartialEq)]
pub struct Waves {
    /// Equal steps from 0 to the length of the cycle in s, both included.
    pub times_s: Vec<f64>,
    /// One per probe.
    pub series: Vec<Series>,
    /// Cycles computed.
    pub cycles: usize,
    /// Largest change of the pressure from the cycle before, as part of the largest pressure; none if there was one
    /// cycle.
    pub change: Option<f64>,
    /// Time steps in all.
    pub steps: usize,
    /// Cells in all.
    pub cells: usize,
    /// Volume at the end less that at the begin and what came in, as part of it: 0 but for rounding.
    pub volume_error: f64,
}

impl Waves {
    /// Mean over the cycle of values at its times (trapezoidal rule).
    pub fn mean(values: &[f64]) -> f64 {
        let count = values.len();
        if count < 2 {
            return values.first().copied().unwrap_or(f64::NAN);
        }
        let ends = 0.5 * (values[0] + values[count - 1]);
        (ends + values[1..count - 1].iter().sum::<f64>()) / (count - 1) as f64
    }
}

impl Series {
    pub(super) fn clear(&mut self) {
        self.pressure_pa.clear();
        self.flow_m3_s.clear();
        self.area_m2.clear();
    }

    /// Highest pressure in Pa.
    pub fn systolic_pa(&self) -> f64 {
        self.pressure_pa.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Lowest pressure in Pa.
    pub fn diastolic_pa(&self) -> f64 {
        self.pressure_pa.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// Time in s of the foot of a wave: where the tangent at its steepest rise meets the level of the lowest value before.
///
/// `values` are a cycle at `times_s`, the last the first again. None for values that never rise.
pub fn foot_s(times_s: &[f64], values: &[f64]) -> Option<f64> {
    let count = times_s.len().min(values.len()).checked_sub(1).filter(|count| 2 <= *count)?;
    let step = (times_s[count] - times_s[0]) / count as f64;
    let at = |n: usize| values[n % count];
    let slope = |n: usize| (at(n + 1) - at(n + count - 1)) / (2.0 * step);
    let steepest = (0..count).max_by(|a, b| slope(*a).total_cmp(&slope(*b)))?;
    if !(0.0 < slope(steepest)) {
        return None;
    }
    // A parabola through three slopes finds the steepest place between samples.
    let [before, middle, after] = [steepest + count - 1, steepest, steepest + 1].map(|n| slope(n % count));
    let bend = before - 2.0 * middle + after;
    let shift = if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    let rise = middle - 0.25 * (before - after) * shift;
    let value = at(steepest) + shift * step * 0.5 * (middle + rise);
    // The lowest value of the half cycle before.
    let low = (0..=count / 2).map(|back| at(steepest + count - back)).fold(f64::INFINITY, f64::min);
    Some(times_s[steepest] + shift * step - (value - low) / rise)
}

/// Speed in m/s of the pulse from foot to foot between two places `distance_m` apart along the way.
///
/// None if a wave has no foot, or both come at the same time.
pub fn pulse_wave_speed(times_s: &[f64], near: &[f64], far: &[f64], distance_m: f64) -> Option<f64> {
    let period = times_s.last()? - times_s.first()?;
    let delay = foot_s(times_s, far)? - foot_s(times_s, near)?;
    // The foot at the far place may belong to the next cycle: a delay of -1/4 to 3/4 of one.
    let delay = (delay + 0.25 * period).rem_euclid(period) - 0.25 * period;
    (delay != 0.0).then(|| distance_m / delay)
}
