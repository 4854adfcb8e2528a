//! A stretch of vessel computed in space: round along its line, straight through whatever branches off it.
//!
//! For narrow places of a tree whose network gives the flow: the network's loss there is a formula for blunt plugs (Young
//! and Tsai 1973), this one is the computed flow in the shape at hand.

use super::stations;
use crate::base::Progress;
use crate::flow::{
    FlowError, Fluid, Inflow, Lumen, Opening, OpeningKind, Profile, Resolution, Setup, estimate, simulate,
};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::CentreBranch;
use std::f64::consts::PI;

/// Cells across the narrowest place, where there is room for it (with 10 the pressure lost in a stenosis of half the diameter
/// is within 2 % of that with 14, with 7 it is a third more); and across the inlet at least and at most.
const ACROSS_NARROW: f64 = 10.0;
const ACROSS: [f64; 2] = [14.0, 36.0];
/// Above this Reynolds number in the narrowest place the jet behind it is turbulent, and a lattice without the finest
/// eddies says no more than a formula.
const REYNOLDS_MAX: f64 = 1500.0;
/// Sections per cell that pressures are read from.
const SECTIONS: f64 = 0.5;

/// What a stretch costs the flow.
#[derive(Debug, Clone, PartialEq)]
pub struct InSpace {
    /// Total pressure lost between the two places that were asked for, Pa.
    pub lost_pa: f64,
    /// Reynolds number in the narrowest place.
    pub reynolds: f64,
    /// Fluid cells, and the edge of one in mm.
    pub cells: usize,
    /// See [`Self::cells`].
    pub cell_mm: f64,
    /// How long it took, s.
    pub seconds: f64,
    /// What is to be said of the run.
    pub warnings: Vec<String>,
}

/// The total pressure that steady flow of `flow_ml_s` through the vessel along `line` loses between two places, in mm
/// along the line.
///
/// # Errors
/// [`FlowError`]: a line or flow that cannot be computed; [`FlowError::Turbulent`] for a narrow place that is too fast; or
/// it was cancelled.
pub fn in_space(
    line: &CentreBranch,
    between_mm: [f64; 2],
    flow_ml_s: f64,
    fluid: &Fluid,
    progress: &Progress,
) -> Result<InSpace, FlowError> {
    let narrow_mm = line.radii_mm.iter().copied().fold(f64::INFINITY, f64::min);
    let speed_m_s = flow_ml_s / (PI * narrow_mm * narrow_mm);
    let reynolds = fluid.reynolds(speed_m_s, 2e-3 * narrow_mm);
    if !(reynolds <= REYNOLDS_MAX) {
        return Err(FlowError::Turbulent { reynolds, limit: REYNOLDS_MAX });
    }
    let setup = setup(line, narrow_mm, flow_ml_s, fluid)?;
    let cost = estimate(&setup)?;
    let (result, summary) = simulate(&setup, &progress.part(0.0..0.95, "flow in space"))?;
    let lines = CentreLines::new(vec![CentreBranch { parent: None, ..line.clone() }]);
    let lines = lines.map_err(|_| FlowError::EmptyLumen)?;
    let spacing_mm = result.cells.cell_mm() / SECTIONS;
    let reading = progress.part(0.95..1.0, "pressure lost");
    let all = stations(&result, &lines, spacing_mm, fluid.density_kg_m3, &reading)?;
    let whole = all.iter().filter(|station| !station.section.is_open);
    let at = |place_mm: f64| {
        let nearest = whole.clone().min_by(|a, b| (a.at_mm - place_mm).abs().total_cmp(&(b.at_mm - place_mm).abs()));
        nearest.map(|station| station.section.total_pa()).ok_or(FlowError::EmptyLumen)
    };
    let lost_pa = at(between_mm[0])? - at(between_mm[1])?;
    let (cells, seconds) = (result.cells.len(), summary.value("duration").unwrap_or(0.0));
    Ok(InSpace { lost_pa, reynolds, cells, cell_mm: cost.cell_mm, seconds, warnings: summary.warnings })
}

