//! Fast marching: a front from a few points that runs where values are like theirs, until it holds a volume.

use crate::base::{Cancelled, Progress, units::MM3_PER_ML};
use crate::geom::Grid;
use crate::image::Volume;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// What a front has reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Front {
    /// 1 where it was, 0 elsewhere.
    pub mask: Volume<u8>,
    /// Voxels it holds.
    pub voxels: usize,
    /// When it reached the last of them: mm at full speed.
    pub time_mm: f64,
    /// Whether nothing was left to run into before the volume was full.
    pub exhausted: bool,
}

/// Run from `seeds` with `speed(offset)` (0 to 1, 0 for a wall) until the front holds `volume_ml`.
///
/// Solves |∇T| speed = 1 in the order of T by the upwind scheme of first order (Sethian 1996, "A fast marching level set
/// method for monotonically advancing fronts"), with the spacing of each axis in mm; axes are taken as orthogonal.
/// Voxels join in the order the front reaches them, equal times in order of memory, so a larger volume holds the smaller.
/// Touches 5 bytes a voxel where the front was.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn fast_marching(
    grid: &Arc<Grid>,
    seeds: &[[usize; 3]],
    speed: impl Fn(usize) -> f64,
    volume_ml: f64,
    progress: &Progress,
) -> Result<Front, Cancelled> {
    let wanted = (volume_ml * MM3_PER_ML / grid.voxel_mm3()).round().clamp(1.0, grid.len() as f64) as usize;
    let mut mask = vec![0_u8; grid.len()];
    // Zeroed memory is not there before it is written: 0 is a voxel not met yet, times begin at 1.
    let mut times = vec![0.0_f32; grid.len()];
    let mut heap: BinaryHeap<Reverse<(u32, usize)>> = BinaryHeap::new();
    for seed in seeds {
        let offset = grid.offset(*seed);
        times[offset] = 1.0;
        // Positive numbers order as their bits do.
        heap.push(Reverse((1.0_f32.to_bits(), offset)));
    }
    let (mut voxels, mut last) = (0, 1.0_f32);
    while let Some(Reverse((bits, offset))) = heap.pop() {
        if mask[offset] != 0 {
            continue;
        }
        mask[offset] = 1;
        voxels += 1;
        last = f32::from_bits(bits);
        if voxels == wanted {
            break;
        }
        if voxels.is_multiple_of(1 << 14) {
            progress.step(voxels, wanted)?;
        }
        for to in beside(grid, offset).into_iter().flatten().flatten() {
            let rate = if mask[to] == 0 { speed(to) } else { 0.0 };
            if 0.0 < rate {
                let time = arrival(grid, &mask, &times, to, rate);
                if times[to] == 0.0 || time < times[to] {
                    times[to] = time;
                    heap.push(Reverse((time.to_bits(), to)));
                }
            }
        }
    }
    let exhausted = voxels < wanted;
    let mask = Volume::new(Arc::clone(grid), mask).expect("one mark per voxel");
    Ok(Front { mask, voxels, time_mm: f64::from(last - 1.0), exhausted })
}

/// The face neighbours along each axis, before and behind.
fn beside(grid: &Grid, offset: usize) -> [[Option<usize>; 2]; 3] {
    let (dims, at) = (grid.dims(), grid.voxel(offset));
    let steps = [1, dims[0], dims[0] * dims[1]];
    [0, 1, 2].map(|a| [(0 < at[a]).then(|| offset - steps[a]), (at[a] + 1 < dims[a]).then(|| offset + steps[a])])
}

/// T with Σ ((T − Tₐ)/hₐ)² = 1/F², over the axes whose earlier neighbour Tₐ is before T.
fn arrival(grid: &Grid, mask: &[u8], times: &[f32], to: usize, rate: f64) -> f32 {
    let spacing_mm = grid.spacing_mm();
    let known = |other: &Option<usize>| other.filter(|other| mask[*other] != 0).map(|other| f64::from(times[other]));
    let mut axes: Vec<(f64, f64)> = beside(grid, to)
        .iter()
        .zip(spacing_mm)
        .filter_map(|(pair, h)| Some((pair.iter().filter_map(known).reduce(f64::min)?, h)))
        .collect();
    axes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut time = f64::INFINITY;
    let (mut a, mut b, mut c) = (0.0, 0.0, -1.0 / (rate * rate));
    for (earlier, h) in axes {
        if time <= earlier {
            break;
        }
        let weight = 1.0 / (h * h);
        (a, b, c) = (a + weight, b - 2.0 * weight * earlier, c + weight * earlier * earlier);
        // The root is real: at T = earlier the sum is at most 1/F², for the front has not come there before.
        time = (-b + (b * b - 4.0 * a * c).max(0.0).sqrt()) / (2.0 * a);
    }
    time as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;

    #[test]
    fn a_front_on_even_ground_is_a_ball_of_the_volume_asked_for() {
        let grid = Arc::new(Grid::aligned([61, 61, 31], Point::new(-30.0, -30.0, -30.0), [1.0, 1.0, 2.0]).unwrap());
        let front = fast_marching(&grid, &[[30, 30, 15]], |_| 1.0, 20.0, &Progress::default()).unwrap();
        assert_eq!((front.voxels, front.exhausted), (10_000, false));
        // A ball of 20 ml has a radius of 16.84 mm; the scheme of first order is late along diagonals.
        let inside = (0..grid.len()).filter(|o| front.mask.voxels()[*o] != 0);
        let farthest = inside.map(|o| grid.centre(grid.voxel(o)).coords.norm()).fold(0.0, f64::max);
        assert!((16.8..18.5).contains(&farthest), "{farthest} mm");
        assert!((16.8..19.0).contains(&front.time_mm), "{} mm", front.time_mm);
    }

    #[test]
    fn a_larger_volume_holds_the_smaller_and_walls_end_it() {
        let grid = Arc::new(Grid::aligned([20, 20, 1], Point::origin(), [1.0, 1.0, 10.0]).unwrap());
        let speed = |offset: usize| if offset % 20 == 12 { 0.0 } else { 0.1 + (offset % 7) as f64 / 7.0 };
        let run = |ml| fast_marching(&grid, &[[3, 4, 0], [8, 15, 0]], speed, ml, &Progress::default()).unwrap();
        let (small, large) = (run(0.5), run(1.5));
        let pairs = small.mask.voxels().iter().zip(large.mask.voxels());
        assert!(pairs.clone().all(|(small, large)| small <= large) && small.time_mm < large.time_mm);
        let all = run(9.0);
        assert_eq!((all.voxels, all.exhausted), (12 * 20, true));
        assert_eq!(run(0.0).voxels, 1);
    }
}
