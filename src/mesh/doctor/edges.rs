//! Every edge of a surface with the triangles on it, and the loops of those with only one.

use crate::mesh::Surface;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A use of an edge: its ends, smaller first, then the triangle, and whether the triangle runs from the larger to the smaller.
pub(super) type Use = ([u32; 2], u32, bool);

/// All uses, sorted; triangles with two equal corners are left out.
pub(super) fn uses(surface: &Surface) -> Vec<Use> {
    let of_triangle = |(n, [a, b, c]): (usize, &[u32; 3])| {
        [(*a, *b), (*b, *c), (*c, *a)].map(|(a, b)| ([a.min(b), a.max(b)], n as u32, b < a))
    };
    let sound = |(_, [a, b, c]): &(usize, &[u32; 3])| a != b && b != c && c != a;
    let mut uses: Vec<Use> =
        surface.triangles().par_iter().enumerate().filter(sound).flat_map_iter(of_triangle).collect();
    uses.par_sort_unstable();
    uses
}

/// The loops along edges that one triangle uses, each as its vertices in the order of the triangles beside it.
pub(super) fn holes(uses: &[Use]) -> Vec<Vec<u32>> {
    let mut ahead: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for run in uses.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() == 1) {
        let ([low, high], _, back) = run[0];
        let (from, to) = if back { (high, low) } else { (low, high) };
        ahead.entry(from).or_default().push(to);
    }
    let mut loops = Vec::new();
    while let Some((&start, _)) = ahead.first_key_value() {
        let (mut chain, mut here) = (vec![start], start);
        while let Some(ways) = ahead.get_mut(&here) {
            let next = ways.pop();
            if ways.is_empty() {
                ahead.remove(&here);
            }
            let Some(next) = next else { break };
            if next == start {
                break;
            }
            // A vertex met twice closes a loop of its own.
            if let Some(n) = chain.iter().position(|v| *v == next) {
                loops.push(chain.split_off(n));
            }
            chain.push(next);
            here = next;
        }
        if 2 < chain.len() {
            loops.push(chain);
        }
    }
    loops
}
