//! The three slices through the crosshair in the scene, and the box around the scan.

use super::surfaces::Surfaces;
use crate::app::render::{LineMaterial, SurfaceMaterial, SurfaceUniform, lines};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::space::bevy_from_patient;
use crate::app::ui::{PictureKey, PictureRead, SliceStill, active_scan};
use crate::app::view::{Desk, Scene};
use crate::base::{ContentHash, NodeId};
use crate::geom::{Grid, Orientation, Point};
use crate::image::{Interpolation, Scan, SliceImage, SlicePlane, Window};
use crate::session::{Data, Node};
use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::image::ImageSampler;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use std::sync::Arc;

/// Axial red, coronal green, sagittal yellow (conventions.md, 7.3), here in the order of [`ORIENTATIONS`].
pub(super) const COLOURS: [[u8; 3]; 3] = [[243, 74, 51], [110, 176, 75], [237, 213, 76]];
pub(super) const ORIENTATIONS: [Orientation; 3] = [Orientation::Axial, Orientation::Coronal, Orientation::Sagittal];
/// Pixels of a slice in the scene along its longer side, at most.
const PIXELS_MAX: usize = 512;

/// The slices and the box as they are shown now.
#[derive(Resource, Default)]
struct Slices3d {
    scan: Option<ContentHash>,
    frame: Option<Entity>,
    slices: [Option<Slice>; 3],
    /// What was read for their pictures: a window that is dragged only colours it.
    read: [PictureRead; 3],
    /// Whether slices made room for the first organ already.
    made_room: bool,
}

struct Slice {
    entity: Entity,
    border: Entity,
    key: PictureKey,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Slices3d>();
    app.add_systems(Update, follow.in_set(AppSystems::Mirror));
}

/// Follow the scan the slice views show if it is visible, else the first visible one, the crosshair and the window; nothing is done while these stand still.
fn follow(
    mut shown: ResMut<Slices3d>,
    mut desk: ResMut<Desk>,
    session: NonSend<TheSession>,
    organs: Res<Surfaces>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut surfaces: ResMut<Assets<SurfaceMaterial>>,
    mut line_materials: ResMut<Assets<LineMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let _part = crate::app::frames::part("slices in 3D");
    let case = session.get().case();
    let as_scan = |(id, node): (NodeId, &Arc<Node>)| match &node.data {
        Data::Scan(scan) if node.display.visible => Some((id, node.hash(), Arc::clone(scan))),
        _ => None,
    };
    let active = active_scan(case, desk.workspace.selected).and_then(|(id, node, _)| as_scan((id, node)));
    let scan = active.or_else(|| case.nodes().find_map(as_scan));
    let shown = &mut *shown;
    if shown.scan != scan.as_ref().map(|(_, hash, _)| *hash) {
        shown.scan = scan.as_ref().map(|(_, hash, _)| *hash);
        if case.nodes().all(|(_, node)| matches!(node.data, Data::Scan(_))) {
            // Another patient: nothing is segmented yet.
            shown.made_room = false;
            desk.workspace.slices_in_scene = scan.is_some() || desk.workspace.slices_in_scene;
        }
        shown.frame.take().into_iter().for_each(|entity| commands.entity(entity).despawn());
        shown.slices.iter_mut().for_each(|slice| drop_slice(slice, &mut commands));
        shown.read = Default::default();
        scene.changed();
        if let Some((_, _, scan)) = &scan {
            let mesh = meshes.add(lines(&box_edges(scan.grid())));
            let material = line_materials.add(LineMaterial::new([150, 158, 170], 0.45, 1.4));
            let name = Name::new("box of the scan");
            shown.frame = Some(commands.spawn((name, Mesh3d(mesh), MeshMaterial3d(material), NoFrustumCulling)).id());
            scene.scan_bounds = Some(scan.grid().bounds());
        } else {
            scene.scan_bounds = None;
        }
    }
    let Some((node, hash, scan)) = scan else { return };
    if !shown.made_room && organs.visible().next().is_some() {
        // Once; who wants slices and organs together switches them on again.
        shown.made_room = true;
        desk.workspace.slices_in_scene = false;
    }
    // A cut shows the slice it cuts at.
    let cut = desk.workspace.cut.as_ref().map(|cut| cut.orientation);
    let all_wanted = desk.workspace.slices_in_scene;
    // Found once and kept, so that pictures need not find it.
    desk.window_of(node, &scan, hash);
    for (n, orientation) in ORIENTATIONS.into_iter().enumerate() {
        let slot = &mut shown.slices[n];
        if !all_wanted && cut != Some(orientation) {
            if slot.is_some() {
                drop_slice(slot, &mut commands);
                scene.changed();
            }
            continue;
        }
        let still = desk.workspace.slice_still(case, Some(node), orientation);
        let drawn = still.and_then(|still| {
            let plane = still.plane_in_scene(PIXELS_MAX)?;
            let key = still.key(plane)?;
            Some((still, plane, key))
        });
        if slot.as_ref().map(|slice| &slice.key) == drawn.as_ref().map(|(.., key)| key) {
            continue;
        }
        if slot.is_some() {
            drop_slice(slot, &mut commands);
            scene.changed();
        }
        let Some((still, plane, key)) = drawn else { continue };
        let corners = corners(&plane);
        let material = SurfaceMaterial {
            uniform: SurfaceUniform::new(Vec4::ONE, Vec4::new(2.0, 0.0, 1.0, 0.0)),
            map: images.add(texture(&still, plane, &mut shown.read[n])),
            radius_mm: 0.0,
        };
        let entity = commands.spawn((
            Name::new(format!("{} slice", orientation.name())),
            Mesh3d(meshes.add(quad(corners))),
            MeshMaterial3d(surfaces.add(material)),
            NoFrustumCulling,
        ));
        let entity = entity.id();
        let edges: [[Vec3; 2]; 4] = std::array::from_fn(|n| [corners[n], corners[(n + 1) % 4]]);
        let border = commands.spawn((
            Name::new(format!("border of the {} slice", orientation.name())),
            Mesh3d(meshes.add(lines(&edges))),
            MeshMaterial3d(line_materials.add(LineMaterial::new(COLOURS[n], 0.9, 1.8))),
            NoFrustumCulling,
        ));
        *slot = Some(Slice { entity, border: border.id(), key });
        scene.changed();
    }
}

