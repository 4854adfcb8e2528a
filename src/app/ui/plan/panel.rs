//! The frame of the panel: name, verdict, pages.

use super::{Page, Planning};
use crate::app::ui::layout::Pane;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use crate::plan::SignedOn;
use crate::session::Case;
use egui::{Button, TextEdit, Ui};
use serde_json::json;

impl Planning {
    /// Show the panel.
    pub fn show(&mut self, ui: &mut Ui, case: &Case, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
        let Some(node) = case.node(self.node) else { return };
        ui.horizontal(|ui| {
            if widgets::icon_button(ui, icons::ARROW_LEFT, tr("plan-close")).clicked() {
                wishes.push(Wish::EndPlan);
            }
            ui.label(theme::strong(node.name.as_str()).size(15.0));
        });
        self.plans_row(ui, case, wishes);
        ui.add_space(6.0);
        self.verdict_ui(ui);
        self.refused_ui(ui);
        ui.add_space(6.0);
        ui.horizontal_wrapped(|ui| {
            for (page, name) in [
                (Page::Actions, "plan-page-actions"),
                (Page::Structures, "plan-page-structures"),
                (Page::Score, "plan-page-score"),
                (Page::Checks, "plan-page-checks"),
            ] {
                if ui.selectable_label(self.page == page, tr(name)).clicked() {
                    self.page = page;
                }
            }
        });
        ui.separator();
        match self.page {
            Page::Actions => self.actions_ui(ui, case, crosshair, wishes),
            Page::Structures => self.structures_ui(ui, case, wishes),
            Page::Score => self.score_ui(ui, case, wishes),
            Page::Checks => self.checks_ui(ui, case, wishes),
        }
    }

    /// Why a draft was refused: it stays as it is, to be moved on or put back.
    fn refused_ui(&mut self, ui: &mut Ui) {
        let Some(refused) = &self.refused else { return };
        let why = crate::app::ui::words::said(&refused.why).into_owned();
        ui.add_space(4.0);
        ui.label(theme::strong(tr("plan-refused")).color(theme::of(ui).warning));
        ui.label(egui::RichText::new(why).size(12.0).color(theme::of(ui).warning));
        ui.label(theme::small(tr("plan-refused-help")));
        if ui.button(tr("plan-refused-back")).clicked() {
            self.let_go();
        }
    }

    /// The other plans of the case, a copy of this one, and all side by side.
    fn plans_row(&mut self, ui: &mut Ui, case: &Case, wishes: &mut Vec<Wish>) {
        let plans: Vec<_> = case.plans().map(|(id, node, _)| (id, node.name.clone())).collect();
        ui.horizontal_wrapped(|ui| {
            if 1 < plans.len() {
                ui.menu_button(tr_with("plan-others", &[("count", plans.len().into())]), |ui| {
                    for (id, name) in &plans {
                        if ui.selectable_label(*id == self.node, name).clicked() {
                            wishes.push(Wish::Plan(Some(*id)));
                        }
                    }
                });
            }
            if ui.button(tr("plan-copy")).on_hover_text(tr("plan-copy-help")).clicked() {
                wishes.push(Wish::run("plan.copy", json!({ "plan": self.node })));
            }
            if ui.button(tr("plan-compare")).on_hover_text(tr("plan-compare-help")).clicked() {
                wishes.push(Wish::ToggleView(Pane::Plans));
            }
        });
    }

    /// The check-list and who signed it.
    fn checks_ui(&mut self, ui: &mut Ui, case: &Case, wishes: &mut Vec<Wish>) {
        let plan = self.shown();
        let (planned, contents) = (plan.planned(), case.plan_contents(&plan));
        ui.horizontal(|ui| {
            ui.label(tr("plan-signer"));
            ui.add(TextEdit::singleline(&mut self.signer).desired_width(150.0).hint_text(tr("plan-signer-hint")));
        });
        ui.add_space(4.0);
        for (n, check) in plan.checks.iter().enumerate() {
            let line = n + 1;
            ui.horizontal_wrapped(|ui| {
                let mut done = check.signed.is_some();
                let may = done || !self.signer.trim().is_empty();
                let tick = ui.add_enabled(may, egui::Checkbox::new(&mut done, words::said(&check.text)));
                if tick.on_disabled_hover_text(tr("plan-sign-needs-name")).changed() {
                    let by = if done { json!(self.signer.trim()) } else { json!(null) };
                    wishes.push(Wish::run("plan.check", json!({ "plan": self.node, "line": line, "by": by })));
                }
                if widgets::icon_button(ui, icons::TRASH, tr("plan-check-remove")).clicked() {
                    wishes.push(Wish::run("plan.check", json!({ "plan": self.node, "line": line, "remove": true })));
                }
            });
            if let Some(signed) = &check.signed {
                let text = format!("{} · {}", signed.by, signed.at);
                ui.label(theme::small(text));
                let warning = theme::of(ui).warning;
                if signed.is_old(&planned, None) {
                    ui.label(theme::small(tr("plan-signed-before")).color(warning));
                } else if signed.is_old(&planned, Some(&contents)) {
                    ui.label(theme::small(tr("plan-signed-contents")).color(warning));
                }
                if let Some(remark) = signed.on.and_then(SignedOn::remark) {
                    ui.label(theme::small(words::said(remark)).color(warning));
                }
            }
        }
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.new_check).desired_width(190.0).hint_text(tr("plan-check-hint"));
            ui.add(edit);
            let text = self.new_check.trim().to_owned();
            if ui.add_enabled(!text.is_empty(), Button::new(tr("plan-check-add"))).clicked() {
                wishes.push(Wish::run("plan.check", json!({ "plan": self.node, "text": text })));
                self.new_check.clear();
            }
        });
    }
}
