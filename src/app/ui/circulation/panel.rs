//! The panel in the left column.

use super::{Circulation, FIELDS};
use crate::app::ui::contract::Request;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::base::{Summary, Table};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::session::{Case, Command, Data};
use crate::tools::simulate_network::{ChangeInSpace, VesselChange};
use egui::{ComboBox, DragValue, Slider, SliderClamping, Ui};
use serde_json::json;

/// Rows of the table of ends that are shown.
const ROWS: usize = 14;
/// Pressure behind a narrow place over that before it, below which it is usually treated.
const FFR_CUT: f64 = 0.80;
/// Farther from a vessel than this many of its radii, the crosshair is not on it.
const BESIDE_RADII: f64 = 3.0;

impl Circulation {
    /// Show the panel.
    pub fn show(&mut self, ui: &mut Ui, case: &Case, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
        let Some(node) = case.node(self.params.lines) else { return };
        let Data::Lines(lines) = &node.data else { return };
        ui.horizontal(|ui| {
            if widgets::icon_button(ui, icons::ARROW_LEFT, tr("circulation-close")).clicked() {
                wishes.push(Wish::EndCirculation);
            }
            ui.label(theme::strong(tr("circulation-title")).size(15.0));
        });
        ui.label(theme::small(node.name.as_str()));
        ui.add_space(6.0);
        self.drive(ui, lines);
        ui.add_space(8.0);
        self.changes(ui, lines, crosshair);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.label(tr("word-colour"));
            ComboBox::from_id_salt("vessel colour")
                .selected_text(theme::sentence(in_tables("field", self.field)))
                .show_ui(ui, |ui| {
                    for field in FIELDS {
                        ui.selectable_value(&mut self.field, field, theme::sentence(in_tables("field", field)));
                    }
                });
        });
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let good = matches!(self.answer, Some(Ok(_)));
            let keep = ui.add_enabled_ui(good, |ui| widgets::primary_button(ui, tr("simulate-keep"))).inner;
            if keep.on_hover_text(tr("circulation-keep-help")).clicked() {
                wishes.push(Wish::Ask(Request::Run(Command::new("simulate.network", json!(self.params)))));
                wishes.push(Wish::EndCirculation);
            }
            let edited = !self.params.edits.is_empty();
            if ui.add_enabled(edited, egui::Button::new(tr("simulate-undo-all"))).clicked() {
                self.params.edits.clear();
            }
        });
        ui.add_space(8.0);
        match &self.answer {
            None => {
                ui.label(theme::small(tr("simulate-computing")));
            }
            Some(Err(text)) => {
                ui.label(egui::RichText::new(words::said(text)).size(12.0).color(theme::of(ui).warning));
            }
            Some(Ok(summary)) => answer(ui, summary, self.took_ms),
        }
    }

    fn drive(&mut self, ui: &mut Ui, lines: &CentreLines) {
        let flow = self.params.flow_ml_s(lines);
        let params = &mut self.params;
        ui.horizontal(|ui| {
            for (word, name, help) in [
                ("pressure", tr("circulation-pressure"), tr("circulation-pressure-help")),
                ("beat", tr("circulation-beat"), tr("circulation-beat-help")),
            ] {
                if ui.selectable_label(params.drive == word, name).on_hover_text(help).clicked() {
                    params.drive = word.into();
                }
            }
        });
        egui::Grid::new("drive").num_columns(2).spacing([8.0, 4.0]).show(ui, |ui| {
            let row = |ui: &mut Ui, name: &str, slider: Slider<'_>| {
                ui.label(name);
                ui.add(slider);
                ui.end_row();
            };
            let pressure = Slider::new(&mut params.mean_pressure_mmhg, 2.0..=160.0).suffix(" mmHg").max_decimals(0);
            row(ui, tr("circulation-mean-pressure"), pressure);
            let mut asked = flow;
            ui.label(tr("circulation-flow")).on_hover_text(tr("circulation-flow-help"));
            let most = (10.0 * flow).clamp(1.0, 1000.0);
            // Only what a hand moves is given: the slider must not round the estimate and call that a wish.
            let slider = Slider::new(&mut asked, 0.01..=most.max(flow)).logarithmic(true).suffix(" ml/s");
            let slider = slider.clamping(SliderClamping::Edits).custom_formatter(|value, _| format!("{value:.2}"));
            if ui.add(slider).changed() && asked != flow {
                params.mean_flow_ml_s = Some(asked);
            }
            ui.end_row();
            row(
                ui,
                tr("circulation-viscosity"),
                Slider::new(&mut params.viscosity_mpa_s, 1.0..=10.0).suffix(" mPa s").max_decimals(1),
            );
            if params.drive == "beat" {
                let rate = Slider::new(&mut params.heart_rate_per_min, 30.0..=180.0).suffix(" /min").max_decimals(0);
                row(ui, tr("circulation-heart-rate"), rate);
                let wall = Slider::new(&mut params.wall_kpa, 100.0..=3000.0).logarithmic(true).suffix(" kPa");
                row(ui, tr("circulation-wall"), wall.max_decimals(0));
            }
        });
        params.hyperaemia &= params.drive != "beat";
        params.in_space &= params.drive != "beat";
        ui.add_enabled_ui(params.drive != "beat", |ui| {
            ui.checkbox(&mut params.hyperaemia, tr("circulation-hyperaemia"))
                .on_hover_text(tr("circulation-hyperaemia-help"));
        });
    }

    /// Whether changed stretches are computed in space as soon as nothing is changed any more.
    fn in_space_ui(&mut self, ui: &mut Ui) {
        let may = self.params.stretches().next().is_some() && self.params.drive != "beat";
        if !may {
            return;
        }
        ui.checkbox(&mut self.params.in_space, tr("circulation-3d")).on_hover_text(tr("circulation-3d-help"));
        match &self.in_space {
            _ if self.refining => _ = ui.label(theme::small(tr("circulation-3d-computing"))),
            Some(Err(text)) => _ = ui.label(theme::small(words::said(text)).color(theme::of(ui).warning)),
            _ => {}
        }
    }

    fn changes(&mut self, ui: &mut Ui, lines: &CentreLines, crosshair: Option<Point>) {
        ui.label(theme::heading(tr("circulation-changes")));
        let mut gone = None;
        for (n, change) in self.params.edits.iter_mut().enumerate() {
            ui.push_id(n, |ui| {
                ui.horizontal(|ui| {
                    if widgets::icon_button(ui, icons::TRASH, tr("circulation-take-back")).clicked() {
                        gone = Some(n);
                    }
                    change_ui(ui, change, lines);
                });
                if let Some(Ok(known)) = &self.in_space
                    && let Some((_, found)) = known.iter().find(|(of, _)| *of == n)
                {
                    found_ui(ui, found);
                }
            });
        }
        if let Some(n) = gone {
            self.params.edits.remove(n);
        }
        self.in_space_ui(ui);
        let place = crosshair.and_then(|at| Some((at, on_vessel(lines, &at)?)));
        match &place {
            Some((_, (branch, diameter_mm))) => {
                let text = tr_with(
                    "circulation-at",
                    &[("branch", (branch + 1).into()), ("diameter", (&format!("{diameter_mm:.1}")).into())],
                );
                ui.label(theme::small(text));
            }
            None => {
                ui.label(theme::small(tr("circulation-nowhere")));
            }
        }
        ui.add_enabled_ui(place.is_some(), |ui| {
            ui.horizontal_wrapped(|ui| {
                let Some((at, (_, diameter_mm))) = place else {
                    [
                        tr("circulation-narrow"),
                        tr("circulation-stent"),
                        tr("circulation-occlude"),
                        tr("circulation-open"),
                        tr("circulation-bypass-from"),
                    ]
                    .iter()
                    .for_each(|name| {
                        let _ = ui.button(*name);
                    });
                    return;
                };
                let (point, length_mm) = (at.into(), (3.0 * diameter_mm).clamp(3.0, 60.0));
                if ui.button(tr("circulation-narrow")).clicked() {
                    self.params.edits.push(VesselChange::Narrow { at: point, length_mm, percent: 50.0 });
                }
                if ui.button(tr("circulation-stent")).clicked() {
                    self.params.edits.push(VesselChange::Stent { at: point, length_mm, diameter_mm: None });
                }
                if ui.button(tr("circulation-occlude")).clicked() {
                    self.params.edits.push(VesselChange::Close { at: point });
                }
                if ui.button(tr("circulation-open")).on_hover_text(tr("circulation-open-help")).clicked() {
                    let diameter_mm = (0.5 * diameter_mm).clamp(0.2, 5.0);
                    self.params.edits.push(VesselChange::Open { at: point, diameter_mm });
                }
                match self.from {
                    None => {
                        if ui.button(tr("circulation-bypass-from")).clicked() {
                            self.from = Some(at);
                        }
                    }
                    Some(from) => {
                        if ui.button(tr("circulation-bypass-to")).clicked() {
                            let (from, to) = (from.into(), point);
                            let change = VesselChange::Connect { from, to, diameter_mm, length_mm: None };
                            self.params.edits.push(change);
                            self.from = None;
                        }
                    }
                }
            });
        });
    }
}

