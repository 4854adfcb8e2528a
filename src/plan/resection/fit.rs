//! Sheets laid through what people draw: a plane in an organ, a closed contour, an open curve.

use super::{Blade, Organ, ResectionError, feet};
use crate::base::Progress;
use crate::geom::{Plane, Point, Vector};
use crate::plan::{Cut, CutShape, Sheet};
use nalgebra::{DMatrix, Matrix3, SymmetricEigen};

/// Curves shorter than this are no contour.
const EXTENT_MM_MIN: f64 = 2.0;
/// Weight of the evenness of the net beside that of the drawn points.
const EVEN: f64 = 1e-3;
/// A sheet reaches this part of its size beyond what it is laid through.
const BEYOND: f64 = 0.05;

/// A sheet and how well it goes through the points it was laid through.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The sheet.
    pub sheet: Sheet,
    /// Root mean square distance of the drawn points from the sheet at their own u, v.
    pub rms_mm: f64,
}

/// A flat sheet over the section of `organ` with `plane`; its normal is the plane's.
///
/// # Errors
/// [`ResectionError::NoOrgan`] if the plane misses the organ.
pub fn sheet_of_plane(plane: &Plane, organ: &Organ, count: [usize; 2]) -> Result<Sheet, ResectionError> {
    let near_mm = organ.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    let normal = plane.normal();
    let cut = Cut { shape: CutShape::Plane { point: plane.point.into(), normal: normal.into() }, width_mm: 0.0 };
    let blade = Blade::of(&cut, &organ.bounds())?;
    let [u, v] = plane.across();
    let mut ends = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for point in feet(organ, &blade, &Progress::default())? {
        for (end, axis) in ends.iter_mut().zip([u, v]) {
            let place = (point - plane.point).dot(&axis);
            *end = [end[0].min(place), end[1].max(place)];
        }
    }
    if ends[0][1] < ends[0][0] {
        return Err(ResectionError::NoOrgan);
    }
    let [[u0, u1], [v0, v1]] = ends.map(|[low, high]| [low - near_mm, high + near_mm]);
    let at = |n: usize, of: usize, low: f64, high: f64| low + (high - low) * n as f64 / (of - 1) as f64;
    let controls = (0..count[0] * count[1])
        .map(|n| [n % count[0], n / count[0]])
        .map(|[i, j]| (plane.point + u * at(i, count[0], u0, u1) + v * at(j, count[1], v0, v1)).into())
        .collect();
    let sheet = Sheet { count, controls };
    sheet.check()?;
    Ok(sheet)
}

/// A sheet through a closed contour drawn on an organ, as even as it can be inside; its normal points towards `taken`.
///
/// The points lie in the rectangle of their principal plane; there each gets its u, v. The net then has the least sum of
/// squared distances to the points plus a small weight of its squared second differences, so that it is flat inside.
///
/// # Errors
/// [`ResectionError::Contour`] for too few points or ones that lie on a line.
pub fn sheet_through_contour(points: &[Point], taken: Vector, count: [usize; 2]) -> Result<Fit, ResectionError> {
    let (centre, [mut e1, e2, normal]) = principal(points)?;
    if normal.dot(&taken) < 0.0 {
        e1 = -e1;
    }
    let flat: Vec<[f64; 2]> = points.iter().map(|p| [(p - centre).dot(&e1), (p - centre).dot(&e2)]).collect();
    let range = |a: usize| {
        let low = flat.iter().map(|p| p[a]).fold(f64::INFINITY, f64::min);
        let high = flat.iter().map(|p| p[a]).fold(f64::NEG_INFINITY, f64::max);
        let beyond = BEYOND * (high - low);
        [low - beyond, high + beyond]
    };
    let ranges = [range(0), range(1)];
    if ranges.iter().any(|[low, high]| high - low < EXTENT_MM_MIN) {
        return Err(too_small(points));
    }
    let part = |x: f64, [low, high]: [f64; 2]| (x - low) / (high - low);
    let places: Vec<[f64; 2]> = flat.iter().map(|p| [part(p[0], ranges[0]), part(p[1], ranges[1])]).collect();
    fitted(points, &places, count)
}

