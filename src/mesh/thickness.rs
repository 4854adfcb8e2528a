//! How thick a body is at every vertex of its surface.

use super::{Bvh, Field, Surface};
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// A ball whose two points of touch are seen from its middle under less than this angle sits on a bump, not in a wall.
const SEPARATION_COS: f64 = 0.85;

/// Diameter in mm, at most `most_mm`, of the largest ball inside the body that touches the surface at each vertex.
///
/// The shrinking ball of Ma, Bae and Choi 2012, "3D medial axis point approximation using nearest neighbors and the normal
/// field": a ball behind the vertex shrinks until no part of the surface lies in it. Balls that a bump of the surface would
/// make tiny keep the size they had before (Peters 2018, separation angle).
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn thickness(surface: &Surface, most_mm: f64, progress: &Progress) -> Result<Field, Cancelled> {
    let bvh = Bvh::new(surface);
    let normals = surface.vertex_normals();
    let count = surface.positions().len();
    let mut values = vec![0.0; count];
    const BLOCK: usize = 1024;
    values.par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, values)| {
        progress.check()?;
        for (n, value) in values.iter_mut().enumerate() {
            let v = block * BLOCK + n;
            let (p, normal) = (surface.positions()[v], normals[v]);
            let mut radius = 0.5 * most_mm;
            for step in 0..40 {
                let middle = p - normal * radius;
                let Some(touch) = bvh.closest(&middle) else { break };
                let way = p - touch.point;
                let ahead = normal.dot(&way);
                if radius * (1.0 - 1e-6) <= touch.distance_mm || ahead <= 0.0 {
                    break;
                }
                let cos = (p - middle).dot(&(touch.point - middle)) / (radius * touch.distance_mm).max(1e-300);
                if 0 < step && SEPARATION_COS < cos {
                    break;
                }
                radius = way.norm_squared() / (2.0 * ahead);
            }
            *value = (2.0 * radius).min(most_mm);
        }
        Ok(())
    })?;
    progress.set(1.0)?;
    Ok(Field::new("thickness", "mm", values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::torus;

    #[test]
    fn a_tube_has_its_thickness_within_a_tenth() {
        // Normals of a contour tilt a little, and a ball along a tilted normal is smaller: 7.35 mm for 8.
        let field = thickness(&torus(20.0, 4.0, 0.8), 50.0, &Progress::default()).unwrap();
        let mut values = field.values.to_vec();
        values.sort_by(f64::total_cmp);
        let median = values[values.len() / 2];
        assert!((median - 8.0).abs() < 0.8, "{median} mm");
    }
}
