//! The cuts of a plan made ready among its bodies.

use super::scene::Scene;
use super::supply;
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Point, Vector};
use crate::plan::resection::{Blade, ResectionError};
use crate::plan::{Action, Cut, CutShape, Plan};

/// A cut without an organ reaches this far about the places it is given by.
const AROUND_MM: f64 = 300.0;

/// Why a cut cannot be made here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Blunt {
    /// The computation was asked to stop.
    Cancelled(Cancelled),
    /// A sentence.
    Why(String),
}

impl From<ResectionError> for Blunt {
    fn from(error: ResectionError) -> Self {
        match error {
            ResectionError::Cancelled(stop) => Self::Cancelled(stop),
            other => Self::Why(other.to_string()),
        }
    }
}

impl From<Cancelled> for Blunt {
    fn from(stop: Cancelled) -> Self {
        Self::Cancelled(stop)
    }
}

/// The cut of an action, or the sentence that says why there is none.
pub(crate) type Knife = Result<Blade, String>;

/// What of a cut goes wrong is a sentence beside it; a cancellation ends everything.
fn told(blade: Result<Blade, Blunt>) -> Result<Knife, Cancelled> {
    match blade {
        Ok(blade) => Ok(Ok(blade)),
        Err(Blunt::Why(text)) => Ok(Err(text)),
        Err(Blunt::Cancelled(stop)) => Err(stop),
    }
}

/// What `action` cuts with; none for actions that cut nothing.
///
/// # Errors
/// [`Cancelled`].
pub(crate) fn of_action(
    plan: &Plan,
    scene: &Scene,
    action: &Action,
    progress: &Progress,
) -> Result<Option<Knife>, Cancelled> {
    match action {
        Action::Cut(cut) => told(of_cut(plan, scene, cut, progress)).map(Some),
        Action::Osteotomy(saw) => {
            let shape = CutShape::Wedge { planes: saw.planes.clone() };
            told(of_cut(plan, scene, &Cut { shape, width_mm: saw.kerf_mm }, progress)).map(Some)
        }
        _ => Ok(None),
    }
}

fn of_cut(plan: &Plan, scene: &Scene, cut: &Cut, progress: &Progress) -> Result<Blade, Blunt> {
    match &cut.shape {
        CutShape::Territories { branches } => supply::blade(plan, scene, branches, cut.width_mm, progress),
        _ => Ok(Blade::of(cut, &around(scene, cut))?),
    }
}

/// All that a sheet goes on beyond: every body of the scene and what lies about its own places.
fn around(scene: &Scene, cut: &Cut) -> Aabb {
    let CutShape::Sheet(sheet) = &cut.shape else { return Aabb::EMPTY };
    let places: Vec<Point> = sheet.controls.iter().map(|at| Point::from(*at)).collect();
    let own = Aabb::of(places.iter());
    let more = Vector::repeat(AROUND_MM);
    let own = own.including(&(own.min - more)).including(&(own.max + more));
    let all = scene.bounds();
    if all.is_empty() { own } else { own.including(&all.min).including(&all.max) }
}

/// All cuts of the plan together, each by itself too; none if it has no cut.
///
/// # Errors
/// The sentence of the first that has no blade.
pub(crate) fn all<'a>(
    plan: &Plan,
    knives: impl IntoIterator<Item = &'a Option<Knife>>,
) -> Result<Option<(Blade, Vec<Blade>)>, String> {
    let cuts = plan.actions.iter().zip(knives).filter(|(named, _)| matches!(named.action, Action::Cut(_)));
    let each: Vec<Blade> = cuts
        .filter_map(|(named, knife)| Some((named, knife.as_ref()?)))
        .map(|(named, knife)| knife.clone().map_err(|why| format!("{}: {why}", named.name)))
        .collect::<Result<_, String>>()?;
    if each.is_empty() {
        return Ok(None);
    }
    let blade = Blade::any(each.clone()).map_err(|error| error.to_string())?;
    Ok(Some((blade, each)))
}

/// The knives of all actions of `plan`, in order.
///
/// # Errors
/// [`Cancelled`].
pub(crate) fn of_plan(plan: &Plan, scene: &Scene, progress: &Progress) -> Result<Vec<Option<Knife>>, Cancelled> {
    plan.actions.iter().map(|named| of_action(plan, scene, &named.action, progress)).collect()
}
