//! Case files on disk, the running log that survives a crash, and replay.
//!
//! The only part of the session that touches files.

pub mod case_file;
pub mod journal;
mod pictures;
pub mod replay;
mod schema;

pub use case_file::{StoreError, Stored, load, save};
pub use journal::{Journal, Opened};
pub use replay::{Recovered, ReplayStep, place, recover, replay};
