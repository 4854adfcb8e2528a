//! Surfaces cut along a closed curve drawn on them: a patch, or what is left without it.

use super::Surface;
use super::clip::{Cut, lid};
use super::quality::components;
use super::remesh::refined;
use crate::base::{Cancelled, Progress};
use crate::geom::{Plane, Point, Vector};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// Why a surface was not cut.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CurveCutError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// No area.
    #[error("a curve of {0} points encloses nothing; give at least 3 that do not lie on a line")]
    Flat(usize),
    /// The curve surrounds no part of the surface.
    #[error("the curve surrounds no part of the surface; draw it on the surface")]
    Nothing,
    /// The curve surrounds all of it.
    #[error("the curve surrounds the whole surface, so nothing would be left outside of it")]
    Everything,
    /// The rim is no simple line seen from the front.
    #[error(
        "the cut cannot be closed by a lid, for the curve reaches around the surface; draw it on one side, or ask for no lid"
    )]
    NoLid,
}

/// Edges near the curve are at most this part of its length.
const PIECES: f64 = 200.0;

/// As near as this part of its length is on the curve.
const SNAP: f64 = 1e-7;

/// Which part stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The patch within the curve.
    Inside,
    /// The rest.
    Outside,
}

/// The part of `surface` inside the closed curve through `points`, or the rest.
///
/// The curve is seen along the normal of the plane that fits it best; of the parts of the surface that lie within it, the
/// one nearest to the curve is meant, so the far side of an organ stays. With `cap` the cut is closed by a lid between the
/// points of the cut.
///
/// # Errors
/// [`CurveCutError`] if the curve encloses nothing of the surface, or everything, or `progress` was cancelled.
pub fn clip_by_curve(
    surface: &Surface,
    points: &[Point],
    keep: Keep,
    cap: bool,
    progress: &Progress,
) -> Result<Surface, CurveCutError> {
    progress.set(0.0)?;
    let plane = plane_of(points).ok_or(CurveCutError::Flat(points.len()))?;
    let [u, v] = plane.across();
    let flat = |p: &Point| [(p - plane.point).dot(&u), (p - plane.point).dot(&v)];
    let outline: Vec<[f64; 2]> = points.iter().map(flat).collect();
    // Along a short edge the depth is nearly linear, so triangles near the curve are made small first.
    let girth_mm: f64 = (0..points.len()).map(|n| (points[(n + 1) % points.len()] - points[n]).norm()).sum();
    let too_long = |a: &Point, b: &Point| {
        let mm = (b - a).norm();
        girth_mm / PIECES < mm && depth(flat(a), &outline).abs().min(depth(flat(b), &outline).abs()) <= mm
    };
    let surface = &refined(surface, too_long, progress)?;
    // A vertex that all but lies on the curve lies on it: points of the cut a rounding error apart would upset the lid.
    let snapped = |mm: f64| if mm.abs() < SNAP * girth_mm { 0.0 } else { mm };
    let heights: Vec<f64> = surface.positions().par_iter().map(|p| snapped(depth(flat(p), &outline))).collect();
    progress.set(0.3)?;
    let mut cut = Cut { heights: &heights, positions: surface.positions().to_vec(), on_edge: HashMap::new() };
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for triangle in surface.triangles() {
        let below = triangle.map(|v| heights[v as usize] < 0.0);
        match below {
            [false, false, false] => inside.push(*triangle),
            [true, true, true] => outside.push(*triangle),
            _ => {
                for (side, below) in [(&mut inside, below), (&mut outside, below.map(|x| !x))] {
                    let (polygon, _) = cut.triangle(*triangle, below);
                    let fans = (1..polygon.len().saturating_sub(1)).map(|n| [polygon[0], polygon[n], polygon[n + 1]]);
                    side.extend(fans.filter(|[a, b, c]| a != b && b != c && c != a));
                }
            }
        }
    }
    progress.set(0.6)?;
    let Cut { positions, .. } = cut;
    let (patch, rest) = nearest_part(&positions, &inside, points).ok_or(CurveCutError::Nothing)?;
    outside.extend(rest);
    let (mut kept, other) = match keep {
        Keep::Inside => (patch, outside),
        Keep::Outside => (outside, patch),
    };
    if kept.is_empty() {
        return Err(CurveCutError::Everything);
    }
    if cap {
        let lines = rim(&kept, &other);
        let mut over = lid(&positions, &lines, &plane);
        // A lid must run along the rim the other way than what it closes.
        let taken: HashSet<[u32; 2]> = lines.into_iter().collect();
        let along = |[a, b, c]: &[u32; 3]| [[*a, *b], [*b, *c], [*c, *a]].iter().any(|edge| taken.contains(edge));
        if over.iter().any(along) {
            over.iter_mut().for_each(|corners| corners.swap(1, 2));
        }
        kept.extend(over);
    }
    progress.set(1.0)?;
    let all = Surface::new(positions, kept.clone()).expect("points between finite points are finite");
    let part = all.with_triangles(&kept);
    if cap && surface.open_edges() == 0 && part.open_edges() != 0 {
        return Err(CurveCutError::NoLid);
    }
    Ok(part)
}

