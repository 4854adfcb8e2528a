//! Coronary beds: what the vessels inside the heart's own muscle do to the pressure at an outlet.
//!
//! Three resistances and two compliances, of which the one inside the muscle is squeezed from outside in systole, so that
//! most of the flow comes in diastole (Kim et al. 2010, Ann. Biomed. Eng. 38:3195). The numbers are those of
//! [`CoronaryBed`], in mmHg, ml and s.

use super::error::{FlowError, positive};
use super::network::CoronaryBed;
use super::opening::Opening;
use super::plan::shares;
use super::pulse::{Beyond, Pulse};
use super::setup::Setup;
use super::wave::Waveform;
use crate::base::units::PA_PER_MMHG;

/// Shares of small arteries, micro-circulation and veins in the resistance, and of small arteries and muscle in the
/// compliance: the ones that SimVascular's guide to coronary outlets starts from, after Sankaran et al. 2012, Ann. Biomed.
/// Eng. 40:2228.
const RESISTANCES: [f64; 3] = [0.32, 0.52, 0.16];
const COMPLIANCES: [f64; 2] = [0.11, 0.89];
/// Points of the waveform that [`CoronaryTree::inflow`] gives.
const POINTS: usize = 200;

/// What squeezes coronary beds: a share of the pressure in a ventricle.
///
/// ```text
/// P_im(t) = s p_peak sin(π t/t_s)   for t < t_s,   0 after
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Squeeze {
    /// p_peak: highest pressure in the ventricle in mmHg.
    pub ventricular_peak_mmhg: f64,
    /// s: share of the ventricle's pressure in the muscle.
    pub muscle_share: f64,
    /// Share of the cycle that systole takes, from the start of the waveform on.
    pub systolic_share: f64,
    /// Pressure where the veins end, in mmHg.
    pub venous_mmhg: f64,
}

impl Squeeze {
    /// Pressure in the muscle in mmHg at `part` of the cycle, 0 to 1.
    pub fn at(&self, part: f64) -> f64 {
        let part = part.rem_euclid(1.0) / self.systolic_share;
        if part < 1.0 {
            self.muscle_share * self.ventricular_peak_mmhg * (std::f64::consts::PI * part).sin()
        } else {
            0.0
        }
    }

    /// How much of sample `k` of `count` lies in diastole; a sample is the mean of the time around it.
    pub(super) fn diastolic(&self, k: usize, count: usize) -> f64 {
        let (count, k) = (count as f64, k as f64);
        let in_systole = (k + 0.5).min(self.systolic_share * count) - (k - 0.5).max(0.0);
        1.0 - in_systole.max(0.0)
    }

    fn check(&self) -> Result<(), FlowError> {
        let inside = |what, value: f64, unit: &str, range: std::ops::RangeInclusive<f64>, limit| {
            if range.contains(&value) {
                return Ok(());
            }
            Err(FlowError::BadNumber { what, value: format!("{value} {unit}").trim_end().into(), limit })
        };
        let peak = self.ventricular_peak_mmhg;
        inside("the highest pressure in the ventricle", peak, "mmHg", 0.0..=400.0, "0 to 400 mmHg")?;
        inside("the share of it in the muscle", self.muscle_share, "", 0.0..=3.0, "0 to 3")?;
        inside("the systolic share of the cycle", self.systolic_share, "", 0.05..=0.95, "0.05 to 0.95")?;
        inside("the pressure of the coronary veins", self.venous_mmhg, "mmHg", -20.0..=100.0, "-20 to 100 mmHg")
    }
}

/// Coronary beds beyond all outlets together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoronaryTree {
    /// Mean pressure over the outlets in mmHg.
    pub mean_pressure_mmhg: f64,
    /// Compliance of all beds together in ml/mmHg.
    pub compliance_ml_mmhg: f64,
    /// What squeezes them.
    pub squeeze: Squeeze,
}

