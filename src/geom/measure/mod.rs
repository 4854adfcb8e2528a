//! What people measure in pictures: lengths, angles, diameters, regions; pure geometry in patient space.
//!
//! A [`Shape`] is a kind and its points. Flat kinds lie in a plane; their points are put into it when they are made, so
//! whoever has a shape need not check again. Knows no scan: values inside a region are `image::region`.

mod figures;
mod flat;
mod handles;
mod spline;
#[cfg(test)]
mod tests;

pub use flat::Outline;
pub use spline::{Bend, Spline};

use super::{Plane, Point, Vector};
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The value at a place.
    Point,
    /// The distance between two ends.
    Length,
    /// The way along an open line of points.
    Polyline,
    /// The way around a closed line of points.
    Curve,
    /// A smooth curve through points, its length and curvature.
    Spline,
    /// Points on a surface, joined by the shortest paths on it.
    Geodesic,
    /// The angle at the second of three points.
    Angle,
    /// The angle between two lines, each of two points (Cobb 1948).
    Cobb,
    /// Centre, end of one half axis, end of the other.
    Ellipse,
    /// Three corners one after another; the fourth follows.
    Rectangle,
    /// A free-hand outline.
    Region,
    /// The ends of the long axis, then those of the short one at right angles to it.
    Bidirectional,
    /// The tip of an arrow and its tail.
    Arrow,
    /// A place with a text.
    Text,
}

/// Lengths below this are none, mm.
const LEAST_MM: f64 = 1e-6;

/// Points an outline or a line may have.
pub const POINTS_MAX: usize = 4_000;

/// Points a path on a surface may have.
pub const PATH_MAX: usize = 200_000;

/// Curvature below this is none, 1/mm: a radius of a kilometre.
const LEAST_BEND: f64 = 1e-6;

impl Kind {
    /// All kinds in the order of their menu.
    pub const ALL: [Self; 14] = [
        Self::Length,
        Self::Polyline,
        Self::Curve,
        Self::Spline,
        Self::Geodesic,
        Self::Angle,
        Self::Cobb,
        Self::Bidirectional,
        Self::Ellipse,
        Self::Rectangle,
        Self::Region,
        Self::Point,
        Self::Arrow,
        Self::Text,
    ];

    /// The words of scripts, in the order of [`Kind::ALL`].
    pub const WORDS: [&str; 14] = [
        "length",
        "polyline",
        "curve",
        "spline",
        "geodesic",
        "angle",
        "cobb",
        "bidirectional",
        "ellipse",
        "rectangle",
        "region",
        "point",
        "arrow",
        "text",
    ];

    /// The word of scripts.
    pub fn word(self) -> &'static str {
        let place = Self::ALL.iter().position(|kind| *kind == self);
        Self::WORDS[place.expect("every kind is in the list")]
    }

    /// The kind with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().position(|own| *own == word).map(|place| Self::ALL[place])
    }

    /// The name on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "Probe point",
            Self::Length => "Length",
            Self::Polyline => "Polyline",
            Self::Curve => "Closed curve",
            Self::Spline => "Smooth curve",
            Self::Geodesic => "Curve on a surface",
            Self::Angle => "Angle",
            Self::Cobb => "Cobb angle",
            Self::Ellipse => "Ellipse",
            Self::Rectangle => "Rectangle",
            Self::Region => "Free-hand region",
            Self::Bidirectional => "Bidirectional",
            Self::Arrow => "Arrow",
            Self::Text => "Text",
        }
    }

    /// The fewest and the most points.
    pub fn points(self) -> [usize; 2] {
        match self {
            Self::Point | Self::Text => [1, 1],
            Self::Length | Self::Arrow => [2, 2],
            Self::Polyline | Self::Spline | Self::Geodesic => [2, POINTS_MAX],
            Self::Curve | Self::Region => [3, POINTS_MAX],
            Self::Angle | Self::Ellipse | Self::Rectangle => [3, 3],
            Self::Cobb | Self::Bidirectional => [4, 4],
        }
    }

    /// Whether its points lie in one plane.
    pub fn is_flat(self) -> bool {
        self.encloses() || self == Self::Bidirectional
    }

    /// Whether it is a region with values inside.
    pub fn encloses(self) -> bool {
        matches!(self, Self::Ellipse | Self::Rectangle | Self::Region)
    }

    /// Whether a person writes something beside it.
    pub fn is_note(self) -> bool {
        matches!(self, Self::Arrow | Self::Text)
    }
}

