//! What happens while a cut is dragged, and what is made once before.

use crate::base::Progress;
use crate::geom::{Grid, Point};
use crate::image::Volume;
use crate::plan::resection::{
    Blade, Books, Laid, Layer, Organ, Shown, Watched, fates, margin_taken, resectogram, sheet_through_contour, zones,
};
use crate::plan::{Cut, CutShape, DistanceMap, Sheet};
use crate::proof::bench::{Row, best_of_three};
use rayon::prelude::*;
use std::sync::Arc;

/// Voxels along each side of the organ's box.
pub(super) const EDGE: usize = 256;
/// A frame at 30 per second.
const FRAME_MS: f64 = 1000.0 / 30.0;

/// The rows of this area.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    rows.push(map_of_scan(progress)?);
    let mask = organ_mask(EDGE);
    let (seconds, organ) = best_of_three(|| Organ::of(&mask));
    let organ = organ.map_err(|error| error.to_string())?;
    let n = organ.voxels(Layer::Organ);
    rows.push(Row::new("P1", format!("organ of {EDGE}³ ({n} voxels) made ready for cuts, once"), 1e3 * seconds, "ms"));
    let half = EDGE as f64 / 2.0;
    let plane = CutShape::Plane { point: [0.02 * half, 0.0, 0.0], normal: [1.0, 0.4, 0.2] };
    let kinds = [("plane", plane), ("sheet of 4 × 4", sheet(0.5 * half, half)), ("sheet of 8 × 8", wavy(half))];
    let target = ball(&mask, Point::new(0.3 * half, 0.1 * half, 0.0), 0.15 * half)?;
    let vessels = ball(&mask, Point::new(-0.3 * half, 0.1 * half, 0.0), 0.1 * half)?;
    let map = |mask: &Volume<u8>| DistanceMap::of(mask, progress).map_err(|error| error.to_string());
    let (to_target, to_vessels, to_organ) = (map(&target)?, map(&vessels)?, map(&mask)?);
    let tumour = Organ::of(&target).map_err(|error| error.to_string())?;
    for (name, shape) in kinds {
        let ready = |shape: &CutShape| Blade::of(&Cut { shape: shape.clone(), width_mm: 3.0 }, &organ.bounds());
        let blade = ready(&shape).map_err(|error| error.to_string())?;
        let (seconds, books) = best_of_three(|| {
            let blade = ready(&shape)?;
            Books::of(&organ, &blade, 0.0, progress)
        });
        let percent = books.map_err(|error| error.to_string())?.remnant_percent().text(1, "%");
        let what = format!("{name}: remnant of the organ after a move, exact, with bounds ({percent})");
        rows.push(Row::new("P2", what, 1e3 * seconds, "ms").target(200.0));
        let (seconds, painted) = best_of_three(|| fates(&organ, &blade, progress));
        painted.map_err(|error| error.to_string())?;
        rows.push(Row::new("P2", format!("{name}: voxels of both parts painted"), 1e3 * seconds, "ms"));
        let (seconds, margin) = best_of_three(|| margin_taken(&blade, &tumour, 0.0));
        let what = format!("{name}: margin to a tumour ({})", margin.mm.text(1, "mm"));
        rows.push(Row::new("P3", what, 1e3 * seconds, "ms").target(FRAME_MS));
        if blade.facets().is_none() {
            continue;
        }
        let watched = [&to_target, &to_vessels].map(|distances| Watched { distances, margin_mm: 10.0, edge_mm: 0.5 });
        let (seconds, count) = best_of_three(|| {
            let blade = ready(&shape).ok()?;
            let surface = blade.facets()?.surface();
            Some(zones(surface.positions(), &watched, blade.half_mm()).len())
        });
        let count = count.ok_or("the sheet is none")?;
        let what = format!("{name}: facets and margin colours of {count} vertices while dragging, two structures");
        rows.push(Row::new("P4", what, 1e3 * seconds, "ms").target(FRAME_MS));
        if let CutShape::Sheet(sheet) = &shape {
            let vessels = [(&to_vessels, [60, 80, 200])];
            let shown = Shown { organ: &to_organ, watched: &watched, vessels: &vessels, crossings: &[], half_mm: 1.5 };
            let (seconds, picture) = best_of_three(|| Laid::sheet(sheet).map(|laid| resectogram(&laid, 512, &shown)));
            picture.map_err(|error| error.to_string())?;
            rows.push(Row::new("P4", format!("{name}: resectogram, 512 pixels"), 1e3 * seconds, "ms"));
        }
    }
    rows.push(fit());
    Ok(rows)
}

