//! Where the edge of an organ lies: halfway between what is outside and what is inside, or nearer to the top of a wall
//! that is thin.

use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// Soft tissue around bone.
const OUTSIDE_HU: f64 = 50.0;
/// The inside is the brightest voxel of the mask within this, in every direction.
const REACH_MM: f64 = 1.8;
/// No voxel over this is taken off, however bright the bone beside it: dense bone lies beside weak bone too.
const SURE_HU: f64 = 300.0;

/// `mask` without the voxels of its surface that are darker than the middle between soft tissue and the brightest voxel
/// nearby: the blur of a scanner makes bright things look larger at a low threshold (half maximum height; Spoor,
/// Zonneveld & Macho 1993).
///
/// Does nothing on voxels wider than [`REACH_MM`]: they hold bone and soft tissue both, and half of a bone is bone.
pub(super) fn at_half_height(mask: &Volume<u8>, values: &Volume<i16>) -> Volume<u8> {
    let dims = mask.grid().dims();
    let reach = mask.grid().spacing_mm().map(|h| (REACH_MM / h) as usize);
    let mut voxels = mask.voxels().to_vec();
    if reach[0] == 0 || reach[1] == 0 {
        return mask.clone();
    }
    let [ni, nj, nk] = dims;
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        let bone = &mask.voxels()[row * ni..(row + 1) * ni];
        for (i, out) in out.iter_mut().enumerate().filter(|(i, _)| bone[*i] != 0) {
            let at = row * ni + i;
            let outside = |inside: bool, there: usize| inside && mask.voxels()[there] == 0;
            let on_surface = outside(0 < i, at.wrapping_sub(1))
                || outside(i + 1 < ni, at + 1)
                || outside(0 < j, at.wrapping_sub(ni))
                || outside(j + 1 < nj, at + ni)
                || outside(0 < k, at.wrapping_sub(ni * nj))
                || outside(k + 1 < nk, at + ni * nj);
            let value = f64::from(values.voxels()[at]);
            if !on_surface || SURE_HU <= value {
                continue;
            }
            let range = |x: usize, axis: usize| x.saturating_sub(reach[axis])..(x + reach[axis] + 1).min(dims[axis]);
            let mut brightest = f64::NEG_INFINITY;
            for (j, k) in range(k, 2).flat_map(|k| range(j, 1).map(move |j| (j, k))) {
                for there in range(i, 0).map(|i| (k * nj + j) * ni + i).filter(|there| mask.voxels()[*there] != 0) {
                    brightest = brightest.max(f64::from(values.voxels()[there]));
                }
            }
            *out = u8::from((0.5 * (OUTSIDE_HU + brightest)).min(SURE_HU) <= value);
        }
    });
    Volume::new(Arc::clone(mask.grid()), voxels).expect("one value per voxel")
}

/// The wall of a bronchus is the brightest voxel within this outside of the lumen, and within two voxels.
const WALL_REACH_MM: f64 = 1.6;
/// What lies behind a wall may be brighter than any wall: blood with contrast, bone.
const WALL_HU_MAX: f64 = 40.0;
/// A wall stands out of the lumen by this much at least; less is noise, or lung.
const WALL_RISE_HU: f64 = 200.0;

/// Where the edge of a blurred wall lies: the share of its height, for the share of the full height that is left.
///
/// A wall of thickness w and height 1 between air on both sides, blurred by a Gaussian of standard deviation σ, is
/// f = erf(x) high in its middle, x = w / (√8 σ), and erf(2 x) / 2 at its edges. The edge of a thick wall lies at half of
/// its height, that of a thin one near its top: half maximum makes lumens with thin walls too small (as found by Reinhardt
/// and others 1997, IEEE TMI 16:820).
struct ThinWall([f64; 33]);

impl ThinWall {
    fn new() -> Self {
        let share = |n: usize| {
            // The x at which erf(x) = f, by bisection.
            let f = n as f64 / 32.0;
            let (mut low, mut high) = (0.0, 4.0);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                *if erf(middle) < f { &mut low } else { &mut high } = middle;
            }
            if n == 0 { 1.0 } else { 0.5 * erf(2.0 * low) / f }
        };
        Self(std::array::from_fn(share))
    }

    fn at(&self, f: f64) -> f64 {
        self.0[(f.clamp(0.0, 1.0) * 32.0).round() as usize]
    }
}

/// The error function for x ≥ 0, to 2e-7 (Abramowitz & Stegun 1964, 7.1.26).
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let sum = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    1.0 - sum.iter().fold(0.0, |sum, a| (sum + a) * t) * (-x * x).exp()
}

