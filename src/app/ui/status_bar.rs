//! The bar at the bottom: what lies under the mouse, and what the program is doing.

use super::contract::AppView;
use super::slice::Probe;
use super::wish::{Dialog, Wish};
use super::{jobs, numbers, theme};
use crate::base::i18n::{tr, tr_with};
use egui::{RichText, Sense, Ui, Vec2};

/// Show the bar.
pub fn status_bar_ui(ui: &mut Ui, view: &AppView<'_>, probe: Option<&Probe>) {
    ui.horizontal(|ui| {
        ui.set_min_height(24.0);
        ui.add_space(8.0);
        match (probe, &view.scene.picked) {
            (Some(probe), _) => probe_ui(ui, probe),
            (None, Some(picked)) => {
                let name = view.session.case().node(picked.node).map_or("", |node| node.name.as_str());
                ui.label(RichText::new(numbers::place(&picked.point)).size(12.0));
                ui.label(theme::small(name));
                ui.label(RichText::new(picked.value.as_deref().unwrap_or("")).size(12.0).color(theme::of(ui).strong));
            }
            (None, None) => {
                let keys = super::keys::first(ui.ctx(), &Wish::Dialog(Dialog::Keys));
                let keys = keys
                    .map(|key| format!(" · {}", tr_with("bar-keys", &[("key", (&key).into())])))
                    .unwrap_or_default();
                let hint = format!("{}{keys}", super::settings::of(ui.ctx()).mouse.hint());
                ui.label(theme::small(hint).color(theme::of(ui).faint));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_space(8.0);
            ui.label(theme::small(tr("purpose")).color(theme::of(ui).faint));
            let jobs = view.session.jobs();
            if let Some(job) = jobs.first() {
                ui.separator();
                let more = if jobs.len() == 1 { String::new() } else { format!("  +{}", jobs.len() - 1) };
                let name = jobs::job_name(view.session.tools(), job);
                ui.label(
                    theme::small(format!("{name}  {:.0} %{more}", job.fraction * 100.0)).color(theme::of(ui).accent),
                );
            }
        });
    });
}

fn probe_ui(ui: &mut Ui, probe: &Probe) {
    ui.label(RichText::new(numbers::place(&probe.point)).size(12.0));
    if let Some([i, j, k]) = probe.voxel {
        ui.label(theme::small(format!("[{i}, {j}, {k}]"))).on_hover_text(tr("probe-voxel"));
    }
    ui.separator();
    let value =
        probe.value.map_or_else(|| tr("probe-outside").to_owned(), |value| numbers::quantity(value, probe.unit));
    ui.label(RichText::new(value).size(12.0).color(theme::of(ui).strong));
    if let Some(slab) = probe.slab_text() {
        ui.label(RichText::new(slab).size(12.0));
    }
    if let Some((value, unit)) = probe.fused {
        ui.label(
            RichText::new(tr_with("probe-over", &[("value", (&numbers::quantity(value, unit)).into())])).size(12.0),
        );
    }
    for (name, colour) in &probe.segments {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(10.0), Sense::hover());
        ui.painter().rect_filled(rect, 3, theme::colour(*colour));
        ui.label(RichText::new(name).size(12.0));
    }
}
