//! The form of any tool, made from the table of its parameters.

use super::contract::Request;
use super::wish::Wish;
use super::{find, icons, numbers, theme, widgets};
use crate::base::NodeId;
use crate::geom::Point;
use crate::session::{Case, Command, Data, Kind, NodeKind, ParamSpec, ToolEntry};
use egui::Ui;
use serde_json::{Map, Value, json};

/// A tool and what was filled in so far.
#[derive(Debug, Clone)]
pub struct Form {
    /// The tool.
    pub tool: &'static ToolEntry,
    values: Map<String, Value>,
    /// The path parameter a file dialog is open for.
    browsing: Option<&'static str>,
}

impl Form {
    /// The form of `tool` with `known` parameters, the rest guessed from the case or at its default.
    pub fn new(tool: &'static ToolEntry, known: &Value, case: &Case, selected: Option<NodeId>) -> Self {
        let mut values = Map::new();
        for spec in tool.params {
            let given = known.get(spec.name).filter(|value| !value.is_null()).cloned();
            let guess = || match spec.kind {
                Kind::Node(kind) if spec.default.is_none() => find::newest(case, kind, selected).map(|id| json!(id.0)),
                Kind::AnyNode if spec.default.is_none() => selected.map(|id| json!(id.0)),
                _ => None,
            };
            values.insert(spec.name.to_owned(), given.or_else(guess).unwrap_or_else(|| spec.default_value()));
        }
        let mut form = Self { tool, values, browsing: None };
        form.guess_segments(case);
        form
    }

    /// What is filled in for a parameter.
    pub fn value(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// Fill in a parameter.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// The answer of a file dialog.
    pub fn path_chosen(&mut self, path: &std::path::Path) {
        if let Some(name) = self.browsing.take() {
            self.set(name, json!(path.to_string_lossy()));
        }
    }

    /// The command, or what is missing or out of limits. Parameters at their default are left out, so that logs stay short.
    ///
    /// # Errors
    /// A sentence for the first parameter that is not right.
    pub fn command(&self) -> Result<Command, String> {
        let mut params = Map::new();
        for spec in self.tool.params {
            let value = self.value(spec.name);
            if value.is_null() && spec.default.is_none() {
                return Err(format!("{} is missing", label(spec)));
            }
            spec.check(value)?;
            if spec.default.is_none() || *value != spec.default_value() {
                params.insert(spec.name.to_owned(), value.clone());
            }
        }
        Ok(Command::new(self.tool.id, Value::Object(params)))
    }

    /// A parameter called `segment` belongs to the label map of the same form: take its first segment.
    fn guess_segments(&mut self, case: &Case) {
        for spec in self.tool.params.iter().filter(|spec| is_segment(spec)) {
            let segments = segments(self, case);
            if self.value(spec.name).is_null()
                && let Some(first) = segments.first()
            {
                self.set(spec.name, segment_value(spec, first));
            }
        }
    }
}

/// Whether a parameter names a segment of the label map in the same form.
fn is_segment(spec: &ParamSpec) -> bool {
    spec.name == "segment" && matches!(spec.kind, Kind::Text | Kind::Integer(..))
}

/// A segment as the tool wants it named.
pub fn segment_value(spec: &ParamSpec, segment: &crate::image::Segment) -> Value {
    if matches!(spec.kind, Kind::Integer(..)) { json!(segment.id.0) } else { json!(segment.name) }
}

fn segments(form: &Form, case: &Case) -> Vec<crate::image::Segment> {
    let labels = form.tool.params.iter().find(|spec| spec.kind == Kind::Node(NodeKind::Labels));
    let id = labels.and_then(|spec| form.value(spec.name).as_u64()).map(|id| NodeId(id as u32));
    match id.and_then(|id| case.node(id)).map(|node| &node.data) {
        Some(Data::Labels(labels)) => labels.segments().to_vec(),
        _ => Vec::new(),
    }
}

/// The name of a parameter as people read it: `low_hu` is `Low`.
fn label(spec: &ParamSpec) -> String {
    let suffix = format!("_{}", spec.unit.to_lowercase());
    let name =
        if spec.unit.is_empty() { spec.name } else { spec.name.strip_suffix(suffix.as_str()).unwrap_or(spec.name) };
    let name = name.replace('_', " ");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Show the form.
pub fn form_ui(ui: &mut Ui, form: &mut Form, case: &Case, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        if widgets::icon_button(ui, icons::ARROW_LEFT, "Back").clicked() {
            wishes.push(Wish::CloseForm);
        }
        ui.label(theme::strong(form.tool.label).size(15.0));
    });
    ui.label(theme::small(form.tool.help));
    ui.add_space(6.0);
    for spec in form.tool.params {
        field_ui(ui, form, spec, case, crosshair, wishes);
    }
    ui.add_space(8.0);
    let command = form.command();
    ui.horizontal(|ui| {
        let run = ui.add_enabled_ui(command.is_ok(), |ui| widgets::primary_button(ui, "Run")).inner;
        if ui.button("Cancel").clicked() {
            wishes.push(Wish::CloseForm);
        }
        if run.clicked()
            && let Ok(command) = &command
        {
            wishes.push(Wish::Ask(Request::Run(command.clone())));
            wishes.push(Wish::CloseForm);
        }
    });
    if let Err(problem) = &command {
        ui.add_space(2.0);
        ui.label(egui::RichText::new(problem).size(11.5).color(theme::WARNING));
    }
}

