//! What the solver promises: sentences for what cannot be, books that balance, the same bits on any number of threads.

mod bed;
mod contact;
mod fibres;
mod touch;

use super::verification::shapes::{faces_where, straight_box, vertices_where};
use super::*;
use crate::base::Progress;
use crate::base::parallel::with_threads;
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };
const PULL: Vector = Vector::new(4.0, 1.0, 8.0);

fn block() -> TetMesh {
    straight_box([6, 5, 4], [60.0, 50.0, 40.0])
}

fn bottom(mesh: &TetMesh) -> Vec<u32> {
    vertices_where(mesh, |p| p.z == 0.0)
}

fn grip(mesh: &TetMesh) -> Vec<u32> {
    vertices_where(mesh, |p| p.z == 40.0 && p.x <= 20.0 && p.y <= 20.0)
}

fn pulled(mesh: &TetMesh) -> [Load; 1] {
    [Load::Move { vertices: grip(mesh), by_mm: PULL }]
}

type Answer = Result<(TissueResult, crate::base::Summary), TissueError>;

fn solve_with(
    mesh: &TetMesh,
    material: Material,
    fixed: &[u32],
    loads: &[Load],
    model: Model,
    options: &Options,
) -> Answer {
    let problem = Problem { mesh, materials: &[(1, material)], fixed, loads, model };
    quasi_static(&problem, options, &Progress::default())
}

fn solve(mesh: &TetMesh, fixed: &[u32], loads: &[Load]) -> Answer {
    solve_with(mesh, LIVER, fixed, loads, Model::NeoHookean, &Options::default())
}

fn sentence(answer: Answer) -> String {
    answer.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn forces_of_supports_grip_and_loads_balance() {
    let mesh = block();
    let top = faces_where(&mesh, |p| p.x == 60.0);
    let loads = [
        Load::Move { vertices: grip(&mesh), by_mm: PULL },
        Load::Force { vertices: vertices_where(&mesh, |p| p.y == 50.0), total_n: Vector::new(0.02, 0.0, -0.05) },
        Load::Pressure { triangles: top, pa: 400.0 },
        Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) },
    ];
    for model in [Model::LinearElastic, Model::NeoHookean] {
        let (result, _) = solve_with(&mesh, LIVER, &bottom(&mesh), &loads, model, &Options::default()).unwrap();
        let sum = result.reaction_n + result.grip_n + result.applied_n;
        assert!(sum.norm() < 1e-8 * result.reaction_n.norm(), "{model:?}: {sum} of {}", result.reaction_n);
        assert!(result.imbalance < 1e-8, "{}", result.imbalance);
        assert!(0.1 < result.applied_n.norm(), "the weight alone is 1.2 N: {}", result.applied_n);
    }
}

#[test]
fn a_force_is_applied_whole_and_a_uniform_traction_stays_uniform() {
    let mesh = block();
    let far = vertices_where(&mesh, |p| p.x == 60.0);
    let plane =
        |axis, number: usize| Load::Slide { vertices: vertices_where(&mesh, |p| p[number] == 0.0), axis, by_mm: 0.0 };
    let total_n = Vector::new(1.0, 0.0, 0.0);
    let loads = [Load::Force { vertices: far, total_n }, plane(Axis::X, 0), plane(Axis::Y, 1), plane(Axis::Z, 2)];
    let (result, _) = solve_with(&mesh, LIVER, &[], &loads, Model::LinearElastic, &Options::default()).unwrap();
    let stress_pa = 1.0 / (0.05 * 0.04);
    for (tet, found) in result.tet_von_mises_pa.iter().enumerate() {
        assert!((found - stress_pa).abs() < 1e-6 * stress_pa, "tetrahedron {tet}: {found} Pa against {stress_pa} Pa");
    }
}

#[test]
fn the_answer_has_the_same_bits_on_one_thread_and_on_three() {
    let mesh = straight_box([8, 7, 6], [60.0, 50.0, 40.0]);
    for solver in [LinearSolver::Direct, LinearSolver::Iterative] {
        let options = Options { solver, ..Options::default() };
        let run = || solve_with(&mesh, LIVER, &bottom(&mesh), &pulled(&mesh), Model::NeoHookean, &options).unwrap().0;
        assert_eq!(with_threads(1, run).content_hash(), with_threads(3, run).content_hash(), "{solver:?}");
    }
}

