//! Conjugate gradients: the iterative solver for symmetric positive definite matrices, with four vectors only.

use super::minres::Iterated;
use crate::base::parallel::sum_blocks;
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// Numbers summed in one block, so that sums do not depend on the number of threads.
const BLOCK: usize = 1 << 14;

/// Solve A x = b from x = 0, preconditioned by the diagonal D of A.
///
/// Hestenes and Stiefel 1952, as in Saad 2003, "Iterative methods for sparse linear systems", algorithm 9.1. Rows with
/// nothing but a diagonal and b = 0 do no harm. Converged where √(rᵀ D⁻¹ r) is at most `tolerance` times its value at the
/// start, which weighs weakly and strongly joined unknowns alike. Memory: three vectors beside x and D, b among them.
///
/// # Errors
/// [`Cancelled`]; asked every iteration.
pub fn cg(
    apply: impl Fn(&[f64], &mut [f64]),
    diagonal: &[f64],
    b: Vec<f64>,
    x: &mut [f64],
    tolerance: f64,
    iterations_max: usize,
    progress: &Progress,
) -> Result<Iterated, Cancelled> {
    let n = b.len();
    x.par_iter_mut().for_each(|x| *x = 0.0);
    let mut r = b;
    let mut p: Vec<f64> = r.par_iter().zip(diagonal).map(|(r, d)| r / d).collect();
    let mut q = vec![0.0; n];
    let square = |r: &[f64]| sum_blocks(n, BLOCK, |range| range.map(|i| r[i] * r[i] / diagonal[i]).sum());
    let mut rho = square(&r);
    let start = rho.sqrt();
    if start == 0.0 {
        return Ok(Iterated { iterations: 0, residual: 0.0, converged: true });
    }
    for iteration in 1..=iterations_max {
        let residual = rho.sqrt() / start;
        progress.set(residual.ln() / tolerance.ln())?;
        apply(&p, &mut q);
        let alpha = rho / sum_blocks(n, BLOCK, |range| range.map(|i| p[i] * q[i]).sum());
        x.par_iter_mut().zip(&p).for_each(|(x, p)| *x += alpha * p);
        r.par_iter_mut().zip(&q).for_each(|(r, q)| *r -= alpha * q);
        let before = std::mem::replace(&mut rho, square(&r));
        let residual = rho.sqrt() / start;
        if residual <= tolerance {
            return Ok(Iterated { iterations: iteration, residual, converged: true });
        }
        let beta = rho / before;
        p.par_iter_mut().zip(&r).zip(diagonal).for_each(|((p, r), d)| *p = r / d + beta * *p);
    }
    Ok(Iterated { iterations: iterations_max, residual: rho.sqrt() / start, converged: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel;

    /// A chain of springs of very different strength, fixed at both ends; one unknown hangs on nothing.
    fn solve(tolerance: f64, iterations_max: usize) -> (Iterated, Vec<f64>, Vec<f64>) {
        let n = 400;
        let stiff = |i: usize| if i.is_multiple_of(7) { 1e-3 } else { 1.0 + (i % 5) as f64 };
        let mut diagonal: Vec<f64> = (0..n).map(|i| stiff(i) + stiff(i + 1)).collect();
        diagonal.push(1.0);
        let apply = |x: &[f64], y: &mut [f64]| {
            for i in 0..n {
                let before = if 0 < i { stiff(i) * x[i - 1] } else { 0.0 };
                let after = if i + 1 < n { stiff(i + 1) * x[i + 1] } else { 0.0 };
                y[i] = diagonal[i] * x[i] - before - after;
            }
            y[n] = x[n];
        };
        let mut expected: Vec<f64> = (0..n).map(|i| (0.1 * i as f64).sin()).collect();
        expected.push(0.0);
        let mut b = vec![0.0; n + 1];
        apply(&expected, &mut b);
        let mut x = vec![7.0; n + 1];
        let end = cg(apply, &diagonal, b, &mut x, tolerance, iterations_max, &Progress::default()).unwrap();
        (end, x, expected)
    }

    #[test]
    fn a_chain_of_weak_and_strong_springs_is_solved_alike_on_any_number_of_threads() {
        let (end, x, expected) = parallel::with_threads(1, || solve(1e-12, 500));
        assert!(end.converged && end.residual <= 1e-12, "{end:?}");
        let error = x.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error < 1e-6, "{error:e}");
        assert_eq!(parallel::with_threads(3, || solve(1e-12, 500)).1, x);
    }

    #[test]
    fn too_few_steps_are_told() {
        let (end, ..) = solve(1e-12, 5);
        assert!(!end.converged && end.iterations == 5 && 1e-12 < end.residual);
    }
}
