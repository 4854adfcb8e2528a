//! The instrument in the scene: a ball or a rod of steel where the hand has it.

use super::Theatre;
use crate::app::render::{ColourMaps, SurfaceMaterial, SurfaceUniform};
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::app::view::pictures::Filming;
use crate::app::view::scene::Scene;
use crate::biomech::interactive::{Shape, Tool};
use crate::geom::{Point, Vector};
use crate::image::Colormap;
use bevy::prelude::*;

/// Linear colour of steel.
const STEEL: Vec4 = Vec4::new(0.42, 0.45, 0.5, 1.0);

/// What is in the scene.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen(Tool);

/// Where a tool's middle is, mm.
pub(super) fn middle(tool: &Tool) -> Point {
    match tool.shape {
        Shape::Capsule { shaft_mm, .. } => tool.place_mm + 0.5 * shaft_mm,
        Shape::Sphere { .. } | Shape::Plane { .. } => tool.place_mm,
    }
}

/// Keep the scene in step with the hand.
pub(super) fn show(
    theatre: Res<Theatre>,
    filming: Res<Filming>,
    maps: Res<ColourMaps>,
    mut seen: Query<(Entity, &mut Seen, &mut Transform)>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    // A film of an operation has its own.
    let Some(tool) = filming.instrument().or_else(|| theatre.tool()) else {
        for (entity, ..) in &seen {
            commands.entity(entity).despawn();
            scene.changed();
        }
        return;
    };
    if let Some((entity, mut known, mut transform)) = seen.iter_mut().next() {
        if known.0 == tool {
            return;
        }
        scene.changed();
        if known.0.shape == tool.shape {
            known.0 = tool;
            *transform = placed(&tool);
            return;
        }
        commands.entity(entity).despawn();
    }
    let (mesh, radius_mm) = match tool.shape {
        Shape::Sphere { radius_mm } => (Sphere::new(radius_mm as f32).mesh().ico(5).ok(), radius_mm),
        Shape::Capsule { radius_mm, shaft_mm } => {
            (Some(Capsule3d::new(radius_mm as f32, shaft_mm.norm() as f32).mesh().build()), radius_mm)
        }
        Shape::Plane { .. } => (None, 0.0),
    };
    let Some(mesh) = mesh else { return };
    // Nothing of it is a marked patch.
    let plain = vec![[0.0_f32; 2]; mesh.count_vertices()];
    let mesh = mesh.with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, plain);
    let uniform = SurfaceUniform::new(STEEL, Vec4::new(0.0, 0.0, 0.0, 2.0));
    let map = maps.texture(Colormap::Viridis);
    let material = materials.add(SurfaceMaterial { uniform, map, radius_mm: radius_mm as f32 });
    let drawn = (Mesh3d(meshes.add(mesh)), MeshMaterial3d(material));
    commands.spawn((Name::new("instrument"), Seen(tool), drawn, placed(&tool)));
    scene.changed();
}

/// A capsule of Bevy stands upright around its middle.
fn placed(tool: &Tool) -> Transform {
    let along = match tool.shape {
        Shape::Capsule { shaft_mm, .. } => shaft_mm,
        Shape::Sphere { .. } | Shape::Plane { .. } => Vector::zeros(),
    };
    let turn =
        bevy_from_direction(&along).try_normalize().map_or(Quat::IDENTITY, |to| Quat::from_rotation_arc(Vec3::Y, to));
    Transform::from_translation(bevy_from_patient(&middle(tool))).with_rotation(turn)
}
