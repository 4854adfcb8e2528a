//! What pulse waves cost, before they are computed.

use super::CYCLE_TOLERANCE;
use super::state::SAMPLES;
use crate::flow::network::{Outlets, TreeSetup};
use crate::flow::waves::{Network, Section, Segment, Setup};
use crate::tools::simulate_network::SYSTOLE;
use std::f64::consts::PI;

/// Seconds a cell and time step take on one core, by a run on a server of 2023 (65 ns).
const CELL_STEP_S: f64 = 70e-9;
/// Waves are so much faster than at the mean pressure, with the flow and in systole.
const FASTER: f64 = 1.3;

/// What waves cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    cells: f64,
    steps_per_beat: f64,
    beats: f64,
    shortest_mm: f64,
    /// Whether the beats will not repeat by then and are computed once more, for what there is.
    is_cut: bool,
    /// Whether a loss sets the steps, not a wave.
    by_loss: bool,
}

impl Cost {
    /// Of waves in `network`, made with `tree_setup`, as `setup` says, at a beat every `period_s`.
    pub fn of(network: &Network, setup: &Setup, tree_setup: &TreeSetup, period_s: f64) -> Self {
        let (mut cells, mut capacitance) = (0.0, 0.0);
        let (mut loss_s, mut wave_s) = (f64::INFINITY, f64::INFINITY);
        let peak_m3_s = tree_setup.mean_flow_m3_s * PI / (2.0 * SYSTOLE);
        let widest = |segment: &Segment| segment.sections.iter().map(|section| section.area_m2).fold(0.0, f64::max);
        let all_widest = network.segments().iter().map(widest).fold(0.0, f64::max);
        for segment in network.segments() {
            let own = (segment.length_m / setup.cell_m - 1e-9).ceil().max(2.0);
            // A loss must not stop the flow within a step; the flow by the third power of the radius.
            let flow = peak_m3_s * (widest(segment) / all_widest).powf(1.5);
            for loss in &segment.losses {
                let per_length = (loss.linear + 2.0 * loss.quadratic * flow) / (loss.to_m - loss.from_m);
                loss_s = f64::min(loss_s, network.fluid().density_kg_m3 / (widest(segment) * per_length));
            }
            let speeds = segment.sections.iter().map(|section| section.speed_m_s(network.fluid()));
            let speed = FASTER * speeds.fold(0.0, f64::max);
            let give = |section: &Section| 2.0 * section.area_m2.powf(1.5) / section.beta_pa_m;
            capacitance +=
                segment.length_m * segment.sections.iter().map(give).sum::<f64>() / segment.sections.len() as f64;
            cells += own;
            wave_s = f64::min(wave_s, segment.length_m / own / speed);
        }
        let crossing_s = wave_s.min(loss_s);
        let least = SAMPLES as f64;
        let steps_per_beat = (period_s / (setup.courant * crossing_s)).max(least);
        let beds_s = match tree_setup.outlets {
            Outlets::Rcr { time_constant_s, .. } => time_constant_s,
            Outlets::Resistance => 0.0,
        };
        // The tree fills and empties through its beds, 0.1 of the pressure is what the start is wrong by.
        let resistance = (tree_setup.mean_pressure_pa - tree_setup.distal_pressure_pa) / tree_setup.mean_flow_m3_s;
        let forgets_s = beds_s + resistance * capacitance;
        let beats = 2.0 - forgets_s / period_s * (10.0 * CYCLE_TOLERANCE).ln();
        let lengths_m = network.segments().iter().map(|segment| segment.length_m);
        let most = setup.cycles_max as f64;
        Self {
            cells,
            steps_per_beat,
            beats: beats.min(most),
            shortest_mm: 1e3 * lengths_m.fold(f64::INFINITY, f64::min),
            is_cut: most < beats,
            by_loss: loss_s < wave_s,
        }
    }

    /// How long it takes by estimate, s.
    pub fn seconds(&self) -> f64 {
        let times = if self.is_cut { 2.0 } else { 1.0 };
        times * CELL_STEP_S * self.cells * self.steps_per_beat * self.beats
    }

    /// Cells, steps a beat and beats, and what may make them many, in words.
    pub fn told(&self) -> String {
        let Self { cells, steps_per_beat, beats, shortest_mm, by_loss, .. } = self;
        let why = if *by_loss {
            "the flow through a narrow place sets the steps".to_owned()
        } else {
            format!("the shortest vessel has {shortest_mm:.1} mm")
        };
        format!("{cells:.0} cells, {steps_per_beat:.0} steps a beat, {beats:.0} beats; {why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::flow::network::{TreeInflow, VesselEdit, VesselTree, Waveform};
    use crate::flow::waves::{Profile, from_tree, solve};
    use crate::geom::Point;
    use crate::mesh::{CentreBranch, CentreLines};

    #[test]
    fn the_estimate_is_what_a_computation_needs_or_somewhat_more() {
        let points: Vec<Point> = (0..=20).map(|n| Point::new(0.0, 0.0, 4.0 * f64::from(n))).collect();
        let lines = CentreLines::new(vec![CentreBranch { parent: None, radii_mm: vec![4.0; 21], points }]).unwrap();
        let shape = |t: f64| if t < SYSTOLE { 5e-6 * PI / (2.0 * SYSTOLE) * (PI * t / SYSTOLE).sin() } else { 0.0 };
        let inflow = TreeInflow::Flow(Waveform::sampled(1.0, 200, shape).unwrap());
        let tree_setup = TreeSetup::blood(inflow, 5e-6);
        let tree = VesselTree::from_centre_lines(&lines).unwrap();
        let narrow = VesselEdit::Reshape { branch: 0, from_mm: 30.0, to_mm: 34.0, diameter_mm: 2.4 };
        for (tree, by_loss) in [(tree.clone(), false), (tree.edited(&narrow).unwrap(), true)] {
            let made = from_tree(&tree, &tree_setup, Profile::of_order(2.0)).unwrap();
            let setup = Setup { samples: SAMPLES, tolerance: Some(CYCLE_TOLERANCE), ..made.setup };
            let cost = Cost::of(&made.network, &setup, &tree_setup, 1.0);
            let waves = solve(&made.network, &setup, &[], &Progress::default()).unwrap();
            assert_eq!((cost.cells, cost.by_loss), (waves.cells as f64, by_loss));
            let steps = cost.steps_per_beat * cost.beats / waves.steps as f64;
            assert!(
                (0.8..3.0).contains(&steps),
                "{} by estimate, {} steps in {} beats",
                cost.told(),
                waves.steps,
                waves.cycles
            );
        }
    }
}
