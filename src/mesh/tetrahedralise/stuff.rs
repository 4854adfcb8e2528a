//! Isosurface stuffing: moving lattice vertices onto the surface and filling the tetrahedra that it cuts.

use super::lattice::Lattice;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::quality::shape;
use rayon::prelude::*;

/// How near to a vertex a cut of a long or a short edge must be, as a part of the edge, to pull the vertex onto the surface
/// (Labelle and Shewchuk 2007, table 1: the pair with the best bound on dihedral angles).
const ALPHA_LONG: f64 = 0.24999;
const ALPHA_SHORT: f64 = 0.41189;

/// Vertices and tetrahedra of a stuffed isosurface.
pub(super) struct Stuffed {
    /// mm.
    pub positions: Vec<Point>,
    /// Positive ones only.
    pub tets: Vec<[u32; 4]>,
}

/// Fill the part of space where `field` is positive.
///
/// `field` must be negative at the outermost lattice vertices.
pub(super) fn stuff(
    lattice: &Lattice,
    field: impl Fn(&Point) -> f64 + Sync,
    progress: &Progress,
) -> Result<Stuffed, Cancelled> {
    let n = lattice.vertices();
    let values: Vec<f64> = (0..n).into_par_iter().with_min_len(1024).map(|v| field(&lattice.place(v))).collect();
    progress.check()?;
    let sign = |value: f64| {
        if 0.0 < value {
            1_i8
        } else if value < 0.0 {
            -1
        } else {
            0
        }
    };
    let mut signs: Vec<i8> = values.iter().map(|value| sign(*value)).collect();
    let cuts = Cuts::find(lattice, &values, &field);
    progress.check()?;
    let mut places: Vec<Point> = (0..n).into_par_iter().with_min_len(4096).map(|v| lattice.place(v)).collect();
    for vertex in 0..n {
        if let Some(cut) = nearest_violation(lattice, &cuts, &signs, vertex) {
            places[vertex] = cut;
            signs[vertex] = 0;
        }
    }
    progress.check()?;
    let filler = Filler { lattice, signs: &signs, places: &places, cuts: &cuts };
    let layers: Result<Vec<Vec<[usize; 4]>>, Cancelled> = (0..lattice.cubes[2])
        .into_par_iter()
        .map(|z| {
            progress.check()?;
            let mut tets = Vec::new();
            lattice.tets_of_layer(z, |tet| filler.fill(tet, &mut tets));
            Ok(tets)
        })
        .collect();
    Ok(filler.compact(&layers?.concat()))
}

/// Where the surface cuts the lattice edges.
struct Cuts {
    /// For every edge of the lattice the place of its cut in `points`, or `NONE`.
    slots: Vec<u32>,
    /// The edge and the cut, in increasing order of edges.
    points: Vec<(usize, Point)>,
}

const NONE: u32 = u32::MAX;

impl Cuts {
    fn find(lattice: &Lattice, values: &[f64], field: impl Fn(&Point) -> f64 + Sync) -> Self {
        let points: Vec<(usize, Point)> = (0..values.len())
            .into_par_iter()
            .with_min_len(1024)
            .flat_map_iter(|vertex| {
                let field = &field;
                lattice.own_edges(vertex).filter(move |(_, end, _)| values[vertex] * values[*end] < 0.0).map(
                    move |(edge, end, _)| {
                        let (a, b) = (lattice.place(vertex), lattice.place(end));
                        let t = zero_between(|t| field(&(a + (b - a) * t)), values[vertex], values[end]);
                        (edge, a + (b - a) * t)
                    },
                )
            })
            .collect();
        let mut slots = vec![NONE; lattice.edge_room()];
        for (slot, (edge, _)) in points.iter().enumerate() {
            slots[*edge] = slot as u32;
        }
        Self { slots, points }
    }

    fn at(&self, edge: usize) -> Option<&Point> {
        self.points.get(self.slots[edge] as usize).map(|(_, point)| point)
    }
}

/// A zero of `f` between 0 and 1, where it has the values `f0` and `f1` of opposite sign: regula falsi (Illinois variant).
fn zero_between(f: impl Fn(f64) -> f64, mut f0: f64, mut f1: f64) -> f64 {
    let (mut t0, mut t1) = (0.0, 1.0);
    let mut t = 0.5;
    for _ in 0..20 {
        t = (t0 * f1 - t1 * f0) / (f1 - f0);
        let value = f(t);
        if value.abs() < 1e-6 || t1 - t0 < 1e-6 {
            break;
        }
        if value * f1 < 0.0 {
            (t0, f0) = (t1, f1);
        } else {
            f0 *= 0.5;
        }
        (t1, f1) = (t, value);
    }
    // A cut at a vertex would be no cut; 10⁻⁹ of an edge is well within the distance that pulls the vertex.
    t.clamp(1e-9, 1.0 - 1e-9)
}

