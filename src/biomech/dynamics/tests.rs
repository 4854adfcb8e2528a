//! Balances of motion as properties: what holds for every step, load and law.

use super::*;
use crate::base::parallel::with_threads;
use crate::biomech::material::{Guccione, Hyperelastic, Material};
use crate::biomech::problem::Load;
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::mesh::TetMesh;

const SOFT: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 1.0, law: Hyperelastic::NeoHookean };
const FORMULATIONS: [Formulation; 2] = [Formulation::Displacement, Formulation::Mixed];

fn block() -> TetMesh {
    straight_box([3, 2, 2], [30.0, 20.0, 20.0])
}

fn still(step_s: f64, frames_s: &[f64]) -> Motion<'_> {
    let damping = Damping::default();
    Motion { waves: &[], displacement_mm: &[], velocity_mm_s: &[], step_s, frames_s, damping }
}

fn follow(
    mesh: &TetMesh,
    material: Material,
    fixed: &[u32],
    loads: &[Load],
    motion: &Motion,
    formulation: Formulation,
) -> Result<Course, TissueError> {
    let model = if material.law == Hyperelastic::NeoHookean { Model::NeoHookean } else { Model::Hyperelastic };
    let problem = Problem { mesh, materials: &[(1, material)], fixed, loads, model };
    let options = Options { formulation, tolerance: 1e-11, ..Options::default() };
    let fibre = Fibre { along: Vector::new(1.0, 1.0, 0.0), across: Vector::z() };
    let fibres = vec![fibre; mesh.tets().len()];
    Ok(dynamics(&problem, &fibres, motion, &options, &Progress::default())?.0)
}

/// Turning, stretching and drifting at once.
fn thrown(mesh: &TetMesh) -> Vec<Vector> {
    let speed = |p: &crate::geom::Point| {
        let arm = p.coords - Vector::new(15.0, 10.0, 10.0);
        Vector::new(2.0, 5.0, 9.0).cross(&arm) * 4.0
            + arm.component_mul(&Vector::new(20.0, -9.0, -9.0))
            + Vector::x() * 50.0
    };
    mesh.positions().iter().map(speed).collect()
}

#[test]
fn a_thrown_body_keeps_energy_and_both_momenta_in_every_law_and_formulation() {
    let mesh = block();
    let velocity = thrown(&mesh);
    let heart = Hyperelastic::Guccione(Guccione { c_pa: 500.0, bf: 8.0, bt: 2.0, bfs: 4.0 });
    let motion = Motion { velocity_mm_s: &velocity, ..still(2e-3, &[0.1]) };
    for material in [SOFT, Material::hyperelastic(heart, 0.45, 1060.0, 1.0)] {
        for formulation in FORMULATIONS {
            let accounts = follow(&mesh, material, &[], &[], &motion, formulation).unwrap().accounts;
            let first = accounts[0];
            let exchanged = accounts.iter().map(|account| account.elastic_j).fold(0.0, f64::max);
            assert!(0.02 * first.kinetic_j < exchanged, "{formulation:?}: the body deforms: {exchanged} J");
            for account in &accounts {
                let energy = (account.energy_j() / first.energy_j() - 1.0).abs();
                let momentum = (account.momentum_kg_m_s - first.momentum_kg_m_s).norm() / first.momentum_kg_m_s.norm();
                let angular = (account.angular_kg_m2_s - first.angular_kg_m2_s).norm() / first.angular_kg_m2_s.norm();
                let worst = energy.max(momentum).max(angular);
                assert!(worst < 1e-9, "{formulation:?}: {energy:e} {momentum:e} {angular:e} at {} s", account.at_s);
            }
        }
    }
}

/// Weight, a moved end, a follower pressure and both dampings: energy may come and go, but not from nowhere.
#[test]
fn the_account_of_energy_closes_under_all_loads() {
    let mesh = block();
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let vertices = vertices_where(&mesh, |p| p.x == 30.0);
    let faces = crate::biomech::verification::shapes::faces_where(&mesh, |p| p.z == 20.0);
    let loads = [
        Load::MoveEach { by_mm: vec![Vector::new(0.0, 4.0, 1.0); vertices.len()], vertices },
        Load::Pressure { triangles: faces, pa: 200.0 },
        Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) },
    ];
    let breath = |at_s: f64| (20.0 * at_s).sin();
    let push = |at_s: f64| (at_s / 0.1).min(1.0);
    let motion = Motion {
        waves: &[&breath, &push],
        damping: Damping { mass_per_s: 3.0, shape_s: 4e-3 },
        ..still(4e-3, &[0.0, 0.0785, 0.3])
    };
    for formulation in FORMULATIONS {
        let Course { frames, accounts } = follow(&mesh, SOFT, &fixed, &loads, &motion, formulation).unwrap();
        let (first, last) = (accounts[0], accounts[accounts.len() - 1]);
        for account in &accounts {
            assert!(account.defect_j(&first).abs() < 1e-9 * last.turned_over_j(), "{}", account.defect_j(&first));
        }
        assert!(accounts.windows(2).all(|pair| pair[0].damped_j <= pair[1].damped_j), "damping only takes");
        assert!(1e-3 * last.turned_over_j() < last.damped_j && last.supports_j != 0.0 && last.loads_j != 0.0);
        let end = vertices_where(&mesh, |p| p.x == 30.0)[0] as usize;
        // Between two steps: the interpolation follows the wave.
        let moved = frames[1].displacement_mm[end] - Vector::new(0.0, 4.0, 1.0) * breath(0.0785);
        assert!(moved.norm() < 1e-3, "{moved}");
        let speed = frames[1].velocity_mm_s[end].y - 4.0 * 20.0 * (20.0_f64 * 0.0785).cos();
        assert!(speed.abs() < 0.5, "{speed} mm/s off");
    }
}

