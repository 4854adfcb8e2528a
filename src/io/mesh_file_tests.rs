//! Round trips, damaged files and real meshes.

use super::*;
use crate::io::glb;
use crate::mesh::Field;
use std::io::Write;
use std::path::PathBuf;

/// A tetrahedron whose coordinates single precision holds exactly.
pub(crate) fn sample() -> Surface {
    let positions =
        [[-7.5, 0.25, 3.0], [10.0, 0.0, 0.0], [0.0, 10.5, 0.0], [0.0, 0.0, 10.125]].map(Point::from).to_vec();
    Surface::new(positions, vec![[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]).unwrap()
}

fn here() -> &'static Path {
    Path::new("x")
}

/// The same triangles up to the numbering of vertices.
fn same_triangles(a: &Surface, b: &Surface) {
    assert_eq!(a.triangles().len(), b.triangles().len());
    for (s, t) in a.triangles().iter().zip(b.triangles()) {
        assert_eq!(a.corners(*s), b.corners(*t));
    }
}

#[test]
fn every_format_gives_back_what_it_was_given() {
    let surface = sample();
    same_triangles(&surface, &stl::decode(&stl::encode(&surface), here()).unwrap());
    same_triangles(&surface, &obj::decode(obj::encode(&surface, "organ").as_bytes(), here()).unwrap());
    let fields = [Field::new("von Mises", "Pa", vec![1.0, 2.5, -3.0, 0.0])];
    let colours = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]];
    let (read, read_fields) = ply::decode(&ply::encode(&surface, &fields, Some(&colours)), here()).unwrap();
    assert_eq!(read, surface);
    assert_eq!((read_fields[0].name.as_str(), &read_fields[0].values), ("von_Mises_Pa", &fields[0].values));
}

#[test]
fn the_table_of_a_glb_file_tells_its_meshes() {
    let surface = sample();
    let part = |name| glb::Part { name, surface: &surface, rgba: [255; 4], colours: None };
    let bytes = glb::encode(&[part("liver"), part("skin")]);
    let contents = glb::contents(&bytes, here()).unwrap();
    let content = |name: &str| glb::Content { name: name.into(), vertices: 4, triangles: 4 };
    assert_eq!(contents, [content("liver"), content("skin")]);
    assert!(glb::contents(&glb::encode(&[]), here()).unwrap().is_empty());
    for cut in [3, 11, 19, 30, bytes.len() - 1] {
        assert!(glb::contents(&bytes[..cut], here()).unwrap_err().to_string().ends_with(": x"));
    }
    let mut old = bytes;
    old[4] = 1;
    assert!(glb::contents(&old, here()).unwrap_err().to_string().starts_with("this is glTF version 1; "));
}

#[test]
fn text_formats_are_read() {
    let stl_text = b"solid a\n facet normal 0 0 1\n outer loop\n vertex 0 0 0\n vertex 1 0 0\n vertex 0 1e0 0\n endloop\n endfacet\nendsolid a\n";
    assert_eq!(stl::decode(stl_text, here()).unwrap().triangles(), [[0, 1, 2]]);
    let obj_text = b"# c\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1/1/1 2//2 -2 4\n";
    assert_eq!(obj::decode(obj_text, here()).unwrap().triangles(), [[0, 1, 2], [0, 2, 3]]);
    let ply_text = b"ply\nformat ascii 1.0\ncomment x\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_index\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n";
    assert_eq!(ply::decode(ply_text, here()).unwrap().0.triangles(), [[0, 1, 2]]);
    let vtk_text = b"# vtk DataFile Version 3.0\nx\nASCII\nDATASET POLYDATA\nPOINTS 4 float\n0 0 0 1 0 0\n1 1 0 0 1 0\nPOLYGONS 1 5\n4 0 1 2 3\n";
    assert_eq!(vtk::decode(vtk_text, here()).unwrap().triangles(), [[0, 1, 2], [0, 2, 3]]);
    let vtk_new = b"# vtk DataFile Version 5.1\nx\nASCII\nDATASET POLYDATA\nPOINTS 3 float\n0 0 0 1 0 0 1 1 0\nMETADATA\nINFORMATION 0\n\nPOLYGONS 2 3\nOFFSETS vtktypeint64\n0 3\nCONNECTIVITY vtktypeint64\n0 1 2\n";
    assert_eq!(vtk::decode(vtk_new, here()).unwrap().triangles(), [[0, 1, 2]]);
}

