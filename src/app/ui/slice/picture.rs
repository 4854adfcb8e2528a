//! The picture of a slice: made when something it shows changed, kept otherwise.

use super::look::{Fused, FusedLook, Look, SegmentLook, table};
use super::outline::draw_segments;
use super::region::window_of_picture;
use crate::base::ContentHash;
use crate::geom::Orientation;
use crate::image::slice::{Projection, Slab, blend_over, draw_range};
use crate::image::{Colormap, Interpolation, LabelMap, Scan, SliceImage, SlicePlane, Window};
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

/// What the values of a picture depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ValuesKey {
    scan: ContentHash,
    plane: SlicePlane,
    slab: Option<Slab>,
    interpolation: Interpolation,
}

/// Everything a picture depends on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    values: ValuesKey,
    window: Window,
    look: Look,
    overlays: Vec<(ContentHash, u64, f32)>,
    segments: SegmentLook,
    range: Option<[f64; 2]>,
    fused: Option<(ContentHash, f32, FusedLook)>,
}

/// The kept picture of one view.
#[derive(Default)]
pub struct Picture {
    key: Option<Key>,
    values: Option<(ValuesKey, SliceImage)>,
    fused: Option<(ValuesKey, SliceImage)>,
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
    /// Its pixels in the patient.
    pub plane: SlicePlane,
    /// The slab that is shown, if it is not the plane alone.
    pub slab: Option<Slab>,
    /// The window; a negative width swaps black and white.
    pub window: Window,
    /// Its colours.
    pub look: Look,
    /// Label maps, the lowest first.
    pub overlays: Vec<Overlay<'a>>,
    /// How they are drawn.
    pub segments: SegmentLook,
    /// Values that are highlighted, both ends included.
    pub range: Option<[f64; 2]>,
    /// A second scan over the first.
    pub fused: Option<(Fused<'a>, FusedLook)>,
}

impl Subject<'_> {
    fn values_key(&self) -> ValuesKey {
        let interpolation = self.look.interpolation();
        ValuesKey { scan: self.hash, plane: self.plane, slab: self.slab, interpolation }
    }
}

impl Picture {
    /// Whether the values of `subject` are there already.
    pub fn has_values_of(&self, subject: &Subject<'_>) -> bool {
        self.values.as_ref().is_some_and(|(key, _)| *key == subject.values_key())
    }

    /// The texture of `subject`; costs nothing if nothing changed.
    pub fn of(&mut self, ctx: &egui::Context, orientation: Orientation, subject: &Subject<'_>) -> &TextureHandle {
        let Subject { scan, plane, slab, window, look, overlays, segments, range, fused, .. } = subject;
        let values = subject.values_key();
        let key = Key {
            values,
            window: *window,
            look: *look,
            overlays: overlays.iter().map(|overlay| (overlay.hash, overlay.revision, overlay.opacity)).collect(),
            segments: *segments,
            range: *range,
            fused: fused.as_ref().map(|(fused, look)| (fused.hash, fused.share, *look)),
        };
        if self.key.as_ref() != Some(&key) || self.texture.is_none() {
            let image = kept(&mut self.values, values, scan);
            let mut pixels = coloured(image, shown_window(*window, *slab, image), look.colours);
            if let Some((Fused { scan, hash, share, .. }, FusedLook { window, look })) = fused {
                let key = ValuesKey { scan: *hash, interpolation: look.interpolation(), ..values };
                let image = kept(&mut self.fused, key, scan);
                let window = shown_window(*window, *slab, image);
                blend_over(&mut pixels, image, window, &table(look.colours), *share);
            } else {
                self.fused = None;
            }
            for Overlay { labels, opacity, .. } in overlays {
                let shown = |id| labels.segment(id).is_some_and(|segment| !segment.hidden);
                draw_segments(&mut pixels, plane, labels, *segments, *opacity, shown);
            }
            if let Some(range) = range {
                draw_range(&mut pixels, image, *range, IN_RANGE);
            }
            // All are opaque, so that nothing has to be multiplied.
            let pixels = ColorImage::from_rgba_premultiplied(plane.size, &pixels);
            let options = if look.smooth { TextureOptions::LINEAR } else { TextureOptions::NEAREST };
            match &mut self.texture {
                Some(texture) => texture.set(pixels, options),
                None => self.texture = Some(ctx.load_texture(orientation.name(), pixels, options)),
            }
            self.key = Some(key);
            self.made += 1;
        }
        self.texture.as_ref().expect("made above")
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

/// The values of `key`, computed if those kept are others.
fn kept<'a>(slot: &'a mut Option<(ValuesKey, SliceImage)>, key: ValuesKey, scan: &Scan) -> &'a SliceImage {
    let before = slot.take().filter(|(of, _)| *of == key);
    let (_, image) = slot.insert(before.unwrap_or_else(|| {
        let ValuesKey { plane, slab, interpolation, .. } = key;
        let image = match slab {
            Some(slab) => SliceImage::of_slab(scan, plane, interpolation, slab),
            None => SliceImage::of(scan, plane, interpolation),
        };
        (key, image)
    }));
    image
}

