//! Slices and slabs of a body without symmetry, on an anisotropic grid and on one that is turned and sheared.

use super::*;
use crate::base::parallel::with_pool_of;
use crate::image::{Modality, Window};
use nalgebra::{Matrix3, Rotation3};

fn grids() -> [Grid; 2] {
    let turned = Rotation3::from_euler_angles(0.3, -0.5, 1.1).matrix()
        * Matrix3::new(0.7, 0.0, 0.1, 0.0, 0.7, 0.4, 0.0, 0.0, 2.5);
    [
        Grid::aligned([130, 23, 17], Point::new(-30.0, 5.0, 100.0), [0.75, 0.75, 2.5]).unwrap(),
        Grid::new([130, 23, 17], Point::new(12.0, -7.0, 40.0), turned).unwrap(),
    ]
}

/// Another value in every voxel, and no two axes alike.
fn value([i, j, k]: [usize; 3]) -> f32 {
    ((i * 7919 + j * 104_729 + k * 1_299_709) % 4001) as f32 - 1000.0
}

fn scan(grid: &Grid, of: impl Fn([usize; 3]) -> f32) -> Scan {
    let voxels = (0..grid.len()).map(|o| of(grid.voxel(o))).collect();
    let voxels = Voxels::F32(Volume::new(grid.clone(), voxels).unwrap());
    Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() }
}

fn whole(grid: &Grid) -> Scan {
    let voxels = (0..grid.len()).map(|o| value(grid.voxel(o)) as i16).collect();
    let voxels = Voxels::I16(Volume::new(grid.clone(), voxels).unwrap());
    Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
}

/// A plane whose pixels are voxel centres: from a voxel on, by whole steps of the index.
fn lattice_plane(grid: &Grid, first: [usize; 3], right: [i32; 3], down: [i32; 3], size: [usize; 2]) -> SlicePlane {
    let step = |by: [i32; 3]| grid.step() * Vector::from(by.map(f64::from));
    SlicePlane { origin: grid.centre(first), right: step(right), down: step(down), size }
}

fn tilted_plane(grid: &Grid) -> SlicePlane {
    let right = Vector::new(1.0, 0.3, 0.2).normalize();
    let down = right.cross(&Vector::new(0.2, 0.1, 1.0)).normalize();
    SlicePlane::centred(grid.bounds().centre(), right, down, 0.53, [211, 97])
}

