//! F9: flow over a step that widens a channel suddenly.

use super::super::error::FlowError;
use super::Row;
use super::obstacle::operator;
use super::tunnel::Tunnel;
use crate::base::Progress;

/// Height of the step over that of the channel before it.
const RATIO: f64 = 15.0 / 16.0;
/// Length of the channel before the step, in its heights.
const BEFORE: f64 = 3.0;
/// Mean speed before the step, cells per step.
const MEAN: f64 = 0.05;

/// Where the flow comes back to the wall behind the step, in step heights, at `reynolds` (mean speed, twice the channel's
/// height), in a channel of `channel` cells that goes on for `after` step heights.
fn reattachment(channel: f64, reynolds: f64, after: f64, progress: &Progress) -> Result<f64, FlowError> {
    let (step, before) = (RATIO * channel, BEFORE * channel);
    let height = channel + step;
    let length = before + after * step;
    let inflow = move |p: [f64; 3]| {
        let y = (p[1] - step) / channel;
        6.0 * MEAN * (y * (1.0 - y)).max(0.0)
    };
    let tunnel = Tunnel {
        dims: [length as usize, height as usize, 1],
        periodic: true,
        // The nearer of the step's top and its face; half-way between cells either way.
        level: move |p: [f64; 3]| (p[1] - step).max(p[0] - before),
        inflow,
        sides: 0.0,
    };
    let steady = tunnel.steady(operator(MEAN * 2.0 * channel / reynolds), 0.5 * MEAN, 1e-5, 8.0, progress)?;
    let simulation = &steady.simulation;
    let velocities = simulation.velocities();
    // Speed along the wall, from the two layers next to it: where the shear changes sign.
    let speed = |x: i32| {
        let at = |y: i32| simulation.cells.at([x, y, 0]).map_or(f64::NAN, |cell| f64::from(velocities[cell][0]));
        // A parabola through the wall and both layers: its slope at the wall.
        3.0 * at(0) - at(1) / 3.0
    };
    let from = before as i32 + 2;
    let turns = (from..length as i32 - 1).find(|x| speed(*x) < 0.0 && 0.0 <= speed(x + 1));
    let at = turns.map_or(f64::NAN, |x| f64::from(x) + 0.5 + speed(x) / (speed(x) - speed(x + 1)));
    Ok((at - before) / step)
}

/// F9 at Reynolds number 100.
pub(super) fn slow(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let value = reattachment(32.0, 100.0, 16.0, progress)?;
    Ok(vec![row(30, 100, value, [2.8, 3.1])])
}

/// F9 at Reynolds number 389.
pub(super) fn fast(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let value = reattachment(16.0, 389.0, 32.0, progress)?;
    Ok(vec![row(15, 389, value, [7.0, 8.3])])
}

fn row(cells: u32, reynolds: u32, value: f64, [low, high]: [f64; 2]) -> Row {
    Row {
        id: "F9",
        what: format!(
            "length of the eddy behind a step in step heights, widening 1.94, Reynolds number {reynolds}, {cells} cells high"
        ),
        value,
        reference: 0.5 * (low + high),
        unit: "1",
        tolerance: 0.5 * (high - low),
        source: "Armaly, Durst, Pereira, Schönung 1983, J. Fluid Mech. 127:473: the range of their measurement and of plane computations",
    }
}