#[test]
fn damaged_files_are_answered_with_a_sentence() {
    let says = |result: Result<Surface, ReadError>, words: &str| {
        let sentence = result.unwrap_err().to_string();
        assert!(sentence.contains(words), "'{sentence}' does not say '{words}'");
    };
    let stl_bytes = stl::encode(&sample());
    says(stl::decode(&stl_bytes[..200], here()), "announces 4 triangles");
    says(stl::decode(b"solid x\nvertex 1 2 nonsense\n", here()), "line 2");
    says(stl::decode(b"solid x\nvertex 1 2 3\nendsolid\n", here()), "1 corners");
    says(stl::decode(b"", here()), "0 bytes");
    let mut nan = stl_bytes;
    nan[84 + 12..84 + 16].copy_from_slice(&f32::NAN.to_le_bytes());
    says(stl::decode(&nan, here()), "not a finite number");
    says(obj::decode(b"v 0 0 0\nf 1 2 9\n", here()), "line 2");
    says(obj::decode(b"v 0 0\n", here()), "line 1");
    says(obj::decode(b"hello", here()), "no triangle");
    let ply_bytes = ply::encode(&sample(), &[], None);
    let ply_says = |bytes: &[u8], words| says(ply::decode(bytes, here()).map(|(surface, _)| surface), words);
    ply_says(&ply_bytes[..ply_bytes.len() - 3], "ends too early");
    ply_says(
        b"ply\nformat ascii 1.0\nelement vertex 99999999999\nproperty float x\nend_header\n",
        "announces 99999999999",
    );
    ply_says(b"ply\nformat ascii 1.0\nelement vertex 1\nproperty half x\nend_header\n", "'half'");
    ply_says(b"ply\nformat ascii 1.0\n", "no end");
    says(vtk::decode(b"# vtk DataFile Version 3.0\nx\nASCII\nDATASET STRUCTURED_GRID\n", here()), "STRUCTURED_GRID");
    says(
        vtk::decode(b"# vtk DataFile Version 3.0\nx\nBINARY\nDATASET POLYDATA\nPOINTS 9999999999 float\n", here()),
        "announces",
    );
    says(
        vtk::decode(
            b"# vtk DataFile Version 3.0\nx\nASCII\nDATASET POLYDATA\nPOINTS 1 float\n0 0 0\nPOLYGONS 1 4\n3 0 0 7\n",
            here(),
        ),
        "vertex 7",
    );
}

#[test]
fn cutting_a_file_anywhere_never_panics() {
    let surface = sample();
    let fields = [Field::new("a", "", vec![0.0; 4])];
    let files = [stl::encode(&surface), obj::encode(&surface, "x").into_bytes(), ply::encode(&surface, &fields, None)];
    let decoders: [fn(&[u8]) -> bool; 3] = [
        |bytes| stl::decode(bytes, here()).is_ok(),
        |bytes| obj::decode(bytes, here()).is_ok(),
        |bytes| ply::decode(bytes, here()).is_ok(),
    ];
    let mut rng = crate::base::rng::Rng::new(1);
    for (file, decode) in files.iter().zip(decoders) {
        assert!(decode(file));
        for length in 0..file.len() {
            decode(&file[..length]);
            let mut flipped = file.clone();
            flipped[length] = rng.bits() as u8;
            decode(&flipped);
        }
    }
}

#[test]
fn a_glb_file_has_its_parts_and_puts_the_head_up() {
    let surface = sample();
    let values = [0.0, 1.0, 2.0, 3.0];
    let colours: Vec<[u8; 3]> = values.iter().map(|v| [(v * 80.0) as u8, 90, 10]).collect();
    let part = |name: &'static str, colours| glb::Part { name, surface: &surface, rgba: [200, 100, 50, 128], colours };
    let bytes = glb::encode(&[part("liver", None), part("stress", Some(colours.as_slice()))]);
    assert_eq!(&bytes[..4], b"glTF");
    assert_eq!(u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize, bytes.len());
    let json_length = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let json: serde_json::Value = serde_json::from_slice(&bytes[20..20 + json_length]).unwrap();
    assert_eq!(json["meshes"].as_array().unwrap().len(), 2);
    assert_eq!(json["meshes"][1]["name"], "stress");
    assert_eq!(json["buffers"][0]["byteLength"].as_u64().unwrap() as usize, bytes.len() - 28 - json_length);
    for accessor in json["accessors"].as_array().unwrap() {
        let view = &json["bufferViews"][accessor["bufferView"].as_u64().unwrap() as usize];
        assert_eq!(view["byteOffset"].as_u64().unwrap() % 4, 0);
    }
    // Superior is up (y), the patient's left is to the right (x), anterior faces the viewer (z); metres.
    let matrix: Vec<f64> = json["nodes"][0]["matrix"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    let column = |n: usize| [matrix[4 * n], matrix[4 * n + 1], matrix[4 * n + 2]];
    assert_eq!([column(0), column(1), column(2)], [[0.001, 0.0, 0.0], [0.0, 0.0, -0.001], [0.0, 0.001, 0.0]]);
}

/// The folder of real test data, or a printed reason why there is none.
fn data(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PROSECTOR_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let file = folder.join(path);
    let found = file.exists();
    if !found {
        // Straight to standard error: what `eprintln!` says is shown only of tests that fail.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not there; set PROSECTOR_DATA", file.display());
    }
    found.then_some(file)
}

#[test]
fn real_meshes_are_closed_and_have_their_volumes() {
    for (path, volume_ml) in [
        ("meshes/liver-patient-scikit-surgery/liver.vtk", Some(2316.0)),
        ("meshes/liver-patient-scikit-surgery/liver_tumours.vtk", Some(97.0)),
        ("meshes/bones-visible-human/VHF_Left_Bone_Patella_smooth.stl", None),
        ("meshes/bones-visible-human/VHF_Left_Muscle_Popliteus_smooth.stl", None),
        ("cta-aorta-totalseg/aorta_lumen_surface.stl", Some(254.0)),
    ] {
        let Some(file) = data(path) else { continue };
        let surface = read(&file).unwrap();
        assert_eq!(surface.open_edges(), 0, "{path}");
        assert!(0.0 < surface.volume_ml(), "{path}");
        if let Some(expected) = volume_ml {
            assert!((surface.volume_ml() / expected - 1.0).abs() < 0.01, "{path}: {} ml", surface.volume_ml());
        }
    }
    if let Some(file) = data("meshes/liver-sofa/liver-smooth.obj") {
        assert!(1000 < read(&file).unwrap().triangles().len());
    }
}
