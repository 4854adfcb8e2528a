//! `measure.add`: a length, an angle, a region … in patient space, with the values of a scan inside.

use crate::base::NodeId;
use crate::geom::measure::{Kind as Measured, Shape};
use crate::geom::{Point, Vector};
use crate::image::{Measure, Reading};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::colour::colour_of;
use crate::tools::shared::measures::{self, COLOUR};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A measure in patient space.
#[derive(Debug)]
pub struct MeasureAdd;

/// Parameters of [`MeasureAdd`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    kind: Measured,
    points: Vec<[f64; 3]>,
    normal: Option<[f64; 3]>,
    text: String,
    scan: Option<NodeId>,
    name: Option<String>,
    colour: Option<String>,
}

impl Tool for MeasureAdd {
    const ID: &'static str = "measure.add";
    const LABEL: &'static str = "Add measure…";
    const HELP: &'static str = "Measure a length, an angle, a diameter or a region in patient space; regions and probe points read the values of a scan.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("kind", Kind::Choice(&Measured::WORDS), "", "what is measured"),
        ParamSpec::needed(
            "points",
            Kind::Points,
            "mm",
            "its points: ends, corners or an outline; an ellipse by centre and the ends of two half axes, a rectangle by three corners, a Cobb angle by two lines",
        ),
        ParamSpec::with(
            "normal",
            Kind::Point,
            "",
            "null",
            "the normal of the plane it lies in; that of its points if not given",
        ),
        ParamSpec::with("text", Kind::Text, "", "\"\"", "what is written beside it, up to 500 characters"),
        ParamSpec::with(
            "scan",
            Kind::Node(NodeKind::Scan),
            "",
            "null",
            "the scan it is measured in; without one there are no values inside",
        ),
        ParamSpec::with("name", Kind::Text, "", "null", "its name; the kind and a number if not given"),
        ParamSpec::with("colour", Kind::Text, "", "null", "its colour as #rrggbb"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { kind, points, normal, text, scan, name, colour } = params;
        if kind == Measured::Geodesic {
            return Err(measures::bad("a curve on a surface needs the surface; use measure.geodesic"));
        }
        let points: Vec<Point> = points.into_iter().map(Point::from).collect();
        let shape = Shape::new(kind, &points, normal.map(Vector::from)).map_err(measures::bad)?;
        let text = measures::text(kind, &text)?;
        let colour = colour.map_or(Ok(COLOUR), |text| colour_of(&text))?;
        let name = match name {
            Some(name) => crate::tools::shared::name(&name)?,
            None => measures::next_name(case, kind),
        };
        let from = match scan {
            Some(id) => {
                let node = case.expect_kind(id, NodeKind::Scan)?;
                let Data::Scan(scan) = &node.data else { unreachable!("the kind was checked") };
                Some((id, node.hash(), Arc::clone(scan)))
            }
            None => None,
        };
        Ok(Box::new(move |_| {
            let reading = from.map(|(id, content, scan)| Reading::of(&shape, id, content, &scan)).transpose();
            let measure = Measure { shape, text, reading: reading.map_err(measures::bad)? };
            let summary = measure.summary();
            let mut node = Node::new(&name, Data::Measure(Arc::new(measure))).with_summary(summary).shown(colour, 1.0);
            node.source = scan;
            Ok(Edit::new(format!("draw {name}")).add(node))
        }))
    }
}
