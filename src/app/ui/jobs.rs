//! Running and waiting jobs.

use super::contract::{FileJob, Request};
use super::wish::Wish;
use super::{icons, numbers, theme, widgets, words};
use crate::base::i18n;
use crate::session::{JobStatus, ToolEntry};
use egui::Ui;

/// What a job is called: the tool's label and the choice that sets it apart.
pub fn job_name(tools: &[ToolEntry], job: &JobStatus) -> String {
    let tool = tools.iter().find(|tool| tool.id == job.command.tool);
    let label = match tool {
        Some(tool) => words::tool_name(tool),
        None => &job.command.tool,
    };
    match job.command.params.get("preset").and_then(serde_json::Value::as_str) {
        Some(preset) => format!("{label}: {}", words::given_choice(tool, "preset", preset)),
        None => label.to_owned(),
    }
}

/// How long a job runs, and how long it will still run where that can be guessed: `12 s, about 40 s left`.
fn times(job: &JobStatus) -> String {
    let elapsed = numbers::duration(job.elapsed);
    match job.remaining.filter(|_| !job.paused && !job.ending) {
        Some(left) => {
            i18n::tr_with("job-times", &[("elapsed", (&elapsed).into()), ("left", (&numbers::duration(left)).into())])
        }
        None => elapsed,
    }
}

/// Show a file operation as a card.
pub fn file_ui(ui: &mut Ui, job: &FileJob, wishes: &mut Vec<Wish>) {
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_enabled_ui(!job.ending, |ui| {
                    if widgets::icon_button(ui, icons::X, i18n::tr("job-cancel")).clicked() {
                        wishes.push(Wish::Ask(Request::CancelFile));
                    }
                });
                ui.label(theme::small(format!("{:.0} %", job.fraction * 100.0)));
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(theme::strong(job.what.as_str()).size(12.5)).truncate());
                });
            });
        });
        ui.add(egui::ProgressBar::new(job.fraction as f32).desired_height(4.0).fill(theme::of(ui).accent));
        let text = if job.ending { i18n::tr("file-cancelling").into() } else { numbers::duration(job.elapsed) };
        ui.label(theme::small(text));
    });
}

/// Show all jobs as cards; nothing if there are none.
pub fn jobs_ui(ui: &mut Ui, tools: &[ToolEntry], jobs: &[JobStatus], wishes: &mut Vec<Wish>) {
    for job in jobs {
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 3.0;
            ui.horizontal(|ui| {
                ui.add(egui::Label::new(theme::strong(job_name(tools, job)).size(12.5)).truncate());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::X, i18n::tr("job-cancel")).clicked() {
                        wishes.push(Wish::Ask(Request::CancelJob(job.id)));
                    }
                    if job.offers_end {
                        let end = widgets::icon_button(ui, icons::FLAG, i18n::tr("job-end"));
                        if end.clicked() {
                            wishes.push(Wish::Ask(Request::EndJob(job.id)));
                        }
                    }
                    let (icon, name) = if job.paused {
                        (icons::PLAYER_PLAY, i18n::tr("job-go-on"))
                    } else {
                        (icons::PLAYER_PAUSE, i18n::tr("job-wait"))
                    };
                    if !job.waiting && widgets::icon_toggle(ui, icon, name, job.paused).clicked() {
                        wishes.push(Wish::Ask(Request::PauseJob(job.id, !job.paused)));
                    }
                    if !job.waiting {
                        ui.label(theme::small(format!("{:.0} %", job.fraction * 100.0)));
                    }
                });
            });
            ui.add(egui::ProgressBar::new(job.fraction as f32).desired_height(4.0).fill(theme::of(ui).accent));
            ui.horizontal(|ui| {
                ui.label(theme::small(match job {
                    JobStatus { paused: true, .. } => i18n::tr("job-paused").into(),
                    JobStatus { ending: true, .. } => i18n::tr("job-ending").into(),
                    _ => words::said(job.stage),
                }));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if !job.waiting {
                        ui.label(theme::small(times(job)));
                    }
                });
            });
        });
    }
}
