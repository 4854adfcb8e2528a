//! The menu on the right button over the 3D view: what can be done with the surface there, or with the view.

use super::camera::NamedView;
use super::contract::{Request, SceneInfo};
use super::layout::Pane;
use super::scene_cut::SceneCut;
use super::wish::Wish;
use super::{icons, keys, theme};
use crate::base::NodeId;
use crate::geom::{Orientation, Point};
use crate::session::{Case, Node};
use egui::{Color32, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};
use serde_json::json;

/// How the objects of the scene are shown beyond what the case says.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The only object shown.
    pub isolated: Option<NodeId>,
    /// The only object that is not faint.
    pub ghosted: Option<NodeId>,
    /// Where surfaces are cut, if they are.
    pub cut: Option<&'a SceneCut>,
}

/// Opacities to choose from.
const OPACITIES: [(&str, f64); 5] = [("Opaque", 1.0), ("75 %", 0.75), ("50 %", 0.5), ("25 %", 0.25), ("10 %", 0.1)];

/// Colours to choose from: tissue as atlases show it, and some that stand out (Okabe and Ito 2008).
const COLOURS: [[u8; 3]; 12] = [
    [0xe3, 0xd8, 0xb8],
    [0xd8, 0x65, 0x4f],
    [0x9a, 0x3d, 0x36],
    [0x4d, 0x7f, 0xc4],
    [0xb9, 0x6b, 0x4e],
    [0xe8, 0xa9, 0xa0],
    [0x56, 0xb4, 0xe9],
    [0xe6, 0x9f, 0x00],
    [0x00, 0x9e, 0x73],
    [0xf0, 0xe4, 0x42],
    [0xcc, 0x79, 0xa7],
    [0xf2, 0xf2, 0xf2],
];

/// Open the menu where the right button was clicked; a drag with it zooms and opens nothing.
pub fn scene_menu(
    ui: &Ui,
    response: &egui::Response,
    scene: &SceneInfo,
    case: &Case,
    shown: Shown<'_>,
    wishes: &mut Vec<Wish>,
) {
    // Nothing is picked while the mouse is over the menu: what was picked when it opened counts.
    let id = response.id.with("picked for the menu");
    if response.secondary_clicked() {
        let picked = scene.picked.as_ref().map(|picked| (picked.node, picked.point));
        ui.data_mut(|data| data.insert_temp(id, picked));
    }
    response.context_menu(|ui| {
        let picked: Option<(NodeId, Point)> = ui.data(|data| data.get_temp(id)).flatten();
        match picked.and_then(|(id, point)| Some((id, point, case.node(id)?))) {
            Some((id, point, node)) => object(ui, id, point, node, shown, wishes),
            None => view(ui, shown, wishes),
        }
    });
}

fn item(ui: &mut Ui, icon: &str, text: &str) -> bool {
    let icon = if icon.is_empty() { "\u{2003}" } else { icon };
    ui.button(format!("{icon}  {text}")).clicked()
}

