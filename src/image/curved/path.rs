//! A path through the patient, resampled by arc length, with frames that turn as little as it allows.

use crate::geom::{Point, Vector};

/// Most places of a path: 65 m at 1 mm. A step too fine for a path is made coarser.
const MOST: usize = 1 << 16;

/// A path of equal steps with a frame at every place.
///
/// Frames are rotation-minimising: between neighbours the normal is carried by two reflections (Wang, Jüttler, Zheng and
/// Liu 2008, Computation of rotation minimizing frames, ACM Transactions on Graphics 27(1), section 4), so that what lies
/// to the right of the path stays there.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvedPath {
    points: Vec<Point>,
    tangents: Vec<Vector>,
    normals: Vec<Vector>,
    step_mm: f64,
}

/// Why there is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// All points are one.
    #[error("a path needs two different points, and all numbers finite")]
    NoLength,
}

impl CurvedPath {
    /// A path along straight lines between `points`, resampled in equal steps of about `step_mm`, its corners rounded by a
    /// Gaussian of standard deviation `smooth_mm` along the path; 0 leaves them. Its ends stay where they are.
    ///
    /// # Errors
    /// [`PathError`] if no two points differ or a number is not finite.
    pub fn new(points: &[Point], step_mm: f64, smooth_mm: f64) -> Result<Self, PathError> {
        let (points, _) = resampled(points, step_mm)?;
        // Rounding corners makes the path shorter: it is measured again.
        let rounded = if 0.0 < smooth_mm { smoothed(&points, smooth_mm / step_mm) } else { points };
        let (points, step_mm) = resampled(&rounded, step_mm)?;
        let last = points.len() - 1;
        let tangent = |n: usize| (points[(n + 1).min(last)] - points[n.saturating_sub(1)]).try_normalize(1e-9);
        let mut tangents: Vec<Vector> = Vec::with_capacity(points.len());
        for n in 0..=last {
            // A path that turns back on the spot goes on as it went.
            let tangent = tangent(n).or(tangents.last().copied());
            tangents.push(tangent.unwrap_or_else(|| (points[1] - points[0]).normalize()));
        }
        let mut normals = vec![first_normal(&tangents[0])];
        for n in 0..last {
            normals.push(carried(&normals[n], [&points[n], &points[n + 1]], [&tangents[n], &tangents[n + 1]]));
        }
        Ok(Self { points, tangents, normals, step_mm })
    }

    /// The places, from the start on.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// From one place to the next along the path, mm.
    pub fn step_mm(&self) -> f64 {
        self.step_mm
    }

    /// Length along the path, mm.
    pub fn length_mm(&self) -> f64 {
        self.step_mm * (self.points.len() - 1) as f64
    }

    /// A number that is known at the points of the line the path was made of, at every place of the path: that of the
    /// nearest place of the line, of those about as far along it. Empty if the numbers are not as many as the points.
    pub fn carried(&self, line: &[Point], numbers: &[f64]) -> Vec<f64> {
        if line.len() != numbers.len() || line.len() < 2 {
            return Vec::new();
        }
        let mut along_mm = vec![0.0];
        for pair in line.windows(2) {
            along_mm.push(along_mm[along_mm.len() - 1] + (pair[1] - pair[0]).norm());
        }
        let length_mm = along_mm[along_mm.len() - 1];
        let (reach_mm, last) = ((0.1 * length_mm).max(10.0), (self.points.len() - 1) as f64);
        let at = |(n, place): (usize, &Point)| {
            let wanted_mm = length_mm * n as f64 / last;
            let mut best = (f64::INFINITY, numbers[0]);
            for k in 0..line.len() - 1 {
                if along_mm[k + 1] < wanted_mm - reach_mm || wanted_mm + reach_mm < along_mm[k] {
                    continue;
                }
                let way = line[k + 1] - line[k];
                let part = ((place - line[k]).dot(&way) / way.norm_squared().max(1e-18)).clamp(0.0, 1.0);
                let off = (line[k] + way * part - place).norm_squared();
                if off < best.0 {
                    best = (off, numbers[k] + (numbers[k + 1] - numbers[k]) * part);
                }
            }
            best.1
        };
        self.points.iter().enumerate().map(at).collect()
    }

    /// The place before a row, and how far the row is on the way to the next.
    fn between(&self, row: f64) -> (usize, f64) {
        let row = row.clamp(0.0, (self.points.len() - 1) as f64);
        let before = (row as usize).min(self.points.len() - 2);
        (before, row - before as f64)
    }

