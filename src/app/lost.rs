//! Sessions that ended without being saved or closed: what their running logs hold, for the user to choose.

use super::ui::LostSession;
use crate::session::LogEntry;
use crate::session::store::{Journal, journal};
use crate::tools;
use std::path::Path;

/// The sessions in `folder` that ended badly and did more than load the scan the program starts with, the newest first.
///
/// `but` is the log that is being opened anyway.
pub(super) fn lost_sessions(folder: &Path, but: Option<&Path>) -> Vec<LostSession> {
    let logs = Journal::left_behind(folder).into_iter().rev();
    let same = |log: &Path| but.is_some_and(|but| but.canonicalize().ok() == log.canonicalize().ok());
    logs.filter(|log| !same(log)).filter_map(|log| lost_session(&log)).collect()
}

fn lost_session(log: &Path) -> Option<LostSession> {
    let read = journal::read(log).ok()?;
    let case = read.header.and_then(|header| header.opened);
    // A session that began with a case file has that scan already; otherwise the first entry may be the program's own.
    let own = usize::from(case.is_none() && read.entries.first().is_some_and(is_a_scan));
    let steps = read.entries.len().checked_sub(own).filter(|steps| 0 < *steps)?;
    let last = read.entries.iter().rev().find_map(|entry| match entry {
        LogEntry::Command { command, .. } => Some(label_of(&command.tool)),
        LogEntry::Undo { .. } | LogEntry::Redo { .. } | LogEntry::Goto { .. } => None,
    });
    let ended = log.metadata().and_then(|file| file.modified()).ok();
    let minutes_ago = ended.and_then(|time| time.elapsed().ok()).map(|passed| passed.as_secs() / 60);
    let case = case.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    Some(LostSession { log: log.to_owned(), case, steps, last: last.unwrap_or_default(), minutes_ago })
}

/// Whether an entry brings in a scan.
fn is_a_scan(entry: &LogEntry) -> bool {
    matches!(entry, LogEntry::Command { command, .. } if ["import.dicom", "scan.phantom"].contains(&command.tool.as_str()))
}

fn label_of(tool: &str) -> String {
    tools::find(tool).map_or_else(|| tool.to_owned(), |entry| entry.label.trim_end_matches('…').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ContentHasher;
    use crate::session::Command;
    use crate::session::store::Opened;
    use serde_json::json;

    fn entry(tool: &str) -> LogEntry {
        let (inputs, hash, at) = (Default::default(), String::new(), None);
        LogEntry::Command { command: Command::new(tool, json!({})), inputs, hash, at, added: Vec::new(), folder: None }
    }

    fn log(folder: &Path, opened: Option<&Opened>, tools: &[&str]) -> std::path::PathBuf {
        let mut journal = Journal::create(folder, opened).unwrap();
        tools.iter().for_each(|tool| journal.append(&entry(tool)).unwrap());
        journal.path().to_owned()
    }

    #[test]
    fn only_work_of_the_user_is_offered() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        log(folder, None, &["import.dicom"]);
        log(folder, None, &[]);
        assert_eq!(lost_sessions(folder, None), []);
        let long = log(folder, None, &["import.dicom", "segment.organ", "model.surface"]);
        let [lost] = &lost_sessions(folder, None)[..] else { panic!("one session holds work") };
        assert_eq!((lost.steps, lost.case.as_deref()), (2, None));
        assert_eq!(lost.last, label_of("model.surface"));
        assert_eq!(lost_sessions(folder, Some(&long)), []);
    }

    #[test]
    fn work_on_a_case_file_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let opened = Opened::new(&folder.path().join("knee.prosector"), ContentHasher::default().finish());
        log(folder.path(), Some(&opened), &["scan.phantom"]);
        let lost = lost_sessions(folder.path(), None);
        assert_eq!((lost[0].steps, lost[0].case.as_deref()), (1, Some("knee.prosector")));
    }
}
