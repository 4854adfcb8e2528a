//! Paths, ablations, screws, saw cuts and ports through their tools: what the terms say of known bodies.

use super::plans_tests::{changed, desk, needle, plan, refused, run};
use crate::base::{NodeId, SegmentId};
use crate::image::{LabelMap, Volume};
use crate::plan::{Action, Score, Term, Verdict};
use crate::session::{Data, Session};
use serde_json::{Value, json};

fn scored(session: &mut Session, id: NodeId) -> Score {
    run(session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
    plan(session, id).score.clone().unwrap()
}

fn term<'a>(score: &'a Score, id: &str) -> &'a Term {
    score.term(id).unwrap_or_else(|| panic!("{id} in {score:#?}"))
}

/// The score of `id` where the column that stands for bone begins at `x`.
fn with_bone_at(session: &Session, id: NodeId, x: f64) -> Score {
    const CAVA: u8 = 4;
    let Data::Labels(labels) = &session.case().node(NodeId(2)).unwrap().data else { panic!("segments") };
    let grid = labels.grid();
    let marks = (0..grid.len()).map(|n| {
        let p = grid.centre(grid.voxel(n));
        u8::from(x < p.x && p.x < x + 6.0 && (p.y - 50.0).abs() < 5.0 && (p.z - 30.0).abs() < 15.0)
    });
    let marks: Vec<u8> = marks.map(|mark| CAVA * mark).collect();
    let bone = Volume::new(grid.clone(), marks).unwrap();
    let labels = LabelMap::from_volume(&bone, vec![labels.segment(SegmentId(CAVA)).unwrap().clone()]).unwrap();
    let mut session = changed(session, NodeId(2), Data::Labels(labels));
    scored(&mut session, id)
}

fn add(session: &mut Session, id: NodeId, name: &str, action: Value) {
    let actions = json!([{ "name": name, "action": action }]);
    run(session, "plan.act", json!({ "plan": id, "actions": actions })).unwrap();
}

/// A probe along x whose zone of 39 × 28 mm has its middle in the middle of the tumour, 14 mm behind the tip.
fn zone(device: &str, power_w: f64) -> Value {
    let path = json!({ "entry": [12, 50, 30], "target": [54, 50, 30], "diameter_mm": 1.6, "kind": "probe" });
    json!({ "do": "ablation", "needle": path, "device": device, "power_w": power_w, "minutes": 5 })
}

#[test]
fn an_ablation_says_what_it_covers_and_what_cools_it() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "ablation" })).unwrap()[0];
    let act = |action: Value| json!({ "plan": id, "actions": [{ "name": "probe", "action": action }] });
    let unknown = refused(&mut session, "plan.act", act(zone("any", 60.0)));
    assert!(unknown.contains("no 'any'") && unknown.contains("microwave-example"), "{unknown}");
    let strong = refused(&mut session, "plan.act", act(zone("", 300.0)));
    assert!(strong.contains("power in W of 300") && strong.contains("40 to 100"), "{strong}");
    // No device is the usual one, and says that it is none that can be bought.
    add(&mut session, id, "probe", zone("", 60.0));
    let score = scored(&mut session, id);
    let margin = term(&score, "ablation/margin/2.2");
    // Across the needle the zone is 14 mm wide and the tumour 6 mm; its outermost corners of voxels lie at 7.1 mm.
    let value = margin.value.unwrap();
    assert!((value.value - 6.9).abs() < 0.1 && value.holds(8.0), "{margin:?}");
    assert!(margin.source.contains("illustrative, not a device") && margin.verdict != Verdict::Breach);
    // Figures of no device are never surely enough, and say so.
    for id in ["ablation/margin/2.2", "ablation/covered/2.2", "ablation/covered_margin/2.2", "1/keep/2.4"] {
        let term = term(&score, id);
        assert!(term.verdict == Verdict::Warning && term.reason.contains("illustrative"), "{term:?}");
    }
    for covered in ["ablation/covered/2.2", "ablation/covered_margin/2.2"] {
        assert_eq!(term(&score, covered).value.unwrap().value, 100.0, "{covered}");
    }
    // The vessel of 5 mm runs 10 mm beside the needle.
    let sinks = term(&score, "ablation/sinks/3");
    assert_eq!((sinks.value.unwrap().value, sinks.verdict), (1.0, Verdict::Warning));
    assert!(sinks.reason.contains("5.0 mm wide"), "{}", sinks.reason);
    // A probe that stops short leaves tumour, which forbids the plan.
    let mut short = zone("microwave-example", 40.0);
    short["needle"]["target"] = json!([40, 50, 30]);
    run(&mut session, "plan.act", json!({ "plan": id, "at": 1, "actions": [{ "name": "probe", "action": short }] }))
        .unwrap();
    let score = scored(&mut session, id);
    let margin = term(&score, "ablation/margin/2.2");
    assert!(margin.value.unwrap().value < 0.0 && margin.verdict == Verdict::Breach && !score.allowed, "{margin:?}");
    assert!(term(&score, "ablation/covered/2.2").value.unwrap().value < 100.0);
}

