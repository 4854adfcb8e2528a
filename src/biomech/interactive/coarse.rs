//! A coarse level for bodies of many tetrahedra: few unknowns that carry forces across the body in one iteration, where
//! the inverses of the vertices' own blocks carry them from neighbour to neighbour.
//!
//! ```text
//! M⁻¹ = D⁻¹ + P T E⁻¹ Tᵀ Pᵀ        E = Pᵀ H P
//! D: blocks of the vertices        P: trilinear in the cells of a grid        T: turn of the tissue around each node
//! ```
//!
//! An additive two-level preconditioner (Dryja and Widlund 1987; Smith, Bjørstad and Gropp 1996, section 2.2) whose coarse
//! space are the trilinear displacements of a regular grid over the shape at rest. E is built once, from the stiffness of
//! a body's first frame, and inverted: the inverse is dense, and a product with it is what a graphics card or two threads
//! do best. It stays as it is while the body bends, is cut, grasped or pressed, and turns with the tissue, as stiffness
//! does: any positive E gives a preconditioner, and an old one costs iterations, never the answer. (Without the turns a
//! body that lies otherwise than in its first frame would need more iterations than on one level.) A cut changes neither
//! the grid nor the movement of either side at the cut, so copies of vertices are only looked up in it. Loose parts are
//! moved as a whole before ([`super::pieces`]).
//!
//! What it is for: a block of 52 000 tetrahedra at ν 0.45 needs 100 iterations to 1e-3 on one level and 33 with 270
//! unknowns on the second. Pulled by 30 mm at ν 0.49 it is not within 1 % of rest after 60 frames of 12 iterations on one
//! level, and after 35 frames of 6 on two (measured before the level turned with the tissue).

use super::conjugate::BLOCK;
use super::lattice::{CORNERS, Lattice, NONE, sorted_by, weights};
use super::matrix::{COUPLING, Four, Stiffness, again, plus};
use super::topology::Topology;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::{factor, inverse};
use faer::{Mat, Par};
use nalgebra::{Matrix3, Vector3};
use rayon::prelude::*;

/// Vertices a cell of the grid holds on average: with 30 a body needs two thirds of the iterations, but the product with
/// the inverse costs as much as it saves.
const VERTICES: f64 = 100.0;
/// Most nodes, so that the inverse (9 MB) stays in the cache.
const NODES_MAX: usize = 500;
/// Most cells, used or not.
const CELLS_MAX: usize = 20 * NODES_MAX;
/// Added to the diagonal of E as a share of it.
const RIDGE: f64 = 1e-6;
/// Parts of the vertices that add to E apart from each other; a fixed number for the same bits on any number of threads.
const PARTS: usize = 2;

/// The coarse level of a body.
#[derive(Debug, Clone, Default)]
pub struct Coarse {
    lattice: Lattice,
    nodes: usize,
    /// Nodes at the corners of every cell; `nodes` where there is none.
    corners: Vec<[u32; CORNERS]>,
    /// Cell of every vertex, and where in it.
    cell: Vec<u32>,
    place: Vec<[f32; 3]>,
    /// `starts[c]..starts[c + 1]` of `members`: the vertices of cell c, ascending.
    starts: Vec<u32>,
    members: Vec<u32>,
    /// `gather_starts[n]..gather_starts[n + 1]` of `gathered`: 8 × cell + corner that node n is.
    gather_starts: Vec<u32>,
    gathered: Vec<u32>,
    /// How the tissue around each node was turned when E was built, and how it has turned since.
    built: Vec<Matrix3<f64>>,
    turns: Vec<Matrix3<f32>>,
    /// Number of vertices, sums of their places at rest, now, and of the products now × rest of every cell, m.
    moments: Vec<(f64, Vector3<f64>, Vector3<f64>, Matrix3<f64>)>,
    /// E⁻¹, m/N, row by row.
    inverse: Vec<f32>,
    /// Forces on the corners of every cell, N.
    parts: Vec<[Four; CORNERS]>,
    /// Forces on the nodes, N, three numbers each.
    force: Vec<f32>,
    /// What they move by, m, and one that never moves.
    way: Vec<Four>,
}

