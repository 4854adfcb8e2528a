//! The menu on the right button over the 3D view: what can be done with the surface there, or with the view.

use super::camera::NamedView;
use super::contract::{Request, SceneInfo};
use super::layout::Pane;
use super::scene_cut::SceneCut;
use super::wish::{Switch, Wish};
use super::{icons, keys, theme};
use crate::base::NodeId;
use crate::base::i18n::{in_tables, tr, tr_with};
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
    /// Whether views turn about the patient's long axis only.
    pub tilt_locked: bool,
    /// Which view it is.
    pub pane: Pane,
}

/// Opacities to choose from.
pub(super) const OPACITIES: [(&str, f64); 5] =
    [("Opaque", 1.0), ("75 %", 0.75), ("50 %", 0.5), ("25 %", 0.25), ("10 %", 0.1)];

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
            None => view(ui, scene.camera.parallel, shown, wishes),
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
        if item(ui, icons::EYE, tr("word-show-all")) {
            wishes.push(Wish::Isolate(None));
        }
    } else if item(ui, icons::EYE, tr("object-only-this")) {
        wishes.push(Wish::Isolate(Some(id)));
    }
    if shown.ghosted == Some(id) {
        if item(ui, icons::CIRCLES, tr("scene-others")) {
            wishes.push(Wish::Ghost(None));
        }
    } else if item(ui, icons::CIRCLE_DASHED, tr("scene-others-faint")) {
        wishes.push(Wish::Ghost(Some(id)));
    }
    let is_spared = shown.cut.is_some_and(|cut| cut.spared.contains(&id));
    if shown.cut.is_some() && item(ui, icons::SCISSORS, if is_spared { tr("scene-cut-too") } else { tr("scene-whole") })
    {
        wishes.push(Wish::SpareFromCut(id));
    }
    if item(ui, icons::EYE_OFF, tr("word-hide")) {
        wishes.push(display(json!({ "visible": false })));
    }
    ui.menu_button(format!("{}  {}", icons::CONTRAST_2, tr("word-opacity")), |ui| {
        for (name, opacity) in OPACITIES {
            let on = (f64::from(node.display.opacity) - opacity).abs() < 0.01;
            if ui.add(egui::Button::new(in_tables("opacity", name)).selected(on)).clicked() {
                wishes.push(display(json!({ "opacity": opacity })));
            }
        }
    });
    ui.menu_button(format!("{}  {}", icons::PALETTE, tr("word-colour")), |ui| {
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
    if item(ui, icons::FOCUS_2, tr("scene-fly")) {
        wishes.push(Wish::Ask(Request::Fit(Some(id))));
    }
    if item(ui, icons::CROSSHAIR, tr("view-crosshair-here")) {
        wishes.push(Wish::Crosshair(point));
    }
    if item(ui, icons::PENCIL, tr("word-rename")) {
        wishes.push(Wish::Select(Some(id)));
        wishes.push(Wish::Rename(id));
    }
    ui.separator();
    if item(ui, icons::TRASH, tr("word-remove")) {
        wishes.push(Wish::run("object.remove", json!({ "node": id.0 })));
    }
}

fn swatch(ui: &mut Ui, colour: Color32, name: &str, on: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(22.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Button, true, on, name));
    ui.painter().rect_filled(rect.shrink(2.0), 5, colour);
    if on || response.hovered() || response.has_focus() {
        ui.painter().rect_stroke(rect, 6, Stroke::new(1.5, theme::of(ui).strong), StrokeKind::Inside);
    }
    response.on_hover_text(name).clicked()
}

fn view(ui: &mut Ui, parallel: bool, shown: Shown<'_>, wishes: &mut Vec<Wish>) {
    ui.set_min_width(190.0);
    if item(ui, icons::FOCUS_2, tr("scene-all")) {
        wishes.push(Wish::Ask(Request::Fit(None)));
    }
    if shown.isolated.is_some() && item(ui, icons::EYE, tr("scene-all-objects")) {
        wishes.push(Wish::Isolate(None));
    }
    if shown.ghosted.is_some() && item(ui, icons::CIRCLES, tr("scene-none-faint")) {
        wishes.push(Wish::Ghost(None));
    }
    ui.menu_button(format!("{}  {}", icons::BOX, tr("scene-look")), |ui| {
        for view in NamedView::ALL {
            let wish = Wish::Ask(Request::Look(view));
            let key = keys::first(ui.ctx(), &wish).unwrap_or_default();
            let button = egui::Button::new(view.help()).shortcut_text(RichText::new(key).color(theme::of(ui).weak));
            if ui.add(button).clicked() {
                wishes.push(wish);
            }
        }
        ui.separator();
        let switches = [
            ("Parallel projection", Switch::Parallel, parallel),
            ("Lock the tilt", Switch::TiltLock, shown.tilt_locked),
        ];
        for (name, switch, on) in switches {
            let wish = Wish::Flip(switch);
            let key = RichText::new(keys::first(ui.ctx(), &wish).unwrap_or_default()).color(theme::of(ui).weak);
            let button = egui::Button::new(in_tables("action", name)).selected(on).shortcut_text(key);
            if ui.add(button).clicked() {
                wishes.push(wish);
            }
        }
    });
    ui.menu_button(format!("{}  {}", icons::SCISSORS, tr("scene-cut")), |ui| {
        for orientation in Orientation::ALL {
            let on = shown.cut.is_some_and(|cut| cut.orientation == orientation);
            let name = tr_with("scene-cut-at", &[("slice", in_tables("orientation", orientation.name()).into())]);
            if ui.add(egui::Button::new(name).selected(on)).clicked() {
                wishes.push(Wish::Cut((!on).then_some(orientation)));
            }
        }
        ui.separator();
        if ui.add_enabled(shown.cut.is_some(), egui::Button::new(tr("scene-cut-other"))).clicked() {
            wishes.push(Wish::FlipCut);
        }
    });
    if item(ui, icons::MAXIMIZE, tr("view-alone")) {
        wishes.push(Wish::Maximise(shown.pane));
    }
    ui.separator();
    if item(ui, icons::CAMERA, tr("scene-picture")) {
        wishes.push(Wish::TakePicture);
    }
}
