//! The form of any tool, made from the table of its parameters.

use super::contract::Request;
use super::wish::Wish;
use super::{field, find, icons, theme, widgets, words};
use crate::base::{NodeId, i18n};
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
    pub(super) browsing: Option<&'static str>,
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
        form.guess_previous(case);
        form
    }

    /// A parameter called `previous` is the newest result of the same tool from the same label map: growing once more takes
    /// its place.
    fn guess_previous(&mut self, case: &Case) {
        let is_previous = |spec: &&ParamSpec| spec.name == "previous" && spec.kind == Kind::Node(NodeKind::Labels);
        let Some(spec) = self.tool.params.iter().find(is_previous) else { return };
        let from = self.value("labels").as_u64().map(|id| NodeId(id as u32));
        let Some(seeds) = from.and_then(|id| case.node(id)) else { return };
        // The name that the tool gives.
        let name = format!("{} grown", seeds.name);
        let made = case.nodes().rfind(|(_, node)| node.source == from && node.name == name);
        if let Some((id, _)) = made
            && self.value(spec.name).is_null()
        {
            self.set(spec.name, json!(id.0));
        }
    }

    /// What is filled in for a parameter.
    pub fn value(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// Fill in a parameter.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// What is filled in, without what is not given.
    pub fn params(&self) -> Value {
        Value::Object(
            self.values.iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect(),
        )
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
                let name = words::param_label(self.tool, spec);
                return Err(i18n::tr_with("form-missing", &[("name", (&*name).into())]));
            }
            spec.check(value)?;
            if spec.default.is_none() || *value != spec.default_value() {
                params.insert(spec.name.to_owned(), value.clone());
            }
        }
        Ok(Command::new(self.tool.id, Value::Object(params)))
    }

    /// A parameter called `segment` belongs to the label map of the same form: take its first segment.
    pub(super) fn guess_segments(&mut self, case: &Case) {
        for spec in self.tool.params.iter().filter(|spec| is_segment(spec)) {
            let segments = segments(self, case);
            let is_needed = spec.default.is_none() || (1 < segments.len() && !means_all(spec));
            if is_needed
                && self.value(spec.name).is_null()
                && let Some(first) = segments.first()
            {
                self.set(spec.name, segment_value(spec, first));
            }
        }
    }
}

/// Whether a parameter names a segment of the label map in the same form.
pub(super) fn is_segment(spec: &ParamSpec) -> bool {
    spec.name == "segment" && matches!(spec.kind, Kind::Text | Kind::Integer(..))
}

/// Whether leaving a segment out means all of them; elsewhere it means the only one.
pub(super) fn means_all(spec: &ParamSpec) -> bool {
    spec.help.contains("all if not given")
}

/// A segment as the tool wants it named.
pub fn segment_value(spec: &ParamSpec, segment: &crate::image::Segment) -> Value {
    if matches!(spec.kind, Kind::Integer(..)) { json!(segment.id.0) } else { json!(segment.name) }
}

/// The segments of the label map in the form.
pub(super) fn segments(form: &Form, case: &Case) -> Vec<crate::image::Segment> {
    let labels = form.tool.params.iter().find(|spec| spec.kind == Kind::Node(NodeKind::Labels));
    let id = labels.and_then(|spec| form.value(spec.name).as_u64()).map(|id| NodeId(id as u32));
    match id.and_then(|id| case.node(id)).map(|node| &node.data) {
        Some(Data::Labels(labels)) => labels.segments().to_vec(),
        _ => Vec::new(),
    }
}

/// The name of a parameter as people read it, without its unit: `low_hu` is `Low`, `triangles_max` `Triangles (at most)`.
pub(super) fn label(spec: &ParamSpec) -> String {
    if spec.kind == Kind::Node(NodeKind::Labels) && spec.name == "labels" {
        return "Segmentation".into();
    }
    let plain = |text: &str| text.to_lowercase().replace('²', "2").replace('³', "3").replace('%', "percent");
    let unit = plain(spec.unit).replace(['/', ' '], "_");
    let inside = format!("_{unit}_");
    let padded = format!("{}_", spec.name);
    let name = if unit.is_empty() { padded } else { padded.replacen(&inside, "_", 1) };
    let name = name.trim_end_matches('_');
    let (name, limit) = match (name.strip_suffix("_max"), name.strip_suffix("_min")) {
        (Some(name), _) => (name, " (at most)"),
        (_, Some(name)) => (name, " (at least)"),
        _ => (name, ""),
    };
    let name = if name == "tets" { "tetrahedra" } else { name };
    format!("{}{limit}", theme::sentence(&name.replace('_', " ")))
}

/// The keys of the button that runs the tool.
const RUN_KEYS: &str = if cfg!(target_os = "macos") { "Cmd+Enter" } else { "Ctrl+Enter" };

/// Parameters shown at once; the rest is folded.
const MAIN_MAX: usize = 7;

/// Show the form.
pub fn form_ui(ui: &mut Ui, form: &mut Form, case: &Case, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        if widgets::icon_button(ui, icons::ARROW_LEFT, i18n::tr("form-back")).clicked() {
            wishes.push(Wish::CloseForm);
        }
        ui.label(theme::strong(words::tool_name(form.tool)).size(15.0));
    });
    ui.label(theme::small(words::tool_help(form.tool)));
    ui.add_space(6.0);
    let (main, more): (Vec<&ParamSpec>, Vec<&ParamSpec>) = {
        let mut shown = 0;
        form.tool.params.iter().partition(|spec| {
            let is_choice = spec.kind == Kind::Point || (is_segment(spec) && 1 < segments(form, case).len());
            let is_main = spec.default != Some("null") || is_choice || !form.value(spec.name).is_null();
            shown += usize::from(is_main);
            is_main && shown <= MAIN_MAX
        })
    };
    for spec in main {
        field::field_ui(ui, form, spec, case, crosshair, wishes);
    }
    if !more.is_empty() {
        ui.add_space(4.0);
        egui::CollapsingHeader::new(theme::small(i18n::tr("form-more"))).id_salt(form.tool.id).show(ui, |ui| {
            for spec in more {
                field::field_ui(ui, form, spec, case, crosshair, wishes);
            }
        });
    }
    ui.add_space(8.0);
    let command = form.command();
    ui.horizontal(|ui| {
        let struck = ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::Enter));
        let run = ui.add_enabled_ui(command.is_ok(), |ui| widgets::primary_button(ui, i18n::tr("form-run"))).inner;
        let run = run.on_hover_text(i18n::tr_with("form-run-help", &[("keys", RUN_KEYS.into())]));
        if ui.button(i18n::tr("form-cancel")).clicked() {
            wishes.push(Wish::CloseForm);
        }
        if (run.clicked() || struck)
            && let Ok(command) = &command
        {
            wishes.push(Wish::Ask(Request::Run(command.clone())));
            wishes.push(Wish::CloseForm);
        }
    });
    if let Err(problem) = &command {
        ui.add_space(2.0);
        ui.label(egui::RichText::new(words::said(problem)).size(11.5).color(theme::of(ui).warning));
    }
}
