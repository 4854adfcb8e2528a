//! What contact of a body with itself promises: it pushes back as hard as it is pushed, keeps momentum, holds, slides,
//! lets nothing through, and costs no energy.

use crate::base::parallel::with_threads;
use crate::base::rng::Rng;
use crate::biomech::interactive::{Body, Health, Inputs, Loose, SelfContact, Settings, Shape, Tool};
use crate::biomech::verification::shapes::{carved_box, straight_box, vertices_where};
use crate::biomech::{Axis, Hyperelastic, Material};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };

/// Several bodies in one mesh, each moved by so many mm; region n + 1 is the n-th.
fn together(bodies: &[(TetMesh, Vector)]) -> TetMesh {
    let (mut positions, mut tets, mut regions) = (Vec::new(), Vec::new(), Vec::new());
    for (n, (mesh, by)) in (1..).zip(bodies) {
        let first = positions.len() as u32;
        positions.extend(mesh.positions().iter().map(|p| p + by));
        tets.extend(mesh.tets().iter().map(|tet| tet.map(|v| v + first)));
        regions.extend(mesh.tets().iter().map(|_| n));
    }
    TetMesh::new(positions, tets, regions).unwrap()
}

/// A block 60 × 50 × 20 mm, and one of another mesh 40 × 30 × 20 mm `gap` mm above it.
fn stack(gap: f64) -> TetMesh {
    let below = straight_box([6, 5, 2], [60.0, 50.0, 20.0]);
    let above = straight_box([5, 4, 3], [40.0, 30.0, 20.0]);
    together(&[(below, Vector::zeros()), (above, Vector::new(9.0, 11.0, 20.0 + gap))])
}

fn bottom(mesh: &TetMesh) -> Vec<u32> {
    vertices_where(mesh, |p| p.z == 0.0)
}

/// Parts press on each other.
fn touching() -> Settings {
    Settings { self_contact: SelfContact::Parted, ..Settings::default() }
}

/// The two blocks; the lower one stands, the upper one is free.
fn stacked(gap: f64, settings: Settings) -> (TetMesh, Body) {
    let mesh = stack(gap);
    let mut body = Body::loose(&mesh, &[(1, LIVER), (2, LIVER)]).unwrap().with_settings(settings);
    body.fix(&bottom(&mesh));
    (mesh, body)
}

fn run(body: &mut Body, inputs: &Inputs, frames: usize) -> Health {
    (0..frames).map(|_| body.step(inputs)).last().unwrap()
}

fn of_region(mesh: &TetMesh, region: u8) -> Vec<u32> {
    let tets = mesh.tets().iter().zip(mesh.regions()).filter(|(_, own)| **own == region);
    let mut vertices: Vec<u32> = tets.flat_map(|(tet, _)| *tet).collect();
    vertices.sort_unstable();
    vertices.dedup();
    vertices
}

/// Mean movement of some vertices, mm.
fn mean_move(body: &Body, vertices: &[u32]) -> Vector {
    vertices.iter().map(|v| body.positions()[*v as usize] - body.rest(*v as usize)).sum::<Vector>()
        / vertices.len() as f64
}

/// Momentum of some vertices in units of one mass for each: only for comparison.
fn speed(body: &Body, vertices: &[u32]) -> Vector {
    vertices.iter().map(|v| body.velocity(*v as usize)).sum::<Vector>() / vertices.len() as f64
}

#[test]
fn a_block_on_a_block_is_carried_with_its_weight_and_what_presses_it() {
    let (mesh, mut body) = stacked(0.0, Settings { self_friction: 0.3, ..touching() });
    let top = vertices_where(&mesh, |p| p.z == 40.0);
    // 24 ml of tissue under 0.6 N: 0.7 kPa on 12 cm².
    let forces: Vec<(u32, Vector)> = top.iter().map(|v| (*v, Vector::new(0.0, 0.0, -0.6 / top.len() as f64))).collect();
    let inputs = Inputs { gravity_m_s2: Vector::new(0.0, 0.0, -9.81), forces_n: &forces, ..Inputs::default() };
    let health = run(&mut body, &inputs, 300);
    assert!(0 < health.self_contacts && health.self_depth_mm < 0.2 && health.is_good(), "{health:?}");
    assert!(health.residual < 1e-3, "{health:?}");
    // What holds the lower block carries both.
    let out = (body.support_n() + body.applied_n()).norm();
    assert!(out < 1e-2 * body.applied_n().norm(), "{} against {}", body.support_n(), body.applied_n());
    assert!((body.applied_n().z + 0.6 + body.mass_kg() * 9.81).abs() < 1e-9, "{}", body.applied_n());
}