#[test]
fn paths_that_cross_are_a_conflict_and_entries_have_exact_angles() {
    let mut session = desk();
    let skin = run(&mut session, "model.surface", json!({ "labels": 2, "segment": 3 })).unwrap()[0];
    let id = run(&mut session, "plan.new", json!({ "template": "needle", "entry": skin.0.to_string() })).unwrap()[0];
    let slanted = needle([10.0, 30.0, 30.0], [40.0, 50.0, 30.0]);
    run(
        &mut session,
        "plan.act",
        json!({ "plan": id, "actions": [needle([10.0, 50.0, 30.0], [44.0, 50.0, 30.0]), slanted] }),
    )
    .unwrap();
    let score = scored(&mut session, id);
    let straight = term(&score, "1/angle");
    assert!(
        straight.value.unwrap().value < 3.0 && straight.method.contains("smoothed over the corners"),
        "{straight:?}"
    );
    let angle = term(&score, "2/angle").value.unwrap();
    assert!((angle.value - (20.0_f64 / 30.0).atan().to_degrees()).abs() < 3.0, "{angle:?}");
    let gap = term(&score, "paths/gap");
    assert!((gap.value.unwrap().value + 1.0).abs() < 0.01 && gap.verdict == Verdict::Breach, "{gap:?}");
    // Where the plan says that soft tissue is air, the same path goes through air.
    let limits = json!([{ "air_hu_below": -100 }]);
    run(&mut session, "plan.change", json!({ "plan": id, "limits": limits })).unwrap();
    let bad = json!({ "plan": id, "limits": [{ "air_hu_below": 400 }] });
    assert!(refused(&mut session, "plan.change", bad).contains("-1024 to -100 HU"));
}

#[test]
fn a_screw_has_its_grade_and_its_bone() {
    let mut session = desk();
    // A column of 6 × 10 × 30 mm about 74, 50, 30 stands for bone.
    let id = run(&mut session, "plan.new", json!({ "organ": "inferior vena cava", "scan": 1 })).unwrap()[0];
    let screw = |x: f64, diameter: f64| json!({ "do": "screw", "head": [x, 50, 17], "tip": [x, 50, 40], "diameter_mm": diameter });
    add(&mut session, id, "thin", screw(74.0, 3.0));
    add(&mut session, id, "thick", screw(74.0, 9.0));
    let beside = json!({ "plan": id, "actions": [{ "name": "beside", "action": screw(84.0, 3.0) }] });
    let why = refused(&mut session, "plan.act", beside);
    assert!(why.contains("does not pass the bone"), "{why}");
    let score = scored(&mut session, id);
    let thin = term(&score, "1/breach");
    assert_eq!((thin.value.unwrap().value, thin.verdict), (0.0, Verdict::Ok), "{thin:?}");
    assert!(thin.reason.starts_with("grade A") && thin.reason.contains("corridor"), "{}", thin.reason);
    assert!(term(&score, "1/contact").value.unwrap().value > 99.0);
    assert!((term(&score, "1/density").value.unwrap().value - 40.0).abs() < 1e-9);
    // 4.5 mm of thread in 3 mm of bone.
    let thick = term(&score, "2/breach");
    assert!(thick.value.unwrap().holds(1.5) && thick.reason.contains("grade B"), "{thick:?}");
    assert!(thick.verdict == Verdict::Warning && term(&score, "2/contact").value.unwrap().value < 90.0);
    // Half of the thick thread is nearer to the edge than that is known.
    let contact = term(&score, "2/contact").value.unwrap();
    assert!(contact.low < contact.value && contact.value < contact.high, "{contact:?}");
    let density = term(&score, "1/density_least");
    assert!(
        (density.value.unwrap().value - 40.0).abs() < 1e-9 && density.reason.contains("from the head"),
        "{density:?}"
    );
    // A bone that is moved away from under its screws leaves a breach that nobody can judge.
    let moved = with_bone_at(&session, id, 60.0);
    let beside = term(&moved, "1/breach");
    assert!(beside.verdict == Verdict::NotValid && beside.reason.contains("does not pass the bone"), "{beside:?}");
    assert!(moved.unjudged().any(|term| term.id == "1/breach"), "{moved:?}");
}

