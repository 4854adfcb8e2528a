//! Arrangements of the views beyond the ready-made ones: what is stored, the menu, and views that are no pictures.

mod lecture;
mod menu;
mod plot;
mod stored;

pub(super) use lecture::{caption_seen_ui, caption_ui};
pub(super) use menu::layouts_menu;
pub(super) use plot::plot_ui;
pub use stored::StoredLayout;

use super::layout::Pane;
use crate::base::i18n::in_tables;
use crate::geom::Orientation;

/// All views with their names in files and on the screen.
pub const PANES: [(Pane, &str, &str); 14] = [
    (Pane::Slice(Orientation::Axial), "axial", "Axial"),
    (Pane::Slice(Orientation::Coronal), "coronal", "Coronal"),
    (Pane::Slice(Orientation::Sagittal), "sagittal", "Sagittal"),
    (Pane::OtherSlice(Orientation::Axial), "axial_2", "Axial of the second scan"),
    (Pane::OtherSlice(Orientation::Coronal), "coronal_2", "Coronal of the second scan"),
    (Pane::OtherSlice(Orientation::Sagittal), "sagittal_2", "Sagittal of the second scan"),
    (Pane::Scene, "scene", "3D"),
    (Pane::SecondScene, "scene_2", "Second 3D view"),
    (Pane::Plot, "plot", "Plot"),
    (Pane::Caption, "caption", "Caption"),
    (Pane::Curved, "curved", "Along a vessel"),
    (Pane::Plans, "plans", "Plans side by side"),
    (Pane::FlatCut, "flat_cut", "Flattened cut"),
    (Pane::Depths, "depths", "Distances along a path"),
];

/// What a view is called on the screen.
pub fn title(pane: Pane) -> &'static str {
    PANES.iter().find(|(each, ..)| *each == pane).map_or("", |(.., title)| in_tables("pane", title))
}

pub(super) fn code(pane: Pane) -> Option<&'static str> {
    PANES.iter().find(|(each, ..)| *each == pane).map(|(_, code, _)| *code)
}

pub(super) fn pane(code: &str) -> Option<Pane> {
    PANES.iter().find(|(_, each, _)| *each == code).map(|(pane, ..)| *pane)
}
