//! Everything about the selected object: how it is shown, its numbers, how it was made, where it must not be believed.

use super::curve::curve_ui;
use super::wish::Wish;
use super::{find, icons, numbers, theme, words};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::session::{Case, Data, Display, Node, ToolEntry};
use egui::{Color32, RichText, Ui};
use serde_json::json;

/// Show the object `id` of `case`; `shown` is how it appears while something is being dragged.
pub fn inspector_ui(
    ui: &mut Ui,
    case: &Case,
    tools: &[ToolEntry],
    id: NodeId,
    preview: Option<&Display>,
    wishes: &mut Vec<Wish>,
) {
    let Some(node) = case.node(id) else { return };
    ui.horizontal(|ui| {
        ui.label(theme::icon(find::kind_icon(node.data.kind())).color(theme::of(ui).accent).size(18.0));
        ui.add(egui::Label::new(theme::strong(&node.name).size(14.5)).truncate());
    });
    ui.label(theme::small(origin(node, tools)));
    ui.add_space(4.0);
    for warning in &node.summary.warnings {
        notice(ui, icons::ALERT_TRIANGLE, theme::of(ui).warning, &words::said(warning));
    }
    if let Some(stale) = case.stale(&node.summary.made_of) {
        notice(ui, icons::ALERT_TRIANGLE, theme::of(ui).warning, &words::said(&stale));
    }
    match &node.data {
        Data::View(view) => super::saved_views::inspector_ui(ui, id, node, view, wishes),
        // Nothing of a plan is drawn yet that could be shown otherwise.
        Data::Plan(_) => {}
        _ => display_ui(ui, id, node, preview.unwrap_or(&node.display), wishes),
    }
    if matches!(node.data, Data::Lines(_))
        && ui.button(format!("{}  {}", icons::PLAYER_PLAY, tr("lines-walk"))).clicked()
    {
        wishes.push(Wish::Walk(Some(id)));
    }
    facts_ui(ui, node);
    tables_ui(ui, case, node);
    if let Data::Labels(labels) = &node.data {
        segments_ui(ui, labels);
    }
    sentences(ui, tr("details-limits"), &node.summary.limits);
    sentences(ui, tr("details-methods"), &node.summary.methods);
}

/// `Tetrahedral mesh · made by Make tetrahedra`.
fn origin(node: &Node, tools: &[ToolEntry]) -> String {
    let kind = words::kind(find::kind_name(node.data.kind()));
    let tool = node.made_by().and_then(|command| tools.iter().find(|tool| tool.id == command.tool));
    tool.map_or_else(|| kind.to_owned(), |tool| format!("{kind}  ·  {}", words::tool_name(tool)))
}

fn notice(ui: &mut Ui, icon: &str, colour: Color32, text: &str) {
    let frame = egui::Frame::new().fill(colour.gamma_multiply(0.13)).corner_radius(5).inner_margin(8);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(icon).color(colour).size(15.0));
            ui.add(egui::Label::new(RichText::new(text).size(12.0)).wrap());
        });
    });
}

/// Fields of a tissue result.
pub(super) const TISSUE_FIELDS: [&str; 2] = ["displacement", "von Mises stress"];

/// Names of the fields an object can be coloured by.
fn fields(data: &Data) -> Vec<&str> {
    match data {
        Data::Surface(data) => data.fields.iter().map(|field| field.name.as_str()).collect(),
        Data::Flow(result) => result.wall_fields.iter().map(|field| field.name.as_str()).collect(),
        // As `TissueResult::displacement_field` and `von_mises_field` name them; a test compares.
        Data::Tissue(_) => TISSUE_FIELDS.to_vec(),
        Data::Lines(_) => vec![crate::mesh::CentreLines::FIELD],
        _ => Vec::new(),
    }
}

