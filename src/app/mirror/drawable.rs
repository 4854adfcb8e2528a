//! What of a node can be drawn as a surface: cheap clones of its data, ready to be turned into a mesh on another thread.

use crate::base::units::PA_PER_MMHG;
use crate::biomech::TissueResult;
use crate::flow::FlowResult;
use crate::mesh::{CentreLines, Field, Surface, TetMesh};
use crate::session::{Data, Node, data::SurfaceData};
use std::sync::Arc;

/// Sides of the tubes along centre lines.
const TUBE_SIDES: u32 = 12;

/// The drawable part of a node.
#[derive(Debug, Clone)]
pub(super) enum Drawable {
    /// A surface with its fields.
    Surface(Arc<SurfaceData>),
    /// The boundary of a tetrahedral mesh.
    Tets(TetMesh),
    /// Tubes along centre lines.
    Lines(Arc<CentreLines>),
    /// The boundary of a deformed body.
    Tissue(Arc<TissueResult>),
    /// The wall around a flow, and whether its pressure is that of blood.
    Flow(Arc<FlowResult>, bool),
}

/// The pressure of blood in mmHg, as clinicians read it; other fields as they are.
pub(crate) fn in_mmhg(field: Field) -> Field {
    if field.name != "pressure" || field.unit != "Pa" {
        return field;
    }
    let values = field.values.iter().map(|pa| pa / PA_PER_MMHG).collect();
    Field::new("pressure", "mmHg", values)
}

/// Whether a flow is one of blood: by the command that computed it. What was made from other flows stays in Pa.
fn is_blood(node: &Node) -> bool {
    let Some(made) = node.made_by().filter(|made| made.tool == "simulate.flow") else { return false };
    let word = |name: &str| made.params.get(name).and_then(|value| value.as_str());
    let breathes = word("waveform") == Some("breathing") || word("vessel") == Some("airway");
    word("fluid").map_or(!breathes, |fluid| fluid != "air")
}

impl Drawable {
    /// The drawable part of `node`, if it has one.
    pub(super) fn of(node: &Node) -> Option<Self> {
        match &node.data {
            Data::Surface(data) => Some(Self::Surface(Arc::clone(data))),
            Data::Tets(mesh) => Some(Self::Tets(mesh.clone())),
            Data::Lines(lines) => Some(Self::Lines(Arc::clone(lines))),
            Data::Tissue(result) => Some(Self::Tissue(Arc::clone(result))),
            Data::Flow(result) => Some(Self::Flow(Arc::clone(result), is_blood(node))),
            Data::Scan(_) | Data::Labels(_) | Data::Measure(_) | Data::View(_) => None,
        }
    }

    /// The surface to draw and the field called `field` on its vertices, if there is one. Computes; not for the main thread.
    pub(super) fn surface(&self, field: Option<&str>) -> (Surface, Option<Field>) {
        match self {
            Self::Surface(data) => {
                let field = field.and_then(|name| data.fields.iter().find(|each| each.name == name)).cloned();
                (data.surface.clone(), field)
            }
            Self::Tets(mesh) => (mesh.boundary().0, None),
            Self::Lines(lines) => {
                let (surface, radius) = lines.surface(TUBE_SIDES);
                (surface, field.filter(|name| *name == radius.name).map(|_| radius))
            }
            Self::Tissue(result) => {
                let rest = result.mesh.boundary().0;
                let surface = rest.with_positions(result.positions_mm()).unwrap_or(rest);
                let fields = [result.displacement_field(), result.von_mises_field()];
                (surface, field.and_then(|name| fields.into_iter().find(|each| each.name == name)))
            }
            Self::Flow(result, is_blood) => {
                let field = field.and_then(|name| result.wall_fields.iter().find(|each| each.name == name)).cloned();
                (result.wall.clone(), if *is_blood { field.map(in_mmhg) } else { field })
            }
        }
    }
}