#[test]
fn forces_are_the_derivative_of_energy_and_sum_to_nothing() {
    let (mesh, mut body) = stacked(-0.2, touching());
    body.watch_self();
    let mut rng = Rng::new(0xD1FF);
    let vector = |rng: &mut Rng, size: f64| Vector::from_fn(|_, _| rng.between(-size, size));
    let (mut checked, mut wrong) = (0, 0);
    for _ in 0..40 {
        let u: Vec<Vector> = mesh.positions().iter().map(|_| vector(&mut rng, 3e-4)).collect();
        let way: Vec<Vector> = u.iter().map(|_| vector(&mut rng, 1.0)).collect();
        let mut energy =
            |by: f64| body.own.touch(|v| 1e-3 * body.rest_mm[v as usize].coords + u[v as usize] + way[v as usize] * by);
        let difference = (energy(1e-9) - energy(-1e-9)) / 2e-9;
        energy(0.0);
        let work: f64 = body.own.touches.iter().map(|touch| -touch.push().dot(&touch.against(|v| way[v]))).sum();
        let size: f64 = body.own.touches.iter().map(|touch| touch.push().norm()).sum();
        (checked, wrong) = (checked + 1, wrong + usize::from(1e-4 * size < (work - difference).abs()));
        assert!(20 < body.own.touches.len());
        for touch in &body.own.touches {
            assert!(touch.weights.iter().sum::<f64>().abs() < 1e-15, "{touch:?}");
            let spread: Vector = touch.weights.iter().map(|weight| touch.push() * *weight).sum();
            assert!(spread.norm() <= 1e-15 * touch.push().norm(), "{touch:?}");
        }
    }
    // Where the nearest triangle changes within the difference there is no derivative.
    assert!(wrong <= checked / 20, "{wrong} of {checked}");
}

#[test]
fn sides_that_coincide_are_not_pushed_apart() {
    let (mesh, mut body) = stacked(0.0, touching());
    let health = run(&mut body, &Inputs::default(), 20);
    assert!(mean_move(&body, &of_region(&mesh, 2)).norm() < 1e-9);
    assert_eq!((health.self_contacts, health.kinetic_j), (0, 0.0));
}

#[test]
fn parts_that_collide_keep_their_momentum_exactly() {
    // Enough iterations that what they leave does not hide what contact would add.
    let settings = Settings { damping_per_s: 0.0, iterations_max: 200, tolerance: 1e-7, ..touching() };
    let block = straight_box([3, 3, 3], [30.0; 3]);
    let other = straight_box([4, 4, 4], [31.0; 3]);
    let mesh = together(&[(block, Vector::zeros()), (other, Vector::new(7.0, 4.0, 31.0))]);
    let mut body = Body::loose(&mesh, &[(1, LIVER), (2, LIVER)]).unwrap().with_settings(settings);
    let low = of_region(&mesh, 1);
    let push: Vec<(u32, Vector)> = low.iter().map(|v| (*v, Vector::new(0.0004, 0.0, 0.002))).collect();
    run(&mut body, &Inputs { forces_n: &push, ..Inputs::default() }, 6);
    let before = body.momentum();
    assert!((before - Vector::new(0.0004, 0.0, 0.002) * low.len() as f64 * 0.1).norm() < 1e-4 * before.norm());
    let mut touched = 0;
    for _ in 0..90 {
        touched += body.step(&Inputs::default()).self_contacts;
        assert!((body.momentum() - before).norm() < 1e-4 * before.norm(), "{} after {before}", body.momentum());
    }
    assert!(0 < touched, "they never met");
    // The one that was hit goes on faster than the other.
    assert!(speed(&body, &low).z < speed(&body, &of_region(&mesh, 2)).z);
}

