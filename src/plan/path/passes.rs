//! What a path passes through, in order: segments of a label map, and air, soft tissue and bone of a scan.

use super::{Path, PathError};
use crate::geom::Grid;
use crate::image::{LabelMap, Scan};
use crate::plan::Bounded;
use serde::{Deserialize, Serialize};

/// A stretch of a path within one thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run<T> {
    /// What it is.
    pub of: T,
    /// Where it begins, from the entry.
    pub from_mm: f64,
    /// Where it ends.
    pub to_mm: f64,
}

impl<T> Run<T> {
    /// How long it is. Either end is known to half the way through a voxel, `voxel_mm` long along the path.
    pub fn length_mm(&self, voxel_mm: f64) -> Bounded {
        Bounded::within(self.to_mm - self.from_mm, voxel_mm).at_least(0.0)
    }
}

/// What a scan shows at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// Gas: outside the body, in lung or gut.
    Air,
    /// Everything between.
    Soft,
    /// Bone, or contrast agent as dense as bone.
    Bone,
}

/// Where one matter ends and another begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Matters {
    /// Below is air: half-way between air at −1000 HU and fat or water near 0, so that lung counts as air.
    pub air_hu_below: f64,
    /// From here on bone: the program's threshold preset for bone (conventions 7.6, InVesalius).
    pub bone_hu_from: f64,
}

impl Default for Matters {
    fn default() -> Self {
        Self { air_hu_below: -500.0, bone_hu_from: 226.0 }
    }
}

impl Matters {
    /// What a value in HU is.
    pub fn of(&self, hu: f64) -> Matter {
        if hu < self.air_hu_below {
            Matter::Air
        } else if hu < self.bone_hu_from {
            Matter::Soft
        } else {
            Matter::Bone
        }
    }
}

/// The length of a step through a voxel of `grid` along the path: how finely lengths along it are known.
pub fn voxel_mm(path: &Path, grid: &Grid) -> f64 {
    let origin = grid.index_from_patient(path.entry());
    let per_mm = grid.index_from_patient(path.at(1.0)) - origin;
    1.0 / per_mm.amax().max(1e-9)
}

/// What `of` says of the voxels along the path, in order, exact to their borders; it is asked with none outside the grid.
pub(in crate::plan) fn runs_along<T: PartialEq>(
    path: &Path,
    grid: &Grid,
    of: impl Fn(Option<[usize; 3]>) -> T,
) -> Vec<Run<T>> {
    let mut runs = Vec::new();
    through_voxels(path, grid, |voxel, from_mm, to_mm| join(&mut runs, of(voxel), from_mm, to_mm));
    runs
}

/// The labels along the path, in order, exact to the borders of the voxels; 0 where there is none or no voxel.
pub fn labels_along(path: &Path, map: &LabelMap) -> Vec<Run<u8>> {
    runs_along(path, map.grid(), |voxel| voxel.map_or(0, |voxel| map.at(voxel)))
}

/// Air, soft tissue and bone along the path, in order, exact to the borders of the voxels.
///
/// # Errors
/// [`PathError::OutsideScan`] if entry or target lie outside the scan: what is there is not known.
pub fn matter_along(path: &Path, scan: &Scan, matters: &Matters) -> Result<Vec<Run<Matter>>, PathError> {
    let grid = scan.grid();
    for (what, place) in [("entry", path.entry()), ("target", path.target())] {
        if grid.voxel_at(place).is_none() {
            return Err(PathError::OutsideScan { what });
        }
    }
    let mut runs = Vec::new();
    through_voxels(path, grid, |voxel, from_mm, to_mm| {
        if let Some(voxel) = voxel {
            join(&mut runs, matters.of(scan.value(grid.offset(voxel))), from_mm, to_mm);
        }
    });
    Ok(runs)
}

/// The air within the body that the path passes: every run of air but one that the path begins with, before the skin.
///
/// Runs shorter than a voxel's way are noise and left out.
pub fn air_inside<'a>(runs: &'a [Run<Matter>], voxel_mm: f64) -> impl Iterator<Item = &'a Run<Matter>> + 'a {
    let of_air = runs.iter().enumerate().filter(|(n, run)| 0 < *n && run.of == Matter::Air);
    of_air.map(|(_, run)| run).filter(move |run| voxel_mm <= run.to_mm - run.from_mm)
}

/// The first thing that is no background.
pub fn first_entered(runs: &[Run<u8>]) -> Option<&Run<u8>> {
    runs.iter().find(|run| run.of != 0)
}

fn join<T: PartialEq>(runs: &mut Vec<Run<T>>, of: T, from_mm: f64, to_mm: f64) {
    match runs.last_mut() {
        Some(last) if last.of == of => last.to_mm = to_mm,
        _ => runs.push(Run { of, from_mm, to_mm }),
    }
}

