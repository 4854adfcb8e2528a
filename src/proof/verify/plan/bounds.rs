//! Bounds of what is cut, made and put on bone: they hold the truth for random bodies whose edges were drawn off.

use super::{around, body, direction};
use crate::base::{NodeId, Progress, SegmentId, rng::Rng};
use crate::geom::{Plane, Point, Vector};
use crate::image::LabelMap;
use crate::mesh::shapes::ball;
use crate::mesh::{CentreBranch, CentreLines, Surface};
use crate::plan::bone::{Drilled, GuideRules, SleeveRules, drill_guide, guide, implant_fit};
use crate::plan::path::Path;
use crate::plan::resection::{Blade, Organ, taken};
use crate::plan::score::{Body, BodyFrom, path};
use crate::plan::{
    Action, Bounded, Cut, CutShape, NamedAction, Plan, Scene, Structure, distance::half_voxel_mm, score, uncertainty,
};
use crate::proof::verify::{Row, Tolerance};
use std::f64::consts::PI;
use std::sync::Arc;

/// Bodies that bounds are tried on.
const BODIES: usize = 100;

/// One row for each kind of number.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut add = |what: &[&str], held: &[usize]| {
        rows.extend(what.iter().zip(held).map(|(what, held)| {
            Row::new(
                "P4",
                &format!("bounds hold the truth, {what}: of {BODIES}"),
                *held as f64,
                95.0,
                "bodies",
                Tolerance::AtLeast,
                "formulas of the bodies; edges are drawn up to e off",
            )
        }));
    };
    add(&["volume within a surface, random ellipsoids"], &[surfaces()?]);
    let what = ["volume of a structure that is taken, random ellipsoids", "length of a path through them"];
    add(&what, &parts(progress)?);
    let what = ["part of an implant in contact, random balls of bone", "depth of an implant", "mean gap of an implant"];
    add(&what, &implants(progress)?);
    let what = ["least distance of a saw guide to random balls of bone", "width of its slot", "saw cut in it"];
    add(&what, &saws(progress)?);
    add(&["depth of a sleeve's path in random balls of bone", "width of its bore"], &drills(progress)?);
    add(&["vessels cut of random trees", "the largest of them"], &trees(progress)?);
    Ok(rows)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// An ellipsoid with an edge that was drawn off by up to the uncertainty it comes with.
struct Drawn {
    axes: [f64; 3],
    edge_mm: f64,
    off_mm: f64,
}

impl Drawn {
    fn some(rng: &mut Rng) -> Self {
        let axes = [0, 1, 2].map(|_| rng.between(9.0, 18.0));
        let edge_mm = rng.between(0.2, 1.0);
        Self { axes, edge_mm, off_mm: rng.between(-edge_mm, edge_mm) }
    }

    fn drawn(&self) -> Vector {
        Vector::from(self.axes.map(|a| a + self.off_mm))
    }

    fn volume_ml(&self) -> f64 {
        4.0 / 3.0 * PI * self.axes.iter().product::<f64>() / 1000.0
    }
}

fn surfaces() -> Result<usize, String> {
    let mut rng = Rng::new(41);
    let unit = ball(10.0, 0.8);
    let mut held = 0;
    for _ in 0..BODIES {
        let own = Drawn::some(&mut rng);
        let places = unit.positions().iter().map(|p| Point::from(0.1 * p.coords.component_mul(&own.drawn())));
        let surface = unit.with_positions(places.collect()).map_err(said)?;
        let found = uncertainty::swept(surface.volume_ml(), 100.0 * surface.area_cm2(), own.edge_mm);
        held += usize::from(found.holds(own.volume_ml()));
    }
    Ok(held)
}

/// Part of a ball beyond a plane `h` radii from its middle, as a share.
fn cap_share(h: f64) -> f64 {
    let h = h.clamp(-1.0, 1.0);
    (1.0 - h) * (1.0 - h) * (2.0 + h) / 4.0
}

