//! A view that stands still gets its picture anew at the resolution of the screen: every pixel is interpolated as the
//! setting says, exactly at voxel centres, and outlines follow the screen's pixels.
//!
//! While anything moves, the coarser picture of [`super::picture`] is shown as it is. Pictures at rest are made one after
//! the other on a thread, and one of them in a frame goes to the graphics card.

use super::SliceGeometry;
use super::look::{Fused, FusedLook};
use super::picture::{Key, Overlay, Read, Subject};
use super::view::Slices;
use crate::base::{ContentHash, NodeId, parallel};
use crate::geom::Orientation;
use crate::image::{LabelMap, Scan, Window};
use egui::{ColorImage, TextureHandle, TextureId, TextureOptions};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a view stands still before its picture is made, s.
const STILL_S: f64 = 0.15;
/// Most samples of a picture, and most pixels along a side: what every graphics adapter takes.
const SAMPLES_MAX: f64 = 3e8;
const SIDE_MAX: usize = 8192;
/// How often a picture that is made is asked for.
const LOOK: Duration = Duration::from_millis(25);
/// An outline keeps its width on the screen up to so many times that of the setting.
const WIDER_MAX: f64 = 4.0;

/// The pixels of a picture, and what was read for them.
struct Done {
    key: Key,
    pixels: ColorImage,
    read: Read,
}

/// The picture of one view.
#[derive(Default)]
struct Rest {
    /// What was shown last, and since when, seconds of egui's clock.
    seen: Option<(Key, f64)>,
    shown: Option<(Key, TextureHandle)>,
    done: Option<Done>,
    read: Read,
    /// How often the texture was made; for tests.
    made: usize,
}

/// The pictures of the views at rest.
#[derive(Default)]
pub struct Rests {
    views: [Rest; 3],
    awaited: Option<(Orientation, Mutex<Receiver<Done>>)>,
    /// The frame in which one last went to the graphics card.
    sent: Option<u64>,
}

impl std::fmt::Debug for Rests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let made: Vec<usize> = self.views.iter().map(|rest| rest.made).collect();
        f.debug_struct("Rests").field("made", &made).finish_non_exhaustive()
    }
}

/// A subject with all it is read from. Clones share the voxels.
struct Owned {
    scan: Scan,
    labels: Vec<LabelMap>,
    overlays: Vec<(ContentHash, u64, f32)>,
    fused: Option<(String, NodeId, Scan, ContentHash, f32, FusedLook)>,
    bare: Bare,
}

/// The rest of a subject.
struct Bare {
    hash: ContentHash,
    plane: crate::image::SlicePlane,
    slab: Option<crate::image::slice::Slab>,
    window: Window,
    sums: Option<Window>,
    look: super::look::Look,
    segments: super::look::SegmentLook,
    range: Option<[f64; 2]>,
}

impl Owned {
    fn of(subject: &Subject<'_>) -> Self {
        let Subject { scan, hash, plane, slab, window, sums, look, overlays, segments, range, fused } = subject;
        let fused = fused
            .as_ref()
            .map(|(own, look)| (own.name.to_owned(), own.node, own.scan.clone(), own.hash, own.share, *look));
        Self {
            scan: (*scan).clone(),
            labels: overlays.iter().map(|overlay| overlay.labels.clone()).collect(),
            overlays: overlays.iter().map(|overlay| (overlay.hash, overlay.revision, overlay.opacity)).collect(),
            fused,
            bare: Bare {
                hash: *hash,
                plane: *plane,
                slab: *slab,
                window: *window,
                sums: *sums,
                look: *look,
                segments: *segments,
                range: *range,
            },
        }
    }

    fn subject(&self) -> Subject<'_> {
        let Bare { hash, plane, slab, window, sums, look, segments, range } = self.bare;
        let overlay = |(labels, (hash, revision, opacity)): (_, &(ContentHash, u64, f32))| Overlay {
            labels,
            hash: *hash,
            revision: *revision,
            opacity: *opacity,
        };
        let fused = self.fused.as_ref().map(|(name, node, scan, hash, share, look)| {
            (Fused { name, node: *node, scan, hash: *hash, share: *share }, *look)
        });
        let overlays = self.labels.iter().zip(&self.overlays).map(overlay).collect();
        Subject { scan: &self.scan, hash, plane, slab, window, sums, look, overlays, segments, range, fused }
    }
}

