//! The rendered volume as its panel says; the scene draws it.

use crate::base::{NodeId, SegmentId};
use crate::geom::Plane;
use crate::image::transfer::TransferFunction;

/// How values along a ray become a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VolumeMode {
    /// Front to back through the transfer function, lit.
    #[default]
    Composite,
    /// The highest value along the ray, through the display window of the scan.
    Maximum,
    /// The mean of all values, as a radiograph.
    XRay,
}

/// Segments that show or hide the voxels they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeMask {
    /// The segmentation.
    pub labels: NodeId,
    /// Its segments concerned.
    pub segments: Vec<SegmentId>,
    /// Whether only their voxels are drawn; otherwise they are left out.
    pub keep: bool,
}

/// What is rendered and how. Belongs to the window, not to the case.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeView {
    /// The scan.
    pub scan: NodeId,
    /// Drawn at all.
    pub visible: bool,
    /// Opacities and colours.
    pub transfer: TransferFunction,
    /// How values along a ray become a colour.
    pub mode: VolumeMode,
    /// Soft shadows and light from everywhere, at rest.
    pub cinematic: bool,
    /// The box that is drawn, in voxel indices of the scan (both ends included); all if `None`.
    pub crop: Option<[[f64; 3]; 2]>,
    /// What lies on the side a normal points to is cut away; six at most.
    pub planes: Vec<Plane>,
    /// Segments that show or hide.
    pub mask: Option<VolumeMask>,
    /// Whether the panel is open.
    pub open: bool,
}
