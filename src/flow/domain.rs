//! From a lumen and its openings to cells, wall links and opening links.

use super::cells::{Cells, moved};
use super::error::FlowError;
use super::lattice::Q;
use super::lumen::Lumen;
use super::opening::Opening;
use super::wall;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Vector};
use crate::mesh::Surface;
use rayon::prelude::*;
use std::collections::VecDeque;

/// Places of the box around the lumen, in millions.
pub(super) const PLACES_MAX_MILLIONS: usize = 400;
/// Fewer cells than this mean nothing.
const CELLS_MIN: usize = 100;
/// Thickness in cells of the slab that closes the lattice behind an opening; links are at most √2 long.
const SLAB_CELLS: f64 = 2.0;
/// A slab this many times larger than the cross-section of its branch has eaten a neighbour.
const CUT_MAX: f64 = 2.0;
/// The least reach of a cut, in radii of its branch.
const REACH_MIN: f64 = 1.3;
/// Cells with fewer of the 18 neighbours than this are made wall.
const NEIGHBOURS_MIN: usize = 6;

/// What is at a place of the lattice.
pub(super) const WALL: u8 = 0;
const FLUID: u8 = 1;
/// `FIRST_OPENING + n` marks the slab behind opening `n`.
const FIRST_OPENING: u8 = 2;
/// Openings that tags can tell apart.
pub(super) const OPENINGS_MAX: usize = 250;

/// A link from a cell into a wall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WallLink {
    pub cell: u32,
    pub direction: u8,
    /// Where the wall is along the link, 0 to 1.
    pub fraction: f32,
}

/// A link from a cell through an opening.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OpeningLink {
    pub cell: u32,
    pub direction: u8,
    pub opening: u8,
}

/// The lattice of one flow problem.
#[derive(Clone)]
pub(super) struct Domain {
    pub cells: Cells,
    /// The openings that the fluid reaches.
    pub openings: Vec<Opening>,
    pub wall_links: Vec<WallLink>,
    pub opening_links: Vec<OpeningLink>,
    /// The wall as triangles, open where the openings are.
    pub wall: Surface,
    /// What was left out.
    pub warnings: Vec<String>,
}

impl Domain {
    /// Fill `lumen` with cells of `cell_mm` between `openings`.
    ///
    /// # Errors
    /// [`FlowError`] if nothing can flow, or the lattice is too fine or too coarse.
    pub fn new(lumen: &Lumen, openings: &[Opening], cell_mm: f64, progress: &Progress) -> Result<Self, FlowError> {
        let millions = lumen.places(cell_mm).iter().product::<f64>() * 1e-6;
        if millions.is_nan() || (PLACES_MAX_MILLIONS as f64) < millions {
            return Err(FlowError::TooFine { cell_mm, millions, limit: PLACES_MAX_MILLIONS });
        }
        let mut warnings = Vec::new();
        let grid = lumen.lattice(cell_mm);
        let level = levels(&grid, lumen, progress)?;
        let mut tags: Vec<u8> = level.par_iter().map(|level| if 0.0 < *level { FLUID } else { WALL }).collect();
        let openings = &openings[..openings.len().min(OPENINGS_MAX)];
        // Of several inlets one may be left out, as of the outlets: they are the ends of branches too.
        let is_only_inlet = openings.iter().filter(|opening| opening.kind.is_inlet()).count() < 2;
        for (n, opening) in openings.iter().enumerate() {
            let must_stay = opening.kind.is_inlet() && is_only_inlet;
            let tag = FIRST_OPENING + n as u8;
            let mut slab = close(&grid, &mut tags, opening, tag, opening.reach_mm);
            let area_mm2 = |slab: &[usize]| slab.len() as f64 * cell_mm * cell_mm / SLAB_CELLS;
            if !must_stay && CUT_MAX * opening.area_mm2 < area_mm2(&slab) {
                // It cuts a neighbour too: once more with as little reach as the branch allows.
                open_again(&mut tags, &slab);
                slab = close(&grid, &mut tags, opening, tag, REACH_MIN * opening.radius_mm);
                if CUT_MAX * opening.area_mm2 < area_mm2(&slab) {
                    open_again(&mut tags, &slab);
                    warnings.push(format!(
                        "'{}' would cut {:.0} mm² of lumen where its branch has {:.0} mm², and was left out",
                        opening.name,
                        area_mm2(&slab),
                        opening.area_mm2
                    ));
                    continue;
                }
            }
            if slab.is_empty() {
                if opening.kind.is_inlet() {
                    return Err(FlowError::InletMissed(opening.name.clone()));
                }
                warnings.push(format!("'{}' does not cut the lumen and was left out", opening.name));
            }
        }
        progress.check()?;
        // The lumen goes on beyond the scan for the slabs only: where it meets a face without an opening is a wall.
        tags.par_iter_mut().enumerate().filter(|(_, tag)| **tag == FLUID).for_each(|(offset, tag)| {
            if !lumen.holds(grid.centre(grid.voxel(offset))) {
                *tag = WALL;
            }
        });
        remove_spikes(&grid, &mut tags);
        let wet = reached(&grid, &tags, openings);
        let cells = Cells::new(grid, [false; 3], |offset| wet[offset]);
        if cells.len() < CELLS_MIN {
            return Err(FlowError::TooCoarse { cells: cells.len(), limit: CELLS_MIN });
        }
        let (wall_links, opening_links) = links(&cells, &tags, &level);
        let mut counts = vec![0_usize; openings.len()];
        for link in &opening_links {
            counts[usize::from(link.opening)] += 1;
        }
        let mut kept = Vec::new();
        let mut new_index = vec![u8::MAX; openings.len()];
        for (n, opening) in openings.iter().enumerate() {
            if counts[n] == 0 {
                if !warnings.iter().any(|w| w.contains(&format!("'{}'", opening.name))) {
                    warnings.push(format!("'{}' cannot be reached from the inlet and was left out", opening.name));
                }
                continue;
            }
            new_index[n] = kept.len() as u8;
            kept.push(opening.clone());
        }
        if !kept.iter().any(|opening| !opening.kind.is_inlet()) {
            return Err(FlowError::NoOutlet);
        }
        let renumber = |link: OpeningLink| OpeningLink { opening: new_index[usize::from(link.opening)], ..link };
        let opening_links = opening_links.into_iter().map(renumber).collect();
        let is_wall = |place: [i32; 3]| tag_at(cells.grid(), &tags, place) < FIRST_OPENING;
        let wall = wall::surface(&cells, &level, is_wall);
        Ok(Self { cells, openings: kept, wall_links, opening_links, wall, warnings })
    }

