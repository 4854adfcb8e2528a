//! Region growing whose range follows from what has been grown, and growing that does not slip through necks.

use super::SegmentError;
use super::region_grow::flood;
use crate::base::Progress;
use crate::geom::Grid;
use crate::image::filter::squared_distance;
use crate::image::{Scan, Volume};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How the range of a region follows from its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    /// The range is mean ± this many standard deviations.
    pub deviations: f64,
    /// How often the region is measured and grown anew.
    pub iterations: usize,
    /// Half the edge of the box around each seed that the first range is measured in, in voxels.
    pub radius: usize,
}

/// A grown region and the range of values it was grown with.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// 1 inside, 0 outside, on the grid of the scan.
    pub mask: Volume<u8>,
    /// Both ends included.
    pub range: RangeInclusive<f64>,
}

/// The voxels with a value in `range` that a path of face neighbours in the range joins to a seed, where the path has
/// room for a ball of `diameter_mm_min`; 0 for any path.
///
/// With a diameter the region is opened where it hangs together: of the voxels farther than half of it from any value
/// out of range those joined to a seed are kept, and what is within half of it of them. Distances are exact
/// ([`squared_distance`]) in millimetres; thinner branches are lost as well as leaks.
///
/// # Errors
/// [`SegmentError::SeedOutOfRange`] if no seed has a value in the range, [`SegmentError::TooThin`] if the ball
/// fits nowhere near a seed; cancelled.
pub fn grow_in_range(
    scan: &Scan,
    range: RangeInclusive<f64>,
    seeds: &[[usize; 3]],
    diameter_mm_min: f64,
    progress: &Progress,
) -> Result<Region, SegmentError> {
    let grid = scan.grid();
    let in_range = |offset: usize| range.contains(&scan.value(offset));
    let seeds: Vec<[usize; 3]> = seeds.iter().copied().filter(|seed| in_range(grid.offset(*seed))).collect();
    if seeds.is_empty() {
        return Err(SegmentError::SeedOutOfRange { low: *range.start(), high: *range.end() });
    }
    let all = flood(grid, in_range, &seeds, &progress.part(0.0..0.4, "growing"))?;
    if diameter_mm_min <= 0.0 {
        return Ok(Region { mask: volume(grid, all), range });
    }
    let radius_mm = 0.5 * diameter_mm_min;
    // The bounding box of what could be grown is all that distances are needed in, with the wall around it.
    let (start, part) = cropped(grid, &all);
    let outside: Vec<u8> = part.1.iter().map(|inside| 1 - inside).collect();
    let wall = squared_distance(&volume(&part.0, outside), radius_mm * 1.001, &progress.part(0.4..0.6, "necks"))?;
    let deep = |offset: usize| part.1[offset] != 0 && radius_mm * radius_mm < f64::from(wall.voxels()[offset]);
    let near = |seed: &[usize; 3]| {
        let seed = [0, 1, 2].map(|a| seed[a] - start[a]);
        nearest_deep(&part.0, &deep, seed, radius_mm)
    };
    let cores: Vec<[usize; 3]> = seeds.iter().filter_map(near).collect();
    if cores.is_empty() {
        return Err(SegmentError::TooThin { diameter_mm: diameter_mm_min });
    }
    let core = volume(&part.0, flood(&part.0, deep, &cores, &progress.part(0.6..0.7, "growing"))?);
    let reach = squared_distance(&core, radius_mm * 1.001, &progress.part(0.7..0.9, "growing back"))?;
    let mut mask = vec![0_u8; grid.len()];
    for (offset, squared) in reach.voxels().iter().enumerate() {
        if part.1[offset] != 0 && f64::from(*squared) <= radius_mm * radius_mm * 1.0001 {
            let at = part.0.voxel(offset);
            mask[grid.offset([0, 1, 2].map(|a| at[a] + start[a]))] = 1;
        }
    }
    Ok(Region { mask: volume(grid, mask), range })
}

