//! Surfaces of twenty balls, of bone-like size, beside VTK on the same labels; remeshing and comparing them.

use super::super::peer::{Better, vtk};
use super::super::{Row, best_of_three, timed};
use super::{WHOLE, dims};
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::mesh::centre_lines::{Wish, centre_lines};
use crate::mesh::remesh::{Remesh, remesh};
use crate::mesh::shapes::torus;
use crate::mesh::{deviation, joint_surface, mask_surface};
use rayon::prelude::*;

/// Edge of a cell of the lattice of balls, their radius, and how many labels they share, as the script of the peer has them.
const CELL: usize = 128;
const RADIUS: usize = 60;
const LABELS: usize = 20;
const SPACING_MM: [f64; 3] = [0.7, 0.7, 1.0];

/// Joint surface and contour beside VTK; remeshing, distance between surfaces, centre lines.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let dims = dims();
    let [ni, nj, nk] = dims;
    let size = format!("{ni} × {nj} × {nk}");
    let mut rows = Vec::new();
    let said = |error: &dyn std::error::Error| error.to_string();
    let peer = |job: &str| vtk::surface(job, dims, SPACING_MM, [CELL, RADIUS, LABELS]);
    let volume = labels(dims, LABELS);
    let (seconds, sheet) = best_of_three(|| joint_surface(&volume, 16, progress));
    let count = sheet.map_err(|error| said(&error))?.triangles().len();
    let row = Row::new("G20", format!("{size}: joint surface of {LABELS} labels, {count} triangles"), seconds, "s");
    let row = if dims == WHOLE { row.target(5.0) } else { row };
    rows.push(row.beside(Better::Less, (count as f64, 0.01), peer("nets")));
    let volume = labels(dims, 1);
    let (seconds, surface) = best_of_three(|| mask_surface(&volume, progress));
    let count = surface.map_err(|error| said(&error))?.triangles().len();
    let row = Row::new("G21", format!("{size}: contour of balls, {count} triangles"), seconds, "s");
    // The peer resolves ambiguous cells otherwise, so its triangles are nearly as many.
    rows.push(row.beside(Better::Less, (count as f64, 0.01), peer("contour")));
    drop(volume);
    let ring = torus(30.0, 12.0, 0.5);
    let how = Remesh { edge_mm: 0.8, rounds: 10, crease_deg: 40.0 };
    let (seconds, made) = timed(|| remesh(&ring, how, progress));
    let made = made.map_err(|error| said(&error))?.0;
    let counts = [&ring, &made].map(|surface| surface.triangles().len());
    rows.push(Row::new("G22", format!("remesh {} triangles to {}", counts[0], counts[1]), seconds, "s"));
    let (seconds, field) = best_of_three(|| deviation("distance", &made, &ring, progress));
    field.map_err(|error| said(&error))?;
    rows.push(Row::new("G23", format!("distances of {} places from a surface", made.positions().len()), seconds, "s"));
    let tree = tree();
    let (seconds, found) = best_of_three(|| centre_lines(&tree, &Wish::default(), progress));
    let branches = found.map_err(|error| said(&error))?.lines.branches().len();
    rows.push(Row::new("G24", format!("centre lines of a tree of {branches} branches"), seconds, "s").target(5.0));
    Ok(rows)
}

/// Balls on a lattice that share `count` labels.
fn labels([ni, nj, nk]: [usize; 3], count: usize) -> Volume<u8> {
    let grid = Grid::aligned([ni, nj, nk], Point::origin(), SPACING_MM).expect("a plain grid");
    let mut voxels = vec![0_u8; grid.len()];
    let square = |x: usize| (x % CELL).abs_diff(CELL / 2).pow(2);
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, voxels)| {
        let (j, k) = (row % nj, row / nj);
        for (i, voxel) in voxels.iter_mut().enumerate() {
            if square(i) + square(j) + square(k) < RADIUS * RADIUS {
                *voxel = 1 + ((k / CELL * 16 + j / CELL * 4 + i / CELL) % count) as u8;
            }
        }
    });
    Volume::new(grid, voxels).expect("one label per voxel")
}

/// A portal vein of 6 mm radius that forks five times within a liver's size, on voxels of 0.8 mm.
fn tree() -> Volume<u8> {
    let grid = Grid::aligned([240, 200, 160], Point::new(-96.0, -80.0, 0.0), [0.8; 3]).expect("a plain grid");
    let mut voxels = vec![0; grid.len()];
    let trunk = (Point::new(0.0, 0.0, 4.0), Vector::new(0.0, 0.0, 40.0), 6.0_f64);
    let mut branches = vec![trunk];
    for level in 0..5 {
        for n in branches.len() - (1 << level)..branches.len() {
            let (start, way, radius_mm) = branches[n];
            // Forks lie across one another in turn; Murray's law for two equal daughters.
            let across = if level % 2 == 0 { Vector::x() } else { Vector::y() };
            let daughter = |side: f64| {
                let turned = (way.normalize() + side * 0.9 * across).normalize();
                (start + way, 0.8 * way.norm() * turned, radius_mm * 0.5_f64.cbrt())
            };
            branches.extend([daughter(-1.0), daughter(1.0)]);
        }
    }
    for (start, way, radius_mm) in branches {
        let reach = Vector::repeat(radius_mm);
        let ends = [start, start + way].map(|point| point.coords);
        let low = grid.index_from_patient(Point::from(ends[0].inf(&ends[1]) - reach));
        let high = grid.index_from_patient(Point::from(ends[0].sup(&ends[1]) + reach));
        let span = |a: usize| (low[a].max(0.0) as usize)..((high[a] + 2.0).max(0.0) as usize).min(grid.dims()[a]);
        for (i, j, k) in span(0).flat_map(|i| span(1).flat_map(move |j| span(2).map(move |k| (i, j, k)))) {
            let from = grid.centre([i, j, k]) - start;
            let along = (from.dot(&way) / way.norm_squared()).clamp(0.0, 1.0);
            if (from - along * way).norm() < radius_mm {
                voxels[grid.offset([i, j, k])] = 1;
            }
        }
    }
    Volume::new(grid, voxels).expect("one label per voxel")
}
