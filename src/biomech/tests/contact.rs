//! Tissue on tissue: what is refused, what does nothing, and that it is the same on any number of threads.

use crate::base::Progress;
use crate::base::parallel::with_threads;
use crate::biomech::assemble::Assembly;
use crate::biomech::boundary::LoadCase;
use crate::biomech::contact::Memory;
use crate::biomech::interactive::{Body, Inputs, Settings, Shape, Tool};
use crate::biomech::verification::shapes::{mapped_box, straight_box, together, vertices_where};
use crate::biomech::{
    Damping, Formulation, Hyperelastic, LinearSolver, Load, Material, Model, Motion, Options, Problem, TissueError,
    TissueResult, dynamics, quasi_static, quasi_static_in_contact,
};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

fn soft() -> Material {
    let law = Material::hyperelastic(Hyperelastic::NeoHookean, 0.45, 1000.0, 0.3);
    Material { young_pa: 6e3, ..law }
}

/// A slab of 60 × 40 × 20 mm, fixed beneath, and `from_mm` above its foot a block of 30 × 25 × 20 mm held on top.
fn pair(from_mm: f64) -> (TetMesh, Vec<u32>) {
    let slab = straight_box([4, 3, 2], [60.0, 40.0, 20.0]);
    let block = mapped_box([3, 2, 2], |[x, y, z]| Point::new(12.0 + 30.0 * x, 7.0 + 25.0 * y, from_mm + 20.0 * z));
    let mesh = together(&[slab, block]);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    (mesh, fixed)
}

fn top(mesh: &TetMesh) -> Vec<u32> {
    let highest = mesh.positions().iter().map(|p| p.z).fold(f64::NEG_INFINITY, f64::max);
    vertices_where(mesh, |p| p.z == highest)
}

fn moved(mesh: &TetMesh, by_mm: Vector) -> Load {
    Load::Move { vertices: top(mesh), by_mm }
}

fn touching(friction: f64) -> Load {
    Load::Contact { sides: None, friction }
}

fn solve(mesh: &TetMesh, fixed: &[u32], loads: &[Load], options: &Options) -> Result<TissueResult, TissueError> {
    let materials = [(1, soft()), (2, soft())];
    let problem = Problem { mesh, materials: &materials, fixed, loads, model: Model::NeoHookean };
    Ok(quasi_static(&problem, options, &Progress::default())?.0)
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let (mesh, fixed) = pair(21.0);
    let say = |load: Load, options: &Options| {
        solve(&mesh, &fixed, &[moved(&mesh, -Vector::z()), load], options).map(|_| ()).unwrap_err()
    };
    let options = Options::default();
    for friction in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(say(touching(friction), &options), TissueError::BadFriction { load: 2, .. }));
    }
    let sides = |first: Vec<[u32; 3]>, second| Load::Contact { sides: Some([first, second]), friction: 0.0 };
    let (surface, _) = mesh.boundary();
    let known = surface.triangles()[0];
    assert!(matches!(say(sides(vec![known], vec![]), &options), TissueError::EmptyPatch { load: 2, kind: "contact" }));
    assert!(matches!(say(sides(vec![known], vec![[0, 1, 40]]), &options), TissueError::NoFace { load: 2, .. }));
    assert!(matches!(say(sides(vec![known], vec![[0, 1, 4000]]), &options), TissueError::BadVertex { load: 2, .. }));
    let quadratic = Options { formulation: Formulation::Quadratic, ..options };
    assert_eq!(say(touching(0.0), &quadratic), TissueError::NoContact);

    let materials = [(1, soft()), (2, soft())];
    let loads = [moved(&mesh, -Vector::z()), touching(0.0)];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let motion = Motion {
        waves: &[],
        displacement_mm: &[],
        velocity_mm_s: &[],
        step_s: 0.01,
        frames_s: &[0.02],
        damping: Damping::default(),
    };
    let refused = dynamics(&problem, &[], &motion, &options, &Progress::default()).map(|_| ()).unwrap_err();
    assert_eq!(refused, TissueError::ContactAtRest);
}

