//! The deformable surface that finds the brain's outside (Smith 2002, "Fast robust automated brain extraction").

use super::coarse::nearest;
use super::head::Head;
use super::sphere::{Sphere, sphere};
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::image::Volume;
use rayon::prelude::*;

/// Iterations; the surface stands still long before.
const ITERATIONS: usize = 600;
/// Curvature radii between which smoothing sets in.
const R_MM: [f64; 2] = [3.33, 10.0];
/// How far inwards the darkest and the brightest value are looked for.
const DARKEST_MM: f64 = 7.0;
const BRIGHTEST_MM: f64 = 10.0;

/// The surface around the brain.
pub(super) struct Skin {
    pub corners: Vec<Point>,
    pub triangles: Vec<[usize; 3]>,
    /// Whether it stopped at something dark, corner by corner.
    pub firm: Vec<bool>,
}

/// Let a sphere grow to the outside of the brain; a larger `fraction` (0 to 1) makes it smaller.
///
/// Each corner moves by u = ½ s_t + f₂ s_n + 0.05 f₃ l n̂: towards the middle of its neighbours along the surface, in
/// proportion to its curvature, and outwards where all within 7 mm inside is brighter than a local threshold.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn skin(volume: &Volume<f32>, head: &Head, fraction: f64, progress: &Progress) -> Result<Skin, Cancelled> {
    let Sphere { corners, triangles, neighbours } = sphere(4);
    let mut corners: Vec<Point> = corners.iter().map(|c| head.centre + c * (0.5 * head.radius_mm)).collect();
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); corners.len()];
    triangles.iter().enumerate().for_each(|(n, t)| t.iter().for_each(|corner| beside[*corner].push(n)));
    let e = 0.5 * (1.0 / R_MM[0] + 1.0 / R_MM[1]);
    let f = 6.0 / (1.0 / R_MM[0] - 1.0 / R_MM[1]);
    for iteration in 0..ITERATIONS {
        progress.step(iteration, ITERATIONS)?;
        let edges = neighbours.iter().enumerate().flat_map(|(a, all)| all.iter().map(move |b| (a, *b)));
        let (sum, n) = edges.fold((0.0, 0.0), |(sum, n), (a, b)| (sum + (corners[a] - corners[b]).norm(), n + 1.0));
        let length_mm: f64 = sum / n;
        let moved = (0..corners.len()).into_par_iter().map(|at| {
            let here = corners[at];
            let normal = normal(&corners, &triangles, &beside[at]);
            let middle =
                neighbours[at].iter().map(|n| corners[*n].coords).sum::<Vector>() / neighbours[at].len() as f64;
            let s = middle - here.coords;
            let s_n = normal * s.dot(&normal);
            let s_t = s - s_n;
            let curvature = 2.0 * s_n.norm() / (length_mm * length_mm);
            let f_2 = 0.5 * (1.0 + (f * (curvature - e)).tanh());
            let f_3 = pull(volume, head, fraction, here, normal);
            here + s_t * 0.5 + s_n * f_2 + normal * (0.05 * f_3 * length_mm)
        });
        corners = moved.collect();
    }
    let firm = (0..corners.len()).map(|at| {
        let normal = normal(&corners, &triangles, &beside[at]);
        let within = sample(volume, corners[at] - normal * 4.0, head);
        let outside = (0..=4).map(|n| sample(volume, corners[at] + normal * f64::from(n), head));
        outside.fold(f64::INFINITY, f64::min) < head.low + 0.6 * (within.min(head.median) - head.low)
    });
    let firm = firm.collect();
    Ok(Skin { corners, triangles, firm })
}

/// f₃: how strongly what lies inside pushes outwards, −1 to 1 or so.
fn pull(volume: &Volume<f32>, head: &Head, fraction: f64, here: Point, normal: Vector) -> f64 {
    let inward = |mm: f64| sample(volume, here - normal * mm, head);
    let mut darkest = head.median.min(inward(0.0));
    let mut brightest = head.threshold.max(inward(0.0));
    let mut mm = 1.0;
    while mm <= BRIGHTEST_MM {
        let value = inward(mm);
        brightest = brightest.max(value);
        if mm <= DARKEST_MM {
            darkest = darkest.min(value);
        }
        mm += 1.0;
    }
    let darkest = darkest.max(head.low);
    let brightest = brightest.min(head.median);
    let threshold = (brightest - head.low) * fraction + head.low;
    2.0 * (darkest - threshold) / (brightest - head.low).max(1e-9)
}

fn sample(volume: &Volume<f32>, place: Point, head: &Head) -> f64 {
    nearest(volume, place).map_or(head.low, f64::from)
}

fn normal(corners: &[Point], triangles: &[[usize; 3]], beside: &[usize]) -> Vector {
    let sum: Vector = beside
        .iter()
        .map(|n| {
            let [a, b, c] = triangles[*n].map(|corner| corners[corner]);
            (b - a).cross(&(c - a))
        })
        .sum();
    sum.try_normalize(1e-12).unwrap_or_else(Vector::z)
}
