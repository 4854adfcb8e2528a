//! A patch of an organ in the hand: which mesh, which vertices, how far the hand moved, and the answer of the tissue.

use super::beside::Beside;
use super::live::{Frame, Live};
use crate::app::mirror::{Shade, Shown, Surfaces, surface_mesh};
use crate::app::ui::OrbitCamera;
use crate::base::i18n::tr_with;
use crate::base::{NodeId, Progress, parallel};
use crate::biomech::interactive::{Health, Note, Settings};
use crate::biomech::operation::{Act, Operation};
use crate::geom::{Point, Vector};
use crate::image::Colormap;
use crate::mesh::embed::Embedding;
use crate::mesh::{Field, Surface, TetMesh};
use crate::session::{Case, Data};
use crate::tools::simulate_tissue::{Params, patch_at};
use bevy::mesh::Mesh;
use serde_json::Value;
use std::sync::Arc;

/// Nearly all of a surface may lie this far outside the mesh that moves it, in mm: its thin edges have no tetrahedra.
pub(super) const OUTSIDE_MM_MAX: f64 = 8.0;

/// Neighbours and fluid around an organ take its swing within about a third of a second; not measured, for comfort only:
/// it does not change where the organ comes to rest.
const DAMPING_PER_S: f64 = 6.0;
/// Below this share of its volume at rest tissue is not believable any more.
const SQUEEZED: f32 = 0.5;

/// Where and what the hand took hold of.
#[derive(Debug, Clone)]
pub(super) struct Grip {
    /// The object that is seen to move.
    pub(super) node: NodeId,
    /// The tetrahedra that move it.
    pub(super) mesh: NodeId,
    /// The gripped place, LPS mm.
    pub(super) point: Point,
    /// Parameters of `simulate.tissue` as the user set them.
    pub(super) params: Value,
    pressed_at: egui::Pos2,
    right: Vector,
    up: Vector,
    mm_per_point: f64,
    order: GripOrder,
}

/// What a thread needs to prepare the answer.
#[derive(Debug, Clone)]
pub(super) struct GripOrder {
    tets: TetMesh,
    /// The name of the mesh.
    organ: String,
    surface: Surface,
    /// Whether `surface` is the boundary of `tets`.
    own: bool,
    point: Point,
    params: Params,
}

/// An organ that follows the hand.
#[derive(Debug)]
pub(super) struct Ready {
    live: Live,
    pulled_mm: Vector,
    /// Makes what is seen of it.
    dresser: Beside<(Arc<Frame>, f64), Option<(Mesh, Shade)>>,
}

/// The surface under the hand, as it is seen.
#[derive(Debug)]
struct Seen {
    surface: Surface,
    embedding: Option<Embedding>,
    /// 1 at the vertices of the patch.
    marks: Vec<f32>,
}

