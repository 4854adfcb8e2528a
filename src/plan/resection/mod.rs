//! Resections: where a cut goes, what it takes, leaves and comes near, and the cut applied to what there is.
//!
//! A [`Blade`] tells the side of any place; everything else asks it. A cut never fails: whatever it grazes or misses, every
//! voxel and every piece of a tetrahedron lies on one of its sides.

mod blade;
mod books;
mod crossings;
mod drawn;
mod error;
mod face;
mod facets;
mod feet;
mod fit;
mod hinged;
mod laid;
mod margin;
mod organ;
mod parts;
mod resectogram;
mod shape;
mod sheet;
mod split;
mod sweep;

pub use blade::{Blade, CUTS_MAX, PLANES_MAX, WIDTH_MM_MAX};
pub use books::{Books, Fate};
pub use crossings::{Crossing, crossings, crossings_near};
pub(in crate::plan) use drawn::Swept;
pub use drawn::{fates, taken};
pub use error::ResectionError;
pub use face::{BEYOND_MM, LACKING, both, face, lacking, places};
pub use facets::Facets;
pub use feet::feet;
pub use fit::{Fit, sheet_from_curve, sheet_of_plane, sheet_through_contour};
pub use laid::{Laid, Manner};
pub(in crate::plan) use margin::steepest;
pub use margin::{Margin, Watched, Zone, margin_spared, margin_taken, margin_taken_by, zones};
pub(in crate::plan) use organ::extent;
pub use organ::{BRICK, LAYERS, Layer, Organ};
pub use parts::{Parts, parts};
pub use resectogram::{Flat, Resectogram, SIDE_MAX, Shown, nearest, resectogram};
pub use sheet::{FACET_MM, FACETS};
pub use split::{SNAP, SplitTets, split};
