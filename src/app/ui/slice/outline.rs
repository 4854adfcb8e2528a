//! Segments over a picture, with outlines of more than one pixel or none.

use crate::base::SegmentId;
use crate::image::slice::{draw_labels, label_slice};
use crate::image::{LabelMap, OverlayStyle, SlicePlane};

use super::look::SegmentLook;

/// Share of a segment's colour on its outline.
const OUTLINE: f32 = 0.9;

/// Draw the segments of `labels` for which `visible` holds; `opacity` is that of their group.
pub fn draw_segments(
    pixels: &mut [u8],
    plane: &SlicePlane,
    labels: &LabelMap,
    look: SegmentLook,
    opacity: f32,
    visible: impl Fn(SegmentId) -> bool,
) {
    let fill = look.fill * opacity;
    let outline = if look.outline { OUTLINE } else { fill };
    if !look.outline || look.width <= 1 {
        draw_labels(pixels, plane, labels, OverlayStyle { fill, outline }, visible);
        return;
    }
    let mut colours = [None; 256];
    for segment in labels.segments().iter().filter(|segment| visible(segment.id)) {
        colours[usize::from(segment.id.0)] = Some(segment.colour);
    }
    let slice = label_slice(labels, plane);
    let border = border(&slice, plane.size, look.width);
    for ((pixel, label), on_border) in pixels.chunks_exact_mut(4).zip(&slice).zip(border) {
        let Some(colour) = colours[usize::from(*label)] else { continue };
        let share = if on_border { outline } else { fill };
        for (value, colour) in pixel[..3].iter_mut().zip(colour) {
            *value = (f32::from(*value) + share * (f32::from(colour) - f32::from(*value)) + 0.5) as u8;
        }
    }
}

/// The pixels with a label that are fewer than `width` steps to a side away from a pixel of another label.
fn border(slice: &[u8], [columns, rows]: [usize; 2], width: usize) -> Vec<bool> {
    let beside = |place: usize| {
        let (x, y) = (place % columns, place / columns);
        let left = (0 < x).then(|| place - 1);
        let right = (x + 1 < columns).then(|| place + 1);
        let up = (0 < y).then(|| place - columns);
        let down = (y + 1 < rows).then(|| place + columns);
        [left, right, up, down].into_iter().flatten()
    };
    let mut border: Vec<bool> = (0..slice.len())
        .map(|place| slice[place] != 0 && beside(place).any(|other| slice[other] != slice[place]))
        .collect();
    for _ in 1..width {
        let before = border.clone();
        for place in (0..slice.len()).filter(|place| slice[*place] != 0) {
            border[place] |= beside(place).any(|other| before[other] && slice[other] == slice[place]);
        }
    }
    border
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
        draw_segments(&mut pixels, &plane, &labels, look, opacity, |_| true);
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
