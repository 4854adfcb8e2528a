//! The popover that says how slices look, and the button that plays them.

use super::ScanWindow;
use super::cine::RATE;
use super::look::{Fusion, Look, SlabLook, THICKNESS_MM};
use super::view::Slices;
use crate::app::ui::wish::{Switch, Wish};
use crate::app::ui::{icons, keys, theme, widgets};
use crate::base::i18n::{in_tables, tr};
use crate::base::{ContentHash, NodeId};
use crate::image::slice::Projection;
use crate::image::{Colormap, Scan, foreground, width_min};
use crate::session::{Case, Data};
use egui::{Popup, PopupCloseBehavior, Rect, Response, Sense, Slider, Stroke, StrokeKind, Ui, Vec2};

/// Width of the popover, points.
const WIDTH: f32 = 276.0;

/// The button that plays slices or stops them.
pub fn cine_ui(ui: &mut Ui, slices: &Slices, wishes: &mut Vec<Wish>) {
    let plays = slices.cine.plays().is_some() || slices.cine.plays_path();
    let (icon, name) =
        if plays { (icons::PLAYER_PAUSE, tr("word-stop")) } else { (icons::PLAYER_PLAY, tr("slice-play")) };
    let name = keys::named(ui.ctx(), name, &Wish::PlaySlices);
    if widgets::icon_toggle(ui, icon, &name, plays).clicked() {
        wishes.push(Wish::PlaySlices);
    }
}

/// The button that plays points in time or stops them.
pub fn times_ui(ui: &mut Ui, slices: &Slices, wishes: &mut Vec<Wish>) {
    let plays = slices.cine.plays_times();
    let (icon, name) =
        if plays { (icons::PLAYER_PAUSE, tr("word-stop")) } else { (icons::CLOCK_PLAY, tr("slice-play-times")) };
    let name = keys::named(ui.ctx(), name, &Wish::PlayPhases);
    if widgets::icon_toggle(ui, icon, &name, plays).clicked() {
        wishes.push(Wish::PlayPhases);
    }
}

/// The button and its popover.
pub fn display_ui(
    ui: &mut Ui,
    slices: &mut Slices,
    case: &Case,
    (node, scan, hash): (NodeId, &Scan, ContentHash),
    wishes: &mut Vec<Wish>,
) {
    let id = ui.id().with("display of slices");
    let is_open = Popup::is_id_open(ui.ctx(), id);
    let button = widgets::icon_toggle(ui, icons::ADJUSTMENTS, tr("slice-display"), is_open);
    Popup::from_toggle_button_response(&button).id(id).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(
        |ui| {
            ui.set_width(WIDTH);
            let height = (ui.ctx().content_rect().height() - 140.0).max(160.0);
            // A popup has 400 points by itself, fewer than the list needs.
            ui.set_max_height(height);
            egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
                ui.set_width(WIDTH);
                ui.label(theme::heading(tr("slice-picture")));
                let inverted = slices.window(node, scan, hash).inverted;
                let look = slices.look(node);
                look_ui(ui, look);
                if check(ui, inverted, in_tables("action", "Invert")).clicked() {
                    wishes.push(Wish::Flip(Switch::Inverted));
                }
                slab_ui(ui, slices);
                segments_ui(ui, slices);
                fusion_ui(ui, slices, case, node);
                section(ui, tr("slice-views"));
                ui.checkbox(&mut slices.linked, tr("slice-linked"));
                ui.checkbox(&mut slices.names_hidden, tr("slice-hide-names"));
                section(ui, tr("slice-play-heading"));
                let rate = Slider::new(&mut slices.cine.per_second, RATE[0]..=RATE[1]).integer().suffix(" / s");
                ui.add(rate);
                ui.checkbox(&mut slices.cine.ping_pong, tr("slice-ping-pong"));
            });
        },
    );
}

