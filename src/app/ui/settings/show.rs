//! The settings where every widget finds them: in egui's memory, as the window published them this frame.

use super::Settings;
use egui::{Context, Id};
use std::sync::Arc;

fn id() -> Id {
    Id::new("settings of the window")
}

/// Let widgets know `settings`, and whether names of patients must not be shown.
pub fn publish(ctx: &Context, settings: &Settings, hidden: bool) {
    ctx.data_mut(|data| {
        let known = data.get_temp::<Arc<Settings>>(id());
        if known.is_none_or(|known| *known != *settings) {
            data.insert_temp(id(), Arc::new(settings.clone()));
        }
        data.insert_temp(id().with("hidden"), hidden);
    });
}

/// The settings; the usual ones where none were published (a panel shown alone in a test).
pub fn of(ctx: &Context) -> Arc<Settings> {
    ctx.data(|data| data.get_temp::<Arc<Settings>>(id())).unwrap_or_default()
}

/// Whether names of patients must not be shown: people watch.
pub fn names_hidden(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp::<bool>(id().with("hidden"))).unwrap_or(false)
}
