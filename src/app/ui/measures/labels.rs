//! What is written beside a measure, and where, so that it covers neither the measure nor another label.

use crate::app::ui::numbers;
use crate::base::Fact;
use crate::base::i18n::{tr, tr_with};
use crate::geom::measure::Kind;
use egui::{Pos2, Rect, Vec2};

/// A value with its unit as it stands beside a measure: one decimal for lengths and angles.
pub(super) fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "°" => format!("{}°", numbers::grouped(value, 1)),
        "mm²" if value.abs() < 1e5 => format!("{} mm²", numbers::grouped(value, 1)),
        // Whole numbers are what voxels of a CT have; a mean of them has one digit more.
        "HU" => format!("{} HU", numbers::grouped(value, usize::from(value.fract() != 0.0))),
        _ => numbers::quantity(value, unit),
    }
}

/// The lines beside a measure with these values, the most important first.
pub(super) fn lines(kind: Kind, text: &str, values: &[Fact]) -> Vec<String> {
    let of = |name: &str| {
        let fact = values.iter().find(|fact| fact.name == name)?;
        Some(quantity(fact.value, &fact.unit))
    };
    let named = |label: &str, name: &str| of(name).map(|value| format!("{label} {value}"));
    let mut lines: Vec<Option<String>> = vec![(!text.is_empty()).then(|| text.to_owned())];
    match kind {
        Kind::Point => lines.push(of("value")),
        Kind::Length | Kind::Polyline | Kind::Curve | Kind::Geodesic => lines.push(of("length")),
        Kind::Spline => lines.extend([of("length"), named("R min", "smallest radius")]),
        Kind::Angle => lines.push(of("angle")),
        Kind::Cobb => lines.push(named("Cobb", "Cobb angle")),
        Kind::Bidirectional => lines.extend([named("L", "long axis"), named("S", "short axis")]),
        Kind::Ellipse | Kind::Rectangle | Kind::Region => {
            lines.push(named(tr("measure-area"), "area"));
            lines.push(of("mean").map(|mean| {
                let sd = of("SD").unwrap_or_default();
                let bare = mean.split(' ').next().unwrap_or_default();
                tr_with("measure-mean", &[("mean", bare.into()), ("sd", (&sd).into())])
            }));
            lines.push(of("minimum").zip(of("maximum")).map(|(low, high)| {
                let bare = low.split(' ').next().unwrap_or_default();
                tr_with("field-range", &[("low", bare.into()), ("high", (&high).into())])
            }));
        }
        Kind::Arrow | Kind::Text => {}
    }
    lines.into_iter().flatten().collect()
}

/// The one value of a list, with what it is where that is not plain.
pub(super) fn headline(kind: Kind, text: &str, values: &[Fact]) -> String {
    lines(kind, "", values).into_iter().next().unwrap_or_else(|| text.to_owned())
}

/// A free place of `size` beside `shape` inside `bounds`: right, left, below, above, then further away; the first where it
/// covers none of `taken`, else the first that is inside.
pub(super) fn place(shape: Rect, size: Vec2, bounds: Rect, taken: &[Rect]) -> Rect {
    let room = bounds.shrink(4.0);
    let inside = |rect: Rect| {
        let low = (room.max - rect.size()).max(room.min);
        Rect::from_min_size(rect.min.clamp(room.min, low), rect.size())
    };
    let middle = shape.center();
    let mut all = Vec::new();
    for gap in [12.0, 34.0, 60.0, 92.0] {
        for [x, y] in [
            [shape.right() + gap, middle.y - 0.5 * size.y],
            [shape.left() - gap - size.x, middle.y - 0.5 * size.y],
            [middle.x - 0.5 * size.x, shape.bottom() + gap],
            [middle.x - 0.5 * size.x, shape.top() - gap - size.y],
            [shape.right() + gap, shape.bottom() + gap],
            [shape.right() + gap, shape.top() - gap - size.y],
        ] {
            all.push(inside(Rect::from_min_size(Pos2::new(x, y), size)));
        }
    }
    let is_free = |rect: &&Rect| {
        !rect.intersects(shape.expand(3.0)) && taken.iter().all(|other| !rect.intersects(other.expand(2.0)))
    };
    all.iter().find(is_free).or(all.first()).copied().unwrap_or(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::geom::measure::Shape;

    #[test]
    fn labels_keep_clear_of_their_shape_and_of_one_another() {
        let bounds = Rect::from_min_size(Pos2::ZERO, Vec2::new(600.0, 400.0));
        let size = Vec2::new(90.0, 20.0);
        let mut taken = Vec::new();
        for n in 0..5 {
            let shape = Rect::from_min_size(Pos2::new(300.0 + n as f32, 200.0), Vec2::new(60.0, 40.0));
            let label = place(shape, size, bounds, &taken);
            assert!(bounds.contains_rect(label) && !label.intersects(shape));
            assert!(taken.iter().all(|other: &Rect| !other.intersects(label)));
            taken.push(label);
        }
        // At the right edge it goes to the left.
        let edge = Rect::from_min_size(Pos2::new(560.0, 100.0), Vec2::new(30.0, 30.0));
        assert!(place(edge, size, bounds, &[]).right() < edge.left());
        // A view smaller than the label does not panic.
        place(edge, size, Rect::from_min_size(Pos2::ZERO, Vec2::new(20.0, 10.0)), &[]);
    }

    #[test]
    fn a_label_has_units_and_the_text_first() {
        let shape = Shape::new(Kind::Length, &[Point::origin(), Point::new(3.0, 4.0, 0.0)], None).unwrap();
        let values = shape.figures();
        assert_eq!(lines(Kind::Length, "aorta", &values), ["aorta", "5.0 mm"]);
        assert_eq!(headline(Kind::Length, "aorta", &values), "5.0 mm");
        assert_eq!(headline(Kind::Arrow, "aorta", &[]), "aorta");
        assert_eq!([quantity(43.27, "°"), quantity(12.0, "HU"), quantity(-3.12, "HU")], ["43.3°", "12 HU", "−3.1 HU"]);
    }
}
