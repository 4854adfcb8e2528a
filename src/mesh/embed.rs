//! A fine surface that follows a coarse tetrahedral mesh.

use super::box_tree::BoxTree;
use super::tet_mesh::barycentric;
use super::{Bvh, Surface, SurfaceError, TetMesh};
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Point, Vector};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::{Add, Mul};

/// A vertex that is bound nearer to where it should be than this stays bound as it is, mm.
const MOVED_MM: f64 = 1e-6;

/// The vertices of a surface bound to tetrahedra by barycentric coordinates.
///
/// Vertices outside the mesh are bound to the nearest boundary tetrahedron and extrapolated, so that every affine motion of
/// the mesh moves the surface exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// The tetrahedron each surface vertex is bound to.
    tets: Vec<u32>,
    /// Its mesh vertices.
    corners: Vec<[u32; 4]>,
    /// Weights of these, which sum to 1.
    weights: Vec<[f64; 4]>,
    /// Vertices the mesh has.
    mesh_vertices: usize,
    /// Largest distance in mm of a surface vertex from the mesh; 0 if all lie inside.
    pub outside_mm_max: f64,
    /// Distance in mm that 19 of 20 surface vertices keep to the mesh.
    pub outside_mm_p95: f64,
}

/// A surface whose mesh was cut.
#[derive(Debug, Clone, PartialEq)]
pub struct AfterCut {
    /// How the mesh moves it now.
    pub embedding: Embedding,
    /// Its vertices at rest; copies for triangles that spanned the cut come last.
    pub positions: Vec<Point>,
    /// Its triangles.
    pub triangles: Vec<[u32; 3]>,
}

/// Where a triangle goes when the mesh is cut.
#[derive(Debug, Clone, Copy)]
enum Side {
    /// It holds together.
    Whole,
    /// It spans the cut and goes with this tetrahedron.
    With(u32),
    /// Something it was bound to was taken away.
    Gone,
}

