//! Whole scores against bodies whose numbers are formulas: a cut by territories, clips, zones beside what is to be spared.

use super::{around, body};
use crate::base::{NodeId, Progress, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::LabelMap;
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::ablation::device;
use crate::plan::score::{Body, BodyFrom};
use crate::plan::{
    Action, Cut, CutShape, KeepOut, NamedAction, Needle, NeedleKind, Plan, Scene, Score, Structure, Target, Zone, score,
};
use crate::proof::verify::{Row, Tolerance};
use std::sync::Arc;

/// All rows of whole scores.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = territories(progress)?;
    rows.extend(clips(progress)?);
    rows.extend(zones(progress)?);
    Ok(rows)
}

const ORGAN: Structure = Structure { node: NodeId(1), segment: Some(SegmentId(1)) };
const BESIDE: Structure = Structure { node: NodeId(2), segment: Some(SegmentId(1)) };
const VESSELS: Structure = Structure { node: NodeId(3), segment: None };

fn solid(name: &str, grid: &Arc<Grid>, inside: impl Fn(&Point) -> bool + Sync) -> Arc<Body> {
    let labels = LabelMap::from_mask(&body(grid, inside), name, [0; 3], None);
    Arc::new(Body::new(name, None, name.to_owned(), &BodyFrom::Segment(&labels, SegmentId(1))))
}

fn vessels(name: &str, branches: Vec<CentreBranch>) -> Result<Arc<Body>, String> {
    let lines = Arc::new(CentreLines::new(branches).map_err(|error| error.to_string())?);
    Ok(Arc::new(Body::new(name, None, name.to_owned(), &BodyFrom::Lines(&lines))))
}

fn line(parent: Option<usize>, from: [f64; 3], to: [f64; 3], radius_mm: f64) -> CentreBranch {
    let (from, to) = (Point::from(from), Point::from(to));
    let points: Vec<Point> = (0..=20).map(|n| from + (to - from) * (f64::from(n) / 20.0)).collect();
    CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points }
}

fn deed(name: &str, action: Action) -> NamedAction {
    NamedAction { name: name.to_owned(), action }
}

fn value(score: &Score, id: &str) -> Result<f64, String> {
    let term = score.term(id).ok_or_else(|| format!("the score has no term {id}"))?;
    term.value.map(|value| value.value).ok_or_else(|| format!("{id} is not valid: {}", term.reason))
}

fn holds(score: &Score, id: &str, truth: f64) -> f64 {
    let bounds = score.term(id).and_then(|term| term.value);
    f64::from(u8::from(bounds.is_some_and(|bounds| bounds.holds(truth))))
}

/// A block on a vessel along x that parts in its middle: the second branch's territory is half of it.
fn territories(progress: &Progress) -> Result<Vec<Row>, String> {
    let grid = around([60, 40, 40], [1.0; 3]);
    let tumour = |p: &Point| (p - Point::new(14.0, 0.0, 0.0)).norm() <= 6.0;
    let tree = vec![
        line(None, [-30.0, 0.0, 0.0], [0.0, 0.0, 0.0], 3.0),
        line(Some(0), [0.0, 0.0, 0.0], [30.0, 0.0, 0.0], 2.0),
    ];
    let scene = Scene::new([
        (ORGAN, solid("block", &grid, |_| true)),
        (BESIDE, solid("tumour", &grid, tumour)),
        (VESSELS, vessels("portal vein", tree)?),
    ]);
    let cut = Cut { shape: CutShape::Territories { branches: vec![1] }, width_mm: 0.0 };
    let plan = Plan {
        organ: Some(ORGAN),
        vessels: vec![VESSELS],
        targets: vec![Target { structure: BESIDE, margin_mm: 5.0 }],
        actions: vec![deed("cut", Action::Cut(cut))],
        ..Plan::default()
    };
    let found = score(&plan, &scene, progress).map_err(|error| error.to_string())?;
    let source = "half of the block; geometry of a plane and a ball";
    let half_ml = 48.0;
    let row = |what: &str, value: f64, expected: f64, unit: &str, tolerance: Tolerance| {
        let what = format!("score of a cut by the territory of half a block: {what}");
        Row::new("P9", &what, value, expected, unit, tolerance, source)
    };
    let half_mm = 0.5 * 3.0_f64.sqrt();
    Ok(vec![
        row("taken away", value(&found, "resected_ml")?, half_ml, "ml", Tolerance::Relative(0.005)),
        row("left", value(&found, "remnant_ml")?, half_ml, "ml", Tolerance::Relative(0.005)),
        row(
            "bounds that hold them, of 2",
            holds(&found, "resected_ml", half_ml) + holds(&found, "remnant_ml", half_ml),
            2.0,
            "1",
            Tolerance::Absolute(0.0),
        ),
        row(
            "margin of a ball of 6 mm, 14 mm beyond",
            value(&found, "margin/2.1")?,
            8.0,
            "mm",
            Tolerance::Absolute(half_mm),
        ),
        row("diameter of the vessel cut", value(&found, "1/vessel/3/1")?, 6.0, "mm", Tolerance::Absolute(1e-9)),
    ])
}

