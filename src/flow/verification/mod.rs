//! Flow problems with known answers, solved by the same kernels as everything else.
//!
//! The ids F1, F2 … are those of the project's list of flow problems. What takes minutes is a list of its own, and
//! so is the FDA nozzle (F10). Missing: the challenges with published bands (F12: aneurysm 2012, coronary arteries 2013,
//! aortic coarctation 2012 and 2013), whose geometries are given to participants and lie neither in the project's test data
//! nor in an openly licensed archive that we know.

mod breath;
mod cavity;
mod channel;
mod coronary;
mod network;
mod obstacle;
mod pulse;
pub(super) mod scalar;
mod shapes;
mod shedding;
mod sphere;
mod step;
mod thins;
pub(super) mod tube;
mod tunnel;
mod vortex;
mod vortices;
mod waves;

use super::domain::Domain;
use super::error::FlowError;
use super::gpu::Slot;
use super::populations::Populations;
use super::settle::change;
use super::simulation::{Operator, Simulation};
use crate::base::Progress;

/// A problem with a known answer.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Stable name.
    pub id: &'static str,
    /// What is solved.
    pub what: &'static str,
    /// Solve it and compare.
    pub run: fn(&Progress) -> Result<Vec<Row>, FlowError>,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The case it belongs to.
    pub id: &'static str,
    /// What is compared.
    pub what: String,
    /// What the solver says.
    pub value: f64,
    /// What is true.
    pub reference: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// Largest difference that passes, in `unit`.
    pub tolerance: f64,
    /// Where the reference comes from, and why the tolerance is what it is.
    pub source: &'static str,
}

impl Row {
    /// The difference to the reference, in the unit of the row.
    pub fn error(&self) -> f64 {
        (self.value - self.reference).abs()
    }

    /// Whether the difference is within the tolerance; a value that is not a number is not.
    pub fn passes(&self) -> bool {
        self.error() <= self.tolerance
    }
}

/// All cases, the quick ones first.
pub fn cases() -> &'static [Case] {
    &[
        Case { id: "F1", what: "plane Poiseuille flow", run: channel::plane },
        Case { id: "F15", what: "mass in a closed box", run: vortex::mass },
        Case { id: "F3", what: "square duct", run: channel::duct },
        Case { id: "F2", what: "pipe, profile and order of convergence", run: channel::pipe },
        Case { id: "F5", what: "Taylor-Green vortices, order of convergence", run: vortex::taylor_green },
        Case { id: "F6", what: "driven cavity at Reynolds number 100", run: cavity::slow },
        Case { id: "F6", what: "driven cavity at Reynolds number 400", run: cavity::fast },
        Case { id: "F6", what: "driven cavity at Reynolds number 1000", run: cavity::faster },
        Case { id: "F16", what: "vorticity, Q and helicity in closed form", run: vortices::closed_forms },
        Case { id: "F2t", what: "tube with inlet and outlet, in patient units", run: tube::straight },
        Case { id: "F16t", what: "friction and vortices in a tube", run: vortices::pipe },
        Case { id: "F2n", what: "tube with a fluid that thins", run: thins::pipe },
        Case { id: "F8", what: "creeping flow past spheres", run: sphere::hasimoto },
        Case { id: "F4", what: "oscillating flow in a pipe", run: pulse::womersley },
        Case { id: "F4s", what: "wall shear that turns round", run: pulse::shear },
        Case { id: "F14", what: "network: windkessel, flow switched on", run: network::step_response },
        Case { id: "F14", what: "network: stenosis", run: network::stenosis },
        Case { id: "F14c", what: "network: pulsating flow into a windkessel", run: network::pulsatile },
        Case { id: "F14d", what: "network: coronary bed", run: network::coronary },
        Case { id: "F14e", what: "network: split at a junction", run: network::junctions },
        Case { id: "F14f", what: "network: order of convergence in time", run: network::order },
        Case { id: "F14g", what: "network: the loop of heart and vessels", run: network::loop_of_simaan },
        Case { id: "F13", what: "waves: common carotid artery", run: waves::carotid },
        Case { id: "F13", what: "waves: upper thoracic aorta", run: waves::thoracic },
        Case { id: "F13", what: "waves: aortic bifurcation", run: waves::bifurcation },
        Case { id: "F13", what: "waves: a vessel empties", run: waves::discharge },
        Case { id: "F13p", what: "waves: a small pulse", run: waves::pulse },
        Case { id: "F13p", what: "waves: a steepening pulse, order of convergence", run: waves::simple_wave },
        Case { id: "F13p", what: "waves: steps and branches", run: waves::junctions },
        Case { id: "F13p", what: "waves: rest and steady flow in a tapered vessel", run: waves::tapered },
        Case { id: "F13z", what: "waves against the network of the same vessel", run: waves::lumped },
        Case { id: "F17", what: "scalar: diffusion in a closed box", run: scalar::diffusion },
        Case { id: "F17t", what: "scalar: carried by a uniform flow", run: scalar::translation },
        Case { id: "F17d", what: "scalar: Taylor's dispersion", run: scalar::taylor },
        Case { id: "F17r", what: "scalar: residence times in a tube", run: scalar::residence },
        Case { id: "F14w", what: "windkessel at the end of a tube", run: pulse::windkessel },
        Case { id: "F14d3", what: "coronary bed at the end of a tube", run: coronary::bed },
        Case { id: "F18", what: "breath in a tube", run: breath::tube },
        Case { id: "F9", what: "step at Reynolds number 100", run: step::slow },
        Case { id: "F14v", what: "network beside the lattice", run: shapes::beside },
        Case { id: "F11", what: "stenosis", run: tube::stenosis },
        Case { id: "F7", what: "cylinder in a channel", run: obstacle::plane },
    ]
}

