//! Surfaces mirrored and put together.

use super::Surface;
use crate::geom::Plane;

/// The mirror image of `surface` in `plane`, turned so that it points outward again.
pub fn mirror(surface: &Surface, plane: &Plane) -> Surface {
    let place = surface.positions().iter().map(|p| p - plane.normal() * (2.0 * plane.distance_mm(p)));
    let triangles = surface.triangles().iter().map(|[a, b, c]| [*a, *c, *b]).collect();
    Surface::new(place.collect(), triangles).expect("as many vertices as before, and finite")
}

/// All of `surfaces` as one, as they are: nothing is joined or cut. `None` if 32 bits cannot number the vertices.
pub fn append(surfaces: &[Surface]) -> Option<Surface> {
    let count: usize = surfaces.iter().map(|surface| surface.positions().len()).sum();
    u32::try_from(count).ok()?;
    let (mut positions, mut triangles) = (Vec::with_capacity(count), Vec::new());
    for surface in surfaces {
        let first = positions.len() as u32;
        positions.extend_from_slice(surface.positions());
        triangles.extend(surface.triangles().iter().map(|corners| corners.map(|v| v + first)));
    }
    Surface::new(positions, triangles).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Point, Vector};
    use crate::mesh::shapes::cuboid;

    #[test]
    fn a_mirror_image_has_the_same_volume_on_the_other_side() {
        let cube = cuboid([1.0, 2.0, 3.0]);
        let plane = Plane::new(Point::new(5.0, 0.0, 0.0), Vector::x()).unwrap();
        let image = mirror(&cube, &plane);
        assert!((image.volume_ml() - cube.volume_ml()).abs() < 1e-12 && image.open_edges() == 0);
        assert_eq!((image.bounds().min.x, image.bounds().max.x), (9.0, 10.0));
        let both = append(&[cube.clone(), image]).unwrap();
        assert!((both.volume_ml() - 2.0 * cube.volume_ml()).abs() < 1e-12 && both.open_edges() == 0);
        assert_eq!(both.positions().len(), 16);
    }
}
