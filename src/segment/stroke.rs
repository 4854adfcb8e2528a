//! Brush strokes: the voxels within a radius of a line through points, or of discs in a slice.

use super::{Marks, SegmentError};
use crate::geom::{Grid, Point, Vector};
use crate::image::filter::reach_of_gaussian;
use crate::image::{BrickLabels, LabelMap, Scan, VoxelBox};
use std::ops::Range;

/// The shape of a brush.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BrushShape {
    /// A ball.
    Sphere,
    /// A disc, one slice thick, across this direction (need not have length 1).
    Disc(Vector),
}

/// A brush.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// Radius in mm.
    pub radius_mm: f64,
    /// Ball or disc.
    pub shape: BrushShape,
}

impl Brush {
    /// The direction across a disc, of length 1.
    fn normal(&self) -> Option<Vector> {
        match self.shape {
            BrushShape::Sphere => None,
            BrushShape::Disc(normal) => normal.try_normalize(1e-12),
        }
    }

    /// The standard deviation of the Gaussian with which this brush smooths: details of half its radius go.
    pub fn sigma_mm(&self) -> f64 {
        self.radius_mm / 3.0
    }
}

/// The voxels whose centres a brush covers that is drawn along `points` (LPS mm).
///
/// A voxel is covered within the radius of the line through the points; a disc covers only the slice the points lie in.
/// A brush thinner than the voxels marks the voxel under each point.
///
/// # Errors
/// [`SegmentError::SeedOutside`] if no point's brush reaches the grid.
pub fn stroke(grid: &Grid, points: &[Point], brush: Brush) -> Result<Marks, SegmentError> {
    let Some(region) = reach(grid, points, brush) else {
        return Err(SegmentError::SeedOutside(points.first().map_or([f64::NAN; 3], |p| [p.x, p.y, p.z])));
    };
    let mut marks = Marks::none(grid, region);
    let ends = |n: usize| (points[n], points[(n + 1).min(points.len() - 1)]);
    for (from, to) in (0..points.len().saturating_sub(1).max(1)).map(ends) {
        capsule(grid, (from, to), brush, &mut marks);
    }
    for voxel in points.iter().filter_map(|point| grid.voxel_at(*point)) {
        marks.mark(voxel);
    }
    if marks.is_empty() {
        let first = points[0];
        return Err(SegmentError::SeedOutside([first.x, first.y, first.z]));
    }
    Ok(marks)
}

/// As [`stroke`], but each dab keeps to what looks like its middle: voxels connected to the dab's centre whose value
/// differs from the mean of the inner third by at most `tolerance` (without one: 2.5 standard deviations of the inner
/// third, at least one unit).
///
/// The labels only give the grid, which must be the scan's.
///
/// # Errors
/// As [`stroke`].
pub fn stroke_along_edges(
    scan: &Scan,
    points: &[Point],
    brush: Brush,
    tolerance: Option<f64>,
) -> Result<Marks, SegmentError> {
    let grid = scan.grid();
    let whole = stroke(grid, points, brush)?;
    let mut marks = Marks::none(grid, whole.region().clone());
    for point in points {
        let one;
        let dab = if points.len() == 1 {
            &whole
        } else {
            let Ok(made) = stroke(grid, &[*point], brush) else { continue };
            one = made;
            &one
        };
        let Some(centre) = grid.voxel_at(*point) else { continue };
        let third = Brush { radius_mm: brush.radius_mm / 3.0, ..brush };
        let core = stroke(grid, &[*point], third)?;
        let values: Vec<f64> = core.voxels().map(|voxel| scan.value(grid.offset(voxel))).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        let reach = tolerance.unwrap_or_else(|| (2.5 * variance.sqrt()).max(1.0));
        let like = |first: [usize; 3], row: &mut [u8]| {
            let offset = grid.offset(first);
            for (n, alike) in row.iter_mut().enumerate() {
                *alike = u8::from((scan.value(offset + n) - mean).abs() <= reach);
            }
        };
        marks.add(&dab.connected(centre, like));
    }
    Ok(marks)
}

