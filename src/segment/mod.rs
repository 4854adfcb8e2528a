//! Segmentation kernels: images in, masks out, one kernel per file; whole organs in `organ`.
//!
//! Knows no case, no files and no window. Masks have one byte per voxel, 1 inside and 0 outside.

pub mod brain;
pub mod compete;
pub mod error;
pub mod extrude;
pub mod hollow;
pub mod islands;
pub mod leak_stop;
pub mod margin;
pub mod organ;
pub mod region_grow;
pub mod score;
pub mod stroke;
pub mod threshold;

pub use brain::brain;
pub use compete::compete;
pub use error::SegmentError;
pub use extrude::{Depth, View, extrude};
pub use hollow::{Shell, hollow};
pub use islands::{keep_largest, remove_small};
pub use leak_stop::{Growth, grow_by_level};
pub use margin::margin;
pub use region_grow::region_grow;
pub use score::{Score, score};
pub use stroke::{Brush, BrushShape, Marks, painted, stroke, stroke_along_edges};
pub use threshold::{otsu_hu, threshold};
