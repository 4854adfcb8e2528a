//! The chosen cut laid flat (resectogram): margins in the colours of the 3D view, vessels crossed, the target's shadow.
//!
//! Where the mouse points is marked in all views; a click, or an arrow key, points the crosshair there.

use super::Planning;
use crate::app::ui::slice::{edge_letters, scale_bar, shadowed};
use crate::app::ui::wish::Wish;
use crate::app::ui::{theme, widgets, words};
use crate::base::i18n::{tr, tr_with};
use crate::geom::{Point, orientation};
use crate::image::Colormap;
use crate::plan::Action;
use crate::plan::resection::{Manner, Zone};
use crate::session::Case;
use crate::tools::plan_views::{FlatCrossing, FlatCut, NoFlat, rgba};
use egui::{
    Align2, Color32, ColorImage, EventFilter, FontId, Key, Painter, Pos2, Rect, Sense, Stroke, TextureHandle,
    TextureOptions, Ui, Vec2,
};
use std::sync::Arc;

/// The crosshair is drawn on the picture where it is this near to the cut.
const NEAR_MM: f64 = 1.5;
/// Where two planes are hinged.
const HINGE: Color32 = Color32::from_rgb(150, 156, 166);
/// Room around the picture for letters, legend and scale.
const ROOM: [Vec2; 2] = [Vec2::new(34.0, 46.0), Vec2::new(34.0, 58.0)];
/// A view lower than this does not say how the cut was laid flat: its letters would have no room.
const TOLD_HEIGHT: f32 = 260.0;
/// A view narrower than this does not explain the lines.
const LINES_WIDTH: f32 = 430.0;
/// A step of the arrow keys.
const KEY_MM: f64 = 1.0;

/// The picture on the graphics card, made when another one came.
#[derive(Default)]
pub(super) struct Picture(Option<(Arc<FlatCut>, TextureHandle)>);

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Picture").field(&self.0.is_some()).finish()
    }
}

impl Picture {
    fn of(&mut self, ui: &Ui, flat: &Arc<FlatCut>, case: &Case) -> &TextureHandle {
        if self.0.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, flat)) {
            let pixels = ColorImage::from_rgba_unmultiplied(flat.size, &rgba(flat, case));
            let texture = match self.0.take() {
                Some((_, mut texture)) => {
                    texture.set(pixels, TextureOptions::LINEAR);
                    texture
                }
                None => ui.ctx().load_texture("cut laid flat", pixels, TextureOptions::LINEAR),
            };
            self.0 = Some((Arc::clone(flat), texture));
        }
        &self.0.as_ref().expect("made above").1
    }
}

/// Why there is no picture, and what to do.
fn reason(why: &NoFlat) -> String {
    match why {
        NoFlat::NoCut => tr("flat-no-cut").to_owned(),
        NoFlat::Territories => tr("flat-territories").to_owned(),
        NoFlat::NoOrgan => tr("flat-no-organ").to_owned(),
        NoFlat::Misses => tr("flat-misses").to_owned(),
        NoFlat::Refused(text) => words::said(text).into_owned(),
    }
}

/// A view of a plan while none is open.
pub fn no_plan_ui(ui: &mut Ui, rect: Rect, wishes: &mut Vec<Wish>) {
    ui.painter().rect_filled(rect, 0, theme::of(ui).panel);
    ui.scope_builder(egui::UiBuilder::new().max_rect(rect.shrink(14.0)), |ui| {
        ui.label(theme::small(tr("flat-no-plan")));
        if widgets::primary_button(ui, tr("flat-open-plan")).clicked() {
            wishes.push(Wish::Plan(None));
        }
    });
}

impl Planning {
    /// The cut that is laid flat: the chosen one, else the first.
    pub(super) fn flat_action(&self) -> Option<usize> {
        let plan = self.shown();
        let is_cut = |n: &usize| plan.actions.get(*n).is_some_and(|named| matches!(named.action, Action::Cut(_)));
        self.action.filter(is_cut).or_else(|| (0..plan.actions.len()).find(is_cut))
    }

