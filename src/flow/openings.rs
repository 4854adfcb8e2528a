//! Openings found automatically: where the lumen meets a face of the scan, and where its branches end inside.

use super::ends::{Marked, Tip};
use super::error::{FlowError, positive};
use super::lumen::marked_box;
use super::opening::{Opening, OpeningKind};
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use std::f64::consts::PI;

/// Share of a branch's radius that must be clear between two openings.
const CLEARANCE: f64 = 1.0;

/// Parts that are not connected with the largest are told of if they are more than this share.
const ISLANDS_MIN: f64 = 0.01;

/// What to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Smaller openings at the faces of the scan stay closed, mm².
    pub area_mm2_min: f64,
    /// Most branch ends inside the scan to open; 0 to open none.
    pub ends_max: usize,
    /// Branches are followed for as long as they have this radius, and opened there, mm.
    pub end_radius_mm_min: f64,
    /// What the inlet does. All others become outlets with 0 Pa.
    pub inlet: OpeningKind,
}

/// Openings that were found, the inlet first.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The openings.
    pub openings: Vec<Opening>,
    /// What was left closed, one sentence each.
    pub warnings: Vec<String>,
    /// The lumen for the flow: the largest part of the mask, without side branches too narrow to follow.
    pub lumen: Volume<u8>,
}

/// An end inside the scan that is this many times as wide as any opening at a face is the inlet.
const WIDER: f64 = 1.5;

/// Find the openings of the largest connected part of `mask`.
///
/// The inlet is the largest opening at a face of the scan, or the widest end inside if that is half as wide again (the
/// root of an aorta that leaves the scan further down) or the lumen touches no face.
///
/// # Errors
/// [`FlowError::EmptyLumen`], [`FlowError::Closed`] if there is not a single opening, [`FlowError::BadNumber`] for
/// limits that are not positive, [`FlowError::Cancelled`].
pub fn find_openings(mask: &Volume<u8>, search: &Search, progress: &Progress) -> Result<Found, FlowError> {
    let Search { area_mm2_min, ends_max, end_radius_mm_min, inlet } = search.clone();
    positive("the smallest area of an opening", area_mm2_min, "mm²")?;
    positive("the smallest radius of a branch end", end_radius_mm_min, "mm")?;
    let (first, last, _) = marked_box(mask)?;
    let dims = std::array::from_fn(|a| last[a] - first[a] + 1);
    let grid = mask.grid().cropped(first, dims).expect("the box holds a marked voxel");
    let touches: [[bool; 2]; 3] = std::array::from_fn(|a| [first[a] == 0, last[a] + 1 == mask.grid().dims()[a]]);
    let voxels: Vec<u8> = (0..grid.len())
        .map(|offset| {
            let voxel = grid.voxel(offset);
            mask.at(std::array::from_fn(|a| first[a] + voxel[a]))
        })
        .collect();
    progress.set(0.1)?;
    let (marked, [parts, left_out]) = Marked::new(&grid, &voxels).largest_part();
    progress.set(0.3)?;
    let mut warnings = Vec::new();
    let share = left_out as f64 / (left_out + marked.offsets.len()).max(1) as f64;
    if ISLANDS_MIN < share {
        warnings.push(format!(
            "left out: {parts} other {} of the segment ({:.1} ml, {:.0} % of it), not connected with the largest",
            if parts == 1 { "part" } else { "parts" },
            left_out as f64 * grid.voxel_mm3() * 1e-3,
            100.0 * share
        ));
    }
    let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
    let mut faces: Vec<(Opening, Vec<usize>)> = Vec::new();
    for (axis, side) in (0..3).flat_map(|axis| [(axis, 0), (axis, 1)]).filter(|(a, s)| touches[*a][*s]) {
        for (opening, seeds) in at_face(&marked, axis, side, outlet) {
            if opening.area_mm2 < area_mm2_min {
                warnings.push(format!(
                    "an opening of {:.1} mm² at a face of the scan stays closed: the limit is {area_mm2_min:.1} mm²",
                    opening.area_mm2
                ));
            } else {
                faces.push((opening, seeds));
            }
        }
    }
    faces.sort_by(|a, b| b.0.area_mm2.total_cmp(&a.0.area_mm2));
    let mut openings: Vec<Opening> = faces.iter().map(|(opening, _)| opening.clone()).collect();
    let mut kept = marked.offsets.clone();
    if 0 < ends_max {
        let seeds = match faces.first() {
            Some((_, seeds)) => seeds.clone(),
            None => vec![marked.farthest(0, progress)?],
        };
        let pruned = marked.tips(&seeds, end_radius_mm_min, progress)?;
        let mut tips = pruned.tips;
        if faces.is_empty() {
            // The wave started at an end: seen from the other side it is a tip too.
            let start = marked.farthest(seeds[0], progress)?;
            tips.extend(marked.tips(&[start], end_radius_mm_min, progress)?.tips);
        } else {
            kept = pruned.offsets;
        }
        let mut left = 0;
        for tip in tips {
            let far =
                openings.iter().all(|o| CLEARANCE * (o.radius_mm + tip.radius_mm) < (o.centre - tip.centre).norm());
            if !far {
                continue;
            }
            if openings.len() - faces.len() < ends_max {
                openings.push(opened(&tip, outlet));
            } else {
                left += 1;
            }
        }
        if 0 < left {
            warnings.push(format!("{left} more branch ends stay closed: the limit is {ends_max}"));
        }
        if faces.is_empty() {
            openings.sort_by(|a, b| b.radius_mm.total_cmp(&a.radius_mm));
        }
    }
    let Some(at_face) = openings.first() else { return Err(FlowError::Closed) };
    let widest = (0..openings.len()).max_by(|a, b| openings[*a].radius_mm.total_cmp(&openings[*b].radius_mm));
    if let Some(end) = widest.filter(|n| WIDER * at_face.radius_mm < openings[*n].radius_mm) {
        openings[..=end].rotate_right(1);
    }
    let widest = &mut openings[0];
    widest.kind = inlet;
    widest.name = "inlet".into();
    for (n, opening) in openings.iter_mut().enumerate().skip(1) {
        opening.name = format!("outlet {n}");
    }
    let mut voxels = vec![0; mask.grid().len()];
    for offset in kept {
        let voxel = grid.voxel(offset);
        voxels[mask.grid().offset(std::array::from_fn(|a| first[a] + voxel[a]))] = 1;
    }
    let lumen = Volume::new(mask.grid().clone(), voxels).expect("one voxel for every place of the same grid");
    Ok(Found { openings, warnings, lumen })
}

