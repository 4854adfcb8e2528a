//! A surface remade of triangles of one size.
//!
//! Split edges that are long, collapse those that are short, flip towards six neighbours, and let vertices slide on the old
//! surface, over and over (Botsch and Kobbelt 2004, "A remeshing approach to multiresolution modeling", section 4). Creases,
//! open borders and edges of more than two triangles are kept: their vertices stay on them.

mod collapse;
mod edges;
mod flip;
mod slide;
mod split;

use super::{Bvh, Surface, surface_quality};
use crate::base::{Cancelled, Progress, Summary};
use crate::geom::{Point, Vector};
use edges::{Creases, Edges, Kind};
use rayon::prelude::*;
use slide::Guide;

/// More triangles than this are refused; a desktop graphics card draws so many with ease and no solver wants more.
const TRIANGLES_MOST: f64 = 5e6;
/// An edge longer than this part of the wanted length is split, a shorter one than [`SHORT`] collapsed: then halves are not
/// collapsed at once, and what a collapse makes is not split (Botsch and Kobbelt 2004).
const LONG: f64 = 4.0 / 3.0;
const SHORT: f64 = 4.0 / 5.0;
/// A triangle whose height is less than this part of the wanted length is a sliver, as contours have many.
const SLIVER: f64 = 0.1;
/// A pass that changes fewer of the edges than one in so many is the last of its round.
const WORTH: usize = 500;
/// Vertices between two questions whether to stop.
const BLOCK: usize = 1024;

/// Why a surface was not remade.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RemeshError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is nothing to remake.
    #[error("the surface has no triangle with an area")]
    Empty,
    /// An edge of this length makes no sense.
    #[error("an edge of {0} mm is asked for; it must be more than 0")]
    Edge(f64),
    /// Too many triangles.
    #[error(
        "edges of {edge_mm} mm would make some {triangles:.0} triangles, more than {TRIANGLES_MOST:.0}; ask for at least {least_mm:.2} mm"
    )]
    TooMany {
        /// The length asked for.
        edge_mm: f64,
        /// Triangles it would make.
        triangles: f64,
        /// The shortest length that is possible.
        least_mm: f64,
    },
}

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remesh {
    /// The length of edges, mm.
    pub edge_mm: f64,
    /// Rounds of splitting, collapsing, flipping and sliding; 10 are usual.
    pub rounds: usize,
    /// An edge across which the surface turns by more than this is a crease and kept, degrees.
    pub crease_deg: f64,
}

/// The work in progress.
struct Patch {
    positions: Vec<Point>,
    triangles: Vec<[u32; 3]>,
}

impl Patch {
    /// Twice the area times the unit normal.
    #[inline]
    fn normal(&self, [a, b, c]: [u32; 3]) -> Vector {
        let [a, b, c] = [a, b, c].map(|v| self.positions[v as usize]);
        (b - a).cross(&(c - a))
    }

    #[inline]
    fn length(&self, a: u32, b: u32) -> f64 {
        (self.positions[a as usize] - self.positions[b as usize]).norm()
    }
}

/// `surface` remade, with the lengths of its edges near `how.edge_mm`, and how far it went from the old one.
///
/// A closed surface stays closed, and parts stay apart. New vertices lie on the old surface.
///
/// # Errors
/// [`RemeshError`] for a length that is not positive or makes millions of triangles, a surface without area, or if
/// `progress` was cancelled.
pub fn remesh(surface: &Surface, how: Remesh, progress: &Progress) -> Result<(Surface, Summary), RemeshError> {
    let Remesh { edge_mm, rounds, crease_deg } = how;
    if edge_mm.is_nan() || edge_mm <= 0.0 {
        return Err(RemeshError::Edge(edge_mm));
    }
    let area_mm2 = 100.0 * surface.area_cm2();
    if area_mm2 <= 0.0 {
        return Err(RemeshError::Empty);
    }
    // Equilateral triangles have an area of √3/4 of the squared edge.
    let one_mm2 = 3.0_f64.sqrt() / 4.0 * edge_mm * edge_mm;
    let triangles = area_mm2 / one_mm2;
    if TRIANGLES_MOST < triangles {
        let least_mm = edge_mm * (triangles / TRIANGLES_MOST).sqrt();
        return Err(RemeshError::TooMany { edge_mm, triangles, least_mm });
    }
    let creases = Creases { cos: crease_deg.to_radians().cos(), least_mm: SLIVER * edge_mm };
    let whole = |[a, b, c]: &[u32; 3]| a != b && b != c && c != a;
    let mut patch = Patch {
        positions: surface.positions().to_vec(),
        triangles: surface.triangles().iter().copied().filter(whole).collect(),
    };
    let guide = Guide::new(surface, &Edges::of(&patch, creases, progress)?);
    for round in 0..rounds {
        let part =
            progress.part(0.9 * round as f64 / rounds as f64..0.9 * (round + 1) as f64 / rounds as f64, "remesh");
        split::split_long(&mut patch, LONG * edge_mm, creases, &part)?;
        part.set(0.2)?;
        collapse::collapse_short(&mut patch, [SHORT * edge_mm, LONG * edge_mm], creases, &part)?;
        part.set(0.5)?;
        flip::flip_towards_six(&mut patch, creases, &part)?;
        part.set(0.7)?;
        slide::slide(&mut patch, creases, &guide, &part)?;
    }
    let made = Surface::new(patch.positions, patch.triangles).expect("operations name vertices that are there");
    let made = made.with_triangles(made.triangles());
    let summary = account(surface, &made, edge_mm, &progress.part(0.9..1.0, "compare"))?;
    Ok((made, summary))
}

