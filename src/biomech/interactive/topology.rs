//! Which vertex meets which: the lists that let every vertex collect from its own neighbours, without a lock.
//!
//! Built in time proportional to the mesh, so that a cut may build it anew between two frames.

use crate::mesh::tet_mesh::FACES;
use rayon::prelude::*;
use std::ops::Range;

/// Rows one thread builds at a time.
const ROWS: usize = 512;

/// Corners and neighbours of every vertex.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    /// `corner_starts[v]..corner_starts[v + 1]` of `corners` and `slots`.
    pub corner_starts: Vec<u32>,
    /// 4 × tetrahedron + corner, ascending for each vertex.
    pub corners: Vec<u32>,
    /// For each of `corners`, where its tetrahedron's four vertices are in the row of the vertex.
    pub slots: Vec<[u16; 4]>,
    /// `row_starts[v]..row_starts[v + 1]` of `columns`.
    pub row_starts: Vec<u32>,
    /// Neighbours of each vertex and the vertex itself, ascending.
    pub columns: Vec<u32>,
    /// Where each vertex is in its own row; 0 for a vertex of no tetrahedron, which has no row.
    pub diagonal: Vec<u16>,
    longest_row: usize,
}

impl Topology {
    /// The lists of `tets` over `vertices` vertices.
    pub fn new(vertices: usize, tets: &[[u32; 4]]) -> Self {
        let mut corner_starts = vec![0_u32; vertices + 1];
        tets.as_flattened().iter().for_each(|v| corner_starts[*v as usize + 1] += 1);
        (0..vertices).for_each(|v| corner_starts[v + 1] += corner_starts[v]);
        let mut next = corner_starts.clone();
        let mut corners = vec![0_u32; 4 * tets.len()];
        for (corner, v) in tets.as_flattened().iter().enumerate() {
            corners[next[*v as usize] as usize] = corner as u32;
            next[*v as usize] += 1;
        }
        let blocks: Vec<Rows> = (0..vertices.div_ceil(ROWS))
            .into_par_iter()
            .map(|n| Rows::new(n * ROWS..((n + 1) * ROWS).min(vertices), &corner_starts, &corners, tets))
            .collect();
        let mut row_starts = Vec::with_capacity(vertices + 1);
        row_starts.push(0);
        let mut columns = Vec::with_capacity(blocks.iter().map(|block| block.columns.len()).sum());
        let mut slots = Vec::with_capacity(corners.len());
        let mut diagonal = Vec::with_capacity(vertices);
        for block in &blocks {
            let before = columns.len() as u32;
            row_starts.extend(block.ends.iter().map(|end| before + end));
            columns.extend_from_slice(&block.columns);
            slots.extend_from_slice(&block.slots);
            diagonal.extend_from_slice(&block.diagonal);
        }
        let longest_row = row_starts.windows(2).map(|pair| (pair[1] - pair[0]) as usize).max().unwrap_or(0);
        Self { corner_starts, corners, slots, row_starts, columns, diagonal, longest_row }
    }

    /// Vertices there are.
    pub fn vertices(&self) -> usize {
        self.diagonal.len()
    }

    /// Entries of the longest row.
    pub fn longest_row(&self) -> usize {
        self.longest_row
    }

    /// The positions in `columns` that belong to vertex `v`.
    #[inline]
    pub fn row(&self, v: usize) -> std::ops::Range<usize> {
        self.row_starts[v] as usize..self.row_starts[v + 1] as usize
    }

    /// The positions in `corners` and `slots` that belong to vertex `v`.
    #[inline]
    pub fn around(&self, v: usize) -> std::ops::Range<usize> {
        self.corner_starts[v] as usize..self.corner_starts[v + 1] as usize
    }

    /// Where `other` is in `columns` as a neighbour of `v`.
    pub fn entry(&self, v: usize, other: u32) -> Option<usize> {
        let row = self.row(v);
        self.columns[row.clone()].binary_search(&other).ok().map(|n| row.start + n)
    }
}

/// Rows of some vertices that follow each other.
#[derive(Default)]
struct Rows {
    /// Where the row of each ends in `columns`.
    ends: Vec<u32>,
    columns: Vec<u32>,
    slots: Vec<[u16; 4]>,
    diagonal: Vec<u16>,
}

