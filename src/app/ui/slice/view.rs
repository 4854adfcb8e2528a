//! One slice view: picture, mouse, crosshair, and what is written on it.

use super::geometry::Framing;
use super::picture::{Overlay, Picture, Subject};
use super::{Measure, ScanWindow, SliceGeometry, Stack, annotate, menu, mouse};
use crate::app::ui::editor::Editor;
use crate::app::ui::wish::Wish;
use crate::app::ui::{numbers, theme};
use crate::base::{ContentHash, NodeId};
use crate::geom::{Orientation, Point};
use crate::image::{LabelMap, Scan, SliceImage};
use egui::{Align2, Color32, Rect, Sense, Stroke, StrokeKind, Vec2};
use std::collections::BTreeMap;

/// What the left mouse button does in slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MouseTool {
    /// Drag changes width and level; a click moves the crosshair.
    #[default]
    Window,
    /// Drag moves the crosshair.
    Crosshair,
    /// Drag measures a distance.
    Measure,
}

/// What lies under the mouse.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Where, LPS mm.
    pub point: Point,
    /// The value of the nearest voxel.
    pub value: Option<f64>,
    /// The unit of the value.
    pub unit: &'static str,
    /// Names and colours of the segments there.
    pub segments: Vec<(String, [u8; 3])>,
}

/// What the slices show.
#[derive(Debug)]
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
}

/// What happened in a view.
#[derive(Debug, Default)]
pub struct SliceAnswer {
    /// What lies under the mouse.
    pub probe: Option<Probe>,
    /// Show this view alone, or all again.
    pub maximise: bool,
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
    /// Distances.
    pub measures: Vec<Measure>,
    /// The distance being drawn.
    pub drawing: Option<Measure>,
    pub(super) framings: [Framing; 3],
    pub(super) wheel: f32,
    pictures: [Picture; 3],
    windows: BTreeMap<(NodeId, ContentHash), ScanWindow>,
}

impl Default for Slices {
    fn default() -> Self {
        Self {
            tool: MouseTool::default(),
            crosshair: true,
            annotations: true,
            segments: true,
            active: Orientation::Axial,
            measures: Vec::new(),
            drawing: None,
            framings: [Framing::default(); 3],
            wheel: 0.0,
            pictures: Default::default(),
            windows: BTreeMap::new(),
        }
    }
}

impl Slices {
    /// The window of a scan.
    pub fn window(&mut self, node: NodeId, scan: &Scan, hash: ContentHash) -> &mut ScanWindow {
        self.windows.entry((node, hash)).or_insert_with(|| ScanWindow::first(scan))
    }

    /// Show whole slices again.
    pub fn reset(&mut self) {
        self.framings = [Framing::default(); 3];
    }

    /// Zoom the active view about its middle.
    pub fn zoom(&mut self, factor: f64) {
        let framing = &mut self.framings[self.active as usize];
        framing.zoom = (framing.zoom * factor).clamp(0.2, 40.0);
    }

    /// The values a view shows.
    pub(super) fn image(&self, orientation: Orientation) -> Option<&SliceImage> {
        self.pictures[orientation as usize].image()
    }

    /// How often any picture was made.
    #[cfg(test)]
    pub fn pictures_made(&self) -> usize {
        self.pictures.iter().map(Picture::made).sum()
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
        let stack = Stack::of(subject.scan.grid(), orientation);
        let depth_mm = stack.depth_mm(stack.index(&subject.crosshair));
        let framing = self.framings[orientation as usize];
        let geometry = SliceGeometry::new(subject.scan.grid(), orientation, depth_mm, framing, rect);
        let response = ui.interact(rect, ui.id().with(("slice", orientation)), Sense::click_and_drag());
        self.paint(ui, &response, &geometry, &stack, subject);
        let probe = response.hover_pos().map(|pos| probe(&geometry.patient_from_screen(pos), subject));
        if self.annotations {
            self.slider(ui, &geometry, &stack, subject, wishes);
            if let Some(probe) = &probe {
                let painter = ui.painter_at(rect);
                let at = rect.left_bottom() + Vec2::new(10.0, -42.0 - annotate::lift(rect));
                let text = probe_text(probe);
                annotate::shadowed_small(&painter, at, Align2::LEFT_BOTTOM, &text, theme::STRONG);
            }
        }
        if let Some((editor, _)) = &editing {
            editor.paint_cursor(&ui.painter_at(rect), &geometry, response.hover_pos());
        }
        mouse::act(self, ui, &response, &geometry, &stack, subject, &mut editing, wishes);
        response.context_menu(|ui| menu::context_menu(ui, &geometry, subject, wishes));
        SliceAnswer { probe, maximise: response.double_clicked() }
    }

