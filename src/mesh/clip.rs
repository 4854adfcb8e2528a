//! Surfaces cut by a plane, with a lid over the cut.

use super::Surface;
use crate::base::{Cancelled, Progress};
use crate::geom::{Plane, Point};
use spade::{ConstrainedDelaunayTriangulation, HasPosition, Point2, Triangulation};
use std::collections::{BTreeMap, HashMap};

/// Why a surface was not cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Nothing lies on the side that is kept.
    #[error("nothing of the surface lies on the side of the plane that is kept; move the plane or keep the other side")]
    Nothing,
}

/// The part of `surface` on the positive side of `plane`; with `cap`, closed by a flat lid where it was closed before.
///
/// The lid is the constrained Delaunay triangulation of the cut (inside where a line crosses the cut an odd number of times),
/// so holes in the cut, as of a vessel's wall, stay open. Where the surface itself has a hole at the plane, no lid closes it.
///
/// # Errors
/// [`ClipError`] if nothing is left, or `progress` was cancelled.
pub fn clip(surface: &Surface, plane: &Plane, cap: bool, progress: &Progress) -> Result<Surface, ClipError> {
    progress.set(0.0)?;
    let heights: Vec<f64> = surface.positions().iter().map(|p| plane.distance_mm(p)).collect();
    let mut cut = Cut { heights: &heights, positions: surface.positions().to_vec(), on_edge: HashMap::new() };
    let mut kept = Vec::with_capacity(surface.triangles().len());
    // Every triangle that the plane passes leaves a line that a lid must run along the other way.
    let mut rim: BTreeMap<[u32; 2], i32> = BTreeMap::new();
    for triangle in surface.triangles() {
        let below = triangle.map(|v| heights[v as usize] < 0.0);
        if below == [false; 3] {
            kept.push(*triangle);
        } else if below != [true; 3] {
            let (polygon, [leaves, enters]) = cut.triangle(*triangle, below);
            let fans = (1..polygon.len().saturating_sub(1)).map(|n| [polygon[0], polygon[n], polygon[n + 1]]);
            kept.extend(fans.filter(|[a, b, c]| a != b && b != c && c != a));
            if leaves != enters {
                let (key, way) = if enters < leaves { ([enters, leaves], 1) } else { ([leaves, enters], -1) };
                *rim.entry(key).or_insert(0) += way;
            }
        }
    }
    if kept.is_empty() {
        return Err(ClipError::Nothing);
    }
    progress.set(0.5)?;
    if cap {
        let lines: Vec<[u32; 2]> = rim.into_iter().filter(|(_, way)| *way != 0).map(|(line, _)| line).collect();
        kept.extend(lid(&cut.positions, &lines, plane));
    }
    progress.set(1.0)?;
    let all = Surface::new(cut.positions, kept.clone()).expect("points between finite points are finite");
    Ok(all.with_triangles(&kept))
}

/// Triangles cut where a height given at their corners is 0.
pub(super) struct Cut<'a> {
    pub heights: &'a [f64],
    pub positions: Vec<Point>,
    /// The vertex where an edge, given by its smaller end first, meets the plane.
    pub on_edge: HashMap<[u32; 2], u32>,
}

impl Cut<'_> {
    /// What is left of a triangle with corners on both sides, and where its border leaves and enters the upper side.
    pub(super) fn triangle(&mut self, triangle: [u32; 3], below: [bool; 3]) -> (Vec<u32>, [u32; 2]) {
        let mut polygon: Vec<u32> = Vec::with_capacity(4);
        let mut ends = [0; 2];
        for n in 0..3 {
            let next = (n + 1) % 3;
            if !below[n] {
                polygon.push(triangle[n]);
            }
            if below[n] != below[next] {
                let vertex = self.vertex(triangle[n], triangle[next]);
                ends[usize::from(below[n])] = vertex;
                polygon.push(vertex);
            }
        }
        polygon.dedup();
        if 1 < polygon.len() && polygon.first() == polygon.last() {
            polygon.pop();
        }
        (polygon, ends)
    }

    /// The vertex in the plane between two corners; a corner that lies in the plane itself.
    fn vertex(&mut self, a: u32, b: u32) -> u32 {
        let [p, q] = if a < b { [a, b] } else { [b, a] };
        let (hp, hq) = (self.heights[p as usize], self.heights[q as usize]);
        if hp == 0.0 || hq == 0.0 {
            return if hp == 0.0 { p } else { q };
        }
        *self.on_edge.entry([p, q]).or_insert_with(|| {
            let (from, to) = (self.positions[p as usize], self.positions[q as usize]);
            self.positions.push(from + (to - from) * (hp / (hp - hq)));
            self.positions.len() as u32 - 1
        })
    }
}

/// A vertex of the cut in the coordinates of the plane.
struct InPlane {
    place: Point2<f64>,
    vertex: u32,
}