/// A sheet from an open curve drawn on an organ, straight into it along `into` for `depth_mm`; its normal points towards
/// `taken`. The first row of the net is the Bézier curve nearest to the points (least squares over arc length).
///
/// # Errors
/// [`ResectionError::Contour`] for too few points or a curve that runs along `into`.
pub fn sheet_from_curve(
    points: &[Point],
    into: Vector,
    depth_mm: f64,
    taken: Vector,
    count: [usize; 2],
) -> Result<Fit, ResectionError> {
    if points.len() < 2 || points.iter().any(|p| p.iter().any(|x| !x.is_finite())) {
        return Err(too_small(points));
    }
    let Some(into) = into.try_normalize(1e-9) else { return Err(ResectionError::NoNormal) };
    let mut points = points.to_vec();
    let along = points[points.len() - 1] - points[0];
    if along.cross(&into).dot(&taken) < 0.0 {
        points.reverse();
    }
    let mut lengths_mm = vec![0.0];
    points.windows(2).for_each(|pair| lengths_mm.push(lengths_mm[lengths_mm.len() - 1] + (pair[1] - pair[0]).norm()));
    let length_mm = lengths_mm[lengths_mm.len() - 1];
    let sideways_mm = (along - into * along.dot(&into)).norm();
    if sideways_mm < EXTENT_MM_MIN || !(EXTENT_MM_MIN <= depth_mm) {
        return Err(too_small(&points));
    }
    let step = into * (depth_mm / (count[1] - 1) as f64);
    // Copies of the curve below each other: the net goes straight down.
    let (mut all, mut places) = (Vec::new(), Vec::new());
    for j in 0..count[1] {
        for (point, mm) in points.iter().zip(&lengths_mm) {
            all.push(point + step * j as f64);
            places.push([mm / length_mm, j as f64 / (count[1] - 1) as f64]);
        }
    }
    fitted(&all, &places, count)
}

/// The net with the least squares at the given places.
fn fitted(points: &[Point], places: &[[f64; 2]], count: [usize; 2]) -> Result<Fit, ResectionError> {
    let [least, most] = Sheet::COUNT;
    let [nu, nv] = count;
    let n = nu * nv;
    if count.iter().any(|n| !(least..=most).contains(n)) {
        return Err(ResectionError::Controls { count, given: n });
    }
    let mut matrix = DMatrix::<f64>::zeros(n, n);
    let mut right = DMatrix::<f64>::zeros(n, 3);
    let weight = 1.0 / points.len() as f64;
    for (point, [u, v]) in points.iter().zip(places) {
        let basis = Sheet::basis(count, *u, *v);
        for (a, of_a) in basis.iter().enumerate() {
            for (b, of_b) in basis.iter().enumerate() {
                matrix[(a, b)] += weight * of_a * of_b;
            }
            (0..3).for_each(|axis| right[(a, axis)] += weight * of_a * point[axis]);
        }
    }
    let mut even = |stencil: &[(usize, f64)]| {
        for (a, of_a) in stencil {
            for (b, of_b) in stencil {
                matrix[(*a, *b)] += EVEN * of_a * of_b / n as f64;
            }
        }
    };
    let at = |u: usize, v: usize| u + nu * v;
    for v in 0..nv {
        for u in 0..nu {
            if u + 2 < nu {
                even(&[(at(u, v), 1.0), (at(u + 1, v), -2.0), (at(u + 2, v), 1.0)]);
            }
            if v + 2 < nv {
                even(&[(at(u, v), 1.0), (at(u, v + 1), -2.0), (at(u, v + 2), 1.0)]);
            }
            if u + 1 < nu && v + 1 < nv {
                let root = 2.0_f64.sqrt();
                even(&[(at(u, v), root), (at(u + 1, v), -root), (at(u, v + 1), -root), (at(u + 1, v + 1), root)]);
            }
        }
    }
    // Points on a line leave the net free to turn: it is singular then.
    let solved = matrix.cholesky().ok_or_else(|| too_small(points))?.solve(&right);
    let controls = (0..n).map(|c| [solved[(c, 0)], solved[(c, 1)], solved[(c, 2)]]).collect();
    let sheet = Sheet { count, controls };
    sheet.check()?;
    let off = points.iter().zip(places).map(|(point, [u, v])| (sheet.at(*u, *v) - point).norm_squared());
    let rms_mm = (off.sum::<f64>() * weight).sqrt();
    Ok(Fit { sheet, rms_mm })
}

/// Middle and principal directions of points, the last across their plane; right-handed.
fn principal(points: &[Point]) -> Result<(Point, [Vector; 3]), ResectionError> {
    if points.len() < 3 || points.iter().any(|p| p.iter().any(|x| !x.is_finite())) {
        return Err(too_small(points));
    }
    let centre = Point::from(points.iter().map(|p| p.coords).sum::<Vector>() / points.len() as f64);
    let spread: Matrix3<f64> = points.iter().map(|p| (p - centre) * (p - centre).transpose()).sum();
    let eigen = SymmetricEigen::new(spread);
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let [e1, e2] = [0, 1].map(|n| eigen.eigenvectors.column(order[n]).into_owned());
    Ok((centre, [e1, e2, e1.cross(&e2)]))
}

