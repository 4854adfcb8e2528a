//! One slice view: picture, mouse, crosshair, and what is written on it.

use super::budget::Budget;
use super::cine::Cine;
use super::company::Company;
use super::frame::{Frame, Turn};
use super::geometry::Framing;
use super::lines::{self, Held};
use super::look::{Fused, FusedLook, Fusion, Look, SegmentLook, SlabLook};
use super::picture::{Overlay, Picture, Subject};
use super::plane::{coarser, is_slow, plane_of};
use super::region::Region;
use super::rest::Rests;
use super::{ScanWindow, SliceGeometry, Stack, annotate, corners, menu, mouse};
use crate::app::ui::editor::Editor;
use crate::app::ui::measures::Measures;
use crate::app::ui::settings::MouseAct;
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use crate::base::i18n::tr;
use crate::base::{ContentHash, NodeId};
use crate::geom::measure::Kind;
use crate::geom::{Grid, Orientation, Point};
use crate::image::slice::Projection;
use crate::image::{Colormap, LabelMap, Scan, SliceImage, Window};
use egui::{Color32, Rect, Sense, Stroke, StrokeKind};
use std::collections::BTreeMap;

/// What the left mouse button does in slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MouseTool {
    /// Drag changes width and level; a click moves the crosshair.
    #[default]
    Window,
    /// Drag moves the crosshair.
    Crosshair,
    /// Clicks and drags measure something of this kind.
    Measure(Kind),
}

/// What lies under the mouse.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Where, LPS mm.
    pub point: Point,
    /// The voxel there.
    pub voxel: Option<[usize; 3]>,
    /// The value of that voxel.
    pub value: Option<f64>,
    /// What a slab shows there, and of what kind it is.
    pub slab: Option<(Projection, f64)>,
    /// The value of the scan over it.
    pub fused: Option<(f64, &'static str)>,
    /// The unit of the value.
    pub unit: &'static str,
    /// Names and colours of the segments there.
    pub segments: Vec<(String, [u8; 3])>,
}

/// What the slices show.
#[derive(Debug, Clone)]
pub struct SliceSubject<'a> {
    /// Which scan.
    pub node: NodeId,
    /// What the user calls it.
    pub name: &'a str,
    /// The scan.
    pub scan: &'a Scan,
    /// Its hash.
    pub hash: ContentHash,
    /// Segments over it, the lowest first.
    pub overlays: Vec<Overlay<'a>>,
    /// Values that are highlighted, both ends included.
    pub range: Option<[f64; 2]>,
    /// Where all views meet.
    pub crosshair: Point,
    /// A second scan over the first.
    pub fused: Option<Fused<'a>>,
}

/// What happened in a view.
#[derive(Debug, Default)]
pub struct SliceAnswer {
    /// What lies under the mouse.
    pub probe: Option<Probe>,
    /// Show this view alone, or all again.
    pub maximise: bool,
    /// A button is pressed in this view.
    pub touched: bool,
}

