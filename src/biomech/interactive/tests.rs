//! What the interactive solver promises: nothing moves by itself, books balance, nothing breaks it, the same bits on
//! any number of threads.

use super::*;
use crate::base::Progress;
use crate::base::parallel::with_threads;
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Axis, Hyperelastic, Load, Material, Model, Options, Problem, TissueError, quasi_static};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };
const DOWN: Vector = Vector::new(0.0, 0.0, -9.81);

fn block() -> TetMesh {
    straight_box([6, 5, 4], [60.0, 50.0, 40.0])
}

fn bottom(mesh: &TetMesh) -> Vec<u32> {
    vertices_where(mesh, |p| p.z == 0.0)
}

fn held(mesh: &TetMesh) -> Body {
    Body::new(mesh, &[(1, LIVER)], &bottom(mesh)).unwrap()
}

fn weight() -> Inputs<'static> {
    Inputs { gravity_m_s2: DOWN, ..Inputs::default() }
}

fn run(body: &mut Body, inputs: &Inputs, frames: usize) -> Health {
    (0..frames).map(|_| body.step(inputs)).last().unwrap()
}

fn largest_move(body: &Body, mesh: &TetMesh) -> f64 {
    body.positions().iter().zip(mesh.positions()).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
}

#[test]
fn without_load_nothing_moves_at_all() {
    let mesh = block();
    let mut body = held(&mesh);
    let before = body.positions().to_vec();
    let health = run(&mut body, &Inputs::default(), 20);
    assert_eq!(body.positions(), before);
    assert_eq!((health.kinetic_j, health.elastic_j, health.residual), (0.0, 0.0, 0.0));
    let mut loose = Body::loose(&mesh, &[(1, LIVER)]).unwrap();
    run(&mut loose, &Inputs::default(), 20);
    assert_eq!(loose.positions(), before);
}

#[test]
fn a_loose_body_falls_as_implicit_euler_says() {
    let mesh = block();
    let settings = Settings { damping_per_s: 0.0, ..Settings::default() };
    let mut body = Body::loose(&mesh, &[(1, LIVER)]).unwrap().with_settings(settings);
    for n in 1..=30 {
        body.step(&weight());
        let exact_mm = -9810.0 * settings.step_s.powi(2) * f64::from(n * (n + 1)) / 2.0;
        for (now, rest) in body.positions().iter().zip(mesh.positions()) {
            assert!((now - rest - Vector::new(0.0, 0.0, exact_mm)).norm() < 1e-6 * exact_mm.abs(), "frame {n}");
        }
    }
}

#[test]
fn at_rest_support_and_weight_balance() {
    let mesh = block();
    let mut body = held(&mesh);
    let health = run(&mut body, &weight(), 150);
    assert!(health.residual < 1e-5 && health.is_good(), "{health:?}");
    assert!((body.applied_n() - DOWN * body.mass_kg()).norm() < 1e-9);
    assert!((body.mass_kg() - 0.12 * 1.06).abs() < 1e-12);
    assert!((body.support_n() + body.applied_n()).norm() < 1e-5 * body.applied_n().norm(), "{}", body.support_n());
}

#[test]
fn it_comes_to_rest_where_the_accurate_solver_says() {
    let mesh = block();
    let (fixed, materials) = (bottom(&mesh), [(1, Material { poisson: 0.49, ..LIVER })]);
    let loads = [Load::Gravity { m_s2: Vector::new(9.81, 0.0, 0.0) }];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let (right, _) = quasi_static(&problem, &Options::default(), &Progress::default()).unwrap();
    let mut body = Body::new(&mesh, &materials, &fixed).unwrap();
    run(&mut body, &Inputs { gravity_m_s2: Vector::new(9.81, 0.0, 0.0), ..Inputs::default() }, 150);
    let largest = right.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    for (v, offset) in right.displacement_mm.iter().enumerate() {
        let ours = body.positions()[v] - mesh.positions()[v];
        assert!((ours - offset).norm() < 0.07 * largest, "vertex {v}: {ours} against {offset} mm");
    }
}