fn object(ui: &mut Ui, id: NodeId, point: Point, node: &Node, shown: Shown<'_>, wishes: &mut Vec<Wish>) {
    ui.set_min_width(190.0);
    ui.label(theme::strong(&node.name));
    let display = |what: serde_json::Value| {
        let mut params = json!({ "node": id.0 });
        params.as_object_mut().expect("an object was made").extend(what.as_object().cloned().unwrap_or_default());
        Wish::run("object.display", params)
    };
    if shown.isolated == Some(id) {
        if item(ui, icons::EYE, "Show all") {
            wishes.push(Wish::Isolate(None));
        }
    } else if item(ui, icons::EYE, "Show only this") {
        wishes.push(Wish::Isolate(Some(id)));
    }
    if shown.ghosted == Some(id) {
        if item(ui, icons::CIRCLES, "Others as they are") {
            wishes.push(Wish::Ghost(None));
        }
    } else if item(ui, icons::CIRCLE_DASHED, "Others faint") {
        wishes.push(Wish::Ghost(Some(id)));
    }
    let is_spared = shown.cut.is_some_and(|cut| cut.spared.contains(&id));
    if shown.cut.is_some() && item(ui, icons::SCISSORS, if is_spared { "Cut it too" } else { "Leave it whole" }) {
        wishes.push(Wish::SpareFromCut(id));
    }
    if item(ui, icons::EYE_OFF, "Hide") {
        wishes.push(display(json!({ "visible": false })));
    }
    ui.menu_button(format!("{}  Opacity", icons::CONTRAST_2), |ui| {
        for (name, opacity) in OPACITIES {
            let on = (f64::from(node.display.opacity) - opacity).abs() < 0.01;
            if ui.add(egui::Button::new(name).selected(on)).clicked() {
                wishes.push(display(json!({ "opacity": opacity })));
            }
        }
    });
    ui.menu_button(format!("{}  Colour", icons::PALETTE), |ui| {
        for line in COLOURS.chunks(6) {
            ui.horizontal(|ui| {
                for [r, g, b] in line {
                    let name = format!("#{r:02x}{g:02x}{b:02x}");
                    if swatch(ui, Color32::from_rgb(*r, *g, *b), &name, node.display.colour == [*r, *g, *b]) {
                        wishes.push(display(json!({ "colour": name })));
                        ui.close();
                    }
                }
            });
        }
    });
    ui.separator();
    if item(ui, icons::FOCUS_2, "Fly to it") {
        wishes.push(Wish::Ask(Request::Fit(Some(id))));
    }
    if item(ui, icons::CROSSHAIR, "Crosshair here") {
        wishes.push(Wish::Crosshair(point));
    }
    if item(ui, icons::PENCIL, "Rename…") {
        wishes.push(Wish::Select(Some(id)));
        wishes.push(Wish::Rename(id));
    }
    ui.separator();
    if item(ui, icons::TRASH, "Remove") {
        wishes.push(Wish::run("object.remove", json!({ "node": id.0 })));
    }
}

fn swatch(ui: &mut Ui, colour: Color32, name: &str, on: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(22.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Button, true, on, name));
    ui.painter().rect_filled(rect.shrink(2.0), 5, colour);
    if on || response.hovered() || response.has_focus() {
        ui.painter().rect_stroke(rect, 6, Stroke::new(1.5, theme::STRONG), StrokeKind::Inside);
    }
    response.on_hover_text(name).clicked()
}

fn view(ui: &mut Ui, shown: Shown<'_>, wishes: &mut Vec<Wish>) {
    ui.set_min_width(190.0);
    if item(ui, icons::FOCUS_2, "Show everything") {
        wishes.push(Wish::Ask(Request::Fit(None)));
    }
    if shown.isolated.is_some() && item(ui, icons::EYE, "Show all objects") {
        wishes.push(Wish::Isolate(None));
    }
    if shown.ghosted.is_some() && item(ui, icons::CIRCLES, "All as they are") {
        wishes.push(Wish::Ghost(None));
    }
    ui.menu_button(format!("{}  Look", icons::BOX), |ui| {
        for view in NamedView::ALL {
            let wish = Wish::Ask(Request::Look(view));
            let key = keys::first(ui.ctx(), &wish).unwrap_or_default();
            let button = egui::Button::new(view.help()).shortcut_text(RichText::new(key).color(theme::FAINT));
            if ui.add(button).clicked() {
                wishes.push(wish);
            }
        }
    });
    ui.menu_button(format!("{}  Cut", icons::SCISSORS), |ui| {
        for orientation in Orientation::ALL {
            let on = shown.cut.is_some_and(|cut| cut.orientation == orientation);
            let name = format!("At the {} slice", orientation.name());
            if ui.add(egui::Button::new(name).selected(on)).clicked() {
                wishes.push(Wish::Cut((!on).then_some(orientation)));
            }
        }
        ui.separator();
        if ui.add_enabled(shown.cut.is_some(), egui::Button::new("The other side")).clicked() {
            wishes.push(Wish::FlipCut);
        }
    });
    if item(ui, icons::MAXIMIZE, "This view alone, or all") {
        wishes.push(Wish::Maximise(Pane::Scene));
    }
    ui.separator();
    if item(ui, icons::CAMERA, "Picture or film…") {
        wishes.push(Wish::TakePicture);
    }
}