fn field_ui(
    ui: &mut Ui,
    form: &mut Form,
    spec: &'static ParamSpec,
    case: &Case,
    crosshair: Option<Point>,
    wishes: &mut Vec<Wish>,
) {
    ui.add_space(3.0);
    let name = label(spec);
    let optional = spec.default == Some("null");
    ui.horizontal(|ui| {
        let text = if optional { format!("{name} (optional)") } else { name.clone() };
        let label = ui.label(egui::RichText::new(text).size(12.0));
        label.on_hover_text(spec.help);
        if let Kind::Number(low, high) = spec.kind {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let [low, high] = [low, high].map(numbers::significant);
                ui.label(theme::small(format!("{low} to {high} {}", spec.unit)).color(theme::FAINT));
            });
        }
    });
    match spec.kind {
        Kind::Node(_) | Kind::AnyNode => node_field(ui, form, spec, case),
        Kind::Text | Kind::Integer(..) if is_segment(spec) && !segments(form, case).is_empty() => {
            segment_field(ui, form, spec, case);
        }
        Kind::Number(low, high) => number_field(ui, form, spec, low, high, optional),
        Kind::Integer(low, high) => integer_field(ui, form, spec, low, high),
        Kind::Bool => {
            let mut on = form.value(spec.name).as_bool().unwrap_or(false);
            if ui.checkbox(&mut on, spec.help).changed() {
                form.set(spec.name, json!(on));
            }
        }
        Kind::Text => text_field(ui, form, spec, ui.available_width()),
        Kind::Choice(words) => {
            let current = form.value(spec.name).as_str().unwrap_or("choose").to_owned();
            egui::ComboBox::from_id_salt(spec.name).width(ui.available_width()).selected_text(&current).show_ui(
                ui,
                |ui| {
                    for word in words {
                        if ui.selectable_label(*word == current, *word).clicked() {
                            form.set(spec.name, json!(word));
                        }
                    }
                },
            );
        }
        Kind::Path => {
            ui.horizontal(|ui| {
                text_field(ui, form, spec, ui.available_width() - 32.0);
                if widgets::icon_button(ui, icons::FOLDER_OPEN, "Browse…").clicked() {
                    form.browsing = Some(spec.name);
                    let folder = form.tool.id == "import.dicom";
                    wishes.push(Wish::Ask(Request::PathDialog { folder }));
                }
            });
        }
        Kind::Point => point_field(ui, form, spec, crosshair, optional),
    }
}

fn node_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, case: &Case) {
    let fits = |kind: NodeKind| spec.kind == Kind::AnyNode || spec.kind == Kind::Node(kind);
    let current = form.value(spec.name).as_u64().map(|id| NodeId(id as u32));
    let name = current.and_then(|id| case.node(id)).map(|node| node.name.clone());
    let wanted = if let Kind::Node(kind) = spec.kind { kind.words() } else { "an object" };
    let text = name.unwrap_or_else(|| format!("choose {wanted}"));
    let combo = egui::ComboBox::from_id_salt(spec.name).width(ui.available_width()).truncate().selected_text(text);
    combo.show_ui(ui, |ui| {
        let mut any = false;
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
            ui.label(theme::small(format!("The case holds no such object: {wanted} is needed")));
        }
    });
}

