//! The 3D scene: the views it is seen in, their cameras, and whether they have to be drawn this frame.

mod cameras;
mod one;
#[cfg(test)]
mod tests;

use super::pull::Hand;
use super::quality::{Quality, SCALE_MAX};
use crate::app::render::{FRAGMENTS_IN_PICTURES, FRAGMENTS_ON_SCREEN};
use crate::app::run::AppSystems;
use crate::app::ui::{NamedView, OrbitCamera};
use crate::geom::Aabb;
use bevy::prelude::*;
use one::{Common, Flight};
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

pub(crate) use cameras::SceneCamera;
#[cfg(test)]
pub(crate) use cameras::projected;
pub(crate) use one::{Part, SceneView};

/// Frames drawn after the camera moved.
const AFTER_MOVE: u32 = 2;
/// Frames drawn after meshes or materials changed: they take a frame or two to reach the graphics card.
const AFTER_CHANGE: u32 = 4;
/// How long the scene must stand still before it is drawn finely.
const REST: Duration = Duration::from_millis(150);
/// How long the camera travels to a standard view.
const FLIGHT: Duration = Duration::from_millis(350);
/// Longer frames count as this long: something else may have held them up.
const LEARNT_MAX: Duration = Duration::from_secs(2);

/// Pixels of the texture for one of the pane (each way) at least, where lists of fragments would not hold all walls.
const SCALE_LEAST: f32 = 0.5;
/// Pixels of the scene's texture at most, in all and along a side, where it is finer than the window.
const PIXELS_MAX: f64 = 16e6;
const SIDE_MAX: f64 = 8000.0;

/// The first view, the one beside it, and that of the window for an audience.
pub(crate) const FIRST: usize = 0;
pub(crate) const SECOND: usize = 1;
pub(crate) const AUDIENCE: usize = 2;
/// How many views there are at most.
const VIEWS: usize = 3;

/// The state of the 3D scene.
///
/// It dereferences to the view in use: the one the mouse is in or was in last, which keys and buttons mean.
#[derive(Resource)]
pub(crate) struct Scene {
    views: Vec<SceneView>,
    in_use: usize,
    /// Whether the first and the second view are seen from the same place.
    pub(crate) linked: bool,
    /// Whether the mouse turns views about the patient's long axis only.
    pub(crate) tilt_locked: bool,
    /// The mouse, for pulling.
    pub(crate) hand: Hand,
    /// Everything visible.
    pub(crate) bounds: Aabb,
    /// The box around the visible scan.
    pub(crate) scan_bounds: Option<Aabb>,
    /// The box around the rendered volume.
    pub(crate) volume_bounds: Option<Aabb>,
    /// The box around another case that is shown beside this one.
    pub(crate) other_bounds: Option<Aabb>,
    /// Something in the scene runs by itself.
    pub(crate) animated: bool,
    /// Translucent fragments that are held at most, all pixels together.
    fragments_max: f64,
    /// Views have more translucent walls than are held, also with fewer pixels.
    pub(crate) crowded: bool,
    quality: Quality,
    /// When the scene was drawn last in a row of frames, its pixels, and whether it moved.
    last_drawn: Option<(Instant, f64, bool)>,
    /// Time of the last frame that drew the scene.
    pub(crate) frame_time: Duration,
}

impl Deref for Scene {
    type Target = SceneView;

    fn deref(&self) -> &SceneView {
        &self.views[self.in_use]
    }
}

impl DerefMut for Scene {
    fn deref_mut(&mut self) -> &mut SceneView {
        &mut self.views[self.in_use]
    }
}

impl Scene {
    fn new(views: Vec<SceneView>, software: bool) -> Self {
        Self {
            views,
            in_use: FIRST,
            linked: true,
            tilt_locked: false,
            hand: Hand::default(),
            bounds: Aabb::EMPTY,
            scan_bounds: None,
            volume_bounds: None,
            other_bounds: None,
            animated: false,
            fragments_max: f64::INFINITY,
            crowded: false,
            quality: Quality::new(software),
            last_drawn: None,
            frame_time: Duration::ZERO,
        }
    }

    /// One of the views.
    pub(crate) fn view(&self, which: usize) -> &SceneView {
        &self.views[which]
    }

    /// One of the views.
    pub(crate) fn view_mut(&mut self, which: usize) -> &mut SceneView {
        &mut self.views[which]
    }

    /// Which view is in use.
    pub(crate) fn in_use(&self) -> usize {
        self.in_use
    }

