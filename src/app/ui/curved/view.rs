//! The pane: header, picture, what lies beside it, mouse and keyboard, and what is written on it.

use super::along::{self, Along};
use super::header::{header_ui, next_slab};
use super::picture::{Course, Picture, Subject};
use super::place::{Framing, Place, first_look};
use super::section::{self, Parts, parts};
use super::texts::{annotate, note, why_none};
use super::{Way, are_lines, first_way, longest};
use crate::app::ui::settings::{self, WheelTurn};
use crate::app::ui::slice::{
    Cine, FusedLook, Look, MouseTool, ScanWindow, SegmentLook, SlabLook, SlicePicture, SliceSubject, shadowed,
    wheel_steps,
};
use crate::app::ui::wish::Wish;
use crate::app::ui::{theme, widgets, words};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::geom::Point;
use crate::image::curved::CurvedSurface;
use crate::image::slice::Slab;
use crate::session::Case;
use egui::{
    Align2, Color32, EventFilter, FontId, Key, Mesh, PointerButton, Pos2, Rect, Sense, Stroke, StrokeKind, TextureId,
    Ui, Vec2,
};

/// Height of the header in points.
const HEADER: f32 = 30.0;
/// Degrees the picture turns for a point of dragging, and for an arrow key.
const DEG_PER_POINT: f64 = 0.5;
const KEY_DEG: f64 = 5.0;
/// The crosshair is on the picture if it is no farther off than this, mm.
const ON_MM: f64 = 1.0;
/// From one place to the next where the path is walked along or played, mm.
const STEP_MM: f64 = 1.0;

/// What the pane shows.
#[derive(Debug)]
pub struct CurvedScene<'a> {
    /// The case, for its centre lines and curves.
    pub case: &'a Case,
    /// What is selected.
    pub selected: Option<NodeId>,
    /// The scan, what lies over it, and the crosshair.
    pub subject: &'a SliceSubject<'a>,
    /// How the scan is shown.
    pub window: ScanWindow,
    /// Its colours.
    pub look: Look,
    /// Window and colours of the scan over it.
    pub over: Option<FusedLook>,
    /// How segments are drawn; `None` where they are hidden.
    pub segments: Option<SegmentLook>,
    /// What the left button does.
    pub tool: MouseTool,
    /// Whether the crosshair is drawn.
    pub crosshair: bool,
    /// Whether texts and bars are drawn.
    pub annotations: bool,
    /// Seconds of the program's clock.
    pub now_s: f64,
}

/// What happened in the pane.
#[derive(Debug, Default, PartialEq)]
pub struct CurvedAnswer {
    /// Show it alone, or all views again.
    pub maximise: bool,
    /// The window is dragged by so many points.
    pub window: Vec2,
    /// The place of the patient under the mouse.
    pub under: Option<Point>,
}

/// State of the view along a way.
#[derive(Debug, Default)]
pub struct Curved {
    /// The way that was chosen; the longest of the newest lines until then.
    way: Option<Way>,
    /// What was selected when it was last looked at: choosing lines shows them, once.
    seen: Option<NodeId>,
    /// The curve whose first look was found.
    posed: Option<NodeId>,
    /// How far the picture is turned about the path, degrees.
    angle_deg: f64,
    slab: SlabLook,
    picture: Picture,
    section: SlicePicture,
    framing: Framing,
    wheel: f32,
    along: Option<Along>,
    /// Whether it was the view last touched: keys act on it then.
    active: bool,
    /// The path that was shown last.
    course: Option<Course>,
    /// Where the picture was shown last.
    #[cfg(test)]
    rect: Option<Rect>,
}

/// Everything a picture of the view depends on that is changed by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    way: Option<Way>,
    angle_deg: f64,
    slab: SlabLook,
    window: ScanWindow,
    look: Look,
}

impl Curved {
    /// How it shows this scene.
    pub fn seen(&self, scene: &CurvedScene<'_>) -> Seen {
        Seen { way: self.way, angle_deg: self.angle_deg, slab: self.slab, window: scene.window, look: scene.look }
    }

    /// Show what another one shows.
    pub fn follow(&mut self, first: &Self) {
        (self.way, self.angle_deg, self.framing) = (first.way, first.angle_deg, first.framing);
        (self.slab, self.posed) = (first.slab, first.posed);
    }

    /// Show the whole picture.
    pub fn reset(&mut self) {
        self.framing = self.framing.whole();
    }

    /// Go along this curve.
    pub fn take(&mut self, way: Way) {
        self.way = Some(way);
    }

    /// Whether keys act on it, if it is shown.
    pub fn is_active(&self) -> bool {
        self.active && self.course.is_some()
    }

    /// Another view was touched.
    pub fn leave(&mut self) {
        self.active = false;
    }

