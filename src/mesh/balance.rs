//! A surface moved along its normals until it holds a given volume.

use super::Surface;
use crate::base::units::MM3_PER_ML;

/// Newton steps; the volume is a cubic of the distance, and two steps leave errors far below that of any voxel count.
const STEPS: usize = 2;

/// `surface` with all vertices moved outward by one distance, at most `reach_mm`, such that it encloses `volume_ml`; and the
/// distance in mm, negative for inward.
///
/// For a closed surface that smoothing has shrunk a little. Beyond `reach_mm` the shape would be another: the volume is then
/// only approached.
pub fn with_volume(surface: &Surface, volume_ml: f64, reach_mm: f64) -> (Surface, f64) {
    let normals = surface.vertex_normals();
    let (mut now, mut moved_mm) = (surface.clone(), 0.0);
    for _ in 0..STEPS {
        let area_mm2 = 100.0 * now.area_cm2();
        let missing_mm3 = MM3_PER_ML * (volume_ml - now.volume_ml());
        if area_mm2 <= 0.0 || !missing_mm3.is_finite() {
            break;
        }
        let wanted_mm: f64 = moved_mm + missing_mm3 / area_mm2;
        moved_mm = wanted_mm.clamp(-reach_mm, reach_mm);
        let positions = surface.positions().iter().zip(&normals).map(|(p, normal)| p + normal * moved_mm).collect();
        now = surface.with_positions(positions).expect("a finite distance along unit normals");
    }
    (now, moved_mm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::{ball, torus};

    #[test]
    fn a_ball_and_a_torus_take_the_volume_asked_for() {
        for body in [ball(10.0, 0.8), torus(15.0, 6.0, 0.8)] {
            for factor in [0.97, 1.0, 1.02] {
                let wanted = factor * body.volume_ml();
                let (moved, mm) = with_volume(&body, wanted, 1.0);
                assert!((moved.volume_ml() / wanted - 1.0).abs() < 1e-5, "{} of {wanted} ml", moved.volume_ml());
                assert_eq!(mm < -1e-6, factor < 1.0);
            }
        }
    }

    #[test]
    fn a_volume_out_of_reach_is_only_approached() {
        let (moved, mm) = with_volume(&ball(10.0, 0.8), 100.0, 0.2);
        assert_eq!(mm, 0.2);
        assert!(moved.volume_ml() < 5.0);
    }

    #[test]
    fn nothing_is_left_as_it_is() {
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert_eq!(with_volume(&nothing, 1.0, 1.0), (nothing, 0.0));
    }
}
