//! Surfaces of known size, for tests, verification and benchmarks.

use super::Surface;
use super::contour::iso_surface;
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;

/// A ball around the origin, contoured on voxels of `voxel_mm`.
///
/// # Panics
/// For a radius or voxel that is not positive.
pub fn ball(radius_mm: f64, voxel_mm: f64) -> Surface {
    of(|p| radius_mm - p.coords.norm(), radius_mm, voxel_mm)
}

/// A ring around the z axis: radius of the circle its middle runs along, and of the tube.
///
/// # Panics
/// For a radius or voxel that is not positive.
pub fn torus(circle_mm: f64, tube_mm: f64, voxel_mm: f64) -> Surface {
    let inside = |p: Point| tube_mm - ((p.x.hypot(p.y) - circle_mm).powi(2) + p.z * p.z).sqrt();
    of(inside, circle_mm + tube_mm, voxel_mm)
}

/// A box from the origin to `size_mm`, of twelve triangles.
pub fn cuboid(size_mm: [f64; 3]) -> Surface {
    let [x, y, z] = size_mm;
    let at = |n: usize| Point::new(x * (n & 1) as f64, y * (n >> 1 & 1) as f64, z * (n >> 2) as f64);
    let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
    let triangles = quads.iter().flat_map(|[a, b, c, d]| [[*a, *b, *c], [*a, *c, *d]]).collect();
    Surface::new((0..8).map(at).collect(), triangles).expect("eight corners are named")
}

/// The corners of an icosahedron on the unit sphere, and its faces; outside is where their corners turn left.
pub fn icosahedron() -> ([Vector; 12], [[u32; 3]; 20]) {
    let g = 0.5 * (1.0 + 5.0_f64.sqrt());
    let corners = [
        [-1.0, g, 0.0],
        [1.0, g, 0.0],
        [-1.0, -g, 0.0],
        [1.0, -g, 0.0],
        [0.0, -1.0, g],
        [0.0, 1.0, g],
        [0.0, -1.0, -g],
        [0.0, 1.0, -g],
        [g, 0.0, -1.0],
        [g, 0.0, 1.0],
        [-g, 0.0, -1.0],
        [-g, 0.0, 1.0],
    ];
    #[rustfmt::skip]
    let faces = [
        [0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6],
        [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7],
        [9, 8, 1],
    ];
    (corners.map(|corner| Vector::from(corner).normalize()), faces)
}

fn of(inside: impl Fn(Point) -> f64, reach_mm: f64, voxel_mm: f64) -> Surface {
    let n = (2.0 * reach_mm / voxel_mm).ceil() as usize + 4;
    // Off the middle, so that no voxel centre lies on a symmetry of the shape.
    let start = -0.5 * voxel_mm * (n - 1) as f64 + 0.13 * voxel_mm;
    let grid = Grid::aligned([n; 3], Point::new(start, start, start), [voxel_mm; 3]).expect("a positive voxel");
    let values: Vec<f32> = (0..grid.len()).map(|o| inside(grid.centre(grid.voxel(o))) as f32).collect();
    let volume = Volume::new(grid, values).expect("one value per voxel");
    iso_surface(&volume, 0.0, &Progress::default()).expect("the shape is larger than a voxel")
}
