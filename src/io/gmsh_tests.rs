//! Gmsh files: round trip, old versions, damage.

use super::*;
use crate::io::solid::two_regions;

fn tets(text: &str) -> Result<(TetMesh, BTreeMap<u8, String>), String> {
    match decode(text.as_bytes(), Path::new("a.msh")).map_err(|error| error.to_string())? {
        Content::Tets(mesh, names) => Ok((mesh, names)),
        Content::Surface(_) => Err("a surface".into()),
    }
}

/// The same corners and regions, in whatever order.
fn content(mesh: &TetMesh) -> Vec<(Vec<[u64; 3]>, u8)> {
    let corners = |tet: usize| mesh.corners(tet).map(|p| [p.x, p.y, p.z].map(f64::to_bits)).to_vec();
    let mut all: Vec<_> = (0..mesh.tets().len()).map(|tet| (corners(tet), mesh.regions()[tet])).collect();
    all.sort_unstable();
    all
}

#[test]
fn what_is_written_is_read_back_bit_for_bit() {
    let (mesh, names) = two_regions();
    let text = encode(&Solid { mesh: &mesh, names: &names });
    let (again, names_again) = tets(&text).unwrap();
    assert_eq!(content(&again), content(&mesh));
    assert_eq!(names_again[&1], names[&1]);
    assert_eq!(names_again[&2], "region 2");
}

#[test]
fn versions_one_and_two_are_read_and_tetrahedra_turned() {
    let one = "$NOD\n5\n10 0 0 0\n2 1 0 0\n3 0 1 0\n4 0 0 1\n9 7 7 7\n$ENDNOD\n$ELM\n2\n1 1 1 1 2 10 2\n2 4 7 1 4 2 10 3 4\n$ENDELM\n";
    let two = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n3 700 \"left lung\"\n$EndPhysicalNames\n$Nodes\n4\n1 0 0 0\n2 1 0 0\n3 0 1 0\n4 0 0 1\n$EndNodes\n$Elements\n1\n1 4 2 700 5 1 2 3 4\n$EndElements\n";
    let (first, _) = tets(one).unwrap();
    let (second, names) = tets(two).unwrap();
    for mesh in [&first, &second] {
        assert_eq!((mesh.tets().len(), mesh.positions().len()), (1, 4));
        assert!((mesh.tet_mm3(0) - 1.0 / 6.0).abs() < 1e-15);
    }
    assert_eq!((first.regions(), second.regions()), (&[7_u8][..], &[1_u8][..]));
    assert_eq!(names[&1], "left lung");
}

#[test]
fn broken_files_are_refused_in_a_sentence() {
    let (mesh, names) = two_regions();
    let whole = encode(&Solid { mesh: &mesh, names: &names });
    let nodes = whole.find("$Nodes").unwrap();
    let cut = tets(&whole[..nodes + 40]).unwrap_err();
    assert!(cut.starts_with("the file ends too early") || cut.contains("no triangle"), "{cut}");
    let refused = |from: &str, to: &str| tets(&whole.replacen(from, to, 1)).unwrap_err();
    assert!(refused("4.1 0 8", "4.1 1 8").starts_with("the Gmsh file is binary"));
    assert!(refused("4.1 0 8", "3.0 0 8").starts_with("Gmsh version 3 is not read"));
    assert!(refused("3 1 4 ", "3 1 5 ").contains("only tetrahedra") || refused("3 1 4 ", "3 1 5 ").contains("number"));
    assert!(tets("solid").unwrap_err().starts_with("the file is no Gmsh mesh"));
    let huge = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n99999999999999\n1 0 0 0\n$EndNodes\n";
    assert!(tets(huge).unwrap_err().contains("'$EndNodes'"));
}
