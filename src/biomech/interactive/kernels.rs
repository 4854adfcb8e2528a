//! The loops that cost the time of a frame, for the processor's widest vectors. (Closures would do, but would not be
//! inlined.)

use super::conjugate::{BLOCK, dot};
use super::elements::{Batch, Constants, Record};
use super::evaluate::Sums;
use super::lanes::LANES;
use super::matrix::{COUPLING, Four, Gathered, Stiffness, assemble_row};
use super::topology::Topology;
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Deform some batches; see [`Batch::deform`].
pub(super) struct Deform<'a> {
    pub batches: &'a [Batch],
    pub u_m: &'a [[f64; 3]],
    /// The first tetrahedron.
    pub first: usize,
    pub records: &'a mut [Record],
    pub swelling_m3: &'a mut [f32],
    pub sums: &'a mut [Sums],
}

impl WithSimd for Deform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let of_batch = self.records.chunks_exact_mut(LANES).zip(self.swelling_m3.chunks_exact_mut(LANES));
        for (n, ((batch, (records, swelling)), sums)) in self.batches.iter().zip(of_batch).zip(self.sums).enumerate() {
            let energies_j = batch.deform(self.u_m, records, swelling);
            *sums = Sums::new(batch, energies_j, records, (self.first + n * LANES) as u32);
        }
    }
}

/// Hand pressures to some batches; see [`Batch::share_pressure`].
pub(super) struct Share<'a> {
    pub batches: &'a [Batch],
    pub pressure_pa: &'a [f32],
    pub gas_pa: f32,
    pub records: &'a mut [Record],
}

impl WithSimd for Share<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (batch, records) in self.batches.iter().zip(self.records.chunks_exact_mut(LANES)) {
            batch.share_pressure(self.pressure_pa, self.gas_pa, records);
        }
    }
}

/// Build some rows of the stiffness; see [`assemble_row`].
pub(super) struct Assemble<'a> {
    pub topology: &'a Topology,
    pub constants: &'a [Constants],
    pub records: &'a [Record],
    pub laplace: &'a [f32],
    pub mass_kg: &'a [f64],
    /// What a mass is multiplied with, 1/s².
    pub factor: f64,
    pub rows: Range<usize>,
    pub scratch: &'a mut [Gathered],
    /// Those of `rows` alone.
    pub couplings: &'a mut [f32],
    pub volumes: &'a mut [f32],
}

impl Assemble<'_> {
    /// Build all rows, [`BLOCK`] on a thread at a time; `scratch` holds a longest row for every block.
    pub fn run(self, arch: Arch) {
        let blocks = self.rows.len().div_ceil(BLOCK);
        if blocks <= 1 {
            arch.dispatch(self);
            return;
        }
        let Self { topology, constants, records, laplace, mass_kg, factor, rows, scratch, couplings, volumes } = self;
        let middle = rows.start + blocks / 2 * BLOCK;
        let entries = topology.row(middle).start - topology.row(rows.start).start;
        let (scratch, more_scratch) = scratch.split_at_mut(blocks / 2 * topology.longest_row());
        let (couplings, more_couplings) = couplings.split_at_mut(COUPLING * entries);
        let (volumes, more_volumes) = volumes.split_at_mut(3 * entries);
        let shared = (topology, constants, records, laplace, mass_kg, factor);
        let part = |rows, scratch, couplings, volumes| {
            let (topology, constants, records, laplace, mass_kg, factor) = shared;
            Assemble { topology, constants, records, laplace, mass_kg, factor, rows, scratch, couplings, volumes }
        };
        let first = part(rows.start..middle, scratch, couplings, volumes);
        let second = part(middle..rows.end, more_scratch, more_couplings, more_volumes);
        rayon::join(|| first.run(arch), || second.run(arch));
    }
}

impl WithSimd for Assemble<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { topology, constants, records, laplace, mass_kg, factor, rows, scratch, couplings, volumes } = self;
        let start = topology.row(rows.start).start;
        for v in rows {
            let row = topology.row(v);
            let here = row.start - start..row.end - start;
            let couplings = &mut couplings[COUPLING * here.start..COUPLING * here.end];
            let volumes = &mut volumes[3 * here.start..3 * here.end];
            assemble_row(topology, constants, records, v, &laplace[row], scratch, couplings, volumes);
            let inertia = (mass_kg[v] * factor) as f32;
            let own = COUPLING * usize::from(topology.diagonal[v]);
            couplings.iter_mut().skip(own).step_by(4).take(3).for_each(|own| *own += inertia);
        }
    }
}

/// (1/C) B x of the vertices from `first` on, Pa.
pub(super) struct Pressures<'a> {
    pub stiffness: &'a Stiffness,
    pub topology: &'a Topology,
    pub x: &'a [Four],
    pub first: usize,
    pub out: &'a mut [f32],
}

impl WithSimd for Pressures<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (v, out) in (self.first..).zip(self.out) {
            *out = self.stiffness.pressure(self.topology, v, self.x);
        }
    }
}

/// (A x + Bᵀ pressure) of the vertices from `first` on where they are free, N; gives their part of x · A x.
pub(super) struct Products<'a> {
    pub stiffness: &'a Stiffness,
    pub topology: &'a Topology,
    pub x: &'a [Four],
    pub pressure: &'a [f32],
    pub free: &'a [Four],
    pub first: usize,
    pub out: &'a mut [Four],
}

impl WithSimd for Products<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut sum = 0.0;
        for (v, out) in (self.first..).zip(self.out) {
            let product = self.stiffness.row_product(self.topology, v, self.x, self.pressure);
            *out = std::array::from_fn(|i| product[i] * self.free[v][i]);
            sum += dot(out, &self.x[v]);
        }
        sum
    }
}