#[test]
fn a_grasper_holds_what_it_pulls_and_says_how_hard() {
    let mesh = block();
    let mut body = held(&mesh);
    let top = vertices_where(&mesh, |p| p.z == 40.0 && p.x <= 20.0);
    let grasp = body.grasp(&top).unwrap();
    body.drag(grasp, &Vector::new(0.0, 0.0, 10.0));
    let health = run(&mut body, &Inputs::default(), 200);
    let force = body.grasp_force_n(grasp);
    assert!(health.is_good() && 0.1 < force.z, "{health:?} {force}");
    assert!((force + body.support_n()).norm() < 1e-4 * force.norm(), "{force} against {}", body.support_n());
    let followed = body.positions()[top[0] as usize] - mesh.positions()[top[0] as usize];
    assert!((followed - Vector::new(0.0, 0.0, 10.0)).norm() < 1.0, "{followed}");
    body.release(grasp);
    run(&mut body, &Inputs::default(), 300);
    assert!(largest_move(&body, &mesh) < 0.01, "{}", largest_move(&body, &mesh));
}

#[test]
fn a_ball_presses_a_dent_and_feels_it() {
    let mesh = block();
    let mut body = held(&mesh);
    let press = |z: f64| [Tool::sphere(Point::new(31.0, 24.0, z), 10.0)];
    for frame in 0..60 {
        body.step(&Inputs { tools: &press(55.0 - 0.2 * f64::from(frame)), ..Inputs::default() });
    }
    let health = run(&mut body, &Inputs { tools: &press(43.0), ..Inputs::default() }, 100);
    assert!(0 < health.contacts && health.depth_mm < 0.6 && health.note.is_none(), "{health:?}");
    let force = body.tool_forces_n()[0];
    assert!(0.1 < force.z, "the tissue pushes the ball up: {force}");
    assert!((force - body.support_n()).norm() < 1e-2 * force.norm(), "{force} against {}", body.support_n());
}

#[test]
fn a_shaft_that_lies_across_presses_along_its_length() {
    let mesh = block();
    let mut body = held(&mesh);
    let shape = Shape::Capsule { radius_mm: 5.0, shaft_mm: Vector::new(0.0, 90.0, 0.0) };
    let press = |z: f64| [Tool { shape, place_mm: Point::new(31.0, -20.0, z), friction: 0.1 }];
    for frame in 0..160 {
        let z = 46.0 - 0.1 * f64::from(frame.min(50));
        body.step(&Inputs { tools: &press(z), ..Inputs::default() });
    }
    let (health, force) = (body.health(), body.tool_forces_n()[0]);
    assert!(health.note.is_none() && health.inverted == 0 && 5 < health.contacts, "{health:?}");
    assert!(0.3 < force.z && force.x.hypot(force.y) < 0.2 * force.z, "{force}");
    assert!((force - body.support_n()).norm() < 1e-2 * force.norm(), "{force} against {}", body.support_n());
}

#[test]
fn tissue_beside_bone_hangs_as_the_accurate_solver_says() {
    let plain = block();
    let regions =
        plain.tets().iter().map(|tet| if plain.positions()[tet[0] as usize].x < 20.0 { 2 } else { 1 }).collect();
    let mesh = TetMesh::new(plain.positions().to_vec(), plain.tets().to_vec(), regions).unwrap();
    let bone = Material { young_pa: 1e9, poisson: 0.3, density_kg_m3: 1900.0, ..LIVER };
    let (fixed, materials) = (bottom(&mesh), [(1, Material { poisson: 0.49, ..LIVER }), (2, bone)]);
    let loads = [Load::Gravity { m_s2: Vector::new(9.81, 0.0, 0.0) }];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let (right, _) = quasi_static(&problem, &Options::default(), &Progress::default()).unwrap();
    let settings = Settings { iterations_max: 100, ..Settings::default() };
    let mut body = Body::new(&mesh, &materials, &fixed).unwrap().with_settings(settings);
    let health = run(&mut body, &Inputs { gravity_m_s2: Vector::new(9.81, 0.0, 0.0), ..Inputs::default() }, 200);
    let far = vertices_where(&mesh, |p| *p == Point::new(60.0, 20.0, 40.0))[0] as usize;
    let (ours, exact) = (body.positions()[far].x - 60.0, right.displacement_mm[far].x);
    assert!((ours - exact).abs() < 0.07 * exact, "{ours} against {exact} mm, {health:?}");
}

