//! Energy, forces and stiffness of the body at a trial displacement.

use super::body::Body;
use super::conjugate::BLOCK;
use super::elements::{Batch, Record};
use super::kernels::{Assemble, Deform, Share};
use super::lanes::LANES;
use super::matrix::{diagonal_block, gradient};
use nalgebra::Matrix3;
use pulp::Arch;
use rayon::prelude::*;

/// Batches of tetrahedra one thread works on at a time.
const BATCHES: usize = 16;

/// What a batch of tetrahedra adds to the account of the body.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    energy_j: f64,
    /// Sum of the sizes of its terms.
    terms_j: f64,
    swelling_m3: f64,
    pub worst: (u32, f32),
    pub inverted: u32,
}

/// What is known of the tissue at a displacement.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// Elastic energy, J.
    pub elastic: f64,
    /// Sum of the sizes of its terms, J.
    pub terms: f64,
    /// Growth of the volume, m³.
    pub growth_m3: f64,
}

/// Energy at a displacement, J.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Energy {
    /// What is known of the tissue.
    pub tissue: Known,
    /// All that a step must not raise, but for friction.
    pub total: f64,
    /// What friction takes.
    pub rub: f64,
    /// What rounding may do to `total`.
    pub rounding: f64,
}

impl Energy {
    /// Whether this is not above `other`, as far as rounding lets one say.
    pub fn at_most(&self, other: &Self) -> bool {
        self.total + self.rub <= other.total + other.rub + self.rounding + other.rounding
    }
}

impl Body {
    /// Energy at `trial`; afterwards records, pressures and touches are those there.
    pub(super) fn energy(&mut self, gas: f32) -> Energy {
        let tissue = self.deform(gas);
        self.energy_with(tissue, gas)
    }

    /// As [`Self::energy`] where the state of the tissue is known.
    pub(super) fn energy_with(&mut self, tissue: Known, gas: f32) -> Energy {
        let gas_j = f64::from(gas) * tissue.growth_m3;
        let held = self.touch_energy() + self.spring_energy() + self.tie_energy() + self.needle_energy();
        let rub = self.rub_energy();
        let (inertia, load) = self.inertia();
        let total = tissue.elastic + gas_j + held + inertia - load;
        let rounding = 1e-6 * (tissue.terms + gas_j.abs()) + 1e-12 * (held + inertia + load.abs());
        Energy { tissue, total, rub, rounding }
    }

    /// Records of all tetrahedra and pressures of all vertices at `trial`; elastic energy and growth of the volume.
    pub(super) fn deform(&mut self, gas: f32) -> Known {
        if let Some(known) = self.deform_on_gpu(gas) {
            return known;
        }
        self.sums.resize(self.batches.len(), Sums::default());
        let arch = Arch::new();
        let u_m: &[[f64; 3]] = &self.trial;
        let lanes = BATCHES * LANES;
        let parts = (
            self.batches.par_chunks(BATCHES),
            self.records.par_chunks_mut(lanes),
            self.swelling.par_chunks_mut(lanes),
            self.sums.par_chunks_mut(BATCHES),
        );
        parts.into_par_iter().enumerate().for_each(|(n, (batches, records, swelling_m3, sums))| {
            arch.dispatch(Deform { batches, u_m, first: n * lanes, records, swelling_m3, sums });
        });
        let (topology, swelling, bulk) = (&self.topology, &self.swelling, &self.stiffness.bulk);
        let shared = self.pressure.par_chunks_mut(BLOCK).zip(&mut self.vertex_sums).enumerate();
        shared.for_each(|(block, (pressure, sum))| {
            *sum = [0.0; 3];
            for (v, pressure) in (block * BLOCK..).zip(pressure) {
                let around = &topology.corners[topology.around(v)];
                let s: f64 = around.iter().map(|corner| f64::from(swelling[(corner / 4) as usize])).sum();
                let p = s * f64::from(bulk[v]);
                *pressure = p as f32;
                sum[0] += 0.5 * p * s;
            }
        });
        let own: f64 = self.sums.iter().map(|sum| sum.energy_j).sum();
        let shared: f64 = self.vertex_sums.iter().map(|sum| sum[0]).sum();
        let terms: f64 = self.sums.iter().map(|sum| sum.terms_j).sum();
        let growth_m3 = self.sums.iter().map(|sum| sum.swelling_m3).sum();
        Known { elastic: own + shared, terms: terms + shared, growth_m3 }
    }

    /// Energy of inertia and surroundings, and work of the loads, since the start of the frame.
    pub(super) fn inertia(&mut self) -> (f64, f64) {
        let (h, c) = (self.settings.step_s, self.settings.damping_per_s);
        let (u, v, mass, load) = (&self.u, &self.v, &self.mass, &self.load);
        let blocks = self.trial.par_chunks(BLOCK).zip(&mut self.vertex_sums).enumerate();
        blocks.for_each(|(block, (x, sum))| {
            *sum = [0.0; 3];
            for (n, x) in (block * BLOCK..).zip(x) {
                for i in 0..3 {
                    let way = x[i] - u[n][i];
                    let surprise = way - h * v[n][i];
                    sum[0] += mass[n] * (surprise * surprise / (2.0 * h * h) + way * way * c / (2.0 * h));
                    sum[1] += load[n][i] * way;
                }
            }
        });
        self.vertex_sums.iter().fold((0.0, 0.0), |(a, b), sum| (a + sum[0], b + sum[1]))
    }

