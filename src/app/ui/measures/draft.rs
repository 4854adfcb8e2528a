//! A measure that is being drawn: points placed by clicks or by dragging, and the one under the mouse.

use crate::base::NodeId;
use crate::geom::measure::{Kind, Shape};
use crate::geom::{Point, Vector};
use crate::image::Measure;
use egui::Pos2;

/// What was placed so far.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) kind: Kind,
    /// The scan it is measured in; of a curve on a surface the surface.
    pub(super) scan: NodeId,
    /// The normal of the view it was begun in, and its directions to the right and down.
    pub(super) normal: Vector,
    pub(super) axes: [Vector; 2],
    pub(super) points: Vec<Point>,
    /// The place under the mouse.
    pub(super) end: Option<Point>,
    /// The view and the place where the button went down, while it is down.
    pub(super) pressed: Option<(egui::Id, Pos2)>,
    /// Whether the last press was on the last point: two quick clicks on different places are no double click.
    pub(super) repeated: bool,
    /// Where on the screen it was last seen.
    pub(super) seen_at: Pos2,
    /// What it is with the place under the mouse, read from the scan.
    pub(super) live: Option<Measure>,
}

/// Clicks that complete a kind; none for those that a double click ends.
fn clicks(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Point | Kind::Text => Some(1),
        Kind::Length | Kind::Arrow | Kind::Ellipse | Kind::Rectangle => Some(2),
        Kind::Angle | Kind::Bidirectional => Some(3),
        Kind::Cobb => Some(4),
        Kind::Polyline | Kind::Curve | Kind::Region | Kind::Spline | Kind::Geodesic => None,
    }
}

impl Draft {
    /// Whether nothing more need be placed.
    pub(super) fn is_complete(&self) -> bool {
        clicks(self.kind).is_some_and(|clicks| clicks <= self.points.len())
    }

    /// Place a point, unless it is the last one again; whether it was another.
    pub(super) fn place(&mut self, point: Point, least_mm: f64) -> bool {
        let point = self.onto(point);
        let is_new = self.points.last().is_none_or(|last| least_mm < (point - last).norm());
        if is_new {
            self.points.push(point);
        }
        is_new
    }

    /// `point` where this kind may have it: flat kinds stay in the plane they were begun in.
    pub(super) fn onto(&self, point: Point) -> Point {
        match self.points.first().filter(|_| self.kind.is_flat()) {
            Some(first) => point - self.normal * (point - first).dot(&self.normal),
            None => point,
        }
    }

    /// Take the last point back; whether any is left.
    pub(super) fn drop_point(&mut self) -> bool {
        self.points.pop();
        self.live = None;
        !self.points.is_empty()
    }

    /// The shape of the points placed, if they make one.
    pub(super) fn shape(&self) -> Option<Shape> {
        self.shape_of(&self.points)
    }

    /// The same with the place under the mouse.
    pub(super) fn shape_with_end(&self) -> Option<Shape> {
        let points: Vec<Point> = self.points.iter().copied().chain(self.end).collect();
        self.shape_of(&points)
    }

    fn shape_of(&self, points: &[Point]) -> Option<Shape> {
        let make = |points: &[Point]| Shape::new(self.kind, points, Some(self.normal)).ok();
        let [right, down] = self.axes;
        match (self.kind, points) {
            // Drawn from corner to corner along the screen.
            (Kind::Ellipse, [a, b, ..]) => {
                let across = b - a;
                let centre = a + across * 0.5;
                let [x, y] = [right, down].map(|axis| axis * (0.5 * across.dot(&axis)));
                make(&[centre, centre + x, centre + y])
            }
            (Kind::Rectangle, [a, b, ..]) => make(&[*a, a + right * (b - a).dot(&right), *b]),
            // The third place says how far the short axis reaches to both sides, and where it stands.
            (Kind::Bidirectional, [a, b, side, ..]) => {
                let along = (b - a).try_normalize(1e-9)?;
                let across = self.normal.cross(&along);
                let foot = a + along * (side - a).dot(&along);
                let reach = across * (side - a).dot(&across);
                make(&[*a, *b, foot + reach, foot - reach])
            }
            _ => make(points),
        }
    }

    /// The lines to draw while it is not whole.
    pub(super) fn strokes(&self) -> Vec<Vec<Point>> {
        if let Some(shape) = self.shape_with_end() {
            return shape.strokes();
        }
        let points: Vec<Point> = self.points.iter().copied().chain(self.end).collect();
        match self.kind {
            Kind::Cobb => points.chunks(2).map(<[Point]>::to_vec).collect(),
            _ => vec![points],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(kind: Kind, points: &[[f64; 2]]) -> Draft {
        Draft {
            kind,
            scan: NodeId(1),
            normal: Vector::z(),
            axes: [Vector::x(), Vector::y()],
            points: points.iter().map(|[x, y]| Point::new(*x, *y, 4.0)).collect(),
            end: None,
            pressed: None,
            repeated: false,
            seen_at: Pos2::ZERO,
            live: None,
        }
    }

    #[test]
    fn two_corners_make_an_ellipse_and_a_rectangle_of_that_box() {
        let ellipse = draft(Kind::Ellipse, &[[1.0, 2.0], [11.0, 8.0]]).shape().unwrap();
        assert!((ellipse.area_mm2().unwrap() - std::f64::consts::PI * 15.0).abs() < 1e-12);
        assert_eq!(ellipse.points()[0], Point::new(6.0, 5.0, 4.0));
        let rectangle = draft(Kind::Rectangle, &[[1.0, 2.0], [11.0, 8.0]]).shape().unwrap();
        assert!((rectangle.area_mm2().unwrap() - 60.0).abs() < 1e-12);
        assert!(draft(Kind::Rectangle, &[[1.0, 2.0], [1.0, 8.0]]).shape().is_none(), "no width");
    }

    #[test]
    fn the_third_place_of_a_bidirectional_measure_is_its_half_width() {
        let both = draft(Kind::Bidirectional, &[[0.0, 0.0], [10.0, 0.0], [4.0, 3.0]]).shape().unwrap();
        let values: Vec<f64> = both.figures().iter().map(|fact| fact.value).collect();
        assert_eq!(values[..2], [10.0, 6.0]);
    }

    #[test]
    fn a_point_on_the_last_one_is_none() {
        let mut line = draft(Kind::Polyline, &[[0.0, 0.0]]);
        line.place(Point::new(0.1, 0.0, 4.0), 0.5);
        assert_eq!(line.points.len(), 1);
        line.place(Point::new(5.0, 0.0, 9.0), 0.5);
        assert_eq!(line.points[1].z, 9.0, "lines may leave their slice");
        let mut region = draft(Kind::Region, &[[0.0, 0.0]]);
        region.place(Point::new(5.0, 0.0, 9.0), 0.5);
        assert_eq!(region.points[1].z, 4.0, "regions may not");
        assert!(region.drop_point() && !region.drop_point());
    }
}
