//! Bodies under their own weight.

use super::shapes::{straight_box, vertices_where};
use super::{Row, SINGULAR_SOURCE, extrapolate, material, order_row, solve};
use crate::base::Progress;
use crate::biomech::{Axis, Formulation, Load, Model, TissueError};
use crate::geom::{Point, Vector};

/// V19: a column between smooth walls shortens by ρ g H² / 2 M, M = E (1 − ν) / ((1 + ν)(1 − 2 ν)).
pub fn column(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let height_mm = 50.0;
    let mut values = [0.0; 3];
    let meshes = [(5, Formulation::Mixed), (20, Formulation::Mixed), (5, Formulation::Quadratic)];
    for (value, (n, formulation)) in values.iter_mut().zip(meshes) {
        let mesh = straight_box([2, 2, n], [10.0, 10.0, height_mm]);
        let wall = |axis, wanted: &dyn Fn(&Point) -> bool| Load::Slide {
            vertices: vertices_where(&mesh, wanted),
            axis,
            by_mm: 0.0,
        };
        let loads = [
            wall(Axis::X, &|p| p.x == 0.0 || p.x == 10.0),
            wall(Axis::Y, &|p| p.y == 0.0 || p.y == 10.0),
            wall(Axis::Z, &|p| p.z == 0.0),
            Load::Gravity { m_s2: Vector::new(0.0, 0.0, -9.81) },
        ];
        let result = solve(&mesh, material(0.49), &[], &loads, Model::LinearElastic, formulation, progress)?;
        let top = vertices_where(&mesh, |p| p.z == height_mm);
        *value = -top.iter().map(|v| result.displacement_mm[*v as usize].z).sum::<f64>() / top.len() as f64;
    }
    let material = material(0.49);
    let nu = material.poisson;
    let modulus_pa = material.young_pa * (1.0 - nu) / ((1.0 + nu) * (1.0 - 2.0 * nu));
    let reference = 1e3 * material.density_kg_m3 * 9.81 * f64::powi(1e-3 * height_mm, 2) / (2.0 * modulus_pa);
    let row = |what: &str, value, share: f64| Row {
        id: "V19",
        what: what.into(),
        value,
        reference,
        unit: "mm",
        tolerance: share * reference,
        source: "closed form; tolerance for the weight of the last layer, which sits on unequal corners",
    };
    Ok(vec![
        row("mean sinking of the top, 5 layers", values[0], 1e-3),
        row("mean sinking of the top, 20 layers", values[1], 2e-4),
        row("mean sinking of the top, 5 layers of quadratic elements, which know the answer", values[2], 1e-7),
    ])
}

/// V14: a block of 100 × 100 × 50 mm, clamped on one side, pulled sideways by gravity, ν = 0.49.
pub fn block(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SOURCE: &str = "quadratic Taylor-Hood series extrapolated, 10.79 ± 0.02 mm";
    let mut tips = [Vector::zeros(); 5];
    let meshes = [(3, Formulation::Mixed), (6, Formulation::Mixed), (12, Formulation::Mixed)];
    let meshes = meshes.into_iter().chain([(2, Formulation::Quadratic), (4, Formulation::Quadratic)]);
    for (tip, (n, formulation)) in tips.iter_mut().zip(meshes) {
        let mesh = straight_box([2 * n, 2 * n, n], [100.0, 100.0, 50.0]);
        let fixed = vertices_where(&mesh, |p| p.z == 0.0);
        let load = Load::Gravity { m_s2: Vector::new(9.81, 0.0, 0.0) };
        let result = solve(&mesh, material(0.49), &fixed, &[load], Model::NeoHookean, formulation, progress)?;
        *tip = result.displacement_mm[vertices_where(&mesh, |p| *p == Point::new(100.0, 50.0, 50.0))[0] as usize];
    }
    let row = |what: &str, value, reference: f64, share: f64, source| Row {
        id: "V14",
        what: what.into(),
        value,
        reference,
        unit: "mm",
        tolerance: share * reference.abs(),
        source,
    };
    let [coarse, middle, fine, few, many] = tips.map(|u| u.x);
    let (limit, order) = extrapolate([coarse, middle, fine]);
    Ok(vec![
        row("sideways displacement of the tip, extrapolated", limit, 10.79, 0.01, SOURCE),
        row(
            "sideways displacement of the tip, 41 k tetrahedra",
            fine,
            10.79,
            0.03,
            "same; linear elements beside the clamped edge, where stress is infinite, converge with order 1",
        ),
        row(
            "sideways displacement of the tip, 1536 quadratic tetrahedra",
            many,
            10.79,
            0.03,
            "same; the edge is singular",
        ),
        row(
            "sideways displacement of the tip, quadratic elements extrapolated with order 1",
            2.0 * many - few,
            10.79,
            0.01,
            SOURCE,
        ),
        order_row("V14", "sideways displacement of the tip", order, [1.0, 0.3], SINGULAR_SOURCE),
    ])
}