    /// Mouse and keys mean this view from now on; not while a picture is taken of another.
    pub(crate) fn use_view(&mut self, which: usize) {
        if which != AUDIENCE && !self.is_held() {
            self.in_use = which;
        }
    }

    /// The picture changes: draw it, coarsely at first if that is needed to be quick.
    pub(crate) fn changed(&mut self) {
        let coarsely = self.quality.software() && !self.is_held();
        self.views.iter_mut().for_each(|view| view.changed(coarsely));
    }

    /// The camera moved by hand: draw it, coarsely if that is needed to be quick.
    pub(crate) fn moved(&mut self) {
        self.flight = None;
        self.fitted = None;
        self.touch();
    }

    /// What is cut away changes, perhaps at every movement of the mouse: draw it, coarsely if that is needed to be quick.
    pub(crate) fn cut_moved(&mut self) {
        self.changed();
        if !self.is_held() {
            self.touch();
        }
    }

    /// Travel to another place.
    pub(crate) fn fly_to(&mut self, to: OrbitCamera) {
        if self.is_held() {
            return;
        }
        self.fitted = None;
        self.flight = Some(Flight { from: self.camera, to, since: Instant::now() });
        self.touch();
    }

    /// Stand at another place at once, as when walking along a path.
    pub(crate) fn stand(&mut self, camera: OrbitCamera) {
        if self.camera != camera {
            self.moved();
            self.camera = camera;
        }
    }

    /// See all views with parallel lines of sight, or in perspective; not while a picture is taken.
    pub(crate) fn project(&mut self, parallel: bool) {
        if !self.is_held() {
            self.views.iter_mut().for_each(|view| view.project(parallel));
        }
    }

    /// Travel to a standard view.
    pub(crate) fn look(&mut self, view: NamedView) {
        let target = self.flight.map_or(self.camera, |flight| flight.to);
        self.fly_to(target.looking(view));
    }

    /// Travel until all of `bounds` is seen.
    pub(crate) fn fit(&mut self, bounds: &Aabb) {
        if let Some(pane) = &self.pane {
            let mut to = self.flight.map_or(self.camera, |flight| flight.to);
            to.fit(bounds, pane.rect);
            self.fly_to(to);
        }
    }

    /// The box around what is visible: the objects and the rendered volume, or the scan while there are none.
    fn everything(&self) -> Option<Aabb> {
        let more = [self.volume_bounds, self.other_bounds];
        let corners = more.iter().flatten().flat_map(|bounds| [bounds.min, bounds.max]);
        let all = corners.fold(self.bounds, |all, corner| all.including(&corner));
        if all.is_empty() { self.scan_bounds } else { Some(all) }
    }

    /// Travel until everything is seen, and follow again what is added later.
    pub(crate) fn fit_all(&mut self) {
        if let Some(all) = self.everything() {
            self.fit(&all);
        }
        self.fitted = Some(self.everything().unwrap_or(Aabb::EMPTY));
    }

    /// The view a view follows, if it has no camera of its own.
    fn leader(&self, which: usize) -> Option<usize> {
        match which {
            _ if which == self.in_use => None,
            // Pictures are of one view; the others stay where they are.
            _ if self.is_held() => None,
            FIRST | SECOND => self.linked.then_some(self.in_use),
            _ if self.linked => Some(self.in_use),
            _ => Some(FIRST),
        }
    }

    /// Let views that have no camera of their own stand where the other stands.
    pub(super) fn follow(&mut self) {
        for which in 0..self.views.len() {
            if let Some(leader) = self.leader(which) {
                let SceneView { camera, fitted, .. } = self.views[leader];
                self.views[which].follow(camera, fitted);
            }
        }
    }

    /// Decide how finely to draw, before the panels show the part of the texture that will be drawn in this frame.
    pub(super) fn settle(&mut self) {
        let settles: Vec<usize> = (0..self.views.len()).filter(|which| self.may_draw(*which)).collect();
        let panes = settles.iter().filter_map(|which| self.views[*which].pane_px());
        let all_px = panes.map(|[width, height]| width * height).sum();
        let mut most = if self.software() && self.volume_bounds.is_some() { 1.0 } else { SCALE_MAX };
        // All of one size: Bevy's lists of fragments have that of the camera drawn, and making them anew takes long. A
        // wide and a high view together may need more than the larger of them.
        let capacity_at = |most: f32| {
            let needed = settles.iter().filter_map(|which| self.views[*which].needed(most));
            needed.fold(UVec2::ONE, UVec2::max)
        };
        let mut capacity = capacity_at(most);
        let area = |size: UVec2| f64::from(size.x) * f64::from(size.y);
        let walls = f64::from(self.walls());
        let holds = |capacity: UVec2| walls * area(capacity) <= self.fragments_max;
        // Fewer pixels need fewer fragments: coarser than the window rather than without some of the walls.
        while !self.is_held()
            && ((PIXELS_MAX < area(capacity) && 1.0 < most) || (!holds(capacity) && SCALE_LEAST < most))
        {
            most -= 0.25;
            capacity = capacity_at(most);
        }
        let crowded = !self.is_held() && !holds(capacity);
        let common = Common { quality: self.quality, all_px, most, animated: self.animated };
        self.crowded = crowded;
        for which in settles {
            self.views[which].settle(common, capacity);
        }
    }

