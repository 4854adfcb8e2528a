//! The cantilever.

use super::shapes::{straight_box, vertices_where};
use super::{Row, material};
use crate::base::Progress;
use crate::biomech::{Axis, Formulation, LinearSolver, Load, Model, Options, Problem, TissueError, quasi_static};
use crate::geom::Vector;

/// V12: P L³ / 3 E I + P L / (5/6 G A) at the tip of a beam 100 × 10 × 10 mm, ν = 0 so that the clamp does not squeeze.
///
/// Half of it is computed, up to its plane of symmetry.
pub fn cantilever(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let (length_m, height_m, force_n) = (0.1, 0.01, 1e-5);
    let inertia = f64::powi(height_m, 4) / 12.0;
    let material = material(0.0);
    let nu = material.poisson;
    // Shear factor of a rectangle (Cowper 1966): 5/6 for ν = 0.
    let factor = 10.0 * (1.0 + nu) / (12.0 + 11.0 * nu);
    let shear = force_n * length_m / (factor * material.shear_pa() * height_m * height_m);
    let reference = 1e3 * (force_n * f64::powi(length_m, 3) / (3.0 * material.young_pa * inertia) + shear);
    let mut tips = [0.0; 2];
    for (tip, n) in tips.iter_mut().zip([8, 16]) {
        let mesh = straight_box([10 * n, n, n / 2], [100.0, 10.0, 5.0]);
        let fixed = vertices_where(&mesh, |p| p.x == 0.0);
        let end = vertices_where(&mesh, |p| p.x == 100.0);
        let middle = vertices_where(&mesh, |p| p.z == 5.0);
        let loads = [
            Load::Force { vertices: end.clone(), total_n: Vector::new(0.0, force_n / 2.0, 0.0) },
            Load::Slide { vertices: middle, axis: Axis::Z, by_mm: 0.0 },
        ];
        // A slender beam is the worst case of an iteration and the best of a factorisation.
        let options =
            Options { formulation: Formulation::Displacement, solver: LinearSolver::Direct, ..Options::default() };
        let materials = [(1, material)];
        let problem =
            Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::LinearElastic };
        let (result, _) = quasi_static(&problem, &options, progress)?;
        *tip = end.iter().map(|v| result.displacement_mm[*v as usize].y).sum::<f64>() / end.len() as f64;
    }
    let row = |what: &str, value, share: f64, source| Row {
        id: "V12",
        what: what.into(),
        value,
        reference,
        unit: "mm",
        tolerance: share * reference,
        source,
    };
    Ok(vec![
        row(
            "tip deflection, 16 cells over the height",
            tips[1],
            0.015,
            "Timoshenko beam, shear factor 5/6; linear tetrahedra bend too stiffly, the error falls with the square of the cell",
        ),
        row(
            "tip deflection, extrapolated with order 2 from 8 and 16 cells",
            tips[1] + (tips[1] - tips[0]) / 3.0,
            0.005,
            "Timoshenko beam, shear factor 5/6; a solid beam differs by the warping of its clamp, about 0.1 %",
        ),
    ])
}
