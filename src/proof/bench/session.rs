//! A session in the window, played by itself: how long its thread works on a frame, and what memory cases leave behind.

use super::Row;
use crate::base::Progress;
use crate::io::file::read_text;
use crate::io::process::{Scratch, ask};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// What the suite is called.
pub const NAME: &str = "session";
/// The longest frame may take this long, ms.
const LONGEST_MS: f64 = 100.0;
/// Memory from the 5th to the last opened case may grow by this, %.
const GROWTH_PERCENT: f64 = 5.0;
/// Cases that are opened and closed.
const OPENINGS: usize = 20;
/// The opening that memory is compared with.
const BEFORE: usize = 5;

/// What is to be played.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// How long it goes over panels and jobs; once over all of them at least.
    pub minutes: f64,
    /// Scans and cases: the first is worked on, all are opened in turn; the bundled scan if there are none.
    pub open: Vec<PathBuf>,
}

/// How a session went, as the window writes it down.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The graphics adapter.
    pub adapter: String,
    /// How long it took without the cases that were opened, s.
    pub seconds: f64,
    /// How often everything was done.
    pub rounds: usize,
    /// Entries of the log in the end.
    pub commands: usize,
    /// Frames of the session.
    pub frames: u64,
    /// Half of the frames took less, ms.
    pub p50_ms: f64,
    /// 95 % of them.
    pub p95_ms: f64,
    /// 99 % of them.
    pub p99_ms: f64,
    /// The slowest, the slowest first.
    pub slowest: Vec<SlowFrame>,
    /// The slowest of each chapter.
    pub chapters: Vec<(String, SlowFrame)>,
    /// How often the screen changed while something moved, and how long the user waited for something.
    pub speeds: Vec<Speed>,
    /// Memory with each case opened.
    pub memory: Vec<Held>,
    /// What the user would have been told as an error.
    pub errors: Vec<String>,
    /// What did not go as it should.
    pub remarks: Vec<String>,
}

/// A frame that took long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowFrame {
    /// How long the window's thread worked, ms.
    pub ms: f64,
    /// What went on.
    pub cause: String,
}

/// A speed as it is seen on the screen: the adapter's work is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// What was done.
    pub what: String,
    /// Frames a second, or seconds.
    pub value: f64,
    /// Whether it is seconds.
    pub seconds: bool,
    /// What it should at least, or at most, be.
    pub target: Option<f64>,
}

/// Memory held with a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The name of its file.
    pub case: String,
    /// While it was shown, MB; none where the system does not tell.
    pub open_mb: Option<f64>,
    /// After it was closed.
    pub closed_mb: Option<f64>,
}

/// A minute over the bundled scan.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    rows_of(&Wish { minutes: 1.0, open: Vec::new() }, progress)
}

/// Play a session in a window of its own.
///
/// # Errors
/// A sentence if the window ended badly.
pub fn rows_of(wish: &Wish, _: &Progress) -> Result<Vec<Row>, String> {
    let what = "longest frame of a session over all panels and jobs";
    if !cfg!(feature = "app") {
        return Ok(vec![Row::skipped("W2", what, "this build has no window")]);
    }
    if cfg!(target_os = "linux") && ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| std::env::var_os(name).is_none()) {
        let reason =
            "there is no display (DISPLAY is not set); a virtual one does: xvfb-run -a prosector bench session";
        return Ok(vec![Row::skipped("W2", what, reason)]);
    }
    if !(wish.minutes.is_finite() && 0.0 < wish.minutes && wish.minutes <= 600.0) {
        return Err(format!("{} minutes cannot be played; choose more than 0 and at most 600", wish.minutes));
    }
    play(wish).map(|report| table(&report))
}

