//! A scan as a graphics card wants it: half floats, reduced by whole factors where it would be too large.
//!
//! Half floats have 11 bits of mantissa. Values are stored relative to the middle of their range, so that every whole
//! Hounsfield unit from −1024 to 3071 is exact; rarer values beyond (metal) keep three digits.

mod bricks;
mod half;
mod table;

pub use bricks::{Bricks, EDGE, Skips};
pub use half::{f16_bits, f16_value};
pub use table::{TABLE, Table};

use super::{Modality, Scan, Voxels};
use rayon::prelude::*;

/// The middle of the CT scale −1024 … 3071.
const CT_MIDDLE: f64 = 1023.0;
/// Whole numbers up to here are exact in half floats.
const EXACT_MAX: f64 = 2048.0;
/// The largest finite half float.
const HALF_MAX: f32 = 65504.0;
/// Values looked at to find the range of a scan without a known scale.
const SAMPLES: usize = 200_000;

/// How a value is stored: `(value − offset) · scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Encoding {
    /// The value stored as 0.
    pub offset: f64,
    /// Stored units per unit of the scan.
    pub scale: f64,
    /// What stands for values that are no numbers: the lowest common value.
    pub lowest: f64,
}

impl Encoding {
    /// The encoding that suits the values of `scan`.
    pub fn of(scan: &Scan) -> Self {
        if scan.modality == Modality::Ct {
            return Self { offset: CT_MIDDLE, scale: 1.0, lowest: -1024.0 };
        }
        let len = scan.grid().len();
        let mut values: Vec<f64> = (0..len).step_by((len / SAMPLES).max(1)).map(|at| scan.value(at)).collect();
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let Some(last) = values.len().checked_sub(1) else { return Self { offset: 0.0, scale: 1.0, lowest: 0.0 } };
        let cut = values.len() / 1000;
        let (low, high) = (values[cut], values[last - cut]);
        let half = 0.5 * (high - low);
        let is_whole = matches!(scan.voxels, Voxels::I16(_));
        let offset = if is_whole { (0.5 * (low + high)).round() } else { 0.5 * (low + high) };
        let scale = if (is_whole && half <= EXACT_MAX) || half <= 0.0 { 1.0 } else { EXACT_MAX / half };
        Self { offset, scale, lowest: values[0] }
    }

    /// The stored form of `value`.
    #[inline]
    pub fn stored(&self, value: f64) -> f32 {
        let value = if value.is_nan() { self.lowest } else { value };
        (((value - self.offset) * self.scale) as f32).clamp(-HALF_MAX, HALF_MAX)
    }

    /// The value of a stored number.
    pub fn value(&self, stored: f32) -> f64 {
        f64::from(stored) / self.scale + self.offset
    }
}

/// Stored values of a box of voxels, as bits of half floats, column index fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Texels {
    /// Texels along each axis.
    pub dims: [usize; 3],
    /// Voxels of the scan per texel along each axis.
    pub factor: [usize; 3],
    /// Bits of half floats.
    pub bits: Vec<u16>,
}

/// Voxels per texel along each axis so that no side has more than `side_max` texels and all together no more than
/// `texels_max`: the finest axis is reduced first, which brings the texels closer to cubes.
pub fn reduction(dims: [usize; 3], spacing_mm: [f64; 3], side_max: usize, texels_max: usize) -> [usize; 3] {
    let mut factor = dims.map(|n| n.div_ceil(side_max.max(1)).max(1));
    let left = |factor: [usize; 3]| [0, 1, 2].map(|axis| dims[axis].div_ceil(factor[axis]));
    while texels_max.max(1) < left(factor).iter().product() {
        let size_mm = |axis: usize| spacing_mm[axis] * factor[axis] as f64;
        let open = (0..3).filter(|axis| 1 < left(factor)[*axis]);
        let Some(finest) = open.min_by(|a, b| size_mm(*a).total_cmp(&size_mm(*b))) else { break };
        factor[finest] += 1;
    }
    factor
}

impl Texels {
    /// The values of `scan`, the mean of each block of `factor` voxels.
    pub fn of(scan: &Scan, encoding: &Encoding, factor: [usize; 3]) -> Self {
        let dims = scan.grid().dims();
        match &scan.voxels {
            Voxels::I16(volume) => {
                let table: Vec<f32> = (i16::MIN..=i16::MAX).map(|value| encoding.stored(f64::from(value))).collect();
                let stored = |value: i16| table[(i32::from(value) - i32::from(i16::MIN)) as usize];
                Self::reduced(dims, factor, volume.voxels(), stored)
            }
            Voxels::F32(volume) => {
                Self::reduced(dims, factor, volume.voxels(), |value| encoding.stored(f64::from(value)))
            }
        }
    }

