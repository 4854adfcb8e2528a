//! Vesselness, tubes, and segmentations on other voxels, by commands: what comes out and what is refused.

use crate::desk::Desk;
use prosector::base::{NodeId, SegmentId};
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

fn scan_node(name: &str, grid: &Arc<Grid>, value: impl Fn(Point) -> f32) -> Node {
    let values = (0..grid.len()).map(|o| value(grid.centre(grid.voxel(o)))).collect();
    let voxels = Voxels::F32(Volume::new(Arc::clone(grid), values).unwrap());
    Node::new(name, Data::Scan(Arc::new(Scan { voxels, modality: Modality::Ct, window: None, facts: vec![] })))
}

/// Two vessels of 2 mm along z at x = ±10 in a block that ends at |x| = 16; the group has a left and a right half of it.
fn desk() -> (Desk, NodeId, NodeId) {
    let grid = Arc::new(Grid::aligned([48, 32, 20], Point::new(-23.5, -15.5, -14.25), [1.0, 1.0, 1.5]).unwrap());
    let block = |p: Point| p.x.abs() < 16.0;
    let vessel = |p: Point| (p.x.abs() - 10.0).hypot(p.y) < 2.0;
    let value = |p: Point| {
        if vessel(p) {
            200.0
        } else if block(p) {
            50.0
        } else {
            -100.0
        }
    };
    let label = |p: Point| if block(p) { 1 + u8::from(0.0 < p.x) } else { 0 };
    let painted = (0..grid.len()).map(|o| label(grid.centre(grid.voxel(o)))).collect();
    let names = [(1, "right half"), (2, "left half")];
    let table = names.map(|(id, name)| Segment::new(SegmentId(id), name, [id * 60, 90, 90], None)).to_vec();
    let group = LabelMap::from_volume(&Volume::new(Arc::clone(&grid), painted).unwrap(), table).unwrap();
    let elsewhere = Arc::new(Grid::aligned([8; 3], Point::new(0.0, 0.0, 300.0), [1.0; 3]).unwrap());
    let shifted = Arc::new(Grid::aligned([40, 32, 30], Point::new(-19.6, -15.5, -14.5), [0.9, 1.0, 1.0]).unwrap());
    // One voxel marked in many.
    let wide = Arc::new(Grid::aligned([300, 300, 100], Point::origin(), [1.0; 3]).unwrap());
    let dot = (0..wide.len()).map(|o| u8::from(o == 5_000_000)).collect();
    let dot = LabelMap::from_mask(&Volume::new(wide, dot).unwrap(), "dot", [9; 3], None);
    let nodes = [
        (NodeId(1), scan_node("scan", &grid, value)),
        (NodeId(2), Node::new("halves", Data::Labels(group)).from_source(NodeId(1))),
        (NodeId(3), scan_node("knee", &elsewhere, |_| 0.0)),
        (NodeId(4), scan_node("later scan", &shifted, value)),
        (NodeId(5), Node::new("dot", Data::Labels(dot))),
    ];
    (Desk(Session::with_case(TOOLS, Case::from_nodes(nodes), Vec::new())), NodeId(1), NodeId(2))
}

fn refused(desk: &mut Desk, tool: &str, params: Value) -> String {
    desk.try_run(tool, params).expect_err("this is refused").to_string()
}

fn at(labels: &LabelMap, x: f64, y: f64, z: f64) -> u8 {
    labels.at(labels.grid().voxel_at(Point::new(x, y, z)).unwrap())
}

