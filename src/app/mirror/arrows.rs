//! Arrows for the vectors of results: flow in its lumen, displacement on the surface of a body.
//!
//! Length is the magnitude on the scale of its legend. Colour means the magnitude where nothing else colours the object:
//! one legend means one thing.

use super::build::{Shade, mesh};
use super::flow::Flows;
use super::scales::{Extents, Scale};
use super::surfaces::Surfaces;
use crate::app::render::{ColourMaps, NO_CUTS, PLANES_MAX, SurfaceMaterial, SurfaceUniform};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::app::view::{Desk, Scene};
use crate::base::{ContentHash, NodeId, courtesy};
use crate::biomech::TissueResult;
use crate::flow::FlowResult;
use crate::geom::spread::spread;
use crate::geom::{Point, Vector};
use crate::image::Colormap;
use crate::session::{Data, Node};
use bevy::camera::visibility::NoFrustumCulling;
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// The longest arrow over the distance to the next.
const LONGEST: f64 = 2.2;
/// Arrows shorter than this part of the longest are dots that say nothing.
const SHORTEST: f64 = 0.04;
/// What lies beyond the scale is no longer than this part of the longest.
const BEYOND: f64 = 1.2;
/// Radius of the head and of the shaft, and length of the head, as parts of the longest arrow.
const HEAD: f32 = 0.11;
const SHAFT: f32 = 0.035;
const HEAD_LONG: f32 = 0.34;
/// The field of tissue that is the magnitude of its vectors.
const DISPLACEMENT: &str = "displacement";
/// Sides of an arrow.
const SIDES: usize = 6;

/// Where vectors come from.
#[derive(Clone)]
enum Source {
    Flow(Arc<FlowResult>),
    Tissue(Arc<TissueResult>),
}

/// What arrows depend on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    hash: ContentHash,
    count: usize,
    /// The scale: as the mesh knows it and as it is shown; none where colour means something else.
    ranges: Option<[[f64; 2]; 2]>,
}

struct Order {
    node: NodeId,
    key: Key,
    source: Source,
}

struct Built {
    node: NodeId,
    key: Key,
    mesh: Mesh,
}

struct Shown {
    key: Key,
    entity: Entity,
    material: Handle<SurfaceMaterial>,
}

#[derive(Resource)]
struct Workshop {
    orders: Sender<Order>,
    built: Mutex<Receiver<Built>>,
}

/// The arrows in the scene and those that are on their way.
#[derive(Resource, Default)]
struct Arrows {
    shown: BTreeMap<NodeId, Shown>,
    ordered: BTreeMap<NodeId, Key>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Arrows>();
    app.add_systems(PostStartup, start);
    app.add_systems(Update, (order, receive).chain().run_if(resource_exists::<Workshop>).in_set(AppSystems::View));
}

fn start(mut commands: Commands, proxy: Option<Res<EventLoopProxyWrapper>>) {
    let wake = proxy.map_or_else(|| Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>, |proxy| wake(&proxy));
    let (orders, inbox) = channel::<Order>();
    let (outbox, built) = channel();
    let thread = courtesy::spawn("arrows", move || {
        while let Ok(first) = inbox.recv() {
            // Of each object the newest order counts: a slider gives many.
            let mut waiting = BTreeMap::from([(first.node, first)]);
            waiting.extend(inbox.try_iter().map(|order| (order.node, order)));
            for (node, Order { key, source, .. }) in waiting {
                let mesh = build(&source, &key);
                if outbox.send(Built { node, key, mesh }).is_err() {
                    return;
                }
                wake();
            }
        }
    });
    match thread {
        Ok(_) => commands.insert_resource(Workshop { orders, built: Mutex::new(built) }),
        Err(error) => error!(%error, "the system refused a thread; there will be no arrows"),
    }
}

fn source(node: &Node) -> Option<Source> {
    match &node.data {
        Data::Flow(result) => Some(Source::Flow(Arc::clone(result))),
        Data::Tissue(result) => Some(Source::Tissue(Arc::clone(result))),
        _ => None,
    }
}

