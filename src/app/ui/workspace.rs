//! The whole window as a person sees it.

use super::contract::{AppView, Request, ScenePane, UiOutput};
use crate::base::NodeId;
use crate::geom::Point;
use std::path::PathBuf;

/// What belongs to the window only: layout, crosshair, selection, open forms. Nothing here is part of the case.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The place all views point at, LPS mm; set it when something is picked in the scene.
    pub crosshair: Option<Point>,
    /// The object the inspector shows; set it when something is picked in the scene.
    pub selected: Option<NodeId>,
}

impl Workspace {
    /// Fonts, colours and spacing; call once before the first frame.
    pub fn set_up(&mut self, _ctx: &egui::Context) {}

    /// Show the whole window; returns what the user wants.
    pub fn show(&mut self, ctx: &egui::Context, view: &AppView<'_>) -> UiOutput {
        let builder = egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(ctx.viewport_rect());
        let mut root = egui::Ui::new(ctx.clone(), egui::Id::new("prosector"), builder);
        self.show_in(&mut root, view)
    }

    /// As [`Workspace::show`], inside `ui`.
    pub fn show_in(&mut self, ui: &mut egui::Ui, _view: &AppView<'_>) -> UiOutput {
        let rect = ui.available_rect_before_wrap();
        let response = ui.allocate_rect(rect, egui::Sense::click_and_drag());
        let scene = ScenePane {
            rect,
            hovered: response.hover_pos(),
            drag: [egui::PointerButton::Primary, egui::PointerButton::Middle, egui::PointerButton::Secondary]
                .map(|button| if response.dragged_by(button) { response.drag_delta() } else { egui::Vec2::ZERO }),
            dragging: response.dragged(),
            scroll: if response.hovered() { ui.input(|i| i.smooth_scroll_delta().y) } else { 0.0 },
            pinch: 1.0,
            clicked: response.clicked().then(|| response.interact_pointer_pos()).flatten(),
            double_clicked: response.double_clicked().then(|| response.interact_pointer_pos()).flatten(),
            modifiers: ui.input(|i| i.modifiers),
        };
        UiOutput { scene: Some(scene), ..UiOutput::default() }
    }

    /// The answer to [`Request::PathDialog`].
    pub fn path_chosen(&mut self, _path: PathBuf) {}

    /// Whether a key press belongs to a text field now, so that nobody else should act on it.
    pub fn typing(ctx: &egui::Context) -> bool {
        ctx.egui_wants_keyboard_input()
    }
}

/// The request of a command, for panels.
#[expect(dead_code, reason = "panels follow")]
pub(super) fn run(tool: &str, params: serde_json::Value) -> Request {
    Request::Run(crate::session::Command::new(tool, params))
}