    /// Share pressures, then derivatives of the elastic energy, of gas, inertia and loads by every place, N.
    pub(super) fn forces(&mut self, gas: f32) {
        if self.gpu.gradient().is_none() {
            let arch = Arch::new();
            let pressure_pa: &[f32] = &self.pressure;
            let parts = (self.batches.par_chunks(BATCHES), self.records.par_chunks_mut(BATCHES * LANES));
            parts.into_par_iter().for_each(|(batches, records)| {
                arch.dispatch(Share { batches, pressure_pa, gas_pa: gas, records });
            });
        }
        let (h, c) = (self.settings.step_s, self.settings.damping_per_s);
        let mut gradients = std::mem::take(&mut self.gradient);
        let Self { topology, records, u, v, mass, load, trial, .. } = &*self;
        let found = self.gpu.gradient();
        gradients.par_chunks_mut(BLOCK).enumerate().for_each(|(block, gradients)| {
            for (n, out) in (block * BLOCK..).zip(gradients) {
                let inner = match found {
                    Some(found) => std::array::from_fn(|i| f64::from(found[n][i])),
                    None => gradient(topology, records, n),
                };
                *out = std::array::from_fn(|i| {
                    let way = trial[n][i] - u[n][i];
                    inner[i] + mass[n] * ((way - h * v[n][i]) / (h * h) + way * c / h) - load[n][i]
                });
            }
        });
        self.gradient = gradients;
    }

    /// Stiffness and right-hand side at `trial`.
    pub(super) fn assemble(&mut self, gas: f32) {
        self.forces(gas);
        let (h, c) = (self.settings.step_s, self.settings.damping_per_s);
        let factor = 1.0 / (h * h) + c / h;
        let on_gpu = self.assemble_on_gpu();
        if !on_gpu {
            self.assemble_tissue(factor);
        }
        self.stiffness.touched.clear();
        self.pieces.begin(&self.mass, factor);
        self.hold();
        let mut inverse = std::mem::take(&mut self.stiffness.inverse);
        let (stiffness, topology, free, gradient) = (&self.stiffness, &self.topology, &self.free, &self.gradient);
        let blocks = inverse.par_chunks_mut(BLOCK).zip(self.solver.r.par_chunks_mut(BLOCK)).enumerate();
        blocks.for_each(|(block, (inverse, r))| {
            for (v, (inverse, r)) in (block * BLOCK..).zip(inverse.iter_mut().zip(r)) {
                let free = free[v];
                *r = std::array::from_fn(|i| if i < 3 { -gradient[v][i] as f32 * free[i] } else { 0.0 });
                if !on_gpu {
                    *inverse = inverted(diagonal_block(stiffness, topology, v), free);
                }
            }
        });
        self.stiffness.inverse = inverse;
    }

    /// The stiffness of tissue and inertia; `factor` is what a mass is multiplied with, 1/s².
    fn assemble_tissue(&mut self, factor: f64) {
        let (topology, constants, records) = (&self.topology, &self.constants, &self.records);
        let (laplace, mass_kg): (&[f32], &[f64]) = (&self.stiffness.laplace, &self.mass);
        let (scratch, couplings) = (&mut self.scratch[..], &mut self.stiffness.couplings[..]);
        let (rows, volumes) = (0..topology.vertices(), &mut self.stiffness.volumes[..]);
        Assemble { topology, constants, records, laplace, mass_kg, factor, rows, scratch, couplings, volumes }
            .run(Arch::new());
    }
}

impl Sums {
    /// Those of `batch`, whose first tetrahedron is number `first`.
    #[inline(always)]
    pub fn new(batch: &Batch, [energy_j, terms_j]: [f64; 2], records: &[Record], first: u32) -> Self {
        let swelling_m3 = batch.growth_m3(records);
        let mut sums = Self { energy_j, terms_j, swelling_m3, worst: (first, f32::INFINITY), inverted: 0 };
        for (n, record) in (0..).zip(&records[..batch.used()]) {
            let ratio = 1.0 + record.swelling();
            if ratio < sums.worst.1 {
                sums.worst = (first + n, ratio);
            }
            sums.inverted += u32::from(!(0.0 < ratio));
        }
        sums
    }
}

/// Inverse of a block without the components that are held.
fn inverted(block: [[f64; 3]; 3], free: [f32; 4]) -> [[f32; 4]; 3] {
    let matrix = Matrix3::from_fn(|i, j| {
        if free[i] == 0.0 || free[j] == 0.0 {
            if i == j { 1.0 } else { 0.0 }
        } else {
            0.5 * (block[i][j] + block[j][i])
        }
    });
    // A vertex that lost all its tetrahedra has nothing to be solved for.
    if matrix.diagonal().amax() == 0.0 {
        return [[0.0; 4]; 3];
    }
    let least = 1e-7 * matrix.diagonal().amax();
    let inverse = (matrix + Matrix3::from_diagonal_element(least)).cholesky().map(|cholesky| cholesky.inverse());
    let inverse = inverse
        .unwrap_or_else(|| Matrix3::from_diagonal(&matrix.diagonal().map(|x| 1.0 / x.abs().max(f64::MIN_POSITIVE))));
    std::array::from_fn(|j| {
        let of = |i: usize| (inverse[(i, j)] as f32) * free[i] * free[j];
        [of(0), of(1), of(2), 0.0]
    })
}
