//! A network of the same vessels that carries the same flows: how far its pressures are off.

use super::{Branch, Station, branches};
use crate::base::Progress;
use crate::base::units::PA_PER_MMHG;
use crate::flow::Fluid;
use crate::flow::network::{
    NetworkError, Outlets, PieceMeans, Schedule, TreeInflow, TreeNetwork, TreeSetup, VesselTree, Wall, Waveform, solve,
};
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::CentreBranch;

/// Mean pressure at the root of the network, mmHg. So high that the beds decide how the flow divides, whatever is lost
/// before them.
const ROOT_MMHG: f64 = 1e4;
/// Less than this flowing in is nothing, ml/s.
const FLOW_MIN_ML_S: f64 = 1e-6;
/// From how much narrowing of the diameter a narrow place has losses of its own.
const STENOSIS_FROM: f64 = 0.4;

/// What a network says of vessels whose flow was computed in space. Its walls are rigid, its flow is steady.
#[derive(Debug, Clone)]
pub struct Beside {
    pieces: Vec<PieceMeans>,
}

impl Beside {
    /// The network of `lines` that carries what `stations` say, of which `inflow_ml_s` come in.
    ///
    /// # Errors
    /// [`NetworkError`]: centre lines that do not begin where the fluid comes in, or that make no network.
    pub fn of(
        lines: &CentreLines,
        stations: &[Station],
        inflow_ml_s: f64,
        fluid: &Fluid,
        progress: &Progress,
    ) -> Result<Self, NetworkError> {
        if inflow_ml_s.abs() < FLOW_MIN_ML_S {
            return Err(NetworkError::Anatomy("next to nothing flows in; choose another moment of the beat".into()));
        }
        let all = branches(stations, lines.branches().len());
        // Trees that the flow does not reach have no part in it.
        let reached = |n: &usize| {
            let tree = lines.way_to_root(*n).last();
            all.iter().any(|branch| lines.way_to_root(branch.number).last() == tree)
        };
        let kept: Vec<usize> = (0..lines.branches().len()).filter(reached).collect();
        let number = |old: usize| kept.iter().position(|own| *own == old);
        let of_kept = |old: &usize| {
            let branch = &lines.branches()[*old];
            CentreBranch { parent: branch.parent.and_then(number), ..branch.clone() }
        };
        let lines = CentreLines::new(kept.iter().map(of_kept).collect())
            .map_err(|error| NetworkError::Anatomy(error.to_string()))?;
        let flow_at = |old: usize| all.iter().find(|branch| branch.number == old).map(Branch::flow_ml_s);
        let flow_of = |n: usize| flow_at(kept[n]);
        let roots = (0..lines.branches().len()).filter(|n| lines.branches()[*n].parent.is_none());
        let through_roots: f64 = roots.filter_map(flow_of).sum();
        if !(0.5..1.5).contains(&(through_roots / inflow_ml_s)) {
            return Err(NetworkError::Anatomy(format!(
                "{through_roots:.2} ml/s flow through the roots of the centre lines and {inflow_ml_s:.2} ml/s come in; choose centre lines that reach the inlet"
            )));
        }
        let parts: Vec<(usize, f64)> =
            lines.leaves().filter_map(|n| flow_of(n).filter(|flow| 0.0 < *flow).map(|flow| (n, flow))).collect();
        if parts.is_empty() {
            return Err(NetworkError::Anatomy("nothing flows out of any end of the centre lines".into()));
        }
        let tree = VesselTree::from_centre_lines(&lines)?.shared_out(&parts);
        let flow_m3_s = 1e-6 * inflow_ml_s;
        let setup = TreeSetup {
            fluid: fluid.clone(),
            wall: Wall::Rigid,
            outlets: Outlets::Resistance,
            mean_pressure_pa: ROOT_MMHG * PA_PER_MMHG,
            stenosis_from: STENOSIS_FROM,
            bends: true,
            ..TreeSetup::blood(TreeInflow::Flow(Waveform::constant(flow_m3_s)), flow_m3_s)
        };
        let mut network = tree.network(&setup)?;
        let Self { mut pieces } = Self::steady(&mut network, progress)?;
        pieces.iter_mut().for_each(|means| means.piece.branch = means.piece.branch.map(|n| kept[n]));
        Ok(Self { pieces })
    }

    /// What a network says of steady flow.
    ///
    /// # Errors
    /// [`NetworkError`]: one that cannot be solved.
    pub fn steady(network: &mut TreeNetwork, progress: &Progress) -> Result<Self, NetworkError> {
        network.network.schedule = Schedule { cycles: 2, points_per_cycle: 11, ..Schedule::default() };
        let solution = solve(&network.network, progress)?;
        Ok(Self { pieces: network.along(&solution) })
    }

    /// Flow in ml/s through the end of a branch.
    pub fn flow_ml_s(&self, branch: usize) -> Option<f64> {
        let last = self.pieces.iter().rev().find(|means| means.piece.branch == Some(branch))?;
        Some(1e6 * last.flow_m3_s)
    }

    /// Total pressure in mmHg at a place of a branch, as its elements lose energy only; it falls evenly within a piece.
    pub fn mmhg(&self, branch: usize, at_mm: f64) -> Option<f64> {
        let mut own = self.pieces.iter().filter(|means| means.piece.branch == Some(branch));
        let last = own.clone().next_back()?;
        let PieceMeans { piece, pressure_in_pa, pressure_out_pa, .. } =
            own.find(|means| at_mm <= means.piece.to_mm).unwrap_or(last);
        let length_mm = piece.to_mm - piece.from_mm;
        let part = if 0.0 < length_mm { ((at_mm - piece.from_mm) / length_mm).clamp(0.0, 1.0) } else { 1.0 };
        Some((pressure_in_pa + (pressure_out_pa - pressure_in_pa) * part) / PA_PER_MMHG)
    }
}
