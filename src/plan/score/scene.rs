//! The bodies a plan is scored among, made ready once and used for every move of a handle.

use super::super::Structure;
use super::measure::{Run, in_runs};
use super::solid::Solid;
use crate::base::{NodeId, SegmentId};
use crate::geom::{Aabb, Point};
use crate::image::{LabelMap, Scan};
use crate::mesh::{Bvh, CentreLines, Surface};
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
                let middles = surface.triangles().iter().map(|triangle| {
                    let [a, b, c] = surface.corners(*triangle);
                    Point::from((a.coords + b.coords + c.coords) / 3.0)
                });
                let border: Vec<_> = surface.positions().iter().copied().chain(middles).map(|p| (p, 0.0)).collect();
                // Between a corner and a middle lies at most two thirds of a height of the triangle.
                let edges = surface.triangles().iter().map(|triangle| {
                    let [a, b, c] = surface.corners(*triangle);
                    (b - a).norm().max((c - b).norm()).max((a - c).norm())
                });
                let half_mm = 0.5 * edges.sum::<f64>() / surface.triangles().len().max(1) as f64;
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
        Self { name, snomed, content, border, runs, bounds, half_mm, solid, surface, lines, made }
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

/// All bodies a plan names, and the scan whose values count.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    bodies: BTreeMap<Structure, Arc<Body>>,
    scan: Option<(NodeId, String, Arc<Scan>)>,
}

impl Scene {
    /// A scene of these bodies.
    pub fn new(bodies: impl IntoIterator<Item = (Structure, Arc<Body>)>) -> Self {
        Self { bodies: bodies.into_iter().collect(), scan: None }
    }

    /// This scene with a scan, the content of its object and the object.
    #[must_use]
    pub fn with_scan(mut self, node: NodeId, content: String, scan: Arc<Scan>) -> Self {
        self.scan = Some((node, content, scan));
        self
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
        let all: BTreeMap<NodeId, String> = bodies.chain(scan).collect();
        all.into_iter().collect()
    }
}
