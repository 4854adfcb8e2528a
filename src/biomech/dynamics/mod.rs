//! Motion in time on the accurate linear elements: inertia, damping, loads that change, and an account of energy.
//!
//! Where [`super::quasi_static()`] says where a body comes to rest, this says how it gets there.

mod account;
mod element;
mod schedule;
mod step;
#[cfg(test)]
mod tests;

pub use account::Account;

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::material::{Fibre, Model};
use super::newton::Newton;
use super::problem::{Formulation, Options, Problem, TissueError};
use super::units::{offset_m, offset_mm};
use crate::base::{Progress, Summary};
use crate::geom::Vector;
use schedule::Schedule;
use step::{State, Stepper};

/// Time steps there may be.
pub const STEPS_MAX: f64 = 1e6;
/// How often a time step that fails is halved.
const HALVINGS: u32 = 6;

/// Share of a load at a time in s.
pub type Wave<'a> = &'a (dyn Fn(f64) -> f64 + Sync);

/// How a body is set in motion and for how long it is followed.
#[derive(Clone, Copy)]
pub struct Motion<'a> {
    /// Share of each load, in the order of [`Problem::loads`]; loads beyond the list act whole at all times.
    pub waves: &'a [Wave<'a>],
    /// Displacement of each vertex at 0 s, mm; empty for the body at rest.
    pub displacement_mm: &'a [Vector],
    /// Velocity of each vertex at 0 s, mm/s; empty for none. Vertices that are moved start as they are moved.
    pub velocity_mm_s: &'a [Vector],
    /// Longest time step, s: the period of the quickest motion of interest over 20 or more.
    pub step_s: f64,
    /// When the answer is wanted, s, ascending from 0; the motion ends with the last.
    pub frames_s: &'a [f64],
    /// What slows it down.
    pub damping: Damping,
}

/// Resistance to motion; by default none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Damping {
    /// Force of a medium at rest over momentum, 1/s: the first constant of Rayleigh.
    pub mass_per_s: f64,
    /// Viscous over elastic resistance to a change of shape, s: the second constant of Rayleigh, but blind to turns
    /// and to volume, S = 2 μ β dev Ė with Ė the rate of Green's strain.
    pub shape_s: f64,
}

/// Where the body is at one moment. Arrays are in the order of the mesh.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// When, s.
    pub at_s: f64,
    /// Displacement of each vertex, mm.
    pub displacement_mm: Vec<Vector>,
    /// Velocity of each vertex, mm/s.
    pub velocity_mm_s: Vec<Vector>,
}

/// A motion: what was asked for, and energy and momentum at the start and after every time step.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// One per entry of [`Motion::frames_s`].
    pub frames: Vec<Frame>,
    /// The start, then one per time step.
    pub accounts: Vec<Account>,
}

