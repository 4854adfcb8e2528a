//! The surface of a body: its lists, where it is in a frame, and the nearest points on it.

use super::lists::{across, around, is_in_pieces, unit};
use super::rough::Rough;
use super::tree::{Node, Tree};
use super::watch::View;
use crate::biomech::interactive::topology::Topology;
use crate::geom::{Point, Vector};
use crate::mesh::bvh::closest_on_triangle;
use rayon::prelude::*;

/// How far in front of a surface a vertex is watched, in units of its own triangles, besides its speed.
const AHEAD: f64 = 0.25;
/// Vertices or triangles one thread works on at a time.
const BLOCK: usize = 512;

/// The nearest point of a triangle.
#[derive(Debug, Clone, Copy)]
pub struct Nearest {
    /// The triangle.
    pub triangle: u32,
    /// Weights of its corners.
    pub weights: [f64; 3],
    /// Where the point is, m.
    pub point: Vector,
    /// Square of the distance, m².
    pub square: f64,
}

impl Nearest {
    /// Whether the point is within the triangle, not on its border.
    pub fn is_flat(&self) -> bool {
        self.weights.iter().all(|weight| 0.0 < *weight)
    }
}

/// The surface, in numbers of its own vertices.
#[derive(Debug, Clone, Default)]
pub struct Surface {
    /// Whether there are several parts, or vertices that coincide at rest.
    pub parted: bool,
    /// The vertex of the body that each of its vertices is.
    pub vertices: Vec<u32>,
    /// Corners of the triangles.
    pub triangles: Vec<[u32; 3]>,
    /// The tetrahedron of each.
    pub owners: Vec<u32>,
    /// The triangle across the edge opposite to each corner; itself where there is none.
    across: Vec<[u32; 3]>,
    /// Triangles around each vertex are `around[starts[v]..starts[v + 1]]`.
    starts: Vec<u32>,
    around: Vec<u32>,
    /// Longest edge of each triangle at rest, m.
    pub reach: Vec<f64>,
    /// Width of the smallest triangle around each vertex at rest, m.
    pub width: Vec<f64>,
    /// Sides of cuts.
    pub rough: Rough,
    tree: Tree,
    // The start of the frame.
    /// Where the vertices are, m; sides of cuts smoothed.
    pub places: Vec<Vector>,
    /// Movement of each vertex in the frame if it goes on as before, less that of all, m.
    pub sweeps: Vec<Vector>,
    areas: Vec<Vector>,
    /// Unit normals of the triangles.
    pub faces: Vec<Vector>,
    /// Unit normals of the vertices.
    pub normals: Vec<Vector>,
    /// The same of sides of cuts alone; 0 elsewhere.
    sides: Vec<Vector>,
}

impl Surface {
    /// Of the triangles `outer` and their tetrahedra of a body in m.
    pub fn new(outer: &[([u32; 3], u32)], topology: &Topology, rest: &[[f64; 3]]) -> Self {
        let mut number = vec![u32::MAX; rest.len()];
        outer.iter().for_each(|(corners, _)| corners.iter().for_each(|v| number[*v as usize] = 0));
        let vertices: Vec<u32> = (0..rest.len() as u32).filter(|v| number[*v as usize] == 0).collect();
        vertices.iter().zip(0..).for_each(|(v, n)| number[*v as usize] = n);
        let triangles: Vec<[u32; 3]> = outer.iter().map(|(c, _)| c.map(|v| number[v as usize])).collect();
        let at_rest: Vec<[f64; 3]> = vertices.iter().map(|v| rest[*v as usize]).collect();
        let (mut reach, mut width) = (Vec::with_capacity(triangles.len()), vec![f64::INFINITY; vertices.len()]);
        let mut keys = Vec::with_capacity(triangles.len());
        for corners in &triangles {
            let [a, b, c] = corners.map(|n| Vector::from(at_rest[n as usize]));
            let normal = (b - a).cross(&(c - a));
            let longest = (b - a).norm().max((c - a).norm()).max((c - b).norm());
            reach.push(longest);
            corners.iter().for_each(|n| width[*n as usize] = width[*n as usize].min(normal.norm().sqrt()));
            // Opposite sides of a sheet or cut belong far apart in the tree.
            let facing = unit(&normal) * (3.0 * longest);
            let middle = (a + b + c) / 3.0;
            keys.push([middle.x, middle.y, middle.z, facing.x, facing.y, facing.z].map(|x| x as f32));
        }
        let (starts, around) = around(&triangles, vertices.len());
        let rough = Rough::new(&triangles, &at_rest);
        Self {
            parted: rough.coincides || is_in_pieces(&vertices, topology, rest.len()),
            across: across(&triangles, &starts, &around),
            starts,
            around,
            tree: Tree::new(&keys),
            owners: outer.iter().map(|(_, tet)| *tet).collect(),
            places: vec![Vector::zeros(); vertices.len()],
            sweeps: vec![Vector::zeros(); vertices.len()],
            areas: vec![Vector::zeros(); triangles.len()],
            faces: vec![Vector::zeros(); triangles.len()],
            normals: vec![Vector::zeros(); vertices.len()],
            sides: vec![Vector::zeros(); vertices.len()],
            vertices,
            triangles,
            reach,
            width,
            rough,
        }
    }

