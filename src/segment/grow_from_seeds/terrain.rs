//! What growing walks over: image values in whole units, walls, and the cost of a step.

use crate::image::{Modality, Scan, Volume, Voxels};
use std::ops::RangeInclusive;

/// The value of a voxel that may not be entered.
pub(super) const WALL: i16 = i16::MIN;
/// Units a Hounsfield unit has, so that a short way still counts beside the noise.
const UNITS_PER_HU: f64 = 4.0;
/// Where there are no Hounsfield units, the middle 98 % of the values span as much as this in HU.
const SPAN_HU: f64 = 1000.0;

/// A scan as a landscape: a step between face neighbours costs the difference of their values and a little for its
/// length.
///
/// One unit is a quarter of a Hounsfield unit. Values of other scans are stretched so that the middle 98 % of them span
/// 1000 HU. Values that are no numbers are walls.
#[derive(Debug, Clone)]
pub struct Terrain<'a> {
    scan: &'a Scan,
    units_per_value: f64,
    range: RangeInclusive<f64>,
    inside: Option<&'a Volume<u8>>,
    /// Units a step along each axis costs even between equal values, at least 1.
    step_units: [i32; 3],
}

impl<'a> Terrain<'a> {
    /// The landscape of `scan` where one millimetre of way costs as much as `hu_per_mm` HU.
    pub fn new(scan: &'a Scan, hu_per_mm: f64) -> Self {
        let units_per_value = match scan.modality {
            Modality::Ct => UNITS_PER_HU,
            _ => UNITS_PER_HU * SPAN_HU / middle_span(scan),
        };
        let step_units =
            scan.grid().spacing_mm().map(|h| (UNITS_PER_HU * hu_per_mm * h).round().clamp(1.0, 4096.0) as i32);
        Self { scan, units_per_value, range: f64::NEG_INFINITY..=f64::INFINITY, inside: None, step_units }
    }

    /// This landscape with walls where the value is outside `range`.
    #[must_use]
    pub fn only_in_range(mut self, range: RangeInclusive<f64>) -> Self {
        self.range = range;
        self
    }

    /// This landscape with walls where `mask`, on the scan's grid, is 0.
    #[must_use]
    pub fn only_inside(mut self, mask: &'a Volume<u8>) -> Self {
        debug_assert_eq!(mask.grid(), self.scan.grid());
        self.inside = Some(mask);
        self
    }

    /// The scan.
    pub fn scan(&self) -> &'a Scan {
        self.scan
    }

    /// Whether the voxel at this place in memory may be entered.
    pub fn is_open(&self, offset: usize) -> bool {
        let value = self.scan.value(offset);
        value.is_finite() && self.range.contains(&value) && self.inside.is_none_or(|mask| mask.voxels()[offset] != 0)
    }

    pub(super) fn step_units(&self) -> [i32; 3] {
        self.step_units
    }

    /// The units of the voxels from `offset` on.
    pub(super) fn units(&self, offset: usize, out: &mut [i16]) {
        let scale = self.units_per_value as f32;
        let unit = |value: f32| (value * scale).round().clamp(-32_767.0, 32_767.0) as i16;
        match &self.scan.voxels {
            Voxels::I16(volume) if self.units_per_value == UNITS_PER_HU => {
                let quarter = UNITS_PER_HU as i16;
                let values = &volume.voxels()[offset..];
                out.iter_mut().zip(values).for_each(|(out, v)| *out = v.saturating_mul(quarter).max(-32_767));
            }
            Voxels::I16(volume) => {
                out.iter_mut().zip(&volume.voxels()[offset..]).for_each(|(out, v)| *out = unit(f32::from(*v)));
            }
            Voxels::F32(volume) => {
                let values = &volume.voxels()[offset..];
                out.iter_mut().zip(values).for_each(|(out, v)| *out = if v.is_finite() { unit(*v) } else { WALL });
            }
        }
        if *self.range.start() != f64::NEG_INFINITY || *self.range.end() != f64::INFINITY {
            let shut = |at: usize| !self.range.contains(&self.scan.value(at));
            out.iter_mut().enumerate().filter(|(n, _)| shut(offset + n)).for_each(|(_, out)| *out = WALL);
        }
        if let Some(mask) = self.inside {
            let marks = &mask.voxels()[offset..];
            out.iter_mut().zip(marks).filter(|(_, mark)| **mark == 0).for_each(|(out, _)| *out = WALL);
        }
    }
}

/// The range of the middle 98 % of the values, never 0.
fn middle_span(scan: &Scan) -> f64 {
    let stride = (scan.grid().len() / 200_000).max(1);
    let mut values: Vec<f64> = (0..scan.grid().len()).step_by(stride).map(|offset| scan.value(offset)).collect();
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return 1.0 };
    let cut = last / 100;
    let span = [values[last - cut] - values[cut], values[last] - values[0]].into_iter().find(|span| 0.0 < *span);
    span.unwrap_or(1.0)
}
