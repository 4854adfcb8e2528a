//! What the second level promises: a preconditioner, exact for what the grid can tell, and the same answers sooner.

use super::coarse::Coarse;
use super::matrix::Four;
use super::*;
use crate::base::parallel::with_threads;
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Material};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const TISSUE: Material =
    Material { young_pa: 5000.0, poisson: 0.49, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };
const SIDEWAYS: Vector = Vector::new(9.81, 0.0, 0.0);

fn block() -> TetMesh {
    straight_box([12, 10, 8], [60.0, 50.0, 40.0])
}

fn held(mesh: &TetMesh, two_levels: bool, iterations_max: usize) -> Body {
    let settings = Settings { two_levels, iterations_max, ..Settings::default() };
    Body::new(mesh, &[(1, TISSUE)], &vertices_where(mesh, |p| p.z == 0.0)).unwrap().with_settings(settings)
}

fn weight() -> Inputs<'static> {
    Inputs { gravity_m_s2: SIDEWAYS, ..Inputs::default() }
}

fn run(body: &mut Body, frames: usize) -> Health {
    (0..frames).map(|_| body.step(&weight())).last().unwrap()
}

/// A body after its first frame, and its coarse level.
fn begun() -> (Body, Coarse) {
    let mut body = held(&block(), true, 20);
    run(&mut body, 1);
    let coarse = body.coarse.clone().unwrap();
    assert!(coarse.helps());
    (body, coarse)
}

/// Numbers that look random, 0 where the body is held.
fn noise(body: &Body, seed: f32) -> Vec<Four> {
    let of = |(n, free): (u16, &Four)| {
        std::array::from_fn(|i| ((f32::from(n) * (1.3 + i as f32) * seed).sin() * 41.7).fract() * free[i])
    };
    (0..).zip(&body.free).map(of).collect()
}

