//! Slice views that are kept in the case, and shown again as they were.

use super::frame::Turn;
use super::geometry::Framing;
use super::look::SlabLook;
use super::view::Slices;
use crate::app::ui::contract::Request;
use crate::app::ui::find;
use crate::app::ui::layout::Pane;
use crate::app::ui::workspace::Workspace;
use crate::base::{ContentHash, NodeId};
use crate::geom::Orientation;
use crate::image::Scan;
use crate::session::{Case, Data, SliceView};
use serde_json::json;

impl Slices {
    /// A view of this scan as the case keeps it.
    pub fn keep(&mut self, view: Orientation, (node, scan, hash): (NodeId, &Scan, ContentHash)) -> SliceView {
        let window = *self.window(node, scan, hash);
        let (turn, spins_rad) = self.turn.parts();
        let (framing, slab) = (self.framings[view as usize], self.slabs[view as usize]);
        SliceView {
            scan: node,
            orientation: view,
            turn,
            spins_rad,
            zoom: framing.zoom,
            pan_mm: framing.pan_mm,
            flipped: self.flips[view as usize],
            window: window.window,
            inverted: window.inverted,
            projection: slab.projection,
            thickness_mm: slab.thickness_mm,
        }
    }

    /// Look as a view that was kept of this scan.
    fn look_as(&mut self, view: &SliceView, (node, scan, hash): (NodeId, &Scan, ContentHash)) {
        let place = view.orientation as usize;
        self.active = view.orientation;
        self.turn = Turn::of_parts(view.turn, view.spins_rad);
        self.flips[place] = view.flipped;
        self.framings[place] = Framing { zoom: view.zoom, pan_mm: view.pan_mm };
        self.set_slab(SlabLook { projection: view.projection, thickness_mm: view.thickness_mm });
        let window = self.window(node, scan, hash);
        (window.window, window.inverted) = (view.window, view.inverted);
    }
}

impl Workspace {
    /// The request that keeps a slice view: this one, or the one last touched.
    pub(in crate::app::ui) fn keep_slice(&mut self, view: Option<Orientation>, case: &Case) -> Option<Request> {
        let view = view.or_else(|| self.pictured_slice().map(|(view, _)| view))?;
        let (id, node, scan) = find::active_scan(case, self.selected)?;
        let kept = self.slices.keep(view, (id, scan, node.hash()));
        let crosshair = self.crosshair.map(<[f64; 3]>::from);
        let params = json!({ "crosshair": crosshair, "isolated": self.isolated.map(|id| id.0), "slice": [kept], "look": [self.look()] });
        Some(Request::KeepSlice(view, params))
    }

    /// Show a slice as it was kept, if its scan is still there.
    pub(in crate::app::ui) fn show_kept_slice(&mut self, kept: Option<&SliceView>, case: &Case) {
        let Some(kept) = kept else { return };
        let Some(node) = case.node(kept.scan) else { return };
        let Data::Scan(scan) = &node.data else { return };
        self.slices.look_as(kept, (kept.scan, scan, node.hash()));
        if find::active_scan(case, self.selected).is_none_or(|(id, ..)| id != kept.scan) {
            self.selected = Some(kept.scan);
        }
        let pane = Pane::Slice(kept.orientation);
        if !self.layout.shows(pane) {
            self.layout.restore();
            self.layout.add(pane);
        }
    }
}
