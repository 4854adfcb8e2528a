//! The 3D scene: its camera, the texture it is drawn into, and whether it has to be drawn this frame.

use super::pull::Hand;
use super::quality::{Quality, SCALE_MAX};
use crate::app::render::{ShownIn, WINDOW_SPACE, fragment_lists, is_software, picture, sorts_fragments, target};
use crate::app::run::AppSystems;
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::app::ui::{NamedView, OrbitCamera, ScenePane};
use crate::geom::Aabb;
use bevy::camera::{CameraOutputMode, ClearColorConfig, ImageRenderTarget, MsaaWriteback, RenderTarget, Viewport};
use bevy::core_pipeline::oit::OrderIndependentTransparencySettings;
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::light::cluster::{ClusterConfig, GlobalClusterSettings};
use bevy::prelude::*;
use bevy::render::render_resource::{PipelineCache, TextureUsages};
use bevy::render::renderer::{RenderAdapter, RenderAdapterInfo, RenderDevice};
use bevy::render::view::NoIndirectDrawing;
use bevy::render::{Render, RenderApp, RenderSystems};
use bevy_egui::{EguiPostUpdateSet, EguiTextureHandle, EguiUserTextures};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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

/// Pixels of the scene's texture at most, in all and along a side, where it is finer than the window.
const PIXELS_MAX: f64 = 24e6;
const SIDE_MAX: f64 = 8000.0;

/// The state of the 3D scene.
#[derive(Resource)]
pub(crate) struct Scene {
    /// Where the camera is.
    pub(crate) camera: OrbitCamera,
    /// The rectangle of the scene and the mouse in it, as the panels said last.
    pub(crate) pane: Option<ScenePane>,
    /// The mouse, for pulling.
    pub(crate) hand: Hand,
    /// Everything visible.
    pub(crate) bounds: Aabb,
    /// The box around the visible scan.
    pub(crate) scan_bounds: Option<Aabb>,
    /// The box around the rendered volume.
    pub(crate) volume_bounds: Option<Aabb>,
    /// The texture the scene is drawn into, as the panels see it.
    pub(crate) texture: Option<egui::TextureId>,
    /// Physical pixels per point.
    pub(crate) pixels_per_point: f32,
    /// Something in the scene runs by itself.
    pub(crate) animated: bool,
    /// What the panels show of it.
    image: Handle<Image>,
    /// Gives the camera its size.
    target: Handle<Image>,
    capacity: UVec2,
    /// The textures have another size than `capacity`.
    outgrown: bool,
    /// The part of the texture that holds the picture.
    used: UVec2,
    flight: Option<Flight>,
    draw: u32,
    moved: Instant,
    rested: bool,
    /// The camera moved since the scene rested last.
    steered: bool,
    quality: Quality,
    /// The size of pictures that are being taken.
    held: Option<UVec2>,
    /// When the scene was drawn last in a row of frames, its pixels, and whether it moved.
    last_drawn: Option<(Instant, UVec2, bool)>,
    /// Time of the last frame that drew the scene.
    pub(crate) frame_time: Duration,
    /// The bounds the camera was put to by itself; `None` once the user moved it.
    fitted: Option<Aabb>,
}

#[derive(Debug, Clone, Copy)]
struct Flight {
    from: OrbitCamera,
    to: OrbitCamera,
    since: Instant,
}

/// The camera entity of the scene.
#[derive(Component)]
pub(crate) struct SceneCamera;

/// Whether the graphics driver still compiles something the scene needs; written by the render world.
#[derive(Resource, Clone, Default)]
struct Compiling(Arc<AtomicBool>);

impl Scene {
    /// The picture changes: draw it, coarsely at first if that is needed to be quick.
    pub(crate) fn changed(&mut self) {
        self.draw = self.draw.max(AFTER_CHANGE);
        if self.quality.software() && !self.is_held() {
            self.moved = Instant::now();
            self.rested = false;
        }
    }

    /// The camera moved by hand: draw it, coarsely if that is needed to be quick.
    pub(crate) fn moved(&mut self) {
        self.flight = None;
        self.fitted = None;
        self.touch();
    }

