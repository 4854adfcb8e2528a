//! Where a plane meets a surface: the curves, and what lies inside of them.

use super::Surface;
use crate::geom::{Plane, Point};

/// The curves in which a plane meets a surface.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// Straight pieces, in no order; each runs through one triangle.
    pub segments: Vec<[Point; 2]>,
    /// Whether every curve comes back to where it began, so that it has an inside.
    pub closed: bool,
}

/// The section of `surface` at `plane`.
///
/// A vertex on the plane counts as lying on the side of the normal, so that every piece runs from edge to edge, neighbours
/// share their ends bit for bit, and no piece is there twice.
pub fn section(surface: &Surface, plane: &Plane) -> Section {
    let positions = surface.positions();
    let heights: Vec<f64> = positions.iter().map(|point| plane.distance_mm(point)).collect();
    let is_above = |v: u32| 0.0 <= heights[v as usize];
    let (mut segments, mut edges) = (Vec::new(), Vec::new());
    for corners in surface.triangles() {
        let above = corners.map(is_above);
        if above[0] == above[1] && above[1] == above[2] {
            continue;
        }
        // The corner that is alone on its side; both edges that are crossed end there.
        let alone = (0..3).find(|n| above[*n] != above[(n + 1) % 3] && above[*n] != above[(n + 2) % 3]);
        let alone = alone.expect("of three corners on two sides one is alone");
        let ends = [1, 2].map(|step| edge(corners[alone], corners[(alone + step) % 3]));
        segments.push(ends.map(|[a, b]| {
            let [from, to] = [a, b].map(|v| heights[v as usize]);
            let part = from / (from - to);
            positions[a as usize] + (positions[b as usize] - positions[a as usize]) * part
        }));
        edges.extend(ends);
    }
    edges.sort_unstable();
    let closed = edges.chunk_by(|a, b| a == b).all(|uses| uses.len().is_multiple_of(2));
    Section { segments, closed }
}

/// An edge, whichever way it is met.
fn edge(a: u32, b: u32) -> [u32; 2] {
    [a.min(b), a.max(b)]
}

/// The cells of a raster in the plane that lie inside closed curves: `curves` are pieces in cells of the raster, of which
/// cell (0, 0) has its centre at (0, 0). One byte per cell, row by row, 1 inside by the even-odd rule.
pub fn inside(curves: &[[[f64; 2]; 2]], [width, height]: [usize; 2]) -> Vec<u8> {
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); height];
    for [a, b] in curves {
        let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
        // Rows whose centre line y meets low.y <= y < high.y: a shared end is counted once.
        let first = low[1].ceil().max(0.0) as usize;
        let end = high[1].ceil().clamp(0.0, height as f64) as usize;
        for (row, met) in crossings.iter_mut().enumerate().take(end).skip(first) {
            let part = (row as f64 - low[1]) / (high[1] - low[1]);
            met.push(low[0] + (high[0] - low[0]) * part);
        }
    }
    let mut cells = vec![0; width * height];
    for (row, met) in cells.chunks_mut(width.max(1)).zip(&mut crossings) {
        met.sort_unstable_by(f64::total_cmp);
        for pair in met.chunks_exact(2) {
            let [first, end] = [pair[0], pair[1]].map(|x| x.ceil().clamp(0.0, width as f64) as usize);
            row[first..end].fill(1);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::mesh::shapes::{ball, cuboid, torus};

    fn length(section: &Section) -> f64 {
        section.segments.iter().map(|[a, b]| (b - a).norm()).sum()
    }

    #[test]
    fn a_ball_is_cut_in_a_circle() {
        let plane = Plane::new(Point::new(0.0, 0.0, 6.0), Vector::z()).unwrap();
        let cut = section(&ball(10.0, 0.5), &plane);
        assert!(cut.closed);
        for point in cut.segments.iter().flatten() {
            assert!((point.z - 6.0).abs() < 1e-9 && (point.coords.norm() - 10.0).abs() < 0.1, "{point}");
        }
        let around = std::f64::consts::TAU * 8.0;
        assert!((length(&cut) - around).abs() < 0.01 * around, "{} mm of {around}", length(&cut));
        let beside = Plane::new(Point::new(0.0, 0.0, 10.5), Vector::z()).unwrap();
        assert!(section(&ball(10.0, 0.5), &beside).segments.is_empty());
    }

    #[test]
    fn a_plane_through_vertices_and_faces_still_gives_closed_curves_once() {
        // The plane holds a whole face of the block, and later whole edges of it.
        let block = cuboid([8.0, 6.0, 4.0]);
        let bounds = block.bounds();
        for (point, normal, around) in [
            (bounds.max, -Vector::z(), None),
            (bounds.centre(), Vector::z(), Some(28.0)),
            (bounds.centre(), Vector::new(6.0, -8.0, 0.0), Some(28.0)),
        ] {
            let cut = section(&block, &Plane::new(point, normal).unwrap());
            assert!(cut.closed, "{point} {normal}");
            if let Some(around) = around {
                assert!((length(&cut) - around).abs() < 1e-9, "{} mm", length(&cut));
            }
        }
    }

    #[test]
    fn an_open_surface_has_curves_without_inside() {
        let ball = ball(10.0, 1.0);
        let half: Vec<[u32; 3]> =
            ball.triangles().iter().copied().filter(|t| ball.corners(*t).iter().all(|p| p.x < 1.0)).collect();
        let half = Surface::new(ball.positions().to_vec(), half).unwrap();
        let plane = Plane::new(Point::new(0.0, 0.0, 0.1), Vector::z()).unwrap();
        let cut = section(&half, &plane);
        assert!(!cut.closed && !cut.segments.is_empty());
    }

    #[test]
    fn cells_inside_of_a_ring_are_those_between_its_circles() {
        let ring = torus(20.0, 5.0, 0.4);
        let cut = section(&ring, &Plane::new(Point::new(0.0, 0.0, 0.01), Vector::z()).unwrap());
        assert!(cut.closed);
        let cells = |p: Point| [(p.x + 32.0) * 2.0, (p.y + 32.0) * 2.0];
        let curves: Vec<_> = cut.segments.iter().map(|ends| ends.map(cells)).collect();
        let filled = inside(&curves, [128, 128]);
        for (n, mark) in filled.iter().enumerate() {
            let [x, y] = [n % 128, n / 128].map(|n| n as f64 * 0.5 - 32.0);
            let from_axis = (x.hypot(y) - 20.0).abs();
            if 0.4 < (from_axis - 5.0).abs() {
                assert_eq!(*mark == 1, from_axis < 5.0, "{x} {y}");
            }
        }
        assert!(inside(&curves, [0, 0]).is_empty());
    }
}