/// State of the three slice views.
#[derive(Debug)]
pub struct Slices {
    /// What the left button does.
    pub tool: MouseTool,
    /// Whether the crosshair is drawn.
    pub crosshair: bool,
    /// Whether texts, letters and bars are drawn.
    pub annotations: bool,
    /// Whether segments are drawn.
    pub segments: bool,
    /// The view that keys act on: the one last touched.
    pub active: Orientation,
    /// The view that says which scan it is and how it was made: the first that is shown.
    pub told_in: Orientation,
    /// Lengths, angles, regions.
    pub measures: Measures,
    /// How the views are turned.
    pub turn: Turn,
    /// Whether left and right of each view are swapped, and top and bottom.
    pub flips: [[bool; 2]; 3],
    /// Zooming or moving one view does the same to all.
    pub linked: bool,
    /// Names that may be those of persons are not shown (lectures, pictures to give away).
    pub names_hidden: bool,
    /// The slabs the views show.
    pub slabs: [SlabLook; 3],
    /// Whether all views show the same slab.
    pub one_slab: bool,
    /// How segments are drawn.
    pub segment_look: SegmentLook,
    /// A second scan over the first.
    pub fusion: Option<Fusion>,
    /// Slices that are played.
    pub cine: Cine,
    /// How each view is zoomed and moved.
    pub framings: [Framing; 3],
    /// What is different beside views of another scan.
    pub company: Company,
    pub(super) wheel: f32,
    pub(super) slab_wheel: f32,
    pub(super) held: Option<Held>,
    /// What the left button does until it goes up, as it was when it went down in a view: keys held later change nothing.
    pub(super) pressed_act: Option<MouseAct>,
    /// What was held was let go by a key: until the button goes up, it does nothing.
    pub(super) dropped: bool,
    /// Whether the left button draws segments, so that lines cannot be taken.
    pub(super) draws: bool,
    pub(super) region: Option<Region>,
    /// The place under the mouse in the last frame, to be marked in the other views.
    pub(super) cursor: Option<(Orientation, Point)>,
    /// Of scans, and of scans over others.
    pub(super) looks: BTreeMap<(NodeId, bool), Look>,
    pub(super) pictures: [Picture; 3],
    /// The pictures of views that stand still.
    pub(super) rests: Rests,
    /// The time of a frame for pictures.
    pub(super) budget: Budget,
    pub(super) windows: BTreeMap<(NodeId, ContentHash), ScanWindow>,
    /// Windows that were chosen for sums, per mm of the slab.
    pub(super) sum_windows: BTreeMap<(NodeId, ContentHash), Window>,
}

impl Default for Slices {
    fn default() -> Self {
        Self {
            tool: MouseTool::default(),
            crosshair: true,
            annotations: true,
            segments: true,
            active: Orientation::Axial,
            told_in: Orientation::Axial,
            measures: Measures::default(),
            turn: Turn::default(),
            flips: [[false; 2]; 3],
            linked: false,
            names_hidden: false,
            slabs: [SlabLook::default(); 3],
            one_slab: true,
            segment_look: SegmentLook::default(),
            fusion: None,
            cine: Cine::default(),
            framings: [Framing::default(); 3],
            company: Company::default(),
            wheel: 0.0,
            slab_wheel: 0.0,
            held: None,
            pressed_act: None,
            dropped: false,
            draws: false,
            region: None,
            cursor: None,
            looks: BTreeMap::new(),
            pictures: Default::default(),
            rests: Rests::default(),
            budget: Budget::default(),
            windows: BTreeMap::new(),
            sum_windows: BTreeMap::new(),
        }
    }
}

impl Slices {
    /// The window of a scan.
    pub fn window(&mut self, node: NodeId, scan: &Scan, hash: ContentHash) -> &mut ScanWindow {
        self.windows.entry((node, hash)).or_insert_with(|| ScanWindow::first(scan))
    }

    /// Show whole slices again, along the patient's axes.
    pub fn reset(&mut self) {
        self.framings = [Framing::default(); 3];
        (self.turn, self.held, self.flips) = (Turn::default(), None, [[false; 2]; 3]);
    }

    /// Another case: what belonged to scans of the one before is forgotten.
    pub fn forget_case(&mut self) {
        (self.fusion, self.cursor, self.region) = (None, None, None);
        self.looks.clear();
        self.windows.clear();
        self.sum_windows.clear();
        self.cine.stop();
        self.reset();
    }

    /// Show one scan as another is shown: the same window, colours and window of sums.
    pub fn look_alike(&mut self, (from, from_hash): (NodeId, ContentHash), (to, to_hash): (NodeId, ContentHash)) {
        if let Some(window) = self.windows.get(&(from, from_hash)).copied() {
            self.windows.insert((to, to_hash), window);
        }
        if let Some(window) = self.sum_windows.get(&(from, from_hash)).copied() {
            self.sum_windows.insert((to, to_hash), window);
        }
        if let Some(look) = self.looks.get(&(from, false)).copied() {
            self.looks.insert((to, false), look);
        }
    }

