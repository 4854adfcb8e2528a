//! From a set-up and a breath to its steady flows, and the breath.

use super::cycle::BreathCycle;
use super::ends::{Ends, from_centre, shares};
use super::law::Rohrer;
use super::pattern::Breath;
use super::report;
use crate::base::{Progress, Summary};
use crate::flow::error::FlowError;
use crate::flow::start::ACROSS_MIN;
use crate::flow::{
    Cost, FlowResult, Inflow, Opening, OpeningKind, Profile, Resolution, Setup, Split, estimate, simulate,
};
use std::sync::Arc;

/// What goes out of the airways has the shares of what came in; less than this share of one is none.
const SHARE_MIN: f64 = 1e-4;
/// The flow on twice the cells, from which air starts to go out: it may change by this share more, and is not followed for
/// longer than so many exchanges.
const COARSE_TOLERANCE: f64 = 3e-3;
const COARSE_EXCHANGES: f64 = 3.0;

/// Which way air goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the airways.
    In,
    /// Out of them.
    Out,
}

/// One of the steady flows of a breath.
#[derive(Debug, Clone, PartialEq)]
pub struct SteadyFlow {
    /// Which way it goes.
    pub direction: Direction,
    /// How much flows, ml/s, more than 0.
    pub flow_ml_s: f64,
    /// Pressures and kinetic energy.
    pub ends: Ends,
    /// By which share something is still expected to change.
    pub to_come: f64,
    /// What the computation says of it.
    pub summary: Summary,
}

/// A breath.
#[derive(Debug, Clone, PartialEq)]
pub struct Breathing {
    /// The flow at the peak of inspiration. Pressures are from the central end on.
    pub inspiration: FlowResult,
    /// The flow at the peak of expiration: the same openings, with a flow into the lumen that is negative at the central
    /// end.
    pub expiration: FlowResult,
    /// All steady flows: from the peak down, in before out.
    pub steady: Vec<SteadyFlow>,
    /// Share of each opening in the flow, 0 for the central end; in the order of the results' openings.
    pub shares: Vec<f64>,
    /// Laws of the pressure drop, in and out.
    pub drop: [Rohrer; 2],
    /// Laws of the total pressure lost, in and out.
    pub lost: [Rohrer; 2],
    /// Pressure over acceleration in Pa s²/ml.
    pub inertance_pa_s2_ml: f64,
    /// The breath itself.
    pub cycle: BreathCycle,
    /// What the result says of itself.
    pub summary: Summary,
}

impl Breathing {
    /// The steady flows of one direction, from the peak down.
    pub fn way(&self, direction: Direction) -> impl Iterator<Item = &SteadyFlow> {
        self.steady.iter().filter(move |flow| flow.direction == direction)
    }
}

