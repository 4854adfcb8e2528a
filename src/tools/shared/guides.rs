//! What guides to be printed share: the printer, their account with bounds, and what becomes of one.

use crate::base::{NodeId, Summary};
use crate::mesh::Surface;
use crate::plan::bone::guide::SLICE_MM_MAX;
use crate::plan::{Bounded, uncertainty};
use crate::session::{Data, Edit, Kind, Node, ParamSpec};
use serde::{Deserialize, Serialize};

/// How it is printed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::tools) enum Printer {
    Resin,
    Filament,
}

impl Printer {
    /// Room to be left between guide and bone.
    pub(in crate::tools) fn clearance_mm(self) -> f64 {
        match self {
            Self::Resin => 0.25,
            Self::Filament => 0.4,
        }
    }
}

/// The printer.
pub(in crate::tools) const PRINTER: ParamSpec = ParamSpec::with(
    "printer",
    Kind::Choice(&["resin", "filament"]),
    "",
    "\"filament\"",
    "how it is printed: 0.25 mm of clearance to bone for resin, 0.4 mm for filament",
);

const BOUNDS: &str = "Bounds of the volume move the surface by half a cube, as it is resolved; those of distances to the bone, and of depths \
    in it, hold half a voxel's diagonal of the bone, where it has voxels, and e.";

/// Volume and least distance to the bone of a guide that was resolved in cubes of `voxel_mm`, on a bone whose edge is known within
/// `known_mm`.
pub(in crate::tools) fn account(guide: &Surface, clearance_mm: f64, known_mm: f64, voxel_mm: f64) -> Summary {
    let ml = uncertainty::swept(guide.volume_ml(), 100.0 * guide.area_cm2(), 0.5 * voxel_mm);
    // Between its corners a triangle comes nearer to a round bone by less than half a cube.
    let clearance = Bounded { low: clearance_mm - 0.5 * voxel_mm, ..Bounded::exact(clearance_mm) }.widened(known_mm);
    Summary::default()
        .bounded("volume", ml.all(), "ml")
        .bounded("least distance to the bone", clearance.all(), "mm")
        .method(uncertainty::SWEPT)
        .method(BOUNDS)
}

/// `summary` with what limits the use of every guide; `slice_mm` is the slice thickness of the scan behind `bone`, if it is known.
pub(in crate::tools) fn limited(summary: Summary, slice_mm: Option<f64>, bone: &str) -> Summary {
    let summary = summary
        .limit("A guide is no medical device until somebody answers for it: check its fit on a printed bone first.");
    match slice_mm {
        Some(_) => summary,
        None => summary
            .limit(format!("The scan behind {bone} is not known; guides need slices of at most {SLICE_MM_MAX} mm.")),
    }
}

/// The edit that adds a guide; `not_valid` says why it should not be used, if there is a reason.
pub(in crate::tools) fn edit(
    title: String,
    surface: Surface,
    mut summary: Summary,
    not_valid: Option<String>,
    bone: NodeId,
) -> Edit {
    if let Some(why) = &not_valid {
        summary = summary.warning(format!("Not to be used: {why}."));
    }
    let node = Node::new(&title, Data::surface(surface)).with_summary(summary).from_source(bone);
    let mut edit = Edit::new(title).add(node);
    edit.message = not_valid;
    edit
}
