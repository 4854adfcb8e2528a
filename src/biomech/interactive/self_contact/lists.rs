//! Lists made once per mesh: what lies across an edge and around a vertex, and whether the body is one.

use crate::biomech::interactive::topology::Topology;
use crate::geom::Vector;

/// Whether a body has several parts or vertices of its surface that coincide.
pub(super) fn is_parted(vertices: &[u32], topology: &Topology, rest: &[[f64; 3]]) -> bool {
    let mut places: Vec<[u64; 3]> = vertices.iter().map(|v| rest[*v as usize].map(f64::to_bits)).collect();
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0] == pair[1]) {
        return true;
    }
    let Some(first) = vertices.first() else { return false };
    let mut seen = vec![false; rest.len()];
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

/// Take `t` out of the first `count` of `list`; how many are left.
pub(super) fn without(list: &mut [u32], count: usize, t: u32) -> usize {
    let n = list[..count].iter().position(|other| *other == t).unwrap_or(count);
    list[n..count].rotate_left(1.min(count - n));
    count - usize::from(n < count)
}

/// The triangle across each edge; itself where there is none.
pub(super) fn across(triangles: &[[u32; 3]]) -> Vec<[u32; 3]> {
    let mut edges: Vec<[u32; 4]> = Vec::with_capacity(3 * triangles.len());
    for (t, corners) in (0..).zip(triangles) {
        edges.extend((0..3).map(|n| [corners[(n + 1) % 3], corners[(n + 2) % 3], t, n as u32]));
    }
    edges.sort_unstable();
    let other = |t: usize, n: usize| {
        let back = [triangles[t][(n + 2) % 3], triangles[t][(n + 1) % 3]];
        let first = edges.partition_point(|edge| edge[..2] < back[..]);
        edges.get(first).filter(|edge| edge[..2] == back[..]).map_or(t as u32, |edge| edge[2])
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
