//! Soft-tissue mechanics: what a body of tetrahedra does when it is held, pulled, pressed or weighed.
//!
//! SI units inside ([`units`] is the border); patient millimetres outside. Knows no case, no window and no flow.

pub mod assemble;
pub mod boundary;
pub mod element;
pub mod material;
pub mod newton;
pub mod patch;
pub mod position;
pub mod preview;
pub mod problem;
pub mod quasi_static;
pub mod rest_shape;
pub mod result;
pub mod rigid;
pub mod solver;
pub mod stress;
pub mod summary;
pub mod units;
pub mod verification;

pub use material::{Material, Model, Tissue, tissues};
pub use patch::{vertices_on_side, vertices_touching, vertices_within};
pub use position::Position;
pub use preview::{LinearPreview, PreviewFrame};
pub use problem::{Axis, Formulation, LinearSolver, Load, Options, Problem, TissueError};
pub use quasi_static::quasi_static;
pub use rest_shape::{RestError, RestShape, rest_shape};
pub use result::TissueResult;

#[cfg(test)]
mod tests;
