//! The file format of svZeroDSolver (SimVascular), to and from text: its published cases run, and ours run there.
//!
//! A connection of two blocks that are no junctions is written with a junction between them where the format has no
//! other place for it.

mod fields;
mod kinds;
mod read;
mod write;

use super::{Network, NetworkError};

impl Network {
    /// A network from the text of a file.
    ///
    /// Read are `simulation_parameters`, `vessels`, `junctions`, `boundary_conditions`, `closed_loop_blocks`, `valves`,
    /// `chambers` and `initial_condition`; descriptions and names that start with an underscore are skipped. Of the
    /// simulation parameters those about the form of the output are skipped, and the tolerance is our own.
    ///
    /// # Errors
    /// [`NetworkError`]: text that is no JSON, something missing or of another type, a kind or parameter that is not
    /// known, and everything [`Network::new`] refuses.
    pub fn from_json(text: &str) -> Result<Self, NetworkError> {
        read::network(text)
    }

    /// The network as the text of a file.
    pub fn to_json(&self) -> String {
        write::text(self)
    }
}

#[cfg(test)]
mod tests;
