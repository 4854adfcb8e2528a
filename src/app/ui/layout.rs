//! How the views are arranged; built on egui_tiles, so that every border can be dragged.

use crate::geom::Orientation;
use egui::{Rect, Ui};
use egui_tiles::{Container, Grid, GridLayout, Linear, LinearDir, SimplificationOptions, TileId, Tiles, Tree};

/// One view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// A slice.
    Slice(Orientation),
    /// The 3D scene.
    Scene,
    /// The scan along a vessel.
    Curved,
}

impl Pane {
    const ALL: [Self; 4] = [
        Self::Slice(Orientation::Axial),
        Self::Scene,
        Self::Slice(Orientation::Coronal),
        Self::Slice(Orientation::Sagittal),
    ];
}

/// A ready-made arrangement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrangement {
    /// Axial and scene over coronal and sagittal.
    #[default]
    FourUp,
    /// The scene large, three slices in a column.
    SceneLarge,
    /// The axial slice large, the others in a column.
    AxialLarge,
    /// The three slices side by side.
    Slices,
    /// The scan along a vessel, beside it the scene and two slices.
    Curved,
}

impl Arrangement {
    /// All of them with their names in the menu.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::FourUp, "Four views"),
        (Self::SceneLarge, "3D large"),
        (Self::AxialLarge, "Axial large"),
        (Self::Slices, "Slices only"),
    ];

    fn tree(self) -> Tree<Pane> {
        let mut tiles = Tiles::default();
        let ids = Pane::ALL.map(|pane| tiles.insert_pane(pane));
        let [axial, scene, coronal, sagittal] = ids;
        let column = |tiles: &mut Tiles<Pane>, children: [TileId; 3]| tiles.insert_vertical_tile(children.to_vec());
        let beside = |tiles: &mut Tiles<Pane>, children: [TileId; 2]| {
            tiles.insert_container(Container::Linear(Linear::new_binary(LinearDir::Horizontal, children, 0.68)))
        };
        let root = match self {
            Self::FourUp => {
                let mut grid = Grid::new(ids.to_vec());
                grid.layout = GridLayout::Columns(2);
                tiles.insert_container(Container::Grid(grid))
            }
            Self::SceneLarge => {
                let slices = column(&mut tiles, [axial, coronal, sagittal]);
                beside(&mut tiles, [scene, slices])
            }
            Self::AxialLarge => {
                let others = column(&mut tiles, [scene, coronal, sagittal]);
                beside(&mut tiles, [axial, others])
            }
            Self::Slices => {
                tiles.remove(scene);
                tiles.insert_horizontal_tile(vec![axial, coronal, sagittal])
            }
            Self::Curved => {
                tiles.remove(coronal);
                let (curved, others) = (tiles.insert_pane(Pane::Curved), column(&mut tiles, [axial, scene, sagittal]));
                let linear = Linear::new_binary(LinearDir::Horizontal, [curved, others], 0.5);
                tiles.insert_container(Container::Linear(linear))
            }
        };
        Tree::new(egui::Id::new(("views", self as u8)), root, tiles)
    }
}

/// The arrangement as it stands.
#[derive(Debug)]
pub struct Layout {
    arrangement: Arrangement,
    tree: Tree<Pane>,
    maximised: Option<Pane>,
}

impl Default for Layout {
    fn default() -> Self {
        Self::new(Arrangement::default())
    }
}

struct Views<'a> {
    show: &'a mut dyn FnMut(&mut Ui, Rect, Pane),
}

impl egui_tiles::Behavior<Pane> for Views<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> egui_tiles::UiResponse {
        let rect = ui.max_rect();
        (self.show)(ui, rect, *pane);
        egui_tiles::UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> egui::WidgetText {
        match pane {
            Pane::Slice(orientation) => orientation.name().into(),
            Pane::Scene => "3D".into(),
            Pane::Curved => "Along a vessel".into(),
        }
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        3.0
    }

    fn min_size(&self) -> f32 {
        90.0
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: false, ..SimplificationOptions::OFF }
    }

    fn resize_stroke(&self, _style: &egui::Style, state: egui_tiles::ResizeState) -> egui::Stroke {
        let colour = match state {
            egui_tiles::ResizeState::Idle => super::theme::BAR,
            egui_tiles::ResizeState::Hovering => super::theme::FAINT,
            egui_tiles::ResizeState::Dragging => super::theme::ACCENT,
        };
        egui::Stroke::new(3.0, colour)
    }

    fn is_tile_draggable(&self, _tiles: &Tiles<Pane>, _tile: TileId) -> bool {
        false
    }
}

impl Layout {
    /// A ready-made arrangement.
    pub fn new(arrangement: Arrangement) -> Self {
        Self { arrangement, tree: arrangement.tree(), maximised: None }
    }

    /// Which arrangement it started as.
    pub fn arrangement(&self) -> Arrangement {
        self.arrangement
    }

    /// The view shown alone.
    pub fn maximised(&self) -> Option<Pane> {
        self.maximised
    }

    /// Show one view alone, or all again if one is alone.
    pub fn maximise(&mut self, pane: Pane) {
        self.maximised = if self.maximised.is_some() { None } else { Some(pane) };
    }

    /// Show all views again; whether one was alone.
    pub fn restore(&mut self) -> bool {
        self.maximised.take().is_some()
    }

    /// Call `show` for every view with its rectangle.
    pub fn show(&mut self, ui: &mut Ui, show: &mut dyn FnMut(&mut Ui, Rect, Pane)) {
        match self.maximised {
            Some(pane) => {
                let rect = ui.available_rect_before_wrap();
                ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| show(ui, rect, pane));
            }
            None => self.tree.ui(&mut Views { show }, ui),
        }
    }
}
