//! Contours that follow the picture: level tracing under the mouse, and a live wire between clicked corners.

use super::gesture::drawn_in;
use super::{Editor, Effect, Stroke};
use crate::app::ui::slice::SliceGeometry;
use crate::app::ui::wish::Wish;
use crate::base::parallel;
use crate::geom::{Orientation, Point};
use crate::image::{LabelMap, SliceImage, SlicePlane};
use crate::segment::level_trace::level_trace;
use crate::segment::live_wire::{LiveWire, Wires};
use egui::{Response, Ui};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What was found in a slice under the mouse, kept until mouse or slice change.
#[derive(Debug)]
pub struct Trace {
    orientation: Orientation,
    plane: SlicePlane,
    pixel: [usize; 2],
    /// The outline, or the wire from the last corner to the mouse, LPS mm.
    pub(super) line: Vec<Point>,
}

/// The ways from the last corner along the edges of a slice.
#[derive(Debug)]
pub struct Wire {
    plane: SlicePlane,
    search: Search,
    /// Corners that were clicked before the ways to them were found, the first first.
    clicks: VecDeque<[usize; 2]>,
    /// Whether the contour is to be filled once the last of them is reached.
    closes: bool,
}

/// A slice made ready for wires, and the ways from one of its pixels; `None` where there are none.
type Found = Option<(Arc<LiveWire>, Wires)>;

#[derive(Debug)]
enum Search {
    Done(Found),
    /// On a thread: it looks at every pixel of the slice.
    Awaited(Mutex<Receiver<Found>>),
}

/// Slices of up to so many pixels are searched at once.
const AT_ONCE: usize = 1 << 16;

/// How often a thread is asked for what it found.
const LOOK: Duration = Duration::from_millis(25);

impl Search {
    /// Look for the ways from `root` in a slice whose pixels are `spacing_mm` apart; `ready` is the slice made ready before.
    fn begin(ready: Option<Arc<LiveWire>>, image: &SliceImage, spacing_mm: [f64; 2], root: [usize; 2]) -> Self {
        let size = image.plane.size;
        let values = if ready.is_none() { image.values.clone() } else { Vec::new() };
        let find = move || -> Found {
            let ready = ready.clone().or_else(|| LiveWire::new(&values, size, spacing_mm).map(Arc::new))?;
            let ways = ready.from(root).ok()?;
            Some((ready, ways))
        };
        if size[0] * size[1] <= AT_ONCE {
            return Self::Done(parallel::at_once(find));
        }
        let ((sender, receiver), find_here) = (channel(), find.clone());
        // On threads of its own: pictures of the window would wait behind it. The contour may be given up by then.
        let work = move || drop(sender.send(parallel::own_pool().install(find)));
        match std::thread::Builder::new().name("live wire".into()).spawn(work) {
            Ok(_) => Self::Awaited(Mutex::new(receiver)),
            Err(error) => {
                tracing::warn!(%error, "the system refused a thread; the slice is searched here");
                Self::Done(find_here())
            }
        }
    }

    /// What was found, as soon as it is there.
    fn found(&mut self) -> Option<&Found> {
        if let Self::Awaited(receiver) = self {
            match receiver.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv() {
                Ok(found) => *self = Self::Done(found),
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => *self = Self::Done(None),
            }
        }
        match self {
            Self::Done(found) => Some(found),
            Self::Awaited(_) => None,
        }
    }
}

/// Corners of a level trace kept in the command; more say nothing at the size of pixels.
const CORNERS_MAX: usize = 4000;

impl Editor {
    /// The line under the mouse in a view of this orientation.
    pub(super) fn traced(&self, orientation: Orientation) -> &[Point] {
        self.trace.as_ref().filter(|trace| trace.orientation == orientation).map_or(&[], |trace| &trace.line)
    }

    /// Level tracing: the outline under the mouse is shown, a click fills it.
    pub(super) fn level_trace(
        &mut self,
        response: &Response,
        geometry: &SliceGeometry,
        image: &SliceImage,
        labels: &LabelMap,
        wishes: &mut Vec<Wish>,
    ) {
        let Some(pixel) = response.hover_pos().and_then(|pos| pixel_at(image, &geometry.patient_from_screen(pos)))
        else {
            self.trace = None;
            return;
        };
        let orientation = geometry.orientation;
        let is_right = |trace: &Trace| trace.pixel == pixel && trace.plane == image.plane;
        if !self.trace.as_ref().is_some_and(is_right) {
            let corners = level_trace(&image.values, image.plane.size, pixel).unwrap_or_default();
            let line = corners.into_iter().map(|corner| image.plane.patient_from_pixel(corner)).collect();
            self.trace = Some(Trace { orientation, plane: image.plane, pixel, line });
        }
        let line = self.traced(orientation);
        if response.clicked() && 3 <= line.len() && line.len() <= CORNERS_MAX {
            self.stroke = Some(Stroke::of_outline(drawn_in(geometry), labels, self.erase, line.to_vec()));
            wishes.push(Wish::ApplyStroke);
        }
    }

