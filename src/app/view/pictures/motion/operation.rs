//! An operation that is done again for a film, with the kernel and the numbers of `simulate.operate`.

use super::{Film, Posed};
use crate::app::mirror::Shade;
use crate::app::ui::{Colour, OperationInfo, active_scan};
use crate::app::view::grip::OUTSIDE_MM_MAX;
use crate::app::view::live::{Frame, Topology, topology_of};
use crate::app::view::operate::seen_of;
use crate::app::view::skin::Skin;
use crate::base::i18n::tr_with;
use crate::base::{NodeId, Progress};
use crate::biomech::interactive::Health;
use crate::biomech::operation::Operation;
use crate::geom::Aabb;
use crate::image::Scan;
use crate::mesh::Surface;
use crate::mesh::embed::Embedding;
use crate::session::{Case, Data};
use crate::tools::simulate_operate::{Done, done_in};
use crate::tools::simulate_tissue::seen_with;
use std::sync::Arc;
use std::time::Duration;

/// What has this share of its vertices in the box around the organ may lie within it.
const WITHIN_SHARE: f64 = 0.95;
/// Frames of the operation in a second of it.
const FRAMES_PER_S: f64 = 60.0;

/// A film of an operation.
pub(super) struct OperationFilm {
    done: Done,
    /// The result, which shows the organ.
    node: NodeId,
    /// The fine surface the mesh was made from.
    outside: Option<Surface>,
    /// What may lie within the organ.
    inner: Vec<(NodeId, Surface)>,
    colour: Colour,
    /// The end of the scale of the result.
    scale_end: f64,
    /// What cut faces show.
    scan: Option<Scan>,
    /// The organ as it is, once it was begun.
    now: Option<Now>,
}

struct Now {
    operation: Operation,
    /// Acts that were done.
    done: usize,
    topology: Arc<Topology>,
    skins: Vec<(NodeId, Skin)>,
}

impl OperationFilm {
    /// Of the operation whose result `node` is, in the colours of that; none if it is none.
    pub(super) fn of(case: &Case, node: NodeId, shade: Option<&Shade>) -> Option<Self> {
        let done = done_in(case, node)?;
        let tets = case.node(done.of)?;
        let surface = |id: NodeId| match &case.node(id)?.data {
            Data::Surface(own) => Some(own.surface.clone()),
            _ => None,
        };
        let organ = seen_with(case, done.of, tets);
        let bounds = Aabb::of(done.mesh.positions());
        let within = |surface: &Surface| {
            let inside = surface.positions().iter().filter(|place| bounds.contains(place)).count();
            WITHIN_SHARE * surface.positions().len() as f64 <= inside as f64
        };
        let seen = case.nodes().filter(|(id, other)| other.display.visible && *id != node && !organ.contains(id));
        let inner = seen.filter_map(|(id, _)| Some((id, surface(id).filter(within)?))).collect();
        let colour = match case.node(node)?.display.field.as_deref() {
            Some("displacement") => Colour::Displacement,
            Some("von Mises stress") => Colour::Stress,
            _ => Colour::Organ,
        };
        let scale_end = shade.map_or(0.0, |shade| shade.range[1]);
        let scan = active_scan(case, Some(done.of)).map(|(_, _, scan)| scan.clone());
        let outside = tets.source.and_then(surface);
        Some(Self { done, node, outside, inner, colour, scale_end, scan, now: None })
    }

    /// The organ before anything was done, and what it moves.
    fn begun(&mut self, progress: &Progress) -> Result<Now, String> {
        let mesh = &self.done.mesh;
        let bound = |surface: Surface| -> Result<Option<(Surface, Embedding)>, String> {
            let embedding = Embedding::new(&surface, mesh, progress).map_err(|error| error.to_string())?;
            // What is further outside is another organ.
            Ok((embedding.outside_mm_p95 <= OUTSIDE_MM_MAX).then_some((surface, embedding)))
        };
        let outside = self.outside.take().map(bound).transpose()?.flatten();
        let mut skins = vec![(self.node, Skin::new(mesh, outside))];
        for (id, surface) in std::mem::take(&mut self.inner) {
            if let Some((surface, embedding)) = bound(surface)? {
                skins.push((id, Skin::inner(mesh, surface, embedding)));
            }
        }
        let operation = self.done.begun().map_err(|error| error.to_string())?;
        let topology = Arc::new(topology_of(operation.body()));
        Ok(Now { operation, done: 0, topology, skins })
    }
}

impl Now {
    /// Do what was done until `frame`, and compute the frames until then.
    fn go_on(&mut self, done: &Done, frame: u64, progress: &Progress) -> Result<(), String> {
        if frame <= self.operation.frames() {
            return Ok(());
        }
        let acts = &done.acts()[self.done..];
        // What is done in a frame is seen in the next one.
        let due = acts.iter().take_while(|act| act.frame < frame).count();
        self.operation.play(&acts[..due], frame, progress).map_err(|error| error.to_string())?;
        self.done += due;
        let body = self.operation.body();
        if body.tets() != self.topology.tets || body.positions().len() != self.topology.rest.len() {
            self.topology = Arc::new(topology_of(body));
        }
        Ok(())
    }
}