/// The plane through the mean of the corners, across the area they enclose (Newell's normal).
fn plane_of(points: &[Point]) -> Option<Plane> {
    let n = points.len();
    if n < 3 {
        return None;
    }
    let mean = Point::from(points.iter().map(|p| p.coords).sum::<Vector>() / n as f64);
    let sides = (0..n).map(|i| (points[i] - mean, points[(i + 1) % n] - mean));
    let (area, girth) =
        sides.fold((Vector::zeros(), 0.0), |(area, girth), (a, b)| (area + a.cross(&b), girth + (b - a).norm()));
    // As thin as a thousandth of its length is a line.
    (1e-3 * girth * girth < area.norm() * 4.0).then(|| Plane::new(mean, area))?
}

/// Distance to a polygon, positive inside (even-odd rule).
fn depth([x, y]: [f64; 2], outline: &[[f64; 2]]) -> f64 {
    let (mut squared, mut inside) = (f64::INFINITY, false);
    for (n, [ax, ay]) in outline.iter().enumerate() {
        let [bx, by] = outline[(n + 1) % outline.len()];
        let (wx, wy) = (bx - ax, by - ay);
        let part = (((x - ax) * wx + (y - ay) * wy) / (wx * wx + wy * wy).max(1e-300)).clamp(0.0, 1.0);
        squared = squared.min((x - ax - part * wx).powi(2) + (y - ay - part * wy).powi(2));
        if (*ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * wx {
            inside = !inside;
        }
    }
    if inside { squared.sqrt() } else { -squared.sqrt() }
}

/// Triangles split into the connected part nearest to the curve and the others.
fn nearest_part(
    positions: &[Point],
    triangles: &[[u32; 3]],
    curve: &[Point],
) -> Option<(Vec<[u32; 3]>, Vec<[u32; 3]>)> {
    let (part_of, count) = components(positions.len(), triangles);
    if count == 0 {
        return None;
    }
    // Every point of the curve names the part it is nearest to; most names win.
    let used: Vec<u32> = (0..positions.len() as u32).filter(|v| part_of[*v as usize] != u32::MAX).collect();
    let mut votes = vec![0_usize; count];
    for point in curve {
        let near = |v: &&u32| (positions[**v as usize] - point).norm_squared();
        let nearest = used.par_iter().min_by(|a, b| near(a).total_cmp(&near(b)).then(a.cmp(b)))?;
        votes[part_of[*nearest as usize] as usize] += 1;
    }
    let most = (0..count).max_by_key(|part| (votes[*part], std::cmp::Reverse(*part)))? as u32;
    Some(triangles.iter().copied().partition(|[a, ..]| part_of[*a as usize] == most))
}

/// The directed edges of `kept` that `other` has the other way.
fn rim(kept: &[[u32; 3]], other: &[[u32; 3]]) -> Vec<[u32; 2]> {
    let edges = |[a, b, c]: &[u32; 3]| [[*a, *b], [*b, *c], [*c, *a]];
    let beyond: HashSet<[u32; 2]> = other.iter().flat_map(edges).collect();
    kept.iter().flat_map(edges).filter(|[a, b]| beyond.contains(&[*b, *a])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::{ball, torus};
    use std::f64::consts::{PI, TAU};

    /// A circle around the upper pole of a ball of 10 mm, at this angle from it.
    fn parallel(angle: f64) -> Vec<Point> {
        let at = |n: usize| {
            let turn = TAU * n as f64 / 90.0;
            Point::new(10.0 * angle.sin() * turn.cos(), 10.0 * angle.sin() * turn.sin(), 10.0 * angle.cos())
        };
        (0..90).map(at).collect()
    }

    #[test]
    fn a_polar_cap_has_its_area_and_its_volume() {
        let (ball, quiet) = (ball(10.0, 0.5), Progress::default());
        let angle = 0.8_f64;
        let height = 10.0 * (1.0 - angle.cos());
        let patch = clip_by_curve(&ball, &parallel(angle), Keep::Inside, false, &quiet).unwrap();
        let exact_cm2 = TAU * 10.0 * height / 100.0;
        assert!((patch.area_cm2() / exact_cm2 - 1.0).abs() < 0.01, "{} of {exact_cm2} cm²", patch.area_cm2());
        assert!(0 < patch.open_edges());
        let cap = clip_by_curve(&ball, &parallel(angle), Keep::Inside, true, &quiet).unwrap();
        let exact_ml = PI * height * height * (10.0 - height / 3.0) / 1000.0;
        assert_eq!(cap.open_edges(), 0);
        assert!((cap.volume_ml() / exact_ml - 1.0).abs() < 0.01, "{} of {exact_ml} ml", cap.volume_ml());
        // The lower half of the ball lies in the same cylinder; it stays with the rest.
        let rest = clip_by_curve(&ball, &parallel(angle), Keep::Outside, true, &quiet).unwrap();
        assert_eq!(rest.open_edges(), 0);
        assert!((rest.volume_ml() + cap.volume_ml() - ball.volume_ml()).abs() < 1e-9);
    }

    #[test]
    fn a_bent_curve_on_a_ring_cuts_two_parts_that_add_up() {
        let (ring, quiet) = (torus(20.0, 6.0, 0.7), Progress::default());
        // An oval on the outer side, bent along with the ring.
        let oval = |n: usize| {
            let turn = TAU * n as f64 / 40.0;
            let (along, around) = (0.3 * turn.cos(), 0.7 * turn.sin());
            let r = 20.0 + 6.0 * around.cos();
            Point::new(r * along.cos(), r * along.sin(), 6.0 * around.sin())
        };
        let curve: Vec<Point> = (0..40).map(oval).collect();
        let [patch, rest] =
            [Keep::Inside, Keep::Outside].map(|keep| clip_by_curve(&ring, &curve, keep, true, &quiet).unwrap());
        assert_eq!((patch.open_edges(), rest.open_edges()), (0, 0));
        assert!((patch.volume_ml() + rest.volume_ml() - ring.volume_ml()).abs() < 1e-9);
        assert!(0.0 < patch.volume_ml() && patch.volume_ml() < 0.1 * ring.volume_ml());
    }

    #[test]
    fn curves_beside_the_surface_or_without_area_are_refused() {
        let (ball, quiet) = (ball(10.0, 1.0), Progress::default());
        let beside: Vec<Point> = parallel(0.5).iter().map(|p| p + Vector::new(90.0, 0.0, 0.0)).collect();
        let cut = |points: &[Point], keep| clip_by_curve(&ball, points, keep, true, &quiet);
        assert_eq!(cut(&beside, Keep::Inside), Err(CurveCutError::Nothing));
        let line = [0.0, 1.0, 2.0].map(|x| Point::new(x, 0.0, 10.0));
        assert_eq!(cut(&line, Keep::Inside), Err(CurveCutError::Flat(3)));
        // A band around a tube has two rims.
        let tube = torus(20.0, 4.0, 0.7);
        let band = [[-9.0, -3.0], [9.0, -3.0], [9.0, 3.0], [-9.0, 3.0]].map(|[x, y]| Point::new(20.0 + x, y, 5.0));
        assert_eq!(clip_by_curve(&tube, &band, Keep::Inside, true, &quiet), Err(CurveCutError::NoLid));
        assert!(clip_by_curve(&tube, &band, Keep::Inside, false, &quiet).is_ok());
        let wide: Vec<Point> = parallel(PI / 2.0).iter().map(|p| p * 3.0).collect();
        assert_eq!(cut(&wide, Keep::Outside), Err(CurveCutError::Everything));
    }
}