#[test]
fn an_osteotomy_gapes_by_what_it_is_moved() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "organ": "liver" })).unwrap()[0];
    let saw = json!({ "do": "osteotomy", "planes": [[[51, 0, 0], [1, 0, 0]]], "kerf_mm": 0.0, "turn_degrees": [0, 0, 0],
        "about": [51, 51, 30], "shift_mm": [3, 0, 0] });
    add(&mut session, id, "saw", saw);
    let mut turned = plan(&session, id).actions[0].action.clone();
    if let Action::Osteotomy(saw) = &mut turned {
        (saw.turn_degrees, saw.about, saw.shift_mm) = ([0.0, 0.0, 10.0], [51.0, 51.0, 30.0], [0.0; 3]);
    }
    add(&mut session, id, "turn", serde_json::to_value(turned).unwrap());
    let score = scored(&mut session, id);
    let value = |id: &str| term(&score, id).value.unwrap();
    // The face is 40 × 22 mm.
    assert!((value("1/gap").value - 2.64).abs() < 1e-6 && value("1/overlap").value < 1e-9, "{:?}", value("1/gap"));
    // Its outline of 124 mm may lie half a voxel's diagonal and 1 mm farther out or in.
    let gap = value("1/gap");
    let may_be_ml = (3.0_f64.sqrt() + 1.0) * 124.0 * 3.0 / 1000.0;
    assert!(
        (gap.high - gap.value - may_be_ml).abs() < 1e-6 && (gap.value - gap.low - may_be_ml).abs() < 1e-6,
        "{gap:?}"
    );
    assert_eq!((value("1/shift").value, value("1/correction").value), (3.0, 0.0));
    assert!((value("2/correction").value - 10.0).abs() < 1e-9);
    // Half of the face rises by up to 20 · sin 10° = 3.47 mm, on 20 · cos 10° = 19.70 mm of width; the other half sinks.
    let wedge = 0.5 * 20.0 * 10.0_f64.to_radians().sin() * 20.0 * 10.0_f64.to_radians().cos() * 22.0 / 1000.0;
    assert!((value("2/gap").value - wedge).abs() < 0.05 && (value("2/overlap").value - wedge).abs() < 0.05, "{wedge}");
}

#[test]
fn ports_meet_at_the_angle_they_are_placed_for() {
    let mut session = desk();
    let id =
        run(&mut session, "plan.new", json!({ "template": "port_placement", "targets": [{ "structure": "tumour" }] }))
            .unwrap()[0];
    let side = 38.0 * 30.0_f64.to_radians().tan();
    let port = |x: f64| json!({ "do": "port", "at": [40.0 + x, 12, 30], "towards": [40, 50, 30], "reach_mm": 250, "sweep_degrees": 40, "is_camera": false });
    add(&mut session, id, "left", port(side));
    let score = scored(&mut session, id);
    assert!(!score.terms.iter().any(|term| term.id.starts_with("manipulation")));
    add(&mut session, id, "right", port(-side));
    let score = scored(&mut session, id);
    let angle = term(&score, "manipulation/1-2/2.2");
    assert!((angle.value.unwrap().value - 60.0).abs() < 1e-6 && angle.verdict == Verdict::Ok, "{angle:?}");
    assert!((term(&score, "elevation/1/2.2").value.unwrap().value - 60.0).abs() < 1e-6);
    let lies = term(&score, "access/position");
    assert!(
        lies.reason.contains("on the back; up is 0.00, -1.00, 0.00") && lies.source.contains("no position"),
        "{lies:?}"
    );
    // Both point at the same place: they lean as the ways to the tumour do.
    assert!((term(&score, "1/horizon").value.unwrap().value - 60.0).abs() < 1e-6);
    // On the left side the way of the left port, which comes from the patient's left, points up.
    let position = |lie: &str, head_up: f64| json!({ "plan": id, "limits": [{ "position": { "lie": lie, "head_up_degrees": head_up } }] });
    run(&mut session, "plan.change", position("left_side", 0.0)).unwrap();
    let turned = scored(&mut session, id);
    let of = |score: &Score, id: &str| term(score, id).value.unwrap().value;
    assert!(
        (of(&turned, "elevation/1/2.2") + 30.0).abs() < 1e-6 && (of(&turned, "elevation/2/2.2") - 30.0).abs() < 1e-6
    );
    assert!((of(&turned, "manipulation/1-2/2.2") - 60.0).abs() < 1e-6, "between themselves nothing changes");
    run(&mut session, "plan.change", position("supine", 30.0)).unwrap();
    let tilted = scored(&mut session, id);
    assert_eq!(of(&tilted, "access/position"), 30.0);
    // sin = cos 30° · sin 60°.
    assert!((of(&tilted, "1/horizon") - 0.75_f64.asin().to_degrees()).abs() < 1e-6);
    assert!(refused(&mut session, "plan.change", position("supine", 120.0)).contains("tilt of the table"));
    assert!(refused(&mut session, "plan.change", position("upside_down", 0.0)).contains("limits"));
}

