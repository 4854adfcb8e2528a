//! VTU and VTP: unstructured grids and surfaces of the Visualization Toolkit, with raw binary arrays after the XML.

use crate::mesh::{Field, Surface, TetMesh};
use std::fmt::Write;

/// VTK's number for a tetrahedron.
const TETRAHEDRON: u8 = 10;

/// A tetrahedral mesh as a VTU file: points in LPS millimetres (doubles), the region of every cell, and a point array per
/// field, called after its name and unit.
///
/// # Panics
/// If a field has not one value per vertex.
pub fn encode_tets(mesh: &TetMesh, fields: &[Field]) -> Vec<u8> {
    let n = mesh.tets().len();
    let mut file = Writer::default();
    let points = file.points(mesh.positions().iter().map(|p| [p.x, p.y, p.z]), mesh.positions().len(), fields);
    let region = file.array("UInt8", "region", 1, mesh.regions().to_vec());
    let cells = [
        file.array("Int64", "connectivity", 1, indices(mesh.tets().as_flattened())),
        file.array("Int64", "offsets", 1, (1..=n as i64).flat_map(|n| (4 * n).to_le_bytes()).collect()),
        file.array("UInt8", "types", 1, vec![TETRAHEDRON; n]),
    ];
    let count = mesh.positions().len();
    let piece = format!(
        "<Piece NumberOfPoints=\"{count}\" NumberOfCells=\"{n}\">\n{points}<CellData Scalars=\"region\">\n{region}</CellData>\n<Cells>\n{}</Cells>\n</Piece>\n",
        cells.concat()
    );
    file.finish("UnstructuredGrid", &piece)
}

/// A surface as a VTP file, as [`encode_tets`].
///
/// # Panics
/// If a field has not one value per vertex.
pub fn encode_surface(surface: &Surface, fields: &[Field]) -> Vec<u8> {
    let (count, n) = (surface.positions().len(), surface.triangles().len());
    let mut file = Writer::default();
    let points = file.points(surface.positions().iter().map(|p| [p.x, p.y, p.z]), count, fields);
    let polygons = [
        file.array("Int64", "connectivity", 1, indices(surface.triangles().as_flattened())),
        file.array("Int64", "offsets", 1, (1..=n as i64).flat_map(|n| (3 * n).to_le_bytes()).collect()),
    ];
    let piece = format!(
        "<Piece NumberOfPoints=\"{count}\" NumberOfVerts=\"0\" NumberOfLines=\"0\" NumberOfStrips=\"0\" NumberOfPolys=\"{n}\">\n{points}<Polys>\n{}</Polys>\n</Piece>\n",
        polygons.concat()
    );
    file.finish("PolyData", &piece)
}

fn indices(vertices: &[u32]) -> Vec<u8> {
    vertices.iter().flat_map(|v| i64::from(*v).to_le_bytes()).collect()
}

/// Arrays behind the XML, each after its length.
#[derive(Default)]
struct Writer {
    appended: Vec<u8>,
}

impl Writer {
    fn array(&mut self, kind: &str, name: &str, components: usize, bytes: Vec<u8>) -> String {
        let offset = self.appended.len();
        self.appended.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.appended.extend_from_slice(&bytes);
        let name = super::words::xml(name);
        format!(
            "<DataArray type=\"{kind}\" Name=\"{name}\" NumberOfComponents=\"{components}\" format=\"appended\" offset=\"{offset}\"/>\n"
        )
    }

    fn points(&mut self, points: impl Iterator<Item = [f64; 3]>, count: usize, fields: &[Field]) -> String {
        let mut text = String::from("<PointData>\n");
        for field in fields {
            assert_eq!(field.values.len(), count, "one value per vertex");
            let name =
                if field.unit.is_empty() { field.name.clone() } else { format!("{} ({})", field.name, field.unit) };
            text += &self.array("Float64", &name, 1, field.values.iter().flat_map(|v| v.to_le_bytes()).collect());
        }
        let points = self.array("Float64", "Points", 3, points.flatten().flat_map(f64::to_le_bytes).collect());
        let _ = write!(text, "</PointData>\n<Points>\n{points}</Points>\n");
        text
    }

    fn finish(self, kind: &str, piece: &str) -> Vec<u8> {
        let mut bytes = format!(
            "<?xml version=\"1.0\"?>\n<!-- by prosector; millimetres, axes LPS: x to the patient's left, y to the back, z to the head -->\n<VTKFile type=\"{kind}\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n<{kind}>\n{piece}</{kind}>\n<AppendedData encoding=\"raw\">\n_"
        )
        .into_bytes();
        bytes.extend_from_slice(&self.appended);
        bytes.extend_from_slice(b"\n</AppendedData>\n</VTKFile>\n");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::block::block;

    /// The bytes of an array by its name, as the header says where they are.
    fn array<'a>(file: &'a [u8], name: &str) -> &'a [u8] {
        let start = file.windows(3).position(|w| w == b"\n_\0" || (w[0] == b'\n' && w[1] == b'_')).unwrap() + 2;
        let header = String::from_utf8_lossy(&file[..start]).into_owned();
        let tag = header.split("<DataArray").find(|tag| tag.contains(&format!("Name=\"{name}\""))).unwrap().to_owned();
        let offset: usize = tag.split("offset=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        let length = u64::from_le_bytes(file[start + offset..][..8].try_into().unwrap()) as usize;
        &file[start + offset + 8..][..length]
    }

    #[test]
    fn arrays_lie_where_the_header_says() {
        let mesh = block([2, 2, 1], [3.0, 2.0, 1.0]);
        let field = Field::new("load <1>", "N", (0..mesh.positions().len()).map(|n| n as f64).collect());
        let file = encode_tets(&mesh, &[field]);
        let doubles =
            |bytes: &[u8]| -> Vec<f64> { bytes.chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect() };
        let points: Vec<f64> = mesh.positions().iter().flat_map(|p| [p.x, p.y, p.z]).collect();
        assert_eq!(doubles(array(&file, "Points")), points);
        assert_eq!(array(&file, "region"), mesh.regions());
        assert_eq!(array(&file, "connectivity"), indices(mesh.tets().as_flattened()));
        assert_eq!(doubles(array(&file, "load &lt;1&gt; (N)")).last(), Some(&(mesh.positions().len() as f64 - 1.0)));
        let (surface, _) = mesh.boundary();
        assert_eq!(array(&encode_surface(&surface, &[]), "connectivity").len(), 24 * surface.triangles().len());
    }
}
