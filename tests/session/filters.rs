//! Effects on whole segments by commands: smoothing, islands, margins, holes, logic, masked scans.

use crate::desk::Desk;
use prosector::base::{NodeId, SegmentId};
use prosector::image::LabelMap;
use prosector::session::Data;
use serde_json::{Value, json};

fn labels(desk: &Desk, id: NodeId) -> LabelMap {
    match &desk.case().node(id).expect("the group is there").data {
        Data::Labels(labels) => labels.clone(),
        other => panic!("{:?} is no segmentation", other.kind()),
    }
}

/// The first segment's voxels.
fn count(desk: &Desk, id: NodeId) -> usize {
    labels(desk, id).count(SegmentId(1))
}

/// A vessel phantom: the scan and the segmentation of its contrast, one piece.
fn bench() -> (Desk, NodeId, NodeId) {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let threshold = json!({ "scan": scan, "low_hu": 200, "largest_only": true });
    let group = desk.run("segment.threshold", threshold)[0];
    (desk, scan, group)
}

fn refused(desk: &mut Desk, tool: &str, params: Value) -> String {
    let hash = desk.hash();
    let error = desk.try_run(tool, params).unwrap_err().to_string();
    assert_eq!(desk.hash(), hash, "{tool} was refused and changed something");
    error
}

#[test]
fn every_effect_edits_in_place_and_undo_takes_it_back() {
    let (mut desk, _, group) = bench();
    let start = desk.hash();
    let nodes = desk.case().nodes().count();
    let effects = [
        ("segment.smooth", json!({ "labels": group, "method": "median" })),
        ("segment.smooth", json!({ "labels": group, "method": "gaussian", "kernel_mm": 4 })),
        ("segment.smooth", json!({ "labels": group, "method": "opening" })),
        ("segment.smooth", json!({ "labels": group, "method": "joint" })),
        ("segment.margin", json!({ "labels": group, "margin_mm": 2 })),
        ("segment.margin", json!({ "labels": group, "margin_mm": -1 })),
        ("segment.hollow", json!({ "labels": group, "thickness_mm": 2 })),
        ("segment.fill_holes", json!({ "labels": group, "holes": "slices" })),
        ("segment.wrap", json!({ "labels": group, "gap_mm": 10 })),
        ("segment.logic", json!({ "labels": group, "operation": "invert" })),
        ("segment.logic", json!({ "labels": group, "operation": "clear" })),
        ("segment.logic", json!({ "labels": group, "operation": "fill" })),
    ];
    let mut done = 0;
    for (tool, params) in effects {
        let before = desk.hash();
        assert_eq!(desk.run(tool, params), [], "{tool} adds nothing");
        assert_ne!(desk.hash(), before, "{tool} changes the group");
        done += 1;
    }
    assert_eq!(desk.case().nodes().count(), nodes);
    (0..done).for_each(|_| assert!(desk.0.undo()));
    assert_eq!(desk.hash(), start);
}

#[test]
fn a_new_object_leaves_the_segment_as_it_is() {
    let (mut desk, _, group) = bench();
    let before = count(&desk, group);
    let grown = desk.run("segment.margin", json!({ "labels": group, "margin_mm": 2, "result": "new" }))[0];
    assert_eq!(count(&desk, group), before);
    assert!(before < count(&desk, grown));
}

#[test]
fn islands_are_dropped_chosen_split_and_counted() {
    let (mut desk, _, group) = bench();
    // A second island by hand, away from the first.
    let grid = labels(&desk, group).grid().clone();
    let corner = grid.centre([4, 4, 4]);
    let one = count(&desk, group);
    let at = json!([corner.x, corner.y, corner.z]);
    desk.run("segment.paint", json!({ "labels": group, "points": [at], "radius_mm": 2.1 }));
    let both = count(&desk, group);
    let island = both - one;
    assert!(0 < island);
    let run = |desk: &mut Desk, more: Value| {
        let mut params = json!({ "labels": group });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.run("segment.islands", params);
        let found = labels(desk, group);
        let counts: Vec<usize> = found.segments().iter().map(|segment| found.count(segment.id)).collect();
        assert!(desk.0.undo());
        counts
    };
    assert_eq!(run(&mut desk, json!({})), [one]);
    assert_eq!(run(&mut desk, json!({ "method": "remove_small" })), [one]);
    assert_eq!(run(&mut desk, json!({ "method": "keep_selected", "at": at })), [island]);
    assert_eq!(run(&mut desk, json!({ "method": "remove_selected", "at": at })), [one]);
    assert_eq!(run(&mut desk, json!({ "method": "split", "voxels_min": 2 })), [one, island]);
    let away = grid.centre([grid.dims()[0] - 2, 2, 2]);
    let away = json!([away.x, away.y, away.z]);
    assert_eq!(run(&mut desk, json!({ "method": "add_selected", "at": away })), [grid.len()]);
    let error = refused(&mut desk, "segment.islands", json!({ "labels": group, "method": "split" }));
    assert!(error.contains("1 pieces of at least 1000 voxels"), "{error}");
    let error =
        refused(&mut desk, "segment.islands", json!({ "labels": group, "method": "keep_selected", "at": away }));
    assert!(error.contains("lies in no piece"), "{error}");
    let error = refused(&mut desk, "segment.islands", json!({ "labels": group, "method": "keep_selected" }));
    assert!(error.contains("give at"), "{error}");
    let all = json!({ "labels": group, "method": "remove_small", "voxels_min": 1_000_000 });
    let error = refused(&mut desk, "segment.islands", all);
    assert!(error.contains("no piece of"), "{error}");
}

