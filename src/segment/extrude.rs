//! The voxels behind a closed outline: contours drawn in a slice, and scissors through the whole body.

use super::stroke::half_slice_mm;
use super::{Marks, SegmentError};
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};

/// How far an outline reaches along the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Depth {
    /// One slice of the grid.
    Slice,
    /// This far in mm to both sides of the outline together.
    Slab(f64),
    /// All the way.
    Unlimited,
}

/// Where an outline is seen from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum View {
    /// Along this direction everywhere (slices, parallel cameras); need not have length 1.
    Along(Vector),
    /// From this place (cameras with perspective), looking along a direction.
    From(Point, Vector),
}

/// The voxels whose centres lie behind the closed outline through `points` (LPS mm), inside by the even-odd rule.
///
/// Each row of voxels is cut exactly with the outline, so no resolution is involved.
///
/// # Errors
/// [`SegmentError::Outline`] for fewer than three points or no area, cancelled.
pub fn extrude(
    grid: &Grid,
    points: &[Point],
    view: View,
    depth: Depth,
    progress: &Progress,
) -> Result<Marks, SegmentError> {
    let (View::Along(direction) | View::From(_, direction)) = view;
    let Some(normal) = direction.try_normalize(1e-12) else {
        return Err(SegmentError::Outline("the direction of the view has no length".into()));
    };
    if points.len() < 3 || area(points, &normal) < 1e-9 {
        let n = points.len();
        return Err(SegmentError::Outline(format!("{n} points enclose no area; draw around something")));
    }
    let middle = points.iter().fold(Vector::zeros(), |sum, p| sum + p.coords) / points.len() as f64;
    let half_mm = match depth {
        Depth::Slice => half_slice_mm(grid, &normal),
        Depth::Slab(thickness_mm) => 0.5 * thickness_mm,
        Depth::Unlimited => f64::INFINITY,
    };
    let [ni, nj, nk] = grid.dims();
    let mut marks = Marks::none(grid, [0..ni, 0..nj, slices(grid, &middle, &normal, half_mm)]);
    let along = grid.step().column(0).into_owned();
    let mut crossings = Vec::new();
    for k in marks.region()[2].clone() {
        progress.step(k, nk)?;
        for j in 0..nj {
            let start = grid.centre([0, j, k]);
            crossings_of_row(points, start, along, view, &normal, &mut crossings);
            for pair in crossings.chunks_exact(2) {
                let first = pair[0].ceil().clamp(0.0, ni as f64) as usize;
                let last = pair[1].ceil().clamp(0.0, ni as f64) as usize;
                let within = |i: usize| {
                    let centre = start + i as f64 * along;
                    let seen = match view {
                        View::From(eye, _) => 0.0 < (centre - eye).dot(&normal),
                        View::Along(_) => true,
                    };
                    seen && (centre.coords - middle).dot(&normal).abs() <= half_mm
                };
                // Along a row the depth changes steadily, so what lies within is one run.
                let Some(from) = (first..last).find(|i| within(*i)) else { continue };
                let to = (from..last).rev().find(|i| within(*i)).map_or(from, |last| last + 1);
                marks.mark_row(from..to, j, k);
            }
        }
    }
    Ok(marks)
}

/// The slices that come within `half_mm` of the plane through `middle`; all if the view does not look across slices.
fn slices(grid: &Grid, middle: &Vector, normal: &Vector, half_mm: f64) -> std::ops::Range<usize> {
    let nk = grid.dims()[2];
    let across = grid.step().column(2).dot(normal);
    let in_slice = |a: usize| grid.step().column(a).dot(normal).abs() * (grid.dims()[a] - 1) as f64;
    if across.abs() < 1e-9 || !half_mm.is_finite() || 1e-9 < in_slice(0) + in_slice(1) {
        return 0..nk;
    }
    let centre = (middle - grid.origin().coords).dot(normal) / across;
    let reach = half_mm / across.abs();
    let low = (centre - reach).ceil().clamp(0.0, nk as f64) as usize;
    let high = ((centre + reach).floor() + 1.0).clamp(0.0, nk as f64) as usize;
    low.min(high)..high
}

/// Where the row of voxels `start + t·along` enters and leaves the outline, as sorted values of `t`.
fn crossings_of_row(
    points: &[Point],
    start: Point,
    along: Vector,
    view: View,
    normal: &Vector,
    crossings: &mut Vec<f64>,
) {
    crossings.clear();
    // The plane that holds the row and the view; where the row is seen end on, any plane of the view does.
    let toward = match view {
        View::Along(_) => *normal,
        View::From(eye, _) => start - eye,
    };
    let mut across = along.cross(&toward);
    let end_on = across.norm() < 1e-9 * along.norm() * toward.norm();
    let row = if end_on { any_across(&toward) } else { along };
    if end_on {
        across = row.cross(&toward);
    }
    let side = |point: &Point| across.dot(&(point - start));
    for (n, a) in points.iter().enumerate() {
        let b = &points[(n + 1) % points.len()];
        let (side_a, side_b) = (side(a), side(b));
        if (side_a < 0.0) == (side_b < 0.0) {
            continue;
        }
        let cut = a + (b - a) * (side_a / (side_a - side_b));
        let ray = match view {
            View::Along(_) => *normal,
            View::From(eye, _) => cut - eye,
        };
        // start + t·row − cut is parallel to the ray.
        let sine = row.cross(&ray);
        let t = (cut - start).cross(&ray).dot(&sine) / sine.norm_squared();
        if t.is_finite() {
            crossings.push(t);
        }
    }
    crossings.sort_by(f64::total_cmp);
    if end_on {
        // All voxels of the row are seen at one place: inside or outside together.
        let inside = crossings.iter().filter(|t| **t < 0.0).count() % 2 == 1;
        crossings.clear();
        if inside {
            crossings.extend([0.0, f64::INFINITY]);
        }
    }
}

