//! Taking tissue apart and away between two frames: volume and mass are kept to the last bit, and what follows from the
//! mesh is built anew in time proportional to it.
//!
//! The cut runs along the faces of tetrahedra that are nearest to the blade's sheet (Wu, Westermann and Dick 2015,
//! Comput Graph Forum 34:161, section 4.1): no new tetrahedra, hence no slivers. Their vertices move onto the sheet as far
//! as shapes allow ([`super::snap`]), all but those of the outside: there the window shows a finer surface.

use super::body::Body;
use super::snap::tree;
use super::topology::{Topology, neighbour_across};
use crate::biomech::bed::BedSpring;
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::TetMesh;
use crate::mesh::tet_mesh::FACES;
use rayon::prelude::*;

/// Sheets of more triangles are searched by a tree.
const FEW: usize = 64;

/// What becomes of parts that nothing holds any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loose {
    /// They live on and fall.
    #[default]
    Falls,
    /// They stay where they are.
    Stays,
    /// They are taken away.
    Removed,
}

/// What a cut or removal did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cut {
    /// Faces between two tetrahedra that were opened.
    pub faces: usize,
    /// Vertices that were doubled; the copies come last.
    pub copies: usize,
    /// Tetrahedra that were taken away.
    pub removed: usize,
    /// Their volume at rest, ml.
    pub removed_ml: f64,
    /// Parts that nothing holds, afterwards; those that stay or were removed do not count.
    pub loose: usize,
    /// Parts that nothing holds and that stay where they are.
    pub stayed: usize,
}

impl Body {
    /// Take tetrahedra away (ablation, suction); numbers out of range are ignored. Nothing happens where all would go.
    pub fn remove_elements(&mut self, tets: &[u32], loose: Loose) -> Cut {
        let mut gone = vec![false; self.tets.len()];
        tets.iter().filter_map(|tet| gone.get_mut(*tet as usize).map(|gone| *gone = true)).for_each(drop);
        let mut cut = Cut::default();
        if gone.iter().all(|gone| *gone) || gone.iter().all(|gone| !gone) {
            return cut;
        }
        let before = self.origin.clone();
        self.drop_marked(&gone, &mut cut);
        self.rebuild();
        self.settle_loose(loose, &mut cut);
        self.find_needle(&before);
        cut
    }

    /// Cut along a sheet of triangles in mm, where the body is now: what the blade swept in a frame.
    ///
    /// Two neighbours are parted if the line between their centres crosses a triangle. A vertex is doubled where the
    /// tetrahedra around it fall apart; at the end of the sheet they do not.
    pub fn cut(&mut self, sheet: &[[Point; 3]], loose: Loose) -> Cut {
        let mut cut = Cut::default();
        let opened = self.crossed_faces(sheet);
        cut.faces = opened.len();
        if opened.is_empty() {
            return cut;
        }
        let moved = self.snap(&opened, sheet);
        let (before, count) = (self.origin.clone(), self.rest.len());
        cut.copies = self.part(&opened);
        if cut.copies == 0 {
            self.unsnap(&moved);
        }
        self.rejoin(&opened, count);
        self.settle_loose(loose, &mut cut);
        self.find_needle(&before);
        cut
    }

    /// The tetrahedra at rest as a mesh: copies of cuts included, vertices without tetrahedra left out, the others in the
    /// same order.
    pub fn rest_mesh(&self) -> TetMesh {
        self.rest_mesh_and_vertices().0
    }

    /// As [`Self::rest_mesh`], with the number that each of its vertices has here.
    pub fn rest_mesh_and_vertices(&self) -> (TetMesh, Vec<u32>) {
        let mut used = vec![false; self.rest.len()];
        self.tets.as_flattened().iter().for_each(|v| used[*v as usize] = true);
        let kept: Vec<u32> = (0..used.len() as u32).filter(|v| used[*v as usize]).collect();
        let mut number = vec![0_u32; used.len()];
        (0..).zip(&kept).for_each(|(n, v)| number[*v as usize] = n);
        let positions = kept.iter().map(|v| self.rest_mm[*v as usize]).collect();
        let tets = self.tets.iter().map(|tet| tet.map(|v| number[v as usize])).collect();
        let mesh = TetMesh::new(positions, tets, self.regions.clone()).expect("cuts keep every tetrahedron as it was");
        (mesh, kept)
    }

