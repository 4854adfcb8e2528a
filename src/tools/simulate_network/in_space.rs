//! Narrow places and stents of a tree computed in space (3D), beside what the network says of them.

use super::{Params, State, States, VesselChange};
use crate::base::units::PA_PER_MMHG;
use crate::base::{Progress, Summary, Table};
use crate::flow::along::{Beside, in_space};
use crate::flow::network::{
    NetworkError, Outlets, TreeInflow, TreePlace, TreeSetup, VesselEdit, VesselTree, Wall, Waveform,
};
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::CentreBranch;
use crate::session::CommandError;
use serde::{Deserialize, Serialize};

/// What is computed of a vessel besides the changed stretch, in its diameters: before it, and behind it, where the jet is.
const BEFORE: f64 = 3.0;
const BEHIND: f64 = 8.0;
/// Pressures are read this many diameters inside the ends.
const INSIDE: f64 = 1.0;
/// The changed stretch goes over into the vessel within this share of the diameter, at either end and inside the stretch.
const EDGE: f64 = 0.5;
/// Distance of the points of the line in diameters, and how many there are at most.
const STEP: f64 = 0.1;
const POINTS_MAX: f64 = 400.0;
/// Flow below this is none, ml/s.
const FLOW_MIN_ML_S: f64 = 1e-4;

/// A changed stretch of vessel computed in space at the flow that the network gives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeInSpace {
    /// Which branch it is on, counted from 0.
    pub branch: usize,
    /// Mean flow through it.
    pub flow_ml_s: f64,
    /// Pressure lost over it and the vessel beside, in space and by the network.
    pub lost_mmhg: f64,
    /// See [`Self::lost_mmhg`].
    pub network_mmhg: f64,
    /// Pressure behind it over that at the root, with the loss in space, at the same flow; and by the network.
    pub ratio: f64,
    /// See [`Self::ratio`].
    pub network_ratio: f64,
    /// Reynolds number in its narrowest place.
    pub reynolds: f64,
    /// Cells of the lattice, and the edge of one.
    pub cells: usize,
    /// See [`Self::cells`].
    pub cell_mm: f64,
    /// How long it took.
    pub seconds: f64,
    /// What is to be said of it.
    pub warnings: Vec<String>,
}

/// What is known of the changes that can be computed in space: their numbers in the list, and what came of each.
pub type InSpace = Vec<(usize, Result<ChangeInSpace, String>)>;

impl Params {
    /// The changes that give a stretch another diameter: those that can be computed in space.
    pub fn stretches(&self) -> impl Iterator<Item = usize> + '_ {
        let is_one = |change: &VesselChange| matches!(change, VesselChange::Narrow { .. } | VesselChange::Stent { .. });
        self.edits.iter().enumerate().filter(move |(_, change)| is_one(change)).map(|(n, _)| n)
    }

    /// Compute every stretch with another diameter in space, at its flow in the network of `lines` after all changes.
    /// Seconds to minutes.
    ///
    /// # Errors
    /// [`CommandError`]: vessels that make no network, a beating heart, or it was cancelled. What cannot be computed in
    /// space says so in its own place.
    pub fn in_space(&self, lines: &CentreLines, progress: &Progress) -> Result<InSpace, CommandError> {
        if self.drive == "beat" {
            let text = "a narrow place is computed in space with a steady flow; let a steady pressure drive it";
            return Err(CommandError::BadParams(text.into()));
        }
        let states = States::of(lines, self, &progress.part(0.0..0.02, "network"))?;
        let all: Vec<usize> = self.stretches().collect();
        let mut known = Vec::new();
        for (done, n) in all.iter().enumerate() {
            let from = 0.02 + 0.98 * done as f64 / all.len() as f64;
            let part = progress.part(from..from + 0.98 / all.len() as f64, "in space");
            let found =
                Stretch::of(self, lines, *n).and_then(|stretch| stretch.solve(self, lines, &states.after, &part));
            progress.check()?;
            known.push((*n, found.map_err(|error| error.to_string())));
        }
        Ok(known)
    }
}

/// A stretch of one branch with a changed diameter, and the vessel before and behind it.
struct Stretch {
    branch: usize,
    /// Begin and end of all of it, and of what is changed, in mm along the branch.
    whole: [f64; 2],
    changed: [f64; 2],
    /// Where pressures are read.
    read: [f64; 2],
    /// Places from the begin of all of it, the same for all that follow; the vessel without the change.
    line: CentreBranch,
    places: Vec<f64>,
    /// Diameter of what is changed.
    diameter_mm: f64,
}

