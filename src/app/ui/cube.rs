//! The small cube that shows how the patient is turned; a click on a face looks from there.

use super::camera::{NamedView, OrbitCamera};
use super::theme;
use crate::geom::Vector;
use egui::{Align2, Color32, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2};

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

/// A face as seen: its corners on the screen and how much it faces the viewer (1 fully).
fn face(camera: &OrbitCamera, view: NamedView, centre: Pos2, radius: f32) -> ([Pos2; 4], f64) {
    let [right, up, back] = camera.right_up_back();
    let out = outward(view);
    let side = if out.z == 0.0 { Vector::z() } else { Vector::x() };
    let other = out.cross(&side);
    let seen = |corner: Vector| {
        let flat = Vec2::new(corner.dot(&right) as f32, -corner.dot(&up) as f32);
        centre + flat * radius * 0.62
    };
    let corners = [side + other, side - other, -side - other, other - side].map(|corner| seen(out + corner));
    (corners, out.dot(&back))
}

/// Show the cube in `rect`; returns the face that was clicked.
pub fn cube_ui(ui: &Ui, rect: Rect, camera: &OrbitCamera) -> Option<NamedView> {
    let response = ui.interact(rect, ui.id().with("view cube"), Sense::click());
    let (centre, radius) = (rect.center(), 0.5 * rect.width());
    let mut faces: Vec<(NamedView, [Pos2; 4], f64)> = NamedView::ALL
        .map(|view| {
            let (corners, facing) = face(camera, view, centre, radius);
            (view, corners, facing)
        })
        .to_vec();
    faces.retain(|(_, _, facing)| 0.02 < *facing);
    faces.sort_by(|a, b| a.2.total_cmp(&b.2));
    let hovered = response.hover_pos().and_then(|pos| faces.iter().rev().find(|(_, corners, _)| inside(corners, pos)));
    let hovered = hovered.map(|(view, ..)| *view);
    let painter = ui.painter_at(rect.expand(4.0));
    for (view, corners, facing) in &faces {
        let light = 0.35 + 0.65 * *facing as f32;
        let base = if hovered == Some(*view) {
            Color32::from_rgb(0x4a, 0x84, 0xbd)
        } else {
            Color32::from_rgb(0x4a, 0x50, 0x5a)
        };
        let fill = Color32::from_rgb(
            (f32::from(base.r()) * light) as u8,
            (f32::from(base.g()) * light) as u8,
            (f32::from(base.b()) * light) as u8,
        );
        painter.add(Shape::convex_polygon(corners.to_vec(), fill.gamma_multiply(0.94), Stroke::new(1.0, theme::BAR)));
        if 0.25 < *facing {
            let middle = corners.iter().fold(Vec2::ZERO, |sum, corner| sum + corner.to_vec2()) * 0.25;
            let colour = theme::STRONG.gamma_multiply(light);
            painter.text(middle.to_pos2(), Align2::CENTER_CENTER, view.letter(), theme::semibold(13.0), colour);
        }
    }
    let clicked = hovered.filter(|_| response.clicked());
    if let Some(view) = hovered {
        response.on_hover_text(view.help());
    }
    clicked
}

/// Whether `pos` lies in the convex polygon.
fn inside(corners: &[Pos2; 4], pos: Pos2) -> bool {
    let cross = |n: usize| {
        let (edge, to) = (corners[(n + 1) % 4] - corners[n], pos - corners[n]);
        edge.x * to.y - edge.y * to.x
    };
    let signs = [0, 1, 2, 3].map(|n| 0.0 <= cross(n));
    signs.iter().all(|sign| *sign == signs[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_standard_view_shows_its_own_face_in_the_middle() {
        for view in NamedView::ALL {
            let camera = OrbitCamera::default().looking(view);
            let centre = Pos2::new(50.0, 50.0);
            for other in NamedView::ALL {
                let (corners, facing) = face(&camera, other, centre, 32.0);
                assert_eq!(view == other, 0.99 < facing, "{view:?} {other:?}");
                if view == other {
                    assert!(inside(&corners, centre));
                }
            }
        }
    }
}
