//! Windkessels: what the vessels beyond an outlet do to the pressure there.
//!
//! A proximal resistance, then a compliance and a distal resistance side by side (Westerhof, Elzinga, Sipkema 1971,
//! J. Appl. Physiol. 31:776; as outlet Vignon-Clementel et al. 2006, Comput. Methods Appl. Mech. Eng. 195:3776).

use super::error::{FlowError, positive};
use super::outlet::Outlet;
use crate::base::units::PA_PER_MMHG;
use nalgebra::Complex;

/// The vessels beyond an outlet: two resistances and a compliance.
///
/// ```text
/// p = p_c + R_p q        C dp_c/dt = q − p_c/R_d
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Windkessel {
    /// R_p in mmHg s/ml.
    pub proximal_mmhg_s_ml: f64,
    /// R_d in mmHg s/ml.
    pub distal_mmhg_s_ml: f64,
    /// C in ml/mmHg.
    pub compliance_ml_mmhg: f64,
}

impl Windkessel {
    /// What makes a mean pressure of a mean flow, `proximal_share` of it in the proximal resistance.
    ///
    /// # Errors
    /// [`FlowError::BadNumber`] for a flow or compliance that is not more than 0, or a share outside 0 to 1.
    pub fn for_mean(
        pressure_mmhg: f64,
        flow_ml_s: f64,
        compliance_ml_mmhg: f64,
        proximal_share: f64,
    ) -> Result<Self, FlowError> {
        let total = positive("the mean pressure at an outlet", pressure_mmhg, "mmHg")?
            / positive("the mean flow out of a windkessel outlet", flow_ml_s, "ml/s")?;
        if !(0.0..1.0).contains(&proximal_share) {
            let value = proximal_share.to_string();
            let what = "the proximal share of a windkessel's resistance";
            return Err(FlowError::BadNumber { what, value, limit: "from 0 to less than 1" });
        }
        let (proximal, distal) = (total * proximal_share, total * (1.0 - proximal_share));
        let it = Self { proximal_mmhg_s_ml: proximal, distal_mmhg_s_ml: distal, compliance_ml_mmhg };
        it.check().map(|()| it)
    }

    pub(super) fn check(&self) -> Result<(), FlowError> {
        positive("the distal resistance of a windkessel", self.distal_mmhg_s_ml, "mmHg s/ml")?;
        positive("the compliance of a windkessel", self.compliance_ml_mmhg, "ml/mmHg")?;
        if self.proximal_mmhg_s_ml.is_finite() && 0.0 <= self.proximal_mmhg_s_ml {
            return Ok(());
        }
        let value = format!("{} mmHg s/ml", self.proximal_mmhg_s_ml);
        let what = "the proximal resistance of a windkessel";
        Err(FlowError::BadNumber { what, value, limit: "a finite number of at least 0" })
    }

    /// Pressure over flow of an oscillation e^{iωt} in mmHg s/ml: `R_p + R_d/(1 + i ω R_d C)`.
    pub fn impedance(&self, omega_per_s: f64) -> Complex<f64> {
        let turned = Complex::new(1.0, omega_per_s * self.distal_mmhg_s_ml * self.compliance_ml_mmhg);
        self.distal_mmhg_s_ml / turned + self.proximal_mmhg_s_ml
    }

    /// The pressures in mmHg of a cycle of `flows_ml_s` in equal steps that repeats itself: at the begin of every step.
    pub fn pressures(&self, flows_ml_s: &[f64], period_s: f64) -> Vec<f64> {
        let step_s = period_s / flows_ml_s.len() as f64;
        let begin = self.periodic(flows_ml_s, period_s);
        let behind = flows_ml_s.iter().scan(begin, |behind, flow| {
            let now = *behind;
            *behind = self.after(now, *flow, step_s);
            Some(now)
        });
        behind.zip(flows_ml_s).map(|(behind, flow)| behind + self.proximal_mmhg_s_ml * flow).collect()
    }

    /// Pressure behind the proximal resistance in mmHg after `step_s` more with a flow: backward Euler, stable for any
    /// step.
    fn after(&self, behind_mmhg: f64, flow_ml_s: f64, step_s: f64) -> f64 {
        let share = step_s / self.compliance_ml_mmhg;
        (behind_mmhg + share * flow_ml_s) / (1.0 + share / self.distal_mmhg_s_ml)
    }

    /// Pressure behind the proximal resistance in mmHg at the start of a cycle of `flows_ml_s` in equal steps, when it is
    /// the same at the end.
    fn periodic(&self, flows_ml_s: &[f64], period_s: f64) -> f64 {
        let step_s = period_s / flows_ml_s.len() as f64;
        // A cycle maps p_c to a p_c + b; the periodic one is b/(1 − a).
        let from_rest = flows_ml_s.iter().fold(0.0, |behind, flow| self.after(behind, *flow, step_s));
        let step = step_s / (self.compliance_ml_mmhg * self.distal_mmhg_s_ml);
        from_rest / -(-(flows_ml_s.len() as f64) * step.ln_1p()).exp_m1()
    }
}

