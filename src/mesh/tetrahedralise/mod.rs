//! Tetrahedra from a label map, for any input: isosurface stuffing on a body-centred cubic lattice.
//!
//! Labelle and Shewchuk 2007, "Isosurface stuffing: fast tetrahedral meshes with good dihedral angles" (ACM TOG 26:3). The
//! mask's largest part becomes a smooth indicator at the scale of the cells; lattice vertices close to its level surface are
//! moved onto it, and the tetrahedra that it cuts are filled from a small table. No step can fail on noisy or thin input: what
//! is too small for the cells disappears, and the summary says how much.

mod account;
mod cuts;
mod distance;
mod indicator;
mod fill;
mod largest;
mod make;
mod materials;
mod octree;
mod pieces;
mod relax;
mod search;

pub use make::{CellSize, Sizing, TetrahedraliseError, tetrahedralise, tetrahedralise_segments};
