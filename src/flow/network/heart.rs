//! The whole heart with the lung as one block (Sankaran et al. 2012, Ann. Biomed. Eng. 40:2228; Menon et al. 2023).

use super::activation::{atrium, ventricle};
use super::equations::Sink;
use super::error::{NetworkError, finite, not_negative, positive};

/// Two atria, two ventricles, four valves with inductances, and the capacitor and resistance of the lung.
///
/// ```text
/// atria       P = a E (V − V₀) + (1 − a) p (exp(k (V − V₀)) − 1)
/// ventricles  P = e(t) E (V − V₀)
/// valves      L dQ/dt + R Q = P_up − P_down;  Q = 0 while closed: it closes when neither pressure nor flow is forwards
/// lung        C dP_pul/dt = Q_RV − (P_pul − P_LA)/R, all of Q_RV reaches the left atrium
/// aorta       C dP/dt = Q_LV − Q_out
/// ```
///
/// This is the block `ClosedLoopHeartAndPulmonary` of svZeroDSolver with all its ways: a closed valve keeps the change
/// its flow had in the last iteration, so the flow it opens with depends on the step and the tolerance. For a heart
/// whose answer converges with the step, build one of [`super::Chamber`] and [`super::Valve`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heart {
    /// Length of the cycle.
    pub period: f64,
    /// Length of the atria's contraction as part of the cycle.
    pub atrial_part: f64,
    /// The cycle over the time of the P wave.
    pub cycle_over_p_wave: f64,
    /// Right and left atrium.
    pub atria: [Atrium; 2],
    /// Right and left ventricle.
    pub ventricles: [Ventricle; 2],
    /// Valves behind right atrium, right ventricle, left atrium and left ventricle.
    pub valves: [HeartValve; 4],
    /// R of the lung.
    pub lung_resistance: f64,
    /// C of the lung.
    pub lung_capacitance: f64,
    /// C of the aorta.
    pub aortic_capacitance: f64,
}

/// An atrium: E, V₀, p, k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atrium {
    /// E.
    pub elastance: f64,
    /// V₀.
    pub rest_volume: f64,
    /// p.
    pub passive_pressure: f64,
    /// k.
    pub passive_stiffness: f64,
}

/// A ventricle: E, V₀, and the part of its pressure that squeezes the coronary vessels inside its wall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ventricle {
    /// E.
    pub elastance: f64,
    /// V₀.
    pub rest_volume: f64,
    /// Pressure in the muscle over pressure in the ventricle.
    pub muscle_part: f64,
}

/// R and L of an open valve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeartValve {
    /// R.
    pub resistance: f64,
    /// L.
    pub inductance: f64,
}

/// Places of the unknowns: the ends, then those of [`Heart::INNER`].
const P_AORTA: usize = 2;
pub(super) const P_RIGHT_VENTRICLE: usize = 6;
const P_LUNG: usize = 9;
const P_LEFT_ATRIUM: usize = 10;
pub(super) const P_LEFT_VENTRICLE: usize = 13;
/// Flow, pressure before and pressure behind each valve.
const VALVES: [[usize; 3]; 4] = [
    [5, 0, P_RIGHT_VENTRICLE],
    [8, P_RIGHT_VENTRICLE, P_LUNG],
    [12, P_LEFT_ATRIUM, P_LEFT_VENTRICLE],
    [15, P_LEFT_VENTRICLE, P_AORTA],
];
/// Pressure and volume of the atria and of the ventricles.
const ATRIA: [[usize; 2]; 2] = [[0, 4], [P_LEFT_ATRIUM, 11]];
const VENTRICLES: [[usize; 2]; 2] = [[P_RIGHT_VENTRICLE, 7], [P_LEFT_VENTRICLE, 14]];

impl Heart {
    pub(super) const INNER: [&str; 12] =
        ["V_RA", "Q_RA", "P_RV", "V_RV", "Q_RV", "P_pul", "P_LA", "V_LA", "Q_LA", "P_LV", "V_LV", "Q_LV"];
    pub(super) const EQUATIONS: usize = 14;

    pub(super) fn check(&self, name: &str) -> Result<(), NetworkError> {
        positive(name, "the cycle", self.period)?;
        positive(name, "the atria's part of the cycle", self.atrial_part)?;
        positive(name, "the cycle over the P wave", self.cycle_over_p_wave)?;
        for Atrium { elastance, rest_volume, passive_pressure, passive_stiffness } in &self.atria {
            not_negative(name, "the elastance of an atrium", *elastance)?;
            finite(name, "the rest volume of an atrium", *rest_volume)?;
            positive(name, "the passive pressure of an atrium", *passive_pressure)?;
            positive(name, "the passive stiffness of an atrium", *passive_stiffness)?;
        }
        for Ventricle { elastance, rest_volume, muscle_part } in &self.ventricles {
            positive(name, "the elastance of a ventricle", *elastance)?;
            finite(name, "the rest volume of a ventricle", *rest_volume)?;
            not_negative(name, "the part of a ventricle's pressure in its wall", *muscle_part)?;
        }
        for HeartValve { resistance, inductance } in &self.valves {
            not_negative(name, "the resistance of a valve", *resistance)?;
            positive(name, "the inductance of a valve", *inductance)?;
        }
        positive(name, "the resistance of the lung", self.lung_resistance)?;
        positive(name, "the capacitance of the lung", self.lung_capacitance)?;
        positive(name, "the capacitance of the aorta", self.aortic_capacitance).map(|_| ())
    }

