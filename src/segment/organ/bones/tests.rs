//! Names on made skeletons.

use super::super::tests::chest;
use super::run;
use crate::base::Progress;
use crate::geom::{Grid, Point};
use crate::image::Volume;
use crate::segment::SegmentError;
use std::sync::Arc;

/// A scan from its values; patient left is +x, back is +y, head is +z.
fn scan(dims: [usize; 3], first: [f64; 3], hu: impl Fn(Point) -> i16) -> Volume<i16> {
    let grid = Arc::new(Grid::aligned(dims, Point::from(first), [3.0; 3]).unwrap());
    let voxels = (0..grid.len()).map(|at| hu(grid.centre(grid.voxel(at))) + (at * 7 % 11) as i16).collect();
    Volume::new(grid, voxels).unwrap()
}

/// A vertebral column along z whose canal runs at x = 0, y = 0; no value outside it.
fn column(p: Point) -> Option<i16> {
    let canal = p.x.hypot(p.y);
    let body = (p.x / 24.0).hypot((p.y + 26.0) / 16.0);
    match () {
        () if canal < 8.0 => Some(30),
        () if canal < 13.0 => Some(600),
        () if body < 1.0 => Some(if 0.8 < body { 500 } else { 220 }),
        () => None,
    }
}

fn in_body(p: Point, half: [f64; 2]) -> i16 {
    if (p.x / half[0]).hypot((p.y + 40.0) / half[1]) < 1.0 { 40 } else { -1000 }
}

/// Hip bones as plates beside the column, with the heads of the femora in them; the joints are 3 mm of cartilage.
fn pelvis() -> Volume<i16> {
    let shell = |depth_mm: f64| if depth_mm < 3.0 { 700 } else { 220 };
    scan([130, 90, 60], [-193.5, -170.0, -90.0], |p| {
        let aside = p.x.abs();
        let head = ((aside - 88.0).powi(2) + (p.y + 40.0).powi(2) + (p.z + 40.0).powi(2)).sqrt();
        let neck = (p.y + 40.0).hypot(p.z + 50.0);
        let shaft = (aside - 130.0).hypot(p.y + 40.0);
        let plate = (aside - 80.0 - 0.3 * (p.y + 40.0)).abs();
        match column(p).filter(|_| -40.0 < p.z) {
            Some(hu) => hu,
            None if head < 24.0 => shell(24.0 - head),
            None if 88.0 < aside && aside < 130.0 && neck < 12.0 => shell(12.0 - neck),
            None if head < 27.0 => 40,
            None if shaft < 14.0 && p.z < -35.0 => shell(14.0 - shaft),
            None if plate < 9.0 && (p.y + 40.0).abs() < 45.0 => shell(9.0 - plate),
            None => in_body(p, [180.0, 110.0]),
        }
    })
}

/// A skull with its brain on a column.
fn head() -> Volume<i16> {
    scan([70, 80, 70], [-103.5, -140.0, -100.0], |p| {
        let skull = (p.x / 70.0).hypot((p.y + 20.0) / 85.0).hypot((p.z - 40.0) / 62.0);
        match column(p).filter(|_| p.z < -20.0) {
            Some(hu) => hu,
            None if skull < 0.9 => 35,
            None if skull < 1.0 => 900,
            None if p.z < 20.0 => in_body(p, [60.0, 70.0]),
            None if skull < 1.06 => 40,
            None => -1000,
        }
    })
}

/// The names at places of a scan, in order.
fn names<const N: usize>(ct: &Volume<i16>, places: [[f64; 3]; N]) -> [String; N] {
    let organ = run(ct, None, &Progress::default()).unwrap();
    places.map(|place| {
        let label = organ.labels.at(ct.grid().voxel_at(Point::from(place)).unwrap());
        organ
            .labels
            .segments()
            .iter()
            .find(|segment| segment.id.0 == label)
            .map_or_else(String::new, |s| s.name.clone())
    })
}

#[test]
fn a_column_between_lungs_is_a_spine_and_nothing_else() {
    let organ = run(chest(), None, &Progress::default()).unwrap();
    let names: Vec<&str> = organ.labels.segments().iter().map(|segment| segment.name.as_str()).collect();
    assert_eq!(names, ["spine"]);
}

#[test]
fn hips_spine_and_the_heads_of_the_femora_are_told_apart() {
    let places =
        [[0.0, -26.0, 0.0], [80.0, -40.0, 40.0], [-80.0, -40.0, 40.0], [88.0, -40.0, -40.0], [-88.0, -40.0, -40.0]];
    let hip = "hip bones";
    let limb = "limbs and shoulder girdle";
    assert_eq!(names(&pelvis(), places), ["spine", hip, hip, limb, limb]);
}

#[test]
fn a_skull_is_bone_around_brain_and_the_neck_is_spine() {
    assert_eq!(
        names(&head(), [[0.0, -20.0, 99.0], [67.0, -20.0, 40.0], [0.0, -26.0, -80.0]]),
        ["skull", "skull", "spine"]
    );
}

#[test]
fn a_thigh_is_refused() {
    let thigh = scan([60, 60, 40], [-90.0, -90.0, 0.0], |p| match p.x.hypot(p.y) {
        r if r < 7.0 => -60,
        r if r < 14.0 => 900,
        r if r < 80.0 => 50,
        _ => -1000,
    });
    let refused = run(&thigh, None, &Progress::default()).unwrap_err();
    assert!(matches!(refused, SegmentError::NotFound { organ: "spine or skull", .. }), "{refused}");
}
