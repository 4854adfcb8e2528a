//! The panel of a tree of vessels: what drives the flow, what is done to the vessels, and the numbers that follow.
//!
//! It only says what is wanted; `app/view/circulation` computes it beside the window and shows the tubes.

mod panel;

#[cfg(test)]
pub(super) use panel::SHORT;

use crate::base::{NodeId, Summary};
use crate::geom::Point;
use crate::tools::simulate_network::{InSpace, Params};

/// Fields that can colour the vessels.
pub const FIELDS: [&str; 5] = ["pressure ratio", "pressure", "flow", "mean speed", "diameter"];

/// What the panel wants, and what came of it.
#[derive(Debug)]
pub struct Circulation {
    /// The vessels and what is done to them: parameters of `simulate.network`.
    pub params: Params,
    /// The field that colours them.
    pub field: &'static str,
    /// What flows with the parameters of the last answer, or why it cannot.
    pub answer: Option<Result<Summary, String>>,
    /// How long the last answer took, ms.
    pub took_ms: f64,
    /// What the changed stretches lose in space with these parameters; none while that is computed or not asked for.
    pub in_space: Option<Result<InSpace, String>>,
    /// Whether it is being computed.
    pub refining: bool,
    /// Where an added vessel starts, once that was said.
    pub from: Option<Point>,
}

impl Circulation {
    /// The panel of some centre lines.
    pub fn new(lines: NodeId) -> Self {
        Self {
            params: Params::of(lines),
            field: FIELDS[0],
            answer: None,
            took_ms: 0.0,
            in_space: None,
            refining: false,
            from: None,
        }
    }
}
