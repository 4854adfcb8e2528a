//! One lattice over several ranks: processes of MPI, or threads that keep to themselves as processes would.
//!
//! Every rank makes the same lattice and set-up, runs the same loop and takes the same decisions; only populations, which
//! are most of the memory, and steps, which are most of the work, are divided. Memory for the lattice itself, its cells
//! and walls and the velocities that are looked at, is not. At a restart the whole checkpoint, all populations, is on every
//! rank until it is read.
//!
//! A rank holds its own cells and those around them up to a few links away, its halo. What is wrong at the outer edge of
//! the halo, where cells are missing, travels by one link a step: as many steps as the halo has layers its own cells are
//! right, in every bit. Then the halo is set anew by those who own it. So kernels and boundary conditions know nothing of
//! ranks, and the result is the same on any number of them.
//!
//! Openings are not divided: all cells near enough to one to matter belong to one rank (see `divide`), which alone knows
//! what flows through it, and tells.

mod divide;
mod part;
#[cfg(feature = "mpi")]
pub mod processes;
pub mod speed;
mod steps;
#[cfg(test)]
mod tests;
pub mod threads;

pub(super) use part::Part;

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

/// Two steps as often as this between two exchanges of the halo: more means thicker halos, and fewer and larger messages.
pub(super) const PAIRS: usize = 1;

/// Messages between ranks; every rank calls the same methods in the same order.
pub trait Ranks: Debug + Send + Sync {
    /// The number of this rank, from 0 on.
    fn rank(&self) -> usize;

    /// How many ranks there are.
    fn size(&self) -> usize;

    /// Send `outgoing[n]` to rank `with[n]`, which does the same with this one, and fill `incoming[n]`, which is as long
    /// as what it sends.
    ///
    /// # Errors
    /// [`RanksLost`]: that rank has left.
    fn exchange(&self, with: &[usize], outgoing: &[Vec<f32>], incoming: &mut [Vec<f32>]) -> Result<(), RanksLost>;

    /// What every rank gives, in the order of ranks, on all of them.
    ///
    /// # Errors
    /// [`RanksLost`]: a rank has left.
    fn all_gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>, RanksLost>;

    /// What every rank gives, in the order of ranks, on rank 0; nothing on the others.
    ///
    /// # Errors
    /// [`RanksLost`]: a rank has left.
    fn gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>, RanksLost>;
}

/// A rank ended before the others; they cannot go on without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rank {rank} of {size} ended before the others; what it said tells why, and all of them have to start again")]
pub struct RanksLost {
    /// The rank that is missing.
    pub rank: usize,
    /// How many there were.
    pub size: usize,
}

/// The other ranks, if this process is one of several.
static OF_PROCESS: OnceLock<Arc<dyn Ranks>> = OnceLock::new();

/// From now on steady and pulsating flow that tools compute in this process is computed together with the others of
/// `ranks`; once, at the start.
pub fn join(ranks: Arc<dyn Ranks>) {
    // A process is a rank or it is not: the first word counts.
    let _ = OF_PROCESS.set(ranks);
}

/// The other ranks, if this process is one of several.
pub fn of_process() -> Option<Arc<dyn Ranks>> {
    OF_PROCESS.get().cloned()
}
