//! F10: the nozzle of the FDA's first flow benchmark, computed beside what up to five laboratories measured. Takes
//! minutes, so it is a suite of its own.

use super::{Row, Tolerance};
use crate::base::{Progress, Summary};
use crate::flow::{FlowResult, Fluid, Inflow, Lumen, Opening, OpeningKind, Profile, Resolution, Setup, simulate};
use crate::geom::{Point, Vector};
use crate::io::fda_nozzle::{Laboratory, Series, laboratories};
use crate::io::test_data;

/// Radii in mm, and where the cone begins and ends and where the lumen is cut, mm from the sudden expansion.
const WIDE_MM: f64 = 6.0;
const NARROW_MM: f64 = 2.0;
const CONE_MM: [f64; 2] = [-62.685, -40.0];
const ENDS_MM: [f64; 2] = [-75.0, 70.0];
/// Flow at a Reynolds number of 500 in the throat, ml/s.
const FLOW_ML_S: f64 = 5.206_24;
/// Lattice cells across the throat.
const ACROSS: f64 = 12.0;
/// Places where the speed on the axis is compared, mm.
const ON_AXIS_MM: [f64; 8] = [-64.0, -48.0, -20.0, -8.0, 0.0, 8.0, 24.0, 32.0];
/// Places where whole profiles are, mm.
const PROFILES_MM: [f64; 4] = [-20.0, 8.0, 24.0, 32.0];
/// Radii compared there are so far apart, mm.
const RADII_MM: f64 = 0.25;
/// Speeds that lie this near to the range of the laboratories count as inside, m/s: 1 % of the highest, for what is lost
/// between their places and ours.
const MARGIN_M_S: f64 = 0.008;
const SOURCE: &str = "range of up to five laboratories (Hariharan et al. 2011, J Biomech Eng 133:041002; doi 10.17917/C78G69), widened by 1 % of the highest speed";

/// The sudden expansion at Reynolds number 500, where the flow is laminar.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let Some(folder) = test_data::folder("flow/fda-nozzle/SE_exp_0500") else {
        const ABSENT: &str = "the project's test data is not here; set PROSECTOR_DATA";
        return Ok(vec![Row::skipped("F10", "FDA nozzle, sudden expansion, Re 500", ABSENT)]);
    };
    let measured = laboratories(&folder)?;
    let (result, summary) = expansion(progress)?;
    let speed = |radius_mm: f64, z_mm: f64| {
        result.velocity_at(Point::new(radius_mm, 0.0, z_mm)).map_or(0.0, |velocity| velocity.z)
    };
    let mut rows = Vec::new();
    for z_mm in ON_AXIS_MM {
        let of = |own: &Laboratory| at(&own.axis_m_s, z_mm);
        let Some([low, high]) = range(measured.iter().filter_map(of)) else { continue };
        let what = format!("FDA nozzle, Re 500: speed on the axis at {z_mm} mm");
        let tolerance = Tolerance::Absolute(0.5 * (high - low) + MARGIN_M_S);
        rows.push(Row::new("F10", &what, speed(0.0, z_mm), 0.5 * (low + high), "m/s", tolerance, SOURCE));
    }
    for z_mm in PROFILES_MM {
        rows.push(profile(&measured, z_mm, |radius_mm| speed(radius_mm, z_mm)));
    }
    let fact = |name: &str| summary.value(name).unwrap_or(f64::NAN);
    let balance = "conservation of mass; the accuracy of single precision and of the openings";
    let lost = fact("flow lost");
    rows.push(Row::new("F10", "FDA nozzle, Re 500: flow lost", lost, 0.0, "%", Tolerance::Absolute(0.1), balance));
    Ok(rows)
}

/// Share of a profile that lies within the range of the laboratories.
fn profile(measured: &[Laboratory], z_mm: f64, speed: impl Fn(f64) -> f64) -> Row {
    let of_laboratories = |radius_mm: f64| {
        let of = |own: &Laboratory| {
            let (_, series) = own.profiles_m_s.iter().find(|(at_mm, _)| (at_mm - z_mm).abs() < 0.05)?;
            at(series, radius_mm)
        };
        range(measured.iter().filter_map(of))
    };
    let wall_mm = if (CONE_MM[1]..0.0).contains(&z_mm) { NARROW_MM } else { WIDE_MM };
    let radii = (0..).map(|n| f64::from(n) * RADII_MM).take_while(|radius_mm| *radius_mm < wall_mm);
    let compared: Vec<bool> = radii
        .filter_map(|radius_mm| {
            let [low, high] = of_laboratories(radius_mm)?;
            let own = speed(radius_mm);
            Some(low - MARGIN_M_S <= own && own <= high + MARGIN_M_S)
        })
        .collect();
    let inside = 100.0 * compared.iter().filter(|inside| **inside).count() as f64 / compared.len().max(1) as f64;
    let what = format!("FDA nozzle, Re 500: part of the profile at {z_mm} mm inside what laboratories measured");
    Row::new("F10", &what, inside, 90.0, "%", Tolerance::AtLeast, SOURCE)
}

