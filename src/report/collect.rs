//! Everything a report says, gathered from a case.

use crate::base::Summary;
use crate::session::{Case, Command, Data};
use serde::Serialize;
use serde_json::Value;

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
    /// The commands that made what is in the case.
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
    /// SNOMED CT code, if it has one.
    pub snomed: Option<u64>,
    /// Colour, sRGB.
    pub colour: [u8; 3],
}

/// A command that made something in the case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The tool.
    pub tool: String,
    /// Its parameters.
    pub params: Value,
    /// The numbers of the objects it made.
    pub objects: Vec<u32>,
}

impl Report {
    /// The report on `case`.
    pub fn new(title: &str, case: &Case) -> Self {
        let sections = case.nodes().map(|(id, node)| {
            let (mut segments, mut facts) = (Vec::new(), Vec::new());
            match &node.data {
                Data::Labels(labels) => {
                    segments.extend(labels.segments().iter().map(|segment| Segment {
                        name: segment.name.clone(),
                        volume_ml: labels.volume_ml(segment.id),
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
                Data::Surface(_) | Data::Tets(_) | Data::Tissue(_) | Data::Flow(_) => {}
            }
            let (name, kind, hash) = (node.name.clone(), node.data.kind().words(), node.hash().short());
            Section { id: id.0, name, kind, hash, segments, facts, summary: node.summary.clone() }
        });
        Self {
            title: title.to_owned(),
            program: format!("prosector {}", env!("CARGO_PKG_VERSION")),
            purpose: super::PURPOSE,
            case_hash: case.content_hash().to_hex(),
            sections: sections.collect(),
            steps: steps(case),
            pictures: Vec::new(),
        }
    }
}

/// The commands that made what is in the case, in order; a command that made several objects comes once.
fn steps(case: &Case) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut last: Option<&Command> = None;
    for (id, node) in case.nodes() {
        let Some(command) = node.made_by() else { continue };
        match steps.last_mut().filter(|_| last == Some(command)) {
            Some(step) => step.objects.push(id.0),
            None => steps.push(Step {
                tool: command.tool.clone(),
                params: without_folders(&command.params),
                objects: vec![id.0],
            }),
        }
        last = Some(command);
    }
    steps
}

/// Paths hold names of people and machines, also in their last part: a report keeps nothing of them.
fn without_folders(params: &Value) -> Value {
    let mut params = params.clone();
    if let Some(map) = params.as_object_mut() {
        for name in ["path", "folder"] {
            if let Some(Value::String(path)) = map.get_mut(name) {
                *path = "…".into();
            }
        }
    }
    params
}