/// The lumen is the union of the cones between the balls of the line.
fn setup(line: &CentreBranch, narrow_mm: f64, flow_ml_s: f64, fluid: &Fluid) -> Result<Setup, FlowError> {
    let CentreBranch { points, radii_mm, .. } = line;
    let last = points.len() - 1;
    let pieces: Vec<(Point, Vector, f64, f64)> = (1..=last)
        .map(|n| (points[n - 1], points[n] - points[n - 1], radii_mm[n - 1], radii_mm[n]))
        .filter(|(_, way, ..)| 0.0 < way.norm_squared())
        .collect();
    if pieces.is_empty() {
        return Err(FlowError::EmptyLumen);
    }
    let level = move |p: Point| {
        let inside = |(from, way, r0, r1): &(Point, Vector, f64, f64)| {
            let part = ((p - from).dot(way) / way.norm_squared()).clamp(0.0, 1.0);
            r0 + (r1 - r0) * part - (p - (from + way * part)).norm()
        };
        pieces.iter().map(inside).fold(f64::NEG_INFINITY, f64::max) as f32
    };
    let widest = radii_mm.iter().copied().fold(0.0, f64::max);
    let bounds = points.iter().fold(Aabb::EMPTY, |all, point| all.including(point));
    let margin = Vector::repeat(1.5 * widest);
    let lumen = Lumen::from_level(bounds.min - margin, bounds.max + margin, level);
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(flow_ml_s), profile: Profile::Developed };
    let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
    let openings = vec![
        Opening::placed("inlet", points[0], points[0] - points[1], radii_mm[0], inlet)?,
        Opening::placed("outlet", points[last], points[last] - points[last - 1], radii_mm[last], outlet)?,
    ];
    let mut setup = Setup::new(lumen, openings, fluid.clone());
    let across = (ACROSS_NARROW * radii_mm[0] / narrow_mm).clamp(ACROSS[0], ACROSS[1]);
    setup.resolution = Resolution::CellsAcross(across);
    (setup.mach, setup.tolerance, setup.exchanges_max, setup.streamlines) = (0.2, 0.01, 4.0, 0);
    Ok(setup)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(length_mm: f64, radius_mm: impl Fn(f64) -> f64) -> CentreBranch {
        let places: Vec<f64> = (0..=60).map(|n| length_mm * f64::from(n) / 60.0).collect();
        let points = places.iter().map(|s| Point::new(0.3 * s, 0.1 * s, 0.9 * s)).collect();
        CentreBranch { parent: None, points, radii_mm: places.iter().map(|s| radius_mm(*s)).collect() }
    }

    #[test]
    fn a_straight_stretch_loses_what_poiseuille_says() {
        let straight = line(20.0, |_| 1.5);
        let length = straight.length_mm();
        let between = [0.25 * length, 0.75 * length];
        let found = in_space(&straight, between, 0.6, &Fluid::blood(), &Progress::default()).unwrap();
        let theory = 8.0 * 3.5e-3 * 0.5e-3 * length * 0.6e-6 / (PI * 1.5e-3_f64.powi(4));
        assert!((found.lost_pa / theory - 1.0).abs() < 0.06, "{} and {theory} Pa", found.lost_pa);
        assert!((found.reynolds - 77.1).abs() < 1.0, "{}", found.reynolds);
    }

    #[test]
    fn what_is_too_fast_is_left_to_the_formula() {
        let narrow = line(30.0, |s| if (s - 15.0).abs() < 2.0 { 0.3 } else { 1.5 });
        let error = in_space(&narrow, [5.0, 25.0], 5.0, &Fluid::blood(), &Progress::default()).unwrap_err();
        assert!(matches!(error, FlowError::Turbulent { .. }) && error.to_string().contains("turbulent"), "{error}");
    }
}
