//! The operating panel in the left column.

use super::health::health_ui;
use super::{Colour, Fastener, HandTool, Operate, OperationInfo, Order, Seam, newtons};
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets};
use crate::base::NodeId;
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::session::{Case, Data, Kind, Node};
use egui::{ComboBox, DragValue, Slider, Ui};
use serde_json::{Value, json};

/// What hands can do: icon, name and how.
pub(in crate::app::ui) const TOOLS: [(HandTool, &str, &str, &str); 9] = [
    (HandTool::Look, icons::EYE, "Look", "Drag turns the view everywhere"),
    (HandTool::Grasp, icons::HAND_GRAB, "Grasp", "Press on the organ and pull; the grasper tells its force"),
    (HandTool::Probe, icons::POINT, "Probe", "Press a ball into the organ and sweep; the wheel presses deeper"),
    (HandTool::Retract, icons::RULER_MEASURE, "Retract", "Push the organ aside with a rod; the wheel presses deeper"),
    (HandTool::Cut, icons::SCISSORS, "Cut", "Draw a line over the organ; the blade follows it when you let go"),
    (HandTool::Take, icons::ERASER, "Take", "Take tissue away under the mouse: ablation, suction"),
    (HandTool::Fasten, icons::NEEDLE_THREAD, "Fasten", "Draw from one place to another: a stitch, staple or clip"),
    (
        HandTool::Needle,
        icons::NEEDLE,
        "Needle",
        "Press where it enters and draw down to push it; it goes to the crosshair",
    ),
    (
        HandTool::Hold,
        icons::MAP_PIN,
        "Hold",
        "Paint where ligaments and vessels hold the organ; used when you start again",
    ),
];

/// What fastens: name and how.
pub(in crate::app::ui) const FASTENERS: [(Fastener, &str, &str); 3] = [
    (Fastener::Thread, "Stitch", "A thread that pulls two places together"),
    (Fastener::Staple, "Staple", "Joins two places and holds them apart as well"),
    (Fastener::Clip, "Clip", "Draw across a fold, from one side to the other: its jaws close there"),
];