impl Coarse {
    /// The coarse level of a body of `volume_m3` with the places `rest` and its stiffness now; `free` is 1 for components
    /// that may move, else 0. It does nothing where there is nothing to gain: no volume, no free vertex.
    pub fn new(rest: &[[f64; 3]], volume_m3: f64, stiffness: &Stiffness, topology: &Topology, free: &[Four]) -> Self {
        let moves = |v: usize| !topology.row(v).is_empty() && free[v] != [0.0; 4];
        let moving: Vec<[f64; 3]> = (0..rest.len()).filter(|v| moves(*v)).map(|v| rest[v]).collect();
        let mut edge_m = (volume_m3 * VERTICES / rest.len().max(1) as f64).cbrt();
        if moving.is_empty() || !(0.0 < edge_m && edge_m.is_finite()) {
            return Self::default();
        }
        let mut coarse = loop {
            let lattice = Lattice::new(&moving, edge_m);
            // A few thin parts far from each other have a large box.
            if lattice.cell_count() <= CELLS_MAX {
                let coarse = Self::over(lattice, &moving);
                if coarse.nodes <= NODES_MAX {
                    break coarse;
                }
            }
            edge_m *= 1.05;
        };
        coarse.locate(rest, topology);
        coarse.invert(stiffness, topology, free);
        coarse
    }

    /// Nodes and cells of `lattice` where there are `moving` vertices.
    fn over(lattice: Lattice, moving: &[[f64; 3]]) -> Self {
        let mut weight = vec![0.0_f32; lattice.nodes().iter().product()];
        for p in moving {
            let (cell, place) = lattice.find(p);
            (0..).zip(weights(place)).for_each(|(corner, share)| weight[lattice.node(cell, corner)] += share);
        }
        let leaders = lattice.leaders(&weight);
        let (mut number, mut nodes) = (vec![NONE; leaders.len()], 0);
        for node in (0..leaders.len()).filter(|node| leaders[*node] as usize == *node) {
            number[node] = nodes;
            nodes += 1;
        }
        let of = |cell: usize, corner: usize| {
            number.get(leaders[lattice.node(cell, corner)] as usize).copied().unwrap_or(nodes)
        };
        let mut corners: Vec<[u32; CORNERS]> =
            (0..lattice.cell_count()).map(|cell| std::array::from_fn(|corner| of(cell, corner))).collect();
        corners.push([nodes; CORNERS]);
        let nodes = nodes as usize;
        let (gather_starts, gathered) = sorted_by(corners.as_flattened(), nodes);
        Self { lattice, nodes, corners, gather_starts, gathered, ..Self::default() }
    }

    /// Look up all vertices: at the start, and after a cut, which makes copies and moves some at rest.
    pub fn locate(&mut self, rest: &[[f64; 3]], topology: &Topology) {
        if self.nodes == 0 {
            return;
        }
        let Self { lattice, cell, place, starts, members, .. } = self;
        again(cell, rest.len(), 0);
        again(place, rest.len(), [0.0; 3]);
        let found = cell.par_iter_mut().zip(place).zip(rest).enumerate().with_min_len(4 * BLOCK);
        found.for_each(|(v, ((cell, place), p))| {
            let (n, at) = lattice.find(p);
            // A vertex without tetrahedra stays where it is, in a cell without nodes.
            let n = if topology.row(v).is_empty() { lattice.cell_count() } else { n };
            (*cell, *place) = (n as u32, at);
        });
        (*starts, *members) = sorted_by(cell, lattice.cell_count());
        again(&mut self.parts, self.lattice.cell_count(), [[0.0; 4]; CORNERS]);
        again(&mut self.force, 3 * self.nodes, 0.0);
        again(&mut self.way, self.nodes + 1, [0.0; 4]);
    }

    /// Nodes and weights of a vertex.
    #[inline(always)]
    fn of(&self, v: usize) -> impl Iterator<Item = (u32, f32)> {
        let corners = self.corners[self.cell[v] as usize];
        let there = |(node, weight): &(u32, f32)| (*node as usize) < self.nodes && 0.0 < *weight;
        corners.into_iter().zip(weights(self.place[v])).filter(there)
    }

    /// E⁻¹; none where E has no factor.
    fn invert(&mut self, stiffness: &Stiffness, topology: &Topology, free: &[Four]) {
        let n = 3 * self.nodes;
        let share = topology.vertices().div_ceil(PARTS);
        let part = |part: usize| {
            let vertices = part * share..((part + 1) * share).min(topology.vertices());
            self.project(stiffness, topology, free, vertices)
        };
        let mut sum: Vec<Vec<f64>> = (0..PARTS).into_par_iter().map(part).collect();
        let mut e = sum.pop().unwrap_or_default();
        sum.iter().for_each(|other| e.iter_mut().zip(other).for_each(|(e, other)| *e += other));
        let mut matrix = Mat::<f64>::from_fn(n, n, |i, j| e[n * i.max(j) + i.min(j)]);
        (0..n).for_each(|i| matrix[(i, i)] = if 0.0 < e[n * i + i] { (1.0 + RIDGE) * e[n * i + i] } else { 1.0 });
        let need = factor::cholesky_in_place_scratch::<f64>(n, Par::Seq, Default::default())
            .or(inverse::inverse_scratch::<f64>(n, Par::Seq));
        let mut memory = MemBuffer::new(need);
        let stack = MemStack::new(&mut memory);
        // One thread: the same bits whatever the number there are.
        let done = factor::cholesky_in_place(matrix.as_mut(), Default::default(), Par::Seq, stack, Default::default());
        if done.is_err() {
            *self = Self::default();
            return;
        }
        let mut found = Mat::<f64>::zeros(n, n);
        inverse::inverse(found.as_mut(), matrix.as_ref(), Par::Seq, stack);
        self.inverse = (0..n * n).map(|at| found[((at / n).max(at % n), (at / n).min(at % n))] as f32).collect();
        if self.inverse.iter().any(|x| !x.is_finite()) {
            *self = Self::default();
        }
    }

