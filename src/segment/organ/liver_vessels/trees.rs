//! Parting the veins of the liver: two systems grow from their roots, along vessels faster than across contacts.

use super::blood::{Blood, Veins};
use super::field::Field;
use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::Volume;
use crate::image::filter::{dilate, squared_distance};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// A vessel of this radius costs one per millimetre …
const RADIUS_MM: f64 = 3.0;
/// … narrower ones more, by this power: contacts are narrow.
const POWER: i32 = 3;
/// Brightness that bends along the way by more than this share of the contrast is no vessel's axis …
const BEND_FREE: f32 = 0.05;
/// … and each further share of one makes the way so much dearer.
const BEND: f32 = 60.0;
/// Gaps up to this are crossed to pieces that hang on nothing, at this cost per millimetre of parenchyma.
const GAP_MM: f64 = 10.0;
const GAP_COST: f32 = 60.0;
/// Cost falls by e to this where brightness rises by the contrast: a fading vessel goes on in its axis.
const GAP_FADE: f32 = 3.0;
/// Voxels whose two ways differ by less than this share of both could belong to either system.
const EVEN: f32 = 0.15;

pub(super) const PORTAL: u8 = 1;
pub(super) const HEPATIC: u8 = 2;

/// The two systems.
pub(super) struct Systems {
    /// [`PORTAL`], [`HEPATIC`] or 0, on the box of the field.
    pub labels: Volume<u8>,
    /// Share of the veins that the other system reaches nearly as easily.
    pub even_share: f64,
    /// Share of the veins that was assigned over gaps or faint blood.
    pub joined_share: f64,
    /// Share of what looked like veins that hangs on neither system and was left out.
    pub loose_share: f64,
}

/// Give every voxel of the veins to the system whose root has the cheaper way to it: first through undoubted blood, then
/// on from there through faint blood and over gaps.
///
/// A way costs (3 mm / depth)³ per millimetre, times 1 + 60 (|∂²| − 0.05) with ∂² the second difference of brightness
/// along the step as a share of the contrast: brightness bends where a way leaves one vessel for another beside it, not
/// along an axis.
pub(super) fn part(
    field: &Field,
    blood: &Blood,
    veins: &Veins,
    roots: [Vec<usize>; 2],
    progress: &Progress,
) -> Result<Systems, Cancelled> {
    let grid = field.part.grid();
    let contrast = blood.contrast_hu as f32;
    let bend = |at: usize, along: isize, mm: f32| bend(field.excess.voxels(), contrast, at, along, mm);
    let sure_mm = depth_mm(&veins.sure, &progress.part(0.0..0.1, "depth"))?;
    let sure = |at: usize| cost(sure_mm[at]);
    let seeds = roots.map(|root| root.into_iter().filter(|at| 0.0 < sure_mm[*at]).collect::<Vec<usize>>());
    let progress_of = |n: usize| progress.part(0.1 + 0.2 * n as f64..0.3 + 0.2 * n as f64, "veins");
    let portal = ways(grid, &seeds[0], sure, bend, f32::INFINITY, &progress_of(0))?;
    let hepatic = ways(grid, &seeds[1], sure, bend, f32::INFINITY, &progress_of(1))?;
    let mut labels: Vec<u8> = portal.iter().zip(&hepatic).map(|(p, h)| nearer(*p, *h)).collect();
    let is_even = |(p, h): &(&f32, &f32)| p.is_finite() && h.is_finite() && (**p - **h).abs() < EVEN * (**p + **h);
    let even = portal.iter().zip(&hepatic).filter(is_even).count();
    let first = labels.iter().filter(|label| **label != 0).count();
    let apart = labels.iter().zip(veins.sure.voxels()).map(|(label, sure)| sure * u8::from(*label == 0)).collect();
    let apart = Volume::new(Arc::clone(grid), apart).expect("one value per voxel of the box");
    let around = dilate(&apart, GAP_MM, &progress.part(0.5..0.55, "gaps"))?;
    let faint = |at: usize| match () {
        () if veins.mask.voxels()[at] != 0 => cost(veins.depth_mm[at]),
        () if around.voxels()[at] & field.inside.voxels()[at] == 0 || veins.cava.voxels()[at] != 0 => f32::INFINITY,
        () => GAP_COST * (-GAP_FADE * (field.excess.voxels()[at] / contrast).clamp(0.0, 0.5)).exp(),
    };
    let limit = GAP_COST * GAP_MM as f32;
    let of = |label: u8| (0..grid.len()).filter(|at| labels[*at] == label).collect::<Vec<usize>>();
    let (from_portal, from_hepatic) = (of(PORTAL), of(HEPATIC));
    let portal = ways(grid, &from_portal, faint, bend, limit, &progress_of(2))?;
    let hepatic = ways(grid, &from_hepatic, faint, bend, limit, &progress.part(0.75..1.0, "veins"))?;
    let mut loose = 0_usize;
    for (at, label) in labels.iter_mut().enumerate().filter(|(at, label)| **label == 0 && veins.mask.voxels()[*at] != 0)
    {
        *label = nearer(portal[at], hepatic[at]);
        loose += usize::from(*label == 0);
    }
    let assigned = labels.iter().filter(|label| **label != 0).count();
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    Ok(Systems {
        labels: Volume::new(Arc::clone(grid), labels).expect("one label per voxel of the box"),
        even_share: share(even, assigned),
        joined_share: share(assigned - first, assigned),
        loose_share: share(loose, assigned + loose),
    })
}