    /// The place on the path at a row, which may lie between two.
    pub fn point(&self, row: f64) -> Point {
        let (n, part) = self.between(row);
        self.points[n] + (self.points[n + 1] - self.points[n]) * part
    }

    /// The unit direction of the path at a row.
    pub fn tangent(&self, row: f64) -> Vector {
        let (n, part) = self.between(row);
        self.tangents[n].lerp(&self.tangents[n + 1], part).try_normalize(1e-9).unwrap_or(self.tangents[n])
    }

    /// The two unit directions across the path at a row; with its tangent they are a right-handed frame.
    pub fn across(&self, row: f64) -> (Vector, Vector) {
        let (n, part) = self.between(row);
        let tangent = self.tangent(row);
        let normal = self.normals[n].lerp(&self.normals[n + 1], part);
        let normal = (normal - tangent * normal.dot(&tangent)).try_normalize(1e-9).unwrap_or(self.normals[n]);
        (normal, tangent.cross(&normal))
    }

    /// The row in whose plane across the path a place lies; the nearest to the path, if it lies in several.
    pub(super) fn row_of(&self, place: &Point) -> Option<f64> {
        let ahead = |row: f64| (place - self.point(row)).dot(&self.tangent(row));
        let mut best: Option<(f64, f64)> = None;
        let mut take = |row: f64| {
            let distance_mm = (place - self.point(row)).norm();
            if best.is_none_or(|(least_mm, _)| distance_mm < least_mm) {
                best = Some((distance_mm, row));
            }
        };
        let mut here = (place - self.points[0]).dot(&self.tangents[0]);
        // The outer planes themselves belong to the path, whatever the last bits say.
        if here.abs() < 1e-9 {
            take(0.0);
        }
        for n in 1..self.points.len() {
            let next = (place - self.points[n]).dot(&self.tangents[n]);
            if 0.0 <= here && next < 0.0 {
                let (mut low, mut high) = ((n - 1) as f64, n as f64);
                for _ in 0..48 {
                    let middle = 0.5 * (low + high);
                    if 0.0 <= ahead(middle) { low = middle } else { high = middle }
                }
                take(low);
            }
            here = next;
        }
        if here.abs() < 1e-9 {
            take((self.points.len() - 1) as f64);
        }
        best.map(|(_, row)| row)
    }
}

/// Points in equal steps of about `step_mm` along the straight lines between `points`, and the step.
fn resampled(points: &[Point], step_mm: f64) -> Result<(Vec<Point>, f64), PathError> {
    let lengths_mm: Vec<f64> = points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).collect();
    let length_mm: f64 = lengths_mm.iter().sum();
    if !(1e-6 < length_mm && length_mm < f64::INFINITY && 0.0 < step_mm) {
        return Err(PathError::NoLength);
    }
    let steps = ((length_mm / step_mm).round() as usize).clamp(1, MOST);
    let step_mm = length_mm / steps as f64;
    let mut made = Vec::with_capacity(steps + 1);
    let (mut line, mut before_mm) = (0, 0.0);
    for n in 0..steps {
        let along_mm = n as f64 * step_mm;
        while line + 1 < lengths_mm.len() && before_mm + lengths_mm[line] <= along_mm {
            before_mm += lengths_mm[line];
            line += 1;
        }
        // Lines without length are passed above; only the last can be one, and then it is never reached.
        let part = ((along_mm - before_mm) / lengths_mm[line].max(1e-12)).min(1.0);
        made.push(points[line] + (points[line + 1] - points[line]) * part);
    }
    made.push(points[points.len() - 1]);
    Ok((made, step_mm))
}

/// Every point the mean of those around it, weighted by a Gaussian of `deviation` places that is cut off alike on both sides,
/// so that near the ends it narrows and the ends themselves stay.
fn smoothed(points: &[Point], deviation: f64) -> Vec<Point> {
    let reach = (3.0 * deviation).ceil() as usize;
    let weights: Vec<f64> = (0..=reach).map(|n| (-0.5 * (n as f64 / deviation).powi(2)).exp()).collect();
    let last = points.len() - 1;
    let mean = |n: usize| {
        let reach = reach.min(n).min(last - n);
        let (mut sum, mut all) = (points[n].coords * weights[0], weights[0]);
        for by in 1..=reach {
            sum += (points[n - by].coords + points[n + by].coords) * weights[by];
            all += 2.0 * weights[by];
        }
        Point::from(sum / all)
    };
    (0..=last).map(mean).collect()
}

/// The direction across the tangent nearest to the patient's left; of a path that runs so, nearest to the back.
fn first_normal(tangent: &Vector) -> Vector {
    let wanted = if tangent.x.abs() < 0.9 { Vector::x() } else { Vector::y() };
    (wanted - tangent * wanted.dot(tangent)).normalize()
}

