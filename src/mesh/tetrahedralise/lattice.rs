//! The body-centred cubic lattice: two interleaved cubic lattices whose Delaunay tetrahedra are all alike.

use crate::geom::{Aabb, Point, Vector};

/// Corners of a cube (kind A) and middles of cubes (kind B), numbered A first, the first coordinate fastest.
///
/// Every tetrahedron joins the middles of two neighbouring cubes and two neighbouring corners of the face between them: two
/// opposite edges as long as the cube's, four edges √3/2 of that, dihedral angles of 60° and 90°.
pub(super) struct Lattice {
    /// Cubes along x, y, z.
    pub cubes: [usize; 3],
    /// Edge of a cube, mm.
    pub edge_mm: f64,
    origin: Point,
}

/// About how many cubes [`Lattice::around`] has.
pub(super) fn cubes_around(bounds: &Aabb, edge_mm: f64) -> f64 {
    bounds.size().iter().map(|length| length / edge_mm + 3.0).product()
}

/// Corners of a face of a cube in the two following axes, going around the axis.
const AROUND: [[usize; 2]; 4] = [[0, 0], [1, 0], [1, 1], [0, 1]];

/// Edges that belong to a corner (three long ones) and to a middle (three long ones, then eight short ones).
const OWN_EDGES: [usize; 2] = [3, 11];

impl Lattice {
    /// The lattice around `bounds`, at least a cube and a half wider on every side.
    pub fn around(bounds: &Aabb, edge_mm: f64) -> Self {
        let cubes = [0, 1, 2].map(|a| (bounds.size()[a] / edge_mm).ceil() as usize + 3);
        let half = Vector::from(cubes.map(|n| 0.5 * n as f64 * edge_mm));
        Self { cubes, edge_mm, origin: bounds.centre() - half }
    }

    fn corners(&self) -> usize {
        self.cubes.iter().map(|n| n + 1).product()
    }

    /// Corners and middles.
    pub fn vertices(&self) -> usize {
        self.corners() + self.cubes.iter().product::<usize>()
    }

    /// Kind (0 corner, 1 middle) and coordinates of a vertex.
    #[inline]
    pub fn coordinates(&self, vertex: usize) -> (usize, [usize; 3]) {
        let n_corners = self.corners();
        let kind = usize::from(n_corners <= vertex);
        let [nx, ny, _] = self.cubes.map(|n| n + 1 - kind);
        let n = vertex - kind * n_corners;
        (kind, [n % nx, n / nx % ny, n / (nx * ny)])
    }

    #[inline]
    fn vertex(&self, kind: usize, [x, y, z]: [usize; 3]) -> usize {
        let [nx, ny, _] = self.cubes.map(|n| n + 1 - kind);
        kind * self.corners() + (z * ny + y) * nx + x
    }

    /// Where a vertex is before anything is moved.
    #[inline]
    pub fn place(&self, vertex: usize) -> Point {
        let (kind, at) = self.coordinates(vertex);
        self.origin + Vector::from(at.map(|x| x as f64 + 0.5 * kind as f64)) * self.edge_mm
    }

    /// Room for all edges: numbers of edges are smaller than this.
    pub fn edge_room(&self) -> usize {
        self.first_edge(self.vertices())
    }

    fn first_edge(&self, vertex: usize) -> usize {
        let corners = self.corners();
        OWN_EDGES[0] * vertex.min(corners) + OWN_EDGES[1] * vertex.saturating_sub(corners)
    }

