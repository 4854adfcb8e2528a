//! Thresholds, growing and filling by commands: what comes out, what is refused, and that replay agrees.

use crate::desk::Desk;
use prosector::base::{NodeId, SegmentId};
use prosector::geom::{Grid, Point};
use prosector::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels};
use prosector::session::{Case, Data, Node, Session};
use prosector::tools::TOOLS;
use serde_json::{Value, json};
use std::sync::Arc;

const DIMS: [usize; 3] = [48, 40, 30];

fn labels(desk: &Desk, id: NodeId) -> LabelMap {
    match &desk.case().node(id).expect("the segmentation is there").data {
        Data::Labels(labels) => labels.clone(),
        other => panic!("{:?} is no segmentation", other.kind()),
    }
}

fn grid() -> Arc<Grid> {
    Arc::new(Grid::aligned(DIMS, Point::origin(), [1.0, 1.0, 1.5]).unwrap())
}

/// Two balls: 1 and 2, 0 around them.
fn truth(offset: usize) -> u8 {
    let p = grid().centre(grid().voxel(offset));
    let within = |x: f64| (p - Point::new(x, 20.0, 22.0)).norm() < 9.0;
    if within(14.0) {
        1
    } else if within(34.0) {
        2
    } else {
        0
    }
}

fn truths() -> Vec<u8> {
    (0..grid().len()).map(truth).collect()
}