/// Grow from `seeds` in mean ± deviations of what surrounds them, then again with those of the region, and so on.
///
/// As ITK's ConfidenceConnectedImageFilter (Yoo et al. 2004, "Insight into Images", section 5.2.3): the first mean and
/// deviation are those of a box around each seed, the region stands after `iterations` rounds or once it is the
/// same twice. `clip` is kept from all ranges; `diameter_mm_min` as in [`grow_in_range`].
///
/// # Errors
/// As [`grow_in_range`].
pub fn confidence_connected(
    scan: &Scan,
    seeds: &[[usize; 3]],
    how: Confidence,
    clip: RangeInclusive<f64>,
    diameter_mm_min: f64,
    progress: &Progress,
) -> Result<Region, SegmentError> {
    let grid = scan.grid();
    let dims = grid.dims();
    let mut around = vec![];
    for seed in seeds {
        let [i, j, k] = [0, 1, 2].map(|a| seed[a].saturating_sub(how.radius)..(seed[a] + how.radius + 1).min(dims[a]));
        for (k, j) in k.flat_map(|k| j.clone().map(move |j| (k, j))) {
            around.extend(i.clone().map(|i| scan.value(grid.offset([i, j, k]))));
        }
    }
    let range_of = |values: &mut dyn Iterator<Item = f64>| {
        let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for value in values.filter(|value| value.is_finite()) {
            // Welford 1962: no cancellation.
            n += 1.0;
            let from = value - mean;
            mean += from / n;
            squares += from * (value - mean);
        }
        let reach = how.deviations * (squares / f64::max(n - 1.0, 1.0)).sqrt();
        (mean - reach).max(*clip.start())..=(mean + reach).min(*clip.end())
    };
    let mut range = range_of(&mut around.into_iter());
    let rounds = how.iterations.max(1);
    for round in 0..rounds {
        let share = |n: usize| n as f64 / (rounds + 1) as f64;
        let part = progress.part(share(round)..share(round + 1), "growing");
        let region = grow_in_range(scan, range.clone(), seeds, 0.0, &part)?;
        let inside = region.mask.voxels().iter().enumerate().filter(|(_, mark)| **mark != 0);
        let next = range_of(&mut inside.map(|(offset, _)| scan.value(offset)));
        if round + 1 == rounds || next == range {
            break;
        }
        range = next;
    }
    grow_in_range(scan, range, seeds, diameter_mm_min, &progress.part(0.9..1.0, "growing"))
}

/// The voxel with room nearest to `seed` within `reach_mm`; equal ones in order of memory.
fn nearest_deep(grid: &Grid, deep: &impl Fn(usize) -> bool, seed: [usize; 3], reach_mm: f64) -> Option<[usize; 3]> {
    let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
    let around = [0, 1, 2].map(|a| {
        let reach = (reach_mm / spacing_mm[a]).ceil() as usize;
        seed[a].saturating_sub(reach)..(seed[a] + reach + 1).min(dims[a])
    });
    let centre = grid.centre(seed);
    let mut best: Option<(f64, [usize; 3])> = None;
    for k in around[2].clone() {
        for j in around[1].clone() {
            for i in around[0].clone().filter(|i| deep(grid.offset([*i, j, k]))) {
                let mm = (grid.centre([i, j, k]) - centre).norm();
                if mm <= reach_mm * 1.0001 && best.is_none_or(|(least, _)| mm < least) {
                    best = Some((mm, [i, j, k]));
                }
            }
        }
    }
    best.map(|(_, voxel)| voxel)
}

fn volume(grid: &Arc<Grid>, voxels: Vec<u8>) -> Volume<u8> {
    Volume::new(Arc::clone(grid), voxels).expect("one mark per voxel")
}