    /// Show the picture in `rect`.
    pub fn flat_cut_ui(&mut self, ui: &mut Ui, rect: Rect, case: &Case, wishes: &mut Vec<Wish>) {
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0, Color32::BLACK);
        self.pointed = None;
        let say = |text: &str| {
            let font = FontId::proportional(13.0);
            let galley = painter.layout(text.to_owned(), font, theme::WEAK, (rect.width() - 40.0).max(60.0));
            let at = rect.center() - 0.5 * galley.size();
            painter.galley(at, galley, theme::WEAK);
        };
        let Some(n) = self.flat_action() else { return say(&reason(&NoFlat::NoCut)) };
        let name = self.shown().actions[n].name.clone();
        let flat = match &self.flat {
            None => return say(tr("plan-scoring")),
            Some(Err(why)) => return say(&reason(why)),
            Some(Ok(flat)) if flat.action != n => return say(tr("plan-scoring")),
            Some(Ok(flat)) => Arc::clone(flat),
        };
        let room = Rect::from_min_max(rect.min + ROOM[0], rect.max - ROOM[1]);
        let [width, height] = flat.size.map(|pixels| pixels as f32);
        let scale = (room.width() / width).min(room.height() / height);
        if !(0.05 < scale) {
            return;
        }
        let seen = Rect::from_center_size(room.center(), Vec2::new(width, height) * scale);
        let texture = self.picture.of(ui, &flat, case).id();
        let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
        painter.image(texture, seen, whole, Color32::WHITE);
        let on_screen = |[x, y]: [f64; 2]| seen.min + Vec2::new(x as f32, y as f32) * scale;
        crossings(&painter, rect, case, &flat.crossings, &on_screen, scale / flat.pixel_mm as f32);
        for [from, to] in flat.hinges() {
            painter.with_clip_rect(seen).line_segment([on_screen(from), on_screen(to)], Stroke::new(1.0, HINGE));
        }
        scale_bar(&painter, rect, flat.pixel_mm / f64::from(scale));
        let above = legend(&painter, rect, flat.colours_mm, flat.lacking_mm.iter().any(|mm| !mm.is_nan())).top();
        let below = title(&painter, rect, &name, &flat).bottom();
        let letters = flat.outwards().map(|way| orientation::letters(&way));
        edge_letters(&painter, free(rect, below, above), [&letters[0], &letters[1], &letters[2], &letters[3]]);
        if let Some(at) = self.crosshair.and_then(|point| flat.pixel_of(&point, NEAR_MM)) {
            cross(&painter, on_screen(at), theme::STRONG);
        }
        self.point_on(ui, rect, seen, scale, &flat, wishes);
    }

    /// The mouse and the keyboard on the picture.
    fn point_on(&mut self, ui: &Ui, rect: Rect, seen: Rect, scale: f32, flat: &FlatCut, wishes: &mut Vec<Wish>) {
        let response = ui.interact(seen, ui.id().with("cut laid flat"), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, tr("flat-name")));
        let painter = ui.painter_at(rect);
        widgets::focus_ring(ui, &response, seen.expand(2.0));
        if response.has_focus() {
            let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
            let step = |key| ui.input(|input| f64::from(input.num_presses(key) as u32)) * KEY_MM / flat.pixel_mm;
            let [x, y] = [step(Key::ArrowRight) - step(Key::ArrowLeft), step(Key::ArrowDown) - step(Key::ArrowUp)];
            if x != 0.0 || y != 0.0 {
                let middle = flat.size.map(|pixels| 0.5 * pixels as f64);
                let from = self.crosshair.and_then(|point| flat.pixel_of(&point, NEAR_MM)).unwrap_or(middle);
                let most = flat.size.map(|pixels| pixels as f64 - 0.01);
                let to = [(from[0] + x).clamp(0.0, most[0]), (from[1] + y).clamp(0.0, most[1])];
                wishes.extend(flat.place(to).map(Wish::Crosshair));
            }
        }
        let Some(pos) = response.hover_pos() else { return };
        let on_picture = (pos - seen.min) / scale;
        let at_px = [f64::from(on_picture.x), f64::from(on_picture.y)];
        // Beside the cut there is no place to point at.
        let Some(point) = flat.place(at_px) else { return };
        let vessel = flat.crossings.iter().find(|vessel| {
            let reach = (vessel.crossing.radius_mm / flat.pixel_mm).max(4.0 / f64::from(scale));
            (vessel.at_px[0] - at_px[0]).hypot(vessel.at_px[1] - at_px[1]) <= reach
        });
        let told = match vessel {
            Some(vessel) => Some(of_vessel(vessel)),
            None => flat.pixel(at_px).and_then(|pixel| of_pixel(flat, pixel)),
        };
        cross(&painter, pos, theme::ACCENT);
        if let Some(told) = told {
            let left = rect.center().x < pos.x;
            let (way, align) = if left { (-12.0, Align2::RIGHT_BOTTOM) } else { (12.0, Align2::LEFT_BOTTOM) };
            shadowed(&painter, pos + Vec2::new(way, -8.0), align, &told, FontId::proportional(12.5), theme::STRONG);
        }
        self.pointed = Some(point);
        if response.clicked() {
            wishes.push(Wish::Crosshair(point));
        }
    }
}

