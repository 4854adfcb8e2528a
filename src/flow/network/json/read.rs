//! Text of a file to a network.

use super::fields::{Fields, unreadable};
use super::kinds;
use crate::flow::network::{Block, BlockKind, Link, Network, NetworkError, Schedule};
use serde_json::Value;
use std::collections::BTreeMap;

/// Blocks and connections by name, while they are read.
#[derive(Default)]
struct Parts {
    blocks: Vec<Block>,
    index: BTreeMap<String, usize>,
    links: Vec<(String, String)>,
}

impl Parts {
    fn add(&mut self, name: &str, kind: BlockKind) -> Result<(), NetworkError> {
        if self.index.insert(name.into(), self.blocks.len()).is_some() {
            return Err(NetworkError::DuplicateName(name.into()));
        }
        self.blocks.push(Block::new(name, kind));
        Ok(())
    }

    fn link(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.links.push((from.into(), to.into()));
    }

    fn network(self) -> Result<Network, NetworkError> {
        let find = |name: &String| {
            self.index.get(name).copied().ok_or_else(|| unreadable(format!("nothing is called '{name}'")))
        };
        let link = |(from, to): &(String, String)| Ok(Link { from: find(from)?, to: find(to)? });
        let links = self.links.iter().map(link).collect::<Result<_, NetworkError>>()?;
        Network::new(self.blocks, links)
    }
}

pub(super) fn network(text: &str) -> Result<Network, NetworkError> {
    let file: Value = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    let file = Fields::of("the file", &file)?;
    if !file.list("external_solver_coupling_blocks")?.is_empty() {
        return Err(unreadable("it has external_solver_coupling_blocks; coupling with another solver is not known"));
    }
    let parameters = file.object("simulation_parameters")?.named("simulation_parameters");
    let mut parts = Parts::default();
    let mut vessels = BTreeMap::new();
    for vessel in file.list("vessels")? {
        read_vessel(vessel, &mut parts, &mut vessels)?;
    }
    let mut to_heart = Vec::new();
    for condition in file.list("boundary_conditions")? {
        let condition = Fields::of("a boundary condition", condition)?;
        let name = condition.text("bc_name")?;
        let kind = kinds::boundary(condition.text("bc_type")?, condition.named(name).object("bc_values")?)?;
        if matches!(&kind, BlockKind::LoopRcr { to_heart: true, .. } | BlockKind::LoopCoronary { .. }) {
            to_heart.push(name);
        }
        parts.add(name, kind)?;
    }
    for junction in file.list("junctions")? {
        read_junction(junction, &mut parts, &vessels)?;
    }
    for block in file.list("closed_loop_blocks")? {
        read_heart(block, &mut parts, &to_heart)?;
    }
    for valve in file.list("valves")? {
        let valve = Fields::of("a valve", valve)?;
        let name = valve.text("name")?;
        let values = valve.named(name).object("params")?;
        parts.add(name, kinds::valve(valve.text("type")?, values)?)?;
        parts.link(values.text("upstream_block")?, name);
        parts.link(name, values.text("downstream_block")?);
    }
    for chamber in file.list("chambers")? {
        let chamber = Fields::of("a chamber", chamber)?;
        let name = chamber.text("name")?;
        parts.add(name, kinds::chamber(chamber.text("type")?, chamber.named(name))?)?;
    }
    let mut network = parts.network()?;
    if parameters.has("cardiac_period") {
        network = network.with_period(parameters.number("cardiac_period")?)?;
    }
    network.schedule = schedule(parameters)?;
    for (field, initial) in
        [("initial_condition", &mut network.initial), ("initial_condition_d", &mut network.initial_rates)]
    {
        if file.has(field) {
            *initial = file.object(field)?.all_numbers().map(|(name, value)| (name.clone(), value)).collect();
        }
    }
    Ok(network)
}