fn drop_slice(slot: &mut Option<Slice>, commands: &mut Commands) {
    if let Some(Slice { entity, border, .. }) = slot.take() {
        commands.entity(entity).despawn();
        commands.entity(border).despawn();
    }
}

/// The same plane with at most [`PIXELS_MAX`] pixels along a side.
pub(super) fn coarse(plane: SlicePlane) -> SlicePlane {
    let factor = plane.size.into_iter().max().unwrap_or(1).div_ceil(PIXELS_MAX).max(1);
    let (step, size) = (factor as f64, plane.size.map(|n| n.div_ceil(factor)));
    SlicePlane { right: plane.right * step, down: plane.down * step, size, ..plane }
}

/// Top left, top right, bottom right, bottom left in Bevy's space.
pub(super) fn corners(plane: &SlicePlane) -> [Vec3; 4] {
    let [width, height] = plane.size.map(|n| n as f64 - 0.5);
    let places = [[-0.5, -0.5], [width, -0.5], [width, height], [-0.5, height]];
    places.map(|place| bevy_from_patient(&plane.patient_from_pixel(place)))
}

/// A slice of a scan in greys.
pub(super) fn grey_texture(scan: &Scan, plane: SlicePlane, window: Window) -> Image {
    texture_of(SliceImage::of(scan, plane, Interpolation::Nearest).rgba(window), plane)
}

/// A slice as its view shows it.
fn texture(still: &SliceStill, plane: SlicePlane, read: &mut PictureRead) -> Image {
    texture_of(still.pixels_on(plane, read), plane)
}

fn texture_of(rgba: Vec<u8>, plane: SlicePlane) -> Image {
    let [width, height] = plane.size.map(|n| n as u32);
    let size = Extent3d { width, height, depth_or_array_layers: 1 };
    let format = TextureFormat::Rgba8UnormSrgb;
    let mut image = Image::new(size, TextureDimension::D2, rgba, format, RenderAssetUsages::RENDER_WORLD);
    image.sampler = ImageSampler::linear();
    image
}

pub(super) fn quad(corners: [Vec3; 4]) -> Mesh {
    let normal = (corners[1] - corners[0]).cross(corners[3] - corners[0]).normalize_or_zero().to_array();
    let uvs = vec![[0.0_f32, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, corners.map(|corner| corner.to_array()).to_vec())
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, vec![normal; 4])
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, uvs)
        .with_inserted_indices(Indices::U32(vec![0, 1, 2, 0, 2, 3]))
}

/// The twelve edges around all voxel cells; slanted if the grid is.
fn box_edges(grid: &Grid) -> Vec<[Vec3; 2]> {
    let ends = grid.dims().map(|n| [-0.5, n as f64 - 0.5]);
    let corner = |c: usize| -> Point {
        grid.patient_from_index(crate::geom::Vector::new(ends[0][c & 1], ends[1][c >> 1 & 1], ends[2][c >> 2 & 1]))
    };
    let edge = |c: usize, axis: usize| (c >> axis & 1 == 0).then(|| [c, c | 1 << axis]);
    let pairs = (0..8).flat_map(|c| (0..3).filter_map(move |axis| edge(c, axis)));
    pairs.map(|ends| ends.map(|c| bevy_from_patient(&corner(c)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_has_twelve_edges_as_long_as_the_grid() {
        let grid = Grid::aligned([10, 20, 30], Point::origin(), [1.0, 0.5, 2.0]).unwrap();
        let edges = box_edges(&grid);
        let mut lengths: Vec<f32> = edges.iter().map(|[a, b]| a.distance(*b)).collect();
        lengths.sort_by(f32::total_cmp);
        assert_eq!(lengths, [[10.0; 8].as_slice(), &[60.0; 4]].concat());
    }
}
