//! Shortest paths on a surface.
//!
//! Dijkstra's algorithm over the vertices and places between them on every edge gives a path that is nearly the shortest;
//! then the path is let slide: each of its points moves along the edge it crosses to where the two pieces beside it are
//! shortest together, again and again, until nothing moves. On a fine mesh what remains is far below the mesh's own
//! distance from the organ.

use super::{Surface, SurfacePoint};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use std::collections::{BTreeMap, BinaryHeap};

mod slide;
#[cfg(test)]
mod tests;

/// Places on an edge beside its ends.
const BETWEEN: usize = 3;

/// Why there is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The two places lie on pieces that do not touch.
    #[error("the two places lie on parts of the surface that do not touch; put both on one part")]
    Apart,
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A surface prepared for paths on it.
#[derive(Debug, Clone)]
pub struct Paths {
    surface: Surface,
    /// The two vertices of every edge, the smaller first.
    edges: Vec<[u32; 2]>,
    /// The edges of every triangle: opposite its first, second and third corner.
    of_triangle: Vec<[u32; 3]>,
    /// The triangles at every vertex, in compressed rows.
    starts: Vec<u32>,
    at_vertex: Vec<u32>,
    /// The triangles of every edge.
    of_edge: Vec<Vec<u32>>,
}

/// A place that a path may go through.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// A vertex.
    Vertex(u32),
    /// On an edge, `part` of the way from its smaller vertex.
    Edge(u32, f64),
    /// One of the two ends, inside a triangle.
    End(Point),
}

/// The nearest first; of equal ones the one with the smaller number.
#[derive(PartialEq)]
struct Reached(f64, usize);

impl Eq for Reached {}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Paths {
    /// Prepare `surface`.
    pub fn new(surface: &Surface) -> Self {
        let count = surface.positions().len();
        let mut known = BTreeMap::new();
        let (mut edges, mut of_edge) = (Vec::new(), Vec::new());
        let mut of_triangle = Vec::with_capacity(surface.triangles().len());
        let mut starts = vec![0_u32; count + 1];
        for (n, [a, b, c]) in surface.triangles().iter().copied().enumerate() {
            of_triangle.push([[b, c], [c, a], [a, b]].map(|[from, to]: [u32; 2]| {
                let ends = [from.min(to), from.max(to)];
                let edge = *known.entry(ends).or_insert_with(|| {
                    edges.push(ends);
                    of_edge.push(Vec::new());
                    edges.len() as u32 - 1
                });
                of_edge[edge as usize].push(n as u32);
                edge
            }));
            [a, b, c].iter().for_each(|vertex| starts[*vertex as usize + 1] += 1);
        }
        for vertex in 0..count {
            starts[vertex + 1] += starts[vertex];
        }
        let mut fill = starts.clone();
        let mut at_vertex = vec![0; starts[count] as usize];
        for (n, corners) in surface.triangles().iter().enumerate() {
            for vertex in corners {
                at_vertex[fill[*vertex as usize] as usize] = n as u32;
                fill[*vertex as usize] += 1;
            }
        }
        Self { surface: surface.clone(), edges, of_triangle, starts, at_vertex, of_edge }
    }

    fn node(&self, place: Place) -> usize {
        match place {
            Place::Vertex(vertex) => vertex as usize,
            Place::Edge(edge, part) => {
                let step = (part * (BETWEEN + 1) as f64).round() as usize - 1;
                self.surface.positions().len() + edge as usize * BETWEEN + step
            }
            Place::End(_) => self.surface.positions().len() + self.edges.len() * BETWEEN,
        }
    }

    fn place(&self, node: usize) -> Place {
        let vertices = self.surface.positions().len();
        if node < vertices {
            return Place::Vertex(node as u32);
        }
        let (edge, step) = ((node - vertices) / BETWEEN, (node - vertices) % BETWEEN);
        Place::Edge(edge as u32, (step + 1) as f64 / (BETWEEN + 1) as f64)
    }

