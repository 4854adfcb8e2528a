//! Every kind of block in the words of the format.

use super::fields::Fields;
use crate::flow::network::{
    Activation, Atrium, BlockKind, Chamber, ChamberWall, Coronary, CoronaryBed, Heart, HeartValve, JunctionOutlet,
    NetworkError, Rcr, Side, Valve, Ventricle, Vessel, VesselOrder,
};

fn unknown<T>(name: &str, kind: &str, known: &'static str) -> Result<T, NetworkError> {
    Err(NetworkError::UnknownKind { name: name.into(), kind: kind.into(), known })
}

/// A vessel from its values.
pub(super) fn vessel(kind: &str, values: Fields) -> Result<BlockKind, NetworkError> {
    let order = match kind {
        "BloodVessel" => VesselOrder::Rcl,
        "BloodVesselCRL" => VesselOrder::Crl,
        "BloodVesselRC" => {
            values.only(&["Rpd", "Cp"])?;
            let (resistance, capacitance) = (values.number("Rpd")?, values.number("Cp")?);
            let order = VesselOrder::Lung;
            return Ok(BlockKind::Vessel(Vessel { resistance, capacitance, order, ..Vessel::default() }));
        }
        _ => return unknown(values.owner, kind, "BloodVessel, BloodVesselCRL and BloodVesselRC"),
    };
    values.only(&["R_poiseuille", "C", "L", "stenosis_coefficient"])?;
    Ok(BlockKind::Vessel(Vessel {
        resistance: values.number("R_poiseuille")?,
        capacitance: values.number_or("C", 0.0)?,
        inductance: values.number_or("L", 0.0)?,
        stenosis: values.number_or("stenosis_coefficient", 0.0)?,
        order,
    }))
}

/// A boundary condition from its values.
pub(super) fn boundary(kind: &str, values: Fields) -> Result<BlockKind, NetworkError> {
    Ok(match kind {
        "FLOW" => {
            values.only(&["Q", "t"])?;
            BlockKind::Flow(values.waveform("Q")?)
        }
        "PRESSURE" => {
            values.only(&["P", "t"])?;
            BlockKind::Pressure(values.waveform("P")?)
        }
        "RESISTANCE" => {
            values.only(&["R", "Pd"])?;
            BlockKind::Resistance { resistance: values.number("R")?, distal_pressure: values.number("Pd")? }
        }
        "RCR" => {
            values.only(&["Rp", "C", "Rd", "Pd"])?;
            BlockKind::Rcr(rcr(values)?)
        }
        "CORONARY" => {
            values.only(&["Ra1", "Ra2", "Rv1", "Ca", "Cc", "Pim", "P_v", "t", "closed_loop_outlet"])?;
            let bed = CoronaryBed {
                arterial: values.number("Ra1")?,
                micro: values.number("Ra2")?,
                venous: values.number("Rv1")?,
                arterial_capacitance: values.number("Ca")?,
                muscle_capacitance: values.number("Cc")?,
            };
            let (muscle_pressure, venous_pressure) = (values.waveform("Pim")?, values.number("P_v")?);
            BlockKind::Coronary(Coronary { bed, muscle_pressure, venous_pressure })
        }
        "ClosedLoopRCR" => {
            values.only(&["Rp", "C", "Rd", "closed_loop_outlet"])?;
            BlockKind::LoopRcr { rcr: rcr(values)?, to_heart: values.truth_or("closed_loop_outlet", false)? }
        }
        "ClosedLoopCoronaryLeft" | "ClosedLoopCoronaryRight" => {
            values.only(&["Ra", "Ram", "Rv", "Ca", "Cim"])?;
            let bed = CoronaryBed {
                arterial: values.number("Ra")?,
                micro: values.number("Ram")?,
                venous: values.number("Rv")?,
                arterial_capacitance: values.number("Ca")?,
                muscle_capacitance: values.number("Cim")?,
            };
            let side = if kind == "ClosedLoopCoronaryLeft" { Side::Left } else { Side::Right };
            BlockKind::LoopCoronary { side, bed }
        }
        _ => {
            let known = "FLOW, PRESSURE, RESISTANCE, RCR, CORONARY, ClosedLoopRCR, ClosedLoopCoronaryLeft and ClosedLoopCoronaryRight";
            return unknown(values.owner, kind, known);
        }
    })
}

