//! The points of a shape that a hand can take, and what moves with them.

use super::{Kind, Shape, ShapeError};
use crate::geom::{Point, Vector};

impl Shape {
    /// The places of its handles. Ellipses have the far ends of their axes and rectangles their fourth corner too.
    pub fn handles(&self) -> Vec<Point> {
        let p = &self.points;
        match self.kind {
            Kind::Ellipse => vec![p[0], p[1], p[2], p[0] - (p[1] - p[0]), p[0] - (p[2] - p[0])],
            Kind::Rectangle => vec![p[0], p[1], p[2], p[0] + (p[2] - p[1])],
            // Every corner of a free-hand outline would be a wall of handles: it is moved as a whole.
            Kind::Region => Vec::new(),
            Kind::Geodesic => self.placed(),
            _ => p.clone(),
        }
    }

    /// The shape moved as a whole.
    #[must_use]
    pub fn moved(&self, by: Vector) -> Self {
        let mut moved = self.clone();
        moved.points.iter_mut().for_each(|point| *point += by);
        moved
    }

    /// The shape with handle `handle` at `to`: rectangles keep the opposite corner and their directions, an end of an
    /// ellipse's axis turns and stretches the ellipse, the short axis of a bidirectional measure stays at right angles.
    ///
    /// # Errors
    /// [`ShapeError`] where nothing would be left of it.
    pub fn with_handle(&self, handle: usize, to: Point) -> Result<Self, ShapeError> {
        let to = if self.kind.is_flat() { to - self.normal * (to - self.points[0]).dot(&self.normal) } else { to };
        // A path on a surface is straight until it is found anew.
        let mut p = self.placed();
        match self.kind {
            Kind::Ellipse => match handle {
                0 => return Ok(self.moved(to - p[0])),
                1..=4 => {
                    let moved = if handle <= 2 { to } else { p[0] - (to - p[0]) };
                    let [own, other] = if handle % 2 == 1 { [1, 2] } else { [2, 1] };
                    let length = (p[other] - p[0]).norm();
                    let axis = moved - p[0];
                    // The other axis turns along; which way round it goes stays.
                    let turned = self.normal.cross(&axis).try_normalize(1e-9).ok_or(ShapeError::NoLength(self.kind))?;
                    let turned = if turned.dot(&(p[other] - p[0])) < 0.0 { -turned } else { turned };
                    p[own] = moved;
                    p[other] = p[0] + turned * length;
                }
                _ => {}
            },
            Kind::Rectangle => {
                let corners = self.handles();
                let keep = corners[(handle + 2) % 4];
                let [u, v] = [p[1] - p[0], p[2] - p[1]].map(|side| side.normalize());
                let across = to - keep;
                let (a, b) = (u * across.dot(&u), v * across.dot(&v));
                // From the kept corner along u, then along v: the same turn as before or its mirror.
                p = vec![keep, keep + a, keep + a + b];
            }
            Kind::Bidirectional => {
                let [start, end] = [p[0], p[1]];
                let along = (end - start).normalize();
                let across = self.normal.cross(&along);
                match handle {
                    0 | 1 => {
                        // The short axis keeps its place as a part of the long one, and its reach to both sides.
                        let part = (p[2] - start).dot(&along) / (end - start).norm();
                        let reach = [2, 3].map(|n| (p[n] - start).dot(&across));
                        p[handle] = to;
                        let axis = p[1] - p[0];
                        let along = axis.try_normalize(1e-9).ok_or(ShapeError::NoLength(self.kind))?;
                        let foot = p[0] + axis * part;
                        let across = self.normal.cross(&along);
                        (p[2], p[3]) = (foot + across * reach[0], foot + across * reach[1]);
                    }
                    _ => {
                        let place = (to - start).dot(&along).clamp(0.0, (end - start).norm());
                        let other = if handle == 2 { 3 } else { 2 };
                        let reach = (p[other] - start).dot(&across);
                        p[handle] = start + along * place + across * (to - start).dot(&across);
                        p[other] = start + along * place + across * reach;
                    }
                }
            }
            _ => {
                if let Some(point) = p.get_mut(handle) {
                    *point = to;
                }
            }
        }
        Self::new(self.kind, &p, Some(self.normal))
    }
}
