//! The parameters of flow that pulsates: waveform, windkessels, cycles.

use super::coronary;
use crate::base::Summary;
use crate::flow::{Beyond, CoronaryTree, Pulse, Waveform};
use crate::session::{CommandError, Kind, ParamSpec};
use serde::{Deserialize, Serialize};

/// Heart rate of a half sine if none is given, 1/min.
const HEART_RATE_PER_MIN: f64 = 70.0;
/// Mean pressure of an adult's arteries, mmHg.
const MEAN_MMHG: f64 = 93.0;
/// Share of an outlet's resistance before its compliance, and all of the resistance times the compliance in s: those of
/// the upper thoracic aorta in Boileau et al. 2015, Int. J. Numer. Meth. Biomed. Eng. 31:e02732 (R₁ 1.1752e7, R₂ 1.1167e8
/// Pa s/m³, C 1.0163e-8 m³/Pa).
const PROXIMAL_SHARE: f64 = 0.0952;
const TIME_CONSTANT_S: f64 = 1.254;

/// A waveform known by name: period, mean and peak of a published model problem; the shape between is a half sine.
struct Named {
    word: &'static str,
    period_s: f64,
    mean_ml_s: f64,
    peak_ml_s: f64,
    source: &'static str,
}

const NAMED: [Named; 2] = [
    Named {
        word: "aorta",
        period_s: 0.955,
        mean_ml_s: 103.085,
        peak_ml_s: 509.16,
        source: "period and ratio of peak to mean of the upper thoracic aorta in Boileau et al. 2015",
    },
    Named {
        word: "carotid",
        period_s: 1.1,
        mean_ml_s: 6.5,
        peak_ml_s: 13.3,
        source: "period and ratio of peak to mean of the common carotid artery in Boileau et al. 2015",
    },
];

impl Named {
    /// The share of the cycle that its half sine takes: that asked for, or less, so that nothing flows backwards in
    /// diastole.
    fn systole(&self, asked: f64) -> f64 {
        asked.min(std::f64::consts::PI * self.mean_ml_s / (2.0 * self.peak_ml_s))
    }
}

/// A point of a waveform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WavePoint {
    time_s: f64,
    flow_ml_s: f64,
}

/// Parameters of a pulse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Params {
    waveform: String,
    waveform_points: Vec<WavePoint>,
    heart_rate_per_min: Option<f64>,
    peak_over_mean: Option<f64>,
    systolic_share: f64,
    cycles_max: usize,
    outlets: String,
    mean_pressure_mmhg: Option<f64>,
    compliance_ml_mmhg: Option<f64>,
    phases: usize,
    ventricular_peak_mmhg: f64,
    muscle_share: f64,
}

