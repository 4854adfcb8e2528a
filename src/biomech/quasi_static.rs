//! From a problem to its equilibrium: check, assemble, solve, account.

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::newton::Newton;
use super::problem::{Options, Problem, TissueError};
use super::result::TissueResult;
use super::rigid::check_held;
use super::stress::element_states;
use super::summary::summarise;
use crate::base::{Progress, Summary};

/// Find where the body comes to rest under its loads.
///
/// Inertia and viscosity play no part: the answer is the end of a slow motion. The load is applied in steps as large
/// as converge. The same bits on any number of threads.
///
/// # Errors
/// [`TissueError`]: what is wrong with the problem, or what the load did to it, in one sentence.
pub fn quasi_static(
    problem: &Problem,
    options: &Options,
    progress: &Progress,
) -> Result<(TissueResult, Summary), TissueError> {
    let prepare = progress.part(0.0..0.1, "assemble");
    let assembly = Assembly::new(problem.mesh, problem.materials, problem.model, options.formulation)?;
    prepare.set(0.3)?;
    let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
    let case = LoadCase::new(problem, &volumes_m3, &assembly.densities)?;
    check_held(problem.mesh, &case.imposed_m)?;
    prepare.set(0.6)?;
    let newton = Newton::new(&assembly, &case, problem.model, options)?;
    let (end, solver) = newton.run(&progress.part(0.1..0.97, "equilibrium"))?;
    let finish = progress.part(0.97..1.0, "stress");
    finish.set(0.0)?;
    let states = element_states(&assembly, &end.x);
    let result = TissueResult::new(&assembly, problem.fixed, &end, &states);
    let summary = summarise(problem, &assembly, &end, &states, &result, solver);
    finish.set(1.0)?;
    Ok((result, summary))
}
