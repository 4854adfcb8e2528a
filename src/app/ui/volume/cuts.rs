//! Planes that cut the volume: along a slice through the crosshair, either side, standing or moving with it.

use super::{PLANES_MAX, VolumePanel, VolumeView};
use crate::app::ui::{icons, numbers, theme, widgets};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::geom::{Orientation, Plane, Point, Vector, orientation};
use egui::Ui;

/// The plane along a slice that cuts away what lies between it and its viewer.
pub fn along(slice: Orientation, at: Point) -> Option<Plane> {
    let [.., away] = slice.right_down_away();
    Plane::new(at, -away)
}

/// The same plane that cuts the other side away.
pub fn flipped(plane: &Plane) -> Option<Plane> {
    Plane::new(plane.point, -plane.normal())
}

/// `Axial, S 118.8 mm`; an oblique one by the letters of its normal.
pub fn name(plane: &Plane) -> String {
    let normal = plane.normal();
    let standard = Orientation::ALL.into_iter().find(|slice| {
        let [.., away] = slice.right_down_away();
        1.0 - 1e-6 < normal.dot(&away).abs()
    });
    let Some(slice) = standard else { return format!("{}, {}", tr("view-oblique"), orientation::letters(&normal)) };
    let (value, letters) = match slice {
        Orientation::Axial => (plane.point.z, ["I", "S"]),
        Orientation::Coronal => (plane.point.y, ["A", "P"]),
        Orientation::Sagittal => (plane.point.x, ["R", "L"]),
    };
    format!("{}, {} mm", theme::sentence(in_tables("orientation", slice.name())), numbers::coordinate(value, letters))
}

/// The letters of the side a plane cuts away.
pub fn side(normal: &Vector) -> String {
    orientation::letters(normal)
}

impl VolumePanel {
    /// The list of planes and what adds to it.
    pub(super) fn cuts_ui(&mut self, ui: &mut Ui, view: &mut VolumeView, crosshair: Option<Point>) {
        self.follows.resize(view.planes.len(), false);
        ui.label(theme::small(tr("volume-cut-along")));
        let room = view.planes.len() < PLANES_MAX;
        ui.horizontal(|ui| {
            for slice in Orientation::ALL {
                let text = egui::RichText::new(in_tables("orientation", slice.name()))
                    .color(theme::mark(ui, theme::view_colour(slice)));
                let button = ui.add_enabled(room && crosshair.is_some(), egui::Button::new(text));
                let button =
                    button.on_disabled_hover_text(tr_with("volume-planes-max", &[("count", PLANES_MAX.into())]));
                if let (true, Some(plane)) = (button.clicked(), crosshair.and_then(|at| along(slice, at))) {
                    view.planes.push(plane);
                    self.follows.push(true);
                }
            }
        });
        let mut gone = None;
        for (n, (plane, follows)) in view.planes.iter_mut().zip(&mut self.follows).enumerate() {
            ui.push_id(n, |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 3.0;
                    ui.label(name(plane));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        if widgets::icon_button(ui, icons::TRASH, tr("volume-plane-remove")).clicked() {
                            gone = Some(n);
                        }
                        if widgets::icon_toggle(ui, icons::CROSSHAIR, tr("volume-plane-follows"), *follows).clicked() {
                            *follows = !*follows;
                        }
                        let text = tr_with("volume-cuts-side", &[("side", (&side(&plane.normal())).into())]);
                        let flip = ui.button(text).on_hover_text(tr("volume-cuts-side-help"));
                        if let (true, Some(other)) = (flip.clicked(), flipped(plane)) {
                            *plane = other;
                        }
                    });
                });
            });
        }
        if let Some(n) = gone {
            view.planes.remove(n);
            self.follows.remove(n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_before_a_slice_is_cut_away_and_flipping_cuts_the_rest() {
        let at = Point::new(12.0, -30.0, 118.8);
        // The viewer of an axial slice stands at the feet, of a coronal one in front, of a sagittal one at the left.
        for (slice, letters, text) in [
            (Orientation::Axial, ["I", "S"], "Axial, S 118.8 mm"),
            (Orientation::Coronal, ["A", "P"], "Coronal, A 30.0 mm"),
            (Orientation::Sagittal, ["L", "R"], "Sagittal, L 12.0 mm"),
        ] {
            let plane = along(slice, at).unwrap();
            let other = flipped(&plane).unwrap();
            assert_eq!([side(&plane.normal()), side(&other.normal())], letters);
            assert_eq!([name(&plane), name(&other)], [text, text]);
        }
        let oblique = Plane::new(at, Vector::new(0.0, -0.7, 0.7)).unwrap();
        assert_eq!(name(&oblique), "Oblique, AS");
    }
}
