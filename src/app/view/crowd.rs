//! How many translucent walls lie behind each other in the 3D views, told from the boxes around objects.
//!
//! Lists of fragments hold so many walls in all: a view with more of them is drawn with fewer pixels, and where that is not
//! enough it is said that some may be missing.

use super::labels::outline;
use super::panels::Desk;
use super::scene::{FIRST, SECOND, Scene};
use crate::app::mirror::Surfaces;
use crate::app::run::AppSystems;
use crate::app::ui::OrbitCamera;
use crate::geom::Aabb;
use bevy::prelude::*;
use egui::Rect;

/// Walls of an object over the box that is seen of it: one before and one behind. Folds have more, but boxes are larger than
/// what they hold.
const WALLS: f32 = 2.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, count.in_set(AppSystems::View));
}

fn count(surfaces: Res<Surfaces>, mut scene: ResMut<Scene>, mut desk: ResMut<Desk>) {
    for which in [FIRST, SECOND] {
        let view = scene.view(which);
        let walls = view.pane.as_ref().map_or(0.0, |pane| {
            let targets = surfaces.targets(which);
            let translucent = targets.iter().filter(|target| 0.0 < target.opacity && target.opacity < 1.0);
            walls(translucent.map(|target| target.bounds), &view.camera, pane.rect)
        });
        if view.walls != walls {
            scene.view_mut(which).walls = walls;
        }
    }
    if desk.info.crowded != scene.crowded {
        desk.info.crowded = scene.crowded;
    }
}

/// Walls in a pixel of `rect` on average.
fn walls<'a>(boxes: impl Iterator<Item = &'a Aabb>, camera: &OrbitCamera, rect: Rect) -> f32 {
    let seen = boxes.map(|bounds| outline(bounds, camera, rect).intersect(rect)).filter(|seen| seen.is_positive());
    WALLS * seen.map(|seen| seen.area()).sum::<f32>() / rect.area().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Point, Vector};
    use egui::Pos2;

    #[test]
    fn walls_are_counted_where_they_are_seen() {
        let rect = Rect::from_min_max(Pos2::new(10.0, 20.0), Pos2::new(810.0, 620.0));
        let camera = OrbitCamera { parallel: true, ..OrbitCamera::default() };
        let cube = |at: Point, half_mm: f64| {
            let to = Vector::repeat(half_mm);
            Aabb { min: at - to, max: at + to }
        };
        let everywhere = cube(camera.target, 900.0);
        assert!((walls([everywhere, everywhere].iter(), &camera, rect) - 2.0 * WALLS).abs() < 1e-4);
        let small = walls([cube(camera.target, 20.0)].iter(), &camera, rect);
        assert!(0.0 < small && small < 0.2, "{small}");
        let beside = cube(camera.target + camera.right_up_back()[0] * 2_000.0, 20.0);
        assert_eq!(walls([beside].iter(), &camera, rect), 0.0);
    }
}
