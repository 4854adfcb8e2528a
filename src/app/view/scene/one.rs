//! One 3D view: where it is seen from, its rectangle on the screen, and whether it has to be drawn this frame.

use super::{AFTER_CHANGE, AFTER_MOVE, FLIGHT, REST, scale_max};
use crate::app::ui::{OrbitCamera, ScenePane};
use crate::app::view::quality::Quality;
use crate::geom::Aabb;
use bevy::camera::SubCameraView;
use bevy::prelude::*;
use std::time::{Duration, Instant};

/// Size of the textures of a view that nobody sees.
pub(super) const CAPACITY_UNSEEN: UVec2 = UVec2::splat(64);

/// A 3D view. All views show the same scene; each may leave out a part of it.
pub(crate) struct SceneView {
    /// Where the camera is.
    pub(crate) camera: OrbitCamera,
    /// The rectangle of the view and the mouse in it, as the panels said last; `None` while it is not on the screen.
    pub(crate) pane: Option<ScenePane>,
    /// The texture it is drawn into, as the panels see it.
    pub(crate) texture: Option<egui::TextureId>,
    /// Physical pixels per point.
    pub(crate) pixels_per_point: f32,
    /// What the panels show of it.
    pub(super) image: Handle<Image>,
    /// Gives the camera its size.
    pub(super) target: Handle<Image>,
    pub(super) capacity: UVec2,
    /// The textures have another size than `capacity`.
    pub(super) outgrown: bool,
    /// The part of the texture that holds the picture.
    pub(super) used: UVec2,
    pub(super) flight: Option<Flight>,
    /// Frames it has still to be drawn in.
    pub(super) draw: u32,
    pub(super) moved: Instant,
    pub(super) rested: bool,
    /// The camera moved since the view rested last.
    pub(super) steered: bool,
    /// The size of pictures that are being taken.
    pub(super) held: Option<UVec2>,
    /// Translucent walls in a pixel, on average.
    pub(crate) walls: f32,
    /// The part of a picture that is drawn, if it is drawn in tiles.
    pub(super) part: Option<Part>,
    /// The bounds the camera was put to by itself; `None` once the user moved it.
    pub(super) fitted: Option<Aabb>,
}

/// A part of a picture that is drawn by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// Pixels of the whole picture.
    pub(crate) whole: UVec2,
    /// Its upper left corner in the whole.
    pub(crate) offset: UVec2,
    /// Its own pixels.
    pub(crate) size: UVec2,
}

impl Part {
    /// As cameras know it.
    pub(crate) fn sub_view(&self) -> SubCameraView {
        SubCameraView { full_size: self.whole, offset: self.offset.as_vec2(), size: self.size }
    }

    /// By how much the whole is higher, in parts of its height: line.wgsl draws lines by the height of the whole. It reads this
    /// as the bias of mip levels, of which nothing in the scene has any.
    pub(crate) fn higher(&self) -> f32 {
        self.whole.y as f32 / self.size.y as f32 - 1.0
    }
}

/// The way from one place to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flight {
    pub(super) from: OrbitCamera,
    pub(super) to: OrbitCamera,
    pub(super) since: Instant,
}

/// What all views that are settled in a frame have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub(super) quality: Quality,
    /// Physical pixels of all panes together.
    pub(super) all_px: f64,
    /// Pixels of texture per pixel of the window, at most.
    pub(super) most: f32,
    pub(super) animated: bool,
}

impl SceneView {
    pub(super) fn new(image: Handle<Image>, target: Handle<Image>, texture: egui::TextureId) -> Self {
        Self {
            camera: OrbitCamera::default(),
            pane: None,
            texture: Some(texture),
            pixels_per_point: 1.0,
            image,
            target,
            capacity: CAPACITY_UNSEEN,
            outgrown: false,
            used: UVec2::ONE,
            flight: None,
            draw: AFTER_CHANGE,
            moved: Instant::now(),
            rested: true,
            steered: false,
            held: None,
            walls: 0.0,
            part: None,
            fitted: Some(Aabb::EMPTY),
        }
    }

    /// Draw it again: the camera moves.
    pub(super) fn touch(&mut self) {
        self.draw = self.draw.max(AFTER_MOVE);
        self.moved = Instant::now();
        self.rested = false;
        self.steered = true;
    }

    /// What is seen changes: draw it, `coarsely` at first if that is needed to be quick.
    pub(super) fn changed(&mut self, coarsely: bool) {
        self.draw = self.draw.max(AFTER_CHANGE);
        if coarsely {
            self.moved = Instant::now();
            self.rested = false;
        }
    }

    /// Draw it again, for something over it changes.
    pub(crate) fn show_again(&mut self) {
        self.changed(false);
    }

    /// Pixels of the picture for one point of the window.
    pub(crate) fn px_per_point(&self) -> f32 {
        self.drawn_in().map_or(1.0, |rect| self.used.y as f32 / rect.height())
    }

    /// The rectangle it is drawn in, in points; `None` while it is hidden or too small to see anything.
    pub(super) fn drawn_in(&self) -> Option<egui::Rect> {
        self.pane.as_ref().map(|pane| pane.rect).filter(|rect| 8.0 < rect.width().min(rect.height()))
    }