/// Cases that take minutes each.
pub fn long_cases() -> &'static [Case] {
    &[
        Case { id: "F9", what: "step at Reynolds number 389", run: step::fast },
        Case { id: "F8", what: "spheres in a stream", run: obstacle::sphere },
        Case { id: "F7", what: "cylinder in a plane, finer", run: obstacle::fine_plane },
        Case { id: "F7", what: "cylinder in a plane that sheds vortices", run: shedding::plane },
        Case { id: "F7", what: "cylinder in a square channel", run: obstacle::space },
    ]
}

/// A simulation without openings.
fn enclosed(domain: &Domain, operator: Operator, tau: f64, force: [f64; 3], interpolate: bool) -> Simulation {
    let cells = domain.cells.clone();
    let walls = if interpolate { domain.wall_links.as_slice() } else { &[] };
    let populations = Populations::new(&cells, walls);
    let (inlets, outlets, beat, gpu) = (Vec::new(), Vec::new(), None, Slot::default());
    Simulation { cells, populations, inlets, outlets, operator, tau, force, ramp: 0, steps: 0, beat, gpu, part: None }
}

/// Run until the velocity changes by less than `tolerance` in `window` steps, or `steps_max`.
fn settle(
    simulation: &mut Simulation,
    window: usize,
    tolerance: f64,
    steps_max: usize,
    progress: &Progress,
) -> Result<(), FlowError> {
    let mut before = simulation.velocities();
    while simulation.steps < steps_max {
        simulation.pairs(window / 2);
        progress.step(simulation.steps, steps_max)?;
        let now = simulation.velocities();
        if change(&before, &now) < tolerance {
            break;
        }
        before = now;
    }
    Ok(())
}

/// Slope of log error over log size.
fn order(sizes: &[f64], errors: &[f64]) -> f64 {
    let n = sizes.len() as f64;
    let (x, y): (Vec<f64>, Vec<f64>) =
        (sizes.iter().map(|s| s.ln()).collect(), errors.iter().map(|e| e.ln()).collect());
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let covariance: f64 = x.iter().zip(&y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    -covariance / x.iter().map(|x| (x - mean_x).powi(2)).sum::<f64>()
}
