//! The pane: header, picture, mouse, and what is written on it.

use super::picture::Picture;
use super::{Way, leaves};
use crate::app::ui::settings::{self, WheelTurn};
use crate::app::ui::slice::{ScanWindow, SliceSubject, scale_bar, shadowed, wheel_steps};
use crate::app::ui::wish::Wish;
use crate::app::ui::{find, numbers, theme};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use crate::image::curved::CurvedSurface;
use crate::session::{Case, Data, NodeKind};
use egui::{Align2, Color32, FontId, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};

/// Height of the header in points.
const HEADER: f32 = 30.0;
/// Degrees the picture turns for a point of dragging.
const DEG_PER_POINT: f64 = 0.5;
/// How much nearer or farther than the whole picture it may be looked at.
const ZOOM: [f32; 2] = [0.5, 20.0];
/// The crosshair is on the picture if it is no farther off than this, mm.
const ON_MM: f64 = 1.0;

/// What the pane shows.
#[derive(Debug)]
pub struct CurvedScene<'a> {
    /// The case, for its centre lines.
    pub case: &'a Case,
    /// What is selected.
    pub selected: Option<NodeId>,
    /// The scan and the crosshair.
    pub subject: &'a SliceSubject<'a>,
    /// How the scan is shown.
    pub window: ScanWindow,
    /// Whether the crosshair is drawn.
    pub crosshair: bool,
    /// Whether texts and bars are drawn.
    pub annotations: bool,
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

/// How the picture is zoomed and moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Framing {
    zoom: f32,
    pan: Vec2,
}

impl Default for Framing {
    fn default() -> Self {
        Self { zoom: 1.0, pan: Vec2::ZERO }
    }
}

impl Framing {
    /// Nearer by `factor`; what lies at `pos` of a pane about `centre` stays there.
    fn zoomed(self, factor: f32, pos: Pos2, centre: Pos2) -> Self {
        let zoom = (self.zoom * factor).clamp(ZOOM[0], ZOOM[1]);
        let from = pos - centre;
        Self { zoom, pan: from - (from - self.pan) * (zoom / self.zoom) }
    }
}

/// State of the view along a vessel.
#[derive(Debug, Default)]
pub struct Curved {
    /// The way that was chosen; the longest of the newest lines until then.
    way: Option<Way>,
    /// How far the picture is turned about the path, degrees.
    angle_deg: f64,
    picture: Picture,
    framing: Framing,
    wheel: f32,
    /// Where the picture was shown last.
    #[cfg(test)]
    rect: Option<Rect>,
}

impl Curved {
    /// Show the whole picture.
    pub fn reset(&mut self) {
        self.framing = Framing::default();
    }

