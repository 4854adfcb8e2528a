//! Cases are opened and closed in turn; what memory is held is noted.

use super::super::files::Files;
use super::super::requests::Asked;
use super::super::session::TheSession;
use super::super::ui::script::CASE_STEPS;
use super::super::ui::{Request, Workspace};
use super::Wait;
use crate::io::process::resident_memory_mb;
use crate::proof::bench::session::Held;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a case may take to be opened.
const OPENING: Duration = Duration::from_secs(300);
/// Threads finish and memory is given back; it is read when it has not fallen for this long.
const SETTLE: Duration = Duration::from_millis(1500);
/// It is read after this time even if it still falls.
const SETTLED: Duration = Duration::from_secs(30);
/// What counts as falling, MB.
const FALLS_MB: f64 = 4.0;

/// What comes next with the case.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Close,
    Closed,
    Open,
    Show(usize),
    Measure,
}

/// The openings done and to be done.
#[derive(Debug)]
pub(super) struct Openings {
    cases: Vec<PathBuf>,
    left: usize,
    stage: Stage,
    seen: Vec<Held>,
    settling: Option<Settling>,
}

/// Memory that may still be falling: since when it is looked at, what it was at the last look.
#[derive(Debug, Clone, Copy)]
struct Settling {
    since: Instant,
    last_mb: f64,
}

impl Openings {
    pub(super) fn new(cases: Vec<PathBuf>, left: usize) -> Self {
        Self { cases, left, stage: Stage::Close, seen: Vec::new(), settling: None }
    }

    /// One more case in turn.
    pub(super) fn add(&mut self, case: PathBuf) {
        self.cases.push(case);
    }

    /// Whether the session is over and cases are opened.
    pub(super) fn has_begun(&self) -> bool {
        !self.seen.is_empty() || self.stage != Stage::Close
    }

    /// What was noted.
    pub(super) fn seen(&self) -> &[Held] {
        &self.seen
    }

    /// The memory held when it has stopped falling; none while it falls.
    fn settled_mb(&mut self) -> Option<Option<f64>> {
        let Some(now_mb) = resident_memory_mb() else { return Some(None) };
        let before = self.settling.get_or_insert(Settling { since: Instant::now(), last_mb: f64::INFINITY });
        if before.last_mb - now_mb > FALLS_MB && before.since.elapsed() < SETTLED {
            before.last_mb = now_mb;
            return None;
        }
        self.settling = None;
        Some(Some(now_mb))
    }

    /// Do the next thing; `None` when all is done.
    pub(super) fn next(
        &mut self,
        session: &mut TheSession,
        files: &mut Files,
        asked: &mut Asked,
        window: &mut Workspace,
    ) -> Option<Wait> {
        let idle = || Wait::Idle(Instant::now() + OPENING);
        let settled = || Wait::Until(Instant::now() + SETTLE);
        match self.stage {
            Stage::Close => {
                asked.0.push(Request::NewCase);
                self.stage = Stage::Closed;
                Some(settled())
            }
            Stage::Closed => {
                let Some(held) = self.settled_mb() else { return Some(settled()) };
                if let Some(last) = self.seen.last_mut() {
                    last.closed_mb = held;
                }
                if self.left == 0 || self.cases.is_empty() {
                    return None;
                }
                self.stage = Stage::Open;
                Some(Wait::Frames(1))
            }
            Stage::Open => {
                let case = self.cases[self.seen.len() % self.cases.len()].clone();
                self.left -= 1;
                let name = case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                self.seen.push(Held { case: name, open_mb: None, closed_mb: None });
                files.open(case, session);
                self.stage = Stage::Show(0);
                Some(idle())
            }
            Stage::Show(step) => {
                let Some(steps) = CASE_STEPS.get(step) else {
                    self.stage = Stage::Measure;
                    return Some(settled());
                };
                self.stage = Stage::Show(step + 1);
                window.show_of_case(*steps, session.get());
                Some(Wait::Until(Instant::now() + Duration::from_millis(700)))
            }
            Stage::Measure => {
                let Some(held) = self.settled_mb() else { return Some(settled()) };
                if let Some(last) = self.seen.last_mut() {
                    last.open_mb = held;
                }
                self.stage = Stage::Close;
                Some(Wait::Frames(1))
            }
        }
    }
}
