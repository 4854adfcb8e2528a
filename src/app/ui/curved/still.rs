//! The view along a way as it stands, for pictures: drawn anew at any size and in any thread.

use super::picture::Subject;
use super::place::{Framing, Place, stood};
use super::texts::annotate;
use super::view::Curved;
use crate::app::ui::slice::{Fused, FusedLook, Look, Overlay, SegmentLook, StillLabels};
use crate::base::NodeId;
use crate::image::curved::CurvedSurface;
use crate::image::slice::Slab;
use crate::image::{Scan, Window};
use crate::session::{Data, Node};
use egui::{Pos2, Rect, Ui, Vec2};
use std::sync::Arc;

/// The view along a way as it stands.
#[derive(Debug)]
pub struct CurvedStill {
    surface: CurvedSurface,
    slab: Option<Slab>,
    framing: Framing,
    scan: Arc<Node>,
    looks: StillLooks,
    second: Option<(NodeId, Arc<Node>, f32)>,
    labels: Vec<StillLabels>,
}

/// How the scans and segments of a picture look.
#[derive(Debug, Clone, Copy)]
pub struct StillLooks {
    /// The window of the scan.
    pub window: Window,
    /// Its colours.
    pub look: Look,
    /// Those of the scan over it.
    pub over: Option<FusedLook>,
    /// How segments are drawn.
    pub segments: SegmentLook,
}

impl Curved {
    /// The view as it was shown last of `scan`; `None` if it showed no way.
    pub fn still(
        &self,
        scan: &Arc<Node>,
        looks: StillLooks,
        second: Option<(NodeId, Arc<Node>, f32)>,
        labels: Vec<StillLabels>,
    ) -> Option<CurvedStill> {
        let (surface, slab) = (self.surface()?.clone(), self.slab());
        Some(CurvedStill { surface, slab, framing: self.framing(), scan: Arc::clone(scan), looks, second, labels })
    }
}

fn scan_of(node: &Node) -> Option<&Scan> {
    match &node.data {
        Data::Scan(scan) => Some(scan),
        _ => None,
    }
}

impl CurvedStill {
    /// The pixels of the view, RGBA and opaque, of a view of `pane` points drawn at `size` pixels: the scan is read anew
    /// for every one of them.
    pub fn pixels(&self, pane: Vec2, size: [usize; 2]) -> Vec<u8> {
        let Some(scan) = scan_of(&self.scan) else { return [0, 0, 0, 255].repeat(size[0] * size[1]) };
        let place = Place::new(&self.surface, Rect::from_min_size(Pos2::ZERO, pane), self.framing);
        let scale = f64::from(pane.x.max(1.0)) / size[0] as f64;
        let mut overlays = Vec::new();
        for StillLabels { labels, hash, opacity } in &self.labels {
            overlays.push(Overlay { labels, hash: *hash, revision: 0, opacity: *opacity });
        }
        let fused = self.second.as_ref().zip(self.looks.over).and_then(|((id, node, share), look)| {
            let (scan, hash) = (scan_of(node)?, node.hash());
            Some((Fused { name: &node.name, node: *id, scan, hash, share: *share }, look))
        });
        let mut segments = self.looks.segments;
        segments.width = ((segments.width as f64 / scale).round() as usize).max(1);
        let subject = Subject {
            scan,
            hash: self.scan.hash(),
            window: self.looks.window,
            look: self.looks.look,
            slab: self.slab,
            fused,
            overlays: &overlays,
            segments,
        };
        let span = place.span(size, scale);
        let pixels = subject.pixels(&self.surface, span);
        if place.lies() { stood(&pixels, span.size) } else { pixels }
    }

    /// Title, letters and scale bar.
    pub fn texts_ui(&self, ui: &Ui, rect: Rect) {
        annotate(&ui.painter_at(rect), rect, &Place::new(&self.surface, rect, self.framing), &self.surface, None);
    }
}
