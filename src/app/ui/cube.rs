//! The small cube that shows how the patient is turned; a click on a face, an edge or a corner looks from there.

use super::camera::{NamedView, OrbitCamera};
use super::theme;
use crate::base::i18n::tr_with;
use crate::geom::Vector;
use egui::{Align2, Color32, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2};

/// Half an edge of the cube in parts of half the room it has.
const HALF: f32 = 0.62;
/// What lies this far from the middle of a face, in parts of half an edge, belongs to the next face, too.
const EDGE: f64 = 0.52;

/// The outward direction of a face.
fn outward(view: NamedView) -> Vector {
    match view {
        NamedView::Left => Vector::x(),
        NamedView::Right => -Vector::x(),
        NamedView::Anterior => -Vector::y(),
        NamedView::Posterior => Vector::y(),
        NamedView::Superior => Vector::z(),
        NamedView::Inferior => -Vector::z(),
    }
}

/// A face as seen.
struct Face {
    view: NamedView,
    /// Outwards, and along its edges.
    axes: [Vector; 3],
    /// The same on the screen.
    seen: [Vec2; 3],
    centre: Pos2,
    /// How much it faces the viewer, 1 fully.
    facing: f64,
}

impl Face {
    fn of(camera: &OrbitCamera, view: NamedView, centre: Pos2, radius: f32) -> Self {
        let [right, up, back] = camera.right_up_back();
        let out = outward(view);
        let side = if out.z == 0.0 { Vector::z() } else { Vector::x() };
        let axes = [out, side, out.cross(&side)];
        let seen = axes.map(|axis| Vec2::new(axis.dot(&right) as f32, -axis.dot(&up) as f32) * radius * HALF);
        Self { view, axes, seen, centre, facing: out.dot(&back) }
    }

    /// The part of it between these places along its edges, −1 to 1.
    fn part(&self, [a, b]: [[f32; 2]; 2]) -> [Pos2; 4] {
        let [out, side, other] = self.seen;
        [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(i, j)| self.centre + out + side * a[i] + other * b[j])
    }

    fn corners(&self) -> [Pos2; 4] {
        self.part([[-1.0, 1.0]; 2])
    }

    /// Which direction a place on it means: outwards alone, or between this face and its neighbours.
    fn pointed(&self, pos: Pos2) -> Option<Vector> {
        let [out, side, other] = self.seen;
        let (to, area) = (pos - self.centre - out, side.x * other.y - side.y * other.x);
        if area.abs() < 1e-3 {
            return None;
        }
        let along = [(to.x * other.y - to.y * other.x) / area, (side.x * to.y - side.y * to.x) / area];
        let sides = along.map(|part| if EDGE < f64::from(part.abs()) { f64::from(part.signum()) } else { 0.0 });
        let is_on = along.iter().all(|part| part.abs() <= 1.0);
        is_on.then(|| self.axes[0] + self.axes[1] * sides[0] + self.axes[2] * sides[1])
    }

    /// The part of it that belongs to a direction; none if it does not take part in it.
    fn part_of(&self, towards: &Vector) -> Option<[Pos2; 4]> {
        let edge = EDGE as f32;
        let range = |axis: &Vector| match towards.dot(axis) {
            along if along < -0.5 => [-1.0, -edge],
            along if 0.5 < along => [edge, 1.0],
            _ => [-edge, edge],
        };
        (0.5 < towards.dot(&self.axes[0])).then(|| self.part([range(&self.axes[1]), range(&self.axes[2])]))
    }
}

/// The faces that are seen, those that face the viewer most last.
fn faces(camera: &OrbitCamera, centre: Pos2, radius: f32) -> Vec<Face> {
    let mut faces: Vec<Face> = NamedView::ALL.map(|view| Face::of(camera, view, centre, radius)).into();
    faces.retain(|face| 0.02 < face.facing);
    faces.sort_by(|a, b| a.facing.total_cmp(&b.facing));
    faces
}

/// What a direction is called.
fn name(towards: &Vector) -> String {
    let among = |view: &NamedView| 0.5 < outward(*view).dot(towards);
    let sides: Vec<NamedView> = NamedView::ALL.into_iter().filter(among).collect();
    match &sides[..] {
        [view] => view.help().to_owned(),
        _ => {
            let letters: Vec<&str> = sides.iter().map(|view| view.letter()).collect();
            tr_with("camera-between", &[("sides", (&letters.join(", ")).into())])
        }
    }
}

