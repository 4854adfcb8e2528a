//! The chest phantom: a supine adult from the domes of the diaphragm to the base of the neck, portal venous phase.
//!
//! What it is for: airways with known lumens, lungs with vessels and walls in them, and the gas that is none of both
//! (oesophagus, stomach). Coordinates are LPS mm as in the abdomen phantom; the lower edge of the scan is z = 0.

mod airway;
mod compose;
mod trunk;

#[cfg(test)]
mod tests;

pub use compose::{ChestParams, chest};