/// What a plane takes of a structure, and how much of a path lies in it.
fn parts(progress: &Progress) -> Result<[usize; 2], String> {
    let mut rng = Rng::new(42);
    let mut held = [0; 2];
    for n in 0..BODIES {
        progress.step(n, BODIES).map_err(said)?;
        let own = Drawn::some(&mut rng);
        let spacing_mm = [rng.between(0.8, 1.2), rng.between(0.8, 1.2), rng.between(0.8, 2.5)];
        let grid = around([0, 1, 2].map(|a| (44.0 / spacing_mm[a]) as usize), spacing_mm);
        let drawn = own.drawn();
        let mask = body(&grid, |p| p.coords.component_div(&drawn).norm() <= 1.0);
        let axes = Vector::from(own.axes);
        let (normal, point) = (direction(&mut rng), Vector::from_fn(|_, _| rng.between(-6.0, 6.0)));
        let organ = Organ::of(&mask).map_err(said)?;
        let shape = CutShape::Plane { point: point.into(), normal: normal.into() };
        let blade = Blade::of(&Cut { shape, width_mm: 0.0 }, &organ.bounds()).map_err(said)?;
        let [voxels, inner, outer] = taken(&organ, &blade, |_| true, progress).map_err(said)?;
        let voxel_ml = grid.voxel_mm3() / 1000.0;
        let share = uncertainty::share_of_band(&grid, own.edge_mm) * voxel_ml;
        let ml = uncertainty::volume(voxels as f64 * voxel_ml, share, [inner, outer]);
        let truth = cap_share(normal.dot(&point) / normal.component_mul(&axes).norm()) * own.volume_ml();
        held[0] += usize::from(ml.holds(truth));
        let labels = LabelMap::from_mask(&mask, "a", [0; 3], None);
        let solid = Body::new("a", None, String::new(), &BodyFrom::Segment(&labels, SegmentId(1)));
        let way = direction(&mut rng);
        let middle = Point::from(0.5 * point);
        let needle = Path::new(middle - 30.0 * way, middle + 30.0 * way, 1.0).map_err(said)?;
        let through = path::through(&solid, &needle, half_voxel_mm(&grid) + own.edge_mm);
        // In units of the axes the ellipsoid is a ball of 1.
        let (a, b) = (middle.coords.component_div(&axes), way.component_div(&axes));
        let root = (a.dot(&b).powi(2) - b.norm_squared() * (a.norm_squared() - 1.0)).max(0.0).sqrt();
        held[1] += usize::from(through.holds(2.0 * root / b.norm_squared()));
    }
    Ok(held)
}

/// A small ball put on a large one.
fn implants(progress: &Progress) -> Result<[usize; 3], String> {
    let mut rng = Rng::new(43);
    let (bone, implant) = (ball(15.0, 1.5), ball(4.0, 0.8));
    let scaled = |mm: f64| bone.with_positions(bone.positions().iter().map(|p| p * (mm / 15.0)).collect());
    let mut held = [0; 3];
    for n in 0..BODIES {
        progress.step(n, BODIES).map_err(said)?;
        let edge_mm = rng.between(0.2, 1.0);
        let (mm, off_mm) = (rng.between(12.0, 18.0), rng.between(-edge_mm, edge_mm));
        let away = direction(&mut rng) * (mm + 4.0 + rng.between(-1.0, 1.0));
        let put = implant.with_positions(implant.positions().iter().map(|p| p + away).collect()).map_err(said)?;
        let fit = |mm: f64| implant_fit(&put, &scaled(mm).map_err(said)?, 0.8, 5.0, progress).map_err(said);
        let (drawn, truth) = (fit(mm + off_mm)?, fit(mm)?);
        let (contact, deepest, gap) = drawn.known_within(&put, 0.8, edge_mm);
        held[0] += usize::from(contact.holds(truth.contact_percent));
        held[1] += usize::from(deepest.holds(truth.deepest_mm));
        held[2] += usize::from(gap.zip(truth.gap_mean_mm).is_some_and(|(gap, truth)| gap.holds(truth)));
    }
    Ok(held)
}