    /// Show the next slice if slices are played and it is due; a press in `area`, where the views are, ends that.
    pub fn play(&mut self, ctx: &egui::Context, area: Rect, grid: &Grid, shown: &mut Option<Point>, now_s: f64) {
        let Some(view) = self.cine.plays() else { return };
        let on_views = |pos: &egui::Pos2| {
            area.contains(*pos) && ctx.layer_id_at(*pos).is_none_or(|layer| layer.order == egui::Order::Background)
        };
        let pressed = ctx.input(|input| input.pointer.interact_pos().filter(|_| input.pointer.any_pressed()));
        if pressed.as_ref().is_some_and(on_views) {
            self.cine.stop();
            return;
        }
        let stack = self.stack(grid, view);
        let point = shown.unwrap_or_else(|| grid.bounds().centre());
        if let Some((point, wait)) = self.cine.advance(now_s, &stack, &point) {
            *shown = Some(point);
            // egui comes earlier than asked for, by the length of a frame.
            let early_s = ctx.input(|input| input.predicted_dt).clamp(0.0, 0.1);
            ctx.request_repaint_after(wait + std::time::Duration::from_secs_f32(early_s));
        }
    }

    /// The directions of a view.
    pub fn frame(&self, orientation: Orientation) -> Frame {
        self.turn.frame(orientation).flipped(self.flips[orientation as usize])
    }

    /// Swap left and right of the active view (`axis` 0), or top and bottom (1); its middle stays where it is.
    pub fn flip(&mut self, axis: usize) {
        let flips = &mut self.flips[self.active as usize];
        flips[axis] = !flips[axis];
        self.framings[self.active as usize].pan_mm[axis] *= -1.0;
        // What is being dragged would jump to the other side.
        self.let_go();
    }

    /// The slices of a view.
    pub fn stack(&self, grid: &Grid, orientation: Orientation) -> Stack {
        Stack::of(grid, self.frame(orientation))
    }

    /// The colours of a scan: greys at first.
    pub fn look(&mut self, node: NodeId) -> &mut Look {
        self.looks.entry((node, false)).or_default()
    }

    /// The colours of a scan where it lies over another: warm ones at first.
    pub fn look_over(&mut self, node: NodeId) -> &mut Look {
        self.looks.entry((node, true)).or_insert(Look { colours: Colormap::Inferno, smooth: true })
    }

    /// As [`Slices::look`], to read.
    pub(super) fn look_of(&self, node: NodeId) -> Look {
        self.looks.get(&(node, false)).copied().unwrap_or_default()
    }

    /// As [`Slices::look_over`], to read.
    pub(super) fn look_over_of(&self, node: NodeId) -> Look {
        self.looks.get(&(node, true)).copied().unwrap_or(Look { colours: Colormap::Inferno, smooth: true })
    }

    /// Change the slab of the active view, or of all.
    pub fn set_slab(&mut self, slab: SlabLook) {
        if self.one_slab { self.slabs = [slab; 3] } else { self.slabs[self.active as usize] = slab }
    }

    /// Zoom the active view about its middle, and with it those that are linked.
    pub fn zoom(&mut self, factor: f64) {
        for (place, framing) in self.framings.iter_mut().enumerate() {
            if self.linked || place == self.active as usize {
                framing.zoom = (framing.zoom * factor).clamp(0.2, 40.0);
            }
        }
    }

    /// Let go of a line or region that is being dragged; whether there was one.
    pub fn let_go(&mut self) -> bool {
        let held = self.held.take().is_some() || self.region.is_some();
        self.region = None;
        self.dropped |= held;
        held
    }

    /// The values a view shows.
    pub(super) fn image(&self, orientation: Orientation) -> Option<&SliceImage> {
        self.pictures[orientation as usize].image()
    }

    /// The window a picture was made with.
    #[cfg(test)]
    pub fn window_shown(&self, view: Orientation) -> Option<Window> {
        self.pictures[view as usize].window()
    }

    /// How often any picture was made.
    #[cfg(test)]
    pub fn pictures_made(&self) -> usize {
        self.pictures.iter().map(Picture::made).sum()
    }

