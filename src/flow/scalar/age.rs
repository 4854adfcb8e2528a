//! How long the fluid at a place has been in the lumen: its mean age, steady.

use super::carrier::{BLOCK, CELLS_A_TASK, Carrier};
use super::error::{ScalarError, at_least};
use super::scheme::Law;
use crate::base::Progress;
use crate::base::parallel::sum_blocks;
use rayon::prelude::*;

/// Mean of what is missing in u·∇τ − D ∇²τ = 1 at which the age counts as steady.
const TOLERANCE: f64 = 1e-3;
/// Steps between looks.
const WINDOW: usize = 50;
/// Most steps: of a way of so many cells, and as often round in eddies as that allows.
const STEPS_MAX: usize = 20_000;

/// Mean age of the fluid, and how well it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Age {
    /// Mean age in each cell, s.
    pub age_s: Vec<f32>,
    /// Mean age of what goes out, over the flow of all outlets, s. In the steady state exactly the volume over the flow.
    pub leaving_s: f64,
    /// Mean over the lumen, s.
    pub inside_s: f64,
    /// Mean age at each opening in the order of the flow, s; 0 where fluid comes in.
    pub ports_s: Vec<f64>,
    /// Mean of what is missing in the equation, as a share of its right side.
    pub residual: f64,
    /// Steps made.
    pub steps: usize,
}

impl Age {
    /// Age stops growing at so many mean transit times: without diffusion, fluid at rest grows old without end.
    pub const TRANSITS_MAX: f64 = 100.0;
}

impl Carrier {
    /// The mean age τ of the fluid in every cell.
    ///
    /// ```text
    /// ∇·(u τ) − D ∇²τ = 1        τ = 0 where fluid comes in
    /// ```
    ///
    /// Danckwerts 1958, "Local residence-times in continuous-flow systems", Chem. Eng. Sci. 9:78. Every cell takes the
    /// largest step it may; only the steady state is meant.
    ///
    /// # Errors
    /// [`ScalarError::BadNumber`] for a diffusion that means nothing, [`ScalarError::Cancelled`].
    pub fn age(&self, diffusion_m2_s: f64, progress: &Progress) -> Result<Age, ScalarError> {
        at_least("the diffusion", diffusion_m2_s, 0.0, "m²/s")?;
        let law = Law { diffusion_m2_s, decay_per_s: 0.0, source_per_s: 1.0 };
        let longest = Age::TRANSITS_MAX * self.transit_s();
        let steps: Vec<f64> = (0..self.len())
            .into_par_iter()
            .with_min_len(CELLS_A_TASK)
            .map(|cell| self.step_s_max(&law, cell).min(longest))
            .collect();
        let mut age = vec![0.0; self.len()];
        let mut scratch = vec![0.0; self.len()];
        let (mut residual, mut made, mut first) = (1.0_f64, 0, 0.0);
        while made < STEPS_MAX && TOLERANCE < residual {
            for _ in 0..WINDOW {
                self.step(&mut age, &mut scratch, 0.0, &law, |cell| steps[cell]);
                age.par_iter_mut().with_min_len(CELLS_A_TASK).for_each(|age| *age = age.min(longest));
            }
            made += WINDOW;
            residual = sum_blocks(age.len(), BLOCK, |range| {
                // What has reached the longest age is left alone.
                let missing =
                    |cell: usize| if age[cell] < longest { self.rate(&age, 0.0, &law, cell).abs() } else { 0.0 };
                range.map(missing).sum()
            }) / age.len() as f64;
            if made == WINDOW {
                first = residual.max(2.0 * TOLERANCE);
            }
            progress.set(((residual / first).ln() / (TOLERANCE / first).ln()).clamp(0.0, 1.0))?;
        }
        let leaving = self.leaving(&age, 0.0);
        let out: f64 = self.ports.iter().map(|port| (-port.inflow_m3_s).max(0.0)).sum();
        let at = |(leaving, port): (&f64, &super::Port)| {
            if port.inflow_m3_s < 0.0 { leaving / -port.inflow_m3_s } else { 0.0 }
        };
        Ok(Age {
            leaving_s: leaving.iter().sum::<f64>() / out,
            inside_s: self.amount(&age) / self.volume_m3(),
            ports_s: leaving.iter().zip(&self.ports).map(at).collect(),
            age_s: age.iter().map(|age| *age as f32).collect(),
            residual,
            steps: made,
        })
    }

    /// Volume in m³ of the fluid that is older than `age_s` seconds.
    pub fn older_m3(&self, age: &Age, age_s: f64) -> f64 {
        age.age_s.iter().filter(|age| age_s < f64::from(**age)).count() as f64 * self.cell_m3()
    }
}
