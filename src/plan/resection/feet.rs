//! The places of a cut within an organ.

use super::sweep::{Gather, sweep};
use super::{Blade, Layer, Organ, ResectionError};
use crate::base::Progress;
use crate::geom::Point;
use crate::plan::distance::half_voxel_mm;
use rayon::prelude::*;

/// Places of a cut within an organ, one for every voxel it goes through: the place of the cut nearest to the voxel's centre.
///
/// None if the cut misses the organ.
///
/// # Errors
/// [`ResectionError::Cancelled`].
pub fn feet(organ: &Organ, blade: &Blade, progress: &Progress) -> Result<Vec<Point>, ResectionError> {
    let Near { centres } = sweep(organ, blade, half_voxel_mm(organ.grid()), progress)?;
    Ok(centres.par_iter().map(|centre| blade.foot(centre)).collect())
}

/// The centres of voxels that a cut goes through.
#[derive(Default)]
struct Near {
    centres: Vec<Point>,
}

impl Gather for Near {
    fn block(&mut self, _: &Organ, _: usize, _: [usize; 3], _: bool) {}

    fn brick(&mut self, organ: &Organ, _: &Blade, brick: usize, sides_mm: &[f64; 64]) {
        let reach_mm = half_voxel_mm(organ.grid());
        let mut word = organ.words(brick)[Layer::Organ as usize];
        while word != 0 {
            let bit = word.trailing_zeros() as usize;
            if sides_mm[bit].abs() <= reach_mm {
                self.centres.push(organ.grid().centre(organ.voxel(brick, bit)));
            }
            word &= word - 1;
        }
    }

    fn join(&mut self, mut other: Self) {
        self.centres.append(&mut other.centres);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::humped;
    use super::*;
    use crate::geom::Grid;
    use crate::image::Volume;
    use crate::plan::{Cut, CutShape};

    /// Every place lies on the cut, near a voxel of the organ, and the section of a ball is covered as far as it goes.
    #[test]
    fn places_lie_on_the_cut_and_cover_the_section() {
        let grid = Grid::aligned([60; 3], Point::new(-29.5, -29.5, -29.5), [1.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 25.0)).collect();
        let organ = Organ::of(&Volume::new(grid, voxels).unwrap()).unwrap();
        for (shape, least_mm2) in [
            (CutShape::Plane { point: [0.0, 0.0, 4.2], normal: [0.0, 0.3, 1.0] }, 1800.0),
            (CutShape::Sphere { centre: [10.0, 0.0, 0.0], radius_mm: 9.0 }, 1000.0),
            (CutShape::Sheet(humped(20.0)), 1900.0),
        ] {
            let blade = Blade::of(&Cut { shape, width_mm: 2.0 }, &organ.bounds()).unwrap();
            let places = feet(&organ, &blade, &Progress::default()).unwrap();
            assert!(places.iter().all(|p| blade.side_mm(p).abs() < 1e-6 && p.coords.norm() < 25.0 + 1.8));
            // One voxel at least for each mm² that the cut shows along an axis.
            assert!(least_mm2 < places.len() as f64, "{}", places.len());
        }
        let beside = CutShape::Plane { point: [0.0, 0.0, 40.0], normal: [0.0, 0.0, 1.0] };
        let blade = Blade::of(&Cut { shape: beside, width_mm: 0.0 }, &organ.bounds()).unwrap();
        assert!(feet(&organ, &blade, &Progress::default()).unwrap().is_empty());
    }
}
