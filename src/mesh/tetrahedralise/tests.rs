//! Meshes of noise, thin walls, islands and balls.

use super::*;
use crate::base::parallel::with_threads;
use crate::base::rng::Rng;
use crate::geom::{Grid, Point, Vector};
use crate::image::Segment;
use crate::mesh::quality::tet_quality;
use crate::mesh::sound::check_sound;
use nalgebra::{Matrix3, Rotation3};

fn mask(grid: Grid, inside: impl FnMut(Point) -> bool) -> Volume<u8> {
    let mut inside = inside;
    let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    Volume::new(grid, voxels).unwrap()
}

fn ellipsoid() -> Volume<u8> {
    let grid = Grid::aligned([60, 50, 20], Point::new(-59.0, -49.0, -38.0), [2.0, 2.0, 4.0]).unwrap();
    mask(grid, |p| (p.x / 50.0).powi(2) + (p.y / 40.0).powi(2) + (p.z / 30.0).powi(2) < 1.0)
}

fn is_sound(mesh: &TetMesh) {
    assert_eq!(check_sound(mesh), Ok(()));
    let [low, high] = tet_quality(mesh).dihedral_deg;
    assert!(10.7 < low && high < 164.8, "{low} to {high} degrees");
}

#[test]
fn noisy_masks_become_sound_meshes() {
    let mut rng = Rng::new(21);
    for case in 0..25_usize {
        let turn = Rotation3::from_euler_angles(rng.unit(), rng.unit(), rng.unit());
        let mirror = if case.is_multiple_of(3) { -1.0 } else { 1.0 };
        let step = turn.matrix() * Matrix3::from_diagonal(&Vector::new(0.8, 0.8, mirror * rng.between(0.5, 4.0)));
        let dims = [1 + rng.below(14), 1 + rng.below(14), 1 + rng.below(10)];
        let filled = [0.02, 0.3, 0.5, 0.9, 1.0][case % 5];
        let noise = mask(Grid::new(dims, Point::new(100.0, -200.0, 300.0), step).unwrap(), |_| rng.unit() < filled);
        let size = if case.is_multiple_of(2) { CellSize::Count(400) } else { CellSize::EdgeMm(2.5) };
        match tetrahedralise(&noise, size, &Progress::default()) {
            Ok((mesh, _)) => is_sound(&mesh),
            Err(TetrahedraliseError::Empty) => assert!(noise.voxels().iter().all(|v| *v == 0)),
            Err(error) => panic!("case {case}: {error}"),
        }
    }
}

#[test]
fn an_organ_has_about_the_tetrahedra_asked_for_and_its_volume() {
    for count in [500, 5000, 30_000] {
        let (mesh, summary) = tetrahedralise(&ellipsoid(), CellSize::Count(count), &Progress::default()).unwrap();
        is_sound(&mesh);
        assert!((mesh.tets().len() as f64 / count as f64).ln().abs() < 0.15, "{} for {count}", mesh.tets().len());
        assert!(summary.value("volume difference").unwrap().abs() < 1.0, "{summary:?}");
        assert!(summary.warnings.is_empty(), "{summary:?}");
    }
}

#[test]
fn islands_are_left_out_and_reported() {
    let grid = Grid::aligned([40, 20, 20], Point::origin(), [1.0; 3]).unwrap();
    let two = mask(grid, |p| {
        (p - Point::new(10.0, 10.0, 10.0)).norm() < 8.0 || (p - Point::new(30.0, 10.0, 10.0)).norm() < 4.0
    });
    let (mesh, summary) = tetrahedralise(&two, CellSize::EdgeMm(2.0), &Progress::default()).unwrap();
    is_sound(&mesh);
    assert!(mesh.positions().iter().all(|p| p.x < 20.0));
    let ball_ml = 4.0 / 3.0 * std::f64::consts::PI * 64.0 / 1000.0;
    assert!((summary.value("volume left out").unwrap() / ball_ml - 1.0).abs() < 0.1);
    assert!(
        summary.warnings[0].starts_with("only the largest part is meshed; 1 other parts"),
        "{:?}",
        summary.warnings
    );
}