impl CoronaryTree {
    /// Resistance times compliance of a left coronary tree in s: what SimVascular's guide to coronary outlets starts from
    /// (93.33 mmHg over 60 % of 4 % of 83.3 ml/s, that is 5 l/min, and 3.6e-5 cm⁵/dyn), after Sankaran et al. 2012.
    pub const TIME_CONSTANT_S: f64 = 2.24;

    /// The bed that makes `pressure_mmhg` of the mean flow `flow_ml_s`. What the muscle squeezes out it takes up again, so
    /// that the mean knows resistances only.
    fn bed(&self, pressure_mmhg: f64, flow_ml_s: f64, compliance_ml_mmhg: f64) -> Result<CoronaryBed, FlowError> {
        let drop = pressure_mmhg - self.squeeze.venous_mmhg;
        let total = positive("the mean pressure at a coronary outlet above that of the veins", drop, "mmHg")?
            / positive("the mean flow out of a coronary outlet", flow_ml_s, "ml/s")?;
        let compliance = positive("the compliance of a coronary bed", compliance_ml_mmhg, "ml/mmHg")?;
        let [arterial, micro, venous] = RESISTANCES.map(|share| share * total);
        let [arterial_capacitance, muscle_capacitance] = COMPLIANCES.map(|share| share * compliance);
        Ok(CoronaryBed { arterial, micro, venous, arterial_capacitance, muscle_capacitance })
    }

    pub(super) fn check(&self, flow_ml_s: f64) -> Result<(), FlowError> {
        self.squeeze.check()?;
        self.bed(self.mean_pressure_mmhg, flow_ml_s, self.compliance_ml_mmhg).map(|_| ())
    }

    /// The beds of `openings`' outlets and the shares of the flow they are made for. `pressures_pa` are the pressures at
    /// the outlets, up to a constant, when the mean flow divides so.
    pub(super) fn beds(
        &self,
        mean_ml_s: f64,
        setup: &Setup,
        openings: &[Opening],
        pressures_pa: &[f64],
    ) -> Result<(Vec<CoronaryBed>, Vec<f64>), FlowError> {
        let outlets = openings.iter().zip(shares(setup, openings)).filter(|(o, _)| !o.kind.is_inlet());
        let shares: Vec<f64> = outlets.map(|(_, share)| share).collect();
        let mean_pa = pressures_pa.iter().sum::<f64>() / pressures_pa.len().max(1) as f64;
        let bed = |(share, pressure_pa): (&f64, &f64)| {
            let pressure = self.mean_pressure_mmhg + (pressure_pa - mean_pa) / PA_PER_MMHG;
            self.bed(pressure, share * mean_ml_s, share * self.compliance_ml_mmhg)
        };
        let beds: Result<Vec<_>, _> = shares.iter().zip(pressures_pa).map(bed).collect();
        Ok((beds?, shares))
    }

    /// The flow that these beds, side by side, draw from a pressure over a cycle, `pressures_mmhg` at equal steps from its
    /// start; its mean is `flow_ml_s` if that of the pressure is [`CoronaryTree::mean_pressure_mmhg`]. The vessels before
    /// the beds are left out: a pressure drop that is small beside that of the beds.
    ///
    /// # Errors
    /// [`FlowError`] for numbers out of range, or a flow that is not forwards on the whole.
    pub fn inflow(&self, flow_ml_s: f64, pressures_mmhg: &[f64], period_s: f64) -> Result<Waveform, FlowError> {
        self.check(flow_ml_s)?;
        positive("the period", period_s, "s")?;
        let bed = self.bed(self.mean_pressure_mmhg, flow_ml_s, self.compliance_ml_mmhg)?;
        let count = pressures_mmhg.len();
        let muscle = |n: usize| self.squeeze.at(n as f64 / count as f64);
        let drive = |n: usize| Drive {
            source: pressures_mmhg[(n + 1) % count] / bed.arterial,
            conductance: 1.0 / bed.arterial,
            rise: muscle(n + 1) - muscle(n),
            venous: self.squeeze.venous_mmhg,
        };
        let step_s = period_s / count as f64;
        let mut inside = Inside::periodic(&bed, count, drive, step_s);
        let mut flows = vec![0.0; count];
        for n in 0..count {
            inside = inside.after(&bed, drive(n), step_s);
            let now = (n + 1) % count;
            flows[now] = (pressures_mmhg[now] - inside.arterial_mmhg) / bed.arterial;
        }
        let point = |k: usize| [period_s * k as f64 / POINTS as f64, flows[k * count / POINTS % count]];
        Waveform::closed(&(0..=POINTS).map(point).collect::<Vec<_>>())
    }
}

