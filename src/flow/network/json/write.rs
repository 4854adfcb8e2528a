//! A network to the text of a file.

use super::kinds;
use super::read::HEART;
use crate::flow::network::{
    Activation, Block, BlockKind, Chamber, ChamberWall, Coronary, CoronaryBed, JunctionOutlet, Network, Rcr, Side,
    Valve, Vessel, VesselOrder, Waveform,
};
use serde_json::{Map, Value, json};

pub(super) fn text(network: &Network) -> String {
    let schedule = network.schedule;
    let mut parameters = json!({
        "number_of_cardiac_cycles": schedule.cycles,
        "number_of_time_pts_per_cardiac_cycle": schedule.points_per_cycle,
        "steady_initial": schedule.steady_start,
        "rho_infty": schedule.rho_infinity,
        "maximum_nonlinear_iterations": schedule.iterations_max,
        "absolute_tolerance": schedule.residual_max,
        "output_all_cycles": schedule.keep_all,
        "output_interval": schedule.keep_every,
        "cardiac_period": network.period(),
    });
    if let Some(tolerance) = schedule.cycle_tolerance {
        parameters["use_cycle_to_cycle_error"] = true.into();
        parameters["sim_cycle_to_cycle_percent_error"] = (tolerance * 100.0).into();
    }
    let file = Writer { network, ends: network.ends() }.file(parameters);
    serde_json::to_string_pretty(&file).expect("maps with text keys can be written")
}

struct Writer<'a> {
    network: &'a Network,
    ends: Vec<[Vec<usize>; 2]>,
}

