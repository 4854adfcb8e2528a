//! Tubes around centre lines: vessels, gut, ribs.

use crate::geom::{Aabb, Point, Vector};
use std::sync::Arc;

/// A point of a centre line and the radius of the tube there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TubePoint {
    /// On the centre line.
    pub at: Point,
    /// Half the width of the tube in mm.
    pub radius_mm: f64,
}

impl TubePoint {
    /// A point and its radius.
    pub fn new(at: Point, radius_mm: f64) -> Self {
        Self { at, radius_mm }
    }
}

/// What a changing radius means.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// The union of cones around every segment: safe for any bends.
    Swept,
    /// The section square to the centre line is a disc of exactly the given radius: for measured profiles. The line
    /// must not come back to itself within its radius.
    Exact,
}

/// A tube with round ends around a polyline; the radius is linear between its points. Cloning shares the line.
#[derive(Debug, Clone)]
pub struct Tube {
    segments: Arc<[Segment]>,
    /// The parts of the line that are looked at: all of it, except in a tube [near](Self::near) some place.
    chunks: Arc<[Chunk]>,
    bounds: Aabb,
    radius_mm_max: f64,
    /// √(1 + steepest radius change²): what the plain formula may exceed the distance by.
    stretch: f64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    start: Point,
    along: Vector,
    /// 1 / length².
    inverse: f64,
    radius_mm: f64,
    radius_change_mm: f64,
}

/// A ball around the centre lines of some neighbouring segments, so that most of them need no look.
#[derive(Debug, Clone)]
struct Chunk {
    centre: Point,
    reach_mm: f64,
    segments: std::ops::Range<usize>,
    radius_mm_max: f64,
}

const SEGMENTS_PER_CHUNK: usize = 8;
/// Beyond this the box around a tube is bound enough.
const NEAR_MM: f64 = 40.0;

impl Segment {
    /// Distance to the centre line and the radius at the nearest point of it.
    #[inline]
    fn nearest(&self, p: &Point) -> (f64, f64) {
        let (offset, radius_mm) = self.offset(p);
        (offset.norm(), radius_mm)
    }

    /// The way from the nearest point of the centre line, and the radius there.
    #[inline]
    fn offset(&self, p: &Point) -> (Vector, f64) {
        let offset = p - self.start;
        let t = (offset.dot(&self.along) * self.inverse).clamp(0.0, 1.0);
        (offset - self.along * t, self.radius_mm + self.radius_change_mm * t)
    }
}

impl Tube {
    /// The union of the cones around the segments; a single point gives a ball.
    pub fn swept(points: impl IntoIterator<Item = TubePoint>) -> Self {
        Self::build(points, Kind::Swept)
    }

    /// A tube whose section square to the line has exactly the given radius.
    pub fn exact(points: impl IntoIterator<Item = TubePoint>) -> Self {
        Self::build(points, Kind::Exact)
    }

    fn build(points: impl IntoIterator<Item = TubePoint>, kind: Kind) -> Self {
        let mut points: Vec<TubePoint> = points.into_iter().collect();
        if let [only] = points[..] {
            points.push(only);
        }
        let radius_mm_max = points.iter().map(|point| point.radius_mm).fold(0.0, f64::max);
        let mut slope_max = 0.0_f64;
        let segment = |pair: &[TubePoint]| {
            let along = pair[1].at - pair[0].at;
            let inverse = if along.norm() < 1e-9 { 0.0 } else { 1.0 / along.norm_squared() };
            let radius_change_mm = pair[1].radius_mm - pair[0].radius_mm;
            slope_max = slope_max.max(radius_change_mm.abs() * inverse.sqrt());
            Segment { start: pair[0].at, along, inverse, radius_mm: pair[0].radius_mm, radius_change_mm }
        };
        let segments: Vec<Segment> = points.windows(2).map(segment).collect();
        let chunk = |(index, part): (usize, &[TubePoint])| {
            let centre = Aabb::of(part.iter().map(|point| &point.at)).centre();
            let reach_mm = part.iter().map(|point| (point.at - centre).norm()).fold(0.0, f64::max);
            let radius_mm_max = part.iter().map(|point| point.radius_mm).fold(0.0, f64::max);
            let first = index * SEGMENTS_PER_CHUNK;
            Chunk { centre, reach_mm, segments: first..first + part.len() - 1, radius_mm_max }
        };
        let starts = (0..segments.len()).step_by(SEGMENTS_PER_CHUNK);
        let parts = starts.map(|start| &points[start..points.len().min(start + SEGMENTS_PER_CHUNK + 1)]);
        let chunks: Arc<[Chunk]> = parts.enumerate().map(chunk).collect();
        let grow = Vector::repeat(radius_mm_max);
        let line = Aabb::of(points.iter().map(|point| &point.at));
        let bounds = Aabb { min: line.min - grow, max: line.max + grow };
        Self {
            segments: segments.into(),
            chunks,
            bounds,
            radius_mm_max,
            stretch: (1.0 + slope_max * slope_max).sqrt(),
            kind,
        }
    }

