//! The preset a scan begins with, so that the first picture is a good one without a question.

use super::{Histogram, Preset, preset};
use crate::image::{Modality, Scan};

/// Places at which the scan is looked at.
const PLACES: usize = 60_000;
/// Blood with contrast, HU: above unenhanced blood (30 to 60) and most spongy bone, below compact bone.
const BLOOD_HU: [f64; 2] = [160.0, 600.0];
/// A place counts as blood if everything this far from it is blood too, mm: trabeculae and partial volume at the rim of
/// compact bone are not that even.
const AROUND_MM: f64 = 4.0;
/// Values around a place differ by no more than this, HU.
const EVEN_HU: f64 = 70.0;
/// Tissue rather than air, HU.
const TISSUE_HU: f64 = -200.0;
/// Part of the tissue that is even and bright in a scan with contrast.
const ENHANCED: f64 = 0.004;

/// The preset `scan` begins with.
pub fn suited(scan: &Scan) -> &'static Preset {
    let id = match scan.modality {
        Modality::Ct if is_enhanced(scan) => "ct-aorta",
        Modality::Ct => "ct-bone",
        Modality::Mr | Modality::Other => "mr-default",
    };
    preset(id).expect("the list has these three")
}

/// Whether a CT shows vessels with contrast, by what is in it: its header may not say, and may say so of a scan that was
/// made too early.
pub fn is_enhanced(scan: &Scan) -> bool {
    let (grid, step_mm) = (scan.grid(), scan.grid().spacing_mm());
    let dims = grid.dims();
    let reach = [0, 1, 2].map(|axis| (AROUND_MM / step_mm[axis]).round().max(1.0) as usize);
    let stride = grid.len().div_ceil(PLACES).max(1) | 1;
    let (mut tissue, mut blood) = (0_usize, 0_usize);
    for offset in (0..grid.len()).step_by(stride) {
        let value = scan.value(offset);
        tissue += usize::from(TISSUE_HU < value);
        if !(BLOOD_HU[0]..=BLOOD_HU[1]).contains(&value) {
            continue;
        }
        let place = grid.voxel(offset);
        let is_even = (0..3).all(|axis| {
            [false, true].into_iter().all(|up| {
                let mut there = place;
                let moved = if up { place[axis] + reach[axis] } else { place[axis].wrapping_sub(reach[axis]) };
                there[axis] = moved;
                moved < dims[axis] && (scan.value(grid.offset(there)) - value).abs() <= EVEN_HU
            })
        });
        blood += usize::from(is_even);
    }
    ENHANCED * (tissue.max(1) as f64) < blood as f64
}

impl Preset {
    /// Its transfer function for the scan with this histogram.
    pub fn for_scan(&self, histogram: &Histogram) -> super::TransferFunction {
        self.transfer(histogram.foreground)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Volume, Voxels};

    /// A body of 40 HU in air with a cylinder along z of what `inside` says at each place.
    fn body(modality: Modality, inside: impl Fn(usize) -> i16) -> Scan {
        let grid = Grid::aligned([80, 80, 60], Point::origin(), [1.5, 1.5, 2.0]).unwrap();
        let value = |offset: usize| {
            let [i, j, _] = grid.voxel(offset).map(|n| n as f64 - 40.0);
            match i.hypot(j) {
                ..8.0 => inside(offset),
                ..38.0 => 40,
                _ => -1000,
            }
        };
        let voxels = (0..grid.len()).map(value).collect();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        Scan { voxels, modality, window: None, facts: Vec::new() }
    }

    /// Noise that repeats nowhere near: ±`spread` HU.
    fn noise(offset: usize, spread: i64) -> i16 {
        let mixed = (offset as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        (mixed as i64 % (2 * spread + 1) - spread) as i16
    }

    #[test]
    fn vessels_with_contrast_are_found_by_what_they_look_like() {
        let vessel = body(Modality::Ct, |offset| 320 + noise(offset, 25));
        assert!(is_enhanced(&vessel));
        assert_eq!(suited(&vessel).id, "ct-aorta");
        // Spongy bone is as bright, but not as even; compact bone is brighter; blood without contrast is not bright.
        for (what, scan) in [
            ("spongy bone", body(Modality::Ct, |offset| 250 + noise(offset, 160))),
            ("compact bone", body(Modality::Ct, |offset| 1100 + noise(offset, 25))),
            ("blood", body(Modality::Ct, |offset| 45 + noise(offset, 25))),
        ] {
            assert!(!is_enhanced(&scan), "{what}");
            assert_eq!(suited(&scan).id, "ct-bone", "{what}");
        }
    }

    #[test]
    fn what_is_no_ct_begins_with_a_preset_fitted_to_it() {
        let scan = body(Modality::Mr, |_| 320);
        assert_eq!(suited(&scan).id, "mr-default");
        let histogram = Histogram::of(&scan);
        let [low, high] = suited(&scan).for_scan(&histogram).span().unwrap();
        let [first, last] = histogram.range;
        assert!(first <= low && low < high && high <= last, "{low} {high}");
    }
}
