#![doc = include_str!("ARCHITECTURE.md")]

// Bottom-up: a module uses itself and those above it in this list (tests/architecture.rs).
pub mod base; // no domain: progress, ids, units, parallel
pub mod numerics; // sparse matrices and solvers
pub mod geom; // patient-space geometry
pub mod image; // Volume, Scan, LabelMap, filters, phantoms
pub mod mesh; // Surface, TetMesh, meshing, mesh algorithms
pub mod io; // DICOM, NRRD, NIfTI, meshes, pictures
pub mod segment; // segmentation kernels
pub mod biomech; // peers: soft-tissue FEM
pub mod flow; // peers: lattice Boltzmann
pub mod plan; // plans: targets, keep-outs, actions, scores
pub mod session; // case, commands, history, jobs, case file
pub mod report; // the report as HTML and JSON
pub mod tools; // one folder per thing the user can do
pub mod proof; // verification rows, benchmarks
#[cfg(feature = "app")]
pub mod app; // Bevy window
pub mod cli; // command line