/// The windkessels of all outlets during a run.
///
/// What all outlets have in common is kept out of the lattice: in a rigid lumen a pressure that is the same everywhere
/// moves nothing, but would compress the lattice's fluid. The lattice sees each pressure less their mean.
pub(super) struct Bank {
    pub vessels: Vec<Windkessel>,
    /// Pressures behind the proximal resistances, mmHg.
    pub behind_mmhg: Vec<f64>,
    pub reference_pa: f64,
    pub step_s: f64,
    pub flow_ml_s: f64,
    pub pressure_pa: f64,
}

impl Bank {
    /// Windkessels in the order of the outlets; a step, a unit of flow and one of density are `step_s`, `flow_ml_s` and
    /// `pressure_pa`. They start periodic for `shares` of a flow given over a cycle from now on, `flows_ml_s`.
    pub fn new(
        vessels: Vec<Windkessel>,
        shares: &[f64],
        flows_ml_s: &[f64],
        [step_s, flow_ml_s, pressure_pa]: [f64; 3],
    ) -> Self {
        let period_s = step_s * flows_ml_s.len() as f64;
        let start = |(vessel, share): (&Windkessel, &f64)| share * vessel.periodic(flows_ml_s, period_s);
        let behind_mmhg: Vec<f64> = vessels.iter().zip(shares).map(start).collect();
        let now =
            |(n, vessel): (usize, &Windkessel)| behind_mmhg[n] + vessel.proximal_mmhg_s_ml * shares[n] * flows_ml_s[0];
        let sum: f64 = vessels.iter().enumerate().map(now).sum();
        let reference_pa = sum / vessels.len() as f64 * PA_PER_MMHG;
        Self { vessels, behind_mmhg, reference_pa, step_s, flow_ml_s, pressure_pa }
    }

    /// One step: from the flows out of the outlets to the densities they are to hold.
    pub fn advance(&mut self, outlets: &mut [Outlet]) {
        let mut sum = 0.0;
        for ((vessel, behind), outlet) in self.vessels.iter().zip(&mut self.behind_mmhg).zip(outlets.iter()) {
            let flow = outlet.smooth_outflow() * self.flow_ml_s;
            *behind = vessel.after(*behind, flow, self.step_s);
            sum += *behind + vessel.proximal_mmhg_s_ml * flow;
        }
        self.reference_pa = sum / self.vessels.len() as f64 * PA_PER_MMHG;
        for ((vessel, behind), outlet) in self.vessels.iter().zip(&self.behind_mmhg).zip(outlets) {
            let flow = outlet.smooth_outflow() * self.flow_ml_s;
            let pressure_pa = (behind + vessel.proximal_mmhg_s_ml * flow) * PA_PER_MMHG;
            outlet.hold((pressure_pa - self.reference_pa) / self.pressure_pa);
        }
    }

    /// The pressure that the density at rest stands for now, Pa.
    pub fn reference_pa(&self) -> f64 {
        self.reference_pa
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VESSEL: Windkessel = Windkessel { proximal_mmhg_s_ml: 0.9, distal_mmhg_s_ml: 15.0, compliance_ml_mmhg: 0.08 };

    #[test]
    fn a_step_of_flow_is_answered_by_the_closed_form() {
        let (step, mut behind) = (1e-4, 0.0);
        for n in 1..=20_000 {
            behind = VESSEL.after(behind, 6.0, step);
            let exact = 6.0 * 15.0 * (1.0 - (-f64::from(n) * step / 1.2).exp());
            assert!((behind - exact).abs() < 5e-3, "{behind} instead of {exact}");
        }
    }

    #[test]
    fn the_periodic_start_is_that_of_the_impedance() {
        let (period, n) = (0.9, 20_000);
        let omega = std::f64::consts::TAU / period;
        let flows: Vec<f64> =
            (1..=n).map(|k| 5.0 + 3.0 * (omega * period * f64::from(k) / f64::from(n)).cos()).collect();
        let exact = 5.0 * 15.0 + 3.0 * (VESSEL.impedance(omega) - 0.9).re;
        let found = VESSEL.periodic(&flows, period);
        assert!((found - exact).abs() < 5e-3, "{found} instead of {exact}");
    }

    #[test]
    fn the_mean_pressure_asked_for_follows_from_the_mean_flow() {
        let vessel = Windkessel::for_mean(93.0, 6.0, 0.1, 0.06).unwrap();
        assert!((vessel.impedance(0.0).re * 6.0 - 93.0).abs() < 1e-12);
        for (pressure, flow, compliance, share) in
            [(0.0, 1.0, 1.0, 0.1), (90.0, -1.0, 1.0, 0.1), (90.0, 1.0, f64::NAN, 0.1), (90.0, 1.0, 1.0, 1.0)]
        {
            assert!(Windkessel::for_mean(pressure, flow, compliance, share).is_err());
        }
    }
}
