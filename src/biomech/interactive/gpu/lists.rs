//! What a body is made of, in the order in which a graphics card reads it.

use crate::biomech::interactive::body::Body;
use crate::biomech::interactive::elements::{Batch, Constants};
use crate::biomech::interactive::matrix::Four;
use crate::biomech::interactive::self_contact::touch::Link;

/// Lists that follow from a body's tetrahedra.
pub(super) struct Lists {
    /// Corners of each tetrahedron.
    pub corners: Vec<[u32; 4]>,
    /// Five rows a tetrahedron; see shaders/tissue/elements.wgsl.
    pub rest: Vec<Four>,
    /// `pair_starts[entry]..pair_starts[entry + 1]` of `pairs`.
    pub pair_starts: Vec<u32>,
    /// 16 × tetrahedron + 4 × corner of the row + corner of the column.
    pub pairs: Vec<u32>,
    /// As bits: the entry of a vertex in its own row, its mass in kg, 1/C_v in Pa/m³, nothing.
    pub vertex_data: Vec<[u32; 4]>,
}

impl Lists {
    /// Those of `body`.
    pub fn new(body: &Body) -> Self {
        let topology = &body.topology;
        let all = body.batches.iter().flat_map(|batch| (0..batch.used()).map(move |lane| (batch, lane)));
        let rest = all.zip(&body.constants).flat_map(|((batch, lane), own)| rest_rows(batch, lane, own)).collect();
        let mut pair_starts = vec![0_u32; topology.columns.len() + 1];
        let entries = |v: usize| {
            let (row, around) = (topology.row(v).start, topology.around(v));
            let of_corner = move |(corner, slots): (&u32, &[u16; 4])| {
                let (corner, slots) = (*corner, *slots);
                (0..4_u32).map(move |b| (row + usize::from(slots[b as usize]), 4 * corner + b))
            };
            topology.corners[around.clone()].iter().zip(&topology.slots[around]).flat_map(of_corner)
        };
        for v in 0..topology.vertices() {
            entries(v).for_each(|(entry, _)| pair_starts[entry + 1] += 1);
        }
        (0..topology.columns.len()).for_each(|entry| pair_starts[entry + 1] += pair_starts[entry]);
        let mut next = pair_starts.clone();
        let mut pairs = vec![0_u32; 16 * body.tets.len()];
        for v in 0..topology.vertices() {
            for (entry, pair) in entries(v) {
                pairs[next[entry] as usize] = pair;
                next[entry] += 1;
            }
        }
        let data = |v: usize| {
            let own = topology.row_starts[v] + u32::from(topology.diagonal[v]);
            [own, (body.mass[v] as f32).to_bits(), body.stiffness.bulk[v].to_bits(), 0]
        };
        let vertex_data = (0..topology.vertices()).map(data).collect();
        Self { corners: body.tets.clone(), rest, pair_starts, pairs, vertex_data }
    }
}

/// The rows of one tetrahedron in `batch`.
fn rest_rows(batch: &Batch, lane: usize, constants: &Constants) -> [Four; 5] {
    let edge = |n: usize, behind: f32| {
        let [x, y, z] = batch.edges[n].0;
        [x.0[lane], y.0[lane], z.0[lane], behind]
    };
    let [k01, k02, k03, k12, k13, k23] = constants.laplace;
    [
        edge(0, batch.mu.0[lane]),
        edge(1, batch.own.0[lane]),
        edge(2, batch.six_volume.0[lane]),
        [k01, k02, k03, k12],
        [k13, k23, batch.shared.0[lane], constants.own],
    ]
}

/// What couples vertices that are no neighbours, row by row.
#[derive(Debug, Default)]
pub(super) struct Coupled {
    /// Rows, each once, ascending, and where what each is coupled to starts; one more at the end.
    pub rows: Vec<[u32; 2]>,
    pub columns: Vec<u32>,
    /// Columns of each block, N/m.
    pub blocks: Vec<[f32; 9]>,
}

impl Coupled {
    /// That of `links`.
    pub fn new(links: &[Link]) -> Self {
        let mut all: Vec<(u32, u32, [f32; 9])> = links.iter().flat_map(couplings).collect();
        all.sort_by_key(|(row, ..)| *row);
        let mut coupled = Self::default();
        for (n, (row, column, block)) in (0..).zip(&all) {
            if coupled.rows.last().is_none_or(|[last, _]| last != row) {
                coupled.rows.push([*row, n]);
            }
            coupled.columns.push(*column);
            coupled.blocks.push(*block);
        }
        coupled.rows.push([0, all.len() as u32]);
        coupled
    }

    /// Rows there are.
    pub fn count(&self) -> u32 {
        self.rows.len() as u32 - 1
    }
}

/// Row, column and block of what `link` couples: the vertex to each corner and each corner to the vertex.
fn couplings(link: &Link) -> impl Iterator<Item = (u32, u32, [f32; 9])> + '_ {
    let v = link.vertices[0];
    let corners = link.vertices[1..].iter().zip(&link.weights[1..]).filter(|(_, weight)| **weight != 0.0);
    corners.flat_map(move |(corner, weight)| {
        let block = std::array::from_fn(|n| weight * link.block[n / 3][n % 3]);
        [(v, *corner, block), (*corner, v, block)]
    })
}
