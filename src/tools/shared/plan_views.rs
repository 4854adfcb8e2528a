//! What is seen of a plan beside its score: a cut laid flat, and what a path comes near to along its depth.

use super::plan_stage::Stage;
use super::plans::{Ingredients, bad};
use crate::base::{NodeId, Progress};
use crate::geom::{Point, Vector};
use crate::plan::path::{Approach, Path, PathError, Profile, approach, profile};
use crate::plan::resection::{
    Blade, Crossing, Flat, Organ, Resectogram, Shown, Watched, Zone, crossings, nearest, resectogram, sheet_of_plane,
};
use crate::plan::{Action, Bounded, Cut, CutShape, DistanceMap, Plan, Sheet, Structure, Verdict};
use crate::session::CommandError;
use rayon::prelude::*;
use std::sync::Arc;

/// Pixels along the longer side of a flattened cut.
const PIXELS: usize = 240;
/// How far from a cut a target still throws its shadow on it.
const SHADOW_MM: f64 = 80.0;
/// The shadow is looked for in steps of at least this.
const STEP_MM: f64 = 0.5;
/// Control points each way of the sheet a plane is laid flat as.
const CONTROLS: [usize; 2] = [4, 4];
/// Steps along a path.
const DEPTH_MM: f64 = 0.5;

/// Why a cut has no flat picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoFlat {
    /// The action is no cut.
    NoCut,
    /// A ball cannot be laid flat without tearing it.
    Ball,
    /// Several planes; how many.
    Several(usize),
    /// Territories have no surface of their own.
    Territories,
    /// The plan names no organ that is a segment.
    NoOrgan,
    /// Nothing of the organ lies on it.
    Misses,
    /// It is no cut that can be made; why.
    Refused(String),
}

/// A vessel on a flattened cut.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlatCrossing {
    /// Where in the picture, in pixels from the upper left corner.
    pub(crate) at_px: [f64; 2],
    /// Where on the tree, how thick, at which angle.
    pub(crate) crossing: Crossing,
    /// The centre lines.
    pub(crate) lines: NodeId,
    /// What they are called.
    pub(crate) name: String,
}

/// A cut laid flat.
#[derive(Debug, Clone)]
pub(crate) struct FlatCut {
    /// The number of its action.
    pub(crate) action: usize,
    /// Pixels to the right and down.
    pub(crate) size: [usize; 2],
    /// Edge of a pixel.
    pub(crate) pixel_mm: f64,
    /// How much margin lacks at each pixel, mm; no number outside the organ, and where nothing is watched.
    pub(crate) lacking_mm: Vec<f32>,
    /// The worst zone of each pixel; none outside the organ.
    pub(crate) zones: Vec<Option<Zone>>,
    /// Whether a target lies before or behind the pixel.
    pub(crate) shadow: Vec<bool>,
    /// Vessels crossed.
    pub(crate) crossings: Vec<FlatCrossing>,
    /// Areas are shown this much too large or too small at most; 1 on a plane.
    pub(crate) stretch_max: f64,
    sheet: Sheet,
    flat: Flat,
}

impl FlatCut {
    /// The place of the patient at a place of the picture, in pixels from the upper left corner.
    pub(crate) fn place(&self, [x, y]: [f64; 2]) -> Point {
        let [_, v_mm] = self.flat.size_mm();
        let [u, v] = self.flat.parameters([x * self.pixel_mm, v_mm - y * self.pixel_mm]);
        self.sheet.at(u, v)
    }

    /// The patient's directions to the right and down in the middle of the picture.
    pub(crate) fn right_down(&self) -> [Vector; 2] {
        let [du, dv] = self.sheet.tangents(0.5, 0.5);
        [du, -dv]
    }

    /// Where in the picture a place lies that is no farther than `within_mm` from the cut.
    pub(crate) fn pixel_of(&self, point: &Point, within_mm: f64) -> Option<[f64; 2]> {
        let [u, v] = nearest(&self.sheet, point)?;
        let ([x, y], [_, v_mm]) = (self.flat.place_mm([u, v]), self.flat.size_mm());
        let is_near = (self.sheet.at(u, v) - point).norm() <= within_mm;
        is_near.then(|| [x / self.pixel_mm, (v_mm - y) / self.pixel_mm])
    }

    /// The pixel at a place of the picture; none beside it.
    pub(crate) fn pixel(&self, [x, y]: [f64; 2]) -> Option<usize> {
        let [width, height] = self.size;
        let inside = 0.0 <= x && 0.0 <= y && x < width as f64 && y < height as f64;
        inside.then(|| y as usize * width + x as usize)
    }
}

/// The organ as bits, made once and kept for the next picture.
#[derive(Debug, Default)]
pub(crate) struct Flats {
    organ: Option<(Structure, String, Arc<Organ>)>,
}

