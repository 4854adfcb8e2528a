//! Deformations with the same gradient everywhere: linear tetrahedra must be exact.

use super::shapes::{mapped_box, vertices_where};
use super::{Row, YOUNG_PA, material, solve};
use crate::base::Progress;
use crate::base::rng::Rng;
use crate::biomech::{Axis, Formulation, Load, Material, Model, TissueError, TissueResult};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use nalgebra::{Matrix3, Rotation3};

/// Edge of the cube, mm.
pub(super) const EDGE_MM: f64 = 20.0;
const ROUNDING: &str = "exact; tolerance for rounding and the stop of Newton's iteration";

/// A cube of 5³ cells whose inner vertices are moved at random by up to a fifth of a cell.
pub(super) fn distorted_cube() -> TetMesh {
    let n = 5;
    let random = std::cell::RefCell::new(Rng::new(7));
    mapped_box([n; 3], |unit| {
        let jitter = || random.borrow_mut().between(-0.2, 0.2) / n as f64;
        Point::from(unit.map(|x| EDGE_MM * if 0.0 < x && x < 1.0 { x + jitter() } else { x }))
    })
}

pub(super) fn on_boundary(point: &Point) -> bool {
    point.iter().any(|x| *x == 0.0 || *x == EDGE_MM)
}

/// Move the boundary by an affine map and look at the inside.
fn affine(
    gradient: &Matrix3<f64>,
    material: Material,
    model: Model,
    formulation: Formulation,
    progress: &Progress,
) -> Result<TissueResult, TissueError> {
    let mesh = distorted_cube();
    let vertices = vertices_where(&mesh, on_boundary);
    let by_mm = vertices.iter().map(|v| gradient * mesh.positions()[*v as usize].coords).collect();
    solve(&mesh, material, &[], &[Load::MoveEach { vertices, by_mm }], model, formulation, progress)
}

const ALL: [(Model, Formulation, &str); 8] = [
    (Model::LinearElastic, Formulation::Displacement, "linear elastic, displacement"),
    (Model::LinearElastic, Formulation::Mixed, "linear elastic, mixed"),
    (Model::NeoHookean, Formulation::Displacement, "neo-Hookean, displacement"),
    (Model::NeoHookean, Formulation::Mixed, "neo-Hookean, mixed"),
    (Model::LinearElastic, Formulation::Quadratic, "linear elastic, quadratic"),
    (Model::NeoHookean, Formulation::Quadratic, "neo-Hookean, quadratic"),
    (Model::LinearElastic, Formulation::QuadraticDisplacement, "linear elastic, quadratic displacement"),
    (Model::NeoHookean, Formulation::QuadraticDisplacement, "neo-Hookean, quadratic displacement"),
];

/// V1: x = A X on the boundary gives x = A X inside, and one stress everywhere.
pub fn patch(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let gradient = Matrix3::new(0.08, -0.05, 0.11, 0.03, -0.06, 0.02, -0.09, 0.07, 0.04);
    let mut rows = Vec::new();
    for (model, formulation, name) in ALL {
        let result = affine(&gradient, material(0.45), model, formulation, progress)?;
        let exact = result.mesh.positions().iter().map(|point| gradient * point.coords);
        let error = exact.zip(&result.displacement_mm).map(|(u, found)| (u - found).norm()).fold(0.0, f64::max);
        let mean = result.tet_von_mises_pa.iter().sum::<f64>() / result.tet_von_mises_pa.len() as f64;
        let spread = result.tet_von_mises_pa.iter().map(|stress| (stress - mean).abs()).fold(0.0, f64::max);
        let row = |what: &str, value| Row {
            id: "V1",
            what: format!("{name}: {what}"),
            value,
            reference: 0.0,
            unit: "1",
            tolerance: 1e-10,
            source: "patch test (Irons 1965); exact, tolerance for rounding",
        };
        rows.push(row("largest position error over edge", error / EDGE_MM));
        rows.push(row("spread of von Mises stress over its mean", spread / mean));
    }
    Ok(rows)
}

/// V1r: a turn by 60° makes no stress in a neo-Hookean body.
pub fn turned(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let turn =
        Rotation3::from_axis_angle(&Vector::y_axis(), std::f64::consts::FRAC_PI_3).into_inner() - Matrix3::identity();
    let mut rows = Vec::new();
    for (model, formulation, name) in ALL.into_iter().filter(|(model, ..)| *model == Model::NeoHookean) {
        let result = affine(&turn, material(0.45), model, formulation, progress)?;
        let peak = result.tet_von_mises_pa.iter().copied().fold(0.0, f64::max);
        rows.push(Row {
            id: "V1r",
            what: format!("{name}: largest von Mises stress over E, turned by 60°"),
            value: peak / YOUNG_PA,
            reference: 0.0,
            unit: "1",
            tolerance: 1e-9,
            source: ROUNDING,
        });
    }
    Ok(rows)
}

/// The cube on three planes of symmetry, its far x face moved to stretch `x`, its far y face to `y` if given.
fn stretched(x: f64, y: Option<f64>, poisson: f64, progress: &Progress) -> Result<TissueResult, TissueError> {
    let mesh = distorted_cube();
    let plane = |axis: Axis, number: usize, at: f64, stretch: f64| {
        let vertices = vertices_where(&mesh, |p| p[number] == at);
        Load::Slide { vertices, axis, by_mm: EDGE_MM * (stretch - 1.0) }
    };
    let mut loads = vec![plane(Axis::X, 0, EDGE_MM, x)];
    loads.extend(y.map(|y| plane(Axis::Y, 1, EDGE_MM, y)));
    loads.extend([plane(Axis::X, 0, 0.0, 1.0), plane(Axis::Y, 1, 0.0, 1.0), plane(Axis::Z, 2, 0.0, 1.0)]);
    solve(&mesh, material(poisson), &[], &loads, Model::NeoHookean, Formulation::Mixed, progress)
}

