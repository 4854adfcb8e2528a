//! What flow looks like while it is computed: pressure, speed and shear on its wall, and how far it is from steady.

use super::assemble::{axes, reference_pa};
use super::domain::Domain;
use super::settle::opening_densities;
use super::simulation::State;
use super::units::Units;
use crate::base::Progress;
use crate::geom::Vector;
use crate::mesh::{Field, Surface};
use nalgebra::Matrix3;
use rayon::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two glimpses: they must not slow down what they show.
const PAUSE: Duration = Duration::from_millis(700);
/// How far inside the wall values are taken, in cells.
const INSIDE: f64 = 0.8;
/// A vertex without fluid nearby.
const NOWHERE: u32 = u32::MAX;

/// One look at a computation that runs. Values are those of the cell next to the wall, without the fit of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowGlimpse {
    /// The wall, open at the openings.
    pub wall: Surface,
    /// On its vertices, with the names and units of a result's.
    pub fields: Vec<Field>,
    /// Mean pressure of the inlets over that of the outlets, Pa.
    pub drop_pa: f64,
    /// How far it is.
    pub stage: Stage,
}

/// How far a computation is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// On its way to steady flow.
    Settling {
        /// Whether this is the flow on a coarser lattice, from which that asked for will start.
        coarse: bool,
        /// How often the inflow has exchanged the fluid.
        exchanges: f64,
        /// Largest share by which anything is still expected to change; infinite while that cannot be said.
        to_come: f64,
        /// Steady below this share.
        tolerance: f64,
    },
    /// In a cycle.
    Beating {
        /// Which cycle, counted from 1; 0 before the first.
        cycle: usize,
        /// Seconds since it began.
        time_s: f64,
    },
}

/// Shows a run to whoever watches it.
pub(super) struct Looks<'a> {
    domain: &'a Domain,
    /// The cell inside of every vertex of the wall and the normal there, once anybody watches.
    near: Vec<(u32, Vector)>,
    last: Option<Instant>,
}

impl<'a> Looks<'a> {
    /// Of a run on `domain`.
    pub fn new(domain: &'a Domain) -> Self {
        Self { domain, near: Vec::new(), last: None }
    }

    /// Show the run at `stage`, if anybody watches and the last glimpse is old.
    pub fn show(&mut self, progress: &Progress, units: &Units, states: impl FnOnce() -> Vec<State>, stage: Stage) {
        if self.last.is_some_and(|last| last.elapsed() < PAUSE) || !progress.is_watched() {
            return;
        }
        if self.near.is_empty() {
            self.near = near_wall(self.domain);
        }
        let glimpse = self.glimpse(units, &states(), stage);
        progress.show(Arc::new(glimpse));
        // Only now: the pause is between glimpses, however long one takes.
        self.last = Some(Instant::now());
    }

    fn glimpse(&self, units: &Units, states: &[State], stage: Stage) -> FlowGlimpse {
        let domain = self.domain;
        let (patient_from_lattice, reference_pa) = (axes(domain), reference_pa(&domain.openings));
        let value = |(cell, normal): &(u32, Vector)| {
            let Some(State { rho, velocity, stress }) = states.get(*cell as usize) else { return [0.0; 3] };
            let along = patient_from_lattice.transpose() * normal;
            let [xx, yy, zz, xy, xz, yz] = stress.map(f64::from);
            let traction = Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz) * along;
            let shear = (traction - along * along.dot(&traction)).norm() * units.stress_pa();
            let speed = Vector::from(velocity.map(f64::from)).norm() * units.speed_m_s();
            [f64::from(*rho) * units.pressure_pa() + reference_pa, shear, speed]
        };
        let values: Vec<[f64; 3]> = self.near.par_iter().map(value).collect();
        let field = |name, unit, n: usize| Field::new(name, unit, values.iter().map(|v| v[n]).collect());
        let fields = vec![
            field("pressure", "Pa", 0),
            field("wall shear stress", "Pa", 1),
            field("speed near the wall", "m/s", 2),
        ];
        let densities = opening_densities(domain, states);
        let mean = |inlets: bool| {
            let those = domain.openings.iter().zip(&densities).filter(|(o, _)| o.kind.is_inlet() == inlets);
            let (sum, count) = those.fold((0.0, 0.0), |(sum, count), (_, rho)| (sum + rho, count + 1.0));
            sum / f64::max(count, 1.0)
        };
        let drop_pa = (mean(true) - mean(false)) * units.pressure_pa();
        FlowGlimpse { wall: domain.wall.clone(), fields, drop_pa, stage }
    }
}

/// For every vertex of the wall the fluid cell next to it inside, and the normal out of the lumen.
fn near_wall(domain: &Domain) -> Vec<(u32, Vector)> {
    let (cells, wall) = (&domain.cells, &domain.wall);
    let near = |(point, normal): (&crate::geom::Point, &Vector)| {
        let inside = cells.grid().index_from_patient(point - normal * (INSIDE * cells.cell_mm()));
        let place: [i32; 3] = inside.map(|x| x.round() as i32).into();
        let around = (0..27).filter_map(|n| {
            let to: [i32; 3] = std::array::from_fn(|a| place[a] + n / 3_i32.pow(a as u32) % 3 - 1);
            let distance = (Vector::from(to.map(f64::from)) - inside).norm_squared();
            Some((cells.at(to)?, distance))
        });
        let nearest = || around.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(cell, _)| cell);
        (cells.at(place).or_else(nearest).map_or(NOWHERE, |cell| cell as u32), *normal)
    };
    wall.positions().par_iter().zip(&wall.vertex_normals()).map(near).collect()
}
