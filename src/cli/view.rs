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
    /// Play a session by itself.
    pub(super) drive: Drive,
}

/// A session that the window plays by itself, for `bench session`.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Drive {
    /// Play a session for so many minutes and write how it went to the file of --drive-report.
    #[arg(long, hide = true, requires = "drive_report")]
    drive_min: Option<f64>,
    /// A case that is opened and closed again and again afterwards; may be given several times.
    #[arg(long, hide = true)]
    drive_case: Vec<PathBuf>,
    /// How often.
    #[arg(long, hide = true, default_value_t = 0)]
    drive_openings: usize,
    /// Where to write how it went.
    #[arg(long, hide = true)]
    drive_report: Option<PathBuf>,
}

/// Open the window.
#[cfg(feature = "app")]
pub(super) fn run(wish: Wish) -> Result<ExitCode, Failure> {
    let Wish { path, screenshot, after_s, drive } = wish;
    let Drive { drive_min, drive_case: cases, drive_openings: openings, drive_report } = drive;
    let drive =
        drive_min.zip(drive_report).map(|(minutes, report)| crate::app::Drive { minutes, cases, openings, report });
    crate::app::run(crate::app::Options { path, screenshot, after_s, drive }).map_err(Failure::Failed)
}

/// Say that this build has no window.
#[cfg(not(feature = "app"))]
pub(super) fn run(wish: Wish) -> Result<ExitCode, Failure> {
    let Wish { path, screenshot, after_s, drive } = wish;
    tracing::debug!(?path, ?screenshot, after_s, ?drive, "asked for");
    Err(Failure::Usage("this build has no window (feature `app`); `prosector --help` lists what it can do".into()))
}