    /// Swap left and right (`axis` 0), or top and bottom (1).
    pub fn flip(&mut self, axis: usize) {
        self.framing = self.framing.flipped(axis);
    }

    /// The next kind of slab.
    pub fn next_slab(&mut self) {
        self.slab = next_slab(self.slab);
    }

    /// Nearer by `factor`.
    pub fn zoom(&mut self, factor: f64) {
        self.framing = self.framing.zoomed(factor as f32, Pos2::ZERO, Pos2::ZERO);
    }

    /// The place so many steps on towards the beginning of the path from where the crosshair is.
    pub fn walked(&self, crosshair: Option<Point>, steps: i64) -> Option<Point> {
        let path = &self.course.as_ref()?.path;
        let surface = Picture::surface_of(path, 0.0);
        let row = crosshair.and_then(|point| surface.pixel_from_patient(&point)).map_or(0.0, |(pixel, _)| pixel[1]);
        let last = path.points().len() as f64 - 1.0;
        Some(path.point((row - steps as f64 * STEP_MM / path.step_mm()).clamp(0.0, last)))
    }

    /// The slab it shows.
    pub(super) fn slab(&self) -> Option<Slab> {
        self.slab.slab()
    }

    /// How it is zoomed and moved.
    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// What was shown last.
    pub(super) fn surface(&self) -> Option<&CurvedSurface> {
        self.picture.surface()
    }

    /// The way to show: lines that were just selected, else the one that is shown, else the first.
    fn chosen(&mut self, case: &Case, selected: Option<NodeId>) -> Option<Way> {
        let fresh = selected.filter(|_| selected != self.seen).filter(|id| are_lines(case, *id));
        self.seen = selected;
        let shown = self.way.filter(|way| way.is_in(case));
        let fresh = fresh.filter(|id| shown.is_none_or(|way| way.node() != *id)).and_then(|id| longest(case, id));
        fresh.or(shown).or_else(|| first_way(case, None))
    }

