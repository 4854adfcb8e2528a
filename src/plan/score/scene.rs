//! The bodies a plan is scored among, made ready once and used for every move of a handle.

use super::super::Structure;
use super::kernels::Solid;
use crate::base::{NodeId, SegmentId};
use crate::geom::Point;
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
        let (name, half_mm) = (name.to_owned(), 0.0);
        let (border, made) = (Vec::new(), Default::default());
        let empty = Self { name, snomed, content, border, half_mm, solid: None, surface: None, lines: None, made };
        match from {
            BodyFrom::Segment(labels, segment) => {
                let Some(solid) = Solid::of(labels, *segment) else { return empty };
                let border = solid.border().into_iter().map(|point| (point, 0.0)).collect();
                Self { border, half_mm: solid.half_mm(), solid: Some(solid), ..empty }
            }
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
                Self { border, half_mm, surface: Some(Bvh::new(surface)), ..empty }
            }
            BodyFrom::Lines(lines) => {
                let balls = lines.branches().iter().flat_map(|branch| branch.points.iter().zip(&branch.radii_mm));
                let border = balls.map(|(point, radius)| (*point, *radius)).collect();
                let steps = lines.branches().iter().flat_map(|branch| branch.points.windows(2));
                let longest = steps.map(|pair| (pair[1] - pair[0]).norm()).fold(0.0, f64::max);
                Self { border, half_mm: 0.5 * longest, lines: Some(Arc::clone(lines)), ..empty }
            }
        }
    }

    /// Whether nothing of it is there.
    pub fn is_empty(&self) -> bool {
        self.border.is_empty()
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
