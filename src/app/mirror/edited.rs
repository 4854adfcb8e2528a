//! The group in the segment editor as surfaces that follow the brush: boxes of the grid whose voxels changed are made
//! anew on a thread, the others stay.

use super::build::mesh;
use crate::app::render::{ColourMaps, SurfaceMaterial, SurfaceUniform};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::app::view::{Desk, Scene};
use crate::base::{NodeId, SegmentId, courtesy, parallel};
use crate::geom::{Point, Vector};
use crate::image::{Colormap, LabelMap, VoxelBox};
use crate::mesh::chunk::{ChunkMesh, chunk_surfaces, chunks, reach};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use rayon::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is in the scene of the group being edited.
#[derive(Resource, Default)]
struct Edited {
    group: Option<NodeId>,
    /// The labels that were ordered last.
    ordered: Option<LabelMap>,
    /// Groups are numbered; boxes of an earlier one are thrown away.
    number: u64,
    boxes: BTreeMap<(usize, SegmentId), Entity>,
    /// Finished boxes that are not in the scene yet.
    arriving: VecDeque<(usize, Vec<(SegmentId, Mesh)>)>,
    materials: BTreeMap<SegmentId, Handle<SurfaceMaterial>>,
}

struct Order {
    number: u64,
    labels: LabelMap,
    regions: Vec<(usize, VoxelBox)>,
}

struct Built {
    number: u64,
    labels: LabelMap,
    meshes: Vec<(usize, SegmentId, Mesh)>,
    /// All segments these boxes were asked for: what is not among the meshes is empty now.
    boxes: Vec<usize>,
}

#[derive(Resource)]
struct Workshop {
    orders: Sender<Order>,
    built: Mutex<Receiver<Built>>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Edited>();
    app.add_systems(PostStartup, start);
    let systems = (order, receive, dress).chain().run_if(resource_exists::<Workshop>);
    app.add_systems(Update, systems.in_set(AppSystems::Mirror));
}

fn start(mut commands: Commands, proxy: Option<Res<EventLoopProxyWrapper>>) {
    let wake = proxy.map_or_else(|| Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>, |proxy| wake(&proxy));
    let (orders, inbox) = channel::<Order>();
    let (outbox, built) = channel();
    let thread = courtesy::spawn("segment-surfaces", move || {
        while let Ok(mut order) = inbox.recv() {
            // Strokes come faster than boxes: what was asked for meanwhile is done in one go, on the newest labels.
            while let Ok(newer) = inbox.try_recv() {
                let older = if order.number == newer.number { order.regions } else { Vec::new() };
                order = newer;
                let missing = older.into_iter().filter(|(n, _)| order.regions.iter().all(|(m, _)| m != n));
                let missing: Vec<_> = missing.collect();
                order.regions.extend(missing);
            }
            if outbox.send(parallel::install(|| build(order))).is_err() {
                return;
            }
            wake();
        }
    });
    match thread {
        Ok(_) => commands.insert_resource(Workshop { orders, built: Mutex::new(built) }),
        Err(error) => error!(%error, "the system refused a thread for segments; they are not drawn in 3D while edited"),
    }
}

fn build(Order { number, labels, regions }: Order) -> Built {
    let made = regions.par_iter().flat_map_iter(|(n, region)| {
        chunk_surfaces(&labels, region).into_iter().map(|(id, mesh)| (*n, id, bevy_mesh(&mesh)))
    });
    let meshes = made.collect();
    Built { number, labels, meshes, boxes: regions.into_iter().map(|(n, _)| n).collect() }
}

fn bevy_mesh(chunk: &ChunkMesh) -> Mesh {
    let place = |p: &[f32; 3]| bevy_from_patient(&Point::from(p.map(f64::from))).to_array();
    let turn = |n: &[f32; 3]| bevy_from_direction(&Vector::from(n.map(f64::from))).to_array();
    let (positions, normals) = (chunk.positions.iter().map(place).collect(), chunk.normals.iter().map(turn).collect());
    mesh(positions, normals, None, chunk.triangles.as_flattened().to_vec())
}

