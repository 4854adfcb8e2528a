//! JPEG-LS (ITU-T T.87, ISO/IEC 14495-1), the codec of the transfer syntaxes .80 and .81, in safe Rust.
//!
//! One component, 2 to 16 bits, lossless and near-lossless, as DICOM CT and MR use it. Colour, restart intervals and
//! mapping tables are refused by name. Letters and the names of variables follow the standard.

pub mod bits;
pub mod decode;
pub mod encode;
pub mod marker;
pub mod model;

#[cfg(test)]
mod tests;

pub use decode::decode;
pub use encode::encode;
pub use marker::{FrameHeader, JpegLsError};
