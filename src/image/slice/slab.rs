//! Thick slices: the values across a slab become one.

use super::{Interpolation, Sampler, SliceImage, SlicePlane, Value, in_rows, index_steps};
use crate::geom::{Grid, Vector};
use crate::image::{Scan, Volume, Voxels};
use pulp::{Arch, Simd, WithSimd};
use serde::{Deserialize, Serialize};

/// How the values across a slab become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Projection {
    /// The largest: vessels with contrast, bone.
    Maximum,
    /// The smallest: airways, bile ducts.
    Minimum,
    /// The mean: less noise.
    Mean,
    /// The mean times the thickness of the slab: the integral along the line of sight, value times mm. Where the slab
    /// leaves the scan, only what lies inside counts.
    Sum,
}

impl Projection {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Maximum, Self::Minimum, Self::Mean, Self::Sum];

    /// What the menu says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Maximum => "maximum (MIP)",
            Self::Minimum => "minimum (MinIP)",
            Self::Mean => "mean",
            Self::Sum => "sum",
        }
    }

    /// The short name in the corner of a view.
    pub fn short(self) -> &'static str {
        match self {
            Self::Maximum => "MIP",
            Self::Minimum => "MinIP",
            Self::Mean => "mean",
            Self::Sum => "sum",
        }
    }
}

/// A slab around a plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slab {
    /// How its values become one.
    pub projection: Projection,
    /// From one face to the other, the plane half-way between.
    pub thickness_mm: f64,
}

impl Slab {
    /// Where the slab around a plane is sampled, mm along [`SlicePlane::away`].
    ///
    /// One sample lies on the plane, the others on both sides of it as far as the faces, at the voxel spacing along the
    /// direction: the way on which the index in the grid changes by one. Across an axis of the grid that is the spacing
    /// of the axis, so that a slab around a plane of voxel centres takes whole planes of voxels. A slab thinner than two
    /// spacings is its plane.
    pub fn offsets_mm(&self, grid: &Grid, plane: &SlicePlane) -> Vec<f64> {
        let away = plane.away();
        let per_mm = (grid.index_from_patient(plane.origin + away) - grid.index_from_patient(plane.origin)).norm();
        // A plane without area has no direction, and a slab may be asked to be of no number's thickness.
        let beside = (0.5 * self.thickness_mm * per_mm + 1e-6).max(0.0) as i32;
        // Nothing is beyond the grid's diagonal, wherever the plane is.
        let diagonal = grid.dims().iter().sum::<usize>() as i32;
        let beside = beside.min(diagonal);
        (-beside..=beside).map(|n| if n == 0 { 0.0 } else { f64::from(n) / per_mm }).collect()
    }
}

impl SliceImage {
    /// The values of `scan` across a slab centred on `plane`, made one by the slab's projection; sampled as
    /// [`Slab::offsets_mm`] says. Samples outside the scan, and voxels that are no number, do not count; `NaN` where
    /// nothing does.
    pub fn of_slab(scan: &Scan, plane: SlicePlane, interpolation: Interpolation, slab: Slab) -> Self {
        let values = match &scan.voxels {
            Voxels::I16(volume) => through(volume, &plane, interpolation, slab),
            Voxels::F32(volume) => through(volume, &plane, interpolation, slab),
        };
        Self { plane, values }
    }
}

fn through<T: Value>(volume: &Volume<T>, plane: &SlicePlane, interpolation: Interpolation, slab: Slab) -> Vec<f32> {
    let [width, height] = plane.size;
    let (first, across, down) = index_steps(volume.grid(), plane);
    let offsets = slab.offsets_mm(volume.grid(), plane);
    let deep = volume.grid().index_from_patient(plane.origin + plane.away()) - first;
    let (sampler, arch) = (Sampler::new(volume), Arch::new());
    let mut values = vec![f32::NAN; width * height];
    // Value times mm that one sample stands for.
    let each_mm = (slab.thickness_mm / offsets.len() as f64) as f32;
    in_rows(&mut values, width, |y, row| {
        let starts = offsets.iter().map(|mm| {
            let start = first + down * y as f64;
            if *mm == 0.0 { start } else { start + deep * *mm }
        });
        row_through(&sampler, arch, starts, (across, interpolation), slab.projection, row);
        if slab.projection == Projection::Sum {
            row.iter_mut().for_each(|sum| *sum *= each_mm);
        }
    });
    values
}

/// The values of one row across layers that begin at `starts` and go on in steps of `across`, made one; of a
/// [`Projection::Sum`] the sum of the samples.
pub(in crate::image) fn row_through<T: Value>(
    sampler: &Sampler<'_, T>,
    arch: Arch,
    starts: impl Iterator<Item = Vector>,
    (across, interpolation): (Vector, Interpolation),
    projection: Projection,
    row: &mut [f32],
) {
    let mut layer = vec![0.0; row.len()];
    let mut counts = vec![0.0_f32; row.len()];
    for start in starts {
        sampler.row(start, across, interpolation, &mut layer);
        arch.dispatch(Layer { projection, all: row, counts: &mut counts, values: &layer });
    }
    if projection == Projection::Mean {
        fold(row, &counts, |sum, count| sum / count);
    }
}

/// Taking one more layer of samples into a row.
struct Layer<'a> {
    projection: Projection,
    all: &'a mut [f32],
    counts: &'a mut [f32],
    values: &'a [f32],
}

impl WithSimd for Layer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { projection, all, counts, values } = self;
        match projection {
            // A comparison with no number does not hold.
            Projection::Maximum => {
                fold(all, values, |best, value| if best.is_nan() || best < value { value } else { best })
            }
            Projection::Minimum => {
                fold(all, values, |best, value| if best.is_nan() || value < best { value } else { best })
            }
            Projection::Mean | Projection::Sum => {
                fold(all, values, |sum, value| {
                    let more = if sum.is_nan() { value } else { sum + value };
                    if value.is_nan() { sum } else { more }
                });
                fold(counts, values, |count, value| if value.is_nan() { count } else { count + 1.0 });
            }
        }
    }
}

#[inline(always)]
fn fold(all: &mut [f32], layer: &[f32], f: impl Fn(f32, f32) -> f32) {
    all.iter_mut().zip(layer).for_each(|(all, value)| *all = f(*all, *value));
}