#[test]
fn a_ball_that_jumps_does_not_end_up_inside() {
    let mesh = block();
    let mut body = held(&mesh);
    let at = |z: f64| [Tool::sphere(Point::new(31.0, 24.0, z), 8.0)];
    body.step(&Inputs { tools: &at(1000.0), ..Inputs::default() });
    let health = body.step(&Inputs { tools: &at(40.0), ..Inputs::default() });
    assert!(matches!(health.note, Some(Note::HeldBack { .. })), "{health:?}");
    let mut worst = 0.0_f64;
    for _ in 0..400 {
        worst = worst.max(body.step(&Inputs { tools: &at(40.0), ..Inputs::default() }).depth_mm);
    }
    assert!(worst < 8.0, "{worst} mm");
    assert!(body.health().depth_mm < 1.0 && body.health().note.is_none(), "{:?}", body.health());
    // Away from tissue a tool goes where it likes.
    body.step(&Inputs { tools: &at(400.0), ..Inputs::default() });
    let health = body.step(&Inputs { tools: &at(500.0), ..Inputs::default() });
    assert!(health.note.is_none(), "{health:?}");
}

#[test]
fn friction_holds_a_block_on_a_slope_only_if_it_suffices() {
    let mesh = straight_box([4, 4, 2], [40.0, 40.0, 20.0]);
    let slope =
        |friction| Tool { shape: Shape::Plane { normal: Vector::z() }, place_mm: Point::new(0.0, 0.0, 0.0), friction };
    let angle = 0.3_f64; // tan = 0.309
    let gravity_m_s2 = Vector::new(9.81 * angle.sin(), 0.0, -9.81 * angle.cos());
    let slid_mm = |friction: f64| {
        let mut body = Body::loose(&mesh, &[(1, LIVER)]).unwrap();
        run(&mut body, &Inputs { gravity_m_s2, tools: &[slope(friction)], ..Inputs::default() }, 60);
        body.positions().iter().zip(mesh.positions()).map(|(a, b)| (a - b).x).sum::<f64>()
            / mesh.positions().len() as f64
    };
    let (stays, slides) = (slid_mm(0.6), slid_mm(0.1));
    // What creeps: 1 mm/s at most; what slides: g (sin − μ cos) t²/2 = 990 mm, less what the surroundings slow.
    assert!(stays.abs() < 3.0, "{stays} mm");
    let free_mm = 0.5 * 9810.0 * (angle.sin() - 0.1 * angle.cos());
    assert!((0.5 * free_mm..1.02 * free_mm).contains(&slides), "{slides} mm of {free_mm} mm");
}

#[test]
fn gas_all_around_shrinks_a_body_by_its_bulk_modulus() {
    let mesh = straight_box([5, 5, 5], [50.0; 3]);
    let mut body = Body::loose(&mesh, &[(1, LIVER)]).unwrap();
    let gas_pa = 300.0;
    run(&mut body, &Inputs { gas_pa, ..Inputs::default() }, 60);
    let now = TetMesh::new(body.positions().to_vec(), body.tets().to_vec(), mesh.regions().to_vec()).unwrap();
    let shrunk = 1.0 - now.volume_ml() / mesh.volume_ml();
    let expected = gas_pa / LIVER.bulk_pa();
    assert!((shrunk - expected).abs() < 0.02 * expected, "{shrunk} against {expected}");
}