#[test]
fn logic_adds_up_with_another_group() {
    let (mut desk, _, group) = bench();
    let grown = desk.run("segment.margin", json!({ "labels": group, "margin_mm": 2, "result": "new" }))[0];
    let [own, more] = [group, grown].map(|id| count(&desk, id));
    let mut after = |operation: &str| {
        let params = json!({ "labels": grown, "operation": operation, "with_labels": group });
        desk.run("segment.logic", params);
        let found = count(&desk, grown);
        assert!(desk.0.undo());
        found
    };
    assert_eq!(["subtract", "intersect", "copy"].map(&mut after), [more - own, own, own]);
    let nothing = json!({ "labels": grown, "operation": "union", "with_labels": group });
    assert!(refused(&mut desk, "segment.logic", nothing).contains("no voxel changes"));
    let itself = json!({ "labels": group, "operation": "union", "with": 1 });
    assert!(refused(&mut desk, "segment.logic", itself).contains("cannot be combined with itself"));
    let alone = json!({ "labels": group, "operation": "union" });
    assert!(refused(&mut desk, "segment.logic", alone).contains("another segment is needed"));
    let too_many = json!({ "labels": group, "operation": "clear", "with": 1 });
    assert!(refused(&mut desk, "segment.logic", too_many).contains("take no other segment"));
}

#[test]
fn joint_smoothing_keeps_the_partition_without_gaps() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let bright = desk.run("segment.threshold", json!({ "scan": scan, "low_hu": 200 }))[0];
    let shell = json!({ "labels": bright, "margin_mm": 4, "result": "new" });
    let shell = desk.run("segment.margin", shell)[0];
    // One group of two: the lumen, and what lies around it.
    let subtract = json!({ "labels": shell, "operation": "subtract", "with_labels": bright });
    desk.run("segment.logic", subtract);
    let split = json!({ "labels": shell, "method": "split", "voxels_min": 1 });
    let _ = desk.try_run("segment.islands", split);
    let before = labels(&desk, shell);
    desk.run("segment.smooth", json!({ "labels": shell, "method": "joint", "kernel_mm": 3 }));
    let after = labels(&desk, shell);
    assert_eq!(before.segments().len(), after.segments().len());
    let [old, new] = [&before, &after].map(|map| map.segments().iter().map(|s| map.count(s.id)).sum::<usize>());
    assert!((new as f64 / old as f64 - 1.0).abs() < 0.1, "{old} voxels became {new}");
}

#[test]
fn a_masked_scan_keeps_its_values_inside() {
    let (mut desk, scan, group) = bench();
    let made = desk.run("segment.mask_volume", json!({ "labels": group, "scan": scan }))[0];
    let [Data::Scan(old), Data::Scan(new)] = [scan, made].map(|id| desk.case().node(id).unwrap().data.clone()) else {
        panic!("both are scans")
    };
    let map = labels(&desk, group);
    for offset in 0..map.grid().len() {
        let expected = if map.at(map.grid().voxel(offset)) == 1 { old.value(offset) } else { -1000.0 };
        assert_eq!(new.value(offset), expected);
    }
    let fraction = json!({ "labels": group, "scan": scan, "value": 0.5 });
    assert!(refused(&mut desk, "segment.mask_volume", fraction).contains("whole numbers"));
}

#[test]
fn effects_that_change_nothing_or_leave_nothing_are_refused_in_one_sentence() {
    let (mut desk, _, group) = bench();
    let cases = [
        ("segment.margin", json!({ "margin_mm": 0.2 }), "take at least 0.50 mm"),
        ("segment.margin", json!({ "margin_mm": -40 }), "shrink it less"),
        ("segment.smooth", json!({ "kernel_mm": 0 }), "take a larger one"),
        ("segment.smooth", json!({ "method": "opening", "kernel_mm": 90 }), "take a smaller kernel"),
        ("segment.hollow", json!({ "thickness_mm": 0.3 }), "take at least 1.00 mm"),
        ("segment.fill_holes", json!({}), "no voxel changes"),
    ];
    for (tool, more, expected) in cases {
        let mut params = json!({ "labels": group });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let error = refused(&mut desk, tool, params);
        assert!(error.contains(expected), "{tool}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
    desk.run("object.remove", json!({ "node": group }));
    assert!(desk.try_run("segment.wrap", json!({ "labels": group })).is_err());
}
