//! `segment.threshold`: the voxels whose value lies in a range, given, by name of a tissue, or found by itself.

mod tissue;

use super::shared::into::{self, Into};
use super::shared::seed_points::{range_words, scan as scan_of};
use crate::base::{NodeId, Summary};
use crate::image::{Modality, Scan};
use crate::segment::{self, Histogram, ThresholdMethod};
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The voxels of a scan whose value lies in a range.
#[derive(Debug)]
pub struct SegmentThreshold;

/// Where the range comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    Manual,
    Otsu,
    Li,
    Triangle,
    MaximumEntropy,
    Isodata,
}

/// Which side of a value that was found by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    #[default]
    Above,
    Below,
}

/// Parameters of [`SegmentThreshold`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    low_hu: f64,
    high_hu: f64,
    largest_only: bool,
    #[serde(default)]
    method: Method,
    #[serde(default)]
    side: Side,
    #[serde(default)]
    tissue: Option<String>,
    #[serde(flatten)]
    place: Into,
}

impl Tool for SegmentThreshold {
    const ID: &'static str = "segment.threshold";
    const LABEL: &'static str = "Threshold…";
    const HELP: &'static str = "Mark the voxels of a scan whose value lies in a range, both ends included: given, of a tissue, or found from the histogram.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan"),
        ParamSpec::with(
            "method",
            Kind::Choice(&["manual", "otsu", "li", "triangle", "maximum_entropy", "isodata"]),
            "",
            "\"manual\"",
            "where the range comes from: the two ends or the tissue given here, or a method that parts dark from bright by \
             the histogram",
        ),
        ParamSpec::with(
            "tissue",
            Kind::Choice(tissue::WORDS),
            "",
            "null",
            "the usual range of a tissue in CT in place of the two ends",
        ),
        ParamSpec::with(
            "low_hu",
            Kind::Number(-1e9, 1e9),
            "HU",
            "226",
            "lower end of the range; values of a scan that is no CT have no unit",
        ),
        ParamSpec::with(
            "high_hu",
            Kind::Number(-1e9, 1e9),
            "HU",
            "32767",
            "upper end of the range; 32767 and more takes everything above the lower end",
        ),
        ParamSpec::with(
            "side",
            Kind::Choice(&["above", "below"]),
            "",
            "\"above\"",
            "which side of a value found from the histogram is marked",
        ),
        ParamSpec::with("largest_only", Kind::Bool, "", "false", "keep the largest connected piece only"),
        into::INTO,
        into::NAME,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan: id, low_hu, high_hu, largest_only, method, side, tissue, place } = params;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let scan = scan_of(case, id)?;
        let place = place.prepare(case, id, scan.grid())?;
        let chosen = match (tissue.as_deref(), automatic(method)) {
            (Some(word), None) => {
                let Some(tissue) = tissue::find(word) else { return bad(format!("there is no tissue '{word}'")) };
                if scan.modality != Modality::Ct {
                    let modality = scan.modality.name();
                    return bad(format!(
                        "tissue: these ranges are Hounsfield units of CT, this scan is {modality}; choose a method or give the two ends"
                    ));
                }
                Choice::Tissue(tissue)
            }
            (Some(_), Some(_)) => {
                return bad("tissue: a range by name and a method exclude each other; leave one of them out".to_owned());
            }
            (None, Some(method)) => Choice::Found(method, side),
            (None, None) if high_hu < low_hu => {
                return bad(format!(
                    "the range {low_hu} to {high_hu} {} is empty; the upper end must be at least the lower",
                    scan.unit()
                ));
            }
            (None, None) => Choice::Given(low_hu..=if high_hu < 32_767.0 { high_hu } else { f64::MAX }),
        };
        Ok(Box::new(move |progress| {
            let mut summary = Summary::default();
            let (range, said) = match &chosen {
                Choice::Given(range) => (range.clone(), None),
                Choice::Tissue(tissue) => {
                    summary = summary.method(format!("The usual range of {} ({}).", tissue.name, tissue::SOURCE));
                    (tissue.low..=tissue.high, Some(tissue.name.to_owned()))
                }
                Choice::Found(method, side) => {
                    let found = find(&scan, *method, &progress.part(0.0..0.4, "histogram"))?;
                    summary = summary.fact("threshold", found, scan.unit()).method(format!(
                        "Found by {} from {} bins ({}).",
                        method.name(),
                        Histogram::BINS,
                        method.source()
                    ));
                    let above = *side == Side::Above;
                    // Values up to the threshold are dark, the threshold itself included.
                    let range = if above { found.next_up()..=f64::MAX } else { f64::MIN..=found };
                    (range, Some(format!("{} by {}", if above { "bright" } else { "dark" }, method.name())))
                }
            };
            let words = range_words(&scan, *range.start(), *range.end());
            let mut mask = segment::threshold_values(&scan, range, &progress.part(0.4..0.6, "threshold"))?;
            if largest_only {
                mask = segment::keep_largest(&mask, 1, &progress.part(0.6..0.9, "largest piece"))?;
            }
            let summary = summary.method(format!("Voxels of {words}, both ends included."));
            let (name, colour) = match &chosen {
                Choice::Tissue(tissue) => (said.expect("a tissue has a name"), tissue.colour),
                _ => (said.unwrap_or_else(|| words.clone()), [144, 238, 144]),
            };
            let label = format!("threshold {words}");
            place.add(label, &mask, (&name, colour, None), summary, &progress.part(0.9..1.0, "labels"))
        }))
    }
}

/// A checked choice of a range.
enum Choice {
    Given(RangeInclusive<f64>),
    Tissue(&'static tissue::Tissue),
    Found(ThresholdMethod, Side),
}

fn automatic(method: Method) -> Option<ThresholdMethod> {
    match method {
        Method::Manual => None,
        Method::Otsu => Some(ThresholdMethod::Otsu),
        Method::Li => Some(ThresholdMethod::Li),
        Method::Triangle => Some(ThresholdMethod::Triangle),
        Method::MaximumEntropy => Some(ThresholdMethod::MaximumEntropy),
        Method::Isodata => Some(ThresholdMethod::Isodata),
    }
}

fn find(scan: &Scan, method: ThresholdMethod, progress: &crate::base::Progress) -> Result<f64, CommandError> {
    let histogram = Histogram::of(scan, progress)?;
    let found = histogram.and_then(|histogram| method.threshold(&histogram));
    found.ok_or_else(|| {
        CommandError::Failed("all voxels have the same value, so no threshold parts them; check the scan".to_owned())
    })
}
