//! Gaps between an implant and bone: over the side that faces the bone, with bounds.

use crate::geom::{Point, Vector};
use crate::mesh::Surface;
use crate::plan::Bounded;
use rayon::prelude::*;

/// Up to this distance (mm) a place of the implant faces the bone.
pub const FACING_MM: f64 = 6.0;
/// What counts as near, in mm.
pub const NEAR_MM: [f64; 2] = [0.5, 1.0];
/// A place faces the bone if the way out of the implant there goes to the bone, at most 60° off.
const FACING_COSINE: f64 = 0.5;
/// Half the way over which it is asked whether a place faces the bone.
const ASIDE_MM: f64 = 0.05;
/// Places are this far apart, or farther on an implant that would have more than so many.
const STEP_MM: f64 = 0.5;
const PLACES_MAX: f64 = 60_000.0;

/// The gaps of an implant.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaps {
    /// What faces the bone, mm².
    pub facing_mm2: f64,
    /// The mean over it by area, places within the bone counting as 0.
    pub mean_mm: Bounded,
    /// The largest.
    pub max_mm: Bounded,
    /// Parts of it within each of [`NEAR_MM`], in per cent.
    pub near_percent: [Bounded; 2],
    /// How deep the implant is in the bone at most.
    pub deepest_mm: Bounded,
}

/// The gaps of `implant`, where it was put: `distance_mm` tells how far a place is from the bone, negative within it, and is
/// known within `half_mm`. None if nothing faces the bone within [`FACING_MM`].
pub fn gaps(implant: &Surface, distance_mm: impl Fn(&Point) -> f64 + Sync, half_mm: f64) -> Option<Gaps> {
    let area_mm2: f64 = implant.triangles().iter().map(|own| crossed(implant, own).norm() * 0.5).sum();
    let step_mm = STEP_MM.max((area_mm2 / PLACES_MAX).sqrt());
    // Area, distance, and whether it faces the bone, place by place.
    let looked = |triangle: &[u32; 3]| {
        let [a, b, c] = implant.corners(*triangle);
        let twice = crossed(implant, triangle);
        let Some(normal) = twice.try_normalize(0.0) else {
            return Vec::new();
        };
        let longest = (b - a).norm().max((c - b).norm()).max((a - c).norm());
        let parts = (longest / step_mm).ceil().clamp(1.0, 1000.0) as usize;
        let own_mm2 = 0.5 * twice.norm() / (parts * parts) as f64;
        let place = |u: f64, v: f64| a + (b - a) * (u / parts as f64) + (c - a) * (v / parts as f64);
        let upright =
            (0..parts).flat_map(|v| (0..parts - v).map(move |u| (u as f64 + 1.0 / 3.0, v as f64 + 1.0 / 3.0)));
        let turned =
            (0..parts).flat_map(|v| (0..parts - v - 1).map(move |u| (u as f64 + 2.0 / 3.0, v as f64 + 2.0 / 3.0)));
        let looked = upright.chain(turned).map(|(u, v)| {
            let at = place(u, v);
            let mm = distance_mm(&at);
            let rise = distance_mm(&(at + normal * ASIDE_MM)) - distance_mm(&(at - normal * ASIDE_MM));
            (own_mm2, mm, mm <= FACING_MM && rise <= -FACING_COSINE * 2.0 * ASIDE_MM)
        });
        looked.collect::<Vec<_>>()
    };
    let all: Vec<(f64, f64, bool)> = implant.triangles().par_iter().flat_map_iter(looked).collect();
    let faced: Vec<(f64, f64)> = all.iter().filter(|(.., faces)| *faces).map(|(mm2, mm, _)| (*mm2, *mm)).collect();
    let facing_mm2: f64 = faced.iter().map(|(mm2, _)| mm2).sum();
    if facing_mm2 <= 0.0 {
        return None;
    }
    let mean = |more: f64| faced.iter().map(|(mm2, mm)| mm2 * (mm + more).max(0.0)).sum::<f64>() / facing_mm2;
    let share = |is_near: &dyn Fn(f64) -> bool| {
        let near = faced.iter().filter(|(_, mm)| is_near(mm.abs()));
        100.0 * near.map(|(mm2, _)| mm2).sum::<f64>() / facing_mm2
    };
    let near_percent = NEAR_MM.map(|near| Bounded {
        value: share(&|mm| mm <= near),
        low: share(&|mm| mm + half_mm <= near),
        high: share(&|mm| mm - half_mm <= near),
    });
    let largest = faced.iter().map(|(_, mm)| *mm).fold(0.0, f64::max);
    let deepest = all.iter().map(|(_, mm, _)| -mm).fold(0.0, f64::max);
    Some(Gaps {
        facing_mm2,
        mean_mm: Bounded { value: mean(0.0), low: mean(-half_mm), high: mean(half_mm) },
        max_mm: Bounded::within(largest, half_mm).at_least(0.0),
        near_percent,
        deepest_mm: Bounded::within(deepest, half_mm).at_least(0.0),
    })
}

