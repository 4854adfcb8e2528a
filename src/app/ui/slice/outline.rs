//! Segments over a picture: their layers are kept as long as only colours change.

use super::look::SegmentLook;
use super::picture::Overlay;
use crate::base::ContentHash;
use crate::image::slice::{LabelLayer, OverlayStyle};
use crate::image::{LabelMap, SlicePlane};

/// Share of a segment's colour on its outline.
const OUTLINE: f32 = 0.9;

/// What a layer of labels depends on: colours, window and opacity do not count.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LayerKey {
    labels: ContentHash,
    revision: u64,
    plane: SlicePlane,
    outline: usize,
}

/// The layers of the last picture: dragging the window or an opacity draws them again and makes none.
#[derive(Debug, Default)]
pub struct Layers {
    kept: Vec<(LayerKey, LabelLayer)>,
    /// How many were made.
    #[cfg(test)]
    made: usize,
}

/// Width of the outline in pixels; 0 where there is none.
pub fn outline_of(look: SegmentLook) -> usize {
    if look.outline { look.width.max(1) } else { 0 }
}

fn any_shown(labels: &LabelMap) -> bool {
    labels.segments().iter().any(|segment| !segment.hidden)
}

impl Layers {
    /// Draw the segments of `overlays` that are shown over pixels of `plane`, the lowest group first. What was made for
    /// other overlays is forgotten.
    pub fn draw(&mut self, pixels: &mut [u8], plane: &SlicePlane, overlays: &[Overlay<'_>], look: SegmentLook) {
        let mut before = std::mem::take(&mut self.kept);
        for Overlay { labels, hash, revision, opacity } in overlays.iter().filter(|overlay| any_shown(overlay.labels)) {
            let key = LayerKey { labels: *hash, revision: *revision, plane: *plane, outline: outline_of(look) };
            let layer = match before.iter().position(|(of, _)| *of == key) {
                Some(place) => before.swap_remove(place).1,
                None => {
                    #[cfg(test)]
                    {
                        self.made += 1;
                    }
                    LabelLayer::of(labels, plane, key.outline)
                }
            };
            draw_layer(pixels, &layer, labels, look, *opacity);
            self.kept.push((key, layer));
        }
    }

    /// How many layers were made so far.
    #[cfg(test)]
    pub fn made(&self) -> usize {
        self.made
    }
}

/// Draw a layer of `labels` as `look` says, in a group of so much opacity.
pub fn draw_layer(pixels: &mut [u8], layer: &LabelLayer, labels: &LabelMap, look: SegmentLook, opacity: f32) {
    let fill = look.fill * opacity;
    let shown = |id| labels.segment(id).is_some_and(|segment| !segment.hidden);
    layer.draw(pixels, labels, OverlayStyle { fill, outline: OUTLINE }, shown);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Orientation, Point};
    use crate::image::Volume;

    fn drawn(look: SegmentLook, opacity: f32) -> Vec<u8> {
        let grid = Grid::aligned([9, 9, 1], Point::origin(), [1.0; 3]).unwrap();
        let inside = |n: usize| (1..8).contains(&(n % 9)) && (1..8).contains(&(n / 9));
        let mask = Volume::new(grid.clone(), (0..81).map(|n| u8::from(inside(n))).collect()).unwrap();
        let labels = LabelMap::from_mask(&mask, "part", [200, 0, 0], None);
        let plane = SlicePlane::covering(&grid, Orientation::Axial, 0.0);
        let mut pixels = vec![0; 81 * 4];
        let overlay = Overlay { labels: &labels, hash: labels.content_hash(), revision: 0, opacity };
        Layers::default().draw(&mut pixels, &plane, &[overlay], look);
        pixels.chunks(4).skip(4 * 9).take(9).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn outlines_are_as_wide_as_asked_for_and_may_be_missing() {
        let look = SegmentLook { fill: 0.5, ..SegmentLook::default() };
        assert_eq!(drawn(look, 1.0), [0, 180, 100, 100, 100, 100, 100, 180, 0]);
        assert_eq!(drawn(SegmentLook { width: 3, ..look }, 1.0), [0, 180, 180, 180, 100, 180, 180, 180, 0]);
        assert_eq!(drawn(SegmentLook { width: 2, ..look }, 0.5), [0, 180, 180, 50, 50, 50, 180, 180, 0]);
        assert_eq!(drawn(SegmentLook { outline: false, ..look }, 1.0), [0, 100, 100, 100, 100, 100, 100, 100, 0]);
        assert_eq!(drawn(SegmentLook { fill: 0.0, ..look }, 1.0), [0, 180, 0, 0, 0, 0, 0, 180, 0]);
    }
}
