//! `prosector info` on every kind of file this program reads, as text and as JSON.

use super::desk::{Desk, text};
use prosector::io::{glb, nrrd, obj, ply, stl};
use prosector::mesh::Field;
use prosector::session::{Data, store};
use prosector::{base::Progress, mesh::Surface};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn call(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_prosector")).arg("info").args(words).output().unwrap()
}

fn told(path: &Path) -> (Value, String) {
    let path = path.to_str().unwrap();
    let output = call(&[path, "--json"]);
    assert!(output.status.success(), "{path}: {}", text(&output.stderr));
    let json = serde_json::from_slice(&output.stdout).unwrap();
    let output = call(&[path]);
    assert!(output.status.success(), "{path}: {}", text(&output.stderr));
    (json, text(&output.stdout))
}

fn has_line(text: &str, start: &str, end: &str) -> bool {
    text.lines().any(|line| line.starts_with(start) && line.ends_with(end))
}

/// The wall of a vessel.
fn surface(desk: &mut Desk) -> Surface {
    let [_, truth] = desk.vessel();
    let id = desk.run("model.surface", json!({ "labels": truth, "segment": 30 }))[0];
    let Data::Surface(data) = &desk.case().node(id).unwrap().data else { panic!("{id} is a surface") };
    data.surface.clone()
}

#[test]
fn meshes_images_segments_and_logs_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new();
    let surface = surface(&mut desk);
    let triangles = surface.triangles().len();
    let place = |name: &str| folder.path().join(name);
    let write = |name: &str, bytes: &[u8]| std::fs::write(place(name), bytes).unwrap();
    let field = Field::new("stress", "kPa", vec![1.5; surface.positions().len()]);
    write("a.stl", &stl::encode(&surface));
    write("a.ply", &ply::encode(&surface, &[field], None));
    write("A.OBJ", obj::encode(&surface, "vessel").as_bytes());
    write("a.vtk", b"# vtk DataFile Version 3.0\nx\nASCII\nDATASET POLYDATA\nPOINTS 3 float\n0 0 0 1 0 0\n1 1 0\nPOLYGONS 1 4\n3 0 1 2\n");
    for (name, format, count) in
        [("a.stl", "STL", triangles), ("a.ply", "PLY", triangles), ("A.OBJ", "OBJ", triangles), ("a.vtk", "VTK", 1)]
    {
        let (json, text) = told(&place(name));
        assert_eq!((&json["kind"], &json["format"]), (&json!("mesh"), &json!(format)), "{json}");
        let facts = json["facts"].as_array().unwrap();
        let told = facts.iter().find(|fact| fact["name"] == "triangles").unwrap()["value"].as_f64();
        assert_eq!(told, Some(count as f64), "{name}");
        assert!(text.contains(format) && has_line(&text, "triangles ", &format!(" {count}")), "{text}");
    }
    assert!(told(&place("a.ply")).1.contains("stress_kPa"));
    // Two tetrahedra on a face, in two regions of which one has a name (version 2.2 of the format).
    write(
        "two.msh",
        b"$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n3 2 \"tumour\"\n$EndPhysicalNames\n$Nodes\n5\n1 0 0 0\n2 10 0 0\n3 0 10 0\n4 0 0 10\n5 0 0 -10\n$EndNodes\n$Elements\n2\n1 4 2 1 1 1 2 3 4\n2 4 2 2 2 1 3 2 5\n$EndElements\n",
    );
    let (json, text) = told(&place("two.msh"));
    assert_eq!((&json["kind"], &json["format"]), (&json!("mesh"), &json!("Gmsh")), "{json}");
    assert_eq!(json["bounds"], json!([[0.0, 0.0, -10.0], [10.0, 10.0, 10.0]]));
    let regions = json["regions"].as_array().unwrap();
    assert_eq!(regions.iter().map(|region| region["tetrahedra"].clone()).collect::<Vec<_>>(), [json!(1), json!(1)]);
    assert!(text.contains("tumour") && has_line(&text, "tetrahedra ", " 2"), "{text}");
    let part = glb::Part { name: "vessel wall", surface: &surface, rgba: [255; 4], colours: None };
    write("scene.glb", &glb::encode(&[part]));
    let (json, text) = told(&place("scene.glb"));
    assert_eq!(
        json["meshes"],
        json!([{ "name": "vessel wall", "vertices": surface.positions().len(), "triangles": triangles }])
    );
    assert!(text.contains("vessel wall"), "{text}");
    let Data::Labels(labels) = &desk.case().node(prosector::base::NodeId(2)).unwrap().data else { panic!("segments") };
    for name in ["truth.seg.nrrd", "truth.nrrd"] {
        nrrd::write_labels(labels, &place(name), &Progress::default()).unwrap();
    }
    let (json, text) = told(&place("truth.seg.nrrd"));
    assert_eq!(
        (&json["kind"], json["segments"].as_array().unwrap().len()),
        (&json!("segmentation"), labels.segments().len())
    );
    assert!(labels.segments().iter().all(|segment| text.contains(&segment.name)), "{text}");
    let (json, _) = told(&place("truth.nrrd"));
    assert_eq!((&json["kind"], &json["grid"]["dims"]), (&json!("image"), &json!(labels.grid().dims())));
    let last = labels.segments().iter().map(|segment| f64::from(segment.id.0)).fold(0.0, f64::max);
    assert_eq!(json["range"][1], last);
    write("small.nii", &nifti());
    let (json, text) = told(&place("small.nii"));
    assert_eq!((&json["format"], &json["range"]), (&json!("NIfTI"), &json!([-3.0, 20.0])));
    assert!(text.contains("2 × 3 × 4") && text.contains("-3 to 20"), "{text}");
    desk.0.undo();
    store::journal::write_all(&place("log.jsonl"), desk.0.log()).unwrap();
    let (json, text) = told(&place("log.jsonl"));
    let stands: Vec<_> = json["entries"].as_array().unwrap().iter().map(|entry| entry["stands"].clone()).collect();
    assert_eq!((&json["kind"], stands), (&json!("log"), vec![json!(true), json!(false), Value::Null]));
    assert!(text.contains("model.surface  taken back") && text.contains("undo"), "{text}");
}

