//! Searches on bodies whose best paths are known.

use super::*;
use crate::base::parallel::with_threads;
use crate::geom::Grid;
use crate::image::{Modality, Volume, Voxels};
use crate::mesh::shapes::ball;
use crate::plan::path::{Obstacle, approach};

/// A body of 60 mm radius, bone in its front quarter and a bubble of air on its left.
fn scan() -> Scan {
    let grid = Grid::aligned([70; 3], Point::new(-69.0, -69.0, -69.0), [2.0; 3]).unwrap();
    let hu = |p: Point| {
        if 60.0 < p.coords.norm() {
            -1000
        } else if p.y < -45.0 {
            600
        } else if (p - Point::new(40.0, 0.0, 0.0)).norm() < 10.0 {
            -990
        } else {
            40
        }
    };
    let voxels = (0..grid.len()).map(|o| hu(grid.centre(grid.voxel(o)))).collect();
    let voxels = Voxels::I16(Volume::<i16>::new(grid, voxels).unwrap());
    Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
}

fn moved(surface: &Surface, by: Vector) -> Surface {
    surface.with_positions(surface.positions().iter().map(|p| p + by).collect()).unwrap()
}

#[test]
fn the_best_path_is_short_and_keeps_away_from_what_is_guarded() {
    let (skin, scan) = (ball(60.0, 3.0), scan());
    // The shortest way to this target is from behind (+y), where a structure lies beside it.
    let target = [Point::new(0.0, 25.0, 0.0)];
    let vessel = Obstacle::of_surface(&moved(&ball(4.0, 0.8), Vector::new(0.0, 42.0, 0.0)), 0.2).unwrap();
    let guarded = [Guarded { structure: &vessel, distance_mm: 3.0, weight: None }];
    let rules = Rules { diameter_mm: 1.6, ..Rules::default() };
    let permitted: Vec<bool> = skin.positions().iter().map(|p| -40.0 < p.z).collect();
    let what = Search {
        surface: &skin,
        permitted: Some(&permitted),
        targets: &target,
        guarded: &guarded,
        scan: Some(&scan),
        rules: &rules,
    };
    let run = || search(&what, &Progress::default()).unwrap();
    let outcome = run();
    assert_eq!(outcome, with_threads(1, run));
    assert_eq!(outcome.tried, permitted.iter().filter(|p| **p).count());
    assert_eq!(outcome.tried, outcome.possible + outcome.forbidden.values().sum::<usize>());
    for rule in [Rule::Air, Rule::Bone, Rule::Distance(0)] {
        assert!(outcome.forbidden.contains_key(&rule), "{rule:?}: {:?}", outcome.forbidden);
    }
    assert_eq!(outcome.best.len(), 10);
    assert!(outcome.best.is_sorted_by(|a, b| a.cost <= b.cost));
    for (n, found) in outcome.best.iter().enumerate() {
        assert!(2.9 < found.approaches[0].distance_mm.value, "{found:?}");
        assert_eq!(found.approaches[0], approach(&found.path, &vessel));
        assert!(outcome.best[..n].iter().all(|f| 10.0 <= (f.path.entry() - found.path.entry()).norm()));
        assert!((found.cost - judge::cost(&found.terms)).abs() < 1e-12);
    }
    // Nothing near the target's own side is better than what was found first.
    let first = &outcome.best[0];
    assert!(0.0 < first.path.entry().y && first.path.length_mm() < 60.0, "{first:?}");
    let risks = outcome.risks();
    assert_eq!(risks.len(), skin.positions().len());
    assert!((risks[first.vertex] - first.cost).abs() < 1e-12);
    assert!(risks.iter().all(|risk| first.cost <= risk + 1e-12 && *risk <= 1.0));
    assert!(outcome.verdicts.iter().zip(&permitted).all(|(v, p)| (*v == Verdict::Outside) != *p));
}

#[test]
fn hard_rules_hold_and_soft_ones_count() {
    let skin = ball(60.0, 4.0);
    let targets = [Point::origin(), Point::new(0.0, 0.0, 10.0)];
    let near = Obstacle::of_surface(&moved(&ball(10.0, 1.0), Vector::new(30.0, 0.0, 0.0)), 0.2).unwrap();
    let free = Rules { is_air_forbidden: false, bone_mm_max: None, ..Rules::default() };
    let run = |rules: &Rules, weight: Option<f64>| {
        let guarded = [Guarded { structure: &near, distance_mm: 2.0, weight }];
        let what = Search { surface: &skin, permitted: None, targets: &targets, guarded: &guarded, scan: None, rules };
        search(&what, &Progress::default()).unwrap()
    };
    let (hard, soft) = (run(&free, None), run(&free, Some(5.0)));
    assert!(hard.forbidden.contains_key(&Rule::Distance(0)) && soft.forbidden.is_empty());
    assert_eq!(soft.possible, 2 * skin.positions().len());
    // Through the structure is the worst of all.
    let through = skin.positions().iter().position(|p| 59.0 < p.x).unwrap();
    let Verdict::Possible(worst) = soft.verdicts[through] else { panic!("it is only weighted") };
    assert!(1.0 < worst && soft.best[0].cost < 0.2, "{worst} against {}", soft.best[0].cost);
    let cone = Cone { axis: [0.0, 0.0, 1.0], half_degrees: 20.0 };
    let narrow = run(&Rules { cone: Some(cone), ..free.clone() }, None);
    for found in &narrow.best {
        assert!(20.0_f64.to_radians().cos() <= -found.path.along().z + 1e-9);
    }
    let nothing = run(&Rules { length_mm_max: 20.0, ..free }, None);
    let why = nothing.why_none(|_| "the vessel".into()).unwrap();
    assert!(why.starts_with("no path is possible: of ") && why.contains("are too long"), "{why}");
    assert_eq!(narrow.why_none(|_| String::new()), None);
}

