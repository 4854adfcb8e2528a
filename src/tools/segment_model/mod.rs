//! `segment.model`: segments from a network that comes as a file.

use crate::base::{NodeId, Summary};
use crate::io::file::read_bytes;
use crate::io::process::memory_bytes;
use crate::io::words;
use crate::segment::model::{Applied, Blend, Manifest, Plan, apply};
use crate::segment::onnx::OnnxNetwork;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Segments from a network that comes as a file.
#[derive(Debug)]
pub struct SegmentModel;

/// Parameters of [`SegmentModel`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    path: PathBuf,
    flips: bool,
    plan_only: bool,
}

/// Largest manifest and network that are read, bytes.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;
const NETWORK_BYTES_MAX: u64 = 1 << 30;

impl Tool for SegmentModel {
    const ID: &'static str = "segment.model";
    const LABEL: &'static str = "Network from a file…";
    const HELP: &'static str = "Segment with a network in an ONNX file, as the small manifest (JSON) beside it says; nothing leaves this machine.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan"),
        ParamSpec::needed("path", Kind::Path, "", "the manifest, a JSON file; the network lies beside it"),
        ParamSpec::with(
            "flips",
            Kind::Bool,
            "",
            "true",
            "average over the flipped images the manifest names too; slower, a little better",
        ),
        ParamSpec::with(
            "plan_only",
            Kind::Bool,
            "",
            "false",
            "only say what it would take: memory, tiles, source and licence",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { scan: id, path, flips, plan_only }: Params) -> Result<Task, CommandError> {
        let node = case.expect_kind(id, NodeKind::Scan)?;
        let Data::Scan(scan) = &node.data else { unreachable!("the kind was checked") };
        let scan = Arc::clone(scan);
        Ok(Box::new(move |progress| {
            let mut manifest = manifest(&path)?;
            if !flips {
                manifest.flips.clear();
            }
            let file = path.with_file_name(&manifest.model);
            let bytes = read(&file, NETWORK_BYTES_MAX)?;
            let failed = |what: String| CommandError::Failed(format!("{what} — {}", file.display()));
            let network = OnnxNetwork::read(&bytes).map_err(|error| failed(error.to_string()))?;
            drop(bytes);
            let memory_max = memory_bytes();
            if plan_only {
                let (plan, _) =
                    Plan::new(scan.grid(), &manifest, &network).map_err(|error| failed(error.to_string()))?;
                let label = format!("plan of {}", manifest.name);
                return Ok(Edit::new(label).say(sentence(&manifest, &plan, memory_max)));
            }
            let found = apply(&scan, &manifest, &network, memory_max, progress)
                .map_err(|error| CommandError::failed(&error))?;
            let summary = account(&manifest, &found);
            let edit = Edit::new(format!("segment with {}", manifest.name));
            Ok(edit.add(Node::new(&manifest.name, Data::Labels(found.labels)).with_summary(summary).from_source(id)))
        }))
    }
}

fn manifest(path: &Path) -> Result<Manifest, CommandError> {
    let failed = |what: String| CommandError::Failed(format!("{what} — {}", path.display()));
    let text = String::from_utf8(read(path, MANIFEST_BYTES_MAX)?);
    let text = text.map_err(|_| failed("the manifest is no text; give the JSON file, not the network".into()))?;
    Manifest::parse(&text).map_err(|error| failed(error.to_string()))
}

fn read(path: &Path, max: u64) -> Result<Vec<u8>, CommandError> {
    read_bytes(path, max)
        .map_err(|error| CommandError::Failed(format!("{} — {}", words::of_system(&error), path.display())))
}

/// Bytes in MB, rounded up.
fn mb(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

/// What it would take, before it runs.
fn sentence(manifest: &Manifest, plan: &Plan, memory_max: Option<u64>) -> String {
    let Plan { tile: [i, j, k], tiles, runs_per_tile, .. } = plan;
    let there = memory_max.map_or_else(String::new, |bytes| format!(" of the {} MB of this machine", mb(bytes)));
    let runs = if *runs_per_tile == 1 { "once each".into() } else { format!("{runs_per_tile} times each (flipped)") };
    let said = manifest.memory_mb.map_or_else(String::new, |mb| format!(" (its author says {mb} MB)"));
    format!(
        "{}: {tiles} tiles of {i} × {j} × {k} voxels, {runs}, at most {} MB{there}{said}; source: {}; licence: {}",
        manifest.name,
        mb(plan.peak_bytes),
        manifest.source,
        manifest.licence
    )
}

fn account(manifest: &Manifest, found: &Applied) -> Summary {
    let mut summary = Summary::default();
    for segment in found.labels.segments() {
        summary = summary.fact(&segment.name, found.labels.volume_ml(segment.id), "ml");
    }
    if let Some(confidence) = found.confidence {
        summary = summary.fact("mean probability", confidence, "1");
    }
    let Plan { tile: [i, j, k], tiles, runs_per_tile, peak_bytes, .. } = &found.plan;
    let place = match found.plan.resampled.as_ref().map(crate::geom::Grid::spacing_mm) {
        Some([a, b, c]) => format!("brought onto voxels of {a} × {b} × {c} mm and back"),
        None => "on the voxels of the scan".into(),
    };
    let seams = match manifest.blend {
        _ if *tiles == 1 => "at once",
        Blend::Nearest => "in overlapping tiles of which the middle counts",
        Blend::Gaussian => "in overlapping tiles averaged with a Gaussian",
    };
    let flips = if *runs_per_tile == 1 { String::new() } else { format!(", mean of {runs_per_tile} flipped images") };
    let summary = summary
        .fact("tiles", *tiles as f64, "1")
        .fact("memory at most", mb(*peak_bytes) as f64, "MB")
        .method(format!("Network {}, {place}, {seams} ({i} × {j} × {k} voxels){flips}.", manifest.name))
        .method(format!("The network is {}; licence: {}.", manifest.source, manifest.licence))
        .limit("A network knows images like those it was trained on; on others it is wrong without saying so.");
    if found.labels.segments().iter().all(|segment| found.labels.count(segment.id) == 0) {
        summary.warning("The network found nothing: is the scan of the kind, orientation and values it was made for?")
    } else {
        summary
    }
}
