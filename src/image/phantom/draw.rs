//! What phantoms are drawn with: tubes through knots, hollow organs.

use super::{Scene, Shape, Tissue, Tube, TubePoint, smooth_line, tissue};
use crate::geom::{Point, Vector};

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

/// Draw the patient table, a shell around foam, with its middle at `centre` and `half_mm` wide to each side.
pub(super) fn draw_table(scene: &mut Scene, centre: Point, half_mm: f64) {
    let slab = |half: Vector, rounding_mm| Shape::RoundBox { centre, half_mm: half, rounding_mm };
    scene.draw(slab(Vector::new(half_mm, 8.0, 1000.0), 4.0), tissue::TABLE_SHELL);
    scene.draw(slab(Vector::new(half_mm - 1.0, 6.5, 1000.0), 3.0), tissue::TABLE_CORE);
}

/// Where the ray from the axis (0, `axis_y`) along `direction` at height `z` meets the wall, by bisection.
pub(super) fn on_wall(wall: &Shape, axis_y: f64, direction: Vector, z: f64) -> Point {
    let at = |t: f64| Point::new(direction.x * t, axis_y + direction.y * t, z);
    let (mut inside, mut outside) = (0.0, 400.0);
    for _ in 0..40 {
        let middle = 0.5 * (inside + outside);
        *if wall.contains(&at(middle)) { &mut inside } else { &mut outside } = middle;
    }
    at(inside)
}
