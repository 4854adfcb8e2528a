//! A network beside our own computation in space: five shapes, the pressure lost in each.

use super::Row;
use crate::base::Progress;
use crate::base::units::PA_PER_MMHG;
use crate::flow::along::{Beside, branches, stations};
use crate::flow::{FlowError, Fluid, Inflow, Lumen, Opening, OpeningKind, Profile, Resolution, Setup, simulate};
use crate::geom::{Point, Vector};
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::CentreBranch;
use std::f64::consts::PI;

/// Flow into every shape, ml/s: a Reynolds number of 193 in a vessel of 3 mm.
const FLOW_ML_S: f64 = 1.5;
/// Cells across the vessel, and across one with a stenosis, whose throat needs ten.
const ACROSS: f64 = 14.0;
const ACROSS_NARROWED: f64 = 20.0;
/// Distance of the points of a line, mm.
const STEP_MM: f64 = 0.5;

/// A shape: its centre lines, and how far the network may be off.
struct Shape {
    what: &'static str,
    lines: CentreLines,
    share: f64,
    across: f64,
}

/// A branch from points every [`STEP_MM`] with a radius for each place along it.
fn branch(
    parent: Option<usize>,
    length_mm: f64,
    at: impl Fn(f64) -> Point,
    radius_mm: impl Fn(f64) -> f64,
) -> CentreBranch {
    let steps = (length_mm / STEP_MM).round() as usize;
    let places: Vec<f64> = (0..=steps).map(|n| length_mm * n as f64 / steps as f64).collect();
    let points = places.iter().map(|s| at(*s)).collect();
    CentreBranch { parent, points, radii_mm: places.iter().map(|s| radius_mm(*s)).collect() }
}

fn along_z(length_mm: f64, radius_mm: impl Fn(f64) -> f64) -> Vec<CentreBranch> {
    vec![branch(None, length_mm, |s| Point::new(0.0, 0.0, s), radius_mm)]
}

/// A straight piece, a quarter of a circle of 6 mm, a straight piece.
fn bend() -> Vec<CentreBranch> {
    let (lead, turn) = (8.0, 6.0);
    let arc = 0.5 * PI * turn;
    let at = move |s: f64| {
        if s < lead {
            return Point::new(0.0, 0.0, s);
        }
        let angle = ((s - lead) / turn).min(0.5 * PI);
        let beyond = (s - lead - arc).max(0.0);
        Point::new(turn * (1.0 - angle.cos()) + beyond, 0.0, lead + turn * angle.sin())
    };
    vec![branch(None, 2.0 * lead + arc, at, |_| 1.5)]
}

/// A vessel that divides into two of Murray's radius, 35° to both sides.
fn fork() -> Vec<CentreBranch> {
    let trunk = 9.0;
    let (sin, cos) = 35.0_f64.to_radians().sin_cos();
    let daughter = |side: f64| {
        branch(Some(0), 13.0, move |s| Point::new(side * s * sin, 0.0, trunk + s * cos), |_| 1.5 / 2.0_f64.cbrt())
    };
    vec![branch(None, trunk, |s| Point::new(0.0, 0.0, s), |_| 1.5), daughter(-1.0), daughter(1.0)]
}

fn shapes() -> Vec<Shape> {
    let shape = |what, branches: Vec<CentreBranch>, share| Shape {
        what,
        lines: CentreLines::new(branches).expect("the shapes are whole"),
        share,
        across: ACROSS,
    };
    let narrow = |s: f64| 1.5 - 0.375 * (1.0 + (PI * ((s - 10.0) / 5.0).clamp(-1.0, 1.0)).cos());
    vec![
        shape("straight vessel", along_z(16.0, |_| 1.5), 0.05),
        shape("vessel that tapers from 3.6 to 2.4 mm", along_z(20.0, |s| 1.8 - 0.03 * s), 0.1),
        // Young and Tsai's turbulent loss holds for jets that break up; this one is laminar and smooth.
        Shape { across: ACROSS_NARROWED, ..shape("stenosis of 75 % of the area", along_z(48.0, narrow), 0.8) },
        shape("bend of 90° over two diameters", bend(), 0.3),
        shape("fork", fork(), 0.3),
    ]
}

