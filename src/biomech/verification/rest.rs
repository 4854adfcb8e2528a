//! The shape at rest found again.

use super::shapes::{faces_where, straight_box, vertices_where};
use super::{Row, material, solve};
use crate::base::Progress;
use crate::biomech::rest_shape::{RestError, rest_shape};
use crate::biomech::{Formulation, Load, Model, Options, Problem, TissueError};
use crate::geom::Vector;
use crate::mesh::TetMesh;

/// V-rest: a block hangs sideways under its weight and a pressure; from the hanging shape alone the block is found again.
pub fn hanging_block(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let block = straight_box([10, 8, 6], [100.0, 80.0, 60.0]);
    let fixed = vertices_where(&block, |p| p.z == 0.0);
    let pressure = Load::Pressure { triangles: faces_where(&block, |p| p.z == 60.0), pa: 500.0 };
    let loads = [Load::Gravity { m_s2: Vector::new(9.81, 0.0, -3.0) }, pressure];
    let tissue = material(0.45);
    let hanging = solve(&block, tissue, &fixed, &loads, Model::NeoHookean, Formulation::Mixed, progress)?;
    let moved_mm = hanging.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    let scanned = TetMesh::new(hanging.positions_mm(), block.tets().to_vec(), block.regions().to_vec());
    let scanned = scanned.expect("an equilibrium has no inverted elements");
    let materials = [(1, tissue)];
    let problem =
        Problem { mesh: &scanned, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let (off_mm, rounds) = match rest_shape(&problem, &Options::default(), progress) {
        Ok((found, _)) => {
            let pairs = found.mesh.positions().iter().zip(block.positions());
            (pairs.map(|(found, true_place)| (found - true_place).norm()).fold(0.0, f64::max), found.rounds)
        }
        Err(RestError::Forward(error)) => return Err(error),
        Err(RestError::Missed { miss_mm, rounds, .. }) => (miss_mm, rounds),
    };
    let row = |what: String, value, unit, tolerance, source| Row {
        id: "V-rest",
        what,
        value,
        reference: 0.0,
        unit,
        tolerance,
        source,
    };
    Ok(vec![row(
        format!("farthest vertex of the block found again, which hung by {moved_mm:.1} mm, in {rounds} solutions"),
        off_mm,
        "mm",
        2e-3 * moved_mm,
        "the block itself; the search ends where the loaded shape is met to 0.1 % of the displacement",
    )])
}
