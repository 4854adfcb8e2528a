//! What a network is made of: vessels, junctions, ends, valves and chambers, as numbers.
//!
//! A network knows no unit system: pressures, flows and times are whatever its numbers are (files of svZeroDSolver are
//! mostly in cgs units). Networks made from centre lines are in SI: Pa, m³/s, s.

use super::activation::Activation;
use super::error::{NetworkError, finite, not_negative, positive};
use super::heart::Heart;
use super::waveform::Waveform;

/// A part of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its name; no two blocks share one.
    pub name: String,
    /// What it is.
    pub kind: BlockKind,
}

/// What a block is and its numbers. P and Q are pressure and flow at its ends, flow counted along the connection.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// A piece of vessel; one inlet, one outlet.
    Vessel(Vessel),
    /// Pressures equal, flows balance; any number of inlets and outlets.
    Junction,
    /// A junction with a resistance in each connection, inlets first.
    ResistiveJunction(Vec<f64>),
    /// A junction with losses towards each outlet; one inlet.
    VesselJunction(Vec<JunctionOutlet>),
    /// The flow is given.
    Flow(Waveform),
    /// The pressure is given.
    Pressure(Waveform),
    /// P = `resistance` Q + `distal_pressure`; an outlet.
    Resistance {
        /// Pressure over flow.
        resistance: f64,
        /// Pressure behind it.
        distal_pressure: f64,
    },
    /// Windkessel of three elements; an outlet.
    Rcr(Rcr),
    /// Coronary bed squeezed by the muscle around it; an outlet.
    Coronary(Coronary),
    /// Windkessel between an artery and the heart's inflow.
    LoopRcr {
        /// Its elements; the distal pressure is that of its outlet and not used.
        rcr: Rcr,
        /// Whether its outlet is joined to the heart's inlet when a file is read.
        to_heart: bool,
    },
    /// Coronary bed between an artery and the heart's inflow, squeezed by a ventricle of the [`BlockKind::Heart`].
    LoopCoronary {
        /// Which ventricle.
        side: Side,
        /// Its elements; the pressures are those of ventricle and outlet and not used.
        bed: CoronaryBed,
    },
    /// Four chambers, four valves and the lung; one inlet (right atrium), one outlet (aorta).
    Heart(Box<Heart>),
    /// One chamber of the heart.
    Chamber(Chamber),
    /// A valve that opens forwards.
    Valve(Valve),
}

/// A side of the heart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left ventricle.
    Left,
    /// Right ventricle.
    Right,
}

/// A piece of vessel.
///
/// ```text
/// P_in − P_out = (R + S|Q|) Q + L dQ_out/dt
/// Q_in − Q_out = C d(P_c)/dt
/// ```
/// with P_c and Q by `order`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Vessel {
    /// R of Poiseuille's law.
    pub resistance: f64,
    /// C.
    pub capacitance: f64,
    /// L.
    pub inductance: f64,
    /// S: pressure loss over squared flow.
    pub stenosis: f64,
    /// Where the capacitor sits.
    pub order: VesselOrder,
}

/// Order of the elements of a vessel from inlet to outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VesselOrder {
    /// Resistance, capacitor, inductance: Q = Q_in, P_c = P_in − (R + S|Q|) Q.
    #[default]
    Rcl,
    /// Capacitor, resistance, inductance: Q = Q_out, P_c = P_in.
    Crl,
    /// The lung of [`Heart`] as a vessel: C dP_in/dt = Q_in − (P_in − P_out)/R and Q_out = Q_in, without L and S.
    Lung,
}

/// Losses from a junction into one of its outlets: P − P_out = (R + S|Q|) Q + L dQ/dt.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct JunctionOutlet {
    /// R.
    pub resistance: f64,
    /// L.
    pub inductance: f64,
    /// S.
    pub stenosis: f64,
}

/// P = Rp Q + P_c, C dP_c/dt = Q − (P_c − Pd)/Rd.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rcr {
    /// Rp.
    pub proximal: f64,
    /// C.
    pub capacitance: f64,
    /// Rd.
    pub distal: f64,
    /// Pd.
    pub distal_pressure: f64,
}

/// Resistances and capacitors of a coronary bed (Kim et al. 2010, Ann. Biomed. Eng. 38:3195).
///
/// ```text
/// P_a = P − Ra Q,   Q_am = Q − Ca dP_a/dt = (P_a − P_c)/Ram,   P_c = V/Cim + P_im
/// dV/dt = Q_am − (P_c − P_v)/Rv
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoronaryBed {
    /// Ra, small arteries.
    pub arterial: f64,
    /// Ram, micro-circulation.
    pub micro: f64,
    /// Rv, veins.
    pub venous: f64,
    /// Ca, small arteries.
    pub arterial_capacitance: f64,
    /// Cim, inside the muscle.
    pub muscle_capacitance: f64,
}

