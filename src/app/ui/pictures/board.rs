//! Views drawn anew for a picture: each at its place, without the window and, but for the 3D view, without a graphics card.

use super::{Motif, PictureOrder};
use crate::app::ui::curved::CurvedStill;
use crate::app::ui::paper::Sheet;
use crate::app::ui::slice::{SliceStill, shadowed};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::session::Node;
use egui::{Align2, Color32, FontId, Rect, Vec2};
use std::sync::Arc;

/// One view of a picture.
#[derive(Debug)]
pub(super) struct Tile {
    /// Where it is, in points.
    pub(super) rect: Rect,
    /// What it shows.
    pub(super) what: What,
}

/// What a tile shows.
#[derive(Debug)]
pub(super) enum What {
    /// A slice.
    Slice(Box<SliceStill>),
    /// The scan along a vessel.
    Curved(Box<CurvedStill>),
    /// The 3D view, which a graphics card draws.
    Scene,
}

/// The views of a picture or film.
#[derive(Debug)]
pub struct Board {
    size: Vec2,
    tiles: Vec<Tile>,
    texts: bool,
    motif: Motif,
    times: Vec<(NodeId, Arc<Node>)>,
}

/// Between two views.
const GAP: [u8; 4] = [24, 26, 30, 255];
/// Room of the line at the top right that one column of a colour bar takes, points.
const BAR: f32 = 78.0;

impl Board {
    pub(super) fn new(size: Vec2, tiles: Vec<Tile>, order: &PictureOrder, times: Vec<(NodeId, Arc<Node>)>) -> Self {
        Self { size, tiles, texts: order.texts, motif: order.motif, times }
    }

    /// Its size in points.
    pub fn size(&self) -> Vec2 {
        self.size
    }

    /// The size in points of the 3D view, if it is among the views.
    pub fn scene_size(&self) -> Option<Vec2> {
        self.tiles.iter().find(|tile| matches!(tile.what, What::Scene)).map(|tile| tile.rect.size())
    }

    /// The pixels of the 3D view in a picture `width` pixels wide.
    pub fn scene_pixels(&self, width: usize) -> Option<[usize; 2]> {
        let scene = self.tiles.iter().find(|tile| matches!(tile.what, What::Scene))?;
        Some(self.place(scene.rect, width).map(|[low, high]| (high - low).max(1)))
    }

    /// The columns and rows of a tile in a picture `width` pixels wide.
    fn place(&self, rect: Rect, width: usize) -> [[usize; 2]; 2] {
        let scale = width as f32 / self.size.x.max(1.0);
        let ends = |low: f32, high: f32| [low, high].map(|points| (points * scale).round().max(0.0) as usize);
        [ends(rect.left(), rect.right()), ends(rect.top(), rect.bottom())]
    }

    /// Turn to picture `n` of `frames` of a film.
    pub fn turn_to(&mut self, n: usize, frames: usize) {
        let part = n as f64 / frames.saturating_sub(1).max(1) as f64;
        for tile in &mut self.tiles {
            let What::Slice(still) = &mut tile.what else { continue };
            if self.motif == Motif::Scroll {
                still.turn_to((part * still.count().saturating_sub(1) as f64).round() as usize);
            }
            // Each point in time lasts as long as the others.
            let place = n * self.times.len() / frames.max(1);
            if let Some((id, node)) = self.times.get(place) {
                still.show_scan(*id, node);
            }
        }
    }

    /// The picture at `size` pixels, RGBA and not premultiplied; `scene` are the pixels of the 3D view in the same form.
    ///
    /// # Panics
    /// If `scene` has not 4 bytes for each of [`Board::scene_pixels`].
    pub fn drawn(&mut self, size: [usize; 2], scene: Option<&[u8]>) -> Vec<u8> {
        let mut pixels = GAP.repeat(size[0] * size[1]);
        for tile in &self.tiles {
            let [columns, rows] = self.place(tile.rect, size[0]);
            let own = [columns, rows].map(|[low, high]| (high - low).max(1));
            let drawn = match &tile.what {
                What::Slice(still) => still.pixels(tile.rect.size(), own),
                What::Curved(still) => still.pixels(tile.rect.size(), own),
                What::Scene => match scene {
                    Some(scene) => {
                        assert_eq!(scene.len(), own[0] * own[1] * 4, "4 bytes per pixel of the 3D view");
                        scene.to_vec()
                    }
                    None => continue,
                },
            };
            for (y, line) in drawn.chunks_exact(own[0] * 4).enumerate() {
                let (row, end) = (rows[0] + y, (columns[0] + own[0]).min(size[0]));
                if row < size[1] && columns[0] < end {
                    let at = (row * size[0] + columns[0]) * 4;
                    let line = &line[..(end - columns[0]) * 4];
                    pixels[at..at + line.len()].copy_from_slice(line);
                }
            }
        }
        if self.texts {
            self.write(size, &mut pixels);
        }
        pixels
    }

    /// Lay texts over the pixels of slices, which are opaque.
    fn write(&mut self, size: [usize; 2], pixels: &mut [u8]) {
        let scale = size[0] as f32 / self.size.x.max(1.0);
        let has_scene = self.scene_size().is_some();
        let sheet = Sheet::lay_out(size, scale, |ui| {
            for (n, tile) in self.tiles.iter_mut().enumerate() {
                let rect = tile.rect;
                let bars = match &mut tile.what {
                    What::Slice(still) => {
                        still.texts_ui(ui, rect);
                        still.bars()
                    }
                    What::Curved(still) => {
                        still.texts_ui(ui, rect);
                        0
                    }
                    // It has its own.
                    What::Scene => continue,
                };
                if n == 0 && !has_scene {
                    // Below the letter at the upper edge.
                    let at = rect.right_top() + Vec2::new(-8.0 - BAR * bars as f32, 28.0);
                    let (font, colour) = (FontId::proportional(9.5), Color32::from_gray(190));
                    shadowed(&ui.painter_at(rect), at, Align2::RIGHT_TOP, tr("picture-purpose"), font, colour);
                }
            }
        });
        sheet.paint_over(pixels);
    }
}
