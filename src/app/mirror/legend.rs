//! The legends: which fields colour the scene, in numbers.

use super::build::Shade;
use super::flow::Flows;
use super::guest::Guest;
use super::scales::{Extents, Scale};
use super::surfaces::Surfaces;
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::Legend;
use crate::app::view::Desk;
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::session::Data;
use bevy::prelude::*;
use std::cmp::Reverse;

/// Colours of a legend.
const COLOURS: usize = 33;
/// Legends there is room for.
const LEGENDS_MAX: usize = 2;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, show.in_set(AppSystems::View));
}

/// The fields of the selected object and of those made last. Two objects in colour with one legend would be misread.
fn show(
    surfaces: Res<Surfaces>,
    flows: Res<Flows>,
    guest: Res<Guest>,
    session: NonSend<TheSession>,
    mut extents: ResMut<Extents>,
    mut desk: ResMut<Desk>,
) {
    let on_surfaces = surfaces.visible().filter_map(|(id, shown)| Some((id, shown.shade.as_ref()?, true)));
    let on_tubes = flows.speeds().map(|(id, shade)| (id, shade, false));
    let mut shades: Vec<(NodeId, &Shade, bool)> = on_surfaces.chain(on_tubes).collect();
    let selected = desk.workspace.selected;
    shades.sort_by_key(|(id, ..)| (selected != Some(*id), Reverse(*id)));
    let guests = guest.shades();
    shades.truncate(LEGENDS_MAX.saturating_sub(guests.len()));
    let named = 1 < shades.len() + guests.len();
    let name = |id: NodeId| session.get().case().node(id).filter(|_| named).map(|node| node.name.clone());
    let case = session.get().case();
    let vectors = |id: NodeId| match &case.node(id)?.data {
        Data::Flow(_) => Some((desk.workspace.vectors, true)),
        Data::Tissue(_) => Some((desk.workspace.vectors, false)),
        _ => None,
    };
    let legend = |(of, id, shade, can_have_isolines): (Option<String>, Option<NodeId>, &Shade, bool)| {
        let scale = Scale::of(shade, &desk.workspace, &mut extents);
        Legend {
            of,
            field: shade.field.name.clone(),
            unit: shade.field.unit.clone(),
            range: scale.range,
            beyond: scale.beyond,
            colours: scale.map.table(COLOURS),
            map: scale.map,
            look: scale.look,
            own: scale.own,
            outside: scale.outside,
            has_invalid: scale.has_invalid,
            invalid_because: id.and_then(|id| surfaces.node(id)?.invalid_because.clone()).filter(|_| can_have_isolines),
            can_have_isolines,
            vectors: id.and_then(vectors),
        }
    };
    let of_guest = guests.into_iter().map(|shade| (named.then(|| so_far(shade)), None, shade, true));
    let of_nodes = shades.into_iter().map(|(id, shade, lines)| (name(id), Some(id), shade, lines));
    let legends: Vec<Legend> = of_guest.into_iter().chain(of_nodes).map(legend).collect();
    if desk.info.legends != legends {
        desk.info.legends = legends;
    }
}

/// Whose a legend without an object is: a flow that is being computed, the cuts of a plan, or its ablations.
fn so_far(shade: &Shade) -> String {
    tr(match shade.field.name.as_str() {
        crate::plan::resection::LACKING => "legend-planned-cut",
        crate::plan::ablation::MARGIN_FIELD => "legend-planned-ablation",
        _ => "legend-so-far",
    })
    .to_owned()
}
