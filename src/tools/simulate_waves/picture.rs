//! Pulse waves as tubes along the vessels, with pressures, flows and the arrival of the pulse to colour them by.

use super::beat::Beat;
use super::state::State;
use crate::flow::network::{TreePlace, VesselTree};
use crate::geom::Point;
use crate::mesh::tube::tapered_tubes;
use crate::mesh::{CentreLines, Field, Surface};
use crate::session::data::SurfaceData;
use crate::tools::simulate_network::picture::{Added, GRAFT_POINTS, RADIUS_MM_MIN, SIDES, point};

/// Tubes along `lines` with the radii of `tree`, coloured by `state`; added vessels are drawn straight.
pub(super) fn tubes(lines: &CentreLines, tree: &VesselTree, added: &[Added], state: &State) -> SurfaceData {
    let mut all: Vec<Vec<Point>> = Vec::new();
    let (mut beats, mut radii_mm): (Vec<Beat>, Vec<f64>) = (Vec::new(), Vec::new());
    for (n, branch) in lines.branches().iter().enumerate() {
        let along_mm = branch.arc_lengths_mm();
        // The lines' own points, and where vessels begin and end by edits.
        let mut places = along_mm.clone();
        places.extend(state.on(Some(n)).map(|station| state.stations[station].at_mm));
        places.sort_by(f64::total_cmp);
        places.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
        all.push(places.iter().map(|at_mm| point(branch, &along_mm, *at_mm)).collect());
        let diameter_mm = |at_mm: &f64| tree.diameter_mm(TreePlace { branch: n, at_mm: *at_mm });
        radii_mm.extend(places.iter().map(|at_mm| 0.5 * diameter_mm(at_mm)));
        beats.extend(places.iter().map(|at_mm| state.beat(n, *at_mm)));
    }
    let grafts: Vec<usize> = state.on(None).collect();
    let grafts = grafts.chunk_by(|a, b| state.stations[*a].segment == state.stations[*b].segment);
    for (own, ([from, to], radius_mm)) in grafts.zip(added) {
        for n in 0..GRAFT_POINTS {
            let part = n as f64 / (GRAFT_POINTS - 1) as f64;
            let place = part * (own.len() - 1) as f64;
            // Cast: whole part of a number from 0 to the last station.
            let left = (place as usize).min(own.len() - 2);
            beats.push(state.beats[own[left]].mixed(&state.beats[own[left + 1]], place - left as f64));
            radii_mm.push(*radius_mm);
        }
        all.push((0..GRAFT_POINTS).map(|n| from + (to - from) * (n as f64 / (GRAFT_POINTS - 1) as f64)).collect());
    }
    let slices: Vec<&[Point]> = all.iter().map(Vec::as_slice).collect();
    let drawn_mm: Vec<f64> = radii_mm.iter().map(|radius_mm| radius_mm.max(RADIUS_MM_MIN)).collect();
    let (surface, of_point) = tapered_tubes(&slices, &drawn_mm, SIDES)
        .unwrap_or_else(|| (Surface::new(Vec::new(), Vec::new()).expect("no triangle can be wrong"), Vec::new()));
    let field = |name: &str, unit: &str, value: &dyn Fn(&Beat) -> f64| {
        Field::new(name, unit, of_point.iter().map(|point| value(&beats[*point as usize])).collect())
    };
    // A field has a number everywhere: where no pulse comes, the latest of all.
    let latest_ms = beats.iter().filter_map(|beat| beat.arrival_ms).fold(0.0, f64::max);
    let fields = vec![
        field("systolic pressure", "mmHg", &|beat| beat.systolic_mmhg),
        field("diastolic pressure", "mmHg", &|beat| beat.diastolic_mmhg),
        field("pulse pressure", "mmHg", &Beat::pulse_mmhg),
        field("mean pressure", "mmHg", &|beat| beat.mean_mmhg),
        field("highest flow", "ml/s", &|beat| beat.highest_ml_s),
        field("mean flow", "ml/s", &|beat| beat.mean_ml_s),
        field("arrival of the pulse", "ms", &|beat| beat.arrival_ms.unwrap_or(latest_ms)),
        field("distension", "%", &|beat| beat.distension),
    ];
    SurfaceData { surface, fields }
}
