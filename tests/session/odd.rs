//! Odd input for every tool that works on voxels: a result or a sentence, never a panic, and nothing half done.

use crate::desk::Desk;
use prosector::base::{NodeId, SegmentId};
use prosector::geom::{Grid, Point};
use prosector::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels};
use prosector::session::{Case, CommandError, Data, Kind, Node, NodeKind, ParamSpec, Session, ToolEntry};
use prosector::tools::TOOLS;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The scan, a group whose segments touch every border, the same from another reader, and a group without a voxel.
const SCAN: NodeId = NodeId(1);
const FULL: NodeId = NodeId(2);
const OTHER: NodeId = NodeId(3);
const EMPTY: NodeId = NodeId(4);

/// Name, dimensions, spacing and values.
type Odd = (&'static str, [usize; 3], [f64; 3], fn(usize) -> f32);

const ODD: [Odd; 8] = [
    ("one voxel", [1, 1, 1], [1.0; 3], |_| 50.0),
    ("one slice", [14, 12, 1], [0.7, 0.7, 5.0], |n| (n * 7919 % 300) as f32),
    ("one row", [30, 1, 1], [1.0; 3], |n| n as f32),
    ("air only", [9, 8, 7], [1.0; 3], |_| -1000.0),
    ("metal only", [9, 8, 7], [1.0; 3], |_| 3000.0),
    ("not a number here and there", [9, 8, 7], [1.0; 3], |n| match n % 5 {
        0 => f32::NAN,
        1 => f32::INFINITY,
        2 => f32::NEG_INFINITY,
        _ => (n % 100) as f32,
    }),
    ("nothing but not a number", [6, 5, 4], [1.0; 3], |_| f32::NAN),
    ("slices of 50 mm", [12, 12, 3], [0.3, 0.3, 50.0], |n| (n * 31 % 700) as f32 - 200.0),
];

/// A case of such a scan, in whole numbers where it has only such.
fn case((_, dims, spacing_mm, value): &Odd, modality: Modality) -> Case {
    let grid = Arc::new(Grid::aligned(*dims, Point::new(-3.0, 2.0, 9.0), *spacing_mm).unwrap());
    let values: Vec<f32> = (0..grid.len()).map(value).collect();
    let voxels = if modality == Modality::Ct && values.iter().all(|v| v.is_finite()) {
        Voxels::I16(Volume::new(Arc::clone(&grid), values.iter().map(|v| *v as i16).collect()).unwrap())
    } else {
        Voxels::F32(Volume::new(Arc::clone(&grid), values).unwrap())
    };
    let scan = Scan { voxels, modality, window: None, facts: Vec::new() };
    let segments = || {
        let segment = |(id, name): (u8, &str)| Segment::new(SegmentId(id), name, [200, 90, 40], None);
        [(1, "liver"), (2, "tumour"), (3, "nothing")].map(segment).to_vec()
    };
    let labels = |label: fn(usize) -> u8| {
        let voxels = (0..grid.len()).map(label).collect();
        LabelMap::from_volume(&Volume::new(Arc::clone(&grid), voxels).unwrap(), segments()).unwrap()
    };
    let group = |name: &str, labels| Node::new(name, Data::Labels(labels)).from_source(SCAN);
    Case::from_nodes([
        (SCAN, Node::new("scan", Data::Scan(Arc::new(scan)))),
        (FULL, group("full", labels(|n| 1 + u8::from(n % 3 == 0)))),
        (OTHER, group("other", labels(|n| u8::from(n % 2 == 0)))),
        (EMPTY, group("empty", LabelMap::empty(Arc::clone(&grid), segments()).unwrap())),
    ])
}

/// What is given first: what must be given, with `labels` as the segmentation.
fn plain(tool: &ToolEntry, labels: NodeId) -> Map<String, Value> {
    let mut params = Map::new();
    for spec in tool.params {
        let value = match spec.kind {
            Kind::Node(NodeKind::Scan) => json!(SCAN.0),
            Kind::Node(NodeKind::Labels) if spec.default.is_none() => {
                let second = params.values().any(|value| *value == json!(labels.0));
                json!(if second { OTHER.0 } else { labels.0 })
            }
            Kind::Integer(..) if spec.name.contains("segment") => json!(1),
            _ if spec.default.is_some() => continue,
            Kind::Point => json!([-3.0, 2.0, 9.0]),
            Kind::Points => json!([[-3.0, 2.0, 9.0], [-2.0, 3.0, 9.0], [-1.0, 2.0, 9.0]]),
            Kind::Choice(words) => json!(words[0]),
            Kind::Number(low, high) => json!(low.max(high.min(5.0))),
            Kind::Integer(low, high) => json!(low.max(high.min(5))),
            Kind::Bool => json!(true),
            Kind::Text => json!("liver"),
            _ => continue,
        };
        params.insert(spec.name.into(), value);
    }
    params
}

/// Other values for one parameter: every word, both ends, places far away.
fn others(spec: &ParamSpec) -> Vec<Value> {
    match spec.kind {
        Kind::Choice(words) => words.iter().map(|word| json!(word)).collect(),
        Kind::Number(low, high) => vec![json!(low), json!(high)],
        // Counts of millions are work, not oddity.
        Kind::Integer(low, high) => vec![json!(low), json!(high.min(3000))],
        Kind::Bool => vec![json!(true), json!(false)],
        Kind::Point => vec![json!([1e6, -1e6, 0.0])],
        Kind::Points => vec![json!([[1e6, -1e6, 0.0]]), json!([[-3.0, 2.0, 9.0]])],
        Kind::Node(NodeKind::Labels) => vec![json!(OTHER.0), json!(EMPTY.0)],
        _ => Vec::new(),
    }
}

/// Whether a tool works on voxels and reads and writes no file.
fn is_meant(tool: &&ToolEntry) -> bool {
    (tool.id.starts_with("segment.") || tool.id.starts_with("model."))
        && tool.params.iter().all(|spec| spec.kind != Kind::Path)
}

/// Run a tool on the case: it may refuse, in a sentence, and then leaves everything as it was.
fn tried(odd: &Odd, case: &Case, tool: &ToolEntry, params: &Map<String, Value>) -> Option<String> {
    let mut desk = Desk(Session::with_case(TOOLS, case.clone(), Vec::new()));
    let before = desk.hash();
    let what = |says: String| Some(format!("{}, {} {}: {says}", odd.0, tool.id, Value::Object(params.clone())));
    match desk.try_run(tool.id, params.clone().into()) {
        Ok(_) => None,
        Err(error @ (CommandError::BadParams(_) | CommandError::Failed(_))) => {
            let words = error.to_string();
            if desk.hash() != before {
                what("refused, but the case is another".into())
            } else if words.len() < 15 || words.contains("NaN") && !words.contains("number") {
                what(format!("'{words}' is no sentence"))
            } else {
                None
            }
        }
        Err(other) => what(other.to_string()),
    }
}

fn complaints(modality: Modality) -> Vec<String> {
    let mut complaints = Vec::new();
    for odd in &ODD {
        let case = case(odd, modality);
        for tool in TOOLS.iter().filter(is_meant) {
            for labels in [FULL, EMPTY] {
                let params = plain(tool, labels);
                complaints.extend(tried(odd, &case, tool, &params));
                // An empty group is refused early, whatever else is asked for.
                for spec in tool.params.iter().filter(|_| labels == FULL) {
                    for value in others(spec) {
                        let mut changed = params.clone();
                        changed.insert(spec.name.into(), value);
                        complaints.extend(tried(odd, &case, tool, &changed));
                    }
                }
            }
        }
    }
    complaints
}

#[test]
fn odd_ct_gets_a_result_or_a_sentence() {
    let complaints = complaints(Modality::Ct);
    assert!(complaints.is_empty(), "{} of them:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn odd_mr_gets_a_result_or_a_sentence() {
    let complaints = complaints(Modality::Mr);
    assert!(complaints.is_empty(), "{} of them:\n{}", complaints.len(), complaints.join("\n"));
}
