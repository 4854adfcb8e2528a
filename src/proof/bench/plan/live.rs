//! The whole score of a plan on an organ of 256³ voxels, as it is found after every move of a hand.

use super::resection::{EDGE, organ_mask, sheet, wavy};
use super::vessels::tree;
use crate::base::{NodeId, Progress, SegmentId};
use crate::geom::Point;
use crate::image::{LabelMap, Segment, Volume};
use crate::plan::score::{Body, BodyFrom, first};
use crate::plan::{Action, Cut, CutShape, KeepOut, NamedAction, Plan, Scene, Score, Structure, Target, Verdict, score};
use crate::proof::bench::{Row, best_of_three, timed};
use rayon::prelude::*;
use std::sync::Arc;

/// The score of a move of a cut, and after a moved clip.
const SCORE_MS: f64 = 200.0;
const CLIP_MS: f64 = 500.0;

const LIVER: u8 = 1;
const TUMOUR: u8 = 2;
const CAVA: u8 = 3;
const DUCT: u8 = 4;

fn segment(id: u8) -> Structure {
    Structure { node: NodeId(1), segment: Some(SegmentId(id)) }
}

/// The rows of this area.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let labels = labels()?;
    let from = |id: u8| BodyFrom::Segment(&labels, SegmentId(id));
    let make = |id: u8, name: &str| (segment(id), Arc::new(Body::new(name, None, "labels".into(), &from(id))));
    let names = [(LIVER, "liver"), (TUMOUR, "tumour"), (CAVA, "inferior vena cava"), (DUCT, "duct")];
    let (seconds, bodies) = timed(|| names.map(|(id, name)| make(id, name)));
    let mut rows =
        vec![Row::new("P10", format!("bodies of an organ of {EDGE}³ and three structures, once"), 1e3 * seconds, "ms")];
    let lines = Arc::new(tree()?);
    let vessels = Structure { node: NodeId(2), segment: None };
    let tree = Arc::new(Body::new("portal vein", None, "lines".into(), &BodyFrom::Lines(&lines)));
    let scene = Scene::new(bodies.into_iter().chain([(vessels, tree)]));
    let half = EDGE as f64 / 2.0;
    let plane = CutShape::Plane { point: [0.02 * half, 0.0, 0.0], normal: [1.0, 0.4, 0.2] };
    let kinds = [
        ("plane", plane.clone()),
        ("ball", CutShape::Sphere { centre: [0.35 * half, 0.1 * half, 0.0], radius_mm: 0.4 * half }),
        ("sheet of 4 × 4", sheet(0.5 * half, half)),
        ("sheet of 8 × 8", wavy(half)),
        ("territories", CutShape::Territories { branches: vec![2] }),
    ];
    let cut = |shape: CutShape| NamedAction { name: "cut".into(), action: Action::Cut(Cut { shape, width_mm: 3.0 }) };
    let plan = |actions: Vec<NamedAction>| Plan {
        organ: Some(segment(LIVER)),
        vessels: vec![vessels],
        targets: vec![Target { structure: segment(TUMOUR), margin_mm: 5.0 }],
        keep_out: [CAVA, DUCT]
            .map(|id| KeepOut { structure: segment(id), distance_mm: 3.0, weight: Some(1.0) })
            .to_vec(),
        actions,
        ..Plan::default()
    };
    for (name, shape) in kinds {
        let plan = plan(vec![cut(shape)]);
        let ask = || score(&plan, &scene, progress).map_err(|error| error.to_string());
        let (cold, found) = timed(ask);
        rows.push(Row::new("P10", format!("{name}: the first score ({})", told(&found?)?), 1e3 * cold, "ms"));
        let (seconds, again) = best_of_three(ask);
        again?;
        let what = format!("{name}: whole score after a move, a cut with 2 structures to spare and 1 target");
        rows.push(Row::new("P10", what, 1e3 * seconds, "ms").target(SCORE_MS));
        let (seconds, told_first) = best_of_three(|| first(&plan, &scene, progress).map_err(|error| error.to_string()));
        told_first?.iter().find(|term| term.id == "remnant_percent").ok_or("what comes first has no remnant")?;
        let what = format!("{name}: volumes and margins after a move, shown before the whole score");
        rows.push(Row::new("P10", what, 1e3 * seconds, "ms").target(SCORE_MS));
    }
    let at: [f64; 3] = lines.branches()[3].points[10].into();
    let clipped = plan(vec![cut(plane), NamedAction { name: "clip".into(), action: Action::Clip { at } }]);
    let (seconds, found) = best_of_three(|| score(&clipped, &scene, progress).map_err(|error| error.to_string()));
    let behind = found?.term("2/behind_ml").map(crate::plan::Term::text).ok_or("the clip has no volume behind it")?;
    let what = format!("whole score after a moved clip beside a cut ({behind} behind it)");
    rows.push(Row::new("P10", what, 1e3 * seconds, "ms").target(CLIP_MS));
    Ok(rows)
}

/// The remnant as a person reads it; a score with a term that is not valid measures nothing.
fn told(score: &Score) -> Result<String, String> {
    if let Some(term) = score.terms.iter().find(|term| term.verdict == Verdict::NotValid) {
        return Err(format!("{} is not valid: {}", term.name, term.reason));
    }
    let remnant = score.term("remnant_percent").ok_or("the score has no remnant")?;
    Ok(format!("{} terms, remnant {}", score.terms.len(), remnant.text()))
}

/// A liver with a tumour in it, a vein along its back, and a duct.
fn labels() -> Result<LabelMap, String> {
    let mask = organ_mask(EDGE);
    let grid = mask.grid();
    let half = EDGE as f64 / 2.0;
    let label = |o: usize| {
        let p = grid.centre(grid.voxel(o));
        match () {
            () if (p - Point::new(0.35 * half, 0.1 * half, 0.0)).norm() < 0.15 * half => TUMOUR,
            () if p.x.hypot(p.y - 0.75 * half) < 0.09 * half => CAVA,
            () if (p.x + 0.3 * half).hypot(p.z) < 0.04 * half && p.y.abs() < 0.5 * half => DUCT,
            () if mask.voxels()[o] != 0 => LIVER,
            () => 0,
        }
    };
    let voxels = (0..grid.len()).into_par_iter().map(label).collect();
    let labels = Volume::new(Arc::clone(grid), voxels).map_err(|error| error.to_string())?;
    let names = [(LIVER, "liver"), (TUMOUR, "tumour"), (CAVA, "inferior vena cava"), (DUCT, "duct")];
    let table = names.map(|(id, name)| Segment::new(SegmentId(id), name, [id; 3], None)).to_vec();
    LabelMap::from_volume(&labels, table).map_err(|error| error.to_string())
}