impl Operate {
    /// Show the panel.
    pub fn show(&mut self, ui: &mut Ui, case: &Case, info: Option<&OperationInfo>, wishes: &mut Vec<Wish>) {
        let name = case.node(self.mesh).map_or(tr("operate-organ"), |node| node.name.trim_end_matches(" tetrahedra"));
        ui.horizontal(|ui| {
            if widgets::icon_button(ui, icons::ARROW_LEFT, tr("operate-end")).clicked() {
                wishes.push(Wish::EndOperation);
            }
            ui.label(theme::strong(tr_with("operate-title", &[("name", name.into())])).size(15.0));
        });
        if let Some(note) = info.and_then(|info| info.note.as_ref()) {
            ui.label(theme::small(crate::app::ui::words::said(note)));
        }
        ui.add_space(4.0);
        self.tools(ui);
        self.tool_options(ui, case, info);
        ui.add_space(6.0);
        self.surroundings(ui);
        ui.add_space(6.0);
        self.colours(ui);
        ui.add_space(6.0);
        self.time(ui, info);
        ui.add_space(6.0);
        if let Some(info) = info {
            health_ui(ui, info);
        }
        ui.add_space(6.0);
        self.set_up(ui, case);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let done = info.is_some_and(|info| 0 < info.done);
            let keep = ui.add_enabled_ui(done, |ui| widgets::primary_button(ui, tr("simulate-keep"))).inner;
            let help = tr("operate-keep-help");
            if keep.on_hover_text(help).clicked() {
                self.orders.push(Order::Keep);
            }
            if ui.button(tr("operate-again")).on_hover_text(tr("operate-again-help")).clicked() {
                self.restart();
            }
        });
    }

    fn tools(&mut self, ui: &mut Ui) {
        // The column must not grow: it would stay wide when the panel closes.
        let width = ((ui.available_width() - 14.0) / 3.0).floor();
        ui.spacing_mut().button_padding.x = 3.0;
        egui::Grid::new("hand").num_columns(3).spacing([6.0, 6.0]).show(ui, |ui| {
            for (n, (tool, icon, name, help)) in TOOLS.into_iter().enumerate() {
                let (name, help) = (in_tables("hand", name), in_tables("hand-help", help));
                let on = self.tool == tool;
                let text = egui::RichText::new(format!("{icon} {name}")).size(13.0);
                let text = if on { text.color(theme::of(ui).strong) } else { text };
                let button = egui::Button::new(text).selected(on).min_size(egui::vec2(width, 30.0));
                if ui.add(button).on_hover_text(help).clicked() {
                    self.tool = tool;
                }
                if n % 3 == 2 {
                    ui.end_row();
                }
            }
        });
    }

    fn tool_options(&mut self, ui: &mut Ui, case: &Case, info: Option<&OperationInfo>) {
        let slider = |ui: &mut Ui, name: &str, value: &mut f64, range: std::ops::RangeInclusive<f64>| {
            ui.horizontal(|ui| {
                named(ui, name);
                ui.add(Slider::new(value, range).suffix(" mm").max_decimals(0));
            });
        };
        match self.tool {
            HandTool::Look => {}
            HandTool::Grasp | HandTool::Take => slider(ui, tr("operate-radius"), &mut self.radius_mm, 2.0..=40.0),
            HandTool::Probe | HandTool::Retract => {
                slider(ui, tr("operate-radius"), &mut self.radius_mm, 2.0..=40.0);
                slider(ui, tr("operate-pressed"), &mut self.press_mm, 0.0..=40.0);
            }
            HandTool::Cut => {
                slider(ui, tr("operate-depth"), &mut self.depth_mm, 2.0..=150.0);
                self.along(ui, case);
            }
            HandTool::Hold => self.painted(ui, slider),
            HandTool::Needle => {
                ui.checkbox(&mut self.aims, tr("operate-aims")).on_hover_text(tr("operate-aims-help"));
                slider(ui, tr("operate-depth"), &mut self.needle_mm, -10.0..=200.0);
                let forces = [
                    (tr("operate-puncture"), " N", 20.0),
                    (tr("operate-cutting"), " N", 20.0),
                    (tr("operate-friction"), " N/cm", 10.0),
                ];
                for ((name, unit, most), value) in forces.into_iter().zip(&mut self.needle_n) {
                    ui.horizontal(|ui| {
                        named(ui, name);
                        ui.add(DragValue::new(value).range(0.0..=most).speed(0.01).max_decimals(2).suffix(unit));
                    });
                }
            }
            HandTool::Fasten => {
                ui.horizontal(|ui| {
                    named(ui, tr("operate-with"));
                    for (fastener, name, help) in FASTENERS {
                        let (name, help) = (in_tables("hand", name), in_tables("hand-help", help));
                        ui.selectable_value(&mut self.fastener, fastener, name).on_hover_text(help);
                    }
                });
                slider(ui, tr("operate-leaves"), &mut self.gap_mm, 0.0..=20.0);
                if self.fastener == Fastener::Clip {
                    slider(ui, tr("operate-radius"), &mut self.radius_mm, 2.0..=40.0);
                }
            }
        }
        if matches!(self.tool, HandTool::Grasp | HandTool::Probe | HandTool::Retract) {
            ui.checkbox(&mut self.stays, tr("operate-stays"));
        }
        let Some(info) = info else { return };
        for mark in &info.marks {
            ui.horizontal(|ui| {
                let (what, order) = match mark.grasper {
                    Some(number) => (tr_with("operate-grasper", &[("n", (number + 1).into())]), Order::LetGo(number)),
                    None => (tr("operate-instrument").to_owned(), Order::Withdraw),
                };
                ui.label(format!("{what}: {:.2} N", mark.force_n.norm()));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::X, tr("operate-let-go")).clicked() {
                        self.orders.push(order);
                    }
                });
            });
        }
        if let Some(aimed) = &info.needle {
            ui.horizontal(|ui| {
                let state = if aimed.needle.punctured { "operate-needle-in" } else { "operate-needle-out" };
                let [along, across] = [aimed.needle.push_n, aimed.needle.across_n].map(newtons);
                ui.label(tr_with(state, &[("along", (&along).into()), ("across", (&across).into())]));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::X, tr("operate-draw-out")).clicked() {
                        self.needle_mm = -10.0;
                    }
                });
            });
            let moved = aimed.target_mm.map_or_else(
                || tr("operate-target-outside").to_owned(),
                |target| {
                    tr_with(
                        "operate-target-moved",
                        &[("distance", (&format!("{:.1}", (target - aimed.planned_mm).norm())).into())],
                    )
                },
            );
            ui.label(theme::small(tr_with(
                "operate-tip",
                &[("distance", (&format!("{:.1}", aimed.miss_mm())).into()), ("moved", (&moved).into())],
            )));
        }
        for group in info.seams.chunk_by(|a, b| a.number == b.number) {
            ui.horizontal(|ui| {
                ui.label(format!("{}: {:.2} N", name_of(group), tension_n(group)));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::X, tr("operate-take-off")).clicked() {
                        self.orders.push(Order::Unfasten(group[0].number));
                    }
                });
            });
        }
    }

    /// Places painted to hold the organ.
    fn painted(&mut self, ui: &mut Ui, slider: impl Fn(&mut Ui, &str, &mut f64, std::ops::RangeInclusive<f64>)) {
        let before = self.radius_mm;
        slider(ui, tr("operate-radius"), &mut self.radius_mm, 2.0..=40.0);
        if self.radius_mm != before {
            self.setup["hold_radius_mm"] = json!(self.radius_mm);
        }
        let count = self.held_at().count();
        ui.horizontal(|ui| {
            ui.label(theme::small(match count {
                0 => tr("operate-unpainted").to_owned(),
                _ => tr_with("operate-painted", &[("count", count.into())]),
            }));
            if 0 < count && ui.button(tr("operate-clear")).clicked() {
                self.setup["hold_at"] = Value::Null;
            }
        });
        if self.setup != self.begun && ui.button(tr("operate-again-held")).clicked() {
            self.restart();
        }
    }

    /// A planned surface to cut along.
    fn along(&mut self, ui: &mut Ui, case: &Case) {
        let surfaces: Vec<(NodeId, &str)> = surfaces(case).collect();
        let chosen = surfaces.iter().find(|(id, _)| Some(*id) == self.along);
        ui.horizontal(|ui| {
            named(ui, tr("operate-along"));
            let text = chosen.map_or(tr("operate-surface"), |(_, name)| name);
            let width = (ui.available_width() - 52.0).max(60.0);
            ComboBox::from_id_salt("along").width(width).truncate().selected_text(text).show_ui(ui, |ui| {
                for (id, name) in &surfaces {
                    ui.selectable_value(&mut self.along, Some(*id), *name);
                }
            });
            let cut = ui.add_enabled(chosen.is_some(), egui::Button::new(tr("operate-cut")));
            let help = tr("operate-cut-help");
            if cut.on_hover_text(help).clicked()
                && let Some((id, _)) = chosen
            {
                self.orders.push(Order::CutAlong(*id));
            }
        });
    }

    fn surroundings(&mut self, ui: &mut Ui) {
        ui.label(theme::heading(tr("operate-around")));
        ui.horizontal(|ui| {
            named(ui, tr("operate-gas"));
            ui.add(Slider::new(&mut self.gas_mmhg, 0.0..=20.0).suffix(" mmHg").max_decimals(0))
                .on_hover_text(tr("operate-gas-help"));
        });
        ui.horizontal(|ui| {
            named(ui, tr("operate-breath"));
            ui.add(Slider::new(&mut self.breath_mm, 0.0..=30.0).suffix(" mm").max_decimals(0))
                .on_hover_text(tr("operate-breath-help"));
        });
        if 0.0 < self.breath_mm {
            ui.horizontal(|ui| {
                named(ui, tr("operate-rate"));
                ui.add(Slider::new(&mut self.breaths_per_minute, 4.0..=40.0).suffix(" /min").max_decimals(0));
            });
        }
    }

    fn colours(&mut self, ui: &mut Ui) {
        let names = [
            (Colour::Organ, tr("operate-colour-organ")),
            (Colour::Displacement, tr("operate-colour-displacement")),
            (Colour::Stress, tr("operate-colour-stress")),
            (Colour::Strain, tr("operate-colour-strain")),
        ];
        let name = names.iter().find(|(colour, _)| *colour == self.colour).map_or("", |(_, name)| name);
        ui.horizontal(|ui| {
            named(ui, tr("word-colour"));
            ComboBox::from_id_salt("colour").width(ui.available_width()).selected_text(name).show_ui(ui, |ui| {
                for (colour, name) in names {
                    ui.selectable_value(&mut self.colour, colour, name);
                }
            });
        });
    }

    fn time(&mut self, ui: &mut Ui, info: Option<&OperationInfo>) {
        ui.horizontal(|ui| {
            let (icon, name) = if self.paused {
                (icons::PLAYER_PLAY, tr("operate-run"))
            } else {
                (icons::PLAYER_PAUSE, tr("operate-pause"))
            };
            if widgets::icon_toggle(ui, icon, name, self.paused).clicked() {
                self.paused = !self.paused;
                (self.shown, self.replays) = (None, false);
            }
            let step = ui.add_enabled_ui(self.paused, |ui| widgets::icon_button(ui, icons::PLUS, tr("operate-step")));
            if step.inner.clicked() {
                (self.shown, self.replays) = (None, false);
                self.orders.push(Order::Step);
            }
            let past = info.map_or(0, |info| info.past);
            let replay = ui.add_enabled_ui(1 < past, |ui| {
                widgets::icon_toggle(ui, icons::ARROW_FORWARD_UP, tr("operate-replay"), self.replays)
            });
            if replay.inner.clicked() {
                self.replays = !self.replays;
                self.paused = true;
                self.shown = self.shown.or(self.replays.then_some(0));
            }
            let time_s = info.map_or(0.0, |info| info.time_s);
            if 1 < past {
                let last = past - 1;
                let mut at = self.shown.unwrap_or(last).min(last);
                ui.spacing_mut().slider_width = (ui.available_width() - 64.0).max(40.0);
                let slider = ui.add(Slider::new(&mut at, 0..=last).show_value(false));
                if slider.on_hover_text(tr("operate-back")).changed() {
                    (self.paused, self.replays) = (true, false);
                    self.shown = (at < last).then_some(at);
                }
            }
            ui.label(theme::small(format!("{time_s:.1} s")));
        });
    }

    fn set_up(&mut self, ui: &mut Ui, case: &Case) {
        egui::CollapsingHeader::new(tr("operate-set-up")).id_salt("set-up").show(ui, |ui| {
            self.words(ui, tr("operate-tissue"), "tissue", Some(tr("operate-tissue-name")));
            self.words(ui, tr("operate-held"), "hold", None);
            self.neighbour(ui, case);
            self.words(ui, tr("operate-patient"), "position", Some(tr("operate-no-weight")));
            if self.setup["position"].is_null() {
                self.setup["tilt_deg"] = json!(0.0);
            }
            let weighs = !self.setup["position"].is_null();
            let mut number =
                |ui: &mut Ui, name: &str, key: &str, range: std::ops::RangeInclusive<f64>, unit: &str, speed: f64| {
                    ui.horizontal(|ui| {
                        named(ui, name);
                        let mut value = self.setup[key].as_f64().unwrap_or_default();
                        let drag = DragValue::new(&mut value).range(range).speed(speed).max_decimals(2).suffix(unit);
                        if ui.add(drag).changed() {
                            self.setup[key] = json!(value);
                        }
                    });
                };
            number(ui, tr("operate-held-part"), "hold_part", 0.01..=0.9, "", 0.005);
            if weighs {
                number(ui, tr("operate-head-down"), "tilt_deg", -45.0..=45.0, "°", 0.5);
                number(ui, tr("operate-bed"), "bed_kpa_mm", 0.0..=10.0, " kPa/mm", 0.005);
            }
            let mut touches = self.setup["self_contact"].as_bool().unwrap_or_default();
            let touch = ui.checkbox(&mut touches, tr("operate-touch"));
            let help = tr("operate-touch-help");
            if touch.on_hover_text(help).changed() {
                self.setup["self_contact"] = json!(touches);
            }
            if self.setup != self.begun && ui.button(tr("operate-again-set-up")).clicked() {
                self.restart();
            }
        });
    }

    /// A word of the set-up.
    fn words(&mut self, ui: &mut Ui, name: &str, key: &str, none: Option<&str>) {
        ui.horizontal(|ui| {
            named(ui, name);
            let now = self.setup[key].as_str().map(str::to_owned);
            let tool = crate::tools::find("simulate.operate");
            let shown = |word: &str| super::super::words::given_choice(tool, key, word).replace('_', " ");
            let text = now.as_deref().map(shown).or_else(|| none.map(str::to_owned)).unwrap_or_default();
            let combo = ComboBox::from_id_salt(key).width(ui.available_width()).selected_text(text);
            combo.show_ui(ui, |ui| {
                if let Some(none) = none
                    && ui.selectable_label(now.is_none(), none).clicked()
                {
                    self.setup[key] = Value::Null;
                }
                for word in choices(key) {
                    let on = now.as_deref() == Some(*word);
                    if ui.selectable_label(on, shown(word)).clicked() {
                        self.setup[key] = json!(word);
                    }
                }
            });
        });
    }

    /// A neighbour that holds the organ where they touch.
    fn neighbour(&mut self, ui: &mut Ui, case: &Case) {
        let chosen = serde_json::from_value::<Option<NodeId>>(self.setup["hold_touching"].clone()).ok().flatten();
        let name = chosen.and_then(|id| case.node(id)).map_or(tr("operate-nothing-else"), |node| node.name.as_str());
        ui.horizontal(|ui| {
            named(ui, tr("operate-touching"));
            let combo = ComboBox::from_id_salt("touching").width(ui.available_width()).truncate().selected_text(name);
            combo.show_ui(ui, |ui| {
                if ui.selectable_label(chosen.is_none(), tr("operate-nothing-else")).clicked() {
                    self.setup["hold_touching"] = Value::Null;
                }
                for (id, name) in surfaces(case) {
                    if ui.selectable_label(chosen == Some(id), name).clicked() {
                        self.setup["hold_touching"] = json!(id);
                    }
                }
            });
        });
        if chosen.is_some() {
            ui.horizontal(|ui| {
                named(ui, tr("operate-within"));
                let mut value = self.setup["touching_mm"].as_f64().unwrap_or_default();
                if ui.add(DragValue::new(&mut value).range(0.0..=50.0).speed(0.1).suffix(" mm")).changed() {
                    self.setup["touching_mm"] = json!(value);
                }
            });
        }
    }
}

