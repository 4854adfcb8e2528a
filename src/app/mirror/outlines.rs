//! Which objects have a line around them: the selected one, and the one under the mouse.

use super::surfaces::Surfaces;
use crate::app::render::{Outline, OutlineUniform, Outlines};
use crate::app::run::AppSystems;
use crate::app::ui::ACCENT;
use crate::app::view::{Desk, Scene};
use crate::base::NodeId;
use bevy::prelude::*;

/// Width of a line in points of the window, and its opacity.
const SELECTED: (f32, f32) = (2.0, 1.0);
const HOVERED: (f32, f32) = (1.25, 0.85);
/// Under the mouse, sRGB: nearly white, weaker than the accent.
const HOVERED_COLOUR: [u8; 3] = [226, 236, 250];

pub(super) fn plugin(app: &mut App) {
    // What the mouse is over is found in this frame.
    app.add_systems(Update, follow.after(AppSystems::View));
}

/// The objects with a line: (which, whether it is selected). What is selected needs no second line under the mouse.
fn outlined(selected: Option<NodeId>, hovered: Option<NodeId>) -> Vec<(NodeId, bool)> {
    let hovered = hovered.filter(|node| selected != Some(*node));
    selected.map(|node| (node, true)).into_iter().chain(hovered.map(|node| (node, false))).collect()
}

fn follow(surfaces: Res<Surfaces>, desk: Res<Desk>, mut outlines: ResMut<Outlines>, mut scene: ResMut<Scene>) {
    // Pictures show the patient, not what the user points at; in an operation the organ is what everything is about.
    let wanted = desk.theatre.is_none() && !scene.is_held();
    let hovered = desk.info.picked.as_ref().map(|picked| picked.node);
    let nodes = if wanted { outlined(desk.workspace.selected, hovered) } else { Vec::new() };
    let px_per_point = scene.px_per_point();
    let outline = |(node, is_selected): (NodeId, bool)| {
        let (mesh, cuts) = surfaces.drawn(node)?;
        let ((points, opacity), colour) =
            if is_selected { (SELECTED, ACCENT.to_array()) } else { (HOVERED, rgba(HOVERED_COLOUR)) };
        let colour = Color::srgb_u8(colour[0], colour[1], colour[2]).to_linear().to_vec3().extend(opacity);
        // A line of less than a pixel has gaps.
        let width_px = (points * px_per_point).max(1.0);
        let shape = Vec4::new(width_px, f32::from(u8::from(is_selected)), 0.0, 0.0);
        Some(Outline { mesh, uniform: OutlineUniform { cuts, shape, colour } })
    };
    let now: Vec<Outline> = nodes.into_iter().filter_map(outline).collect();
    if outlines.0 != now {
        // The width follows the size of the picture, which is drawn then anyway.
        let same = |a: &Outline, b: &Outline| {
            (a.mesh, a.uniform.cuts, a.uniform.colour) == (b.mesh, b.uniform.cuts, b.uniform.colour)
        };
        let is_same = outlines.0.len() == now.len() && outlines.0.iter().zip(&now).all(|(a, b)| same(a, b));
        outlines.0 = now;
        if !is_same {
            scene.changed();
        }
    }
}

fn rgba([r, g, b]: [u8; 3]) -> [u8; 4] {
    [r, g, b, 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_line_at_most_and_selection_comes_first() {
        let [a, b] = [NodeId(1), NodeId(2)];
        assert_eq!(outlined(None, None), []);
        assert_eq!(outlined(Some(a), Some(a)), [(a, true)]);
        assert_eq!(outlined(Some(a), Some(b)), [(a, true), (b, false)]);
        assert_eq!(outlined(None, Some(b)), [(b, false)]);
    }
}
