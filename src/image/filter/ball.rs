//! A ball in millimetres as a set of voxel offsets, and growing bits by it.

use super::bits::{Bits, Or, last_word, widen};
use crate::base::{Cancelled, Progress};
use pulp::Arch;
use rayon::prelude::*;

/// Slices grown together; a larger ball takes more, for the slices around them are widened again for every block.
const SLICES: usize = 16;

/// From where to where a distance counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// From the centre of a voxel to the centre of another.
    Centres,
    /// From the centre of a voxel to a point half-way between another and one of its face neighbours.
    HalfWay,
}

/// The offsets of at most a radius.
#[derive(Debug, Clone)]
pub(super) struct Ball {
    /// For every `|dk|` and `|dj|` the largest `|di|`.
    reach_i: Vec<Vec<usize>>,
}

impl Ball {
    /// A radius that is not above 0 gives the offset 0 alone.
    pub(super) fn new(radius_mm: f64, spacing_mm: [f64; 3], measure: Measure) -> Self {
        let limit = radius_mm.max(0.0).powi(2) * (1.0 + 1e-6);
        let within = |offset: [usize; 3]| {
            let along = [0, 1, 2].map(|a| offset[a] as f64 * spacing_mm[a]);
            let squared: f64 = along.iter().map(|x| x * x).sum();
            // (x − h/2)² = x² − (x − h/4) h
            let nearer = |a: usize| if 0 < offset[a] { (along[a] - 0.25 * spacing_mm[a]) * spacing_mm[a] } else { 0.0 };
            let nearest = [0, 1, 2].map(nearer).into_iter().fold(0.0, f64::max);
            match measure {
                Measure::Centres => squared <= limit,
                Measure::HalfWay => squared - nearest <= limit,
            }
        };
        let count = |f: &dyn Fn(usize) -> bool| (1..).take_while(|n| f(*n)).count();
        let rows = |k: usize| {
            let nj = count(&|j| within([0, j, k]));
            (0..=nj).map(|j| count(&|i| within([i, j, k]))).collect()
        };
        Self { reach_i: (0..=count(&|k| within([0, 0, k]))).map(rows).collect() }
    }

    /// The largest offset along each axis.
    pub(super) fn reach(&self) -> [usize; 3] {
        [self.reach_i[0][0], self.reach_i[0].len() - 1, self.reach_i.len() - 1]
    }

    /// All voxels that an offset leads to from a voxel of `bits`.
    ///
    /// Every row is widened voxel by voxel, the widened rows joined to discs, and the discs put on the slices around.
    pub(super) fn dilated(&self, bits: &Bits, progress: &Progress) -> Result<Bits, Cancelled> {
        let [wide, _, deep] = self.reach();
        let [ni, nj, nk] = bits.dims();
        let len = bits.width() * nj;
        let slices = SLICES.max(2 * deep);
        let arch = Arch::new();
        let mut grown = Bits::empty(bits.dims());
        let scratch = || (vec![vec![0; len]; wide + 1], vec![0; len]);
        grown.par_slices_mut(slices).enumerate().try_for_each_init(scratch, |(widened, disc), (block, out)| {
            let first = block * slices;
            let end = first + out.len() / len;
            for source in first.saturating_sub(deep)..(end + deep).min(nk) {
                progress.check()?;
                if bits.slice(source).iter().all(|word| *word == 0) {
                    continue;
                }
                widened[0].copy_from_slice(bits.slice(source));
                for n in 1..=wide {
                    let (done, next) = widened.split_at_mut(n);
                    widen(&done[n - 1], &mut next[0], bits.width(), last_word(ni));
                }
                for (dk, rows) in self.reach_i.iter().enumerate() {
                    let targets = [source.checked_sub(dk), Some(source + dk).filter(|_| dk != 0)];
                    let mut targets = targets.into_iter().flatten().filter(|k| (first..end).contains(k)).peekable();
                    if targets.peek().is_none() {
                        continue;
                    }
                    disc.copy_from_slice(&widened[rows[0]]);
                    for (dj, di) in rows.iter().enumerate().skip(1).take(nj - 1) {
                        let shift = dj * bits.width();
                        arch.dispatch(Or { out: &mut disc[shift..], other: &widened[*di][..len - shift] });
                        arch.dispatch(Or { out: &mut disc[..len - shift], other: &widened[*di][shift..] });
                    }
                    for k in targets {
                        arch.dispatch(Or { out: &mut out[(k - first) * len..][..len], other: disc });
                    }
                }
            }
            Ok(())
        })?;
        progress.set(1.0)?;
        Ok(grown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ball_reaches_whole_voxels_from_centre_to_centre_and_rounds_from_the_surface() {
        let reach = |mm, measure| Ball::new(mm, [0.7, 0.7, 5.0], measure).reach();
        assert_eq!(reach(3.0, Measure::Centres), [4, 4, 0]);
        assert_eq!(reach(3.0, Measure::HalfWay), [4, 4, 1]);
        assert_eq!(reach(0.0, Measure::HalfWay), [0, 0, 0]);
        assert_eq!(reach(-1.0, Measure::Centres), [0, 0, 0]);
        assert_eq!(reach(5.0, Measure::Centres), [7, 7, 1]);
    }
}
