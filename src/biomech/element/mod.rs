//! Finite elements.

pub mod tet4;

pub use tet4::{Block, Tet4};
