//! What wounds lose: blood a minute now, and how pressure and loss go on while nobody stops it.

use super::{Params, State};
use crate::base::units::PA_PER_MMHG;
use crate::base::{Progress, Summary, Table};
use crate::flow::network::{End, LEAK, Quantity, VesselTree, Waveform, solve};
use crate::mesh::CentreLines;
use crate::session::CommandError;

/// Part of the blood that stretches the vessels; the rest only fills them (Magder 2016, Crit. Care 20:271: about 30 % of
/// the volume is stressed).
const STRESSED: f64 = 0.3;
/// Parts of the pressure at which the loss is computed; between them it is read off linearly in the root of the part, to
/// which the loss through a hole is nearly proportional.
const PRESSURES: [f64; 5] = [1.0, 0.75, 0.5, 0.25, 0.0];
/// Step in time of the loss, s, and for how long it is followed.
const STEP_S: f64 = 1.0;
const MINUTES: f64 = 60.0;
/// Minutes that are told.
const TOLD_MIN: [f64; 9] = [0.0, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0];
/// Parts of the blood whose loss begins class II and III of a haemorrhage (American College of Surgeons, ATLS).
const CLASSES: [f64; 2] = [0.15, 0.3];

/// What wounds lose.
pub(super) struct Bleeding {
    /// Out of every wound now, ml/min.
    pub wounds_ml_min: Vec<f64>,
    /// Time in min, lost ml, loss in ml/min, mean pressure in mmHg; none with a heart that ejects the same flow.
    pub course: Vec<[f64; 4]>,
}

/// What the wounds of `tree` lose; none if it has none.
///
/// Pressure falls with the stressed volume: p = p₀ (1 − V/V_s), as in a closed loop without reflexes, where mean pressure is
/// very nearly proportional to it.
pub(super) fn of(
    params: &Params,
    lines: &CentreLines,
    tree: &VesselTree,
    now: &State,
    progress: &Progress,
) -> Result<Option<Bleeding>, CommandError> {
    let wounds_ml_min = leaks(now);
    if wounds_ml_min.is_empty() {
        return Ok(None);
    }
    if params.drive == "beat" {
        return Ok(Some(Bleeding { wounds_ml_min, course: Vec::new() }));
    }
    let failed = |error: crate::flow::network::NetworkError| CommandError::failed(&error);
    let setup = params.setup(lines)?;
    let mut losses = Vec::new();
    for (n, part) in PRESSURES.iter().enumerate() {
        let pressure = params.mean_pressure_mmhg * part * PA_PER_MMHG;
        let whole = tree.network(&setup).map_err(failed)?;
        let mut lower = whole.under_pressure(&Waveform::constant(pressure)).map_err(failed)?;
        lower.network.schedule = params.schedule();
        let solution =
            solve(&lower.network, &progress.part(n as f64 / 5.0..(n + 1) as f64 / 5.0, "loss")).map_err(failed)?;
        let means = lower.along(&solution);
        losses.push(leaks(&State { network: lower, solution, means }).iter().sum::<f64>());
    }
    Ok(Some(Bleeding { wounds_ml_min, course: course(params, &losses) }))
}

/// Flow out of every wound in ml/min.
pub(super) fn leaks(state: &State) -> Vec<f64> {
    let blocks = state.network.network.blocks().iter().enumerate();
    let wounds = blocks.filter(|(_, block)| block.name.starts_with(LEAK));
    wounds.filter_map(|(n, _)| state.solution.mean(n, End::Inlet, Quantity::Flow)).map(|flow| 60e6 * flow).collect()
}

/// How it goes on, from the losses at [`PRESSURES`].
fn course(params: &Params, losses_ml_min: &[f64]) -> Vec<[f64; 4]> {
    let stressed_ml = STRESSED * params.blood_ml;
    let part = |lost_ml: f64| (1.0 - lost_ml / stressed_ml).max(0.0);
    let loss = |part: f64| {
        let n = PRESSURES.iter().position(|own| *own <= part).unwrap_or(PRESSURES.len() - 1).max(1);
        let (high, low, part) = (PRESSURES[n - 1].sqrt(), PRESSURES[n].sqrt(), part.sqrt());
        losses_ml_min[n] + (losses_ml_min[n - 1] - losses_ml_min[n]) * (part - low) / (high - low)
    };
    let mut all = Vec::new();
    let mut lost_ml = 0.0;
    for step in 0..=(MINUTES * 60.0 / STEP_S) as usize {
        let minutes = step as f64 * STEP_S / 60.0;
        let now = part(lost_ml);
        all.push([minutes, lost_ml, loss(now), now * params.mean_pressure_mmhg]);
        // Midpoint rule.
        let half = loss(part(lost_ml + 0.5 * STEP_S / 60.0 * loss(now)));
        // Nothing is left that would drive more out.
        lost_ml = (lost_ml + STEP_S / 60.0 * half).min(stressed_ml);
    }
    all
}

