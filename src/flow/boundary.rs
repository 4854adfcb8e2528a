//! What happens on links that leave the fluid: walls between cells, inlets, outlets.
//!
//! Streaming already bounced the population back half-way; the corrections here replace the bounced value in the
//! cell's own slot. Walls: Bouzidi, Firdaouss, Lallemand 2001, Phys. Fluids 13:3452. Inlets: Ladd 1994, J. Fluid
//! Mech. 271:285. Outlets: regularised, as Latt et al. 2008, Phys. Rev. E 77:056703, but link by link, so that planes
//! may lie at any angle.

#![expect(clippy::needless_range_loop, reason = "lanes, directions and axes index several arrays at once")]

use super::cells::Cells;
use super::domain::{OpeningLink, WallLink};
use super::lattice::{C, CS2, Q, opposite, weight};
use super::populations::{Phase, Populations, get, put};
use rayon::prelude::*;
use std::ops::Range;

/// Cells at walls one task works on.
const CELLS_PER_TASK: usize = 1024;
/// Share of a sound wave's pressure that is let go; with all of it the outlet itself can start to swing.
const ABSORPTION: f64 = 0.5;
/// Walls this close to half-way need no correction.
const HALF_WAY: f32 = 1e-3;

/// A wall link whose wall is not half-way.
///
/// ```text
/// q < ½:  f_ī ← 2q f*_i(x) + (1 − 2q) f*_i(x − c)
/// q ≥ ½:  f_ī ← f*_i(x)/(2q) + (1 − 1/(2q)) f*_ī(x)
/// ```
///
/// After an even step `f*_i(x − c)` lies in the slot of ī at `x − c` and `f*_ī(x)` in that of i at `x`; after an odd
/// step the two have changed places.
struct WallPatch {
    own: u32,
    upstream: u32,
    beside: u32,
    fraction: f32,
}

/// Corrections of all walls.
///
/// Interpolation takes or gives a little mass; the cell's resting population gives it back (as Sanjeevi, Zarghami,
/// Padding 2018, Phys. Rev. E 97:043305), so that fluid enters and leaves through openings only.
pub(super) struct Walls {
    /// In the order of cells.
    patches: Vec<WallPatch>,
    /// For every cell that has patches: the slot of its resting population and its patches.
    cells: Vec<(u32, Range<u32>)>,
}

impl Walls {
    pub fn new(links: &[WallLink], cells: &Cells, populations: &Populations) -> Self {
        let patch = |link: &WallLink| {
            let (cell, i) = (link.cell as usize, usize::from(link.direction));
            // Without a cell upstream there is nothing to interpolate with: half-way.
            let upstream = cells.neighbour(cell, opposite(i))?;
            let patch = WallPatch {
                own: populations.slot(opposite(i), cell),
                upstream: populations.slot(opposite(i), upstream),
                beside: populations.slot(i, cell),
                fraction: link.fraction,
            };
            (HALF_WAY < (link.fraction - 0.5).abs()).then_some((populations.slot(0, cell), patch))
        };
        let (owners, patches): (Vec<u32>, Vec<WallPatch>) = links.par_iter().filter_map(patch).collect();
        let mut cells = Vec::new();
        let mut first = 0_u32;
        for run in owners.chunk_by(|a, b| a == b) {
            cells.push((run[0], first..first + run.len() as u32));
            first += run.len() as u32;
        }
        Self { patches, cells }
    }

    /// Correct the bounced populations. No cell reads what another writes.
    pub fn apply(&self, populations: &Populations) {
        let (slots, phase) = (populations.slots(), populations.phase());
        self.cells.par_iter().with_min_len(CELLS_PER_TASK).for_each(|(rest, range)| {
            let mut taken = 0.0;
            for patch in &self.patches[range.start as usize..range.end as usize] {
                let (upstream, beside) = match phase {
                    Phase::Collided => (patch.upstream, patch.beside),
                    Phase::Arrived => (patch.beside, patch.upstream),
                };
                let (q2, bounced) = (2.0 * patch.fraction, get(slots, patch.own));
                let value = if q2 < 1.0 {
                    q2 * bounced + (1.0 - q2) * get(slots, upstream)
                } else {
                    let part = 1.0 / q2;
                    part * bounced + (1.0 - part) * get(slots, beside)
                };
                put(slots, patch.own, value);
                taken += bounced - value;
            }
            put(slots, *rest, get(slots, *rest) + taken);
        });
    }
}

