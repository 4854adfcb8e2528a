//! The chosen path by its depth: what it comes near to, with the limits, a depth that all views share, and slices turned so
//! that two hold the path and one lies across it.
//!
//! The depth is no state of its own: it is the crosshair's.

use super::Planning;
use super::score::{colour_of, icon_of, word_of};
use crate::app::ui::curve::still_plot;
use crate::app::ui::slice::Turn;
use crate::app::ui::wish::Wish;
use crate::app::ui::{numbers, theme, words};
use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use crate::plan::path::{Path, PathFrame};
use crate::tools::plan_views::{DepthLine, path_of};
use egui::{Color32, Rect, RichText, ScrollArea, Slider, Stroke, Ui, UiBuilder, Vec2};
use egui_plot::{HLine, Line, LineStyle, PlotPoints, VLine};
use nalgebra::{Matrix3, Rotation3, UnitQuaternion};
use std::f64::consts::PI;

/// Height of one line of the list of structures.
const LINE: f32 = 21.0;
/// The crosshair says a depth while it is this near to the path.
const BESIDE_MM: f64 = 2.0;

/// The views turned so that the first lies across the path, seen as by somebody who looks along it, and the other two hold it
/// and have the entry at the top.
pub(super) fn turn_along(frame: &PathFrame) -> Turn {
    // Columns: where the patient's left, back and head go.
    let turn = Matrix3::from_columns(&[-frame.across, -frame.up, frame.along]);
    let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(turn));
    Turn::of_parts(turn.coords.into(), [0.0, PI, PI])
}

/// How deep a place lies along a path, from 0 to its length.
fn depth_mm(path: &Path, point: &Point) -> f64 {
    (point - path.entry()).dot(&path.along()).clamp(0.0, path.length_mm())
}

impl Planning {
    /// The path whose distances are seen: the chosen action's, else the first.
    pub(super) fn path_action(&self) -> Option<usize> {
        let plan = self.shown();
        let is_path = |n: &usize| plan.actions.get(*n).is_some_and(|named| path_of(&named.action).is_some());
        self.action.filter(is_path).or_else(|| (0..plan.actions.len()).find(is_path))
    }

    /// The path as it is drawn now.
    fn path(&self) -> Option<Path> {
        let plan = self.shown();
        path_of(&plan.actions.get(self.path_action()?)?.action)?.ok()
    }

    /// The place on the path at the depth of the crosshair, while the crosshair is on it and its distances are seen.
    pub(in crate::app::ui) fn depth_mark(&self, crosshair: Option<Point>) -> Option<Point> {
        let (path, point) = (self.path().filter(|_| self.shows[1])?, crosshair?);
        let on_path = path.at(depth_mm(&path, &point));
        ((on_path - point).norm() < BESIDE_MM).then_some(on_path)
    }

    /// Slices follow the path while that is wanted: its frame goes on from the one before, so that nothing jumps. Views that
    /// were straightened, reset or turned by hand, `turn` being how they are, follow it no more.
    pub(super) fn follow_path(&mut self, turn: Turn, wishes: &mut Vec<Wish>) {
        self.seen_turn = turn;
        if let Some(frame) = &self.along {
            if turn == turn_along(frame) {
                self.turned_from = turn;
            } else if turn != self.turned_from {
                self.along = None;
            }
        }
        let Some(before) = &self.along else { return };
        if self.held.is_some() {
            return;
        }
        let Some(path) = self.path() else {
            self.along = None;
            wishes.push(Wish::Straighten);
            return;
        };
        let frame = PathFrame::following(&path, before);
        if 1e-9 < (frame.along - before.along).norm() {
            self.turned_from = turn;
            wishes.push(Wish::Turn(turn_along(&frame)));
        }
        self.along = Some(frame);
    }

