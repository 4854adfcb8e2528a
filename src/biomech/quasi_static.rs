//! From a problem to its equilibrium: check, assemble, solve, account.

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::contact::ContactResult;
use super::material::Fibre;
use super::newton::Newton;
use super::problem::{Options, Problem, TissueError};
use super::quadratic::loads::QuadraticCase;
use super::quadratic::{Detail, Quadratic, means};
use super::recovery::estimate;
use super::result::TissueResult;
use super::rigid::check_held;
use super::stress::element_states;
use super::summary::summarise;
use super::system::System;
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
    quasi_static_with_fibres(problem, &[], options, progress)
}

/// As [`quasi_static()`], for materials and loads with fibres: one entry of `fibres` per tetrahedron.
///
/// # Errors
/// [`TissueError`].
pub fn quasi_static_with_fibres(
    problem: &Problem,
    fibres: &[Fibre],
    options: &Options,
    progress: &Progress,
) -> Result<(TissueResult, Summary), TissueError> {
    quasi_static_in_detail(problem, fibres, &Detail::default(), options, progress)
}

/// As [`quasi_static_with_fibres`], with what only quadratic elements can use: bent edges, and fibres that turn within
/// a tetrahedron.
///
/// # Errors
/// [`TissueError`].
pub fn quasi_static_in_detail(
    problem: &Problem,
    fibres: &[Fibre],
    detail: &Detail,
    options: &Options,
    progress: &Progress,
) -> Result<(TissueResult, Summary), TissueError> {
    let (result, summary, _) = solve(problem, fibres, detail, options, progress)?;
    Ok((result, summary))
}

/// As [`quasi_static_with_fibres`], and what contact of tissue with tissue and friction did: `None` without
/// [`super::Load::Contact`] and instruments that rub.
///
/// # Errors
/// [`TissueError`].
pub fn quasi_static_in_contact(
    problem: &Problem,
    fibres: &[Fibre],
    options: &Options,
    progress: &Progress,
) -> Result<(TissueResult, Summary, Option<ContactResult>), TissueError> {
    solve(problem, fibres, &Detail::default(), options, progress)
}

fn solve(
    problem: &Problem,
    fibres: &[Fibre],
    detail: &Detail,
    options: &Options,
    progress: &Progress,
) -> Result<(TissueResult, Summary, Option<ContactResult>), TissueError> {
    let prepare = progress.part(0.0..0.1, "assemble");
    let Problem { mesh, materials, model, .. } = *problem;
    let assembly = Assembly::with_fibres(mesh, materials, fibres, model, options.formulation)?;
    prepare.set(0.3)?;
    let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
    let case = LoadCase::new(problem, &volumes_m3, &assembly.densities)?;
    case.check_fibres(problem, fibres)?;
    check_held(mesh, &case.imposed_m)?;
    prepare.set(0.6)?;
    let solve = progress.part(0.1..0.97, "equilibrium");
    let (end, states, known, solver) = if options.formulation.is_quadratic() {
        let body = Quadratic::new(&assembly, detail)?;
        let own = QuadraticCase::new(&body, problem, &case)?;
        let (end, solver) = Newton::new(&body, &own, model, options)?.run(&solve)?;
        let samples = body.samples(&own, &end.x);
        let known = (body.estimate(&samples).relative, body.unknowns());
        (body.at_vertices(end), means(&samples), known, solver)
    } else {
        let (end, solver) = Newton::new(&assembly, &case, model, options)?.run(&solve)?;
        let mut states = element_states(&assembly, &end.x);
        assembly.add_active_stress(&case, 1.0, &end.x, &mut states);
        let known = (estimate(&assembly, &states).relative, assembly.unknowns());
        (end, states, known, solver)
    };
    let finish = progress.part(0.97..1.0, "stress");
    finish.set(0.0)?;
    let result = TissueResult::new(&assembly, problem.fixed, &end, &states);
    let contact = end.contact.as_ref().map(|touching| ContactResult::new(touching, mesh.positions().len()));
    let summary = summarise(problem, &assembly, &case, &end, &states, known, &result, solver);
    finish.set(1.0)?;
    Ok((result, summary, contact))
}