struct InletPatch {
    own: u32,
    /// Mass brought in per step: −2 w c·u/c_s².
    mass: f32,
}

/// An opening where fluid is made to come in, or a wall that moves: `f_ī ← f*_i − 2 w_i c·u/c_s²`.
pub(super) struct Inlet(Vec<InletPatch>);

impl Inlet {
    /// An inlet of `flow` cells per step in total; `velocity` gives its shape at the middle of each link. Without a
    /// flow the velocity itself is what is asked for.
    pub fn new(
        links: &[OpeningLink],
        velocity: impl Fn(&OpeningLink) -> [f64; 3],
        flow: Option<f64>,
        populations: &Populations,
    ) -> Self {
        let mass = |link: &OpeningLink| {
            let (i, u) = (usize::from(link.direction), velocity(link));
            let cu: f64 = (0..3).map(|a| f64::from(C[i][a]) * u[a]).sum();
            -6.0 * f64::from(weight(i)) * cu
        };
        let masses: Vec<f64> = links.iter().map(mass).collect();
        // Scaling makes the flow exact whatever stairs the cells form at the plane.
        let scale = flow.map_or(1.0, |flow| flow / masses.iter().sum::<f64>());
        let patch = |(link, mass): (&OpeningLink, f64)| InletPatch {
            own: populations.slot(opposite(usize::from(link.direction)), link.cell as usize),
            mass: (mass * scale) as f32,
        };
        Self(links.iter().zip(masses).map(patch).collect())
    }

    /// Bring in `share` of the full flow.
    pub fn apply(&self, populations: &Populations, share: f32) {
        let slots = populations.slots();
        for patch in &self.0 {
            put(slots, patch.own, get(slots, patch.own) + share * patch.mass);
        }
    }
}

/// The cells of links that are in the order of cells.
fn cells_of(links: &[OpeningLink]) -> Vec<u32> {
    let mut cells: Vec<u32> = links.iter().map(|link| link.cell).collect();
    cells.dedup();
    cells
}

/// An opening where the pressure is held, and sound waves mostly leave instead of being thrown back.
///
/// ```text
/// f_ī ← w_i [ρ_b + ρ (−3 c·u + 9/2 (c·u)² − 3/2 u²) + 9/2 (c·Π c − tr Π/3)]
/// ρ_b = ρ_out + ½ (U − Ū)/c_s + Σ (ρ_out − ρ̄)/N
/// ```
///
/// What comes in has the pressure outside, and the velocity and viscous stress inside. (Anti-bounce-back is more
/// usual but was unstable when eddies reached the outlet.) Velocity into the lumen is not passed on, so that eddies
/// cannot draw energy from outside. U is the mean speed out of the opening and Ū its running mean; the last term
/// steers the mean density ρ̄ of the cells at the opening to the one asked for, over N steps. An outlet that is to carry
/// a given flow takes the mean speed of that flow for Ū, and the last term is ½ Σ (U − Ū)/c_s/(2N).
pub(super) struct Outlet {
    /// Own slot, direction, index into `cells`.
    patches: Vec<(u32, u8, u32)>,
    cells: Vec<u32>,
    states: Vec<Collided>,
    normal: [f32; 3],
    /// Area in cells².
    area: f64,
    rho: f64,
    steer: f64,
    outflow: f64,
    mean: f64,
    /// Flow out that the pressure is steered to, if it is not held: cells per step at full inflow.
    target: Option<f64>,
    /// Share of a new value in the running mean.
    forget: f64,
}

impl Outlet {
    /// An outlet held at density deviation `rho`, facing `normal`, whose running mean covers `memory` steps.
    pub fn new(links: &[OpeningLink], normal: [f64; 3], rho: f64, memory: f64, populations: &Populations) -> Self {
        let cells = cells_of(links);
        let patch = |link: &OpeningLink| {
            let own = populations.slot(opposite(usize::from(link.direction)), link.cell as usize);
            let index = cells.binary_search(&link.cell).expect("the list was made from these links");
            (own, link.direction, index as u32)
        };
        let patches = links.iter().map(patch).collect();
        let facing = |link: &OpeningLink| {
            let i = usize::from(link.direction);
            6.0 * f64::from(weight(i)) * (0..3).map(|a| f64::from(C[i][a]) * normal[a]).sum::<f64>()
        };
        let area = links.iter().map(facing).sum::<f64>().max(1.0);
        let states = vec![Collided::default(); cells.len()];
        let normal = normal.map(|n| n as f32);
        Self {
            patches,
            cells,
            states,
            normal,
            area,
            rho,
            steer: 0.0,
            outflow: 0.0,
            mean: 0.0,
            target: None,
            forget: 1.0 / memory.max(1.0),
        }
    }

