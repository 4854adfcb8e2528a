//! How thick a body is at every vertex of its surface.

use super::box_tree::BoxTree;
use super::bvh::closest_on_triangle;
use super::{Field, Surface};
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Vector};
use rayon::prelude::*;

/// Only triangles that look at least this much the other way bound the ball: the cosine of the angle between the normals.
/// Triangles of the same side touch any ball whose axis is tilted by the facets, and say nothing of thickness.
const OPPOSING_COS: f64 = -0.25;
/// The part of its radius by which the other side may reach into a ball: facets do as much.
const NEAR_ENOUGH: f64 = 2e-3;
/// A ball shrinks by large steps; more are never needed.
const STEPS: usize = 40;
/// Vertices between two questions whether to stop.
const BLOCK: usize = 1024;

/// Diameter in mm, at most `most_mm`, of the largest ball inside the body that touches the surface at each vertex and holds
/// nothing of the opposite side.
///
/// The shrinking ball of Ma, Bae and Choi 2012, "3D medial axis point approximation using nearest neighbors and the normal
/// field": a ball behind the vertex shrinks until no part of the other side lies in it.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn thickness(surface: &Surface, most_mm: f64, progress: &Progress) -> Result<Field, Cancelled> {
    let boxes: Vec<Aabb> = surface.triangles().par_iter().map(|t| Aabb::of(surface.corners(*t))).collect();
    let tree = BoxTree::new(&boxes);
    let facing = |t: &[u32; 3]| {
        let [a, b, c] = surface.corners(*t);
        (b - a).cross(&(c - a)).try_normalize(1e-30).unwrap_or_default()
    };
    let faces: Vec<Vector> = surface.triangles().par_iter().map(facing).collect();
    let normals = surface.vertex_normals();
    let mut values = vec![0.0; surface.positions().len()];
    values.par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, values)| {
        progress.check()?;
        for (n, value) in values.iter_mut().enumerate() {
            let v = block * BLOCK + n;
            let (p, normal) = (surface.positions()[v], normals[v]);
            let mut radius = 0.5 * most_mm;
            for _ in 0..STEPS {
                let middle = p - normal * radius;
                let nearest = tree.nearest(&middle, |triangle| {
                    if OPPOSING_COS < faces[triangle as usize].dot(&normal) {
                        return f64::INFINITY;
                    }
                    let corners = surface.corners(surface.triangles()[triangle as usize]);
                    (closest_on_triangle(&middle, corners).0 - middle).norm_squared()
                });
                let Some((triangle, squared)) = nearest.filter(|(_, squared)| squared.is_finite()) else { break };
                let touch = closest_on_triangle(&middle, surface.corners(surface.triangles()[triangle as usize])).0;
                let way = p - touch;
                let ahead = normal.dot(&way);
                if radius * (1.0 - NEAR_ENOUGH) <= squared.sqrt() || ahead <= 0.0 {
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
    use crate::mesh::shapes::{cuboid, torus};

    #[test]
    fn a_tube_has_its_thickness_within_a_few_hundredths() {
        let field = thickness(&torus(20.0, 4.0, 0.8), 50.0, &Progress::default()).unwrap();
        let mut values = field.values.to_vec();
        values.sort_by(f64::total_cmp);
        let median = values[values.len() / 2];
        assert!((median - 8.0).abs() < 0.25, "{median} mm");
        assert!(6.8 < values[0], "{} mm", values[0]);
    }

    #[test]
    fn a_plate_is_as_thick_as_it_is_between_its_faces_and_at_its_edges() {
        let field = thickness(&cuboid([30.0, 20.0, 2.5]), 50.0, &Progress::default()).unwrap();
        let [low, _] = field.range().unwrap();
        assert!((2.4..4.5).contains(&low), "{low} mm");
    }
}
