//! Search for paths: every permitted place of a skin or skull is tried as an entry to every target, and ranked by visible terms.
//!
//! Knows no case: structures come as [`Obstacle`]s, the entry surface with its normals.

mod judge;
mod outcome;
mod together;

pub use outcome::{Found, Outcome, Verdict};
pub use together::{Together, together};

use super::path::{Matters, Obstacle, PathError};
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::image::Scan;
use crate::mesh::Surface;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A structure to be spared, and how.
#[derive(Debug, Clone, Copy)]
pub struct Guarded<'a> {
    /// Where it is.
    pub structure: &'a Obstacle,
    /// The least distance.
    pub distance_mm: f64,
    /// How much its nearness counts; `None`: nearer than the distance is forbidden, and its nearness counts with weight 1.
    pub weight: Option<f64>,
}

/// What is searched.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The skin or skull, closed, outside where triangles run counter-clockwise.
    pub surface: &'a Surface,
    /// Which of its vertices may be entries; all without it.
    pub permitted: Option<&'a [bool]>,
    /// Where paths may end.
    pub targets: &'a [Point],
    /// What is to be spared.
    pub guarded: &'a [Guarded<'a>],
    /// The scan that tells air and bone, if it is a CT.
    pub scan: Option<&'a Scan>,
    /// The rules.
    pub rules: &'a Rules,
}

/// Rules of a search. Lengths are from the entry to the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Diameter of the instrument.
    pub diameter_mm: f64,
    /// The longest path.
    pub length_mm_max: f64,
    /// The largest angle to the normal of the surface.
    pub angle_degrees_max: f64,
    /// Entries must lie in this cone around a direction from the target, if any.
    pub cone: Option<Cone>,
    /// What air and bone are.
    pub matters: Matters,
    /// Whether air within the body forbids a path.
    pub is_air_forbidden: bool,
    /// The most bone a path may pass; none if bone does not matter.
    pub bone_mm_max: Option<f64>,
    /// Whether the entry surface is bone, which is drilled: the bone that a path begins in, with the marrow in it, does not count.
    #[serde(default)]
    pub is_entry_drilled: bool,
    /// Nearness of a structure counts fully at its least distance and no more this much beyond it.
    pub fades_over_mm: f64,
    /// How much the length counts, as a part of the longest.
    pub length_weight: f64,
    /// How much the angle counts, as a part of the largest.
    pub angle_weight: f64,
    /// How many paths are given back.
    pub count: usize,
    /// How far their entries or targets must be apart.
    pub apart_mm: f64,
}

/// Directions from a target within an angle of an axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cone {
    /// From the target outwards.
    pub axis: [f64; 3],
    /// The largest angle to it.
    pub half_degrees: f64,
}

/// A biopsy of the abdomen. Nearness fades over 7 mm, from 3 to 10 mm for vessels of the brain, as the risk score of Sparks and
/// others 2017 (Int J CARS 12:123, doi 10.1007/s11548-016-1452-x) does; lengths, angles and weights are this program's choice.
impl Default for Rules {
    fn default() -> Self {
        Self {
            diameter_mm: 1.3,
            length_mm_max: 150.0,
            angle_degrees_max: 60.0,
            cone: None,
            matters: Matters::default(),
            is_air_forbidden: true,
            bone_mm_max: Some(0.0),
            is_entry_drilled: false,
            fades_over_mm: 7.0,
            length_weight: 0.5,
            angle_weight: 0.25,
            count: 10,
            apart_mm: 10.0,
        }
    }
}

/// A rule that forbids a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Outside the cone.
    Cone,
    /// Too long, or without length.
    Length,
    /// Too slanted, or out of the body instead of into it.
    Angle,
    /// From beneath another part of the surface, where no instrument can stand: the inner table of a skull, the wall of a sinus.
    Covered,
    /// Too near to this structure.
    Distance(usize),
    /// Through air.
    Air,
    /// Through too much bone.
    Bone,
}

/// A part of a path's cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// What it is about.
    pub of: TermOf,
    /// 0 is best, 1 as bad as allowed; more for a breach that is only weighted.
    pub value: f64,
    /// How much it counts.
    pub weight: f64,
}

/// What a term is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermOf {
    /// Nearness of this structure.
    Distance(usize),
    /// Length.
    Length,
    /// Angle.
    Angle,
}

