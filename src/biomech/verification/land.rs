//! The three problems of the cardiac mechanics benchmark (Land et al. 2015, Proc R Soc A 471:20150641).

use super::Row;
use super::shapes::{faces_where, straight_box, vertices_where};
use super::ventricle::{BASE_MM, Ventricle, fibre, ventricle};
use crate::base::Progress;
use crate::biomech::assemble::Assembly;
use crate::biomech::boundary::LoadCase;
use crate::biomech::newton::Newton;
use crate::biomech::quadratic::loads::QuadraticCase;
use crate::biomech::quadratic::{Quadratic, face};
use crate::biomech::units::m_from_mm;
use crate::biomech::{
    Axis, Detail, Fibre, Formulation, Guccione, Hyperelastic, LinearSolver, Load, Material, Model, Options, Problem,
    TissueError, quasi_static_with_fibres,
};
use crate::geom::{Point, Vector};

/// The benchmark is incompressible; ν = 0.4999 moves its answers by less than 0.1 %.
fn material(c_pa: f64, bf: f64, bt: f64, bfs: f64) -> Material {
    let law = Hyperelastic::Guccione(Guccione { c_pa, bf, bt, bfs });
    Material::hyperelastic(law, 0.4999, 1060.0, f64::INFINITY)
}

/// V15, problem 1: a beam of 10 × 1 × 1 mm with fibres along it, clamped at x = 0, under a pressure of 4 Pa on its
/// lower face that follows the surface. Half of it is computed, up to its plane of symmetry.
pub fn beam(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let linear = [4, 8].map(|n| tip_mm(n, Formulation::Mixed, progress));
    let quadratic = [2, 4].map(|n| tip_mm(n, Formulation::Quadratic, progress));
    let row = |what: &str, value, share: f64, source| Row {
        id: "V15",
        what: format!("height of the tip (10, 0.5, 1), {what}"),
        value,
        reference: 4.167,
        unit: "mm",
        tolerance: share * 4.167,
        source,
    };
    let ([coarse, fine], [few, many]) = (linear, quadratic);
    let (coarse, fine, few, many) = (coarse?, fine?, few?, many?);
    const SERIES: &str = "quadratic Taylor-Hood series 4.1408, 4.1593, 4.1633, 4.1662 mm of another program";
    Ok(vec![
        row("120 quadratic tetrahedra", few, 0.02, SERIES),
        row("960 quadratic tetrahedra", many, 0.005, SERIES),
        row("7680 linear tetrahedra", fine, 0.05, "same; linear tetrahedra bend too stiffly"),
        row(
            "linear, extrapolated with order 1.6",
            fine + (fine - coarse) / 2.0,
            0.01,
            "same; the clamped edge is singular",
        ),
    ])
}

/// Height of the tip with `n` cells over the height, mm.
fn tip_mm(n: usize, formulation: Formulation, progress: &Progress) -> Result<f64, TissueError> {
    let mesh = straight_box([5 * n, n / 2, n], [10.0, 0.5, 1.0]);
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let loads = [
        Load::Pressure { triangles: faces_where(&mesh, |p| p.z == 0.0), pa: 4.0 },
        Load::Slide { vertices: vertices_where(&mesh, |p| p.y == 0.5), axis: Axis::Y, by_mm: 0.0 },
    ];
    let tip = vertices_where(&mesh, |p| *p == Point::new(10.0, 0.5, 1.0))[0] as usize;
    let fibres = vec![Fibre::along(Vector::x()); mesh.tets().len()];
    // Thin bodies are the worst case of an iteration and the best of a factorisation.
    let options = Options { formulation, solver: LinearSolver::Direct, ..Options::default() };
    let materials = [(1, material(2000.0, 8.0, 2.0, 4.0))];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::Hyperelastic };
    Ok(quasi_static_with_fibres(&problem, &fibres, &options, progress)?.0.positions_mm()[tip].z)
}

