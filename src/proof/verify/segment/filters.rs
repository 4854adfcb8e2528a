//! Distances, margins, morphology, joint smoothing and islands against formulas and plain counting.

use super::super::{Row, Tolerance};
use crate::base::{Cancelled, Progress, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::filter::{close, open, signed_distance};
use crate::image::{Components, Neighbours, Volume};
use crate::segment::{margin, smooth_labels};
use std::f64::consts::PI;
use std::sync::Arc;

/// The grid the issue names: fine in the slice, thick across.
const THICK_MM: [f64; 3] = [0.7, 0.7, 5.0];
const RADIUS_MM: f64 = 20.0;

/// The rows of this area.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    made(progress).map_err(|error| error.to_string())
}

fn made(progress: &Progress) -> Result<Vec<Row>, Cancelled> {
    let mut rows = Vec::new();
    distances(&mut rows, progress)?;
    margins(&mut rows, progress)?;
    morphology(&mut rows, progress)?;
    joint(&mut rows, progress)?;
    islands(&mut rows, progress)?;
    Ok(rows)
}

fn ball(spacing_mm: [f64; 3], radius_mm: f64, room_mm: f64) -> Volume<u8> {
    let dims = spacing_mm.map(|h| (2.0 * (radius_mm + room_mm) / h).ceil() as usize);
    // The middle lies at no special place of a voxel.
    let first = [0, 1, 2].map(|a| -(dims[a] as f64 / 2.0 - 0.23) * spacing_mm[a]);
    let grid = Grid::aligned(dims, Point::from(first), spacing_mm).expect("a plain grid");
    let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() <= radius_mm)).collect();
    Volume::new(grid, voxels).expect("one value per voxel")
}

/// Signed distance to the voxels of a ball, against that to the ball.
fn distances(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), Cancelled> {
    let mask = ball(THICK_MM, RADIUS_MM, 12.0);
    let found = signed_distance(&mask, progress)?;
    let grid = mask.grid();
    let (mut worst_mm, mut worst_widths): (f64, f64) = (0.0, 0.0);
    for (offset, value) in found.voxels().iter().enumerate() {
        let from = grid.centre(grid.voxel(offset)).coords;
        let expected_mm = from.norm() - RADIUS_MM;
        let error_mm = (f64::from(*value) - expected_mm).abs();
        worst_mm = worst_mm.max(error_mm);
        // Near the surface its direction is known, and how wide a voxel is along it; deep inside the nearest part of the
        // surface may lie in any direction.
        if expected_mm.abs() < 3.0 {
            let width: f64 = (0..3).map(|a| from.normalize()[a].abs() * THICK_MM[a]).sum();
            worst_widths = worst_widths.max(error_mm / width);
        }
    }
    let what = "signed distance to a ball on 0.7 × 0.7 × 5 mm: largest error anywhere";
    let half_mm = 0.5 * THICK_MM.iter().map(|h| h * h).sum::<f64>().sqrt();
    let source = "distance to the sphere; half a voxel, from corner to corner";
    rows.push(Row::new("S20", what, worst_mm, half_mm, "mm", Tolerance::AtMost, source));
    let what = "the same within 3 mm of the surface: largest error in voxel widths along it";
    let source = "distance to the sphere; half a voxel, whose width is Σ |nᵢ| hᵢ";
    rows.push(Row::new("S20", what, worst_widths, 0.5, "voxels", Tolerance::AtMost, source));
    Ok(())
}

/// Volumes of a ball grown and shrunk, against the balls they should be.
fn margins(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), Cancelled> {
    for margin_mm in [5.0, -5.0] {
        let mask = ball([1.0; 3], RADIUS_MM, 8.0);
        let grown = margin(&mask, margin_mm, progress)?;
        let count = grown.voxels().iter().filter(|v| **v != 0).count() as f64;
        let radius_mm = (0.75 / PI * count).cbrt();
        let what = format!("ball of 20 mm with a margin of {margin_mm:+} mm at 1 mm: radius of the same volume");
        let source = "the formula of a ball; half a voxel";
        rows.push(Row::new("S21", &what, radius_mm, RADIUS_MM + margin_mm, "mm", Tolerance::Absolute(0.5), source));
    }
    let grid = Grid::aligned([9, 9, 15], Point::origin(), THICK_MM).expect("a plain grid");
    let voxels = (0..grid.len()).map(|o| u8::from((5..10).contains(&grid.voxel(o)[2]))).collect();
    let slab = Volume::new(grid, voxels).expect("one value per voxel");
    let mut worst: f64 = 0.0;
    for step in -18..=40 {
        let margin_mm = 0.5 * f64::from(step);
        let found = margin(&slab, margin_mm, progress)?;
        let slices = found.voxels().iter().filter(|v| **v != 0).count() as f64 / 81.0;
        let half_mm = 0.5 * (slices.min(15.0) * 5.0 - 25.0);
        worst = worst.max((half_mm - margin_mm).abs());
    }
    let what = "slab of 5 mm slices with margins of −9 to 20 mm: largest error";
    rows.push(Row::new("S21", what, worst, 2.5, "mm", Tolerance::AtMost, "half the distance of the slices"));
    Ok(())
}

