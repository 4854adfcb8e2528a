//! What to compute, and what it will cost before it is computed.

use super::checkpoint::Keeper;
use super::domain::{Domain, OPENINGS_MAX, PLACES_MAX_MILLIONS};
use super::error::{FlowError, positive};
use super::fluid::Fluid;
use super::lattice::CS2;
use super::lumen::Lumen;
use super::opening::Opening;
use super::plan::peak_m_s;
use super::populations::{CELLS_MAX, Populations};
use super::ranks::Ranks;
use super::result::FlowResult;
use super::simulation::Simulation;
use super::start;
use super::units::Units;
use crate::base::Progress;
use std::sync::Arc;

/// Millions of cell updates a second that cost estimates assume (two cores of a laptop, shared).
const ASSUMED_MLUPS: f64 = 90.0;
/// How often the fluid is exchanged before the flow is steady, for cost estimates: from rest, and on a fine lattice
/// from the flow on a coarse one, which costs a sixteenth.
const EXCHANGES: f64 = 3.0;
const EXCHANGES_STARTED: f64 = 1.2;
/// Fewer cells than this across the inlet give numbers that are not to be believed.
pub(super) const CELLS_ACROSS_MIN: f64 = 10.0;

/// How fine the lattice is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resolution {
    /// Edge of a cell in mm.
    CellMm(f64),
    /// Cells across the diameter of the first inlet.
    CellsAcross(f64),
}

/// Which collision operator runs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Scheme {
    /// Two relaxation times where they are stable, else regularised.
    #[default]
    Auto,
    /// Two relaxation times with Λ = 3/16.
    Trt,
    /// Recursive regularisation with this Smagorinsky constant (0: no eddy viscosity).
    Regularised {
        /// The constant C of ν_t = (C Δx)² |S|.
        smagorinsky: f64,
    },
}

/// How walls between cell centres are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Walls {
    /// Where they are, by linear interpolation along links (Bouzidi et al. 2001).
    #[default]
    Interpolated,
    /// In the middle of every link: a staircase.
    HalfWay,
}

/// What decides how the flow divides between several outlets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Split {
    /// The pressures of the outlets.
    #[default]
    Pressure,
    /// The third power of their radii (Murray 1926, Proc. Natl. Acad. Sci. 12:207): for branches that are cut off, whose
    /// resistance beyond the cut nobody knows. The widest outlet keeps its pressure and takes what is left.
    Murray,
    /// Their areas, which gives equal mean speeds; otherwise as by Murray's law.
    Area,
}

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The processor: the same bits each time.
    #[default]
    Processor,
    /// A graphics card where a few steps show that it is faster: the same up to the rounding of single precision.
    Fastest,
}

/// A flow problem.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where fluid may be.
    pub lumen: Lumen,
    /// Where it comes in and goes out; at least one inlet and one outlet.
    pub openings: Vec<Opening>,
    /// What flows.
    pub fluid: Fluid,
    /// How fine the lattice is.
    pub resolution: Resolution,
    /// Highest Mach number of the lattice; its square is the error of compressibility.
    pub mach: f64,
    /// Which collision operator runs.
    pub scheme: Scheme,
    /// How walls are treated.
    pub walls: Walls,
    /// What decides how the flow divides between several outlets.
    pub split: Split,
    /// Steady when pressure drop, kinetic energy, friction and every outlet are expected to change by less than this
    /// share for ever after.
    pub tolerance: f64,
    /// Stop when the inflow has exchanged the fluid this often, even if the flow still changes.
    pub exchanges_max: f64,
    /// Stop after this many steps even if the flow still changes.
    pub steps_max: usize,
    /// End after this many steps, those of unstable attempts counted, with what there is then: where somebody ended the
    /// same computation by hand.
    pub end_after: Option<usize>,
    /// Whether somebody may end the computation by hand, with what there is then: only where it is written down at which
    /// step, so that it can be done again.
    pub ends_by_hand: bool,
    /// Whether this is only the flow that another one starts from.
    pub(super) only_to_start: bool,
    /// Streamlines to trace.
    pub streamlines: usize,
    /// What computes.
    pub device: Device,
    /// Earlier flow in much the same lumen to start from, in place of one on a coarser lattice; steady flow only.
    pub start: Option<Arc<FlowResult>>,
    /// The other ranks that compute the same, if there are any; all of them get the result.
    pub ranks: Option<Arc<dyn Ranks>>,
    /// Where checkpoints are kept, if they are; steady flow on the processor only.
    pub keeper: Option<Arc<dyn Keeper>>,
}

