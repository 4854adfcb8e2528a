//! A plan among the bodies of a case, made ready once and asked again with every move of a hand.

use super::plan_entry::EntrySurface;
pub(crate) use super::plans::Ingredients;
use super::plans::bad;
use crate::base::Progress;
use crate::geom::{Aabb, Vector};
use crate::mesh::{ContourError, DecimateError, Field, Surface, decimate, mask_surface};
use crate::plan::resection::{face, places};
use crate::plan::score::{Body, first, territory_face};
use crate::plan::{Action, Cut, CutShape, DistanceMap, Plan, Scene, Score, Structure, Term, score};
use crate::session::CommandError;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Distances are known this far around a structure; beyond, they are continued.
const AROUND_MM: f64 = 30.0;
/// Voxels around a structure whose surface is seen, so that it closes.
const SEEN_AROUND_MM: f64 = 4.0;
/// Most triangles of a structure that is drawn again with every move.
const TRIANGLES_MAX: usize = 40_000;
/// How far fewer triangles may move such a surface.
const COARSER_MM: f64 = 0.5;
/// It is drawn so far outside itself, over what the case shows of it.
const LIFT_MM: f64 = 0.3;

/// What was made ready. A copy shares all of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stage {
    bodies: BTreeMap<Structure, Arc<Body>>,
    /// What the plan names, as it was made ready last.
    scene: Scene,
    /// Distances to organs and targets, with the content they are of.
    maps: BTreeMap<Structure, (String, Arc<DistanceMap>)>,
    /// Distances to what is spared, as far as it lies near the organ, with the contents they are of.
    near: BTreeMap<Structure, (String, Option<Arc<DistanceMap>>)>,
    /// Surfaces to be seen, with the content they are of.
    seen: BTreeMap<Structure, (String, Option<Seen>)>,
    /// The surface that paths go in through.
    entry: Option<(Structure, String, Option<Arc<EntrySurface>>)>,
}

/// The surface of a structure, bounded in its number of triangles.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Where it is.
    pub(super) surface: Arc<Surface>,
    /// The same a little outside itself, to be drawn.
    pub(super) lifted: Arc<Surface>,
}

/// The face of a cut or of a saw.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    /// The number of its action.
    pub(crate) action: usize,
    /// Its surface near the organ.
    pub(crate) surface: Arc<Surface>,
    /// The same in smaller triangles, for colours.
    pub(crate) fine: Arc<Surface>,
    /// How much margin lacks at every vertex of `fine`; none where nothing is watched, and for saws.
    pub(crate) lacking: Option<Field>,
    /// Half the width of what is destroyed.
    pub(super) half_mm: f64,
}