/// The normal at the second point: reflected in the plane half-way between the points, and in the one that makes the
/// reflected tangent the second (algorithm 1 of Wang et al. 2008).
fn carried(normal: &Vector, points: [&Point; 2], tangents: [&Vector; 2]) -> Vector {
    let reflected = |v: &Vector, across: &Vector| {
        let squared = across.norm_squared();
        if squared < 1e-24 { *v } else { v - across * (2.0 * across.dot(v) / squared) }
    };
    let between = points[1] - points[0];
    let (normal, tangent) = (reflected(normal, &between), reflected(tangents[0], &between));
    let normal = reflected(&normal, &(tangents[1] - tangent));
    // Rounding must not add up along a path.
    (normal - tangents[1] * normal.dot(tangents[1])).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_equal_and_the_ends_stay() {
        let corner =
            [Point::origin(), Point::new(10.0, 0.0, 0.0), Point::new(10.0, 0.0, 0.0), Point::new(10.0, 7.0, 0.0)];
        let path = CurvedPath::new(&corner, 0.5, 0.0).unwrap();
        assert_eq!((path.points().len(), path.length_mm()), (35, 17.0));
        assert!(path.points().windows(2).all(|pair| ((pair[1] - pair[0]).norm() - 0.5).abs() < 1e-9));
        let smooth = CurvedPath::new(&corner, 0.5, 2.0).unwrap();
        assert!(smooth.length_mm() < 16.5 && 14.0 < smooth.length_mm());
        assert_eq!((smooth.points()[0], smooth.points().last().copied()), (corner[0], Some(corner[3])));
    }

    #[test]
    fn frames_of_a_helix_turn_as_the_exact_ones_do() {
        // The exact rotation-minimising frame turns against the Frenet frame at the torsion: τ = c / (r² + c²).
        let (r, c) = (10.0, 6.0);
        let speed = f64::hypot(r, c);
        let at = |t: f64| Point::new(r * t.cos(), r * t.sin(), c * t);
        let points: Vec<Point> = (0..=2000).map(|n| at(f64::from(n) * 0.005)).collect();
        let path = CurvedPath::new(&points, 0.1, 0.0).unwrap();
        let angle = |row: usize| {
            let (normal, binormal) = path.across(row as f64);
            let t = row as f64 * path.step_mm() / speed;
            let frenet = Vector::new(-t.cos(), -t.sin(), 0.0);
            frenet.dot(&binormal).atan2(frenet.dot(&normal))
        };
        let length_mm = 10.0 * speed;
        assert!((path.length_mm() - length_mm).abs() < 0.01);
        let rows = [20, path.points().len() - 20];
        let turned = angle(rows[1]) - angle(rows[0]);
        let expected = c / speed.powi(2) * (rows[1] - rows[0]) as f64 * path.step_mm();
        let whole = (turned - expected) / std::f64::consts::TAU;
        assert!((whole - whole.round()).abs() < 1e-3, "{turned} not {expected}");
        for row in [0.0, 13.7, 400.2] {
            let (normal, binormal) = path.across(row);
            let tangent = path.tangent(row);
            assert!((normal.cross(&binormal) - tangent).norm() < 1e-9);
        }
    }

    #[test]
    fn paths_without_length_are_refused() {
        let point = Point::new(1.0, 2.0, 3.0);
        for points in [&[][..], &[point], &[point, point], &[point, Point::new(f64::NAN, 0.0, 0.0)]] {
            assert_eq!(CurvedPath::new(points, 1.0, 0.0), Err(PathError::NoLength));
        }
        assert!(CurvedPath::new(&[point, Point::origin()], 1e9, 0.0).is_ok_and(|path| path.points().len() == 2));
    }

    #[test]
    fn numbers_of_the_line_are_carried_to_the_path() {
        let points: Vec<Point> = (0..=40).map(|n| Point::new(f64::from(n), (f64::from(n) * 0.3).sin(), 0.0)).collect();
        let numbers: Vec<f64> = points.iter().map(|point| 1.0 + 0.1 * point.x).collect();
        let path = CurvedPath::new(&points, 0.25, 1.0).unwrap();
        let carried = path.carried(&points, &numbers);
        assert_eq!(carried.len(), path.points().len());
        for (place, number) in path.points().iter().zip(carried) {
            assert!((number - (1.0 + 0.1 * place.x)).abs() < 0.03, "{number} at {place}");
        }
        assert!(path.carried(&points, &numbers[1..]).is_empty());
    }
}
