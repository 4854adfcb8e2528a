//! `object.rename`: give an object another name.

use crate::base::NodeId;
use crate::session::{Case, Change, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Give an object another name.
#[derive(Debug)]
pub struct ObjectRename;

/// Parameters of [`ObjectRename`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    node: NodeId,
    name: String,
}

impl Tool for ObjectRename {
    const ID: &'static str = "object.rename";
    const LABEL: &'static str = "Rename…";
    const HELP: &'static str = "Give an object another name.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("node", Kind::AnyNode, "", "the object"),
        ParamSpec::needed("name", Kind::Text, "", "its new name, 1 to 80 characters"),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { node, name }: Params) -> Result<Task, CommandError> {
        let name = super::shared::name(&name)?;
        let old = case.node(node).ok_or_else(|| CommandError::BadParams(format!("there is no object {node}")))?;
        let label = format!("rename {} to {name}", old.name);
        Ok(Box::new(move |_| Ok(Edit::new(label).change(Change::Rename { id: node, name }))))
    }
}
