//! `segment.watershed`: a few painted markers flood the basins around them.

use super::shared::effect::{LABELS, ONLY_FROM, ONLY_TO};
use super::shared::group::Group;
use crate::base::{NodeId, Summary};
use crate::image::{LabelMap, Voxels};
use crate::segment::{region_around, watershed};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A few painted markers flood the basins around them.
#[derive(Debug)]
pub struct SegmentWatershed;

/// Parameters of [`SegmentWatershed`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    margin_mm: f64,
    sigma_mm: f64,
    only_from: Option<f64>,
    only_to: Option<f64>,
}

impl Tool for SegmentWatershed {
    const ID: &'static str = "segment.watershed";
    const LABEL: &'static str = "Watershed…";
    const HELP: &'static str = "Paint a marker in every structure as segments of one group, one for the rest: borders form on the strongest edges between them.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        LABELS,
        ParamSpec::with("margin_mm", Kind::Number(0.0, 1000.0), "mm", "15", "how far around the markers it floods"),
        ParamSpec::with(
            "sigma_mm",
            Kind::Number(0.0, 20.0),
            "mm",
            "1",
            "how much the scan is smoothed before edges are looked for",
        ),
        ONLY_FROM,
        ONLY_TO,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels, margin_mm, sigma_mm, only_from, only_to } = params;
        let markers = Group::of(case, labels)?;
        let scan = markers.scan()?.clone();
        let (low, high) = (only_from.unwrap_or(f64::NEG_INFINITY), only_to.unwrap_or(f64::INFINITY));
        let painted = markers.labels.segments().iter().filter(|segment| 0 < markers.labels.count(segment.id)).count();
        if painted < 2 {
            return Err(CommandError::BadParams(format!(
                "{} has {painted} segment with painted voxels; at least 2 are needed, one of them for the rest",
                markers.node.name
            )));
        }
        if high < low {
            let text =
                format!("the range of values {low} to {high} is empty; the upper end must be at least the lower");
            return Err(CommandError::BadParams(text));
        }
        Ok(Box::new(move |progress| {
            let dense = markers.labels.to_volume();
            let region = region_around(&dense, margin_mm).expect("there are markers");
            let voxels: usize = region.iter().map(ExactSizeIterator::len).product();
            if u32::try_from(voxels).is_err() {
                let text = format!(
                    "the box around the markers has {voxels} voxels, more than 4 billion; take a smaller margin"
                );
                return Err(CommandError::Failed(text));
            }
            let open = |offset: usize| (low..=high).contains(&scan.value(offset));
            let part = progress.part(0.0..0.9, "flooding");
            let flooded = match &scan.voxels {
                Voxels::I16(volume) => watershed(volume, &dense, &region, sigma_mm, open, &part)?,
                Voxels::F32(volume) => watershed(volume, &dense, &region, sigma_mm, open, &part)?,
            };
            let table = markers.labels.segments().to_vec();
            let labels = LabelMap::from_volume(&flooded, table).map_err(|error| CommandError::failed(&error))?;
            let mut summary = Summary::default()
                .method(format!("The gradient of the scan smoothed by {sigma_mm} mm, flooded from the markers by ordered queues (Meyer and Beucher 1990)."))
                .limit("where there is no edge the border is arbitrary");
            for segment in labels.segments() {
                summary = summary.fact(&format!("volume of {}", segment.name), labels.volume_ml(segment.id), "ml");
            }
            let node = Node::new(format!("{} flooded", markers.node.name), Data::Labels(labels));
            Ok(Edit::new(format!("watershed of {}", markers.node.name))
                .add(node.with_summary(summary).from_source(markers.id)))
        }))
    }
}