fn section(ui: &mut Ui, name: &str) {
    ui.add_space(3.0);
    ui.separator();
    ui.label(theme::heading(name));
}

/// A check box whose state lives elsewhere.
fn check(ui: &mut Ui, on: bool, name: &str) -> Response {
    let mut shown = on;
    ui.checkbox(&mut shown, name)
}

fn look_ui(ui: &mut Ui, look: &mut Look) {
    egui::Grid::new("colours").spacing(Vec2::splat(5.0)).show(ui, |ui| {
        // The map of margins has steps that mean nothing in an image.
        let others = |c: &Colormap| !matches!(c, Colormap::Greys | Colormap::Margin);
        let greys_first = [Colormap::Greys].into_iter().chain(Colormap::ALL.into_iter().filter(others));
        for (n, colours) in greys_first.enumerate() {
            if swatch(ui, colours, look.colours == colours).clicked() {
                look.colours = colours;
            }
            if n % 3 == 2 {
                ui.end_row();
            }
        }
    });
    ui.checkbox(&mut look.smooth, tr("slice-interpolate"));
}

/// A strip of the colours of a map with its name.
fn swatch(ui: &mut Ui, colours: Colormap, on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new((WIDTH - 12.0) / 3.0, 32.0), Sense::click());
    let name = crate::app::ui::words::said(colours.name());
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::RadioButton, true, on, &*name));
    let strip = Rect::from_min_size(rect.min + Vec2::new(4.0, 4.0), Vec2::new(rect.width() - 8.0, 9.0));
    let fill = match (on, response.hovered()) {
        (true, _) => theme::of(ui).selected,
        (false, true) => theme::of(ui).card_hovered,
        (false, false) => theme::of(ui).card,
    };
    ui.painter().rect_filled(rect, 4, fill);
    let steps = 32;
    for (n, colour) in colours.table(steps).into_iter().enumerate() {
        let width = strip.width() / steps as f32;
        let left = strip.left() + width * n as f32;
        let part = Rect::from_x_y_ranges(left..=left + width + 0.5, strip.y_range());
        ui.painter().rect_filled(part.intersect(strip), 0, theme::colour(colour));
    }
    let at = rect.center_bottom() - Vec2::new(0.0, 9.5);
    let colour = if on { theme::of(ui).strong } else { theme::of(ui).text };
    ui.painter().text(at, egui::Align2::CENTER_CENTER, &*name, egui::FontId::proportional(11.5), colour);
    if on {
        ui.painter().rect_stroke(rect, 4, Stroke::new(1.0, theme::of(ui).accent), StrokeKind::Inside);
    }
    widgets::focus_ring(ui, &response, rect);
    response
}

fn slab_ui(ui: &mut Ui, slices: &mut Slices) {
    section(ui, tr("slice-slab"));
    let mut slab = slices.slabs[slices.active as usize];
    let before = slab;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        let kinds = [None].into_iter().chain(Projection::ALL.map(Some));
        for kind in kinds {
            let name = kind.map_or(tr("slice-slab-off"), |kind| in_tables("projection", kind.short()));
            // The row has no room for the whole names.
            let button = ui.selectable_label(slab.projection == kind, name);
            if kind.map_or(button.clone(), |kind| button.on_hover_text(in_tables("projection", kind.name()))).clicked()
            {
                slab.projection = kind;
            }
        }
    });
    ui.add_enabled_ui(slab.projection.is_some(), |ui| {
        let range = THICKNESS_MM[0]..=THICKNESS_MM[1];
        let slider = Slider::new(&mut slab.thickness_mm, range).logarithmic(true).step_by(0.5).suffix(" mm");
        ui.add(slider).on_hover_text(tr("slice-slab-help"));
    });
    if slab != before {
        slices.set_slab(slab);
    }
    let mut all = slices.one_slab;
    if ui.checkbox(&mut all, tr("slice-slab-all")).changed() {
        slices.one_slab = all;
        slices.set_slab(slab);
    }
}

