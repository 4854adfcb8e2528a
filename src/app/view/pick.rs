//! What lies under the mouse: the nearest visible surface along a ray through the pixel.

use super::operate::Theatre;
use super::panels::Desk;
use super::pull::Pull;
use super::scene::{SECOND, Scene};
use crate::app::mirror::{Comparison, Surfaces, pointed_at};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::{Picked, PickedOther};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::geom::Point;
use bevy::prelude::*;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, pick.in_set(AppSystems::View));
}

fn pick(
    pull: Res<Pull>,
    theatre: Res<Theatre>,
    scene: Res<Scene>,
    surfaces: Res<Surfaces>,
    session: NonSend<TheSession>,
    comparison: Res<Comparison>,
    mut desk: ResMut<Desk>,
) {
    let _part = crate::app::frames::part("picking");
    let Some(pane) = &scene.pane else { return };
    // An organ on the table is not where its surface at rest is.
    let may_pick = !pane.dragging && !pull.holds_mouse() && !theatre.is_open();
    let at = pane.clicked.or(pane.hovered).filter(|_| may_pick);
    let in_other = scene.in_use() == SECOND && desk.workspace.scenes.compare.is_some();
    let targets = if in_other { comparison.targets() } else { surfaces.targets(scene.in_use()) };
    let ray = at.map(|at| scene.camera.ray(at, pane.rect));
    let hit = ray.and_then(|ray| pointed_at(&targets, &ray));
    // A slice or the rendered volume before the surface is what one points at; they are of this case only.
    let nearest_mm = hit.as_ref().map_or(f64::INFINITY, |(_, hit)| hit.distance_mm);
    let scan = ray.filter(|_| !in_other).and_then(|ray| desk.workspace.scan_met(session.get().case(), &ray));
    let met = match scan.filter(|met| met.distance_mm < nearest_mm) {
        Some(met) => {
            let digits = if met.value.abs() < 10.0 { 2 } else { 0 };
            Some((met.node, met.point, Some(format!("{:.digits$} {}", met.value, met.unit))))
        }
        None => hit.map(|(target, hit)| {
            let unit = target.shade.map_or("", |shade| &shade.field.unit);
            let value = target.value_at(&hit).map(|value| words(value, unit, target.invalid_because));
            (target.node, hit.point, value)
        }),
    };
    let (mut picked, mut other) = (None, None);
    match met {
        Some((node, point, value)) if in_other => other = of_other(&comparison, &desk, node, point, value),
        Some((node, point, value)) => picked = Some(Picked { node, point, value }),
        None => {}
    }
    if pane.clicked.is_some() {
        let here = picked.as_ref().map(|picked| (picked.point, Some(picked.node)));
        let there = other.as_ref().map(|other: &PickedOther| (other.point, other.partner));
        if let Some((point, node)) = here.or(there) {
            desk.workspace.crosshair = Some(point);
            // An object without a partner leaves what is selected as it is.
            desk.workspace.selected = node.or(desk.workspace.selected);
        }
    }
    if desk.info.picked != picked {
        desk.info.picked = picked;
    }
    if desk.info.other != other {
        desk.info.other = other;
    }
}

/// What is told of an object of the other case.
fn of_other(
    comparison: &Comparison,
    desk: &Desk,
    node: NodeId,
    point: Point,
    value: Option<String>,
) -> Option<PickedOther> {
    let rows = &desk.workspace.scenes.compare.as_ref()?.rows;
    let volume_ml = rows.iter().find(|row| row.nodes[1] == Some(node)).and_then(|row| row.volumes_ml[1]);
    let name = comparison.case()?.node(node)?.name.clone();
    Some(PickedOther { name, volume_ml, value, partner: comparison.partner(node), point })
}

/// A value as it stands beside the mouse; where there is no valid one, that and why.
fn words(value: f64, unit: &str, invalid_because: Option<&str>) -> String {
    match invalid_because {
        _ if value.is_finite() => format!("{value:.3} {unit}"),
        Some(because) => format!("{}: {}", tr("not-valid-here"), crate::base::i18n::sentence(because)),
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
