//! The bar over the view: which way, how far turned, and how it looks.

use super::place::Framing;
use super::{Way, drawn_ways, leaves, longest};
use crate::app::ui::slice::{SlabLook, THICKNESS_MM};
use crate::app::ui::{icons, numbers, theme, widgets};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::image::slice::Projection;
use crate::session::{Case, Data};
use egui::{Popup, PopupCloseBehavior, Rect, Slider, Ui, Vec2};

/// What a slab of the view may be: a sum has a window of its own, which this view has not.
const SLABS: [Option<Projection>; 4] =
    [None, Some(Projection::Maximum), Some(Projection::Minimum), Some(Projection::Mean)];

/// The next kind of slab, none after the last.
pub(super) fn next_slab(slab: SlabLook) -> SlabLook {
    let place = SLABS.iter().position(|kind| *kind == slab.projection).unwrap_or(0);
    SlabLook { projection: SLABS[(place + 1) % SLABS.len()], ..slab }
}

/// What a way is called.
fn name_of(case: &Case, way: Way) -> String {
    let Some(node) = case.node(way.node()) else { return String::new() };
    match (way, &node.data) {
        (Way::Branch { leaf, .. }, Data::Lines(lines)) => {
            let leaves = leaves(lines);
            let place = leaves.iter().position(|(own, _)| *own == leaf).unwrap_or(0);
            branch_name(place, leaves.get(place).map_or(0.0, |(_, mm)| *mm))
        }
        _ => node.name.clone(),
    }
}

fn branch_name(place: usize, mm: f64) -> String {
    tr_with("path-name", &[("n", (place + 1).into()), ("length", (&numbers::length_mm(mm.round())).into())])
}

/// All ways that can be chosen: those of the lines that are shown, the longest of others, and curves that were drawn.
fn all_ways(case: &Case, now: Way) -> Vec<(Way, String)> {
    let mut all = Vec::new();
    let here = now.node();
    if let Some(Data::Lines(lines)) = case.node(here).map(|node| &node.data) {
        let branch =
            |(place, (leaf, mm)): (usize, (usize, f64))| (Way::Branch { lines: here, leaf }, branch_name(place, mm));
        all.extend(leaves(lines).into_iter().enumerate().map(branch));
    }
    for (id, node) in case.nodes().filter(|(id, node)| *id != here && matches!(node.data, Data::Lines(_))) {
        all.extend(longest(case, id).map(|way| (way, node.name.clone())));
    }
    all.extend(drawn_ways(case).map(|id| (Way::Drawn(id), name_of(case, Way::Drawn(id)))));
    all
}

/// The bar.
pub(super) fn header_ui(
    ui: &mut Ui,
    bar: Rect,
    case: &Case,
    way: &mut Way,
    (angle_deg, slab, framing): (&mut f64, &mut SlabLook, &mut Framing),
) {
    ui.painter_at(bar).rect_filled(bar, 0, theme::BAR);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(bar.shrink2(Vec2::new(8.0, 2.0))).layout(layout), |ui| {
        let width = (bar.width() - 130.0).clamp(60.0, 120.0);
        let combo = egui::ComboBox::from_id_salt("path along a vessel").selected_text(name_of(case, *way)).width(width);
        combo.truncate().show_ui(ui, |ui| {
            for (other, name) in all_ways(case, *way) {
                ui.selectable_value(way, other, name);
            }
        });
        // In a narrow view the slider goes, the number stays.
        ui.spacing_mut().slider_width = (bar.width() - 330.0).clamp(0.0, 220.0);
        let range = 0.0..=360.0;
        let response = if ui.spacing().slider_width < 40.0 {
            ui.add(egui::DragValue::new(angle_deg).range(range).suffix("°").max_decimals(0))
        } else {
            ui.add(Slider::new(angle_deg, range).suffix("°").max_decimals(0))
        };
        response.on_hover_text(tr("curved-turn"));
        look_ui(ui, slab, framing);
    });
}

fn look_ui(ui: &mut Ui, slab: &mut SlabLook, framing: &mut Framing) {
    let id = ui.id().with("look of the view along a way");
    let is_open = Popup::is_id_open(ui.ctx(), id);
    let button = widgets::icon_toggle(ui, icons::ADJUSTMENTS, tr("slice-display"), is_open);
    Popup::from_toggle_button_response(&button).id(id).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(
        |ui| {
            ui.set_width(230.0);
            ui.label(theme::heading(tr("slice-slab")));
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 3.0;
                for kind in SLABS {
                    let name = kind.map_or(tr("slice-slab-off"), |kind| in_tables("projection", kind.short()));
                    let button = ui.selectable_label(slab.projection == kind, name);
                    let help = kind.map(|kind| in_tables("projection", kind.name()));
                    if help.map_or(button.clone(), |help| button.on_hover_text(help)).clicked() {
                        slab.projection = kind;
                    }
                }
            });
            ui.add_enabled_ui(slab.projection.is_some(), |ui| {
                let range = THICKNESS_MM[0]..=THICKNESS_MM[1];
                ui.add(Slider::new(&mut slab.thickness_mm, range).logarithmic(true).step_by(0.5).suffix(" mm"));
            });
            ui.separator();
            ui.checkbox(&mut framing.lying, tr("curved-lying"));
            for (axis, name) in ["slice-flip-sides", "slice-flip-ends"].into_iter().enumerate() {
                let mut on = framing.flips[axis];
                if ui.checkbox(&mut on, tr(name)).changed() {
                    *framing = framing.flipped(axis);
                }
            }
        },
    );
}
