//! The words of a plan: structures, targets, keep-outs, actions, check-list.

use super::liver::Condition;
use super::path::Matters;
use super::{Action, Score};
use crate::base::{NodeId, SegmentId};
use serde::{Deserialize, Serialize};

/// A structure of the patient: a segment, or a whole object of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Structure {
    /// The object that holds it.
    pub node: NodeId,
    /// Which segment of a segmentation; none for a surface or centre lines.
    pub segment: Option<SegmentId>,
}

/// Something that must be reached, taken away or destroyed whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// What.
    pub structure: Structure,
    /// Healthy tissue that must go with it, all round.
    pub margin_mm: f64,
}

/// Something that must be spared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeepOut {
    /// What.
    pub structure: Structure,
    /// The least distance of every action.
    pub distance_mm: f64,
    /// How much a breach counts in the score; `None` forbids it.
    pub weight: Option<f64>,
}

/// Limits of the patient and the procedure; every default has its source where it is defined.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Body height, for formulas.
    pub height_cm: Option<f64>,
    /// Body weight, for formulas.
    pub weight_kg: Option<f64>,
    /// Least part of the organ that must stay, in per cent.
    pub remnant_percent_min: Option<f64>,
    /// Longest path of a needle.
    pub length_mm_max: Option<f64>,
    /// Largest angle of a path to the normal of the surface it enters.
    pub angle_degrees_max: Option<f64>,
    /// Below this a path goes through air; -500 HU if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub air_hu_below: Option<f64>,
    /// How healthy the liver is: what must stay of it depends on that.
    pub liver: Option<Condition>,
}

impl Limits {
    /// What air and bone are in this plan's scan.
    pub fn matters(&self) -> Matters {
        let usual = Matters::default();
        Matters { air_hu_below: self.air_hu_below.unwrap_or(usual.air_hu_below), ..usual }
    }
}

/// A line of the check-list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What is to be checked.
    pub text: String,
    /// Who signed it off; none while it is open.
    pub signed: Option<Signature>,
}

/// Somebody's word for a line of the check-list. It is about what was planned then: a plan that changed needs a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// Who.
    pub by: String,
    /// When (RFC 3339).
    pub at: String,
    /// What was planned then, as [`Plan::planned`] says.
    pub planned: String,
}

/// An action with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedAction {
    /// As the panel and the report call it.
    pub name: String,
    /// What is done.
    pub action: Action,
}

/// A plan, one of several of a case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The organ that is operated on; none for a path through several.
    pub organ: Option<Structure>,
    /// What paths go in through: skin, skull or bone.
    pub entry: Option<Structure>,
    /// The scan whose values count: air along a path, bone along a screw.
    pub scan: Option<NodeId>,
    /// The trees of vessels that supply or drain it (centre lines).
    pub vessels: Vec<Structure>,
    /// What must be reached.
    pub targets: Vec<Target>,
    /// What must be spared.
    pub keep_out: Vec<KeepOut>,
    /// What is done, in order.
    pub actions: Vec<NamedAction>,
    /// The limits it is scored by.
    pub limits: Limits,
    /// What people check before they go on.
    pub checks: Vec<Check>,
    /// What a person wrote about it.
    pub note: String,
    /// What it was worth when it was last scored; says itself of which state it is.
    pub score: Option<Score>,
}
