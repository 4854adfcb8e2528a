//! The views that can be pictured: which are on the screen, and how large.

use super::board::{Board, Tile, What};
use super::{Motif, PictureOrder};
use crate::app::ui::curved::{CurvedStill, StillLooks};
use crate::app::ui::find;
use crate::app::ui::layout::Pane;
use crate::app::ui::slice::{FusedLook, SliceStill, StillLabels};
use crate::app::ui::workspace::Workspace;
use crate::base::NodeId;
use crate::geom::Orientation;
use crate::session::{Case, Data, Node};
use crate::tools::{flow_beat, simulate_operate};
use egui::{Pos2, Rect, Vec2};
use std::sync::Arc;

/// The views that can be pictured beside the 3D view, with their sizes in points.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stage {
    /// The slice view that is pictured: the one last touched.
    pub slice: Option<(Orientation, Vec2)>,
    /// The view along a vessel.
    pub curved: Option<Vec2>,
    /// All of them beside each other.
    pub all: Option<Vec2>,
    /// Slices of the slice view.
    pub slices: usize,
    /// Scans of the same grid as the one that is shown, itself counted.
    pub times: usize,
    /// The result of an operation that is shown, and how long that took, s.
    pub operation: Option<(NodeId, f64)>,
    /// The deformed organ that is shown.
    pub load: Option<NodeId>,
    /// The pulsating flow that is shown, and how long a beat of it takes, s.
    pub beat: Option<(NodeId, f64)>,
}

/// Whether a picture can be made of a pane without the window.
fn is_pictured(pane: Pane) -> bool {
    matches!(pane, Pane::Slice(_) | Pane::OtherSlice(_) | Pane::Scene | Pane::Curved)
}

/// The scans on the grid of `of`, oldest first: points in time or other pictures of the same place.
fn times(case: &Case, of: NodeId) -> Vec<(NodeId, Arc<Node>)> {
    let Some(Data::Scan(first)) = case.node(of).map(|node| &node.data) else { return Vec::new() };
    let fits = |node: &Node| matches!(&node.data, Data::Scan(scan) if scan.grid() == first.grid());
    case.nodes().filter(|(_, node)| fits(node)).map(|(id, node)| (id, Arc::clone(node))).collect()
}

impl Workspace {
    fn rect_of(&self, wanted: Pane) -> Option<Rect> {
        self.panes.iter().find(|(pane, _)| *pane == wanted).map(|(_, rect)| *rect)
    }

    /// The slice view that is pictured: the one last touched, else the first that is shown.
    pub(in crate::app::ui) fn pictured_slice(&self) -> Option<(Orientation, Vec2)> {
        let all = [self.slices.active].into_iter().chain(Orientation::ALL);
        all.into_iter().find_map(|view| Some((view, self.rect_of(Pane::Slice(view))?.size())))
    }

    /// What can be pictured now.
    pub(in crate::app::ui) fn stage(&self, case: &Case) -> Stage {
        let simulated = self.simulated(case);
        let Some((id, _, scan)) = find::active_scan(case, self.selected) else { return simulated };
        let slice = self.pictured_slice();
        let slices = slice.map_or(0, |(view, _)| self.slices.stack(scan.grid(), view).count());
        let rects = self.panes.iter().filter(|(pane, _)| is_pictured(*pane)).map(|(_, rect)| *rect);
        let all = rects.reduce(Rect::union).filter(|_| slice.is_some()).map(|rect| rect.size());
        let curved = self.rect_of(Pane::Curved).map(|rect| rect.size());
        Stage { slice, curved, all, slices, times: times(case, id).len(), ..simulated }
    }

    /// What was simulated and can be filmed: of each kind the selected object, else the newest that is shown.
    fn simulated(&self, case: &Case) -> Stage {
        let is_shown = |id: NodeId, node: &Node| node.display.visible && self.isolated.is_none_or(|only| only == id);
        let mut shown: Vec<NodeId> =
            case.nodes().rev().filter(|(id, node)| is_shown(*id, node)).map(|(id, _)| id).collect();
        // The rest stays as it is, the newest first.
        shown.sort_by_key(|id| self.selected != Some(*id));
        let operation = |id: &NodeId| Some((*id, simulate_operate::done_in(case, *id)?.lasted_s()));
        let is_deformed = |id: &&NodeId| case.node(**id).is_some_and(|node| matches!(node.data, Data::Tissue(_)));
        let beat = |id: &NodeId| Some((*id, flow_beat(case, *id)?.period_s));
        // While an organ is on the table its results are put aside.
        let is_free = self.operate.is_none();
        Stage {
            operation: shown.iter().find_map(operation).filter(|_| is_free),
            load: shown.iter().find(is_deformed).copied().filter(|_| is_free),
            beat: shown.iter().find_map(beat),
            ..Stage::default()
        }
    }

