//! Vertices slide on the old surface to the middle of their neighbours.

use super::{BLOCK, Bvh, Creases, Edges, Kind, Patch};
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::Surface;
use crate::mesh::box_tree::BoxTree;
use rayon::prelude::*;

/// The old surface and its kept lines.
pub(super) struct Guide {
    surface: Bvh,
    lines: Vec<[Point; 2]>,
    tree: BoxTree,
}

impl Guide {
    pub fn new(surface: &Surface, edges: &Edges) -> Self {
        let kept = edges.list.iter().filter(|edge| edge.kept);
        let lines: Vec<[Point; 2]> = kept.map(|edge| edge.ends.map(|v| surface.positions()[v as usize])).collect();
        let boxes: Vec<Aabb> = lines.iter().map(|ends| Aabb::of(ends.iter())).collect();
        Self { surface: Bvh::new(surface), tree: BoxTree::new(&boxes), lines }
    }

    fn on_surface(&self, point: Point) -> Point {
        self.surface.closest(&point).map_or(point, |nearest| nearest.point)
    }

    fn on_line(&self, point: Point) -> Point {
        let near = |line: u32| on_segment(point, self.lines[line as usize]);
        let nearest = self.tree.nearest_from(&point, None, |line| (near(line) - point).norm_squared());
        nearest.map_or(point, |(line, _)| near(line))
    }
}

/// The point of a segment nearest to `point`.
fn on_segment(point: Point, [a, b]: [Point; 2]) -> Point {
    let way = b - a;
    let along = (point - a).dot(&way) / way.norm_squared().max(1e-300);
    a + way * along.clamp(0.0, 1.0)
}

/// One step for all vertices at once; where a triangle would turn over, its vertices stay.
pub(super) fn slide(patch: &mut Patch, creases: Creases, guide: &Guide, progress: &Progress) -> Result<(), Cancelled> {
    let edges = Edges::of(patch, creases, progress)?;
    let mut moved = patch.positions.clone();
    moved.par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, places)| {
        progress.check()?;
        for (n, place) in places.iter_mut().enumerate() {
            let v = (block * BLOCK + n) as u32;
            *place = match edges.kind(v) {
                Kind::Corner => *place,
                Kind::Line => {
                    let [one, other] = edges.on_lines[v as usize].map(|v| patch.positions[v as usize]);
                    guide.on_line(nalgebra::center(&one, &other))
                }
                Kind::Free => guide.on_surface(middle(patch, &edges, v)),
            };
        }
        Ok::<(), Cancelled>(())
    })?;
    // Those that turned go back with all their corners, until none is left: a step back may turn a neighbour.
    for _ in 0..8 {
        let turned = |corners: &&[u32; 3]| {
            let [a, b, c] = corners.map(|v| moved[v as usize]);
            let (before, after) = (patch.normal(**corners), (b - a).cross(&(c - a)));
            before.dot(&after) <= 0.3 * before.norm() * after.norm() && 1e-12 < before.norm()
        };
        let back: Vec<[u32; 3]> = patch.triangles.par_iter().filter(turned).copied().collect();
        if back.is_empty() {
            break;
        }
        back.as_flattened().iter().for_each(|v| moved[*v as usize] = patch.positions[*v as usize]);
    }
    patch.positions = moved;
    Ok(())
}

/// The middle of the triangles round a vertex, weighted by their areas, in its tangential plane.
fn middle(patch: &Patch, edges: &Edges, vertex: u32) -> Point {
    let at = patch.positions[vertex as usize];
    let (mut normal, mut sum, mut weight) = (Vector::zeros(), Vector::zeros(), 0.0);
    for t in edges.around(vertex) {
        let corners = patch.triangles[*t as usize];
        let across = patch.normal(corners);
        let centre = corners.iter().map(|v| patch.positions[*v as usize] - at).sum::<Vector>() / 3.0;
        normal += across;
        sum += centre * across.norm();
        weight += across.norm();
    }
    match (normal.try_normalize(1e-30), 0.0 < weight) {
        (Some(normal), true) => {
            let way = sum / weight;
            at + way - normal * normal.dot(&way)
        }
        _ => at,
    }
}
