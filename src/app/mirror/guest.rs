//! Surfaces in the scene that belong to no node: what is being computed, and what a plan does.

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
use crate::tools::plan_shapes::{Key, Shape};
use bevy::prelude::*;
use std::collections::BTreeMap;

/// The surfaces: that of a flow, and those of an open plan.
#[derive(Resource, Default)]
pub(crate) struct Guest {
    flow: Option<Shown>,
    plan: BTreeMap<Key, Shown>,
}

struct Shown {
    entity: Entity,
    mesh: Handle<Mesh>,
    material: Handle<SurfaceMaterial>,
    shade: Option<Shade>,
    /// The scale it is shown with.
    scale: Option<Scale>,
}

/// A shape of a plan made ready for the graphics card, beside the window.
pub(crate) struct PlanPart {
    /// Which shape it is.
    pub(crate) key: Key,
    look: Look,
    /// None where it is the one that was shown before.
    mesh: Option<Mesh>,
}

#[cfg(test)]
impl PlanPart {
    /// Whether it brings a mesh.
    pub(crate) fn has_mesh(&self) -> bool {
        self.mesh.is_some()
    }
}

/// What a surface looks like, and where it is.
struct Look {
    display: Display,
    shade: Option<Shade>,
    bounds: Aabb,
}

impl PlanPart {
    /// `shape` made ready; without its mesh where that was sent before. Computes: not for the main thread.
    pub(crate) fn of(shape: &Shape, was_sent: bool) -> Self {
        let shade = shape.coloured.as_ref().map(|coloured| Shade {
            field: coloured.field.clone(),
            map: coloured.map,
            range: coloured.range,
            beyond: coloured
                .field
                .range()
                .map_or([false; 2], |[least, most]| [least < coloured.range[0], coloured.range[1] < most]),
        });
        let display = Display { colour: shape.colour, opacity: shape.opacity, ..Display::default() };
        let mesh = (!was_sent).then(|| surface_mesh(&shape.surface, shade.as_ref(), None));
        Self { key: shape.key, look: Look { display, shade, bounds: shape.surface.bounds() }, mesh }
    }
}

impl Guest {
    /// Show `surface`, coloured by `shade`, as the flow that is being computed.
    pub(crate) fn show_flow(
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
        let bounds = surface.bounds();
        surfaces.set_guest(Some(bounds));
        let mesh = surface_mesh(surface, shade.as_ref(), None);
        let look = Look { display: Display::default(), shade, bounds };
        if let Some(shown) = &mut self.flow {
            shown.become_like(look, Some(mesh), maps, meshes, materials, commands);
        } else {
            self.flow = Some(Shown::new(look, mesh, maps, meshes, materials, commands));
        }
    }

    /// Show no flow any more; whether there was one.
    pub(crate) fn clear_flow(&mut self, surfaces: &mut Surfaces, commands: &mut Commands) -> bool {
        let Some(shown) = self.flow.take() else { return false };
        commands.entity(shown.entity).despawn();
        surfaces.set_guest(None);
        true
    }

    /// Show these shapes of a plan in place of those that `replaces` holds for.
    pub(crate) fn show_plan(
        &mut self,
        parts: Vec<PlanPart>,
        replaces: impl Fn(&Key) -> bool,
        maps: &ColourMaps,
        meshes: &mut Assets<Mesh>,
        materials: &mut Assets<SurfaceMaterial>,
        commands: &mut Commands,
    ) {
        self.plan.retain(|key, shown| {
            let stays = !replaces(key) || parts.iter().any(|part| part.key == *key);
            if !stays {
                commands.entity(shown.entity).despawn();
            }
            stays
        });
        for PlanPart { key, look, mesh } in parts {
            match (self.plan.get_mut(&key), mesh) {
                (Some(shown), mesh) => shown.become_like(look, mesh, maps, meshes, materials, commands),
                (None, Some(mesh)) => {
                    self.plan.insert(key, Shown::new(look, mesh, maps, meshes, materials, commands));
                }
                (None, None) => error!(?key, "a shape of a plan came without its mesh and is not shown"),
            }
        }
    }

