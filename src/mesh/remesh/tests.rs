//! Balls, rings, boxes, open sheets and noise remade.

use super::*;
use crate::base::parallel::with_threads;
use crate::geom::Grid;
use crate::image::Volume;
use crate::mesh::shapes::{ball, cuboid, torus};

fn remade(surface: &Surface, edge_mm: f64) -> (Surface, Summary) {
    remesh(surface, Remesh { edge_mm, rounds: 10, crease_deg: 40.0 }, &Progress::default()).unwrap()
}

/// Whether nearly all edges are near the length asked for.
fn is_even(surface: &Surface, edge_mm: f64) -> bool {
    let lengths: Vec<f64> = surface
        .triangles()
        .iter()
        .flat_map(|[a, b, c]| [[a, b], [b, c], [c, a]])
        .map(|[a, b]| (surface.positions()[*a as usize] - surface.positions()[*b as usize]).norm())
        .collect();
    let near = lengths.iter().filter(|mm| (0.6..1.5).contains(&(*mm / edge_mm))).count();
    0.97 * lengths.len() as f64 <= near as f64
}

#[test]
fn a_ball_and_a_ring_get_even_triangles_finer_and_coarser() {
    for body in [ball(12.0, 1.0), torus(15.0, 6.0, 1.0)] {
        for edge_mm in [0.7, 1.5, 2.5] {
            let (made, summary) = remade(&body, edge_mm);
            assert_eq!(made.open_edges(), 0, "{edge_mm} mm");
            assert!(is_even(&made, edge_mm), "{edge_mm} mm: {summary:?}");
            // Triangles cut off what bulges over them: near h²/12 from each face of a tube whose radius is 6 mm.
            let lost = made.volume_ml() / body.volume_ml() - 1.0;
            assert!((-0.035..0.002).contains(&lost), "{edge_mm} mm: {lost}");
            assert!(summary.value("largest distance from the old surface").unwrap() < 0.3);
            let sharpest = summary.value("smallest angle").unwrap();
            assert!(25.0 < sharpest, "{edge_mm} mm: {sharpest}°, before {:?}", summary.value("smallest angle before"));
            // No handle comes or goes: V − E + F stays.
            let euler = |s: &Surface| s.positions().len() as i64 - s.triangles().len() as i64 / 2;
            assert_eq!(euler(&made), euler(&body.with_triangles(body.triangles())));
        }
    }
}

#[test]
fn a_box_keeps_its_edges_and_corners() {
    let brick = cuboid([20.0, 14.0, 9.0]);
    let (made, _) = remade(&brick, 2.0);
    assert_eq!(made.open_edges(), 0);
    assert!((made.volume_ml() / brick.volume_ml() - 1.0).abs() < 1e-9, "{} ml", made.volume_ml());
    assert!((made.area_cm2() / brick.area_cm2() - 1.0).abs() < 1e-9);
    assert!(is_even(&made, 2.0));
    assert!(brick.positions().iter().all(|corner| made.positions().iter().any(|p| (p - corner).norm() < 1e-9)));
}

#[test]
fn an_open_sheet_keeps_its_border() {
    let positions =
        vec![Point::origin(), Point::new(10.0, 0.0, 0.0), Point::new(10.0, 8.0, 0.0), Point::new(0.0, 8.0, 0.0)];
    let sheet = Surface::new(positions, vec![[0, 1, 2], [0, 2, 3]]).unwrap();
    let (made, _) = remade(&sheet, 1.0);
    assert!((made.area_cm2() - 0.8).abs() < 1e-9, "{} cm²", made.area_cm2());
    let expected = 36.0;
    assert!((made.open_edges() as f64 / expected - 1.0).abs() < 0.25, "{} open edges", made.open_edges());
}

#[test]
fn surfaces_of_noise_stay_closed_and_nothing_panics() {
    let mut rng = crate::base::rng::Rng::new(4);
    for case in 0..6 {
        let grid = Grid::aligned([9, 8, 7], Point::origin(), [0.8, 0.8, 2.0]).unwrap();
        let voxels = (0..grid.len()).map(|_| u8::from(rng.unit() < 0.35)).collect();
        let noise = crate::mesh::mask_surface(&Volume::new(grid, voxels).unwrap(), &Progress::default()).unwrap();
        for edge_mm in [0.4, 1.2] {
            let (made, _) = remade(&noise, edge_mm);
            assert_eq!(made.open_edges(), 0, "case {case}, {edge_mm} mm");
            assert!(made.positions().iter().all(|p| p.iter().all(|x| x.is_finite())));
        }
    }
}

#[test]
fn one_thread_and_three_remake_alike() {
    let body = torus(15.0, 6.0, 1.5);
    let make = || remade(&body, 1.1).0;
    assert_eq!(with_threads(1, make), with_threads(3, make));
}

#[test]
fn impossible_wishes_are_named() {
    let body = ball(12.0, 1.0);
    let ask = |surface: &Surface, edge_mm| {
        let how = Remesh { edge_mm, rounds: 2, crease_deg: 40.0 };
        remesh(surface, how, &Progress::default()).unwrap_err()
    };
    assert_eq!(ask(&body, 0.0), RemeshError::Edge(0.0));
    assert!(matches!(ask(&body, 1e-3), RemeshError::TooMany { .. }));
    assert_eq!(ask(&Surface::new(Vec::new(), Vec::new()).unwrap(), 1.0), RemeshError::Empty);
    let progress = Progress::default();
    progress.cancel();
    let how = Remesh { edge_mm: 1.0, rounds: 2, crease_deg: 40.0 };
    assert!(matches!(remesh(&body, how, &progress), Err(RemeshError::Cancelled(_))));
}
