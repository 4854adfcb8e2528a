//! A cut seen from in front: laid flat, with margins painted and vessels crossed.

use super::margin::{Watched, Zone, zones};
use super::{Crossing, Laid, ResectionError};
use crate::geom::Point;
use crate::plan::{DistanceMap, Sheet};
use rayon::prelude::*;

/// Cells along each side that lengths are measured on.
const CELLS: usize = 64;
/// Most pixels along a side.
pub const SIDE_MAX: usize = 4096;

/// A sheet's plane picture, u to the right and v upwards.
#[derive(Debug, Clone)]
pub struct Flat {
    /// Lengths along u and v up to every [`CELLS`]th part, mean over the other direction (mm).
    lengths_mm: [Vec<f64>; 2],
    /// How much larger or smaller than on the sheet areas are shown at most: 1 on a plane.
    pub stretch_max: f64,
}

/// The picture of a cut.
#[derive(Debug, Clone)]
pub struct Resectogram {
    /// Pixels along u and v.
    pub size: [usize; 2],
    /// Edge of a pixel.
    pub pixel_mm: f64,
    /// Red, green, blue and cover, row by row from the top; outside the organ and beside the cut nothing is covered.
    pub rgba: Vec<u8>,
    /// The worst zone of each pixel; none outside the organ and beside the cut.
    pub zones: Vec<Option<Zone>>,
    /// The least room of each pixel in mm: its distance from a structure less half the instrument's width and less that
    /// structure's margin, negative where the margin lacks; none outside the organ or where nothing is watched.
    pub room_mm: Vec<Option<f32>>,
    /// Where the crossings given lie in the picture, in pixels from the upper left corner; none beyond what is shown.
    pub crossings: Vec<Option<[f64; 2]>>,
    /// As in [`Laid`].
    pub stretch_max: f64,
}

/// What is shown on the picture.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Only what lies in it is painted.
    pub organ: &'a DistanceMap,
    /// Structures with their margins.
    pub watched: &'a [Watched<'a>],
    /// Vessels, painted over the zones where the cut goes through them, with their colours.
    pub vessels: &'a [(&'a DistanceMap, [u8; 3])],
    /// Vessels cut, to be found on the picture.
    pub crossings: &'a [Crossing],
    /// Half the instrument's width.
    pub half_mm: f64,
}

impl Flat {
    /// The sheet laid flat: a rectangle whose lengths along u and v are the mean arc lengths of the sheet. Angles and areas
    /// are true where the sheet is flat; [`Self::stretch_max`] says how far areas are off elsewhere.
    ///
    /// # Errors
    /// [`ResectionError`] if the sheet is none.
    pub fn of(sheet: &Sheet) -> Result<Self, ResectionError> {
        sheet.check()?;
        let at = |n: usize| n as f64 / CELLS as f64;
        let n = CELLS + 1;
        let points: Vec<Point> = (0..n * n).map(|p| sheet.at(at(p % n), at(p / n))).collect();
        let point = |i: usize, j: usize| points[i + n * j];
        let along = |step: &dyn Fn(usize, usize) -> f64| {
            let mut sum = 0.0;
            let mean = |i: usize| (0..n).map(|j| step(i, j)).sum::<f64>() / n as f64;
            let lengths = (0..CELLS).map(|i| {
                sum += mean(i).max(1e-9);
                sum
            });
            std::iter::once(0.0).chain(lengths).collect::<Vec<f64>>()
        };
        let u_mm = along(&|i, j| (point(i + 1, j) - point(i, j)).norm());
        let v_mm = along(&|j, i| (point(i, j + 1) - point(i, j)).norm());
        let mut stretch_max = 1.0_f64;
        for (i, j) in (0..CELLS * CELLS).map(|c| (c % CELLS, c / CELLS)) {
            let [a, b, c, d] = [point(i, j), point(i + 1, j), point(i, j + 1), point(i + 1, j + 1)];
            let true_mm2 = 0.5 * (d - a).cross(&(c - b)).norm();
            let flat_mm2 = (u_mm[i + 1] - u_mm[i]) * (v_mm[j + 1] - v_mm[j]);
            let ratio = flat_mm2 / true_mm2.max(1e-12);
            stretch_max = stretch_max.max(ratio).max(1.0 / ratio.max(1e-12));
        }
        Ok(Self { lengths_mm: [u_mm, v_mm], stretch_max })
    }

    /// Lengths of the rectangle in mm.
    pub fn size_mm(&self) -> [f64; 2] {
        [0, 1].map(|a| self.lengths_mm[a][CELLS])
    }