/// Order the boxes that differ from what was ordered last; drop all when the editor closes or turns to another group.
fn order(
    mut edited: ResMut<Edited>,
    workshop: Res<Workshop>,
    session: NonSend<TheSession>,
    desk: Res<Desk>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let now = desk.workspace.edited_in_scene(session.get().case());
    let group = now.as_ref().map(|(group, _)| *group);
    if edited.group != group {
        edited.boxes.values().for_each(|entity| commands.entity(*entity).despawn());
        *edited = Edited { group, number: edited.number + 1, ..Edited::default() };
        scene.changed();
    }
    let Some((_, labels)) = now else { return };
    let same_table = |old: &LabelMap| old.segments() == labels.segments() && old.grid() == labels.grid();
    let old = edited.ordered.as_ref().filter(|old| same_table(old));
    if old.is_some_and(|old| old.same_bricks(&labels)) {
        return;
    }
    let differs = |region: &VoxelBox| old.is_none_or(|old| labels.differs_in(old, &reach(&labels, region)));
    let regions: Vec<_> = chunks(&labels).filter(|(_, region)| differs(region)).collect();
    edited.ordered = Some(labels.clone());
    if !regions.is_empty() && workshop.orders.send(Order { number: edited.number, labels, regions }).is_err() {
        error!("the thread that draws segments has ended");
    }
}

/// Time for taking boxes into the scene in one frame: a whole scan has a thousand of them.
const BUDGET: Duration = Duration::from_millis(5);

/// Take finished boxes into the scene, box by box, so that none is seen half.
fn receive(
    mut edited: ResMut<Edited>,
    workshop: Res<Workshop>,
    maps: Res<ColourMaps>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let since = Instant::now();
    let edited = &mut *edited;
    if edited.arriving.is_empty() {
        let Some(built) = workshop.built.lock().ok().and_then(|built| built.try_recv().ok()) else { return };
        let Built { number, labels, meshes: made, boxes } = built;
        if number != edited.number {
            return;
        }
        for segment in labels.segments() {
            let new = || materials.add(material(segment.colour, labels.grid().bounds().size().norm(), &maps));
            edited.materials.entry(segment.id).or_insert_with(new);
        }
        let mut of_box: BTreeMap<usize, Vec<(SegmentId, Mesh)>> = BTreeMap::new();
        made.into_iter().for_each(|(n, id, mesh)| of_box.entry(n).or_default().push((id, mesh)));
        edited.arriving.extend(boxes.into_iter().map(|n| (n, of_box.remove(&n).unwrap_or_default())));
    }
    while let Some((n, made)) = edited.arriving.pop_front() {
        let of_this = (n, SegmentId(u8::MIN))..=(n, SegmentId(u8::MAX));
        edited.boxes.extract_if(of_this, |_, _| true).for_each(|(_, entity)| commands.entity(entity).despawn());
        for (id, mesh) in made {
            let Some(material) = edited.materials.get(&id) else { continue };
            let name = Name::new(format!("segment {id} box {n}"));
            let entity = commands.spawn((name, Mesh3d(meshes.add(mesh)), MeshMaterial3d(material.clone()))).id();
            edited.boxes.insert((n, id), entity);
        }
        if BUDGET <= since.elapsed() {
            break;
        }
    }
    // The next frame takes more, if there are more.
    scene.changed();
}

/// Colours follow the table of segments.
fn dress(
    edited: Res<Edited>,
    maps: Res<ColourMaps>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
) {
    let Some(labels) = &edited.ordered else { return };
    for segment in labels.segments() {
        let Some(handle) = edited.materials.get(&segment.id) else { continue };
        let wanted = material(segment.colour, labels.grid().bounds().size().norm(), &maps);
        if materials.get(handle).is_some_and(|now| now.uniform != wanted.uniform)
            && let Some(mut now) = materials.get_mut(handle)
        {
            *now = wanted;
            scene.changed();
        }
    }
}

fn material([r, g, b]: [u8; 3], size_mm: f64, maps: &ColourMaps) -> SurfaceMaterial {
    let colour = Color::srgb_u8(r, g, b).to_linear().to_vec3().extend(1.0);
    let uniform = SurfaceUniform::new(colour, Vec4::new(0.0, 0.0, 0.0, 1.0));
    SurfaceMaterial { uniform, map: maps.texture(Colormap::Viridis), radius_mm: 0.5 * size_mm as f32 }
}