fn shaded(colour: [u8; 3], light: f32) -> Color32 {
    let [r, g, b] = colour.map(|channel| (f32::from(channel) * light) as u8);
    Color32::from_rgb(r, g, b).gamma_multiply(0.94)
}

/// Show the cube in `rect`; returns the side that was clicked: a sum of one to three outward directions of faces.
pub fn cube_ui(ui: &Ui, rect: Rect, camera: &OrbitCamera) -> Option<Vector> {
    let response = ui.interact(rect, ui.id().with("view cube"), Sense::click());
    let faces = faces(camera, rect.center(), 0.5 * rect.width());
    let hovered = response.hover_pos().and_then(|pos| faces.iter().rev().find_map(|face| face.pointed(pos)));
    let painter = ui.painter_at(rect.expand(4.0));
    for face in &faces {
        let light = 0.35 + 0.65 * face.facing as f32;
        let (corners, fill) = (face.corners().to_vec(), shaded([0x4a, 0x50, 0x5a], light));
        painter.add(Shape::convex_polygon(corners, fill, Stroke::new(1.0, theme::BAR)));
        if let Some(part) = hovered.and_then(|towards| face.part_of(&towards)) {
            painter.add(Shape::convex_polygon(part.to_vec(), shaded([0x4a, 0x84, 0xbd], light), Stroke::NONE));
        }
        if 0.25 < face.facing {
            let colour = theme::STRONG.gamma_multiply(light);
            let middle = face.centre + face.seen[0];
            painter.text(middle, Align2::CENTER_CENTER, face.view.letter(), theme::semibold(13.0), colour);
        }
    }
    let clicked = hovered.filter(|_| response.clicked());
    if let Some(towards) = hovered {
        response.on_hover_text(name(&towards));
    }
    clicked
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTRE: Pos2 = Pos2::new(50.0, 50.0);

    fn pointed(camera: &OrbitCamera, pos: Pos2) -> Option<Vector> {
        faces(camera, CENTRE, 40.0).iter().rev().find_map(|face| face.pointed(pos))
    }

    #[test]
    fn each_standard_view_shows_its_own_face_in_the_middle() {
        for view in NamedView::ALL {
            let camera = OrbitCamera::default().looking(view);
            for other in NamedView::ALL {
                let face = Face::of(&camera, other, CENTRE, 32.0);
                assert_eq!(view == other, 0.99 < face.facing, "{view:?} {other:?}");
                if view == other {
                    assert_eq!(face.pointed(CENTRE), Some(outward(view)));
                }
            }
        }
    }

    /// Every one of the 26 directions that is seen is found where it is drawn, and leads to where it says.
    #[test]
    fn faces_edges_and_corners_are_found_where_they_are_drawn() {
        let mut found = std::collections::BTreeSet::new();
        for step in 0..60 {
            let (yaw_rad, pitch_rad) = (0.11 + f64::from(step), 1.2 * (0.37 * f64::from(step)).sin());
            let camera = OrbitCamera { yaw_rad, pitch_rad, ..OrbitCamera::default() };
            for n in 0..27 {
                let towards = Vector::new(f64::from(n % 3), f64::from(n / 3 % 3), f64::from(n / 9)).add_scalar(-1.0);
                for face in faces(&camera, CENTRE, 40.0) {
                    let Some(part) = face.part_of(&towards) else { continue };
                    let middle = part.iter().fold(Vec2::ZERO, |sum, corner| sum + corner.to_vec2()) * 0.25;
                    if 0.2 < face.facing {
                        assert_eq!(pointed(&camera, middle.to_pos2()), Some(towards), "{step} {n}");
                        found.insert(n);
                    }
                }
                if n != 13 {
                    let seen = camera.facing(&towards);
                    assert!((seen.right_up_back()[2] - towards.normalize()).norm() < 1e-9, "{n}");
                }
            }
        }
        assert_eq!(found.len(), 26);
    }

    #[test]
    fn beside_the_cube_nothing_is_pointed_at() {
        let camera = OrbitCamera::default();
        assert_eq!(pointed(&camera, Pos2::new(99.0, 99.0)), None);
    }

    #[test]
    fn sides_have_names() {
        assert_eq!(name(&Vector::x()), NamedView::Left.help());
        let corner = name(&Vector::new(1.0, -1.0, 1.0));
        assert!(["L", "A", "S"].iter().all(|letter| corner.contains(letter)), "{corner}");
    }
}