#[test]
fn a_damped_body_ends_where_the_quasi_static_solver_says() {
    let mesh = block();
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let loads = [Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) }];
    let motion = Motion { damping: Damping { mass_per_s: 20.0, shape_s: 0.02 }, ..still(0.02, &[3.0]) };
    for formulation in FORMULATIONS {
        let course = follow(&mesh, SOFT, &fixed, &loads, &motion, formulation).unwrap();
        let problem =
            Problem { mesh: &mesh, materials: &[(1, SOFT)], fixed: &fixed, loads: &loads, model: Model::NeoHookean };
        let options = Options { formulation, ..Options::default() };
        let rest = crate::biomech::quasi_static(&problem, &options, &Progress::default()).unwrap().0.displacement_mm;
        let largest = rest.iter().map(Vector::norm).fold(0.0, f64::max);
        for (found, rest) in course.frames[0].displacement_mm.iter().zip(&rest) {
            assert!((found - rest).norm() < 1e-5 * largest, "{formulation:?}: {found} against {rest}");
        }
    }
}

#[test]
fn the_same_bits_on_one_thread_and_on_three() {
    let mesh = straight_box([6, 5, 5], [30.0, 25.0, 25.0]);
    let velocity = thrown(&mesh);
    let motion = Motion { velocity_mm_s: &velocity, ..still(5e-3, &[0.02]) };
    let run = || follow(&mesh, SOFT, &[], &[], &motion, Formulation::Mixed).unwrap();
    assert_eq!(with_threads(1, run), with_threads(3, run));
}

#[test]
fn what_cannot_be_is_named() {
    let mesh = block();
    let say = |motion: &Motion, formulation| {
        follow(&mesh, SOFT, &[], &[], motion, formulation).map(|_| ()).unwrap_err().to_string()
    };
    let mixed = Formulation::Mixed;
    assert!(say(&still(0.0, &[1.0]), mixed).starts_with("the time step is 0; it must be above 0 s"));
    assert!(say(&still(1e-7, &[1.0]), mixed).starts_with("the time step is 0.0000001;"));
    assert!(say(&still(0.1, &[1.0, 0.5]), mixed).contains("moment 2 is at 0.5 s, but the one before at 1 s"));
    let one = [Vector::x()];
    let few = say(&Motion { velocity_mm_s: &one, ..still(0.1, &[1.0]) }, mixed);
    assert_eq!(few, "the number of velocities at the start is 1; it must be none, or one for each vertex of the mesh");
    let pushed = Damping { mass_per_s: -1.0, shape_s: 0.0 };
    assert!(say(&Motion { damping: pushed, ..still(0.1, &[1.0]) }, mixed).starts_with("the damping by mass is -1"));
    assert!(say(&still(0.1, &[1.0]), Formulation::Quadratic).contains("use the mixed formulation"));
}

#[test]
fn a_motion_too_wild_is_lost_in_words_and_cancelling_ends_it() {
    let mesh = block();
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let vertices = vertices_where(&mesh, |p| p.x == 30.0);
    let through = [Load::Move { vertices, by_mm: Vector::new(-60.0, 0.0, 0.0) }];
    let wave = |at_s: f64| 10.0 * at_s;
    let motion = Motion { waves: &[&wave], ..still(0.02, &[0.1]) };
    let lost = follow(&mesh, SOFT, &fixed, &through, &motion, Formulation::Mixed).map(|_| ()).unwrap_err();
    assert!(lost.to_string().starts_with("lost the motion at 0.0"), "{lost}");
    let progress = Progress::default();
    progress.cancel();
    let problem = Problem { mesh: &mesh, materials: &[(1, SOFT)], fixed: &[], loads: &[], model: Model::NeoHookean };
    let stopped = dynamics(&problem, &[], &still(0.1, &[1.0]), &Options::default(), &progress);
    assert!(matches!(stopped, Err(TissueError::Cancelled(_))));
}