#[test]
fn friction_holds_a_block_on_a_slope_only_if_it_suffices() {
    let angle = 0.3_f64; // tan = 0.309
    let gravity_m_s2 = Vector::new(9.81 * angle.sin(), 0.0, -9.81 * angle.cos());
    let below = straight_box([22, 5, 1], [220.0, 50.0, 10.0]);
    let above = straight_box([4, 3, 2], [40.0, 30.0, 20.0]);
    let mesh = together(&[(below, Vector::zeros()), (above, Vector::new(13.0, 11.0, 10.0))]);
    // A stiff floor: what slides is the block, not the tissue below.
    let floor = Material { young_pa: 1e5, ..LIVER };
    let slid_mm = |self_friction: f64| {
        let settings = Settings { self_friction, damping_per_s: 0.0, ..touching() };
        let mut body = Body::loose(&mesh, &[(1, floor), (2, LIVER)]).unwrap().with_settings(settings);
        body.fix(&of_region(&mesh, 1));
        let upper = of_region(&mesh, 2);
        let health = run(&mut body, &Inputs { gravity_m_s2, ..Inputs::default() }, 8);
        let early = mean_move(&body, &upper);
        run(&mut body, &Inputs { gravity_m_s2, ..Inputs::default() }, 10);
        (early, mean_move(&body, &upper), health)
    };
    let (early, stays, _) = slid_mm(0.5);
    let (_, slides, health) = slid_mm(0.0);
    // What creeps: 1 mm/s at most once the block has sheared.
    assert!((stays - early).x.abs() < 0.5 && stays.x < 6.0, "{stays} mm after {early} mm");
    // As implicit Euler lets it go: h² n (n + 1) / 2.
    let free_mm = 0.5 * 9810.0 / 3600.0 * 18.0 * 19.0 * angle.sin();
    assert!((0.98 * free_mm..1.01 * free_mm).contains(&slides.x), "{slides} mm of {free_mm} mm, {health:?}");
}

#[test]
fn a_dropped_block_comes_to_rest_and_energy_never_grows() {
    let settings = Settings { damping_per_s: 0.0, self_friction: 0.3, ..touching() };
    let (mesh, mut body) = stacked(15.0, settings);
    let upper = of_region(&mesh, 2);
    let gravity_m_s2 = Vector::new(0.0, 0.0, -9.81);
    let (mut before, mut first, mut deepest) = (f64::INFINITY, 0.0, 0.0_f64);
    for frame in 0..300 {
        let health = body.step(&Inputs { gravity_m_s2, ..Inputs::default() });
        assert!(health.inverted == 0, "frame {frame}: {health:?}");
        deepest = deepest.max(health.self_depth_mm);
        let weight: f64 =
            (0..body.positions().len()).map(|v| body.mass[v] * 9.81 * 1e-3 * (body.positions()[v].z)).sum();
        let springs: f64 = body.own.touches.iter().map(super::touch::Touch::push_energy).sum();
        let now = health.kinetic_j + health.elastic_j + weight + springs;
        first = if frame == 0 { now } else { first };
        assert!(now <= before + 1e-5 * first, "frame {frame}: {now} J after {before} J");
        before = now;
    }
    assert!(deepest < 1.0, "{deepest} mm");
    assert!(body.health().kinetic_j < 1e-8 && body.health().self_depth_mm < 0.2, "{:?}", body.health());
    assert!((-16.5..-14.5).contains(&mean_move(&body, &upper).z), "{}", mean_move(&body, &upper));
}