/// 2 × 3 × 4 voxels of 16 bits from -3 to 20, without a place.
fn nifti() -> Vec<u8> {
    let mut bytes = vec![0_u8; 352];
    bytes[..4].copy_from_slice(&348_i32.to_le_bytes());
    for (n, dim) in [3_i16, 2, 3, 4, 1, 1, 1, 1].into_iter().enumerate() {
        bytes[40 + 2 * n..42 + 2 * n].copy_from_slice(&dim.to_le_bytes());
    }
    bytes[70..72].copy_from_slice(&4_i16.to_le_bytes());
    bytes[72..74].copy_from_slice(&16_i16.to_le_bytes());
    for n in 0..4 {
        bytes[76 + 4 * n..80 + 4 * n].copy_from_slice(&1_f32.to_le_bytes());
    }
    bytes[108..112].copy_from_slice(&352_f32.to_le_bytes());
    bytes[112..116].copy_from_slice(&1_f32.to_le_bytes());
    bytes[344..348].copy_from_slice(b"n+1\0");
    (-3_i16..21).for_each(|value| bytes.extend(value.to_le_bytes()));
    bytes
}

#[test]
fn what_cannot_be_told_is_a_sentence_without_words_of_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let files: [(&str, &[u8]); 8] = [
        ("a.stl", b"hello"),
        ("a.glb", b"glTF\x02\0\0\0\xff\0\0\0"),
        ("a.nrrd", b"hello"),
        ("a.nii.gz", b"\x1f\x8bhello"),
        ("a.jsonl", b"hello\n"),
        ("a.prosector", b"hello"),
        ("a.txt", b"hello"),
        ("a.msh", b"hello"),
    ];
    for (name, bytes) in files {
        std::fs::write(place(name), bytes).unwrap();
    }
    for name in files.map(|(name, _)| name).into_iter().chain(["missing.stl", "missing.prosector", "missing.jsonl"]) {
        let output = call(&[place(name).to_str().unwrap()]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.starts_with("error: ") && said.trim_end().ends_with(name), "{said}");
        let raw = ["os error", "No such file", " at line ", "expected value", "EOF", "EOCD", "zip archive"];
        assert!(raw.iter().all(|words| !said.contains(words)), "{said}");
    }
}