/// A block on one straight vessel, clipped; a cut takes half of what is behind.
fn clips(progress: &Progress) -> Result<Vec<Row>, String> {
    let grid = around([50, 50, 80], [1.0; 3]);
    let tree = vec![line(None, [0.0, 0.0, -40.0], [0.0, 0.0, 40.0], 3.0)];
    let scene = Scene::new([(ORGAN, solid("block", &grid, |_| true)), (VESSELS, vessels("portal vein", tree)?)]);
    // At 33.25 mm from its start there are slices beyond z = −6.75 mm: centres from −6.5 mm on, 47 of 80.
    let clip = Action::Clip { at: [1.0, 0.5, -6.75] };
    let cut = Cut { shape: CutShape::Plane { point: [0.0; 3], normal: [1.0, 0.0, 0.0] }, width_mm: 0.0 };
    let mut plan = Plan {
        organ: Some(ORGAN),
        vessels: vec![VESSELS],
        actions: vec![deed("clip", clip), deed("cut", Action::Cut(cut))],
        ..Plan::default()
    };
    let found = score(&plan, &scene, progress).map_err(|error| error.to_string())?;
    // A second clip farther out: what is behind both counts once.
    plan.actions.push(deed("clip", Action::Clip { at: [0.0, 0.0, 20.0] }));
    let both = score(&plan, &scene, progress).map_err(|error| error.to_string())?;
    let source = "whole slices of the block";
    let row = |what: &str, value: f64, expected: f64, unit: &str| {
        let what = format!("score of a clip at 33.25 of 80 mm: {what}");
        Row::new("P9", &what, value, expected, unit, Tolerance::Absolute(1e-9), source)
    };
    let whole_ml = 2.5 * 47.0;
    // A slab taken out of the middle: what lies beyond it stays without its vessel. Ten slices go, 37 of the other 70 lie beyond.
    let slab =
        CutShape::Wedge { planes: vec![[[0.0, 0.0, -6.75], [0.0, 0.0, 1.0]], [[0.0, 0.0, 3.25], [0.0, 0.0, -1.0]]] };
    let slab = Plan { actions: vec![deed("slab", Action::Cut(Cut { shape: slab, width_mm: 0.0 }))], ..plan };
    let slab = score(&slab, &scene, progress).map_err(|error| error.to_string())?;
    let of_slab = |what: &str, value: f64, expected: f64, unit: &str| {
        let what = format!("score of a slab cut out of a block on one vessel: {what}");
        Row::new("P9", &what, value, expected, unit, Tolerance::Absolute(1e-9), source)
    };
    Ok(vec![
        row("devascularised", value(&found, "1/behind_ml")?, whole_ml, "ml"),
        row("part of the organ", value(&found, "1/behind_percent")?, 58.75, "%"),
        row("what of it a cut through the vessel leaves", value(&found, "1/behind_remnant_ml")?, 0.5 * whole_ml, "ml"),
        row("part of the remnant", value(&found, "1/behind_remnant_percent")?, 58.75, "%"),
        row("bounds that hold it", holds(&found, "1/behind_ml", whole_ml), 1.0, "1"),
        row("with another clip behind it, together", value(&both, "clips/3/behind_ml")?, whole_ml, "ml"),
        of_slab("remnant without supply", value(&slab, "lost/3/ml")?, 2.5 * 37.0, "ml"),
        of_slab("part of the remnant", value(&slab, "lost/3/percent")?, 100.0 * 37.0 / 70.0, "%"),
        of_slab("remnant with supply, of the organ", value(&slab, "sound/3/percent")?, 100.0 * 33.0 / 80.0, "%"),
    ])
}

/// A ball beside the zone of an ablation, across its axis and beyond its tip.
fn zones(progress: &Progress) -> Result<Vec<Row>, String> {
    let needle = Needle {
        entry: [-80.0, 0.0, 0.0],
        target: [0.0; 3],
        diameter_mm: 2.0,
        kind: NeedleKind::Probe,
        contacts: None,
    };
    let zone = Zone { needle, device: "microwave-example".into(), power_w: 60.0, minutes: 5.0 };
    let size =
        device(&[], &zone.device).and_then(|device| device.zone(60.0, 5.0)).map_err(|error| error.to_string())?;
    let middle = -size.behind_tip_mm;
    let grid = around([140, 140, 40], [0.8; 3]);
    let mut rows = Vec::new();
    for (what, centre, to_zone_mm, to_shaft_mm) in [
        ("beside it", [middle, 40.0, 0.0], 40.0 - 5.0 - 0.5 * size.short_mm, 40.0 - 5.0 - 1.0),
        ("beyond its tip", [middle + 45.0, 0.0, 0.0], 45.0 - 5.0 - 0.5 * size.long_mm, middle + 45.0 - 5.0 - 1.0),
    ] {
        let ball = solid("ball", &grid, move |p| (p - Point::from(centre)).norm() <= 5.0);
        let scene = Scene::new([(BESIDE, ball)]);
        let plan = Plan {
            keep_out: vec![KeepOut { structure: BESIDE, distance_mm: 5.0, weight: None }],
            actions: vec![deed("probe", Action::Ablation(zone.clone()))],
            ..Plan::default()
        };
        let found = score(&plan, &scene, progress).map_err(|error| error.to_string())?;
        let half_mm = 0.4 * 3.0_f64.sqrt();
        for (part, id, expected) in [("zone", "1/keep/2.1", to_zone_mm), ("shaft", "1/shaft/2.1", to_shaft_mm)] {
            rows.push(Row::new(
                "P9",
                &format!("score of an ablation, a ball of 5 mm {what}: distance of the {part}"),
                value(&found, id)?,
                expected,
                "mm",
                Tolerance::Absolute(half_mm),
                "geometry of an ellipsoid and a ball; half the diagonal of a voxel",
            ));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_of_whole_scores_passes() {
        let rows = super::rows(&crate::base::Progress::default()).unwrap();
        assert!(rows.len() == 18 && rows.iter().all(|row| row.pass), "{rows:#?}");
    }
}