impl Film for OperationFilm {
    fn posed(&mut self, n: usize, frames: usize, progress: &Progress) -> Result<Posed, String> {
        let mut now = match self.now.take() {
            Some(now) => now,
            None => self.begun(progress)?,
        };
        let part = n as f64 / (frames - 1).max(1) as f64;
        now.go_on(&self.done, (part * self.done.frames() as f64).round() as u64, progress)?;
        let body = now.operation.body();
        let stress = if self.colour == Colour::Stress { body.stress_and_strain() } else { Vec::new() };
        let health: Health = body.health();
        let frame = Frame::of(&now.operation, &now.topology, health, stress, Duration::ZERO);
        let mut surfaces = Vec::with_capacity(now.skins.len());
        for (place, (node, skin)) in now.skins.iter_mut().enumerate() {
            let (colour, scan) = if place == 0 { (self.colour, self.scan.as_ref()) } else { (Colour::Organ, None) };
            skin.look_at(&frame.topology, scan);
            let drawn = skin.drawn(&frame, colour, scan, self.scale_end);
            surfaces.extend(drawn.map(|(mesh, shade)| (*node, mesh, shade)));
        }
        let instrument = frame.instrument.map(|(tool, _)| tool);
        let seen = seen_of(&frame);
        let moment = said(now.operation.frames(), &seen);
        self.now = Some(now);
        Ok(Posed { surfaces, moment, operation: Some(seen), instrument, particles: None })
    }
}

/// When it is, and the largest force of a hand then.
fn said(frames: u64, seen: &OperationInfo) -> String {
    let force_n = seen.marks.iter().map(|mark| mark.force_n.norm()).fold(0.0, f64::max);
    let time = format!("{:.1}", frames as f64 / FRAMES_PER_S);
    let force = format!("{force_n:.1}");
    tr_with("picture-moment-operation", &[("time", (&time).into()), ("force", (&force).into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::verification::shapes::straight_box;
    use crate::mesh::TetMesh;
    use crate::session::{Command, Node};
    use serde_json::json;

    /// A box that was pulled, let go and cut, with what is kept of that.
    fn operated() -> Case {
        let mesh: TetMesh = straight_box([3, 3, 3], [30.0, 30.0, 30.0]);
        let body = |v: usize| mesh.positions()[v];
        let displaced = (0..mesh.positions().len()).map(|v| body(v).coords * 0.01).collect();
        let result = crate::app::view::pictures::motion::tests::result(&mesh, displaced);
        let acts = json!([
            { "frame": 0, "do": "grasp", "at_mm": [15.0, 15.0, 30.0], "radius_mm": 12.0 },
            { "frame": 2, "do": "drag", "grasper": 0, "by_mm": [0.0, 0.0, 4.0] },
            { "frame": 9, "do": "let_go", "grasper": 0 },
            { "frame": 12, "do": "take", "at_mm": [15.0, 15.0, 28.0], "radius_mm": 8.0 },
            { "frame": 14, "do": "place", "shape": "ball", "radius_mm": 5.0, "at_mm": [15.0, 15.0, 33.0] },
        ]);
        let params = json!({ "mesh": 2, "tissue": "liver", "hold": "left", "acts": acts, "settle_s": 0.1 });
        let made = Command::new("simulate.operate", params);
        let result = Node::new("Liver, operated", Data::Tissue(Arc::new(result))).from_source(NodeId(2));
        let tets = Node::new("Liver tetrahedra", Data::Tets(mesh)).hidden();
        let result = result.coloured_by("displacement").made_by_command(Some(made));
        Case::from_nodes([(NodeId(2), tets), (NodeId(3), result)])
    }

    #[test]
    fn a_film_does_the_operation_again_with_the_numbers_of_the_command() {
        let case = operated();
        let done = done_in(&case, NodeId(3)).expect("it is the result of an operation");
        assert_eq!((done.frames(), done.acts().len()), (20, 5), "six frames after the last act");
        assert!(done_in(&case, NodeId(2)).is_none());
        let progress = Progress::default();
        let mut whole = done.begun().unwrap();
        whole.play(done.acts(), done.frames(), &progress).unwrap();
        for frames in [2, 7, 40] {
            let mut film = OperationFilm::of(&case, NodeId(3), None).unwrap();
            let mut times = Vec::new();
            for n in 0..frames {
                let posed = film.posed(n, frames, &progress).unwrap();
                assert_eq!(posed.surfaces.len(), 1);
                assert_eq!(posed.surfaces[0].0, NodeId(3));
                let time = film.now.as_ref().unwrap().operation.frames();
                assert_eq!(posed.instrument.is_some(), 14 < time, "what is done in a frame is seen in the next");
                times.push(time);
            }
            assert!(times[0] == 0 && times[frames - 1] == 20 && times.is_sorted(), "{times:?}");
            let now = film.now.unwrap();
            assert!(now.operation.body().positions() == whole.body().positions(), "{frames} pictures, other bits");
            assert_eq!(now.operation.done(), whole.done());
        }
    }

    #[test]
    fn a_film_that_is_stopped_computes_no_further() {
        let mut film = OperationFilm::of(&operated(), NodeId(3), None).unwrap();
        let progress = Progress::default();
        film.posed(0, 3, &progress).unwrap();
        progress.cancel();
        assert!(film.posed(1, 3, &progress).is_err());
    }
}
