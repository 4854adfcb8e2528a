//! The equations of every block: E ẏ + F y + c = 0, with E, F and c by what they depend on.
//!
//! A block numbers its equations from 0 and its unknowns P, Q of each inlet, P, Q of each outlet, then its inner ones.
//! What is said at a stage does not depend on numbers, only on the kind of block, so that places can be remembered.

use super::block::{Block, BlockKind, Chamber, ChamberWall, Coronary, CoronaryBed, Rcr, Vessel, VesselOrder};
use super::heart::Heart;

/// Where equations are written to.
pub(super) trait Sink {
    /// Coefficient of ẏ.
    fn e(&mut self, equation: usize, unknown: usize, value: f64);
    /// Coefficient of y.
    fn f(&mut self, equation: usize, unknown: usize, value: f64);
    /// Derivative of c by y.
    fn dy(&mut self, equation: usize, unknown: usize, value: f64);
    /// Derivative of c by ẏ.
    fn dydot(&mut self, equation: usize, unknown: usize, value: f64);
    /// c.
    fn c(&mut self, equation: usize, value: f64);
}

/// What a block has to know besides its own numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings {
    pub(super) inlets: usize,
    pub(super) outlets: usize,
    /// Capacitors of the ends left out and waveforms at their means: the start.
    pub(super) steady: bool,
    /// Length of the cycle.
    pub(super) period: f64,
    /// Smallest value and one over the range of an activation.
    pub(super) activation: (f64, f64),
    /// Pressure of a coronary bed's capacitor less that of the muscle, at the start.
    pub(super) coronary: f64,
    /// Part of a ventricle's pressure in the muscle.
    pub(super) muscle_part: f64,
}

/// How many equations a block has.
pub(super) fn count(block: &Block, around: &Surroundings) -> usize {
    let ends = around.inlets + around.outlets;
    match &block.kind {
        BlockKind::Junction => 1,
        BlockKind::VesselJunction(_) => ends,
        BlockKind::ResistiveJunction(_) => ends + 1,
        BlockKind::Flow(_) | BlockKind::Pressure(_) | BlockKind::Resistance { .. } => 1,
        BlockKind::Vessel(_) | BlockKind::Valve(_) | BlockKind::Rcr(_) | BlockKind::Coronary(_) => 2,
        BlockKind::LoopRcr { .. } | BlockKind::LoopCoronary { .. } | BlockKind::Chamber(_) => 3,
        BlockKind::Heart(_) => Heart::EQUATIONS,
    }
}

/// What never changes.
pub(super) fn constant(block: &Block, around: &Surroundings, sink: &mut impl Sink) {
    match &block.kind {
        BlockKind::Vessel(vessel) => vessel_constant(vessel, sink),
        BlockKind::Junction => junction(around, sink),
        BlockKind::ResistiveJunction(list) => {
            let centre = 2 * list.len();
            for (n, resistance) in list.iter().enumerate() {
                let sign = if n < around.inlets { 1.0 } else { -1.0 };
                sink.f(n, 2 * n, sign);
                sink.f(n, 2 * n + 1, -resistance);
                sink.f(n, centre, -sign);
                sink.f(list.len(), 2 * n + 1, sign);
            }
        }
        BlockKind::VesselJunction(list) => {
            sink.f(0, 1, 1.0);
            for (n, outlet) in list.iter().enumerate() {
                let (pressure, flow) = (2 * n + 2, 2 * n + 3);
                sink.f(0, flow, -1.0);
                sink.f(n + 1, 0, 1.0);
                sink.f(n + 1, pressure, -1.0);
                sink.f(n + 1, flow, -outlet.resistance);
                sink.e(n + 1, flow, -outlet.inductance);
            }
        }
        BlockKind::Flow(_) => sink.f(0, 1, 1.0),
        BlockKind::Pressure(_) => sink.f(0, 0, 1.0),
        BlockKind::Resistance { resistance, distal_pressure } => {
            sink.f(0, 0, 1.0);
            sink.f(0, 1, -resistance);
            sink.c(0, -distal_pressure);
        }
        BlockKind::Rcr(Rcr { proximal, capacitance, distal, distal_pressure }) => {
            let capacitance = if around.steady { 0.0 } else { *capacitance };
            sink.f(0, 0, 1.0);
            sink.f(0, 1, -proximal);
            sink.f(0, 2, -1.0);
            sink.e(1, 2, capacitance * distal);
            sink.f(1, 2, 1.0);
            sink.f(1, 1, -distal);
            sink.c(1, -distal_pressure);
        }
        BlockKind::Coronary(coronary) => coronary_constant(coronary, around.steady, sink),
        BlockKind::LoopRcr { rcr: Rcr { proximal, capacitance, distal, .. }, .. } => {
            sink.e(0, 4, if around.steady { 0.0 } else { *capacitance });
            sink.f(0, 1, -1.0);
            sink.f(0, 3, 1.0);
            sink.f(1, 0, 1.0);
            sink.f(1, 1, -proximal);
            sink.f(1, 4, -1.0);
            sink.f(2, 4, 1.0);
            sink.f(2, 2, -1.0);
            sink.f(2, 3, -distal);
        }
        BlockKind::LoopCoronary { bed, .. } => loop_coronary(bed, sink),
        BlockKind::Heart(heart) => heart.constant(sink),
        BlockKind::Chamber(chamber) => {
            sink.f(0, 0, 1.0);
            sink.f(1, 0, 1.0);
            sink.f(1, 2, -1.0);
            sink.e(1, 3, -chamber.inductance);
            sink.f(2, 1, 1.0);
            sink.f(2, 3, -1.0);
            sink.e(2, 4, -1.0);
        }
        BlockKind::Valve(_) => {
            sink.f(0, 0, 1.0);
            sink.f(0, 2, -1.0);
            sink.f(1, 1, 1.0);
            sink.f(1, 3, -1.0);
        }
    }
}

