//! Connected parts of a body that nothing holds, and how they move as a whole.
//!
//! The stiffness of a part knows nothing of its place, so few iterations leave a falling part behind, and momentum is
//! lost with what they leave. The mean movement of each loose part is therefore solved exactly, before and after the
//! iterations: a coarse level of one node a part.

use super::matrix::Four;
use nalgebra::{Matrix3, Vector3};

/// The loose parts of a body.
#[derive(Debug, Clone, Default)]
pub struct Pieces {
    /// The loose part of each vertex.
    of: Vec<Option<u32>>,
    /// Tetrahedra of each loose part.
    tets: Vec<u32>,
    /// What resists the movement of each part: inertia, and springs of tools and graspers, N/m.
    resistance: Vec<Matrix3<f64>>,
    force: Vec<Vector3<f64>>,
    /// Springs on vertices of loose parts: what each resists if the part moves as a whole, N/m.
    springs: Vec<(u32, Matrix3<f64>)>,
    /// Springs between vertices of two parts, of which one may be held.
    between: Vec<Between>,
    /// The same of each two loose parts: what couples their movements, N/m.
    meetings: Vec<(u32, u32, Matrix3<f64>)>,
    /// Memory of the iteration that solves for loose parts that touch.
    coarse: [Vec<Vector3<f64>>; 4],
    /// What a mass is multiplied with, 1/s².
    factor: f64,
}

/// A spring between a vertex and a triangle of two parts.
#[derive(Debug, Clone, Copy)]
struct Between {
    vertices: [u32; 4],
    /// 1, then minus the weights of a point of the triangle.
    weights: [f64; 4],
    /// Parts of the vertex and of the triangle.
    parts: [Option<u32>; 2],
    /// N/m.
    block: Matrix3<f64>,
}

/// Steps of the iteration for loose parts that touch; three a part are enough but for rounding.
const STEPS: usize = 60;

impl Pieces {
    /// The parts of `tets` of which no component is held.
    pub fn new(tets: &[[u32; 4]], free: &[Four]) -> Self {
        fn find(root: &mut [u32], mut v: u32) -> u32 {
            while root[v as usize] != v {
                root[v as usize] = root[root[v as usize] as usize];
                v = root[v as usize];
            }
            v
        }
        let mut root: Vec<u32> = (0..free.len() as u32).collect();
        for tet in tets {
            for corner in &tet[1..] {
                let (a, b) = (find(&mut root, tet[0]), find(&mut root, *corner));
                root[a.max(b) as usize] = a.min(b);
            }
        }
        let mut count = vec![0_u32; free.len()];
        tets.iter().for_each(|tet| count[find(&mut root, tet[0]) as usize] += 1);
        let mut held = vec![false; free.len()];
        for (v, free) in (0..).zip(free) {
            let own = find(&mut root, v) as usize;
            held[own] |= free[..3].contains(&0.0);
        }
        let mut number = vec![None; free.len()];
        let mut pieces = Self::default();
        for v in (0..free.len()).filter(|v| 0 < count[*v] && !held[*v]) {
            number[v] = Some(pieces.tets.len() as u32);
            pieces.tets.push(count[v]);
        }
        pieces.of = (0..free.len() as u32).map(|v| number[find(&mut root, v) as usize]).collect();
        pieces.resistance = vec![Matrix3::zeros(); pieces.tets.len()];
        pieces.force = vec![Vector3::zeros(); pieces.tets.len()];
        pieces
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.tets.len()
    }

    /// The loose part of vertex `v`.
    pub fn of(&self, v: usize) -> Option<u32> {
        self.of[v]
    }

    /// Tetrahedra of each.
    pub fn tets(&self) -> &[u32] {
        &self.tets
    }

    /// Start anew with inertia alone: `factor` of each mass, N/m.
    pub fn begin(&mut self, mass: &[f64], factor: f64) {
        self.resistance.fill(Matrix3::zeros());
        self.springs.clear();
        self.between.clear();
        self.meetings.clear();
        self.factor = factor;
        if self.tets.is_empty() {
            return;
        }
        for (piece, mass) in self.of.iter().zip(mass) {
            if let Some(piece) = piece {
                self.resistance[*piece as usize] += Matrix3::from_diagonal_element(mass * factor);
            }
        }
    }

    /// Add a spring on vertex `v`, N/m.
    pub fn add(&mut self, v: u32, block: &[[f64; 3]; 3], weight: f64) {
        if let Some(piece) = self.of[v as usize] {
            let spring = Matrix3::from_fn(|i, j| weight * block[i][j]);
            self.resistance[piece as usize] += spring;
            self.springs.push((v, spring));
        }
    }