    /// A box around the points whose value is below `level_mm`.
    pub fn bounds(&self, level_mm: f64) -> Aabb {
        let grow = Vector::repeat(level_mm * self.stretch);
        Aabb { min: self.bounds.min - grow, max: self.bounds.max + grow }
    }

    /// As [`super::Shape::distance_mm`].
    pub fn distance_mm(&self, p: &Point) -> f64 {
        let beyond = (self.bounds.min - p).sup(&(p - self.bounds.max)).sup(&Vector::zeros());
        let outside_box = beyond.norm();
        if NEAR_MM < outside_box {
            return outside_box;
        }
        match self.kind {
            Kind::Swept => self.nearest_wall_mm(p),
            Kind::Exact => {
                let (to_line_mm, radius_mm) = self.nearest_on_line(p);
                // The second bound holds everywhere; the first only where the nearest point moves smoothly.
                ((to_line_mm - radius_mm) / self.stretch).max(to_line_mm - self.radius_mm_max)
            }
        }
    }

    /// The same tube, without the segments that are nearest nowhere in the ball of `reach_mm` around `centre`.
    #[must_use]
    pub fn near(&self, centre: &Point, reach_mm: f64) -> Self {
        let value = |segment: &Segment| match (self.kind, segment.nearest(centre)) {
            (Kind::Swept, (to_line_mm, radius_mm)) => to_line_mm - radius_mm,
            (Kind::Exact, (to_line_mm, _)) => to_line_mm,
        };
        let least = match self.kind {
            Kind::Swept => self.nearest_wall_mm(centre) * self.stretch,
            Kind::Exact => self.nearest_on_line(centre).0,
        };
        // The least value and that of any segment both change by at most the reach (a cone's by `stretch` times it).
        let limit_mm = least + 2.0 * self.stretch * reach_mm + 1e-9;
        let bound = |chunk: &&Chunk| (centre - chunk.centre).norm() - chunk.reach_mm - self.radius_mm_max <= limit_mm;
        let chunks = self.chunks.iter().filter(bound);
        let segments = chunks.flat_map(|chunk| &self.segments[chunk.segments.clone()]);
        let segments: Arc<[Segment]> = segments.filter(|segment| value(segment) <= limit_mm).copied().collect();
        let whole = Chunk { centre: *centre, reach_mm: f64::INFINITY, segments: 0..segments.len(), radius_mm_max: 0.0 };
        let ends = segments.iter().flat_map(|segment| [segment.start, segment.start + segment.along]);
        let line = ends.fold(Aabb::EMPTY, |bounds, end| bounds.including(&end));
        let grow = Vector::repeat(self.radius_mm_max);
        let bounds = Aabb { min: line.min - grow, max: line.max + grow };
        Self { segments, chunks: Arc::new([whole]), bounds, ..self.clone() }
    }

    /// Whether `p` lies in the tube; much cheaper than the distance.
    pub fn contains(&self, p: &Point) -> bool {
        if !self.bounds.contains(p) {
            return false;
        }
        match self.kind {
            Kind::Swept => self.segments.iter().any(|segment| {
                let (offset, radius_mm) = segment.offset(p);
                0.0 < radius_mm && offset.norm_squared() < radius_mm * radius_mm
            }),
            Kind::Exact => self.distance_mm(p) < 0.0,
        }
    }

    /// The tube whose value is everywhere less by `mm`: for a swept tube that is one with other radii.
    pub(super) fn grown(&self, mm: f64) -> Option<Self> {
        let more_mm = mm * self.stretch;
        let thicker = |segment: &Segment| Segment { radius_mm: segment.radius_mm + more_mm, ..*segment };
        let chunk = |chunk: &Chunk| Chunk { radius_mm_max: chunk.radius_mm_max + more_mm, ..chunk.clone() };
        (self.kind == Kind::Swept).then(|| Self {
            segments: self.segments.iter().map(thicker).collect(),
            chunks: self.chunks.iter().map(chunk).collect(),
            bounds: self.bounds(mm),
            radius_mm_max: self.radius_mm_max + more_mm,
            ..self.clone()
        })
    }

