//! Finite elements.

pub mod tet10;
pub mod tet4;

pub use tet4::{Block, Tet4};
pub use tet10::Tet10;
