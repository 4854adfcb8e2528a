//! Tells the panels whether the system shows its windows dark or light.

use bevy::prelude::{App, IntoScheduleConfigs, MessageReader, PreUpdate, Single, Window, With};
use bevy::window::{PrimaryWindow, WindowTheme, WindowThemeChanged};
use bevy_egui::{EguiInput, EguiInputSet, EguiPreUpdateSet, PrimaryEguiContext};

pub(super) fn plugin(app: &mut App) {
    let when = EguiInputSet::WriteEguiEvents;
    app.add_systems(PreUpdate, follow_system.after(when).before(EguiPreUpdateSet::BeginPass));
}

/// What the system said when the window was made, and each change after; nothing on systems that say nothing.
fn follow_system(
    mut input: Single<&mut EguiInput, With<PrimaryEguiContext>>,
    window: Option<Single<&Window, With<PrimaryWindow>>>,
    mut changes: MessageReader<WindowThemeChanged>,
) {
    let first = || window.as_ref().and_then(|window| window.window_theme).filter(|_| input.system_theme.is_none());
    let Some(theme) = changes.read().last().map(|change| change.theme).or_else(first) else { return };
    input.system_theme = Some(match theme {
        WindowTheme::Light => egui::Theme::Light,
        WindowTheme::Dark => egui::Theme::Dark,
    });
}