impl Grip {
    /// Take hold of what lies under the mouse: `None` if nothing does, a sentence if it cannot be pulled.
    pub(super) fn at(
        at: egui::Pos2,
        rect: egui::Rect,
        camera: &OrbitCamera,
        surfaces: &Surfaces,
        case: &Case,
        params: &Value,
    ) -> Option<Result<Self, String>> {
        let ray = camera.ray(at, rect);
        // The form names the mesh it is about; whatever else lies in front does not stop the hand.
        let wanted = params.get("mesh").and_then(Value::as_u64);
        let fits = |mesh: NodeId| wanted.is_none_or(|wanted| u64::from(mesh.0) == wanted);
        let can_be_pulled = |id, _: &Shown| meshes_of(id, case).iter().any(|(mesh, _)| fits(*mesh));
        let pulled = surfaces.first_hit_where(&ray, can_be_pulled);
        let (node, hit) = pulled.or_else(|| surfaces.first_hit(&ray))?;
        let shown = surfaces.node(node)?;
        let meshes = meshes_of(node, case).into_iter().filter(|(mesh, _)| fits(*mesh));
        // Meshes of one segmentation may be of several organs.
        let Some((mesh, tets)) = meshes.min_by(|a, b| away_mm(&a.1, &hit.point).total_cmp(&away_mm(&b.1, &hit.point)))
        else {
            let text =
                "only an organ with a tetrahedral mesh can be pulled; make one from its surface or segment first";
            return Some(Err(text.into()));
        };
        let mut full = params.clone();
        if let Value::Object(full) = &mut full {
            full.insert("mesh".into(), serde_json::json!(mesh));
        }
        let entry = crate::tools::find("simulate.tissue")?;
        let parsed = (entry.normalise)(&full).map_err(|error| error.to_string());
        let parsed = parsed.and_then(|full| serde_json::from_value::<Params>(full).map_err(|error| error.to_string()));
        let parsed = parsed.and_then(|mut parsed| {
            parsed.body = parsed.body.found_in(case).map_err(|error| error.to_string())?;
            Ok(parsed)
        });
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(text) => return Some(Err(text)),
        };
        let [right, up, _] = camera.right_up_back();
        let mm_per_point = camera.mm_per_point_at(&hit.point, rect);
        // A result is pulled from where its organ lies at rest: the triangles that are seen, between vertices of its mesh.
        let is_result = case.node(node).is_some_and(|node| matches!(node.data, Data::Tissue(_)));
        let seen = shown.bvh.surface();
        let surface = if is_result { seen.with_positions(tets.positions().to_vec()).ok()? } else { seen.clone() };
        let corners = *surface.triangles().get(hit.triangle)?;
        let point = if is_result {
            Point::from(
                (0..3).map(|n| surface.positions()[corners[n] as usize].coords * hit.weights[n]).sum::<Vector>(),
            )
        } else {
            hit.point
        };
        let organ = case.node(mesh).map_or_else(String::new, |node| node.name.clone());
        let order = GripOrder { tets, organ, surface, own: is_result || node == mesh, point, params: parsed };
        let params = params.clone();
        Some(Ok(Self { node, mesh, point, params, pressed_at: at, right, up, mm_per_point, order }))
    }

    /// What a thread needs.
    pub(super) fn order(&self) -> GripOrder {
        self.order.clone()
    }

    /// How far the hand moved since the press, in the plane of the screen at the depth of the grip.
    pub(super) fn way_mm(&self, at: egui::Pos2) -> Vector {
        let delta = at - self.pressed_at;
        (self.right * f64::from(delta.x) - self.up * f64::from(delta.y)) * self.mm_per_point
    }

    /// The upper end of the colour scale: steady while the hand trembles, in steps of 5 mm.
    pub(super) fn scale_mm(&self, by_mm: &Vector) -> f64 {
        ((by_mm.norm() / 5.0).ceil() * 5.0).max(5.0)
    }
}

/// The tetrahedra that belong to an object: its own, or those made from it or from the same source, the newest first.
fn meshes_of(node: NodeId, case: &Case) -> Vec<(NodeId, TetMesh)> {
    let tets = |id: NodeId| match &case.node(id)?.data {
        Data::Tets(mesh) => Some((id, mesh.clone())),
        _ => None,
    };
    let Some(seen) = case.node(node) else { return Vec::new() };
    let source = seen.source;
    if let Some(own) = tets(node) {
        return vec![own];
    }
    if let Data::Tissue(result) = &seen.data {
        // What an operation cut is another mesh than the one it began with. Compared rather than hashed, for the press waits:
        // other meshes differ in their first numbers, and the same one mostly shares its memory.
        let same = |(_, mesh): &(NodeId, TetMesh)| mesh.is_same(&result.mesh);
        let others = case.nodes().rev().map(|(id, _)| id).filter_map(tets);
        return source
            .and_then(tets)
            .filter(same)
            .or_else(|| others.filter(|(_, mesh)| mesh.positions().len() == result.mesh.positions().len()).find(same))
            .into_iter()
            .collect();
    }
    // A mesh that was cut comes from one that comes from the surface.
    let of = |id: NodeId| case.node(id).and_then(|node| node.source);
    let chain = |id: NodeId| std::iter::successors(of(id), move |id| of(*id));
    let related = |id: &NodeId| chain(*id).any(|from| from == node || Some(from) == source);
    case.nodes().rev().map(|(id, _)| id).filter(related).filter_map(tets).collect()
}

/// Distance in mm from a place to the nearest vertex of a mesh.
fn away_mm(mesh: &TetMesh, place: &Point) -> f64 {
    mesh.positions().iter().map(|vertex| (vertex - place).norm()).fold(f64::INFINITY, f64::min)
}

impl GripOrder {
    /// Take hold; `wake` is called for every frame that is ready to be seen.
    pub(super) fn prepare(self, wake: Arc<dyn Fn() + Send + Sync>, progress: &Progress) -> Result<Ready, String> {
        parallel::install(|| self.prepare_here(wake, progress))
    }