impl Slices {
    /// The picture in pixels of the screen and where it lies, once the view stands still; `usual` is what its usual one shows
    /// at its finest.
    pub(super) fn at_rest(
        &mut self,
        ui: &egui::Ui,
        geometry: &SliceGeometry,
        usual: Subject<'_>,
    ) -> Option<(egui::Rect, TextureId)> {
        let (rect, plane) = geometry.pixels(ui.pixels_per_point())?;
        let picture = &self.pictures[geometry.orientation as usize];
        let ready = picture.has_values_of(&usual);
        let mut segments = usual.segments;
        segments.width = outline_width(segments.width, usual.plane.right.norm(), plane.right.norm());
        // A window that was found in sums stays the one that was found.
        let found = || picture.window().map(|window| Window { width: window.width.abs(), ..window });
        let sums = usual.sums.or_else(found);
        let subject = Subject { plane, segments, sums, ..usual };
        Some((rect, self.rests.show(ui, geometry.orientation, &subject, ready)?))
    }
}

/// Width of outlines in a picture of finer pixels, in pixels: about as wide on the screen as before.
fn outline_width(width: usize, wide_mm: f64, fine_mm: f64) -> usize {
    ((width as f64 * (wide_mm / fine_mm).clamp(1.0, WIDER_MAX)).round() as usize).max(1)
}

impl Rests {
    /// The texture of `subject`, whose pixels are those of the screen, if the view has stood still long enough for it to be
    /// there. It is made only where the usual picture is `ready` and nothing is held.
    pub fn show(&mut self, ui: &egui::Ui, view: Orientation, subject: &Subject<'_>, ready: bool) -> Option<TextureId> {
        self.collect();
        let key = subject.key();
        let rest = &mut self.views[view as usize];
        if let Some((_, texture)) = rest.shown.as_ref().filter(|(of, _)| *of == key) {
            return Some(texture.id());
        }
        let (ctx, now_s) = (ui.ctx(), ui.input(|input| input.time));
        let since_s = match &rest.seen {
            Some((of, since_s)) if *of == key => *since_s,
            _ => {
                rest.seen = Some((key.clone(), now_s));
                now_s
            }
        };
        if let Some(done) = rest.done.take() {
            if done.key == key {
                let pass = ctx.cumulative_pass_nr();
                if self.sent == Some(pass) {
                    rest.done = Some(done);
                    ctx.request_repaint();
                    return None;
                }
                self.sent = Some(pass);
                let _part = crate::app::frames::part("slice pictures at rest");
                return Some(rest.send(ctx, view, done));
            }
            rest.read = done.read;
        }
        if !ready || ui.input(|input| input.pointer.any_down()) {
            return None;
        }
        let wait_s = since_s + STILL_S - now_s;
        if 0.0 < wait_s {
            ctx.request_repaint_after_secs(wait_s as f32);
            return None;
        }
        let size = subject.plane.size;
        if SAMPLES_MAX < subject.cost()[0] || size.iter().any(|n| *n == 0 || SIDE_MAX < *n) {
            return None;
        }
        if self.awaited.is_none() {
            self.begin(view, subject, key);
        }
        ctx.request_repaint_after(LOOK);
        None
    }

    /// Take what the thread made.
    fn collect(&mut self) {
        let Some((view, mut made)) = self.awaited.take() else { return };
        match made.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv() {
            Ok(done) => self.views[view as usize].done = Some(done),
            Err(TryRecvError::Empty) => self.awaited = Some((view, made)),
            Err(TryRecvError::Disconnected) => {}
        }
    }

