//! Small building blocks that several panels share.

use super::theme;
use crate::base::i18n;
use egui::{
    Align2, Color32, FontId, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType,
};

/// A square button with an icon only; `name` is its tooltip and what screen readers say.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str) -> Response {
    icon_toggle(ui, icon, name, false)
}

/// As [`icon_button`], shown as pressed while `on`.
pub fn icon_toggle(ui: &mut Ui, icon: &str, name: &str, on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(26.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, enabled, on, name));
    let hot = response.hovered() || response.has_focus();
    let fill = match (on, hot) {
        (true, _) => theme::of(ui).selected,
        (false, true) => theme::of(ui).card_hovered,
        (false, false) => Color32::TRANSPARENT,
    };
    let colour = match (enabled, on, hot) {
        (false, ..) => theme::of(ui).faint,
        (true, true, _) => theme::of(ui).accent,
        (true, false, true) => theme::of(ui).strong,
        (true, false, false) => theme::of(ui).text,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, 5, fill);
    focus_ring(ui, &response, rect);
    painter.text(rect.center(), Align2::CENTER_CENTER, icon, FontId::proportional(16.0), colour);
    response.on_hover_text(name).on_disabled_hover_text(name)
}

/// As [`icon_button`]; coloured while `on`, without a background, for things that are on or off by themselves.
pub fn icon_switch(ui: &mut Ui, icon: &str, name: &str, on: bool) -> Response {
    let colour = if on { theme::of(ui).accent } else { theme::of(ui).faint };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(26.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, on, name));
    if response.hovered() {
        ui.painter().rect_filled(rect, 5, theme::of(ui).card_hovered);
    }
    focus_ring(ui, &response, rect);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, FontId::proportional(16.0), colour);
    response.on_hover_text(name)
}

/// How a tile of the guided panel stands.
#[derive(Debug, Clone, PartialEq)]
pub enum TileState {
    /// Can be pressed.
    Ready,
    /// Its result is in the case.
    Done,
    /// A job runs; 0 to 1.
    Running(f32),
    /// Cannot be pressed, and why.
    Missing(String),
}

/// Points a tile needs besides its label.
const TILE_EXTRA: f32 = 33.0 + 4.0;

/// The width a tile with this label needs.
pub fn tile_width(ui: &Ui, label: &str) -> f32 {
    let galley = ui.painter().layout_no_wrap(label.to_owned(), FontId::proportional(12.5), theme::of(ui).text);
    galley.size().x + TILE_EXTRA
}

/// A large button with icon and label; `help` appears on hover.
pub fn tile(ui: &mut Ui, width: f32, icon: &str, label: &str, help: &str, state: &TileState) -> Response {
    let enabled = !matches!(state, TileState::Missing(_));
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 36.0), sense);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, label));
    let hot = enabled && (response.hovered() || response.has_focus());
    let painter = ui.painter_at(rect.expand(2.0));
    painter.rect_filled(rect, 6, if hot { theme::of(ui).card_hovered } else { theme::of(ui).card });
    let (icon_colour, text_colour) = match (state, hot) {
        (TileState::Missing(_), _) => (theme::of(ui).faint, theme::of(ui).faint),
        (_, true) => (theme::of(ui).accent, theme::of(ui).strong),
        (_, false) => (theme::of(ui).accent, theme::of(ui).text),
    };
    let middle = rect.left_center();
    painter.text(middle + Vec2::new(18.0, 0.0), Align2::CENTER_CENTER, icon, FontId::proportional(18.0), icon_colour);
    let room = painter.with_clip_rect(Rect::from_min_max(rect.min, rect.max - Vec2::new(3.0, 0.0)));
    room.text(middle + Vec2::new(33.0, 0.0), Align2::LEFT_CENTER, label, FontId::proportional(12.5), text_colour);
    match state {
        TileState::Done => {
            // A badge on the icon, so that no label is covered.
            let at = middle + Vec2::new(25.0, 7.0);
            painter.circle_filled(at, 6.5, if hot { theme::of(ui).card_hovered } else { theme::of(ui).card });
            painter.circle_filled(at, 5.5, theme::of(ui).good);
            painter.text(at, Align2::CENTER_CENTER, super::icons::CHECK, FontId::proportional(9.0), theme::of(ui).card);
        }
        TileState::Running(part) => {
            let bar = Rect::from_min_size(rect.left_bottom() - Vec2::new(0.0, 3.0), Vec2::new(width * part, 3.0));
            painter.rect_filled(bar, 1, theme::of(ui).accent);
        }
        TileState::Ready | TileState::Missing(_) => {}
    }
    focus_ring(ui, &response, rect);
    match state {
        TileState::Missing(reason) => response.on_hover_text(format!("{help}\n\n{}", i18n::in_tables("lacks", reason))),
        TileState::Done => response.on_hover_text(format!("{help}\n\n{}", i18n::tr("tile-done"))),
        TileState::Running(_) => response.on_hover_text(format!("{help}\n\n{}", i18n::tr("tile-running"))),
        TileState::Ready => response.on_hover_text(help),
    }
}