/// What a computation will cost. Estimates, within a factor of about three.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Edge of a cell in mm.
    pub cell_mm: f64,
    /// Cells across the first inlet.
    pub cells_across: f64,
    /// Fluid cells.
    pub cells: f64,
    /// Steps to steady flow; those on a coarser lattice before count as a sixteenth.
    pub steps: f64,
    /// Time of one step in s.
    pub step_s: f64,
    /// Duration on two cores in s.
    pub seconds: f64,
    /// Memory in bytes.
    pub bytes: f64,
    /// Reynolds number at the first inlet.
    pub reynolds: f64,
    /// Relaxation time.
    pub tau: f64,
}

impl Setup {
    /// A set-up with the usual choices: 20 cells across the inlet, Mach 0.1, interpolated walls, outlets by
    /// their pressure, tolerance 0.001, at most 8 exchanges of the fluid, 300 streamlines.
    pub fn new(lumen: Lumen, openings: Vec<Opening>, fluid: Fluid) -> Self {
        Self {
            lumen,
            openings,
            fluid,
            resolution: Resolution::CellsAcross(20.0),
            mach: 0.1,
            scheme: Scheme::Auto,
            walls: Walls::Interpolated,
            split: Split::Pressure,
            tolerance: 1e-3,
            exchanges_max: 8.0,
            steps_max: 1_000_000,
            end_after: None,
            ends_by_hand: false,
            only_to_start: false,
            streamlines: 300,
            device: Device::Processor,
            start: None,
            ranks: None,
            keeper: None,
        }
    }

    /// Let `simulation` step where it is to; the sentence that says where, and why.
    pub(super) fn choose_device(&self, simulation: &mut Simulation) -> Option<String> {
        let choose = || match &simulation.part {
            Some(part) => format!("{} ranks compute on their processors", part.ranks.size()),
            None => simulation.choose_device(),
        };
        (self.device == Device::Fastest).then(choose)
    }

    /// The first inlet.
    pub(super) fn inlet(&self) -> Result<&Opening, FlowError> {
        let openings = self.openings.len();
        if openings == 0 {
            return Err(FlowError::Closed);
        }
        self.openings.iter().find(|o| o.kind.is_inlet()).ok_or(FlowError::NoInlet { openings })
    }