impl Rows {
    /// Those of `vertices`, with the lists of [`Topology`].
    fn new(vertices: Range<usize>, corner_starts: &[u32], corners: &[u32], tets: &[[u32; 4]]) -> Self {
        let mut rows = Self::default();
        // Where a vertex is in the row being built.
        let mut place = vec![u16::MAX; corner_starts.len() - 1];
        for v in vertices {
            let start = rows.columns.len();
            let around = &corners[corner_starts[v] as usize..corner_starts[v + 1] as usize];
            for other in around.iter().flat_map(|corner| tets[(corner / 4) as usize]) {
                if place[other as usize] == u16::MAX {
                    place[other as usize] = 0;
                    rows.columns.push(other);
                }
            }
            let row = &mut rows.columns[start..];
            row.sort_unstable();
            row.iter().zip(0..).for_each(|(other, n)| place[*other as usize] = n);
            let slots = |corner: &u32| tets[(corner / 4) as usize].map(|other| place[other as usize]);
            rows.slots.extend(around.iter().map(slots));
            rows.diagonal.push(if row.is_empty() { 0 } else { place[v] });
            row.iter().for_each(|other| place[*other as usize] = u16::MAX);
            rows.ends.push(rows.columns.len() as u32);
        }
        rows
    }
}

/// Which faces belong to one tetrahedron only: bit n of a tetrahedron is face n of [`FACES`].
pub fn outer_faces(topology: &Topology, tets: &[[u32; 4]]) -> Vec<u8> {
    let of_tet = |tet: usize| -> u8 {
        let is_outer = |n: &usize| {
            let face = FACES[*n].map(|corner| tets[tet][corner]);
            neighbour_across(topology, tets, tet as u32, face).is_none()
        };
        (0..4).filter(is_outer).map(|n| 1 << n).sum()
    };
    (0..tets.len()).into_par_iter().with_min_len(256).map(of_tet).collect()
}

/// The `outer` faces, counter-clockwise seen from outside, and their tetrahedra; in their order.
pub fn boundary(tets: &[[u32; 4]], outer: &[u8]) -> Vec<([u32; 3], u32)> {
    let mut faces = Vec::new();
    for ((tet, corners), outer) in (0..).zip(tets).zip(outer).filter(|(_, outer)| **outer != 0) {
        let own = (0..4).filter(|n| outer & (1 << n) != 0);
        faces.extend(own.map(|n: usize| (FACES[n].map(|corner| corners[corner]), tet)));
    }
    faces
}

/// The other tetrahedron that has the three vertices of `face`.
pub fn neighbour_across(topology: &Topology, tets: &[[u32; 4]], tet: u32, face: [u32; 3]) -> Option<u32> {
    let has = |other: u32, v: u32| tets[other as usize].contains(&v);
    topology.corners[topology.around(face[0] as usize)]
        .iter()
        .map(|corner| corner / 4)
        .find(|other| *other != tet && has(*other, face[1]) && has(*other, face[2]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::verification::shapes::straight_box;

    #[test]
    fn every_vertex_knows_its_corners_and_neighbours() {
        let mesh = straight_box([3, 2, 2], [3.0, 2.0, 2.0]);
        let topology = Topology::new(mesh.positions().len(), mesh.tets());
        assert_eq!(topology.corners.len(), 4 * mesh.tets().len());
        for v in 0..topology.vertices() {
            let row = &topology.columns[topology.row(v)];
            assert_eq!(row[usize::from(topology.diagonal[v])] as usize, v);
            for (corner, slots) in topology.corners[topology.around(v)].iter().zip(&topology.slots[topology.around(v)])
            {
                let tet = mesh.tets()[(corner / 4) as usize];
                assert_eq!(tet[(corner % 4) as usize] as usize, v);
                assert_eq!(slots.map(|slot| row[usize::from(slot)]), tet);
            }
        }
    }

    #[test]
    fn the_boundary_is_that_of_the_mesh() {
        let mesh = straight_box([3, 2, 2], [3.0, 2.0, 2.0]);
        let topology = Topology::new(mesh.positions().len(), mesh.tets());
        let sorted = |mut faces: Vec<[u32; 3]>| {
            faces.iter_mut().for_each(|face| face.sort_unstable());
            faces.sort_unstable();
            faces
        };
        let ours = boundary(mesh.tets(), &outer_faces(&topology, mesh.tets())).iter().map(|(face, _)| *face).collect();
        assert_eq!(sorted(ours), sorted(mesh.boundary().0.triangles().to_vec()));
    }
}
