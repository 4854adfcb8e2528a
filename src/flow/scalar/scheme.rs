//! One step of a scalar: limited fluxes of second order upwind, diffusion, and Runge and Kutta's two stages.

use super::carrier::{BLOCK, CELLS_A_TASK, CLEAR, Carrier, INWARD, OUTWARD, WALL};
use crate::base::parallel::sum_blocks;
use rayon::prelude::*;

/// Share of the largest stable step that is taken.
const SHARE: f64 = 0.95;

/// What happens to a scalar besides being carried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Law {
    /// D in m²/s.
    pub diffusion_m2_s: f64,
    /// k in 1/s.
    pub decay_per_s: f64,
    /// What every cell gets besides, in units of the scalar per s.
    pub source_per_s: f64,
}

/// The value at a face: between the cell the fluid comes from, `here`, and the one it goes to, `to`; `before` is the cell
/// behind `here`.
///
/// ```text
/// c_f = c + ½ φ(r) (c − c₋)      φ(r) = max(0, min(2r, (1 + 2r)/3, 2))      r = (c₊ − c)/(c − c₋)
/// ```
///
/// Koren 1993 (in: Numerical Methods for Advection-Diffusion Problems, Notes on Numerical Fluid Mechanics 45:117). c_f
/// lies between c and c₊ and no further from c than c₋ does: with steps up to half the time in which the fluxes out of a
/// cell empty it, new values are means of old ones in any number of dimensions.
#[inline(always)]
fn at_face(before: f64, here: f64, to: f64) -> f64 {
    let (a, b) = (here - before, to - here);
    if a * b <= 0.0 {
        return here;
    }
    let (a, size) = (a.abs(), b.abs());
    here + b.signum() * size.min((a + 2.0 * size) / 6.0).min(a)
}

impl Carrier {
    /// The value beyond a face of `cell`.
    #[inline(always)]
    fn beyond(&self, c: &[f64], entering: f64, cell: usize, face: usize) -> f64 {
        match self.around[cell][face] {
            WALL | OUTWARD => c[cell],
            INWARD => entering,
            CLEAR => 0.0,
            other => c[other as usize],
        }
    }

    /// The value that is carried through a face of `cell`.
    #[inline(always)]
    fn carried(&self, c: &[f64], entering: f64, cell: usize, face: usize) -> f64 {
        let here = c[cell];
        let there = self.beyond(c, entering, cell, face);
        if 0.0 <= self.out[cell][face] {
            return at_face(self.beyond(c, entering, cell, face ^ 1), here, there);
        }
        match self.around[cell][face] {
            WALL | OUTWARD => here,
            INWARD => entering,
            CLEAR => 0.0,
            other => at_face(self.beyond(c, entering, other as usize, face), there, here),
        }
    }

    /// How fast the scalar of `cell` changes, per s; `entering` comes in.
    #[inline]
    pub(super) fn rate(&self, c: &[f64], entering: f64, law: &Law, cell: usize) -> f64 {
        let conductance = law.diffusion_m2_s * self.cell_m;
        let mut sum = 0.0;
        for face in 0..6 {
            let other = self.around[cell][face];
            if other == WALL {
                continue;
            }
            sum -= self.out[cell][face] * self.carried(c, entering, cell, face);
            if other < CLEAR {
                sum += conductance * (c[other as usize] - c[cell]);
            }
        }
        sum / self.cell_m3() - law.decay_per_s * c[cell] + law.source_per_s
    }

    /// The largest step of `cell` after which values are still means of earlier ones, s.
    pub(super) fn step_s_max(&self, law: &Law, cell: usize) -> f64 {
        let out: f64 = self.out[cell].iter().map(|out| out.max(0.0)).sum();
        let open = self.around[cell].iter().filter(|other| **other < CLEAR).count() as f64;
        let pace = (2.0 * out + law.diffusion_m2_s * self.cell_m * open) / self.cell_m3() + law.decay_per_s;
        SHARE / pace
    }

