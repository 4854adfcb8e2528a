//! Generalised minimum residuals: a few steps from a good preconditioner to the answer.

use super::Iterated;
use crate::base::parallel::dot;
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// Solve A x = b from x = 0 with right preconditioner M ≈ A⁻¹ of any sign (Saad and Schultz 1986; without restart).
///
/// Meant for an M that is almost exact, such as the factor of a nearby matrix; memory grows by two vectors with each of
/// at most `iterations_max` iterations.
///
/// # Errors
/// [`Cancelled`]; asked once per iteration.
pub fn gmres(
    apply: impl Fn(&[f64], &mut [f64]),
    precondition: impl Fn(&mut [f64]),
    b: &[f64],
    x: &mut [f64],
    tolerance: f64,
    iterations_max: usize,
    progress: &Progress,
) -> Result<Iterated, Cancelled> {
    x.fill(0.0);
    let start = dot(b, b).sqrt();
    if start == 0.0 {
        return Ok(Iterated { iterations: 0, residual: 0.0, converged: true });
    }
    let mut basis: Vec<Vec<f64>> = vec![b.iter().map(|b| b / start).collect()];
    let mut preconditioned: Vec<Vec<f64>> = Vec::new();
    // Columns of the upper triangle R of the Hessenberg matrix, the rotations that made it, and the rotated right side.
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut rotations: Vec<(f64, f64)> = Vec::new();
    let mut side = vec![start];
    let mut residual = 1.0;
    while columns.len() < iterations_max && tolerance < residual {
        progress.check()?;
        let step = columns.len();
        let mut z = basis[step].clone();
        precondition(&mut z);
        let mut w = vec![0.0; b.len()];
        apply(&z, &mut w);
        preconditioned.push(z);
        let mut column = Vec::with_capacity(step + 2);
        for v in &basis {
            let overlap = dot(&w, v);
            w.par_iter_mut().zip(v).for_each(|(w, v)| *w -= overlap * v);
            column.push(overlap);
        }
        let norm = dot(&w, &w).sqrt();
        for (row, (c, s)) in rotations.iter().enumerate() {
            let (upper, lower) = (column[row], column[row + 1]);
            (column[row], column[row + 1]) = (c * upper + s * lower, c * lower - s * upper);
        }
        let length = column[step].hypot(norm);
        if length == 0.0 {
            preconditioned.pop();
            break;
        }
        let (c, s) = (column[step] / length, norm / length);
        column[step] = length;
        side.push(-s * side[step]);
        side[step] *= c;
        residual = side[step + 1].abs() / start;
        rotations.push((c, s));
        columns.push(column);
        if norm == 0.0 {
            break;
        }
        w.par_iter_mut().for_each(|w| *w /= norm);
        basis.push(w);
    }
    let mut weights = vec![0.0; columns.len()];
    for row in (0..columns.len()).rev() {
        let known: f64 = (row + 1..columns.len()).map(|column| columns[column][row] * weights[column]).sum();
        weights[row] = (side[row] - known) / columns[row][row];
    }
    for (weight, z) in weights.iter().zip(&preconditioned) {
        x.par_iter_mut().zip(z).for_each(|(x, z)| *x += weight * z);
    }
    Ok(Iterated { iterations: columns.len(), residual, converged: residual <= tolerance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nearby_matrix_is_a_good_preconditioner() {
        let n = 40;
        let sign = |i: usize| if i % 4 == 3 { -1.0 } else { 1.0 };
        let apply = |x: &[f64], y: &mut [f64]| {
            for i in 0..n {
                let side = x[(i + 1) % n] + x[(i + n - 1) % n];
                y[i] = sign(i) * (2.0 + i as f64) * x[i] + 0.2 * side;
            }
        };
        let precondition = |r: &mut [f64]| (0..n).for_each(|i| r[i] /= sign(i) * (2.0 + i as f64));
        let expected: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
        let mut b = vec![0.0; n];
        apply(&expected, &mut b);
        let mut x = vec![0.0; n];
        let end = gmres(apply, precondition, &b, &mut x, 1e-12, 40, &Progress::default()).unwrap();
        assert!(end.converged && end.iterations < 25, "{end:?}");
        let error = x.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error < 1e-10, "{error:e}");
    }
}