/// Follow a body in time, with inertia.
///
/// Energy and momentum are those of the body at any step size: the midpoint rule, with the stress
///
/// ```text
/// M (v₁ − v₀)/h = f − W F_mid S g     (u₁ − u₀)/h = ½ (v₀ + v₁)     F_mid = ½ (F₀ + F₁)     C = FᵀF
/// S = mean of 2 ∂ψ/∂C on the way from C₀ to C₁, so that S : ½ (C₁ − C₀) = ψ(C₁) − ψ(C₀)
/// ```
///
/// (Simo and Tarnow 1992, Z Angew Math Phys 43:757; Gonzalez 2000, Comput Methods Appl Mech Eng 190:1763; mixed
/// elements carry volume with the mean of the pressures at both ends, and keep their volume equation at the end of
/// the step). Second order in h. [`Model::LinearElastic`] keeps energy and momentum but not angular momentum, as
/// small strains must. Mass is lumped: ρ W/4 at each corner. A body may be free.
///
/// Constraints: the formulations with linear elements. A time step that fails is halved up to six times.
///
/// # Errors
/// [`TissueError`], as [`super::quasi_static()`]; [`TissueError::BadTime`], [`TissueError::BadMotion`],
/// [`TissueError::NoInertia`], [`TissueError::Lost`].
pub fn dynamics(
    problem: &Problem,
    fibres: &[Fibre],
    motion: &Motion,
    options: &Options,
    progress: &Progress,
) -> Result<(Course, Summary), TissueError> {
    if options.formulation.is_quadratic() {
        return Err(TissueError::NoInertia);
    }
    let Problem { mesh, materials, model, .. } = *problem;
    check(motion, mesh.positions().len())?;
    let assembly = Assembly::with_fibres(mesh, materials, fibres, model, options.formulation)?;
    let schedule = Schedule::new(problem, &assembly, fibres, motion.waves)?;
    let mut state = start(&assembly, &schedule, motion, options, progress)?;
    let mut stepper = Stepper::new(&assembly, &schedule, motion.damping, options)?;
    let end_s = motion.frames_s.last().copied().unwrap_or(0.0);
    let count = (end_s / motion.step_s - 1e-9).ceil().max(0.0);
    let h = if 0.0 < count { end_s / count } else { 0.0 };
    let mut accounts = vec![stepper.account(&state)];
    let mut frames = Vec::with_capacity(motion.frames_s.len());
    let mut wanted = motion.frames_s.iter().copied().peekable();
    while let Some(at_s) = wanted.next_if(|at_s| *at_s <= 0.0) {
        frames.push(frame(&assembly, &state, &state, at_s));
    }
    for n in 1..=count as usize {
        progress.step(n - 1, count as usize)?;
        let at_s = if n as f64 == count { end_s } else { end_s * n as f64 / count };
        let before = state.clone();
        stepper.advance(&schedule, &mut state, h, HALVINGS, progress)?;
        state.at_s = at_s;
        accounts.push(stepper.account(&state));
        while let Some(at_s) = wanted.next_if(|wanted| *wanted <= at_s) {
            frames.push(frame(&assembly, &before, &state, at_s));
        }
    }
    let course = Course { frames, accounts };
    let summary = summarise(&course, &assembly, &stepper, h, model);
    Ok((course, summary))
}

fn check(motion: &Motion, vertices: usize) -> Result<(), TissueError> {
    let Motion { displacement_mm, velocity_mm_s, step_s, frames_s, damping, .. } = *motion;
    let mut before_s = 0.0;
    for (moment, at_s) in (1..).zip(frames_s.iter().copied()) {
        if !(at_s.is_finite() && before_s <= at_s) {
            return Err(TissueError::BadTime { moment, at_s, before_s });
        }
        before_s = at_s;
    }
    let bad = |what, value, limit| Err(TissueError::BadMotion { what, value, limit });
    if !(0.0 < step_s && step_s.is_finite() && before_s / step_s <= STEPS_MAX) {
        return bad("time step", step_s, "above 0 s and at least a millionth of the whole time");
    }
    for (what, value) in [("damping by mass", damping.mass_per_s), ("damping by shape", damping.shape_s)] {
        if !(0.0 <= value && value.is_finite()) {
            return bad(what, value, "at least 0 and finite");
        }
    }
    let lists = [
        ("number of displacements at the start", displacement_mm),
        ("number of velocities at the start", velocity_mm_s),
    ];
    for (what, list) in lists {
        if !list.is_empty() && list.len() != vertices {
            return bad(what, list.len() as f64, "none, or one for each vertex of the mesh");
        }
        if let Some(value) = list.iter().flat_map(|v| v.iter()).find(|value| !value.is_finite()) {
            return bad("largest displacement or velocity at the start", *value, "finite");
        }
    }
    Ok(())
}

/// The body at 0 s. The pressure of mixed elements is the one that belongs to the displacement.
fn start(
    assembly: &Assembly,
    schedule: &Schedule,
    motion: &Motion,
    options: &Options,
    progress: &Progress,
) -> Result<State, TissueError> {
    let fields = assembly.fields();
    let imposed = schedule.imposed_m(0.0);
    let count = imposed.len();
    let place = |v: usize| {
        let given = motion.displacement_mm.get(v).map_or_else(Vector::zeros, offset_m);
        Vector::from_fn(|axis, _| imposed[v][axis].unwrap_or(given[axis]))
    };
    let moves: Vec<Vector> = (0..count).map(place).collect();
    let mut x = vec![0.0; assembly.unknowns()];
    x.chunks_exact_mut(fields).zip(&moves).for_each(|(x, u)| x[..3].copy_from_slice(u.as_slice()));
    if assembly.formulation == Formulation::Mixed && moves.iter().any(|u| *u != Vector::zeros()) {
        let held = moves.iter().map(|u| [Some(u.x), Some(u.y), Some(u.z)]).collect();
        let case = LoadCase { imposed_m: held, ..schedule.nothing() };
        let model = assembly.laws.first().map_or(Model::LinearElastic, |law| law.model);
        x = Newton::new(assembly, &case, model, options)?.run(progress)?.0.x;
    }
    // What is moved from the start is moving already; a difference over a small part of a step is near enough.
    let moment_s = motion.step_s / 1024.0;
    let soon = schedule.imposed_m(moment_s);
    let mut v = vec![0.0; x.len()];
    for (vertex, v) in v.chunks_exact_mut(fields).enumerate() {
        let given = motion.velocity_mm_s.get(vertex).map_or_else(Vector::zeros, offset_m);
        for axis in 0..3 {
            let rate = imposed[vertex][axis].zip(soon[vertex][axis]).map(|(now, soon)| (soon - now) / moment_s);
            v[axis] = rate.unwrap_or(given[axis]);
        }
    }
    Ok(State { at_s: 0.0, x, v, loads_j: 0.0, supports_j: 0.0, damped_j: 0.0, iterations: 0 })
}