fn rcr(values: Fields) -> Result<Rcr, NetworkError> {
    Ok(Rcr {
        proximal: values.number("Rp")?,
        capacitance: values.number("C")?,
        distal: values.number("Rd")?,
        distal_pressure: values.number_or("Pd", 0.0)?,
    })
}

/// A junction; `values` only where its kind has some.
pub(super) fn junction(name: &str, kind: &str, values: Option<Fields>) -> Result<BlockKind, NetworkError> {
    let needed = || values.ok_or_else(|| super::fields::unreadable(format!("'{name}' has no 'junction_values'")));
    Ok(match kind {
        "NORMAL_JUNCTION" | "internal_junction" => BlockKind::Junction,
        "resistive_junction" => BlockKind::ResistiveJunction(needed()?.numbers("R")?),
        "BloodVesselJunction" => {
            let values = needed()?;
            values.only(&["R_poiseuille", "L", "stenosis_coefficient"])?;
            let resistances = values.numbers("R_poiseuille")?;
            let lists = [values.numbers("L")?, values.numbers("stenosis_coefficient")?];
            if lists.iter().any(|list| list.len() != resistances.len()) {
                return Err(super::fields::unreadable(format!("the lists of '{name}' differ in length")));
            }
            let outlet = |n: usize| JunctionOutlet {
                resistance: resistances[n],
                inductance: lists[0][n],
                stenosis: lists[1][n],
            };
            BlockKind::VesselJunction((0..resistances.len()).map(outlet).collect())
        }
        _ => {
            return unknown(
                name,
                kind,
                "NORMAL_JUNCTION, internal_junction, resistive_junction and BloodVesselJunction",
            );
        }
    })
}

/// A valve from its parameters.
pub(super) fn valve(kind: &str, values: Fields) -> Result<BlockKind, NetworkError> {
    let steepness = match kind {
        "ValveTanh" => Some(values.number("Steepness")?),
        "PiecewiseValve" => None,
        _ => return unknown(values.owner, kind, "ValveTanh and PiecewiseValve"),
    };
    values.only(&["Rmin", "Rmax", "Steepness", "upstream_block", "downstream_block"])?;
    Ok(BlockKind::Valve(Valve { open: values.number("Rmin")?, closed: values.number("Rmax")?, steepness }))
}

/// A chamber from its values and its activation.
pub(super) fn chamber(kind: &str, fields: Fields) -> Result<BlockKind, NetworkError> {
    const KNOWN: &str = "ChamberElastanceInductor, ChamberElastanceInductorExponential and LinearElastanceChamber";
    if !["ChamberElastanceInductor", "ChamberElastanceInductorExponential", "LinearElastanceChamber"].contains(&kind) {
        return unknown(fields.owner, kind, KNOWN);
    }
    let (values, active) = (fields.object("values")?, fields.object("activation_function")?);
    let linear = |elastance_min, rest_volume_diastole, rest_volume_systole| ChamberWall::Linear {
        elastance_min,
        rest_volume_diastole,
        rest_volume_systole,
    };
    let (elastance_max, wall, inductance) = match kind {
        "ChamberElastanceInductor" => {
            values.only(&["Emax", "Emin", "Vrd", "Vrs", "Impedance"])?;
            let wall = linear(values.number("Emin")?, values.number("Vrd")?, values.number("Vrs")?);
            (values.number("Emax")?, wall, values.number("Impedance")?)
        }
        "LinearElastanceChamber" => {
            values.only(&["Emax", "Epass", "Vrest"])?;
            let (passive, rest) = (values.number("Epass")?, values.number("Vrest")?);
            (values.number("Emax")? + passive, linear(passive, rest, rest), 0.0)
        }
        _ => {
            values.only(&["Emax", "Impedance", "Kxp", "Kxv", "Vaso"])?;
            let wall = ChamberWall::Exponential {
                pressure: values.number("Kxp")?,
                stiffness: values.number("Kxv")?,
                rest_volume: values.number("Vaso")?,
            };
            (values.number("Emax")?, wall, values.number("Impedance")?)
        }
    };
    Ok(BlockKind::Chamber(Chamber { elastance_max, wall, inductance, activation: activation(active)? }))
}

