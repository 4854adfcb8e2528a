//! Triangle surfaces in patient space.

use crate::base::{ContentHash, ContentHasher};
use crate::geom::{Aabb, Point, Vector};
use rayon::prelude::*;
use std::sync::Arc;

/// A triangle surface in LPS millimetres. Triangles run counter-clockwise seen from outside. Cloning shares the arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    positions: Arc<Vec<Point>>,
    triangles: Arc<Vec<[u32; 3]>>,
}

/// Why a surface cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurfaceError {
    /// A triangle names a vertex that is not there.
    #[error("triangle {triangle} uses vertex {vertex}, but there are only {count}")]
    BadIndex {
        /// Which triangle.
        triangle: usize,
        /// The vertex it names.
        vertex: u32,
        /// Vertices there are.
        count: usize,
    },
    /// A coordinate is not a number.
    #[error("vertex {0} has a coordinate that is not a finite number")]
    NotFinite(usize),
}

impl Surface {
    /// A surface of `positions` (N points) and `triangles` (indices into them).
    ///
    /// # Errors
    /// [`SurfaceError`] for an index out of range or a coordinate that is not finite.
    pub fn new(positions: Vec<Point>, triangles: Vec<[u32; 3]>) -> Result<Self, SurfaceError> {
        if let Some(vertex) = positions.par_iter().position_first(|p| !p.iter().all(|x| x.is_finite())) {
            return Err(SurfaceError::NotFinite(vertex));
        }
        let count = positions.len();
        let bad = |corners: &[u32; 3]| corners.iter().any(|v| count <= *v as usize);
        if let Some(triangle) = triangles.par_iter().with_min_len(1 << 14).position_first(bad) {
            let vertex = triangles[triangle].into_iter().find(|v| count <= *v as usize);
            return Err(SurfaceError::BadIndex { triangle, vertex: vertex.expect("found above"), count });
        }
        Ok(Self { positions: Arc::new(positions), triangles: Arc::new(triangles) })
    }

    /// Vertices, mm.
    pub fn positions(&self) -> &[Point] {
        &self.positions
    }

    /// Three vertex indices per triangle.
    pub fn triangles(&self) -> &[[u32; 3]] {
        &self.triangles
    }

    /// The corners of a triangle.
    #[inline]
    pub fn corners(&self, [a, b, c]: [u32; 3]) -> [&Point; 3] {
        [a, b, c].map(|v| &self.positions[v as usize])
    }

    /// The same triangles over moved vertices.
    ///
    /// # Errors
    /// [`SurfaceError`] if the count differs or a coordinate is not finite.
    pub fn with_positions(&self, positions: Vec<Point>) -> Result<Self, SurfaceError> {
        if let Some(vertex) = positions.par_iter().position_first(|p| !p.iter().all(|x| x.is_finite())) {
            return Err(SurfaceError::NotFinite(vertex));
        }
        if positions.len() < self.positions.len() {
            let vertex = positions.len() as u32;
            return Err(SurfaceError::BadIndex { triangle: 0, vertex, count: positions.len() });
        }
        Ok(Self { positions: Arc::new(positions), triangles: Arc::clone(&self.triangles) })
    }

    /// The surface of these triangles of the same vertices, without the vertices that no triangle uses.
    ///
    /// Vertices keep their order. Indices must be those of this surface's vertices.
    #[must_use]
    pub fn with_triangles(&self, triangles: &[[u32; 3]]) -> Self {
        const UNUSED: u32 = u32::MAX;
        let mut new_from_old = vec![UNUSED; self.positions.len()];
        for vertex in triangles.as_flattened() {
            new_from_old[*vertex as usize] = 0;
        }
        let mut positions = Vec::new();
        for (new, position) in new_from_old.iter_mut().zip(self.positions.iter()).filter(|(new, _)| **new != UNUSED) {
            *new = positions.len() as u32;
            positions.push(*position);
        }
        let triangles = triangles.iter().map(|corners| corners.map(|v| new_from_old[v as usize])).collect();
        Self { positions: Arc::new(positions), triangles: Arc::new(triangles) }
    }

    /// The box around all vertices.
    pub fn bounds(&self) -> Aabb {
        Aabb::of(self.positions.iter())
    }

    /// Enclosed volume in ml by the divergence theorem; meaningful for a closed surface, negative if inside out.
    pub fn volume_ml(&self) -> f64 {
        let origin = self.bounds().centre();
        let sum: f64 = self
            .triangles
            .iter()
            .map(|triangle| {
                let [a, b, c] = self.corners(*triangle).map(|p| p - origin);
                a.dot(&b.cross(&c)) / 6.0
            })
            .sum();
        sum / crate::base::units::MM3_PER_ML
    }

    /// Area in cm².
    pub fn area_cm2(&self) -> f64 {
        let area = |triangle: &[u32; 3]| {
            let [a, b, c] = self.corners(*triangle);
            0.5 * (b - a).cross(&(c - a)).norm()
        };
        self.triangles.iter().map(area).sum::<f64>() / 100.0
    }

