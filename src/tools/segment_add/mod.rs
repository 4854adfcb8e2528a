//! `segment.add`: empty segments to work on, by name, from the terminology, or all those of a procedure.

use crate::base::{NodeId, SegmentId};
use crate::image::terminology::{self, Member};
use crate::image::{LabelMap, Segment};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::colour::{colour_of, next_colour};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Empty segments to work on.
#[derive(Debug)]
pub struct SegmentAdd;

/// Parameters of [`SegmentAdd`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: Option<NodeId>,
    scan: Option<NodeId>,
    name: Option<String>,
    term: Option<String>,
    template: Option<String>,
    colour: Option<String>,
}

/// What a segment will be.
struct New {
    name: String,
    colour: Option<[u8; 3]>,
    snomed: Option<u64>,
}

impl Tool for SegmentAdd {
    const ID: &'static str = "segment.add";
    const LABEL: &'static str = "Add segment…";
    const HELP: &'static str =
        "Add an empty segment by name or from the terminology, or all segments of a procedure, to a segmentation.";
    const STEP: Step = Step::Segment;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::with(
            "labels",
            Kind::Node(NodeKind::Labels),
            "",
            "null",
            "the segmentation it is added to; a new one on the voxels of the scan if not given",
        ),
        ParamSpec::with("scan", Kind::Node(NodeKind::Scan), "", "null", "the scan of a new segmentation"),
        ParamSpec::with("name", Kind::Text, "", "null", "its name; that of the term if not given"),
        ParamSpec::with(
            "term",
            Kind::Text,
            "",
            "null",
            "a structure of the terminology by name or SNOMED CT code, e.g. left kidney; gives code and colour",
        ),
        ParamSpec::with(
            "template",
            Kind::Text,
            "",
            "null",
            "a procedure, e.g. liver resection: all its structures that are not there yet",
        ),
        ParamSpec::with("colour", Kind::Text, "", "null", "its colour as #rrggbb; that of the term if not given"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels, scan, name, term, template, colour } = params;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let colour = colour.as_deref().map(colour_of).transpose()?;
        let wanted = match (template, name, term) {
            (Some(template), None, None) => of_template(&template)?,
            (Some(_), ..) => return bad("a template brings its own names and terms; leave name and term out".into()),
            (None, None, None) => return bad("say a name, a term or a template".into()),
            (None, name, term) => vec![one(name, term.as_deref(), colour)?],
        };
        let (old, table, label) = match (labels, scan) {
            (Some(id), None) => {
                let labels = super::shared::labels(case, id)?;
                (Some((id, Arc::clone(case.expect_kind(id, NodeKind::Labels)?))), labels, "add")
            }
            (None, Some(id)) => {
                let node = case.expect_kind(id, NodeKind::Scan)?;
                let Data::Scan(scan) = &node.data else { unreachable!("the kind was checked") };
                let empty = LabelMap::empty(Arc::clone(scan.grid()), Vec::new());
                (None, empty.map_err(|error| CommandError::failed(&error))?, "new segmentation")
            }
            (Some(_), Some(_)) => return bad("give the segmentation or the scan, not both".into()),
            (None, None) => return bad("give the segmentation it is added to, or the scan of a new one".into()),
        };
        let (segments, added) = with_new(table.segments().to_vec(), wanted)?;
        let names = added.join(", ");
        let group = match &old {
            Some((_, node)) => node.name.clone(),
            None if added.len() == 1 => names.clone(),
            None => "segmentation".into(),
        };
        Ok(Box::new(move |_| {
            let labels = table.with_segments(segments).map_err(|error| CommandError::failed(&error))?;
            let edit = Edit::new(format!("{label} {names}"));
            Ok(match old {
                Some((id, node)) => {
                    let new = super::shared::in_place_of(&node, group, Data::Labels(labels));
                    edit.change(Change::Replace { id, was: node.hash(), node: new })
                }
                None => {
                    let new = Node::new(group, Data::Labels(labels));
                    edit.add(match scan {
                        Some(scan) => new.from_source(scan),
                        None => new,
                    })
                }
            })
        }))
    }
}

fn one(name: Option<String>, term: Option<&str>, colour: Option<[u8; 3]>) -> Result<New, CommandError> {
    let member = match term {
        Some(text) => Some(member(text)?),
        // A name that is a term's has its code and colour.
        None => name.as_deref().and_then(terminology::by_name),
    };
    let name = match name {
        Some(name) => super::shared::name(&name)?,
        None => member.map_or(String::new(), Member::name),
    };
    Ok(New {
        name,
        colour: colour.or(member.map(|member| member.term.colour)),
        snomed: member.map(|member| member.term.code),
    })
}

/// The term with this name or code.
fn member(text: &str) -> Result<Member, CommandError> {
    let by_code = || text.trim().parse().ok().and_then(terminology::by_code).map(|term| Member { term, side: None });
    terminology::by_name(text).or_else(by_code).ok_or_else(|| {
        let near: Vec<&str> = terminology::search(text).iter().take(3).map(|term| term.name).collect();
        let hint = if near.is_empty() {
            "search for a part of the name".into()
        } else {
            format!("near are: {}", near.join(", "))
        };
        CommandError::BadParams(format!("'{text}' is no term of the terminology; {hint}"))
    })
}

fn of_template(name: &str) -> Result<Vec<New>, CommandError> {
    let template = terminology::template(name).ok_or_else(|| {
        let names: Vec<&str> = terminology::templates().iter().map(|template| template.name).collect();
        CommandError::BadParams(format!("there is no template '{name}'; there are: {}", names.join(", ")))
    })?;
    let new =
        |member: &Member| New { name: member.name(), colour: Some(member.term.colour), snomed: Some(member.term.code) };
    Ok(template.members.iter().map(new).collect())
}

/// The table with those of `wanted` whose names are not in it, and the names that were added.
fn with_new(mut table: Vec<Segment>, wanted: Vec<New>) -> Result<(Vec<Segment>, Vec<String>), CommandError> {
    let mut added = Vec::new();
    for New { name, colour, snomed } in wanted {
        if table.iter().any(|segment| segment.name.to_lowercase() == name.to_lowercase()) {
            continue;
        }
        let free = (1..=255).map(SegmentId).find(|id| table.iter().all(|segment| segment.id != *id));
        let Some(free) = free else {
            return Err(CommandError::BadParams("the segmentation has 255 segments, more it cannot hold".into()));
        };
        let colour = colour.unwrap_or_else(|| next_colour(&table));
        table.push(Segment::new(free, &name, colour, snomed));
        added.push(name);
    }
    if added.is_empty() {
        return Err(CommandError::BadParams("every segment of this name is there already; give another name".into()));
    }
    Ok((table, added))
}
