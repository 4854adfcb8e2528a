//! Bodies under their own weight.

use super::shapes::{straight_box, vertices_where};
use super::{Row, extrapolate, material, solve};
use crate::base::Progress;
use crate::biomech::{Axis, Formulation, Load, Model, TissueError};
use crate::geom::{Point, Vector};

/// V19: a column between smooth walls shortens by ρ g H² / 2 M, M = E (1 − ν) / ((1 + ν)(1 − 2 ν)).
pub fn column(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let height_mm = 50.0;
    let mut values = Vec::new();
    for n in [10, 20] {
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
        let result = solve(&mesh, material(0.49), &[], &loads, Model::LinearElastic, Formulation::Mixed, progress)?;
        let top = vertices_where(&mesh, |p| p.z == height_mm);
        values.push(-top.iter().map(|v| result.displacement_mm[*v as usize].z).sum::<f64>() / top.len() as f64);
    }
    Ok(vec![Row {
        id: "V19",
        what: "mean sinking of the top, 20 layers".into(),
        value: values[1],
        reference: 0.151_901,
        unit: "mm",
        tolerance: 0.01 * 0.151_901,
        source: "closed form; tolerance for the weight of the last layer, which sits on unequal corners",
    }])
}

/// V14: a block of 100 × 100 × 50 mm, clamped on one side, pulled sideways by gravity, ν = 0.49.
pub fn block(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SOURCE: &str = "quadratic Taylor-Hood series extrapolated, 10.79 ± 0.02 mm";
    let mut tips = [Vector::zeros(); 3];
    for (tip, n) in tips.iter_mut().zip([3, 6, 12]) {
        let mesh = straight_box([2 * n, 2 * n, n], [100.0, 100.0, 50.0]);
        let fixed = vertices_where(&mesh, |p| p.z == 0.0);
        let load = Load::Gravity { m_s2: Vector::new(9.81, 0.0, 0.0) };
        let result = solve(&mesh, material(0.49), &fixed, &[load], Model::NeoHookean, Formulation::Mixed, progress)?;
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
    Ok(vec![
        row("sideways displacement of the tip, extrapolated", extrapolate(tips.map(|u| u.x)).0, 10.79, 0.01, SOURCE),
        row(
            "sideways displacement of the tip, 41 k tetrahedra",
            tips[2].x,
            10.79,
            0.04,
            "same; linear elements beside the clamped edge, where stress is infinite, converge with order 1",
        ),
    ])
}
