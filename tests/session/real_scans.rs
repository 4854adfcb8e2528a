//! Lobes, nodule, tissues and brain by command on real scans, centre lines of a known vessel; and what is refused.

use crate::desk::Desk;
use prosector::base::NodeId;
use prosector::image::LabelMap;
use prosector::io::test_data;
use prosector::session::Data;
use serde_json::json;
use std::path::PathBuf;

fn data(name: &str) -> Option<PathBuf> {
    let found = test_data::folder(name);
    if found.is_none() {
        eprintln!("left out: the project's test data is not here; set PROSECTOR_DATA");
    }
    found
}

fn labels(desk: &Desk, id: NodeId) -> LabelMap {
    let Data::Labels(labels) = &desk.case().node(id).unwrap().data else { panic!("a segmentation is expected") };
    labels.clone()
}

#[test]
fn a_nodule_at_one_click_is_as_large_as_readers_drew_it_and_the_lobes_fill_the_lungs() {
    let Some(folder) = data("ct-chest-contrast-lidc-0001") else { return };
    let mut desk = Desk::new();
    let scan = desk.run("import.dicom", json!({ "path": folder.join("dicom") }))[0];
    // The middle of what two of four readers of LIDC-IDRI drew: 6.7 ml, 5.7 to 7.3 ml each.
    let middle = json!([56.2, 86.3, -115.0]);
    let params = json!({ "scan": scan, "preset": "nodule", "seed": middle, "surface": false });
    let nodule = desk.run("segment.organ", params)[0];
    let ml = desk.case().node(nodule).unwrap().summary.value("volume").unwrap();
    assert!((5.0..8.0).contains(&ml), "{ml} ml");
    let hash = desk.hash();
    let error = desk.try_run("segment.organ", json!({ "scan": scan, "preset": "nodule" })).unwrap_err().to_string();
    assert!(error.contains("click into its middle"), "{error}");
    assert_eq!(desk.hash(), hash);
    let [lungs, lobes] = ["lungs", "lobes"].map(|preset| {
        let added = desk.run("segment.organ", json!({ "scan": scan, "preset": preset, "surface": false }))[0];
        labels(&desk, added)
    });
    let sum = |labels: &LabelMap| labels.segments().iter().map(|s| labels.volume_ml(s.id)).sum::<f64>();
    assert_eq!(lobes.segments().iter().filter(|segment| segment.name.contains("lobe")).count(), 5);
    assert!((sum(&lobes) / sum(&lungs) - 1.0).abs() < 0.03, "{} {} ml", sum(&lobes), sum(&lungs));
}

#[test]
fn fat_and_muscle_of_a_real_abdomen_are_told_apart_and_undone() {
    let Some(folder) = data("ct-abdomen-totalseg") else { return };
    let mut desk = Desk::new();
    let scan = desk.run("import.image", json!({ "path": folder.join("abdomen_3mm.nii.gz"), "modality": "CT" }))[0];
    let hash = desk.hash();
    let added = desk.run("segment.organ", json!({ "scan": scan, "preset": "composition", "surface": false }))[0];
    let found = labels(&desk, added);
    for name in ["subcutaneous fat", "visceral fat", "muscle"] {
        let ml = found.segment_named(name).map(|segment| found.volume_ml(segment.id)).unwrap();
        assert!((100.0..20_000.0).contains(&ml), "{name}: {ml} ml");
    }
    assert!(desk.0.undo());
    assert_eq!(desk.hash(), hash);
}

