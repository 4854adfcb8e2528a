//! The axis of time: which of the four it is, and when its points are.
//!
//! 3D Slicer writes it first (`kinds: list domain domain domain`) and says the times in pairs: `axis 0 index values` of a
//! sequence, `MultiVolume.FrameLabels` of a multi-volume.

use super::super::times::{TIMES_MAX, Time, TimeUnit};
use super::header::{numbers, shown};
use std::collections::BTreeMap;

/// The volumes of a file, one after the other or interleaved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Times {
    /// How many there are.
    pub count: usize,
    /// The values of all points lie beside each other, voxel by voxel.
    pub interleaved: bool,
    /// When each was made, where the file says.
    pub values: Option<Vec<Time>>,
}

impl Default for Times {
    fn default() -> Self {
        Self { count: 1, interleaved: false, values: None }
    }
}

/// The axis of time of a file with four axes, counted from 0.
///
/// # Errors
/// A sentence, where none or another one is meant.
pub(super) fn axis(fields: &BTreeMap<String, &str>) -> Result<usize, String> {
    let kinds: Vec<String> =
        fields.get("kinds").map(|kinds| kinds.split_whitespace().map(str::to_lowercase).collect()).unwrap_or_default();
    if kinds.len() != 4 {
        return Err("the file has 4 axes and does not say in 'kinds' which of them is time".into());
    }
    let is_place = |kind: &str| matches!(kind, "domain" | "space");
    let others: Vec<usize> = (0..4).filter(|axis| !is_place(&kinds[*axis])).collect();
    match others[..] {
        [axis] if !matches!(kinds[axis].as_str(), "list" | "time") => {
            let what = format!(
                "an axis of the file is of the kind '{}'; scans with one value per voxel are read",
                shown(&kinds[axis])
            );
            Err(what)
        }
        [axis @ (0 | 3)] => Ok(axis),
        [_] => Err("time is neither the first nor the last axis of the file".into()),
        _ => {
            Err(format!("the kinds of the axes are '{}', not three of place and one of time", shown(&kinds.join(" "))))
        }
    }
}

impl Times {
    /// The points on `axis`, of which there are `count`.
    pub fn of(
        axis: usize,
        count: f64,
        fields: &BTreeMap<String, &str>,
        pairs: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        if !(1.0..=TIMES_MAX as f64).contains(&count) {
            return Err(format!("the axis of time has {count} points, expected 1 to {TIMES_MAX}"));
        }
        let count = count as usize;
        Ok(Self { count, interleaved: axis == 0 && 1 < count, values: values(axis, count, fields, pairs) })
    }
}

/// When the points are, as far as the file says; nothing where what it says makes no sense.
fn values(
    axis: usize,
    count: usize,
    fields: &BTreeMap<String, &str>,
    pairs: &BTreeMap<String, String>,
) -> Option<Vec<Time>> {
    // Units stand in quotes, so that they may be empty.
    let of_axis = fields.get("units").and_then(|units| units.split('"').skip(1).step_by(2).nth(axis));
    let of_tag = pairs.get("MultiVolume.FrameIdentifyingDICOMTagUnits").map(String::as_str);
    let unit = TimeUnit::named(of_axis.filter(|unit| !unit.is_empty()).or(of_tag).unwrap_or_default());
    let key = format!("axis {axis} index values");
    let listed = pairs.get(&key).or_else(|| pairs.get("MultiVolume.FrameLabels"));
    let listed = listed.and_then(|text| numbers(&text.replace(',', " ")));
    let step = || {
        let step = *numbers(fields.get("spacings")?)?.get(axis).filter(|step| step.is_finite() && 0.0 < **step)?;
        Some((0..count).map(|n| n as f64 * step).collect())
    };
    let values: Vec<f64> = listed.or_else(step)?;
    let are_sound = values.len() == count && values.iter().all(|value| value.is_finite());
    are_sound.then(|| values.into_iter().map(|value| Time { value, unit }).collect())
}
