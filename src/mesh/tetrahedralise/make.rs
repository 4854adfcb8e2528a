//! From a mask or segments to a mesh with an account of itself.

use super::largest::{Part, largest_part};
use super::lattice::cubes_around;
use super::pieces::LeftOut;
use super::search::{self, CUBES_MAX, Found};
use crate::base::{Cancelled, Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::{LabelMap, Volume};
use crate::mesh::TetMesh;
use crate::mesh::quality::tet_quality;
use rayon::prelude::*;

/// The largest number of tetrahedra this program makes.
const TETS_MAX: usize = 5_000_000;
/// The smallest number that can be asked for.
const TETS_MIN: usize = 20;
/// Parts that are left out are worth a warning from this share of the volume on.
const LEFT_OUT_SHARE: f64 = 0.005;

/// How fine the mesh is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellSize {
    /// Edge of the lattice cubes in mm: the long edges of inner tetrahedra; twelve tetrahedra fill a cube.
    EdgeMm(f64),
    /// About this many tetrahedra.
    Count(usize),
}

/// Why there is no mesh.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TetrahedraliseError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Nothing to mesh.
    #[error("the selection has no voxel, so there is nothing to fill with tetrahedra")]
    Empty,
    /// The size makes no sense.
    #[error("cells of {0} mm cannot be made; the size must be a number above 0")]
    CellMm(f64),
    /// The number makes no sense.
    #[error("{0} tetrahedra were asked for; the limits are {TETS_MIN} and {TETS_MAX}")]
    Count(usize),
    /// More tetrahedra than this program makes.
    #[error("cells of {cell_mm} mm would give about {tets} tetrahedra, more than {TETS_MAX}; take larger cells")]
    TooMany {
        /// The size asked for.
        cell_mm: f64,
        /// What it would give.
        tets: usize,
    },
    /// Nothing as large as a cell.
    #[error(
        "the selection of {volume_ml:.3} ml is thinner than cells of {cell_mm:.2} mm everywhere; take smaller cells"
    )]
    TooThin {
        /// Volume of the largest part.
        volume_ml: f64,
        /// The size asked for.
        cell_mm: f64,
    },
    /// So thin in so large a box that the lattice that would catch it does not fit into memory.
    #[error(
        "the selection is too thin and spread out for {count} tetrahedra: even cells of {cell_mm:.2} mm, the smallest that fit around it, miss it; take a smaller piece of it"
    )]
    TooSpread {
        /// The number asked for.
        count: usize,
        /// The smallest size that can be tried.
        cell_mm: f64,
    },
}

/// Fill the largest part of a mask (anything but 0 is inside) with tetrahedra; all have region 1.
///
/// Works on any mask. Every tetrahedron is positive, with dihedral angles between 10.7° and 164.8°; the boundary is closed. The
/// volume follows that of the voxels, as far as parts thinner than a cell allow; the summary tells by how much.
///
/// # Errors
/// [`TetrahedraliseError`] if the mask is empty or too thin for the cells, the size is out of range, or `progress` was
/// cancelled.
pub fn tetrahedralise(
    mask: &Volume<u8>,
    size: CellSize,
    progress: &Progress,
) -> Result<(TetMesh, Summary), TetrahedraliseError> {
    check(size)?;
    let part = largest_part(mask.voxels(), mask.grid(), |value| value != 0, progress)?;
    make(part, size, |_| 1, progress)
}

/// Fill the largest part of the union of segments; the region of a tetrahedron is the label under its centroid.
///
/// Where that is none of `ids` (at the smoothed border), it is the nearest one within three voxels, else the first of `ids`.
///
/// # Errors
/// As [`tetrahedralise`].
pub fn tetrahedralise_segments(
    labels: &LabelMap,
    ids: &[SegmentId],
    size: CellSize,
    progress: &Progress,
) -> Result<(TetMesh, Summary), TetrahedraliseError> {
    check(size)?;
    let mut wanted = [false; 256];
    ids.iter().filter(|id| id.0 != 0).for_each(|id| wanted[usize::from(id.0)] = true);
    let part = {
        let volume = labels.to_volume();
        largest_part(volume.voxels(), volume.grid(), |label| wanted[usize::from(label)], progress)?
    };
    let first = ids.first().map_or(1, |id| id.0);
    make(part, size, |place| label_near(labels, &wanted, place).unwrap_or(first), progress)
}

fn check(size: CellSize) -> Result<(), TetrahedraliseError> {
    match size {
        CellSize::EdgeMm(cell_mm) if !(cell_mm.is_finite() && 0.0 < cell_mm) => {
            Err(TetrahedraliseError::CellMm(cell_mm))
        }
        CellSize::Count(count) if !(TETS_MIN..=TETS_MAX).contains(&count) => Err(TetrahedraliseError::Count(count)),
        _ => Ok(()),
    }
}

