//! The transfer function over the histogram of the scan: points, colour stops, and the numbers of the one in hand.

use super::curve::{Axes, Grab, Held, shown_range};
use super::presets::colour_of;
use super::{VolumePanel, VolumeView};
use crate::app::ui::{icons, numbers, theme, widgets};
use crate::base::i18n::tr;
use crate::image::transfer::{Histogram, TransferFunction};
use egui::{Align2, Color32, CursorIcon, DragValue, FontId, Mesh, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2};

const PLOT: f32 = 140.0;
const STRIP: f32 = 14.0;
const GAP: f32 = 8.0;
/// Room at the sides, so that points at the ends are whole.
const SIDE: f32 = 8.0;
/// Radius of a point.
const DOT: f32 = 5.0;
/// Opacities with a line across.
const LINES: [f32; 4] = [0.01, 0.1, 0.5, 1.0];

impl VolumePanel {
    /// Show it and let the mouse change it.
    pub(super) fn editor_ui(&mut self, ui: &mut Ui, view: &mut VolumeView, histogram: &Histogram, unit: &str) {
        let size = Vec2::new(ui.available_width(), PLOT + GAP + STRIP + 20.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Other, true, tr("volume-editor")));
        let plot = Rect::from_min_size(rect.min + Vec2::new(SIDE, 4.0), Vec2::new(rect.width() - 2.0 * SIDE, PLOT));
        let strip = Rect::from_min_size(plot.left_bottom() + Vec2::new(0.0, GAP), Vec2::new(plot.width(), STRIP));
        if self.held.is_none() {
            self.axis = None;
        }
        let range = *self.axis.get_or_insert_with(|| shown_range(histogram, &view.transfer, unit));
        let axes = Axes { plot, strip, range };
        self.act(ui, &response, &axes, view);
        let over = response.hover_pos().and_then(|pos| axes.hit(&view.transfer, pos));
        let hot = self.held.as_ref().map(|held| held.grab).or(over);
        if let Some(grab) = hot {
            let held = self.held.is_some();
            ui.ctx().set_cursor_icon(match (grab, held) {
                (Grab::Whole, _) => CursorIcon::AllScroll,
                (_, true) => CursorIcon::Grabbing,
                (_, false) => CursorIcon::Grab,
            });
        }
        paint(&ui.painter_at(rect), &axes, &view.transfer, histogram, hot, self.picked, unit);
        if let Some(text) = self.text(&axes, &view.transfer, ui.input(|input| input.pointer.latest_pos()), unit) {
            let at = plot.right_top() + Vec2::new(-6.0, 5.0);
            let painter = ui.painter_at(rect);
            let galley = painter.layout_no_wrap(text, theme::semibold(12.0), theme::STRONG);
            let back = Align2::RIGHT_TOP.anchor_size(at, galley.size());
            painter.rect_filled(back.expand(4.0), 4, Color32::from_black_alpha(170));
            painter.galley(back.min, galley, theme::STRONG);
        }
        self.numbers_ui(ui, view, unit);
    }

    fn act(&mut self, ui: &Ui, response: &egui::Response, axes: &Axes, view: &mut VolumeView) {
        let pressed = ui.input(|input| input.pointer.press_origin());
        let at = response.interact_pointer_pos();
        if response.drag_started_by(egui::PointerButton::Primary)
            && let Some(from) = pressed
            && let Some(grab) = axes.hit(&view.transfer, from)
        {
            self.keep(view);
            self.held = Some(Held { grab, start: view.transfer.clone(), from });
            self.picked = (grab != Grab::Whole).then_some(grab);
        }
        if let (Some(held), Some(to)) = (&self.held, at) {
            view.transfer = held.at(axes, to);
        }
        if response.drag_stopped() || !response.dragged() {
            self.held = None;
        }
        let Some(at) = at else { return };
        self.colouring = None;
        let hit = axes.hit(&view.transfer, at);
        if response.double_clicked() {
            let is_strip = axes.plot.bottom() + 3.0 < at.y;
            match hit {
                Some(Grab::Whole) => {
                    self.keep(view);
                    let (more, place) = view.transfer.with_opacity_added(axes.value(at.x), axes.opacity(at.y));
                    (view.transfer, self.picked) = (more, Some(Grab::Point(place)));
                }
                None if is_strip => {
                    self.keep(view);
                    let (more, place) = view.transfer.with_colour_added(axes.value(at.x));
                    (view.transfer, self.picked) = (more, Some(Grab::Stop(place)));
                }
                _ => {}
            }
        } else if response.clicked() {
            self.picked = hit.filter(|grab| *grab != Grab::Whole);
        } else if response.secondary_clicked()
            && let Some(grab) = hit
        {
            self.remove(view, grab);
        }
    }

    fn remove(&mut self, view: &mut VolumeView, grab: Grab) {
        let fewer = match grab {
            Grab::Point(n) => view.transfer.without_opacity(n),
            Grab::Stop(n) => view.transfer.without_colour(n),
            Grab::Whole => return,
        };
        if fewer != view.transfer {
            self.keep(view);
            (view.transfer, self.picked) = (fewer, None);
        }
    }

    /// What is written while something is held.
    fn text(&self, axes: &Axes, transfer: &TransferFunction, to: Option<Pos2>, unit: &str) -> Option<String> {
        let held = self.held.as_ref()?;
        match held.grab {
            Grab::Point(n) => {
                let (value, opacity) = transfer.opacity.get(n)?;
                Some(format!("{}  ·  {} {}", rounded(*value, axes, unit), opacity_text(*opacity), tr("unit-per-mm")))
            }
            Grab::Stop(n) => Some(rounded(transfer.colours.get(n)?.0, axes, unit)),
            Grab::Whole => {
                let to = to?;
                let by = f64::from(to.x - held.from.x) * axes.per_point();
                let sign = if 0.0 < by { "+" } else { "" };
                Some(format!("{sign}{}  ·  ×{:.2}", rounded(by, axes, unit), held.stretch(to)))
            }
        }
    }

    /// The numbers of the point or stop in hand, to the digit.
    fn numbers_ui(&mut self, ui: &mut Ui, view: &mut VolumeView, unit: &str) {
        let before = view.transfer.clone();
        let speed = self.axis.map_or(1.0, |[low, high]| ((high - low) / 500.0).max(1e-6));
        let suffix = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        // A drag of a number is one step back, and so is a number that is typed.
        let (mut begins, mut gone) = (false, None);
        let number = |ui: &mut Ui, value: DragValue<'_>, help: &str, begins: &mut bool| {
            let response = ui.add(value).on_hover_text(help);
            *begins |= response.drag_started() || response.changed() && !response.dragged();
            response.changed()
        };
        ui.horizontal(|ui| {
            ui.set_min_height(26.0);
            match self.picked {
                Some(Grab::Point(n)) if n < view.transfer.opacity.len() => {
                    let (mut value, mut opacity) = view.transfer.opacity[n];
                    ui.label(theme::small(tr("volume-point")));
                    let drag = DragValue::new(&mut value).speed(speed).max_decimals(1).suffix(&suffix);
                    let moved = number(ui, drag, tr("volume-value"), &mut begins);
                    let drag = DragValue::new(&mut opacity).range(0.0..=1.0).speed(0.002).max_decimals(3);
                    if number(ui, drag.suffix(" /mm"), tr("volume-opacity"), &mut begins) || moved {
                        view.transfer = view.transfer.with_opacity_moved(n, value, opacity);
                    }
                    gone = remove_button(ui, tr("volume-point-remove")).then_some(Grab::Point(n));
                }
                Some(Grab::Stop(n)) if n < view.transfer.colours.len() => {
                    let (mut value, mut colour) = view.transfer.colours[n];
                    let picker = ui.color_edit_button_srgb(&mut colour).on_hover_text(tr("volume-colour"));
                    ui.label(theme::small(tr("volume-at")));
                    let drag = DragValue::new(&mut value).speed(speed).max_decimals(1).suffix(&suffix);
                    if number(ui, drag, tr("volume-value"), &mut begins) {
                        view.transfer = view.transfer.with_colour_moved(n, value);
                    }
                    if picker.changed() {
                        view.transfer = view.transfer.recoloured(n, colour);
                        // All a picker does while it is open is one step.
                        begins |= self.colouring.replace(n) != Some(n);
                    }
                    gone = remove_button(ui, tr("volume-colour-remove")).then_some(Grab::Stop(n));
                }
                _ => {
                    let text = tr("volume-editor-help");
                    ui.add(egui::Label::new(theme::small(text)).wrap());
                }
            }
        });
        if begins {
            let after = std::mem::replace(&mut view.transfer, before);
            self.keep(view);
            view.transfer = after;
        }
        if let Some(grab) = gone {
            self.remove(view, grab);
        }
    }
}