/// The name of the cut, what crosses it, and how it was laid flat; where that stands.
fn title(painter: &Painter, rect: Rect, name: &str, flat: &FlatCut) -> Rect {
    let at = rect.left_top() + Vec2::new(10.0, 8.0);
    let first = shadowed(painter, at, Align2::LEFT_TOP, name, theme::semibold(13.0), theme::STRONG);
    let below = tr_with("flat-vessels", &[("count", flat.crossings.len().into())]);
    let off = format!("{:.1}", flat.stretch_max);
    let told = match flat.manner() {
        Manner::Sheet if 1.1 < flat.stretch_max => Some(tr_with("flat-stretch", &[("factor", off.as_str().into())])),
        Manner::Sheet | Manner::Planes(1) => None,
        Manner::Planes(count) => Some(tr_with("flat-planes", &[("count", count.into())])),
        Manner::Ball => Some(tr_with("flat-ball-map", &[("factor", off.as_str().into())])),
    };
    let at = at + Vec2::new(0.0, 18.0);
    let second = shadowed(painter, at, Align2::LEFT_TOP, &below, FontId::proportional(11.5), theme::WEAK);
    let whole = first.union(second);
    let Some(told) = told.filter(|_| TOLD_HEIGHT <= rect.height()) else { return whole };
    // In a narrow view it goes on below.
    let room = (rect.width() - 20.0).max(40.0);
    let galley = painter.layout(told, FontId::proportional(11.5), theme::WEAK, room);
    let third = Rect::from_min_size(at + Vec2::new(0.0, 16.0), galley.size());
    painter.galley(third.min, galley, theme::WEAK);
    whole.union(third)
}

/// Where the letters of the sides are free of the title, which ends at `below`, and of the legend, which begins at `above`.
fn free(rect: Rect, below: f32, above: f32) -> Rect {
    // The letters stand a little inside.
    let inside = 6.0;
    Rect::from_x_y_ranges(rect.x_range(), below + 1.0 - inside..=(above - 1.0 + inside).max(below))
}

/// What is lacking or to spare at a pixel; none outside the organ.
fn of_pixel(flat: &FlatCut, pixel: usize) -> Option<String> {
    let zone = flat.zones[pixel]?;
    let lacks = f64::from(flat.lacking_mm[pixel]);
    if lacks.is_nan() {
        return Some(tr("flat-no-target").to_owned());
    }
    let mm = format!("{:.1}", lacks.abs());
    let values = [("mm", mm.as_str().into())];
    let told = match zone {
        Zone::Inside => tr_with("flat-inside", &values),
        _ if 0.0 < lacks => tr_with("flat-lacks", &values),
        Zone::Uncertain => tr_with("flat-uncertain", &values),
        _ => tr_with("flat-room", &values),
    };
    let of = flat.of[pixel].and_then(|of| flat.watched.get(usize::from(of)));
    Some(of.map_or_else(|| told.clone(), |name| format!("{name}: {told}")))
}

fn of_vessel(vessel: &FlatCrossing) -> String {
    let [diameter, angle, opening] =
        [vessel.crossing.diameter_mm(), vessel.crossing.angle_degrees, vessel.crossing.opening_mm()];
    let (diameter, angle, opening) = (format!("{diameter:.1}"), format!("{angle:.0}"), format!("{opening:.1}"));
    let values = [
        ("name", vessel.name.as_str().into()),
        ("mm", diameter.as_str().into()),
        ("angle", angle.as_str().into()),
        ("opening", opening.as_str().into()),
    ];
    tr_with(if vessel.crossing.is_through { "flat-vessel" } else { "flat-vessel-touched" }, &values)
}