    /// One unit normal per vertex, weighted by triangle area; zero where a vertex has no triangle of any area.
    ///
    /// Each thread adds up a range of vertices, in the order of triangles: the same bits on any number of threads.
    pub fn vertex_normals(&self) -> Vec<Vector> {
        let across = |triangle: &[u32; 3]| {
            let [a, b, c] = self.corners(*triangle);
            (b - a).cross(&(c - a))
        };
        let areas: Vec<Vector> = self.triangles.par_iter().with_min_len(1 << 12).map(across).collect();
        let mut normals = vec![Vector::zeros(); self.positions.len()];
        // Every range looks at all triangles: more than a few would look longer than they add.
        let ranges = rayon::current_num_threads().clamp(1, 8);
        let range = self.positions.len().div_ceil(ranges).max(1 << 12);
        normals.par_chunks_mut(range).enumerate().for_each(|(n, normals)| {
            let first = n * range;
            for (triangle, area) in self.triangles.iter().zip(&areas) {
                for vertex in triangle {
                    if let Some(normal) = (*vertex as usize).checked_sub(first).and_then(|v| normals.get_mut(v)) {
                        *normal += area;
                    }
                }
            }
            normals.iter_mut().for_each(|n| *n = n.try_normalize(1e-30).unwrap_or_default());
        });
        normals
    }

    /// Edges used by one triangle only, or by two in the same direction: none in a closed, oriented surface.
    pub fn open_edges(&self) -> usize {
        // Edges sorted into rows by their smaller vertex: the larger one, doubled, plus the direction.
        let edges =
            || {
                let of_triangle = |[a, b, c]: &[u32; 3]| [(*a, *b), (*b, *c), (*c, *a)];
                self.triangles.iter().flat_map(of_triangle).filter(|(a, b)| a != b).map(|(a, b)| {
                    if a < b { (a as usize, u64::from(b) * 2) } else { (b as usize, u64::from(a) * 2 + 1) }
                })
            };
        let mut ends = vec![0_usize; self.positions.len()];
        edges().for_each(|(low, _)| ends[low] += 1);
        let mut rows = Vec::with_capacity(ends.len());
        let mut list = vec![0_u64; ends.iter().sum()];
        let mut rest = list.as_mut_slice();
        for end in &mut ends {
            let (row, after) = rest.split_at_mut(*end);
            rows.push(row);
            rest = after;
            *end = 0;
        }
        for (low, entry) in edges() {
            rows[low][ends[low]] = entry;
            ends[low] += 1;
        }
        let unbalanced = |row: &mut &mut [u64]| {
            row.sort_unstable();
            let balance = |run: &[u64]| run.iter().map(|entry| 1 - 2 * (entry & 1) as i64).sum::<i64>();
            row.chunk_by(|x, y| x / 2 == y / 2).filter(|run| balance(run) != 0).count()
        };
        rows.par_iter_mut().with_min_len(1024).map(unbalanced).sum()
    }

    /// The hash of vertices and triangles.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        hasher.number(self.positions.len() as u64);
        for point in self.positions.iter() {
            hasher.array(point.coords.as_slice());
        }
        hasher.array(self.triangles.as_flattened()).finish()
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.positions.as_slice()) + size_of_val(self.triangles.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tetrahedron() -> Surface {
        let positions =
            vec![Point::origin(), Point::new(10.0, 0.0, 0.0), Point::new(0.0, 10.0, 0.0), Point::new(0.0, 0.0, 10.0)];
        Surface::new(positions, vec![[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]).unwrap()
    }

    #[test]
    fn a_tetrahedron_has_its_volume_area_and_no_open_edge() {
        let surface = tetrahedron();
        assert!((surface.volume_ml() - 1.0 / 6.0).abs() < 1e-12);
        assert!((surface.area_cm2() - (1.5 + 3.0_f64.sqrt() / 2.0)).abs() < 1e-12);
        assert_eq!(surface.open_edges(), 0);
        let open = Surface::new(surface.positions().to_vec(), surface.triangles()[..3].to_vec()).unwrap();
        assert_eq!(open.open_edges(), 3);
    }

    #[test]
    fn normals_are_the_same_on_any_number_of_threads_and_point_outwards() {
        let n = 90_u32;
        let place = |v: u32| {
            let [x, y] = [f64::from(v % n), f64::from(v / n)];
            Point::new(x, y, (0.3 * x).sin() * (0.2 * y).cos())
        };
        let cell = |c: u32| {
            let v = c / (n - 1) * n + c % (n - 1);
            [[v, v + 1, v + n], [v + 1, v + n + 1, v + n]]
        };
        let triangles = (0..(n - 1) * (n - 1)).flat_map(cell).collect();
        let surface = Surface::new((0..n * n).map(place).collect(), triangles).unwrap();
        let normals = crate::base::parallel::with_threads(1, || surface.vertex_normals());
        assert_eq!(normals, crate::base::parallel::with_threads(3, || surface.vertex_normals()));
        // The direct definition.
        let mut sums = vec![Vector::zeros(); surface.positions().len()];
        for triangle in surface.triangles() {
            let [a, b, c] = surface.corners(*triangle);
            triangle.iter().for_each(|v| sums[*v as usize] += (b - a).cross(&(c - a)));
        }
        assert!(normals.iter().zip(sums).all(|(normal, sum)| *normal == sum.normalize() && 0.0 < normal.z));
    }

    #[test]
    fn bad_indices_and_coordinates_are_refused() {
        assert!(matches!(
            Surface::new(vec![Point::origin()], vec![[0, 0, 1]]),
            Err(SurfaceError::BadIndex { vertex: 1, .. })
        ));
        assert_eq!(Surface::new(vec![Point::new(0.0, f64::NAN, 0.0)], vec![]), Err(SurfaceError::NotFinite(0)));
    }
}
