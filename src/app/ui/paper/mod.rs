//! Panels and overlays drawn onto paper: at any resolution, without a graphics card.
//!
//! What is shown over a view (letters, scale bars, measures, legends) is made of egui shapes. A [`Sheet`] lays the same
//! shapes out in a context of its own at the resolution asked for, and turns them into pixels by itself, so that a
//! printed picture is as sharp as its paper allows and says the same as the screen.

mod raster;

use super::theme;
use egui::{ClippedPrimitive, ColorImage, Context, ImageData, Pos2, RawInput, Rect, TextureId, Ui, Vec2};
use raster::Raster;
use std::collections::HashMap;
use std::sync::Arc;

/// Shapes laid out on a sheet. Holds no reference to the window and may be painted in another thread.
pub struct Sheet {
    size_px: [usize; 2],
    pixels_per_point: f32,
    primitives: Vec<ClippedPrimitive>,
    textures: HashMap<TextureId, ColorImage>,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet").field("size_px", &self.size_px).finish_non_exhaustive()
    }
}

/// Passes until fonts are there and what measures itself knows its size.
const PASSES: usize = 3;

impl Sheet {
    /// Lay out what `paint` draws on `size_px` pixels, `pixels_per_point` of them for a point of the screen.
    pub fn lay_out(size_px: [usize; 2], pixels_per_point: f32, mut paint: impl FnMut(&mut Ui)) -> Self {
        let ctx = Context::default();
        theme::apply(&ctx);
        let size = Vec2::new(size_px[0] as f32, size_px[1] as f32) / pixels_per_point;
        let mut textures = HashMap::new();
        let mut primitives = Vec::new();
        for pass in 0..PASSES {
            let mut input = RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
                max_texture_side: Some(8192),
                time: Some(pass as f64),
                ..RawInput::default()
            };
            if let Some(viewport) = input.viewports.get_mut(&input.viewport_id) {
                viewport.native_pixels_per_point = Some(pixels_per_point);
            }
            // The first pass comes before our fonts do.
            let output = ctx.run_ui(input, |ui| {
                if theme::is_ready(ui.ctx()) {
                    paint(ui);
                }
            });
            for (id, deltas) in &output.textures_delta.set {
                deltas.iter().for_each(|delta| set(&mut textures, *id, delta));
            }
            if pass + 1 == PASSES {
                primitives = ctx.tessellate(output.shapes, pixels_per_point);
            }
        }
        Self { size_px, pixels_per_point, primitives, textures }
    }

    /// Lay the shapes over `pixels`: RGBA, premultiplied and stored as the screen stores them (sRGB), row by row.
    ///
    /// # Panics
    /// If there are not 4 bytes for each pixel of the sheet.
    pub fn paint_over(&self, pixels: &mut [u8]) {
        let mut raster = Raster::new(pixels, self.size_px);
        for ClippedPrimitive { clip_rect, primitive } in &self.primitives {
            // Callbacks draw with a graphics card; none of ours is laid out on paper.
            let egui::epaint::Primitive::Mesh(mesh) = primitive else { continue };
            if let Some(texture) = self.textures.get(&mesh.texture_id) {
                raster.mesh(mesh, texture, *clip_rect, self.pixels_per_point);
            }
        }
    }
}

fn set(textures: &mut HashMap<TextureId, ColorImage>, id: TextureId, delta: &egui::epaint::ImageDelta) {
    let ImageData::Color(image) = &delta.image;
    let Some([left, top]) = delta.pos else {
        textures.insert(id, ColorImage::clone(&Arc::clone(image)));
        return;
    };
    let Some(whole) = textures.get_mut(&id) else { return };
    let width = whole.size[0];
    for (y, row) in image.pixels.chunks_exact(image.size[0]).enumerate() {
        let start = (top + y) * width + left;
        whole.pixels[start..start + row.len()].copy_from_slice(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Align2, Color32};

    fn painted(pixels_per_point: f32, paint: impl FnMut(&mut Ui)) -> Vec<[u8; 4]> {
        let mut pixels = vec![0; 80 * 60 * 4];
        Sheet::lay_out([80, 60], pixels_per_point, paint).paint_over(&mut pixels);
        pixels.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]]).collect()
    }

    #[test]
    fn a_rectangle_covers_its_pixels_once() {
        let half = Color32::from_rgba_unmultiplied(200, 100, 0, 128);
        let pixels = painted(2.0, |ui| {
            ui.painter().rect_filled(Rect::from_min_max(Pos2::new(5.0, 5.0), Pos2::new(20.0, 15.0)), 0, half);
        });
        let inside: Vec<[u8; 4]> =
            (12..28).flat_map(|y| (12..38).map(move |x| (x, y))).map(|(x, y)| pixels[y * 80 + x]).collect();
        assert!(
            inside.iter().all(|pixel| *pixel == half.to_array()),
            "also where its two triangles meet: {:?}",
            inside[0]
        );
        assert_eq!((pixels[5 * 80 + 20], pixels[20 * 80 + 45]), ([0; 4], [0; 4]));
    }

    #[test]
    fn letters_are_as_fine_as_the_sheet() {
        let write = |ui: &mut Ui| {
            ui.painter().text(Pos2::new(2.0, 2.0), Align2::LEFT_TOP, "20", theme::semibold(16.0), Color32::WHITE);
        };
        let inked = |pixels: &[[u8; 4]]| pixels.iter().map(|pixel| f64::from(pixel[3]) / 255.0).sum::<f64>();
        let (once, twice) = (inked(&painted(1.0, write)), inked(&painted(2.0, write)));
        assert!((20.0..300.0).contains(&once), "{once} pixels of ink");
        assert!((twice / once - 4.0).abs() < 0.5, "{twice} of {once}");
    }

    #[test]
    fn what_lies_outside_its_clip_is_left_out() {
        let pixels = painted(1.0, |ui| {
            let painter = ui.painter_at(Rect::from_min_max(Pos2::ZERO, Pos2::new(30.0, 60.0)));
            painter.rect_filled(Rect::from_min_max(Pos2::ZERO, Pos2::new(80.0, 60.0)), 0, Color32::RED);
        });
        assert_eq!((pixels[30 * 80 + 29], pixels[30 * 80 + 30]), ([255, 0, 0, 255], [0; 4]));
    }
}
