//! An image brought onto more or fewer voxels between layers (operator Resize of ONNX).

use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// For every place along an edge of the result: two places of the image and the share of the second.
#[derive(Debug, Clone)]
pub(super) struct Resize {
    axes: [Vec<(usize, usize, f32)>; 3],
}

impl Resize {
    /// From so many voxels to so many, `scale` times as many along each edge.
    ///
    /// # Errors
    /// A mode that is not supported, in words.
    pub(super) fn new(
        from: [usize; 3],
        to: [usize; 3],
        scale: [f64; 3],
        mode: &str,
        transformation: &str,
        nearest: &str,
    ) -> Result<Self, String> {
        if !matches!(mode, "nearest" | "linear") {
            return Err(format!("mode = {mode}; nearest and linear are known"));
        }
        if !matches!(transformation, "asymmetric" | "half_pixel" | "pytorch_half_pixel" | "align_corners") {
            return Err(format!("coordinate_transformation_mode = {transformation}"));
        }
        if !matches!(nearest, "floor" | "ceil" | "round_prefer_floor" | "round_prefer_ceil") {
            return Err(format!("nearest_mode = {nearest}"));
        }
        let axis = |a: usize| {
            let last = from[a] - 1;
            let place = |x: usize| {
                let x = x as f64;
                let at = match transformation {
                    "asymmetric" => x / scale[a],
                    "align_corners" if to[a] == 1 => 0.0,
                    "align_corners" => x * last as f64 / (to[a] as f64 - 1.0),
                    "pytorch_half_pixel" if to[a] == 1 => 0.0,
                    _ => (x + 0.5) / scale[a] - 0.5,
                };
                if mode == "nearest" {
                    let at = match nearest {
                        "floor" => at.floor(),
                        "ceil" => at.ceil(),
                        "round_prefer_ceil" => (at + 0.5).floor(),
                        _ => (at - 0.5).ceil(),
                    };
                    let at = (at.max(0.0) as usize).min(last);
                    return (at, at, 0.0);
                }
                let at = at.clamp(0.0, last as f64);
                let low = at.floor() as usize;
                (low, (low + 1).min(last), (at - at.floor()) as f32)
            };
            (0..to[a]).map(place).collect::<Vec<_>>()
        };
        Ok(Self { axes: [0, 1, 2].map(axis) })
    }

    /// Asks `progress` once a row.
    pub(super) fn run(
        &self,
        image: &[f32],
        [iz, iy, ix]: [usize; 3],
        out: &mut [f32],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let [az, ay, ax] = &self.axes;
        out.par_chunks_mut(ay.len() * ax.len()).enumerate().try_for_each(|(plane, out)| {
            let (channel, z) = (plane / az.len(), az[plane % az.len()]);
            for (row, y) in out.chunks_mut(ax.len()).zip(ay) {
                progress.check()?;
                let line = |z: usize, y: usize| &image[((channel * iz + z) * iy + y) * ix..][..ix];
                let lines = [line(z.0, y.0), line(z.0, y.1), line(z.1, y.0), line(z.1, y.1)];
                for (value, x) in row.iter_mut().zip(ax) {
                    let [a, b, c, d] = lines.map(|line| line[x.0] + x.2 * (line[x.1] - line[x.0]));
                    let (low, high) = (a + y.2 * (b - a), c + y.2 * (d - c));
                    *value = low + z.2 * (high - low);
                }
            }
            Ok(())
        })
    }
}
