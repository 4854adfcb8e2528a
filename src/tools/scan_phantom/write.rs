//! A phantom as files: a DICOM series, its exact labels, and all that is known about it.

use crate::base::Progress;
use crate::image::phantom::Phantom;
use crate::io::dicom::{SeriesText, write_series};
use crate::io::file::write_whole;
use crate::io::nrrd;
use crate::session::CommandError;
use std::path::Path;

/// Write DICOM slices, `labels.seg.nrrd` and `truth.json` into `folder`; returns how many files.
pub(super) fn write(phantom: &Phantom, folder: &Path, progress: &Progress) -> Result<usize, CommandError> {
    let failed = |error: crate::io::error::WriteError| CommandError::failed(&error);
    let text = SeriesText {
        patient: "PHANTOM".into(),
        description: format!("{} phantom", phantom.truth.phantom),
        maker: "prosector".into(),
    };
    let slices = write_series(&phantom.scan, &folder.join("dicom"), &text, &progress.part(0.0..0.7, "writing DICOM"));
    let slices = slices.map_err(failed)?;
    nrrd::write_labels(&phantom.labels, &folder.join("labels.seg.nrrd"), &progress.part(0.7..0.95, "writing labels"))
        .map_err(failed)?;
    let truth = serde_json::to_vec_pretty(&phantom.truth).expect("the truth is plain data");
    write_whole(&folder.join("truth.json"), &truth).map_err(failed)?;
    Ok(slices + 2)
}
