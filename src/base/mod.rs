//! No domain words here: progress, ids, findings, tables, units, parallel loops, randomness, hashes.

pub mod courtesy;
pub mod findings;
pub mod hash;
pub mod i18n;
pub mod id;
pub mod memory;
pub mod parallel;
pub mod progress;
pub mod rng;
pub mod summary;
pub mod table;
pub mod units;

pub use findings::{Finding, Findings, Severity};
pub use hash::{ContentHash, ContentHasher};
pub use id::{JobId, NodeId, SegmentId, StateId};
pub use progress::{Cancelled, Glimpse, Progress};
pub use summary::{Fact, Made, Summary};
pub use table::{Column, Table};
