//! Segments on another grid with smooth surfaces: their signed distances are interpolated, not their labels.

use super::filter::squared_distance;
use super::resample::resample;
use super::{LabelMap, Volume, VoxelBox};
use crate::base::{Cancelled, Progress, SegmentId};
use crate::geom::{Aabb, Grid, Point, Vector};
use rayon::prelude::*;
use std::sync::Arc;

/// Voxels around a segment that are looked at too.
const AROUND: usize = 2;

/// The segments of `labels` at the voxel centres of `grid`; the table stays.
///
/// Each voxel gets the segment with the largest signed distance, interpolated between the voxels of `labels` (shape-based
/// interpolation, Raya and Udupa 1990, IEEE TMI 9:32), if any has more than the background: no gap opens between
/// segments that touch. What lies beyond the grid of `labels` stays empty.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn carry(labels: &LabelMap, grid: &Arc<Grid>, progress: &Progress) -> Result<LabelMap, Cancelled> {
    let used: Vec<SegmentId> = labels.segments().iter().map(|s| s.id).filter(|id| 0 < labels.count(*id)).collect();
    let mut voxels = vec![0_u8; grid.len()];
    let steps = used.len() + 1;
    let part = |n: usize| progress.part(n as f64 / steps as f64..(n + 1) as f64 / steps as f64, "segments");
    let boxes: Vec<VoxelBox> = used.iter().filter_map(|id| labels.extent(*id)).collect();
    // What is inside any segment, and how deep: so far is the background away.
    let mut least = match boxes.iter().cloned().reduce(|a, b| joined(&a, &b)) {
        Some(around) if 1 < used.len() => depth(labels, |label| label != 0, &around, grid, &part(0))?.map(negated),
        _ => None,
    };
    for (n, (id, around)) in used.iter().zip(&boxes).enumerate() {
        let Some(Piece { start, dims, values }) = depth(labels, |label| label == id.0, around, grid, &part(n + 1))?
        else {
            continue;
        };
        for (row, depths) in values.chunks(dims[0]).enumerate() {
            let at = [start[0], start[1] + row % dims[1], start[2] + row / dims[1]];
            let marks = &mut voxels[grid.offset(at)..][..depths.len()];
            match least.as_mut() {
                Some(least) => {
                    for ((mark, depth), best) in marks.iter_mut().zip(depths).zip(least.row(at, depths.len())) {
                        if *best < *depth {
                            (*mark, *best) = (id.0, *depth);
                        }
                    }
                }
                None => marks.iter_mut().zip(depths).for_each(|(mark, d)| *mark = if 0.0 < *d { id.0 } else { 0 }),
            }
        }
    }
    let volume = Volume::new(Arc::clone(grid), voxels).expect("one label per voxel");
    Ok(LabelMap::from_volume(&volume, labels.segments().to_vec()).expect("the labels are those of the same table"))
}

/// Values on a box of the target.
struct Piece {
    start: [usize; 3],
    dims: [usize; 3],
    values: Vec<f32>,
}

impl Piece {
    /// `n` values along i from the voxel `at` of the target on, which lie in this piece.
    fn row(&mut self, at: [usize; 3], n: usize) -> &mut [f32] {
        let [i, j, k]: [usize; 3] = std::array::from_fn(|a| at[a] - self.start[a]);
        let from = (k * self.dims[1] + j) * self.dims[0] + i;
        &mut self.values[from..from + n]
    }
}

fn negated(mut piece: Piece) -> Piece {
    piece.values.par_iter_mut().for_each(|value| *value = -*value);
    piece
}

fn joined(a: &VoxelBox, b: &VoxelBox) -> VoxelBox {
    std::array::from_fn(|n| a[n].start.min(b[n].start)..a[n].end.max(b[n].end))
}