impl Stretch {
    fn of(params: &Params, lines: &CentreLines, n: usize) -> Result<Self, CommandError> {
        let failed = |error: NetworkError| CommandError::failed(&error);
        let mut tree = VesselTree::from_centre_lines(lines).map_err(failed)?;
        let mut others = tree.clone();
        let mut own = None;
        for (k, change) in params.edits.iter().enumerate() {
            let along = change.along(lines, &tree)?;
            tree = tree.edited(&along).map_err(failed)?;
            if k == n {
                own = Some(along);
            } else {
                others = others.edited(&along).map_err(failed)?;
            }
        }
        let (branch, from, to, diameter_mm) = match own {
            Some(VesselEdit::Reshape { branch, from_mm, to_mm, diameter_mm }) => (branch, from_mm, to_mm, diameter_mm),
            Some(VesselEdit::Stent { branch, from_mm, to_mm, diameter_mm }) => (branch, from_mm, to_mm, diameter_mm),
            _ => return Err(CommandError::Failed("only a stretch of vessel can be computed in space".into())),
        };
        let usual = |at_mm: f64| others.diameter_mm(TreePlace { branch, at_mm });
        let wide = usual(0.5 * (from + to)).max(diameter_mm);
        let length = others.length_mm(branch);
        let whole = [(from - BEFORE * wide).max(0.0), (to + BEHIND * wide).min(length)];
        let inside = |room: f64| (INSIDE * wide).min(0.5 * room);
        let read = [whole[0] + inside(from - whole[0]), whole[1] - inside(whole[1] - to)];
        let steps = ((whole[1] - whole[0]) / (STEP * wide)).ceil().clamp(8.0, POINTS_MAX) as usize;
        let places: Vec<f64> = (0..=steps).map(|k| (whole[1] - whole[0]) * k as f64 / steps as f64).collect();
        let source = &lines.branches()[branch];
        let arcs = source.arc_lengths_mm();
        let point = |at: f64| {
            let right = arcs.partition_point(|s| *s <= at).clamp(1, arcs.len() - 1);
            let (s0, s1) = (arcs[right - 1], arcs[right]);
            let part = if s0 < s1 { ((at - s0) / (s1 - s0)).clamp(0.0, 1.0) } else { 1.0 };
            source.points[right - 1] + (source.points[right] - source.points[right - 1]) * part
        };
        let points = places.iter().map(|s| point(whole[0] + s)).collect();
        let radii_mm = places.iter().map(|s| 0.5 * usual((whole[0] + s).min(length))).collect();
        let line = CentreBranch { parent: None, points, radii_mm };
        Ok(Self { branch, whole, changed: [from, to], read, line, places, diameter_mm })
    }

    /// The same vessel with the change in it, going over smoothly.
    fn changed_line(&self) -> CentreBranch {
        let [from, to] = self.changed;
        let radius = |(s, usual): (&f64, &f64)| {
            let at = self.whole[0] + s;
            let edge = (2.0 * usual * EDGE).min(0.4 * (to - from));
            let depth = ((at - from).min(to - at) / edge.max(1e-9)).clamp(0.0, 1.0);
            let share = 0.5 * (1.0 - (std::f64::consts::PI * depth).cos());
            usual + (0.5 * self.diameter_mm - usual) * share
        };
        let radii_mm = self.places.iter().zip(&self.line.radii_mm).map(radius).collect();
        CentreBranch { radii_mm, ..self.line.clone() }
    }

    /// Total pressure that a network of this stretch loses between the places that are read, mmHg.
    fn network_mmhg(&self, params: &Params, lines: &CentreLines, flow_m3_s: f64) -> Result<f64, CommandError> {
        let failed = |error: NetworkError| CommandError::failed(&error);
        let alone = CentreLines::new(vec![self.line.clone()]).map_err(|error| CommandError::failed(&error))?;
        let [from_mm, to_mm] = self.changed.map(|at| at - self.whole[0]);
        let change = VesselEdit::Reshape { branch: 0, from_mm, to_mm, diameter_mm: self.diameter_mm };
        let tree = VesselTree::from_centre_lines(&alone).map_err(failed)?;
        let length = tree.length_mm(0);
        let change = match change {
            // The line of straight pieces may be shorter by a hair.
            VesselEdit::Reshape { branch, from_mm, to_mm, diameter_mm } => {
                VesselEdit::Reshape { branch, from_mm, to_mm: to_mm.min(length), diameter_mm }
            }
            other => other,
        };
        let setup = TreeSetup {
            inflow: TreeInflow::Flow(Waveform::constant(flow_m3_s)),
            mean_flow_m3_s: flow_m3_s,
            wall: Wall::Rigid,
            outlets: Outlets::Resistance,
            ..params.setup(lines)?
        };
        let mut network = tree.edited(&change).and_then(|tree| tree.network(&setup)).map_err(failed)?;
        let beside = Beside::steady(&mut network, &Progress::default()).map_err(failed)?;
        let at = |place: f64| beside.mmhg(0, place - self.whole[0]).unwrap_or(f64::NAN);
        Ok(at(self.read[0]) - at(self.read[1]))
    }

