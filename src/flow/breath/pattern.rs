//! How a breath goes: flow over time, of which as much goes out as came in.

use crate::flow::error::{FlowError, positive};
use crate::flow::wave::Waveform;
use std::f64::consts::PI;

/// Points of a half of the breath.
const POINTS: usize = 32;
/// Share of the volume by which what goes out may differ from what came in.
const DRIFT_MAX: f64 = 0.02;
/// How often the halves are scaled to the tidal volume: the slope where they meet belongs to both.
const SCALINGS: usize = 40;
/// Steady flows in each direction, at most.
const FLOWS_MAX: usize = 5;

/// A breath to be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Breath {
    /// Flow into the airways over a breath, negative out of them.
    waveform: Waveform,
    /// In how many steady flows the peak of each direction is divided.
    flows: usize,
}

impl Breath {
    /// The breath of a measured flow, positive into the airways.
    ///
    /// # Errors
    /// [`FlowError::BadWaveform`] if what goes out differs by more than 2 % from what comes in, and
    /// [`FlowError::BadNumber`] for other than 2 to 5 steady flows in each direction.
    pub fn new(waveform: Waveform, flows: usize) -> Result<Self, FlowError> {
        let [into, out] = waveform.volumes_ml();
        if !(into.min(out) > 0.0 && (into - out).abs() <= DRIFT_MAX * into.max(out)) {
            return Err(FlowError::BadWaveform(format!(
                "lets {into:.1} ml in and {out:.1} ml out; of a breath they must be the same to {:.0} %: take whole breaths, without the drift of the flow meter",
                100.0 * DRIFT_MAX
            )));
        }
        if !(2..=FLOWS_MAX).contains(&flows) {
            let what = "the number of steady flows in each direction";
            return Err(FlowError::BadNumber { what, value: flows.to_string(), limit: "2 to 5" });
        }
        Ok(Self { waveform, flows })
    }

    /// Quiet breathing: half a sine in over `inspiration_share` of the breath, half a sine out over the rest, each of the
    /// tidal volume. An assumption about the shape, not a measurement.
    ///
    /// ```text
    /// q(t) = (π V/2 t_i) sin(π t/t_i)   for t < t_i,   −(π V/2 t_e) sin(π (t − t_i)/t_e) after
    /// ```
    ///
    /// # Errors
    /// [`FlowError`] for a volume or rate that is not more than 0, or a share outside 0.1 to 0.9.
    pub fn quiet(tidal_ml: f64, per_min: f64, inspiration_share: f64, flows: usize) -> Result<Self, FlowError> {
        positive("the tidal volume", tidal_ml, "ml")?;
        let period_s = 60.0 / positive("the breathing rate", per_min, "/min")?;
        if !(0.1..=0.9).contains(&inspiration_share) {
            let value = inspiration_share.to_string();
            return Err(FlowError::BadNumber { what: "the share of inspiration", value, limit: "0.1 to 0.9" });
        }
        let (into_s, out_s) = (inspiration_share * period_s, (1.0 - inspiration_share) * period_s);
        let half = |from_s: f64, length_s: f64, sign: f64| {
            (0..POINTS).map(move |n| {
                let part = n as f64 / POINTS as f64;
                let sine = if n == 0 { 0.0 } else { (PI * part).sin() };
                [from_s + part * length_s, sign * 0.5 * PI * tidal_ml / length_s * sine]
            })
        };
        let mut points: Vec<[f64; 2]> = half(0.0, into_s, 1.0).chain(half(into_s, out_s, -1.0)).collect();
        points.push([period_s, 0.0]);
        let mut waveform = Waveform::to_and_fro(&points)?;
        // The cubic through the points has not quite the volume of the sine.
        for _ in 0..SCALINGS {
            let [into, out] = waveform.volumes_ml();
            points.iter_mut().for_each(|[_, flow]| *flow *= tidal_ml / if 0.0 < *flow { into } else { out });
            waveform = Waveform::to_and_fro(&points)?;
        }
        Self::new(waveform, flows)
    }

