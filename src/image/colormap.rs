//! Perceptual colour maps: from a number between 0 and 1 to a colour.
//!
//! Tables are every eighth entry of matplotlib's 256-entry maps, linear in between (largest difference 6 of 255, at the
//! kink in cividis; below 2 elsewhere). Viridis, magma and inferno are by Smith and van der Walt (2015, CC0), cividis by
//! Nuñez, Anderton and Renslow (PLOS ONE 13(7), 2018, CC0), the diverging map is Moreland's cool to warm (2009).
//! No rainbow: its bands look like borders that are not in the data (Borland and Taylor 2007).

use serde::{Deserialize, Serialize};

/// A way to turn numbers into colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colormap {
    /// Dark violet over green to yellow: amounts in general.
    #[default]
    Viridis,
    /// Black over red to light yellow: stresses and other things that can be too large.
    Inferno,
    /// Black over violet to light rose: as inferno, softer.
    Magma,
    /// Dark blue to yellow, nearly the same for colour-blind eyes.
    Cividis,
    /// Blue over light grey to red: numbers with a sign, middle is zero.
    Diverging,
    /// Black to white: images.
    Greys,
    /// Black over red and orange to white: nuclear medicine, alone or over a CT.
    HotIron,
    /// Blue, a band of yellow below the middle, red above it, with steps between: what is kept, in doubt, and lacking. Tells
    /// apart by lightness too; only where the range says how wide the band is, see [`DOUBT_BAND`].
    Margin,
}

/// The part of [`Colormap::Margin`] below its middle that is yellow.
pub const DOUBT_BAND: f64 = 1.0 / 16.0;

impl Colormap {
    /// All maps.
    pub const ALL: [Self; 8] = [
        Self::Viridis,
        Self::Inferno,
        Self::Magma,
        Self::Cividis,
        Self::Diverging,
        Self::Greys,
        Self::HotIron,
        Self::Margin,
    ];

    /// What the menu says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viridis => "viridis",
            Self::Inferno => "inferno",
            Self::Magma => "magma",
            Self::Cividis => "cividis",
            Self::Diverging => "diverging",
            Self::Greys => "greys",
            Self::HotIron => "hot iron",
            Self::Margin => "margin",
        }
    }

    /// The map a field is shown with at first: signed pressures diverge, stresses glow, all else is viridis.
    pub fn for_field(name: &str, [low, high]: [f64; 2]) -> Self {
        // Some have a sign by what they are, even where all happen to lie on one side.
        let is_signed = name.starts_with("difference of") || name == "normalised helicity";
        if is_signed || (0.1 * high < -low && 0.0 < high) {
            Self::Diverging
        } else if name.contains("stress") || name.contains("mises") || name.contains("shear") {
            Self::Inferno
        } else {
            Self::Viridis
        }
    }

    /// The range of numbers the ends of the map stand for, given the smallest and largest value: symmetric for a
    /// map with a middle, and never empty.
    pub fn range(self, [low, high]: [f64; 2]) -> [f64; 2] {
        if matches!(self, Self::Diverging | Self::Margin) {
            let end = low.abs().max(high.abs()).max(f64::MIN_POSITIVE);
            [-end, end]
        } else if low < high {
            [low, high]
        } else {
            [low, low + low.abs().max(1.0) * 1e-6]
        }
    }

    /// The colour, sRGB, at `fraction` from 0 to 1; beyond the ends the end's colour, and mid-grey for no number.
    pub fn colour(self, fraction: f64) -> [u8; 3] {
        if fraction.is_nan() {
            return [128; 3];
        }
        let table: &[[u8; 3]; 33] = match self {
            Self::Viridis => &VIRIDIS,
            Self::Inferno => &INFERNO,
            Self::Magma => &MAGMA,
            Self::Cividis => &CIVIDIS,
            Self::Diverging => &DIVERGING,
            Self::Greys => return [(fraction.clamp(0.0, 1.0) * 255.0).round() as u8; 3],
            Self::HotIron => return hot_iron((fraction.clamp(0.0, 1.0) * 255.0).round() as u8),
            Self::Margin => return margin(fraction.clamp(0.0, 1.0)),
        };
        let place = fraction.clamp(0.0, 1.0) * 32.0;
        let first = (place as usize).min(31);
        let part = place - first as f64;
        let mix = |n: usize| f64::from(table[first][n]) * (1.0 - part) + f64::from(table[first + 1][n]) * part;
        [0, 1, 2].map(|n| mix(n).round() as u8)
    }

    /// The colour, sRGB, of `value` where the ends of the map stand for `range`.
    pub fn colour_of(self, value: f64, [low, high]: [f64; 2]) -> [u8; 3] {
        self.colour((value - low) / (high - low))
    }

    /// `n` colours from one end to the other, for legends and textures.
    pub fn table(self, n: usize) -> Vec<[u8; 3]> {
        (0..n).map(|i| self.colour(i as f64 / (n.max(2) - 1) as f64)).collect()
    }

    /// The colours of 256 levels of brightness, for images.
    pub fn levels(self) -> [[u8; 3]; 256] {
        std::array::from_fn(|level| self.colour(level as f64 / 255.0))
    }
}

