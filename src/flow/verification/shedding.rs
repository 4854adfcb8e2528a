//! F7: a cylinder in a channel that sheds vortices.

use super::super::error::FlowError;
use super::super::settle::check_speed;
use super::Row;
use super::obstacle::{channel_2d, operator};
use crate::base::Progress;

/// Cells across the cylinder, highest speed in the channel in cells per step, Reynolds number.
const ACROSS: usize = 20;
const PEAK: f64 = 0.08;
const REYNOLDS: f64 = 100.0;
/// How often the fluid passes the channel before it is watched: until vortices shed evenly.
const PASSES: f64 = 5.0;
/// Steps between two looks at the force, and how many there are: about 50 a period, 10 periods.
const EVERY: usize = 24;
const LOOKS: usize = 550;

/// F7: largest drag and frequency of the cylinder of Schäfer and Turek in a plane at Reynolds number 100. The lift tells the
/// frequency; how large it is has no row.
pub(super) fn plane(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (d, mean) = (ACROSS as f64, PEAK / 1.5);
    let (tunnel, _) = channel_2d(ACROSS, PEAK);
    let begun = progress.part(0.0..0.8, "vortices begin");
    let mut flow = tunnel.steady(operator(mean * d / REYNOLDS), mean, 0.0, PASSES, &begun)?;
    let watched = progress.part(0.8..1.0, "vortices shed");
    let scale = 2.0 / (mean * mean * d);
    let (mut drags, mut lifts) = (Vec::with_capacity(LOOKS), Vec::with_capacity(LOOKS));
    for look in 0..LOOKS {
        watched.step(look, LOOKS)?;
        // To look takes two steps.
        flow.simulation.pairs(EVERY / 2 - 1);
        let [drag, lift, _] = flow.force(|p| (tunnel.level)(p) < 0.0);
        drags.push(scale * drag);
        lifts.push(scale * lift);
    }
    check_speed(&flow.simulation.velocities(), flow.simulation.steps)?;
    let largest = |of: &[f64]| of.iter().copied().fold(f64::NAN, f64::max);
    let row = |what: &str, value, [low, high]: [f64; 2]| Row {
        id: "F7",
        what: format!("cylinder in a channel, Reynolds number 100, in a plane, {ACROSS} cells across: {what}"),
        value,
        reference: 0.5 * (low + high),
        unit: "1",
        tolerance: 0.01 * (low + high),
        source: "Schäfer, Turek 1996, Notes Numer. Fluid Mech. 52:547, case 2D-2: within 2 % of the middle of their interval",
    };
    let strouhal = frequency(&lifts) * d / (EVERY as f64 * mean);
    Ok(vec![
        row("largest drag coefficient", largest(&drags), [3.22, 3.24]),
        row("Strouhal number", strouhal, [0.295, 0.305]),
    ])
}

/// Periods per sample of an oscillation, from the first to the last time it goes up through its mean; not a number without
/// two of those.
fn frequency(samples: &[f64]) -> f64 {
    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
    let ups: Vec<f64> = samples
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < mean && mean <= pair[1])
        .map(|(n, pair)| n as f64 + (mean - pair[0]) / (pair[1] - pair[0]))
        .collect();
    match ups[..] {
        [first, .., last] => (ups.len() - 1) as f64 / (last - first),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frequency_of_a_wave_is_found_and_none_without_a_wave() {
        let wave: Vec<f64> = (0..500).map(|n| 0.3 + (0.13 * f64::from(n) + 0.7).sin()).collect();
        let expected = 0.13 / (2.0 * std::f64::consts::PI);
        assert!((frequency(&wave) / expected - 1.0).abs() < 1e-3, "{}", frequency(&wave));
        assert!(frequency(&[1.0; 10]).is_nan());
    }
}