    /// Places, sweeps, normals and the tree at the start of the frame.
    pub fn see(&mut self, view: &View) {
        let Self { vertices, triangles, starts, around, reach, rough, tree, places, sweeps, .. } = self;
        let (areas, faces, normals, sides) = (&mut self.areas, &mut self.faces, &mut self.normals, &mut self.sides);
        let mean = vertices.iter().map(|v| Vector::from(view.v[*v as usize])).sum::<Vector>() / vertices.len() as f64;
        for (v, (place, sweep)) in vertices.iter().zip(places.iter_mut().zip(sweeps.iter_mut())) {
            *place = view.place(*v);
            *sweep = (Vector::from(view.v[*v as usize]) - mean) * view.step_s;
        }
        rough.smooth(places);
        let places: &[Vector] = places;
        let each = triangles.par_iter().zip(areas.par_iter_mut().zip(faces.par_iter_mut())).with_min_len(BLOCK);
        each.for_each(|(corners, (area, face))| {
            let [a, b, c] = corners.map(|n| places[n as usize]);
            *area = (b - a).cross(&(c - a));
            *face = unit(area);
        });
        let each = normals.par_iter_mut().zip(sides.par_iter_mut()).enumerate().with_min_len(BLOCK);
        each.for_each(|(n, (normal, side))| {
            let around = around[starts[n] as usize..starts[n + 1] as usize].iter().map(|t| *t as usize);
            *normal = unit(&around.clone().map(|t| areas[t]).sum());
            if rough.is_rough(n as u32) {
                *side = unit(&around.filter(|t| rough.is_side[*t]).map(|t| areas[t]).sum());
            }
        });
        tree.fit(|of| {
            let corners = of.iter().flat_map(|t| triangles[*t as usize]).map(|n| n as usize);
            let swept = corners.flat_map(|n| [places[n], places[n] + sweeps[n]]);
            let pad = of.iter().map(|t| reach[*t as usize]).fold(0.0, f64::max);
            Node::new(swept, of.iter().map(|t| faces[*t as usize]), pad)
        });
    }

    /// The nearest points of the triangles that vertex `n` faces and is close to, the nearest first.
    pub fn close_to(&self, n: u32) -> Vec<Nearest> {
        let (place, normal) = (&self.places[n as usize], &self.normals[n as usize]);
        let mut near = Vec::new();
        self.tree.around(place, normal, self.ahead_at_rest(n), |t| {
            if self.faces_near(n, t) {
                near.push(self.nearest(place, t));
            }
        });
        near.sort_unstable_by(|a, b| a.square.total_cmp(&b.square).then(a.triangle.cmp(&b.triangle)));
        near
    }

