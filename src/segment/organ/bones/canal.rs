//! The spinal canal, followed through all slices as the landmark of the spine.

use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::image::Volume;
use rayon::prelude::*;

/// Places are looked at this far from one another.
const PITCH_MM: f64 = 3.0;
/// From its middle the canal sees bone within this: half of the widest canal, and some bone that is missing.
const SIGHT_MM: f64 = 22.0;
/// Bone nearer than this to a place leaves no room for a cord or the nerves below it.
const ROOM_MM: f64 = 2.5;
/// Directions in which bone is looked for.
const RAYS: usize = 16;
/// The canal sees bone on its right and on its left at distances that differ by no more than this.
const ALIKE_MM: f64 = 7.0;
/// The spine leaves its usual place by this, and if it is bent by more, which costs for every mm.
const BENT_MM: f64 = 25.0;
const BENT_COST: f64 = 0.02;
/// A place that bone surrounds on this share of all sides is as likely a canal as not.
const LIKELY_SHARE: f64 = 0.45;
/// What a step of 1 mm to the side and to front or back costs, beside the 1 that 1 mm of fully enclosed canal gains: the
/// spine bends far more to front and back.
const STEP_COST: [f64; 2] = [0.3, 0.1];
/// The canal leans at most this much: the sacrum of a strongly bent spine.
const LEAN_MAX: f64 = 1.2;
/// Over this length an open arch between two vertebrae is made up for by the closed ones above and below.
const EVEN_MM: f64 = 24.0;
/// Shorter canals may be anything round.
const LENGTH_MM_MIN: f64 = 20.0;

/// The middle of the spinal canal in every slice of the coarse grid, as far as it could be followed.
pub(super) struct Canal {
    /// From the first slice to the last.
    pub middle: Vec<Option<Point>>,
    /// How much of the canal bone surrounds, on average, 0 to 1.
    pub enclosed: f64,
    /// First and last slice with a canal.
    range: Option<[usize; 2]>,
}

impl Canal {
    /// The smooth path that is best enclosed by bone (dynamic programming over the slices, as for a live wire).
    ///
    /// `usual(k)` is where in a slice the spine is expected: at that x, and not in front of that y. Without it the slice
    /// has no canal.
    pub(super) fn of(
        bone: &Volume<u8>,
        usual: impl Fn(usize) -> Option<[f64; 2]> + Sync,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let lattice = Lattice::of(bone);
        let shares: Vec<Vec<f32>> = (0..bone.grid().dims()[2])
            .into_par_iter()
            .map(|k| {
                progress.check()?;
                let Some([usual_x_mm, front_mm]) = usual(k) else { return Ok(vec![0.0; lattice.len()]) };
                let mut shares = lattice.shares(bone, k);
                for (place, share) in shares.iter_mut().enumerate() {
                    let at = bone.grid().centre(lattice.voxel(place, k));
                    let bent_mm = ((at.x - usual_x_mm).abs() - BENT_MM).max(0.0) + (front_mm - at.y).max(0.0);
                    *share -= (BENT_COST * bent_mm) as f32;
                }
                Ok(shares)
            })
            .collect::<Result<_, Cancelled>>()?;
        let path = lattice.path(&shares, bone.grid().spacing_mm()[2]);
        let step_mm = bone.grid().spacing_mm()[2];
        let reach = (0.5 * EVEN_MM / step_mm).round() as usize;
        let share = |k: usize| f64::from(shares[k][path[k]]);
        let even: Vec<f64> = (0..path.len())
            .map(|k| {
                let near = k.saturating_sub(reach)..(k + reach + 1).min(path.len());
                near.clone().map(share).sum::<f64>() / near.len() as f64
            })
            .collect();
        let longest = longest_run(&even.iter().map(|share| LIKELY_SHARE <= *share).collect::<Vec<_>>());
        let long = LENGTH_MM_MIN <= longest.len() as f64 * step_mm;
        let enclosed = longest.clone().map(share).sum::<f64>() / longest.len().max(1) as f64;
        let grid = bone.grid();
        let middle: Vec<Option<Point>> = (0..path.len())
            .map(|k| (long && longest.contains(&k)).then(|| grid.centre(lattice.voxel(path[k], k))))
            .collect();
        let range = long.then(|| [longest.start, longest.end - 1]);
        Ok(Self { middle, enclosed, range })
    }

    /// Whether it was found at all.
    pub(super) fn is_found(&self) -> bool {
        self.range.is_some()
    }

    /// The middle in a slice, or in the nearest one that has one.
    pub(super) fn near(&self, k: usize) -> Option<Point> {
        let [first, last] = self.range?;
        self.middle[k.clamp(first, last)]
    }
}

/// The longest run of slices that are good.
fn longest_run(good: &[bool]) -> std::ops::Range<usize> {
    let (mut best, mut first) = (0..0, 0);
    for (k, good) in good.iter().enumerate() {
        if !good {
            first = k + 1;
        } else if best.len() < k + 1 - first {
            best = first..k + 1;
        }
    }
    best
}

/// Places in a slice, every `every` voxels.
struct Lattice {
    every: [usize; 2],
    dims: [usize; 2],
    rays: Vec<Vec<[isize; 2]>>,
}

impl Lattice {
    fn of(bone: &Volume<u8>) -> Self {
        let [ni, nj, _] = bone.grid().dims();
        let [hi, hj, _] = bone.grid().spacing_mm();
        let every = [hi, hj].map(|h| ((PITCH_MM / h).round() as usize).max(1));
        let dims = [ni.div_ceil(every[0]), nj.div_ceil(every[1])];
        let ray = |n: usize| {
            let (sin, cos) = (std::f64::consts::TAU * n as f64 / RAYS as f64).sin_cos();
            let step_mm = hi.min(hj);
            let at = |m: usize| [cos / hi, sin / hj].map(|x| (x * m as f64 * step_mm).round() as isize);
            (1..=(SIGHT_MM / step_mm) as usize).map(at).collect()
        };
        Self { every, dims, rays: (0..RAYS).map(ray).collect() }
    }

