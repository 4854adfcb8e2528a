//! What happens on links through openings where fluid comes in, and on walls that move.
//!
//! The collision already sent the population back half-way; the corrections here change what was sent back (Ladd 1994,
//! J. Fluid Mech. 271:285).

use super::domain::OpeningLink;
use super::lattice::{C, weight};
use super::populations::Populations;
use nalgebra::Complex;

pub(super) struct InletPatch {
    pub bounce: u32,
    /// Mass brought in per step: −2 w c·u/c_s².
    pub mass: f32,
}

/// An opening where fluid is made to come in, or a wall that moves: `f_ī ← f*_i − 2 w_i c·u/c_s²`.
pub(super) struct Inlet {
    pub patches: Vec<InletPatch>,
    /// Complex masses of the patches for every harmonic of a pulse, patch by patch; empty if the shape does not change.
    pub harmonics: Vec<Complex<f32>>,
}

impl Inlet {
    /// An inlet of `flow` cells per step in total; `velocity` gives its shape at the middle of each link. Without a
    /// flow the velocity itself is what is asked for.
    pub fn new(
        links: &[OpeningLink],
        velocity: impl Fn(&OpeningLink) -> [f64; 3],
        flow: Option<f64>,
        populations: &Populations,
    ) -> Self {
        let mass = |link: &OpeningLink| {
            let (i, u) = (usize::from(link.direction), velocity(link));
            let cu: f64 = (0..3).map(|a| f64::from(C[i][a]) * u[a]).sum();
            -6.0 * f64::from(weight(i)) * cu
        };
        let masses: Vec<f64> = links.iter().map(mass).collect();
        // Scaling makes the flow exact whatever stairs the cells form at the plane.
        let scale = flow.map_or(1.0, |flow| flow / masses.iter().sum::<f64>());
        let patch = |(link, mass): (&OpeningLink, f64)| InletPatch {
            bounce: populations.bounce(link.cell as usize, usize::from(link.direction)),
            mass: (mass * scale) as f32,
        };
        let here = links.iter().zip(masses).filter(|(link, _)| populations.has(link.cell as usize));
        Self { patches: here.map(patch).collect(), harmonics: Vec::new() }
    }

    /// The same inlet with a shape of its own for every one of `harmonics` (over the mean flow): `velocity` over the mean
    /// velocity at the middle of link `k` for harmonic `n` from 1 on. The flow is exact for each.
    #[must_use]
    pub fn oscillating(
        mut self,
        links: &[OpeningLink],
        normal: [f64; 3],
        harmonics: &[Complex<f64>],
        velocity: impl Fn(usize, usize) -> Complex<f64>,
    ) -> Self {
        let flow: f64 = self.patches.iter().map(|patch| f64::from(patch.mass)).sum();
        let facing = |link: &OpeningLink| {
            let i = usize::from(link.direction);
            f64::from(weight(i)) * (0..3).map(|a| f64::from(C[i][a]) * normal[a]).sum::<f64>()
        };
        let mut rows = Vec::new();
        for (n, harmonic) in harmonics.iter().enumerate() {
            let masses: Vec<Complex<f64>> =
                links.iter().enumerate().map(|(k, link)| velocity(n + 1, k) * facing(link)).collect();
            let scale = harmonic * flow / masses.iter().sum::<Complex<f64>>();
            rows.push(masses.into_iter().map(|mass| mass * scale).collect::<Vec<_>>());
        }
        let single = |c: Complex<f64>| Complex::new(c.re as f32, c.im as f32);
        self.harmonics = (0..links.len()).flat_map(|k| rows.iter().map(move |row| single(row[k]))).collect();
        self
    }

    /// The links whose populations this changes.
    pub fn bounces(&self) -> impl Iterator<Item = u32> + '_ {
        self.patches.iter().map(|patch| patch.bounce)
    }

    /// Bring in `share` of the full flow, or if the shape changes during a pulse, what its harmonics sum up to when they
    /// have turned by `turns`.
    pub fn apply(&self, populations: &mut Populations, share: f32, turns: &[Complex<f32>]) {
        let bounced = populations.bounced();
        if self.harmonics.is_empty() {
            for patch in &self.patches {
                bounced[patch.bounce as usize] += share * patch.mass;
            }
            return;
        }
        for (patch, harmonics) in self.patches.iter().zip(self.harmonics.chunks(turns.len())) {
            let swing: f32 = harmonics.iter().zip(turns).map(|(c, turn)| c.re * turn.re - c.im * turn.im).sum();
            bounced[patch.bounce as usize] += patch.mass + swing;
        }
    }
}