#[test]
fn a_thin_wall_gets_cells_that_are_small_enough() {
    let grid = Grid::aligned([60, 60, 60], Point::new(-29.5, -29.5, -29.5), [1.0; 3]).unwrap();
    let shell = mask(grid, |p| (23.0..25.0).contains(&p.coords.norm()));
    let (mesh, summary) = tetrahedralise(&shell, CellSize::EdgeMm(2.0), &Progress::default()).unwrap();
    is_sound(&mesh);
    assert!(summary.value("volume difference").unwrap().abs() < 3.0, "{summary:?}");
    let (mesh, summary) = tetrahedralise(&shell, CellSize::EdgeMm(40.0), &Progress::default()).unwrap();
    is_sound(&mesh);
    assert!(summary.warnings.iter().any(|text| text.starts_with("the selection is thinner than cells of 40.00 mm")));
}

#[test]
fn regions_are_the_labels_under_the_tetrahedra() {
    let grid = Grid::aligned([30, 30, 30], Point::origin(), [1.0; 3]).unwrap();
    let centre = Point::new(15.0, 15.0, 15.0);
    let voxels = (0..grid.len()).map(|o| grid.centre(grid.voxel(o)) - centre);
    let voxels = voxels.map(|d| if d.norm() < 6.0 { 2 } else { u8::from(d.norm() < 13.0) }).collect();
    let segment = |id, name: &str| Segment::new(SegmentId(id), name, [0; 3], None);
    let volume = Volume::new(grid, voxels).unwrap();
    let labels = LabelMap::from_volume(&volume, vec![segment(1, "liver"), segment(2, "tumour")]).unwrap();
    let both = [SegmentId(1), SegmentId(2)];
    let (mesh, _) = tetrahedralise_segments(&labels, &both, CellSize::EdgeMm(2.0), &Progress::default()).unwrap();
    is_sound(&mesh);
    let volume_of = |region| {
        let tets = (0..mesh.tets().len()).filter(|tet| mesh.regions()[*tet] == region);
        tets.map(|tet| mesh.tet_mm3(tet)).sum::<f64>() / 1000.0
    };
    let wanted = labels.volume_ml(SegmentId(2));
    assert!((volume_of(2) / wanted - 1.0).abs() < 0.05, "{} against {wanted} ml", volume_of(2));
    assert!((volume_of(1) + volume_of(2) - mesh.volume_ml()).abs() < 1e-9);
}

#[test]
fn one_thread_and_three_make_the_same_mesh() {
    let organ = ellipsoid();
    let make = || tetrahedralise(&organ, CellSize::Count(3000), &Progress::default()).unwrap().0.content_hash();
    assert_eq!(with_threads(1, make), with_threads(3, make));
}

#[test]
fn impossible_sizes_and_empty_masks_are_named() {
    let organ = ellipsoid();
    let fails = |mask: &Volume<u8>, size| tetrahedralise(mask, size, &Progress::default()).unwrap_err().to_string();
    assert_eq!(
        fails(&organ, CellSize::EdgeMm(f64::NAN)),
        "cells of NaN mm cannot be made; the size must be a number above 0"
    );
    assert_eq!(fails(&organ, CellSize::Count(3)), "3 tetrahedra were asked for; the limits are 20 and 5000000");
    assert!(fails(&organ, CellSize::EdgeMm(0.1)).starts_with("cells of 0.1 mm would give about"));
    let nothing = mask(organ.grid().as_ref().clone(), |_| false);
    assert!(fails(&nothing, CellSize::Count(1000)).starts_with("the selection has no voxel"));
}

/// A wire across a large box: the lattice that would give the number asked for has 10⁹ cubes.
#[test]
fn a_thin_diagonal_wire_asks_for_no_more_memory_than_there_is() {
    let grid = Grid::aligned([100; 3], Point::origin(), [2.0; 3]).unwrap();
    let wire = mask(grid, |p| (p.x - p.y).abs() < 5.0 && (p.y - p.z).abs() < 5.0);
    let progress = Progress::default();
    let part = largest_part(wire.voxels(), wire.grid(), |v| v, &progress).unwrap().unwrap();
    for (cubes_max, has_mesh) in [(2e5, true), (1e3, false)] {
        let found =
            search::with_count(&part, 2_000_000, Grading { levels: 1, flat: false }, cubes_max, &progress).unwrap();
        assert!(found.finest, "{cubes_max}");
        assert!(cubes_around(&part.grid.bounds(), found.cell_mm) <= cubes_max, "{} mm", found.cell_mm);
        assert!(!has_mesh || !found.mesh.tets.is_empty(), "{cubes_max}");
    }
}
