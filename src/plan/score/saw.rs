//! Terms of an osteotomy: the angle of the correction, and what gapes or overlaps after the move.

use super::Term;
use super::scene::Scene;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::Surface;
use crate::plan::bone::osteotomy::Turn;
use crate::plan::bone::{BoneError, move_fragment};
use crate::plan::resection::Blade;
use crate::plan::uncertainty::swept;
use crate::plan::{Bounded, Cut, CutShape, Osteotomy, Plan};
use std::collections::BTreeMap;

const ANGLE: &str = "The turn of the fragment, the shortest way round.";
const SHIFT: &str = "How far the fixed point of the turn is shifted.";
const BETWEEN: &str = "Between the face of the rest and the moved face of the fragment, at a right angle to each plane, exact for \
     the faces of the bone's voxels; the bounds move the outline of the faces, holes and all, by half a voxel's diagonal and e.";

/// The terms of `saw` on the organ of the plan.
pub(super) fn terms(plan: &Plan, scene: &Scene, saw: &Osteotomy, progress: &Progress) -> Result<Vec<Term>, Cancelled> {
    let shift_mm = saw.shift_mm.iter().map(|mm| mm * mm).sum::<f64>().sqrt();
    let mut terms = vec![
        Term::value("correction", "angle of the correction", Bounded::exact(Turn::of(saw).degrees()), "°", ANGLE),
        Term::value("shift", "shift of the fragment", Bounded::exact(shift_mm), "mm", SHIFT),
    ];
    let not_valid = |why: String| Term::not_valid("gap", "gap after the move", "ml", why);
    let Some(body) = plan.organ.and_then(|organ| scene.body(organ)) else {
        terms.push(not_valid("the plan has no bone; choose it as the organ of the plan".into()));
        return Ok(terms);
    };
    let Some(bone) = body.shell() else {
        terms.push(not_valid(format!("{} is vessels; choose a bone as the organ", body.name)));
        return Ok(terms);
    };
    match move_fragment(bone, saw, progress) {
        Err(BoneError::Cancelled(stop)) => return Err(stop),
        Err(why) => terms.push(not_valid(why.to_string())),
        Ok(moved) => {
            let [gap, overlap] = [&moved.gaps_ml, &moved.overlaps_ml].map(|all| all.iter().sum::<f64>());
            let open = if moved.is_closed { "" } else { "the bone's surface is open, so volumes are a guess; " };
            // An outline of length U that moves by e sweeps e·U of the area A: so much of a layer of its mean height.
            let (area_mm2, outline_mm) = faces(&moved.fragment, saw);
            let share = (scene.half_mm(body) * outline_mm / area_mm2.max(1e-3)).min(1.0);
            // The faces of the saw are no edge of the bone: either part has them, and one of the rest is as large.
            let outside_mm2 = |part: &Surface| (100.0 * part.area_cm2() - area_mm2).max(0.0);
            let known = |ml: f64, part: &Surface| swept(ml, outside_mm2(part), scene.half_mm(body)).text(1, "ml");
            let (fragment, rest) = (known(moved.fragment_ml, &moved.fragment), known(moved.rest_ml, &moved.rest));
            let parts = format!("{open}the fragment is {fragment}, the rest {rest}");
            for (id, name, ml) in [("gap", "gap after the move", gap), ("overlap", "overlap after the move", overlap)] {
                let value = Bounded::within(ml, ml * share).at_least(0.0);
                terms.push(Term::value(id, name, value, "ml", BETWEEN).because(parts.clone()));
            }
        }
    }
    Ok(terms)
}

/// The area of the faces that the saw leaves on the fragment, which was moved, and the length of their outlines in the
/// bone's surface, holes and all: the edges of one triangle of them only.
fn faces(fragment: &Surface, saw: &Osteotomy) -> (f64, f64) {
    let turn = Turn::of(saw);
    let cut = Cut { shape: CutShape::Wedge { planes: saw.planes.clone() }, width_mm: saw.kerf_mm };
    // Planes without a direction were refused where they were set.
    let Ok(blade) = Blade::of(&cut, &fragment.bounds()) else { return (0.0, 0.0) };
    let is_on = |point: &Point| (blade.side_mm(&turn.back(point)) - blade.half_mm()).abs() < 1e-4;
    let own = fragment.triangles().iter().map(|triangle| fragment.corners(*triangle));
    let faces = own.filter(|corners| corners.iter().all(|corner| is_on(corner)));
    // By place and not by number: a lid may have corners of its own.
    let place = |point: &Point| [point.x, point.y, point.z].map(|mm| (mm * 1e4).round() as i64);
    let (mut area_mm2, mut edges) = (0.0, BTreeMap::new());
    for corners in faces {
        let [a, b, c] = corners;
        area_mm2 += 0.5 * (b - a).cross(&(c - a)).norm();
        for [from, to] in [[a, b], [b, c], [c, a]] {
            let [mut first, mut last] = [place(from), place(to)];
            if last < first {
                std::mem::swap(&mut first, &mut last);
            }
            edges.entry([first, last]).or_insert(((to - from).norm(), 0)).1 += 1;
        }
    }
    let outline_mm = edges.values().filter(|(_, faces)| *faces == 1).map(|(mm, _)| mm).sum();
    (area_mm2, outline_mm)
}