    fn len(&self) -> usize {
        self.dims[0] * self.dims[1]
    }

    fn voxel(&self, place: usize, k: usize) -> [usize; 3] {
        [place % self.dims[0] * self.every[0], place / self.dims[0] * self.every[1], k]
    }

    /// The share of the sides on which each place sees bone, and on the mirrored side too; 0 in bone and close to it.
    fn shares(&self, bone: &Volume<u8>, k: usize) -> Vec<f32> {
        let [ni, nj, _] = bone.grid().dims();
        let [hi, hj, _] = bone.grid().spacing_mm();
        let slice = &bone.voxels()[k * ni * nj..(k + 1) * ni * nj];
        let room = (ROOM_MM / hi.min(hj)).round() as usize;
        let alike = (ALIKE_MM / hi.min(hj)).round() as usize;
        let share = |place: usize| {
            let [i, j, _] = self.voxel(place, k);
            if slice[j * ni + i] != 0 {
                return 0.0;
            }
            let is_bone = |[di, dj]: &[isize; 2]| {
                let at = i.checked_add_signed(*di).zip(j.checked_add_signed(*dj));
                at.is_some_and(|(i, j)| i < ni && j < nj && slice[j * ni + i] != 0)
            };
            let first: Vec<Option<usize>> = self.rays.iter().map(|ray| ray.iter().position(is_bone)).collect();
            if first.iter().flatten().any(|at| *at + 1 < room) {
                return 0.0;
            }
            let both = |n: usize| match (first[n], first[(RAYS + RAYS / 2 - n) % RAYS]) {
                (Some(a), Some(b)) => a.abs_diff(b) <= alike,
                _ => false,
            };
            (0..RAYS).filter(|n| both(*n)).count() as f32 / RAYS as f32
        };
        (0..self.len()).map(share).collect()
    }

    /// One place in each slice: the most enclosed ones, with few steps aside.
    fn path(&self, shares: &[Vec<f32>], slice_mm: f64) -> Vec<usize> {
        let [na, nb] = self.dims;
        let reach = (LEAN_MAX * slice_mm / PITCH_MM).ceil() as isize;
        let steps: Vec<(isize, isize, f32)> = (-reach..=reach)
            .flat_map(|db| (-reach..=reach).map(move |da| (da, db)))
            .map(|(da, db)| {
                let [aside, along] = [da, db].map(|step| PITCH_MM * step.abs() as f64);
                (da, db, (STEP_COST[0] * aside + STEP_COST[1] * along) as f32)
            })
            .collect();
        let gain = |share: f32| (slice_mm * (f64::from(share) - LIKELY_SHARE)) as f32;
        let mut best: Vec<f32> = shares.first().into_iter().flatten().map(|share| gain(*share)).collect();
        let mut from: Vec<Vec<u32>> = Vec::new();
        for shares in shares.iter().skip(1) {
            let last = &best;
            let step = |place: usize| {
                let (a, b) = (place % na, place / na);
                let before = steps.iter().filter_map(|(da, db, cost)| {
                    let (a, b) = (a.checked_add_signed(*da)?, b.checked_add_signed(*db)?);
                    (a < na && b < nb).then(|| (last[b * na + a] - cost, (b * na + a) as u32))
                });
                let (value, before) = before.fold((f32::NEG_INFINITY, 0), |m, x| if m.0 < x.0 { x } else { m });
                (value + gain(shares[place]), before)
            };
            let (next, came): (Vec<f32>, Vec<u32>) = (0..na * nb).into_par_iter().map(step).unzip();
            from.push(came);
            best = next;
        }
        let mut place = (0..best.len()).fold(0, |m, place| if best[m] < best[place] { place } else { m });
        let mut path = vec![place];
        for came in from.iter().rev() {
            place = came[place] as usize;
            path.push(place);
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;

    /// A leaning ring of bone whose back is open in every third slice, and a whole ring far aside.
    fn rings() -> Volume<u8> {
        let grid = Grid::aligned([80, 50, 40], Point::new(-80.0, -50.0, 0.0), [2.0, 2.0, 3.0]).unwrap();
        let is_bone = |at: usize| {
            let voxel = grid.voxel(at);
            let p = grid.centre(voxel);
            let (x, y) = (p.x - 5.0, p.y - 0.3 * (p.z - 60.0));
            let open = voxel[2].is_multiple_of(3) && 0.0 < y;
            let aside = (p.x + 65.0).hypot(p.y);
            ((9.0..16.0).contains(&x.hypot(y)) && !open) || (9.0..16.0).contains(&aside)
        };
        let voxels = (0..grid.len()).map(|at| u8::from(is_bone(at))).collect();
        Volume::new(grid, voxels).unwrap()
    }

    #[test]
    fn the_canal_is_followed_past_open_arches_and_not_into_a_ring_aside() {
        let canal = Canal::of(&rings(), |_| Some([0.0, -50.0]), &Progress::default()).unwrap();
        for (k, place) in canal.middle.iter().enumerate() {
            let place = place.unwrap();
            let y = 0.3 * (3.0 * k as f64 - 60.0);
            assert!((place.x - 5.0).hypot(place.y - y) < 9.0, "slice {k}: {place}");
        }
    }

    #[test]
    fn the_longest_run_of_good_slices_counts() {
        assert_eq!(longest_run(&[true, false, true, true, false]), 2..4);
        assert_eq!(longest_run(&[false, false]), 0..0);
    }
}