    fn prepare_here(self, wake: Arc<dyn Fn() + Send + Sync>, progress: &Progress) -> Result<Ready, String> {
        let Self { tets, organ, surface, own, point, params } = self;
        let fixed = params.body.fixed(&tets).map_err(|error| error.to_string())?;
        let patch = patch_at(&tets, &point, params.hand.radius_mm, &fixed).map_err(|error| error.to_string())?;
        let made_of = params.body.made_of(&organ).map_err(|error| error.to_string())?;
        let settings = Settings { damping_per_s: DAMPING_PER_S, ..Settings::for_size(tets.tets().len()) };
        let body = params.body.live(&tets, &made_of).map_err(|error| error.to_string())?;
        let mut operation = Operation::new(body.with_settings(settings));
        let grasp = Act::Grasp { at_mm: point.into(), radius_mm: params.hand.radius_mm };
        for act in params.body.first_acts().into_iter().chain([grasp]) {
            operation.act(act).map_err(|error| error.to_string())?;
        }
        let embedding = if own {
            None
        } else {
            let embedding = Embedding::new(&surface, &tets, progress).map_err(|error| error.to_string())?;
            if OUTSIDE_MM_MAX < embedding.outside_mm_p95 {
                let text = "the surface under the mouse and the tetrahedral mesh beside it are not the same organ";
                return Err(text.into());
            }
            Some(embedding)
        };
        let mut nodal = vec![0.0; tets.positions().len()];
        patch.iter().for_each(|v| nodal[*v as usize] = 1.0);
        let marks = embedding.as_ref().map_or_else(|| nodal.clone(), |embedding| embedding.interpolate(&nodal));
        let refused = |error| format!("the system refused a thread for pulling: {error}");
        let seen = Seen { surface, embedding, marks: marks.into_iter().map(|mark| mark as f32).collect() };
        let dress = move |(frame, scale_mm): (Arc<Frame>, f64)| seen.drawn(&frame, scale_mm);
        let dresser = Beside::start("hand-seen", Arc::clone(&wake), dress).map_err(refused)?;
        let live = Live::start(operation, wake).map_err(refused)?;
        Ok(Ready { live, pulled_mm: Vector::zeros(), dresser })
    }
}

impl Ready {
    /// The hand is `by_mm` from where it took hold.
    pub(super) fn pull(&mut self, by_mm: Vector) {
        if self.pulled_mm != by_mm {
            self.pulled_mm = by_mm;
            self.live.act(Act::Drag { grasper: 0, by_mm: by_mm.into() });
        }
    }

    /// Whether the computation broke off.
    pub(super) fn failed(&self) -> bool {
        self.live.failed() || self.dresser.failed()
    }

    /// What is new since the last look.
    pub(super) fn frame(&self) -> Option<Frame> {
        self.live.frame()
    }

    /// Have a frame drawn, its colours from 0 to `scale_mm`.
    pub(super) fn dress(&self, frame: &Arc<Frame>, scale_mm: f64) {
        self.dresser.order((Arc::clone(frame), scale_mm));
    }

    /// The surface in the newest frame that was drawn, if it was not seen yet.
    pub(super) fn seen(&self) -> Option<(Mesh, Shade)> {
        self.dresser.made()?
    }
}

impl Seen {
    /// The surface in a frame, coloured by its displacement; `None` where a place is not finite.
    fn drawn(&self, frame: &Frame, scale_mm: f64) -> Option<(Mesh, Shade)> {
        let nodal = &frame.displacement_mm;
        let offsets = self.embedding.as_ref().map_or_else(|| nodal.clone(), |embedding| embedding.interpolate(nodal));
        let places = self.surface.positions().iter().zip(&offsets).map(|(p, u)| p + u).collect();
        let surface = self.surface.with_positions(places).ok()?;
        let field = Field::new("displacement", "mm", offsets.iter().map(Vector::norm).collect());
        let shade = Shade { field, map: Colormap::Viridis, range: [0.0, scale_mm], beyond: [false; 2] };
        Some((surface_mesh(&surface, Some(&shade), Some(&self.marks)), shade))
    }
}

/// What the scene says of a frame, in few words.
pub(super) fn words(by_mm: &Vector, Frame { held, health, .. }: &Frame) -> String {
    let force_n: Vector = held.iter().map(|held| held.force_n).sum();
    let Health { worst_element: (_, ratio), note, .. } = health;
    let pulled = format!("{:.1} mm, {:.2} N", by_mm.norm(), force_n.norm());
    match note {
        Some(Note::TakenBack | Note::BadInput) => tr_with("pull-stopped", &[("pulled", (&pulled).into())]),
        Some(Note::HeldBack { behind_mm }) => {
            tr_with("pull-behind", &[("pulled", (&pulled).into()), ("behind", behind_mm.round().into())])
        }
        _ if *ratio <= 0.0 => tr_with("pull-folds", &[("pulled", (&pulled).into())]),
        _ if *ratio < SQUEEZED => tr_with(
            "pull-squeezed",
            &[("pulled", (&pulled).into()), ("percent", f64::from((100.0 * ratio).round()).into())],
        ),
        _ => tr_with("pull-escape", &[("pulled", (&pulled).into())]),
    }
}