fn schedule(parameters: Fields) -> Result<Schedule, NetworkError> {
    if parameters.truth_or("coupled_simulation", false)? {
        return Err(unreadable("it is one half of a coupled simulation; only whole networks are known"));
    }
    let default = Schedule::default();
    let cycle_tolerance = parameters.number_or("sim_cycle_to_cycle_percent_error", 1.0)? / 100.0;
    let schedule = Schedule {
        cycles: parameters.count_or("number_of_cardiac_cycles", default.cycles)?,
        points_per_cycle: parameters.count_or("number_of_time_pts_per_cardiac_cycle", default.points_per_cycle)?,
        steady_start: parameters.truth_or("steady_initial", default.steady_start)?,
        rho_infinity: parameters.number_or("rho_infty", default.rho_infinity)?,
        tolerance: default.tolerance,
        residual_max: parameters.number_or("absolute_tolerance", default.residual_max)?,
        iterations_max: parameters.count_or("maximum_nonlinear_iterations", default.iterations_max)?,
        keep_all: parameters.truth_or("output_all_cycles", default.keep_all)?,
        keep_every: parameters.count_or("output_interval", default.keep_every)?,
        cycle_tolerance: parameters.truth_or("use_cycle_to_cycle_error", false)?.then_some(cycle_tolerance),
    };
    schedule.check()?;
    Ok(schedule)
}

fn read_vessel<'a>(
    vessel: &'a Value,
    parts: &mut Parts,
    vessels: &mut BTreeMap<i64, &'a str>,
) -> Result<(), NetworkError> {
    let vessel = Fields::of("a vessel", vessel)?;
    let name = vessel.text("vessel_name")?;
    let vessel = vessel.named(name);
    if vessel.has("vessel_id") {
        let id = vessel.count_or("vessel_id", 0)? as i64;
        if let Some(other) = vessels.insert(id, name) {
            return Err(unreadable(format!("'{other}' and '{name}' have the same vessel_id {id}")));
        }
    }
    parts.add(name, kinds::vessel(vessel.text("zero_d_element_type")?, vessel.object("zero_d_element_values")?)?)?;
    if vessel.has("boundary_conditions") {
        let ends = vessel.object("boundary_conditions")?;
        if ends.has("inlet") {
            parts.link(ends.text("inlet")?, name);
        }
        if ends.has("outlet") {
            parts.link(name, ends.text("outlet")?);
        }
    }
    Ok(())
}

fn read_junction(junction: &Value, parts: &mut Parts, vessels: &BTreeMap<i64, &str>) -> Result<(), NetworkError> {
    let junction = Fields::of("a junction", junction)?;
    let name = junction.text("junction_name")?;
    let junction = junction.named(name);
    let values = if junction.has("junction_values") { Some(junction.object("junction_values")?) } else { None };
    parts.add(name, kinds::junction(name, junction.text("junction_type")?, values)?)?;
    let by_id = |field: &str| -> Result<Vec<&str>, NetworkError> {
        let unknown = |id: &f64| unreadable(format!("'{name}' joins the vessel {id}, which is not there"));
        junction
            .numbers(field)?
            .iter()
            .map(|id| vessels.get(&(*id as i64)).copied().ok_or_else(|| unknown(id)))
            .collect()
    };
    let (inlets, outlets) = if junction.has("inlet_vessels") {
        (by_id("inlet_vessels")?, by_id("outlet_vessels")?)
    } else {
        (junction.texts("inlet_blocks")?, junction.texts("outlet_blocks")?)
    };
    inlets.iter().for_each(|inlet| parts.link(*inlet, name));
    outlets.iter().for_each(|outlet| parts.link(name, *outlet));
    Ok(())
}

/// The heart's name and those of the junctions around it.
pub(super) const HEART: [&str; 3] = ["CLH", "J_heart_inlet", "J_heart_outlet"];

fn read_heart(block: &Value, parts: &mut Parts, to_heart: &[&str]) -> Result<(), NetworkError> {
    let block = Fields::of("a closed loop block", block)?;
    let kind = block.text("closed_loop_type")?;
    if kind != "ClosedLoopHeartAndPulmonary" {
        let known = "ClosedLoopHeartAndPulmonary";
        return Err(NetworkError::UnknownKind { name: HEART[0].into(), kind: kind.into(), known });
    }
    let [heart, before, behind] = HEART;
    let period = block.number("cardiac_cycle_period")?;
    parts.add(heart, BlockKind::Heart(Box::new(kinds::heart(period, block.named(heart).object("parameters")?)?)))?;
    parts.add(before, BlockKind::Junction)?;
    parts.add(behind, BlockKind::Junction)?;
    parts.link(before, heart);
    to_heart.iter().for_each(|block| parts.link(*block, before));
    parts.link(heart, behind);
    block.texts("outlet_blocks")?.iter().for_each(|outlet| parts.link(behind, *outlet));
    Ok(())
}
