//! The minimum ablation margin: how far the tumour's surface lies under the boundary of the zones.

use super::{AblationError, Zones};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::{Field, Surface};
use crate::plan::Bounded;
use rayon::prelude::*;

/// Triangles are divided until no place of them is further than this from their middle.
const WITHIN_MM: f64 = 0.05;
const BLOCK: usize = 256;
/// The field of a [`Margin`].
pub const FIELD: &str = "ablation margin";

/// The margin of an ablation.
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// The least margin: negative where tumour is left.
    pub least_mm: Bounded,
    /// Where it is least.
    pub at: Point,
    /// The margin at every vertex of the tumour's surface, for colouring.
    pub field: Field,
    /// Part of the tumour's surface with at least the required margin, in per cent of its area.
    pub with_required_percent: f64,
}

/// The margin of `zones` around a tumour whose surface is known to `edge_mm`.
///
/// The least is that over the whole surface, not only its vertices: for one zone, which is convex, it lies at a vertex; for
/// several, triangles are divided where a lower place may lie, to 0.05 mm.
///
/// # Errors
/// [`AblationError`] for a tumour without a surface, a margin that is not usable, or if `progress` was cancelled.
pub fn margin(
    tumour: &Surface,
    zones: &Zones,
    required_mm: f64,
    edge_mm: f64,
    progress: &Progress,
) -> Result<Margin, AblationError> {
    if tumour.triangles().is_empty() {
        return Err(AblationError::NoTumour);
    }
    if !(0.0..=50.0).contains(&required_mm) {
        return Err(AblationError::BadMargin { margin_mm: required_mm });
    }
    let values = depths(tumour, zones, progress)?;
    progress.set(0.7)?;
    let used = tumour.triangles().as_flattened().iter().map(|v| *v as usize);
    let least = used.min_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b))).expect("there are triangles");
    let mut best = (values[least], tumour.positions()[least]);
    if !zones.is_convex() {
        for (n, triangle) in tumour.triangles().iter().enumerate() {
            if n % BLOCK == 0 {
                progress.check()?;
            }
            let corners = tumour.corners(*triangle).map(|p| *p);
            // Depth changes by at most a mm a mm: nothing lower can lie between corners that are all deep enough.
            let size = longest(&corners);
            let lowest = triangle.iter().map(|v| values[*v as usize]).fold(f64::INFINITY, f64::min);
            if lowest - size < best.0 {
                lower(zones, corners, &mut best);
            }
        }
    }
    let with_required_percent = percent_deeper(tumour, &values, required_mm);
    progress.set(1.0)?;
    Ok(Margin {
        least_mm: Bounded::within(best.0, edge_mm),
        at: best.1,
        field: Field::new(FIELD, "mm", values),
        with_required_percent,
    })
}

/// How deep every vertex of `tumour` lies under the boundary of `zones` in mm, negative outside: what colours it while a needle
/// is moved.
///
/// # Errors
/// [`Cancelled`].
pub fn depths(tumour: &Surface, zones: &Zones, progress: &Progress) -> Result<Vec<f64>, Cancelled> {
    let mut values = vec![0.0; tumour.positions().len()];
    values.par_chunks_mut(BLOCK).zip(tumour.positions().par_chunks(BLOCK)).try_for_each(|(out, places)| {
        progress.check()?;
        let mut hint = None;
        out.iter_mut().zip(places).for_each(|(out, place)| *out = zones.depth_from(place, f64::INFINITY, &mut hint));
        Ok::<(), Cancelled>(())
    })?;
    Ok(values)
}

/// The part of the area of `surface` whose vertices have `values` of at least `least`, in per cent; 0 without area.
pub fn percent_deeper(surface: &Surface, values: &[f64], least: f64) -> f64 {
    let (mut enough, mut all) = (0.0, 0.0);
    for triangle in surface.triangles() {
        let [a, b, c] = surface.corners(*triangle);
        let third = (b - a).cross(&(c - a)).norm() / 6.0;
        all += 3.0 * third;
        enough += third * triangle.iter().filter(|v| least <= values[**v as usize]).count() as f64;
    }
    if 0.0 < all { 100.0 * enough / all } else { 0.0 }
}