    /// Let `flow` cells per step out at full inflow, at whatever pressure that takes.
    pub fn carrying(mut self, flow: f64) -> Self {
        self.target = Some(flow);
        self
    }

    /// Note the states of the cells after the collision, before walls change any slot.
    pub fn read(&mut self, populations: &Populations) {
        if populations.phase() == Phase::Collided {
            let mut rho = 0.0;
            for (cell, state) in self.cells.iter().zip(&mut self.states) {
                *state = Collided::of(populations, *cell as usize);
                rho += f64::from(state.rho);
                let u = state.velocity;
                let inwards = (0..3).map(|a| u[a] * self.normal[a]).sum::<f32>().min(0.0);
                state.velocity = std::array::from_fn(|a| u[a] - inwards * self.normal[a]);
            }
            if self.target.is_none() {
                self.steer += self.forget * (self.rho - rho / self.cells.len() as f64);
            }
        }
    }

    /// Hold the pressure or the flow for one step, in which `share` of the full inflow comes in.
    pub fn apply(&mut self, populations: &Populations, share: f32) {
        let slots = populations.slots();
        let speed = self.outflow / self.area;
        if let Some(flow) = self.target {
            self.mean = flow * f64::from(share) / self.area;
            self.steer += 0.5 * self.forget * ABSORPTION * (speed - self.mean) / CS2.sqrt();
        } else {
            self.mean += self.forget * (speed - self.mean);
        }
        let rho = (self.rho + self.steer + ABSORPTION * (speed - self.mean) / CS2.sqrt()) as f32;
        let mut outflow = 0.0;
        for (own, direction, index) in &self.patches {
            let i = usize::from(*direction);
            let state = self.states[*index as usize];
            let bounced = get(slots, *own);
            let value = state.incoming(i, rho, state.velocity);
            outflow += f64::from(bounced - value);
            put(slots, *own, value);
        }
        self.outflow = outflow;
    }

    /// Flow out of the opening in the last step, cells per step.
    pub fn outflow(&self) -> f64 {
        self.outflow
    }
}

/// Entries of a symmetric tensor and how often each occurs.
const SECOND: [(usize, usize, f32); 6] = [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (0, 1, 2.0), (0, 2, 2.0), (1, 2, 2.0)];

/// State of a cell after the collision.
#[derive(Debug, Clone, Copy, Default)]
struct Collided {
    rho: f32,
    velocity: [f32; 3],
    /// The second moment out of equilibrium: xx, yy, zz, xy, xz, yz.
    stress: [f32; 6],
}

impl Collided {
    /// From collided populations, which lie in opposite slots.
    fn of(populations: &Populations, cell: usize) -> Self {
        let (mut rho, mut j, mut stress) = (0.0, [0.0; 3], [0.0; 6]);
        for i in 0..Q {
            let value = get(populations.slots(), populations.slot(opposite(i), cell));
            rho += value;
            for a in 0..3 {
                j[a] += C[i][a] as f32 * value;
            }
            for (n, (a, b, _)) in SECOND.into_iter().enumerate() {
                stress[n] += (C[i][a] * C[i][b]) as f32 * value;
            }
        }
        let velocity = j.map(|j| j / (1.0 + rho));
        for (n, (a, b, _)) in SECOND.into_iter().enumerate() {
            stress[n] -= j[a] * velocity[b] + if a == b { rho / 3.0 } else { 0.0 };
        }
        Self { rho, velocity, stress }
    }

    /// The population that comes in against direction `i` at density deviation `rho` and velocity `u`, with the
    /// viscous stress of this state.
    fn incoming(&self, i: usize, rho: f32, u: [f32; 3]) -> f32 {
        let cu: f32 = (0..3).map(|a| C[i][a] as f32 * u[a]).sum();
        let square = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
        let stress = &self.stress;
        let along: f32 = (0..6).map(|n| SECOND[n].2 * stress[n] * (C[i][SECOND[n].0] * C[i][SECOND[n].1]) as f32).sum();
        let viscous = 4.5 * along - 1.5 * (stress[0] + stress[1] + stress[2]);
        weight(i) * (rho + (1.0 + rho) * (-3.0 * cu + 4.5 * cu * cu - 1.5 * square) + viscous)
    }
}
