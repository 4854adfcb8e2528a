//! Which vertex meets which: the lists that let every vertex collect from its own neighbours, without a lock.
//!
//! Built in time proportional to the mesh, so that a cut may build it anew between two frames.

use crate::mesh::tet_mesh::FACES;

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
        let mut slots = vec![[0_u16; 4]; corners.len()];
        let mut row_starts = Vec::with_capacity(vertices + 1);
        row_starts.push(0);
        let mut columns: Vec<u32> = Vec::with_capacity(16 * vertices);
        let mut diagonal = vec![0_u16; vertices];
        // Where a vertex is in the row being built.
        let mut place = vec![u16::MAX; vertices];
        for v in 0..vertices {
            let start = columns.len();
            let around = corner_starts[v] as usize..corner_starts[v + 1] as usize;
            for corner in &corners[around.clone()] {
                for other in tets[(corner / 4) as usize] {
                    if place[other as usize] == u16::MAX {
                        place[other as usize] = 0;
                        columns.push(other);
                    }
                }
            }
            columns[start..].sort_unstable();
            columns[start..].iter().zip(0..).for_each(|(other, n)| place[*other as usize] = n);
            for (corner, slots) in corners[around.clone()].iter().zip(&mut slots[around]) {
                *slots = tets[(corner / 4) as usize].map(|other| place[other as usize]);
            }
            diagonal[v] = if start < columns.len() { place[v] } else { 0 };
            columns[start..].iter().for_each(|other| place[*other as usize] = u16::MAX);
            row_starts.push(columns.len() as u32);
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

/// Faces that belong to one tetrahedron only, counter-clockwise seen from outside, and that tetrahedron; in its order.
pub fn boundary(topology: &Topology, tets: &[[u32; 4]]) -> Vec<([u32; 3], u32)> {
    let mut outer = Vec::new();
    for (tet, corners) in (0..).zip(tets) {
        for face in FACES.map(|face| face.map(|n| corners[n])) {
            if neighbour_across(topology, tets, tet, face).is_none() {
                outer.push((face, tet));
            }
        }
    }
    outer
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
        let ours = boundary(&topology, mesh.tets()).iter().map(|(face, _)| *face).collect();
        assert_eq!(sorted(ours), sorted(mesh.boundary().0.triangles().to_vec()));
    }
}
