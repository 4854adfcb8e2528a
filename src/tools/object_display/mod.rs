//! `object.display`: colour, opacity, visibility and colouring field of an object.

use crate::base::NodeId;
use crate::session::{Case, Change, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Show an object in another way.
#[derive(Debug)]
pub struct ObjectDisplay;

/// Parameters of [`ObjectDisplay`]; what is not given stays as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    node: NodeId,
    visible: Option<bool>,
    colour: Option<String>,
    opacity: Option<f32>,
    field: Option<String>,
}

impl Tool for ObjectDisplay {
    const ID: &'static str = "object.display";
    const LABEL: &'static str = "Show as…";
    const HELP: &'static str = "Change colour, opacity, visibility or colouring field of an object.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("node", Kind::AnyNode, "", "the object"),
        ParamSpec::with("visible", Kind::Bool, "", "null", "whether it is shown"),
        ParamSpec::with("colour", Kind::Text, "", "null", "its colour as #rrggbb"),
        ParamSpec::with("opacity", Kind::Number(0.0, 1.0), "", "null", "0 invisible to 1 opaque"),
        ParamSpec::with("field", Kind::Text, "", "null", "the field that colours it; empty for its own colour"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { node, visible, colour, opacity, field } = params;
        let old = case.node(node).ok_or_else(|| CommandError::BadParams(format!("there is no object {node}")))?;
        let mut display = old.display.clone();
        display.visible = visible.unwrap_or(display.visible);
        display.opacity = opacity.unwrap_or(display.opacity);
        if let Some(text) = colour {
            display.colour = super::shared::colour::colour_of(&text)?;
        }
        if let Some(field) = field {
            display.field = Some(field).filter(|field| !field.is_empty());
        }
        let what = match visible {
            Some(true) => "show",
            Some(false) => "hide",
            None => "display",
        };
        let label = format!("{what} {}", old.name);
        Ok(Box::new(move |_| Ok(Edit::new(label).change(Change::Show { id: node, display }))))
    }
}
