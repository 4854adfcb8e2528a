//! One state of the vessels: where its waves are looked at, and what they are there.

use super::beat::Beat;
use super::cost::Cost;
use super::error::told;
use super::{CYCLE_TOLERANCE, Params};
use crate::base::Progress;
use crate::flow::network::{TreeSetup, VesselTree};
use crate::flow::waves::{Probe, Profile, Setup, TreeWaves, Waves, WavesError, from_tree, solve};
use crate::session::CommandError;

/// Places where the waves are looked at are no farther apart, mm.
const PLACES_MM: f64 = 5.0;
/// Cells are half as long as the shortest vessel, which has two at least and so sets the time step, but not shorter or
/// longer than this, m: shorter ones cost without a gain, longer ones lose tapering and narrow places.
const CELL_M: [f64; 2] = [0.5e-3, 2e-3];
/// Samples of a heart beat.
pub(super) const SAMPLES: usize = 500;

/// A place where the waves are looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Station {
    /// None on an added vessel.
    pub branch: Option<usize>,
    /// Along the branch, or the added vessel, mm.
    pub at_mm: f64,
    /// Which segment of the network it is in; between two of the same it may be interpolated.
    pub segment: usize,
}

/// The vessels and their waves.
pub(super) struct State {
    pub waves: Waves,
    pub stations: Vec<Station>,
    /// One per station.
    pub beats: Vec<Beat>,
    /// Whether heart beats repeat.
    pub is_periodic: bool,
    /// Longest cell, mm.
    pub cell_mm: f64,
}

/// Vessels that are ready to be computed.
pub(super) struct Prepared {
    made: TreeWaves,
    setup: Setup,
    cost: Cost,
}

impl Prepared {
    /// The network of waves of `tree`.
    ///
    /// # Errors
    /// [`CommandError::Failed`] for vessels no waves can be computed in.
    pub fn new(params: &Params, tree: &VesselTree, tree_setup: &TreeSetup) -> Result<Self, CommandError> {
        let made = from_tree(tree, tree_setup, Profile::of_order(2.0)).map_err(|error| CommandError::failed(&error))?;
        let lengths_m = made.network.segments().iter().map(|segment| segment.length_m);
        let shortest_m = lengths_m.fold(f64::INFINITY, f64::min);
        let cell_m = params.cell_mm.map_or((0.5 * shortest_m).clamp(CELL_M[0], CELL_M[1]), |mm| 1e-3 * mm);
        let setup = Setup {
            cell_m,
            samples: SAMPLES,
            cycles_max: params.cycles_max,
            tolerance: Some(CYCLE_TOLERANCE),
            ..made.setup
        };
        let period_s = 60.0 / params.heart_rate_per_min;
        let cost = Cost::of(&made.network, &setup, tree_setup, period_s);
        Ok(Self { made, setup, cost })
    }

    /// Time it is expected to take.
    pub fn seconds(&self) -> f64 {
        self.cost.seconds()
    }

    /// What that is made of, in words.
    pub fn told(&self) -> String {
        self.cost.told()
    }

    /// The waves. If heart beats do not come to repeat, those of the last.
    ///
    /// # Errors
    /// [`CommandError`]: cancelled, or a vessel that collapses or carries more than it can.
    pub fn solve(self, progress: &Progress) -> Result<State, CommandError> {
        let Self { made, setup, .. } = self;
        let (stations, probes): (Vec<Station>, Vec<Probe>) = stations(&made).into_iter().unzip();
        let found = solve(&made.network, &setup, &probes, progress);
        let is_periodic = !matches!(found, Err(WavesError::NotPeriodic { .. }));
        let found = if is_periodic {
            found
        } else {
            solve(&made.network, &Setup { tolerance: None, ..setup }, &probes, progress)
        };
        let waves = found.map_err(|error| told(&error, &made))?;
        let root = stations.iter().position(|station| station.branch == Some(0)).unwrap_or(0);
        let beats = waves.series.iter().map(|series| Beat::of(&waves, series, &waves.series[root]));
        let mut beats: Vec<Beat> = beats.collect();
        // What passes the ends of a vessel is conserved; cells between show it with the error of the scheme.
        let mut first = 0;
        for own in stations.chunk_by(|a, b| a.segment == b.segment) {
            let last = first + own.len() - 1;
            let [begin, end] = [first, last].map(|n| beats[n].mean_ml_s);
            for (n, beat) in beats[first..=last].iter_mut().enumerate() {
                beat.mean_ml_s = begin + (end - begin) * n as f64 / (own.len() - 1) as f64;
            }
            first = last + 1;
        }
        Ok(State { beats, stations, is_periodic, cell_mm: 1e3 * setup.cell_m, waves })
    }
}

/// Stations along every vessel in order, at both ends of each and every few mm between.
fn stations(made: &TreeWaves) -> Vec<(Station, Probe)> {
    let mut all = Vec::new();
    for run in made.stretches.chunk_by(|a, b| a.segment == b.segment) {
        let (first, last) = (&run[0], &run[run.len() - 1]);
        let (from_mm, to_mm) = (first.piece.from_mm, last.piece.to_mm);
        let length_m = made.network.segments()[first.segment].length_m;
        let count = ((to_mm - from_mm) / PLACES_MM).ceil().max(1.0) as usize;
        for n in 0..=count {
            let at_mm = from_mm + (to_mm - from_mm) * n as f64 / count as f64;
            // Rounding must not lead beyond the end.
            let at_m = (first.begin_m + 1e-3 * (at_mm - from_mm)).min(length_m);
            let station = Station { branch: first.piece.branch, at_mm, segment: first.segment };
            all.push((station, Probe { segment: first.segment, at_m }));
        }
    }
    all
}

impl State {
    /// The stations of a branch, or of all added vessels, in order.
    pub fn on(&self, branch: Option<usize>) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (0..self.stations.len()).filter(move |n| self.stations[*n].branch == branch)
    }

    /// The last station of a branch.
    pub fn end(&self, branch: usize) -> Option<usize> {
        self.on(Some(branch)).next_back()
    }

    /// The beat at a place of a branch.
    pub fn beat(&self, branch: usize, at_mm: f64) -> Beat {
        let own: Vec<usize> = self.on(Some(branch)).collect();
        let after = own.iter().position(|n| at_mm <= self.stations[*n].at_mm).unwrap_or(own.len().saturating_sub(1));
        let Some(right) = own.get(after) else { return Beat::default() };
        let Some(left) = after.checked_sub(1).map(|before| own[before]) else { return self.beats[*right] };
        let [a, b] = [left, *right].map(|n| self.stations[n]);
        if a.segment != b.segment || b.at_mm <= a.at_mm {
            return self.beats[*right];
        }
        self.beats[left].mixed(&self.beats[*right], ((at_mm - a.at_mm) / (b.at_mm - a.at_mm)).clamp(0.0, 1.0))
    }
}
