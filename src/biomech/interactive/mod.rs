//! A body that is held, pulled and pressed by hand, sixty frames a second.
//!
//! Implicit Euler on linear tetrahedra ([`elements`]): a frame is one step of Newton's method with a positive stiffness
//! ([`matrix`]), solved by a limited number of conjugate gradient iterations ([`conjugate`]), of a large body on two levels
//! ([`coarse`]), and taken back as far as it would raise the energy ([`step`]). No frame but the first allocates memory
//! once the lists of contacts have their length; the same inputs give the same bits on any number of threads. At rest and
//! at moderate strain it agrees with [`super::quasi_static()`] within the error of the mesh (rows V14i).
//!
//! A graphics card may do what is done once a tetrahedron and solve the linear systems (`gpu`, with the feature of that
//! name); the processor's way is the default and what it is checked against.
//!
//! Run it inside [`crate::base::parallel::install`].

pub mod body;
mod build;
pub mod coarse;
pub mod conjugate;
pub mod contact;
pub mod cut;
pub mod elements;
mod evaluate;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "no_gpu.rs"]
mod gpu;
pub mod health;
mod hold;
mod kernels;
pub mod lanes;
mod lattice;
pub mod matrix;
pub mod pieces;
mod self_contact;
pub mod shaft;
mod snap;
pub mod step;
mod stress;
pub mod ties;
pub mod tools;
pub mod topology;

pub use body::{Body, Settings, Spring};
pub use cut::{Cut, Loose};
pub use health::{Health, Note};
pub use self_contact::SelfContact;
pub use shaft::{NeedleForces, NeedleRefused, NeedleSeen};
pub use step::Inputs;
pub use ties::{Tie, Tied};
pub use tools::{Shape, Tool};

#[cfg(test)]
mod coarse_tests;
#[cfg(test)]
mod cut_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod shaft_tests;
#[cfg(test)]
mod tie_tests;
