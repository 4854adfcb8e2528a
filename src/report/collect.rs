//! Everything a report says, gathered from a case.

use super::bounds;
use super::distances::Distances;
use super::key_images::KeyImage;
use super::measures::Measured;
use crate::base::{NodeId, Summary};
use crate::mesh::CentreLines;
use crate::plan::compare::Board;
use crate::session::{Case, Command, Data, LogEntry, log};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// A report: nothing in it names the patient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The name of the case.
    pub title: String,
    /// The program and its version.
    pub program: String,
    /// What it is for.
    pub purpose: &'static str,
    /// The content hash of the case.
    pub case_hash: String,
    /// One section per object.
    pub sections: Vec<Section>,
    /// The plans side by side, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plans: Option<Board>,
    /// What the paths of the plans come near to; whoever has the bodies of the case ready fills it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub distances: Vec<Distances>,
    /// Every command of the session's log, also those that were taken back.
    pub steps: Vec<Step>,
    /// Captions of the pictures in the HTML form.
    pub pictures: Vec<String>,
}

/// What the report says of one object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// The object's number in the case.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// What it is, e.g. `a scan`.
    pub kind: &'static str,
    /// The content hash of its data.
    pub hash: String,
    /// Segments and their volumes, if it is a segmentation.
    pub segments: Vec<Segment>,
    /// Branches and their measures, if it is centre lines.
    pub branches: Vec<Branch>,
    /// What was measured, if it is a measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measured>,
    /// What was kept of a view, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<KeyImage>,
    /// Technical facts in words.
    pub facts: Vec<(String, String)>,
    /// Numbers, methods, limits, warnings.
    pub summary: Summary,
}

/// A segment and its size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Segment {
    /// What it is.
    pub name: String,
    /// Voxel count times voxel volume.
    pub volume_ml: f64,
    /// Lowest and highest volume that its edge leaves open; none for an empty segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds_ml: Option<[f64; 2]>,
    /// SNOMED CT code, if it has one.
    pub snomed: Option<u64>,
    /// Colour, sRGB.
    pub colour: [u8; 3],
}

/// A branch of centre lines and its measures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Branch {
    /// Its number, from 1.
    pub number: usize,
    /// The number of the branch it comes from.
    pub parent: Option<usize>,
    /// Length along the line.
    pub length_mm: f64,
    /// Mean radius outside the parent.
    pub radius_mm_mean: f64,
    /// Smallest radius outside the parent.
    pub radius_mm_min: f64,
    /// Where it is narrowest, LPS mm.
    pub narrowest_mm: [f64; 3],
    /// Length over the straight way, less one; none for a closed branch.
    pub tortuosity: Option<f64>,
}

impl Branch {
    fn all(lines: &CentreLines) -> impl Iterator<Item = Self> + '_ {
        lines.branches().iter().enumerate().map(|(n, branch)| {
            let narrowest = branch.narrowest();
            Self {
                number: n + 1,
                parent: branch.parent.map(|parent| parent + 1),
                length_mm: branch.length_mm(),
                radius_mm_mean: branch.mean_radius_mm(),
                radius_mm_min: branch.radii_mm[narrowest],
                narrowest_mm: branch.points[narrowest].into(),
                tortuosity: Some(branch.tortuosity()).filter(|value| value.is_finite()),
            }
        })
    }
}

/// A command of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The tool.
    pub tool: String,
    /// Its parameters.
    pub params: Value,
    /// The numbers of the objects in the case that it made.
    pub objects: Vec<u32>,
    /// The numbers of the objects it made that a later step removed.
    pub removed: Vec<u32>,
    /// Whether it was taken back: the case does not have it behind it.
    pub undone: bool,
}

impl Report {
    /// The report on `case`, to which `log` led.
    pub fn new(title: &str, case: &Case, log: &[LogEntry]) -> Self {
        let sections = case.nodes().map(|(id, node)| {
            let (mut segments, mut branches, mut facts) = (Vec::new(), Vec::new(), Vec::new());
            let (mut measure, mut view) = (None, None);
            match &node.data {
                Data::Labels(labels) => {
                    segments.extend(labels.segments().iter().map(|segment| Segment {
                        name: segment.name.clone(),
                        volume_ml: labels.volume_ml(segment.id),
                        bounds_ml: bounds::volume_ml(labels, segment.id).map(|ml| [ml.low, ml.high]),
                        snomed: segment.snomed,
                        colour: segment.colour,
                    }));
                }
                Data::Scan(scan) => {
                    let [ni, nj, nk] = scan.grid().dims();
                    let [di, dj, dk] = scan.grid().spacing_mm();
                    facts.push(("modality".into(), scan.modality.name().into()));
                    facts.push(("voxels".into(), format!("{ni} × {nj} × {nk}")));
                    facts.push(("spacing".into(), format!("{di:.3} × {dj:.3} × {dk:.3} mm")));
                    facts.extend(scan.facts.iter().cloned());
                }
                Data::Lines(lines) => branches.extend(Branch::all(lines)),
                Data::Measure(own) => measure = Some(Measured::of(own, case)),
                Data::View(own) => view = Some(KeyImage::of(own)),
                Data::Surface(_) | Data::Tets(_) | Data::Tissue(_) | Data::Flow(_) | Data::Plan(_) => {}
            }
            let (name, kind, hash) = (node.name.clone(), node.data.kind().words(), node.hash().short());
            let summary = of_now(case, node.summary.clone());
            Section { id: id.0, name, kind, hash, segments, branches, measure, view, facts, summary }
        });
        Self {
            title: title.to_owned(),
            program: format!("prosector {}", env!("CARGO_PKG_VERSION")),
            purpose: super::PURPOSE,
            case_hash: case.content_hash().to_hex(),
            sections: sections.collect(),
            plans: super::plans::board(case),
            distances: Vec::new(),
            steps: steps(case, log),
            pictures: Vec::new(),
        }
    }
}

