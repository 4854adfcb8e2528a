//! From the places of slices to a regular grid, or the reason why there is none.

use crate::base::{Findings, Severity};
use crate::geom::{Grid, Point, Vector};
use nalgebra::Matrix3;

/// A slice within this part of a step of its place is in its place, …
const SPACING_TOLERANCE: f64 = 0.02;
/// … and so is one within this distance: some writers round positions to a tenth of a millimetre …
const ROUNDING_MM: f64 = 0.051;
/// … as long as it is a small part of a step.
const ROUNDING_STEPS_MAX: f64 = 0.2;
/// Slices displaced sideways by more than this part of a pixel are reported, …
const SHIFT_PIXELS_NOTED: f64 = 0.1;
/// … and by more than this part refused.
const SHIFT_PIXELS_MAX: f64 = 0.5;
/// Widest gap that is bridged, in steps of the regular grid.
const GAP_STEPS_MAX: f64 = 4.0;

/// One image plane for the stack: all planes share directions, spacing and size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    /// Unit vectors along a row and along a column.
    pub(super) directions: [Vector; 2],
    /// Distances of neighbours within a row and within a column.
    pub(super) spacing_mm: [f64; 2],
    /// Pixels in a row and in a column.
    pub(super) size: [usize; 2],
    /// Thickness of a slice, for stacks of one.
    pub(super) thickness_mm: Option<f64>,
}

impl Plane {
    pub(super) fn normal(&self) -> Vector {
        self.directions[0].cross(&self.directions[1])
    }
}

/// A regular grid, and how its slices come from the stored ones.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    pub(super) grid: Grid,
    /// Slice k = (1 − part) · stored[lower] + part · stored[lower + 1]; `None` if slice k is stored slice k.
    pub(super) between: Option<Vec<(usize, f64)>>,
}

/// Build the grid of slices at `positions`, which are sorted along the normal and differ by more than rounding.
///
/// A tilted gantry shifts each slice by the same amount sideways; the grid is then sheared and exact. Slices that are
/// missing or unequally spaced are reported, and the grid's are interpolated between the stored ones.
///
/// # Errors
/// A sentence for spacings that no interpolation can honestly bridge.
pub(super) fn stack(positions: &[Point], plane: &Plane, findings: &Findings) -> Result<Stack, String> {
    let normal = plane.normal();
    let (Some(first), Some(last)) = (positions.first(), positions.last()) else {
        return Err("no slice is left".into());
    };
    let [row, column] = [0, 1].map(|a| plane.directions[a] * plane.spacing_mm[a]);
    let grid = |step: Vector, count: usize| {
        let step = Matrix3::from_columns(&[row, column, step]);
        Grid::new([plane.size[0], plane.size[1], count], *first, step).map_err(|error| error.to_string())
    };
    if positions.len() == 1 {
        let thickness_mm = plane.thickness_mm.unwrap_or(1.0);
        return Ok(Stack { grid: grid(normal * thickness_mm, 1)?, between: None });
    }
    let depths: Vec<f64> = positions.iter().map(|point| (point - first).dot(&normal)).collect();
    let total = depths[depths.len() - 1];
    check_shift(positions, &depths, (last - first) / total, plane, findings)?;
    let gaps: Vec<f64> = depths.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if is_regular(&depths) {
        let step = (last - first) / gaps.len() as f64;
        return Ok(Stack { grid: grid(step, positions.len())?, between: None });
    }
    let usual = usual_gap(&gaps);
    let (widest_at, widest) = gaps.iter().copied().enumerate().fold((0, 0.0), |a, b| if a.1 < b.1 { b } else { a });
    if GAP_STEPS_MAX * usual * (1.0 + SPACING_TOLERANCE) < widest {
        return Err(format!(
            "slices {} and {} are {widest:.2} mm apart, the others {usual:.2} mm: more than can be bridged",
            widest_at + 1,
            widest_at + 2,
        ));
    }
    let intervals = (total / usual).round().max(1.0);
    let step = (last - first) / intervals;
    let count = intervals as usize + 1;
    report_gaps(&gaps, usual, total / intervals, count, findings);
    let between = (0..count).map(|k| {
        let depth = total * k as f64 / intervals;
        let lower = depths.partition_point(|d| *d <= depth).clamp(1, depths.len() - 1) - 1;
        let part = ((depth - depths[lower]) / gaps[lower]).clamp(0.0, 1.0);
        // What lies on a stored slice within tolerance is that slice.
        (
            lower,
            if part < SPACING_TOLERANCE {
                0.0
            } else if 1.0 - SPACING_TOLERANCE < part {
                1.0
            } else {
                part
            },
        )
    });
    Ok(Stack { between: Some(between.collect()), grid: grid(step, count)? })
}

/// Whether every slice lies where equal steps from the first to the last would put it.
fn is_regular(depths: &[f64]) -> bool {
    let step = depths[depths.len() - 1] / (depths.len() - 1) as f64;
    let off = |(k, depth): (usize, &f64)| (depth - step * k as f64).abs();
    let worst = depths.iter().enumerate().map(off).fold(0.0, f64::max);
    worst <= (SPACING_TOLERANCE * step).max(ROUNDING_MM.min(ROUNDING_STEPS_MAX * step))
}

/// The spacing that the grid should have.
fn usual_gap(gaps: &[f64]) -> f64 {
    let mut sorted = gaps.to_vec();
    sorted.sort_by(f64::total_cmp);
    // A quarter of the gaps are at most this wide: thinner parts of the scan keep their resolution.
    sorted[sorted.len() / 4]
}