/// What one change costs in space.
fn found_ui(ui: &mut Ui, found: &Result<ChangeInSpace, String>) {
    ui.horizontal_wrapped(|ui| {
        ui.add_space(30.0);
        match found {
            Ok(own) => {
                let text = tr_with(
                    "circulation-found",
                    &[
                        ("lost", (&format!("{:.1}", own.lost_mmhg)).into()),
                        ("network", (&format!("{:.1}", own.network_mmhg)).into()),
                        ("ratio", (&format!("{:.2}", own.ratio)).into()),
                        ("network_ratio", (&format!("{:.2}", own.network_ratio)).into()),
                    ],
                );
                let help = tr_with(
                    "circulation-found-help",
                    &[
                        ("flow", (&format!("{:.2}", own.flow_ml_s)).into()),
                        ("reynolds", own.reynolds.round().into()),
                        ("cells", (own.cells / 1000).into()),
                        ("size", (&format!("{:.2}", own.cell_mm)).into()),
                        ("seconds", own.seconds.round().into()),
                    ],
                );
                let warnings = own.warnings.iter().map(|warning| words::said(warning).into_owned());
                let help = std::iter::once(help).chain(warnings).collect::<Vec<_>>().join(". ");
                let colour = if own.ratio < FFR_CUT { theme::of(ui).warning } else { theme::of(ui).good };
                ui.label(theme::small(text).color(colour)).on_hover_text(help);
            }
            Err(text) => {
                _ = ui.label(theme::small(tr_with("circulation-not-3d", &[("why", words::said(text).as_ref().into())])))
            }
        }
    });
}