    pub(super) fn cell_mm(&self) -> Result<f64, FlowError> {
        match self.resolution {
            Resolution::CellMm(cell_mm) => positive("the edge of a cell", cell_mm, "mm"),
            Resolution::CellsAcross(n) => {
                Ok(2.0 * self.inlet()?.radius_mm / positive("the number of cells across the inlet", n, "cells")?)
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), FlowError> {
        self.fluid.check()?;
        for opening in &self.openings {
            opening.check()?;
        }
        self.inlet()?;
        if self.openings.iter().all(|opening| opening.kind.is_inlet()) {
            return Err(FlowError::NoOutlet);
        }
        if OPENINGS_MAX < self.openings.len() {
            let value = self.openings.len().to_string();
            return Err(FlowError::BadNumber { what: "the number of openings", value, limit: "at most 250" });
        }
        if !(0.0 < self.mach && self.mach <= 0.3) {
            let value = self.mach.to_string();
            return Err(FlowError::BadNumber { what: "the Mach number", value, limit: "more than 0 and at most 0.3" });
        }
        if self.keeper.is_some() && self.device != Device::Processor {
            let text =
                "checkpoints are kept of what the processor computes; let the processor compute, or do without them";
            return Err(FlowError::Checkpoint(text.into()));
        }
        positive("the tolerance", self.tolerance, "")?;
        positive("the number of exchanges of the fluid", self.exchanges_max, "")?;
        self.cell_mm().map(|_| ())
    }
}

/// What `setup` will cost.
///
/// # Errors
/// [`FlowError`] if the set-up cannot be computed at all.
pub fn estimate(setup: &Setup) -> Result<Cost, FlowError> {
    let (mut cost, peak_m_s) = cost_of_a_step(setup, 1.0)?;
    let (inlet, cells) = (setup.inlet()?, cost.cells);
    let units = Units::choose(&setup.fluid, cost.cell_mm * 1e-3, peak_m_s, setup.mach);
    let inflow_ml_s: f64 = setup.openings.iter().map(Opening::inflow_ml_s).sum();
    let exchange = cells * units.flow_ml_s() / inflow_ml_s;
    let ramp = 2.0 * setup.lumen.diagonal_mm() / cost.cell_mm / CS2.sqrt();
    let from_rest = ramp + EXCHANGES.min(setup.exchanges_max) * exchange;
    let has_coarse = setup.start.is_some() || start::ACROSS_MIN <= inlet.radius_mm / cost.cell_mm;
    let steps =
        if has_coarse { EXCHANGES_STARTED.min(setup.exchanges_max) * exchange + from_rest / 16.0 } else { from_rest };
    cost.take(steps.min(setup.steps_max as f64));
    Ok(cost)
}

/// What `setup` costs but for its steps, when the largest flow is `largest` times that of its inlets; and the highest
/// speed to be expected in m/s.
pub(super) fn cost_of_a_step(setup: &Setup, largest: f64) -> Result<(Cost, f64), FlowError> {
    setup.check()?;
    let (inlet, cell_mm) = (setup.inlet()?, setup.cell_mm()?);
    let cells = setup.lumen.volume_mm3() / cell_mm.powi(3);
    let millions = setup.lumen.places(cell_mm).iter().product::<f64>() * 1e-6;
    if millions.is_nan() || (PLACES_MAX_MILLIONS as f64) < millions || CELLS_MAX as f64 <= cells {
        return Err(FlowError::TooFine { cell_mm, millions, limit: PLACES_MAX_MILLIONS });
    }
    let mean_m_s = inlet.inflow_ml_s() / inlet.area_mm2;
    // The narrowest place decides how fast the fluid gets; a lattice of a few cells across shows it.
    let rough_mm = cell_mm.max(2.0 * inlet.radius_mm / CELLS_ACROSS_MIN);
    let rough = Domain::new(&setup.lumen, &setup.openings, rough_mm, &Progress::default());
    let peak_m_s = largest * rough.map_or(2.0 * mean_m_s, |domain| peak_m_s(setup, &domain));
    let units = Units::choose(&setup.fluid, cell_mm * 1e-3, peak_m_s, setup.mach);
    let cost = Cost {
        cell_mm,
        cells_across: 2.0 * inlet.radius_mm / cell_mm,
        cells,
        steps: 0.0,
        step_s: units.step_s,
        seconds: 0.0,
        bytes: Populations::bytes_for(cells as usize) as f64 + millions * 1e6 * 6.0 + cells * 60.0,
        reynolds: setup.fluid.reynolds(mean_m_s, 2e-3 * inlet.radius_mm),
        tau: units.tau(&setup.fluid),
    };
    Ok((cost, peak_m_s))
}

impl Cost {
    /// Take so many steps.
    pub(super) fn take(&mut self, steps: f64) {
        self.steps = steps;
        self.seconds = self.cells * steps / (ASSUMED_MLUPS * 1e6);
    }
}
