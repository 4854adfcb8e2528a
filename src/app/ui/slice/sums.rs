//! The window of sums along the way through a slab: values that are none of the scan, so that its window says nothing of
//! them.
//!
//! It is kept per millimetre of the slab, so that a thicker slab stays as bright; until somebody drags it, it is found in
//! the picture.

use super::ScanWindow;
use super::view::{SliceSubject, Slices};
use crate::base::{ContentHash, NodeId, i18n};
use crate::geom::Orientation;
use crate::image::Window;
use crate::image::slice::Projection;
use egui::Vec2;

fn scaled(window: Window, factor: f64) -> Window {
    Window { width: window.width * factor, level: window.level * factor }
}

impl Slices {
    /// Whether a view shows sums.
    pub(super) fn shows_sums(&self, view: Orientation) -> bool {
        self.thickness_of_sums(view).is_some()
    }

    fn thickness_of_sums(&self, view: Orientation) -> Option<f64> {
        let slab = self.slabs[view as usize].slab().filter(|slab| slab.projection == Projection::Sum)?;
        Some(slab.thickness_mm)
    }

    /// The window somebody chose for the sums of a view.
    pub(super) fn chosen_sum_window(&self, view: Orientation, node: NodeId, hash: ContentHash) -> Option<Window> {
        let thickness_mm = self.thickness_of_sums(view)?;
        self.sum_windows.get(&(node, hash)).map(|window| scaled(*window, thickness_mm))
    }

    /// The window of the sums of a view, chosen or found; `None` unless it shows some.
    fn sum_window(&self, view: Orientation, subject: &SliceSubject<'_>) -> Option<Window> {
        self.thickness_of_sums(view)?;
        let found = || self.pictures[view as usize].window();
        let window = self.chosen_sum_window(view, subject.node, subject.hash).or_else(found)?;
        Some(Window { width: window.width.abs(), ..window })
    }

    /// The window that was found in the picture of the sums of a view, per millimetre.
    pub(super) fn found_sum_window(&self, view: Orientation) -> Option<Window> {
        let (thickness_mm, window) = (self.thickness_of_sums(view)?, self.pictures[view as usize].window()?);
        Some(scaled(Window { width: window.width.abs(), ..window }, 1.0 / thickness_mm))
    }

    /// Choose the window of the sums of a view.
    pub(super) fn set_sum_window(&mut self, view: Orientation, subject: &SliceSubject<'_>, window: Window) {
        if let Some(thickness_mm) = self.thickness_of_sums(view) {
            self.sum_windows.insert((subject.node, subject.hash), scaled(window, 1.0 / thickness_mm));
        }
    }

    /// Find the window of sums in the picture again.
    pub fn forget_sum_window(&mut self, node: NodeId, hash: ContentHash) {
        self.sum_windows.remove(&(node, hash));
    }

    /// The mouse drags the window of a view: whether that was the one of sums. A point means as much as for the scan.
    pub(super) fn drag_sum_window(
        &mut self,
        view: Orientation,
        subject: &SliceSubject<'_>,
        delta: Vec2,
        fine: bool,
    ) -> bool {
        let Some(thickness_mm) = self.thickness_of_sums(view) else { return false };
        if delta != Vec2::ZERO
            && let Some(window) = self.sum_window(view, subject)
        {
            let range = self.window(subject.node, subject.scan, subject.hash).range.map(|value| value * thickness_mm);
            let dragged = ScanWindow { window, inverted: false, range }.dragged(delta, fine);
            self.set_sum_window(view, subject, dragged.window);
        }
        true
    }

    /// `W 12 000  L 800 HU·mm`, and whether it was found in the picture.
    pub(super) fn sum_window_text(&self, view: Orientation, subject: &SliceSubject<'_>) -> Option<String> {
        let window = self.sum_window(view, subject)?;
        let is_chosen = self.sum_windows.contains_key(&(subject.node, subject.hash));
        let [width, level] = ScanWindow { window, inverted: false, range: [0.0, 1.0] }.texts();
        let unit = match subject.scan.unit() {
            "" | "1" => "mm".to_owned(),
            unit => format!("{unit}·mm"),
        };
        let found = if is_chosen { "" } else { i18n::tr("window-found") };
        Some(format!("W {width}  L {level} {unit} {found}").trim_end().to_owned())
    }
}
