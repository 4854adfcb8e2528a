//! Pictures of slices: made when needed, kept otherwise.

use super::*;
use crate::base::NodeId;
use crate::geom::{Grid, Point};
use crate::image::{Modality, Volume, Voxels};

fn scan(grid: Grid) -> Scan {
    let voxels = (0..grid.len()).map(|o| o as i16 % 500).collect();
    let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
    Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
}

fn subject<'a>(scan: &'a Scan, depth_mm: f64, width: f64) -> Subject<'a> {
    Subject {
        scan,
        hash: scan.content_hash(),
        plane: SlicePlane::covering(scan.grid(), Orientation::Axial, depth_mm),
        slab: None,
        window: Window { width, level: 40.0 },
        sums: None,
        look: Look::default(),
        overlays: Vec::new(),
        segments: SegmentLook::default(),
        range: None,
        fused: None,
    }
}

#[test]
fn a_picture_is_made_once_for_each_thing_it_shows() {
    let ctx = egui::Context::default();
    let grid = Grid::aligned([20, 16, 8], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
    let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(o % 3 == 0)).collect()).unwrap();
    let labels = LabelMap::from_mask(&mask, "part", [255, 0, 0], None);
    let scan = scan(grid);
    let overlay = Overlay { labels: &labels, hash: labels.content_hash(), revision: 0, opacity: 0.5 };
    let labelled = |look| Subject { overlays: vec![overlay], segments: look, ..subject(&scan, 6.0, 300.0) };
    let slab = Some(Slab { projection: Projection::Maximum, thickness_mm: 6.0 });
    let colours = Look { colours: Colormap::Inferno, smooth: false };
    let plain = SegmentLook::default();
    let mut picture = Picture::default();
    for (expected, subject) in [
        (1, subject(&scan, 3.0, 400.0)),
        (1, subject(&scan, 3.0, 400.0)),
        (2, subject(&scan, 6.0, 400.0)),
        (3, subject(&scan, 6.0, 300.0)),
        (4, labelled(plain)),
        (4, labelled(plain)),
        (5, labelled(SegmentLook { width: 2, ..plain })),
        (6, Subject { slab, ..subject(&scan, 6.0, 300.0) }),
        (6, Subject { slab, ..subject(&scan, 6.0, 300.0) }),
        (7, Subject { look: colours, ..subject(&scan, 6.0, 300.0) }),
    ] {
        picture.of(&ctx, Orientation::Axial, &subject);
        assert_eq!(picture.image().unwrap().plane.size, [20, 16]);
        assert_eq!(picture.made(), expected);
    }
}

/// Only a layer's labels, plane and width matter: dragging the window or an opacity makes none.
#[test]
fn layers_of_segments_are_kept_while_colours_change() {
    let ctx = egui::Context::default();
    let grid = Grid::aligned([20, 16, 8], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
    let mask = |n: usize| Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(o % n == 0)).collect()).unwrap();
    let groups = [3, 5].map(|n| LabelMap::from_mask(&mask(n), "part", [255, 0, 0], None));
    let hashes = [0, 1].map(|n| groups[n].content_hash());
    let scan = scan(grid.clone());
    let over = |n: usize, revision, opacity| Overlay { labels: &groups[n], hash: hashes[n], revision, opacity };
    let shown = |depth, window, overlays, width| {
        let segments = SegmentLook { width, ..SegmentLook::default() };
        Subject { overlays, segments, ..subject(&scan, depth, window) }
    };
    let mut picture = Picture::default();
    for (made, subject) in [
        (2, shown(6.0, 400.0, vec![over(0, 0, 0.5), over(1, 0, 0.5)], 1)),
        (2, shown(6.0, 300.0, vec![over(0, 0, 0.5), over(1, 0, 0.5)], 1)),
        (2, shown(6.0, 300.0, vec![over(1, 0, 0.2), over(0, 0, 1.0)], 1)),
        // A stroke over one of them.
        (3, shown(6.0, 300.0, vec![over(1, 0, 0.2), over(0, 1, 1.0)], 1)),
        (5, shown(6.0, 300.0, vec![over(1, 0, 0.2), over(0, 1, 1.0)], 2)),
        (7, shown(3.0, 300.0, vec![over(1, 0, 0.2), over(0, 1, 1.0)], 2)),
    ] {
        let mut anew = Picture::default();
        anew.of(&ctx, Orientation::Axial, &subject);
        picture.of(&ctx, Orientation::Axial, &subject);
        assert_eq!(picture.layers.made(), made);
        let pixels = |picture: &mut Picture| {
            let image = picture.image().unwrap().clone();
            subject.coloured(&image, None, &mut picture.layers)
        };
        assert_eq!(pixels(&mut picture), pixels(&mut anew), "the same picture as from nothing");
    }
}

