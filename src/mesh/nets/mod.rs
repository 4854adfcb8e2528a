//! One sheet of surface between all labels of a label map: no gaps and no overlaps.
//!
//! Surface nets (Gibson 1998, "Constrained elastic surface nets"; Frisken 2022, "SurfaceNets for multi-label segmentations
//! with preservation of sharp boundaries", JCGT 11): one vertex in every cell of eight voxels that do not all have the same
//! label, one quadrilateral for every two neighbouring voxels that differ. Vertices are then relaxed without leaving their
//! cells. As in [`super::contour`], what is crossed is bits, and the number of a vertex is a rank in them.

mod balance;
mod crossings;
mod joint;
mod make;
mod relax;

pub use joint::JointSurface;
pub use make::joint_surface;
