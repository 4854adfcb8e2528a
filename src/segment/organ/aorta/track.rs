//! A vessel followed from cross-section to cross-section, wherever it turns, and filled between them.

use super::ring::{ANGLES, Edges, Frame, Ring, ring};
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use std::sync::Arc;

/// Distance between cross-sections.
const STEP_MM: f64 = 2.0;
/// No aorta is longer than this many of them.
const STEPS_MAX: usize = 350;
/// The direction is that from this many cross-sections before to the last.
const STRETCH: usize = 5;
/// From one cross-section to the next a vessel turns by less: the arch's inner curve has a radius of 14 mm or more.
const TURN_MAX: f64 = 0.14;
/// An outline whose edge steps down by less than this on average is none …
pub(super) const STEP_HU_MIN: f64 = 40.0;
/// … and so many in a row end the vessel.
const WEAK: usize = 3;
/// Radii are compared with the median of this many cross-sections before.
const BEFORE: usize = 25;
/// Branches are thinner than what they come from by this factor, over more cross-sections than a stenosis is long.
const THIN_SHARE: f64 = 0.75;
const STENOSIS: usize = 8;
/// A vessel that has divided ended where it became thinner by this factor.
const NARROWS_SHARE: f64 = 0.9;
/// The heart's chambers are wider by this factor.
const WIDE_SHARE: f64 = 1.5;
const WIDE: usize = 3;
/// Cross-sections on each side over which the course is smoothed, and over which the outline is.
const SMOOTH: usize = 5;
const STEADY: usize = 3;

/// Why a vessel was followed no further.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// The scan ends.
    Scan,
    /// No outline is seen.
    Weak,
    /// It becomes much thinner: it has divided.
    Thin,
    /// It becomes much wider: the heart.
    Wide,
    /// It is longer than any aorta.
    Long,
}

/// Cross-sections from `start` on in the direction of its frame, without `start` itself.
pub(super) fn follow(edges: &Edges, start: &Ring, progress: &Progress) -> Result<(Vec<Ring>, End), Cancelled> {
    let mut rings: Vec<Ring> = Vec::new();
    let (mut along, mut usual_mm) = (start.frame.along, start.radius_mm);
    let (mut weak, mut thin, mut wide) = (0, 0, 0);
    let count = |before: usize, is: bool| if is { before + 1 } else { 0 };
    let mut end = End::Long;
    for n in 0..STEPS_MAX {
        progress.step(n, STEPS_MAX)?;
        let last = rings.last().unwrap_or(start);
        let from = last.centre + along * STEP_MM;
        if edges.values.grid().voxel_at(from).is_none() {
            end = End::Scan;
            break;
        }
        let frame = last.frame.moved(from, along);
        let centred = ring(edges, frame, usual_mm).centre;
        let next = ring(edges, Frame { from: centred, ..frame }, usual_mm);
        let before = &rings[rings.len().saturating_sub(BEFORE)..];
        let share =
            if before.len() == BEFORE { next.radius_mm / median(before.iter().map(|r| r.radius_mm)) } else { 1.0 };
        weak = count(weak, next.step_hu < STEP_HU_MIN);
        thin = count(thin, share < THIN_SHARE);
        wide = count(wide, WIDE_SHARE < share);
        usual_mm += 0.25 * (next.radius_mm - usual_mm);
        rings.push(next);
        end = match () {
            () if WEAK <= weak => End::Weak,
            () if STENOSIS <= thin => End::Thin,
            () if WIDE <= wide => End::Wide,
            () => {
                along = direction(&rings, start, along);
                continue;
            }
        };
        break;
    }
    // Where the scan ends within branches, they end the vessel.
    if end == End::Scan && WEAK <= thin {
        end = End::Thin;
    }
    // At the end of a scan an outline is seen on one side only.
    let doubtful = if end == End::Scan { 0 } else { weak.max(wide) };
    rings.truncate(rings.len() - doubtful.max(if end == End::Thin { thin } else { 0 }));
    if end == End::Thin {
        let usual_mm = median(rings[rings.len().saturating_sub(BEFORE)..].iter().map(|ring| ring.radius_mm));
        while rings.last().is_some_and(|ring| ring.radius_mm < NARROWS_SHARE * usual_mm) {
            rings.pop();
        }
    }
    Ok((rings, end))
}

