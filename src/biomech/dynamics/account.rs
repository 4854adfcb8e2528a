//! Energy and momentum of a body that moves.

use super::step::{State, Stepper};
use crate::base::parallel::sum_blocks;
use crate::biomech::units::m_from_mm;
use crate::geom::Vector;

/// Energy and momentum at one moment; work is counted from 0 s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Account {
    /// When, s.
    pub at_s: f64,
    /// Kinetic energy, J.
    pub kinetic_j: f64,
    /// Elastic energy, J.
    pub elastic_j: f64,
    /// Work of forces, pressures, weight and contraction so far, J.
    pub loads_j: f64,
    /// Work of whatever moves vertices so far, J.
    pub supports_j: f64,
    /// Energy that damping has taken so far, J.
    pub damped_j: f64,
    /// Momentum, kg m/s.
    pub momentum_kg_m_s: Vector,
    /// Angular momentum about the patient origin, kg m²/s.
    pub angular_kg_m2_s: Vector,
    /// Newton iterations so far.
    pub iterations: usize,
}

impl Account {
    /// Kinetic and elastic energy, J.
    pub fn energy_j(&self) -> f64 {
        self.kinetic_j + self.elastic_j
    }

    /// Energy that came from nowhere since `start`, J: what it is now, less what it was and what was given and taken.
    pub fn defect_j(&self, start: &Self) -> f64 {
        let given = |at: &Self| at.loads_j + at.supports_j - at.damped_j;
        self.energy_j() - start.energy_j() - (given(self) - given(start))
    }

    /// The largest of all energies, J: the size a defect compares with.
    pub(super) fn turned_over_j(&self) -> f64 {
        [self.energy_j(), self.loads_j.abs(), self.supports_j.abs(), self.damped_j].into_iter().fold(0.0, f64::max)
    }
}

impl Stepper<'_> {
    /// Energy and momentum of a state.
    ///
    /// The elastic energy of mixed elements is ∫ ψ_shape + ½ p θ, which is theirs where the volume equations hold.
    pub(super) fn account(&self, state: &State) -> Account {
        let (assembly, fields) = (self.assembly(), self.assembly().fields());
        let energy = |tet: usize| {
            let (u, p) = assembly.at_corners(tet, &state.x);
            let (element, law) = (&assembly.elements[tet], &assembly.laws[tet]);
            let deformation = element.deformation(&u);
            let theta = law.volume_change(&deformation);
            let pressure = if fields == 4 { p.iter().sum::<f64>() / 4.0 } else { law.bulk_pa * theta };
            // States are without inverted elements.
            element.volume_m3 * (law.shape_energy_pa(&deformation).unwrap_or(0.0) + 0.5 * pressure * theta)
        };
        let elastic_j = sum_blocks(assembly.elements.len(), 1024, |range| range.map(energy).sum());
        let (mut kinetic_j, mut momentum, mut angular) = (0.0, Vector::zeros(), Vector::zeros());
        for (vertex, mass) in self.mass_kg().iter().enumerate() {
            let at = |values: &[f64]| Vector::from_column_slice(&values[fields * vertex..][..3]);
            let (place, v) = (m_from_mm(&assembly.mesh.positions()[vertex]) + at(&state.x), at(&state.v));
            kinetic_j += 0.5 * mass * v.norm_squared();
            momentum += v * *mass;
            angular += place.cross(&v) * *mass;
        }
        let State { at_s, loads_j, supports_j, damped_j, iterations, .. } = *state;
        let (momentum_kg_m_s, angular_kg_m2_s) = (momentum, angular);
        Account {
            at_s,
            kinetic_j,
            elastic_j,
            loads_j,
            supports_j,
            damped_j,
            momentum_kg_m_s,
            angular_kg_m2_s,
            iterations,
        }
    }
}
