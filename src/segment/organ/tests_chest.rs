//! Nodule, body composition and lobes on small bodies of known truth.

use super::tests::{SPACING_MM, at, chest};
use super::{Organ, preset};
use crate::base::{Progress, SegmentId, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::Volume;
use crate::segment::{SegmentError, score};
use std::sync::Arc;

fn run(id: &str, ct: &Volume<i16>, seed: Option<Point>) -> Result<Organ, SegmentError> {
    (preset(id).unwrap().run)(ct, seed, &Progress::default())
}

/// The small chest with a nodule at `centre` in the left lung and a vessel that leads to it.
fn with_nodule(centre: Point, radius_mm: f64) -> (Volume<i16>, Volume<u8>) {
    let grid = Arc::clone(chest().grid());
    let mut rng = Rng::new(8);
    let inside = |p: Point| (p - centre).norm() <= radius_mm;
    let values = (0..grid.len()).map(|offset| {
        let p = grid.centre(grid.voxel(offset));
        let (hu, _) = at(p);
        let vessel =
            hu < -500 && (p.x - centre.x).hypot(p.y - centre.y) < 3.0 && centre.z < p.z && p.z < centre.z + 40.0;
        (if inside(p) || vessel { 40 } else { hu }) + (10.0 * rng.normal()) as i16
    });
    let truth = (0..grid.len()).map(|offset| u8::from(inside(grid.centre(grid.voxel(offset))))).collect();
    (Volume::new(Arc::clone(&grid), values.collect()).unwrap(), Volume::new(Arc::clone(&grid), truth).unwrap())
}

#[test]
fn a_nodule_comes_off_its_vessel() {
    let centre = Point::new(85.0, 0.0, 0.0);
    let (ct, truth) = with_nodule(centre, 10.0);
    let organ = run("nodule", &ct, Some(Point::new(83.0, 2.0, 1.0))).unwrap();
    let found = score(&organ.labels.mask(SegmentId(1)), &truth, &Progress::default()).unwrap();
    assert!(0.85 < found.dice, "{found:?}");
    let along = organ.labels.at(ct.grid().voxel_at(Point::new(85.0, 0.0, 30.0)).unwrap());
    assert_eq!(along, 0, "the vessel is no nodule");
}

#[test]
fn a_click_beside_a_nodule_or_none_is_refused() {
    let (ct, _) = with_nodule(Point::new(85.0, 0.0, 0.0), 10.0);
    let refused = run("nodule", &ct, Some(Point::new(75.0, -45.0, 0.0))).unwrap_err();
    assert!(matches!(refused, SegmentError::BadSeed { .. }), "{refused}");
    let refused = run("nodule", &ct, Some(Point::new(9_000.0, 0.0, 0.0))).unwrap_err();
    assert!(matches!(refused, SegmentError::SeedOutside(_)), "{refused}");
    assert!(run("nodule", &ct, None).unwrap_err().to_string().contains("click into its middle"));
}

/// A belly: fat under the skin, a muscle wall of 10 mm, fat within, an organ and a spine. HU and tissue: 1 fat under the
/// skin, 2 muscle, 3 fat of the cavity, 4 organ, 5 bone.
fn belly(p: Point) -> (i16, u8) {
    let e = (p.x / 150.0).hypot(p.y / 100.0);
    if 1.0 < e {
        return (-1000, 0);
    }
    let depth_mm = (1.0 - e) * p.xy().coords.norm() / e.max(1e-9);
    let spine = (p.x / 20.0).hypot((p.y - 50.0) / 18.0);
    if spine <= 1.0 {
        return (if 0.7 < spine { 600 } else { 160 }, 5);
    }
    if 25.0 < depth_mm || e < 0.1 {
        let organ = ((p.x - 60.0) / 35.0).hypot((p.y + 10.0) / 30.0) < 1.0;
        return if organ { (60, 4) } else { (-100, 3) };
    }
    if depth_mm < 15.0 { (-100, 1) } else { (55, 2) }
}

#[test]
fn fat_is_told_apart_by_the_muscle_wall() {
    let grid = Arc::new(Grid::aligned([128, 88, 24], Point::new(-159.0, -109.0, -29.0), [SPACING_MM; 3]).unwrap());
    let mut rng = Rng::new(6);
    let places: Vec<(i16, u8)> = (0..grid.len()).map(|offset| belly(grid.centre(grid.voxel(offset)))).collect();
    let values = places.iter().map(|(hu, _)| hu + (8.0 * rng.normal()) as i16).collect();
    let ct = Volume::new(Arc::clone(&grid), values).unwrap();
    let organ = run("composition", &ct, None).unwrap();
    let found = organ.labels.to_volume();
    let share = |tissue: u8, name: &str| {
        let id = organ.labels.segment_named(name).unwrap().id.0;
        let of = places.iter().zip(found.voxels()).filter(|((_, truth), _)| *truth == tissue);
        let (hits, n) =
            of.fold((0.0, 0.0), |(hits, n), (_, label)| (hits + f64::from(u8::from(*label == id)), n + 1.0));
        hits / n
    };
    let [under, wall, cavity] = [share(1, "subcutaneous fat"), share(2, "muscle"), share(3, "visceral fat")];
    // The outermost 3 mm are skin, and beside the spine fat counts as lying between muscles.
    assert!(0.7 < under && 0.85 < wall && 0.75 < cavity, "{under} {wall} {cavity}");
    assert!(share(3, "subcutaneous fat") < 0.02 && share(1, "visceral fat") < 0.02);
    assert!(share(4, "muscle") < 0.05, "{} of the organ is called muscle", share(4, "muscle"));
}

#[test]
fn lungs_without_fissures_have_no_lobes_to_believe() {
    match run("lobes", chest(), None) {
        Err(SegmentError::NotFound { organ, .. }) => assert_eq!(organ, "lobes"),
        Err(other) => panic!("{other}"),
        Ok(organ) => assert!(organ.summary.value("confidence") < Some(0.5), "{:?}", organ.summary),
    }
}

#[test]
fn a_chest_without_contrast_has_no_heart_to_show() {
    let refused = run("heart", chest(), None).unwrap_err();
    assert!(matches!(refused, SegmentError::NotFound { .. }), "{refused}");
}
