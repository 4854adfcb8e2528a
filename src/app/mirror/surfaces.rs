//! Surfaces of the case in the scene: anatomical surfaces, boundaries of meshes, deformed bodies.

use super::build::{Builder, Built, Order, Shade};
use super::cut::Cut;
use super::drawable::Drawable;
use super::layers::layers_of;
use super::scales::{Extents, Scale};
use super::target::Target;
use crate::app::render::{ColourMaps, PLANES_MAX, SurfaceMaterial, SurfaceUniform};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::space::bevy_from_patient;
use crate::app::view::{Desk, FIRST, SECOND, Scene};
use crate::base::{ContentHash, NodeId};
use crate::geom::{Aabb, Ray};
use crate::image::Colormap;
use crate::mesh::bvh::{Bvh, SurfacePoint};
use crate::session::Display;
use bevy::camera::visibility::RenderLayers;
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is in the scene for each node, and what is on its way.
#[derive(Resource, Default)]
pub(crate) struct Surfaces {
    shown: BTreeMap<NodeId, Shown>,
    ordered: BTreeMap<NodeId, (u64, Key)>,
    orders: u64,
    /// The box around what is shown besides nodes.
    guest: Option<Aabb>,
    /// The state of the case that was looked at last, and the object that is shown alone.
    seen: (u64, Option<NodeId>, Option<NodeId>),
    coarse: bool,
    /// The 3D view that is in use: what somebody points at is seen in it.
    in_use: usize,
    /// Where surfaces are cut.
    cut: Cut,
}

/// What must be the same for a mesh to be still right.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    hash: ContentHash,
    field: Option<String>,
}

/// A node in the scene.
pub(crate) struct Shown {
    key: Key,
    entity: Entity,
    material: Handle<SurfaceMaterial>,
    fine: Handle<Mesh>,
    coarse: Option<Handle<Mesh>>,
    display: Display,
    /// Whether it is shown in the first and in the second 3D view.
    views: [bool; 2],
    /// The box around it, mm.
    pub(crate) bounds: Aabb,
    /// For picking.
    pub(crate) bvh: Arc<Bvh>,
    /// The field that colours it.
    pub(crate) shade: Option<Shade>,
    /// Why some of its values are not valid.
    pub(crate) invalid_because: Option<String>,
}

impl Shown {
    /// Its colour, sRGB, and opacity.
    pub(crate) fn colour(&self) -> ([u8; 3], f32) {
        (self.display.colour, self.display.opacity)
    }
}

/// The entity of a node.
#[derive(Component, Debug)]
struct FromNode(NodeId);

impl Surfaces {
    /// Everything that can be seen.
    pub(crate) fn visible(&self) -> impl Iterator<Item = (NodeId, &Shown)> {
        self.shown.iter().filter(|(_, shown)| shown.display.visible).map(|(id, shown)| (*id, shown))
    }

    /// Everything that can be seen in a 3D view.
    pub(crate) fn visible_in(&self, which: usize) -> impl Iterator<Item = (NodeId, &Shown)> {
        self.visible().filter(move |(_, shown)| shown.views[which])
    }

    /// The visible object a ray meets first in the view in use, and where.
    pub(crate) fn first_hit(&self, ray: &Ray) -> Option<(NodeId, SurfacePoint)> {
        self.first_hit_where(ray, |_, _| true)
    }

    /// The same among those that `counts` accepts; others do not stand in the way.
    pub(crate) fn first_hit_where(
        &self,
        ray: &Ray,
        counts: impl Fn(NodeId, &Shown) -> bool,
    ) -> Option<(NodeId, SurfacePoint)> {
        let hits = self
            .visible_in(self.in_use)
            .filter(|(id, shown)| counts(*id, shown))
            .filter_map(|(id, shown)| Some((id, self.hit(id, shown, ray)?)));
        hits.min_by(|a, b| a.1.distance_mm.total_cmp(&b.1.distance_mm))
    }

