//! A walk over the voxels of an organ that only looks closely where a cut is near.

use super::{Blade, Organ, ResectionError};
use crate::base::Progress;
use crate::geom::Point;
use crate::plan::distance::reach_mm;
use rayon::prelude::*;

/// From this level on blocks are walked through on one thread: 32³ voxels.
const TOGETHER: usize = 3;

/// What is gathered on the way.
pub(super) trait Gather: Default + Send {
    /// A block whose voxels all lie on one side of the cut, out of the instrument's reach.
    fn block(&mut self, organ: &Organ, level: usize, at: [usize; 3], is_resected: bool);
    /// A brick the cut comes near: the sides of its voxels in mm, where any layer has a bit.
    fn brick(&mut self, organ: &Organ, blade: &Blade, brick: usize, sides_mm: &[f64; 64]);
    /// What was gathered in the next block.
    fn join(&mut self, other: Self);
}

/// Walk through `organ` beside `blade`. A block is passed by as a whole if the cut, its width and half a voxel for partial
/// volumes are farther from its middle than its corners: the side changes by no more than the way one goes. Sides farther
/// from the cut than half its width and `beside_mm` may be told for eight voxels together.
pub(super) fn sweep<G: Gather>(
    organ: &Organ,
    blade: &Blade,
    beside_mm: f64,
    progress: &Progress,
) -> Result<G, ResectionError> {
    let mut gathered = G::default();
    let pad_mm = blade.half_mm() + beside_mm + 1e-6;
    let walk = Walk { organ, blade, pad_mm, cell_mm: reach_mm(organ.grid(), 1.0) * blade.steepness(), progress };
    walk.block(organ.depth() - 1, [0; 3], &blade.candidates(), &mut gathered)?;
    Ok(gathered)
}

struct Walk<'a> {
    organ: &'a Organ,
    blade: &'a Blade,
    pad_mm: f64,
    /// From the middle of 2 × 2 × 2 voxels to their centres.
    cell_mm: f64,
    progress: &'a Progress,
}

impl Walk<'_> {
    fn block<G: Gather>(
        &self,
        level: usize,
        at: [usize; 3],
        among: &[u32],
        gathered: &mut G,
    ) -> Result<(), ResectionError> {
        let Self { organ, blade, .. } = *self;
        let (middle, reach_mm) = organ.ball(level, at);
        let mut few = Vec::new();
        let reach_mm = reach_mm * blade.steepness();
        let away_mm = blade.narrowed(&middle, reach_mm, among, &mut few);
        if reach_mm + self.pad_mm < away_mm {
            gathered.block(organ, level, at, 0.0 <= blade.side_among(&middle, &few));
            return Ok(());
        }
        if level == 0 {
            self.brick(organ.brick(at), &few, gathered);
            return Ok(());
        }
        if level <= TOGETHER {
            if level == TOGETHER {
                self.progress.check()?;
            }
            return organ.parts(level, at).try_for_each(|part| self.block(level - 1, part, &few, gathered));
        }
        let parts: Vec<[usize; 3]> = organ.parts(level, at).collect();
        let of_parts = parts.into_par_iter().map(|part| {
            let mut gathered = G::default();
            self.block(level - 1, part, &few, &mut gathered)?;
            Ok(gathered)
        });
        of_parts.collect::<Result<Vec<G>, ResectionError>>()?.into_iter().for_each(|part| gathered.join(part));
        Ok(())
    }

    fn brick<G: Gather>(&self, brick: usize, among: &[u32], gathered: &mut G) {
        let Self { organ, blade, .. } = *self;
        let (first, [di, dj, dk]) = organ.frame(brick);
        let [a, b, c] = organ.words(brick);
        let any = a | b | c;
        let place = |x: f64, y: f64, z: f64| -> Point { first + di * x + dj * y + dk * z };
        let mut sides_mm = [0.0; 64];
        let mut few = Vec::new();
        for part in 0..8 {
            let [x, y, z] = [part & 1, part >> 1 & 1, part >> 2].map(|n| 2 * n);
            let bits = [0, 1, 4, 5, 16, 17, 20, 21].map(|bit| x + 4 * y + 16 * z + bit);
            if bits.iter().all(|bit| any >> bit & 1 == 0) {
                continue;
            }
            // Eight voxels are told together, if they can; else facets are chosen once more for them.
            let mut among = among;
            if 1 < among.len() {
                let middle = place(x as f64 + 0.5, y as f64 + 0.5, z as f64 + 0.5);
                let away_mm = blade.narrowed(&middle, self.cell_mm, among, &mut few);
                if self.cell_mm + self.pad_mm < away_mm {
                    let side_mm = blade.side_among(&middle, &few);
                    bits.into_iter().for_each(|bit| sides_mm[bit] = side_mm);
                    continue;
                }
                among = &few;
            }
            for bit in bits.into_iter().filter(|bit| any >> bit & 1 == 1) {
                let [x, y, z] = [bit & 3, bit >> 2 & 3, bit >> 4].map(|n| n as f64);
                sides_mm[bit] = blade.side_among(&place(x, y, z), among);
            }
        }
        gathered.brick(organ, blade, brick, &sides_mm);
    }
}
