//! Channels with something in the way: fluid comes in on the left at known speeds and goes out on the right.

use super::super::cells::moved;
use super::super::domain::{Domain, OpeningLink};
use super::super::error::FlowError;
use super::super::inlet::Inlet;
use super::super::lattice::{C, CS2, opposite};
use super::super::outlet::Outlet;
use super::super::settle::{change, check_speed};
use super::super::simulation::{Operator, Simulation};
use super::enclosed;
use crate::base::Progress;
use crate::geom::{Grid, Point};

/// A channel along x; lattice units, cell centres at half-integer coordinates.
pub(super) struct Tunnel<Level, Speed> {
    /// Cells along each axis.
    pub dims: [usize; 3],
    /// Whether the lattice repeats along z (flow in a plane).
    pub periodic: bool,
    /// Positive in the fluid, like a distance in cells near walls that are not at the border of the lattice.
    pub level: Level,
    /// Speed along x that comes in at a point of the left side.
    pub inflow: Speed,
    /// Speed along x with which the walls at the border move: 0, or that of the fluid far away.
    pub sides: f64,
}

/// Steady flow in a channel.
pub(super) struct Steady {
    pub simulation: Simulation,
    domain: Domain,
}

impl<Level, Speed> Tunnel<Level, Speed>
where
    Level: Fn([f64; 3]) -> f64,
    Speed: Fn([f64; 3]) -> f64,
{
    /// Run until the flow changes by less than `tolerance` while fluid that moves at `mean` cells per step passes a
    /// tenth of the channel, or has passed it `passes` times.
    pub fn steady(
        &self,
        (operator, tau): (Operator, f64),
        mean: f64,
        tolerance: f64,
        passes: f64,
        progress: &Progress,
    ) -> Result<Steady, FlowError> {
        let grid = Grid::aligned(self.dims, Point::origin(), [1.0; 3]).expect("a channel has cells");
        let level = |place: [i32; 3]| (self.level)(place.map(|x| f64::from(x) + 0.5)) as f32;
        let domain = Domain::enclosed(&grid, level, [false, false, self.periodic]);
        let mut simulation = enclosed(&domain, operator, tau, [0.0; 3], true);
        let mut left = self.links(&simulation, &domain, |to| to[0] < 0);
        let mut right = self.links(&simulation, &domain, |to| self.dims[0] as i32 <= to[0]);
        let beside =
            |to: [i32; 3]| (1..if self.periodic { 2 } else { 3 }).any(|a| to[a] < 0 || self.dims[a] as i32 <= to[a]);
        // Links through an edge of the channel belong to its walls.
        let sides = self.links(&simulation, &domain, beside);
        left.retain(|link| !beside(to(&simulation, link)));
        right.retain(|link| !beside(to(&simulation, link)));
        let middle = |link: &OpeningLink| -> [f64; 3] {
            let (place, c) = (simulation.cells.place(link.cell as usize), C[usize::from(link.direction)]);
            std::array::from_fn(|a| f64::from(place[a]) + 0.5 + 0.5 * f64::from(c[a]))
        };
        let velocity = |link: &OpeningLink| [(self.inflow)(middle(link)), 0.0, 0.0];
        let inlet = Inlet::new(&left, velocity, None, &simulation.populations);
        let sound = self.dims[0] as f64 / CS2.sqrt();
        let outlet = Outlet::new(&right, [1.0, 0.0, 0.0], 0.0, sound, &simulation.populations);
        simulation.inlets.push(inlet);
        simulation.outlets.push(outlet);
        if self.sides != 0.0 {
            let moving = Inlet::new(&sides, |_| [self.sides, 0.0, 0.0], None, &simulation.populations);
            simulation.inlets.push(moving);
        }
        simulation.ramp = (2.0 * sound) as usize;
        let window = ((0.1 * self.dims[0] as f64 / mean) as usize / 2 * 2).max(2);
        let limit = (passes * self.dims[0] as f64 / mean) as usize;
        let mut before = simulation.velocities();
        while simulation.steps < limit {
            for _ in 0..window / 2 {
                simulation.two_steps();
            }
            progress.step(simulation.steps, limit)?;
            let now = simulation.velocities();
            check_speed(&now, simulation.steps)?;
            let changed = change(&before, &now);
            before = now;
            if simulation.ramp < simulation.steps && changed < tolerance {
                break;
            }
        }
        Ok(Steady { simulation, domain })
    }

    /// The links out of the lattice to places for which `leads` holds, in the order of cells and directions.
    fn links(&self, simulation: &Simulation, domain: &Domain, leads: impl Fn([i32; 3]) -> bool) -> Vec<OpeningLink> {
        let link = |wall: &super::super::domain::WallLink| OpeningLink {
            cell: wall.cell,
            direction: wall.direction,
            opening: 0,
        };
        domain.wall_links.iter().map(link).filter(|link| leads(to(simulation, link))).collect()
    }
}

