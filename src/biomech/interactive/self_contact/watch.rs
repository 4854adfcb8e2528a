//! What each vertex of the surface may touch in a frame, and where it does.

use super::SelfContact;
use super::inside::{Side, side};
use super::lists::{across, around, is_parted, unit, without};
use super::touch::Touch;
use super::tree::{Node, Tree};
use crate::biomech::interactive::topology::Topology;
use crate::geom::{Point, Vector};
use crate::mesh::bvh::closest_on_triangle;
use rayon::prelude::*;

/// Triangles a vertex may touch in one frame, the nearest ones.
const MOST: usize = 12;
/// Triangles looked at to find them.
const LOOKED_AT: usize = 32;
/// How far in front of a surface a vertex is watched, in units of its own triangles, besides its speed.
const AHEAD: f64 = 0.25;
/// Fastest way out of an overlap, m/s: parts that overlap at the start are not flung apart.
const PARTING_M_S: f64 = 0.03;
/// What a way out costs at most: sideways, through a triangle that the vertex does not face.
const SIDEWAYS: f64 = 4.0;

/// What is known of the body.
pub struct View<'a> {
    /// Tetrahedra.
    pub tets: &'a [[u32; 4]],
    /// Who meets whom.
    pub topology: &'a Topology,
    /// Places at rest, m.
    pub rest: &'a [[f64; 3]],
    /// Displacements, m.
    pub u: &'a [[f64; 3]],
    /// Speeds, m/s.
    pub v: &'a [[f64; 3]],
    /// Stiffness of a spring on each vertex that tissue hardly bends, N/m.
    pub grip: &'a [f64],
    /// Length of the frame, s.
    pub step_s: f64,
}

impl View<'_> {
    fn place(&self, v: u32) -> Vector {
        Vector::from(self.rest[v as usize]) + Vector::from(self.u[v as usize])
    }
}

/// A vertex near other tissue.
#[derive(Debug, Clone, Copy, Default)]
pub struct Watch {
    /// Its number on the surface.
    number: u32,
    /// How many of `triangles`.
    count: u32,
    /// Those it may touch.
    triangles: [u32; MOST],
    /// What a way out through each costs, 1: more through those the vertex does not face.
    costs: [f64; MOST],
    /// Stiffness of its spring, N/m.
    stiffness: f64,
    /// Depth that is left to it in this frame, m.
    allowed: f64,
}

/// The nearest point of a triangle.
#[derive(Debug, Clone, Copy)]
struct Nearest {
    triangle: u32,
    weights: [f64; 3],
    point: Vector,
    /// Out of the surface.
    normal: Vector,
    /// How deep behind the triangle, m; negative in front.
    depth: f64,
    /// Whether the point is within the triangle, not on its border.
    flat: bool,
    /// Direction of the edge the point is on, if it is on one.
    edge: Vector,
}

/// The surface and all it touches of itself.
#[derive(Debug, Clone, Default)]
pub struct SelfContacts {
    /// Whether there are several parts, or vertices that coincide at rest.
    parted: bool,
    /// Vertices of the surface.
    vertices: Vec<u32>,
    /// Corners of the triangles, numbers of `vertices`.
    triangles: Vec<[u32; 3]>,
    /// The tetrahedron of each.
    owners: Vec<u32>,
    /// The triangle across the edge opposite to each corner; itself where there is none.
    across: Vec<[u32; 3]>,
    /// Triangles around each vertex are `around[starts[v]..starts[v + 1]]`.
    starts: Vec<u32>,
    around: Vec<u32>,
    /// Longest edge of each at rest, m.
    reach: Vec<f64>,
    /// Width of the smallest triangle around each vertex at rest, m.
    width: Vec<f64>,
    tree: Tree,
    // The start of the frame.
    places: Vec<Vector>,
    /// Movement of each vertex in the frame if it goes on as before, less that of all, m.
    sweeps: Vec<Vector>,
    faces: Vec<Vector>,
    normals: Vec<Vector>,
    meetings: Vec<[u32; 2]>,
    suspects: Vec<bool>,
    watches: Vec<Watch>,
    found: Vec<Touch>,
    /// Touches at the displacement that was tried last.
    pub touches: Vec<Touch>,
    /// Touches where the stiffness was built, with their friction.
    pub contacts: Vec<Touch>,
    /// How far the spring of each vertex was pressed at the end of the last frame, m.
    pub pressed: Vec<f64>,
    /// Depth that was left to each vertex that was inside at the end of the last frame, m; negative for others.
    left: Vec<f64>,
    /// Deepest vertex at the displacement that was tried last, m.
    pub deepest: f64,
}

