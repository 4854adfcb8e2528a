//! The picture of a slice: made when something it shows changed, kept otherwise.

use super::look::{Fused, FusedLook, Look, SegmentLook, table};
use super::outline::draw_segments;
use super::region::window_of_picture;
use crate::base::{ContentHash, parallel};
use crate::geom::Orientation;
use crate::image::slice::{Projection, Slab, blend_over, draw_range};
use crate::image::{Colormap, Interpolation, LabelMap, Scan, SliceImage, SlicePlane, Window};
use egui::{ColorImage, TextureHandle, TextureOptions};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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

impl ValuesKey {
    fn image(&self, scan: &Scan) -> SliceImage {
        let Self { plane, slab, interpolation, .. } = *self;
        match slab {
            Some(slab) => SliceImage::of_slab(scan, plane, interpolation, slab),
            None => SliceImage::of(scan, plane, interpolation),
        }
    }
}

/// How often values that are made beside the window are asked for.
const LOOK: Duration = Duration::from_millis(25);

/// Everything a picture depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    values: ValuesKey,
    window: Window,
    sums: Option<Window>,
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
    /// Values that are made beside the window.
    awaited: Option<(ValuesKey, Mutex<Receiver<SliceImage>>)>,
    /// The window it was made with.
    window: Option<Window>,
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
    /// The window of sums, if somebody chose one; only its size counts.
    pub sums: Option<Window>,
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

impl Subject<'_> {
    /// Everything its picture depends on.
    pub fn key(&self) -> Key {
        Key {
            values: self.values_key(),
            window: self.window,
            sums: self.sums,
            look: self.look,
            overlays: self.overlays.iter().map(|overlay| (overlay.hash, overlay.revision, overlay.opacity)).collect(),
            segments: self.segments,
            range: self.range,
            fused: self.fused.as_ref().map(|(fused, look)| (fused.hash, fused.share, *look)),
        }
    }

    /// The values of the second scan.
    fn fused_key(&self) -> Option<(ValuesKey, &Scan)> {
        let (fused, look) = self.fused.as_ref()?;
        let key = ValuesKey { scan: fused.hash, interpolation: look.look.interpolation(), ..self.values_key() };
        Some((key, fused.scan))
    }

    /// Its pixels, made at once and kept nowhere: opaque, 4 bytes each. Outlines are as wide as `segments` says.
    pub fn pixels(&self) -> Vec<u8> {
        let image = self.values_key().read(self.scan);
        let fused = self.fused_key().map(|(key, scan)| key.read(scan));
        self.coloured(&image, fused.as_ref())
    }

    /// The window that `image` is shown with.
    fn shown_window(&self, image: &SliceImage) -> Window {
        shown_window(self.window, self.slab, self.sums, image)
    }

    fn coloured(&self, image: &SliceImage, over: Option<&SliceImage>) -> Vec<u8> {
        let mut pixels = coloured(image, self.shown_window(image), self.look.colours);
        if let (Some((fused, FusedLook { window, look })), Some(over)) = (&self.fused, over) {
            let window = shown_window(*window, self.slab, None, over);
            blend_over(&mut pixels, over, window, &table(look.colours), fused.share);
        }
        for Overlay { labels, opacity, .. } in &self.overlays {
            let shown = |id| labels.segment(id).is_some_and(|segment| !segment.hidden);
            draw_segments(&mut pixels, &self.plane, labels, self.segments, *opacity, shown);
        }
        if let Some(range) = self.range {
            draw_range(&mut pixels, image, range, IN_RANGE);
        }
        pixels
    }
}

impl ValuesKey {
    fn read(&self, scan: &Scan) -> SliceImage {
        let Self { plane, slab, interpolation, .. } = *self;
        match slab {
            Some(slab) => SliceImage::of_slab(scan, plane, interpolation, slab),
            None => SliceImage::of(scan, plane, interpolation),
        }
    }
}

impl Picture {
    /// Whether the values of `subject` are there already.
    pub fn has_values_of(&self, subject: &Subject<'_>) -> bool {
        self.values.as_ref().is_some_and(|(key, _)| *key == subject.values_key())
    }

