//! Opening and closing, and what becomes of the volume when the case changes.

use super::cuts::Follow;
use super::{PLANES_MAX, VolumePanel, VolumeView};
use crate::app::ui::find;
use crate::app::ui::wish::Wish;
use crate::app::ui::workspace::Workspace;
use crate::base::NodeId;
use crate::geom::Plane;
use crate::session::{Case, Data};

/// Whether a wish opens another panel in the place of this one.
pub fn gives_way(wish: &Wish) -> bool {
    matches!(wish, Wish::OpenEditor(_) | Wish::Effect(_) | Wish::Operate(_) | Wish::Circulation(_) | Wish::Plan(_))
}

impl Workspace {
    /// The rendered volume, if it is to be drawn now: not while another object is shown alone.
    pub fn shown_volume(&self) -> Option<&VolumeView> {
        self.volume.as_ref().filter(|view| view.visible && self.isolated.is_none_or(|only| only == view.scan))
    }

    /// The values at the ends of the editor.
    #[cfg(test)]
    pub(in crate::app::ui) fn volume_axis(&self) -> [f64; 2] {
        self.volume_panel.axis.expect("the editor was shown")
    }

    /// Open the panel of a scan (the one named, else that of the slices) and show it; where that is open already, close it.
    pub(in crate::app::ui) fn open_volume(&mut self, scan: Option<NodeId>, case: &Case) {
        let active = || find::active_scan(case, self.selected).map(|(id, ..)| id);
        // Without a name it is about the volume that is there, whatever the slices show.
        let of = scan.or_else(|| self.volume.as_ref().map(|view| view.scan)).or_else(active);
        let Some((id, node)) = of.and_then(|id| Some((id, case.node(id)?))) else { return };
        let Data::Scan(data) = &node.data else { return };
        if let Some(view) = self.volume.as_mut().filter(|view| view.scan == id) {
            if scan.is_none() && view.open && self.form.is_none() && self.flow_setup.is_none() {
                view.open = false;
            } else {
                (view.open, view.visible) = (true, true);
                (self.form, self.flow_setup) = (None, None);
            }
            return;
        }
        let histogram = self.volume_panel.histogram(data, node.hash());
        let (mut view, preset) = VolumeView::new(id, data, &histogram);
        self.volume_panel = VolumePanel {
            preset: Some(preset),
            histogram: self.volume_panel.histogram.take(),
            margin_mm: self.volume_panel.margin_mm,
            ..VolumePanel::default()
        };
        // Planes lie in the patient and stay; the box and the mask were about the voxels of the other scan.
        if let Some(old) = self.volume.take() {
            (view.cinematic, view.planes, view.cuts_surfaces) = (old.cinematic, old.planes, old.cuts_surfaces);
        }
        self.volume = Some(view);
        (self.form, self.flow_setup) = (None, None);
    }

    /// Render this volume, or none, as a saved view had it.
    pub(in crate::app::ui) fn show_volume_as(&mut self, view: Option<VolumeView>, case: &Case) {
        let histogram = self.volume_panel.histogram.take();
        let margin_mm = self.volume_panel.margin_mm;
        self.volume_panel = VolumePanel { histogram, margin_mm, ..VolumePanel::default() };
        self.volume = view;
        self.view_undo.unsettle();
        self.update_volume(case);
    }

    /// Close the panel, or first let go of what the mouse holds; whether there was anything of this to do.
    pub(in crate::app::ui) fn leave_volume(&mut self) -> bool {
        let Some(view) = self.volume.as_mut().filter(|view| view.open) else { return false };
        if !self.volume_panel.let_go(view) {
            view.open = false;
        }
        true
    }

    /// What the case no longer has goes, and planes that follow the crosshair move.
    pub(in crate::app::ui) fn update_volume(&mut self, case: &Case) {
        let is_scan = |id: NodeId| case.node(id).is_some_and(|node| matches!(node.data, Data::Scan(_)));
        self.volume = self.volume.take().filter(|view| is_scan(view.scan));
        let Some(view) = &mut self.volume else {
            if self.volume_panel.preset.is_some() {
                self.volume_panel = VolumePanel::default();
            }
            return;
        };
        if let Some(mask) = &mut view.mask {
            match case.node(mask.labels).map(|node| &node.data) {
                Some(Data::Labels(labels)) => mask.segments.retain(|id| labels.segment(*id).is_some()),
                _ => view.mask = None,
            }
        }
        view.planes.truncate(PLANES_MAX);
        self.volume_panel.follows.resize(view.planes.len(), Follow::default());
        let Some(crosshair) = self.crosshair else { return };
        for (plane, follow) in view.planes.iter_mut().zip(&self.volume_panel.follows).filter(|(_, follow)| follow.on) {
            // Planes along a slice turn with its view.
            let normal = follow.normal(&self.slices.turn).unwrap_or(plane.normal());
            if let Some(moved) = Plane::new(crosshair, normal) {
                *plane = moved;
            }
        }
    }
}
