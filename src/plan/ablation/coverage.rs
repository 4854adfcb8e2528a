//! How much of a tumour, and of the tissue around it that must go too, the zones hold: counted in voxels.

use super::{AblationError, Zones};
use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::Volume;
use crate::image::filter::signed_distance;
use crate::plan::Bounded;
use crate::plan::path::obstacle::half_diagonal_mm;
use rayon::prelude::*;

/// Voxels by where they lie and whether a zone holds their centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// Part of the tumour that is destroyed.
    pub tumour_percent: Bounded,
    /// Part of the tumour and its margin that is destroyed.
    pub with_margin_percent: Bounded,
    /// Voxels of the tumour: destroyed and left.
    pub tumour_voxels: [usize; 2],
    /// Voxels of the margin: destroyed and left.
    pub margin_voxels: [usize; 2],
    /// Tumour that is left.
    pub left_ml: f64,
}

/// Voxels of a region: all, held by a zone, and those so near its boundary that they may or may not be: of those held, of the others.
#[derive(Debug, Clone, Copy, Default)]
struct Book {
    all: usize,
    held: usize,
    doubtful: [usize; 2],
}

impl Book {
    fn enter(&mut self, depth_mm: f64, edge_mm: f64) {
        let held = 0.0 <= depth_mm;
        self.all += 1;
        self.held += usize::from(held);
        self.doubtful[usize::from(!held)] += usize::from(depth_mm.abs() < edge_mm);
    }

    fn and(self, other: Self) -> Self {
        let doubtful = [0, 1].map(|n| self.doubtful[n] + other.doubtful[n]);
        Self { all: self.all + other.all, held: self.held + other.held, doubtful }
    }

    /// The part that is held; bounds: all doubtful voxels out, or in.
    fn percent(&self) -> Bounded {
        let of = |count: usize| 100.0 * count as f64 / self.all.max(1) as f64;
        let [out, within] = self.doubtful;
        Bounded { value: of(self.held), low: of(self.held - out), high: of(self.held + within) }
    }
}

/// How much of `tumour` (anything but 0 is inside) and of the tissue within `margin_mm` of its voxels the zones hold.
///
/// A voxel counts as its centre; the margin is measured from the voxels of the tumour as boxes, which makes it up to half a voxel
/// wider than from a smooth surface. The bounds count voxels within half a diagonal and `edge_mm` of a zone's boundary as left, or
/// as destroyed.
///
/// # Errors
/// [`AblationError`] for an empty tumour, a margin that is not usable, or if `progress` was cancelled.
pub fn coverage(
    tumour: &Volume<u8>,
    zones: &Zones,
    margin_mm: f64,
    edge_mm: f64,
    progress: &Progress,
) -> Result<Coverage, AblationError> {
    if !(0.0..=50.0).contains(&margin_mm) {
        return Err(AblationError::BadMargin { margin_mm });
    }
    let part = around(tumour, margin_mm).ok_or(AblationError::NoTumour)?;
    let distance = signed_distance(&part, &progress.part(0.0..0.5, "distance to the tumour"))?;
    let edge_mm = half_diagonal_mm(&part) + edge_mm;
    let grid = part.grid();
    let [ni, nj, nk] = grid.dims();
    let books: Vec<[Book; 2]> = (0..nk)
        .into_par_iter()
        .map(|k| {
            progress.check()?;
            let (mut books, mut hint) = ([Book::default(); 2], None);
            for offset in k * ni * nj..(k + 1) * ni * nj {
                let (inside, mm) = (part.voxels()[offset] != 0, f64::from(distance.voxels()[offset]));
                if inside || mm <= margin_mm {
                    let depth = zones.depth_from(&grid.centre(grid.voxel(offset)), edge_mm, &mut hint);
                    books[usize::from(!inside)].enter(depth, edge_mm);
                }
            }
            Ok(books)
        })
        .collect::<Result<_, Cancelled>>()?;
    let [inner, outer] = [0, 1].map(|n| books.iter().fold(Book::default(), |sum, book| sum.and(book[n])));
    progress.set(1.0)?;
    Ok(Coverage {
        tumour_percent: inner.percent(),
        with_margin_percent: inner.and(outer).percent(),
        tumour_voxels: [inner.held, inner.all - inner.held],
        margin_voxels: [outer.held, outer.all - outer.held],
        left_ml: (inner.all - inner.held) as f64 * grid.voxel_mm3() / 1000.0,
    })
}

