//! Segments by commands: added, edited, moved, removed, measured, compared, and agreed on by readers.

use crate::desk::Desk;
use prosector::base::{NodeId, SegmentId};
use prosector::image::{LabelMap, SegmentStatus};
use prosector::session::Data;
use serde_json::{Value, json};

fn labels(desk: &Desk, id: NodeId) -> LabelMap {
    match &desk.case().node(id).unwrap().data {
        Data::Labels(labels) => labels.clone(),
        other => panic!("{:?} is no segmentation", other.kind()),
    }
}

fn names(labels: &LabelMap) -> Vec<&str> {
    labels.segments().iter().map(|segment| segment.name.as_str()).collect()
}

fn refused(desk: &mut Desk, tool: &str, params: Value) -> String {
    let before = desk.hash();
    let error = desk.try_run(tool, params).expect_err("it should be refused").to_string();
    assert_eq!(desk.hash(), before, "a refused command changes nothing");
    error
}

/// A vessel phantom and two thresholds of it.
fn bench() -> (Desk, NodeId, [NodeId; 2]) {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let groups = [150, 250].map(|low| desk.threshold(scan, low));
    (desk, scan, groups)
}

#[test]
fn a_procedure_brings_its_segments_with_codes_and_colours() {
    let (mut desk, scan, _) = bench();
    let group = desk.run("segment.add", json!({ "scan": scan, "template": "liver resection" }))[0];
    let found = labels(&desk, group);
    assert_eq!(names(&found)[..3], ["liver", "tumour", "portal vein"]);
    assert_eq!(found.segments()[0].snomed, Some(10_200_004));
    assert_eq!(found.volume_ml(SegmentId(1)), 0.0);
    desk.run("segment.add", json!({ "labels": group, "term": "left kidney" }));
    desk.run("segment.add", json!({ "labels": group, "name": "my own", "colour": "#010203" }));
    let found = labels(&desk, group);
    let last = &found.segments()[found.segments().len() - 2..];
    assert_eq!((last[0].name.as_str(), last[0].snomed), ("left kidney", Some(64_033_007)));
    assert_eq!((last[1].name.as_str(), last[1].colour, last[1].snomed), ("my own", [1, 2, 3], None));
    let there = refused(&mut desk, "segment.add", json!({ "labels": group, "template": "liver resection" }));
    assert!(there.contains("there already"), "{there}");
    let unknown = refused(&mut desk, "segment.add", json!({ "labels": group, "term": "kidn" }));
    assert!(unknown.contains("near are: kidney"), "{unknown}");
    assert!(refused(&mut desk, "segment.add", json!({ "name": "x" })).contains("or the scan"));
}

#[test]
fn a_segment_is_edited_and_a_locked_one_stays_what_it_is() {
    let (mut desk, _, [group, _]) = bench();
    desk.run("segment.add", json!({ "labels": group, "name": "second" }));
    let edit = |more: Value| {
        let mut params = json!({ "labels": group, "segment": 1 });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let before = desk.hash();
    desk.run(
        "segment.edit",
        edit(json!({ "name": "artery", "code": 51_114_001, "status": "completed", "position": 2 })),
    );
    let found = labels(&desk, group);
    assert_eq!(names(&found), ["second", "artery"]);
    let artery = found.segment(SegmentId(1)).unwrap();
    assert_eq!(
        (artery.colour, artery.snomed, artery.status),
        ([216, 101, 79], Some(51_114_001), SegmentStatus::Completed)
    );
    assert!(desk.0.undo());
    assert_eq!(desk.hash(), before);
    desk.run("segment.edit", edit(json!({ "locked": true, "hidden": true })));
    assert!(refused(&mut desk, "segment.edit", edit(json!({ "name": "x" }))).contains("locked"));
    assert!(refused(&mut desk, "segment.remove", edit(json!({}))).contains("unlock it first"));
    assert!(refused(&mut desk, "segment.move", edit(json!({}))).contains("unlock it first"));
    desk.run("segment.edit", edit(json!({ "locked": false })));
    let voxels = labels(&desk, group).count(SegmentId(1));
    assert!(0 < voxels);
    desk.run("segment.remove", edit(json!({})));
    let left = labels(&desk, group);
    assert_eq!((names(&left), left.count(SegmentId(1))), (vec!["second"], 0));
    let gone = refused(&mut desk, "segment.remove", edit(json!({})));
    assert!(gone.contains("there is no segment 1"), "{gone}");
}

#[test]
fn a_moved_segment_keeps_its_voxels_unless_a_locked_one_has_them() {
    let (mut desk, _, [wide, narrow]) = bench();
    let (n_wide, n_narrow) = (labels(&desk, wide).count(SegmentId(1)), labels(&desk, narrow).count(SegmentId(1)));
    assert!(n_narrow < n_wide);
    desk.run("segment.edit", json!({ "labels": narrow, "locked": true }));
    desk.run("segment.move", json!({ "labels": wide, "to": narrow, "copy": true }));
    let found = labels(&desk, narrow);
    assert_eq!((found.count(SegmentId(1)), found.count(SegmentId(2))), (n_narrow, n_wide - n_narrow));
    let own = desk.run("segment.move", json!({ "labels": narrow, "segment": 2 }))[0];
    assert_eq!(labels(&desk, own).segments().len(), 1);
    assert_eq!(labels(&desk, narrow).segments().len(), 1);
    assert!(refused(&mut desk, "segment.move", json!({ "labels": wide, "to": wide })).contains("already"));
}

#[test]
fn statistics_stand_in_the_summary_and_in_a_file() {
    let (mut desk, _, [group, _]) = bench();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vessel.csv");
    let hash = desk.case().node(group).unwrap().hash();
    desk.run("segment.statistics", json!({ "labels": group, "path": path }));
    let node = desk.case().node(group).unwrap();
    assert_eq!(node.hash(), hash, "measuring changes no voxel");
    let titles: Vec<_> = node.summary.tables.iter().map(|table| table.title.as_str()).collect();
    assert_eq!(titles, ["Size", "Shape", "Values inside"]);
    let name = labels(&desk, group).segments()[0].name.clone();
    let volume = node.summary.tables[0].value(&name, "volume").unwrap();
    assert!((volume - labels(&desk, group).volume_ml(SegmentId(1))).abs() < 1e-9);
    assert!(150.0 <= node.summary.tables[2].value(&name, "minimum").unwrap());
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("segment,volume [ml],at least [ml]") && lines[0].contains("median [HU]"), "{text}");
    assert_eq!(lines[1].split(',').count(), lines[0].split(',').count());
    // Measured again, the tables are replaced and not doubled.
    desk.run("segment.statistics", json!({ "labels": group }));
    assert_eq!(desk.case().node(group).unwrap().summary.tables.len(), 3);
}