    /// What the rows of `vertices` add to E, N/m: row by row, below the diagonal and on it.
    fn project(
        &self,
        stiffness: &Stiffness,
        topology: &Topology,
        free: &[Four],
        vertices: std::ops::Range<usize>,
    ) -> Vec<f64> {
        let n = 3 * self.nodes;
        let mut e = vec![0.0_f64; n * n];
        // Where a node is among those a row meets; of each, A P in N/m and B P in m².
        let mut slot = vec![usize::MAX; self.nodes];
        let mut met: Vec<(usize, [[f64; 3]; 3], [f64; 3])> = Vec::new();
        for v in vertices {
            for entry in topology.row(v) {
                let other = topology.columns[entry] as usize;
                let block = &stiffness.couplings[COUPLING * entry..COUPLING * entry + 9];
                let volume = &stiffness.volumes[3 * entry..3 * entry + 3];
                for (node, weight) in self.of(other) {
                    let node = node as usize;
                    if slot[node] == usize::MAX {
                        slot[node] = met.len();
                        met.push((node, [[0.0; 3]; 3], [0.0; 3]));
                    }
                    let (_, a, b) = &mut met[slot[node]];
                    for j in 0..3 {
                        let weight = f64::from(weight * free[other][j]);
                        (0..3).for_each(|i| a[i][j] += weight * f64::from(block[3 * j + i]));
                        b[j] += weight * f64::from(volume[j]);
                    }
                }
            }
            for (node, weight) in self.of(v) {
                let node = node as usize;
                for (other, a, _) in met.iter().filter(|(other, ..)| *other <= node) {
                    for i in 0..3 {
                        let weight = f64::from(weight * free[v][i]);
                        let row = &mut e[n * (3 * node + i) + 3 * other..][..3];
                        row.iter_mut().zip(a[i]).for_each(|(e, a)| *e += weight * a);
                    }
                }
            }
            let bulk = f64::from(stiffness.bulk[v]);
            for (node, _, mine) in &met {
                for (other, _, theirs) in met.iter().filter(|(other, ..)| other <= node) {
                    for i in 0..3 {
                        let row = &mut e[n * (3 * node + i) + 3 * other..][..3];
                        row.iter_mut().zip(theirs).for_each(|(e, theirs)| *e += bulk * mine[i] * theirs);
                    }
                }
            }
            met.drain(..).for_each(|(node, ..)| slot[node] = usize::MAX);
        }
        e
    }

    /// Find E⁻¹ Pᵀ `r`, of which [`Self::at`] tells what it moves; its work r · P E⁻¹ Pᵀ r, J. `r` is 0 where the body is
    /// held.
    pub fn solve(&mut self, r: &[Four]) -> f64 {
        let Self { place, starts, members, gather_starts, gathered, inverse, parts, force, way, turns, .. } = self;
        parts.par_iter_mut().enumerate().with_min_len(16).for_each(|(cell, parts)| {
            let mut sums = [[0.0; 4]; CORNERS];
            for v in &members[starts[cell] as usize..starts[cell + 1] as usize] {
                let (r, weights) = (&r[*v as usize], weights(place[*v as usize]));
                for corner in 0..CORNERS {
                    sums[corner] = plus(sums[corner], *r, weights[corner]);
                }
            }
            *parts = sums;
        });
        for (force, range) in force.chunks_exact_mut(3).zip(gather_starts.windows(2)) {
            let mut sum = [0.0; 4];
            for at in &gathered[range[0] as usize..range[1] as usize] {
                sum = plus(sum, parts[*at as usize / CORNERS][*at as usize % CORNERS], 1.0);
            }
            force.copy_from_slice(&sum[..3]);
        }
        for (turn, force) in turns.iter().zip(force.chunks_exact_mut(3)) {
            let turned = turn.tr_mul(&Vector3::new(force[0], force[1], force[2]));
            force.copy_from_slice(turned.as_slice());
        }
        let force: &[f32] = force;
        let rows = way[..turns.len()].par_iter_mut().zip(inverse.par_chunks_exact(3 * force.len().max(1)));
        rows.with_min_len(16).for_each(|(way, rows)| {
            for (way, row) in way.iter_mut().zip(rows.chunks_exact(force.len())) {
                *way = product(row, force);
            }
        });
        let work = |(force, way): (&[f32], &Four)| -> f64 {
            force.iter().zip(way).map(|(force, way)| f64::from(*force) * f64::from(*way)).sum()
        };
        let work: f64 = force.chunks_exact(3).zip(&*way).map(work).sum();
        for (turn, way) in turns.iter().zip(way) {
            let [x, y, z]: [f32; 3] = (turn * Vector3::new(way[0], way[1], way[2])).into();
            *way = [x, y, z, 0.0];
        }
        work.max(0.0)
    }