pub(super) const WAVEFORM: ParamSpec = ParamSpec::with(
    "waveform",
    Kind::Choice(&["steady", "half-sine", "aorta", "carotid", "coronary", "points", "breathing"]),
    "",
    "\"steady\"",
    "how the inflow changes: not at all; over a heart cycle by a half sine in systole (aorta and carotid: with published period and peak), as coronary beds draw it from the aorta, mostly in diastole, or by waveform_points; flow_ml_s is the mean but for points. Or air that goes in and out: tidal_volume_ml and breaths_per_min, or waveform_points",
);
pub(super) const POINTS: ParamSpec = ParamSpec::with(
    "waveform_points",
    Kind::Records,
    "",
    "[]",
    "a measured waveform, e.g. {\"time_s\": 0.1, \"flow_ml_s\": 12}, of breathing negative out; the last point closes the cycle with the flow of the first",
);
pub(super) const HEART_RATE: ParamSpec = ParamSpec::with(
    "heart_rate_per_min",
    Kind::Number(20.0, 300.0),
    "1/min",
    "null",
    "heart beats a minute; 70 for a half sine, that of the waveform for others if not given",
);
pub(super) const PEAK: ParamSpec = ParamSpec::with(
    "peak_over_mean",
    Kind::Number(1.01, 20.0),
    "",
    "null",
    "peak flow of a half sine over the mean; so much that nothing flows in diastole if not given",
);
pub(super) const SYSTOLE: ParamSpec = ParamSpec::with(
    "systolic_share",
    Kind::Number(0.1, 0.9),
    "",
    "0.35",
    "share of the cycle that the half sine takes, and the squeeze of coronary beds",
);
pub(super) const CYCLES: ParamSpec = ParamSpec::with(
    "cycles_max",
    Kind::Integer(2, 100),
    "",
    "10",
    "stop after so many heart cycles; the result says if they still change then",
);
pub(super) const OUTLETS: ParamSpec = ParamSpec::with(
    "outlets",
    Kind::Choice(&["held", "windkessel", "coronary"]),
    "",
    "\"held\"",
    "what is beyond the outlets of pulsating flow: a held pressure (or share), a windkessel each, or a coronary bed each, squeezed in the first part of the waveform",
);
pub(super) const MEAN_PRESSURE: ParamSpec = ParamSpec::with(
    "mean_pressure_mmhg",
    Kind::Number(1.0, 300.0),
    "mmHg",
    "null",
    "mean pressure that the windkessels or coronary beds make of the mean flow; the usual one of the vessel, or 93, if not given",
);
pub(super) const COMPLIANCE: ParamSpec = ParamSpec::with(
    "compliance_ml_mmhg",
    Kind::Number(1e-6, 100.0),
    "ml/mmHg",
    "null",
    "compliance of all windkessels or coronary beds together; such that pressure decays with a time constant of 1.13 s if not given, for coronary beds resistance times compliance is 2.24 s",
);
pub(super) const PHASES: ParamSpec = ParamSpec::with(
    "phases",
    Kind::Integer(0, 20),
    "",
    "4",
    "how many phases of the last cycle become results of their own, hidden at first",
);

impl Params {
    /// Whether the flow changes over a heart cycle.
    pub fn pulsates(&self) -> bool {
        self.waveform != "steady"
    }

    /// Whether the waveform itself says how much flows.
    pub fn has_points(&self) -> bool {
        self.waveform == "points"
    }

    /// Whether the flow goes in and out with a breath.
    pub fn breathes(&self) -> bool {
        self.waveform == "breathing"
    }

    /// Whether a number of heart beats is given.
    pub fn has_heart_rate(&self) -> bool {
        self.heart_rate_per_min.is_some()
    }

    /// Whether something is beyond the outlets of a pulse.
    pub fn has_beds(&self) -> bool {
        self.outlets != "held"
    }

    /// The points of a measured waveform: time in s, flow in ml/s.
    pub fn points(&self) -> Vec<[f64; 2]> {
        self.waveform_points.iter().map(|p| [p.time_s, p.flow_ml_s]).collect()
    }

