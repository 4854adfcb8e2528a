//! A network as tubes along its vessels, with pressure, flow and speed to colour them by.

use crate::base::units::PA_PER_MMHG;
use crate::flow::network::{PieceMeans, TreePlace, VesselTree};
use crate::geom::Point;
use crate::mesh::tube::tapered_tubes;
use crate::mesh::{CentreBranch, CentreLines, Field};
use crate::session::data::SurfaceData;
use std::f64::consts::PI;

/// Sides of the tubes.
pub(in crate::tools) const SIDES: u32 = 16;
/// No tube is thinner, mm: it could not be seen.
pub(in crate::tools) const RADIUS_MM_MIN: f64 = 0.1;
/// Points of an added vessel.
pub(in crate::tools) const GRAFT_POINTS: usize = 9;

/// What flows at a point.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    pressure_pa: f64,
    flow_m3_s: f64,
    ratio: f64,
    radius_mm: f64,
}

/// An added vessel: where it runs from and to, and its radius in mm.
pub(in crate::tools) type Added = ([Point; 2], f64);

/// Tubes along `lines` with the radii of `tree`, coloured by `means`; added vessels are drawn straight.
pub(super) fn tubes(lines: &CentreLines, tree: &VesselTree, added: &[Added], means: &[PieceMeans]) -> SurfaceData {
    let mut all: Vec<Vec<Point>> = Vec::new();
    let mut states: Vec<State> = Vec::new();
    for (n, branch) in lines.branches().iter().enumerate() {
        let own: Vec<&PieceMeans> = means.iter().filter(|means| means.piece.branch == Some(n)).collect();
        // The lines' own points, and both sides of every step of an edit.
        let mut places: Vec<f64> = branch.arc_lengths_mm();
        places.extend(own.iter().flat_map(|means| [means.piece.from_mm, means.piece.to_mm]));
        places.sort_by(f64::total_cmp);
        places.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
        let along_mm = branch.arc_lengths_mm();
        all.push(places.iter().map(|at_mm| point(branch, &along_mm, *at_mm)).collect());
        states.extend(places.iter().map(|at_mm| State {
            radius_mm: 0.5 * tree.diameter_mm(TreePlace { branch: n, at_mm: *at_mm }),
            ..state(&own, *at_mm)
        }));
    }
    let grafts = means.iter().filter(|means| means.piece.branch.is_none());
    for (means, ([from, to], radius_mm)) in grafts.zip(added) {
        let part = |n: usize| n as f64 / (GRAFT_POINTS - 1) as f64;
        all.push((0..GRAFT_POINTS).map(|n| from + (to - from) * part(n)).collect());
        states.extend((0..GRAFT_POINTS).map(|n| State { radius_mm: *radius_mm, ..between(means, part(n)) }));
    }
    let slices: Vec<&[Point]> = all.iter().map(Vec::as_slice).collect();
    let radii_mm: Vec<f64> = states.iter().map(|state| state.radius_mm.max(RADIUS_MM_MIN)).collect();
    let (surface, of_point) = tapered_tubes(&slices, &radii_mm, SIDES).unwrap_or_else(|| {
        (crate::mesh::Surface::new(Vec::new(), Vec::new()).expect("no triangle can be wrong"), Vec::new())
    });
    let field = |name: &str, unit: &str, value: &dyn Fn(&State) -> f64| {
        Field::new(name, unit, of_point.iter().map(|point| value(&states[*point as usize])).collect())
    };
    let speed = |state: &State| 1e2 * state.flow_m3_s.abs() / (PI * (1e-3 * state.radius_mm).powi(2));
    let fields = vec![
        field("pressure", "mmHg", &|state| state.pressure_pa / PA_PER_MMHG),
        field("pressure ratio", "1", &|state| state.ratio),
        field("flow", "ml/s", &|state| 1e6 * state.flow_m3_s),
        field("mean speed", "cm/s", &speed),
        field("diameter", "mm", &|state| 2.0 * state.radius_mm),
    ];
    SurfaceData { surface, fields }
}

/// The point at a place of a branch, whose points are `along_mm` from its begin.
pub(in crate::tools) fn point(branch: &CentreBranch, along_mm: &[f64], at_mm: f64) -> Point {
    let after = along_mm.partition_point(|along| *along < at_mm).clamp(1, along_mm.len() - 1);
    let (a, b) = (along_mm[after - 1], along_mm[after]);
    let part = if a < b { ((at_mm - a) / (b - a)).clamp(0.0, 1.0) } else { 0.0 };
    branch.points[after - 1] + (branch.points[after] - branch.points[after - 1]) * part
}

/// The state at a place of a branch.
fn state(own: &[&PieceMeans], at_mm: f64) -> State {
    let here = own.iter().find(|means| at_mm <= means.piece.to_mm).or(own.last());
    here.map_or_else(State::default, |means| {
        let length = means.piece.to_mm - means.piece.from_mm;
        let part = if 0.0 < length { (at_mm - means.piece.from_mm) / length } else { 1.0 };
        between(means, part.clamp(0.0, 1.0))
    })
}

/// The state within a piece; pressure falls evenly there.
fn between(means: &PieceMeans, part: f64) -> State {
    let PieceMeans { pressure_in_pa, pressure_out_pa, flow_m3_s, ratio, .. } = *means;
    let pressure_pa = pressure_in_pa + (pressure_out_pa - pressure_in_pa) * part;
    // The ratio of the piece's end, carried to where pressure is higher or lower.
    let ratio = if pressure_out_pa == 0.0 { 0.0 } else { ratio * pressure_pa / pressure_out_pa };
    State { pressure_pa, flow_m3_s, ratio, radius_mm: 0.0 }
}
