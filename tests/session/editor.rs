//! The segment editor by commands: strokes, contours, scissors; masks, locks and undo.

use crate::desk::Desk;
use prosector::base::{NodeId, SegmentId};
use prosector::geom::Point;
use prosector::image::LabelMap;
use prosector::session::Data;
use serde_json::{Value, json};

fn labels(desk: &Desk, id: NodeId) -> LabelMap {
    match &desk.case().node(id).expect("the group is there").data {
        Data::Labels(labels) => labels.clone(),
        other => panic!("{:?} is no segmentation", other.kind()),
    }
}

/// A vessel phantom, the segmentation of its contrast, and the middle of the scan.
fn bench() -> (Desk, NodeId, NodeId, Point) {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let group = desk.threshold(scan, 200);
    let middle = labels(&desk, group).grid().bounds().centre();
    (desk, scan, group, middle)
}

fn at(point: Point) -> Value {
    json!([point.x, point.y, point.z])
}

#[test]
fn a_stroke_edits_in_place_and_undo_takes_it_back() {
    let (mut desk, _, group, middle) = bench();
    let (before, hash) = (labels(&desk, group), desk.hash());
    let far = middle + prosector::geom::Vector::new(8.0, 0.0, 0.0);
    let stroke = json!({ "labels": group, "points": [at(middle), at(far)], "radius_mm": 6.0 });
    assert_eq!(desk.run("segment.paint", stroke), [], "the group is edited, nothing is added");
    let after = labels(&desk, group);
    assert!(before.count(SegmentId(1)) < after.count(SegmentId(1)));
    let grid = after.grid();
    assert_eq!(after.at(grid.voxel_at(far).unwrap()), 1);
    let erase = json!({ "labels": group, "points": [at(middle)], "radius_mm": 100, "mode": "erase" });
    desk.run("segment.paint", erase);
    assert_eq!(labels(&desk, group).at(grid.voxel_at(middle).unwrap()), 0);
    assert!(desk.0.undo() && desk.0.undo());
    assert_eq!(desk.hash(), hash);
}

#[test]
fn a_smoothing_stroke_changes_only_what_lies_under_it() {
    let (mut desk, _, group, middle) = bench();
    let before = labels(&desk, group);
    desk.run("segment.paint", json!({ "labels": group, "points": [at(middle)], "radius_mm": 9.0, "mode": "smooth" }));
    let after = labels(&desk, group);
    let grid = after.grid();
    let changed = (0..grid.len()).map(|o| grid.voxel(o)).filter(|voxel| before.at(*voxel) != after.at(*voxel));
    let distances: Vec<f64> = changed.map(|voxel| (grid.centre(voxel) - middle).norm()).collect();
    assert!(!distances.is_empty() && distances.iter().all(|mm| *mm <= 9.0), "{distances:?}");
    assert!(desk.0.undo());
    assert_eq!(labels(&desk, group), before);
}

#[test]
fn masks_and_locks_hold_for_every_stroke() {
    let (mut desk, _, group, middle) = bench();
    let dab = |more: Value| {
        let mut params = json!({ "labels": group, "points": [at(middle)], "radius_mm": 15.0 });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let all = labels(&desk, group);
    // Only where the scan has less than 100 HU: the contrast itself must stay as it is.
    desk.run("segment.paint", dab(json!({ "only_to": 100.0 })));
    let painted = labels(&desk, group);
    let Data::Scan(scan) = &desk.case().nodes().next().unwrap().1.data else { panic!("the first object is the scan") };
    let grid = painted.grid();
    let mut new = 0;
    for offset in 0..grid.len() {
        let voxel = grid.voxel(offset);
        if painted.at(voxel) != all.at(voxel) {
            new += 1;
            assert!(scan.value(offset) <= 100.0, "{} HU", scan.value(offset));
        }
    }
    assert!(100 < new, "{new} voxels were painted");
    let error =
        desk.try_run("segment.paint", dab(json!({ "only_from": 10.0, "only_to": 5.0 }))).unwrap_err().to_string();
    assert!(error.contains("the range of values 10 to 5 is empty"), "{error}");
    let error = desk.try_run("segment.paint", dab(json!({ "segment": 7 }))).unwrap_err().to_string();
    assert!(error.contains("there is no segment 7"), "{error}");
    let outside = json!({ "labels": group, "points": [[5000, 0, 0]], "radius_mm": 5.0 });
    let (hash, error) = (desk.hash(), desk.try_run("segment.paint", outside).unwrap_err().to_string());
    assert!(error.contains("outside the scan"), "{error}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn a_contour_fills_one_slice_and_scissors_go_through() {
    let (mut desk, _, group, middle) = bench();
    let grid = labels(&desk, group).grid().clone();
    let middle = grid.centre(grid.voxel_at(middle).unwrap());
    let corner = |x: f64, y: f64| at(middle + prosector::geom::Vector::new(x, y, 0.0));
    let outline = json!([corner(-6.2, -6.2), corner(6.2, -6.2), corner(6.2, 6.2), corner(-6.2, 6.2)]);
    desk.run("segment.draw", json!({ "labels": group, "points": outline }));
    let [i, j, k] = grid.voxel_at(middle).unwrap();
    let drawn = labels(&desk, group);
    assert!((-6..=6).all(|d| drawn.at([(i as i64 + d) as usize, j, k]) == 1));
    desk.run("segment.scissors", json!({ "labels": group, "points": outline, "operation": "erase_inside" }));
    let cut = labels(&desk, group);
    let inside = |d: i64, k: usize| cut.at([(i as i64 + d) as usize, j, k]);
    assert!((0..grid.dims()[2]).all(|k| (-6..=6).all(|d| inside(d, k) == 0)), "the cut goes all the way through");
    desk.0.undo();
    let outline = json!([corner(-2.2, -2.2), corner(2.2, -2.2), corner(2.2, 2.2), corner(-2.2, 2.2)]);
    desk.run("segment.scissors", json!({ "labels": group, "points": outline, "operation": "erase_outside" }));
    let kept = labels(&desk, group);
    let column = |offset: usize| {
        let [a, b, _] = grid.voxel(offset);
        a.abs_diff(i) <= 2 && b.abs_diff(j) <= 2
    };
    assert!((0..grid.len()).all(|offset| kept.at(grid.voxel(offset)) == 0 || column(offset)));
    assert!(0 < kept.count(SegmentId(1)));
    let error =
        desk.try_run("segment.draw", json!({ "labels": group, "points": [at(middle), at(middle)] })).unwrap_err();
    assert!(error.to_string().contains("enclose no area"), "{error}");
}

/// What fifty strokes cost in memory: bricks they touch, not copies of the whole.
#[test]
fn fifty_strokes_share_what_they_do_not_touch() {
    let (mut desk, _, group, middle) = bench();
    let start = labels(&desk, group);
    let mut cost = 0;
    let mut last = start.clone();
    for n in 0..50 {
        let point = middle + prosector::geom::Vector::new(f64::from(n % 7) - 3.0, f64::from(n % 5), f64::from(n) * 0.3);
        let mode = if n % 3 == 0 { "erase" } else { "paint" };
        desk.run("segment.paint", json!({ "labels": group, "points": [at(point)], "radius_mm": 4.0, "mode": mode }));
        let now = labels(&desk, group);
        cost += last.bytes_not_shared_with(&now);
        last = now;
    }
    // A ball of 4 mm touches at most 8 bricks of 32 KiB here.
    assert!(cost < 50 * (8 * 32_768 + 64 * 1024), "{cost} bytes");
    for _ in 0..50 {
        desk.0.undo();
    }
    assert_eq!(labels(&desk, group), start);
}
