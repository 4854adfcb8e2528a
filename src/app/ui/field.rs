//! Widgets for the parameters of a tool, one for each kind.

use super::contract::{PathKind, Request};
use super::form::{Form, is_segment, means_all, segment_value, segments};
use super::wish::Wish;
use super::{icons, numbers, theme, widgets, words};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use crate::session::{Case, Kind, NodeKind, ParamSpec};
use egui::Ui;
use serde_json::{Value, json};

/// What an optional parameter is called while it is not given.
fn automatic() -> &'static str {
    tr("field-automatic")
}

/// A box to tick for parameters that may be left out; whether the parameter is given.
fn given_box(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, first: Value) -> bool {
    if spec.default != Some("null") {
        return true;
    }
    let mut given = !form.value(spec.name).is_null();
    if ui.checkbox(&mut given, "").on_hover_text(tr("field-give-value")).changed() {
        form.set(spec.name, if given { first } else { Value::Null });
    }
    if !given {
        ui.label(theme::small(automatic()));
    }
    given
}

/// Show one parameter: its name, and a widget for its kind.
pub(super) fn field_ui(
    ui: &mut Ui,
    form: &mut Form,
    spec: &'static ParamSpec,
    case: &Case,
    crosshair: Option<Point>,
    wishes: &mut Vec<Wish>,
) {
    ui.add_space(3.0);
    let name = words::param_label(form.tool, spec);
    let optional = spec.default == Some("null");
    ui.horizontal(|ui| {
        let text = if optional { tr_with("form-optional", &[("name", (&*name).into())]) } else { name.into_owned() };
        let label = ui.label(egui::RichText::new(text).size(12.0));
        label.on_hover_text(words::param_help(form.tool, spec));
        if let Kind::Number(low, high) = spec.kind {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let [low, high] = [low, high].map(numbers::significant);
                let range = tr_with("field-range", &[("low", low.as_str().into()), ("high", high.as_str().into())]);
                ui.label(theme::small(format!("{range} {}", spec.unit)).color(theme::of(ui).faint));
            });
        }
    });
    match spec.kind {
        Kind::Node(_) | Kind::AnyNode => node_field(ui, form, spec, case),
        Kind::Text | Kind::Integer(..) if is_segment(spec) && !segments(form, case).is_empty() => {
            let segments = segments(form, case).into_iter();
            let choices = segments
                .map(|segment| (segment_value(spec, &segment), words::anatomy(&segment.name).into_owned()))
                .collect();
            choice_field(ui, form, spec, choices, if means_all(spec) { tr("field-all") } else { automatic() });
        }
        Kind::Number(low, high) => number_field(ui, form, spec, low, high),
        Kind::Integer(low, high) => integer_field(ui, form, spec, low, high),
        Kind::Bool => {
            let mut on = form.value(spec.name).as_bool().unwrap_or(false);
            if ui.checkbox(&mut on, words::param_help(form.tool, spec)).changed() {
                form.set(spec.name, json!(on));
            }
        }
        Kind::Text => text_field(ui, form, spec, ui.available_width()),
        Kind::Choice(words) => {
            let choices =
                words.iter().map(|word| (json!(word), words::choice(form.tool, spec, word).into_owned())).collect();
            choice_field(ui, form, spec, choices, automatic());
        }
        Kind::Path => {
            ui.horizontal(|ui| {
                text_field(ui, form, spec, ui.available_width() - 32.0);
                if widgets::icon_button(ui, icons::FOLDER_OPEN, tr("field-browse")).clicked() {
                    form.browsing = Some(spec.name);
                    wishes.push(Wish::Ask(Request::PathDialog(kind_of_path(form.tool.id, spec))));
                }
            });
        }
        Kind::Point => point_field(ui, form, spec, crosshair, optional),
        Kind::Points => points_field(ui, form, spec, crosshair),
        Kind::Records => {
            let count = form.value(spec.name).as_array().map_or(0, Vec::len);
            ui.label(theme::small(tr_with("field-entries", &[("count", count.into())])));
        }
    }
}

/// What lies at a path parameter.
fn kind_of_path(tool: &str, spec: &ParamSpec) -> PathKind {
    match tool.split_once('.') {
        _ if spec.name == "folder" || tool == "import.dicom" => PathKind::Folder,
        Some(("export" | "report", _)) => PathKind::Write,
        _ => PathKind::Read,
    }
}

/// What an empty choice of objects says.
fn choose(kind: &str) -> String {
    tr_with("field-choose-kind", &[("kind", kind.into())])
}

