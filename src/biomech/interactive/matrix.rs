//! The stiffness of one frame: rows of 3 × 3 blocks, beside them how the vertices' mean volumes depend on the places.
//!
//! ```text
//! H = A + Bᵀ G B        A: vertex to neighbour        B: 6 × 4 V_v ∂J_v/∂x, one row a vertex        G = 1/C_v
//! ```
//!
//! Bᵀ G B reaches the neighbours of neighbours; kept as a product it costs no memory. A row is worked on by one thread
//! and in one order, so the result has the same bits on any number of threads.

use super::conjugate::BLOCK;
use super::elements::{Constants, Record};
use super::topology::Topology;
use nalgebra::Matrix3;
use rayon::prelude::*;

/// One row of four numbers; the fourth is padding for vector instructions.
pub type Four = [f32; 4];

/// `a + b × factor`.
#[inline(always)]
pub fn plus(a: Four, b: Four, factor: f32) -> Four {
    std::array::from_fn(|i| a[i] + b[i] * factor)
}

/// Make `count` times `value` of a vector, in the memory it has.
pub fn again<T: Clone>(vector: &mut Vec<T>, count: usize, value: T) {
    vector.clear();
    vector.resize(count, value);
}

/// Numbers of a vertex's coupling to one neighbour: the three columns of a 3 × 3 block in N/m, then ∂/∂x (own vertex)
/// of the neighbour's volume in m².
pub const COUPLING: usize = 12;

/// The stiffness of the body at one displacement. Three numbers follow each other without padding, for what a product
/// reads is what it costs; a fourth is read with them and not used.
#[derive(Debug, Clone, Default)]
pub struct Stiffness {
    /// [`COUPLING`] numbers per entry of [`Topology::columns`], and one more.
    pub couplings: Vec<f32>,
    /// Three numbers per entry, and one more: how this vertex's mean volume depends on the place of the neighbour, m².
    pub volumes: Vec<f32>,
    /// Σ μ W ∇N_a · ∇N_b per entry, N/m; never changes.
    pub laplace: Vec<f32>,
    /// 1/C_v, Pa/m³.
    pub bulk: Vec<f32>,
    /// Inverse of each diagonal block with all that belongs to it, m/N; columns.
    pub inverse: Vec<[Four; 3]>,
    /// Entries that springs and contacts added to since the tissue's were built; some more than once.
    pub touched: Vec<u32>,
}

/// Four numbers from `start` on.
#[inline(always)]
fn four(numbers: &[f32], start: usize) -> Four {
    let part = &numbers[start..start + 4];
    [part[0], part[1], part[2], part[3]]
}

impl Stiffness {
    /// Make room for `topology`, whose tetrahedra have `constants`, in the memory there is.
    pub fn renew(&mut self, topology: &Topology, constants: &[Constants], bulk: Vec<f32>) {
        let entries = topology.columns.len();
        self.bulk = bulk;
        again(&mut self.laplace, entries, 0.0);
        let mut blocks = Vec::new();
        let mut rest = &mut self.laplace[..];
        for first in (0..topology.vertices()).step_by(BLOCK) {
            let rows = first..(first + BLOCK).min(topology.vertices());
            let entries = topology.row(rows.end - 1).end - topology.row(first).start;
            let (own, others) = std::mem::take(&mut rest).split_at_mut(entries);
            blocks.push((rows, own));
            rest = others;
        }
        blocks.into_par_iter().for_each(|(rows, laplace)| {
            let start = topology.row(rows.start).start;
            for v in rows {
                let (row, around) = (topology.row(v).start - start, topology.around(v));
                for (corner, slots) in topology.corners[around.clone()].iter().zip(&topology.slots[around]) {
                    let k = with_own(&constants[(corner / 4) as usize], (corner % 4) as usize);
                    slots.iter().zip(k).for_each(|(slot, k)| laplace[row + usize::from(*slot)] += k);
                }
            }
        });
        again(&mut self.couplings, COUPLING * entries + 1, 0.0);
        again(&mut self.volumes, 3 * entries + 1, 0.0);
        again(&mut self.inverse, topology.vertices(), [[0.0; 4]; 3]);
        self.touched.clear();
    }