    /// Whether slices lie along the path and across it.
    pub(super) fn along_ui(&mut self, ui: &mut Ui, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
        let Some(path) = self.path() else { return };
        let mut on = self.along.is_some();
        if ui.checkbox(&mut on, tr("depths-along")).on_hover_text(tr("depths-along-help")).changed() {
            if on {
                let frame = PathFrame::of(&path);
                let depth_mm = crosshair.map_or(path.length_mm(), |point| depth_mm(&path, &point));
                wishes.push(Wish::Turn(turn_along(&frame)));
                wishes.push(Wish::Crosshair(path.at(depth_mm)));
                (self.along, self.turned_from) = (Some(frame), self.seen_turn);
            } else {
                self.along = None;
                wishes.push(Wish::Straighten);
            }
        }
    }

    /// Show the distances in `rect`.
    pub fn depths_ui(&mut self, ui: &mut Ui, rect: Rect, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
        ui.painter().rect_filled(rect, 0, theme::of(ui).panel);
        ui.scope_builder(UiBuilder::new().max_rect(rect.shrink2(Vec2::new(12.0, 8.0))), |ui| {
            let (Some(n), Some(path)) = (self.path_action(), self.path()) else {
                ui.label(theme::small(tr("depths-no-path")));
                return;
            };
            let depth_mm = depth_mm(&path, &crosshair.unwrap_or_else(|| path.target()));
            let name = self.shown().actions[n].name.clone();
            ui.horizontal_wrapped(|ui| {
                let length = numbers::length_mm(path.length_mm());
                ui.label(theme::strong(name));
                ui.label(theme::small(tr_with("plan-length", &[("length", length.as_str().into())])));
                // Steps are rounded; that alone must not move the crosshair.
                let shown = (2.0 * depth_mm).round() / 2.0;
                let mut depth = shown;
                let slider = Slider::new(&mut depth, 0.0..=path.length_mm()).step_by(0.5).suffix(" mm");
                let response = ui.add(slider.text(tr("depths-depth"))).on_hover_text(tr("depths-depth-help"));
                let by_hand = response.dragged() || response.clicked() || response.has_focus() || response.lost_focus();
                if by_hand && 1e-9 < (depth - shown).abs() {
                    wishes.push(Wish::Crosshair(path.at(depth)));
                }
                self.along_ui(ui, crosshair, wishes);
            });
            let found = match &self.depths {
                Some(Ok(Some(found))) if found.action == n => found.clone(),
                Some(Err(why)) => {
                    ui.label(RichText::new(words::said(why)).size(12.0).color(theme::of(ui).warning));
                    return;
                }
                _ => {
                    ui.label(theme::small(tr("plan-scoring")));
                    return;
                }
            };
            if found.lines.is_empty() {
                ui.label(theme::small(tr("depths-nothing-spared")));
                return;
            }
            let listed = (LINE * found.lines.len() as f32 + 8.0).min(0.45 * ui.available_height());
            let height = (ui.available_height() - listed - 8.0).max(60.0);
            let deeper = plot(ui, height, &found.lines, found.path.length_mm(), depth_mm);
            if let Some(depth) = deeper {
                wishes.push(Wish::Crosshair(path.at(depth)));
            }
            ScrollArea::vertical().id_salt("structures beside a path").auto_shrink(false).show(ui, |ui| {
                for (n, line) in found.lines.iter().enumerate() {
                    if line_ui(ui, n, line) {
                        wishes.push(Wish::Crosshair(line.nearest.on_path));
                    }
                }
            });
        });
    }
}

