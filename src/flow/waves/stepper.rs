//! Steps in time: the third order Runge-Kutta method of Shu & Osher 1988 (J. Comput. Phys. 77:439), with the nodes
//! solved and the windkessels charged in every stage.

use super::end::{Charge, End};
use super::error::WavesError;
use super::grid::Grid;
use super::network::Network;
use super::node::{Arrival, meet};
use super::scheme::{Rates, State};

/// The state of a network between steps, and scratch memory.
pub(super) struct Stepper<'a> {
    network: &'a Network,
    pub grid: Grid,
    pub areas: Vec<f64>,
    pub flows: Vec<f64>,
    pub rates: Rates,
    /// States at the begin and end of every vessel, as the nodes gave them last.
    pub ends: Vec<[State; 2]>,
    /// Pressure in Pa of the capacitor at every joint, where there is one.
    pub charges: Vec<f64>,
    /// Flow in m³/s into the network at each joint, of the stages of a step: at its begin, end and middle.
    inflows: [Vec<f64>; 3],
    /// Volume in m³ that came in since the begin.
    pub volume_in: f64,
    start: [Vec<f64>; 2],
    arrivals: Vec<Arrival>,
    states: Vec<f64>,
}

impl<'a> Stepper<'a> {
    /// A network at rest at one pressure in Pa.
    pub fn new(network: &'a Network, grid: Grid, pressure: f64) -> Self {
        let (cells, joints) = (grid.cells(), network.joints().len());
        // What the capacitor has when the vessel has this pressure and the flow is steady.
        let charge = |node: usize| match network.ends().get(&node) {
            Some(End::Windkessel { proximal, distal, distal_pressure_pa, .. }) if 0.0 < proximal + distal => {
                distal_pressure_pa + (pressure - distal_pressure_pa) * distal / (proximal + distal)
            }
            Some(End::Windkessel { distal_pressure_pa, .. }) => *distal_pressure_pa,
            _ => 0.0,
        };
        Self {
            network,
            areas: grid.areas_at(pressure),
            flows: vec![0.0; cells],
            rates: Rates::new(cells),
            ends: vec![[State::default(); 2]; grid.spans.len()],
            charges: network.joints().iter().map(|joint| charge(joint.node)).collect(),
            inflows: [vec![0.0; joints], vec![0.0; joints], vec![0.0; joints]],
            volume_in: 0.0,
            start: [vec![0.0; cells], vec![0.0; cells]],
            arrivals: Vec::new(),
            states: Vec::new(),
            grid,
        }
    }

    /// Rates and ends at a time, with capacitors as they are.
    pub fn evaluate(&mut self, time: f64) -> Result<(), WavesError> {
        self.stage(0, time, 0.0)
    }

    /// Go on by a step from a time at which [`Stepper::evaluate`] was called.
    ///
    /// # Errors
    /// [`WavesError::Choked`] and [`WavesError::Collapsed`].
    pub fn step(&mut self, time: f64, step: f64) -> Result<(), WavesError> {
        self.start[0].copy_from_slice(&self.areas);
        self.start[1].copy_from_slice(&self.flows);
        self.advance(0.0, step, time + step)?;
        self.stage(1, time + step, step)?;
        self.advance(0.75, step, time + 0.5 * step)?;
        self.stage(2, time + 0.5 * step, 0.5 * step)?;
        self.advance(1.0 / 3.0, step, time + step)?;
        for (n, joint) in self.network.joints().iter().enumerate() {
            let [begin, end, middle] = [0, 1, 2].map(|stage| -self.inflows[stage][n]);
            // What the stages took from the cells, and Simpson's rule.
            self.volume_in -= step / 6.0 * (begin + 4.0 * middle + end);
            if let Some(End::Windkessel { capacitance, distal, distal_pressure_pa, .. }) =
                self.network.ends().get(&joint.node)
            {
                let charge = Charge::new(*capacitance, *distal, *distal_pressure_pa, step);
                self.charges[n] = charge.quadratic(self.charges[n], [begin, middle, end]);
            }
        }
        Ok(())
    }

    /// A step by the rates, mixed with the part `start` of the state at the begin; written so that what is added is
    /// small and rounding does not add up.
    fn advance(&mut self, start: f64, step: f64, time: f64) -> Result<(), WavesError> {
        let rest = 1.0 - start;
        let states =
            [(&mut self.areas, &self.rates.area, &self.start[0]), (&mut self.flows, &self.rates.flow, &self.start[1])];
        for (values, rates, begin) in states {
            for ((value, rate), begin) in values.iter_mut().zip(rates).zip(begin) {
                *value = begin + rest * ((*value - begin) + step * rate);
            }
        }
        if self.areas.iter().all(|area| 0.0 < *area) && self.flows.iter().all(|flow| flow.is_finite()) {
            return Ok(());
        }
        Err(self.collapsed(time))
    }

    /// Volume of all vessels in m³.
    pub fn volume(&self) -> f64 {
        let spans = self.grid.spans.iter();
        spans.map(|span| span.dx * self.areas[span.first..span.first + span.count].iter().sum::<f64>()).sum()
    }

