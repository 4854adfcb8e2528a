//! The legend: which field colours the scene, in numbers.

use super::flow::Flows;
use super::surfaces::Surfaces;
use crate::app::run::AppSystems;
use crate::app::ui::Legend;
use crate::app::view::Desk;
use bevy::prelude::*;

/// Colours of a legend.
const COLOURS: usize = 33;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, show.in_set(AppSystems::View));
}

/// The field of the selected object, or else of the object made last.
fn show(surfaces: Res<Surfaces>, flows: Res<Flows>, mut desk: ResMut<Desk>) {
    let selected = desk.workspace.selected;
    let of_selected = selected.and_then(|id| surfaces.shade(id).or_else(|| flows.speed_of(id)));
    let shade = of_selected.or_else(|| surfaces.last_shade()).or_else(|| flows.last_speed());
    let legend = shade.map(|shade| Legend {
        field: shade.field.name.clone(),
        unit: shade.field.unit.clone(),
        range: shade.range,
        beyond: shade.beyond,
        colours: shade.map.table(COLOURS),
    });
    if desk.info.legend != legend {
        desk.info.legend = legend;
    }
}