/// Height of the apex inside and outside, mm, and the volume of the cavity of the whole ventricle, ml.
///
/// Solved with quadratic elements on the true surface, past the usual door: the volume needs the middles of edges,
/// which a result does not have.
fn shape(
    ventricle: &Ventricle,
    material: Material,
    loads: &[Load],
    load_steps: usize,
    progress: &Progress,
) -> Result<[f64; 3], TissueError> {
    let Ventricle { mesh, fibres, inside, base, apex, quarters, .. } = ventricle;
    let options = Options { formulation: Formulation::Quadratic, load_steps, ..Options::default() };
    let (materials, model) = ([(1, material)], Model::Hyperelastic);
    let problem = Problem { mesh, materials: &materials, fixed: base, loads, model };
    let assembly = Assembly::with_fibres(mesh, &materials, fibres, model, options.formulation)?;
    let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
    let case = LoadCase::new(&problem, &volumes_m3, &assembly.densities)?;
    let middle_mm = |edge: [u32; 2], _: Point| ventricle.middle_mm(edge);
    let detail = Detail { middle_mm: Some(&middle_mm), fibre: Some(&fibre) };
    let body = Quadratic::new(&assembly, &detail)?;
    let case = QuadraticCase::new(&body, &problem, &case)?;
    let (end, _) = Newton::new(&body, &case, model, &options)?.run(progress)?;
    // The base is flat and stays where it is, so cones to a point of it fill the cavity: three times their volume is
    // the work of a unit pressure along the way from that point.
    let from = m_from_mm(&Point::new(0.0, 0.0, BASE_MM));
    let cone = |triangle: &[u32; 3]| {
        let nodes = body.face_of(*triangle).map(|nodes| body.face_m(&nodes, &end.x));
        let work =
            |x: [Vector; face::NODES]| x.iter().zip(face::forces_n(&x, 1.0)).map(|(x, f)| (x - from).dot(&f)).sum();
        nodes.map_or(f64::NAN, work) / 3.0
    };
    let volume_ml = inside.iter().map(cone).sum::<f64>() * 1e6 * 4.0 / *quarters as f64;
    let [inner, outer] = apex.map(|v| mesh.positions()[v as usize].z + 1e3 * end.x[3 * v as usize + 2]);
    Ok([inner, outer, volume_ml])
}

fn rows_of(id: &'static str, of: &str, found: [f64; 3], expected: [f64; 3], source: &'static str) -> Vec<Row> {
    let names = [("apex inside", "mm"), ("apex outside", "mm"), ("volume of the cavity", "ml")];
    let row = |n: usize| Row {
        id,
        what: format!("{}, {of}", names[n].0),
        value: found[n],
        reference: expected[n],
        unit: names[n].1,
        tolerance: 0.01 * expected[n].abs(),
        source,
    };
    (0..3).filter(|n| !expected[*n].is_nan()).map(row).collect()
}

/// V16, problem 2: an isotropic ventricle blown up by 10 kPa. A quarter is computed, between its planes of symmetry.
pub fn inflation(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SERIES: &str = "axisymmetric quadratic elements of another program, converged at this pressure";
    const PAPER: &str = "about the middle of the codes in Land et al. 2015, section 3.2, from memory of its figure";
    let body = ventricle(8, 2, 6, true);
    let plane = |axis, number: usize| Load::Slide {
        vertices: vertices_where(&body.mesh, |p| p[number].abs() < 1e-9),
        axis,
        by_mm: 0.0,
    };
    let mut rows = Vec::new();
    for (pa, expected, source) in
        [(3170.0, [-22.174, -24.366, 6.785], SERIES), (10_000.0, [-26.6, -28.3, f64::NAN], PAPER)]
    {
        let loads = [Load::Pressure { triangles: body.inside.clone(), pa }, plane(Axis::X, 0), plane(Axis::Y, 1)];
        let found = shape(&body, material(10_000.0, 1.0, 1.0, 1.0), &loads, 2, progress)?;
        rows.extend(rows_of(
            "V16",
            &format!("{} kPa, {} tetrahedra", pa / 1e3, body.mesh.tets().len()),
            found,
            expected,
            source,
        ));
    }
    Ok(rows)
}

/// V17, problem 3: the ventricle contracts with 60 kPa along fibres that turn by 180° through its wall, against 15 kPa.
///
/// Meshes of three layers scatter about the truth: 6, 7, 8 and 10 rings put the apex inside at −12.248, −12.333,
/// −12.385 and −12.397 mm. Four layers settle, −12.343 (2592 tetrahedra) and −12.340 mm (4080), but take three to six
/// times as long.
pub fn contraction(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SOURCE: &str = "axisymmetric quadratic elements with twist of another program, converged to 0.05 %";
    let body = ventricle(7, 3, 4, false);
    let loads = [
        Load::Pressure { triangles: body.inside.clone(), pa: 15_000.0 },
        Load::Contract { region: 1, tension_pa: 60_000.0 },
    ];
    let found = shape(&body, material(2000.0, 8.0, 2.0, 4.0), &loads, 6, progress)?;
    let of = format!("{} tetrahedra", body.mesh.tets().len());
    Ok(rows_of("V17", &of, found, [-12.341, -15.469, 1.796], SOURCE))
}
