//! Networks of vessels against closed forms.

mod heart;
mod windkessel;

pub(super) use heart::loop_of_simaan;
pub(super) use windkessel::{coronary, junctions, order, pulsatile, stenosis, step_response};

use super::Row;
use crate::flow::network::{Block, BlockKind, Link, Network, NetworkError, Schedule, Waveform};

/// Blocks in a line, from the first to the last.
fn line(blocks: Vec<(&str, BlockKind)>) -> Result<Network, NetworkError> {
    let links = (1..blocks.len()).map(|to| Link { from: to - 1, to }).collect();
    Network::new(blocks.into_iter().map(|(name, kind)| Block::new(name, kind)).collect(), links)
}

/// A waveform from a function, at as many places as there are steps a cycle.
fn sampled(period: f64, steps: usize, value: impl Fn(f64) -> f64) -> Result<Waveform, NetworkError> {
    let bad = |problem| NetworkError::BadWaveform { block: "the inflow".into(), problem };
    Waveform::sampled(period, steps, value).map_err(bad)
}

/// Many steps a cycle, only the last cycle kept.
fn schedule(cycles: usize, steps: usize) -> Schedule {
    Schedule { cycles, points_per_cycle: steps + 1, ..Schedule::default() }
}

/// Largest difference of two series.
fn largest_difference(a: &[f64], b: impl IntoIterator<Item = f64>) -> f64 {
    a.iter().zip(b).fold(0.0, |max, (a, b)| f64::max(max, (a - b).abs()))
}

/// A row that compares with a difference of 0.
fn difference(
    id: &'static str,
    what: String,
    value: f64,
    unit: &'static str,
    tolerance: f64,
    source: &'static str,
) -> Row {
    Row { id, what, value, reference: 0.0, unit, tolerance, source }
}
