//! Filling the tetrahedra of the background that faces between materials cut.
//!
//! Between two materials the stencils of Labelle and Shewchuk (2007) fill both sides. Where three or four meet, the faces of the
//! tetrahedron are divided as in lattice cleaving (Bronson, Levine and Whitaker 2014), and joined with a point in its middle.

use super::cuts::{ANY, Cuts};
use super::materials::{OUTSIDE, Scores};
use super::octree::Background;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::quality::shape;
use crate::mesh::tet_mesh::FACES;

/// Vertices and tetrahedra of materials.
pub(super) struct Filled {
    /// mm.
    pub positions: Vec<Point>,
    /// Positive ones only.
    pub tets: Vec<[u32; 4]>,
    /// One per tetrahedron, never the outside.
    pub materials: Vec<u8>,
}

/// A vertex of the result: one of the background, then cuts, then middles of faces, then middles of tetrahedra.
type Node = u32;

const NONE: u32 = u32::MAX;

/// Fill what is not outside.
pub(super) fn fill(background: &Background, scores: &impl Scores, progress: &Progress) -> Result<Filled, Cancelled> {
    let cuts = Cuts::find(background, scores, progress)?;
    let mut filler = Filler {
        background,
        cuts: &cuts,
        triples: Vec::new(),
        points: Vec::new(),
        tets: Vec::new(),
        materials: Vec::new(),
    };
    filler.find_triples();
    for (n, tet) in background.tets.iter().enumerate() {
        if n.is_multiple_of(65_536) {
            progress.check()?;
        }
        filler.fill(*tet, scores);
    }
    Ok(filler.compact())
}

struct Filler<'a> {
    background: &'a Background,
    cuts: &'a Cuts,
    /// Faces with three materials, corners sorted.
    triples: Vec<[u32; 3]>,
    /// Points of these, then middles of tetrahedra.
    points: Vec<Point>,
    tets: Vec<[Node; 4]>,
    materials: Vec<u8>,
}

