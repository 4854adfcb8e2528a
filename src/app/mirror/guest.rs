//! Surfaces in the scene that belong to no node: what is being computed, and cuts that are planned.

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

/// Whose surface it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// A flow that is being computed.
    Flow,
    /// The cuts of a plan.
    Plan,
}

/// The surfaces, one for each visitor that has one.
#[derive(Resource, Default)]
pub(crate) struct Guest([Option<Shown>; 2]);

struct Shown {
    entity: Entity,
    mesh: Handle<Mesh>,
    material: Handle<SurfaceMaterial>,
    shade: Option<Shade>,
    /// The scale it is shown with.
    scale: Option<Scale>,
}

impl Guest {
    /// Show `surface`, coloured by `shade`, in place of what `visitor` showed before.
    pub(crate) fn show(
        &mut self,
        visitor: Visitor,
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
        if visitor == Visitor::Flow {
            surfaces.set_guest(Some(bounds));
        }
        let mesh = surface_mesh(surface, shade.as_ref(), None);
        let mut display = Display::default();
        if visitor == Visitor::Plan {
            display.colour = [255, 176, 58];
        }
        let look = material(&display, shade.as_ref(), &bounds, maps);
        let corners = [bounds.min, bounds.max].map(|corner| bevy_from_patient(&corner));
        let aabb = bevy::camera::primitives::Aabb::from_min_max(corners[0].min(corners[1]), corners[0].max(corners[1]));
        if let Some(shown) = &mut self.0[visitor as usize] {
            if let Err(error) = meshes.insert(&shown.mesh, mesh) {
                error!(%error, "a surface that is being computed could not be shown");
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
        self.0[visitor as usize] = Some(Shown { entity, mesh, material, shade, scale: None });
    }

    /// Show nothing of `visitor` any more; whether there was something.
    pub(crate) fn clear(&mut self, visitor: Visitor, surfaces: &mut Surfaces, commands: &mut Commands) -> bool {
        let Some(shown) = self.0[visitor as usize].take() else { return false };
        commands.entity(shown.entity).despawn();
        if visitor == Visitor::Flow {
            surfaces.set_guest(None);
        }
        true
    }

    /// The fields that colour them.
    pub(super) fn shades(&self) -> impl Iterator<Item = &Shade> {
        self.0.iter().flatten().filter_map(|shown| shown.shade.as_ref())
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
    for shown in guest.0.iter_mut().flatten() {
        let Some(shade) = &shown.shade else { continue };
        let scale = Scale::of(shade, &desk.workspace, &mut extents);
        if shown.scale != Some(scale)
            && let Some(mut now) = materials.get_mut(&shown.material)
        {
            scale.dress(&mut now, true, &maps);
            shown.scale = Some(scale);
            scene.changed();
        }
    }
}