impl HasPosition for InPlane {
    type Scalar = f64;

    fn position(&self) -> Point2<f64> {
        self.place
    }
}

/// Triangles over what `lines` enclose, seen from below the plane.
pub(super) fn lid(positions: &[Point], lines: &[[u32; 2]], plane: &Plane) -> Vec<[u32; 3]> {
    let [u, v] = plane.across();
    let mut triangulation = ConstrainedDelaunayTriangulation::<InPlane>::new();
    let mut handles = BTreeMap::new();
    for vertex in lines.as_flattened() {
        let way = positions[*vertex as usize] - plane.point;
        // Numbers too small to square are refused by the triangulation.
        let flat = |x: f64| if x.abs() < 1e-12 { 0.0 } else { x };
        let place = Point2::new(flat(way.dot(&u)), flat(way.dot(&v)));
        if let std::collections::btree_map::Entry::Vacant(entry) = handles.entry(*vertex)
            && let Ok(handle) = triangulation.insert(InPlane { place, vertex: *vertex })
        {
            entry.insert(handle);
        }
    }
    for [a, b] in lines {
        if let (Some(a), Some(b)) = (handles.get(a), handles.get(b))
            && a != b
            && triangulation.can_add_constraint(*a, *b)
        {
            triangulation.add_constraint(*a, *b);
        }
    }
    // From the outside inwards: every line on the way changes sides.
    let mut inside: Vec<Option<bool>> = vec![None; triangulation.num_all_faces()];
    let mut open: Vec<_> = Vec::new();
    for edge in triangulation.convex_hull() {
        let edge = if edge.face().is_outer() { edge.rev() } else { edge };
        open.push((edge.face().fix(), edge.is_constraint_edge()));
    }
    let mut triangles = Vec::new();
    while let Some((face, within)) = open.pop() {
        let Some(inner) = triangulation.face(face).as_inner() else { continue };
        if inside[face.index()].is_some() {
            continue;
        }
        inside[face.index()] = Some(within);
        if within {
            let [a, b, c] = inner.vertices().map(|vertex| vertex.data().vertex);
            triangles.push([a, c, b]);
        }
        for edge in inner.adjacent_edges() {
            open.push((edge.rev().face().fix(), within != edge.is_constraint_edge()));
        }
    }
    triangles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::mesh::shapes::{ball, cuboid, torus};

    #[test]
    fn halves_are_closed_and_add_up() {
        let planes = [[1.0, 0.0, 0.0], [0.3, -0.5, 0.8], [0.0, 0.0, -1.0]];
        for surface in [ball(10.0, 1.0), torus(20.0, 5.0, 1.0)] {
            for normal in planes {
                let plane = Plane::new(Point::new(0.7, -0.4, 1.1), Vector::from(normal)).unwrap();
                let other = Plane::new(plane.point, -plane.normal()).unwrap();
                let [upper, lower] = [plane, other].map(|p| clip(&surface, &p, true, &Progress::default()).unwrap());
                assert_eq!((upper.open_edges(), lower.open_edges()), (0, 0), "{normal:?}");
                let sum = upper.volume_ml() + lower.volume_ml();
                assert!((sum / surface.volume_ml() - 1.0).abs() < 1e-9, "{sum} against {} ml", surface.volume_ml());
            }
        }
    }

    #[test]
    fn planes_through_corners_and_faces_leave_closed_bodies() {
        let cube = cuboid([4.0; 3]);
        for (point, normal, exact) in [
            ([2.0, 2.0, 2.0], [1.0, 1.0, 0.0], 0.032),
            ([2.0, 2.0, 2.0], [1.0, -1.0, 0.0], 0.032),
            ([0.0, 0.0, 0.0], [0.0, 0.0, 1.0], 0.064),
            ([0.0, 0.0, 1.0], [0.0, 0.0, 1.0], 0.048),
            ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], 0.064),
        ] {
            let plane = Plane::new(Point::from(point), Vector::from(normal)).unwrap();
            let half = clip(&cube, &plane, true, &Progress::default()).unwrap();
            assert_eq!(half.open_edges(), 0, "{point:?} {normal:?}");
            assert!((half.volume_ml() - exact).abs() < 1e-12, "{point:?} {normal:?}: {} ml", half.volume_ml());
        }
        let beyond = Plane::new(Point::new(0.0, 0.0, 5.0), Vector::z()).unwrap();
        assert_eq!(clip(&cube, &beyond, true, &Progress::default()), Err(ClipError::Nothing));
    }

    #[test]
    fn without_a_lid_the_cut_stays_open() {
        let plane = Plane::new(Point::origin(), Vector::z()).unwrap();
        assert!(0 < clip(&ball(5.0, 1.0), &plane, false, &Progress::default()).unwrap().open_edges());
    }
}
