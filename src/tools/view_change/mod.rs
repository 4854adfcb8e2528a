//! `view.change`: another note for a saved view.

use crate::base::NodeId;
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, NodeKind, ParamSpec, SavedView, Step, Task, Tool};
use crate::tools::shared::{in_place_of, views};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Another note for a saved view.
#[derive(Debug)]
pub struct ViewChange;

/// Parameters of [`ViewChange`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    view: NodeId,
    note: String,
}

impl Tool for ViewChange {
    const ID: &'static str = "view.change";
    const LABEL: &'static str = "Note on a view…";
    const HELP: &'static str = "Write another note on a saved view; it stands under its picture in the report.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("view", Kind::Node(NodeKind::View), "", "the saved view"),
        ParamSpec::needed("note", Kind::Text, "", "what is to be said about it, up to 2000 characters; may be empty"),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { view: id, note }: Params) -> Result<Task, CommandError> {
        let was = views::view_of(case, id)?;
        let old = Arc::clone(case.expect_kind(id, NodeKind::View)?);
        let note = views::note(&note)?;
        Ok(Box::new(move |_| {
            let view = SavedView { note, ..(*was).clone() };
            let node = in_place_of(&old, &old.name, Data::View(Arc::new(view)));
            let label = format!("write on {}", old.name);
            Ok(Edit::new(label).change(Change::Replace { id, was: old.hash(), node }))
        }))
    }
}