/// The body between two states, by cubic interpolation of displacement and velocity (Hermite).
fn frame(assembly: &Assembly, from: &State, to: &State, at_s: f64) -> Frame {
    let (fields, h) = (assembly.fields(), to.at_s - from.at_s);
    let s = if 0.0 < h { (at_s - from.at_s) / h } else { 1.0 };
    let at = |values: &[f64], n: usize| Vector::from_column_slice(&values[fields * n..][..3]);
    let vertices = 0..assembly.mesh.positions().len();
    let place = |n: usize| {
        let (u, w, v, z) = (at(&from.x, n), at(&to.x, n), at(&from.v, n), at(&to.v, n));
        let step = s * s * (3.0 - 2.0 * s);
        offset_mm(&(u + (w - u) * step + (v * (1.0 - s) - z * s) * (h * s * (1.0 - s))))
    };
    let speed = |n: usize| {
        let (u, w, v, z) = (at(&from.x, n), at(&to.x, n), at(&from.v, n), at(&to.v, n));
        let mean = if 0.0 < h { (w - u) / h } else { z };
        offset_mm(&(mean * (6.0 * s * (1.0 - s)) + v * ((1.0 - s) * (1.0 - 3.0 * s)) + z * (s * (3.0 * s - 2.0))))
    };
    Frame { at_s, displacement_mm: vertices.clone().map(place).collect(), velocity_mm_s: vertices.map(speed).collect() }
}

fn summarise(course: &Course, assembly: &Assembly, stepper: &Stepper, h: f64, model: Model) -> Summary {
    let largest = |value: fn(&Account) -> f64| course.accounts.iter().map(value).fold(0.0, f64::max);
    let moved = course.frames.iter().flat_map(|frame| &frame.displacement_mm).map(Vector::norm).fold(0.0, f64::max);
    let defect = course.accounts.iter().map(|account| account.defect_j(&course.accounts[0]).abs()).fold(0.0, f64::max);
    let size = largest(Account::turned_over_j);
    let summary = Summary::default()
        .fact("largest displacement in the frames", moved, "mm")
        .fact("largest kinetic energy", 1e3 * largest(|account| account.kinetic_j), "mJ")
        .fact("largest elastic energy", 1e3 * largest(|account| account.elastic_j), "mJ")
        .fact("energy that appears or vanishes, over the energy that is turned over", if 0.0 < size { defect / size } else { 0.0 }, "1")
        .fact("time step", 1e3 * h, "ms")
        .fact("time steps", course.accounts.len().saturating_sub(1) as f64, "1")
        .fact("Newton iterations", course.accounts.last().map_or(0, |account| account.iterations) as f64, "1")
        .fact("tetrahedra", assembly.elements.len() as f64, "1")
        .method("motion in time by the midpoint rule that keeps energy and momentum (Simo and Tarnow 1992; Gonzalez 2000), lumped mass")
        .method(format!("Newton's method with the tangent in the middle of the step; {}", stepper.solver_name()))
        .limit("motions quicker than about ten time steps are followed with a wrong period, though without gaining energy")
        .limit("linear elements with lumped mass: frequencies of bending converge with the square of the element width");
    if model == Model::LinearElastic {
        return summary.limit("small strains and small turns; angular momentum is not kept");
    }
    summary
}
