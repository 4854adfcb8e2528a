//! How the user wants a field shown: map, range, isolines. Belongs to the window, one for each name of a field.

use super::numbers;
use crate::image::Colormap;
use serde::{Deserialize, Serialize};

/// What lies below a range the user narrowed, sRGB: brighter and bluer than any map.
pub const BELOW: [u8; 3] = [64, 224, 255];
/// What lies above it.
pub const ABOVE: [u8; 3] = [255, 64, 200];
/// The maps to choose from; on a lit surface grey would be taken for shade.
pub const MAPS: [Colormap; 5] =
    [Colormap::Viridis, Colormap::Inferno, Colormap::Magma, Colormap::Cividis, Colormap::Diverging];

/// How the vectors of results are shown: flow, displacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VectorLook {
    /// Whether there are arrows.
    pub arrows: bool,
    /// How many, at most.
    pub count: usize,
    /// Whether there are streamlines.
    pub lines: bool,
}

impl VectorLook {
    /// The fewest and the most arrows: fewer show nothing, more are a fur.
    pub const COUNTS: [usize; 2] = [200, 5000];
}

impl Default for VectorLook {
    fn default() -> Self {
        Self { arrows: false, count: 2000, lines: true }
    }
}

/// What the user changed; nothing at first.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldLook {
    /// Another map than the field's own.
    pub map: Option<Colormap>,
    /// Another value at the lower and at the upper end.
    pub ends: [Option<f64>; 2],
    /// Whether lines are drawn at the ticks of the legend.
    pub isolines: bool,
}

impl FieldLook {
    /// The values at the ends where the field by itself would have `own`.
    pub fn range(&self, own: [f64; 2]) -> [f64; 2] {
        let [low, high] = [0, 1].map(|n| self.ends[n].filter(|end| end.is_finite()).unwrap_or(own[n]));
        if low < high { [low, high] } else { own }
    }

    /// The colours of what lies below and above, where the user moved an end into the values from `least` to `most`.
    pub fn outside(&self, own: [f64; 2], [least, most]: [f64; 2]) -> [Option<[u8; 3]>; 2] {
        let [low, high] = self.range(own);
        let moved = [low != own[0], high != own[1]];
        [(moved[0] && least < low).then_some(BELOW), (moved[1] && high < most).then_some(ABOVE)]
    }
}

/// Isolines lie at the ticks of the legend: their distance and the place of the first, as parts of the range.
pub fn isolines([low, high]: [f64; 2]) -> Option<[f32; 2]> {
    let first = ticks(low, high).first().copied()?;
    let span = high - low;
    Some([(tick_step(low, high) / span) as f32, ((first - low) / span) as f32])
}

fn tick_step(low: f64, high: f64) -> f64 {
    numbers::round_step((high - low) / 4.0)
}

/// Round numbers between `low` and `high`, four to nine of them.
pub fn ticks(low: f64, high: f64) -> Vec<f64> {
    if !(low < high && low.is_finite() && high.is_finite()) {
        return Vec::new();
    }
    let step = tick_step(low, high);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    // A multiple of a decimal step is shown as the decimal it stands for.
    (first..=last)
        .take(16)
        .map(|n| n as f64 * step)
        .map(|tick| if tick.abs() < 1e-9 * step { 0.0 } else { tick })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolines_lie_at_the_ticks_of_the_legend() {
        for [low, high] in [[0.0, 10.0], [-3.0, 3.0], [0.013, 0.0917], [1e5, 1.7e6], [-0.4, 0.1]] {
            let [step, first] = isolines([low, high]).unwrap();
            for (n, tick) in ticks(low, high).into_iter().enumerate() {
                let place = f64::from(first) + n as f64 * f64::from(step);
                assert!((low + place * (high - low) - tick).abs() < 1e-5 * (high - low), "{low} {high} {tick}");
            }
        }
        assert_eq!(isolines([2.0, 2.0]), None);
    }

    #[test]
    fn only_ends_the_user_moved_inwards_have_colours_of_their_own() {
        let own = [0.0, 10.0];
        let values = [-1.0, 12.0];
        assert_eq!(FieldLook::default().outside(own, values), [None, None]);
        let narrowed = FieldLook { ends: [Some(2.0), None], ..FieldLook::default() };
        assert_eq!((narrowed.range(own), narrowed.outside(own, values)), ([2.0, 10.0], [Some(BELOW), None]));
        let widened = FieldLook { ends: [Some(-5.0), Some(20.0)], ..FieldLook::default() };
        assert_eq!(widened.outside(own, values), [None, None]);
        // Ends that pass each other are no range.
        let crossed = FieldLook { ends: [Some(8.0), Some(3.0)], ..FieldLook::default() };
        assert_eq!((crossed.range(own), crossed.outside(own, values)), (own, [None, None]));
        let broken = FieldLook { ends: [Some(f64::NAN), Some(5.0)], ..FieldLook::default() };
        assert_eq!(broken.range(own), [0.0, 5.0]);
    }

    #[test]
    fn colours_beyond_the_ends_are_in_no_map() {
        let far = |a: [u8; 3], b: [u8; 3]| {
            a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
        };
        for map in MAPS {
            for colour in map.table(256) {
                for beyond in [BELOW, ABOVE] {
                    assert!(60.0 < far(beyond, colour), "{} {colour:?} {beyond:?}", map.name());
                }
            }
        }
        assert!(150.0 < far(BELOW, ABOVE));
    }
}
