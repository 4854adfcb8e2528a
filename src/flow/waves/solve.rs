//! From a network to waves: cycle after cycle until they repeat.

use super::end::End;
use super::error::{WavesError, finite, positive, within};
use super::grid::Grid;
use super::network::Network;
use super::result::{Probe, Series, Waves};
use super::stepper::Stepper;
use crate::base::Progress;

/// How a network is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setup {
    /// Longest cell in m.
    pub cell_m: f64,
    /// Pressure in Pa of the whole network at rest at the begin; near the mean pressure cycles repeat sooner.
    pub start_pressure_pa: f64,
    /// Samples of the last cycle that are kept, besides its end.
    pub samples: usize,
    /// Length of the cycle in s where no end repeats; otherwise it must be that of the ends, or none.
    pub period_s: Option<f64>,
    /// Most cycles.
    pub cycles_max: usize,
    /// Change of the pressure from cycle to cycle, as part of the largest pressure, at which waves count as repeating;
    /// none computes `cycles_max` cycles whatever they do.
    pub tolerance: Option<f64>,
    /// Part of a cell that the fastest wave crosses in a step.
    pub courant: f64,
}

impl Setup {
    /// Cells of 2 mm, 500 samples, at most 50 cycles until they change by less than 10⁻⁴, Courant number 0.9.
    pub fn from_pressure(start_pressure_pa: f64) -> Self {
        Self {
            cell_m: 2e-3,
            start_pressure_pa,
            samples: 500,
            period_s: None,
            cycles_max: 50,
            tolerance: Some(1e-4),
            courant: 0.9,
        }
    }

    fn check(&self) -> Result<(), WavesError> {
        let owner = "the setup";
        positive(owner, "the length of a cell", self.cell_m)?;
        finite(owner, "the pressure at the begin", self.start_pressure_pa)?;
        let limit = "from 0.01 to 1, up to which steps are known to be stable";
        within(owner, "the Courant number", self.courant, [0.01, 1.0], limit)?;
        within(owner, "the number of samples", self.samples as f64, [2.0, 1e6], "from 2 to 1 000 000")?;
        within(owner, "the number of cycles", self.cycles_max as f64, [1.0, 1e6], "from 1 to 1 000 000")?;
        if let Some(tolerance) = self.tolerance {
            positive(owner, "the tolerance", tolerance)?;
            let limit = "2 or more, so that cycles can be compared";
            within(owner, "the number of cycles", self.cycles_max as f64, [2.0, 1e6], limit)?;
        }
        Ok(())
    }
}

/// Most cells: a kilometre of vessels in cells of 1 mm.
const CELLS_MAX: f64 = 1e6;
/// Most time steps in a cycle.
const STEPS_MAX: f64 = 1e7;

/// Waves at `probes` over the last cycle.
///
/// Second order in space, third in time, for smooth waves. A step is at most `courant` times the shortest time in which
/// a wave crosses a cell, looked up at every sample.
///
/// # Errors
/// [`WavesError`] for a setup or probe that is not usable, a step too small, a vessel that collapses, flow faster than
/// the waves at a node, cycles that do not come to repeat, and if `progress` was cancelled.
pub fn solve(network: &Network, setup: &Setup, probes: &[Probe], progress: &Progress) -> Result<Waves, WavesError> {
    setup.check()?;
    let period = period(network, setup)?;
    for probe in probes {
        let segment = network.segments().get(probe.segment).ok_or_else(|| {
            let count = network.segments().len();
            WavesError::Topology(format!("a probe is asked for in vessel {} of {count}, counted from 0", probe.segment))
        })?;
        let owner = format!("a probe in '{}'", segment.name);
        within(&owner, "the place", probe.at_m, [0.0, segment.length_m], "from 0 to the length of the vessel")?;
    }
    let cells = network.segments().iter().map(|segment| segment.length_m / setup.cell_m).sum::<f64>();
    if CELLS_MAX < cells {
        return Err(WavesError::TooManyCells { cell_mm: 1e3 * setup.cell_m, cells, limit: CELLS_MAX });
    }
    let grid = Grid::new(network, setup.cell_m);
    let cells = grid.cells();
    let mut stepper = Stepper::new(network, grid, setup.start_pressure_pa);
    if stepper.areas.iter().any(|area| !(0.0 < *area)) {
        return Err(stepper.collapsed(0.0));
    }
    let volume_before = stepper.volume();
    let expected = expected_cycles(network, setup, period);
    let interval = period / setup.samples as f64;
    let times_s: Vec<f64> = (0..=setup.samples).map(|n| interval * n as f64).collect();
    let mut series = vec![Series::default(); probes.len()];
    let (mut watched, mut before) = (Vec::new(), Vec::new());
    let (mut steps, mut change, mut cycles) = (0, None, 0);
    stepper.evaluate(0.0)?;
    loop {
        std::mem::swap(&mut watched, &mut before);
        watched.clear();
        series.iter_mut().for_each(Series::clear);
        for n in 0..setup.samples {
            progress.step(cycles * setup.samples + n, expected * setup.samples)?;
            record(&stepper, probes, &mut series);
            watch(&stepper, &mut watched);
            let (crossing, place) = stepper.crossing();
            let longest = setup.courant * crossing;
            if !(period / longest <= STEPS_MAX) {
                let vessel = network.segments()[place].name.clone();
                let (crossing_us, steps) = (1e6 * crossing, period / longest);
                return Err(WavesError::TooFine { vessel, crossing_us, steps, limit: STEPS_MAX });
            }
            let count = (interval / longest).ceil().max(1.0) as usize;
            let step = interval / count as f64;
            for k in 0..count {
                stepper.step(times_s[n] + step * k as f64, step)?;
                let now = if k + 1 < count { times_s[n] + step * (k + 1) as f64 } else { times_s[n + 1] };
                stepper.evaluate(now)?;
            }
            steps += count;
        }
        record(&stepper, probes, &mut series);
        cycles += 1;
        if !before.is_empty() {
            change = Some(relative_change(&watched, &before));
        }
        let repeats = setup.tolerance.zip(change).is_some_and(|(limit, change)| change <= limit);
        if repeats || cycles == setup.cycles_max {
            break;
        }
    }
    if let (Some(limit), Some(change)) = (setup.tolerance, change)
        && !(change <= limit)
    {
        return Err(WavesError::NotPeriodic { cycles, change, limit });
    }
    let volume = stepper.volume();
    let volume_error = (volume - volume_before - stepper.volume_in) / volume;
    Ok(Waves { times_s, series, cycles, change, steps, cells, volume_error })
}

