//! Ranks that are threads of one process, each with its own part of everything and messages in between: to check that
//! ranks agree, and to measure them, without MPI.

use super::{Ranks, RanksLost};
use crate::base::parallel;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What one rank sends another.
enum Message {
    Numbers(Vec<f32>),
    Bytes(Vec<u8>),
}

/// One of several threads.
struct Thread {
    rank: usize,
    /// To every rank, and from it.
    to: Vec<Mutex<Sender<Message>>>,
    from: Vec<Mutex<Receiver<Message>>>,
}

impl std::fmt::Debug for Thread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rank {} of {} threads", self.rank, self.to.len())
    }
}

impl Thread {
    fn lost(&self, rank: usize) -> RanksLost {
        RanksLost { rank, size: self.to.len() }
    }

    fn send(&self, to: usize, message: Message) -> Result<(), RanksLost> {
        let sender = self.to[to].lock().unwrap_or_else(PoisonError::into_inner);
        sender.send(message).map_err(|_| self.lost(to))
    }

    fn receive(&self, from: usize) -> Result<Message, RanksLost> {
        let receiver = self.from[from].lock().unwrap_or_else(PoisonError::into_inner);
        receiver.recv().map_err(|_| self.lost(from))
    }

    fn bytes(&self, from: usize) -> Result<Vec<u8>, RanksLost> {
        match self.receive(from)? {
            Message::Bytes(bytes) => Ok(bytes),
            Message::Numbers(_) => unreachable!("all ranks call the same methods in the same order"),
        }
    }
}

impl Ranks for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn exchange(&self, with: &[usize], outgoing: &[Vec<f32>], incoming: &mut [Vec<f32>]) -> Result<(), RanksLost> {
        for (to, numbers) in with.iter().zip(outgoing) {
            self.send(*to, Message::Numbers(numbers.clone()))?;
        }
        for (from, numbers) in with.iter().zip(incoming) {
            match self.receive(*from)? {
                Message::Numbers(received) => *numbers = received,
                Message::Bytes(_) => unreachable!("all ranks call the same methods in the same order"),
            }
        }
        Ok(())
    }

    fn all_gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>, RanksLost> {
        for to in 0..self.size() {
            self.send(to, Message::Bytes(mine.to_vec()))?;
        }
        (0..self.size()).map(|from| self.bytes(from)).collect()
    }

    fn gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>, RanksLost> {
        self.send(0, Message::Bytes(mine.to_vec()))?;
        if self.rank == 0 { (0..self.size()).map(|from| self.bytes(from)).collect() } else { Ok(Vec::new()) }
    }
}

/// Do `work` on `ranks` ranks at once, each a thread with `threads` threads to compute with; what each gave, in their
/// order. A rank that ends early, also by a panic, takes its channels with it, and the others learn of it.
pub fn over_threads<R: Send>(ranks: usize, threads: usize, work: impl Fn(Arc<dyn Ranks>) -> R + Sync) -> Vec<R> {
    let mut to: Vec<Vec<Mutex<Sender<Message>>>> = (0..ranks).map(|_| Vec::new()).collect();
    let mut from: Vec<Vec<Mutex<Receiver<Message>>>> = (0..ranks).map(|_| Vec::new()).collect();
    for to in &mut to {
        for from in &mut from {
            let (sender, receiver) = channel();
            to.push(Mutex::new(sender));
            from.push(Mutex::new(receiver));
        }
    }
    let one = |(rank, (to, from))| Arc::new(Thread { rank, to, from });
    let all: Vec<Arc<Thread>> = to.into_iter().zip(from).enumerate().map(one).collect();
    std::thread::scope(|scope| {
        let work = &work;
        let start = |rank: Arc<Thread>| scope.spawn(move || parallel::with_threads(threads, || work(rank)));
        let running: Vec<_> = all.into_iter().map(start).collect();
        let result = |thread: std::thread::ScopedJoinHandle<'_, R>| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        running.into_iter().map(result).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_in_the_order_of_ranks() {
        let told = over_threads(3, 1, |ranks| {
            let mine = [ranks.rank() as u8; 2];
            let all = ranks.all_gather(&mine[..ranks.rank().min(2)]).unwrap();
            let with: Vec<usize> = (0..3).filter(|n| *n != ranks.rank()).collect();
            let outgoing: Vec<Vec<f32>> = with.iter().map(|n| vec![(10 * ranks.rank() + n) as f32]).collect();
            let mut incoming = vec![vec![0.0]; 2];
            ranks.exchange(&with, &outgoing, &mut incoming).unwrap();
            (all, incoming.concat(), ranks.gather(&mine).unwrap().len())
        });
        let all = vec![vec![], vec![1], vec![2, 2]];
        assert_eq!(told[0], (all.clone(), vec![10.0, 20.0], 3));
        assert_eq!(told[2], (all, vec![2.0, 12.0], 0));
    }

    #[test]
    fn a_rank_that_ends_early_is_told_of() {
        let told = over_threads(3, 1, |ranks| if ranks.rank() == 1 { None } else { Some(ranks.all_gather(&[7])) });
        let Some(Err(lost)) = &told[0] else { panic!("{told:?}") };
        assert!(lost.to_string().contains("of 3 ended before the others"), "{lost}");
        assert!(matches!(told[2], Some(Err(_))));
    }
}
