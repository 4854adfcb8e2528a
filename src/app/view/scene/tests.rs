//! Which view moves with which, and what is drawn.

use super::*;
use crate::app::ui::ScenePane;
use crate::geom::Point;
use egui::{Rect, Vec2};

fn pane(width: f32) -> ScenePane {
    ScenePane::still(Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(width, 400.0)))
}

/// A scene whose first views have panes of these widths.
fn scene(widths: &[f32]) -> Scene {
    let view = |_| SceneView::new(Handle::default(), Handle::default(), egui::TextureId::default());
    let mut scene = Scene::new((0..VIEWS).map(view).collect(), false);
    for (view, width) in scene.views.iter_mut().zip(widths) {
        view.pane = Some(pane(*width));
    }
    scene
}

/// As the system of cameras does when everything that was to be drawn was drawn.
fn draw_all(scene: &mut Scene) {
    scene.views.iter_mut().filter(|view| !view.is_hidden()).for_each(|view| (view.draw, view.rested) = (0, true));
}

#[test]
fn linked_views_turn_together_and_unlinked_ones_do_not() {
    let mut scene = scene(&[500.0, 500.0]);
    let [left, right] = [NamedView::Left, NamedView::Right].map(|view| OrbitCamera::default().looking(view));
    scene.stand(left);
    scene.follow();
    assert_eq!(scene.view(SECOND).camera, left);
    scene.use_view(SECOND);
    scene.stand(right);
    scene.follow();
    assert_eq!([FIRST, AUDIENCE].map(|which| scene.view(which).camera), [right; 2], "whichever is turned");
    scene.linked = false;
    scene.stand(left);
    scene.follow();
    assert_eq!([FIRST, SECOND, AUDIENCE].map(|which| scene.view(which).camera), [right, left, right]);
    scene.linked = true;
    scene.follow();
    assert_eq!(scene.view(FIRST).camera, left, "the one in use leads");
}

#[test]
fn a_picture_of_one_view_leaves_the_others_where_they_are() {
    let mut scene = scene(&[500.0, 500.0]);
    let before = scene.view(SECOND).camera;
    scene.hold(UVec2::splat(256));
    scene.pose(before.looking(NamedView::Superior));
    scene.follow();
    scene.use_view(SECOND);
    assert_eq!((scene.view(SECOND).camera, scene.in_use()), (before, FIRST));
    assert!(!scene.may_draw(SECOND) && scene.may_draw(FIRST));
}

#[test]
fn hidden_views_want_no_frames_and_no_textures() {
    let mut scene = scene(&[500.0]);
    scene.settle();
    draw_all(&mut scene);
    assert!(scene.wants_frame_in().is_none(), "only the first is seen, and it is drawn");
    assert!(0 < scene.view(SECOND).draw, "it has everything before it");
    assert_eq!(scene.view(SECOND).capacity, one::CAPACITY_UNSEEN);
    scene.views[SECOND].pane = Some(pane(500.0));
    assert_eq!(scene.wants_frame_in(), Some(Duration::ZERO));
}

#[test]
fn views_of_different_sizes_have_textures_of_one_size_and_share_the_time_there_is() {
    let mut scene = scene(&[300.0, 900.0]);
    scene.settle();
    let [first, second] = [FIRST, SECOND].map(|which| scene.view(which).capacity);
    assert_eq!(first, second);
    assert!(900 <= second.x && 400 <= second.y, "{second}");
    // A machine that affords four samples for each pixel of one of them, but not for all.
    let both = 1200.0 * 400.0;
    let alone = scene.quality;
    scene.quality.learn(1e6, Duration::from_millis(250), false);
    assert!(alone != scene.quality);
    assert!(scene.quality.scale(both, false) < scene.quality.scale(300.0 * 400.0, false));
}

#[test]
fn a_wide_and_a_high_view_together_stay_within_what_adapters_hold() {
    let mut scene = scene(&[4000.0, 3000.0]);
    for (view, [width, height]) in scene.views.iter_mut().zip([[3840.0, 1000.0], [1000.0, 3840.0]]) {
        view.pane = Some(ScenePane::still(Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(width, height))));
    }
    scene.settle();
    let capacity = scene.view(FIRST).capacity;
    assert!(f64::from(capacity.x) * f64::from(capacity.y) <= PIXELS_MAX, "{capacity}");
    assert!([FIRST, SECOND].iter().all(|which| scene.view(*which).used.cmple(capacity).all()));
}

#[test]
fn what_nobody_touched_shows_everything_also_another_case_beside_it() {
    let mut scene = scene(&[500.0, 500.0]);
    let unit = Aabb::of(&[Point::new(-10.0, -10.0, -10.0), Point::new(10.0, 10.0, 10.0)]);
    scene.bounds = unit;
    assert_eq!(scene.everything(), Some(unit));
    let far = Aabb::of(&[Point::new(50.0, 0.0, 0.0), Point::new(60.0, 5.0, 5.0)]);
    scene.other_bounds = Some(far);
    let all = scene.everything().unwrap();
    assert!(all.max.x == 60.0 && all.min.x == -10.0);
    assert!(scene.views[FIRST].fit_untouched(&all) && !scene.views[FIRST].fit_untouched(&all), "once");
}

#[test]
fn views_with_too_many_translucent_walls_have_fewer_pixels_and_say_so_where_that_is_not_enough() {
    let drawn = |walls: f32| {
        let mut scene = scene(&[1600.0]);
        scene.fragments_max = 11e6;
        scene.views[FIRST].walls = walls;
        scene.settle();
        let size = scene.view(FIRST).capacity;
        (f64::from(size.x) * f64::from(size.y), scene.crowded, scene.fragments_per_pixel())
    };
    let [few, many, too_many] = [1.0, 20.0, 400.0].map(drawn);
    assert!(many.0 < few.0 && 20.0 * many.0 <= 11e6 && !few.1 && !many.1, "{few:?} {many:?}");
    assert!(too_many.1 && 800.0 * 200.0 <= too_many.0, "no coarser than can be read: {too_many:?}");
    assert!(few.2 < many.2, "lists are longer where they are needed");
}