    /// Show nothing of a plan any more; whether there was something.
    pub(crate) fn clear_plan(&mut self, commands: &mut Commands) -> bool {
        let was_there = !self.plan.is_empty();
        for shown in std::mem::take(&mut self.plan).into_values() {
            commands.entity(shown.entity).despawn();
        }
        was_there
    }

    /// The fields that colour them, each once: shapes of one field have one scale.
    pub(super) fn shades(&self) -> Vec<&Shade> {
        let mut all: Vec<&Shade> = Vec::new();
        for shade in self.flow.iter().chain(self.plan.values()).filter_map(|shown| shown.shade.as_ref()) {
            if all.iter().all(|known| known.field.name != shade.field.name) {
                all.push(shade);
            }
        }
        all
    }
}

impl Shown {
    fn new(
        look: Look,
        mesh: Mesh,
        maps: &ColourMaps,
        meshes: &mut Assets<Mesh>,
        materials: &mut Assets<SurfaceMaterial>,
        commands: &mut Commands,
    ) -> Self {
        let mesh = meshes.add(mesh);
        let material = materials.add(material(&look.display, look.shade.as_ref(), &look.bounds, maps));
        let parts = (Name::new("guest"), Mesh3d(mesh.clone()), MeshMaterial3d(material.clone()), around(&look.bounds));
        Self { entity: commands.spawn(parts).id(), mesh, material, shade: look.shade, scale: None }
    }

    /// Look like this now; with the mesh as it is where none is given.
    fn become_like(
        &mut self,
        look: Look,
        mesh: Option<Mesh>,
        maps: &ColourMaps,
        meshes: &mut Assets<Mesh>,
        materials: &mut Assets<SurfaceMaterial>,
        commands: &mut Commands,
    ) {
        if let Some(mesh) = mesh {
            if let Err(error) = meshes.insert(&self.mesh, mesh) {
                error!(%error, "a surface that is being computed could not be shown");
            }
            commands.entity(self.entity).insert(around(&look.bounds));
        }
        if let Some(mut now) = materials.get_mut(&self.material) {
            *now = material(&look.display, look.shade.as_ref(), &look.bounds, maps);
        }
        (self.shade, self.scale) = (look.shade, None);
    }
}

/// The box around a surface in the space of the scene.
fn around(bounds: &Aabb) -> bevy::camera::primitives::Aabb {
    let corners = [bounds.min, bounds.max].map(|corner| bevy_from_patient(&corner));
    bevy::camera::primitives::Aabb::from_min_max(corners[0].min(corners[1]), corners[0].max(corners[1]))
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
    let Guest { flow, plan } = &mut *guest;
    for shown in flow.iter_mut().chain(plan.values_mut()) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Colormap;
    use crate::mesh::Field;
    use crate::mesh::shapes::cuboid;
    use crate::tools::plan_shapes::{Coloured, Part};
    use std::sync::Arc;

    #[test]
    fn a_shape_is_ready_with_its_colours_and_is_sent_once() {
        let surface = Arc::new(cuboid([4.0, 6.0, 8.0]));
        let values = (0..surface.positions().len()).map(|n| n as f64 * 4.0 - 8.0).collect();
        let coloured = Coloured {
            field: Field::new("ablation margin", "mm", values),
            map: Colormap::Cividis,
            range: [-5.0, 10.0],
        };
        let key = Key { part: Part::Target, of: 0 };
        let shape =
            Shape { key, surface: Arc::clone(&surface), coloured: Some(coloured), colour: [9; 3], opacity: 0.5 };
        let part = PlanPart::of(&shape, false);
        let shade = part.look.shade.as_ref().unwrap();
        assert_eq!((shade.range, shade.beyond), ([-5.0, 10.0], [true, true]));
        assert_eq!(part.mesh.as_ref().unwrap().count_vertices(), surface.positions().len());
        assert_eq!(part.look.bounds, surface.bounds());
        assert!(PlanPart::of(&shape, true).mesh.is_none());
    }
}