/// Sums of values fit into no window of the values: they are shown from 1 % to 99 % of themselves.
fn shown_window(window: Window, slab: Option<Slab>, image: &SliceImage) -> Window {
    if slab.is_none_or(|slab| slab.projection != Projection::Sum) {
        return window;
    }
    let own = window_of_picture(image).unwrap_or(window);
    Window { width: own.width * window.width.signum(), ..own }
}

fn coloured(image: &SliceImage, window: Window, colours: Colormap) -> Vec<u8> {
    if colours == Colormap::Greys { image.rgba(window) } else { image.rgba_through(window, &table(colours)) }
}

/// Colour of what a threshold would take.
const IN_RANGE: [u8; 3] = [64, 224, 160];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeId;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};

    fn scan(grid: Grid) -> Scan {
        let voxels = (0..grid.len()).map(|o| o as i16 % 500).collect();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
    }

    fn subject<'a>(scan: &'a Scan, depth_mm: f64, width: f64) -> Subject<'a> {
        Subject {
            scan,
            hash: scan.content_hash(),
            plane: SlicePlane::covering(scan.grid(), Orientation::Axial, depth_mm),
            slab: None,
            window: Window { width, level: 40.0 },
            look: Look::default(),
            overlays: Vec::new(),
            segments: SegmentLook::default(),
            range: None,
            fused: None,
        }
    }

    #[test]
    fn a_picture_is_made_once_for_each_thing_it_shows() {
        let ctx = egui::Context::default();
        let grid = Grid::aligned([20, 16, 8], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
        let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(o % 3 == 0)).collect()).unwrap();
        let labels = LabelMap::from_mask(&mask, "part", [255, 0, 0], None);
        let scan = scan(grid);
        let overlay = Overlay { labels: &labels, hash: labels.content_hash(), revision: 0, opacity: 0.5 };
        let labelled = |look| Subject { overlays: vec![overlay], segments: look, ..subject(&scan, 6.0, 300.0) };
        let slab = Some(Slab { projection: Projection::Maximum, thickness_mm: 6.0 });
        let colours = Look { colours: Colormap::Inferno, smooth: false };
        let plain = SegmentLook::default();
        let mut picture = Picture::default();
        for (expected, subject) in [
            (1, subject(&scan, 3.0, 400.0)),
            (1, subject(&scan, 3.0, 400.0)),
            (2, subject(&scan, 6.0, 400.0)),
            (3, subject(&scan, 6.0, 300.0)),
            (4, labelled(plain)),
            (4, labelled(plain)),
            (5, labelled(SegmentLook { width: 2, ..plain })),
            (6, Subject { slab, ..subject(&scan, 6.0, 300.0) }),
            (6, Subject { slab, ..subject(&scan, 6.0, 300.0) }),
            (7, Subject { look: colours, ..subject(&scan, 6.0, 300.0) }),
        ] {
            picture.of(&ctx, Orientation::Axial, &subject);
            assert_eq!(picture.image().unwrap().plane.size, [20, 16]);
            assert_eq!(picture.made(), expected);
        }
    }

    /// One bright voxel of a coarse, turned grid must appear at its place in the picture of the first scan, and only there.
    #[test]
    fn a_second_scan_appears_where_it_lies_in_the_patient() {
        let first = scan(Grid::aligned([60, 50, 10], Point::new(-30.0, -25.0, 0.0), [1.0, 1.0, 2.0]).unwrap());
        let turn = nalgebra::Rotation3::from_axis_angle(&crate::geom::Vector::z_axis(), 0.4);
        let step = turn.matrix() * nalgebra::Matrix3::from_diagonal(&crate::geom::Vector::new(3.0, -3.0, 3.0));
        let grid = Grid::new([12, 14, 7], Point::new(-20.0, 10.0, 0.0), step).unwrap();
        let marked = [7, 4, 3];
        let place = grid.centre(marked);
        let mut voxels = vec![0.0_f32; grid.len()];
        voxels[grid.offset(marked)] = 100.0;
        let voxels = Voxels::F32(Volume::new(grid, voxels).unwrap());
        let second = Scan { voxels, modality: Modality::Other, window: None, facts: Vec::new() };
        let fused = Fused { name: "PET", node: NodeId(2), scan: &second, hash: second.content_hash(), share: 1.0 };
        let look = Look { colours: Colormap::Inferno, smooth: false };
        let fused = Some((fused, FusedLook { window: Window { width: 100.0, level: 50.0 }, look }));
        let depth_mm = (place.z / 2.0).round() * 2.0;
        let mut picture = Picture::default();
        picture.of(&egui::Context::default(), Orientation::Axial, &Subject { fused, ..subject(&first, depth_mm, 1e6) });
        let (_, image) = picture.fused.as_ref().expect("the second scan was read");
        let [x, y] = image.plane.pixel_from_patient(place).map(|at| at.round() as usize);
        assert_eq!(image.values[y * 60 + x], 100.0);
        let bright = image.values.iter().filter(|value| **value == 100.0).count();
        assert!((6..=12).contains(&bright), "3 mm × 3 mm of 1 mm pixels, not {bright}");
        assert!(image.values.iter().any(|value| value.is_nan()), "outside the second scan nothing is mixed in");
    }
}