/// Vessels as circles of their own size, the thick ones with their diameters.
fn crossings(
    painter: &Painter,
    rect: Rect,
    case: &Case,
    all: &[FlatCrossing],
    on_screen: &dyn Fn([f64; 2]) -> Pos2,
    points_per_mm: f32,
) {
    let mut order: Vec<&FlatCrossing> = all.iter().collect();
    order.sort_by(|a, b| b.crossing.radius_mm.total_cmp(&a.crossing.radius_mm));
    let mut taken: Vec<Rect> = Vec::new();
    for vessel in order {
        let at = on_screen(vessel.at_px);
        let radius = (vessel.crossing.radius_mm as f32 * points_per_mm).max(3.5);
        let colour = case.node(vessel.lines).map_or(Color32::WHITE, |node| theme::colour(node.display.colour));
        painter.circle_stroke(at, radius, Stroke::new(4.0, Color32::from_black_alpha(190)));
        let width = if vessel.crossing.is_through { 2.2 } else { 1.0 };
        painter.circle(at, radius, colour.gamma_multiply(0.35), Stroke::new(width, colour));
        let text = format!("{:.1} mm", vessel.crossing.diameter_mm());
        let beside = at + Vec2::new(radius + 4.0, 0.0);
        let plate = Rect::from_center_size(beside + Vec2::new(24.0, 0.0), Vec2::new(52.0, 16.0));
        let is_free = rect.contains_rect(plate) && taken.iter().all(|other| !other.intersects(plate));
        if is_free {
            shadowed(painter, beside, Align2::LEFT_CENTER, &text, FontId::proportional(11.5), theme::STRONG);
            taken.push(plate);
        }
    }
}

/// The colours with their ends in mm; where that stands.
fn legend(painter: &Painter, rect: Rect, colours_mm: f64, has_margin: bool) -> Rect {
    let at = rect.left_bottom() + Vec2::new(12.0, -22.0);
    if !has_margin {
        let font = FontId::proportional(11.5);
        return shadowed(painter, at, Align2::LEFT_CENTER, tr("flat-no-target"), font, theme::WEAK);
    }
    let bar = Rect::from_min_size(at, Vec2::new((0.3 * rect.width()).clamp(50.0, 170.0), 8.0));
    let colours = Colormap::Margin.table(65);
    let step = bar.width() / colours.len() as f32;
    painter.rect_filled(bar.expand(1.5), 2, Color32::from_black_alpha(200));
    for (n, colour) in colours.into_iter().enumerate() {
        let part = Rect::from_min_size(bar.min + Vec2::new(step * n as f32, 0.0), Vec2::new(step + 0.5, bar.height()));
        painter.rect_filled(part, 0, theme::colour(colour));
    }
    let middle = bar.center().x;
    painter.vline(middle, bar.top() - 2.0..=bar.bottom() + 2.0, Stroke::new(1.5, Color32::BLACK));
    let font = FontId::proportional(11.0);
    let mm = format!("{colours_mm:.1}");
    let [room, lacks] = ["flat-legend-room", "flat-legend-lacks"].map(|id| tr_with(id, &[("mm", mm.as_str().into())]));
    let is_narrow = rect.width() < LINES_WIDTH;
    let say = |at: Pos2, align, text: &str, colour| shadowed(painter, at, align, text, font.clone(), colour);
    let first = say(bar.left_top() - Vec2::new(0.0, 3.0), Align2::LEFT_BOTTOM, &room, theme::STRONG);
    // In a narrow view the scale bar stands beside the colours, and their lines speak for themselves.
    if is_narrow {
        let second = say(first.left_top(), Align2::LEFT_BOTTOM, &lacks, theme::STRONG);
        return bar.union(first).union(second);
    }
    let second = say(bar.right_center() + Vec2::new(6.0, 0.0), Align2::LEFT_CENTER, &lacks, theme::STRONG);
    let below = egui::pos2(bar.left(), bar.bottom() + 3.0);
    let third = say(below, Align2::LEFT_TOP, tr("flat-legend-lines"), theme::WEAK);
    bar.union(first).union(second).union(third)
}

fn cross(painter: &Painter, at: Pos2, colour: Color32) {
    for (width, colour) in [(3.5, Color32::from_black_alpha(190)), (1.5, colour)] {
        for way in [Vec2::new(6.0, 0.0), Vec2::new(0.0, 6.0)] {
            painter.line_segment([at - way, at + way], Stroke::new(width, colour));
        }
    }
}

/// A place that is pointed at in another view.
pub(super) fn pointed_mark(painter: &Painter, at: Pos2) {
    painter.circle_stroke(at, 7.0, Stroke::new(4.0, Color32::from_black_alpha(170)));
    painter.circle_stroke(at, 7.0, Stroke::new(2.0, theme::ACCENT));
    painter.circle_filled(at, 2.0, theme::ACCENT);
}

impl Planning {
    /// The place under the mouse on the flattened cut.
    pub(in crate::app::ui) fn pointed(&self) -> Option<Point> {
        self.pointed
    }
}
