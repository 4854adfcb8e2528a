//! How the views are arranged; built on egui_tiles, so that every border can be dragged.

use super::{layouts, theme};
use crate::base::i18n::{in_tables, tr_with};
use crate::geom::Orientation;
use egui::{Rect, Ui};
use egui_tiles::{Container, Grid, GridLayout, Linear, LinearDir, SimplificationOptions, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

/// One view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// A slice.
    Slice(Orientation),
    /// A slice of the second scan of two that stand beside each other.
    OtherSlice(Orientation),
    /// The 3D scene.
    Scene,
    /// The 3D scene a second time.
    SecondScene,
    /// The scan along a vessel.
    Curved,
    /// Curves of a result.
    Plot,
    /// A text for an audience.
    Caption,
    /// Plans side by side.
    Plans,
    /// A planned cut laid flat.
    FlatCut,
    /// What a planned path comes near to, along its depth.
    Depths,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrangement {
    /// Axial and scene over coronal and sagittal.
    #[default]
    FourUp,
    /// The scene large, three slices in a column.
    SceneLarge,
    /// The axial slice large, the others in a column.
    AxialLarge,
    /// The scene alone.
    SceneOnly,
    /// The axial slice alone.
    SliceOnly,
    /// The three slices side by side: for planes that are turned against the patient.
    Slices,
    /// The scan along a vessel, beside it the scene and two slices.
    Curved,
    /// The three slices beside the scene over curves.
    SlicesPlot,
    /// The scene over a text, for an audience: no side panels, no names of patients.
    Lecture,
    /// The scene twice, side by side.
    TwoScenes,
    /// One slice of each of two scans, side by side.
    TwoSlices,
    /// The three slices of one scan over those of another.
    ThreeOverThree,
}

impl Arrangement {
    /// All of them with their names in the menu.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::FourUp, "Four views"),
        (Self::SceneLarge, "3D large"),
        (Self::AxialLarge, "Axial large"),
        (Self::SceneOnly, "3D alone"),
        (Self::SliceOnly, "One slice alone"),
        (Self::Slices, "Three slices, also oblique"),
        (Self::TwoScenes, "Two 3D views"),
        (Self::Curved, "Along a vessel"),
        (Self::TwoSlices, "Two scans, one slice each"),
        (Self::ThreeOverThree, "Two scans, three over three"),
        (Self::SlicesPlot, "Slices and plot"),
        (Self::Lecture, "Lecture"),
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
            Self::SceneOnly => {
                for id in [axial, coronal, sagittal] {
                    tiles.remove(id);
                }
                tiles.insert_horizontal_tile(vec![scene])
            }
            Self::SliceOnly => {
                for id in [scene, coronal, sagittal] {
                    tiles.remove(id);
                }
                tiles.insert_horizontal_tile(vec![axial])
            }
            Self::Slices => {
                tiles.remove(scene);
                tiles.insert_horizontal_tile(vec![axial, coronal, sagittal])
            }
            Self::TwoScenes => {
                for id in [axial, coronal, sagittal] {
                    tiles.remove(id);
                }
                let second = tiles.insert_pane(Pane::SecondScene);
                tiles.insert_horizontal_tile(vec![scene, second])
            }
            Self::TwoSlices => {
                for id in [scene, coronal, sagittal] {
                    tiles.remove(id);
                }
                let second = tiles.insert_pane(Pane::OtherSlice(Orientation::Axial));
                tiles.insert_horizontal_tile(vec![axial, second])
            }
            Self::ThreeOverThree => {
                tiles.remove(scene);
                let second = Orientation::ALL.map(|view| tiles.insert_pane(Pane::OtherSlice(view)));
                let mut grid = Grid::new([[axial, coronal, sagittal], second].concat());
                grid.layout = GridLayout::Columns(3);
                tiles.insert_container(Container::Grid(grid))
            }
            Self::Curved => {
                tiles.remove(coronal);
                let (curved, others) = (tiles.insert_pane(Pane::Curved), column(&mut tiles, [axial, scene, sagittal]));
                let linear = Linear::new_binary(LinearDir::Horizontal, [curved, others], 0.5);
                tiles.insert_container(Container::Linear(linear))
            }
            Self::SlicesPlot => {
                let plot = tiles.insert_pane(Pane::Plot);
                let slices = column(&mut tiles, [axial, coronal, sagittal]);
                let results = tiles.insert_container(Container::Linear(Linear::new_binary(
                    LinearDir::Vertical,
                    [scene, plot],
                    0.55,
                )));
                tiles.insert_container(Container::Linear(Linear::new_binary(
                    LinearDir::Horizontal,
                    [slices, results],
                    0.34,
                )))
            }
            Self::Lecture => {
                for id in [axial, coronal, sagittal] {
                    tiles.remove(id);
                }
                let caption = tiles.insert_pane(Pane::Caption);
                tiles.insert_container(Container::Linear(Linear::new_binary(
                    LinearDir::Vertical,
                    [scene, caption],
                    0.86,
                )))
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
    /// Whether views have titles they can be moved by.
    pub arranging: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self::new(Arrangement::default())
    }
}

struct Views<'a> {
    show: &'a mut dyn FnMut(&mut Ui, Rect, Pane),
    arranging: bool,
    /// The view whose title was closed.
    closed: Option<TileId>,
}

