//! The words of a plan: structures, targets, keep-outs, actions, check-list.

use super::ablation::Device;
use super::access::Position;
use super::liver::Condition;
use super::path::Matters;
use super::territory::TerritoriesBy;
use super::{Action, Score, SignedOn};
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
    /// How far edges of segments and surfaces may lie from the true ones beyond what voxels and triangles tell;
    /// [`super::uncertainty::EDGE_MM`] if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge_mm: Option<f64>,
    /// Longest way of a needle through bone; without one, bone is a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bone_mm_max: Option<f64>,
    /// How the patient lies: angles of ports to the horizontal plane depend on that. On the back and level if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// How healthy the liver is: what must stay of it depends on that.
    pub liver: Option<Condition>,
}

impl Limits {
    /// How far the edge of a segment may lie from the true one, beyond half a voxel.
    pub fn edge_mm(&self) -> f64 {
        self.edge_mm.unwrap_or(super::uncertainty::EDGE_MM)
    }

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
    /// What it was planned on then, as [`Plan::contents`] says; none where an earlier version signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<String>,
    /// What the plan had come to; none where an earlier version signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<SignedOn>,
}

impl Signature {
    /// Whether something else is planned now, or it is planned on other contents; `contents` are those of now.
    pub fn is_old(&self, planned: &str, contents: Option<&str>) -> bool {
        let is_other = |now: &str| self.contents.as_deref().is_some_and(|then| then != now);
        self.planned != planned || contents.is_some_and(is_other)
    }
}

/// A result of a simulation that belongs to a plan, and what both were when it was said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The result.
    pub node: NodeId,
    /// Its content then.
    pub content: String,
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
    /// What decides which branch of a tree a place of the organ belongs to.
    #[serde(default, skip_serializing_if = "TerritoriesBy::is_default")]
    pub territories: TerritoriesBy,
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
    /// Results of simulations that belong to it, to be compared with those of other plans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<Linked>,
    /// Devices of ablation that it brings beside those of the built-in table, so that it is whole elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
    /// The deformed organ it was moved with; none for a plan of the patient at rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_by: Option<NodeId>,
}