/// Compute a breath in airways with one inlet, the central end, through which all of it goes.
///
/// Inspiration divides between the branches as the set-up says; what goes out of each branch is what came in, which is
/// what makes a breath repeat itself. The result has the same bits on any number of threads.
///
/// # Errors
/// [`FlowError`]: a set-up that cannot be computed or has several inlets, a branch out of which air flows while the rest
/// breathes in, a run that becomes unstable, or a cancelled one.
pub fn simulate_breath(setup: &Setup, breath: &Breath, progress: &Progress) -> Result<Breathing, FlowError> {
    if setup.keeper.is_some() {
        let text = "checkpoints are kept of steady flow only; do without them, or take a steady waveform";
        return Err(FlowError::Checkpoint(text.into()));
    }
    // A breath is several flows: none of them is ended by hand, or at a step meant for one flow.
    let setup = &Setup { ends_by_hand: false, end_after: None, ..prepared(setup, breath)? };
    let [peak_in, peak_out] = breath.peaks_ml_s();
    let count = breath.flows();
    let density = setup.fluid.density_kg_m3;
    let parts = 2 * count;
    let part = |n: usize, what| progress.part(n as f64 / parts as f64..(n + 1) as f64 / parts as f64, what);
    let mut steady = Vec::with_capacity(parts);
    // Inspiration, from the peak down: each flow starts from the one before.
    let mut inspiration: Option<FlowResult> = None;
    let mut start = None;
    for n in 0..count {
        let flow_ml_s = level(peak_in, n, count);
        let (result, summary) = simulate(&breathing_in(setup, flow_ml_s, n, start.take()), &part(n, "inspiration"))?;
        steady.push(steady_flow(Direction::In, flow_ml_s, &result, density, summary));
        start = Some(Arc::new(result.clone()));
        inspiration.get_or_insert(result);
    }
    let inspiration = inspiration.expect("a breath has at least two flows");
    let shares = shares(&inspiration, CENTRAL);
    for (flow, share) in inspiration.openings.iter().zip(&shares).skip(1) {
        if *share < SHARE_MIN {
            return Err(FlowError::BadNumber {
                what: "the share of a branch in the inspiration",
                value: format!("{:.2} % at '{}'", 100.0 * share, flow.opening.name),
                limit: "more than 0.01 %; take shares by radius or area in place of equal pressures",
            });
        }
    }
    let mut expiration: Option<FlowResult> = None;
    let out = breathing_out(setup, &inspiration, &shares);
    let mut start = None;
    for n in 0..count {
        let flow_ml_s = level(peak_out, n, count);
        let here = part(count + n, "expiration");
        let mut setup = with_flow(&out, flow_ml_s, n, start.take());
        if n == 0 {
            setup.start = coarse(&setup, &inspiration, &here.part(0.0..0.1, "expiration, coarse"))?;
        }
        let (result, summary) = simulate(&setup, &here.part(0.1..1.0, "expiration"))?;
        start = Some(Arc::new(result.clone()));
        let result = as_inspired(result, &inspiration)?;
        steady.push(steady_flow(Direction::Out, flow_ml_s, &result, density, summary));
        expiration.get_or_insert(result);
    }
    let expiration = from_centre(expiration.expect("a breath has at least two flows"), CENTRAL);
    let inspiration = from_centre(inspiration, CENTRAL);
    let law = |direction: Direction, of: fn(&Ends) -> f64| {
        let own = steady.iter().filter(|flow| flow.direction == direction);
        Rohrer::through(&own.map(|flow| [flow.flow_ml_s, of(&flow.ends)]).collect::<Vec<_>>())
    };
    let both = |of: fn(&Ends) -> f64| [law(Direction::In, of), law(Direction::Out, of)];
    let (drop, lost) = (both(|ends| ends.drop_pa), both(|ends| ends.lost_pa));
    // Joules are 1e6 µJ, and µJ are Pa ml.
    let inertance = |flow: &SteadyFlow| 2e6 * flow.ends.energy_j / flow.flow_ml_s.powi(2);
    let inertance_pa_s2_ml = 0.5 * (inertance(&steady[0]) + inertance(&steady[count]));
    let cycle = BreathCycle::new(breath, drop, lost, inertance_pa_s2_ml);
    let summary = Summary::default();
    let mut breathing =
        Breathing { inspiration, expiration, steady, shares, drop, lost, inertance_pa_s2_ml, cycle, summary };
    breathing.summary = report::summary(setup, breath, &breathing);
    Ok(breathing)
}

/// What `setup` with a breath will cost: every steady flow as much as the first one.
///
/// # Errors
/// [`FlowError`] if it cannot be computed at all.
pub fn estimate_breath(setup: &Setup, breath: &Breath) -> Result<Cost, FlowError> {
    let setup = prepared(setup, breath)?;
    let mut cost = estimate(&breathing_in(&setup, breath.peaks_ml_s()[0], 0, None))?;
    cost.take(cost.steps * (2 * breath.flows()) as f64);
    Ok(cost)
}

/// The central end is the first opening.
const CENTRAL: usize = 0;

/// The flow of step `n` of `count` down from the peak.
fn level(peak_ml_s: f64, n: usize, count: usize) -> f64 {
    peak_ml_s * (count - n) as f64 / count as f64
}

/// The set-up with the central end first, then the branches from wide to narrow, and cells of a given size.
fn prepared(setup: &Setup, breath: &Breath) -> Result<Setup, FlowError> {
    setup.check()?;
    let inlets = setup.openings.iter().filter(|opening| opening.kind.is_inlet()).count();
    if inlets != 1 {
        let what = "the number of inlets of airways that breathe";
        return Err(FlowError::BadNumber { what, value: inlets.to_string(), limit: "1, the central end" });
    }
    let cell_mm = setup.cell_mm()?;
    let mut setup = setup.clone();
    setup.resolution = Resolution::CellMm(cell_mm);
    // The window in which a flow counts as steady, and the coarse lattice, are those of the widest place air comes in by.
    setup.openings.sort_by(|a, b| b.kind.is_inlet().cmp(&a.kind.is_inlet()).then(b.radius_mm.total_cmp(&a.radius_mm)));
    for (n, opening) in setup.openings.iter_mut().enumerate() {
        opening.name = if n == CENTRAL { "central end".into() } else { format!("branch end {n}") };
    }
    setup.openings[CENTRAL].kind = inlet(breath.peaks_ml_s()[0]);
    Ok(setup)
}