/// The scale of the magnitude where that is what colours the object.
fn scale_of(
    id: NodeId,
    source: &Source,
    flows: &Flows,
    surfaces: &Surfaces,
    desk: &Desk,
    extents: &mut Extents,
) -> Option<Scale> {
    let shade: &Shade = match source {
        Source::Flow(_) => flows.speed(id)?,
        Source::Tissue(_) => surfaces.node(id)?.shade.as_ref().filter(|shade| shade.field.name == DISPLACEMENT)?,
    };
    Some(Scale::of(shade, &desk.workspace, extents))
}

fn order(
    mut arrows: ResMut<Arrows>,
    workshop: Res<Workshop>,
    session: NonSend<TheSession>,
    desk: Res<Desk>,
    flows: Res<Flows>,
    surfaces: Res<Surfaces>,
    maps: Res<ColourMaps>,
    mut extents: ResMut<Extents>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let look = desk.workspace.vectors;
    if !look.arrows && arrows.shown.is_empty() && arrows.ordered.is_empty() {
        return;
    }
    let arrows = &mut *arrows;
    let case = session.get().case();
    let mut wanted = BTreeMap::new();
    for (id, node) in case.nodes().filter(|_| look.arrows && desk.theatre.is_none()) {
        let Some(source) = source(node) else { continue };
        if !desk.display(id, case).is_some_and(|display| display.visible) {
            continue;
        }
        let scale = scale_of(id, &source, &flows, &surfaces, &desk, &mut extents);
        let ranges = scale.map(|scale| [scale.own, scale.range]);
        let key = Key { hash: node.hash(), count: look.count, ranges };
        let is_there = arrows.shown.get(&id).is_some_and(|shown| shown.key == key);
        if is_there {
            arrows.ordered.remove(&id);
        } else if arrows.ordered.get(&id) != Some(&key) {
            arrows.ordered.insert(id, key.clone());
            if workshop.orders.send(Order { node: id, key, source }).is_err() {
                error!("the thread that makes arrows has ended");
            }
        }
        wanted.insert(id, scale);
    }
    arrows.ordered.retain(|id, _| wanted.contains_key(id));
    arrows.shown.retain(|id, shown| {
        let Some(scale) = wanted.get(id) else {
            commands.entity(shown.entity).despawn();
            scene.changed();
            return false;
        };
        let cuts = surfaces.drawn(*id).map_or(NO_CUTS, |(_, cuts)| cuts);
        let now = material(scale.as_ref(), cuts, &maps);
        if materials.get(&shown.material).is_some_and(|old| old.uniform != now.uniform || old.map != now.map)
            && let Some(mut old) = materials.get_mut(&shown.material)
        {
            *old = now;
            scene.changed();
        }
        true
    });
}

fn receive(
    mut arrows: ResMut<Arrows>,
    workshop: Res<Workshop>,
    maps: Res<ColourMaps>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let ready: Vec<Built> = workshop.built.lock().map_or_else(|_| Vec::new(), |built| built.try_iter().collect());
    for Built { node, key, mesh } in ready {
        if arrows.ordered.get(&node) != Some(&key) {
            continue;
        }
        arrows.ordered.remove(&node);
        // Colours come with the next frame's look at the scale.
        let material = materials.add(material(None, NO_CUTS, &maps));
        let parts = (Mesh3d(meshes.add(mesh)), MeshMaterial3d(material.clone()), NoFrustumCulling);
        let entity = commands.spawn((Name::new(format!("arrows {node}")), parts)).id();
        if let Some(old) = arrows.shown.insert(node, Shown { key, entity, material }) {
            commands.entity(old.entity).despawn();
        }
        scene.changed();
    }
}

fn material(scale: Option<&Scale>, cuts: [Vec4; PLANES_MAX], maps: &ColourMaps) -> SurfaceMaterial {
    let colour = Color::srgb_u8(232, 236, 242).to_linear().to_vec3().extend(1.0);
    let mode = Vec4::new(f32::from(u8::from(scale.is_some())), 0.0, 0.0, 0.4);
    let map = maps.texture(Colormap::Viridis);
    let mut material = SurfaceMaterial { uniform: SurfaceUniform::new(colour, mode), map, radius_mm: 0.0 };
    if let Some(scale) = scale {
        scale.dress(&mut material, false, maps);
    }
    material.uniform.cuts = cuts;
    material
}