/// A C of two arms 80 × 20 × 12 mm, 14 mm apart, held at its back.
fn clamp() -> (TetMesh, Body) {
    let mesh = carved_box(
        [16, 4, 8],
        |[i, _, k]| i < 3 || !(3..5).contains(&k),
        |[x, y, z]| Point::new(80.0 * x, 20.0 * y, 40.0 * z),
    );
    let settings = Settings { self_contact: SelfContact::Always, ..touching() };
    let mut body = Body::new(&mesh, &[(1, LIVER)], &vertices_where(&mesh, |p| p.x == 0.0)).unwrap();
    // Slender arms under load would slip past each other sideways.
    body.slide(&vertices_where(&mesh, |p| p.y == 0.0), Axis::Y);
    (mesh, body.with_settings(settings))
}

#[test]
fn arms_pressed_together_do_not_pass_through_each_other() {
    let (mesh, mut body) = clamp();
    let upper = vertices_where(&mesh, |p| p.x == 80.0 && p.z == 40.0);
    let lower = vertices_where(&mesh, |p| p.x == 80.0 && p.z == 0.0);
    let each = |vertices: &[u32], z: f64| -> Vec<(u32, Vector)> {
        vertices.iter().map(|v| (*v, Vector::new(0.0, 0.0, z / vertices.len() as f64))).collect()
    };
    let mut forces = each(&upper, -0.03);
    forces.extend(each(&lower, 0.03));
    let mut deepest = 0.0_f64;
    let mut health = Health::default();
    for _ in 0..240 {
        health = body.step(&Inputs { forces_n: &forces, ..Inputs::default() });
        deepest = deepest.max(health.self_depth_mm);
    }
    assert!(0 < health.self_contacts && health.inverted == 0, "{health:?}");
    assert!(deepest < 1.0 && health.self_depth_mm < 0.2, "{deepest} mm, {health:?}");
    let ends = [&upper, &lower]
        .map(|vertices| vertices.iter().map(|v| body.positions()[*v as usize].z).sum::<f64>() / vertices.len() as f64);
    assert!(10.0 < ends[0] - ends[1], "{ends:?} mm");
    // Without contact they do.
    let (_, body) = clamp();
    let mut body = body.with_settings(Settings { self_contact: SelfContact::Never, ..touching() });
    run(&mut body, &Inputs { forces_n: &forces, ..Inputs::default() }, 240);
    let ends = [&upper, &lower]
        .map(|vertices| vertices.iter().map(|v| body.positions()[*v as usize].z).sum::<f64>() / vertices.len() as f64);
    assert!(ends[0] - ends[1] < 10.0, "the load is too small to show anything: {ends:?} mm");
}

#[test]
fn a_cut_that_opens_closes_again_and_carries() {
    let mesh = straight_box([8, 4, 6], [80.0, 40.0, 60.0]);
    let fixed = bottom(&mesh);
    let mut body = Body::new(&mesh, &[(1, LIVER)], &fixed).unwrap().with_settings(touching());
    let mut whole = body.clone();
    let sheet = [[-9.0, -9.0], [55.0, -9.0], [55.0, 99.0], [-9.0, 99.0]].map(|[x, y]| Point::new(x, y, 31.0));
    let cut = body.cut(&[[sheet[0], sheet[1], sheet[2]], [sheet[0], sheet[2], sheet[3]]], Loose::Falls);
    assert!(10 < cut.copies, "{cut:?}");
    let lifted = |body: &Body| body.positions().iter().map(|p| p.z).fold(0.0, f64::max);
    let pull = Inputs { gravity_m_s2: Vector::new(0.0, 0.0, 15.0), ..Inputs::default() };
    let health = run(&mut body, &pull, 100);
    assert!(62.0 < lifted(&body) && health.self_contacts == 0, "{} mm, {health:?}", lifted(&body));
    let press = Inputs { gravity_m_s2: Vector::new(0.0, 0.0, -9.81), ..Inputs::default() };
    let health = run(&mut body, &press, 300);
    assert!(5 < health.self_contacts && health.self_depth_mm < 0.2 && health.residual < 1e-2, "{health:?}");
    // Closed, it stands much as if it had never been cut: without friction the sides still slide along each other.
    run(&mut whole, &press, 300);
    let worst = (0..mesh.positions().len()).map(|v| (body.positions()[v] - whole.positions()[v]).norm());
    let worst = worst.fold(0.0, f64::max);
    let sunk = (0..mesh.positions().len()).map(|v| (body.positions()[v] - body.rest(v)).norm()).fold(0.0, f64::max);
    assert!(worst < 0.5 * sunk, "{worst} mm of {sunk} mm");
}