/// Twice the area of a triangle, along its normal.
fn crossed(surface: &Surface, triangle: &[u32; 3]) -> Vector {
    let [a, b, c] = surface.corners(*triangle);
    (b - a).cross(&(c - a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel::with_threads;
    use crate::mesh::shapes::cuboid;

    /// A plate of 40 × 10 × 2 mm over flat bone that ends at z = 20, its lower face at `z` and risen by `tilt` along x.
    fn over(z: f64, tilt: f64) -> Option<Gaps> {
        let plate = cuboid([40.0, 10.0, 2.0]);
        let put = plate.positions().iter().map(|p| Point::new(p.x, p.y, p.z + z + tilt * p.x)).collect();
        let plate = plate.with_positions(put).unwrap();
        let run = || gaps(&plate, |point| point.z - 20.0, 0.1);
        assert_eq!(run(), with_threads(1, run));
        run()
    }

    #[test]
    fn a_flat_plate_has_one_gap() {
        let found = over(20.4, 0.0).unwrap();
        assert!((found.facing_mm2 - 400.0).abs() < 1e-6, "only its lower face faces the bone");
        assert!((found.mean_mm.value - 0.4).abs() < 1e-9 && (found.max_mm.value - 0.4).abs() < 1e-9);
        assert!((found.mean_mm.low - 0.3).abs() < 1e-9 && (found.mean_mm.high - 0.5).abs() < 1e-9);
        assert_eq!(found.near_percent.map(|near| near.value.round()), [100.0, 100.0]);
        assert_eq!(found.deepest_mm, Bounded { value: 0.0, low: 0.0, high: 0.1 });
        assert_eq!(over(30.0, 0.0), None, "out of reach");
    }

    #[test]
    fn a_tilted_plate_has_the_gaps_of_a_wedge() {
        // From 0 to 2 mm along its length.
        let found = over(20.0, 0.05).unwrap();
        assert!((found.mean_mm.value - 1.0).abs() < 0.01 && (found.max_mm.value - 2.0).abs() < 0.03, "{found:?}");
        assert!((found.near_percent[0].value - 25.0).abs() < 1.0 && (found.near_percent[1].value - 50.0).abs() < 1.0);
        assert!((found.near_percent[1].low - 45.0).abs() < 1.5 && (found.near_percent[1].high - 55.0).abs() < 1.5);
    }

    #[test]
    fn what_is_sunk_is_deep_and_has_no_gap() {
        let found = over(19.2, 0.0).unwrap();
        assert!((found.deepest_mm.value - 0.8).abs() < 1e-6 && found.mean_mm.value == 0.0, "{found:?}");
        assert_eq!(found.near_percent.map(|near| near.value.round()), [0.0, 100.0]);
    }
}
