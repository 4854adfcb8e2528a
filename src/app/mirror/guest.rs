//! A surface in the scene that belongs to no node: what is being computed.

use super::build::{Shade, surface_mesh};
use super::scales::{Extents, Scale};
use super::surfaces::{Surfaces, material};
use crate::app::render::{ColourMaps, SurfaceMaterial};
use crate::app::run::AppSystems;
use crate::app::space::bevy_from_patient;
use crate::app::view::{Desk, Scene};
use crate::geom::Aabb;
use crate::mesh::Surface;
use crate::session::Display;
use bevy::prelude::*;

/// The surface, if there is one.
#[derive(Resource, Default)]
pub(crate) struct Guest(Option<Shown>);

struct Shown {
    entity: Entity,
    mesh: Handle<Mesh>,
    material: Handle<SurfaceMaterial>,
    shade: Option<Shade>,
    /// The scale it is shown with.
    scale: Option<Scale>,
}

impl Guest {
    /// Show `surface`, coloured by `shade`, in place of what was shown before.
    pub(crate) fn show(
        &mut self,
        surface: &Surface,
        shade: Option<Shade>,
        surfaces: &mut Surfaces,
        maps: &ColourMaps,
        meshes: &mut Assets<Mesh>,
        materials: &mut Assets<SurfaceMaterial>,
        commands: &mut Commands,
    ) {
        if surface.triangles().is_empty() {
            return;
        }
        let bounds = surface.positions().iter().fold(Aabb::EMPTY, |all, point| all.including(point));
        surfaces.set_guest(Some(bounds));
        let mesh = surface_mesh(surface, shade.as_ref(), None);
        let look = material(&Display::default(), shade.as_ref(), &bounds, maps);
        let corners = [bounds.min, bounds.max].map(|corner| bevy_from_patient(&corner));
        let aabb = bevy::camera::primitives::Aabb::from_min_max(corners[0].min(corners[1]), corners[0].max(corners[1]));
        if let Some(shown) = &mut self.0 {
            if let Err(error) = meshes.insert(&shown.mesh, mesh) {
                error!(%error, "a flow that is being computed could not be shown");
            }
            if let Some(mut now) = materials.get_mut(&shown.material) {
                *now = look;
            }
            commands.entity(shown.entity).insert(aabb);
            (shown.shade, shown.scale) = (shade, None);
            return;
        }
        let (mesh, material) = (meshes.add(mesh), materials.add(look));
        let parts = (Name::new("guest"), Mesh3d(mesh.clone()), MeshMaterial3d(material.clone()), aabb);
        let entity = commands.spawn(parts).id();
        self.0 = Some(Shown { entity, mesh, material, shade, scale: None });
    }

    /// Show nothing any more; whether there was something.
    pub(crate) fn clear(&mut self, surfaces: &mut Surfaces, commands: &mut Commands) -> bool {
        let Some(shown) = self.0.take() else { return false };
        commands.entity(shown.entity).despawn();
        surfaces.set_guest(None);
        true
    }

    /// The field that colours it.
    pub(super) fn shade(&self) -> Option<&Shade> {
        self.0.as_ref()?.shade.as_ref()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Guest>();
    app.add_systems(Update, dress.in_set(AppSystems::Mirror));
}

/// Its scale follows the legend.
fn dress(
    mut guest: ResMut<Guest>,
    desk: Res<Desk>,
    maps: Res<ColourMaps>,
    mut extents: ResMut<Extents>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
) {
    let Some(shown) = &mut guest.0 else { return };
    let Some(shade) = &shown.shade else { return };
    let scale = Scale::of(shade, &desk.workspace, &mut extents);
    if shown.scale != Some(scale)
        && let Some(mut now) = materials.get_mut(&shown.material)
    {
        scale.dress(&mut now, true, &maps);
        shown.scale = Some(scale);
        scene.changed();
    }
}
