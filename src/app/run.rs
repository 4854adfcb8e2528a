//! Building and running the window.

use super::session::TheSession;
use super::{adapter, dialogs, drive, files, frames, mirror, render, requests, session, settings, successor, view};
use crate::base::courtesy;
use crate::base::i18n::{self, Language};
use crate::session::Session;
use crate::tools::TOOLS;
use bevy::log::LogPlugin;
use bevy::pbr::PbrPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::{RenderCreation, WgpuSettings};
use bevy::window::{PresentMode, WindowResolution};
use bevy_egui::{EguiGlobalSettings, EguiPlugin};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// How to start the window.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A case file, scan, mesh or folder of DICOM files to start with; the bundled scan if `None`.
    pub path: Option<PathBuf>,
    /// For tests: save a picture of the window here, then close.
    pub screenshot: Option<PathBuf>,
    /// Seconds before that picture.
    pub after_s: f64,
    /// Play a session by itself, say how it went, then close.
    pub drive: Option<Drive>,
}

/// A session that the window plays by itself.
#[derive(Debug, Clone)]
pub struct Drive {
    /// How long it goes over panels and jobs.
    pub minutes: f64,
    /// Cases that are opened and closed in turn afterwards.
    pub cases: Vec<PathBuf>,
    /// How many times; none are opened where it is 0.
    pub openings: usize,
    /// Where it says how it went, as JSON.
    pub report: PathBuf,
}

/// What happens in a frame, in this order, before the panels are shown.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum AppSystems {
    /// Results of jobs and dialogs come in.
    Session,
    /// Meshes and textures follow the case.
    Mirror,
    /// Camera, picking, what is drawn this frame.
    View,
}

/// Open the window and stay until it is closed.
///
/// # Errors
/// A sentence where there is no display or no graphics adapter, or where drawing failed.
pub fn run(options: Options) -> Result<ExitCode, String> {
    let started = Instant::now();
    courtesy::expect_window();
    i18n::set_language(Language::of_environment());
    let failure = keep_panic_message();
    // A session that a script plays and a picture are not begun anew: nobody would know of what they tell.
    let is_scripted = options.drive.is_some() || options.screenshot.is_some();
    let caught = catch_unwind(AssertUnwindSafe(|| build(options, started).run()));
    match caught {
        Ok(AppExit::Success) => Ok(ExitCode::SUCCESS),
        Ok(AppExit::Error(code)) => match adapter::why_ended() {
            None => Ok(ExitCode::from(code.get())),
            Some(loss) if is_scripted => Err(loss.words),
            Some(loss) => loss.succeed(started.elapsed()),
        },
        Err(said) => {
            let (mut words, place) = failure.lock().map(|text| text.clone()).unwrap_or_default();
            if words.is_empty() {
                words = words_of(&*said);
            }
            Err(why_no_window(&words, &place))
        }
    }
}

/// What a panic says.
fn words_of(said: &(dyn std::any::Any + Send)) -> String {
    let words = said.downcast_ref::<&str>().map(|text| (*text).to_owned());
    words.or_else(|| said.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// The sentence for a window that could not be opened. The place in the source says nothing of the cause: a path such as
/// `mesh/surface.rs` is no graphics surface.
fn why_no_window(panic: &str, place: &str) -> String {
    let cause = if panic.contains("event loop") || panic.contains("XOpenDisplay") || panic.contains("DISPLAY") {
        "no display was found (is DISPLAY set?)"
    } else if panic.contains("GPU") || panic.contains("adapter") || panic.contains("surface") {
        "no graphics adapter was found (on Debian and Ubuntu the package mesa-vulkan-drivers brings one that needs no graphics card)"
    } else {
        return format!("the window ended because of an internal error: {panic}{place}");
    };
    format!("the window cannot be opened: {cause}; `prosector demo -o OUT` does the whole job without a window")
}

/// Remember what a panic of the main thread says instead of printing it; other threads keep the usual report.
fn keep_panic_message() -> Arc<Mutex<(String, String)>> {
    let kept = Arc::new(Mutex::new((String::new(), String::new())));
    let (store, usual) = (Arc::clone(&kept), std::panic::take_hook());
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() != main {
            return usual(panic);
        }
        if let Ok(mut text) = store.lock() {
            let words = words_of(panic.payload());
            let place = panic.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
            *text = (words, place);
        }
    }));
    kept
}

fn build(options: Options, started: Instant) -> App {
    let window = Window {
        title: "prosector".into(),
        name: Some("prosector".into()),
        resolution: WindowResolution::new(1440, 900),
        present_mode: PresentMode::AutoVsync,
        ..default()
    };
    let settings = WgpuSettings { device_label: Some("prosector".into()), ..default() };
    let plugins = DefaultPlugins
        .build()
        .disable::<LogPlugin>()
        .set(WindowPlugin { primary_window: Some(window), close_when_requested: false, ..default() })
        // No lights of Bevy's. (Without its instance builder on the graphics card, Bevy 0.19 draws nothing opaque.)
        .set(PbrPlugin { prepass_enabled: false, add_default_deferred_lighting_plugin: false, ..default() })
        .set(RenderPlugin { render_creation: RenderCreation::Automatic(Box::new(settings)), ..default() });
    let mut app = App::new();
    // Nothing moves by itself: a frame is drawn when something happens or when view::power rings.
    app.insert_resource(view::settings());
    app.add_plugins(plugins).add_plugins(EguiPlugin::default());
    app.insert_resource(EguiGlobalSettings { auto_create_primary_context: false, ..default() });
    app.configure_sets(Update, (AppSystems::Session, AppSystems::Mirror, AppSystems::View).chain());
    app.insert_non_send(TheSession::new(Session::new(TOOLS), started));
    app.insert_resource(view::Started { at: started, options });
    app.add_plugins((session::plugin, files::plugin, dialogs::plugin, requests::plugin, settings::plugin));
    app.add_plugins((render::plugin, mirror::plugin, view::plugin));
    app.add_plugins((frames::plugin, drive::plugin, adapter::plugin, successor::plugin));
    app
}

#[cfg(test)]
mod tests {
    use super::why_no_window;

    #[test]
    fn only_the_words_of_a_panic_tell_its_cause() {
        let broken = why_no_window("index out of bounds", " (src/mesh/surface.rs:10)");
        assert!(broken.contains("internal error") && broken.contains("surface.rs:10"), "{broken}");
        assert!(why_no_window("Unable to find a GPU!", "").contains("no graphics adapter"));
        assert!(why_no_window("Failed to build event loop", "").contains("no display"));
    }
}