/// `summary` with a warning in place of what does not hold for the case as it is.
fn of_now(case: &Case, mut summary: Summary) -> Summary {
    let stale = case.stale(&summary.made_of).map(|why| format!("{why}."));
    let of_tables = summary.tables.iter().filter_map(|table| Some((&table.title, case.stale(&table.made_of)?)));
    let of_tables: Vec<String> = of_tables.map(|(title, why)| format!("{title}: {why}")).collect();
    summary.tables.retain(|table| case.stale(&table.made_of).is_none());
    summary.warnings.extend(stale.into_iter().chain(of_tables));
    summary
}

/// The commands of `log` in the order they were done.
fn steps(case: &Case, log: &[LogEntry]) -> Vec<Step> {
    let mut claimed = BTreeSet::new();
    let mut steps = Vec::new();
    for (entry, stands) in log::commands(log) {
        let LogEntry::Command { command, added, .. } = entry else { continue };
        let (mut objects, mut removed) = (Vec::new(), Vec::new());
        if stands && !added.is_empty() {
            (objects, removed) = added.iter().partition(|id| case.node(**id).is_some());
        } else if stands {
            // Old logs do not say what was made: the objects say by what.
            let made = case.nodes().filter(|(id, node)| node.made_by() == Some(command) && !claimed.contains(id));
            objects.extend(made.map(|(id, _)| id));
        }
        claimed.extend(objects.iter().copied());
        let numbers = |ids: Vec<NodeId>| ids.into_iter().map(|id| id.0).collect();
        let (objects, removed) = (numbers(objects), numbers(removed));
        let (tool, params) = (command.tool.clone(), for_all_eyes(command, case));
        steps.push(Step { tool, params, objects, removed, undone: !stands });
    }
    steps
}

/// The parameters without what may name a person or a machine: paths, also their last part, and names that no object
/// in the case has any more.
fn for_all_eyes(command: &Command, case: &Case) -> Value {
    let mut params = command.params.clone();
    let Some(map) = params.as_object_mut() else { return params };
    for (key, value) in map {
        if command.tool == "view.keep" && key == "look" && value.as_array().is_some_and(|looks| !looks.is_empty()) {
            // How the window looked is long, and for the window alone.
            *value = Value::from(vec!["…"]);
        }
        let Value::String(text) = value else { continue };
        let is_gone = || case.nodes().all(|(_, node)| node.name != *text);
        // Pictures stand in their own section.
        let is_picture = command.tool == "view.keep" && key == "picture";
        if is_picture || ["path", "folder"].contains(&key.as_str()) || key == "name" && is_gone() {
            *text = "…".into();
        }
    }
    params
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::mesh::Surface;
    use crate::session::{Edit, Node};
    use serde_json::json;
    use std::collections::BTreeMap;

    fn done(command: &Command, added: &[u32]) -> LogEntry {
        let added = added.iter().copied().map(NodeId).collect();
        let (inputs, hash) = (BTreeMap::new(), String::new());
        LogEntry::Command { command: command.clone(), inputs, hash, at: None, added, folder: None }
    }

    #[test]
    fn how_the_window_looked_when_a_view_was_kept_is_left_out() {
        let params = json!({ "target": [0, 0, 0], "look": [{ "labels": true }], "note": "margin" });
        let told = for_all_eyes(&Command::new("view.keep", params), &Case::default());
        assert_eq!((&told["look"], &told["note"]), (&json!(["…"]), &json!("margin")));
    }

    #[test]
    fn the_log_of_a_report_has_every_step_and_names_nobody() {
        let corners = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]].map(Point::from);
        let surface = Surface::new(corners.to_vec(), vec![[0, 1, 2]]).unwrap();
        let import = Command::new("import.mesh", json!({ "path": "/home/somebody/Doe^Jane.stl" }));
        let edit = Edit::new("import").add(Node::new("liver", Data::surface(surface)));
        let case = Case::default().with(&edit, &import).unwrap().0;
        let rename = |name: &str| Command::new("object.rename", json!({ "node": 1, "name": name }));
        let remove = Command::new("object.remove", json!({ "node": 2 }));
        let log = [
            done(&import, &[1]),
            done(&import, &[2]),
            done(&remove, &[]),
            done(&rename("Doe, Jane"), &[]),
            done(&rename("liver"), &[]),
            done(&import, &[3]),
            LogEntry::Undo { hash: None },
        ];
        let steps = steps(&case, &log);
        let short: Vec<_> = steps.iter().map(|step| (&step.objects[..], &step.removed[..], step.undone)).collect();
        let none = &[][..];
        assert_eq!(short[..2], [(&[1][..], none, false), (none, &[2][..], false)]);
        assert_eq!(short[2..], [(none, none, false), (none, none, false), (none, none, false), (none, none, true)]);
        let text = serde_json::to_string(&steps).unwrap();
        assert!(!text.contains("Doe") && !text.contains("somebody") && text.contains("\"name\":\"liver\""), "{text}");
    }

    #[test]
    fn old_logs_say_not_what_was_made_but_the_objects_do() {
        let surface = Surface::new(vec![Point::origin(); 3], Vec::new()).unwrap();
        let command = Command::new("import.mesh", Value::Null);
        let edit = Edit::new("import").add(Node::new("a", Data::surface(surface)));
        let case = Case::default().with(&edit, &command).unwrap().0;
        let steps = steps(&case, &[done(&command, &[]), done(&command, &[])]);
        assert_eq!(steps.iter().map(|step| step.objects.clone()).collect::<Vec<_>>(), [vec![1], vec![]]);
    }
}
