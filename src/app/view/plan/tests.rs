//! Numbers and shapes of a plan that a hand moves.

use super::*;

use crate::base::SegmentId;
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Volume};
use crate::plan::{Action, Cut, CutShape, NamedAction, Structure};
use crate::session::{Data, Node};

/// A ball of an organ (1) and a plan (2) that cuts it at `x`.
fn case(x: f64) -> Case {
    let grid = Grid::aligned([20; 3], Point::new(-9.5, -9.5, -9.5), [1.0; 3]).unwrap();
    let inside = |o: usize| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 8.0);
    let mask = Volume::new(grid.clone(), (0..grid.len()).map(inside).collect()).unwrap();
    let shape = CutShape::Plane { point: [x, 0.0, 0.0], normal: [1.0, 0.0, 0.0] };
    let action = Action::Cut(Cut { shape, width_mm: 1.0 });
    let organ = Some(Structure { node: NodeId(1), segment: Some(SegmentId(1)) });
    let actions = vec![NamedAction { name: "cut".into(), action }];
    Case::from_nodes([
        (NodeId(1), Node::new("organ", Data::Labels(LabelMap::from_mask(&mask, "organ", [9; 3], None)))),
        (NodeId(2), Node::new("plan", Data::Plan(Arc::new(Plan { organ, actions, ..Plan::default() })))),
    ])
}

/// While a hand never rests, shapes and volumes keep coming; once it rests, the score of where it rests does.
#[test]
fn numbers_follow_a_hand_that_never_rests() {
    let mut stream = Stream::default();
    let mut planning = Planning::new(NodeId(2), &case(0.0)).unwrap();
    let end = Instant::now() + Duration::from_secs(120);
    let (mut pictures, mut first) = (0, std::collections::BTreeSet::new());
    let frame = |stream: &mut Stream, planning: &mut Planning, x: f64| {
        assert!(Instant::now() < end, "nothing came");
        let case = case(x);
        planning.follow(&case);
        let wanted = Wanted::of(planning, &case);
        let seen = stream.take_seen(planning, &wanted).len();
        stream.take_worth(planning, &wanted);
        stream.ask(planning, wanted, &case);
        std::thread::sleep(Duration::from_millis(2));
        seen
    };
    let mut x = 0.0;
    while pictures < 6 || first.len() < 3 {
        x = (x + 0.01) % 4.0;
        pictures += frame(&mut stream, &mut planning, x);
        first.extend(planning.first.iter().map(|(planned, _)| planned.clone()));
    }
    let planned = planning.shown().planned();
    while planning.live.as_ref().is_none_or(|live| live.planned != planned) {
        frame(&mut stream, &mut planning, x);
    }
    let score = planning.live.as_ref().unwrap().score.as_ref().unwrap();
    let (_, first) = planning.first.as_ref().unwrap();
    let remnant = first.iter().find(|term| term.id == "remnant_percent").unwrap();
    assert_eq!(score.term("remnant_percent"), Some(remnant), "what was said first is what the score says");
}

#[test]
fn the_first_of_an_answer_is_waited_for_and_the_rest_for_a_while() {
    let begun = Begun::now();
    assert_eq!(begun.until(SCORE_PATIENCE), None, "what the eye follows comes, however long it takes");
    let begun = Begun { has_first: true, ..begun };
    assert_eq!(begun.until(SCORE_PATIENCE), Some(begun.at + SCORE_PATIENCE), "a slow score makes way for the next");
}
