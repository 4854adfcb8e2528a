//! What a needle in a live body promises: the forces it was told, the same shift of a target as the accurate needle, and
//! a body that is whole again when it is out.

use super::*;
use crate::base::Progress;
use crate::biomech::interactive::{Inputs, Settings};
use crate::biomech::needle::{Insertion, Needle, Path, Resistance, STEEL_PA, insert};
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Material};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };
const FORCES: NeedleForces = NeedleForces { puncture_n: 0.2, cutting_n: 0.1, friction_n_m: 5.0 };
const ENTRY: Point = Point::new(30.0, 30.0, 60.0);
const TARGET: Point = Point::new(30.0, 30.0, 20.0);

/// A block of liver, 60 mm a side, whose bottom is held.
fn block(cells: usize) -> (TetMesh, Body) {
    let mesh = straight_box([cells; 3], [60.0; 3]);
    let body = Body::new(&mesh, &[(1, LIVER)], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap();
    (mesh, body.with_settings(Settings { damping_per_s: 10.0, ..Settings::default() }))
}

fn run(body: &mut Body, frames: usize) -> Vec<NeedleSeen> {
    (0..frames)
        .filter_map(|_| {
            let health = body.step(&Inputs::default());
            assert!(health.elastic_j.is_finite() && health.inverted == 0, "{health:?}");
            body.needle()
        })
        .collect()
}

#[test]
fn force_rises_to_the_puncture_falls_and_rises_by_friction() {
    let (_, mut body) = block(8);
    body.set_needle(ENTRY, &TARGET, FORCES, 5.0).unwrap();
    body.push_needle(40.0);
    let seen = run(&mut body, 200);
    let first = seen.iter().position(|seen| seen.punctured).unwrap();
    let peak = seen[..=first].iter().map(|seen| seen.push_n).fold(0.0, f64::max);
    assert!((peak / 0.2 - 1.0).abs() < 0.02, "{peak} N at puncture");
    let least = seen[first..].iter().map(|seen| seen.push_n).fold(f64::INFINITY, f64::min);
    assert!(least < 0.14, "{least} N after it");
    let end = seen.last().unwrap();
    // The surface is dragged in, so that a little less than 40 mm are in the tissue.
    let expected = 0.1 + 5.0 * 0.040;
    assert!((end.push_n / expected - 1.0).abs() < 0.08, "{} N of {expected}", end.push_n);
    assert!((end.tip_mm - Point::new(30.0, 30.0, 20.0)).norm() < 1e-9 && end.across_n < 0.03, "{end:?}");
    // Drawn back friction turns round, and out it leaves the body as it was.
    body.push_needle(-5.0);
    let back = run(&mut body, 20);
    assert!(back.last().unwrap().push_n < -0.05, "{:?}", back.last());
    run(&mut body, 300);
    assert_eq!(body.needle(), None);
    let off = (0..body.positions().len()).map(|v| (body.positions()[v] - body.rest(v)).norm()).fold(0.0, f64::max);
    assert!(off < 0.05, "{off} mm");
}

#[test]
fn it_drags_tissue_along_as_the_accurate_needle_does() {
    let (mesh, mut body) = block(12);
    body.set_needle(ENTRY, &TARGET, FORCES, 5.0).unwrap();
    body.push_needle(40.0);
    run(&mut body, 400);
    let resistance = Resistance {
        puncture_n: 0.2,
        cutting_n: 0.1,
        friction_n_m: 5.0,
        side_ratio: 0.0,
        side_towards: Vector::new(1.0, 0.0, 0.0),
    };
    let needle = Needle { outer_mm: 1.0, inner_mm: 0.0, length_mm: 150.0, young_pa: STEEL_PA };
    let path = Path { entry_mm: ENTRY, target_mm: Point::new(30.0, 30.0, 20.0), guide_mm: None, step_mm: 2.0 };
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let materials = [(1, LIVER)];
    let insertion = Insertion { mesh: &mesh, materials: &materials, fixed: &fixed, needle, resistance, path };
    let (inserted, accurate, _) = insert(&insertion, &Progress::default()).unwrap();
    let (hand, right) = (body.needle().unwrap().push_n, inserted.samples.last().unwrap().force_n);
    assert!((hand / right - 1.0).abs() < 0.05, "{hand} N against {right}");
    // Along the needle, beside its track: a force on a line leaves at the track, and at its end, what the mesh makes of it.
    for place in [[15.0, 30.0, 30.0], [45.0, 45.0, 45.0], [30.0, 15.0, 60.0]] {
        let v = vertices_where(&mesh, |p| (p - Point::from(place)).norm() < 1e-9)[0] as usize;
        let (live, right) = ((body.positions()[v] - body.rest(v)).z, accurate.displacement_mm[v].z);
        assert!((live / right - 1.0).abs() < 0.08, "{place:?}: {live:?} against {right:?} mm");
    }
}

#[test]
fn it_comes_out_at_the_far_side_and_lives_through_cuts_and_odd_numbers() {
    let (_, mut body) = block(6);
    let far = body.set_needle(Point::new(30.0, 30.0, 90.0), &TARGET, FORCES, 5.0);
    assert_eq!(far, Err(NeedleRefused::Away { away_mm: 30.0 }));
    for target in [ENTRY, Point::new(30.0, 30.0, 80.0)] {
        assert_eq!(body.set_needle(ENTRY, &target, FORCES, 5.0), Err(NeedleRefused::Outwards));
    }
    // The line goes through the target wherever the entry is moved to.
    body.set_needle(Point::new(-4.0, 20.0, 45.0), &Point::new(40.0, 30.0, 45.0), FORCES, 5.0).unwrap();
    let seen = body.needle().unwrap();
    assert!(seen.entry_mm.x == 0.0 && !body.needle_travels());
    assert_eq!(body.set_needle(ENTRY, &ENTRY, FORCES, 5.0), Err(NeedleRefused::Outwards));
    assert_eq!(body.needle(), Some(seen), "a refused needle leaves the other one");
    body.set_needle(Point::new(0.0, 30.0, 45.0), &Point::new(40.0, 30.0, 45.0), FORCES, 5.0).unwrap();
    body.push_needle(f64::NAN);
    body.push_needle(75.0);
    let through = run(&mut body, 200);
    let end = through.last().unwrap();
    assert!((end.push_n / (5.0 * 0.060) - 1.0).abs() < 0.15, "only friction is left: {end:?}");
    assert!(!body.needle_travels());
    // Drawn back into the tissue it cuts on when it is pushed again.
    body.push_needle(40.0);
    run(&mut body, 60);
    body.push_needle(50.0);
    let again = run(&mut body, 20).last().unwrap().push_n;
    assert!((again / (0.1 + 5.0 * 0.050) - 1.0).abs() < 0.2, "{again} N");
    let at = |y: f64, z: f64| Point::new(33.0, y, z);
    let cut = body.cut(
        &[[at(-9.0, 20.0), at(99.0, 20.0), at(-9.0, 99.0)], [at(99.0, 20.0), at(99.0, 99.0), at(-9.0, 99.0)]],
        Loose::Stays,
    );
    assert!(0 < cut.faces);
    run(&mut body, 60);
    let taken = body.remove_elements(&(0..200).collect::<Vec<u32>>(), Loose::Stays);
    assert_eq!(taken.removed, 200);
    run(&mut body, 60);
    let forces = body.needle_forces_n();
    let sum: Vector = forces.iter().map(|(_, force)| force).sum();
    assert!(forces.iter().all(|(v, _)| (*v as usize) < body.positions().len()) && sum.norm() < 1.0, "{sum}");
    body.reset();
    assert_eq!(body.needle(), None);
}
