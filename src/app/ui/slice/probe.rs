//! What lies under the mouse, and where that is in the other views.

use super::picture::Overlay;
use super::view::{Probe, SliceSubject, Slices};
use super::{SliceGeometry, Stack};
use crate::app::ui::{numbers, theme};
use crate::geom::{Orientation, Point};
use crate::image::slice::Projection;
use crate::image::{Scan, SliceImage};
use egui::{Color32, Stroke};

impl Probe {
    /// What a slab shows there: `MIP 230 HU`; a sum along the way has the unit of values times lengths.
    pub fn slab_text(&self) -> Option<String> {
        let (projection, value) = self.slab?;
        let value = match (projection, self.unit) {
            (Projection::Sum, "" | "1") => numbers::quantity(value, "mm"),
            (Projection::Sum, unit) => numbers::quantity(value, &format!("{unit}·mm")),
            (_, unit) => numbers::quantity(value, unit),
        };
        Some(format!("{} {value}", projection.short()))
    }
}

impl Slices {
    /// What needs a view that is no longer seen ends: playing it, and the mark of the mouse in it.
    pub fn forget_hidden(&mut self, shows: impl Fn(Orientation) -> bool) {
        if self.cine.plays().is_some_and(|view| !shows(view)) {
            self.cine.stop();
        }
        self.cursor = self.cursor.filter(|(view, _)| shows(*view));
    }

    /// What lies at a place of the patient.
    pub fn probe_at(&self, point: Point, subject: &SliceSubject<'_>) -> Probe {
        let value_in = |scan: &Scan| scan.grid().voxel_at(point).map(|voxel| scan.value(scan.grid().offset(voxel)));
        let segment = |overlay: &Overlay<'_>| {
            let label = overlay.labels.at(overlay.labels.grid().voxel_at(point)?);
            let segments = overlay.labels.segments();
            let segment = segments.iter().find(|segment| segment.id.0 == label && !segment.hidden)?;
            Some((segment.name.clone(), segment.colour))
        };
        Probe {
            point,
            voxel: subject.scan.grid().voxel_at(point),
            value: value_in(subject.scan),
            unit: subject.scan.unit(),
            segments: subject.overlays.iter().filter_map(segment).collect(),
            slab: None,
            fused: subject.fused.and_then(|fused| Some((value_in(fused.scan)?, fused.scan.unit()))),
        }
    }

    /// What lies under the mouse.
    pub(super) fn probe(&self, geometry: &SliceGeometry, pos: egui::Pos2, subject: &SliceSubject<'_>) -> Probe {
        let point = geometry.patient_from_screen(pos);
        let slab = self.slabs[geometry.orientation as usize].slab();
        let shown = |image: &SliceImage| {
            let [x, y] = image.plane.pixel_from_patient(point).map(f64::round);
            let [width, height] = image.plane.size.map(|n| n as f64);
            let inside = (0.0..width).contains(&x) && (0.0..height).contains(&y);
            inside.then(|| f64::from(image.values[y as usize * image.plane.size[0] + x as usize]))
        };
        let shown = self.image(geometry.orientation).and_then(shown).filter(|value| value.is_finite());
        let slab = slab.and_then(|slab| Some((slab.projection, shown?)));
        Probe { slab, ..self.probe_at(point, subject) }
    }

    /// Mark in this view what the mouse points at in another: full where it lies in this slice, faint beside it.
    pub(super) fn mark_cursor(
        &mut self,
        ui: &egui::Ui,
        geometry: &SliceGeometry,
        stack: &Stack,
        probe: Option<&Probe>,
    ) {
        // Views drawn before this one follow in the frame that egui shows after every movement.
        match (probe, self.cursor) {
            (Some(probe), _) => self.cursor = Some((geometry.orientation, probe.point)),
            (None, Some((view, _))) if view == geometry.orientation => self.cursor = None,
            (None, _) => {}
        }
        let other = self.cursor.filter(|(view, _)| *view != geometry.orientation).map(|(_, point)| point);
        let pointed = self.company.pointed.filter(|_| probe.is_none());
        let Some(point) = other.or(pointed).filter(|_| self.crosshair) else { return };
        self.paint_cursor(ui, geometry, stack, &point);
    }

    /// Mark a place under the mouse of another view.
    pub(super) fn paint_cursor(&self, ui: &egui::Ui, geometry: &SliceGeometry, stack: &Stack, point: &Point) {
        let near = geometry.distance_mm(point).abs() <= 0.51 * stack.step_mm();
        let colour = theme::STRONG.gamma_multiply(if near { 0.95 } else { 0.4 });
        let (painter, at) = (ui.painter_at(geometry.rect), geometry.screen_from_patient(point));
        for (width, colour) in [(3.0, Color32::from_black_alpha(if near { 150 } else { 60 })), (1.2, colour)] {
            painter.circle_stroke(at, 4.5, Stroke::new(width, colour));
        }
    }
}
