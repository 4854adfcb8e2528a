//! What may be chosen about the abdomen phantom.

use crate::geom::{Grid, Point};
use serde::{Deserialize, Serialize};

/// The choices, with defaults for an ordinary portal venous scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Distance between voxel centres along x, y, z in mm.
    pub spacing_mm: [f64; 3],
    /// Where noise, vessel trees and gut loops come from.
    pub seed: u64,
    /// Standard deviation of the noise in HU.
    pub noise_hu: f64,
    /// Standard deviation of the point spread function in the slice in mm.
    pub blur_mm: f64,
    /// The part of its diameter that the aorta loses at its stenosis, in percent; 0 for none.
    pub stenosis_percent: f64,
    /// Length of the stenosis in mm.
    pub stenosis_length_mm: f64,
    /// Radius of the aorta below the renal arteries in mm.
    pub aorta_radius_mm: f64,
    /// Radius of the liver tumour in mm; 0 for none.
    pub tumour_radius_mm: f64,
    /// End points of the portal vein tree; the hepatic veins get as many.
    pub vessel_ends: usize,
    /// Whether there is a patient table.
    pub table: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            spacing_mm: [0.9, 0.9, 1.5],
            seed: 1,
            noise_hu: 11.0,
            blur_mm: 0.7,
            stenosis_percent: 50.0,
            stenosis_length_mm: 24.0,
            aorta_radius_mm: 8.5,
            tumour_radius_mm: 15.0,
            vessel_ends: 28,
            table: true,
        }
    }
}

/// Why a phantom could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PhantomError {
    /// A parameter is out of its range.
    #[error("{name} is {value} {unit}; it must be {low} to {high} {unit}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// Its unit.
        unit: &'static str,
        /// The smallest value allowed.
        low: f64,
        /// The largest value allowed.
        high: f64,
    },
    /// The grid would be too large.
    #[error("a spacing of {} × {} × {} mm gives {millions:.0} million voxels; choose it so that there are at most {limit} million", .spacing_mm[0], .spacing_mm[1], .spacing_mm[2])]
    TooManyVoxels {
        /// The spacing asked for.
        spacing_mm: [f64; 3],
        /// Voxels it gives, in millions.
        millions: f64,
        /// Most millions of voxels.
        limit: f64,
    },
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] crate::base::Cancelled),
}

/// Most voxels of a phantom, in millions: 1.2 GB while it is made.
pub(super) const MILLION_VOXELS_MAX: f64 = 200.0;

/// Check that `value` lies in `range`, ends included.
pub(super) fn check(name: &'static str, value: f64, unit: &'static str, range: [f64; 2]) -> Result<(), PhantomError> {
    let [low, high] = range;
    // Written so that NaN fails.
    if low <= value && value <= high { Ok(()) } else { Err(PhantomError::OutOfRange { name, value, unit, low, high }) }
}

/// Voxels along each axis that cover `field_mm`.
pub(super) fn dims(field_mm: [f64; 3], spacing_mm: [f64; 3]) -> Result<[usize; 3], PhantomError> {
    const NAMES: [&str; 3] = ["the spacing along x", "the spacing along y", "the spacing along z"];
    for axis in 0..3 {
        check(NAMES[axis], spacing_mm[axis], "mm", [0.1, 10.0])?;
    }
    let dims = [0, 1, 2].map(|axis| ((field_mm[axis] / spacing_mm[axis]).round() as usize).max(1));
    let millions = dims.iter().product::<usize>() as f64 * 1e-6;
    if MILLION_VOXELS_MAX < millions {
        return Err(PhantomError::TooManyVoxels { spacing_mm, millions, limit: MILLION_VOXELS_MAX });
    }
    Ok(dims)
}

/// The voxels of a field of view that is centred on the z axis and starts at z = 0.
pub(super) fn grid(field_mm: [f64; 3], spacing_mm: [f64; 3]) -> Result<Grid, PhantomError> {
    let dims = dims(field_mm, spacing_mm)?;
    let first = |axis: usize| -0.5 * (dims[axis] as f64 - 1.0) * spacing_mm[axis];
    let origin = Point::new(first(0), first(1), 0.5 * spacing_mm[2]);
    Ok(Grid::aligned(dims, origin, spacing_mm).expect("checked dims and spacing"))
}

impl Params {
    /// Check every parameter.
    ///
    /// # Errors
    /// [`PhantomError`] for the first one out of its range.
    pub fn check(&self) -> Result<(), PhantomError> {
        check("the noise", self.noise_hu, "HU", [0.0, 200.0])?;
        check("the blur", self.blur_mm, "mm", [0.0, 5.0])?;
        check("the stenosis", self.stenosis_percent, "% of the diameter", [0.0, 90.0])?;
        check("the length of the stenosis", self.stenosis_length_mm, "mm", [10.0, 60.0])?;
        check("the radius of the aorta", self.aorta_radius_mm, "mm", [5.0, 11.0])?;
        if self.tumour_radius_mm != 0.0 {
            check("the radius of the tumour", self.tumour_radius_mm, "mm", [2.0, 24.0])?;
        }
        check("the number of vessel ends", self.vessel_ends as f64, "ends", [2.0, 80.0])
    }
}