/// A ring around what the keyboard points at.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 5, Stroke::new(1.0, theme::of(ui).accent), StrokeKind::Inside);
    }
}

/// A line of a list: painted background, whole width; returns its rectangle and response.
pub fn list_row(ui: &mut Ui, height: f32, selected: bool, label: &str) -> (Rect, Response) {
    let size = Vec2::new(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, ui.is_enabled(), selected, label));
    let fill = match (selected, response.hovered() || response.has_focus()) {
        (true, _) => theme::of(ui).selected,
        (false, true) => theme::of(ui).card_hovered,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 4, fill);
    focus_ring(ui, &response, rect);
    (rect, response)
}

/// A list of at most so many rows is shown whole.
const WHOLE: usize = 60;

/// `count` rows of `height` points, which `row` shows: of a long list only those that are seen, with room for the others,
/// so that ten thousand cost no more than a hundred.
pub fn rows(ui: &mut Ui, height: f32, count: usize, mut row: impl FnMut(&mut Ui, usize)) {
    let pitch = height + ui.spacing().item_spacing.y;
    let (top, seen) = (ui.cursor().top(), ui.clip_rect());
    let place = |y: f32| ((y - top) / pitch).clamp(0.0, count as f32);
    let (first, last) = match count <= WHOLE {
        true => (0, count),
        false => (place(seen.top()).floor() as usize, place(seen.bottom()).ceil() as usize),
    };
    ui.add_space(first as f32 * pitch);
    ui.skip_ahead_auto_ids(first);
    for n in first..last {
        let before = ui.cursor().top();
        row(ui, n);
        // A field that is being written in may be lower than a row.
        ui.add_space((pitch - (ui.cursor().top() - before)).max(0.0));
    }
    ui.add_space((count - last) as f32 * pitch);
}

/// A heading of a panel with room for something at its right end.
pub fn panel_heading(ui: &mut Ui, text: &str, right: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(26.0);
        ui.label(theme::heading(text));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), right);
    });
}

/// What the border of a window and of a dialog and a row of buttons take of its width and height, points.
const AROUND_DIALOG: Vec2 = Vec2::new(80.0, 112.0);

/// What a dialog says, at most `width` points wide; in a low window it scrolls, so that the buttons shown after it are
/// always seen.
pub fn dialog_body(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui)) {
    let room = (ui.ctx().content_rect().size() - AROUND_DIALOG).max(Vec2::splat(40.0));
    ui.set_width(width.min(room.x));
    egui::ScrollArea::vertical().id_salt("dialog").max_height(room.y).auto_shrink([false, true]).show(ui, add);
    ui.add_space(10.0);
}

/// A button that stands out: the one thing to do next.
pub fn primary_button(ui: &mut Ui, text: &str) -> Response {
    let text = RichText::new(text).color(theme::of(ui).on_accent).family(theme::semibold(13.0).family);
    ui.add(egui::Button::new(text).fill(theme::of(ui).accent).min_size(Vec2::new(88.0, 28.0)))
}

/// `text` cut to `width` points with an ellipsis, painted at `at` (left middle).
pub fn text_in(ui: &Ui, at: egui::Pos2, width: f32, text: &str, font: FontId, colour: Color32) -> Rect {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(8.0));
    let galley = ui.painter().layout_job(job);
    let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, colour);
    rect
}
