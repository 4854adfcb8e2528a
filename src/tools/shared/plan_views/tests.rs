//! Pictures of plans of a ball with a tumour, a vessel and a structure to spare.

use super::*;
use crate::plan::uncertainty::EDGE_MM;
use crate::plan::{KeepOut, NamedAction, Needle, NeedleKind, Sheet, Target, Verdict};
use crate::tools::shared::plan_fixture::{case, segment};

fn plan(action: Action) -> Plan {
    Plan {
        organ: Some(segment(1)),
        targets: vec![Target { structure: segment(2), margin_mm: 5.0 }],
        vessels: vec![Structure { node: NodeId(3), segment: None }],
        keep_out: vec![KeepOut { structure: segment(4), distance_mm: 4.0, weight: None }],
        actions: vec![NamedAction { name: "first".into(), action }],
        ..Plan::default()
    }
}

fn cut(shape: CutShape) -> Action {
    Action::Cut(Cut { shape, width_mm: 2.0 })
}

fn staged(plan: &Plan) -> (Stage, Ingredients) {
    let ingredients = Ingredients::of(&case(), plan).unwrap();
    let mut stage = Stage::default();
    stage.prepare(&ingredients, plan, &Progress::default()).unwrap();
    (stage, ingredients)
}

fn flat(action: Action) -> Result<FlatCut, NoFlat> {
    let plan = plan(action);
    let (stage, ingredients) = staged(&plan);
    Flats::default().of(&stage, &ingredients, &plan, 0, &Progress::default()).unwrap()
}

#[test]
fn a_plane_laid_flat_shows_margin_shadow_and_vessel_where_they_are() {
    let flat = flat(cut(CutShape::Plane { point: [0.0; 3], normal: [1.0, 0.0, 0.0] })).unwrap();
    let mut seen = [0; 3];
    for y in 0..flat.size[1] {
        for x in 0..flat.size[0] {
            let pixel = y * flat.size[0] + x;
            let at = flat.place([x as f64 + 0.5, y as f64 + 0.5]).unwrap();
            assert!(at.x.abs() < 1e-9, "the picture lies on the plane");
            let r = at.coords.norm();
            if r < 28.5 {
                // 12 − 6 mm of tissue beside it, less 1 mm of the knife: 5 mm needed.
                let truth = 5.0 - ((at - Point::new(12.0, 0.0, 0.0)).norm() - 6.0 - 1.0);
                let lacks = f64::from(flat.lacking_mm[pixel]);
                assert!((lacks - truth).abs() < 0.8, "{at}: {lacks} of {truth}");
                assert_eq!(flat.shadow[pixel], flat.shadow[pixel] && r < 7.0, "{at}");
                assert!(5.0 < r || flat.shadow[pixel], "{at}");
                seen[usize::from(flat.shadow[pixel])] += 1;
            } else if 31.5 < r {
                assert!(flat.lacking_mm[pixel].is_nan() && flat.zones[pixel].is_none());
                seen[2] += 1;
            }
        }
    }
    assert!(seen.iter().all(|count| 100 < *count), "{seen:?}");
    let [vessel] = &flat.crossings[..] else { panic!("{:?}", flat.crossings) };
    assert_eq!((vessel.name.as_str(), vessel.lines), ("portal vein", NodeId(3)));
    assert!((vessel.crossing.diameter_mm() - 3.0).abs() < 1e-9);
    assert!((flat.place(vessel.at_px).unwrap() - Point::new(0.0, -10.0, 5.0)).norm() < 1e-6);
}

