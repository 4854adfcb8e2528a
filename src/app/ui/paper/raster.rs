//! Textured triangles into pixels, blended as they are stored, as the panels on the screen are.

use egui::epaint::{Mesh, Vertex};
use egui::{ColorImage, Rect};

/// Pixels that triangles are drawn over.
pub(super) struct Raster<'a> {
    pixels: &'a mut [u8],
    size: [usize; 2],
}

impl<'a> Raster<'a> {
    /// # Panics
    /// If there are not 4 bytes per pixel.
    pub(super) fn new(pixels: &'a mut [u8], size: [usize; 2]) -> Self {
        assert_eq!(pixels.len(), size[0] * size[1] * 4, "4 bytes per pixel");
        Self { pixels, size }
    }

    /// Draw the triangles of `mesh` within `clip` (points).
    pub(super) fn mesh(&mut self, mesh: &Mesh, texture: &ColorImage, clip: Rect, pixels_per_point: f32) {
        let ends = |low: f32, high: f32, n: usize| {
            let end = |points: f32| ((points * pixels_per_point).round().max(0.0) as usize).min(n);
            [end(low), end(high)]
        };
        let clip = [ends(clip.left(), clip.right(), self.size[0]), ends(clip.top(), clip.bottom(), self.size[1])];
        for corners in mesh.indices.chunks_exact(3) {
            let corner = |n: usize| mesh.vertices.get(corners[n] as usize);
            let (Some(a), Some(b), Some(c)) = (corner(0), corner(1), corner(2)) else { continue };
            self.triangle([a, b, c], texture, clip, f64::from(pixels_per_point));
        }
    }

    fn triangle(&mut self, corners: [&Vertex; 3], texture: &ColorImage, clip: [[usize; 2]; 2], scale: f64) {
        let place = |vertex: &Vertex| [f64::from(vertex.pos.x) * scale, f64::from(vertex.pos.y) * scale];
        let mut corners = corners;
        let area = |[a, b, c]: [[f64; 2]; 3]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        let mut twice = area(corners.map(place));
        if twice < 0.0 {
            corners.swap(1, 2);
            twice = -twice;
        }
        if !(1e-12 < twice && twice.is_finite()) {
            return;
        }
        let p = corners.map(place);
        let range = |axis: usize| {
            let low = p.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
            let high = p.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max);
            // Pixels whose centres may lie inside.
            let first = (low - 0.5).ceil().max(clip[axis][0] as f64) as usize;
            let last = ((high - 0.5).floor() + 1.0).clamp(0.0, clip[axis][1] as f64) as usize;
            first..last
        };
        // Of two triangles that share an edge only one draws the pixels whose centres lie on it.
        let owns = |from: [f64; 2], to: [f64; 2]| to[1] < from[1] || (to[1] == from[1] && from[0] < to[0]);
        let edges = [[1, 2], [2, 0], [0, 1]];
        let owned = edges.map(|[from, to]| owns(p[from], p[to]));
        for y in range(1) {
            for x in range(0) {
                let at = [x as f64 + 0.5, y as f64 + 0.5];
                let shares = edges.map(|[from, to]| area([p[from], p[to], at]));
                if (0..3).any(|n| shares[n] < 0.0 || (shares[n] == 0.0 && !owned[n])) {
                    continue;
                }
                let shares = shares.map(|share| (share / twice) as f32);
                let mix = |value: &dyn Fn(&Vertex) -> f32| (0..3).map(|n| shares[n] * value(corners[n])).sum::<f32>();
                let texel = texel(texture, [mix(&|v| v.uv.x), mix(&|v| v.uv.y)]);
                let tint = [0, 1, 2, 3].map(|c| mix(&|v| f32::from(v.color.to_array()[c])));
                let place = (y * self.size[0] + x) * 4;
                blend(&mut self.pixels[place..place + 4], [0, 1, 2, 3].map(|c| texel[c] * tint[c] / 255.0));
            }
        }
    }
}

/// Premultiplied `colour` (0 to 255) over a premultiplied pixel.
fn blend(pixel: &mut [u8], colour: [f32; 4]) {
    let rest = 1.0 - colour[3] / 255.0;
    for (stored, own) in pixel.iter_mut().zip(colour) {
        *stored = (own + rest * f32::from(*stored) + 0.5) as u8;
    }
}

/// The texture between its texels' centres, 0 to 255; beyond its border as at the border.
fn texel(texture: &ColorImage, uv: [f32; 2]) -> [f32; 4] {
    let size = texture.size;
    let axis = |n: usize| {
        let last = size[n].saturating_sub(1);
        let at = (uv[n] * size[n] as f32 - 0.5).clamp(0.0, last as f32);
        let low = at.floor() as usize;
        (low, (low + 1).min(last), at - low as f32)
    };
    let ((left, right, across), (above, below, down)) = (axis(0), axis(1));
    let at = |x: usize, y: usize| texture.pixels[y * size[0] + x].to_array().map(f32::from);
    let corners = [at(left, above), at(right, above), at(left, below), at(right, below)];
    [0, 1, 2, 3].map(|c| {
        let mix = |a: f32, b: f32, part: f32| a + (b - a) * part;
        mix(mix(corners[0][c], corners[1][c], across), mix(corners[2][c], corners[3][c], across), down)
    })
}
