//! Shared vertices for triangles that were stored one by one.

use super::{Surface, SurfaceError};
use crate::geom::Point;
use std::collections::HashMap;

/// The surface of triangles given by their corners, three in a row: equal corners become one vertex, numbered in the order of
/// their first use, and triangles with two equal corners are left out.
///
/// # Errors
/// [`SurfaceError::NotFinite`] if a coordinate is not a finite number.
pub fn weld(corners: &[Point]) -> Result<Surface, SurfaceError> {
    let mut number: HashMap<[u64; 3], u32> = HashMap::with_capacity(corners.len() / 5);
    let mut positions = Vec::with_capacity(corners.len() / 5);
    let mut triangles = Vec::with_capacity(corners.len() / 3);
    for corners in corners.chunks_exact(3) {
        let triangle = [0, 1, 2].map(|n| {
            // Adding 0 makes −0 equal to 0.
            let key = [0, 1, 2].map(|axis| (corners[n][axis] + 0.0).to_bits());
            *number.entry(key).or_insert_with(|| {
                positions.push(corners[n]);
                positions.len() as u32 - 1
            })
        });
        let [a, b, c] = triangle;
        if a != b && b != c && c != a {
            triangles.push(triangle);
        }
    }
    Surface::new(positions, triangles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_corners_become_one_vertex() {
        let p = |x: f64, y: f64| Point::new(x, y, 0.0);
        let corners = [
            p(0.0, 0.0),
            p(1.0, 0.0),
            p(0.0, 1.0),
            p(1.0, -0.0),
            p(1.0, 1.0),
            p(0.0, 1.0),
            p(0.0, 0.0),
            p(-0.0, 0.0),
            p(1.0, 1.0),
        ];
        let surface = weld(&corners).unwrap();
        assert_eq!(surface.triangles(), [[0, 1, 2], [1, 3, 2]]);
        assert_eq!(surface.positions().len(), 4);
    }
}
