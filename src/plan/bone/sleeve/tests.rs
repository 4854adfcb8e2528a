//! Guides for drills on bodies whose surfaces are known, and on a real vertebra where test data are.

use super::*;
use crate::geom::Ray;
use crate::mesh::shapes::{ball, cuboid};

const COARSE: SleeveRules = SleeveRules {
    clearance_mm: 0.4,
    thickness_mm: 3.0,
    radius_mm: 9.0,
    play_mm: 0.2,
    wall_mm: 2.5,
    height_mm: 12.0,
    drill_length_mm: None,
    bridge_mm: 6.0,
    voxel_mm: 0.5,
};

fn drilled(name: &str, entry: [f64; 3], target: [f64; 3]) -> Drilled {
    let path = Path::new(Point::from(entry), Point::from(target), 5.0).unwrap();
    Drilled { name: name.into(), path, drill_mm: 3.2 }
}

fn make(bone: &Surface, paths: &[Drilled], rules: &SleeveRules) -> Result<DrillGuide, SleeveError> {
    drill_guide(bone, paths, None, rules, Some(0.65), &Progress::default())
}

fn said(bone: &Surface, paths: &[Drilled], rules: &SleeveRules) -> String {
    make(bone, paths, rules).unwrap_err().to_string()
}

/// Blocks as one surface, each moved.
fn blocks(all: &[([f64; 3], [f64; 3])]) -> Surface {
    let (mut positions, mut triangles) = (Vec::new(), Vec::<[u32; 3]>::new());
    for (size, at) in all {
        let (block, first) = (cuboid(*size), positions.len() as u32);
        positions.extend(block.positions().iter().map(|p| p + Vector::from(*at)));
        triangles.extend(block.triangles().iter().map(|corners| corners.map(|v| v + first)));
    }
    Surface::new(positions, triangles).unwrap()
}

/// What every guide must keep: closed, along its paths, as wide as the drill and its play, and off the bone.
fn is_sound(guide: &DrillGuide, rules: &SleeveRules) {
    assert_eq!((guide.surface.open_edges(), guide.not_valid.as_deref()), (0, None));
    assert!(0.0 < guide.volume_ml);
    // The bone is met in cubes of half a millimetre.
    assert!((guide.clearance_mm - rules.clearance_mm).abs() < 0.2, "{}", guide.clearance_mm);
    for Sleeve { name, made, bore_mm, drill_mm, .. } in &guide.sleeves {
        assert!(made.off_mm < 0.1 && made.off_degrees < 0.2, "{name}: {made:?}");
        assert!((bore_mm - drill_mm - rules.play_mm).abs() < 1e-12);
        assert!((made.diameter_mm - bore_mm).abs() < 0.1, "{name}: {made:?} for {bore_mm}");
    }
    let search = Bvh::new(&guide.surface);
    for Sleeve { foot, out, height_mm, bore_mm, outer_mm, .. } in &guide.sleeves {
        // One looks through it, and its face is flat where the stop comes to lie.
        let above = foot + out * (height_mm + 20.0);
        assert!(search.first_hit(&Ray { origin: above, direction: -out }).is_none());
        let [u, v] = crate::geom::Plane::new(*foot, *out).unwrap().across();
        for n in 0..8 {
            let (sin, cos) = (f64::from(n) * std::f64::consts::TAU / 8.0).sin_cos();
            let origin = above + (u * cos + v * sin) * 0.25 * (bore_mm + outer_mm);
            let hit = search.first_hit(&Ray { origin, direction: -out }).unwrap();
            assert!((hit.distance_mm - 20.0).abs() < 0.1, "{}", hit.distance_mm);
        }
    }
}

#[test]
fn a_sleeve_on_a_ball_leads_along_its_path_and_the_stop_ends_at_its_tip() {
    let bone = ball(20.0, 1.0);
    // A quarter slanted, and not along any axis of the grid.
    let path = drilled("left", [2.0, 3.0, 20.5], [5.0, -2.0, 2.0]);
    let guide = make(&bone, std::slice::from_ref(&path), &COARSE).unwrap();
    is_sound(&guide, &COARSE);
    let [sleeve] = &guide.sleeves[..] else { panic!("one path") };
    assert!((sleeve.foot.coords.norm() - 20.0).abs() < 0.05 && sleeve.height_mm == 12.0, "{sleeve:?}");
    let inside_mm = (path.path.target() - sleeve.foot).norm();
    assert!((sleeve.depth_mm - inside_mm).abs() < 1e-6);
    let normal = sleeve.foot.coords.normalize();
    assert!((sleeve.slant_degrees - normal.angle(&sleeve.out).to_degrees()).abs() < 3.0, "{sleeve:?}");
    // It comes off: nothing reaches under the widest part of the ball, seen along the way off.
    assert!(guide.surface.positions().iter().all(|p| 0.0 < p.coords.dot(&guide.off)));
    // A drill of known length says how high the sleeve is.
    let rules = SleeveRules { drill_length_mm: Some(32.0), ..COARSE };
    let guide = make(&bone, std::slice::from_ref(&path), &rules).unwrap();
    assert!((guide.sleeves[0].height_mm + guide.sleeves[0].depth_mm - 32.0).abs() < 1e-9);
    is_sound(&guide, &rules);
    let short = said(&bone, std::slice::from_ref(&path), &SleeveRules { drill_length_mm: Some(20.0), ..COARSE });
    assert!(short.starts_with("a drill of 20 mm leaves a sleeve of ") && short.contains("take one of 2"), "{short}");
}