    /// Whether the view is not on the screen, or too small to see anything: nothing is drawn then.
    pub(crate) fn is_hidden(&self) -> bool {
        self.drawn_in().is_none()
    }

    /// Whether pictures of it are being taken: the mouse leaves the camera alone then.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Physical pixels of its pane.
    pub(super) fn pane_px(&self) -> Option<[f64; 2]> {
        let pane = self.drawn_in()?;
        Some([pane.width(), pane.height()].map(|points| f64::from((points * self.pixels_per_point).max(1.0))))
    }

    /// The size its textures need where at most `most` pixels of them are drawn for one of the pane (each way).
    pub(super) fn needed(&self, most: f32) -> Option<UVec2> {
        let pane_px = self.pane_px()?;
        Some(self.held.unwrap_or(sized(pane_px, scale_max(pane_px).min(most))).map(|n| n.div_ceil(128) * 128))
    }

    /// Decide how finely to draw, in textures of `capacity`.
    pub(super) fn settle(&mut self, common: Common, capacity: UVec2) {
        let Some(pane_px) = self.pane_px() else { return };
        if !self.rested && REST <= self.moved.elapsed() && self.flight.is_none() && !common.animated {
            self.rested = true;
            self.steered = false;
            self.draw = self.draw.max(AFTER_MOVE);
        }
        let scale = common.quality.scale(common.all_px, !self.rested).min(scale_max(pane_px)).min(common.most);
        let used = self.held.unwrap_or(sized(pane_px, scale));
        if used != self.used && (0 < self.draw || self.rested) {
            self.used = used;
            self.draw = self.draw.max(AFTER_MOVE);
        }
        if self.capacity != capacity {
            self.capacity = capacity;
            self.outgrown = true;
            self.draw = self.draw.max(AFTER_CHANGE);
        }
    }

    /// When the next frame is needed at the latest, if nothing else happens.
    pub(super) fn wants_frame_in(&self, animated: bool) -> Option<Duration> {
        // Nobody sees it, and nothing counts its frames down.
        self.drawn_in()?;
        if 0 < self.draw || self.flight.is_some() || animated {
            return Some(Duration::ZERO);
        }
        (!self.rested).then(|| REST.saturating_sub(self.moved.elapsed()))
    }

    /// Whether the camera moves.
    pub(super) fn is_moving(&self) -> bool {
        self.flight.is_some() || (self.steered && !self.rested)
    }

    /// Whether its next picture is one at rest.
    pub(super) fn is_fine(&self) -> bool {
        self.rested && self.flight.is_none()
    }

    /// Go on with the flight; whether there is one.
    pub(super) fn fly(&mut self) -> bool {
        let Some(Flight { from, to, since }) = self.flight else { return false };
        let part = since.elapsed().as_secs_f64() / FLIGHT.as_secs_f64();
        let eased = part.min(1.0) * part.min(1.0) * (3.0 - 2.0 * part.min(1.0));
        self.camera = from.towards(&to, eased);
        self.touch();
        if 1.0 <= part {
            self.camera = to;
            self.flight = None;
        }
        true
    }

    /// As long as nobody touched the camera, it shows `all` there is.
    pub(super) fn fit_untouched(&mut self, all: &Aabb) -> bool {
        if let (Some(fitted), Some(pane)) = (self.fitted, &self.pane)
            && fitted != *all
            && !self.is_held()
            && self.flight.is_none()
        {
            self.camera.fit(all, pane.rect);
            self.fitted = Some(*all);
            return true;
        }
        false
    }

    /// Stand where another view stands.
    pub(super) fn follow(&mut self, camera: OrbitCamera, fitted: Option<Aabb>) {
        self.fitted = fitted;
        if self.camera != camera {
            self.flight = None;
            self.camera = camera;
            self.touch();
        }
    }

    /// See with parallel lines of sight, or in perspective, also where it travels to.
    pub(super) fn project(&mut self, parallel: bool) {
        if let Some(flight) = &mut self.flight {
            flight.to.parallel = parallel;
        }
        if self.camera.parallel != parallel {
            self.camera.parallel = parallel;
            self.touch();
        }
    }

    /// Stand here for a picture.
    pub(super) fn pose(&mut self, camera: OrbitCamera) {
        (self.camera, self.flight) = (camera, None);
        (self.rested, self.steered) = (true, false);
        self.draw = self.draw.max(AFTER_CHANGE);
    }

    /// Whether the held picture is there.
    pub(crate) fn is_drawn(&self) -> bool {
        self.draw == 0 && self.rested && self.held == Some(self.used)
    }

    /// The part of the texture that holds the picture, for drawing it.
    pub(crate) fn uv(&self) -> egui::Rect {
        let [x, y] = [0, 1].map(|axis| self.used[axis] as f32 / self.capacity[axis].max(1) as f32);
        egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(x, y))
    }

    /// The size of the whole image in pixels.
    pub(crate) fn texture_size(&self) -> UVec2 {
        self.capacity
    }

    /// The image it is drawn into.
    pub(crate) fn image(&self) -> Handle<Image> {
        self.image.clone()
    }
}

fn sized(pane_px: [f64; 2], scale: f32) -> UVec2 {
    UVec2::from_array(pane_px.map(|pixels| (pixels as f32 * scale) as u32)).max(UVec2::ONE)
}
