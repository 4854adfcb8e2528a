//! Asking a thread: one question at a time, the newest wish next, and an answer only where somebody still waits for it.

use crate::app::session::wake;
use crate::base::{Progress, courtesy};
use bevy::prelude::error;
use bevy::winit::EventLoopProxyWrapper;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What came of a question.
pub(super) struct Answer<W, A> {
    /// What was asked.
    pub(super) of: W,
    /// What came of it, or why nothing did.
    pub(super) what: Result<A, String>,
    /// How long it took, ms.
    pub(super) took_ms: f64,
    /// Whether nothing more comes of it.
    pub(super) is_last: bool,
}

/// Questions of one kind: `W` is what is wanted, `A` what comes of it, maybe in several parts.
pub(super) struct Asking<W, A> {
    thread: &'static str,
    asked: Option<(W, Progress)>,
    answers: Mutex<Receiver<Answer<W, A>>>,
    sender: Sender<Answer<W, A>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl<W: Clone + Send + Sync + 'static, A: Send + 'static> Asking<W, A> {
    /// Nothing is asked yet; threads are called `thread`.
    pub(super) fn new(thread: &'static str) -> Self {
        let (sender, answers) = channel();
        Self { thread, asked: None, answers: Mutex::new(answers), sender, wake: Arc::new(|| {}) }
    }

    /// The window is woken when an answer is there.
    pub(super) fn wakes(&mut self, proxy: &EventLoopProxyWrapper) {
        self.wake = wake(proxy);
    }

    /// Wake the window.
    pub(super) fn wake(&self) {
        (self.wake)();
    }

    /// The next answer that came. That something was no longer wanted is no answer, for it may be wanted again by now.
    pub(super) fn answer(&mut self) -> Option<Answer<W, A>> {
        loop {
            let answer = self.answers.get_mut().ok()?.try_recv().ok()?;
            let dropped = answer.is_last && self.asked.take().is_some_and(|(_, progress)| progress.is_cancelled());
            if !dropped || answer.what.is_ok() {
                return Some(answer);
            }
        }
    }

    /// What is being computed.
    pub(super) fn asked(&self) -> Option<&W> {
        self.asked.as_ref().map(|(wanted, _)| wanted)
    }

    /// Nobody waits any more for what is being computed.
    pub(super) fn cancel(&self) {
        if let Some((_, progress)) = &self.asked {
            progress.cancel();
        }
    }

    /// Compute `work` on a thread of its own; call while nothing is asked. It may tell parts of its answer before the last.
    pub(super) fn ask(
        &mut self,
        wanted: W,
        work: impl FnOnce(&Progress, &(dyn Fn(A) + Sync)) -> Result<A, String> + Send + 'static,
    ) {
        let (sender, wake, asked) = (self.sender.clone(), Arc::clone(&self.wake), wanted.clone());
        let progress = Progress::default();
        let watched = progress.clone();
        let thread = courtesy::spawn(self.thread, move || {
            let begun = Instant::now();
            let send = |what, is_last| {
                let took_ms = 1e3 * begun.elapsed().as_secs_f64();
                // The window may be closed before it is there.
                let _ = sender.send(Answer { of: wanted.clone(), what, took_ms, is_last });
                wake();
            };
            let tell = |part| send(Ok(part), false);
            let what = catch_unwind(AssertUnwindSafe(|| work(&watched, &tell)));
            let what = what.unwrap_or_else(|_| {
                Err("an internal error; everything is as it was, and the log says more".to_owned())
            });
            send(what, true);
        });
        match thread {
            Ok(_) => self.asked = Some((asked, progress)),
            Err(error) => error!(%error, "the system refused a thread for {}", self.thread),
        }
    }

    /// A question that cannot even be asked: `why` is its answer.
    pub(super) fn refuse(&self, wanted: W, why: String) {
        let answer = Answer { of: wanted, what: Err(why), took_ms: 0.0, is_last: true };
        // The receiver is in the same place as the sender.
        let _ = self.sender.send(answer);
        self.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn wait<A: Send + 'static>(asking: &mut Asking<u32, A>) -> Option<Answer<u32, A>> {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Some(answer) = asking.answer() {
                return Some(answer);
            }
            asking.asked()?;
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("no answer in 20 s")
    }

    #[test]
    fn parts_come_before_the_last_answer() {
        let mut asking = Asking::new("test");
        asking.ask(7, |_, tell| {
            tell("first");
            Ok("last")
        });
        assert_eq!(asking.asked(), Some(&7));
        let first = wait(&mut asking).unwrap();
        assert_eq!((first.of, first.what, first.is_last), (7, Ok("first"), false));
        let last = wait(&mut asking).unwrap();
        assert_eq!((last.what, last.is_last, asking.asked()), (Ok("last"), true, None));
    }

    #[test]
    fn a_question_that_was_dropped_has_no_answer_but_a_panic_has() {
        let mut asking: Asking<u32, ()> = Asking::new("test");
        asking.ask(1, |progress, _| {
            while !progress.is_cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err("stopped".into())
        });
        asking.cancel();
        assert!(wait(&mut asking).is_none() && asking.asked().is_none());
        asking.ask(2, |_, _| panic!("on purpose"));
        assert!(wait(&mut asking).unwrap().what.unwrap_err().contains("internal error"));
        asking.refuse(3, "gone".into());
        assert_eq!(asking.answer().unwrap().what, Err("gone".into()));
    }
}