    /// The edges that belong to a vertex, each with its number, its other end, and whether it is long.
    pub fn own_edges(&self, vertex: usize) -> impl Iterator<Item = (usize, usize, bool)> + '_ {
        let (kind, at) = self.coordinates(vertex);
        let first = self.first_edge(vertex);
        (0..OWN_EDGES[kind]).filter_map(move |n| {
            if n < 3 {
                let mut end = at;
                end[n] += 1;
                (end[n] < self.cubes[n] + 1 - kind).then(|| (first + n, self.vertex(kind, end), true))
            } else {
                let [dx, dy, dz] = [(n - 3) & 1, (n - 3) >> 1 & 1, (n - 3) >> 2];
                Some((first + n, self.vertex(0, [at[0] + dx, at[1] + dy, at[2] + dz]), false))
            }
        })
    }

    /// The edges that end at a vertex but belong to the other end, as [`Lattice::own_edges`].
    pub fn other_edges(&self, vertex: usize) -> impl Iterator<Item = (usize, usize, bool)> + '_ {
        let (kind, at) = self.coordinates(vertex);
        let long = (0..3).filter_map(move |axis| {
            let mut start = at;
            start[axis] = at[axis].checked_sub(1)?;
            let start = self.vertex(kind, start);
            Some((self.first_edge(start) + axis, start, true))
        });
        let short = (0..8 * (1 - kind)).filter_map(move |n| {
            let back = [n & 1, n >> 1 & 1, n >> 2];
            let mut middle = at;
            for axis in 0..3 {
                middle[axis] = at[axis].checked_sub(back[axis]).filter(|x| *x < self.cubes[axis])?;
            }
            let start = self.vertex(1, middle);
            Some((self.first_edge(start) + 3 + n, start, false))
        });
        long.chain(short)
    }

    /// The number of the edge between two vertices that have one, and whether it is long.
    #[inline]
    pub fn edge(&self, a: usize, b: usize) -> (usize, bool) {
        let ((kind_a, at_a), (kind_b, at_b)) = (self.coordinates(a), self.coordinates(b));
        if kind_a == kind_b {
            let axis = (0..3).find(|axis| at_a[*axis] != at_b[*axis]).unwrap_or(0);
            return (self.first_edge(a.min(b)) + axis, true);
        }
        let (middle, from, to) = if kind_a == 1 { (a, at_a, at_b) } else { (b, at_b, at_a) };
        let n = (to[0] - from[0]) | (to[1] - from[1]) << 1 | (to[2] - from[2]) << 2;
        (self.first_edge(middle) + 3 + n, false)
    }

    /// Whether `a` comes before `b`, its neighbour along a long edge, seen from the even end of the edge.
    #[inline]
    pub fn is_even_end(&self, a: usize, b: usize) -> bool {
        let ((_, at_a), (_, at_b)) = (self.coordinates(a), self.coordinates(b));
        let axis = (0..3).find(|axis| at_a[*axis] != at_b[*axis]).unwrap_or(0);
        at_a[axis] % 2 == 0
    }

    /// Call `visit` with the twelve tetrahedra that belong to the cubes with z-coordinate `z`: two middles, then two corners,
    /// positively oriented.
    pub fn tets_of_layer(&self, z: usize, mut visit: impl FnMut([usize; 4])) {
        for y in 0..self.cubes[1] {
            for x in 0..self.cubes[0] {
                let at = [x, y, z];
                for axis in 0..3 {
                    let mut next = at;
                    next[axis] += 1;
                    if next[axis] == self.cubes[axis] {
                        continue;
                    }
                    let middles = [self.vertex(1, at), self.vertex(1, next)];
                    let corner = |n: usize| {
                        let mut corner = next;
                        corner[(axis + 1) % 3] += AROUND[n % 4][0];
                        corner[(axis + 2) % 3] += AROUND[n % 4][1];
                        self.vertex(0, corner)
                    };
                    for n in 0..4 {
                        visit([middles[0], middles[1], corner(n), corner(n + 1)]);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::quality::shape;

    fn lattice() -> Lattice {
        let bounds = Aabb { min: Point::new(1.0, 2.0, 3.0), max: Point::new(6.0, 8.0, 5.0) };
        Lattice::around(&bounds, 2.0)
    }

    #[test]
    fn all_tetrahedra_are_alike_and_joined_by_edges_of_the_lattice() {
        let lattice = lattice();
        let mut count = 0;
        for z in 0..lattice.cubes[2] {
            lattice.tets_of_layer(z, |tet| {
                let places = tet.map(|v| lattice.place(v));
                let shape = shape(places.each_ref());
                assert!((shape.volume_mm3_min - 8.0 / 12.0).abs() < 1e-9);
                assert!((shape.dihedral_deg[0] - 60.0).abs() < 1e-9 && (shape.dihedral_deg[1] - 90.0).abs() < 1e-9);
                for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
                    let (edge, long) = lattice.edge(tet[a], tet[b]);
                    assert_eq!(long, matches!((a, b), (0, 1) | (2, 3)));
                    let known = lattice.own_edges(tet[a]).chain(lattice.other_edges(tet[a])).find(|e| e.1 == tet[b]);
                    assert_eq!(known, Some((edge, tet[b], long)));
                }
                count += 1;
            });
        }
        let [nx, ny, nz] = lattice.cubes;
        assert_eq!(count, 4 * ((nx - 1) * ny * nz + nx * (ny - 1) * nz + nx * ny * (nz - 1)));
    }

    #[test]
    fn edges_have_different_numbers() {
        let lattice = lattice();
        let mut seen = vec![false; lattice.edge_room()];
        for vertex in 0..lattice.vertices() {
            for (edge, end, _) in lattice.own_edges(vertex) {
                assert!(!std::mem::replace(&mut seen[edge], true));
                assert!(lattice.other_edges(end).any(|other| other.0 == edge && other.1 == vertex));
            }
        }
    }
}