/// What depends on the time.
pub(super) fn timed(block: &Block, around: &Surroundings, time: f64, sink: &mut impl Sink) {
    let mut source = |wave: &super::Waveform| {
        sink.c(0, -if around.steady { wave.mean_of_samples() } else { wave.at(time) });
    };
    match &block.kind {
        BlockKind::Flow(wave) | BlockKind::Pressure(wave) => source(wave),
        BlockKind::Coronary(Coronary { bed, muscle_pressure, venous_pressure }) => {
            if around.steady {
                sink.c(0, 0.0);
                sink.c(1, -venous_pressure);
            } else {
                let squeeze = muscle_pressure.at(time) + around.coronary;
                let drain = (squeeze - venous_pressure) / bed.venous;
                sink.c(0, -drain);
                sink.c(1, -squeeze - bed.micro * drain);
            }
        }
        BlockKind::Heart(heart) => heart.timed(time, sink),
        BlockKind::Chamber(Chamber { elastance_max, wall, activation, .. }) => {
            let a = activation.at(time, around.period, around.activation);
            match *wall {
                ChamberWall::Linear { elastance_min, rest_volume_diastole, rest_volume_systole } => {
                    let elastance = (elastance_max - elastance_min) * a + elastance_min;
                    let rest = (1.0 - a) * rest_volume_diastole + a * rest_volume_systole;
                    sink.f(0, 4, -elastance);
                    sink.c(0, elastance * rest);
                }
                ChamberWall::Exponential { .. } => sink.f(0, 4, -a * elastance_max),
            }
        }
        _ => {}
    }
}

/// What depends on the unknowns `y` and their rates `ydot`.
pub(super) fn state(
    block: &Block,
    around: &Surroundings,
    time: f64,
    y: &dyn Fn(usize) -> f64,
    ydot: &dyn Fn(usize) -> f64,
    sink: &mut impl Sink,
) {
    match &block.kind {
        BlockKind::Vessel(Vessel { capacitance, stenosis, order, .. }) if depends_on_state(block) => {
            let flow = if *order == VesselOrder::Rcl { 1 } else { 3 };
            let (q, rate) = (y(flow), ydot(flow));
            sink.c(0, -stenosis * q.abs() * q);
            sink.dy(0, flow, -2.0 * stenosis * q.abs());
            if *order == VesselOrder::Rcl {
                sink.c(1, 2.0 * stenosis * capacitance * q.abs() * rate);
                sink.dy(1, flow, 2.0 * stenosis * capacitance * sign(q) * rate);
                sink.dydot(1, flow, 2.0 * stenosis * capacitance * q.abs());
            }
        }
        BlockKind::VesselJunction(list) if depends_on_state(block) => {
            for (n, outlet) in list.iter().enumerate() {
                let q = y(2 * n + 3);
                sink.c(n + 1, -outlet.stenosis * q.abs() * q);
                sink.dy(n + 1, 2 * n + 3, -2.0 * outlet.stenosis * q.abs());
            }
        }
        // No derivative by the ventricle's pressure: with it other iterates, and so another answer (see `Heart`).
        BlockKind::LoopCoronary { bed, .. } => sink.c(2, -bed.muscle_capacitance * around.muscle_part * y(5)),
        BlockKind::Heart(heart) => heart.state(time, y, sink),
        BlockKind::Chamber(Chamber {
            elastance_max,
            wall: ChamberWall::Exponential { pressure, stiffness, rest_volume },
            activation,
            ..
        }) => {
            let a = activation.at(time, around.period, around.activation);
            let exponential = (stiffness * (y(4) - rest_volume)).exp();
            sink.c(0, a * elastance_max * rest_volume - (1.0 - a) * pressure * (exponential - 1.0));
            sink.dy(0, 4, -(1.0 - a) * pressure * stiffness * exponential);
        }
        BlockKind::Valve(valve) => {
            let difference = y(2) - y(0);
            let (resistance, slope) = valve.resistance(difference);
            // The flow's own coefficient is in F, so that a valve that switches at once is linear between.
            sink.f(0, 1, -resistance);
            sink.dy(0, 0, slope * y(1));
            sink.dy(0, 2, -slope * y(1));
        }
        _ => {}
    }
}

