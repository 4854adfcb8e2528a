//! Ways of particles without mass, from the inlets on.

use super::cells::Cells;
use super::result::{FlowResult, Streamline};
use crate::base::rng::Rng;
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use rayon::prelude::*;

/// Length of an integration step in cells.
const STEP_CELLS: f64 = 0.4;
/// Every how many steps a point is kept.
const KEEP: usize = 2;
/// Most steps of one line.
const STEPS_MAX: usize = 20_000;
/// Share of the typical speed below which a particle counts as stuck.
const STUCK: f64 = 1e-4;

/// `count` lines from seeds spread over the cells `from`, by the classical Runge–Kutta method of fourth order.
pub(super) fn trace(
    result: &FlowResult,
    from: &[u32],
    count: usize,
    progress: &Progress,
) -> Result<Vec<Streamline>, Cancelled> {
    progress.check()?;
    if from.is_empty() || count == 0 {
        return Ok(Vec::new());
    }
    let typical: f64 = from.iter().map(|cell| speed(result, *cell)).sum::<f64>() / from.len() as f64;
    let mut rng = Rng::new(19);
    let seeds: Vec<Point> = (0..count)
        .map(|n| {
            let cell = from[(n * from.len() + from.len() / 2) / count % from.len()] as usize;
            let jitter = Vector::new(rng.between(-0.4, 0.4), rng.between(-0.4, 0.4), rng.between(-0.4, 0.4));
            result.cells.centre(cell) + jitter * result.cells.cell_mm()
        })
        .collect();
    Ok(seeds.into_par_iter().map(|seed| line(result, seed, STUCK * typical)).filter(|l| 1 < l.points.len()).collect())
}

fn speed(result: &FlowResult, cell: u32) -> f64 {
    Vector::from(result.velocity_m_s[cell as usize].map(f64::from)).norm()
}

fn line(result: &FlowResult, seed: Point, slowest_m_s: f64) -> Streamline {
    let cells: &Cells = &result.cells;
    let length_mm = STEP_CELLS * cells.cell_mm();
    let mut line = Streamline { points: Vec::new(), speed_m_s: Vec::new(), time_s: Vec::new() };
    let (mut point, mut time) = (seed, 0.0);
    for step in 0..STEPS_MAX {
        let Some(k1) = result.velocity_at(point) else { break };
        let speed = k1.norm();
        if step % KEEP == 0 {
            line.points.push(point);
            line.speed_m_s.push(speed as f32);
            line.time_s.push(time as f32);
        }
        if speed <= slowest_m_s {
            break;
        }
        // mm per m/s: the step in time times 1000.
        let step_mm = length_mm / speed;
        let next = (|| {
            let k2 = result.velocity_at(point + k1 * (0.5 * step_mm))?;
            let k3 = result.velocity_at(point + k2 * (0.5 * step_mm))?;
            let k4 = result.velocity_at(point + k3 * step_mm)?;
            Some((k1 + k2 * 2.0 + k3 * 2.0 + k4) * (step_mm / 6.0))
        })();
        let Some(advance) = next else { break };
        point += advance;
        time += step_mm * 1e-3;
    }
    line
}
