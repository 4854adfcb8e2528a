//! The list of measures with their values, and the button that chooses what is measured.

use super::{Measures, labels};
use crate::app::ui::slice::MouseTool;
use crate::app::ui::wish::{Switch, Wish};
use crate::app::ui::{curved, icons, keys, theme, widgets};
use crate::base::NodeId;
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::geom::measure::Kind;
use crate::image::Measure;
use crate::session::{Case, Data, Node};
use egui::{Align2, FontId, Rect, RichText, Sense, TextEdit, Ui, Vec2, WidgetInfo, WidgetType};
use serde_json::json;

/// The button above the views: what is measured.
pub fn menu_button(ui: &mut Ui, tool: MouseTool, wishes: &mut Vec<Wish>) {
    let on = matches!(tool, MouseTool::Measure(_));
    let colour = if on { theme::of(ui).accent } else { theme::of(ui).text };
    let text = RichText::new(format!("{} {}", icons::RULER_MEASURE, icons::CHEVRON_DOWN)).size(15.0).color(colour);
    let response = ui.menu_button(text, |ui| {
        ui.set_min_width(190.0);
        for kind in Kind::ALL {
            if matches!(kind, Kind::Bidirectional | Kind::Ellipse | Kind::Point) {
                ui.separator();
            }
            let key = key_of(ui, kind);
            let chosen = tool == MouseTool::Measure(kind);
            let name = RichText::new(in_tables("measure", kind.name())).color(if chosen {
                theme::of(ui).accent
            } else {
                theme::of(ui).text
            });
            let button =
                egui::Button::new(name).shortcut_text(RichText::new(key.unwrap_or_default()).color(theme::of(ui).weak));
            if ui.add(button).on_hover_text(how(kind)).clicked() {
                wishes.push(Wish::Tool(MouseTool::Measure(kind)));
            }
        }
    });
    let response = response.response;
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, on, tr("measure-button")));
    let [length, angle] = [(tr("measure-lengths"), Kind::Length), (tr("measure-angles"), Kind::Angle)]
        .map(|(name, kind)| keys::named(&response.ctx, name, &Wish::Tool(MouseTool::Measure(kind))));
    response.on_hover_text(tr_with("measure-button-help", &[("length", (&length).into()), ("angle", (&angle).into())]));
}

/// The key that chooses what is measured, if it has one.
fn key_of(ui: &Ui, kind: Kind) -> Option<String> {
    keys::first(ui.ctx(), &Wish::Tool(MouseTool::Measure(kind)))
}

/// How a kind is drawn, in one sentence.
fn how(kind: Kind) -> &'static str {
    match kind {
        Kind::Length => tr("measure-how-length"),
        Kind::Polyline => tr("measure-how-polyline"),
        Kind::Curve => tr("measure-how-curve"),
        Kind::Spline => tr("measure-how-spline"),
        Kind::Geodesic => tr("measure-how-geodesic"),
        Kind::Angle => tr("measure-how-angle"),
        Kind::Cobb => tr("measure-how-cobb"),
        Kind::Bidirectional => tr("measure-how-bidirectional"),
        Kind::Ellipse | Kind::Rectangle => tr("measure-how-box"),
        Kind::Region => tr("measure-how-region"),
        Kind::Point => tr("measure-how-point"),
        Kind::Arrow => tr("measure-how-arrow"),
        Kind::Text => tr("measure-how-text"),
    }
}

/// All measures with their values.
pub fn measures_ui(ui: &mut Ui, case: &Case, selected: Option<NodeId>, hidden: bool, wishes: &mut Vec<Wish>) {
    let all: Vec<(NodeId, &Node, &Measure)> = case
        .nodes()
        .filter_map(|(id, node)| match &node.data {
            Data::Measure(measure) => Some((id, &**node, &**measure)),
            _ => None,
        })
        .collect();
    if all.is_empty() {
        let press = |id, kind| key_of(ui, kind).map(|key| tr_with(id, &[("key", (&key).into())]));
        let pressed = [press("measure-press-length", Kind::Length), press("measure-press-angle", Kind::Angle)];
        let pressed = pressed.into_iter().flatten().collect::<Vec<_>>().join(&format!(" {} ", tr("word-or")));
        let text = match pressed.is_empty() {
            true => tr("measure-none").to_owned(),
            false => tr_with("measure-none-keys", &[("keys", (&pressed).into())]),
        };
        ui.add(egui::Label::new(theme::small(text)).wrap());
        return;
    }
    widgets::rows(ui, ROW, all.len(), |ui, n| {
        let (id, node, measure) = all[n];
        row(ui, id, node, measure, selected == Some(id), case, wishes);
    });
    if let Some((id, _, measure)) = all.iter().find(|(id, ..)| Some(*id) == selected) {
        text_ui(ui, *id, measure, wishes);
    }
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        if ui.small_button(tr("measure-csv")).clicked() {
            wishes.push(Wish::Form { tool: "export.measures".into(), params: json!({}) });
        }
        if ui.small_button(if hidden { tr("measure-show") } else { tr("measure-hide") }).clicked() {
            wishes.push(Wish::Flip(Switch::Measures));
        }
    });
}

/// Height of a row, points.
const ROW: f32 = 25.0;

