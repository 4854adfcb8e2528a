//! `export.mesh`: surfaces and results to STL, PLY, OBJ, GLB, 3MF or VTP, tetrahedra to VTU, Gmsh, Abaqus or FEBio.

mod solids;

use self::solids::{SOLID_FORMATS, solid_bytes};
use crate::base::NodeId;
use crate::image::colormap::Colormap;
use crate::io::file::write_whole;
use crate::io::{glb, obj, ply, stl, three_mf, vtu};
use crate::mesh::{Field, Surface};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// Surfaces, tetrahedra and results to files of other programs.
#[derive(Debug)]
pub struct ExportMesh;

/// Parameters of [`ExportMesh`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    node: Option<NodeId>,
    path: PathBuf,
    format: Option<String>,
}

/// Sides of the tubes that centre lines are written as.
const TUBE_SIDES: u32 = 12;
const FORMATS: &[&str] = &["stl", "ply", "obj", "glb", "3mf", "vtp", "vtu", "msh", "inp", "feb"];
/// Formats that can hold several objects.
const SCENES: [&str; 2] = ["glb", "3mf"];

impl Tool for ExportMesh {
    const ID: &'static str = "export.mesh";
    const LABEL: &'static str = "Export mesh…";
    const HELP: &'static str = "Write a surface or result as STL, PLY, OBJ, GLB, 3MF or VTP, or tetrahedra as VTU, Gmsh (msh), Abaqus (inp) or FEBio (feb), in LPS millimetres; only GLB is in metres with Y up, as glTF says.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::with(
            "node",
            Kind::AnyNode,
            "",
            "null",
            "the object; all visible surfaces (GLB and 3MF only) if not given",
        ),
        ParamSpec::needed("path", Kind::Path, "", "the file"),
        ParamSpec::with(
            "format",
            Kind::Choice(FORMATS),
            "",
            "null",
            "the format; from the ending of the file if not given",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { node, path, format }: Params) -> Result<Task, CommandError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let format = format.or(ending).unwrap_or_default();
        if !FORMATS.contains(&format.as_str()) {
            let text = format!("'{format}' is none of the formats {}; end the file's name in one", FORMATS.join(", "));
            return Err(CommandError::BadParams(text));
        }
        let nodes: Vec<Arc<Node>> = match node {
            Some(id) => {
                let node = case.node(id).ok_or_else(|| CommandError::BadParams(format!("there is no object {id}")))?;
                if has_no_surface(&node.data) {
                    let (name, kind) = (&node.name, node.data.kind().words());
                    let text = format!("object {id} ({name}) is {kind}, which has no surface; make one first");
                    return Err(CommandError::BadParams(text));
                }
                vec![Arc::clone(node)]
            }
            None if SCENES.contains(&format.as_str()) => {
                let shown = case.nodes().filter(|(_, node)| node.display.visible && !has_no_surface(&node.data));
                shown.map(|(_, node)| Arc::clone(node)).collect()
            }
            None => return Err(CommandError::BadParams(format!("say which object goes into the {format} file"))),
        };
        if nodes.is_empty() {
            return Err(CommandError::BadParams("there is no visible surface to write".into()));
        }
        if SOLID_FORMATS.contains(&format.as_str()) {
            return solid_bytes(case, Arc::clone(&nodes[0]), format, path);
        }
        Ok(Box::new(move |progress| {
            let shapes: Vec<(Surface, Vec<Field>)> = nodes.iter().map(|node| shape(&node.data)).collect();
            progress.set(0.3)?;
            let (surface, fields) = &shapes[0];
            let bytes = match format.as_str() {
                "stl" => stl::encode(surface),
                "ply" => ply::encode(surface, fields, None),
                "vtp" => vtu::encode_surface(surface, fields),
                "obj" => obj::encode(surface, &nodes[0].name).into_bytes(),
                _ => {
                    let colours: Vec<Option<Vec<[u8; 3]>>> =
                        nodes.iter().zip(&shapes).map(|(node, (_, fields))| vertex_colours(node, fields)).collect();
                    let parts = nodes.iter().zip(&shapes).zip(&colours).map(|((node, (surface, _)), colours)| {
                        let [r, g, b] = node.display.colour;
                        let rgba = [r, g, b, (255.0 * node.display.opacity) as u8];
                        glb::Part { name: &node.name, surface, rgba, colours: colours.as_deref() }
                    });
                    let parts: Vec<glb::Part<'_>> = parts.collect();
                    match format.as_str() {
                        "3mf" => three_mf::encode(&parts).map_err(|error| CommandError::failed(&error))?,
                        _ => glb::encode(&parts),
                    }
                }
            };
            progress.set(0.8)?;
            write_whole(&path, &bytes).map_err(|error| CommandError::failed(&error))?;
            let size_mb = bytes.len() as f64 / 1e6;
            Ok(Edit::new("export mesh").say(format!("wrote {} ({size_mb:.1} MB)", path.display())))
        }))
    }
}

/// The colours of the field the node is shown with.
fn vertex_colours(node: &Node, fields: &[Field]) -> Option<Vec<[u8; 3]>> {
    let field = fields.iter().find(|field| Some(&field.name) == node.display.field.as_ref())?;
    // A single outlier must not take all of the scale.
    let range = field.robust_range(0.01)?;
    let map = Colormap::for_field(&field.name, range);
    let range = map.range(range);
    Some(field.values.iter().map(|value| map.colour_of(*value, range)).collect())
}

fn has_no_surface(data: &Data) -> bool {
    matches!(data, Data::Scan(_) | Data::Labels(_) | Data::Measure(_) | Data::View(_) | Data::Plan(_))
}

/// The surface of a node and its fields; results as they stand after deformation.
fn shape(data: &Data) -> (Surface, Vec<Field>) {
    match data {
        Data::Surface(data) => (data.surface.clone(), data.fields.clone()),
        Data::Tets(mesh) => (mesh.boundary().0, Vec::new()),
        Data::Lines(lines) => {
            let (surface, radius) = lines.surface(TUBE_SIDES);
            (surface, vec![radius])
        }
        Data::Tissue(result) => {
            let (rest, _) = result.mesh.boundary();
            let moved = rest.with_positions(result.positions_mm()).unwrap_or(rest);
            (moved, vec![result.displacement_field(), result.von_mises_field()])
        }
        Data::Flow(result) => (result.wall.clone(), result.wall_fields.clone()),
        Data::Scan(_) | Data::Labels(_) | Data::Measure(_) | Data::View(_) | Data::Plan(_) => {
            unreachable!("refused before")
        }
    }
}
