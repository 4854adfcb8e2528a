//! What of a node can be drawn as a surface: cheap clones of its data, ready to be turned into a mesh on another thread.

use crate::base::Summary;
use crate::base::units::PA_PER_MMHG;
use crate::biomech::TissueResult;
use crate::flow::{FlowResult, is_of_shear};
use crate::mesh::{CentreLines, Doubt, Field, Surface, TetMesh};
use crate::session::{Data, Node, data::SurfaceData};
use std::sync::Arc;

/// Sides of the tubes along centre lines.
const TUBE_SIDES: u32 = 12;

/// The drawable part of a node.
#[derive(Debug, Clone)]
pub(super) enum Drawable {
    /// A surface with its fields, and how thick it was looked for at most, in mm, if that was what made it.
    Surface(Arc<SurfaceData>, Option<f64>),
    /// The boundary of a tetrahedral mesh.
    Tets(TetMesh),
    /// Tubes along centre lines.
    Lines(Arc<CentreLines>),
    /// The boundary of a deformed body, and the account of it, which states its limits.
    Tissue(Arc<TissueResult>, Summary),
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

/// The thickness from which on a surface only says that it is at least as thick.
fn thickness_looked_for(node: &Node) -> Option<f64> {
    let made = node.made_by().filter(|made| made.tool == "surface.thickness")?;
    made.params.get("most_mm").and_then(|most| most.as_f64())
}

impl Drawable {
    /// Where `field` is outside of what the method can tell, by what the result says of itself. Computes.
    fn doubt(&self, field: &Field) -> Option<Doubt> {
        match self {
            Self::Surface(_, Some(most_mm)) if field.name == "thickness" => {
                let marks = field.values.iter().map(|value| *most_mm <= *value + 1e-9).collect();
                Doubt::of(marks, format!("at least {most_mm} mm, thicker was not looked for"))
            }
            Self::Tissue(result, account) if field.name == "von Mises stress" => result.stress_doubt(account),
            Self::Flow(result, _) if is_of_shear(&field.name) => result.shear_doubt(),
            _ => None,
        }
    }

    /// As [`Drawable::surface`], without the values that are not valid; third, why they are not.
    pub(super) fn checked(&self, field: Option<&str>) -> (Surface, Option<Field>, Option<String>) {
        let (surface, field) = self.surface(field);
        let doubt = field.as_ref().and_then(|field| self.doubt(field));
        let valid = doubt.as_ref().zip(field.as_ref()).and_then(|(doubt, field)| doubt.apply(field));
        match (valid, doubt) {
            (Some(valid), Some(doubt)) => (surface, Some(valid), Some(doubt.because)),
            _ => (surface, field, None),
        }
    }

    /// The drawable part of `node`, if it has one.
    pub(super) fn of(node: &Node) -> Option<Self> {
        match &node.data {
            Data::Surface(data) => Some(Self::Surface(Arc::clone(data), thickness_looked_for(node))),
            Data::Tets(mesh) => Some(Self::Tets(mesh.clone())),
            Data::Lines(lines) => Some(Self::Lines(Arc::clone(lines))),
            Data::Tissue(result) => Some(Self::Tissue(Arc::clone(result), node.summary.clone())),
            Data::Flow(result) => Some(Self::Flow(Arc::clone(result), is_blood(node))),
            Data::Scan(_) | Data::Labels(_) | Data::Measure(_) | Data::View(_) | Data::Plan(_) => None,
        }
    }

    /// The surface to draw and the field called `field` on its vertices, if there is one. Computes; not for the main thread.
    pub(super) fn surface(&self, field: Option<&str>) -> (Surface, Option<Field>) {
        match self {
            Self::Surface(data, _) => {
                let field = field.and_then(|name| data.fields.iter().find(|each| each.name == name)).cloned();
                (data.surface.clone(), field)
            }
            Self::Tets(mesh) => (mesh.boundary().0, None),
            Self::Lines(lines) => {
                let (surface, radius) = lines.surface(TUBE_SIDES);
                (surface, field.filter(|name| *name == radius.name).map(|_| radius))
            }
            Self::Tissue(result, _) => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::cuboid;
    use crate::session::Command;
    use serde_json::json;

    #[test]
    fn a_thickness_that_was_not_looked_for_further_is_not_valid() {
        let surface = cuboid([8.0, 6.0, 4.0]);
        let mut values = vec![4.0; surface.positions().len()];
        values[3] = 20.0;
        let field = Field::new("thickness", "mm", values);
        let data = SurfaceData { surface, fields: vec![field] };
        let node = Node::new("Block", Data::Surface(Arc::new(data)));
        let made = node.clone().made_by_command(Some(Command::new("surface.thickness", json!({ "most_mm": 20.0 }))));
        let (_, field, because) = Drawable::of(&made).unwrap().checked(Some("thickness"));
        let field = field.unwrap();
        assert!(field.values[3].is_nan() && field.values.iter().filter(|value| value.is_nan()).count() == 1);
        assert!(because.unwrap().contains("at least 20 mm"));
        // Where nobody says how far was looked, values are taken as they are.
        let (_, field, because) = Drawable::of(&node).unwrap().checked(Some("thickness"));
        assert_eq!((field.unwrap().values[3], because), (20.0, None));
    }
}