fn make(
    part: Option<Part>,
    size: CellSize,
    region: impl Fn(Point) -> u8 + Sync,
    progress: &Progress,
) -> Result<(TetMesh, Summary), TetrahedraliseError> {
    let part = part.ok_or(TetrahedraliseError::Empty)?;
    let volume_mm3 = part.count as f64 * part.grid.voxel_mm3();
    let searching = progress.part(0.1..0.9, "filling with tetrahedra");
    let found = match size {
        CellSize::EdgeMm(cell_mm) => {
            let tets = (12.0 * volume_mm3 / cell_mm.powi(3)) as usize;
            let cubes = cubes_around(&part.grid.bounds(), cell_mm);
            if TETS_MAX < tets || CUBES_MAX < cubes {
                return Err(TetrahedraliseError::TooMany { cell_mm, tets: tets.max((12.0 * cubes) as usize) });
            }
            search::with_cell(&part, cell_mm, 0.5, &searching)?
        }
        CellSize::Count(count) => search::with_count(&part, count, CUBES_MAX, &searching)?,
    };
    progress.set(0.9)?;
    let Found { mesh, left_out, cell_mm, level, finest } = found;
    if mesh.tets.is_empty() {
        return Err(match size {
            CellSize::EdgeMm(_) => TetrahedraliseError::TooThin { volume_ml: volume_mm3 / 1000.0, cell_mm },
            CellSize::Count(count) => TetrahedraliseError::TooSpread { count, cell_mm },
        });
    }
    let centroid = |tet: &[u32; 4]| {
        let sum: nalgebra::Vector3<f64> = tet.iter().map(|v| mesh.positions[*v as usize].coords).sum();
        Point::from(sum / 4.0)
    };
    let regions = mesh.tets.par_iter().map(|tet| region(centroid(tet))).collect();
    let mesh = TetMesh::new(mesh.positions, mesh.tets, regions).expect("stuffed tetrahedra are positive");
    progress.set(1.0)?;
    let mut summary = account(&mesh, &part, cell_mm, level, left_out);
    let tets = mesh.tets().len();
    if let CellSize::Count(count) = size
        && finest
        && 2 * tets < count
    {
        summary = summary.warning(format!(
            "{tets} tetrahedra in place of {count}: the part is thin and spread out, and no finer lattice around it fits into memory"
        ));
    }
    Ok((mesh, summary))
}

fn account(mesh: &TetMesh, part: &Part, cell_mm: f64, level: f64, left_out: LeftOut) -> Summary {
    let voxels_ml = part.count as f64 * part.grid.voxel_mm3() / 1000.0;
    let quality = tet_quality(mesh);
    let difference = 100.0 * (mesh.volume_ml() / voxels_ml - 1.0);
    let mut summary = quality
        .summary(mesh)
        .fact("volume of the voxels", voxels_ml, "ml")
        .fact("volume difference", difference, "%")
        .fact("cell size", cell_mm, "mm")
        .fact("indicator level", level, "1")
        .method(format!(
            "isosurface stuffing on a body-centred cubic lattice with cells of {cell_mm:.2} mm (Labelle and Shewchuk 2007)"
        ))
        .limit(format!("details thinner than about {cell_mm:.1} mm are rounded off or missing"));
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
    if 3.0 < difference.abs() {
        summary = summary.warning(format!(
            "the volume differs by {difference:.1} % from that of the voxels, more than 3 %; take smaller cells"
        ));
    }
    summary
}

/// The label of the voxel under `place` or of the nearest one within three voxels, if it is wanted.
fn label_near(labels: &LabelMap, wanted: &[bool; 256], place: Point) -> Option<u8> {
    let grid = labels.grid();
    let dims = grid.dims();
    let index = grid.index_from_patient(place);
    let middle = [0, 1, 2].map(|a| (index[a].round().clamp(0.0, (dims[a] - 1) as f64)) as usize);
    let here = labels.at(middle);
    if wanted[usize::from(here)] {
        return Some(here);
    }
    let range = |a: usize| middle[a].saturating_sub(3)..(middle[a] + 4).min(dims[a]);
    let mut best: Option<(f64, u8)> = None;
    for k in range(2) {
        for j in range(1) {
            for i in range(0) {
                let label = labels.at([i, j, k]);
                let distance = (grid.centre([i, j, k]) - place).norm_squared();
                if wanted[usize::from(label)] && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, label));
                }
            }
        }
    }
    best.map(|(_, label)| label)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
