//! The graphics adapter fails while the window is open: its driver was reset, it was unplugged, or its memory is full.
//!
//! What it held is gone, and pictures of the case are given away once they are on the card, so the window ends. The case
//! loses nothing: every step is in the running log, which only a session that ended well removes. A new window of a new
//! process takes its place (a process has one event loop only), says why, and opens what was open, with the steps that were
//! not saved and the same views ([`super::successor`]); where memory was short, it draws volumes more coarsely. A window that
//! fails at once has no successor.

use super::successor::{Left, OPEN_AGAIN};
use crate::base::i18n::tr;
use crate::io::process;
use bevy::prelude::*;
use bevy::render::error_handler::{ErrorType, RenderError, RenderErrorHandler, RenderErrorPolicy};
use bevy::render::render_resource::PollType;
use bevy::render::renderer::RenderDevice;
use std::process::ExitCode;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// Why the window ended.
static WHY: Mutex<Option<Loss>> = Mutex::new(None);

/// What happened to the window before this one: `memory` or `lost`.
const AFTER_LOSS: &str = "PROSECTOR_AFTER_LOSS";
/// A window that took the place of another and lasted no longer than this has no successor.
const SHORT_LIFE: Duration = Duration::from_secs(60);

/// A window that the adapter ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Loss {
    /// In a sentence.
    pub(super) words: String,
    memory: bool,
    /// What was open.
    left: Option<Left>,
}

impl Loss {
    /// Let a new window take the place of this one, which was open for `lived`, and wait until it ends.
    ///
    /// # Errors
    /// The sentence, where there is no use in another window.
    pub(super) fn succeed(self, lived: Duration) -> Result<ExitCode, String> {
        if before().is_some() && lived < SHORT_LIFE {
            return Err(self.words);
        }
        let what = if self.memory { "memory" } else { "lost" };
        let open = self.left.as_ref().and_then(Left::told).unwrap_or_default();
        match process::again(&[(AFTER_LOSS, what), (OPEN_AGAIN, &open)], &[LOSE_AFTER_S]) {
            Ok(code) => Ok(code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)),
            Err(error) => Err(format!("{}; a new window could not be opened: {error}", self.words)),
        }
    }
}

/// What happened to the window whose place this one takes.
fn before() -> Option<&'static str> {
    static BEFORE: OnceLock<Option<String>> = OnceLock::new();
    BEFORE.get_or_init(|| std::env::var(AFTER_LOSS).ok()).as_deref()
}

/// Whether the window before this one found the memory of the adapter full.
pub(super) fn is_short_of_memory() -> bool {
    before() == Some("memory")
}

/// What the user is told by a window that takes the place of another.
pub(super) fn said_first() -> Option<String> {
    Some(match before()? {
        "memory" => tr("adapter-memory-full").to_owned(),
        _ => tr("adapter-was-lost").to_owned(),
    })
}

/// For tests: the adapter is lost so many seconds after the start.
const LOSE_AFTER_S: &str = "PROSECTOR_TEST_LOSE_ADAPTER";

/// Why the adapter ended the window; `None` if it ended otherwise.
pub(super) fn why_ended() -> Option<Loss> {
    WHY.lock().ok()?.take()
}

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(RenderErrorHandler(end));
    let after = std::env::var(LOSE_AFTER_S).ok().and_then(|seconds| seconds.parse().ok());
    if let Some(after) = after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        let lose = move |device: Res<RenderDevice>, time: Res<Time<Real>>, mut lost: Local<bool>| {
            if after < time.elapsed() && !std::mem::replace(&mut *lost, true) {
                device.wgpu_device().destroy();
                // A driver that fails is noticed by whoever asks it for something. A device that was given up is told
                // of only to somebody who looks, and nobody does: frames fail before they get so far.
                if let Err(error) = device.poll(PollType::wait_indefinitely()) {
                    warn!(%error, "the adapter was lost before it was done");
                }
            }
        };
        app.add_systems(Last, lose);
    }
}

/// Close the window as one that did not end well, so that its log stays.
fn end(error: &RenderError, main: &mut World, _: &mut World) -> RenderErrorPolicy {
    if let Ok(mut why) = WHY.lock()
        && why.is_none()
    {
        let words = words(&error.ty, &error.description);
        error!("{words}");
        let memory = matches!(error.ty, ErrorType::OutOfMemory);
        *why = Some(Loss { words, memory, left: Left::of(main) });
        main.write_message(AppExit::error());
    }
    RenderErrorPolicy::StopRendering
}

fn words(kind: &ErrorType, said: &str) -> String {
    let what = match kind {
        ErrorType::DeviceLost => "the graphics adapter was lost",
        ErrorType::OutOfMemory => "the memory of the graphics adapter is full",
        ErrorType::Validation | ErrorType::Internal => "the graphics adapter refused to draw",
    };
    let said = said.lines().map(str::trim).find(|line| !line.is_empty());
    let said = said.map_or_else(String::new, |said| format!(" ({})", said.trim_end_matches('.')));
    format!(
        "{what}{said}; nothing of the case is lost: start prosector again, and it offers to do the unsaved steps again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::message::Messages;

    #[test]
    fn a_lost_adapter_ends_the_window_as_one_that_did_not_end_well() {
        let (mut main, mut render) = (World::new(), World::new());
        main.init_resource::<Messages<AppExit>>();
        let error = |said: &str| RenderError { ty: ErrorType::DeviceLost, description: said.into(), source: None };
        for said in ["the driver was reset.", "again"] {
            let policy = end(&error(said), &mut main, &mut render);
            assert!(matches!(policy, RenderErrorPolicy::StopRendering));
        }
        let exits: Vec<AppExit> = main.resource_mut::<Messages<AppExit>>().drain().collect();
        assert_eq!(exits, [AppExit::error()], "said once; a success would remove the log");
        let Loss { words: why, memory, left } = why_ended().expect("it is told why");
        assert!(!memory, "a lost driver is no full memory");
        assert_eq!(left, None, "nothing was open");
        assert!(why.contains("was lost (the driver was reset);") && why.contains("start prosector again"), "{why}");
        assert_eq!(why_ended(), None);
    }
}
