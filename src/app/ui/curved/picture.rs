//! The path and the picture along it: made when something they show changed, kept otherwise.

use super::{Way, points};
use crate::base::ContentHash;
use crate::image::curved::{CurvedImage, CurvedPath, CurvedSurface, PathError};
use crate::image::{Interpolation, Scan, Window};
use crate::mesh::CentreLines;
use egui::{ColorImage, TextureHandle, TextureOptions};
use std::sync::Arc;

/// Pixels are this wide, in mm, unless that makes too many of them.
const PIXEL_MM: f64 = 0.5;
/// Most rows: what every graphics adapter takes as a texture.
const ROWS_MAX: f64 = 2000.0;
/// Most columns to each side of the path: a line much shorter than a pixel has very small ones.
const HALF_COLUMNS_MAX: f64 = 200.0;
/// How much of the surroundings is shown across the path, mm.
const ACROSS_MM: f64 = 80.0;
/// Steps from voxel to voxel are rounded over this length, so that the picture does not tremble.
const SMOOTH_MM: f64 = 2.0;

/// The kept path and picture.
#[derive(Default)]
pub(super) struct Picture {
    path: Option<((Way, ContentHash), Result<Arc<CurvedPath>, PathError>)>,
    image: Option<(ContentHash, CurvedImage)>,
    texture: Option<(Window, TextureHandle)>,
    /// How often the texture was made; for tests.
    made: usize,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("made", &self.made).finish_non_exhaustive()
    }
}

impl Picture {
    /// The path along `way` through `lines`, whose hash is `hash`.
    pub(super) fn path(
        &mut self,
        way: Way,
        lines: &CentreLines,
        hash: ContentHash,
    ) -> Result<Arc<CurvedPath>, PathError> {
        let key = (way, hash);
        let kept = self.path.take().filter(|(of, _)| *of == key);
        let make = || {
            let points = points(lines, way.leaf);
            let step_mm = PIXEL_MM.max(super::length_mm(lines, way.leaf) / ROWS_MAX);
            (key, CurvedPath::new(&points, step_mm, SMOOTH_MM).map(Arc::new))
        };
        self.path.insert(kept.unwrap_or_else(make)).1.clone()
    }

    /// The texture of `scan`, whose hash is `hash`, along `path` at an angle; costs nothing if nothing changed.
    pub(super) fn of(
        &mut self,
        ctx: &egui::Context,
        (scan, hash): (&Scan, ContentHash),
        window: Window,
        path: Arc<CurvedPath>,
        angle_rad: f64,
    ) -> (&TextureHandle, &CurvedSurface) {
        let pixel_mm = path.step_mm();
        // An odd number, so that the path has a column of its own.
        let columns = 2 * (0.5 * ACROSS_MM / pixel_mm).round().min(HALF_COLUMNS_MAX) as usize + 1;
        let surface = CurvedSurface { path, angle_rad, pixel_mm, columns };
        let is_same = |(of, image): &(ContentHash, CurvedImage)| {
            let CurvedSurface { path, angle_rad, .. } = &image.surface;
            *of == hash && Arc::ptr_eq(path, &surface.path) && *angle_rad == surface.angle_rad
        };
        if !self.image.as_ref().is_some_and(is_same) {
            self.image = Some((hash, CurvedImage::of(scan, surface, Interpolation::Linear)));
            self.texture = self.texture.take().map(|(_, texture)| (OUTDATED, texture));
        }
        let (_, image) = self.image.as_ref().expect("made above");
        if self.texture.as_ref().is_none_or(|(of, _)| *of != window) {
            // All are opaque, so that nothing has to be multiplied.
            let pixels = ColorImage::from_rgba_premultiplied(image.surface.size(), &image.rgba(window));
            let texture = match self.texture.take() {
                Some((_, mut texture)) => {
                    texture.set(pixels, TextureOptions::LINEAR);
                    texture
                }
                None => ctx.load_texture("along a vessel", pixels, TextureOptions::LINEAR),
            };
            self.texture = Some((window, texture));
            self.made += 1;
        }
        (&self.texture.as_ref().expect("made above").1, &image.surface)
    }

    /// Where its pixels are, once there are any.
    pub(super) fn surface(&self) -> Option<&CurvedSurface> {
        self.image.as_ref().map(|(_, image)| &image.surface)
    }

    /// How often the texture was made.
    #[cfg(test)]
    pub(super) fn made(&self) -> usize {
        self.made
    }
}

/// No window anybody can choose: the texture shows values that are no longer shown.
const OUTDATED: Window = Window { width: 0.0, level: 0.0 };
