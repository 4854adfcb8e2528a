//! Slices in a second window, as the first one shows them: with pictures of their own, for textures belong to a window.

use super::budget::Budget;
use super::corners;
use super::picture::Picture;
use super::view::{SliceSubject, Slices};
use super::{SliceGeometry, Stack};
use crate::geom::Orientation;
use egui::{Rect, Ui};

/// What a second window keeps of the slices it shows.
#[derive(Debug, Default)]
pub struct Elsewhere {
    pictures: [Picture; 3],
    budget: Budget,
    /// Whether one of its pictures was made in this frame: the others wait, for the first window has made its own.
    made: bool,
}

impl Elsewhere {
    /// A frame begins.
    pub fn begin(&mut self) {
        self.made = false;
    }

    /// How often any picture was made.
    #[cfg(test)]
    pub fn pictures_made(&self) -> usize {
        self.pictures.iter().map(Picture::made).sum()
    }
}

impl Slices {
    /// Show one view in `rect` of a window that takes no mouse, with the place the mouse is at in this one.
    pub fn show_elsewhere(
        &mut self,
        kept: &mut Elsewhere,
        ui: &Ui,
        rect: Rect,
        orientation: Orientation,
        subject: &SliceSubject<'_>,
    ) {
        // All else is of the first window: what is changed there is seen here in the same frame.
        std::mem::swap(&mut self.pictures, &mut kept.pictures);
        std::mem::swap(&mut self.budget, &mut kept.budget);
        let (grid, frame) = (subject.scan.grid(), self.frame(orientation));
        let stack = Stack::of(grid, frame);
        let framing = self.framings[orientation as usize];
        let geometry = SliceGeometry::new(grid, frame, stack.shown_mm(&subject.crosshair), framing, rect);
        kept.made |= self.paint(ui, None, &geometry, &stack, subject, !kept.made);
        if let Some((_, point)) = self.cursor {
            self.paint_cursor(ui, &geometry, &stack, &point);
        }
        if self.annotations {
            corners::corners_ui(self, &ui.painter_at(rect), &geometry, &stack, subject, None);
        }
        std::mem::swap(&mut self.pictures, &mut kept.pictures);
        std::mem::swap(&mut self.budget, &mut kept.budget);
    }
}