    /// Where the pixels of a view in `rect` lie in the patient, and half the distance of its slices in mm.
    pub fn geometry(&self, rect: Rect, orientation: Orientation, subject: &SliceSubject<'_>) -> (SliceGeometry, f64) {
        let (grid, frame) = (subject.scan.grid(), self.frame(orientation));
        let stack = Stack::of(grid, frame);
        let framing = self.framings[orientation as usize];
        let depth_mm = stack.shown_mm(&subject.crosshair);
        (SliceGeometry::new(grid, frame, depth_mm, framing, rect), 0.5 * stack.step_mm())
    }

    /// Show one view in `rect`.
    pub fn show(
        &mut self,
        ui: &mut egui::Ui,
        rect: Rect,
        orientation: Orientation,
        subject: &SliceSubject<'_>,
        mut editing: Option<(&mut Editor, &LabelMap)>,
        wishes: &mut Vec<Wish>,
    ) -> SliceAnswer {
        let (grid, frame) = (subject.scan.grid(), self.frame(orientation));
        let stack = Stack::of(grid, frame);
        let framing = self.framings[orientation as usize];
        let geometry = SliceGeometry::new(grid, frame, stack.shown_mm(&subject.crosshair), framing, rect);
        let response = ui.interact(rect, ui.id().with(("slice", orientation)), Sense::click_and_drag());
        self.draws = editing.as_ref().is_some_and(|(editor, _)| editor.takes_the_mouse());
        self.paint(ui, Some(&response), &geometry, &stack, subject, true);
        let probe = response.hover_pos().map(|pos| self.probe(&geometry, pos, subject));
        self.mark_cursor(ui, &geometry, &stack, probe.as_ref());
        if self.annotations {
            self.slider(ui, &geometry, &stack, subject, wishes);
            corners::corners_ui(self, &ui.painter_at(rect), &geometry, &stack, subject, probe.as_ref());
        }
        if let Some((editor, _)) = &editing {
            editor.paint_cursor(&ui.painter_at(rect), &geometry, response.hover_pos());
        }
        let draws = self.measures.is_drawing();
        mouse::act(self, ui, &response, &geometry, &stack, subject, &mut editing, wishes);
        if !draws {
            let second = self.company.second;
            response.context_menu(|ui| menu::context_menu(ui, &geometry, subject, second, wishes));
        }
        let measures = matches!(self.tool, MouseTool::Measure(_));
        let maximise = response.double_clicked() && !measures && !self.draws;
        SliceAnswer { probe, maximise, touched: response.is_pointer_button_down_on() || response.clicked() }
    }