/// The nearest cut that is too near to `vertex`, if any.
fn nearest_violation(lattice: &Lattice, cuts: &Cuts, signs: &[i8], vertex: usize) -> Option<Point> {
    if signs[vertex] == 0 {
        return None;
    }
    let place = lattice.place(vertex);
    let mut nearest: Option<(f64, Point)> = None;
    for (edge, end, long) in lattice.own_edges(vertex).chain(lattice.other_edges(vertex)) {
        if signs[vertex] * signs[end] != -1 {
            continue;
        }
        let Some(cut) = cuts.at(edge) else { continue };
        let limit = if long { ALPHA_LONG } else { ALPHA_SHORT * 0.75_f64.sqrt() } * lattice.edge_mm;
        let distance = (cut - place).norm();
        if distance < limit && nearest.is_none_or(|(best, _)| distance < best) {
            nearest = Some((distance, *cut));
        }
    }
    nearest.map(|(_, cut)| cut)
}

/// A vertex of the result: a lattice vertex, or after these the cut of an edge.
type Node = usize;

struct Filler<'a> {
    lattice: &'a Lattice,
    signs: &'a [i8],
    places: &'a [Point],
    cuts: &'a Cuts,
}

impl Filler<'_> {
    /// Add the tetrahedra that fill the positive part of the lattice tetrahedron `tet`.
    fn fill(&self, tet: [usize; 4], out: &mut Vec<[Node; 4]>) {
        let mut sorted = tet;
        // Positive first, then zero, then negative; among equals in the order of the tetrahedron.
        sorted.sort_by_key(|v| -self.signs[*v]);
        let count = |sign: i8| tet.iter().filter(|v| self.signs[**v] == sign).count();
        let [a, b, c, d] = sorted;
        match (count(1), count(-1)) {
            (0, _) => {}
            (_, 0) => out.push(tet),
            (1, _) => {
                let end = |v: usize| if self.signs[v] == 0 { v } else { self.cut(a, v) };
                self.push([a, end(b), end(c), end(d)], out);
            }
            // Two positive, one zero: a pyramid over a face's quadrilateral.
            (2, 1) => {
                let (cut_a, cut_b) = (self.cut(a, d), self.cut(b, d));
                if self.diagonal_from_first(a, b, d) {
                    self.push([c, a, b, cut_b], out);
                    self.push([c, a, cut_b, cut_a], out);
                } else {
                    self.push([c, a, b, cut_a], out);
                    self.push([c, b, cut_b, cut_a], out);
                }
            }
            // Two positive, two negative: a prism between the cut corners at a and at b.
            (2, _) => {
                let top = [a, self.cut(a, c), self.cut(a, d)];
                let bottom = [b, self.cut(b, c), self.cut(b, d)];
                // Quadrilaterals a–c and d–a lie in faces; the one between the cuts is on the surface, so free to choose.
                let (to_c, from_d) = (self.diagonal_from_first(a, b, c), !self.diagonal_from_first(a, b, d));
                let choices = [true, false].into_iter().filter_map(|free| prism(top, bottom, [to_c, free, from_d]));
                let best = choices.max_by(|x, y| self.angle_min(x).total_cmp(&self.angle_min(y)));
                let tets = best.expect("two diagonals always leave a third that fits");
                tets.into_iter().for_each(|tet| self.push(tet, out));
            }
            // Three positive, one negative: a prism between the triangle and its cuts.
            _ => {
                let top = [a, b, c];
                let bottom = top.map(|v| self.cut(v, d));
                let pairs = [(a, b), (b, c), (c, a)].map(|(x, y)| self.diagonal_from_first(x, y, d));
                let tets = prism(top, bottom, pairs).expect("the rule never turns around a vertex");
                tets.into_iter().for_each(|tet| self.push(tet, out));
            }
        }
    }

    /// Whether the quadrilateral that remains of face (a, b, v), with v negative, is cut from a to the cut of edge (b, v),
    /// rather than from b to the cut of (a, v). Both tetrahedra at the face give the same answer.
    ///
    /// Where one cut edge is long, the diagonal ends at its cut: starting at its positive end instead costs four degrees in the
    /// worst case. Where both are short, a and b are the ends of a long edge, and it starts at the even one (the parity rule
    /// of the paper).
    fn diagonal_from_first(&self, a: usize, b: usize, v: usize) -> bool {
        match (self.lattice.edge(a, v).1, self.lattice.edge(b, v).1) {
            (true, _) => false,
            (_, true) => true,
            _ => self.lattice.is_even_end(a, b),
        }
    }

    fn cut(&self, a: usize, b: usize) -> Node {
        self.places.len() + self.cuts.slots[self.lattice.edge(a, b).0] as usize
    }

    fn point(&self, node: Node) -> &Point {
        node.checked_sub(self.places.len()).map_or_else(|| &self.places[node], |cut| &self.cuts.points[cut].1)
    }

    fn angle_min(&self, tets: &[[Node; 4]; 3]) -> f64 {
        tets.iter().map(|tet| shape(self.positive(*tet).map(|n| self.point(n))).dihedral_deg[0]).fold(180.0, f64::min)
    }

    fn positive(&self, tet: [Node; 4]) -> [Node; 4] {
        let [a, b, c, d] = tet.map(|n| self.point(n));
        if 0.0 < (b - a).dot(&(c - a).cross(&(d - a))) { tet } else { [tet[1], tet[0], tet[2], tet[3]] }
    }

    fn push(&self, tet: [Node; 4], out: &mut Vec<[Node; 4]>) {
        out.push(self.positive(tet));
    }

    /// Number the nodes in use in increasing order.
    fn compact(&self, tets: &[[Node; 4]]) -> Stuffed {
        let mut new_from_old = vec![NONE; self.places.len() + self.cuts.points.len()];
        tets.as_flattened().iter().for_each(|node| new_from_old[*node] = 0);
        let mut positions = Vec::new();
        for (node, new) in new_from_old.iter_mut().enumerate().filter(|(_, new)| **new != NONE) {
            *new = positions.len() as u32;
            positions.push(*self.point(node));
        }
        Stuffed { positions, tets: tets.iter().map(|tet| tet.map(|node| new_from_old[node])).collect() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Aabb;
    use crate::mesh::TetMesh;
    use crate::mesh::quality::tet_quality;

    fn lattice(n: f64) -> Lattice {
        Lattice::around(&Aabb { min: Point::origin(), max: Point::new(n, n, n) }, 1.0)
    }

    /// The published guarantee holds for any function, so also for noise of the size of a cell.
    #[test]
    fn dihedral_angles_stay_within_the_published_bounds_on_noise() {
        let mut rng = Rng::new(12);
        for case in 0..20 {
            let lattice = lattice(6.0);
            let waves: Vec<[f64; 4]> = (0..12)
                .map(|_| [rng.normal() * 2.0, rng.normal() * 2.0, rng.normal() * 2.0, rng.between(0.0, 6.3)])
                .collect();
            let noise =
                |p: &Point| waves.iter().map(|[x, y, z, w]| (x * p.x + y * p.y + z * p.z + w).sin()).sum::<f64>();
            let within = |p: &Point| (0..3).map(|a| (p[a] + 0.8).min(6.8 - p[a])).fold(f64::INFINITY, f64::min);
            let Stuffed { positions, tets } =
                stuff(&lattice, |p| noise(p).min(within(p)), &Progress::default()).unwrap();
            let regions = vec![1; tets.len()];
            let mesh = TetMesh::new(positions, tets, regions).unwrap();
            let [low, high] = tet_quality(&mesh).dihedral_deg;
            assert!(10.7 < low && high < 164.8, "case {case}: {low} to {high} degrees");
            assert_eq!(mesh.boundary().0.open_edges(), 0);
        }
    }

    #[test]
    fn the_volume_of_a_ball_converges_with_second_order() {
        let errors = [3.0_f64, 6.0, 12.0].map(|radius| {
            let lattice = lattice(2.0 * radius);
            let centre = Point::new(radius + 0.1, radius - 0.2, radius + 0.3);
            let Stuffed { positions, tets } =
                stuff(&lattice, |p| radius - (p - centre).norm(), &Progress::default()).unwrap();
            let regions = vec![1; tets.len()];
            let mesh = TetMesh::new(positions, tets, regions).unwrap();
            1.0 - 1000.0 * mesh.volume_ml() / (4.0 / 3.0 * std::f64::consts::PI * radius.powi(3))
        });
        let order = (errors[0] / errors[2]).log2() / 2.0;
        assert!(1.7 < order && order < 2.3 && errors[2] < 0.005, "order {order}, errors {errors:?}");
    }
}
