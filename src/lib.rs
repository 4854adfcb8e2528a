#![doc = include_str!("ARCHITECTURE.md")]

pub mod base; // 0  no domain: progress, ids, units, parallel
pub mod geom; // 1  patient-space geometry
pub mod image; // 2  Volume, Scan, LabelMap, filters
pub mod mesh; // 3  Surface, TetMesh, meshing, mesh algorithms
pub mod io; // 4  DICOM, NRRD, STL, PLY, OBJ, GLB, PNG
pub mod segment; // 4  segmentation kernels
pub mod biomech; // 5  peers: soft-tissue FEM
pub mod flow; // 5  peers: lattice Boltzmann
pub mod session; // 7  case, commands, history, jobs, case file
pub mod tools; // 8  one folder per thing the user can do
pub mod proof; // 9  verification rows, benchmarks
pub mod cli; // 10 command line
#[cfg(feature = "app")]
pub mod app; // 10 Bevy window
