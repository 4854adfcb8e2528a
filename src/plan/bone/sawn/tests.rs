//! Saws on a bar and a block, whose parts are known.

use super::*;
use crate::base::parallel::with_threads;
use crate::mesh::block::block;
use crate::mesh::shapes::cuboid;
use crate::plan::bone::move_fragment;

/// A bar of 60 × 10 × 10 mm in voxels of 1 mm, whose ends are sawn off: at x = 20 the lower end, at x = 40 the upper.
fn bar() -> (Volume<u8>, Vec<Osteotomy>) {
    let grid = Grid::aligned([60, 10, 10], Point::new(0.5, 0.5, 0.5), [1.0; 3]).unwrap();
    let marks = vec![1; grid.len()];
    let saw = |x: f64, way: f64, shift_mm: [f64; 3]| Osteotomy {
        planes: vec![[[x, 0.0, 0.0], [way, 0.0, 0.0]]],
        kerf_mm: 2.0,
        turn_degrees: [0.0; 3],
        about: [x, 5.0, 5.0],
        shift_mm,
    };
    (Volume::new(grid, marks).unwrap(), vec![saw(20.0, -1.0, [-5.0, 0.0, 0.0]), saw(40.0, 1.0, [-4.0, 0.0, 3.0])])
}

fn count(parts: &Volume<u8>, label: u8) -> usize {
    parts.voxels().iter().filter(|own| **own == label).count()
}

#[test]
fn books_of_voxels_balance_and_the_grid_grows_to_what_is_moved() {
    let (bone, saws) = bar();
    let saws = Saws::of(&saws).unwrap();
    let run = || sawn_voxels(&bone, &saws, &Progress::default()).unwrap();
    let found = run();
    assert_eq!(found.after, with_threads(1, run).after);
    let counts: Vec<usize> = (1..=4).map(|label| count(&found.before, label)).collect();
    assert_eq!(counts, [1800, 400, 1900, 1900]);
    assert_eq!(counts.iter().sum::<usize>(), 6000, "the bone, to the voxel");
    // 5 voxels more below x, 3 more above z; the upper end is moved 2 mm into the rest, over 7 of its 10 mm of height.
    assert_eq!(found.after.grid().dims(), [65, 10, 13]);
    assert_eq!(found.after.grid().centre([0; 3]), Point::new(-4.5, 0.5, 0.5));
    let after: Vec<usize> = (1..=4).map(|label| count(&found.after, label)).collect();
    assert_eq!(after, [1800 - 140, 140, 1900, 1900 - 140]);
}

#[test]
fn surfaces_and_tetrahedra_have_the_volumes_of_the_voxels() {
    let (_, osteotomies) = bar();
    let saws = Saws::of(&osteotomies).unwrap();
    let bone = cuboid([60.0, 10.0, 10.0]);
    let sawn = sawn_surface(&bone, &saws, &Progress::default()).unwrap();
    let ml = |surface: &Option<Surface>| surface.as_ref().unwrap().volume_ml();
    assert!((ml(&sawn.rest) - 1.8).abs() < 1e-9);
    assert!(sawn.fragments.iter().all(|own| (ml(own) - 1.9).abs() < 1e-9));
    let tets = sawn_tets(&block([12, 2, 2], [60.0, 10.0, 10.0]), &saws).unwrap();
    for (mm3, truth) in tets.mm3.iter().zip([1800.0, 400.0, 1900.0, 1900.0]) {
        assert!((mm3 - truth).abs() < 1e-6, "{:?}", tets.mm3);
    }
    assert!((tets.mesh.volume_ml() - 5.6).abs() < 1e-9, "without what the saws take");
    let bounds = tets.mesh.boundary().0.bounds();
    assert!((bounds.min - Point::new(-5.0, 0.0, 0.0)).norm() < 1e-9 && (bounds.max.z - 13.0).abs() < 1e-9);
}

#[test]
fn one_saw_of_several_planes_parts_as_its_fragment_is_moved() {
    let planes = vec![[[20.0, 0.0, 0.0], [1.0, 0.0, 0.2]], [[0.0, 5.0, 0.0], [0.0, 1.0, 0.1]]];
    let turn_degrees = [3.0, -12.0, 7.0];
    let saw = Osteotomy { planes, kerf_mm: 0.8, turn_degrees, about: [20.0, 5.0, 5.0], shift_mm: [1.0, 2.0, 3.0] };
    let bone = cuboid([60.0, 10.0, 10.0]);
    let moved = move_fragment(&bone, &saw, &Progress::default()).unwrap();
    let saws = Saws::of([&saw]).unwrap();
    let sawn = sawn_surface(&bone, &saws, &Progress::default()).unwrap();
    let fragment = sawn.fragments[0].as_ref().unwrap();
    assert_eq!(moved_surface(fragment, saws.turn(0)).positions(), moved.fragment.positions());
    assert!((sawn.rest.unwrap().volume_ml() - moved.rest_ml).abs() < 1e-12);
}

/// Distances by planes agree with parts, and a later saw takes nothing that went with an earlier fragment.
#[test]
fn sides_agree_with_parts() {
    let (_, mut osteotomies) = bar();
    osteotomies[1].planes = vec![[[10.0, 0.0, 0.0], [1.0, 0.0, 0.0]]];
    let saws = Saws::of(&osteotomies).unwrap();
    for n in 0..600 {
        let p = Point::new(0.1 * f64::from(n) + 0.05, 5.0, 5.0);
        let part = saws.part(&p);
        assert_eq!(part == Part::Rest, saws.beyond_rest_mm(&p) < 0.0, "{p}");
        for k in 0..2 {
            assert_eq!(part == Part::Fragment(k), saws.beyond_fragment_mm(k, &p) < 0.0, "{p}");
        }
    }
    assert_eq!(saws.part(&Point::new(15.0, 0.0, 0.0)), Part::Fragment(0));
    assert_eq!(saws.part(&Point::new(30.0, 0.0, 0.0)), Part::Fragment(1));
}

#[test]
fn what_cannot_be_sawn_says_why() {
    let (bone, osteotomies) = bar();
    let said = |saws: &[Osteotomy]| {
        let saws = Saws::of(saws).map_err(|error| error.to_string())?;
        sawn_voxels(&bone, &saws, &Progress::default()).map(|_| ()).map_err(|error| error.to_string())
    };
    assert!(said(&[]).unwrap_err().contains("at least one plane"));
    let again = [osteotomies[0].clone(), osteotomies[0].clone()];
    assert!(said(&again).unwrap_err().contains("fragment's side"), "nothing is left for the second");
    let far = Osteotomy { shift_mm: [0.0, 1e6, 1e6], ..osteotomies[0].clone() };
    assert!(said(&[far]).unwrap_err().contains("move the fragments by less"));
    assert!(said(&osteotomies).is_ok());
}