fn display_ui(ui: &mut Ui, id: NodeId, node: &Node, shown: &Display, wishes: &mut Vec<Wish>) {
    if matches!(node.data, Data::Scan(_)) {
        if ui.button(format!("{}  {}", icons::BOX, tr("scan-render"))).clicked() {
            wishes.push(Wish::Volume(Some(id)));
        }
        ui.add_space(4.0);
        return;
    }
    let mut display = shown.clone();
    ui.horizontal(|ui| {
        if !matches!(node.data, Data::Labels(_)) {
            let mut colour = display.colour;
            let response = ui.color_edit_button_srgb(&mut colour).on_hover_text(tr("word-colour"));
            if colour != display.colour {
                display.colour = colour;
                wishes.push(Wish::Preview(id, display.clone()));
            }
            // The picker is a popup: take the colour over when it is closed.
            let was_open = ui.data_mut(|data| std::mem::take(data.get_temp_mut_or_default::<bool>(response.id)));
            let open =
                egui::Popup::is_id_open(ui.ctx(), response.id.with("popup")) || ui.input(|i| i.pointer.any_down());
            ui.data_mut(|data| data.insert_temp(response.id, open && display.colour != node.display.colour));
            if was_open && !open && display.colour != node.display.colour {
                let [r, g, b] = display.colour;
                wishes.push(Wish::run(
                    "object.display",
                    json!({ "node": id.0, "colour": format!("#{r:02x}{g:02x}{b:02x}") }),
                ));
            }
        }
        let mut percent = display.opacity * 100.0;
        ui.spacing_mut().slider_width = (ui.available_width() - 100.0).clamp(60.0, 160.0);
        let name = if matches!(node.data, Data::Labels(_)) { tr("word-fill") } else { tr("word-opacity") };
        ui.label(theme::small(name));
        let slider = egui::Slider::new(&mut percent, 0.0..=100.0).show_value(false);
        let response = ui.add(slider);
        ui.label(theme::small(format!("{percent:.0} %")));
        let opacity = (percent / 100.0 * 100.0).round() / 100.0;
        if opacity != display.opacity {
            display.opacity = opacity;
            wishes.push(Wish::Preview(id, display.clone()));
        }
        let released = response.drag_stopped() || response.changed() && !response.dragged();
        if released && display.opacity != node.display.opacity {
            wishes.push(Wish::run("object.display", json!({ "node": id.0, "opacity": display.opacity })));
        }
    });
    let fields = fields(&node.data);
    if !fields.is_empty() {
        ui.horizontal(|ui| {
            ui.label(theme::small(tr("field-colour-by")));
            let current = display.field.as_deref();
            let combo = egui::ComboBox::from_id_salt("field").width(ui.available_width() - 8.0);
            combo.selected_text(current.map_or(tr("field-own-colour").into(), words::said)).show_ui(ui, |ui| {
                let choices = std::iter::once(None).chain(fields.iter().map(|field| Some(*field)));
                for choice in choices {
                    if ui
                        .selectable_label(choice == current, choice.map_or(tr("field-own-colour").into(), words::said))
                        .clicked()
                    {
                        wishes
                            .push(Wish::run("object.display", json!({ "node": id.0, "field": choice.unwrap_or("") })));
                    }
                }
            });
        });
    }
    ui.add_space(4.0);
}

fn facts_ui(ui: &mut Ui, node: &Node) {
    let extra = extra_facts(node);
    if node.summary.facts.is_empty() && extra.is_empty() {
        return;
    }
    let line = |ui: &mut Ui, name: &str, value: &str| {
        ui.horizontal(|ui| {
            ui.add(egui::Label::new(RichText::new(name).size(12.5).color(theme::of(ui).weak)).truncate());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add(
                    egui::Label::new(RichText::new(value).size(12.5).color(theme::of(ui).strong))
                        .truncate()
                        .selectable(true),
                );
            });
        });
    };
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        for fact in &node.summary.facts {
            let value = numbers::quantity(fact.value, &words::said(&fact.unit));
            let bare =
                |bound: f64| numbers::quantity(bound, &fact.unit).trim_end_matches(fact.unit.as_str()).trim().into();
            let bounds = fact.bounds_text(bare);
            line(ui, &words::heading(&fact.name), &format!("{value}{bounds}"));
        }
        for (name, value) in &extra {
            // What files say of themselves stands in capitals, and notes are somebody's own: only our words are translated.
            let ours = name != "text" && value.starts_with(|c: char| c.is_lowercase());
            let value = if ours { words::said(value) } else { value.as_str().into() };
            line(ui, &words::heading(name), &value);
        }
    });
}