/// Opening and closing against trying every pair of voxels.
fn morphology(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), Cancelled> {
    let radius_mm = 2.3;
    let grid = Grid::aligned([26, 24, 12], Point::origin(), [0.7, 0.9, 2.1]).expect("a plain grid");
    let mut rng = Rng::new(5);
    let balls: Vec<(Point, f64)> = (0..9)
        .map(|_| (grid.centre([5 + rng.below(16), 5 + rng.below(14), 3 + rng.below(6)]), rng.between(1.0, 4.0)))
        .collect();
    let inside = |o| balls.iter().any(|(centre, r)| (grid.centre(grid.voxel(o)) - centre).norm() <= *r);
    let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
    let mask = Volume::new(grid.clone(), voxels).expect("one value per voxel");
    // Far from the border, so that what lies beyond it plays no part.
    let near: Vec<[i64; 3]> = (0..9 * 9 * 9)
        .map(|n| [n % 9 - 4, n / 9 % 9 - 4, n / 81 - 4])
        .filter(|d| {
            [0.7, 0.9, 2.1].iter().zip(d).map(|(h, d)| (h * *d as f64).powi(2)).sum::<f64>() <= radius_mm * radius_mm
        })
        .collect();
    let dims = grid.dims().map(|n| n as i64);
    let any = |marks: &[u8], wanted: u8| -> Vec<u8> {
        let found = |o: usize| {
            let at = grid.voxel(o).map(|x| x as i64);
            near.iter().any(|d| {
                let to = [0, 1, 2].map(|a| at[a] + d[a]);
                (0..3).all(|a| 0 <= to[a] && to[a] < dims[a]) && marks[grid.offset(to.map(|x| x as usize))] == wanted
            })
        };
        (0..grid.len()).map(|o| u8::from(found(o))).collect()
    };
    let dilated = |marks: &[u8]| any(marks, 1);
    let eroded = |marks: &[u8]| -> Vec<u8> { any(marks, 0).iter().map(|v| 1 - v).collect() };
    let differ = |a: &Volume<u8>, b: Vec<u8>| a.voxels().iter().zip(&b).filter(|(a, b)| a != b).count() as f64;
    let opened = differ(&open(&mask, radius_mm, progress)?, dilated(&eroded(mask.voxels())));
    let source = "every voxel tried against every other";
    let exact = Tolerance::Absolute(0.0);
    rows.push(Row::new(
        "S22",
        "opening by 2.3 mm on 0.7 × 0.9 × 2.1 mm: other voxels",
        opened,
        0.0,
        "voxels",
        exact,
        source,
    ));
    // Within the grid: the closing itself works in a box that goes on beyond it.
    let core = |o: usize| {
        let at = grid.voxel(o).map(|x| x as i64);
        (0..3).all(|a| 4 <= at[a] && at[a] + 4 < dims[a])
    };
    let closed = close(&mask, radius_mm, progress)?;
    let plain = eroded(&dilated(mask.voxels()));
    let other = (0..grid.len()).filter(|o| core(*o) && closed.voxels()[*o] != plain[*o]).count() as f64;
    rows.push(Row::new(
        "S22",
        "closing by 2.3 mm on 0.7 × 0.9 × 2.1 mm: other voxels",
        other,
        0.0,
        "voxels",
        exact,
        source,
    ));
    Ok(())
}

/// A ball cut in eight by ragged borders, smoothed at once.
fn joint(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), Cancelled> {
    let mask = ball([1.0; 3], RADIUS_MM, 4.0);
    let grid = Arc::clone(mask.grid());
    let mut rng = Rng::new(9);
    let mut side = |x: f64| u8::from(x + rng.between(-2.0, 2.0) < 0.0);
    let label = |p: Point, side: &mut dyn FnMut(f64) -> u8| 1 + side(p.x) + 2 * side(p.y) + 4 * side(p.z);
    let voxels = mask.voxels().iter().enumerate();
    let labels = voxels.map(|(o, inside)| inside * label(grid.centre(grid.voxel(o)), &mut side)).collect();
    let labels = Volume::new(Arc::clone(&grid), labels).expect("one label per voxel");
    let smooth = smooth_labels(&labels, 1.5, progress)?;
    let deep = |o: &usize| grid.centre(grid.voxel(*o)).coords.norm() < RADIUS_MM - 1.0;
    let gaps = (0..grid.len()).filter(deep).filter(|o| smooth.voxels()[*o] == 0).count() as f64;
    let source = "a partition has none";
    let exact = Tolerance::Absolute(0.0);
    rows.push(Row::new(
        "S23",
        "ball in eight segments, joint smoothing: gaps between them",
        gaps,
        0.0,
        "voxels",
        exact,
        source,
    ));
    let volume = |labels: &Volume<u8>| labels.voxels().iter().filter(|v| **v != 0).count() as f64;
    let (what, value) = ("ball in eight segments, joint smoothing: volume of all", volume(&smooth) / 1000.0);
    let tolerance = Tolerance::Relative(0.02);
    rows.push(Row::new("S23", what, value, volume(&labels) / 1000.0, "ml", tolerance, "voxels before smoothing"));
    Ok(())
}

/// Balls on a lattice, joined through corners, edges or not at all.
fn islands(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), Cancelled> {
    let grid = Grid::aligned([60, 48, 36], Point::origin(), [1.0; 3]).expect("a plain grid");
    // Cubes of 6 whose corners touch along diagonals: every second cell of a chess board in space.
    let cell = |o: usize| grid.voxel(o).map(|x| x / 6).iter().sum::<usize>() % 2 == 0;
    let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(cell(o))).collect()).expect("one per voxel");
    for (neighbours, name, expected) in [
        (Neighbours::Six, "faces", 240.0),
        (Neighbours::Eighteen, "edges too", 1.0),
        (Neighbours::TwentySix, "corners too", 1.0),
    ] {
        let found = Components::of(&mask, |v| v != 0, neighbours, progress)?.parts().len() as f64;
        let what = format!("cubes of a chess board in space, joined by {name}: pieces");
        rows.push(Row::new(
            "S24",
            &what,
            found,
            expected,
            "1",
            Tolerance::Absolute(0.0),
            "10 × 8 × 6 cells, half of them",
        ));
    }
    Ok(())
}