/// The mask around its voxels with room for the margin; none if it is empty.
fn around(mask: &Volume<u8>, margin_mm: f64) -> Option<Volume<u8>> {
    let grid: &Grid = mask.grid();
    let dims = grid.dims();
    let (mut low, mut high) = (dims, [0; 3]);
    for (row, values) in mask.voxels().chunks(dims[0]).enumerate() {
        let Some(first) = values.iter().position(|v| *v != 0) else { continue };
        let last = values.iter().rposition(|v| *v != 0).unwrap_or(first);
        let (j, k) = (row % dims[1], row / dims[1]);
        low = [low[0].min(first), low[1].min(j), low[2].min(k)];
        high = [high[0].max(last), high[1].max(j), high[2].max(k)];
    }
    if high[0] < low[0] {
        return None;
    }
    let room = grid.spacing_mm().map(|mm| (margin_mm / mm).ceil() as usize + 2);
    let start = [0, 1, 2].map(|a| low[a].saturating_sub(room[a]));
    let size = [0, 1, 2].map(|a| (high[a] + room[a] + 1).min(dims[a]) - start[a]);
    let cropped = grid.cropped(start, size).expect("at least one voxel is marked");
    let mut voxels = Vec::with_capacity(cropped.len());
    for (j, k) in (0..size[2]).flat_map(|k| (0..size[1]).map(move |j| (j, k))) {
        let first = grid.offset([start[0], start[1] + j, start[2] + k]);
        voxels.extend_from_slice(&mask.voxels()[first..first + size[0]]);
    }
    Some(Volume::new(cropped, voxels).expect("one value per voxel"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Point, Vector};
    use crate::plan::ablation::Spheroid;

    fn tumour(radius_mm: f64) -> Volume<u8> {
        let grid = Grid::aligned([60, 60, 40], Point::new(-29.4, -29.6, -29.0), [1.0, 1.0, 1.5]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() <= radius_mm)).collect();
        Volume::new(grid, voxels).unwrap()
    }

    fn zones(x: f64, radius_mm: f64) -> Zones {
        let centre = Point::new(x, 0.0, 0.0);
        Zones::new(vec![Spheroid { centre, axis: Vector::z(), along_mm: radius_mm, across_mm: radius_mm }]).unwrap()
    }

    #[test]
    fn books_balance_and_bounds_hold_the_formula() {
        let mask = tumour(10.0);
        for (x, radius) in [(0.0, 16.0), (0.0, 9.0), (7.0, 12.0), (50.0, 10.0)] {
            let found = coverage(&mask, &zones(x, radius), 5.0, 0.0, &Progress::default()).unwrap();
            let marked = mask.voxels().iter().filter(|v| **v != 0).count();
            assert_eq!(found.tumour_voxels.iter().sum::<usize>(), marked);
            let shell = 4.0 / 3.0 * std::f64::consts::PI * (15.0_f64.powi(3) - 1000.0) / 1.5;
            assert!((found.margin_voxels.iter().sum::<usize>() as f64 / shell - 1.0).abs() < 0.15);
            let exact = 100.0 * common(10.0, radius, x) / common(10.0, 10.0, 0.0);
            assert!(found.tumour_percent.holds(exact), "{x} {radius}: {:?} against {exact}", found.tumour_percent);
            let exact = 100.0 * common(15.0, radius, x) / common(15.0, 15.0, 0.0);
            assert!(found.with_margin_percent.holds(exact), "{x} {radius}: {:?} {exact}", found.with_margin_percent);
        }
        let whole = coverage(&mask, &zones(0.0, 16.5), 5.0, 0.0, &Progress::default()).unwrap();
        assert_eq!((whole.tumour_percent.low, whole.left_ml), (100.0, 0.0));
        let none = coverage(&tumour(0.1), &zones(0.0, 9.0), 5.0, 0.0, &Progress::default());
        assert_eq!(none, Err(AblationError::NoTumour));
    }

    /// Volume that two balls share, `d` apart.
    fn common(a: f64, b: f64, d: f64) -> f64 {
        let pi = std::f64::consts::PI;
        if d <= (a - b).abs() {
            return 4.0 / 3.0 * pi * a.min(b).powi(3);
        }
        if a + b <= d {
            return 0.0;
        }
        pi * (a + b - d).powi(2) * (d * d + 2.0 * d * (a + b) - 3.0 * (a - b).powi(2)) / (12.0 * d)
    }
}
