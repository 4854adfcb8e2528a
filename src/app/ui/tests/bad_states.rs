//! Windows that are too small, cases that are too large, data that is no number, things that vanish while they are shown.

use super::*;
use crate::app::ui::docks::SidePanel;
use crate::app::ui::layout::Arrangement;
use crate::app::ui::script::{Step, round};
use crate::app::ui::wish::Wish;
use crate::base::SegmentId;
use crate::geom::measure::{Kind, Shape};
use crate::image::{Measure, Segment};
use std::time::Instant;

/// Play the whole script, a frame for each step; what it asks of the program stays undone.
fn play(harness: &mut Harness<'_, Desk>, mut look: impl FnMut(&Harness<'_, Desk>, &str)) {
    let mut chapter = "";
    for step in round() {
        if let Step::Chapter(name) = step {
            chapter = name;
        }
        let Desk { workspace, session, .. } = harness.state_mut();
        let events = workspace.play(&step, session);
        if events.is_empty() && !matches!(step, Step::Wish(_) | Step::With(..)) {
            continue;
        }
        events.into_iter().for_each(|event| harness.event(event));
        harness.step();
        harness.state_mut().asked.clear();
        look(harness, chapter);
    }
}

/// Where the scene is drawn, if it is, has a size that is one.
fn has_sound_panes(harness: &Harness<'_, Desk>, chapter: &str) {
    let Some(pane) = &harness.state().pane else { return };
    let rect = pane.rect;
    let sound = rect.is_finite() && 0.0 <= rect.width() && 0.0 <= rect.height();
    assert!(sound, "the scene lies in {rect:?} ({chapter})");
}

#[test]
fn everything_is_survived_in_a_window_of_200_by_150() {
    for scale in [1.0, 2.0] {
        let mut harness = open(case());
        harness.state_mut().workspace.settings.scale = scale;
        harness.set_size(Vec2::new(200.0, 150.0));
        play(&mut harness, has_sound_panes);
    }
}

#[test]
fn every_layout_is_survived_in_a_window_of_a_few_pixels() {
    for (size, scale) in [([64.0, 48.0], 1.0), ([64.0, 48.0], 2.0), ([1.0, 1.0], 1.0), ([1.0, 1.0], 2.0)] {
        let mut harness = open(case());
        harness.set_size(Vec2::from(size));
        harness.state_mut().workspace.settings.scale = scale;
        for (arrangement, _) in Arrangement::ALL {
            for wish in [Wish::Arrange(arrangement), Wish::Volume(None), Wish::OpenEditor(None), Wish::CloseEditor] {
                harness.state_mut().workspace.waiting.push(wish);
                harness.run_steps(2);
                has_sound_panes(&harness, "layouts");
            }
        }
        // A real size again: what was squeezed comes back.
        harness.set_size(Vec2::new(1440.0, 900.0));
        harness.state_mut().workspace.settings.scale = 1.0;
        harness.state_mut().workspace.waiting.push(Wish::Arrange(Arrangement::FourUp));
        harness.run_steps(4);
        let rect = harness.state().pane.as_ref().expect("the scene is shown").rect;
        assert!(200.0 < rect.width() && 200.0 < rect.height(), "{rect:?} after {size:?}");
    }
}

