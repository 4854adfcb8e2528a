//! Graspers, instruments, forces, threads and the blade, drawn over the scene.

use super::{Mark, OperationInfo, newtons};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::slice::shadowed;
use crate::app::ui::theme;
use crate::biomech::operation::Aimed;
use crate::geom::Point;
use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, Ui};

/// Points of the screen for a force of 1 N.
const POINTS_PER_N: f32 = 40.0;
/// Longest arrow, in points.
const LONGEST: f32 = 140.0;
/// Length of the needle that is seen outside, mm.
const HAND_MM: f64 = 60.0;
/// Forces below this have no arrow, N.
const LEAST_N: f64 = 0.005;

/// A thread: violet, as surgeons know it.
const THREAD: Color32 = Color32::from_rgb(0xb4, 0x8c, 0xff);

/// Draw them in `rect`.
pub fn marks_ui(ui: &Ui, rect: Rect, camera: &OrbitCamera, info: &OperationInfo) {
    let painter = ui.painter_at(rect);
    if 2 <= info.blade.len() {
        painter.add(Shape::line(info.blade.clone(), Stroke::new(4.0, Color32::from_black_alpha(150))));
        painter.add(Shape::line(info.blade.clone(), Stroke::new(2.0, theme::WARNING)));
    }
    for pin in info.pins.iter().filter_map(|pin| camera.project(pin, rect)) {
        painter.circle(pin, 5.0, theme::WARNING.gamma_multiply(0.35), Stroke::new(1.5, theme::WARNING));
    }
    if let Some(aimed) = &info.needle {
        needle(&painter, rect, camera, aimed);
    }
    for seam in &info.seams {
        let [Some(from), Some(to)] = seam.ends.map(|end| camera.project(&end, rect)) else { continue };
        let colour = if seam.is_staple { theme::STRONG } else { THREAD };
        painter.line_segment([from, to], Stroke::new(4.0, Color32::from_black_alpha(150)));
        painter.line_segment([from, to], Stroke::new(2.0, colour));
        for end in [from, to] {
            painter.circle(end, 3.0, colour, Stroke::new(1.0, Color32::from_black_alpha(150)));
        }
    }
    for Mark { at, force_n, grasper } in &info.marks {
        let Some(from) = camera.project(at, rect) else { continue };
        let colour = if grasper.is_some() { theme::ACCENT } else { theme::GOOD };
        painter.circle(from, 6.0, Color32::from_black_alpha(120), Stroke::new(2.0, colour));
        let newton = force_n.norm();
        if newton < LEAST_N {
            continue;
        }
        // The arrow has the direction of the force as it is seen, and the length of all of it.
        let ahead = camera.project(&(at + force_n / newton), rect).map_or(egui::Vec2::ZERO, |to| to - from);
        let along = if ahead.length() < 1e-3 { egui::vec2(0.0, -1.0) } else { ahead.normalized() };
        let length = (newton as f32 * POINTS_PER_N).clamp(14.0, LONGEST);
        let to = from + along * length;
        arrow(&painter, from, to, colour);
        let text = newtons(newton);
        let at = to + along * 8.0;
        let inside = rect.shrink2(egui::vec2(64.0, 12.0));
        let at = at.clamp(inside.min, inside.max);
        let align = if 0.0 <= along.x { Align2::LEFT_CENTER } else { Align2::RIGHT_CENTER };
        shadowed(&painter, at, align, &text, theme::semibold(13.0), theme::STRONG);
    }
}

/// The needle from beyond the hand to its tip, the line that was planned, and the target where it is now.
fn needle(painter: &egui::Painter, rect: Rect, camera: &OrbitCamera, aimed: &Aimed) {
    let Aimed { needle, planned_mm, target_mm } = aimed;
    let way = (planned_mm - needle.entry_mm).try_normalize(0.0).unwrap_or_default();
    let seen = |place: &Point| camera.project(place, rect);
    let [Some(hand), Some(entry), Some(tip), Some(planned)] =
        [needle.entry_mm - way * HAND_MM, needle.entry_mm, needle.tip_mm, *planned_mm].map(|place| seen(&place))
    else {
        return;
    };
    painter.extend(Shape::dashed_line(&[entry, planned], Stroke::new(1.5, theme::GOOD), 6.0, 4.0));
    painter.line_segment([hand, tip], Stroke::new(4.0, Color32::from_black_alpha(150)));
    painter.line_segment([hand, tip], Stroke::new(2.0, theme::STRONG));
    painter.circle(planned, 4.0, Color32::TRANSPARENT, Stroke::new(1.5, theme::GOOD));
    if let Some(target) = target_mm.as_ref().and_then(seen) {
        painter.circle(target, 5.0, theme::WARNING.gamma_multiply(0.5), Stroke::new(1.5, theme::WARNING));
    }
    let text = newtons(needle.push_n);
    let at = hand + egui::vec2(8.0, 0.0);
    shadowed(painter, at, Align2::LEFT_CENTER, &text, theme::semibold(13.0), theme::STRONG);
}

fn arrow(painter: &egui::Painter, from: Pos2, to: Pos2, colour: Color32) {
    let way = to - from;
    let (along, across) = (way.normalized(), way.normalized().rot90());
    let neck = to - along * 9.0;
    painter.line_segment([from, neck], Stroke::new(5.0, Color32::from_black_alpha(120)));
    painter.line_segment([from, neck], Stroke::new(3.0, colour));
    let head = vec![to, neck + across * 5.0, neck - across * 5.0];
    painter.add(Shape::convex_polygon(head, colour, Stroke::new(1.0, Color32::from_black_alpha(120))));
}
