//! What lies under the mouse: the nearest visible surface along a ray through the pixel.

use super::operate::Theatre;
use super::panels::Desk;
use super::pull::Pull;
use super::scene::Scene;
use crate::app::mirror::Surfaces;
use crate::app::run::AppSystems;
use crate::app::ui::Picked;
use crate::base::i18n::tr;
use bevy::prelude::*;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, pick.in_set(AppSystems::View));
}

fn pick(pull: Res<Pull>, theatre: Res<Theatre>, scene: Res<Scene>, surfaces: Res<Surfaces>, mut desk: ResMut<Desk>) {
    let _part = crate::app::frames::part("picking");
    let Some(pane) = &scene.pane else { return };
    // An organ on the table is not where its surface at rest is.
    let may_pick = !pane.dragging && !pull.holds_mouse() && !theatre.is_open();
    let at = pane.clicked.or(pane.hovered).filter(|_| may_pick);
    let picked = at.and_then(|at| {
        let (node, hit) = surfaces.pointed_at(&scene.camera.ray(at, pane.rect))?;
        let shown = surfaces.node(node)?;
        let value = shown.shade.as_ref().map(|shade| {
            let corners = shown.bvh.surface().triangles()[hit.triangle];
            let value: f64 = (0..3).map(|n| hit.weights[n] * shade.field.values[corners[n] as usize]).sum();
            words(value, &shade.field.unit, shown.invalid_because.as_deref())
        });
        Some(Picked { node, point: hit.point, value })
    });
    if pane.clicked.is_some()
        && let Some(picked) = &picked
    {
        desk.workspace.crosshair = Some(picked.point);
        desk.workspace.selected = Some(picked.node);
    }
    if desk.info.picked != picked {
        desk.info.picked = picked;
    }
}

/// A value as it stands beside the mouse; where there is no valid one, that and why.
fn words(value: f64, unit: &str, invalid_because: Option<&str>) -> String {
    match invalid_because {
        _ if value.is_finite() => format!("{value:.3} {unit}"),
        Some(because) => format!("{}: {because}", tr("not-valid-here")),
        None => tr("not-valid-here").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_valid_value_says_why_and_shows_no_number() {
        let because = Some("strained beyond 30 %");
        assert_eq!(words(1.25, "kPa", because), "1.250 kPa");
        let [told, bare] = [because, None].map(|because| words(f64::NAN, "kPa", because));
        assert!(told.ends_with(": strained beyond 30 %") && told.starts_with(&bare), "{told} {bare}");
    }
}
