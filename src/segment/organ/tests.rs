//! The presets on a small chest of known truth.

use super::preset;
use crate::base::{Progress, SegmentId, parallel};
use crate::geom::{Grid, Point, Vector};
use crate::image::{LabelMap, Volume};
use crate::segment::{SegmentError, score};
use std::sync::{Arc, OnceLock};

pub(super) const SPACING_MM: f64 = 2.5;
const RIGHT: usize = 1;
const LEFT: usize = 2;
const AIRWAY: usize = 3;
const BONE: usize = 4;
const BODY: usize = 5;

/// A chest on a table, and the truth of each of its parts.
struct Chest {
    ct: Volume<i16>,
    truth: Vec<u8>,
}

/// Distance of `p` from the segment `ab`.
fn from_line(p: Point, a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (Point::from(a), Point::from(b));
    let t = ((p - a).dot(&(b - a)) / (b - a).norm_squared()).clamp(0.0, 1.0);
    (p - a - (b - a) * t).norm()
}

fn in_ellipsoid(p: Point, centre: [f64; 3], radii: [f64; 3]) -> bool {
    (p - Point::from(centre)).component_div(&Vector::from(radii)).norm() <= 1.0
}

/// HU and part at a place. Patient left is +x, back is +y, head is +z.
pub(super) fn at(p: Point) -> (i16, usize) {
    let outside = 1.0 < (p.x / 150.0).powi(2) + (p.y / 100.0).powi(2);
    if outside {
        return if (110.0..118.0).contains(&p.y) && p.x.abs() < 170.0 { (150, 0) } else { (-1000, 0) };
    }
    let bronchi = [([0.0, 0.0, 40.0], [-62.0, 5.0, 5.0]), ([0.0, 0.0, 40.0], [62.0, 5.0, 5.0])];
    let tube = from_line(p, [0.0, 0.0, 40.0], [0.0, 0.0, 200.0]) - 8.0;
    let tube = bronchi.iter().map(|(a, b)| from_line(p, *a, *b) - 5.5).fold(tube, f64::min);
    if tube <= 0.0 {
        return (-1000, AIRWAY);
    }
    let spine = (p.x / 18.0).powi(2) + ((p.y - 55.0) / 15.0).powi(2);
    if spine <= 1.0 {
        return (if 0.6 < spine { 600 } else { 160 }, BONE);
    }
    let canal = from_line(Point::new(p.x, p.y, 0.0), [0.0, 78.0, 0.0], [0.0, 78.001, 0.0]);
    if canal < 14.0 {
        return if canal < 7.0 { (20, BODY) } else { (500, BONE) };
    }
    let lung = |x| in_ellipsoid(p, [x, 0.0, 0.0], [55.0, 75.0, 95.0]);
    if 3.0 < tube && lung(-75.0) {
        // A vessel runs through the right lung.
        return (if from_line(p, [-60.0, 10.0, 0.0], [-110.0, 20.0, 30.0]) < 4.0 { 50 } else { -850 }, RIGHT);
    }
    if 3.0 < tube && lung(75.0) {
        return (-850, LEFT);
    }
    (40, BODY)
}

/// The small chest.
pub(super) fn chest() -> &'static Volume<i16> {
    &scene().ct
}

fn scene() -> &'static Chest {
    static CHEST: OnceLock<Chest> = OnceLock::new();
    CHEST.get_or_init(|| {
        let dims = [140, 104, 80];
        let grid = Arc::new(Grid::aligned(dims, Point::new(-174.0, -130.0, -99.0), [SPACING_MM; 3]).unwrap());
        let mut rng = crate::base::rng::Rng::new(3);
        let (mut voxels, mut truth) = (Vec::new(), Vec::new());
        for offset in 0..grid.len() {
            let (hu, part) = at(grid.centre(grid.voxel(offset)));
            voxels.push(hu + (10.0 * rng.normal()) as i16);
            truth.push(part as u8);
        }
        Chest { ct: Volume::new(grid, voxels).unwrap(), truth }
    })
}

fn truth(wanted: impl Fn(usize) -> bool) -> Volume<u8> {
    let voxels = scene().truth.iter().map(|part| u8::from(wanted(usize::from(*part)))).collect();
    Volume::new(Arc::clone(scene().ct.grid()), voxels).unwrap()
}