    /// Distance to the centre line in mm, and the radius at the nearest point.
    pub fn nearest_on_line(&self, p: &Point) -> (f64, f64) {
        let mut best = (f64::INFINITY, 0.0);
        for chunk in self.chunks.iter() {
            if (p - chunk.centre).norm() - chunk.reach_mm < best.0 {
                for segment in &self.segments[chunk.segments.clone()] {
                    let found = segment.nearest(p);
                    best = if found.0 < best.0 { found } else { best };
                }
            }
        }
        best
    }

    fn nearest_wall_mm(&self, p: &Point) -> f64 {
        let mut best = f64::INFINITY;
        for chunk in self.chunks.iter() {
            if (p - chunk.centre).norm() - chunk.reach_mm - chunk.radius_mm_max < best {
                for segment in &self.segments[chunk.segments.clone()] {
                    let (to_line_mm, radius_mm) = segment.nearest(p);
                    best = best.min(to_line_mm - radius_mm);
                }
            }
        }
        // Both signs: dividing makes the size smaller, so the bound holds inside and outside.
        best / self.stretch
    }
}

/// A smooth line through `knots` (uniform Catmull–Rom), `steps` points a span, both ends included.
pub fn smooth_line(knots: &[TubePoint], steps: usize) -> Vec<TubePoint> {
    let Some((first, last)) = knots.first().zip(knots.last()) else { return Vec::new() };
    let knot = |n: isize| {
        let end = knots.len() as isize - 1;
        knots[n.clamp(0, end) as usize]
    };
    let mut line = vec![*first];
    for span in 0..knots.len() as isize - 1 {
        let [a, b, c, d] = [-1, 0, 1, 2].map(|step| knot(span + step));
        for step in 1..=steps {
            let t = step as f64 / steps as f64;
            let weights = [
                -0.5 * t * (1.0 - t).powi(2),
                1.0 - 2.5 * t * t + 1.5 * t.powi(3),
                0.5 * t * (1.0 + 4.0 * t - 3.0 * t * t),
                -0.5 * t * t * (1.0 - t),
            ];
            let at = [a, b, c, d].iter().zip(weights).map(|(knot, w)| knot.at.coords * w).sum::<Vector>();
            // Radii stay between those of the knots.
            line.push(TubePoint::new(at.into(), b.radius_mm + (c.radius_mm - b.radius_mm) * t));
        }
    }
    if let Some(end) = line.last_mut() {
        end.at = last.at;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_of_an_exact_tube_is_where_its_profile_says() {
        let radius = |z: f64| 8.0 - 3.0 * (-(z / 6.0).powi(2)).exp();
        let points =
            (-60..=60).map(|n| TubePoint::new(Point::new(0.0, 0.0, f64::from(n) * 0.5), radius(f64::from(n) * 0.5)));
        let tube = Tube::exact(points);
        for z in [-20.0, -6.5, -3.0, 0.0, 2.5, 11.0] {
            let wall = Point::new(radius(z) * 0.6, radius(z) * 0.8, z);
            assert!(tube.distance_mm(&wall).abs() < 1e-9, "z {z}: {} mm", tube.distance_mm(&wall));
        }
    }

    #[test]
    fn a_smooth_line_passes_through_its_knots() {
        let knots = [[0.0, 0.0, 0.0], [10.0, 5.0, 0.0], [12.0, 20.0, 3.0]].map(|p| TubePoint::new(Point::from(p), 2.0));
        let line = smooth_line(&knots, 4);
        assert_eq!(line.len(), 9);
        for (n, knot) in knots.iter().enumerate() {
            assert!((line[4 * n].at - knot.at).norm() < 1e-12);
        }
    }

    #[test]
    fn chunks_do_not_change_the_answer() {
        let points: Vec<_> = (0..50)
            .map(|n| f64::from(n) * 0.3)
            .map(|t| TubePoint::new(Point::new(20.0 * t.cos(), 20.0 * t.sin(), 3.0 * t), 2.0))
            .collect();
        let tube = Tube::swept(points.clone());
        for n in 0..200 {
            let p = Point::new(f64::from(n % 7) * 6.0 - 18.0, f64::from(n % 11) * 4.0 - 20.0, f64::from(n) * 0.2);
            let plain = tube.segments.iter().map(|s| s.nearest(&p)).map(|(d, r)| d - r).fold(f64::INFINITY, f64::min);
            assert!((tube.distance_mm(&p) - plain).abs() < 1e-12);
        }
    }
}
