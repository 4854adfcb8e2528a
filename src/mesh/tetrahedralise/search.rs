//! Finding the biases that keep the volumes, and the cell size that gives the number of tetrahedra asked for.

use super::fill::{Filled, fill};
use super::largest::Part;
use super::materials::Materials;
use super::octree::{Extent, Grading, background};
use super::pieces::{LeftOut, largest_piece};
use super::relax::relax;
use crate::base::{Cancelled, Progress};
use crate::geom::Aabb;
use rayon::prelude::*;

/// Largest bias of a material: enough to make up for the blur of thin and curved parts, not for pieces that are lost.
const BIAS_MAX: f64 = 0.4;
/// Corrections by at most 0.2 that reach it.
const CORRECTIONS_EMPTY: usize = 2;
/// Volume difference to stop at.
const VOLUME_TOLERANCE: f64 = 0.003;

/// Cubes of the largest lattice that is built, about 40 bytes each.
pub(super) const CUBES_MAX: f64 = 8.0e6;

/// A mesh and how it was found.
pub(super) struct Found {
    /// The largest piece; may have no tetrahedron.
    pub mesh: Filled,
    pub left_out: LeftOut,
    /// Edge of the smallest cubes of the lattice in mm.
    pub cell_mm: f64,
    /// Biases of the materials.
    pub biases: Vec<f64>,
    /// Whether no lattice of smaller cubes fits into memory.
    pub finest: bool,
}

/// How a mesh is looked for.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    /// How large cubes may be.
    pub grading: Grading,
    /// How often biases are corrected; 0 for a first look.
    pub corrections: usize,
}

/// Edge of the lattice cubes that gives about `count` tetrahedra in `volume_mm3`: twelve per cube.
pub(super) fn cell_for(count: usize, volume_mm3: f64) -> f64 {
    (12.0 * volume_mm3 / count as f64).cbrt()
}

/// About how many cubes a lattice has.
pub(super) fn cubes_around(bounds: &Aabb, edge_mm: f64) -> f64 {
    bounds.size().iter().map(|length| length / edge_mm + 3.0).product()
}

/// The mesh with cells of `cell_mm` whose volumes are nearest to those of the part; may have no tetrahedron.
pub(super) fn with_cell(
    part: &Part,
    cell_mm: f64,
    biases: Option<&[f64]>,
    effort: Effort,
    progress: &Progress,
) -> Result<Found, Cancelled> {
    let mut materials = Materials::new(part, cell_mm, progress)?;
    if let Some(biases) = biases {
        materials.biases = biases.to_vec();
    }
    let extent = Extent::around(&part.grid.bounds(), cell_mm, effort.grading.levels);
    let wanted_mm3: Vec<f64> = part.counts.iter().map(|count| *count as f64 * part.grid.voxel_mm3()).collect();
    let mut best: Option<(f64, Found)> = None;
    let mut before: Option<(Vec<f64>, Vec<f64>)> = None;
    // A part too thin for the blur gets the lowest level there is before smaller cells.
    for n in 0..=effort.corrections.max(CORRECTIONS_EMPTY) {
        let lattice = background(&extent, effort.grading, &materials, progress)?;
        let (mut mesh, left_out) = largest_piece(fill(&lattice, &materials, progress)?);
        drop(lattice);
        if 0 < effort.corrections {
            relax(&mut mesh, &materials, cell_mm, progress)?;
        }
        let mesh_is_empty = mesh.tets.is_empty();
        let volumes = volumes_mm3(&mesh, wanted_mm3.len());
        let miss: f64 = volumes.iter().zip(&wanted_mm3).map(|(got, wanted)| (got - wanted).abs()).sum();
        let biases = materials.biases.clone();
        if best.as_ref().is_none_or(|(least, _)| miss < *least) {
            let found = Found { mesh, left_out, cell_mm, biases: biases.clone(), finest: false };
            best = Some((miss, found));
        }
        let is_last = if mesh_is_empty { effort.corrections.max(CORRECTIONS_EMPTY) } else { effort.corrections };
        if is_last <= n || miss < VOLUME_TOLERANCE * wanted_mm3.iter().sum::<f64>() {
            break;
        }
        for (m, bias) in materials.biases.iter_mut().enumerate() {
            // A face moves by about 0.3 cells per bias (the slope of a Gaussian with a standard deviation of a quarter).
            let usual = 0.3 * cell_mm * 6.0 * wanted_mm3[m].powf(2.0 / 3.0);
            let secant =
                before.as_ref().map(|(biases, volumes_before)| (volumes[m] - volumes_before[m]) / (*bias - biases[m]));
            let slope = secant.filter(|slope| slope.is_finite() && 0.3 * usual < *slope).unwrap_or(usual);
            let step = if mesh_is_empty { 0.2 } else { ((wanted_mm3[m] - volumes[m]) / slope).clamp(-0.2, 0.2) };
            *bias = (*bias + step).clamp(-BIAS_MAX, BIAS_MAX);
        }
        before = Some((biases, volumes));
    }
    Ok(best.expect("at least one try").1)
}

