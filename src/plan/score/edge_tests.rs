//! Bounds of a score hold the truth where edges of segments were drawn too far in or out.

use super::{Body, BodyFrom, Scene, score};
use crate::base::rng::Rng;
use crate::base::{NodeId, Progress, SegmentId};
use crate::geom::{Grid, Point, Vector};
use crate::image::{LabelMap, Volume};
use crate::plan::{
    Action, Cut, CutShape, KeepOut, Limits, NamedAction, Needle, NeedleKind, Plan, Structure, Target, uncertainty,
};
use std::f64::consts::PI;
use std::sync::Arc;

const BODIES: usize = 100;
/// Radius of the target and of what is spared.
const BALL_MM: f64 = 4.0;

fn structure(node: u32) -> Structure {
    Structure { node: NodeId(node), segment: Some(SegmentId(1)) }
}

fn body(name: &str, grid: &Arc<Grid>, inside: impl Fn(&Point) -> bool) -> Arc<Body> {
    let voxels = (0..grid.len()).map(|n| u8::from(inside(&grid.centre(grid.voxel(n))))).collect();
    let labels = LabelMap::from_mask(&Volume::new(Arc::clone(grid), voxels).unwrap(), name, [0; 3], None);
    Arc::new(Body::new(name, None, name.to_owned(), &BodyFrom::Segment(&labels, SegmentId(1))))
}

fn direction(rng: &mut Rng) -> Vector {
    Vector::from_fn(|_, _| rng.normal()).try_normalize(1e-9).unwrap_or_else(Vector::z)
}

/// Part of a ball of 1 beyond a plane `h` from its middle: (1 − h)² (2 + h)/4.
fn cap_share(h: f64) -> f64 {
    let h = h.clamp(-1.0, 1.0);
    (1.0 - h) * (1.0 - h) * (2.0 + h) / 4.0
}

/// From the nearest place of a straight way to a point.
fn from_way_mm(point: &Point, [a, b]: [&Point; 2]) -> f64 {
    let way = b - a;
    let part = ((point - a).dot(&way) / way.norm_squared()).clamp(0.0, 1.0);
    (a + way * part - point).norm()
}

/// What is true of one random case, its plan and its scene.
struct Known {
    plan: Plan,
    scene: Scene,
    truth: [(&'static str, f64); 5],
}

/// An ellipsoid with a ball in it that is cut out by a plane, and a needle beside another ball; all edges are drawn `off_mm` too
/// far out.
fn known(rng: &mut Rng, off_mm: f64) -> Known {
    let spacing_mm = [0, 1, 2].map(|_| rng.between(1.0, 1.8));
    let dims = spacing_mm.map(|h| (46.0 / h) as usize);
    let start = [0, 1, 2].map(|a| -0.5 * (dims[a] - 1) as f64 * spacing_mm[a]);
    let grid = Arc::new(Grid::aligned(dims, Point::from(start), spacing_mm).unwrap());
    let axes = Vector::from_fn(|_, _| rng.between(13.0, 19.0));
    let middle = Point::from(direction(rng) * rng.between(0.0, 5.0));
    let spared = Point::from(direction(rng) * rng.between(0.0, 14.0));
    let ball = |at: Point| move |p: &Point| (p - at).norm() <= BALL_MM + off_mm;
    let organ = |p: &Point| p.coords.component_div(&axes.add_scalar(off_mm)).norm() <= 1.0;
    let scene = Scene::new([
        (structure(1), body("organ", &grid, organ)),
        (structure(2), body("target", &grid, ball(middle))),
        (structure(3), body("spared", &grid, ball(spared))),
    ]);
    let (normal, margin_mm) = (direction(rng), rng.between(2.0, 6.0));
    let point = middle - normal * (BALL_MM + margin_mm);
    let cut = Cut { shape: CutShape::Plane { point: point.into(), normal: normal.into() }, width_mm: 0.0 };
    let (entry, tip, away_mm) = loop {
        let mut end = || Point::new(rng.between(-20.0, 20.0), rng.between(-20.0, 20.0), rng.between(-20.0, 20.0));
        let (entry, tip) = (end(), end());
        let mm = from_way_mm(&spared, [&entry, &tip]) - BALL_MM - 0.5;
        if 1.0 < mm && 5.0 < (tip - entry).norm() {
            break (entry, tip, mm);
        }
    };
    let needle =
        Needle { entry: entry.into(), target: tip.into(), diameter_mm: 1.0, kind: NeedleKind::Needle, contacts: None };
    let named = |name: &str, action| NamedAction { name: name.to_owned(), action };
    let plan = Plan {
        organ: Some(structure(1)),
        targets: vec![Target { structure: structure(2), margin_mm: 1.0 }],
        keep_out: vec![KeepOut { structure: structure(3), distance_mm: 1.0, weight: None }],
        actions: vec![named("cut", Action::Cut(cut)), named("needle", Action::Needle(needle))],
        ..Plan::default()
    };
    // In units of the axes the ellipsoid is a ball of 1 and the plane another plane.
    let share = cap_share(normal.dot(&point.coords) / normal.component_mul(&axes).norm());
    let whole_ml = 4.0 / 3.0 * PI * axes.product() / 1000.0;
    let truth = [
        ("organ_ml", whole_ml),
        ("resected_ml", share * whole_ml),
        ("remnant_percent", 100.0 * (1.0 - share)),
        ("margin/2.1", margin_mm),
        ("2/keep/3.1", away_mm),
    ];
    Known { plan, scene, truth }
}

#[test]
fn bounds_hold_what_edges_that_were_drawn_off_hide() {
    let mut rng = Rng::new(90);
    let (mut held, mut without) = ([0; 5], [0; 5]);
    for _ in 0..BODIES {
        let off_mm = rng.between(-uncertainty::EDGE_MM, uncertainty::EDGE_MM);
        let Known { plan, scene, truth } = known(&mut rng, off_mm);
        let bare = Plan { limits: Limits { edge_mm: Some(0.0), ..Limits::default() }, ..plan.clone() };
        for (plan, held) in [(&plan, &mut held), (&bare, &mut without)] {
            let found = score(plan, &scene, &Progress::default()).unwrap();
            for ((id, truth), held) in truth.iter().zip(held) {
                *held += usize::from(found.term(id).and_then(|term| term.value).unwrap().holds(*truth));
            }
        }
    }
    assert!(held.iter().all(|held| 95 <= *held), "of {BODIES}: {held:?}");
    assert!(without[0] < 80, "half a voxel alone hides it: {without:?}");
}

#[test]
fn a_score_says_how_well_edges_are_known_and_from_where() {
    let Known { mut plan, scene, .. } = known(&mut Rng::new(7), 0.0);
    let mut said = || {
        let found = score(&plan, &scene, &Progress::default()).unwrap();
        let term = found.term("edge").unwrap().clone();
        let spread = found.term("2/keep/3.1").unwrap().value.map(|value| value.high - value.value).unwrap();
        plan.limits.edge_mm = Some(2.5);
        (term.text(), term.source, spread)
    };
    let (text, source, spread) = said();
    assert!(text == "1.0 mm" && source.contains("Heimann"), "{text} {source}");
    let (text, source, wider) = said();
    assert_eq!((text.as_str(), source.as_str()), ("2.5 mm", "limit of this plan"));
    assert!((wider - spread - 1.5).abs() < 1e-9, "{spread} {wider}");
}
