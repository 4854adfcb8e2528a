//! What is done once can be done again.

use super::*;
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Material};

fn liver() -> Material {
    let law = Material::hyperelastic(Hyperelastic::NeoHookean, 0.45, 1060.0, 0.3);
    Material { young_pa: 5e3, ..law }
}

fn body() -> Body {
    let mesh = straight_box([6, 6, 4], [60.0, 60.0, 40.0]);
    Body::new(&mesh, &[(1, liver())], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap()
}

fn places(operation: &Operation) -> Vec<[u64; 3]> {
    operation.body().positions().iter().map(|p| [p.x, p.y, p.z].map(f64::to_bits)).collect()
}

/// Grasp the top, lift it, cut beside it, press, breathe, and let go.
fn by_hand() -> Operation {
    let mut operation = Operation::new(body());
    let run = |operation: &mut Operation, act: Act, frames: usize| {
        let did = operation.act(act).unwrap();
        (0..frames).for_each(|_| {
            operation.step();
        });
        did
    };
    run(&mut operation, Act::Weight { m_s2: [0.0, 9.81, 0.0] }, 10);
    let did = run(&mut operation, Act::Grasp { at_mm: [10.0, 30.0, 40.0], radius_mm: 12.0 }, 0);
    assert_eq!(did, Did::Grasped(0));
    for n in 1..20 {
        run(&mut operation, Act::Drag { grasper: 0, by_mm: [0.0, 0.0, f64::from(n)] }, 1);
    }
    run(&mut operation, Act::Gas { mmhg: 12.0 }, 5);
    let (a, b) = ([30.0, -50.0, 80.0], [30.0, 110.0, 80.0]);
    let (c, d) = ([30.0, -50.0, 20.0], [30.0, 110.0, 20.0]);
    let did = run(&mut operation, Act::Cut { sheet_mm: vec![[a, b, c], [b, d, c]] }, 20);
    assert!(matches!(did, Did::Cut(Cut { faces, .. }) if 0 < faces), "{did:?}");
    let ball = Instrument::Ball { radius_mm: 8.0 };
    run(&mut operation, Act::Place { instrument: ball, at_mm: [50.0, 30.0, 45.0] }, 10);
    run(&mut operation, Act::Withdraw, 2);
    let stitch = Act::Stitch { from_mm: [20.0, 30.0, 40.0], to_mm: [42.0, 30.0, 40.0], length_mm: 5.0 };
    assert_eq!(run(&mut operation, stitch, 10), Did::Fastened(0));
    run(&mut operation, Act::Breathe { by_mm: [0.0, 0.0, 8.0], per_minute: 15.0 }, 40);
    run(&mut operation, Act::Take { at_mm: [55.0, 55.0, 40.0], radius_mm: 12.0 }, 5);
    run(&mut operation, Act::LetGo { grasper: 0 }, 10);
    operation
}

#[test]
fn the_list_of_what_was_done_gives_the_same_body_to_the_last_bit_even_through_text() {
    let first = by_hand();
    let text = serde_json::to_string(first.done()).unwrap();
    let moments: Vec<Moment> = serde_json::from_str(&text).unwrap();
    assert_eq!(moments, first.done());
    let mut again = Operation::new(body());
    again.play(&moments, first.frames(), &Progress::default()).unwrap();
    assert_eq!(again.frames(), first.frames());
    assert_eq!(places(&again), places(&first));
    assert_eq!(again.peak_n().to_bits(), first.peak_n().to_bits());
    assert!(0.0 < first.peak_n() && first.held().next().is_none());
}

#[test]
fn breathing_moves_what_holds_the_organ_and_ends_where_it_began() {
    let mut operation = Operation::new(body());
    operation.act(Act::Breathe { by_mm: [0.0, 0.0, 10.0], per_minute: 20.0 }).unwrap();
    let held = |operation: &Operation| operation.body().positions()[0].z - operation.body().rest(0).z;
    let mut highest = 0.0_f64;
    for _ in 0..180 {
        operation.step();
        assert!(!operation.is_still());
        highest = highest.max(held(&operation));
    }
    assert!((highest - 10.0).abs() < 0.01, "{highest} mm");
    assert!(held(&operation).abs() < 0.01, "three seconds are one breath");
    operation.act(Act::Breathe { by_mm: [0.0; 3], per_minute: 0.0 }).unwrap();
    assert!(operation.settle(600, &Progress::default()).unwrap());
}

#[test]
fn a_part_in_the_jaws_stays_in_them_when_it_is_cut_off_and_where_it_is_let_go() {
    let mut operation = Operation::new(body());
    operation.act(Act::Grasp { at_mm: [30.0, 30.0, 40.0], radius_mm: 12.0 }).unwrap();
    let corner = |x: f64, y: f64| [x, y, 25.0];
    let [a, b, c, d] = [corner(-50.0, -50.0), corner(110.0, -50.0), corner(-50.0, 110.0), corner(110.0, 110.0)];
    let did = operation.act(Act::Cut { sheet_mm: vec![[a, b, c], [b, d, c]] }).unwrap();
    assert!(matches!(did, Did::Cut(Cut { stayed: 0, loose: 1, .. })), "{did:?}");
    operation.act(Act::Drag { grasper: 0, by_mm: [0.0, 0.0, 30.0] }).unwrap();
    (0..120).for_each(|_| {
        operation.step();
    });
    let top = |operation: &Operation| operation.body().positions().iter().map(|p| p.z).fold(0.0, f64::max);
    assert!((65.0..76.0).contains(&top(&operation)), "{} mm", top(&operation));
    operation.act(Act::LetGo { grasper: 0 }).unwrap();
    operation.act(Act::Weight { m_s2: [0.0, 0.0, -9.81] }).unwrap();
    assert!(operation.settle(600, &Progress::default()).unwrap());
    assert!((65.0..76.0).contains(&top(&operation)), "nothing holds it: it stays where it was let go");
    operation.act(Act::Take { at_mm: [30.0, 30.0, 0.0], radius_mm: 0.5 }).unwrap();
    assert_eq!(operation.body().tets().len() + 1, body().tets().len(), "a small bite takes one");
}

#[test]
fn what_cannot_be_done_changes_nothing_and_says_why() {
    let mut operation = Operation::new(body());
    let bad = [
        (Act::Grasp { at_mm: [500.0, 0.0, 0.0], radius_mm: 5.0 }, "closes 440 mm"),
        (Act::Grasp { at_mm: [f64::NAN, 0.0, 0.0], radius_mm: 5.0 }, "not a number"),
        (Act::Grasp { at_mm: [0.0; 3], radius_mm: -1.0 }, "0.1 to 200"),
        (Act::Drag { grasper: 3, by_mm: [0.0; 3] }, "grasper 3"),
        (Act::LetGo { grasper: 0 }, "grasper 0"),
        (Act::Gas { mmhg: 1e9 }, "0 to 40"),
        (Act::Weight { m_s2: [0.0, 1e3, 0.0] }, "100 at most"),
        (Act::Breathe { by_mm: [900.0, 0.0, 0.0], per_minute: 10.0 }, "60 at most"),
        (Act::Cut { sheet_mm: vec![[[f64::INFINITY; 3]; 3]] }, "the blade"),
    ];
    for (act, words) in bad {
        let text = operation.act(act.clone()).unwrap_err().to_string();
        assert!(text.contains(words), "{act:?}: {text}");
    }
    assert!(operation.done().is_empty());
    operation.act(Act::Withdraw).unwrap();
    let unordered = [Moment { frame: 9, act: Act::Withdraw }, Moment { frame: 3, act: Act::Withdraw }];
    let error = Operation::new(body()).play(&unordered, 20, &Progress::default()).unwrap_err();
    assert!(error.to_string().contains("frame 3"), "{error}");
}

#[test]
fn stress_of_a_stretched_body_is_that_of_its_law() {
    let mesh = straight_box([4, 4, 4], [40.0; 3]);
    let mut body = Body::new(&mesh, &[(1, liver())], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap();
    let stretch = 1.2_f64;
    let places: Vec<Point> = mesh.positions().iter().map(|p| Point::new(p.x, p.y, stretch * p.z)).collect();
    body.place(&places);
    let seen = body.stress_and_strain();
    // F = diag(1, 1, λ): σ_vM = μ J^(−5/3) (λ² − 1).
    let expected = liver().shear_pa() * stretch.powf(-5.0 / 3.0) * (stretch * stretch - 1.0);
    for [stress, strain] in seen {
        assert!((stress / expected - 1.0).abs() < 1e-3, "{stress} Pa, {expected} expected");
        assert!((strain - 0.2).abs() < 1e-6, "{strain}");
    }
}

#[test]
fn a_wound_that_gapes_is_closed_by_stitches_and_a_clip_narrows_a_fold() {
    let mut operation = Operation::new(body());
    let (a, b) = ([31.0, -50.0, 80.0], [31.0, 110.0, 80.0]);
    let (c, d) = ([31.0, -50.0, 18.0], [31.0, 110.0, 18.0]);
    operation.act(Act::Cut { sheet_mm: vec![[a, b, c], [b, d, c]] }).unwrap();
    let pull = |operation: &mut Operation, x: f64, by: f64| {
        let did = operation.act(Act::Grasp { at_mm: [x, 30.0, 40.0], radius_mm: 8.0 }).unwrap();
        let Did::Grasped(grasper) = did else { panic!("{did:?}") };
        operation.act(Act::Drag { grasper, by_mm: [by, 0.0, 0.0] }).unwrap();
    };
    pull(&mut operation, 0.0, -6.0);
    pull(&mut operation, 60.0, 6.0);
    (0..60).for_each(|_| _ = operation.step());
    // The lips: copies and what they were copied from, at the top in the middle of the cut.
    let lips = |operation: &Operation| {
        let body = operation.body();
        let first = straight_box([6, 6, 4], [60.0, 60.0, 40.0]).positions().len();
        let of = |copy: usize| (0..first).find(|v| body.rest(*v) == body.rest(copy)).map(|v| [v, copy]);
        let all = (first..body.positions().len()).filter_map(of);
        let mut top: Vec<_> = all.filter(|[v, _]| body.rest(*v).z == 40.0 && body.rest(*v).y == 30.0).collect();
        top.pop().unwrap().map(|v| body.positions()[v])
    };
    let gap = |operation: &Operation| {
        let [a, b] = lips(operation);
        (a - b).norm()
    };
    let open = gap(&operation);
    assert!(3.0 < open, "{open}");
    let [from, to] = lips(&operation).map(|p| [p.x, p.y, p.z]);
    let did = operation.act(Act::Stitch { from_mm: from, to_mm: to, length_mm: 1.0 }).unwrap();
    assert_eq!(did, Did::Fastened(0));
    (0..90).for_each(|_| _ = operation.step());
    assert!(gap(&operation) < 1.3, "{} mm of {open}", gap(&operation));
    let tension = operation.body().tied().next().unwrap().tension_n;
    assert!(0.01 < tension, "{tension} N");
    let settled = operation.settle(600, &Progress::default());
    assert_eq!(settled, Ok(true), "{:?}", operation.body().health());
    operation.act(Act::Unfasten { fastening: 0 }).unwrap();
    (0..60).for_each(|_| _ = operation.step());
    assert!((gap(&operation) - open).abs() < 0.5, "{}", gap(&operation));
    // A clip over the block from side to side, near its top.
    let width = |operation: &Operation| {
        let at = |x: f64| {
            let near = |p: &&Point| (p.y - 0.0).abs() < 8.0 && (p.z - 40.0).abs() < 8.0;
            let all = operation.body().positions().iter().filter(near).map(|p| (p.x - x).abs());
            all.fold(f64::INFINITY, f64::min)
        };
        60.0 + at(60.0) - at(0.0)
    };
    assert!(width(&operation) > 50.0);
    let mut other = Operation::new(body());
    let clip = Act::Clip { at_mm: [30.0, 30.0, 38.0], across_mm: [60.0, 0.0, 0.0], radius_mm: 9.0, gap_mm: 40.0 };
    other.act(clip).unwrap();
    (0..120).for_each(|_| _ = other.step());
    let apart: Vec<f64> = other.body().tied().map(|tied| (tied.places_mm[1] - tied.places_mm[0]).norm()).collect();
    assert!(!apart.is_empty() && apart.iter().all(|apart| *apart < 42.0), "{apart:?}");
}

#[test]
fn what_cannot_be_fastened_is_refused_in_a_sentence_and_nothing_changes() {
    let mut operation = Operation::new(body());
    let refused = [
        Act::Stitch { from_mm: [30.0, 30.0, 40.0], to_mm: [30.0, 30.0, 400.0], length_mm: 2.0 },
        Act::Staple { from_mm: [30.0, 30.0, 40.0], to_mm: [30.5, 30.0, 40.0], length_mm: 2.0 },
        Act::Stitch { from_mm: [30.0, 30.0, 40.0], to_mm: [50.0, 30.0, 40.0], length_mm: -1.0 },
        Act::Clip { at_mm: [30.0, 30.0, 400.0], across_mm: [9.0, 0.0, 0.0], radius_mm: 9.0, gap_mm: 2.0 },
        Act::Clip { at_mm: [70.0, 30.0, 30.0], across_mm: [9.0, 0.0, 0.0], radius_mm: 12.0, gap_mm: 2.0 },
        Act::Clip { at_mm: [30.0, 30.0, 38.0], across_mm: [0.0; 3], radius_mm: 9.0, gap_mm: 2.0 },
        Act::Unfasten { fastening: 0 },
    ];
    for act in refused {
        let error = operation.act(act).unwrap_err().to_string();
        assert!(
            !error.is_empty() && operation.done().is_empty() && operation.body().tied().next().is_none(),
            "{error}"
        );
    }
}

#[test]
fn a_needle_pushes_its_target_away_and_says_by_how_much_it_missed() {
    let mut operation = Operation::new(body());
    assert_eq!(operation.act(Act::Push { depth_mm: 5.0 }), Err(ActError::NoNeedle));
    let needle = |x: f64| Act::Needle {
        entry_mm: [x, 30.0, 40.0],
        target_mm: [30.0, 30.0, 20.0],
        puncture_n: 0.3,
        cutting_n: 0.2,
        friction_n_cm: 0.1,
    };
    let error = operation.act(needle(400.0)).unwrap_err().to_string();
    assert!(error.contains("mm from the organ") && operation.aimed().is_none(), "{error}");
    operation.act(needle(30.0)).unwrap();
    operation.act(Act::Push { depth_mm: 20.0 }).unwrap();
    // Nothing is still while a needle is on its way, and then it comes to rest.
    assert_eq!(operation.settle(600, &Progress::default()), Ok(true));
    let aimed = operation.aimed().unwrap();
    assert!(aimed.needle.punctured && (aimed.needle.tip_mm.z - 20.0).abs() < 1e-9);
    let target = aimed.target_mm.unwrap();
    // It was pushed ahead of the tip, which is where it was planned.
    assert!(target.z < 19.9 && (aimed.miss_mm() - (target - aimed.planned_mm).norm()).abs() < 1e-9, "{target}");
    assert!(0.29 < operation.peak_n(), "{}", operation.peak_n());
    // Again from the list.
    let mut again = Operation::new(body());
    again.play(operation.done(), operation.frames(), &Progress::default()).unwrap();
    assert_eq!(places(&again), places(&operation));
}
