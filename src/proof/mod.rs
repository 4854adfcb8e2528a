//! What the program proves of itself: verification rows against theory and published numbers, and benchmarks.

pub mod bench;
mod calculix;
pub mod machine;
pub mod verify;
