//! Triangles that pass through each other.

use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Point};
use crate::mesh::{Bvh, Surface};
use rayon::prelude::*;

/// Pairs of triangles, smaller number first, that pass through each other, and a place on each; at most `most` of them.
///
/// Triangles that share an edge are not compared; of those that share a corner, the opposite edges are.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn crossing_pairs(
    surface: &Surface,
    most: usize,
    progress: &Progress,
) -> Result<Vec<([u32; 2], Point)>, Cancelled> {
    let bvh = Bvh::new(surface);
    const BLOCK: usize = 1024;
    let blocks: Result<Vec<Vec<_>>, Cancelled> = surface
        .triangles()
        .par_chunks(BLOCK)
        .enumerate()
        .map(|(block, triangles)| {
            progress.check()?;
            let mut pairs = Vec::new();
            for (n, triangle) in triangles.iter().enumerate() {
                let own = block * BLOCK + n;
                let mut others = Vec::new();
                bvh.meeting(&Aabb::of(surface.corners(*triangle)), |other| {
                    others.extend((own < other).then_some(other))
                });
                others.sort_unstable();
                for other in others {
                    if let Some(place) = meet(surface, *triangle, surface.triangles()[other]) {
                        pairs.push(([own as u32, other as u32], place));
                    }
                }
            }
            pairs.truncate(most);
            Ok(pairs)
        })
        .collect();
    let mut pairs = blocks?.concat();
    pairs.truncate(most);
    Ok(pairs)
}

/// Where an edge of one triangle passes through the other.
fn meet(surface: &Surface, one: [u32; 3], other: [u32; 3]) -> Option<Point> {
    let shared = one.iter().filter(|v| other.contains(v)).count();
    if 2 <= shared {
        return None;
    }
    let edges_through = |edges: [u32; 3], through: [u32; 3]| {
        (0..3).find_map(|n| {
            let ends = [edges[n], edges[(n + 1) % 3]];
            if ends.iter().any(|v| through.contains(v)) {
                return None;
            }
            let [p, q] = ends.map(|v| &surface.positions()[v as usize]);
            passes(p, q, surface.corners(through))
        })
    };
    edges_through(one, other).or_else(|| edges_through(other, one))
}

/// Where the line from p to q passes through the inside of a triangle; touching does not count.
fn passes(p: &Point, q: &Point, [a, b, c]: [&Point; 3]) -> Option<Point> {
    let volume = |w: &Point, x: &Point, y: &Point, z: &Point| (x - w).dot(&(y - w).cross(&(z - w)));
    // Six volumes smaller than this part of the size of the whole are rounding errors.
    let size = (q - p).norm() * (b - a).norm().max((c - a).norm()).powi(2);
    let least = 1e-10 * size;
    let (above, below) = (volume(a, b, c, p), volume(a, b, c, q));
    if above.abs() <= least || below.abs() <= least || (above < 0.0) == (below < 0.0) {
        return None;
    }
    let turns = [volume(p, q, a, b), volume(p, q, b, c), volume(p, q, c, a)];
    let inside = turns.iter().all(|x| least < *x) || turns.iter().all(|x| *x < -least);
    inside.then(|| p + (q - p) * (above / (above - below)))
}
