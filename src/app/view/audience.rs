//! The window for an audience: the 3D view, slices or several of them, full-bleed, for a projector or a second screen.
//!
//! It has a view of the scene with a size of its own, seen from where the first view is seen from, and a context of egui
//! with pictures of its own for slices, letters, names and legends. It takes no keys, and of the mouse only what its menu
//! and the borders between views need; closing it closes nothing else.

use super::panels::{Desk, backdrop};
use super::scene::{AUDIENCE, Scene};
use crate::app::render::WINDOW_SPACE;
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::{AppView, ScenePane, scene_texts_ui};
use crate::base::i18n::tr;
use bevy::camera::{ClearColorConfig, RenderTarget};
use bevy::ecs::schedule::ScheduleLabel;
use bevy::prelude::*;
use bevy::window::{
    Monitor, MonitorSelection, PresentMode, PrimaryWindow, WindowCloseRequested, WindowRef, WindowResolution,
};
use bevy_egui::{
    EguiContext, EguiFullOutput, EguiInput, EguiInputSet, EguiPostUpdateSet, EguiPreUpdateSet, EguiSchedule,
};
use std::time::Instant;

/// The window, if it is open.
#[derive(Resource, Default)]
pub(crate) struct Audience {
    /// The window and the camera of its panels.
    open: Option<[Entity; 2]>,
    toggle: bool,
}

impl Audience {
    /// Open the window, or close it.
    pub(crate) fn toggle(&mut self) {
        self.toggle = !self.toggle;
    }
}

/// The pass in which its panels are shown.
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
struct AudiencePass;

/// The camera of its panels.
#[derive(Component)]
struct AudiencePanels;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Audience>();
    app.add_systems(Update, (close, open_or_close).chain().in_set(AppSystems::View));
    app.add_systems(AudiencePass, show);
    app.add_systems(PreUpdate, drop_keys.after(EguiInputSet::WriteEguiEvents).before(EguiPreUpdateSet::BeginPass));
    let between = note_repaint.after(EguiPostUpdateSet::EndPass).before(EguiPostUpdateSet::ProcessOutput);
    app.add_systems(PostUpdate, between);
}

/// The button of its frame.
fn close(mut asked: MessageReader<WindowCloseRequested>, mut audience: ResMut<Audience>) {
    let window = audience.open.map(|[window, _]| window);
    if asked.read().any(|asked| Some(asked.window) == window) {
        audience.toggle = true;
    }
}

/// Keys are for the first window, whichever has them; so is news of keys, which would let the windows never rest.
fn drop_keys(mut inputs: Query<&mut EguiInput, With<AudiencePanels>>) {
    for mut input in &mut inputs {
        input.events.retain(is_of_mouse);
    }
}

/// Whether an event is one of those the second window takes.
fn is_of_mouse(event: &egui::Event) -> bool {
    matches!(event, egui::Event::PointerMoved(_) | egui::Event::PointerButton { .. } | egui::Event::PointerGone)
}

/// When the window wants its next frame: a slice is made beside it, its menu opens, or never.
fn note_repaint(outputs: Query<&EguiFullOutput, With<AudiencePanels>>, mut desk: ResMut<Desk>) {
    let outputs = || outputs.iter().flat_map(|output| output.0.iter());
    let delays = outputs().flat_map(|output| output.viewport_output.values()).map(|view| view.repaint_delay);
    desk.audience_at = delays.min().and_then(|delay| Instant::now().checked_add(delay));
    // A picture that is new and not only changed is known to the renderer with the next frame.
    if outputs().any(|output| !output.textures_delta.set.is_empty()) {
        desk.audience_at = Some(Instant::now());
    }
}

/// A screen the main window is not on, if there is one.
fn other_screen(main: &Window, screens: &Query<(Entity, &Monitor)>) -> Option<Entity> {
    let WindowPosition::At(corner) = main.position else { return None };
    let middle = corner + main.physical_size().as_ivec2() / 2;
    let holds_main = |screen: &Monitor| {
        IRect::from_corners(screen.physical_position, screen.physical_position + screen.physical_size().as_ivec2())
            .contains(middle)
    };
    screens.iter().find(|(_, screen)| !holds_main(screen)).map(|(entity, _)| entity)
}