/// A slab that takes longer than a frame is the same picture, later.
#[test]
fn values_made_beside_the_window_are_those_made_at_once() {
    let ctx = egui::Context::default();
    let scan = scan(Grid::aligned([64, 48, 40], Point::origin(), [1.0; 3]).unwrap());
    let slab = Some(Slab { projection: Projection::Mean, thickness_mm: 30.0 });
    let thick = |depth_mm| Subject { slab, ..subject(&scan, depth_mm, 400.0) };
    let mut picture = Picture::default();
    assert!(!picture.made_beside(&ctx, &thick(3.0)), "nothing is there at once");
    // Meanwhile another slice is wanted: what comes for the first is dropped.
    let wanted = thick(20.0);
    let until = std::time::Instant::now() + Duration::from_secs(60);
    while !picture.made_beside(&ctx, &wanted) {
        assert!(std::time::Instant::now() < until, "the values never came");
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(picture.has_values_of(&wanted) && !picture.has_values_of(&thick(3.0)));
    let mut at_once = Picture::default();
    at_once.of(&ctx, Orientation::Axial, &wanted);
    assert_eq!(picture.image(), at_once.image());
}

/// The second scan is read beside the window as well: nothing of it is left to be read when the picture is made.
#[test]
fn values_of_both_scans_are_made_beside_the_window() {
    let ctx = egui::Context::default();
    let first = scan(Grid::aligned([64, 48, 40], Point::origin(), [1.0; 3]).unwrap());
    let second = scan(Grid::aligned([20, 16, 12], Point::new(2.0, 1.0, 3.0), [3.0; 3]).unwrap());
    let slab = Some(Slab { projection: Projection::Mean, thickness_mm: 30.0 });
    let fused = Fused { name: "PET", node: NodeId(2), scan: &second, hash: second.content_hash(), share: 0.5 };
    let look = FusedLook { window: Window { width: 400.0, level: 40.0 }, look: Look::default() };
    let over = || Subject { slab, fused: Some((fused, look)), ..subject(&first, 20.0, 400.0) };
    let alone = Subject { slab, ..subject(&first, 20.0, 400.0) };
    let mut picture = Picture::default();
    let wait_for = |picture: &mut Picture, wanted: &Subject<'_>| {
        let until = std::time::Instant::now() + Duration::from_secs(60);
        while !picture.made_beside(&ctx, wanted) {
            assert!(std::time::Instant::now() < until, "the values never came");
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    wait_for(&mut picture, &alone);
    // The second comes over it: what is there of the first is not read again.
    assert!(!picture.has_values_of(&over()));
    wait_for(&mut picture, &over());
    assert!(picture.has_values_of(&over()));
    assert!(2.0 * alone.cost()[0] > over().cost()[0] && alone.cost()[0] < over().cost()[0]);
    let mut at_once = Picture::default();
    at_once.of(&ctx, Orientation::Axial, &over());
    // Outside the second scan there are no numbers: bits are compared.
    let bits = |kept: &Option<Kept>| {
        kept.as_ref().map(|(key, image)| (*key, image.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>()))
    };
    assert!(bits(&picture.values) == bits(&at_once.values) && bits(&picture.fused) == bits(&at_once.fused));
}

/// One bright voxel of a coarse, turned grid must appear at its place in the picture of the first scan, and only there.
#[test]
fn a_second_scan_appears_where_it_lies_in_the_patient() {
    let first = scan(Grid::aligned([60, 50, 10], Point::new(-30.0, -25.0, 0.0), [1.0, 1.0, 2.0]).unwrap());
    let turn = nalgebra::Rotation3::from_axis_angle(&crate::geom::Vector::z_axis(), 0.4);
    let step = turn.matrix() * nalgebra::Matrix3::from_diagonal(&crate::geom::Vector::new(3.0, -3.0, 3.0));
    let grid = Grid::new([12, 14, 7], Point::new(-20.0, 10.0, 0.0), step).unwrap();
    let marked = [7, 4, 3];
    let place = grid.centre(marked);
    let mut voxels = vec![0.0_f32; grid.len()];
    voxels[grid.offset(marked)] = 100.0;
    let voxels = Voxels::F32(Volume::new(grid, voxels).unwrap());
    let second = Scan { voxels, modality: Modality::Other, window: None, facts: Vec::new() };
    let fused = Fused { name: "PET", node: NodeId(2), scan: &second, hash: second.content_hash(), share: 1.0 };
    let look = Look { colours: Colormap::Inferno, smooth: false };
    let fused = Some((fused, FusedLook { window: Window { width: 100.0, level: 50.0 }, look }));
    let depth_mm = (place.z / 2.0).round() * 2.0;
    let mut picture = Picture::default();
    picture.of(&egui::Context::default(), Orientation::Axial, &Subject { fused, ..subject(&first, depth_mm, 1e6) });
    let (_, image) = picture.fused.as_ref().expect("the second scan was read");
    let [x, y] = image.plane.pixel_from_patient(place).map(|at| at.round() as usize);
    assert_eq!(image.values[y * 60 + x], 100.0);
    let bright = image.values.iter().filter(|value| **value == 100.0).count();
    assert!((6..=12).contains(&bright), "3 mm × 3 mm of 1 mm pixels, not {bright}");
    assert!(image.values.iter().any(|value| value.is_nan()), "outside the second scan nothing is mixed in");
}
