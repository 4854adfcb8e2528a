//! Pixels from values: a display window, a table of colours, and one image over another.

use super::{SliceImage, in_rows};
use crate::image::Window;
use pulp::{Arch, Simd, WithSimd};

/// Brightness 0 to 255 of values through a display window.
#[derive(Debug, Clone, Copy)]
struct Scale {
    low: f32,
    per_unit: f32,
}

impl Scale {
    fn of(window: Window) -> Self {
        Self { low: (window.level - 0.5 * window.width) as f32, per_unit: (255.0 / window.width) as f32 }
    }

    #[inline(always)]
    fn brightness(self, value: f32) -> u8 {
        // `as` saturates, and turns NaN into 0.
        ((value - self.low) * self.per_unit + 0.5) as u8
    }
}

/// Colouring a row of values.
struct Paint<'a, C> {
    values: &'a [f32],
    colour: &'a C,
    out: &'a mut [u8],
}

impl<C: Fn(f32) -> [u8; 4]> WithSimd for Paint<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let pixels = self.out.as_chunks_mut().0;
        pixels.iter_mut().zip(self.values).for_each(|(pixel, value)| *pixel = (self.colour)(*value));
    }
}

impl SliceImage {
    /// Opaque grey pixels, 4 bytes each (red, green, blue, alpha), through a display window; black outside the scan.
    pub fn rgba(&self, window: Window) -> Vec<u8> {
        grey(&self.values, self.plane.size[0], window)
    }

    /// Opaque pixels as [`SliceImage::rgba`] makes them, brightness looked up in a table of colours; black outside the
    /// scan, whatever the table begins with.
    pub fn rgba_through(&self, window: Window, colours: &[[u8; 3]; 256]) -> Vec<u8> {
        through_table(&self.values, self.plane.size[0], window, colours)
    }
}

/// As [`SliceImage::rgba_through`], of rows of values.
pub(in crate::image) fn through_table(
    values: &[f32],
    width: usize,
    window: Window,
    colours: &[[u8; 3]; 256],
) -> Vec<u8> {
    let scale = Scale::of(window);
    painted(values, width, |value| {
        let [red, green, blue] = colours[usize::from(scale.brightness(value))];
        if value.is_nan() { [0, 0, 0, 255] } else { [red, green, blue, 255] }
    })
}

/// Opaque grey pixels of rows of values through a display window; black where there is no number.
pub(in crate::image) fn grey(values: &[f32], width: usize, window: Window) -> Vec<u8> {
    let scale = Scale::of(window);
    painted(values, width, |value| {
        let grey = scale.brightness(value);
        [grey, grey, grey, 255]
    })
}

fn painted(values: &[f32], width: usize, colour: impl Fn(f32) -> [u8; 4] + Sync) -> Vec<u8> {
    let mut pixels = vec![0_u8; values.len() * 4];
    let arch = Arch::new();
    in_rows(&mut pixels, width * 4, |y, row| {
        arch.dispatch(Paint { values: &values[y * width..], colour: &colour, out: row });
    });
    pixels
}

/// Lay another image of the same plane over RGBA pixels: `share`, 0 to 1, of its colour where it has values, nothing where
/// it has none.
///
/// # Panics
/// If `pixels` has not 4 bytes per pixel of the image.
pub fn blend_over(pixels: &mut [u8], image: &SliceImage, window: Window, colours: &[[u8; 3]; 256], share: f32) {
    blend_values(pixels, (&image.values, image.plane.size[0]), window, colours, share);
}

/// As [`blend_over`], of rows of values.
pub(in crate::image) fn blend_values(
    pixels: &mut [u8],
    (values, width): (&[f32], usize),
    window: Window,
    colours: &[[u8; 3]; 256],
    share: f32,
) {
    assert_eq!(pixels.len(), values.len() * 4, "4 bytes per pixel");
    let scale = Scale::of(window);
    let share = share.clamp(0.0, 1.0);
    in_rows(pixels, width * 4, |y, row| {
        for (pixel, value) in row.as_chunks_mut::<4>().0.iter_mut().zip(&values[y * width..]) {
            if value.is_nan() {
                continue;
            }
            for (channel, colour) in pixel.iter_mut().zip(colours[usize::from(scale.brightness(*value))]) {
                let below = f32::from(*channel);
                *channel = (below + share * (f32::from(colour) - below) + 0.5) as u8;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Orientation, Point};
    use crate::image::SlicePlane;

    fn image(values: &[f32]) -> SliceImage {
        let plane = SlicePlane::standard(Orientation::Axial, Point::origin(), 1.0, [values.len(), 1]);
        SliceImage { plane, values: values.to_vec() }
    }

    #[test]
    fn the_window_maps_its_ends_to_black_and_white() {
        let image = image(&[-160.0, 40.0, 240.0, 9999.0, f32::NAN]);
        let grey = |width| image.rgba(Window { width, level: 40.0 }).chunks(4).map(|p| p[0]).collect::<Vec<_>>();
        assert_eq!(grey(400.0), [0, 128, 255, 255, 0]);
        assert_eq!(grey(-400.0), [255, 128, 0, 0, 0]);
    }

    #[test]
    fn colours_come_from_the_table_and_nothing_lies_outside_the_scan() {
        let image = image(&[0.0, 51.0, 255.0, f32::NAN]);
        let window = Window { width: 255.0, level: 127.5 };
        let colours: [[u8; 3]; 256] = std::array::from_fn(|n| [n as u8, 255 - n as u8, 7]);
        let through = image.rgba_through(window, &colours);
        assert_eq!(through, [0, 255, 7, 255, 51, 204, 7, 255, 255, 0, 7, 255, 0, 0, 0, 255]);
        let mut pixels = [100, 100, 100, 255].repeat(4);
        blend_over(&mut pixels, &image, window, &colours, 0.5);
        assert_eq!(pixels, [50, 178, 54, 255, 76, 152, 54, 255, 178, 50, 54, 255, 100, 100, 100, 255]);
        let mut pixels = through.clone();
        blend_over(&mut pixels, &image, window, &[[1; 3]; 256], 0.0);
        assert_eq!(pixels, through);
    }
}
