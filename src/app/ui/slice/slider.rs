//! The slider at the edge of a slice view: where it is in its stack, and the way to another place.

use super::view::{SliceSubject, Slices};
use super::{SliceGeometry, Stack};
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use egui::{Color32, Rect, Sense, Vec2};

impl Slices {
    /// The narrow slider at the right edge.
    pub(super) fn slider(
        &mut self,
        ui: &egui::Ui,
        geometry: &SliceGeometry,
        stack: &Stack,
        subject: &SliceSubject<'_>,
        wishes: &mut Vec<Wish>,
    ) {
        let SliceGeometry { rect, orientation, .. } = *geometry;
        let track = Rect::from_min_max(
            egui::pos2(rect.right() - 14.0, rect.top() + 34.0),
            egui::pos2(rect.right() - 2.0, rect.bottom() - 40.0),
        );
        if track.height() < 60.0 || stack.count() < 2 {
            return;
        }
        let response = ui.interact(track, ui.id().with(("slider", orientation)), Sense::click_and_drag());
        let last = (stack.count() - 1) as f32;
        // Up on the screen is further along the direction away from the viewer, as with the wheel.
        if let Some(pos) = response.interact_pointer_pos() {
            let index = ((track.bottom() - pos.y) / track.height() * last).round().clamp(0.0, last) as usize;
            self.active = orientation;
            wishes.push(Wish::Crosshair(stack.moved_to(&subject.crosshair, index)));
        }
        let painter = ui.painter_at(rect);
        let hot = response.hovered() || response.dragged();
        let colour = theme::view_colour(orientation);
        let middle = track.center().x;
        let line = Rect::from_x_y_ranges(middle - 1.0..=middle + 1.0, track.y_range());
        painter.rect_filled(line, 1, Color32::from_white_alpha(if hot { 70 } else { 38 }));
        let y = track.bottom() - stack.index(&subject.crosshair) as f32 / last * track.height();
        let size = Vec2::new(if hot { 12.0 } else { 9.0 }, 5.0);
        painter.rect_filled(Rect::from_center_size(egui::pos2(middle, y), size), 2, colour);
    }
}