    /// All of `grid` where `level` is positive, without openings, repeating along the `periodic` axes.
    pub fn enclosed(grid: &Grid, level: impl Fn([i32; 3]) -> f32, periodic: [bool; 3]) -> Self {
        let levels: Vec<f32> = (0..grid.len()).map(|offset| level(grid.voxel(offset).map(|x| x as i32))).collect();
        let cells = Cells::new(grid.clone(), periodic, |offset| 0.0 < levels[offset]);
        let mut wall_links = Vec::new();
        for cell in 0..cells.len() {
            let place = cells.place(cell);
            for direction in 1..Q {
                if cells.neighbour(cell, direction).is_none() {
                    let fraction = fraction(level(place), level(moved(place, direction)));
                    wall_links.push(WallLink { cell: cell as u32, direction: direction as u8, fraction });
                }
            }
        }
        let wall = Surface::new(Vec::new(), Vec::new()).expect("no triangle, no wrong index");
        Self { cells, openings: Vec::new(), wall_links, opening_links: Vec::new(), wall, warnings: Vec::new() }
    }
}

/// The level at every place of the lattice.
fn levels(grid: &Grid, lumen: &Lumen, progress: &Progress) -> Result<Vec<f32>, Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let mut levels = vec![0.0_f32; grid.len()];
    for (k, slice) in levels.chunks_mut(ni * nj).enumerate() {
        progress.step(k, nk)?;
        slice.par_chunks_mut(ni).enumerate().for_each(|(j, row)| {
            for (i, level) in row.iter_mut().enumerate() {
                *level = lumen.level(grid.centre([i, j, k]));
            }
        });
    }
    Ok(levels)
}

/// Make fluid of a slab again.
fn open_again(tags: &mut [u8], slab: &[usize]) {
    for offset in slab {
        tags[*offset] = FLUID;
    }
}

/// Make wall of cells with so few neighbours that they have no pressure of their own.
fn remove_spikes(grid: &Grid, tags: &mut [u8]) {
    let is_spike = |offset: &usize| {
        let place = grid.voxel(*offset).map(|x| x as i32);
        tags[*offset] == FLUID
            && (1..Q).filter(|i| tag_at(grid, tags, moved(place, *i)) != WALL).count() < NEIGHBOURS_MIN
    };
    let spikes: Vec<usize> = (0..tags.len()).into_par_iter().filter(is_spike).collect();
    for offset in spikes {
        tags[offset] = WALL;
    }
}