/// Where the vessel goes on to after the last cross-section; it came there in the direction `before`.
fn direction(rings: &[Ring], start: &Ring, before: Vector) -> Vector {
    let back = |steps: usize| rings.len().checked_sub(1 + steps).map_or(start.centre, |n| rings[n].centre);
    let stretch = STRETCH.min(rings.len());
    let seen = (back(0) - back(stretch)).try_normalize(1e-6).unwrap_or(before);
    // Few cross-sections say little about the direction.
    let share = stretch as f64 / STRETCH as f64;
    let seen = (start.frame.along * (1.0 - share) + seen * share).try_normalize(1e-6).unwrap_or(before);
    if before.angle(&seen) <= TURN_MAX {
        return seen;
    }
    let side = (seen - before * before.dot(&seen)).try_normalize(1e-9).unwrap_or_else(Vector::zeros);
    before * TURN_MAX.cos() + side * TURN_MAX.sin()
}

/// The outlines once more, in planes across the smoothed course and near their neighbours' radii.
pub(super) fn settled(edges: &Edges, rings: &[Ring], progress: &Progress) -> Result<Vec<Ring>, Cancelled> {
    let Some(last) = rings.len().checked_sub(1) else { return Ok(Vec::new()) };
    let middle = |n: usize| {
        let near = around(rings, n, SMOOTH);
        Point::from(near.iter().map(|ring| ring.centre.coords).sum::<Vector>() / near.len() as f64)
    };
    let centres: Vec<Point> = (0..rings.len()).map(middle).collect();
    let mut frame = rings[0].frame;
    let mut found = Vec::new();
    for n in 0..rings.len() {
        progress.step(n, rings.len())?;
        let (before, after) = (n.saturating_sub(SMOOTH / 2), (n + SMOOTH / 2).min(last));
        let along = (centres[after] - centres[before]).try_normalize(1e-6).unwrap_or(frame.along);
        frame = frame.moved(centres[n], along);
        let usual_mm = median(around(rings, n, SMOOTH).iter().map(|ring| ring.radius_mm));
        found.push(ring(edges, frame, usual_mm));
    }
    // A branch or a neighbour that one cross-section takes along is not in the next.
    let steady = |n: usize, angle: usize| median(around(&found, n, STEADY).iter().map(|ring| ring.radii_mm[angle]));
    let steady = |n: usize| found[n].with_radii((0..ANGLES).map(|angle| steady(n, angle)).collect());
    Ok((0..found.len()).map(steady).collect())
}

/// The last cross-section of a scan moved on until all of it is outside.
pub(super) fn beyond(last: &Ring) -> Vec<Ring> {
    let tilt = last.frame.along.xy().norm();
    let steps = 1 + (tilt * last.radius_mm / STEP_MM).ceil() as usize;
    (1..=steps).map(|n| last.moved(last.frame.along * (STEP_MM * n as f64))).collect()
}

/// The rings up to `reach` before and after one, as many on each side.
fn around(rings: &[Ring], n: usize, reach: usize) -> &[Ring] {
    let reach = reach.min(n).min(rings.len() - 1 - n);
    &rings[n - reach..=n + reach]
}