#[test]
fn a_search_adds_the_best_paths_and_a_map_of_risk() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "needle", "organ": "liver" })).unwrap()[0];
    let before = session.content_hash();
    let added = run(&mut session, "plan.search", json!({ "plan": id, "adds": 3 })).unwrap();
    let own = plan(&session, id);
    assert_eq!(own.actions.len(), 3);
    let Data::Surface(map) = &session.case().node(added[0]).unwrap().data else { panic!("no surface") };
    let risk = &map.fields[0];
    assert_eq!((risk.unit.as_str(), risk.values.len()), ("1", map.surface.positions().len()));
    assert!(risk.values.iter().all(|risk| (0.0..=1.0).contains(risk)));
    let least = risk.values.iter().copied().fold(1.0, f64::min);
    let table = session.case().node(added[0]).unwrap().summary.tables[0].clone();
    let costs: Vec<f64> = table.rows.iter().map(|row| row.values[0].unwrap()).collect();
    assert!(costs.is_sorted() && (costs[0] - least).abs() < 1e-9 && 3 <= costs.len(), "{costs:?} {least}");
    // The body is 42 mm high with the tumour in its middle.
    let Action::Needle(best) = &own.actions[0].action else { panic!("no needle") };
    assert!((best.entry[2] - 30.0).abs() > 19.0 && best.target == [40.0, 50.0, 30.0], "{best:?}");
    let score = scored(&mut session, id);
    for n in 1..=3 {
        assert!(term(&score, &format!("{n}/keep/2.4")).verdict == Verdict::Ok);
        assert!(0.0 < term(&score, &format!("{n}/tip/2.2")).value.unwrap().value);
        assert_eq!(term(&score, &format!("{n}/air")).value.unwrap().value, 0.0);
    }
    assert!(session.undo() && session.undo());
    assert_eq!(session.content_hash(), before);
}

#[test]
fn a_search_to_several_targets_keeps_paths_apart_and_one_without_hope_says_why() {
    let mut session = desk();
    let targets = json!([{ "structure": "tumour" }, { "structure": "inferior vena cava" }]);
    let bare = run(&mut session, "plan.new", json!({ "targets": targets, "scan": 1 })).unwrap()[0];
    assert!(refused(&mut session, "plan.search", json!({ "plan": bare })).contains("segment the skin"));
    run(&mut session, "plan.change", json!({ "plan": bare, "entry": "skin" })).unwrap();
    run(&mut session, "plan.search", json!({ "plan": bare, "all": true, "gap_mm": 4.0 })).unwrap();
    assert_eq!(plan(&session, bare).actions.len(), 2);
    let score = scored(&mut session, bare);
    assert!(4.0 <= term(&score, "paths/gap").value.unwrap().value);
    run(&mut session, "plan.change", json!({ "plan": bare, "limits": [{ "length_mm_max": 5 }] })).unwrap();
    let far = refused(&mut session, "plan.search", json!({ "plan": bare }));
    assert!(far.contains("within 5 mm"), "{far}");
    let keep = json!([{ "structure": "inferior vena cava", "distance_mm": 60 }]);
    let blocked = run(
        &mut session,
        "plan.new",
        json!({ "targets": [{ "structure": "tumour" }], "keep_out": keep, "entry": "skin", "scan": 1 }),
    )
    .unwrap()[0];
    let why = refused(&mut session, "plan.search", json!({ "plan": blocked }));
    assert!(why.contains("no path is possible") && why.contains("too near to inferior vena cava"), "{why}");
    run(&mut session, "plan.change", json!({ "plan": blocked, "targets": [] })).unwrap();
    assert!(refused(&mut session, "plan.search", json!({ "plan": blocked })).contains("no target"));
}

