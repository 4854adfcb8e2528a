//! `segment.compare`: how well segments agree with others, in numbers and as colours on their surfaces.

mod pairs;

use super::shared::{SurfaceWish, surface_node};
use crate::base::{NodeId, Progress, SegmentId, Summary, Table};
use crate::image::LabelMap;
use crate::image::resample::resample_labels;
use crate::mesh::deviation;
use crate::segment::cropped::{cropped, joined};
use crate::segment::{Score, score_within};
use crate::session::{
    Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool, data::SurfaceData,
};
use pairs::{Pair, pairs};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How well segments agree with others.
#[derive(Debug)]
pub struct SegmentCompare;

/// Parameters of [`SegmentCompare`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    reference: NodeId,
    reference_segment: Option<u8>,
    tolerance_mm: f64,
    surface: bool,
}

/// Surfaces that follow the voxels closely: what is coloured is the difference, not the smoothing.
const WISH: SurfaceWish = SurfaceWish { smoothing: 0.25, triangles_max: 200_000, error_mm: 0.1 };
const COLUMNS: &[(&str, &str)] = &[
    ("Dice", "1"),
    ("Jaccard", "1"),
    ("surface Dice", "1"),
    ("mean distance", "mm"),
    ("distance 95 %", "mm"),
    ("Hausdorff", "mm"),
    ("volume", "ml"),
    ("reference", "ml"),
    ("difference", "ml"),
];

impl Tool for SegmentCompare {
    const ID: &'static str = "segment.compare";
    const LABEL: &'static str = "Compare…";
    const HELP: &'static str = "Compare segments with those of another segmentation: Dice, surface distances, volumes, and a coloured surface.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation that is judged"),
        ParamSpec::with(
            "segment",
            Kind::Integer(1, 255),
            "",
            "null",
            "which segment of it; all that have a namesake in the reference if not given",
        ),
        ParamSpec::needed("reference", Kind::Node(NodeKind::Labels), "", "what it is compared with; may be the same"),
        ParamSpec::with(
            "reference_segment",
            Kind::Integer(1, 255),
            "",
            "null",
            "which segment of the reference; the only one, or the one of the same name, if not given",
        ),
        ParamSpec::with(
            "tolerance_mm",
            Kind::Number(0.0, 100.0),
            "mm",
            "2",
            "how far boundaries may be apart to count as the same in the surface Dice",
        ),
        ParamSpec::with(
            "surface",
            Kind::Bool,
            "",
            "true",
            "make the surface, coloured by its distance to the reference",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: id, segment, reference: reference_id, reference_segment, tolerance_mm, surface } = params;
        let labels = super::shared::labels(case, id)?;
        let reference = super::shared::labels(case, reference_id)?;
        let pairs = pairs(&labels, segment, &reference, reference_segment)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let reference_name = case.expect_kind(reference_id, NodeKind::Labels)?.name.clone();
        let same = id == reference_id;
        if same && pairs.iter().any(|pair| pair.id == pair.reference) {
            let text = "the segment and the reference are the same; choose another segment as reference";
            return Err(CommandError::BadParams(text.into()));
        }
        Ok(Box::new(move |progress| {
            let here = on_the_same_voxels(&labels, &reference, &progress.part(0.0..0.1, "resampling"))?;
            let mut table = Table::new(format!("Comparison with {reference_name}"), "segment", COLUMNS);
            let mut surfaces = Vec::new();
            let mut summary = methods(tolerance_mm, here.is_some());
            for (n, pair) in pairs.iter().enumerate() {
                let share = |n: usize| 0.1 + 0.9 * n as f64 / pairs.len() as f64;
                let progress = progress.part(share(n)..share(n + 1), "comparing");
                let second = here.as_ref().unwrap_or(&reference);
                let what = format!("{} against {}", pair.name, pair.reference_name);
                let score = match measure(&labels, pair, second, tolerance_mm, &progress) {
                    Ok(score) => score,
                    Err(CommandError::Failed(why)) if 1 < pairs.len() => {
                        summary = summary.warning(format!("{what} is left out: {why}."));
                        continue;
                    }
                    Err(CommandError::Failed(why)) => return Err(CommandError::Failed(format!("{what}: {why}"))),
                    Err(error) => return Err(error),
                };
                table = table.row(&pair.name, cells(&score));
                if let Some(lost) = lost_ml(&reference, pair, &score) {
                    summary = summary.warning(format!(
                        "{} of the reference measures {lost:+.2} ml less on these voxels than on its own: it reaches \
                         beyond them, or is finer than they are.",
                        pair.reference_name
                    ));
                }
                if surface {
                    surfaces.push(coloured(&labels, &reference, pair, &score, &progress.part(0.5..1.0, "surface"))?);
                }
            }
            if table.rows.is_empty() {
                return Err(CommandError::Failed(
                    "no two segments could be compared: all pairs have an empty one".into(),
                ));
            }
            let said = said(&table);
            let warnings = summary.warnings.clone();
            let mut judged = super::shared::in_place_of(&node, &node.name, node.data.clone());
            judged.summary = judged.summary.table(table);
            let mut edit = Edit::new(format!("compare {} with {reference_name}", node.name)).say(said);
            for (name, data, facts) in surfaces {
                let mut account = facts;
                account.methods.extend(summary.methods.iter().cloned());
                account.limits.extend(summary.limits.iter().cloned());
                account.warnings.extend(warnings.iter().cloned());
                edit = edit.add(Node::new(name, data).with_summary(account).from_source(id).coloured_by(FIELD));
            }
            Ok(edit.change(Change::Replace { id, was: node.hash(), node: judged }))
        }))
    }
}

