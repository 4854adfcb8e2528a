//! Paths on surfaces whose shortest ways are known.

use super::*;
use crate::geom::Vector;
use crate::mesh::Bvh;

/// A grid of `rows` × `columns` cells bent into space by `at`, its diagonals alternating.
fn sheet(rows: u32, columns: u32, at: impl Fn(f64, f64) -> Point) -> Surface {
    let place =
        |n: u32| at(f64::from(n / (columns + 1)) / f64::from(rows), f64::from(n % (columns + 1)) / f64::from(columns));
    let positions = (0..(rows + 1) * (columns + 1)).map(place).collect();
    let cell = |n: u32| {
        let a = n / columns * (columns + 1) + n % columns;
        let [b, c, d] = [a + 1, a + columns + 1, a + columns + 2];
        if (n / columns + n % columns).is_multiple_of(2) { [[a, b, d], [a, d, c]] } else { [[a, b, c], [b, d, c]] }
    };
    Surface::new(positions, (0..rows * columns).flat_map(cell).collect()).unwrap()
}

fn path(surface: &Surface, from: Point, to: Point) -> Vec<Point> {
    let tree = Bvh::new(surface);
    let ends = [from, to].map(|point| tree.closest(&point).unwrap());
    let path = Paths::new(surface).between(&ends[0], &ends[1], &Progress::default()).unwrap();
    for point in &path {
        assert!(tree.closest(point).unwrap().distance_mm < 1e-9, "the path lies on the surface");
    }
    // Between its points too.
    for pair in path.windows(2) {
        assert!(tree.closest(&nalgebra::center(&pair[0], &pair[1])).unwrap().distance_mm < 1e-9);
    }
    path
}

fn length(path: &[Point]) -> f64 {
    path.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum()
}

fn ball() -> Surface {
    let at = |u: f64, v: f64| {
        let (lat, long) = ((0.05 + 0.9 * u) * std::f64::consts::PI, 1.9 * v * std::f64::consts::PI);
        Point::new(30.0 * lat.sin() * long.cos(), 30.0 * lat.sin() * long.sin(), 30.0 * lat.cos())
    };
    sheet(48, 90, at)
}

#[test]
fn on_a_ball_it_is_the_great_circle() {
    let surface = ball();
    for (a, b) in
        [([1.0, 0.2, 0.1], [-0.3, 0.9, 0.4]), ([0.7, 0.7, -0.5], [-1.0, 0.3, 0.5]), ([1.0, 0.1, 0.0], [0.9, 0.5, 0.1])]
    {
        let [a, b] = [a, b].map(|way| Vector::from(way).normalize() * 30.0);
        let path = path(&surface, Point::from(a), Point::from(b));
        let wanted = 30.0 * (a.dot(&b) / 900.0).acos();
        assert!((length(&path) / wanted - 1.0).abs() < 0.01, "{} mm of {wanted}", length(&path));
        // It stays in the plane of the circle.
        let normal = a.cross(&b).normalize();
        let off = path.iter().map(|point| point.coords.dot(&normal).abs()).fold(0.0, f64::max);
        assert!(off < 1.0, "{off} mm beside the great circle");
    }
}

#[test]
fn on_a_cylinder_it_is_the_helix() {
    let at = |u: f64, v: f64| Point::new(12.0 * (5.0 * v).cos(), 12.0 * (5.0 * v).sin(), 60.0 * u);
    let surface = sheet(50, 60, at);
    let place = |angle: f64, z: f64| Point::new(12.0 * angle.cos(), 12.0 * angle.sin(), z);
    let path = path(&surface, place(0.3, 7.0), place(2.8, 51.0));
    let wanted = (12.0 * 2.5_f64).hypot(44.0);
    assert!((length(&path) / wanted - 1.0).abs() < 0.005, "{} mm of {wanted}", length(&path));
    // Half-way round it is half-way up.
    let middle = path.iter().min_by(|a, b| (a.z - 29.0).abs().total_cmp(&(b.z - 29.0).abs())).unwrap();
    assert!((middle.y.atan2(middle.x) - 1.55).abs() < 0.08, "{middle}");
}

#[test]
fn on_a_plane_it_is_the_straight_line_and_from_part_to_part_there_is_none() {
    let flat = sheet(9, 7, |u, v| Point::new(40.0 * u, 30.0 * v, 2.0));
    let [a, b] = [Point::new(1.3, 2.2, 2.0), Point::new(37.1, 23.9, 2.0)];
    let found = length(&path(&flat, a, b));
    assert!((found - (b - a).norm()).abs() < 1e-4, "{found}");
    let mut positions = flat.positions().to_vec();
    positions.extend(flat.positions().iter().map(|point| point + Vector::new(0.0, 0.0, 9.0)));
    let shift = flat.positions().len() as u32;
    let other = flat.triangles().iter().map(|corners| corners.map(|vertex| vertex + shift));
    let both = Surface::new(positions, flat.triangles().iter().copied().chain(other).collect()).unwrap();
    let tree = Bvh::new(&both);
    let ends = [a, a + Vector::new(5.0, 0.0, 9.0)].map(|point| tree.closest(&point).unwrap());
    let refused = Paths::new(&both).between(&ends[0], &ends[1], &Progress::default());
    assert_eq!(refused, Err(PathError::Apart));
}