#[test]
fn both_linear_solvers_give_one_answer_even_beside_bone() {
    let plain = block();
    let regions =
        plain.tets().iter().map(|tet| if plain.positions()[tet[0] as usize].x < 20.0 { 2 } else { 1 }).collect();
    let mesh = TetMesh::new(plain.positions().to_vec(), plain.tets().to_vec(), regions).unwrap();
    let bone = Material {
        young_pa: 17e9,
        poisson: 0.3,
        density_kg_m3: 1900.0,
        strain_max: 0.01,
        law: Hyperelastic::NeoHookean,
    };
    let soft = Material { poisson: 0.49, ..LIVER };
    let materials = [(1, soft), (2, bone)];
    let loads = [Load::Gravity { m_s2: Vector::new(9.81, 0.0, 0.0) }];
    let fixed = bottom(&mesh);
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let [direct, iterative] = [LinearSolver::Direct, LinearSolver::Iterative].map(|solver| {
        quasi_static(&problem, &Options { solver, ..Options::default() }, &Progress::default()).unwrap().0
    });
    let largest = direct.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    assert!(1.0 < largest, "the liver hangs: {largest} mm");
    for (a, b) in direct.displacement_mm.iter().zip(&iterative.displacement_mm) {
        assert!((a - b).norm() < 1e-4 * largest, "{a} against {b}");
    }
}

#[test]
fn a_small_pull_is_the_same_in_both_models() {
    let mesh = block();
    let loads = [Load::Move { vertices: grip(&mesh), by_mm: PULL * 1e-4 }];
    let run = |model| solve_with(&mesh, LIVER, &bottom(&mesh), &loads, model, &Options::default()).unwrap().0;
    let (small, large) = (run(Model::LinearElastic), run(Model::NeoHookean));
    for (a, b) in small.displacement_mm.iter().zip(&large.displacement_mm) {
        assert!((a - b).norm() < 1e-3 * PULL.norm() * 1e-4, "{a} against {b}");
    }
}

#[test]
fn displacement_elements_lock_and_say_so() {
    let mesh = straight_box([4, 4, 2], [100.0, 100.0, 50.0]);
    let loads = [Load::Gravity { m_s2: Vector::new(9.81, 0.0, 0.0) }];
    let stiff = Material { poisson: 0.49, ..LIVER };
    let [locked, mixed] = [Formulation::Displacement, Formulation::Mixed].map(|formulation| {
        let options = Options { formulation, ..Options::default() };
        solve_with(&mesh, stiff, &bottom(&mesh), &loads, Model::LinearElastic, &options).unwrap()
    });
    let tip = vertices_where(&mesh, |p| *p == Point::new(100.0, 50.0, 50.0))[0] as usize;
    let [short, right] = [&locked, &mixed].map(|answer| answer.0.displacement_mm[tip].x);
    assert!(short < 0.9 * right, "known: {short} mm against {right} mm");
    assert!(locked.1.warnings.iter().any(|warning| warning.contains("lock")));
    assert!(!mixed.1.warnings.iter().any(|warning| warning.contains("lock")));
    let options = Options { formulation: Formulation::QuadraticDisplacement, ..Options::default() };
    let stiff = Material { poisson: 0.495, ..LIVER };
    let (_, summary) = solve_with(&mesh, stiff, &bottom(&mesh), &loads, Model::LinearElastic, &options).unwrap();
    assert!(summary.warnings.iter().any(|warning| warning.contains("use the quadratic formulation")));
}

#[test]
fn strain_beyond_the_data_is_a_warning() {
    let mesh = block();
    let timid = Material { strain_max: 0.01, ..LIVER };
    let (_, summary) =
        solve_with(&mesh, timid, &bottom(&mesh), &pulled(&mesh), Model::NeoHookean, &Options::default()).unwrap();
    assert!(summary.warnings.iter().any(|warning| warning.starts_with("outside validity")), "{:?}", summary.warnings);
}

