//! `view.show`: every object as a saved view has it, in one step.

use crate::base::NodeId;
use crate::session::{Case, Change, CommandError, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::views;
use serde::{Deserialize, Serialize};

/// Show every object as a saved view has it.
#[derive(Debug)]
pub struct ViewShow;

/// Parameters of [`ViewShow`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    view: NodeId,
}

impl Tool for ViewShow {
    const ID: &'static str = "view.show";
    const LABEL: &'static str = "Show objects as in a view…";
    const HELP: &'static str = "Give every object the visibility, opacity and colour it had in a saved view; objects made since stay as they are.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[ParamSpec::needed("view", Kind::Node(NodeKind::View), "", "the saved view")];
    type Params = Params;

    fn prepare(case: &Case, Params { view: id }: Params) -> Result<Task, CommandError> {
        let view = views::view_of(case, id)?;
        let name = &case.expect_kind(id, NodeKind::View)?.name;
        let mut edit = Edit::new(format!("show {name}"));
        for (node, display) in view.differences(case) {
            edit = edit.change(Change::Show { id: node, display });
        }
        if edit.changes.is_empty() {
            edit = edit.say(format!("everything is shown as in {name} already"));
        }
        Ok(Box::new(move |_| Ok(edit)))
    }
}