/// The surfaces of a case.
fn surfaces(case: &Case) -> impl Iterator<Item = (NodeId, &str)> {
    let is_surface = |node: &Node| matches!(node.data, Data::Surface(_));
    case.nodes().filter(move |(_, node)| is_surface(node)).map(|(id, node)| (id, node.name.as_str()))
}

/// What a row of seams is, numbered from 1.
fn name_of(group: &[Seam]) -> String {
    let what = match group {
        [only] if only.is_staple => in_tables("hand", "Staple"),
        [_] => in_tables("hand", "Stitch"),
        _ => in_tables("hand", "Clip"),
    };
    format!("{what} {}", group[0].number + 1)
}

/// The largest force in it, N.
fn tension_n(group: &[Seam]) -> f64 {
    group.iter().map(|seam| seam.tension_n.abs()).fold(0.0, f64::max)
}

/// A name in a column of names; what follows takes the rest of the line.
fn named(ui: &mut Ui, name: &str) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(68.0, 20.0), egui::Sense::hover());
    ui.painter().text(
        rect.left_center(),
        egui::Align2::LEFT_CENTER,
        name,
        egui::FontId::proportional(13.0),
        theme::of(ui).text,
    );
    ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(60.0);
}

/// The words a parameter of the tool may be.
fn choices(key: &str) -> &'static [&'static str] {
    let specs = crate::tools::find("simulate.operate").map_or(&[][..], |tool| tool.params);
    let kind = specs.iter().find(|spec| spec.name == key).map(|spec| spec.kind);
    if let Some(Kind::Choice(words)) = kind { words } else { &[] }
}
