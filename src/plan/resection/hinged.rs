//! The planes of a wedge in one picture, hinged along their common edges: distances on each of them are kept.
//!
//! Planes that have no common edge near the organ, or that would come to lie on another one, stand beside the others.

use super::{Blade, Organ, ResectionError, feet};
use crate::base::Progress;
use crate::geom::{Plane, Point, Vector};
use crate::plan::{Cut, CutShape};

/// Between planes that stand beside each other.
const GAP_MM: f64 = 6.0;
/// Planes turned by less than this against each other have no edge: the sine.
const PARALLEL: f64 = 1e-6;
/// Two planes that share less of the picture than this lie beside each other.
const OVERLAP_MM2: f64 = 1e-3;
/// Rounding.
const SLACK_MM: f64 = 1e-9;

/// The planes laid out.
#[derive(Debug, Clone)]
pub(super) struct Hinged {
    planes: Vec<Plane>,
    /// In the order in which they were laid: the first has the largest section.
    faces: Vec<Face>,
    hinges_mm: Vec<[[f64; 2]; 2]>,
}

/// One plane in the picture.
#[derive(Debug, Clone)]
struct Face {
    plane: usize,
    /// A place of the plane, and where it is in the picture.
    origin: Point,
    at_mm: [f64; 2],
    /// The directions to the right and upwards in the picture; their cross product is the normal.
    right: Vector,
    up: Vector,
    /// Low and high of what is shown of it, along both directions of the picture.
    range_mm: [[f64; 2]; 2],
}

impl Face {
    fn place(&self, point: &Point) -> [f64; 2] {
        let way = point - self.origin;
        [self.at_mm[0] + way.dot(&self.right), self.at_mm[1] + way.dot(&self.up)]
    }

    fn point(&self, [x, y]: [f64; 2]) -> Point {
        self.origin + self.right * (x - self.at_mm[0]) + self.up * (y - self.at_mm[1])
    }

    /// With the range of these places of it, and `near_mm` more.
    fn showing(mut self, places: &[Point], near_mm: f64) -> Self {
        self.range_mm = range_of(places.iter().map(|point| self.place(point)), near_mm);
        self
    }
}

/// Low and high of places along both directions, with `near_mm` more to each side.
pub(super) fn range_of(places: impl Iterator<Item = [f64; 2]>, near_mm: f64) -> [[f64; 2]; 2] {
    let mut range = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for place in places {
        for (end, x) in range.iter_mut().zip(place) {
            *end = [end[0].min(x - near_mm), end[1].max(x + near_mm)];
        }
    }
    range
}

impl Hinged {
    /// The planes over their sections with `organ`; the others of the wedge end each of them.
    ///
    /// # Errors
    /// [`ResectionError::NoOrgan`] if the wedge misses the organ, [`ResectionError::Cancelled`].
    pub(super) fn of(planes: Vec<Plane>, organ: &Organ, progress: &Progress) -> Result<Self, ResectionError> {
        let near_mm = organ.grid().spacing_mm().into_iter().fold(0.0, f64::max);
        let bounds = organ.bounds();
        let mut hinged = Self { planes, faces: Vec::new(), hinges_mm: Vec::new() };
        let mut sections = Vec::with_capacity(hinged.planes.len());
        for (n, plane) in hinged.planes.iter().enumerate() {
            let shape = CutShape::Plane { point: plane.point.into(), normal: plane.normal().into() };
            let blade = Blade::of(&Cut { shape, width_mm: 0.0 }, &bounds)?;
            let mut places = feet(organ, &blade, progress)?;
            places.retain(|point| hinged.holds(n, point, near_mm));
            sections.push(places);
        }
        let mut left: Vec<usize> = (0..sections.len()).filter(|n| !sections[*n].is_empty()).collect();
        // The first of the largest.
        let largest = left.iter().copied().reduce(|a, b| if sections[a].len() < sections[b].len() { b } else { a });
        let Some(largest) = largest else { return Err(ResectionError::NoOrgan) };
        left.retain(|n| *n != largest);
        hinged.faces.push(hinged.upright(largest).showing(&sections[largest], near_mm));
        let (middle, reach_mm) = (bounds.centre(), 0.5 * bounds.size().norm() + near_mm);
        while !left.is_empty() {
            let mut edges: Vec<(f64, usize, usize, [Point; 2])> = Vec::new();
            for (laid, face) in hinged.faces.iter().enumerate() {
                for n in &left {
                    if let Some(edge) = hinged.edge(face.plane, *n, &middle, reach_mm) {
                        edges.push(((edge[1] - edge[0]).norm(), laid, *n, edge));
                    }
                }
            }
            edges.sort_by(|a, b| b.0.total_cmp(&a.0));
            let found = edges.into_iter().find_map(|(_, laid, n, edge)| {
                let face = hinged.turned(&hinged.faces[laid], n, &edge).showing(&sections[n], near_mm);
                let is_free = hinged.faces.iter().all(|other| hinged.overlap_mm2(&face, other) < OVERLAP_MM2);
                is_free.then(|| (edge.map(|point| hinged.faces[laid].place(&point)), face))
            });
            let face = match found {
                Some((hinge, face)) => {
                    hinged.hinges_mm.push(hinge);
                    face
                }
                None => hinged.beside(hinged.upright(left[0]).showing(&sections[left[0]], near_mm)),
            };
            left.retain(|n| *n != face.plane);
            hinged.faces.push(face);
        }
        Ok(hinged)
    }