fn period(network: &Network, setup: &Setup) -> Result<f64, WavesError> {
    match (network.period_s(), setup.period_s) {
        (Some(own), Some(asked)) if 1e-9 * own < (own - asked).abs() => {
            let limit = "that of the waveforms at the ends, or none";
            Err(WavesError::BadNumber { owner: "the setup".into(), what: "the cycle", value: asked, limit })
        }
        (Some(period), _) | (None, Some(period)) => positive("the setup", "the cycle", period),
        (None, None) => positive("the setup", "the cycle, which no end gives,", f64::NAN),
    }
}

/// How many cycles it may take, for whoever watches: the slowest windkessel forgets its start, and the vessels as much.
fn expected_cycles(network: &Network, setup: &Setup, period: f64) -> usize {
    let constant = |end: &End| match end {
        End::Windkessel { capacitance, distal, .. } => capacitance * distal,
        _ => 0.0,
    };
    let slowest = 1.2 * network.ends().values().map(constant).fold(0.0, f64::max);
    let cycles = setup.tolerance.map_or(f64::INFINITY, |limit| 2.0 - slowest / period * limit.ln());
    // Cast: at most cycles_max, which is an integer.
    cycles.clamp(1.0, setup.cycles_max as f64) as usize
}

/// Keep the values at all probes: between faces at the ends and the middles of cells they are linear.
fn record(stepper: &Stepper, probes: &[Probe], series: &mut [Series]) {
    for (probe, series) in probes.iter().zip(series) {
        let span = &stepper.grid.spans[probe.segment];
        let [begin, end] = stepper.ends[probe.segment];
        let place = |n: usize| match n {
            0 => 0.0,
            n if n <= span.count => (n as f64 - 0.5) * span.dx,
            _ => span.count as f64 * span.dx,
        };
        let value = |n: usize| match n {
            0 => [begin.pressure, begin.flow, begin.root * begin.root],
            n if n <= span.count => {
                let cell = span.first + n - 1;
                [stepper.rates.pressure(cell), stepper.flows[cell], stepper.areas[cell]]
            }
            _ => [end.pressure, end.flow, end.root * end.root],
        };
        let left = ((probe.at_m / span.dx + 0.5).floor().max(0.0) as usize).min(span.count);
        let part = ((probe.at_m - place(left)) / (place(left + 1) - place(left))).clamp(0.0, 1.0);
        let (a, b) = (value(left), value(left + 1));
        let [pressure, flow, area] = [0, 1, 2].map(|n| a[n] + part * (b[n] - a[n]));
        series.pressure_pa.push(pressure + span.reference);
        series.flow_m3_s.push(flow);
        series.area_m2.push(area);
    }
}

/// The pressures by which cycles are compared: in the middle of every vessel.
fn watch(stepper: &Stepper, watched: &mut Vec<f64>) {
    let spans = stepper.grid.spans.iter();
    watched.extend(spans.map(|span| stepper.rates.pressure(span.first + span.count / 2) + span.reference));
}

fn relative_change(now: &[f64], before: &[f64]) -> f64 {
    let largest = now.iter().fold(0.0, |max, value| f64::max(max, value.abs()));
    let change = now.iter().zip(before).fold(0.0, |max, (a, b)| f64::max(max, (a - b).abs()));
    if change == 0.0 { 0.0 } else { change / largest }
}
