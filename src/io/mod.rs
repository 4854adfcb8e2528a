//! Files: reading and writing what other programs understand.

pub mod abaqus;
pub mod csv;
pub mod dicom;
pub mod error;
pub mod fda_nozzle;
pub mod febio;
pub mod file;
pub mod glb;
pub mod gmsh;
pub mod mesh_file;
pub mod nifti;
pub mod nrrd;
pub mod obj;
pub mod ply;
pub mod png;
pub mod process;
pub mod samples;
pub mod solid;
pub mod stl;
pub mod table_csv;
pub mod test_data;
pub mod three_mf;
mod voxels;
pub mod vtk;
pub mod vtp;
pub mod vtu;
pub mod words;
