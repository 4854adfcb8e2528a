//! Shapes of every action, where the action lies, in the colours of what it does.

use super::*;
use crate::base::NodeId;
use crate::geom::Aabb;
use crate::plan::uncertainty::EDGE_MM;
use crate::plan::{Cut, CutShape, NamedAction, NeedleKind, Osteotomy, Screw, Structure, Target};
use crate::tools::shared::plan_fixture::{case, segment};

const VEIN: Structure = Structure { node: NodeId(3), segment: None };

fn plan(actions: Vec<Action>) -> Plan {
    let named = |(n, action)| NamedAction { name: format!("Action {}", n + 1), action };
    Plan {
        organ: Some(segment(1)),
        targets: vec![Target { structure: segment(2), margin_mm: 5.0 }],
        keep_out: vec![
            KeepOut { structure: segment(4), distance_mm: 4.0, weight: None },
            KeepOut { structure: VEIN, distance_mm: 3.0, weight: None },
        ],
        actions: actions.into_iter().enumerate().map(named).collect(),
        ..Plan::default()
    }
}

fn needle(kind: NeedleKind, entry: [f64; 3], target: [f64; 3]) -> Needle {
    Needle { entry, target, diameter_mm: 2.0, kind, contacts: None }
}

fn ablation(entry: [f64; 3], target: [f64; 3]) -> Action {
    let needle = needle(NeedleKind::Probe, entry, target);
    Action::Ablation(Zone { needle, device: String::new(), power_w: 60.0, minutes: 5.0 })
}

fn plane(x: f64) -> Action {
    Action::Cut(Cut { shape: CutShape::Plane { point: [x, 0.0, 0.0], normal: [1.0, 0.0, 0.0] }, width_mm: 2.0 })
}

struct Made {
    shapes: Shapes,
    near: Vec<Shape>,
    faces: Faces,
}

fn made(plan: &Plan) -> Made {
    let (ingredients, progress) = (Ingredients::of(&case(), plan).unwrap(), Progress::default());
    let mut stage = Stage::default();
    stage.prepare(&ingredients, plan, &progress).unwrap();
    let faces = stage.faces(plan, &progress).unwrap();
    let shapes = stage.shapes(&ingredients, plan, &faces, &progress).unwrap();
    let near = stage.too_near(&ingredients, plan, &faces, &progress).unwrap();
    Made { shapes, near, faces }
}

fn find(all: &[Shape], part: Part, of: usize) -> &Shape {
    all.iter().find(|shape| shape.key == Key { part, of }).unwrap_or_else(|| panic!("no {part:?} of {of}"))
}

/// Whether `inner` lies in `outer`, but for `beyond_mm`.
fn within(inner: &Aabb, outer: [[f64; 3]; 2], beyond_mm: f64) -> bool {
    let [low, high] = outer;
    (0..3).all(|axis| low[axis] - beyond_mm <= inner.min[axis] && inner.max[axis] <= high[axis] + beyond_mm)
}

