//! Conjugate gradients on the stiffness of a frame, with the inverse of each vertex's block as preconditioner.
//!
//! Vectors are in single precision, scalar products in double, over fixed blocks in fixed order. A run that is cut
//! short still gives a step downhill (Hestenes and Stiefel 1952; Nocedal and Wright 2006, section 7.1).

use super::coarse::Coarse;
use super::kernels::{Pressures, Products};
use super::matrix::{Four, Stiffness, again, plus};
use super::pieces::Pieces;
use super::self_contact::touch::Link;
use super::topology::Topology;
use pulp::Arch;
use rayon::prelude::*;

/// Vertices one thread works on at a time.
pub const BLOCK: usize = 256;

/// How a solve ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct End {
    /// Products with the matrix.
    pub iterations: usize,
    /// Preconditioned residual over that of the start.
    pub residual: f64,
    /// A direction was met along which the stiffness is not positive.
    pub indefinite: bool,
}

/// Memory of the iteration: one vector of four numbers a vertex each.
#[derive(Debug, Clone, Default)]
pub struct Conjugate {
    /// The solution, m.
    pub x: Vec<Four>,
    /// The right-hand side at the start, then what is left of it, N; zero where the body is held.
    pub r: Vec<Four>,
    /// What couples vertices that are no neighbours: parts of the body that touch.
    pub links: Vec<Link>,
    z: Vec<Four>,
    p: Vec<Four>,
    q: Vec<Four>,
    pressure: Vec<f32>,
    sums: Vec<f64>,
}

/// Scalar product; all four numbers take part, so that vector instructions do, and the fourth of `b` is 0.
#[inline(always)]
pub(super) fn dot(a: &Four, b: &Four) -> f64 {
    let products: Four = std::array::from_fn(|i| a[i] * b[i]);
    f64::from((products[0] + products[1]) + (products[2] + products[3]))
}

#[inline(always)]
fn apply(inverse: &[Four; 3], r: &Four) -> Four {
    let [c0, c1, c2] = inverse;
    std::array::from_fn(|i| c0[i] * r[0] + c1[i] * r[1] + c2[i] * r[2])
}

/// Add to the directions `p` what the coarse level found.
fn add(coarse: &Coarse, free: &[Four], p: &mut [Four]) {
    let parts = p.par_iter_mut().zip(free).enumerate().with_min_len(4 * BLOCK);
    parts.for_each(|(v, (p, free))| *p = plus(*p, coarse.at(v, free), 1.0));
}

impl Conjugate {
    /// Make room for `vertices` unknown places in the memory there is.
    pub fn renew(&mut self, vertices: usize) {
        let Self { x, r, links, z, p, q, pressure, sums } = self;
        links.clear();
        [x, r, z, p, q].into_iter().for_each(|vector| again(vector, vertices, [0.0; 4]));
        again(pressure, vertices, 0.0);
        again(sums, vertices.div_ceil(BLOCK), 0.0);
    }

    /// Solve `H x = r` to `tolerance` or for `iterations_max` products. `free` is 1 for components that may move, else
    /// 0; loose `pieces` of `mass` in kg are moved as a whole first and last; `coarse` is the second level, if any.
    pub fn solve(
        &mut self,
        stiffness: &Stiffness,
        topology: &Topology,
        free: &[Four],
        (pieces, mass): (&mut Pieces, &[f64]),
        coarse: Option<&mut Coarse>,
        tolerance: f64,
        iterations_max: usize,
    ) -> End {
        self.x.fill([0.0; 4]);
        let size: f64 = self.r.iter().zip(&stiffness.inverse).map(|(r, inverse)| dot(r, &apply(inverse, r))).sum();
        pieces.move_whole(mass, free, &mut self.r, &mut self.x);
        let end = self.iterate(stiffness, topology, free, coarse, size, tolerance, iterations_max);
        pieces.move_whole(mass, free, &mut self.r, &mut self.x);
        end
    }

