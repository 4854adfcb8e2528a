//! Slices of the other case of a comparison, in the second 3D view: at the same crosshair and with the same window as here.

use super::comparison::Comparison;
use super::layers::layer_of_other_case;
use super::slices3d::{COLOURS, ORIENTATIONS, coarse, corners, grey_texture, quad};
use crate::app::render::{LineMaterial, SurfaceMaterial, SurfaceUniform, lines};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::active_scan;
use crate::app::view::{Desk, Scene};
use crate::base::ContentHash;
use crate::image::{Scan, SlicePlane, Window};
use crate::session::{Case, Data};
use bevy::camera::visibility::NoFrustumCulling;
use bevy::prelude::*;
use std::sync::Arc;

/// The slices that are shown.
#[derive(Resource, Default)]
struct OtherSlices([Option<Slice>; 3]);

struct Slice {
    /// The picture and its border.
    entities: [Entity; 2],
    of: ContentHash,
    plane: SlicePlane,
    window: Window,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<OtherSlices>();
    app.add_systems(Update, follow.in_set(AppSystems::Mirror));
}

/// The scan of the other case: that with the name of the one shown here, else its first.
fn scan_of<'a>(case: &'a Case, name: Option<&str>) -> Option<(ContentHash, &'a Arc<Scan>)> {
    let mut scans = case.nodes().filter_map(|(_, node)| match &node.data {
        Data::Scan(scan) => Some((node.name.as_str(), node.hash(), scan)),
        _ => None,
    });
    let first = scans.next()?;
    let named = |found: &(&str, ContentHash, &Arc<Scan>)| name == Some(found.0);
    let found = Some(first).filter(named).or_else(|| scans.find(named)).unwrap_or(first);
    Some((found.1, found.2))
}

fn follow(
    mut shown: ResMut<OtherSlices>,
    comparison: Res<Comparison>,
    mut desk: ResMut<Desk>,
    session: NonSend<TheSession>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut line_materials: ResMut<Assets<LineMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    if comparison.case().is_none() && shown.0.iter().all(Option::is_none) {
        return;
    }
    let here = active_scan(session.get().case(), desk.workspace.selected);
    let window = here.map(|(id, node, scan)| desk.window_of(id, scan, node.hash()));
    let name = here.map(|(_, node, _)| node.name.as_str());
    let other = comparison.case().and_then(|case| scan_of(case, name));
    let cut = desk.workspace.cut.as_ref().map(|cut| cut.orientation);
    for (n, orientation) in ORIENTATIONS.into_iter().enumerate() {
        let wanted =
            other.filter(|_| desk.workspace.slices_in_scene || cut == Some(orientation)).and_then(|(of, scan)| {
                let centre = || scan.grid().bounds().centre();
                let crosshair = desk.workspace.crosshair.unwrap_or_else(centre);
                let plane = desk.workspace.slice_plane(scan.grid(), orientation, &crosshair).map(coarse)?;
                Some((of, scan, plane, window.or(scan.window).unwrap_or(Window { width: 400.0, level: 40.0 })))
            });
        let slot = &mut shown.0[n];
        let is_right = match (&*slot, &wanted) {
            (None, None) => true,
            (Some(slice), Some((of, _, plane, window))) => {
                slice.of == *of && slice.plane == *plane && slice.window == *window
            }
            _ => false,
        };
        if is_right {
            continue;
        }
        if let Some(old) = slot.take() {
            old.entities.into_iter().for_each(|entity| commands.entity(entity).despawn());
        }
        scene.changed();
        let Some((of, scan, plane, window)) = wanted else { continue };
        let corners = corners(&plane);
        let material = SurfaceMaterial {
            uniform: SurfaceUniform::new(Vec4::ONE, Vec4::new(2.0, 0.0, 1.0, 0.0)),
            map: images.add(grey_texture(scan, plane, window)),
            radius_mm: 0.0,
        };
        let edges: [[Vec3; 2]; 4] = std::array::from_fn(|n| [corners[n], corners[(n + 1) % 4]]);
        let picture = commands.spawn((
            Name::new(format!("{} slice of the other case", orientation.name())),
            Mesh3d(meshes.add(quad(corners))),
            MeshMaterial3d(materials.add(material)),
            (NoFrustumCulling, layer_of_other_case()),
        ));
        let picture = picture.id();
        let border = commands.spawn((
            Name::new(format!("border of the {} slice of the other case", orientation.name())),
            Mesh3d(meshes.add(lines(&edges))),
            MeshMaterial3d(line_materials.add(LineMaterial::new(COLOURS[n], 0.9, 1.8))),
            (NoFrustumCulling, layer_of_other_case()),
        ));
        *slot = Some(Slice { entities: [picture, border.id()], of, plane, window });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeId;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};
    use crate::session::Node;

    fn scan(edge: usize) -> Data {
        let grid = Grid::aligned([edge; 3], Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::I16(Volume::new(grid.clone(), vec![0; grid.len()]).unwrap());
        Data::Scan(Arc::new(Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }))
    }

    #[test]
    fn the_scan_of_the_same_name_is_shown_else_the_first() {
        let nodes = [(2, "arterial", 4), (3, "portal", 5)];
        let case = Case::from_nodes(nodes.map(|(id, name, edge)| (NodeId(id), Node::new(name, scan(edge)))));
        let edge = |name| scan_of(&case, name).map(|(_, scan)| scan.grid().dims()[0]);
        assert_eq!(
            [edge(Some("portal")), edge(Some("arterial")), edge(Some("other")), edge(None)],
            [5, 4, 4, 4].map(Some)
        );
        assert!(scan_of(&Case::default(), None).is_none());
    }
}
