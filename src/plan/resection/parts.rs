//! A closed surface cut in two by any cut, both parts closed again.

use super::sweep::{Gather, sweep};
use super::{Blade, Organ, ResectionError};
use crate::base::Progress;
use crate::geom::Plane;
use crate::image::Volume;
use crate::mesh::Surface;
use crate::mesh::clip::{ClipError, clip};
use crate::mesh::contour::{ContourError, iso_surface};
use crate::mesh::distance_field::{distance_field, grid_around};
use rayon::prelude::*;
use std::sync::Arc;

/// The parts of a surface.
#[derive(Debug, Clone)]
pub struct Parts {
    /// What stays, if anything does.
    pub remnant: Option<Surface>,
    /// What is taken away, if anything is.
    pub resected: Option<Surface>,
}

/// The parts of `surface`, less what the instrument destroys.
///
/// A plane clips the surface itself and lays a flat lid over the cut. Any other cut is resolved in cubes of `voxel_mm`: the
/// part is where both the signed distance to the surface and the side of the cut are right, and its surface is contoured, so
/// that it is closed whatever the cut does; edges sharper than a voxel are rounded to it.
///
/// # Errors
/// [`ResectionError`] if voxels are too many or `progress` was cancelled.
pub fn parts(surface: &Surface, blade: &Blade, voxel_mm: f64, progress: &Progress) -> Result<Parts, ResectionError> {
    if let [plane] = blade.planes() {
        let moved = |normal, mm: f64| Plane::new(plane.point + plane.normal() * mm, normal).expect("it has a normal");
        let part = |plane: Plane| match clip(surface, &plane, true, progress) {
            Ok(part) => Ok(Some(part)),
            Err(ClipError::Nothing) => Ok(None),
            Err(ClipError::Cancelled(cancelled)) => Err(ResectionError::Cancelled(cancelled)),
        };
        let resected = part(moved(plane.normal(), blade.half_mm()))?;
        let remnant = part(moved(-plane.normal(), -blade.half_mm()))?;
        return Ok(Parts { remnant, resected });
    }
    let grid = grid_around(&surface.bounds(), 2.0 * voxel_mm, voxel_mm);
    let grid = grid.map_err(|error| ResectionError::Mesh(error.to_string()))?;
    let field = distance_field(surface, &grid, 3.0 * voxel_mm, &progress.part(0.0..0.4, "surface"))?;
    let near = field.voxels().par_iter().map(|mm| u8::from(*mm < 1.5 * voxel_mm as f32)).collect();
    let near = Organ::of(&Volume::new(Arc::clone(field.grid()), near).expect("one mark per voxel"))?;
    let sides: Sides = sweep(&near, blade, 2.0 * voxel_mm, &progress.part(0.4..0.7, "cut"))?;
    let sides = sides.on_grid(&near);
    let part = |sign: f32| {
        let half_mm = blade.half_mm() as f32;
        let inside = |(depth, side): (&f32, &f32)| (-depth).min(sign * side - half_mm);
        let values: Vec<f32> = field.voxels().par_iter().zip(&sides).map(inside).collect();
        let volume = Volume::new(Arc::clone(field.grid()), values).expect("one value per voxel");
        match iso_surface(&volume, 0.0, progress) {
            Ok(part) => Ok(Some(part)),
            Err(ContourError::Empty | ContourError::NoneAbove { .. }) => Ok(None),
            Err(ContourError::Cancelled(cancelled)) => Err(ResectionError::Cancelled(cancelled)),
            Err(error) => Err(ResectionError::Mesh(error.to_string())),
        }
    };
    Ok(Parts { resected: part(1.0)?, remnant: part(-1.0)? })
}

/// A side far from the cut.
const FAR_MM: f32 = 1e6;

/// Sides of voxels near a cut, and which side whole blocks lie on.
#[derive(Default)]
struct Sides {
    bricks: Vec<(usize, [f32; 64])>,
}

impl Sides {
    fn on_grid(&self, organ: &Organ) -> Vec<f32> {
        let grid = organ.grid();
        let mut values = vec![FAR_MM; grid.len()];
        for (brick, sides_mm) in &self.bricks {
            let [inside, _, beside] = organ.words(*brick);
            let mut word = inside | beside;
            while word != 0 {
                let bit = word.trailing_zeros() as usize;
                values[grid.offset(organ.voxel(*brick, bit))] = sides_mm[bit];
                word &= word - 1;
            }
        }
        values
    }
}

impl Gather for Sides {
    fn block(&mut self, organ: &Organ, level: usize, at: [usize; 3], is_resected: bool) {
        if level == 0 {
            self.bricks.push((organ.brick(at), [if is_resected { FAR_MM } else { -FAR_MM }; 64]));
        } else {
            organ.parts(level, at).for_each(|part| self.block(organ, level - 1, part, is_resected));
        }
    }

    fn brick(&mut self, _: &Organ, _: &Blade, brick: usize, sides_mm: &[f64; 64]) {
        self.bricks.push((brick, sides_mm.map(|mm| mm as f32)));
    }

    fn join(&mut self, mut other: Self) {
        self.bricks.append(&mut other.bricks);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::humped;
    use super::*;
    use crate::mesh::shapes::ball;
    use crate::plan::{Cut, CutShape};

    #[test]
    fn parts_of_a_ball_are_closed_and_add_up() {
        let surface = ball(25.0, 1.0);
        let blade = |shape, width_mm| Blade::of(&Cut { shape, width_mm }, &surface.bounds()).unwrap();
        for (shape, tolerance) in [
            (CutShape::Plane { point: [3.0, 2.0, 1.0], normal: [1.0, 2.0, 3.0] }, 1e-9),
            (CutShape::Sphere { centre: [20.0, 0.0, 0.0], radius_mm: 15.0 }, 0.02),
            (CutShape::Sheet(humped(20.0)), 0.02),
        ] {
            let Parts { remnant, resected } =
                parts(&surface, &blade(shape.clone(), 0.0), 1.0, &Progress::default()).unwrap();
            let (remnant, resected) = (remnant.unwrap(), resected.unwrap());
            assert_eq!((remnant.open_edges(), resected.open_edges()), (0, 0), "{shape:?}");
            let sum = remnant.volume_ml() + resected.volume_ml();
            assert!((sum / surface.volume_ml() - 1.0).abs() < tolerance, "{shape:?}: {sum}");
            let apart = parts(&surface, &blade(shape, 4.0), 1.0, &Progress::default()).unwrap();
            let less = apart.remnant.unwrap().volume_ml() + apart.resected.unwrap().volume_ml();
            assert!(less < 0.97 * sum, "{less} {sum}");
        }
        let beyond = CutShape::Sphere { centre: [90.0, 0.0, 0.0], radius_mm: 5.0 };
        let missed = parts(&surface, &blade(beyond, 1.0), 1.0, &Progress::default()).unwrap();
        assert!(missed.resected.is_none() && missed.remnant.is_some());
    }
}
