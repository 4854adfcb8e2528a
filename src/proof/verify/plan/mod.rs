//! Plans against known truth: distances, volumes and their bounds, margins, territories, cuts of every kind.

mod bounds;
mod cuts;
mod liver;
mod phantom;
mod scores;
mod territories;
mod territory_cuts;
mod volumes;

use super::{Row, Tolerance};
use crate::base::{Progress, parallel, rng::Rng};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::plan::DistanceMap;
use std::sync::Arc;

/// Places that distances are tried at.
const PLACES: usize = 20_000;
/// How deep inside a body.
const DEPTH_MM: f64 = 3.0;

/// All rows of resections, vessel trees and territories.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    parallel::install(|| {
        let mut rows = distances(progress)?;
        rows.extend(between_voxels(progress)?);
        rows.extend(volumes::rows(&progress.part(0.1..0.2, "volumes"))?);
        rows.extend(bounds::rows(&progress.part(0.2..0.3, "bounds"))?);
        rows.extend(territories::rows(&progress.part(0.3..0.5, "territories"))?);
        rows.extend(cuts::rows(&progress.part(0.5..0.67, "cuts"))?);
        rows.extend(territory_cuts::rows(&progress.part(0.67..0.7, "cuts along territories"))?);
        rows.extend(liver::rows());
        rows.extend(phantom::rows(&progress.part(0.7..0.85, "phantom"))?);
        rows.extend(scores::rows(&progress.part(0.85..0.9, "scores"))?);
        rows.extend(super::plan_paths::rows(&progress.part(0.9..1.0, "paths"))?);
        Ok(rows)
    })
}

/// The voxels of `grid` whose centres are inside.
fn body(grid: &Arc<Grid>, inside: impl Fn(&Point) -> bool + Sync) -> Volume<u8> {
    use rayon::prelude::*;
    let mark = |o: usize| u8::from(inside(&grid.centre(grid.voxel(o))));
    Volume::new(Arc::clone(grid), (0..grid.len()).into_par_iter().map(mark).collect()).expect("one mark per voxel")
}

/// A grid around the origin.
fn around(dims: [usize; 3], spacing_mm: [f64; 3]) -> Arc<Grid> {
    let start = [0, 1, 2].map(|a| -0.5 * (dims[a] - 1) as f64 * spacing_mm[a]);
    Arc::new(Grid::aligned(dims, Point::from(start), spacing_mm).expect("a plain grid"))
}

/// A direction with equal chances.
fn direction(rng: &mut Rng) -> Vector {
    Vector::from_fn(|_, _| rng.normal()).try_normalize(1e-9).unwrap_or_else(Vector::z)
}

/// Signed distance of a point to a body.
type Distance = fn(&Point) -> f64;

/// Interpolated distances to bodies whose distances are formulas.
fn distances(progress: &Progress) -> Result<Vec<Row>, String> {
    let bodies: [(&str, Distance); 3] = [
        ("ball of 12.3 mm", |p| p.coords.norm() - 12.3),
        ("cylinder of 7.7 mm", |p| p.x.hypot(p.y) - 7.7),
        ("box of 21 × 17 × 13 mm", |p| {
            let over = Vector::new(p.x.abs() - 10.5, p.y.abs() - 8.5, p.z.abs() - 6.5);
            over.map(|x| x.max(0.0)).norm() + over.max().min(0.0)
        }),
    ];
    let mut rows = Vec::new();
    for (name, distance) in bodies {
        for spacing_mm in [[1.0; 3], [0.7, 0.7, 1.5]] {
            let dims = spacing_mm.map(|h| (48.0 / h) as usize);
            let grid = around(dims, spacing_mm);
            let mask = body(&grid, |point| distance(point) <= 0.0);
            let map = DistanceMap::of(&mask, progress).map_err(|error| error.to_string())?;
            let mut rng = Rng::new(21);
            let (mut worst_mm, mut held) = (0.0_f64, 0);
            for _ in 0..PLACES {
                // Within the grid, and not where the end of the grid cuts the cylinder off.
                let point = Point::new(rng.between(-22.0, 22.0), rng.between(-22.0, 22.0), rng.between(-12.0, 12.0));
                let truth_mm = distance(&point);
                held += usize::from(map.bounded(&point, 0.0).holds(truth_mm));
                // Deep inside, places are as far from two sides: there only the bounds are tried.
                if -DEPTH_MM < truth_mm {
                    worst_mm = worst_mm.max((map.at(&point) - truth_mm).abs());
                }
            }
            let [a, _, c] = spacing_mm;
            rows.push(Row::new(
                "P1",
                &format!("distance to a {name}, voxels of {a} × {a} × {c} mm, outside and {DEPTH_MM} mm deep, worst"),
                worst_mm,
                map.half_voxel_mm(),
                "mm",
                Tolerance::AtMost,
                "formulas of the bodies; half the diagonal of a voxel",
            ));
            rows.push(Row::new(
                "P1",
                &format!("its bounds hold the truth, of {PLACES} places inside and outside"),
                held as f64,
                0.999 * PLACES as f64,
                "places",
                Tolerance::AtLeast,
                "formulas of the bodies",
            ));
        }
    }
    Ok(rows)
}

/// Distances to a box whose faces lie between voxels, so that its voxels are the box: only between centres is there anything to
/// be wrong, and half a voxel is enough. Slanted and curved faces are drawn by voxels that stick out by up to half their diagonal.
fn between_voxels(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (spacing_mm, half) in [([1.0; 3], [10.0, 8.0, 6.0]), ([0.7, 0.7, 1.5], [9.8, 8.4, 6.0])] {
        let distance = |p: &Point| {
            let over = Vector::new(p.x.abs() - half[0], p.y.abs() - half[1], p.z.abs() - half[2]);
            over.map(|x| x.max(0.0)).norm() + over.max().min(0.0)
        };
        // An even number of voxels each way: their faces lie at whole multiples of their edges.
        let grid = around(spacing_mm.map(|h| 2 * (24.0 / h) as usize), spacing_mm);
        let map = DistanceMap::of(&body(&grid, |point| distance(point) <= 0.0), progress);
        let map = map.map_err(|error| error.to_string())?;
        let mut rng = Rng::new(22);
        let mut worst_mm = 0.0_f64;
        for _ in 0..PLACES {
            let point = Point::new(rng.between(-22.0, 22.0), rng.between(-22.0, 22.0), rng.between(-20.0, 20.0));
            let truth_mm = distance(&point);
            if -DEPTH_MM < truth_mm {
                worst_mm = worst_mm.max((map.at(&point) - truth_mm).abs());
            }
        }
        let [a, _, c] = spacing_mm;
        rows.push(Row::new(
            "P1",
            &format!("distance to a box with faces between voxels of {a} × {a} × {c} mm, worst"),
            worst_mm,
            0.5 * a.max(c),
            "mm",
            Tolerance::AtMost,
            "formula of the box; half a voxel",
        ));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_formulas() {
        let mut rows = distances(&Progress::default()).unwrap();
        rows.extend(between_voxels(&Progress::default()).unwrap());
        let off: Vec<_> = rows.iter().filter(|row| !row.pass).collect();
        assert!(off.is_empty() && rows.len() == 14, "{off:?}");
    }
}
