//! Transfer functions: from the value of a voxel to the opacity and colour it has in a rendered volume.

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransferFunction {
    /// Value and opacity of a millimetre of tissue, 0 to 1; values never decrease.
    pub opacity: Vec<(f64, f32)>,
    /// Value and sRGB colour; values never decrease.
    pub colours: Vec<(f64, [u8; 3])>,
    /// How it is lit; not at all if `None`.
    pub shading: Option<Shading>,
}

impl TransferFunction {
    /// The opacity of a millimetre of tissue of this value; 0 without points and for no number.
    pub fn opacity_at(&self, value: f64) -> f32 {
        between(&self.opacity, value, |low, high, part| low + part * (high - low)).unwrap_or(0.0)
    }

    /// The sRGB colour of this value, 0 to 1; white without points.
    pub fn colour_at(&self, value: f64) -> [f32; 3] {
        let mix = |low: [u8; 3], high: [u8; 3], part: f32| {
            [0, 1, 2].map(|n| low[n] as f32 + part * (high[n] as f32 - low[n] as f32)).map(|c| c as u8)
        };
        between(&self.colours, value, mix).unwrap_or([255; 3]).map(|c| f32::from(c) / 255.0)
    }
}

fn between<T: Copy>(points: &[(f64, T)], value: f64, mix: impl Fn(T, T, f32) -> T) -> Option<T> {
    let (first, last) = (points.first()?, points.last()?);
    if value.is_nan() {
        return None;
    }
    let next = points.partition_point(|(at, _)| *at <= value);
    Some(match next {
        0 => first.1,
        n if n == points.len() => last.1,
        n => {
            let ((low_at, low), (high_at, high)) = (points[n - 1], points[n]);
            mix(low, high, ((value - low_at) / (high_at - low_at)) as f32)
        }
    })
}