    /// The stage of one slice view that is shown; none for `None`.
    pub fn stage_of(&self, view: Option<Orientation>) -> Stage {
        let slice = view.and_then(|view| Some((view, self.rect_of(Pane::Slice(view))?.size())));
        Stage { slice, ..Stage::default() }
    }

    /// A slice view as it stands, of the scan `node` or else of the one that is shown.
    pub fn slice_still(&self, case: &Case, node: Option<NodeId>, view: Orientation) -> Option<SliceStill> {
        let (id, own, scan) = find::active_scan(case, node.or(self.selected))?;
        let (second, labels) = self.over(case, id);
        let crosshair = self.crosshair.unwrap_or_else(|| scan.grid().bounds().centre());
        let still = self.slices.still_of(view, (id, own), second, labels, crosshair);
        Some(if self.hides_names() { still.without_names() } else { still })
    }

    /// What lies over the scan `id` in pictures: the second scan, and the segmentations that are shown.
    fn over(&self, case: &Case, id: NodeId) -> (Option<(NodeId, Arc<Node>, f32)>, Vec<StillLabels>) {
        let shown = |id: NodeId, visible: bool| visible && self.isolated.is_none_or(|only| only == id);
        let labels = find::label_maps(case).filter(|(id, node, _)| shown(*id, node.display.visible));
        let labels = labels.map(|(_, node, labels)| StillLabels {
            labels: labels.clone(),
            hash: node.hash(),
            opacity: node.display.opacity,
        });
        let second = self.slices.fusion.filter(|fusion| fusion.node != id).and_then(|fusion| {
            let over = case.node(fusion.node).filter(|node| matches!(node.data, Data::Scan(_)))?;
            Some((fusion.node, Arc::clone(over), fusion.share))
        });
        (second, labels.collect())
    }

    /// The view along a way as it stands.
    fn curved_still(&mut self, case: &Case, id: NodeId, node: &Arc<Node>) -> Option<CurvedStill> {
        let Data::Scan(scan) = &node.data else { return None };
        let (second, labels) = self.over(case, id);
        let slices = &mut self.slices;
        let over = second.as_ref().and_then(|(id, node, _)| {
            let Data::Scan(scan) = &node.data else { return None };
            let window = slices.window(*id, scan, node.hash()).shown();
            Some(FusedLook { window, look: *slices.look_over(*id) })
        });
        let window = slices.window(id, scan, node.hash()).shown();
        let looks = StillLooks { window, look: *slices.look(id), over, segments: slices.segment_look };
        let labels = if slices.segments { labels } else { Vec::new() };
        self.curved.still(node, looks, second, labels)
    }

    /// The views of a picture that is no picture of the 3D view alone; `None` where what it is of is not shown.
    pub fn board(&mut self, case: &Case, order: &PictureOrder) -> Option<Board> {
        let (id, node, _) = find::active_scan(case, self.selected)?;
        let (id, node) = (id, Arc::clone(node));
        let curved = |workspace: &mut Self| workspace.curved_still(case, id, &node);
        let alone = |size: Vec2, what: What| (size, vec![Tile { rect: Rect::from_min_size(Pos2::ZERO, size), what }]);
        let (size, tiles) = match order.motif {
            Motif::Slice | Motif::Scroll | Motif::Times => {
                let (view, size) = order.stage.slice.or_else(|| self.pictured_slice())?;
                alone(size, What::Slice(Box::new(self.slice_still(case, None, view)?)))
            }
            Motif::Curved => alone(self.rect_of(Pane::Curved)?.size(), What::Curved(Box::new(curved(self)?))),
            Motif::Views => {
                let panes: Vec<(Pane, Rect)> =
                    self.panes.iter().copied().filter(|(pane, _)| is_pictured(*pane)).collect();
                let all = panes.iter().map(|(_, rect)| *rect).reduce(Rect::union)?;
                let mut tiles = Vec::new();
                for (pane, rect) in panes {
                    let what = match pane {
                        Pane::Slice(view) => {
                            let still = self.slice_still(case, None, view)?;
                            What::Slice(Box::new(still.beside(self.slices.told_in)))
                        }
                        Pane::OtherSlice(view) => match self.second_still(case, view) {
                            Some(still) => What::Slice(Box::new(still)),
                            None => continue,
                        },
                        Pane::Curved => match curved(self) {
                            Some(still) => What::Curved(Box::new(still)),
                            None => continue,
                        },
                        _ => What::Scene,
                    };
                    tiles.push(Tile { rect: rect.translate(-all.min.to_vec2()), what });
                }
                (all.size(), tiles)
            }
            Motif::Scene | Motif::Turntable | Motif::Flow | Motif::Walk | Motif::Window => return None,
            Motif::Operation | Motif::Load | Motif::Beat => return None,
        };
        let times = if order.motif == Motif::Times { times(case, id) } else { Vec::new() };
        Some(Board::new(size, tiles, order, times))
    }
}