#[test]
fn every_action_has_a_shape_and_it_lies_where_the_action_lies() {
    let kinds = [NeedleKind::Needle, NeedleKind::Drain, NeedleKind::Electrode];
    let (entry, tip) = ([0.0, -34.0, 0.0], [0.0, -4.0, 0.0]);
    let mut actions: Vec<Action> = kinds.iter().map(|kind| Action::Needle(needle(*kind, entry, tip))).collect();
    actions.extend([
        ablation([40.0, 0.0, 0.0], [12.0, 0.0, 0.0]),
        Action::Screw(Screw { head: entry, tip, diameter_mm: 5.0 }),
        Action::Port(Port { at: entry, reach_mm: 60.0, sweep_degrees: 30.0, towards: [0.0; 3], is_camera: false }),
        Action::Clip { at: [5.0, -10.0, 5.0] },
        plane(0.0),
        Action::Osteotomy(Osteotomy {
            planes: vec![[[0.0, 0.0, 10.0], [0.0, 0.0, 1.0]]],
            kerf_mm: 1.0,
            turn_degrees: [0.0; 3],
            about: [0.0; 3],
            shift_mm: [0.0, 0.0, 7.0],
        }),
    ]);
    let Made { shapes: Shapes { all, .. }, .. } = made(&plan(actions));
    for n in 0..3 {
        let body = find(&all, Part::Body, n).surface.bounds();
        // From 40 mm before the skin to the tip, 2 mm thick.
        assert!(
            within(&body, [[-1.0, -74.0, -1.0], [1.0, -4.0, 1.0]], 1e-6) && (body.max.y + 4.0).abs() < 1e-6,
            "{body:?}"
        );
    }
    let zone = find(&all, Part::Zone, 3);
    assert!(zone.opacity < 0.5, "what lies in it is seen");
    let size = zone.surface.bounds().size();
    assert!(
        (zone.surface.bounds().centre() - Point::new(12.0, 0.0, 0.0)).norm() < 25.0 && 10.0 < size.y && size.y < 60.0
    );
    find(&all, Part::Body, 3);
    let screw = find(&all, Part::Body, 4).surface.bounds();
    assert!(
        (screw.max.y + 4.0).abs() < 1e-6 && within(&screw, [[-4.0, -42.0, -4.0], [4.0, -4.0, 4.0]], 1e-6),
        "{screw:?}"
    );
    let (rod, cone) = (find(&all, Part::Body, 5).surface.bounds(), find(&all, Part::Cone, 5).surface.bounds());
    assert!(rod.max.y < 0.1 && (cone.max.y - 26.0).abs() < 0.5 && (cone.min.y + 34.0).abs() < 1e-6, "{rod:?} {cone:?}");
    let clip = find(&all, Part::Body, 6).surface.bounds();
    assert!((clip.centre() - Point::new(5.0, -10.0, 5.0)).norm() < 0.2 && clip.size().norm() < 10.0);
    let cut = find(&all, Part::Cut, 7);
    assert!(cut.surface.positions().iter().all(|at| at.x.abs() < 1e-9) && cut.coloured.is_some());
    // The cap above z = 10.5, 7 mm higher; its saw face stays where the saw goes.
    let (fragment, saw) = (find(&all, Part::Fragment, 8).surface.bounds(), find(&all, Part::Saw, 8).surface.bounds());
    assert!((fragment.min.z - 17.5).abs() < 0.1 && (fragment.max.z - 37.0).abs() < 1.0, "{fragment:?}");
    assert!((saw.min.z - 10.0).abs() < 1e-9 && (saw.max.z - 10.0).abs() < 1e-9);
    // Nothing that follows a hand is larger than can be drawn anew with every frame.
    let triangles: usize = all.iter().map(|shape| shape.surface.triangles().len()).sum();
    assert!(triangles < 150_000, "{triangles}");
}

#[test]
fn a_target_is_coloured_by_the_margin_of_the_ablation_and_its_cover_is_told() {
    let Made { shapes: Shapes { all, covers }, .. } = made(&plan(vec![ablation([40.0, 0.0, 0.0], [12.0, 0.0, 0.0])]));
    let target = find(&all, Part::Target, 0);
    let coloured = target.coloured.as_ref().unwrap();
    assert_eq!((coloured.range, coloured.map, coloured.field.unit.as_str()), ([-5.0, 10.0], Colormap::Cividis, "mm"));
    assert_eq!(coloured.field.values.len(), target.surface.positions().len());
    // Each value is the depth of its place under the zone, whose surface is drawn too.
    let Action::Ablation(zone) = ablation([40.0, 0.0, 0.0], [12.0, 0.0, 0.0]) else { unreachable!() };
    let zone = Zones::planned(&[zone], &[]).unwrap();
    for (at, mm) in target.surface.positions().iter().zip(coloured.field.values.iter()) {
        assert!((zone.depth_mm(at) - mm).abs() < 0.35, "{mm} at {at}");
    }
    let [cover] = &covers[..] else { panic!("{covers:?}") };
    assert_eq!((cover.name.as_str(), cover.margin_mm), ("tumour", 5.0));
    assert!(cover.with_margin_percent <= cover.within_percent && cover.within_percent <= 100.0);
    // Far away nothing of it is reached.
    let far = made(&plan(vec![ablation([-40.0, 0.0, 0.0], [-30.0, 0.0, 0.0])])).shapes;
    assert_eq!((far.covers[0].within_percent, far.covers[0].with_margin_percent), (0.0, 0.0));
    // Without an ablation no target is coloured.
    let none = made(&plan(vec![plane(0.0)])).shapes;
    assert!(none.covers.is_empty() && none.all.iter().all(|shape| shape.key.part != Part::Target));
}

