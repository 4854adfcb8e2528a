//! `scan.phantom`: make a scan of known truth.

use crate::base::{Progress, Summary};
use crate::image::phantom::{self, ChestParams, Phantom, PhantomError, VesselParams, VesselShape};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

mod write;

/// Make a scan of known truth.
#[derive(Debug)]
pub struct ScanPhantom;

/// Parameters of [`ScanPhantom`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    kind: String,
    seed: u64,
    spacing_mm: Option<f64>,
    noise_hu: Option<f64>,
    blur_mm: Option<f64>,
    stenosis_percent: Option<f64>,
    tumour_radius_mm: Option<f64>,
    radius_mm: Option<f64>,
    truth: bool,
    folder: Option<PathBuf>,
}

impl Tool for ScanPhantom {
    const ID: &'static str = "scan.phantom";
    const LABEL: &'static str = "Make a phantom…";
    const HELP: &'static str =
        "Make a CT of a body made of formulas, with its exact segments, volumes, radii and centre lines.";
    const STEP: Step = Step::Import;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::with(
            "kind",
            Kind::Choice(&["abdomen", "chest", "vessel", "curved", "bifurcation", "tube"]),
            "",
            "\"abdomen\"",
            "a whole abdomen, a chest with bronchi, a narrowed straight or curved vessel, a fork, or an exact cylinder",
        ),
        ParamSpec::with("seed", Kind::Integer(0, 1 << 53), "", "1", "where noise and vessel trees come from"),
        ParamSpec::with(
            "spacing_mm",
            Kind::Number(0.1, 10.0),
            "mm",
            "null",
            "distance between voxels; as scanners do if not given",
        ),
        ParamSpec::with(
            "noise_hu",
            Kind::Number(0.0, 200.0),
            "HU",
            "null",
            "standard deviation of the noise; 11 in the abdomen, 20 in the chest, 8 elsewhere if not given",
        ),
        ParamSpec::with(
            "blur_mm",
            Kind::Number(0.0, 5.0),
            "mm",
            "null",
            "standard deviation of the point spread; 0.7 in the abdomen, 0.6 in the chest, 0.4 elsewhere if not given",
        ),
        ParamSpec::with(
            "stenosis_percent",
            Kind::Number(0.0, 90.0),
            "%",
            "null",
            "part of the diameter the vessel loses; 50 if not given",
        ),
        ParamSpec::with(
            "tumour_radius_mm",
            Kind::Number(0.0, 24.0),
            "mm",
            "null",
            "radius of the liver tumour, 0 for none; 15 if not given",
        ),
        ParamSpec::with(
            "radius_mm",
            Kind::Number(0.5, 20.0),
            "mm",
            "null",
            "radius of the vessel; 8.5 for the aorta, 4 elsewhere if not given",
        ),
        ParamSpec::with("truth", Kind::Bool, "", "true", "add the exact segments too"),
        ParamSpec::with(
            "folder",
            Kind::Path,
            "",
            "null",
            "also write DICOM, labels.seg.nrrd and truth.json into this folder",
        ),
    ];
    type Params = Params;

    fn prepare(_: &Case, params: Params) -> Result<Task, CommandError> {
        Ok(Box::new(move |progress| {
            let work = progress.part(0.0..if params.folder.is_some() { 0.6 } else { 0.9 }, "phantom");
            let phantom = make(&params, &work).map_err(|error| CommandError::failed(&error))?;
            let Params { kind, seed, truth, folder, .. } = params;
            let mut edit = Edit::new(format!("{kind} phantom")).chained();
            if let Some(folder) = folder {
                let files = write::write(&phantom, &folder, &progress.part(0.6..0.9, "writing DICOM"))?;
                edit = edit.say(format!("wrote {files} files to {}", folder.display()));
            }
            let Phantom { scan, labels, truth: known, summary } = phantom;
            let summary = summary.fact("seed", seed as f64, "1");
            let name = format!("{kind} phantom");
            edit = edit.add(Node::new(name, Data::Scan(Arc::new(scan))).with_summary(summary));
            if truth {
                let mut summary =
                    Summary::default().method("What is really at the centre of each voxel, from the formulas.");
                for volume in &known.volumes {
                    summary = summary.fact(&volume.name, volume.volume_ml, "ml");
                }
                edit = edit.add(Node::new("known truth", Data::Labels(labels)).with_summary(summary).hidden());
            }
            Ok(edit)
        }))
    }
}

fn make(params: &Params, progress: &Progress) -> Result<Phantom, PhantomError> {
    let Params { kind, seed, spacing_mm, noise_hu, blur_mm, stenosis_percent, tumour_radius_mm, radius_mm, .. } =
        params;
    let shape = match kind.as_str() {
        "abdomen" => {
            let usual = phantom::Params::default();
            let wish = phantom::Params {
                seed: *seed,
                spacing_mm: spacing_mm.map_or(usual.spacing_mm, |spacing| [spacing; 3]),
                noise_hu: noise_hu.unwrap_or(usual.noise_hu),
                blur_mm: blur_mm.unwrap_or(usual.blur_mm),
                stenosis_percent: stenosis_percent.unwrap_or(usual.stenosis_percent),
                tumour_radius_mm: tumour_radius_mm.unwrap_or(usual.tumour_radius_mm),
                aorta_radius_mm: radius_mm.unwrap_or(usual.aorta_radius_mm),
                ..usual
            };
            return phantom::abdomen(&wish, progress);
        }
        "chest" => {
            let usual = ChestParams::default();
            let wish = ChestParams {
                seed: *seed,
                spacing_mm: spacing_mm.map_or(usual.spacing_mm, |spacing| [spacing; 3]),
                noise_hu: noise_hu.unwrap_or(usual.noise_hu),
                blur_mm: blur_mm.unwrap_or(usual.blur_mm),
                ..usual
            };
            return phantom::chest(&wish, progress);
        }
        "curved" => VesselShape::Curved,
        "bifurcation" => VesselShape::Bifurcation,
        "tube" => VesselShape::Tube,
        _ => VesselShape::Straight,
    };
    let usual = VesselParams { shape, ..VesselParams::default() };
    let wish = VesselParams {
        seed: *seed,
        spacing_mm: spacing_mm.map_or(usual.spacing_mm, |spacing| [spacing; 3]),
        noise_hu: noise_hu.unwrap_or(usual.noise_hu),
        blur_mm: blur_mm.unwrap_or(usual.blur_mm),
        stenosis_percent: stenosis_percent.unwrap_or(usual.stenosis_percent),
        radius_mm: radius_mm.unwrap_or(usual.radius_mm),
        ..usual
    };
    phantom::vessel(&wish, progress)
}
