//! `view` and the call without words: the window.

use super::Failure;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to open and, for tests, what to do then.
#[derive(Debug, Default)]
pub(super) struct Wish {
    pub(super) path: Option<PathBuf>,
    pub(super) screenshot: Option<PathBuf>,
    pub(super) after_s: f64,
}

/// Open the window.
#[cfg(feature = "app")]
pub(super) fn run(wish: Wish) -> Result<ExitCode, Failure> {
    let Wish { path, screenshot, after_s } = wish;
    crate::app::run(crate::app::Options { path, screenshot, after_s }).map_err(Failure::Failed)
}

/// Say that this build has no window.
#[cfg(not(feature = "app"))]
pub(super) fn run(wish: Wish) -> Result<ExitCode, Failure> {
    let Wish { path, screenshot, after_s } = wish;
    tracing::debug!(?path, ?screenshot, after_s, "asked for");
    Err(Failure::Usage("this build has no window (feature `app`); `prosector --help` lists what it can do".into()))
}
