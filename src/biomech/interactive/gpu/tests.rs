//! The programs of the card beside their twins on the processor, the same frames on both, and a card that is lost.
//!
//! Where there is no card they run on an adapter that computes on the processor, if the machine has one; else each says
//! why it does not run.

use super::*;
use crate::biomech::interactive::{Inputs, Loose, SelfContact, Settings, Spring, Tie, Tool};
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Material};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use std::io::Write as _;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };
const SIDEWAYS: Vector = Vector::new(9.81, 0.0, 0.0);

/// A card of its own for each test, so that one may lose it.
fn card() -> Option<Gpu> {
    match Gpu::find().or_else(|_| Gpu::software()) {
        Ok(gpu) => Some(gpu),
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "skipped: {why}");
            None
        }
    }
}

fn block() -> TetMesh {
    straight_box([6, 5, 4], [60.0, 50.0, 40.0])
}

fn held(mesh: &TetMesh, poisson: f64) -> Body {
    let bottom = vertices_where(mesh, |p| p.z == 0.0);
    Body::new(mesh, &[(1, Material { poisson, ..LIVER })], &bottom).unwrap()
}

/// Both bodies, the second on the card.
fn twins(gpu: &Gpu, body: &Body) -> [Body; 2] {
    let mut other = body.clone();
    other.use_gpu(gpu).unwrap();
    [body.clone(), other]
}

fn largest_mm(a: &Body, b: &Body) -> f64 {
    assert_eq!(a.positions().len(), b.positions().len());
    a.positions().iter().zip(b.positions()).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
}

/// Displacements that stretch, turn and shake.
fn shaken(mesh: &TetMesh) -> Vec<Point> {
    let turn = nalgebra::Rotation3::from_euler_angles(0.2, -0.1, 0.3);
    let shake = |n: f64| Vector::new((1.3 * n).sin(), (2.1 * n).cos(), (0.7 * n).sin());
    mesh.positions().iter().zip(0..).map(|(p, n)| turn * (p * 1.05) + shake(f64::from(n)) * 0.8).collect()
}

fn norm(rows: impl Iterator<Item = [f64; 3]>) -> f64 {
    rows.map(|row| Vector::from(row).norm_squared()).sum::<f64>().sqrt()
}

/// Relative difference of `b` from `a`.
fn apart(a: &[[f64; 3]], b: &[[f64; 3]]) -> f64 {
    let way = a.iter().zip(b).map(|(a, b)| std::array::from_fn(|i| a[i] - b[i]));
    norm(way) / norm(a.iter().copied()).max(f64::MIN_POSITIVE)
}

#[test]
fn energy_and_forces_are_those_of_the_processor() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    for poisson in [0.0, 0.45, 0.4999] {
        let [mut a, mut b] = twins(&gpu, &held(&mesh, poisson));
        for body in [&mut a, &mut b] {
            body.place(&shaken(&mesh));
            body.trial.copy_from_slice(&body.u);
        }
        let gas = 800.0;
        let (right, ours) = (a.deform(gas), b.deform(gas));
        assert_eq!(b.gpu_note(), None);
        // Single precision of the terms, 6e-8, summed over a few hundred in a tree.
        assert!((right.elastic - ours.elastic).abs() < 1e-6 * right.terms, "{right:?} against {ours:?}");
        assert!((right.terms - ours.terms).abs() < 1e-5 * right.terms, "{right:?} against {ours:?}");
        assert!((right.growth_m3 - ours.growth_m3).abs() < 1e-11, "{right:?} against {ours:?}");
        assert_eq!(a.sums.iter().map(|sum| sum.inverted).sum::<u32>(), b.sums[0].inverted);
        let worst = a.sums.iter().map(|sum| sum.worst).reduce(|a, b| if b.1 < a.1 { b } else { a }).unwrap();
        assert_eq!(worst.0, b.sums[0].worst.0);
        a.forces(gas);
        b.forces(gas);
        let apart = apart(&a.gradient, &b.gradient);
        assert!(apart < 2e-6, "ν {poisson}: {apart}");
    }
}

#[test]
fn what_moved_far_feels_nothing() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    let mut body = Body::loose(&mesh, &[(1, LIVER)]).unwrap();
    body.use_gpu(&gpu).unwrap();
    // Ten metres away a displacement of single precision is known to a micrometre, which is 0.5 N here.
    body.u.fill([10.0, -3.7, 0.123_456_789]);
    body.trial.copy_from_slice(&body.u);
    let known = body.deform(0.0);
    assert_eq!((known.elastic, known.terms), (0.0, 0.0));
    body.load.fill([0.0; 3]);
    body.forces(0.0);
    assert!(body.gradient.as_flattened().iter().all(|x| *x == 0.0));
    let pulled = |body: &mut Body| {
        for (n, trial) in body.trial.iter_mut().enumerate() {
            trial[0] += 1e-5 * (n as f64).sin();
        }
        body.deform(0.0)
    };
    let ours = pulled(&mut body);
    let mut other = Body::loose(&mesh, &[(1, LIVER)]).unwrap();
    other.trial.fill([0.0; 3]);
    let right = pulled(&mut other);
    assert!((ours.elastic - right.elastic).abs() < 1e-5 * right.elastic, "{ours:?} against {right:?}");
}