/// The box of voxels that a brush drawn along `points` may cover, cut to the grid; `None` if they do not meet.
pub fn reach(grid: &Grid, points: &[Point], brush: Brush) -> Option<VoxelBox> {
    // Along axis a, the index grows by m·u for a way u, m being row a of the inverse step. A ball of radius r reaches
    // r·|m| indices; a disc r times the part of m in its plane, and half a slice times the part across.
    let inverse = grid.step().try_inverse().expect("a grid's step can be inverted");
    let normal = brush.normal();
    let far = [0, 1, 2].map(|a| {
        let row = inverse.row(a).transpose();
        match &normal {
            None => brush.radius_mm * row.norm(),
            Some(normal) => {
                let across = row.dot(normal);
                let half_mm = half_slice_mm(grid, normal);
                brush.radius_mm * (row - across * normal).norm() + half_mm * across.abs()
            }
        }
    });
    let mut ends = [[f64::INFINITY, f64::NEG_INFINITY]; 3];
    for point in points {
        let index = grid.index_from_patient(*point);
        for a in 0..3 {
            ends[a] = [ends[a][0].min(index[a]), ends[a][1].max(index[a])];
        }
    }
    let dims = grid.dims();
    // One voxel more on each side: a thin brush marks the voxel it lies in.
    let region = [0, 1, 2].map(|a| {
        let low = (ends[a][0] - far[a] - 1.0).floor().clamp(0.0, dims[a] as f64);
        let high = (ends[a][1] + far[a] + 2.0).ceil().clamp(0.0, dims[a] as f64);
        low as usize..high as usize
    });
    region.iter().all(|range| !range.is_empty()).then_some(region)
}

/// What a brush does, for [`stroke_cost`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrushWork {
    /// It gives or takes all it covers.
    All,
    /// It takes what looks like its middle.
    Similar,
    /// It smooths.
    Smooth,
}

/// About how many voxels are looked at for a stroke: the rows of each piece, the box that is edited, and what a Gaussian
/// reads around it. For deciding where it is made; a few tens of millions a second and thread.
pub fn stroke_cost(grid: &Grid, points: &[Point], brush: Brush, work: BrushWork) -> f64 {
    let voxels = |region: &VoxelBox| region.iter().map(|range| range.len() as f64).product::<f64>();
    let Some(whole) = reach(grid, points, brush) else { return 0.0 };
    // A row of a ball is found by a few tests, one of a disc by a test of each voxel.
    let piece = |ends: &[Point]| {
        let region = reach(grid, ends, brush).unwrap_or([0..0, 0..0, 0..0]);
        match brush.shape {
            BrushShape::Sphere => 16.0 * region[1].len() as f64 * region[2].len() as f64,
            BrushShape::Disc(_) => voxels(&region),
        }
    };
    let pieces: f64 = points.windows(2).map(piece).sum();
    let more = match work {
        BrushWork::All => 0.0,
        BrushWork::Similar => {
            points.iter().map(|point| 4.0 * reach(grid, &[*point], brush).map_or(0.0, |r| voxels(&r))).sum()
        }
        BrushWork::Smooth => {
            let reach = grid.spacing_mm().map(|step| reach_of_gaussian(brush.sigma_mm() / step));
            let wide = (0..3).map(|a| (whole[a].len() + 2 * reach[a]).min(grid.dims()[a]) as f64).product::<f64>();
            // A weight takes about an eighth of what a look at a voxel takes.
            wide * (2.0 + reach.iter().sum::<usize>() as f64 / 4.0)
        }
    };
    pieces + 0.5 * voxels(&whole) + more
}

/// Mark what a brush covers on its way between two points.
fn capsule(grid: &Grid, (from, to): (Point, Point), brush: Brush, marks: &mut Marks) {
    let Some(region) = reach(grid, &[from, to], brush) else { return };
    let along = to - from;
    let length2 = along.norm_squared();
    let normal = brush.normal();
    let half_mm = normal.map(|normal| half_slice_mm(grid, &normal));
    let radius2 = brush.radius_mm.powi(2);
    let covers = |centre: Point| {
        let to_centre = centre - from;
        let part = if length2 == 0.0 { 0.0 } else { (to_centre.dot(&along) / length2).clamp(0.0, 1.0) };
        let mut away = to_centre - part * along;
        if let (Some(normal), Some(half_mm)) = (&normal, half_mm) {
            let out = away.dot(normal);
            if half_mm < out.abs() {
                return false;
            }
            away -= out * normal;
        }
        away.norm_squared() <= radius2
    };
    let first = marks.region()[0].start;
    let run = region[0].clone();
    marks.mark_rows(&region, |[j, k], row| {
        let covers = |i: usize| covers(grid.centre([i, j, k]));
        match (&normal, half_mm) {
            (Some(normal), Some(half_mm)) => {
                let between = in_slab(grid, [j, k], (from, along), (normal, half_mm), &run);
                between.filter(|i| covers(*i)).for_each(|i| row[i - first] = 1);
            }
            _ => {
                let covered = in_ball(grid, [j, k], (from, along), &run, covers);
                row[covered.start - first..covered.end - first].fill(1);
            }
        }
    });
}

