//! Is the estimated error of stress the true one?

use super::shapes::{faces_where, hollow_octant, vertices_where};
use super::{Row, material, solve};
use crate::base::Progress;
use crate::biomech::assemble::Assembly;
use crate::biomech::recovery::{energy_pa, estimate};
use crate::biomech::stress::element_states;
use crate::biomech::units::offset_m;
use crate::biomech::{Axis, Formulation, Load, Model, TissueError};
use crate::geom::{Point, Vector};
use nalgebra::Matrix3;

const INNER_MM: f64 = 10.0;
/// Pressure inside, Pa: any will do.
const INSIDE_PA: f64 = 5.0;
/// Places of integration of quadratic functions in a tetrahedron (Keast 1986), barycentric.
const NEAR: f64 = 0.585_410_196_624_968_5;
const FAR: f64 = 0.138_196_601_125_010_5;

/// Stress of a thick sphere of radii 1 and 2 under a pressure inside (Timoshenko and Goodier 1970, article 136), Pa.
fn exact_pa(place: &Point) -> Matrix3<f64> {
    let radius = place.coords.norm();
    let way = place.coords / radius;
    let (share, outer) = (INSIDE_PA / 7.0, (2.0 * INNER_MM / radius).powi(3));
    let (radial, around) = (share * (1.0 - outer), share * (1.0 + 0.5 * outer));
    Matrix3::from_diagonal_element(around) + way * way.transpose() * (radial - around)
}

/// Estimated over true error, and the true error over the solution, of an octant `layers` cells thick.
fn effectivity(
    layers: usize,
    poisson: f64,
    formulation: Formulation,
    progress: &Progress,
) -> Result<[f64; 2], TissueError> {
    let mesh = hollow_octant(layers, INNER_MM);
    let flat = |axis, number: usize| Load::Slide {
        vertices: vertices_where(&mesh, |p| p[number].abs() < 1e-9),
        axis,
        by_mm: 0.0,
    };
    let inner = faces_where(&mesh, |p| (p.coords.norm() - INNER_MM).abs() < 1e-6);
    let press = Load::Pressure { triangles: inner, pa: INSIDE_PA };
    let loads = [flat(Axis::X, 0), flat(Axis::Y, 1), flat(Axis::Z, 2), press];
    let result = solve(&mesh, material(poisson), &[], &loads, Model::LinearElastic, formulation, progress)?;
    let materials = [(1, material(poisson))];
    let assembly = Assembly::new(&mesh, &materials, Model::LinearElastic, formulation)?;
    let pressure = if assembly.fields() == 4 { 1 } else { 0 };
    // The pressure plays no part in the estimate of elements that have one.
    let own = |u: &Vector| offset_m(u).iter().copied().chain(std::iter::repeat_n(0.0, pressure)).collect::<Vec<_>>();
    let x: Vec<f64> = result.displacement_mm.iter().flat_map(own).collect();
    let states = element_states(&assembly, &x);
    let (mut error, mut whole) = (0.0, 0.0);
    for (tet, state) in states.iter().enumerate() {
        let corners = mesh.corners(tet);
        let middle: Vector = corners.iter().map(|p| p.coords).sum();
        for corner in &corners {
            let exact = exact_pa(&Point::from(corner.coords * (NEAR - FAR) + middle * FAR));
            let weight = 0.25 * assembly.elements[tet].volume_m3;
            error += weight * energy_pa(&assembly, tet, &(state.cauchy_pa - exact));
            whole += weight * energy_pa(&assembly, tet, &exact);
        }
    }
    let found = estimate(&assembly, &states).tet_j.iter().sum::<f64>();
    Ok([(found / error).sqrt(), (error / whole).sqrt()])
}

/// V-error: the estimate of Zienkiewicz and Zhu on a thick sphere, whose stress is known.
pub fn sphere(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mut rows = Vec::new();
    let all = [(Formulation::Displacement, "displacement", 0.3), (Formulation::Mixed, "mixed", 0.49)];
    for (formulation, name, poisson) in all {
        let mut errors = Vec::new();
        for layers in [4, 8] {
            let [index, error] = effectivity(layers, poisson, formulation, progress)?;
            errors.push(error);
            rows.push(Row {
                id: "V-error",
                what: format!("{name}, ν {poisson}, {layers} layers: estimated over true error of stress"),
                value: index,
                reference: 1.0,
                unit: "1",
                tolerance: 0.3,
                source: "Lamé; the estimate of Zienkiewicz and Zhu (1992) tends to the true error, a third off is useful",
            });
        }
        rows.push(Row {
            id: "V-error",
            what: format!("{name}, ν {poisson}: order of the error of stress, 4 and 8 layers"),
            value: (errors[0] / errors[1]).log2(),
            reference: 1.0,
            unit: "1",
            tolerance: 0.15,
            source: "a priori estimate for linear elements (Ciarlet 1978): shows that what is compared is the true error",
        });
    }
    Ok(rows)
}
