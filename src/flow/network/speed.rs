//! How fast a tree of given size is solved: what the benchmark calls.

use super::{Block, BlockKind, End, Link, Network, NetworkError, Quantity, Rcr, Schedule, Vessel, Waveform, solve};
use crate::base::Progress;
use std::time::Instant;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// From the checked network to the solution, in s; best of the runs.
    pub seconds: f64,
    /// Mean pressure at the root over the last cycle: what shows that the work was done.
    pub root_pressure: f64,
    /// Unknowns of the system.
    pub unknowns: usize,
    /// Steps computed, without those of the start.
    pub steps: usize,
}

/// A tree in which every vessel has two children or ends in a windkessel, in cgs units, breadth first.
///
/// Radii shrink by Murray's law with uneven children; lengths are ten radii; `stenosed` gives every seventh vessel a
/// loss with the square of the flow, so that every step needs Newton's method. Three beats of 705 points.
///
/// # Errors
/// [`NetworkError`] for no vessel.
pub fn tree(vessels: usize, stenosed: bool) -> Result<Network, NetworkError> {
    let (viscosity, density, stiffness) = (0.04, 1.06, 8e6);
    let period = 1.0;
    let beat = |t: f64| if t < 0.4 { 5.0 + 250.0 * (std::f64::consts::PI * t / 0.4).sin().powi(2) } else { 5.0 };
    let inflow = Waveform::sampled(period, 100, beat)
        .map_err(|problem| NetworkError::BadWaveform { block: "INFLOW".into(), problem })?;
    let mut blocks = vec![Block::new("INFLOW", BlockKind::Flow(inflow))];
    let mut links = Vec::new();
    let mut radii = vec![1.2_f64];
    let mut parents = vec![0];
    let inner = vessels.saturating_sub(1) / 2;
    for n in 0..vessels {
        let (radius, length) = (radii[n], 10.0 * radii[n]);
        let area = std::f64::consts::PI * radius * radius;
        let vessel = Vessel {
            resistance: 8.0 * viscosity * length / (area * radius * radius),
            inductance: density * length / area,
            // Wall of a tenth of the radius: C = 3 π r³ l/(2 E h).
            capacitance: 15.0 * area * length / stiffness,
            stenosis: if stenosed && n % 7 == 3 { 0.76 * density / (area * area) } else { 0.0 },
            ..Vessel::default()
        };
        let this = blocks.len();
        blocks.push(Block::new(format!("branch{n}_seg0"), BlockKind::Vessel(vessel)));
        links.push(Link { from: parents[n], to: this });
        if n < inner {
            let junction = blocks.len();
            blocks.push(Block::new(format!("J{n}"), BlockKind::Junction));
            links.push(Link { from: this, to: junction });
            // Shares of the flow 0.6 and 0.4: r³ adds up.
            radii.extend([radius * 0.6_f64.cbrt(), radius * 0.4_f64.cbrt()]);
            parents.extend([junction, junction]);
        } else {
            let total = 1600.0 * (radii[0] / radius).powi(3);
            let rcr = Rcr {
                proximal: 0.09 * total,
                capacitance: 1.0 / (0.91 * total),
                distal: 0.91 * total,
                distal_pressure: 0.0,
            };
            links.push(Link { from: this, to: blocks.len() });
            blocks.push(Block::new(format!("RCR{n}"), BlockKind::Rcr(rcr)));
        }
    }
    let mut network = Network::new(blocks, links)?;
    network.schedule = Schedule { cycles: 3, points_per_cycle: 705, ..Schedule::default() };
    Ok(network)
}

/// Solve a network `runs` times.
///
/// # Errors
/// As [`solve`].
pub fn speed(network: &Network, runs: usize, progress: &Progress) -> Result<Measured, NetworkError> {
    let mut best = f64::INFINITY;
    let mut solution = None;
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        let solved = solve(network, progress)?;
        best = best.min(start.elapsed().as_secs_f64());
        solution = Some(solved);
    }
    let solution = solution.expect("there was at least one run");
    let root = network.blocks().iter().position(|block| matches!(block.kind, BlockKind::Vessel(_)));
    let root_pressure = root.and_then(|root| solution.mean(root, End::Inlet, Quantity::Pressure)).unwrap_or(0.0);
    let unknowns = solution.unknowns().len();
    Ok(Measured { seconds: best, root_pressure, unknowns, steps: network.schedule.steps() })
}
