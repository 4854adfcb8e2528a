//! From a mesh in the case to an organ that lives in the scene.

use crate::app::mirror::Shade;
use crate::app::ui::Colour;
use crate::app::view::beside::Beside;
use crate::app::view::grip::OUTSIDE_MM_MAX;
use crate::app::view::live::{Frame, Live};
use crate::app::view::panels::InTheatre;
use crate::app::view::skin::Skin;
use crate::base::{NodeId, Progress, parallel};
use crate::biomech::interactive::Inputs;
use crate::biomech::operation::Operation;
use crate::geom::Aabb;
use crate::image::Scan;
use crate::mesh::embed::Embedding;
use crate::mesh::{Surface, TetMesh};
use crate::session::{Case, Data};
use crate::tools::simulate_operate::Params;
use crate::tools::simulate_tissue::seen_with;
use bevy::log::info;
use bevy::mesh::Mesh;
use serde_json::{Value, json};
use std::sync::Arc;

/// What has this share of its vertices in the box around the organ may lie within it.
const WITHIN_SHARE: f64 = 0.95;

/// What a thread needs to prepare an operation.
pub(super) struct Order {
    /// The object that is seen to move.
    pub(super) node: NodeId,
    /// Other pictures of the same organ.
    hides: Vec<NodeId>,
    /// Surfaces that may lie within it.
    inner: Vec<(NodeId, Surface)>,
    tets: TetMesh,
    organ: String,
    surface: Option<Surface>,
    params: Params,
    setup: Value,
}

impl Order {
    /// What becomes of the objects of the case meanwhile.
    pub(super) fn in_theatre(&self) -> InTheatre {
        let inner = self.inner.iter().map(|(id, _)| *id).collect();
        InTheatre { organ: self.node, hidden: self.hides.clone(), inner }
    }
}

/// What of the organ is to be drawn.
#[derive(Debug)]
pub(super) struct Pose {
    /// Frame, colour, picture of the past.
    pub(super) key: PoseKey,
    pub(super) frame: Arc<Frame>,
    /// What cut faces show.
    pub(super) scan: Option<Scan>,
}

/// What a picture of the organ depends on.
pub(super) type PoseKey = (u64, Colour, Option<usize>);

/// The surfaces of a pose.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) key: PoseKey,
    pub(super) surfaces: Vec<(NodeId, Mesh, Option<Shade>)>,
}

/// An organ on the table.
pub(super) struct Ready {
    pub(super) node: NodeId,
    pub(super) live: Live,
    /// Makes what is seen of it and of what lies within it.
    pub(super) dresser: Beside<Pose, Drawn>,
    /// Parameters of `simulate.operate` as far as they are known before anything is done.
    pub(super) params: Value,
    /// Where frames are computed, and why, in a sentence.
    pub(super) device: String,
    /// Things done before the hand came: weight and gas.
    pub(super) first_acts: usize,
}

/// Which object of the case moves, and which ones are hidden meanwhile.
///
/// # Errors
/// A sentence: there is no such mesh, or the set-up cannot be.
pub(super) fn seen_as(mesh: NodeId, setup: &Value, case: &Case) -> Result<Order, String> {
    let node = case.node(mesh).ok_or("the mesh is not in the case any more")?;
    let Data::Tets(tets) = &node.data else { return Err("an operation needs a tetrahedral mesh".into()) };
    let mut full = setup.clone();
    full["mesh"] = json!(mesh);
    let entry = crate::tools::find("simulate.operate").ok_or("this version has no tool 'simulate.operate'")?;
    let full = (entry.normalise)(&full).map_err(|error| error.to_string())?;
    let mut params = serde_json::from_value::<Params>(full).map_err(|error| error.to_string())?;
    params.body = params.body.found_in(case).map_err(|error| error.to_string())?;
    let same = seen_with(case, mesh, node);
    let surface = same.iter().find_map(|id| match &case.node(*id)?.data {
        Data::Surface(surface) => Some((*id, surface.surface.clone())),
        _ => None,
    });
    let (shown, surface) = surface.map_or((mesh, None), |(id, surface)| (id, Some(surface)));
    let hides: Vec<NodeId> = same.into_iter().chain([mesh]).filter(|id| *id != shown).collect();
    let bounds = Aabb::of(tets.positions());
    let within = |surface: &Surface| {
        let inside = surface.positions().iter().filter(|place| bounds.contains(place)).count();
        WITHIN_SHARE * surface.positions().len() as f64 <= inside as f64
    };
    let inner = case.nodes().filter_map(|(id, node)| match &node.data {
        Data::Surface(own) if node.display.visible && id != shown && !hides.contains(&id) => {
            within(&own.surface).then(|| (id, own.surface.clone()))
        }
        _ => None,
    });
    let inner = inner.collect();
    let (tets, organ) = (tets.clone(), node.name.clone());
    Ok(Order { node: shown, hides, inner, tets, organ, surface, params, setup: setup.clone() })
}