/// Whether [`state`] says anything for a block.
pub(super) fn depends_on_state(block: &Block) -> bool {
    match &block.kind {
        BlockKind::Vessel(vessel) => vessel.stenosis != 0.0 && vessel.order != VesselOrder::Lung,
        BlockKind::VesselJunction(list) => list.iter().any(|outlet| outlet.stenosis != 0.0),
        BlockKind::Chamber(chamber) => matches!(chamber.wall, ChamberWall::Exponential { .. }),
        BlockKind::Heart(_) | BlockKind::Valve(_) | BlockKind::LoopCoronary { .. } => true,
        _ => false,
    }
}

fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

fn vessel_constant(vessel: &Vessel, sink: &mut impl Sink) {
    let Vessel { resistance, capacitance, inductance, order, .. } = *vessel;
    if order == VesselOrder::Lung {
        sink.e(0, 0, resistance * capacitance);
        sink.f(0, 0, 1.0);
        sink.f(0, 1, -resistance);
        sink.f(0, 2, -1.0);
        sink.f(1, 1, 1.0);
        return sink.f(1, 3, -1.0);
    }
    sink.f(0, 0, 1.0);
    sink.f(0, 2, -1.0);
    sink.e(0, 3, -inductance);
    sink.f(1, 1, 1.0);
    sink.f(1, 3, -1.0);
    sink.e(1, 0, -capacitance);
    if order == VesselOrder::Rcl {
        sink.f(0, 1, -resistance);
        sink.e(1, 1, capacitance * resistance);
    } else {
        sink.f(0, 3, -resistance);
    }
}

/// Pressures are one unknown already; flows balance.
fn junction(around: &Surroundings, sink: &mut impl Sink) {
    for n in 0..around.inlets + around.outlets {
        sink.f(0, 2 * n + 1, if n < around.inlets { 1.0 } else { -1.0 });
    }
}

/// With P_c = V/Cim + squeeze: Q − Ca d(P − Ra Q)/dt = dV/dt + (P_c − P_v)/Rv, P − Ra Q − P_c = Ram times the same.
fn coronary_constant(coronary: &Coronary, steady: bool, sink: &mut impl Sink) {
    let CoronaryBed { arterial, micro, venous, arterial_capacitance, muscle_capacitance } = coronary.bed;
    // The pattern is the same for the start, where the bed is three resistances in line.
    let on = if steady { 0.0 } else { 1.0 };
    sink.f(0, 1, on);
    sink.e(0, 0, -on * arterial_capacitance);
    sink.e(0, 1, on * arterial_capacitance * arterial);
    sink.e(0, 2, -on);
    sink.f(0, 2, if steady { 1.0 } else { -1.0 / (muscle_capacitance * venous) });
    sink.f(1, 0, 1.0);
    sink.f(1, 1, if steady { -(arterial + micro + venous) } else { -arterial });
    sink.f(1, 2, -on * (1.0 + micro / venous) / muscle_capacitance);
    sink.e(1, 2, -on * micro);
}

fn loop_coronary(bed: &CoronaryBed, sink: &mut impl Sink) {
    let CoronaryBed { arterial, micro, venous, arterial_capacitance, muscle_capacitance } = *bed;
    // P_a − P_c = Ram Q_am with P_c = P_out + Rv Q_out.
    sink.f(0, 0, 1.0);
    sink.f(0, 1, -(arterial + micro));
    sink.f(0, 2, -1.0);
    sink.f(0, 3, -venous);
    sink.e(0, 0, micro * arterial_capacitance);
    sink.e(0, 1, -micro * arterial_capacitance * arterial);
    // dV/dt = Q_am − Q_out.
    sink.f(1, 1, 1.0);
    sink.f(1, 3, -1.0);
    sink.e(1, 0, -arterial_capacitance);
    sink.e(1, 1, arterial_capacitance * arterial);
    sink.e(1, 4, -1.0);
    // V = Cim (P_c − P_im), P_im at the state.
    sink.f(2, 2, muscle_capacitance);
    sink.f(2, 3, muscle_capacitance * venous);
    sink.f(2, 4, -1.0);
}
