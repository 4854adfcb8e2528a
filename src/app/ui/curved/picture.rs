//! The path and the picture along it: made when something they show changed, kept otherwise. A thick slab is made beside the
//! window.

use super::Way;
use crate::app::ui::slice::{Fused, FusedLook, Look, Overlay, SegmentLook, draw_layer, outline_of, table};
use crate::base::{ContentHash, parallel};
use crate::image::curved::{CurvedImage, CurvedPath, CurvedSpan, CurvedSurface, PathError};
use crate::image::slice::{LabelLayer, Slab};
use crate::image::{Colormap, Interpolation, LabelMap, Scan, Window};
use crate::session::Case;
use egui::{ColorImage, TextureHandle, TextureOptions};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Pixels are this wide, in mm, unless that makes too many of them.
const PIXEL_MM: f64 = 0.5;
/// Most rows: what every graphics adapter takes as a texture.
const ROWS_MAX: f64 = 2000.0;
/// Most columns to each side of the path: a line much shorter than a pixel has very small ones.
const HALF_COLUMNS_MAX: f64 = 200.0;
/// How much of the surroundings is shown across the path, mm.
const ACROSS_MM: f64 = 80.0;
/// Most samples of a picture that is made in a frame.
const AT_ONCE: usize = 2_000_000;
/// How often values that are made beside the window are asked for.
const LOOK: Duration = Duration::from_millis(25);

/// A path and what is known along it.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub(super) path: Arc<CurvedPath>,
    /// Radii of the vessel at its places, mm; none where nobody knows.
    pub(super) radii_mm: Arc<Vec<f64>>,
}

impl Course {
    /// The radius at a row, mm.
    pub(super) fn radius_mm(&self, row: f64) -> Option<f64> {
        let last = self.radii_mm.len().checked_sub(1)?;
        let before = (row.max(0.0) as usize).min(last);
        let (a, b) = (self.radii_mm[before], self.radii_mm[(before + 1).min(last)]);
        Some(a + (b - a) * (row - before as f64).clamp(0.0, 1.0))
    }
}

/// What a picture shows.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) scan: &'a Scan,
    pub(super) hash: ContentHash,
    pub(super) window: Window,
    pub(super) look: Look,
    pub(super) slab: Option<Slab>,
    /// A second scan over the first.
    pub(super) fused: Option<(Fused<'a>, FusedLook)>,
    /// Segments over it, the lowest first.
    pub(super) overlays: &'a [Overlay<'a>],
    pub(super) segments: SegmentLook,
}

/// What the values of a picture depend on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    scan: ContentHash,
    surface: CurvedSurface,
    span: CurvedSpan,
    interpolation: Interpolation,
    slab: Option<Slab>,
    fused: Option<(ContentHash, Interpolation)>,
    labels: Vec<(ContentHash, u64)>,
    outline: usize,
}

/// What a picture of the same values depends on.
#[derive(Debug, Clone, PartialEq)]
struct Colours {
    window: Window,
    look: Look,
    fused: Option<(FusedLook, f32)>,
    segments: SegmentLook,
    opacities: Vec<f32>,
}

/// What was read for a picture.
#[derive(Debug)]
struct Read {
    key: Key,
    image: CurvedImage,
    over: Option<CurvedImage>,
    layers: Vec<LabelLayer>,
}

