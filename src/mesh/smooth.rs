//! Low-pass smoothing of surfaces that hardly changes their volume.

use super::{Neighbours, Surface};
use crate::base::{Cancelled, Progress, Summary};
use crate::geom::{Point, Vector};
use rayon::prelude::*;
use std::f64::consts::PI;

/// How to smooth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Smoothing {
    /// Shrink and inflate in turn (Taubin 1995, "A signal processing approach to fair surface design").
    ///
    /// Each iteration is one step with factor λ and one with μ = 1 / (k − 1/λ), where k is the pass-band frequency.
    Taubin {
        /// Pairs of steps, 0 to 1000.
        iterations: usize,
        /// Pass-band frequency k, more than 0 and at most 0.2; usual 0.1. Above, what passes would be amplified.
        pass_band: f64,
    },
    /// A windowed sinc filter (Taubin, Zhang and Golub 1996, "Optimal surface smoothing as filter design"), with the
    /// parameters of VTK's filter of this name.
    WindowedSinc {
        /// Degree of the filter polynomial, 1 to 1000.
        iterations: usize,
        /// Pass-band frequency k, more than 0 and at most 2; less is smoother; usual 0.01.
        pass_band: f64,
    },
}

/// Why a surface was not smoothed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SmoothError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The number of iterations makes no sense.
    #[error("{0} smoothing iterations were asked for; the limit is 1000")]
    Iterations(usize),
    /// The pass-band frequency makes no sense.
    #[error("the pass band is {given}; it must be more than 0 and at most {limit}")]
    PassBand {
        /// What was asked for.
        given: f64,
        /// The largest this filter takes.
        limit: f64,
    },
}

/// Move the vertices of `surface` towards their neighbours' means so that the shape stays and the noise goes.
///
/// The graph Laplacian has uniform weights on the 1-ring. Vertices without neighbours stay. The summary gives volume and area
/// before and after, and how far vertices moved.
///
/// # Errors
/// [`SmoothError`] for a parameter out of range, or if `progress` was cancelled.
pub fn smooth(surface: &Surface, how: Smoothing, progress: &Progress) -> Result<(Surface, Summary), SmoothError> {
    let (Smoothing::Taubin { iterations, pass_band } | Smoothing::WindowedSinc { iterations, pass_band }) = how;
    if 1000 < iterations {
        return Err(SmoothError::Iterations(iterations));
    }
    let limit = if matches!(how, Smoothing::Taubin { .. }) { 0.2 } else { 2.0 };
    if !(0.0 < pass_band && pass_band <= limit) {
        return Err(SmoothError::PassBand { given: pass_band, limit });
    }
    let neighbours = Neighbours::of(surface);
    // Around the middle, so that rounding does not depend on where the patient lies.
    let centre = if surface.positions().is_empty() { Point::origin() } else { surface.bounds().centre() };
    let start: Vec<Vector> = surface.positions().par_iter().map(|p| p - centre).collect();
    let (moved, method) = match how {
        Smoothing::Taubin { .. } => (
            taubin(start, &neighbours, iterations, pass_band, progress)?,
            format!("Taubin smoothing, {iterations} iterations, pass band {pass_band} (Taubin 1995)"),
        ),
        Smoothing::WindowedSinc { .. } => (
            windowed_sinc(start, &neighbours, iterations, pass_band, progress)?,
            format!(
                "windowed-sinc smoothing, {iterations} iterations, pass band {pass_band} (Taubin, Zhang and Golub 1996)"
            ),
        ),
    };
    let positions: Vec<Point> = moved.par_iter().map(|offset| centre + offset).collect();
    let after = surface.with_positions(positions).expect("means of finite points are finite, and as many");
    let summary = account(surface, &after).method(method);
    Ok((after, summary))
}

fn account(before: &Surface, after: &Surface) -> Summary {
    let shifts = before.positions().par_iter().zip(after.positions()).map(|(a, b)| (b - a).norm());
    let shift_mm_max = shifts.reduce(|| 0.0, f64::max);
    let (from_ml, to_ml) = (before.volume_ml(), after.volume_ml());
    let mut summary = Summary::default().fact("volume before", from_ml, "ml").fact("volume after", to_ml, "ml");
    if from_ml != 0.0 {
        summary = summary.fact("volume change", 100.0 * (to_ml / from_ml - 1.0), "%");
    }
    summary.fact("area before", before.area_cm2(), "cm²").fact("area after", after.area_cm2(), "cm²").fact(
        "largest shift",
        shift_mm_max,
        "mm",
    )
}

