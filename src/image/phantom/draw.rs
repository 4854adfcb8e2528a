//! What phantoms are drawn with: tubes through knots, hollow organs.

use super::{Scene, Shape, Tissue, Tube, TubePoint, smooth_line};
use crate::geom::Point;

/// A swept tube through knots (x, y, z, radius), smoothed with `steps` points a span.
pub(super) fn tube(knots: impl IntoIterator<Item = (f64, f64, f64, f64)>, steps: usize) -> Shape {
    Shape::Tube(Tube::swept(line(knots, steps)))
}

/// A smooth line through knots (x, y, z, radius).
pub(super) fn line(knots: impl IntoIterator<Item = (f64, f64, f64, f64)>, steps: usize) -> Vec<TubePoint> {
    let knots: Vec<TubePoint> = knots.into_iter().map(|(x, y, z, r)| TubePoint::new(Point::new(x, y, z), r)).collect();
    smooth_line(&knots, steps)
}

/// Draw a hollow organ: `wall` around `content`, `wall_mm` thick.
pub(super) fn draw_hollow(scene: &mut Scene, shape: &Shape, wall_mm: f64, wall: Tissue, content: Tissue) {
    scene.draw(shape.clone(), wall);
    scene.draw(shape.clone().grown(-wall_mm), content);
}
