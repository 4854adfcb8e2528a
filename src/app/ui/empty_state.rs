//! What is shown before there is a scan: three ways to begin.

use super::contract::Request;
use super::wish::Wish;
use super::{icons, theme};
use egui::{Align2, FontId, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType};
use serde_json::json;

/// Show the invitation in `rect`.
pub fn empty_state_ui(ui: &mut Ui, rect: Rect, has_phantom: bool, wishes: &mut Vec<Wish>) {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0, theme::BAR);
    let dragging = ui.input(|input| !input.raw.hovered_files.is_empty());
    let frame = rect.shrink(28.0);
    let stroke = if dragging { Stroke::new(2.0, theme::ACCENT) } else { Stroke::new(1.0, theme::LINE) };
    painter.rect_stroke(frame, 14, stroke, StrokeKind::Inside);
    let middle = rect.center() - Vec2::new(0.0, 96.0);
    painter.text(middle, Align2::CENTER_CENTER, "Begin with a patient", theme::semibold(26.0), theme::STRONG);
    let line = "Drag a folder of DICOM files here, or choose one of these.";
    painter.text(middle + Vec2::new(0.0, 34.0), Align2::CENTER_CENTER, line, FontId::proportional(14.0), theme::WEAK);
    let choices = [
        (icons::FOLDER_OPEN, "Open a folder", "CT or MR series as DICOM", Some(Wish::Ask(Request::OpenFolderDialog))),
        (icons::LUNGS, "Sample chest CT", "A real scan, 236 slices", Some(Wish::Ask(Request::LoadSample("chest")))),
        (
            icons::FLASK,
            "Make a phantom",
            "An abdomen of known truth",
            has_phantom.then(|| Wish::Launch { tool: "scan.phantom".into(), params: json!({}) }),
        ),
    ];
    let gap = 14.0;
    let width = ((frame.width() - 2.0 * gap - 60.0) / 3.0).clamp(130.0, 210.0);
    let left = rect.center().x - 1.5 * width - gap;
    for (place, (icon, title, line, wish)) in choices.into_iter().enumerate() {
        let min = egui::pos2(left + place as f32 * (width + gap), middle.y + 72.0);
        let card = Rect::from_min_size(min, Vec2::new(width, 118.0));
        if choice(ui, card, icon, title, line, wish.is_some())
            && let Some(wish) = wish
        {
            wishes.push(wish);
        }
    }
    let foot = "Research and education, not for clinical decisions.";
    painter.text(
        frame.center_bottom() - Vec2::new(0.0, 22.0),
        Align2::CENTER_CENTER,
        foot,
        FontId::proportional(12.0),
        theme::FAINT,
    );
}

fn choice(ui: &Ui, card: Rect, icon: &str, title: &str, line: &str, enabled: bool) -> bool {
    let response = ui.interact(card, ui.id().with(title), if enabled { Sense::click() } else { Sense::hover() });
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, title));
    let hot = enabled && (response.hovered() || response.has_focus());
    let painter = ui.painter();
    painter.rect_filled(card, 10, if hot { theme::CARD_HOVERED } else { theme::CARD });
    if hot {
        painter.rect_stroke(card, 10, Stroke::new(1.0, theme::ACCENT), StrokeKind::Inside);
    }
    let (bright, colour) = if enabled { (theme::STRONG, theme::ACCENT) } else { (theme::FAINT, theme::FAINT) };
    let top = card.center_top();
    painter.text(top + Vec2::new(0.0, 36.0), Align2::CENTER_CENTER, icon, FontId::proportional(32.0), colour);
    painter.text(top + Vec2::new(0.0, 74.0), Align2::CENTER_CENTER, title, theme::semibold(14.0), bright);
    painter.text(top + Vec2::new(0.0, 95.0), Align2::CENTER_CENTER, line, FontId::proportional(12.0), theme::WEAK);
    response.clicked()
}
