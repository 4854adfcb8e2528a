//! What can be wrong with a network of vessels, as sentences.

use crate::base::Cancelled;

/// Why there is no network, or no solution of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A number that is not usable.
    #[error("{what} of '{block}' is {value}; it must be {limit}")]
    BadNumber {
        /// Name of the block, or what the number belongs to.
        block: String,
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        limit: &'static str,
    },
    /// A waveform that is not usable.
    #[error("the waveform of '{block}' {problem}")]
    BadWaveform {
        /// Name of the block.
        block: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Two blocks of the same name.
    #[error("two blocks are called '{0}'; give each its own name")]
    DuplicateName(String),
    /// A block that is connected wrongly.
    #[error("'{block}' has {inlets} inlets and {outlets} outlets; {limit}")]
    Connections {
        /// Name of the block.
        block: String,
        /// Connections that lead to it.
        inlets: usize,
        /// Connections that lead from it.
        outlets: usize,
        /// What it needs.
        limit: &'static str,
    },
    /// A block that needs another one.
    #[error("'{block}' needs {what}")]
    Missing {
        /// Name of the block.
        block: String,
        /// What it needs.
        what: &'static str,
    },
    /// Cycles of different lengths.
    #[error("'{block}' has a cycle of {period}, the network one of {other}; give all waveforms the same cycle")]
    Periods {
        /// Name of the block.
        block: String,
        /// Its cycle.
        period: f64,
        /// The cycle found before.
        other: f64,
    },
    /// Flows or pressures that nothing determines.
    #[error(
        "the flow or pressure at '{block}' is not determined; a loop without resistance, or a part without an opening at which the pressure is known"
    )]
    Undetermined {
        /// Name of a block it concerns.
        block: String,
    },
    /// Newton's method did not settle.
    #[error(
        "no solution was found at time {time}: after {iterations} iterations the largest relative change was {change:.1e}, the limit is {limit:.0e}; use more time points a cycle"
    )]
    NotConverged {
        /// The time.
        time: f64,
        /// Iterations done.
        iterations: usize,
        /// Last relative change.
        change: f64,
        /// The largest that is allowed.
        limit: f64,
    },
    /// Text that is no network.
    #[error("the network file cannot be read: {0}")]
    Unreadable(String),
    /// A kind of block this program does not know.
    #[error("the block '{name}' is of the kind '{kind}', which is not known; known are {known}")]
    UnknownKind {
        /// Name of the block.
        name: String,
        /// What it says it is.
        kind: String,
        /// What there is.
        known: &'static str,
    },
    /// Centre lines no network can be made of.
    #[error("the vessels make no network: {0}")]
    Anatomy(String),
    /// A change that cannot be done.
    #[error("the vessels cannot be changed that way: {0}")]
    Edit(String),
}

/// `value` if it is finite and 0 or more.
pub(super) fn not_negative(block: &str, what: &'static str, value: f64) -> Result<f64, NetworkError> {
    let limit = "a finite number, 0 or more";
    if value.is_finite() && 0.0 <= value { Ok(value) } else { Err(bad(block, what, value, limit)) }
}

/// `value` if it is finite and more than 0.
pub(super) fn positive(block: &str, what: &'static str, value: f64) -> Result<f64, NetworkError> {
    let limit = "a finite number more than 0";
    if value.is_finite() && 0.0 < value { Ok(value) } else { Err(bad(block, what, value, limit)) }
}

/// `value` if it is finite.
pub(super) fn finite(block: &str, what: &'static str, value: f64) -> Result<f64, NetworkError> {
    if value.is_finite() { Ok(value) } else { Err(bad(block, what, value, "a finite number")) }
}

fn bad(block: &str, what: &'static str, value: f64, limit: &'static str) -> NetworkError {
    NetworkError::BadNumber { block: block.into(), what, value, limit }
}
