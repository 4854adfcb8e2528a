//! Paths, ablations, screws, saw cuts and ports against bodies whose distances, volumes and angles are formulas.

use super::{Row, Tolerance};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Grid, Plane, Point, Vector};
use crate::image::Volume;
use crate::mesh::shapes::{ball, cuboid};
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::ablation::{Spheroid, Zones, coverage, margin};
use crate::plan::access::{AccessRules, access};
use crate::plan::bone::{Drilled, GuideRules, SleeveRules, contact, drill_guide, guide, move_fragment};
use crate::plan::path::segment::nearest_part;
use crate::plan::path::{Obstacle, Path, approach};
use crate::plan::search::{Guarded, Rules, Search, search};
use crate::plan::{Osteotomy, Port};
use std::f64::consts::PI;

/// Paths that are tried.
const PATHS: usize = 400;
/// A grid as of a usual scan.
const SPACING_MM: [f64; 3] = [0.8, 0.8, 1.25];

/// The rows of this area.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = distances(progress)?;
    progress.set(0.3).map_err(|stop| stop.to_string())?;
    rows.push(searched(progress)?);
    rows.extend(ablations(progress)?);
    progress.set(0.6).map_err(|stop| stop.to_string())?;
    rows.extend(screws(progress)?);
    rows.extend(bones(progress)?);
    rows.push(angles()?);
    Ok(rows)
}

/// Voxels of what `inside` says, around the origin.
fn mask(half_mm: [f64; 3], inside: impl Fn(Point) -> bool) -> Result<Volume<u8>, String> {
    let dims = [0, 1, 2].map(|a| (2.0 * half_mm[a] / SPACING_MM[a]).ceil() as usize);
    let first = [0, 1, 2].map(|a| -(dims[a] as f64 / 2.0 - 0.27) * SPACING_MM[a]);
    let grid = Grid::aligned(dims, Point::from(first), SPACING_MM).map_err(|error| error.to_string())?;
    let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    Volume::new(grid, voxels).map_err(|error| error.to_string())
}

fn point(rng: &mut Rng, half_mm: f64) -> Point {
    Point::new(rng.between(-half_mm, half_mm), rng.between(-half_mm, half_mm), rng.between(-half_mm, half_mm))
}

fn worst_row(id: &str, what: &str, worst_mm: f64, limit_mm: f64, source: &str) -> Row {
    Row::new(id, what, worst_mm, limit_mm, "mm", Tolerance::AtMost, source)
}

/// Needles past a ball and past a vessel: as a surface, as voxels, as lines.
fn distances(progress: &Progress) -> Result<Vec<Row>, String> {
    const RADIUS_MM: f64 = 14.0;
    let said = |error: crate::plan::path::PathError| error.to_string();
    let surface = Obstacle::of_surface(&ball(RADIUS_MM, 0.5), 0.0).map_err(said)?;
    let voxels = mask([20.0; 3], |p| p.coords.norm() <= RADIUS_MM)?;
    let voxels = Obstacle::of_mask(&voxels, progress).map_err(said)?;
    let line = vec![Point::new(-30.0, 0.0, 0.0), Point::new(30.0, 0.0, 0.0)];
    let branch = CentreBranch { parent: None, points: line, radii_mm: vec![3.0; 2] };
    let vessel = CentreLines::new(vec![branch]).map_err(|error| error.to_string())?;
    let vessel = Obstacle::of_lines(&vessel, 0.0).map_err(said)?;
    let mut rng = Rng::new(71);
    let (mut on_surface, mut on_voxels, mut on_lines, mut held, mut tried) = (0.0_f64, 0.0_f64, 0.0_f64, 0, 0);
    for _ in 0..PATHS {
        let path = Path::new(point(&mut rng, 45.0), point(&mut rng, 45.0), 1.2).map_err(said)?;
        let (a, b) = (path.entry(), path.target());
        let part = nearest_part(&Point::origin(), &a, &b);
        let exact = (a + (b - a) * part).coords.norm() - RADIUS_MM - 0.6;
        on_surface = on_surface.max((approach(&path, &surface).distance_mm.value - exact).abs());
        // Deep inside, the nearest part of a surface of voxels may lie anywhere.
        if exact.abs() < 5.0 {
            let found = approach(&path, &voxels).distance_mm;
            on_voxels = on_voxels.max((found.value - exact).abs());
            held += usize::from(found.holds(exact));
            tried += 1;
        }
        // To the vessel: sampled every 0.002 mm, which is off by less than a thousandth outside.
        let samples = 40_000;
        let to_axis = |s: usize| {
            let p = path.at(path.length_mm() * s as f64 / f64::from(samples));
            (p - Point::new(p.x.clamp(-30.0, 30.0), 0.0, 0.0)).norm() - 3.6
        };
        let sampled = (0..=samples as usize).map(to_axis).fold(f64::INFINITY, f64::min);
        on_lines = on_lines.max((approach(&path, &vessel).distance_mm.value - sampled).abs());
    }
    let half_mm = voxels.edge_mm();
    Ok(vec![
        worst_row(
            "PP1",
            "needle to a ball as a surface: worst of 400",
            on_surface,
            0.05,
            "distance of a line to a sphere; facets",
        ),
        worst_row(
            "PP1",
            "needle to a ball of voxels: worst",
            on_voxels,
            half_mm,
            "the same; half the diagonal of a voxel",
        ),
        Row::new(
            "PP1",
            "part of those whose bounds hold the truth",
            100.0 * held as f64 / f64::from(tried.max(1)),
            95.0,
            "%",
            Tolerance::AtLeast,
            "the same",
        ),
        worst_row("PP1", "needle to a vessel as lines: worst of 400", on_lines, 0.02, "sampled distances of lines"),
    ])
}