    /// Flow into the airways over a breath, negative out of them.
    pub fn waveform(&self) -> &Waveform {
        &self.waveform
    }

    /// Steady flows in each direction.
    pub fn flows(&self) -> usize {
        self.flows
    }

    /// Volume of a breath in ml: the mean of what comes in and what goes out.
    pub fn tidal_ml(&self) -> f64 {
        let [into, out] = self.waveform.volumes_ml();
        0.5 * (into + out)
    }

    /// Highest flows in and out in ml/s, both positive.
    pub fn peaks_ml_s(&self) -> [f64; 2] {
        let lowest = self.waveform.points().map(|[_, flow]| flow).fold(f64::INFINITY, f64::min);
        [self.waveform.peak_ml_s(), -lowest]
    }

    /// How long air flows in, in s, as samples of a thousandth of the breath tell: all times with a flow inwards together.
    pub fn inspiration_s(&self) -> f64 {
        self.lasts_s(|flow_ml_s| 0.0 < flow_ml_s)
    }

    /// How long air flows out, in s; in a pause at rest it does neither.
    pub fn expiration_s(&self) -> f64 {
        self.lasts_s(|flow_ml_s| flow_ml_s < 0.0)
    }

    fn lasts_s(&self, counts: impl Fn(f64) -> bool) -> f64 {
        let samples = 1000;
        let period_s = self.waveform.period_s();
        let own = |n: &i32| counts(self.waveform.at(period_s * (f64::from(*n) + 0.5) / f64::from(samples)));
        period_s * (0..samples).filter(own).count() as f64 / f64::from(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_goes_out_as_came_in() {
        for share in [0.25, 1.0 / 3.0, 0.5, 0.7] {
            let breath = Breath::quiet(500.0, 12.0, share, 2).unwrap();
            let [into, out] = breath.waveform().volumes_ml();
            assert!((into - 500.0).abs() < 1e-9 && (out - 500.0).abs() < 1e-9, "{into} and {out} ml");
            assert!((breath.waveform().period_s() - 5.0).abs() < 1e-12);
            assert!(breath.waveform().mean_ml_s().abs() < 1e-9);
            let [peak_in, peak_out] = breath.peaks_ml_s();
            let exact = |share: f64| 0.5 * PI * 500.0 / (5.0 * share);
            assert!((peak_in / exact(share) - 1.0).abs() < 2e-3, "{peak_in} and {} ml/s", exact(share));
            assert!((peak_out / exact(1.0 - share) - 1.0).abs() < 2e-3);
            assert!((breath.inspiration_s() - 5.0 * share).abs() < 0.011, "{} s", breath.inspiration_s());
        }
    }

    #[test]
    fn a_pause_at_rest_is_neither_inspiration_nor_expiration() {
        let points = [[0.0, 0.0], [1.0, 400.0], [2.0, 0.0], [3.0, -400.0], [4.0, 0.0], [6.0, 0.0]];
        let breath = Breath::new(Waveform::to_and_fro(&points).unwrap(), 2).unwrap();
        let [into, out] = [breath.inspiration_s(), breath.expiration_s()];
        assert!((into - 2.0).abs() < 0.02 && (out - 2.0).abs() < 0.02, "{into} s in and {out} s out of 6 s");
    }

    #[test]
    fn what_is_no_breath_is_refused_with_a_sentence() {
        let heart = Waveform::half_sine(0.8, 80.0, 400.0, 0.35).unwrap();
        assert!(Breath::new(heart, 2).unwrap_err().to_string().contains("ml in and"));
        assert!(Breath::quiet(500.0, 12.0, 0.95, 2).is_err() && Breath::quiet(-1.0, 12.0, 0.4, 2).is_err());
        assert!(Breath::quiet(500.0, 0.0, 0.4, 2).is_err() && Breath::quiet(500.0, 12.0, f64::NAN, 2).is_err());
        assert!(Breath::quiet(500.0, 12.0, 0.4, 1).unwrap_err().to_string().contains("2 to 5"));
    }
}
