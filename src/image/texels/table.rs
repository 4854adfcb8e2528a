//! A transfer function as a table over stored values, and which bricks have anything to see by it.

use super::{Encoding, f16_bits};
use crate::image::transfer::TransferFunction;

/// Entries of a table; `TABLE` in `shaders/view/volume.wgsl`.
pub const TABLE: usize = 2048;
/// An opacity of 1 per millimetre would have an infinite logarithm.
const OPACITY_MAX: f32 = 0.9999;
/// Less opacity per millimetre than this is never seen.
const OPACITY_MIN: f32 = 1e-4;

/// Colours and extinctions at equal steps of the stored value, constant beyond the ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Stored values of the first and the last entry.
    ends: [f32; 2],
    /// Linear RGB and `log₂(1 − opacity of a millimetre)`: what passes a way of s mm is `2^(s·w)`.
    entries: Vec<[f32; 4]>,
    /// How many entries before each one can be seen.
    seen: Vec<u32>,
}

impl Table {
    /// The table of `transfer` for values between `range`, which is given in stored values.
    pub fn of(transfer: &TransferFunction, encoding: &Encoding, range: [f32; 2]) -> Self {
        let places = transfer.opacity.iter().map(|point| point.0).chain(transfer.colours.iter().map(|point| point.0));
        let stored = places.filter(|value| value.is_finite()).map(|value| encoding.stored(value));
        let (low, high) = stored.fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let low = low.clamp(range[0], range[1]);
        // At least so wide that a step of the function keeps its place.
        let high = high.clamp(low, range[1]).max(low + 1.0);
        let entries: Vec<[f32; 4]> = (0..TABLE)
            .map(|n| {
                let value = encoding.value(low + (high - low) * n as f32 / (TABLE - 1) as f32);
                let [r, g, b] = transfer.colour_at(value).map(linear);
                let opacity = transfer.opacity_at(value).clamp(0.0, OPACITY_MAX);
                [r, g, b, (1.0 - opacity).log2()]
            })
            .collect();
        let mut seen = vec![0];
        for [.., extinction] in &entries {
            let counts = u32::from(*extinction < (1.0 - OPACITY_MIN).log2());
            seen.push(seen[seen.len() - 1] + counts);
        }
        Self { ends: [low, high], entries, seen }
    }

    /// The number of entries.
    pub fn entries() -> f32 {
        TABLE as f32
    }

    /// Factor and summand that turn a stored value into an entry's number.
    pub fn place(&self) -> [f32; 2] {
        let factor = (TABLE - 1) as f32 / (self.ends[1] - self.ends[0]);
        [factor, -self.ends[0] * factor]
    }

    fn entry(&self, stored: f32) -> f32 {
        let [factor, summand] = self.place();
        (stored * factor + summand).clamp(0.0, (TABLE - 1) as f32)
    }

    /// `log₂` of what passes a millimetre of tissue of this stored value.
    pub fn extinction(&self, stored: f32) -> f32 {
        self.entries[self.entry(stored).round() as usize][3]
    }

    /// Whether any value of the range can be seen. Constant time.
    pub fn is_seen(&self, range: [f32; 2]) -> bool {
        let (first, last) = (self.entry(range[0]).floor() as usize, self.entry(range[1]).ceil() as usize);
        first <= last && self.seen[first] < self.seen[last + 1]
    }

    /// The entries as half floats, four to an entry.
    pub fn halves(&self) -> Vec<u16> {
        self.entries.as_flattened().iter().map(|value| f16_bits(*value)).collect()
    }
}

/// An sRGB channel in linear light (IEC 61966-2-1).
fn linear(channel: f32) -> f32 {
    if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CT: Encoding = Encoding { offset: 1023.0, scale: 1.0, lowest: -1024.0 };

    fn band() -> TransferFunction {
        let opacity = vec![(-600.0, 0.0), (-550.0, 0.15), (-450.0, 0.15), (-400.0, 0.0)];
        let colours = vec![(-600.0, [255, 0, 0]), (-400.0, [0, 0, 255])];
        TransferFunction { opacity, colours, shading: None }
    }

    #[test]
    fn a_band_is_seen_only_where_values_reach_it() {
        let table = Table::of(&band(), &CT, [-2047.0, 2048.0]);
        let seen = |low: f64, high: f64| table.is_seen([CT.stored(low), CT.stored(high)]);
        assert!(!seen(-1024.0, -610.0) && !seen(-390.0, 3000.0));
        assert!(seen(-1024.0, 3000.0) && seen(-500.0, -499.0) && seen(-1024.0, -590.0));
    }

    #[test]
    fn opacity_above_the_last_point_reaches_to_the_brightest_voxel() {
        let mut bone = band();
        bone.opacity = vec![(-16.0, 0.0), (641.0, 0.7)];
        let table = Table::of(&bone, &CT, [-2047.0, 2048.0]);
        assert!(table.is_seen([CT.stored(3000.0); 2]) && !table.is_seen([CT.stored(-600.0); 2]));
        let passed = table.extinction(CT.stored(3000.0)).exp2();
        assert!((passed - 0.3).abs() < 1e-3, "{passed}");
    }

    #[test]
    fn a_function_without_points_shows_nothing_and_an_opaque_one_stays_finite() {
        let empty = TransferFunction { opacity: Vec::new(), colours: Vec::new(), shading: None };
        assert!(!Table::of(&empty, &CT, [-2047.0, 2048.0]).is_seen([-2047.0, 2048.0]));
        let full = TransferFunction { opacity: vec![(0.0, 1.0)], ..empty };
        let table = Table::of(&full, &CT, [-2047.0, 2048.0]);
        assert!(table.extinction(0.0).is_finite() && table.is_seen([5.0, 5.0]));
    }
}
