//! Shows the panels and passes on what the user asked for.

use super::operate::Theatre;
use super::pull::{Hand, Pull};
use super::scene::{FIRST, SECOND, Scene};
use crate::app::requests::Asked;
use crate::app::session::TheSession;
use crate::app::ui::{AppView, FileJob, SceneInfo, ScenePane, UiOutput, Workspace};
use crate::base::{ContentHash, NodeId};
use crate::image::{Scan, Window};
use crate::session::{Case, Display};
use bevy::asset::AssetEventSystems;
use bevy::prelude::{
    App, IntoScheduleConfigs, Local, NonSend, PostStartup, PostUpdate, PreUpdate, Res, ResMut, Resource, Result,
    Single, With,
};
use bevy::render::renderer::RenderAdapterInfo;
use bevy_egui::{
    EguiContexts, EguiFullOutput, EguiInput, EguiInputSet, EguiPostUpdateSet, EguiPreUpdateSet, EguiPrimaryContextPass,
    PrimaryEguiContext,
};
use egui::Modifiers;
use std::time::{Duration, Instant};

/// The panels and what the scene tells them.
#[derive(Resource, Default)]
pub(crate) struct Desk {
    /// Layout, crosshair, selection, forms.
    pub(crate) workspace: Workspace,
    /// What the scene says of itself; filled in by mirrors and picking.
    pub(crate) info: SceneInfo,
    /// A file operation in progress.
    pub(crate) busy: Option<FileJob>,
    /// What an operation does with the objects of the case.
    pub(crate) theatre: Option<InTheatre>,
    /// A file dialog is open over the window.
    pub(crate) covered: bool,
    /// Something the panels show is not finished; it goes on with the next frame.
    pub(super) unfinished: bool,
    /// So is what is known of measures behind others.
    pub(super) covering: bool,
    /// When egui wants its next frame.
    repaint_at: Option<Instant>,
    /// When that of the second window does.
    pub(super) audience_at: Option<Instant>,
    wants_repaint: bool,
}

/// Objects of the case during an operation.
#[derive(Debug, Clone)]
pub(crate) struct InTheatre {
    /// The one that shows the organ and moves.
    pub(crate) organ: NodeId,
    /// Other pictures of the organ.
    pub(crate) hidden: Vec<NodeId>,
    /// What lies within it and moves with it.
    pub(crate) inner: Vec<NodeId>,
}

/// How much is seen of what is not looked at.
const GHOST_OPACITY: f32 = 0.15;

impl Desk {
    /// How a node is shown now: as the case says, unless a slider is being dragged or another node is shown alone.
    pub(crate) fn display(&self, id: NodeId, case: &Case) -> Option<Display> {
        let mut display = case.node(id)?.display.clone();
        if let Some((_, preview)) = self.workspace.preview.as_ref().filter(|(each, _)| *each == id) {
            display.clone_from(preview);
        }
        if let Some(alone) = self.workspace.isolated {
            display.visible = alone == id;
        }
        if self.workspace.ghosted.is_some_and(|focus| focus != id) {
            display.opacity = display.opacity.min(GHOST_OPACITY);
        }
        display.visible &= !self.workspace.stands_in_for(case.node(id)?);
        display.visible &= !self.workspace.walk.as_ref().is_some_and(|walk| walk.hides(id));
        if let Some(circulation) = &self.workspace.circulation {
            let node = case.node(id)?;
            let lines = circulation.params.lines;
            // What was kept of the same vessels lies where the live ones are.
            let kept = node.source == Some(lines) && node.made_by().is_some_and(|made| made.tool == "simulate.network");
            display.visible = id == lines || display.visible && !kept;
        }
        if let Some(setup) = &self.workspace.flow_setup {
            display.visible &= !setup.covers(case.node(id)?);
        }
        if let Some(InTheatre { organ, hidden, .. }) = &self.theatre {
            display.visible = *organ == id || display.visible && !hidden.contains(&id);
        }
        Some(display)
    }

    /// The parameters of `simulate.tissue`, if its form is open.
    pub(super) fn tissue_form(&self) -> Option<serde_json::Value> {
        self.workspace.form_of("simulate.tissue")
    }

