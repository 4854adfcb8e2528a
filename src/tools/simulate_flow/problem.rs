//! From parameters to a flow problem: openings, set-up, pulse; and what it will be before it is computed.

use super::openings::{Place, changed};
use super::vessel::{AIRWAY, Vessel, vessel};
use super::{AIRWAY_ENDS, FLOW_ML_S, Params, VESSEL_ENDS};
use crate::base::Progress;
use crate::flow::breath::{Breath, estimate_breath};
use crate::flow::{
    Cost, Device, FlowError, FlowResult, Fluid, Found, Inflow, Lumen, Opening, OpeningKind, Profile, Pulse, Resolution,
    Search, Setup, Split, estimate, estimate_pulse, find_openings, keeper_of_process, ranks,
};
use crate::geom::Point;
use crate::image::Volume;
use crate::session::CommandError;
use crate::tools::shared::flow::fluid;
use std::sync::Arc;

/// A flow problem as its parameters say it.
pub(super) struct Problem {
    pub setup: Setup,
    pub pulse: Option<Pulse>,
    pub breath: Option<Breath>,
    /// All openings, also those that stay closed.
    pub places: Vec<Place>,
    /// What was left out while openings were looked for.
    pub warnings: Vec<String>,
    pub usual: Option<Vessel>,
}

fn failed(error: FlowError) -> CommandError {
    CommandError::failed(&error)
}

impl Problem {
    /// What it will cost.
    pub fn cost(&self) -> Result<Cost, CommandError> {
        match (&self.pulse, &self.breath) {
            (_, Some(breath)) => estimate_breath(&self.setup, breath),
            (None, None) => estimate(&self.setup),
            (Some(pulse), None) => estimate_pulse(&self.setup, pulse),
        }
        .map_err(failed)
    }
}

impl Params {
    /// The usual flow of the vessel.
    fn usual(&self) -> Option<Vessel> {
        vessel(if self.beat.breathes() { AIRWAY } else { &self.vessel })
    }

    /// What is looked for in a lumen.
    pub(super) fn search(&self) -> Search {
        let usual = self.usual();
        let is_air = self.fluid(usual.as_ref()).name == Fluid::air().name;
        let inflow = Inflow::FlowMlS(self.flow_ml_s(usual.as_ref()));
        Search {
            area_mm2_min: self.opening_mm2_min,
            ends_max: self.ends_max.unwrap_or(if is_air { AIRWAY_ENDS } else { 0 }),
            end_radius_mm_min: self.end_radius_mm,
            inlet: OpeningKind::Inlet { inflow, profile: Profile::Developed },
        }
    }

    /// The openings of a lumen as they are found. A lumen that is closed has none yet; the user may cut it open.
    pub(super) fn found(&self, mask: &Volume<u8>, progress: &Progress) -> Result<Found, CommandError> {
        let mut search = self.search();
        let first = find_openings(mask, &search, progress);
        // A vessel that leaves the scan once or never, like an aorta with its root inside, has no way out but its ends.
        let lacks_way = !matches!(&first, Ok(found) if 2 <= found.openings.len());
        let is_open_question = self.ends_max.is_none() && search.ends_max == 0 && self.openings.is_empty();
        let found = if lacks_way && is_open_question {
            search.ends_max = VESSEL_ENDS;
            find_openings(mask, &search, progress)
        } else {
            first
        };
        match found {
            Err(FlowError::Closed) if self.openings.iter().any(|change| change.cut) => {
                Ok(Found { openings: Vec::new(), warnings: Vec::new(), lumen: mask.clone() })
            }
            found => found.map_err(failed),
        }
    }

