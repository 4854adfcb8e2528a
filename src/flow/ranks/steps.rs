//! What a simulation does besides where it is one of several: exchange halos, and tell what its outlets do.

use super::Part;
use super::part::{Told, values};
use crate::flow::error::FlowError;
use crate::flow::lattice::Q;
use crate::flow::outlet::Outlet;
use crate::flow::populations::Phase;
use crate::flow::simulation::Simulation;
use rayon::prelude::*;

impl Simulation {
    /// Set the halo anew if it would not last for two more steps.
    pub(in crate::flow) fn refresh_halo(&mut self) {
        if let Some(part) = &mut self.part
            && self.populations.phase() == Phase::Arrived
            && part.is_used_up()
        {
            part.exchange(&mut self.populations);
        }
    }

    /// Whether the halo will be set anew after the next step, which therefore must not run ahead.
    pub(in crate::flow) fn ends_at_halo(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.since + 1 == part.reach)
    }

    /// Learn how other ranks steered their outlets, and tell them of those here; `sums` are flows out of every outlet,
    /// summed over steps.
    pub(in crate::flow) fn tell_outlets(&mut self, sums: &mut [f64]) {
        let Some(part) = &self.part else { return };
        let here = self.outlets.iter().enumerate().filter(|(_, outlet)| outlet.is_here());
        let told = |(n, outlet): (usize, &Outlet)| {
            let [now, missing, reads] = match &outlet.pulse {
                Some(pulse) => [pulse.now, pulse.missing, pulse.reads as f64],
                None => [0.0; 3],
            };
            let Outlet { steer, mean, outflow, .. } = *outlet;
            Told {
                outlet: n as f64,
                steer,
                mean,
                outflow,
                now,
                missing,
                reads,
                sum: sums.get(n).copied().unwrap_or(0.0),
            }
        };
        let mine: Vec<Told> = here.map(told).collect();
        for bytes in part.all_gather(bytemuck::cast_slice(&mine)) {
            for told in values::<Told>(&bytes) {
                let n = told.outlet as usize;
                let outlet = &mut self.outlets[n];
                (outlet.steer, outlet.mean, outlet.outflow) = (told.steer, told.mean, told.outflow);
                if let Some(pulse) = &mut outlet.pulse {
                    (pulse.now, pulse.missing, pulse.reads) = (told.now, told.missing, told.reads as usize);
                }
                if let Some(sum) = sums.get_mut(n) {
                    *sum = told.sum;
                }
            }
        }
    }

    /// Whether all ranks want to go on.
    pub(in crate::flow) fn all_go_on(&self, wish: bool) -> bool {
        self.part.as_ref().map_or(wish, |part| part.do_all(wish))
    }

    /// [`FlowError::RanksLost`] if a rank is missing: what was looked at since is not to be trusted.
    pub(in crate::flow) fn check_ranks(&self) -> Result<(), FlowError> {
        match self.part.as_ref().and_then(Part::fault) {
            None => Ok(()),
            Some(lost) => Err(FlowError::RanksLost(lost.clone())),
        }
    }

    /// What was sent to every cell of the lattice, on rank 0; between pairs of steps.
    pub(in crate::flow) fn sent_on_first(&self) -> Vec<[f32; Q]> {
        let sent = |cell: usize| self.populations.sent(cell);
        match &self.part {
            None => (0..self.cells.len()).into_par_iter().with_min_len(4096).map(sent).collect(),
            Some(part) => {
                let mine = part.mine().par_iter().with_min_len(4096);
                part.all_on_first(&mine.map(|cell| sent(*cell as usize)).collect::<Vec<_>>())
            }
        }
    }

    /// Set what was sent to every cell of the lattice.
    pub(in crate::flow) fn put_sent(&mut self, all: &[[f32; Q]]) {
        for (cell, sent) in all.iter().enumerate() {
            if self.populations.has(cell) {
                self.populations.set(cell, *sent);
            }
        }
        if let Some(part) = &mut self.part {
            part.since = 0;
        }
    }

    /// The highest speed, cells per step, not a number where one is not; none where there are no other ranks.
    pub(in crate::flow) fn fastest_over_ranks(&self) -> Option<f64> {
        let part = self.part.as_ref()?;
        let speed = |u: [f32; 3]| u.map(|u| f64::from(u).powi(2)).iter().sum::<f64>();
        let mine = self.own_velocities().into_iter().map(speed).fold(0.0, highest);
        let all = part.all_gather(&mine.to_le_bytes());
        let squares = all.iter().map(|bytes| f64::from_le_bytes(bytes.as_slice().try_into().unwrap_or_default()));
        let square = squares.fold(0.0, highest);
        Some(if square.is_finite() { square.sqrt() } else { f64::NAN })
    }
}

/// The higher of two, not a number if one is not.
fn highest(a: f64, b: f64) -> f64 {
    if a.is_nan() || b <= a { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_numbers_and_others_is_no_number() {
        assert_eq!([0.5, 2.0, 1.0].into_iter().fold(0.0, highest), 2.0);
        for others in [[f64::NAN, 0.5, 0.1], [0.5, f64::NAN, 0.1], [0.5, 0.1, f64::NAN]] {
            assert!(others.into_iter().fold(0.0, highest).is_nan(), "{others:?}");
        }
    }
}
