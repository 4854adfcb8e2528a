//! How fast paths are searched, margins of ablations computed and screws judged, in a body of 256³ voxels.

use super::{Row, best_of_three};
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::filter::signed_distance;
use crate::image::{Modality, Scan, Volume, Voxels};
use crate::mesh::shapes::ball;
use crate::plan::ablation::{Spheroid, Zones, coverage, depths, margin};
use crate::plan::bone::{GuideRules, contact, guide};
use crate::plan::path::{Obstacle, Path, approach};
use crate::plan::search::{Guarded, Rules, Search, search};
use rayon::prelude::*;

const EDGE: usize = 256;
const CANDIDATES: usize = 10_000;

/// All rows.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = searching(progress)?;
    rows.extend(ablating(progress)?);
    rows.extend(boring(progress)?);
    Ok(rows)
}

fn grid() -> Result<Grid, String> {
    let first = -0.5 * (EDGE - 1) as f64;
    Grid::aligned([EDGE; 3], Point::new(first, first, first), [1.0; 3]).map_err(|error| error.to_string())
}

fn mask(grid: &Grid, inside: impl Fn(Point) -> bool + Sync) -> Result<Volume<u8>, String> {
    let voxels = (0..grid.len()).into_par_iter().map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    Volume::new(grid.clone(), voxels).map_err(|error| error.to_string())
}

/// 10 000 entries on the skin, five structures to be spared, a CT for air and bone.
fn searching(progress: &Progress) -> Result<Vec<Row>, String> {
    let grid = grid()?;
    let middles =
        [[30.0, 40.0, 0.0], [-35.0, 30.0, 10.0], [0.0, 50.0, 35.0], [20.0, -40.0, -30.0], [-20.0, -45.0, 20.0]];
    let mut maps = Vec::new();
    for middle in middles.map(Point::from) {
        let structure = mask(&grid, |p| (p - middle).norm() <= 12.0)?;
        let map = signed_distance(&structure, progress).map_err(|stop| stop.to_string())?;
        maps.push(Obstacle::of_map(map).map_err(|error| error.to_string())?);
    }
    let guarded: Vec<Guarded> =
        maps.iter().map(|structure| Guarded { structure, distance_mm: 3.0, weight: None }).collect();
    let hu: Vec<i16> = (0..grid.len())
        .into_par_iter()
        .map(|o| if grid.centre(grid.voxel(o)).coords.norm() <= 100.0 { 40 } else { -1000 })
        .collect();
    let voxels = Voxels::I16(Volume::new(grid, hu).map_err(|error| error.to_string())?);
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    let skin = ball(100.0, 2.5);
    let mut left = CANDIDATES;
    let permitted: Vec<bool> = skin
        .positions()
        .iter()
        .map(|p| {
            let is_in = p.y < 60.0 && 0 < left;
            left -= usize::from(is_in);
            is_in
        })
        .collect();
    if 0 < left {
        return Err(format!("the skin has {left} vertices too few"));
    }
    let targets = [Point::new(5.0, 0.0, -3.0)];
    let rules = Rules { angle_degrees_max: 80.0, ..Rules::default() };
    let what = Search {
        surface: &skin,
        permitted: Some(&permitted),
        targets: &targets,
        guarded: &guarded,
        scan: Some(&scan),
        rules: &rules,
    };
    let (seconds, found) = best_of_three(|| search(&what, progress));
    let found = found.map_err(|error| error.to_string())?;
    let name = format!("search of {CANDIDATES} paths × 5 structures, {} possible", found.possible);
    let path = Path::new(Point::new(0.0, -100.0, 0.0), targets[0], 1.3).map_err(|error| error.to_string())?;
    let (one, _) = best_of_three(|| maps.iter().map(|map| approach(&path, map).distance_mm.value).sum::<f64>());
    let body = ball(30.0, 0.75);
    let beside = body.positions().iter().map(|p| p + Vector::new(40.0, -50.0, 0.0)).collect();
    let body = body.with_positions(beside).map_err(|error| error.to_string())?;
    let surface = Obstacle::of_surface(&body, 0.5).map_err(|error| error.to_string())?;
    let (exact, _) = best_of_three(|| approach(&path, &surface));
    let triangles = body.triangles().len();
    Ok(vec![
        Row::new("PB1", name, seconds, "s").target(3.0),
        Row::new("PB2", "nearest approach of a needle to 5 maps", 1e3 * one, "ms"),
        Row::new("PB2", format!("the same to a surface of {triangles} triangles, exact"), 1e3 * exact, "ms"),
    ])
}

