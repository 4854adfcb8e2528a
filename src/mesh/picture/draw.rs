//! Surfaces and a camera in, a picture out.

use super::band::{Band, Corner, Layer, over};
use super::camera::Camera;
use crate::base::{Cancelled, Progress};
use crate::geom::Vector;
use crate::image::colormap::Colormap;
use crate::mesh::Surface;
use rayon::prelude::*;

/// Samples along each edge of a pixel.
const SAMPLES: usize = 2;
/// Pixel rows in a band.
const BAND_ROWS: usize = 16;

/// How a surface is coloured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colouring<'a> {
    /// One sRGB colour.
    Plain([u8; 3]),
    /// By a number per vertex.
    Field {
        /// One value per vertex.
        values: &'a [f64],
        /// The values at both ends of the map.
        range: [f64; 2],
        /// The map.
        map: Colormap,
    },
}

/// A surface to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject<'a> {
    /// What.
    pub surface: &'a Surface,
    /// Its colour.
    pub colouring: Colouring<'a>,
    /// 0 (invisible) to 1 (opaque). Of a translucent surface the layer nearest to the viewer is drawn.
    pub opacity: f64,
}

/// Pixels of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue (sRGB) and opacity of each pixel, row by row from the top; not premultiplied.
    pub rgba: Vec<u8>,
}

/// Draw surfaces, smoothly shaded, with four samples a pixel, on `background` (RGBA; opacity 0 leaves it open).
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
///
/// # Panics
/// If a field has not one value per vertex.
pub fn draw(
    subjects: &[Subject<'_>],
    camera: &Camera,
    [width, height]: [usize; 2],
    background: [u8; 4],
    progress: &Progress,
) -> Result<Picture, Cancelled> {
    let samples = [width * SAMPLES, height * SAMPLES];
    let n_bands = height.div_ceil(BAND_ROWS);
    let mut prepared = Vec::new();
    for (n, subject) in subjects.iter().filter(|subject| 0.0 < subject.opacity).enumerate() {
        progress.step(n, 2 * subjects.len())?;
        prepared.push(Prepared::new(subject, camera, samples, n_bands));
    }
    progress.set(0.5)?;
    let background = background.map(f32::from);
    let background = [background[0], background[1], background[2], background[3] / 255.0];
    let jump = 0.012 * camera.height_mm as f32;
    let mut rgba = vec![0_u8; 4 * width * height];
    rgba.par_chunks_mut((4 * width * BAND_ROWS).max(1)).enumerate().try_for_each(|(n, rows)| {
        progress.check()?;
        // One more sample row above and below, for outlines.
        let first_row = (n * BAND_ROWS * SAMPLES) as i64 - 1;
        let band = Band { columns: samples[0], first_row, rows: BAND_ROWS * SAMPLES + 2 };
        let layers = layers_of_band(&prepared, band, n, jump);
        for (y, row) in rows.chunks_mut(4 * width).enumerate() {
            for (x, pixel) in row.chunks_mut(4).enumerate() {
                pixel.copy_from_slice(&pixel_of(&layers, band, [x, y], background));
            }
        }
        Ok(())
    })?;
    Ok(Picture { width, height, rgba })
}

/// A surface on the picture, with its triangles sorted into bands.
struct Prepared<'a> {
    triangles: &'a [[u32; 3]],
    corners: Vec<Corner>,
    bands: Vec<Vec<u32>>,
    opacity: f32,
}