#[test]
fn bodies_deep_in_each_other_are_told_apart_from_those_that_touch() {
    let (mesh, fixed) = pair(1.0);
    let failure = solve(&mesh, &fixed, &[moved(&mesh, Vector::zeros()), touching(0.0)], &Options::default());
    match failure {
        Err(TissueError::Overlap { depth_mm, limit_mm, place_mm }) => {
            assert!((depth_mm - 19.0).abs() < 0.5 && limit_mm < depth_mm, "{depth_mm} mm, limit {limit_mm} mm");
            assert!(place_mm.z == 1.0, "{place_mm}");
        }
        other => panic!("{other:?}"),
    }
    // 1 mm deep, and nothing else: contact parts them.
    let (mesh, fixed) = pair(19.0);
    let result = solve(&mesh, &fixed, &[moved(&mesh, Vector::zeros()), touching(0.0)], &Options::default()).unwrap();
    assert!(0.0 < result.reaction_n.norm() && (result.reaction_n + result.grip_n).norm() < 1e-6, "{:?}", result.grip_n);
}

#[test]
fn tissue_that_is_apart_feels_nothing() {
    let (mesh, fixed) = pair(25.0);
    let push = moved(&mesh, Vector::new(3.0, 1.0, -2.0));
    let options = Options { formulation: Formulation::Displacement, ..Options::default() };
    let with = solve(&mesh, &fixed, &[push.clone(), touching(0.3)], &options).unwrap();
    let without = solve(&mesh, &fixed, &[push], &options).unwrap();
    for (with, without) in with.displacement_mm.iter().zip(&without.displacement_mm) {
        assert!((with - without).norm() < 1e-6, "{with} {without}");
    }
    assert!(with.reaction_n.norm() < 1e-6);
}

#[test]
fn every_solver_and_any_number_of_threads_give_the_same() {
    let (mesh, fixed) = pair(20.5);
    let with = |formulation, solver, friction| {
        let loads = [moved(&mesh, Vector::new(4.0, 0.0, -3.0)), touching(friction)];
        let options = Options { formulation, solver, load_steps: 2, ..Options::default() };
        solve(&mesh, &fixed, &loads, &options).unwrap()
    };
    for formulation in [Formulation::Mixed, Formulation::Displacement] {
        let rough = || with(formulation, LinearSolver::Direct, 0.2);
        assert_eq!(with_threads(1, rough).content_hash(), with_threads(3, rough).content_hash());
        // Friction remembers load steps, and those depend on how easy they are to solve.
        let direct = with(formulation, LinearSolver::Direct, 0.0);
        assert!(0.05 < direct.grip_n.norm() && direct.imbalance < 1e-7, "{} N", direct.grip_n.norm());
        let iterative = with(formulation, LinearSolver::Iterative, 0.0);
        let off = direct.displacement_mm.iter().zip(&iterative.displacement_mm).map(|(a, b)| (a - b).norm());
        let off = off.fold(0.0, f64::max);
        // Overlap is left up to a thousandth of an edge, of about 15 mm.
        assert!(off < 0.015, "{formulation:?}: {off} mm");
    }
}

#[test]
fn what_is_driven_through_fails_in_words() {
    let (mesh, fixed) = pair(20.5);
    let loads = [moved(&mesh, Vector::new(0.0, 0.0, -70.0)), touching(0.0)];
    let options = Options { formulation: Formulation::Displacement, ..Options::default() };
    let failure = solve(&mesh, &fixed, &loads, &options).map(|_| ()).unwrap_err();
    let known =
        matches!(failure, TissueError::Passed { .. } | TissueError::Inverted { .. } | TissueError::NotConverged { .. });
    assert!(known, "{failure}");
    assert!(failure.to_string().contains("at load "), "{failure}");
}

