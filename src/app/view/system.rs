//! The system's dark or light windows: what it says is told to the panels, and title bars have the colours that were chosen.

use super::panels::Desk;
use crate::app::ui::ThemeChoice;
use bevy::prelude::{App, IntoScheduleConfigs, MessageReader, PreUpdate, Query, Res, Single, Window, With};
use bevy::prelude::{ResMut, Resource, Update};
use bevy::window::{PrimaryWindow, WindowTheme, WindowThemeChanged};
use bevy_egui::{EguiInput, EguiInputSet, EguiPreUpdateSet, PrimaryEguiContext};

/// Whether frames of windows were given a theme: what they have is not the system's any more.
#[derive(Resource, Default)]
struct Dressed(bool);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Dressed>();
    let when = EguiInputSet::WriteEguiEvents;
    app.add_systems(PreUpdate, follow_system.after(when).before(EguiPreUpdateSet::BeginPass));
    app.add_systems(Update, dress);
}

/// What the system said when the window was made, and each change after; nothing on systems that say nothing.
///
/// While a theme of our own is chosen, a change is only the echo of that.
fn follow_system(
    mut input: Single<&mut EguiInput, With<PrimaryEguiContext>>,
    window: Option<Single<&Window, With<PrimaryWindow>>>,
    mut changes: MessageReader<WindowThemeChanged>,
    desk: Res<Desk>,
    dressed: Res<Dressed>,
) {
    let asks = desk.workspace.settings.theme == ThemeChoice::System;
    let first = || window.as_ref().and_then(|window| window.window_theme).filter(|_| !dressed.0);
    let changed = changes.read().last().map(|change| change.theme).filter(|_| asks);
    let Some(theme) = changed.or_else(first) else { return };
    input.system_theme = Some(match theme {
        WindowTheme::Light => egui::Theme::Light,
        WindowTheme::Dark => egui::Theme::Dark,
    });
}

/// The theme of a window's frame; `None` leaves it to the system.
fn theme_of(choice: ThemeChoice) -> Option<WindowTheme> {
    match choice {
        ThemeChoice::Dark => Some(WindowTheme::Dark),
        ThemeChoice::Light => Some(WindowTheme::Light),
        ThemeChoice::System => None,
    }
}

/// Frames of all windows follow the choice.
fn dress(mut windows: Query<&mut Window>, desk: Res<Desk>, mut dressed: ResMut<Dressed>) {
    let wanted = theme_of(desk.workspace.settings.theme);
    for mut window in &mut windows {
        dressed.0 = true;
        if window.window_theme != wanted {
            window.window_theme = wanted;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::message::Messages;

    /// A window on a light system, and the panels.
    fn app() -> App {
        let mut app = App::new();
        app.init_resource::<Desk>().init_resource::<Messages<WindowThemeChanged>>();
        app.world_mut().spawn((PrimaryEguiContext, EguiInput::default()));
        app.world_mut().spawn((Window { window_theme: Some(WindowTheme::Light), ..Window::default() }, PrimaryWindow));
        plugin(&mut app);
        app
    }

    fn choose(app: &mut App, choice: ThemeChoice) -> (Option<WindowTheme>, Option<egui::Theme>) {
        app.world_mut().resource_mut::<Desk>().workspace.settings.theme = choice;
        app.update();
        let world = app.world_mut();
        let frame = world.query::<&Window>().single(world).unwrap().window_theme;
        (frame, world.query::<&EguiInput>().single(world).unwrap().system_theme)
    }

    fn system_says(app: &mut App, theme: WindowTheme) {
        let world = app.world_mut();
        let window = world.query_filtered::<bevy::prelude::Entity, With<Window>>().single(world).unwrap();
        world.write_message(WindowThemeChanged { window, theme });
    }

    #[test]
    fn title_bars_have_the_chosen_colours_and_the_system_is_remembered() {
        let mut app = app();
        let light = Some(egui::Theme::Light);
        assert_eq!(choose(&mut app, ThemeChoice::Dark), (Some(WindowTheme::Dark), light));
        // The frame we darkened says so; that is not the system's wish.
        system_says(&mut app, WindowTheme::Dark);
        assert_eq!(choose(&mut app, ThemeChoice::Dark), (Some(WindowTheme::Dark), light));
        assert_eq!(choose(&mut app, ThemeChoice::System), (None, light));
        system_says(&mut app, WindowTheme::Dark);
        assert_eq!(choose(&mut app, ThemeChoice::System), (None, Some(egui::Theme::Dark)));
        assert_eq!(choose(&mut app, ThemeChoice::Light), (Some(WindowTheme::Light), Some(egui::Theme::Dark)));
    }
}