impl Filler<'_> {
    fn material(&self, v: u32) -> u8 {
        self.cuts.materials[v as usize]
    }

    /// The materials of the corners, each once, in increasing order.
    fn different(&self, corners: &[u32]) -> ([u8; 4], usize) {
        let mut found = [ANY; 4];
        let mut count = 0;
        for v in corners {
            let material = self.material(*v);
            if material != ANY && !found[..count].contains(&material) {
                found[count] = material;
                count += 1;
            }
        }
        found[..count].sort_unstable();
        (found, count)
    }

    fn find_triples(&mut self) {
        let mut triples = Vec::new();
        for tet in &self.background.tets {
            if self.different(tet).1 < 3 {
                continue;
            }
            for face in FACES {
                let mut corners = face.map(|n| tet[n]);
                corners.sort_unstable();
                if self.different(&corners).1 == 3 {
                    triples.push(corners);
                }
            }
        }
        triples.sort_unstable();
        triples.dedup();
        let middle = |[a, b, c]: &[u32; 3]| {
            let sum = [[*a, *b], [*b, *c], [*a, *c]].map(|[a, b]| self.cuts.points[self.cuts.at(a, b)].coords);
            Point::from((sum[0] + sum[1] + sum[2]) / 3.0)
        };
        self.points = triples.iter().map(middle).collect();
        self.triples = triples;
    }

    fn fill(&mut self, tet: [u32; 4], scores: &impl Scores) {
        if self.cuts.is_outside(tet) {
            return;
        }
        let ([p, q, ..], count) = self.different(&tet);
        match count {
            0 => {
                let sum: nalgebra::Vector3<f64> = tet.iter().map(|v| self.cuts.places[*v as usize].coords).sum();
                let material = scores.material(&Point::from(sum / 4.0));
                self.push(tet, material);
            }
            1 => self.push(tet, p),
            2 => {
                if !self.two(tet, p, q) {
                    self.cone(tet);
                }
            }
            _ => self.cone(tet),
        }
    }

    /// Both sides of a face between two materials; `false` if the diagonals do not fit.
    fn two(&mut self, tet: [u32; 4], p: u8, q: u8) -> bool {
        let mut sides = [Vec::new(), Vec::new()];
        let [of_p, of_q] = [p, q].map(|material| tet.iter().filter(|v| self.material(**v) == material).count());
        if of_p == 2 && of_q == 2 {
            // The quadrilateral of the cuts may be halved either way, but alike on both sides.
            let choice = |free: bool| {
                let sides =
                    [(p, q), (q, p)].map(|(own, other)| (own != OUTSIDE).then(|| self.half(tet, own, other, free)));
                let mut worst = f64::INFINITY;
                for tets in sides.iter().flatten() {
                    let tets = tets.as_ref()?;
                    worst = tets.iter().map(|tet| self.angle_min(*tet)).fold(worst, f64::min);
                }
                Some((worst, sides.map(|side| side.flatten().unwrap_or_default())))
            };
            let found = [choice(true), choice(false)].into_iter().flatten();
            let Some((_, best)) = found.reduce(|best, other| if best.0 < other.0 { other } else { best }) else {
                return false;
            };
            sides = best;
        } else {
            for (side, (own, other)) in sides.iter_mut().zip([(p, q), (q, p)]) {
                if own == OUTSIDE {
                    continue;
                }
                let Some(tets) = self.half(tet, own, other, false) else { return false };
                *side = tets;
            }
        }
        for (side, material) in sides.into_iter().zip([p, q]) {
            side.into_iter().for_each(|tet| self.push(tet, material));
        }
        true
    }

    /// The tetrahedra of material `own` in one that `other` shares with it.
    fn half(&self, tet: [u32; 4], own: u8, other: u8, free: bool) -> Option<Vec<[Node; 4]>> {
        let sign = |v: u32| match self.material(v) {
            material if material == own => 1,
            material if material == other => -1,
            _ => 0,
        };
        let mut sorted = tet;
        // Own first, then any, then the other; among equals in the order of the tetrahedron.
        sorted.sort_by_key(|v| -sign(*v));
        let count = |wanted: i32| tet.iter().filter(|v| sign(**v) == wanted).count();
        let [a, b, c, d] = sorted;
        Some(match (count(1), count(-1)) {
            (1, _) => {
                let end = |v: u32| if sign(v) == 0 { v } else { self.cut(a, v) };
                vec![[a, end(b), end(c), end(d)]]
            }
            // Two own, one any: a pyramid over a face's quadrilateral.
            (2, 1) => {
                let (cut_a, cut_b) = (self.cut(a, d), self.cut(b, d));
                if self.diagonal_from_first(a, b, d) {
                    vec![[c, a, b, cut_b], [c, a, cut_b, cut_a]]
                } else {
                    vec![[c, a, b, cut_a], [c, b, cut_b, cut_a]]
                }
            }
            // Two and two: a prism between the cut corners at a and at b.
            (2, _) => {
                let top = [a, self.cut(a, c), self.cut(a, d)];
                let bottom = [b, self.cut(b, c), self.cut(b, d)];
                // Quadrilaterals a–c and d–a lie in faces.
                let (to_c, from_d) = (self.diagonal_from_first(a, b, c), !self.diagonal_from_first(a, b, d));
                prism(top, bottom, [to_c, free, from_d])?.to_vec()
            }
            // Three own, one other: a prism between the triangle and its cuts.
            _ => {
                let top = [a, b, c];
                let bottom = top.map(|v| self.cut(v, d));
                let pairs = [(a, b), (b, c), (c, a)].map(|(x, y)| self.diagonal_from_first(x, y, d));
                prism(top, bottom, pairs)?.to_vec()
            }
        })
    }

    /// Whether the quadrilateral that remains of face (a, b, v), with v alone, is cut from a to the cut of edge (b, v), rather
    /// than from b to the cut of (a, v). Both tetrahedra at the face give the same answer.
    ///
    /// Where one cut edge is longer, the diagonal ends at its cut: starting at its other end instead costs four degrees in the
    /// worst case. Where both are equal, a and b are the ends of a long edge, and it starts at the even one (the parity rule
    /// of the paper).
    fn diagonal_from_first(&self, a: u32, b: u32, v: u32) -> bool {
        let at = |v: u32| self.background.at[v as usize];
        let length = |x: u32| (0..3).map(|axis| i64::from(at(x)[axis] - at(v)[axis]).pow(2)).sum::<i64>();
        match length(a).cmp(&length(b)) {
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => {
                let (from, to) = (at(a), at(b));
                let axis = (0..3).find(|axis| from[*axis] != to[*axis]).unwrap_or(0);
                // Edges count in their own length, and corners of either kind alternate.
                from[axis].div_euclid((from[axis] - to[axis]).abs().max(1)) % 2 == 0
            }
        }
    }

    /// Divide all faces and join them with the middle of the tetrahedron.
    fn cone(&mut self, tet: [u32; 4]) {
        let mut sum = Point::origin().coords;
        tet.iter().for_each(|v| sum += self.cuts.places[*v as usize].coords);
        let middle = self.node_of_point(self.points.len());
        self.points.push(Point::from(sum / 4.0));
        for face in FACES {
            for (triangle, material) in self.divided(face.map(|n| tet[n])) {
                let [a, b, c] = triangle;
                self.push([a, b, c, middle], material);
            }
        }
    }

    /// The triangles of a face and their materials.
    fn divided(&self, face: [u32; 3]) -> Vec<([Node; 3], u8)> {
        let (_, count) = self.different(&face);
        let [x, y, z] = face.map(|v| self.material(v));
        match count {
            0 => unreachable!("a cut tetrahedron has no face without a material"),
            1 => vec![(face, [x, y, z].into_iter().find(|material| *material != ANY).expect("one of them"))],
            3 => {
                let mut corners = face;
                corners.sort_unstable();
                let triple = self.node_of_point(self.triples.binary_search(&corners).expect("found before"));
                let mut triangles = Vec::with_capacity(6);
                for n in 0..3 {
                    let (a, b) = (face[n], face[(n + 1) % 3]);
                    let cut = self.cut(a, b);
                    triangles.push(([a, cut, triple], self.material(a)));
                    triangles.push(([cut, b, triple], self.material(b)));
                }
                triangles
            }
            _ => {
                // Turn so that the corner that is unlike the others comes first.
                let n = (0..3).find(|n| {
                    let [own, b, c] = [0, 1, 2].map(|m| self.material(face[(n + m) % 3]));
                    own == ANY || (own != b && b == c)
                });
                let n = n.expect("two materials at three corners");
                let [a, b, c] = [0, 1, 2].map(|m| face[(n + m) % 3]);
                let (own, other) = (self.material(a), self.material(b));
                if own == ANY {
                    let cut = self.cut(b, c);
                    return vec![([a, b, cut], other), ([a, cut, c], self.material(c))];
                }
                let (cut_b, cut_c) = (self.cut(a, b), self.cut(a, c));
                let mut triangles = vec![([a, cut_b, cut_c], own)];
                if self.diagonal_from_first(b, c, a) {
                    triangles.extend([([b, c, cut_c], other), ([b, cut_c, cut_b], other)]);
                } else {
                    triangles.extend([([b, c, cut_b], other), ([c, cut_c, cut_b], other)]);
                }
                triangles
            }
        }
    }

    fn cut(&self, a: u32, b: u32) -> Node {
        (self.cuts.places.len() + self.cuts.at(a, b)) as u32
    }

    fn node_of_point(&self, n: usize) -> Node {
        (self.cuts.places.len() + self.cuts.points.len() + n) as u32
    }

    fn point(&self, node: Node) -> &Point {
        let (node, places, cuts) = (node as usize, &self.cuts.places, &self.cuts.points);
        if node < places.len() {
            &places[node]
        } else if node < places.len() + cuts.len() {
            &cuts[node - places.len()]
        } else {
            &self.points[node - places.len() - cuts.len()]
        }
    }

    fn angle_min(&self, tet: [Node; 4]) -> f64 {
        shape(self.positive(tet).map(|n| self.point(n))).dihedral_deg[0]
    }

    fn positive(&self, tet: [Node; 4]) -> [Node; 4] {
        let [a, b, c, d] = tet.map(|n| self.point(n));
        if 0.0 < (b - a).dot(&(c - a).cross(&(d - a))) { tet } else { [tet[1], tet[0], tet[2], tet[3]] }
    }

    fn push(&mut self, tet: [Node; 4], material: u8) {
        if material != OUTSIDE {
            self.tets.push(self.positive(tet));
            self.materials.push(material);
        }
    }

    /// Number the nodes in use in increasing order.
    fn compact(self) -> Filled {
        let mut new_from_old = vec![NONE; self.cuts.places.len() + self.cuts.points.len() + self.points.len()];
        self.tets.as_flattened().iter().for_each(|node| new_from_old[*node as usize] = 0);
        let mut positions = Vec::new();
        for (node, new) in new_from_old.iter_mut().enumerate().filter(|(_, new)| **new != NONE) {
            *new = positions.len() as u32;
            positions.push(*self.point(node as u32));
        }
        let tets = self.tets.iter().map(|tet| tet.map(|node| new_from_old[node as usize])).collect();
        Filled { positions, tets, materials: self.materials }
    }
}

/// Three tetrahedra of a prism, or `None` if the diagonals go around it (Schönhardt's case).
///
/// Quadrilateral n lies between corners n and n + 1; its diagonal goes from the top of corner n to the bottom of the next one,
/// or, if `from_first` is false, from the bottom of corner n to the top of the next one.
fn prism(top: [Node; 3], bottom: [Node; 3], from_first: [bool; 3]) -> Option<[[Node; 4]; 3]> {
    // The corner whose top starts the diagonals on both sides of it.
    let n = (0..3).find(|n| from_first[*n] && !from_first[(n + 2) % 3])?;
    let (m, l) = ((n + 1) % 3, (n + 2) % 3);
    let (x, y, z) = (top[n], top[m], top[l]);
    let low = [x, bottom[n], bottom[m], bottom[l]];
    Some(if from_first[m] {
        [low, [x, y, z, bottom[l]], [x, y, bottom[l], bottom[m]]]
    } else {
        [low, [x, y, z, bottom[m]], [x, z, bottom[l], bottom[m]]]
    })
}