#[test]
fn stiffness_is_the_derivative_of_the_forces_where_hardly_anything_presses() {
    let (mesh, fixed) = pair(20.0 - 1e-3);
    let materials = [(1, soft()), (2, soft())];
    let loads = [touching(0.0)];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::LinearElastic };
    let assembly = Assembly::new(&mesh, &materials, Model::LinearElastic, Formulation::Displacement).unwrap();
    let volumes: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
    let case = LoadCase::new(&problem, &volumes, &assembly.densities).unwrap();
    let forces = |x: &[f64]| {
        let touching = assembly.touching(&case, &Memory::default(), 1.0, x).unwrap();
        let mut forces = vec![0.0; x.len()];
        touching.add_forces(&mut forces);
        (touching, forces)
    };
    let zero = vec![0.0; assembly.unknowns()];
    let (touching, _) = forces(&zero);
    let block = vertices_where(&mesh, |p| p.z == 20.0 - 1e-3);
    for v in block {
        let (h, n) = (1e-8, 3 * v as usize + 2);
        let (mut plus, mut minus) = (zero.clone(), zero.clone());
        plus[n] += h;
        minus[n] -= h;
        let (plus, minus) = (forces(&plus).1, forces(&minus).1);
        let mut found = vec![0.0_f64; zero.len()];
        for node in &touching.nodes {
            for a in &node.terms {
                for b in node.terms.iter().filter(|b| b.vertex == v) {
                    (0..3).for_each(|axis| found[3 * a.vertex as usize + axis] -= node.block(a, b)[(axis, 2)]);
                }
            }
        }
        let largest = found.iter().copied().fold(0.0, |a: f64, b: f64| a.max(b.abs()));
        assert!(0.0 < largest);
        for (n, found) in found.iter().enumerate() {
            let exact = (plus[n] - minus[n]) / (2.0 * h);
            assert!((found - exact).abs() < 2e-3 * largest, "unknown {n}: {found} N/m, {exact} N/m");
        }
    }
}

#[test]
fn a_ball_that_presses_and_rubs_comes_to_the_same_in_both_solvers() {
    let mesh = straight_box([10, 10, 6], [60.0, 60.0, 36.0]);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let materials = [(1, soft())];
    let (clear, end) = (Point::new(21.0, 29.0, 45.5), Point::new(31.0, 29.0, 39.0));
    let tool = |place_mm| Tool { shape: Shape::Sphere { radius_mm: 9.0 }, place_mm, friction: 0.3 };
    let loads = [Load::Touch { tool: tool(end), from_mm: clear }];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let options = Options { load_steps: 10, ..Options::default() };
    let (exact, _, contact) = quasi_static_in_contact(&problem, &[], &options, &Progress::default()).unwrap();
    let drag: Vector = contact.unwrap().friction_n.iter().sum();
    assert!(0.0 < drag.x, "{drag}");
    let settings = Settings { damping_per_s: 20.0, ..Settings::default() };
    let mut body = Body::new(&mesh, &materials, &fixed).unwrap().with_settings(settings);
    for frame in 0..=300 {
        let at = clear + (end - clear) * (f64::from(frame) / 300.0);
        body.step(&Inputs { tools: &[tool(at)], ..Inputs::default() });
    }
    let (live, rest) = (body.tool_forces_n()[0], exact.reaction_n);
    // The live solver lets what sticks creep; chosen after seeing 10 %.
    assert!((live - rest).norm() < 0.15 * rest.norm(), "{live} N live, {rest} N at rest");
}

#[test]
fn a_thin_margin_does_not_press_on_itself() {
    // 0.5 mm thick at its rim, 24 mm at its root; the two sides have other triangles.
    let wedge = mapped_box([8, 6, 2], |[x, y, z]| Point::new(60.0 * x, 40.0 * y + 3.0 * z, (0.5 + 24.0 * x) * z));
    let fixed = vertices_where(&wedge, |p| p.x == 60.0);
    let weight = Load::Gravity { m_s2: Vector::new(0.0, 0.0, -3.0) };
    let options = Options::default();
    let free = solve(&wedge, &fixed, std::slice::from_ref(&weight), &options).unwrap();
    let own = solve(&wedge, &fixed, &[weight, touching(0.0)], &options).unwrap();
    let most = free.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    let off = free.displacement_mm.iter().zip(&own.displacement_mm).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
    assert!(1.0 < most && off < 1e-6 * most, "{off} mm of {most} mm");
}
