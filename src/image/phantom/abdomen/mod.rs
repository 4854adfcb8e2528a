//! The abdomen phantom: a supine adult from the eighth thoracic to the fourth lumbar vertebra, portal venous phase.
//!
//! Coordinates are LPS mm: x to the patient's left, y to the back, z to the head; the lower edge of the scan is z = 0.

mod compose;
mod gut;
mod liver;
mod solid_organs;
mod trunk;
mod vasculature;

pub use compose::abdomen;
#[cfg(test)]
pub(super) use compose::anatomy;