    /// Add `block` of a spring or contact, N/m, to the 3 × 3 block of an entry.
    pub fn add(&mut self, entry: usize, block: &Matrix3<f64>) {
        for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
            self.couplings[COUPLING * entry + 3 * j + i] += block[(i, j)] as f32;
        }
        self.touched.push(entry as u32);
    }

    /// (1/C_v) B x of one vertex, Pa.
    #[inline(always)]
    pub fn pressure(&self, topology: &Topology, v: usize, x: &[Four]) -> f32 {
        let row = topology.row(v);
        let volumes = &self.volumes[3 * row.start..3 * row.end + 1];
        let columns = &topology.columns[row];
        // Two sums, so that one addition need not wait for the other.
        let (mut even, mut odd) = ([0.0; 4], [0.0; 4]);
        let add = |sum: &mut Four, n: usize, column: u32| {
            let (volume, other) = (four(volumes, 3 * n), &x[column as usize]);
            for i in 0..4 {
                sum[i] += volume[i] * other[i];
            }
        };
        for (n, pair) in columns.chunks_exact(2).enumerate() {
            add(&mut even, 2 * n, pair[0]);
            add(&mut odd, 2 * n + 1, pair[1]);
        }
        if let [last] = columns.chunks_exact(2).remainder() {
            add(&mut even, columns.len() - 1, *last);
        }
        let sum: Four = std::array::from_fn(|i| even[i] + odd[i]);
        // The fourth place of x is 0.
        ((sum[0] + sum[1]) + (sum[2] + sum[3])) * self.bulk[v]
    }

    /// Row `v` of A x + Bᵀ `pressure`; the fourth number means nothing.
    #[inline(always)]
    pub fn row_product(&self, topology: &Topology, v: usize, x: &[Four], pressure: &[f32]) -> Four {
        let row = topology.row(v);
        let (mut sum, mut more) = ([0.0; 4], [0.0; 4]);
        let couplings = &self.couplings[COUPLING * row.start..COUPLING * row.end + 1];
        for (n, column) in topology.columns[row].iter().enumerate() {
            let other = &x[*column as usize];
            let p = pressure[*column as usize];
            let part = &couplings[COUPLING * n..COUPLING * n + COUPLING + 1];
            let [c0, c1, c2, c3] = [four(part, 0), four(part, 3), four(part, 6), four(part, 9)];
            for i in 0..4 {
                sum[i] += c0[i] * other[0] + c1[i] * other[1];
            }
            for i in 0..4 {
                more[i] += c2[i] * other[2] + c3[i] * p;
            }
        }
        std::array::from_fn(|i| sum[i] + more[i])
    }
}

/// Normals ∂(6 W J)/∂x of all four corners.
#[inline(always)]
fn normals(record: &Record) -> [Four; 4] {
    let [n1, n2, n3] = record.normal;
    [std::array::from_fn(|i| -(n1[i] + n2[i] + n3[i])), n1, n2, n3]
}

/// g with ∂n_a/∂x_b = [g]×, the edge opposite to both; 0 for a corner with itself.
#[inline(always)]
fn turning(record: &Record, a: usize) -> [Four; 4] {
    let [e1, e2, e3] = record.edge;
    let minus = |a: Four, b: Four| std::array::from_fn(|i| a[i] - b[i]);
    let neg = |a: Four| a.map(|x| -x);
    let none = [0.0; 4];
    match a {
        0 => [none, minus(e2, e3), minus(e3, e1), minus(e1, e2)],
        1 => [minus(e3, e2), none, neg(e3), e2],
        2 => [minus(e1, e3), e3, none, neg(e1)],
        _ => [minus(e2, e1), neg(e2), e1, none],
    }
}

/// Positions in [`Constants::laplace`] of a corner's couplings with the four corners; 6 for itself.
const PAIRS: [[usize; 4]; 4] = [[6, 0, 1, 2], [0, 6, 3, 4], [1, 3, 6, 5], [2, 4, 5, 6]];

/// μ W ∇N_a · ∇N_b of corner `a` with all four, N/m.
fn with_own(constants: &Constants, a: usize) -> Four {
    let other = |b: usize| constants.laplace.get(PAIRS[a][b]).copied().unwrap_or(0.0);
    let mut all = std::array::from_fn(other);
    all[a] = -all.iter().sum::<f32>();
    all
}