impl Subject<'_> {
    fn key(&self, surface: CurvedSurface, span: CurvedSpan) -> Key {
        Key {
            scan: self.hash,
            surface,
            span,
            interpolation: self.look.interpolation(),
            slab: self.slab,
            fused: self.fused.as_ref().map(|(fused, over)| (fused.hash, over.look.interpolation())),
            labels: self.overlays.iter().map(|overlay| (overlay.hash, overlay.revision)).collect(),
            outline: outline_of(self.segments),
        }
    }

    fn colours(&self) -> Colours {
        Colours {
            window: self.window,
            look: self.look,
            fused: self.fused.as_ref().map(|(fused, over)| (*over, fused.share)),
            segments: self.segments,
            opacities: self.overlays.iter().map(|overlay| overlay.opacity).collect(),
        }
    }

    /// All it is read from. Clones share the voxels.
    fn sources(&self) -> Sources {
        Sources {
            scan: self.scan.clone(),
            over: self.fused.as_ref().map(|(fused, _)| fused.scan.clone()),
            labels: self.overlays.iter().map(|overlay| overlay.labels.clone()).collect(),
        }
    }

    /// The pixels of `span`, RGBA and opaque, made at once.
    pub(super) fn pixels(&self, surface: &CurvedSurface, span: CurvedSpan) -> Vec<u8> {
        self.coloured(&self.sources().read(self.key(surface.clone(), span)))
    }

    fn coloured(&self, read: &Read) -> Vec<u8> {
        let through = |image: &CurvedImage| match self.look.colours {
            Colormap::Greys => image.rgba(self.window),
            colours => image.rgba_through(self.window, &table(colours)),
        };
        let mut pixels = through(&read.image);
        if let (Some((fused, over)), Some(image)) = (&self.fused, &read.over) {
            image.blend_over(&mut pixels, over.window, &table(over.look.colours), fused.share);
        }
        for (overlay, layer) in self.overlays.iter().zip(&read.layers) {
            draw_layer(&mut pixels, layer, overlay.labels, self.segments, overlay.opacity);
        }
        pixels
    }
}

/// What values are read from.
#[derive(Debug)]
struct Sources {
    scan: Scan,
    over: Option<Scan>,
    labels: Vec<LabelMap>,
}

impl Sources {
    fn read(&self, key: Key) -> Read {
        let of = |scan: &Scan, interpolation| {
            CurvedImage::of_span(scan, key.surface.clone(), key.span, interpolation, key.slab)
        };
        let image = of(&self.scan, key.interpolation);
        let over = self.over.as_ref().zip(key.fused).map(|(scan, (_, interpolation))| of(scan, interpolation));
        let layers = self.labels.iter().map(|labels| key.surface.layer(labels, &key.span, key.outline)).collect();
        Read { key, image, over, layers }
    }
}

/// Why there is no path.
pub(super) type NoPath = Option<PathError>;

/// The kept path and picture.
#[derive(Default)]
pub(super) struct Picture {
    course: Option<((Way, ContentHash), Result<Course, NoPath>)>,
    read: Option<Read>,
    awaited: Option<(Key, Mutex<Receiver<Read>>)>,
    texture: Option<(Option<Colours>, TextureHandle)>,
    /// How often the texture was made; for tests.
    made: usize,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("made", &self.made).finish_non_exhaustive()
    }
}

impl Picture {
    /// The path of `way` and what is known along it.
    pub(super) fn course(&mut self, way: Way, case: &Case) -> Result<Course, NoPath> {
        let hash = case.node(way.node()).ok_or(NoPath::None)?.hash();
        let key = (way, hash);
        let kept = self.course.take().filter(|(of, _)| *of == key);
        let make = || -> Result<Course, NoPath> {
            let line = way.line(case).ok_or(NoPath::None)?;
            let length_mm: f64 = line.points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
            let step_mm = PIXEL_MM.max(length_mm / ROWS_MAX);
            let path = CurvedPath::new(&line.points, step_mm, line.smooth_mm).map_err(Some)?;
            let radii_mm = Arc::new(path.carried(&line.points, &line.radii_mm));
            Ok(Course { path: Arc::new(path), radii_mm })
        };
        self.course.insert(kept.unwrap_or_else(|| (key, make()))).1.clone()
    }

    /// The surface along `path` at an angle.
    pub(super) fn surface_of(path: &Arc<CurvedPath>, angle_rad: f64) -> CurvedSurface {
        let pixel_mm = path.step_mm();
        // An odd number, so that the path has a column of its own.
        let columns = 2 * (0.5 * ACROSS_MM / pixel_mm).round().min(HALF_COLUMNS_MAX) as usize + 1;
        CurvedSurface { path: Arc::clone(path), angle_rad, pixel_mm, columns }
    }