/// Why there is no such shape.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ShapeError {
    /// Too few or too many points.
    #[error("{} needs {}, not {given}", .kind.word(), needed(*.kind))]
    Count {
        /// What was to be measured.
        kind: Kind,
        /// How many points there were.
        given: usize,
    },
    /// A coordinate is not finite.
    #[error("point {0} of the measure is not finite")]
    NotFinite(usize),
    /// Two points that must differ are the same.
    #[error("{} has points that are the same place; put them apart", .0.word())]
    NoLength(Kind),
    /// It encloses nothing.
    #[error("{} encloses no area; its points lie on a line", .0.word())]
    NoArea(Kind),
    /// The normal has no direction.
    #[error("the normal of the plane has no direction")]
    NoNormal,
}

fn needed(kind: Kind) -> String {
    match kind.points() {
        [1, 1] => "1 point".into(),
        [low, high] if low == high => format!("{low} points"),
        [low, high] => format!("{low} to {high} points"),
    }
}

/// A kind and its points in patient space, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    kind: Kind,
    points: Vec<Point>,
    normal: Vector,
    /// Of a path on a surface, which of its points were placed by hand; empty for other kinds.
    knots: Vec<u32>,
}

impl Shape {
    /// A shape; points of flat kinds are put into the plane through the first with this normal. Without a normal it is that
    /// of the points.
    ///
    /// # Errors
    /// [`ShapeError`] for a wrong number of points, points that are not finite, no length or no area.
    pub fn new(kind: Kind, points: &[Point], normal: Option<Vector>) -> Result<Self, ShapeError> {
        let [fewest, most] = kind.points();
        if points.len() < fewest || most < points.len() {
            return Err(ShapeError::Count { kind, given: points.len() });
        }
        if let Some(place) = points.iter().position(|point| !point.iter().all(|x| x.is_finite())) {
            return Err(ShapeError::NotFinite(place + 1));
        }
        let normal = match normal {
            Some(normal) => Plane::new(points[0], normal).ok_or(ShapeError::NoNormal)?.normal(),
            None => own_normal(kind, points),
        };
        let mut points = points.to_vec();
        if kind.is_flat() {
            let start = points[0];
            points.iter_mut().for_each(|point| *point -= normal * (*point - start).dot(&normal));
        }
        if matches!(kind, Kind::Polyline | Kind::Curve | Kind::Region | Kind::Spline | Kind::Geodesic) {
            points.dedup_by(|a, b| (*a - *b).norm() < LEAST_MM);
            let closes = matches!(kind, Kind::Curve | Kind::Region) && points.len() != 1;
            if closes && (points[0] - points[points.len() - 1]).norm() < LEAST_MM {
                points.pop();
            }
            if points.len() < fewest {
                return Err(ShapeError::NoLength(kind));
            }
        }
        let knots = if kind == Kind::Geodesic { (0..points.len() as u32).collect() } else { Vec::new() };
        let shape = Self { kind, points, normal, knots };
        shape.squared()
    }

    /// A path on a surface through `path`; its points `knots`, in increasing order, were placed by hand, the first and the
    /// last among them.
    ///
    /// # Errors
    /// [`ShapeError`] for fewer than two points, or points that are not finite.
    pub fn on_surface(path: &[Point], knots: &[u32], normal: Option<Vector>) -> Result<Self, ShapeError> {
        let kind = Kind::Geodesic;
        if path.len() < 2 || PATH_MAX < path.len() {
            return Err(ShapeError::Count { kind, given: path.len() });
        }
        if let Some(place) = path.iter().position(|point| !point.iter().all(|x| x.is_finite())) {
            return Err(ShapeError::NotFinite(place + 1));
        }
        let grows = knots.windows(2).all(|pair| pair[0] < pair[1]);
        let ends = [knots.first().copied(), knots.last().copied()];
        if !grows || knots.len() < 2 || ends != [Some(0), Some(path.len() as u32 - 1)] {
            return Err(ShapeError::Count { kind, given: knots.len() });
        }
        let normal = match normal {
            // A unit vector stays as it is, to the last bit.
            Some(normal) if (normal.norm() - 1.0).abs() < 1e-12 => normal,
            Some(normal) => Plane::new(path[0], normal).ok_or(ShapeError::NoNormal)?.normal(),
            None => own_normal(kind, path),
        };
        Ok(Self { kind, points: path.to_vec(), normal, knots: knots.to_vec() })
    }

