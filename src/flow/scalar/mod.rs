//! A passive scalar in a computed flow: contrast agent, a drug, heat, and how long fluid stays.
//!
//! ```text
//! ∂c/∂t + ∇·(u c) = D ∇²c − k c
//! ```
//!
//! Finite volumes on the cells of a [`super::FlowResult`] with its velocities, which do not feel what they carry. The way:
//! [`Carrier::of`] makes fluxes through the faces of the cells that lose nothing, [`Carrier::carry`] follows a scalar in
//! time, [`Carrier::age`] solves for how long the fluid at a place has been in the lumen. Metres and seconds inside;
//! concentrations in whatever unit the injection has.

mod age;
mod carrier;
mod carry;
mod curve;
mod error;
mod injection;
mod picture;
mod project;
mod scheme;

#[cfg(test)]
mod tests;

pub use age::Age;
pub use carrier::{Carrier, Port};
pub use carry::{Balance, Passage, Snapshot, Transport};
pub use curve::Curve;
pub use error::ScalarError;
pub use injection::Injection;
pub use picture::on_wall;