/// Build both systems at the same displacement.
fn assembled(gpu: &Gpu, mesh: &TetMesh, poisson: f64) -> [Body; 2] {
    let mut body = held(mesh, poisson);
    let top = vertices_where(mesh, |p| p.z == 40.0 && p.x < 25.0);
    let grasp = body.grasp(&top).unwrap();
    body.drag(grasp, &Vector::new(3.0, 0.0, 5.0));
    body.add_spring(Spring {
        vertex: top[0],
        anchor_mm: Point::new(0.0, 0.0, 90.0),
        stiffness_n_m: 30.0,
        slack_mm: 9.0,
    });
    let mut both = twins(gpu, &body);
    for body in &mut both {
        body.place(&shaken(mesh));
        body.move_grasps(&mut None);
        body.trial.copy_from_slice(&body.u);
        body.load.fill([1e-3, -2e-3, 5e-4]);
        body.deform(200.0);
        body.assemble(200.0);
    }
    both
}

/// The solution of the last linear system, m.
fn steps(body: &Body) -> Vec<[f64; 3]> {
    body.solver.x.iter().map(|x| std::array::from_fn(|i| f64::from(x[i]))).collect()
}

#[test]
fn one_product_and_one_solution_are_those_of_the_processor() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    for poisson in [0.0, 0.45, 0.499] {
        let [mut a, mut b] = assembled(&gpu, &mesh, poisson);
        // After one iteration the solution is α z with α = r·z / z·A z: it has the inverse and one product in it.
        for (iterations, tolerance, share) in [(1, 0.0, 1e-5), (5, 0.0, 2e-4), (400, 1e-6, 1e-4)] {
            for body in [&mut a, &mut b] {
                body.settings = Settings { iterations_max: iterations, tolerance, ..body.settings };
                body.deform(200.0);
                body.assemble(200.0);
            }
            let ends = [a.solve(200.0), b.solve(200.0)];
            assert_eq!(b.gpu_note(), None);
            let apart = apart(&steps(&a), &steps(&b));
            assert!(apart < share, "ν {poisson}, {iterations} iterations: {apart}, {ends:?}");
            assert!(!ends[1].indefinite && ends[0].iterations.abs_diff(ends[1].iterations) <= 3, "{ends:?}");
        }
    }
}

fn run(body: &mut Body, inputs: &Inputs, frames: usize) {
    for _ in 0..frames {
        body.step(inputs);
    }
}

/// Both bodies after `frames` under the same inputs, how far they are apart at most on the way, mm.
fn side_by_side(both: &mut [Body; 2], inputs: &Inputs, frames: usize) -> f64 {
    let mut most = 0.0_f64;
    for _ in 0..frames {
        both.iter_mut().for_each(|body| run(body, inputs, 1));
        most = most.max(largest_mm(&both[0], &both[1]));
    }
    assert_eq!(both[1].gpu_note(), None);
    most
}

/// Largest way of a vertex, mm.
fn moved_mm(body: &Body) -> f64 {
    (0..body.u.len()).map(|v| (body.positions()[v] - body.rest(v)).norm()).fold(0.0, f64::max)
}

#[test]
fn a_hanging_a_pressed_and_a_grasped_block_move_the_same_way() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    let weight = Inputs { gravity_m_s2: SIDEWAYS, gas_pa: 100.0, ..Inputs::default() };
    let mut hanging = twins(&gpu, &held(&mesh, 0.45));
    let mut pressed = twins(&gpu, &held(&mesh, 0.45));
    let mut grasped = twins(&gpu, &held(&mesh, 0.45));
    let ball = [Tool { friction: 0.3, ..Tool::sphere(Point::new(30.0, 25.0, 45.0), 10.0) }];
    for body in &mut grasped {
        let number = body.grasp(&vertices_where(&mesh, |p| p.z == 40.0 && p.x == 60.0)).unwrap();
        body.drag(number, &Vector::new(12.0, 5.0, 12.0));
    }
    for (what, both, inputs) in [
        ("hanging", &mut hanging, weight),
        ("pressed", &mut pressed, Inputs { tools: &ball, ..weight }),
        ("grasped", &mut grasped, weight),
    ] {
        let apart = side_by_side(both, &inputs, 60);
        let way = moved_mm(&both[0]);
        // Single precision of the forces and some tens of iterations on it; another card may round another way, which
        // decides one contact or one step earlier or later.
        assert!(1.0 < way && apart < 1e-3 * way, "{what}: {apart} mm apart after {way} mm");
        let [a, b] = [both[0].health(), both[1].health()];
        assert!((a.elastic_j - b.elastic_j).abs() < 1e-5 * a.elastic_j && b.residual < 0.1, "{what}: {a:?} {b:?}");
        let [a, b] = [both[0].support_n(), both[1].support_n()];
        assert!((a - b).norm() < 1e-4 * a.norm(), "{what}: {a} N against {b} N");
    }
}

