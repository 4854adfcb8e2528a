//! Where the faces between materials cut the edges of the background, and which vertices move onto them.

use super::materials::{OUTSIDE, Scores};
use super::octree::Background;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::quality::shape;
use rayon::prelude::*;

/// How near to a vertex a cut of a long or a short edge must be, as a part of the edge, to pull the vertex onto the face
/// (Labelle and Shewchuk 2007, table 1: the pair with the best bound on dihedral angles).
const ALPHA_LONG: f64 = 0.24999;
const ALPHA_SHORT: f64 = 0.41189;
/// Least dihedral angle that moving a vertex may leave in a tetrahedron between two materials inside.
const ANGLE_DEG_MIN: f64 = 10.0;

/// A vertex on a face between materials: all of its neighbours may be of any material without a cut.
pub(super) const ANY: u8 = u8::MAX;

/// Vertices after moving, and the cuts of the edges that are left.
pub(super) struct Cuts {
    /// Places of the background's vertices; those of [`ANY`] material have moved.
    pub places: Vec<Point>,
    /// Materials, or [`ANY`].
    pub materials: Vec<u8>,
    /// Whether a vertex of [`ANY`] material lies on the outermost surface.
    pub outer: Vec<bool>,
    /// Cut edges (both ends, the smaller first), sorted.
    edges: Vec<[u32; 2]>,
    /// Their cuts.
    pub points: Vec<Point>,
}

/// Pairs of corners of a tetrahedron.
pub(super) const EDGES: [[usize; 2]; 6] = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];

impl Cuts {
    /// Find the cuts of all edges between two materials, and move the vertices that are too near to one.
    pub fn find(background: &Background, scores: &impl Scores, progress: &Progress) -> Result<Self, Cancelled> {
        let Background { at, places: rest, materials, tets, .. } = background;
        let is_mixed = |tet: &&[u32; 4]| tet.iter().any(|v| materials[*v as usize] != materials[tet[0] as usize]);
        let mixed: Vec<[u32; 4]> = tets.par_iter().filter(is_mixed).copied().collect();
        let mut edges: Vec<[u32; 2]> = mixed
            .par_iter()
            .flat_map_iter(|tet| EDGES.map(|[a, b]| [tet[a].min(tet[b]), tet[a].max(tet[b])]))
            .filter(|[a, b]| materials[*a as usize] != materials[*b as usize])
            .collect();
        edges.par_sort_unstable();
        edges.dedup();
        progress.check()?;
        let mut parts: Vec<f64> = edges
            .par_iter()
            .with_min_len(256)
            .map(|edge| {
                let [a, b] = edge.map(|v| rest[v as usize]);
                let [p, q] = edge.map(|v| materials[v as usize]);
                zero_between(|t| scores.difference(&(a + (b - a) * t), p, q))
            })
            .collect();
        progress.check()?;
        let mut cuts = Self {
            places: rest.clone(),
            materials: materials.clone(),
            outer: vec![false; rest.len()],
            points: Vec::new(),
            edges,
        };
        let ends: Vec<(u32, u32)> =
            cuts.edges.iter().enumerate().flat_map(|(n, edge)| edge.map(|v| (v, n as u32))).collect();
        let (cuts_first, cuts_of) = rows(rest.len(), ends);
        let corners = tets.iter().enumerate().flat_map(|(n, tet)| tet.map(|v| (v, n as u32)));
        let touched = |v: u32| cuts_first[v as usize] < cuts_first[v as usize + 1];
        let (tets_first, tets_of) = rows(rest.len(), corners.filter(|(v, _)| touched(*v)).collect());
        for v in 0..rest.len() {
            if v % 4096 == 0 {
                progress.check()?;
            }
            let own = &cuts_of[cuts_first[v] as usize..cuts_first[v + 1] as usize];
            let mut nearest: Option<(f64, u32)> = None;
            for n in own {
                let edge = cuts.edges[*n as usize];
                if edge.iter().any(|end| cuts.materials[*end as usize] == ANY) {
                    continue;
                }
                let from = if edge[0] as usize == v { parts[*n as usize] } else { 1.0 - parts[*n as usize] };
                let distance = from * (rest[edge[1] as usize] - rest[edge[0] as usize]).norm();
                if from < alpha(at, edge) && nearest.is_none_or(|(best, _)| distance < best) {
                    nearest = Some((distance, *n));
                }
            }
            let Some((_, n)) = nearest else { continue };
            let edge = cuts.edges[n as usize];
            let [a, b] = edge.map(|v| rest[v as usize]);
            let before = (cuts.places[v], cuts.materials[v]);
            cuts.places[v] = a + (b - a) * parts[n as usize];
            cuts.materials[v] = ANY;
            cuts.outer[v] = edge.iter().any(|end| materials[*end as usize] == OUTSIDE);
            let around = &tets_of[tets_first[v] as usize..tets_first[v + 1] as usize];
            if !around.iter().all(|tet| cuts.allows(tets[*tet as usize])) {
                (cuts.places[v], cuts.materials[v]) = before;
                cuts.outer[v] = false;
            }
        }
        // What could not be moved keeps its cuts at a distance.
        for (edge, part) in cuts.edges.iter().zip(&mut parts) {
            let alpha = alpha(at, *edge);
            *part = part.clamp(alpha, 1.0 - alpha);
        }
        let point = |(edge, part): (&[u32; 2], &f64)| {
            let [a, b] = edge.map(|v| rest[v as usize]);
            a + (b - a) * *part
        };
        cuts.points = cuts.edges.iter().zip(&parts).map(point).collect();
        Ok(cuts)
    }

