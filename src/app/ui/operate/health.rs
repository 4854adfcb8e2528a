//! How the solver of an operation fares.

use super::OperationInfo;
use crate::app::ui::{icons, theme, words};
use crate::base::i18n::{tr, tr_with};
use egui::Ui;

/// How the solver fares, in a few lines.
pub(super) fn health_ui(ui: &mut Ui, info: &OperationInfo) {
    let Some(health) = info.health else { return };
    let (icon, colour, words) = match &health.note {
        None if health.inverted == 0 => (icons::CIRCLE_CHECK, theme::of(ui).good, tr("solver-well").to_owned()),
        None => (
            icons::ALERT_TRIANGLE,
            theme::of(ui).warning,
            tr_with("solver-folded", &[("count", health.inverted.into())]),
        ),
        Some(note) => (icons::ALERT_TRIANGLE, theme::of(ui).warning, words::said(&note.to_string()).into_owned()),
    };
    ui.horizontal_wrapped(|ui| {
        ui.colored_label(colour, icon);
        ui.label(theme::small(words));
    });
    let deep = |count: usize, depth_mm: f64| {
        tr_with("solver-deep", &[("count", count.into()), ("depth", (&format!("{depth_mm:.1}")).into())])
    };
    egui::CollapsingHeader::new(tr("solver-title")).id_salt("solver").show(ui, |ui| {
        egui::Grid::new("health").num_columns(2).spacing([12.0, 2.0]).show(ui, |ui| {
            let rows = [
                (tr("solver-tetrahedra"), info.tets.to_string()),
                (tr("solver-frame"), tr_with("solver-ms", &[("ms", (&format!("{:.1}", info.took_ms)).into())])),
                (tr("solver-rate"), format!("{:.0} / 60", info.rate_hz)),
                (tr("solver-elastic"), format!("{:.3} mJ", 1e3 * health.elastic_j)),
                (tr("solver-kinetic"), format!("{:.3} mJ", 1e3 * health.kinetic_j)),
                (tr("solver-residual"), format!("{:.1e}", health.residual)),
                (tr("solver-volume"), format!("{:.2}", health.worst_element.1)),
                (tr("solver-contacts"), deep(health.contacts, health.depth_mm)),
                (tr("solver-self"), deep(health.self_contacts, health.self_depth_mm)),
                (tr("solver-force"), format!("{:.2} N", info.peak_n)),
            ];
            for (name, value) in rows {
                ui.label(theme::small(name));
                ui.label(theme::small(value));
                ui.end_row();
            }
        });
        ui.label(theme::small(words::said(&info.device)));
    });
}
