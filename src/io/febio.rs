//! FEBio input (version 4.0): nodes, a domain of tetrahedra per region, and surfaces.

use super::solid::{HEADER, Solid};
use super::words::xml;
use std::fmt::Write;

/// The mesh as a FEBio model without steps or boundary conditions. Every region has a neo-Hookean material to be replaced.
pub fn encode(solid: &Solid<'_>) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {HEADER} -->\n<febio_spec version=\"4.0\">\n<Module type=\"solid\">\n<units>mm-N-s</units>\n</Module>\n"
    );
    let regions = solid.regions();
    text += "<!-- moduli in MPa; the same soft material everywhere, to be replaced -->\n<Material>\n";
    for (n, region) in regions.keys().enumerate() {
        let word = solid.word(*region);
        let _ = writeln!(
            text,
            "<material id=\"{}\" name=\"{word}\" type=\"neo-Hookean\"><density>1e-9</density><E>0.005</E><v>0.45</v></material>",
            n + 1
        );
    }
    text += "</Material>\n<Mesh>\n<Nodes name=\"all\">\n";
    for (n, p) in solid.mesh.positions().iter().enumerate() {
        let _ = writeln!(text, "<node id=\"{}\">{:.9e},{:.9e},{:.9e}</node>", n + 1, p.x, p.y, p.z);
    }
    text += "</Nodes>\n";
    for (region, tets) in &regions {
        let (word, name) = (solid.word(*region), xml(&solid.name(*region)).replace("--", "- -"));
        let _ = writeln!(text, "<!-- {word}: {name} -->\n<Elements type=\"tet4\" name=\"{word}\">");
        for tet in tets {
            let [a, b, c, d] = solid.mesh.tets()[*tet].map(|v| v + 1);
            let _ = writeln!(text, "<elem id=\"{}\">{a},{b},{c},{d}</elem>", tet + 1);
        }
        text += "</Elements>\n";
    }
    for (region, tets) in &regions {
        let vertices: Vec<String> = solid.vertices(tets).iter().map(|v| (v + 1).to_string()).collect();
        let _ = writeln!(text, "<NodeSet name=\"N_{}\">{}</NodeSet>", solid.word(*region), vertices.join(","));
    }
    for (name, faces) in solid.surfaces() {
        let _ = writeln!(text, "<Surface name=\"{name}\">");
        for (n, face) in faces.iter().enumerate() {
            let [a, b, c] = face.triangle.map(|v| v + 1);
            let _ = writeln!(text, "<tri3 id=\"{}\">{a},{b},{c}</tri3>", n + 1);
        }
        text += "</Surface>\n";
    }
    text += "</Mesh>\n<MeshDomains>\n";
    for region in regions.keys() {
        let word = solid.word(*region);
        let _ = writeln!(text, "<SolidDomain name=\"{word}\" mat=\"{word}\"/>");
    }
    text + "</MeshDomains>\n</febio_spec>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::solid::two_regions;

    #[test]
    fn domains_hold_all_elements_and_every_tag_is_closed() {
        let (mesh, names) = two_regions();
        let text = encode(&Solid { mesh: &mesh, names: &names });
        let count = |what: &str| text.matches(what).count();
        assert_eq!((count("<node id"), count("<elem id")), (mesh.positions().len(), mesh.tets().len()));
        assert_eq!((count("<Elements "), count("<SolidDomain "), count("<material ")), (2, 2, 2));
        assert_eq!((count("<Surface "), count("<tri3 ")), (3, 22));
        for tag in ["node", "elem", "Elements", "Surface", "tri3", "NodeSet", "material", "Mesh", "febio_spec"] {
            assert_eq!(count(&format!("<{tag} ")) + count(&format!("<{tag}>")), count(&format!("</{tag}>")), "{tag}");
        }
    }
}
