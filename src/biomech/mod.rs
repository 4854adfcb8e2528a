//! Soft-tissue mechanics: what a body of tetrahedra does when it is held, pulled, pressed or weighed.
//!
//! Two solvers over the same mesh, materials and supports: an accurate one ([`quasi_static()`]) and one that follows
//! the hand ([`interactive`]). SI units inside ([`units`] is the border); patient millimetres outside. Knows no case, no
//! window and no flow.

pub mod active;
pub mod assemble;
pub mod bed;
pub mod boundary;
mod check;
pub mod contact;
pub mod dynamics;
pub mod element;
pub mod fibres;
pub mod interactive;
pub mod material;
pub mod needle;
pub mod newton;
pub mod operation;
pub mod patch;
pub mod position;
pub mod problem;
pub mod quadratic;
pub mod quasi_static;
pub mod recovery;
pub mod rest_shape;
pub mod result;
pub mod rigid;
pub mod solver;
pub mod stress;
pub mod summary;
pub mod system;
pub mod touch;
pub mod units;
pub mod validity;
pub mod verification;
pub mod visco;

pub use bed::BedSpring;
pub use contact::ContactResult;
pub use dynamics::{Course, Damping, Frame, Motion, dynamics};
pub use material::{
    Fibre, Guccione, Holzapfel, Hyperelastic, Material, Model, MooneyRivlin, Ogden, Published, Tissue, published,
    tissues,
};
pub use patch::{boundary_vertices, vertices_near, vertices_on_side, vertices_within};
pub use position::Position;
pub use problem::{Axis, Formulation, LinearSolver, Load, Options, Problem, TissueError};
pub use quadratic::Detail;
pub use quasi_static::{quasi_static, quasi_static_in_contact, quasi_static_in_detail, quasi_static_with_fibres};
pub use rest_shape::{RestError, RestShape, rest_shape};
pub use result::TissueResult;
pub use visco::{Branch, Moment, viscoelastic};

#[cfg(test)]
mod tests;
