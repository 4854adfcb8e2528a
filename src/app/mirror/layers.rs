//! Which camera of the scene sees what: objects that a 3D view leaves out, and another case in the second one.

use crate::app::render::ShowsVolume;
use crate::app::run::AppSystems;
use crate::app::view::{Desk, FIRST, SECOND, Scene, SceneCamera};
use bevy::camera::visibility::RenderLayers;
use bevy::prelude::*;

/// What both views show; everything is here unless it says otherwise.
const BOTH: usize = 0;
/// What only the first or only the second view shows.
const ONLY: [usize; 2] = [1, 2];
/// The other case of a comparison.
const OTHER_CASE: usize = 3;

/// The layers of an object that the first and the second view show, or not.
pub(super) fn layers_of(views: [bool; 2]) -> RenderLayers {
    match views {
        [true, true] => RenderLayers::layer(BOTH),
        [true, false] => RenderLayers::layer(ONLY[FIRST]),
        [false, true] => RenderLayers::layer(ONLY[SECOND]),
        [false, false] => RenderLayers::none(),
    }
}

/// The layer of the other case of a comparison.
pub(super) fn layer_of_other_case() -> RenderLayers {
    RenderLayers::layer(OTHER_CASE)
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, focus.in_set(AppSystems::View));
}

/// What a camera of a view sees; the window for an audience shows what the first view shows.
fn layers_seen(which: usize, compares: bool) -> RenderLayers {
    match which {
        SECOND if compares => layer_of_other_case(),
        SECOND => RenderLayers::from_layers(&[BOTH, ONLY[SECOND]]),
        _ => RenderLayers::from_layers(&[BOTH, ONLY[FIRST]]),
    }
}

fn focus(
    mut cameras: Query<(&SceneCamera, &mut RenderLayers, &mut ShowsVolume)>,
    desk: Res<Desk>,
    mut scene: ResMut<Scene>,
) {
    let compares = desk.workspace.scenes.compare.is_some();
    for (SceneCamera(which), mut layers, mut volume) in &mut cameras {
        let shows = desk.workspace.volume_in(if *which == SECOND { SECOND } else { FIRST });
        let mut changed = layers.set_if_neq(layers_seen(*which, compares));
        changed |= volume.set_if_neq(ShowsVolume(shows));
        if changed {
            scene.changed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_view_sees_what_it_is_to_show_and_the_other_case_is_seen_in_the_second_only() {
        for views in [[true, true], [true, false], [false, true], [false, false]] {
            let object = layers_of(views);
            for (which, shown) in [(FIRST, views[0]), (SECOND, views[1]), (crate::app::view::AUDIENCE, views[0])] {
                assert_eq!(layers_seen(which, false).intersects(&object), shown, "{views:?} {which}");
            }
            assert!(!layers_seen(SECOND, true).intersects(&object), "{views:?}");
        }
        let other = layer_of_other_case();
        assert!(layers_seen(SECOND, true).intersects(&other) && !layers_seen(FIRST, true).intersects(&other));
        assert!(!layers_seen(SECOND, false).intersects(&other));
    }
}