#[test]
fn a_spring_pulls_with_its_stretch_and_never_pushes() {
    let mesh = block();
    let mut body = held(&mesh);
    let vertex = vertices_where(&mesh, |p| *p == Point::new(60.0, 50.0, 40.0))[0];
    let anchor_mm = Point::new(60.0, 50.0, 90.0);
    body.add_spring(Spring { vertex, anchor_mm, stiffness_n_m: 20.0, slack_mm: 20.0 });
    run(&mut body, &Inputs::default(), 300);
    let stretch_mm = (body.positions()[vertex as usize] - anchor_mm).norm() - 20.0;
    assert!((body.applied_n().norm() - 20e-3 * stretch_mm).abs() < 1e-6, "{} N", body.applied_n().norm());
    assert!((body.support_n() + body.applied_n()).norm() < 1e-4 * body.applied_n().norm());
    let mut slack = held(&mesh);
    slack.add_spring(Spring { vertex, anchor_mm, stiffness_n_m: 20.0, slack_mm: 60.0 });
    run(&mut slack, &Inputs::default(), 10);
    assert_eq!(largest_move(&slack, &mesh), 0.0);
}

#[test]
fn a_turned_body_is_at_rest() {
    let mesh = block();
    let mut body = Body::loose(&mesh, &[(1, LIVER)]).unwrap();
    let turn = nalgebra::Rotation3::from_euler_angles(0.7, -0.4, 1.9);
    let turned: Vec<Point> = mesh.positions().iter().map(|p| turn * p).collect();
    body.place(&turned);
    let health = run(&mut body, &Inputs::default(), 10);
    let moved = body.positions().iter().zip(&turned).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
    assert!(moved < 1e-3 && health.is_good(), "{moved} mm, {health:?}");
}

#[test]
fn in_free_flight_momentum_stays() {
    let mesh = block();
    let settings = Settings { damping_per_s: 0.0, iterations_max: 60, tolerance: 1e-8, ..Settings::default() };
    let mut body = Body::loose(&mesh, &[(1, LIVER)]).unwrap().with_settings(settings);
    // Thrown by a corner, then left alone.
    run(&mut body, &Inputs { forces_n: &[(0, Vector::new(0.5, 0.2, 1.0))], ..Inputs::default() }, 6);
    let thrown = body.momentum();
    assert!((thrown - Vector::new(0.5, 0.2, 1.0) * 0.1).norm() < 1e-3 * thrown.norm(), "{thrown}");
    run(&mut body, &Inputs::default(), 60);
    assert!((body.momentum() - thrown).norm() < 1e-3 * thrown.norm(), "{} after {thrown}", body.momentum());
}

#[test]
fn the_frames_have_the_same_bits_on_one_thread_and_on_three() {
    let mesh = straight_box([12, 10, 8], [60.0, 50.0, 40.0]);
    let tools = [Tool { friction: 0.2, ..Tool::sphere(Point::new(30.0, 25.0, 47.0), 10.0) }];
    let frames = || {
        let mut body = held(&mesh);
        run(&mut body, &Inputs { gravity_m_s2: Vector::new(9.81, 0.0, 0.0), tools: &tools, ..Inputs::default() }, 5);
        (body.positions().to_vec(), body.health())
    };
    assert_eq!(with_threads(1, frames), with_threads(3, frames));
}