/// The field that colours the surfaces.
const FIELD: &str = "distance to the reference";

/// The reference on the voxels of `labels`; `None` if it lies on them.
fn on_the_same_voxels(
    labels: &LabelMap,
    reference: &LabelMap,
    progress: &Progress,
) -> Result<Option<LabelMap>, CommandError> {
    if labels.grid() == reference.grid() {
        return Ok(None);
    }
    Ok(Some(resample_labels(reference, labels.grid(), progress)?))
}

fn measure(
    labels: &LabelMap,
    pair: &Pair,
    reference: &LabelMap,
    tolerance_mm: f64,
    progress: &Progress,
) -> Result<Score, CommandError> {
    let empty = |which: &str| CommandError::Failed(format!("{which} has no voxel here"));
    let region = labels.extent(pair.id).ok_or_else(|| empty(&pair.name))?;
    let other = reference.extent(pair.reference).ok_or_else(|| empty(&pair.reference_name))?;
    let both = joined(&region, &other);
    let mask = |labels: &LabelMap, id: SegmentId| cropped(labels, id, &both).expect("the box is not empty").0;
    let (mine, other) = (mask(labels, pair.id), mask(reference, pair.reference));
    score_within(&mine, &other, tolerance_mm, &progress.part(0.0..0.5, "distances"))
        .map_err(|error| CommandError::failed(&error))
}

fn cells(score: &Score) -> [Option<f64>; 9] {
    [
        score.dice,
        score.jaccard,
        score.surface_dice,
        score.surface_mean_mm,
        score.surface_95_mm,
        score.hausdorff_mm,
        score.volume_ml,
        score.reference_ml,
        score.difference_ml(),
    ]
    .map(Some)
}

/// How much of the reference was lost by bringing it onto other voxels, where it is more than 1 %.
fn lost_ml(reference: &LabelMap, pair: &Pair, score: &Score) -> Option<f64> {
    let own = reference.volume_ml(pair.reference);
    Some(own - score.reference_ml).filter(|lost| 0.01 * own < lost.abs())
}

fn methods(tolerance_mm: f64, resampled: bool) -> Summary {
    let summary = Summary::default()
        .method("Dice (1945) and Jaccard (1912) count voxels; the difference is segment minus reference.")
        .method(format!(
            "Boundaries are pieces between voxels weighted by their area; the surface Dice counts what is within \
             {tolerance_mm} mm, the 95 % distance is the larger of both ways (Nikolov et al. 2018)."
        ))
        .method(
            "The colour is the distance from the surface to that of the reference: positive outside, negative inside.",
        )
        .limit("Agreement with a reference says nothing of the truth where the reference itself may be wrong.");
    if resampled {
        summary.method("The reference lies on other voxels and was brought onto these (nearest voxel) before counting.")
    } else {
        summary
    }
}

/// The surface of the judged segment with the distance to the reference, and its facts.
fn coloured(
    labels: &LabelMap,
    reference: &LabelMap,
    pair: &Pair,
    score: &Score,
    progress: &Progress,
) -> Result<(String, Data, Summary), CommandError> {
    let surface = |labels: &LabelMap, id, part: &Progress| -> Result<_, CommandError> {
        match surface_node(labels, id, WISH, part)?.data {
            Data::Surface(data) => Ok(data.surface.clone()),
            _ => unreachable!("a surface node holds a surface"),
        }
    };
    let mine = surface(labels, pair.id, &progress.part(0.0..0.3, "surface"))?;
    let other = surface(reference, pair.reference, &progress.part(0.3..0.6, "surface"))?;
    let field = deviation(FIELD, &mine, &other, &progress.part(0.6..1.0, "distances to the reference"))?;
    let facts = COLUMNS.iter().zip(cells(score)).fold(Summary::default(), |summary, ((name, unit), value)| {
        value.map_or(summary.clone(), |value| summary.fact(name, value, unit))
    });
    let data = SurfaceData { surface: mine, fields: field.into_iter().collect() };
    Ok((format!("{} against {}", pair.name, pair.reference_name), Data::Surface(Arc::new(data)), facts))
}

/// One sentence for the user.
fn said(table: &Table) -> String {
    let dice = |row: &crate::base::table::TableRow| row.values[0].unwrap_or(f64::NAN);
    match &table.rows[..] {
        [only] => format!("{}: Dice {:.3}", only.name, dice(only)),
        rows => {
            let mean = rows.iter().map(dice).sum::<f64>() / rows.len() as f64;
            let worst = rows.iter().min_by(|a, b| dice(a).total_cmp(&dice(b))).expect("there are rows");
            format!("{} segments: mean Dice {mean:.3}, least {:.3} ({})", rows.len(), dice(worst), worst.name)
        }
    }
}
