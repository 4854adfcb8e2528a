//! A sleeve before it is made: where its path enters the bone, and whether it can stand there.

use super::{Drilled, ENTRY_MM, LEADING_MM, Sleeve, SleeveError, SleeveRules};
use crate::geom::{Grid, Plane, Point, Vector};
use crate::image::Components;
use crate::mesh::Surface;
use crate::plan::bone::BoneError;
use crate::plan::bone::bore::bore;
use crate::plan::path::Obstacle;
use crate::plan::path::segment::nearest_parts;
use std::f64::consts::TAU;

/// The shaft of a drill must be free this far above its sleeve.
const SHAFT_MM: f64 = 40.0;
/// Between two looks along an axis, and how many there are round it.
const STEP_MM: f64 = 0.25;
const ROUND: usize = 12;

/// Sine and cosine of a direction round an axis.
fn turn(n: usize) -> (f64, f64) {
    (TAU * n as f64 / ROUND as f64).sin_cos()
}

/// Two directions at right angles to an axis, which has one.
fn across(foot: &Point, out: &Vector) -> [Vector; 2] {
    Plane::new(*foot, *out).map_or([Vector::x(), Vector::y()], |plane| plane.across())
}

/// A sleeve before it is made.
pub(super) struct Stand<'a> {
    pub(super) of: &'a Drilled,
    pub(super) foot: Point,
    pub(super) out: Vector,
    /// Radii.
    pub(super) bore_mm: f64,
    pub(super) outer_mm: f64,
    pub(super) height_mm: f64,
    pub(super) depth_mm: f64,
    pub(super) buried_mm: f64,
    pub(super) slant_degrees: f64,
}

impl<'a> Stand<'a> {
    pub(super) fn of(own: &'a Drilled, bone: &Obstacle, rules: &SleeveRules) -> Result<Self, SleeveError> {
        let Drilled { name, path, drill_mm } = own;
        if !(0.5..=15.0).contains(drill_mm) {
            let (what, limit) = ("the diameter of the drill in mm", "from 0.5 to 15");
            return Err(BoneError::BadNumber { what, value: *drill_mm, limit }.into());
        }
        let foot_mm = foot_mm(own, bone)?;
        let (foot, out) = (path.at(foot_mm), -path.along());
        let depth_mm = path.length_mm() - foot_mm;
        let height_mm = match rules.drill_length_mm {
            None => rules.height_mm,
            Some(drill_length_mm) => {
                let height_mm = drill_length_mm - depth_mm;
                let [least_mm, most_mm] = [LEADING_MM, 60.0].map(|mm| mm + depth_mm);
                if !(least_mm..=most_mm).contains(&drill_length_mm) {
                    let (name, [least_mm, most_mm]) = (name.clone(), [least_mm.ceil(), most_mm.floor()]);
                    return Err(SleeveError::DrillLength {
                        name,
                        drill_length_mm,
                        height_mm,
                        depth_mm,
                        least_mm,
                        most_mm,
                    });
                }
                height_mm
            }
        };
        let bore_mm = 0.5 * (drill_mm + rules.play_mm);
        let outer_mm = bore_mm + rules.wall_mm;
        let heights = |from_mm: f64, to_mm: f64| {
            let steps = ((to_mm - from_mm) / STEP_MM).ceil().max(1.0) as usize;
            (0..=steps).map(move |n| from_mm + (to_mm - from_mm) * n as f64 / steps as f64)
        };
        let [u, v] = across(&foot, &out);
        let place = |above_mm: f64, (sin, cos): (f64, f64), mm: f64| foot + out * above_mm + (u * cos + v * sin) * mm;
        // Both sides of the wall, all round.
        let is_in_wall = |above_mm: &f64| {
            let sides = (0..ROUND).flat_map(|n| [bore_mm, outer_mm].map(|mm| place(*above_mm, turn(n), mm)));
            sides.into_iter().any(|place| bone.signed_mm(&place) < rules.clearance_mm)
        };
        let buried_mm = heights(0.0, height_mm).rfind(is_in_wall).unwrap_or(0.0);
        if height_mm < buried_mm + LEADING_MM {
            let (name, lacking_mm) = (name.clone(), buried_mm + LEADING_MM - height_mm);
            return Err(SleeveError::HitsBone { name, height_mm, buried_mm, lacking_mm });
        }
        let is_in_way = |above_mm: &f64| bone.signed_mm(&(foot + out * *above_mm)) < 0.5 * drill_mm;
        if let Some(above_mm) = heights(height_mm, height_mm + SHAFT_MM).find(is_in_way) {
            return Err(SleeveError::ShaftHitsBone { name: name.clone(), above_mm });
        }
        let normal = bone.away(&(foot + out * (0.5 + rules.clearance_mm)));
        let slant_degrees = normal.dot(&out).clamp(-1.0, 1.0).acos().to_degrees();
        Ok(Self { of: own, foot, out, bore_mm, outer_mm, height_mm, depth_mm, buried_mm, slant_degrees })
    }

    /// A place at a height above the foot.
    pub(super) fn at(&self, above_mm: f64) -> Point {
        self.foot + self.out * above_mm
    }

