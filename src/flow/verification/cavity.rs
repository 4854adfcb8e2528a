//! F6: the cavity driven by its lid.

use super::super::cells::moved;
use super::super::collide::Trt;
use super::super::domain::{Domain, OpeningLink};
use super::super::error::FlowError;
use super::super::inlet::Inlet;
use super::super::lattice::Q;
use super::super::plan::MAGIC;
use super::super::settle::check_speed;
use super::super::simulation::Operator;
use super::{Row, enclosed, settle};
use crate::base::Progress;
use crate::geom::{Grid, Point};

/// Speeds over the lid's on the lines through the middle of the cavity.
struct Table {
    reynolds: u32,
    /// Along the lid, at [`HEIGHTS`].
    u: [f64; 15],
    /// Upwards, at [`PLACES`]; not a number where the printed value is left out.
    v: [f64; 15],
    source: &'static str,
}

/// Places on the vertical and on the horizontal over the edge; the lid is at height 1 and moves towards place 1.
const HEIGHTS: [f64; 15] = [
    0.0547, 0.0625, 0.0703, 0.1016, 0.1719, 0.2813, 0.4531, 0.5, 0.6172, 0.7344, 0.8516, 0.9531, 0.9609, 0.9688, 0.9766,
];
const PLACES: [f64; 15] = [
    0.0625, 0.0703, 0.0781, 0.0938, 0.1563, 0.2266, 0.2344, 0.5, 0.8047, 0.8594, 0.9063, 0.9453, 0.9531, 0.9609, 0.9688,
];

const GHIA: &str = "Ghia, Ghia, Shin 1982, J. Comput. Phys. 48:387, tables I and II (129² points), all 15 places inside; without v at 0.9063 for Reynolds number 400, which does not fit its neighbours in the table";

const SLOW: Table = Table {
    reynolds: 100,
    u: [
        -0.03717, -0.04192, -0.04775, -0.06434, -0.10150, -0.15662, -0.21090, -0.20581, -0.13641, 0.00332, 0.23151,
        0.68717, 0.73722, 0.78871, 0.84123,
    ],
    v: [
        0.09233, 0.10091, 0.10890, 0.12317, 0.16077, 0.17507, 0.17527, 0.05454, -0.24533, -0.22445, -0.16914, -0.10313,
        -0.08864, -0.07391, -0.05906,
    ],
    source: GHIA,
};

const FAST: Table = Table {
    reynolds: 400,
    u: [
        -0.08186, -0.09266, -0.10338, -0.14612, -0.24299, -0.32726, -0.17119, -0.11477, 0.02135, 0.16256, 0.29093,
        0.55892, 0.61756, 0.68439, 0.75837,
    ],
    v: [
        0.18360,
        0.19713,
        0.20920,
        0.22965,
        0.28124,
        0.30203,
        0.30174,
        0.05186,
        -0.38598,
        -0.44993,
        f64::NAN,
        -0.22847,
        -0.19254,
        -0.15663,
        -0.12146,
    ],
    source: GHIA,
};

const FASTER: Table = Table {
    reynolds: 1000,
    u: [
        -0.1812881, -0.2023300, -0.2228955, -0.3004561, -0.3885691, -0.2803696, -0.1081999, -0.0620561, 0.0570178,
        0.1886747, 0.3372212, 0.4723329, 0.5169277, 0.5808359, 0.6644227,
    ],
    v: [
        0.2807056, 0.2962703, 0.3099097, 0.3330442, 0.3769189, 0.3339924, 0.3253592, 0.0257995, -0.3202137, -0.4264545,
        -0.5264392, -0.4103754, -0.3553213, -0.2936869, -0.2279225,
    ],
    source: "Botella, Peyret 1998, Comput. Fluids 27:421, tables 9 and 10 (spectral, 7 digits) at the 15 places of Ghia, Ghia, Shin 1982, whose own values are up to 0.019 off there: finer lattices come to the former",
};

/// The lid's speed in cells per step.
const LID: f64 = 0.1;

/// F6 at Reynolds number 100.
pub(super) fn slow(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    rows(&SLOW, 64, progress)
}

/// F6 at Reynolds number 400.
pub(super) fn fast(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    rows(&FAST, 96, progress)
}

/// F6 at Reynolds number 1000.
pub(super) fn faster(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    rows(&FASTER, 128, progress)
}