/// A vector, and which of its ends lies at the place.
struct Vane {
    place: Point,
    vector: Vector,
    ends_there: bool,
}

impl Source {
    /// At most `count` vectors, evenly spread, and the distance between them in mm.
    fn vanes(&self, count: usize) -> (Vec<Vane>, f64) {
        match self {
            Self::Flow(result) => {
                let places: Vec<Point> = (0..result.cells.len()).map(|cell| result.cells.centre(cell)).collect();
                let (chosen, apart) = spread(&places, count);
                let vane = |cell: usize| {
                    let vector = Vector::from(result.velocity_m_s[cell].map(f64::from));
                    Vane { place: places[cell], vector, ends_there: false }
                };
                (chosen.into_iter().map(vane).collect(), apart)
            }
            Self::Tissue(result) => {
                let rest = result.mesh.boundary().0;
                let mut outer: Vec<usize> = rest.triangles().as_flattened().iter().map(|v| *v as usize).collect();
                outer.sort_unstable();
                outer.dedup();
                let moved = result.positions_mm();
                let places: Vec<Point> = outer.iter().map(|v| moved[*v]).collect();
                let normals = rest.with_positions(moved).unwrap_or(rest).vertex_normals();
                let (chosen, apart) = spread(&places, count);
                // On the outside of the surface, where it is seen: pushed in, an arrow ends there; pulled out, it begins.
                let vane = |n: usize| {
                    let (vector, normal) = (result.displacement_mm[outer[n]], normals[outer[n]]);
                    Vane { place: places[n], vector, ends_there: vector.dot(&normal) < 0.0 }
                };
                (chosen.into_iter().map(vane).collect(), apart)
            }
        }
    }
}

fn build(source: &Source, key: &Key) -> Mesh {
    let (vanes, apart_mm) = source.vanes(key.count);
    let most = vanes.iter().map(|vane| vane.vector.norm()).filter(|size| size.is_finite()).fold(0.0, f64::max);
    let [own, range] = key.ranges.unwrap_or([[0.0, most]; 2]);
    let full = range[0].abs().max(range[1].abs()).max(f64::MIN_POSITIVE);
    let longest_mm = LONGEST * apart_mm;
    let mut shape = Shape::default();
    for Vane { place, vector, ends_there } in &vanes {
        let size = vector.norm();
        let part = (size / full).min(BEYOND);
        if !(part.is_finite() && SHORTEST <= part) {
            continue;
        }
        let way = vector * (part * longest_mm / size);
        let from = if *ends_there { place - way } else { *place };
        let value = (size - own[0]) / (own[1] - own[0]).max(f64::MIN_POSITIVE);
        shape.add(bevy_from_patient(&from), bevy_from_direction(&way), longest_mm as f32, value as f32);
    }
    mesh(shape.positions, shape.normals, Some(shape.values), shape.indices)
}

#[derive(Default)]
struct Shape {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    values: Vec<f32>,
    indices: Vec<u32>,
}

