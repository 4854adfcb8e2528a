//! How many cell updates a second this machine makes.

use super::cells::{Cells, moved};
use super::collide::Trt;
use super::domain::WallLink;
use super::lattice::Q;
use super::populations::Populations;
use super::regularised::Regularised;
use crate::geom::{Grid, Point};
use std::time::Instant;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A full box: all neighbours lie side by side in memory.
    Box,
    /// A bent tube through a box, as in a patient: most blocks of cells meet a wall, which lies between cells.
    Tube,
}

/// Which collision operator is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Two relaxation times.
    Trt,
    /// Recursive regularisation.
    Regularised,
}

/// A measured speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Fluid cells.
    pub cells: usize,
    /// Steps that were timed.
    pub steps: usize,
    /// Million fluid-cell updates a second.
    pub mlups: f64,
    /// Memory traffic that this needs at least, GB/s: 152 bytes a cell and step, half of that for the cells that make two
    /// steps at once, and the index table every other step.
    pub gb_s: f64,
    /// Memory that is allocated for the lattice, bytes a fluid cell: populations, index table and the places of the cells.
    pub bytes_a_cell: f64,
}

/// Time at least `seconds` of steps in a box of `edge` cells a side (of the tube: its length), on the threads of the
/// current pool.
pub fn speed(shape: Shape, operator: Operator, edge: usize, seconds: f64) -> Speed {
    let n = edge.clamp(8, 400);
    let grid = Grid::aligned([n; 3], Point::origin(), [1.0; 3]).expect("n is not 0");
    let radius = 0.12 * n as f64;
    let level = |place: [i32; 3]| {
        let [x, y, z] = place.map(|x| f64::from(x) / n as f64);
        let bend = 0.3 * (z * std::f64::consts::PI).sin();
        radius - (x - 0.2 - bend).hypot(y - 0.3 - bend) * n as f64
    };
    let is_inside = |offset: usize| 0.0 < level(grid.voxel(offset).map(|x| x as i32));
    let cells = Cells::new(grid.clone(), [false; 3], |offset| shape == Shape::Box || is_inside(offset));
    let link = |cell: usize, direction: usize| {
        let (inside, outside) = (level(cells.place(cell)), level(moved(cells.place(cell), direction)));
        let fraction = (inside / (inside - outside)) as f32;
        (outside <= 0.0).then_some(WallLink { cell: cell as u32, direction: direction as u8, fraction })
    };
    let walls: Vec<WallLink> = match shape {
        Shape::Box => Vec::new(),
        Shape::Tube => {
            (0..cells.len()).flat_map(|cell| (1..Q).filter_map(|i| link(cell, i)).collect::<Vec<_>>()).collect()
        }
    };
    let mut populations = Populations::new(&cells, &walls);
    let trt = Trt::new(0.6, 0.1875, [0.0; 3]);
    let regularised = Regularised::new(0.6, 0.0).plain().expect("there is no eddy viscosity");
    match operator {
        Operator::Trt => populations.step(trt),
        Operator::Regularised => populations.step(regularised),
    }
    // Nobody asks for the state in between, as in most pairs of steps of a computation.
    let mut pair = || match operator {
        Operator::Trt => {
            populations.step_ahead(trt);
            populations.step(trt);
        }
        Operator::Regularised => {
            populations.step_ahead(regularised);
            populations.step(regularised);
        }
    };
    pair();
    let (start, mut steps) = (Instant::now(), 0);
    while steps == 0 || start.elapsed().as_secs_f64() < seconds {
        pair();
        steps += 2;
    }
    let mlups = (cells.len() * steps) as f64 / start.elapsed().as_secs_f64() * 1e-6;
    let table = populations.table_bytes() as f64 / cells.len() as f64;
    populations.step_ahead(trt);
    let bytes = 152.0 - 76.0 * populations.ahead() + 0.5 * table;
    let allocated = populations.allocated() + cells.allocated();
    let bytes_a_cell = allocated as f64 / cells.len() as f64;
    Speed { cells: cells.len(), steps, mlups, gb_s: mlups * 1e-3 * bytes, bytes_a_cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tube_is_sparse_and_both_run() {
        let full = speed(Shape::Box, Operator::Trt, 24, 0.0);
        let tube = speed(Shape::Tube, Operator::Regularised, 24, 0.0);
        assert_eq!((full.cells, full.steps), (24 * 24 * 24, 2));
        assert!(0 < tube.cells && tube.cells < full.cells / 10);
        assert!(0.0 < full.mlups && 0.0 < tube.mlups);
        // Nineteen populations in single precision at least; a box so small is mostly ends of rows.
        assert!(76.0 < full.bytes_a_cell && full.bytes_a_cell < 250.0, "{}", full.bytes_a_cell);
        assert!(full.bytes_a_cell < tube.bytes_a_cell, "{}", tube.bytes_a_cell);
    }
}