/// Derivative of the energy by the place of vertex `v`, N, in double precision.
#[inline(always)]
pub fn gradient(topology: &Topology, records: &[Record], v: usize) -> [f64; 3] {
    let mut sum = [0.0_f64; 3];
    for corner in &topology.corners[topology.around(v)] {
        let (record, a) = (&records[(corner / 4) as usize], (corner % 4) as usize);
        let pressure = record.pressure() / 6.0;
        for i in 0..3 {
            let at = |n: usize| record.force[n][i] + pressure * record.normal[n][i];
            sum[i] += f64::from(if a == 0 { -(at(0) + at(1) + at(2)) } else { at(a - 1) });
        }
    }
    sum
}

/// What one neighbour gathers from the tetrahedra it shares with a vertex.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gathered {
    /// Σ Λₑ/(36 W) n_a n_bᵀ, columns.
    own: [Four; 3],
    /// Σ s/6 g_ab.
    turning: Four,
    /// Σ n_a / 24.
    mine: Four,
    /// Σ n_b / 24.
    other: Four,
}

/// Build row `v` of A and B from the tetrahedra around; `scratch` is as long as the longest row.
///
/// ```text
/// A_ab = μ W ∇N_a·∇N_b I + Λₑ/(36 W) n_a n_bᵀ + s/6 [g_ab]×        B_ab = n_b / 24
/// ```
#[inline(always)]
pub fn assemble_row(
    topology: &Topology,
    constants: &[Constants],
    records: &[Record],
    v: usize,
    laplace: &[f32],
    scratch: &mut [Gathered],
    couplings: &mut [f32],
    volumes: &mut [f32],
) {
    let row = &mut scratch[..laplace.len()];
    row.fill(Gathered::default());
    let around = topology.around(v);
    for (corner, slots) in topology.corners[around.clone()].iter().zip(&topology.slots[around]) {
        let (tet, a) = ((corner / 4) as usize, (corner % 4) as usize);
        let (record, constants) = (&records[tet], &constants[tet]);
        let n = normals(record);
        let g = turning(record, a);
        let (stiff, bend, shared) = (n[a].map(|x| x * constants.own), record.bending() / 6.0, constants.shared);
        let mine = n[a].map(|x| x * shared);
        for b in 0..4 {
            let to = &mut row[usize::from(slots[b])];
            for i in 0..4 {
                to.own[0][i] += stiff[i] * n[b][0];
                to.own[1][i] += stiff[i] * n[b][1];
                to.own[2][i] += stiff[i] * n[b][2];
                to.turning[i] += g[b][i] * bend;
                to.mine[i] += mine[i];
                to.other[i] += n[b][i] * shared;
            }
        }
    }
    let parts = couplings.chunks_exact_mut(COUPLING).zip(volumes.chunks_exact_mut(3));
    for ((from, k), (coupling, volume)) in row.iter().zip(laplace).zip(parts) {
        let ([c0, c1, c2], [gx, gy, gz, _]) = (from.own, from.turning);
        coupling.copy_from_slice(&[
            c0[0] + k,
            c0[1] + gz,
            c0[2] - gy, //
            c1[0] - gz,
            c1[1] + k,
            c1[2] + gx, //
            c2[0] + gy,
            c2[1] - gx,
            c2[2] + k, //
            from.mine[0],
            from.mine[1],
            from.mine[2],
        ]);
        volume.copy_from_slice(&from.other[..3]);
    }
}

/// The diagonal block of H of vertex `v`, N/m, row by row.
#[inline(always)]
pub fn diagonal_block(stiffness: &Stiffness, topology: &Topology, v: usize) -> [[f64; 3]; 3] {
    let row = topology.row(v);
    if row.is_empty() {
        return [[0.0; 3]; 3];
    }
    let own = &stiffness.couplings[COUPLING * (row.start + usize::from(topology.diagonal[v]))..];
    let mut block: [[f64; 3]; 3] = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(own[3 * j + i])));
    for (n, column) in row.clone().zip(&topology.columns[row]) {
        let bulk = f64::from(stiffness.bulk[*column as usize]);
        let c = four(&stiffness.couplings, COUPLING * n + 9).map(f64::from);
        for i in 0..3 {
            for j in 0..3 {
                block[i][j] += bulk * c[i] * c[j];
            }
        }
    }
    block
}
