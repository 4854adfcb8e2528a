//! Tissue that creeps and relaxes: a Prony series on the stress of shape, in quasi-static steps of time.

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::check::check_branches;
use super::material::{Fibre, Law};
use super::newton::Newton;
use super::problem::{Options, Problem, TissueError};
use super::recovery::estimate;
use super::result::TissueResult;
use super::rigid::check_held;
use super::stress::element_states;
use super::summary::summarise;
use crate::base::{Progress, Summary};
use nalgebra::Matrix3;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The method in a sentence.
const METHOD: &str = "relaxation: generalised Maxwell model of finite strain on the stress of shape, second order in time (Simo 1987; Holzapfel 2000, section 6.10); inertia plays no part";

/// One branch of a generalised Maxwell model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Its stiffness over that at equilibrium, β, 1.
    pub beta: f64,
    /// Its relaxation time τ, s.
    pub tau_s: f64,
}

/// A moment at which the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// When, s; the body is at rest before 0.
    pub at_s: f64,
    /// Share of the loads that acts then; in between it changes evenly.
    pub load: f64,
}

/// What each branch of one element remembers: Q_i and S at the last moment, Pa.
#[derive(Debug, Clone)]
struct Memory {
    branches: Vec<Matrix3<f64>>,
    shape: Matrix3<f64>,
}

/// The answers at `moments`, in ascending order of time, of materials whose stress of shape relaxes.
///
/// Linear viscoelasticity of finite strain (Holzapfel 2000, section 6.10; Simo 1987, Comput Methods Appl Mech Eng
/// 60:153), second order in the time step Δ; S is the second Piola–Kirchhoff stress of shape at equilibrium, the
/// constants of the material are those of slow loading, and volume does not relax:
///
/// ```text
/// Q̇_i + Q_i/τ_i = β_i Ṡ     S(t) → S + Σ Q_i
/// Q_i ← e^(−Δ/τ_i) Q_i + β_i e^(−Δ/2τ_i) (S_new − S)
/// ```
///
/// `relaxation` has the branches of each region; regions without are elastic. For linear and mixed elements. The summary
/// is that of the last moment.
///
/// # Errors
/// [`TissueError`], as [`super::quasi_static()`]; [`TissueError::BadTime`], [`TissueError::NoViscosity`].
pub fn viscoelastic(
    problem: &Problem,
    fibres: &[Fibre],
    relaxation: &[(u8, Vec<Branch>)],
    moments: &[Moment],
    options: &Options,
    progress: &Progress,
) -> Result<(Vec<TissueResult>, Summary), TissueError> {
    if options.formulation.is_quadratic() {
        return Err(TissueError::NoViscosity);
    }
    check_branches(relaxation)?;
    let Problem { mesh, materials, model, .. } = *problem;
    let mut assembly = Assembly::with_fibres(mesh, materials, fibres, model, options.formulation)?;
    let slow = assembly.laws.clone();
    let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
    let mut case = LoadCase::new(problem, &volumes_m3, &assembly.densities)?;
    case.check_fibres(problem, fibres)?;
    if case.has_memory() {
        return Err(TissueError::ContactAtRest);
    }
    check_held(mesh, &case.imposed_m)?;
    let branches = |tet: usize| {
        let own = relaxation.iter().find(|(region, _)| *region == mesh.regions()[tet]);
        own.map_or(&[][..], |(_, branches)| branches)
    };
    let rest = |tet: usize| Memory { branches: vec![Matrix3::zeros(); branches(tet).len()], shape: Matrix3::zeros() };
    let mut memories: Vec<Memory> = (0..slow.len()).map(rest).collect();
    let mut x = vec![0.0; assembly.unknowns()];
    let mut before = Moment { at_s: 0.0, load: 0.0 };
    let mut results = Vec::with_capacity(moments.len());
    let mut summary = Summary::default();
    for (n, moment) in moments.iter().enumerate() {
        let part =
            progress.part(n as f64 / moments.len() as f64..(n + 1) as f64 / moments.len() as f64, "step of time");
        let step_s = moment.at_s - before.at_s;
        if !(0.0 <= step_s && step_s.is_finite() && moment.load.is_finite()) {
            return Err(TissueError::BadTime { moment: n + 1, at_s: moment.at_s, before_s: before.at_s });
        }
        // What is known before the step acts as a stress of its own; what the step adds stiffens the law.
        for (law, (slow, tet)) in assembly.laws.iter_mut().zip(slow.iter().zip(0..)) {
            let added = |branch: &Branch| branch.beta * (-0.5 * step_s / branch.tau_s).exp();
            *law = slow.scaled(1.0 + branches(tet).iter().map(added).sum::<f64>());
        }
        case.memory_pa = memories.iter().enumerate().map(|(tet, own)| own.carried(branches(tet), step_s)).collect();
        let (end, solver) =
            Newton::new(&assembly, &case, model, options)?.follow(x, before.load, moment.load, &part)?;
        let mut states = element_states(&assembly, &end.x);
        assembly.add_active_stress(&case, moment.load, &end.x, &mut states);
        let result = TissueResult::new(&assembly, problem.fixed, &end, &states);
        if n + 1 == moments.len() {
            let error = estimate(&assembly, &states).relative;
            summary =
                summarise(problem, &assembly, &case, &end, &states, (error, assembly.unknowns()), &result, solver)
                    .method(METHOD);
        }
        results.push(result);
        memories.par_iter_mut().enumerate().with_min_len(256).for_each(|(tet, memory)| {
            let deformation = assembly.elements[tet].deformation(&assembly.at_corners(tet, &end.x).0);
            memory.advance(branches(tet), step_s, shape_pa(&slow[tet], &deformation));
        });
        x = end.x;
        before = *moment;
    }
    Ok((results, summary))
}

/// Second Piola–Kirchhoff stress of shape at equilibrium, Pa; zero for an inverted element, which equilibria have not.
fn shape_pa(law: &Law, deformation: &Matrix3<f64>) -> Matrix3<f64> {
    law.shape_stress_pa(deformation).unwrap_or_default()
}

impl Memory {
    /// Σ e^(−Δ/τ) Q − β e^(−Δ/2τ) S: the part of the new stress that does not depend on the new shape, Pa.
    fn carried(&self, branches: &[Branch], step_s: f64) -> Matrix3<f64> {
        let of = |(branch, q): (&Branch, &Matrix3<f64>)| {
            let half = (-0.5 * step_s / branch.tau_s).exp();
            q * (half * half) - self.shape * (branch.beta * half)
        };
        branches.iter().zip(&self.branches).map(of).sum()
    }

    fn advance(&mut self, branches: &[Branch], step_s: f64, shape: Matrix3<f64>) {
        for (branch, q) in branches.iter().zip(&mut self.branches) {
            let half = (-0.5 * step_s / branch.tau_s).exp();
            *q = *q * (half * half) + (shape - self.shape) * (branch.beta * half);
        }
        self.shape = shape;
    }
}