    /// Show the pane in `rect`.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        scene: &CurvedScene<'_>,
        cine: &mut Cine,
        wishes: &mut Vec<Wish>,
    ) -> CurvedAnswer {
        ui.painter_at(rect).rect_filled(rect, 0, Color32::BLACK);
        self.course = None;
        let Some(mut way) = self.chosen(scene.case, scene.selected) else {
            note(ui, rect, why_none(scene.case, scene.selected));
            return CurvedAnswer::default();
        };
        let (bar, view) = rect.split_top_bottom_at_y(rect.top() + HEADER);
        let looks = (&mut self.angle_deg, &mut self.slab, &mut self.framing);
        header_ui(ui, bar, scene.case, &mut way, looks);
        self.way = Some(way);
        let course = match self.picture.course(way, scene.case) {
            Ok(course) => course,
            Err(error) => {
                let why =
                    error.map_or_else(|| tr("curved-none").to_owned(), |error| words::heading(&error.to_string()));
                note(ui, view, &why);
                return CurvedAnswer::default();
            }
        };
        self.pose(way, &course);
        self.course = Some(course.clone());
        let subject = Subject {
            scan: scene.subject.scan,
            hash: scene.subject.hash,
            window: scene.window.shown(),
            look: scene.look,
            slab: self.slab(),
            fused: scene.subject.fused.zip(scene.over),
            overlays: if scene.segments.is_some() { &scene.subject.overlays[..] } else { &[][..] },
            segments: scene.segments.unwrap_or_default(),
        };
        let wanted = Picture::surface_of(&course.path, self.angle_deg.to_radians());
        let (texture, surface) = self.picture.of(ui.ctx(), &subject, wanted);
        let (texture, surface) = (texture.id(), surface.clone());
        let row = surface.pixel_from_patient(&scene.subject.crosshair).map(|(pixel, _)| pixel[1]);
        let Parts { body, section, strip } = parts(view, self.framing.lying, !course.radii_mm.is_empty());
        let mut answer = self.body(ui, body, texture, &surface, scene, wishes);
        if let Some(rect) = section {
            let seen = (
                row.and_then(|row| course.radius_mm(row)),
                scene.annotations,
                scene.crosshair.then_some(scene.subject.crosshair),
            );
            let across = section::section_ui(ui, rect, &mut self.section, &subject, &surface, row, seen);
            answer.under = answer.under.or(across.under);
            wishes.extend(across.clicked.map(Wish::Crosshair));
        }
        if let Some(rect) = strip {
            let place = Place::new(&surface, body, self.framing);
            let clicked = section::strip_ui(ui, rect, &place, &course, row, scene.annotations);
            wishes.extend(clicked.map(|row| Wish::Crosshair(course.path.point(row))));
        }
        play(ui, view, cine, (&course, row), scene.now_s, wishes);
        if ui.input(|input| {
            input.pointer.any_pressed() && input.pointer.interact_pos().is_some_and(|pos| rect.contains(pos))
        }) {
            self.active = true;
        }
        answer
    }

    /// A curve is first looked at as its course through the body asks for; vessels stand.
    fn pose(&mut self, way: Way, course: &Course) {
        let curve = match way {
            Way::Drawn(id) => Some(id),
            Way::Branch { .. } => None,
        };
        if curve != self.posed {
            self.posed = curve;
            (self.framing, self.angle_deg) = match curve {
                Some(_) => {
                    let (framing, angle_rad) = first_look(&course.path);
                    (framing, angle_rad.to_degrees().rem_euclid(360.0))
                }
                None => (Framing::default(), 0.0),
            };
        }
    }

    /// The picture, what the mouse does in it and what is written on it.
    fn body(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        texture: TextureId,
        surface: &CurvedSurface,
        scene: &CurvedScene<'_>,
        wishes: &mut Vec<Wish>,
    ) -> CurvedAnswer {
        #[cfg(test)]
        {
            self.rect = Some(rect);
        }
        let response = ui.interact(rect, ui.id().with("curved"), Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, tr("curved-name")));
        let place = Place::new(surface, rect, self.framing);
        let painter = ui.painter_at(rect);
        painter.add(pictured(texture, &place, surface));
        let line = theme::ACCENT.gamma_multiply(0.45);
        let [across, _] = place.axes();
        let crosshair = surface.pixel_from_patient(&scene.subject.crosshair);
        if scene.crosshair {
            // The path itself, in short dashes, so that the vessel stays seen.
            let ends = [-0.5, surface.size()[1] as f64 - 0.5].map(|y| place.screen([surface.middle(), y]));
            painter.extend(egui::Shape::dashed_line(&ends, Stroke::new(1.0, line), 3.0, 9.0));
        }
        if let Some((pixel, off_mm)) = crosshair.filter(|_| scene.crosshair) {
            let at = place.screen(pixel);
            let stroke = Stroke::new(1.0, theme::ACCENT);
            let ends = [-0.5, surface.columns as f64 - 0.5].map(|x| place.screen([x, pixel[1]]));
            painter.line_segment([ends[0], at - 9.0 * across], stroke);
            painter.line_segment([at + 9.0 * across, ends[1]], stroke);
            if off_mm < ON_MM {
                painter.circle_stroke(at, 4.0, stroke);
            }
        }
        let window = self.drags(ui, &response);
        let tool = (scene.tool, scene.subject.node);
        let measures = along::act(&mut self.along, ui, &response, &place, surface, tool, wishes);
        if response.dragged_by(PointerButton::Primary) && window == Vec2::ZERO && !measures {
            self.turn(DEG_PER_POINT * f64::from(response.drag_delta().dot(across)));
        }
        if response.clicked()
            && let Some(pos) = response.interact_pointer_pos().filter(|pos| place.image.contains(*pos))
        {
            wishes.push(Wish::Crosshair(surface.patient_from_pixel(place.pixel(pos))));
        }
        if response.hovered() {
            self.walk(ui, scene.subject.crosshair, wishes);
        }
        self.keys(ui, &response, scene.subject.crosshair, wishes);
        if scene.annotations {
            annotate(&painter, rect, &place, surface, crosshair.map(|(pixel, _)| pixel[1]));
            if let Some(text) = self.slab.text() {
                let at = rect.left_top() + Vec2::new(10.0, 26.0);
                shadowed(&painter, at, Align2::LEFT_TOP, &text, FontId::proportional(11.5), theme::ACCENT);
            }
        }
        along::paint(&painter, self.along, &place, surface, (scene.tool, response.hover_pos()));
        let strength = if response.hovered() || response.dragged() { 0.9 } else { 0.4 };
        let edge = Stroke::new(1.0, theme::ACCENT.gamma_multiply(strength));
        painter.rect_stroke(rect, 0, edge, StrokeKind::Inside);
        widgets::focus_ring(ui, &response, rect);
        let on_picture = |pos: &Pos2| place.image.contains(*pos) && rect.contains(*pos);
        let under = response.hover_pos().filter(on_picture).map(|pos| surface.patient_from_pixel(place.pixel(pos)));
        CurvedAnswer { maximise: response.double_clicked() && !measures, window, under }
    }

    fn turn(&mut self, degrees: f64) {
        self.angle_deg = (self.angle_deg + degrees).rem_euclid(360.0);
    }

    /// Right drag and pinch zoom, middle drag moves, as in slices; the left button turns, with Shift it drags the window.
    fn drags(&mut self, ui: &Ui, response: &egui::Response) -> Vec2 {
        let (delta, centre) = (response.drag_delta(), response.rect.center());
        if response.dragged_by(PointerButton::Middle) {
            self.framing.pan += delta;
        }
        if response.dragged_by(PointerButton::Secondary) {
            self.framing = self.framing.zoomed((-0.008 * delta.y).exp(), centre, centre);
        }
        let pinched = ui.input(|input| input.zoom_delta());
        if let Some(pos) = response.hover_pos().filter(|_| pinched != 1.0) {
            self.framing = self.framing.zoomed(pinched, pos, centre);
        }
        // Something of it stays in the pane.
        let most = 0.5 * (1.0 + self.framing.zoom) * response.rect.size();
        self.framing.pan = self.framing.pan.clamp(-most, most);
        let windows = ui.input(|input| input.modifiers.shift) && response.dragged_by(PointerButton::Primary);
        if windows { delta } else { Vec2::ZERO }
    }

    /// The wheel moves the crosshair along the path: a notch is a millimetre.
    fn walk(&mut self, ui: &Ui, crosshair: Point, wishes: &mut Vec<Wish>) {
        let steps = wheel_steps(ui, &mut self.wheel);
        let steps = if settings::of(ui.ctx()).wheel == WheelTurn::AwayIsOn { steps } else { -steps };
        if steps != 0 {
            // Up on the wheel is towards the root, where the picture begins.
            wishes.extend(self.walked(Some(crosshair), steps).map(Wish::Crosshair));
        }
    }

    /// With the keyboard on it, the arrows along the path walk and those across turn.
    fn keys(&mut self, ui: &Ui, response: &egui::Response, crosshair: Point, wishes: &mut Vec<Wish>) {
        if !response.has_focus() {
            return;
        }
        self.active = true;
        let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        let presses = |key| ui.input(|input| input.num_presses(key) as i64);
        let right = presses(Key::ArrowRight) - presses(Key::ArrowLeft);
        let down = presses(Key::ArrowDown) - presses(Key::ArrowUp);
        let Framing { lying, flips, .. } = self.framing;
        let (on, aside) = if lying { (right, -down) } else { (down, right) };
        // Along what is seen: a mirrored picture begins at its other end.
        let on = if flips[usize::from(!lying)] { -on } else { on };
        if on != 0 {
            wishes.extend(self.walked(Some(crosshair), -on).map(Wish::Crosshair));
        }
        if aside != 0 {
            self.turn(KEY_DEG * aside as f64);
        }
    }

    /// Where the picture was shown last.
    #[cfg(test)]
    pub fn rect(&self) -> Rect {
        self.rect.expect("the picture was shown")
    }

    /// How often the picture was made.
    #[cfg(test)]
    pub fn made(&self) -> usize {
        self.picture.made()
    }

    /// The way that is shown and how far it is turned, degrees.
    #[cfg(test)]
    pub fn shown(&self) -> (Option<Way>, f64) {
        (self.way, self.angle_deg)
    }
}