    /// Show the pane in `rect`.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, scene: &CurvedScene<'_>, wishes: &mut Vec<Wish>) -> CurvedAnswer {
        ui.painter_at(rect).rect_filled(rect, 0, Color32::BLACK);
        // Lines that were shown stay until others are selected or they go.
        let are_lines = |id: &NodeId| scene.case.node(*id).is_some_and(|node| node.data.kind() == NodeKind::Lines);
        let shown = self.way.map(|way| way.lines).filter(are_lines);
        let id = scene.selected.filter(are_lines).or(shown).or_else(|| find::vessels(scene.case, None));
        let found = id.and_then(|id| Some((id, scene.case.node(id)?)));
        let Some((id, node)) = found else {
            note(ui, rect, tr("curved-none"));
            return CurvedAnswer::default();
        };
        let Data::Lines(lines) = &node.data else { return CurvedAnswer::default() };
        let leaves = leaves(lines);
        let Some((longest, _)) = leaves.first().copied() else {
            note(ui, rect, tr("curved-no-branch"));
            return CurvedAnswer::default();
        };
        let leaf = self.way.filter(|way| way.lines == id && leaves.iter().any(|(leaf, _)| *leaf == way.leaf));
        let mut way = Way { lines: id, leaf: leaf.map_or(longest, |way| way.leaf) };
        let (bar, view) = rect.split_top_bottom_at_y(rect.top() + HEADER);
        self.header(ui, bar, &mut way, &leaves);
        self.way = Some(way);
        match self.picture.path(way, lines, node.hash()) {
            Ok(path) => {
                let on = (scene.subject.scan, scene.subject.hash);
                let (window, angle_rad) = (scene.window.shown(), self.angle_deg.to_radians());
                let (texture, surface) = self.picture.of(ui.ctx(), on, window, path, angle_rad);
                let (texture, surface) = (texture.id(), surface.clone());
                self.body(ui, view, texture, &surface, scene, wishes)
            }
            Err(error) => {
                note(ui, view, &crate::app::ui::words::heading(&error.to_string()));
                CurvedAnswer::default()
            }
        }
    }

    /// How it is zoomed and moved.
    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// What was shown last.
    pub(super) fn surface(&self) -> Option<&CurvedSurface> {
        self.picture.surface()
    }

    /// Which way, and how far turned.
    fn header(&mut self, ui: &mut Ui, bar: Rect, way: &mut Way, leaves: &[(usize, f64)]) {
        ui.painter_at(bar).rect_filled(bar, 0, theme::BAR);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.scope_builder(egui::UiBuilder::new().max_rect(bar.shrink2(Vec2::new(8.0, 2.0))).layout(layout), |ui| {
            let name = |place: usize, mm: f64| {
                tr_with("path-name", &[("n", (place + 1).into()), ("length", (&numbers::length_mm(mm.round())).into())])
            };
            let place = leaves.iter().position(|(leaf, _)| *leaf == way.leaf).unwrap_or(0);
            let text = name(place, leaves[place].1);
            egui::ComboBox::from_id_salt("path along a vessel").selected_text(text).width(120.0).show_ui(ui, |ui| {
                for (place, (leaf, mm)) in leaves.iter().enumerate() {
                    ui.selectable_value(&mut way.leaf, *leaf, name(place, *mm));
                }
            });
            // In a narrow view the slider goes, the number stays.
            ui.spacing_mut().slider_width = (bar.width() - 300.0).clamp(0.0, 220.0);
            let range = 0.0..=360.0;
            let help = tr("curved-turn");
            let response = if ui.spacing().slider_width < 40.0 {
                ui.add(egui::DragValue::new(&mut self.angle_deg).range(range).suffix("°").max_decimals(0))
            } else {
                ui.add(egui::Slider::new(&mut self.angle_deg, range).suffix("°").max_decimals(0))
            };
            response.on_hover_text(help);
        });
    }

    /// The picture, what the mouse does in it and what is written on it.
    fn body(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        texture: egui::TextureId,
        surface: &CurvedSurface,
        scene: &CurvedScene<'_>,
        wishes: &mut Vec<Wish>,
    ) -> CurvedAnswer {
        #[cfg(test)]
        {
            self.rect = Some(rect);
        }
        let response = ui.interact(rect, ui.id().with("curved"), Sense::click_and_drag());
        let place = Place::new(surface, rect, self.framing);
        let painter = ui.painter_at(rect);
        let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
        painter.image(texture, place.image, whole, Color32::WHITE);
        let line = theme::ACCENT.gamma_multiply(0.45);
        // The path itself, in short dashes, so that the vessel stays seen.
        let ends = [-0.5, surface.size()[1] as f64 - 0.5].map(|y| place.screen([surface.middle(), y]));
        painter.extend(egui::Shape::dashed_line(&ends, Stroke::new(1.0, line), 3.0, 9.0));
        let crosshair = surface.pixel_from_patient(&scene.subject.crosshair);
        if let Some((pixel, off_mm)) = crosshair.filter(|_| scene.crosshair) {
            let at = place.screen(pixel);
            let stroke = Stroke::new(1.0, theme::ACCENT);
            painter.hline(place.image.left()..=at.x - 9.0, at.y, stroke);
            painter.hline(at.x + 9.0..=place.image.right(), at.y, stroke);
            if off_mm < ON_MM {
                painter.circle_stroke(at, 4.0, stroke);
            }
        }
        let window = self.drags(ui, &response);
        if response.dragged_by(egui::PointerButton::Primary) && window == Vec2::ZERO {
            self.angle_deg = (self.angle_deg + DEG_PER_POINT * f64::from(response.drag_delta().x)).rem_euclid(360.0);
        }
        if response.clicked()
            && let Some(pos) = response.interact_pointer_pos().filter(|pos| place.image.contains(*pos))
        {
            wishes.push(Wish::Crosshair(surface.patient_from_pixel(place.pixel(pos))));
        }
        if response.hovered() {
            self.walk(ui, surface, crosshair.map(|(pixel, _)| pixel[1]), wishes);
        }
        if scene.annotations {
            annotate(&painter, rect, &place, surface, crosshair.map(|(pixel, _)| pixel[1]));
        }
        let strength = if response.hovered() || response.dragged() { 0.9 } else { 0.4 };
        let edge = Stroke::new(1.0, theme::ACCENT.gamma_multiply(strength));
        painter.rect_stroke(rect, 0, edge, StrokeKind::Inside);
        let on_picture = |pos: &Pos2| place.image.contains(*pos) && rect.contains(*pos);
        let under = response.hover_pos().filter(on_picture).map(|pos| surface.patient_from_pixel(place.pixel(pos)));
        CurvedAnswer { maximise: response.double_clicked(), window, under }
    }

    /// Right drag and pinch zoom, middle drag moves, as in slices; the left button turns, with Shift it drags the window.
    fn drags(&mut self, ui: &Ui, response: &egui::Response) -> Vec2 {
        let (delta, centre) = (response.drag_delta(), response.rect.center());
        if response.dragged_by(egui::PointerButton::Middle) {
            self.framing.pan += delta;
        }
        if response.dragged_by(egui::PointerButton::Secondary) {
            self.framing = self.framing.zoomed((-0.008 * delta.y).exp(), centre, centre);
        }
        let pinched = ui.input(|input| input.zoom_delta());
        if let Some(pos) = response.hover_pos().filter(|_| pinched != 1.0) {
            self.framing = self.framing.zoomed(pinched, pos, centre);
        }
        // Something of it stays in the pane.
        let most = 0.5 * (1.0 + self.framing.zoom) * response.rect.size();
        self.framing.pan = self.framing.pan.clamp(-most, most);
        let windows = ui.input(|input| input.modifiers.shift) && response.dragged_by(egui::PointerButton::Primary);
        if windows { delta } else { Vec2::ZERO }
    }

    /// The wheel moves the crosshair along the path: a notch is a millimetre.
    fn walk(&mut self, ui: &Ui, surface: &CurvedSurface, row: Option<f64>, wishes: &mut Vec<Wish>) {
        let steps = wheel_steps(ui, &mut self.wheel);
        let steps = if settings::of(ui.ctx()).wheel == WheelTurn::AwayIsOn { steps } else { -steps };
        if steps != 0 {
            let last = surface.size()[1] as f64 - 1.0;
            // Up on the wheel is towards the root, where the picture begins.
            let row = (row.unwrap_or(0.0) - steps as f64 / surface.path.step_mm()).clamp(0.0, last);
            wishes.push(Wish::Crosshair(surface.path.point(row)));
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

/// Where the picture lies in the pane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    image: Rect,
    points_per_pixel: f32,
    mm_per_point: f64,
}

impl Place {
    /// The whole picture in `rect`, as large as it goes, its pixels square; then zoomed and moved.
    pub(super) fn new(surface: &CurvedSurface, rect: Rect, framing: Framing) -> Self {
        let [columns, rows] = surface.size().map(|n| n as f32);
        let room = rect.shrink(4.0).size();
        let points_per_pixel = framing.zoom * (room.x / columns).min(room.y / rows).max(1e-3);
        let size = Vec2::new(columns, rows) * points_per_pixel;
        let image = Rect::from_center_size(rect.center() + framing.pan, size);
        Self { image, points_per_pixel, mm_per_point: surface.pixel_mm / f64::from(points_per_pixel) }
    }

    fn screen(&self, [x, y]: [f64; 2]) -> Pos2 {
        self.image.min + Vec2::new(x as f32 + 0.5, y as f32 + 0.5) * self.points_per_pixel
    }

    pub(super) fn pixel(&self, pos: Pos2) -> [f64; 2] {
        let from = (pos - self.image.min) / self.points_per_pixel;
        [f64::from(from.x) - 0.5, f64::from(from.y) - 0.5]
    }
}

/// Title, scale bar, and how far along the crosshair is.
pub(super) fn annotate(painter: &egui::Painter, rect: Rect, place: &Place, surface: &CurvedSurface, row: Option<f64>) {
    let at = rect.left_top() + Vec2::new(10.0, 8.0);
    shadowed(painter, at, Align2::LEFT_TOP, tr("curved-title"), theme::semibold(13.0), theme::ACCENT);
    scale_bar(painter, rect, place.mm_per_point);
    if let Some(row) = row {
        let along = numbers::grouped(row * surface.path.step_mm(), 1);
        let text = tr_with(
            "path-place",
            &[("along", (&along).into()), ("length", (&numbers::grouped(surface.path.length_mm(), 1)).into())],
        );
        let at = rect.left_bottom() + Vec2::new(10.0, -9.0);
        shadowed(painter, at, Align2::LEFT_BOTTOM, &text, FontId::proportional(11.5), theme::TEXT);
    }
}

/// One sentence in the middle, where there is nothing to show.
fn note(ui: &Ui, rect: Rect, text: &str) {
    let width = (rect.width() - 32.0).clamp(40.0, 320.0);
    let galley = ui.painter().layout(text.to_owned(), FontId::proportional(13.0), theme::WEAK, width);
    let at = rect.center() - 0.5 * galley.size();
    ui.painter_at(rect).galley(at, galley, theme::WEAK);
}
