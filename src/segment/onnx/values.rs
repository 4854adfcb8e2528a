//! What is computed value by value.

use super::layer::Shape;
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// Values done between two questions whether to stop.
const PIECE: usize = 1 << 16;

/// A function of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unary {
    /// Cut off at both ends; from 0 it is the rectifier.
    Clip(f32, f32),
    /// Negative values times this.
    Leaky(f32),
    /// `γ α (exp x − 1)` for negative x, else `γ x`.
    Elu(f32, f32),
    Sigmoid,
    /// `α x + β`, cut off at 0 and 1.
    HardSigmoid(f32, f32),
    HardSwish,
    Tanh,
    Softplus,
    Softsign,
    Exp,
    Log,
    Sqrt,
    Abs,
    Neg,
    Reciprocal,
}

impl Unary {
    /// In place. Asks `progress` once a piece.
    pub(super) fn run(self, values: &mut [f32], progress: &Progress) -> Result<(), Cancelled> {
        match self {
            Self::Clip(low, high) => each(values, progress, |x| {
                if x < low {
                    low
                } else if high < x {
                    high
                } else {
                    x
                }
            }),
            Self::Leaky(slope) => each(values, progress, |x| if x < 0.0 { slope * x } else { x }),
            Self::Elu(alpha, gamma) => each(values, progress, |x| gamma * if x < 0.0 { alpha * x.exp_m1() } else { x }),
            Self::Sigmoid => each(values, progress, |x| 1.0 / (1.0 + (-x).exp())),
            Self::HardSigmoid(alpha, beta) => each(values, progress, |x| (alpha * x + beta).clamp(0.0, 1.0)),
            Self::HardSwish => each(values, progress, |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
            Self::Tanh => each(values, progress, f32::tanh),
            Self::Softplus => each(values, progress, |x| x.max(0.0) + (-x.abs()).exp().ln_1p()),
            Self::Softsign => each(values, progress, |x| x / (1.0 + x.abs())),
            Self::Exp => each(values, progress, f32::exp),
            Self::Log => each(values, progress, f32::ln),
            Self::Sqrt => each(values, progress, f32::sqrt),
            Self::Abs => each(values, progress, f32::abs),
            Self::Neg => each(values, progress, |x| -x),
            Self::Reciprocal => each(values, progress, |x| 1.0 / x),
        }
    }
}

fn each(values: &mut [f32], progress: &Progress, f: impl Fn(f32) -> f32 + Sync) -> Result<(), Cancelled> {
    values.par_chunks_mut(PIECE).try_for_each(|piece| {
        progress.check()?;
        piece.iter_mut().for_each(|x| *x = f(*x));
        Ok(())
    })
}

/// A function of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min,
    Pow,
    /// The first, times the second where it is negative.
    Leaky,
}

impl Binary {
    fn of(self, a: f32, b: f32) -> f32 {
        match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Max => a.max(b),
            Self::Min => a.min(b),
            Self::Pow => a.powf(b),
            Self::Leaky => {
                if a < 0.0 {
                    a * b
                } else {
                    a
                }
            }
        }
    }

    /// Of every value of `a` and `b`, of which lengths of 1 go with any other. Asks `progress` once a row.
    pub(super) fn run(
        self,
        (a, shape_a): (&[f32], Shape),
        (b, shape_b): (&[f32], Shape),
        out: &mut [f32],
        shape: Shape,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let [_, nz, ny, nx] = shape;
        // Where the row (channel, z, y) begins, and the step along it.
        let place = |of: Shape, row: usize| {
            let at = [row / (nz * ny), row / ny % nz, row % ny];
            let [c, z, y] = std::array::from_fn(|axis| if of[axis] == 1 { 0 } else { at[axis] });
            (((c * of[1] + z) * of[2] + y) * of[3], usize::from(of[3] != 1))
        };
        out.par_chunks_mut(nx).enumerate().try_for_each(|(row, out)| {
            progress.check()?;
            let ((a0, step_a), (b0, step_b)) = (place(shape_a, row), place(shape_b, row));
            if step_a == 1 && step_b == 1 {
                out.iter_mut().zip(&a[a0..]).zip(&b[b0..]).for_each(|((out, a), b)| *out = self.of(*a, *b));
            } else {
                out.iter_mut().enumerate().for_each(|(x, out)| *out = self.of(a[a0 + x * step_a], b[b0 + x * step_b]));
            }
            Ok(())
        })
    }
}