    fn solve(
        &self,
        params: &Params,
        lines: &CentreLines,
        state: &State,
        progress: &Progress,
    ) -> Result<ChangeInSpace, CommandError> {
        let on_branch = || state.means.iter().filter(|means| means.piece.branch == Some(self.branch));
        let at = |place: f64| on_branch().find(|means| place <= means.piece.to_mm).or_else(|| on_branch().next_back());
        let middle = 0.5 * (self.changed[0] + self.changed[1]);
        let (Some(here), Some(behind)) = (at(middle), at(self.read[1])) else {
            return Err(CommandError::Failed("the network has no such branch".into()));
        };
        let flow_ml_s = 1e6 * here.flow_m3_s;
        if flow_ml_s < FLOW_MIN_ML_S {
            let text = format!("{flow_ml_s:.4} ml/s flow through it, too little to compute in space");
            return Err(CommandError::Failed(text));
        }
        let network_mmhg = self.network_mmhg(params, lines, here.flow_m3_s)?;
        let read = self.read.map(|place| place - self.whole[0]);
        let fluid = params.setup(lines)?.fluid;
        let found = in_space(&self.changed_line(), read, flow_ml_s, &fluid, progress);
        let found = found.map_err(|error| CommandError::failed(&error))?;
        let lost_mmhg = found.lost_pa / PA_PER_MMHG;
        let root_pa = if behind.ratio == 0.0 { f64::NAN } else { behind.pressure_out_pa / behind.ratio };
        let length_mm = behind.piece.to_mm - behind.piece.from_mm;
        let part = if 0.0 < length_mm { (self.read[1] - behind.piece.from_mm) / length_mm } else { 1.0 };
        let behind_pa = behind.pressure_in_pa + (behind.pressure_out_pa - behind.pressure_in_pa) * part.clamp(0.0, 1.0);
        let more_pa = (lost_mmhg - network_mmhg) * PA_PER_MMHG;
        Ok(ChangeInSpace {
            branch: self.branch,
            flow_ml_s,
            lost_mmhg,
            network_mmhg,
            ratio: (behind_pa - more_pa) / root_pa,
            network_ratio: behind_pa / root_pa,
            reynolds: found.reynolds,
            cells: found.cells,
            cell_mm: found.cell_mm,
            seconds: found.seconds,
            warnings: found.warnings,
        })
    }
}

/// `summary` with what was computed in space.
pub(super) fn tell(summary: Summary, known: &InSpace) -> Summary {
    let columns = [
        ("flow", "ml/s"),
        ("pressure lost in space", "mmHg"),
        ("by the network", "mmHg"),
        ("pressure ratio behind, in space", "1"),
        ("by the network", "1"),
        ("Reynolds number", "1"),
        ("cell", "mm"),
    ];
    let mut table = Table::new("Changed stretches in space beside the network", "change", &columns);
    let mut summary = summary;
    for (n, found) in known {
        match found {
            Ok(own) => {
                let values = [
                    own.flow_ml_s,
                    own.lost_mmhg,
                    own.network_mmhg,
                    own.ratio,
                    own.network_ratio,
                    own.reynolds,
                    own.cell_mm,
                ];
                table = table.row(format!("{}, branch {}", n + 1, own.branch + 1), values.into_iter().map(Some));
                let lost = format!("pressure lost by change {} in space", n + 1);
                summary = summary.fact(&lost, own.lost_mmhg, "mmHg");
                summary = own
                    .warnings
                    .iter()
                    .fold(summary, |summary, warning| summary.warning(format!("change {} in space: {warning}", n + 1)));
            }
            Err(text) => summary = summary.warning(format!("change {} was not computed in space: {text}", n + 1)),
        }
    }
    summary
        .table(table)
        .method("changed stretches in space: lattice Boltzmann at the network's flow, the vessel round along its line from 3 diameters before to 8 behind, the change going over within half a diameter")
        .limit("a stretch in space ends at its branch, and what branches off it is left out; the flow is the network's")
}