impl egui_tiles::Behavior<Pane> for Views<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, tile: TileId, pane: &mut Pane) -> egui_tiles::UiResponse {
        let rect = ui.max_rect();
        // In a window smaller than its panels nothing is left of some views: nobody sees them, and lengths in them would
        // be divided by nothing.
        if !rect.is_positive() {
            return egui_tiles::UiResponse::None;
        }
        ground(ui, *pane);
        (self.show)(ui, rect, *pane);
        let handle = if self.arranging { handle_ui(ui, rect, *pane) } else { Handle::default() };
        if handle.closed {
            self.closed = Some(tile);
        }
        if handle.dragged { egui_tiles::UiResponse::DragStarted } else { egui_tiles::UiResponse::None }
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> egui::WidgetText {
        match pane {
            Pane::Slice(orientation) => in_tables("orientation", orientation.name()).into(),
            Pane::Scene => "3D".into(),
            Pane::Curved => in_tables("pane", "Along a vessel").into(),
            Pane::OtherSlice(_) => layouts::title(*pane).into(),
            Pane::SecondScene | Pane::Plot | Pane::Caption | Pane::Plans | Pane::FlatCut | Pane::Depths => {
                layouts::title(*pane).into()
            }
        }
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        3.0
    }

    fn min_size(&self) -> f32 {
        90.0
    }

    fn simplification_options(&self) -> SimplificationOptions {
        // What moving leaves empty goes; a row in a row becomes one.
        SimplificationOptions { all_panes_must_have_tabs: false, ..SimplificationOptions::default() }
    }

    fn resize_stroke(&self, style: &egui::Style, state: egui_tiles::ResizeState) -> egui::Stroke {
        let own = theme::of_style(style);
        let colour = match state {
            egui_tiles::ResizeState::Idle => own.bar,
            egui_tiles::ResizeState::Hovering => own.faint,
            egui_tiles::ResizeState::Dragging => own.accent,
        };
        egui::Stroke::new(3.0, colour)
    }

    fn is_tile_draggable(&self, _tiles: &Tiles<Pane>, _tile: TileId) -> bool {
        self.arranging
    }
}

/// Slices and the scene are dark in every theme, and so is what stands on them.
fn ground(ui: &mut Ui, pane: Pane) {
    if !matches!(pane, Pane::Plot | Pane::Caption | Pane::Plans | Pane::Depths) {
        theme::over_picture(ui);
    }
}

/// What was done with the title of a view.
#[derive(Debug, Default)]
struct Handle {
    dragged: bool,
    closed: bool,
}

/// The title of a view over its picture, while views are moved: drag it, or close the view.
fn handle_ui(ui: &Ui, rect: Rect, pane: Pane) -> Handle {
    let title = layouts::title(pane);
    let galley = ui.painter().layout_no_wrap(title.to_owned(), theme::semibold(13.0), theme::STRONG);
    let size = egui::Vec2::new(galley.size().x + 62.0, 28.0).min(rect.size());
    let pill = Rect::from_min_size(egui::pos2(rect.center().x - 0.5 * size.x, rect.top() + 6.0), size);
    let response = ui.interact(pill, ui.id().with(("title", title)), egui::Sense::click_and_drag());
    let name = tr_with("layout-move-view", &[("title", title.into())]);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &name));
    let cross = Rect::from_center_size(pill.right_center() - egui::Vec2::new(15.0, 0.0), egui::Vec2::splat(24.0));
    let close = ui.interact(cross, ui.id().with(("close", title)), egui::Sense::click());
    let name = tr_with("layout-close-view", &[("title", title.into())]);
    close.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &name));
    let painter = ui.painter_at(rect);
    let fill = if response.hovered() || response.dragged() { theme::CARD_HOVERED } else { theme::CARD };
    painter.rect_filled(pill, 14, fill);
    painter.rect_stroke(pill, 14, egui::Stroke::new(1.0, theme::ACCENT), egui::StrokeKind::Inside);
    // Six dots: something to take hold of.
    for (x, y) in (0..2).flat_map(|x| (0..3).map(move |y| (x as f32, y as f32))) {
        let at = pill.left_center() + egui::Vec2::new(13.0 + 5.0 * x, 5.0 * (y - 1.0));
        painter.circle_filled(at, 1.3, theme::WEAK);
    }
    let at = pill.left_center() + egui::Vec2::new(27.0, -0.5 * galley.size().y);
    painter.galley(at, galley, theme::STRONG);
    let colour = if close.hovered() { theme::STRONG } else { theme::WEAK };
    let font = egui::FontId::proportional(14.0);
    painter.text(cross.center(), egui::Align2::CENTER_CENTER, super::icons::X, font, colour);
    let response = response.on_hover_cursor(egui::CursorIcon::Grab);
    Handle { dragged: response.drag_started(), closed: close.clicked() }
}