#[test]
fn vertices_of_no_tetrahedron_stay_where_they_are() {
    let plain = block();
    let mut positions = plain.positions().to_vec();
    positions.push(Point::new(500.0, 0.0, 0.0));
    let mesh = TetMesh::new(positions, plain.tets().to_vec(), plain.regions().to_vec()).unwrap();
    let (result, _) = solve(&mesh, &bottom(&mesh), &pulled(&mesh)).unwrap();
    assert_eq!(result.displacement_mm.last(), Some(&Vector::zeros()));
}

#[test]
fn a_free_body_is_refused() {
    let mesh = block();
    let weight = [Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) }];
    assert_eq!(sentence(solve(&mesh, &[], &weight)), "nothing holds the body: fix a region, or move one");
    let edge = vertices_where(&mesh, |p| p.z == 0.0 && p.y == 0.0);
    let turning = sentence(solve(&mesh, &edge, &weight));
    assert!(turning.contains("can still turn: 7 of its 210 vertices are held"), "{turning}");
    let two = TetMesh::new(
        mesh.positions()
            .iter()
            .copied()
            .chain(mesh.positions().iter().map(|p| p + Vector::new(200.0, 0.0, 0.0)))
            .collect(),
        mesh.tets().iter().copied().chain(mesh.tets().iter().map(|tet| tet.map(|v| v + 210))).collect(),
        vec![1; 2 * mesh.tets().len()],
    )
    .unwrap();
    let island = sentence(solve(&two, &bottom(&mesh), &weight));
    assert!(island.starts_with("a part of 720 tetrahedra near 230 25 20 mm can still move freely"), "{island}");
}

#[test]
fn what_cannot_be_is_named() {
    let mesh = block();
    let fixed = bottom(&mesh);
    let with = |load: Load| sentence(solve(&mesh, &fixed, &[load]));
    let empty = with(Load::Move { vertices: vec![], by_mm: PULL });
    assert_eq!(empty, "the patch of load 1 (move) is empty: it touches no vertex of the body");
    let missing = with(Load::Move { vertices: vec![9999], by_mm: PULL });
    assert_eq!(missing, "load 1 (move) names vertex 9999, but the mesh has 210");
    let nan = with(Load::Gravity { m_s2: Vector::new(f64::NAN, 0.0, 0.0) });
    assert_eq!(nan, "the acceleration of load 1 is not a finite number");
    let both = with(Load::Move { vertices: fixed.clone(), by_mm: PULL });
    assert!(both.starts_with("42 vertices, the first is 0, are told to be in two places"), "{both}");
    let offsets = with(Load::MoveEach { vertices: grip(&mesh), by_mm: vec![PULL] });
    assert_eq!(offsets, "load 1 moves 9 vertices but gives 1 offsets");
    let made_of = |material| {
        sentence(solve_with(&mesh, material, &fixed, &pulled(&mesh), Model::NeoHookean, &Options::default()))
    };
    let soft = made_of(Material { young_pa: 0.0, ..LIVER });
    assert_eq!(soft, "the material of region 1 has Young's modulus = 0; it must be above 0 Pa");
    let water = made_of(Material { poisson: 0.5, ..LIVER });
    assert_eq!(water, "the material of region 1 has Poisson's ratio = 0.5; it must be above -1 and at most 0.4999");
    let problem =
        Problem { mesh: &mesh, materials: &[(2, LIVER)], fixed: &fixed, loads: &[], model: Model::LinearElastic };
    let bare = sentence(quasi_static(&problem, &Options::default(), &Progress::default()));
    assert_eq!(bare, "region 1 (720 tetrahedra) has no material");
}

#[test]
fn a_load_too_large_fails_in_words_with_place_and_share() {
    let mesh = block();
    let through = [Load::Move { vertices: grip(&mesh), by_mm: Vector::new(0.0, 0.0, -60.0) }];
    let failure = sentence(solve(&mesh, &bottom(&mesh), &through));
    let expected = failure.starts_with("inverted element ") || failure.starts_with("did not converge: ");
    assert!(expected && failure.contains(" at load "), "{failure}");
}

#[test]
fn cancelling_ends_the_solve() {
    let mesh = block();
    let progress = Progress::default();
    progress.cancel();
    let (fixed, loads) = (bottom(&mesh), pulled(&mesh));
    let problem =
        Problem { mesh: &mesh, materials: &[(1, LIVER)], fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    assert!(matches!(quasi_static(&problem, &Options::default(), &progress), Err(TissueError::Cancelled(_))));
}
