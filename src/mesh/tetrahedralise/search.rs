//! Finding the level that keeps the volume, and the cell size that gives the number of tetrahedra asked for.

use super::indicator::Indicator;
use super::largest::Part;
use super::lattice::{Lattice, cubes_around};
use super::pieces::{LeftOut, largest_piece};
use super::stuff::{Stuffed, stuff};
use crate::base::{Cancelled, Progress};
use crate::geom::Aabb;
use rayon::prelude::*;

/// Levels of the indicator that may be its surface: enough to make up for the blur of thin and curved parts, not for pieces
/// that are lost.
const LEVELS: [f64; 2] = [0.3, 0.7];
/// Volume difference to stop at.
const VOLUME_TOLERANCE: f64 = 0.005;

/// Cubes of the largest lattice that is built, about 130 bytes each.
pub(super) const CUBES_MAX: f64 = 8.0e6;

/// A mesh and how it was found.
pub(super) struct Found {
    /// The largest piece; may have no tetrahedron.
    pub mesh: Stuffed,
    pub left_out: LeftOut,
    /// Edge of a lattice cube in mm.
    pub cell_mm: f64,
    /// Level of the indicator on the surface.
    pub level: f64,
    /// Whether no lattice of smaller cubes fits into memory.
    pub finest: bool,
}

/// Edge of the lattice cubes that gives about `count` tetrahedra in `volume_mm3`: twelve per cube.
pub(super) fn cell_for(count: usize, volume_mm3: f64) -> f64 {
    (12.0 * volume_mm3 / count as f64).cbrt()
}

/// The mesh with cells of `cell_mm` whose volume is nearest to that of the part; may have no tetrahedron.
pub(super) fn with_cell(part: &Part, cell_mm: f64, level: f64, progress: &Progress) -> Result<Found, Cancelled> {
    let indicator = Indicator::new(part, cell_mm, progress)?;
    let lattice = Lattice::around(&part.grid.bounds(), cell_mm);
    let wanted_mm3 = part.count as f64 * part.grid.voxel_mm3();
    let try_level = |level: f64| -> Result<(Found, f64), Cancelled> {
        let (mesh, left_out) = largest_piece(stuff(&lattice, |p| indicator.at(p) - level, progress)?);
        let excess = volume_mm3(&mesh) / wanted_mm3 - 1.0;
        Ok((Found { mesh, left_out, cell_mm, level, finest: false }, excess))
    };
    // The volume falls with the level: keep a bracket and take the secant in it, or at first the middle.
    let mut bracket = [(LEVELS[0], f64::NAN), (LEVELS[1], f64::NAN)];
    let (mut best, mut best_excess) = try_level(level)?;
    let (mut here, mut excess) = (level, best_excess);
    for _ in 0..6 {
        if best_excess.abs() < VOLUME_TOLERANCE {
            break;
        }
        bracket[usize::from(excess < 0.0)] = (here, excess);
        let [(low, at_low), (high, at_high)] = bracket;
        let secant = low + (high - low) * at_low / (at_low - at_high);
        here = if secant.is_finite() {
            secant.clamp(low + 0.05 * (high - low), high - 0.05 * (high - low))
        } else {
            0.5 * (low + high)
        };
        if high - low < 1e-3 {
            break;
        }
        let (found, now) = try_level(here)?;
        excess = now;
        if excess.abs() < best_excess.abs() {
            (best, best_excess) = (found, excess);
        }
    }
    Ok(best)
}

/// The smallest cells whose lattice around `bounds` has at most `cubes` cubes, to within a thousandth.
fn finest_cell_mm(bounds: &Aabb, cubes: f64) -> f64 {
    let mut cell_mm = (bounds.size().iter().map(|length| length.max(1e-9)).product::<f64>() / cubes).cbrt();
    while cubes < cubes_around(bounds, cell_mm) {
        cell_mm *= 1.001;
    }
    cell_mm
}

/// The mesh with about `count` tetrahedra: within a tenth, if such a cell size exists and its lattice has at most
/// `cubes_max` cubes.
pub(super) fn with_count(part: &Part, count: usize, cubes_max: f64, progress: &Progress) -> Result<Found, Cancelled> {
    let wanted_mm3 = part.count as f64 * part.grid.voxel_mm3();
    let finest_mm = finest_cell_mm(&part.grid.bounds(), cubes_max);
    let mut cell_mm = cell_for(count, wanted_mm3).max(finest_mm);
    let mut level = 0.5;
    let mut best: Option<(f64, Found)> = None;
    const TRIES: usize = 8;
    for n in 0..TRIES {
        progress.step(n, TRIES)?;
        let finest = cell_mm <= finest_mm;
        let found = Found { finest, ..with_cell(part, cell_mm, level, progress)? };
        level = found.level;
        let ratio = found.mesh.tets.len() as f64 / count as f64;
        let miss = if ratio == 0.0 { f64::INFINITY } else { ratio.ln().abs() };
        // Small meshes are mostly border, so their number does not follow the cube of the cell: go part of the way.
        cell_mm *= if ratio == 0.0 { 0.6 } else { ratio.clamp(0.1, 10.0).powf(1.0 / 2.7) };
        cell_mm = cell_mm.max(finest_mm);
        if best.as_ref().is_none_or(|(least, _)| miss < *least) {
            best = Some((miss, found));
        }
        if miss < 0.1 || (finest && ratio < 1.0) {
            break;
        }
    }
    Ok(best.expect("at least one try").1)
}

pub(super) fn volume_mm3(Stuffed { positions, tets }: &Stuffed) -> f64 {
    let blocks: Vec<f64> = tets
        .par_chunks(4096)
        .map(|block| {
            let volume = |tet: &[u32; 4]| {
                let [a, b, c, d] = tet.map(|v| positions[v as usize]);
                (b - a).dot(&(c - a).cross(&(d - a))) / 6.0
            };
            block.iter().map(volume).sum()
        })
        .collect();
    blocks.iter().sum()
}
