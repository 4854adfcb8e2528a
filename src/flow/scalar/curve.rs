//! Concentration over time at an opening, and what is read from it.

/// What passes an opening.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What people call the opening.
    pub name: String,
    /// Whether what is injected comes in here.
    pub is_inlet: bool,
    /// Volume flow into the lumen in m³/s, negative out of it.
    pub inflow_m3_s: f64,
    /// Concentration at every time of the passage, a mean over the flow.
    pub values: Vec<f64>,
    /// All that went out, in m³ times the unit of the scalar; negative where it came in.
    pub amount: f64,
    /// The mean of the times at which it did, s.
    pub mean_s: f64,
}

/// Share of the peak from which a bolus counts as arrived.
pub(super) const ARRIVED: f64 = 0.1;

impl Curve {
    /// The highest value.
    pub fn peak(&self) -> f64 {
        self.values.iter().copied().fold(0.0, f64::max)
    }

    /// When the peak is reached, s.
    pub fn to_peak_s(&self, times_s: &[f64]) -> Option<f64> {
        let peak = self.peak();
        let at = self.values.iter().position(|value| *value == peak)?;
        (0.0 < peak).then(|| times_s[at])
    }

    /// When a tenth of the peak is first reached, s, between samples on a straight line.
    pub fn arrival_s(&self, times_s: &[f64]) -> Option<f64> {
        let peak = self.peak();
        (0.0 < peak).then(|| reached(times_s, &self.values, ARRIVED * peak)).flatten()
    }

    /// How long values lie above half the peak, s; none if they still do at the end.
    pub fn width_s(&self, times_s: &[f64]) -> Option<f64> {
        let half = 0.5 * self.peak();
        let rise = reached(times_s, &self.values, half)?;
        let last = self.values.iter().rposition(|value| half <= *value)?;
        let [a, b] = [self.values[last], *self.values.get(last + 1)?];
        let fall = times_s[last] + (times_s[last + 1] - times_s[last]) * (a - half) / (a - b);
        Some(fall - rise)
    }
}

/// When `values` first reach `level`, on straight lines between samples.
fn reached(times_s: &[f64], values: &[f64], level: f64) -> Option<f64> {
    let at = values.iter().position(|value| level <= *value)?;
    if at == 0 {
        return Some(times_s[0]);
    }
    let [a, b] = [values[at - 1], values[at]];
    Some(times_s[at - 1] + (times_s[at] - times_s[at - 1]) * (level - a) / (b - a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_arrives_peaks_and_is_as_wide_as_drawn() {
        let times: Vec<f64> = (0..9).map(f64::from).collect();
        let values = vec![0.0, 0.0, 5.0, 10.0, 8.0, 6.0, 4.0, 2.0, 0.0];
        let curve =
            Curve { name: "outlet".into(), is_inlet: false, inflow_m3_s: -1.0, values, amount: 0.0, mean_s: 0.0 };
        assert_eq!(curve.to_peak_s(&times), Some(3.0));
        assert_eq!(curve.arrival_s(&times), Some(1.2));
        assert_eq!(curve.width_s(&times), Some(5.5 - 2.0));
        let nothing = Curve { values: vec![0.0; 9], ..curve };
        assert_eq!((nothing.arrival_s(&times), nothing.to_peak_s(&times)), (None, None));
    }
}