/// The speeds on both lines against those of a table, in a cavity of `cells` a side.
fn rows(table: &Table, cells: usize, progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let [along, upward] = middle_lines(cells, f64::from(table.reynolds), LID, progress)?;
    let worst = |line: &Line, places: &[f64; 15], of: &[f64; 15]| {
        let errors = places.iter().zip(of).filter(|(_, known)| known.is_finite()).map(|(x, u)| (line.at(*x) - u).abs());
        errors.fold(0.0, f64::max)
    };
    let row = |what: &str, value| Row {
        id: "F6",
        what: format!(
            "cavity at Reynolds number {}, {cells} cells a side: largest error of {what} over the lid's speed",
            table.reynolds
        ),
        value,
        reference: 0.0,
        unit: "1",
        tolerance: 0.01,
        source: table.source,
    };
    Ok(vec![
        row("the speed along the lid on the vertical", worst(&along, &HEIGHTS, &table.u)),
        row("the speed upwards on the horizontal", worst(&upward, &PLACES, &table.v)),
    ])
}

/// Speeds over the lid's at cell centres along a line from wall to wall, and those of both walls.
struct Line {
    values: Vec<f64>,
    walls: [f64; 2],
}

impl Line {
    /// The value at a share of the length: a cubic through the four nearest centres or walls.
    fn at(&self, place: f64) -> f64 {
        let n = self.values.len();
        let x = place * n as f64;
        let point = |k: usize| match k {
            0 => (0.0, self.walls[0]),
            k if k <= n => (k as f64 - 0.5, self.values[k - 1]),
            _ => (n as f64, self.walls[1]),
        };
        let below = (0..n + 2).take_while(|k| point(*k).0 <= x).count();
        let four = below.saturating_sub(2).min(n - 2)..below.saturating_sub(2).min(n - 2) + 4;
        let share = |k: usize| -> f64 {
            four.clone().filter(|m| *m != k).map(|m| (x - point(m).0) / (point(k).0 - point(m).0)).product()
        };
        four.clone().map(|k| share(k) * point(k).1).sum()
    }
}

/// Steady flow in a cavity of `n` cells a side: the speed along the lid on the vertical through the middle, and the one
/// upwards on the horizontal.
fn middle_lines(n: usize, reynolds: f64, lid: f64, progress: &Progress) -> Result<[Line; 2], FlowError> {
    let tau = 3.0 * lid * n as f64 / reynolds + 0.5;
    let grid = Grid::aligned([n, n, 1], Point::origin(), [1.0; 3]).expect("n is not 0");
    let domain = Domain::enclosed(&grid, |_| 1.0, [false, false, true]);
    let mut simulation = enclosed(&domain, Operator::Trt(Trt::new(tau, MAGIC, [0.0; 3])), tau, [0.0; 3], false);
    // The lid is an inlet that only moves along itself: links that leave through the top.
    let mut links = Vec::new();
    for cell in 0..simulation.cells.len() {
        let place = simulation.cells.place(cell);
        for direction in 1..Q {
            let to = moved(place, direction);
            if to[1] == n as i32 && 0 <= to[0] && to[0] < n as i32 {
                links.push(OpeningLink { cell: cell as u32, direction: direction as u8, opening: 0 });
            }
        }
    }
    simulation.inlets.push(Inlet::new(&links, |_| [lid, 0.0, 0.0], None, &simulation.populations));
    // Times in which the lid moves by the edge.
    let turn = (n as f64 / lid) as usize / 2 * 2;
    settle(&mut simulation, 4 * turn, 1e-3, 100 * turn, progress)?;
    let velocities = simulation.velocities();
    check_speed(&velocities, simulation.steps)?;
    let speed = |place: [i32; 3], axis: usize| {
        simulation.cells.at(place).map_or(f64::NAN, |cell| f64::from(velocities[cell][axis]) / lid)
    };
    // The middle lies between two rows of cells.
    let (count, middle) = (n as i32, n as i32 / 2);
    let mean = |of: &dyn Fn(i32) -> f64| 0.5 * (of(middle - 1) + of(middle));
    let along = (0..count).map(|y| mean(&|x| speed([x, y, 0], 0))).collect();
    let upward = (0..count).map(|x| mean(&|y| speed([x, y, 0], 1))).collect();
    Ok([Line { values: along, walls: [0.0, 1.0] }, Line { values: upward, walls: [0.0, 0.0] }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_read_exactly_between_centres_and_at_walls() {
        let cubic = |x: f64| 0.3 + x * (1.0 - x * (2.0 - 0.7 * x));
        let n = 8;
        let values = (0..n).map(|k| cubic((f64::from(k) + 0.5) / f64::from(n))).collect();
        let line = Line { values, walls: [cubic(0.0), cubic(1.0)] };
        for place in [0.0, 0.01, 0.3, 0.5, 0.97, 1.0] {
            assert!((line.at(place) - cubic(place)).abs() < 1e-12, "{place}: {}", line.at(place));
        }
    }
}