    fn paint(
        &mut self,
        ui: &egui::Ui,
        response: &egui::Response,
        geometry: &SliceGeometry,
        stack: &Stack,
        subject: &SliceSubject<'_>,
    ) {
        let SliceGeometry { rect, orientation, .. } = *geometry;
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0, Color32::BLACK);
        let window = *self.window(subject.node, subject.scan, subject.hash);
        let depth_mm = stack.depth_mm(stack.index(&subject.crosshair));
        let overlays = if self.segments { subject.overlays.clone() } else { Vec::new() };
        let (scan, hash) = (subject.scan, subject.hash);
        let shown = Subject { scan, hash, depth_mm, window: window.shown(), overlays, range: subject.range };
        let (texture, plane) = self.pictures[orientation as usize].of(ui.ctx(), orientation, &shown);
        let [width, height] = plane.size.map(|n| n as f64 - 0.5);
        let corners = [plane.patient_from_pixel([-0.5, -0.5]), plane.patient_from_pixel([width, height])];
        let [min, max] = corners.map(|corner| geometry.screen_from_patient(&corner));
        let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
        painter.image(texture.id(), Rect::from_min_max(min, max), whole, Color32::WHITE);
        if self.crosshair {
            annotate::crosshair(&painter, geometry, &subject.crosshair);
        }
        let near = |measure: &&Measure| measure.is_near(orientation, depth_mm, 0.51 * stack.step_mm());
        self.measures.iter().chain(&self.drawing).filter(near).for_each(|measure| measure.paint(&painter, geometry));
        if self.annotations {
            annotate::annotate(&painter, geometry, stack, subject, &window);
        }
        let colour = theme::view_colour(orientation);
        let strength = if response.hovered() || response.dragged() { 0.9 } else { 0.4 };
        painter.rect_stroke(rect, 0, Stroke::new(1.0, colour.gamma_multiply(strength)), StrokeKind::Inside);
    }

    /// The narrow slider at the right edge.
    fn slider(
        &mut self,
        ui: &egui::Ui,
        geometry: &SliceGeometry,
        stack: &Stack,
        subject: &SliceSubject<'_>,
        wishes: &mut Vec<Wish>,
    ) {
        let SliceGeometry { rect, orientation, .. } = *geometry;
        let track = Rect::from_min_max(
            egui::pos2(rect.right() - 14.0, rect.top() + 34.0),
            egui::pos2(rect.right() - 2.0, rect.bottom() - 40.0),
        );
        if track.height() < 60.0 || stack.count() < 2 {
            return;
        }
        let response = ui.interact(track, ui.id().with(("slider", orientation)), Sense::click_and_drag());
        let last = (stack.count() - 1) as f32;
        // Up on the screen is further along the direction away from the viewer, as with the wheel.
        if let Some(pos) = response.interact_pointer_pos() {
            let index = ((track.bottom() - pos.y) / track.height() * last).round().clamp(0.0, last) as usize;
            self.active = orientation;
            wishes.push(Wish::Crosshair(stack.moved_to(&subject.crosshair, index)));
        }
        let painter = ui.painter_at(rect);
        let hot = response.hovered() || response.dragged();
        let colour = theme::view_colour(orientation);
        let middle = track.center().x;
        let line = Rect::from_x_y_ranges(middle - 1.0..=middle + 1.0, track.y_range());
        painter.rect_filled(line, 1, Color32::from_white_alpha(if hot { 70 } else { 38 }));
        let y = track.bottom() - stack.index(&subject.crosshair) as f32 / last * track.height();
        let size = Vec2::new(if hot { 12.0 } else { 9.0 }, 5.0);
        painter.rect_filled(Rect::from_center_size(egui::pos2(middle, y), size), 2, colour);
    }
}

fn probe(point: &Point, subject: &SliceSubject<'_>) -> Probe {
    let grid = subject.scan.grid();
    let value = grid.voxel_at(*point).map(|voxel| subject.scan.value(grid.offset(voxel)));
    let segment = |overlay: &Overlay<'_>| {
        let label = overlay.labels.at(overlay.labels.grid().voxel_at(*point)?);
        let segment = overlay.labels.segments().iter().find(|segment| segment.id.0 == label)?;
        Some((segment.name.clone(), segment.colour))
    };
    let segments = subject.overlays.iter().filter_map(segment).collect();
    Probe { point: *point, value, unit: subject.scan.unit(), segments }
}

/// `−734 HU · lungs`.
fn probe_text(probe: &Probe) -> String {
    let value = probe.value.map(|value| numbers::quantity(value, probe.unit));
    let names = probe.segments.iter().map(|(name, _)| name.clone());
    value.into_iter().chain(names).collect::<Vec<_>>().join("  ·  ")
}
