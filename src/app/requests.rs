//! Wishes of the panels: commands go to the session, the rest is done here.

use super::dialogs::{Dialogs, Wanted};
use super::files::Files;
use super::mirror::{Particles, Surfaces};
use super::run::AppSystems;
use super::session::{After, Done, TheSession};
use super::ui::{Request, Tone};
use super::view::{Audience, Desk, Filming, Scene};
use crate::base::i18n::tr_with;
use crate::geom::Aabb;
use crate::session::Session;
use crate::tools::TOOLS;
use bevy::prelude::*;
use bevy::window::{MonitorSelection, PrimaryWindow, WindowCloseRequested, WindowMode};

/// What the panels asked for since the last frame.
#[derive(Resource, Default)]
pub(super) struct Asked(pub(super) Vec<Request>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Asked>();
    app.add_systems(
        Update,
        (fulfil, look_at_new, close_when_allowed).chain().in_set(AppSystems::Session).after(super::session::poll),
    );
}

fn fulfil(
    mut asked: ResMut<Asked>,
    mut session: NonSendMut<TheSession>,
    mut dialogs: NonSendMut<Dialogs>,
    mut files: NonSendMut<Files>,
    mut scene: ResMut<Scene>,
    mut desk: ResMut<Desk>,
    surfaces: Res<Surfaces>,
    mut particles: ResMut<Particles>,
    mut filming: ResMut<Filming>,
    mut audience: ResMut<Audience>,
    mut window: Single<&mut Window, With<PrimaryWindow>>,
    mut exit: MessageWriter<AppExit>,
) {
    let _part = crate::app::frames::part("requests");
    for request in std::mem::take(&mut asked.0) {
        match request {
            Request::Run(command) => {
                session.submit(command, None);
            }
            Request::Undo => session.steer(Session::undo),
            Request::Redo => session.steer(Session::redo),
            Request::GoTo(state) => session.steer(|session| session.go_to(state)),
            Request::CancelJob(id) => session.steer(|session| {
                session.cancel(id);
                false
            }),
            Request::PauseJob(id, paused) => session.steer(|session| {
                session.pause(id, paused);
                false
            }),
            Request::EndJob(id) => session.steer(|session| {
                session.end(id);
                false
            }),
            Request::CancelFile => files.cancel(),
            Request::OpenFolderDialog => _ = dialogs.ask(Wanted::ImportFolder),
            Request::OpenFileDialog => _ = dialogs.ask(Wanted::OpenFile),
            Request::OpenCase(path) => files.open(path, &mut session),
            Request::Recover(log) => files.open(log, &mut session),
            Request::Discard(log) => files.discard(&log, &mut session),
            Request::CompareDialog => _ = dialogs.ask(Wanted::Compare),
            Request::SecondWindow => audience.toggle(),
            Request::SaveCase => _ = save(&mut files, &mut dialogs, &mut session),
            Request::SaveCaseAs => _ = dialogs.ask(Wanted::SaveCase),
            // What waits for a save that did not begin would be done after another one.
            Request::SaveThen(then) => {
                if save(&mut files, &mut dialogs, &mut session) {
                    files.after_saving(*then);
                }
            }
            Request::ExportDialog { node, format } => _ = dialogs.ask(Wanted::Export { node, format }),
            Request::ReportDialog => _ = dialogs.ask(Wanted::Report),
            Request::PathDialog(kind) => _ = dialogs.ask(Wanted::Path(kind)),
            Request::LoadSample(name) => files.sample(name, &mut session),
            Request::NewCase => {
                files.forget_recovered();
                session.replace(Session::new(TOOLS), None);
                desk.workspace.forget_case();
            }
            Request::Look(view) => scene.look(view),
            Request::Fit(None) => scene.fit_all(),
            Request::Fit(Some(node)) => {
                if let Some(shown) = surfaces.node(node) {
                    scene.fit(&shown.bounds);
                }
            }
            Request::PlayParticles(playing) => particles.playing = playing,
            Request::ToggleFullscreen => {
                window.mode = match window.mode {
                    WindowMode::Windowed => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
                    _ => WindowMode::Windowed,
                };
            }
            Request::FlyTo(camera) => scene.fly_to(camera),
            Request::Stand(_) if scene.is_held() => {}
            Request::Stand(camera) => scene.stand(camera),
            Request::KeepView { crosshair, isolated } => filming.keep(crosshair, isolated, &desk.workspace.look()),
            Request::KeepSlice(orientation, params) => filming.keep_slice(orientation, params),
            Request::GoToView { camera, show } => {
                scene.fly_to(camera);
                if let Some(command) = show {
                    session.submit(command, None);
                }
            }
            Request::SavePicture(order) => _ = dialogs.ask(Wanted::Picture(order)),
            Request::StopFilming => filming.stop(),
            Request::OpenUrl(url) => open_url(url, &mut session),
            Request::Quit => {
                exit.write(AppExit::Success);
            }
        }
    }
}

/// Bring into view what a command added to an empty scene.
fn look_at_new(mut done: MessageReader<Done>, surfaces: Res<Surfaces>, mut scene: ResMut<Scene>) {
    for Done { added, .. } in done.read().filter(|done| done.after == Some(After::Fit)) {
        let shown = added.iter().filter_map(|id| surfaces.node(*id));
        let bounds = shown.flat_map(|shown| [shown.bounds.min, shown.bounds.max]);
        let bounds = bounds.fold(Aabb::EMPTY, |all, corner| all.including(&corner));
        if !bounds.is_empty() {
            scene.fit(&bounds);
        }
    }
}

/// Save where the case came from, or ask; whether that began.
fn save(files: &mut Files, dialogs: &mut Dialogs, session: &mut TheSession) -> bool {
    match session.case_path.clone() {
        Some(path) => files.save(path, session),
        None => dialogs.ask(Wanted::SaveCase),
    }
}

/// The button of the window frame: the panels may have a question first.
fn close_when_allowed(
    mut asked_to_close: MessageReader<WindowCloseRequested>,
    primary: Single<Entity, With<PrimaryWindow>>,
    session: NonSend<TheSession>,
    mut desk: ResMut<Desk>,
    mut exit: MessageWriter<AppExit>,
) {
    // The window for an audience closes without a question (view/audience).
    if asked_to_close.read().filter(|asked| asked.window == *primary).count() != 0
        && desk.workspace.may_quit(session.unsaved())
    {
        exit.write(AppExit::Success);
    }
}

fn open_url(url: &str, session: &mut TheSession) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    if let Err(error) = std::process::Command::new(opener).arg(url).spawn() {
        session.say(
            Tone::Warning,
            tr_with(
                "note-no-browser",
                &[("opener", opener.into()), ("error", (&error.to_string()).into()), ("url", url.into())],
            ),
        );
    }
}
