//! What a mesh says about itself: volumes, shapes, distances, and what was left out.

use super::distance::distances;
use super::largest::Part;
use super::pieces::LeftOut;
use crate::base::{Cancelled, Progress, Summary};
use crate::mesh::TetMesh;
use crate::mesh::quality::tet_quality;

/// Parts that are left out are worth a warning from this share of the volume on.
const LEFT_OUT_SHARE: f64 = 0.005;
/// Volume differences above this are worth a warning, %.
const DIFFERENCE_PERCENT: f64 = 3.0;

/// The summary of a mesh of `part`.
pub(super) fn account(
    mesh: &TetMesh,
    part: &Part,
    cell_mm: f64,
    left_out: LeftOut,
    progress: &Progress,
) -> Result<Summary, Cancelled> {
    let voxels_ml = part.count() as f64 * part.grid.voxel_mm3() / 1000.0;
    let difference = 100.0 * (mesh.volume_ml() / voxels_ml - 1.0);
    let mut summary = tet_quality(mesh)
        .summary(mesh)
        .fact("volume of the voxels", voxels_ml, "ml")
        .fact("volume difference", difference, "%")
        .fact("cell size", cell_mm, "mm");
    if let Some(distances) = distances(mesh, part, progress)? {
        summary = summary
            .fact("distance to the label boundary, mean", distances.mean_mm, "mm")
            .fact("distance to the label boundary, 95 %", distances.most_mm, "mm")
            .fact("Hausdorff distance to the label boundary", distances.largest_mm, "mm");
    }
    summary = summary
        .method(format!(
            "isosurface stuffing on a body-centred cubic lattice with cells of {cell_mm:.2} mm at surfaces (Labelle and Shewchuk 2007)"
        ))
        .limit(format!("details thinner than about {cell_mm:.1} mm are rounded off or missing"));
    if 1 < part.labels.len() {
        summary = of_segments(summary, mesh, part);
    }
    if 0 < part.others {
        let ml = part.others_count as f64 * part.grid.voxel_mm3() / 1000.0;
        summary = summary.fact("volume left out", ml, "ml");
        // Specks of noise are no news.
        if LEFT_OUT_SHARE * voxels_ml < ml {
            summary = summary.warning(format!(
                "only the largest part is meshed; {} other parts with {ml:.2} ml were left out",
                part.others
            ));
        }
    }
    if 0 < left_out.pieces {
        let LeftOut { pieces, volume_ml } = left_out;
        summary = summary.warning(format!(
            "at this cell size the part falls apart; {pieces} smaller pieces with {volume_ml:.2} ml were left out"
        ));
    }
    if DIFFERENCE_PERCENT < difference.abs() {
        summary = summary.warning(format!(
            "the volume differs by {difference:.1} % from that of the voxels, more than {DIFFERENCE_PERCENT} %; take smaller cells"
        ));
    }
    Ok(summary)
}

/// The volume of every segment in a mesh of several, and which are missing.
fn of_segments(mut summary: Summary, mesh: &TetMesh, part: &Part) -> Summary {
    let mut ml = [0.0; 256];
    for (tet, region) in mesh.regions().iter().enumerate() {
        ml[usize::from(*region)] += mesh.tet_mm3(tet) / 1000.0;
    }
    summary = summary.method(
        "where three or more segments meet, cells are divided as in lattice cleaving (Bronson, Levine and Whitaker 2014)",
    );
    let mut missing = Vec::new();
    for (label, count) in part.labels.iter().zip(&part.counts) {
        let got_ml = ml[usize::from(*label)];
        let voxels_ml = *count as f64 * part.grid.voxel_mm3() / 1000.0;
        summary = summary.fact(&format!("volume of region {label}"), got_ml, "ml").fact(
            &format!("voxels of region {label}"),
            voxels_ml,
            "ml",
        );
        if got_ml == 0.0 {
            missing.push(format!("{label} ({voxels_ml:.3} ml)"));
        }
    }
    if !missing.is_empty() {
        let missing = missing.join(", ");
        summary = summary.warning(format!("too small for these cells and without tetrahedra: segment {missing}"));
    }
    summary
}
