//! Forces of one element over a time step that keep energy and momentum.

use crate::biomech::assemble::Assembly;
use crate::biomech::material::{Law, Model};
use crate::geom::Vector;
use nalgebra::Matrix3;

/// Length of C₁ − C₀ from which the mean is corrected to be exact. Below it two places of Gauss are exact to rounding
/// (their error falls with the fifth power), and the correction would divide rounding by a small number.
const CORRECT_FROM: f64 = 1e-3;

/// Forces on the corners of an element in the middle of a time step, N.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forces {
    /// Of elasticity.
    pub(super) elastic: [Vector; 4],
    /// Of viscosity.
    pub(super) viscous: [Vector; 4],
    /// Volume equation of each corner at the end of the step, m³; zero for displacement elements.
    pub(super) volume: [f64; 4],
}

/// The mean of the derivative 2 ∂f/∂C of a function f(C) on the straight way from `C0` to `C1`: two places of Gauss,
/// corrected so that mean : ½ (C₁ − C₀) = `change`, the difference of f (Gonzalez 2000).
#[expect(non_snake_case, reason = "symbols as in the formulas")]
fn mean_derivative(
    C0: &Matrix3<f64>,
    C1: &Matrix3<f64>,
    change: f64,
    derivative: impl Fn(&Matrix3<f64>) -> Option<Matrix3<f64>>,
) -> Option<Matrix3<f64>> {
    let way = C1 - C0;
    let half = 0.5 / 3.0_f64.sqrt();
    let mean = 0.5 * (derivative(&(C0 + way * (0.5 - half)))? + derivative(&(C0 + way * (0.5 + half)))?);
    let square = way.norm_squared();
    if square < CORRECT_FROM * CORRECT_FROM {
        return Some(mean);
    }
    Some(mean + way * ((change - 0.5 * mean.dot(&way)) / (0.5 * square)))
}

/// Some F with FᵀF = C.
#[expect(non_snake_case, reason = "symbols as in the formulas")]
fn root(C: &Matrix3<f64>) -> Option<Matrix3<f64>> {
    Some(C.cholesky()?.l().transpose())
}

/// Second Piola–Kirchhoff stress over the step, Pa. `pressure` is the mean of both ends for mixed elements; without
/// one, volume follows the law.
#[expect(non_snake_case, reason = "symbols as in the formulas")]
fn stress(law: &Law, F: [&Matrix3<f64>; 2], pressure: Option<f64>) -> Option<Matrix3<f64>> {
    let C = F.map(|F| F.transpose() * F);
    let difference = |of: &dyn Fn(&Matrix3<f64>) -> Option<f64>| Some(of(F[1])? - of(F[0])?);
    let theta = |F: &Matrix3<f64>| law.volume_change(F);
    // ∂J/∂C = ½ J C⁻¹.
    let volume = |C: &Matrix3<f64>| Some(C.try_inverse()? * C.determinant().max(0.0).sqrt());
    let shape = |C: &Matrix3<f64>| law.shape_stress_pa(&root(C)?);
    match pressure {
        Some(pressure) => {
            let shape = mean_derivative(&C[0], &C[1], difference(&|F| law.shape_energy_pa(F))?, shape)?;
            let volume = mean_derivative(&C[0], &C[1], theta(F[1]) - theta(F[0]), volume)?;
            Some(shape + volume * pressure)
        }
        None => {
            let whole = |C: &Matrix3<f64>| {
                let J = C.determinant().max(0.0).sqrt();
                Some(shape(C)? + volume(C)? * (law.bulk_pa * (J - 1.0)))
            };
            mean_derivative(&C[0], &C[1], difference(&|F| law.energy_pa(F))?, whole)
        }
    }
}

/// Forces of element `tet` between `x0` and `x1`, all unknowns, `h` seconds apart, with damping β `shape_s` in s.
/// `None` if it is inside out.
#[expect(non_snake_case, reason = "symbols as in the formulas")]
pub(super) fn forces(assembly: &Assembly, tet: usize, x0: &[f64], x1: &[f64], h: f64, shape_s: f64) -> Option<Forces> {
    let (element, law) = (&assembly.elements[tet], &assembly.laws[tet]);
    let (u0, p0) = assembly.at_corners(tet, x0);
    let (u1, p1) = assembly.at_corners(tet, x1);
    let (F0, F1) = (element.deformation(&u0), element.deformation(&u1));
    let middle = 0.5 * (F0 + F1);
    let mixed = assembly.formulation.has_pressure();
    let pressure = mixed.then(|| p0.iter().chain(&p1).sum::<f64>() / 8.0);
    let rate = |change: Matrix3<f64>| change - Matrix3::from_diagonal_element(change.trace() / 3.0);
    let factor = 2.0 * law.mu_pa * shape_s / h;
    let (elastic, viscous) = if law.model == Model::LinearElastic {
        // Hooke's law is linear: its stress in the middle is its mean, and is not turned with the body.
        let whole = match pressure {
            Some(pressure) => law.shape_stress_pa(&middle)? + Matrix3::from_diagonal_element(pressure),
            None => law.stress_pa(&middle)?,
        };
        let strain = 0.5 * (F1 - F0 + (F1 - F0).transpose());
        (whole, rate(strain) * factor)
    } else {
        let strain = 0.5 * (F1.transpose() * F1 - F0.transpose() * F0);
        (middle * stress(law, [&F0, &F1], pressure)?, middle * rate(strain) * factor)
    };
    let at_corners = |P: Matrix3<f64>| element.gradients.map(|G| P * G * element.volume_m3);
    let volume = if mixed { assembly.volume_equations(tet, x1)? } else { [0.0; 4] };
    Some(Forces { elastic: at_corners(elastic), viscous: at_corners(viscous), volume })
}