/// The curves; the depth the mouse asked for.
fn plot(ui: &mut Ui, height: f32, lines: &[DepthLine], length_mm: f64, depth_mm: f64) -> Option<f64> {
    let own = theme::of(ui);
    let most = lines.iter().flat_map(|line| line.profile.distances_mm.iter().copied().chain([line.limit_mm]));
    // What is far away would make the near flat.
    let top_mm = most.fold(5.0, f64::max).min(60.0);
    let least = lines.iter().flat_map(|line| &line.profile.distances_mm).fold(0.0_f64, |a, b| a.min(*b));
    let plot = still_plot("distances along a path", height)
        .include_x(0.0)
        .include_x(length_mm)
        .include_y(least)
        .include_y(1.1 * top_mm)
        .x_axis_label(theme::small(tr("depths-axis-depth")))
        .y_axis_label(theme::small(tr("depths-axis-distance")));
    let shown = plot.show(ui, |plot| {
        plot.hline(HLine::new("", 0.0).color(own.weak).width(1.0));
        for (line, colour) in lines.iter().zip(own.curves.into_iter().cycle()) {
            let all = line.profile.depths_mm.iter().zip(&line.profile.distances_mm);
            let points: PlotPoints<'_> = all.map(|(x, y)| [*x, y.min(1.1 * top_mm)]).collect::<Vec<_>>().into();
            plot.line(Line::new(line.name.clone(), points).color(colour).width(2.0));
            let limit = HLine::new("", line.limit_mm).color(colour).width(1.2);
            plot.hline(limit.style(LineStyle::dashed_dense()));
        }
        plot.vline(VLine::new("", depth_mm).color(own.accent).width(1.6));
    });
    let pressed = shown.response.interact_pointer_pos()?;
    let depth = shown.transform.value_from_position(pressed).x;
    let is_new = shown.response.clicked() || shown.response.dragged();
    is_new.then(|| depth.clamp(0.0, length_mm))
}

/// One structure in words; whether its nearest place is asked for.
fn line_ui(ui: &mut Ui, n: usize, line: &DepthLine) -> bool {
    let own = theme::of(ui);
    let (least, verdict) = (line.least_mm(), line.verdict());
    ui.horizontal(|ui| {
        let (mark, _) = ui.allocate_exact_size(Vec2::new(18.0, 12.0), egui::Sense::hover());
        let colour: Color32 = own.curves[n % own.curves.len()];
        ui.painter().hline(mark.x_range(), mark.center().y, Stroke::new(2.5, colour));
        let text = tr_with(
            "depths-least",
            &[
                ("name", line.name.as_str().into()),
                ("least", least.text(1, "mm").as_str().into()),
                ("depth", format!("{:.0}", line.nearest.depth_mm).as_str().into()),
            ],
        );
        let pressed = ui.add(egui::Button::new(text).frame(false)).on_hover_text(tr("depths-to-nearest")).clicked();
        let limit = format!("{:.1}", line.limit_mm);
        ui.label(theme::small(tr_with("depths-limit", &[("limit", limit.as_str().into())])));
        let word = format!("{} {}", icon_of(verdict), word_of(verdict));
        ui.label(RichText::new(word).size(11.5).color(colour_of(ui, verdict)));
        pressed
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Orientation;

    #[test]
    fn one_view_lies_across_the_path_and_two_hold_it_with_the_entry_at_the_top() {
        for target in [[10.0, 60.0, -20.0], [0.0, 1.0, 90.0], [-70.0, 5.0, 0.0]] {
            let path = Path::new(Point::origin(), Point::from(target), 1.6).unwrap();
            let frame = PathFrame::of(&path);
            let turn = turn_along(&frame);
            let [axial, coronal, sagittal] = turn.frames().map(|frame| frame.right_down_away());
            assert!((axial[2] - frame.along).norm() < 1e-9, "across, looking along it");
            assert!((axial[1] + frame.up).norm() < 1e-9, "up is up");
            for [_, down, away] in [coronal, sagittal] {
                assert!(away.dot(&frame.along).abs() < 1e-9 && (down - frame.along).norm() < 1e-9, "{down}");
            }
            assert_eq!(Orientation::ALL[0], Orientation::Axial);
        }
    }

    #[test]
    fn a_depth_stays_on_its_path() {
        let path = Path::new(Point::origin(), Point::new(0.0, 50.0, 0.0), 1.6).unwrap();
        assert_eq!([-3.0, 20.0, 90.0].map(|y| depth_mm(&path, &Point::new(4.0, y, 1.0))), [0.0, 20.0, 50.0]);
    }
}
