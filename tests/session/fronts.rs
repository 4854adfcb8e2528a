//! Random walks and level sets by commands: what comes out, what is refused, and that replay and undo agree.

use crate::desk::Desk;
use prosector::base::{NodeId, SegmentId, rng::Rng};
use prosector::geom::{Grid, Point};
use prosector::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels};
use prosector::session::{Case, Data, Node, Session};
use prosector::tools::TOOLS;
use serde_json::{Value, json};
use std::sync::Arc;

fn labels(desk: &Desk, id: NodeId) -> LabelMap {
    match &desk.case().node(id).expect("the segmentation is there").data {
        Data::Labels(labels) => labels.clone(),
        other => panic!("{:?} is no segmentation", other.kind()),
    }
}

fn grid() -> Arc<Grid> {
    Arc::new(Grid::aligned([48, 40, 30], Point::new(-23.5, -19.5, -21.75), [1.0, 1.0, 1.5]).unwrap())
}

/// A ball of 10 mm around the origin.
fn ball(p: Point) -> bool {
    p.coords.norm() < 10.0
}

/// A noisy ball of 100 in 20, and a group of an organ, the rest and a locked half, painted by `paint`.
fn desk(paint: impl Fn(Point) -> u8) -> (Desk, NodeId) {
    let grid = grid();
    let mut rng = Rng::new(4);
    let centre = |o: usize| grid.centre(grid.voxel(o));
    let values = (0..grid.len()).map(|o| if ball(centre(o)) { 100.0 } else { 20.0 } + 12.0 * rng.normal() as f32);
    let voxels = Voxels::F32(Volume::new(Arc::clone(&grid), values.collect()).unwrap());
    let scan = Scan { voxels, modality: Modality::Mr, window: None, facts: vec![] };
    let painted = Volume::new(Arc::clone(&grid), (0..grid.len()).map(|o| paint(centre(o))).collect()).unwrap();
    let names = [(1, "organ"), (2, "rest"), (3, "kept")];
    let mut table = names.map(|(id, name)| Segment::new(SegmentId(id), name, [id * 60, 90, 90], None)).to_vec();
    table[2].locked = true;
    let group = LabelMap::from_volume(&painted, table).unwrap();
    let nodes = [
        (NodeId(1), Node::new("scan", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("seeds", Data::Labels(group)).from_source(NodeId(1))),
    ];
    (Desk(Session::with_case(TOOLS, Case::from_nodes(nodes), Vec::new())), NodeId(2))
}

fn dice(found: &LabelMap) -> f64 {
    let grid = found.grid();
    let marked = |o: usize| found.at(grid.voxel(o)) == 1;
    let inside = |o: usize| ball(grid.centre(grid.voxel(o)));
    let count = |f: &dyn Fn(usize) -> bool| (0..grid.len()).filter(|o| f(*o)).count() as f64;
    2.0 * count(&|o| marked(o) && inside(o)) / (count(&marked) + count(&inside))
}

fn refused(desk: &mut Desk, tool: &str, params: Value) -> String {
    desk.try_run(tool, params).expect_err("this is refused").to_string()
}

fn seeds(p: Point) -> u8 {
    match p.coords.norm() {
        r if r < 3.0 => 1,
        r if (16.0..17.0).contains(&r) => 2,
        _ => 0,
    }
}

#[test]
fn walks_end_at_the_seeds_they_are_most_like() {
    let tool = "segment.random_walker";
    let (mut desk, group) = self::desk(seeds);
    let before = labels(&desk, group);
    let walked = desk.run(tool, json!({ "labels": group, "margin_mm": 50, "beta": 2, "sigma_mm": 0.5 }))[0];
    assert!(0.95 < dice(&labels(&desk, walked)), "{}", dice(&labels(&desk, walked)));
    assert_eq!(labels(&desk, group), before);
    let sure = desk.run(tool, json!({ "labels": group, "margin_mm": 5, "output": "probability" }))[0];
    let Data::Scan(image) = &desk.case().node(sure).unwrap().data else { panic!("an image was asked for") };
    assert_eq!(image.value(image.grid().offset(grid().voxel_at(Point::origin()).unwrap())), 1.0);
    // Clicks alone do, and what lies outside is no segment then.
    let (mut desk, group) = self::desk(|_| 0);
    let around = json!([[16, 0, 0], [-16, 0, 0], [0, 16, 0], [0, -16, 0], [0, 0, 16], [0, 0, -16]]);
    let clicks = json!({ "labels": group, "segment": 1, "inside": [[0, 0, 0]], "outside": around, "output": "edit", "beta": 2, "sigma_mm": 0.5 });
    assert_eq!(desk.run(tool, clicks), []);
    let found = labels(&desk, group);
    assert!(0.95 < dice(&found) && found.count(SegmentId(2)) == 0, "{}", dice(&found));
    assert!(desk.0.undo());
    assert_eq!(labels(&desk, group).count(SegmentId(1)), 0);
}

#[test]
fn walks_leave_locked_segments_and_say_what_is_wrong() {
    let tool = "segment.random_walker";
    let (mut desk, group) = desk(|p| if p.coords.norm() < 10.0 && 6.0 < p.z { 3 } else { seeds(p) });
    let before = labels(&desk, group);
    desk.run(tool, json!({ "labels": group, "output": "edit" }));
    let after = labels(&desk, group);
    assert_eq!(after.count(SegmentId(3)), before.count(SegmentId(3)));
    assert!(before.count(SegmentId(1)) < after.count(SegmentId(1)));
    let (mut desk, group) = self::desk(|p| u8::from(p.coords.norm() < 3.0));
    let text = refused(&mut desk, tool, json!({ "labels": group }));
    assert!(text.contains("seeds has seeds of 1 kind; at least 2"), "{text}");
    let text = refused(&mut desk, tool, json!({ "labels": group, "outside": [[0, 0, 900]] }));
    assert!(text.contains("lies outside the scan"), "{text}");
    let text = refused(&mut desk, tool, json!({ "labels": group, "outside": [[15, 0, 0]], "inside": [[0, 0, 0]] }));
    assert!(text.contains("say which segment is meant"), "{text}");
    let text = refused(&mut desk, tool, json!({ "labels": group, "only_from": 5, "only_to": 1 }));
    assert!(text.contains("range of values 5 to 1 is empty"), "{text}");
}

#[test]
fn fronts_come_to_rest_on_the_organ_from_a_segment_and_from_a_click() {
    let tool = "segment.level_set";
    let start = |p: Point| u8::from(p.coords.norm() < 4.0);
    for more in [json!({ "method": "regions" }), json!({ "method": "edges" })] {
        let (mut desk, group) = self::desk(start);
        let mut params = json!({ "labels": group, "segment": 1, "reach_mm": 12 });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(desk.run(tool, params), []);
        let found = labels(&desk, group);
        assert!(0.95 < dice(&found), "{more}: {}", dice(&found));
        let summary = &desk.case().node(group).unwrap().summary;
        assert!(summary.value("steps").is_some_and(|n| 5.0 < n && n < 500.0), "{summary:?}");
        assert!(summary.warnings.is_empty(), "{:?}", summary.warnings);
        assert!(desk.0.undo());
        assert_eq!(
            labels(&desk, group).count(SegmentId(1)),
            (0..grid().len()).filter(|o| start(grid().centre(grid().voxel(*o))) != 0).count()
        );
    }
    let (mut desk, group) = self::desk(|p| if p.coords.norm() < 10.0 && 6.0 < p.z { 3 } else { 0 });
    let before = labels(&desk, group);
    let click = json!({ "labels": group, "segment": 1, "click": [-2, 0, 0], "radius_mm": 4, "reach_mm": 12 });
    desk.run(tool, click);
    let after = labels(&desk, group);
    assert_eq!(after.count(SegmentId(3)), before.count(SegmentId(3)));
    assert!(0.8 < dice(&after), "all but the locked cap: {}", dice(&after));
    let wanted = json!({ "labels": group, "segment": 1, "click": [-2, 0, 0], "radius_mm": 4, "volume_ml": 2.0, "result": "new" });
    let new = desk.run(tool, wanted)[0];
    let ml = labels(&desk, new).volume_ml(SegmentId(1));
    assert!((ml - 2.0).abs() < 0.0016, "{ml} ml");
}

#[test]
fn level_sets_say_what_is_wrong() {
    let tool = "segment.level_set";
    let (mut desk, group) = desk(|p| u8::from(p.coords.norm() < 4.0));
    let hash = desk.hash();
    let text = refused(&mut desk, tool, json!({ "labels": group, "segment": 2 }));
    assert!(text.contains("rest is empty; draw something"), "{text}");
    let text = refused(&mut desk, tool, json!({ "labels": group, "segment": 2, "click": [0, 0, 900] }));
    assert!(text.contains("(0.0, 0.0, 900.0) mm lies outside"), "{text}");
    let text = refused(&mut desk, tool, json!({ "labels": group, "segment": 3 }));
    assert!(text.contains("is locked"), "{text}");
    let still = json!({ "labels": group, "segment": 1, "method": "edges", "propagation": 0, "advection_mm": 0, "curvature_mm": 0 });
    assert!(refused(&mut desk, tool, still).contains("nothing would move"));
    let dying = json!({ "labels": group, "segment": 1, "method": "edges", "propagation": -1, "advection_mm": 0 });
    assert!(refused(&mut desk, tool, dying).contains("vanished after"));
    assert_eq!(desk.hash(), hash);
}