/// A ball of bone drawn `off_mm` too large, and how well it is known.
struct Bone {
    true_mm: f64,
    edge_mm: f64,
    drawn: Surface,
}

impl Bone {
    fn some(rng: &mut Rng) -> Result<Self, String> {
        let unit = ball(15.0, 1.0);
        let edge_mm = rng.between(0.2, 1.0);
        let (true_mm, off_mm) = (rng.between(12.0, 18.0), rng.between(-edge_mm, edge_mm));
        let places = unit.positions().iter().map(|p| p * ((true_mm + off_mm) / 15.0)).collect();
        Ok(Self { true_mm, edge_mm, drawn: unit.with_positions(places).map_err(said)? })
    }
}

/// Saw guides and blades that run in their slots.
fn saws(progress: &Progress) -> Result<[usize; 3], String> {
    let mut rng = Rng::new(44);
    let mut held = [0; 3];
    for n in 0..BODIES {
        progress.step(n, BODIES).map_err(said)?;
        let Bone { true_mm, edge_mm, drawn } = Bone::some(&mut rng)?;
        let rules = GuideRules {
            radius_mm: 7.0,
            slot_mm: rng.between(1.2, 2.4),
            wall_mm: 1.5,
            wall_height_mm: 3.0,
            voxel_mm: 0.6,
            ..GuideRules::default()
        };
        let kerf_mm = rules.slot_mm - rng.between(0.1, 0.4);
        let (seat, lean) = (Point::new(0.0, 0.0, true_mm), rng.between(-0.3, 0.3));
        let cut = Plane::new(seat, Vector::new(1.0, 0.0, lean)).ok_or("a plane has a normal")?;
        let made = guide(&drawn, &cut, &seat, &Vector::z(), &rules, None, progress).map_err(said)?;
        let clearance = Bounded { low: made.clearance_mm - 0.5 * rules.voxel_mm, ..Bounded::exact(made.clearance_mm) };
        let corners = made.surface.triangles().iter().map(|triangle| made.surface.corners(*triangle));
        let middles = corners.map(|[a, b, c]| ((a.coords + b.coords + c.coords) / 3.0).norm());
        let all = made.surface.positions().iter().map(|p| p.coords.norm()).chain(middles);
        held[0] += usize::from(clearance.widened(edge_mm).holds(all.fold(f64::INFINITY, f64::min) - true_mm));
        let slot = made.slot;
        held[1] += usize::from(Bounded::within(slot.width_mm, 2.0 * slot.scatter_mm).holds(rules.slot_mm));
        // A blade lies anywhere between the walls at their lower and at their upper edges.
        let room_mm = 0.5 * (rules.slot_mm - kerf_mm);
        let [low, high] = [(); 2].map(|()| rng.between(-room_mm, room_mm));
        let (play, lean) = (slot.play(kerf_mm), ((high - low) / slot.height_mm).atan().to_degrees());
        held[2] += usize::from(low.abs().max(high.abs()) <= play.off_mm && lean.abs() <= play.off_degrees);
    }
    Ok(held)
}

