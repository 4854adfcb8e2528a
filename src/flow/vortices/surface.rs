//! Surfaces around vortices, and what is in each.

use super::{Vortices, normalised_helicity};
use crate::base::Progress;
use crate::flow::FlowResult;
use crate::geom::{Point, Vector};
use crate::image::Volume;
use crate::image::components::{Components, Neighbours};
use crate::mesh::contour::{ContourError, iso_surface};
use crate::mesh::{Field, Surface};
use rayon::prelude::*;

/// Vortices of fewer cells than this are left out: differences over so few say little.
const CELLS_MIN: usize = 20;

/// A connected region of high Q.
#[derive(Debug, Clone, PartialEq)]
pub struct Vortex {
    /// Centre of mass (LPS, mm).
    pub centre: Point,
    /// Volume in ml.
    pub volume_ml: f64,
    /// Highest Q in 1/s².
    pub q_per_s2: f64,
    /// Mean size of the vorticity in 1/s.
    pub vorticity_per_s: f64,
    /// Mean speed in m/s.
    pub speed_m_s: f64,
    /// Mean of the local normalised helicity: positive turns right along its way, negative left.
    pub helicity: f64,
}

/// The surface of Q at a threshold, coloured.
#[derive(Debug, Clone)]
pub struct VortexSurface {
    /// Closed, oriented out of the vortices.
    pub surface: Surface,
    /// On its vertices: normalised helicity, helicity density, vorticity, speed, pressure.
    pub fields: Vec<Field>,
    /// What is inside, the largest first.
    pub vortices: Vec<Vortex>,
}

impl VortexSurface {
    /// The surface of `vortices` where Q is `q_per_s2`; none where no vortex of twenty cells reaches it.
    ///
    /// The layer of cells at walls and four at openings are left out: velocities there carry the error of their rules.
    ///
    /// # Errors
    /// [`ContourError`] if the surface is too large or `progress` was cancelled.
    pub fn of(
        result: &FlowResult,
        vortices: &Vortices,
        q_per_s2: f64,
        progress: &Progress,
    ) -> Result<Option<Self>, ContourError> {
        let cells = &result.cells;
        let mut q = vec![0.0_f32; cells.grid().len()];
        for (cell, offset) in cells.offsets().iter().enumerate().filter(|(cell, _)| vortices.is_deep[*cell]) {
            q[*offset as usize] = vortices.q_per_s2[cell];
        }
        progress.set(0.2)?;
        let volume = Volume::new(cells.grid().clone(), q).expect("one value per place of the same grid");
        let is_inside = |q: f32| q_per_s2 <= f64::from(q);
        let parts = Components::of(&volume, is_inside, Neighbours::Six, &progress.part(0.2..0.4, "vortices"))?;
        let kept = parts.parts().iter().take_while(|part| CELLS_MIN <= part.voxels).count();
        if kept == 0 {
            return Ok(None);
        }
        let mut found = vec![Sums::default(); kept];
        let mut q = volume.into_voxels();
        for (part, range) in parts.runs() {
            if kept <= part {
                q[range].fill(0.0);
                continue;
            }
            for offset in range {
                let place = cells.grid().voxel(offset).map(|x| x as i32);
                let cell = cells.at(place).expect("only cells have a Q above 0");
                found[part].add(result, vortices, cell);
            }
        }
        let volume = Volume::new(cells.grid().clone(), q).expect("one value per place of the same grid");
        let surface = iso_surface(&volume, q_per_s2, &progress.part(0.4..0.8, "surface"))?;
        let fields = fields(result, vortices, &surface);
        progress.set(1.0)?;
        let vortex = |(n, sums): (usize, &Sums)| sums.vortex(parts.centre(n), parts.volume_ml(n));
        Ok(Some(Self { surface, fields, vortices: found.iter().enumerate().map(vortex).collect() }))
    }
}

/// Sums over the cells of a vortex.
#[derive(Clone, Default)]
struct Sums {
    cells: f64,
    q: f64,
    vorticity: f64,
    speed: f64,
    helicity: f64,
}

impl Sums {
    fn add(&mut self, result: &FlowResult, vortices: &Vortices, cell: usize) {
        let velocity = Vector::from(result.velocity_m_s[cell].map(f64::from));
        let vorticity = Vector::from(vortices.vorticity_per_s[cell].map(f64::from));
        self.cells += 1.0;
        self.q = self.q.max(f64::from(vortices.q_per_s2[cell]));
        self.vorticity += vorticity.norm();
        self.speed += velocity.norm();
        self.helicity += normalised_helicity(&velocity, &vorticity);
    }

    fn vortex(&self, centre: Point, volume_ml: f64) -> Vortex {
        Vortex {
            centre,
            volume_ml,
            q_per_s2: self.q,
            vorticity_per_s: self.vorticity / self.cells,
            speed_m_s: self.speed / self.cells,
            helicity: self.helicity / self.cells,
        }
    }
}

/// What colours the surface: trilinear over the cells around each vertex.
fn fields(result: &FlowResult, vortices: &Vortices, surface: &Surface) -> Vec<Field> {
    let at = |point: &Point| -> [f64; 5] {
        let (mut velocity, mut vorticity, mut pressure, mut known) = (Vector::zeros(), Vector::zeros(), 0.0, 0.0);
        for (cell, weight) in result.around(*point).into_iter().flatten() {
            velocity += Vector::from(result.velocity_m_s[cell].map(f64::from)) * weight;
            vorticity += Vector::from(vortices.vorticity_per_s[cell].map(f64::from)) * weight;
            pressure += f64::from(result.pressure_pa[cell]) * weight;
            known += weight;
        }
        let share = if 0.0 < known { 1.0 / known } else { 0.0 };
        let (velocity, vorticity) = (velocity * share, vorticity * share);
        let helicity = normalised_helicity(&velocity, &vorticity);
        [helicity, velocity.dot(&vorticity), vorticity.norm(), velocity.norm(), pressure * share]
    };
    let values: Vec<[f64; 5]> = surface.positions().par_iter().map(at).collect();
    let field = |name, unit, n: usize| Field::new(name, unit, values.iter().map(|v| v[n]).collect());
    vec![
        field("normalised helicity", "1", 0),
        field("helicity density", "m/s²", 1),
        field("vorticity", "1/s", 2),
        field("speed", "m/s", 3),
        field("pressure", "Pa", 4),
    ]
}