fn nearer(portal: f32, hepatic: f32) -> u8 {
    match (portal.is_finite(), hepatic.is_finite()) {
        (false, false) => 0,
        _ if portal <= hepatic => PORTAL,
        _ => HEPATIC,
    }
}

/// Distance to the nearest voxel outside; 0 there.
pub(super) fn depth_mm(mask: &Volume<u8>, progress: &Progress) -> Result<Vec<f32>, Cancelled> {
    let outside = mask.voxels().iter().map(|value| u8::from(*value == 0)).collect();
    let outside = Volume::new(Arc::clone(mask.grid()), outside).expect("one value per voxel");
    Ok(squared_distance(&outside, f64::INFINITY, progress)?.voxels().iter().map(|squared| squared.sqrt()).collect())
}

/// Cost per millimetre at this depth in a vessel.
fn cost(depth_mm: f32) -> f32 {
    if depth_mm <= 0.0 { f32::INFINITY } else { (RADIUS_MM as f32 / (depth_mm + 0.3)).powi(POWER) }
}

/// What a step costs more because brightness bends along it.
fn bend(excess: &[f32], contrast: f32, at: usize, along: isize, mm: f32) -> f32 {
    let value = |at: Option<usize>| at.and_then(|at| excess.get(at)).map(|value| value.min(contrast));
    let (before, after) = (value(at.checked_add_signed(-along)), value(at.checked_add_signed(along)));
    let (Some(before), Some(after)) = (before, after) else { return 1.0 };
    // Thick slices do not resolve the bend: their steps count as no longer than about a millimetre and a half.
    let bent = (before + after - 2.0 * excess[at].min(contrast)) / (contrast * (mm * mm).min(2.0));
    1.0 + BEND * (bent.abs() - BEND_FREE).max(0.0)
}

/// Cost of the cheapest way from `seeds` to every voxel (Dijkstra 1959, 26 neighbours), infinite beyond `limit`.
///
/// `cost(offset)` is per millimetre and infinite in walls, `bend(offset, step in memory, mm)` multiplies it. Equal costs
/// are taken in order of memory.
fn ways(
    grid: &Grid,
    seeds: &[usize],
    cost: impl Fn(usize) -> f32,
    bend: impl Fn(usize, isize, f32) -> f32,
    limit: f32,
    progress: &Progress,
) -> Result<Vec<f32>, Cancelled> {
    let dims = grid.dims().map(|n| n as isize);
    let spacing_mm = grid.spacing_mm();
    let steps = (0..27_isize).filter(|n| *n != 13).map(|n| [n % 3 - 1, n / 3 % 3 - 1, n / 9 - 1]);
    let around: Vec<([isize; 3], isize, f32)> = steps
        .map(|step| {
            let mm = (0..3).map(|a| (step[a] as f64 * spacing_mm[a]).powi(2)).sum::<f64>().sqrt();
            (step, (step[2] * dims[1] + step[1]) * dims[0] + step[0], mm as f32)
        })
        .collect();
    let mut times = vec![f32::INFINITY; grid.len()];
    let mut heap = BinaryHeap::new();
    for seed in seeds {
        times[*seed] = 0.0;
        heap.push(Reverse((0_u32, *seed)));
    }
    let mut done = 0_usize;
    while let Some(Reverse((bits, at))) = heap.pop() {
        let time = f32::from_bits(bits);
        if times[at] < time {
            continue;
        }
        done += 1;
        if done.is_multiple_of(1 << 14) {
            progress.check()?;
        }
        let (voxel, here) = (grid.voxel(at).map(|x| x as isize), cost(at));
        for (step, along, mm) in &around {
            if (0..3).any(|a| !(0..dims[a]).contains(&(voxel[a] + step[a]))) {
                continue;
            }
            let to = (at as isize + along) as usize;
            let there = cost(to);
            if there.is_infinite() {
                continue;
            }
            let next = time + 0.5 * mm * (here * bend(at, *along, *mm) + there * bend(to, *along, *mm));
            if next < times[to] && next <= limit {
                times[to] = next;
                // Positive numbers order as their bits do.
                heap.push(Reverse((next.to_bits(), to)));
            }
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;

    /// Along an even row a way costs what its length does; against a fold in brightness it costs more, and walls close it.
    #[test]
    fn folds_are_dear_and_walls_are_closed() {
        let grid = Grid::aligned([9, 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let way = |excess: [f32; 9], wall: usize| {
            let cost = |at: usize| if at == wall { f32::INFINITY } else { 1.0 };
            let bend = |at: usize, along: isize, mm: f32| bend(&excess, 50.0, at, along, mm);
            ways(&grid, &[0], cost, bend, f32::INFINITY, &Progress::default()).unwrap()[8]
        };
        let (even, mut folded) = ([50.0; 9], [50.0; 9]);
        folded[4] = 30.0;
        assert!((way(even, 99) - 8.0).abs() < 1e-4);
        assert!(3.0 * way(even, 99) < way(folded, 99));
        assert!(way(even, 4).is_infinite());
    }

    #[test]
    fn wide_vessels_are_cheap_and_the_outside_is_a_wall() {
        assert!(cost(6.0) < cost(3.0) && 8.0 * cost(3.0) < cost(0.9));
        assert!(cost(0.0).is_infinite());
    }
}
