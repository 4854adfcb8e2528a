//! Drag on a sphere.

use super::super::collide::Trt;
use super::super::domain::Domain;
use super::super::error::FlowError;
use super::super::plan::MAGIC;
use super::super::simulation::Operator;
use super::{Row, enclosed, settle};
use crate::base::{Progress, parallel};
use crate::geom::{Grid, Point};
use std::f64::consts::PI;

const TAU: f64 = 0.8;
const NU: f64 = (TAU - 0.5) / 3.0;
/// Edge of the periodic box and radius of the sphere in cells.
const EDGE: usize = 32;
const RADIUS: f64 = 5.3;
/// Mean speed aimed at, cells per step: a Reynolds number of 0.2, whose square is what inertia adds.
const SPEED: f64 = 0.002;

/// F8: creeping flow through a cubic lattice of spheres.
pub(super) fn hasimoto(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let grid = Grid::aligned([EDGE; 3], Point::origin(), [1.0; 3]).expect("the edge is not 0");
    // Off the lattice's own symmetry, so that no wall lies where it would be exact by chance.
    let middle = 0.5 * (EDGE - 1) as f64;
    let centre = [middle + 0.23, middle - 0.11, middle + 0.37];
    let from_centre =
        move |place: [i32; 3]| -> f64 { (0..3).map(|a| (f64::from(place[a]) - centre[a]).powi(2)).sum::<f64>().sqrt() };
    let domain = Domain::enclosed(&grid, move |place| (from_centre(place) - RADIUS) as f32, [true; 3]);
    let volume = (EDGE * EDGE * EDGE) as f64;
    let share = 4.0 / 3.0 * PI * RADIUS.powi(3) / volume;
    let inverse = 1.0 - 1.7601 * share.cbrt() + share - 1.5593 * share * share;
    // The force of the mean pressure gradient that this body force stands for acts on all of the box.
    let stokes = 6.0 * PI * NU * RADIUS;
    let force = stokes * SPEED / inverse / volume;
    let operator = Operator::Trt(Trt::new(TAU, MAGIC, [0.0, 0.0, force]));
    let mut simulation = enclosed(&domain, operator, TAU, [0.0, 0.0, force], true);
    settle(&mut simulation, 400, 1e-4, 12_000, progress)?;
    let velocities = simulation.velocities();
    let sum = parallel::sum_blocks(velocities.len(), 4096, |range| range.map(|n| f64::from(velocities[n][2])).sum());
    let drag = force * volume / (stokes * sum / volume);
    let reference = 1.0 / inverse;
    Ok(vec![Row {
        id: "F8",
        what: "drag on a sphere in a cubic lattice of spheres over Stokes's, 10.6 cells across, 1.9 % of the volume"
            .into(),
        value: drag,
        reference,
        unit: "1",
        tolerance: 0.03 * reference,
        source: "Hasimoto 1959, J. Fluid Mech. 5:317, expansion in the volume share; drag from the balance with the driving force",
    }])
}
