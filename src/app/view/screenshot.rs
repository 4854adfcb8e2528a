//! For tests: a picture of the window and an end after a while; for everybody: the time of the start in the log.

use crate::app::run::{AppOptions, AppSystems};
use bevy::prelude::*;
use bevy::render::view::screenshot::{Captured, Screenshot, save_to_disk};
use std::time::{Duration, Instant};

/// When the program started and what it was asked to do by itself.
#[derive(Resource, Debug)]
pub(crate) struct Started {
    pub(crate) at: Instant,
    pub(crate) options: AppOptions,
}

impl Started {
    /// When a frame is needed for what the program was asked to do by itself.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        let left = self.options.quit_after?.saturating_sub(self.at.elapsed());
        Some(left.max(Duration::from_millis(30)))
    }
}

#[derive(Resource, Debug, Default)]
struct Shown(u32);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Shown>();
    app.add_systems(Update, (tell_start, end_when_asked).in_set(AppSystems::View));
}

fn tell_start(mut shown: ResMut<Shown>, started: Res<Started>) {
    if shown.0 < 3 {
        shown.0 += 1;
        if shown.0 == 3 {
            info!(seconds = started.at.elapsed().as_secs_f64(), "the window is usable");
        }
    }
}

fn end_when_asked(
    started: Res<Started>,
    mut taken: Local<Option<Instant>>,
    mut commands: Commands,
    captured: Query<(), With<Captured>>,
    mut exit: MessageWriter<AppExit>,
) {
    let Some(after) = started.options.quit_after else { return };
    if started.at.elapsed() < after {
        return;
    }
    match (&started.options.screenshot, *taken) {
        (Some(path), None) => {
            commands.spawn(Screenshot::primary_window()).observe(save_to_disk(path.clone()));
            *taken = Some(Instant::now());
        }
        (Some(_), Some(at)) if captured.is_empty() && at.elapsed() < Duration::from_secs(2) => {}
        _ => {
            exit.write(AppExit::Success);
        }
    }
}