    /// Longest time in s in which no wave crosses a cell and no loss stops the flow, and the vessel that sets it.
    pub fn crossing(&self) -> (f64, usize) {
        let (mut shortest, mut place) = (f64::INFINITY, 0);
        for (n, span) in self.grid.spans.iter().enumerate() {
            let (mut fastest, mut strongest) = (0.0_f64, 0.0_f64);
            for cell in span.first..span.first + span.count {
                let (area, flow) = (self.areas[cell], self.flows[cell]);
                let speed = (flow / area).abs();
                let squared = 0.5 * self.grid.stiffness[cell] * area.sqrt() / self.grid.density;
                let spread = (squared + span.momentum * (span.momentum - 1.0) * speed * speed).sqrt();
                fastest = fastest.max(span.momentum * speed + spread);
                let [linear, quadratic] = self.grid.losses[cell];
                let damping = span.friction / area + area / self.grid.density * (linear + 2.0 * quadratic * flow.abs());
                strongest = strongest.max(damping);
            }
            let time = (span.dx / fastest).min(1.0 / strongest);
            if time < shortest {
                (shortest, place) = (time, n);
            }
        }
        (shortest, place)
    }

    /// One of the three stages; capacitors are charged for `since` from the begin of the step.
    fn stage(&mut self, stage: usize, time: f64, since: f64) -> Result<(), WavesError> {
        for span in &self.grid.spans {
            self.rates.reconstruct(&self.grid, span, &self.areas, &self.flows);
        }
        for n in 0..self.network.joints().len() {
            self.joint(n, stage, time, since)?;
        }
        for (span, ends) in self.grid.spans.iter().zip(&self.ends) {
            self.rates.collect(&self.grid, span, &self.areas, &self.flows, *ends);
        }
        Ok(())
    }

    /// States at one joint.
    fn joint(&mut self, n: usize, stage: usize, time: f64, since: f64) -> Result<(), WavesError> {
        let joint = &self.network.joints()[n];
        self.arrivals.clear();
        for (segment, side) in joint.meeting.iter().copied() {
            let span = &self.grid.spans[segment];
            let face = span.face + side * span.count;
            let wall = [self.grid.face_root[face], self.grid.face_stiffness[face]];
            let inside = self.rates.inside(span, side);
            let outward = if side == 0 { -inside.flow } else { inside.flow };
            self.arrivals.push(Arrival::new(inside.root, outward, wall, span.reference, self.grid.density));
        }
        self.states.resize(self.arrivals.len(), 0.0);
        let arrival = self.arrivals[0];
        let fits = match self.network.ends().get(&joint.node) {
            None => meet(&self.arrivals, 0.0, &mut self.states),
            Some(End::Flow(wave)) if 1 < self.arrivals.len() => meet(&self.arrivals, wave.at(time), &mut self.states),
            Some(End::Pressure(wave)) => {
                let pressure = wave.at(time);
                let states = self.states.iter_mut().zip(&self.arrivals);
                states.map(|(state, arrival)| arrival.with_pressure(pressure).map(|y| *state = y)).all(|y| y.is_some())
            }
            Some(end) => {
                let state = match end {
                    End::Flow(wave) => arrival.with_flow(-wave.at(time)),
                    End::Pressure(wave) => arrival.with_pressure(wave.at(time)),
                    End::Reflection { coefficient, rest_pressure_pa } => {
                        arrival.with_reflection(*coefficient, *rest_pressure_pa)
                    }
                    End::Windkessel { proximal, .. } if stage == 0 => {
                        arrival.with_resistance(*proximal, self.charges[n])
                    }
                    End::Windkessel { proximal, capacitance, distal, distal_pressure_pa } => {
                        let charge = Charge::new(*capacitance, *distal, *distal_pressure_pa, since);
                        let [behind, more] = charge.linear(self.charges[n], -self.inflows[0][n]);
                        arrival.with_resistance(proximal + more, behind)
                    }
                };
                state.map(|y| self.states[0] = y).is_some()
            }
        };
        if !fits {
            return Err(WavesError::Choked { node: joint.node, time_s: time });
        }
        // Of a junction nothing but rounding.
        self.inflows[stage][n] =
            -self.arrivals.iter().zip(&self.states).map(|(arrival, y)| arrival.flow(*y)).sum::<f64>();
        for (((segment, side), arrival), y) in joint.meeting.iter().zip(&self.arrivals).zip(&self.states) {
            let outward = arrival.flow(*y);
            let flow = if *side == 0 { -outward } else { outward };
            let pressure = arrival.pressure(*y) - self.grid.spans[*segment].reference;
            self.ends[*segment][*side] = State { pressure, flow, root: y * y };
        }
        Ok(())
    }

    /// The first cell without a usable state as an error.
    pub fn collapsed(&self, time: f64) -> WavesError {
        let cell = (0..self.areas.len()).find(|n| !(0.0 < self.areas[*n] && self.flows[*n].is_finite())).unwrap_or(0);
        let segment = self.grid.spans.partition_point(|span| span.first <= cell) - 1;
        let span = &self.grid.spans[segment];
        let at = ((cell - span.first) as f64 + 0.5) * span.dx;
        let vessel = self.network.segments()[segment].name.clone();
        WavesError::Collapsed { vessel, at_mm: 1e3 * at, time_s: time }
    }
}
