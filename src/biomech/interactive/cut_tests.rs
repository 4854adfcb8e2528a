//! What cuts promise: volume, mass, a closed surface, and a body that goes on as if it had been made so.

use super::*;
use crate::base::rng::Rng;
use crate::biomech::interactive::{Inputs, Settings};
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Material};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };

/// A block 60 × 50 × 40 mm whose bottom is held.
fn block() -> (TetMesh, Body) {
    let mesh = straight_box([6, 5, 4], [60.0, 50.0, 40.0]);
    let body = Body::new(&mesh, &[(1, LIVER)], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap();
    (mesh, body)
}

/// A level sheet at height `z` up to `x` mm.
fn level(z: f64, x: f64) -> [[Point; 3]; 2] {
    let [a, b, c, d] = [[-9.0, -9.0], [x, -9.0], [x, 99.0], [-9.0, 99.0]].map(|[x, y]| Point::new(x, y, z));
    [[a, b, c], [a, c, d]]
}

#[test]
fn a_cut_keeps_volume_and_mass_and_closes_the_surface() {
    let (mesh, mut body) = block();
    let (mass, tets) = (body.mass_kg(), body.tets().len());
    let cut = body.cut(&level(21.0, 31.0), Loose::Falls);
    assert!(0 < cut.faces && 0 < cut.copies && cut.removed == 0 && cut.loose == 0, "{cut:?}");
    let after = body.rest_mesh();
    assert_eq!(after.tets().len(), tets);
    assert!((after.volume_ml() / mesh.volume_ml() - 1.0).abs() < 1e-12);
    assert!((body.mass_kg() - mass).abs() < 1e-15);
    assert_eq!(after.boundary().0.open_edges(), 0);
    assert_eq!(body.positions().len(), mesh.positions().len() + cut.copies);
    assert_eq!(body.cut(&level(21.0, 31.0), Loose::Falls), Cut::default(), "what is open cannot be cut again");
}

#[test]
fn cut_faces_lie_on_the_sheet_and_tissue_stays_where_it_is() {
    // Aslant, so that no plane of the mesh is near, in a body that is bent.
    let sheet = |body: &Body| {
        let at = |x: f64, y: f64| Point::new(x, y, 22.0 + 0.3 * (x - 30.0) + 0.2 * (y - 25.0));
        let [a, b, c, d] = [at(-20.0, -20.0), at(99.0, -20.0), at(99.0, 99.0), at(-20.0, 99.0)];
        let normal = (b - a).cross(&(d - a)).normalize();
        let off = move |p: &Point| (p - a).dot(&normal).abs();
        (body.positions().len(), [[a, b, c], [a, c, d]], off)
    };
    let mesh = straight_box([12, 10, 8], [60.0, 50.0, 40.0]);
    let mut body = Body::new(&mesh, &[(1, LIVER)], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap();
    let inputs = Inputs { gravity_m_s2: Vector::new(9.81, 0.0, -9.81), ..Inputs::default() };
    (0..30).for_each(|_| _ = body.step(&inputs));
    let (count, sheet, off) = sheet(&body);
    let (energy, before) = (body.health().elastic_j, body.positions().to_vec());
    let cut = body.cut(&sheet, Loose::Falls);
    let outside =
        vertices_where(&mesh, |p| p.x == 0.0 || p.x == 60.0 || p.y == 0.0 || p.y == 50.0 || p.z == 0.0 || p.z == 40.0);
    // Copies are the vertices of the cut; what they were copied from is at the same place.
    let inner: Vec<usize> = (count..count + cut.copies)
        .filter(|copy| outside.iter().all(|v| body.rest(*v as usize) != body.rest(*copy)))
        .collect();
    assert!(100 < inner.len());
    let on = inner.iter().filter(|v| off(&body.positions()[**v]) < 1e-6).count();
    assert!(0.8 * inner.len() as f64 <= on as f64, "{on} of {} are on the sheet", inner.len());
    let rough = before.iter().map(&off).filter(|off| *off < 2.5).fold(0.0, f64::max);
    let farthest = inner.iter().map(|v| off(&body.positions()[*v])).fold(0.0, f64::max);
    assert!(farthest < rough, "{farthest} mm of {rough}");
    // Nothing of the outside moved, and what is stored in the tissue is as it was.
    assert!(outside.iter().all(|v| body.rest(*v as usize) == mesh.positions()[*v as usize]));
    let mut after = body.with_settings(Settings { step_s: 1e-6, ..Settings::default() });
    let health = after.step(&Inputs::default());
    assert!((health.elastic_j / energy - 1.0).abs() < 0.05, "{} of {energy} J", health.elastic_j);
    assert!(0.0 < health.worst_element.1 && health.inverted == 0);
}

#[test]
fn a_cut_body_moves_as_one_that_was_made_with_the_slit() {
    let (mesh, mut body) = block();
    body.cut(&level(21.0, 31.0), Loose::Falls);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let mut made = Body::new(&body.rest_mesh(), &[(1, LIVER)], &fixed).unwrap();
    let inputs = Inputs { gravity_m_s2: Vector::new(9.81, 0.0, 9.81), ..Inputs::default() };
    for _ in 0..20 {
        assert_eq!(body.step(&inputs), made.step(&inputs));
    }
    assert_eq!(body.positions(), made.positions());
    let mut whole = block().1;
    (0..20).for_each(|_| _ = whole.step(&inputs));
    let lifted = |body: &Body| body.positions().iter().map(|p| p.z).fold(0.0, f64::max);
    assert!(lifted(&whole) + 1.0 < lifted(&body), "{} {}", lifted(&whole), lifted(&body));
}

#[test]
fn a_part_that_is_cut_off_falls_stays_or_goes() {
    let up = Inputs { gravity_m_s2: Vector::new(0.0, 0.0, 9.81), ..Inputs::default() };
    let through = level(21.0, 99.0);
    let (mesh, mut falls) = block();
    let settings = Settings { damping_per_s: 0.0, ..Settings::default() };
    falls = falls.with_settings(settings);
    let cut = falls.cut(&through, Loose::Falls);
    assert_eq!(cut.loose, 1, "{cut:?}");
    (0..10).for_each(|_| _ = falls.step(&up));
    let fallen = falls.positions()[mesh.positions().len() - 1].z - 40.0;
    assert!((fallen - 9810.0 / 3600.0 * 55.0).abs() < 1e-3, "{fallen} mm");
    let (_, mut stays) = block();
    assert_eq!(stays.cut(&through, Loose::Stays).loose, 0);
    (0..10).for_each(|_| _ = stays.step(&up));
    assert_eq!(stays.positions()[mesh.positions().len() - 1].z, 40.0);
    let (_, mut goes) = block();
    let cut = goes.cut(&through, Loose::Removed);
    assert!(cut.removed_ml < mesh.volume_ml() && 0 < cut.removed, "{cut:?}");
    assert!((goes.rest_mesh().volume_ml() + cut.removed_ml - mesh.volume_ml()).abs() < 1e-9);
    assert!((0..10).map(|_| goes.step(&up)).all(|health| health.is_good()));
}

#[test]
fn removed_tetrahedra_are_gone_and_the_rest_lives_on() {
    let (mesh, mut body) = block();
    let inputs = Inputs { gravity_m_s2: Vector::new(0.0, 0.0, -9.81), ..Inputs::default() };
    (0..5).for_each(|_| _ = body.step(&inputs));
    let cut = body.remove_elements(&(300..420).collect::<Vec<u32>>(), Loose::Falls);
    assert_eq!((cut.removed, body.tets().len()), (120, mesh.tets().len() - 120));
    assert_eq!(body.origin()[300], 420);
    assert!((0..60).map(|_| body.step(&inputs)).all(|health| health.inverted == 0));
    assert_eq!(body.remove_elements(&[], Loose::Falls), Cut::default());
    let all: Vec<u32> = (0..body.tets().len() as u32).collect();
    assert_eq!(body.remove_elements(&all, Loose::Falls), Cut::default());
}

#[test]
fn vertices_without_tetrahedra_do_not_hold_the_rest() {
    let (mesh, mut body) = block();
    let in_corner =
        |tet: &[u32; 4]| tet.iter().all(|v| 40.0 <= body.rest(*v as usize).x && 20.0 <= body.rest(*v as usize).z);
    let corner: Vec<u32> = (0..).zip(body.tets()).filter(|(_, tet)| in_corner(tet)).map(|(n, _)| n).collect();
    body.remove_elements(&corner, Loose::Falls);
    let left = body.rest_mesh();
    assert!(left.positions().len() < mesh.positions().len(), "they are not in the mesh that is left");
    let inputs = Inputs { gravity_m_s2: Vector::new(9.81, 0.0, 0.0), ..Inputs::default() };
    assert!((0..60).map(|_| body.step(&inputs)).all(|health| health.is_good()));
    let moved_mm = (0..mesh.positions().len()).map(|v| (body.positions()[v] - body.rest(v)).norm()).fold(0.0, f64::max);
    assert!(1.0 < moved_mm, "{moved_mm} mm");
    let fixed = vertices_where(&left, |p| p.z == 0.0);
    let mut made = Body::new(&left, &[(1, LIVER)], &fixed).unwrap();
    assert!((0..60).map(|_| made.step(&inputs)).all(|health| health.is_good()));
    let same_mm = made.positions().iter().map(|p| p.x).fold(0.0, f64::max)
        - body.positions().iter().map(|p| p.x).fold(0.0, f64::max);
    assert!(same_mm.abs() < 0.5 * moved_mm, "{same_mm} mm");
}

#[test]
fn cuts_in_motion_at_random_never_break_it() {
    let (_, mut body) = block();
    let inputs = Inputs { gravity_m_s2: Vector::new(9.81, 0.0, 0.0), ..Inputs::default() };
    let mut t = 0.0_f64;
    for _ in 0..25 {
        let mut next = |size: f64| {
            t += 1.0;
            size * (12.9898 * t).sin()
        };
        let mut corner = || Point::new(30.0 + next(60.0), 25.0 + next(60.0), 20.0 + next(60.0));
        let sheet = [[corner(), corner(), corner()], [corner(), corner(), corner()]];
        let mass = body.mass_kg();
        body.cut(&sheet, Loose::Falls);
        assert!((body.mass_kg() - mass).abs() < 1e-12);
        assert_eq!(body.rest_mesh().boundary().0.open_edges(), 0);
        for _ in 0..4 {
            assert!(body.step(&inputs).elastic_j.is_finite());
        }
    }
}

/// Sheets of every kind a hand may draw: anywhere, through vertices, along faces, slivers, the same again, no numbers.
fn sheet(rng: &mut Rng, body: &Body, last: &[[Point; 3]]) -> Vec<[Point; 3]> {
    let anywhere =
        |rng: &mut Rng| Point::new(rng.between(-8.0, 68.0), rng.between(-8.0, 58.0), rng.between(-8.0, 48.0));
    let vertex = |rng: &mut Rng| body.positions()[rng.below(body.positions().len())];
    let count = 1 + rng.below(3);
    let triangle = |rng: &mut Rng| match rng.below(6) {
        0 => [vertex(rng), vertex(rng), vertex(rng)],
        1 => {
            let tet = body.tets()[rng.below(body.tets().len())];
            [tet[0], tet[1], tet[2]].map(|v| body.positions()[v as usize])
        }
        2 => {
            let (a, b) = (anywhere(rng), anywhere(rng));
            [a, b, a + (b - a) * 0.5]
        }
        3 => [anywhere(rng), Point::new(f64::NAN, 0.0, 0.0), anywhere(rng)],
        _ => [anywhere(rng), anywhere(rng), anywhere(rng)],
    };
    if rng.below(10) == 0 { last.to_vec() } else { (0..count).map(|_| triangle(rng)).collect() }
}

/// All that follows from the mesh, as bits.
fn derived(body: &Body) -> (Vec<u32>, Vec<[u16; 4]>, Vec<u16>, Vec<u32>, Vec<u64>, Vec<[u32; 3]>) {
    let topology = &body.topology;
    let lists = [&topology.corner_starts, &topology.corners, &topology.row_starts, &topology.columns];
    let single = body.stiffness.laplace.iter().chain(&body.stiffness.bulk).map(|x| x.to_bits());
    let constants = body.constants.iter().flat_map(|c| [c.own.to_bits(), c.shared.to_bits()]);
    let double = body.mass.iter().chain(&body.grip).map(|x| x.to_bits());
    (
        lists.into_iter().flatten().copied().collect(),
        topology.slots.clone(),
        topology.diagonal.clone(),
        single.chain(constants).collect(),
        double.collect(),
        body.surface().collect(),
    )
}

#[test]
fn after_a_cut_all_has_the_bits_it_has_when_derived_anew() {
    let (_, whole) = block();
    let mut rng = Rng::new(0xB175);
    let inputs = Inputs { gravity_m_s2: Vector::new(0.0, 9.81, -9.81), ..Inputs::default() };
    let mut faces = 0;
    for _ in 0..30 {
        let (mut body, mut last) = (whole.clone(), Vec::new());
        // Bites leave tetrahedra that hang together in a vertex or an edge only.
        let bite: Vec<u32> = (0..body.tets().len() as u32).filter(|_| rng.below(4) == 0).collect();
        body.remove_elements(&bite, Loose::Stays);
        for n in 0..8 {
            last = sheet(&mut rng, &body, &last);
            faces += body.cut(&last, [Loose::Falls, Loose::Stays, Loose::Removed][n % 3]).faces;
            let mut anew = body.clone();
            anew.rebuild();
            assert_eq!(derived(&body), derived(&anew), "cut {n}");
            assert_eq!(body.step(&inputs), anew.step(&inputs), "cut {n}");
            assert_eq!(body.positions(), anew.positions(), "cut {n}");
        }
    }
    assert!(500 < faces, "{faces} faces were opened");
}

#[test]
fn ten_thousand_cuts_keep_the_books_balanced() {
    let (mesh, whole) = block();
    let mut rng = Rng::new(0xC0_7735);
    let (mut cuts, mut faces) = (0, 0);
    while cuts < 10_000 {
        let (mut body, mut taken_ml, mut last) = (whole.clone(), 0.0, Vec::new());
        for n in 0..40 {
            last = sheet(&mut rng, &body, &last);
            let loose = [Loose::Falls, Loose::Stays, Loose::Removed][rng.below(3)];
            let cut = body.cut(&last, loose);
            (cuts, faces, taken_ml) = (cuts + 1, faces + cut.faces, taken_ml + cut.removed_ml);
            let left = body.rest_mesh();
            let missing_ml = mesh.volume_ml() - left.volume_ml() - taken_ml;
            assert!(missing_ml.abs() < 1e-9, "{missing_ml} ml are missing after cut {n}: {cut:?}");
            if n % 10 == 9 {
                let inputs = Inputs { gravity_m_s2: Vector::new(0.0, 9.81, -9.81), ..Inputs::default() };
                body.step(&inputs);
                assert!(body.positions().iter().all(|p| p.iter().all(|x| x.is_finite())));
            }
        }
        assert_eq!(body.rest_mesh().boundary().0.open_edges(), 0);
    }
    assert!(10_000 < faces, "{faces} faces were opened");
}
