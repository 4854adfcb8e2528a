//! Labels on a plane, and drawing them over a slice.

use super::nearest::nearest_voxels;
use super::{SlicePlane, in_rows, index_steps};
use crate::geom::Vector;
use crate::image::{BRICK, BrickLabels, LabelMap};
use pulp::Arch;
use std::ops::Range;

/// How labels are drawn over a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlayStyle {
    /// Share of the segment's colour inside, 0 to 1.
    pub fill: f32,
    /// Share of the segment's colour on the outline, 0 to 1.
    pub outline: f32,
}

impl Default for OverlayStyle {
    fn default() -> Self {
        Self { fill: 0.25, outline: 1.0 }
    }
}

/// The label at each pixel of `plane`, row by row; 0 where there is none.
pub fn label_slice(labels: &LabelMap, plane: &SlicePlane) -> Vec<u8> {
    let (first, across, down) = index_steps(labels.grid(), plane);
    let width = plane.size[0];
    label_rows(labels, plane.size, |y| Some((0..width, first + down * y as f64, across)))
}

/// The label at each of so many pixels, row by row; 0 where there is none. Of row `y`, `row_of` says which pixels have a
/// place, and the index of the first of them and the step to the next.
pub(in crate::image) fn label_rows(
    labels: &LabelMap,
    [width, height]: [usize; 2],
    row_of: impl Fn(usize) -> Option<(Range<usize>, Vector, Vector)> + Sync,
) -> Vec<u8> {
    let dims = labels.grid().dims();
    let mut slice = vec![0; width * height];
    let [bi, bj, _] = dims.map(|n| n.div_ceil(BRICK));
    let arch = Arch::new();
    in_rows(&mut slice, width, |y, row| {
        // Neighbours are mostly in the same brick.
        let mut brick = (usize::MAX, BrickLabels::One(0));
        let Some((places, first, across)) = row_of(y) else { return };
        let row = &mut row[places];
        nearest_voxels(first, across, dims, row.len(), arch, |x, [i, j, k]| {
            let index = ((k / BRICK) * bj + j / BRICK) * bi + i / BRICK;
            if brick.0 != index {
                brick = (index, labels.brick(index));
            }
            row[x] = match brick.1 {
                BrickLabels::One(label) => label,
                BrickLabels::Each(labels) => labels[((k % BRICK) * BRICK + j % BRICK) * BRICK + i % BRICK],
            };
        });
    });
    slice
}

/// The labels on a plane, with the outlines of what lies there: made once for a plane, drawn as often as colours change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelLayer {
    /// Pixels across.
    width: usize,
    /// One label per pixel, row by row; 0 where there is none.
    labels: Vec<u8>,
    /// Whether each pixel is on an outline.
    border: Vec<bool>,
}

impl LabelLayer {
    /// The labels on `plane`, with outlines of `outline` pixels inside each segment; 0: without.
    ///
    /// The outermost pixel of an outline is one with a side neighbour of another label; beyond the picture nothing differs.
    /// Each further one lies beside one of the same label that is on the outline already.
    pub fn of(labels: &LabelMap, plane: &SlicePlane, outline: usize) -> Self {
        Self::of_pixels(label_slice(labels, plane), plane.size, outline)
    }

    /// As [`LabelLayer::of`], of labels that were read already.
    pub(in crate::image) fn of_pixels(labels: Vec<u8>, [width, height]: [usize; 2], outline: usize) -> Self {
        let mut border = vec![false; labels.len()];
        let beside = |y: usize, x: usize| {
            let place = y * width + x;
            let [left, right] = [place - usize::from(0 < x), place + usize::from(x + 1 < width)];
            [left, right, place - if 0 < y { width } else { 0 }, place + if y + 1 < height { width } else { 0 }]
        };
        for step in 0..outline {
            let before = border.clone();
            in_rows(&mut border, width, |y, row| {
                for (x, on_border) in row.iter_mut().enumerate() {
                    let label = labels[y * width + x];
                    if label == 0 || *on_border {
                        continue;
                    }
                    *on_border = if step == 0 {
                        beside(y, x).into_iter().any(|other| labels[other] != label)
                    } else {
                        beside(y, x).into_iter().any(|other| before[other] && labels[other] == label)
                    };
                }
            });
        }
        Self { width, labels, border }
    }

    /// Draw the segments of `labels` for which `visible` holds over RGBA pixels of the same plane.
    ///
    /// # Panics
    /// If `pixels` has not 4 bytes per pixel of the plane.
    pub fn draw(
        &self,
        pixels: &mut [u8],
        labels: &LabelMap,
        style: OverlayStyle,
        visible: impl Fn(crate::base::SegmentId) -> bool,
    ) {
        let width = self.width;
        assert_eq!(pixels.len(), self.labels.len() * 4, "4 bytes per pixel");
        let mut colours = [None; 256];
        for segment in labels.segments().iter().filter(|segment| visible(segment.id)) {
            colours[usize::from(segment.id.0)] = Some(segment.colour);
        }
        in_rows(pixels, width * 4, |y, row| {
            let (labels, border) = (&self.labels[y * width..], &self.border[y * width..]);
            for ((pixel, label), on_border) in row.as_chunks_mut::<4>().0.iter_mut().zip(labels).zip(border) {
                let Some(colour) = colours[usize::from(*label)] else { continue };
                let share = if *on_border { style.outline } else { style.fill };
                for (value, colour) in pixel.iter_mut().zip(colour) {
                    *value = (f32::from(*value) + share * (f32::from(colour) - f32::from(*value)) + 0.5) as u8;
                }
            }
        });
    }
}

