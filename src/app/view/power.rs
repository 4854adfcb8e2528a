//! When the next frame comes: at once while something moves, ten times a second while a job runs, otherwise never.

use super::scene::Scene;
use super::screenshot::Started;
use crate::app::session::TheSession;
use crate::app::view::panels::Desk;
use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{UpdateMode, WinitSettings};
use std::time::Duration;

/// Between two looks at the progress of jobs.
const JOBS: Duration = Duration::from_millis(100);
/// An idle window looks around this rarely.
const IDLE: Duration = Duration::from_secs(3600);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Last, plan_next_frame);
}

fn plan_next_frame(
    scene: Res<Scene>,
    desk: Res<Desk>,
    session: NonSend<TheSession>,
    started: Res<Started>,
    mut settings: ResMut<WinitSettings>,
    mut redraw: ResMut<Messages<RequestRedraw>>,
) {
    let jobs = !session.get().jobs().is_empty();
    let wait = [scene.wants_frame_in(), jobs.then_some(JOBS), desk.wants_frame_in(), started.wants_frame_in()].into_iter().flatten().min();
    let wait = wait.unwrap_or(IDLE);
    // Others ask for frames too eagerly: bevy_egui asks at once for what egui wants in half a second.
    redraw.clear();
    if wait.is_zero() {
        redraw.write(RequestRedraw);
    }
    // Mouse movements outside the window are nobody's business: device events do not wake us.
    let mode = UpdateMode::reactive_low_power(wait.max(Duration::from_millis(5)));
    if settings.focused_mode != mode {
        *settings = WinitSettings { focused_mode: mode, unfocused_mode: mode };
    }
}