fn node_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, case: &Case) {
    let fits = |kind: NodeKind| spec.kind == Kind::AnyNode || spec.kind == Kind::Node(kind);
    let current = form.value(spec.name).as_u64().map(|id| NodeId(id as u32));
    let name = current.and_then(|id| case.node(id)).map(|node| node.name.clone());
    let wanted = words::needed(if let Kind::Node(kind) = spec.kind { Some(kind) } else { None });
    let may_be_none = spec.default == Some("null");
    let text = name.unwrap_or_else(|| if may_be_none { tr("field-none").to_owned() } else { choose(wanted) });
    let combo = egui::ComboBox::from_id_salt(spec.name).width(ui.available_width()).truncate().selected_text(text);
    combo.show_ui(ui, |ui| {
        let mut any = may_be_none;
        if may_be_none && ui.selectable_label(current.is_none(), tr("field-none")).clicked() {
            form.set(spec.name, Value::Null);
        }
        for (id, node) in case.nodes().filter(|(_, node)| fits(node.data.kind())) {
            any = true;
            if ui.selectable_label(current == Some(id), &node.name).clicked() {
                form.set(spec.name, json!(id.0));
                let stale: Vec<&str> = form.tool.params.iter().filter(|s| is_segment(s)).map(|s| s.name).collect();
                stale.into_iter().for_each(|name| form.set(name, Value::Null));
                form.guess_segments(case);
            }
        }
        if !any {
            ui.label(theme::small(tr_with("field-no-such-object", &[("kind", wanted.into())])));
        }
    });
}

/// One of `choices` (value and text), or what `none` says for a parameter that may be left out.
fn choice_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, mut choices: Vec<(Value, String)>, none: &str) {
    if spec.default == Some("null") {
        choices.insert(0, (Value::Null, none.to_owned()));
    }
    let current = form.value(spec.name).clone();
    let text = choices.iter().find(|(value, _)| *value == current).map_or(tr("field-choose"), |(_, text)| text);
    let combo =
        egui::ComboBox::from_id_salt(spec.name).width(ui.available_width()).selected_text(text.replace('_', " "));
    combo.show_ui(ui, |ui| {
        for (value, text) in &choices {
            if ui.selectable_label(*value == current, text.replace('_', " ")).clicked() {
                form.set(spec.name, value.clone());
            }
        }
    });
}

/// Width of the field of a number, points.
const NUMBER_WIDTH: f32 = 110.0;
/// Narrowest slider that is of use, points.
const SLIDER_LEAST: f32 = 48.0;
/// A slider goes over so many units at most, or over so many times its lower end.
const SPAN_MAX: f64 = 4096.0;
const RATIO_MAX: f64 = 1e6;
/// From this ratio on, equal ways are equal factors.
const RATIO_LOGARITHMIC: f64 = 100.0;

/// Whether a slider between these limits is of use, and whether equal ways on it are equal factors. Limits that only keep
/// nonsense out are too far apart.
fn slider_of(low: f64, high: f64) -> Option<bool> {
    if !(low < high && low.is_finite() && high.is_finite()) {
        return None;
    }
    let ratio = if 0.0 < low { high / low } else { f64::INFINITY };
    match ratio {
        _ if ratio <= RATIO_LOGARITHMIC && high - low <= SPAN_MAX => Some(false),
        _ if ratio <= RATIO_MAX => Some(true),
        _ => (high - low <= SPAN_MAX).then_some(false),
    }
}

/// A slider beside a number, where its limits make one useful and there is room.
fn slider_ui(ui: &mut Ui, number: &mut f64, [low, high]: [f64; 2], form: &Form, spec: &ParamSpec) {
    let width = ui.available_width() - 4.0;
    let Some(logarithmic) = slider_of(low, high).filter(|_| SLIDER_LEAST <= width) else { return };
    ui.spacing_mut().slider_width = width.min(220.0);
    // Only a hand changes the number: a value beyond the limits stays as it is until then.
    let mut moved = *number;
    let slider = egui::Slider::new(&mut moved, low..=high).show_value(false).logarithmic(logarithmic);
    let slider = if matches!(spec.kind, Kind::Integer(..)) { slider.integer() } else { slider };
    let response = ui.add(slider);
    let name = tr_with("field-slider", &[("name", (&*words::param_label(form.tool, spec)).into())]);
    response.widget_info(|| egui::WidgetInfo::slider(true, moved, &name));
    if response.changed() {
        *number = moved;
    }
}

fn number_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, low: f64, high: f64) {
    ui.horizontal(|ui| {
        let first = 0.0_f64.clamp(low, high);
        if !given_box(ui, form, spec, json!(first)) {
            return;
        }
        let mut number = form.value(spec.name).as_f64().unwrap_or(first);
        let before = number;
        let size = number.abs().max((high - low).min(100.0) * 0.01);
        let drag = egui::DragValue::new(&mut number).range(low..=high).speed(size * 0.01).max_decimals(6);
        let drag = drag.custom_formatter(|value, _| numbers::significant(value)).custom_parser(|text| {
            let plain: String = text.replace('−', "-").chars().filter(|c| *c != '\u{2009}').collect();
            crate::base::units::parse(&plain, spec.unit).ok()
        });
        named(ui.add_sized([NUMBER_WIDTH, 26.0], drag), form, spec);
        ui.label(theme::small(spec.unit));
        slider_ui(ui, &mut number, [low, high], form, spec);
        if number != before || form.value(spec.name).is_null() {
            form.set(spec.name, json!(number));
        }
    });
}

