//! Closed systems: what must be kept is kept, what must decay decays at the right rate.

use super::super::collide::Trt;
use super::super::domain::Domain;
use super::super::error::FlowError;
use super::super::lattice::{C, Q, weight};
use super::super::plan::MAGIC;
use super::super::regularised::Regularised;
use super::super::simulation::{Operator, Simulation};
use super::{Row, enclosed, order};
use crate::base::Progress;
use crate::base::rng::Rng;
use crate::geom::{Grid, Point};
use std::f64::consts::TAU as TURN;

/// Shifted equilibrium populations, and the part out of equilibrium that carries the velocity gradient `grad[a][b]` =
/// ∂u_a/∂x_b.
fn populations(rho: f64, u: [f64; 3], grad: [[f64; 3]; 3], tau: f64) -> [f32; Q] {
    std::array::from_fn(|i| {
        let c = C[i].map(f64::from);
        let cu: f64 = (0..3).map(|a| c[a] * u[a]).sum();
        let square: f64 = u.iter().map(|u| u * u).sum();
        let strain: f64 = (0..9).map(|n| c[n / 3] * c[n % 3] * grad[n / 3][n % 3]).sum();
        let w = f64::from(weight(i));
        (w * (rho + (1.0 + rho) * (3.0 * cu + 4.5 * cu * cu - 1.5 * square)) - 3.0 * w * tau * strain) as f32
    })
}

/// F15: no population is lost in a closed box, whatever moves in it.
pub(super) fn mass(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let edge = 14;
    let level = move |place: [i32; 3]| if place.iter().all(|x| 1 <= *x && *x < edge - 1) { 1.0 } else { -1.0 };
    let grid = Grid::aligned([edge as usize; 3], Point::origin(), [1.0; 3]).expect("edge is not 0");
    let domain = Domain::enclosed(&grid, level, [false; 3]);
    let tau = 0.55;
    let steps = 10_000;
    let mut rows = Vec::new();
    let operators = [
        ("two relaxation times", Operator::Trt(Trt::new(tau, MAGIC, [0.0; 3]))),
        ("regularised", Operator::Regularised(Regularised::new(tau, 0.0))),
    ];
    for (name, operator) in operators {
        let mut simulation = enclosed(&domain, operator, tau, [0.0; 3], false);
        let mut rng = Rng::new(5);
        for cell in 0..simulation.cells.len() {
            let u = [0.0; 3].map(|_: f64| rng.between(-0.05, 0.05));
            simulation.populations.set(cell, populations(rng.between(-0.01, 0.01), u, [[0.0; 3]; 3], tau));
        }
        let before = simulation.mass();
        while simulation.steps < steps {
            simulation.two_steps();
            progress.step(simulation.steps, steps)?;
        }
        let cells = simulation.cells.len() as f64;
        rows.push(Row {
            id: "F15",
            what: format!("relative change of mass in 10 000 steps, {name}"),
            value: (simulation.mass() - before) / cells,
            reference: 0.0,
            unit: "1",
            tolerance: 1e-6,
            source: "conservation; single precision rounds without bias",
        });
    }
    Ok(rows)
}

/// Errors of velocity and of the decay rate of energy for `n` cells per wave at time ln 2/(2 ν k²).
fn vortices(n: usize, progress: &Progress) -> Result<[f64; 2], FlowError> {
    let tau = 0.8;
    let nu = (tau - 0.5) / 3.0;
    // Diffusive scaling: speed times cells is constant, so that the error of compressibility falls as the square too.
    let speed = 0.02 * 32.0 / n as f64;
    let k = TURN / n as f64;
    let grid = Grid::aligned([n, n, 1], Point::origin(), [1.0; 3]).expect("n is not 0");
    let domain = Domain::enclosed(&grid, |_| 1.0, [true; 3]);
    let mut simulation = enclosed(&domain, Operator::Trt(Trt::new(tau, MAGIC, [0.0; 3])), tau, [0.0; 3], false);
    let exact = |place: [i32; 3], speed: f64| {
        let (x, y) = (k * f64::from(place[0]), k * f64::from(place[1]));
        [-speed * x.cos() * y.sin(), speed * x.sin() * y.cos(), 0.0]
    };
    for cell in 0..simulation.cells.len() {
        let place = simulation.cells.place(cell);
        let (x, y) = (k * f64::from(place[0]), k * f64::from(place[1]));
        let rho = -0.75 * speed * speed * ((2.0 * x).cos() + (2.0 * y).cos());
        let (same, cross) = (speed * k * x.sin() * y.sin(), speed * k * x.cos() * y.cos());
        let grad = [[same, -cross, 0.0], [cross, -same, 0.0], [0.0; 3]];
        simulation.populations.set(cell, populations(rho, exact(place, speed), grad, tau));
    }
    let energy = |simulation: &Simulation| -> f64 {
        simulation.velocities().iter().flatten().map(|u| f64::from(*u).powi(2)).sum()
    };
    let start = energy(&simulation);
    let steps = (std::f64::consts::LN_2 / (2.0 * nu * k * k)) as usize / 2 * 2;
    while simulation.steps < steps {
        simulation.two_steps();
        progress.step(simulation.steps, steps)?;
    }
    let time = simulation.steps as f64;
    let rate = (start / energy(&simulation)).ln() / time / (4.0 * nu * k * k) - 1.0;
    let now = speed * (-2.0 * nu * k * k * time).exp();
    let (mut error, mut size) = (0.0, 0.0);
    for (cell, u) in simulation.velocities().iter().enumerate() {
        let exact = exact(simulation.cells.place(cell), now);
        for a in 0..3 {
            error += (f64::from(u[a]) - exact[a]).powi(2);
            size += exact[a].powi(2);
        }
    }
    Ok([(error / size).sqrt(), rate.abs()])
}

/// F5: four vortices die away, the energy as exp(−4 ν k² t).
pub(super) fn taylor_green(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let sizes = [16_usize, 32, 64];
    let errors = sizes.iter().map(|n| vortices(*n, progress)).collect::<Result<Vec<_>, _>>()?;
    let sizes = sizes.map(|n| n as f64);
    let velocity: Vec<f64> = errors.iter().map(|e| e[0]).collect();
    let source = "closed form (Taylor and Green 1937); second order in the cell";
    let row = |what: &str, value, reference, tolerance| Row {
        id: "F5",
        what: what.into(),
        value,
        reference,
        unit: "1",
        tolerance,
        source,
    };
    Ok(vec![
        row("order of the velocity, 16 to 64 cells a wave", order(&sizes, &velocity), 2.0, 0.2),
        row("relative error of the velocity, 64 cells", velocity[2], 0.0, 0.005),
        row("relative error of the decay rate of energy, 64 cells", errors[2][1], 0.0, 0.005),
    ])
}
