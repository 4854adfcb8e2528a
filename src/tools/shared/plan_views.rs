//! What is seen of a plan beside its score: a cut laid flat, and what a path comes near to along its depth.

mod paint;

use super::plan_stage::Stage;
use super::plan_watch::{reach_mm, worst};
use super::plans::{Ingredients, bad};
use crate::base::{NodeId, Progress};
use crate::geom::{Point, Vector};
pub(crate) use crate::plan::depths::Depths;
use crate::plan::depths::DepthsError;
#[cfg(feature = "app")]
pub(crate) use crate::plan::depths::{DepthLine, path_of};
use crate::plan::path::Obstacle;
use crate::plan::resection::{
    Blade, Crossing, Laid, Manner, Organ, ResectionError, Resectogram, Shown, Zone, crossings, resectogram,
};
use crate::plan::{Action, Cut, CutShape, DistanceMap, Plan, Structure};
use crate::session::CommandError;
pub(crate) use paint::rgba;
use rayon::prelude::*;
use std::sync::Arc;

/// Pixels along the longer side of a flattened cut.
const PIXELS: usize = 240;
/// How far from a cut a target still throws its shadow on it.
const SHADOW_MM: f64 = 80.0;
/// The shadow is looked for in steps of at least this.
const STEP_MM: f64 = 0.5;

/// Why a cut has no flat picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoFlat {
    /// The action is no cut.
    NoCut,
    /// The face of territories is no single sheet.
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
    /// The structures that are watched: targets, and what is spared.
    pub(crate) watched: Vec<String>,
    /// Which of them lacks most at each pixel; none outside the organ, and where nothing is watched.
    pub(crate) of: Vec<Option<u8>>,
    /// Half the range of the colours, mm: the same as on the surface of the cut.
    pub(crate) colours_mm: f64,
    /// The vessels of the plan.
    pub(crate) vessels: Vec<NodeId>,
    /// Through which of them the cut goes at each pixel.
    pub(crate) lumen: Vec<Option<u8>>,
    /// Whether a target lies before or behind the pixel.
    pub(crate) shadow: Vec<bool>,
    /// Vessels crossed.
    pub(crate) crossings: Vec<FlatCrossing>,
    /// Areas are shown this much too large or too small at most; 1 on planes.
    pub(crate) stretch_max: f64,
    laid: Laid,
}

impl FlatCut {
    /// The place of the patient at a place of the picture, in pixels from the upper left corner; none beside the cut.
    pub(crate) fn place(&self, at_px: [f64; 2]) -> Option<Point> {
        self.laid.at(self.place_mm(at_px))
    }

    fn place_mm(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x * self.pixel_mm, self.laid.size_mm()[1] - y * self.pixel_mm]
    }

    fn in_pixels(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x / self.pixel_mm, (self.laid.size_mm()[1] - y) / self.pixel_mm]
    }

    /// How it is laid flat.
    pub(crate) fn manner(&self) -> Manner {
        self.laid.manner()
    }

    /// The edges at which planes are hinged, in pixels.
    pub(crate) fn hinges(&self) -> Vec<[[f64; 2]; 2]> {
        self.laid.hinges_mm().into_iter().map(|ends| ends.map(|end| self.in_pixels(end))).collect()
    }

    /// The patient's directions towards the left, right, upper and lower edge of the picture, where the organ is nearest to
    /// that edge: on a sheet those of its middle.
    pub(crate) fn outwards(&self) -> [Vector; 4] {
        let ways = |at_px: [f64; 2]| self.laid.with_ways(self.place_mm(at_px)).map(|(.., ways)| ways);
        let middle = self.size.map(|pixels| 0.5 * pixels as f64);
        let [width, height] = self.size;
        let covered = (0..width * height).filter(|pixel| self.zones[*pixel].is_some());
        let covered: Vec<[f64; 2]> =
            covered.map(|pixel| [(pixel % width) as f64 + 0.5, (pixel / width) as f64 + 0.5]).collect();
        let last = |axis: usize, sign: f64| {
            if self.manner() == Manner::Sheet {
                return ways(middle);
            }
            // The outermost one; of these the one nearest to the middle of the edge.
            let key = |at: &[f64; 2]| (sign * at[axis], -(at[1 - axis] - middle[1 - axis]).abs());
            let outermost = covered.iter().max_by(|a, b| key(a).partial_cmp(&key(b)).expect("pixels are finite"))?;
            ways(*outermost)
        };
        let along = |axis: usize, sign: f64| {
            // Pixels count downwards, the picture's second direction goes upwards.
            let found = last(axis, sign).map(|ways| ways[axis] * if axis == 0 { sign } else { -sign });
            found.unwrap_or_else(Vector::zeros)
        };
        [along(0, -1.0), along(0, 1.0), along(1, -1.0), along(1, 1.0)]
    }

    /// Where in the picture a place lies that is no farther than `within_mm` from the cut.
    pub(crate) fn pixel_of(&self, point: &Point, within_mm: f64) -> Option<[f64; 2]> {
        let place = self.laid.place_mm(point)?;
        let is_near = (self.laid.at(place)? - point).norm() <= within_mm;
        is_near.then(|| self.in_pixels(place))
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
        let problem = |error: ResectionError| bad(error.to_string());
        let laid = match &cut.shape {
            CutShape::Territories { .. } => return Ok(Err(NoFlat::Territories)),
            CutShape::Sheet(sheet) => Laid::sheet(sheet),
            CutShape::Plane { .. } | CutShape::Wedge { .. } | CutShape::Sphere { .. } => {
                let Some(organ) = self.organ(ingredients, structure)? else { return Ok(Err(NoFlat::Misses)) };
                Laid::of(cut, &organ, progress)
            }
        };
        let laid = match laid {
            Ok(laid) => laid,
            Err(ResectionError::NoOrgan) => return Ok(Err(NoFlat::Misses)),
            Err(ResectionError::Cancelled(stop)) => return Err(stop.into()),
            Err(other) => return Err(problem(other)),
        };
        progress.check()?;
        Ok(picture(stage, ingredients, plan, n, cut, laid, map)?.ok_or(NoFlat::Misses))
    }

    /// The organ as bits; none if it is no segment.
    fn organ(&mut self, ingredients: &Ingredients, structure: Structure) -> Result<Option<Arc<Organ>>, CommandError> {
        let Some((content, mask)) = ingredients.mask(&structure, 0.0) else { return Ok(None) };
        if self.organ.as_ref().is_none_or(|(of, known, _)| *of != structure || *known != content) {
            let organ = Organ::of(&mask()).map_err(|error| bad(error.to_string()))?;
            self.organ = Some((structure, content, Arc::new(organ)));
        }
        Ok(self.organ.as_ref().map(|(.., organ)| Arc::clone(organ)))
    }
}

