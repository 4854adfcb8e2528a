//! A slender beam bent by a dead load at its tip until it hangs.

use super::Row;
use super::shapes::{straight_box, vertices_where};
use crate::base::Progress;
use crate::biomech::{Axis, Formulation, Load, Model, Options, Problem, TissueError, quasi_static};
use crate::geom::Vector;

/// Length over height.
const SLENDER: f64 = 100.0;
/// Cells along the beam.
const CELLS: usize = 40;
/// Height, mm.
const HEIGHT_MM: f64 = 1.0;

/// V11: tip of an inextensible beam under a = P L²/E I (Mattiasson 1981, Int J Numer Meth Eng 17:145): w/L down, u/L
/// back.
///
/// Quadratic elements, one over the height; ν = 0, so that the strip may be one cell wide between smooth walls: its
/// width does not matter.
pub fn tip_load(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SOURCE: &str =
        "Mattiasson 1981, inextensible and without shear, which a beam 100 times as long as high has by 0.01 %";
    let mut rows = Vec::new();
    for (a, down, back) in [(1.0, 0.301_72, 0.056_43), (5.0, 0.713_79, 0.387_63), (10.0, 0.810_61, 0.555_00)] {
        let tip = tip_of(a, progress)?;
        for (what, value, reference) in [("deflection w/L", tip[0], down), ("shortening u/L", tip[1], back)] {
            rows.push(Row {
                id: "V11",
                what: format!("P L²/E I = {a}: {what} of the tip"),
                value,
                reference,
                unit: "1",
                tolerance: 0.005 * reference,
                source: SOURCE,
            });
        }
    }
    Ok(rows)
}

/// Deflection and shortening over length.
fn tip_of(a: f64, progress: &Progress) -> Result<[f64; 2], TissueError> {
    let (length_mm, width_mm) = (SLENDER * HEIGHT_MM, HEIGHT_MM);
    let mesh = straight_box([CELLS, 1, 1], [length_mm, HEIGHT_MM, width_mm]);
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let end = vertices_where(&mesh, |p| p.x == length_mm);
    let material = super::material(0.0);
    let inertia = width_mm * HEIGHT_MM.powi(3) / 12.0 * 1e-12;
    let force_n = a * material.young_pa * inertia / (length_mm * 1e-3).powi(2);
    let loads = [
        Load::Force { vertices: end.clone(), total_n: Vector::new(0.0, -force_n, 0.0) },
        Load::Slide { vertices: vertices_where(&mesh, |_| true), axis: Axis::Z, by_mm: 0.0 },
    ];
    let options = Options { formulation: Formulation::Quadratic, load_steps: 4, ..Options::default() };
    let materials = [(1, material)];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let (result, _) = quasi_static(&problem, &options, progress)?;
    let mean = end.iter().map(|v| result.displacement_mm[*v as usize]).sum::<Vector>() / end.len() as f64;
    Ok([-mean.y / length_mm, -mean.x / length_mm])
}