    fn iterate(
        &mut self,
        stiffness: &Stiffness,
        topology: &Topology,
        free: &[Four],
        mut coarse: Option<&mut Coarse>,
        size: f64,
        tolerance: f64,
        iterations_max: usize,
    ) -> End {
        let Self { x, r, links, z, p, q, pressure, sums } = self;
        let arch = Arch::new();
        let start =
            (x.par_chunks_mut(BLOCK), r.par_chunks_mut(BLOCK), z.par_chunks_mut(BLOCK), p.par_chunks_mut(BLOCK));
        start.into_par_iter().zip(&mut *sums).enumerate().for_each(|(block, ((_, r, z, p), sum))| {
            let inverse = &stiffness.inverse[block * BLOCK..];
            *sum = 0.0;
            for i in 0..r.len() {
                z[i] = apply(&inverse[i], &r[i]);
                p[i] = z[i];
                *sum += dot(&r[i], &z[i]);
            }
        });
        let total = |sums: &[f64]| sums.iter().sum::<f64>();
        let first = total(sums);
        let mut end = End::default();
        if !(0.0 < first && first.is_finite()) {
            return end;
        }
        let mut rz = first;
        if let Some(coarse) = &mut coarse {
            rz += coarse.solve(r);
            add(coarse, free, p);
        }
        let relative = |rz: f64| (rz / size).max(0.0).sqrt();
        end.residual = relative(first);
        while end.iterations < iterations_max && tolerance < end.residual {
            let directions: &[Four] = p;
            pressure.par_chunks_mut(BLOCK).enumerate().for_each(|(block, out)| {
                arch.dispatch(Pressures { stiffness, topology, x: directions, first: block * BLOCK, out });
            });
            let pressure: &[f32] = pressure;
            q.par_chunks_mut(BLOCK).zip(&mut *sums).enumerate().for_each(|(block, (out, sum))| {
                let first = block * BLOCK;
                *sum = arch.dispatch(Products { stiffness, topology, x: directions, pressure, free, first, out });
            });
            // In one order on one thread: they are few.
            let linked: f64 = links.iter().map(|link| link.add_product(directions, free, q)).sum();
            let curvature = total(sums) + linked;
            end.iterations += 1;
            if !(0.0 < curvature && curvature.is_finite()) {
                end.indefinite = true;
                break;
            }
            let alpha = (rz / curvature) as f32;
            let step = (x.par_chunks_mut(BLOCK), r.par_chunks_mut(BLOCK), z.par_chunks_mut(BLOCK));
            step.into_par_iter().zip(&mut *sums).enumerate().for_each(|(block, ((x, r, z), sum))| {
                let inverse = &stiffness.inverse[block * BLOCK..];
                *sum = 0.0;
                for i in 0..x.len() {
                    x[i] = plus(x[i], directions[block * BLOCK + i], alpha);
                    r[i] = plus(r[i], q[block * BLOCK + i], -alpha);
                    z[i] = apply(&inverse[i], &r[i]);
                    *sum += dot(&r[i], &z[i]);
                }
            });
            // What is left is told in the same norm with one level and with two.
            let left = total(sums);
            let next = left + coarse.as_mut().map_or(0.0, |coarse| coarse.solve(r));
            if !next.is_finite() {
                end.indefinite = true;
                break;
            }
            let beta = (next / rz) as f32;
            rz = next;
            end.residual = relative(left);
            p.par_iter_mut().zip(&*z).with_min_len(4 * BLOCK).for_each(|(p, z)| *p = plus(*z, *p, beta));
            if let Some(coarse) = &coarse {
                add(coarse, free, p);
            }
        }
        if end.indefinite && end.iterations == 1 {
            // Not even the first direction curves upwards: take the step each vertex would take alone.
            x.iter_mut().zip(&*z).for_each(|(x, z)| *x = plus(*x, *z, 1.0));
        }
        end
    }
}