/// A tumour of 30 mm with three needles.
fn ablating(progress: &Progress) -> Result<Vec<Row>, String> {
    let said = |error: crate::plan::ablation::AblationError| error.to_string();
    let tumour = ball(15.0, 0.6);
    let zone = |x: f64, y: f64| Spheroid {
        centre: Point::new(x, y, 0.0),
        axis: Vector::new(0.1, 0.2, 1.0).normalize(),
        along_mm: 24.0,
        across_mm: 16.0,
    };
    let spheroids = vec![zone(8.0, 0.0), zone(-8.0, 4.0), zone(0.0, -9.0)];
    let (built, zones) = best_of_three(|| Zones::new(spheroids.clone()));
    let zones = zones.map_err(said)?;
    let (seconds, found) = best_of_three(|| margin(&tumour, &zones, 5.0, 0.4, progress));
    let least = found.map_err(said)?.least_mm.value;
    // What the window does with every move: the zones, their surfaces, and a colour for every vertex.
    let (coloured, painted) = best_of_three(|| {
        let zones = Zones::new(spheroids.clone()).map_err(said)?;
        for spheroid in &spheroids {
            Zones::new(vec![*spheroid]).map_err(said)?.surface();
        }
        depths(&tumour, &zones, progress).map_err(|error| error.to_string())
    });
    let painted = painted?.len();
    let voxels = mask(&grid()?, |p| p.coords.norm() <= 15.0)?;
    let (counted, found) = best_of_three(|| coverage(&voxels, &zones, 5.0, 0.0, progress));
    found.map_err(said)?;
    let vertices = tumour.positions().len();
    let what = format!("least margin of 3 needles at {vertices} vertices ({least:.1} mm), zones with it");
    Ok(vec![
        Row::new("PB3", what, 1e3 * (built + seconds), "ms").target(200.0),
        Row::new(
            "PB3",
            format!("margin colours at {painted} vertices after a move, zones with it"),
            1e3 * coloured,
            "ms",
        )
        .target(1000.0 / 30.0),
        Row::new("PB3", "coverage of a tumour of 30 mm with its margin", 1e3 * counted, "ms").target(200.0),
    ])
}

/// A screw, and a guide.
fn boring(progress: &Progress) -> Result<Vec<Row>, String> {
    let said = |error: crate::plan::bone::BoneError| error.to_string();
    let bone = mask(&grid()?, |p| p.x.hypot(p.y) <= 6.0 && p.z.abs() < 40.0)?;
    let bone = Obstacle::of_mask(&bone, progress).map_err(|error| error.to_string())?;
    let screw = Path::new(Point::new(1.0, 0.0, 45.0), Point::new(1.0, 0.0, -5.0), 6.5).map_err(|e| e.to_string())?;
    let (seconds, found) = best_of_three(|| contact(&screw, &bone));
    found.map_err(said)?;
    let body = ball(40.0, 1.0);
    let seat = Point::new(0.0, 0.0, 40.0);
    let plane = crate::geom::Plane::new(seat, Vector::x()).ok_or("a plane")?;
    let (made, found) =
        best_of_three(|| guide(&body, &plane, &seat, &Vector::z(), &GuideRules::default(), None, progress));
    let triangles = found.map_err(said)?.surface.triangles().len();
    Ok(vec![
        Row::new("PB4", "contact of a screw of 50 mm", 1e3 * seconds, "ms"),
        Row::new("PB5", format!("guide of 36 mm in voxels of 0.4 mm, {triangles} triangles"), made, "s"),
    ])
}
