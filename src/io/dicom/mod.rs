//! DICOM: image series and segmentations in, CT series, reports and pictures out.
//!
//! Works in three steps: headers of all files in parallel ([`scan_folder`]), series with their geometry
//! ([`SeriesFiles`]), pixels of one series in parallel ([`load_series`]). Nothing that identifies a patient passes
//! this module: a scan carries technical facts only. What is made for an archive takes the patient from a file of the
//! series straight to the new file ([`Origin`]). It knows no label maps but those of DICOM segmentations, and
//! no window.

mod attribute;
mod characters;
mod codec;
mod derived;
mod image_file;
pub mod jpegls;
mod layout;
mod load;
mod moments;
mod pixel_format;
mod pixel_reader;
mod rle;
mod scan_folder;
mod seg;
mod series;
mod stack;
mod write;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_made;
#[cfg(test)]
pub(crate) mod tests_times;

pub use derived::{Capture, DerivedText, Origin, write_captures, write_pdf};
pub use load::{VOXELS_MAX, first_slice, load_series};
pub use scan_folder::scan_folder;
pub use seg::{is_segmentation, read_segmentation};
pub use series::{PointInTime, SeriesFiles};
pub use write::{SeriesText, write_series};