impl Pulse {
    /// The coronary beds beyond the outlets, if they are that.
    pub(super) fn coronary(&self) -> Option<&CoronaryTree> {
        match &self.beyond {
            Beyond::Coronary(tree) => Some(tree),
            _ => None,
        }
    }
}

/// What acts on a bed during a step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drive {
    /// What comes in is `source − conductance P_a`: a flow in ml/s, or a pressure through the first resistance.
    pub source: f64,
    pub conductance: f64,
    /// By how much the pressure in the muscle rises, mmHg.
    pub rise: f64,
    /// Pressure behind the veins, mmHg.
    pub venous: f64,
}

/// Pressures in a bed in mmHg: behind the small arteries (P_a) and inside the muscle (P_c).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Inside {
    pub arterial_mmhg: f64,
    pub muscle_mmhg: f64,
}

impl Inside {
    /// After `step_s` more: backward Euler, stable for any step.
    ///
    /// ```text
    /// Ca dP_a/dt = Q − (P_a − P_c)/Ram
    /// Cim d(P_c − P_im)/dt = (P_a − P_c)/Ram − (P_c − P_v)/Rv
    /// ```
    pub fn after(self, bed: &CoronaryBed, drive: Drive, step_s: f64) -> Self {
        let (through, drain) = (1.0 / bed.micro, 1.0 / bed.venous);
        let (fills, squeezed) = (bed.arterial_capacitance / step_s, bed.muscle_capacitance / step_s);
        let (a, d) = (fills + through + drive.conductance, squeezed + through + drain);
        let p = fills * self.arterial_mmhg + drive.source;
        let q = squeezed * (self.muscle_mmhg + drive.rise) + drain * drive.venous;
        let determinant = a * d - through * through;
        Self { arterial_mmhg: (d * p + through * q) / determinant, muscle_mmhg: (a * q + through * p) / determinant }
    }

    /// At the start of a cycle of `count` steps of `step_s` under `drive`, when it is the same at the end.
    pub fn periodic(bed: &CoronaryBed, count: usize, drive: impl Fn(usize) -> Drive, step_s: f64) -> Self {
        // A cycle maps x to A x + b; the periodic one is (1 − A)⁻¹ b. A comes from cycles without any source.
        let free = |start: Self| {
            let alone = |n: usize| Drive { conductance: drive(n).conductance, ..Drive::default() };
            (0..count).fold(start, |inside, n| inside.after(bed, alone(n), step_s))
        };
        let first = free(Self { arterial_mmhg: 1.0, muscle_mmhg: 0.0 });
        let second = free(Self { arterial_mmhg: 0.0, muscle_mmhg: 1.0 });
        let b = (0..count).fold(Self::default(), |inside, n| inside.after(bed, drive(n), step_s));
        let (m00, m01) = (1.0 - first.arterial_mmhg, -second.arterial_mmhg);
        let (m10, m11) = (-first.muscle_mmhg, 1.0 - second.muscle_mmhg);
        let determinant = m00 * m11 - m01 * m10;
        Self {
            arterial_mmhg: (m11 * b.arterial_mmhg - m01 * b.muscle_mmhg) / determinant,
            muscle_mmhg: (m00 * b.muscle_mmhg - m10 * b.arterial_mmhg) / determinant,
        }
    }
}

#[cfg(test)]
#[path = "coronary_tests.rs"]
mod tests;