/// A block 80 × 40 × 60 mm whose bottom is held, cut all through along a slope of 1 to 4: the faces of its tetrahedra
/// make a zigzag of it.
fn sloped(settings: Settings) -> (TetMesh, Body) {
    let mesh = straight_box([8, 4, 6], [80.0, 40.0, 60.0]);
    let mut body = Body::new(&mesh, &[(1, LIVER)], &bottom(&mesh)).unwrap().with_settings(settings);
    let sheet = [[-9.0, -9.0], [99.0, -9.0], [99.0, 99.0], [-9.0, 99.0]]
        .map(|[x, y]: [f64; 2]| Point::new(x, y, 21.0 + 0.25 * x));
    let cut = body.cut(&[[sheet[0], sheet[1], sheet[2]], [sheet[0], sheet[2], sheet[3]]], Loose::Falls);
    assert_eq!(cut.loose, 1, "{cut:?}");
    (mesh, body)
}

#[test]
fn the_sides_of_a_rough_cut_slide_on_each_other_as_smooth_ones() {
    let down = Inputs { gravity_m_s2: Vector::new(0.0, 0.0, -9.81), ..Inputs::default() };
    let start = |self_friction: f64| {
        let (mesh, body) = sloped(Settings { self_friction, damping_per_s: 0.0, ..touching() });
        (vertices_where(&mesh, |p| p.z == 60.0), body)
    };
    // As implicit Euler lets it go, h² n (n + 1) / 2, over an edge.
    let free_mm = 0.5 * 9810.0 / 3600.0 * 5.0 * 6.0 * 0.25_f64.atan().sin();
    let (top, mut body) = start(0.0);
    let health = run(&mut body, &down, 5);
    let slid = mean_move(&body, &top);
    assert!((0.85 * free_mm..1.1 * free_mm).contains(&slid.norm()), "{slid} mm of {free_mm} mm, {health:?}");
    assert!(health.inverted == 0 && health.self_depth_mm < 1.0, "{health:?}");
    // Friction of twice the slope holds it, but for what creeps: 1 mm/s, and what still settles.
    let (top, mut body) = start(0.5);
    run(&mut body, &down, 60);
    let early = mean_move(&body, &top);
    let health = run(&mut body, &down, 60);
    assert!((mean_move(&body, &top) - early).norm() < 1.5, "{} mm after {early} mm", mean_move(&body, &top));
    assert!(health.residual < 1e-2 && health.self_depth_mm < 1.0 && health.is_good(), "{health:?}");
}

#[test]
fn organs_that_overlap_at_the_start_part_gently() {
    let settings = Settings { damping_per_s: 0.0, ..touching() };
    let (mesh, mut body) = stacked(-3.0, settings);
    let upper = of_region(&mesh, 2);
    let mut fastest = 0.0_f64;
    let first = body.step(&Inputs::default());
    assert!(2.5 < first.self_depth_mm && 0 < first.self_contacts, "{first:?}");
    for _ in 0..240 {
        let health = body.step(&Inputs::default());
        assert!(health.inverted == 0 && health.note.is_none(), "{health:?}");
        fastest = upper.iter().map(|v| body.velocity(*v as usize).norm()).fold(fastest, f64::max);
    }
    assert!(body.health().self_depth_mm < 0.05, "{:?}", body.health());
    assert!(fastest < 0.1, "{fastest} m/s");
    assert!(2.0 < mean_move(&body, &upper).z, "{}", mean_move(&body, &upper));
}