fn integer_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, low: i64, high: i64) {
    ui.horizontal(|ui| {
        let first = 0.clamp(low, high);
        if !given_box(ui, form, spec, json!(first)) {
            return;
        }
        let mut number = form.value(spec.name).as_i64().unwrap_or(first);
        let speed = (number.unsigned_abs() as f64 * 0.01).max(0.05);
        let drag = egui::DragValue::new(&mut number).range(low..=high).speed(speed);
        named(ui.add_sized([NUMBER_WIDTH, 26.0], drag), form, spec);
        ui.label(theme::small(spec.unit));
        let mut place = number as f64;
        slider_ui(ui, &mut place, [low as f64, high as f64], form, spec);
        // Large numbers are no whole numbers as a place on a slider.
        if place != number as f64 {
            number = place.round() as i64;
        }
        if form.value(spec.name).as_i64() != Some(number) {
            form.set(spec.name, json!(number));
        }
    });
}

/// Help on hover, and the parameter's name for screen readers.
fn named(response: egui::Response, form: &Form, spec: &ParamSpec) {
    let label = || words::param_label(form.tool, spec);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::DragValue, true, label()));
    response.on_hover_text(words::param_help(form.tool, spec));
}

fn text_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, width: f32) {
    let mut text = form.value(spec.name).as_str().unwrap_or("").to_owned();
    let edit =
        egui::TextEdit::singleline(&mut text).desired_width(width - 8.0).hint_text(words::param_help(form.tool, spec));
    if ui.add(edit).changed() {
        let cleared = text.is_empty() && spec.default == Some("null");
        form.set(spec.name, if cleared { Value::Null } else { json!(text) });
    }
}

/// A list of places, filled from the crosshair one by one.
fn points_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, crosshair: Option<Point>) {
    let mut points: Vec<Value> = form.value(spec.name).as_array().cloned().unwrap_or_default();
    ui.horizontal(|ui| {
        ui.label(theme::small(tr_with("field-points", &[("count", points.len().into())])));
        let has = crosshair.is_some();
        let add = ui.add_enabled_ui(has, |ui| widgets::icon_button(ui, icons::CROSSHAIR, tr("field-add-crosshair")));
        if let (true, Some(point)) = (add.inner.clicked(), crosshair) {
            points.push(json!([point.x, point.y, point.z].map(|x| (x * 100.0).round() / 100.0)));
            form.set(spec.name, json!(points));
        }
        if !points.is_empty() && widgets::icon_button(ui, icons::X, tr("field-take-last")).clicked() {
            points.pop();
            form.set(spec.name, if points.is_empty() { Value::Null } else { json!(points) });
        }
    });
}

fn point_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, crosshair: Option<Point>, optional: bool) {
    let numbers: Option<Vec<f64>> =
        form.value(spec.name).as_array().map(|parts| parts.iter().filter_map(Value::as_f64).collect());
    let mut parts = numbers.filter(|parts| parts.len() == 3);
    ui.horizontal(|ui| {
        if let Some(parts) = &mut parts {
            let before = parts.clone();
            for (value, axis) in parts.iter_mut().zip(["L", "P", "S"]) {
                let drag = egui::DragValue::new(value).speed(0.5).max_decimals(2).prefix(format!("{axis} "));
                ui.add_sized([62.0, 26.0], drag);
            }
            if *parts != before {
                form.set(spec.name, json!(parts));
            }
        } else {
            ui.label(theme::small(if optional { automatic() } else { tr("field-not-set") }));
        }
        // `at` is a place, `by` a way to go.
        if spec.name.starts_with("by") || spec.name.contains("direction") {
            if parts.is_none() && ui.button(tr("field-set")).clicked() {
                form.set(spec.name, json!([0.0, 0.0, 0.0]));
            }
        } else {
            let has = crosshair.is_some();
            let pick =
                ui.add_enabled_ui(has, |ui| widgets::icon_button(ui, icons::CROSSHAIR, tr("field-from-crosshair")));
            if let (true, Some(point)) = (pick.inner.clicked(), crosshair) {
                let rounded = [point.x, point.y, point.z].map(|x| (x * 100.0).round() / 100.0);
                form.set(spec.name, json!(rounded));
            }
        }
        if optional && parts.is_some() && widgets::icon_button(ui, icons::X, tr("field-clear")).clicked() {
            form.set(spec.name, Value::Null);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sliders_stand_where_both_limits_mean_something() {
        assert_eq!(
            [(0.0, 1.0), (-1024.0, 3071.0), (-360.0, 360.0), (1.0, 64.0)].map(|(a, b)| slider_of(a, b)),
            [Some(false); 4]
        );
        assert_eq!([(0.1, 1000.0), (1.0, 5000.0)].map(|(a, b)| slider_of(a, b)), [Some(true); 2]);
        let useless = [(0.0, 1e6), (0.001, 1e6), (f64::NEG_INFINITY, 0.0), (3.0, 3.0), (0.0, f64::INFINITY)];
        assert_eq!(useless.map(|(a, b)| slider_of(a, b)), [None; 5]);
    }
}