impl Writer<'_> {
    fn file(&self, parameters: Value) -> Value {
        let (mut vessels, mut conditions, mut junctions) = (Vec::new(), Vec::new(), Vec::new());
        let (mut hearts, mut valves, mut chambers) = (Vec::new(), Vec::new(), Vec::new());
        for (n, block) in self.network.blocks().iter().enumerate() {
            let name = &block.name;
            match &block.kind {
                BlockKind::Vessel(vessel) => vessels.push(self.vessel(n, vessel, vessels.len())),
                BlockKind::Junction | BlockKind::ResistiveJunction(_) | BlockKind::VesselJunction(_) => {
                    if !HEART.contains(&name.as_str()) {
                        junctions.push(self.junction(n));
                    }
                }
                BlockKind::Heart(heart) => {
                    let parameters: Map<String, Value> = kinds::HEART
                        .iter()
                        .zip(kinds::heart_values(heart))
                        .map(|(name, value)| ((*name).into(), value.into()))
                        .collect();
                    let behind = self.far(n, 1).first().and_then(|name| self.network.find(name));
                    hearts.push(json!({
                        "closed_loop_type": "ClosedLoopHeartAndPulmonary",
                        "cardiac_cycle_period": heart.period,
                        "outlet_blocks": behind.map_or_else(Vec::new, |behind| self.far(behind, 1)),
                        "parameters": parameters,
                    }));
                }
                BlockKind::Chamber(chamber) => chambers.push(write_chamber(name, chamber)),
                BlockKind::Valve(Valve { open, closed, steepness }) => {
                    let mut params = json!({ "Rmin": open, "Rmax": closed });
                    params["upstream_block"] = self.far(n, 0).concat().into();
                    params["downstream_block"] = self.far(n, 1).concat().into();
                    if let Some(steepness) = steepness {
                        params["Steepness"] = (*steepness).into();
                    }
                    let kind = if steepness.is_some() { "ValveTanh" } else { "PiecewiseValve" };
                    valves.push(json!({ "type": kind, "name": name, "params": params }));
                }
                kind => conditions.push(boundary(name, kind)),
            }
        }
        junctions.extend(self.joints());
        let mut file = json!({
            "simulation_parameters": parameters, "vessels": vessels, "boundary_conditions": conditions,
            "junctions": junctions, "initial_condition": self.network.initial,
            "initial_condition_d": self.network.initial_rates,
        });
        for (name, list) in [("closed_loop_blocks", hearts), ("valves", valves), ("chambers", chambers)] {
            if !list.is_empty() {
                file[name] = list.into();
            }
        }
        file
    }

    fn block(&self, n: usize) -> &Block {
        &self.network.blocks()[n]
    }

    /// Names of what is connected to the inlets (0) or outlets (1) of a block; a joint where one is written between.
    fn far(&self, n: usize, side: usize) -> Vec<String> {
        let links = self.network.links();
        let name = |link: &usize| {
            let link = links[*link];
            if self.needs_joint(link.from, link.to) {
                return joint(&self.block(link.from).name, &self.block(link.to).name);
            }
            self.block(if side == 0 { link.from } else { link.to }).name.clone()
        };
        self.ends[n][side].iter().map(name).collect()
    }

    /// Whether the format has no other place for this connection than a junction.
    fn needs_joint(&self, from: usize, to: usize) -> bool {
        let [from, to] = [from, to].map(|n| &self.block(n).kind);
        let has_place = |kind: &BlockKind| {
            matches!(
                kind,
                BlockKind::Junction
                    | BlockKind::ResistiveJunction(_)
                    | BlockKind::VesselJunction(_)
                    | BlockKind::Valve(_)
                    | BlockKind::Heart(_)
            )
        };
        let is_vessel = |kind: &BlockKind| matches!(kind, BlockKind::Vessel(_));
        let is_end = |kind: &BlockKind| !is_vessel(kind) && !has_place(kind) && !matches!(kind, BlockKind::Chamber(_));
        let at_vessel = (is_vessel(from) && is_end(to)) || (is_end(from) && is_vessel(to));
        !(has_place(from) || has_place(to) || at_vessel)
    }

    fn joints(&self) -> impl Iterator<Item = Value> {
        let links = self.network.links().iter().filter(|link| self.needs_joint(link.from, link.to));
        links.map(|link| {
            let [from, to] = [link.from, link.to].map(|n| &self.block(n).name);
            json!({
                "junction_name": joint(from, to), "junction_type": "NORMAL_JUNCTION",
                "inlet_blocks": [from], "outlet_blocks": [to],
            })
        })
    }

    fn vessel(&self, n: usize, vessel: &Vessel, id: usize) -> Value {
        let Vessel { resistance, capacitance, inductance, stenosis, order } = *vessel;
        let (kind, values) = match order {
            VesselOrder::Lung => ("BloodVesselRC", json!({ "Rpd": resistance, "Cp": capacitance })),
            order => {
                let kind = if order == VesselOrder::Rcl { "BloodVessel" } else { "BloodVesselCRL" };
                let values = json!({
                    "R_poiseuille": resistance, "C": capacitance, "L": inductance, "stenosis_coefficient": stenosis,
                });
                (kind, values)
            }
        };
        let mut written = json!({
            "vessel_id": id, "vessel_name": self.block(n).name, "zero_d_element_type": kind,
            "zero_d_element_values": values,
        });
        for (side, name) in ["inlet", "outlet"].into_iter().enumerate() {
            for link in &self.ends[n][side] {
                let link = self.network.links()[*link];
                let far = if side == 0 { link.from } else { link.to };
                let is_end = matches!(
                    self.block(far).kind,
                    BlockKind::Flow(_)
                        | BlockKind::Pressure(_)
                        | BlockKind::Resistance { .. }
                        | BlockKind::Rcr(_)
                        | BlockKind::Coronary(_)
                        | BlockKind::LoopRcr { .. }
                        | BlockKind::LoopCoronary { .. }
                );
                if is_end {
                    written["boundary_conditions"][name] = self.block(far).name.clone().into();
                }
            }
        }
        written
    }

    fn junction(&self, n: usize) -> Value {
        let Block { name, kind } = self.block(n);
        let (kind, values) = match kind {
            BlockKind::ResistiveJunction(list) => ("resistive_junction", Some(json!({ "R": list }))),
            BlockKind::VesselJunction(list) => {
                let column = |of: fn(&JunctionOutlet) -> f64| list.iter().map(of).collect::<Vec<f64>>();
                let values = json!({
                    "R_poiseuille": column(|outlet| outlet.resistance),
                    "L": column(|outlet| outlet.inductance),
                    "stenosis_coefficient": column(|outlet| outlet.stenosis),
                });
                ("BloodVesselJunction", Some(values))
            }
            _ => ("NORMAL_JUNCTION", None),
        };
        let mut written = json!({
            "junction_name": name, "junction_type": kind,
            "inlet_blocks": self.far(n, 0), "outlet_blocks": self.far(n, 1),
        });
        if let Some(values) = values {
            written["junction_values"] = values;
        }
        written
    }
}

fn joint(from: &str, to: &str) -> String {
    format!("{from}-{to}")
}

