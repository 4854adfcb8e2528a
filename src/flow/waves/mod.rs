//! Pulse waves in networks of elastic arteries (1D): pressure and flow along every vessel over the heart cycle.
//!
//! ```text
//! A_t + Q_x = 0
//! Q_t + (α Q²/A)_x + A/ρ p_x = −2 (ζ + 2) π μ/ρ Q/A
//! p = p_0 + β/A_0 (√A − √A_0)             c² = A/ρ dp/dA = β √A/(2 ρ A_0)
//! ```
//!
//! Area A, flow Q, profile order ζ, momentum coefficient α, as in Boileau et al. 2015 (Int. J. Numer. Methods Biomed.
//! Eng. 31:e02732). Vessels meet where flow is conserved and total pressure p + ρ u²/2 is the same, and end in what an
//! [`End`] says. SI units throughout.
//!
//! The way of a computation: [`Segment`]s and [`End`]s make a [`Network`], [`solve`] gives [`Waves`] at [`Probe`]s.
//! [`from_tree`] makes a network of the vessels of a scan. Knows no case, no files and no lattice.
//!
//! Limits: straight vessels with thin elastic walls and a velocity profile of fixed shape, flow slower than the wave.
//! What 1D adds to [`super::network`] is the travel of waves: the shape of pulses and where they are reflected.

mod end;
mod error;
mod grid;
mod network;
mod node;
mod result;
mod scheme;
mod segment;
mod solve;
mod stepper;
mod tree;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tree_tests;

pub use end::End;
pub use error::WavesError;
pub use network::Network;
pub use result::{Probe, Series, Waves, foot_s, pulse_wave_speed};
pub use segment::{Loss, Profile, Section, Segment};
pub use solve::{Setup, solve};
pub use tree::{Stretch, TreeWaves, from_tree};
