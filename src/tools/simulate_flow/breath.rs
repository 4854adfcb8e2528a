//! The parameters of a breath: how much, how often, how much of it in.

use crate::base::Summary;
use crate::flow::breath::Breath;
use crate::flow::{FlowError, Waveform};
use crate::session::{CommandError, Kind, ParamSpec};
use serde::{Deserialize, Serialize};

/// Quiet breathing of an adult: Hall and Hall, Guyton and Hall Textbook of Medical Physiology, chapter on pulmonary
/// ventilation.
const TIDAL_ML: f64 = 500.0;
const PER_MIN: f64 = 12.0;

/// Parameters of a breath.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Params {
    tidal_volume_ml: Option<f64>,
    breaths_per_min: Option<f64>,
    inspiration_share: f64,
    breath_flows: usize,
}

pub(super) const TIDAL: ParamSpec = ParamSpec::with(
    "tidal_volume_ml",
    Kind::Number(1.0, 10_000.0),
    "ml",
    "null",
    "volume of a breath; 500 of quiet breathing, or that of waveform_points, if not given",
);
pub(super) const RATE: ParamSpec = ParamSpec::with(
    "breaths_per_min",
    Kind::Number(1.0, 300.0),
    "1/min",
    "null",
    "breaths a minute; 12 of quiet breathing, or that of waveform_points, if not given",
);
pub(super) const SHARE: ParamSpec = ParamSpec::with(
    "inspiration_share",
    Kind::Number(0.1, 0.9),
    "",
    "0.333",
    "share of a breath in which air flows in, if no waveform_points are given",
);
pub(super) const FLOWS: ParamSpec = ParamSpec::with(
    "breath_flows",
    Kind::Integer(2, 5),
    "",
    "2",
    "steady flows in each direction from which a breath is put together: two give Rohrer's law, more say how well it holds",
);

impl Params {
    /// The breath: that of `points`, if there are any, else quiet breathing.
    pub fn breath(&self, points: &[[f64; 2]]) -> Result<Breath, CommandError> {
        let failed = |error: FlowError| CommandError::failed(&error);
        if points.is_empty() {
            let (tidal_ml, per_min) =
                (self.tidal_volume_ml.unwrap_or(TIDAL_ML), self.breaths_per_min.unwrap_or(PER_MIN));
            return Breath::quiet(tidal_ml, per_min, self.inspiration_share, self.breath_flows).map_err(failed);
        }
        let measured = Waveform::to_and_fro(points).map_err(failed)?;
        let period_s = self.breaths_per_min.map_or(measured.period_s(), |rate| 60.0 / rate);
        let breath = measured.over(period_s).and_then(|wave| Breath::new(wave, self.breath_flows)).map_err(failed)?;
        let Some(tidal_ml) = self.tidal_volume_ml else { return Ok(breath) };
        let scaled = breath.waveform().times(tidal_ml / breath.tidal_ml());
        Breath::new(scaled, self.breath_flows).map_err(failed)
    }

    /// `summary` with where the breath comes from.
    pub fn tell(&self, summary: Summary, is_measured: bool) -> Summary {
        if is_measured {
            return summary.method("the breath is that of waveform_points, a monotone cubic through them (Fritsch and Butland 1984), of the volume and rate that are given");
        }
        let summary =
            summary.limit("the breath is half a sine in and half a sine out: an assumption, not a measurement");
        if self.tidal_volume_ml.is_some() && self.breaths_per_min.is_some() {
            return summary;
        }
        summary.method("quiet breathing where nothing else is given: 500 ml, 12 breaths a minute (Hall and Hall, Guyton and Hall Textbook of Medical Physiology, chapter on pulmonary ventilation); not this patient's")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(more: serde_json::Value) -> Params {
        let mut all = json!({
            "tidal_volume_ml": null, "breaths_per_min": null, "inspiration_share": 0.333, "breath_flows": 2
        });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn quiet_breathing_is_half_a_litre_twelve_times_a_minute() {
        let quiet = params(json!({})).breath(&[]).unwrap();
        assert!((quiet.tidal_ml() - 500.0).abs() < 1e-6 && (quiet.waveform().period_s() - 5.0).abs() < 1e-12);
        let fast = params(json!({ "tidal_volume_ml": 1500, "breaths_per_min": 30 })).breath(&[]).unwrap();
        assert!((fast.tidal_ml() - 1500.0).abs() < 1e-6 && (fast.waveform().period_s() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_measured_breath_is_scaled_only_where_asked() {
        let points = [[0.0, 0.0], [1.0, 400.0], [2.0, 0.0], [3.0, -400.0], [4.0, 0.0]];
        let measured = params(json!({})).breath(&points).unwrap();
        assert!((measured.waveform().at(1.0) - 400.0).abs() < 1e-9 && measured.waveform().period_s() == 4.0);
        let scaled = params(json!({ "tidal_volume_ml": 300, "breaths_per_min": 20 })).breath(&points).unwrap();
        assert!((scaled.tidal_ml() - 300.0).abs() < 1e-6 && (scaled.waveform().period_s() - 3.0).abs() < 1e-12);
        let leaks = [[0.0, 0.0], [1.0, 400.0], [2.0, 0.0], [3.0, -100.0], [4.0, 0.0]];
        let refused = params(json!({})).breath(&leaks).unwrap_err().to_string();
        assert!(refused.contains("drift of the flow meter"), "{refused}");
    }
}