/// `mask` of air with the voxels beside it that are darker than the edge of the wall beyond: growth under a threshold low
/// enough not to leak stops short of it.
pub(super) fn to_wall(mask: &Volume<u8>, values: &Volume<i16>, air_hu: f64) -> Volume<u8> {
    let dims = mask.grid().dims();
    let reach = mask.grid().spacing_mm().map(|h| ((WALL_REACH_MM / h) as usize).clamp(1, 2));
    let [ni, nj, nk] = dims;
    let edge = ThinWall::new();
    let inside = mask.voxels();
    let mut voxels = inside.to_vec();
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        for (i, out) in out.iter_mut().enumerate().filter(|(_, out)| **out == 0) {
            let at = row * ni + i;
            // Over the crest of a wall values fall again: there lies lung, however dark.
            let value = f64::from(values.voxels()[at]);
            let rises = |low: bool, high: bool, step: usize| {
                let (before, after) = (at.wrapping_sub(step), at + step);
                let higher = |there: usize| value < f64::from(values.voxels()[there]);
                (low && inside[before] != 0 && high && higher(after))
                    || (high && inside[after] != 0 && low && higher(before))
            };
            let slope =
                rises(0 < i, i + 1 < ni, 1) || rises(0 < j, j + 1 < nj, ni) || rises(0 < k, k + 1 < nk, ni * nj);
            if !slope {
                continue;
            }
            let range = |x: usize, axis: usize| x.saturating_sub(reach[axis])..(x + reach[axis] + 1).min(dims[axis]);
            let mut wall_hu = f64::NEG_INFINITY;
            for (j, k) in range(k, 2).flat_map(|k| range(j, 1).map(move |j| (j, k))) {
                for there in range(i, 0).map(|i| (k * nj + j) * ni + i).filter(|there| inside[*there] == 0) {
                    wall_hu = wall_hu.max(f64::from(values.voxels()[there]));
                }
            }
            let wall_hu = wall_hu.min(WALL_HU_MAX);
            let edge_hu = air_hu + edge.at((wall_hu - air_hu) / (WALL_HU_MAX - air_hu)) * (wall_hu - air_hu);
            *out = u8::from(air_hu + WALL_RISE_HU <= wall_hu && value < edge_hu);
        }
    });
    Volume::new(Arc::clone(mask.grid()), voxels).expect("one value per voxel")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    fn line(values: &[i16], low_hu: i16, spacing_mm: f64) -> Vec<u8> {
        let grid = Grid::aligned([values.len(), 1, 1], Point::origin(), [spacing_mm, 1.0, 1.0]).unwrap();
        let values = Volume::new(grid.clone(), values.to_vec()).unwrap();
        let mask = Volume::new(grid, values.voxels().iter().map(|v| u8::from(low_hu <= *v)).collect()).unwrap();
        at_half_height(&mask, &values).voxels().to_vec()
    }

    #[test]
    fn the_edge_of_a_blurred_bone_lies_at_half_its_height() {
        let blurred = [50, 90, 210, 310, 480, 500, 480, 310, 210, 90, 50];
        assert_eq!(line(&blurred, 200, 0.8), [0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]);
    }

    #[test]
    fn air_reaches_to_its_wall_and_not_into_the_lung() {
        let half = |values: &[i16]| {
            let grid = Grid::aligned([values.len(), 1, 1], Point::origin(), [0.8; 3]).unwrap();
            let values = Volume::new(grid.clone(), values.to_vec()).unwrap();
            let mask = Volume::new(grid, values.voxels().iter().map(|v| u8::from(*v < -900)).collect()).unwrap();
            to_wall(&mask, &values, -990.0).voxels().to_vec()
        };
        assert_eq!(half(&[-990, -980, -700, -200, 30, 40, 300]), [1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(half(&[-990, -980, -720, -600, -850, -850]), [1, 1, 1, 0, 0, 0], "a thin wall stays a wall");
        assert_eq!(half(&[-990, -980, -860, -850, -840, -850]), [1, 1, 0, 0, 0, 0], "lung is no lumen");
    }

    #[test]
    fn thin_and_weak_bone_stays_and_so_does_bone_between_wide_voxels() {
        assert_eq!(line(&[50, 140, 230, 140, 50], 200, 0.8), [0, 0, 1, 0, 0]);
        assert_eq!(line(&[50, 205, 900, 320, 50], 200, 0.8), [0, 0, 1, 1, 0]);
        assert_eq!(line(&[50, 205, 900, 320, 50], 200, 3.0), [0, 1, 1, 1, 0]);
    }
}
