//! svZeroDSolver, the solver of vessel networks of SimVascular, solves the same network from the same text.

use super::{Answer, python};

/// Seconds from the text of a network to its solution, best of three, and the mean of one unknown over the last cycle.
pub(crate) fn network(json: &str, unknown: &str) -> Result<Answer, String> {
    // One argument of a program may be 128 KiB long: the text goes without its spaces.
    let compact = serde_json::from_str::<serde_json::Value>(json).map_err(|error| error.to_string())?.to_string();
    python("svZeroDSolver", include_str!("svzerod.py"), &[&compact, unknown])
}
