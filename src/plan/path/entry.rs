//! Where a path goes through the skin or the skull, and at which angle.

use super::{Path, PathError};
use crate::geom::{Point, Ray, Vector};
use crate::mesh::{Bvh, Surface};

/// A path may begin this far above or under the surface and count as beginning on it: what a mouse click or a voxel is off by.
const ON_SURFACE_MM: f64 = 3.0;

/// How a path enters a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkinEntry {
    /// Where.
    pub at: Point,
    /// Depth from the path's entry; 0 or more, or a little less where that lies just under the surface.
    pub depth_mm: f64,
    /// Unit normal of the surface there, outwards, smoothed over the corners of the triangle.
    pub normal: Vector,
    /// Angle between the path and the normal, 0 for straight in.
    pub angle_degrees: f64,
    /// From there to the target.
    pub inside_mm: f64,
}

/// Where `path` enters the closed `surface` and at which angle.
///
/// `normals` are those of the surface's vertices ([`Surface::vertex_normals`]).
///
/// # Errors
/// [`PathError`] if there is no surface, the path begins more than 3 mm under it, or does not meet it.
pub fn skin_entry(path: &Path, surface: &Bvh, normals: &[Vector]) -> Result<SkinEntry, PathError> {
    if surface.surface().triangles().is_empty() {
        return Err(PathError::NoSurface);
    }
    let before_mm = ON_SURFACE_MM.min(path.length_mm());
    // From a little before the entry, so that one which lies just under the surface still passes it.
    let start = [before_mm, 0.0].into_iter().find(|back| !surface.is_inside(&path.at(-back)));
    let Some(back_mm) = start else {
        let depth_mm = surface.closest(&path.entry()).map_or(0.0, |nearest| nearest.distance_mm);
        return Err(PathError::EntryInside { depth_mm });
    };
    let hit = surface.first_hit(&Ray { origin: path.at(-back_mm), direction: path.along() });
    let hit = hit.filter(|hit| hit.distance_mm <= path.length_mm() + back_mm).ok_or(PathError::Misses)?;
    let normal = normal_at(surface.surface(), normals, hit.triangle, hit.weights);
    let depth_mm = hit.distance_mm - back_mm;
    let angle_degrees = (-path.along().dot(&normal)).clamp(-1.0, 1.0).acos().to_degrees();
    Ok(SkinEntry { at: hit.point, depth_mm, normal, angle_degrees, inside_mm: path.length_mm() - depth_mm })
}

/// The unit normal between the corners of a triangle; that of the triangle itself where theirs cancel.
fn normal_at(surface: &Surface, normals: &[Vector], triangle: usize, weights: [f64; 3]) -> Vector {
    let corners = surface.triangles()[triangle];
    let smooth: Vector = corners.iter().zip(weights).map(|(v, w)| normals[*v as usize] * w).sum();
    smooth.try_normalize(1e-6).unwrap_or_else(|| {
        let [a, b, c] = surface.corners(corners);
        (b - a).cross(&(c - a)).try_normalize(1e-12).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::ball;

    #[test]
    fn a_ball_is_entered_at_the_angle_of_its_normal() {
        let body = Bvh::new(&ball(50.0, 2.0));
        let normals = body.surface().vertex_normals();
        let enter = |entry: Point, target: Point| skin_entry(&Path::new(entry, target, 1.0).unwrap(), &body, &normals);
        let straight = enter(Point::new(0.0, -80.0, 0.0), Point::new(0.0, -10.0, 0.0)).unwrap();
        assert!(straight.angle_degrees < 2.0 && (straight.depth_mm - 30.0).abs() < 0.1, "{straight:?}");
        // At y = 30 the ball has x = 40: the normal is 36.87° from the x axis.
        let slanted = enter(Point::new(70.0, 30.0, 0.0), Point::new(0.0, 30.0, 0.0)).unwrap();
        assert!((slanted.angle_degrees - 36.87).abs() < 2.0, "{slanted:?}");
        assert!((slanted.inside_mm - 40.0).abs() < 0.2);
        let just_under = enter(Point::new(0.0, -48.0, 0.0), Point::new(0.0, 0.0, 0.0)).unwrap();
        assert!((just_under.depth_mm + 2.0).abs() < 0.1, "{just_under:?}");
    }

    #[test]
    fn paths_that_do_not_enter_are_refused() {
        let body = Bvh::new(&ball(50.0, 4.0));
        let normals = body.surface().vertex_normals();
        let refused = |body: &Bvh, entry: Point, target: Point| {
            skin_entry(&Path::new(entry, target, 1.0).unwrap(), body, &normals).unwrap_err().to_string()
        };
        let (out, deep) = (Point::new(0.0, -80.0, 0.0), Point::new(0.0, -20.0, 0.0));
        assert!(refused(&body, deep, Point::origin()).contains("mm under the surface"));
        assert!(refused(&body, out, Point::new(0.0, -60.0, 0.0)).contains("does not pass"));
        let nothing = Bvh::new(&Surface::new(Vec::new(), Vec::new()).unwrap());
        assert!(refused(&nothing, out, deep).contains("no skin"));
    }
}