    fn touch(&mut self) {
        self.draw = self.draw.max(AFTER_MOVE);
        self.moved = Instant::now();
        self.rested = false;
        self.steered = true;
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
        match self.volume_bounds {
            Some(volume) => Some(self.bounds.including(&volume.min).including(&volume.max)),
            None if self.bounds.is_empty() => self.scan_bounds,
            None => Some(self.bounds),
        }
    }

    /// Travel until everything is seen, and follow again what is added later.
    pub(crate) fn fit_all(&mut self) {
        if let Some(all) = self.everything() {
            self.fit(&all);
        }
        self.fitted = Some(self.everything().unwrap_or(Aabb::EMPTY));
    }

    /// As long as nobody touched the camera, it shows everything there is.
    fn fit_untouched(&mut self) {
        let Some(all) = self.everything() else { return };
        if let (Some(fitted), Some(pane)) = (self.fitted, &self.pane)
            && fitted != all
            && !self.is_held()
            && self.flight.is_none()
        {
            self.camera.fit(&all, pane.rect);
            self.fitted = Some(all);
            self.changed();
        }
    }

    /// Decide how finely to draw, before the panels show the part of the texture that will be drawn in this frame.
    pub(super) fn settle(&mut self) {
        let Some(pane) = drawn_in(self.pane.as_ref()) else { return };
        if !self.rested && REST <= self.moved.elapsed() && self.flight.is_none() && !self.animated {
            self.rested = true;
            self.steered = false;
            self.draw = self.draw.max(AFTER_MOVE);
        }
        let pane_px = [pane.width(), pane.height()].map(|points| f64::from((points * self.pixels_per_point).max(1.0)));
        let sized =
            |scale: f32| UVec2::from_array(pane_px.map(|pixels| (pixels as f32 * scale) as u32)).max(UVec2::ONE);
        let largest = scale_max(pane_px);
        let most = if self.software() && self.volume_bounds.is_some() { 1.0 } else { largest };
        let used = sized(self.quality.scale(pane_px[0] * pane_px[1], !self.rested).min(most));
        let used = self.held.unwrap_or(used);
        if used != self.used && (0 < self.draw || self.rested) {
            self.used = used;
            self.draw = self.draw.max(AFTER_MOVE);
        }
        let needed = self.held.unwrap_or(sized(largest)).map(|n| n.div_ceil(128) * 128);
        if self.capacity != needed {
            self.capacity = needed;
            self.outgrown = true;
            self.draw = self.draw.max(AFTER_CHANGE);
        }
    }

    /// When the next frame is needed at the latest, if nothing else happens.
    pub(crate) fn wants_frame_in(&self) -> Option<Duration> {
        // Nobody sees it, and nothing counts its frames down.
        drawn_in(self.pane.as_ref())?;
        if 0 < self.draw || self.flight.is_some() || self.animated {
            return Some(Duration::ZERO);
        }
        (!self.rested).then(|| REST.saturating_sub(self.moved.elapsed()))
    }

    /// Whether coarse stand-ins should be shown: while the camera moves.
    pub(crate) fn is_moving(&self) -> bool {
        self.flight.is_some() || (self.steered && !self.rested)
    }

    /// Whether the next picture is one at rest.
    pub(crate) fn is_fine(&self) -> bool {
        self.rested && self.flight.is_none()
    }

    /// Whether a processor plays the graphics card.
    pub(crate) fn software(&self) -> bool {
        self.quality.software()
    }

    /// Draw pictures of `size` pixels, finely, until [`Scene::release`].
    pub(crate) fn hold(&mut self, size: UVec2) {
        self.held = Some(size);
    }

    /// Draw for the screen again.
    pub(crate) fn release(&mut self) {
        self.held = None;
        self.changed();
    }

    /// Whether the view is not on the screen, or too small to see anything: nothing is drawn then.
    pub(crate) fn is_hidden(&self) -> bool {
        drawn_in(self.pane.as_ref()).is_none()
    }

