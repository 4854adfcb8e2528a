//! The same frames on a graphics card: everything that is done once a tetrahedron, and the conjugate gradients.
//!
//! The processor stays in charge. It keeps the state in double precision, finds contacts, adds what holds the body, and
//! decides about steps; [`Engine`] is what it asks for energies, forces and the solution of the linear system instead of
//! `elements`, `matrix` and `conjugate`, whose results it gives up to the rounding of single precision. A frame is three
//! rounds: displacements up, energies and forces down; what holds the body and the right-hand side up, a step down;
//! displacements up, energies and forces down. Inside the conjugate gradients nothing is read back ([`solve`]).
//!
//! Displacements travel as two numbers of single precision each, so that their differences are as good as on the
//! processor: a body that moved far keeps the forces it had. Sums are made in fixed order without atomic operations:
//! the same card gives the same bits each time. The card reads an assembled stiffness of 64 bytes an entry, about 160 a
//! tetrahedron and product; one that is built anew from the elements in every product would read and write twice that.
//!
//! That a card is missing, small or lost is normal: the processor goes on, and [`Body::gpu_note`] says why.

mod device;
mod hooks;
mod lists;
mod measure;
mod programs;
mod solve;
mod tables;
mod twins;

pub use device::{Gpu, GpuError};
pub use measure::Timing;

use super::body::Body;
use super::evaluate::Known;
use super::matrix::Four;
use rayon::prelude::*;
use std::fmt;
use tables::Tables;
use twins::{ElementSums, Params};

#[cfg(test)]
mod tests;

/// Where a body keeps the graphics card that computes its frames, if one does.
#[derive(Debug, Default)]
pub(super) struct Slot {
    engine: Option<Box<Engine>>,
    /// Why a card that was asked for does not compute.
    note: Option<String>,
}

/// Buffers cannot be copied as fast as a body: a copy is computed on the processor until it is told otherwise.
impl Clone for Slot {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Slot {
    /// Derivative of the energy of tissue and gas by every place, N, where the last displacement was looked at on the
    /// card.
    pub fn gradient(&self) -> Option<&[Four]> {
        self.engine.as_ref().map(|engine| &engine.gradient[..])
    }

    /// The mesh is another one now.
    pub fn forget(&mut self) {
        if let Some(engine) = &mut self.engine {
            engine.tables = None;
        }
    }

    fn fail(&mut self, why: &GpuError) {
        self.engine = None;
        self.note = Some(format!("{why}; frames are computed on the processor"));
    }
}

/// One body on a graphics card.
pub(super) struct Engine {
    gpu: Gpu,
    tables: Option<Tables>,
    params: Params,
    gradient: Vec<Four>,
    /// Displacements on their way: two rows a vertex, rounded and what that left.
    places: Vec<Four>,
    /// The solution of the last system and what it left, as they came.
    x: Vec<Four>,
    r: Vec<Four>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("gpu", &self.gpu.name()).finish_non_exhaustive()
    }
}

/// What the card says about a displacement.
struct Deformed {
    known: Known,
    worst: (u32, f32),
    inverted: u32,
}

impl Engine {
    /// `body` on `gpu`, with all that does not change.
    fn new(gpu: &Gpu, body: &Body) -> Result<Self, GpuError> {
        let tables = Some(Tables::new(gpu, body)?);
        let (gradient, places, x, r) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { gpu: gpu.clone(), tables, params: Params::default(), gradient, places, x, r })
    }

    /// Energy and forces at the displacement `body.trial` under the pressure `gas` around, Pa.
    fn deform(&mut self, body: &Body, gas: f32) -> Result<Deformed, GpuError> {
        self.places.resize(2 * body.trial.len(), [0.0; 4]);
        let rows = self.places.par_chunks_exact_mut(2).zip(&body.trial).with_min_len(4096);
        let split = |(rows, u): (&mut [Four], &[f64; 3])| {
            for i in 0..3 {
                rows[0][i] = u[i] as f32;
                rows[1][i] = (u[i] - f64::from(rows[0][i])) as f32;
            }
            rows.as_flattened().iter().all(|x| x.is_finite())
        };
        let numbers = rows.map(split).reduce(|| true, |a, b| a && b);
        self.gradient.resize(body.trial.len(), [0.0; 4]);
        if !numbers {
            // A card need not know what is no number.
            self.gradient.fill([f32::NAN; 4]);
            let known = Known { elastic: f64::NAN, terms: f64::NAN, growth_m3: f64::NAN };
            return Ok(Deformed { known, worst: (0, f32::MAX), inverted: 0 });
        }
        let tables = match self.tables.take() {
            Some(tables) => tables,
            None => Tables::new(&self.gpu, body)?,
        };
        let tables = self.tables.insert(tables);
        self.params = Params { gas, ..tables.params() };
        self.gpu.write(&tables.params, &[self.params]);
        self.gpu.write(&tables.places, &self.places);
        let groups = &tables.groups;
        let counts = tables.counts;
        let programs = self.gpu.programs();
        let mut encoder = self.gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for (program, group, threads) in [
                (&programs.deform, &groups.deform, counts.tets),
                (&programs.pressures, &groups.pressures, counts.vertices),
                (&programs.share, &groups.share, counts.tets),
                (&programs.gradient, &groups.gradient, counts.vertices),
            ] {
                pass.set_pipeline(program);
                pass.set_bind_group(0, group, &[]);
                pass.dispatch_workgroups(threads.div_ceil(256), 1, 1);
            }
        }
        let down = [&tables.element_sums, &tables.vertex_sums, &tables.slope];
        let [of_elements, of_vertices, _] = down.map(wgpu::Buffer::size);
        let mut found = Deformed { known: Known::default(), worst: (0, f32::MAX), inverted: 0 };
        let gradient = &mut self.gradient;
        self.gpu.read(encoder, &down, &tables.landing, |bytes| {
            let (elements, rest) = bytes.split_at(of_elements as usize);
            let (vertices, slope) = rest.split_at(of_vertices as usize);
            let known = &mut found.known;
            for sums in bytemuck::cast_slice::<u8, ElementSums>(elements) {
                known.elastic += f64::from(sums.energy);
                known.terms += f64::from(sums.terms);
                known.growth_m3 += f64::from(sums.growth);
                found.inverted += sums.inverted as u32;
                if sums.least < found.worst.1 {
                    found.worst = (sums.worst, sums.least);
                }
            }
            let shared: f64 = bytemuck::cast_slice::<u8, f32>(vertices).iter().map(|sum| f64::from(*sum)).sum();
            (known.elastic, known.terms) = (known.elastic + shared, known.terms + shared);
            gradient.copy_from_slice(bytemuck::cast_slice(slope));
        })?;
        Ok(found)
    }
}