impl Shape {
    /// An arrow along `way`; heads and shafts are as thick as `longest` tells, thinner only where an arrow is short.
    fn add(&mut self, from: Vec3, way: Vec3, longest: f32, value: f32) {
        let long = way.length();
        let along = way.normalize_or_zero();
        let across = along.any_orthonormal_vector();
        let other = along.cross(across);
        // A short arrow is a small one, not a disc.
        let thick = longest * (long / longest).clamp(0.0, 1.0).sqrt();
        let head = (HEAD_LONG * thick).min(0.6 * long);
        let neck = from + along * (long - head);
        let ring = |side: usize| {
            let (sin, cos) = (side as f32 * std::f32::consts::TAU / SIDES as f32).sin_cos();
            across * cos + other * sin
        };
        let slope = HEAD * thick / head.max(1e-6);
        let rings = [
            (from, SHAFT * thick, Vec3::ZERO),
            (neck, SHAFT * thick, Vec3::ZERO),
            // The back of the head, and its mantle.
            (neck, SHAFT * thick, -along * 1e3),
            (neck, HEAD * thick, -along * 1e3),
            (neck, HEAD * thick, along * slope),
            (from + way, 0.0, along * slope),
        ];
        let first = self.positions.len() as u32;
        for (centre, radius, lean) in rings {
            for side in 0..SIDES {
                let out = ring(side);
                self.positions.push((centre + out * radius).to_array());
                self.normals.push((out + lean).normalize().to_array());
                self.values.push(value);
            }
        }
        let sides = SIDES as u32;
        for band in [0, 2, 4_u32] {
            for side in 0..sides {
                let next = (side + 1) % sides;
                let [a, b] = [side, next].map(|n| first + band * sides + n);
                let [c, d] = [a + sides, b + sides];
                self.indices.extend([a, b, c, c, b, d]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(mesh: &Mesh, attribute: bevy::mesh::MeshVertexAttribute) -> Vec<Vec3> {
        let values = mesh.attribute(attribute).and_then(|values| values.as_float3()).unwrap();
        values.iter().copied().map(Vec3::from).collect()
    }

    fn arrow(way: Vec3) -> Mesh {
        let mut shape = Shape::default();
        shape.add(Vec3::new(1.0, 2.0, 3.0), way, 4.0, 0.5);
        mesh(shape.positions, shape.normals, Some(shape.values), shape.indices)
    }

    #[test]
    fn an_arrow_goes_from_its_place_to_the_end_of_its_vector_and_faces_outwards() {
        for way in [Vec3::new(0.0, 4.0, 0.0), Vec3::new(-1.0, 0.3, 2.0), Vec3::new(0.1, 0.0, -0.05)] {
            let mesh = arrow(way);
            let points = positions(&mesh, Mesh::ATTRIBUTE_POSITION);
            let along = |p: &Vec3| (*p - Vec3::new(1.0, 2.0, 3.0)).dot(way.normalize());
            let ends = points.iter().map(along).fold([f32::MAX, f32::MIN], |[a, b], x| [a.min(x), b.max(x)]);
            assert!(ends[0].abs() < 1e-4 && (ends[1] - way.length()).abs() < 1e-4, "{ends:?}");
            let normals = positions(&mesh, Mesh::ATTRIBUTE_NORMAL);
            let indices: Vec<usize> = mesh.indices().unwrap().iter().collect();
            for triangle in indices.chunks(3) {
                let [a, b, c] = [0, 1, 2].map(|n| points[triangle[n]]);
                let face = (b - a).cross(c - a);
                if 1e-7 < face.length() {
                    assert!(0.0 < face.dot(normals[triangle[0]] + normals[triangle[1]] + normals[triangle[2]]));
                }
            }
        }
    }

    #[test]
    fn length_and_value_are_the_magnitude_on_the_scale() {
        let positions = [[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]].map(Point::from).to_vec();
        let mesh = crate::mesh::TetMesh::new(positions, vec![[0, 1, 2, 3]], vec![1]).unwrap();
        let out = Vector::new(-1.0, -1.0, -1.0);
        let result = TissueResult {
            mesh,
            displacement_mm: vec![out, out * 0.5, out * 0.001, Vector::zeros()],
            von_mises_pa: vec![0.0; 4],
            principal_pa: vec![[0.0; 3]; 4],
            tet_von_mises_pa: vec![0.0],
            tet_volume_ratio: vec![1.0],
            support_n: vec![Vector::zeros(); 4],
            reaction_n: Vector::zeros(),
            grip_n: Vector::zeros(),
            applied_n: Vector::zeros(),
            imbalance: 0.0,
        };
        let key = Key { hash: result.content_hash(), count: 100, ranges: Some([[0.0, 4.0], [0.0, 2.0]]) };
        let built = build(&Source::Tissue(Arc::new(result)), &key);
        let uvs = match built.attribute(Mesh::ATTRIBUTE_UV_0) {
            Some(bevy::mesh::VertexAttributeValues::Float32x2(uvs)) => uvs.clone(),
            other => panic!("{other:?}"),
        };
        // Two arrows; what hardly moves has none.
        let per_arrow = 6 * SIDES;
        assert_eq!(uvs.len(), 2 * per_arrow);
        let size = out.norm() as f32;
        let mut values = [uvs[0][0], uvs[per_arrow][0]];
        values.sort_by(f32::total_cmp);
        assert!((values[0] - size / 8.0).abs() < 1e-5 && (values[1] - size / 4.0).abs() < 1e-5, "{values:?}");
    }
}
