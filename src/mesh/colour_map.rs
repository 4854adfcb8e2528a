//! Colours for numbers.

use serde::{Deserialize, Serialize};

/// A map from 0 … 1 to sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColourMap {
    /// Dark blue to yellow, even in brightness and safe for colour-blind readers (Smith and van der Walt 2015).
    #[default]
    Viridis,
    /// Blue over green to red with much detail (Mikhailov 2019).
    Turbo,
    /// Blue over grey to red, for values on both sides of a middle (Moreland 2009).
    Coolwarm,
    /// Black to white.
    Grey,
}

const VIRIDIS: [[u8; 3]; 10] = [
    [68, 1, 84],
    [72, 40, 120],
    [62, 73, 137],
    [49, 104, 142],
    [38, 130, 142],
    [31, 158, 137],
    [53, 183, 121],
    [110, 206, 88],
    [181, 222, 43],
    [253, 231, 37],
];
const COOLWARM: [[u8; 3]; 5] = [[59, 76, 192], [141, 176, 254], [221, 221, 221], [244, 152, 122], [180, 4, 38]];
const GREY: [[u8; 3]; 2] = [[0, 0, 0], [255, 255, 255]];

/// Polynomial coefficients of red, green and blue, the constant first.
const TURBO: [[f64; 6]; 3] = [
    [0.135_721_38, 4.615_392_60, -42.660_322_58, 132.131_082_34, -152.942_393_96, 59.286_379_43],
    [0.091_402_61, 2.194_188_39, 4.842_966_58, -14.185_033_33, 4.277_298_57, 2.829_566_04],
    [0.106_673_30, 12.641_946_08, -60.582_048_36, 110.362_767_71, -89.903_109_12, 27.348_249_73],
];

impl ColourMap {
    /// All maps, in the order they are listed to the user.
    pub const ALL: [Self; 4] = [Self::Viridis, Self::Turbo, Self::Coolwarm, Self::Grey];

    /// The colour of `part`; below 0 and above 1 as at the ends, not a number as at 0.
    pub fn colour(self, part: f64) -> [u8; 3] {
        let part = if part.is_nan() { 0.0 } else { part.clamp(0.0, 1.0) };
        match self {
            Self::Viridis => between(&VIRIDIS, part),
            Self::Coolwarm => between(&COOLWARM, part),
            Self::Grey => between(&GREY, part),
            Self::Turbo => TURBO.map(|coefficients| {
                let value = coefficients.iter().rev().fold(0.0, |sum, c| sum * part + c);
                (value * 255.0).round().clamp(0.0, 255.0) as u8
            }),
        }
    }

    /// The colour of `value` where `range` spreads over the whole map; an empty range has the colour of the middle.
    pub fn colour_in(self, value: f64, range: [f64; 2]) -> [u8; 3] {
        let width = range[1] - range[0];
        self.colour(if 0.0 < width { (value - range[0]) / width } else { 0.5 })
    }
}

fn between(stops: &[[u8; 3]], part: f64) -> [u8; 3] {
    let place = part * (stops.len() - 1) as f64;
    let low = (place as usize).min(stops.len() - 2);
    let upper = place - low as f64;
    let channel = |n: usize| f64::from(stops[low][n]) * (1.0 - upper) + f64::from(stops[low + 1][n]) * upper;
    [0, 1, 2].map(|n| channel(n).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_values_beyond_have_the_colours_of_the_ends() {
        assert_eq!(ColourMap::Viridis.colour(0.0), [68, 1, 84]);
        assert_eq!(ColourMap::Viridis.colour(7.0), [253, 231, 37]);
        assert_eq!(ColourMap::Grey.colour(0.5), [128, 128, 128]);
        assert_eq!(ColourMap::Coolwarm.colour(f64::NAN), [59, 76, 192]);
        assert_eq!(ColourMap::Grey.colour_in(3.0, [3.0, 3.0]), [128, 128, 128]);
    }

    #[test]
    fn brightness_of_viridis_only_grows() {
        let brightness = |n: u32| {
            let [r, g, b] = ColourMap::Viridis.colour(f64::from(n) / 50.0).map(f64::from);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        assert!((0..50).all(|n| brightness(n) < brightness(n + 1)));
    }
}
