//! One smooth surface through a lung: heights over a plane, found all at once along eight directions.

use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use rayon::prelude::*;

/// Columns and heights are this far apart.
const STEP_MM: f64 = 1.5;
/// Cost of a change of height by one step from one column to the next, …
const BEND: f32 = 0.16;
/// … and of any jump.
const JUMP: f32 = 2.5;
/// A plate at least this strong is a fissure that was seen.
const SEEN: f32 = 0.25;

/// So many steps beside the surface lies no fissure: what is seen there is chance.
const ASIDE: [isize; 6] = [-8, -6, -5, 5, 6, 8];

/// Where a fissure is looked for: a plane with columns across it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// In the middle of the plane.
    pub middle: Point,
    /// Along the plane, along the plane, across it (unit vectors at right angles).
    pub axes: [Vector; 3],
    /// Half extents along the three axes.
    pub half_mm: [f64; 3],
}

/// What the image says at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Here {
    /// Outside the part of the lung that the fissure parts.
    Outside,
    /// How much it looks like the fissure, and how far it is from vessels, both 0 to 1.
    Lung { plate: f32, free: f32 },
}

/// The surface found.
pub(super) struct Fissure {
    frame: Frame,
    dims: [usize; 2],
    heights: Vec<f32>,
    /// Share of the surface inside the lung that lies on a plate, beyond what surfaces beside it would by chance: 0 where
    /// there is nothing but noise.
    pub seen: f64,
    /// The middle of the quarter where it was seen least, and the share there.
    pub worst: (Point, f64),
}

impl Fissure {
    /// How far a place lies beyond the surface, along the frame's third axis, mm.
    #[inline]
    pub(super) fn above_mm(&self, place: Point) -> f64 {
        let from = place - self.frame.middle;
        let [u, v, h] = self.frame.axes.map(|axis| from.dot(&axis));
        let at = |x: f64, axis: usize| {
            ((x + self.frame.half_mm[axis]) / STEP_MM).clamp(0.0, (self.dims[axis] - 1) as f64 - 1e-6)
        };
        let (u, v) = (at(u, 0), at(v, 1));
        let (i, j) = (u as usize, v as usize);
        let (s, t) = (u - i as f64, v - j as f64);
        let height = |i: usize, j: usize| {
            f64::from(self.heights[j.min(self.dims[1] - 1) * self.dims[0] + i.min(self.dims[0] - 1)])
        };
        let low = height(i, j) * (1.0 - s) + height(i + 1, j) * s;
        let high = height(i, j + 1) * (1.0 - s) + height(i + 1, j + 1) * s;
        h - (low * (1.0 - t) + high * t)
    }
}

/// The surface of least cost: plates pull it, vessels push it away, bending costs (semi-global matching, Hirschmüller
/// 2008, over heights instead of disparities).
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn fissure(
    frame: Frame,
    here: impl Fn(Point) -> Here + Sync,
    progress: &Progress,
) -> Result<Fissure, Cancelled> {
    let [nu, nv, nh] = frame.half_mm.map(|half| (2.0 * half / STEP_MM).ceil() as usize + 1);
    let place = |u: usize, v: usize, h: f64| {
        let along = |n: usize, axis: usize| n as f64 * STEP_MM - frame.half_mm[axis];
        frame.middle
            + frame.axes[0] * along(u, 0)
            + frame.axes[1] * along(v, 1)
            + frame.axes[2] * (h * STEP_MM - frame.half_mm[2])
    };
    let mut costs = vec![0.0_f32; nu * nv * nh];
    let mut plates = vec![-1.0_f32; nu * nv * nh];
    costs.par_chunks_mut(nh).zip(plates.par_chunks_mut(nh)).enumerate().for_each(|(column, (costs, plates))| {
        for (h, (cost, plate_here)) in costs.iter_mut().zip(plates).enumerate() {
            // Far from where fissures usually lie costs a little.
            let aside = (h as f32 / (nh - 1) as f32 - 0.5) * 2.0;
            *cost = 0.25 * aside * aside
                + match here(place(column % nu, column / nu, h as f64)) {
                    Here::Outside => 0.75,
                    Here::Lung { plate, free } => {
                        *plate_here = plate;
                        1.0 - 0.8 * plate - 0.25 * free
                    }
                };
        }
    });
    progress.set(0.4)?;
    let mut sums = vec![0.0_f32; costs.len()];
    let directions: [[isize; 2]; 8] = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]];
    for (n, direction) in directions.iter().enumerate() {
        progress.step(4 + n / 2, 10)?;
        aggregate(&costs, &mut sums, [nu, nv, nh], *direction);
    }
    let best = |column: usize| {
        let sums = &sums[column * nh..(column + 1) * nh];
        let h = (0..nh).min_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0);
        // A parabola through the lowest three.
        let shift = if 0 < h && h + 1 < nh {
            let (a, b, c) = (sums[h - 1], sums[h], sums[h + 1]);
            let bend = a - 2.0 * b + c;
            if 1e-6 < bend { (0.5 * (a - c) / bend).clamp(-0.5, 0.5) } else { 0.0 }
        } else {
            0.0
        };
        h as f32 + shift
    };
    let steps: Vec<f32> = (0..nu * nv).map(best).collect();
    let steps = median(&steps, [nu, nv]);
    let seen_aside = |column: usize, aside: isize| {
        let h = (steps[column].round() as usize).checked_add_signed(aside).filter(|h| *h < nh)?;
        if plates[column * nh + h] < 0.0 {
            return None;
        }
        let near = h.saturating_sub(1)..(h + 2).min(nh);
        Some(near.map(|h| plates[column * nh + h]).fold(0.0, f32::max) >= SEEN)
    };
    let seen_at = |column: usize| seen_aside(column, 0);
    let mut quarters = [[0.0_f64; 2]; 4];
    let mut middles = [Vector::zeros(); 4];
    let inside: Vec<(usize, bool)> = (0..nu * nv).filter_map(|column| Some((column, seen_at(column)?))).collect();
    let middle = |axis: usize| {
        let sum: usize = inside.iter().map(|(column, _)| [column % nu, column / nu][axis]).sum();
        sum / inside.len().max(1)
    };
    let centre = [middle(0), middle(1)];
    for (column, seen) in &inside {
        let (u, v) = (column % nu, column / nu);
        let quarter = usize::from(centre[0] < u) + 2 * usize::from(centre[1] < v);
        quarters[quarter][0] += f64::from(u8::from(*seen));
        quarters[quarter][1] += 1.0;
        middles[quarter] += place(u, v, f64::from(steps[*column])).coords;
    }
    let seen = quarters.iter().map(|q| q[0]).sum::<f64>() / (inside.len().max(1)) as f64;
    let beside = ASIDE.iter().flat_map(|aside| (0..nu * nv).map(move |column| (column, *aside)));
    let beside = beside.filter_map(|(column, aside)| seen_aside(column, aside));
    let (hits, n) = beside.fold((0.0, 0.0), |(hits, n), hit| (hits + f64::from(u8::from(hit)), n + 1.0));
    let chance = hits / f64::max(n, 1.0);
    let seen = ((seen - chance) / (1.0 - chance).max(0.05)).max(0.0);
    let worst = (0..4)
        .filter(|q| 0.0 < quarters[*q][1])
        .map(|q| (Point::from(middles[q] / quarters[q][1]), quarters[q][0] / quarters[q][1]));
    let worst = worst.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((frame.middle, 0.0));
    let heights = steps.iter().map(|h| (f64::from(*h) * STEP_MM - frame.half_mm[2]) as f32).collect();
    Ok(Fissure { frame, dims: [nu, nv], heights, seen, worst })
}

