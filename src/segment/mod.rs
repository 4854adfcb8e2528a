//! Segmentation kernels: images in, masks out, one kernel per file; whole organs in `organ`.
//!
//! Knows no case, no files and no window. Masks have one byte per voxel, 1 inside and 0 outside.

pub mod automatic;
pub mod brain;
pub mod cavities;
pub mod compete;
pub mod confidence;
pub mod cropped;
pub mod error;
pub mod extrude;
pub mod fast_marching;
pub mod fill_between;
pub mod grow_from_seeds;
pub mod hollow;
pub mod islands;
pub mod leak_stop;
pub mod level_trace;
pub mod live_wire;
pub mod margin;
pub mod marks;
pub mod organ;
pub mod refine_clicks;
pub mod region_grow;
pub mod score;
pub mod smooth;
pub mod staple;
pub mod statistics;
pub mod stroke;
pub mod threshold;
pub mod watershed;

pub use automatic::{Histogram, ThresholdMethod};
pub use brain::brain;
pub use cavities::{fill_cavities, fill_slices, wrap};
pub use compete::compete;
pub use confidence::{Confidence, Region, confidence_connected, grow_in_range};
pub use error::SegmentError;
pub use extrude::{Depth, View, extrude};
pub use fast_marching::{Front, fast_marching};
pub use fill_between::{fill_between, sparsest_axis};
pub use grow_from_seeds::{GrowWorkspace, Terrain, grow_from_seeds, region_around};
pub use hollow::{Shell, hollow};
pub use islands::{keep_largest, piece_at, remove_few, remove_small};
pub use leak_stop::{Growth, grow_by_level};
pub use level_trace::level_trace;
pub use live_wire::{LiveWire, OutsideSlice, Wires};
pub use margin::margin;
pub use marks::Marks;
pub use refine_clicks::{Clicks, refine_clicks};
pub use region_grow::region_grow;
pub use score::{Score, score, score_within};
pub use smooth::{majority, smooth_labels};
pub use staple::staple;
pub use statistics::statistics;
pub use stroke::{Brush, BrushShape, painted, stroke, stroke_along_edges};
pub use threshold::{otsu_hu, threshold, threshold_values};
pub use watershed::watershed;