/// A scan whose voxels are `value`, as they come out of a division by zero.
fn scan_of(value: impl Fn(usize) -> f32) -> Case {
    let grid = Grid::aligned([20, 16, 12], Point::new(0.0, 0.0, 0.0), [1.0, 1.0, 2.0]).unwrap();
    let voxels = Voxels::F32(Volume::new(grid.clone(), (0..grid.len()).map(value).collect()).unwrap());
    let scan = Scan { voxels, modality: Modality::Other, window: None, facts: Vec::new() };
    let labels = LabelMap::empty(Arc::new(grid), Vec::new()).unwrap();
    Case::from_nodes([
        (NodeId(1), Node::new("Ratio", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("Nothing yet", Data::Labels(labels)).from_source(NodeId(1))),
    ])
}

#[test]
fn voxels_that_are_no_numbers_are_shown_and_harm_nothing() {
    let all: [(&str, fn(usize) -> f32); 4] = [
        ("nothing but NaN", |_| f32::NAN),
        ("nothing but infinity", |_| f32::INFINITY),
        ("all of them", |n| [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 7.0][n % 4]),
        ("one value", |_| 0.0),
    ];
    for (name, value) in all {
        let mut harness = open(scan_of(value));
        for wish in [
            Wish::Volume(None),
            Wish::WindowFull,
            Wish::WindowPreset(0),
            Wish::NextSlab,
            Wish::Flip(crate::app::ui::wish::Switch::Inverted),
            Wish::OpenEditor(None),
        ] {
            harness.state_mut().workspace.waiting.push(wish);
            harness.run_steps(2);
        }
        let Window { width, level } = window_of(&mut harness);
        assert!(width.is_finite() && width != 0.0 && level.is_finite(), "{name}: a window of {width} about {level}");
        let pos = view_of_any(&harness);
        wheel(&mut harness, pos, 1.0);
        assert!(crosshair(&harness).coords.iter().all(|at| at.is_finite()), "{name}");
    }
}

fn view_of_any(harness: &Harness<'_, Desk>) -> Pos2 {
    harness.state().pane.as_ref().expect("the scene is shown").rect.center() - Vec2::new(300.0, 0.0)
}

#[test]
fn a_scan_that_vanishes_while_all_views_show_it_leaves_no_trace() {
    let mut harness = open(case());
    for wish in [Wish::Volume(None), Wish::Select(Some(NodeId(1))), Wish::PlaySlices, Wish::OpenEditor(Some(NodeId(2)))]
    {
        harness.state_mut().workspace.waiting.push(wish);
        harness.run_steps(2);
    }
    assert!(harness.state().workspace.volume.is_some() && harness.state().workspace.editor.is_some());
    // As undo does: another case is there from one frame to the next.
    let rest = case();
    let mesh = rest.node(NodeId(3)).unwrap();
    let left = Case::from_nodes([(NodeId(3), Node::clone(mesh))]);
    harness.state_mut().session = Session::with_case(crate::tools::TOOLS, left, Vec::new());
    harness.run_steps(3);
    let Desk { workspace, pane, .. } = harness.state();
    assert!(workspace.volume.is_none() && workspace.selected.is_none() && workspace.probe.is_none());
    assert!(pane.is_some(), "the mesh is still there to be seen");
    harness.state_mut().session = Session::with_case(crate::tools::TOOLS, Case::default(), Vec::new());
    harness.run_steps(3);
    assert!(harness.state().pane.is_none(), "an empty case invites");
}

/// A label map holds 255 segments, so that ten thousand come in groups.
fn crowd(groups: u32) -> Case {
    let grid = Arc::new(Grid::aligned([8, 8, 8], Point::origin(), [1.0; 3]).unwrap());
    let segments =
        |n: u32| (1..=250).map(move |id| Segment::new(SegmentId(id), format!("part {n}.{id}"), [200, 90, 40], None));
    let group = |n: u32| {
        let labels = LabelMap::empty(Arc::clone(&grid), segments(n).collect()).unwrap();
        (NodeId(n + 2), Node::new(format!("Group {n}"), Data::Labels(labels)).from_source(NodeId(1)))
    };
    let voxels = Voxels::I16(Volume::new(Arc::clone(&grid), vec![0; grid.len()]).unwrap());
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    let scan = (NodeId(1), Node::new("Chest", Data::Scan(Arc::new(scan))));
    Case::from_nodes(std::iter::once(scan).chain((0..groups).map(group)))
}

#[test]
fn ten_thousand_segments_are_listed_and_chosen_from() {
    let mut harness = open(crowd(40));
    harness.state_mut().workspace.waiting.push(Wish::OpenEditor(Some(NodeId(20))));
    harness.run_steps(3);
    // A row is a name and three buttons.
    let rows = harness.query_all_by_label_contains("part 18.").count() / 4;
    assert!((5..30).contains(&rows), "{rows} of 250 rows are laid out");
}

fn objects(count: u32, data: impl Fn(u32) -> Data) -> Case {
    let nodes = (0..count).map(|n| {
        let node = Node::new(format!("Object {n}"), data(n));
        (NodeId(n + 1), if n % 10 == 0 { node } else { node.from_source(NodeId(n / 10 * 10 + 1)) })
    });
    Case::from_nodes(nodes)
}

fn measure(n: u32) -> Data {
    let at = Point::new(f64::from(n % 100), f64::from(n / 100), 0.0);
    let shape = Shape::new(Kind::Length, &[at, at + crate::geom::Vector::x()], None).unwrap();
    Data::Measure(Arc::new(Measure { shape, text: String::new(), reading: None }))
}

/// Milliseconds of a frame at rest, the least of some.
fn frame_ms(harness: &mut Harness<'_, Desk>) -> f64 {
    harness.run_steps(3);
    let frame = |harness: &mut Harness<'_, Desk>| {
        let since = Instant::now();
        harness.step();
        since.elapsed().as_secs_f64() * 1e3
    };
    (0..5).map(|_| frame(harness)).fold(f64::INFINITY, f64::min)
}

#[test]
fn a_list_of_ten_thousand_objects_or_measures_lays_out_what_is_seen() {
    for lower in [SidePanel::History, SidePanel::Measures] {
        let mut times = Vec::new();
        for count in [100, 10_000] {
            let mut harness = open(objects(count, measure));
            harness.state_mut().workspace.settings.docks.activate(lower);
            harness.state_mut().workspace.welcome = true;
            times.push(frame_ms(&mut harness));
            let rows = harness.query_all_by_label_contains("Object ").count();
            assert!((5..500).contains(&rows), "{rows} rows of {count} are laid out");
        }
        // Going through the case takes its time in a build that is not optimised; laying out would take a hundred times.
        assert!(times[1] < 4.0 * times[0] + 50.0, "{lower:?}: {times:?} ms with 100 and 10 000 objects");
    }
}

#[test]
fn a_long_list_shows_its_end_when_scrolled_there() {
    let mut harness = open(objects(5000, measure));
    harness.state_mut().workspace.welcome = true;
    harness.run_steps(2);
    assert!(harness.query_by_label("Object 4999").is_none());
    let at = harness.get_by_label("Object 3").rect().center();
    for _ in 0..60 {
        wheel(&mut harness, at, -100.0);
    }
    assert!(harness.query_by_label("Object 4999").is_some(), "the last row is there");
    assert!(harness.query_by_label("Object 3").is_none(), "the first ones are not laid out");
    // A click means the row under the mouse.
    harness.get_by_label("Object 4999").click();
    harness.run_steps(3);
    assert_eq!(harness.state().workspace.selected, Some(NodeId(5000)));
}

#[test]
fn a_grid_without_voxels_is_refused_where_it_is_made() {
    for dims in [[0, 4, 4], [4, 0, 4], [4, 4, 0]] {
        assert!(Grid::aligned(dims, Point::origin(), [1.0; 3]).is_err(), "{dims:?}");
    }
}
