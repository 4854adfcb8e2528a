//! What is reached and what is spared, with their distances.

use super::Planning;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::plan::access::Lie;
use crate::plan::liver::{Condition, LIVER};
use crate::plan::territory::TerritoriesBy;
use crate::plan::{Action, Plan, Structure};
use crate::session::{Case, Data, Node};
use egui::{DragValue, Ui};
use serde_json::{Value, json};

/// How healthy the liver is, where the organ is one: what must stay of it depends on that.
fn liver_ui(ui: &mut Ui, plan: &Plan, case: &Case, change: &mut Option<(&'static str, Value)>) {
    let segment = plan.organ.and_then(|organ| match &case.node(organ.node)?.data {
        Data::Labels(labels) => labels.segment(organ.segment?),
        _ => None,
    });
    let is_liver = segment.is_some_and(|own| own.snomed == Some(LIVER) || own.name.to_lowercase().contains("liver"));
    if !is_liver {
        return;
    }
    ui.horizontal(|ui| {
        ui.label(tr("plan-liver")).on_hover_text(tr("plan-liver-help"));
        let word = |condition: Option<Condition>| {
            condition.map_or_else(|| tr("plan-liver-not-given").to_owned(), |own| words::said(own.name()).into_owned())
        };
        ui.menu_button(word(plan.limits.liver), |ui| {
            let all = [Condition::Normal, Condition::Chemotherapy, Condition::Diseased].map(Some);
            for condition in std::iter::once(None).chain(all) {
                if ui.selectable_label(plan.limits.liver == condition, word(condition)).clicked() {
                    *change = Some(("limits", json!([{ "liver": condition }])));
                    ui.close();
                }
            }
        });
    });
}

/// The trees of vessels that supply or drain the organ: ticked where the plan names them, in the order they were named.
fn vessels_ui(ui: &mut Ui, plan: &Plan, case: &Case, change: &mut Option<(&'static str, Value)>) {
    ui.label(theme::heading(tr("plan-vessels"))).on_hover_text(tr("plan-vessels-help"));
    let mut any = false;
    for (id, node) in case.nodes().filter(|(_, node)| matches!(node.data, Data::Lines(_))) {
        any = true;
        // What was removed from the case has no row and must not be sent along.
        let is_there = |id: &NodeId| case.node(*id).is_some_and(|node| matches!(node.data, Data::Lines(_)));
        let mut named: Vec<NodeId> = plan.vessels.iter().map(|vessels| vessels.node).filter(is_there).collect();
        let mut on = named.contains(&id);
        let changed = ui.push_id(id, |ui| ui.checkbox(&mut on, node.name.as_str()).changed()).inner;
        if changed {
            named.retain(|each| *each != id);
            named.extend(on.then_some(id));
            let text = named.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",");
            *change = Some(("vessels", json!(text)));
        }
    }
    if !any {
        ui.label(theme::small(tr("plan-no-vessels")));
    }
}

/// What the territories of vessels are parted by: distance, radii, or flow results of the case.
fn territories_ui(ui: &mut Ui, plan: &Plan, case: &Case, change: &mut Option<(&'static str, Value)>) {
    ui.label(theme::heading(tr("plan-territories-by"))).on_hover_text(tr("plan-territories-by-help"));
    let ways = [
        (TerritoriesBy::Distance, "distance", "plan-territories-distance"),
        (TerritoriesBy::Radii, "radii", "plan-territories-radii"),
    ];
    for (by, word, name) in ways {
        let is_now = plan.territories == by;
        if ui.radio(is_now, tr(name)).on_hover_text(tr(&format!("{name}-help"))).clicked() && !is_now {
            *change = Some(("territories", json!(word)));
        }
    }
    // What was removed from the case has no row and must not be sent along.
    let there = |id: &NodeId| case.flow_tubes(*id).is_some();
    for (id, node) in case.flow_results() {
        let mut named: Vec<NodeId> = plan.territories.results().iter().copied().filter(there).collect();
        let mut on = named.contains(&id);
        let name = tr_with("plan-territories-flow", &[("result", node.name.as_str().into())]);
        let response = ui.push_id(("flow", id), |ui| ui.checkbox(&mut on, name)).inner;
        if response.on_hover_text(tr("plan-territories-flow-help")).changed() {
            named.retain(|each| *each != id);
            named.extend(on.then_some(id));
            let text = named.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",");
            let text = if text.is_empty() { "distance" } else { text.as_str() };
            *change = Some(("territories", json!(text)));
        }
    }
}

/// Results of simulations: ticked where they belong to the plan, and stand on the board with it then.
fn results_ui(ui: &mut Ui, plan: &Plan, case: &Case, change: &mut Option<(&'static str, Value)>) {
    let is_result = |node: &Node| {
        let is_made = node.made_by().is_some_and(|made| made.tool.starts_with("simulate."));
        (matches!(node.data, Data::Tissue(_) | Data::Flow(_)) || is_made) && !node.summary.facts.is_empty()
    };
    let all: Vec<_> = case.nodes().filter(|(_, node)| is_result(node)).collect();
    if all.is_empty() {
        return;
    }
    ui.label(theme::heading(tr("plan-results"))).on_hover_text(tr("plan-results-help"));
    for (id, node) in &all {
        let mut named: Vec<NodeId> = plan.results.iter().map(|own| own.node).collect();
        // What was removed from the case has no row and must not be sent along.
        named.retain(|own| all.iter().any(|(each, _)| each == own));
        let mut on = named.contains(id);
        if ui.push_id(id, |ui| ui.checkbox(&mut on, node.name.as_str()).changed()).inner {
            named.retain(|own| own != id);
            named.extend(on.then_some(*id));
            let text = named.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",");
            *change = Some(("results", json!(if text.is_empty() { "none".into() } else { text })));
        }
    }
    ui.add_space(6.0);
}

impl Planning {
    /// Organ, targets and structures to spare.
    pub(super) fn structures_ui(&mut self, ui: &mut Ui, case: &Case, wishes: &mut Vec<Wish>) {
        let all = structures(case);
        let plan = self.shown();
        let name = |structure: Structure| {
            all.iter()
                .find(|(each, _)| *each == structure)
                .map_or_else(|| tr("plan-gone").to_owned(), |(_, name)| name.clone())
        };
        let mut change = None;
        let written = |structure: Structure| {
            structure
                .segment
                .map_or_else(|| structure.node.0.to_string(), |segment| format!("{}/{}", structure.node.0, segment.0))
        };
        for (key, label, now) in [("organ", "plan-organ", plan.organ), ("entry", "plan-entry-surface", plan.entry)] {
            ui.horizontal(|ui| {
                ui.label(tr(label));
                let shown = now.map_or_else(|| tr("plan-none").to_owned(), name);
                ui.menu_button(shown, |ui| {
                    if let Some(chosen) = choose(ui, &all, true) {
                        let value = chosen.map_or_else(|| "none".to_owned(), written);
                        change = Some((key, json!(value)));
                    }
                });
            });
        }
        ui.add_space(6.0);
        ui.label(theme::heading(tr("plan-targets"))).on_hover_text(tr("plan-targets-help"));
        let mut targets: Vec<(Structure, f64)> = plan.targets.iter().map(|t| (t.structure, t.margin_mm)).collect();
        let (mut done, mut moved) = (false, false);
        let mut gone = None;
        for (n, (structure, margin_mm)) in targets.iter_mut().enumerate() {
            let row = self.distance_row(ui, ("target", n), &name(*structure), margin_mm);
            done |= row.done;
            moved |= row.moved;
            gone = gone.or(row.gone.then_some(n));
        }
        let added = ui.menu_button(tr("plan-add-target"), |ui| choose(ui, &all, false)).inner.flatten().flatten();
        if let Some(structure) = added {
            targets.push((structure, 10.0));
        }
        if let Some(n) = gone {
            targets.remove(n);
        }
        if done || added.is_some() || gone.is_some() {
            let records = targets.iter().map(|(structure, mm)| json!({ "structure": structure, "margin_mm": mm }));
            change = Some(("targets", Value::Array(records.collect())));
        } else if moved {
            self.draft_with(|plan| plan.targets.iter_mut().zip(&targets).for_each(|(t, (_, mm))| t.margin_mm = *mm));
        }
        ui.add_space(6.0);
        ui.label(theme::heading(tr("plan-spared"))).on_hover_text(tr("plan-spared-help"));
        let mut spared: Vec<(Structure, f64, Option<f64>)> =
            plan.keep_out.iter().map(|each| (each.structure, each.distance_mm, each.weight)).collect();
        let (mut done, mut moved, mut gone) = (false, false, None);
        for (n, (structure, distance_mm, weight)) in spared.iter_mut().enumerate() {
            let row = self.distance_row(ui, ("spare", n), &name(*structure), distance_mm);
            done |= row.done;
            moved |= row.moved;
            gone = gone.or(row.gone.then_some(n));
            let mut forbids = weight.is_none();
            if ui.checkbox(&mut forbids, tr("plan-forbids")).on_hover_text(tr("plan-forbids-help")).changed() {
                *weight = if forbids { None } else { Some(1.0) };
                done = true;
            }
        }
        let added = ui.menu_button(tr("plan-add-spared"), |ui| choose(ui, &all, false)).inner.flatten().flatten();
        if let Some(structure) = added {
            spared.push((structure, 5.0, Some(1.0)));
        }
        if let Some(n) = gone {
            spared.remove(n);
        }
        if done || added.is_some() || gone.is_some() {
            let record = |(structure, mm, weight): &(Structure, f64, Option<f64>)| json!({ "structure": structure, "distance_mm": mm, "weight": weight });
            change = Some(("keep_out", Value::Array(spared.iter().map(record).collect())));
        } else if moved {
            self.draft_with(|plan| {
                plan.keep_out.iter_mut().zip(&spared).for_each(|(k, (_, mm, _))| k.distance_mm = *mm)
            });
        }
        ui.add_space(6.0);
        vessels_ui(ui, &plan, case, &mut change);
        ui.add_space(6.0);
        territories_ui(ui, &plan, case, &mut change);
        ui.add_space(6.0);
        results_ui(ui, &plan, case, &mut change);
        self.doubt_ui(ui, &mut change);
        ui.add_space(6.0);
        self.body_ui(ui, &mut change);
        liver_ui(ui, &plan, case, &mut change);
        self.position_ui(ui, &mut change);
        if let Some((key, value)) = change {
            wishes.push(Wish::run("plan.change", json!({ "plan": self.node, key: value })));
        }
    }

    /// How well edges are known, which all bounds hold.
    fn doubt_ui(&mut self, ui: &mut Ui, change: &mut Option<(&'static str, Value)>) {
        let mut now = self.shown().limits.edge_mm();
        ui.horizontal(|ui| {
            ui.label(tr("plan-edge")).on_hover_text(tr("plan-edge-help"));
            let response = ui.add(DragValue::new(&mut now).range(0.0..=20.0).speed(0.05).max_decimals(2).suffix(" mm"));
            let response = response.on_hover_text(tr("plan-edge-help"));
            if response.changed() {
                self.draft_with(|plan| plan.limits.edge_mm = Some(now));
            }
            // A field that was only visited changes nothing.
            let ends = response.drag_stopped() || response.lost_focus();
            if ends && self.shown().limits.edge_mm != self.kept.limits.edge_mm {
                *change = Some(("limits", json!([{ "edge_mm": now }])));
            }
        });
    }

    /// Height and weight, for formulas of the standard liver volume.
    fn body_ui(&mut self, ui: &mut Ui, change: &mut Option<(&'static str, Value)>) {
        let plan = self.shown();
        ui.label(theme::heading(tr("plan-patient"))).on_hover_text(tr("plan-patient-help"));
        let rows = [
            ("height_cm", "plan-height", " cm", plan.limits.height_cm, 170.0, 30.0..=250.0),
            ("weight_kg", "plan-weight", " kg", plan.limits.weight_kg, 70.0, 1.0..=300.0),
        ];
        for (key, name, unit, value, usual, range) in rows {
            ui.horizontal(|ui| {
                let mut known = value.is_some();
                if ui.checkbox(&mut known, tr(name)).changed() {
                    let value = known.then_some(usual);
                    *change = Some(("limits", json!([{ key: value }])));
                }
                if let Some(mut now) = value {
                    let response =
                        ui.add(DragValue::new(&mut now).range(range).speed(0.5).max_decimals(1).suffix(unit));
                    if response.changed() {
                        self.draft_with(|plan| match key {
                            "height_cm" => plan.limits.height_cm = Some(now),
                            _ => plan.limits.weight_kg = Some(now),
                        });
                    }
                    if response.drag_stopped() || response.lost_focus() {
                        *change = Some(("limits", json!([{ key: now }])));
                    }
                }
            });
        }
    }

    /// How the patient lies, where ports are planned: angles to the horizontal plane depend on it.
    fn position_ui(&mut self, ui: &mut Ui, change: &mut Option<(&'static str, Value)>) {
        let plan = self.shown();
        if !plan.actions.iter().any(|named| matches!(named.action, Action::Port(_))) {
            return;
        }
        let was = plan.limits.position.unwrap_or_default();
        let mut now = was;
        ui.horizontal_wrapped(|ui| {
            ui.label(tr("plan-position")).on_hover_text(tr("plan-position-help"));
            ui.menu_button(words::said(was.lie.words()).into_owned(), |ui| {
                for lie in Lie::ALL {
                    if ui.selectable_label(was.lie == lie, words::said(lie.words())).clicked() {
                        now.lie = lie;
                        *change = Some(("limits", json!([{ "position": now }])));
                        ui.close();
                    }
                }
            });
            ui.label(tr("plan-head-up")).on_hover_text(tr("plan-head-up-help"));
            let drag =
                DragValue::new(&mut now.head_up_degrees).range(-60.0..=90.0).speed(0.5).max_decimals(1).suffix("°");
            let response = ui.add(drag);
            if response.changed() {
                self.draft_with(|plan| plan.limits.position = Some(now));
            }
            let ends = response.drag_stopped() || response.lost_focus();
            if ends && self.shown().limits.position != self.kept.limits.position {
                *change = Some(("limits", json!([{ "position": now }])));
            }
        });
    }

    /// The plan with something changed, as a draft.
    fn draft_with(&mut self, change: impl FnOnce(&mut crate::plan::Plan)) {
        let mut plan = crate::plan::Plan::clone(&self.shown());
        change(&mut plan);
        self.draft = Some(std::sync::Arc::new(plan));
    }

    /// A structure with its distance; what was done to it.
    fn distance_row(&self, ui: &mut Ui, salt: (&str, usize), name: &str, mm: &mut f64) -> Row {
        let mut row = Row::default();
        ui.push_id(salt, |ui| {
            ui.horizontal(|ui| {
                row.gone = widgets::icon_button(ui, icons::TRASH, tr("plan-remove")).clicked();
                let response = ui.add(DragValue::new(mm).range(0.0..=100.0).speed(0.2).max_decimals(1).suffix(" mm"));
                row.moved = response.changed();
                row.done = response.drag_stopped() || response.lost_focus();
                ui.label(name);
            });
        });
        row
    }
}

/// What was done to a row.
#[derive(Debug, Default)]
struct Row {
    moved: bool,
    done: bool,
    gone: bool,
}

/// All a plan may name: segments, surfaces, centre lines.
fn structures(case: &Case) -> Vec<(Structure, String)> {
    let mut all = Vec::new();
    for (node, each) in case.nodes() {
        match &each.data {
            Data::Labels(labels) => all.extend(
                labels
                    .segments()
                    .iter()
                    .map(|segment| (Structure { node, segment: Some(segment.id) }, segment.name.clone())),
            ),
            Data::Surface(_) | Data::Lines(_) => all.push((Structure { node, segment: None }, each.name.clone())),
            _ => {}
        }
    }
    all
}

/// A menu of structures; the one that was chosen, `Some(None)` for none of them.
fn choose(ui: &mut Ui, all: &[(Structure, String)], none: bool) -> Option<Option<Structure>> {
    let mut chosen = None;
    egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        if none && ui.button(tr("plan-none")).clicked() {
            chosen = Some(None);
        }
        for (structure, name) in all {
            if ui.button(name.as_str()).clicked() {
                chosen = Some(Some(*structure));
                ui.close();
            }
        }
    });
    chosen
}
