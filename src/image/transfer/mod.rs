//! Transfer functions: from the value of a voxel to the opacity and colour it has in a rendered volume.

mod change;
mod choice;
mod histogram;
mod presets;

pub use choice::{is_enhanced, suited};
pub use histogram::{BINS, Histogram};
pub use presets::{PRESETS, Preset, Suits, preset};

use serde::{Deserialize, Serialize};

/// How values along a ray become a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VolumeMode {
    /// Front to back through the transfer function, lit.
    #[default]
    Composite,
    /// The highest value along the ray, through the display window of the scan.
    Maximum,
    /// All that lies along each ray, through the display window of the scan, as a radiograph.
    XRay,
}

impl VolumeMode {
    /// All of them with what the menu says.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Composite, "Surfaces and haze"), (Self::Maximum, "MIP"), (Self::XRay, "X-ray")];
}

/// How much light of each kind a lit volume sends back (Blinn-Phong).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shading {
    /// Light from everywhere, 0 to 1.
    pub ambient: f32,
    /// Light from the lamp, scattered evenly, 0 to 1.
    pub diffuse: f32,
    /// Light from the lamp, mirrored, 0 to 1.
    pub specular: f32,
    /// How narrow the mirrored light is.
    pub power: f32,
}

/// Opacity and colour as functions of the value of a voxel; piecewise linear between points, constant outside them.
///
/// What is made by [`TransferFunction::new`], by its operations or read from a file keeps the rules of its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct TransferFunction {
    /// Value and opacity of a millimetre of tissue, 0 to 1; values never decrease.
    pub opacity: Vec<(f64, f32)>,
    /// Value and sRGB colour; values never decrease.
    pub colours: Vec<(f64, [u8; 3])>,
    /// How it is lit; not at all if `None`.
    pub shading: Option<Shading>,
}

/// As it stands in a file: anything may be there.
#[derive(Deserialize)]
struct Stored {
    opacity: Vec<(f64, f32)>,
    colours: Vec<(f64, [u8; 3])>,
    shading: Option<Shading>,
}

impl From<Stored> for TransferFunction {
    fn from(Stored { opacity, colours, shading }: Stored) -> Self {
        Self::new(opacity, colours, shading)
    }
}

impl TransferFunction {
    /// From points in any order: sorted by value, opacities brought into 0 to 1, points that are no numbers left out.
    pub fn new(opacity: Vec<(f64, f32)>, colours: Vec<(f64, [u8; 3])>, shading: Option<Shading>) -> Self {
        let mut new = Self { opacity, colours, shading };
        new.opacity.retain(|(value, opacity)| value.is_finite() && opacity.is_finite());
        new.opacity.iter_mut().for_each(|(_, opacity)| *opacity = opacity.clamp(0.0, 1.0));
        new.colours.retain(|(value, _)| value.is_finite());
        // Stable: points of one value keep their order, which is the way a step goes.
        new.opacity.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        new.colours.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        new
    }

    /// The opacity of a millimetre of tissue of this value; 0 without points and for no number.
    pub fn opacity_at(&self, value: f64) -> f32 {
        between(&self.opacity, value, |low, high, part| low + part * (high - low)).unwrap_or(0.0)
    }

    /// The sRGB colour of this value, 0 to 1; white without points.
    pub fn colour_at(&self, value: f64) -> [f32; 3] {
        let mix = |low: [u8; 3], high: [u8; 3], part: f32| {
            [0, 1, 2].map(|n| (f32::from(low[n]) + part * (f32::from(high[n]) - f32::from(low[n]))) / 255.0)
        };
        // Both ends are mixed too, so that every colour is a number from 0 to 1.
        between(&self.colours, value, mix).unwrap_or([1.0; 3])
    }

    /// The lowest and highest value of a point of opacity; none without points.
    pub fn span(&self) -> Option<[f64; 2]> {
        Some([self.opacity.first()?.0, self.opacity.last()?.0])
    }

    /// The value in the middle of where opacity rises and falls: what a stretch leaves where it is.
    pub fn middle(&self) -> f64 {
        self.span().map_or(0.0, |[low, high]| 0.5 * (low + high))
    }
}

fn between<T: Copy, M>(points: &[(f64, T)], value: f64, mix: impl Fn(T, T, f32) -> M) -> Option<M> {
    let (first, last) = (points.first()?.1, points.last()?.1);
    if value.is_nan() {
        return None;
    }
    let next = points.partition_point(|(at, _)| *at <= value);
    Some(match next {
        0 => mix(first, first, 0.0),
        n if n == points.len() => mix(last, last, 0.0),
        n => {
            let ((low_at, low), (high_at, high)) = (points[n - 1], points[n]);
            mix(low, high, ((value - low_at) / (high_at - low_at)) as f32)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opacity_and_colour_are_linear_between_points_and_constant_outside() {
        let transfer = TransferFunction::new(
            vec![(100.0, 0.8), (0.0, 0.2), (100.0, 0.4)],
            vec![(0.0, [0, 10, 255]), (10.0, [1, 0, 255])],
            None,
        );
        assert_eq!(transfer.opacity_at(-5.0), 0.2);
        assert!((transfer.opacity_at(50.0) - 0.5).abs() < 1e-6);
        // A step: just below it the first of the two, from it on the second.
        assert!((transfer.opacity_at(99.999) - 0.8).abs() < 1e-4 && transfer.opacity_at(100.0) == 0.4);
        assert_eq!(transfer.opacity_at(f64::NAN), 0.0);
        // Colours are not rounded to 256 steps.
        let [red, green, blue] = transfer.colour_at(2.5);
        assert!((red - 0.25 / 255.0).abs() < 1e-7 && (green - 7.5 / 255.0).abs() < 1e-6 && blue == 1.0);
        assert_eq!(transfer.colour_at(99.0), [1.0 / 255.0, 0.0, 1.0]);
    }

    #[test]
    fn points_that_are_no_numbers_are_left_out_and_nothing_is_transparent_and_white() {
        let transfer = TransferFunction::new(vec![(f64::NAN, 1.0), (1.0, f32::NAN), (2.0, 7.0)], Vec::new(), None);
        assert_eq!(transfer.opacity, [(2.0, 1.0)]);
        let nothing = TransferFunction::new(Vec::new(), Vec::new(), None);
        assert_eq!((nothing.opacity_at(5.0), nothing.colour_at(5.0)), (0.0, [1.0; 3]));
    }

    #[test]
    fn a_round_trip_through_a_file_keeps_it_and_a_damaged_file_is_put_right() {
        for preset in &PRESETS {
            let transfer = preset.transfer([12.5, 377.0]);
            let text = serde_json::to_string(&transfer).unwrap();
            assert_eq!(serde_json::from_str::<TransferFunction>(&text).unwrap(), transfer, "{}", preset.name);
        }
        let damaged = r#"{ "opacity": [[5.0, 3.0], [1.0, -1.0]], "colours": [], "shading": null }"#;
        let read: TransferFunction = serde_json::from_str(damaged).unwrap();
        assert_eq!(read.opacity, [(1.0, 0.0), (5.0, 1.0)]);
    }
}
