//! From a set-up and its lattice to a simulation.

use super::domain::{Domain, OpeningLink};
use super::gpu::Slot;
use super::inlet::Inlet;
use super::lattice::{C, CS2};
use super::opening::{Opening, OpeningKind};
use super::outlet::Outlet;
use super::plan::{Plan, shares};
use super::populations::Populations;
use super::profile::Shape;
use super::ranks::{PAIRS, Part};
use super::setup::{self, Setup, Split};
use super::simulation::Simulation;
use super::womersley;
use crate::geom::{Point, Vector};
use nalgebra::{Complex, Matrix3};

/// The simulation of a set-up on its lattice, at rest.
pub(super) fn assemble(setup: &Setup, domain: &Domain, plan: &Plan) -> Simulation {
    let Plan { units, tau, ramp, sound: memory, .. } = *plan;
    let operator = plan.operator.clone();
    let cells = domain.cells.clone();
    let walls = match setup.walls {
        setup::Walls::Interpolated => domain.wall_links.as_slice(),
        setup::Walls::HalfWay => &[],
    };
    let ranks = setup.ranks.clone();
    let part = ranks.map(|ranks| Part::new(ranks, &cells, &domain.opening_links, PAIRS));
    let populations = match &part {
        None => Populations::new(&cells, walls),
        Some(part) => Populations::of_part(&cells, walls, part.here()),
    };
    let lattice_from_patient = axes(domain).transpose();
    let reference_pa = reference_pa(&domain.openings);
    let (mut inlets, mut outlets) = (Vec::new(), Vec::new());
    let shares = shares(setup, &domain.openings);
    let widest = (0..shares.len()).rev().max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
    let inflow = domain.openings.iter().map(Opening::inflow_ml_s).sum::<f64>() / units.flow_ml_s();
    for (n, opening) in domain.openings.iter().enumerate() {
        let links: Vec<OpeningLink> =
            domain.opening_links.iter().filter(|link| usize::from(link.opening) == n).copied().collect();
        let normal = lattice_from_patient * opening.normal;
        match opening.kind {
            OpeningKind::Inlet { .. } => {
                let shape = Shape::new(&setup.lumen, opening, cells.cell_mm());
                let velocity = |link: &OpeningLink| {
                    let size = shape.as_ref().map_or(1.0, |shape| shape.value(middle(domain, link)).max(1e-9));
                    (normal * -size).into()
                };
                let flow = opening.inflow_ml_s() / units.flow_ml_s();
                inlets.push(Inlet::new(&links, velocity, Some(flow), &populations));
            }
            OpeningKind::Outlet { pressure_pa } => {
                let rho = (pressure_pa - reference_pa) / units.pressure_pa();
                let outlet = Outlet::new(&links, normal.into(), rho, memory, &populations);
                let is_steered = setup.split != Split::Pressure && Some(n) != widest;
                outlets.push(if is_steered { outlet.carrying(shares[n] * inflow) } else { outlet });
            }
        }
    }
    let (force, steps, beat, gpu) = ([0.0; 3], 0, None, Slot::default());
    Simulation { cells, populations, inlets, outlets, operator, tau, force, ramp, steps, beat, gpu, part }
}

/// Let the inlets of a simulation that are nearly round oscillate as in a long pipe, each of `harmonics` (over the mean)
/// with a shape of its own; `omega` is the frequency of the first, per step. Says which inlets these are.
pub(super) fn oscillate(
    setup: &Setup,
    domain: &Domain,
    plan: &Plan,
    simulation: &mut Simulation,
    (harmonics, omega): (&[Complex<f64>], f64),
) -> Vec<String> {
    let cell_mm = domain.cells.cell_mm();
    let lattice_from_patient = axes(domain).transpose();
    let mut names = Vec::new();
    let steady = std::mem::take(&mut simulation.inlets);
    let openings = domain.openings.iter().enumerate().filter(|(_, opening)| opening.kind.is_inlet());
    for ((n, opening), inlet) in openings.zip(steady) {
        let Some((centre, radius_mm)) = Shape::new(&setup.lumen, opening, cell_mm).and_then(|shape| shape.circle())
        else {
            simulation.inlets.push(inlet);
            continue;
        };
        let links: Vec<OpeningLink> =
            domain.opening_links.iter().filter(|link| usize::from(link.opening) == n).copied().collect();
        let part = |link: &OpeningLink| {
            let from_centre = middle(domain, link) - centre;
            let aside = from_centre - opening.normal * from_centre.dot(&opening.normal);
            aside.norm() / radius_mm
        };
        let parts: Vec<f64> = links.iter().map(part).collect();
        let viscosity = CS2 * (plan.tau - 0.5);
        let alpha = |n: usize| radius_mm / cell_mm * (n as f64 * omega / viscosity).sqrt();
        let velocity = |n: usize, k: usize| womersley::velocity(alpha(n), parts[k]);
        let normal = lattice_from_patient * opening.normal;
        simulation.inlets.push(inlet.oscillating(&links, normal.into(), harmonics, velocity));
        names.push(opening.name.clone());
    }
    names
}

/// Lattice axes in the patient, orthonormal columns.
pub(super) fn axes(domain: &Domain) -> Matrix3<f64> {
    domain.cells.grid().step() / domain.cells.cell_mm()
}

/// The pressure that rest density stands for: the mean of the outlets, so that densities stay near 1.
pub(super) fn reference_pa(openings: &[Opening]) -> f64 {
    let pressure = |opening: &Opening| match opening.kind {
        OpeningKind::Outlet { pressure_pa } => Some(pressure_pa),
        OpeningKind::Inlet { .. } => None,
    };
    let all: Vec<f64> = openings.iter().filter_map(pressure).collect();
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// The middle of a link in the patient.
fn middle(domain: &Domain, link: &OpeningLink) -> Point {
    let place = Vector::from(domain.cells.place(link.cell as usize).map(f64::from));
    let half = Vector::from(C[usize::from(link.direction)].map(|c| 0.5 * f64::from(c)));
    domain.cells.grid().patient_from_index(place + half)
}