impl Embedding {
    /// Bind the vertices of `surface` to `mesh`.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn new(surface: &Surface, mesh: &TetMesh, progress: &Progress) -> Result<Self, Cancelled> {
        let boxes: Vec<Aabb> = (0..mesh.tets().len()).into_par_iter().map(|tet| Aabb::of(mesh.corners(tet))).collect();
        let tree = BoxTree::new(&boxes);
        progress.set(0.2)?;
        let (boundary, owners) = mesh.boundary();
        let boundary = Bvh::new(&boundary);
        progress.set(0.4)?;
        let bound: Result<Vec<(u32, [f64; 4], f64)>, Cancelled> = surface
            .positions()
            .par_iter()
            .with_min_len(1024)
            .map(|point| {
                progress.check()?;
                let mut found = None;
                tree.holding(point, |tet| {
                    let weights = within(point, mesh.corners(tet as usize));
                    let inside = weights.iter().all(|w| -1e-12 <= *w);
                    if inside {
                        found = Some((tet, weights, 0.0));
                    }
                    inside
                });
                let (tet, weights, outside_mm) = found.unwrap_or_else(|| {
                    let near = boundary.closest(point).expect("a mesh has tetrahedra, so it has a boundary");
                    let tet = owners[near.triangle];
                    (tet, within(point, mesh.corners(tet as usize)), near.distance_mm)
                });
                Ok((tet, weights, outside_mm))
            })
            .collect();
        let bound = bound?;
        let mut outside_mm: Vec<f64> = bound.iter().map(|b| b.2).collect();
        outside_mm.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| outside_mm.get((share * outside_mm.len() as f64) as usize).copied();
        Ok(Self {
            tets: bound.iter().map(|b| b.0).collect(),
            corners: bound.iter().map(|b| mesh.tets()[b.0 as usize]).collect(),
            weights: bound.iter().map(|b| b.1).collect(),
            mesh_vertices: mesh.positions().len(),
            outside_mm_max: outside_mm.last().copied().unwrap_or(0.0),
            outside_mm_p95: at(0.95).unwrap_or(0.0),
        })
    }

    /// The same `surface` bound to the mesh after it was cut: `tets` are those there are now, `origin` says which of the
    /// first mesh each was, `places` are all vertices there are now, at rest; a cut may have moved some.
    ///
    /// A triangle that spans the cut goes with the side that most of its corners are on; for the others it gets vertices of
    /// its own, which come last. One of which a tetrahedron was taken away is left out.
    pub fn after_cut(
        &self,
        first: &[[u32; 4]],
        tets: &[[u32; 4]],
        origin: &[u32],
        places: &[Point],
        surface: &Surface,
    ) -> AfterCut {
        let mut now: Vec<Option<[u32; 4]>> = vec![None; first.len()];
        for (corners, origin) in tets.iter().zip(origin) {
            now[*origin as usize] = Some(*corners);
        }
        let shares = |a: &[u32; 4], b: &[u32; 4]| a.iter().any(|v| b.contains(v));
        let together = |a: u32, b: u32| {
            let (a, b) = (a as usize, b as usize);
            match (&now[a], &now[b]) {
                (Some(x), Some(y)) => a == b || shares(x, y) || !shares(&first[a], &first[b]),
                _ => false,
            }
        };
        let touches = |a: u32, b: u32| match (&now[a as usize], &now[b as usize]) {
            (Some(x), Some(y)) => a == b || shares(x, y),
            _ => false,
        };
        // For every triangle the tetrahedron it goes with, if it does not hold together.
        let side = |triangle: &[u32; 3]| -> Side {
            let own = triangle.map(|v| self.tets[v as usize]);
            if own.iter().any(|tet| now[*tet as usize].is_none()) {
                return Side::Gone;
            }
            let pairs = [(0, 1), (1, 2), (2, 0)];
            if pairs.iter().all(|(m, n)| together(own[*m], own[*n])) {
                return Side::Whole;
            }
            // The tetrahedron that hangs together with most of the others.
            let hangs = |m: usize| (0..3).filter(|n| touches(own[m], own[*n])).count();
            Side::With(own[(0..3).rev().max_by_key(|m| hangs(*m)).unwrap_or(0)])
        };
        let sides: Vec<Side> = surface.triangles().par_iter().with_min_len(1 << 12).map(side).collect();
        let corners: Vec<[u32; 4]> =
            self.tets.iter().zip(&self.corners).map(|(tet, old)| now[*tet as usize].unwrap_or(*old)).collect();
        let bind = |(((point, tet), corners), weights): (((&Point, &u32), &[u32; 4]), &[f64; 4])| {
            if now[*tet as usize].is_none() {
                return *weights;
            }
            let bound: Vector = corners.iter().zip(weights).map(|(v, w)| places[*v as usize].coords * *w).sum();
            if (point.coords - bound).norm() <= MOVED_MM {
                return *weights;
            }
            within(point, corners.map(|v| &places[v as usize]))
        };
        let weights =
            surface.positions().par_iter().zip(&self.tets).zip(&corners).zip(&self.weights).map(bind).collect();
        let mut after = Self { corners, weights, mesh_vertices: places.len(), ..self.clone() };
        let (mut positions, mut triangles) = (surface.positions().to_vec(), Vec::with_capacity(sides.len()));
        let mut copies: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for (triangle, side) in surface.triangles().iter().zip(sides) {
            match side {
                Side::Gone => {}
                Side::Whole => triangles.push(*triangle),
                Side::With(tet) => triangles.push(triangle.map(|v| {
                    if touches(self.tets[v as usize], tet) {
                        return v;
                    }
                    *copies.entry((v, tet)).or_insert_with(|| {
                        let point = surface.positions()[v as usize];
                        let own = now[tet as usize].unwrap_or(first[tet as usize]);
                        after.tets.push(tet);
                        after.corners.push(own);
                        after.weights.push(within(&point, own.map(|v| &places[v as usize])));
                        positions.push(point);
                        positions.len() as u32 - 1
                    })
                })),
            }
        }
        AfterCut { embedding: after, positions, triangles }
    }

    /// Values at the mesh vertices (numbers or vectors, one per vertex) interpolated to the surface vertices.
    ///
    /// # Panics
    /// If there is not one value per mesh vertex.
    pub fn interpolate<T>(&self, nodal: &[T]) -> Vec<T>
    where
        T: Copy + Send + Sync + Mul<f64, Output = T> + Add<Output = T>,
    {
        assert_eq!(nodal.len(), self.mesh_vertices, "one value per mesh vertex");
        let blend = |(corners, weights): (&[u32; 4], &[f64; 4])| {
            let [a, b, c, d] = [0, 1, 2, 3].map(|n| nodal[corners[n] as usize] * weights[n]);
            a + b + c + d
        };
        self.corners.par_iter().zip(&self.weights).map(blend).collect()
    }

    /// Values at the mesh vertices interpolated to the surface vertices, but never beyond the values of their tetrahedron:
    /// for stresses and other numbers that must not be extrapolated.
    ///
    /// # Panics
    /// If there is not one value per mesh vertex.
    pub fn interpolate_within(&self, nodal: &[f64]) -> Vec<f64> {
        let mut values = self.interpolate(nodal);
        values.par_iter_mut().zip(&self.corners).for_each(|(value, corners)| {
            let at = corners.map(|v| nodal[v as usize]);
            let low = at.into_iter().fold(f64::INFINITY, f64::min);
            *value = value.clamp(low, at.into_iter().fold(low, f64::max));
        });
        values
    }

    /// The surface displaced by `displacement_mm`, one vector per mesh vertex.
    ///
    /// # Errors
    /// [`SurfaceError`] if a displacement is not finite or `surface` is another one.
    ///
    /// # Panics
    /// If there is not one displacement per mesh vertex.
    pub fn displaced(&self, surface: &Surface, displacement_mm: &[Vector]) -> Result<Surface, SurfaceError> {
        let moved = self.interpolate(displacement_mm);
        let positions: Vec<Point> = surface.positions().iter().zip(&moved).map(|(p, u)| p + u).collect();
        surface.with_positions(positions)
    }
}

