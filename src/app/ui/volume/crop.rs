//! The box that is drawn: its faces in the patient, what a drag of a face makes of it, and the box of segments.

use super::{VolumePanel, VolumeView};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::{find, theme};
use crate::base::SegmentId;
use crate::base::i18n::{tr, tr_with};
use crate::geom::{Grid, Point, Vector, orientation};
use crate::image::LabelMap;
use crate::session::Case;
use egui::{DragValue, Pos2, Rect, Ui};

/// A box in voxel indices, lower and upper corner; voxel centres have whole numbers, so that the whole scan goes from −½.
pub type Crop = [[f64; 3]; 2];
/// Fewest voxels between two faces.
const THINNEST: f64 = 1.0;
/// Sine squared of the angle between an axis and the line of sight below which a face cannot be moved by the mouse.
const ALONG_SIGHT: f64 = 0.04;

/// A face of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// The axis of the grid it stands across.
    pub axis: usize,
    /// Whether it is the one at the higher index.
    pub upper: bool,
}

/// A face that the mouse holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Handle {
    /// Which.
    pub face: Face,
    /// The box before.
    pub start: Option<Crop>,
    /// How far from the face it was taken hold of, in voxels along the axis.
    pub grip: f64,
}

impl Face {
    /// All six.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..3).flat_map(|axis| [false, true].map(|upper| Self { axis, upper }))
    }

    /// Its index along its axis.
    pub fn at(self, crop: &Crop) -> f64 {
        crop[usize::from(self.upper)][self.axis]
    }

    /// The middle of it.
    pub fn centre(self, grid: &Grid, crop: &Crop) -> Point {
        let [low, high] = crop;
        let mut index = Vector::from_fn(|axis, _| 0.5 * (low[axis] + high[axis]));
        index[self.axis] = self.at(crop);
        grid.patient_from_index(index)
    }

    /// The letters of the side of the patient it lies on.
    pub fn letters(self, grid: &Grid) -> String {
        let outwards = grid.step().column(self.axis).into_owned() * if self.upper { 1.0 } else { -1.0 };
        orientation::letters(&outwards)
    }

    /// The index along its axis that lies under the mouse; none where the axis points at the eye.
    ///
    /// The point of the axis next to the line of sight: with w = c − o, for the axis c + t d and the ray o + s r of unit
    /// direction, t = ((d·r)(r·w) − d·w) / (d·d − (d·r)²).
    pub fn under(self, grid: &Grid, crop: &Crop, camera: &OrbitCamera, rect: Rect, pos: Pos2) -> Option<f64> {
        let (ray, centre) = (camera.ray(pos, rect), self.centre(grid, crop));
        let along = grid.step().column(self.axis).into_owned();
        let (from_eye, across) = (centre - ray.origin, along.dot(&ray.direction));
        let apart = along.norm_squared() - across * across;
        if apart < ALONG_SIGHT * along.norm_squared() {
            return None;
        }
        Some(self.at(crop) + (across * ray.direction.dot(&from_eye) - along.dot(&from_eye)) / apart)
    }

    /// The box with this face at another index, within the scan and not through the face across.
    pub fn moved(self, grid: &Grid, crop: &Crop, index: f64) -> Option<Crop> {
        let mut moved = *crop;
        let limit = whole(grid);
        let other = crop[usize::from(!self.upper)][self.axis];
        let [low, high] = if self.upper {
            [(other + THINNEST).min(limit[1][self.axis]), limit[1][self.axis]]
        } else {
            [limit[0][self.axis], (other - THINNEST).max(limit[0][self.axis])]
        };
        moved[usize::from(self.upper)][self.axis] = if index.is_nan() { self.at(crop) } else { index.clamp(low, high) };
        as_crop(grid, moved)
    }
}

/// The box of all voxels.
pub fn whole(grid: &Grid) -> Crop {
    [[-0.5; 3], grid.dims().map(|n| n as f64 - 0.5)]
}

/// `None` for the box of all voxels, so that nothing is cropped where nothing is cut off.
fn as_crop(grid: &Grid, crop: Crop) -> Option<Crop> {
    let all = whole(grid);
    let is_all = (0..2).all(|end| (0..3).all(|axis| (crop[end][axis] - all[end][axis]).abs() < 1e-3));
    (!is_all).then_some(crop)
}