    /// One step of second order from `c`: the method of Heun as convex combinations (Shu and Osher 1988, J. Comput. Phys.
    /// 77:439). `scratch` holds the first stage afterwards. `step_s` may differ from cell to cell where only the steady
    /// state matters.
    pub(super) fn step(
        &self,
        c: &mut [f64],
        scratch: &mut [f64],
        entering: f64,
        law: &Law,
        step_s: impl Fn(usize) -> f64 + Sync,
    ) {
        let old = &*c;
        scratch.par_iter_mut().with_min_len(CELLS_A_TASK).enumerate().for_each(|(cell, new)| {
            *new = old[cell] + step_s(cell) * self.rate(old, entering, law, cell);
        });
        let first = &*scratch;
        c.par_iter_mut().with_min_len(CELLS_A_TASK).enumerate().for_each(|(cell, c)| {
            *c = 0.5 * (*c + (first[cell] + step_s(cell) * self.rate(first, entering, law, cell)));
        });
    }

    /// Diffusion that the scheme adds, as two sums: what it takes off ½ ∫ c² beyond what flows through the openings, and
    /// ∫ |∇c|². Their ratio is the mean diffusion of the scheme in m²/s; upwind differences of first order would have
    /// |u| h/2.
    ///
    /// ```text
    /// Σ_faces F (c_j − c_i) (½ (c_i + c_j) − c_f)        Σ_faces (c_j − c_i)² h
    /// ```
    pub(super) fn smearing(&self, c: &[f64], entering: f64) -> [f64; 2] {
        let sum = |of: &(dyn Fn(usize, usize, f64) -> f64 + Sync)| {
            let cell = |cell: usize| -> f64 {
                let face = |face: usize| match self.around[cell][face] {
                    CLEAR.. => 0.0,
                    other => of(cell, face, c[other as usize] - c[cell]),
                };
                face(1) + face(3) + face(5)
            };
            sum_blocks(c.len(), BLOCK, |range| range.map(cell).sum())
        };
        let taken = |cell: usize, face: usize, rise: f64| {
            let middle = c[cell] + 0.5 * rise;
            self.out[cell][face] * rise * (middle - self.carried(c, entering, cell, face))
        };
        [sum(&taken), sum(&|_, _, rise| rise * rise * self.cell_m)]
    }

    /// ∫ c over all cells, in m³ times the unit of the scalar.
    pub(super) fn amount(&self, c: &[f64]) -> f64 {
        sum_blocks(c.len(), BLOCK, |range| range.map(|cell| c[cell]).sum()) * self.cell_m3()
    }

    /// What flows out through each port per s, negative where it comes in.
    pub(super) fn leaving(&self, c: &[f64], entering: f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.ports.len()];
        for mouth in &self.mouths {
            let (cell, face) = (mouth.cell as usize, usize::from(mouth.face));
            sums[usize::from(mouth.port)] += self.out[cell][face] * self.carried(c, entering, cell, face);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::at_face;

    #[test]
    fn a_face_takes_a_straight_line_exactly_and_no_value_beyond_its_neighbours() {
        assert!((at_face(1.0, 2.0, 3.0) - 2.5).abs() < 1e-15);
        assert!((at_face(3.0, 2.0, 1.0) - 1.5).abs() < 1e-15);
        // A parabola's means over cells: (−c₋ + 5 c + 2 c₊)/6, of third order.
        let mean = |n: f64| n * n + 1.0 / 12.0;
        assert!((at_face(mean(4.0), mean(5.0), mean(6.0)) - 5.5 * 5.5).abs() < 1e-12);
        assert_eq!(at_face(2.0, 1.0, 3.0), 1.0);
        assert_eq!(at_face(0.9, 1.0, 5.0), 1.1);
        assert_eq!(at_face(0.0, 1.0, 1.01), 1.01);
    }
}