    /// The pulse; none for steady flow. `flow_ml_s` is the mean of waveforms known by name, `usual_mmhg` the
    /// mean pressure beyond the outlets if none is given.
    pub fn pulse(
        &self,
        flow_ml_s: f64,
        tolerance: f64,
        usual_mmhg: Option<f64>,
    ) -> Result<Option<Pulse>, CommandError> {
        let failed = |error: crate::flow::FlowError| CommandError::failed(&error);
        let period_s = self.heart_rate_per_min.map(|rate| 60.0 / rate);
        let systole = self.systolic_share;
        let wave = match self.waveform.as_str() {
            "steady" => return Ok(None),
            "points" => {
                let wave = Waveform::closed(&self.points()).map_err(failed)?;
                period_s.map_or(Ok(wave.clone()), |period_s| wave.over(period_s)).map_err(failed)?
            }
            "coronary" => {
                let period_s = period_s.unwrap_or(60.0 / HEART_RATE_PER_MIN);
                let aorta = [PROXIMAL_SHARE, TIME_CONSTANT_S];
                coronary::drawn(&self.tree(flow_ml_s, usual_mmhg), flow_ml_s, period_s, aorta).map_err(failed)?
            }
            word => {
                let named = NAMED.iter().find(|named| named.word == word);
                let period_s = period_s.or(named.map(|n| n.period_s)).unwrap_or(60.0 / HEART_RATE_PER_MIN);
                let at_rest = std::f64::consts::PI / (2.0 * systole);
                let ratio = named.map(|n| n.peak_ml_s / n.mean_ml_s).or(self.peak_over_mean).unwrap_or(at_rest);
                let systole = named.map_or(systole, |named| named.systole(systole));
                Waveform::half_sine(period_s, flow_ml_s, ratio * flow_ml_s, systole).map_err(failed)?
            }
        };
        let mean_ml_s = wave.mean_ml_s();
        let mut pulse = Pulse::new(wave);
        (pulse.cycles_max, pulse.tolerance, pulse.phases) = (self.cycles_max, tolerance, self.phases);
        if self.outlets == "windkessel" {
            let mean_pressure_mmhg = self.mean_pressure_mmhg.or(usual_mmhg).unwrap_or(MEAN_MMHG);
            let by_time = TIME_CONSTANT_S * mean_ml_s / mean_pressure_mmhg;
            pulse.beyond = Beyond::Windkessels {
                mean_pressure_mmhg,
                compliance_ml_mmhg: self.compliance_ml_mmhg.unwrap_or(by_time),
                proximal_share: PROXIMAL_SHARE,
            };
        }
        if self.outlets == "coronary" {
            pulse.beyond = Beyond::Coronary(self.tree(mean_ml_s, usual_mmhg));
        }
        Ok(Some(pulse))
    }

    /// The coronary beds that make the mean pressure of a flow.
    fn tree(&self, flow_ml_s: f64, usual_mmhg: Option<f64>) -> CoronaryTree {
        let mean_mmhg = self.mean_pressure_mmhg.or(usual_mmhg).unwrap_or(MEAN_MMHG);
        let squeeze = [self.ventricular_peak_mmhg, self.muscle_share, self.systolic_share];
        coronary::tree(mean_mmhg, flow_ml_s, self.compliance_ml_mmhg, squeeze)
    }