fn longest([a, b, c]: &[Point; 3]) -> f64 {
    (b - a).norm().max((c - b).norm()).max((a - c).norm())
}

/// The lowest place of a triangle, if it is lower than the best.
fn lower(zones: &Zones, corners: [Point; 3], best: &mut (f64, Point)) {
    let (mut open, mut hint) = (vec![corners], None);
    while let Some(corners) = open.pop() {
        let [a, b, c] = corners;
        let middle = Point::from((a.coords + b.coords + c.coords) / 3.0);
        let depth = zones.depth_from(&middle, f64::INFINITY, &mut hint);
        if depth < best.0 {
            *best = (depth, middle);
        }
        let reach = corners.iter().map(|corner| (corner - middle).norm()).fold(0.0, f64::max);
        if reach < WITHIN_MM || best.0 <= depth - reach {
            continue;
        }
        let [ab, bc, ca] = [(a, b), (b, c), (c, a)].map(|(p, q)| nalgebra::center(&p, &q));
        open.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel::with_threads;
    use crate::geom::Vector;
    use crate::mesh::shapes::ball;
    use crate::plan::ablation::Spheroid;

    fn zone(centre: [f64; 3], along_mm: f64, across_mm: f64) -> Spheroid {
        Spheroid { centre: Point::from(centre), axis: Vector::x(), along_mm, across_mm }
    }

    #[test]
    fn one_zone_around_a_ball_leaves_the_difference() {
        let tumour = ball(8.0, 0.5);
        let zones = Zones::new(vec![zone([0.0; 3], 14.0, 14.0)]).unwrap();
        let run = || margin(&tumour, &zones, 5.0, 0.4, &Progress::default()).unwrap();
        let found = run();
        assert!((found.least_mm.value - 6.0).abs() < 0.03 && found.least_mm.holds(6.0), "{:?}", found.least_mm);
        assert!((found.with_required_percent - 100.0).abs() < 1e-9);
        assert_eq!(found, with_threads(1, run));
        // Moved by 4 mm the margin is 2 mm on one side and 10 mm on the other.
        let moved = Zones::new(vec![zone([4.0, 0.0, 0.0], 14.0, 14.0)]).unwrap();
        let found = margin(&tumour, &moved, 5.0, 0.4, &Progress::default()).unwrap();
        assert!((found.least_mm.value - 2.0).abs() < 0.05 && found.at.x < -7.9, "{found:?}");
        assert!((10.0..90.0).contains(&found.with_required_percent));
        let [low, high] = found.field.range().unwrap();
        assert!((low - 2.0).abs() < 0.05 && (high - 10.0).abs() < 0.05);
    }

    #[test]
    fn between_two_zones_the_least_margin_is_found_within_triangles() {
        // One large triangle under the groove where two balls meet: its corners are deep in the balls.
        let corners = vec![Point::new(-6.0, 0.0, 2.0), Point::new(6.0, 0.0, 2.0), Point::new(0.0, 0.0, 2.1)];
        let tumour = Surface::new(corners, vec![[0, 1, 2]]).unwrap();
        let zones = Zones::new(vec![zone([-6.0, 0.0, 0.0], 7.0, 7.0), zone([6.0, 0.0, 0.0], 7.0, 7.0)]).unwrap();
        let found = margin(&tumour, &zones, 0.0, 0.0, &Progress::default()).unwrap();
        // The circle where they meet has radius √13.
        assert!((found.least_mm.value - (13.0_f64.sqrt() - 2.1)).abs() < 0.05, "{:?}", found.least_mm);
        assert!(found.least_mm.value <= found.field.range().unwrap()[0]);
    }

    #[test]
    fn without_tumour_or_with_an_odd_margin_there_is_a_sentence() {
        let zones = Zones::new(vec![zone([0.0; 3], 14.0, 14.0)]).unwrap();
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        let said =
            |surface: &Surface, mm| margin(surface, &zones, mm, 0.4, &Progress::default()).unwrap_err().to_string();
        assert!(said(&nothing, 5.0).contains("tumour is empty"));
        assert!(said(&ball(5.0, 1.0), -1.0).contains("-1 mm"));
    }
}