/// The box of the scan around segments, with `margin_mm` of room; none if they have no voxel in it. The segmentation may
/// have a grid of its own.
pub fn around(grid: &Grid, labels: &LabelMap, segments: &[SegmentId], margin_mm: f64) -> Option<Option<Crop>> {
    let mut found = [[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]];
    for extent in segments.iter().filter_map(|id| labels.extent(*id)) {
        for corner in 0..8 {
            let end = |axis: usize| {
                if corner >> axis & 1 == 0 { extent[axis].start as f64 - 0.5 } else { extent[axis].end as f64 - 0.5 }
            };
            let index = grid.index_from_patient(labels.grid().patient_from_index(Vector::new(end(0), end(1), end(2))));
            for axis in 0..3 {
                found[0][axis] = found[0][axis].min(index[axis]);
                found[1][axis] = found[1][axis].max(index[axis]);
            }
        }
    }
    let (limit, step_mm) = (whole(grid), grid.spacing_mm());
    for axis in 0..3 {
        found[0][axis] = (found[0][axis] - margin_mm / step_mm[axis]).max(limit[0][axis]);
        found[1][axis] = (found[1][axis] + margin_mm / step_mm[axis]).min(limit[1][axis]);
    }
    let has_room = (0..3).all(|axis| found[0][axis] < found[1][axis]);
    has_room.then(|| as_crop(grid, found))
}

impl VolumePanel {
    /// Numbers of the box, and what makes it fit.
    pub(super) fn crop_ui(&mut self, ui: &mut Ui, view: &mut VolumeView, grid: &Grid, case: &Case) {
        ui.checkbox(&mut self.box_shown, tr("volume-handles")).on_hover_text(tr("volume-handles-help"));
        let step_mm = grid.spacing_mm();
        let crop = view.crop.unwrap_or_else(|| whole(grid));
        let mm = |axis: usize, index: f64| (index + 0.5) * step_mm[axis];
        egui::Grid::new("crop box").num_columns(5).spacing([6.0, 4.0]).show(ui, |ui| {
            for axis in 0..3 {
                let faces = [false, true].map(|upper| Face { axis, upper });
                for face in faces {
                    let letters = face.letters(grid);
                    if !face.upper {
                        ui.label(letters.as_str());
                    }
                    let mut at_mm = mm(axis, face.at(&crop));
                    let range = 0.0..=mm(axis, whole(grid)[1][axis]);
                    let value = DragValue::new(&mut at_mm).range(range).speed(0.5).max_decimals(1).suffix(" mm");
                    let response = ui.add(value).on_hover_text(tr_with("volume-face", &[("side", (&letters).into())]));
                    if response.changed() {
                        view.crop = face.moved(grid, &crop, at_mm / step_mm[axis] - 0.5);
                    }
                    if face.upper {
                        ui.label(letters.as_str());
                    } else {
                        ui.label(theme::small(tr("word-to")));
                    }
                }
                ui.end_row();
            }
        });
        ui.horizontal(|ui| {
            if ui.add_enabled(view.crop.is_some(), egui::Button::new(tr("volume-whole"))).clicked() {
                view.crop = None;
            }
            let groups = find::label_maps(case).any(|(_, _, labels)| !labels.segments().is_empty());
            ui.add_enabled_ui(groups, |ui| {
                ui.menu_button(tr("volume-crop-segment"), |ui| self.segments_menu(ui, view, grid, case));
            });
            let margin = DragValue::new(&mut self.margin_mm).range(0.0..=200.0).speed(0.5).max_decimals(0);
            ui.add(margin.prefix("+ ").suffix(" mm")).on_hover_text(tr("volume-margin"));
        });
    }

