//! A thread that makes pictures for the window as long as something is open: of orders that come faster than it works, only
//! the newest counts.

use crate::base::{courtesy, parallel};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The thread of one thing that is open; it ends with it.
#[derive(Debug)]
pub(super) struct Beside<O, P> {
    shared: Arc<Shared<O, P>>,
}

#[derive(Debug)]
struct Shared<O, P> {
    desk: Mutex<Desk<O, P>>,
    ordered: Condvar,
}

#[derive(Debug)]
struct Desk<O, P> {
    order: Option<O>,
    made: Option<P>,
    over: bool,
    failed: bool,
}

impl<O, P> Shared<O, P> {
    /// A panic of the other side leaves plain values behind.
    fn desk(&self) -> MutexGuard<'_, Desk<O, P>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O: Send + 'static, P: Send + 'static> Beside<O, P> {
    /// A thread called `name` that does `work` for each order; `wake` is called when something was made.
    ///
    /// # Errors
    /// The system grants no thread.
    pub(super) fn start(
        name: &'static str,
        wake: Arc<dyn Fn() + Send + Sync>,
        mut work: impl FnMut(O) -> P + Send + 'static,
    ) -> std::io::Result<Self> {
        let desk = Mutex::new(Desk { order: None, made: None, over: false, failed: false });
        let shared = Arc::new(Shared { desk, ordered: Condvar::new() });
        let there = Arc::clone(&shared);
        courtesy::spawn(name, move || {
            // Jobs may take the common pool for minutes; what is open does not wait for them.
            let pool = parallel::own_pool();
            while let Some(order) = there.next() {
                let made = catch_unwind(AssertUnwindSafe(|| pool.install(|| work(order))));
                let mut desk = there.desk();
                match made {
                    Ok(made) => desk.made = Some(made),
                    Err(_) => (desk.failed, desk.over) = (true, true),
                }
                drop(desk);
                wake();
            }
        })?;
        Ok(Self { shared })
    }

    /// Order something; what was ordered before and is not begun is forgotten.
    pub(super) fn order(&self, order: O) {
        self.shared.desk().order = Some(order);
        self.shared.ordered.notify_one();
    }

    /// What was made last, if it is new.
    pub(super) fn made(&self) -> Option<P> {
        self.shared.desk().made.take()
    }

    /// Whether something was made that nobody took yet, or nothing will be.
    pub(super) fn has_made(&self) -> bool {
        let desk = self.shared.desk();
        desk.made.is_some() || desk.failed
    }

    /// Whether it broke off: nothing more will come.
    pub(super) fn failed(&self) -> bool {
        self.shared.desk().failed
    }
}

impl<O, P> Shared<O, P> {
    /// The next order; none when all is over.
    fn next(&self) -> Option<O> {
        let mut desk = self.desk();
        loop {
            if desk.over {
                return None;
            }
            if let Some(order) = desk.order.take() {
                return Some(order);
            }
            desk = self.ordered.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<O, P> Drop for Beside<O, P> {
    fn drop(&mut self) {
        self.shared.desk().over = true;
        self.shared.ordered.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::{Duration, Instant};

    fn wait<P: Send + 'static>(beside: &Beside<u32, P>) -> P {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Some(made) = beside.made() {
                return made;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("nothing came in 20 s")
    }

    #[test]
    fn of_orders_that_come_meanwhile_the_newest_is_done() {
        let ((begun, begins), (go, goes)): ((Sender<u32>, Receiver<u32>), (Sender<()>, Receiver<()>)) =
            (channel(), channel());
        let work = move |order: u32| {
            begun.send(order).unwrap();
            goes.recv().unwrap();
            10 * order
        };
        let beside = Beside::start("test", Arc::new(|| {}), work).unwrap();
        beside.order(1);
        assert_eq!(begins.recv(), Ok(1));
        beside.order(2);
        beside.order(3);
        go.send(()).unwrap();
        assert_eq!(wait(&beside), 10);
        assert_eq!(begins.recv(), Ok(3), "2 was never begun");
        go.send(()).unwrap();
        assert_eq!(wait(&beside), 30);
        assert!(!beside.failed());
    }

    #[test]
    fn a_panic_is_told() {
        let beside: Beside<u32, ()> = Beside::start("test", Arc::new(|| {}), |_| panic!("on purpose")).unwrap();
        beside.order(1);
        let until = Instant::now() + Duration::from_secs(20);
        while !beside.failed() {
            assert!(Instant::now() < until, "the panic was not told");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(beside.made().is_none());
    }
}
