//! Values of cells on the wall, for colouring.

use super::super::result::FlowResult;
use super::super::sample::{Fit, neighbours};
use crate::mesh::Field;
use rayon::prelude::*;

/// Fields on the vertices of the wall of `flow` from values in its cells: (name, unit, one value per cell).
///
/// The same fit as [`super::super::sample_wall`]'s, held between the least and the largest of the values it is made from.
/// Vertices without fluid nearby get 0.
pub fn on_wall(flow: &FlowResult, of_cells: &[(String, &str, &[f32])]) -> Vec<Field> {
    let cells = &flow.cells;
    let neighbours = neighbours(cells);
    let normals = flow.wall.vertex_normals();
    let at_vertex = |(point, normal): (&crate::geom::Point, &crate::geom::Vector)| -> Vec<f64> {
        let Some(fit) = Fit::new(cells, &neighbours, *point, *normal) else { return vec![0.0; of_cells.len()] };
        let value = |values: &[f32]| {
            let (mut sum, mut low, mut high) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
            for (cell, share) in fit.shares() {
                let value = f64::from(values[cell]);
                sum += share * value;
                (low, high) = (low.min(value), high.max(value));
            }
            sum.max(low).min(high)
        };
        of_cells.iter().map(|(_, _, values)| value(values)).collect()
    };
    let of_vertices: Vec<Vec<f64>> = flow.wall.positions().par_iter().zip(&normals).map(at_vertex).collect();
    let field = |(n, (name, unit, _)): (usize, &(String, &str, &[f32]))| {
        Field::new(name, unit, of_vertices.iter().map(|values| values[n]).collect())
    };
    of_cells.iter().enumerate().map(field).collect()
}