fn activation(values: Fields) -> Result<Activation, NetworkError> {
    Ok(match values.text("type")? {
        "half_cosine" => {
            Activation::HalfCosine { start: values.number("t_active")?, length: values.number("t_twitch")? }
        }
        "piecewise_cosine" => Activation::TwoCosines {
            contract_start: values.number("contract_start")?,
            relax_start: values.number("relax_start")?,
            contract_length: values.number("contract_duration")?,
            relax_length: values.number("relax_duration")?,
        },
        "two_hill" => Activation::TwoHill {
            start: values.number("t_shift")?,
            tau_1: values.number("tau_1")?,
            tau_2: values.number("tau_2")?,
            m_1: values.number("m1")?,
            m_2: values.number("m2")?,
        },
        "fourier" => Activation::Ventricle,
        "wrapping_cosine" => {
            Activation::Atrium { length_part: values.number("Tsa")?, cycle_over_p_wave: values.number("tpwave")? }
        }
        kind => {
            let known = "half_cosine, piecewise_cosine, two_hill, fourier and wrapping_cosine";
            return unknown(values.owner, kind, known);
        }
    })
}

/// Names of the heart's parameters in the order of [`heart_values`].
pub(super) const HEART: [&str; 27] = [
    "Tsa", "tpwave", "Emax_ra", "Vaso_ra", "Kxp_ra", "Kxv_ra", "Emax_la", "Vaso_la", "Kxp_la", "Kxv_la", "Erv_s",
    "Vrv_u", "imr", "Elv_s", "Vlv_u", "iml", "Rra_v", "Lra_v", "Rrv_a", "Lrv_a", "Rla_v", "Lla_v", "Rlv_ao", "Llv_a",
    "Rpd", "Cp", "Cpa",
];

/// The heart from its parameters.
pub(super) fn heart(period: f64, values: Fields) -> Result<Heart, NetworkError> {
    values.only(&HEART)?;
    let v: Vec<f64> = HEART.iter().map(|name| values.number(name)).collect::<Result<_, _>>()?;
    let atrium = |n: usize| Atrium {
        elastance: v[n],
        rest_volume: v[n + 1],
        passive_pressure: v[n + 2],
        passive_stiffness: v[n + 3],
    };
    let ventricle = |n: usize| Ventricle { elastance: v[n], rest_volume: v[n + 1], muscle_part: v[n + 2] };
    let valve = |n: usize| HeartValve { resistance: v[n], inductance: v[n + 1] };
    Ok(Heart {
        period,
        atrial_part: v[0],
        cycle_over_p_wave: v[1],
        atria: [atrium(2), atrium(6)],
        ventricles: [ventricle(10), ventricle(13)],
        valves: [valve(16), valve(18), valve(20), valve(22)],
        lung_resistance: v[24],
        lung_capacitance: v[25],
        aortic_capacitance: v[26],
    })
}

/// The numbers of a heart in the order of [`HEART`].
pub(super) fn heart_values(heart: &Heart) -> Vec<f64> {
    let mut v = vec![heart.atrial_part, heart.cycle_over_p_wave];
    for atrium in &heart.atria {
        v.extend([atrium.elastance, atrium.rest_volume, atrium.passive_pressure, atrium.passive_stiffness]);
    }
    for ventricle in &heart.ventricles {
        v.extend([ventricle.elastance, ventricle.rest_volume, ventricle.muscle_part]);
    }
    for valve in &heart.valves {
        v.extend([valve.resistance, valve.inductance]);
    }
    v.extend([heart.lung_resistance, heart.lung_capacitance, heart.aortic_capacitance]);
    v
}