/// Signed distance to the surface of what `inside` holds, which lies in `around`: inside above 0, where the target may
/// hold it; none if nowhere. A smaller box within a larger one gives a smaller piece within the larger one.
fn depth(
    labels: &LabelMap,
    inside: impl Fn(u8) -> bool + Sync,
    around: &VoxelBox,
    target: &Arc<Grid>,
    progress: &Progress,
) -> Result<Option<Piece>, Cancelled> {
    let (grid, dims) = (labels.grid(), labels.grid().dims());
    let first: [usize; 3] = std::array::from_fn(|a| around[a].start.saturating_sub(AROUND));
    let last: [usize; 3] = std::array::from_fn(|a| (around[a].end - 1 + AROUND).min(dims[a] - 1));
    let size: [usize; 3] = std::array::from_fn(|a| last[a] - first[a] + 1);
    let piece = Arc::new(grid.cropped(first, size).expect("a box of the grid"));
    let Some((start, part)) = covering(&piece, target) else { return Ok(None) };
    let marks = |wanted: bool| {
        let at = |o: usize| {
            let [i, j, k] = piece.voxel(o);
            inside(labels.at([first[0] + i, first[1] + j, first[2] + k])) == wanted
        };
        let voxels = (0..piece.len()).into_par_iter().map(|o| u8::from(at(o))).collect();
        Volume::new(Arc::clone(&piece), voxels).expect("one mark per voxel")
    };
    // Farther than the widest step nothing is interpolated across the surface.
    let far_mm = 3.0 * grid.spacing_mm().into_iter().fold(0.0, f64::max);
    let far = (far_mm * far_mm) as f32;
    let mut depths: Vec<f32> = vec![0.0; piece.len()];
    for (wanted, sign, stage) in [(true, -1.0_f32, 0.0..0.4), (false, 1.0, 0.4..0.8)] {
        let squared = squared_distance(&marks(wanted), far_mm, &progress.part(stage, "distance"))?;
        let pairs = depths.par_iter_mut().zip(squared.voxels());
        pairs.for_each(|(depth, squared)| *depth += sign * squared.min(far).sqrt());
    }
    let depths = Volume::new(piece, depths).expect("one depth per voxel");
    let values = resample(&depths, &Arc::new(part), -far_mm as f32, &progress.part(0.8..1.0, "other grid"))?;
    Ok(Some(Piece { start, dims: values.grid().dims(), values: values.into_voxels() }))
}

/// The part of `target` that may lie in the cells of `source`.
fn covering(source: &Grid, target: &Grid) -> Option<([usize; 3], Grid)> {
    let ends = source.dims().map(|n| [-0.5, n as f64 - 0.5]);
    let corner = |c: usize| Vector::new(ends[0][c & 1], ends[1][c >> 1 & 1], ends[2][c >> 2 & 1]);
    let places: Vec<Point> =
        (0..8).map(|c| target.index_from_patient(source.patient_from_index(corner(c))).into()).collect();
    let around = Aabb::of(&places);
    let mut start = [0; 3];
    let mut size = [0; 3];
    for a in 0..3 {
        let low = (around.min[a] - 1e-6).ceil().max(0.0);
        let high = (around.max[a] + 1e-6).floor().min(target.dims()[a] as f64 - 1.0);
        if high < low {
            return None;
        }
        (start[a], size[a]) = (low as usize, (high - low) as usize + 1);
    }
    Some((start, target.cropped(start, size).ok()?))
}

