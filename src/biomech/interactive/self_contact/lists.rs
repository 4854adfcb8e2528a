//! Lists made once per mesh: what lies across an edge and around a vertex, and whether the body is one.

use crate::biomech::interactive::topology::Topology;
use crate::geom::Vector;

/// Whether a body of `count` vertices, of which `vertices` are on its surface, has several parts.
pub(super) fn is_in_pieces(vertices: &[u32], topology: &Topology, count: usize) -> bool {
    let Some(first) = vertices.first() else { return false };
    let mut seen = vec![false; count];
    let mut open = vec![*first];
    seen[*first as usize] = true;
    while let Some(v) = open.pop() {
        for other in &topology.columns[topology.row(v as usize)] {
            if !std::mem::replace(&mut seen[*other as usize], true) {
                open.push(*other);
            }
        }
    }
    !vertices.iter().all(|v| seen[*v as usize])
}

/// The triangle across each edge, the one opposite to each corner; itself where there is none. Triangles around vertex
/// n are `around[starts[n]..starts[n + 1]]`.
pub(super) fn across(triangles: &[[u32; 3]], starts: &[u32], around: &[u32]) -> Vec<[u32; 3]> {
    let other = |t: usize, n: usize| {
        let [from, to] = [triangles[t][(n + 2) % 3], triangles[t][(n + 1) % 3]];
        let has = |corners: &[u32; 3]| (0..3).any(|k| corners[k] == from && corners[(k + 1) % 3] == to);
        let fan = &around[starts[from as usize] as usize..starts[from as usize + 1] as usize];
        fan.iter().copied().find(|other| has(&triangles[*other as usize])).unwrap_or(t as u32)
    };
    (0..triangles.len()).map(|t| std::array::from_fn(|n| other(t, n))).collect()
}

/// Triangles around each vertex: where they start, and they.
pub(super) fn around(triangles: &[[u32; 3]], vertices: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; vertices + 1];
    triangles.as_flattened().iter().for_each(|n| starts[*n as usize + 1] += 1);
    (0..vertices).for_each(|n| starts[n + 1] += starts[n]);
    let (mut next, mut around) = (starts.clone(), vec![0; 3 * triangles.len()]);
    for (corner, n) in triangles.as_flattened().iter().enumerate() {
        around[next[*n as usize] as usize] = (corner / 3) as u32;
        next[*n as usize] += 1;
    }
    (starts, around)
}

/// Of length 1, or 0.
pub(super) fn unit(v: &Vector) -> Vector {
    let length = v.norm();
    if 0.0 < length { v / length } else { Vector::zeros() }
}