/// A scan of two balls of 100 and 160 on 20, and a group of three segments painted by `paint`.
fn desk(modality: Modality, paint: impl Fn(usize) -> u8) -> (Desk, NodeId, NodeId) {
    let values: Vec<f32> = truths()
        .iter()
        .enumerate()
        .map(|(offset, label)| [20.0, 100.0, 160.0][usize::from(*label)] + (offset * 7919 % 13) as f32 - 6.0)
        .collect();
    let voxels = Voxels::F32(Volume::new(grid(), values).unwrap());
    let scan = Scan { voxels, modality, window: None, facts: vec![] };
    let painted = Volume::new(grid(), (0..grid().len()).map(paint).collect()).unwrap();
    let names = [(1, "left"), (2, "right"), (3, "rest")];
    let table = names.map(|(id, name)| Segment::new(SegmentId(id), name, [id * 60, 90, 90], None)).to_vec();
    let group = LabelMap::from_volume(&painted, table).unwrap();
    let nodes = [
        (NodeId(1), Node::new("scan", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("seeds", Data::Labels(group)).from_source(NodeId(1))),
    ];
    (Desk(Session::with_case(TOOLS, Case::from_nodes(nodes), Vec::new())), NodeId(1), NodeId(2))
}

fn seeded(offset: usize) -> u8 {
    match grid().voxel(offset) {
        [13..=15, 20, 14] => 1,
        [33..=35, 20, 14] => 2,
        [2, _, 4] | [45, _, 20] | [24, _, 14] | [_, 3 | 36, 14] | [_, 20, 2 | 28] => 3,
        _ => 0,
    }
}

fn dice(found: &LabelMap, label: u8) -> f64 {
    let found = found.to_volume();
    let truths = truths();
    let count = |values: &[u8]| values.iter().filter(|value| **value == label).count();
    let both = found.voxels().iter().zip(&truths).filter(|(a, b)| **a == label && **b == label).count();
    2.0 * both as f64 / (count(found.voxels()) + count(&truths)) as f64
}

#[test]
fn seeds_share_out_what_is_around_them_and_a_stroke_changes_the_result_in_place() {
    let (mut desk, _, seeds) = desk(Modality::Ct, seeded);
    let grown = desk.run("segment.grow_from_seeds", json!({ "labels": seeds, "margin_mm": 50 }))[0];
    for label in [1, 2] {
        assert!(0.97 < dice(&labels(&desk, grown), label), "{}", dice(&labels(&desk, grown), label));
    }
    let dab = json!({ "labels": seeds, "segment": 2, "points": [[14, 20, 30]], "radius_mm": 2.0 });
    desk.run("segment.paint", dab);
    let again = json!({ "labels": seeds, "margin_mm": 50, "previous": grown });
    assert_eq!(desk.run("segment.grow_from_seeds", again), []);
    // A session that never grew before comes to the same.
    let painted = labels(&desk, seeds).to_volume();
    let (mut other, _, seeds) = self::desk(Modality::Ct, |offset| painted.voxels()[offset]);
    let anew = other.run("segment.grow_from_seeds", json!({ "labels": seeds, "margin_mm": 50 }))[0];
    assert_eq!(labels(&desk, grown).to_volume(), labels(&other, anew).to_volume());
    assert!(desk.0.undo() && desk.0.undo());
    assert!(0.97 < dice(&labels(&desk, grown), 1));
}

#[test]
fn growing_refuses_what_cannot_grow() {
    let (mut desk, _, seeds) = desk(Modality::Ct, |offset| u8::from(offset == 40));
    let hash = desk.hash();
    let mut refused = |params: Value| desk.try_run("segment.grow_from_seeds", params).unwrap_err().to_string();
    assert!(refused(json!({ "labels": seeds })).contains("at least 2 are needed"));
    assert!(refused(json!({ "labels": seeds, "previous": seeds })).contains("the seeds themselves"));
    assert_eq!(desk.hash(), hash);
    let (mut desk, _, seeds) = self::desk(Modality::Ct, seeded);
    let params = json!({ "labels": seeds, "only_from": 900.0 });
    let refused = desk.try_run("segment.grow_from_seeds", params).unwrap_err().to_string();
    assert!(refused.contains("no seed has a value in the range"), "{refused}");
}

#[test]
fn markers_flood_their_basins() {
    let (mut desk, _, seeds) = desk(Modality::Mr, seeded);
    let flooded = desk.run("segment.watershed", json!({ "labels": seeds, "margin_mm": 50 }))[0];
    for label in [1, 2] {
        assert!(0.9 < dice(&labels(&desk, flooded), label), "{}", dice(&labels(&desk, flooded), label));
    }
}

#[test]
fn thresholds_work_on_any_scan_and_tissues_on_ct_only() {
    let (mut desk, scan, group) = desk(Modality::Mr, |_| 0);
    for method in ["otsu", "li", "isodata", "triangle", "maximum_entropy"] {
        let made = desk.run("segment.threshold", json!({ "scan": scan, "method": method }))[0];
        let marked = labels(&desk, made).count(SegmentId(1));
        let balls = truths().iter().filter(|label| **label != 0).count();
        assert_eq!(marked, balls, "{method}");
    }
    let into = json!({ "scan": scan, "low_hu": 60.5, "high_hu": 130, "into": group, "name": "left ball" });
    assert_eq!(desk.run("segment.threshold", into), []);
    let group = labels(&desk, group);
    let left = group.segment_named("left ball").unwrap().id;
    assert_eq!(group.count(left), truths().iter().filter(|label| **label == 1).count());
    let refused = desk.try_run("segment.threshold", json!({ "scan": scan, "tissue": "bone" })).unwrap_err().to_string();
    assert!(refused.contains("this scan is MR"), "{refused}");
    let both = json!({ "scan": scan, "tissue": "bone", "method": "otsu" });
    assert!(desk.try_run("segment.threshold", both).unwrap_err().to_string().contains("exclude each other"));
    let (mut desk, scan, _) = self::desk(Modality::Ct, |_| 0);
    let made = desk.run("segment.threshold", json!({ "scan": scan, "tissue": "muscle" }))[0];
    assert_eq!(desk.case().node(made).unwrap().name, "muscle");
    let none = desk.try_run("segment.threshold", json!({ "scan": scan, "tissue": "enamel" })).unwrap_err().to_string();
    assert!(none.contains("no voxel was found"), "{none}");
}

#[test]
fn regions_grow_from_places_and_say_what_is_wrong_with_them() {
    let (mut desk, scan, _) = desk(Modality::Ct, |_| 0);
    let (inside, outside) = (json!([[14, 20, 22]]), json!([[14, 20, 900]]));
    for (tool, params) in [
        ("segment.region_grow", json!({ "scan": scan, "seeds": inside, "deviations": 3 })),
        ("segment.region_grow", json!({ "scan": scan, "seeds": inside, "range": "fixed", "low": 60, "high": 130 })),
        ("segment.local_threshold", json!({ "scan": scan, "seeds": inside, "low": 60, "high": 130 })),
        ("segment.fast_marching", json!({ "scan": scan, "seeds": inside, "volume_ml": 3.05 })),
    ] {
        let made = desk.run(tool, params)[0];
        assert!(0.97 < dice(&labels(&desk, made), 1), "{tool}: {}", dice(&labels(&desk, made), 1));
    }
    let hash = desk.hash();
    for tool in ["segment.region_grow", "segment.local_threshold", "segment.fast_marching"] {
        let refused = desk.try_run(tool, json!({ "scan": scan, "seeds": outside })).unwrap_err().to_string();
        assert!(refused.contains("(14.0, 20.0, 900.0) mm lies outside the scan"), "{tool}: {refused}");
    }
    let params = json!({ "scan": scan, "seeds": inside, "low": 900 });
    let refused = desk.try_run("segment.local_threshold", params).unwrap_err().to_string();
    assert!(refused.contains("no seed point has a value in the range"), "{refused}");
    let params = json!({ "scan": scan, "seeds": inside, "range": "fixed" });
    assert!(desk.try_run("segment.region_grow", params).unwrap_err().to_string().contains("at least one end"));
    assert_eq!(desk.hash(), hash);
}

#[test]
fn slices_between_drawn_ones_are_filled_in_place_and_locked_segments_are_not() {
    let drawn = |offset: usize| if grid().voxel(offset)[2] % 4 == 2 { truth(offset) } else { 0 };
    let (mut desk, _, group) = desk(Modality::Ct, drawn);
    assert_eq!(desk.run("segment.fill_between_slices", json!({ "labels": group })), []);
    for label in [1, 2] {
        // The caps beyond the first and the last slice drawn in stay empty: 0.878 here.
        assert!(0.87 < dice(&labels(&desk, group), label), "{}", dice(&labels(&desk, group), label));
    }
    let refused = desk.try_run("segment.fill_between_slices", json!({ "labels": group })).unwrap_err().to_string();
    assert!(refused.contains("no gap to fill"), "{refused}");
    let (mut desk, _, group) = self::desk(Modality::Ct, drawn);
    let before = labels(&desk, group);
    desk.run("segment.fill_between_slices", json!({ "labels": group, "segment": 2 }));
    let after = labels(&desk, group);
    assert_eq!(before.count(SegmentId(1)), after.count(SegmentId(1)));
    assert!(2 * before.count(SegmentId(2)) < after.count(SegmentId(2)));
}
