//! Streamlines of flow results.
//!
//! One legend means one thing: streamlines are coloured by speed only where the wall is not coloured by another field.

use super::build::Shade;
use super::particles::Particles;
use super::scales::{Extents, Scale};
use super::tubes::{Path, kept, tubes};
use crate::app::render::{ColourMaps, SurfaceMaterial, SurfaceUniform};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::space::bevy_from_patient;
use crate::app::view::{Desk, Scene};
use crate::base::{ContentHash, NodeId, courtesy};
use crate::flow::FlowResult;
use crate::image::Colormap;
use crate::mesh::Field;
use crate::session::Data;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// The streamlines in the scene.
#[derive(Resource)]
pub(super) struct Flows {
    pub(super) shown: BTreeMap<NodeId, Streams>,
    ordered: BTreeMap<NodeId, ContentHash>,
    sender: Sender<Built>,
    receiver: Mutex<Receiver<Built>>,
    wake: Arc<dyn Fn() + Send + Sync>,
    revision: u64,
}

/// The streamlines of one result.
pub(super) struct Streams {
    hash: ContentHash,
    entity: Entity,
    material: Handle<SurfaceMaterial>,
    /// The result, for particles.
    pub(super) result: Arc<FlowResult>,
    /// Speed, for the legend: one value per place of all lines.
    pub(super) speed: Shade,
    pub(super) visible: bool,
    /// Whether the lines themselves are shown.
    lines: bool,
    /// Whether colour means speed.
    pub(super) coloured: bool,
    /// Radius of a tube, mm.
    pub(super) radius_mm: f32,
    /// The scale of the speed as it is shown.
    pub(super) scale: Option<Scale>,
}

struct Built {
    node: NodeId,
    hash: ContentHash,
    result: Arc<FlowResult>,
    mesh: Mesh,
    speed: Shade,
    radius_mm: f32,
}

pub(super) fn plugin(app: &mut App) {
    let (sender, receiver) = channel();
    app.insert_resource(Flows {
        shown: BTreeMap::new(),
        ordered: BTreeMap::new(),
        sender,
        receiver: Mutex::new(receiver),
        wake: Arc::new(|| {}),
        revision: 0,
    });
    app.add_systems(PostStartup, |mut flows: ResMut<Flows>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            flows.wake = wake(&proxy);
        }
    });
    app.add_systems(Update, (order, receive, dress).chain().in_set(AppSystems::Mirror));
}

impl Flows {
    /// The speeds of the streamlines that are visible, where colour means speed.
    pub(super) fn speeds(&self) -> impl Iterator<Item = (NodeId, &Shade)> {
        self.shown.iter().filter(|(_, streams)| streams.visible && streams.coloured).map(|(id, s)| (*id, &s.speed))
    }
}

impl Flows {
    /// Speed as it colours what shows the vectors of a result, if it does.
    pub(super) fn speed(&self, id: NodeId) -> Option<&Shade> {
        self.shown.get(&id).filter(|streams| streams.coloured).map(|streams| &streams.speed)
    }
}

/// Whether colour means speed on streamlines when the wall is coloured by `field`.
fn colour_means_speed(field: Option<&str>) -> bool {
    field.is_none()
}

fn order(mut flows: ResMut<Flows>, session: NonSend<TheSession>, mut scene: ResMut<Scene>, mut commands: Commands) {
    if flows.revision == session.revision {
        return;
    }
    let flows = &mut *flows;
    flows.revision = session.revision;
    let case = session.get().case();
    for (id, node) in case.nodes() {
        let Data::Flow(result) = &node.data else { continue };
        let hash = node.hash();
        let is_there = flows.shown.get(&id).is_some_and(|streams| streams.hash == hash);
        if is_there || flows.ordered.get(&id) == Some(&hash) || !node.display.visible {
            continue;
        }
        flows.ordered.insert(id, hash);
        let (sender, wake, result) = (flows.sender.clone(), Arc::clone(&flows.wake), Arc::clone(result));
        let thread = courtesy::spawn("streamlines", move || {
            // The window may be closed before the tubes are ready.
            let _ = sender.send(build(id, hash, result));
            wake();
        });
        if let Err(error) = thread {
            error!(%error, "the system refused a thread; streamlines of {id} are not drawn");
        }
    }
    flows.ordered.retain(|id, hash| case.node(*id).is_some_and(|node| node.hash() == *hash));
    flows.shown.retain(|id, streams| {
        let stays = case.node(*id).is_some_and(|node| node.hash() == streams.hash);
        if !stays {
            commands.entity(streams.entity).despawn();
            scene.changed();
        }
        stays
    });
}