    /// Pairs of neighbours whose centres lie on different sides of a triangle, the smaller number first, ascending.
    fn crossed_faces(&self, sheet: &[[Point; 3]]) -> Vec<(u32, u32)> {
        let centre = |tet: u32| -> Vector {
            self.tets[tet as usize].iter().map(|v| self.places[*v as usize].coords).sum::<Vector>() / 4.0
        };
        let good = |triangle: &&[Point; 3]| triangle.iter().flat_map(|p| p.iter()).all(|x| x.is_finite());
        // A planned surface has thousands of triangles, of which few are near.
        let planned = if FEW < sheet.len() { tree(sheet) } else { None };
        let is_crossed = |own: &Vector, there: &Vector| match &planned {
            None => sheet.iter().filter(good).any(|triangle| crosses(own, there, triangle)),
            Some(tree) => {
                let surface = tree.surface();
                let mut found = false;
                tree.meeting(&Aabb::of(&[Point::from(*own), Point::from(*there)]), |n| {
                    found |= crosses(own, there, &surface.corners(surface.triangles()[n]).map(|corner| *corner));
                });
                found
            }
        };
        let mut low = Vector::repeat(f64::INFINITY);
        let mut high = -low;
        for point in sheet.iter().filter(good).flatten() {
            (low, high) = (low.inf(&point.coords), high.sup(&point.coords));
        }
        let of_tet = |tet: u32| {
            let mut opened = Vec::new();
            let corners = self.tets[tet as usize].map(|v| self.places[v as usize].coords);
            let own = centre(tet);
            let reach = 2.0 * corners.iter().map(|corner| (corner - own).norm()).fold(0.0, f64::max);
            if (0..3).any(|i| own[i] + reach < low[i] || high[i] < own[i] - reach) {
                return opened;
            }
            for (_, face) in FACES.into_iter().enumerate().filter(|(n, _)| self.outer[tet as usize] & (1 << *n) == 0) {
                let face = face.map(|corner| self.tets[tet as usize][corner]);
                let other = neighbour_across(&self.topology, &self.tets, tet, face).filter(|other| tet < *other);
                let Some(other) = other else { continue };
                let there = centre(other);
                if is_crossed(&own, &there) {
                    opened.push((tet, other));
                }
            }
            opened
        };
        let tets = (0..self.tets.len() as u32).into_par_iter().with_min_len(256);
        let mut opened: Vec<(u32, u32)> = tets.flat_map_iter(of_tet).collect();
        opened.sort_unstable();
        opened
    }

    /// Double vertices so that no two tetrahedra of `opened` share one unless others around join them; how many.
    fn part(&mut self, opened: &[(u32, u32)]) -> usize {
        let is_open = |a: u32, b: u32| opened.binary_search(&(a.min(b), a.max(b))).is_ok();
        let mut touched: Vec<u32> = Vec::new();
        for (a, b) in opened {
            let other = self.tets[*b as usize];
            touched.extend(self.tets[*a as usize].iter().filter(|v| other.contains(v)));
        }
        touched.sort_unstable();
        touched.dedup();
        let old = self.tets.clone();
        let before = self.rest.len();
        for v in touched {
            let fan: Vec<u32> =
                self.topology.corners[self.topology.around(v as usize)].iter().map(|corner| corner / 4).collect();
            // Smallest member first: which part keeps the vertex does not depend on anything else.
            let mut part: Vec<usize> = (0..fan.len()).collect();
            let joined = joined(&fan, v, &self.topology, &old, is_open);
            let mut changed = true;
            while changed {
                changed = false;
                for [n, m] in &joined {
                    let least = part[*n].min(part[*m]);
                    changed |= part[*n] != least || part[*m] != least;
                    (part[*n], part[*m]) = (least, least);
                }
            }
            let mut copies: Vec<(usize, u32)> = vec![(0, v)];
            for (n, tet) in fan.iter().enumerate() {
                let copy = copies.iter().find(|(own, _)| *own == part[n]).map(|(_, copy)| *copy);
                let copy = copy.unwrap_or_else(|| {
                    let copy = self.double(v);
                    copies.push((part[n], copy));
                    copy
                });
                self.tets[*tet as usize].iter_mut().filter(|corner| **corner == v).for_each(|corner| *corner = copy);
            }
        }
        self.rest.len() - before
    }

    /// A copy of vertex `v`, held and grasped as it is.
    fn double(&mut self, v: u32) -> u32 {
        let (copy, own) = (self.rest.len() as u32, v as usize);
        self.rest.push(self.rest[own]);
        self.rest_mm.push(self.rest_mm[own]);
        self.u.push(self.u[own]);
        self.v.push(self.v[own]);
        self.free.push(self.free[own]);
        if self.frozen.get(own) == Some(&true) {
            self.frozen.resize(self.free.len(), false);
            self.frozen[copy as usize] = true;
        }
        // What lay on the bed there lies on it half and half.
        for n in 0..self.bed.len() {
            if self.bed[n].vertex == v {
                self.bed[n].stiffness_n_m *= 0.5;
                self.bed.push(BedSpring { vertex: copy, ..self.bed[n] });
            }
        }
        for grasp in self.grasps.iter_mut().flatten() {
            if let Some(n) = grasp.vertices.iter().position(|other| *other == v) {
                grasp.vertices.push(copy);
                grasp.anchors.push(grasp.anchors[n]);
            }
        }
        copy
    }