impl Flats {
    /// The picture of the cut `n` of `plan`, or why there is none; call [`Stage::prepare`] first.
    ///
    /// # Errors
    /// [`CommandError`] if the cut is none or `progress` was cancelled.
    pub(crate) fn of(
        &mut self,
        stage: &Stage,
        ingredients: &Ingredients,
        plan: &Plan,
        n: usize,
        progress: &Progress,
    ) -> Result<Result<FlatCut, NoFlat>, CommandError> {
        let Some(Action::Cut(cut)) = plan.actions.get(n).map(|named| &named.action) else {
            return Ok(Err(NoFlat::NoCut));
        };
        let Some((structure, map)) = plan.organ.and_then(|organ| Some((organ, stage.map(&organ)?))) else {
            return Ok(Err(NoFlat::NoOrgan));
        };
        let sheet = match &cut.shape {
            CutShape::Sheet(sheet) => sheet.clone(),
            CutShape::Sphere { .. } => return Ok(Err(NoFlat::Ball)),
            CutShape::Territories { .. } => return Ok(Err(NoFlat::Territories)),
            CutShape::Wedge { planes } if planes.len() != 1 => return Ok(Err(NoFlat::Several(planes.len()))),
            CutShape::Wedge { planes } => match self.section(ingredients, structure, planes[0])? {
                Some(sheet) => sheet,
                None => return Ok(Err(NoFlat::Misses)),
            },
            CutShape::Plane { point, normal } => match self.section(ingredients, structure, [*point, *normal])? {
                Some(sheet) => sheet,
                None => return Ok(Err(NoFlat::Misses)),
            },
        };
        progress.check()?;
        Ok(picture(stage, ingredients, plan, n, cut, sheet, map)?.ok_or(NoFlat::Misses))
    }

    /// A flat sheet over the section of the organ with a plane; none where the plane misses it.
    fn section(
        &mut self,
        ingredients: &Ingredients,
        structure: Structure,
        [point, normal]: [[f64; 3]; 2],
    ) -> Result<Option<Sheet>, CommandError> {
        let Some((content, mask)) = ingredients.mask(&structure, 0.0) else { return Ok(None) };
        if self.organ.as_ref().is_none_or(|(of, known, _)| *of != structure || *known != content) {
            let organ = Organ::of(&mask()).map_err(|error| bad(error.to_string()))?;
            self.organ = Some((structure, content, Arc::new(organ)));
        }
        let plane = crate::geom::Plane::new(point.into(), normal.into());
        let plane = plane.ok_or_else(|| bad("the normal of the cut has no length; give it a direction"))?;
        // A plane beyond the organ is the only refusal left.
        Ok(self.organ.as_ref().and_then(|(.., organ)| sheet_of_plane(&plane, organ, CONTROLS).ok()))
    }
}

/// The sheet laid flat with everything on it; none where no pixel lies in the organ.
fn picture(
    stage: &Stage,
    ingredients: &Ingredients,
    plan: &Plan,
    n: usize,
    cut: &Cut,
    sheet: Sheet,
    organ: &DistanceMap,
) -> Result<Option<FlatCut>, CommandError> {
    let problem = |error: crate::plan::resection::ResectionError| bad(error.to_string());
    let targets: Vec<Watched<'_>> = plan
        .targets
        .iter()
        .filter_map(|target| {
            let distances = stage.map(&target.structure)?;
            Some(Watched { distances, margin_mm: target.margin_mm, edge_mm: 0.0 })
        })
        .collect();
    let half_mm = 0.5 * cut.width_mm;
    let blade = Blade::of(cut, &organ.grid().bounds()).map_err(problem)?;
    let (mut crossed, mut of) = (Vec::new(), Vec::new());
    let within = plan.organ.and_then(|organ| stage.body(&organ)).and_then(|body| body.solid.as_ref());
    for structure in &plan.vessels {
        let Some((name, lines)) = ingredients.lines(structure) else { continue };
        // The same that the score counts.
        for crossing in crossings(&blade, &lines, |one| within.is_some_and(|solid| solid.surrounds(&one.at))) {
            crossed.push(crossing);
            of.push((structure.node, name.to_owned()));
        }
    }
    let shown = Shown { organ, watched: &targets, vessels: &[], crossings: &crossed, half_mm };
    let Resectogram { size, pixel_mm, zones, crossings: places, stretch_max, .. } =
        resectogram(&sheet, PIXELS, &shown).map_err(problem)?;
    if zones.iter().all(Option::is_none) {
        return Ok(None);
    }
    let flat = Flat::of(&sheet).map_err(problem)?;
    let [_, v_mm] = flat.size_mm();
    let value = |pixel: usize| {
        if zones[pixel].is_none() {
            return (f32::NAN, false);
        }
        let [x, y] = [pixel % size[0], pixel / size[0]].map(|p| (p as f64 + 0.5) * pixel_mm);
        let [u, v] = flat.parameters([x, v_mm - y]);
        let at = sheet.at(u, v);
        let lacks = |one: &Watched<'_>| one.margin_mm - (one.distances.at(&at) - half_mm);
        let lacking = targets.iter().map(lacks).fold(f64::NEG_INFINITY, f64::max);
        let across = sheet.across(u, v).try_normalize(1e-12);
        let shadow = across.is_some_and(|way| targets.iter().any(|one| in_shadow(one.distances, &at, &way)));
        (if lacking.is_finite() { lacking as f32 } else { f32::NAN }, shadow)
    };
    let values: Vec<(f32, bool)> = (0..size[0] * size[1]).into_par_iter().map(value).collect();
    let (lacking_mm, shadow) = values.into_iter().unzip();
    let crossings = places.into_iter().zip(crossed).zip(of);
    let crossings = crossings
        .filter_map(|((at_px, crossing), (lines, name))| Some(FlatCrossing { at_px: at_px?, crossing, lines, name }));
    let crossings = crossings.collect();
    Ok(Some(FlatCut { action: n, size, pixel_mm, lacking_mm, zones, shadow, crossings, stretch_max, sheet, flat }))
}

