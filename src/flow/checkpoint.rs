//! Checkpoints of steady flow: all that a run needs to go on with the same bits, on as many ranks as one likes.
//!
//! The cells have their numbers on the whole lattice, whoever held them. What is not in a checkpoint, the lattice and the
//! set-up, is made again and compared by its hash.

use super::bytes::{Read, Written};
use super::domain::Domain;
use super::error::FlowError;
use super::lattice::Q;
use super::outlet::Outlet;
use super::ranks::Ranks;
use super::settling::Settling;
use super::setup::Setup;
use super::simulation::Simulation;
use crate::base::{ContentHash, ContentHasher};
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

/// The first bytes of a checkpoint; the last digit is the version of what follows.
const BEGINS: &[u8; 16] = b"prosector-flow-2";
/// Hexadecimal digits of the hash at the end of a checkpoint.
const HASH_BYTES: usize = 64;

/// Where checkpoints are kept. Only that of rank 0 is asked.
pub trait Keeper: Debug + Send + Sync {
    /// What an earlier run kept, if there is something.
    ///
    /// # Errors
    /// A sentence: it cannot be read.
    fn kept(&self) -> Result<Option<Vec<u8>>, String>;

    /// Whether it is time for another checkpoint.
    fn is_due(&self) -> bool;

    /// Keep this one in place of earlier ones.
    ///
    /// # Errors
    /// A sentence: it cannot be written.
    fn keep(&self, checkpoint: &[u8]) -> Result<(), String>;
}

/// Where this process keeps checkpoints, if it does.
static OF_PROCESS: OnceLock<Arc<dyn Keeper>> = OnceLock::new();

/// From now on steady flow that tools compute in this process keeps its checkpoints there; once, at the start.
pub fn keep_with(keeper: Arc<dyn Keeper>) {
    // A process computes the flow it was started for.
    let _ = OF_PROCESS.set(keeper);
}

/// Where this process keeps checkpoints, if it does.
pub fn keeper_of_process() -> Option<Arc<dyn Keeper>> {
    OF_PROCESS.get().cloned()
}

/// What is known of an attempt besides its flow.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attempt {
    pub number: usize,
    pub mach: f64,
    /// Whether there was flow to start from.
    pub started: bool,
    pub coarse_steps: usize,
    /// Steps of the attempts before, which became unstable.
    pub steps_before: usize,
    /// Time so far, on the coarse lattice too.
    pub seconds: f64,
    pub warnings: Vec<String>,
}

/// A run to go on with.
pub(super) struct Checkpoint {
    pub attempt: Attempt,
    pub settling: Settling,
    steps: usize,
    outlets: Vec<[f64; 4]>,
    populations: Vec<[f32; Q]>,
}

/// Where the checkpoints of one flow problem go.
pub(super) struct Keeping {
    keeper: Arc<dyn Keeper>,
    ranks: Option<Arc<dyn Ranks>>,
    hash: ContentHash,
}

impl Keeping {
    /// That of a set-up and its lattice, if checkpoints are asked for.
    pub fn of(setup: &Setup, domain: &Domain) -> Option<Self> {
        let keeper = Arc::clone(setup.keeper.as_ref()?);
        Some(Self { keeper, ranks: setup.ranks.clone(), hash: hash(setup, domain) })
    }

    /// The run that was left.
    ///
    /// # Errors
    /// [`FlowError::Checkpoint`]: it cannot be read, is damaged, or of another set-up.
    pub fn left(&self, domain: &Domain) -> Result<Option<Checkpoint>, FlowError> {
        let Some(bytes) = self.told_by_first(|| self.keeper.kept())?.flatten() else { return Ok(None) };
        let damaged =
            "the checkpoint is damaged or of another version of the program; remove it to start from the beginning";
        let damaged = || FlowError::Checkpoint(damaged.into());
        let rest = bytes.strip_prefix(BEGINS).ok_or_else(damaged)?;
        let (rest, end) = rest.split_at_checked(rest.len().saturating_sub(HASH_BYTES)).ok_or_else(damaged)?;
        let whole = &bytes[..BEGINS.len() + rest.len()];
        if end != hash_of(whole).as_bytes() {
            return Err(damaged());
        }
        let mut read = Read(rest);
        if read.text().ok_or_else(damaged)? != self.hash.to_hex() {
            let text = "the checkpoint is of another flow: its lattice or set-up differs from the one asked for; \
                        give the parameters it was made with, or remove it to start from the beginning";
            return Err(FlowError::Checkpoint(text.into()));
        }
        let checkpoint = Checkpoint::read(&mut read).filter(|_| read.0.is_empty()).ok_or_else(damaged)?;
        if checkpoint.populations.len() != domain.cells.len() || !checkpoint.settling.fits(domain) {
            return Err(damaged());
        }
        Ok(Some(checkpoint))
    }

    /// Keep a checkpoint if it is time for one; between pairs of steps.
    ///
    /// # Errors
    /// [`FlowError::Checkpoint`]: it cannot be written; [`FlowError::RanksLost`].
    pub fn when_due(&self, simulation: &Simulation, settling: &Settling, attempt: &Attempt) -> Result<(), FlowError> {
        if self.told_by_first(|| Ok(self.keeper.is_due()))? != Some(true) {
            return Ok(());
        }
        let populations = simulation.sent_on_first();
        simulation.check_ranks()?;
        let keep = || {
            let bytes = self.write(simulation, settling, attempt, &populations);
            self.keeper.keep(&bytes)
        };
        self.told_by_first(keep).map(|_| ())
    }

