//! Files: reading and writing what other programs understand.

pub mod dicom;
pub mod error;
pub mod csv;
pub mod file;
pub mod glb;
pub mod mesh_file;
pub mod nifti;
pub mod nrrd;
pub mod obj;
pub mod ply;
pub mod png;
pub mod process;
pub mod samples;
pub mod stl;
pub mod test_data;
mod voxels;
pub mod vtk;
pub mod vtp;
pub mod words;
