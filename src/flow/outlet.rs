//! What happens on links through openings where fluid goes out: regularised, as Latt et al. 2008, Phys. Rev. E 77:056703,
//! but link by link, so that planes may lie at any angle.
//!
//! The collision already sent the population back half-way; it is replaced here.

use super::domain::OpeningLink;
use super::lattice::{C, CS2, opposite, weight};
use super::populations::{Phase, Populations};
use super::simulation::{SECOND, population};

/// Share of a sound wave's pressure that is let go; with all of it the outlet itself can start to swing.
const ABSORPTION: f64 = 0.5;

/// How much faster than on average fluid may be drawn in by a pulse: a little more than in a parabola.
const INWARDS: f64 = 2.5;

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
    pub patches: Vec<(u32, u8, u32)>,
    pub cells: Vec<u32>,
    states: Vec<Collided>,
    pub normal: [f32; 3],
    /// Area in cells².
    pub area: f64,
    pub rho: f64,
    pub steer: f64,
    pub outflow: f64,
    pub mean: f64,
    /// Flow out that the pressure is steered to, if it is not held: cells per step at full inflow.
    pub target: Option<f64>,
    /// Share of a new value in the running mean.
    pub forget: f64,
    /// For flow that pulsates.
    pub pulse: Option<OutletPulse>,
}

/// What an outlet of pulsating flow has besides.
pub(super) struct OutletPulse {
    /// Flow out that is expected when the inflow is at its mean, cells per step; and in this step.
    pub expected: f64,
    pub now: f64,
    /// Density that was missing, summed since it was last looked at, and how often; looked at every so often.
    pub missing: f64,
    pub reads: usize,
    pub reads_max: usize,
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
        let here = links.iter().filter(|link| populations.has(link.cell as usize));
        let patches = here.map(patch).collect();
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
            pulse: None,
        }
    }

    /// The same outlet for flow that pulsates with a period of `cycle` steps, of which it is expected to carry `expected`
    /// cells per step when the inflow is at its mean. Only what differs from that is let go as sound, less its running
    /// mean over `memory` steps; the density is steered once a cycle, by what was missing over the cycle.
    ///
    /// To an oscillation of frequency ω that is not expected, the outlet is a resistance `½ (1/c_s) iω m/(1 + iω m)`: sound
    /// is let go, a slow change is not. Steering in every step would make it the square of that, which feeds slow waves.
    #[must_use]
    pub fn pulsating(mut self, memory: f64, cycle: usize, expected: f64) -> Self {
        if self.target.is_some() {
            // What it carries is known at every step; it has no mean to follow.
            return self;
        }
        self.forget = 1.0 / memory.max(1.0);
        self.mean = 0.0;
        // The states are read every other step.
        let reads_max = (cycle / 2).max(1);
        self.pulse = Some(OutletPulse { expected, now: expected, missing: 0.0, reads: 0, reads_max });
        self
    }

    /// Whether its cells are here, and not with another process.
    pub fn is_here(&self) -> bool {
        !self.patches.is_empty()
    }

    /// Hold density deviation `rho` from now on.
    pub fn hold(&mut self, rho: f64) {
        self.rho = rho;
    }

    /// The flow out of the opening without sound, cells per step.
    pub fn smooth_outflow(&self) -> f64 {
        self.mean * self.area + self.pulse.as_ref().map_or(0.0, |pulse| pulse.now)
    }

    /// The flow out of the opening without sound when the inflow is `share` of its mean, cells per step.
    pub fn smooth_outflow_at(&self, share: f32) -> f64 {
        let expected = self.pulse.as_ref().map_or(0.0, |pulse| pulse.expected);
        self.mean * self.area + expected * f64::from(share)
    }

    /// Let `flow` cells per step out at full inflow, at whatever pressure that takes.
    pub fn carrying(mut self, flow: f64) -> Self {
        self.target = Some(flow);
        self
    }

    /// The links whose populations this changes.
    pub fn bounces(&self) -> impl Iterator<Item = u32> + '_ {
        self.patches.iter().map(|(bounce, ..)| *bounce)
    }

    /// Note the states of the cells after the collision.
    pub fn read(&mut self, populations: &Populations) {
        if populations.phase() == Phase::Collided {
            let mut rho = 0.0;
            let floor = self.pulse.as_ref().map_or(0.0, |pulse| pulse.slowest(self.mean, self.area));
            for (cell, state) in self.cells.iter().zip(&mut self.states) {
                *state = Collided::of(populations, *cell as usize);
                rho += f64::from(state.rho);
                let u = state.velocity;
                let inwards = ((0..3).map(|a| u[a] * self.normal[a]).sum::<f32>() - floor).min(0.0);
                state.velocity = std::array::from_fn(|a| u[a] - inwards * self.normal[a]);
            }
            let missing = self.rho - rho / self.cells.len() as f64;
            match &mut self.pulse {
                Some(pulse) => self.steer += pulse.steer(missing),
                None if self.target.is_none() => self.steer += self.forget * missing,
                None => {}
            }
        }
    }

    /// Hold the pressure or the flow for one step, in which `share` of the full inflow comes in.
    pub fn apply(&mut self, populations: &mut Populations, share: f32) {
        let all = populations.bounced();
        let mut speed = self.outflow / self.area;
        if let Some(pulse) = &mut self.pulse {
            pulse.now = pulse.expected * f64::from(share);
            speed -= pulse.now / self.area;
        }
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

    /// Forget how the density was steered: for an outlet that goes on from one that carried a flow.
    pub fn hold_unsteered(&mut self) {
        self.steer = 0.0;
    }

    /// Flow out of the opening in the last step, cells per step.
    pub fn outflow(&self) -> f64 {
        self.outflow
    }
}

impl OutletPulse {
    /// The velocity out of the opening below which the rest is not passed on, where the mean speed differs by `mean` from
    /// what is expected: a pulse may draw fluid in, at most with a parabola, and slow layers at the wall may turn before
    /// the core does; eddies may not.
    fn slowest(&self, mean: f64, area: f64) -> f32 {
        let inwards = -(mean + self.now / area).min(0.0);
        -(INWARDS * inwards + self.expected.abs() / area) as f32
    }

    /// How much more to steer, when so much density is missing: nothing before a cycle is over.
    fn steer(&mut self, missing: f64) -> f64 {
        self.missing += missing;
        self.reads += 1;
        if self.reads < self.reads_max {
            return 0.0;
        }
        let mean = self.missing / self.reads as f64;
        (self.missing, self.reads) = (0.0, 0);
        mean
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