impl SelfContacts {
    /// Of the surface `outer`, triangles and their tetrahedra, of a body in m.
    pub fn new(outer: &[([u32; 3], u32)], topology: &Topology, rest: &[[f64; 3]]) -> Self {
        let mut number = vec![u32::MAX; rest.len()];
        let mut vertices: Vec<u32> = outer.iter().flat_map(|(corners, _)| *corners).collect();
        vertices.sort_unstable();
        vertices.dedup();
        vertices.iter().zip(0..).for_each(|(v, n)| number[*v as usize] = n);
        let triangles: Vec<[u32; 3]> = outer.iter().map(|(c, _)| c.map(|v| number[v as usize])).collect();
        let place = |n: u32| Vector::from(rest[vertices[n as usize] as usize]);
        let (mut reach, mut width) = (Vec::new(), vec![f64::INFINITY; vertices.len()]);
        let mut keys = Vec::new();
        for corners in &triangles {
            let [a, b, c] = corners.map(place);
            let normal = (b - a).cross(&(c - a));
            let longest = (b - a).norm().max((c - a).norm()).max((c - b).norm());
            reach.push(longest);
            corners.iter().for_each(|n| width[*n as usize] = width[*n as usize].min(normal.norm().sqrt()));
            // Opposite sides of a sheet or cut belong far apart in the tree.
            let facing = normal.normalize() * (3.0 * longest);
            let middle = (a + b + c) / 3.0;
            keys.push([middle.x, middle.y, middle.z, facing.x, facing.y, facing.z].map(|x| x as f32));
        }
        let (starts, around) = around(&triangles, vertices.len());
        Self {
            across: across(&triangles),
            starts,
            around,
            parted: is_parted(&vertices, topology, rest),
            tree: Tree::new(&keys, &triangles, vertices.len()),
            owners: outer.iter().map(|(_, tet)| *tet).collect(),
            faces: vec![Vector::zeros(); triangles.len()],
            places: vec![Vector::zeros(); vertices.len()],
            sweeps: vec![Vector::zeros(); vertices.len()],
            normals: vec![Vector::zeros(); vertices.len()],
            suspects: vec![false; vertices.len()],
            pressed: vec![0.0; vertices.len()],
            left: vec![-1.0; vertices.len()],
            vertices,
            triangles,
            reach,
            width,
            ..Self::default()
        }
    }

    /// Forget what was touched.
    pub fn clear(&mut self) {
        self.watches.clear();
        self.touches.clear();
        self.contacts.clear();
        self.pressed.fill(0.0);
        self.left.fill(-1.0);
        self.deepest = 0.0;
    }

    /// Keep for the next frame how deep vertices are at the displacement that was tried last.
    pub fn remember(&mut self) {
        self.pressed.fill(0.0);
        self.left.fill(-1.0);
        for (touch, watch) in self.found.iter().zip(&self.watches).filter(|(touch, _)| 0.0 < touch.depth) {
            self.pressed[touch.number as usize] = touch.pressed.max(0.0);
            self.left[touch.number as usize] = watch.allowed;
        }
    }

    /// List what each vertex may touch in this frame, if that is wanted.
    pub fn watch(&mut self, when: SelfContact, view: &View) {
        if when == SelfContact::Never || (when == SelfContact::Parted && !self.parted) {
            self.clear();
            return;
        }
        self.see(view);
        self.suspect(view);
        let mut watches = std::mem::take(&mut self.watches);
        watches.clear();
        let suspects = (0_u32..).zip(&self.suspects).filter(|(_, suspect)| **suspect);
        watches.extend(suspects.map(|(number, _)| Watch { number, ..Watch::default() }));
        watches.par_iter_mut().with_min_len(16).for_each(|watch| self.look(watch, view));
        watches.retain(|watch| 0 < watch.count);
        self.watches = watches;
    }