/// A cut is red where it comes too near to what is spared, vessels with it, and not only to targets.
#[test]
fn the_colours_of_a_cut_watch_what_is_spared_too() {
    let lacks = |x: f64, at: Point| {
        let Made { faces, .. } = made(&plan(vec![plane(x)]));
        let face = &faces.all[0];
        let field = face.lacking.as_ref().unwrap();
        let near = (0..face.fine.positions().len())
            .min_by(|a, b| (face.fine.positions()[*a] - at).norm().total_cmp(&(face.fine.positions()[*b] - at).norm()));
        (field.values[near.unwrap()], (face.fine.positions()[near.unwrap()] - at).norm(), faces.colours_mm)
    };
    // 7 mm beside the middle of the bowel of 5 mm: 2 mm less 1 mm of the knife, 4 mm are asked for.
    let (mm, off_mm, colours_mm) = lacks(-8.0, Point::new(-8.0, 0.0, 0.0));
    assert!((mm - 3.0).abs() < 0.9 + off_mm, "{mm}");
    // The yellow band is half the diagonal of a voxel and e wide, the least known of all edges.
    assert!((colours_mm - 8.0 * (0.75_f64.sqrt() + EDGE_MM)).abs() < 1e-9, "{colours_mm}");
    // On the vessel: 1.5 mm deep in it, and 3 mm and half the knife more are asked for.
    let (mm, off_mm, _) = lacks(0.0, Point::new(0.0, -10.0, 5.0));
    assert!((mm - 5.5).abs() < 0.2 + off_mm && 0.0 < mm, "{mm}");
}

#[test]
fn what_is_spared_is_seen_when_something_comes_nearer_than_it_may() {
    let colours = |actions: Vec<Action>| {
        let near = made(&plan(actions)).near;
        near.iter().map(|shape| (shape.key.of, shape.colour)).collect::<Vec<_>>()
    };
    let along_z = |x: f64| Action::Needle(needle(NeedleKind::Needle, [x, 5.0, -34.0], [x, 5.0, 30.0]));
    assert_eq!(colours(vec![along_z(20.0)]), []);
    // The bowel ends at about −10 in x at y = 0: with y = 5 the needle at −15 touches it, at −7 it is about 3 mm away.
    assert_eq!(colours(vec![along_z(-15.0)]), [(0, NEAR[2])]);
    assert_eq!(colours(vec![along_z(-7.0)]), [(0, NEAR[1])]);
    // A cut across the vessel enters it; its tube is where it runs.
    let Made { near, .. } = made(&plan(vec![plane(5.0)]));
    let vein = near.iter().find(|shape| shape.key.of == 1).unwrap();
    assert_eq!(vein.colour, NEAR[2]);
    assert!(within(&vein.surface.bounds(), [[-40.0, -12.0, 3.0], [40.0, -8.0, 7.0]], 0.1));
    // A zone destroys what a shaft leaves alone.
    assert!(colours(vec![ablation([-15.0, -34.0, 0.0], [-15.0, -9.0, 0.0])]).contains(&(0, NEAR[2])));
}

/// What cannot be drawn has no shape, and leaves those of the others.
#[test]
fn an_action_without_a_size_has_no_shape() {
    let actions = vec![
        Action::Needle(needle(NeedleKind::Needle, [0.0; 3], [0.0; 3])),
        Action::Port(Port { at: [0.0; 3], reach_mm: 0.0, sweep_degrees: 95.0, towards: [0.0; 3], is_camera: false }),
        plane(0.0),
    ];
    let all = made(&plan(actions)).shapes.all;
    assert_eq!(all.iter().map(|shape| shape.key).collect::<Vec<_>>(), [Key { part: Part::Cut, of: 2 }]);
}