#[test]
fn a_cut_in_the_middle_parts_both_and_pieces_fall_the_same_way() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    let inputs = Inputs { gravity_m_s2: SIDEWAYS, ..Inputs::default() };
    let mut both = twins(&gpu, &held(&mesh, 0.45));
    side_by_side(&mut both, &inputs, 20);
    let blade = |z: f64| {
        let corner = |x: f64, y: f64| Point::new(x, y, z);
        [
            [corner(-50.0, -50.0), corner(150.0, -50.0), corner(-50.0, 200.0)],
            [corner(150.0, -50.0), corner(150.0, 200.0), corner(-50.0, 200.0)],
        ]
    };
    let cuts = both.each_mut().map(|body| body.cut(&blade(24.0), Loose::Falls));
    assert_eq!(cuts[0], cuts[1]);
    assert_eq!(cuts[0].loose, 1);
    let apart = side_by_side(&mut both, &inputs, 20);
    let way = moved_mm(&both[0]);
    assert!(apart < 1e-5 * way, "{apart} mm apart after {way} mm");
    assert_eq!(both[1].gpu_name(), Some(gpu.name()));
}

#[test]
fn parts_that_touch_are_coupled_on_the_card_too() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    let mut body = held(&mesh, 0.45);
    let settings = Settings { self_contact: SelfContact::Always, ..Settings::default() };
    let sheet = [[Point::new(-50.0, -50.0, 24.0), Point::new(150.0, -50.0, 24.0), Point::new(40.0, 300.0, 24.0)]];
    body.cut(&sheet, Loose::Falls);
    body = body.with_settings(settings);
    let inputs = Inputs { gravity_m_s2: Vector::new(0.0, 0.0, -9.81), ..Inputs::default() };
    run(&mut body, &inputs, 10);
    assert!(0 < body.health().self_contacts, "{:?}", body.health());
    let mut both = twins(&gpu, &body);
    for body in &mut both {
        body.watch_self();
        body.trial.copy_from_slice(&body.u);
        body.energy(0.0);
        body.fix_contacts();
        body.assemble(0.0);
        body.solve(0.0);
    }
    let [a, b] = both.each_ref().map(steps);
    assert!(!both[0].solver.links.is_empty() && norm(a.iter().copied()) > 0.0);
    assert!(apart(&a, &b) < 1e-3, "{}", apart(&a, &b));
    // Which vertices touch is decided by less than single precision knows.
    let apart = side_by_side(&mut both, &inputs, 20);
    let way = moved_mm(&both[0]);
    assert!(apart < 0.02 * way, "{apart} mm apart after {way} mm");
}

#[test]
fn threads_hold_what_was_cut_on_the_card_too() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    let mut body = held(&mesh, 0.45);
    let sheet = [[Point::new(-50.0, -50.0, 24.0), Point::new(150.0, -50.0, 24.0), Point::new(40.0, 300.0, 24.0)]];
    let copies = body.cut(&sheet, Loose::Falls).copies;
    let old = mesh.positions().len();
    let twin = |copy: usize| (0..old).find(|v| body.rest(*v) == body.rest(copy)).unwrap();
    let tie = |copy: usize| Tie { ends: [twin(copy) as u32, copy as u32], length_mm: 0.0, pushes: false };
    let ties: Vec<Tie> = (old..old + copies).map(tie).collect();
    body.tie(&ties).unwrap();
    let mut both = twins(&gpu, &body);
    let apart = side_by_side(&mut both, &Inputs { gravity_m_s2: SIDEWAYS, ..Inputs::default() }, 20);
    let way = moved_mm(&both[0]);
    assert!(!both[0].solver.links.is_empty());
    // A thread that is almost drawn together points where rounding says.
    assert!(1.0 < way && way < 30.0 && apart < 2e-3 * way, "{apart} mm apart after {way} mm");
}