fn opened(tip: &Tip, kind: OpeningKind) -> Opening {
    let Tip { centre, normal, radius_mm } = *tip;
    let area_mm2 = PI * radius_mm * radius_mm;
    Opening { name: String::new(), centre, normal, area_mm2, radius_mm, reach_mm: 2.5 * radius_mm, kind }
}

/// Connected patches of the lumen on one face of the box, and their voxels.
fn at_face(marked: &Marked, axis: usize, side: usize, kind: OpeningKind) -> Vec<(Opening, Vec<usize>)> {
    let grid: &Grid = marked.grid;
    let dims = grid.dims();
    let (b, c) = ((axis + 1) % 3, (axis + 2) % 3);
    let layer = if side == 0 { 0 } else { dims[axis] - 1 };
    let at = |u: usize, v: usize| {
        let mut voxel = [layer; 3];
        voxel[b] = u;
        voxel[c] = v;
        marked.at(grid.offset(voxel))
    };
    let step = |a: usize| -> Vector { grid.step().column(a).into() };
    let area_vector = step(b).cross(&step(c));
    let outward = step(axis) * if side == 0 { -1.0 } else { 1.0 };
    let normal = area_vector.normalize() * outward.dot(&area_vector).signum();
    let mut seen = vec![false; dims[b] * dims[c]];
    let mut found = Vec::new();
    for start in 0..seen.len() {
        let (u, v) = (start % dims[b], start / dims[b]);
        if seen[start] || at(u, v).is_none() {
            continue;
        }
        seen[start] = true;
        let (mut stack, mut patch) = (vec![(u, v)], Vec::new());
        while let Some((u, v)) = stack.pop() {
            patch.push((u, v));
            for (du, dv) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)] {
                let (u, v) = (u as i64 + du, v as i64 + dv);
                if u < 0 || v < 0 || dims[b] as i64 <= u || dims[c] as i64 <= v {
                    continue;
                }
                let (u, v) = (u as usize, v as usize);
                if !seen[v * dims[b] + u] && at(u, v).is_some() {
                    seen[v * dims[b] + u] = true;
                    stack.push((u, v));
                }
            }
        }
        let place = |(u, v): (usize, usize)| {
            let mut index = Vector::repeat(if side == 0 { -0.5 } else { layer as f64 + 0.5 });
            index[b] = u as f64;
            index[c] = v as f64;
            grid.patient_from_index(index)
        };
        let sum: Vector = patch.iter().map(|p| place(*p).coords).sum();
        let centre = Point::from(sum / patch.len() as f64);
        let reach_mm =
            patch.iter().map(|p| (place(*p) - centre).norm()).fold(0.0, f64::max) + step(b).norm().max(step(c).norm());
        let area_mm2 = patch.len() as f64 * area_vector.norm();
        let radius_mm = (area_mm2 / PI).sqrt();
        let mut seeds: Vec<usize> = patch.iter().filter_map(|(u, v)| at(*u, *v)).collect();
        seeds.sort_unstable();
        found.push((Opening { name: String::new(), centre, normal, area_mm2, radius_mm, reach_mm, kind }, seeds));
    }
    found
}