/// Stiffness of the viscous forces between two corners, N/m, with `F` the deformation in the middle of the step (the
/// unit tensor for small strains): what is left out, the turn of the stress, only counts for the speed of convergence.
///
/// ```text
/// W μ β/h [F Fᵀ (g_a · g_b) + F g_b ⊗ F g_a − ⅔ F g_a ⊗ F g_b]
/// ```
#[expect(non_snake_case, reason = "symbols as in the formulas")]
pub(super) fn viscous_pair(F: &Matrix3<f64>, ga: &Vector, gb: &Vector, factor: f64) -> Matrix3<f64> {
    let (fa, fb) = (F * ga, F * gb);
    (F * F.transpose() * ga.dot(gb) + fb * fa.transpose() - fa * fb.transpose() * (2.0 / 3.0)) * factor
}

#[cfg(test)]
#[expect(non_snake_case, reason = "symbols as in the formulas")]
mod tests {
    use super::*;
    use crate::biomech::material::{Fibre, Guccione, Hyperelastic};

    const F0: Matrix3<f64> = Matrix3::new(1.1, 0.1, 0.0, -0.05, 0.95, 0.2, 0.0, 0.0, 1.02);
    const F1: Matrix3<f64> = Matrix3::new(0.9, -0.2, 0.1, 0.15, 1.05, -0.1, 0.05, 0.1, 1.2);

    fn laws() -> [Law; 2] {
        let shape = Hyperelastic::Guccione(Guccione { c_pa: 500.0, bf: 8.0, bt: 2.0, bfs: 4.0 });
        let law = |model| Law { model, mu_pa: 1700.0, bulk_pa: 16_000.0, shape, fibre: Fibre::default() };
        [law(Model::NeoHookean), law(Model::Hyperelastic)]
    }

    /// Large steps take the correction, small ones do not; neither may lose energy.
    #[test]
    fn work_of_the_mean_stress_is_the_change_of_energy() {
        for law in laws() {
            for size in [1.0, 1e-2, 1e-4] {
                let end = F0 + (F1 - F0) * size;
                let strain = 0.5 * (end.transpose() * end - F0.transpose() * F0);
                let work = stress(&law, [&F0, &end], None).unwrap().dot(&strain);
                let change = law.energy_pa(&end).unwrap() - law.energy_pa(&F0).unwrap();
                assert!((work - change).abs() < 1e-12 * law.energy_pa(&F0).unwrap(), "{size}: {work} against {change}");
                let pressure = 700.0;
                let work = stress(&law, [&F0, &end], Some(pressure)).unwrap().dot(&strain);
                let shape = |F| law.shape_energy_pa(F).unwrap() + pressure * law.volume_change(F);
                assert!((work - shape(&end) + shape(&F0)).abs() < 1e-12 * shape(&F0).abs().max(1.0), "{size}: mixed");
            }
        }
    }

    #[test]
    fn at_rest_in_time_the_mean_stress_is_the_stress() {
        for law in laws() {
            let S = stress(&law, [&F0, &F0], None).unwrap();
            let P = law.stress_pa(&F0).unwrap();
            assert!((F0 * S - P).norm() < 1e-10 * P.norm(), "{:?}", law.model);
        }
    }

    #[test]
    fn viscous_stiffness_is_the_derivative_of_the_viscous_force() {
        let (ga, gb) = (Vector::new(0.3, -1.0, 0.4), Vector::new(0.8, 0.2, -0.5));
        let dev = |E: Matrix3<f64>| E - Matrix3::from_diagonal_element(E.trace() / 3.0);
        let force = |F: Matrix3<f64>| F0 * dev(0.5 * (F.transpose() * F - F0.transpose() * F0)) * 2.0 * ga;
        let h = 1e-6;
        let pair = viscous_pair(&F0, &ga, &gb, 1.0);
        for k in 0..3 {
            let mut step = Matrix3::zeros();
            step.set_row(k, &(h * gb).transpose());
            let difference = (force(F0 + step) - force(F0 - step)) / (2.0 * h);
            assert!((pair.column(k) - difference).norm() < 1e-8, "{k}: {} against {difference}", pair.column(k));
        }
    }
}
