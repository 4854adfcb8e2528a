//! Planes that cut the volume: along a slice through the crosshair, either side, standing or moving with it.

use super::{PLANES_MAX, VolumePanel, VolumeView};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::slice::Turn;
use crate::app::ui::{icons, numbers, theme, widgets};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::geom::{Orientation, Plane, Point, Vector, orientation};
use egui::Ui;

/// What a plane goes with.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::app::ui) struct Follow {
    /// Whether it moves with the crosshair, and turns with its slice.
    pub(super) on: bool,
    /// The slice it lies along, if any.
    slice: Option<Orientation>,
    /// Whether it cuts away what lies behind the slice, as its viewer sees it, rather than what lies before.
    behind: bool,
}

impl Follow {
    /// Whether it turns with a slice.
    pub(super) fn turns(&self) -> bool {
        self.on && self.slice.is_some()
    }

    fn along(slice: Orientation) -> Self {
        Self { on: true, slice: Some(slice), behind: false }
    }

    /// The normal of a plane that goes with a slice, as its view is turned now.
    pub(super) fn normal(&self, turn: &Turn) -> Option<Vector> {
        let away = turn.frame(self.slice?).away();
        Some(if self.behind { away } else { -away })
    }
}

/// The plane along a slice that cuts away what lies between it and its viewer.
pub fn along(slice: Orientation, turn: &Turn, at: Point) -> Option<Plane> {
    Plane::new(at, Follow::along(slice).normal(turn)?)
}

/// The plane through a place that cuts away what lies between it and whoever looks at the scene.
pub fn facing(camera: &OrbitCamera, at: Point) -> Option<Plane> {
    Plane::new(at, camera.right_up_back()[2])
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
    pub(super) fn cuts_ui(
        &mut self,
        ui: &mut Ui,
        view: &mut VolumeView,
        crosshair: Option<Point>,
        turn: &Turn,
        camera: &OrbitCamera,
    ) {
        self.follows.resize(view.planes.len(), Follow::default());
        ui.label(theme::small(tr("volume-cut-along")));
        let can = view.planes.len() < PLANES_MAX && crosshair.is_some();
        let why = match crosshair {
            None => tr("volume-no-crosshair").to_owned(),
            Some(_) => tr_with("volume-planes-max", &[("count", PLANES_MAX.into())]),
        };
        ui.horizontal_wrapped(|ui| {
            for slice in Orientation::ALL {
                let text = egui::RichText::new(in_tables("orientation", slice.name()))
                    .color(theme::mark(ui, theme::view_colour(slice)));
                let button = ui.add_enabled(can, egui::Button::new(text)).on_disabled_hover_text(&why);
                if let (true, Some(plane)) = (button.clicked(), crosshair.and_then(|at| along(slice, turn, at))) {
                    view.planes.push(plane);
                    self.follows.push(Follow::along(slice));
                }
            }
            let button = ui.add_enabled(can, egui::Button::new(tr("volume-facing-me")));
            let button = button.on_hover_text(tr("volume-facing-me-help")).on_disabled_hover_text(&why);
            if let (true, Some(plane)) = (button.clicked(), crosshair.and_then(|at| facing(camera, at))) {
                view.planes.push(plane);
                self.follows.push(Follow { on: true, ..Follow::default() });
            }
        });
        if !view.planes.is_empty() {
            ui.checkbox(&mut self.planes_shown, tr("plane-handles")).on_hover_text(tr("plane-handles-help"));
            ui.checkbox(&mut view.cuts_surfaces, tr("plane-surfaces")).on_hover_text(tr("plane-surfaces-help"));
        }
        let mut gone = None;
        for (n, (plane, follow)) in view.planes.iter_mut().zip(&mut self.follows).enumerate() {
            ui.push_id(n, |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 3.0;
                    ui.label(name(plane));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        if widgets::icon_button(ui, icons::TRASH, tr("volume-plane-remove")).clicked() {
                            gone = Some(n);
                        }
                        if widgets::icon_toggle(ui, icons::CROSSHAIR, tr("volume-plane-follows"), follow.on).clicked() {
                            follow.on = !follow.on;
                        }
                        let text = tr_with("volume-cuts-side", &[("side", (&side(&plane.normal())).into())]);
                        let flip = ui.button(text).on_hover_text(tr("volume-cuts-side-help"));
                        if let (true, Some(other)) = (flip.clicked(), flipped(plane)) {
                            *plane = other;
                            follow.behind = !follow.behind;
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
            let plane = along(slice, &Turn::default(), at).unwrap();
            let other = flipped(&plane).unwrap();
            assert_eq!([side(&plane.normal()), side(&other.normal())], letters);
            assert_eq!([name(&plane), name(&other)], [text, text]);
        }
        let oblique = Plane::new(at, Vector::new(0.0, -0.7, 0.7)).unwrap();
        assert_eq!(name(&oblique), "Oblique, AS");
    }

    #[test]
    fn a_plane_along_a_turned_view_lies_in_its_slice_on_the_side_of_its_viewer() {
        let at = Point::new(3.0, 4.0, 5.0);
        let turn = Turn::default().turned_in(Orientation::Axial, 0.4).turned_in(Orientation::Coronal, -0.7);
        for slice in Orientation::ALL {
            let frame = turn.frame(slice);
            let plane = along(slice, &turn, at).unwrap();
            let [right, down, away] = frame.right_down_away();
            assert!(plane.distance_mm(&(at + right * 30.0 - down * 9.0)).abs() < 1e-9, "{slice:?}");
            assert!(0.0 < plane.distance_mm(&(at - away)), "what lies before the slice is cut away");
            let behind = Follow { behind: true, ..Follow::along(slice) };
            assert!((behind.normal(&turn).unwrap() + plane.normal()).norm() < 1e-9);
        }
        assert_eq!(Follow::default().normal(&turn), None, "it has no slice to turn with");
    }

    #[test]
    fn a_plane_that_faces_the_viewer_cuts_away_what_is_nearer() {
        let camera = OrbitCamera { yaw_rad: 0.7, pitch_rad: -0.4, ..OrbitCamera::default() };
        let plane = facing(&camera, camera.target).unwrap();
        assert!((plane.distance_mm(&camera.eye()) - camera.distance_mm).abs() < 1e-6);
    }
}
