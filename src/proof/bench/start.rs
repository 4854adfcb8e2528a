//! How soon the window is there.

use super::Row;
use crate::base::Progress;
use crate::io::process::{Scratch, ask};
use std::time::Duration;

/// How long the window may take before the measurement is given up.
const LIMIT: Duration = Duration::from_secs(60);
/// What the window logs when its panels have their final place, followed by the seconds since the start.
const USABLE: &str = "the window is usable seconds=";

/// Start this program with its window and an empty surface file instead of the scan.
pub(super) fn rows(_: &Progress) -> Result<Vec<Row>, String> {
    let what = "start of the program to the usable window, without the scan";
    let row = |seconds| Row::new("W1", what, seconds, "s").target(3.0);
    if !cfg!(feature = "app") {
        return Ok(vec![Row::skipped("W1", what, "this build has no window")]);
    }
    if std::env::var_os("DISPLAY").is_none() {
        return Ok(vec![Row::skipped("W1", what, "there is no display (DISPLAY is not set)")]);
    }
    let program = std::env::current_exe().map_err(|error| format!("the system does not name this program: {error}"))?;
    let scratch = Scratch::new("start").map_err(|error| format!("no temporary folder: {error}"))?;
    let empty = scratch.path().join("empty.stl");
    crate::io::file::write_whole(&empty, &[]).map_err(|error| error.to_string())?;
    let picture = scratch.path().join("picture.png");
    let [program, empty, picture, state] =
        [&program, &empty, &picture, scratch.path()].map(|path: &std::path::Path| path.to_string_lossy().into_owned());
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        // A running log of its own, so that a real one is neither offered nor touched.
        let state = format!("XDG_STATE_HOME={state}");
        let call = [&state, "RUST_LOG=prosector=info", "NO_COLOR=1", &program, "view", &empty];
        let call = [&call[..], &["--screenshot", &picture, "--after-s", "0.1"]].concat();
        let [_, said] = ask("env", &call, scratch.path(), LIMIT).map_err(|error| error.to_string())?;
        let seconds = said.split(USABLE).nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        best = best.min(seconds.ok_or("the window did not say when it was usable")?);
    }
    Ok(vec![row(best)])
}
