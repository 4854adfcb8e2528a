//! `segment.random_walker`: a few painted or clicked seeds share out weak or noisy structures.

use super::shared::effect::{LABELS, ONLY_FROM, ONLY_TO, SEGMENT};
use super::shared::group::Group;
use super::shared::seed_points::voxels;
use crate::base::{NodeId, SegmentId, Summary};
use crate::geom::Grid;
use crate::image::{LabelMap, Modality, Scan, Volume, Voxels, Window};
use crate::segment::{Walked, random_walker, region_around};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A few painted or clicked seeds share out weak or noisy structures.
#[derive(Debug)]
pub struct SegmentRandomWalker;

/// Parameters of [`SegmentRandomWalker`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    inside: Option<Vec<[f64; 3]>>,
    outside: Option<Vec<[f64; 3]>>,
    margin_mm: f64,
    beta: f64,
    sigma_mm: f64,
    only_from: Option<f64>,
    only_to: Option<f64>,
    output: String,
}

/// A click stands for the voxels this near: around a single voxel of noise nothing can be learned.
const CLICK_MM: f64 = 2.0;
/// A voxel less likely than this is worth looking at.
const UNSURE: f32 = 0.6;

impl Tool for SegmentRandomWalker {
    const ID: &'static str = "segment.random_walker";
    const LABEL: &'static str = "Random walker…";
    const HELP: &'static str = "Paint or click a little of every structure and of the rest: every voxel joins the seeds that a random walk along like values meets first, so weak and broken edges are closed. For boxes of up to 8 million voxels.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        LABELS,
        SEGMENT,
        ParamSpec::with(
            "inside",
            Kind::Points,
            "mm",
            "null",
            "places clicked inside the segment, seeds like its voxels",
        ),
        ParamSpec::with(
            "outside",
            Kind::Points,
            "mm",
            "null",
            "places clicked outside all segments, seeds of the rest",
        ),
        ParamSpec::with("margin_mm", Kind::Number(0.0, 1000.0), "mm", "15", "how far around the seeds it looks"),
        ParamSpec::with(
            "beta",
            Kind::Number(0.001, 1000.0),
            "",
            "2",
            "how much differences of values count: a difference of the usual noise is crossed exp(−beta) times as often as \
             none",
        ),
        ParamSpec::with("sigma_mm", Kind::Number(0.0, 20.0), "mm", "0.5", "how much the scan is smoothed first"),
        ONLY_FROM,
        ONLY_TO,
        ParamSpec::with(
            "output",
            Kind::Choice(&["new", "edit", "probability"]),
            "",
            "\"new\"",
            "a new segmentation, the seeds' own segmentation edited, or an image of how likely the most likely label is",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels, segment, inside, outside, margin_mm, beta, sigma_mm, only_from, only_to, output } = params;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let seeds = Group::of(case, labels)?;
        let scan = seeds.scan()?.clone();
        let (low, high) = (only_from.unwrap_or(f64::NEG_INFINITY), only_to.unwrap_or(f64::INFINITY));
        if high < low {
            return bad(format!(
                "the range of values {low} to {high} is empty; the upper end must be at least the lower"
            ));
        }
        let inside = voxels(scan.grid(), inside.as_deref().unwrap_or_default())?;
        let outside = voxels(scan.grid(), outside.as_deref().unwrap_or_default())?;
        let painted = seeds.labels.segments().iter().map(|s| s.id).filter(|id| 0 < seeds.labels.count(*id));
        let mut kinds: BTreeSet<SegmentId> = painted.collect();
        let clicked = match inside.is_empty() {
            true => None,
            false => Some(super::shared::one_segment(&seeds.labels, segment)?),
        };
        kinds.extend(clicked);
        let rest = match (outside.is_empty(), seeds.labels.free_id()) {
            (true, _) => None,
            (false, Some(id)) => Some(id),
            (false, None) => {
                return bad("outside: the segmentation has 255 segments, so no label is left for the rest".into());
            }
        };
        kinds.extend(rest);
        if kinds.len() < 2 {
            return bad(format!(
                "{} has seeds of {} kind; at least 2 are needed: paint another segment, or click outside",
                seeds.node.name,
                kinds.len()
            ));
        }
        Ok(Box::new(move |progress| {
            let mut dense = seeds.labels.to_volume().into_voxels();
            for (places, label) in [(&inside, clicked), (&outside, rest)] {
                let Some(label) = label else { continue };
                places.iter().for_each(|place| click(scan.grid(), *place, label, &mut dense));
            }
            let dense = Volume::new(Arc::clone(scan.grid()), dense).expect("one label per voxel");
            let region = region_around(&dense, margin_mm).expect("there are seeds");
            let open = |offset: usize| (low..=high).contains(&scan.value(offset));
            let part = progress.part(0.0..0.95, "walking");
            let walked = random_walker(&scan, &dense, &region, beta, sigma_mm, open, &part);
            let Walked { labels: found, probability, iterations } =
                walked.map_err(|error| CommandError::failed(&error))?;
            let decided = found.voxels().par_iter().filter(|label| **label != 0).count();
            let doubtful = |(label, likely): (&u8, &f32)| *label != 0 && *likely < UNSURE;
            let unsure = found.voxels().par_iter().zip(probability.voxels()).filter(|pair| doubtful(*pair)).count();
            let mut summary = Summary::default()
                .method(format!("Every voxel joins the seeds a random walk most likely meets first (Grady 2006), beta {beta}, after a Gaussian of {sigma_mm} mm; solved by conjugate gradients."))
                .limit("where two structures look alike the border lies about half way between their seeds")
                .fact("voxels under 60 % sure", 100.0 * unsure as f64 / decided.max(1) as f64, "%")
                .fact("steps of the solver", iterations.iter().sum::<usize>() as f64, "1");
            let label = format!("random walker from {}", seeds.node.name);
            if output == "probability" {
                let window = Some(Window { width: 1.0, level: 0.5 });
                let voxels = Voxels::F32(probability);
                let image = Scan { voxels, modality: Modality::Other, window, facts: Vec::new() };
                let node = Node::new(format!("How sure {label}"), Data::Scan(Arc::new(image)));
                return Ok(Edit::new(label).add(node.with_summary(summary).from_source(seeds.id)));
            }
            drop(probability);
            let new = |offset: usize| {
                let label = found.voxels()[offset];
                if rest.is_some_and(|rest| rest.0 == label) { 0 } else { label }
            };
            let edit = output == "edit";
            let locked = seeds.locked();
            let whole = seeds.labels.everything();
            let part = progress.part(0.95..1.0, "labels");
            let labels = seeds.labels.edited(
                if edit { &region } else { &whole },
                |offset, old| {
                    let new = new(offset);
                    if edit && (new == 0 || locked[usize::from(old)] || locked[usize::from(new)]) { old } else { new }
                },
                &part,
            )?;
            summary = volumes(summary, &labels);
            if edit {
                return Ok(seeds.replaced(label, labels, summary));
            }
            let node = Node::new(format!("{} by random walker", seeds.node.name), Data::Labels(labels));
            Ok(Edit::new(label).add(node.with_summary(summary).from_source(seeds.id)))
        }))
    }
}

fn volumes(summary: Summary, labels: &LabelMap) -> Summary {
    let fact = |summary: Summary, (name, ml): (&str, f64)| summary.fact(&format!("volume of {name}"), ml, "ml");
    labels.segments().iter().map(|s| (s.name.as_str(), labels.volume_ml(s.id))).fold(summary, fact)
}

/// Give the label to all voxels near a click that have none.
fn click(grid: &Grid, at: [usize; 3], label: SegmentId, dense: &mut [u8]) {
    let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
    let range = |a: usize| {
        let reach = (CLICK_MM / spacing_mm[a]) as usize;
        at[a].saturating_sub(reach)..(at[a] + reach + 1).min(dims[a])
    };
    for (k, j) in range(2).flat_map(|k| range(1).map(move |j| (k, j))) {
        for i in range(0) {
            let mark = &mut dense[grid.offset([i, j, k])];
            if *mark == 0 && (grid.centre([i, j, k]) - grid.centre(at)).norm() <= CLICK_MM {
                *mark = label.0;
            }
        }
    }
}