fn remove_button(ui: &mut Ui, help: &str) -> bool {
    widgets::icon_button(ui, icons::TRASH, help).clicked()
}

/// A value to the precision of the screen.
fn rounded(value: f64, axes: &Axes, unit: &str) -> String {
    let step = numbers::round_step(axes.per_point().max(1e-9)).min(1.0);
    numbers::quantity((value / step).round() * step, unit)
}

fn opacity_text(opacity: f32) -> String {
    format!("{opacity:.*}", if opacity < 0.1 { 3 } else { 2 })
}

fn paint(
    painter: &Painter,
    axes: &Axes,
    transfer: &TransferFunction,
    histogram: &Histogram,
    hot: Option<Grab>,
    picked: Option<Grab>,
    unit: &str,
) {
    let Axes { plot, strip, .. } = *axes;
    painter.rect_filled(plot, 4, theme::BAR);
    let inside = painter.with_clip_rect(plot.intersect(painter.clip_rect()));
    bars(&inside, axes, histogram);
    for opacity in LINES {
        let y = axes.y(opacity).max(plot.top() + 0.5);
        inside.hline(plot.x_range(), y, Stroke::new(1.0, Color32::from_white_alpha(14)));
        let at = Pos2::new(plot.left() + 3.0, y + 1.0);
        inside.text(at, Align2::LEFT_TOP, opacity.to_string(), FontId::proportional(9.5), theme::WEAK);
    }
    hill(&inside, axes, transfer);
    let mut colours = Mesh::default();
    for step in 0..=strip.width() as usize {
        let x = (strip.left() + step as f32).min(strip.right());
        let colour = colour_of(transfer, axes.value(x));
        quad(&mut colours, x, [strip.top(), strip.bottom()], [colour; 2], 0 < step);
    }
    painter.add(colours);
    let dot = |at: Pos2, fill: Color32, grab: Grab| {
        let radius = if hot == Some(grab) { DOT + 1.5 } else { DOT };
        let ring = if picked == Some(grab) { theme::ACCENT } else { theme::STRONG };
        painter.circle(at, radius, fill, Stroke::new(3.5, Color32::from_black_alpha(150)));
        painter.circle(at, radius, fill, Stroke::new(1.6, ring));
    };
    let shown = |x: f32| plot.left() - 1.0 <= x && x <= plot.right() + 1.0;
    for (n, (value, _)) in transfer.colours.iter().enumerate().filter(|(_, (value, _))| shown(axes.x(*value))) {
        dot(Pos2::new(axes.x(*value), strip.center().y), colour_of(transfer, *value), Grab::Stop(n));
    }
    for (n, (value, opacity)) in transfer.opacity.iter().enumerate().filter(|(_, (value, _))| shown(axes.x(*value))) {
        dot(Pos2::new(axes.x(*value), axes.y(*opacity)), theme::CARD, Grab::Point(n));
    }
    for (x, align, end) in
        [(plot.left(), Align2::LEFT_TOP, axes.range[0]), (plot.right(), Align2::RIGHT_TOP, axes.range[1])]
    {
        let text = rounded(end, axes, unit);
        painter.text(Pos2::new(x, strip.bottom() + 5.0), align, text, FontId::proportional(10.5), theme::WEAK);
    }
}

