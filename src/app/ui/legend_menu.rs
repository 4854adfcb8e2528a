//! What a click on a legend opens: map, ends and isolines of its field. And what hangs below a legend: patches.

use super::contract::Legend;
use super::fields::{FieldLook, MAPS, VectorLook};
use super::slice::shadowed;
use super::wish::Wish;
use super::{numbers, theme, words};
use crate::base::i18n::{tr, tr_with};
use crate::image::Colormap;
use egui::{
    Align2, Color32, DragValue, FontId, Mesh, Painter, Popup, PopupCloseBehavior, Rect, Sense, Stroke, StrokeKind, Ui,
    Vec2,
};

/// Width of the popover in points.
const WIDTH: f32 = 200.0;
/// Height of a patch above or below the bar.
const PATCH: f32 = 11.0;

/// Make the bar of a legend a button that opens its popover.
pub(super) fn legend_menu(ui: &Ui, bar: Rect, place: usize, legend: &Legend, wishes: &mut Vec<Wish>) {
    let area = Rect::from_min_max(bar.min - Vec2::new(46.0, 4.0), bar.max + Vec2::new(6.0, 4.0));
    let id = ui.id().with(("legend", place, &legend.field));
    let response = ui.interact(area, id, Sense::click());
    let name = tr_with("legend-of", &[("field", words::said(&legend.field).as_ref().into())]);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &name));
    let open = Popup::is_id_open(ui.ctx(), id.with("popover"));
    if response.hovered() || response.has_focus() || open {
        ui.painter().rect_stroke(bar.expand(2.5), 2, Stroke::new(1.5, theme::ACCENT), StrokeKind::Outside);
    }
    let response = response.on_hover_text(tr("legend-help"));
    Popup::from_toggle_button_response(&response)
        .id(id.with("popover"))
        .align(egui::RectAlign::LEFT)
        .gap(8.0)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            popover(ui, legend, wishes);
        });
    if let Some(because) = &legend.invalid_because {
        let patch = invalid_patch(bar).expand(3.0);
        let response = ui.interact(patch, id.with("not valid"), Sense::hover());
        let text = format!("{}: {}", tr("not-valid-here"), words::said(because));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, &text));
        response.on_hover_text(text);
    }
}

/// Where the patch that stands for no valid value lies below a bar.
fn invalid_patch(bar: Rect) -> Rect {
    Rect::from_min_size(egui::pos2(bar.left(), bar.bottom() + PATCH + 12.0), Vec2::splat(bar.width()))
}

fn popover(ui: &mut Ui, legend: &Legend, wishes: &mut Vec<Wish>) {
    let mut look = legend.look;
    ui.label(theme::heading(words::said(&legend.field)));
    for map in MAPS {
        if map_row(ui, map, map == legend.map) {
            look.map = Some(map);
        }
    }
    ui.add_space(4.0);
    let [low, high] = legend.range;
    // A drag over the width of the popover goes through the whole range.
    let speed = (legend.own[1] - legend.own[0]).abs().max(f64::MIN_POSITIVE) / f64::from(WIDTH);
    let unit = if legend.unit.is_empty() || legend.unit == "1" { String::new() } else { format!(" {}", legend.unit) };
    for (n, name, limits) in [(1, tr("legend-highest"), low..=f64::MAX), (0, tr("legend-lowest"), f64::MIN..=high)] {
        ui.horizontal(|ui| {
            let label = ui.label(name);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let mut end = legend.range[n];
                let value = DragValue::new(&mut end)
                    .speed(speed)
                    .range(limits)
                    .clamp_existing_to_range(false)
                    .custom_formatter(|value, _| numbers::significant(value))
                    .custom_parser(read_number)
                    .suffix(&unit);
                let changed = ui.add_sized([104.0, 24.0], value).labelled_by(label.id).changed();
                // What cannot be read leaves the value as it is.
                if changed && !legend.range.contains(&end) {
                    look.ends[n] = Some(end);
                }
            });
        });
    }
    if legend.can_have_isolines {
        ui.checkbox(&mut look.isolines, tr("legend-isolines"));
    }
    ui.add_space(4.0);
    let is_changed = legend.look != FieldLook::default();
    if ui.add_enabled(is_changed, egui::Button::new(tr("word-reset")).min_size(Vec2::new(WIDTH, 24.0))).clicked() {
        look = FieldLook::default();
    }
    if let Some(because) = &legend.invalid_because {
        let text = format!("{}: {}", tr("not-valid-here"), words::said(because));
        ui.add(egui::Label::new(egui::RichText::new(text).size(12.0).color(theme::WEAK)).wrap());
    }
    if look != legend.look {
        wishes.push(Wish::FieldLook(legend.field.clone(), look));
    }
    if let Some((vectors, has_lines)) = legend.vectors {
        ui.separator();
        let wanted = vectors_ui(ui, vectors, has_lines);
        if wanted != vectors {
            wishes.push(Wish::Vectors(wanted));
        }
    }
}