/// Slices must follow one straight line; a sideways jump would bend the anatomy.
fn check_shift(
    positions: &[Point],
    depths: &[f64],
    step: Vector,
    plane: &Plane,
    findings: &Findings,
) -> Result<(), String> {
    let pixel_mm = plane.spacing_mm[0].min(plane.spacing_mm[1]);
    let shift = |(point, depth): (&Point, &f64)| (point - (positions[0] + step * *depth)).norm();
    let shifts = positions.iter().zip(depths).map(shift).enumerate();
    let (worst_at, worst_mm) = shifts.fold((0, 0.0), |a, b| if a.1 < b.1 { b } else { a });
    let message = || format!("slice {} lies {worst_mm:.2} mm beside the line of the others", worst_at + 1);
    if SHIFT_PIXELS_MAX * pixel_mm < worst_mm {
        return Err(format!("{}, more than half a pixel", message()));
    }
    if SHIFT_PIXELS_NOTED * pixel_mm < worst_mm {
        findings.add(Severity::Warning, "shifted-slice", message());
    }
    Ok(())
}

fn report_gaps(gaps: &[f64], usual: f64, step_mm: f64, count: usize, findings: &Findings) {
    let steps = |gap: &f64| (gap / usual).round();
    let are_multiples = gaps.iter().all(|gap| 1.0 <= steps(gap) && (gap - steps(gap) * usual).abs() <= 0.05 * usual);
    if are_multiples {
        for (n, gap) in gaps.iter().enumerate().filter(|(_, gap)| 1.0 < steps(gap)) {
            let missing = steps(gap) as usize - 1;
            let message = format!(
                "{missing} slice{} missing between slices {} and {}, which are {gap:.2} mm apart instead of {usual:.2} mm; \
                 interpolated linearly",
                if missing == 1 { " is" } else { "s are" },
                n + 1,
                n + 2,
            );
            findings.add(Severity::Warning, "missing-slice", message);
        }
        return;
    }
    let (smallest, largest) = gaps.iter().fold((f64::MAX, 0.0_f64), |(low, high), gap| (low.min(*gap), high.max(*gap)));
    let message = format!(
        "the {} slices are {smallest:.2} to {largest:.2} mm apart; interpolated linearly to {count} slices {step_mm:.2} mm apart",
        gaps.len() + 1,
    );
    findings.add(Severity::Warning, "unequal-gaps", message);
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANE: Plane = Plane {
        directions: [Vector::new(1.0, 0.0, 0.0), Vector::new(0.0, 1.0, 0.0)],
        spacing_mm: [0.5, 0.6],
        size: [4, 3],
        thickness_mm: Some(3.0),
    };

    fn at(depths: &[f64]) -> Vec<Point> {
        depths.iter().map(|z| Point::new(10.0, 20.0 + 0.3 * z, *z)).collect()
    }

    fn kinds(findings: Findings) -> Vec<String> {
        findings.into_sorted().into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn a_tilted_gantry_gives_a_sheared_grid() {
        let findings = Findings::default();
        let stack = stack(&at(&[0.0, 2.0, 4.0, 6.0]), &PLANE, &findings).unwrap();
        assert!(stack.between.is_none() && kinds(findings).is_empty());
        let last = stack.grid.centre([3, 2, 3]);
        assert!((last - Point::new(11.5, 20.0 + 1.2 + 1.8, 6.0)).norm() < 1e-9, "{last}");
    }

    #[test]
    fn a_missing_slice_is_named_and_interpolated() {
        let findings = Findings::default();
        let stack = stack(&at(&[0.0, 2.0, 4.0, 8.0, 10.0]), &PLANE, &findings).unwrap();
        assert_eq!(stack.grid.dims(), [4, 3, 6]);
        assert_eq!(stack.between.unwrap(), [(0, 0.0), (1, 0.0), (2, 0.0), (2, 0.5), (3, 0.0), (3, 1.0)]);
        let findings = findings.into_sorted();
        assert_eq!(
            findings[0].message,
            "1 slice is missing between slices 3 and 4, which are 4.00 mm apart instead of 2.00 mm; interpolated linearly"
        );
    }

    #[test]
    fn unequal_gaps_keep_every_slice_in_its_place() {
        let findings = Findings::default();
        let depths = [0.0, 4.0, 8.0, 12.0, 19.0, 26.0, 33.0];
        let stack = stack(&at(&depths), &PLANE, &findings).unwrap();
        assert_eq!(kinds(findings), ["unequal-gaps"]);
        for (k, (lower, part)) in stack.between.unwrap().into_iter().enumerate() {
            let depth = depths[lower] + part * (depths[lower + 1] - depths[lower]);
            let expected = stack.grid.centre([0, 0, k]).z;
            assert!((depth - expected).abs() < 0.1, "slice {k}: {depth} at {expected}");
        }
    }

    #[test]
    fn rounded_positions_are_regular() {
        let depths: Vec<f64> = (0..40).map(|k| (f64::from(k) * 0.625 * 10.0).round() / 10.0).collect();
        let findings = Findings::default();
        let stack = stack(&at(&depths), &PLANE, &findings).unwrap();
        assert!(stack.between.is_none() && kinds(findings).is_empty());
    }

    #[test]
    fn hopeless_stacks_are_refused() {
        let findings = Findings::default();
        let gap = stack(&at(&[0.0, 1.0, 2.0, 12.0]), &PLANE, &findings).unwrap_err();
        assert_eq!(gap, "slices 3 and 4 are 10.00 mm apart, the others 1.00 mm: more than can be bridged");
        let mut bent = at(&[0.0, 1.0, 2.0]);
        bent[1].x += 0.4;
        assert!(stack(&bent, &PLANE, &findings).unwrap_err().contains("slice 2 lies 0.40 mm beside"));
        assert!(stack(&[], &PLANE, &findings).is_err());
    }
}