    /// Equations: 0–1 atria, 2–3 ventricles, 4–7 valves, 8–11 volumes (right, left atrium; right, left ventricle), 12 lung,
    /// 13 aorta.
    pub(super) fn constant(&self, sink: &mut impl Sink) {
        for (n, [pressure, _]) in ATRIA.iter().chain(&VENTRICLES).enumerate() {
            sink.f(n, *pressure, 1.0);
        }
        for (n, ([flow, before, behind], valve)) in VALVES.iter().zip(&self.valves).enumerate() {
            sink.e(4 + n, *flow, valve.inductance);
            sink.f(4 + n, *before, -1.0);
            sink.f(4 + n, *behind, 1.0);
        }
        for (n, [_, volume]) in ATRIA.iter().chain(&VENTRICLES).enumerate() {
            sink.e(8 + n, *volume, 1.0);
        }
        sink.f(8, 1, -1.0);
        sink.e(12, P_LUNG, self.lung_capacitance);
        sink.f(12, P_LUNG, 1.0 / self.lung_resistance);
        sink.f(12, P_LEFT_ATRIUM, -1.0 / self.lung_resistance);
        sink.e(13, P_AORTA, self.aortic_capacitance);
        sink.f(13, 3, 1.0);
    }

    /// Elastances at a time.
    pub(super) fn timed(&self, time: f64, sink: &mut impl Sink) {
        let contraction = atrium(time, self.period, self.atrial_part, self.cycle_over_p_wave);
        for (n, (Atrium { elastance, .. }, [_, volume])) in self.atria.iter().zip(ATRIA).enumerate() {
            sink.f(n, volume, -contraction * elastance);
        }
        let relative = ventricle(time, self.period);
        for (n, (Ventricle { elastance, rest_volume, .. }, [_, volume])) in
            self.ventricles.iter().zip(VENTRICLES).enumerate()
        {
            sink.f(2 + n, volume, -relative * elastance);
            sink.c(2 + n, relative * elastance * rest_volume);
        }
    }

    /// What depends on volumes, pressures and flows `y` of the block's unknowns.
    pub(super) fn state(&self, time: f64, y: &dyn Fn(usize) -> f64, sink: &mut impl Sink) {
        let contraction = atrium(time, self.period, self.atrial_part, self.cycle_over_p_wave);
        for (n, (Atrium { elastance, rest_volume, passive_pressure, passive_stiffness }, [_, volume])) in
            self.atria.iter().zip(ATRIA).enumerate()
        {
            let exponential = (passive_stiffness * (y(volume) - rest_volume)).exp();
            let passive = passive_pressure * (exponential - 1.0);
            sink.c(n, contraction * elastance * rest_volume - (1.0 - contraction) * passive);
            sink.dy(n, volume, -(1.0 - contraction) * passive_pressure * passive_stiffness * exponential);
        }
        let open = Self::open(y).map(|open| if open { 1.0 } else { 0.0 });
        for (n, (valve, [flow, ..])) in self.valves.iter().zip(VALVES).enumerate() {
            sink.f(4 + n, flow, valve.resistance * open[n]);
        }
        let [right_atrium, right_ventricle, left_atrium, left_ventricle] = VALVES.map(|valve| valve[0]);
        sink.f(8, right_atrium, open[0]);
        sink.f(9, right_ventricle, -open[1]);
        sink.f(9, left_atrium, open[2]);
        sink.f(10, right_atrium, -open[0]);
        sink.f(10, right_ventricle, open[1]);
        sink.f(11, left_atrium, -open[2]);
        sink.f(11, left_ventricle, open[3]);
        sink.f(12, right_ventricle, -open[1]);
        sink.f(13, left_ventricle, -open[3]);
    }

    /// Which valves let blood through.
    fn open(y: &dyn Fn(usize) -> f64) -> [bool; 4] {
        VALVES.map(|[flow, before, behind]| y(behind) < y(before) || 0.0 < y(flow))
    }

    /// The flows that are 0 because their valves are closed.
    pub(super) fn closed(y: &dyn Fn(usize) -> f64) -> impl Iterator<Item = usize> {
        Self::open(y).into_iter().zip(VALVES).filter(|(open, _)| !open).map(|(_, [flow, ..])| flow)
    }
}