#[test]
fn energy_never_grows_by_itself() {
    let mesh = block();
    for (iterations_max, young_pa) in [(3, 5e3), (25, 5e3), (25, 2e6)] {
        let material = Material { young_pa, poisson: 0.49, ..LIVER };
        let settings = Settings { iterations_max, damping_per_s: 0.0, ..Settings::default() };
        let mut body = Body::new(&mesh, &[(1, material)], &bottom(&mesh)).unwrap().with_settings(settings);
        let shaken: Vec<Point> = (mesh.positions().iter().zip(0..))
            .map(|(p, n)| p + Vector::new((1.3 * f64::from(n)).sin(), (2.1 * f64::from(n)).cos(), 0.5) * 3.0)
            .collect();
        body.place(&shaken);
        let (mut before, mut first) = (f64::INFINITY, 0.0);
        for frame in 0..100 {
            let health = body.step(&Inputs::default());
            let now = health.kinetic_j + health.elastic_j;
            first = if frame == 0 { now } else { first };
            assert!(now <= before * (1.0 + 1e-5) + 1e-9 * first, "frame {frame}: {now} J after {before} J");
            before = now;
        }
    }
}

#[test]
fn a_body_inside_out_comes_back() {
    let mesh = block();
    let mut body = held(&mesh);
    let flipped: Vec<Point> = mesh.positions().iter().map(|p| Point::new(p.x, p.y, -p.z)).collect();
    body.place(&flipped);
    assert!(0 < body.step(&weight()).inverted);
    let health = run(&mut body, &weight(), 600);
    assert_eq!(health.inverted, 0, "{health:?}");
}

#[test]
fn nothing_makes_it_stop_being_a_number() {
    let mesh = straight_box([2, 2, 2], [20.0; 3]);
    let materials: Vec<Material> = [(1e2, 0.0), (5e3, 0.45), (5e3, 0.4999), (17e9, 0.3), (5e3, -0.9)]
        .map(|(young_pa, poisson)| Material { young_pa, poisson, ..LIVER })
        .to_vec();
    let mut seed = 1_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1_u32 << 31)
    };
    for case in 0..400 {
        let material = materials[case % materials.len()];
        let mut body = match case % 4 {
            0 => Body::loose(&mesh, &[(1, material)]).unwrap(),
            1 => Body::new(&mesh, &[(1, material)], &(0..27).collect::<Vec<u32>>()).unwrap(),
            _ => Body::new(&mesh, &[(1, material)], &bottom(&mesh)).unwrap(),
        };
        let mut number = |size: f64| match (random() * 20.0) as usize {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => 1e9 * (random() - 0.5),
            _ => size * (random() - 0.5),
        };
        let grasp = body.grasp(&[0, 5, 26]).unwrap();
        for _ in 0..10 {
            let vector = |number: &mut dyn FnMut(f64) -> f64, size| Vector::from_fn(|_, _| number(size));
            let tool = Tool {
                shape: match case % 3 {
                    0 => Shape::Sphere { radius_mm: number(20.0) },
                    1 => Shape::Capsule { radius_mm: number(20.0), shaft_mm: vector(&mut number, 100.0) },
                    _ => Shape::Plane { normal: vector(&mut number, 1.0) },
                },
                place_mm: Point::from(vector(&mut number, 40.0)),
                friction: number(1.0),
            };
            if case % 7 == 0 {
                let scattered: Vec<Point> = (0..27).map(|_| Point::from(vector(&mut number, 40.0))).collect();
                body.place(&scattered);
            }
            body.drag(grasp, &vector(&mut number, 2000.0));
            let force = [(number(27.0).abs() as u32, vector(&mut number, 10.0))];
            let gravity_m_s2 = vector(&mut number, 20.0);
            let gas_pa = number(4000.0);
            let health = body.step(&Inputs { gravity_m_s2, gas_pa, forces_n: &force, tools: &[tool] });
            let numbers = [health.kinetic_j, health.elastic_j, health.residual, health.depth_mm];
            assert!(numbers.iter().all(|x| x.is_finite()), "case {case}: {health:?}");
            assert!(body.positions().iter().flat_map(|p| p.iter()).all(|x| x.is_finite()), "case {case}: {health:?}");
        }
    }
}