fn taubin(
    mut here: Vec<Vector>,
    neighbours: &Neighbours,
    iterations: usize,
    pass_band: f64,
    progress: &Progress,
) -> Result<Vec<Vector>, Cancelled> {
    // 1/λ + 1/μ = pass band, with |λ| and |μ| alike: the gain (1 − λ k)(1 − μ k) is −0.7 to −0.5 at the highest frequency k = 2.
    let lambda = 1.0 / (1.5 + 0.5 * pass_band);
    let mu = 1.0 / (pass_band - 1.0 / lambda);
    let mut there = here.clone();
    for n in 0..iterations {
        progress.step(n, iterations)?;
        for factor in [lambda, mu] {
            there.par_iter_mut().enumerate().with_min_len(4096).for_each(|(v, out)| {
                *out = here[v] + factor * to_mean(&here, neighbours, v);
            });
            std::mem::swap(&mut here, &mut there);
        }
    }
    Ok(here)
}

/// The way from vertex `v` to the mean of its neighbours: −K x, where K has eigenvalues 0 to 2.
#[inline]
fn to_mean(positions: &[Vector], neighbours: &Neighbours, v: usize) -> Vector {
    let around = neighbours.around(v);
    if around.is_empty() {
        return Vector::zeros();
    }
    let sum: Vector = around.iter().map(|n| positions[*n as usize]).sum();
    sum / around.len() as f64 - positions[v]
}

/// x ← Σ cₙ Tₙ(1 − K/2) x by the recurrence of the Chebyshev polynomials.
fn windowed_sinc(
    start: Vec<Vector>,
    neighbours: &Neighbours,
    iterations: usize,
    pass_band: f64,
    progress: &Progress,
) -> Result<Vec<Vector>, Cancelled> {
    let coefficients = sinc_coefficients(iterations, pass_band);
    let mut result: Vec<Vector> = start.par_iter().map(|x| coefficients[0] * x).collect();
    let mut previous = start.clone();
    let mut here = start;
    for (n, c) in coefficients.iter().enumerate().skip(1) {
        progress.step(n, coefficients.len())?;
        let scale = if n == 1 { 1.0 } else { 2.0 };
        // previous ← 2 (1 − K/2) here − previous, the first time (1 − K/2) here.
        previous.par_iter_mut().zip(&mut result).enumerate().with_min_len(4096).for_each(|(v, (x, sum))| {
            let filtered = scale * (here[v] + 0.5 * to_mean(&here, neighbours, v));
            *x = if n == 1 { filtered } else { filtered - *x };
            *sum += *c * *x;
        });
        std::mem::swap(&mut previous, &mut here);
    }
    Ok(result)
}