/// The grid of the voxels from `start`, `dims` large, each cut into `factor` along the axes.
///
/// # Errors
/// [`crate::geom::GridError`] if it is empty or too large.
pub fn finer_grid(
    grid: &Grid,
    start: [usize; 3],
    dims: [usize; 3],
    factor: [usize; 3],
) -> Result<Grid, crate::geom::GridError> {
    let f = factor.map(|f| f.max(1) as f64);
    let corner: [f64; 3] = std::array::from_fn(|a| start[a] as f64 - 0.5 + 0.5 / f[a]);
    let scale = nalgebra::Matrix3::from_diagonal(&Vector::from(f.map(|f| 1.0 / f)));
    let size: [usize; 3] = std::array::from_fn(|a| dims[a].saturating_mul(factor[a].max(1)));
    Grid::new(size, grid.patient_from_index(corner.into()), grid.step() * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Segment;

    /// Two halves of a ball on a flat grid.
    fn halves() -> LabelMap {
        let grid = Grid::aligned([44, 44, 14], Point::new(-22.0, -22.0, -21.0), [1.0, 1.0, 3.0]).unwrap();
        let label = |p: Point| if p.coords.norm() <= 15.0 { 1 + u8::from(0.0 < p.x) } else { 0 };
        let voxels = (0..grid.len()).map(|o| label(grid.centre(grid.voxel(o)))).collect();
        let segment = |id: u8| Segment::new(SegmentId(id), format!("half {id}"), [9; 3], None);
        LabelMap::from_volume(&Volume::new(grid, voxels).unwrap(), vec![segment(1), segment(2)]).unwrap()
    }

    #[test]
    fn on_its_own_grid_everything_stays() {
        let labels = halves();
        assert_eq!(carry(&labels, labels.grid(), &Progress::default()).unwrap(), labels);
    }

    #[test]
    fn a_ball_is_rounder_on_a_finer_grid_and_its_halves_still_touch() {
        let labels = halves();
        let fine = finer_grid(labels.grid(), [0; 3], labels.grid().dims(), [2, 2, 6]).unwrap();
        assert_eq!(fine.bounds().size(), labels.grid().bounds().size());
        let found = carry(&labels, &Arc::new(fine), &Progress::default()).unwrap();
        let wrong = |labels: &LabelMap| {
            let grid = labels.grid();
            let is_wrong = |o: &usize| {
                let voxel = grid.voxel(*o);
                (labels.at(voxel) != 0) != (grid.centre(voxel).coords.norm() <= 15.0)
            };
            (0..grid.len()).filter(is_wrong).count() as f64 * grid.voxel_mm3()
        };
        let nearest = crate::image::resample::resample_labels(&labels, found.grid(), &Progress::default()).unwrap();
        assert!(wrong(&found) < 0.6 * wrong(&nearest), "{} mm³ against {}", wrong(&found), wrong(&nearest));
        let volume = |labels: &LabelMap| labels.volume_ml(SegmentId(1)) + labels.volume_ml(SegmentId(2));
        // Straight lines between slices cut a little off what is round.
        let ratio = volume(&found) / volume(&labels);
        assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
        // Nothing between the halves: along x a ball is one piece.
        let grid = found.grid();
        let row: Vec<u8> = (0..grid.dims()[0]).map(|i| found.at([i, 44, 42])).collect();
        let [start, end] = [row.iter().position(|l| *l != 0).unwrap(), row.iter().rposition(|l| *l != 0).unwrap()];
        assert!(row[start..=end].iter().all(|label| *label != 0), "{row:?}");
    }

    #[test]
    fn a_turned_grid_and_one_elsewhere_get_what_lies_there() {
        let labels = halves();
        let turn = nalgebra::Rotation3::from_euler_angles(0.5, 0.3, -0.8);
        let grid = Grid::new([40; 3], (turn * Vector::repeat(-19.5)).into(), *turn.matrix()).unwrap();
        let found = carry(&labels, &Arc::new(grid), &Progress::default()).unwrap();
        for id in [1, 2].map(SegmentId) {
            let (new, old) = (found.volume_ml(id), labels.volume_ml(id));
            assert!((new / old - 1.0).abs() < 0.03, "{new} ml for {old} ml");
        }
        let away = Arc::new(Grid::aligned([5; 3], Point::new(200.0, 0.0, 0.0), [1.0; 3]).unwrap());
        assert!(carry(&labels, &away, &Progress::default()).unwrap().to_volume().voxels().iter().all(|l| *l == 0));
    }
}
