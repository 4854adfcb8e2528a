//! `segment.local_threshold`: one structure in a range of values from a click, stopped at necks.

use super::shared::into::{self, Into};
use super::shared::seed_points::{SEEDS, range_words, scan as scan_of, voxels};
use crate::base::{NodeId, Summary};
use crate::segment::grow_in_range;
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// One structure in a range of values from a click.
#[derive(Debug)]
pub struct SegmentLocalThreshold;

/// Parameters of [`SegmentLocalThreshold`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    seeds: Vec<[f64; 3]>,
    low: f64,
    high: f64,
    diameter_mm_min: f64,
    #[serde(flatten)]
    place: Into,
}

impl Tool for SegmentLocalThreshold {
    const ID: &'static str = "segment.local_threshold";
    const LABEL: &'static str = "Local threshold…";
    const HELP: &'static str = "Mark what hangs together with the places clicked in a range of values, and stop where it gets thinner than a diameter.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan"),
        SEEDS,
        ParamSpec::with("low", Kind::Number(-1e9, 1e9), "", "226", "lower end of the range of values (HU in a CT)"),
        ParamSpec::with(
            "high",
            Kind::Number(-1e9, 1e9),
            "",
            "32767",
            "upper end of the range; 32767 and more for none",
        ),
        ParamSpec::with(
            "diameter_mm_min",
            Kind::Number(0.0, 100.0),
            "mm",
            "3",
            "it does not grow through necks thinner than this; 0 for any",
        ),
        into::INTO,
        into::NAME,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan: id, seeds, low, high, diameter_mm_min, place } = params;
        let scan = scan_of(case, id)?;
        let seeds = voxels(scan.grid(), &seeds)?;
        if high < low {
            let text = format!("the range {low} to {high} is empty; the upper end must be at least the lower");
            return Err(CommandError::BadParams(text));
        }
        let place = place.prepare(case, id, scan.grid())?;
        let high = if high < 32_767.0 { high } else { f64::MAX };
        Ok(Box::new(move |progress| {
            let part = progress.part(0.0..0.9, "growing");
            let grown = grow_in_range(&scan, low..=high, &seeds, diameter_mm_min, &part);
            let grown = grown.map_err(|error| CommandError::failed(&error))?;
            let words = range_words(&scan, low, high);
            let summary = Summary::default()
                .method(format!("Voxels of {words} joined by faces to {} places.", seeds.len()))
                .method(format!(
                    "Opened with a ball of {diameter_mm_min} mm where they hang together; distances are exact."
                ))
                .limit("what is thinner than the diameter is lost, a leak as well as a branch");
            let name = format!("local threshold {words}");
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