    /// `summary` with where the waveform and the windkessels come from.
    pub fn tell(&self, summary: Summary) -> Summary {
        let summary = match (self.waveform.as_str(), NAMED.iter().find(|named| named.word == self.waveform)) {
            ("points", _) => summary,
            ("coronary", _) => summary
                .method("waveform 'coronary': what the beds alone draw from an aorta whose pressure a half sine of ejection makes in a windkessel, as of the upper thoracic aorta in Boileau et al. 2015; the drop of pressure in the vessels is left out there")
                .limit("the waveform is an assumption, not a measurement"),
            (_, Some(named)) => {
                let of = format!(
                    "waveform '{}': {}; a half sine over {:.3} of the cycle is assumed between",
                    named.word,
                    named.source,
                    named.systole(self.systolic_share)
                );
                summary.method(of).limit("the waveform is an assumption, not a measurement")
            }
            (_, None) => summary.limit("the waveform is a half sine: an assumption, not a measurement"),
        };
        if self.outlets == "windkessel" {
            return summary.method("9.5 % of the resistance beyond the outlets before the compliance, as of the upper thoracic aorta in Boileau et al. 2015");
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(more: serde_json::Value) -> Params {
        let mut all = json!({
            "waveform": "steady", "waveform_points": [], "heart_rate_per_min": null, "peak_over_mean": null,
            "systolic_share": 0.35, "cycles_max": 10, "outlets": "held", "mean_pressure_mmhg": null,
            "compliance_ml_mmhg": null, "phases": 4, "ventricular_peak_mmhg": 120.0, "muscle_share": 1.0
        });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn words_give_shape_and_period_and_the_flow_gives_the_mean() {
        assert_eq!(params(json!({})).pulse(5.0, 0.01, None).unwrap(), None);
        let wave = |more| params(more).pulse(5.0, 0.01, None).unwrap().unwrap().waveform;
        let carotid = wave(json!({ "waveform": "carotid" }));
        assert!((carotid.mean_ml_s() - 5.0).abs() < 1e-9 && (carotid.period_s() - 1.1).abs() < 1e-12);
        assert!((carotid.peak_ml_s() / 5.0 - 13.3 / 6.5).abs() < 1e-3);
        let aorta = wave(json!({ "waveform": "aorta" }));
        let least = (0..100).map(|n| aorta.at(0.01 * f64::from(n) * aorta.period_s())).fold(f64::INFINITY, f64::min);
        assert!(-0.02 * 5.0 < least, "the aorta flows forwards all the time: {least} ml/s");
        let rest = wave(json!({ "waveform": "half-sine", "heart_rate_per_min": 75 }));
        assert!((rest.period_s() - 0.8).abs() < 1e-12 && rest.at(0.6).abs() < 1e-2, "{} ml/s", rest.at(0.6));
    }

    #[test]
    fn points_are_taken_as_they_are_but_for_the_heart_rate() {
        let point = |time_s: f64, flow_ml_s: f64| json!({ "time_s": time_s, "flow_ml_s": flow_ml_s });
        let points = json!([point(0.0, 1.0), point(0.3, 9.0), point(0.6, 2.0), point(1.0, 1.0)]);
        let given = params(json!({ "waveform": "points", "waveform_points": points, "heart_rate_per_min": 120 }));
        let wave = given.pulse(5.0, 0.01, None).unwrap().unwrap().waveform;
        assert!((wave.period_s() - 0.5).abs() < 1e-12 && (wave.at(0.15) - 9.0).abs() < 1e-9);
        let none = params(json!({ "waveform": "points" })).pulse(5.0, 0.01, None).unwrap_err();
        assert!(none.to_string().contains("has 0 points"), "{none}");
    }

    #[test]
    fn windkessels_have_the_compliance_of_their_time_constant() {
        let given = params(json!({ "waveform": "aorta", "outlets": "windkessel", "mean_pressure_mmhg": 100.0 }));
        let Beyond::Windkessels { compliance_ml_mmhg, .. } = given.pulse(80.0, 0.01, None).unwrap().unwrap().beyond
        else {
            panic!("windkessels were asked for")
        };
        assert!((compliance_ml_mmhg - 1.254 * 80.0 / 100.0).abs() < 1e-9);
    }

    #[test]
    fn coronary_beds_draw_most_of_their_flow_in_diastole() {
        let pulse = |more| params(more).pulse(1.9, 0.01, None).unwrap().unwrap();
        let given = pulse(json!({ "waveform": "coronary", "outlets": "coronary" }));
        let Beyond::Coronary(tree) = given.beyond else { panic!("coronary beds were asked for") };
        assert!((tree.compliance_ml_mmhg - 2.24 * given.waveform.mean_ml_s() / 93.0).abs() < 1e-12);
        assert!((given.waveform.mean_ml_s() - 1.9).abs() < 0.01, "{}", given.waveform.mean_ml_s());
        let diastole = |wave: &Waveform| {
            let flows: Vec<f64> = (0..1000).map(|n| wave.at(wave.period_s() * f64::from(n) / 1000.0)).collect();
            flows[350..].iter().sum::<f64>() / flows.iter().sum::<f64>()
        };
        let slack = pulse(json!({ "waveform": "coronary", "muscle_share": 0.0 }));
        let (left, slack) = (diastole(&given.waveform), diastole(&slack.waveform));
        // The same equations in another program gave 0.68 and 0.50.
        assert!((left - 0.68).abs() < 0.01 && (slack - 0.50).abs() < 0.01, "{left}, {slack}");
        // A waveform says nothing of what is beyond the outlets.
        assert_eq!(pulse(json!({ "waveform": "coronary" })).beyond, Beyond::Held);
    }
}
