//! Fingers on a slice: one is the mouse, two zoom and pan, three go through the slices (as in OHIF).

use super::view::{SliceSubject, Slices};
use super::{SliceGeometry, Stack};
use crate::app::ui::settings::{self, WheelTurn};
use crate::app::ui::wish::Wish;
use egui::{Response, Ui};

/// Points of three fingers' way for one slice.
const POINTS_PER_SLICE: f32 = 12.0;

/// Act on several fingers over the view; whether there are several, so that the mouse must do nothing.
pub(super) fn fingers(
    slices: &mut Slices,
    ui: &Ui,
    response: &Response,
    geometry: &SliceGeometry,
    stack: &Stack,
    subject: &SliceSubject<'_>,
    wishes: &mut Vec<Wish>,
) -> bool {
    let touch = ui.input(|input| input.multi_touch());
    let Some(touch) = touch.filter(|touch| response.rect.contains(touch.center_pos)) else { return false };
    let place = geometry.orientation as usize;
    if touch.num_touches == 2 {
        let panned = slices.framings[place].panned(touch.translation_delta, geometry.mm_per_point());
        slices.framings[place] = panned.zoomed(f64::from(touch.zoom_delta), touch.center_pos, geometry);
    } else {
        // Upwards is on where it is with the wheel.
        let is_on = settings::of(ui.ctx()).wheel == WheelTurn::AwayIsOn;
        slices.wheel += if is_on { -touch.translation_delta.y } else { touch.translation_delta.y };
        let steps = (slices.wheel / POINTS_PER_SLICE).trunc();
        slices.wheel -= steps * POINTS_PER_SLICE;
        if steps != 0.0 {
            slices.active = geometry.orientation;
            wishes.push(Wish::Crosshair(stack.moved_by(&subject.crosshair, steps as i64)));
        }
    }
    true
}
