//! Tubes along polylines: streamlines that can be lit and seen from every side.

use super::build::mesh;
use bevy::math::Vec3;
use bevy::mesh::Mesh;

/// Sides of a tube.
const SIDES: usize = 5;

/// A polyline with a value from 0 to 1 at each place, in Bevy's space.
pub(super) struct Path {
    pub(super) points: Vec<Vec3>,
    pub(super) values: Vec<f32>,
}

/// The places worth keeping: at least `step_mm` apart or where the direction turns by more than ten degrees.
pub(super) fn kept(points: &[Vec3], step_mm: f32) -> Vec<usize> {
    let mut kept = vec![0];
    let mut before = Vec3::ZERO;
    for n in 1..points.len() {
        let last = points[kept[kept.len() - 1]];
        let way = points[n] - last;
        let direction = way.normalize_or_zero();
        let turns = before != Vec3::ZERO && direction.dot(before) < 0.985;
        if step_mm <= way.length() || (turns && 0.2 * step_mm <= way.length()) || n + 1 == points.len() {
            before = direction;
            kept.push(n);
        }
    }
    kept
}

/// One mesh of all tubes, each of `radius_mm`.
pub(super) fn tubes(paths: &[Path], radius_mm: f32) -> Mesh {
    let rings: usize = paths.iter().map(|path| path.points.len()).sum();
    let (mut positions, mut normals) = (Vec::with_capacity(rings * SIDES), Vec::with_capacity(rings * SIDES));
    let (mut values, mut indices) = (Vec::with_capacity(rings * SIDES), Vec::with_capacity(rings * SIDES * 6));
    for Path { points, values: along } in paths.iter().filter(|path| 1 < path.points.len()) {
        let mut across = (points[1] - points[0]).normalize_or(Vec3::X).any_orthonormal_vector();
        for (n, point) in points.iter().enumerate() {
            let (before, after) = (points[n.saturating_sub(1)], points[(n + 1).min(points.len() - 1)]);
            let direction = (after - before).normalize_or(Vec3::X);
            // Carried along without twist: what is left of the last direction across, made perpendicular again.
            across = (across - direction * across.dot(direction)).normalize_or(direction.any_orthonormal_vector());
            let other = direction.cross(across);
            let start = positions.len() as u32;
            for side in 0..SIDES {
                let (sin, cos) = (side as f32 * std::f32::consts::TAU / SIDES as f32).sin_cos();
                let normal = across * cos + other * sin;
                positions.push((*point + normal * radius_mm).to_array());
                normals.push(normal.to_array());
                values.push(along[n]);
                if 0 < n {
                    let next = (side as u32 + 1) % SIDES as u32;
                    let (a, b) = (start - SIDES as u32 + side as u32, start - SIDES as u32 + next);
                    let (c, d) = (start + side as u32, start + next);
                    indices.extend([a, b, c, c, b, d]);
                }
            }
        }
    }
    mesh(positions, normals, Some(values), indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_lines_keep_few_places_and_always_their_ends() {
        let straight: Vec<Vec3> = (0..101).map(|n| Vec3::new(n as f32 * 0.1, 0.0, 0.0)).collect();
        let kept = kept(&straight, 2.0);
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 100));
        assert!((5..=7).contains(&kept.len()), "{kept:?}");
    }

    #[test]
    fn a_tube_has_its_radius_everywhere_and_outward_normals() {
        let arc = |n: usize| Vec3::new((n as f32 * 0.1).cos() * 20.0, (n as f32 * 0.1).sin() * 20.0, n as f32);
        let points: Vec<Vec3> = (0..30).map(arc).collect();
        let mesh = tubes(&[Path { values: vec![0.5; 30], points: points.clone() }], 0.7);
        let get = |attribute| mesh.attribute(attribute).and_then(|values| values.as_float3()).unwrap().to_vec();
        let (positions, normals) = (get(Mesh::ATTRIBUTE_POSITION), get(Mesh::ATTRIBUTE_NORMAL));
        assert_eq!(positions.len(), 30 * SIDES);
        for (n, (p, normal)) in positions.iter().zip(&normals).enumerate() {
            let from_axis = Vec3::from(*p) - points[n / SIDES];
            assert!((from_axis.length() - 0.7).abs() < 1e-4);
            assert!((from_axis.normalize() - Vec3::from(*normal)).length() < 1e-4);
        }
        let indices: Vec<usize> = mesh.indices().unwrap().iter().collect();
        assert_eq!(indices.len(), 29 * SIDES * 6);
        for triangle in indices.chunks(3) {
            let [a, b, c] = [0, 1, 2].map(|n| Vec3::from(positions[triangle[n]]));
            assert!(0.0 < (b - a).cross(c - a).dot(Vec3::from(normals[triangle[0]])), "triangles face outwards");
        }
    }
}
