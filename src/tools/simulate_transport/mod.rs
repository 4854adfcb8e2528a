//! `simulate.transport`: contrast agent, a drug, heat or the age of the fluid carried by a computed flow.

mod substance;
mod told;

use super::shared::capitalised;
use super::shared::flow::{fluid_of, origin};
use crate::base::{NodeId, Progress};
use crate::flow::FlowResult;
use crate::flow::scalar::{Age, Carrier, Injection, Passage, ScalarError, Transport, on_wall};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use substance::Substance;

/// What a computed flow carries.
#[derive(Debug)]
pub struct SimulateTransport;

/// Parameters of [`SimulateTransport`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    flow: NodeId,
    substance: String,
    shape: String,
    injected_ml: f64,
    injected_ml_s: f64,
    concentration: Option<f64>,
    mixed_into_ml_s: Option<f64>,
    to_peak_s: f64,
    power: f64,
    half_life_s: Option<f64>,
    diffusion_m2_s: Option<f64>,
    hu_per_mg_ml: f64,
    seconds: Option<f64>,
    snapshots: usize,
    residence: bool,
    minutes_max: f64,
}

/// Moments at which curves are taken.
const SAMPLES: usize = 200;
/// Mean transit times to follow after the last has come in, if nothing is said.
const TRANSITS: f64 = 4.0;
/// A flow to mix into that is lower than that of the lumen by this share was rounded.
const ROUNDED: f64 = 0.01;
/// Steps of the residence time that are reckoned with.
const AGE_STEPS: f64 = 3000.0;

impl Tool for SimulateTransport {
    const ID: &'static str = "simulate.transport";
    const LABEL: &'static str = "Contrast and drug in the flow…";
    const HELP: &'static str = "What a computed flow carries: a bolus of contrast agent, a drug or cold, with curves at every opening, arrival and residence times, and how fast it is washed out.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("flow", Kind::Node(NodeKind::Flow), "", "the computed flow"),
        ParamSpec::with(
            "substance",
            Kind::Choice(substance::WORDS),
            "",
            "\"contrast\"",
            "what is carried: contrast agent (mg iodine/ml), a drug (mg/ml), heat or cold (K of difference), or nothing but the age of the fluid and its wash-out",
        ),
        ParamSpec::with(
            "shape",
            Kind::Choice(&["rectangle", "bolus", "step"]),
            "",
            "\"rectangle\"",
            "how it comes in: at a constant rate while it is injected, as a bolus that has spread on its way (gamma variate), or without end",
        ),
        ParamSpec::with("injected_ml", Kind::Number(0.001, 1000.0), "ml", "10", "how much is injected"),
        ParamSpec::with("injected_ml_s", Kind::Number(0.001, 100.0), "ml/s", "5", "how fast it is injected"),
        ParamSpec::with(
            "concentration",
            Kind::Number(1e-6, 1e6),
            "",
            "null",
            "of what is injected: 350 mg iodine/ml, 1 mg/ml of a drug, 10 K if not given",
        ),
        ParamSpec::with(
            "mixed_into_ml_s",
            Kind::Number(0.001, 1000.0),
            "ml/s",
            "null",
            "the flow that it mixes with: that through this lumen, as from a catheter in it, if not given; the cardiac output, some 90 ml/s, after an injection into a vein",
        ),
        ParamSpec::with(
            "to_peak_s",
            Kind::Number(0.001, 1000.0),
            "s",
            "5",
            "time from the first of a bolus to its peak at the inlet; for the shape bolus",
        ),
        ParamSpec::with(
            "power",
            Kind::Number(1.0, 20.0),
            "",
            "3",
            "exponent of the gamma variate: how steeply the bolus rises; for the shape bolus",
        ),
        ParamSpec::with(
            "half_life_s",
            Kind::Number(0.001, 1e7),
            "s",
            "null",
            "time in which half of it decays; it does not if not given",
        ),
        ParamSpec::with(
            "diffusion_m2_s",
            Kind::Number(0.0, 1e-3),
            "m²/s",
            "null",
            "its diffusion; that usual for the substance if not given",
        ),
        ParamSpec::with(
            "hu_per_mg_ml",
            Kind::Number(1.0, 200.0),
            "HU ml/mg",
            "25",
            "attenuation of each mg of iodine in a ml; 25 to 30 at 120 kVp, more at lower voltages",
        ),
        ParamSpec::with(
            "seconds",
            Kind::Number(1e-4, 10_000.0),
            "s",
            "null",
            "how long it is followed; until all has come in and four mean transit times more if not given",
        ),
        ParamSpec::with(
            "snapshots",
            Kind::Integer(0, 50),
            "",
            "4",
            "moments, in equal distances, at which the wall can be coloured by it",
        ),
        ParamSpec::with("residence", Kind::Bool, "", "true", "whether residence times are computed too"),
        ParamSpec::with(
            "minutes_max",
            Kind::Number(0.1, 600.0),
            "min",
            "20",
            "refuse what would take longer by estimate",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let flow_node = Arc::clone(case.expect_kind(params.flow, NodeKind::Flow)?);
        let Data::Flow(flow) = flow_node.data.clone() else { unreachable!("the kind was checked") };
        let substance = Substance::of(&params.substance, &fluid_of(case, params.flow)?);
        let beat = beat(&origin(case, params.flow)?.1);
        Ok(Box::new(move |progress| {
            let mut passed = Passed::of(&flow, substance, &params, progress)?;
            passed.beat = beat;
            let summary = told::summary(&passed);
            let (result, first) = passed.result();
            let what = if substance.is_injected() { substance.name } else { "residence time" };
            let mut edit = Edit::new(format!("{what} in {}", flow_node.name));
            edit.message = summary.warnings.first().cloned();
            let node = Node::new(format!("{}, {what}", flow_node.name), Data::Flow(Arc::new(result)));
            let display = &flow_node.display;
            let node = node.with_summary(summary).from_source(params.flow).shown(display.colour, 1.0);
            let node = match first {
                Some(first) => node.coloured_by(&first),
                None => node,
            };
            let edit = edit.add(node);
            // The same wall twice would flicker.
            let hidden = Change::Hide { id: params.flow, was: flow_node.hash() };
            Ok(if display.visible { edit.change(hidden) } else { edit })
        }))
    }
}

