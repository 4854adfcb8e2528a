//! Shows the panels and passes on what the user asked for.

use super::scene::Scene;
use crate::app::requests::Asked;
use crate::app::session::TheSession;
use crate::app::ui::{AppView, SceneInfo, ScenePane, UiOutput, Workspace};
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The panels and what the scene tells them.
#[derive(Resource, Default)]
pub(crate) struct Desk {
    /// Layout, crosshair, selection, forms.
    pub(crate) workspace: Workspace,
    /// What the scene says of itself; filled in by mirrors and picking.
    pub(crate) info: SceneInfo,
    /// A file operation in progress, in words.
    pub(crate) busy: Option<String>,
    /// When egui wants its next frame.
    repaint: Arc<Mutex<Option<Instant>>>,
    wants_repaint: bool,
    ready: bool,
}

impl Desk {
    /// When the panels want a frame, if nothing else happens.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        let asked = self.repaint.lock().ok().and_then(|at| *at).map(|at| at.saturating_duration_since(Instant::now()));
        let soon = self.wants_repaint.then_some(Duration::from_millis(50));
        [asked, soon].into_iter().flatten().min()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Desk>();
    app.add_systems(EguiPrimaryContextPass, show);
}

fn show(
    mut contexts: EguiContexts,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut asked: ResMut<Asked>,
    session: NonSend<TheSession>,
    adapter: Option<Res<RenderAdapterInfo>>,
) -> Result {
    let ctx = contexts.ctx_mut()?;
    let Desk { workspace, info, busy, repaint, wants_repaint, ready } = &mut *desk;
    if !*ready {
        *ready = true;
        workspace.set_up(ctx);
        info.adapter = adapter.map_or_else(String::new, |info| format!("{} ({:?})", info.name, info.backend));
        let at = Arc::clone(repaint);
        ctx.set_request_repaint_callback(move |wish| {
            if let (Ok(mut at), Some(next)) = (at.lock(), Instant::now().checked_add(wish.delay)) {
                *at = Some(at.map_or(next, |old| old.min(next)));
            }
        });
    }
    if let Ok(mut at) = repaint.lock()
        && at.is_some_and(|at| at <= Instant::now())
    {
        *at = None;
    }
    info.camera = scene.camera;
    scene.pixels_per_point = ctx.pixels_per_point();
    // The scene lies under everything; its place is known only after the panels were laid out.
    let painter = ctx.layer_painter(egui::LayerId::background());
    let [ground, picture] = [painter.add(egui::Shape::Noop), painter.add(egui::Shape::Noop)];
    let view = AppView {
        session: session.get(),
        scene: info,
        messages: &session.messages,
        case_path: session.case_path.as_deref(),
        unsaved: session.unsaved(),
        busy: busy.as_deref(),
        now_s: session.now_s(),
    };
    let UiOutput { requests, scene: pane, wants_repaint: wants } = workspace.show(ctx, &view);
    *wants_repaint = wants;
    asked.0.extend(requests);
    if let Some(pane) = &pane {
        painter.set(ground, backdrop(pane.rect));
        if let Some(texture) = scene.texture {
            let white = egui::Color32::WHITE;
            painter.set(picture, egui::Shape::image(texture, pane.rect, scene.uv(), white));
        }
        steer(&mut scene, pane);
    }
    scene.pane = pane;
    Ok(())
}

fn steer(scene: &mut Scene, pane: &ScenePane) {
    let mut camera = scene.camera;
    if camera.steer(pane) {
        scene.moved();
        scene.camera = camera;
    }
}

/// A dark neutral ground, a little lighter where the lamp would be.
fn backdrop(rect: egui::Rect) -> egui::Shape {
    let [top, bottom] = [egui::Color32::from_rgb(46, 50, 56), egui::Color32::from_rgb(17, 18, 21)];
    let mut mesh = egui::Mesh::default();
    for (corner, colour) in
        [(rect.left_top(), top), (rect.right_top(), top), (rect.right_bottom(), bottom), (rect.left_bottom(), bottom)]
    {
        mesh.colored_vertex(corner, colour);
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(0, 2, 3);
    egui::Shape::mesh(mesh)
}