/// The best path of a search against every path judged with exact distances.
fn searched(progress: &Progress) -> Result<Row, String> {
    let skin = ball(70.0, 4.0);
    let targets = [Point::new(10.0, 5.0, -8.0)];
    let voxels = mask([45.0; 3], |p| (p - Point::new(-5.0, 30.0, 5.0)).norm() <= 9.0)?;
    let structure = Obstacle::of_mask(&voxels, progress).map_err(|error| error.to_string())?;
    let guarded = [Guarded { structure: &structure, distance_mm: 3.0, weight: None }];
    let free = Rules { is_air_forbidden: false, bone_mm_max: None, ..Rules::default() };
    let what =
        Search { surface: &skin, permitted: None, targets: &targets, guarded: &guarded, scan: None, rules: &free };
    let found = search(&what, progress).map_err(|error| error.to_string())?;
    let first = found.best.first().ok_or("the search finds no path")?;
    let normals = skin.vertex_normals();
    let mut best = f64::INFINITY;
    for (entry, normal) in skin.positions().iter().zip(&normals) {
        let path = Path::new(*entry, targets[0], free.diameter_mm).map_err(|error| error.to_string())?;
        // The structure is a ball: its distance is a formula.
        let middle = Point::new(-5.0, 30.0, 5.0);
        let part = nearest_part(&middle, entry, &targets[0]);
        let mm = (entry + (targets[0] - entry) * part - middle).norm() - 9.0 - path.radius_mm();
        let angle = (-path.along().dot(normal)).clamp(-1.0, 1.0).acos().to_degrees();
        if 3.0 <= mm && path.length_mm() <= free.length_mm_max && angle <= free.angle_degrees_max {
            let near = (1.0 - (mm - 3.0) / free.fades_over_mm).max(0.0);
            let length = free.length_weight * path.length_mm() / free.length_mm_max;
            let slant = free.angle_weight * angle / free.angle_degrees_max;
            best = best.min((near + length + slant) / (1.0 + free.length_weight + free.angle_weight));
        }
    }
    Ok(Row::new(
        "PP2",
        "cost of the best path of a search over a ball",
        first.cost,
        best,
        "1",
        Tolerance::Absolute(0.02),
        "every path by formula",
    ))
}

