//! `segment.edit`: name, colour, code, lock, visibility, status and place of a segment.

use crate::base::NodeId;
use crate::image::{Segment, SegmentStatus, terminology};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::colour::colour_of;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Change what a segment is called and how it is treated.
#[derive(Debug)]
pub struct SegmentEdit;

/// Parameters of [`SegmentEdit`]; what is not given stays as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    name: Option<String>,
    colour: Option<String>,
    code: Option<u64>,
    locked: Option<bool>,
    hidden: Option<bool>,
    status: Option<SegmentStatus>,
    position: Option<usize>,
}

impl Tool for SegmentEdit {
    const ID: &'static str = "segment.edit";
    const LABEL: &'static str = "Edit segment…";
    const HELP: &'static str =
        "Rename, recolour, code, lock, hide or reorder a segment, or say how far the work on it is.";
    const STEP: Step = Step::Segment;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given"),
        ParamSpec::with("name", Kind::Text, "", "null", "its new name, 1 to 80 characters"),
        ParamSpec::with("colour", Kind::Text, "", "null", "its colour as #rrggbb"),
        ParamSpec::with(
            "code",
            Kind::Integer(0, i64::MAX),
            "",
            "null",
            "its SNOMED CT code, 0 for none; a known one also gives the usual colour if none is given",
        ),
        ParamSpec::with("locked", Kind::Bool, "", "null", "whether its voxels are safe from all edits"),
        ParamSpec::with("hidden", Kind::Bool, "", "null", "whether it is left out of slices and scene"),
        ParamSpec::with(
            "status",
            Kind::Choice(&["not_started", "in_progress", "completed", "flagged"]),
            "",
            "null",
            "how far the work on it is",
        ),
        ParamSpec::with("position", Kind::Integer(1, 255), "", "null", "its place in the list, 1 for the first"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: id, segment, name, colour, code, locked, hidden, status, position } = params;
        let labels = super::shared::labels(case, id)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let picked = super::shared::one_segment(&labels, segment)?;
        let mut table = labels.segments().to_vec();
        let at = table.iter().position(|segment| segment.id == picked).expect("picked above");
        let old = table[at].clone();
        // A locked segment may be unlocked, hidden and moved in the list, but stays what it is.
        let stays_locked = old.locked && locked != Some(false);
        if stays_locked && (name.is_some() || code.is_some()) {
            let text = format!("segment {} ({}) is locked; unlock it to change its name or code", old.id.0, old.name);
            return Err(CommandError::BadParams(text));
        }
        let given = colour.as_deref().map(colour_of).transpose()?;
        let usual = code.and_then(terminology::by_code).map(|term| term.colour);
        let new = Segment {
            name: name.as_deref().map(super::shared::name).transpose()?.unwrap_or(old.name.clone()),
            colour: given.or(usual).unwrap_or(old.colour),
            snomed: code.map_or(old.snomed, |code| Some(code).filter(|code| *code != 0)),
            locked: locked.unwrap_or(old.locked),
            hidden: hidden.unwrap_or(old.hidden),
            status: status.unwrap_or(old.status),
            id: old.id,
        };
        let only = table.len() == 1;
        table.remove(at);
        let place = position.map_or(at, |position| (position - 1).min(table.len()));
        table.insert(place, new.clone());
        if table == labels.segments() && labels.segments().len() != 1 {
            return Err(CommandError::BadParams(format!("nothing changes for segment {} ({})", old.id.0, old.name)));
        }
        let label = label(&old, &new, place != at);
        Ok(Box::new(move |_| {
            let labels = labels.with_segments(table).map_err(|error| CommandError::failed(&error))?;
            // A group of one has the name of its segment.
            let title = if only { new.name } else { node.name.clone() };
            let edited = super::shared::in_place_of(&node, title, Data::Labels(labels));
            Ok(Edit::new(label).change(Change::Replace { id, was: node.hash(), node: edited }))
        }))
    }
}

/// What the history says was done.
fn label(old: &Segment, new: &Segment, moved: bool) -> String {
    let name = &old.name;
    match () {
        () if old.name != new.name => format!("rename {name} to {}", new.name),
        () if old.locked != new.locked => format!("{} {name}", if new.locked { "lock" } else { "unlock" }),
        () if old.hidden != new.hidden => format!("{} {name}", if new.hidden { "hide" } else { "show" }),
        () if old.status != new.status => format!("{name} is {}", new.status.word().replace('_', " ")),
        () if moved => format!("reorder {name}"),
        () => format!("edit {name}"),
    }
}