    /// Of a path on a surface, which of its points were placed by hand; empty for other kinds.
    pub fn knots(&self) -> &[u32] {
        &self.knots
    }

    /// The points a person placed: all, but of a path on a surface its knots.
    pub fn placed(&self) -> Vec<Point> {
        match self.kind {
            Kind::Geodesic => self.knots.iter().map(|knot| self.points[*knot as usize]).collect(),
            _ => self.points.clone(),
        }
    }

    /// The smooth curve through its points.
    fn spline(&self) -> Option<Spline> {
        Spline::through(&self.points).filter(|_| self.kind == Kind::Spline)
    }

    /// Where a smooth curve bends most; none where it does not bend.
    pub fn tightest(&self) -> Option<Point> {
        let bend = self.spline()?.bend();
        (LEAST_BEND < bend.most_per_mm).then_some(bend.place)
    }

    /// A shape from a case file: bit for bit as it was, because [`Shape::new`] made it.
    ///
    /// # Errors
    /// [`ShapeError`] if it could not have been made.
    pub fn stored(kind: Kind, points: &[Point], normal: Vector) -> Result<Self, ShapeError> {
        let made = Self::new(kind, points, Some(normal))?;
        // Putting points into a plane again moves them by rounding only; a file that says otherwise is put right.
        let as_stored = |(own, stored): (&Point, &Point)| (own - stored).norm() <= 1e-9 * (1.0 + stored.coords.norm());
        let same = made.points.len() == points.len() && made.points.iter().zip(points).all(as_stored);
        let same = same && (made.normal - normal).norm() <= 1e-12;
        Ok(if same { Self { points: points.to_vec(), normal, ..made } } else { made })
    }

    /// The same with axes and corners at right angles, checked for length and area.
    fn squared(mut self) -> Result<Self, ShapeError> {
        let kind = self.kind;
        let apart = |a: &Point, b: &Point| LEAST_MM <= (b - a).norm();
        let p = &mut self.points;
        match kind {
            Kind::Length | Kind::Arrow if !apart(&p[0], &p[1]) => return Err(ShapeError::NoLength(kind)),
            Kind::Angle if !apart(&p[0], &p[1]) || !apart(&p[1], &p[2]) => return Err(ShapeError::NoLength(kind)),
            Kind::Cobb if !apart(&p[0], &p[1]) || !apart(&p[2], &p[3]) => return Err(ShapeError::NoLength(kind)),
            Kind::Ellipse | Kind::Rectangle => {
                let corner = usize::from(kind == Kind::Rectangle);
                let first = (p[1] - p[0]).try_normalize(LEAST_MM).ok_or(ShapeError::NoLength(kind))?;
                let second = p[2] - p[corner];
                p[2] = p[corner] + (second - first * second.dot(&first));
                if !apart(&p[2], &p[corner]) {
                    return Err(ShapeError::NoArea(kind));
                }
            }
            Kind::Bidirectional => {
                let axis = p[1] - p[0];
                let along = axis.try_normalize(LEAST_MM).ok_or(ShapeError::NoLength(kind))?;
                let across = self.normal.cross(&along);
                // Both ends stand over one place of the long axis, and that between its ends.
                let place = 0.5 * ((p[2] - p[0]).dot(&along) + (p[3] - p[0]).dot(&along));
                let foot = p[0] + along * place.clamp(0.0, axis.norm());
                for end in 2..4 {
                    p[end] = foot + across * (p[end] - p[0]).dot(&across);
                }
                if !apart(&p[2], &p[3]) {
                    return Err(ShapeError::NoLength(kind));
                }
            }
            Kind::Region if self.area_mm2().is_none_or(|area| area < LEAST_MM * LEAST_MM) => {
                return Err(ShapeError::NoArea(kind));
            }
            _ => {}
        }
        Ok(self)
    }