#[test]
fn searches_that_cannot_be_made_say_what_to_do() {
    let (skin, nothing) = (ball(20.0, 4.0), Surface::new(Vec::new(), Vec::new()).unwrap());
    let (targets, rules) = ([Point::origin()], Rules::default());
    let free = Rules { is_air_forbidden: false, bone_mm_max: None, ..Rules::default() };
    let base = Search { surface: &skin, permitted: None, targets: &targets, guarded: &[], scan: None, rules: &free };
    let said = |what: Search| search(&what, &Progress::default()).unwrap_err().to_string();
    assert!(said(Search { surface: &nothing, ..base }).contains("no skin"));
    assert!(said(Search { targets: &[], ..base }).contains("no target"));
    assert!(said(Search { permitted: Some(&vec![false; skin.positions().len()]), ..base }).contains("permitted"));
    assert!(said(Search { permitted: Some(&[true]), ..base }).contains("1 places"));
    assert!(said(Search { rules: &rules, ..base }).contains("Hounsfield"));
    let bad = Rules { fades_over_mm: 0.0, ..free.clone() };
    assert!(said(Search { rules: &bad, ..base }).contains("must be more than 0"));
    let (outside, scan) = ([Point::new(500.0, 0.0, 0.0)], scan());
    let what = Search { targets: &outside, scan: Some(&scan), rules: &rules, ..base };
    assert!(said(what).contains("target lies outside the scan"));
}

/// Balls about the origin, outside and inside by turns: the tables of a skull.
fn shells(radii_mm: [f64; 4]) -> Surface {
    let (mut positions, mut triangles) = (Vec::new(), Vec::<[u32; 3]>::new());
    for (n, radius_mm) in radii_mm.into_iter().enumerate() {
        let (own, first) = (ball(radius_mm, 3.0), positions.len() as u32);
        positions.extend_from_slice(own.positions());
        let turned = |[a, b, c]: [u32; 3]| if n % 2 == 0 { [a, b, c] } else { [a, c, b] };
        triangles.extend(own.triangles().iter().map(|corners| turned(*corners).map(|v| v + first)));
    }
    Surface::new(positions, triangles).unwrap()
}

#[test]
fn a_skull_is_entered_from_outside_and_drilled_and_bone_beyond_it_counts() {
    // Tables of 3 mm with 3 mm of marrow between, and a piece of bone within, on the way from the right.
    let radii = [40.0, 37.0, 34.0, 31.0];
    let skull = shells(radii);
    let grid = Grid::aligned([92; 3], Point::new(-45.5, -45.5, -45.5), [1.0; 3]).unwrap();
    let hu = |p: Point| {
        let r = p.coords.norm();
        let is_table = (37.0..40.0).contains(&r) || (31.0..34.0).contains(&r);
        let is_block = (p - Point::new(-17.0, 0.0, 0.0)).norm() < 5.0;
        if is_table || is_block {
            900
        } else if r < 40.0 {
            40
        } else {
            -1000
        }
    };
    let voxels = (0..grid.len()).map(|o| hu(grid.centre(grid.voxel(o)))).collect();
    let voxels = Voxels::I16(Volume::<i16>::new(grid, voxels).unwrap());
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    let targets = [Point::origin()];
    let drilled = Rules { is_entry_drilled: true, ..Rules::default() };
    let run = |rules: &Rules| {
        let what =
            Search { surface: &skull, permitted: None, targets: &targets, guarded: &[], scan: Some(&scan), rules };
        search(&what, &Progress::default()).unwrap()
    };
    let found = run(&drilled);
    assert!(0 < found.possible, "{:?}", found.forbidden);
    for (place, verdict) in skull.positions().iter().zip(&found.verdicts) {
        let r = place.coords.norm();
        let is_behind_block = place.x < 0.0 && place.y.hypot(place.z) < 3.0 / 17.0 * r;
        match verdict {
            Verdict::Possible(_) => assert!(38.5 < r, "{place} lies within the skull"),
            Verdict::Forbidden(Rule::Angle) => assert!((r - 37.0).abs() < 0.5 || (r - 31.0).abs() < 0.5, "{place}"),
            Verdict::Forbidden(Rule::Covered) => assert!((r - 34.0).abs() < 0.5, "{place}"),
            Verdict::Forbidden(Rule::Bone) => assert!(38.5 < r && place.x < 0.0, "{place}"),
            other => panic!("{other:?} at {place}"),
        }
        if is_behind_block && 38.5 < r {
            assert_eq!(*verdict, Verdict::Forbidden(Rule::Bone), "{place}");
        }
    }
    // Risks of what cannot be entered are the highest, so that the map says so.
    let risks = found.risks();
    assert!(skull.positions().iter().zip(&risks).all(|(p, risk)| 38.5 < p.coords.norm() || *risk == 1.0));
    let undrilled = run(&Rules::default());
    assert_eq!(undrilled.possible, 0);
    let why = undrilled.why_none(|_| String::new()).unwrap();
    assert!(why.contains("through bone") && why.contains("beneath another part of the surface"), "{why}");
}
