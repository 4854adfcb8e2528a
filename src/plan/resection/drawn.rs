//! What a cut does to every voxel of an organ: as a volume, as bits of bricks, and counted where it matters.

use super::books::{Tally, bits, half_voxel_mm};
use super::sweep::{Gather, sweep};
use super::{Blade, Books, Fate, Layer, Organ, ResectionError};
use crate::base::Progress;
use crate::image::Volume;
use std::sync::Arc;

/// What becomes of every voxel of the organ's grid: a [`Fate`] as a number, 0 outside the organ. Its counts are those of
/// [`super::Books::of`], for both walk the same way.
///
/// # Errors
/// [`ResectionError::Cancelled`].
pub fn fates(organ: &Organ, blade: &Blade, progress: &Progress) -> Result<Volume<u8>, ResectionError> {
    let drawn = Drawn::of(organ, blade, progress)?;
    let grid = organ.grid();
    let mut voxels = vec![0_u8; grid.len()];
    for (brick, [resected, cut]) in drawn.bricks {
        let mut word = organ.words(brick)[Layer::Organ as usize];
        while word != 0 {
            let bit = word.trailing_zeros() as usize;
            let is = |bits: u64| bits >> bit & 1 == 1;
            let fate = if is(cut) {
                Fate::Cut
            } else if is(resected) {
                Fate::Resected
            } else {
                Fate::Remnant
            };
            voxels[grid.offset(organ.voxel(brick, bit))] = fate as u8;
            word &= word - 1;
        }
    }
    Ok(Volume::new(Arc::clone(grid), voxels).expect("one fate per voxel"))
}

/// How many voxels of `organ` for which `counts` holds are taken away: of all, of those just inside its edge, and of those just
/// outside it, in the order of [`LAYERS`](super::LAYERS).
///
/// # Errors
/// [`ResectionError::Cancelled`].
pub fn taken(
    organ: &Organ,
    blade: &Blade,
    counts: impl Fn([usize; 3]) -> bool,
    progress: &Progress,
) -> Result<[u64; 3], ResectionError> {
    let mut layers = [0; 3];
    for (brick, [resected, _]) in Drawn::of(organ, blade, progress)?.bricks {
        let words = organ.words(brick);
        let mut word = (words[0] | words[1] | words[2]) & resected;
        while word != 0 {
            let bit = word.trailing_zeros();
            if counts(organ.voxel(brick, bit as usize)) {
                (0..3).for_each(|layer| layers[layer] += words[layer] >> bit & 1);
            }
            word &= word - 1;
        }
    }
    Ok(layers)
}

/// What one walk through an organ beside a cut tells: its books, and the bits of what stays.
#[derive(Debug)]
pub(in crate::plan) struct Swept {
    tally: Tally,
    left: Vec<(usize, u64)>,
}

impl Swept {
    /// The walk of `blade` through `organ`.
    ///
    /// # Errors
    /// [`ResectionError::Cancelled`].
    pub(in crate::plan) fn of(organ: &Organ, blade: &Blade, progress: &Progress) -> Result<Self, ResectionError> {
        let Both { tally, mut drawn }: Both = sweep(organ, blade, half_voxel_mm(organ), progress)?;
        drawn.bricks.sort_unstable_by_key(|(brick, _)| *brick);
        let kept = drawn.bricks.into_iter().map(|(brick, [resected, cut])| (brick, !(resected | cut)));
        Ok(Self { tally, left: kept.filter(|(_, kept)| *kept != 0).collect() })
    }

    /// The books of the cut, as [`Books::of`].
    pub(in crate::plan) fn books(&self, organ: &Organ, edge_mm: f64) -> Books {
        Books::from_tally(organ, &self.tally, edge_mm)
    }

    /// The bits of what stays, brick by brick in order, of the organ and of the layers beside its edge.
    pub(in crate::plan) fn left(&self) -> &[(usize, u64)] {
        &self.left
    }
}

/// Both that a walk can tell.
#[derive(Default)]
struct Both {
    tally: Tally,
    drawn: Drawn,
}

impl Gather for Both {
    fn block(&mut self, organ: &Organ, level: usize, at: [usize; 3], is_resected: bool) {
        self.tally.block(organ, level, at, is_resected);
        self.drawn.block(organ, level, at, is_resected);
    }

    fn brick(&mut self, organ: &Organ, blade: &Blade, brick: usize, sides_mm: &[f64; 64]) {
        self.tally.brick(organ, blade, brick, sides_mm);
        self.drawn.brick(organ, blade, brick, sides_mm);
    }

    fn join(&mut self, other: Self) {
        self.tally.join(other.tally);
        self.drawn.join(other.drawn);
    }
}

/// Bits of what is taken away and destroyed, brick by brick.
#[derive(Default)]
struct Drawn {
    bricks: Vec<(usize, [u64; 2])>,
}

impl Drawn {
    fn of(organ: &Organ, blade: &Blade, progress: &Progress) -> Result<Self, ResectionError> {
        let mut drawn: Self = sweep(organ, blade, half_voxel_mm(organ), progress)?;
        drawn.bricks.sort_unstable_by_key(|(brick, _)| *brick);
        Ok(drawn)
    }
}

impl Gather for Drawn {
    fn block(&mut self, organ: &Organ, level: usize, at: [usize; 3], is_resected: bool) {
        if level == 0 {
            self.bricks.push((organ.brick(at), [if is_resected { u64::MAX } else { 0 }, 0]));
        } else {
            organ.parts(level, at).for_each(|part| self.block(organ, level - 1, part, is_resected));
        }
    }

    fn brick(&mut self, organ: &Organ, blade: &Blade, brick: usize, sides_mm: &[f64; 64]) {
        let [a, b, c] = organ.words(brick);
        self.bricks.push((brick, bits(a | b | c, blade.half_mm(), sides_mm)));
    }

    fn join(&mut self, mut other: Self) {
        self.bricks.append(&mut other.bricks);
    }
}
