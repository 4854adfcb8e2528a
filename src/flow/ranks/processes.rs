//! Ranks that are processes of MPI (Message Passing Interface standard, MPI Forum), on one machine or on many.
//!
//! A process that ends without a word takes the others with it: that is what `mpirun` does. So messages here do not fail.

use super::{Ranks, RanksLost};
use mpi::Threading;
use mpi::datatype::PartitionMut;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Root, Source};
use std::sync::Arc;

/// Bytes that are gathered at once, from all ranks together: counts of MPI have 31 bits.
const AT_ONCE: usize = 1 << 30;

/// MPI from its start to its end; it ends when this is dropped, which has to happen before the program ends.
pub struct Processes {
    _universe: Universe,
    beside: usize,
}

impl std::fmt::Debug for Processes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} processes", self.size())
    }
}

impl Processes {
    /// Start MPI, once in a program; alone, without `mpirun`, there is one rank.
    ///
    /// # Errors
    /// A sentence: MPI does not start, or cannot be called from the threads that compute.
    pub fn start() -> Result<Self, String> {
        // Kernels run on threads of a pool; only one of them calls at a time.
        let started = mpi::initialize_with_threading(Threading::Serialized);
        let (universe, threading) = started.ok_or("MPI was started before in this program")?;
        if threading < Threading::Serialized {
            return Err(format!(
                "this MPI cannot be called from threads that compute (it offers {threading:?}, Serialized is needed); \
                 take one built with support of threads"
            ));
        }
        let beside = universe.world().split_shared(0).size() as usize;
        Ok(Self { _universe: universe, beside })
    }

    /// How many ranks there are.
    pub fn size(&self) -> usize {
        SimpleCommunicator::world().size() as usize
    }

    /// The number of this rank.
    pub fn rank(&self) -> usize {
        SimpleCommunicator::world().rank() as usize
    }

    /// How many ranks there are on this machine.
    pub fn beside(&self) -> usize {
        self.beside
    }

    /// The ranks, to compute with.
    pub fn ranks(&self) -> Arc<dyn Ranks> {
        Arc::new(Process)
    }

    /// End all ranks at once: for one that cannot go on.
    pub fn abort(&self) -> ! {
        SimpleCommunicator::world().abort(1)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The end of MPI would wait for the others, and they for this one.
            self.abort();
        }
    }
}

/// One of several processes.
#[derive(Debug)]
struct Process;

impl Ranks for Process {
    fn rank(&self) -> usize {
        SimpleCommunicator::world().rank() as usize
    }

    fn size(&self) -> usize {
        SimpleCommunicator::world().size() as usize
    }

    fn exchange(&self, with: &[usize], outgoing: &[Vec<f32>], incoming: &mut [Vec<f32>]) -> Result<(), RanksLost> {
        let world = SimpleCommunicator::world();
        mpi::request::scope(|scope| {
            let mut requests = Vec::with_capacity(with.len());
            for (from, numbers) in with.iter().zip(incoming.iter_mut()) {
                let numbers = numbers.as_mut_slice();
                requests.push(world.process_at_rank(*from as i32).immediate_receive_into(scope, numbers));
            }
            let mut sent = Vec::with_capacity(with.len());
            for (to, numbers) in with.iter().zip(outgoing) {
                let numbers = numbers.as_slice();
                sent.push(world.process_at_rank(*to as i32).immediate_send(scope, numbers));
            }
            requests.into_iter().for_each(|request| _ = request.wait());
            sent.into_iter().for_each(|request| _ = request.wait());
        });
        Ok(())
    }

    fn all_gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>, RanksLost> {
        let world = SimpleCommunicator::world();
        Ok(in_parts(mine, &lengths(&world, mine), |mine, parts| world.all_gather_varcount_into(mine, parts)))
    }

    fn gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>, RanksLost> {
        let world = SimpleCommunicator::world();
        let root = world.process_at_rank(0);
        let lengths = lengths(&world, mine);
        if self.rank() == 0 {
            return Ok(in_parts(mine, &lengths, |mine, parts| root.gather_varcount_into_root(mine, parts)));
        }
        for part in 0..parts(&lengths) {
            root.gather_varcount_into(part_of(mine, part, lengths.len()));
        }
        Ok(Vec::new())
    }
}

/// How many bytes every rank gives.
fn lengths(world: &SimpleCommunicator, mine: &[u8]) -> Vec<u64> {
    let mut lengths = vec![0_u64; world.size() as usize];
    world.all_gather_into(&(mine.len() as u64), &mut lengths[..]);
    lengths
}

/// In how many parts bytes of such lengths are gathered: as many on all ranks.
fn parts(lengths: &[u64]) -> usize {
    let longest = lengths.iter().copied().max().unwrap_or(0) as usize;
    longest.div_ceil(AT_ONCE / lengths.len().max(1)).max(1)
}

/// A part of the bytes of one of so many ranks.
fn part_of(bytes: &[u8], part: usize, ranks: usize) -> &[u8] {
    let most = AT_ONCE / ranks.max(1);
    &bytes[(part * most).min(bytes.len())..((part + 1) * most).min(bytes.len())]
}

/// Gather part by part what all ranks give.
fn in_parts(
    mine: &[u8],
    lengths: &[u64],
    mut gather: impl FnMut(&[u8], &mut PartitionMut<'_, [u8], Vec<i32>, Vec<i32>>),
) -> Vec<Vec<u8>> {
    let (ranks, most) = (lengths.len(), AT_ONCE / lengths.len().max(1));
    let mut all: Vec<Vec<u8>> = lengths.iter().map(|length| Vec::with_capacity(*length as usize)).collect();
    for part in 0..parts(lengths) {
        let count = |length: &u64| (*length as usize).saturating_sub(part * most).min(most) as i32;
        let counts: Vec<i32> = lengths.iter().map(count).collect();
        let begins: Vec<i32> = (0..ranks).map(|rank| counts[..rank].iter().sum()).collect();
        let mut together = vec![0_u8; counts.iter().map(|count| *count as usize).sum()];
        let mut partition = PartitionMut::new(&mut together[..], counts.clone(), begins.clone());
        gather(part_of(mine, part, ranks), &mut partition);
        for ((all, count), begin) in all.iter_mut().zip(counts).zip(begins) {
            all.extend_from_slice(&together[begin as usize..(begin + count) as usize]);
        }
    }
    all
}