    /// The texture of `subject` on `surface`, and the surface it shows: that of the picture before where the next is made
    /// beside the window. Costs nothing if nothing changed.
    pub(super) fn of(
        &mut self,
        ctx: &egui::Context,
        subject: &Subject<'_>,
        surface: CurvedSurface,
    ) -> (&TextureHandle, &CurvedSurface) {
        let span = surface.span();
        let key = subject.key(surface, span);
        if self.read.as_ref().is_none_or(|read| read.key != key) {
            let _part = crate::app::frames::part("curved picture");
            let fused = subject.fused.as_ref().map_or(0, |(fused, _)| key.surface.cost(&span, key.slab, fused.scan));
            let cost = key.surface.cost(&span, key.slab, subject.scan) + fused;
            let read = if cost <= AT_ONCE || key.slab.is_none() {
                Some(subject.sources().read(key.clone()))
            } else {
                self.made_beside(ctx, subject, &key)
            };
            // A picture of the same scan along the same path stays meanwhile; of another one, the surface itself is shown.
            let may_stay = self.read.as_ref().is_some_and(|read| {
                read.key.scan == key.scan && Arc::ptr_eq(&read.key.surface.path, &key.surface.path)
            });
            let read = read.or_else(|| (!may_stay).then(|| subject.sources().read(Key { slab: None, ..key.clone() })));
            if let Some(read) = read {
                self.read = Some(read);
                self.texture = self.texture.take().map(|(_, texture)| (None, texture));
            }
        }
        let read = self.read.as_ref().expect("read above");
        let colours = subject.colours();
        // Labels of another picture do not fit those of this one.
        let fits = read.layers.len() == subject.overlays.len();
        if fits && self.texture.as_ref().is_none_or(|(of, _)| of.as_ref() != Some(&colours)) {
            // All are opaque, so that nothing has to be multiplied.
            let pixels = ColorImage::from_rgba_premultiplied(read.key.span.size, &subject.coloured(read));
            let options = if subject.look.smooth { TextureOptions::LINEAR } else { TextureOptions::NEAREST };
            let texture = match self.texture.take() {
                Some((_, mut texture)) => {
                    texture.set(pixels, options);
                    texture
                }
                None => ctx.load_texture("along a way", pixels, options),
            };
            self.texture = Some((Some(colours), texture));
            self.made += 1;
        }
        (&self.texture.as_ref().expect("made above").1, &read.key.surface)
    }

    /// What `key` says, read on a thread of its own; `None` until it is there.
    fn made_beside(&mut self, ctx: &egui::Context, subject: &Subject<'_>, key: &Key) -> Option<Read> {
        if let Some((of, mut made)) = self.awaited.take() {
            match made.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv() {
                Ok(read) if of == *key => return Some(read),
                // What is not wanted any more is waited for too, so that no threads pile up.
                Err(TryRecvError::Empty) => self.awaited = Some((of, made)),
                _ => {}
            }
        }
        if self.awaited.is_none() {
            let (sources, wanted, (sender, receiver)) = (subject.sources(), key.clone(), channel());
            let work = move || {
                // The view may be gone by then.
                let _ = sender.send(parallel::own_pool().install(|| sources.read(wanted)));
            };
            if let Err(error) = std::thread::Builder::new().name("curved slab".into()).spawn(work) {
                tracing::warn!(%error, "the system refused a thread; the slab is made here");
                return Some(subject.sources().read(key.clone()));
            }
            self.awaited = Some((key.clone(), Mutex::new(receiver)));
        }
        ctx.request_repaint_after(LOOK);
        None
    }

    /// Where its pixels are, once there are any.
    pub(super) fn surface(&self) -> Option<&CurvedSurface> {
        self.read.as_ref().map(|read| &read.key.surface)
    }

    /// How often the texture was made.
    #[cfg(test)]
    pub(super) fn made(&self) -> usize {
        self.made
    }
}
