//! `segment.staple`: one consensus of several readers, and how good each reader is.

use crate::base::{NodeId, Progress, SegmentId, Summary, Table};
use crate::image::{LabelMap, Volume};
use crate::segment::staple::{Consensus, staple};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One consensus of several readers.
#[derive(Debug)]
pub struct SegmentStaple;

/// Parameters of [`SegmentStaple`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    reader_1: NodeId,
    reader_2: NodeId,
    reader_3: Option<NodeId>,
    reader_4: Option<NodeId>,
    reader_5: Option<NodeId>,
    reader_6: Option<NodeId>,
    reader_7: Option<NodeId>,
    reader_8: Option<NodeId>,
    name: Option<String>,
    around_mm: f64,
    whole_scan: bool,
}

const fn further(name: &'static str) -> ParamSpec {
    ParamSpec::with(name, Kind::Node(NodeKind::Labels), "", "null", "a further reader's segmentation")
}

/// Colours of consensus and majority, sRGB.
const COLOURS: [[u8; 3]; 2] = [[144, 238, 144], [86, 180, 233]];

impl Tool for SegmentStaple {
    const ID: &'static str = "segment.staple";
    const LABEL: &'static str = "Consensus of readers…";
    const HELP: &'static str =
        "Estimate the truth from several readers with STAPLE, beside the majority of votes, and rate each reader.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("reader_1", Kind::Node(NodeKind::Labels), "", "the first reader's segmentation"),
        ParamSpec::needed("reader_2", Kind::Node(NodeKind::Labels), "", "the second reader's, on the same voxels"),
        further("reader_3"),
        further("reader_4"),
        further("reader_5"),
        further("reader_6"),
        further("reader_7"),
        further("reader_8"),
        ParamSpec::with(
            "name",
            Kind::Text,
            "",
            "null",
            "the segment that is meant in each; all segments of each together if not given",
        ),
        ParamSpec::with(
            "around_mm",
            Kind::Number(0.0, 1000.0),
            "mm",
            "10",
            "background counts up to this far around all marks: more of it makes the estimate trust single readers more",
        ),
        ParamSpec::with("whole_scan", Kind::Bool, "", "false", "count all of the background, as ITK's filter does"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { reader_1, reader_2, name, around_mm, whole_scan, .. } = params;
        let further =
            [params.reader_3, params.reader_4, params.reader_5, params.reader_6, params.reader_7, params.reader_8];
        let ids: Vec<NodeId> = [reader_1, reader_2].into_iter().chain(further.into_iter().flatten()).collect();
        let mut readers: Vec<(String, LabelMap, Option<SegmentId>)> = Vec::new();
        for (n, id) in ids.iter().enumerate() {
            if ids[..n].contains(id) {
                return Err(CommandError::BadParams(format!("{id} is given twice; each reader counts once")));
            }
            let labels = super::shared::labels(case, *id)?;
            let node = case.expect_kind(*id, NodeKind::Labels)?;
            if readers.first().is_some_and(|(_, first, _)| first.grid() != labels.grid()) {
                let (this, first) = (&node.name, &readers[0].0);
                let text = format!("{this} ({id}) lies on other voxels than {first}; readers must mark the same scan");
                return Err(CommandError::BadParams(text));
            }
            let segment = match &name {
                Some(name) => Some(
                    labels
                        .segments()
                        .iter()
                        .find(|segment| segment.name.to_lowercase() == name.to_lowercase())
                        .map(|segment| segment.id)
                        .ok_or_else(|| {
                            CommandError::BadParams(format!("{} ({id}) has no segment {name}", node.name))
                        })?,
                ),
                None => None,
            };
            readers.push((node.name.clone(), labels, segment));
        }
        Ok(Box::new(move |progress| {
            let masks: Vec<Volume<u8>> = readers.iter().map(|(_, labels, segment)| mask(labels, *segment)).collect();
            let around = (!whole_scan).then_some(around_mm);
            let found = staple(&masks, around, &progress.part(0.1..0.9, "consensus"));
            let found = found.map_err(|error| CommandError::failed(&error))?;
            let what = name.as_deref().unwrap_or("readers");
            let table = rates(&readers, &masks, &found, progress)?;
            let summary = account(&found, around, table);
            let node = |mask: &Volume<u8>, title: &str, colour| {
                Node::new(title, Data::Labels(LabelMap::from_mask(mask, title, colour, None))).from_source(reader_1)
            };
            let consensus = node(&found.mask, &format!("{what} consensus"), COLOURS[0]).with_summary(summary);
            let votes = Summary::default()
                .fact("volume", volume_ml(&found.majority), "ml")
                .method("Voxels that more than half of the readers marked.");
            let majority = node(&found.majority, &format!("{what} majority"), COLOURS[1]).with_summary(votes).hidden();
            Ok(Edit::new(format!("consensus of {} readers", readers.len())).add(consensus).add(majority))
        }))
    }
}

fn mask(labels: &LabelMap, segment: Option<SegmentId>) -> Volume<u8> {
    let dense = match segment {
        Some(id) => return labels.mask(id),
        None => labels.to_volume(),
    };
    let voxels = dense.voxels().par_iter().map(|label| u8::from(*label != 0)).collect();
    Volume::new(Arc::clone(labels.grid()), voxels).expect("one value per voxel")
}

fn volume_ml(mask: &Volume<u8>) -> f64 {
    let n = mask.voxels().par_iter().filter(|value| **value != 0).count();
    n as f64 * mask.grid().voxel_mm3() / crate::base::units::MM3_PER_ML
}

/// How good each reader is.
fn rates(
    readers: &[(String, LabelMap, Option<SegmentId>)],
    masks: &[Volume<u8>],
    found: &Consensus,
    progress: &Progress,
) -> Result<Table, CommandError> {
    let columns = [("sensitivity", "1"), ("specificity", "1"), ("Dice", "1"), ("volume", "ml")];
    let mut table = Table::new("Readers against the consensus", "reader", &columns);
    let n_true = found.mask.voxels().par_iter().filter(|value| **value != 0).count();
    for ((reader, mask), (name, ..)) in found.readers.iter().zip(masks).zip(readers) {
        progress.check()?;
        let pairs = mask.voxels().par_iter().zip(found.mask.voxels());
        let (n, both) = pairs
            .map(|(own, truth)| (usize::from(*own != 0), usize::from(*own != 0 && *truth != 0)))
            .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let dice = 2.0 * both as f64 / (n + n_true) as f64;
        let values = [reader.sensitivity, reader.specificity, dice, volume_ml(mask)];
        table = table.row(name, values.map(Some));
    }
    Ok(table)
}

fn account(found: &Consensus, around_mm: Option<f64>, table: Table) -> Summary {
    let background = match around_mm {
        Some(room) => format!("in the box around all marks with {room} mm of room"),
        None => "in the whole scan".into(),
    };
    let summary = Summary::default()
        .fact("volume", volume_ml(&found.mask), "ml")
        .fact("expected volume", found.expected_ml, "ml")
        .fact("majority of votes", volume_ml(&found.majority), "ml")
        .fact("iterations", found.iterations as f64, "1")
        .method(format!(
            "STAPLE (Warfield, Zou and Wells 2004) {background}, prior {:.4}, without a spatial prior; a voxel is in where \
             its probability is at least one half.",
            found.prior
        ))
        .limit("Readers who make the same mistake are believed: STAPLE takes their errors as independent.")
        .table(table);
    if found.converged {
        summary
    } else {
        summary.warning("The rates had not come to rest when the iteration was ended.")
    }
}