    /// How far ahead vertex `n` is watched where nothing moves against it, and where it moves alone twice its way, m.
    fn ahead_at_rest(&self, n: u32) -> f64 {
        AHEAD * self.width[n as usize] + 2.0 * self.sweeps[n as usize].norm()
    }

    /// How far in front of triangle `t` vertex `n` is watched, m.
    pub fn ahead(&self, n: u32, t: u32) -> f64 {
        AHEAD * self.width[n as usize] + 2.0 * self.sweep(n, t).norm()
    }

    /// How vertex `n` moves against triangle `t` in the frame if both go on as before, m.
    pub fn sweep(&self, n: u32, t: u32) -> Vector {
        self.sweeps[n as usize] - self.sweeps[self.triangles[t as usize][0] as usize]
    }

    fn faces_near(&self, n: u32, t: u32) -> bool {
        let (face, reach) = (&self.faces[t as usize], self.reach[t as usize]);
        if 0.0 <= self.normals[n as usize].dot(face) {
            return false;
        }
        let corners = &self.triangles[t as usize];
        let arm = self.places[n as usize] - self.places[corners[0] as usize];
        let above = arm.dot(face);
        if above < -reach || corners.contains(&n) {
            return false;
        }
        let ahead = self.ahead(n, t);
        let far = reach + if 0.0 <= above { ahead } else { ahead.max(reach) };
        above <= ahead && arm.norm_squared() <= far * far
    }

    /// The nearest point of triangle `t` to `place`, m.
    fn nearest(&self, place: &Vector, t: u32) -> Nearest {
        let [a, b, c] = self.triangles[t as usize].map(|n| Point::from(self.places[n as usize]));
        let (point, weights) = closest_on_triangle(&Point::from(*place), [&a, &b, &c]);
        Nearest { triangle: t, weights, point: point.coords, square: (place - point.coords).norm_squared() }
    }

    /// Which way is out of the surface at the nearest point to `place`, and how deep behind it that is, m; negative in
    /// front.
    ///
    /// On which side the place is says the normal of the face, edge or corner that the point is on (Bærentzen and Aanæs
    /// 2005, IEEE TVCG 11:243).
    pub fn out(&self, place: &Vector, nearest: &Nearest) -> (Vector, f64) {
        let (corners, t) = (self.triangles[nearest.triangle as usize], nearest.triangle as usize);
        let arm = place - nearest.point;
        let distance = nearest.square.sqrt();
        let upward = match nearest.weights.map(|weight| 0.0 < weight) {
            [true, true, true] => self.faces[t],
            [true, false, false] => self.corner_normal(corners[0]),
            [false, true, false] => self.corner_normal(corners[1]),
            [false, false, true] => self.corner_normal(corners[2]),
            [first, second, _] => {
                let opposite = if !first { 0 } else { 1 + usize::from(second) };
                self.faces[t] + self.faces[self.across[t][opposite] as usize]
            }
        };
        let sign = if arm.dot(&upward) < 0.0 { -1.0 } else { 1.0 };
        let flat = nearest.is_flat() || distance <= 1e-12;
        (if flat { self.faces[t] } else { arm * (sign / distance) }, -sign * distance)
    }

    /// As [`Self::out`] where vertex `n` and the point are on sides of cuts: against the middle between their normals.
    /// None where they are not, or the vertex stands out over the rim.
    pub fn out_of_cut(&self, n: u32, place: &Vector, nearest: &Nearest) -> Option<(Vector, f64)> {
        let corners = self.triangles[nearest.triangle as usize].iter().zip(nearest.weights);
        if !self.rough.is_rough(n) || !self.rough.is_side[nearest.triangle as usize] {
            return None;
        }
        let there: Vector = corners.map(|(n, weight)| self.sides[*n as usize] * weight).sum();
        let middle = unit(&there) - self.sides[n as usize];
        let out = unit(&middle);
        let arm = place - nearest.point;
        let beside = (arm - out * out.dot(&arm)).norm();
        (1.0 < middle.norm() && beside <= AHEAD * self.width[n as usize]).then(|| (out, -out.dot(&arm)))
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
}
