//! A scan as the user knows it: voxels with a modality, a unit and a display window.

use super::Volume;
use super::foreground::width_min;
use crate::base::{ContentHash, ContentHasher, parallel};
use crate::geom::Grid;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// What made the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Modality {
    /// Computed tomography; values are Hounsfield units.
    #[serde(rename = "CT")]
    Ct,
    /// Magnetic resonance; values have no unit.
    #[serde(rename = "MR")]
    Mr,
    /// Anything else.
    #[serde(rename = "other")]
    Other,
}

impl Modality {
    /// The short name on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ct => "CT",
            Self::Mr => "MR",
            Self::Other => "other",
        }
    }
}

/// A display window: values from `level − width/2` (black) to `level + width/2` (white).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Range of values shown, more than 0.
    pub width: f64,
    /// The value shown as middle grey.
    pub level: f64,
}

impl Window {
    /// Brightness of `value`, 0 to 1.
    #[inline]
    pub fn brightness(self, value: f64) -> f64 {
        ((value - self.level) / self.width + 0.5).clamp(0.0, 1.0)
    }
}

/// Voxel values after rescale: 16 bits where every value is a whole number that fits, else single precision.
#[derive(Debug, Clone, PartialEq)]
pub enum Voxels {
    /// Whole numbers, as CT in HU.
    I16(Volume<i16>),
    /// Real numbers.
    F32(Volume<f32>),
}

/// One image series of one patient, without anything that identifies the patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// The values.
    pub voxels: Voxels,
    /// What made it.
    pub modality: Modality,
    /// The window the file asks for, if any.
    pub window: Option<Window>,
    /// Technical facts worth showing (slice thickness, kernel, contrast …): name and value. Never names or dates.
    pub facts: Vec<(String, String)>,
}

impl Scan {
    /// Where the voxels are.
    pub fn grid(&self) -> &Arc<Grid> {
        match &self.voxels {
            Voxels::I16(volume) => volume.grid(),
            Voxels::F32(volume) => volume.grid(),
        }
    }

    /// The unit of a value: `HU` for CT, otherwise empty.
    pub fn unit(&self) -> &'static str {
        if self.modality == Modality::Ct { "HU" } else { "" }
    }

    /// The voxels in HU, if this is a CT with whole values.
    pub fn ct(&self) -> Option<&Volume<i16>> {
        match &self.voxels {
            Voxels::I16(volume) if self.modality == Modality::Ct => Some(volume),
            _ => None,
        }
    }

    /// The voxels in HU, if this is a CT; fractional values are rounded, and those beyond `i16` end at its limits.
    pub fn ct_hu(&self) -> Option<Cow<'_, Volume<i16>>> {
        match &self.voxels {
            _ if self.modality != Modality::Ct => None,
            Voxels::I16(volume) => Some(Cow::Borrowed(volume)),
            Voxels::F32(volume) => {
                let values = volume.voxels().par_iter().map(|value| value.round() as i16).collect();
                Some(Cow::Owned(Volume::new(Arc::clone(volume.grid()), values).expect("one value per voxel")))
            }
        }
    }

    /// The value at a place in memory.
    #[inline]
    pub fn value(&self, offset: usize) -> f64 {
        match &self.voxels {
            Voxels::I16(volume) => f64::from(volume.voxels()[offset]),
            Voxels::F32(volume) => f64::from(volume.voxels()[offset]),
        }
    }

    /// Trilinear value at a continuous index; `None` outside.
    pub fn sample_index(&self, index: nalgebra::Vector3<f64>) -> Option<f64> {
        match &self.voxels {
            Voxels::I16(volume) => volume.sample_index(index),
            Voxels::F32(volume) => volume.sample_index(index),
        }
    }

    /// The window to start with: the file's, else all but 0.1 % of the values at both ends.
    pub fn first_window(&self) -> Window {
        self.window.unwrap_or_else(|| {
            let stride = (self.grid().len() / 200_000).max(1);
            // Each of these voxels is a place in memory of its own to wait for: on all threads.
            let values = parallel::at_once(|| {
                let all = (0..self.grid().len()).into_par_iter().step_by(stride).map(|o| self.value(o));
                let mut values: Vec<f64> = all.filter(|value| value.is_finite()).collect();
                values.par_sort_unstable_by(f64::total_cmp);
                values
            });
            let Some(last) = values.len().checked_sub(1) else { return Window { width: 1.0, level: 0.0 } };
            let cut = (values.len() as f64 * 0.001) as usize;
            let (mut low, mut high) = (values[cut.min(last)], values[last - cut.min(last)]);
            if low == high {
                // A few spots in nothing.
                (low, high) = (values[0], values[last]);
            }
            let width = if low < high { (high - low).max(width_min([values[0], values[last]])) } else { 1.0 };
            Window { width, level: 0.5 * (low + high) }
        })
    }

    /// The hash of grid, values, modality and window.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        self.grid().hash_into(&mut hasher);
        hasher.text(self.modality.name());
        if let Some(Window { width, level }) = self.window {
            hasher.real(width).real(level);
        }
        match &self.voxels {
            Voxels::I16(volume) => hasher.array(volume.voxels()).finish(),
            Voxels::F32(volume) => hasher.array(volume.voxels()).finish(),
        }
    }

    /// Memory of the voxels in bytes.
    pub fn bytes(&self) -> usize {
        match &self.voxels {
            Voxels::I16(volume) => size_of_val(volume.voxels()),
            Voxels::F32(volume) => size_of_val(volume.voxels()),
        }
    }
}