/// The voxels of a row that a disc may cover: those in its slice, and one more on both sides.
fn in_slab(
    grid: &Grid,
    [j, k]: [usize; 2],
    (from, along): (Point, Vector),
    (normal, half_mm): (&Vector, f64),
    run: &Range<usize>,
) -> Range<usize> {
    let on_way = along.dot(normal);
    let limits = [on_way.min(0.0) - half_mm, on_way.max(0.0) + half_mm];
    let (out, step) = ((grid.centre([0, j, k]) - from).dot(normal), grid.step().column(0).dot(normal));
    if step.abs() < 1e-9 {
        // The row lies along the slice; the test of each voxel is the exact one.
        let slack = 1e-6 * (1.0 + half_mm);
        let inside = limits[0] - slack <= out && out <= limits[1] + slack;
        return if inside { run.clone() } else { run.start..run.start };
    }
    let ends = limits.map(|limit| (limit - out) / step);
    // `as` saturates.
    let low = (ends[0].min(ends[1]).floor() - 1.0).max(0.0) as usize;
    let high = (ends[0].max(ends[1]).ceil() + 2.0).max(0.0) as usize;
    let low = low.clamp(run.start, run.end);
    low..high.clamp(low, run.end)
}

/// The voxels of a row that a ball covers on its way. What it covers is convex: they follow one another, around the place
/// where the row's line comes nearest to the way; the ends are found by halving.
fn in_ball(
    grid: &Grid,
    [j, k]: [usize; 2],
    (from, along): (Point, Vector),
    run: &Range<usize>,
    covers: impl Fn(usize) -> bool,
) -> Range<usize> {
    let nothing = run.start..run.start;
    let step: Vector = grid.step().column(0).into();
    let (to_way, step2) = (from - grid.centre([0, j, k]), step.norm_squared());
    // Without their parts along the row.
    let off = to_way - step * (to_way.dot(&step) / step2);
    let turned = along - step * (along.dot(&step) / step2);
    let part = if turned.norm_squared() <= 1e-18 { 0.0 } else { -off.dot(&turned) / turned.norm_squared() };
    let nearest = (to_way + along * part.clamp(0.0, 1.0)).dot(&step) / step2;
    let last = run.end - 1;
    // `as` saturates and makes no number 0; a voxel more on both sides, for the place has rounding errors.
    let low = ((nearest.floor() - 1.0).max(0.0) as usize).clamp(run.start, last);
    let high = ((nearest.ceil() + 1.0).max(0.0) as usize).clamp(run.start, last);
    let Some(seed) = (low..=high).find(|i| covers(*i)) else { return nothing };
    let (mut outside, mut begin) = (run.start, seed);
    while outside < begin {
        let middle = outside.midpoint(begin);
        if covers(middle) { begin = middle } else { outside = middle + 1 }
    }
    let (mut end, mut beyond) = (seed + 1, run.end);
    while end < beyond {
        let middle = end.midpoint(beyond);
        if covers(middle) { end = middle + 1 } else { beyond = middle }
    }
    begin..end
}

/// Half the thickness of a slice of `grid` across `normal` (length 1), in mm; a hair less, so that a plane half-way
/// between two slices does not take both.
pub(super) fn half_slice_mm(grid: &Grid, normal: &Vector) -> f64 {
    let step = |a: usize| grid.step().column(a).dot(normal).abs();
    0.4999 * step(0).max(step(1)).max(step(2))
}