/// Whether a straight way across the cut meets the structure: leaps as long as nothing can be nearer.
fn in_shadow(map: &DistanceMap, at: &Point, across: &Vector) -> bool {
    [1.0, -1.0].into_iter().any(|sign| {
        let mut gone_mm = 0.0;
        while gone_mm <= SHADOW_MM {
            let distance_mm = map.at(&(at + across * (sign * gone_mm)));
            if distance_mm < 0.0 {
                return true;
            }
            gone_mm += distance_mm.max(STEP_MM);
        }
        false
    })
}

/// The distances from a path to one structure.
#[derive(Debug, Clone)]
pub(crate) struct DepthLine {
    /// What it is called.
    pub(crate) name: String,
    /// The least distance that is asked for.
    pub(crate) limit_mm: f64,
    /// Along the depth.
    pub(crate) profile: Profile,
    /// Where it is nearest.
    pub(crate) nearest: Approach,
}

impl DepthLine {
    /// How the least distance stands to its limit.
    pub(crate) fn verdict(&self) -> Verdict {
        Verdict::at_least(&self.nearest.distance_mm, self.limit_mm)
    }

    /// The least distance with its bounds.
    pub(crate) fn least_mm(&self) -> Bounded {
        self.nearest.distance_mm
    }
}

/// What a path comes near to.
#[derive(Debug, Clone)]
pub(crate) struct Depths {
    /// The number of its action.
    pub(crate) action: usize,
    /// The path.
    pub(crate) path: Path,
    /// One line for each structure that is to be spared.
    pub(crate) lines: Vec<DepthLine>,
}

/// The straight path of an action; none for one that has none.
///
/// # Errors
/// [`PathError`] for a path without a length or a diameter.
pub(crate) fn path_of(action: &Action) -> Option<Result<Path, PathError>> {
    match action {
        Action::Needle(needle) => Some(Path::of_needle(needle)),
        Action::Ablation(zone) => Some(Path::of_needle(&zone.needle)),
        Action::Screw(screw) => Some(Path::of_screw(screw)),
        Action::Cut(_) | Action::Osteotomy(_) | Action::Port(_) | Action::Clip { .. } => None,
    }
}

/// The distances of the path `n` of `plan` to everything that is to be spared; none if the action is no path. Call
/// [`Stage::prepare`] first.
///
/// # Errors
/// [`CommandError`] for a path that is none, or if `progress` was cancelled.
pub(crate) fn depths(
    stage: &Stage,
    plan: &Plan,
    n: usize,
    progress: &Progress,
) -> Result<Option<Depths>, CommandError> {
    let Some(path) = plan.actions.get(n).and_then(|named| path_of(&named.action)) else { return Ok(None) };
    let path = path.map_err(|error| bad(error.to_string()))?;
    let mut lines = Vec::new();
    for keep_out in &plan.keep_out {
        progress.check()?;
        let Some(body) = stage.body(&keep_out.structure) else { continue };
        let Some(obstacle) = body.obstacle() else { continue };
        lines.push(DepthLine {
            name: body.name.clone(),
            limit_mm: keep_out.distance_mm,
            profile: profile(&path, obstacle, DEPTH_MM),
            nearest: approach(&path, obstacle),
        });
    }
    Ok(Some(Depths { action: n, path, lines }))
}

#[cfg(test)]
mod tests;
