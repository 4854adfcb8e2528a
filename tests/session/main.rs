//! Commands in, case out: undo, jobs, case files, crashes, replay.
#![expect(clippy::unwrap_used, reason = "tests")]

mod alone;
mod crash;
mod desk;
mod editor;
mod files;
mod history;
mod info;
mod jobs;
mod places;
mod surfaces;
