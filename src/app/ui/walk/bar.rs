//! The bar at the foot of the 3D view while a walk goes on.

use super::{FOV_DEG, SPEED_MM_S, Walk};
use crate::app::ui::contract::ScenePane;
use crate::app::ui::wish::Wish;
use crate::app::ui::{curved, icons, numbers, theme, widgets};
use crate::base::i18n::{tr, tr_with};
use crate::session::{Case, Data};
use egui::{Align, Color32, DragValue, Layout, Pos2, Rect, Sense, Slider, Ui, UiBuilder, Vec2};

/// Height of the bar in points.
const HEIGHT: f32 = 68.0;
/// Below this height of the view there is no room for it; Escape still ends the walk.
const VIEW_HEIGHT_MIN: f32 = 150.0;

/// Where the bar lies in the view: beside the cube, above scale bar and letter; in a narrow view above the cube.
fn place(rect: Rect) -> Rect {
    let cube = (rect.width().min(rect.height()) * 0.2).clamp(52.0, 84.0) + 30.0;
    let is_beside = 310.0 <= rect.width() - cube - 10.0;
    let (left, bottom) =
        if is_beside { (rect.left() + cube, rect.bottom() - 38.0) } else { (rect.left() + 8.0, rect.bottom() - cube) };
    let width = (rect.right() - 10.0 - left).clamp(120.0, 560.0);
    Rect::from_min_max(Pos2::new(left, bottom - HEIGHT), Pos2::new(left + width, bottom))
}

/// Where the bar is in a view; `None` where there is no room for it.
pub fn bar_in(rect: Rect) -> Option<Rect> {
    (VIEW_HEIGHT_MIN < rect.height()).then(|| place(rect))
}

impl Walk {
    /// Show the bar over the scene in `rect` and take the mouse in it.
    pub fn bar_ui(&mut self, ui: &mut Ui, rect: Rect, case: &Case, pane: &mut ScenePane, wishes: &mut Vec<Wish>) {
        self.mouse(pane);
        let length_mm = self.track().map(|track| track.length_mm());
        let (Some(length_mm), Some(area)) = (length_mm, bar_in(rect)) else { return };
        // What lies under the bar is not turned by dragging on it.
        ui.interact(area, ui.id().with("walk"), Sense::click_and_drag());
        ui.painter().rect_filled(area, 8, Color32::from_black_alpha(205));
        let inner = area.shrink2(Vec2::new(8.0, 5.0));
        let (upper, lower) = inner.split_top_bottom_at_fraction(0.5);
        let row = |rect: Rect| UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(row(upper), |ui| self.position(ui, length_mm));
        ui.scope_builder(row(lower), |ui| self.choices(ui, case, area.width(), wishes));
    }

    /// Where one is, and walking.
    fn position(&mut self, ui: &mut Ui, length_mm: f64) {
        ui.spacing_mut().item_spacing.x = 4.0;
        if widgets::icon_toggle(ui, icons::ARROW_LEFT, tr("walk-backwards"), self.backwards).clicked() {
            self.backwards = !self.backwards;
        }
        let (icon, name) =
            if self.playing { (icons::PLAYER_PAUSE, tr("walk-stop")) } else { (icons::PLAYER_PLAY, tr("walk-go")) };
        if widgets::icon_toggle(ui, icon, name, self.playing).clicked() {
            self.toggle();
        }
        let text = tr_with(
            "path-place",
            &[
                ("along", (&numbers::grouped(self.along_mm, 0)).into()),
                ("length", (&numbers::grouped(length_mm, 0)).into()),
            ],
        );
        ui.spacing_mut().slider_width = (ui.available_width() - 112.0).max(40.0);
        ui.add(Slider::new(&mut self.along_mm, 0.0..=length_mm).show_value(false)).on_hover_text(tr("walk-place"));
        ui.label(theme::small(text).color(theme::STRONG));
    }

    /// The path, how fast, how wide, where to.
    fn choices(&mut self, ui: &mut Ui, case: &Case, width: f32, wishes: &mut Vec<Wish>) {
        ui.spacing_mut().item_spacing.x = 6.0;
        let leaves = match case.node(self.lines).map(|node| &node.data) {
            Some(Data::Lines(lines)) => curved::leaves(lines),
            _ => Vec::new(),
        };
        let name = |place: usize, mm: f64| {
            tr_with("path-name", &[("n", (place + 1).into()), ("length", (&numbers::length_mm(mm.round())).into())])
        };
        let shown = leaves.iter().position(|(leaf, _)| Some(*leaf) == self.leaf);
        if let Some(place) = shown.filter(|_| 1 < leaves.len() && 420.0 < width) {
            let was = self.leaf;
            let combo = egui::ComboBox::from_id_salt("path of the walk").width(112.0);
            combo.selected_text(name(place, leaves[place].1)).show_ui(ui, |ui| {
                for (place, (leaf, mm)) in leaves.iter().enumerate() {
                    ui.selectable_value(&mut self.leaf, Some(*leaf), name(place, *mm));
                }
            });
            if self.leaf != was {
                self.along_mm = 0.0;
            }
        }
        let speed = DragValue::new(&mut self.speed_mm_s).range(SPEED_MM_S[0]..=SPEED_MM_S[1]).speed(0.5);
        ui.add(speed.suffix(" mm/s").max_decimals(0)).on_hover_text(tr("walk-speed"));
        let angle = DragValue::new(&mut self.fov_deg).range(FOV_DEG[0]..=FOV_DEG[1]).speed(0.3);
        ui.add(angle.suffix("°").max_decimals(0)).on_hover_text(tr("walk-angle"));
        if widgets::icon_toggle(ui, icons::ARROW_BACK_UP, tr("walk-back"), self.looks_back).clicked() {
            (self.looks_back, self.look_rad) = (!self.looks_back, [0.0; 2]);
        }
        if widgets::icon_toggle(ui, icons::CIRCLE_DASHED, tr("walk-tubes"), self.shows_tubes).clicked() {
            self.shows_tubes = !self.shows_tubes;
        }
        if self.look_rad != [0.0; 2] && widgets::icon_button(ui, icons::FOCUS_2, tr("walk-ahead")).clicked() {
            self.look_rad = [0.0; 2];
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::icon_button(ui, icons::X, tr("walk-end")).clicked() {
                wishes.push(Wish::Walk(None));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_lies_within_views_of_every_usual_size() {
        for size in [[900.0, 700.0], [500.0, 380.0], [330.0, 300.0], [220.0, 160.0]] {
            let rect = Rect::from_min_size(Pos2::new(40.0, 30.0), Vec2::from(size));
            assert!(rect.contains_rect(place(rect)), "{size:?} {:?}", place(rect));
        }
    }
}