    /// Height above the foot and distance from the axis.
    pub(super) fn places(&self, place: &Point) -> (f64, f64) {
        let from = place - self.foot;
        let above_mm = from.dot(&self.out);
        (above_mm, (from - self.out * above_mm).norm())
    }

    /// With what its bore came out as.
    pub(super) fn measured(self, surface: &Surface, voxel_mm: f64) -> Sleeve {
        let heights = [self.buried_mm + 1.0, self.height_mm - 1.0];
        let made = bore(surface, &self.foot, &self.out, self.bore_mm, heights, 0.5 * voxel_mm);
        let Self { of, foot, out, bore_mm, outer_mm, height_mm, depth_mm, buried_mm, slant_degrees } = self;
        Sleeve {
            name: of.name.clone(),
            foot,
            out,
            drill_mm: of.drill_mm,
            bore_mm: 2.0 * bore_mm,
            outer_mm: 2.0 * outer_mm,
            height_mm,
            depth_mm,
            buried_mm,
            slant_degrees,
            made,
        }
    }
}

/// The depth on the path at which it enters the bone, that nearest to its entry.
fn foot_mm(own: &Drilled, bone: &Obstacle) -> Result<f64, SleeveError> {
    let Drilled { name, path, .. } = own;
    let side = |depth_mm: f64| bone.signed_mm(&path.at(depth_mm));
    let steps = ((path.length_mm() + ENTRY_MM) / STEP_MM).ceil() as usize;
    let depths = (0..=steps).map(|n| -ENTRY_MM + n as f64 * STEP_MM);
    let sides: Vec<(f64, f64)> = depths.map(|depth| (depth, side(depth))).collect();
    let enters = sides.windows(2).filter(|pair| 0.0 <= pair[0].1 && pair[1].1 < 0.0);
    let nearest = enters.min_by(|a, b| a[1].0.abs().total_cmp(&b[1].0.abs()));
    let Some([(mut outside, _), (mut inside, _)]) = nearest.and_then(|pair| <[(f64, f64); 2]>::try_from(pair).ok())
    else {
        return Err(SleeveError::NeverEnters { name: name.clone() });
    };
    for _ in 0..30 {
        let middle = 0.5 * (outside + inside);
        if side(middle) < 0.0 { inside = middle } else { outside = middle }
    }
    if ENTRY_MM < inside.abs() {
        return Err(SleeveError::EntryOff { name: name.clone(), off_mm: inside.abs() });
    }
    Ok(inside)
}

/// Whether bores keep a wall between them, and drills do not meet the sleeves of others.
pub(super) fn apart(stands: &[Stand<'_>], rules: &SleeveRules) -> Result<(), SleeveError> {
    let gap = |a: [Point; 2], b: [Point; 2]| {
        let parts = nearest_parts([&a[0], &a[1]], [&b[0], &b[1]]);
        let on = |line: [Point; 2], part: f64| line[0] + (line[1] - line[0]) * part;
        (on(a, parts[0]) - on(b, parts[1])).norm()
    };
    for (n, a) in stands.iter().enumerate() {
        for b in &stands[..n] {
            let of = |stand: &Stand<'_>| [stand.at(0.0), stand.at(stand.height_mm)];
            let shaft = |stand: &Stand<'_>| [stand.at(stand.height_mm), stand.at(stand.height_mm + SHAFT_MM)];
            let between = gap(of(a), of(b)) - a.bore_mm - b.bore_mm - rules.wall_mm;
            // A drill may pass the sleeve of another as near as it likes, but not through it.
            let [above_a, above_b] = [(a, b), (b, a)].map(|(a, b)| gap(shaft(a), of(b)) - a.bore_mm - b.outer_mm);
            let lacking_mm = -between.min(above_a).min(above_b);
            if 1e-9 < lacking_mm {
                let (first, second) = (b.of.name.clone(), a.of.name.clone());
                return Err(SleeveError::Meet { first, second, lacking_mm });
            }
        }
    }
    Ok(())
}

/// The piece that holds every sleeve all round.
pub(super) fn whole(stands: &[Stand<'_>], pieces: &Components, grid: &Grid) -> Result<usize, SleeveError> {
    let mut common: Option<usize> = None;
    for stand in stands {
        let name = || stand.of.name.clone();
        let [u, v] = across(&stand.foot, &stand.out);
        let middle_mm = 0.5 * (stand.bore_mm + stand.outer_mm);
        let from_mm = stand.buried_mm + 1.0;
        let steps = 1 + ((stand.height_mm - 1.0 - from_mm) / 0.5).max(0.0) as usize;
        for (n, (sin, cos)) in (0..steps).flat_map(|n| (0..ROUND).map(move |k| (n, turn(k)))) {
            let place = stand.at(from_mm + 0.5 * n as f64) + (u * cos + v * sin) * middle_mm;
            let piece = grid.voxel_at(place).and_then(|voxel| pieces.at(voxel));
            let piece = piece.ok_or_else(|| SleeveError::Held { name: name() })?;
            if *common.get_or_insert(piece) != piece {
                return Err(SleeveError::Apart { first: stands[0].of.name.clone(), name: name() });
            }
        }
    }
    common.ok_or(SleeveError::NoPath)
}
