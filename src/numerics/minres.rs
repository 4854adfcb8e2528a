//! Minimum residuals: the iterative solver for symmetric matrices, definite or not.

use crate::base::parallel::dot;
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Iterated {
    /// Products with the matrix.
    pub iterations: usize,
    /// Preconditioned residual over the preconditioned right-hand side.
    pub residual: f64,
    /// Whether the residual fell below the tolerance.
    pub converged: bool,
}

/// Solve A x = b from x = 0 with preconditioner M ≈ A⁻¹, which must be symmetric positive definite.
///
/// Paige and Saunders 1975, in the form of Elman, Silvester and Wathen 2014, algorithm 4.1. Memory: seven vectors.
///
/// # Errors
/// [`Cancelled`]; asked every 16 iterations.
pub fn minres(
    apply: impl Fn(&[f64], &mut [f64]),
    precondition: impl Fn(&[f64], &mut [f64]),
    b: &[f64],
    x: &mut [f64],
    tolerance: f64,
    iterations_max: usize,
    progress: &Progress,
) -> Result<Iterated, Cancelled> {
    let n = b.len();
    x.fill(0.0);
    let (mut v_old, mut v, mut v_new) = (vec![0.0; n], b.to_vec(), vec![0.0; n]);
    let (mut w_old, mut w) = (vec![0.0; n], vec![0.0; n]);
    let (mut z, mut z_new) = (vec![0.0; n], vec![0.0; n]);
    precondition(&v, &mut z);
    let mut gamma = dot(&z, &v).max(0.0).sqrt();
    let start = gamma;
    let (mut gamma_old, mut eta) = (1.0, gamma);
    let (mut s_old, mut s, mut c_old, mut c) = (0.0, 0.0, 1.0, 1.0);
    if start == 0.0 {
        return Ok(Iterated { iterations: 0, residual: 0.0, converged: true });
    }
    for iteration in 1..=iterations_max {
        if iteration % 16 == 0 {
            progress.check()?;
        }
        z.par_iter_mut().for_each(|z| *z /= gamma);
        apply(&z, &mut v_new);
        let delta = dot(&v_new, &z);
        let (from_v, from_old) = (delta / gamma, gamma / gamma_old);
        v_new.par_iter_mut().zip(&v).zip(&v_old).for_each(|((new, v), old)| *new -= from_v * v + from_old * old);
        precondition(&v_new, &mut z_new);
        let gamma_new = dot(&z_new, &v_new).max(0.0).sqrt();
        let a0 = c * delta - c_old * s * gamma;
        let a1 = a0.hypot(gamma_new);
        let a2 = s * delta + c_old * c * gamma;
        let a3 = s_old * gamma;
        (c_old, s_old) = (c, s);
        (c, s) = (a0 / a1, gamma_new / a1);
        // w_new = (z − a3 w_old − a2 w)/a1, written over w_old.
        w_old.par_iter_mut().zip(&z).zip(&w).for_each(|((old, z), w)| *old = (z - a3 * *old - a2 * w) / a1);
        std::mem::swap(&mut w_old, &mut w);
        let step = c * eta;
        x.par_iter_mut().zip(&w).for_each(|(x, w)| *x += step * w);
        eta *= -s;
        let residual = eta.abs() / start;
        if residual <= tolerance || gamma_new == 0.0 {
            return Ok(Iterated { iterations: iteration, residual, converged: true });
        }
        std::mem::swap(&mut v_old, &mut v);
        std::mem::swap(&mut v, &mut v_new);
        std::mem::swap(&mut z, &mut z_new);
        (gamma_old, gamma) = (gamma, gamma_new);
    }
    Ok(Iterated { iterations: iterations_max, residual: eta.abs() / start, converged: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indefinite_system_is_solved() {
        let n = 50;
        let diagonal: Vec<f64> = (0..n).map(|i| if i % 3 == 0 { -2.0 - i as f64 } else { 3.0 + i as f64 }).collect();
        let apply = |x: &[f64], y: &mut [f64]| {
            for i in 0..n {
                let side = |j: Option<usize>| j.and_then(|j| x.get(j)).copied().unwrap_or(0.0);
                y[i] = diagonal[i] * x[i] + 0.5 * (side(i.checked_sub(1)) + side(Some(i + 1)));
            }
        };
        let precondition = |r: &[f64], z: &mut [f64]| (0..n).for_each(|i| z[i] = r[i] / diagonal[i].abs());
        let expected: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
        let mut b = vec![0.0; n];
        apply(&expected, &mut b);
        let mut x = vec![0.0; n];
        let end = minres(apply, precondition, &b, &mut x, 1e-12, 200, &Progress::default()).unwrap();
        assert!(end.converged && end.iterations < 100, "{end:?}");
        let error = x.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error < 1e-10, "{error:e}");
    }
}
