//! The window for an audience: the 3D view alone, full-bleed, for a projector or a second screen.
//!
//! It has a view of the scene with a size of its own, seen from where the first view is seen from, and a context of egui
//! for letters, names and legends. It takes no keys and no mouse, and closing it closes nothing else.

use super::panels::{Desk, backdrop};
use super::scene::{AUDIENCE, Scene};
use crate::app::render::WINDOW_SPACE;
use crate::app::run::AppSystems;
use crate::app::ui::{ScenePane, scene_texts_ui};
use bevy::camera::{ClearColorConfig, RenderTarget};
use bevy::ecs::schedule::ScheduleLabel;
use bevy::prelude::*;
use bevy::window::{
    Monitor, MonitorSelection, PresentMode, PrimaryWindow, WindowCloseRequested, WindowRef, WindowResolution,
};
use bevy_egui::{EguiContext, EguiSchedule};

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
}

/// The button of its frame.
fn close(mut asked: MessageReader<WindowCloseRequested>, mut audience: ResMut<Audience>) {
    let window = audience.open.map(|[window, _]| window);
    if asked.read().any(|asked| Some(asked.window) == window) {
        audience.toggle = true;
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
    main: Single<&Window, With<PrimaryWindow>>,
    screens: Query<(Entity, &Monitor)>,
    mut commands: Commands,
) {
    if !audience.toggle {
        return;
    }
    audience.toggle = false;
    if let Some(entities) = audience.open.take() {
        entities.into_iter().rev().for_each(|entity| commands.entity(entity).despawn());
        scene.view_mut(AUDIENCE).pane = None;
        return;
    }
    let other = other_screen(&main, &screens);
    let mut window = Window {
        title: "prosector – 3D".into(),
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

/// The view fills the window; what belongs into a picture of it lies over it.
fn show(
    mut context: Single<&mut EguiContext, With<AudiencePanels>>,
    audience: Res<Audience>,
    windows: Query<&Window>,
    mut scene: ResMut<Scene>,
    desk: Res<Desk>,
) {
    let ctx = context.get_mut();
    let rect = ctx.content_rect();
    let window = audience.open.and_then(|[window, _]| windows.get(window).ok());
    if !window.is_some_and(|window| is_size_of(rect.size() * ctx.pixels_per_point(), window.physical_size())) {
        // egui does not know the window in its first frame, and takes it for huge.
        return scene.changed();
    }
    let view = scene.view_mut(AUDIENCE);
    view.pixels_per_point = ctx.pixels_per_point();
    if view.pane.as_ref().map(|pane| pane.rect) != Some(rect) {
        // Its size is settled with the next frame.
        view.pane = Some(ScenePane::still(rect));
        view.show_again();
    }
    let builder = egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(rect);
    let mut ui = egui::Ui::new(ctx.clone(), egui::Id::new("audience"), builder);
    if let Some(texture) = view.texture {
        ui.painter().add(backdrop(rect));
        ui.painter().add(egui::Shape::image(texture, rect, view.uv(), egui::Color32::WHITE));
    }
    if !desk.workspace.is_set_up(ctx) {
        // Fonts given to egui now are there in its next frame.
        return scene.view_mut(AUDIENCE).show_again();
    }
    let mut info = desk.info.clone();
    info.camera = scene.view(AUDIENCE).camera;
    let first = &desk.info.views[super::scene::FIRST];
    info.labels.clone_from(&first.labels);
    info.volume_note = None;
    scene_texts_ui(&mut ui, rect, &info);
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
}
