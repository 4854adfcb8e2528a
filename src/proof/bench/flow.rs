//! How many lattice cells are updated a second.

use super::peer::{Better, lbmpy};
use super::{Row, timed};
use crate::base::Progress;
use crate::flow::speed::{Operator, Shape, speed};

/// A full box and a sparse tube, both collision operators.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let shapes = [(Shape::Box, 128, "box of 128³ cells"), (Shape::Tube, 256, "tube in a box of 256³ cells")];
    let operators = [(Operator::Trt, "two relaxation times"), (Operator::Regularised, "regularised")];
    let all = shapes.iter().flat_map(|shape| operators.iter().map(move |operator| (shape, operator)));
    for (n, ((shape, edge, where_), (operator, how))) in all.enumerate() {
        progress.step(n, 4).map_err(|error| error.to_string())?;
        let (_, measured) = timed(|| speed(*shape, *operator, *edge, 3.0));
        let what = format!("{where_}, {how}, {} fluid cells", measured.cells);
        let row = Row::new("L1", &what, measured.mlups, "million updates/s").target(40.0);
        let is_peers = (*shape, *operator) == (Shape::Box, Operator::Trt);
        rows.push(match is_peers {
            true => row.beside(Better::More, (measured.cells as f64, 0.0), lbmpy::full_box(*edge)),
            false => row,
        });
        rows.push(Row::new("L1", format!("{what}: memory traffic"), measured.gb_s, "GB/s"));
    }
    Ok(rows)
}
