//! 3MF: coloured surfaces in millimetres for printers, a package of XML.

use super::glb::Part;
use super::words::xml;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>
"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="/3D/3dmodel.model" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>
"#;

/// A 3MF package of `parts`, each an object of its own in one colour.
///
/// # Errors
/// What the packer says; packing into memory does not fail otherwise.
pub fn encode(parts: &[Part<'_>]) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, text) in
        [("[Content_Types].xml", TYPES), ("_rels/.rels", RELATIONS), ("3D/3dmodel.model", &model(parts))]
    {
        zip.start_file(name, options).map_err(std::io::Error::other)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish().map_err(std::io::Error::other)?.into_inner())
}

fn model(parts: &[Part<'_>]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<model unit=\"millimeter\" xml:lang=\"en-US\" xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\">\n<metadata name=\"Application\">prosector</metadata>\n<metadata name=\"Description\">Axes LPS: x to the patient's left, y to the back, z to the head</metadata>\n<resources>\n<basematerials id=\"1\">\n",
    );
    for part in parts {
        let [r, g, b, a] = part.rgba;
        let _ = writeln!(text, "<base name=\"{}\" displaycolor=\"#{r:02X}{g:02X}{b:02X}{a:02X}\"/>", xml(part.name));
    }
    text += "</basematerials>\n";
    for (n, part) in parts.iter().enumerate() {
        let (id, name) = (n + 2, xml(part.name));
        let _ = writeln!(
            text,
            "<object id=\"{id}\" type=\"model\" name=\"{name}\" pid=\"1\" pindex=\"{n}\"><mesh><vertices>"
        );
        for p in part.surface.positions() {
            let _ = writeln!(text, "<vertex x=\"{:.5}\" y=\"{:.5}\" z=\"{:.5}\"/>", p.x, p.y, p.z);
        }
        text += "</vertices><triangles>\n";
        for [a, b, c] in part.surface.triangles() {
            let _ = writeln!(text, "<triangle v1=\"{a}\" v2=\"{b}\" v3=\"{c}\"/>");
        }
        text += "</triangles></mesh></object>\n";
    }
    text += "</resources>\n<build>\n";
    for n in 0..parts.len() {
        let _ = writeln!(text, "<item objectid=\"{}\"/>", n + 2);
    }
    text + "</build>\n</model>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::block::block;
    use std::io::Read;

    #[test]
    fn a_package_holds_units_colours_and_all_triangles() {
        let (surface, _) = block([1, 1, 1], [10.0, 20.0, 30.0]).boundary();
        let part = Part { name: "bone <left>", surface: &surface, rgba: [1, 2, 255, 255], colours: None };
        let bytes = encode(&[part, part]).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(zip.len(), 3);
        let mut text = String::new();
        zip.by_name("3D/3dmodel.model").unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains("<model unit=\"millimeter\"") && text.contains("displaycolor=\"#0102FFFF\""));
        assert!(text.contains("name=\"bone &lt;left&gt;\""));
        assert_eq!(text.matches("<triangle ").count(), 2 * surface.triangles().len());
        assert_eq!(text.matches("<vertex ").count(), 2 * surface.positions().len());
        assert_eq!(text.matches("<item ").count(), 2);
    }
}