/// What is to be said of a flow that is part of a heart beat or of a breath.
fn beat(node: &Node) -> Option<&'static str> {
    let Data::Flow(flow) = &node.data else { return None };
    if flow.wall_fields.iter().any(|field| field.name == "oscillatory shear index") {
        return Some(
            "carried by the mean flow of the heart beat: what the pulse mixes besides, and moves to and fro, is left out",
        );
    }
    let waveform = node.made_by()?.params.get("waveform")?.as_str()?;
    match waveform {
        "steady" => None,
        "breathing" => Some("carried by the flow of one moment of the breath as if it went on like that"),
        _ => Some("carried by the flow of one moment of the heart beat as if it went on like that"),
    }
}

/// A substance that has passed.
struct Passed<'a> {
    flow: &'a FlowResult,
    carrier: Carrier,
    substance: Substance,
    params: &'a Params,
    transport: Transport,
    injection_told: String,
    /// Whether all of it has come in at the end.
    ends: bool,
    warning: Option<String>,
    passage: Passage,
    age: Option<Age>,
    beat: Option<&'static str>,
}

impl<'a> Passed<'a> {
    fn of(
        flow: &'a FlowResult,
        substance: Substance,
        params: &'a Params,
        progress: &Progress,
    ) -> Result<Self, CommandError> {
        let failed = |error: ScalarError| CommandError::failed(&error);
        let inlets = || flow.openings.iter().filter(|opening| opening.opening.kind.is_inlet());
        if substance.is_injected() && inlets().all(|inlet| inlet.inflow_ml_s <= 0.0) {
            return Err(CommandError::BadParams(format!(
                "what is injected comes in at the inlet, but {:.3} ml/s flow out there, as in expiration; choose a flow that comes in at its inlet, or the substance \"age\"",
                -inlets().map(|inlet| inlet.inflow_ml_s).sum::<f64>()
            )));
        }
        let carrier = Carrier::of(flow, &progress.part(0.0..0.1, "fluxes")).map_err(failed)?;
        let (injection, injection_told, warning) = params.injection(&substance, 1e6 * carrier.inflow_m3_s())?;
        let seconds = params.seconds.unwrap_or(injection.end_s() + TRANSITS * carrier.transit_s());
        let snapshots = params.snapshots as f64;
        let transport = Transport {
            diffusion_m2_s: params.diffusion_m2_s.unwrap_or(substance.diffusion_m2_s),
            decay_per_s: params.half_life_s.map_or(0.0, |half| std::f64::consts::LN_2 / half),
            injection,
            start: if substance.is_injected() { 0.0 } else { 1.0 },
            seconds,
            samples: SAMPLES,
            snapshots_s: (1..=params.snapshots).map(|n| seconds * n as f64 / (snapshots + 1.0)).collect(),
        };
        let steps = carrier.steps(&transport).map_err(failed)?;
        let lasts = carrier.seconds_of(steps + if params.residence { AGE_STEPS } else { 0.0 });
        if params.minutes_max * 60.0 < lasts {
            return Err(CommandError::Failed(format!(
                "this would take about {:.0} min ({:.2} million cells, {steps:.0} steps), more than the {} min allowed; follow it for less than {seconds:.3} s, or compute the flow with fewer cells",
                lasts / 60.0,
                carrier.len() as f64 / 1e6,
                params.minutes_max
            )));
        }
        let passage = carrier.carry(&transport, &progress.part(0.1..0.7, "passage")).map_err(failed)?;
        let age = params
            .residence
            .then(|| carrier.age(transport.diffusion_m2_s, &progress.part(0.7..0.97, "residence time")))
            .transpose()
            .map_err(failed)?;
        let ends = substance.is_injected() && params.shape != "step";
        Ok(Self {
            flow,
            carrier,
            substance,
            params,
            transport,
            injection_told,
            ends,
            warning,
            passage,
            age,
            beat: None,
        })
    }

