//! Tissue that relaxes, against the integral of its history.

use super::homogeneous::{EDGE_MM, distorted_cube, on_boundary};
use super::shapes::vertices_where;
use super::{Row, material};
use crate::base::Progress;
use crate::biomech::{
    Branch, Fibre, Guccione, Hyperelastic, Load, Material, Model, Moment, Options, Problem, TissueError, viscoelastic,
};
use nalgebra::Matrix3;

/// Sudden shear.
const GAMMA: f64 = 0.4;
/// Slow shear: so small that stress is proportional to it, which the closed form needs.
const GAMMA_SLOW: f64 = 0.01;
const BRANCHES: [Branch; 2] = [Branch { beta: 1.5, tau_s: 0.5 }, Branch { beta: 0.7, tau_s: 4.0 }];
/// Duration of the slow shear, s.
const RAMP_S: f64 = 2.0;

/// V-relax: shear stress after a sudden shear that is held, S (1 + Σ β e^(−t/τ)), and at the end of an even one of a
/// neo-Hookean body, μ γ (1 + Σ β τ/T (1 − e^(−T/τ))).
pub fn shear(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mut rows = Vec::new();
    let mut row = |what: String, value: f64, reference: f64, share: f64, source| {
        rows.push(Row { id: "V-relax", what, value, reference, unit: "Pa", tolerance: share * reference, source });
    };
    let held: Vec<Moment> = [0.0, 0.5, 3.0].map(|at_s| Moment { at_s, load: 1.0 }).into();
    let guccione = Guccione { c_pa: 2000.0, bf: 8.0, bt: 2.0, bfs: 4.0 };
    let stiff = Material::hyperelastic(Hyperelastic::Guccione(guccione), 0.45, 1060.0, f64::INFINITY);
    for (name, material) in [("neo-Hookean", material(0.45)), ("Guccione", stiff)] {
        let still = stresses_pa(material, GAMMA, &[], &held[..1], progress)?[0];
        let found = stresses_pa(material, GAMMA, &BRANCHES, &held, progress)?;
        for (moment, found) in held.iter().zip(found) {
            let factor = 1.0 + BRANCHES.iter().map(|b| b.beta * (-moment.at_s / b.tau_s).exp()).sum::<f64>();
            let what = format!("{name}: shear stress {} s after a sudden shear of {GAMMA}", moment.at_s);
            row(what, found, factor * still, 1e-6, "closed form (Holzapfel 2000, section 6.10); exact for any step");
        }
    }
    let mut ends = [0.0; 2];
    for (end, steps) in ends.iter_mut().zip([8, 16]) {
        let moments: Vec<Moment> = (1..=steps)
            .map(|n| f64::from(n) / f64::from(steps))
            .map(|load| Moment { at_s: RAMP_S * load, load })
            .collect();
        *end =
            stresses_pa(material(0.45), GAMMA_SLOW, &BRANCHES, &moments, progress)?.last().copied().unwrap_or(f64::NAN);
    }
    let of = |b: &Branch| b.beta * b.tau_s / RAMP_S * (1.0 - (-RAMP_S / b.tau_s).exp());
    let factor = 1.0 + BRANCHES.iter().map(of).sum::<f64>();
    let exact = factor * material(0.45).shear_pa() * GAMMA_SLOW;
    let what = format!("neo-Hookean: shear stress after an even shear of {RAMP_S} s in 16 steps");
    row(what, ends[1], exact, 0.005, "closed form; second order in the step");
    rows.push(super::order_row(
        "V-relax",
        "shear stress after an even shear",
        ((ends[0] - exact) / (ends[1] - exact)).log2(),
        [2.0, 0.3],
        "midpoint rule (Simo 1987)",
    ));
    Ok(rows)
}

/// Nominal shear stress of a cube at each moment.
fn stresses_pa(
    material: Material,
    gamma: f64,
    branches: &[Branch],
    moments: &[Moment],
    progress: &Progress,
) -> Result<Vec<f64>, TissueError> {
    let mesh = distorted_cube();
    let mut gradient = Matrix3::zeros();
    gradient[(0, 1)] = gamma;
    let vertices = vertices_where(&mesh, on_boundary);
    let by_mm = vertices.iter().map(|v| gradient * mesh.positions()[*v as usize].coords).collect();
    let loads = [Load::MoveEach { vertices, by_mm }];
    let (materials, fibres) = ([(1, material)], vec![Fibre::default(); mesh.tets().len()]);
    let problem = Problem { mesh: &mesh, materials: &materials, fixed: &[], loads: &loads, model: Model::Hyperelastic };
    let relaxation = [(1, branches.to_vec())];
    let (results, _) = viscoelastic(&problem, &fibres, &relaxation, moments, &Options::default(), progress)?;
    // From the work on the whole movement, as in the rows of the laws: Σ f · u = V P₁₂ γ.
    let stress = |(result, moment): (&crate::biomech::TissueResult, &Moment)| {
        let work: f64 = result.support_n.iter().zip(&result.displacement_mm).map(|(f, u)| f.dot(u) * 1e-3).sum();
        work / (EDGE_MM * 1e-3).powi(3) / (gamma * moment.load)
    };
    Ok(results.iter().zip(moments).map(stress).collect())
}