/// The numbers of one change.
fn change_ui(ui: &mut Ui, change: &mut VesselChange, lines: &CentreLines) {
    let length = |ui: &mut Ui, value: &mut f64| {
        ui.add(
            DragValue::new(value)
                .range(0.5..=300.0)
                .speed(0.2)
                .max_decimals(1)
                .suffix(format!(" {}", tr("unit-mm-long"))),
        );
    };
    let diameter = |ui: &mut Ui, value: &mut f64| {
        ui.add(
            DragValue::new(value)
                .range(0.2..=60.0)
                .speed(0.05)
                .max_decimals(1)
                .suffix(format!(" {}", tr("unit-mm-wide"))),
        );
    };
    match change {
        VesselChange::Narrow { length_mm, percent, .. } => {
            ui.vertical(|ui| {
                ui.horizontal(|ui| {
                    ui.label(tr("circulation-narrowed"));
                    length(ui, length_mm);
                });
                ui.add(Slider::new(percent, 0.0..=99.0).suffix(" %").max_decimals(0));
            });
        }
        VesselChange::Stent { at, length_mm, diameter_mm } => {
            ui.label(tr("circulation-stent"));
            length(ui, length_mm);
            match diameter_mm {
                Some(value) => diameter(ui, value),
                None => {
                    if ui.button(tr("circulation-as-around")).on_hover_text(tr("circulation-own-diameter")).clicked() {
                        *diameter_mm = on_vessel(lines, &Point::from(*at)).map(|(_, wide_mm)| wide_mm);
                    }
                }
            }
        }
        VesselChange::Close { .. } => {
            ui.label(tr("circulation-closed"));
        }
        VesselChange::Open { diameter_mm, .. } => {
            ui.label(tr("circulation-wound"));
            diameter(ui, diameter_mm);
        }
        VesselChange::Connect { diameter_mm, .. } => {
            ui.label(tr("circulation-bypass"));
            diameter(ui, diameter_mm);
        }
    }
}