fn any_across(direction: &Vector) -> Vector {
    let smallest = direction.iamin();
    direction.cross(&Vector::from_fn(|a, _| if a == smallest { 1.0 } else { 0.0 }))
}

/// Area of the outline as seen along `normal`, mm².
fn area(points: &[Point], normal: &Vector) -> f64 {
    let first = points[0];
    let fans = points.windows(2).map(|pair| (pair[0] - first).cross(&(pair[1] - first)));
    0.5 * fans.fold(Vector::zeros(), |sum, fan| sum + fan).dot(normal).abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Matrix3;

    fn square(centre: Point, half_mm: f64, u: Vector, v: Vector) -> Vec<Point> {
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(a, b)| centre + half_mm * (a * u + b * v)).to_vec()
    }

    #[test]
    fn a_square_in_a_slice_marks_that_slice_only() {
        let grid = Grid::aligned([20, 20, 9], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
        let outline = square(grid.centre([10, 10, 4]), 3.4, Vector::x(), Vector::y());
        let view = View::Along(Vector::z());
        let marks = extrude(&grid, &outline, view, Depth::Slice, &Progress::default()).unwrap();
        assert_eq!(marks.count(), 49);
        assert!(marks.holds(grid.offset([7, 13, 4])) && !marks.holds(grid.offset([6, 13, 4])));
        let all = extrude(&grid, &outline, view, Depth::Unlimited, &Progress::default()).unwrap();
        assert_eq!(all.count(), 9 * 49);
        let slab = extrude(&grid, &outline, view, Depth::Slab(6.5), &Progress::default()).unwrap();
        assert_eq!(slab.count(), 3 * 49);
    }

    #[test]
    fn views_along_each_axis_agree() {
        let grid = Grid::aligned([15, 15, 15], Point::origin(), [1.0; 3]).unwrap();
        let axes = [Vector::x(), Vector::y(), Vector::z()];
        for a in 0..3 {
            let (u, v) = (axes[(a + 1) % 3], axes[(a + 2) % 3]);
            let outline = square(grid.centre([7, 7, 7]), 2.3, u, v);
            for (depth, slices) in [(Depth::Slice, 1), (Depth::Unlimited, 15)] {
                let marks = extrude(&grid, &outline, View::Along(axes[a]), depth, &Progress::default()).unwrap();
                assert_eq!(marks.count(), slices * 25, "axis {a}");
            }
        }
    }

    /// Against the direct definition: project each voxel, ask whether it lies in a five-pointed star (even-odd).
    #[test]
    fn a_star_seen_in_perspective_on_an_oblique_grid_is_exact() {
        let step = Matrix3::new(0.8, 0.1, 0.3, -0.2, 0.9, 0.1, 0.1, 0.0, 2.0);
        let grid = Grid::new([30, 28, 14], Point::new(1.0, 2.0, 3.0), step).unwrap();
        let centre = grid.bounds().centre();
        let look = Vector::new(0.3, -0.5, 0.8).normalize();
        let u = look.cross(&Vector::x()).normalize();
        let v = look.cross(&u);
        let eye = centre - 60.0 * look;
        let at = |n: f64| (n * std::f64::consts::TAU * 2.0 / 5.0 + 0.1).sin_cos();
        let plane = centre - 20.0 * look;
        let outline: Vec<Point> =
            (0..5).map(|n| at(f64::from(n))).map(|(s, c)| plane + 8.0 * (c * u + s * v)).collect();
        let flat: Vec<[f64; 2]> = outline.iter().map(|p| [(p - plane).dot(&u), (p - plane).dot(&v)]).collect();
        let inside = |[x, y]: [f64; 2]| {
            let crosses = |n: usize| {
                let ([ax, ay], [bx, by]) = (flat[n], flat[(n + 1) % 5]);
                (ay < y) != (by < y) && x < ax + (y - ay) / (by - ay) * (bx - ax)
            };
            (0..5).filter(|n| crosses(*n)).count() % 2 == 1
        };
        for view in [View::From(eye, look), View::Along(look)] {
            let marks = extrude(&grid, &outline, view, Depth::Unlimited, &Progress::default()).unwrap();
            assert!(100 < marks.count());
            for offset in 0..grid.len() {
                let p = grid.centre(grid.voxel(offset));
                let seen = match view {
                    View::From(..) => eye + (p - eye) * ((plane - eye).dot(&look) / (p - eye).dot(&look)),
                    View::Along(_) => p,
                };
                let flat = [(seen - plane).dot(&u), (seen - plane).dot(&v)];
                assert_eq!(marks.holds(offset), inside(flat), "voxel {offset}");
            }
        }
    }

    #[test]
    fn an_outline_without_area_is_refused() {
        let grid = Grid::aligned([5, 5, 5], Point::origin(), [1.0; 3]).unwrap();
        let line = [grid.centre([0, 0, 0]), grid.centre([4, 0, 0]), grid.centre([2, 0, 0])];
        let error = extrude(&grid, &line, View::Along(Vector::z()), Depth::Slice, &Progress::default()).unwrap_err();
        assert_eq!(error.to_string(), "the outline is not one: 3 points enclose no area; draw around something");
    }
}