/// `labels` with the marked voxels given to segment `id`, or taken from it, as far as `may_change` lets them.
///
/// # Panics
/// If the marks were made for a grid of another size.
pub fn painted(
    labels: &LabelMap,
    id: crate::base::SegmentId,
    marks: &Marks,
    erase: bool,
    may_change: impl Fn(usize, u8) -> bool + Sync,
) -> LabelMap {
    assert_eq!(labels.grid().dims(), marks.dims(), "marks and labels lie on the same grid");
    let grid = labels.grid();
    let unchanged = |label: u8| if erase { label != id.0 } else { label == id.0 };
    let untouched = |part: &VoxelBox, labels: BrickLabels<'_>| {
        matches!(labels, BrickLabels::One(label) if unchanged(label)) || !marks.any_in(part)
    };
    let new_row = |first: [usize; 3], row: &mut [u8]| {
        let [i, j, k] = first;
        let (offset, run) = (grid.offset(first), i..i + row.len());
        let mut changed = false;
        for (n, (label, mark)) in row.iter_mut().zip(marks.row(run, j, k)).enumerate() {
            if *mark != 0 && !unchanged(*label) && may_change(offset + n, *label) {
                *label = if erase { 0 } else { id.0 };
                changed = true;
            }
        }
        changed
    };
    let quiet = crate::base::Progress::default();
    labels.edited_rows(marks.region(), untouched, new_row, &quiet).expect("nobody can cancel this progress")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;
    use crate::image::{Modality, Segment, Volume, Voxels};
    use nalgebra::Matrix3;
    use std::sync::Arc;

    fn grid() -> Grid {
        Grid::aligned([80, 80, 30], Point::new(-20.0, 5.0, 100.0), [0.7, 0.7, 2.0]).unwrap()
    }

    const BALL: Brush = Brush { radius_mm: 10.0, shape: BrushShape::Sphere };

    #[test]
    fn a_dab_is_a_ball_and_a_stroke_a_capsule() {
        let grid = grid();
        let middle = grid.bounds().centre();
        let ball = stroke(&grid, &[middle], BALL).unwrap().count() as f64 * grid.voxel_mm3();
        let expected = 4.0 / 3.0 * std::f64::consts::PI * 1000.0;
        assert!((ball / expected - 1.0).abs() < 0.01, "{ball} mm³ against {expected}");
        let points = [middle - Vector::new(6.0, 8.0, 0.0), middle + Vector::new(6.0, 8.0, 0.0)];
        let capsule = stroke(&grid, &points, BALL).unwrap().count() as f64 * grid.voxel_mm3();
        let expected = expected + 20.0 * std::f64::consts::PI * 100.0;
        assert!((capsule / expected - 1.0).abs() < 0.01, "{capsule} mm³ against {expected}");
    }

    /// The direct definition, voxel by voxel, on a grid that is oblique and sheared.
    #[test]
    fn strokes_are_right_on_oblique_grids() {
        let step = Matrix3::new(0.8, 0.1, 0.3, -0.2, 0.9, 0.1, 0.1, 0.0, 2.0);
        let grid = Grid::new([40, 30, 20], Point::new(1.0, 2.0, 3.0), step).unwrap();
        let points = [grid.centre([12, 10, 8]), grid.centre([25, 18, 12])];
        let brush = Brush { radius_mm: 4.0, shape: BrushShape::Sphere };
        let marks = stroke(&grid, &points, brush).unwrap();
        let along = points[1] - points[0];
        for offset in 0..grid.len() {
            let centre = grid.centre(grid.voxel(offset));
            let part = ((centre - points[0]).dot(&along) / along.norm_squared()).clamp(0.0, 1.0);
            assert_eq!(marks.holds(offset), (centre - (points[0] + part * along)).norm() <= 4.0, "voxel {offset}");
        }
    }

    /// Balls and discs of many sizes on straight and sheared grids: voxel by voxel, as the definition says.
    #[test]
    fn every_voxel_is_covered_or_not_as_the_definition_says() {
        let sheared = Matrix3::new(0.8, 0.1, 0.3, -0.2, 0.9, 0.1, 0.1, 0.0, 2.0);
        let straight = Matrix3::from_diagonal(&Vector::new(0.7, -0.7, 1.5));
        let mut rng = crate::base::rng::Rng::new(9);
        for step in [sheared, straight] {
            let grid = Grid::new([30, 26, 18], Point::new(1.0, 2.0, 3.0), step).unwrap();
            let discs = [Vector::z(), Vector::x(), Vector::new(0.3, -1.0, 0.4)].map(BrushShape::Disc);
            for shape in discs.into_iter().chain([BrushShape::Sphere]) {
                for radius_mm in [0.2, 1.0, 2.1, 4.0, 30.0] {
                    let mut place = |out: f64| {
                        let part = [0, 1, 2].map(|_| rng.unit() * (1.0 + 2.0 * out) - out);
                        grid.patient_from_index(Vector::new(29.0 * part[0], 25.0 * part[1], 17.0 * part[2]))
                    };
                    let points = [place(0.0), place(0.2), place(0.2)];
                    let brush = Brush { radius_mm, shape };
                    let marks = stroke(&grid, &points, brush).unwrap();
                    let normal = brush.normal();
                    let covered = |centre: Point| {
                        points.windows(2).any(|ends| {
                            let along = ends[1] - ends[0];
                            let part = ((centre - ends[0]).dot(&along) / along.norm_squared()).clamp(0.0, 1.0);
                            let mut away = centre - (ends[0] + part * along);
                            let out = normal.map_or(0.0, |normal| away.dot(&normal));
                            away -= normal.map_or_else(Vector::zeros, |normal| out * normal);
                            let half_mm = normal.map_or(f64::INFINITY, |normal| half_slice_mm(&grid, &normal));
                            out.abs() <= half_mm && away.norm() <= radius_mm
                        })
                    };
                    for offset in 0..grid.len() {
                        let voxel = grid.voxel(offset);
                        let under = points.iter().any(|point| grid.voxel_at(*point) == Some(voxel));
                        let expected = under || covered(grid.centre(voxel));
                        assert_eq!(marks.holds(offset), expected, "{brush:?} {voxel:?}");
                    }
                }
            }
        }
    }

    /// A disc is thin: its box holds little beside it.
    #[test]
    fn the_box_of_a_disc_is_that_of_its_slice() {
        let grid = grid();
        let centre = grid.centre([40, 40, 12]);
        for (normal, axis) in [(Vector::x(), 0), (Vector::y(), 1), (Vector::z(), 2)] {
            let disc = Brush { shape: BrushShape::Disc(normal), ..BALL };
            let region = reach(&grid, &[centre], disc).unwrap();
            assert!(region[axis].len() <= 5, "{region:?}");
            assert!((0..3).filter(|a| *a != axis).all(|a| 10 <= region[a].len()), "{region:?}");
        }
    }

    #[test]
    fn a_disc_paints_one_slice() {
        let grid = grid();
        let disc = Brush { shape: BrushShape::Disc(Vector::z()), ..BALL };
        let marks = stroke(&grid, &[grid.centre([40, 40, 12])], disc).unwrap();
        let slices: std::collections::BTreeSet<usize> = marks.voxels().map(|voxel| voxel[2]).collect();
        assert_eq!(slices.into_iter().collect::<Vec<_>>(), [12]);
        let area = marks.count() as f64 * 0.49;
        assert!((area / (std::f64::consts::PI * 100.0) - 1.0).abs() < 0.02, "{area} mm²");
    }

    #[test]
    fn a_thin_brush_marks_the_voxel_under_it_and_outside_is_refused() {
        let grid = grid();
        let point = grid.centre([3, 4, 5]) + Vector::new(0.3, -0.3, 0.9);
        let thin = Brush { radius_mm: 0.01, shape: BrushShape::Sphere };
        assert_eq!(stroke(&grid, &[point], thin).unwrap().voxels().collect::<Vec<_>>(), [[3, 4, 5]]);
        let outside = Point::new(1000.0, 0.0, 0.0);
        assert!(stroke(&grid, &[outside], BALL).unwrap_err().to_string().contains("outside the scan"));
        assert!(stroke(&grid, &[], BALL).is_err());
    }

    #[test]
    fn the_edge_following_brush_stays_in_its_tissue() {
        let grid = grid();
        let values: Vec<i16> =
            (0..grid.len()).map(|o| if grid.voxel(o)[0] < 40 { 100 } else { 300 } + (o % 7) as i16).collect();
        let voxels_of = Voxels::I16(Volume::new(grid.clone(), values).unwrap());
        let scan = Scan { voxels: voxels_of, modality: Modality::Ct, window: None, facts: Vec::new() };
        let point = grid.centre([36, 40, 15]);
        let whole = stroke(&grid, &[point], BALL).unwrap();
        let kept = stroke_along_edges(&scan, &[point], BALL, None).unwrap();
        assert!(whole.voxels().any(|voxel| 40 <= voxel[0]));
        assert!(kept.voxels().all(|voxel| voxel[0] < 40));
        assert_eq!(kept.count(), whole.voxels().filter(|voxel| voxel[0] < 40).count());
    }

    #[test]
    fn erasing_takes_only_what_belongs_to_the_segment() {
        let grid = Arc::new(grid());
        let segments =
            vec![Segment::new(SegmentId(1), "a", [1; 3], None), Segment::new(SegmentId(2), "b", [2; 3], None)];
        let empty = LabelMap::empty(Arc::clone(&grid), segments).unwrap();
        let middle = grid.bounds().centre();
        let big = stroke(&grid, &[middle], BALL).unwrap();
        let small = stroke(&grid, &[middle], Brush { radius_mm: 4.0, ..BALL }).unwrap();
        let a = painted(&empty, SegmentId(1), &big, false, |_, _| true);
        let b = painted(&a, SegmentId(2), &small, false, |_, _| true);
        assert_eq!(b.count(SegmentId(1)), big.count() - small.count());
        let erased = painted(&b, SegmentId(1), &big, true, |_, _| true);
        assert_eq!((erased.count(SegmentId(1)), erased.count(SegmentId(2))), (0, small.count()));
        assert_eq!(painted(&b, SegmentId(1), &big, true, |_, _| false), b);
    }
}