/// The texture over the whole picture, turned and mirrored.
fn pictured(texture: TextureId, place: &Place, surface: &CurvedSurface) -> Mesh {
    let mut mesh = Mesh::with_texture(texture);
    let ends = surface.size().map(|n| [-0.5, n as f64 - 0.5]);
    for (x, y) in [(0, 0), (1, 0), (1, 1), (0, 1)] {
        let pos = place.screen([ends[0][x], ends[1][y]]);
        mesh.vertices.push(egui::epaint::Vertex { pos, uv: Pos2::new(x as f32, y as f32), color: Color32::WHITE });
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(0, 2, 3);
    mesh
}

/// The next place of the path, if it is played and due; a press in the view ends that.
fn play(
    ui: &Ui,
    view: Rect,
    cine: &mut Cine,
    (course, row): (&Course, Option<f64>),
    now_s: f64,
    wishes: &mut Vec<Wish>,
) {
    if !cine.plays_path() {
        return;
    }
    let pressed = ui.input(|input| input.pointer.interact_pos().filter(|_| input.pointer.any_pressed()));
    if pressed.is_some_and(|pos| view.contains(pos)) {
        cine.stop();
        return;
    }
    let step_mm = course.path.step_mm();
    let count = (course.path.length_mm() / STEP_MM) as usize + 1;
    let shown = ((row.unwrap_or(0.0) * step_mm / STEP_MM).round() as usize).min(count - 1);
    if let Some((next, wait)) = cine.advance_path(now_s, shown, count) {
        if next != shown {
            wishes.push(Wish::Crosshair(course.path.point(next as f64 * STEP_MM / step_mm)));
        }
        // egui comes earlier than asked for, by the length of a frame.
        let early_s = ui.input(|input| input.predicted_dt).clamp(0.0, 0.1);
        ui.ctx().request_repaint_after(wait + std::time::Duration::from_secs_f32(early_s));
    }
}
