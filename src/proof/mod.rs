//! What the program proves of itself: verification rows against theory and published numbers, and benchmarks.

pub mod bench;
pub mod machine;
pub mod verify;
