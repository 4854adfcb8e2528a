//! The report: one page a colleague can trust, as HTML with its pictures inside, and the same as JSON.
//!
//! Knows cases and pictures, but no files: the tool `report.write` writes them.

mod collect;
mod html;
mod key_images;
mod measures;
mod pictures;
mod plans;
mod results;

pub use collect::{Report, Section, Segment, Step};
#[cfg(test)]
pub(crate) use html::escape as escaped;
pub use html::to_html;
pub use key_images::KeyImage;
pub use measures::Measured;
pub use pictures::{Legend, Picture, pictures};

/// The sentence every report and the window carry.
pub const PURPOSE: &str = "Research and education, not for clinical decisions.";
