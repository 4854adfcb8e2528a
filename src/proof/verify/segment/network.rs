//! A network for the brain against another program that ran the same file on the same scan.

use super::super::{Row, Tolerance};
use crate::base::{Progress, SegmentId};
use crate::image::Modality;
use crate::io::file::read_bytes;
use crate::io::{nifti, test_data};
use crate::segment::model::{Manifest, apply};
use crate::segment::onnx::OnnxNetwork;

const WHAT: &str = "MeshNet (5 channels, ONNX file) on a real T1 brain of 256³ voxels";
/// What the network's scores mean; the same file that tests and readers use.
const MANIFEST: &str = include_str!("../../../../tests/models/meshnet5.json");
/// Voxels of white and of grey matter that ONNX Runtime 1.32 finds, all 256³ voxels at once.
const OF_RUNTIME: [(u8, &str, f64); 2] = [(1, "white matter", 520_985.0), (2, "grey matter", 737_032.0)];

/// Rows of the network, without flips as the other program ran it.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let Some(folder) = test_data::folder("weights/meshnet-brainchop") else {
        return Ok(vec![Row::skipped("S70", WHAT, "the project's test data is not here; set PROSECTOR_DATA")]);
    };
    let mut manifest = Manifest::parse(MANIFEST).map_err(|error| error.to_string())?;
    manifest.flips.clear();
    let bytes = read_bytes(&folder.join(&manifest.model), 1 << 20).map_err(|error| error.to_string())?;
    let network = OnnxNetwork::read(&bytes).map_err(|error| error.to_string())?;
    let scan = nifti::read_scan(&folder.join("t1_crop.nii.gz"), Some(Modality::Mr), progress)
        .map_err(|error| error.to_string())?;
    let found = apply(&scan, &manifest, &network, None, progress).map_err(|error| error.to_string())?;
    let row = |(id, name, voxels): (u8, &str, f64)| {
        Row::new(
            "S70",
            &format!("{WHAT}: {name}"),
            found.labels.count(SegmentId(id)) as f64,
            voxels,
            "voxels",
            Tolerance::Relative(1e-4),
            "ONNX Runtime 1.32 on the same file and scan; sums in another order decide ties otherwise",
        )
    };
    Ok(OF_RUNTIME.map(row).into())
}