/// The box around the marks with one voxel around it, where the grid has one: its first voxel, grid and marks.
fn cropped(grid: &Arc<Grid>, marks: &[u8]) -> ([usize; 3], (Arc<Grid>, Vec<u8>)) {
    let dims = grid.dims();
    let (mut low, mut high) = (dims, [0; 3]);
    for (row, values) in marks.chunks(dims[0]).enumerate() {
        if let Some(first) = values.iter().position(|mark| *mark != 0) {
            let last = values.iter().rposition(|mark| *mark != 0).unwrap_or(first);
            let (j, k) = (row % dims[1], row / dims[1]);
            low = [low[0].min(first), low[1].min(j), low[2].min(k)];
            high = [high[0].max(last), high[1].max(j), high[2].max(k)];
        }
    }
    let start = low.map(|first| first.saturating_sub(1));
    let size = [0, 1, 2].map(|a| (high[a] + 2).min(dims[a]) - start[a]);
    let part = Arc::new(grid.cropped(start, size).expect("a seed lies inside"));
    let mut voxels = Vec::with_capacity(part.len());
    for k in start[2]..start[2] + size[2] {
        for j in start[1]..start[1] + size[1] {
            let first = grid.offset([start[0], j, k]);
            voxels.extend_from_slice(&marks[first..first + size[0]]);
        }
    }
    (start, (part, voxels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Point;
    use crate::image::{Modality, Voxels};

    /// Two balls of 200 on 0, 12 mm in radius, joined by a rod 3 mm thick, with noise; 1 × 1 × 2 mm.
    fn dumbbell(noise: f64) -> Scan {
        let grid = Grid::aligned([64, 32, 16], Point::new(-31.5, -15.5, -15.0), [1.0, 1.0, 2.0]).unwrap();
        let mut rng = Rng::new(5);
        let value = |offset: usize| {
            let p = grid.centre(grid.voxel(offset));
            let ball = |x: f64| ((p.x - x).powi(2) + p.y * p.y + p.z * p.z).sqrt() < 12.0;
            let rod = p.x.abs() < 16.0 && p.y.hypot(p.z) < 2.5;
            (if ball(-16.0) || ball(16.0) || rod { 200.0 } else { 0.0 } + noise * rng.normal()) as i16
        };
        let voxels = (0..grid.len()).map(value).collect();
        let voxels = Voxels::I16(Volume::new(grid.clone(), voxels).unwrap());
        Scan { voxels, modality: Modality::Ct, window: None, facts: vec![] }
    }

    fn count(region: &Region, x: std::ops::Range<usize>) -> usize {
        let grid = region.mask.grid();
        let inside = |o: &usize| region.mask.voxels()[*o] != 0 && x.contains(&grid.voxel(*o)[0]);
        (0..grid.len()).filter(inside).count()
    }

    #[test]
    fn a_neck_stops_what_a_ball_cannot_pass() {
        let (scan, progress) = (dumbbell(0.0), Progress::default());
        let grow = |mm: f64| grow_in_range(&scan, 100.0..=300.0, &[[15, 15, 7]], mm, &progress).unwrap();
        let (leaked, stopped) = (grow(0.0), grow(8.0));
        assert_eq!(count(&leaked, 0..28), count(&leaked, 36..64));
        assert_eq!(count(&stopped, 36..64), 0);
        // The ball itself is kept but for what no ball of 8 mm fills.
        let kept = count(&stopped, 0..28) as f64 / count(&leaked, 0..28) as f64;
        assert!(0.9 < kept && kept <= 1.0, "{kept}");
    }

    #[test]
    fn the_range_follows_the_noise() {
        let scan = dumbbell(20.0);
        let how = Confidence { deviations: 2.5, iterations: 4, radius: 2 };
        let all = f64::MIN..=f64::MAX;
        let region = confidence_connected(&scan, &[[15, 15, 7]], how, all, 0.0, &Progress::default()).unwrap();
        // 2.5 deviations of noise of 20, cut at these: a little less each round.
        assert!((145.0..165.0).contains(region.range.start()), "{:?}", region.range);
        let clean = grow_in_range(&dumbbell(0.0), 100.0..=300.0, &[[15, 15, 7]], 0.0, &Progress::default()).unwrap();
        let share = count(&region, 0..64) as f64 / count(&clean, 0..64) as f64;
        assert!((0.93..1.01).contains(&share), "{share}");
    }

    #[test]
    fn seeds_that_cannot_grow_are_refused_in_words() {
        let (scan, progress) = (dumbbell(0.0), Progress::default());
        let outside = grow_in_range(&scan, 100.0..=300.0, &[[0, 0, 0]], 0.0, &progress).unwrap_err();
        assert!(outside.to_string().contains("100 to 300"), "{outside}");
        let thin = grow_in_range(&scan, 100.0..=300.0, &[[15, 15, 7]], 40.0, &progress).unwrap_err();
        assert!(thin.to_string().contains("40.0 mm"), "{thin}");
    }
}