    /// u, v of a place of the rectangle in mm.
    pub fn parameters(&self, place_mm: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|a| {
            let lengths = &self.lengths_mm[a];
            let n = lengths.partition_point(|mm| *mm <= place_mm[a]).clamp(1, CELLS);
            let part = (place_mm[a] - lengths[n - 1]) / (lengths[n] - lengths[n - 1]);
            (((n - 1) as f64 + part) / CELLS as f64).clamp(0.0, 1.0)
        })
    }

    /// The place in mm of u, v.
    pub fn place_mm(&self, uv: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|a| {
            let x = uv[a].clamp(0.0, 1.0) * CELLS as f64;
            let n = (x as usize).min(CELLS - 1);
            let lengths = &self.lengths_mm[a];
            lengths[n] + (x - n as f64) * (lengths[n + 1] - lengths[n])
        })
    }
}

/// The picture of a cut laid flat with `pixels` along its longer side.
pub fn resectogram(laid: &Laid, pixels: usize, shown: &Shown<'_>) -> Resectogram {
    let [u_mm, v_mm] = laid.size_mm();
    let pixel_mm = u_mm.max(v_mm) / pixels.clamp(8, SIDE_MAX) as f64;
    let size = [u_mm, v_mm].map(|mm| ((mm / pixel_mm).round() as usize).max(1));
    let row = |y: usize| {
        let place = |x: usize| [(x as f64 + 0.5) * pixel_mm, v_mm - (y as f64 + 0.5) * pixel_mm];
        let points: Vec<(usize, Point)> =
            (0..size[0]).filter_map(|x| Some((x, laid.at(place(x)).filter(|at| shown.organ.at(at) <= 0.0)?))).collect();
        let places: Vec<Point> = points.iter().map(|(_, point)| *point).collect();
        let found = zones(&places, shown.watched, shown.half_mm);
        let mut row = vec![(None, None, [0; 4]); size[0]];
        for ((x, point), zone) in points.into_iter().zip(found) {
            let rooms = shown.watched.iter().map(|one| one.distances.at(&point) - shown.half_mm - one.margin_mm);
            let room_mm = rooms.reduce(f64::min).filter(|mm| mm.is_finite()).map(|mm| mm as f32);
            let vessel = shown.vessels.iter().find(|(distances, _)| distances.at(&point) < 0.0);
            let [r, g, b] = vessel.map_or(zone.rgb(), |(_, rgb)| *rgb);
            row[x] = (Some(zone), room_mm, [r, g, b, 255]);
        }
        row
    };
    let rows: Vec<_> = (0..size[1]).into_par_iter().map(row).collect();
    let zones = rows.iter().flatten().map(|(zone, ..)| *zone).collect();
    let room_mm = rows.iter().flatten().map(|(_, room_mm, _)| *room_mm).collect();
    let rgba = rows.iter().flatten().flat_map(|(.., rgba)| *rgba).collect();
    let in_picture = |crossing: &Crossing| {
        let [x, y] = laid.place_mm(&crossing.at)?;
        Some([x / pixel_mm, (v_mm - y) / pixel_mm])
    };
    let crossings = shown.crossings.iter().map(in_picture).collect();
    Resectogram { size, pixel_mm, rgba, zones, room_mm, crossings, stretch_max: laid.stretch_max() }
}

impl Resectogram {
    /// Lengths of the picture along u and v in mm.
    pub fn size_mm(&self) -> [f64; 2] {
        self.size.map(|pixels| pixels as f64 * self.pixel_mm)
    }
}