/// How often values occur.
fn bars(painter: &Painter, axes: &Axes, histogram: &Histogram) {
    let [low, high] = histogram.range;
    let bin = (high - low) / histogram.bins.len() as f64;
    let mut mesh = Mesh::default();
    for (n, height) in histogram.heights().enumerate() {
        let [left, right] = [n, n + 1].map(|n| axes.x(low + n as f64 * bin));
        if height == 0.0 || right < axes.plot.left() || axes.plot.right() < left {
            continue;
        }
        let top = axes.plot.bottom() - 0.92 * height * axes.plot.height();
        mesh.add_colored_rect(
            Rect::from_min_max(Pos2::new(left, top), Pos2::new(right, axes.plot.bottom())),
            Color32::from_rgb(0x3a, 0x40, 0x4a),
        );
    }
    painter.add(mesh);
}

/// The curve, and what lies below it in its colours.
fn hill(painter: &Painter, axes: &Axes, transfer: &TransferFunction) {
    let plot = axes.plot;
    let even = (0..=plot.width() as usize / 2).map(|step| plot.left() + 2.0 * step as f32);
    let mut places: Vec<f32> = even.chain([plot.right()]).collect();
    // Steps are steep: both of their ends belong to the line.
    places.extend(transfer.opacity.iter().map(|(value, _)| axes.x(*value)).filter(|x| plot.x_range().contains(*x)));
    places.sort_by(f32::total_cmp);
    let mut mesh = Mesh::default();
    let mut line = Vec::with_capacity(places.len());
    for x in places {
        let value = axes.value(x);
        let at = Pos2::new(x, axes.y(transfer.opacity_at(value)));
        let colour = colour_of(transfer, value);
        let fill = [colour.gamma_multiply(0.75), colour.gamma_multiply(0.3)];
        quad(&mut mesh, x, [at.y, plot.bottom()], fill, !line.is_empty());
        line.push(at);
    }
    painter.add(mesh);
    painter.add(Shape::line(line.clone(), Stroke::new(3.0, Color32::from_black_alpha(130))));
    painter.add(Shape::line(line, Stroke::new(1.6, theme::STRONG)));
}

/// One more upright edge of a band, joined to the one before.
fn quad(mesh: &mut Mesh, x: f32, [top, bottom]: [f32; 2], [upper, lower]: [Color32; 2], joined: bool) {
    let next = mesh.vertices.len() as u32;
    mesh.colored_vertex(Pos2::new(x, top), upper);
    mesh.colored_vertex(Pos2::new(x, bottom), lower);
    if joined {
        mesh.add_triangle(next - 2, next - 1, next);
        mesh.add_triangle(next - 1, next, next + 1);
    }
}