    /// The problem in a lumen with these openings.
    pub(super) fn problem(&self, found: Found, start: Option<Arc<FlowResult>>) -> Result<Problem, CommandError> {
        let usual = self.usual();
        let (fluid, flow_ml_s) = (self.fluid(usual.as_ref()), self.flow_ml_s(usual.as_ref()));
        let mut openings = found.openings;
        if let Some(at) = self.inlet_at {
            choose_inlet(&mut openings, &Point::from(at));
        }
        let lumen = Lumen::from_mask(&found.lumen).map_err(failed)?;
        let places = changed(openings, &self.openings, &lumen, flow_ml_s)?;
        let open = places.iter().filter(|place| place.is_open);
        let mut openings: Vec<Opening> = open.map(|place| place.opening.clone()).collect();
        let lumen = if 0.0 < self.extension_diameters {
            lumen.extended(&mut openings, self.extension_diameters)
        } else {
            lumen
        };
        let mut setup = Setup::new(lumen, openings, fluid);
        setup.resolution = Resolution::CellsAcross(self.cells_across);
        setup.tolerance = self.tolerance;
        setup.mach = self.mach;
        // Beyond a cut nothing is known of the branch.
        let split = self.split.as_deref().or(usual.as_ref().map(|usual| usual.split.as_str()));
        setup.split = match split.unwrap_or_default() {
            "murray" => Split::Murray,
            "area" => Split::Area,
            _ => Split::Pressure,
        };
        setup.exchanges_max = self.exchanges_max;
        setup.start = start;
        if self.device == "fastest" {
            setup.device = Device::Fastest;
        }
        setup.steps_max = self.steps_max.unwrap_or(usize::MAX);
        (setup.end_after, setup.ends_by_hand) = (self.end_after, true);
        (setup.ranks, setup.keeper) = (ranks::of_process(), keeper_of_process());
        let pressure_mmhg = usual.as_ref().map(|usual| usual.pressure_mmhg).filter(|mmhg| 0.0 < *mmhg);
        // What the inlets bring, where that was said one by one.
        let brought: f64 = setup.openings.iter().map(Opening::inflow_ml_s).sum();
        let mean_ml_s = if self.openings.is_empty() { flow_ml_s } else { brought };
        let breathes = self.beat.breathes();
        let breath = breathes.then(|| self.breath.breath(&self.beat.points())).transpose()?;
        let pulse = if breathes { None } else { self.beat.pulse(mean_ml_s, self.tolerance, pressure_mmhg)? };
        Ok(Problem { setup, pulse, breath, places, warnings: found.warnings, usual })
    }

    fn fluid(&self, usual: Option<&Vessel>) -> Fluid {
        let word = self.fluid.as_deref().or(usual.map(|usual| usual.fluid.as_str()));
        fluid(word == Some("air"), &self.rheology)
    }

    fn flow_ml_s(&self, usual: Option<&Vessel>) -> f64 {
        self.flow_ml_s.or(usual.map(|usual| usual.flow_ml_s)).unwrap_or(FLOW_ML_S)
    }
}

/// Refuse what takes longer than allowed.
pub(super) fn affordable(cost: &Cost, minutes_max: f64) -> Result<(), CommandError> {
    if cost.seconds <= minutes_max * 60.0 {
        return Ok(());
    }
    Err(CommandError::Failed(format!(
        "this would take about {:.0} min ({:.1} million cells, {:.0} steps), more than the {minutes_max} min allowed; \
         take fewer cells across or less flow",
        cost.seconds / 60.0,
        cost.cells / 1e6,
        cost.steps
    )))
}

/// Make the opening nearest to `at` the inlet, and what was the inlet an outlet.
fn choose_inlet(openings: &mut [Opening], at: &Point) {
    let distance = |opening: &Opening| (opening.centre - at).norm();
    let nearest = (0..openings.len()).min_by(|a, b| distance(&openings[*a]).total_cmp(&distance(&openings[*b])));
    let (Some(nearest), Some(old)) = (nearest, openings.iter().position(|opening| opening.kind.is_inlet())) else {
        return;
    };
    if nearest != old {
        let (name, kind) = (openings[nearest].name.clone(), openings[nearest].kind);
        openings[nearest].name = std::mem::replace(&mut openings[old].name, name);
        openings[nearest].kind = std::mem::replace(&mut openings[old].kind, kind);
    }
}