fn run(id: &str) -> super::Organ {
    (preset(id).unwrap().run)(&scene().ct, None, &Progress::default()).unwrap()
}

fn dice(labels: &LabelMap, id: u8, truth: &Volume<u8>) -> f64 {
    score(&labels.mask(SegmentId(id)), truth, &Progress::default()).unwrap().dice
}

#[test]
fn the_body_is_everything_but_the_table() {
    let organ = run("body");
    let found = dice(&organ.labels, 1, &truth(|part| part != 0));
    assert!(0.99 < found, "{found}");
    assert_eq!(organ.summary.value("confidence"), Some(0.95), "{:?}", organ.summary.warnings);
}

#[test]
fn lungs_are_right_and_left_with_their_vessels_and_without_the_main_bronchi() {
    let organ = run("lungs");
    let names: Vec<&str> = organ.labels.segments().iter().map(|segment| segment.name.as_str()).collect();
    assert_eq!(names, ["right lung", "left lung"]);
    let found = [RIGHT, LEFT].map(|side| dice(&organ.labels, side as u8, &truth(|part| part == side)));
    assert!(found.iter().all(|dice| 0.96 < *dice), "{found:?}");
    let trachea = scene().ct.grid().voxel_at(Point::new(0.0, 0.0, 70.0)).unwrap();
    let vessel = scene().ct.grid().voxel_at(Point::new(-85.0, 15.0, 15.0)).unwrap();
    assert_eq!((organ.labels.at(trachea), organ.labels.at(vessel)), (0, RIGHT as u8));
}

#[test]
fn the_airway_is_followed_without_leaking_into_the_lung() {
    let organ = run("airway");
    let score = score(&organ.labels.mask(SegmentId(1)), &truth(|part| part == AIRWAY), &Progress::default()).unwrap();
    assert!(0.9 < score.dice, "{score:?}");
    let lung = organ.labels.at(scene().ct.grid().voxel_at(Point::new(100.0, 0.0, 0.0)).unwrap());
    assert_eq!(lung, 0);
}

/// From the right main bronchus a hole leads into lung whose values rise so slowly outwards that every 10 HU add 5 ml.
#[test]
fn a_slow_leak_into_the_lung_is_stopped() {
    let grid = Arc::clone(scene().ct.grid());
    let mut rng = crate::base::rng::Rng::new(4);
    let leaky = (0..grid.len()).map(|offset| {
        let p = grid.centre(grid.voxel(offset));
        let far_mm3 = (p - Point::new(-88.0, 5.0, 5.0)).norm().powi(3);
        let hu = match at(p) {
            _ if from_line(p, [-60.0, 5.0, 5.0], [-88.0, 5.0, 5.0]) < 4.0 => -985.0,
            (_, RIGHT) => f64::min(-955.0 + 8.4e-3 * far_mm3, -850.0),
            (hu, _) => f64::from(hu),
        };
        (hu + 5.0 * rng.normal()) as i16
    });
    let ct = Volume::new(Arc::clone(&grid), leaky.collect()).unwrap();
    let organ = (preset("airway").unwrap().run)(&ct, None, &Progress::default()).unwrap();
    let found = organ.labels.mask(SegmentId(1));
    let ml_in = |part: usize| {
        let both =
            found.voxels().iter().zip(&scene().truth).filter(|(v, truth)| **v != 0 && usize::from(**truth) == part);
        both.count() as f64 * grid.voxel_mm3() / 1000.0
    };
    let whole =
        truth(|part| part == AIRWAY).voxels().iter().filter(|v| **v != 0).count() as f64 * grid.voxel_mm3() / 1000.0;
    assert!(ml_in(RIGHT) < 8.0, "{:.1} ml of lung", ml_in(RIGHT));
    assert!(0.85 * whole < ml_in(AIRWAY), "{:.1} of {whole:.1} ml", ml_in(AIRWAY));
}

#[test]
fn bone_has_its_marrow_but_not_the_spinal_canal_nor_the_table() {
    let organ = run("bone");
    let found = dice(&organ.labels, 1, &truth(|part| part == BONE));
    assert!(0.93 < found, "{found}");
    let at = |y: f64| organ.labels.at(scene().ct.grid().voxel_at(Point::new(0.0, y, 0.0)).unwrap());
    assert_eq!((at(55.0), at(78.0), at(114.0)), (1, 0, 0));
}