/// Numbers that belong side by side; wide tables are scrolled.
fn tables_ui(ui: &mut Ui, case: &Case, node: &Node) {
    for (n, table) in node.summary.tables.iter().enumerate() {
        // Numbers of what was are not shown beside those of now.
        if let Some(stale) = case.stale(&table.made_of) {
            let text = format!("{}: {}", words::heading(&table.title), words::said(&stale));
            notice(ui, icons::ALERT_TRIANGLE, theme::of(ui).warning, &text);
            continue;
        }
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(words::heading(&table.title)).size(12.5).color(theme::of(ui).strong));
            curve_ui(ui, n, table);
            egui::ScrollArea::horizontal().id_salt(("table", n)).show(ui, |ui| {
                egui::Grid::new(("table of numbers", n)).striped(true).show(ui, |ui| {
                    ui.label(RichText::new(words::heading(&table.of)).size(12.0).color(theme::of(ui).weak));
                    for column in &table.columns {
                        ui.label(RichText::new(words::column(column)).size(12.0).color(theme::of(ui).weak));
                    }
                    ui.end_row();
                    for row in &table.rows {
                        ui.label(RichText::new(words::said(&row.name)).size(12.0).color(theme::of(ui).strong));
                        for (value, column) in row.values.iter().zip(&table.columns) {
                            let text = value.map_or("–".to_owned(), |value| numbers::quantity(value, &column.unit));
                            ui.add(egui::Label::new(RichText::new(text).size(12.0)).selectable(true));
                        }
                        ui.end_row();
                    }
                });
            });
        });
    }
}

/// Facts every object of a kind has, whatever its summary says.
fn extra_facts(node: &Node) -> Vec<(String, String)> {
    let fact = |name: &str, value: String| (name.to_owned(), value);
    match &node.data {
        Data::Scan(scan) => {
            let [ni, nj, nk] = scan.grid().dims();
            let [a, b, c] = scan.grid().spacing_mm();
            let spacing = format!("{a:.2} × {b:.2} × {c:.2} mm");
            let mut facts = vec![
                fact("voxels", format!("{ni} × {nj} × {nk}")),
                fact("spacing", spacing),
                fact("modality", scan.modality.name().to_owned()),
            ];
            facts.extend(scan.facts.iter().cloned());
            facts
        }
        Data::Surface(data) => vec![
            fact("triangles", numbers::grouped(data.surface.triangles().len() as f64, 0)),
            fact("vertices", numbers::grouped(data.surface.positions().len() as f64, 0)),
        ],
        Data::Tets(mesh) => vec![
            fact("tetrahedra", numbers::grouped(mesh.tets().len() as f64, 0)),
            fact("vertices", numbers::grouped(mesh.positions().len() as f64, 0)),
        ],
        Data::Lines(lines) => vec![
            fact("branches", numbers::grouped(lines.branches().len() as f64, 0)),
            fact("ends", numbers::grouped(lines.ends().len() as f64, 0)),
        ],
        Data::Measure(measure) => super::measures::inspector_facts(measure),
        Data::Labels(_) | Data::Tissue(_) | Data::Flow(_) | Data::View(_) | Data::Plan(_) => Vec::new(),
    }
}

fn segments_ui(ui: &mut Ui, labels: &crate::image::LabelMap) {
    if labels.segments().len() < 2 {
        return;
    }
    egui::CollapsingHeader::new(theme::small(tr_with(
        "details-segments",
        &[("count", labels.segments().len().into())],
    )))
    .show(ui, |ui| {
        for segment in labels.segments() {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(12.0), egui::Sense::hover());
                ui.painter().rect_filled(rect, 3, theme::colour(segment.colour));
                ui.label(words::anatomy(&segment.name));
            });
        }
    });
}

fn sentences(ui: &mut Ui, title: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    egui::CollapsingHeader::new(theme::small(title)).default_open(title == tr("details-limits")).show(ui, |ui| {
        for sentence in sentences {
            ui.add(
                egui::Label::new(RichText::new(words::said(sentence)).size(12.0).color(theme::of(ui).text))
                    .wrap()
                    .selectable(true),
            );
        }
    });
}

/// What the inspector says when nothing is selected.
pub fn nothing_selected_ui(ui: &mut Ui) {
    ui.label(theme::small(tr("details-none")));
}
