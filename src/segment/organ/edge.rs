//! Where the edge of a bright organ lies: halfway between what is outside and what is inside.

use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// Soft tissue around bone.
const OUTSIDE_HU: f64 = 50.0;
/// The inside is the brightest voxel of the mask within this, in every direction.
const REACH_MM: f64 = 1.8;
/// No voxel over this is taken off, however bright the bone beside it: dense bone lies beside weak bone too.
const SURE_HU: f64 = 300.0;

/// `mask` without the voxels of its surface that are darker than the middle between soft tissue and the brightest voxel
/// nearby: the blur of a scanner makes bright things look larger at a low threshold (half maximum height; Spoor,
/// Zonneveld & Macho 1993).
///
/// Does nothing on voxels wider than [`REACH_MM`]: they hold bone and soft tissue both, and half of a bone is bone.
pub(super) fn at_half_height(mask: &Volume<u8>, values: &Volume<i16>) -> Volume<u8> {
    let dims = mask.grid().dims();
    let reach = mask.grid().spacing_mm().map(|h| (REACH_MM / h) as usize);
    let mut voxels = mask.voxels().to_vec();
    if reach[0] == 0 || reach[1] == 0 {
        return mask.clone();
    }
    let [ni, nj, nk] = dims;
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        let bone = &mask.voxels()[row * ni..(row + 1) * ni];
        for (i, out) in out.iter_mut().enumerate().filter(|(i, _)| bone[*i] != 0) {
            let at = row * ni + i;
            let outside = |inside: bool, there: usize| inside && mask.voxels()[there] == 0;
            let on_surface = outside(0 < i, at.wrapping_sub(1))
                || outside(i + 1 < ni, at + 1)
                || outside(0 < j, at.wrapping_sub(ni))
                || outside(j + 1 < nj, at + ni)
                || outside(0 < k, at.wrapping_sub(ni * nj))
                || outside(k + 1 < nk, at + ni * nj);
            let value = f64::from(values.voxels()[at]);
            if !on_surface || SURE_HU <= value {
                continue;
            }
            let range = |x: usize, axis: usize| x.saturating_sub(reach[axis])..(x + reach[axis] + 1).min(dims[axis]);
            let mut brightest = f64::NEG_INFINITY;
            for (j, k) in range(k, 2).flat_map(|k| range(j, 1).map(move |j| (j, k))) {
                for there in range(i, 0).map(|i| (k * nj + j) * ni + i).filter(|there| mask.voxels()[*there] != 0) {
                    brightest = brightest.max(f64::from(values.voxels()[there]));
                }
            }
            *out = u8::from((0.5 * (OUTSIDE_HU + brightest)).min(SURE_HU) <= value);
        }
    });
    Volume::new(Arc::clone(mask.grid()), voxels).expect("one value per voxel")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    fn line(values: &[i16], low_hu: i16, spacing_mm: f64) -> Vec<u8> {
        let grid = Grid::aligned([values.len(), 1, 1], Point::origin(), [spacing_mm, 1.0, 1.0]).unwrap();
        let values = Volume::new(grid.clone(), values.to_vec()).unwrap();
        let mask = Volume::new(grid, values.voxels().iter().map(|v| u8::from(low_hu <= *v)).collect()).unwrap();
        at_half_height(&mask, &values).voxels().to_vec()
    }

    #[test]
    fn the_edge_of_a_blurred_bone_lies_at_half_its_height() {
        let blurred = [50, 90, 210, 310, 480, 500, 480, 310, 210, 90, 50];
        assert_eq!(line(&blurred, 200, 0.8), [0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]);
    }

    #[test]
    fn thin_and_weak_bone_stays_and_so_does_bone_between_wide_voxels() {
        assert_eq!(line(&[50, 140, 230, 140, 50], 200, 0.8), [0, 0, 1, 0, 0]);
        assert_eq!(line(&[50, 205, 900, 320, 50], 200, 0.8), [0, 0, 1, 1, 0]);
        assert_eq!(line(&[50, 205, 900, 320, 50], 200, 3.0), [0, 1, 1, 1, 0]);
    }
}