fn row(ui: &mut Ui, id: NodeId, node: &Node, measure: &Measure, selected: bool, case: &Case, wishes: &mut Vec<Wish>) {
    let (kind, values) = (measure.shape.kind(), &node.summary.facts);
    let value = labels::headline(kind, &measure.text, values);
    let (rect, response) = widgets::list_row(ui, ROW, selected, &format!("{} {value}", node.name));
    let fade = if node.display.visible { 1.0 } else { 0.45 };
    let at = rect.left_center() + Vec2::new(11.0, 0.0);
    ui.painter().circle_filled(at, 4.5, theme::colour(node.display.colour).gamma_multiply(fade));
    let eye_rect = Rect::from_center_size(rect.right_center() - Vec2::new(13.0, 0.0), Vec2::splat(22.0));
    let eye = ui.interact(eye_rect, response.id.with("eye"), Sense::click());
    let verb = if node.display.visible { tr("word-hide") } else { tr("word-show") };
    eye.widget_info(|| {
        WidgetInfo::labeled(
            WidgetType::Button,
            true,
            tr_with("measure-eye", &[("verb", verb.into()), ("name", node.name.as_str().into())]),
        )
    });
    let glyph = if node.display.visible { icons::EYE } else { icons::EYE_OFF };
    let eye_colour = if eye.hovered() { theme::of(ui).strong } else { theme::of(ui).weak };
    ui.painter().text(eye_rect.center(), Align2::CENTER_CENTER, glyph, FontId::proportional(14.0), eye_colour);
    let right = eye_rect.left_center() - Vec2::new(3.0, 0.0);
    let half = 0.56 * (right.x - at.x);
    let galley = ui.painter().layout_no_wrap(value, theme::semibold(12.0), theme::of(ui).strong.gamma_multiply(fade));
    let wide = galley.size().x.min(half);
    let place = Rect::from_min_max(egui::pos2(right.x - wide, rect.top()), egui::pos2(right.x, rect.bottom()));
    let top = place.center().y - 0.5 * galley.size().y;
    ui.painter().with_clip_rect(place).galley(egui::pos2(place.left(), top), galley, theme::of(ui).strong);
    let room = place.left() - at.x - 20.0;
    widgets::text_in(ui, at + Vec2::new(12.0, 0.0), room, &node.name, FontId::proportional(12.5), theme::of(ui).text);
    let scan_differs = measure
        .reading
        .as_ref()
        .is_some_and(|reading| case.node(reading.scan).is_none_or(|node| node.hash().to_hex() != reading.content));
    if eye.on_hover_text(verb).clicked() {
        wishes.push(Wish::run("object.display", json!({ "node": id.0, "visible": !node.display.visible })));
    }
    let mut hover = labels::lines(kind, &measure.text, values).join("\n");
    if scan_differs {
        hover += "\n";
        hover += tr("measure-stale");
    }
    let response = response.on_hover_text(hover);
    if response.clicked() {
        wishes.push(Wish::Select(Some(id)));
        wishes.push(Wish::Crosshair(measure.shape.centre()));
    }
    if response.double_clicked() {
        wishes.push(Wish::Rename(id));
    }
    response.context_menu(|ui| {
        if ui.button(format!("{}  {}", icons::PENCIL, tr("word-rename"))).clicked() {
            wishes.push(Wish::Rename(id));
        }
        if curved::is_open(kind) && ui.button(format!("{}  {}", icons::GIT_BRANCH, tr("curved-go-along"))).clicked() {
            wishes.push(Wish::Along(id));
        }
        if ui.button(format!("{}  {}", icons::TRASH, tr("word-remove"))).clicked() {
            wishes.push(Wish::run("object.remove", json!({ "node": id.0 })));
        }
    });
}

/// What is written beside the selected measure.
fn text_ui(ui: &mut Ui, id: NodeId, measure: &Measure, wishes: &mut Vec<Wish>) {
    let memory = ui.id().with(("text of", id.0));
    let mut text = ui.data_mut(|data| data.get_temp::<String>(memory)).unwrap_or_else(|| measure.text.clone());
    ui.horizontal(|ui| {
        ui.label(theme::small(tr("measure-note")));
        let field = TextEdit::singleline(&mut text).desired_width(ui.available_width() - 4.0).char_limit(500);
        let response = ui.add(field.hint_text(tr("measure-note-hint")));
        if response.lost_focus() {
            let given_up = ui.input(|input| input.key_pressed(egui::Key::Escape));
            if !given_up && text.trim() != measure.text {
                wishes.push(Wish::run("measure.edit", json!({ "node": id.0, "text": text.trim() })));
            }
            ui.data_mut(|data| data.remove_temp::<String>(memory));
        } else if response.has_focus() {
            ui.data_mut(|data| data.insert_temp(memory, text));
        }
    });
}

/// Facts of a measure that its summary does not say.
pub fn inspector_facts(measure: &Measure) -> Vec<(String, String)> {
    let mut facts = vec![("kind".to_owned(), measure.shape.kind().name().to_lowercase())];
    if !measure.text.is_empty() {
        facts.push(("text".to_owned(), measure.text.clone()));
    }
    facts
}

impl Measures {
    /// Show or hide all.
    pub fn flip(&mut self) {
        self.hidden = !self.hidden;
        self.cancel();
    }
}
