//! What can be wrong with pulse waves, as sentences.

use crate::base::Cancelled;

/// Why there are no waves.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WavesError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A tree that makes no network.
    #[error(transparent)]
    Network(#[from] crate::flow::network::NetworkError),
    /// A number that is not usable.
    #[error("{what} of {owner} is {value}; it must be {limit}")]
    BadNumber {
        /// What the number belongs to.
        owner: String,
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        limit: &'static str,
    },
    /// Two vessels of the same name.
    #[error("two vessels are called '{0}'; give each its own name")]
    DuplicateName(String),
    /// Vessels and ends that make no network.
    #[error("the vessels make no network: {0}")]
    Topology(String),
    /// Cycles of different lengths.
    #[error("the end at node {node} has a cycle of {period_s} s, others one of {other_s} s; give all the same cycle")]
    Periods {
        /// Where.
        node: usize,
        /// Its cycle.
        period_s: f64,
        /// The cycle found before.
        other_s: f64,
    },
    /// A tree no waves can be computed in.
    #[error("the tree cannot be followed by waves: {0}")]
    Tree(String),
    /// Too many cells.
    #[error("cells of {cell_mm} mm make {cells:.1e} of them, the limit is {limit:.0e}; use longer cells")]
    TooManyCells {
        /// Length of a cell.
        cell_mm: f64,
        /// Cells in all.
        cells: f64,
        /// The limit.
        limit: f64,
    },
    /// Too many time steps.
    #[error(
        "the fastest wave crosses a cell of '{vessel}' in {crossing_us:.2} µs, which makes {steps:.1e} steps a cycle, the limit is {limit:.0e}; use longer cells or a softer wall"
    )]
    TooFine {
        /// Where the step is smallest.
        vessel: String,
        /// Cell over wave speed in µs.
        crossing_us: f64,
        /// Steps a cycle.
        steps: f64,
        /// The limit.
        limit: f64,
    },
    /// The area fell to nothing.
    #[error(
        "'{vessel}' collapsed {at_mm:.1} mm from its begin at {time_s:.4} s; the flow asked for is too large or the pressure at the outlets too low for its wall"
    )]
    Collapsed {
        /// Which vessel.
        vessel: String,
        /// Where.
        at_mm: f64,
        /// When.
        time_s: f64,
    },
    /// No state at a node fits what arrives there.
    #[error(
        "no pressure at node {node} carries the flow there at {time_s:.4} s: it would be faster than the pulse wave; reduce the flow or stiffen the vessels"
    )]
    Choked {
        /// Which node.
        node: usize,
        /// When.
        time_s: f64,
    },
    /// Cycles that go on changing.
    #[error(
        "after {cycles} cycles the pressure still changes by {change:.1e} of its largest value from cycle to cycle, the limit is {limit:.0e}; allow more cycles or start nearer to the mean pressure"
    )]
    NotPeriodic {
        /// Cycles computed.
        cycles: usize,
        /// Last relative change.
        change: f64,
        /// The largest that is allowed.
        limit: f64,
    },
}

fn bad(owner: &str, what: &'static str, value: f64, limit: &'static str) -> WavesError {
    WavesError::BadNumber { owner: owner.into(), what, value, limit }
}

/// `value` if it is finite and more than 0.
pub(super) fn positive(owner: &str, what: &'static str, value: f64) -> Result<f64, WavesError> {
    let fits = value.is_finite() && 0.0 < value;
    if fits { Ok(value) } else { Err(bad(owner, what, value, "a finite number more than 0")) }
}

/// `value` if it is finite and 0 or more.
pub(super) fn not_negative(owner: &str, what: &'static str, value: f64) -> Result<f64, WavesError> {
    let fits = value.is_finite() && 0.0 <= value;
    if fits { Ok(value) } else { Err(bad(owner, what, value, "a finite number, 0 or more")) }
}

/// `value` if it is finite.
pub(super) fn finite(owner: &str, what: &'static str, value: f64) -> Result<f64, WavesError> {
    if value.is_finite() { Ok(value) } else { Err(bad(owner, what, value, "a finite number")) }
}

/// `value` if it is between two limits, which `limit` says in words.
pub(super) fn within(
    owner: &str,
    what: &'static str,
    value: f64,
    [low, high]: [f64; 2],
    limit: &'static str,
) -> Result<f64, WavesError> {
    if low <= value && value <= high { Ok(value) } else { Err(bad(owner, what, value, limit)) }
}
