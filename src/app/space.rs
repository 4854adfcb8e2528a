//! The one place where patient space (LPS, mm) meets Bevy's space (right-handed, y up, 1 unit = 1 mm).
//!
//! ```text
//! bevy = (x, z, −y)      left stays right-of-screen seen from the front, superior is up, anterior comes to the viewer
//! ```

use crate::geom::{Point, Vector};
use bevy::math::Vec3;

/// A place of the patient in Bevy's space.
pub(super) fn bevy_from_patient(point: &Point) -> Vec3 {
    Vec3::new(point.x as f32, point.z as f32, -point.y as f32)
}

/// A direction of the patient in Bevy's space.
pub(super) fn bevy_from_direction(direction: &Vector) -> Vec3 {
    Vec3::new(direction.x as f32, direction.z as f32, -direction.y as f32)
}

/// A place of Bevy's space in the patient.
#[cfg(test)]
fn patient_from_bevy(point: Vec3) -> Point {
    Point::new(f64::from(point.x), -f64::from(point.z), f64::from(point.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ui::{NamedView, OrbitCamera};
    use bevy::math::Mat4;
    use egui::{Pos2, Rect};

    /// An asymmetric body: heart to the left, liver to the right, nose to the front, head on top.
    const HEART: Point = Point::new(60.0, -30.0, 40.0);
    const LIVER: Point = Point::new(-70.0, -20.0, -60.0);
    const NOSE: Point = Point::new(0.0, -120.0, 250.0);
    const SPINE: Point = Point::new(0.0, 90.0, 0.0);

    #[test]
    fn the_mapping_keeps_handedness_and_lengths_and_can_be_undone() {
        let [x, y, z] = [Vector::x(), Vector::y(), Vector::z()].map(|axis| bevy_from_direction(&axis));
        assert_eq!(x.cross(y), z);
        for point in [HEART, LIVER, NOSE, SPINE] {
            assert_eq!(patient_from_bevy(bevy_from_patient(&point)), point);
        }
    }

    #[test]
    fn bevys_camera_sees_the_body_where_the_panels_say_it_is() {
        let rect = Rect::from_min_size(Pos2::ZERO, egui::vec2(800.0, 600.0));
        for view in NamedView::ALL {
            let camera = OrbitCamera::default().looking(view);
            let [_, up, _] = camera.right_up_back();
            let eye = bevy_from_patient(&camera.eye());
            let clip_from_world = Mat4::perspective_infinite_reverse_rh(camera.fov_rad as f32, 800.0 / 600.0, 1.0)
                * Mat4::look_at_rh(eye, bevy_from_patient(&camera.target), bevy_from_direction(&up));
            for point in [HEART, LIVER, NOSE, SPINE] {
                let seen = clip_from_world.project_point3(bevy_from_patient(&point));
                let pixel = Pos2::new((seen.x + 1.0) * 400.0, (1.0 - seen.y) * 300.0);
                let expected = camera.project(&point, rect).unwrap();
                assert!((pixel - expected).length() < 0.05, "{view:?}: {pixel:?} against {expected:?}");
            }
        }
    }

    #[test]
    fn from_the_front_the_heart_is_on_the_right_of_the_screen_and_the_liver_below_it_on_the_left() {
        let camera = OrbitCamera::default().looking(NamedView::Anterior);
        let rect = Rect::from_min_size(Pos2::ZERO, egui::vec2(800.0, 600.0));
        let [heart, liver] = [HEART, LIVER].map(|point| camera.project(&point, rect).unwrap());
        assert!(rect.center().x < heart.x && liver.x < rect.center().x && heart.y < liver.y);
    }
}
