//! Breathing: air that goes in and out of segmented airways.
//!
//! A breath takes seconds and a step of the lattice some microseconds: to follow a breath through would take hours. It need
//! not be followed. The Womersley numbers of bronchi are small, so that at every moment the flow is nearly the steady flow
//! of that moment, and what the air's inertia adds to the pressure is proportional to the acceleration. A few steady flows
//! in and out therefore give the breath:
//!
//! ```text
//! p(t) = K₁ q + K₂ q |q| + L dq/dt        L = 2 E/q²
//! ```
//!
//! with the flow q and Rohrer's constants of each direction ([`Rohrer`]), and the inertance L of the kinetic energy E of the
//! steady flows. [`straight_pipe`] says how far that is from the exact solution in a straight pipe: each result tells.

mod cycle;
mod ends;
mod law;
mod pattern;
mod report;
mod run;
pub(in crate::flow) mod validity;

pub use cycle::{BreathCycle, Moment};
pub use ends::Ends;
pub use law::Rohrer;
pub use pattern::Breath;
pub use run::{Breathing, Direction, SteadyFlow, estimate_breath, simulate_breath};
pub use validity::{QuasiSteady, straight_pipe};
