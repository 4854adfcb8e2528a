//! From a mask or segments to a mesh with an account of itself.

use super::account::account;
use super::largest::{Part, largest_part};
use super::octree::Grading;
use super::search::{self, CUBES_MAX, Effort, Found, cubes_around, finest_cell_mm};
use crate::base::{Cancelled, Progress, SegmentId, Summary};
use crate::image::{LabelMap, Volume};
use crate::mesh::TetMesh;

/// The largest number of tetrahedra this program makes.
const TETS_MAX: usize = 5_000_000;
/// The smallest number that can be asked for.
const TETS_MIN: usize = 20;
/// Segments that can meet in one mesh: numbers of materials are bytes, and two are taken.
const SEGMENTS_MAX: usize = 254;

/// How fine the mesh is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellSize {
    /// Edge of the lattice cubes at surfaces in mm: their long edges; twelve tetrahedra fill a cube.
    EdgeMm(f64),
    /// About this many tetrahedra.
    Count(usize),
}

/// How fine the mesh is at surfaces and away from them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizing {
    /// Cells where materials meet.
    pub at_surfaces: CellSize,
    /// How often cells may double away from surfaces, 0 to 3: 0 for cells of one size, 3 for eight times as large inside.
    pub doublings: u8,
    /// Whether cells may double where surfaces are flat: fine ones stay where surfaces are curved and where three meet.
    pub by_curvature: bool,
}

impl From<CellSize> for Sizing {
    /// Cells up to four times as large inside.
    fn from(at_surfaces: CellSize) -> Self {
        Self { at_surfaces, doublings: 2, by_curvature: false }
    }
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
    /// Too many segments that touch.
    #[error("{0} segments hang together; one mesh can hold {SEGMENTS_MAX}, so choose fewer")]
    Segments(usize),
    /// So thin in so large a box that the lattice that would catch it does not fit into memory.
    #[error(
        "the selection is too thin and spread out: even cells of {cell_mm:.2} mm, the smallest whose lattice around it fits into memory, miss it; take a smaller piece of it"
    )]
    TooSpread {
        /// The smallest size that can be tried.
        cell_mm: f64,
    },
}

/// Fill the largest part of a mask (anything but 0 is inside) with tetrahedra; all have region 1.
///
/// Works on any mask. Every tetrahedron is positive; the boundary is closed. The volume follows that of the voxels, as far as
/// parts thinner than a cell allow; the summary tells by how much. A mask thinner than the cells gets smaller ones.
///
/// # Errors
/// [`TetrahedraliseError`] if the mask is empty, the size is out of range, or `progress` was cancelled.
pub fn tetrahedralise(
    mask: &Volume<u8>,
    sizing: impl Into<Sizing>,
    progress: &Progress,
) -> Result<(TetMesh, Summary), TetrahedraliseError> {
    let sizing = sizing.into();
    check(sizing.at_surfaces)?;
    let part = largest_part(mask.voxels(), mask.grid(), |value| u8::from(value != 0), progress)?;
    make(part, sizing, progress)
}

/// Fill the largest part of the union of segments; the region of a tetrahedron is its segment's label.
///
/// Segments share the vertices and triangles of the faces between them. The summary names the labels that are smaller than the
/// cells and got no tetrahedron.
///
/// # Errors
/// As [`tetrahedralise`].
pub fn tetrahedralise_segments(
    labels: &LabelMap,
    ids: &[SegmentId],
    sizing: impl Into<Sizing>,
    progress: &Progress,
) -> Result<(TetMesh, Summary), TetrahedraliseError> {
    let sizing = sizing.into();
    check(sizing.at_surfaces)?;
    let mut wanted = [0_u8; 256];
    ids.iter().for_each(|id| wanted[usize::from(id.0)] = id.0);
    let part = {
        let volume = labels.to_volume();
        largest_part(volume.voxels(), volume.grid(), |label| wanted[usize::from(label)], progress)?
    };
    make(part, sizing, progress)
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

fn make(part: Option<Part>, sizing: Sizing, progress: &Progress) -> Result<(TetMesh, Summary), TetrahedraliseError> {
    let part = part.ok_or(TetrahedraliseError::Empty)?;
    if SEGMENTS_MAX < part.labels.len() {
        return Err(TetrahedraliseError::Segments(part.labels.len()));
    }
    let grading = Grading { levels: sizing.doublings.min(3), flat: sizing.by_curvature };
    let searching = progress.part(0.1..0.9, "filling with tetrahedra");
    let found = match sizing.at_surfaces {
        CellSize::EdgeMm(cell_mm) => with_edge(&part, cell_mm, grading, &searching)?,
        CellSize::Count(count) => search::with_count(&part, count, grading, CUBES_MAX, &searching)?,
    };
    progress.set(0.9)?;
    let Found { mesh, left_out, cell_mm, finest, .. } = found;
    if mesh.tets.is_empty() {
        return Err(TetrahedraliseError::TooSpread { cell_mm });
    }
    let regions = mesh.materials.iter().map(|material| part.labels[usize::from(*material) - 1]).collect();
    let mesh = TetMesh::new(mesh.positions, mesh.tets, regions).expect("filled tetrahedra are positive");
    let mut summary = account(&mesh, &part, cell_mm, left_out, progress)?;
    progress.set(1.0)?;
    let tets = mesh.tets().len();
    match sizing.at_surfaces {
        CellSize::Count(count) if finest && 2 * tets < count => {
            summary = summary.warning(format!(
                "{tets} tetrahedra in place of {count}: the part is thin and spread out, and no finer lattice around it fits into memory"
            ));
        }
        CellSize::EdgeMm(asked_mm) if cell_mm < asked_mm => {
            summary = summary.warning(format!(
                "the selection is thinner than cells of {asked_mm:.2} mm everywhere; it was filled with cells of {cell_mm:.2} mm"
            ));
        }
        _ => {}
    }
    Ok((mesh, summary))
}

/// The mesh with cells of `cell_mm`, or of the first half of that, half of this and so on that catches anything.
fn with_edge(part: &Part, cell_mm: f64, grading: Grading, progress: &Progress) -> Result<Found, TetrahedraliseError> {
    let bounds = part.grid.bounds();
    let volume_mm3 = part.count() as f64 * part.grid.voxel_mm3();
    let tets = (12.0 * volume_mm3 / cell_mm.powi(3)) as usize;
    let cubes = cubes_around(&bounds, cell_mm);
    if TETS_MAX < tets || CUBES_MAX < cubes {
        return Err(TetrahedraliseError::TooMany { cell_mm, tets: tets.max((12.0 * cubes) as usize) });
    }
    let finest_mm = finest_cell_mm(&bounds, CUBES_MAX);
    let mut cell_mm = cell_mm;
    loop {
        let found = search::with_cell(part, cell_mm, None, Effort { grading, corrections: 4 }, progress)?;
        if !found.mesh.tets.is_empty() || cell_mm <= finest_mm {
            return Ok(found);
        }
        cell_mm = (0.5 * cell_mm).max(finest_mm);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

#[cfg(test)]
#[path = "noise_tests.rs"]
mod noise_tests;