/// Draw the segments of `labels` for which `visible` holds over RGBA pixels of `plane`.
///
/// An outline pixel is one with a side neighbour of another label.
///
/// # Panics
/// If `pixels` has not 4 bytes per pixel of the plane.
pub fn draw_labels(
    pixels: &mut [u8],
    plane: &SlicePlane,
    labels: &LabelMap,
    style: OverlayStyle,
    visible: impl Fn(crate::base::SegmentId) -> bool,
) {
    assert_eq!(pixels.len(), plane.size[0] * plane.size[1] * 4, "4 bytes per pixel");
    if labels.segments().iter().any(|segment| visible(segment.id)) {
        LabelLayer::of(labels, plane, 1).draw(pixels, labels, style, visible);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Orientation, Point, Vector};
    use crate::image::Volume;

    fn grid() -> Grid {
        Grid::aligned([12, 10, 8], Point::new(-30.0, 5.0, 100.0), [0.75, 0.75, 2.5]).unwrap()
    }

    #[test]
    fn labels_are_those_of_the_nearest_voxel_on_any_plane() {
        let grid = &grid();
        let mask = (0..grid.len()).map(|o| u8::from(o * 31 % 7 < 3)).collect();
        let labels = LabelMap::from_mask(&Volume::new(grid.clone(), mask).unwrap(), "part", [1; 3], None);
        let tilted = Vector::new(1.0, 0.2, -0.1).normalize();
        let oblique = SlicePlane::centred(
            grid.bounds().centre() + Vector::new(0.11, 0.07, 0.13),
            tilted,
            tilted.cross(&Vector::z()).normalize(),
            0.6,
            [31, 29],
        );
        let standard = |orientation| SlicePlane::standard(orientation, Point::new(-26.3, 8.1, 107.9), 0.4, [31, 29]);
        let standard = Orientation::ALL.map(standard);
        for plane in standard.into_iter().chain([oblique]) {
            for (place, label) in label_slice(&labels, &plane).into_iter().enumerate() {
                let point = plane.patient_from_pixel([(place % 31) as f64, (place / 31) as f64]);
                assert_eq!(label, grid.voxel_at(point).map_or(0, |voxel| labels.at(voxel)));
            }
        }
    }

    #[test]
    fn labels_are_filled_and_outlined_in_their_colour() {
        let grid = &grid();
        let inside = |o: usize| grid.voxel(o)[..2].iter().all(|x| (2..7).contains(x));
        let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(inside(o))).collect()).unwrap();
        let labels = LabelMap::from_mask(&mask, "block", [200, 100, 0], None);
        let plane = SlicePlane::covering(grid, Orientation::Axial, 105.0);
        let mut pixels = vec![0_u8; 12 * 10 * 4];
        draw_labels(&mut pixels, &plane, &labels, OverlayStyle { fill: 0.5, outline: 1.0 }, |_| true);
        let at = |x: usize, y: usize| &pixels[(y * 12 + x) * 4..(y * 12 + x) * 4 + 3];
        assert_eq!((at(2, 4), at(4, 4), at(7, 4)), (&[200, 100, 0][..], &[100, 50, 0][..], &[0, 0, 0][..]));
    }

    /// The direct definition: the fewest steps to a side, through pixels of the same label, from one beside another label.
    #[test]
    fn an_outline_is_as_wide_as_asked_for() {
        let grid = &Grid::aligned([23, 19, 1], Point::origin(), [1.0; 3]).unwrap();
        let label = |o: usize| u8::from((o % 23 + o / 23 * 2) % 17 < 9) + u8::from(o % 23 > 12 && o / 23 > 5);
        let volume = Volume::new(grid.clone(), (0..grid.len()).map(label).collect()).unwrap();
        let labels = LabelMap::numbered(&volume);
        let plane = SlicePlane::covering(grid, Orientation::Axial, 0.0);
        let slice = label_slice(&labels, &plane);
        let [width, height] = plane.size;
        let beside = |n: usize| {
            let [x, y] = [(n % width) as i64, (n / width) as i64];
            let all = [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]];
            let inside = move |p: &[i64; 2]| (0..width as i64).contains(&p[0]) && (0..height as i64).contains(&p[1]);
            all.into_iter().filter(inside).map(move |[x, y]| y as usize * width + x as usize).collect::<Vec<_>>()
        };
        for outline in 0..4 {
            let layer = LabelLayer::of(&labels, &plane, outline);
            let mut steps = vec![usize::MAX; slice.len()];
            for (n, steps) in steps.iter_mut().enumerate() {
                if slice[n] != 0 && beside(n).iter().any(|m| slice[*m] != slice[n]) {
                    *steps = 1;
                }
            }
            for _ in 0..slice.len() {
                for n in (0..slice.len()).filter(|n| slice[*n] != 0) {
                    let same = beside(n).into_iter().filter(|m| slice[*m] == slice[n]);
                    steps[n] = steps[n].min(same.map(|m| steps[m].saturating_add(1)).min().unwrap_or(usize::MAX));
                }
            }
            let expected: Vec<bool> = steps.iter().map(|steps| *steps <= outline).collect();
            assert_eq!(layer.border, expected, "{outline} pixels");
        }
    }
}
