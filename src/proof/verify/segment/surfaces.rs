//! Surfaces against shapes of known size: contour, surface nets, booleans, clips, distances.

use super::super::{Row, Tolerance};
use crate::base::Progress;
use crate::geom::{Grid, Plane, Point, Vector};
use crate::image::Volume;
use crate::mesh::balance::with_volume;
use crate::mesh::clip::clip;
use crate::mesh::compare::distance_to;
use crate::mesh::remesh::{Remesh, remesh};
use crate::mesh::shapes::{ball, torus};
use crate::mesh::smooth::{Smoothing, smooth};
use crate::mesh::solid::{Boolean, boolean};
use crate::mesh::{Surface, joint_surface, mask_surface};
use std::f64::consts::PI;

const SHAPES: &str = "4/3 π r³ and 4 π r²; 2 π² R r² and 4 π² R r";
const SUM: &str = "volumes of parts add up to that of the whole, and a body keeps its own";

/// Rows for surfaces.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let ball_of = |p: Point| p.coords.norm() < 20.0;
    shape(&mut rows, "ball of 20 mm", ball_of, [4.0 / 3.0 * PI * 8.0, 4.0 * PI * 4.0], [5e-3; 2], progress)?;
    // Along the lattice the count of voxels is itself 0.8 % off the formula; a ring that lies obliquely has no such luck.
    let axis = Vector::new(0.3, -0.5, 0.8).normalize();
    let ring = |p: Point| {
        let height = p.coords.dot(&axis);
        ((p.coords - height * axis).norm() - 15.0).powi(2) + height * height < 36.0
    };
    let exact = [2.0 * PI * PI * 0.54, 4.0 * PI * PI * 0.9];
    shape(&mut rows, "oblique torus of 15 and 6 mm", ring, exact, [5e-3; 2], progress)?;
    let text = |error: &dyn std::error::Error| error.to_string();
    let a = ball(10.0, 0.7);
    let b = a.with_positions(a.positions().iter().map(|p| p + Vector::new(7.0, 3.0, -2.0)).collect());
    let b = b.map_err(|error| text(&error))?;
    let ml = |how| boolean(&a, &b, how, 0.4, progress).map(|body| body.volume_ml()).map_err(|error| text(&error));
    let (union, both, less) = (ml(Boolean::Union)?, ml(Boolean::Intersection)?, ml(Boolean::Difference)?);
    let all = a.volume_ml() + b.volume_ml();
    let sum = |rows: &mut Vec<Row>, id, what, value, reference, part| {
        rows.push(Row::new(id, what, value, reference, "ml", Tolerance::Relative(part), SUM));
    };
    sum(&mut rows, "S30", "two balls: union and intersection together", union + both, all, 3e-3);
    sum(&mut rows, "S30", "two balls: difference and intersection together", less + both, a.volume_ml(), 3e-3);
    let ring = torus(20.0, 5.0, 1.0);
    let plane = Plane::new(Point::new(0.7, -0.4, 1.1), Vector::new(0.3, -0.5, 0.8)).ok_or("a plane has a normal")?;
    let other = Plane::new(plane.point, -plane.normal()).ok_or("a plane has a normal")?;
    let half = |plane: &Plane| clip(&ring, plane, true, progress).map(|half| half.volume_ml());
    let halves = half(&plane).and_then(|upper| Ok(upper + half(&other)?)).map_err(|error| text(&error))?;
    sum(&mut rows, "S31", "torus cut by an oblique plane: halves together", halves, ring.volume_ml(), 1e-9);
    let ring = torus(15.0, 6.0, 1.0);
    let how = Remesh { edge_mm: 1.0, rounds: 10, crease_deg: 40.0 };
    let (made, summary) = remesh(&ring, how, progress).map_err(|error| text(&error))?;
    sum(
        &mut rows,
        "S33",
        "torus with edges of 1 mm instead of those of a contour",
        made.volume_ml(),
        ring.volume_ml(),
        5e-3,
    );
    let value = |name: &str| summary.value(name).unwrap_or(f64::NAN);
    let (angle, mean) = (value("smallest angle"), value("mean edge"));
    let what = "the same: smallest angle";
    rows.push(Row::new("S33", what, angle, 25.0, "°", Tolerance::AtLeast, "60° in the best of all meshes"));
    let what = "the same: mean edge";
    rows.push(Row::new("S33", what, mean, 1.0, "mm", Tolerance::Relative(0.05), "the length asked for"));
    let measured = distance_to(&ball(10.0, 0.8), &ball(13.0, 0.8), progress).map_err(|error| text(&error))?;
    let (_, summary) = measured.ok_or("a ball has triangles")?;
    let mean = summary.value("mean distance").unwrap_or(f64::NAN);
    let source = "difference of the radii";
    rows.push(Row::new("S32", "ball to ball: mean distance", mean, -3.0, "mm", Tolerance::Absolute(0.05), source));
    Ok(rows)
}

/// Volume and area of a shape in voxels of 1 mm, by contour and by surface nets.
fn shape(
    rows: &mut Vec<Row>,
    what: &str,
    inside: impl Fn(Point) -> bool,
    [exact_ml, exact_cm2]: [f64; 2],
    [contour_part, nets_part]: [f64; 2],
    progress: &Progress,
) -> Result<(), String> {
    let grid = Grid::aligned([50; 3], Point::new(-24.4, -24.6, -24.3), [1.0; 3]).map_err(|error| error.to_string())?;
    let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    let mask = Volume::new(grid, voxels).map_err(|error| error.to_string())?;
    let contour = mask_surface(&mask, progress).map_err(|error| error.to_string())?;
    let how = Smoothing::WindowedSinc { iterations: 32, pass_band: 0.06 };
    let (contour, _) = smooth(&contour, how, progress).map_err(|error| error.to_string())?;
    let voxels_ml = mask.voxels().iter().filter(|value| **value != 0).count() as f64 / 1000.0;
    let (contour, _) = with_volume(&contour, voxels_ml, 0.25);
    let nets = joint_surface(&mask, 16, progress).map_err(|error| error.to_string())?.surface_of(1);
    let ways = [("S28", "smoothed contour", &contour, contour_part), ("S29", "surface nets", &nets, nets_part)];
    for (id, by, surface, volume_part) in ways {
        let mut row = |quantity: &str, value, exact, unit, part| {
            let what = format!("{what} in voxels of 1 mm, {by}: {quantity}");
            rows.push(Row::new(id, &what, value, exact, unit, Tolerance::Relative(part), SHAPES));
        };
        row("volume", surface.volume_ml(), exact_ml, "ml", volume_part);
        row("area", Surface::area_cm2(surface), exact_cm2, "cm²", 0.02);
    }
    Ok(())
}
