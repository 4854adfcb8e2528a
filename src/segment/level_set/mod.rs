//! Level sets: a front that moves by its own curvature and by the image, in a narrow band around it.

mod distance;
mod force;
mod front;
#[cfg(test)]
mod tests;

use super::part::Part;
use crate::base::{Cancelled, Progress, units::MM3_PER_ML};
use crate::image::filter::gaussian;
use crate::image::{Scan, Volume};
use force::Force;
use front::Front;
use std::ops::Range;
use std::sync::Arc;

/// Most voxels of the box a front may move in: 22 bytes each.
pub const VOXELS_MAX: usize = 64_000_000;
/// The movement of the front is measured over so many steps.
const WINDOW: usize = 20;
/// A front that moves less in them, in voxels on average, has come to rest.
const REST_VOXELS: f64 = 0.01;

/// What moves the front, along its outward normal; speeds are pure numbers, 1 is one millimetre in a unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pull {
    /// Geodesic active contour (Caselles, Kimmel and Sapiro 1997, Int. J. Comput. Vis. 22:61, eq. 21).
    ///
    /// ```text
    /// F = α g − β g κ − γ ∇g·n        g = 1 / (1 + (|∇I| / k)²)
    /// ```
    Edges {
        /// α: outward where positive, inward where negative.
        propagation: f64,
        /// γ in mm: how strongly the front is drawn onto edges from both sides.
        advection_mm: f64,
        /// k: the gradient of the smoothed image (values per mm) where g is ½. If not given, the larger of twice the
        /// median and 0.3 times the 99th percentile in the box.
        edge: Option<f64>,
    },
    /// Active contours without edges (Chan and Vese 2001, IEEE Trans. Image Process. 10:266, eq. 9), scaled by the contrast.
    ///
    /// ```text
    /// F = (λ_out (I − c_out)² − λ_in (I − c_in)²) / (c_in − c_out)² − μ κ
    /// ```
    ///
    /// with the means c inside and outside the front in the box. The first term is cut at the larger λ, so that single
    /// values far off do not make steps tiny.
    Regions {
        /// λ_in: how much values unlike those inside are kept out.
        lambda_in: f64,
        /// λ_out: how much values unlike those outside are drawn in.
        lambda_out: f64,
    },
}

/// How a front evolves.
#[derive(Debug, Clone, PartialEq)]
pub struct Evolution {
    /// What moves it.
    pub pull: Pull,
    /// β or μ in mm: how strongly it is kept smooth. Holes of less than about this radius are not passed.
    pub curvature_mm: f64,
    /// Standard deviation of the Gaussian the image is smoothed with first.
    pub sigma_mm: f64,
    /// Steps at most.
    pub iterations_max: usize,
    /// Stop once it holds this volume, to a voxel.
    pub volume_ml: Option<f64>,
}

/// Where a front came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Evolved {
    /// 1 inside, 0 elsewhere, on the whole grid.
    pub mask: Volume<u8>,
    /// Steps made.
    pub iterations: usize,
    /// Why it ended.
    pub end: End,
    /// Mean movement of the front in the last steps (20 at most), in voxels; outward is positive.
    pub movement_voxels: f64,
    /// The gradient of half speed, or the means inside and outside, in values of the scan.
    pub learned: Vec<f64>,
    /// Whether the front touches the border of its box where the grid goes on.
    pub touches_box: bool,
}

/// Why an evolution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The front moves no more.
    Rest,
    /// It holds the volume wanted.
    Volume,
    /// All steps were made.
    Iterations,
    /// Nothing is inside any more.
    Vanished,
}

/// Why there is no evolution.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LevelSetError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The box is too large.
    #[error(
        "the box the front may move in has {:.0} million voxels, at most {:.0} million are possible; take a smaller reach",
        *.voxels as f64 * 1e-6,
        *.limit as f64 * 1e-6
    )]
    TooLarge {
        /// Voxels of the box.
        voxels: usize,
        /// Most there may be.
        limit: usize,
    },
    /// There is nothing to move.
    #[error("there is no front to move: the start {0}")]
    NoFront(&'static str),
    /// The image says nothing.
    #[error(
        "the values inside and outside the start are alike ({0:.3}); start from a region that differs from its surroundings"
    )]
    Alike(f64),
}