    /// Where a ray meets what is left of an object.
    pub(crate) fn hit(&self, id: NodeId, shown: &Shown, ray: &Ray) -> Option<SurfacePoint> {
        self.cut.first_hit(id, &shown.bvh, ray)
    }

    /// What rays can meet in a 3D view.
    pub(crate) fn targets(&self, which: usize) -> Vec<Target<'_>> {
        let mut targets = Vec::new();
        for (node, shown) in self.visible_in(which) {
            targets.push(Target {
                node,
                bounds: &shown.bounds,
                colour: shown.display.colour,
                opacity: shown.display.opacity,
                shade: shown.shade.as_ref(),
                invalid_because: shown.invalid_because.as_deref(),
                bvh: &shown.bvh,
                cut: &self.cut,
                cut_as: node,
            });
        }
        targets
    }

    /// Whether everything that was ordered is there.
    pub(crate) fn is_complete(&self) -> bool {
        self.ordered.is_empty()
    }

    /// One node in the scene.
    pub(crate) fn node(&self, id: NodeId) -> Option<&Shown> {
        self.shown.get(&id)
    }

    /// The mesh that is drawn of a visible node, and where it is cut.
    pub(super) fn drawn(&self, id: NodeId) -> Option<(AssetId<Mesh>, [Vec4; PLANES_MAX])> {
        let shown = self.shown.get(&id).filter(|shown| shown.display.visible && 0.0 < shown.display.opacity)?;
        let mesh = shown.coarse.as_ref().filter(|_| self.coarse).unwrap_or(&shown.fine);
        Some((mesh.id(), self.cut.uniform(id)))
    }

    fn bounds(&self) -> Aabb {
        let corners = self.visible().flat_map(|(_, shown)| [shown.bounds.min, shown.bounds.max]);
        let of_guest = self.guest.iter().flat_map(|bounds| [bounds.min, bounds.max]);
        corners.chain(of_guest).fold(Aabb::EMPTY, |all, corner| all.including(&corner))
    }

    /// Something is shown besides nodes, or no longer.
    pub(super) fn set_guest(&mut self, bounds: Option<Aabb>) {
        self.guest = bounds;
        self.seen.0 = 0;
    }

    /// Show `mesh`, coloured by `shade`, in the place of a node's own, until [`Surfaces::restore`]; whether there is one.
    pub(crate) fn stand_in(&mut self, id: NodeId, mesh: Mesh, shade: Option<Shade>, meshes: &mut Assets<Mesh>) -> bool {
        let Some(shown) = self.shown.get_mut(&id) else { return false };
        (shown.shade, shown.invalid_because) = (shade, None);
        // The coarse one would show it as it was.
        shown.coarse = None;
        if let Err(error) = meshes.insert(&shown.fine, mesh) {
            error!(%error, "a moved surface could not be shown");
        }
        true
    }

    /// Compare the case with what is shown again, and build every mesh that stands in for another.
    pub(crate) fn look_again(&mut self) {
        self.seen.0 = 0;
    }

    /// Build a node's own mesh again.
    pub(crate) fn restore(&mut self, id: NodeId) {
        if let Some(shown) = self.shown.get_mut(&id) {
            shown.key.field = Some(String::from("\u{0}none"));
            self.seen.0 = 0;
        }
    }
}

#[derive(Resource)]
struct Workshop(Builder);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Surfaces>();
    app.add_systems(PostStartup, start_builder);
    let systems = (order, receive, dress, swap_stand_ins).chain().run_if(resource_exists::<Workshop>);
    app.add_systems(Update, systems.in_set(AppSystems::Mirror));
}

fn start_builder(mut commands: Commands, proxy: Option<Res<EventLoopProxyWrapper>>) {
    let wake = proxy.map_or_else(|| Arc::new(|| {}) as _, |proxy| wake(&proxy));
    match Builder::start(wake) {
        Ok(builder) => commands.insert_resource(Workshop(builder)),
        Err(error) => error!(%error, "the system refused a thread for building meshes; the scene stays empty"),
    }
}