/// An ellipsoid that fills `edge`³ voxels of 1 mm.
pub(super) fn organ_mask(edge: usize) -> Volume<u8> {
    let half = edge as f64 / 2.0;
    let start = Point::new(0.5 - half, 0.5 - half, 0.5 - half);
    let grid = Arc::new(Grid::aligned([edge; 3], start, [1.0; 3]).expect("a plain grid"));
    let inside = |o: usize| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 0.98 * half);
    Volume::new(Arc::clone(&grid), (0..grid.len()).into_par_iter().map(inside).collect()).expect("one mark per voxel")
}

fn ball(like: &Volume<u8>, centre: Point, radius_mm: f64) -> Result<Volume<u8>, String> {
    let grid = like.grid();
    let inside = |o: usize| u8::from((grid.centre(grid.voxel(o)) - centre).norm() < radius_mm);
    let marks = (0..grid.len()).into_par_iter().map(inside).collect();
    Volume::new(Arc::clone(grid), marks).map_err(|error| error.to_string())
}

pub(super) fn sheet(hump_mm: f64, half: f64) -> CutShape {
    let place = |n: usize| 1.4 * half * (n as f64 / 1.5 - 1.0);
    let inner = |n: usize| (1..3).contains(&n);
    let lift = |u: usize, v: usize| if inner(u) && inner(v) { hump_mm } else { 0.0 };
    let controls = (0..16).map(|n| [place(n % 4), place(n / 4), lift(n % 4, n / 4)]).collect();
    CutShape::Sheet(Sheet { count: [4, 4], controls })
}

pub(super) fn wavy(half: f64) -> CutShape {
    let place = |n: usize| 1.4 * half * (n as f64 / 3.5 - 1.0);
    let lift = |u: usize, v: usize| 0.6 * half * (1.3 * u as f64).sin() * (1.1 * v as f64 + 0.4).cos();
    let controls = (0..64).map(|n| [place(n % 8), place(n / 8), lift(n % 8, n / 8)]).collect();
    CutShape::Sheet(Sheet { count: [8, 8], controls })
}

fn map_of_scan(progress: &Progress) -> Result<Row, String> {
    let grid = Arc::new(Grid::aligned([512, 512, 300], Point::origin(), [0.75, 0.75, 1.0]).expect("a plain grid"));
    let middle = grid.bounds().centre();
    let inside = |o: usize| {
        let p = grid.centre(grid.voxel(o)) - middle;
        let lobes = (0.25 * p.x).sin() + (0.2 * p.y).sin() + (0.22 * p.z).sin();
        u8::from((p.x / 130.0).powi(2) + (p.y / 95.0).powi(2) + (p.z / 85.0).powi(2) < 1.0 && lobes < 1.6)
    };
    let marks = (0..grid.len()).into_par_iter().map(inside).collect();
    let mask = Volume::new(Arc::clone(&grid), marks).map_err(|error| error.to_string())?;
    let (seconds, map) = best_of_three(|| DistanceMap::of(&mask, progress));
    map.map_err(|error| error.to_string())?;
    Ok(Row::new("P0", "exact signed distance map, 512 × 512 × 300 voxels", seconds, "s").target(3.0))
}

fn fit() -> Row {
    let angle = |n: u32| std::f64::consts::TAU * f64::from(n) / 200.0;
    let at = |n| Point::new(90.0 * angle(n).cos(), 60.0 * angle(n).sin(), 12.0 * (3.0 * angle(n)).cos());
    let contour: Vec<Point> = (0..200).map(at).collect();
    let (seconds, fit) = best_of_three(|| sheet_through_contour(&contour, crate::geom::Vector::z(), [8, 8]));
    let rms = fit.map_or_else(|error| error.to_string(), |fit| format!("{:.2} mm off", fit.rms_mm));
    Row::new("P4", format!("sheet of 8 × 8 through a contour of 200 points ({rms})"), 1e3 * seconds, "ms")
}
