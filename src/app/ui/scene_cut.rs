//! Surfaces of the scene cut at a slice, so that the slice is seen where they were.

use super::camera::OrbitCamera;
use super::workspace::Workspace;
use crate::base::NodeId;
use crate::geom::{Orientation, Plane};
use std::collections::BTreeSet;

/// Where surfaces are cut: at the slice through the crosshair, which it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneCut {
    /// Which slice, as its view is turned.
    pub orientation: Orientation,
    /// Whether what lies before the slice is taken away, as its view looks at it; otherwise what lies behind.
    pub flipped: bool,
    /// Objects that stay whole.
    pub spared: BTreeSet<NodeId>,
}

impl SceneCut {
    /// Leave `node` whole, or cut it too.
    pub(super) fn spare(&mut self, node: NodeId) {
        if !self.spared.remove(&node) {
            self.spared.insert(node);
        }
    }
}

impl Workspace {
    /// The plane that cuts surfaces; what lies on the side its normal points to is taken away.
    pub fn cut_plane(&self) -> Option<Plane> {
        let (cut, at) = (self.cut.as_ref()?, self.crosshair?);
        let away = self.slices.frame(cut.orientation).away();
        Plane::new(at, if cut.flipped { -away } else { away })
    }

    /// Cut at a slice: what stands between it and the viewer goes. Objects that were spared stay so.
    pub(super) fn cut_scene(&mut self, orientation: Option<Orientation>, camera: &OrbitCamera) {
        let spared = self.cut.take().map_or_else(BTreeSet::new, |cut| cut.spared);
        self.cut = orientation.map(|orientation| {
            let away = self.slices.frame(orientation).away();
            SceneCut { orientation, flipped: away.dot(&camera.right_up_back()[2]) < 0.0, spared }
        });
    }
}