/// Why a search was not made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SearchError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Nothing is the matter with the search, but a path of it.
    #[error(transparent)]
    Path(#[from] PathError),
    /// There is no target.
    #[error("there is no target to reach; place one")]
    NoTarget,
    /// No vertex of the surface is permitted.
    #[error("no place of the surface is permitted as an entry; make the permitted region larger")]
    NoEntry,
    /// The mask of permitted places is for another surface.
    #[error("the permitted region has {given} places and the surface {wanted}; mark it again")]
    OtherSurface {
        /// Places given.
        given: usize,
        /// Vertices of the surface.
        wanted: usize,
    },
    /// One of several targets cannot be reached.
    #[error("target {target} has no possible path; lift a rule or permit other entries")]
    NoPathTo {
        /// Which, from 1.
        target: usize,
    },
    /// Paths to several targets come too near to one another.
    #[error("no set of paths stays {gap_mm:.1} mm apart; ask for less, or permit more entries")]
    NoneTogether {
        /// What was asked for.
        gap_mm: f64,
    },
    /// Air or bone cannot be told.
    #[error("air and bone are told by the Hounsfield units of a CT; choose one, or lift the rules about air and bone")]
    NoCt,
    /// A number that is not usable.
    #[error("{what} is {value}; it must be {limit}")]
    BadNumber {
        /// Which.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        limit: &'static str,
    },
}

impl Rules {
    fn check(&self) -> Result<(), SearchError> {
        let positive = [
            ("the longest length", self.length_mm_max),
            ("the largest angle", self.angle_degrees_max),
            ("the diameter", self.diameter_mm),
            ("the distance over which nearness fades", self.fades_over_mm),
        ];
        let bad = positive.into_iter().find(|(_, value)| !(0.0 < *value && value.is_finite()));
        if let Some((what, value)) = bad {
            return Err(SearchError::BadNumber { what, value, limit: "more than 0" });
        }
        let weights =
            [("the weight of the length", self.length_weight), ("the weight of the angle", self.angle_weight)];
        let bad = weights.into_iter().find(|(_, value)| !(0.0 <= *value && value.is_finite()));
        bad.map_or(Ok(()), |(what, value)| Err(SearchError::BadNumber { what, value, limit: "0 or more" }))
    }
}

/// Try every permitted vertex with every target.
///
/// Distances are those along the axis at steps no longer than the distance allows, to half a voxel; those of the paths given
/// back are computed anew as [`super::path::approach`] does. The same on any number of threads; equal costs are ranked by vertex.
///
/// # Errors
/// [`SearchError`] for a search that cannot be made. A search that finds nothing is no error: see [`Outcome::why_none`].
pub fn search(search: &Search, progress: &Progress) -> Result<Outcome, SearchError> {
    search.rules.check()?;
    let count = search.surface.positions().len();
    if search.surface.triangles().is_empty() {
        return Err(PathError::NoSurface.into());
    }
    if let Some(permitted) = search.permitted.filter(|permitted| permitted.len() != count) {
        return Err(SearchError::OtherSurface { given: permitted.len(), wanted: count });
    }
    if search.targets.is_empty() {
        return Err(SearchError::NoTarget);
    }
    if let Some(guard) = search.guarded.iter().find(|g| !g.distance_mm.is_finite() || g.distance_mm < 0.0) {
        let what = "the least distance of a structure";
        return Err(SearchError::BadNumber { what, value: guard.distance_mm, limit: "0 or more" });
    }
    let judge = judge::Judge::new(search)?;
    let entries: Vec<u32> =
        (0..count as u32).filter(|v| search.permitted.is_none_or(|permitted| permitted[*v as usize])).collect();
    if entries.is_empty() {
        return Err(SearchError::NoEntry);
    }
    progress.set(0.0)?;
    let normals: Vec<Vector> = search.surface.vertex_normals();
    let judged = entries.par_iter().map(|vertex| {
        progress.check()?;
        let [entry, normal] = [search.surface.positions()[*vertex as usize].coords, normals[*vertex as usize]];
        let of_target = |target: usize| judge.verdict(&Point::from(entry), &normal, target);
        Ok((0..search.targets.len()).map(of_target).collect::<Vec<Verdict>>())
    });
    let judged: Vec<Vec<Verdict>> = judged.collect::<Result<_, Cancelled>>()?;
    progress.set(0.95)?;
    let outcome = outcome::ranked(search, &judge, &normals, &entries, &judged)?;
    progress.set(1.0)?;
    Ok(outcome)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