impl Bleeding {
    /// `summary` with what is lost.
    pub fn tell(&self, params: &Params, mut summary: Summary) -> Summary {
        summary = summary.fact("blood lost by wounds", self.wounds_ml_min.iter().sum(), "ml/min");
        let mut wounds = Table::new("Wounds", "wound", &[("blood lost", "ml/min")]);
        for (n, loss) in self.wounds_ml_min.iter().enumerate() {
            wounds = wounds.row((n + 1).to_string(), [Some(*loss)]);
        }
        summary = summary
            .table(wounds)
            .method("wounds: the pressure outside is that of the air, ΔP = ρ/2 (Q/(0.61 A))² (sharp-edged hole) and the friction of a hole as deep as it is wide");
        if self.course.is_empty() {
            return summary;
        }
        for class in CLASSES {
            // To a thousandth: the last drop comes slowly.
            let gone = self.course.iter().find(|[_, lost_ml, ..]| 0.999 * class * params.blood_ml <= *lost_ml);
            if let Some([minutes, ..]) = gone {
                summary =
                    summary.fact(&format!("time until {:.0} % of the blood is lost", 100.0 * class), *minutes, "min");
            }
        }
        let columns = [("time", "min"), ("lost", "ml"), ("loss", "ml/min"), ("mean pressure", "mmHg")];
        let mut table = Table::new("Bleeding that nobody stops", "moment", &columns);
        for told in TOLD_MIN {
            if let Some(values) = self.course.iter().find(|[minutes, ..]| told <= *minutes + 1e-9) {
                table = table.row(format!("{told} min"), values.map(Some));
            }
        }
        summary
            .table(table)
            .method(format!(
                "bleeding goes on with a pressure that falls with the stressed volume, {:.0} % of {} ml (Magder 2016)",
                100.0 * STRESSED,
                params.blood_ml
            ))
            .limit("bleeding: no reflexes, no clotting, no infusion, nothing that presses on the wound; a body defends its pressure until a fifth to a third of the blood is lost")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeId;

    #[test]
    fn a_hole_under_a_pressure_that_falls_with_the_loss_empties_what_is_stressed() {
        let params = Params { blood_ml: 4000.0, ..Params::of(NodeId(1)) };
        let losses: Vec<f64> = PRESSURES.iter().map(|part| 240.0 * part.sqrt()).collect();
        let course = course(&params, &losses);
        // dV/dt = q₀ √(1 − V/V_s): √(1 − V/V_s) = 1 − t q₀/(2 V_s), V_s 1200 ml, q₀ 240 ml/min, empty after 10 min.
        for [minutes, lost_ml, loss, mmhg] in course.iter().step_by(60) {
            let root = (1.0 - minutes / 10.0).max(0.0);
            assert!((lost_ml - 1200.0 * (1.0 - root * root)).abs() < 0.5, "{lost_ml} ml after {minutes} min");
            assert!((loss - 240.0 * root).abs() < 1.0 && (mmhg - 93.0 * root * root).abs() < 0.1, "{loss} {mmhg}");
        }
        let told = Bleeding { wounds_ml_min: vec![240.0], course }.tell(&params, Summary::default());
        let until = |share: u32| told.value(&format!("time until {share} % of the blood is lost")).unwrap();
        assert!((until(15) - 10.0 * (1.0 - 0.5_f64.sqrt())).abs() < 0.03, "{} min until 600 of 1200 ml", until(15));
        // A thousandth of the stressed volume is not waited for.
        let all_but = 10.0 * (1.0 - 0.001_f64.sqrt());
        assert!((until(30) - all_but).abs() < 0.05, "{} min until all of the stressed volume", until(30));
    }
}