fn segment_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, case: &Case) {
    let segments = segments(form, case);
    let is_current = |segment: &crate::image::Segment| segment_value(spec, segment) == *form.value(spec.name);
    let current = segments.iter().find(|segment| is_current(segment)).map_or("choose", |segment| &segment.name);
    let mut chosen = None;
    egui::ComboBox::from_id_salt(spec.name).width(ui.available_width()).selected_text(current).show_ui(ui, |ui| {
        for segment in &segments {
            if ui.selectable_label(is_current(segment), &segment.name).clicked() {
                chosen = Some(segment_value(spec, segment));
            }
        }
    });
    if let Some(value) = chosen {
        form.set(spec.name, value);
    }
}

fn number_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, low: f64, high: f64, optional: bool) {
    ui.horizontal(|ui| {
        if optional {
            let mut given = !form.value(spec.name).is_null();
            if ui.checkbox(&mut given, "").on_hover_text("Give a value").changed() {
                form.set(spec.name, if given { json!(0.0_f64.clamp(low, high)) } else { Value::Null });
            }
            if !given {
                ui.label(theme::small("automatic"));
                return;
            }
        }
        let mut number = form.value(spec.name).as_f64().unwrap_or_else(|| 0.0_f64.clamp(low, high));
        let before = number;
        let size = number.abs().max((high - low).min(100.0) * 0.01);
        let drag = egui::DragValue::new(&mut number).range(low..=high).speed(size * 0.01).max_decimals(6);
        let drag = drag.custom_formatter(|value, _| numbers::significant(value)).custom_parser(|text| {
            let plain: String = text.replace('−', "-").chars().filter(|c| *c != '\u{2009}').collect();
            crate::base::units::parse(&plain, spec.unit).ok()
        });
        let response = ui.add_sized([110.0, 26.0], drag).on_hover_text(spec.help);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::DragValue, true, label(spec)));
        ui.label(theme::small(spec.unit));
        if number != before || form.value(spec.name).is_null() {
            form.set(spec.name, json!(number));
        }
    });
}

fn integer_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, low: i64, high: i64) {
    let mut number = form.value(spec.name).as_i64().unwrap_or_else(|| 0.clamp(low, high));
    ui.horizontal(|ui| {
        let speed = (number.abs() as f64 * 0.01).max(0.05);
        let drag = egui::DragValue::new(&mut number).range(low..=high).speed(speed);
        let response = ui.add_sized([110.0, 26.0], drag).on_hover_text(spec.help);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::DragValue, true, label(spec)));
        ui.label(theme::small(spec.unit));
    });
    if form.value(spec.name).as_i64() != Some(number) {
        form.set(spec.name, json!(number));
    }
}

fn text_field(ui: &mut Ui, form: &mut Form, spec: &ParamSpec, width: f32) {
    let mut text = form.value(spec.name).as_str().unwrap_or("").to_owned();
    let edit = egui::TextEdit::singleline(&mut text).desired_width(width - 8.0).hint_text(spec.help);
    if ui.add(edit).changed() {
        let cleared = text.is_empty() && spec.default == Some("null");
        form.set(spec.name, if cleared { Value::Null } else { json!(text) });
    }
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
            ui.label(theme::small(if optional { "automatic" } else { "not set" }));
        }
        let has = crosshair.is_some();
        let direction = spec.unit != "mm";
        if !direction {
            let pick =
                ui.add_enabled_ui(has, |ui| widgets::icon_button(ui, icons::CROSSHAIR, "From the crosshair")).inner;
            if let (true, Some(point)) = (pick.clicked(), crosshair) {
                form.set(spec.name, json!([point.x, point.y, point.z]));
            }
        } else if parts.is_none() && ui.button("Set").clicked() {
            form.set(spec.name, json!([0.0, 0.0, 0.0]));
        }
        if optional && parts.is_some() && widgets::icon_button(ui, icons::X, "Automatic").clicked() {
            form.set(spec.name, Value::Null);
        }
    });
}
