//! Benchmarks: speed and memory of this program, beside a peer where one is installed. The one list of suites.

mod flow;
mod import;
mod peer;
mod plan;
mod plan_paths;
mod segment;
pub mod session;
mod start;
mod tissue;
mod view;

use crate::base::Progress;
use crate::proof::machine;
use serde::Serialize;
use std::time::Instant;

/// A peer that ran in the same minute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peer {
    /// What it is.
    pub name: String,
    /// Its value, in the unit of the row.
    pub value: f64,
    /// How much better ours is: above 1 ours wins; none where it computed something else.
    pub ratio: Option<f64>,
}

/// One measured number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Stable id.
    pub id: String,
    /// What is measured.
    pub what: String,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// The target the project set itself, in the same unit.
    pub target: Option<f64>,
    /// Most memory the process held meanwhile, in MB; none where the system does not tell.
    pub peak_mb: Option<f64>,
    /// A peer beside it, if one is installed.
    pub peer: Option<Peer>,
    /// Why there is no number (missing data, or what went wrong) or no peer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Row {
    /// A measured number.
    pub fn new(id: &str, what: impl Into<String>, value: f64, unit: &str) -> Self {
        let (target, peak_mb, peer, note) = (None, machine::peak_memory_mb(), None, None);
        Self { id: id.to_owned(), what: what.into(), value, unit: unit.to_owned(), target, peak_mb, peer, note }
    }

    /// A row without a number: what was to be measured, and why it was not.
    pub fn skipped(id: &str, what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { note: Some(reason.into()), peak_mb: None, ..Self::new(id, what, f64::NAN, "") }
    }

    /// This row with the target the project set itself.
    #[must_use]
    pub fn target(mut self, target: f64) -> Self {
        self.target = Some(target);
        self
    }
}

/// Least seconds that `work` takes in three runs, and what the last returns; the peak memory counts from here.
pub fn best_of_three<R>(mut work: impl FnMut() -> R) -> (f64, R) {
    let runs = [timed(&mut work).0, timed(&mut work).0];
    let (seconds, result) = timed(work);
    (runs.into_iter().fold(seconds, f64::min), result)
}

/// Seconds that `work` takes, and what it returns; the peak memory counts from here.
pub fn timed<R>(work: impl FnOnce() -> R) -> (f64, R) {
    machine::reset_peak_memory();
    let start = Instant::now();
    let result = work();
    (start.elapsed().as_secs_f64(), result)
}

/// Rows that belong together.
pub struct Suite {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it measures, one sentence.
    pub about: &'static str,
    /// Measure.
    pub run: fn(&Progress) -> Result<Vec<Row>, String>,
}

/// All suites, in the order they are printed.
pub const SUITES: &[Suite] = &[
    Suite { name: "start", about: "start of the program", run: start::rows },
    Suite { name: session::NAME, about: "a person's session in the window, played by itself", run: session::rows },
    Suite { name: "import", about: "DICOM series and the surface of bone", run: import::rows },
    Suite { name: "segment", about: "filters, components, segmentation and tetrahedra", run: segment::rows },
    Suite { name: "view", about: "slices, slabs and curved reformations of 512 × 512 × 500 voxels", run: view::rows },
    Suite { name: "tissue", about: "tetrahedra and quasi-static solves", run: tissue::rows },
    Suite { name: "flow", about: "lattice Boltzmann cell updates", run: flow::rows },
    Suite {
        name: "plan",
        about: "cuts, margins, territories, paths and ablations in an organ of 256³ voxels",
        run: plan::rows,
    },
];