/// Every voxel the path goes through, in order, with where it enters and leaves it (Amanatides and Woo 1987); none for
/// stretches outside the grid.
fn through_voxels(path: &Path, grid: &Grid, mut visit: impl FnMut(Option<[usize; 3]>, f64, f64)) {
    let start = grid.index_from_patient(path.entry()).add_scalar(0.5);
    let per_mm = grid.index_from_patient(path.at(1.0)).add_scalar(0.5) - start;
    // Depths at which a face between voxels is passed, axis by axis; the three lists are merged.
    let next_face = |axis: usize, cell: f64| {
        let ahead = if 0.0 < per_mm[axis] { cell + 1.0 } else { cell };
        if per_mm[axis].abs() < 1e-12 { f64::INFINITY } else { (ahead - start[axis]) / per_mm[axis] }
    };
    let mut cell = start.map(f64::floor);
    let mut faces = [0, 1, 2].map(|axis| next_face(axis, cell[axis]));
    let dims = grid.dims();
    let mut depth = 0.0_f64;
    while depth < path.length_mm() {
        let axis = (0..3).min_by(|a, b| faces[*a].total_cmp(&faces[*b])).expect("three axes");
        let until = faces[axis].clamp(depth, path.length_mm());
        if depth < until {
            let inside = (0..3).all(|a| 0.0 <= cell[a] && cell[a] < dims[a] as f64);
            visit(inside.then(|| [cell.x as usize, cell.y as usize, cell.z as usize]), depth, until);
        }
        depth = until;
        if faces[axis] < path.length_mm() {
            cell[axis] += per_mm[axis].signum();
            faces[axis] = next_face(axis, cell[axis]);
        } else {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::image::{Modality, Volume, Voxels};

    /// Slabs along x: air, 10 mm of soft tissue, 5 mm of bone, soft tissue, and a bubble.
    fn slabs() -> (Scan, LabelMap) {
        let grid = Grid::aligned([60, 10, 10], Point::new(0.5, 0.5, 0.5), [1.0, 1.0, 1.0]).unwrap();
        let hu = |x: usize| match x {
            0..10 => -1000,
            20..25 => 700,
            40..43 => -950,
            _ => 40,
        };
        let voxels: Vec<i16> = (0..grid.len()).map(|o| hu(grid.voxel(o)[0])).collect();
        let labels = voxels.iter().map(|hu| match hu {
            700 => 2,
            40 => 1,
            _ => 0,
        });
        let labels = Volume::new(grid.clone(), labels.collect()).unwrap();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        (Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }, LabelMap::numbered(&labels))
    }

    #[test]
    fn a_slanted_path_passes_slabs_in_proportion() {
        let (scan, map) = slabs();
        let path = Path::new(Point::new(1.0, 1.0, 2.0), Point::new(51.0, 9.0, 7.0), 1.0).unwrap();
        let longer = path.length_mm() / 50.0;
        let runs = labels_along(&path, &map);
        let expected =
            [(0, 1.0, 10.0), (1, 10.0, 20.0), (2, 20.0, 25.0), (1, 25.0, 40.0), (0, 40.0, 43.0), (1, 43.0, 51.0)];
        assert_eq!(runs.len(), expected.len());
        for (run, (of, from, to)) in runs.iter().zip(expected) {
            assert_eq!(run.of, of);
            assert!(
                (run.from_mm - (from - 1.0) * longer).abs() < 1e-9 && (run.to_mm - (to - 1.0) * longer).abs() < 1e-9
            );
        }
        assert_eq!(first_entered(&runs).unwrap().of, 1);
        let matter = matter_along(&path, &scan, &Matters::default()).unwrap();
        use Matter::{Air, Bone, Soft};
        assert_eq!(matter.iter().map(|run| run.of).collect::<Vec<_>>(), [Air, Soft, Bone, Soft, Air, Soft]);
        let step = voxel_mm(&path, map.grid());
        assert!((step - longer).abs() < 1e-9);
        let air: Vec<_> = air_inside(&matter, step).collect();
        assert_eq!(air.len(), 1);
        assert!(air[0].length_mm(step).holds(3.0 * longer));
    }

    #[test]
    fn paths_along_axes_and_out_of_the_grid_end() {
        let (scan, map) = slabs();
        let along = Path::new(Point::new(55.0, 4.5, 4.5), Point::new(5.0, 4.5, 4.5), 1.0).unwrap();
        assert_eq!(labels_along(&along, &map).iter().map(|run| run.of).collect::<Vec<_>>(), [1, 0, 1, 2, 1, 0]);
        let beyond = Path::new(Point::new(15.0, 4.5, 4.5), Point::new(15.0, 4.5, 44.5), 1.0).unwrap();
        let runs = labels_along(&beyond, &map);
        assert_eq!((runs.len(), runs[0].to_mm, runs[1].to_mm), (2, 5.5, 40.0));
        let error = matter_along(&beyond, &scan, &Matters::default()).unwrap_err();
        assert_eq!(error, PathError::OutsideScan { what: "target" });
    }
}