    fn drop_marked(&mut self, gone: &[bool], cut: &mut Cut) {
        for (corners, _) in self.tets.iter().zip(gone).filter(|(_, gone)| **gone) {
            let [a, b, c, d] = corners.map(|v| Vector::from(self.rest[v as usize]));
            cut.removed += 1;
            cut.removed_ml += (b - a).dot(&(c - a).cross(&(d - a))) / 6.0 * 1e6;
        }
        let mut keep = gone.iter().map(|gone| !gone);
        self.tets.retain(|_| keep.next().unwrap_or(true));
        let mut keep = gone.iter().map(|gone| !gone);
        self.origin.retain(|_| keep.next().unwrap_or(true));
        let mut keep = gone.iter().map(|gone| !gone);
        self.regions.retain(|_| keep.next().unwrap_or(true));
        let mut used = vec![false; self.v.len()];
        self.tets.as_flattened().iter().for_each(|v| used[*v as usize] = true);
        self.v.iter_mut().zip(&used).filter(|(_, used)| !**used).for_each(|(v, _)| *v = [0.0; 3]);
    }

    /// Hold parts that neither a support nor a grasper holds where they are; how many. A body that was never held stays
    /// free.
    pub fn freeze_loose(&mut self) -> usize {
        if !self.free.iter().any(|free| free[..3].contains(&0.0)) {
            return 0;
        }
        let mut in_jaws = vec![false; self.pieces.count()];
        let gripped = self.grasps.iter().flatten().flat_map(|grasp| &grasp.vertices);
        gripped.filter_map(|v| self.pieces.of(*v as usize)).for_each(|piece| in_jaws[piece as usize] = true);
        // What is tied to something that is held, is held.
        let mut more = true;
        while more {
            more = false;
            for pair in self.ties.pairs().filter(|pair| pair.iter().all(|v| 0.0 < self.grip[*v as usize])) {
                let [a, b] = pair.map(|v| self.pieces.of(v as usize).filter(|piece| !in_jaws[*piece as usize]));
                if a.is_some() != b.is_some() {
                    a.or(b).into_iter().for_each(|piece| in_jaws[piece as usize] = true);
                    more = true;
                }
            }
        }
        let is_left = |v: usize| self.pieces.of(v).is_some_and(|piece| !in_jaws[piece as usize]);
        let left: Vec<usize> = (0..self.free.len()).filter(|v| is_left(*v)).collect();
        self.frozen.resize(self.free.len(), false);
        for v in &left {
            (self.free[*v], self.v[*v], self.frozen[*v]) = ([0.0; 4], [0.0; 3], true);
        }
        if !left.is_empty() {
            self.pieces = super::pieces::Pieces::new(&self.tets, &self.free);
        }
        in_jaws.iter().filter(|gripped| !**gripped).count()
    }

    /// Do with loose parts as asked.
    fn settle_loose(&mut self, loose: Loose, cut: &mut Cut) {
        let is_loose = |body: &Self, v: usize| body.pieces.of(v).is_some();
        // A body that was never held is not loose, it is free.
        let held = self.free.iter().any(|free| free[..3].contains(&0.0));
        match loose {
            Loose::Stays if held => {
                cut.stayed = self.freeze_loose();
            }
            Loose::Removed if held => {
                let gone: Vec<bool> = self.tets.iter().map(|tet| is_loose(self, tet[0] as usize)).collect();
                if gone.contains(&true) && gone.contains(&false) {
                    self.drop_marked(&gone, cut);
                    self.rebuild();
                }
            }
            _ => {}
        }
        cut.loose = self.pieces.count();
    }
}

/// Pairs of members of the `fan` around vertex `v` with a face in common that has it and is not open.
fn joined(
    fan: &[u32],
    v: u32,
    topology: &Topology,
    tets: &[[u32; 4]],
    is_open: impl Fn(u32, u32) -> bool,
) -> Vec<[usize; 2]> {
    let mut joined = Vec::new();
    for (n, tet) in fan.iter().enumerate() {
        for face in FACES.map(|face| face.map(|corner| tets[*tet as usize][corner])) {
            if face.contains(&v)
                && let Some(other) = neighbour_across(topology, tets, *tet, face)
                && !is_open(*tet, other)
            {
                joined.extend(fan.iter().position(|t| *t == other).map(|m| [n, m]));
            }
        }
    }
    joined
}

/// Whether the line from `a` to `b` crosses a triangle. A point on its plane counts as above it, a line through its
/// edge as through it, so that a sheet has no gaps.
fn crosses(a: &Vector, b: &Vector, triangle: &[Point; 3]) -> bool {
    let [p, q, r] = triangle.map(|point| point.coords);
    let normal = (q - p).cross(&(r - p));
    let (above, below) = ((a - p).dot(&normal), (b - p).dot(&normal));
    if (0.0 <= above) == (0.0 <= below) {
        return false;
    }
    let at = a + (b - a) * (above / (above - below));
    let inside = |from: &Vector, to: &Vector| {
        let edge = to - from;
        -1e-9 * normal.norm_squared() <= edge.cross(&(at - from)).dot(&normal)
    };
    inside(&p, &q) && inside(&q, &r) && inside(&r, &p)
}