fn build(node: NodeId, hash: ContentHash, result: Arc<FlowResult>) -> Built {
    let speeds: Vec<f64> =
        result.streamlines.iter().flat_map(|line| line.speed_m_s.iter().map(|s| f64::from(*s))).collect();
    let fastest = speeds.iter().copied().fold(0.0, f64::max);
    let map = Colormap::Viridis;
    let speed =
        Shade { field: Field::new("speed", "m/s", speeds), map, range: map.range([0.0, fastest]), beyond: [false; 2] };
    let size = result.wall.bounds().size().norm() as f32;
    let radius_mm = (0.0022 * size).clamp(0.1, 0.9);
    let paths: Vec<Path> = result
        .streamlines
        .iter()
        .map(|line| {
            let points: Vec<Vec3> = line.points.iter().map(bevy_from_patient).collect();
            let kept = kept(&points, 2.5 * radius_mm);
            let value = |n: &usize| speed.fraction(f64::from(line.speed_m_s[*n]));
            Path { values: kept.iter().map(value).collect(), points: kept.iter().map(|n| points[*n]).collect() }
        })
        .collect();
    let mesh = tubes(&paths, radius_mm);
    Built { node, hash, result, mesh, speed, radius_mm }
}

fn receive(
    mut flows: ResMut<Flows>,
    maps: Res<ColourMaps>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let ready = flows.receiver.lock().ok().and_then(|receiver| receiver.try_recv().ok());
    let Some(Built { node, hash, result, mesh, speed, radius_mm }) = ready else { return };
    if flows.ordered.get(&node) != Some(&hash) {
        return;
    }
    flows.ordered.remove(&node);
    let material = materials.add(material(false, &maps));
    let name = Name::new(format!("streamlines {node}"));
    let entity = commands
        .spawn((name, Mesh3d(meshes.add(mesh)), MeshMaterial3d(material.clone()), NoFrustumCulling, Visibility::Hidden))
        .id();
    let streams = Streams {
        hash,
        entity,
        material,
        result,
        speed,
        visible: false,
        lines: true,
        coloured: false,
        radius_mm,
        scale: None,
    };
    if let Some(old) = flows.shown.insert(node, streams) {
        commands.entity(old.entity).despawn();
    }
    scene.changed();
}

fn dress(
    mut flows: ResMut<Flows>,
    session: NonSend<TheSession>,
    desk: Res<Desk>,
    particles: Res<Particles>,
    maps: Res<ColourMaps>,
    mut extents: ResMut<Extents>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut visibilities: Query<&mut Visibility>,
    mut scene: ResMut<Scene>,
) {
    for (id, streams) in &mut flows.shown {
        let Some(display) = desk.display(*id, session.get().case()) else { continue };
        let coloured = colour_means_speed(display.field.as_deref());
        let scale = Scale::of(&streams.speed, &desk.workspace, &mut extents);
        let lines = desk.workspace.vectors.lines && !particles.of_film;
        let now = (display.visible, lines, coloured, Some(scale));
        if (streams.visible, streams.lines, streams.coloured, streams.scale) == now {
            continue;
        }
        streams.scale = Some(scale);
        (streams.visible, streams.lines, streams.coloured) = (display.visible, lines, coloured);
        if let Some(mut now) = materials.get_mut(&streams.material) {
            *now = material(coloured, &maps);
            scale.dress(&mut now, false, &maps);
        }
        if let Ok(mut visibility) = visibilities.get_mut(streams.entity) {
            *visibility = if display.visible && lines { Visibility::Visible } else { Visibility::Hidden };
        }
        scene.changed();
    }
}

fn material(coloured: bool, maps: &ColourMaps) -> SurfaceMaterial {
    let colour = Color::srgb_u8(214, 224, 235).to_linear().to_vec3().extend(1.0);
    let mode = Vec4::new(f32::from(u8::from(coloured)), 0.0, 0.0, 0.5);
    SurfaceMaterial { uniform: SurfaceUniform::new(colour, mode), map: maps.texture(Colormap::Viridis), radius_mm: 0.0 }
}