/// The cut laid flat with everything on it; none where no pixel lies in the organ.
fn picture(
    stage: &Stage,
    ingredients: &Ingredients,
    plan: &Plan,
    n: usize,
    cut: &Cut,
    laid: Laid,
    organ: &DistanceMap,
) -> Result<Option<FlatCut>, CommandError> {
    let watches = stage.watches(plan);
    let targets: Vec<&DistanceMap> = plan.targets.iter().filter_map(|target| stage.map(&target.structure)).collect();
    // Exact to the radius of the lines, which a map of voxels would not be.
    let vessels = plan.vessels.iter().filter_map(|vessel| Some((vessel.node, stage.body(vessel)?.obstacle()?)));
    let (vessels, lumens): (Vec<NodeId>, Vec<&Obstacle>) = vessels.unzip();
    let half_mm = 0.5 * cut.width_mm;
    let blade = Blade::of(cut, &organ.grid().bounds()).map_err(|error| bad(error.to_string()))?;
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
    // Where the organ is; what is watched and the vessels are asked below, for not all of them are maps.
    let shown = Shown { organ, watched: &[], vessels: &[], crossings: &crossed, half_mm };
    let Resectogram { size, pixel_mm, zones: inside, crossings: places, stretch_max, .. } =
        resectogram(&laid, PIXELS, &shown);
    if inside.iter().all(Option::is_none) {
        return Ok(None);
    }
    let [_, v_mm] = laid.size_mm();
    let value = |pixel: usize| {
        let nothing = Pixel { lacking_mm: f32::NAN, zone: None, of: None, shadow: false, lumen: None };
        let [x, y] = [pixel % size[0], pixel / size[0]].map(|p| (p as f64 + 0.5) * pixel_mm);
        let shown = inside[pixel].and_then(|_| laid.with_ways([x, v_mm - y]));
        let Some((at, across, _)) = shown else { return nothing };
        let worst = worst(&at, &watches, half_mm).filter(|(_, mm)| mm.is_finite());
        let zone = watches.iter().map(|watch| watch.zone(&at, half_mm)).fold(Zone::Clear, Zone::max);
        let shadow = targets.iter().any(|map| in_shadow(map, &at, &across));
        Pixel {
            lacking_mm: worst.map_or(f32::NAN, |(_, mm)| mm as f32),
            zone: Some(zone),
            of: worst.and_then(|(n, _)| u8::try_from(n).ok()),
            shadow,
            lumen: lumens.iter().position(|lumen| lumen.signed_mm(&at) < 0.0).and_then(|n| u8::try_from(n).ok()),
        }
    };
    let pixels: Vec<Pixel> = (0..size[0] * size[1]).into_par_iter().map(value).collect();
    let crossings = places.into_iter().zip(crossed).zip(of);
    let crossings = crossings
        .filter_map(|((at_px, crossing), (lines, name))| Some(FlatCrossing { at_px: at_px?, crossing, lines, name }));
    let crossings = crossings.collect();
    Ok(Some(FlatCut {
        action: n,
        size,
        pixel_mm,
        lacking_mm: pixels.iter().map(|pixel| pixel.lacking_mm).collect(),
        zones: pixels.iter().map(|pixel| pixel.zone).collect(),
        watched: watches.iter().map(|watch| watch.name.to_owned()).collect(),
        of: pixels.iter().map(|pixel| pixel.of).collect(),
        colours_mm: reach_mm(&watches),
        vessels,
        lumen: pixels.iter().map(|pixel| pixel.lumen).collect(),
        shadow: pixels.iter().map(|pixel| pixel.shadow).collect(),
        crossings,
        stretch_max,
        laid,
    }))
}

/// What is told of a pixel.
struct Pixel {
    lacking_mm: f32,
    zone: Option<Zone>,
    of: Option<u8>,
    shadow: bool,
    lumen: Option<u8>,
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
    crate::plan::depths::depths(plan, n, |structure| stage.body(structure), progress).map_err(|error| match error {
        DepthsError::Cancelled(stop) => stop.into(),
        DepthsError::Path(error) => bad(error.to_string()),
    })
}

#[cfg(test)]
mod tests;
