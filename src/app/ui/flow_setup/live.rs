//! What the panel says of the flow that is being computed.

use super::{FIELDS, FlowSetup, Live};
use crate::app::ui::{numbers, theme};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::base::units::PA_PER_MMHG;
use crate::flow::Stage;
use crate::session::Case;
use egui::{ComboBox, Rect, Sense, Shape, Stroke, Ui, Vec2};

/// Height of the small curve in points.
const HEIGHT: f32 = 44.0;

impl FlowSetup {
    /// What is known of the flow that is being computed; nothing where there is none.
    pub(super) fn live_ui(&mut self, ui: &mut Ui, case: &Case) {
        let Some(live) = &self.live else { return };
        let is_air = live.is_air;
        let name = self.lumen(case);
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(theme::strong(tr_with("flow-so-far", &[("name", (&name).into())])).size(12.5));
            match live.stage {
                None if live.waiting => _ = ui.label(theme::small(tr("flow-waits"))),
                None => _ = ui.label(theme::small(tr("flow-soon"))),
                Some(stage) => {
                    ui.label(stage_words(&stage));
                    if let Some(drop) = live.drops_pa.last() {
                        ui.label(tr_with("flow-drop", &[("drop", (&pressure(*drop, is_air)).into())]));
                    }
                    curve(ui, live);
                    ui.horizontal(|ui| {
                        ui.label(theme::small(tr("word-colour")));
                        let shown = theme::sentence(in_tables("field", self.field));
                        ComboBox::from_id_salt("live colour").selected_text(shown).show_ui(ui, |ui| {
                            for field in FIELDS {
                                ui.selectable_value(&mut self.field, field, theme::sentence(in_tables("field", field)));
                            }
                        });
                    });
                }
            }
        });
        ui.add_space(6.0);
    }
}

fn pressure(pa: f64, is_air: bool) -> String {
    if is_air { numbers::quantity(pa, "Pa") } else { format!("{:.1} mmHg", pa / PA_PER_MMHG) }
}

fn stage_words(stage: &Stage) -> String {
    match stage {
        Stage::Settling { coarse: true, exchanges, .. } => {
            tr_with("flow-coarse", &[("exchanges", (&format!("{exchanges:.1}")).into())])
        }
        Stage::Settling { exchanges, to_come, tolerance, .. } if to_come.is_finite() => tr_with(
            "flow-settling",
            &[
                ("exchanges", (&format!("{exchanges:.1}")).into()),
                ("change", (&format!("{:.1}", 100.0 * to_come)).into()),
                ("steady", (&numbers::significant(100.0 * tolerance)).into()),
            ],
        ),
        Stage::Settling { exchanges, .. } => {
            tr_with("flow-unsteady", &[("exchanges", (&format!("{exchanges:.1}")).into())])
        }
        Stage::Beating { cycle: 0, time_s } => tr_with("flow-before", &[("time", (&format!("{time_s:.2}")).into())]),
        Stage::Beating { cycle, time_s } => {
            tr_with("flow-cycle", &[("cycle", (*cycle).into()), ("time", (&format!("{time_s:.2}")).into())])
        }
    }
}

/// The pressure drops so far as a small curve.
fn curve(ui: &mut Ui, live: &Live) {
    let (low, high) =
        live.drops_pa.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(*p), high.max(*p)));
    if live.drops_pa.len() < 3 || !(low < high) {
        return;
    }
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::hover());
    let room: Rect = rect.shrink(3.0);
    ui.painter().rect_filled(rect, 3, theme::of(ui).bar);
    let last = (live.drops_pa.len() - 1) as f32;
    let point = |(n, pa): (usize, &f64)| {
        let up = ((pa - low) / (high - low)) as f32;
        egui::pos2(room.left() + room.width() * n as f32 / last, room.bottom() - room.height() * up)
    };
    let line = live.drops_pa.iter().enumerate().map(point).collect();
    ui.painter().add(Shape::line(line, Stroke::new(1.5, theme::of(ui).accent)));
}
