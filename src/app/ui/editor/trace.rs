//! Contours that follow the picture: level tracing under the mouse, and a live wire between clicked corners.

use super::gesture::drawn_in;
use super::{Editor, Effect, Stroke};
use crate::app::ui::slice::SliceGeometry;
use crate::app::ui::wish::Wish;
use crate::geom::{Orientation, Point};
use crate::image::{LabelMap, SliceImage, SlicePlane};
use crate::segment::level_trace::level_trace;
use crate::segment::live_wire::{LiveWire, Wires};
use egui::{Response, Ui};

/// What was found in a slice under the mouse, kept until mouse or slice change.
#[derive(Debug)]
pub struct Trace {
    orientation: Orientation,
    plane: SlicePlane,
    pixel: [usize; 2],
    /// The outline, or the wire from the last corner to the mouse, LPS mm.
    pub(super) line: Vec<Point>,
}

/// A slice made ready for wires, and the ways from the last corner.
#[derive(Debug)]
pub struct Wire {
    plane: SlicePlane,
    ready: LiveWire,
    ways: Option<Wires>,
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
        if mine && self.wire.as_ref().is_some_and(|wire| wire.plane != image.plane) {
            // The slice was changed under the contour: what is fixed stays, the wire starts anew from there.
            self.wire = None;
        }
        let pos = response.interact_pointer_pos().or(response.hover_pos());
        let Some(pixel) = pos.and_then(|pos| pixel_at(image, &geometry.patient_from_screen(pos))) else { return };
        let clicked = response.clicked() || response.drag_stopped_by(egui::PointerButton::Primary);
        if mine {
            let way = self.wire.as_ref().and_then(|wire| wire.ways.as_ref()?.to(pixel).ok());
            let line = way.unwrap_or_else(|| vec![pixel]);
            let line = line.into_iter().map(|[x, y]| image.plane.patient_from_pixel([x as f64, y as f64])).collect();
            self.trace = Some(Trace { orientation, plane: image.plane, pixel, line });
        }
        if clicked {
            let mut line = if mine { self.traced(orientation).to_vec() } else { Vec::new() };
            if line.is_empty() {
                line.push(image.plane.patient_from_pixel(pixel.map(|x| x as f64)));
            }
            let old = self.stroke.take().filter(|_| mine);
            let stroke = old.unwrap_or_else(|| Stroke::of_outline(drawn_in(geometry), labels, self.erase, Vec::new()));
            self.stroke = Some(stroke.continued(line));
            let [right, down, _] = geometry.right_down_away();
            let size = |x: f64, y: f64| {
                let pixel = image.plane.patient_from_pixel([x, y]) - image.plane.patient_from_pixel([0.0, 0.0]);
                pixel.dot(&right).abs().max(pixel.dot(&down).abs())
            };
            let spacing_mm = [size(1.0, 0.0), size(0.0, 1.0)];
            let kept = self.wire.take().filter(|wire| wire.plane == image.plane).map(|wire| wire.ready);
            let ready = kept.or_else(|| LiveWire::new(&image.values, image.plane.size, spacing_mm));
            self.wire = ready.map(|ready| Wire { plane: image.plane, ways: ready.from(pixel).ok(), ready });
            self.trace = None;
        }
        let entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
        if mine && (entered || response.double_clicked()) {
            wishes.push(Wish::ApplyStroke);
            (self.trace, self.wire) = (None, None);
        }
    }

    /// Whether the effect follows the picture.
    pub(super) fn traces(&self) -> bool {
        matches!(self.effect, Effect::LevelTrace | Effect::LiveWire)
    }
}

/// The pixel of `image` that `point` lies in.
fn pixel_at(image: &SliceImage, point: &Point) -> Option<[usize; 2]> {
    let [x, y] = image.plane.pixel_from_patient(*point).map(f64::round);
    let [width, height] = image.plane.size;
    let inside = 0.0 <= x && 0.0 <= y && x < width as f64 && y < height as f64;
    inside.then_some([x as usize, y as usize])
}