/// The median; 0 of nothing.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// 1 in voxels of `grid` whose centre lies between two outlines that follow each other, and within them.
pub(super) fn filled(grid: &Arc<Grid>, rings: &[Ring], progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let mut voxels = vec![0_u8; grid.len()];
    for (n, two) in rings.windows(2).enumerate() {
        progress.step(n, rings.len())?;
        let (a, b) = (&two[0], &two[1]);
        let widest_mm = a.radii_mm.iter().chain(&b.radii_mm).copied().fold(STEP_MM, f64::max);
        let middle = grid.index_from_patient(nalgebra::center(&a.frame.from, &b.frame.from));
        let spacing_mm = grid.spacing_mm();
        let range = |axis: usize| {
            let reach = (widest_mm + (b.frame.from - a.frame.from).norm()) / spacing_mm[axis] + 1.0;
            let [low, high] = [-reach, reach + 1.0].map(|reach| (middle[axis] + reach).max(0.0) as usize);
            low..high.min(grid.dims()[axis])
        };
        for (k, j) in range(2).flat_map(|k| range(1).map(move |j| (k, j))) {
            for i in range(0).filter(|i| is_between(a, b, grid.centre([*i, j, k]))) {
                voxels[grid.offset([i, j, k])] = 1;
            }
        }
    }
    Ok(Volume::new(Arc::clone(grid), voxels).expect("one value per voxel"))
}

/// Whether a place lies between the planes of two outlines, and within the outline that lies there.
fn is_between(a: &Ring, b: &Ring, place: Point) -> bool {
    let after = (place - a.frame.from).dot(&a.frame.along);
    let before = (b.frame.from - place).dot(&b.frame.along);
    if after < 0.0 || before < 0.0 || after + before <= 0.0 {
        return false;
    }
    let share = after / (after + before);
    let away = place - (a.frame.from + (b.frame.from - a.frame.from) * share);
    let radius_mm = (1.0 - share) * a.radius_towards(away) + share * b.radius_towards(away);
    away.norm_squared() <= radius_mm * radius_mm
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An arch of radius 30 mm, 12 mm thick, between two legs in fat; beside its left leg runs a vein.
    fn arch() -> Volume<i16> {
        let grid = Grid::aligned([70, 30, 60], Point::new(-52.5, -22.5, -50.0), [1.5; 3]).unwrap();
        let at = |offset: usize| {
            let p = grid.centre(grid.voxel(offset));
            let from_course = if p.z < 0.0 { p.x.abs() - 30.0 } else { p.x.hypot(p.z) - 30.0 };
            let flap = p.y.abs() < 0.8 && p.z < 0.0;
            match from_course.hypot(p.y) {
                away if away <= 12.0 && flap => 60,
                away if away <= 12.0 => 380,
                _ if (p.x - 48.0).hypot(p.y) <= 4.0 => 300,
                _ => -90,
            }
        };
        Volume::new(grid.clone(), (0..grid.len()).map(at).collect()).unwrap()
    }

    #[test]
    fn an_arch_is_followed_from_leg_to_leg_past_flap_and_vein() {
        let values = arch();
        let edges = Edges { values: &values, blood_hu: 160.0, tissue_hu: 50.0 };
        let start = ring(&edges, Frame::axial(Point::new(30.0, 1.0, -30.0)), 11.0);
        let progress = Progress::default();
        let (up, end) = follow(&edges, &start, &progress).unwrap();
        assert_eq!(end, End::Scan);
        let (down, end) = follow(&edges, &start.turned(), &progress).unwrap();
        assert_eq!(end, End::Scan);
        let rings: Vec<Ring> = down.iter().rev().map(Ring::turned).chain([start]).chain(up).collect();
        let rings = settled(&edges, &rings, &progress).unwrap();
        let below: Vec<Ring> = beyond(&rings[0].turned()).iter().rev().map(Ring::turned).collect();
        let above = beyond(&rings[rings.len() - 1]);
        let mask = filled(values.grid(), &[below, rings, above].concat(), &progress).unwrap();
        let grid = values.grid();
        let truth = |offset: usize| {
            let p = grid.centre(grid.voxel(offset));
            let from_course = if p.z < 0.0 { p.x.abs() - 30.0 } else { p.x.hypot(p.z) - 30.0 };
            from_course.hypot(p.y) <= 12.0
        };
        let [mut both, mut either] = [0.0; 2];
        for offset in 0..grid.len() {
            let (ours, theirs) = (mask.voxels()[offset] != 0, truth(offset));
            both += 2.0 * f64::from(u8::from(ours && theirs));
            either += f64::from(u8::from(ours)) + f64::from(u8::from(theirs));
        }
        assert!(0.96 < both / either, "Dice {}", both / either);
    }
}