    /// Translucent walls in a pixel of the views that are drawn, on average.
    fn walls(&self) -> f32 {
        self.drawn().map(|view| view.walls).fold(0.0, f32::max)
    }

    /// Fragments for a pixel of the lists: in steps, for lists are made anew where that changes.
    fn fragments_per_pixel(&self) -> f32 {
        match self.walls() {
            _ if self.is_held() => FRAGMENTS_IN_PICTURES,
            walls if walls < 0.8 * FRAGMENTS_ON_SCREEN => FRAGMENTS_ON_SCREEN,
            walls if walls < 1.6 * FRAGMENTS_ON_SCREEN => 2.0 * FRAGMENTS_ON_SCREEN,
            _ => FRAGMENTS_IN_PICTURES,
        }
    }

    /// Whether a view is drawn when something changes: it is seen, and no picture is taken of another.
    fn may_draw(&self, which: usize) -> bool {
        !self.views[which].is_hidden() && (which == self.in_use || !self.is_held())
    }

    fn drawn(&self) -> impl Iterator<Item = &SceneView> {
        self.views.iter().enumerate().filter(|(which, _)| self.may_draw(*which)).map(|(_, view)| view)
    }

    /// When the next frame is needed at the latest, if nothing else happens.
    pub(crate) fn wants_frame_in(&self) -> Option<Duration> {
        self.drawn().filter_map(|view| view.wants_frame_in(self.animated)).min()
    }

    /// Whether coarse stand-ins should be shown: while a camera moves.
    pub(crate) fn is_moving(&self) -> bool {
        self.drawn().any(SceneView::is_moving)
    }

    /// Whether the next picture is one at rest.
    pub(crate) fn is_fine(&self) -> bool {
        self.drawn().all(SceneView::is_fine)
    }

    /// Whether a processor plays the graphics card.
    pub(crate) fn software(&self) -> bool {
        self.quality.software()
    }

    /// Draw pictures of `size` pixels, finely, until [`Scene::release`].
    pub(crate) fn hold(&mut self, size: UVec2) {
        (self.held, self.part) = (Some(size), None);
    }

    /// Draw a part of a picture, finely, until [`Scene::release`].
    pub(crate) fn hold_part(&mut self, part: Part) {
        (self.held, self.part) = (Some(part.size), Some(part));
    }

    /// Draw for the screen again.
    pub(crate) fn release(&mut self) {
        (self.held, self.part) = (None, None);
        self.changed();
    }

    /// Stand here for a picture.
    pub(crate) fn pose(&mut self, camera: OrbitCamera) {
        SceneView::pose(self, camera);
    }
}

pub(super) fn plugin(app: &mut App) {
    cameras::plugin(app);
    app.add_systems(Update, travel.in_set(AppSystems::View));
}

/// Pixels of the texture for one of the pane (each way) at most, so that no adapter's limits are met.
fn scale_max(pane_px: [f64; 2]) -> f32 {
    let by_area = (PIXELS_MAX / (pane_px[0] * pane_px[1])).sqrt();
    let by_side = SIDE_MAX / pane_px[0].max(pane_px[1]);
    (by_area.min(by_side) as f32).clamp(1.0, SCALE_MAX)
}

fn travel(mut scene: ResMut<Scene>) {
    let all = scene.everything();
    let mut fitted = false;
    for which in 0..scene.views.len() {
        if scene.leader(which).is_some() {
            continue;
        }
        let animated = scene.animated;
        let view = &mut scene.views[which];
        fitted |= all.is_some_and(|all| view.fit_untouched(&all));
        if !view.fly() && animated {
            view.touch();
        }
    }
    if fitted {
        scene.changed();
    }
    scene.follow();
    if scene.animated {
        // What runs by itself is seen in views that follow, too.
        scene.views.iter_mut().for_each(SceneView::touch);
    }
}