/// The faces of all cuts.
#[derive(Debug, Clone)]
pub(crate) struct Faces {
    /// One for each cut or saw that has a surface.
    pub(crate) all: Vec<Face>,
    /// Half the size of the organ in mm.
    pub(crate) reach_mm: Option<f64>,
    /// Half the range of the colours, mm.
    pub(crate) colours_mm: f64,
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
        self.scene = ingredients.scene(&mut self.bodies, progress)?;
        let wanted = plan.organ.into_iter().chain(plan.targets.iter().map(|target| target.structure));
        for structure in wanted {
            progress.check()?;
            let Some((content, mask)) = ingredients.mask(&structure, AROUND_MM) else { continue };
            if self.maps.get(&structure).is_none_or(|(known, _)| *known != content) {
                let map = DistanceMap::of(&mask(), progress)?;
                self.maps.insert(structure, (content, Arc::new(map)));
            }
        }
        let cuts = |action: &Action| matches!(action, Action::Cut(_) | Action::Osteotomy(_));
        if plan.actions.iter().any(|named| cuts(&named.action)) {
            self.prepare_near(ingredients, plan, progress)?;
        }
        Ok(())
    }

    /// Distances to what is spared, about the organ: a long bowel or a rib cage matters only there.
    fn prepare_near(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<(), CommandError> {
        let Some((organ, organ_map)) = plan.organ.and_then(|organ| self.maps.get(&organ)) else { return Ok(()) };
        // The map of the organ holds the room around it.
        let around = organ_map.grid().bounds();
        for keep_out in &plan.keep_out {
            progress.check()?;
            let more = Vector::repeat(keep_out.distance_mm);
            let within = Aabb { min: around.min - more, max: around.max + more };
            let found = ingredients.mask_within(&keep_out.structure, AROUND_MM + keep_out.distance_mm, &within);
            let Some((content, mask)) = found else { continue };
            let content = format!("{content}/{organ}/{:?}/{}", plan.organ, keep_out.distance_mm);
            if self.near.get(&keep_out.structure).is_none_or(|(known, _)| *known != content) {
                let map = match mask() {
                    Some(mask) => Some(Arc::new(DistanceMap::of(&mask, progress)?)),
                    None => None,
                };
                self.near.insert(keep_out.structure, (content, map));
            }
        }
        Ok(())
    }

    /// The faces of the cuts and saws of `plan`; call [`Stage::prepare`] first.
    ///
    /// # Errors
    /// [`CommandError`] if `progress` was cancelled.
    pub(crate) fn faces(&self, plan: &Plan, progress: &Progress) -> Result<Faces, CommandError> {
        let organ = plan.organ.and_then(|organ| self.maps.get(&organ)).map(|(_, map)| &**map);
        let of_cut = |action: &Action| match action {
            Action::Cut(cut) => places(&cut.shape),
            Action::Osteotomy(saw) => places(&CutShape::Wedge { planes: saw.planes.clone() }),
            _ => Vec::new(),
        };
        let around = match organ {
            Some(organ) => organ.grid().bounds(),
            None => Aabb::of(plan.actions.iter().flat_map(|named| of_cut(&named.action)).collect::<Vec<_>>().iter()),
        };
        let watches = self.watches(plan);
        let mut all = Vec::new();
        for (n, named) in plan.actions.iter().enumerate() {
            progress.check()?;
            let (cut, is_saw) = match &named.action {
                Action::Cut(cut) => (cut.clone(), false),
                Action::Osteotomy(saw) => {
                    (Cut { shape: CutShape::Wedge { planes: saw.planes.clone() }, width_mm: saw.kerf_mm }, true)
                }
                _ => continue,
            };
            let surface = match &cut.shape {
                CutShape::Territories { branches } => territory_face(plan, &self.scene, branches, progress)?,
                _ => Some(Arc::new(face(&cut, organ, &around))),
            };
            if let Some(surface) = surface.filter(|surface| !surface.triangles().is_empty()) {
                let (fine, half_mm) = (super::plan_watch::divided(&surface), 0.5 * cut.width_mm);
                let lacking = if is_saw { None } else { super::plan_watch::lacking(&fine, &watches, half_mm) };
                all.push(Face { action: n, surface, fine: Arc::new(fine), lacking, half_mm });
            }
        }
        let reach_mm = organ.map(|_| (0.5 * around.size().norm() - AROUND_MM).max(20.0));
        Ok(Faces { all, reach_mm, colours_mm: super::plan_watch::reach_mm(&watches) })
    }

    /// The surface that paths of `plan` go in through, made when it is first asked for; none if the plan names none, or one
    /// that has no surface.
    ///
    /// # Errors
    /// [`CommandError`] if `progress` was cancelled.
    pub(crate) fn entry(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<Option<Arc<EntrySurface>>, CommandError> {
        let Some(structure) = plan.entry else { return Ok(None) };
        let (Some(body), Some(content)) = (self.bodies.get(&structure), ingredients.content(&structure)) else {
            return Ok(None);
        };
        match &self.entry {
            Some((of, known, entry)) if *of == structure && *known == content => Ok(entry.clone()),
            _ => {
                let made = EntrySurface::of(structure, body, ingredients.cut_off(&structure), progress)?.map(Arc::new);
                self.entry = Some((structure, content, made.clone()));
                Ok(made)
            }
        }
    }

    /// The surface of a structure to be seen; none for vessels, and for what is empty.
    ///
    /// # Errors
    /// [`CommandError`] if it cannot be made or `progress` was cancelled.
    pub(super) fn seen(
        &mut self,
        ingredients: &Ingredients,
        structure: &Structure,
        progress: &Progress,
    ) -> Result<Option<Seen>, CommandError> {
        let Some(content) = ingredients.content(structure) else { return Ok(None) };
        if let Some((known, seen)) = self.seen.get(structure)
            && *known == content
        {
            return Ok(seen.clone());
        }
        let whole = match ingredients.mask(structure, SEEN_AROUND_MM) {
            Some((_, mask)) => match mask_surface(&mask(), progress) {
                Ok(surface) => Some(surface),
                Err(ContourError::Cancelled(stop)) => return Err(stop.into()),
                Err(other) => return Err(bad(other.to_string())),
            },
            // Vessels have no surface of their own.
            None => self.body(structure).and_then(|body| body.shell().cloned()),
        };
        let seen = whole.map(|whole| seen(whole, progress)).transpose()?;
        self.seen.insert(*structure, (content, seen.clone()));
        Ok(seen)
    }

    /// Keep what a copy of it has made since: surfaces that are seen, and the one that paths go in through.
    pub(crate) fn take_from(&mut self, copy: &Self) {
        self.seen.extend(copy.seen.iter().map(|(structure, seen)| (*structure, seen.clone())));
        self.entry.clone_from(&copy.entry);
    }

    /// Distances to an organ or target that was made ready.
    pub(in crate::tools) fn map(&self, structure: &Structure) -> Option<&DistanceMap> {
        self.maps.get(structure).map(|(_, map)| &**map)
    }

    /// Distances to something that is spared, about the organ.
    pub(in crate::tools) fn near(&self, structure: &Structure) -> Option<&DistanceMap> {
        self.near.get(structure).and_then(|(_, map)| map.as_deref())
    }

    /// A body that was made ready.
    pub(in crate::tools) fn body(&self, structure: &Structure) -> Option<&Body> {
        self.bodies.get(structure).map(|body| &**body)
    }

    /// Volumes and margins of all cuts of `plan`: what of its score is known first; call [`Stage::prepare`] before.
    ///
    /// # Errors
    /// As [`Stage::score`].
    pub(crate) fn first_terms(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<Vec<Term>, CommandError> {
        let scene = ingredients.scene(&mut self.bodies, progress)?;
        Ok(first(plan, &scene, progress)?)
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

/// A surface in as many triangles as may be drawn anew with every move.
fn seen(whole: Surface, progress: &Progress) -> Result<Seen, CommandError> {
    let n = whole.triangles().len();
    let surface = if TRIANGLES_MAX < n {
        match decimate(&whole, TRIANGLES_MAX as f64 / n as f64, COARSER_MM, progress) {
            Ok((coarse, _)) => coarse,
            Err(DecimateError::Cancelled(stop)) => return Err(stop.into()),
            // What cannot be made coarser is drawn as it is.
            Err(_) => whole,
        }
    } else {
        whole
    };
    let outside = surface.positions().iter().zip(surface.vertex_normals()).map(|(at, out)| at + out * LIFT_MM);
    let lifted = surface.with_positions(outside.collect()).map_err(|error| bad(error.to_string()))?;
    Ok(Seen { surface: Arc::new(surface), lifted: Arc::new(lifted) })
}
