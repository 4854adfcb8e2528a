//! Surfaces and tetrahedra, and how they are made and mended.
//!
//! Knows images, because meshes come from label maps; knows no files.

pub mod field;
pub mod surface;
pub mod tet_mesh;

pub use field::Field;
pub use surface::{Surface, SurfaceError};
pub use tet_mesh::{TetMesh, TetMeshError};
