//! What a case knows of its plans: the nodes, whether their scores and what was made of them are of now, results whose flows
//! they may go by.

use super::data::SurfaceData;
use super::{Case, Data, Node};
use crate::base::{Made, NodeId, Progress};
use crate::mesh::{CentreLines, Surface};
use crate::plan::alike::{self, Simulated};
use crate::plan::score::{Body, BodyFrom, territory_face};
use crate::plan::territory::{flow_field, flows_in};
use crate::plan::{Plan, Scene, Structure, Term};
use std::sync::Arc;

/// Tubes along vessels with what flows in them: the result of a network, of waves, or of a flow along its vessels.
#[derive(Debug, Clone)]
pub struct FlowTubes {
    /// The object that holds them.
    pub node: NodeId,
    /// Its content.
    pub content: String,
    data: Arc<SurfaceData>,
}

impl FlowTubes {
    /// The flow of every branch in ml/s; none if they are not of these lines.
    pub fn flows(&self, lines: &CentreLines) -> Option<Vec<f64>> {
        flows_in(&self.data.surface, &self.data.fields, lines)
    }
}

/// What of an object counts for something that was made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// All that it holds.
    Content,
    /// Of a plan: all that is planned.
    Planned,
    /// Of a plan: what is reached, spared and permitted, whatever is done about it.
    Asked,
    /// Of a plan: its score, as long as that is of now.
    Score,
}

impl Counts {
    const ALL: [Self; 4] = [Self::Content, Self::Planned, Self::Asked, Self::Score];

    /// What stands before the key.
    fn word(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Planned => "planned",
            Self::Asked => "asked",
            Self::Score => "score",
        }
    }
}

impl Case {
    /// All plans in the order they were made.
    pub fn plans(&self) -> impl Iterator<Item = (NodeId, &Arc<Node>, &Arc<Plan>)> {
        self.nodes().filter_map(|(id, node)| match &node.data {
            Data::Plan(plan) => Some((id, node, plan)),
            _ => None,
        })
    }

    /// The hash of the contents of all that `plan` is planned on, as they are now.
    pub fn plan_contents(&self, plan: &Plan) -> String {
        plan.contents(|id| self.node(id).map(|node| node.hash().to_hex()))
    }

    /// Why the score of `plan` is not of the case as it is now; none if it is, or if it has none.
    pub fn stale_score(&self, plan: &Plan) -> Option<String> {
        let score = plan.score.as_ref()?;
        let hash_of = |id| self.node(id).map(|node| node.hash().to_hex());
        score.stale(plan, hash_of, |id| self.node(id).map(|node| node.name.clone()))
    }

    /// All results that hold a flow along vessels.
    pub fn flow_results(&self) -> impl Iterator<Item = (NodeId, &Arc<Node>)> {
        let holds = |node: &Node| matches!(&node.data, Data::Surface(data) if flow_field(&data.fields).is_some());
        self.nodes().filter(move |(_, node)| holds(node))
    }

    /// The flow along vessels that the object `id` holds, if it does.
    pub fn flow_tubes(&self, id: NodeId) -> Option<FlowTubes> {
        let node = self.node(id)?;
        let Data::Surface(data) = &node.data else { return None };
        flow_field(&data.fields)?;
        Some(FlowTubes { node: id, content: node.hash().to_hex(), data: Arc::clone(data) })
    }

    /// The face of a cut of `plan` by the territories of `branches`; none where there is none, which the score says why.
    /// Computes, so not for the main thread.
    ///
    /// # Errors
    /// [`crate::base::Cancelled`] if `progress` was cancelled.
    pub fn territory_face(
        &self,
        plan: &Plan,
        branches: &[usize],
        progress: &Progress,
    ) -> Result<Option<Arc<Surface>>, crate::base::Cancelled> {
        let bodies = plan.organ.iter().chain(&plan.vessels).filter_map(|structure| self.body_of(*structure));
        let scene = Scene::new(bodies);
        let results = plan.territories.results().iter().filter_map(|id| self.flow_tubes(*id));
        let scene = results.fold(scene, |scene, tubes| {
            scene.with_flows(tubes.node, tubes.content.clone(), |lines| tubes.flows(lines))
        });
        territory_face(plan, &scene, branches, progress)
    }

    /// The body of a segment or of centre lines.
    fn body_of(&self, structure: Structure) -> Option<(Structure, Arc<Body>)> {
        let node = self.node(structure.node)?;
        let content = node.hash().to_hex();
        let body = match (&node.data, structure.segment) {
            (Data::Labels(labels), Some(id)) => {
                let segment = labels.segment(id)?;
                Body::new(&segment.name, segment.snomed, content, &BodyFrom::Segment(labels, id))
            }
            (Data::Lines(lines), None) => Body::new(&node.name, None, content, &BodyFrom::Lines(lines)),
            _ => return None,
        };
        Some((structure, Arc::new(body)))
    }