    /// Whether pictures are being taken: the mouse leaves the camera alone then.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Stand here for a picture.
    pub(crate) fn pose(&mut self, camera: OrbitCamera) {
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

    /// The image the scene is drawn into.
    pub(crate) fn image(&self) -> Handle<Image> {
        self.image.clone()
    }
}

pub(super) fn plugin(app: &mut App) {
    let compiling = Compiling::default();
    app.insert_resource(compiling.clone());
    app.add_systems(Startup, set_up);
    app.add_systems(Update, travel.in_set(AppSystems::View));
    let place = place.after(EguiPostUpdateSet::EndPass).before(TransformSystems::Propagate);
    app.add_systems(PostUpdate, place.before(bevy::camera::CameraUpdateSystems));
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app.insert_resource(compiling);
        render_app.add_systems(Render, watch_compiler.in_set(RenderSystems::Cleanup));
    }
}

fn watch_compiler(cache: Res<PipelineCache>, compiling: Res<Compiling>) {
    let waits = cache.waiting_pipelines().count();
    if compiling.0.swap(waits != 0, Ordering::Relaxed) != (waits != 0) {
        debug!(waits, "pipelines to compile");
    }
}

fn set_up(
    mut commands: Commands,
    mut images: ResMut<Assets<Image>>,
    mut textures: ResMut<EguiUserTextures>,
    adapter: Option<Res<RenderAdapterInfo>>,
    card: (Option<Res<RenderAdapter>>, Option<Res<RenderDevice>>),
    clusters: Option<ResMut<GlobalClusterSettings>>,
) {
    // Our materials know their lights themselves.
    if let Some(mut clusters) = clusters {
        clusters.gpu_clustering = None;
    }
    let software = adapter.is_some_and(|info| is_software(&info));
    let capacity = UVec2::splat(64);
    let [image, target] = [picture(capacity), target(capacity)].map(|image| images.add(image));
    let texture = textures.add_image(EguiTextureHandle::Strong(image.clone()));
    let camera = commands.spawn((
        Name::new("scene camera"),
        SceneCamera,
        // The rendered volume and what is translucent end at the depth of what is opaque.
        Camera3d {
            depth_texture_usages: (TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING).into(),
            ..default()
        },
        Camera {
            order: -1,
            clear_color: ClearColorConfig::None,
            is_active: false,
            output_mode: CameraOutputMode::Skip,
            // Would bring back the last picture where nothing is cleared.
            msaa_writeback: MsaaWriteback::Off,
            ..default()
        },
        RenderTarget::Image(ImageRenderTarget::from(target.clone())),
        ShownIn(image.clone()),
        Projection::Perspective(PerspectiveProjection::default()),
        (Tonemapping::None, DebandDither::Disabled, ClusterConfig::Single, Msaa::Off, NoIndirectDrawing),
    ));
    let camera = camera.id();
    if let (Some(adapter), Some(device)) = card
        && sorts_fragments(&adapter, &device)
        && std::env::var("PROSECTOR_TEST_NO_OIT").is_err()
    {
        let buffer_max = device.limits().max_storage_buffer_binding_size;
        commands.entity(camera).insert(fragment_lists(capacity, buffer_max));
    }
    commands.spawn((
        Name::new("panel camera"),
        bevy_egui::PrimaryEguiContext,
        Camera2d,
        Camera { order: 0, clear_color: ClearColorConfig::Custom(Color::srgb_u8(20, 22, 25)), ..default() },
        (Msaa::Off, WINDOW_SPACE),
    ));
    commands.insert_resource(Scene {
        camera: OrbitCamera::default(),
        pane: None,
        hand: Hand::default(),
        bounds: Aabb::EMPTY,
        scan_bounds: None,
        volume_bounds: None,
        texture: Some(texture),
        pixels_per_point: 1.0,
        animated: false,
        image,
        target,
        capacity,
        outgrown: false,
        used: UVec2::ONE,
        flight: None,
        draw: AFTER_CHANGE,
        moved: Instant::now(),
        rested: true,
        steered: false,
        quality: Quality::new(software),
        held: None,
        last_drawn: None,
        frame_time: Duration::ZERO,
        fitted: Some(Aabb::EMPTY),
    });
}