/// Compare the case with what is shown; order what is missing, drop what is gone.
fn order(
    mut surfaces: ResMut<Surfaces>,
    workshop: Res<Workshop>,
    session: NonSend<TheSession>,
    desk: Res<Desk>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let _part = crate::app::frames::part("surfaces ordered");
    let now = (session.revision, desk.workspace.isolated, desk.workspace.group_in_scene());
    if surfaces.seen == now {
        return;
    }
    let surfaces = &mut *surfaces;
    surfaces.seen = now;
    let case = session.get().case();
    let mut there = BTreeSet::new();
    for (id, node) in case.nodes() {
        let Some(drawable) = Drawable::of(node) else { continue };
        there.insert(id);
        let key = Key { hash: node.hash(), field: node.display.field.clone() };
        // What nobody sees is built when it is shown.
        let is_seen = desk.display(id, case).is_some_and(|display| display.visible);
        let is_right = surfaces.shown.get(&id).is_some_and(|shown| shown.key == key);
        let is_ordered = surfaces.ordered.get(&id).is_some_and(|(_, ordered)| *ordered == key);
        if is_right {
            surfaces.ordered.remove(&id);
        } else if is_seen && !is_ordered {
            surfaces.orders += 1;
            let (number, field) = (surfaces.orders, key.field.clone());
            surfaces.ordered.insert(id, (number, key));
            workshop.0.order(Order { node: id, number, drawable, field, coarse: scene.software() });
        }
    }
    surfaces.ordered.retain(|id, _| there.contains(id));
    surfaces.shown.retain(|id, shown| {
        let stays = there.contains(id);
        if !stays {
            commands.entity(shown.entity).despawn();
        }
        stays
    });
    scene.bounds = surfaces.bounds();
    scene.changed();
}

/// Take what the builder finished into the scene: one object a frame, so that a large upload delays no frame for long.
fn receive(
    mut surfaces: ResMut<Surfaces>,
    workshop: Res<Workshop>,
    session: NonSend<TheSession>,
    desk: Res<Desk>,
    maps: Res<ColourMaps>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let _part = crate::app::frames::part("surfaces received");
    let surfaces = &mut *surfaces;
    let Some(built) = workshop.0.next() else { return };
    let Built { node, number, mesh, coarse, bounds, bvh, shade, invalid_because } = built;
    scene.changed();
    let Some((ordered, key)) = surfaces.ordered.get(&node) else { return };
    if *ordered != number {
        return;
    }
    let key = key.clone();
    surfaces.ordered.remove(&node);
    let Some(display) = desk.display(node, session.get().case()) else { return };
    let old = surfaces.shown.remove(&node);
    if let Some(old) = old {
        commands.entity(old.entity).despawn();
    }
    let material = materials.add(material(&display, shade.as_ref(), &bounds, &maps));
    let (fine, coarse) = (meshes.add(mesh), coarse.map(|mesh| meshes.add(mesh)));
    let now = coarse.as_ref().filter(|_| surfaces.coarse).unwrap_or(&fine).clone();
    let corners = [bounds.min, bounds.max].map(|corner| bevy_from_patient(&corner));
    let aabb = bevy::camera::primitives::Aabb::from_min_max(corners[0].min(corners[1]), corners[0].max(corners[1]));
    let entity = commands
        .spawn((
            Name::new(format!("surface {node}")),
            FromNode(node),
            Mesh3d(now),
            MeshMaterial3d(material.clone()),
            aabb,
            visibility(&display),
            RenderLayers::default(),
        ))
        .id();
    let views = [true; 2];
    surfaces.shown.insert(
        node,
        Shown { key, entity, material, fine, coarse, display, views, bounds, bvh, shade, invalid_because },
    );
    scene.bounds = surfaces.bounds();
}