impl<'a> Prepared<'a> {
    fn new(subject: &Subject<'a>, camera: &Camera, [columns, rows]: [usize; 2], n_bands: usize) -> Self {
        let surface = subject.surface;
        let [right, up, toward] = camera.right_up_toward();
        let (half_width, half_height) = (0.5 * columns as f64, 0.5 * rows as f64);
        let rgb = |vertex: usize| match subject.colouring {
            Colouring::Plain(rgb) => rgb.map(f32::from),
            Colouring::Field { values, range, map } => map.colour_of(values[vertex], range).map(f32::from),
        };
        let corner = |(vertex, normal): (usize, &Vector)| {
            let Some(([x, y, depth], scale)) = camera.project(&surface.positions()[vertex]) else {
                return Corner { depth: f32::NAN, ..Corner::default() };
            };
            Corner {
                at: [(half_width + x * rows as f64) as f32, (half_height - y * rows as f64) as f32],
                depth: depth as f32,
                scale: scale as f32,
                normal: [normal.dot(&right) as f32, normal.dot(&up) as f32, normal.dot(&toward) as f32],
                rgb: rgb(vertex),
            }
        };
        let corners: Vec<Corner> = surface.vertex_normals().par_iter().enumerate().map(corner).collect();
        let mut bands = vec![Vec::new(); n_bands];
        let per_band = (BAND_ROWS * SAMPLES) as f32;
        for (n, triangle) in surface.triangles().iter().enumerate() {
            let ys = triangle.map(|v| corners[v as usize].at[1]);
            let (top, bottom) = (ys[0].min(ys[1]).min(ys[2]) - 1.0, ys[0].max(ys[1]).max(ys[2]) + 1.0);
            if bottom < 0.0 || rows as f32 <= top {
                continue;
            }
            let last = ((bottom / per_band) as usize).min(n_bands - 1);
            (((top / per_band).max(0.0) as usize)..=last).for_each(|band| bands[band].push(n as u32));
        }
        Self { triangles: surface.triangles(), corners, bands, opacity: subject.opacity.min(1.0) as f32 }
    }

    fn draw(&self, layer: &mut Layer, band: Band, n: usize) {
        for triangle in &self.bands[n] {
            let corners = self.triangles[*triangle as usize].map(|v| &self.corners[v as usize]);
            band.draw(layer, corners, self.opacity);
        }
    }
}