    /// The same, coarser: the mean of each block of `factor` texels.
    pub fn coarser(&self, factor: [usize; 3]) -> Self {
        let mut coarse = Self::reduced(self.dims, factor, &self.bits, f16_value);
        coarse.factor = [0, 1, 2].map(|axis| factor[axis] * self.factor[axis]);
        coarse
    }

    fn reduced<T: Copy + Sync>(
        dims: [usize; 3],
        factor: [usize; 3],
        values: &[T],
        stored: impl Fn(T) -> f32 + Sync,
    ) -> Self {
        let size = [0, 1, 2].map(|axis| dims[axis].div_ceil(factor[axis]));
        let mut bits = vec![0_u16; size.iter().product()];
        let row = |j: usize, k: usize| &values[(k * dims[1] + j) * dims[0]..][..dims[0]];
        bits.par_chunks_mut((size[0] * size[1]).max(1)).enumerate().for_each(|(k, plane)| {
            for (j, line) in plane.chunks_mut(size[0].max(1)).enumerate() {
                if factor == [1; 3] {
                    line.iter_mut().zip(row(j, k)).for_each(|(bits, value)| *bits = f16_bits(stored(*value)));
                    continue;
                }
                let span = |n: usize, axis: usize| n * factor[axis]..((n + 1) * factor[axis]).min(dims[axis]);
                let mut sums = vec![0.0_f32; size[0]];
                for (z, y) in span(k, 2).flat_map(|z| span(j, 1).map(move |y| (z, y))) {
                    for (sum, block) in sums.iter_mut().zip(row(y, z).chunks(factor[0])) {
                        *sum += block.iter().map(|value| stored(*value)).sum::<f32>();
                    }
                }
                let rows = span(k, 2).len() * span(j, 1).len();
                for (i, (bits, sum)) in line.iter_mut().zip(sums).enumerate() {
                    *bits = f16_bits(sum / (rows * span(i, 0).len()) as f32);
                }
            }
        });
        Self { dims: size, factor, bits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::Volume;

    fn scan(dims: [usize; 3], modality: Modality, voxels: Vec<f32>) -> Scan {
        let grid = Grid::aligned(dims, Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::F32(Volume::new(grid, voxels).unwrap());
        Scan { voxels, modality, window: None, facts: Vec::new() }
    }

    #[test]
    fn every_hounsfield_unit_of_the_usual_scale_is_exact() {
        let values: Vec<i16> = (-1024..=3071).collect();
        let grid = Grid::aligned([values.len(), 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::I16(Volume::new(grid, values.clone()).unwrap());
        let ct = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
        let encoding = Encoding::of(&ct);
        let texels = Texels::of(&ct, &encoding, [1; 3]);
        for (bits, value) in texels.bits.iter().zip(values) {
            assert_eq!(encoding.value(f16_value(*bits)), f64::from(value));
        }
    }

    #[test]
    fn values_of_any_range_keep_three_digits_and_no_number_becomes_the_lowest() {
        let mut values: Vec<f32> = (0..1000).map(|n| n as f32 * 1e-4).collect();
        values[500] = f32::NAN;
        let mr = scan([10, 10, 10], Modality::Mr, values.clone());
        let encoding = Encoding::of(&mr);
        let texels = Texels::of(&mr, &encoding, [1; 3]);
        for (n, (bits, value)) in texels.bits.iter().zip(values).enumerate() {
            let wanted = if n == 500 { 0.0 } else { f64::from(value) };
            assert!((encoding.value(f16_value(*bits)) - wanted).abs() < 1e-4, "{n}");
        }
    }

    #[test]
    fn a_reduced_volume_holds_means_also_at_the_odd_end() {
        let mr = scan([3, 2, 1], Modality::Ct, vec![0.0, 2.0, 10.0, 4.0, 6.0, 20.0]);
        let encoding = Encoding::of(&mr);
        let texels = Texels::of(&mr, &encoding, [2, 2, 1]);
        assert_eq!(texels.dims, [2, 1, 1]);
        let values: Vec<f64> = texels.bits.iter().map(|bits| encoding.value(f16_value(*bits))).collect();
        assert_eq!(values, [3.0, 15.0]);
    }

    #[test]
    fn the_finest_axes_are_reduced_first_and_limits_hold() {
        assert_eq!(reduction([512, 512, 133], [0.7, 0.7, 2.5], 2048, 1 << 30), [1; 3]);
        assert_eq!(reduction([512, 512, 133], [0.7, 0.7, 2.5], 2048, 512 * 512 * 133 / 4), [2, 2, 1]);
        assert_eq!(reduction([5000, 10, 1], [1.0; 3], 2048, 1 << 30), [3, 1, 1]);
        let few = reduction([4, 4, 4], [1.0; 3], 8, 1);
        assert_eq!(few.map(|factor| 4_usize.div_ceil(factor)), [1; 3]);
    }
}