/// Level of the Hot Iron colour palette (DICOM PS3.6, annex B.1.1): red rises to the middle, green from there on, blue in the
/// last quarter; the last level is white.
fn hot_iron(level: u8) -> [u8; 3] {
    if level == u8::MAX {
        return [u8::MAX; 3];
    }
    [level.saturating_mul(2), level.saturating_sub(128) * 2, level.saturating_sub(192) * 4]
}

/// Colours with two steps: at the middle, where a margin is just kept, and at the end of what is in doubt.
fn margin(fraction: f64) -> [u8; 3] {
    let kept = 0.5 - DOUBT_BAND;
    let mix = |from: [u8; 3], to: [u8; 3], part: f64| {
        [0, 1, 2].map(|n| (f64::from(from[n]) * (1.0 - part) + f64::from(to[n]) * part).round() as u8)
    };
    if fraction < kept {
        mix([36, 60, 138], [158, 196, 230], fraction / kept)
    } else if fraction <= 0.5 {
        [246, 214, 70]
    } else {
        mix([228, 84, 66], [112, 10, 30], 2.0 * fraction - 1.0)
    }
}

#[rustfmt::skip]
const VIRIDIS: [[u8; 3]; 33] = [
    [68, 1, 84], [71, 13, 96], [72, 24, 106], [72, 35, 116], [71, 45, 123], [69, 54, 129], [66, 64, 134],
    [63, 73, 137], [59, 82, 139], [55, 90, 141], [51, 99, 141], [47, 106, 142], [44, 114, 142], [41, 122, 142],
    [38, 129, 142], [35, 137, 142], [33, 144, 140], [31, 152, 139], [31, 159, 136], [33, 166, 133], [40, 174, 128],
    [49, 181, 123], [62, 188, 116], [76, 194, 108], [93, 201, 99], [110, 206, 88], [130, 211, 76], [150, 216, 63],
    [171, 220, 50], [192, 223, 36], [213, 226, 26], [234, 229, 26], [253, 231, 37],
];
#[rustfmt::skip]
const INFERNO: [[u8; 3]; 33] = [
    [0, 0, 4], [4, 3, 18], [11, 7, 36], [21, 11, 55], [33, 12, 74], [46, 10, 90], [60, 9, 101],
    [74, 12, 107], [87, 16, 109], [99, 20, 110], [112, 25, 110], [125, 30, 109], [137, 34, 106], [150, 39, 102],
    [163, 43, 97], [175, 49, 92], [187, 55, 85], [198, 62, 77], [209, 70, 68], [219, 79, 59], [227, 89, 50],
    [235, 101, 40], [241, 113, 30], [246, 127, 20], [249, 141, 10], [251, 156, 6], [252, 171, 15], [251, 186, 31],
    [249, 202, 50], [245, 217, 73], [242, 232, 101], [243, 245, 134], [252, 255, 164],
];
#[rustfmt::skip]
const MAGMA: [[u8; 3]; 33] = [
    [0, 0, 4], [3, 3, 17], [10, 8, 34], [19, 13, 51], [29, 17, 70], [40, 17, 90], [54, 16, 106],
    [67, 15, 118], [80, 18, 124], [93, 23, 127], [105, 28, 129], [118, 33, 129], [130, 38, 129], [143, 42, 129],
    [156, 46, 127], [169, 50, 125], [182, 55, 121], [195, 59, 117], [207, 65, 112], [219, 72, 106], [230, 81, 99],
    [238, 92, 94], [245, 105, 92], [249, 120, 93], [251, 135, 97], [253, 150, 104], [254, 165, 113], [254, 180, 123],
    [254, 195, 135], [254, 209, 148], [253, 224, 162], [252, 238, 176], [252, 253, 191],
];
#[rustfmt::skip]
const CIVIDIS: [[u8; 3]; 33] = [
    [0, 34, 78], [0, 40, 91], [0, 46, 106], [4, 51, 113], [26, 56, 111], [39, 62, 110], [50, 67, 109],
    [59, 73, 108], [67, 78, 108], [75, 84, 108], [82, 89, 109], [90, 95, 110], [97, 101, 111], [104, 106, 113],
    [111, 112, 115], [117, 118, 118], [124, 123, 120], [132, 129, 121], [139, 135, 120], [147, 141, 120], [155, 147, 118],
    [163, 154, 117], [171, 160, 114], [179, 166, 112], [187, 173, 108], [195, 180, 105], [204, 186, 100], [212, 193, 95],
    [221, 201, 88], [230, 208, 81], [239, 215, 72], [248, 223, 60], [254, 232, 56],
];
#[rustfmt::skip]
const DIVERGING: [[u8; 3]; 33] = [
    [59, 76, 192], [68, 90, 204], [77, 104, 215], [87, 117, 225], [98, 130, 234], [108, 142, 241], [119, 154, 247],
    [130, 165, 251], [141, 176, 254], [152, 185, 255], [163, 194, 254], [174, 201, 252], [184, 208, 249], [194, 213, 244],
    [204, 217, 238], [213, 219, 230], [221, 221, 221], [229, 216, 209], [236, 211, 197], [241, 204, 185], [244, 196, 173],
    [247, 187, 160], [247, 177, 148], [247, 166, 135], [244, 154, 123], [241, 141, 111], [236, 127, 99], [229, 112, 88],
    [222, 96, 77], [213, 80, 66], [203, 62, 56], [192, 40, 47], [180, 4, 38],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of an sRGB colour (ITU-R BT.709 weights).
    fn luminance(colour: [u8; 3]) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    }

    #[test]
    fn sequential_maps_grow_brighter_from_end_to_end() {
        for map in [
            Colormap::Viridis,
            Colormap::Inferno,
            Colormap::Magma,
            Colormap::Cividis,
            Colormap::Greys,
            Colormap::HotIron,
        ] {
            let light: Vec<f64> = map.table(65).into_iter().map(luminance).collect();
            assert!(light.windows(2).all(|pair| pair[0] <= pair[1] + 2e-3), "{} {light:?}", map.name());
            assert!(light[0] + 0.5 < light[64], "{}", map.name());
        }
    }

    #[test]
    fn the_diverging_map_is_brightest_near_its_middle_and_its_range_is_symmetric() {
        let light: Vec<f64> = Colormap::Diverging.table(33).into_iter().map(luminance).collect();
        let brightest = (0..33).max_by(|a, b| light[*a].total_cmp(&light[*b])).unwrap();
        assert!((12..=20).contains(&brightest), "{brightest}");
        assert_eq!(Colormap::Diverging.range([-1.0, 3.0]), [-3.0, 3.0]);
        // A difference has a middle even where one side is larger everywhere.
        for name in ["difference of wall shear stress", "normalised helicity"] {
            assert_eq!(Colormap::for_field(name, [0.1, 0.7]), Colormap::Diverging);
        }
        assert_eq!(Colormap::for_field("pressure", [0.1, 0.7]), Colormap::Viridis);
    }

    /// Red lacks, yellow is in doubt, blue is kept; the steps lie where the values say, and lightness alone tells them apart.
    #[test]
    fn the_map_of_margins_has_its_steps_where_margins_are_just_kept() {
        let band_mm = 0.7;
        let reach_mm = 0.5 * band_mm / DOUBT_BAND;
        let of = |lacks_mm: f64| Colormap::Margin.colour_of(lacks_mm, [-reach_mm, reach_mm]);
        let [red, yellow, blue] = [of(0.01), of(-0.01), of(-0.71)];
        assert_eq!((yellow, of(-0.69)), (of(-0.3), yellow));
        assert!(yellow != red && yellow != blue && of(9.0) != red);
        let [r, y, b] = [red, yellow, blue].map(luminance);
        assert!(r + 0.2 < b && b + 0.1 < y, "{r} {b} {y}");
        assert!(luminance(of(5.0)) < r && luminance(of(-5.0)) < b);
    }

    #[test]
    fn hot_iron_is_the_palette_of_the_standard() {
        // Entries of the tables in DICOM PS3.6, annex B.1.1.
        let levels = Colormap::HotIron.levels();
        for (level, colour) in [
            (0, [0, 0, 0]),
            (1, [2, 0, 0]),
            (127, [254, 0, 0]),
            (128, [255, 0, 0]),
            (129, [255, 2, 0]),
            (192, [255, 128, 0]),
            (193, [255, 130, 4]),
            (254, [255, 252, 248]),
            (255, [255, 255, 255]),
        ] {
            assert_eq!(levels[level], colour, "{level}");
        }
    }

    #[test]
    fn numbers_beyond_the_ends_and_no_numbers_have_a_colour() {
        let [low, high] = Colormap::Viridis.range([5.0, 5.0]);
        assert!(low < high);
        assert_eq!(Colormap::Viridis.colour(-3.0), Colormap::Viridis.colour(0.0));
        assert_eq!(Colormap::Viridis.colour(f64::INFINITY), Colormap::Viridis.colour(1.0));
        assert_eq!(Colormap::Viridis.colour(f64::NAN), [128; 3]);
    }
}