    /// How many planes are in the picture.
    pub(super) fn count(&self) -> usize {
        self.faces.len()
    }

    /// The common edges in the picture.
    pub(super) fn hinges_mm(&self) -> &[[[f64; 2]; 2]] {
        &self.hinges_mm
    }

    /// Low and high of the picture along both directions.
    pub(super) fn range_mm(&self) -> [[f64; 2]; 2] {
        let corners = self.faces.iter().flat_map(|face| [0, 1].map(|end| face.range_mm.map(|range| range[end])));
        range_of(corners, 0.0)
    }

    /// The place of the wedge at a place of the picture, with the plane's normal and the picture's directions there.
    pub(super) fn point(&self, place: [f64; 2]) -> Option<(Point, Vector, [Vector; 2])> {
        self.faces.iter().find_map(|face| {
            let is_shown = face.range_mm.iter().zip(place).all(|([low, high], x)| *low <= x && x <= *high);
            let point = face.point(place);
            let is_there = is_shown && self.holds(face.plane, &point, SLACK_MM);
            is_there.then(|| (point, self.planes[face.plane].normal(), [face.right, face.up]))
        })
    }

    /// Where in the picture the place of the wedge nearest to `point` is; none where no plane that is shown is near.
    pub(super) fn place(&self, point: &Point) -> Option<[f64; 2]> {
        let feet = self.faces.iter().filter_map(|face| {
            let plane = &self.planes[face.plane];
            let foot = self.ended(face.plane, point - plane.normal() * plane.distance_mm(point))?;
            Some(((foot - point).norm_squared(), face.place(&foot)))
        });
        feet.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, place)| place)
    }

    /// Whether a place of the plane `n` is on the wedge: on the side of all others that is taken away.
    fn holds(&self, n: usize, point: &Point, slack_mm: f64) -> bool {
        let mut others = self.planes.iter().enumerate().filter(|(other, _)| *other != n);
        others.all(|(_, other)| -slack_mm <= other.distance_mm(point))
    }

    /// A place of the plane `n`, moved to the edge with another one that it lies beyond; none beyond a corner.
    fn ended(&self, n: usize, point: Point) -> Option<Point> {
        let normal = self.planes[n].normal();
        let beyond = self.planes.iter().enumerate().filter(|(other, _)| *other != n);
        let beyond = beyond.min_by(|a, b| a.1.distance_mm(&point).total_cmp(&b.1.distance_mm(&point)));
        let Some((_, other)) = beyond.filter(|(_, other)| other.distance_mm(&point) < 0.0) else { return Some(point) };
        let along = other.normal() - normal * normal.dot(&other.normal());
        let squared = along.norm_squared();
        if squared < PARALLEL * PARALLEL {
            return None;
        }
        let moved = point - along * (other.distance_mm(&point) / squared);
        self.holds(n, &moved, 1e-6).then_some(moved)
    }

    /// A plane as it is seen alone.
    fn upright(&self, n: usize) -> Face {
        let plane = &self.planes[n];
        let [right, up] = plane.across();
        Face { plane: n, origin: plane.point, at_mm: [0.0; 2], right, up, range_mm: [[0.0; 2]; 2] }
    }

    /// The plane `n` turned about its edge with a plane that is laid, into the same picture.
    ///
    /// With e along the edge and d = n × e across it within each plane, both have the same (e, d) in the picture; as their
    /// normals point to what is taken away, one lies on the side of d and the other on that of −d.
    fn turned(&self, laid: &Face, n: usize, edge: &[Point; 2]) -> Face {
        let e = (edge[1] - edge[0]).normalize();
        let d = self.planes[n].normal().cross(&e);
        let [x, y] = [e.dot(&laid.right), e.dot(&laid.up)];
        let (right, up) = (e * x - d * y, e * y + d * x);
        Face { plane: n, origin: edge[0], at_mm: laid.place(&edge[0]), right, up, range_mm: [[0.0; 2]; 2] }
    }

    /// The same to the right of all that is laid.
    fn beside(&self, mut face: Face) -> Face {
        let [[_, right_mm], [low_mm, _]] = self.range_mm();
        let by_mm = [right_mm + GAP_MM - face.range_mm[0][0], low_mm - face.range_mm[1][0]];
        face.at_mm = [0, 1].map(|axis| face.at_mm[axis] + by_mm[axis]);
        face.range_mm = [0, 1].map(|axis| face.range_mm[axis].map(|end| end + by_mm[axis]));
        face
    }

    /// The common edge of two planes, as far as the others leave it and within `reach_mm` of `middle`.
    fn edge(&self, a: usize, b: usize, middle: &Point, reach_mm: f64) -> Option<[Point; 2]> {
        let (one, other) = (&self.planes[a], &self.planes[b]);
        let along = one.normal().cross(&other.normal());
        let sine = along.norm();
        if sine < PARALLEL {
            return None;
        }
        let along = along / sine;
        // The place of the edge nearest to the middle: moved across the edge onto both planes.
        let (p, q) = (one.distance_mm(middle), other.distance_mm(middle));
        let cosine = one.normal().dot(&other.normal());
        let (s, t) = ((p - q * cosine) / (sine * sine), (q - p * cosine) / (sine * sine));
        let at = middle - one.normal() * s - other.normal() * t;
        let half_mm = (reach_mm * reach_mm - (at - middle).norm_squared()).max(0.0).sqrt();
        let [mut low, mut high] = [-half_mm, half_mm];
        for (_, plane) in self.planes.iter().enumerate().filter(|(n, _)| *n != a && *n != b) {
            let (from, slope) = (plane.distance_mm(&at), plane.normal().dot(&along));
            if slope.abs() < 1e-12 {
                if from < -SLACK_MM {
                    return None;
                }
            } else if 0.0 < slope {
                low = low.max(-from / slope);
            } else {
                high = high.min(-from / slope);
            }
        }
        (low + SLACK_MM < high).then(|| [low, high].map(|t| at + along * t))
    }

    /// How much of the picture two planes share.
    fn overlap_mm2(&self, a: &Face, b: &Face) -> f64 {
        let [[x0, x1], [y0, y1]] = a.range_mm;
        let mut polygon = vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
        for face in [a, b] {
            let [[x0, x1], [y0, y1]] = face.range_mm;
            for ([x, y], end) in [([1.0, 0.0], x0), ([-1.0, 0.0], -x1), ([0.0, 1.0], y0), ([0.0, -1.0], -y1)] {
                polygon = kept(&polygon, |place| x * place[0] + y * place[1] - end);
            }
            for (_, plane) in self.planes.iter().enumerate().filter(|(n, _)| *n != face.plane) {
                polygon = kept(&polygon, |place| plane.distance_mm(&face.point(*place)));
            }
        }
        area_mm2(&polygon)
    }
}

/// The part of a convex polygon where `side` is not negative; `side` is linear.
fn kept(polygon: &[[f64; 2]], side: impl Fn(&[f64; 2]) -> f64) -> Vec<[f64; 2]> {
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (n, from) in polygon.iter().enumerate() {
        let to = &polygon[(n + 1) % polygon.len()];
        let (a, b) = (side(from), side(to));
        if 0.0 <= a {
            kept.push(*from);
        }
        if (0.0 <= a) != (0.0 <= b) {
            let part = a / (a - b);
            kept.push([0, 1].map(|axis| from[axis] + part * (to[axis] - from[axis])));
        }
    }
    kept
}

fn area_mm2(polygon: &[[f64; 2]]) -> f64 {
    let twice: f64 = (0..polygon.len())
        .map(|n| (polygon[n], polygon[(n + 1) % polygon.len()]))
        .map(|(a, b)| a[0] * b[1] - b[0] * a[1])
        .sum();
    0.5 * twice.abs()
}
