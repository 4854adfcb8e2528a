#![doc = include_str!("ARCHITECTURE.md")]

// Bottom-up: a module uses itself and those above it in this list (tests/architecture.rs).
#[cfg(feature = "app")]
pub mod app; // Bevy window
pub mod base; // no domain: progress, ids, units, parallel
pub mod biomech; // peers: soft-tissue FEM
pub mod cli;
pub mod flow; // peers: lattice Boltzmann
pub mod geom; // patient-space geometry
pub mod image; // Volume, Scan, LabelMap, filters, phantoms
pub mod io; // DICOM, NRRD, NIfTI, meshes, pictures
pub mod mesh; // Surface, TetMesh, meshing, mesh algorithms
pub mod numerics; // sparse matrices and solvers
pub mod proof; // verification rows, benchmarks
pub mod report; // the report as HTML and JSON
pub mod segment; // segmentation kernels
pub mod session; // case, commands, history, jobs, case file
pub mod tools; // one folder per thing the user can do // command line
