//! The list of openings: what each is, how large, and cuts of the user's own.

use super::FlowSetup;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use crate::tools::simulate_flow::{Becomes, OpeningChange, Place};
use egui::{ComboBox, DragValue, Sense, Ui, Vec2};

/// Openings that are listed; a lung may have very many.
const ROWS: usize = 40;

/// What an opening is now.
pub(super) fn state(place: &Place) -> Becomes {
    match (place.is_open, place.opening.kind.is_inlet()) {
        (false, _) => Becomes::Closed,
        (true, true) => Becomes::Inlet,
        (true, false) => Becomes::Outlet,
    }
}

/// The colour of an opening in the list and in the scene.
pub(super) fn colour(ui: &Ui, becomes: Becomes) -> egui::Color32 {
    let own = theme::of(ui);
    match becomes {
        Becomes::Inlet => own.good,
        Becomes::Outlet => own.accent,
        Becomes::Closed => own.weak,
    }
}

fn word(becomes: Becomes) -> &'static str {
    match becomes {
        Becomes::Inlet => tr("flow-inlet"),
        Becomes::Outlet => tr("flow-outlet"),
        Becomes::Closed => tr("flow-closed"),
    }
}

impl FlowSetup {
    pub(super) fn openings_ui(&mut self, ui: &mut Ui, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
        self.pointed = None;
        let places = self.places.clone();
        widgets::panel_heading(ui, tr("flow-openings"), |ui| {
            let cut = ui.add_enabled_ui(crosshair.is_some(), |ui| ui.small_button(tr("flow-cut"))).inner;
            let help = tr("flow-cut-help");
            if let (true, Some(at)) = (cut.on_hover_text(help).clicked(), crosshair) {
                let mut changes = self.changes();
                changes.push(asked(at, Becomes::Outlet, true));
                self.set_changes(&changes);
            }
            if !self.changes().is_empty()
                && ui.small_button(tr("flow-as-found")).on_hover_text(tr("simulate-undo-all")).clicked()
            {
                self.set_changes(&[]);
            }
        });
        for (n, place) in places.iter().take(ROWS).enumerate() {
            ui.push_id(n, |ui| self.row(ui, n, place, wishes));
        }
        if ROWS < places.len() {
            ui.label(theme::small(tr_with("flow-more", &[("count", (places.len() - ROWS).into())])));
        }
        let warnings = match &self.answer {
            Some(Ok(prospect)) => prospect.warnings.as_slice(),
            _ => &[],
        };
        for warning in warnings {
            ui.label(theme::small(words::said(warning)).color(theme::of(ui).warning));
        }
    }

    fn row(&mut self, ui: &mut Ui, n: usize, place: &Place, wishes: &mut Vec<Wish>) {
        let now = state(place);
        let mut wanted = now;
        let change = place.asked.as_ref();
        let mut turned = false;
        let row = ui.horizontal(|ui| {
            let (dot, _) = ui.allocate_exact_size(Vec2::splat(10.0), Sense::hover());
            ui.painter().circle_filled(dot.center(), 4.5, colour(ui, now));
            ComboBox::from_id_salt("becomes").width(66.0).selected_text(word(now)).show_ui(ui, |ui| {
                for becomes in [Becomes::Inlet, Becomes::Outlet, Becomes::Closed] {
                    ui.selectable_value(&mut wanted, becomes, word(becomes));
                }
            });
            let diameter = 2.0 * place.opening.radius_mm;
            let text = tr_with(
                "flow-opening",
                &[
                    ("name", words::said(&place.opening.name).as_ref().into()),
                    ("diameter", (&format!("{diameter:.1}")).into()),
                ],
            );
            let name = ui.add(egui::Label::new(theme::small(text)).truncate().sense(Sense::click()));
            let help = tr_with("flow-opening-help", &[("area", (&format!("{:.1}", place.opening.area_mm2)).into())]);
            if name.on_hover_text(help).clicked() {
                wishes.push(Wish::Crosshair(place.opening.centre));
            }
            if change.is_some_and(|change| change.cut) {
                turned = widgets::icon_button(ui, icons::ARROW_BACK_UP, tr("flow-turn")).clicked();
                if widgets::icon_button(ui, icons::TRASH, tr("flow-uncut")).clicked() {
                    wanted = Becomes::Closed;
                }
            }
        });
        if ui.rect_contains_pointer(row.response.rect) {
            self.pointed = Some(n);
        }
        let many = self.inlets() > 1;
        let flow = place.opening.inflow_ml_s();
        let has_own = change.is_some_and(|change| change.flow_ml_s.is_some());
        if now == Becomes::Inlet && (many || has_own) && flow.is_finite() {
            ui.horizontal(|ui| {
                ui.add_space(18.0);
                let mut asked_flow = flow;
                let drag = DragValue::new(&mut asked_flow).range(0.001..=10_000.0).speed(0.02 * flow).suffix(" ml/s");
                if ui.add(drag.max_decimals(2)).changed() {
                    self.change(place, |change| change.flow_ml_s = Some(asked_flow));
                }
            });
        }
        if turned {
            let normal = -place.opening.normal;
            self.change(place, |change| change.normal = Some(normal.into()));
        }
        if wanted != now {
            self.become_now(place, wanted);
        }
    }

    fn inlets(&self) -> usize {
        self.places.iter().filter(|place| state(place) == Becomes::Inlet).count()
    }

    /// Make an opening something else; a cut that is closed is no cut.
    fn become_now(&mut self, place: &Place, wanted: Becomes) {
        match &place.asked {
            Some(own) if own.cut && wanted == Becomes::Closed => {
                let rest: Vec<OpeningChange> = self.changes().into_iter().filter(|change| change != own).collect();
                self.set_changes(&rest);
            }
            _ => self.change(place, |change| {
                change.becomes = wanted;
                if wanted != Becomes::Inlet {
                    change.flow_ml_s = None;
                }
            }),
        }
    }

    /// Change what is asked of an opening.
    fn change(&mut self, place: &Place, change: impl FnOnce(&mut OpeningChange)) {
        let mut changes = self.changes();
        // The list is that of the last answer; what was taken back since is not changed any more.
        let found = place.asked.as_ref().map(|own| changes.iter().position(|change| change == own));
        let n = match found {
            Some(Some(n)) => n,
            Some(None) => return,
            None => {
                changes.push(asked(place.opening.centre, state(place), false));
                changes.len() - 1
            }
        };
        change(&mut changes[n]);
        self.set_changes(&changes);
    }
}

/// A change at a place, in hundredths of a millimetre: what people can read in a log.
fn asked(at: Point, becomes: Becomes, cut: bool) -> OpeningChange {
    let at = [at.x, at.y, at.z].map(|x| (x * 100.0).round() / 100.0);
    OpeningChange { at, becomes, cut, normal: None, name: None, flow_ml_s: None, pressure_mmhg: None }
}
