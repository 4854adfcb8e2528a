//! Measures: commands in, case out; values by theory, undo, case files, CSV, refusals.

use super::desk::Desk;
use prosector::base::{NodeId, Progress};
use prosector::image::Measure;
use prosector::session::{Data, store};
use serde_json::{Value, json};
use std::sync::Arc;

fn measure(desk: &Desk, id: NodeId) -> Arc<Measure> {
    match &desk.case().node(id).unwrap().data {
        Data::Measure(measure) => Arc::clone(measure),
        _ => panic!("{id} is no measure"),
    }
}

fn add(desk: &mut Desk, kind: &str, points: Value, scan: Option<NodeId>) -> NodeId {
    desk.run("measure.add", json!({ "kind": kind, "points": points, "scan": scan }))[0]
}

/// The middle of the scan of the phantom.
fn middle(desk: &Desk, scan: NodeId) -> [f64; 3] {
    let Data::Scan(scan) = &desk.case().node(scan).unwrap().data else { panic!("a scan") };
    let dims = scan.grid().dims();
    scan.grid().centre(dims.map(|n| n / 2)).into()
}

#[test]
fn a_length_is_the_distance_of_its_ends_and_follows_an_edit() {
    let mut desk = Desk::new();
    let id = add(&mut desk, "length", json!([[0, 0, 0], [3, 4, 12]]), None);
    assert_eq!(measure(&desk, id).value("length"), Some(13.0));
    assert_eq!(desk.case().node(id).unwrap().name, "Length 1");
    let before = desk.hash();
    desk.run("measure.edit", json!({ "node": id, "points": [[0, 0, 0], [0, 0, 7]] }));
    assert_eq!(measure(&desk, id).value("length"), Some(7.0));
    assert_eq!(desk.case().node(id).unwrap().summary.value("length"), Some(7.0), "the summary says the same");
    assert!(desk.0.undo());
    assert_eq!(desk.hash(), before);
    assert_eq!(measure(&desk, id).value("length"), Some(13.0));
    let second = add(&mut desk, "length", json!([[0, 0, 0], [0, 0, 1]]), None);
    assert_eq!(desk.case().node(second).unwrap().name, "Length 2");
}

#[test]
fn a_region_reads_its_scan_and_says_which() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let [x, y, z] = middle(&desk, scan);
    let corners = json!([[x - 2.5, y - 2.5, z], [x + 2.5, y - 2.5, z], [x + 2.5, y + 2.5, z]]);
    let id = add(&mut desk, "rectangle", corners, Some(scan));
    let found = measure(&desk, id);
    let Data::Scan(voxels) = &desk.case().node(scan).unwrap().data else { panic!("a scan") };
    let grid = voxels.grid();
    let inside = (0..grid.len()).filter(|offset| {
        let point = grid.centre(grid.voxel(*offset));
        (point.x - x).abs() < 2.5 && (point.y - y).abs() < 2.5 && (point.z - z).abs() < 0.25
    });
    let values: Vec<f64> = inside.map(|offset| voxels.value(offset)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert_eq!(found.value("voxels"), Some(values.len() as f64));
    assert!((found.value("mean").unwrap() - mean).abs() < 1e-9);
    assert!((found.value("area").unwrap() - 25.0).abs() < 1e-9);
    let node = desk.case().node(id).unwrap();
    assert_eq!(node.source, Some(scan));
    assert!(node.summary.methods.iter().any(|text| text.contains(&format!("scan {scan}"))), "{:?}", node.summary);

    // The scan goes: the values stay and still say of which scan they are.
    desk.run("object.remove", json!({ "node": scan }));
    assert_eq!(measure(&desk, id).value("mean"), found.value("mean"));
    let moved = json!([[x, y, z], [x + 4.0, y, z], [x + 4.0, y + 4.0, z]]);
    let outcome = desk.try_run("measure.edit", json!({ "node": id, "points": moved })).unwrap();
    assert!(outcome.message.is_some_and(|text| text.contains("gone")));
    assert_eq!(measure(&desk, id).value("mean"), None, "the values of another place are not kept");
}