    /// Whether all of a tetrahedron with at most outermost vertices and the outside is outside.
    pub fn is_outside(&self, tet: [u32; 4]) -> bool {
        tet.iter().all(|v| self.materials[*v as usize] == OUTSIDE || self.outer[*v as usize])
    }

    /// Whether a tetrahedron keeps its shape well enough for what the paper proves, or is not needed.
    fn allows(&self, tet: [u32; 4]) -> bool {
        if self.is_outside(tet) {
            return true;
        }
        let shape = shape(tet.map(|v| &self.places[v as usize]));
        0.0 < shape.volume_mm3_min && ANGLE_DEG_MIN < shape.dihedral_deg[0] && shape.dihedral_deg[1] < 165.0
    }

    /// The number of the cut of an edge between different materials.
    pub fn at(&self, a: u32, b: u32) -> usize {
        self.edges.binary_search(&[a.min(b), a.max(b)]).expect("edges between materials are cut")
    }
}

/// The limit on the edge's cuts: that of long edges for those along an axis, of short ones for those to a middle.
fn alpha(at: &[[i32; 3]], [a, b]: [u32; 2]) -> f64 {
    let (a, b) = (at[a as usize], at[b as usize]);
    if (0..3).filter(|axis| a[*axis] != b[*axis]).count() == 3 { ALPHA_SHORT } else { ALPHA_LONG }
}

/// The entries of pairs (row, entry) row by row: where every row begins, and all entries.
pub(super) fn rows(n_rows: usize, pairs: Vec<(u32, u32)>) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0_u32; n_rows + 1];
    pairs.iter().for_each(|(row, _)| first[*row as usize + 1] += 1);
    for n in 0..n_rows {
        first[n + 1] += first[n];
    }
    let mut next = first.clone();
    let mut entries = vec![0; pairs.len()];
    for (row, entry) in pairs {
        entries[next[row as usize] as usize] = entry;
        next[row as usize] += 1;
    }
    (first, entries)
}

/// A zero of `f` between 0 and 1: regula falsi (Illinois variant).
fn zero_between(f: impl Fn(f64) -> f64) -> f64 {
    let (mut t0, mut t1) = (0.0, 1.0);
    let (mut f0, mut f1) = (f(0.0), f(1.0));
    if f0 <= 0.0 || 0.0 <= f1 {
        return if f0 <= 0.0 { 0.0 } else { 1.0 };
    }
    let mut t = 0.5;
    for _ in 0..20 {
        t = (t0 * f1 - t1 * f0) / (f1 - f0);
        let value = f(t);
        if value.abs() < 1e-6 || f64::abs(t1 - t0) < 1e-6 {
            break;
        }
        if value * f1 < 0.0 {
            (t0, f0) = (t1, f1);
        } else {
            f0 *= 0.5;
        }
        (t1, f1) = (t, value);
    }
    t.clamp(0.0, 1.0)
}