/// Flow through a shape in space: the lumen is the union of balls along its lines.
fn setup(lines: &CentreLines, across: f64) -> Result<Setup, FlowError> {
    let all: Vec<(Point, Vector, f64, f64)> = lines
        .branches()
        .iter()
        .flat_map(|b| {
            (1..b.points.len())
                .map(|n| (b.points[n - 1], b.points[n] - b.points[n - 1], b.radii_mm[n - 1], b.radii_mm[n]))
        })
        .collect();
    let level = move |p: Point| {
        let inside = |(from, way, r0, r1): &(Point, Vector, f64, f64)| {
            let part = ((p - from).dot(way) / way.norm_squared()).clamp(0.0, 1.0);
            r0 + (r1 - r0) * part - (p - (from + way * part)).norm()
        };
        all.iter().map(inside).fold(f64::NEG_INFINITY, f64::max) as f32
    };
    let bounds = lines.bounds();
    let corner = Vector::repeat(2.5);
    let lumen = Lumen::from_level(bounds.min - corner, bounds.max + corner, level);
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(FLOW_ML_S), profile: Profile::Developed };
    let root = &lines.branches()[0];
    let mut openings =
        vec![Opening::placed("inlet", root.points[0], root.points[0] - root.points[1], root.radii_mm[0], inlet)?];
    for n in lines.leaves() {
        let leaf = &lines.branches()[n];
        let last = leaf.points.len() - 1;
        let normal = leaf.points[last] - leaf.points[last - 1];
        let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
        openings.push(Opening::placed(&format!("outlet {n}"), leaf.points[last], normal, leaf.radii_mm[last], outlet)?);
    }
    let mut setup = Setup::new(lumen, openings, Fluid::blood());
    setup.resolution = Resolution::CellsAcross(across);
    (setup.mach, setup.tolerance, setup.streamlines) = (0.2, 5e-3, 0);
    Ok(setup)
}

/// F14v: total pressure lost from a diameter behind the inlet to one before the outlets.
pub(super) fn beside(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let all = shapes();
    let mut rows = Vec::new();
    for (n, Shape { what, lines, share, across }) in all.iter().enumerate() {
        let part = progress.part(n as f64 / all.len() as f64..(n + 1) as f64 / all.len() as f64, what);
        let setup = setup(lines, *across)?;
        let (result, _) = simulate(&setup, &part)?;
        let stations = stations(&result, lines, 1.0, setup.fluid.density_kg_m3, &part)?;
        let network = Beside::of(lines, &stations, FLOW_ML_S, &setup.fluid, &part)?;
        let branches = branches(&stations, lines.branches().len());
        let root = branches[0].stations.iter().find(|s| 3.0 <= s.at_mm).expect("the root is longer than a diameter");
        let leaf = branches.last().expect("there is a branch");
        let length_mm = lines.branches()[leaf.number].length_mm();
        let end = leaf.stations.iter().rev().find(|s| s.at_mm <= length_mm - 3.0).expect("so are the leaves");
        let lost = root.section.total_pa() - end.section.total_pa();
        let mmhg = |s: &crate::flow::along::Station| network.mmhg(s.branch, s.at_mm).unwrap_or(f64::NAN);
        let of_network = (mmhg(root) - mmhg(end)) * PA_PER_MMHG;
        rows.push(Row {
            id: "F14v",
            what: format!("total pressure lost, network beside the lattice ({across} cells across): {what}"),
            value: of_network,
            reference: lost,
            unit: "Pa",
            tolerance: share * lost,
            source: "our own computation in space; Pfaller et al. 2022 found 1 to 10 % for such networks of whole trees, single places are further off",
        });
    }
    Ok(rows)
}