impl Layout {
    /// A ready-made arrangement.
    pub fn new(arrangement: Arrangement) -> Self {
        Self { arrangement, tree: arrangement.tree(), maximised: None, arranging: false }
    }

    /// A ready-made arrangement; where it shows one slice of a scan, it is that of `orientation`.
    pub fn with(arrangement: Arrangement, orientation: Orientation) -> Self {
        let mut layout = Self::new(arrangement);
        if arrangement == Arrangement::SliceOnly {
            let mut tiles = Tiles::default();
            let root = tiles.insert_pane(Pane::Slice(orientation));
            layout.tree = Tree::new(layout.tree.id(), root, tiles);
        }
        if arrangement == Arrangement::TwoSlices {
            let mut tiles = Tiles::default();
            let both = [Pane::Slice(orientation), Pane::OtherSlice(orientation)].map(|pane| tiles.insert_pane(pane));
            let root = tiles.insert_horizontal_tile(both.to_vec());
            layout.tree = Tree::new(layout.tree.id(), root, tiles);
        }
        layout
    }

    /// An arrangement that was stored; `arrangement` is what it started as.
    pub fn stored(arrangement: Arrangement, tree: Tree<Pane>) -> Self {
        Self { arrangement, tree, maximised: None, arranging: false }
    }

    /// Which view has which part.
    pub fn tree(&self) -> &Tree<Pane> {
        &self.tree
    }

    /// The views there are, in the order of [`layouts::PANES`].
    pub fn panes(&self) -> Vec<Pane> {
        let has = |pane: &Pane| self.tree.tiles.find_pane(pane).is_some();
        layouts::PANES.iter().map(|(pane, ..)| *pane).filter(has).collect()
    }

    /// Put a view that is not there at the right, or below where it is wide.
    pub fn add(&mut self, pane: Pane) {
        if self.tree.tiles.find_pane(&pane).is_some() {
            return;
        }
        let new = self.tree.tiles.insert_pane(pane);
        let Some(root) = self.tree.root() else { return };
        let both = match pane {
            Pane::Plans | Pane::Depths => Linear::new_binary(LinearDir::Vertical, [root, new], 0.56),
            _ => Linear::new_binary(LinearDir::Horizontal, [root, new], 0.68),
        };
        let root = self.tree.tiles.insert_container(Container::Linear(both));
        self.tree = Tree::new(self.tree.id(), root, std::mem::take(&mut self.tree.tiles));
    }

    /// Show a view, or take it away where it is seen; the last one stays.
    pub fn toggle(&mut self, pane: Pane) {
        let was_seen = self.shows(pane);
        if self.maximised.is_some_and(|alone| alone != pane || was_seen) {
            self.maximised = None;
        }
        match self.tree.tiles.find_pane(&pane) {
            Some(tile) if was_seen && 1 < self.panes().len() => {
                self.tree.remove_recursively(tile);
            }
            Some(tile) => {
                self.tree.make_active(|id, _| id == tile);
            }
            None => self.add(pane),
        }
    }

    /// Whether a view is seen: it is there, no other is shown alone, and no tab covers it.
    pub fn shows(&self, pane: Pane) -> bool {
        match self.maximised {
            Some(alone) => alone == pane,
            None => self.tree.tiles.find_pane(&pane).is_some_and(|tile| self.tree.active_tiles().contains(&tile)),
        }
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
                if !rect.is_positive() {
                    return;
                }
                ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
                    ground(ui, pane);
                    show(ui, rect, pane);
                });
            }
            None => {
                let mut views = Views { show, arranging: self.arranging, closed: None };
                self.tree.ui(&mut views, ui);
                // The last view stays: an empty window has no way back.
                if let Some(tile) = views.closed.filter(|_| 1 < self.panes().len()) {
                    self.tree.remove_recursively(tile);
                }
            }
        }
    }
}
