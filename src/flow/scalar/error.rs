//! What can be wrong with a scalar in a flow, as sentences.

use crate::base::Cancelled;

/// Why there is no passage of a scalar.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScalarError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A number that is not usable.
    #[error("{what} is {value}; it must be {limit}")]
    BadNumber {
        /// Which number.
        what: &'static str,
        /// Its value as text, with the unit.
        value: String,
        /// What is allowed.
        limit: &'static str,
    },
    /// Nothing comes in or goes out.
    #[error("nothing flows through the lumen: {inlets} openings let {flow_ml_s:.4} ml/s in; compute a flow first")]
    Still {
        /// Openings with flow into the lumen.
        inlets: usize,
        /// What they let in.
        flow_ml_s: f64,
    },
    /// What comes in cannot go out.
    #[error("{flow_ml_s:.4} ml/s come in, but no way leads from there to an outlet; compute the flow again")]
    NoWay {
        /// What would come in.
        flow_ml_s: f64,
    },
    /// An opening that no cell touches.
    #[error("no cell lies at the opening '{0}'; compute the flow again")]
    NoMouth(String),
    /// The fluxes could not be made free of losses.
    #[error(
        "the fluxes between the cells could not be balanced: after {iterations} iterations {residual:.1e} of what was missing is left; compute the flow again until it is steady"
    )]
    Unbalanced {
        /// Iterations made.
        iterations: usize,
        /// What is left of the residual.
        residual: f64,
    },
}

/// `value` if it is finite and lies in `low..`, for numbers that people give.
pub(super) fn at_least(what: &'static str, value: f64, low: f64, unit: &str) -> Result<f64, ScalarError> {
    if value.is_finite() && low <= value {
        return Ok(value);
    }
    let limit = if low == 0.0 { "a finite number not less than 0" } else { "a finite number more than 0" };
    Err(ScalarError::BadNumber { what, value: format!("{value} {unit}"), limit })
}
