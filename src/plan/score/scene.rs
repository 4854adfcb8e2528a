//! The bodies a plan is scored among, made ready once and used for every move of a handle.

use super::super::Structure;
use super::measure::{Run, in_runs};
use super::places::places;
use super::solid::Solid;
use crate::base::{NodeId, SegmentId};
use crate::geom::{Aabb, Point};
use crate::image::{LabelMap, Scan};
use crate::mesh::{Bvh, CentreLines, Surface};
use crate::plan::Plan;
use crate::plan::tree::Role;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a body is made of.
#[derive(Debug, Clone)]
pub enum BodyFrom<'a> {
    /// The voxels of a segment.
    Segment(&'a LabelMap, SegmentId),
    /// A closed surface.
    Surface(&'a Surface),
    /// Vessels.
    Lines(&'a Arc<CentreLines>),
}

/// A structure of the patient as kernels want it.
#[derive(Debug, Clone)]
pub struct Body {
    /// As people call it.
    pub name: String,
    /// SNOMED CT code, if it has one.
    pub snomed: Option<u64>,
    /// The content of the object that holds it.
    pub content: String,
    /// The content of the deformed organ that carried it, if one did.
    pub carried_by: Option<String>,
    /// Its border: places, and the radius of the ball about each, which is 0 but for vessels.
    pub(crate) border: Vec<(Point, f64)>,
    /// Runs of its border that lie together.
    pub(super) runs: Vec<Run>,
    /// The box around its border.
    pub(super) bounds: Aabb,
    /// How far the true border may lie from these.
    pub(super) half_mm: f64,
    /// Its voxels, if it is a segment.
    pub(crate) solid: Option<Solid>,
    pub(super) surface: Option<Bvh>,
    /// Its lines, if it is vessels.
    pub(super) lines: Option<Arc<CentreLines>>,
    /// What is made of it when paths or screws ask for it first.
    pub(super) made: super::obstacle::Made,
}

impl Body {
    /// The body called `name`; computes, so not for the main thread.
    pub fn new(name: &str, snomed: Option<u64>, content: String, from: &BodyFrom<'_>) -> Self {
        let (border, half_mm, solid, surface, lines) = match from {
            BodyFrom::Segment(labels, segment) => match Solid::of(labels, *segment) {
                None => (Vec::new(), 0.0, None, None, None),
                Some(solid) => {
                    let border = solid.border().into_iter().map(|point| (point, 0.0)).collect();
                    (border, solid.half_mm(), Some(solid), None, None)
                }
            },
            BodyFrom::Surface(surface) => {
                let (places, half_mm) = places(surface);
                let border = places.into_iter().map(|point| (point, 0.0)).collect();
                (border, half_mm, None, Some(Bvh::new(surface)), None)
            }
            BodyFrom::Lines(lines) => {
                let balls = lines.branches().iter().flat_map(|branch| branch.points.iter().zip(&branch.radii_mm));
                let border = balls.map(|(point, radius)| (*point, *radius)).collect();
                let steps = lines.branches().iter().flat_map(|branch| branch.points.windows(2));
                let longest = steps.map(|pair| (pair[1] - pair[0]).norm()).fold(0.0, f64::max);
                (border, 0.5 * longest, None, None, Some(Arc::clone(lines)))
            }
        };
        let (border, runs) = in_runs(border, half_mm);
        let bounds = Aabb::of(border.iter().map(|(point, _)| point));
        let (name, made) = (name.to_owned(), super::obstacle::Made::default());
        Self { name, snomed, content, carried_by: None, border, runs, bounds, half_mm, solid, surface, lines, made }
    }

    /// Whether it is vessels, which have radii and no edge that was drawn.
    pub(crate) fn is_lines(&self) -> bool {
        self.lines.is_some()
    }

    /// Whether nothing of it is there.
    pub fn is_empty(&self) -> bool {
        self.border.is_empty()
    }

    /// About how many bytes it takes in memory, with what was made of it since.
    pub fn bytes(&self) -> usize {
        let border = size_of::<(Point, f64)>() * self.border.len();
        let solid = self.solid.as_ref().map_or(0, Solid::bytes);
        let surface = self.surface.as_ref().map_or(0, |search| bytes_of_search(search.surface()));
        border + solid + surface + self.made.bytes()
    }

    /// Whether `point` lies in it.
    pub fn holds(&self, point: &Point) -> bool {
        match (&self.solid, &self.surface) {
            (Some(solid), _) => solid.holds(point),
            (None, Some(surface)) => surface.is_inside(point),
            (None, None) => self.border.iter().any(|(at, radius)| (point - at).norm() < *radius),
        }
    }
}

/// About how many bytes a surface and its tree of boxes take.
pub(super) fn bytes_of_search(surface: &Surface) -> usize {
    24 * surface.positions().len() + 120 * surface.triangles().len()
}

/// All bodies a plan names, the scan whose values count, and results whose flows do.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    bodies: BTreeMap<Structure, Arc<Body>>,
    scan: Option<(NodeId, String, Arc<Scan>)>,
    flows: Vec<Flows>,
    /// How far edges may lie from the true ones beyond what voxels and triangles tell.
    edge_mm: f64,
    /// The segmentations that its bodies are of.
    groups: Vec<LabelMap>,
    /// Names of what is at rest while the plan was moved with its organ.
    at_rest: Vec<String>,
    /// The deformed organ that carried bodies and scan, its content, and what it carried.
    carried: Option<(NodeId, String, Vec<String>)>,
}

/// A result whose flows count: the object, its content, and of which tree it is, with the flow of every branch in ml/s.
#[derive(Debug, Clone)]
struct Flows {
    node: NodeId,
    content: String,
    of: Option<(Structure, Vec<f64>)>,
}

impl Scene {
    /// A scene of these bodies.
    pub fn new(bodies: impl IntoIterator<Item = (Structure, Arc<Body>)>) -> Self {
        Self { bodies: bodies.into_iter().collect(), ..Self::default() }
    }

    /// This scene with the result `node` of content `content`: of the tree whose branches `flows_of` knows the flows of, in
    /// ml/s.
    #[must_use]
    pub fn with_flows(
        mut self,
        node: NodeId,
        content: String,
        flows_of: impl Fn(&CentreLines) -> Option<Vec<f64>>,
    ) -> Self {
        let mut trees = self.bodies.iter().filter_map(|(structure, body)| Some((structure, body.lines.as_ref()?)));
        let of = trees.find_map(|(structure, lines)| Some((*structure, flows_of(lines)?)));
        self.flows.push(Flows { node, content, of });
        self
    }

    /// The flow of every branch of `vessels` in ml/s and the content of the result that says so; none if no result is of it.
    pub(super) fn flows(&self, vessels: Structure) -> Option<(&str, &[f64])> {
        self.flows.iter().find_map(|flows| {
            let (tree, own) = flows.of.as_ref()?;
            (*tree == vessels).then_some((flows.content.as_str(), own.as_slice()))
        })
    }

    /// The first result that is of none of the trees.
    pub(crate) fn stray_flow(&self) -> Option<NodeId> {
        self.flows.iter().find(|flows| flows.of.is_none()).map(|flows| flows.node)
    }

    /// What each tree of `plan` does by its name.
    pub(super) fn roles(&self, plan: &Plan) -> Vec<(NodeId, Role)> {
        let role = |vessels: &Structure| Some((vessels.node, Role::of(&self.body(*vessels)?.name)));
        plan.vessels.iter().filter_map(role).collect()
    }

    /// This scene with a scan, the content of its object and the object.
    #[must_use]
    pub fn with_scan(mut self, node: NodeId, content: String, scan: Arc<Scan>) -> Self {
        self.scan = Some((node, content, scan));
        self
    }

    /// This scene with the edges of segments and surfaces known within `edge_mm` more than voxels and triangles tell.
    #[must_use]
    pub fn known_within(mut self, edge_mm: f64) -> Self {
        self.edge_mm = edge_mm;
        self
    }

    /// This scene in which these are at rest, though its plan was moved with its organ: nothing is scored in it.
    #[must_use]
    pub fn with_at_rest(mut self, names: Vec<String>) -> Self {
        self.at_rest = names;
        self
    }

    /// This scene with the segmentations that its bodies are of: what else lies at a place is known then.
    #[must_use]
    pub fn with_groups(mut self, groups: Vec<LabelMap>) -> Self {
        self.groups = groups;
        self
    }

    /// The names of the segments at a place, of all segmentations.
    pub(super) fn segments_at(&self, point: &Point) -> Vec<&str> {
        let own = self.groups.iter().filter_map(|group| {
            let label = group.at(group.grid().voxel_at(*point)?);
            group.segment(SegmentId(label)).map(|segment| segment.name.as_str())
        });
        own.collect()
    }

    /// This scene, whose bodies and scan called `names` were carried by the deformed organ `by` of this content.
    #[must_use]
    pub fn with_carried(mut self, by: NodeId, content: String, names: Vec<String>) -> Self {
        self.carried = Some((by, content, names));
        self
    }

    /// Names of what was carried with a deformed organ.
    pub(super) fn carried(&self) -> &[String] {
        self.carried.as_ref().map_or(&[], |(.., names)| names)
    }

    /// What is at rest though the plan was moved.
    pub(super) fn at_rest(&self) -> &[String] {
        &self.at_rest
    }

    /// How far edges of segments may lie from the true ones beyond half a voxel.
    pub(super) fn edge_mm(&self) -> f64 {
        self.edge_mm
    }

    /// The same of `body`: vessels have radii of their own and no edge that was drawn.
    pub(super) fn beyond_mm(&self, body: &Body) -> f64 {
        if body.is_lines() { 0.0 } else { self.edge_mm }
    }

    /// How far the true border of `body` may lie from the places of its border.
    pub(super) fn half_mm(&self, body: &Body) -> f64 {
        body.half_mm + self.beyond_mm(body)
    }

    /// The body of `structure`, if it is there and has anything in it.
    pub fn body(&self, structure: Structure) -> Option<&Body> {
        self.bodies.get(&structure).map(Arc::as_ref).filter(|body| !body.is_empty())
    }

    /// The box around all bodies; empty if there is none.
    pub(super) fn bounds(&self) -> Aabb {
        let all = self.bodies.values().filter(|body| !body.is_empty());
        all.fold(Aabb::EMPTY, |bounds, body| bounds.including(&body.bounds.min).including(&body.bounds.max))
    }

    /// What `structure` is called.
    pub fn name(&self, structure: Structure) -> String {
        self.bodies.get(&structure).map_or_else(|| format!("object {}", structure.node), |body| body.name.clone())
    }

    /// The scan whose values count.
    pub fn scan(&self) -> Option<&Arc<Scan>> {
        self.scan.as_ref().map(|(_, _, scan)| scan)
    }

    /// The objects it was made from and their contents, each once.
    pub(super) fn inputs(&self) -> Vec<(NodeId, String)> {
        let bodies = self.bodies.iter().map(|(structure, body)| (structure.node, body.content.clone()));
        let scan = self.scan.iter().map(|(node, content, _)| (*node, content.clone()));
        let flows = self.flows.iter().map(|flows| (flows.node, flows.content.clone()));
        let carried = self.carried.iter().map(|(node, content, _)| (*node, content.clone()));
        let all: BTreeMap<NodeId, String> = bodies.chain(scan).chain(flows).chain(carried).collect();
        all.into_iter().collect()
    }
}