/// `surface` with edges halved as long as `too_long` says so of their ends, at most twenty times: the shape stays.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn refined(
    surface: &Surface,
    too_long: impl Fn(&Point, &Point) -> bool,
    progress: &Progress,
) -> Result<Surface, Cancelled> {
    const ROUNDS: usize = 20;
    let mut patch = Patch { positions: surface.positions().to_vec(), triangles: surface.triangles().to_vec() };
    for _ in 0..ROUNDS {
        progress.check()?;
        let edges = Edges::of(&patch, Creases { cos: -1.0, least_mm: 0.0 }, progress)?;
        let meant = |patch: &Patch, ends: [u32; 2]| {
            let [a, b] = ends.map(|v| patch.positions[v as usize]);
            too_long(&a, &b)
        };
        if !split::halve(&mut patch, &edges, meant) {
            break;
        }
    }
    Ok(Surface::new(patch.positions, patch.triangles).expect("middles of finite points are finite"))
}

fn account(old: &Surface, new: &Surface, edge_mm: f64, progress: &Progress) -> Result<Summary, Cancelled> {
    let away = |one: &Surface, other: &Surface| {
        let search = Bvh::new(other);
        one.positions()
            .par_chunks(BLOCK)
            .try_fold(
                || 0.0_f64,
                |most, places| {
                    progress.check()?;
                    let distances = places.iter().filter_map(|place| Some(search.closest(place)?.distance_mm));
                    Ok::<f64, Cancelled>(distances.fold(most, f64::max))
                },
            )
            .try_reduce(|| 0.0, |one, other| Ok(one.max(other)))
    };
    let from_mm = away(new, old)?.max(away(old, new)?);
    let lengths = || {
        new.triangles()
            .iter()
            .flat_map(|[a, b, c]| [[a, b], [b, c], [c, a]])
            .map(|[a, b]| (new.positions()[*a as usize] - new.positions()[*b as usize]).norm())
    };
    let count = (3 * new.triangles().len()).max(1) as f64;
    let mean_mm = lengths().sum::<f64>() / count;
    let sd_mm = (lengths().map(|mm| (mm - mean_mm).powi(2)).sum::<f64>() / count).sqrt();
    let mut summary = Summary::default()
        .fact("edge asked for", edge_mm, "mm")
        .fact("mean edge", mean_mm, "mm")
        .fact("standard deviation of edges", sd_mm, "mm")
        .fact("smallest angle", surface_quality(new).angle_deg_min, "°")
        .fact("smallest angle before", surface_quality(old).angle_deg_min, "°")
        .fact("largest distance from the old surface", from_mm, "mm")
        .method("Splits, collapses, flips and sliding on the old surface (Botsch and Kobbelt 2004, section 4)")
        .limit("details smaller than an edge are lost; creases, borders and parts are kept");
    if edge_mm < from_mm {
        summary = summary.warning(format!(
            "The new surface is up to {from_mm:.2} mm from the old one; ask for edges shorter than {edge_mm} mm."
        ));
    }
    Ok(summary)
}

#[cfg(test)]
mod tests;