    /// Places, sweeps, normals and the tree at the start of the frame.
    fn see(&mut self, view: &View) {
        let Self { vertices, triangles, reach, tree, places, sweeps, faces, normals, .. } = self;
        let mean = vertices.iter().map(|v| Vector::from(view.v[*v as usize])).sum::<Vector>() / vertices.len() as f64;
        for (v, (place, sweep)) in vertices.iter().zip(places.iter_mut().zip(sweeps.iter_mut())) {
            *place = view.place(*v);
            *sweep = (Vector::from(view.v[*v as usize]) - mean) * view.step_s;
        }
        normals.fill(Vector::zeros());
        for (corners, face) in triangles.iter().zip(faces.iter_mut()) {
            let [a, b, c] = corners.map(|n| places[n as usize]);
            let normal = (b - a).cross(&(c - a));
            corners.iter().for_each(|n| normals[*n as usize] += normal);
            *face = unit(&normal);
        }
        normals.iter_mut().for_each(|normal| *normal = unit(normal));
        tree.fit(|of, members| {
            let corners = of.iter().flat_map(|t| triangles[*t as usize]).map(|n| n as usize);
            let swept = corners.flat_map(|n| [places[n], places[n] + sweeps[n]]);
            let normals = members.iter().map(|n| normals[*n as usize]);
            let pad = of.iter().map(|t| reach[*t as usize]).fold(0.0, f64::max);
            Node::new(swept, of.iter().map(|t| faces[*t as usize]).chain(normals), pad)
        });
    }

    /// Mark the vertices that are close to a triangle they face.
    fn suspect(&mut self, view: &View) {
        let mut meetings = std::mem::take(&mut self.meetings);
        let mut suspects = std::mem::take(&mut self.suspects);
        meetings.clear();
        self.tree.meetings(&mut meetings);
        suspects.fill(false);
        for [a, b] in &meetings {
            for (from, to) in [(*a, *b), (*b, *a)].into_iter().take(if a == b { 1 } else { 2 }) {
                let node = self.tree.leaf(to as usize);
                for n in self.tree.vertices(from as usize) {
                    let suspect = &mut suspects[*n as usize];
                    if !*suspect && node.is_near(&self.places[*n as usize], node.pad()) {
                        *suspect = self.tree.triangles(to as usize).iter().any(|t| self.faces_near(*n, *t, view));
                    }
                }
            }
        }
        (self.meetings, self.suspects) = (meetings, suspects);
    }

    /// How far in front of triangle `t` vertex `n` is watched, m.
    fn ahead(&self, n: u32, t: u32) -> f64 {
        AHEAD * self.width[n as usize] + 2.0 * self.against(n, t).norm()
    }

    /// How vertex `n` moves against triangle `t` in the frame if both go on as before, m.
    fn against(&self, n: u32, t: u32) -> Vector {
        self.sweeps[n as usize] - self.sweeps[self.triangles[t as usize][0] as usize]
    }

    fn faces_near(&self, n: u32, t: u32, view: &View) -> bool {
        let (face, reach) = (&self.faces[t as usize], self.reach[t as usize]);
        if 0.0 <= self.normals[n as usize].dot(face) {
            return false;
        }
        let ahead = self.ahead(n, t);
        let arm = self.places[n as usize] - self.places[self.triangles[t as usize][0] as usize];
        let above = arm.dot(face);
        let far = 1.5 * reach + ahead.max(reach);
        -reach <= above && above <= ahead && arm.norm_squared() <= far * far && !self.is_beside(n, t, view)
    }

    /// Whether vertex `n` is a corner of triangle `t` or a neighbour of one.
    fn is_beside(&self, n: u32, t: u32, view: &View) -> bool {
        let v = self.vertices[n as usize];
        let beside = |corner: &u32| view.topology.entry(v as usize, self.vertices[*corner as usize]).is_some();
        self.triangles[t as usize].iter().any(beside)
    }