#[test]
fn vessels_are_found_everywhere_inside_a_segment_or_through_a_point() {
    let (mut desk, scan, group) = desk();
    let how = json!({ "scan": scan, "radius_mm_min": 1.5, "radius_mm_max": 3, "contrast": 150 });
    let with = |more: Value| {
        let mut all = how.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let found = desk.run("segment.vesselness", with(json!({})))[0];
    let both = labels(&desk, found);
    for x in [-10.0, 10.0] {
        assert_eq!(at(&both, x, 0.0, 0.0), 1);
        assert_eq!(at(&both, x, 6.0, 0.0), 0);
    }
    let truth_ml = 2.0 * std::f64::consts::PI * 4.0 * 30.0 / 1000.0;
    let ml = both.volume_ml(SegmentId(1));
    assert!((0.7..1.4).contains(&(ml / truth_ml)), "{ml} ml for {truth_ml} ml");
    let seeded = desk.run("segment.vesselness", with(json!({ "seeds": [[10, 0, 0]] })))[0];
    assert_eq!([at(&labels(&desk, seeded), 10.0, 0.0, 0.0), at(&labels(&desk, seeded), -10.0, 0.0, 0.0)], [1, 0]);
    let values = desk.run("segment.vesselness", with(json!({ "output": "image" })))[0];
    let Data::Scan(image) = &desk.case().node(values).unwrap().data else { panic!("an image was asked for") };
    assert!(0.5 < image.value(image.grid().offset(image.grid().voxel_at(Point::new(10.0, 0.0, 0.0)).unwrap())));
    // Into the group, within its left half only: the right half and what is outside stay.
    let before = labels(&desk, group);
    let inside = json!({ "into": group, "only_inside": 2, "name": "vessel", "only_from": 100 });
    assert_eq!(desk.run("segment.vesselness", with(inside)), []);
    let after = labels(&desk, group);
    let vessel = after.segment_named("vessel").unwrap().id;
    assert_eq!(after.count(SegmentId(1)), before.count(SegmentId(1)));
    assert_eq!(after.count(SegmentId(2)) + after.count(vessel), before.count(SegmentId(2)));
    assert_eq!(at(&after, 10.0, 0.0, 0.0), vessel.0);
    assert!(desk.0.undo());
    assert_eq!(labels(&desk, group), before);
}

#[test]
fn vesselness_says_what_is_wrong() {
    let (mut desk, scan, group) = desk();
    let hash = desk.hash();
    let tool = "segment.vesselness";
    let text = refused(&mut desk, tool, json!({ "scan": scan, "radius_mm_min": 4, "radius_mm_max": 2 }));
    assert!(text.contains("4 to 2 mm are no range"), "{text}");
    let text = refused(&mut desk, tool, json!({ "scan": scan, "only_inside": 2 }));
    assert!(text.contains("only_inside = 2: say with into"), "{text}");
    let text = refused(&mut desk, tool, json!({ "scan": scan, "into": group, "only_inside": 7 }));
    assert!(text.contains("there is no segment 7"), "{text}");
    let text = refused(&mut desk, tool, json!({ "scan": scan, "seeds": [[0, 0, 900]] }));
    assert!(text.contains("(0.0, 0.0, 900.0) mm lies outside the scan"), "{text}");
    let text = refused(&mut desk, tool, json!({ "scan": scan, "threshold": 1 }));
    assert!(text.contains("no voxel reaches a vesselness of 1"), "{text}");
    let text = refused(&mut desk, tool, json!({ "scan": scan, "contrast": 150, "volume_ml_min": 500 }));
    assert!(text.contains("at least 500 ml"), "{text}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn tubes_are_drawn_through_points() {
    let (mut desk, scan, group) = desk();
    let line = json!([[-20, 0, 0], [0, 0, 0], [20, 0, 0]]);
    let made = desk.run("segment.tube", json!({ "scan": scan, "points": line, "radius_mm": 3 }))[0];
    let expected_ml = std::f64::consts::PI * (9.0 * 40.0 + 4.0 / 3.0 * 27.0) / 1000.0;
    let ml = labels(&desk, made).volume_ml(SegmentId(1));
    // Voxels are half as long as the tube is thick.
    assert!((ml / expected_ml - 1.0).abs() < 0.08, "{ml} ml for {expected_ml} ml");
    let wedge = json!({ "scan": scan, "points": line, "radii_mm": "1, 2, 6" });
    let made = desk.run("segment.tube", wedge)[0];
    assert_eq!([at(&labels(&desk, made), 19.0, 5.0, 0.0), at(&labels(&desk, made), -19.0, 5.0, 0.0)], [1, 0]);
    // A corner is cut by the curve and not by straight lines.
    let corner = json!([[-20, -10, 0], [0, 10, 0], [20, -10, 0]]);
    for (smooth, expected) in [(true, 1), (false, 0)] {
        let params = json!({ "scan": scan, "points": corner, "radius_mm": 1.5, "smooth": smooth });
        let made = desk.run("segment.tube", params)[0];
        assert_eq!(at(&labels(&desk, made), -12.0, 1.5, 0.0), expected, "smooth = {smooth}");
    }
    let into =
        json!({ "scan": scan, "points": line, "radius_mm": 3, "into": group, "only_inside": 1, "name": "drain" });
    desk.run("segment.tube", into);
    let after = labels(&desk, group);
    let drain = after.segment_named("drain").unwrap().id;
    assert_eq!([at(&after, -10.0, 0.0, 0.0), at(&after, 10.0, 0.0, 0.0), at(&after, -20.0, 0.0, 0.0)], [drain.0, 2, 0]);
    let text = refused(&mut desk, "segment.tube", json!({ "scan": scan, "points": line, "radii_mm": "1, two, 2, 6" }));
    assert!(text.contains("one for each point"), "{text}");
    let text = refused(&mut desk, "segment.tube", json!({ "scan": scan, "points": line, "radii_mm": "1, two, 6" }));
    assert!(text.contains("one for each point"), "{text}");
    let text = refused(&mut desk, "segment.tube", json!({ "scan": scan, "points": line, "radii_mm": "1, 2" }));
    assert!(text.contains("must be 3 numbers from 0.1 to 100"), "{text}");
    let far = json!({ "scan": scan, "points": [[0, 0, 0], [0, 0, 20000]] });
    assert!(refused(&mut desk, "segment.tube", far).contains("at most 10000 mm"));
    let away = json!({ "scan": scan, "points": [[500, 0, 0], [600, 0, 0]] });
    assert!(refused(&mut desk, "segment.tube", away).contains("no voxel was found"));
}

#[test]
fn segmentations_go_to_other_scans_of_the_same_place() {
    let (mut desk, scan, group) = desk();
    for smooth in [false, true] {
        let copy = desk.run("segment.copy_to", json!({ "labels": group, "scan": 4, "smooth": smooth }))[0];
        let copy = labels(&desk, copy);
        for (x, label) in [(-18.0, 0), (-14.0, 1), (-1.0, 1), (1.0, 2), (14.0, 2)] {
            assert_eq!(at(&copy, x, 3.0, 2.0), label, "x = {x}, smooth = {smooth}");
        }
        let same = desk.run("segment.copy_to", json!({ "labels": group, "scan": scan, "smooth": smooth }))[0];
        assert_eq!(labels(&desk, same).to_volume(), labels(&desk, group).to_volume());
    }
    let text = refused(&mut desk, "segment.copy_to", json!({ "labels": group, "scan": 3 }));
    assert!(text.contains("halves and knee do not overlap") && text.contains("head and feet"), "{text}");
}

#[test]
fn finer_voxels_keep_volumes_and_can_be_edited() {
    let (mut desk, _, group) = desk();
    let fine = desk.run("segment.refine", json!({ "labels": group, "factor": 2, "margin_mm": 4 }))[0];
    let (old, new) = (labels(&desk, group), labels(&desk, fine));
    assert_eq!(new.grid().spacing_mm(), [0.5; 3]);
    for id in [1, 2].map(SegmentId) {
        let ratio = new.volume_ml(id) / old.volume_ml(id);
        assert!((ratio - 1.0).abs() < 0.02, "{ratio}");
    }
    let dab = json!({ "labels": fine, "segment": 2, "points": [[-10.0, 0.0, 0.0]], "radius_mm": 0.6 });
    desk.run("segment.paint", dab);
    assert_eq!(at(&labels(&desk, fine), -10.0, 0.0, 0.0), 2);
    let text = refused(&mut desk, "segment.refine", json!({ "labels": 5, "factor": 4, "margin_mm": 500 }));
    assert!(text.contains("factor = 4") && text.contains("576 million of them, at most 134 million"), "{text}");
    let text = refused(&mut desk, "segment.refine", json!({ "labels": group, "factor": 1, "even": false }));
    assert!(text.contains("factor = 1 leaves these voxels as they are"), "{text}");
}