/// Put the slab of an opening behind its plane: lumen that is connected to the centre within the slab and lies within
/// `reach_mm` of it. Gives its places.
fn close(grid: &Grid, tags: &mut [u8], opening: &Opening, tag: u8, reach_mm: f64) -> Vec<usize> {
    let cell_mm = grid.spacing_mm()[0];
    let reach = reach_mm + 2.0 * cell_mm;
    let in_slab = |offset: usize| {
        let from_centre = grid.centre(grid.voxel(offset)) - opening.centre;
        let beyond = from_centre.dot(&opening.normal);
        let aside = (from_centre - opening.normal * beyond).norm();
        0.0 <= beyond && beyond < SLAB_CELLS * cell_mm && aside <= reach
    };
    let centre = grid.index_from_patient(opening.centre);
    let half = reach / cell_mm + SLAB_CELLS + 1.0;
    let dims = grid.dims();
    let low: [usize; 3] = std::array::from_fn(|a| (centre[a] - half).clamp(0.0, (dims[a] - 1) as f64) as usize);
    let high: [usize; 3] = std::array::from_fn(|a| (centre[a] + half).clamp(0.0, (dims[a] - 1) as f64) as usize);
    let mut nearest = None;
    for k in low[2]..=high[2] {
        for j in low[1]..=high[1] {
            for i in low[0]..=high[0] {
                let offset = grid.offset([i, j, k]);
                if tags[offset] == FLUID && in_slab(offset) {
                    let distance = (Vector::new(i as f64, j as f64, k as f64) - centre).norm_squared();
                    if nearest.is_none_or(|(best, _)| distance < best) {
                        nearest = Some((distance, offset));
                    }
                }
            }
        }
    }
    let Some((_, seed)) = nearest else { return Vec::new() };
    tags[seed] = tag;
    let mut slab = vec![seed];
    let mut queue = VecDeque::from([seed]);
    while let Some(offset) = queue.pop_front() {
        for next in around(grid, offset) {
            if tags[next] == FLUID && in_slab(next) {
                tags[next] = tag;
                slab.push(next);
                queue.push_back(next);
            }
        }
    }
    slab
}

/// Fluid places that are connected over faces to the inner side of an inlet.
fn reached(grid: &Grid, tags: &[u8], openings: &[Opening]) -> Vec<bool> {
    let mut wet = vec![false; tags.len()];
    let mut queue = VecDeque::new();
    for (offset, tag) in tags.iter().enumerate().filter(|(_, tag)| FIRST_OPENING <= **tag) {
        let opening = &openings[usize::from(tag - FIRST_OPENING)];
        if !opening.kind.is_inlet() {
            continue;
        }
        for next in around(grid, offset) {
            let inside = opening.beyond_mm(&grid.centre(grid.voxel(next))) < 0.0;
            if tags[next] == FLUID && inside && !wet[next] {
                wet[next] = true;
                queue.push_back(next);
            }
        }
    }
    while let Some(offset) = queue.pop_front() {
        for next in around(grid, offset) {
            if tags[next] == FLUID && !wet[next] {
                wet[next] = true;
                queue.push_back(next);
            }
        }
    }
    wet
}

/// The up to six places that share a face with a place.
fn around(grid: &Grid, offset: usize) -> impl Iterator<Item = usize> {
    let (dims, voxel) = (grid.dims(), grid.voxel(offset));
    let strides = [1, dims[0], dims[0] * dims[1]];
    (0..6).filter_map(move |n| {
        let a = n / 2;
        if n % 2 == 0 {
            (0 < voxel[a]).then(|| offset - strides[a])
        } else {
            (voxel[a] + 1 < dims[a]).then(|| offset + strides[a])
        }
    })
}

fn tag_at(grid: &Grid, tags: &[u8], place: [i32; 3]) -> u8 {
    let dims = grid.dims();
    let inside = (0..3).all(|a| 0 <= place[a] && (place[a] as usize) < dims[a]);
    if inside { tags[grid.offset(place.map(|x| x as usize))] } else { WALL }
}

/// Where the level is 0 between two places, 0 to 1 from the first; ½ where it does not change sign.
fn fraction(inside: f32, outside: f32) -> f32 {
    if 0.0 < inside && outside <= 0.0 { inside / (inside - outside) } else { 0.5 }
}

fn links(cells: &Cells, tags: &[u8], level: &[f32]) -> (Vec<WallLink>, Vec<OpeningLink>) {
    let grid = cells.grid();
    let (mut walls, mut openings) = (Vec::new(), Vec::new());
    for cell in 0..cells.len() {
        let place = cells.place(cell);
        for direction in 1..Q {
            let to = moved(place, direction);
            if cells.at(to).is_some() {
                continue;
            }
            let (cell, direction) = (cell as u32, direction as u8);
            let tag = tag_at(grid, tags, to);
            if FIRST_OPENING <= tag {
                openings.push(OpeningLink { cell, direction, opening: tag - FIRST_OPENING });
            } else {
                let dims = grid.dims();
                let is_inside = (0..3).all(|a| 0 <= to[a] && (to[a] as usize) < dims[a]);
                let fraction = if is_inside {
                    let outside = level[grid.offset(to.map(|x| x as usize))];
                    fraction(level[cells.offsets()[cell as usize] as usize], outside)
                } else {
                    0.5
                };
                walls.push(WallLink { cell, direction, fraction });
            }
        }
    }
    (walls, openings)
}
