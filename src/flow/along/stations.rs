//! What flows along vessels: cross-sections of a computed flow at places on centre lines.

use super::Section;
use crate::base::Progress;
use crate::flow::{FlowError, FlowResult};
use crate::geom::{Point, Vector};
use crate::mesh::centre_lines::{CentreBranch, CentreLines};
use rayon::prelude::*;

/// Cross-sections are looked for within so many radii of the line's ball: lumens are seldom twice as wide as deep.
const REACH: f64 = 2.2;
/// The direction of a line is taken over so many radii, since lines from voxels tremble.
const TANGENT_REACH: f64 = 1.0;

/// Nearer to an opening than this many cells no cross-section is taken.
const OPENING_CELLS: f64 = 2.0;

/// A cross-section on a branch of centre lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Station {
    /// Which branch.
    pub branch: usize,
    /// Distance from its begin along the line in mm.
    pub at_mm: f64,
    /// Where it is (LPS, mm).
    pub point: Point,
    /// Along the vessel, unit.
    pub along: Vector,
    /// Radius of the line's ball in mm.
    pub radius_mm: f64,
    /// What flows through.
    pub section: Section,
}

/// Cross-sections of `result` every `spacing_mm` along `lines` (at least at both ends of a branch's own part), in the
/// order of branches and places. Places without fluid and at openings are left out.
///
/// # Errors
/// Only [`FlowError::Cancelled`].
pub fn stations(
    result: &FlowResult,
    lines: &CentreLines,
    spacing_mm: f64,
    density_kg_m3: f64,
    progress: &Progress,
) -> Result<Vec<Station>, FlowError> {
    let mut all = Vec::new();
    for (n, branch) in lines.branches().iter().enumerate() {
        progress.step(n, lines.branches().len())?;
        let line = Line::new(branch);
        let [from, to] = [line.places[branch.own_start()], line.places[line.places.len() - 1]];
        let length_mm = to - from;
        // A branch that never leaves its parent's ball has one place.
        let steps = if length_mm < 1e-9 { 0 } else { (length_mm / spacing_mm.max(1e-3)).ceil().max(1.0) as usize };
        let found: Vec<Station> = (0..=steps)
            .into_par_iter()
            .filter_map(|step| {
                if progress.check().is_err() {
                    return None;
                }
                let at_mm = from + length_mm * step as f64 / steps.max(1) as f64;
                let (point, radius_mm) = line.at(at_mm);
                let along = line.along(at_mm, TANGENT_REACH * radius_mm)?;
                if is_at_opening(result, &point) {
                    return None;
                }
                let reach_mm = REACH * radius_mm + 2.0 * result.cells.cell_mm();
                let section = result.section(point, along, reach_mm, density_kg_m3)?;
                Some(Station { branch: n, at_mm, point, along, radius_mm, section })
            })
            .collect();
        progress.check()?;
        all.extend(found);
    }
    Ok(all)
}

/// Whether a place is so near to an opening that a plane through it is only half in the fluid.
fn is_at_opening(result: &FlowResult, point: &Point) -> bool {
    let near_mm = OPENING_CELLS * result.cells.cell_mm();
    let openings = result.openings.iter().map(|flow| &flow.opening);
    let mut beside = openings.filter(|opening| (point - opening.centre).norm() <= opening.reach_mm.max(near_mm));
    beside.any(|opening| -near_mm < opening.beyond_mm(point))
}

/// A branch with the arc lengths of its points.
struct Line<'a> {
    branch: &'a CentreBranch,
    places: Vec<f64>,
}

impl<'a> Line<'a> {
    fn new(branch: &'a CentreBranch) -> Self {
        Self { branch, places: branch.arc_lengths_mm() }
    }

    /// Point and radius at an arc length.
    fn at(&self, at_mm: f64) -> (Point, f64) {
        let CentreBranch { points, radii_mm, .. } = self.branch;
        let after = self.places.partition_point(|place| *place < at_mm).clamp(1, points.len() - 1);
        let (a, b) = (self.places[after - 1], self.places[after]);
        let part = if a < b { ((at_mm - a) / (b - a)).clamp(0.0, 1.0) } else { 0.0 };
        let point = points[after - 1] + (points[after] - points[after - 1]) * part;
        (point, radii_mm[after - 1] + (radii_mm[after] - radii_mm[after - 1]) * part)
    }

    /// The direction at an arc length, over `reach_mm` to both sides.
    fn along(&self, at_mm: f64, reach_mm: f64) -> Option<Vector> {
        let (before, after) = (self.at(at_mm - reach_mm).0, self.at(at_mm + reach_mm).0);
        (after - before).try_normalize(1e-9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::verification::tube::tube;
    use crate::flow::{Fluid, simulate};

    #[test]
    fn along_a_narrowed_tube_flow_stays_and_pressure_falls() {
        let radius = |along: f64| 1.5 - 0.3 * (-((along - 8.0) / 2.0_f64).powi(2)).exp();
        let mut setup = tube(18.0, radius, Vector::z(), 14.0, 1.0, Fluid::blood());
        setup.streamlines = 0;
        let (result, _) = simulate(&setup, &Progress::default()).unwrap();
        let points: Vec<Point> = (0..=36).map(|n| Point::new(0.0, 0.0, 0.5 * f64::from(n))).collect();
        let radii_mm = points.iter().map(|p| radius(p.z)).collect();
        let lines = CentreLines::new(vec![CentreBranch { parent: None, points, radii_mm }]).unwrap();
        let all = stations(&result, &lines, 1.0, 1060.0, &Progress::default()).unwrap();
        let deep: Vec<&Station> = all.iter().filter(|s| (2.0..=16.0).contains(&s.at_mm)).collect();
        assert_eq!(deep.len(), 15);
        for station in &deep {
            assert!((station.section.flow_ml_s - 1.0).abs() < 0.04, "{} ml/s", station.section.flow_ml_s);
            assert!((station.along - Vector::z()).norm() < 1e-9);
        }
        let narrowest = deep.iter().min_by(|a, b| a.section.area_mm2.total_cmp(&b.section.area_mm2)).unwrap();
        assert!((narrowest.at_mm - 8.0).abs() <= 1.0, "narrowest at {} mm", narrowest.at_mm);
        let total = |s: &Station| s.section.pressure_pa + s.section.kinetic_pa;
        assert!(deep.windows(2).all(|pair| total(pair[1]) < total(pair[0]) + 0.02), "energy only falls");
        assert!(deep[14].section.pressure_pa < deep[0].section.pressure_pa);
    }
}