    /// Have the values of `subject` made on a thread of their own; whether they are there now.
    pub fn made_beside(&mut self, ctx: &egui::Context, subject: &Subject<'_>) -> bool {
        let wanted = subject.values_key();
        if let Some((key, mut values)) = self.awaited.take() {
            match values.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv() {
                Ok(image) if key == wanted => {
                    self.values = Some((key, image));
                    return true;
                }
                // What is not wanted any more is waited for too, so that no threads pile up.
                Err(TryRecvError::Empty) => self.awaited = Some((key, values)),
                _ => {}
            }
        }
        if self.awaited.is_none() {
            // Clones share the voxels.
            let (scan, (sender, receiver)) = (subject.scan.clone(), channel());
            let make = move || {
                // On threads of its own: other pictures of the window would wait behind it. The view may be gone by then.
                let _ = sender.send(parallel::own_pool().install(|| wanted.image(&scan)));
            };
            if let Err(error) = std::thread::Builder::new().name("slab".into()).spawn(make) {
                tracing::warn!(%error, "the system refused a thread; the slab is made here");
                self.values = Some((wanted, wanted.image(subject.scan)));
                return true;
            }
            self.awaited = Some((wanted, Mutex::new(receiver)));
        }
        ctx.request_repaint_after(LOOK);
        false
    }

    /// The texture of `subject`; costs nothing if nothing changed.
    pub fn of(&mut self, ctx: &egui::Context, orientation: Orientation, subject: &Subject<'_>) -> &TextureHandle {
        let key = subject.key();
        if self.key.as_ref() != Some(&key) || self.texture.is_none() {
            let image = kept(&mut self.values, key.values, subject.scan);
            let over = match subject.fused_key() {
                Some((key, scan)) => Some(kept(&mut self.fused, key, scan)),
                None => {
                    self.fused = None;
                    None
                }
            };
            self.window = Some(subject.shown_window(image));
            let pixels = subject.coloured(image, over);
            // All are opaque, so that nothing has to be multiplied.
            let pixels = ColorImage::from_rgba_premultiplied(subject.plane.size, &pixels);
            let options = if subject.look.smooth { TextureOptions::LINEAR } else { TextureOptions::NEAREST };
            match &mut self.texture {
                Some(texture) => texture.set(pixels, options),
                None => self.texture = Some(ctx.load_texture(orientation.name(), pixels, options)),
            }
            self.key = Some(key);
            self.made += 1;
        }
        self.texture.as_ref().expect("made above")
    }

    /// The window the picture was made with, once there is one; a negative width swaps black and white.
    pub fn window(&self) -> Option<Window> {
        self.window
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
    let (_, image) = slot.insert(before.unwrap_or_else(|| (key, key.read(scan))));
    image
}

/// Sums of values fit into no window of the values: they have a window of their own, `sums`, and are shown from 1 % to
/// 99 % of themselves until somebody chose one.
fn shown_window(window: Window, slab: Option<Slab>, sums: Option<Window>, image: &SliceImage) -> Window {
    if slab.is_none_or(|slab| slab.projection != Projection::Sum) {
        return window;
    }
    let own = sums.or_else(|| window_of_picture(image)).unwrap_or(window);
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
            sums: None,
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

    /// A slab that takes longer than a frame is the same picture, later.
    #[test]
    fn values_made_beside_the_window_are_those_made_at_once() {
        let ctx = egui::Context::default();
        let scan = scan(Grid::aligned([64, 48, 40], Point::origin(), [1.0; 3]).unwrap());
        let slab = Some(Slab { projection: Projection::Mean, thickness_mm: 30.0 });
        let thick = |depth_mm| Subject { slab, ..subject(&scan, depth_mm, 400.0) };
        let mut picture = Picture::default();
        assert!(!picture.made_beside(&ctx, &thick(3.0)), "nothing is there at once");
        // Meanwhile another slice is wanted: what comes for the first is dropped.
        let wanted = thick(20.0);
        let until = std::time::Instant::now() + Duration::from_secs(60);
        while !picture.made_beside(&ctx, &wanted) {
            assert!(std::time::Instant::now() < until, "the values never came");
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(picture.has_values_of(&wanted) && !picture.has_values_of(&thick(3.0)));
        let mut at_once = Picture::default();
        at_once.of(&ctx, Orientation::Axial, &wanted);
        assert_eq!(picture.image(), at_once.image());
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