#[test]
fn both_lumens_of_a_dissected_aorta_are_found_without_a_click_and_a_scan_without_contrast_is_refused() {
    let (Some(folder), Some(plain)) = (data("cta-aorta-totalseg"), data("ct-abdomen-totalseg")) else { return };
    let mut desk = Desk::new();
    let scan = desk.run("import.image", json!({ "path": folder.join("cta_1p5mm.nii.gz"), "modality": "CT" }))[0];
    let added = desk.run("segment.organ", json!({ "scan": scan, "preset": "aorta", "surface": false }))[0];
    // True lumen 127 ml, false lumen 122 ml, by the labels that come with the scan.
    let found = labels(&desk, added);
    let ml = found.volume_ml(found.segments()[0].id);
    assert!((225.0..275.0).contains(&ml), "{ml} ml");
    let summary = &desk.case().node(added).unwrap().summary;
    assert!((30.0..45.0).contains(&summary.value("widest diameter").unwrap()), "{summary:?}");
    let scan = desk.run("import.image", json!({ "path": plain.join("abdomen_3mm.nii.gz"), "modality": "CT" }))[0];
    let hash = desk.hash();
    let error = desk.try_run("segment.organ", json!({ "scan": scan, "preset": "aorta" })).unwrap_err().to_string();
    assert!(error.contains("the scan may be without contrast"), "{error}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn the_brain_of_a_t1_has_more_grey_than_white_matter_and_a_ct_has_none() {
    let Some(folder) = data("weights/meshnet-brainchop") else { return };
    let mut desk = Desk::new();
    let scan = desk.run("import.image", json!({ "path": folder.join("t1_crop.nii.gz"), "modality": "MR" }))[0];
    let added = desk.run("segment.brain", json!({ "scan": scan, "surface": false }))[0];
    let found = labels(&desk, added);
    let [grey, white] = ["grey matter", "white matter"]
        .map(|name| found.segment_named(name).map(|segment| found.volume_ml(segment.id)).unwrap());
    // Adults: some 1250 ml together, 1.4 times as much grey as white.
    assert!((1000.0..1500.0).contains(&(grey + white)) && white < grey, "{grey} {white} ml");
    let [ct, _] = desk.vessel();
    let error = desk.try_run("segment.brain", json!({ "scan": ct })).unwrap_err().to_string();
    assert!(error.contains("a T1-weighted MR of a head is needed"), "{error}");
}

#[test]
fn the_centre_line_of_a_narrowed_vessel_knows_where_and_how_narrow_and_goes_out_as_tables() {
    let mut desk = Desk::new();
    let params = json!({ "kind": "vessel", "spacing_mm": 0.5 });
    let truth = desk.run("scan.phantom", params)[1];
    let lines = desk.run("model.centre_lines", json!({ "labels": truth, "segment": 30 }))[0];
    let summary = &desk.case().node(lines).unwrap().summary;
    let value = |name: &str| summary.value(name).unwrap();
    // 60 mm long, 4 mm of radius, half of it in the middle, each within half a voxel of 0.5 mm.
    assert_eq!(value("branches"), 1.0);
    assert!((50.0..=61.0).contains(&value("length")), "{} mm", value("length"));
    assert!((1.75..=2.25).contains(&value("smallest radius")), "{} mm", value("smallest radius"));
    assert!((3.75..=4.25).contains(&value("largest radius")), "{} mm", value("largest radius"));
    let Data::Lines(tree) = &desk.case().node(lines).unwrap().data else { panic!("lines are expected") };
    let points = tree.branches()[0].points.len();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    for name in ["a.csv", "a.vtp"] {
        desk.run("export.centre_lines", json!({ "node": lines, "path": place(name) }));
    }
    let table = std::fs::read_to_string(place("a.csv")).unwrap();
    let rows: Vec<Vec<f64>> =
        table.lines().skip(1).map(|row| row.split(',').map(|value| value.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), points);
    let narrow = rows.iter().min_by(|a, b| a[7].total_cmp(&b[7])).unwrap();
    assert!((24.0..=36.0).contains(&narrow[5]) && narrow[3].hypot(narrow[4]) < 1.0, "{narrow:?}");
    let picture = std::fs::read_to_string(place("a.vtp")).unwrap();
    assert!(picture.contains("PolyData") && picture.contains(&format!("NumberOfPoints=\"{points}\"")));
    let error = desk.try_run("export.centre_lines", json!({ "node": lines, "path": place("a.stl") }));
    assert!(error.unwrap_err().to_string().contains("'stl' is none of the formats vtp, csv"));
}
