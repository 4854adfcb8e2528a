//! What clips the volume: its box and planes as one value, for taking changes back, and planes under the mouse.

use super::crop::Crop;
use super::cuts::{Follow, name};
use super::{VolumePanel, VolumeView};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::contract::ScenePane;
use crate::app::ui::gizmo::gizmo_ui;
use crate::app::ui::workspace::Workspace;
use crate::base::NodeId;
use crate::geom::Plane;
use egui::{Rect, Ui};

/// The box and the planes of a volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    scan: NodeId,
    crop: Option<Crop>,
    planes: Vec<(Plane, Follow)>,
    cuts_surfaces: bool,
}

impl Clip {
    /// Whether both are of one scan.
    pub fn is_of(&self, other: &Self) -> bool {
        self.scan == other.scan
    }

    /// Whether both clip the same way, whatever became of planes by themselves: those that go with the crosshair.
    pub fn is_as(&self, other: &Self) -> bool {
        let same = |((a, with_a), (b, with_b)): (&(Plane, Follow), &(Plane, Follow))| {
            let turns = with_a.turns();
            let is_placed =
                |a: &Plane, b: &Plane| (turns || a.normal() == b.normal()) && (with_a.on || a.point == b.point);
            with_a == with_b && is_placed(a, b)
        };
        self.is_of(other)
            && (self.crop, self.cuts_surfaces, self.planes.len())
                == (other.crop, other.cuts_surfaces, other.planes.len())
            && self.planes.iter().zip(&other.planes).all(same)
    }
}

impl Workspace {
    /// What clips the volume now.
    pub(in crate::app::ui) fn clip(&self) -> Option<Clip> {
        let view = self.volume.as_ref()?;
        let follows = self.volume_panel.follows.iter().copied().chain(std::iter::repeat(Follow::default()));
        let planes = view.planes.iter().copied().zip(follows).collect();
        Some(Clip { scan: view.scan, crop: view.crop, planes, cuts_surfaces: view.cuts_surfaces })
    }

    /// Clip the volume like this.
    pub(in crate::app::ui) fn clip_as(&mut self, clip: Clip) {
        if let Some(view) = self.volume.as_mut().filter(|view| view.scan == clip.scan) {
            (view.planes, self.volume_panel.follows) = clip.planes.into_iter().unzip();
            (view.crop, view.cuts_surfaces) = (clip.crop, clip.cuts_surfaces);
        }
    }
}

impl VolumePanel {
    /// The planes with their handles in the scene. One that was moved by hand stands by itself from then on.
    pub(super) fn planes_ui(
        &mut self,
        ui: &Ui,
        view: &mut VolumeView,
        pane: &mut ScenePane,
        rect: Rect,
        camera: &OrbitCamera,
    ) {
        self.follows.resize(view.planes.len(), Follow::default());
        for (n, plane) in view.planes.iter_mut().enumerate() {
            let before = self.plane_held;
            let moved = gizmo_ui(ui, rect, camera, (*plane, n, &name(plane)), &mut self.plane_held, pane);
            if before.is_none() && self.plane_held.is_some() {
                self.followed = self.follows[n];
            }
            if let Some(moved) = moved {
                *plane = moved;
                self.follows[n].on = false;
            }
        }
    }

    /// Let go of a plane that is held and put it back; whether one was.
    pub(super) fn let_go_of_plane(&mut self, view: &mut VolumeView) -> bool {
        let Some(held) = self.plane_held.take() else { return false };
        if let (Some(plane), Some(follow)) = (view.planes.get_mut(held.key), self.follows.get_mut(held.key)) {
            (*plane, *follow) = (held.start.plane, self.followed);
        }
        true
    }
}