/// Margins and coverage of zones around a round tumour.
fn ablations(progress: &Progress) -> Result<Vec<Row>, String> {
    let said = |error: crate::plan::ablation::AblationError| error.to_string();
    let zone = |x: f64, along_mm: f64, across_mm: f64| Spheroid {
        centre: Point::new(x, 0.0, 0.0),
        axis: Vector::x(),
        along_mm,
        across_mm,
    };
    let tumour = ball(9.0, 0.5);
    let least = |zones: Vec<Spheroid>| {
        let zones = Zones::new(zones).map_err(said)?;
        margin(&tumour, &zones, 5.0, 0.0, progress).map(|found| found.least_mm.value).map_err(said)
    };
    // A ball of 9 mm in an ellipsoid of 25 × 16 mm: nearest across; two balls of 15 mm, 12 mm apart: at the groove.
    let one = least(vec![zone(0.0, 25.0, 16.0)])?;
    let two = least(vec![zone(-6.0, 15.0, 15.0), zone(6.0, 15.0, 15.0)])?;
    let groove = (15.0_f64.powi(2) - 36.0).sqrt() - 9.0;
    let voxels = mask([22.0; 3], |p| p.coords.norm() <= 9.0)?;
    let zones = Zones::new(vec![zone(10.0, 12.0, 12.0)]).map_err(said)?;
    let covered = coverage(&voxels, &zones, 5.0, 0.0, progress).map_err(said)?;
    let shared = |a: f64, b: f64, d: f64| {
        PI * (a + b - d).powi(2) * (d * d + 2.0 * d * (a + b) - 3.0 * (a - b).powi(2)) / (12.0 * d)
    };
    let exact = 100.0 * shared(9.0, 12.0, 10.0) / (4.0 / 3.0 * PI * 729.0);
    let books = covered.tumour_voxels.iter().sum::<usize>() as f64;
    let all = voxels.voxels().iter().filter(|v| **v != 0).count() as f64;
    let source = "geometry of spheres and ellipsoids";
    Ok(vec![
        Row::new("PP3", "least margin in one zone", one, 7.0, "mm", Tolerance::Absolute(0.05), source),
        Row::new("PP3", "least margin in two zones", two, groove, "mm", Tolerance::Absolute(0.05), source),
        Row::new("PP3", "tumour covered", covered.tumour_percent.value, exact, "%", Tolerance::Absolute(1.0), source),
        Row::new("PP3", "its lower bound", covered.tumour_percent.low, exact, "%", Tolerance::AtMost, source),
        Row::new("PP3", "its upper bound", covered.tumour_percent.high, exact, "%", Tolerance::AtLeast, source),
        Row::new("PP3", "voxels covered and left", books, all, "1", Tolerance::Absolute(0.0), "voxels of the tumour"),
    ])
}

/// Screws in a pedicle of a round section, moved sideways.
fn screws(progress: &Progress) -> Result<Vec<Row>, String> {
    const PEDICLE_MM: f64 = 5.5;
    let bone = mask([20.0, 20.0, 32.0], |p| p.x.hypot(p.y) <= PEDICLE_MM && p.z.abs() <= 30.0)?;
    let bone = Obstacle::of_mask(&bone, progress).map_err(|error| error.to_string())?;
    let mut rng = Rng::new(5);
    let (mut worst_mm, mut held) = (0.0_f64, 0);
    const SCREWS: usize = 100;
    for _ in 0..SCREWS {
        let (off, angle, diameter) = (rng.between(0.0, 5.0), rng.between(0.0, 2.0 * PI), rng.between(4.0, 7.5));
        let (x, y) = (off * angle.cos(), off * angle.sin());
        let screw = Path::new(Point::new(x, y, 34.0), Point::new(x, y, -20.0), diameter);
        let found = contact(&screw.map_err(|e| e.to_string())?, &bone).map_err(|error| error.to_string())?;
        let exact = (off + 0.5 * diameter - PEDICLE_MM).max(0.0);
        worst_mm = worst_mm.max((found.breach_mm.value - exact).abs());
        held += usize::from(found.breach_mm.holds(exact));
    }
    let source = "offset and radii";
    Ok(vec![
        worst_row("PP4", "breach of 100 screws in a round pedicle: worst", worst_mm, bone.edge_mm(), source),
        Row::new("PP4", "of 100, bounds that hold the truth", held as f64, 95.0, "1", Tolerance::AtLeast, source),
    ])
}