    /// Draw picture and lines; without a `response` nothing answers the mouse. What was made last stands in for a picture
    /// that would have to be made but `may_make` not. Whether one was made.
    pub(super) fn paint(
        &mut self,
        ui: &egui::Ui,
        response: Option<&egui::Response>,
        geometry: &SliceGeometry,
        stack: &Stack,
        subject: &SliceSubject<'_>,
        may_make: bool,
    ) -> bool {
        let SliceGeometry { rect, orientation, .. } = *geometry;
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0, Color32::BLACK);
        let made = self.pictures[orientation as usize].made();
        let pictured = self.pictured(orientation, subject);
        let picture = &self.pictures[orientation as usize];
        let draw = |(texture, plane): (egui::TextureId, crate::image::SlicePlane)| {
            let [width, height] = plane.size.map(|n| n as f64 - 0.5);
            let corners = [plane.patient_from_pixel([-0.5, -0.5]), plane.patient_from_pixel([width, height])];
            let [min, max] = corners.map(|corner| geometry.screen_from_patient(&corner));
            let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            painter.image(texture, Rect::from_min_max(min, max), whole, Color32::WHITE);
        };
        if pictured.as_ref().is_some_and(|shown| !may_make && !picture.is_of(shown)) {
            picture.last().into_iter().for_each(draw);
            ui.ctx().request_repaint();
        } else if let Some(mut shown) = pictured {
            let share = self.share(ui.ctx(), orientation, subject);
            let finest = shown.clone();
            let picture = &mut self.pictures[orientation as usize];
            // A thick slab is shown coarsely at first, so that it follows the hand; finely once that was made beside.
            let waits = picture.ask(&shown);
            if !picture.has_values_of(&shown) && (waits || is_slow(shown.cost(), share)) {
                let held = ui.input(|input| input.pointer.any_down());
                if held || !picture.made_beside(ui.ctx(), &shown) {
                    let (plane, cost) = (shown.plane, shown.cost());
                    shown.plane = picture.stand_in(|| coarser(plane, cost, share));
                }
            }
            let _part = crate::app::frames::part("slice pictures");
            draw((picture.of(ui.ctx(), orientation, &shown).id(), shown.plane));
            if let Some((rect, at_rest)) = self.at_rest(ui, geometry, finest) {
                let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
                painter.image(at_rest, rect, whole, Color32::WHITE);
            }
        } else {
            corners::empty(&painter, rect, tr("probe-outside"));
        }
        if self.crosshair {
            let lines = lines::lines(geometry, subject.scan.grid(), &self.turn.frames(), &subject.crosshair);
            let hot = response.and_then(|response| mouse::hot_line(self, response, (orientation, rect), &lines));
            let handles = mouse::takes_lines(self) && response.is_some_and(egui::Response::contains_pointer);
            lines::paint(&painter, rect, &lines, hot, handles);
        }
        self.measures.paint(&painter, geometry, 0.51 * stack.step_mm());
        if let Some(region) = self.region.filter(|region| region.view == orientation) {
            region.paint(&painter);
        }
        if self.annotations {
            annotate::annotate(&painter, geometry);
        }
        let colour = theme::view_colour(orientation);
        let is_used = response.is_some_and(|response| response.hovered() || response.dragged());
        let strength = if is_used { 0.9 } else { 0.4 };
        painter.rect_stroke(rect, 0, Stroke::new(1.0, colour.gamma_multiply(strength)), StrokeKind::Inside);
        self.pictures[orientation as usize].made() != made
    }

    /// What the picture of a view shows, at its finest; `None` where it lies beside the scan.
    fn pictured<'a>(&mut self, view: Orientation, subject: &SliceSubject<'a>) -> Option<Subject<'a>> {
        let (grid, frame) = (subject.scan.grid(), self.frame(view));
        let stack = Stack::of(grid, frame);
        let plane = plane_of(grid, &frame, stack.shown_mm(&subject.crosshair))?;
        if self.company.beside && stack.is_beyond(&subject.crosshair) {
            return None;
        }
        let fused = subject.fused.map(|fused| {
            let window = self.window(fused.node, fused.scan, fused.hash).shown();
            (fused, FusedLook { window, look: *self.look_over(fused.node) })
        });
        Some(Subject {
            scan: subject.scan,
            hash: subject.hash,
            plane,
            slab: self.slabs[view as usize].slab(),
            window: self.window(subject.node, subject.scan, subject.hash).shown(),
            sums: self.chosen_sum_window(view, subject.node, subject.hash),
            look: *self.look(subject.node),
            overlays: if self.segments { subject.overlays.clone() } else { Vec::new() },
            segments: self.segment_look,
            range: subject.range,
            fused,
        })
    }

    /// The share of a frame's time that the picture of a view has: slabs and turned planes, which are costly, share it.
    fn share(&mut self, ctx: &egui::Context, view: Orientation, subject: &SliceSubject<'_>) -> f64 {
        let pass = ctx.cumulative_pass_nr();
        if self.budget.is_new(pass) {
            let due = Orientation::ALL.map(|view| {
                self.is_costly(view)
                    && self.pictured(view, subject).is_some_and(|shown| self.pictures[view as usize].is_due(&shown))
            });
            self.budget.begin(pass, |view| due[view as usize]);
        }
        let share = self.budget.share(view);
        if self.is_costly(view) { share * self.company.share() } else { 1.0 }
    }

    fn is_costly(&self, view: Orientation) -> bool {
        self.slabs[view as usize].slab().is_some() || !self.frame(view).is_straight()
    }
}
