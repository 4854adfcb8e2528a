//! The view along a vessel as it stands, for pictures: drawn anew at any size and in any thread.

use super::view::{Curved, Framing, Place, annotate};
use crate::base::parallel;
use crate::image::curved::CurvedSurface;
use crate::image::{Scan, Window};
use crate::session::{Data, Node};
use egui::{Pos2, Rect, Ui, Vec2};
use rayon::prelude::*;
use std::sync::Arc;

/// The view along a vessel as it stands.
#[derive(Debug)]
pub struct CurvedStill {
    surface: CurvedSurface,
    scan: Arc<Node>,
    window: Window,
    framing: Framing,
}

impl Curved {
    /// The view as it was shown last of `scan`, through `window`; `None` if it showed no vessel.
    pub fn still(&self, scan: &Arc<Node>, window: Window) -> Option<CurvedStill> {
        let surface = self.surface()?.clone();
        Some(CurvedStill { surface, scan: Arc::clone(scan), window, framing: self.framing() })
    }
}

impl CurvedStill {
    /// The pixels of the view, RGBA and opaque, of a view of `pane` points drawn at `size` pixels: the scan is read anew
    /// for every one of them.
    pub fn pixels(&self, pane: Vec2, size: [usize; 2]) -> Vec<u8> {
        let mut pixels = [0, 0, 0, 255].repeat(size[0] * size[1]);
        let Data::Scan(scan) = &self.scan.data else { return pixels };
        let place = Place::new(&self.surface, Rect::from_min_size(Pos2::ZERO, pane), self.framing);
        let scale = f64::from(pane.x.max(1.0)) / size[0] as f64;
        let ends = self.surface.size().map(|n| -0.5..=n as f64 - 0.5);
        let draw = |(y, row): (usize, &mut [u8])| {
            for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
                let pos = Pos2::new(((x as f64 + 0.5) * scale) as f32, ((y as f64 + 0.5) * scale) as f32);
                let at = place.pixel(pos);
                if ends.iter().zip(at).all(|(end, at)| end.contains(&at)) {
                    pixel[..3].fill(grey(scan, &self.surface, self.window, at));
                }
            }
        };
        parallel::at_once(|| pixels.par_chunks_exact_mut(size[0] * 4).enumerate().for_each(draw));
        pixels
    }

    /// Title and scale bar.
    pub fn texts_ui(&self, ui: &Ui, rect: Rect) {
        annotate(&ui.painter_at(rect), rect, &Place::new(&self.surface, rect, self.framing), &self.surface, None);
    }
}

/// The brightness of a place of the surface; black outside the scan.
fn grey(scan: &Scan, surface: &CurvedSurface, window: Window, at: [f64; 2]) -> u8 {
    let index = scan.grid().index_from_patient(surface.patient_from_pixel(at));
    scan.sample_index(index).map_or(0, |value| (window.brightness(value) * 255.0).round() as u8)
}