/// Force on the far x face over its area at rest, Pa.
fn nominal_pa(result: &TissueResult) -> f64 {
    let face = vertices_where(&result.mesh, |p| p.x == EDGE_MM);
    face.iter().map(|v| result.support_n[*v as usize].x).sum::<f64>() / (EDGE_MM * 1e-3).powi(2)
}

/// Diagonal of the nominal stress on the far faces of a stretched cube, Pa.
pub(super) fn far_faces(result: &TissueResult) -> Matrix3<f64> {
    let force_n = |axis: usize| -> f64 {
        let face = vertices_where(&result.mesh, |p| p[axis] == EDGE_MM);
        face.iter().map(|v| result.support_n[*v as usize][axis]).sum()
    };
    Matrix3::from_diagonal(&Vector::from([0, 1, 2].map(force_n))) / (EDGE_MM * 1e-3).powi(2)
}

/// Nominal stress over μ of an incompressible solid: from ν = 0.499 and 0.4999, whose distance from it, (1 − 2 ν), falls
/// tenfold.
fn incompressible(x: f64, y: Option<f64>, progress: &Progress) -> Result<f64, TissueError> {
    let mut values = [0.0; 2];
    for (value, poisson) in values.iter_mut().zip([0.499, 0.4999]) {
        *value = nominal_pa(&stretched(x, y, poisson, progress)?) / material(poisson).shear_pa();
    }
    let [far, near] = values;
    Ok(near + (near - far) / 9.0)
}

/// V2: P/μ = λ − λ⁻² of an incompressible solid.
pub fn uniaxial_incompressible(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mut rows = Vec::new();
    for stretch in [0.7_f64, 0.9, 1.1, 1.5, 2.0] {
        let reference = stretch - stretch.powi(-2);
        rows.push(Row {
            id: "V2",
            what: format!("nominal stress over μ at stretch {stretch}"),
            value: incompressible(stretch, None, progress)?,
            reference,
            unit: "1",
            tolerance: 1e-4 * reference.abs(),
            source: "closed form, incompressible (Treloar 1975); extrapolated from ν = 0.499 and 0.4999",
        });
    }
    Ok(rows)
}

/// V3: λ − λ⁻⁵ and λ − λ⁻³ of an incompressible solid.
pub fn biaxial(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mut rows = Vec::new();
    for (name, equal, power) in [("equibiaxial", true, -5), ("pure shear", false, -3)] {
        for stretch in [1.5_f64, 2.0] {
            let reference = stretch - stretch.powi(power);
            rows.push(Row {
                id: "V3",
                what: format!("{name}: nominal stress over μ at stretch {stretch}"),
                value: incompressible(stretch, Some(if equal { stretch } else { 1.0 }), progress)?,
                reference,
                unit: "1",
                tolerance: 1e-4 * reference,
                source: "closed form, incompressible (Treloar 1975); extrapolated from ν = 0.499 and 0.4999",
            });
        }
    }
    Ok(rows)
}

/// V4: lateral stretch, volume and nominal stress of the compressible solid, E = 5 kPa and ν = 0.49.
pub fn uniaxial(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SOURCE: &str = "root of the closed form for free sides, μ 1677.852 Pa, K 83333.33 Pa; six printed digits";
    let mut rows = Vec::new();
    for (stretch, lateral, ratio, nominal) in [
        (0.8, 1.115_747, 0.995_913, -1272.115),
        (1.2, 0.914_705, 1.004_022, 841.307),
        (1.5, 0.820_731, 1.010_399, 1751.192),
    ] {
        let result = stretched(stretch, None, 0.49, progress)?;
        let corner = result.displacement_mm.last().copied().unwrap_or_default();
        let volume = result.tet_volume_ratio[0];
        for (name, value, reference, unit) in [
            ("lateral stretch", 1.0 + corner.y / EDGE_MM, lateral, "1"),
            ("volume ratio", volume, ratio, "1"),
            ("nominal stress", nominal_pa(&result), nominal, "Pa"),
        ] {
            let what = format!("{name} at stretch {stretch}");
            let tolerance = 2e-6 * f64::abs(reference);
            rows.push(Row { id: "V4", what, value, reference, unit, tolerance, source: SOURCE });
        }
    }
    Ok(rows)
}

/// V5: simple shear by γ = 0.5: σ₁₂ = μ γ and σ₁₁ − σ₂₂ = μ γ², seen through von Mises √(3 γ² + γ⁴) μ.
pub fn simple_shear(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let gamma = 0.5_f64;
    let mut gradient = Matrix3::zeros();
    gradient[(0, 1)] = gamma;
    let result = affine(&gradient, material(0.45), Model::NeoHookean, Formulation::Mixed, progress)?;
    let mu = material(0.45).shear_pa();
    let [first, _, last] = result.principal_pa[0].map(|stress| stress / mu);
    // Principal values of the shear plane lie (γ²/2) ± √(γ² + γ⁴/4) around the third.
    let apart = (gamma.powi(2) + gamma.powi(4) / 4.0).sqrt() * 2.0;
    let mises = (3.0 * gamma.powi(2) + gamma.powi(4)).sqrt();
    let row = |what: &str, value, reference: f64| Row {
        id: "V5",
        what: what.into(),
        value,
        reference,
        unit: "1",
        tolerance: 1e-6 * reference,
        source: "closed form (Ogden 1984, section 4.4); exact",
    };
    Ok(vec![
        row("von Mises stress over μ", result.von_mises_pa[0] / mu, mises),
        row("difference of principal stresses over μ", first - last, apart),
    ])
}