/// Pixels of the texture for one of the pane (each way) at most, so that no adapter's limits are met.
fn scale_max(pane_px: [f64; 2]) -> f32 {
    let by_area = (PIXELS_MAX / (pane_px[0] * pane_px[1])).sqrt();
    let by_side = SIDE_MAX / pane_px[0].max(pane_px[1]);
    (by_area.min(by_side) as f32).clamp(1.0, SCALE_MAX)
}

fn travel(mut scene: ResMut<Scene>) {
    scene.fit_untouched();
    if let Some(Flight { from, to, since }) = scene.flight {
        let part = since.elapsed().as_secs_f64() / FLIGHT.as_secs_f64();
        let eased = part.min(1.0) * part.min(1.0) * (3.0 - 2.0 * part.min(1.0));
        scene.camera = from.towards(&to, eased);
        scene.touch();
        if 1.0 <= part {
            scene.camera = to;
            scene.flight = None;
        }
    } else if scene.animated {
        scene.touch();
    }
}

/// The rectangle the scene is drawn in, in points; `None` while it is hidden or too small to see anything.
fn drawn_in(pane: Option<&ScenePane>) -> Option<egui::Rect> {
    pane.map(|pane| pane.rect).filter(|rect| 8.0 < rect.width().min(rect.height()))
}

/// Put the camera where the panels left it, and decide whether it draws.
fn place(
    mut scene: ResMut<Scene>,
    mut images: ResMut<Assets<Image>>,
    compiling: Res<Compiling>,
    device: Option<Res<RenderDevice>>,
    camera: Single<
        (&mut Camera, &mut Transform, &mut Projection, Option<&mut OrderIndependentTransparencySettings>),
        With<SceneCamera>,
    >,
) {
    let (mut camera, mut transform, mut projection, lists) = camera.into_inner();
    let scene = &mut *scene;
    if drawn_in(scene.pane.as_ref()).is_none() {
        camera.is_active = false;
        scene.last_drawn = None;
        return;
    }
    if compiling.0.load(Ordering::Relaxed) {
        scene.draw = scene.draw.max(1);
        // Compiling is not drawing.
        scene.last_drawn = None;
    }
    camera.is_active = 0 < scene.draw;
    if scene.draw == 0 {
        scene.last_drawn = None;
        return;
    }
    if std::mem::take(&mut scene.outgrown) {
        if let (Some(mut lists), Some(device)) = (lists, &device) {
            *lists = fragment_lists(scene.capacity, device.limits().max_storage_buffer_binding_size);
        }
        for (handle, image) in [(&scene.image, picture(scene.capacity)), (&scene.target, target(scene.capacity))] {
            if let Err(error) = images.insert(handle, image) {
                error!(%error, "the scene's texture could not be resized");
            }
        }
    }
    let used = scene.used;
    camera.viewport = Some(Viewport { physical_position: UVec2::ZERO, physical_size: used, depth: 0.0..1.0 });
    let [_, up, _] = scene.camera.right_up_back();
    let eye = bevy_from_patient(&scene.camera.eye());
    *transform =
        Transform::from_translation(eye).looking_at(bevy_from_patient(&scene.camera.target), bevy_from_direction(&up));
    if let Projection::Perspective(perspective) = &mut *projection {
        perspective.fov = scene.camera.fov_rad as f32;
        perspective.near = (scene.camera.distance_mm as f32 * 0.02).clamp(0.1, 20.0);
        perspective.far = 50_000.0;
    }
    learn(scene, used);
    scene.draw -= 1;
}

/// Measure the time from one drawn frame to the next.
fn learn(scene: &mut Scene, used: UVec2) {
    let now = Instant::now();
    if let Some((before, pixels, moving)) = scene.last_drawn.replace((now, used, !scene.rested)) {
        scene.frame_time = now - before;
        debug!(ms = scene.frame_time.as_secs_f64() * 1e3, %pixels, moving, "the scene was drawn");
        let time = scene.frame_time.min(LEARNT_MAX);
        scene.quality.learn(f64::from(pixels.x) * f64::from(pixels.y), time, moving);
    }
}
