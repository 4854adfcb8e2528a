//! A network: vessels between nodes and what is at its ends, checked once.

use super::end::End;
use super::error::{WavesError, positive};
use super::segment::Segment;
use crate::flow::Fluid;
use std::collections::{BTreeMap, BTreeSet};

/// Vessels, where they meet and where they end.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    fluid: Fluid,
    segments: Vec<Segment>,
    ends: BTreeMap<usize, End>,
    joints: Vec<Joint>,
    period_s: Option<f64>,
}

/// A node with the vessel ends that meet there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Joint {
    /// Number by which segments call it.
    pub node: usize,
    /// Segment and which of its ends: 0 begin, 1 end.
    pub meeting: Vec<(usize, usize)>,
}

impl Network {
    /// A network of these vessels. Nodes are what numbers the segments give; one that a single vessel reaches needs an
    /// end, one that more reach is a junction, into which a flow or a pressure may be given. Loops are allowed.
    ///
    /// # Errors
    /// [`WavesError`] for no vessel, a name given twice, a bad number, an end that is missing or at a junction, and
    /// cycles of different lengths.
    pub fn new(fluid: Fluid, segments: Vec<Segment>, ends: Vec<(usize, End)>) -> Result<Self, WavesError> {
        positive("the fluid", "the density", fluid.density_kg_m3)?;
        super::error::not_negative("the fluid", "the viscosity", fluid.viscosity_pa_s)?;
        if segments.is_empty() {
            return Err(WavesError::Topology("there is no vessel".into()));
        }
        let mut names = BTreeSet::new();
        let mut meeting: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (n, segment) in segments.iter().enumerate() {
            segment.check()?;
            if !names.insert(segment.name.as_str()) {
                return Err(WavesError::DuplicateName(segment.name.clone()));
            }
            for (side, node) in segment.nodes.into_iter().enumerate() {
                meeting.entry(node).or_default().push((n, side));
            }
        }
        let mut given = BTreeMap::new();
        let mut period_s = None;
        for (node, end) in ends {
            end.check(node)?;
            let count = meeting.get(&node).map_or(0, Vec::len);
            if count != 1 && !(1 < count && matches!(end, End::Flow(_) | End::Pressure(_))) {
                let problem = format!("an end is given at node {node}, which {count} vessels reach instead of one");
                return Err(WavesError::Topology(problem));
            }
            if let Some(own) = end.period() {
                let other_s = *period_s.get_or_insert(own);
                if 1e-9 * other_s < (own - other_s).abs() {
                    return Err(WavesError::Periods { node, period_s: own, other_s });
                }
            }
            if given.insert(node, end).is_some() {
                return Err(WavesError::Topology(format!("two ends are given at node {node}")));
            }
        }
        for (node, list) in &meeting {
            if list.len() == 1 && !given.contains_key(node) {
                let name = &segments[list[0].0].name;
                let problem = format!(
                    "'{name}' ends at node {node} in nothing; give a flow, a pressure, a windkessel or a reflection there"
                );
                return Err(WavesError::Topology(problem));
            }
        }
        let joints = meeting.into_iter().map(|(node, meeting)| Joint { node, meeting }).collect();
        Ok(Self { fluid, segments, ends: given, joints, period_s })
    }

    /// What flows.
    pub fn fluid(&self) -> &Fluid {
        &self.fluid
    }

    /// The vessels.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What is at the ends, by node.
    pub fn ends(&self) -> &BTreeMap<usize, End> {
        &self.ends
    }

    /// The vessel of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.segments.iter().position(|segment| segment.name == name)
    }

    /// Length of the cycle in s, if something repeats.
    pub fn period_s(&self) -> Option<f64> {
        self.period_s
    }

    pub(super) fn joints(&self) -> &[Joint] {
        &self.joints
    }
}