/// Colours, opacity, visibility and selection follow the case and the panels.
fn dress(
    mut surfaces: ResMut<Surfaces>,
    desk: Res<Desk>,
    session: NonSend<TheSession>,
    maps: Res<ColourMaps>,
    mut extents: ResMut<Extents>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut visibilities: Query<(&mut Visibility, &mut RenderLayers), With<FromNode>>,
    mut scene: ResMut<Scene>,
) {
    let _part = crate::app::frames::part("surfaces dressed");
    let case = session.get().case();
    let surfaces = &mut *surfaces;
    let mut changed = false;
    let cut = Cut::of(&desk.workspace);
    if surfaces.cut != cut {
        // A cut that is dragged asks for as many pictures as a camera that moves.
        scene.cut_moved();
        surfaces.cut = cut;
    }
    surfaces.in_use = scene.in_use();
    let hovered = desk.info.picked.as_ref().map(|picked| picked.node);
    for (id, shown) in &mut surfaces.shown {
        if let Some(display) = desk.display(*id, case)
            && display != shown.display
        {
            shown.display = display;
        }
        shown.views = [FIRST, SECOND].map(|which| desk.workspace.shows_in(which, *id));
        if let Ok((mut visible, mut layers)) = visibilities.get_mut(shown.entity) {
            changed |= visible.set_if_neq(visibility(&shown.display));
            changed |= layers.set_if_neq(layers_of(shown.views));
        }
        let mut wanted = material(&shown.display, shown.shade.as_ref(), &shown.bounds, &maps);
        wanted.uniform.mode.y = match id {
            id if desk.workspace.selected == Some(*id) => 1.0,
            id if hovered == Some(*id) => 0.5,
            _ => 0.0,
        };
        wanted.uniform.cuts = surfaces.cut.uniform(*id);
        if let Some(shade) = &shown.shade {
            Scale::of(shade, &desk.workspace, &mut extents).dress(&mut wanted, true, &maps);
        }
        let is_other = |now: &SurfaceMaterial| now.uniform != wanted.uniform || now.map != wanted.map;
        if materials.get(&shown.material).is_some_and(is_other)
            && let Some(mut now) = materials.get_mut(&shown.material)
        {
            *now = wanted;
            changed = true;
        }
    }
    if changed {
        scene.bounds = surfaces.bounds();
        scene.changed();
    }
}

/// Coarse meshes while the camera moves, fine ones at rest.
fn swap_stand_ins(mut surfaces: ResMut<Surfaces>, scene: Res<Scene>, mut meshes: Query<(&FromNode, &mut Mesh3d)>) {
    let coarse = scene.software() && scene.is_moving();
    if surfaces.coarse == coarse {
        return;
    }
    surfaces.coarse = coarse;
    for (from, mut mesh) in &mut meshes {
        let Some(shown) = surfaces.shown.get(&from.0) else { continue };
        mesh.0 = shown.coarse.as_ref().filter(|_| coarse).unwrap_or(&shown.fine).clone();
    }
}

fn visibility(display: &Display) -> Visibility {
    if display.visible && 0.0 < display.opacity { Visibility::Visible } else { Visibility::Hidden }
}

pub(super) fn material(display: &Display, shade: Option<&Shade>, bounds: &Aabb, maps: &ColourMaps) -> SurfaceMaterial {
    let [r, g, b] = display.colour;
    let colour = Color::srgb_u8(r, g, b).to_linear().to_vec3().extend(display.opacity.clamp(0.0, 1.0));
    let is_mapped = f32::from(u8::from(shade.is_some()));
    let map = maps.texture(shade.map_or(Colormap::Viridis, |shade| shade.map));
    let shine = if shade.is_some() { 0.4 } else { 1.0 };
    let radius_mm = 0.5 * bounds.size().norm() as f32;
    SurfaceMaterial { uniform: SurfaceUniform::new(colour, Vec4::new(is_mapped, 0.0, 0.0, shine)), map, radius_mm }
}
