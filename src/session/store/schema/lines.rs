//! The stored form of centre lines.

use super::{Arrays, Encoded, Meta, numbers, point_bytes, points};
use crate::mesh::{CentreBranch, CentreLines};
use crate::session::Data;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// The small part: points and radii of all branches lie one after another in arrays.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::session::store) struct LinesV1 {
    branches: Vec<BranchV1>,
}

#[derive(Debug, Serialize, Deserialize)]
struct BranchV1 {
    parent: Option<usize>,
    points: usize,
}

pub(super) fn encode(lines: &CentreLines) -> (Meta, Encoded<'_>) {
    let branches = lines.branches();
    let points: Vec<_> = branches.iter().flat_map(|branch| branch.points.iter().copied()).collect();
    let radii = branches.iter().flat_map(|branch| branch.radii_mm.iter().flat_map(|radius| radius.to_le_bytes()));
    let meta = branches.iter().map(|branch| BranchV1 { parent: branch.parent, points: branch.points.len() });
    let meta = LinesV1 { branches: meta.collect() };
    let arrays = vec![("points".into(), point_bytes(&points)), ("radii_mm".into(), Cow::Owned(radii.collect()))];
    (Meta::Lines(meta), arrays)
}

pub(super) fn decode(meta: &LinesV1, arrays: &mut Arrays) -> Result<Data, String> {
    let (points, radii_mm) = (points(arrays, "points")?, numbers::<f64>(arrays, "radii_mm")?);
    let mut start = 0_usize;
    let mut branches = Vec::with_capacity(meta.branches.len());
    for BranchV1 { parent, points: count } in &meta.branches {
        let end = start.saturating_add(*count);
        let parts = points.get(start..end).zip(radii_mm.get(start..end));
        let (points, radii_mm) = parts.ok_or("the branches have more points than the arrays")?;
        branches.push(CentreBranch { parent: *parent, points: points.to_vec(), radii_mm: radii_mm.to_vec() });
        start = end;
    }
    if start != points.len() || start != radii_mm.len() {
        return Err(format!("the branches have {start} points, the arrays {} and {}", points.len(), radii_mm.len()));
    }
    Ok(Data::Lines(Arc::new(CentreLines::new(branches).map_err(|error| error.to_string())?)))
}