/// u, v of the place of a sheet nearest to a point that lies on it; none for one beyond its edges.
///
/// From the nearest of a lattice by Gauss–Newton steps.
pub fn nearest(sheet: &Sheet, point: &Point) -> Option<[f64; 2]> {
    let lattice = (0..=24 * 25 + 24).map(|n| [(n % 25) as f64 / 24.0, (n / 25) as f64 / 24.0]);
    let off = |[u, v]: [f64; 2]| (sheet.at(u, v) - point).norm_squared();
    let start = lattice.min_by(|a, b| off(*a).total_cmp(&off(*b)))?;
    let [mut u, mut v] = start;
    for _ in 0..20 {
        let [du, dv] = sheet.tangents(u, v);
        let way = point - sheet.at(u, v);
        let (a, b, c) = (du.norm_squared(), du.dot(&dv), dv.norm_squared());
        let (p, q) = (way.dot(&du), way.dot(&dv));
        let det = a * c - b * b;
        if det <= 1e-12 * a * c {
            break;
        }
        let step = [(p * c - q * b) / det, (q * a - p * b) / det];
        // A little beyond the edge, so that places beyond it are told from ones on it.
        u = (u + step[0]).clamp(-0.05, 1.05);
        v = (v + step[1]).clamp(-0.05, 1.05);
        if step[0].abs().max(step[1].abs()) < 1e-9 {
            break;
        }
    }
    let on = |x: f64| (-1e-6..=1.0 + 1e-6).contains(&x);
    (on(u) && on(v)).then(|| [u.clamp(0.0, 1.0), v.clamp(0.0, 1.0)])
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::humped;
    use super::*;
    use crate::base::Progress;
    use crate::geom::Grid;
    use crate::image::Volume;
    use crate::plan::territory::TreePlace;

    fn ball(centre: Point, radius_mm: f64) -> DistanceMap {
        let grid = Grid::aligned([70, 70, 40], Point::new(-35.0, -35.0, -20.0), [1.0; 3]).unwrap();
        let inside = |o: usize| (grid.centre(grid.voxel(o)) - centre).norm() < radius_mm;
        let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
        DistanceMap::of(&Volume::new(grid, voxels).unwrap(), &Progress::default()).unwrap()
    }

    #[test]
    fn lengths_of_a_flat_sheet_are_true() {
        let flat = Flat::of(&humped(0.0)).unwrap();
        assert!((flat.size_mm()[0] - 60.0).abs() < 1e-9 && (flat.stretch_max - 1.0).abs() < 1e-9);
        let curved = Flat::of(&humped(20.0)).unwrap();
        assert!(60.0 < curved.size_mm()[0] && curved.stretch_max < 2.0, "{}", curved.stretch_max);
        for uv in [[0.0, 1.0], [0.31, 0.77], [1.0, 0.5]] {
            let back = curved.parameters(curved.place_mm(uv));
            assert!((back[0] - uv[0]).abs() < 1e-9 && (back[1] - uv[1]).abs() < 1e-9);
        }
    }

    #[test]
    fn the_picture_shows_organ_margin_and_vessel_where_they_are() {
        let organ = ball(Point::origin(), 25.0);
        let (target, vessel) = (ball(Point::new(10.0, 0.0, 8.0), 5.0), ball(Point::new(-12.0, 6.0, 0.0), 3.0));
        let place = TreePlace { branch: 0, along_mm: 0.0 };
        let at = Point::new(-12.0, 6.0, 0.0);
        let crossing = Crossing { place, at, radius_mm: 3.0, angle_degrees: 90.0, is_through: true };
        let shown = Shown {
            organ: &organ,
            watched: &[Watched { distances: &target, margin_mm: 5.0, edge_mm: 0.0 }],
            vessels: &[(&vessel, [40, 60, 200])],
            crossings: &[crossing, Crossing { at: Point::new(80.0, 0.0, 0.0), ..crossing }],
            half_mm: 0.0,
        };
        let picture = resectogram(&Laid::sheet(&humped(0.0)).unwrap(), 120, &shown);
        assert_eq!((picture.size, picture.rgba.len()), ([120, 120], 4 * 120 * 120));
        let at = |x_mm: f64, y_mm: f64| {
            let [x, y] = [(x_mm + 30.0) / picture.pixel_mm, (30.0 - y_mm) / picture.pixel_mm].map(|p| p as usize);
            (picture.zones[y * 120 + x], &picture.rgba[4 * (y * 120 + x)..][..4])
        };
        assert_eq!(at(28.0, 28.0), (None, &[0; 4][..]));
        assert_eq!(at(10.0, 0.0).0, Some(Zone::Within));
        // Below the ball's middle at 8 mm: 3 mm to its edge, 5 are wanted.
        let pixel = |x_mm: f64, y_mm: f64| {
            let [x, y] = [(x_mm + 30.0) / picture.pixel_mm, (30.0 - y_mm) / picture.pixel_mm].map(|p| p as usize);
            picture.room_mm[y * 120 + x]
        };
        let room = f64::from(pixel(10.0, 0.0).unwrap());
        assert!((room + 2.0).abs() < 0.9, "{room}");
        assert!(pixel(28.0, 28.0).is_none() && 5.0 < pixel(-10.0, -10.0).unwrap());
        assert_eq!(picture.size_mm(), [60.0, 60.0]);
        assert_eq!(at(-10.0, -10.0).0, Some(Zone::Clear));
        assert_eq!(at(-12.0, 6.0).1, [40, 60, 200, 255]);
        let seen = picture.crossings[0].unwrap();
        assert!((seen[0] - 36.0).abs() < 1e-3 && (seen[1] - 48.0).abs() < 1e-3, "{seen:?}");
        assert!(picture.crossings[1].is_none());
    }
}
