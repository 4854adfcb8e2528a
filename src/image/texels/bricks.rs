//! Least and greatest values in bricks of a volume, and how far a ray may leap before it meets something.

use super::{Texels, f16_value};
use rayon::prelude::*;

/// Texels along the edge of a brick.
pub const EDGE: usize = 8;
/// Texels around a brick that count as well: interpolation reaches one of them, coarser stand-ins two.
const APRON: usize = 2;

/// The range of stored values in and around each brick.
#[derive(Debug, Clone, PartialEq)]
pub struct Bricks {
    /// Bricks along each axis.
    pub dims: [usize; 3],
    ranges: Vec<[f32; 2]>,
}

/// For each brick the Chebyshev distance in bricks to the next one that is not empty; 0 for those themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Skips {
    /// Bricks along each axis.
    pub dims: [usize; 3],
    /// Distances, 255 at most.
    pub distances: Vec<u8>,
}

/// Bits of a half float in the order of its values.
#[inline]
fn ordered(bits: u16) -> i16 {
    let signed = bits as i16;
    signed ^ ((signed >> 15) as u16 >> 1) as i16
}

#[inline]
fn joined(a: [i16; 2], b: [i16; 2]) -> [i16; 2] {
    [a[0].min(b[0]), a[1].max(b[1])]
}

const NOTHING: [i16; 2] = [i16::MAX, i16::MIN];

/// The texels along an axis of `len` that belong to brick `n` and its apron.
fn reach(n: usize, len: usize) -> std::ops::Range<usize> {
    (n * EDGE).saturating_sub(APRON)..((n + 1) * EDGE + APRON).min(len)
}

impl Bricks {
    /// The bricks of a volume.
    pub fn of(texels: &Texels) -> Self {
        let [nx, ny, nz] = texels.dims;
        let dims = texels.dims.map(|n| n.div_ceil(EDGE));
        // Along columns, then rows, within each slice; then across slices.
        let planes: Vec<Vec<[i16; 2]>> = (0..nz)
            .into_par_iter()
            .map(|k| {
                let mut rows = vec![NOTHING; dims[0] * ny];
                for (j, out) in rows.chunks_mut(dims[0]).enumerate() {
                    let row = &texels.bits[(k * ny + j) * nx..][..nx];
                    for (n, range) in out.iter_mut().enumerate() {
                        for bits in &row[reach(n, nx)] {
                            let value = ordered(*bits);
                            *range = joined(*range, [value; 2]);
                        }
                    }
                }
                let across =
                    |n: usize, i: usize| reach(n, ny).fold(NOTHING, |all, j| joined(all, rows[j * dims[0] + i]));
                (0..dims[1]).flat_map(|n| (0..dims[0]).map(move |i| (n, i))).map(|(n, i)| across(n, i)).collect()
            })
            .collect();
        let area = dims[0] * dims[1];
        let value = |key: i16| f16_value((key ^ ((key >> 15) as u16 >> 1) as i16) as u16);
        let ranges = (0..dims[2] * area).into_par_iter().map(|at| {
            let (n, place) = (at / area, at % area);
            reach(n, nz).fold(NOTHING, |all, k| joined(all, planes[k][place])).map(value)
        });
        let ranges = ranges.collect();
        Self { dims, ranges }
    }

    /// The least and greatest stored value of the whole volume; nothing for one without voxels.
    pub fn range(&self) -> Option<[f32; 2]> {
        self.ranges.iter().copied().reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
    }

    /// How far rays may leap where only bricks count whose range of values `is_seen`.
    pub fn skips(&self, is_seen: impl Fn([f32; 2]) -> bool + Sync) -> Skips {
        let mut distances: Vec<u8> =
            self.ranges.par_iter().map(|range| if is_seen(*range) { 0 } else { u8::MAX }).collect();
        chebyshev(self.dims, &mut distances);
        Skips { dims: self.dims, distances }
    }
}

/// Turn 0 and 255 into distances: two passes over the half of the 26 neighbours that came before, which is exact for
/// this metric (Rosenfeld & Pfaltz 1968).
fn chebyshev(dims: [usize; 3], distances: &mut [u8]) {
    let [nx, ny, nz] = dims.map(|n| n as isize);
    let before: Vec<[isize; 3]> =
        (-1..=1).flat_map(|dz| (-1..=1).flat_map(move |dy| (-1..=1).map(move |dx| [dx, dy, dz]))).take(13).collect();
    for sign in [1, -1] {
        for step in 0..nx * ny * nz {
            let at = if sign == 1 { step } else { nx * ny * nz - 1 - step };
            let (i, j, k) = (at % nx, at / nx % ny, at / (nx * ny));
            let mut least = distances[at as usize];
            for [dx, dy, dz] in &before {
                let (x, y, z) = (i + sign * dx, j + sign * dy, k + sign * dz);
                if (0..nx).contains(&x) && (0..ny).contains(&y) && (0..nz).contains(&z) {
                    least = least.min(distances[((z * ny + y) * nx + x) as usize].saturating_add(1));
                }
            }
            distances[at as usize] = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::f16_bits;
    use super::*;

    /// A volume of −1000 with single texels set.
    fn dotted(dims: [usize; 3], dots: &[([usize; 3], f32)]) -> Texels {
        let mut bits = vec![f16_bits(-1000.0); dims.iter().product()];
        for ([i, j, k], value) in dots {
            bits[(k * dims[1] + j) * dims[0] + i] = f16_bits(*value);
        }
        Texels { dims, factor: [1; 3], bits }
    }

    #[test]
    fn a_brick_knows_its_own_values_and_those_two_texels_around_it() {
        let bricks = Bricks::of(&dotted([24, 16, 9], &[([9, 3, 4], 50.0), ([20, 12, 8], -1500.0)]));
        assert_eq!(bricks.dims, [3, 2, 2]);
        let range = |i: usize, j: usize, k: usize| bricks.ranges[(k * 2 + j) * 3 + i];
        assert_eq!(range(1, 0, 0), [-1000.0, 50.0]);
        assert_eq!(range(0, 0, 0), [-1000.0, 50.0], "column 9 is the second one beyond the first brick");
        assert_eq!(range(2, 0, 0), [-1000.0, -1000.0]);
        assert_eq!(range(2, 1, 1), [-1500.0, -1000.0]);
        assert_eq!(range(2, 1, 0), [-1500.0, -1000.0], "slice 8 is in the apron of the lower bricks");
        assert_eq!(bricks.range(), Some([-1500.0, 50.0]));
    }

    #[test]
    fn leaps_are_as_long_as_the_chessboard_distance() {
        let dims = [11, 7, 9];
        let seen = [[2, 3, 4], [9, 0, 8]];
        let mut distances = vec![u8::MAX; dims.iter().product()];
        for [i, j, k] in seen {
            distances[(k * dims[1] + j) * dims[0] + i] = 0;
        }
        chebyshev(dims, &mut distances);
        for (at, distance) in distances.iter().enumerate() {
            let place = [at % dims[0], at / dims[0] % dims[1], at / (dims[0] * dims[1])];
            let to = |other: &[usize; 3]| (0..3).map(|axis| place[axis].abs_diff(other[axis])).max().unwrap();
            assert_eq!(usize::from(*distance), seen.iter().map(to).min().unwrap(), "{place:?}");
        }
    }

    #[test]
    fn a_volume_without_anything_to_see_is_left_at_once() {
        let skips = Bricks::of(&dotted([24, 8, 1], &[])).skips(|range| 0.0 < range[1]);
        assert_eq!(skips.distances, [u8::MAX; 3]);
    }
}
