//! The pixels a view shows of a grid.

use super::Frame;
use super::geometry::finest_mm;
use crate::geom::{Grid, Point, Vector};
use crate::image::SlicePlane;
use crate::image::slice::Slab;

/// Most pixels along a side of a turned picture.
const PIXELS_MAX: f64 = 1024.0;

/// The pixels of a view: all of the plane at `depth_mm` that lies in the grid. `None` if nothing of it does.
///
/// Pixels are as wide as the finest spacing; in turned views wider, if there would be more than [`PIXELS_MAX`].
pub fn plane_of(grid: &Grid, frame: &Frame, depth_mm: f64) -> Option<SlicePlane> {
    if frame.is_straight() {
        return Some(flipped(SlicePlane::covering(grid, frame.orientation, depth_mm), frame.flips()));
    }
    let [right, down, away] = frame.right_down_away();
    // The plane cuts the box of all voxel cells in a polygon whose corners lie on the box's edges.
    let ends = grid.dims().map(|n| [-0.5, n as f64 - 0.5]);
    let corner = |c: usize| {
        grid.patient_from_index(Vector::new(ends[0][c & 1], ends[1][c >> 1 & 1], ends[2][c >> 2 & 1])).coords
    };
    let mut range = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for c in 0..8 {
        for axis in (0..3).filter(|axis| c >> axis & 1 == 0) {
            let (a, b) = (corner(c), corner(c | 1 << axis));
            let (before, behind) = (a.dot(&away) - depth_mm, b.dot(&away) - depth_mm);
            if before * behind > 0.0 {
                continue;
            }
            let part = if before == behind { 0.0 } else { before / (before - behind) };
            let cut = a + (b - a) * part;
            for (range, along) in range.iter_mut().zip([cut.dot(&right), cut.dot(&down)]) {
                *range = [range[0].min(along), range[1].max(along)];
            }
        }
    }
    let sizes = range.map(|[low, high]| high - low);
    if !(0.0 <= sizes[0] && 0.0 <= sizes[1]) {
        return None;
    }
    let pixel_mm = finest_mm(grid).max(sizes[0].max(sizes[1]) / PIXELS_MAX);
    let size = sizes.map(|size| ((size / pixel_mm - 1e-4).ceil() as usize).clamp(1, PIXELS_MAX as usize));
    let middle = range.map(|[low, high]| 0.5 * (low + high));
    let centre = Point::from(right * middle[0] + down * middle[1] + away * depth_mm);
    Some(SlicePlane::centred(centre, right, down, pixel_mm, size))
}

/// The same pixels in the order a flipped view shows them.
fn flipped(mut plane: SlicePlane, [sides, ends]: [bool; 2]) -> SlicePlane {
    let [width, height] = plane.size.map(|n| n as f64 - 1.0);
    if sides {
        (plane.origin, plane.right) = (plane.origin + plane.right * width, -plane.right);
    }
    if ends {
        (plane.origin, plane.down) = (plane.origin + plane.down * height, -plane.down);
    }
    plane
}

/// Most samples of a picture that is made while the mouse holds something.
const SAMPLES_MAX: f64 = 4e6;

/// Most pixels of such a picture: those of a turned plane are costly.
const PICTURE_MAX: f64 = 640e3;

/// Most fine pixels along a side of a wide one.
const WIDER_MAX: f64 = 12.0;

/// Samples that the picture of a plane takes with the slab around it, and its pixels.
pub fn cost(plane: &SlicePlane, slab: Option<Slab>, grid: &Grid) -> [f64; 2] {
    let layers = slab.map_or(1.0, |slab| slab.thickness_mm / finest_mm(grid) + 1.0);
    let pixels = plane.size.iter().map(|n| *n as f64).product::<f64>();
    [pixels * layers, pixels]
}