fn dot(a: &[Four], b: &[Four]) -> f64 {
    a.as_flattened().iter().zip(b.as_flattened()).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn solved(coarse: &mut Coarse, body: &Body, r: &[Four]) -> (Vec<Four>, f64) {
    let work = coarse.solve(r);
    (body.free.iter().enumerate().map(|(v, free)| coarse.at(v, free)).collect(), work)
}

fn largest_mm(a: &[Point], b: &[Point]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
}

#[test]
fn it_is_symmetric_positive_and_says_its_work() {
    let (body, mut coarse) = begun();
    let (r, s) = (noise(&body, 0.7), noise(&body, 1.1));
    let ((of_r, work), (of_s, _)) = (solved(&mut coarse, &body, &r), solved(&mut coarse, &body, &s));
    let (across, back) = (dot(&s, &of_r), dot(&r, &of_s));
    assert!((across - back).abs() < 1e-4 * work, "{across} J against {back} J");
    assert!(0.0 < work && (work - dot(&r, &of_r)).abs() < 1e-4 * work, "{work} J against {} J", dot(&r, &of_r));
    // The work of any forces is positive, and nothing held moves.
    assert!((1..30).all(|n| 0.0 < solved(&mut coarse, &body, &noise(&body, 0.1 * n as f32)).1));
    assert!(of_r.iter().zip(&body.free).all(|(way, free)| (0..3).all(|i| free[i] != 0.0 || way[i] == 0.0)));
}

/// Forces H x of a movement x = P y give x back: the Galerkin matrix is that of the stiffness.
#[test]
fn what_the_grid_can_tell_is_solved_exactly() {
    let (mut body, _) = begun();
    // Stiffness and coarse level of the same place.
    body.coarse = None;
    run(&mut body, 1);
    let mut coarse = body.coarse.clone().unwrap();
    let (x, _) = solved(&mut coarse, &body, &noise(&body, 0.9));
    let pressure: Vec<f32> = (0..x.len()).map(|v| body.stiffness.pressure(&body.topology, v, &x)).collect();
    let row = |v: usize| {
        let product = body.stiffness.row_product(&body.topology, v, &x, &pressure);
        std::array::from_fn(|i| if i < 3 { product[i] * body.free[v][i] } else { 0.0 })
    };
    let r: Vec<Four> = (0..x.len()).map(row).collect();
    let (found, _) = solved(&mut coarse, &body, &r);
    let missed: Vec<Four> = found.iter().zip(&x).map(|(a, b)| std::array::from_fn(|i| a[i] - b[i])).collect();
    let error = (dot(&missed, &missed) / dot(&x, &x)).sqrt();
    assert!(error < 5e-3, "{error}");
}

#[test]
fn fewer_iterations_leave_as_little_even_in_a_turned_body() {
    let mesh = straight_box([20, 16, 12], [100.0, 80.0, 60.0]);
    let of = |two_levels: bool| {
        let mut body = held(&mesh, two_levels, 1500);
        let upright = run(&mut body, 1).iterations;
        let mut free = Body::loose(&mesh, &[(1, TISSUE)]).unwrap().with_settings(body.settings);
        run(&mut free, 1);
        let turn = nalgebra::Rotation3::from_euler_angles(1.2, -0.7, 0.9);
        let bent = |p: &Point| turn * Point::new(p.x + 0.1 * p.z, p.y, p.z - 1e-3 * p.x * p.x);
        free.place(&mesh.positions().iter().map(bent).collect::<Vec<Point>>());
        [upright, run(&mut free, 1).iterations]
    };
    let ([two, two_turned], [one, one_turned]) = (of(true), of(false));
    assert!(2 * two < one, "{two} against {one}");
    assert!(3 * two_turned < 2 * one_turned, "{two_turned} against {one_turned}");
}

#[test]
fn it_comes_to_the_same_rest() {
    let mesh = block();
    let rest = |two_levels: bool| {
        let mut body = held(&mesh, two_levels, if two_levels { 12 } else { 40 });
        let grasp = body.grasp(&vertices_where(&mesh, |p| p.z == 40.0 && p.x <= 10.0)).unwrap();
        body.drag(grasp, &Vector::new(0.0, 0.0, 8.0));
        let health = run(&mut body, 150);
        assert!(health.is_good() && health.residual < 1e-4, "{health:?}");
        (body.positions().to_vec(), body.grasp_force_n(grasp))
    };
    let ((two, force), (one, same)) = (rest(true), rest(false));
    assert!(largest_mm(&two, &one) < 2e-3 * largest_mm(&one, mesh.positions()), "{} mm", largest_mm(&two, &one));
    assert!((force - same).norm() < 2e-3 * same.norm(), "{force} against {same} N");
}

#[test]
fn after_cuts_and_holes_it_still_comes_to_the_same_rest() {
    let mesh = block();
    let rest = |two_levels: bool| {
        let mut body = held(&mesh, two_levels, if two_levels { 12 } else { 40 });
        // At rest before the cut: a blade parts what is before it, and on the way down that would not be the same.
        run(&mut body, 150);
        // Down to the middle, across.
        let at = |y: f64, z: f64| Point::new(31.0, y, z);
        let sheet =
            [[at(-99.0, 20.0), at(150.0, 20.0), at(-99.0, 99.0)], [at(150.0, 20.0), at(150.0, 99.0), at(-99.0, 99.0)]];
        let cut = body.cut(&sheet, Loose::Falls);
        assert!(20 < cut.copies && cut.loose == 0, "{cut:?}");
        body.remove_elements(&(0..200).collect::<Vec<u32>>(), Loose::Falls);
        let health = run(&mut body, 200);
        assert!(health.residual < 1e-4 && health.note.is_none(), "{health:?}");
        let (left, _) = body.rest_mesh_and_vertices();
        let used = (0..body.positions().len()).filter(|v| !body.topology.row(*v).is_empty());
        let places: Vec<Point> = used.map(|v| body.positions()[v]).collect();
        (places, left.positions().to_vec())
    };
    let ((two, _), (one, before)) = (rest(true), rest(false));
    let moved = largest_mm(&one, &before);
    assert!(largest_mm(&two, &one) < 3e-3 * moved, "{} of {moved} mm", largest_mm(&two, &one));
}

#[test]
fn a_part_cut_off_falls_as_fast_as_it_must() {
    let mesh = block();
    let mut body = held(&mesh, true, 20);
    let settings = Settings { damping_per_s: 0.0, ..body.settings };
    body = body.with_settings(settings);
    run(&mut body, 2);
    let at = |x: f64, y: f64| Point::new(x, y, 20.0);
    let cut = body.cut(&[[at(-300.0, -99.0), at(300.0, -99.0), at(30.0, 300.0)]], Loose::Falls);
    assert_eq!(cut.loose, 1, "{cut:?}");
    let momentum = |body: &Body| -> f64 {
        (0..body.v.len()).filter(|v| body.pieces.of(*v).is_some()).map(|v| body.mass[v] * body.v[v][0]).sum()
    };
    let mass: f64 = (0..body.v.len()).filter(|v| body.pieces.of(*v).is_some()).map(|v| body.mass[v]).sum();
    let before = momentum(&body);
    run(&mut body, 30);
    let gained = (momentum(&body) - before) / mass;
    assert!((gained - 9.81 * 0.5).abs() < 1e-3 * 4.9, "{gained} m/s in half a second");
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads_nor_on_what_was_before() {
    let mesh = block();
    let frames = |body: &mut Body| {
        run(body, 4);
        body.positions().to_vec()
    };
    let once = with_threads(1, || frames(&mut held(&mesh, true, 12)));
    let again = with_threads(3, || {
        let mut body = held(&mesh, true, 12);
        body.step(&Inputs { gravity_m_s2: Vector::new(0.0, 50.0, 0.0), ..Inputs::default() });
        body.reset();
        frames(&mut body)
    });
    assert_eq!(once, again);
}