    /// A live wire: each click fixes the way found so far, Enter or a double click closes the contour.
    pub(super) fn live_wire(
        &mut self,
        ui: &Ui,
        response: &Response,
        geometry: &SliceGeometry,
        image: &SliceImage,
        labels: &LabelMap,
        wishes: &mut Vec<Wish>,
    ) {
        let orientation = geometry.orientation;
        let mine = self.stroke.as_ref().is_some_and(|stroke| stroke.is_open_in(orientation));
        let spacing_mm = spacing_mm(geometry, image);
        if mine {
            if let Some(wire) = self.wire.take_if(|wire| wire.plane != image.plane) {
                // The slice was changed under the contour: what is fixed stays, the wire starts anew from there.
                let corners = wire.clicks.iter().map(|pixel| place(&wire.plane, *pixel)).collect();
                self.stroke = self.stroke.take().map(|stroke| stroke.continued(corners));
            }
            self.follow_clicks(ui, image, spacing_mm, wishes);
        }
        let pos = response.interact_pointer_pos().or(response.hover_pos());
        let Some(pixel) = pos.and_then(|pos| pixel_at(image, &geometry.patient_from_screen(pos))) else { return };
        let clicked = response.clicked() || response.drag_stopped_by(egui::PointerButton::Primary);
        if mine && self.stroke.is_some() {
            let wire = self.wire.as_mut();
            let line = wire.map_or_else(|| vec![pixel], |wire| wire.line_to(pixel));
            let line = line.into_iter().map(|pixel| place(&image.plane, pixel)).collect();
            self.trace = Some(Trace { orientation, plane: image.plane, pixel, line });
        }
        if clicked {
            self.trace = None;
            match self.wire.as_mut().filter(|_| mine) {
                Some(wire) => {
                    wire.clicks.push_back(pixel);
                    self.follow_clicks(ui, image, spacing_mm, wishes);
                }
                None => {
                    let old = self.stroke.take().filter(|_| mine);
                    let begin = || Stroke::of_outline(drawn_in(geometry), labels, self.erase, Vec::new());
                    let stroke = old.unwrap_or_else(begin);
                    self.stroke = Some(stroke.continued(vec![place(&image.plane, pixel)]));
                    let kept = self.wire.take().filter(|wire| wire.plane == image.plane);
                    let ready = kept.and_then(|mut wire| Some(Arc::clone(&wire.search.found()?.as_ref()?.0)));
                    self.wire = Some(Wire {
                        plane: image.plane,
                        search: Search::begin(ready, image, spacing_mm, pixel),
                        clicks: VecDeque::new(),
                        closes: false,
                    });
                }
            }
        }
        let entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
        if mine && (entered || response.double_clicked()) {
            match &mut self.wire {
                Some(wire) if !wire.clicks.is_empty() => wire.closes = true,
                _ => self.close_wire(wishes),
            }
        }
        if self.wire.as_mut().is_some_and(|wire| wire.search.found().is_none()) {
            ui.ctx().request_repaint_after(LOOK);
        }
    }

    /// Fix the ways to the corners that were clicked, as far as they are found.
    fn follow_clicks(&mut self, ui: &Ui, image: &SliceImage, spacing_mm: [f64; 2], wishes: &mut Vec<Wish>) {
        let Some(wire) = self.wire.as_mut() else { return };
        let Some(mut stroke) = self.stroke.take() else { return };
        while let (Some(found), Some(corner)) = (wire.search.found(), wire.clicks.front().copied()) {
            let way = found.as_ref().and_then(|(_, ways)| ways.to(corner).ok()).unwrap_or_else(|| vec![corner]);
            let ready = found.as_ref().map(|(ready, _)| Arc::clone(ready));
            stroke = stroke.continued(way.into_iter().map(|pixel| place(&wire.plane, pixel)).collect());
            wire.clicks.pop_front();
            wire.search = Search::begin(ready, image, spacing_mm, corner);
        }
        self.stroke = Some(stroke);
        if wire.clicks.is_empty() {
            if wire.closes {
                self.close_wire(wishes);
            }
        } else {
            ui.ctx().request_repaint_after(LOOK);
        }
    }

    fn close_wire(&mut self, wishes: &mut Vec<Wish>) {
        wishes.push(Wish::ApplyStroke);
        (self.trace, self.wire) = (None, None);
    }

    /// Whether the effect follows the picture.
    pub(super) fn traces(&self) -> bool {
        matches!(self.effect, Effect::LevelTrace | Effect::LiveWire)
    }
}

impl Wire {
    /// The pixels from the last corner to `pixel`: along edges if the ways are found, straight on until then.
    fn line_to(&mut self, pixel: [usize; 2]) -> Vec<[usize; 2]> {
        let straight = || self.clicks.iter().copied().chain([pixel]).collect();
        match self.search.found() {
            Some(Some((_, ways))) if self.clicks.is_empty() => ways.to(pixel).unwrap_or_else(|_| vec![pixel]),
            _ => straight(),
        }
    }
}

/// How far apart the pixels of `image` are along the view, mm.
fn spacing_mm(geometry: &SliceGeometry, image: &SliceImage) -> [f64; 2] {
    let [right, down, _] = geometry.right_down_away();
    [image.plane.right, image.plane.down].map(|step| step.dot(&right).abs().max(step.dot(&down).abs()))
}

/// The centre of a pixel, LPS mm.
fn place(plane: &SlicePlane, pixel: [usize; 2]) -> Point {
    plane.patient_from_pixel(pixel.map(|x| x as f64))
}

/// The pixel of `image` that `point` lies in.
fn pixel_at(image: &SliceImage, point: &Point) -> Option<[usize; 2]> {
    let [x, y] = image.plane.pixel_from_patient(*point).map(f64::round);
    let [width, height] = image.plane.size;
    let inside = 0.0 <= x && 0.0 <= y && x < width as f64 && y < height as f64;
    inside.then_some([x as usize, y as usize])
}
