//! Does the error fall with the square of the mesh width?

use super::shapes::{mapped_box, vertices_where};
use super::{Row, material, solve};
use crate::base::Progress;
use crate::biomech::{Formulation, Load, Model, TissueError};
use crate::geom::{Point, Vector};

/// Edge of the cube, mm.
const EDGE_MM: f64 = 100.0;

/// u = grad φ, φ = e^(√2 x) sin y sin z in units of the edge: harmonic, so it is in equilibrium for every ν.
fn exact_mm(point: &Point) -> Vector {
    let [x, y, z] = [point.x, point.y, point.z].map(|x| x / EDGE_MM);
    let root = std::f64::consts::SQRT_2;
    Vector::new(root * y.sin() * z.sin(), y.cos() * z.sin(), y.sin() * z.cos()) * (root * x).exp()
}

/// Root mean square error of the inner vertices, mm, on a smoothly distorted cube of n³ cells.
fn error_mm(n: usize, formulation: Formulation, progress: &Progress) -> Result<f64, TissueError> {
    let mesh = mapped_box([n; 3], |unit| {
        let wave = 0.06 * unit.map(|x| (std::f64::consts::PI * x).sin()).iter().product::<f64>();
        Point::from([0, 1, 2].map(|axis| EDGE_MM * (unit[axis] + wave * [1.0, -0.7, 0.5][axis])))
    });
    let rim = |p: &Point| p.iter().any(|x| x.abs() < 1e-9 || (x - EDGE_MM).abs() < 1e-9);
    let vertices = vertices_where(&mesh, rim);
    let by_mm = vertices.iter().map(|v| exact_mm(&mesh.positions()[*v as usize])).collect();
    let load = Load::MoveEach { vertices, by_mm };
    let result = solve(&mesh, material(0.45), &[], &[load], Model::LinearElastic, formulation, progress)?;
    let inner = vertices_where(&mesh, |p| !rim(p));
    let square =
        |v: &u32| (result.displacement_mm[*v as usize] - exact_mm(&mesh.positions()[*v as usize])).norm_squared();
    Ok((inner.iter().map(square).sum::<f64>() / inner.len() as f64).sqrt())
}

/// The observed order between meshes of 6³ and 12³ cells, of quadratic elements 3³ and 6³.
pub fn harmonic(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mut rows = Vec::new();
    let all = [
        (Formulation::Displacement, "displacement", 6),
        (Formulation::Mixed, "mixed", 6),
        (Formulation::Quadratic, "quadratic", 3),
    ];
    for (formulation, name, n) in all {
        let (coarse, fine) = (error_mm(n, formulation, progress)?, error_mm(2 * n, formulation, progress)?);
        rows.push(Row {
            id: "V-order",
            what: format!("{name}: order of the displacement error, harmonic field"),
            value: (coarse / fine).log2(),
            reference: 2.0,
            unit: "1",
            tolerance: 0.25,
            source: "a priori estimate for linear elements (Ciarlet 1978), and for quadratic ones, since moves are linear between vertices; tolerance because the meshes are coarse",
        });
    }
    Ok(rows)
}