    /// The display window of a scan, as its slices show it.
    pub(crate) fn window_of(&mut self, node: NodeId, scan: &Scan, hash: ContentHash) -> Window {
        self.workspace.window_of(node, scan, hash)
    }

    /// When the panels want a frame, if nothing else happens.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        let asked = self.repaint_at.into_iter().chain(self.audience_at).min();
        let asked = asked.map(|at| at.saturating_duration_since(Instant::now()));
        let soon = self.wants_repaint.then_some(Duration::from_millis(50));
        let now = (self.unfinished || self.covering).then_some(Duration::ZERO);
        [asked, soon, now].into_iter().flatten().min()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Desk>();
    app.add_systems(PostStartup, set_up);
    app.add_systems(EguiPrimaryContextPass, show_panels);
    app.add_systems(
        PreUpdate,
        drop_empty_news.after(EguiInputSet::WriteEguiEvents).before(EguiPreUpdateSet::BeginPass),
    );
    let between = note_repaint.after(EguiPostUpdateSet::EndPass).before(EguiPostUpdateSet::ProcessOutput);
    app.add_systems(PostUpdate, between);
    // New letters are written into their picture before changed pictures are told of: they are drawn with this frame.
    app.configure_sets(PostUpdate, EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems));
}

/// bevy_egui reports the modifier keys in every frame, and egui asks for another frame after every report: the window
/// would never rest. Only changes get through.
fn drop_empty_news(mut input: Single<&mut EguiInput, With<PrimaryEguiContext>>, mut last: Local<Option<Modifiers>>) {
    input.events.retain(|event| match event {
        egui::Event::ModifiersChanged(modifiers) => last.replace(*modifiers) != Some(*modifiers),
        _ => true,
    });
}

/// When egui wants to be shown again: at once, when a tooltip is due, or never.
fn note_repaint(output: Single<&EguiFullOutput, With<PrimaryEguiContext>>, mut desk: ResMut<Desk>) {
    let delays = output.0.iter().flat_map(|output| output.viewport_output.values()).map(|view| view.repaint_delay);
    desk.repaint_at = delays.min().and_then(|delay| Instant::now().checked_add(delay));
    // A picture that is new and not only changed is known to the renderer with the next frame.
    if output.0.iter().any(|output| !output.textures_delta.set.is_empty()) {
        desk.repaint_at = Some(Instant::now());
    }
}

/// Fonts and colours, before the first frame needs them.
fn set_up(mut contexts: EguiContexts, mut desk: ResMut<Desk>, adapter: Option<Res<RenderAdapterInfo>>) -> Result {
    let ctx = contexts.ctx_mut()?;
    desk.workspace.set_up(ctx);
    desk.info.adapter = adapter.map_or_else(String::new, |info| format!("{} ({:?})", info.name, info.backend));
    Ok(())
}