#[test]
fn the_same_frames_have_the_same_bits() {
    let Some(gpu) = card() else { return };
    let mesh = straight_box([9, 8, 7], [60.0, 50.0, 40.0]);
    let tools = [Tool { friction: 0.2, ..Tool::sphere(Point::new(30.0, 25.0, 47.0), 10.0) }];
    let frames = || {
        let mut body = held(&mesh, 0.45);
        body.use_gpu(&gpu).unwrap();
        run(&mut body, &Inputs { gravity_m_s2: SIDEWAYS, tools: &tools, ..Inputs::default() }, 8);
        (body.positions().to_vec(), body.health())
    };
    assert_eq!(frames(), frames());
}

#[test]
fn nothing_makes_it_stop_being_a_number() {
    let Some(gpu) = card() else { return };
    let mesh = straight_box([2, 2, 2], [20.0; 3]);
    let mut seed = 7_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1_u32 << 31)
    };
    for case in 0..24 {
        let material = [LIVER, Material { young_pa: 17e9, ..LIVER }, Material { poisson: 0.4999, ..LIVER }][case % 3];
        let mut body = if case % 4 == 0 {
            Body::loose(&mesh, &[(1, material)]).unwrap()
        } else {
            Body::new(&mesh, &[(1, material)], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap()
        };
        body.use_gpu(&gpu).unwrap();
        let mut number = |size: f64| match (random() * 12.0) as usize {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => 1e9 * (random() - 0.5),
            3 => 1e30 * (random() - 0.5),
            _ => size * (random() - 0.5),
        };
        for frame in 0..6 {
            let mut vector = |size| Vector::from_fn(|_, _| number(size));
            if frame == 3 {
                body.place(&(0..27).map(|_| Point::from(vector(40.0))).collect::<Vec<_>>());
            }
            let force = [(13, vector(10.0))];
            let (gravity_m_s2, gas_pa) = (vector(20.0), vector(4000.0).x);
            let health = body.step(&Inputs { gravity_m_s2, gas_pa, forces_n: &force, ..Inputs::default() });
            let numbers = [health.kinetic_j, health.elastic_j, health.residual];
            assert!(numbers.iter().all(|x| x.is_finite()), "case {case}: {health:?}");
            assert!(body.positions().iter().flat_map(|p| p.iter()).all(|x| x.is_finite()), "case {case}: {health:?}");
        }
        assert_eq!(body.gpu_note(), None);
    }
}

#[test]
fn a_lost_card_is_a_sentence_and_the_frames_go_on() {
    let Some(gpu) = card() else { return };
    let mesh = block();
    let inputs = Inputs { gravity_m_s2: SIDEWAYS, ..Inputs::default() };
    let mut both = twins(&gpu, &held(&mesh, 0.45));
    let before = side_by_side(&mut both, &inputs, 10);
    gpu.lose();
    both.iter_mut().for_each(|body| run(body, &inputs, 20));
    let (apart, way) = (largest_mm(&both[0], &both[1]), moved_mm(&both[0]));
    assert!(before < 1e-5 * way && apart < 1e-5 * way, "{before} mm, then {apart} mm apart after {way} mm");
    let note = both[1].gpu_note().unwrap();
    assert!(
        note.starts_with(&format!("{} failed: ", gpu.name())) && note.ends_with("frames are computed on the processor"),
        "{note}"
    );
    assert_eq!(both[1].gpu_name(), None);
    let again = both[0].use_gpu(&gpu).unwrap_err().to_string();
    assert!(again.starts_with(&format!("{} failed", gpu.name())), "{again}");
}

#[test]
fn a_measurement_says_both_and_leaves_the_body_alone() {
    let Some(gpu) = card() else { return };
    let mut body = held(&block(), 0.45);
    let timing = body.time_frames(&gpu, &Inputs::default(), 3).unwrap();
    assert!(0.0 < timing.processor_ms && 0.0 < timing.gpu_ms, "{timing}");
    assert_eq!(moved_mm(&body), 0.0);
    let chosen = body.use_faster(&gpu, &Inputs::default()).unwrap();
    assert_eq!(body.gpu_name().is_some(), chosen.gpu_is_faster(), "{chosen}");
    assert!(body.clone().gpu_name().is_none());
}

#[test]
fn a_tetrahedron_takes_the_memory_that_is_stated() {
    let Some(gpu) = card() else { return };
    let mesh = straight_box([20, 20, 20], [100.0; 3]);
    let body = held(&mesh, 0.45);
    let each = Tables::new(&gpu, &body).unwrap().bytes as f64 / body.tets().len() as f64;
    // 530 bytes; 500 000 tetrahedra take 265 MB, with its largest buffer below the 128 MiB that every card takes.
    assert!(each < 600.0, "{each} bytes");
}