/// A wedge osteotomy, a guide for a saw and one for a drill.
fn bones(progress: &Progress) -> Result<Vec<Row>, String> {
    let said = |error: crate::plan::bone::BoneError| error.to_string();
    let bone = cuboid([20.0, 20.0, 40.0]);
    let cut = Osteotomy {
        planes: vec![[[0.0, 0.0, 20.0], [0.0, 0.0, 1.0]]],
        kerf_mm: 1.0,
        turn_degrees: [0.0, -8.0, 0.0],
        about: [0.0, 0.0, 20.5],
        shift_mm: [0.0; 3],
    };
    let moved = move_fragment(&bone, &cut, progress).map_err(said)?;
    let (sin, cos) = 8.0_f64.to_radians().sin_cos();
    // The wedge, and the kerf under the projection of the face.
    let gap = (0.5 * 400.0 * sin * cos + 20.0 * cos) * 20.0 / 1000.0;
    let sum = moved.fragment_ml + moved.rest_ml + moved.kerf_ml;
    let body = ball(20.0, 0.8);
    let seat = Point::new(0.0, 0.0, 20.0);
    let plane = Plane::new(seat, Vector::x()).ok_or("a plane")?;
    let rules = GuideRules { radius_mm: 10.0, ..GuideRules::default() };
    let made = guide(&body, &plane, &seat, &Vector::z(), &rules, None, progress).map_err(said)?;
    let open = made.surface.open_edges() as f64;
    let path =
        Path::new(Point::new(3.0, 1.0, 20.2), Point::new(-2.0, 4.0, 2.0), 5.0).map_err(|error| error.to_string())?;
    let drilled = Drilled { name: "screw".to_owned(), path, drill_mm: 3.2 };
    let sleeves = SleeveRules { radius_mm: 9.0, ..SleeveRules::default() };
    let drills = drill_guide(&body, &[drilled], None, &sleeves, None, progress).map_err(|error| error.to_string())?;
    let bore = drills.sleeves.first().ok_or("one path gives one sleeve")?.made;
    let source = "geometry of boxes";
    Ok(vec![
        Row::new(
            "PP5",
            "gap of an opening wedge of 8°",
            moved.gaps_ml[0],
            gap,
            "ml",
            Tolerance::Relative(1e-9),
            source,
        ),
        Row::new("PP5", "fragment, rest and kerf", sum, 16.0, "ml", Tolerance::Relative(1e-9), source),
        Row::new("PP5", "kerf of 1 mm", moved.kerf_ml, 0.4, "ml", Tolerance::Relative(1e-9), source),
        Row::new("PP6", "open edges of a guide", open, 0.0, "1", Tolerance::Absolute(0.0), "a closed surface"),
        Row::new(
            "PP6",
            "clearance of a guide",
            made.clearance_mm,
            rules.clearance_mm,
            "mm",
            Tolerance::Absolute(0.5 * rules.voxel_mm),
            "the clearance asked for, half a voxel",
        ),
        Row::new(
            "PP6",
            "open edges of a drill guide",
            drills.surface.open_edges() as f64,
            0.0,
            "1",
            Tolerance::Absolute(0.0),
            "a closed surface",
        ),
        worst_row("PP6", "axis of a slanted bore off its path", bore.off_mm, 0.1, "the path"),
        Row::new(
            "PP6",
            "width of a bore",
            bore.diameter_mm,
            3.2 + sleeves.play_mm,
            "mm",
            Tolerance::Absolute(0.1),
            "the drill and its play",
        ),
    ])
}

/// Two instruments that meet at a known angle.
fn angles() -> Result<Row, String> {
    let port = |degrees: f64| {
        let (sin, cos) = f64::to_radians(degrees).sin_cos();
        let at = [200.0 * sin, -200.0 * cos, 0.0];
        Port { at, reach_mm: 250.0, sweep_degrees: 45.0, towards: [0.0; 3], is_camera: false }
    };
    let rules = AccessRules::default();
    let found = access(&[port(-21.0), port(36.5)], &Point::origin(), &[], &rules).map_err(|error| error.to_string())?;
    let angle = found.pairs.first().ok_or("two ports are a pair")?.manipulation_degrees;
    Ok(Row::new("PP7", "angle between two instruments", angle, 57.5, "°", Tolerance::Absolute(1e-9), "geometry"))
}