    /// Mean time of what has gone out less that of what came in, s.
    fn transit_by_curves_s(&self) -> Option<f64> {
        let mean = |sign: f64| {
            let own = self.passage.curves.iter().filter(|curve| 0.0 < sign * curve.amount);
            let (sum, moment) =
                own.fold((0.0, 0.0), |(sum, moment), curve| (sum + curve.amount, moment + curve.amount * curve.mean_s));
            (sum != 0.0).then(|| moment / sum)
        };
        if self.ends { Some(mean(1.0)? - mean(-1.0)?) } else { None }
    }

    /// The flow with what it carries on its wall, and the field to look at first.
    fn result(&self) -> (FlowResult, Option<String>) {
        let name = self.substance.name;
        let seconds = self.transport.seconds as f32;
        // Where it does not arrive in time, the whole time is shown.
        let arrival: Vec<f32> = self.passage.arrival_s.iter().map(|arrival| arrival.min(seconds)).collect();
        let mut of_cells: Vec<(String, &str, &[f32])> = Vec::new();
        if let Some(age) = &self.age {
            of_cells.push(("residence time".into(), "s", &age.age_s));
        }
        if self.substance.is_injected() {
            of_cells.insert(0, (format!("arrival of {name}"), "s", &arrival));
        }
        for snapshot in &self.passage.snapshots {
            of_cells.push((format!("{name} at {:.3} s", snapshot.time_s), self.substance.unit, &snapshot.values));
        }
        let first = of_cells.first().map(|(name, ..)| name.clone());
        let fields = on_wall(self.flow, &of_cells);
        let mut result = self.flow.clone();
        result.wall_fields.retain(|old| fields.iter().all(|new| new.name != old.name));
        result.wall_fields.extend(fields);
        (result, first)
    }
}

