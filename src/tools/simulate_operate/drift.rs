//! How far the live organ came to rest from the accurate answer for the same end: the same grips, instrument, weight, gas
//! and bed, and what threads and a needle hold.

use crate::base::{Progress, Summary};
use crate::biomech::operation::Operation;
use crate::biomech::{Load, Material, Model, Options, Problem, TissueError, TissueResult, quasi_static};
use crate::geom::Vector;
use crate::mesh::TetMesh;
use crate::mesh::tet_mesh::face_key;
use crate::tools::shared::organ_body::{MadeOf, OrganBody, gas};
use std::collections::BTreeSet;

/// What moved less than this is where it was but for rounding, mm.
const UNMOVED_MM: f64 = 1e-6;

/// The end of an operation as a problem for the accurate solver.
pub(super) struct After {
    pub(super) mesh: TetMesh,
    pub(super) is_cut: bool,
    materials: Vec<(u8, Material)>,
    fixed: Vec<u32>,
    loads: Vec<Load>,
    live_mm: Vec<Vector>,
    /// Why it cannot be computed accurately, if so.
    lacks: Option<&'static str>,
}

/// What is kept.
pub(super) struct Answer {
    pub(super) result: TissueResult,
    pub(super) message: Option<String>,
    drift: Option<f64>,
    why: Option<String>,
    accurate: Option<Summary>,
}

impl After {
    pub(super) fn new(
        operation: &Operation,
        first: &TetMesh,
        body: &OrganBody,
        made_of: &MadeOf,
        is_still: bool,
    ) -> Self {
        let (mesh, kept) = operation.body().rest_mesh_and_vertices();
        let live_mm: Vec<Vector> = kept
            .iter()
            .map(|v| operation.body().positions()[*v as usize] - operation.body().rest(*v as usize))
            .collect();
        let is_cut = mesh.tets().len() != first.tets().len() || mesh.positions().len() != first.positions().len();
        // What is held may have moved: with the breath, or with a part that was cut off and stays where it was.
        let holds = |(n, v): (u32, &u32)| operation.body().is_held(*v).then_some(n);
        let (fixed, carried): (Vec<u32>, Vec<u32>) =
            (0..).zip(&kept).filter_map(holds).partition(|v| live_mm[*v as usize].norm() < UNMOVED_MM);
        let gripped =
            (0..).zip(&kept).filter(|(_, v)| operation.body().is_grasped(**v) && !operation.body().is_held(**v));
        // So has what threads, staples and a needle hold: they pull on single vertices, which as forces would be more than
        // elements bear.
        let tied = operation.body().tied().flat_map(|tied| tied.ends);
        let at_needle = operation.body().needle_forces_n().into_iter().map(|(v, _)| v);
        let threaded: BTreeSet<u32> = tied.chain(at_needle).collect();
        let threaded = (0..).zip(&kept).filter(|(_, v)| threaded.contains(v) && !operation.body().is_held(**v));
        let gripped: BTreeSet<u32> = gripped.chain(threaded).map(|(n, _)| n).chain(carried).collect();
        let mut loads = body.around(&mesh, &fixed);
        // Faces that cuts opened lie on nothing, as in the live body.
        let outside: BTreeSet<_> =
            first.boundary().0.triangles().iter().map(|face| face_key(face, first.positions())).collect();
        for load in &mut loads {
            if let Load::Bed { triangles, .. } = load {
                triangles.retain(|face| outside.contains(&face_key(face, mesh.positions())));
            }
        }
        loads.retain(|load| !matches!(load, Load::Bed { triangles, .. } if triangles.is_empty()));
        // What acts at the end may differ from the beginning.
        loads.retain(|load| !matches!(load, Load::Gravity { .. } | Load::Pressure { .. }));
        if operation.gravity_m_s2() != Vector::zeros() {
            loads.push(Load::Gravity { m_s2: operation.gravity_m_s2() });
        }
        loads.extend(gas(&mesh, &fixed, operation.gas_pa()));
        if !gripped.is_empty() {
            let by_mm = gripped.iter().map(|v| live_mm[*v as usize]).collect();
            loads.push(Load::MoveEach { vertices: gripped.into_iter().collect(), by_mm });
        }
        loads.extend(operation.approach().map(|(tool, from_mm)| Load::Touch { tool, from_mm }));
        let presses = 0 < operation.body().health().self_contacts;
        if presses {
            loads.push(Load::Contact { sides: None, friction: 0.0 });
        }
        let lacks = (!is_still).then_some("the organ still moved");
        let materials = made_of.everywhere(&mesh);
        Self { mesh, is_cut, materials, fixed, loads, live_mm, lacks }
    }

    /// The accurate answer, or where there is none the live one with the reason.
    ///
    /// # Errors
    /// [`TissueError`] if the live state cannot be evaluated, or somebody asked to stop.
    pub(super) fn answer(&self, progress: &Progress) -> Result<Answer, TissueError> {
        let model = Model::NeoHookean;
        let Self { mesh, materials, fixed, loads, .. } = self;
        let problem = Problem { mesh, materials, fixed, loads, model };
        let why = match self.lacks {
            Some(lacks) => lacks.to_owned(),
            None => match quasi_static(&problem, &Options::default(), progress) {
                Ok((result, summary)) => {
                    let drift = drift(&self.live_mm, &result.displacement_mm);
                    let message = format!("computed: what followed the hand was {:.1} % off", 100.0 * drift);
                    return Ok(Answer {
                        result,
                        message: Some(message),
                        drift: Some(drift),
                        why: None,
                        accurate: Some(summary),
                    });
                }
                Err(error @ TissueError::Cancelled(_)) => return Err(error),
                Err(error) => error.to_string(),
            },
        };
        let result = TissueResult::of_displacement(&problem, &[], &self.live_mm)?;
        Ok(Answer { result, message: None, drift: None, why: Some(why), accurate: None })
    }
}

impl Answer {
    pub(super) fn told(&self, mut summary: Summary) -> Summary {
        if let Some(drift) = self.drift {
            summary = summary
                .fact("live against accurate at rest", 100.0 * drift, "%")
                .method("shown is the accurate answer for the same grips, instrument, weight, gas and bed, with what threads and a needle hold where they hold it; the difference is the norm of displacements (L2 over vertices)");
        }
        if let Some(why) = &self.why {
            summary =
                summary.warning(format!("shown is the live organ, not checked against the accurate solver: {why}"));
        }
        let accurate = self.accurate.as_ref().map(|accurate| accurate.warnings.clone()).unwrap_or_default();
        accurate.into_iter().fold(summary, Summary::warning)
    }
}

/// Norm of the difference over the norm of the exact displacements; 0 where nothing moves.
fn drift(live: &[Vector], exact: &[Vector]) -> f64 {
    let off: f64 = live.iter().zip(exact).map(|(live, exact)| (live - exact).norm_squared()).sum();
    let all: f64 = exact.iter().map(Vector::norm_squared).sum();
    if 0.0 < all { (off / all).sqrt() } else { 0.0 }
}