pub(crate) fn show_panels(
    mut contexts: EguiContexts,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut asked: ResMut<Asked>,
    session: NonSend<TheSession>,
    pull: Res<Pull>,
    theatre: Res<Theatre>,
) -> Result {
    let _part = crate::app::frames::part("the window");
    let ctx = contexts.ctx_mut()?;
    let Desk { workspace, info, busy, covered, wants_repaint, .. } = &mut *desk;
    tracing::trace!(causes = ?ctx.repaint_causes(), "why panels are shown again");
    scene.linked = workspace.scenes.linked;
    scene.tilt_locked = workspace.scenes.tilt_locked;
    if !workspace.keeps_view() {
        scene.project(workspace.settings.parallel);
    }
    scene.follow();
    info.camera = scene.camera;
    info.in_use = scene.in_use();
    for which in [FIRST, SECOND] {
        info.views[which].camera = scene.view(which).camera;
    }
    if info.labels != info.views[info.in_use].labels {
        info.labels.clone_from(&info.views[info.in_use].labels);
    }
    info.pane_size = scene.pane.as_ref().map(|pane| pane.rect.size());
    info.takes_escape = pull.holds_mouse() || theatre.holds_mouse();
    [FIRST, SECOND].into_iter().for_each(|which| scene.view_mut(which).pixels_per_point = ctx.pixels_per_point());
    // The scene lies under everything; its place is known only after the panels were laid out.
    let painter = ctx.layer_painter(egui::LayerId::background());
    let below = [FIRST, SECOND].map(|_| [(); 2].map(|()| painter.add(egui::Shape::Noop)));
    let view = AppView {
        session: session.get(),
        scene: info,
        messages: &session.messages,
        case_path: session.case_path.as_deref(),
        unsaved: session.unsaved(),
        covered: *covered,
        busy: busy.as_ref(),
        now_s: session.now_s(),
    };
    let UiOutput { requests, scene: first, second, wants_repaint: wants } = workspace.show(ctx, &view);
    *wants_repaint = wants;
    asked.0.extend(requests);
    (scene.view_mut(FIRST).pane, scene.view_mut(SECOND).pane) = (first, second);
    let holds_mouse = pull.holds_mouse() || theatre.holds_mouse();
    if !holds_mouse && let Some(which) = used(ctx, &scene, workspace.keeps_view()) {
        let before = scene.in_use();
        scene.use_view(which);
        if before != scene.in_use() {
            // What follows the mouse is drawn in the other view from the next frame on.
            ctx.request_repaint();
        }
    }
    scene.hand = hand(ctx, scene.pane.as_ref());
    let is_pulling = holds_mouse || (scene.hand.ctrl && scene.hand.down);
    if let Some(pane) = scene.pane.clone().filter(|_| !is_pulling && !scene.is_held()) {
        steer(&mut scene, &pane);
    }
    scene.follow();
    scene.settle();
    for (which, [ground, picture]) in [FIRST, SECOND].into_iter().zip(below) {
        let view = scene.view(which);
        if let (Some(pane), Some(texture)) = (&view.pane, view.texture) {
            painter.set(ground, backdrop(pane.rect));
            painter.set(picture, egui::Shape::image(texture, pane.rect, view.uv(), egui::Color32::WHITE));
        }
    }
    Ok(())
}

/// The 3D view that is to be used from now on: the only one there is, or that under the mouse.
fn used(ctx: &egui::Context, scene: &Scene, keeps: bool) -> Option<usize> {
    let shown = |which: usize| scene.view(which).pane.as_ref();
    match (shown(FIRST), shown(SECOND)) {
        (Some(_), None) => Some(FIRST),
        (None, Some(_)) => Some(SECOND),
        (None, None) => None,
        (Some(_), Some(_)) if keeps => None,
        (Some(first), Some(second)) => {
            let find = |is_it: &dyn Fn(&ScenePane) -> bool| {
                [(FIRST, first), (SECOND, second)].into_iter().find(|(_, pane)| is_it(pane)).map(|(which, _)| which)
            };
            // Buttons drawn on a view belong to it; menus over it belong to the view they were opened in.
            let at = ctx.input(|input| input.pointer.latest_pos().filter(|_| !input.pointer.any_down()));
            let under = at.filter(|at| ctx.layer_id_at(*at).is_none_or(|layer| layer == egui::LayerId::background()));
            find(&|pane| pane.dragging).or_else(|| find(&|pane| under.is_some_and(|at| pane.rect.contains(at))))
        }
    }
}

fn hand(ctx: &egui::Context, pane: Option<&ScenePane>) -> Hand {
    ctx.input(|input| {
        let over_scene = pane.is_some_and(|pane| pane.hovered.is_some() || pane.dragging);
        Hand {
            at: input.pointer.latest_pos(),
            pressed: over_scene && input.pointer.primary_pressed(),
            down: input.pointer.primary_down(),
            ctrl: input.modifiers.command,
            escape: input.key_pressed(egui::Key::Escape),
        }
    })
}

fn steer(scene: &mut Scene, pane: &ScenePane) {
    let mut camera = scene.camera;
    if camera.steer(pane, scene.tilt_locked) {
        scene.moved();
        scene.camera = camera;
    }
}

/// A dark neutral ground, a little lighter where the lamp would be.
pub(super) fn backdrop(rect: egui::Rect) -> egui::Shape {
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
