//! Writes the running log on a thread of its own: an entry is safe once the disk says so, and a busy disk takes longer
//! for that than a frame may.

use crate::session::LogEntry;
use crate::session::store::Journal;
use bevy::prelude::*;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

/// The running log; none once it was closed or could not be written.
pub(super) type Kept = Arc<Mutex<Option<Journal>>>;

/// Takes entries and has them written, in order. When it is dropped, all that it took are on the disk.
pub(super) struct Scribe {
    journal: Kept,
    /// Without a thread entries are written by whom they come from.
    thread: Option<(Sender<LogEntry>, JoinHandle<()>)>,
}

impl Scribe {
    pub(super) fn new(journal: Kept) -> Self {
        let (sender, entries) = channel::<LogEntry>();
        let kept = Arc::clone(&journal);
        // Not one that makes way for the window: what is not written yet would be lost with the power.
        let thread = Builder::new().name("running-log".into()).spawn(move || {
            for entry in entries {
                append(&kept, &entry);
            }
        });
        if let Err(error) = &thread {
            warn!(%error, "the system refused a thread; the running log is written between frames");
        }
        Self { journal, thread: thread.ok().map(|thread| (sender, thread)) }
    }

    pub(super) fn write(&self, entry: &LogEntry) {
        let waits = self.thread.as_ref().is_some_and(|(entries, _)| entries.send(entry.clone()).is_ok());
        if !waits {
            append(&self.journal, entry);
        }
    }
}

impl Drop for Scribe {
    fn drop(&mut self) {
        let Some((entries, thread)) = self.thread.take() else { return };
        drop(entries);
        if thread.join().is_err() {
            error!("the running log ended early; save the case");
        }
    }
}

/// Write one entry; a log that cannot be written ends, and the log file says so.
fn append(journal: &Mutex<Option<Journal>>, entry: &LogEntry) {
    let Ok(mut journal) = journal.lock() else { return };
    if let Some(Err(error)) = journal.as_mut().map(|journal| journal.append(entry)) {
        error!(%error, "the running log ends here; save the case");
        *journal = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::StateId;
    use crate::session::store::journal;

    fn entry(n: u32) -> LogEntry {
        LogEntry::Goto { state: StateId(n), hash: Some(n.to_string()) }
    }

    #[test]
    fn what_was_taken_is_on_the_disk_in_order_once_the_scribe_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let new = Journal::create(folder.path(), None).unwrap();
        let path = new.path().to_owned();
        let kept: Kept = Arc::new(Mutex::new(Some(new)));
        let scribe = Scribe::new(Arc::clone(&kept));
        (0..50).for_each(|n| scribe.write(&entry(n)));
        drop(scribe);
        assert_eq!(journal::read(&path).unwrap().entries, (0..50).map(entry).collect::<Vec<_>>());
        // A log that is closed takes nothing more, and is not written again.
        let scribe = Scribe::new(Arc::clone(&kept));
        kept.lock().unwrap().take().unwrap().close();
        scribe.write(&entry(99));
        drop(scribe);
        assert!(!path.exists());
    }
}