/// Steady flow through the nozzle.
fn expansion(progress: &Progress) -> Result<(FlowResult, Summary), String> {
    let [from, to] = ENDS_MM;
    let level = move |p: Point| {
        let (z, radius) = (p.z.clamp(from, to), p.x.hypot(p.y));
        let wall = wall_mm(z) - radius;
        // Beside the throat the face of the expansion is the nearer wall.
        let face = if 0.0 <= z && NARROW_MM < radius { z } else { f64::INFINITY };
        wall.min(face) as f32
    };
    let corner = WIDE_MM + 1.0;
    let lumen = Lumen::from_level(Point::new(-corner, -corner, from), Point::new(corner, corner, to), level);
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(FLOW_ML_S), profile: Profile::Developed };
    let placed = |name, z, normal, kind| {
        Opening::placed(name, Point::new(0.0, 0.0, z), normal, WIDE_MM, kind).map_err(|error| error.to_string())
    };
    let openings = vec![
        placed("inlet", from, -Vector::z(), inlet)?,
        placed("outlet", to, Vector::z(), OpeningKind::Outlet { pressure_pa: 0.0 })?,
    ];
    let fluid = Fluid { density_kg_m3: 1056.0, viscosity_pa_s: 0.0035, ..Fluid::blood() };
    let mut setup = Setup::new(lumen, openings, fluid);
    setup.resolution = Resolution::CellMm(2.0 * NARROW_MM / ACROSS);
    setup.mach = 0.2;
    setup.tolerance = 3e-3;
    setup.exchanges_max = 3.0;
    setup.streamlines = 0;
    simulate(&setup, progress).map_err(|error| error.to_string())
}

/// Radius of the wall at a place along the axis, mm.
fn wall_mm(z_mm: f64) -> f64 {
    let [begins, ends] = CONE_MM;
    if (ends..0.0).contains(&z_mm) {
        return NARROW_MM;
    }
    let part = if z_mm < ends { ((z_mm - begins) / (ends - begins)).clamp(0.0, 1.0) } else { 0.0 };
    WIDE_MM + (NARROW_MM - WIDE_MM) * part
}

/// A series at a place between its own, linearly; none beyond its ends.
fn at(series: &Series, place: f64) -> Option<f64> {
    let mut sorted = series.clone();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let after = sorted.partition_point(|[at, _]| *at < place);
    match (after.checked_sub(1).and_then(|n| sorted.get(n)), sorted.get(after)) {
        (_, Some([at, value])) if *at == place => Some(*value),
        (Some([a, u]), Some([b, v])) => Some(u + (v - u) * (place - a) / (b - a)),
        _ => None,
    }
}

/// Smallest and largest of at least two numbers.
fn range(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let all: Vec<f64> = values.collect();
    let low = all.iter().copied().reduce(f64::min)?;
    let high = all.iter().copied().reduce(f64::max)?;
    (1 < all.len()).then_some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_is_that_of_the_nozzle() {
        for (z_mm, radius_mm) in [(-70.0, 6.0), (-62.685, 6.0), (-40.0, 2.0), (-0.1, 2.0), (0.0, 6.0), (50.0, 6.0)] {
            assert!((wall_mm(z_mm) - radius_mm).abs() < 1e-9, "{z_mm}: {}", wall_mm(z_mm));
        }
        let slope = (wall_mm(-60.0) - wall_mm(-50.0)) / 10.0;
        assert!((slope.atan().to_degrees() - 10.0).abs() < 0.01, "the cone's half angle is 10°, here {slope}");
    }

    #[test]
    fn series_are_read_between_their_places_and_not_beyond() {
        let series = vec![[2.0, 1.0], [0.0, 3.0]];
        assert_eq!([at(&series, 1.0), at(&series, 0.0), at(&series, 2.5)], [Some(2.0), Some(3.0), None]);
    }
}
