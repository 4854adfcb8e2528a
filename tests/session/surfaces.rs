//! Surface tools by commands: shapes come out closed, in place or new, and undo takes them back.

use crate::desk::Desk;
use prosector::base::NodeId;
use prosector::mesh::Surface;
use prosector::session::Data;
use serde_json::json;

fn surface(desk: &Desk, id: NodeId) -> Surface {
    match &desk.case().node(id).expect("the surface is there").data {
        Data::Surface(data) => data.surface.clone(),
        other => panic!("{:?} is no surface", other.kind()),
    }
}

/// A vessel phantom and the surface of its contrast.
fn bench() -> (Desk, NodeId, NodeId) {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let group = desk.threshold(scan, 200);
    let lumen = desk.run("model.surface", json!({ "labels": group }))[0];
    (desk, scan, lumen)
}

#[test]
fn every_tool_makes_a_closed_surface_and_says_its_volume() {
    let (mut desk, _, lumen) = bench();
    let before_ml = surface(&desk, lumen).volume_ml();
    for (tool, more) in [
        ("surface.smooth", json!({})),
        ("surface.decimate", json!({ "triangles": 1000 })),
        ("surface.remesh", json!({ "edge_mm": 0.9 })),
        ("surface.clip", json!({})),
        ("surface.mirror", json!({})),
        ("surface.margin", json!({ "margin_mm": 2.0, "voxel_mm": 1.0 })),
        ("surface.hollow", json!({ "thickness_mm": 3.0, "side": "outside", "voxel_mm": 1.0 })),
        ("surface.repair", json!({})),
    ] {
        let mut params = json!({ "surface": lumen });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = desk.run(tool, params)[0];
        assert_eq!(surface(&desk, made).open_edges(), 0, "{tool}");
        let summary = &desk.case().node(made).unwrap().summary;
        assert!((summary.value("volume before").unwrap() - before_ml).abs() < 1e-9, "{tool}");
        assert!(0.0 < summary.value("volume").unwrap(), "{tool}");
    }
}

#[test]
fn a_curve_parts_a_surface_into_two_bodies() {
    let (mut desk, _, lumen) = bench();
    let whole = surface(&desk, lumen);
    let box_of = whole.bounds();
    let (middle, half) = (box_of.centre(), 0.5 * box_of.size());
    // A window on the side of the tube, seen from its front.
    let corner = |x: f64, z: f64| json!([middle.x + x * half.x, middle.y - half.y, middle.z + z * half.z]);
    let curve = json!([corner(-0.6, 0.5), corner(0.6, 0.5), corner(0.6, 0.7), corner(-0.6, 0.7)]);
    let mut part = |keep: &str| {
        let params = json!({ "surface": lumen, "by": "curve", "curve": curve, "keep": keep });
        let made = desk.run("surface.clip", params)[0];
        surface(&desk, made)
    };
    let (inside, outside) = (part("inside"), part("outside"));
    assert_eq!((inside.open_edges(), outside.open_edges()), (0, 0));
    assert!((inside.volume_ml() + outside.volume_ml() - whole.volume_ml()).abs() < 1e-9);
    assert!(0.0 < inside.volume_ml() && inside.volume_ml() < outside.volume_ml());
    let error = desk.try_run("surface.clip", json!({ "surface": lumen, "by": "curve" })).unwrap_err().to_string();
    assert_eq!(error, "a curve needs 'curve': at least 3 points on the surface, in order");
}

#[test]
fn a_surface_changed_in_place_comes_back_by_undo() {
    let (mut desk, _, lumen) = bench();
    let hash = desk.hash();
    assert_eq!(desk.run("surface.smooth", json!({ "surface": lumen, "result": "edit" })), []);
    assert_ne!(desk.hash(), hash);
    assert!(desk.0.undo());
    assert_eq!(desk.hash(), hash);
}

#[test]
fn fields_and_voxels_of_a_surface_are_those_of_its_shape() {
    let (mut desk, scan, lumen) = bench();
    let grown = desk.run("surface.margin", json!({ "surface": lumen, "margin_mm": 2.0, "voxel_mm": 0.7 }))[0];
    desk.run("surface.distance", json!({ "surface": grown, "other": lumen }));
    let mean_mm = desk.case().node(grown).unwrap().summary.value("mean distance").unwrap();
    assert!((mean_mm - 2.0).abs() < 0.1, "{mean_mm} mm");
    desk.run("surface.thickness", json!({ "surface": lumen }));
    assert_eq!(desk.case().node(lumen).unwrap().display.field.as_deref(), Some("thickness"));
    desk.run("surface.check", json!({ "surface": lumen, "thin_mm": 0.0 }));
    let group = desk.run("surface.to_segment", json!({ "surface": lumen, "scan": scan }))[0];
    let voxels_ml = desk.case().node(group).unwrap().summary.value("volume").unwrap();
    let surface_ml = surface(&desk, lumen).volume_ml();
    // The vessel runs along the voxels: every slice has the same count of lattice points in a circle four voxels wide in
    // radius, which may lie some per cent off its area (Kendall 1948), and its ends are whole voxels.
    assert!((voxels_ml / surface_ml - 1.0).abs() < 0.06, "{voxels_ml} against {surface_ml} ml");
}

#[test]
fn joint_surfaces_of_all_segments_are_closed() {
    let mut desk = Desk::new();
    let [_, truth] = desk.vessel();
    let made = desk.run("model.surfaces", json!({ "labels": truth }));
    assert!(!made.is_empty());
    for id in made {
        assert_eq!(surface(&desk, id).open_edges(), 0);
        let summary = &desk.case().node(id).unwrap().summary;
        let [own, voxels] = ["volume", "volume of the voxels"].map(|name| summary.value(name).unwrap());
        assert!((own / voxels - 1.0).abs() < 0.02, "{own} against {voxels} ml");
    }
}
