//! Measures against theory: known areas and angles, invariance under rotation, handles that keep what they promise.

use super::flat::ellipse_perimeter;
use super::*;
use nalgebra::{Rotation3, Unit};
use std::f64::consts::{PI, TAU};

fn points(list: &[[f64; 3]]) -> Vec<Point> {
    list.iter().map(|p| Point::from(*p)).collect()
}

fn value(shape: &Shape, name: &str) -> f64 {
    shape.figures().iter().find(|fact| fact.name == name).unwrap_or_else(|| panic!("no {name}")).value
}

fn turns() -> [Rotation3<f64>; 3] {
    [
        Rotation3::from_euler_angles(0.3, -1.2, 2.0),
        Rotation3::from_axis_angle(&Unit::new_normalize(Vector::new(1.0, 2.0, -0.5)), 2.7),
        Rotation3::identity(),
    ]
}

#[test]
fn a_length_is_the_distance_of_its_ends() {
    let shape = Shape::new(Kind::Length, &points(&[[0.0, 0.0, 5.0], [3.0, 4.0, 17.0]]), None).unwrap();
    assert_eq!(value(&shape, "length"), 13.0);
    let way = points(&[[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [3.0, 4.0, 0.0]]);
    let open = Shape::new(Kind::Polyline, &way, None).unwrap();
    assert_eq!([value(&open, "length"), value(&open, "straight distance")], [7.0, 5.0]);
    assert_eq!(value(&Shape::new(Kind::Curve, &way, None).unwrap(), "length"), 12.0);
}

#[test]
fn angles_do_not_depend_on_where_the_patient_lies_nor_on_the_way_lines_were_drawn() {
    let lines = points(&[[0.0, 0.0, 0.0], [40.0, 0.0, 0.0], [5.0, 0.0, -60.0], [45.0, 0.0, -60.0 + 40.0 * 0.5]]);
    let expected = 0.5_f64.atan().to_degrees();
    for turn in turns() {
        for swapped in [false, true] {
            let mut placed: Vec<Point> = lines.iter().map(|p| turn * p + Vector::new(7.0, -3.0, 900.0)).collect();
            if swapped {
                placed.swap(0, 1);
            }
            let cobb = Shape::new(Kind::Cobb, &placed, None).unwrap();
            assert!((value(&cobb, "Cobb angle") - expected).abs() < 1e-10, "{}", value(&cobb, "Cobb angle"));
            assert!((value(&cobb, "supplementary angle") - 180.0 + expected).abs() < 1e-10);
            let angle = Shape::new(Kind::Angle, &[placed[0], placed[1], placed[3]], None).unwrap();
            let by_cosine = (placed[0] - placed[1]).angle(&(placed[3] - placed[1])).to_degrees();
            assert!((value(&angle, "angle") - by_cosine).abs() < 1e-6);
        }
    }
    // Also where a cosine has lost its digits.
    let flat = points(&[[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1e-9, 0.0]]);
    let tiny = value(&Shape::new(Kind::Angle, &flat, None).unwrap(), "angle");
    assert!((tiny - 1e-9_f64.to_degrees()).abs() < 1e-15);
}

#[test]
fn areas_are_those_of_theory_in_any_plane() {
    for turn in turns() {
        let place = |list: &[[f64; 3]]| -> Vec<Point> {
            list.iter().map(|p| turn * Point::from(*p) + Vector::new(-300.0, 120.0, 1500.0)).collect()
        };
        let ell = [[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [1.0, 1.0], [1.0, 3.0], [0.0, 3.0]].map(|[x, y]| [x, y, 0.0]);
        let region = Shape::new(Kind::Region, &place(&ell), None).unwrap();
        assert!((value(&region, "area") - 6.0).abs() < 1e-9);
        assert!((value(&region, "perimeter") - 14.0).abs() < 1e-9);
        assert!((value(&region, "longest diameter") - 5.0).abs() < 1e-9);
        let ellipse = Shape::new(Kind::Ellipse, &place(&[[2.0, 1.0, 0.0], [7.0, 1.0, 0.0], [2.5, 4.0, 0.0]]), None);
        let ellipse = ellipse.unwrap();
        assert!((value(&ellipse, "area") - PI * 15.0).abs() < 1e-9, "the second axis was put at right angles");
        let [long, short] = ["longest diameter", "widest across it"].map(|name| value(&ellipse, name));
        assert!((long - 10.0).abs() < 1e-9 && (short - 6.0).abs() < 1e-9);
        let rectangle = Shape::new(Kind::Rectangle, &place(&[[0.0, 0.0, 0.0], [8.0, 0.0, 0.0], [8.0, 5.0, 0.0]]), None);
        assert!((value(&rectangle.unwrap(), "area") - 40.0).abs() < 1e-9);
    }
}

#[test]
fn the_perimeter_of_an_ellipse_is_that_of_a_fine_polygon() {
    for (a, b) in [(1.0, 1.0), (5.0, 3.0), (100.0, 0.5)] {
        let n = 400_000;
        let corner = |i: usize| {
            let (sin, cos) = (i as f64 / n as f64 * TAU).sin_cos();
            (a * cos, b * sin)
        };
        let sum: f64 = (0..n)
            .map(|i| {
                let ((x, y), (u, v)) = (corner(i), corner(i + 1));
                (u - x).hypot(v - y)
            })
            .sum();
        assert!((ellipse_perimeter(a, b) - sum).abs() < 1e-7 * sum, "{a} {b}: {}", ellipse_perimeter(a, b));
    }
    assert_eq!(ellipse_perimeter(2.0, 0.0), 8.0);
}

#[test]
fn diameters_of_a_rhombus_are_its_diagonals() {
    let rhombus = Outline::Polygon(vec![[10.0, 0.0], [0.0, 4.0], [-10.0, 0.0], [0.0, -4.0]]);
    let [long, short] = rhombus.diameters().map(|[a, b]| (b[0] - a[0]).hypot(b[1] - a[1]));
    assert!((long - 20.0).abs() < 1e-12 && (short - 8.0).abs() < 1e-6, "{long} {short}");
    // Of a crescent the chord across must not run through the gap.
    let crescent = [[0.0, 0.0], [10.0, 0.0], [10.0, 6.0], [9.0, 6.0], [9.0, 1.0], [1.0, 1.0], [1.0, 6.0], [0.0, 6.0]];
    let [_, across] = Outline::Polygon(crescent.to_vec()).diameters();
    let across = (across[1][0] - across[0][0]).hypot(across[1][1] - across[0][1]);
    assert!(across < 9.0, "{across}");
}

#[test]
fn rows_of_an_outline_are_what_lies_inside() {
    let star = Outline::Polygon(vec![[0.0, 0.0], [6.0, 0.0], [6.0, 5.0], [3.0, 2.0], [0.0, 5.0]]);
    assert_eq!(star.spans(4.0), [[0.0, 1.0], [5.0, 6.0]]);
    assert_eq!(star.spans(9.0), [[0.0; 2]; 0]);
    let ellipse = Outline::Ellipse { centre: [1.0, 2.0], half: [[3.0, 1.0], [-0.5, 2.0]] };
    let v = 2.7;
    let [[low, high]] = ellipse.spans(v)[..] else { panic!("one part") };
    // Both ends solve |M⁻¹(p − c)| = 1.
    for u in [low, high] {
        let (x, y) = (u - 1.0, v - 2.0);
        let det = 3.0 * 2.0 - 1.0 * -0.5;
        let (s, t) = ((2.0 * x + 0.5 * y) / det, (-x + 3.0 * y) / det);
        assert!((s.hypot(t) - 1.0).abs() < 1e-12, "{u}");
    }
}

#[test]
fn an_outline_that_crosses_itself_is_known() {
    let eight = points(&[[0.0, 0.0, 0.0], [4.0, 4.0, 0.0], [4.0, 0.0, 0.0], [0.0, 3.0, 0.0]]);
    assert!(Shape::new(Kind::Region, &eight, None).unwrap().crosses_itself());
    let plain = points(&[[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [4.0, 4.0, 0.0], [0.0, 3.0, 0.0]]);
    assert!(!Shape::new(Kind::Region, &plain, None).unwrap().crosses_itself());
}

#[test]
fn what_cannot_be_measured_is_refused_with_a_reason() {
    let say = |kind, list: &[[f64; 3]], normal| Shape::new(kind, &points(list), normal).unwrap_err().to_string();
    assert_eq!(say(Kind::Length, &[[1.0; 3]], None), "length needs 2 points, not 1");
    assert!(say(Kind::Length, &[[1.0; 3]; 2], None).contains("same place"));
    assert!(say(Kind::Angle, &[[0.0; 3], [f64::NAN; 3], [1.0; 3]], None).contains("point 2"));
    assert!(say(Kind::Region, &[[0.0; 3], [1.0; 3], [2.0; 3]], None).contains("no area"));
    assert!(say(Kind::Ellipse, &[[0.0; 3], [1.0; 3], [2.0; 3]], None).contains("no area"));
    assert!(say(Kind::Point, &[[0.0; 3]], Some(Vector::zeros())).contains("normal"));
    assert!(say(Kind::Region, &[[0.0; 3], [0.0; 3], [1.0; 3], [1.0; 3]], None).contains("same place"));
}

#[test]
fn handles_keep_what_they_promise() {
    let up = Some(Vector::z());
    let list = points(&[[0.0, 0.0, 2.0], [10.0, 0.0, 2.0], [4.0, 3.0, 2.0], [4.0, -2.0, 2.0]]);
    let both = Shape::new(Kind::Bidirectional, &list, up).unwrap();
    let right_angle = |shape: &Shape| {
        let p = shape.points();
        (p[1] - p[0]).dot(&(p[3] - p[2])).abs() < 1e-9
    };
    let wider = both.with_handle(2, Point::new(7.0, 5.0, 9.0)).unwrap();
    assert!(right_angle(&wider) && value(&wider, "short axis") == 7.0 && wider.points()[3].x == 7.0);
    let turned = both.with_handle(1, Point::new(0.0, 20.0, 2.0)).unwrap();
    assert!(right_angle(&turned) && (value(&turned, "long axis") - 20.0).abs() < 1e-12);
    assert!((value(&turned, "short axis") - 5.0).abs() < 1e-12);

    let box_ = points(&[[0.0, 0.0, 0.0], [8.0, 0.0, 0.0], [8.0, 5.0, 0.0]]);
    let rectangle = Shape::new(Kind::Rectangle, &box_, up).unwrap();
    for handle in 0..4 {
        let opposite = rectangle.handles()[(handle + 2) % 4];
        let to = Point::new(30.0, -40.0, 0.0);
        let moved = rectangle.with_handle(handle, to).unwrap();
        let corners = moved.handles();
        assert!(corners.iter().any(|p| (p - opposite).norm() < 1e-9), "the opposite corner stays");
        assert!(corners.iter().any(|p| (p - to).norm() < 1e-9), "the corner is under the hand");
    }

    let round = Shape::new(Kind::Ellipse, &points(&[[1.0, 1.0, 0.0], [5.0, 1.0, 0.0], [1.0, 3.0, 0.0]]), up).unwrap();
    for handle in 1..5 {
        let to = Point::new(-2.0, 7.0, 0.0);
        let moved = round.with_handle(handle, to).unwrap();
        assert!((moved.handles()[handle] - to).norm() < 1e-9, "handle {handle} is under the hand");
        assert!((moved.points()[1] - moved.points()[0]).dot(&(moved.points()[2] - moved.points()[0])).abs() < 1e-9);
    }
    let shift = Vector::new(1.0, 2.0, 3.0);
    assert_eq!(round.with_handle(0, round.points()[0] + shift).unwrap().points()[0].z, 0.0, "it stays in its plane");
    assert_eq!(round.moved(shift).points()[1], round.points()[1] + shift);
}

#[test]
fn planes_have_names() {
    let at = |normal| Shape::new(Kind::Point, &points(&[[-12.04, 34.5, 0.0]]), Some(normal)).unwrap().plane_words();
    assert_eq!(at(Vector::z()), "axial plane at S 0.0 mm");
    assert_eq!(at(Vector::x()), "sagittal plane at R 12.0 mm");
    assert!(at(Vector::new(0.0, 1.0, -1.0)).starts_with("oblique plane through -12.0, 34.5, 0.0 mm"));
}

#[test]
fn a_smooth_curve_says_where_and_how_much_it_bends() {
    // Along a line, half around a circle of 8 mm, and along a line again.
    let mut way: Vec<Point> = (0..5).map(|n| Point::new(f64::from(n) * 5.0 - 22.0, -8.0, 3.0)).collect();
    way.extend((0..=8).map(|n| {
        let angle = f64::from(n) * PI / 8.0 - PI / 2.0;
        Point::new(8.0 * angle.cos(), 8.0 * angle.sin(), 3.0)
    }));
    way.extend((0..5).map(|n| Point::new(f64::from(n) * -5.0 - 2.0, 8.0, 3.0)));
    for turn in turns() {
        let placed: Vec<Point> = way.iter().map(|p| turn * p).collect();
        let shape = Shape::new(Kind::Spline, &placed, None).unwrap();
        assert!((value(&shape, "length") - (44.0 + 8.0 * PI)).abs() < 0.5, "{}", value(&shape, "length"));
        let radius = value(&shape, "smallest radius");
        assert!((6.0..8.3).contains(&radius), "{radius}");
        assert!((value(&shape, "greatest curvature") * radius - 1.0).abs() < 1e-12);
        let tightest = turn.inverse() * shape.tightest().unwrap();
        assert!(-2.5 < tightest.x && (tightest.x.hypot(tightest.y) - 8.0).abs() < 0.7, "{tightest}");
        assert!(200 < shape.strokes()[0].len() && !shape.kind().is_flat());
    }
    let straight = Shape::new(Kind::Spline, &way[..4], None).unwrap();
    assert_eq!(straight.tightest(), None);
    assert!(straight.figures().iter().all(|fact| fact.name != "smallest radius"));
}

#[test]
fn a_path_on_a_surface_is_held_by_its_knots() {
    let way: Vec<Point> = (0..7).map(|n| Point::new(f64::from(n), f64::from(n % 2), 0.0)).collect();
    let shape = Shape::on_surface(&way, &[0, 3, 6], Some(Vector::z())).unwrap();
    assert_eq!(shape.handles(), [way[0], way[3], way[6]]);
    assert!((value(&shape, "length") - 6.0 * 2.0_f64.sqrt()).abs() < 1e-12);
    let moved = shape.with_handle(1, Point::new(3.0, 5.0, 1.0)).unwrap();
    assert_eq!(moved.points(), [way[0], Point::new(3.0, 5.0, 1.0), way[6]]);
    for knots in [&[0_u32, 5][..], &[1, 6], &[0], &[0, 4, 4, 6], &[]] {
        assert!(Shape::on_surface(&way, knots, None).is_err(), "{knots:?}");
    }
}