    fn begin(&mut self, view: Orientation, subject: &Subject<'_>, key: Key) {
        let mut read = std::mem::take(&mut self.views[view as usize].read);
        let (owned, (sender, receiver)) = (Owned::of(subject), channel());
        let work = move || {
            parallel::own_pool().install(|| {
                let own = owned.subject();
                let pixels = ColorImage::from_rgba_premultiplied(own.plane.size, &own.pixels(&mut read));
                // The view may be gone by then.
                let _ = sender.send(Done { key, pixels, read });
            });
        };
        match std::thread::Builder::new().name("slice at rest".into()).spawn(work) {
            Ok(_) => self.awaited = Some((view, Mutex::new(receiver))),
            // The usual picture stays.
            Err(error) => tracing::warn!(%error, "the system refused a thread for a slice at rest"),
        }
    }

    /// How often a picture of a view was made.
    #[cfg(test)]
    pub fn made(&self, view: Orientation) -> usize {
        self.views[view as usize].made
    }

    /// Pixels of the picture of a view, if it is the one that was seen last.
    #[cfg(test)]
    pub fn size(&self, view: Orientation) -> Option<[usize; 2]> {
        let Rest { shown, seen, .. } = &self.views[view as usize];
        let (of, texture) = shown.as_ref()?;
        seen.as_ref().is_some_and(|(key, _)| key == of).then(|| texture.size())
    }
}

