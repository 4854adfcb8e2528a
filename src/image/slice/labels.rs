//! Labels on a plane, and drawing them over a slice.

use super::nearest::nearest_voxels;
use super::{SlicePlane, in_rows, index_steps};
use crate::image::{BRICK, BrickLabels, LabelMap};
use pulp::Arch;

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
    let dims = labels.grid().dims();
    let [width, height] = plane.size;
    let (first, across, down) = index_steps(labels.grid(), plane);
    let mut slice = vec![0; width * height];
    let [bi, bj, _] = dims.map(|n| n.div_ceil(BRICK));
    let arch = Arch::new();
    in_rows(&mut slice, width, |y, row| {
        // Neighbours are mostly in the same brick.
        let mut brick = (usize::MAX, BrickLabels::One(0));
        nearest_voxels(first + down * y as f64, across, dims, row.len(), arch, |x, [i, j, k]| {
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
    let [width, height] = plane.size;
    assert_eq!(pixels.len(), width * height * 4, "4 bytes per pixel");
    let mut colours = [None; 256];
    for segment in labels.segments().iter().filter(|segment| visible(segment.id)) {
        colours[usize::from(segment.id.0)] = Some(segment.colour);
    }
    if colours.iter().all(Option::is_none) {
        return;
    }
    let slice = label_slice(labels, plane);
    in_rows(pixels, width * 4, |y, row| {
        let labels = &slice[y * width..(y + 1) * width];
        // Beyond the picture nothing differs.
        let above = if y == 0 { labels } else { &slice[(y - 1) * width..y * width] };
        let below = if y + 1 == height { labels } else { &slice[(y + 1) * width..(y + 2) * width] };
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let label = labels[x];
            let Some(colour) = colours[usize::from(label)] else { continue };
            let inner = labels[x.saturating_sub(1)] == label
                && labels[(x + 1).min(width - 1)] == label
                && above[x] == label
                && below[x] == label;
            let share = if inner { style.fill } else { style.outline };
            for (value, colour) in pixel.iter_mut().zip(colour) {
                *value = (f32::from(*value) + share * (f32::from(colour) - f32::from(*value)) + 0.5) as u8;
            }
        }
    });
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
}