impl Params {
    /// What comes in, what is said of it, and what is odd. `flow_ml_s` goes through the lumen.
    ///
    /// Refused is what would bring more into the lumen than is injected, or what is more concentrated.
    fn injection(
        &self,
        substance: &Substance,
        flow_ml_s: f64,
    ) -> Result<(Injection, String, Option<String>), CommandError> {
        if !substance.is_injected() {
            return Ok((Injection::None, String::new(), None));
        }
        let concentration = self.concentration.unwrap_or(substance.concentration);
        if let Some(mixed) = self.mixed_into_ml_s.filter(|mixed| *mixed < (1.0 - ROUNDED) * flow_ml_s) {
            return Err(CommandError::BadParams(format!(
                "mixed_into_ml_s is {mixed} ml/s, less than the {flow_ml_s:.3} ml/s through the lumen, which would bring in more than is injected; give at least as much, or leave it out"
            )));
        }
        let mixed = self.mixed_into_ml_s.map_or(flow_ml_s, |mixed| mixed.max(flow_ml_s));
        // More than flows cannot come in.
        let rate = self.injected_ml_s.min(mixed);
        let level = concentration * rate / mixed;
        let Self { injected_ml, injected_ml_s, .. } = *self;
        let unit = substance.unit;
        let mixes = format!("mixed into {mixed:.3} ml/s before the inlet");
        let warning = (mixed < injected_ml_s).then(|| {
            format!("{injected_ml_s} ml/s are injected where {mixed:.3} ml/s flow: the vessel is taken to hold nothing else meanwhile, for as long as all of it needs")
        });
        let (injection, told) = match self.shape.as_str() {
            "step" => (
                Injection::Step { level },
                format!("{concentration} {unit} at {injected_ml_s} ml/s without end, {mixes}"),
            ),
            "bolus" => (
                Injection::gamma(concentration * injected_ml / mixed, self.to_peak_s, self.power),
                format!(
                    "a bolus of {injected_ml} ml of {concentration} {unit}, {mixes}, as a gamma variate with its peak after {} s and exponent {} (Madsen 1992)",
                    self.to_peak_s, self.power
                ),
            ),
            _ => (
                Injection::Rectangle { level, seconds: injected_ml / rate },
                format!("{injected_ml} ml of {concentration} {unit} at {injected_ml_s} ml/s, {mixes}"),
            ),
        };
        let highest = injection.highest();
        if self.shape == "bolus" && concentration < highest {
            return Err(CommandError::BadParams(format!(
                "the bolus would hold {highest:.4} {unit} at its peak, more than the {concentration} {unit} that are injected; give to_peak_s of at least {:.3} s, inject less, or mix it into more",
                self.to_peak_s * highest / concentration
            )));
        }
        Ok((injection, told, warning.filter(|_| self.shape != "bolus")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Fluid;
    use serde_json::json;

    fn params(more: serde_json::Value) -> Params {
        let mut all = json!({
            "flow": 1, "substance": "contrast", "shape": "rectangle", "injected_ml": 10.0, "injected_ml_s": 5.0,
            "concentration": null, "mixed_into_ml_s": null, "to_peak_s": 5.0, "power": 3.0, "half_life_s": null,
            "diffusion_m2_s": null, "hu_per_mg_ml": 25.0, "seconds": null, "snapshots": 4, "residence": true,
            "minutes_max": 20.0
        });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn whatever_the_shape_as_much_comes_in_as_is_injected() {
        let contrast = Substance::of("contrast", &Fluid::blood());
        for (more, flow) in [
            (json!({}), 20.0),
            (json!({}), 2.0),
            (json!({ "shape": "bolus" }), 20.0),
            (json!({ "shape": "bolus", "mixed_into_ml_s": 90.0 }), 20.0),
        ] {
            let params = params(more);
            let mixed = params.mixed_into_ml_s.unwrap_or(flow);
            let (injection, _, warning) = params.injection(&contrast, flow).unwrap();
            let step = injection.end_s() / 500.0;
            let sum: f64 = (0..1000).map(|n| injection.mean(f64::from(n) * step, f64::from(n + 1) * step) * step).sum();
            assert!((sum * mixed / 3500.0 - 1.0).abs() < 1e-3, "{} mg", sum * mixed);
            assert_eq!(warning.is_some(), flow < 5.0);
            assert!(injection.highest() <= 350.0);
        }
    }

    #[test]
    fn more_than_is_injected_or_more_concentrated_is_refused() {
        let contrast = Substance::of("contrast", &Fluid::blood());
        let refused = |more, flow| params(more).injection(&contrast, flow).unwrap_err().to_string();
        let text = refused(json!({ "mixed_into_ml_s": 5.0 }), 20.0);
        assert!(text.contains("less than the 20.000 ml/s through the lumen"), "{text}");
        // What was rounded is taken as the flow itself.
        let rounded = params(json!({ "mixed_into_ml_s": 20.0 })).injection(&contrast, 20.1).unwrap().0;
        assert!((rounded.highest() - 350.0 * 5.0 / 20.1).abs() < 1e-9, "{} mg I/ml", rounded.highest());
        // 10 ml of 350 mg I/ml in 1 ml/s over 5 s ∫ (s e^(1 − s))³ ds = 5 s × 6 e³/81: a peak of 470 mg I/ml.
        let text = refused(json!({ "shape": "bolus" }), 1.0);
        assert!(text.contains("470.4878 mg I/ml") && text.contains("at least 6.721 s"), "{text}");
        assert!(params(json!({ "shape": "bolus", "to_peak_s": 6.73 })).injection(&contrast, 1.0).is_ok());
    }
}