impl Rest {
    fn send(&mut self, ctx: &egui::Context, view: Orientation, done: Done) -> TextureId {
        let Done { key, pixels, read } = done;
        // A pixel of the picture is one of the screen.
        let options = TextureOptions::NEAREST;
        let texture = match self.shown.take() {
            Some((_, mut texture)) => {
                texture.set(pixels, options);
                texture
            }
            None => ctx.load_texture(format!("{} at rest", view.name()), pixels, options),
        };
        let id = texture.id();
        (self.read, self.shown) = (read, Some((key, texture)));
        self.made += 1;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Framing;
    use super::super::{SliceSubject, Stack};
    use super::*;
    use crate::geom::{Grid, Point, Vector};
    use crate::image::{Interpolation, Modality, SliceImage, Volume, Voxels};
    use egui::{Rect, pos2, vec2};

    fn scan(spacing_mm: [f64; 3]) -> Scan {
        let grid = Grid::aligned([40, 32, 24], Point::new(-20.0, 7.0, -3.0), spacing_mm).unwrap();
        let voxels = (0..grid.len()).map(|o| (o * 7919 % 3001) as f32 * 0.37 - 500.0).collect();
        let voxels = Voxels::F32(Volume::new(grid, voxels).unwrap());
        Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
    }

    #[test]
    fn where_a_pixel_of_the_screen_lies_on_a_voxel_centre_it_has_the_voxels_own_value_bit_for_bit() {
        for (spacing_mm, pixels_per_point) in [([1.0; 3], 1.0), ([1.0; 3], 2.0), ([0.5, 0.5, 2.0], 1.5)] {
            let scan = scan(spacing_mm);
            let grid = scan.grid();
            for view in Orientation::ALL {
                let stack = Stack::of(grid, view);
                for index in [0, 5, stack.count() - 1] {
                    let rect = Rect::from_min_size(pos2(31.0, 18.0), vec2(200.0, 150.0));
                    let of = |framing| SliceGeometry::new(grid, view, stack.depth_mm(index), framing, rect);
                    // A pixel is a quarter of a millimetre, and voxels lie in the middle of some of them.
                    let wanted_mm = 0.25 * f64::from(pixels_per_point);
                    let zoom = of(Framing::default()).mm_per_point() / wanted_mm;
                    let found: usize = [0.0, 0.125]
                        .into_iter()
                        .flat_map(|x| [0.0, 0.125].map(|y| [x, y]))
                        .map(|pan_mm| {
                            let (_, plane) = of(Framing { zoom, pan_mm }).pixels(pixels_per_point).unwrap();
                            count_exact(&scan, plane)
                        })
                        .sum();
                    assert!(400 < found, "{view:?} {index} {spacing_mm:?}: {found}");
                }
            }
        }
    }

    /// Voxel centres that are pixel centres of `plane`, all of whose values were looked at.
    fn count_exact(scan: &Scan, plane: crate::image::SlicePlane) -> usize {
        let grid = scan.grid();
        let images = [Interpolation::Linear, Interpolation::Nearest].map(|how| SliceImage::of(scan, plane, how));
        let [width, height] = plane.size;
        let mut found = 0;
        for offset in 0..grid.len() {
            let at = grid.centre(grid.voxel(offset));
            let [x, y] = plane.pixel_from_patient(at);
            let off = (plane.patient_from_pixel([x.round(), y.round()]) - at).norm();
            let seen = (0.0..width as f64).contains(&x.round()) && (0.0..height as f64).contains(&y.round());
            if seen && off < 1e-9 {
                let own = scan.value(offset) as f32;
                for image in &images {
                    let shown = image.values[y.round() as usize * width + x.round() as usize];
                    assert_eq!(shown.to_bits(), own.to_bits(), "{shown} not {own} at {at}");
                }
                found += 1;
            }
        }
        found
    }

    #[test]
    fn a_view_that_stands_still_is_made_anew_in_pixels_of_the_screen_and_moving_takes_it_away() {
        let scan = scan([1.0, 1.0, 1.0]);
        let hash = scan.content_hash();
        // Without texts, whose fonts only the whole window has.
        let slices = Slices { annotations: false, ..Slices::default() };
        let state = (slices, scan.grid().bounds().centre());
        let show = move |ui: &mut egui::Ui, (slices, crosshair): &mut (Slices, Point)| {
            for (n, view) in Orientation::ALL.into_iter().enumerate() {
                let rect = Rect::from_min_size(pos2(260.0 * n as f32, 0.0), vec2(250.0, 200.0));
                let (node, name, crosshair) = (NodeId(1), "scan", *crosshair);
                let overlays = Vec::new();
                let subject =
                    SliceSubject { node, name, scan: &scan, hash, overlays, range: None, crosshair, fused: None };
                slices.show(ui, rect, view, &subject, None, &mut Vec::new());
            }
        };
        let builder = egui_kittest::Harness::builder().with_size(vec2(800.0, 300.0)).with_pixels_per_point(2.0);
        let mut harness = builder.build_ui_state(show, state);
        type Shown = egui_kittest::Harness<'static, (Slices, Point)>;
        let sizes = |harness: &Shown| Orientation::ALL.map(|view| harness.state().0.rests.size(view));
        let rests = |harness: &mut Shown| {
            let until = std::time::Instant::now() + Duration::from_secs(60);
            while sizes(harness) != [Some([500, 400]); 3] {
                assert!(std::time::Instant::now() < until, "{:?}", sizes(harness));
                std::thread::sleep(Duration::from_millis(5));
                harness.step();
            }
        };
        rests(&mut harness);
        let made = Orientation::ALL.map(|view| harness.state().0.rests.made(view));
        (0..20).for_each(|_| harness.step());
        assert_eq!(Orientation::ALL.map(|view| harness.state().0.rests.made(view)), made, "what stands is kept");
        // A press holds it: the slice that is scrolled to meanwhile is shown as usual.
        let pos = pos2(100.0, 100.0);
        let (button, modifiers) = (egui::PointerButton::Middle, egui::Modifiers::NONE);
        harness.event(egui::Event::PointerMoved(pos));
        harness.event(egui::Event::PointerButton { pos, button, pressed: true, modifiers });
        harness.step();
        harness.state_mut().1 += Vector::new(3.0, 3.0, 3.0);
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(5));
            harness.step();
        }
        assert_eq!(sizes(&harness), [None; 3]);
        harness.event(egui::Event::PointerButton { pos, button, pressed: false, modifiers });
        rests(&mut harness);
    }

    #[test]
    fn outlines_keep_about_their_width_on_the_screen() {
        assert_eq!(outline_width(1, 1.0, 0.5), 2);
        assert_eq!(outline_width(2, 1.0, 3.0), 2, "never thinner than asked for");
        assert_eq!(outline_width(1, 2.0, 0.01), 4, "nor as broad as voxels");
    }
}