/// Arrows, how many, and streamlines.
fn vectors_ui(ui: &mut Ui, mut look: VectorLook, has_lines: bool) -> VectorLook {
    ui.label(theme::heading(tr("vectors")));
    if has_lines {
        ui.checkbox(&mut look.lines, tr("vectors-streamlines"));
    }
    ui.checkbox(&mut look.arrows, tr("vectors-arrows")).on_hover_text(tr("vectors-arrows-help"));
    ui.add_enabled_ui(look.arrows, |ui| {
        ui.spacing_mut().slider_width = WIDTH - 62.0;
        let [least, most] = VectorLook::COUNTS;
        let slider = egui::Slider::new(&mut look.count, least..=most).logarithmic(true).step_by(100.0);
        ui.add(slider).on_hover_text(tr("vectors-count-help"));
    });
    look
}

/// What somebody types, or what is shown: real minus signs, thin spaces and a decimal comma count.
fn read_number(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{2009}')
        .map(|c| match c {
            '−' => '-',
            ',' => '.',
            other => other,
        })
        .collect();
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A map with its colours and its name; whether it was chosen.
fn map_row(ui: &mut Ui, map: Colormap, on: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(WIDTH, 22.0), Sense::click());
    let name = map.name();
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::RadioButton, true, on, name));
    if on || response.hovered() || response.has_focus() {
        let fill = if on { theme::of(ui).selected } else { theme::of(ui).card_hovered };
        ui.painter().rect_filled(rect, 4, fill);
    }
    let strip = Rect::from_min_size(rect.min + Vec2::new(5.0, 5.0), Vec2::new(96.0, 12.0));
    gradient(ui.painter(), strip, &map.table(33));
    let at = egui::pos2(strip.right() + 10.0, rect.center().y);
    ui.painter().text(at, Align2::LEFT_CENTER, name, FontId::proportional(12.5), theme::of(ui).text);
    response.clicked()
}

/// Colours from left to right.
fn gradient(painter: &Painter, rect: Rect, colours: &[[u8; 3]]) {
    let mut mesh = Mesh::default();
    let last = colours.len().max(2) - 1;
    for (n, colour) in colours.iter().enumerate() {
        let x = rect.left() + n as f32 / last as f32 * rect.width();
        mesh.colored_vertex(egui::pos2(x, rect.top()), theme::colour(*colour));
        mesh.colored_vertex(egui::pos2(x, rect.bottom()), theme::colour(*colour));
        if 0 < n {
            let first = 2 * n as u32 - 2;
            mesh.add_triangle(first, first + 1, first + 2);
            mesh.add_triangle(first + 1, first + 2, first + 3);
        }
    }
    painter.add(mesh);
}

/// The colours of what lies beyond the ends, and what stands for no valid value, around the bar of a legend.
pub(super) fn patches(painter: &Painter, bar: Rect, legend: &Legend) {
    let edge = Stroke::new(1.0, Color32::from_black_alpha(160));
    let above = egui::pos2(bar.left(), bar.top() - PATCH - 2.0);
    for (colour, min) in legend.outside.iter().zip([egui::pos2(bar.left(), bar.bottom() + 2.0), above]) {
        let Some(colour) = colour else { continue };
        let patch = Rect::from_min_size(min, Vec2::new(bar.width(), PATCH));
        painter.rect_filled(patch, 0, theme::colour(*colour));
        painter.rect_stroke(patch, 0, edge, StrokeKind::Outside);
    }
    if !legend.has_invalid {
        return;
    }
    let patch = invalid_patch(bar);
    painter.rect_filled(patch, 0, Color32::from_gray(155));
    let inside = painter.with_clip_rect(patch.intersect(painter.clip_rect()));
    for n in 0..5 {
        let from = patch.left_top() + Vec2::new(n as f32 * 6.0 - 4.0, 0.0);
        inside.line_segment([from, from + Vec2::new(-24.0, 24.0)], Stroke::new(2.0, Color32::from_gray(80)));
    }
    painter.rect_stroke(patch, 0, edge, StrokeKind::Outside);
    let at = patch.left_center() - Vec2::new(7.0, 0.0);
    shadowed(painter, at, Align2::RIGHT_CENTER, tr("not-valid-here"), FontId::proportional(11.5), theme::STRONG);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_read_back() {
        for value in [0.0, -3.5, 12_345.0, 1.25e6, 0.0625, -2.5e-7] {
            let read = read_number(&numbers::significant(value)).unwrap();
            assert!((read - value).abs() <= 1e-3 * value.abs(), "{value} {read}");
        }
        assert_eq!((read_number("1,5"), read_number("many"), read_number("inf")), (Some(1.5), None, None));
    }
}