#[test]
fn measures_come_back_from_a_case_file() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let [x, y, z] = middle(&desk, scan);
    let p = |a: f64, b: f64| json!([x + a, y + b, z]);
    for (kind, points) in [
        ("point", json!([p(0.3, 0.1)])),
        ("polyline", json!([p(0.0, 0.0), p(1.0, 2.0), p(3.0, 1.0)])),
        ("curve", json!([p(0.0, 0.0), p(1.0, 2.0), p(3.0, 1.0)])),
        ("angle", json!([p(0.0, 0.0), p(1.0, 2.0), p(3.0, 1.0)])),
        ("cobb", json!([p(0.0, 0.0), p(1.0, 2.0), p(3.0, 1.0), p(5.0, 1.5)])),
        ("bidirectional", json!([p(0.0, 0.0), p(5.0, 1.0), p(2.0, 2.0), p(2.0, -1.0)])),
        ("ellipse", json!([p(0.0, 0.0), p(4.0, 1.0), p(0.0, 2.0)])),
        ("region", json!([p(-3.0, -3.0), p(3.0, -2.0), p(2.0, 3.0), p(-2.0, 2.0)])),
        ("arrow", json!([p(0.0, 0.0), p(4.0, 1.0)])),
    ] {
        add(&mut desk, kind, points, Some(scan));
    }
    desk.run("measure.add", json!({ "kind": "text", "points": [p(0.0, 0.0)], "text": "a \"note\", here" }));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("measures.prosector");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    let stored = store::load(&path, &Progress::default()).unwrap();
    assert_eq!(stored.case.content_hash().to_hex(), desk.hash());

    let csv = folder.path().join("measures.csv");
    desk.run("export.measures", json!({ "path": csv }));
    let text = std::fs::read_to_string(&csv).unwrap();
    let mut lines = text.split("\r\n");
    let heading = lines.next().unwrap();
    for column in ["length [mm]", "angle [°]", "Cobb angle [°]", "area [mm²]", "mean [HU]", "voxels"] {
        assert!(heading.split(',').any(|own| own == column), "{heading}");
    }
    assert_eq!(lines.filter(|line| !line.is_empty()).count(), 10);
    assert!(text.contains("\"a \"\"note\"\", here\""));
}

#[test]
fn what_cannot_be_measured_is_refused_in_one_sentence() {
    let mut desk = Desk::new();
    let [scan, labels] = desk.vessel();
    let say = |desk: &mut Desk, params: Value| desk.try_run("measure.add", params).unwrap_err().to_string();
    let far = json!([[9000, 0, 0], [9010, 0, 0], [9000, 10, 0]]);
    for (params, part) in [
        (json!({ "kind": "angle", "points": [[0, 0, 0], [1, 0, 0]] }), "3 points"),
        (json!({ "kind": "length", "points": [[1, 1, 1], [1, 1, 1]] }), "same place"),
        (json!({ "kind": "length", "points": [[1, 1, 1], [1, 1]] }), "finite numbers"),
        (json!({ "kind": "distance", "points": [[1, 1, 1]] }), "none of"),
        (json!({ "kind": "ellipse", "points": far, "scan": scan }), "outside the scan"),
        (json!({ "kind": "point", "points": [[9000, 0, 0]], "scan": scan }), "outside the scan"),
        (json!({ "kind": "text", "points": [[0, 0, 0]] }), "something to say"),
        (json!({ "kind": "text", "points": [[0, 0, 0]], "text": "x".repeat(501) }), "500"),
        (json!({ "kind": "length", "points": [[0, 0, 0], [1, 1, 1]], "scan": labels }), "a scan is needed"),
        (json!({ "kind": "length", "points": [[0, 0, 0], [1, 1, 1]], "normal": [0, 0, 0] }), "no direction"),
    ] {
        let text = say(&mut desk, params);
        assert!(text.contains(part) && !text.contains('\n'), "{text} does not say {part}");
    }
    let error = desk.try_run("export.measures", json!({ "path": "/nowhere/m.csv" })).unwrap_err().to_string();
    assert!(error.contains("no measures"), "{error}");
    let id = add(&mut desk, "length", json!([[0, 0, 0], [1, 0, 0]]), None);
    let error = desk.try_run("measure.edit", json!({ "node": id })).unwrap_err().to_string();
    assert!(error.contains("nothing to change"), "{error}");
    let error = desk.try_run("export.mesh", json!({ "node": id, "path": "/nowhere/m.stl" })).unwrap_err().to_string();
    assert!(error.contains("no surface"), "{error}");
}
