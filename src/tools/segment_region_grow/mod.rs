//! `segment.region_grow`: a region from a few places, in a range given or learned from the region itself.

use super::shared::into::{self, Into};
use super::shared::seed_points::{SEEDS, range_words, scan as scan_of, voxels};
use crate::base::{NodeId, Summary};
use crate::segment::{Confidence, confidence_connected, grow_in_range};
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A region from a few places.
#[derive(Debug)]
pub struct SegmentRegionGrow;

/// Where the range comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Range {
    Fixed,
    Confidence,
}

/// Parameters of [`SegmentRegionGrow`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    seeds: Vec<[f64; 3]>,
    range: Range,
    low: Option<f64>,
    high: Option<f64>,
    deviations: f64,
    iterations: usize,
    radius: usize,
    leak_diameter_mm: f64,
    #[serde(flatten)]
    place: Into,
}

impl Tool for SegmentRegionGrow {
    const ID: &'static str = "segment.region_grow";
    const LABEL: &'static str = "Region growing…";
    const HELP: &'static str =
        "Grow a region from one or several places, in a fixed range of values or in the range its own values suggest.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan"),
        SEEDS,
        ParamSpec::with(
            "range",
            Kind::Choice(&["confidence", "fixed"]),
            "",
            "\"confidence\"",
            "confidence: mean and deviations of what has been grown, again and again; fixed: the two ends",
        ),
        ParamSpec::with(
            "low",
            Kind::Number(-1e9, 1e9),
            "",
            "null",
            "lowest value it may hold (HU in a CT); none if not given",
        ),
        ParamSpec::with(
            "high",
            Kind::Number(-1e9, 1e9),
            "",
            "null",
            "highest value it may hold (HU in a CT); none if not given",
        ),
        ParamSpec::with(
            "deviations",
            Kind::Number(0.1, 20.0),
            "",
            "2.5",
            "with confidence: how many standard deviations around the mean",
        ),
        ParamSpec::with(
            "iterations",
            Kind::Integer(1, 50),
            "",
            "5",
            "with confidence: how often it is measured and grown anew",
        ),
        ParamSpec::with(
            "radius",
            Kind::Integer(0, 20),
            "",
            "2",
            "with confidence: voxels around each place that are measured first",
        ),
        ParamSpec::with(
            "leak_diameter_mm",
            Kind::Number(0.0, 100.0),
            "mm",
            "0",
            "leaks thinner than this are stopped, and so are branches; 0 for none",
        ),
        into::INTO,
        into::NAME,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan: id, seeds, range, low, high, deviations, iterations, radius, leak_diameter_mm, place } =
            params;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let scan = scan_of(case, id)?;
        let seeds = voxels(scan.grid(), &seeds)?;
        if range == Range::Fixed && low.is_none() && high.is_none() {
            return bad("low, high: a fixed range needs at least one end".to_owned());
        }
        let (low, high) = (low.unwrap_or(f64::MIN), high.unwrap_or(f64::MAX));
        if high < low {
            return bad(format!("the range {low} to {high} is empty; the upper end must be at least the lower"));
        }
        let place = place.prepare(case, id, scan.grid())?;
        Ok(Box::new(move |progress| {
            let part = progress.part(0.0..0.9, "growing");
            let grown = match range {
                Range::Fixed => grow_in_range(&scan, low..=high, &seeds, leak_diameter_mm, &part),
                Range::Confidence => {
                    let how = Confidence { deviations, iterations, radius };
                    confidence_connected(&scan, &seeds, how, low..=high, leak_diameter_mm, &part)
                }
            };
            let grown = grown.map_err(|error| CommandError::failed(&error))?;
            let (from, to) = grown.range.into_inner();
            let words = range_words(&scan, from, to);
            let mut summary =
                Summary::default().method(format!("Voxels of {words} joined by faces to {} places.", seeds.len()));
            if range == Range::Confidence {
                summary = summary
                    .fact("lower end", from, scan.unit())
                    .fact("upper end", to, scan.unit())
                    .method(format!("The range is the mean ± {deviations} standard deviations of the region, measured up to {iterations} times (Yoo et al. 2004)."));
            }
            if 0.0 < leak_diameter_mm {
                summary = summary
                    .method(format!("Opened with a ball of {leak_diameter_mm} mm where it hangs together."))
                    .limit("what is thinner than the diameter is lost, a leak as well as a branch");
            }
            let name = format!("region {words}");
            place.add(
                name.clone(),
                &grown.mask,
                (&name, [144, 238, 144], None),
                summary,
                &progress.part(0.9..1.0, "labels"),
            )
        }))
    }
}
