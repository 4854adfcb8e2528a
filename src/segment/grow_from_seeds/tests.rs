//! Growing against plain shortest paths, updates against new computations.

use super::*;
use crate::base::{Progress, parallel, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Modality, Scan, Volume, Voxels};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

fn scan_of(voxels: Voxels, modality: Modality) -> Scan {
    Scan { voxels, modality, window: None, facts: vec![] }
}

/// Blobs of 100 HU in noise, with more than one brick along every axis.
fn noisy(dims: [usize; 3], spacing_mm: [f64; 3]) -> Scan {
    let grid = Grid::aligned(dims, Point::origin(), spacing_mm).unwrap();
    let mut rng = Rng::new(3);
    let value = |offset: usize| {
        let [i, j, k] = grid.voxel(offset);
        let blob = ((i / 13 + j / 11 + k / 17) % 2) as f64;
        (100.0 * blob + 15.0 * rng.normal()) as i16
    };
    let voxels = (0..grid.len()).map(value).collect();
    scan_of(Voxels::I16(Volume::new(grid, voxels).unwrap()), Modality::Ct)
}

fn empty_seeds(scan: &Scan) -> Vec<u8> {
    vec![0; scan.grid().len()]
}

fn volume(scan: &Scan, voxels: &[u8]) -> Volume<u8> {
    Volume::new(Arc::clone(scan.grid()), voxels.to_vec()).unwrap()
}

fn everything(scan: &Scan) -> [std::ops::Range<usize>; 3] {
    scan.grid().dims().map(|n| 0..n)
}

fn grow(terrain: &Terrain, seeds: &Volume<u8>) -> Volume<u8> {
    let region = everything(terrain.scan());
    let seeds = LabelMap::numbered(seeds);
    grow_from_seeds(terrain, &seeds, &region, &mut GrowWorkspace::default(), &Progress::default()).unwrap().to_volume()
}

/// Dijkstra with a heap over single voxels, in the units of the terrain.
fn plain(terrain: &Terrain, seeds: &Volume<u8>) -> Vec<u8> {
    let grid = terrain.scan().grid();
    let dims = grid.dims();
    let mut units = vec![0_i16; grid.len()];
    terrain.units(0, &mut units);
    let mut best = vec![(u32::MAX, 0_u8); grid.len()];
    let mut heap = BinaryHeap::new();
    for (offset, label) in seeds.voxels().iter().enumerate().filter(|(_, label)| **label != 0) {
        best[offset] = (0, *label);
        if units[offset] != terrain::WALL {
            heap.push(Reverse((0_u32, *label, offset)));
        }
    }
    while let Some(Reverse((distance, label, offset))) = heap.pop() {
        if best[offset] != (distance, label) {
            continue;
        }
        let at = grid.voxel(offset);
        for axis in 0..3 {
            for up in [false, true] {
                if (up && at[axis] + 1 == dims[axis]) || (!up && at[axis] == 0) {
                    continue;
                }
                let mut to = at;
                to[axis] = if up { to[axis] + 1 } else { to[axis] - 1 };
                let to = grid.offset(to);
                let cost = (i32::from(units[offset]) - i32::from(units[to])).abs() + terrain.step_units()[axis];
                let through = (distance + cost as u32, label);
                if units[to] != terrain::WALL && through < best[to] {
                    best[to] = through;
                    heap.push(Reverse((through.0, label, to)));
                }
            }
        }
    }
    best.into_iter().map(|(_, label)| label).collect()
}

#[test]
fn labels_are_those_of_shortest_paths() {
    for (dims, spacing_mm) in [([70, 41, 37], [0.7, 0.7, 2.5]), ([33, 65, 1], [1.0; 3]), ([1, 1, 90], [3.0, 0.5, 5.0])]
    {
        let scan = noisy(dims, spacing_mm);
        let mut seeds = empty_seeds(&scan);
        let n = seeds.len();
        [(1, 0), (2, n / 2), (3, n - 1), (2, n / 3)].into_iter().for_each(|(label, at)| seeds[at] = label);
        let seeds = volume(&scan, &seeds);
        let mut walls = vec![1_u8; n];
        (0..n).filter(|offset| offset % 7 == 3 && seeds.voxels()[*offset] == 0).for_each(|offset| walls[offset] = 0);
        let walls = volume(&scan, &walls);
        for terrain in [
            Terrain::new(&scan, 1.0),
            Terrain::new(&scan, 0.0).only_inside(&walls),
            Terrain::new(&scan, 3.0).only_in_range(-20.0..=130.0),
        ] {
            assert_eq!(grow(&terrain, &seeds).voxels(), plain(&terrain, &seeds), "{dims:?}");
        }
    }
}

