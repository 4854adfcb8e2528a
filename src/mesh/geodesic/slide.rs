//! A path that is nearly the shortest slides to where it is: along the edges it crosses, and around the vertices it goes
//! through.

use super::{PathError, Paths, Place};
use crate::base::Progress;
use crate::geom::Point;
use crate::mesh::bvh::closest_on_triangle;

/// Rounds in which the path may slide.
const ROUNDS: usize = 400;
/// A path whose length changes by less than this part of itself in a round has come to rest.
const REST: f64 = 1e-9;

impl Paths {
    /// Let the path slide to where it is shortest.
    pub(super) fn slide(&self, way: &mut Vec<Place>, progress: &Progress) -> Result<(), PathError> {
        let length = |way: &[Place]| -> f64 {
            way.windows(2).map(|pair| (self.point(pair[1]) - self.point(pair[0])).norm()).sum()
        };
        let (mut was, mut best) = (length(way), way.clone());
        let mut least = was;
        for _ in 0..ROUNDS {
            progress.check()?;
            self.round_corners(way);
            for n in 1..way.len() - 1 {
                let [a, b] = [n - 1, n + 1].map(|n| self.point(way[n]));
                if let Place::Edge(edge, _) = way[n] {
                    way[n] = Place::Edge(edge, self.best(edge, a, b));
                }
            }
            let now = length(way);
            if now < least {
                (least, best) = (now, way.clone());
            }
            // Going around a corner may lengthen it for a round.
            if (was - now).abs() <= REST * now {
                break;
            }
            was = now;
        }
        *way = best;
        Ok(())
    }

    /// Where the way from `a` to `b` over an edge is shortest: the triangles beside it unfolded, it is a straight line.
    fn best(&self, edge: u32, a: Point, b: Point) -> f64 {
        let [start, end] = self.edges[edge as usize].map(|vertex| self.surface.positions()[vertex as usize]);
        let along = end - start;
        let length = along.norm();
        if length < 1e-12 {
            return 0.0;
        }
        let along = along / length;
        let on = |point: Point| {
            let from = point - start;
            let x = from.dot(&along);
            [x, (from - along * x).norm()]
        };
        let ([ax, ay], [bx, by]) = (on(a), on(b));
        let x = if ay + by < 1e-12 { 0.5 * (ax + bx) } else { ax + (bx - ax) * ay / (ay + by) };
        (x / length).clamp(0.0, 1.0)
    }

    /// Where the path goes through a vertex, let it go around on the side where that is shorter: over the edges between
    /// its neighbours in the path.
    fn round_corners(&self, way: &mut Vec<Place>) {
        let mut n = 1;
        while n + 1 < way.len() {
            let vertex = match way[n] {
                Place::Vertex(vertex) => Some(vertex),
                Place::Edge(edge, part) if part <= 1e-9 => Some(self.edges[edge as usize][0]),
                Place::Edge(edge, part) if 1.0 - 1e-9 <= part => Some(self.edges[edge as usize][1]),
                _ => None,
            };
            if let Some(vertex) = vertex
                && let Some(around) = self.around_vertex(vertex, way[n - 1], way[n + 1])
            {
                let count = around.len();
                way.splice(n..=n, around);
                n += count;
                continue;
            }
            n += 1;
        }
    }

    /// The edges at `vertex` that a path from `a` to `b` crosses beside it, on the side where the angle is below 180°.
    fn around_vertex(&self, vertex: u32, a: Place, b: Place) -> Option<Vec<Place>> {
        let from = self.sharing(vertex, a)?;
        let to = self.sharing(vertex, b)?;
        if from.iter().any(|triangle| to.contains(triangle)) {
            // A straight way inside one triangle.
            return Some(Vec::new());
        }
        let centre = self.surface.positions()[vertex as usize];
        let mut found: Option<(f64, Vec<u32>)> = None;
        for start in &from {
            for spoke in self.spokes(vertex, *start) {
                let mut angle = self.angle(centre, self.point(a), self.far(vertex, spoke));
                let (mut at, mut crossed, mut edge) = (*start, vec![spoke], spoke);
                while let Some(next) = self.beyond(edge, at) {
                    at = next;
                    if to.contains(&at) {
                        angle += self.angle(centre, self.far(vertex, edge), self.point(b));
                        if angle < std::f64::consts::PI - 1e-9 && found.as_ref().is_none_or(|(least, _)| angle < *least)
                        {
                            found = Some((angle, crossed));
                        }
                        break;
                    }
                    let other = self.spokes(vertex, at).into_iter().find(|other| *other != edge);
                    let Some(other) = other.filter(|_| crossed.len() < 64) else { break };
                    angle += self.angle(centre, self.far(vertex, edge), self.far(vertex, other));
                    crossed.push(other);
                    edge = other;
                }
            }
        }
        let (_, crossed) = found?;
        let (ends, mut way) = ([self.point(a), self.point(b)], Vec::new());
        for edge in crossed {
            let part = self.best(edge, ends[0], ends[1]);
            // Off the vertex, or it would stay there.
            let low = self.edges[edge as usize][0] == vertex;
            way.push(Place::Edge(edge, if low { part.max(0.05) } else { part.min(0.95) }));
        }
        Some(way)
    }

    /// The triangles at `vertex` that `place` lies on; an end lies on the one that holds it.
    fn sharing(&self, vertex: u32, place: Place) -> Option<Vec<u32>> {
        let at = self.triangles(Place::Vertex(vertex));
        let found: Vec<u32> = match place {
            Place::End(point) => at.iter().copied().filter(|triangle| self.holds(*triangle, &point)).collect(),
            _ => at.iter().copied().filter(|triangle| self.triangles(place).contains(triangle)).collect(),
        };
        (!found.is_empty()).then_some(found)
    }

    fn holds(&self, triangle: u32, point: &Point) -> bool {
        let corners = self.surface.corners(self.surface.triangles()[triangle as usize]);
        let (near, _) = closest_on_triangle(point, corners);
        (near - point).norm() < 1e-6
    }

    /// The two edges of a triangle that end at `vertex`.
    fn spokes(&self, vertex: u32, triangle: u32) -> Vec<u32> {
        let edges = self.of_triangle[triangle as usize];
        edges.into_iter().filter(|edge| self.edges[*edge as usize].contains(&vertex)).collect()
    }

    /// The other end of an edge at `vertex`.
    fn far(&self, vertex: u32, edge: u32) -> Point {
        let [a, b] = self.edges[edge as usize];
        self.surface.positions()[if a == vertex { b } else { a } as usize]
    }

    /// The triangle on the other side of an edge; none at a border, and none where more than two meet.
    fn beyond(&self, edge: u32, triangle: u32) -> Option<u32> {
        match self.of_edge[edge as usize][..] {
            [a, b] => Some(if a == triangle { b } else { a }),
            _ => None,
        }
    }

    fn angle(&self, centre: Point, a: Point, b: Point) -> f64 {
        let (a, b) = (a - centre, b - centre);
        a.cross(&b).norm().atan2(a.dot(&b))
    }
}
