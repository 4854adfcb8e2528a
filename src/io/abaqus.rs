//! Abaqus input: nodes, tetrahedra (C3D4) in a set per region, node sets, and surfaces; CalculiX reads it too.

use super::solid::{HEADER, Solid};
use std::fmt::Write;

/// Abaqus numbers faces after their corners: 1-2-3, 1-4-2, 2-4-3, 3-4-1; this is the one opposite each corner.
const FACE_OPPOSITE: [u8; 4] = [3, 4, 2, 1];

/// The mesh as an Abaqus input file. It has no material, step or boundary condition.
///
/// Element sets are called `R<region>_<name>`, node sets the same with `N_` before it; surfaces `OUTER_…` and `BETWEEN_…`.
pub fn encode(solid: &Solid<'_>) -> String {
    let mut text = format!("*HEADING\n{HEADER}\n** stresses come out in MPa where forces are N and moduli MPa\n");
    text += "*NODE, NSET=N_ALL\n";
    for (n, p) in solid.mesh.positions().iter().enumerate() {
        let _ = writeln!(text, "{}, {:.9e}, {:.9e}, {:.9e}", n + 1, p.x, p.y, p.z);
    }
    let regions = solid.regions();
    for (region, tets) in &regions {
        let _ = writeln!(text, "*ELEMENT, TYPE=C3D4, ELSET={}", solid.word(*region));
        for tet in tets {
            let [a, b, c, d] = solid.mesh.tets()[*tet].map(|v| v + 1);
            let _ = writeln!(text, "{}, {a}, {b}, {c}, {d}", tet + 1);
        }
    }
    for (region, tets) in &regions {
        let _ = writeln!(text, "*NSET, NSET=N_{}", solid.word(*region));
        for line in solid.vertices(tets).chunks(12) {
            let line: Vec<String> = line.iter().map(|v| (v + 1).to_string()).collect();
            let _ = writeln!(text, "{}", line.join(", "));
        }
    }
    for (name, faces) in solid.surfaces() {
        let _ = writeln!(text, "*SURFACE, NAME={name}, TYPE=ELEMENT");
        for face in faces {
            let _ = writeln!(text, "{}, S{}", face.tet + 1, FACE_OPPOSITE[usize::from(face.corner)]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::solid::two_regions;

    #[test]
    fn every_node_element_and_set_is_in_the_file() {
        let (mesh, names) = two_regions();
        let text = encode(&Solid { mesh: &mesh, names: &names });
        assert!(text.starts_with("*HEADING\nby prosector; millimetres, axes LPS"));
        let section = |head: &str| -> Vec<String> {
            let lines = text.lines().skip_while(|line| *line != head).skip(1).take_while(|line| !line.starts_with('*'));
            lines.map(str::to_owned).collect()
        };
        let numbers = |line: &str| -> Vec<f64> { line.split(',').map(|word| word.trim().parse().unwrap()).collect() };
        let nodes = section("*NODE, NSET=N_ALL");
        assert_eq!(nodes.len(), mesh.positions().len());
        for (line, p) in nodes.iter().zip(mesh.positions()) {
            assert!(numbers(line)[1..].iter().zip(p.iter()).all(|(got, wanted)| (got - wanted).abs() < 1e-8));
        }
        let liver = section("*ELEMENT, TYPE=C3D4, ELSET=R1_liver__left_");
        let tumour = section("*ELEMENT, TYPE=C3D4, ELSET=R2_region_2");
        assert_eq!(liver.len() + tumour.len(), mesh.tets().len());
        assert_eq!(liver.len(), mesh.regions().iter().filter(|region| **region == 1).count());
        // Every listed side has the corners of the triangle it stands for.
        let sides = section("*SURFACE, NAME=BETWEEN_R1_liver__left__AND_R2_region_2, TYPE=ELEMENT");
        assert_eq!(sides.len(), 2);
        for side in sides {
            let (tet, face) = side.split_once(", S").unwrap();
            let corners = mesh.tets()[tet.parse::<usize>().unwrap() - 1];
            let face = [[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]][face.parse::<usize>().unwrap() - 1];
            assert!(face.iter().all(|n| (mesh.positions()[corners[*n] as usize].x - 1.0).abs() < 1e-12));
        }
    }
}
