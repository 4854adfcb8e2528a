//! The mesh doctor: what is wrong with a surface, where, in words; and a closed, sound surface in its place.

mod check;
mod cross;
mod edges;
mod repair;

pub use check::{Fault, FaultKind, check};
pub use repair::{RepairError, repair};