/// The body with where it is computed, and what is seen of it.
type Made = (Operation, String, Skin, Vec<(NodeId, Skin)>);

/// Build the body and bind the surface to it; `wake` is called for every frame that is ready to be seen.
///
/// # Errors
/// A sentence: the body cannot be, or somebody asked to stop.
pub(super) fn prepare(order: Order, wake: Arc<dyn Fn() + Send + Sync>, progress: &Progress) -> Result<Ready, String> {
    let Order { node, inner, tets, organ, surface, params, setup, .. } = order;
    let made = parallel::install(|| -> Result<Made, String> {
        let made_of = params.body.made_of(&organ).map_err(|error| error.to_string())?;
        let body = params.body.live(&tets, &made_of).map_err(|error| error.to_string())?;
        let mut body = body.with_settings(params.settings(tets.tets().len()));
        let device = body.choose_device(&Inputs::default());
        info!("{device}");
        let mut operation = Operation::new(body);
        for act in params.body.first_acts() {
            operation.act(act).map_err(|error| error.to_string())?;
        }
        let bound = match surface {
            Some(surface) => {
                let embedding = Embedding::new(&surface, &tets, progress).map_err(|error| error.to_string())?;
                // Another organ of the same name: the mesh shows itself.
                (embedding.outside_mm_p95 <= OUTSIDE_MM_MAX).then_some((surface, embedding))
            }
            None => None,
        };
        let mut followers = Vec::new();
        for (id, surface) in inner {
            let embedding = Embedding::new(&surface, &tets, progress).map_err(|error| error.to_string())?;
            if embedding.outside_mm_p95 <= OUTSIDE_MM_MAX {
                followers.push((id, Skin::inner(&tets, surface, embedding)));
            }
        }
        Ok((operation, device, Skin::new(&tets, bound), followers))
    });
    let (operation, device, skin, inner) = made?;
    let first_acts = operation.done().len();
    let refused = |error| format!("the system refused a thread for the operation: {error}");
    let mut skins: Vec<(NodeId, Skin)> = std::iter::once((node, skin)).chain(inner).collect();
    let dress = move |pose| drawn(&mut skins, pose);
    let dresser = Beside::start("operation-seen", Arc::clone(&wake), dress).map_err(refused)?;
    let live = Live::start(operation, wake).map_err(refused)?;
    Ok(Ready { node, live, dresser, params: setup, device, first_acts })
}

/// The skin of the organ, the first, in its colour, and those of what lies within it.
fn drawn(skins: &mut [(NodeId, Skin)], Pose { key, frame, scan }: Pose) -> Drawn {
    let mut surfaces = Vec::with_capacity(skins.len());
    for (n, (node, skin)) in skins.iter_mut().enumerate() {
        let (colour, scan) = if n == 0 { (key.1, scan.as_ref()) } else { (Colour::Organ, None) };
        skin.look_at(&frame.topology, scan);
        surfaces.extend(skin.drawn(&frame, colour, scan, 0.0).map(|(mesh, shade)| (*node, mesh, shade)));
    }
    Drawn { key, surfaces }
}
