//! The report: one page a colleague can trust, as HTML with its pictures and its scene inside, as PDF, and the same as JSON.
//!
//! A [`Report`] is gathered from the case; a [`Document`] is the report in words, from which both forms are laid out.
//! Knows cases and pictures, but no files: the tool `report.write` writes them.

mod bounds;
mod collect;
mod contents;
mod distances;
mod document;
mod html;
mod key_images;
mod measures;
mod pages;
mod parted;
mod pictures;
mod plans;
mod results;
mod scene;
mod shapes;

pub use collect::{Report, Section, Segment, Step};
pub use distances::{Beside, Distances};
#[cfg(test)]
pub(crate) use document::number;
pub use document::{Block, Cell, Document, Figure, Mark, Span, Table, TableKind, Text, Tone};
#[cfg(test)]
pub(crate) use html::escape as escaped;
pub use html::to_html;
pub use key_images::KeyImage;
pub use measures::Measured;
#[cfg(test)]
pub(crate) use pages::printed;
pub use pages::{PdfError, to_pdf};
pub use pictures::{Body, Eye, Legend, Picture, Shot, Shows, Spot, photographed, pictures, scale_bar};
pub use scene::{Scene, TRIANGLES_MAX};
pub use shapes::{Known, Named, of_plan};

/// The sentence every report and the window carry.
pub const PURPOSE: &str = "Research and education, not for clinical decisions.";

/// The page of a report in English without a scene.
#[cfg(test)]
pub(crate) fn english_page(report: &Report, pictures: &[Picture]) -> String {
    to_html(&Document::new(report, pictures, crate::base::i18n::Language::English), None)
}
