//! Brush strokes: the voxels within a radius of a line through points, or of discs in a slice.

use super::{Marks, SegmentError};
use crate::geom::{Grid, Point, Vector};
use crate::image::{LabelMap, Scan, VoxelBox};

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
    let Some(region) = reach(grid, points, brush.radius_mm) else {
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
    if marks.count() == 0 {
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
        let Ok(dab) = stroke(grid, &[*point], brush) else { continue };
        let Some(centre) = grid.voxel_at(*point) else { continue };
        let third = Brush { radius_mm: brush.radius_mm / 3.0, ..brush };
        let core = stroke(grid, &[*point], third)?;
        let values: Vec<f64> = core.voxels().map(|voxel| scan.value(grid.offset(voxel))).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        let reach = tolerance.unwrap_or_else(|| (2.5 * variance.sqrt()).max(1.0));
        let like = |voxel: [usize; 3]| (scan.value(grid.offset(voxel)) - mean).abs() <= reach;
        for voxel in dab.connected(centre, like) {
            marks.mark(voxel);
        }
    }
    Ok(marks)
}

/// The box of voxels within `radius_mm` of the box around the points, cut to the grid; `None` if they do not meet.
fn reach(grid: &Grid, points: &[Point], radius_mm: f64) -> Option<VoxelBox> {
    // A ball of radius r reaches r·|row a of the inverse step| indices along axis a.
    let inverse = grid.step().try_inverse().expect("a grid's step can be inverted");
    let far = [0, 1, 2].map(|a| radius_mm * inverse.row(a).norm());
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

fn capsule(grid: &Grid, (from, to): (Point, Point), brush: Brush, marks: &mut Marks) {
    let Some(region) = reach(grid, &[from, to], brush.radius_mm) else { return };
    let along = to - from;
    let length2 = along.norm_squared();
    let normal = match brush.shape {
        BrushShape::Sphere => None,
        BrushShape::Disc(normal) => normal.try_normalize(1e-12),
    };
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
    for k in region[2].clone() {
        for j in region[1].clone() {
            for i in region[0].clone() {
                if covers(grid.centre([i, j, k])) {
                    marks.mark([i, j, k]);
                }
            }
        }
    }
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
    let new_label = |offset: usize, old: u8| {
        let new = if !erase {
            id.0
        } else if old == id.0 {
            0
        } else {
            old
        };
        if new != old && marks.holds(offset) && may_change(offset, old) { new } else { old }
    };
    let quiet = crate::base::Progress::default();
    labels.edited(marks.region(), new_label, &quiet).expect("nobody can cancel this progress")
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