/// Move the border of `start` (anything but 0, inside `region`) until it rests, holds the volume or has made all steps.
///
/// The signed distance φ (mm, negative inside) follows φ_t + F |∇φ| = 0 in voxels near the front (Adalsteinsson and
/// Sethian 1995), with upwind differences of first order for propagation and advection and central ones for curvature
/// (Osher and Sethian 1988). The step is 0.9 / max(|F| √Σ1/h² + Σ|vₐ|/hₐ + 2b Σ1/h²), so it is stable on any spacing h.
/// The distance is made anew by fast marching before the front has left the middle of the band. It never enters voxels
/// that `open` forbids, unless they are in the start, and nothing beyond `region`; axes are taken as orthogonal.
///
/// # Errors
/// [`LevelSetError`]: more than [`VOXELS_MAX`] voxels, an empty or full start, no contrast, cancelled.
pub fn level_set(
    scan: &Scan,
    start: &Volume<u8>,
    region: &[Range<usize>; 3],
    how: &Evolution,
    open: impl Fn(usize) -> bool + Sync,
    progress: &Progress,
) -> Result<Evolved, LevelSetError> {
    let voxels = region.iter().map(ExactSizeIterator::len).product();
    if VOXELS_MAX < voxels {
        return Err(LevelSetError::TooLarge { voxels, limit: VOXELS_MAX });
    }
    let grid = scan.grid();
    let part = Part::new(grid, region);
    let inside: Vec<bool> = part.gather(|offset| start.voxels()[offset] != 0);
    let open: Vec<bool> = part.gather(|offset| start.voxels()[offset] != 0 || open(offset));
    let mut front = Front::new(part.grid(), &inside, &progress.part(0.0..0.05, "distance"))?;
    if front.band().is_empty() {
        return Err(LevelSetError::NoFront(if front.count() == 0 { "is empty" } else { "fills its whole box" }));
    }
    let values: Vec<f32> = part.gather(|offset| {
        let value = scan.value(offset) as f32;
        if value.is_finite() { value } else { 0.0 }
    });
    let values = Volume::new(Arc::clone(part.grid()), values).expect("one value per voxel of the box");
    let smooth = gaussian(&values, how.sigma_mm, &progress.part(0.05..0.1, "smoothing"))?;
    drop(values);
    let mut force = Force::new(smooth, how, &inside, &progress.part(0.1..0.15, "edges"))?;
    drop(inside);
    let wanted = how.volume_ml.map(|ml| (ml * MM3_PER_ML / grid.voxel_mm3()).round().max(1.0) as usize);
    let grows = wanted.is_some_and(|wanted| front.count() < wanted);
    let part_of_steps = progress.part(0.15..1.0, "front");
    let mut counts = vec![front.count()];
    let end = loop {
        let iteration = counts.len() - 1;
        if wanted.is_some_and(|wanted| if grows { wanted <= front.count() } else { front.count() <= wanted }) {
            break End::Volume;
        }
        if front.count() == 0 {
            break End::Vanished;
        }
        if WINDOW <= iteration && movement(&counts, front.surface()).abs() < REST_VOXELS {
            break End::Rest;
        }
        if iteration == how.iterations_max {
            break End::Iterations;
        }
        part_of_steps.step(iteration, how.iterations_max)?;
        front.step(&mut force, &open, &part_of_steps)?;
        counts.push(front.count());
    };
    let marks = match (end, wanted) {
        (End::Volume, Some(wanted)) => front.nearest(wanted),
        _ => front.marks(),
    };
    let dims = grid.dims();
    let ends = |a: usize| [(0 < region[a].start, 0), (region[a].end < dims[a], region[a].len().max(1) - 1)];
    let touches_box =
        (0..3).any(|a| ends(a).iter().any(|(goes_on, at)| *goes_on && front::touches(part.grid(), &marks, a, *at)));
    let mut all = vec![0_u8; grid.len()];
    part.scatter(&marks, &mut all);
    Ok(Evolved {
        mask: Volume::new(Arc::clone(grid), all).expect("one mark per voxel"),
        iterations: counts.len() - 1,
        end,
        movement_voxels: movement(&counts, front.surface()),
        learned: force.learned(),
        touches_box,
    })
}

/// How far the front moved outward in the last steps, in voxels on average; `surface` voxels lie at it.
fn movement(counts: &[usize], surface: usize) -> f64 {
    let (now, before) = (counts[counts.len() - 1], counts[counts.len().saturating_sub(WINDOW + 1)]);
    (now as f64 - before as f64) / surface.max(1) as f64
}