/// A vessel along x at y = −10, z = 5 crosses both planes of a wedge that opens upwards from x = z = 0, 5 mm to each side.
#[test]
fn a_wedge_shows_each_vessel_on_the_plane_that_cuts_it() {
    let planes = vec![[[0.0; 3], [1.0, 0.0, 1.0]], [[0.0; 3], [-1.0, 0.0, 1.0]]];
    let flat = flat(cut(CutShape::Wedge { planes })).unwrap();
    assert_eq!((flat.manner(), flat.stretch_max), (Manner::Planes(2), 1.0));
    let [left, right] = &flat.crossings[..] else { panic!("{:?}", flat.crossings) };
    for (vessel, x) in [(left, -5.0), (right, 5.0)] {
        assert!((flat.place(vessel.at_px).unwrap() - Point::new(x, -10.0, 5.0)).norm() < 1e-6, "{vessel:?}");
    }
    // Along the vessel they are 10 mm apart, laid flat 2 · 5 √2.
    let [x, y] = [0, 1].map(|axis| left.at_px[axis] - right.at_px[axis]);
    assert!((x.hypot(y) * flat.pixel_mm - 10.0 * 2.0_f64.sqrt()).abs() < 1e-6);
    let [hinge] = &flat.hinges()[..] else { panic!("{:?}", flat.hinges()) };
    let side = |[x, y]: [f64; 2]| {
        let [[x0, y0], [x1, y1]] = *hinge;
        (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
    };
    assert!(side(left.at_px) * side(right.at_px) < 0.0, "one on each side of the edge");
    // The tumour of 6 mm lies at x = 12 mm and needs 5 mm, the bowel of 5 mm at x = −15 mm and is spared by 4 mm: what
    // lacks more is told.
    let room = |x: f64| {
        let at = flat.pixel_of(&Point::new(x, 0.0, x.abs()), 1e-6).and_then(|at| flat.pixel(at)).unwrap();
        f64::from(flat.lacking_mm[at])
    };
    let lacks = |x: f64, of: f64, mm: f64| mm + 1.0 - (Point::new(x, 0.0, x.abs()) - Point::new(of, 0.0, 0.0)).norm();
    let truth = |x: f64| lacks(x, 12.0, 5.0 + 6.0).max(lacks(x, -15.0, 4.0 + 5.0));
    for x in [8.0, -8.0, 15.0] {
        assert!((room(x) - truth(x)).abs() < 1.0, "{x}: {} of {}", room(x), truth(x));
    }
    assert!(flat.outwards().iter().all(|way| 0.9 < way.norm()));
}

#[test]
fn a_ball_is_mapped_about_its_middle_and_says_how_areas_are_off() {
    // Of a ball of 20 mm about a place on the organ's border one side lies in it.
    let centre = Point::new(30.0, 0.0, 0.0);
    let flat = flat(cut(CutShape::Sphere { centre: centre.into(), radius_mm: 20.0 })).unwrap();
    assert_eq!(flat.manner(), Manner::Ball);
    assert!(1.0 < flat.stretch_max && flat.stretch_max < 1.7, "{}", flat.stretch_max);
    let middle = flat.pixel_of(&Point::new(10.0, 0.0, 0.0), 1e-6).unwrap();
    let mut seen = 0;
    for pixel in (0..flat.zones.len()).filter(|pixel| flat.zones[*pixel].is_some()) {
        let at_px = [(pixel % flat.size[0]) as f64 + 0.5, (pixel / flat.size[0]) as f64 + 0.5];
        let at = flat.place(at_px).unwrap();
        assert!(((at - centre).norm() - 20.0).abs() < 1e-9 && at.coords.norm() < 31.5, "{at}");
        let truth = 20.0 * (at - centre).angle(&-Vector::x());
        let off = [0, 1].map(|axis| at_px[axis] - middle[axis]);
        // The pole is the middle of the places in the voxels, within a small part of one of the organ's middle.
        assert!((off[0].hypot(off[1]) * flat.pixel_mm - truth).abs() < 0.6, "{at}");
        seen += 1;
    }
    assert!(5000 < seen, "{seen}");
    // The vessel leaves the organ's inside where it enters the ball.
    let [vessel] = &flat.crossings[..] else { panic!("{:?}", flat.crossings) };
    assert!((flat.place(vessel.at_px).unwrap() - vessel.crossing.at).norm() < 1e-3, "{vessel:?}");
}

#[test]
fn what_cannot_be_laid_flat_says_why() {
    let plane = |x: f64| cut(CutShape::Plane { point: [x, 0.0, 0.0], normal: [1.0, 0.0, 0.0] });
    assert_eq!(flat(plane(40.0)).unwrap_err(), NoFlat::Misses);
    assert_eq!(flat(cut(CutShape::Sphere { centre: [60.0, 0.0, 0.0], radius_mm: 9.0 })).unwrap_err(), NoFlat::Misses);
    assert_eq!(flat(cut(CutShape::Territories { branches: vec![0] })).unwrap_err(), NoFlat::Territories);
    let planes = vec![[[0.0, 0.0, 50.0], [1.0, 0.0, 1.0]], [[0.0, 0.0, 50.0], [-1.0, 0.0, 1.0]]];
    assert_eq!(flat(cut(CutShape::Wedge { planes })).unwrap_err(), NoFlat::Misses);
    assert_eq!(flat(Action::Clip { at: [0.0; 3] }).unwrap_err(), NoFlat::NoCut);
    let controls = (0..16).map(|n| [100.0 + f64::from(n % 4) * 9.0, f64::from(n / 4) * 9.0, 0.0]).collect();
    assert_eq!(flat(cut(CutShape::Sheet(Sheet { count: [4, 4], controls }))).unwrap_err(), NoFlat::Misses);
}

#[test]
fn distances_along_a_path_are_those_of_the_ball_beside_it() {
    let needle = Needle {
        entry: [-15.0, -34.0, 12.0],
        target: [-15.0, 20.0, 12.0],
        diameter_mm: 2.0,
        kind: NeedleKind::Needle,
        contacts: None,
    };
    let plan = plan(Action::Needle(needle));
    let (stage, _) = staged(&plan);
    let found = depths(&stage, &plan, 0, &Progress::default()).unwrap().unwrap();
    let [line] = &found.lines[..] else { panic!("one structure to spare") };
    // The ball of 5 mm lies 12 mm below the path at a depth of 34 mm; the needle is 1 mm thick to each side.
    // The top of a ball of voxels is flat for some millimetres.
    assert!((line.nearest.depth_mm - 34.0).abs() < 3.0, "{:?}", line.nearest);
    assert!(line.least_mm().holds(12.0 - 5.0 - 1.0), "{:?}", line.least_mm());
    assert_eq!((line.verdict(), line.limit_mm), (Verdict::Ok, 4.0));
    for (depth_mm, distance_mm) in line.profile.depths_mm.iter().zip(&line.profile.distances_mm) {
        let truth = (found.path.at(*depth_mm) - Point::new(-15.0, 0.0, 0.0)).norm() - 6.0;
        assert!((distance_mm - truth).abs() < 0.9, "{depth_mm}: {distance_mm} of {truth}");
    }
    let no_path = super::depths(&stage, &self::plan(Action::Clip { at: [0.0; 3] }), 0, &Progress::default());
    assert!(no_path.unwrap().is_none());
}

/// Targets and what is spared are both watched, whichever lacks more; the lumen of a vessel is where its radius says.
#[test]
fn what_is_spared_and_vessels_are_seen_on_a_flattened_cut() {
    // The bowel is a ball of 5 mm at x = −15; the tumour one of 6 mm at x = 12.
    let flat = flat(cut(CutShape::Plane { point: [-8.0, 0.0, 0.0], normal: [1.0, 0.0, 0.0] })).unwrap();
    assert_eq!(
        (&flat.watched[..], &flat.vessels[..]),
        (&["tumour".to_owned(), "bowel".to_owned()][..], &[NodeId(3)][..])
    );
    let at = |place: Point| flat.pixel(flat.pixel_of(&place, 1.0).unwrap()).unwrap();
    let near = at(Point::new(-8.0, 0.0, 0.0));
    // 7 − 5 mm of tissue less 1 mm of the knife; 4 mm are asked for.
    assert_eq!((flat.of[near], flat.zones[near]), (Some(1), Some(Zone::Within)));
    assert!((flat.lacking_mm[near] - 3.0).abs() < 0.9, "{}", flat.lacking_mm[near]);
    let mut lumen = 0;
    for (pixel, inside) in flat.lumen.iter().enumerate().filter(|(_, inside)| inside.is_some()) {
        let [x, y] = [pixel % flat.size[0], pixel / flat.size[0]].map(|p| p as f64 + 0.5);
        let place = flat.place([x, y]).expect("the vessel is on the cut");
        assert!((place.y + 10.0).hypot(place.z - 5.0) < 1.5 && *inside == Some(0), "{place}");
        lumen += 1;
    }
    let area_mm2 = f64::from(lumen) * flat.pixel_mm * flat.pixel_mm;
    assert!((area_mm2 - std::f64::consts::PI * 1.5 * 1.5).abs() < 1.0, "{area_mm2}");
    // The band of the colours is as wide as the edges are uncertain: half the diagonal of a voxel of 1 mm, and e.
    assert!((flat.colours_mm - 8.0 * (0.75_f64.sqrt() + EDGE_MM)).abs() < 1e-9, "{}", flat.colours_mm);
}