#[test]
fn a_guide_fits_the_saw_cut_and_keeps_its_clearance() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "organ": "liver" })).unwrap()[0];
    let saw = json!({ "do": "osteotomy", "planes": [[[51, 0, 0], [1, 0, 0]]], "kerf_mm": 1.0, "turn_degrees": [0, 0, 0],
        "about": [51, 51, 45], "shift_mm": [3, 0, 0] });
    add(&mut session, id, "saw", saw);
    add(&mut session, id, "clip", json!({ "do": "clip", "at": [40, 60, 30] }));
    let params =
        |action: u32| json!({ "plan": id, "action": action, "printer": "resin", "radius_mm": 9, "thickness_mm": 3 });
    let guide = run(&mut session, "plan.guide", params(1)).unwrap()[0];
    let node = session.case().node(guide).unwrap();
    let Data::Surface(own) = &node.data else { panic!("no surface") };
    assert_eq!(own.surface.open_edges(), 0);
    assert!((node.summary.value("least distance to the bone").unwrap() - 0.25).abs() < 0.1, "{:?}", node.summary);
    // It sits on top of the bone, which ends at z = 41, and the slot goes through its middle.
    assert!(own.surface.bounds().min.z > 39.0 && (own.surface.bounds().centre().x - 51.0).abs() < 1.0);
    assert!(!crate::mesh::Bvh::new(&own.surface).is_inside(&crate::geom::Point::new(51.0, 51.0, 43.0)));
    assert!(crate::mesh::Bvh::new(&own.surface).is_inside(&crate::geom::Point::new(53.0, 51.0, 43.0)));
    // Voxels of 2 mm are too coarse for a guide, and it says so.
    assert!(node.summary.warnings[0].contains("at most 1 mm"), "{:?}", node.summary.warnings);
    assert!(refused(&mut session, "plan.guide", params(2)).contains("no osteotomy"));
    assert!(refused(&mut session, "plan.guide", params(7)).contains("no action 7"));
}

#[test]
fn contacts_of_an_electrode_say_where_they_lie() {
    let mut session = desk();
    let params = json!({ "organ": "liver", "entry": "skin", "vessels": "3", "targets": [{ "structure": "tumour" }],
        "keep_out": [{ "structure": "inferior vena cava", "distance_mm": 2 }] });
    let id = run(&mut session, "plan.new", params).unwrap()[0];
    let electrode = |kind: &str, count: usize| {
        json!({ "do": "needle", "entry": [12, 50, 30], "target": [54, 50, 30], "diameter_mm": 1.0,
        "kind": kind, "contacts": { "count": count, "length_mm": 2.0, "spacing_mm": 5.0 } })
    };
    let act = |action: Value| json!({ "plan": id, "actions": [{ "name": "A", "action": action }] });
    assert!(refused(&mut session, "plan.act", act(electrode("needle", 8))).contains("only an electrode"));
    let long = refused(&mut session, "plan.act", act(electrode("electrode", 20)));
    assert!(long.contains("97.0 mm") && long.contains("42.0 mm"), "{long}");
    run(&mut session, "plan.act", act(electrode("electrode", 8))).unwrap();
    let score = scored(&mut session, id);
    // From the tip at x = 54 the middles are at 53, 48, 43 … 18; the tumour's voxels reach from 35 to 45 there.
    let contact = |n: usize| term(&score, &format!("1/contact/{n}"));
    for (n, mm) in [(1, 8.0), (2, 3.0), (3, -2.0), (4, -3.0), (5, 2.0)] {
        let value = contact(n).value.unwrap();
        assert!((value.value - mm).abs() < 1e-6 && value.low < mm && mm < value.high, "{n}: {value:?}");
    }
    let inside = term(&score, "1/contacts/in_targets");
    assert_eq!((inside.value.unwrap().value, inside.reason.as_str()), (2.0, "of 8 contacts on the path"));
    assert!(inside.value.unwrap().low < 2.0 && 2.0 < inside.value.unwrap().high);
    let lies = |n: usize, what: &str| assert!(contact(n).reason.contains(what), "{n}: {}", contact(n).reason);
    lies(1, "its middle lies in liver; nearest vessel or spared structure: portal vein, 7.5 mm");
    lies(3, "its middle lies in tumour");
    lies(8, "its middle lies in no segment");
    assert!(score.term("1/contact/9").is_none());
}

