//! The picture of a slice: made when something it shows changed, kept otherwise.

use crate::base::ContentHash;
use crate::geom::Orientation;
use crate::image::{
    Interpolation, LabelMap, OverlayStyle, Scan, SliceImage, SlicePlane, Window, slice::draw_labels, slice::draw_range,
};
use egui::{ColorImage, TextureHandle, TextureOptions};

/// A label map over the slice.
#[derive(Debug, Clone, Copy)]
pub struct Overlay<'a> {
    /// The labels.
    pub labels: &'a LabelMap,
    /// The hash of the labels.
    pub hash: ContentHash,
    /// Counts changes that have no hash yet: those of a stroke under the mouse.
    pub revision: u64,
    /// 0 shows outlines only, 1 fills them.
    pub opacity: f32,
}

/// Everything a picture depends on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    scan: ContentHash,
    depth_mm: f64,
    window: Window,
    overlays: Vec<(ContentHash, u64, f32)>,
    range: Option<[f64; 2]>,
}

/// The kept picture of one view.
#[derive(Default)]
pub struct Picture {
    key: Option<Key>,
    values: Option<(ContentHash, SliceImage)>,
    texture: Option<TextureHandle>,
    /// How often the texture was made; for tests.
    made: usize,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("key", &self.key).field("made", &self.made).finish_non_exhaustive()
    }
}

/// What a picture shows.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The scan.
    pub scan: &'a Scan,
    /// The hash of the scan.
    pub hash: ContentHash,
    /// The plane's coordinate along the direction away from the viewer, mm.
    pub depth_mm: f64,
    /// The window; a negative width swaps black and white.
    pub window: Window,
    /// Label maps, the lowest first.
    pub overlays: Vec<Overlay<'a>>,
    /// Values that are highlighted, both ends included.
    pub range: Option<[f64; 2]>,
}

/// Share of a segment's colour inside its outline at full opacity.
const FILL_MAX: f32 = 0.45;

impl Picture {
    /// The texture of `subject` and the plane of its pixels; costs nothing if nothing changed.
    pub fn of(
        &mut self,
        ctx: &egui::Context,
        orientation: Orientation,
        subject: &Subject<'_>,
    ) -> (&TextureHandle, SlicePlane) {
        let Subject { scan, hash, depth_mm, window, overlays, range } = subject;
        let overlay_keys = overlays.iter().map(|overlay| (overlay.hash, overlay.revision, overlay.opacity)).collect();
        let key = Key { scan: *hash, depth_mm: *depth_mm, window: *window, overlays: overlay_keys, range: *range };
        let plane = SlicePlane::covering(scan.grid(), orientation, *depth_mm);
        let kept = self.values.take().filter(|(of, image)| of == hash && image.plane == plane);
        let (_, image) =
            self.values.insert(kept.unwrap_or_else(|| (*hash, SliceImage::of(scan, plane, Interpolation::Linear))));
        if self.key.as_ref() != Some(&key) || self.texture.is_none() {
            let mut pixels = image.rgba(*window);
            for Overlay { labels, opacity, .. } in overlays {
                let style = OverlayStyle { fill: FILL_MAX * opacity, outline: 0.9 };
                let shown = |id| labels.segment(id).is_some_and(|segment| !segment.hidden);
                draw_labels(&mut pixels, &plane, labels, style, shown);
            }
            if let Some(range) = range {
                draw_range(&mut pixels, image, *range, IN_RANGE);
            }
            // All are opaque, so that nothing has to be multiplied.
            let pixels = ColorImage::from_rgba_premultiplied(plane.size, &pixels);
            let options = TextureOptions::LINEAR;
            match &mut self.texture {
                Some(texture) => texture.set(pixels, options),
                None => self.texture = Some(ctx.load_texture(orientation.name(), pixels, options)),
            }
            self.key = Some(key);
            self.made += 1;
        }
        (self.texture.as_ref().expect("made above"), plane)
    }

    /// The values shown, once there are any.
    pub fn image(&self) -> Option<&SliceImage> {
        self.values.as_ref().map(|(_, image)| image)
    }

    /// How often the texture was made.
    #[cfg(test)]
    pub fn made(&self) -> usize {
        self.made
    }
}

/// Colour of what a threshold would take.
const IN_RANGE: [u8; 3] = [64, 224, 160];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};

    #[test]
    fn a_picture_is_made_once_for_each_thing_it_shows() {
        let ctx = egui::Context::default();
        let grid = Grid::aligned([20, 16, 8], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
        let voxels = (0..grid.len()).map(|o| o as i16 % 500).collect();
        let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(o % 3 == 0)).collect()).unwrap();
        let labels = LabelMap::from_mask(&mask, "part", [255, 0, 0], None);
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
        let (hash, window) = (scan.content_hash(), Window { width: 400.0, level: 40.0 });
        let subject = |depth_mm, width, with_labels: bool| Subject {
            scan: &scan,
            hash,
            depth_mm,
            window: Window { width, ..window },
            overlays: with_labels
                .then(|| Overlay { labels: &labels, hash: labels.content_hash(), revision: 0, opacity: 0.5 })
                .into_iter()
                .collect(),
            range: None,
        };
        let mut picture = Picture::default();
        for (expected, subject) in [
            (1, subject(3.0, 400.0, false)),
            (1, subject(3.0, 400.0, false)),
            (2, subject(6.0, 400.0, false)),
            (3, subject(6.0, 300.0, false)),
            (4, subject(6.0, 300.0, true)),
            (4, subject(6.0, 300.0, true)),
        ] {
            let (_, plane) = picture.of(&ctx, Orientation::Axial, &subject);
            assert_eq!(plane.size, [20, 16]);
            assert_eq!(picture.made(), expected);
        }
    }
}
