//! `measure.edit`: other points or another text for a measure; its values are read again.

use crate::base::NodeId;
use crate::geom::measure::Shape;
use crate::geom::{Point, Vector};
use crate::image::{Measure, Reading};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::{in_place_of, measures};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Other points or another text for a measure.
#[derive(Debug)]
pub struct MeasureEdit;

/// Parameters of [`MeasureEdit`]; what is not given stays as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    node: NodeId,
    points: Option<Vec<[f64; 3]>>,
    normal: Option<[f64; 3]>,
    text: Option<String>,
}

impl Tool for MeasureEdit {
    const ID: &'static str = "measure.edit";
    const LABEL: &'static str = "Change measure…";
    const HELP: &'static str = "Give a measure other points or another text; values are read again from its scan.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("node", Kind::Node(NodeKind::Measure), "", "the measure"),
        ParamSpec::with("points", Kind::Points, "mm", "null", "its points, as for a new one"),
        ParamSpec::with("normal", Kind::Point, "", "null", "the normal of the plane it lies in"),
        ParamSpec::with("text", Kind::Text, "", "null", "what is written beside it"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { node: id, points, normal, text } = params;
        let old = Arc::clone(case.expect_kind(id, NodeKind::Measure)?);
        let Data::Measure(was) = old.data.clone() else { unreachable!("the kind was checked") };
        if points.is_none() && normal.is_none() && text.is_none() {
            return Err(measures::bad("there is nothing to change; give points, a normal or a text"));
        }
        if was.shape.kind() == crate::geom::measure::Kind::Geodesic && (points.is_some() || normal.is_some()) {
            return Err(measures::bad(
                "a curve on a surface is moved by measure.geodesic, which keeps it on the surface",
            ));
        }
        let label = if points.is_some() || normal.is_some() { "move" } else { "write on" };
        let kind = was.shape.kind();
        let moves = points.is_some() || normal.is_some();
        let points = points.map(|points| points.into_iter().map(Point::from).collect::<Vec<_>>());
        let points = points.as_deref().unwrap_or(was.shape.points());
        let shape = match moves {
            true => Shape::new(kind, points, Some(normal.map_or(was.shape.normal(), Vector::from))),
            false => Ok(was.shape.clone()),
        };
        let shape = shape.map_err(measures::bad)?;
        let text = text.map_or_else(|| Ok(was.text.clone()), |text| measures::text(kind, &text))?;
        let scan = was.reading.as_ref().and_then(|reading| match case.node(reading.scan) {
            Some(node) => match &node.data {
                Data::Scan(scan) => Some((reading.scan, node.hash(), Arc::clone(scan))),
                _ => None,
            },
            None => None,
        });
        let label = format!("{label} {}", old.name);
        Ok(Box::new(move |_| {
            let mut edit = Edit::new(label);
            let reading = match (moves, scan) {
                (false, _) => was.reading.clone(),
                (true, Some((id, content, scan))) => {
                    Some(Reading::of(&shape, id, content, &scan).map_err(measures::bad)?)
                }
                (true, None) => {
                    // The old values would be those of another place.
                    if was.reading.as_ref().is_some_and(|reading| !reading.values.is_empty()) {
                        edit = edit.say("the scan of this measure is gone: it has no values any more");
                    }
                    None
                }
            };
            let measure = Measure { shape, text, reading };
            let summary = measure.summary();
            let mut node = in_place_of(&old, &old.name, Data::Measure(Arc::new(measure)));
            node.summary = summary;
            Ok(edit.change(Change::Replace { id, was: old.hash(), node }))
        }))
    }
}