#[test]
fn an_update_is_what_a_new_computation_gives() {
    let scan = noisy([75, 50, 40], [0.8, 0.8, 1.5]);
    let terrain = Terrain::new(&scan, 1.0);
    let mut rng = Rng::new(8);
    let mut seeds = empty_seeds(&scan);
    let mut workspace = GrowWorkspace::default();
    for stroke in 0..8 {
        // Paint a row, every third stroke over or instead of what is there.
        let (label, start) = (1 + rng.below(4) as u8, rng.below(seeds.len() - 30));
        if stroke % 3 == 2 {
            let gone = 1 + rng.below(4) as u8;
            seeds.iter_mut().filter(|seed| **seed == gone).take(9).for_each(|seed| *seed = 0);
        }
        seeds[start..start + 12].fill(label);
        let painted = volume(&scan, &seeds);
        // The box around the seeds grows and shrinks.
        let region = region_around(&painted, 9.0).unwrap();
        let progress = Progress::default();
        let painted = LabelMap::numbered(&painted);
        assert_eq!(region_around_segments(&painted, 9.0), Some(region.clone()));
        let updated = grow_from_seeds(&terrain, &painted, &region, &mut workspace, &progress).unwrap();
        let anew = grow_from_seeds(&terrain, &painted, &region, &mut GrowWorkspace::default(), &progress).unwrap();
        assert!(updated == anew, "stroke {stroke}");
        let again = grow_from_seeds(&terrain, &painted, &region, &mut workspace, &progress).unwrap();
        assert!(again == updated, "stroke {stroke}");
    }
}

#[test]
fn one_thread_and_three_give_the_same_labels() {
    let scan = noisy([70, 70, 70], [1.0; 3]);
    let mut seeds = empty_seeds(&scan);
    (0..8).for_each(|n| seeds[n * 40_123 + 7] = n as u8 + 1);
    let seeds = volume(&scan, &seeds);
    let terrain = Terrain::new(&scan, 1.0);
    let run = || grow(&terrain, &seeds);
    assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
}

#[test]
fn even_ground_is_shared_by_millimetres() {
    let grid = Grid::aligned([1, 1, 21], Point::origin(), [1.0, 1.0, 5.0]).unwrap();
    let scan = scan_of(Voxels::F32(Volume::new(grid, vec![7.5; 21]).unwrap()), Modality::Mr);
    let mut seeds = vec![0; 21];
    (seeds[0], seeds[20]) = (9, 4);
    let grown = grow(&Terrain::new(&scan, 1.0), &volume(&scan, &seeds));
    assert_eq!(grown.voxels()[..10], [9; 10]);
    assert_eq!(grown.voxels()[10..], [4; 11]);
}

#[test]
fn values_that_are_no_numbers_are_walls() {
    let grid = Grid::aligned([5, 1, 1], Point::origin(), [1.0; 3]).unwrap();
    let values = vec![0.0, 1.0, f32::NAN, 2.0, 3.0];
    let scan = scan_of(Voxels::F32(Volume::new(grid, values).unwrap()), Modality::Other);
    let grown = grow(&Terrain::new(&scan, 1.0), &volume(&scan, &[3, 0, 0, 0, 0]));
    assert_eq!(grown.voxels(), [3, 3, 0, 0, 0]);
    assert!(!Terrain::new(&scan, 1.0).is_open(2));
}

#[test]
fn without_seeds_there_is_no_region_and_cancelling_empties_the_workspace() {
    let scan = noisy([40, 40, 4], [1.0; 3]);
    assert_eq!(region_around(&volume(&scan, &empty_seeds(&scan)), 5.0), None);
    let mut seeds = empty_seeds(&scan);
    seeds[85] = 1;
    let seeds = volume(&scan, &seeds);
    assert_eq!(region_around(&seeds, 2.0), Some([3..8, 0..5, 0..3]));
    let seeds = LabelMap::numbered(&seeds);
    let (mut workspace, progress) = (GrowWorkspace::default(), Progress::default());
    progress.cancel();
    let region = everything(&scan);
    let terrain = Terrain::new(&scan, 1.0);
    assert!(grow_from_seeds(&terrain, &seeds, &region, &mut workspace, &progress).is_err());
    let grown = grow_from_seeds(&terrain, &seeds, &region, &mut workspace, &Progress::default()).unwrap();
    assert!(grown.to_volume().voxels().iter().all(|label| *label == 1));
}
