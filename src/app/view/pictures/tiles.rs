//! Large pictures in tiles: each is a part of the whole frustum, drawn by itself, so that neighbours fit without a seam.
//!
//! Lists of translucent fragments have room for so many fragments, whatever the size of the picture. A tile is small enough
//! that every pixel of it may have more walls than are told apart, so printed pictures lack none.

use crate::app::view::scene::Part;
use bevy::math::UVec2;

/// Pixels of a tile each way: a multiple of the period of the stripes in surface.wgsl (11), so that these go on.
const SIDE: u32 = 704;

/// A picture of which some tiles are done.
pub(super) struct Tiles {
    whole: UVec2,
    columns: u32,
    rows: u32,
    done: u32,
    /// The picture, row by row.
    data: Vec<u8>,
}

impl Tiles {
    /// For a picture of this size; none if one tile holds it.
    pub(super) fn new(whole: UVec2) -> Option<Self> {
        let [columns, rows] = [whole.x, whole.y].map(|n| n.div_ceil(SIDE));
        let data = || vec![0; 4 * whole.x as usize * whole.y as usize];
        (1 < columns * rows).then(|| Self { whole, columns, rows, done: 0, data: data() })
    }

    /// How many are done, and how many there are.
    pub(super) fn progress(&self) -> [usize; 2] {
        [self.done as usize, (self.columns * self.rows) as usize]
    }

    /// The tile to be drawn next. Those at the right and the lower border reach beyond the picture.
    pub(super) fn part(&self) -> Part {
        let place = UVec2::new(self.done % self.columns, self.done / self.columns);
        Part { whole: self.whole, offset: place * SIDE, size: UVec2::splat(SIDE).min(self.whole) }
    }

    /// The pixels of that tile, in lines of `row` bytes; whether tiles are left.
    pub(super) fn take(&mut self, pixels: &[u8], row: usize) -> bool {
        let Part { offset, size, .. } = self.part();
        let shown = size.min(self.whole - offset);
        let bytes = 4 * shown.x as usize;
        for (y, line) in pixels.chunks(row.max(1)).take(shown.y as usize).enumerate() {
            let to = 4 * ((offset.y as usize + y) * self.whole.x as usize + offset.x as usize);
            self.data[to..to + bytes].copy_from_slice(&line[..bytes]);
        }
        self.done += 1;
        self.done < self.columns * self.rows
    }

    /// The whole picture and the bytes of a line of it.
    pub(super) fn into_whole(self) -> (Vec<u8>, usize) {
        (self.data, 4 * self.whole.x as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::space::{bevy_from_direction, bevy_from_patient};
    use crate::app::ui::OrbitCamera;
    use crate::app::view::scene::projected;
    use crate::geom::{Point, Vector};
    use bevy::math::{Mat4, Vec3};
    use bevy::prelude::{Projection, Transform};

    /// A colour that tells the place.
    fn pixel(x: u32, y: u32) -> [u8; 4] {
        [x as u8, y as u8, (x >> 8) as u8, (y >> 8) as u8]
    }

    #[test]
    fn tiles_put_together_are_the_picture() {
        for whole in [UVec2::new(1500, 900), UVec2::new(705, 10), UVec2::new(703, 2113), UVec2::new(2816, 704)] {
            let mut tiles = Tiles::new(whole).unwrap();
            let mut count = 0;
            loop {
                let Part { offset, size, .. } = tiles.part();
                // Textures have longer lines than pictures.
                let row = size.x.div_ceil(128) * 128;
                let drawn: Vec<u8> =
                    (0..row * size.y).flat_map(|n| pixel(offset.x + n % row, offset.y + n / row)).collect();
                count += 1;
                if !tiles.take(&drawn, 4 * row as usize) {
                    break;
                }
            }
            assert_eq!(tiles.progress(), [count; 2]);
            let (data, row) = tiles.into_whole();
            assert_eq!((data.len(), row), (4 * (whole.x * whole.y) as usize, 4 * whole.x as usize));
            let wanted = (0..whole.x * whole.y).map(|n| pixel(n % whole.x, n / whole.x));
            assert!(data.chunks_exact(4).zip(wanted).all(|(found, wanted)| found == wanted), "{whole}");
        }
        assert!(Tiles::new(UVec2::new(SIDE, SIDE)).is_none() && Tiles::new(UVec2::ONE).is_none());
    }

    /// What lies on a pixel of the whole picture lies on that pixel of its tile, at the same depth.
    #[test]
    fn a_tile_shows_its_part_of_the_frustum() {
        let whole = UVec2::new(1500, 900);
        for parallel in [false, true] {
            let camera = OrbitCamera { target: Point::new(10.0, -20.0, 30.0), parallel, ..OrbitCamera::default() };
            let mut projection = projected(&camera);
            projection.update(whole.x as f32, whole.y as f32);
            let up = bevy_from_direction(&camera.right_up_back()[1]);
            let eye = Transform::from_translation(bevy_from_patient(&camera.eye()))
                .looking_at(bevy_from_patient(&camera.target), up);
            let view = eye.to_matrix().inverse();
            let seen = |clip: Mat4, point: Vec3, size: UVec2| {
                let place = (clip * view).project_point3(point);
                let pixel = (place.truncate() * bevy::math::Vec2::new(0.5, -0.5) + 0.5) * size.as_vec2();
                (pixel, place.z)
            };
            let clip = |projection: &Projection| projection.get_clip_from_view();
            let mut tiles = Tiles::new(whole).unwrap();
            loop {
                let part = tiles.part();
                let of_part = projection.get_clip_from_view_for_sub(&part.sub_view());
                for n in 0..40 {
                    let n = f64::from(n);
                    let at = camera.target.coords + Vector::new(n.sin(), (2.0 * n).cos(), (3.0 * n).sin()) * 150.0;
                    let point = bevy_from_patient(&Point::from(at));
                    let (all, depth) = seen(clip(&projection), point, whole);
                    let (own, own_depth) = seen(of_part, point, part.size);
                    assert!((own + part.offset.as_vec2()).distance(all) < 0.05, "{parallel} {own} {all}");
                    assert!((depth - own_depth).abs() < 1e-5 * depth.abs().max(1e-3), "{depth} {own_depth}");
                }
                if !tiles.take(&vec![0; 4 * (part.size.x * part.size.y) as usize], 4 * part.size.x as usize) {
                    break;
                }
            }
        }
    }
}