/// Chebyshev coefficients of the Hamming-windowed ideal low-pass filter whose gain is 1 at k = 0 and 0.99 at the pass band.
///
/// ```text
/// c₀ = w₀ (θ + σ) / π     cₙ = 2 wₙ sin(n (θ + σ)) / (n π)     θ = arccos(1 − k/2)     wₙ = 0.54 + 0.46 cos(π n / (N + 1))
/// ```
///
/// The shift σ ≥ 0 makes the gain at the pass band 0.99, which is above the filter's ripple (Taubin et al. 1996, section 5).
fn sinc_coefficients(iterations: usize, pass_band: f64) -> Vec<f64> {
    let theta = (1.0 - 0.5 * pass_band).acos();
    let window = |n: usize| 0.54 + 0.46 * (PI * n as f64 / (iterations + 1) as f64).cos();
    let coefficient = |n: usize, cut: f64| {
        if n == 0 { window(0) * cut / PI } else { 2.0 * window(n) * (n as f64 * cut).sin() / (n as f64 * PI) }
    };
    let gain = |cut: f64, at: f64| (0..=iterations).map(|n| coefficient(n, cut) * (n as f64 * at).cos()).sum::<f64>();
    let (mut low, mut high) = (theta, PI);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if gain(middle, theta) / gain(middle, 0.0) < 0.99 { low = middle } else { high = middle }
    }
    let total = gain(high, 0.0);
    (0..=iterations).map(|n| coefficient(n, high) / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel::with_threads;
    use crate::base::rng::Rng;
    use crate::geom::Grid;
    use crate::image::Volume;
    use crate::mesh::contour::iso_surface;

    /// A ball of 30 mm whose vertices were moved at random by up to 0.5 mm.
    fn noisy_ball() -> Surface {
        let grid = Grid::aligned([40; 3], Point::new(-39.0, -39.0, -39.0), [2.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| (30.0 - grid.centre(grid.voxel(o)).coords.norm()) as f32).collect();
        let ball = iso_surface(&Volume::<f32>::new(grid, voxels).unwrap(), 0.0, &Progress::default()).unwrap();
        let mut rng = Rng::new(4);
        let mut noise = || rng.between(-0.5, 0.5);
        let positions = ball.positions().iter().map(|p| p + Vector::new(noise(), noise(), noise())).collect();
        ball.with_positions(positions).unwrap()
    }

    fn roughness_mm(surface: &Surface) -> f64 {
        let radii: Vec<f64> = surface.positions().iter().map(|p| p.coords.norm()).collect();
        let mean = radii.iter().sum::<f64>() / radii.len() as f64;
        (radii.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / radii.len() as f64).sqrt()
    }

    #[test]
    fn both_filters_take_noise_away_and_keep_the_volume() {
        let ball = noisy_ball();
        let before = roughness_mm(&ball);
        for how in [
            Smoothing::Taubin { iterations: 20, pass_band: 0.1 },
            Smoothing::WindowedSinc { iterations: 30, pass_band: 0.05 },
        ] {
            let (after, summary) = smooth(&ball, how, &Progress::default()).unwrap();
            let change = summary.value("volume change").unwrap();
            assert!(change.abs() < 1.0, "{how:?}: {change} %");
            assert!(roughness_mm(&after) < 0.4 * before, "{how:?}: {before} to {} mm", roughness_mm(&after));
            assert_eq!(after.open_edges(), 0);
        }
    }

    #[test]
    fn the_filter_passes_constants_and_the_pass_band_and_stops_the_rest() {
        for (iterations, pass_band) in [(20, 0.1), (40, 0.01), (30, 1.0)] {
            let c = sinc_coefficients(iterations, pass_band);
            let gain =
                |k: f64| c.iter().enumerate().map(|(n, c)| c * (n as f64 * (1.0 - 0.5 * k).acos()).cos()).sum::<f64>();
            assert!((gain(0.0) - 1.0).abs() < 1e-12);
            assert!((gain(pass_band) - 1.0).abs() < 0.015, "{}", gain(pass_band));
            assert!(gain(2.0).abs() < 0.02, "{}", gain(2.0));
        }
    }

    #[test]
    fn no_iteration_changes_nothing() {
        let ball = noisy_ball();
        let (after, summary) =
            smooth(&ball, Smoothing::Taubin { iterations: 0, pass_band: 0.1 }, &Progress::default()).unwrap();
        assert!(summary.value("largest shift").unwrap() < 1e-12);
        assert_eq!(after.triangles(), ball.triangles());
    }

    #[test]
    fn one_thread_and_three_smooth_alike() {
        let ball = noisy_ball();
        for how in [
            Smoothing::Taubin { iterations: 5, pass_band: 0.1 },
            Smoothing::WindowedSinc { iterations: 5, pass_band: 0.1 },
        ] {
            let run = || smooth(&ball, how, &Progress::default()).unwrap().0.content_hash();
            assert_eq!(with_threads(1, run), with_threads(3, run));
        }
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let ball = noisy_ball();
        let error =
            smooth(&ball, Smoothing::Taubin { iterations: 3, pass_band: 0.0 }, &Progress::default()).unwrap_err();
        assert_eq!(error.to_string(), "the pass band is 0; it must be more than 0 and at most 0.2");
        let many = Smoothing::WindowedSinc { iterations: 5000, pass_band: 0.1 };
        assert_eq!(smooth(&ball, many, &Progress::default()), Err(SmoothError::Iterations(5000)));
    }
}
