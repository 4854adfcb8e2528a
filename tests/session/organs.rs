//! Whole organs by command on the abdomen phantom: a stated confidence, and sentences for wrong input.

use crate::desk::Desk;
use prosector::image::LabelMap;
use prosector::session::Data;
use serde_json::json;

#[test]
fn the_liver_is_found_without_a_click_and_from_one_and_a_click_outside_changes_nothing() {
    let mut desk = Desk::new();
    let phantom = json!({ "kind": "abdomen", "spacing_mm": 2.5, "noise_hu": 8.0 });
    let [scan, _] = desk.run("scan.phantom", phantom)[..] else { panic!("a scan and its truth") };
    let mut volumes = Vec::new();
    for seed in [json!(null), json!([-90.0, -20.0, 160.0])] {
        let params = json!({ "scan": scan, "preset": "liver", "seed": seed, "surface": false });
        let added = desk.run("segment.organ", params)[0];
        let node = desk.case().node(added).unwrap();
        assert!(matches!(&node.data, Data::Labels(labels) if labels.segments()[0].name == "liver"));
        assert!(0.3 < node.summary.value("confidence").unwrap());
        volumes.push(node.summary.value("volume").unwrap());
    }
    assert!(volumes.iter().all(|ml| (1000.0..2600.0).contains(ml)), "{volumes:?} ml");
    assert!((volumes[0] / volumes[1] - 1.0).abs() < 0.1, "{volumes:?} ml");
    let hash = desk.hash();
    for (seed, said) in [([0.0, 0.0, 9000.0], "outside the scan"), ([-165.0, -125.0, 100.0], "soft tissue")] {
        let params = json!({ "scan": scan, "preset": "liver", "seed": seed });
        let error = desk.try_run("segment.organ", params).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(desk.hash(), hash);
}

#[test]
fn a_block_with_a_vessel_has_no_liver() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let hash = desk.hash();
    for preset in ["liver", "liver_vessels", "spleen", "kidneys", "bones"] {
        let error = desk.try_run("segment.organ", json!({ "scan": scan, "preset": preset })).unwrap_err().to_string();
        assert!(error.contains("found"), "{preset}: {error}");
    }
    assert_eq!(desk.hash(), hash);
}

#[test]
fn both_kidneys_are_found_without_a_click_and_one_from_a_click_in_it() {
    let mut desk = Desk::new();
    let phantom = json!({ "kind": "abdomen", "spacing_mm": 2.5, "noise_hu": 8.0 });
    let [scan, _] = desk.run("scan.phantom", phantom)[..] else { panic!("a scan and its truth") };
    let mut volumes = Vec::new();
    // The second click lies in the outer half of the left kidney.
    for (seed, names) in
        [(json!(null), vec!["right kidney", "left kidney"]), (json!([78.0, 30.0, 122.0]), vec!["left kidney"])]
    {
        let params = json!({ "scan": scan, "preset": "kidneys", "seed": seed, "surface": false });
        let added = desk.run("segment.organ", params)[0];
        let node = desk.case().node(added).unwrap();
        let Data::Labels(labels) = &node.data else { panic!("labels") };
        let found: Vec<&str> = labels.segments().iter().map(|segment| segment.name.as_str()).collect();
        assert_eq!(found, names);
        assert!(labels.segments().iter().all(|segment| segment.snomed == Some(64_033_007)));
        assert!(0.3 < node.summary.value("confidence").unwrap());
        volumes.push(node.summary.value("left kidney").unwrap());
    }
    assert!(volumes.iter().all(|ml| (100.0..220.0).contains(ml)), "{volumes:?} ml");
    assert!((volumes[0] / volumes[1] - 1.0).abs() < 0.02, "{volumes:?} ml");
    let hash = desk.hash();
    let in_the_liver = json!({ "scan": scan, "preset": "kidneys", "seed": [-90.0, -20.0, 160.0] });
    let error = desk.try_run("segment.organ", in_the_liver).unwrap_err().to_string();
    assert!(error.contains("click into the middle of a kidney"), "{error}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn bones_get_their_names_and_the_veins_of_the_liver_their_systems() {
    let mut desk = Desk::new();
    let phantom = json!({ "kind": "abdomen", "spacing_mm": 1.6, "noise_hu": 8.0 });
    let [scan, truth] = desk.run("scan.phantom", phantom)[..] else { panic!("a scan and its truth") };
    let labels = |desk: &Desk, id| match &desk.case().node(id).unwrap().data {
        Data::Labels(labels) => labels.clone(),
        _ => panic!("a segmentation is expected"),
    };
    let truth = labels(&desk, truth);
    let ml = |labels: &LabelMap, name: &str| labels.segment_named(name).map(|s| labels.volume_ml(s.id)).unwrap();
    for (preset, parts) in
        [("bones", ["spine", "ribs and sternum"]), ("liver_vessels", ["portal vein", "hepatic veins"])]
    {
        let added = desk.run("segment.organ", json!({ "scan": scan, "preset": preset, "surface": false }))[0];
        let found = labels(&desk, added);
        assert_eq!(found.segments().len(), 2, "{preset}");
        for name in parts {
            // The names of the phantom are shorter, and its veins go on outside the liver.
            let whole = ml(&truth, if name == "ribs and sternum" { "ribs" } else { name });
            assert!(
                (0.4 * whole..1.25 * whole).contains(&ml(&found, name)),
                "{name}: {} of {whole} ml",
                ml(&found, name)
            );
        }
        assert!(0.3 < desk.case().node(added).unwrap().summary.value("confidence").unwrap());
    }
}