/// Branch and diameter in mm of the vessel at a place, if it is on one.
fn on_vessel(lines: &CentreLines, at: &Point) -> Option<(usize, f64)> {
    let place = lines.nearest(at)?;
    let radius_mm = lines.branches()[place.branch].radii_mm[place.point];
    (place.distance_mm <= BESIDE_RADII * radius_mm).then_some((place.branch, 2.0 * radius_mm))
}

/// What flows.
fn answer(ui: &mut Ui, summary: &Summary, took_ms: f64) {
    let fact = |name: &str| summary.value(name);
    ui.label(theme::heading(tr("circulation-answer")));
    egui::Grid::new("flows").num_columns(2).spacing([8.0, 3.0]).show(ui, |ui| {
        let row = |ui: &mut Ui, name: &str, text: String| {
            ui.label(theme::small(name));
            ui.label(text);
            ui.end_row();
        };
        if let Some(now) = fact("flow into the tree") {
            let before = fact("flow into the tree before edits");
            row(ui, tr("circulation-into"), format!("{now:.2} ml/s"));
            if let Some(before) = before {
                row(ui, tr("circulation-before"), format!("{before:.2} ml/s"));
            }
        }
        if let (Some(low), Some(high)) = (fact("lowest pressure at the root"), fact("highest pressure at the root")) {
            row(ui, tr("circulation-root"), format!("{high:.0}/{low:.0} mmHg"));
        }
        if let Some(lost) = fact("blood lost by wounds") {
            ui.label(theme::small(tr("circulation-lost")));
            ui.label(theme::strong(format!("{lost:.0} ml/min")).color(theme::of(ui).error));
            ui.end_row();
        }
        if let Some(minutes) = fact("time until 15 % of the blood is lost") {
            row(ui, tr("circulation-15"), format!("{minutes:.1} min"));
        }
        if let Some(ratio) = fact("lowest pressure at an end over that at the root") {
            ui.label(theme::small(tr("circulation-lowest")));
            let colour = if ratio < FFR_CUT { theme::of(ui).warning } else { theme::of(ui).good };
            ui.label(theme::strong(format!("{ratio:.2}")).color(colour));
            ui.end_row();
        }
    });
    for table in &summary.tables {
        table_ui(ui, table);
    }
    let limits = summary.limits.iter().take(2).map(|limit| words::heading(limit)).collect::<Vec<_>>().join(". ");
    ui.label(theme::small(format!("{took_ms:.0} ms. {limits}")));
}

/// The columns of a table that fit beside each other, and what they are called there.
pub(in crate::app::ui) const SHORT: [(&str, &str); 10] = [
    ("diameter", "mm"),
    ("flow", "ml/s"),
    ("mean pressure", "mmHg"),
    ("pressure lost", "mmHg lost"),
    ("over that at the root", "ratio"),
    ("ratio behind", "ratio"),
    ("flow changes by", "flow %"),
    ("blood lost", "ml/min"),
    ("lost", "ml"),
    ("loss", "ml/min"),
];

/// A table in few columns with short numbers.
fn table_ui(ui: &mut Ui, table: &Table) {
    ui.add_space(4.0);
    ui.label(theme::small(words::said(&table.title)));
    let short = |name: &str| SHORT.iter().find(|(long, _)| *long == name).map(|(_, short)| *short);
    let columns: Vec<(usize, &str)> =
        table.columns.iter().enumerate().filter_map(|(n, column)| Some((n, short(&column.name)?))).collect();
    egui::Grid::new(&table.title).num_columns(columns.len() + 1).spacing([8.0, 2.0]).striped(true).show(ui, |ui| {
        ui.label("");
        for (n, heading) in &columns {
            ui.label(theme::small(in_tables("short", heading))).on_hover_text(words::column(&table.columns[*n]));
        }
        ui.end_row();
        for row in table.rows.iter().take(ROWS) {
            ui.label(theme::small(words::heading(&row.name)));
            for (n, _) in &columns {
                let text = row.values[*n].map_or_else(|| "–".into(), |value| format!("{value:.2}"));
                ui.label(egui::RichText::new(text).size(12.0));
            }
            ui.end_row();
        }
    });
    if ROWS < table.rows.len() {
        ui.label(theme::small(tr_with("circulation-more", &[("count", (table.rows.len() - ROWS).into())])));
    }
}
