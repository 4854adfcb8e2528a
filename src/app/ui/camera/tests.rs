//! The camera: what it sees, in perspective and with parallel lines of sight.

use super::*;

const RECT: Rect = Rect { min: Pos2::new(100.0, 50.0), max: Pos2::new(900.0, 650.0) };

#[test]
fn named_views_show_the_edges_a_surgeon_expects() {
    // Left, right, top and bottom edge of the screen.
    let expected = [
        (NamedView::Anterior, ["R", "L", "S", "I"]),
        (NamedView::Posterior, ["L", "R", "S", "I"]),
        (NamedView::Left, ["A", "P", "S", "I"]),
        (NamedView::Right, ["P", "A", "S", "I"]),
        (NamedView::Superior, ["L", "R", "A", "P"]),
        (NamedView::Inferior, ["R", "L", "A", "P"]),
    ];
    for (view, letters) in expected {
        let camera = OrbitCamera::default().looking(view);
        assert_eq!(camera.edge_letters(), letters, "{view:?}");
        assert_eq!(camera.named_view(), Some(view));
        let towards_viewer = orientation::letters(&camera.right_up_back()[2]);
        assert_eq!(towards_viewer, view.letter());
    }
    assert_eq!(OrbitCamera::default().named_view(), None);
}

#[test]
fn the_axes_are_right_handed_and_of_unit_length_everywhere() {
    for step in 0..50 {
        let camera = OrbitCamera {
            yaw_rad: f64::from(step),
            pitch_rad: f64::from(step % 7 - 3) * 0.5,
            ..OrbitCamera::default()
        };
        let [right, up, back] = camera.right_up_back();
        assert!((right.cross(&up) - back).norm() < 1e-12 && (up.norm() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn a_camera_put_anywhere_looks_there_with_its_top_on_top() {
    for step in 0..60 {
        let turn = nalgebra::Rotation3::from_euler_angles(f64::from(step), 0.7 * f64::from(step), 1.3);
        let [up, back] = [turn * Vector::z(), turn * Vector::x()];
        let eye = Point::new(3.0, f64::from(step), -20.0);
        let camera = OrbitCamera::at(eye, &up, &back, 7.0, 1.4);
        let [right, top, behind] = camera.right_up_back();
        assert!((top - up).norm() < 1e-9 && (behind - back).norm() < 1e-9, "{step}");
        assert!((right - up.cross(&back)).norm() < 1e-9 && (camera.eye() - eye).norm() < 1e-9);
    }
    // Straight up and down, where yaw means nothing.
    for back in [Vector::z(), -Vector::z()] {
        let camera = OrbitCamera::at(Point::origin(), &-Vector::y(), &back, 5.0, 1.4);
        assert!((camera.right_up_back()[1] + Vector::y()).norm() < 1e-9);
        assert_eq!(camera.edge_letters()[2], "A");
    }
}

#[test]
fn a_ray_passes_through_the_point_that_projects_there() {
    let camera = OrbitCamera { target: Point::new(10.0, -20.0, 30.0), ..OrbitCamera::default() };
    for point in [Point::new(0.0, 0.0, 0.0), Point::new(120.0, -30.0, 80.0), Point::new(-90.0, 60.0, -40.0)] {
        let pos = camera.project(&point, RECT).unwrap();
        let ray = camera.ray(pos, RECT);
        let along = (point - ray.origin).dot(&ray.direction);
        assert!((ray.at(along) - point).norm() < 0.02, "{:?} mm off", (ray.at(along) - point).norm());
    }
    assert_eq!(camera.project(&camera.target, RECT), Some(RECT.center()));
    let behind = camera.eye() + camera.right_up_back()[2] * 5.0;
    assert_eq!(camera.project(&behind, RECT), None);
}

#[test]
fn panning_moves_the_target_with_the_mouse() {
    let mut camera = OrbitCamera::default();
    let target = camera.target;
    camera.pan(Vec2::new(40.0, -25.0), RECT);
    let seen = camera.project(&target, RECT).unwrap() - RECT.center();
    assert!((seen - Vec2::new(40.0, -25.0)).length() < 0.01, "{seen:?}");
}

#[test]
fn zooming_keeps_what_is_under_the_mouse() {
    let mut camera = OrbitCamera::default();
    let at = Pos2::new(700.0, 200.0);
    let ray = camera.ray(at, RECT);
    let depth = -camera.distance_mm / ray.direction.dot(&camera.right_up_back()[2]);
    let point = ray.at(depth);
    camera.zoom(1.7, Some(at), RECT);
    assert!((camera.project(&point, RECT).unwrap() - at).length() < 0.05);
}

#[test]
fn fitting_shows_every_corner() {
    let bounds = Aabb { min: Point::new(-170.0, -120.0, -300.0), max: Point::new(180.0, 100.0, 40.0) };
    for rect in [RECT, Rect::from_min_size(Pos2::ZERO, Vec2::new(300.0, 900.0))] {
        for view in NamedView::ALL {
            let mut camera = OrbitCamera::default().looking(view);
            camera.fit(&bounds, rect);
            for corner in 0..8 {
                let pick = |axis: usize| if corner >> axis & 1 == 0 { bounds.min[axis] } else { bounds.max[axis] };
                let pos = camera.project(&Point::new(pick(0), pick(1), pick(2)), rect).unwrap();
                assert!(rect.expand(1.0).contains(pos), "{view:?} {pos:?}");
            }
        }
    }
}

fn parallel() -> OrbitCamera {
    let target = Point::new(10.0, -20.0, 30.0);
    OrbitCamera { target, distance_mm: 400.0, pitch_rad: -0.4, parallel: true, ..OrbitCamera::default() }
}

#[test]
fn parallel_rays_pass_through_what_projects_there_at_any_depth() {
    let camera = parallel();
    let back = camera.right_up_back()[2];
    for point in [Point::new(0.0, 0.0, 0.0), Point::new(120.0, -30.0, 80.0), camera.target + back * 900.0] {
        let pos = camera.project(&point, RECT).unwrap();
        let ray = camera.ray(pos, RECT);
        let along = (point - ray.origin).dot(&ray.direction);
        assert!(0.0 < along && (ray.at(along) - point).norm() < 0.02, "{:?}", ray.at(along) - point);
        assert!((ray.direction + back).norm() < 1e-12 && (camera.sight(&point) + back).norm() < 1e-12);
        let moved = camera.project(&(point + back * 250.0), RECT).unwrap();
        assert!((moved - pos).length() < 1e-3, "depth changes nothing");
    }
}

#[test]
fn a_scale_bar_holds_at_every_depth_of_a_parallel_projection() {
    let camera = parallel();
    let [right, _, back] = camera.right_up_back();
    let points = 50.0 / camera.mm_per_point(RECT);
    for depth_mm in [-300.0, 0.0, 170.0] {
        let start = camera.target + back * depth_mm;
        let ends = [start, start + right * 50.0].map(|end| camera.project(&end, RECT).unwrap());
        assert!((f64::from((ends[1] - ends[0]).length()) - points).abs() < 1e-3, "{depth_mm}");
        assert_eq!(camera.mm_per_point_at(&start, RECT), camera.mm_per_point(RECT));
    }
    // Where the camera turns about, a perspective has the same size.
    let eye = OrbitCamera { parallel: false, ..camera };
    let at = camera.target + right * 35.0;
    assert!((eye.project(&at, RECT).unwrap() - camera.project(&at, RECT).unwrap()).length() < 1e-3);
    let near = eye.target + back * 200.0;
    assert!((eye.mm_per_point_at(&near, RECT) - 0.5 * eye.mm_per_point(RECT)).abs() < 1e-9);
}

#[test]
fn zoom_pan_and_fit_hold_in_a_parallel_projection() {
    let mut camera = parallel();
    let at = Pos2::new(700.0, 200.0);
    let point = camera.ray(at, RECT).at(camera.eye_mm() + 70.0);
    camera.zoom(1.7, Some(at), RECT);
    assert!((camera.project(&point, RECT).unwrap() - at).length() < 0.05);
    let (mut panned, target) = (camera, camera.target);
    panned.pan(Vec2::new(40.0, -25.0), RECT);
    assert!((panned.project(&target, RECT).unwrap() - RECT.center() - Vec2::new(40.0, -25.0)).length() < 0.01);
    // Nothing is cut off however near one comes.
    camera.distance_mm = DISTANCE_MM[0];
    assert!(camera.project(&(camera.target + camera.right_up_back()[2] * 1500.0), RECT).is_some());
    let bounds = Aabb { min: Point::new(-170.0, -120.0, -300.0), max: Point::new(180.0, 100.0, 40.0) };
    camera.fit(&bounds, RECT);
    assert!(camera.parallel);
    for n in 0..8 {
        let pick = |axis: usize| if n >> axis & 1 == 0 { bounds.min[axis] } else { bounds.max[axis] };
        assert!(RECT.contains(camera.project(&Point::new(pick(0), pick(1), pick(2)), RECT).unwrap()));
    }
}

#[test]
fn a_locked_tilt_keeps_up_where_it_is() {
    let mut camera = OrbitCamera { pitch_rad: 0.3, ..OrbitCamera::default() };
    let before = camera;
    camera.orbit(Vec2::new(30.0, 55.0), true);
    assert!(camera.pitch_rad == before.pitch_rad && camera.yaw_rad != before.yaw_rad);
    assert_eq!(camera.right_up_back()[1].z, before.right_up_back()[1].z);
}

#[test]
fn facing_a_side_is_the_standard_view_of_it_and_a_corner_lies_between() {
    let sides = [-Vector::y(), Vector::y(), Vector::x(), -Vector::x(), Vector::z(), -Vector::z()];
    use NamedView::{Anterior, Inferior, Left, Posterior, Right, Superior};
    for (out, view) in sides.iter().zip([Anterior, Posterior, Left, Right, Superior, Inferior]) {
        assert_eq!(OrbitCamera::default().facing(out).named_view(), Some(view));
    }
    let corner = Vector::new(1.0, -1.0, 1.0).normalize();
    let seen = OrbitCamera { roll_rad: 0.4, ..OrbitCamera::default() }.facing(&corner);
    assert!((seen.right_up_back()[2] - corner).norm() < 1e-12 && 0.0 < seen.right_up_back()[1].z);
}

#[test]
fn the_way_to_a_view_is_the_short_one_and_ends_there() {
    let start = OrbitCamera { yaw_rad: 6.0, ..OrbitCamera::default() };
    let end = start.looking(NamedView::Anterior);
    assert!(6.0 < start.towards(&end, 0.5).yaw_rad);
    assert_eq!(start.towards(&end, 1.0), end);
}

#[test]
fn dragging_to_the_right_turns_the_patient_to_the_right() {
    let mut camera = OrbitCamera::default().looking(NamedView::Anterior);
    let nose = Point::new(0.0, -100.0, 0.0);
    camera.orbit(Vec2::new(30.0, 0.0), false);
    assert!(0.0 < camera.project(&nose, RECT).unwrap().x - RECT.center().x);
    camera = camera.looking(NamedView::Anterior);
    camera.orbit(Vec2::new(0.0, 30.0), false);
    assert!(0.0 < camera.project(&nose, RECT).unwrap().y - RECT.center().y, "dragging down tips the front down");
}