    /// Add a spring of `block` N/m between a vertex and a point of a triangle: Σ `weights` × place is their distance.
    pub fn add_between(&mut self, vertices: [u32; 4], weights: [f64; 4], block: &Matrix3<f64>) {
        let parts = [vertices[0], vertices[1]].map(|v| self.of[v as usize]);
        if parts[0] == parts[1] {
            return;
        }
        self.between.push(Between { vertices, weights, parts, block: *block });
        parts.iter().flatten().for_each(|part| self.resistance[*part as usize] += block);
        if let [Some(a), Some(b)] = parts {
            let (a, b) = (a.min(b), a.max(b));
            match self.meetings.iter_mut().find(|(one, other, _)| (*one, *other) == (a, b)) {
                Some((.., sum)) => *sum += block,
                None => self.meetings.push((a, b, *block)),
            }
        }
    }

    /// Turn `force` into the movements of the parts, m.
    fn solve(&mut self) {
        if self.meetings.is_empty() {
            for (force, resistance) in self.force.iter_mut().zip(&self.resistance) {
                *force = alone(resistance, force);
            }
            return;
        }
        // Conjugate gradients, each part alone as preconditioner.
        let [x, z, p, q] = &mut self.coarse;
        let (r, count) = (&mut self.force, self.resistance.len());
        [&mut *x, &mut *z, &mut *p, &mut *q].into_iter().for_each(|v| v.resize(count, Vector3::zeros()));
        x.fill(Vector3::zeros());
        let dot = |a: &[Vector3<f64>], b: &[Vector3<f64>]| a.iter().zip(b).map(|(a, b)| a.dot(b)).sum::<f64>();
        let (mut rz, mut first) = (0.0, 0.0);
        for step in 0..STEPS {
            z.iter_mut().zip(&*r).zip(&self.resistance).for_each(|((z, r), resistance)| *z = alone(resistance, r));
            let next = dot(r, z);
            first = if step == 0 { next } else { first };
            if !(1e-24 * first < next) {
                break;
            }
            let beta = if step == 0 { 0.0 } else { next / rz };
            rz = next;
            p.iter_mut().zip(&*z).for_each(|(p, z)| *p = z + if step == 0 { Vector3::zeros() } else { *p * beta });
            q.iter_mut().zip(&*p).zip(&self.resistance).for_each(|((q, p), resistance)| *q = resistance * p);
            for (a, b, block) in &self.meetings {
                let (a, b) = (*a as usize, *b as usize);
                q[a] -= block * p[b];
                q[b] -= block * p[a];
            }
            let curvature = dot(p, q);
            if !(0.0 < curvature) {
                break;
            }
            let alpha = rz / curvature;
            x.iter_mut().zip(&*p).for_each(|(x, p)| *x += p * alpha);
            r.iter_mut().zip(&*q).for_each(|(r, q)| *r -= q * alpha);
        }
        r.copy_from_slice(x);
    }

    /// Move each part under the forces `r` left: add the movement to `x`, m, and take from `r` what resists it. The
    /// elastic forces do not: no rounding of theirs either. `free` is 1 for components that may move, else 0.
    pub fn move_whole(&mut self, mass: &[f64], free: &[Four], r: &mut [Four], x: &mut [Four]) {
        if self.tets.is_empty() {
            return;
        }
        self.force.fill(Vector3::zeros());
        for (piece, r) in self.of.iter().zip(&*r) {
            if let Some(piece) = piece {
                self.force[*piece as usize] += Vector3::new(r[0], r[1], r[2]).cast();
            }
        }
        self.solve();
        for (v, (r, x)) in r.iter_mut().zip(x).enumerate() {
            let Some(piece) = self.of[v] else { continue };
            let way = &self.force[piece as usize];
            for i in 0..3 {
                x[i] += way[i] as f32;
                r[i] = (f64::from(r[i]) - mass[v] * self.factor * way[i]) as f32;
            }
        }
        for (v, spring) in &self.springs {
            let Some(piece) = self.of[*v as usize] else { continue };
            let force = spring * self.force[piece as usize];
            (0..3).for_each(|i| r[*v as usize][i] -= force[i] as f32);
        }
        for Between { vertices, weights, parts, block } in &self.between {
            let [of_vertex, of_triangle] =
                parts.map(|part| part.map_or_else(Vector3::zeros, |part| self.force[part as usize]));
            let force = block * (of_vertex - of_triangle);
            for (v, weight) in vertices.iter().map(|v| *v as usize).zip(weights) {
                (0..3).for_each(|i| r[v][i] -= (weight * force[i]) as f32 * free[v][i]);
            }
        }
    }
}

/// The movement of one part under `force`, m, if no other moves.
fn alone(resistance: &Matrix3<f64>, force: &Vector3<f64>) -> Vector3<f64> {
    resistance.cholesky().map_or_else(Vector3::zeros, |cholesky| cholesky.solve(force))
}
