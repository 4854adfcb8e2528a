//! What happens on links through openings: inlets and outlets.
//!
//! The collision already sent the population back half-way; the corrections here change what was sent back. Inlets:
//! Ladd 1994, J. Fluid Mech. 271:285. Outlets: regularised, as Latt et al. 2008, Phys. Rev. E 77:056703, but link by
//! link, so that planes may lie at any angle.

use super::domain::OpeningLink;
use super::lattice::{C, CS2, opposite, weight};
use super::populations::{Phase, Populations};
use super::simulation::{SECOND, population};

/// Share of a sound wave's pressure that is let go; with all of it the outlet itself can start to swing.
const ABSORPTION: f64 = 0.5;

struct InletPatch {
    bounce: u32,
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
            bounce: populations.bounce(link.cell as usize, usize::from(link.direction)),
            mass: (mass * scale) as f32,
        };
        Self(links.iter().zip(masses).map(patch).collect())
    }

    /// Bring in `share` of the full flow.
    pub fn apply(&self, populations: &mut Populations, share: f32) {
        let bounced = populations.bounced();
        for patch in &self.0 {
            bounced[patch.bounce as usize] += share * patch.mass;
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
    /// Number of the link, direction, index into `cells`.
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
            let bounce = populations.bounce(link.cell as usize, usize::from(link.direction));
            let index = cells.binary_search(&link.cell).expect("the list was made from these links");
            (bounce, link.direction, index as u32)
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

    /// Note the states of the cells after the collision.
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
    pub fn apply(&mut self, populations: &mut Populations, share: f32) {
        let all = populations.bounced();
        let speed = self.outflow / self.area;
        if let Some(flow) = self.target {
            self.mean = flow * f64::from(share) / self.area;
            self.steer += 0.5 * self.forget * ABSORPTION * (speed - self.mean) / CS2.sqrt();
        } else {
            self.mean += self.forget * (speed - self.mean);
        }
        let rho = (self.rho + self.steer + ABSORPTION * (speed - self.mean) / CS2.sqrt()) as f32;
        let mut outflow = 0.0;
        for (bounce, direction, index) in &self.patches {
            let i = usize::from(*direction);
            let state = self.states[*index as usize];
            let bounced = &mut all[*bounce as usize];
            let value = state.incoming(i, rho, state.velocity);
            outflow += f64::from(*bounced - value);
            *bounced = value;
        }
        self.outflow = outflow;
    }

    /// Go on from the same outlet on another lattice, whose units of speed and density are `speed` and `density` here.
    pub fn go_on_from(&mut self, other: &Self, speed: f64, density: f64) {
        self.mean = other.mean * speed;
        self.steer = other.steer * density;
        self.outflow = other.outflow / other.area * speed * self.area;
    }

    /// Flow out of the opening in the last step, cells per step.
    pub fn outflow(&self) -> f64 {
        self.outflow
    }
}

/// State of a cell after the collision.
#[derive(Debug, Clone, Copy, Default)]
struct Collided {
    rho: f32,
    velocity: [f32; 3],
    /// The second moment out of equilibrium: xx, yy, zz, xy, xz, yz.
    stress: [f32; 6],
}

impl Collided {
    /// From the collided populations of a cell.
    fn of(populations: &Populations, cell: usize) -> Self {
        let (mut rho, mut j, mut stress) = (0.0, [0.0; 3], [0.0; 6]);
        for (i, value) in populations.collided(cell).into_iter().enumerate() {
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
        population(opposite(i), rho, u, &self.stress)
    }
}