/// A head of 100 mm: scalp, a skull of 6 mm that the scan shows as bone, a tumour and a vessel within.
fn head() -> Session {
    use crate::base::{NodeId, SegmentId};
    use crate::geom::{Grid, Point};
    use crate::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels};
    let grid = Grid::aligned([58; 3], Point::new(-57.0, -57.0, -57.0), [2.0; 3]).unwrap();
    let label = |p: Point| {
        let r = p.coords.norm();
        match () {
            () if (40.0..46.0).contains(&r) => 1_u8,
            () if (p - Point::new(18.0, 0.0, 6.0)).norm() < 5.0 => 2,
            () if (p - Point::new(28.0, 0.0, 0.0)).norm() < 4.0 => 3,
            () => 0,
        }
    };
    let places: Vec<Point> = (0..grid.len()).map(|n| grid.centre(grid.voxel(n))).collect();
    let hu = places.iter().map(|p| match (label(*p), p.coords.norm()) {
        (1, _) => 900,
        (_, r) if r < 52.0 => 40,
        _ => -1000,
    });
    let voxels = Voxels::I16(Volume::new(grid.clone(), hu.collect()).unwrap());
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    let table = [(1, "skull"), (2, "tumour"), (3, "vessel")];
    let table = table.map(|(id, name)| Segment::new(SegmentId(id), name, [9 * id; 3], None)).to_vec();
    let labels = Volume::new(grid, places.iter().map(|p| label(*p)).collect()).unwrap();
    let labels = LabelMap::from_volume(&labels, table).unwrap();
    let case = crate::session::Case::from_nodes([
        (NodeId(1), crate::session::Node::new("scan", Data::Scan(std::sync::Arc::new(scan)))),
        (NodeId(2), crate::session::Node::new("head", Data::Labels(labels)).from_source(NodeId(1))),
    ]);
    Session::with_case(crate::tools::TOOLS, case, Vec::new())
}

#[test]
fn a_skull_takes_the_place_of_the_skin_in_a_search() {
    let mut session = head();
    let plan_of_head = json!({
        "entry": "skull",
        "scan": 1,
        "targets": [{ "structure": "tumour" }],
        "keep_out": [{ "structure": "vessel", "distance_mm": 3 }],
    });
    let id = run(&mut session, "plan.new", plan_of_head).unwrap()[0];
    let added = run(&mut session, "plan.search", json!({ "plan": id, "adds": 2 })).unwrap();
    let node = session.case().node(added[0]).unwrap();
    let Data::Surface(map) = &node.data else { panic!("no surface") };
    let risk = &map.fields[0].values;
    let mut open = 0;
    for (place, risk) in map.surface.positions().iter().zip(risk.iter()) {
        let is_outside = 44.0 < place.coords.norm();
        assert!(is_outside || *risk == 1.0, "{place} on the inner table has a risk of {risk}");
        open += usize::from(is_outside && *risk < 1.0);
    }
    assert!(100 < open, "{open} entries");
    assert!(
        node.summary.methods.iter().any(|method| method.contains("which is drilled")),
        "{:?}",
        node.summary.methods
    );
    let own = plan(&session, id);
    assert_eq!(own.actions.len(), 2);
    // The plan's own score sees the same entry: an angle, and no air.
    let score = scored(&mut session, id);
    for (n, named) in own.actions.iter().enumerate() {
        let Action::Needle(needle) = &named.action else { panic!("no needle") };
        let (entry, target) = (crate::geom::Point::from(needle.entry), crate::geom::Point::from(needle.target));
        assert!((entry.coords.norm() - 46.0).abs() < 1.5, "{entry}");
        let truth = (entry - target).angle(&entry.coords).to_degrees();
        let angle = term(&score, &format!("{}/angle", n + 1));
        let value = angle.value.unwrap_or_else(|| panic!("{angle:?}"));
        assert!((value.value - truth).abs() < 6.0 && value.low <= value.high, "{angle:?} for {truth}");
        assert_eq!(term(&score, &format!("{}/air", n + 1)).value.unwrap().value, 0.0);
    }
    // A target behind the vessel's distance cannot be reached, and it is not the skull that is blamed.
    let near = json!([{ "structure": "vessel", "distance_mm": 60 }]);
    run(&mut session, "plan.change", json!({ "plan": id, "keep_out": near })).unwrap();
    let why = refused(&mut session, "plan.search", json!({ "plan": id }));
    assert!(why.contains("too near to vessel") && !why.contains("through bone"), "{why}");
}