/// The smallest cells whose lattice around `bounds` has at most `cubes` cubes, to within a thousandth.
pub(super) fn finest_cell_mm(bounds: &Aabb, cubes: f64) -> f64 {
    let mut cell_mm = (bounds.size().iter().map(|length| length.max(1e-9)).product::<f64>() / cubes).cbrt();
    while cubes < cubes_around(bounds, cell_mm) {
        cell_mm *= 1.001;
    }
    cell_mm
}

/// The mesh with about `count` tetrahedra: within a tenth, if such a cell size exists and its lattice has at most
/// `cubes_max` cubes.
pub(super) fn with_count(
    part: &Part,
    count: usize,
    grading: Grading,
    cubes_max: f64,
    progress: &Progress,
) -> Result<Found, Cancelled> {
    let wanted_mm3 = part.count() as f64 * part.grid.voxel_mm3();
    let finest_mm = finest_cell_mm(&part.grid.bounds(), cubes_max);
    let mut cell_mm = cell_for(count, wanted_mm3).max(finest_mm);
    let mut best: Option<(f64, Found)> = None;
    const TRIES: usize = 10;
    let mut effort = Effort { grading, corrections: 0 };
    for n in 0..TRIES {
        progress.step(n, TRIES)?;
        let finest = cell_mm <= finest_mm;
        let biases = best.as_ref().map(|(_, found)| found.biases.clone());
        let found = Found { finest, ..with_cell(part, cell_mm, biases.as_deref(), effort, progress)? };
        let ratio = found.mesh.tets.len() as f64 / count as f64;
        let miss = if ratio == 0.0 { f64::INFINITY } else { ratio.ln().abs() };
        // A first look is good enough to find the size; only meshes with the right volumes are kept.
        let near = miss < 0.1 || (finest && ratio < 1.0);
        let looked = effort.corrections == 0;
        if best.as_ref().is_none_or(|(least, _)| !looked && miss < *least) || looked {
            best = Some((if looked { f64::INFINITY } else { miss }, found));
        }
        if looked && (near || n + 3 == TRIES) {
            effort.corrections = 4;
            continue;
        }
        if near {
            break;
        }
        // Small meshes are mostly border, so their number does not follow the cube of the cell: go part of the way.
        cell_mm *= if ratio == 0.0 { 0.6 } else { ratio.clamp(0.1, 10.0).powf(1.0 / 2.6) };
        cell_mm = cell_mm.max(finest_mm);
    }
    Ok(best.expect("at least one try").1)
}

/// Volume of every material.
fn volumes_mm3(Filled { positions, tets, materials }: &Filled, count: usize) -> Vec<f64> {
    let blocks: Vec<Vec<f64>> = tets
        .par_chunks(4096)
        .zip(materials.par_chunks(4096))
        .map(|(block, materials)| {
            let mut volumes = vec![0.0; count];
            for (tet, material) in block.iter().zip(materials) {
                let [a, b, c, d] = tet.map(|v| positions[v as usize]);
                volumes[usize::from(*material) - 1] += (b - a).dot(&(c - a).cross(&(d - a))) / 6.0;
            }
            volumes
        })
        .collect();
    (0..count).map(|m| blocks.iter().map(|block| block[m]).sum()).collect()
}
