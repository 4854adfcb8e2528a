//! The faces of cuts, and the smooth sheet they were meant to be.
//!
//! A cut runs along faces of tetrahedra, so its two sides are zigzags that fit into each other at one place only: pressed
//! together and slid by less than an edge they would lock like teeth. The blade left no teeth. Contact therefore sees the
//! sides smoothed, both by the same means of the same neighbours, so that they still coincide where they did at rest.

use crate::geom::Vector;

/// Rounds of smoothing; each takes half of what alternates from vertex to vertex.
const ROUNDS: usize = 3;

/// What is rough of a surface.
#[derive(Debug, Clone, Default)]
pub struct Rough {
    /// Whether vertices of the surface coincide at rest.
    pub coincides: bool,
    /// Whether each vertex of the surface is on a side of a cut, and not at its end.
    is_rough: Vec<bool>,
    /// Whether each triangle is one of a side of a cut.
    pub is_side: Vec<bool>,
    /// Those vertices.
    vertices: Vec<u32>,
    /// Neighbours on the side of the n-th are `others[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    others: Vec<u32>,
}

impl Rough {
    /// Of `triangles` between vertices at the places `rest`: those that coincide with another are sides of a cut.
    pub fn new(triangles: &[[u32; 3]], rest: &[[f64; 3]]) -> Self {
        let mut order: Vec<([u64; 3], u32)> = rest.iter().zip(0..).map(|(p, n)| (p.map(f64::to_bits), n)).collect();
        order.sort_unstable();
        // The first vertex at each place.
        let mut first: Vec<u32> = (0..rest.len() as u32).collect();
        let mut shared = vec![false; rest.len()];
        for pair in order.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let [(_, one), (_, other)] = [pair[0], pair[1]];
            first[other as usize] = first[one as usize];
            (shared[one as usize], shared[other as usize]) = (true, true);
        }
        let mut rough = Self {
            is_rough: vec![false; rest.len()],
            is_side: vec![false; triangles.len()],
            starts: vec![0],
            ..Self::default()
        };
        rough.coincides = shared.contains(&true);
        if !rough.coincides {
            return rough;
        }
        let mut faces: Vec<([u32; 3], u32)> = Vec::new();
        for (corners, t) in triangles.iter().zip(0..) {
            if corners.iter().any(|n| shared[*n as usize]) {
                let mut key = corners.map(|n| first[n as usize]);
                key.sort_unstable();
                faces.push((key, t));
            }
        }
        faces.sort_unstable();
        let mut edges: Vec<[u32; 2]> = Vec::new();
        for face in faces.chunk_by(|a, b| a.0 == b.0).filter(|face| 1 < face.len()).flatten() {
            let corners = triangles[face.1 as usize];
            rough.is_side[face.1 as usize] = true;
            for n in 0..3 {
                let [a, b] = [corners[n], corners[(n + 1) % 3]];
                edges.extend([[a, b], [b, a]].into_iter().filter(|[from, _]| shared[*from as usize]));
            }
        }
        edges.sort_unstable();
        edges.dedup();
        for of_one in edges.chunk_by(|a, b| a[0] == b[0]) {
            rough.vertices.push(of_one[0][0]);
            rough.is_rough[of_one[0][0] as usize] = true;
            rough.others.extend(of_one.iter().map(|[_, other]| *other));
            rough.starts.push(rough.others.len() as u32);
        }
        rough
    }

    /// Whether vertex `n` is on a side of a cut, and not at its end.
    pub fn is_rough(&self, n: u32) -> bool {
        self.is_rough[n as usize]
    }

    /// Move the rough ones of `places` to where they would be on a smooth side.
    pub fn smooth(&self, places: &mut [Vector]) {
        let mut next = vec![Vector::zeros(); self.vertices.len()];
        for _ in 0..ROUNDS {
            for (n, (v, next)) in self.vertices.iter().zip(&mut next).enumerate() {
                let others = &self.others[self.starts[n] as usize..self.starts[n + 1] as usize];
                let sum: Vector = others.iter().map(|other| places[*other as usize]).sum();
                *next = 0.5 * (places[*v as usize] + sum / others.len() as f64);
            }
            self.vertices.iter().zip(&next).for_each(|(v, next)| places[*v as usize] = *next);
        }
    }
}
