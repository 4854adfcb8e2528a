//! The edges of a patch: their triangles, and which of them must stay.

use super::Patch;
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// No triangle.
pub(super) const NONE: u32 = u32::MAX;

/// An edge with the first two of its triangles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Its vertices, the smaller first.
    pub ends: [u32; 2],
    /// Its triangles; the second is [`NONE`] at a border.
    pub triangles: [u32; 2],
    /// Whether it is a crease, a border, or has more than two triangles.
    pub kept: bool,
    /// Whether more than two triangles meet here, or two that do not agree which side is outside.
    pub odd: bool,
}

/// How free a vertex is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// On the surface.
    Free,
    /// On a line of kept edges.
    Line,
    /// Where kept lines end or meet, or at an odd edge.
    Corner,
}

/// What counts as a crease.
#[derive(Debug, Clone, Copy)]
pub(super) struct Creases {
    /// The cosine of the angle by which the surface turns at least.
    pub cos: f64,
    /// A triangle of less height, mm, is a sliver; where it points says nothing of the surface.
    pub least_mm: f64,
}

/// All edges in the order of their vertices, the edges of every triangle, the triangles and the kind of every vertex.
pub(super) struct Edges {
    pub list: Vec<Edge>,
    /// Opposite edges are not meant: edge n of a triangle runs from corner n to the next.
    pub of_triangle: Vec<[u32; 3]>,
    pub kinds: Vec<Kind>,
    /// The neighbours of every vertex along kept edges, as far as there are two.
    pub on_lines: Vec<[u32; 2]>,
    /// Triangles round vertex v: `around[starts[v]..starts[v + 1]]`.
    starts: Vec<u32>,
    around: Vec<u32>,
}

impl Edges {
    pub fn of(patch: &Patch, creases: Creases, progress: &Progress) -> Result<Self, Cancelled> {
        let triangles = &patch.triangles;
        let sides = triangles.par_iter().enumerate().flat_map_iter(|(t, [a, b, c])| {
            [(*a, *b), (*b, *c), (*c, *a)]
                .into_iter()
                .enumerate()
                .map(move |(n, (from, to))| (from.min(to), from.max(to), 3 * t as u32 + n as u32))
        });
        let mut sides: Vec<(u32, u32, u32)> = sides.collect();
        progress.check()?;
        sides.par_sort_unstable();
        progress.check()?;
        let mut list = Vec::with_capacity(sides.len() / 2);
        let mut of_triangle = vec![[0; 3]; triangles.len()];
        for run in sides.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
            for (.., side) in run {
                of_triangle[*side as usize / 3][*side as usize % 3] = list.len() as u32;
            }
            let forward = |side: u32| triangles[side as usize / 3][side as usize % 3] == run[0].0;
            let odd = 2 < run.len() || run.len() == 2 && forward(run[0].2) == forward(run[1].2);
            let both = [run[0].2 / 3, run.get(1).map_or(NONE, |second| second.2 / 3)];
            list.push(Edge { ends: [run[0].0, run[0].1], triangles: both, kept: odd || both[1] == NONE, odd });
        }
        list.par_iter_mut().filter(|edge| !edge.kept).for_each(|edge| {
            let both = edge.triangles.map(|t| triangles[t as usize]);
            let [one, other] = both.map(|corners| patch.normal(corners));
            edge.kept = one.dot(&other) < creases.cos * one.norm() * other.norm()
                && both.into_iter().all(|corners| creases.least_mm < height(patch, corners));
        });
        progress.check()?;
        let mut lines = vec![0_u8; patch.positions.len()];
        for edge in list.iter().filter(|edge| edge.kept) {
            let more = if edge.odd { 3 } else { 1 };
            edge.ends.into_iter().for_each(|v| lines[v as usize] = lines[v as usize].saturating_add(more));
        }
        let mut kinds: Vec<Kind> = lines
            .into_iter()
            .map(|count| match count {
                0 => Kind::Free,
                2 => Kind::Line,
                _ => Kind::Corner,
            })
            .collect();
        let on_lines = on_lines(&list, patch.positions.len());
        for (v, (kind, others)) in kinds.iter_mut().zip(&on_lines).enumerate().filter(|(_, (k, _))| **k == Kind::Line) {
            // A line that turns as sharply as a crease has a corner there.
            let [one, other] = others.map(|other| patch.positions[other as usize] - patch.positions[v]);
            if -creases.cos * one.norm() * other.norm() < one.dot(&other) {
                *kind = Kind::Corner;
            }
        }
        progress.check()?;
        let mut starts = vec![0_u32; patch.positions.len() + 1];
        triangles.as_flattened().iter().for_each(|v| starts[*v as usize + 1] += 1);
        for v in 1..starts.len() {
            starts[v] += starts[v - 1];
        }
        let (mut around, mut next) = (vec![0; 3 * triangles.len()], starts.clone());
        for (t, corners) in triangles.iter().enumerate() {
            for v in corners {
                around[next[*v as usize] as usize] = t as u32;
                next[*v as usize] += 1;
            }
        }
        Ok(Self { list, of_triangle, kinds, on_lines, starts, around })
    }

    /// The triangles round a vertex, in increasing order.
    #[inline]
    pub fn around(&self, vertex: u32) -> &[u32] {
        &self.around[self.starts[vertex as usize] as usize..self.starts[vertex as usize + 1] as usize]
    }

    pub fn kind(&self, vertex: u32) -> Kind {
        self.kinds[vertex as usize]
    }

    /// The vertices that share a triangle with `vertex`, in increasing order.
    pub fn ring(&self, patch: &Patch, vertex: u32) -> Vec<u32> {
        let corners = self.around(vertex).iter().flat_map(|t| patch.triangles[*t as usize]);
        let mut ring: Vec<u32> = corners.filter(|v| *v != vertex).collect();
        ring.sort_unstable();
        ring.dedup();
        ring
    }
}

/// The height of a triangle over its longest edge.
fn height(patch: &Patch, corners: [u32; 3]) -> f64 {
    let [a, b, c] = corners;
    let longest = patch.length(a, b).max(patch.length(b, c)).max(patch.length(c, a));
    patch.normal(corners).norm() / longest.max(1e-300)
}

fn on_lines(edges: &[Edge], vertices: usize) -> Vec<[u32; 2]> {
    let mut on_lines = vec![[NONE; 2]; vertices];
    for edge in edges.iter().filter(|edge| edge.kept) {
        let [a, b] = edge.ends;
        for (v, other) in [(a, b), (b, a)] {
            let slots = &mut on_lines[v as usize];
            slots[usize::from(slots[0] != NONE)] = other;
        }
    }
    on_lines
}
