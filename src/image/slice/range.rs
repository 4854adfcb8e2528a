//! Values of a slice that lie in a range, coloured: what a threshold would take.

use super::{SliceImage, in_rows};

/// Mix half of `colour` into the RGBA pixels of `image` whose value lies between `low` and `high`, both included.
///
/// # Panics
/// If `pixels` has not 4 bytes per pixel of the image.
pub fn draw_range(pixels: &mut [u8], image: &SliceImage, [low, high]: [f64; 2], colour: [u8; 3]) {
    assert_eq!(pixels.len(), image.values.len() * 4, "4 bytes per pixel");
    // Compared as the voxels are: in single precision; NaN outside the scan is in no range.
    let (low, high) = (low as f32, high as f32);
    let width = image.plane.size[0];
    in_rows(pixels, width * 4, |y, row| {
        for (pixel, value) in row.as_chunks_mut::<4>().0.iter_mut().zip(&image.values[y * width..]) {
            if low <= *value && *value <= high {
                for (channel, colour) in pixel.iter_mut().zip(colour) {
                    *channel = u16::midpoint(u16::from(*channel), u16::from(colour)) as u8;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Orientation, Point};
    use crate::image::SlicePlane;

    #[test]
    fn both_ends_are_coloured_and_nothing_outside_the_scan() {
        let plane = SlicePlane::standard(Orientation::Axial, Point::origin(), 1.0, [4, 1]);
        let image = SliceImage { plane, values: vec![9.0, 10.0, 20.0, f32::NAN] };
        let mut pixels = [0_u8; 16];
        draw_range(&mut pixels, &image, [10.0, 20.0], [200, 100, 50]);
        assert_eq!(pixels, [0, 0, 0, 0, 100, 50, 25, 0, 100, 50, 25, 0, 0, 0, 0, 0]);
    }
}