fn segments_ui(ui: &mut Ui, slices: &mut Slices) {
    section(ui, tr("slice-segments"));
    let look = &mut slices.segment_look;
    ui.horizontal(|ui| {
        ui.label(tr("word-fill"));
        let mut percent = (f64::from(look.fill) * 100.0).round();
        if ui.add(Slider::new(&mut percent, 0.0..=100.0).integer().suffix(" %")).changed() {
            look.fill = (percent / 100.0) as f32;
        }
    });
    ui.horizontal(|ui| {
        ui.checkbox(&mut look.outline, tr("slice-outline"));
        ui.add_enabled_ui(look.outline, |ui| {
            for width in 1..=3 {
                ui.selectable_value(&mut look.width, width, format!("{width} px"));
            }
        });
    });
}

fn fusion_ui(ui: &mut Ui, slices: &mut Slices, case: &Case, first: NodeId) {
    let others = || case.nodes().filter(|(id, node)| *id != first && matches!(node.data, Data::Scan(_)));
    if others().next().is_none() {
        return;
    }
    section(ui, tr("slice-fusion"));
    let chosen = slices.fusion.map(|fusion| fusion.node).filter(|id| others().any(|(other, _)| other == *id));
    if ui.radio(chosen.is_none(), tr("slice-fusion-none")).clicked() {
        slices.fusion = None;
    }
    for (id, node) in others() {
        let mut name: String = node.name.chars().take(34).collect();
        if name.len() < node.name.len() {
            name.push('…');
        }
        if ui.radio(chosen == Some(id), name).clicked() {
            let share = slices.fusion.map_or(0.5, |fusion| fusion.share);
            slices.fusion = Some(Fusion { node: id, share });
        }
    }
    let Some((id, Some(node))) = chosen.map(|id| (id, case.node(id))) else { return };
    let Data::Scan(scan) = &node.data else { return };
    if let Some(fusion) = &mut slices.fusion {
        ui.horizontal(|ui| {
            ui.label(tr("slice-share"));
            let mut percent = (f64::from(fusion.share) * 100.0).round();
            if ui.add(Slider::new(&mut percent, 0.0..=100.0).integer().suffix(" %")).changed() {
                fusion.share = (percent / 100.0) as f32;
            }
        });
    }
    ui.push_id("second", |ui| look_ui(ui, slices.look_over(id)));
    window_ui(ui, slices.window(id, scan, node.hash()), scan);
}

/// Width and level of the second scan as numbers: the mouse changes those of the first.
fn window_ui(ui: &mut Ui, window: &mut ScanWindow, scan: &Scan) {
    let least = width_min(window.range);
    let range = (window.range[1] - window.range[0]).max(least);
    let decimals = if range < 10.0 { 6 } else { 1 };
    ui.horizontal(|ui| {
        let speed = range / 500.0;
        ui.label("W");
        let widths = least..=4.0 * range;
        ui.add(egui::DragValue::new(&mut window.window.width).speed(speed).range(widths).max_decimals(decimals));
        ui.label("L");
        let levels = window.range[0] - range..=window.range[1] + range;
        ui.add(egui::DragValue::new(&mut window.window.level).speed(speed).range(levels).max_decimals(decimals));
        if ui.button(tr("window-automatic")).clicked()
            && let Some(found) = foreground(scan)
        {
            window.window = found;
        }
        ui.checkbox(&mut window.inverted, in_tables("action", "Invert"));
    });
}

impl Slices {
    /// The next kind of slab, none after the last.
    pub fn next_slab(&mut self) {
        let slab = self.slabs[self.active as usize];
        let kinds = [None].into_iter().chain(Projection::ALL.map(Some)).collect::<Vec<_>>();
        let place = kinds.iter().position(|kind| *kind == slab.projection).unwrap_or(0);
        self.set_slab(SlabLook { projection: kinds[(place + 1) % kinds.len()], ..slab });
    }
}