fn wave(values: &mut Value, name: &str, wave: &Waveform) {
    // A constant is written as two equal values over any cycle: one alone has no time there.
    if wave.period().is_none() {
        values[name] = json!([wave.values()[0]]);
        values["t"] = json!([0.0]);
    } else {
        values[name] = json!(wave.values());
        values["t"] = json!(wave.times());
    }
}

fn boundary(name: &str, kind: &BlockKind) -> Value {
    let mut values = json!({});
    let kind = match kind {
        BlockKind::Flow(flow) => {
            wave(&mut values, "Q", flow);
            "FLOW"
        }
        BlockKind::Pressure(pressure) => {
            wave(&mut values, "P", pressure);
            "PRESSURE"
        }
        BlockKind::Resistance { resistance, distal_pressure } => {
            values = json!({ "R": resistance, "Pd": distal_pressure });
            "RESISTANCE"
        }
        BlockKind::Rcr(Rcr { proximal, capacitance, distal, distal_pressure }) => {
            values = json!({ "Rp": proximal, "C": capacitance, "Rd": distal, "Pd": distal_pressure });
            "RCR"
        }
        BlockKind::Coronary(Coronary { bed, muscle_pressure, venous_pressure }) => {
            let CoronaryBed { arterial, micro, venous, arterial_capacitance, muscle_capacitance } = bed;
            values = json!({
                "Ra1": arterial, "Ra2": micro, "Rv1": venous, "Ca": arterial_capacitance, "Cc": muscle_capacitance,
                "P_v": venous_pressure,
            });
            wave(&mut values, "Pim", muscle_pressure);
            "CORONARY"
        }
        BlockKind::LoopRcr { rcr: Rcr { proximal, capacitance, distal, .. }, to_heart } => {
            values = json!({ "Rp": proximal, "C": capacitance, "Rd": distal, "closed_loop_outlet": to_heart });
            "ClosedLoopRCR"
        }
        BlockKind::LoopCoronary { side, bed } => {
            let CoronaryBed { arterial, micro, venous, arterial_capacitance, muscle_capacitance } = bed;
            values = json!({
                "Ra": arterial, "Ram": micro, "Rv": venous, "Ca": arterial_capacitance, "Cim": muscle_capacitance,
            });
            if *side == Side::Left { "ClosedLoopCoronaryLeft" } else { "ClosedLoopCoronaryRight" }
        }
        _ => unreachable!("vessels, junctions, valves, chambers and hearts are written elsewhere"),
    };
    json!({ "bc_name": name, "bc_type": kind, "bc_values": values })
}

fn write_chamber(name: &str, chamber: &Chamber) -> Value {
    let Chamber { elastance_max, wall, inductance, activation } = chamber;
    let (kind, values) = match wall {
        ChamberWall::Linear { elastance_min, rest_volume_diastole, rest_volume_systole } => (
            "ChamberElastanceInductor",
            json!({
                "Emax": elastance_max, "Emin": elastance_min, "Vrd": rest_volume_diastole,
                "Vrs": rest_volume_systole, "Impedance": inductance,
            }),
        ),
        ChamberWall::Exponential { pressure, stiffness, rest_volume } => (
            "ChamberElastanceInductorExponential",
            json!({
                "Emax": elastance_max, "Impedance": inductance, "Kxp": pressure, "Kxv": stiffness,
                "Vaso": rest_volume,
            }),
        ),
    };
    let activation = match *activation {
        Activation::HalfCosine { start, length } => {
            json!({ "type": "half_cosine", "t_active": start, "t_twitch": length })
        }
        Activation::TwoCosines { contract_start, relax_start, contract_length, relax_length } => json!({
            "type": "piecewise_cosine", "contract_start": contract_start, "relax_start": relax_start,
            "contract_duration": contract_length, "relax_duration": relax_length,
        }),
        Activation::TwoHill { start, tau_1, tau_2, m_1, m_2 } => json!({
            "type": "two_hill", "t_shift": start, "tau_1": tau_1, "tau_2": tau_2, "m1": m_1, "m2": m_2,
        }),
        Activation::Ventricle => json!({ "type": "fourier" }),
        Activation::Atrium { length_part, cycle_over_p_wave } => {
            json!({ "type": "wrapping_cosine", "Tsa": length_part, "tpwave": cycle_over_p_wave })
        }
    };
    json!({ "type": kind, "name": name, "values": values, "activation_function": activation })
}
