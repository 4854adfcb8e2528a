//! `object.remove`: take an object out of the case; undo brings it back.

use crate::base::NodeId;
use crate::session::{Case, Change, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Take an object out of the case.
#[derive(Debug)]
pub struct ObjectRemove;

/// Parameters of [`ObjectRemove`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    node: NodeId,
}

impl Tool for ObjectRemove {
    const ID: &'static str = "object.remove";
    const LABEL: &'static str = "Remove";
    const HELP: &'static str = "Take an object out of the case; undo brings it back.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[ParamSpec::needed("node", Kind::AnyNode, "", "the object")];
    type Params = Params;

    fn prepare(case: &Case, Params { node }: Params) -> Result<Task, CommandError> {
        let old = case.node(node).ok_or_else(|| CommandError::BadParams(format!("there is no object {node}")))?;
        let label = format!("remove {}", old.name);
        Ok(Box::new(move |_| Ok(Edit::new(label).change(Change::Remove(node)))))
    }
}