    /// What is measured.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its points, LPS mm.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Whether slices it runs through show it too; flat shapes, notes and points show in their own plane only.
    pub fn may_cross(&self) -> bool {
        !self.kind.is_flat() && !self.kind.is_note() && self.kind != Kind::Point
    }

    /// The unit normal of the plane it was drawn in.
    pub fn normal(&self) -> Vector {
        self.normal
    }

    /// The plane it was drawn in, through its first point.
    pub fn plane(&self) -> Plane {
        Plane::new(self.points[0], self.normal).expect("a unit vector has a direction")
    }

    /// The middle of its box along the patient's axes.
    pub fn centre(&self) -> Point {
        super::Aabb::of(self.strokes().iter().flatten().chain(&self.points)).centre()
    }

    /// The lines it is drawn with; a closed line ends where it begins.
    pub fn strokes(&self) -> Vec<Vec<Point>> {
        let p = &self.points;
        let closed = |points: &[Point]| points.iter().chain(points.first()).copied().collect::<Vec<_>>();
        match self.kind {
            Kind::Point | Kind::Text => Vec::new(),
            Kind::Length | Kind::Arrow | Kind::Polyline | Kind::Angle => vec![p.clone()],
            Kind::Cobb | Kind::Bidirectional => vec![p[..2].to_vec(), p[2..].to_vec()],
            Kind::Curve | Kind::Region => vec![closed(p)],
            Kind::Geodesic => vec![p.clone()],
            // Fine enough for any screen, and no more than a few thousand pieces.
            Kind::Spline => {
                self.spline().map(|spline| spline.line((4000 / p.len()).clamp(1, 24))).into_iter().collect()
            }
            Kind::Rectangle => vec![closed(&[p[0], p[1], p[2], p[0] + (p[2] - p[1])])],
            Kind::Ellipse => {
                const CORNERS: usize = 96;
                let (a, b) = (p[1] - p[0], p[2] - p[0]);
                let corner = |n: usize| {
                    let (sin, cos) = (n as f64 * std::f64::consts::TAU / CORNERS as f64).sin_cos();
                    p[0] + a * cos + b * sin
                };
                vec![closed(&(0..CORNERS).map(corner).collect::<Vec<_>>())]
            }
        }
    }

    /// The outline of a region in the plane coordinates that `flat` gives, which must be an affine map.
    pub fn outline(&self, flat: impl Fn(&Point) -> [f64; 2]) -> Option<Outline> {
        match self.kind {
            Kind::Ellipse => {
                let centre = flat(&self.points[0]);
                let half = [1, 2].map(|n| {
                    let end = flat(&self.points[n]);
                    [end[0] - centre[0], end[1] - centre[1]]
                });
                Some(Outline::Ellipse { centre, half })
            }
            Kind::Rectangle => {
                let mut corners = self.strokes().concat();
                corners.pop();
                Some(Outline::Polygon(corners.iter().map(flat).collect()))
            }
            Kind::Region | Kind::Curve => Some(Outline::Polygon(self.points.iter().map(flat).collect())),
            _ => None,
        }
    }

    /// The outline of a region in mm along [`Plane::across`].
    fn flat_outline(&self) -> Option<Outline> {
        let start = self.points[0];
        let [u, v] = self.plane().across();
        self.outline(|point| [(point - start).dot(&u), (point - start).dot(&v)])
    }

    /// The area of a region.
    pub fn area_mm2(&self) -> Option<f64> {
        if self.kind.encloses() { self.flat_outline().map(|outline| outline.area()) } else { None }
    }

    /// Whether a free-hand outline crosses itself: its area is then not what is seen.
    pub fn crosses_itself(&self) -> bool {
        self.kind == Kind::Region && self.flat_outline().is_some_and(|outline| outline.crosses_itself())
    }
}

/// The normal of the plane that points span; upwards where they span none.
fn own_normal(kind: Kind, points: &[Point]) -> Vector {
    let start = points[0];
    let spanned = match kind {
        Kind::Cobb | Kind::Bidirectional => (points[1] - start).cross(&(points[3] - points[2])),
        // Newell: twice the area vector of the closed polygon.
        _ => {
            (1..points.len()).fold(Vector::zeros(), |sum, n| sum + (points[n - 1] - start).cross(&(points[n] - start)))
        }
    };
    spanned.try_normalize(LEAST_MM * LEAST_MM).unwrap_or_else(Vector::z)
}