    /// What `counts` of the object `of` as it is now, for something that is made of it; none if it has no such thing.
    pub fn made(&self, of: NodeId, counts: Counts) -> Option<Made> {
        let node = self.node(of)?;
        let key = match (counts, &node.data) {
            (Counts::Content, _) => node.hash().to_hex(),
            (Counts::Planned, Data::Plan(plan)) => plan.planned(),
            (Counts::Asked, Data::Plan(plan)) => plan.asked(),
            (Counts::Score, Data::Plan(plan)) if self.stale_score(plan).is_none() => plan.score.as_ref()?.key(),
            _ => return None,
        };
        Some(Made { of, key: format!("{} {key}", counts.word()) })
    }

    /// What all that `plan` names holds now.
    pub fn made_of_structures(&self, plan: &Plan) -> Vec<Made> {
        let mut nodes: Vec<NodeId> =
            plan.structures().iter().map(|structure| structure.node).chain(plan.scan).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.into_iter().filter_map(|node| self.made(node, Counts::Content)).collect()
    }

    /// Why something that was made of these does not hold for the case as it is now; none if it does.
    pub fn stale(&self, made: &[Made]) -> Option<String> {
        let is_so = |own: &&Made| {
            let counts = Counts::ALL.into_iter().find(|counts| own.key.split(' ').next() == Some(counts.word()));
            counts.and_then(|counts| self.made(own.of, counts)).as_ref() == Some(*own)
        };
        let changed = made.iter().find(|own| !is_so(own))?;
        Some(format!("object {} was changed or removed since this was made of it; make it again", changed.of))
    }

    /// What stands beside the scores of plans when they are compared: what all actions of `plan`, the object `id`, do together,
    /// and the numbers of results of simulations that belong to it.
    ///
    /// These are the results that the plan names, and deformed organs and flows that were made of what its cuts left: somewhere
    /// among what they come from is an object made of this plan.
    pub fn together(&self, id: NodeId, plan: &Plan) -> Vec<Term> {
        let mut terms = alike::together(plan, |structure| self.name_of(structure));
        let named = plan.results.iter().map(|own| (own.node, self.stale_result(own, plan)));
        let is_named = |node: &NodeId| plan.results.iter().any(|own| own.node == *node);
        let is_result = |data: &Data| matches!(data, Data::Tissue(_) | Data::Flow(_));
        let others = self.nodes().filter(|(node, own)| is_result(&own.data) && !is_named(node));
        let come = others.filter_map(|(node, _)| {
            let made = self.made_from_plan(node, id)?;
            Some((node, self.stale(made)))
        });
        let mut all: Vec<(NodeId, Option<String>)> = named.chain(come).collect();
        // Results of one kind stand beside each other.
        all.sort_by_key(|(node, _)| (self.node(*node).map_or("", |own| own.data.kind().words()), *node));
        let contents: Vec<String> =
            all.iter().map(|(node, _)| self.node(*node).map_or_else(String::new, |own| own.hash().short())).collect();
        let results = all.iter().zip(&contents).map(|((node, stale), content)| {
            let own = self.node(*node);
            Simulated {
                node: *node,
                name: own.map_or("", |own| own.name.as_str()),
                content,
                facts: own.map_or(&[], |own| own.summary.facts.as_slice()),
                stale: stale.as_deref(),
            }
        });
        terms.extend(alike::simulated(&results.collect::<Vec<_>>()));
        terms
    }

    /// Why a result that `plan` names is not of it as both are now.
    fn stale_result(&self, own: &crate::plan::Linked, plan: &Plan) -> Option<String> {
        let now = self.node(own.node).map(|node| node.hash().to_hex());
        if now.as_ref() != Some(&own.content) {
            return Some(format!(
                "object {} was changed or removed since it was made a result of this plan; take it out and name it again with plan.change",
                own.node
            ));
        }
        let is_other = own.planned != plan.planned();
        is_other.then(|| "the plan was changed since this was made a result of it; simulate what is planned now".into())
    }

    /// What the object that `node` comes from was made of, if that is the plan `id`.
    fn made_from_plan(&self, node: NodeId, id: NodeId) -> Option<&[Made]> {
        let mut at = self.node(node)?;
        loop {
            let made = &at.summary.made_of;
            if made.iter().any(|own| own.of == id && own.key.starts_with(Counts::Planned.word())) {
                return Some(made);
            }
            // Sources are older than what is made of them, so this ends.
            at = self.node(at.source?)?;
        }
    }

    /// What a structure is called.
    fn name_of(&self, structure: &Structure) -> String {
        let node = self.node(structure.node);
        let of_segment = node.and_then(|node| match (&node.data, structure.segment) {
            (Data::Labels(labels), Some(segment)) => labels.segment(segment).map(|segment| segment.name.clone()),
            _ => None,
        });
        let whole = || node.map_or_else(|| format!("object {}", structure.node), |node| node.name.clone());
        of_segment.unwrap_or_else(whole)
    }
}
