//! What changes from step to step while flow pulsates: the inflow, and the pressures at windkessels.

use super::coronary_bank::CoronaryBank;
use super::outlet::Outlet;
use super::windkessel::Bank;
use super::womersley::{HARMONICS, turn};
use nalgebra::Complex;

/// A heart cycle in steps.
pub(super) struct Beat {
    /// Inflow over its mean at every step of a cycle.
    shares: Vec<f32>,
    /// The step of the cycle at which the run begins.
    first: usize,
    /// Whether inlets need to know how far the harmonics have turned.
    harmonics: bool,
    /// The windkessels at the outlets, if there are any.
    pub bank: Option<Bank>,
    /// The coronary beds at the outlets, if there are any.
    pub beds: Option<CoronaryBank>,
}

impl Beat {
    /// A beat of `shares` (inflow over its mean, one a step) that begins where the inflow passes its mean most gently, so
    /// that a run can start from the flow at the mean.
    pub fn new(shares: Vec<f32>, harmonics: bool) -> Self {
        let next = |n: usize| shares[(n + 1) % shares.len()];
        let passes = |n: &usize| (shares[*n] <= 1.0) != (next(*n) <= 1.0);
        let slope = |n: usize| (next(n) - shares[n]).abs();
        let first = (0..shares.len()).filter(passes).min_by(|a, b| slope(*a).total_cmp(&slope(*b))).unwrap_or(0);
        Self { shares, first: first / 2 * 2, harmonics, bank: None, beds: None }
    }

    /// One step of what is beyond `outlets`, after `steps` steps.
    pub fn advance(&mut self, outlets: &mut [Outlet], steps: usize) {
        let share = self.share(steps + 1);
        if let Some(bank) = &mut self.bank {
            bank.advance(outlets);
        }
        if let Some(beds) = &mut self.beds {
            beds.advance(outlets, share);
        }
    }

    /// The pressure that the density at rest stands for now in Pa, if what is beyond the outlets decides it.
    pub fn reference_pa(&self) -> Option<f64> {
        let of_bank = self.bank.as_ref().map(Bank::reference_pa);
        of_bank.or(self.beds.as_ref().map(CoronaryBank::reference_pa))
    }

    /// The step of the cycle after `steps` steps of the run.
    pub fn phase(&self, steps: usize) -> usize {
        (self.first + steps) % self.shares.len()
    }

    /// Inflow over its mean after `steps` steps.
    pub fn share(&self, steps: usize) -> f32 {
        self.shares[self.phase(steps)]
    }

    /// Inflow over its mean over a cycle, from where the run begins.
    pub fn shares_from_start(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.shares.len()).map(|steps| f64::from(self.share(steps)))
    }

    /// How far the harmonics have turned after `steps` steps; empty if nobody needs to know.
    pub fn turns(&self, steps: usize) -> Vec<Complex<f32>> {
        if !self.harmonics {
            return Vec::new();
        }
        let part = self.phase(steps) as f64 / self.shares.len() as f64;
        let single = |c: Complex<f64>| Complex::new(c.re as f32, c.im as f32);
        (1..=HARMONICS).map(|n| single(turn(n, part))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_begins_where_the_inflow_passes_its_mean_most_gently() {
        // Steeply up at 10, gently down around 60.
        let share = |n: i32| if n < 10 { 0.5 } else { 1.5 - 0.01 * f64::from(n - 10) };
        let beat = Beat::new((0..100).map(|n| share(n) as f32).collect(), false);
        assert!((58..=60).contains(&beat.phase(0)), "at {}", beat.phase(0));
        assert_eq!((beat.phase(100), beat.turns(3).len()), (beat.phase(0), 0));
        assert!((beat.share(0) - 1.0).abs() < 0.02);
    }
}
