//! Sparse linear algebra for meshes: symmetric block matrices, an ordering, a factorisation, three iterations.
//!
//! Knows no geometry beyond coordinates and no physics.

pub mod block_matrix;
pub mod cg;
pub mod factor;
pub mod gmres;
pub mod minres;
pub mod ordering;

pub use block_matrix::{BlockMatrix, BlockPattern};
pub use cg::cg;
pub use factor::{Factor, FactorError, Symbolic};
pub use gmres::gmres;
pub use minres::{Iterated, minres};
pub use ordering::nested_dissection;