    fn segments_menu(&self, ui: &mut Ui, view: &mut VolumeView, grid: &Grid, case: &Case) {
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for (_, node, labels) in find::label_maps(case).filter(|(.., labels)| !labels.segments().is_empty()) {
                ui.label(theme::heading(node.name.as_str()));
                for segment in labels.segments() {
                    let text = egui::RichText::new(&segment.name);
                    if ui.button(text).clicked() {
                        if let Some(crop) = around(grid, labels, &[segment.id], self.margin_mm) {
                            view.crop = crop;
                        }
                        ui.close();
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ui::camera::NamedView;
    use crate::image::{Segment, Volume};

    const RECT: Rect = Rect { min: Pos2::new(100.0, 50.0), max: Pos2::new(900.0, 650.0) };

    /// Turned, skewed by no angle, with three different steps.
    fn grid() -> Grid {
        let turn = nalgebra::Rotation3::from_euler_angles(0.3, -0.2, 0.5).into_inner();
        let step = turn * nalgebra::Matrix3::from_diagonal(&Vector::new(0.8, 1.0, 2.5));
        Grid::new([100, 80, 40], Point::new(-20.0, 30.0, 200.0), step).unwrap()
    }

    /// What is seen of a face follows the mouse exactly, in a turned grid and in perspective.
    #[test]
    fn a_face_follows_the_mouse_along_its_axis() {
        let (grid, mut camera) = (grid(), OrbitCamera::default());
        camera.fit(&grid.bounds(), RECT);
        let crop = whole(&grid);
        for face in Face::all() {
            let pos = camera.project(&face.centre(&grid, &crop), RECT).unwrap();
            let Some(index) = face.under(&grid, &crop, &camera, RECT, pos) else { continue };
            assert!((index - face.at(&crop)).abs() < 1e-2, "{face:?}: {index}");
            let inwards = if face.upper { -12.0 } else { 12.0 };
            let mut there = crop;
            there[usize::from(face.upper)][face.axis] += inwards;
            let pos = camera.project(&face.centre(&grid, &there), RECT).unwrap();
            let index = face.under(&grid, &crop, &camera, RECT, pos).unwrap();
            let moved = face.moved(&grid, &crop, index).unwrap();
            assert!((face.at(&moved) - face.at(&crop) - inwards).abs() < 2e-2, "{face:?}: {moved:?}");
        }
    }

    #[test]
    fn faces_that_point_at_the_eye_are_left_alone() {
        let grid = Grid::aligned([50; 3], Point::origin(), [1.0; 3]).unwrap();
        let mut camera = OrbitCamera::default().looking(NamedView::Anterior);
        camera.fit(&grid.bounds(), RECT);
        let crop = whole(&grid);
        let seen = |axis| Face { axis, upper: true }.under(&grid, &crop, &camera, RECT, RECT.center()).is_some();
        assert_eq!([0, 1, 2].map(seen), [true, false, true]);
    }

    #[test]
    fn faces_do_not_pass_through_each_other_nor_leave_the_scan() {
        let grid = grid();
        let (all, face) = (whole(&grid), Face { axis: 2, upper: true });
        assert_eq!(face.moved(&grid, &all, 1e9), None, "all of the scan is no crop");
        let thin = face.moved(&grid, &all, -50.0).unwrap();
        assert_eq!((thin[0][2], thin[1][2]), (-0.5, 0.5));
        assert_eq!(face.moved(&grid, &all, f64::NAN), None);
        let lower = Face { axis: 2, upper: false }.moved(&grid, &thin, 30.0).unwrap();
        assert_eq!(lower, thin);
    }

    #[test]
    fn sides_have_the_letters_of_the_patient() {
        let grid = Grid::aligned([4; 3], Point::origin(), [1.0; 3]).unwrap();
        let letters: Vec<String> = Face::all().map(|face| face.letters(&grid)).collect();
        assert_eq!(letters, ["R", "L", "A", "P", "I", "S"]);
    }

    /// A segment on a grid of its own is boxed to its outermost voxel faces, with room, but not beyond the scan.
    #[test]
    fn the_box_of_a_segment_holds_it_with_its_margin() {
        let scan = Grid::aligned([40, 30, 24], Point::origin(), [1.0, 1.0, 2.5]).unwrap();
        let fine = Grid::aligned([80, 60, 24], Point::new(-0.25, -0.25, 0.0), [0.5, 0.5, 2.5]).unwrap();
        let mut voxels = vec![0_u8; fine.len()];
        voxels[fine.offset([20, 10, 3])] = 1;
        voxels[fine.offset([29, 10, 5])] = 1;
        let segments = [1, 2].map(|id| Segment::new(SegmentId(id), format!("s{id}"), [1, 2, 3], None)).to_vec();
        let labels = LabelMap::from_volume(&Volume::new(fine, voxels).unwrap(), segments).unwrap();
        let crop = around(&scan, &labels, &[SegmentId(1)], 0.0).unwrap().unwrap();
        let expected = [[9.5, 4.5, 2.5], [14.5, 5.0, 5.5]];
        assert!((0..2).all(|end| (0..3).all(|a| (crop[end][a] - expected[end][a]).abs() < 1e-9)), "{crop:?}");
        let roomy = around(&scan, &labels, &[SegmentId(1)], 5.0).unwrap().unwrap();
        assert_eq!((roomy[0][1], roomy[0][2], roomy[1][2]), (-0.5, 0.5, 7.5));
        assert_eq!(around(&scan, &labels, &[SegmentId(2)], 5.0), None, "an empty segment has no box");
        assert_eq!(around(&scan, &labels, &[SegmentId(1)], 900.0), Some(None));
    }
}
