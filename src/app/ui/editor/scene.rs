//! Scissors in the 3D view: an outline drawn over the scene cuts along the lines of sight.

use super::{Editor, Effect, Operation};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::contract::ScenePane;
use crate::app::ui::theme;
use crate::session::Command;
use egui::{Color32, Painter, Pos2, Shape, Stroke as Line};
use serde_json::json;

/// Longest side of an outline, in points of the screen.
const STEP_POINTS: f32 = 3.0;

impl Editor {
    /// The left button over the scene: it draws while scissors are chosen, and then does not turn the camera.
    pub fn act_in_scene(
        &mut self,
        pane: &mut ScenePane,
        camera: &OrbitCamera,
        mouse: Option<Pos2>,
        held: bool,
        painter: &Painter,
    ) -> Option<Command> {
        if self.effect != Effect::Scissors || !self.takes_the_mouse() {
            self.scene_outline.clear();
            return None;
        }
        let drags = pane.drag[0] != egui::Vec2::ZERO;
        pane.drag[0] = egui::Vec2::ZERO;
        if let Some(mouse) = mouse.filter(|_| held && (drags || !self.scene_outline.is_empty())) {
            let last = self.scene_outline.last();
            if last.is_none_or(|last| STEP_POINTS <= last.distance(mouse)) {
                self.scene_outline.push(mouse);
            }
        }
        let line = self.scene_outline.clone();
        if let (Some(first), Some(last)) = (line.first(), line.last()) {
            painter.extend(Shape::dashed_line(&[*last, *first], Line::new(1.0, theme::ACCENT), 4.0, 4.0));
        }
        painter.add(Shape::line(line.clone(), Line::new(3.0, Color32::from_black_alpha(140))));
        painter.add(Shape::line(line.clone(), Line::new(1.5, theme::ACCENT)));
        if held || line.is_empty() {
            return None;
        }
        self.scene_outline.clear();
        (3 <= line.len()).then(|| self.cut(&line, pane, camera))
    }

    /// The command that cuts behind an outline of screen points.
    fn cut(&self, line: &[Pos2], pane: &ScenePane, camera: &OrbitCamera) -> Command {
        let look = -camera.right_up_back()[2];
        // Any plane across the view holds the outline; this one lies where the camera turns about.
        let points: Vec<[f64; 3]> = line
            .iter()
            .map(|pos| {
                let ray = camera.ray(*pos, pane.rect);
                let distance_mm = (camera.target - ray.origin).dot(&look) / ray.direction.dot(&look);
                let point = ray.at(distance_mm);
                [point.x, point.y, point.z].map(|x| (x * 1000.0).round() / 1000.0)
            })
            .collect();
        let word = Operation::ALL.iter().find(|(o, ..)| *o == self.operation).expect("all are listed").1;
        let mut params = self.shared_params();
        params.insert("points".into(), json!(points));
        params.insert("direction".into(), json!([look.x, look.y, look.z]));
        // Without an eye the lines of sight are parallel.
        let eye = (!camera.parallel).then(|| <[f64; 3]>::from(camera.eye()));
        params.insert("eye".into(), json!(eye));
        params.insert("operation".into(), json!(word));
        params.insert("depth_mm".into(), json!(self.depth_mm));
        params.retain(|_, value| !value.is_null());
        Command::new("segment.scissors", params.into())
    }
}