    /// What rank 0 finds, on all ranks.
    fn told_by_first<T: Told>(&self, find: impl FnOnce() -> Result<T, String>) -> Result<Option<T>, FlowError> {
        let Some(ranks) = &self.ranks else { return find().map(Some).map_err(FlowError::Checkpoint) };
        let mine = if ranks.rank() != 0 {
            Vec::new()
        } else {
            match find() {
                Ok(found) => [vec![1], found.to_bytes()].concat(),
                Err(text) => [vec![0], text.into_bytes()].concat(),
            }
        };
        let first = ranks.all_gather(&mine)?.swap_remove(0);
        match first.split_first() {
            Some((1, found)) => Ok(Some(T::of_bytes(found))),
            Some((_, text)) => Err(FlowError::Checkpoint(String::from_utf8_lossy(text).into_owned())),
            None => Ok(None),
        }
    }

    fn write(
        &self,
        simulation: &Simulation,
        settling: &Settling,
        attempt: &Attempt,
        populations: &[[f32; Q]],
    ) -> Vec<u8> {
        let mut written = Written(BEGINS.to_vec());
        written.text(&self.hash.to_hex());
        written.one(attempt.number as u64);
        written.one(attempt.mach);
        written.one(u64::from(attempt.started));
        written.one(attempt.coarse_steps as u64);
        written.one(attempt.steps_before as u64);
        written.one(attempt.seconds);
        written.one(attempt.warnings.len() as u64);
        attempt.warnings.iter().for_each(|warning| written.text(warning));
        settling.write(&mut written);
        written.one(simulation.steps as u64);
        let steering = |outlet: &Outlet| [outlet.rho, outlet.steer, outlet.mean, outlet.outflow];
        written.all(&simulation.outlets.iter().map(steering).collect::<Vec<_>>());
        written.all(populations);
        let hash = hash_of(&written.0);
        written.0.extend_from_slice(hash.as_bytes());
        written.0
    }
}

impl Checkpoint {
    fn read(read: &mut Read<'_>) -> Option<Self> {
        let (number, mach) = (read.count()?, read.one()?);
        let (started, coarse_steps) = (read.count()? == 1, read.count()?);
        let (steps_before, seconds) = (read.count()?, read.one()?);
        let mut warnings = Vec::new();
        for _ in 0..read.count()? {
            warnings.push(read.text()?);
        }
        let attempt = Attempt { number, mach, started, coarse_steps, steps_before, seconds, warnings };
        let settling = Settling::read(read)?;
        Some(Self { attempt, settling, steps: read.count()?, outlets: read.all()?, populations: read.all()? })
    }

    /// Put the flow into a simulation of the same set-up; gives where it was on its way to steady flow.
    pub fn put(self, simulation: &mut Simulation) -> Settling {
        simulation.put_sent(&self.populations);
        simulation.steps = self.steps;
        for (outlet, [rho, steer, mean, outflow]) in simulation.outlets.iter_mut().zip(self.outlets) {
            (outlet.rho, outlet.steer, outlet.mean, outlet.outflow) = (rho, steer, mean, outflow);
        }
        self.settling
    }
}

/// What rank 0 can tell the others.
trait Told: Sized {
    fn to_bytes(&self) -> Vec<u8>;
    fn of_bytes(bytes: &[u8]) -> Self;
}

impl Told for () {
    fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    fn of_bytes(_bytes: &[u8]) -> Self {}
}

impl Told for bool {
    fn to_bytes(&self) -> Vec<u8> {
        vec![u8::from(*self)]
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        bytes == [1]
    }
}

impl Told for Option<Vec<u8>> {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_ref().map_or_else(Vec::new, |bytes| [vec![1], bytes.clone()].concat())
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        bytes.split_first().map(|(_, rest)| rest.to_vec())
    }
}

/// The hash of all bytes before it, at the end of a checkpoint.
fn hash_of(bytes: &[u8]) -> String {
    ContentHasher::default().array(bytes).finish().to_hex()
}

/// The hash of all that decides the flow, and of the program's version.
fn hash(setup: &Setup, domain: &Domain) -> ContentHash {
    let mut hasher = ContentHasher::default();
    hasher.text(env!("CARGO_PKG_VERSION"));
    domain.cells.grid().hash_into(&mut hasher);
    hasher.array(domain.cells.offsets());
    for link in &domain.wall_links {
        hasher.array(&[link.cell, u32::from(link.direction), link.fraction.to_bits()]);
    }
    for link in &domain.opening_links {
        hasher.array(&[link.cell, u32::from(link.direction), u32::from(link.opening)]);
    }
    let Setup { fluid, mach, scheme, walls, split, tolerance, exchanges_max, steps_max, end_after, start, .. } = setup;
    let words = format!(
        "{:?} {fluid:?} {mach:?} {scheme:?} {walls:?} {split:?} {tolerance:?} {exchanges_max:?} {steps_max:?} {end_after:?}",
        domain.openings
    );
    hasher.text(&words);
    if let Some(start) = start {
        hasher.text(&start.content_hash().to_hex());
    }
    hasher.finish()
}
