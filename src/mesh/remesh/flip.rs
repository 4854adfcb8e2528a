//! Edges turned so that vertices get six neighbours.

use super::edges::Edge;
use super::{Creases, Edges, Kind, Patch, WORTH};
use crate::base::{Cancelled, Progress};

/// Passes over all edges; vertices next to a flip wait for the next pass.
const PASSES: usize = 4;
/// How far the two new triangles may turn from the two old ones: the cosine of 30°.
const TURN_COS: f64 = 0.866;

/// Flip edges where that brings the numbers of neighbours nearer to six, or to four on a border.
pub(super) fn flip_towards_six(patch: &mut Patch, creases: Creases, progress: &Progress) -> Result<(), Cancelled> {
    for _ in 0..PASSES {
        progress.check()?;
        let edges = Edges::of(patch, creases, progress)?;
        let mut border = vec![0_i32; patch.positions.len()];
        for edge in edges.list.iter().filter(|edge| edge.triangles[1] == super::edges::NONE) {
            edge.ends.into_iter().for_each(|v| border[v as usize] = 1);
        }
        let mut waiting = vec![false; patch.positions.len()];
        let mut flipped = 0;
        for edge in edges.list.iter().filter(|edge| !edge.kept) {
            let Some((corners, pair)) = turned(patch, edge) else { continue };
            if corners.iter().any(|v| waiting[*v as usize]) {
                continue;
            }
            let off = |v: u32, change: i32| {
                let wanted = 6 - 2 * border[v as usize];
                (edges.around(v).len() as i32 + border[v as usize] + change - wanted).pow(2)
            };
            let [a, b, c, d] = corners;
            let now = off(a, 0) + off(b, 0) + off(c, 0) + off(d, 0);
            let then = off(a, -1) + off(b, -1) + off(c, 1) + off(d, 1);
            let joined = edges.around(c).iter().any(|t| patch.triangles[*t as usize].contains(&d));
            if now <= then
                || joined
                || folds(patch, edge, pair)
                || edges.kind(a) == Kind::Corner && edges.around(a).len() < 4
            {
                continue;
            }
            edge.triangles.iter().zip(pair).for_each(|(t, corners)| patch.triangles[*t as usize] = corners);
            corners.into_iter().for_each(|v| waiting[v as usize] = true);
            flipped += 1;
        }
        if flipped * WORTH <= edges.list.len() {
            break;
        }
    }
    Ok(())
}

/// The ends of an edge and the corners opposite of it, and the two triangles on the other diagonal.
fn turned(patch: &Patch, edge: &Edge) -> Option<([u32; 4], [[u32; 3]; 2])> {
    let [first, second] = edge.triangles.map(|t| patch.triangles[t as usize]);
    let n = (0..3).find(|n| !edge.ends.contains(&first[*n]))?;
    let [c, a, b] = [first[n], first[(n + 1) % 3], first[(n + 2) % 3]];
    let d = second.into_iter().find(|v| !edge.ends.contains(v))?;
    // The first runs c, a, b; so the edge runs from a to b, and the second is d, b, a.
    (c != d).then_some(([a, b, c, d], [[c, a, d], [c, d, b]]))
}

/// Whether the new pair is bent away from the old one, or has a sharper corner.
fn folds(patch: &Patch, edge: &Edge, pair: [[u32; 3]; 2]) -> bool {
    let old = edge.triangles.map(|t| patch.triangles[t as usize]);
    let [one, other] = old.map(|corners| patch.normal(corners));
    let direction = one + other;
    let bent = |corners| {
        let normal = patch.normal(corners);
        normal.dot(&direction) < TURN_COS * normal.norm() * direction.norm()
    };
    // Twice the area over the squared longest edge: 0 for a needle.
    let form = |corners: [u32; 3]| {
        let [a, b, c] = corners;
        let longest = patch.length(a, b).max(patch.length(b, c)).max(patch.length(c, a));
        patch.normal(corners).norm() / (longest * longest).max(1e-300)
    };
    let worst = |pair: [[u32; 3]; 2]| form(pair[0]).min(form(pair[1]));
    pair.into_iter().any(bent) || worst(pair) < worst(old).min(0.5)
}
