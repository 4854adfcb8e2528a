//! Files: reading and writing what other programs understand.

pub mod dicom;
pub mod error;
pub mod process;