/// A coronary bed with given pressures around and behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Coronary {
    /// Its elements.
    pub bed: CoronaryBed,
    /// Pressure inside the muscle.
    pub muscle_pressure: Waveform,
    /// Pressure of the veins.
    pub venous_pressure: f64,
}

/// A chamber of the heart with an elastance that changes in time.
///
/// ```text
/// P = a(t) E_max (V − V_s) + …         (see `ChamberWall`)
/// P − P_out = L dQ_out/dt,   dV/dt = Q_in − Q_out
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Chamber {
    /// Elastance of the contracted chamber.
    pub elastance_max: f64,
    /// How it is filled.
    pub wall: ChamberWall,
    /// L of its outflow.
    pub inductance: f64,
    /// a(t), 0 relaxed, 1 contracted.
    pub activation: Activation,
}

/// How pressure follows volume in a chamber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChamberWall {
    /// P = (a (E_max − E_min) + E_min) (V − V_0), V_0 = (1 − a) V_d + a V_s.
    Linear {
        /// E_min, elastance of the relaxed chamber.
        elastance_min: f64,
        /// V_d.
        rest_volume_diastole: f64,
        /// V_s.
        rest_volume_systole: f64,
    },
    /// P = a E_max (V − V_0) + (1 − a) p (exp(k (V − V_0)) − 1).
    Exponential {
        /// p.
        pressure: f64,
        /// k, one over a volume.
        stiffness: f64,
        /// V_0.
        rest_volume: f64,
    },
}

/// A valve: P_in − P_out = R(P_in − P_out) Q.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Valve {
    /// Resistance when open.
    pub open: f64,
    /// Resistance when closed.
    pub closed: f64,
    /// How suddenly it opens with the pressure difference: R = open + ½ (closed − open)(1 + tanh(s (P_out − P_in))).
    /// None: at once when P_out falls below P_in.
    pub steepness: Option<f64>,
}

impl Block {
    /// A block with this name.
    pub fn new(name: impl Into<String>, kind: BlockKind) -> Self {
        Self { name: name.into(), kind }
    }

    /// Cycle of its waveform, if it has one.
    pub(super) fn period(&self) -> Option<f64> {
        match &self.kind {
            BlockKind::Flow(wave) | BlockKind::Pressure(wave) => wave.period(),
            BlockKind::Coronary(coronary) => coronary.muscle_pressure.period(),
            BlockKind::Heart(heart) => Some(heart.period),
            _ => None,
        }
    }