/// Add the costs of the best paths along one direction.
fn aggregate(costs: &[f32], sums: &mut [f32], [nu, nv, nh]: [usize; 3], [du, dv]: [isize; 2]) {
    let order =
        |n: usize, step: isize| -> Vec<usize> { if step < 0 { (0..n).rev().collect() } else { (0..n).collect() } };
    let mut paths = vec![0.0_f32; costs.len()];
    for v in order(nv, dv) {
        for u in order(nu, du) {
            let column = v * nu + u;
            let from = u.checked_add_signed(-du).filter(|u| *u < nu).zip(v.checked_add_signed(-dv).filter(|v| *v < nv));
            let before: Option<Vec<f32>> = from.map(|(u, v)| paths[(v * nu + u) * nh..(v * nu + u + 1) * nh].to_vec());
            let least = before.as_ref().map_or(0.0, |before| before.iter().copied().fold(f32::INFINITY, f32::min));
            for h in 0..nh {
                let at = column * nh + h;
                let reach = before.as_ref().map_or(0.0, |before| {
                    let step = |d: usize, cost: f32| {
                        let low = h.checked_sub(d).map_or(f32::INFINITY, |h| before[h]);
                        let high = before.get(h + d).copied().unwrap_or(f32::INFINITY);
                        low.min(high) + cost
                    };
                    before[h].min(step(1, BEND)).min(step(2, 3.0 * BEND)).min(least + JUMP) - least
                });
                paths[at] = costs[at] + reach;
                sums[at] += paths[at];
            }
        }
    }
}

/// Each height replaced by the median of the 5 × 5 around it.
fn median(heights: &[f32], [nu, nv]: [usize; 2]) -> Vec<f32> {
    let at = |column: usize| {
        let (u, v) = (column % nu, column / nu);
        let mut near: Vec<f32> = (v.saturating_sub(2)..(v + 3).min(nv))
            .flat_map(|v| (u.saturating_sub(2)..(u + 3).min(nu)).map(move |u| heights[v * nu + u]))
            .collect();
        near.sort_by(f32::total_cmp);
        near[near.len() / 2]
    };
    (0..nu * nv).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_plate_with_a_hole_is_found_and_its_hole_is_told() {
        let bent = |p: Point| p.z - 0.02 * p.x * p.x / 4.0 - 3.0;
        let frame = Frame {
            middle: Point::origin(),
            axes: [Vector::x(), Vector::y(), Vector::z()],
            half_mm: [30.0, 30.0, 20.0],
        };
        let here = |p: Point| {
            let hole = p.x < 0.0 && p.y < 0.0;
            Here::Lung { plate: if bent(p).abs() < 1.0 && !hole { 1.0 } else { 0.0 }, free: 0.0 }
        };
        let found = fissure(frame, here, &Progress::default()).unwrap();
        for (x, y) in [(0.0, 0.0), (15.0, -10.0), (-20.0, 18.0)] {
            let p = Point::new(x, y, 10.0);
            assert!((found.above_mm(p) - bent(p)).abs() < 1.2, "{} against {} mm", found.above_mm(p), bent(p));
        }
        assert!((found.seen - 0.75).abs() < 0.06, "{}", found.seen);
        assert!(found.worst.1 < 0.1 && found.worst.0.x < 0.0 && found.worst.0.y < 0.0);
    }
}
