//! A flexible needle pushed into an organ: puncture, cutting, friction, the bend of the needle and the way the target
//! goes.
//!
//! The organ is a linear elastic body held by its supports, the needle a slender beam clamped in the hand. They meet
//! along the track that the tip has cut: there the shaft and the tissue lie beside each other, and the tissue is dragged
//! along by friction. The track grows in the tissue, not in space, so that an organ that yields takes the target and the
//! track with it (DiMaio and Salcudean 2003). Force at the hand is the sum of the stiffness before puncture, of cutting
//! and of friction (Okamura, Simone and O'Leary 2004). Knows no case; mm, N at the border, SI inside.

mod balance;
mod beam;
mod frame;
mod ground;
mod insert;
mod line;
mod locate;
mod problem;
mod result;
mod summary;
mod tissue;
mod track;

pub use balance::tip_under_side;
pub use beam::Beam;
pub use ground::Ground;
pub use insert::{insert, inserted_in};
pub use problem::{Insertion, NITINOL_PA, Needle, NeedleError, Path, Resistance, STEEL_PA};
pub use result::{Inserted, Sample};
pub use tissue::TissueGround;

#[cfg(test)]
mod tests;
