//! Is the estimated error of stress the true one?

use super::shapes::{faces_where, hollow_octant, vertices_where};
use super::{Row, material, solve};
use crate::base::Progress;
use crate::biomech::assemble::Assembly;
use crate::biomech::boundary::LoadCase;
use crate::biomech::newton::Newton;
use crate::biomech::quadratic::estimate::FIFTH;
use crate::biomech::quadratic::loads::QuadraticCase;
use crate::biomech::quadratic::{Detail, Quadratic};
use crate::biomech::recovery::{energy_pa, estimate};
use crate::biomech::stress::element_states;
use crate::biomech::units::offset_m;
use crate::biomech::{Axis, Formulation, Load, Model, Options, Problem, TissueError};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
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
    let loads = loads(&mesh);
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

/// The same with quadratic elements, whose outer and inner edges are bent onto the spheres.
fn effectivity_quadratic(
    layers: usize,
    poisson: f64,
    formulation: Formulation,
    progress: &Progress,
) -> Result<[f64; 2], TissueError> {
    let mesh = hollow_octant(layers, INNER_MM);
    let loads = loads(&mesh);
    let materials = [(1, material(poisson))];
    let model = Model::LinearElastic;
    let problem = Problem { mesh: &mesh, materials: &materials, fixed: &[], loads: &loads, model };
    let assembly = Assembly::new(&mesh, &materials, model, formulation)?;
    let is_on = |p: &Point, radius: f64| (p.coords.norm() - radius).abs() < 1e-6;
    let bent = |ends: [u32; 2], middle: Point| {
        let ends = ends.map(|v| mesh.positions()[v as usize]);
        let sphere = [INNER_MM, 2.0 * INNER_MM].into_iter().find(|radius| ends.iter().all(|p| is_on(p, *radius)));
        sphere.map_or(middle, |radius| middle * (radius / middle.coords.norm()))
    };
    let body = Quadratic::new(&assembly, &Detail { middle_mm: Some(&bent), fibre: None })?;
    let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
    let case = LoadCase::new(&problem, &volumes_m3, &assembly.densities)?;
    let own = QuadraticCase::new(&body, &problem, &case)?;
    let options = Options { formulation, ..Options::default() };
    let (end, _) = Newton::new(&body, &own, model, &options)?.run(progress)?;
    let samples = body.samples(&own, &end.x);
    let (mut error, mut whole) = (0.0, 0.0);
    for (tet, samples) in samples.iter().enumerate() {
        let volume: f64 = samples.iter().map(|(_, volume)| volume).sum();
        for (at, share) in FIFTH {
            let exact = exact_pa(&Point::from(1e3 * body.place_m(tet, &at)));
            let found = body.between(tet, &at, |n| samples[n].0.cauchy_pa);
            error += share * volume * energy_pa(&assembly, tet, &(found - exact));
            whole += share * volume * energy_pa(&assembly, tet, &exact);
        }
    }
    let found = body.estimate(&samples).tet_j.iter().sum::<f64>();
    Ok([(found / error).sqrt(), (error / whole).sqrt()])
}

/// Planes of symmetry, and the pressure inside.
fn loads(mesh: &TetMesh) -> [Load; 4] {
    let flat = |axis, number: usize| Load::Slide {
        vertices: vertices_where(mesh, |p| p[number].abs() < 1e-9),
        axis,
        by_mm: 0.0,
    };
    let inner = faces_where(mesh, |p| (p.coords.norm() - INNER_MM).abs() < 1e-6);
    let press = Load::Pressure { triangles: inner, pa: INSIDE_PA };
    [flat(Axis::X, 0), flat(Axis::Y, 1), flat(Axis::Z, 2), press]
}

/// V-error: the estimate of Zienkiewicz and Zhu on a thick sphere, whose stress is known.
pub fn sphere(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    type Measure = fn(usize, f64, Formulation, &Progress) -> Result<[f64; 2], TissueError>;
    const ALL: [(Formulation, &str, f64, Measure, [usize; 2], f64); 4] = [
        (Formulation::Displacement, "displacement", 0.3, effectivity, [4, 8], 1.0),
        (Formulation::Mixed, "mixed", 0.49, effectivity, [4, 8], 1.0),
        (Formulation::QuadraticDisplacement, "quadratic displacement", 0.3, effectivity_quadratic, [3, 6], 2.0),
        (Formulation::Quadratic, "quadratic mixed", 0.49, effectivity_quadratic, [3, 6], 2.0),
    ];
    let mut rows = Vec::new();
    for (formulation, name, poisson, measure, layers, order) in ALL {
        let mut errors = Vec::new();
        for layers in layers {
            let [index, error] = measure(layers, poisson, formulation, progress)?;
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
        let [coarse, fine] = layers;
        rows.push(Row {
            id: "V-error",
            what: format!("{name}, ν {poisson}: order of the error of stress, {coarse} and {fine} layers"),
            value: (errors[0] / errors[1]).log2(),
            reference: order,
            unit: "1",
            tolerance: 0.15 * order,
            source: "a priori estimate for elements of this degree (Ciarlet 1978): shows that what is compared is the true error",
        });
    }
    Ok(rows)
}
