//! Flow driven by a body force along channels whose profile is known.

use super::super::collide::Trt;
use super::super::domain::Domain;
use super::super::error::FlowError;
use super::super::plan::MAGIC;
use super::super::simulation::{Operator, Simulation};
use super::{Row, enclosed, order, settle};
use crate::base::Progress;
use crate::geom::{Grid, Point};

const TAU: f64 = 0.8;
const NU: f64 = (TAU - 0.5) / 3.0;
/// Highest speed in cells per step.
const SPEED: f64 = 0.02;

/// Steady flow along z through all of a lattice of `n × n × 1` where `level` is positive, at most [`SPEED`] fast if
/// the force is `SPEED ν shape`.
fn along_z(
    n: usize,
    level: impl Fn([i32; 3]) -> f32,
    force: f64,
    periodic: [bool; 3],
    interpolate: bool,
    progress: &Progress,
) -> Result<Simulation, FlowError> {
    let grid = Grid::aligned([if periodic[0] { 1 } else { n }, n, 1], Point::origin(), [1.0; 3]).expect("n is not 0");
    let domain = Domain::enclosed(&grid, level, periodic);
    let force = [0.0, 0.0, force];
    let operator = Operator::Trt(Trt::new(TAU, MAGIC, force));
    let mut simulation = enclosed(&domain, operator, TAU, force, interpolate);
    let window = ((n * n) as f64 / NU / 40.0) as usize / 2 * 2 + 20;
    settle(&mut simulation, window, 1e-6, 100 * window, progress)?;
    Ok(simulation)
}

/// F1: with Λ = 3/16 the parabola between half-way walls is exact.
pub(super) fn plane(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let height = 12;
    let force = 8.0 * NU * SPEED / f64::from(height * height);
    let level = move |[_, y, _]: [i32; 3]| if 1 <= y && y <= height { 1.0 } else { -1.0 };
    let simulation = along_z(height as usize + 2, level, force, [true, false, true], false, progress)?;
    let exact = |y: i32| {
        let from_wall = f64::from(y) - 0.5;
        force / (2.0 * NU) * from_wall * (f64::from(height) - from_wall)
    };
    let states = simulation.states();
    let error = |n: usize| {
        let y = simulation.cells.place(n)[1];
        (f64::from(states[n].velocity[2]) / exact(y) - 1.0).abs()
    };
    let value = (0..states.len()).map(error).fold(0.0, f64::max);
    let source = "closed form; exact for Λ = 3/16 (Ginzburg 2008), single precision leaves about 1e-5";
    let what = "largest relative error of the speed, 12 cells".into();
    let shear = |n: usize| {
        let from_middle = f64::from(simulation.cells.place(n)[1]) - 0.5 - 0.5 * f64::from(height);
        (f64::from(states[n].stress[5]) + force * from_middle).abs() / (force * 0.5 * f64::from(height))
    };
    let worst = (0..states.len()).map(shear).fold(0.0, f64::max);
    Ok(vec![
        Row { id: "F1", what, value, reference: 0.0, unit: "1", tolerance: 5e-5, source },
        Row {
            id: "F1",
            what: "largest error of the shear stress over the wall shear".into(),
            value: worst,
            reference: 0.0,
            unit: "1",
            tolerance: 1e-3,
            source: "closed form: the stress is linear; local, no differences of velocities",
        },
    ])
}

/// F3: flow through a square duct.
pub(super) fn duct(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let side = 24;
    let level = move |[x, y, _]: [i32; 3]| if 1 <= x.min(y) && x.max(y) <= side { 1.0 } else { -1.0 };
    let force = SPEED * NU / 0.073_671_35 / f64::from(side * side);
    let simulation = along_z(side as usize + 2, level, force, [false, false, true], false, progress)?;
    let speeds: Vec<f64> = simulation.velocities().iter().map(|u| f64::from(u[2])).collect();
    let flow = speeds.iter().sum::<f64>() * NU / (force * f64::from(side).powi(4));
    let source = "series solution (White, Viscous Fluid Flow, eq. 3-48), summed to 8 digits";
    let (reference, tolerance) = (0.035_144_25, 0.000_176);
    let what = "flow μ Q / (G a⁴), 24 cells a side".into();
    Ok(vec![Row { id: "F3", what, value: flow, reference, unit: "1", tolerance, source }])
}

/// Relative error of the profile (root mean square over the highest speed) in a pipe of `radius` cells.
fn pipe_error(radius: f64, interpolate: bool, progress: &Progress) -> Result<f64, FlowError> {
    let n = (2.0 * radius).ceil() as usize + 4;
    // Off the lattice's own symmetry, so that no wall lies where it would be exact by chance.
    let centre = [0.5 * (n - 1) as f64 + 0.23, 0.5 * (n - 1) as f64 - 0.11];
    let from_axis = move |[x, y, _]: [i32; 3]| (f64::from(x) - centre[0]).hypot(f64::from(y) - centre[1]);
    let force = 4.0 * NU * SPEED / (radius * radius);
    let level = move |place: [i32; 3]| (radius - from_axis(place)) as f32;
    let simulation = along_z(n, level, force, [false, false, true], interpolate, progress)?;
    let exact = |place| SPEED * (1.0 - (from_axis(place) / radius).powi(2));
    let velocities = simulation.velocities();
    let squares =
        velocities.iter().enumerate().map(|(cell, u)| (f64::from(u[2]) - exact(simulation.cells.place(cell))).powi(2));
    Ok((squares.sum::<f64>() / velocities.len() as f64).sqrt() / SPEED)
}

/// F2: the parabola in a pipe and how fast it converges.
pub(super) fn pipe(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let radii = [5.0, 7.0, 10.0, 14.0, 20.0];
    let errors =
        |interpolate| radii.iter().map(|r| pipe_error(*r, interpolate, progress)).collect::<Result<Vec<_>, _>>();
    let (interpolated, staircase) = (errors(true)?, errors(false)?);
    let source = "closed form u = u_max (1 − r²/R²)";
    let row = |what: String, value, reference, tolerance| Row {
        id: "F2",
        what,
        value,
        reference,
        unit: "1",
        tolerance,
        source,
    };
    Ok(vec![
        row("profile, interpolated walls, R = 10 cells".into(), interpolated[2], 0.0, 0.01),
        row("profile, half-way walls, R = 10 cells".into(), staircase[2], 0.0, 0.04),
        row("order, interpolated walls, R = 5 to 20".into(), order(&radii, &interpolated), 2.0, 0.35),
        row("order, half-way walls, R = 5 to 20".into(), order(&radii, &staircase), 1.0, 0.6),
    ])
}