#[test]
fn two_sleeves_are_bridged_over_bone_and_over_a_gap() {
    // Two plates 8 mm apart: nothing lies under the middle of the bridge.
    let bone = blocks(&[([20.0, 30.0, 10.0], [0.0; 3]), ([20.0, 30.0, 10.0], [28.0, 0.0, 0.0])]);
    let paths = [
        drilled("left", [11.0, 15.0, 10.0], [9.0, 15.0, 1.0]),
        drilled("right", [37.0, 15.0, 10.0], [39.0, 15.0, 1.0]),
    ];
    let rules = SleeveRules { radius_mm: 6.0, ..COARSE };
    let guide = make(&bone, &paths, &rules).unwrap();
    is_sound(&guide, &rules);
    assert!((guide.off - Vector::z()).norm() < 1e-9);
    assert!(Bvh::new(&guide.surface).is_inside(&Point::new(24.0, 15.0, 13.0)), "the bar between both");
    let without = said(&bone, &paths, &SleeveRules { bridge_mm: 0.0, ..rules });
    assert!(without.starts_with("the sleeve of right is not joined to that of left"), "{without}");
}

#[test]
fn sleeves_that_cannot_stand_say_why() {
    let plate = blocks(&[([60.0, 40.0, 10.0], [0.0; 3])]);
    let straight = |x: f64| drilled(if x < 30.0 { "left" } else { "right" }, [x, 20.0, 10.0], [x, 20.0, 2.0]);
    let one = |bone: &Surface| said(bone, &[straight(20.0)], &COARSE);
    let wall = blocks(&[([60.0, 40.0, 10.0], [0.0; 3]), ([30.0, 40.0, 30.0], [22.0, 0.0, 5.0])]);
    assert!(one(&wall).starts_with("the sleeve of left runs into the bone: it is 12.0 mm high"), "{}", one(&wall));
    let roof = blocks(&[([60.0, 40.0, 10.0], [0.0; 3]), ([60.0, 40.0, 5.0], [0.0, 0.0, 40.0])]);
    assert!(one(&roof).starts_with("bone stands in the way of the drill 2"), "{}", one(&roof));
    let off = said(&plate, &[drilled("left", [20.0, 20.0, 19.0], [20.0, 20.0, 2.0])], &COARSE);
    assert!(off.starts_with("left enters the bone 9.0 mm from its entry"), "{off}");
    let beside = said(&plate, &[drilled("left", [20.0, 20.0, 12.0], [20.0, 30.0, 12.0])], &COARSE);
    assert!(beside.contains("does not go into the bone from outside"), "{beside}");
    let near = said(&plate, &[straight(29.0), straight(34.0)], &COARSE);
    // Bores of 3.4 mm and a wall of 2.5 mm need 5.9 mm.
    assert!(near.starts_with("the sleeves of left and right run into each other by 0.9 mm"), "{near}");
    let crossing =
        [drilled("a", [20.0, 20.0, 10.0], [14.0, 20.0, 1.0]), drilled("b", [36.0, 20.0, 10.0], [42.0, 20.0, 1.0])];
    let crossing = said(&plate, &crossing, &COARSE);
    assert!(crossing.contains("run into each other"), "{crossing}");
    let thin = said(&plate, &[straight(20.0)], &SleeveRules { wall_mm: 0.5, ..COARSE });
    assert!(thin.starts_with("the wall of the sleeve in mm is 0.5"), "{thin}");
    let coarse = said(&plate, &[straight(20.0)], &SleeveRules { voxel_mm: 0.9, wall_mm: 1.5, ..COARSE });
    assert!(coarse.contains("at most half the wall"), "{coarse}");
    let aside = drill_guide(&plate, &[straight(20.0)], Some(Vector::x()), &COARSE, None, &Progress::default());
    assert!(aside.unwrap_err().to_string().contains("angle of a sleeve to the way"));
    assert_eq!(make(&plate, &[], &COARSE), Err(SleeveError::NoPath));
    let stopped = Progress::default();
    stopped.cancel();
    assert!(drill_guide(&plate, &[straight(20.0)], None, &COARSE, None, &stopped).is_err());
}

#[test]
fn a_real_vertebra_takes_a_guide() {
    let Some(folder) = crate::io::test_data::folder("ct-abdomen-totalseg") else { return };
    let quiet = Progress::default();
    let labels = crate::io::nifti::read_labels(&folder.join("abdomen_3mm_seg.nii.gz"), &quiet).unwrap();
    // L3, in voxels of 3 mm: too coarse for a guide to be used, which is said.
    let bone = crate::mesh::segment_surface(&labels, crate::base::SegmentId(29), &quiet).unwrap();
    let (search, bounds) = (Bvh::new(&bone), bone.bounds());
    let rules = SleeveRules { height_mm: 25.0, ..COARSE };
    // From behind, beside the middle: somewhere on the arch there is room for a sleeve.
    let places = (2..9).flat_map(|n| [-1.0, 1.0].map(|side| bounds.centre().x + side * 3.0 * f64::from(n)));
    let tried = places.filter_map(|x| {
        let origin = Point::new(x, bounds.max.y + 30.0, bounds.centre().z);
        let hit = search.first_hit(&Ray { origin, direction: -Vector::y() })?;
        let path = drilled("screw", hit.point.into(), (hit.point - Vector::y() * 20.0).into());
        drill_guide(&bone, &[path], None, &rules, Some(3.0), &quiet).ok()
    });
    let guide = tried.into_iter().next().expect("a place on the arch");
    assert_eq!(guide.surface.open_edges(), 0);
    assert!(guide.sleeves[0].made.off_mm < 0.1 && guide.sleeves[0].made.off_degrees < 0.2, "{:?}", guide.sleeves);
    assert!(0.2 < guide.clearance_mm && guide.not_valid.unwrap().contains("slices of 3.00 mm"));
}