    /// List what the vertex of `watch` may touch; nothing if there is nothing.
    fn look(&self, watch: &mut Watch, view: &View) {
        let n = watch.number;
        let (v, place) = (self.vertices[n as usize], self.places[n as usize]);
        let at = |n: u32| self.places[n as usize];
        let then = |n: u32| self.places[n as usize] + self.sweeps[n as usize];
        let mut near = [(f64::INFINITY, 0_u32); LOOKED_AT];
        let mut count = 0;
        // No triangle has a longer reach than the whole tree.
        let most = self.tree.leaves_pad().max(AHEAD * self.width[n as usize] + 2.0 * self.sweeps[n as usize].norm());
        self.tree.around(&place, most, |t| {
            let far = self.ahead(n, t).max(self.reach[t as usize]);
            let arm = place - self.places[self.triangles[t as usize][0] as usize];
            let wide = far + 1.5 * self.reach[t as usize];
            if wide * wide < arm.norm_squared() {
                return;
            }
            let mut distance = self.nearest(&place, t, at).depth.abs();
            // What passes by counts by where it will be.
            if 0.5 * self.width[n as usize] < self.against(n, t).norm() {
                distance = distance.min(self.nearest(&(place + self.sweeps[n as usize]), t, then).depth.abs());
            }
            if far < distance || self.is_beside(n, t, view) {
                return;
            }
            let rank = near[..count].partition_point(|other| *other < (distance, t));
            if rank < LOOKED_AT {
                count = (count + 1).min(LOOKED_AT);
                near[rank..count].rotate_right(1);
                near[rank] = (distance, t);
            }
        });
        let mut list = [0_u32; LOOKED_AT];
        list.iter_mut().zip(&near[..count]).for_each(|(to, (_, t))| *to = *t);
        let whose = |nearest: &Nearest| {
            let owner = self.owners[nearest.triangle as usize];
            side(view.tets, view.topology, |v| view.place(v), owner, &nearest.point, v)
        };
        let mut left = count;
        let first = loop {
            let Some(nearest) = self.nearest_of(&place, &list[..left], at) else { return };
            if nearest.depth <= 0.0 {
                break nearest;
            }
            if self.reach[nearest.triangle as usize] < nearest.depth {
                return;
            }
            if whose(&nearest) == Side::Within {
                break nearest;
            }
            left = without(&mut list, left, nearest.triangle);
        };
        let ahead = self.ahead(n, first.triangle);
        if first.depth < -ahead {
            return;
        }
        // What may become the nearest in this frame, but for the back of its own tissue.
        for (distance, t) in &near[..count] {
            if watch.count as usize == MOST {
                break;
            }
            if first.depth.abs() + 2.0 * ahead < *distance || !list[..left].contains(t) {
                continue;
            }
            let nearest = self.nearest(&place, *t, at);
            let against = -self.normals[n as usize].dot(&self.faces[*t as usize]);
            let open = *t == first.triangle || nearest.depth <= 0.0;
            let wanted = open
                || match whose(&nearest) {
                    Side::Within => true,
                    // The vertex is beside that part, and may slide over it.
                    Side::Outside => 0.0 < against,
                    Side::Own => false,
                };
            if wanted {
                watch.triangles[watch.count as usize] = *t;
                watch.costs[watch.count as usize] = 1.0 / against.max(1.0 / SIDEWAYS);
                watch.count += 1;
            }
        }
        let corners = self.triangles[first.triangle as usize].map(|n| self.vertices[n as usize]);
        let other = corners.iter().map(|v| view.grip[*v as usize]).sum::<f64>() / 3.0;
        // Half each, for vertices of both sides have springs.
        watch.stiffness = 0.5 * view.grip[v as usize].min(other);
        // A vertex that was not inside a moment ago did not come through the surface in front of it: it was made there,
        // put there, or thrown too far. What collides is pushed back at once.
        let depth = self.way_out(watch, &place, at).map_or(0.0, |(out, cost)| cost * out.depth);
        let left = if self.left[n as usize] < 0.0 { depth } else { depth.min(self.left[n as usize]) };
        watch.allowed = (left - PARTING_M_S * view.step_s).max(0.0);
    }

    /// The nearest point of triangle `t` to `place`; the corners are where `at` says, m.
    ///
    /// On which side the place is says the normal of the face, edge or corner that the point is on (Bærentzen and Aanæs
    /// 2005, IEEE TVCG 11:243).
    fn nearest(&self, place: &Vector, t: u32, at: impl Fn(u32) -> Vector) -> Nearest {
        let corners = self.triangles[t as usize];
        let [a, b, c] = corners.map(|n| Point::from(at(n)));
        let (point, weights) = closest_on_triangle(&Point::from(*place), [&a, &b, &c]);
        let arm = place - point.coords;
        let distance = arm.norm();
        let face = unit(&(b - a).cross(&(c - a)));
        let upward = match weights.map(|weight| 0.0 < weight) {
            [true, true, true] => face,
            [true, false, false] => self.corner_normal(corners[0]),
            [false, true, false] => self.corner_normal(corners[1]),
            [false, false, true] => self.corner_normal(corners[2]),
            [first, second, _] => {
                let opposite = if !first { 0 } else { 1 + usize::from(second) };
                self.faces[t as usize] + self.faces[self.across[t as usize][opposite] as usize]
            }
        };
        let sign = if arm.dot(&upward) < 0.0 { -1.0 } else { 1.0 };
        let flat = weights.iter().all(|weight| 0.0 < *weight) || distance <= 1e-12;
        let normal = if flat { face } else { arm * (sign / distance) };
        let edge = match weights.map(|weight| 0.0 < weight) {
            [true, true, false] => unit(&(b - a)),
            [false, true, true] => unit(&(c - b)),
            [true, false, true] => unit(&(a - c)),
            _ => Vector::zeros(),
        };
        Nearest { triangle: t, weights, point: point.coords, normal, depth: -sign * distance, flat, edge }
    }

