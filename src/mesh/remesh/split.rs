//! Long edges get a vertex in their middle.

use super::{Creases, Edges, Patch};
use crate::base::{Cancelled, Progress};

/// Rounds of halving: a thousandth of the longest edge is reached.
const HALVINGS: usize = 10;

/// Halve edges until none is longer than `longest_mm`.
pub(super) fn split_long(
    patch: &mut Patch,
    longest_mm: f64,
    creases: Creases,
    progress: &Progress,
) -> Result<(), Cancelled> {
    for _ in 0..HALVINGS {
        progress.check()?;
        let edges = Edges::of(patch, creases, progress)?;
        let is_long = |patch: &Patch, [a, b]: [u32; 2]| longest_mm < patch.length(a, b);
        if !halve(patch, &edges, is_long) {
            break;
        }
    }
    Ok(())
}

/// Halve all edges that are `meant` together; triangles are cut by how many of their edges were. Whether there were any.
pub(super) fn halve(patch: &mut Patch, edges: &Edges, meant: impl Fn(&Patch, [u32; 2]) -> bool) -> bool {
    let mut middles = vec![u32::MAX; edges.list.len()];
    let before = patch.positions.len();
    for (middle, edge) in middles.iter_mut().zip(&edges.list) {
        if meant(patch, edge.ends) {
            let [a, b] = edge.ends.map(|v| patch.positions[v as usize]);
            *middle = patch.positions.len() as u32;
            patch.positions.push(nalgebra::center(&a, &b));
        }
    }
    if patch.positions.len() == before {
        return false;
    }
    let old = std::mem::take(&mut patch.triangles);
    for (corners, sides) in old.iter().zip(&edges.of_triangle) {
        let halves = sides.map(|edge| Some(middles[edge as usize]).filter(|middle| *middle != u32::MAX));
        cut(patch, *corners, halves);
    }
    true
}

/// Add the pieces of a triangle whose edges, each from corner n to the next, have these middles.
fn cut(patch: &mut Patch, corners: [u32; 3], middles: [Option<u32>; 3]) {
    let count = middles.iter().flatten().count();
    // Turned so that with one middle it is on the first edge, and with two the third edge is whole.
    let turn = match count {
        1 => middles.iter().position(Option::is_some).unwrap_or(0),
        2 => (middles.iter().position(Option::is_none).unwrap_or(2) + 1) % 3,
        _ => 0,
    };
    let [a, b, c] = [0, 1, 2].map(|n| corners[(n + turn) % 3]);
    let middle = |n: usize| middles[(n + turn) % 3];
    match (middle(0), middle(1), middle(2)) {
        (Some(ab), None, None) => patch.triangles.extend([[a, ab, c], [ab, b, c]]),
        (Some(ab), Some(bc), None) => {
            patch.triangles.push([ab, b, bc]);
            let along_a = patch.length(a, bc) <= patch.length(ab, c);
            patch.triangles.extend(if along_a { [[a, ab, bc], [a, bc, c]] } else { [[a, ab, c], [ab, bc, c]] });
        }
        (Some(ab), Some(bc), Some(ca)) => {
            patch.triangles.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
        }
        _ => patch.triangles.push([a, b, c]),
    }
}
