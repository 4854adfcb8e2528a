//! `segment.grow_from_seeds`: a few painted seeds share out everything around them.

mod memory;

use super::shared::effect::{ONLY_FROM, ONLY_TO};
use super::shared::group::Group;
use crate::base::{NodeId, Summary};
use crate::image::LabelMap;
use crate::segment::{Terrain, grow_from_seeds, region_around_segments};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use memory::Ground;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A few painted seeds share out everything around them.
#[derive(Debug)]
pub struct SegmentGrowFromSeeds;

/// Parameters of [`SegmentGrowFromSeeds`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    margin_mm: f64,
    hu_per_mm: f64,
    only_from: Option<f64>,
    only_to: Option<f64>,
    previous: Option<NodeId>,
}

impl Tool for SegmentGrowFromSeeds {
    const ID: &'static str = "segment.grow_from_seeds";
    const LABEL: &'static str = "Grow from seeds…";
    const HELP: &'static str = "Paint a little of every structure as segments of one group, one for the rest: all voxels around join the seed they are most like. Paint more where it went wrong and run it again.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the group whose segments are the seeds"),
        ParamSpec::with("margin_mm", Kind::Number(0.0, 1000.0), "mm", "15", "how far around the seeds it grows"),
        ParamSpec::with(
            "hu_per_mm",
            Kind::Number(0.0, 100.0),
            "HU/mm",
            "1",
            "how much a way of one millimetre counts beside the differences along it; in scans that are no CT the middle \
             98 % of the values count as 1000 HU",
        ),
        ONLY_FROM,
        ONLY_TO,
        ParamSpec::with(
            "previous",
            Kind::Node(NodeKind::Labels),
            "",
            "null",
            "the result of an earlier growth that this one replaces; a new segmentation if not given",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels, margin_mm, hu_per_mm, only_from, only_to, previous } = params;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let seeds = Group::of(case, labels)?;
        let scan = seeds.scan()?.clone();
        let previous = previous.map(|id| Group::of(case, id)).transpose()?;
        if let Some(previous) = &previous {
            if previous.id == seeds.id {
                return bad("previous: these are the seeds themselves; choose the result of an earlier growth".into());
            }
            if previous.labels.grid() != seeds.labels.grid() {
                let name = &previous.node.name;
                return bad(format!("previous: {name} lies on other voxels than the seeds; leave it out"));
            }
        }
        let (low, high) = (only_from.unwrap_or(f64::MIN), only_to.unwrap_or(f64::MAX));
        if high < low {
            return bad(format!(
                "the range of values {low} to {high} is empty; the upper end must be at least the lower"
            ));
        }
        let painted = seeds.labels.segments().iter().filter(|segment| 0 < seeds.labels.count(segment.id)).count();
        if painted < 2 {
            return bad(format!(
                "{} has {painted} segment with painted voxels; at least 2 are needed, one of them for the rest",
                seeds.node.name
            ));
        }
        let hash_of = |node: &Node| match &node.data {
            Data::Scan(other) if Arc::ptr_eq(other, &scan) => Some(node.hash()),
            _ => None,
        };
        let hash = case.nodes().find_map(|(_, node)| hash_of(node)).expect("the scan is an object of the case");
        let ground = Ground { scan: hash, hu_per_mm, low, high };
        Ok(Box::new(move |progress| {
            let mut terrain = Terrain::new(&scan, hu_per_mm);
            if only_from.is_some() || only_to.is_some() {
                terrain = terrain.only_in_range(low..=high);
            }
            let region = region_around_segments(&seeds.labels, margin_mm).expect("there are seeds");
            if !any_open(&seeds.labels, &terrain) {
                let text = format!("no seed has a value in the range {low} to {high}; widen it or paint other seeds");
                return Err(CommandError::Failed(text));
            }
            let mut workspace = memory::take(&ground);
            let labels = grow_from_seeds(
                &terrain,
                &seeds.labels,
                &region,
                &mut workspace,
                &progress.part(0.05..1.0, "growing"),
            )?;
            memory::keep(ground, workspace);
            let size = [0, 1, 2].map(|a| region[a].len().to_string()).join(" × ");
            let mut summary = Summary::default()
                .method("Fast GrowCut: every voxel joins the seed with the shortest way to it, where a step costs the difference of its two values (Zhu et al. 2014).")
                .method(format!("Grown in {size} voxels, {margin_mm} mm around the seeds; a millimetre of way counts as {hu_per_mm} HU."))
                .limit("where two structures look alike the border lies half way between their seeds, whatever is there");
            for segment in labels.segments() {
                summary = summary.fact(&format!("volume of {}", segment.name), labels.volume_ml(segment.id), "ml");
            }
            let name = format!("{} grown", seeds.node.name);
            Ok(match previous {
                Some(previous) => previous.replaced(format!("grow {} again", seeds.node.name), labels, summary),
                None => Edit::new(format!("grow {}", seeds.node.name))
                    .add(Node::new(name, Data::Labels(labels)).with_summary(summary).from_source(seeds.id)),
            })
        }))
    }
}

/// Whether growing may begin at some seed.
fn any_open(seeds: &LabelMap, terrain: &Terrain) -> bool {
    let [i, j, k] = seeds.everything();
    let mut any = false;
    for (j, k) in k.flat_map(|k| j.clone().map(move |j| (j, k))) {
        seeds.row((i.start, i.end), j, k, |i, label| {
            any = any || label != 0 && terrain.is_open(seeds.grid().offset([i, j, k]));
        });
        if any {
            return true;
        }
    }
    false
}