/// Barycentric coordinates of `point` in a tetrahedron of a mesh.
fn within(point: &Point, corners: [&Point; 4]) -> [f64; 4] {
    barycentric(point, corners).expect("tetrahedra of a mesh have positive volume")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::mesh::block::block;
    use nalgebra::Matrix3;

    #[test]
    fn after_a_cut_each_side_follows_its_own_tetrahedra_and_what_spans_it_comes_apart() {
        let mesh = block([2, 2, 2], [20.0; 3]);
        let (surface, _) = mesh.boundary();
        let embedding = Embedding::new(&surface, &mesh, &Progress::default()).unwrap();
        let same: Vec<u32> = (0..mesh.tets().len() as u32).collect();
        let count = mesh.positions().len();
        let as_before = embedding.after_cut(mesh.tets(), mesh.tets(), &same, mesh.positions(), &surface);
        assert!(as_before.embedding == embedding && as_before.triangles == surface.triangles());
        // Every tetrahedron beyond the middle gets vertices of its own.
        let beyond = |tet: &[u32; 4]| tet.iter().map(|v| mesh.positions()[*v as usize].x).sum::<f64>() > 40.0;
        let parted: Vec<[u32; 4]> =
            mesh.tets().iter().map(|tet| if beyond(tet) { tet.map(|v| v + count as u32) } else { *tet }).collect();
        let mut places = mesh.positions().repeat(2);
        let after = embedding.after_cut(mesh.tets(), &parted, &same, &places, &surface);
        let moved: Vec<f64> = (0..2 * count).map(|v| if v < count { 0.0 } else { 5.0 }).collect();
        let moved = after.embedding.interpolate(&moved);
        assert_eq!((after.triangles.len(), after.positions.len()), (surface.triangles().len(), moved.len()));
        for (triangle, first) in after.triangles.iter().zip(surface.triangles()) {
            let by = triangle.map(|v| moved[v as usize]);
            assert!((by[0] - by[1]).abs() + (by[1] - by[2]).abs() < 1e-9, "{by:?}: each goes with one side");
            let same = |(v, old): (&u32, &u32)| after.positions[*v as usize] == surface.positions()[*old as usize];
            assert!(triangle.iter().zip(first).all(same));
        }
        assert!(surface.positions().len() < moved.len(), "what spanned the cut has vertices of its own");
        assert!(moved.iter().any(|by| *by > 4.0) && moved.iter().any(|by| *by < 1.0));
        // What moved at rest is bound anew: the surface stays where it is, and an affine motion moves it exactly.
        let middle = (0..count).find(|v| *mesh.positions()[*v] == *Point::new(10.0, 10.0, 10.0)).unwrap();
        places[middle] += Vector::new(2.0, -1.0, 3.0);
        let bound = embedding.after_cut(mesh.tets(), &parted, &same, &places, &surface);
        let stretched: Vec<Vector> = places.iter().map(|p| Vector::new(p.y, 0.0, 2.0 * p.x)).collect();
        for (p, by) in bound.positions.iter().zip(bound.embedding.interpolate(&stretched)) {
            assert!((by - Vector::new(p.y, 0.0, 2.0 * p.x)).norm() < 1e-9, "{p} {by}");
        }
        // Taken away: what was bound to it goes.
        let gone = embedding.tets[0];
        let left: Vec<u32> = same.iter().copied().filter(|tet| *tet != gone).collect();
        let tets: Vec<[u32; 4]> = left.iter().map(|tet| mesh.tets()[*tet as usize]).collect();
        let after = embedding.after_cut(mesh.tets(), &tets, &left, mesh.positions(), &surface);
        assert!(!after.triangles.is_empty() && after.triangles.len() < surface.triangles().len());
    }

    #[test]
    fn an_affine_motion_moves_the_surface_exactly_inside_and_outside() {
        let mesh = block([3, 2, 4], [30.0, 20.0, 40.0]);
        let mut rng = Rng::new(5);
        let points: Vec<Point> = (0..300)
            .map(|_| Point::new(rng.between(-3.0, 33.0), rng.between(-3.0, 23.0), rng.between(-3.0, 43.0)))
            .collect();
        let surface = Surface::new(points, vec![[0, 1, 2]]).unwrap();
        let embedding = Embedding::new(&surface, &mesh, &Progress::default()).unwrap();
        assert!(1.0 < embedding.outside_mm_max && embedding.outside_mm_max < 3.0 * 3.0_f64.sqrt());
        let gradient = Matrix3::new(0.1, 0.3, 0.0, -0.2, 0.0, 0.1, 0.0, 0.05, -0.1);
        let move_by = |p: &Point| gradient * p.coords + Vector::new(1.0, 2.0, 3.0);
        let displacement: Vec<Vector> = mesh.positions().iter().map(move_by).collect();
        let after = embedding.displaced(&surface, &displacement).unwrap();
        for (before, after) in surface.positions().iter().zip(after.positions()) {
            assert!((after - before - move_by(before)).norm() < 1e-9);
        }
        let heights: Vec<f64> = mesh.positions().iter().map(|p| p.z).collect();
        assert!(embedding.interpolate_within(&heights).iter().all(|z| (0.0..=40.0).contains(z)));
    }
}
