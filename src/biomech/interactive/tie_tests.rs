//! What threads and staples promise: they draw together what they join, carry what hangs on them, and nothing else.

use super::*;
use crate::biomech::interactive::{Inputs, Settings};
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Material};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };

/// A block 30 × 30 × 60 mm whose top is held, cut off at z = 30 mm.
fn parted() -> (TetMesh, Body) {
    let mesh = straight_box([3, 3, 6], [30.0, 30.0, 60.0]);
    let mut body = Body::new(&mesh, &[(1, LIVER)], &vertices_where(&mesh, |p| p.z == 60.0)).unwrap();
    let [a, b, c, d] = [[-9.0, -9.0], [99.0, -9.0], [99.0, 99.0], [-9.0, 99.0]].map(|[x, y]| Point::new(x, y, 31.0));
    let cut = body.cut(&[[a, b, c], [a, c, d]], Loose::Falls);
    assert_eq!(cut.loose, 1);
    (mesh, body)
}

/// Vertices of both sides of a cut that are one place at rest.
fn lips(mesh: &TetMesh, body: &Body) -> Vec<[u32; 2]> {
    let count = mesh.positions().len();
    let twin = |copy: usize| (0..count).find(|v| body.rest(*v) == body.rest(copy)).map(|v| [v as u32, copy as u32]);
    (count..body.positions().len()).filter_map(twin).collect()
}

fn settle(body: &mut Body, gravity: Vector, frames: usize) -> Health {
    let inputs = Inputs { gravity_m_s2: gravity, ..Inputs::default() };
    (0..frames).map(|_| body.step(&inputs)).last().unwrap()
}

const DOWN: Vector = Vector::new(0.0, 0.0, -9.81);

#[test]
fn threads_carry_what_hangs_on_them() {
    let (mesh, mut body) = parted();
    let hanging: f64 = (0..body.positions().len()).filter(|v| body.pieces.of(*v).is_some()).map(|v| body.mass[v]).sum();
    let pairs = lips(&mesh, &body);
    assert!(9 <= pairs.len());
    for ends in &pairs {
        body.tie(&[Tie { ends: *ends, length_mm: 0.0, pushes: false }]).unwrap();
    }
    let mut body = body.with_settings(Settings { damping_per_s: 10.0, ..Settings::default() });
    let health = settle(&mut body, DOWN, 400);
    assert!(health.is_good() && health.residual < 1e-2, "{health:?}");
    let (mut upwards, mut gap) = (0.0, 0.0_f64);
    for tied in body.tied() {
        let line = tied.places_mm[1] - tied.places_mm[0];
        // The end that is not loose is above.
        let sign = if body.pieces.of(tied.ends[0] as usize).is_some() { 1.0 } else { -1.0 };
        upwards += sign * tied.tension_n * line.normalize().z;
        gap = gap.max(line.norm());
    }
    let weight = 9.81 * hanging;
    assert!((upwards / weight - 1.0).abs() < 0.01, "threads pull {upwards} N up, {weight} N hang on them");
    assert!(gap < 1.0, "{gap} mm");
    // One thread less and the others carry it; none and it falls.
    assert!(body.untie(0) && !body.untie(0) && !body.untie(999));
    settle(&mut body, DOWN, 60);
    assert_eq!(body.tied().count(), pairs.len() - 1);
    (0..pairs.len()).for_each(|n| _ = body.untie(n));
    let before = body.positions().iter().map(|p| p.z).fold(f64::INFINITY, f64::min);
    settle(&mut body, DOWN, 20);
    assert!(body.positions().iter().map(|p| p.z).fold(f64::INFINITY, f64::min) + 100.0 < before);
}

#[test]
fn a_thread_draws_together_and_keeps_momentum_and_a_slack_one_does_nothing() {
    let (mesh, _) = parted();
    let mut body = Body::loose(&mesh, &[(1, LIVER)]).unwrap();
    let top = vertices_where(&mesh, |p| *p == Point::new(0.0, 0.0, 60.0))[0];
    let below = vertices_where(&mesh, |p| *p == Point::new(0.0, 0.0, 0.0))[0];
    body.tie(&[Tie { ends: [top, below], length_mm: 80.0, pushes: false }]).unwrap();
    settle(&mut body, Vector::zeros(), 60);
    assert!(body.positions().iter().zip(mesh.positions()).all(|(now, then)| (now - then).norm() < 1e-6));
    body.untie(0);
    body.tie(&[Tie { ends: [top, below], length_mm: 40.0, pushes: false }]).unwrap();
    let apart = |body: &Body| (body.positions()[top as usize] - body.positions()[below as usize]).norm();
    let mut fastest = 0.0_f64;
    for _ in 0..40 {
        let before = apart(&body);
        settle(&mut body, Vector::zeros(), 1);
        fastest = fastest.max(before - apart(&body));
        let speed = body.mass.iter().zip(&body.v).map(|(m, v)| m * Vector::from(*v).norm()).sum::<f64>();
        assert!(body.momentum().norm() < 1e-4 * speed.max(1e-6), "{} of {speed}", body.momentum().norm());
    }
    assert!((apart(&body) - 40.0).abs() < 2.0, "{}", apart(&body));
    assert!(fastest < 2.0, "a hand draws 0.83 mm a frame, the ends came {fastest} mm");
}

#[test]
fn a_staple_holds_apart_what_a_thread_would_let_close() {
    let (mesh, _) = parted();
    let top = vertices_where(&mesh, |p| *p == Point::new(0.0, 0.0, 60.0))[0];
    let below = vertices_where(&mesh, |p| *p == Point::new(0.0, 0.0, 30.0))[0];
    let apart = |pushes: bool| {
        let mut body = Body::new(&mesh, &[(1, LIVER)], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap();
        body.tie(&[Tie { ends: [top, below], length_mm: 30.0, pushes }]).unwrap();
        let mut body = body.with_settings(Settings { damping_per_s: 10.0, ..Settings::default() });
        settle(&mut body, DOWN, 200);
        let tension = body.tied().next().unwrap().tension_n;
        ((body.positions()[top as usize] - body.positions()[below as usize]).norm(), tension)
    };
    let (thread, staple) = (apart(false), apart(true));
    assert!(thread.0 < 29.5 && thread.1 == 0.0, "{thread:?}");
    assert!((staple.0 - 30.0).abs() < 0.15 && staple.1 < 0.0, "{staple:?}");
}

#[test]
fn a_part_that_is_tied_on_lives_on_and_what_cannot_be_tied_is_refused() {
    let (mesh, mut body) = parted();
    let pairs = lips(&mesh, &body);
    body.tie(&[Tie { ends: pairs[0], length_mm: 2.0, pushes: false }]).unwrap();
    assert_eq!((body.freeze_loose(), body.pieces.count()), (0, 1));
    body.untie(0);
    assert_eq!((body.freeze_loose(), body.pieces.count()), (1, 0));
    let count = body.positions().len() as u32;
    for ends in [[3, 3], [0, count]] {
        assert!(body.tie(&[Tie { ends, length_mm: 1.0, pushes: false }]).is_err(), "{ends:?}");
    }
    assert!(body.tie(&[]).is_err());
    body.tie(&[Tie { ends: [0, 1], length_mm: f64::NAN, pushes: true }]).unwrap();
    let health = settle(&mut body, Vector::zeros(), 60);
    assert!(body.positions().iter().all(|p| p.iter().all(|x| x.is_finite())), "{health:?}");
}
