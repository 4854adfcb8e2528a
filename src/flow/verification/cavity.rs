//! F6: the cavity driven by its lid.

use super::super::collide::Trt;
use super::super::domain::{Domain, OpeningLink};
use super::super::error::FlowError;
use super::super::inlet::Inlet;
use super::super::lattice::Q;
use super::super::plan::MAGIC;
use super::super::simulation::Operator;
use super::{Row, enclosed, settle};
use crate::base::Progress;
use crate::geom::{Grid, Point};

/// Height and horizontal speed over the lid's on the vertical through the middle, Reynolds number 100.
const VERTICAL: [[f64; 2]; 15] = [
    [0.0547, -0.03717],
    [0.0625, -0.04192],
    [0.0703, -0.04775],
    [0.1016, -0.06434],
    [0.1719, -0.10150],
    [0.2813, -0.15662],
    [0.4531, -0.21090],
    [0.5, -0.20581],
    [0.6172, -0.13641],
    [0.7344, 0.00332],
    [0.8516, 0.23151],
    [0.9531, 0.68717],
    [0.9609, 0.73722],
    [0.9688, 0.78871],
    [0.9766, 0.84123],
];

/// The speed on the vertical through the middle against Ghia, Ghia and Shin 1982.
pub(super) fn ghia(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (n, lid, reynolds) = (64_usize, 0.1, 100.0);
    let nu = lid * n as f64 / reynolds;
    let tau = 3.0 * nu + 0.5;
    let grid = Grid::aligned([n, n, 1], Point::origin(), [1.0; 3]).expect("n is not 0");
    let domain = Domain::enclosed(&grid, |_| 1.0, [false, false, true]);
    let mut simulation = enclosed(&domain, Operator::Trt(Trt::new(tau, MAGIC, [0.0; 3])), tau, [0.0; 3], false);
    // The lid is an inlet that only moves along itself: links that leave through the top.
    let mut links = Vec::new();
    for cell in 0..simulation.cells.len() {
        let place = simulation.cells.place(cell);
        for direction in 1..Q {
            let to = super::super::cells::moved(place, direction);
            if to[1] == n as i32 && 0 <= to[0] && to[0] < n as i32 {
                links.push(OpeningLink { cell: cell as u32, direction: direction as u8, opening: 0 });
            }
        }
    }
    simulation.inlets.push(Inlet::new(&links, |_| [lid, 0.0, 0.0], None, &simulation.populations));
    settle(&mut simulation, 1000, 1e-4, 30_000, progress)?;
    let velocities = simulation.velocities();
    let speed =
        |x: i32, y: i32| simulation.cells.at([x, y, 0]).map_or(0.0, |cell| f64::from(velocities[cell][0]) / lid);
    let middle = n as i32 / 2;
    let at = |height: f64| {
        let y = height * n as f64 - 0.5;
        let (low, part) = (y.floor(), y - y.floor());
        let row = |y: i32| if y == n as i32 { 1.0 } else { 0.5 * (speed(middle - 1, y) + speed(middle, y)) };
        row(low as i32) * (1.0 - part) + row(low as i32 + 1) * part
    };
    let worst = VERTICAL.iter().map(|[y, u]| (at(*y) - u).abs()).fold(0.0, f64::max);
    let source = "Ghia, Ghia, Shin 1982, J. Comput. Phys. 48:387, table I (129² points); 64 cells a side";
    let what = "largest error of the speed on the middle line over the lid's".into();
    Ok(vec![Row { id: "F6", what, value: worst, reference: 0.0, unit: "1", tolerance: 0.015, source }])
}