/// All opaque surfaces in one layer, then one layer for each translucent surface that has something here.
fn layers_of_band(prepared: &[Prepared<'_>], band: Band, n: usize, jump: f32) -> Vec<Layer> {
    let mut layers = vec![band.layer()];
    for surface in prepared.iter().filter(|surface| 1.0 <= surface.opacity) {
        surface.draw(&mut layers[0], band, n);
    }
    band.outline(&mut layers[0], jump);
    for surface in prepared.iter().filter(|surface| surface.opacity < 1.0 && !surface.bands[n].is_empty()) {
        let mut layer = band.layer();
        surface.draw(&mut layer, band, n);
        layers.push(layer);
    }
    layers
}

fn pixel_of(layers: &[Layer], band: Band, [x, y]: [usize; 2], background: [f32; 4]) -> [u8; 4] {
    let mut sum = [0.0; 4];
    let mut seen = Vec::with_capacity(layers.len());
    for sub in 0..SAMPLES * SAMPLES {
        let row = y * SAMPLES + sub / SAMPLES + 1;
        let sample = row * band.columns + x * SAMPLES + sub % SAMPLES;
        let wall = layers[0].depth[sample];
        seen.clear();
        let drawn = layers.iter().map(|layer| (layer.depth[sample], layer.colour[sample]));
        seen.extend(drawn.filter(|(depth, _)| depth.is_finite() && *depth <= wall));
        let [r, g, b, alpha] = over(&mut seen, background);
        sum = [sum[0] + r * alpha, sum[1] + g * alpha, sum[2] + b * alpha, sum[3] + alpha];
    }
    if sum[3] == 0.0 {
        return [0; 4];
    }
    let [r, g, b] = [0, 1, 2].map(|n| (sum[n] / sum[3]).round().clamp(0.0, 255.0) as u8);
    [r, g, b, (255.0 * sum[3] / (SAMPLES * SAMPLES) as f32).round() as u8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel::with_threads;
    use crate::geom::{Aabb, Grid, Point};
    use crate::image::Volume;
    use crate::mesh::contour::iso_surface;
    use crate::mesh::picture::View;

    fn ball(centre: Point, radius: f64) -> Surface {
        let spacing = radius / 10.0;
        let corner = centre - Vector::new(1.0, 1.0, 1.0) * (radius + spacing);
        let grid = Grid::aligned([23; 3], corner, [spacing; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| (radius - (grid.centre(grid.voxel(o)) - centre).norm()) as f32).collect();
        iso_surface(&Volume::<f32>::new(grid, voxels).unwrap(), 0.0, &Progress::default()).unwrap()
    }

    fn plain(surface: &Surface, rgb: [u8; 3], opacity: f64) -> Subject<'_> {
        Subject { surface, colouring: Colouring::Plain(rgb), opacity }
    }

    fn frame() -> Camera {
        let bounds = Aabb { min: Point::new(-20.0, -20.0, -20.0), max: Point::new(20.0, 20.0, 20.0) };
        Camera::standard(View::Anterior, &bounds, 1.0)
    }

    fn pixel(picture: &Picture, x: usize, y: usize) -> [u8; 4] {
        let start = 4 * (y * picture.width + x);
        [0, 1, 2, 3].map(|n| picture.rgba[start + n])
    }

    #[test]
    fn a_ball_covers_its_disc_without_holes() {
        let ball = ball(Point::origin(), 15.0);
        for camera in [frame(), frame().in_perspective(20.0)] {
            let picture =
                draw(&[plain(&ball, [200, 60, 50], 1.0)], &camera, [101, 101], [0; 4], &Progress::default()).unwrap();
            let covered = picture.rgba.chunks(4).map(|pixel| f64::from(pixel[3]) / 255.0).sum::<f64>();
            let disc = std::f64::consts::PI * (15.0 / camera.height_mm * 101.0_f64).powi(2);
            assert!((covered / disc - 1.0).abs() < 0.02, "{covered} pixels against {disc}");
            let [r, g, _, alpha] = pixel(&picture, 50, 50);
            assert!(alpha == 255 && 2 * u32::from(g) < u32::from(r));
            assert_eq!(pixel(&picture, 1, 1), [0; 4]);
        }
    }

    #[test]
    fn left_of_the_patient_is_on_the_right_seen_from_the_front_and_near_hides_far() {
        let (left, behind) = (ball(Point::new(10.0, 0.0, 10.0), 4.0), ball(Point::new(10.0, 12.0, 10.0), 4.0));
        let subjects = [plain(&behind, [0, 0, 255], 1.0), plain(&left, [0, 255, 0], 1.0)];
        let picture = draw(&subjects, &frame(), [80, 80], [0, 0, 0, 255], &Progress::default()).unwrap();
        let [_, g, b, _] = pixel(&picture, 59, 20);
        assert!(150 < g && b < 60, "green {g}, blue {b}");
        assert_eq!(pixel(&picture, 20, 20), [0, 0, 0, 255]);
    }

    #[test]
    fn glass_lets_through_what_is_behind_it() {
        let (shell, core) = (ball(Point::origin(), 15.0), ball(Point::origin(), 5.0));
        let subjects = [plain(&shell, [255, 255, 255], 0.3), plain(&core, [255, 0, 0], 1.0)];
        let picture = draw(&subjects, &frame(), [60, 60], [0, 0, 0, 255], &Progress::default()).unwrap();
        let ([r, g, ..], [glass, ..]) = (pixel(&picture, 30, 30), pixel(&picture, 30, 15));
        assert!(120 < r && g < r - 60, "core {r} {g}");
        assert!(40 < glass && glass < 140, "glass {glass}");
    }

    #[test]
    fn fields_are_coloured_by_their_map() {
        let ball = ball(Point::origin(), 15.0);
        let heights: Vec<f64> = ball.positions().iter().map(|p| p.z).collect();
        let colouring = Colouring::Field { values: &heights, range: [-15.0, 15.0], map: Colormap::Diverging };
        let subject = Subject { surface: &ball, colouring, opacity: 1.0 };
        let picture = draw(&[subject], &frame(), [60, 60], [0; 4], &Progress::default()).unwrap();
        let (top, bottom) = (pixel(&picture, 30, 14), pixel(&picture, 30, 46));
        assert!(top[2] < top[0] && bottom[0] < bottom[2], "{top:?} {bottom:?}");
    }

    #[test]
    fn one_thread_and_three_draw_the_same_picture() {
        let ball = ball(Point::origin(), 15.0);
        let make = || draw(&[plain(&ball, [1, 2, 3], 0.5)], &frame(), [77, 51], [5; 4], &Progress::default()).unwrap();
        assert_eq!(with_threads(1, make), with_threads(3, make));
    }

    #[test]
    fn nothing_to_draw_is_background() {
        let picture = draw(&[], &frame(), [3, 2], [10, 20, 30, 255], &Progress::default()).unwrap();
        assert_eq!(picture.rgba, [10, 20, 30, 255].repeat(6));
        assert!(draw(&[], &frame(), [0, 0], [0; 4], &Progress::default()).unwrap().rgba.is_empty());
    }
}