    /// Names of the unknowns besides pressure and flow at its connections.
    pub(super) fn inner(&self) -> &'static [&'static str] {
        match &self.kind {
            BlockKind::Rcr(_) | BlockKind::ResistiveJunction(_) => &["pressure_c"],
            BlockKind::LoopRcr { .. } => &["P_c"],
            BlockKind::Coronary(_) | BlockKind::LoopCoronary { .. } => &["volume_im"],
            BlockKind::Chamber(_) => &["Vc"],
            BlockKind::Heart(_) => &Heart::INNER,
            _ => &[],
        }
    }

    /// Check how many connections lead to it and from it.
    pub(super) fn check_connections(&self, inlets: usize, outlets: usize) -> Result<(), NetworkError> {
        let (fits, limit) = match &self.kind {
            BlockKind::Junction => (1 <= inlets && 1 <= outlets, "it needs at least one of both"),
            BlockKind::ResistiveJunction(list) => (
                1 <= inlets && 1 <= outlets && inlets + outlets == list.len(),
                "it needs at least one of both, and as many in all as resistances",
            ),
            BlockKind::VesselJunction(list) => (
                inlets == 1 && outlets == list.len() && 1 <= outlets,
                "it needs one inlet and an outlet per resistance",
            ),
            BlockKind::Flow(_) | BlockKind::Pressure(_) => (inlets + outlets == 1, "it needs one connection"),
            BlockKind::Resistance { .. } | BlockKind::Rcr(_) | BlockKind::Coronary(_) => {
                (inlets == 1 && outlets == 0, "it is an outlet and needs one connection that leads to it")
            }
            _ => (inlets == 1 && outlets == 1, "connect one of each"),
        };
        let wrong = || NetworkError::Connections { block: self.name.clone(), inlets, outlets, limit };
        if fits { Ok(()) } else { Err(wrong()) }
    }

    /// Check every number.
    pub(super) fn check(&self) -> Result<(), NetworkError> {
        let name = self.name.as_str();
        match &self.kind {
            BlockKind::Vessel(Vessel { resistance, capacitance, inductance, stenosis, order }) => {
                if *order == VesselOrder::Lung {
                    positive(name, "the resistance", *resistance)?;
                }
                not_negative(name, "the resistance", *resistance)?;
                not_negative(name, "the capacitance", *capacitance)?;
                not_negative(name, "the inductance", *inductance)?;
                not_negative(name, "the stenosis coefficient", *stenosis)?;
            }
            BlockKind::Junction | BlockKind::Flow(_) | BlockKind::Pressure(_) => {}
            BlockKind::ResistiveJunction(list) => {
                for resistance in list {
                    not_negative(name, "a resistance", *resistance)?;
                }
            }
            BlockKind::VesselJunction(list) => {
                for JunctionOutlet { resistance, inductance, stenosis } in list {
                    not_negative(name, "a resistance", *resistance)?;
                    not_negative(name, "an inductance", *inductance)?;
                    not_negative(name, "a stenosis coefficient", *stenosis)?;
                }
            }
            BlockKind::Resistance { resistance, distal_pressure } => {
                not_negative(name, "the resistance", *resistance)?;
                finite(name, "the distal pressure", *distal_pressure)?;
            }
            BlockKind::Rcr(rcr) | BlockKind::LoopRcr { rcr, .. } => {
                not_negative(name, "the proximal resistance", rcr.proximal)?;
                not_negative(name, "the capacitance", rcr.capacitance)?;
                positive(name, "the distal resistance", rcr.distal)?;
                finite(name, "the distal pressure", rcr.distal_pressure)?;
            }
            BlockKind::Coronary(Coronary { bed, venous_pressure, .. }) => {
                bed.check(name)?;
                finite(name, "the venous pressure", *venous_pressure)?;
            }
            BlockKind::LoopCoronary { bed, .. } => bed.check(name)?,
            BlockKind::Heart(heart) => heart.check(name)?,
            BlockKind::Chamber(chamber) => chamber.check(name)?,
            BlockKind::Valve(Valve { open, closed, steepness }) => {
                not_negative(name, "the resistance when open", *open)?;
                positive(name, "the resistance when closed", *closed)?;
                if let Some(steepness) = steepness {
                    positive(name, "the steepness", *steepness)?;
                }
            }
        }
        Ok(())
    }
}

impl CoronaryBed {
    fn check(&self, name: &str) -> Result<(), NetworkError> {
        not_negative(name, "the arterial resistance", self.arterial)?;
        not_negative(name, "the micro-circulation's resistance", self.micro)?;
        positive(name, "the venous resistance", self.venous)?;
        not_negative(name, "the arterial capacitance", self.arterial_capacitance)?;
        positive(name, "the muscle's capacitance", self.muscle_capacitance).map(|_| ())
    }
}

impl Valve {
    /// Resistance at a pressure difference (outlet less inlet), and its derivative by the difference.
    pub(super) fn resistance(&self, difference: f64) -> (f64, f64) {
        let Self { open, closed, steepness } = *self;
        let Some(steepness) = steepness else { return (if difference < 0.0 { open } else { closed }, 0.0) };
        let tanh = (steepness * difference).tanh();
        let half = 0.5 * (closed - open);
        (open + half * (1.0 + tanh), half * steepness * (1.0 - tanh * tanh))
    }
}

impl Chamber {
    fn check(&self, name: &str) -> Result<(), NetworkError> {
        not_negative(name, "the largest elastance", self.elastance_max)?;
        not_negative(name, "the inductance", self.inductance)?;
        match self.wall {
            ChamberWall::Linear { elastance_min, rest_volume_diastole, rest_volume_systole } => {
                positive(name, "the smallest elastance", elastance_min)?;
                finite(name, "the diastolic rest volume", rest_volume_diastole)?;
                finite(name, "the systolic rest volume", rest_volume_systole)?;
            }
            ChamberWall::Exponential { pressure, stiffness, rest_volume } => {
                positive(name, "the passive pressure", pressure)?;
                positive(name, "the passive stiffness", stiffness)?;
                finite(name, "the rest volume", rest_volume)?;
            }
        }
        self.activation.check(name)
    }
}
