//! What happens on links that leave the fluid: walls between cells, inlets, outlets.
//!
//! Streaming already bounced the population back half-way; the corrections here replace the bounced value in the
//! cell's own slot. Walls: Bouzidi, Firdaouss, Lallemand 2001, Phys. Fluids 13:3452. Inlets: Ladd 1994, J. Fluid
//! Mech. 271:285. Outlets: anti-bounce-back, Ginzburg, Verhaeghe, d'Humières 2008, Commun. Comput. Phys. 3:427.

use super::cells::Cells;
use super::domain::{OpeningLink, WallLink};
use super::lattice::{C, CS2, Q, opposite, weight};
use super::populations::{Phase, Populations, get, put};
use rayon::prelude::*;

/// Links one task works on.
const LINKS_PER_TASK: usize = 4096;
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
pub(super) struct Walls(Vec<WallPatch>);

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
            (HALF_WAY < (link.fraction - 0.5).abs()).then_some(patch)
        };
        Self(links.par_iter().filter_map(patch).collect())
    }

    /// Correct the bounced populations. No patch reads what another writes.
    pub fn apply(&self, populations: &Populations) {
        let (slots, phase) = (populations.slots(), populations.phase());
        self.0.par_chunks(LINKS_PER_TASK).for_each(|patches| {
            for patch in patches {
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
            }
        });
    }
}

struct InletPatch {
    own: u32,
    /// Mass brought in per step: −2 w c·u/c_s².
    mass: f32,
}

/// An opening where fluid is made to come in.
pub(super) struct Inlet(Vec<InletPatch>);

impl Inlet {
    /// An inlet of `flow` cells per step in total; `velocity` gives its shape at the middle of each link.
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

/// An opening where the pressure is held, and sound waves mostly leave instead of being thrown back.
///
/// ```text
/// f_ī ← −f*_i + 2 w_i [ρ_b + ρ (9/2 (c·u)² − 3/2 u²)]        ρ_b = ρ_out + ½ (U − Ū)/c_s
/// ```
///
/// U is the mean speed out of the opening and Ū its running mean, so that in steady flow the pressure is exact.
pub(super) struct Outlet {
    /// Own slot, direction, index into `cells`.
    patches: Vec<(u32, u8, u32)>,
    cells: Vec<u32>,
    velocities: Vec<[f32; 3]>,
    /// Area in cells².
    area: f64,
    rho: f64,
    outflow: f64,
    mean: f64,
    /// Share of a new value in the running mean.
    forget: f64,
}

impl Outlet {
    /// An outlet held at density deviation `rho`, facing `normal`, whose running mean covers `memory` steps.
    pub fn new(links: &[OpeningLink], normal: [f64; 3], rho: f64, memory: f64, populations: &Populations) -> Self {
        let mut cells: Vec<u32> = links.iter().map(|link| link.cell).collect();
        cells.dedup();
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
        let velocities = vec![[0.0; 3]; cells.len()];
        Self { patches, cells, velocities, area, rho, outflow: 0.0, mean: 0.0, forget: 1.0 / memory.max(1.0) }
    }

    /// Hold the pressure for one step.
    pub fn apply(&mut self, populations: &Populations) {
        let slots = populations.slots();
        if populations.phase() == Phase::Collided {
            for (cell, velocity) in self.cells.iter().zip(&mut self.velocities) {
                *velocity = velocity_collided(populations, *cell as usize);
            }
        }
        let speed = self.outflow / self.area;
        self.mean += self.forget * (speed - self.mean);
        let rho = (self.rho + ABSORPTION * (speed - self.mean) / CS2.sqrt()) as f32;
        let mut outflow = 0.0;
        for (own, direction, index) in &self.patches {
            let i = usize::from(*direction);
            let u = self.velocities[*index as usize];
            let cu: f32 = (0..3).map(|a| C[i][a] as f32 * u[a]).sum();
            let square = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
            let bounced = get(slots, *own);
            let value = -bounced + 2.0 * weight(i) * (rho + 4.5 * cu * cu - 1.5 * square);
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

/// Velocity of a cell from its collided populations, which lie in opposite slots.
fn velocity_collided(populations: &Populations, cell: usize) -> [f32; 3] {
    let (mut rho, mut j) = (1.0, [0.0; 3]);
    for i in 0..Q {
        let value = get(populations.slots(), populations.slot(opposite(i), cell));
        rho += value;
        for a in 0..3 {
            j[a] += C[i][a] as f32 * value;
        }
    }
    j.map(|j| j / rho)
}
