//! One slice view: picture, mouse, crosshair, and what is written on it.

use super::geometry::Framing;
use super::picture::{Overlay, Picture, Subject};
use super::{Measure, PRESETS, ScanWindow, SliceGeometry, Stack, mouse};
use crate::app::ui::wish::Wish;
use crate::app::ui::{numbers, theme};
use crate::base::{ContentHash, NodeId};
use crate::geom::{Orientation, Point, orientation};
use crate::image::Scan;
use egui::{Align2, Color32, FontId, Painter, Rect, Sense, Stroke, StrokeKind, Vec2};
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

    /// Show one view in `rect`.
    pub fn show(
        &mut self,
        ui: &mut egui::Ui,
        rect: Rect,
        orientation: Orientation,
        subject: &SliceSubject<'_>,
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
                let at = rect.left_bottom() + Vec2::new(10.0, -42.0);
                let text = probe_text(probe);
                shadowed_small(&painter, at, Align2::LEFT_BOTTOM, &text, theme::STRONG);
            }
        }
        mouse::act(self, ui, &response, &geometry, &stack, subject, wishes);
        response.context_menu(|ui| context_menu(ui, &geometry, subject, wishes));
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
        let shown = Subject { scan, hash, depth_mm, window: window.shown(), overlays };
        let (texture, plane) = self.pictures[orientation as usize].of(ui.ctx(), orientation, &shown);
        let [width, height] = plane.size.map(|n| n as f64 - 0.5);
        let corners = [plane.patient_from_pixel([-0.5, -0.5]), plane.patient_from_pixel([width, height])];
        let [min, max] = corners.map(|corner| geometry.screen_from_patient(&corner));
        let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
        painter.image(texture.id(), Rect::from_min_max(min, max), whole, Color32::WHITE);
        if self.crosshair {
            crosshair(&painter, geometry, &subject.crosshair);
        }
        let near = |measure: &&Measure| measure.is_near(orientation, depth_mm, 0.51 * stack.step_mm());
        self.measures.iter().chain(&self.drawing).filter(near).for_each(|measure| measure.paint(&painter, geometry));
        if self.annotations {
            annotate(&painter, geometry, stack, subject, &window);
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

fn shadowed_small(painter: &Painter, at: egui::Pos2, align: Align2, text: &str, colour: Color32) -> Rect {
    super::shadowed(painter, at, align, text, FontId::proportional(11.5), colour)
}

/// Lines where the other two views cut this one, in their colours, with a gap in the middle.
fn crosshair(painter: &Painter, geometry: &SliceGeometry, point: &Point) {
    let SliceGeometry { rect, orientation, .. } = *geometry;
    let at = geometry.screen_from_patient(point);
    let (across, upright) = match orientation {
        Orientation::Axial => (Orientation::Coronal, Orientation::Sagittal),
        Orientation::Coronal => (Orientation::Axial, Orientation::Sagittal),
        Orientation::Sagittal => (Orientation::Axial, Orientation::Coronal),
    };
    let gap = 9.0;
    let stroke = |of| Stroke::new(1.0, theme::view_colour(of).gamma_multiply(0.8));
    painter.hline(rect.left()..=at.x - gap, at.y, stroke(across));
    painter.hline(at.x + gap..=rect.right(), at.y, stroke(across));
    painter.vline(at.x, rect.top()..=at.y - gap, stroke(upright));
    painter.vline(at.x, at.y + gap..=rect.bottom(), stroke(upright));
}

fn annotate(
    painter: &Painter,
    geometry: &SliceGeometry,
    stack: &Stack,
    subject: &SliceSubject<'_>,
    window: &ScanWindow,
) {
    let SliceGeometry { rect, orientation, .. } = *geometry;
    let [right, down, away] = orientation.right_down_away();
    let letters = [-right, right, -down, down].map(|direction| orientation::letters(&direction));
    super::edge_letters(painter, rect, [&letters[0], &letters[1], &letters[2], &letters[3]]);
    super::scale_bar(painter, rect, geometry.mm_per_point());
    let at = rect.left_top() + Vec2::new(10.0, 8.0);
    let name = orientation.name();
    let name = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    let title =
        super::shadowed(painter, at, Align2::LEFT_TOP, &name, theme::semibold(13.0), theme::view_colour(orientation));
    if orientation == Orientation::Axial {
        let room =
            painter.with_clip_rect(Rect::from_min_max(rect.min, egui::pos2(rect.center().x - 16.0, rect.bottom())));
        shadowed_small(&room, title.left_bottom() + Vec2::new(0.0, 3.0), Align2::LEFT_TOP, subject.name, theme::WEAK);
    }
    let index = stack.index(&subject.crosshair);
    let axis = away.iamax();
    let letters = [["R", "L"], ["A", "P"], ["I", "S"]][axis];
    let place = numbers::coordinate(stack.depth_mm(index) * away[axis], letters);
    let slice = format!("{place} mm   {} / {}", index + 1, stack.count());
    let bottom = rect.left_bottom() + Vec2::new(10.0, -9.0);
    let line = shadowed_small(painter, bottom, Align2::LEFT_BOTTOM, &slice, theme::TEXT);
    let inverted = if window.inverted { "   inverted" } else { "" };
    let crate::image::Window { width, level } = window.window;
    let text = format!("W {}  L {}{inverted}", numbers::grouped(width, 0), numbers::grouped(level, 0));
    shadowed_small(painter, line.left_top() - Vec2::new(0.0, 2.0), Align2::LEFT_BOTTOM, &text, theme::TEXT);
}

fn context_menu(ui: &mut egui::Ui, geometry: &SliceGeometry, subject: &SliceSubject<'_>, wishes: &mut Vec<Wish>) {
    // The menu stays open while the mouse moves: the place is where it was opened.
    let opened_at = ui.min_rect().left_top();
    let id = ui.id().with("opened at");
    let point = ui.data_mut(|data| *data.get_temp_mut_or(id, geometry.patient_from_screen(opened_at)));
    ui.label(theme::small(numbers::place(&point)));
    if ui.button("Crosshair here").clicked() {
        wishes.push(Wish::Crosshair(point));
    }
    if ui.button("Vessel from here…").clicked() {
        wishes.push(Wish::Crosshair(point));
        let seed = [point.x, point.y, point.z];
        let params = serde_json::json!({ "scan": subject.node.0, "preset": "vessel", "seed": seed });
        wishes.push(Wish::Form { tool: "segment.organ".into(), params });
    }
    ui.separator();
    ui.menu_button("Window", |ui| {
        for (place, preset) in PRESETS.iter().enumerate() {
            let button = egui::Button::new(preset.name).shortcut_text((place + 1).to_string());
            if ui.add(button).clicked() {
                wishes.push(Wish::WindowPreset(place));
            }
        }
        if ui.add(egui::Button::new("Full range").shortcut_text("0")).clicked() {
            wishes.push(Wish::WindowFull);
        }
    });
    if ui.add(egui::Button::new("Reset views").shortcut_text("R")).clicked() {
        wishes.push(Wish::ResetViews);
    }
}