fn play(wish: &Wish) -> Result<Report, String> {
    let program = std::env::current_exe().map_err(|error| format!("the system does not name this program: {error}"))?;
    let scratch = Scratch::new("session").map_err(|error| format!("no temporary folder: {error}"))?;
    let told = scratch.path().join("report.json");
    let whole = |path: &PathBuf| {
        let found = path.canonicalize().map_err(|error| format!("{} cannot be opened: {error}", path.display()))?;
        Ok::<_, String>(found.to_string_lossy().into_owned())
    };
    let open = wish.open.iter().map(whole).collect::<Result<Vec<_>, _>>()?;
    let [program, told_at, state] =
        [&program, &told, scratch.path()].map(|path: &std::path::Path| path.to_string_lossy().into_owned());
    // Running log and settings of its own, so that real ones are neither offered nor touched.
    let state = [format!("XDG_STATE_HOME={state}"), format!("XDG_CONFIG_HOME={state}"), format!("HOME={state}")];
    let (minutes, openings) = (wish.minutes.to_string(), OPENINGS.to_string());
    let mut call: Vec<&str> = state.iter().map(String::as_str).collect();
    call.extend(["NO_COLOR=1", &program, "view"]);
    call.extend(open.first().map(String::as_str));
    call.extend(["--drive-min", &minutes, "--drive-report", &told_at, "--drive-openings", &openings]);
    open.iter().for_each(|case| call.extend(["--drive-case", case]));
    // A round and the cases take their time on a slow machine, however few minutes were asked for.
    let limit = Duration::from_secs_f64(60.0 * (6.0 * wish.minutes.max(5.0) + 30.0));
    ask("env", &call, scratch.path(), limit).map_err(|error| error.to_string())?;
    let text = read_text(&told).map_err(|error| format!("the window did not say how it went: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("the window did not say how it went: {error}"))
}

/// The report as rows.
fn table(report: &Report) -> Vec<Row> {
    let noted = |row: Row, note: String| Row { note: Some(note).filter(|note| !note.is_empty()), ..row };
    let Report { frames, rounds, commands, seconds, adapter, .. } = report;
    let what = format!(
        "frames of a session of {:.1} min, {rounds} times over all panels and jobs, {commands} steps of the log, {adapter}",
        seconds / 60.0
    );
    let remarks = report.remarks.join("; ");
    let mut rows = vec![noted(Row::new("W2.frames", what, *frames as f64, "1"), remarks)];
    for (id, part, value) in [
        ("W2.p50", "half of the frames", report.p50_ms),
        ("W2.p95", "95 % of the frames", report.p95_ms),
        ("W2.p99", "99 % of the frames", report.p99_ms),
    ] {
        rows.push(Row::new(id, format!("{part}: the window's thread works at most"), value, "ms"));
    }
    for (n, SlowFrame { ms, cause }) in report.slowest.iter().enumerate() {
        let (id, what) = match n {
            0 => ("W2.longest".to_owned(), "longest frame".to_owned()),
            n => (format!("W2.longest{}", n + 1), format!("the {}. longest", n + 1)),
        };
        rows.push(noted(Row::new(&id, what, *ms, "ms").target(LONGEST_MS), cause.clone()));
    }
    for (name, SlowFrame { ms, cause }) in &report.chapters {
        let row = Row::new("W2.chapter", format!("longest frame of “{name}”"), *ms, "ms");
        rows.push(noted(row.target(LONGEST_MS), cause.clone()));
    }
    for Speed { what, value, seconds, target } in &report.speeds {
        let unit = if *seconds { "s" } else { "frames/s" };
        let row = Row::new("W2.speed", what.clone(), *value, unit);
        rows.push(match target {
            Some(target) => row.target(*target),
            None => row,
        });
    }
    rows.extend(memory(&report.memory));
    let said = report.errors.join("; ");
    rows.push(noted(Row::new("W2.errors", "errors that were told", report.errors.len() as f64, "1"), said));
    // The peak is that of this process, which only waited.
    rows.into_iter().map(|row| Row { peak_mb: None, ..row }).collect()
}

fn memory(held: &[Held]) -> Vec<Row> {
    let (id, what) = ("W2.memory", "memory after closing the last case, beside that after the 5th");
    if held.is_empty() {
        return Vec::new();
    }
    let Some(closed) = held.iter().map(|held| held.closed_mb).collect::<Option<Vec<f64>>>() else {
        return vec![Row::skipped(id, what, "not measured: this system does not tell what memory a program holds")];
    };
    let mut rows: Vec<Row> = Vec::new();
    for (n, (held, closed)) in held.iter().zip(&closed).enumerate() {
        let open = held.open_mb.unwrap_or(f64::NAN);
        let what = format!("memory after closing case {}, {} ({open:.0} MB while it was shown)", n + 1, held.case);
        rows.push(Row::new("W2.closed", what, *closed, "MB"));
    }
    if let (Some(before), Some(last)) = (closed.get(BEFORE - 1), closed.last()) {
        let growth = 100.0 * (last / before - 1.0);
        rows.push(Row::new(id, what, growth, "%").target(GROWTH_PERCENT));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(closed: impl IntoIterator<Item = Option<f64>>) -> Vec<Held> {
        let one = |closed_mb| Held { case: "knee.prosector".into(), open_mb: Some(900.0), closed_mb };
        closed.into_iter().map(one).collect()
    }

    #[test]
    fn memory_is_compared_with_that_after_the_fifth_case() {
        // It grows while caches fill; only what comes after the fifth counts.
        let rows = memory(&held((1..=20).map(|n| Some(if n < 5 { 100.0 } else { 400.0 + f64::from(n - 5) }))));
        let last = rows.last().unwrap();
        assert_eq!((last.id.as_str(), last.target), ("W2.memory", Some(5.0)));
        assert!((last.value - 3.75).abs() < 1e-9, "{} %", last.value);
        assert_eq!(rows.len(), 21);
    }

    #[test]
    fn where_memory_is_not_told_that_is_said() {
        let rows = memory(&held([Some(1.0), None]));
        assert!(rows[0].value.is_nan() && rows[0].note.as_deref().unwrap().contains("not measured"));
    }

    #[test]
    fn the_longest_frame_stands_beside_its_limit_with_its_cause() {
        let slow = |ms| SlowFrame { ms, cause: "layouts; panels 120 ms".into() };
        let report = Report { frames: 900, slowest: vec![slow(120.0), slow(80.0)], ..Report::default() };
        let rows = table(&report);
        let longest = rows.iter().find(|row| row.id == "W2.longest").unwrap();
        assert_eq!((longest.value, longest.target), (120.0, Some(100.0)));
        assert_eq!(longest.note.as_deref(), Some("layouts; panels 120 ms"));
        assert!(rows.iter().any(|row| row.id == "W2.longest2"));
    }

    #[test]
    fn a_length_that_is_none_is_refused() {
        if cfg!(feature = "app") && std::env::var_os("DISPLAY").is_some() {
            let wish = Wish { minutes: f64::NAN, open: Vec::new() };
            assert!(rows_of(&wish, &Progress::default()).unwrap_err().contains("minutes"));
        }
    }
}
