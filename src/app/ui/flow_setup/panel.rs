//! The panel in the left column.

use super::FlowSetup;
use crate::app::ui::contract::Request;
use crate::app::ui::form::{is_segment, segments};
use crate::app::ui::wish::Wish;
use crate::app::ui::{field, icons, numbers, theme, widgets};
use crate::base::i18n::{tr, tr_with};
use crate::flow::Cost;
use crate::geom::Point;
use crate::session::{Case, ParamSpec};
use egui::Ui;
use std::time::Duration;

/// What is always shown; for a heart beat or a breath more.
const MAIN: [&str; 5] = ["labels", "segment", "vessel", "flow_ml_s", "waveform"];
const BEAT: [&str; 3] = ["heart_rate_per_min", "outlets", "cycles_max"];
const BREATH: [&str; 3] = ["tidal_volume_ml", "breaths_per_min", "inspiration_share"];
/// What has a place of its own in the panel, or is written by the window.
const APART: [&str; 3] = ["openings", "cells_across", "end_after"];

impl FlowSetup {
    /// Show the panel.
    pub fn show(&mut self, ui: &mut Ui, case: &Case, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
        ui.horizontal(|ui| {
            if widgets::icon_button(ui, icons::ARROW_LEFT, tr("form-back")).clicked() {
                wishes.push(Wish::CloseForm);
            }
            ui.label(theme::strong(tr("flow-title")).size(15.0));
        });
        self.live_ui(ui, case);
        if let Some(Ok(prospect)) = &self.answer {
            self.places.clone_from(&prospect.places);
        }
        let lumen = [self.form.value("labels").clone(), self.form.value("segment").clone()];
        let specs = self.tool().params;
        let (beats, breathes) = match self.form.value("waveform").as_str() {
            None | Some("steady") => (false, false),
            Some("breathing") => (false, true),
            Some(_) => (true, false),
        };
        if breathes {
            // The flow of a breath is that of its volume and rate.
            self.form.set("flow_ml_s", serde_json::Value::Null);
        }
        let one_segment = segments(&self.form, case).len() < 2;
        let is_main = |spec: &ParamSpec| {
            let left_out = is_segment(spec) && one_segment || breathes && spec.name == "flow_ml_s";
            MAIN.contains(&spec.name) && !left_out
                || beats && BEAT.contains(&spec.name)
                || breathes && BREATH.contains(&spec.name)
        };
        for spec in specs.iter().filter(|spec| is_main(spec)) {
            field::field_ui(ui, &mut self.form, spec, case, crosshair, wishes);
        }
        if lumen != [self.form.value("labels").clone(), self.form.value("segment").clone()] {
            // Places of another lumen mean nothing here.
            self.set_changes(&[]);
            (self.answer, self.places) = (None, Vec::new());
        }
        ui.add_space(8.0);
        self.openings_ui(ui, crosshair, wishes);
        ui.add_space(8.0);
        ui.label(theme::heading(tr("flow-fine")));
        for spec in specs.iter().filter(|spec| spec.name == "cells_across") {
            field::field_ui(ui, &mut self.form, spec, case, crosshair, wishes);
        }
        let cost = match &self.answer {
            Some(Ok(prospect)) => Some(prospect.cost.as_ref()),
            _ => None,
        };
        match cost {
            Some(Ok(cost)) => cost_ui(ui, cost),
            Some(Err(problem)) => problem_ui(ui, problem),
            None => _ = ui.label(theme::small(if self.answer.is_none() { tr("flow-looking") } else { "" })),
        }
        ui.add_space(4.0);
        egui::CollapsingHeader::new(theme::small(tr("form-more"))).id_salt("flow settings").show(ui, |ui| {
            for spec in specs.iter().filter(|spec| !is_main(spec) && !APART.contains(&spec.name)) {
                let left_out = is_segment(spec) || breathes && spec.name == "flow_ml_s";
                if !left_out {
                    field::field_ui(ui, &mut self.form, spec, case, crosshair, wishes);
                }
            }
        });
        ui.add_space(8.0);
        self.run_ui(ui, wishes);
    }

    fn run_ui(&mut self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let command = self.form.command();
        let problem = match (&command, &self.answer) {
            (Err(problem), _) => Some(problem.clone()),
            (_, Some(Err(problem))) => Some(problem.clone()),
            _ => None,
        };
        let segment = self.form.value("segment").as_u64();
        let runs = self.live.as_ref().is_some_and(|live| live.segment == segment);
        ui.horizontal(|ui| {
            let struck = ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::Enter));
            let may = problem.is_none() && !runs;
            let run = ui.add_enabled_ui(may, |ui| widgets::primary_button(ui, tr("form-run"))).inner;
            let run = run.on_hover_text(tr("flow-run-help"));
            if ui.button(tr("word-close")).clicked() {
                wishes.push(Wish::CloseForm);
            }
            if may && (run.clicked() || struck) {
                wishes.extend(command.ok().map(|command| Wish::Ask(Request::Run(command))));
            }
        });
        if let Some(problem) = problem {
            ui.add_space(2.0);
            problem_ui(ui, &problem);
        }
    }
}

fn problem_ui(ui: &mut Ui, problem: &str) {
    ui.label(egui::RichText::new(crate::app::ui::words::said(problem)).size(11.5).color(theme::of(ui).warning));
}

/// What the run will cost, and the numbers by which it can be judged.
fn cost_ui(ui: &mut Ui, cost: &Cost) {
    let Cost { cell_mm, cells, steps, seconds, bytes, reynolds, tau, .. } = cost;
    let time = numbers::duration(Duration::from_secs_f64(seconds.max(0.1)));
    let cells = if *cells < 1e6 {
        tr_with("flow-thousand", &[("count", (cells / 1e3).round().into())])
    } else {
        tr_with("flow-million", &[("count", (&format!("{:.1}", cells / 1e6)).into())])
    };
    ui.label(tr_with(
        "flow-about",
        &[("time", (&time).into()), ("cells", (&cells).into()), ("size", (&format!("{cell_mm:.2}")).into())],
    ))
    .on_hover_text(tr("flow-about-help"));
    ui.label(theme::small(tr_with(
        "flow-cost",
        &[
            ("steps", (&numbers::grouped(*steps, 0)).into()),
            ("size", (bytes * 1e-6).round().into()),
            ("reynolds", reynolds.round().into()),
            ("tau", (&format!("{tau:.3}")).into()),
        ],
    )))
    .on_hover_text(tr("flow-cost-help"));
}
