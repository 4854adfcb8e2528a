//! Tetrahedra of several segments, written for solvers and read back.

use super::desk::Desk;
use prosector::base::NodeId;
use prosector::io::test_data;
use prosector::mesh::TetMesh;
use prosector::mesh::sound::check_sound;
use prosector::session::Data;
use serde_json::json;

fn tets(desk: &Desk, id: NodeId) -> TetMesh {
    match &desk.case().node(id).unwrap().data {
        Data::Tets(mesh) => mesh.clone(),
        other => panic!("{:?}", other.kind()),
    }
}

#[test]
fn touching_segments_become_one_mesh_that_every_format_holds() {
    let mut desk = Desk::new();
    let [_, truth] = desk.vessel();
    let mesh = desk.run("model.tetrahedra", json!({ "labels": truth, "tets": 3000 }))[0];
    let tetrahedra = tets(&desk, mesh);
    assert_eq!(check_sound(&tetrahedra), Ok(()));
    let mut regions = tetrahedra.regions().to_vec();
    regions.sort_unstable();
    regions.dedup();
    assert!(1 < regions.len(), "{regions:?}");
    let summary = desk.case().node(mesh).unwrap().summary.clone();
    for fact in ["smallest dihedral angle", "Hausdorff distance to the label boundary", "worst tetrahedron, left"] {
        assert!(summary.value(fact).is_some(), "{fact}");
    }
    let folder = tempfile::tempdir().unwrap();
    for format in ["vtu", "msh", "inp", "feb", "3mf", "vtp", "stl"] {
        let path = folder.path().join(format!("mesh.{format}"));
        desk.run("export.mesh", json!({ "node": mesh, "path": path }));
        assert!(0 < std::fs::metadata(&path).unwrap().len(), "{format}");
    }
    let text = std::fs::read_to_string(folder.path().join("mesh.inp")).unwrap();
    let name = desk.case().node(truth).map(|node| node.data.clone());
    let Some(Data::Labels(labels)) = name else { panic!("the truth is a segmentation") };
    let first = labels.segments().iter().find(|segment| segment.id.0 == regions[0]).unwrap();
    assert!(text.contains(&format!("ELSET=R{}_{}", regions[0], first.name.replace(' ', "_"))), "{}", first.name);
    let again = desk.run("import.mesh", json!({ "path": folder.path().join("mesh.msh") }))[0];
    let again = tets(&desk, again);
    assert_eq!(again.tets().len(), tetrahedra.tets().len());
    assert!((again.volume_ml() - tetrahedra.volume_ml()).abs() < 1e-9 * tetrahedra.volume_ml());
}

#[test]
fn a_file_for_solvers_needs_tetrahedra() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let mask = desk.threshold(scan, 150);
    let surface = desk.run("model.surface", json!({ "labels": mask }))[0];
    let error = desk.try_run("export.mesh", json!({ "node": surface, "path": "never.inp" })).unwrap_err().to_string();
    assert!(error.contains("inp files hold tetrahedra"), "{error}");
}

#[test]
fn livers_of_others_are_imported() {
    let Some(folder) = test_data::folder("meshes/liver-sofa") else {
        println!("skipped: the data set meshes/liver-sofa is not here");
        return;
    };
    for (file, count) in [("liver.msh", 596), ("liver2.msh", 1)] {
        let mut desk = Desk::new();
        let id = desk.run("import.mesh", json!({ "path": folder.join(file) }))[0];
        assert!(count <= tets(&desk, id).tets().len(), "{file}");
    }
}