#[test]
fn two_segmentations_are_compared_in_numbers_and_colours() {
    let (mut desk, _, [wide, narrow]) = bench();
    let added = desk.run("segment.compare", json!({ "labels": wide, "reference": narrow, "tolerance_mm": 1.0 }));
    let node = desk.case().node(added[0]).unwrap();
    let dice = node.summary.value("Dice").unwrap();
    let (a, b) = (labels(&desk, wide), labels(&desk, narrow));
    let (n, m) = (a.count(SegmentId(1)) as f64, b.count(SegmentId(1)) as f64);
    // The narrow one lies inside the wide one.
    assert!((dice - 2.0 * m / (n + m)).abs() < 1e-9);
    let Data::Surface(data) = &node.data else { panic!("a surface is expected") };
    let [low, high] = data.fields[0].range().unwrap();
    assert!(-0.5 < low && 0.0 < high && high < 10.0, "{low} to {high} mm");
    let table = &desk.case().node(wide).unwrap().summary.tables[0];
    assert!(table.title.starts_with("Comparison with") && table.rows.len() == 1);
    assert!(refused(&mut desk, "segment.compare", json!({ "labels": wide, "reference": wide })).contains("the same"));
}

#[test]
fn readers_agree_on_a_consensus() {
    let (mut desk, scan, [wide, narrow]) = bench();
    let third = desk.threshold(scan, 200);
    let readers = json!({ "reader_1": wide, "reader_2": third, "reader_3": narrow });
    let added = desk.run("segment.staple", readers);
    let middle = labels(&desk, third).count(SegmentId(1));
    // Thresholds lie in each other: two of three marked what the middle one marked.
    assert_eq!(labels(&desk, added[1]).count(SegmentId(1)), middle);
    let table = &desk.case().node(added[0]).unwrap().summary.tables[0];
    let name = desk.case().node(third).unwrap().name.clone();
    assert_eq!(table.rows.len(), 3);
    assert!(0.99 < table.value(&name, "sensitivity").unwrap() && 0.99 < table.value(&name, "specificity").unwrap());
    let twice = refused(&mut desk, "segment.staple", json!({ "reader_1": wide, "reader_2": wide }));
    assert!(twice.contains("given twice"), "{twice}");
}

#[test]
fn an_organ_joins_a_group_and_leaves_what_is_locked() {
    let (mut desk, scan, [group, _]) = bench();
    let middle = labels(&desk, group).grid().bounds().centre();
    let organ = json!({ "scan": scan, "preset": "vessel", "seed": [middle.x, middle.y, middle.z], "into": group });
    let added = desk.run("segment.organ", organ.clone());
    assert_eq!(added.len(), 1, "only its surface is new");
    assert_eq!(desk.case().node(added[0]).unwrap().source, Some(group));
    let joined = labels(&desk, group);
    assert_eq!(joined.segments().len(), 2);
    assert!(0 < joined.count(SegmentId(2)));
    assert!(desk.0.undo());
    // The threshold took the whole lumen; locked, it keeps it.
    desk.run("segment.edit", json!({ "labels": group, "segment": 1, "locked": true }));
    let told = refused(&mut desk, "segment.organ", organ);
    assert!(told.ends_with("no voxel was found outside the locked segments"), "{told}");
}