fn inlet(flow_ml_s: f64) -> OpeningKind {
    OpeningKind::Inlet { inflow: Inflow::FlowMlS(flow_ml_s), profile: Profile::Developed }
}

/// The set-up of step `n` of inspiration.
fn breathing_in(setup: &Setup, flow_ml_s: f64, n: usize, start: Option<Arc<FlowResult>>) -> Setup {
    let mut setup = setup.clone();
    setup.openings[CENTRAL].kind = inlet(flow_ml_s);
    setup.start = start;
    if 0 < n {
        setup.streamlines = 0;
    }
    setup
}

/// The set-up of expiration with a flow of 1 ml/s: what went out comes in by the same shares.
fn breathing_out(setup: &Setup, inspiration: &FlowResult, shares: &[f64]) -> Setup {
    let turned = |(n, share): (usize, &f64)| {
        let opening = inspiration.openings[n].opening.clone();
        let kind = if n == CENTRAL { OpeningKind::Outlet { pressure_pa: 0.0 } } else { inlet(*share) };
        Opening { kind, ..opening }
    };
    let openings = shares.iter().enumerate().map(turned).collect();
    Setup { openings, split: Split::Pressure, ..setup.clone() }
}

/// The set-up of step `n` of expiration.
fn with_flow(out: &Setup, flow_ml_s: f64, n: usize, start: Option<Arc<FlowResult>>) -> Setup {
    let mut setup = out.clone();
    for opening in setup.openings.iter_mut().filter(|opening| opening.kind.is_inlet()) {
        opening.kind = inlet(opening.inflow_ml_s() * flow_ml_s);
    }
    setup.start = start;
    if 0 < n {
        setup.streamlines = 0;
    }
    setup
}

/// The same on twice the cells to start from; none if those are too coarse for the central end or for a branch. (What
/// a run does by itself looks at its first inlet, which is a branch here.)
fn coarse(setup: &Setup, inspiration: &FlowResult, progress: &Progress) -> Result<Option<Arc<FlowResult>>, FlowError> {
    let cell_mm = 2.0 * inspiration.cells.cell_mm();
    if 2.0 * inspiration.openings[CENTRAL].opening.radius_mm / cell_mm < ACROSS_MIN {
        return Ok(None);
    }
    let mut coarse = setup.clone();
    coarse.resolution = Resolution::CellMm(cell_mm);
    coarse.tolerance = coarse.tolerance.max(COARSE_TOLERANCE);
    coarse.exchanges_max = coarse.exchanges_max.min(COARSE_EXCHANGES);
    (coarse.streamlines, coarse.steps_max) = (0, coarse.steps_max / 2);
    match simulate(&coarse, progress) {
        Err(cancelled @ FlowError::Cancelled(_)) => Err(cancelled),
        // The fine lattice says itself what is wrong.
        Err(_) => Ok(None),
        Ok((result, _)) => Ok((result.openings.len() == inspiration.openings.len()).then(|| Arc::new(result))),
    }
}

/// A flow out of the airways with the openings of the flow into them, so that both can be followed from the central end.
fn as_inspired(mut result: FlowResult, inspiration: &FlowResult) -> Result<FlowResult, FlowError> {
    if result.openings.len() != inspiration.openings.len() {
        return Err(FlowError::BadNumber {
            what: "the number of openings of expiration",
            value: result.openings.len().to_string(),
            limit: "that of inspiration; choose smaller cells, so that every branch has some at its end",
        });
    }
    for (flow, inspired) in result.openings.iter_mut().zip(&inspiration.openings) {
        flow.opening = inspired.opening.clone();
    }
    if result.cells == inspiration.cells {
        result.cells = Arc::clone(&inspiration.cells);
    }
    Ok(result)
}

fn steady_flow(
    direction: Direction,
    flow_ml_s: f64,
    result: &FlowResult,
    density_kg_m3: f64,
    summary: Summary,
) -> SteadyFlow {
    let to_come = summary.value("change still expected").map_or(f64::NAN, |percent| 0.01 * percent);
    SteadyFlow { direction, flow_ml_s, ends: Ends::of(result, CENTRAL, density_kg_m3), to_come, summary }
}