    /// Sum of the normals around vertex `n` at the start of the frame, each by its angle there.
    fn corner_normal(&self, n: u32) -> Vector {
        let around = self.starts[n as usize] as usize..self.starts[n as usize + 1] as usize;
        let mut sum = Vector::zeros();
        for t in &self.around[around] {
            let corners = self.triangles[*t as usize];
            let own = corners.iter().position(|corner| *corner == n).unwrap_or(0);
            let arm = |by: usize| self.places[corners[(own + by) % 3] as usize] - self.places[n as usize];
            sum += self.faces[*t as usize] * arm(1).angle(&arm(2));
        }
        sum
    }

    /// The nearest point of `triangles`.
    fn nearest_of(&self, place: &Vector, triangles: &[u32], at: impl Fn(u32) -> Vector) -> Option<Nearest> {
        let each = triangles.iter().map(|t| self.nearest(place, *t, &at));
        each.reduce(|best, next| if next.depth.abs() < best.depth.abs() { next } else { best })
    }

    /// The cheapest way out of the tissue behind the triangles of `watch`, and what each metre of it costs; none if
    /// `place` is outside.
    ///
    /// Σ cost × depth is continuous and 0 on the surface. Without the costs a vertex that is thrown deep into a corner
    /// in the first try of a frame would be drawn out sideways.
    fn way_out(&self, watch: &Watch, place: &Vector, at: impl Fn(u32) -> Vector) -> Option<(Nearest, f64)> {
        let mut best: Option<Nearest> = None;
        let mut out: Option<(Nearest, f64)> = None;
        for (t, cost) in watch.triangles.iter().zip(watch.costs).take(watch.count as usize) {
            let next = self.nearest(place, *t, &at);
            if best.is_none_or(|best| next.depth.abs() < best.depth.abs()) {
                best = Some(next);
            }
            if 0.0 < next.depth && out.is_none_or(|(out, least)| cost * next.depth < least * out.depth) {
                out = Some((next, cost));
            }
        }
        out.filter(|_| best.is_some_and(|best| 0.0 < best.depth))
    }

    /// Find the touches where `place` says the vertices of the body are, m; the energy of their springs, J.
    pub fn touch(&mut self, place: impl Fn(u32) -> Vector + Sync) -> f64 {
        let mut found = std::mem::take(&mut self.found);
        found.resize(self.watches.len(), Touch::default());
        let at = |n: u32| place(self.vertices[n as usize]);
        found.par_iter_mut().zip(&self.watches).with_min_len(64).for_each(|(touch, watch)| {
            *touch = Touch::default();
            let Some((nearest, cost)) = self.way_out(watch, &at(watch.number), at) else { return };
            let [a, b, c] = self.triangles[nearest.triangle as usize];
            let [w0, w1, _] = nearest.weights;
            let pressed = nearest.depth - watch.allowed / cost;
            let stiffness = watch.stiffness * cost * cost;
            *touch = Touch {
                vertices: [watch.number, a, b, c].map(|n| self.vertices[n as usize]),
                weights: [1.0, -w0, -w1, w0 + w1 - 1.0],
                normal: nearest.normal,
                depth: nearest.depth,
                pressed,
                stiffness,
                aside: if nearest.flat { 0.0 } else { stiffness * pressed / nearest.depth },
                edge: nearest.edge,
                rub: 0.0,
                number: watch.number,
            };
        });
        self.touches.clear();
        self.touches.extend(found.iter().filter(|touch| 0.0 < touch.pressed));
        self.deepest = found.iter().map(|touch| touch.depth).fold(0.0, f64::max);
        self.found = found;
        self.touches.iter().map(Touch::push_energy).sum()
    }
}
