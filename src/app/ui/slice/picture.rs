//! The picture of a slice: made when something it shows changed, kept otherwise.

use super::look::{Fused, FusedLook, Look, SegmentLook, table};
use super::outline::Layers;
use super::plane::cost;
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

/// The values of a picture: those of the scan, and of the one over it.
type Wanted = (ValuesKey, Option<ValuesKey>);

/// Values that were made, each with what it is of.
type Made = (Kept, Option<Kept>);

type Kept = (ValuesKey, SliceImage);

/// What was read for a picture of a plane: colours, windows and opacities are not in it.
#[derive(Debug, Default)]
pub struct Read {
    values: Option<Kept>,
    fused: Option<Kept>,
    layers: Layers,
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
    values: Option<Kept>,
    fused: Option<Kept>,
    texture: Option<TextureHandle>,
    /// The labels over it.
    layers: Layers,
    /// Values that are made beside the window.
    awaited: Option<(Wanted, Mutex<Receiver<Made>>)>,
    /// The values it was last asked for, and the plane of wider pixels it shows until they are there.
    asked: Option<(Wanted, Option<SlicePlane>)>,
    /// The window it was made with.
    window: Option<Window>,
    /// How often the texture was made.
    made: usize,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("key", &self.key).field("made", &self.made).finish_non_exhaustive()
    }
}

/// What a picture shows.
#[derive(Debug, Clone)]
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

    /// All values it needs.
    fn wanted(&self) -> Wanted {
        (self.values_key(), self.fused_key().map(|(key, _)| key))
    }

    /// Samples that all its values take, and pixels of them.
    pub fn cost(&self) -> [f64; 2] {
        let of = |scan: &Scan| cost(&self.plane, self.slab, scan.grid());
        let ([samples, pixels], over) = (of(self.scan), self.fused_key().map_or([0.0; 2], |(_, scan)| of(scan)));
        [samples + over[0], pixels + over[1]]
    }
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

    /// Its pixels, made at once: opaque, 4 bytes each. Outlines are as wide as `segments` says. What was `read` for the
    /// picture before is not read again where it is the same.
    pub fn pixels(&self, read: &mut Read) -> Vec<u8> {
        let image = kept(&mut read.values, self.values_key(), self.scan);
        let fused = self.fused_key().map(|(key, scan)| kept(&mut read.fused, key, scan));
        self.coloured(image, fused, &mut read.layers)
    }

    /// The window that `image` is shown with.
    fn shown_window(&self, image: &SliceImage) -> Window {
        shown_window(self.window, self.slab, self.sums, image)
    }

    fn coloured(&self, image: &SliceImage, over: Option<&SliceImage>, layers: &mut Layers) -> Vec<u8> {
        let mut pixels = coloured(image, self.shown_window(image), self.look.colours);
        if let (Some((fused, FusedLook { window, look })), Some(over)) = (&self.fused, over) {
            let window = shown_window(*window, self.slab, None, over);
            blend_over(&mut pixels, over, window, &table(look.colours), fused.share);
        }
        layers.draw(&mut pixels, &self.plane, &self.overlays, self.segments);
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
    /// Whether the values of `subject` are there already, also those of the scan over it.
    pub fn has_values_of(&self, subject: &Subject<'_>) -> bool {
        let (first, second) = subject.wanted();
        has(&self.values, first) && second.is_none_or(|second| has(&self.fused, second))
    }

    /// Whether values are to be made that it was not asked for before.
    pub fn is_due(&self, subject: &Subject<'_>) -> bool {
        let wanted = subject.wanted();
        self.asked.is_none_or(|(asked, _)| asked != wanted) && !self.has_values_of(subject)
    }

    /// It is asked for `subject` now; whether it was before as well, and wider pixels stand in for its own since.
    pub fn ask(&mut self, subject: &Subject<'_>) -> bool {
        let wanted = subject.wanted();
        match self.asked {
            Some((asked, stand_in)) if asked == wanted => stand_in.is_some(),
            _ => {
                self.asked = Some((wanted, None));
                false
            }
        }
    }

    /// The plane of wider pixels that stands in for what it is asked for: that of the first time, so that a picture that
    /// waits is not made again.
    pub fn stand_in(&mut self, coarser: impl FnOnce() -> SlicePlane) -> SlicePlane {
        match &mut self.asked {
            Some((_, stand_in)) => *stand_in.get_or_insert_with(coarser),
            None => coarser(),
        }
    }

    /// Have the values of `subject` made on a thread of their own, those of both scans; whether they are there now.
    pub fn made_beside(&mut self, ctx: &egui::Context, subject: &Subject<'_>) -> bool {
        let wanted = subject.wanted();
        if let Some((of, mut made)) = self.awaited.take() {
            match made.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv() {
                Ok((first, second)) if of == wanted => {
                    (self.values, self.fused) = (Some(first), second);
                    return true;
                }
                // What is not wanted any more is waited for too, so that no threads pile up.
                Err(TryRecvError::Empty) => self.awaited = Some((of, made)),
                _ => {}
            }
        }
        if self.awaited.is_none() {
            // What is there goes with the thread and comes back with the rest: coarse values take its place meanwhile.
            let (first, second) = wanted;
            let there =
                [self.values.take_if(|kept| kept.0 == first), self.fused.take_if(|kept| Some(kept.0) == second)];
            // Clones share the voxels.
            let scan = subject.scan.clone();
            let over = second.zip(subject.fused_key().map(|(_, over)| over.clone()));
            let make = move |[first_there, second_there]: [Option<Kept>; 2]| -> Made {
                let made_of = |key: ValuesKey, scan: &Scan| (key, key.read(scan));
                let values = first_there.unwrap_or_else(|| made_of(first, &scan));
                (values, over.map(|(key, over)| second_there.unwrap_or_else(|| made_of(key, &over))))
            };
            let ((sender, receiver), make_here) = (channel(), make.clone());
            let work = move || {
                // On threads of its own: other pictures of the window would wait behind it. The view may be gone by then.
                let _ = sender.send(parallel::own_pool().install(|| make(there)));
            };
            if let Err(error) = std::thread::Builder::new().name("slab".into()).spawn(work) {
                tracing::warn!(%error, "the system refused a thread; the slab is made here");
                let (values, over) = make_here([None, None]);
                (self.values, self.fused) = (Some(values), over);
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
            let pixels = subject.coloured(image, over, &mut self.layers);
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

    /// Whether the texture is that of `subject`.
    pub fn is_of(&self, subject: &Subject<'_>) -> bool {
        self.texture.is_some() && self.key.as_ref() == Some(&subject.key())
    }

    /// The texture made last, and its pixels in the patient.
    pub fn last(&self) -> Option<(egui::TextureId, SlicePlane)> {
        Some((self.texture.as_ref()?.id(), self.key.as_ref()?.values.plane))
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
    pub fn made(&self) -> usize {
        self.made
    }
}

fn has(slot: &Option<Kept>, wanted: ValuesKey) -> bool {
    slot.as_ref().is_some_and(|(key, _)| *key == wanted)
}

/// The values of `key`, computed if those kept are others.
fn kept<'a>(slot: &'a mut Option<Kept>, key: ValuesKey, scan: &Scan) -> &'a SliceImage {
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
mod tests;