/// Where a link leads.
fn to(simulation: &Simulation, link: &OpeningLink) -> [i32; 3] {
    moved(simulation.cells.place(link.cell as usize), usize::from(link.direction))
}

impl Steady {
    /// The force of the fluid on what lies where `is_body` holds: the momentum that its links take (Mei, Yu, Shyy, Luo
    /// 2002, Phys. Rev. E 65:041203).
    ///
    /// ```text
    /// F = Σ c_i [f*_i(x) + f_ī(x, t + 1)]
    /// ```
    pub fn force(&mut self, is_body: impl Fn([f64; 3]) -> bool) -> [f64; 3] {
        let simulation = &mut self.simulation;
        let links: Vec<(usize, usize)> = self
            .domain
            .wall_links
            .iter()
            .map(|link| (link.cell as usize, usize::from(link.direction)))
            .filter(|(cell, i)| is_body(moved(simulation.cells.place(*cell), *i).map(|x| f64::from(x) + 0.5)))
            .collect();
        simulation.one_step();
        let gone: Vec<f32> = links.iter().map(|(cell, i)| simulation.populations.collided(*cell)[*i]).collect();
        simulation.one_step();
        let mut force = [0.0; 3];
        for ((cell, i), gone) in links.into_iter().zip(gone) {
            let come = simulation.populations.arrived(cell)[opposite(i)];
            let exchanged = f64::from(gone) + f64::from(come);
            for a in 0..3 {
                force[a] += f64::from(C[i][a]) * exchanged;
            }
        }
        force
    }

    /// Pressure over the density at a point on a body, continued along `away` (an axis that leads into the fluid) from
    /// the three nearest places there, and averaged over the cells around that line.
    pub fn pressure(&self, at: [f64; 3], axis: usize, away: i32) -> f64 {
        let states = self.simulation.states();
        let others: Vec<usize> = (0..3).filter(|a| *a != axis).collect();
        let near = |x: f64| [(x - 0.5).floor() as i32, (x - 0.5).ceil() as i32];
        let mean = |n: i32| -> (f64, f64) {
            // The n-th cell centre beyond the point.
            let first = if 0 < away { (at[axis] - 0.5).ceil() } else { (at[axis] - 0.5).floor() } as i32;
            let (mut sum, mut count) = (0.0, 0.0);
            for u in near(at[others[0]]) {
                for v in near(at[others[1]]) {
                    let mut place = [0; 3];
                    (place[axis], place[others[0]], place[others[1]]) = (first + away * n, u, v);
                    if let Some(cell) = self.simulation.cells.at(place) {
                        sum += f64::from(states[cell].rho) * CS2;
                        count += 1.0;
                    }
                }
            }
            ((f64::from(first + away * n) + 0.5 - at[axis]).abs(), sum / count)
        };
        let points: Vec<(f64, f64)> = (0..3).map(mean).collect();
        let lagrange = |n: usize| -> f64 {
            (0..3).filter(|m| *m != n).map(|m| points[m].0 / (points[m].0 - points[n].0)).product()
        };
        (0..3).map(|n| lagrange(n) * points[n].1).sum()
    }
}