fn too_small(points: &[Point]) -> ResectionError {
    let extent_mm = if points.is_empty() { 0.0 } else { crate::geom::Aabb::of(points).size().max() };
    ResectionError::Contour { given: points.len(), extent_mm }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use crate::image::Volume;
    use std::f64::consts::TAU;

    fn wavy_ring(n: usize) -> Vec<Point> {
        let at = |n: usize| n as f64;
        let angle = |i: usize| TAU * at(i) / at(n);
        (0..n).map(|i| Point::new(40.0 * angle(i).cos(), 25.0 * angle(i).sin(), 6.0 * (2.0 * angle(i)).cos())).collect()
    }

    #[test]
    fn a_sheet_goes_through_a_closed_contour_and_is_even_inside() {
        let ring = wavy_ring(60);
        for count in [[4, 4], [6, 5], [8, 8]] {
            let Fit { sheet, rms_mm } = sheet_through_contour(&ring, Vector::z(), count).unwrap();
            assert!(rms_mm < 0.8, "{count:?}: {rms_mm}");
            assert!(0.0 < sheet.across(0.5, 0.5).z);
            // Inside it stays between the heights of the contour.
            for n in 0..100 {
                let (u, v) = (0.1 + 0.8 * f64::from(n % 10) / 9.0, 0.1 + 0.8 * f64::from(n / 10) / 9.0);
                assert!(sheet.at(u, v).z.abs() < 8.0, "{count:?} {}", sheet.at(u, v));
            }
            let turned = sheet_through_contour(&ring, -Vector::z(), count).unwrap().sheet;
            assert!(turned.across(0.5, 0.5).z < 0.0);
        }
        let flat: Vec<Point> = ring.iter().map(|p| Point::new(p.x, p.y, 3.0)).collect();
        let fit = sheet_through_contour(&flat, Vector::z(), [4, 4]).unwrap();
        assert!(fit.rms_mm < 1e-6 && (0..16).all(|n| (fit.sheet.controls[n][2] - 3.0).abs() < 1e-6));
    }

    #[test]
    fn an_open_curve_becomes_a_sheet_into_the_organ() {
        let curve: Vec<Point> =
            (0..30).map(|n| Point::new(f64::from(n) * 2.0, (f64::from(n) * 0.1).sin() * 8.0, 0.0)).collect();
        let Fit { sheet, rms_mm } = sheet_from_curve(&curve, -Vector::z(), 50.0, Vector::y(), [6, 4]).unwrap();
        assert!(rms_mm < 0.3, "{rms_mm}");
        assert!((sheet.at(0.4, 1.0) - sheet.at(0.4, 0.0) + Vector::z() * 50.0).norm() < 0.5);
        assert!(0.0 < sheet.across(0.5, 0.5).y);
        let other = sheet_from_curve(&curve, -Vector::z(), 50.0, -Vector::y(), [6, 4]).unwrap();
        assert!(other.sheet.across(0.5, 0.5).y < 0.0);
    }

    #[test]
    fn contours_that_are_none_are_refused() {
        let refused = |points: &[Point]| sheet_through_contour(points, Vector::z(), [4, 4]).unwrap_err().to_string();
        assert!(refused(&[Point::origin(), Point::new(9.0, 0.0, 0.0)]).contains("2 points drawn over"));
        assert!(refused(&[Point::origin(); 9]).contains("0.0 mm"));
        let line: Vec<Point> = (0..9).map(|n| Point::new(f64::from(n), 0.0, 0.0)).collect();
        assert!(refused(&line).contains("longer contour"));
        assert!(sheet_from_curve(&line, Vector::x(), 30.0, Vector::z(), [4, 4]).is_err());
    }

    #[test]
    fn a_plane_becomes_a_sheet_over_the_section() {
        let grid = Grid::aligned([40; 3], Point::new(-20.0, -20.0, -20.0), [1.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 15.0)).collect();
        let organ = Organ::of(&Volume::new(grid, voxels).unwrap()).unwrap();
        let plane = Plane::new(Point::new(0.0, 0.0, 9.0), Vector::new(0.2, 0.0, 1.0)).unwrap();
        let sheet = sheet_of_plane(&plane, &organ, [4, 4]).unwrap();
        assert!(0.999 < sheet.across(0.3, 0.6).normalize().dot(&plane.normal()));
        assert!(((sheet.at(1.0, 0.5) - sheet.at(0.0, 0.5)).norm() - 24.0).abs() < 6.0);
        let beyond = Plane::new(Point::new(0.0, 0.0, 25.0), Vector::z()).unwrap();
        assert!(sheet_of_plane(&beyond, &organ, [4, 4]).is_err());
    }
}