#[test]
fn the_back_of_a_thin_sheet_is_not_touched_from_within() {
    let mesh = straight_box([12, 12, 1], [60.0, 60.0, 2.5]);
    let settings = Settings { self_contact: SelfContact::Always, ..touching() };
    let mut body = Body::new(&mesh, &[(1, LIVER)], &vertices_where(&mesh, |p| p.x == 0.0)).unwrap();
    body = body.with_settings(settings);
    // A sheet of several layers pinched to less than half its thickness, too.
    let ball = [Tool::sphere(Point::new(40.0, 30.0, 12.0), 10.0)];
    let floor =
        Tool { shape: Shape::Plane { normal: Vector::z() }, place_mm: Point::new(0.0, 0.0, 0.0), friction: 0.0 };
    let tools = [ball[0], floor];
    let health = run(&mut body, &Inputs { tools: &tools, ..Inputs::default() }, 60);
    assert!(health.self_contacts == 0 && 0 < health.contacts, "{health:?}");
    let mesh = straight_box([16, 16, 4], [40.0, 40.0, 6.0]);
    let mut body = Body::new(&mesh, &[(1, LIVER)], &bottom(&mesh)).unwrap().with_settings(settings);
    for frame in 0..120 {
        let z = 16.2 - 0.05 * f64::from(frame.min(72));
        let tools = [Tool::sphere(Point::new(20.0, 20.0, z), 10.0)];
        let health = body.step(&Inputs { tools: &tools, ..Inputs::default() });
        assert_eq!(health.self_contacts, 0, "frame {frame}: {health:?}");
    }
}

#[test]
fn the_frames_have_the_same_bits_on_one_thread_and_on_three() {
    let frames = || {
        let (_, mut body) = stacked(-1.0, Settings { self_friction: 0.3, ..touching() });
        run(&mut body, &Inputs { gravity_m_s2: Vector::new(2.0, 1.0, -9.81), ..Inputs::default() }, 30);
        (body.positions().to_vec(), body.health())
    };
    let (one, three) = (with_threads(1, frames), with_threads(3, frames));
    assert!(0 < one.1.self_contacts, "{:?}", one.1);
    assert_eq!(one, three);
}

#[test]
fn nothing_makes_it_stop_being_a_number() {
    let block = straight_box([2, 2, 2], [20.0; 3]);
    let mesh = together(&[(block.clone(), Vector::zeros()), (block, Vector::new(5.0, 3.0, 18.0))]);
    let mut rng = Rng::new(0x70C4);
    for case in 0..300 {
        let young_pa = [1e2, 5e3, 17e9][case % 3];
        let materials = [(1, Material { young_pa, ..LIVER }), (2, LIVER)];
        let settings =
            Settings { self_contact: SelfContact::Always, self_friction: rng.between(0.0, 1.0), ..touching() };
        let mut body = Body::loose(&mesh, &materials).unwrap().with_settings(settings);
        if case % 2 == 0 {
            body.fix(&bottom(&mesh));
        }
        let size = [1.0, 10.0, 1e3, 1e6][rng.below(4)];
        for _ in 0..8 {
            let vector = |rng: &mut Rng, size: f64| Vector::from_fn(|_, _| rng.between(-size, size));
            match rng.below(4) {
                0 => {
                    let scattered: Vec<Point> = mesh.positions().iter().map(|p| p + vector(&mut rng, size)).collect();
                    body.place(&scattered);
                }
                1 => {
                    let corner = |rng: &mut Rng| Point::from(vector(rng, 40.0));
                    let sheet = [[corner(&mut rng), corner(&mut rng), corner(&mut rng)]];
                    body.cut(&sheet, [Loose::Falls, Loose::Removed][rng.below(2)]);
                }
                _ => {}
            }
            let force = [(rng.below(54) as u32, vector(&mut rng, size))];
            let gravity_m_s2 = vector(&mut rng, 20.0);
            let health = body.step(&Inputs { gravity_m_s2, forces_n: &force, ..Inputs::default() });
            let numbers = [health.kinetic_j, health.elastic_j, health.residual, health.self_depth_mm];
            assert!(numbers.iter().all(|x| x.is_finite()), "case {case}: {health:?}");
            assert!(body.positions().iter().flat_map(|p| p.iter()).all(|x| x.is_finite()), "case {case}: {health:?}");
        }
    }
}