#[test]
fn a_sliver_does_not_spoil_the_rest() {
    let plain = block();
    let mut positions = plain.positions().to_vec();
    // Push an inner vertex almost into the face of a neighbour.
    let inner = vertices_where(&plain, |p| *p == Point::new(30.0, 20.0, 20.0))[0] as usize;
    positions[inner] += Vector::new(9.99, 0.0, 0.0);
    let mesh = TetMesh::new(positions, plain.tets().to_vec(), plain.regions().to_vec()).unwrap();
    let (mut bad, mut good) = (held(&mesh), held(&plain));
    let inputs = Inputs { gravity_m_s2: Vector::new(9.81, 0.0, 0.0), ..Inputs::default() };
    run(&mut bad, &inputs, 200);
    run(&mut good, &inputs, 200);
    let top = vertices_where(&plain, |p| *p == Point::new(60.0, 50.0, 40.0))[0] as usize;
    let [a, b] = [&bad, &good].map(|body| body.positions()[top].x - 60.0);
    assert!((a - b).abs() < 0.05 * b, "{a} against {b} mm");
}

#[test]
fn reset_and_stop_do_what_they_say() {
    let mesh = block();
    let mut body = held(&mesh);
    run(&mut body, &weight(), 5);
    body.stop();
    assert_eq!(body.momentum(), Vector::zeros());
    body.reset();
    assert_eq!(largest_move(&body, &mesh), 0.0);
    assert_eq!(body.health(), Health::default());
}

#[test]
fn what_cannot_be_is_named() {
    let mesh = block();
    let sentence = |answer: Result<Body, TissueError>| answer.map(|_| ()).unwrap_err().to_string();
    let free = sentence(Body::new(&mesh, &[(1, LIVER)], &[]));
    assert_eq!(free, "nothing holds the body: fix a region, or move one");
    let edge = vertices_where(&mesh, |p| p.z == 0.0 && p.y == 0.0);
    let turning = sentence(Body::new(&mesh, &[(1, LIVER)], &edge));
    assert!(turning.contains("can still turn: 7 of its 210 vertices are held"), "{turning}");
    assert_eq!(sentence(Body::new(&mesh, &[(2, LIVER)], &edge)), "region 1 (720 tetrahedra) has no material");
    let water = sentence(Body::loose(&mesh, &[(1, Material { poisson: 0.5, ..LIVER })]));
    assert_eq!(water, "the material of region 1 has Poisson's ratio = 0.5; it must be above -1 and at most 0.4999");
    let missing = sentence(Body::new(&mesh, &[(1, LIVER)], &[9999]));
    assert_eq!(missing, "load 0 (fixed) names vertex 9999, but the mesh has 210");
    let empty = held(&mesh).grasp(&[]).unwrap_err().to_string();
    assert_eq!(empty, "the patch of load 1 (grasp) is empty: it touches no vertex of the body");
}

#[test]
fn symmetry_planes_give_the_whole_from_a_half() {
    let whole = straight_box([8, 4, 4], [80.0, 40.0, 40.0]);
    let half = straight_box([4, 4, 4], [40.0, 40.0, 40.0]);
    let mut body = held(&half);
    body.slide(&vertices_where(&half, |p| p.x == 40.0), Axis::X);
    run(&mut body, &weight(), 100);
    assert!(body.positions().iter().zip(half.positions()).all(|(a, b)| b.x != 40.0 || a.x == 40.0));
    let mut both = held(&whole);
    run(&mut both, &weight(), 100);
    let sunk = |body: &Body, mesh: &TetMesh| {
        let v = vertices_where(mesh, |p| *p == Point::new(40.0, 20.0, 40.0))[0] as usize;
        body.positions()[v].z - 40.0
    };
    // Kuhn's diagonals are not mirrored, so only nearly.
    let [a, b] = [sunk(&body, &half), sunk(&both, &whole)];
    assert!((a - b).abs() < 0.02 * b.abs(), "{a} against {b} mm");
}