    fn point(&self, place: Place) -> Point {
        let p = self.surface.positions();
        match place {
            Place::Vertex(vertex) => p[vertex as usize],
            Place::Edge(edge, part) => {
                let [a, b] = self.edges[edge as usize].map(|vertex| p[vertex as usize]);
                a + (b - a) * part
            }
            Place::End(point) => point,
        }
    }

    /// The triangles a place lies on.
    fn triangles(&self, place: Place) -> &[u32] {
        match place {
            Place::Vertex(vertex) => {
                let vertex = vertex as usize;
                &self.at_vertex[self.starts[vertex] as usize..self.starts[vertex + 1] as usize]
            }
            Place::Edge(edge, _) => &self.of_edge[edge as usize],
            Place::End(_) => &[],
        }
    }

    /// All nodes on the border of a triangle.
    fn around(&self, triangle: u32) -> impl Iterator<Item = usize> + '_ {
        let vertices = self.surface.positions().len();
        let corners = self.surface.triangles()[triangle as usize].map(|vertex| vertex as usize);
        let edges = self.of_triangle[triangle as usize];
        let on = move |edge: u32| (0..BETWEEN).map(move |step| vertices + edge as usize * BETWEEN + step);
        corners.into_iter().chain(edges.into_iter().flat_map(on))
    }

    /// The shortest path on the surface between two of its places; both ends are its first and last point.
    ///
    /// # Errors
    /// [`PathError`] if no path joins them, or `progress` was cancelled.
    pub fn between(
        &self,
        from: &SurfacePoint,
        to: &SurfacePoint,
        progress: &Progress,
    ) -> Result<Vec<Point>, PathError> {
        if from.triangle == to.triangle {
            return Ok(vec![from.point, to.point]);
        }
        let mut way = vec![Place::End(from.point)];
        way.extend(self.first(from, to, progress)?);
        way.push(Place::End(to.point));
        self.slide(&mut way, progress)?;
        let mut points: Vec<Point> = way.iter().map(|place| self.point(*place)).collect();
        points.dedup_by(|a, b| (*a - *b).norm() < 1e-9);
        if points.len() == 1 {
            points.push(to.point);
        }
        Ok(points)
    }

    /// The places a nearly shortest path goes through, by Dijkstra's algorithm.
    fn first(&self, from: &SurfacePoint, to: &SurfacePoint, progress: &Progress) -> Result<Vec<Place>, PathError> {
        let end = self.node(Place::End(to.point));
        let mut way_mm = vec![f64::INFINITY; end + 1];
        let mut before = vec![usize::MAX; end + 1];
        let mut queue = BinaryHeap::new();
        let is_last: Vec<usize> = self.around(to.triangle as u32).collect();
        for node in self.around(from.triangle as u32) {
            way_mm[node] = (self.point(self.place(node)) - from.point).norm();
            queue.push(Reached(way_mm[node], node));
        }
        let mut seen = 0_usize;
        while let Some(Reached(mm, node)) = queue.pop() {
            if node == end {
                break;
            }
            if way_mm[node] < mm {
                continue;
            }
            seen += 1;
            if seen.is_multiple_of(4096) {
                progress.check()?;
            }
            let (place, here) = (self.place(node), self.point(self.place(node)));
            let mut reach = |next: usize, at: Point| {
                let total = mm + (at - here).norm();
                if total < way_mm[next] {
                    (way_mm[next], before[next]) = (total, node);
                    queue.push(Reached(total, next));
                }
            };
            for triangle in self.triangles(place) {
                self.around(*triangle)
                    .filter(|next| *next != node)
                    .for_each(|next| reach(next, self.point(self.place(next))));
            }
            if is_last.contains(&node) {
                reach(end, to.point);
            }
        }
        if way_mm[end].is_infinite() {
            return Err(PathError::Apart);
        }
        let mut way = Vec::new();
        let mut node = before[end];
        while node != usize::MAX {
            way.push(self.place(node));
            node = before[node];
        }
        way.reverse();
        Ok(way)
    }
}