/// Drill guides on a ball, along slanted paths.
fn drills(progress: &Progress) -> Result<[usize; 2], String> {
    let mut rng = Rng::new(45);
    let rules = SleeveRules { radius_mm: 6.0, height_mm: 9.0, voxel_mm: 0.6, ..SleeveRules::default() };
    let mut held = [0; 2];
    for n in 0..BODIES {
        progress.step(n, BODIES).map_err(said)?;
        let Bone { true_mm, edge_mm, drawn } = Bone::some(&mut rng)?;
        let side = Vector::new(rng.between(-0.3, 0.3), rng.between(-0.3, 0.3), -1.0).normalize();
        let entry = Point::new(0.0, 0.0, true_mm);
        let path = Path::new(entry, entry + side * 10.0, 3.0).map_err(said)?;
        let drilled = Drilled { name: "a".into(), path, drill_mm: 3.0 };
        let made = drill_guide(&drawn, &[drilled], None, &rules, None, progress).map_err(said)?;
        let own = made.sleeves.first().ok_or("one path gives one sleeve")?;
        let along_mm = edge_mm / own.slant_degrees.to_radians().cos().max(0.1);
        held[0] += usize::from(Bounded::within(own.depth_mm, along_mm).holds(10.0));
        held[1] += usize::from(own.made.known_within(rules.voxel_mm)[0].holds(own.bore_mm));
    }
    Ok(held)
}

/// Trees of six straight branches that were drawn up to half a voxel off, and one plane.
fn trees(progress: &Progress) -> Result<[usize; 2], String> {
    const ORGAN: Structure = Structure { node: NodeId(1), segment: Some(SegmentId(1)) };
    const TREE: Structure = Structure { node: NodeId(2), segment: None };
    let grid = around([40; 3], [1.0; 3]);
    let labels = LabelMap::from_mask(&body(&grid, |_| true), "block", [0; 3], None);
    let block = Arc::new(Body::new("block", None, "a".into(), &BodyFrom::Segment(&labels, SegmentId(1))));
    let shape = CutShape::Plane { point: [0.0; 3], normal: [1.0, 0.0, 0.0] };
    let cut = NamedAction { name: "cut".into(), action: Action::Cut(Cut { shape, width_mm: 0.0 }) };
    let plan = Plan { organ: Some(ORGAN), vessels: vec![TREE], actions: vec![cut], ..Plan::default() };
    let mut rng = Rng::new(46);
    let mut held = [0; 2];
    for n in 0..BODIES {
        progress.step(n, BODIES).map_err(said)?;
        let (mut branches, mut count, mut largest_mm) = (Vec::new(), 0.0, 0.0_f64);
        for _ in 0..6 {
            let mut end = || Point::new(rng.between(-9.0, 9.0), rng.between(-15.0, 15.0), rng.between(-15.0, 15.0));
            let ends = [end(), end()];
            let radius_mm = rng.between(0.6, 2.5);
            let off = direction(&mut rng) * rng.between(0.0, 0.5);
            let spare = |p: &Point| p.x.abs() - radius_mm;
            let is_cut = ends[0].x.signum() != ends[1].x.signum() || ends.iter().any(|end| spare(end) < 0.0);
            if is_cut {
                count += 1.0;
                largest_mm = largest_mm.max(2.0 * radius_mm);
            }
            let points = (0..=20).map(|k| ends[0] + (ends[1] - ends[0]) * (f64::from(k) / 20.0) + off).collect();
            let drawn_mm = radius_mm + rng.between(-0.25, 0.25);
            branches.push(CentreBranch { parent: None, points, radii_mm: vec![drawn_mm; 21] });
        }
        let lines = Arc::new(CentreLines::new(branches).map_err(said)?);
        let tree = Arc::new(Body::new("portal vein", None, "b".into(), &BodyFrom::Lines(&lines)));
        let found = score(&plan, &Scene::new([(ORGAN, Arc::clone(&block)), (TREE, tree)]), progress).map_err(said)?;
        let holds = |id: &str, truth: f64| {
            let bounds = found.term(id).and_then(|term| term.value).unwrap_or(Bounded::exact(0.0));
            usize::from(bounds.holds(truth))
        };
        held[0] += holds("vessels/2/count", count);
        held[1] += holds("vessels/2/largest", largest_mm);
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kind_of_bounds_holds_the_truth() {
        let rows = super::rows(&crate::base::Progress::default()).unwrap();
        assert!(rows.len() == 13 && rows.iter().all(|row| row.pass), "{rows:#?}");
    }
}
