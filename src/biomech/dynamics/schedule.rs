//! Loads that change in time: one case per load, put together for a moment.

use super::Wave;
use crate::biomech::assemble::Assembly;
use crate::biomech::boundary::LoadCase;
use crate::biomech::material::Fibre;
use crate::biomech::problem::{Problem, TissueError};
use crate::biomech::touch::Touches;
use crate::geom::Vector;

/// The loads of a problem and the share of each at any time.
pub(super) struct Schedule<'a> {
    /// Supports and whatever has no wave, then one case per load with a wave.
    cases: Vec<LoadCase>,
    waves: &'a [Wave<'a>],
}

impl<'a> Schedule<'a> {
    /// Check the loads of `problem` and take them apart by wave.
    ///
    /// # Errors
    /// As [`LoadCase::new`]; [`TissueError::Contradiction`] too for a vertex that two loads move at different times.
    pub(super) fn new(
        problem: &Problem,
        assembly: &Assembly,
        fibres: &[Fibre],
        waves: &'a [Wave<'a>],
    ) -> Result<Self, TissueError> {
        let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
        let case = |fixed: &[u32], loads| {
            LoadCase::new(&Problem { fixed, loads, ..*problem }, &volumes_m3, &assembly.densities)
        };
        // All together first: contradictions, and the numbers of loads in sentences, are those of the whole list.
        let all = case(problem.fixed, problem.loads)?;
        all.check_fibres(problem, fibres)?;
        if all.has_memory() {
            return Err(TissueError::ContactAtRest);
        }
        let waves = &waves[..waves.len().min(problem.loads.len())];
        let (moving, steady) = problem.loads.split_at(waves.len());
        let mut cases = vec![case(problem.fixed, steady)?];
        for load in moving {
            cases.push(case(&[], std::slice::from_ref(load))?);
        }
        let count = problem.mesh.positions().len();
        let moves = |vertex: usize, axis: usize| {
            let some = |case: &LoadCase| case.imposed_m[vertex][axis].is_some_and(|value| value != 0.0);
            let any = cases.iter().filter(|case| case.imposed_m[vertex][axis].is_some()).count();
            1 < any && cases.iter().any(some)
        };
        let clashes: Vec<usize> = (0..count).filter(|v| (0..3).any(|axis| moves(*v, axis))).collect();
        match clashes.first() {
            Some(first) => Err(TissueError::Contradiction { count: clashes.len(), first: *first as u32 }),
            None => Ok(Self { cases, waves }),
        }
    }

    /// The cases and their shares at a time.
    fn shares(&self, at_s: f64) -> impl Iterator<Item = (&LoadCase, f64)> {
        let shares = std::iter::once(1.0).chain(self.waves.iter().map(move |wave| wave(at_s)));
        self.cases.iter().zip(shares)
    }

    /// Imposed displacements at a time, m.
    pub(super) fn imposed_m(&self, at_s: f64) -> Vec<[Option<f64>; 3]> {
        let mut all = vec![[None; 3]; self.cases[0].imposed_m.len()];
        for (case, share) in self.shares(at_s) {
            for (all, own) in all.as_flattened_mut().iter_mut().zip(case.imposed_m.as_flattened()) {
                *all = all.or(own.map(|value| share * value));
            }
        }
        all
    }

    /// A case of no loads and no supports.
    pub(super) fn nothing(&self) -> LoadCase {
        let count = self.cases[0].imposed_m.len();
        LoadCase {
            imposed_m: vec![[None; 3]; count],
            force_n: vec![Vector::zeros(); count],
            follower: vec![],
            tension_pa: vec![],
            memory_pa: vec![],
            bed: vec![],
            touches: Touches::default(),
            contacts: vec![],
        }
    }

    /// Forces at `force_s` and supports at `support_s`, whole at share 1.
    pub(super) fn case(&self, force_s: f64, support_s: f64) -> LoadCase {
        let mut all = LoadCase { imposed_m: self.imposed_m(support_s), ..self.nothing() };
        for (case, share) in self.shares(force_s) {
            all.force_n.iter_mut().zip(&case.force_n).for_each(|(all, own)| *all += own * share);
            all.follower.extend(case.follower.iter().map(|(triangle, pa)| (*triangle, share * pa)));
            // A bed is there at any share; an instrument is where its share has it.
            all.bed.extend(&case.bed);
            all.touches.extend_at(&case.touches, share);
            if all.tension_pa.len() < case.tension_pa.len() {
                all.tension_pa.resize(case.tension_pa.len(), 0.0);
            }
            all.tension_pa.iter_mut().zip(&case.tension_pa).for_each(|(all, own)| *all += share * own);
        }
        all
    }
}
