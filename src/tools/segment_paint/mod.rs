//! `segment.paint`: a brush stroke, also one that erases or smooths.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::geom::{Point, Vector};
use crate::segment::{Brush, BrushShape, BrushWork, painted, smoothed_under, stroke, stroke_along_edges, stroke_cost};
use crate::session::{Case, CommandError, Data, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A brush stroke along points.
#[derive(Debug)]
pub struct SegmentPaint;

/// What a brush stroke does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Paint,
    Erase,
    Smooth,
}

/// Which voxels under the brush it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Takes {
    All,
    Similar,
}

/// Parameters of [`SegmentPaint`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    points: Vec<[f64; 3]>,
    radius_mm: f64,
    slice_normal: Option<[f64; 3]>,
    mode: Mode,
    takes: Takes,
    tolerance: Option<f64>,
}

impl Params {
    fn brush(&self) -> Brush {
        let shape = self.slice_normal.map_or(BrushShape::Sphere, |normal| BrushShape::Disc(Vector::from(normal)));
        Brush { radius_mm: self.radius_mm, shape }
    }
}

/// A stroke of more than so many voxels, as [`stroke_cost`] counts them, is a job.
const AT_ONCE: f64 = 8e6;

impl Tool for SegmentPaint {
    const ID: &'static str = "segment.paint";
    const LABEL: &'static str = "Paint…";
    const HELP: &'static str =
        "Paint, erase or smooth with a round brush along points, in one slice or as a ball in 3D.";
    const STEP: Step = Step::Segment;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::needed("points", Kind::Points, "mm", "the places the brush goes through, in order"),
        ParamSpec::with("radius_mm", Kind::Number(0.01, 100.0), "mm", "5", "radius of the brush"),
        ParamSpec::with(
            "slice_normal",
            Kind::Point,
            "",
            "null",
            "the direction across the slice that is painted in, for a disc; a ball if not given",
        ),
        ParamSpec::with(
            "mode",
            Kind::Choice(&["paint", "erase", "smooth"]),
            "",
            "\"paint\"",
            "give voxels to the segment, take them, or even its surface by a Gaussian of a third of the brush's radius",
        ),
        ParamSpec::with(
            "takes",
            Kind::Choice(&["all", "similar"]),
            "",
            "\"all\"",
            "every voxel under the brush, or only those that look like its middle and hang together with it",
        ),
        ParamSpec::with(
            "tolerance",
            Kind::Number(0.0, 1e6),
            "",
            "null",
            "how far a similar value may lie from the mean of the brush's inner third (HU in a CT); 2.5 standard deviations \
             of that third if not given",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn is_long(case: &Case, params: &Params) -> bool {
        let Some(Data::Labels(labels)) = case.node(params.on.labels).map(|node| &node.data) else { return false };
        let work = match (params.mode, params.takes) {
            (Mode::Smooth, _) => BrushWork::Smooth,
            (_, Takes::Similar) => BrushWork::Similar,
            (_, Takes::All) => BrushWork::All,
        };
        let points: Vec<Point> = params.points.iter().copied().map(Point::from).collect();
        AT_ONCE < stroke_cost(labels.grid(), &points, params.brush(), work)
    }

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let brush = params.brush();
        let Params { on, points, radius_mm, mode, takes, tolerance, .. } = params;
        let effect = on.prepare(case)?;
        let scan = if takes == Takes::Similar { Some(effect.scan()?.clone()) } else { None };
        Ok(Box::new(move |_| {
            let points: Vec<Point> = points.into_iter().map(Point::from).collect();
            let marks = match scan {
                Some(scan) => stroke_along_edges(&scan, &points, brush, tolerance),
                None => stroke(effect.labels().grid(), &points, brush),
            };
            let marks = marks.map_err(|error| CommandError::failed(&error))?;
            let (id, labels, may_change) = (effect.segment().id, effect.labels(), effect.may_change());
            let (verb, labels) = match mode {
                Mode::Paint => ("paint", painted(labels, id, &marks, false, may_change)),
                Mode::Erase => ("erase", painted(labels, id, &marks, true, may_change)),
                Mode::Smooth => ("smooth", smoothed_under(labels, id, &marks, brush.sigma_mm(), may_change)),
            };
            let label = format!("{verb} {}", effect.segment().name);
            if labels == *effect.labels() {
                // Nothing to complain about: the mouse went over what was painted already.
                return Ok(Edit::new(label));
            }
            let method = format!("Edited by hand, last with a brush of {radius_mm:.1} mm radius.");
            effect.finish_labels(label, labels, Summary::default().method(method))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{NodeId, Progress, SegmentId};
    use crate::geom::Grid;
    use crate::image::{LabelMap, Segment};
    use crate::session::{Command, Node, Session};
    use serde_json::{Value, json};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    fn session(side: usize) -> Session {
        let grid = Arc::new(Grid::aligned([side; 3], Point::origin(), [1.0; 3]).unwrap());
        let segment = Segment::new(SegmentId(1), "liver", [9; 3], None);
        let empty = LabelMap::empty(grid, vec![segment]).unwrap();
        let block = |offset: usize, _: u8| u8::from(!offset.is_multiple_of(17));
        let labels = empty.edited(&[30..50, 28..52, 30..46], block, &Progress::default()).unwrap();
        let case = Case::from_nodes([(NodeId(1), Node::new("Organs", Data::Labels(labels)))]);
        Session::with_case(crate::tools::TOOLS, case, Vec::new())
    }

    fn stroke_of(radius_mm: f64, more: &Value) -> Command {
        let mut params = json!({ "labels": 1, "points": [[40, 40, 40], [48, 44, 40]], "radius_mm": radius_mm });
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        Command::new("segment.paint", params)
    }

    /// What is done at once is done when the command was given; what takes long is not.
    #[test]
    fn a_stroke_that_takes_long_is_a_job_and_comes_to_the_same() {
        for (side, radius_mm, more, is_job) in [
            (96, 6.0, json!({}), false),
            (96, 40.0, json!({ "slice_normal": [0, 0, 1] }), false),
            (96, 5.0, json!({ "mode": "smooth" }), false),
            (96, 20.0, json!({ "mode": "smooth" }), true),
        ] {
            let command = stroke_of(radius_mm, &more);
            let mut session = session(side);
            session.submit(command.clone()).unwrap();
            assert_eq!(session.jobs().len(), usize::from(is_job), "{command:?}");
            let until = Instant::now() + Duration::from_secs(120);
            let mut reports = Vec::new();
            while reports.is_empty() {
                assert!(Instant::now() < until, "the stroke never ended");
                reports = session.poll();
                std::thread::sleep(Duration::from_millis(2));
            }
            let mut again = self::session(side);
            again.run(command, &Progress::default()).unwrap();
            assert_eq!(session.content_hash(), again.content_hash());
        }
    }
}
