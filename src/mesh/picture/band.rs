//! One horizontal band of a picture: triangles in, finished rows out.

use super::shade::shade;

/// A vertex on the picture.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Corner {
    /// Column and row in samples, the row downwards.
    pub at: [f32; 2],
    /// Linear on the picture, smaller is nearer; not a number behind the eye.
    pub depth: f32,
    /// Magnification, for interpolation in perspective.
    pub scale: f32,
    /// View-space normal.
    pub normal: [f32; 3],
    /// sRGB, 0 to 255.
    pub rgb: [f32; 3],
}

/// Shaded samples with their depths; the nearest surface wins.
pub(super) struct Layer {
    pub depth: Vec<f32>,
    pub colour: Vec<[f32; 4]>,
}

/// Sample rows `first_row..first_row + rows` of a picture `columns` wide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    pub columns: usize,
    pub first_row: i64,
    pub rows: usize,
}

impl Band {
    /// A layer in which nothing is drawn yet.
    pub fn layer(self) -> Layer {
        let samples = self.columns * self.rows;
        Layer { depth: vec![f32::INFINITY; samples], colour: vec![[0.0; 4]; samples] }
    }

    /// Draw a triangle into `layer`; samples on its border count as inside.
    pub fn draw(self, layer: &mut Layer, [a, b, c]: [&Corner; 3], opacity: f32) {
        let [ax, ay] = a.at.map(f64::from);
        let [bx, by] = b.at.map(f64::from);
        let [cx, cy] = c.at.map(f64::from);
        let area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
        if area.abs() < 1e-12 || !area.is_finite() || (a.depth + b.depth + c.depth).is_nan() {
            return;
        }
        let first_row = self.first_row as f64;
        let from_x = (ax.min(bx).min(cx) - 0.5).ceil().max(0.0) as usize;
        let to_x = (ax.max(bx).max(cx) - 0.5).floor().min(self.columns as f64 - 1.0);
        let from_y = (ay.min(by).min(cy) - 0.5 - first_row).ceil().max(0.0) as usize;
        let to_y = (ay.max(by).max(cy) - 0.5 - first_row).floor().min(self.rows as f64 - 1.0);
        if to_x < 0.0 || to_y < 0.0 {
            return;
        }
        let inverse = 1.0 / area;
        // Weights grow by these from one column to the next.
        let (step_a, step_b) = ((by - cy) * inverse, (cy - ay) * inverse);
        for y in from_y..=to_y as usize {
            let (py, px) = (y as f64 + 0.5 + first_row, from_x as f64 + 0.5);
            let mut weight_a = ((bx - px) * (cy - py) - (by - py) * (cx - px)) * inverse;
            let mut weight_b = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) * inverse;
            for x in from_x..=to_x as usize {
                let weights = [weight_a, weight_b, 1.0 - weight_a - weight_b];
                weight_a += step_a;
                weight_b += step_b;
                if weights.iter().any(|w| *w < -1e-7) {
                    continue;
                }
                let w = weights.map(|w| w as f32);
                let depth = w[0] * a.depth + w[1] * b.depth + w[2] * c.depth;
                let sample = y * self.columns + x;
                if depth < layer.depth[sample] {
                    layer.depth[sample] = depth;
                    let w = [w[0] * a.scale, w[1] * b.scale, w[2] * c.scale];
                    let scale = 1.0 / (w[0] + w[1] + w[2]);
                    let blend = |p: [f32; 3], q: [f32; 3], r: [f32; 3]| {
                        [0, 1, 2].map(|n| (w[0] * p[n] + w[1] * q[n] + w[2] * r[n]) * scale)
                    };
                    let rgb = blend(a.rgb, b.rgb, c.rgb);
                    layer.colour[sample] = shade(rgb, opacity, blend(a.normal, b.normal, c.normal));
                }
            }
        }
    }

    /// Draw a line along every edge of depth in `layer`: where a neighbouring sample lies more than `jump` deeper.
    ///
    /// The first and the last row are left alone, because their neighbours lie in other bands.
    pub fn outline(self, layer: &mut Layer, jump: f32) {
        for y in 1..self.rows.saturating_sub(1) {
            for x in 1..self.columns.saturating_sub(1) {
                let sample = y * self.columns + x;
                let limit = layer.depth[sample] + jump;
                let around = [sample - 1, sample + 1, sample - self.columns, sample + self.columns];
                if around.iter().any(|near| limit < layer.depth[*near]) {
                    let [r, g, b, alpha] = layer.colour[sample];
                    layer.colour[sample] = [0.55 * r, 0.55 * g, 0.55 * b, alpha];
                }
            }
        }
    }
}

/// Colours of one sample on top of `background`, the deepest layer first; RGB and opacity, not premultiplied.
pub(super) fn over(layers: &mut [(f32, [f32; 4])], background: [f32; 4]) -> [f32; 4] {
    layers.sort_by(|a, b| b.0.total_cmp(&a.0));
    layers.iter().fold(background, |[r, g, b, below], (_, [sr, sg, sb, alpha])| {
        let total = alpha + below * (1.0 - alpha);
        let mix = |top: f32, under: f32| {
            if total == 0.0 { 0.0 } else { (top * alpha + under * below * (1.0 - alpha)) / total }
        };
        [mix(*sr, r), mix(*sg, g), mix(*sb, b), total]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearer_covers_what_is_farther_in_any_order() {
        let glass = (1.0, [100.0, 0.0, 0.0, 0.5]);
        let wall = (2.0, [0.0, 200.0, 0.0, 1.0]);
        let seen = over(&mut [glass, wall], [9.0, 9.0, 9.0, 1.0]);
        assert_eq!(seen, over(&mut [wall, glass], [9.0, 9.0, 9.0, 1.0]));
        assert_eq!(seen, [50.0, 100.0, 0.0, 1.0]);
        assert_eq!(over(&mut [glass], [0.0; 4]), [100.0, 0.0, 0.0, 0.5]);
    }
}