fn open_or_close(
    mut audience: ResMut<Audience>,
    mut scene: ResMut<Scene>,
    mut desk: ResMut<Desk>,
    main: Single<&Window, With<PrimaryWindow>>,
    screens: Query<(Entity, &Monitor)>,
    mut commands: Commands,
) {
    if !audience.toggle {
        return;
    }
    audience.toggle = false;
    // Pictures belong to the context of a window: a new one has none.
    desk.workspace.audience.forget();
    desk.info.has_audience = audience.open.is_none();
    if let Some(entities) = audience.open.take() {
        entities.into_iter().rev().for_each(|entity| commands.entity(entity).despawn());
        scene.view_mut(AUDIENCE).pane = None;
        return;
    }
    let other = other_screen(&main, &screens);
    let mut window = Window {
        title: format!("prosector – {}", tr("audience-title")),
        name: Some("prosector".into()),
        resolution: WindowResolution::new(1280, 720),
        present_mode: PresentMode::AutoVsync,
        ..default()
    };
    if let Some(screen) = other {
        window.position = WindowPosition::Centered(MonitorSelection::Entity(screen));
        window.set_maximized(true);
    }
    let window = commands.spawn(window).id();
    let camera = commands.spawn((
        Name::new("panel camera of the audience"),
        AudiencePanels,
        Camera2d,
        Camera { order: 1, clear_color: ClearColorConfig::Custom(Color::srgb_u8(20, 22, 25)), ..default() },
        RenderTarget::Window(WindowRef::Entity(window)),
        EguiSchedule::new(AudiencePass),
        (Msaa::Off, WINDOW_SPACE),
    ));
    audience.open = Some([window, camera.id()]);
}

/// Whether a size in pixels is that of a window, but for rounding.
fn is_size_of(size: egui::Vec2, window: UVec2) -> bool {
    (size - egui::Vec2::new(window.x as f32, window.y as f32)).abs().max_elem() < 3.0
}

/// What is chosen fills the window; what belongs into a picture of the 3D view lies over it.
fn show(
    mut context: Single<&mut EguiContext, With<AudiencePanels>>,
    audience: Res<Audience>,
    windows: Query<&Window>,
    mut scene: ResMut<Scene>,
    mut desk: ResMut<Desk>,
    session: NonSend<TheSession>,
) {
    let _part = crate::app::frames::part("the second window");
    let ctx = context.get_mut();
    let rect = ctx.content_rect();
    let window = audience.open.and_then(|[window, _]| windows.get(window).ok());
    if !window.is_some_and(|window| is_size_of(rect.size() * ctx.pixels_per_point(), window.physical_size())) {
        // egui does not know the window in its first frame, and takes it for huge.
        return scene.changed();
    }
    if !desk.workspace.is_set_up(ctx) {
        // Fonts given to egui now are there in its next frame.
        return scene.view_mut(AUDIENCE).show_again();
    }
    let builder = egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(rect);
    let mut ui = egui::Ui::new(ctx.clone(), egui::Id::new("audience"), builder);
    // The scene lies under everything; its place is known only after the views were laid out.
    let below = [(); 2].map(|()| ui.painter().add(egui::Shape::Noop));
    let Desk { workspace, info, busy, covered, .. } = &mut *desk;
    let app = AppView {
        session: session.get(),
        scene: info,
        messages: &session.messages,
        case_path: session.case_path.as_deref(),
        unsaved: session.unsaved(),
        covered: *covered,
        busy: busy.as_ref(),
        now_s: session.now_s(),
    };
    let place = workspace.audience_ui(&mut ui, rect, &app);
    let view = scene.view_mut(AUDIENCE);
    view.pixels_per_point = ctx.pixels_per_point();
    if view.pane.as_ref().map(|pane| pane.rect) != place {
        // Its size is settled with the next frame.
        view.pane = place.map(ScenePane::still);
        view.show_again();
    }
    let (Some(place), Some(texture)) = (place, view.texture) else { return };
    ui.painter().set(below[0], backdrop(place));
    ui.painter().set(below[1], egui::Shape::image(texture, place, view.uv(), egui::Color32::WHITE));
    let mut info = info.clone();
    info.camera = view.camera;
    info.labels = info.views[super::scene::FIRST].labels.clone();
    info.volume_note = None;
    scene_texts_ui(&mut ui, place, &info);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_is_not_that_of_the_window_is_not_drawn() {
        let window = UVec2::new(1280, 720);
        assert!(is_size_of(egui::Vec2::new(1280.0, 719.5), window));
        assert!(!is_size_of(egui::Vec2::splat(10_000.0), window), "what egui takes it for before it knows");
    }

    #[test]
    fn keys_and_texts_do_not_reach_the_second_window() {
        let modifiers = egui::Modifiers::NONE;
        let key =
            egui::Event::Key { key: egui::Key::Delete, physical_key: None, pressed: true, repeat: false, modifiers };
        let typed = [key, egui::Event::Text("a".into()), egui::Event::Paste("b".into()), egui::Event::Cut];
        assert!(!typed.iter().any(is_of_mouse) && !is_of_mouse(&egui::Event::ModifiersChanged(modifiers)));
        assert!(is_of_mouse(&egui::Event::PointerMoved(egui::Pos2::ZERO)) && is_of_mouse(&egui::Event::PointerGone));
    }
}
