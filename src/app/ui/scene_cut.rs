//! Surfaces of the scene cut at a slice, so that the slice is seen where they were.

use super::camera::OrbitCamera;
use super::contract::ScenePane;
use super::gizmo::{Held, gizmo_ui};
use super::slice::Turn;
use super::wish::Wish;
use super::workspace::Workspace;
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::geom::{Orientation, Plane, Point};
use egui::{Rect, Ui};
use std::collections::BTreeSet;

/// The number of the cut among planes with handles; those of a volume count from 0.
const KEY: usize = usize::MAX;

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

/// The cut in the hand: where slices were when it was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldCut {
    hand: Held,
    crosshair: Option<Point>,
    turn: Turn,
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

    /// All planes that cut surfaces: the cut, and those of the volume if they do.
    pub fn cut_planes(&self) -> Vec<Plane> {
        let own = self.volume.iter().filter(|view| view.cuts_surfaces).flat_map(|view| view.planes.iter().copied());
        self.cut_plane().into_iter().chain(own).collect()
    }

    /// Lay the cut into another plane: it lies in a slice, so the slices go and turn with it.
    pub(super) fn move_cut(&mut self, plane: &Plane) {
        let (Some(now), Some(crosshair)) = (self.cut_plane(), self.crosshair) else { return };
        self.crosshair = Some(crosshair - plane.normal() * plane.distance_mm(&crosshair));
        if now.normal() != plane.normal() {
            self.slices.turn = self.slices.turn.tilted(&now.normal(), &plane.normal());
        }
    }

    /// Let go of the cut and put it back; whether it was held.
    pub(super) fn let_go_of_cut(&mut self) -> bool {
        let Some(HeldCut { crosshair, turn, .. }) = self.cut_held.take() else { return false };
        (self.crosshair, self.slices.turn) = (crosshair, turn);
        true
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

/// The cut with its handles in the scene; `slices` is where they are now.
pub(super) fn cut_ui(
    ui: &Ui,
    rect: Rect,
    camera: &OrbitCamera,
    plane: Plane,
    held: &mut Option<HeldCut>,
    slices: (Option<Point>, Turn),
    pane: &mut ScenePane,
    wishes: &mut Vec<Wish>,
) {
    let mut hand = held.map(|own| own.hand);
    let moved = gizmo_ui(ui, rect, camera, (plane, KEY, tr("plane-of-cut")), &mut hand, pane);
    wishes.extend(moved.map(Wish::MoveCut));
    match (hand, *held) {
        (Some(hand), None) => *held = Some(HeldCut { hand, crosshair: slices.0, turn: slices.1 }),
        (None, Some(own)) => {
            wishes.push(Wish::CutMoved(own.crosshair, own.turn));
            *held = None;
        }
        _ => {}
    }
}
