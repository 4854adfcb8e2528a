//! A plan among the bodies of a case, made ready once and asked again with every move of a hand.

pub(crate) use super::plans::Ingredients;
use crate::base::Progress;
use crate::geom::Aabb;
use crate::mesh::{Field, Surface};
use crate::plan::resection::{Watched, face, lacking};
use crate::plan::score::Body;
use crate::plan::{Action, DistanceMap, Plan, Score, Structure, score};
use crate::session::CommandError;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Distances are known this far around a structure; beyond, they are continued.
const AROUND_MM: f64 = 30.0;

/// What was made ready.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    bodies: BTreeMap<Structure, Arc<Body>>,
    /// Distances to organs and targets, with the content they are of.
    maps: BTreeMap<Structure, (String, Arc<DistanceMap>)>,
}

/// The face of a cut.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    /// The number of its action.
    pub(crate) action: usize,
    /// Its surface near the organ.
    pub(crate) surface: Arc<Surface>,
    /// How much margin lacks; none where no target is given.
    pub(crate) lacking: Option<Field>,
}

/// The faces of all cuts.
#[derive(Debug, Clone)]
pub(crate) struct Faces {
    /// One for each cut that has a surface.
    pub(crate) all: Vec<Face>,
    /// Half the size of the organ in mm.
    pub(crate) reach_mm: Option<f64>,
}

impl Stage {
    /// Make ready what `plan` names.
    ///
    /// # Errors
    /// [`CommandError`] if something is gone or `progress` was cancelled.
    pub(crate) fn prepare(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<(), CommandError> {
        ingredients.scene(&mut self.bodies, progress)?;
        let wanted = plan.organ.into_iter().chain(plan.targets.iter().map(|target| target.structure));
        for structure in wanted {
            progress.check()?;
            let Some((content, mask)) = ingredients.mask(&structure, AROUND_MM) else { continue };
            if self.maps.get(&structure).is_none_or(|(known, _)| *known != content) {
                let map = DistanceMap::of(&mask(), progress)?;
                self.maps.insert(structure, (content, Arc::new(map)));
            }
        }
        Ok(())
    }

    /// The faces of the cuts of `plan`; call [`Stage::prepare`] first.
    ///
    /// # Errors
    /// [`CommandError`] if `progress` was cancelled.
    pub(crate) fn faces(&self, plan: &Plan, progress: &Progress) -> Result<Faces, CommandError> {
        let organ = plan.organ.and_then(|organ| self.maps.get(&organ)).map(|(_, map)| &**map);
        let around = match organ {
            Some(organ) => organ.grid().bounds(),
            None => Aabb::of(plan.actions.iter().flat_map(|named| places(&named.action)).collect::<Vec<_>>().iter()),
        };
        let targets = plan.targets.iter().filter_map(|target| {
            let (_, map) = self.maps.get(&target.structure)?;
            Some(Watched { distances: map, margin_mm: target.margin_mm, edge_mm: 0.0 })
        });
        let watched: Vec<Watched<'_>> = targets.collect();
        let mut all = Vec::new();
        for (n, named) in plan.actions.iter().enumerate() {
            progress.check()?;
            let Action::Cut(cut) = &named.action else { continue };
            let surface = face(cut, organ, &around);
            if !surface.triangles().is_empty() {
                let lacking = lacking(&surface, &watched, 0.5 * cut.width_mm);
                all.push(Face { action: n, surface: Arc::new(surface), lacking });
            }
        }
        let reach_mm = organ.map(|_| (0.5 * around.size().norm() - AROUND_MM).max(20.0));
        Ok(Faces { all, reach_mm })
    }

    /// Distances to an organ or target that was made ready.
    pub(in crate::tools) fn map(&self, structure: &Structure) -> Option<&DistanceMap> {
        self.maps.get(structure).map(|(_, map)| &**map)
    }

    /// A body that was made ready.
    pub(in crate::tools) fn body(&self, structure: &Structure) -> Option<&Body> {
        self.bodies.get(structure).map(|body| &**body)
    }

    /// What `plan` is worth; call [`Stage::prepare`] first.
    ///
    /// # Errors
    /// [`CommandError`] if something is gone or `progress` was cancelled.
    pub(crate) fn score(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<Score, CommandError> {
        let scene = ingredients.scene(&mut self.bodies, progress)?;
        Ok(score(plan, &scene, progress)?)
    }
}

/// The places a cut is given by, for cuts without an organ.
fn places(action: &Action) -> Vec<crate::geom::Point> {
    use crate::plan::CutShape;
    let Action::Cut(cut) = action else { return Vec::new() };
    let around = |at: &[f64; 3], mm: f64| {
        let at = crate::geom::Point::from(*at);
        let half = crate::geom::Vector::repeat(mm);
        vec![at - half, at + half]
    };
    match &cut.shape {
        CutShape::Plane { point, .. } => around(point, 60.0),
        CutShape::Wedge { planes } => planes.iter().flat_map(|[point, _]| around(point, 60.0)).collect(),
        CutShape::Sphere { centre, radius_mm } => around(centre, *radius_mm),
        CutShape::Sheet(sheet) => sheet.controls.iter().map(|at| crate::geom::Point::from(*at)).collect(),
        CutShape::Territories { .. } => Vec::new(),
    }
}