#[test]
fn every_voxel_centre_shows_its_voxel_exactly_on_any_grid_and_plane() {
    let cases = [
        ([0, 0, 0], [1, 0, 0], [0, 1, 0], [130, 23]),
        ([129, 22, 16], [-1, 0, 0], [0, 0, -1], [130, 17]),
        ([129, 0, 0], [0, 1, 0], [0, 0, 1], [23, 17]),
        ([5, 3, 16], [0, 0, -1], [1, 0, 0], [17, 100]),
        ([2, 3, 0], [3, 1, 0], [2, 0, 1], [19, 17]),
        ([100, 1, 2], [-1, 1, 0], [-1, 0, 1], [20, 12]),
    ];
    for grid in &grids() {
        for scan in [whole(grid), scan(grid, value)] {
            for (first, right, down, size) in cases {
                let plane = lattice_plane(grid, first, right, down, size);
                for interpolation in [Interpolation::Nearest, Interpolation::Linear] {
                    let image = SliceImage::of(&scan, plane, interpolation);
                    for (place, found) in image.values.iter().enumerate() {
                        let (x, y) = ((place % size[0]) as i32, (place / size[0]) as i32);
                        let voxel = [0, 1, 2].map(|a| (first[a] as i32 + right[a] * x + down[a] * y) as usize);
                        assert_eq!(*found, value(voxel), "{voxel:?} of {right:?} {down:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_tilted_slice_is_trilinear_inside_and_nothing_outside() {
    for grid in &grids() {
        let scan = whole(grid);
        let plane = tilted_plane(grid);
        let image = SliceImage::of(&scan, plane, Interpolation::Linear);
        let mut inside = 0;
        for (place, found) in image.values.iter().enumerate() {
            let point = plane.patient_from_pixel([(place % 211) as f64, (place / 211) as f64]);
            match scan.sample_index(grid.index_from_patient(point)) {
                // An index is rounded to a millionth of a voxel, over which the value changes by at most 4000.
                Some(expected) => assert!((f64::from(*found) - expected).abs() < 0.01, "{found} not {expected}"),
                None => assert!(found.is_nan()),
            }
            inside += usize::from(!found.is_nan());
        }
        assert!(3000 < inside && inside < image.values.len(), "{inside}");
    }
}

#[test]
fn a_voxel_beside_no_numbers_shows_and_no_numbers_do_not() {
    for grid in &grids() {
        let odd = |voxel: [usize; 3]| voxel.iter().sum::<usize>() % 2 == 1;
        let scan = scan(grid, |voxel| if odd(voxel) { f32::NAN } else { value(voxel) });
        let plane = lattice_plane(grid, [3, 2, 7], [1, 0, 0], [0, 1, 0], [90, 20]);
        let image = SliceImage::of(&scan, plane, Interpolation::Linear);
        for (place, found) in image.values.iter().enumerate() {
            let voxel = [3 + place % 90, 2 + place / 90, 7];
            assert!(if odd(voxel) { found.is_nan() } else { *found == value(voxel) }, "{voxel:?} {found}");
        }
        assert!(image.rgba(Window { width: 100.0, level: 0.0 }).chunks(4).all(|pixel| pixel[3] == 255));
        // In a slab the numbers that are there count.
        let slab = |projection| Slab { projection, thickness_mm: 3.0 * spacing_across(grid, &plane) };
        let across = |place: usize| {
            let voxels = [6, 7, 8].map(|k| [3 + place % 90, 2 + place / 90, k]);
            voxels.into_iter().filter(|voxel| !odd(*voxel)).map(value).collect::<Vec<f32>>()
        };
        let most = SliceImage::of_slab(&scan, plane, Interpolation::Linear, slab(Projection::Maximum));
        let mean = SliceImage::of_slab(&scan, plane, Interpolation::Linear, slab(Projection::Mean));
        if grid.step()[(0, 2)] == 0.0 {
            for place in 0..most.values.len() {
                let values = across(place);
                assert_eq!(most.values[place], values.iter().copied().fold(f32::MIN, f32::max));
                let expected = values.iter().sum::<f32>() / values.len() as f32;
                assert!((mean.values[place] - expected).abs() < 1e-3);
            }
        }
    }
}

/// One sample step across a plane.
fn spacing_across(grid: &Grid, plane: &SlicePlane) -> f64 {
    let away = plane.away();
    1.0 / (grid.index_from_patient(plane.origin + away) - grid.index_from_patient(plane.origin)).norm()
}

#[test]
fn a_slab_between_planes_of_voxels_takes_them_whole() {
    let grid = &grids()[0];
    let scan = whole(grid);
    let plane = lattice_plane(grid, [0, 0, 8], [1, 0, 0], [0, 1, 0], [130, 23]);
    for (thickness_mm, beside) in [(0.0, 0), (2.5, 0), (4.9, 0), (5.0, 1), (7.5, 1), (20.0, 4), (1e9, 8)] {
        let of = |projection| {
            let slab = Slab { projection, thickness_mm };
            SliceImage::of_slab(&scan, plane, Interpolation::Linear, slab).values
        };
        let [most, least, mean, sum] = Projection::ALL.map(of);
        for place in 0..most.len() {
            let values = (8 - beside..=8 + beside).map(|k| value([place % 130, place / 130, k]));
            let values: Vec<f32> = values.collect();
            assert_eq!(most[place], values.iter().copied().fold(f32::MIN, f32::max));
            assert_eq!(least[place], values.iter().copied().fold(f32::MAX, f32::min));
            let expected = values.iter().sum::<f32>() / values.len() as f32;
            assert!((mean[place] - expected).abs() < 1e-2);
            if thickness_mm < 40.0 {
                assert!((sum[place] - expected * thickness_mm as f32).abs() < 0.1, "{thickness_mm}");
            }
        }
    }
}

#[test]
fn a_tilted_slab_is_the_extreme_of_the_samples_it_says() {
    for grid in &grids() {
        let scan = whole(grid);
        let plane = tilted_plane(grid);
        let slab = Slab { projection: Projection::Maximum, thickness_mm: 9.0 };
        let offsets = slab.offsets_mm(grid, &plane);
        assert!(offsets.iter().all(|mm| mm.abs() <= 4.5) && offsets.contains(&0.0));
        let steps: Vec<f64> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|mm| (mm - spacing_across(grid, &plane)).abs() < 1e-9));
        let of = |projection| {
            let image = SliceImage::of_slab(&scan, plane, Interpolation::Linear, Slab { projection, ..slab });
            image.values.into_iter().map(f64::from).collect::<Vec<f64>>()
        };
        let [most, least, mean, sum] = Projection::ALL.map(of);
        let mut partly = 0;
        for place in 0..most.len() {
            let point = plane.patient_from_pixel([(place % 211) as f64, (place / 211) as f64]);
            let at = |mm: &f64| scan.sample_index(grid.index_from_patient(point + plane.away() * *mm));
            let values: Vec<f64> = offsets.iter().filter_map(at).collect();
            if values.is_empty() {
                assert!([&most, &least, &mean, &sum].iter().all(|image| image[place].is_nan()));
                continue;
            }
            partly += usize::from(values.len() < offsets.len());
            let close = |found: f64, expected: f64| (found - expected).abs() < 0.02 + 1e-5 * expected.abs();
            assert!(close(most[place], values.iter().copied().fold(f64::MIN, f64::max)));
            assert!(close(least[place], values.iter().copied().fold(f64::MAX, f64::min)));
            let total: f64 = values.iter().sum();
            assert!(close(mean[place], total / values.len() as f64));
            assert!(close(sum[place], total * 9.0 / offsets.len() as f64));
        }
        assert!(0 < partly);
    }
}

#[test]
fn rows_along_voxels_have_the_bits_of_rows_against_them() {
    for grid in &grids() {
        for scan in [whole(grid), scan(grid, value)] {
            // On a voxel row, between two of a plane, between two planes, and between four.
            for (j, k) in [(4.0, 7.0), (4.3, 7.0), (4.0, 7.6), (4.3, 7.6), (22.0, 16.0), (-0.2, 16.4)] {
                let at = |i: f64| grid.patient_from_index(Vector::new(i, j, k));
                let (right, down) = (at(1.0) - at(0.0), Vector::z());
                let along = SlicePlane { origin: at(-3.0), right, down, size: [140, 1] };
                let against = SlicePlane { origin: at(136.0), right: -right, down, size: [140, 1] };
                let [along, mut against] = [along, against].map(|plane| {
                    let image = SliceImage::of(&scan, plane, Interpolation::Linear);
                    image.values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>()
                });
                against.reverse();
                assert_eq!(along, against, "{j} {k}");
            }
        }
    }
}

#[test]
fn slices_and_slabs_have_the_same_bytes_on_any_number_of_threads() {
    for grid in &grids() {
        let scan = whole(grid);
        let slab = Slab { projection: Projection::Mean, thickness_mm: 9.0 };
        let make = || {
            let images = [
                SliceImage::of(&scan, tilted_plane(grid), Interpolation::Linear),
                SliceImage::of_slab(&scan, tilted_plane(grid), Interpolation::Linear, slab),
            ];
            images.map(|image| image.values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>())
        };
        assert!(with_pool_of(1, make) == with_pool_of(3, make));
    }
}

#[test]
fn planes_without_pixels_or_direction_and_volumes_of_one_voxel_do_no_harm() {
    let grid = Grid::aligned([1, 1, 1], Point::origin(), [1.0; 3]).unwrap();
    let scan = whole(&grid);
    let slab = Slab { projection: Projection::Mean, thickness_mm: f64::NAN };
    let plane = SlicePlane::standard(Orientation::Coronal, Point::origin(), 0.25, [9, 5]);
    let image = SliceImage::of_slab(&scan, plane, Interpolation::Linear, slab);
    assert_eq!(image.values.iter().filter(|value| **value == value_of_one()).count(), 25);
    for plane in [SlicePlane { size: [0, 4], ..plane }, SlicePlane { size: [4, 0], ..plane }] {
        assert!(SliceImage::of_slab(&scan, plane, Interpolation::Nearest, slab).values.is_empty());
    }
    let plane = SlicePlane { right: Vector::zeros(), ..plane };
    assert_eq!(SliceImage::of_slab(&scan, plane, Interpolation::Linear, slab).values.len(), 45);
}

fn value_of_one() -> f32 {
    value([0, 0, 0])
}

fn small_scan() -> Scan {
    let grid = Grid::aligned([12, 10, 8], Point::new(-30.0, 5.0, 100.0), [0.75, 0.75, 2.5]).unwrap();
    let voxels = (0..grid.len()).map(|o| ((o * 7919) % 2000) as i16 - 1000).collect();
    let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
    Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
}

#[test]
fn an_axial_slice_is_the_voxels_themselves() {
    let scan = small_scan();
    for interpolation in [Interpolation::Nearest, Interpolation::Linear] {
        let plane = SlicePlane::covering(scan.grid(), Orientation::Axial, 107.5);
        assert_eq!(plane.size, [12, 10]);
        let image = SliceImage::of(&scan, plane, interpolation);
        let expected: Vec<f32> = scan.ct().unwrap().voxels()[360..480].iter().map(|v| f32::from(*v)).collect();
        assert_eq!(image.values, expected);
    }
}

#[test]
fn the_fast_path_agrees_with_the_general_one() {
    let scan = small_scan();
    let volume = scan.ct().unwrap();
    for orientation in Orientation::ALL {
        let plane = SlicePlane::standard(orientation, Point::new(-26.3, 8.1, 107.9), 0.4, [31, 29]);
        let image = SliceImage::of(&scan, plane, Interpolation::Linear);
        for (place, value) in image.values.iter().enumerate() {
            let point = plane.patient_from_pixel([(place % 31) as f64, (place / 31) as f64]);
            let expected = volume.sample_index(scan.grid().index_from_patient(point));
            match expected {
                Some(expected) => assert!((f64::from(*value) - expected).abs() < 0.01, "{value} not {expected}"),
                None => assert!(value.is_nan()),
            }
        }
    }
}

#[test]
fn an_oblique_slice_shows_trilinear_values() {
    let scan = small_scan();
    let right = Vector::new(1.0, 0.3, 0.2).normalize();
    let down = right.cross(&Vector::z()).normalize();
    let centre = scan.grid().bounds().centre();
    let plane = SlicePlane::centred(centre, right, down, 0.5, [9, 9]);
    let image = SliceImage::of(&scan, plane, Interpolation::Linear);
    let expected = scan.sample_index(scan.grid().index_from_patient(centre)).unwrap();
    assert!((f64::from(image.values[40]) - expected).abs() < 1e-3);
    let [x, y] = plane.pixel_from_patient(plane.patient_from_pixel([2.5, 7.0]));
    assert!((x - 2.5).abs() < 1e-9 && (y - 7.0).abs() < 1e-9);
}