#[test]
fn a_scan_without_contrast_has_no_aorta_to_show() {
    let refused = (preset("vessel").unwrap().run)(&scene().ct, None, &Progress::default()).unwrap_err();
    assert!(matches!(refused, SegmentError::NotFound { organ: "aorta with contrast", .. }), "{refused}");
    let seed = Some(Point::new(0.0, 20.0, -50.0));
    let refused = (preset("vessel").unwrap().run)(&scene().ct, seed, &Progress::default()).unwrap_err();
    assert!(matches!(refused, SegmentError::BadSeed { .. }), "{refused}");
}

/// A bright vessel of `radius_mm` along the patient in a block of soft tissue, without air, lungs or bone.
fn lone_vessel(radius_mm: f64) -> (Volume<i16>, Vec<u8>) {
    let grid = Grid::aligned([60, 60, 50], Point::new(-30.0, -30.0, 0.0), [1.0; 3]).unwrap();
    let inside = |offset: usize| {
        let p = grid.centre(grid.voxel(offset));
        (p.x - 2.0 - 0.1 * p.z).hypot(p.y) <= radius_mm
    };
    let truth: Vec<u8> = (0..grid.len()).map(|offset| u8::from(inside(offset))).collect();
    let hu = truth.iter().enumerate().map(|(n, vessel)| i16::from(*vessel) * 310 + 45 + (n * 7 % 13) as i16).collect();
    (Volume::new(grid, hu).unwrap(), truth)
}

#[test]
fn a_lone_vessel_is_blood_and_not_bone_however_wide() {
    for radius_mm in [3.0, 6.0, 12.0] {
        let (ct, truth) = lone_vessel(radius_mm);
        let seed = Some(Point::new(4.5, 0.0, 25.0));
        let organ = (preset("vessel").unwrap().run)(&ct, seed, &Progress::default()).unwrap();
        let found = organ.labels.to_volume();
        let both = found.voxels().iter().zip(&truth).filter(|(a, b)| **a != 0 && **b != 0).count();
        let each = [found.voxels(), &truth].map(|all| all.iter().filter(|v| **v != 0).count());
        let dice = 2.0 * both as f64 / (each[0] + each[1]) as f64;
        assert!(0.95 < dice, "{radius_mm} mm: {dice}");
    }
}

#[test]
fn what_is_not_an_axial_ct_is_refused() {
    let ct = &scene().ct;
    let bright = Volume::new(Arc::clone(ct.grid()), vec![300_i16; ct.grid().len()]).unwrap();
    let coronal = nalgebra::Matrix3::new(2.5, 0.0, 0.0, 0.0, 0.0, 2.5, 0.0, -2.5, 0.0);
    let coronal = Grid::new(ct.grid().dims(), Point::origin(), coronal).unwrap();
    let coronal = Volume::new(coronal, ct.voxels().to_vec()).unwrap();
    for preset in super::PRESETS {
        let refused = |ct| (preset.run)(ct, None, &Progress::default()).unwrap_err();
        assert!(matches!(refused(&bright), SegmentError::NotCt { .. }));
        assert!(matches!(refused(&coronal), SegmentError::NotAxial { .. }));
    }
}

#[test]
fn a_body_without_lungs_is_told_so() {
    let voxels = scene().ct.voxels().iter().zip(&scene().truth);
    let voxels = voxels.map(|(hu, part)| if *part == 0 { *hu } else { 40 }).collect();
    let solid = Volume::new(Arc::clone(scene().ct.grid()), voxels).unwrap();
    for id in ["lungs", "airway"] {
        let refused = (preset(id).unwrap().run)(&solid, None, &Progress::default()).unwrap_err();
        assert!(matches!(refused, SegmentError::NotFound { .. }), "{refused}");
    }
}

#[test]
fn a_cancelled_preset_stops() {
    let progress = Progress::default();
    progress.cancel();
    for preset in super::PRESETS {
        assert!(matches!((preset.run)(&scene().ct, None, &progress), Err(SegmentError::Cancelled(_))), "{}", preset.id);
    }
}

#[test]
fn one_thread_and_three_find_the_same_organ() {
    for id in ["lungs", "bone"] {
        let hash = || run(id).labels.content_hash();
        assert_eq!(parallel::with_threads(1, hash), parallel::with_threads(3, hash), "{id}");
    }
}