/// How many times more than `share` of what a frame has time for a picture is that costs so many samples and pixels.
fn excess([samples, pixels]: [f64; 2], share: f64) -> f64 {
    (samples / SAMPLES_MAX).max(pixels / PICTURE_MAX) / share
}

/// Whether a picture takes longer than `share` of a frame may: it is made beside the window then.
pub fn is_slow(cost: [f64; 2], share: f64) -> bool {
    1.0 < excess(cost, share)
}

/// The same plane with wider pixels, if its picture, that costs so much, takes longer than `share` of a frame.
pub fn coarser(plane: SlicePlane, cost: [f64; 2], share: f64) -> SlicePlane {
    wider(plane, excess(cost, share))
}

/// The same plane with wider pixels, if the slab around it needs more than `samples_max` samples.
pub fn coarser_to(samples_max: f64, plane: SlicePlane, slab: Option<Slab>, grid: &Grid) -> SlicePlane {
    wider(plane, cost(&plane, slab, grid)[0] / samples_max)
}

fn wider(plane: SlicePlane, excess: f64) -> SlicePlane {
    let factor = excess.sqrt().ceil().clamp(1.0, WIDER_MAX);
    let size = plane.size.map(|n| n.div_ceil(factor as usize));
    SlicePlane { right: plane.right * factor, down: plane.down * factor, size, ..plane }
}

#[cfg(test)]
mod tests {
    use super::super::frame::Turn;
    use super::*;
    use crate::geom::Orientation;
    use crate::image::slice::Projection;

    #[test]
    fn a_flipped_picture_has_the_same_pixels_in_another_order() {
        let grid = Grid::aligned([9, 7, 5], Point::new(-3.0, 2.0, 8.0), [1.0, 1.5, 4.0]).unwrap();
        for orientation in Orientation::ALL {
            let frame = super::Frame::from(orientation);
            let depth = grid.bounds().centre().coords.dot(&frame.away());
            let plain = plane_of(&grid, &frame, depth).unwrap();
            let [w, h] = plain.size.map(|n| n as f64 - 1.0);
            for flips in [[true, false], [false, true], [true, true]] {
                let plane = plane_of(&grid, &frame.flipped(flips), depth).unwrap();
                assert_eq!(plane.size, plain.size);
                for [x, y] in [[0.0, 0.0], [2.0, 1.0], [w, h]] {
                    let mirrored = [if flips[0] { w - x } else { x }, if flips[1] { h - y } else { y }];
                    let apart = plane.patient_from_pixel([x, y]) - plain.patient_from_pixel(mirrored);
                    assert!(apart.norm() < 1e-9, "{orientation:?} {flips:?}");
                }
            }
        }
    }

    #[test]
    fn the_pixels_of_a_turned_picture_are_bounded() {
        let grid = Grid::aligned([900, 900, 1500], Point::origin(), [0.3; 3]).unwrap();
        let turn = Turn::default().turned_in(Orientation::Axial, 0.8).turned_in(Orientation::Sagittal, 0.8);
        for frame in turn.frames() {
            let plane = plane_of(&grid, &frame, grid.bounds().centre().coords.dot(&frame.away())).unwrap();
            assert!(plane.size.iter().all(|n| *n <= 1024), "{:?}", plane.size);
            let slab = Slab { projection: Projection::Maximum, thickness_mm: 50.0 };
            let cost = cost(&plane, Some(slab), &grid);
            let coarse = coarser(plane, cost, 1.0);
            let samples = |plane: &SlicePlane| plane.size[0] as f64 * plane.size[1] as f64 * 50.0 / 0.3;
            let all = samples(&coarse);
            assert!(all < 1.1 * SAMPLES_MAX || coarse.right.norm() >= 5.9 * plane.right.norm(), "{all}");
            // Three views of one frame take no more than one may.
            let third = coarser(plane, cost, 1.0 / 3.0);
            assert!(3.0 * samples(&third) < 1.1 * SAMPLES_MAX, "{}", samples(&third));
        }
    }
}
