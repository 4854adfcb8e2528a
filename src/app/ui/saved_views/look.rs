//! How the window looks, as a saved view keeps it: the cut, what is faint, maps of fields, slices in 3D, names, layout, and
//! the rendered volume.

use crate::app::ui::fields::{FieldLook, VectorLook};
use crate::app::ui::layouts::{self, StoredLayout};
use crate::app::ui::scene_cut::SceneCut;
use crate::app::ui::volume::{PLANES_MAX, VolumeMask, VolumeMode, VolumeView};
use crate::app::ui::workspace::Workspace;
use crate::base::{NodeId, SegmentId};
use crate::geom::{Orientation, Plane, Point, Vector};
use crate::image::transfer::TransferFunction;
use crate::session::{Case, Data, ViewLook};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything; what a file lacks is as in a new window, and what it has besides is left out.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Look {
    cut: Option<Cut>,
    ghosted: Option<NodeId>,
    fields: BTreeMap<String, FieldLook>,
    vectors: VectorLook,
    slices_in_scene: bool,
    labels: bool,
    layout: Option<StoredLayout>,
    /// The name of the view that is shown alone.
    alone: Option<String>,
    volume: Option<Volume>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cut {
    orientation: Orientation,
    flipped: bool,
    spared: Vec<NodeId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Volume {
    scan: NodeId,
    visible: bool,
    transfer: TransferFunction,
    mode: VolumeMode,
    cinematic: bool,
    crop: Option<[[f64; 3]; 2]>,
    /// Point and normal of each, LPS, mm.
    planes: Vec<[[f64; 3]; 2]>,
    #[serde(default)]
    cuts_surfaces: bool,
    mask: Option<Mask>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Mask {
    labels: NodeId,
    segments: Vec<SegmentId>,
    keep: bool,
}

impl Volume {
    fn of(view: &VolumeView) -> Self {
        let VolumeView { scan, visible, transfer, mode, cinematic, crop, planes, cuts_surfaces, mask, open: _ } = view;
        let mask = mask.as_ref().map(|mask| {
            let VolumeMask { labels, segments, keep } = mask.clone();
            Mask { labels, segments, keep }
        });
        let planes = planes.iter().map(|plane| [plane.point.into(), plane.normal().into()]).collect();
        let (transfer, mode) = (transfer.clone(), *mode);
        let (scan, visible, cinematic, cuts_surfaces) = (*scan, *visible, *cinematic, *cuts_surfaces);
        Self { scan, visible, transfer, mode, cinematic, crop: *crop, planes, cuts_surfaces, mask }
    }

    /// The view; `None` if its scan is not there any more.
    fn view(self, case: &Case, open: bool) -> Option<VolumeView> {
        let Self { scan, visible, transfer, mode, cinematic, crop, planes, cuts_surfaces, mask } = self;
        case.node(scan).filter(|node| matches!(node.data, Data::Scan(_)))?;
        let finite = |numbers: &[f64; 3]| numbers.iter().all(|x| x.is_finite());
        let plane =
            |[at, normal]: [[f64; 3]; 2]| Plane::new(Point::from(at), Vector::from(normal)).filter(|_| finite(&at));
        let mask = mask.map(|Mask { labels, segments, keep }| VolumeMask { labels, segments, keep });
        Some(VolumeView {
            scan,
            visible,
            transfer,
            mode,
            cinematic,
            crop: crop.filter(|[a, b]| finite(a) && finite(b)),
            planes: planes.into_iter().filter_map(plane).take(PLANES_MAX).collect(),
            cuts_surfaces,
            mask,
            open,
        })
    }
}

impl Workspace {
    /// How the window looks now, for [`ViewLook::window`].
    pub fn look(&self) -> Value {
        let cut = self.cut.as_ref().map(|SceneCut { orientation, flipped, spared }| Cut {
            orientation: *orientation,
            flipped: *flipped,
            spared: spared.iter().copied().collect(),
        });
        let look = Look {
            cut,
            ghosted: self.ghosted,
            fields: self.fields.clone(),
            vectors: self.vectors,
            slices_in_scene: self.slices_in_scene,
            labels: self.labels_in_scene,
            layout: Some(StoredLayout::of(&self.layout)),
            alone: self.layout.maximised().and_then(layouts::code).map(str::to_owned),
            volume: self.volume.as_ref().map(Volume::of),
        };
        serde_json::to_value(look).expect("names and finite numbers are JSON")
    }

    /// Look as [`Workspace::look`] said.
    pub fn look_again(&mut self, look: &Value, case: &Case) {
        self.look_as(&ViewLook { version: 1, fields: Vec::new(), window: look.clone() }, case);
    }

    /// Look as then. A part that this program cannot read, or whose objects are gone, is left out.
    pub(in crate::app::ui) fn look_as(&mut self, look: &ViewLook, case: &Case) {
        let Ok(look) = Look::deserialize(&look.window) else {
            tracing::warn!(version = look.version, "how the window looked cannot be read by this program");
            return;
        };
        let there = |id: &NodeId| case.node(*id).is_some();
        self.cut = look.cut.map(|Cut { orientation, flipped, spared }| SceneCut {
            orientation,
            flipped,
            spared: spared.into_iter().filter(there).collect(),
        });
        self.ghosted = look.ghosted.filter(there);
        (self.fields, self.vectors) = (look.fields, look.vectors);
        self.vectors.count = self.vectors.count.clamp(VectorLook::COUNTS[0], VectorLook::COUNTS[1]);
        (self.slices_in_scene, self.labels_in_scene) = (look.slices_in_scene, look.labels);
        if let Some(layout) = look.layout.filter(|layout| *layout != StoredLayout::of(&self.layout)) {
            self.layout = layout.layout();
        }
        self.layout.restore();
        if let Some(alone) = look.alone.as_deref().and_then(layouts::pane).filter(|pane| self.layout.shows(*pane)) {
            self.layout.maximise(alone);
        }
        let open = self.volume.as_ref().is_some_and(|view| view.open);
        self.show_volume_as(look.volume.and_then(|volume| volume.view(case, open)), case);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_look_of_a_later_program_or_with_parts_missing_is_taken_as_far_as_it_goes() {
        let read = |window: Value| Look::deserialize(&window).ok();
        let look = read(json!({ "labels": true, "holograms": 3 })).unwrap();
        assert!(look.labels && look.volume.is_none() && look.fields.is_empty());
        assert!(read(json!({ "labels": "yes" })).is_none());
    }
}