    /// Turn with the tissue: vertices at `rest` are displaced by `u`, m.
    pub fn turn(&mut self, rest: &[[f64; 3]], u: &[[f64; 3]]) {
        let Self { starts, members, gather_starts, gathered, moments, built, turns, .. } = self;
        moments.resize(starts.len().saturating_sub(1), Default::default());
        moments.par_iter_mut().enumerate().with_min_len(16).for_each(|(cell, moments)| {
            let own = &members[starts[cell] as usize..starts[cell + 1] as usize];
            *moments = (own.len() as f64, Vector3::zeros(), Vector3::zeros(), Matrix3::zeros());
            for v in own {
                let at = Vector3::from(rest[*v as usize]);
                let now = at + Vector3::from(u[*v as usize]);
                moments.1 += at;
                moments.2 += now;
                moments.3 += now * at.transpose();
            }
        });
        let first = built.is_empty();
        built.resize(gather_starts.len().saturating_sub(1), Matrix3::identity());
        turns.resize(built.len(), Matrix3::identity());
        let nodes = built.par_iter_mut().zip(turns).zip(gather_starts.par_windows(2)).with_min_len(16);
        nodes.for_each(|((built, turn), range)| {
            let mut sum = (0.0, Vector3::zeros(), Vector3::zeros(), Matrix3::zeros());
            for at in &gathered[range[0] as usize..range[1] as usize] {
                let part = &moments[*at as usize / CORNERS];
                sum = (sum.0 + part.0, sum.1 + part.1, sum.2 + part.2, sum.3 + part.3);
            }
            let now = rotation(&(sum.3 - sum.2 * sum.1.transpose() / f64::max(sum.0, 1.0)));
            if first {
                *built = now;
            }
            *turn = (now * built.transpose()).cast();
        });
    }

    /// What the last [`Self::solve`] moves vertex `v` by, m.
    #[inline(always)]
    pub fn at(&self, v: usize, free: &Four) -> Four {
        let (corners, weights) = (&self.corners[self.cell[v] as usize], weights(self.place[v]));
        let mut sum = [0.0; 4];
        for corner in 0..CORNERS {
            sum = plus(sum, self.way[corners[corner] as usize], weights[corner]);
        }
        std::array::from_fn(|i| sum[i] * free[i])
    }

    /// Iterations in place of `one_level` of one level: half of them take three quarters of the time, and bring a body to
    /// rest in fewer frames than all of them do on one level.
    pub fn iterations(one_level: usize) -> usize {
        one_level.div_ceil(2)
    }

    /// Whether it does anything.
    pub fn helps(&self) -> bool {
        0 < self.nodes
    }
}

/// The rotation nearest to a matrix (Kabsch 1976, Acta Cryst A 32:922); none where it is no matrix of numbers.
fn rotation(matrix: &Matrix3<f64>) -> Matrix3<f64> {
    let largest = matrix.amax();
    if !(0.0 < largest && largest.is_finite()) {
        return Matrix3::identity();
    }
    let svd = (matrix / largest).svd(true, true);
    let (Some(u), Some(v_t)) = (svd.u, svd.v_t) else { return Matrix3::identity() };
    let mut signs = Vector3::repeat(1.0);
    // The least singular value gives way where the tissue would be mirrored.
    signs[svd.singular_values.imin()] = (u * v_t).determinant().signum();
    u * Matrix3::from_diagonal(&signs) * v_t
}

/// Scalar product in single precision, sixteen sums at a time.
#[inline(always)]
fn product(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (a.chunks_exact(16), b.chunks_exact(16));
    let tail: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0_f32; 16];
    for (a, b) in a.zip(b) {
        (0..16).for_each(|n| sums[n] += a[n] * b[n]);
    }
    sums.iter().sum::<f32>() + tail
}
